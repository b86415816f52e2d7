//! JSON-RPC: `rpc/json-rpc/confluenceservice-v2`.

use super::super::exchange::Answer;
use super::Visit;

/// Answers a route under `/rpc/json-rpc`.
pub(super) fn answer(_visit: &Visit<'_>, _path: &[&str]) -> Option<Answer> {
    None
}
