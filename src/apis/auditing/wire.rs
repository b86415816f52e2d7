//! What the audit log sends, and what its files hold.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::apis::lenient;

/// A page of events.
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-events/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Events {
    pub entities: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub paging_info: Option<PagingInfo>,
}

/// The way on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PagingInfo {
    #[serde(default, deserialize_with = "lenient::flag")]
    pub last_page: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub next_page_cursor: Option<String>,
    #[serde(default)]
    pub next_page_link: Option<Value>,
}

/// An event. The files call its kind `auditType` and write its moment as seconds and nanoseconds.
// Source: https://confluence.atlassian.com/doc/audit-log-integrations-in-confluence-1086402635.html
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    #[serde(default)]
    pub timestamp: Option<Value>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub author: Option<Author>,
    #[serde(default, alias = "auditType", rename = "type", deserialize_with = "lenient::or_none")]
    pub kind: Option<Kind>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub affected_objects: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub changed_values: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub source: Option<String>,
}

/// Who did it: `-1` is the system, `-2` anonymous.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Author {
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub user_key: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub display_name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// What kind of event it is: words in the language of the server, and keys.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kind {
    #[serde(default, deserialize_with = "lenient::text")]
    pub action: Option<String>,
    #[serde(default, rename = "actionI18nKey", deserialize_with = "lenient::text")]
    pub action_key: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub category: Option<String>,
    #[serde(default, rename = "categoryI18nKey", deserialize_with = "lenient::text")]
    pub category_key: Option<String>,
}

/// What an event is about.
#[derive(Debug, Deserialize)]
pub(super) struct Object {
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub uri: Option<String>,
}

/// A value that was changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    #[serde(default, deserialize_with = "lenient::text")]
    pub key: Option<String>,
    #[serde(default, rename = "i18nKey", deserialize_with = "lenient::text")]
    pub i18n_key: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub from: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub to: Option<String>,
}

/// How much of each area is recorded.
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-configuration/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Coverage {
    pub level_by_area: serde_json::Map<String, Value>,
}

/// Actions that are not recorded.
#[derive(Debug, Deserialize)]
pub(super) struct Denylist {
    pub actions: Vec<Value>,
}
