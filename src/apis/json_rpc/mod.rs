//! JSON-RPC of Data Center and Server: the older remote API, and on versions before 9.1 the one that comes with the product
//! and shows who has which permission in a space.
//!
//! Deprecated since 5.5 and still there; off unless an administrator turned the remote API on.
// Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/

pub mod lift;
pub mod methods;
pub mod requests;
mod wire;

use super::methods::Arguments;
use super::{Api, Change, Question, Request};

/// The API.
#[derive(Debug, Clone, Copy)]
pub struct JsonRpc;

impl Api for JsonRpc {
    fn name(&self) -> &'static str {
        "json_rpc"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["permissions in a space, anonymous included", "restrictions of one content, its own"]
    }

    fn blind_to(&self) -> &'static [&'static str] {
        &[
            "keys of users: it names them by username",
            "everything, where the remote API is off or secure administrator sessions are on",
        ]
    }

    fn probe(&self) -> Request {
        requests::call(&methods::space_level_permissions, &Arguments::NONE).light()
    }

    fn questions(&self) -> &'static [Question] {
        questions::QUESTIONS
    }

    fn changes(&self) -> &'static [Change] {
        questions::CHANGES
    }
}

mod questions;
