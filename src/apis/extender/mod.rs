//! The add-on "Extender for Confluence" of Data Center and Server: who can view and edit a content, level by level; who has
//! which permission in a space, in one answer; groups, users and user directories.
//!
//! What its documents show is read; answers they do not show are passed on as they come.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC

pub mod lift;
pub mod methods;
pub mod requests;
mod wire;

use super::{Api, Change, Question, Request};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct Extender;

impl Api for Extender {
    fn name(&self) -> &'static str {
        "extender"
    }

    fn answers(&self) -> &'static [&'static str] {
        &[
            "who can view and edit a content, inheritance resolved",
            "restrictions from the root to a content",
            "permissions in a space, anonymous included",
            "groups, users and user directories",
        ]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &["keys of users in lists of permissions: it names them by username", "which directory a group is kept in"]
    }

    fn probe(&self) -> Request {
        requests::permission_types()
    }

    fn questions(&self) -> &'static [Question] {
        questions::QUESTIONS
    }

    fn changes(&self) -> &'static [Change] {
        questions::CHANGES
    }
}

mod questions;
