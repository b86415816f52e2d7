//! REST API v1 of Confluence Cloud, what is left of it: restrictions in bulk and singly, groups and their members, the
//! permission check, facts about the site.

pub mod lift;
mod questions;
pub mod requests;
pub mod routes;
mod wire;
pub mod writes;

use super::{Api, Change, Question, Request, Route};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct CloudV1;

impl Api for CloudV1 {
    fn name(&self) -> &'static str {
        "cloud_v1"
    }

    fn answers(&self) -> &'static [&'static str] {
        &[
            "restrictions stored on contents",
            "groups, where they are kept, and members",
            "permission checks",
            "who asks",
            "the audit log",
        ]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &[
            "restrictions a content inherits",
            "restrictions of folders: an empty answer is not trusted",
            "archived spaces, drafts and the trash in searches",
            "which directory a synchronised group comes from",
            "ids of what the audit log names, and what it no longer keeps after a year",
        ]
    }

    fn probe(&self) -> Request {
        requests::current_user()
    }

    fn routes(&self) -> &'static [&'static Route] {
        routes::ROUTES
    }

    fn questions(&self) -> &'static [Question] {
        questions::QUESTIONS
    }

    fn changes(&self) -> &'static [Change] {
        writes::CHANGES
    }
}
