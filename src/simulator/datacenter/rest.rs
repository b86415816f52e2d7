//! `rest/api` and what else of REST the product has.

use super::super::exchange::Answer;
use super::{Visit, auditing};

/// Answers a route under `/rest`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    match path {
        ["api", "audit", rest @ ..] => auditing::legacy(visit, rest),
        _ => None,
    }
}
