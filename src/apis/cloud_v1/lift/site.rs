//! Facts about the site, and Confluence's own answer about a subject and a content.

use serde_json::Value;

use super::wire;
use crate::apis::errors;
use crate::apis::reading::{self, Unreadable, parse};
use crate::model::Plan;

/// Facts about the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteFacts {
    /// Id of the site.
    pub cloud_id: String,
    /// Address people open.
    pub base_url: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Edition in the server's own word.
    pub edition: Option<String>,
    /// Plan, where the edition tells.
    pub plan: Option<Plan>,
}

/// Reads facts about the site.
///
/// # Errors
/// Where the answer does not name the site.
pub fn system_info(body: &[u8]) -> Result<SiteFacts, Unreadable> {
    let site: wire::SystemInfo = parse(body)?;
    let plan = match site.edition.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("free") => Some(Plan::Free),
        Some("standard" | "premium" | "enterprise" | "paid") => Some(Plan::Paid),
        _ => None,
    };
    Ok(SiteFacts {
        cloud_id: site.cloud_id,
        base_url: site.base_url.as_deref().and_then(reading::web_address),
        title: site.site_title,
        edition: site.edition,
        plan,
    })
}

/// Reads the id of the site.
///
/// # Errors
/// Where the answer does not name the site.
pub fn tenant_info(body: &[u8]) -> Result<SiteFacts, Unreadable> {
    let site: wire::SystemInfo = parse(body)?;
    Ok(SiteFacts { cloud_id: site.cloud_id, ..SiteFacts::default() })
}

/// Confluence's own answer about one subject and one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Whether it may.
    pub allowed: bool,
    /// Why not, as codes: `site.user_not_licensed`, `site.anonymous_disabled`, `space.no_permission`,
    /// `content.restricted`, `unrecognised`.
    pub reasons: Vec<String>,
    /// Why not, in the server's words.
    pub messages: Vec<String>,
}

/// Reads Confluence's own answer. A denial is an answer, not an error.
///
/// # Errors
/// Where the answer says neither yes nor no.
pub fn permission_check(body: &[u8]) -> Result<Check, Unreadable> {
    let check: wire::PermissionCheck = parse(body)?;
    let messages: Vec<String> = check.errors.unwrap_or_default().iter().map(check_message).collect();
    let mut reasons: Vec<String> = Vec::new();
    for message in &messages {
        let reason = reason(message).to_owned();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Ok(Check { allowed: check.has_permission, reasons, messages })
}

fn check_message(error: &Value) -> String {
    let text = match error {
        Value::String(text) => Some(text.as_str()),
        error => ["translation", "message", "key"].into_iter().find_map(|name| error.get(name)?.as_str()),
    };
    errors::plain(text.unwrap_or("no message"), 240)
}

/// The code for a message. The text may be translated; what is not recognised stays in the messages.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-permissions/
fn reason(message: &str) -> &'static str {
    let message = message.to_lowercase();
    if message.contains("anonymous") && message.contains("use confluence") {
        "site.anonymous_disabled"
    } else if message.contains("use confluence") {
        "site.user_not_licensed"
    } else if message.contains("permission to the space") {
        "space.no_permission"
    } else if message.contains("permission to the content") {
        "content.restricted"
    } else {
        "unrecognised"
    }
}
