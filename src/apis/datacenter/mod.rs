//! REST API of Confluence Data Center and Server: spaces, contents with their restrictions, groups, accounts, permissions of
//! spaces where the version has them, facts about the installation.
//!
//! Paths stand below the context of the installation, which the transport knows.

pub mod lift;
mod questions;
pub mod requests;
pub mod routes;
mod version;
mod wire;
pub mod writes;

pub use version::Version;

use super::{Api, Change, Question, Request, Route};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct DataCenter;

impl Api for DataCenter {
    fn name(&self) -> &'static str {
        "datacenter"
    }

    fn answers(&self) -> &'static [&'static str] {
        &[
            "spaces and contents",
            "restrictions stored on contents",
            "permissions of spaces (9.1 and later) and of the site (9.3 and later)",
            "groups, nested groups and members",
            "the view restrictions that bind a content",
            "who asks, and which version answers",
        ]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &[
            "contents and spaces the account may not see",
            "which directory a group comes from",
            "permissions of spaces for accounts that administer neither Confluence nor the space",
            "grants to logged-in people without a licence",
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
