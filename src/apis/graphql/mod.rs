//! The GraphQL gateway of a Cloud site: public links, which no REST API returns.
//!
//! Atlassian publishes its schema and does not promise it to scripts. It accepts an API token at the address of the site; an
//! app (third-party OAuth) is refused.

pub mod lift;
mod questions;
pub mod requests;
pub mod routes;
mod wire;

use super::{Api, Question, Request, Route};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct GraphQl;

impl Api for GraphQl {
    fn name(&self) -> &'static str {
        "graphql"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["whether public links work on the site", "whether they work in a space", "the public links that are on"]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &["everything, for apps", "links in spaces the account may not administer"]
    }

    fn probe(&self) -> Request {
        requests::public_link_site()
    }

    fn routes(&self) -> &'static [&'static Route] {
        routes::ROUTES
    }

    fn questions(&self) -> &'static [Question] {
        questions::QUESTIONS
    }
}
