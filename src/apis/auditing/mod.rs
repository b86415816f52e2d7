//! The audit log of Data Center: `rest/auditing/1.0`, which its products share, the route before it, and the files the
//! server writes the same events to.

pub mod lift;
mod questions;
pub mod requests;
pub mod routes;
pub mod saved;
mod wire;

use super::{Api, Question, Request, Route};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct Auditing;

impl Api for Auditing {
    fn name(&self) -> &'static str {
        "auditing"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["who changed what when", "what the server writes down at all"]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &[
            "whatever lies above the level its area is recorded at, such as restrictions of pages below `ADVANCED`",
            "actions the server was told to leave out",
            "ids, on the route of versions before 7.5",
        ]
    }

    fn probe(&self) -> Request {
        requests::coverage()
    }

    fn routes(&self) -> &'static [&'static Route] {
        routes::ROUTES
    }

    fn questions(&self) -> &'static [Question] {
        questions::QUESTIONS
    }
}
