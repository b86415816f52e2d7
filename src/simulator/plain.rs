//! A site from plain data.

use serde_json::Value;

use super::state::Facts;

pub(super) fn facts(_site: &Value) -> Result<Facts, String> {
    Err("not yet".to_owned())
}
