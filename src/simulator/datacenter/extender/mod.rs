//! The add-on Extender for Confluence: `rest/extender/1.0`.
//!
//! What users and groups may do with a content is asked and changed at addresses whose answers are published nowhere. They are
//! guesses here, by analogy with the answers next to them; so are the bodies of errors, what stands in an answer without
//! `showContentDetails`, and that only what is stored counts: a member of the super group is listed where it is named.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517

mod answers;
mod content;
mod date;
mod directory;
mod judge;
mod space;

use serde_json::json;

use self::answers::Stop;
use super::caller::Caller;
use super::visit::Visit;
use crate::simulator::exchange::{Answer, Refusal, Reply};

/// Answers a route under `/rest/extender/1.0`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    if !visit.call.options.extender {
        return Some(Err(Refusal::NoAddress { strange: false }));
    }
    if let Some(broken) = visit.broken_address() {
        return Some(Ok(broken));
    }
    if visit.caller == Caller::Anonymous {
        return Some(Err(Refusal::Unauthorized));
    }
    let answer = match path {
        ["permission", "content", rest @ ..] => content::answer(visit, rest),
        ["permission", rest @ ..] => space::answer(visit, rest),
        ["group" | "user" | "userDirectories", ..] => directory::answer(visit, path),
        _ => None,
    };
    answer.map(|answer| match answer {
        Ok(body) => Ok(body.into()),
        Err(Stop::Said(status, message)) => {
            Ok(Reply { status, ..json!({"message": message, "status": "error"}).into() })
        }
        Err(Stop::Refused(refusal)) => Err(refusal),
    })
}
