//! The APIs of the Atlassian organization: its directories, its groups, and which directory an account is kept in.
//!
//! They are asked at `https://api.atlassian.com` with the key of the organization, never with the credentials of a site.

pub mod lift;
mod questions;
pub mod requests;
pub mod routes;
mod wire;

use super::{Api, Question, Request, Route};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct OrgAdmin;

impl Api for OrgAdmin {
    fn name(&self) -> &'static str {
        "org_admin"
    }

    fn answers(&self) -> &'static [&'static str] {
        &[
            "directories",
            "the domains the organization has verified",
            "the directory of a group, and whether it is synchronised",
            "the directories of an account",
            "the accounts, their e-mail addresses, and when each last used which product",
            "what happened in the organization",
        ]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &["which identity provider stands behind a directory", "whatever the key has no scope for"]
    }

    fn probe(&self) -> Request {
        requests::organizations()
    }

    fn routes(&self) -> &'static [&'static Route] {
        routes::ROUTES
    }

    fn questions(&self) -> &'static [Question] {
        questions::QUESTIONS
    }
}
