//! REST API v2 of Confluence Cloud: spaces, their permissions and roles, pages, blog posts, the content tree, accounts.

pub mod lift;
mod questions;
pub mod requests;
pub mod routes;
mod wire;
pub mod writes;

use super::{Api, Change, Question, Request, Route};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct CloudV2;

impl Api for CloudV2 {
    fn name(&self) -> &'static str {
        "cloud_v2"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["spaces", "permissions and roles in spaces", "pages, blog posts and the tree", "accounts by id"]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &[
            "restrictions",
            "groups and their members",
            "whatever this account cannot view: it is left out, not refused",
            "folders, whiteboards, databases and embeds as a list",
        ]
    }

    fn probe(&self) -> Request {
        requests::spaces(&[] as &[&str], 1)
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
