//! Facts about the installation.

use serde_json::Value;

use super::wire;
use crate::apis::reading::{Unreadable, parse};

/// Reads which version answers.
///
/// # Errors
/// Where the answer does not name one.
pub fn server_information(body: &[u8]) -> Result<String, Unreadable> {
    let information: wire::ServerInformation = parse(body)?;
    let numbers = information.version_numbers.filter(|numbers| !numbers.is_empty());
    let spelled = numbers.map(|all| all.iter().map(u32::to_string).collect::<Vec<_>>().join("."));
    information.version.or(spelled).ok_or_else(|| Unreadable::shape(body, "version", "the answer names no version"))
}

/// The version in the manifest of the application, which comes as XML or as JSON. The first one is that of the
/// application; those of its plugins come after it.
pub fn manifest_version(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body)).into_owned();
    let found = if text.trim_start().starts_with('{') {
        serde_json::from_str::<Value>(&text).ok()?.get("version")?.as_str()?.to_owned()
    } else {
        let (_, rest) = text.split_once("<version>")?;
        rest.split_once("</version>")?.0.to_owned()
    };
    let version = found.trim().to_owned();
    version.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
}

/// Reads whether the installation is in read-only mode.
///
/// # Errors
/// Where the answer says neither.
// Source: https://confluence.atlassian.com/doc/using-read-only-mode-for-site-maintenance-952624153.html
pub fn access_mode(body: &[u8]) -> Result<bool, Unreadable> {
    let value: Value = crate::apis::reading::parse_any(body)?;
    let word = match &value {
        Value::String(word) => Some(word.as_str()),
        Value::Object(members) => {
            ["accessMode", "mode", "value", "status"].iter().find_map(|name| members.get(*name)?.as_str())
        }
        _ => None,
    };
    match word.map(|word| word.trim().to_ascii_uppercase().replace('-', "_")).as_deref() {
        Some("READ_ONLY" | "READONLY") => Ok(true),
        Some("READ_WRITE" | "READWRITE") => Ok(false),
        _ => Err(Unreadable::shape(body, "accessMode", "neither READ_ONLY nor READ_WRITE")),
    }
}
