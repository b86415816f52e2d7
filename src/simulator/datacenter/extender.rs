//! The add-on Extender for Confluence: `rest/extender/1.0`.

use super::super::exchange::Answer;
use super::Visit;

/// Answers a route under `/rest/extender/1.0`.
pub(super) fn answer(_visit: &Visit<'_>, _path: &[&str]) -> Option<Answer> {
    None
}
