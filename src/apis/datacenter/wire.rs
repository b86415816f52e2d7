//! What Data Center sends.
// Source: https://docs.atlassian.com/ConfluenceServer/rest/latest/

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;
use crate::apis::reading::Links;

/// An account, or a group where one may stand in its place. Deleted accounts are of type `unknown` and keep what is known.
// Source: https://jira.atlassian.com/browse/CONFSERVER-45609
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subject {
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub user_key: Option<String>,
    #[serde(default, alias = "userName", deserialize_with = "lenient::text")]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, alias = "groupName", deserialize_with = "lenient::id")]
    pub name: Option<String>,
}

/// A space.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space/
#[derive(Debug, Deserialize)]
pub(super) struct Space {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::required_id")]
    pub key: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub homepage: Option<Ancestor>,
    #[serde(default, rename = "_expandable", deserialize_with = "lenient::or_none")]
    pub expandable: Option<Expandable>,
}

/// Where parts that were not sent could be read.
#[derive(Debug, Deserialize)]
pub(super) struct Expandable {
    #[serde(default, deserialize_with = "lenient::text")]
    pub homepage: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub space: Option<String>,
}

/// A content with the nodes above it and its own restrictions.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-content-resource/
#[derive(Debug, Deserialize)]
pub(super) struct Content {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub space: Option<SpaceOfContent>,
    #[serde(default)]
    pub ancestors: Option<Vec<Ancestor>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub version: Option<Version>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub history: Option<History>,
    #[serde(default)]
    pub restrictions: Option<Value>,
    #[serde(default, rename = "_expandable", deserialize_with = "lenient::or_none")]
    pub expandable: Option<Expandable>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}

/// The space of a content.
#[derive(Debug, Deserialize)]
pub(super) struct SpaceOfContent {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub key: Option<String>,
}

/// A node above a content.
#[derive(Debug, Deserialize)]
pub(super) struct Ancestor {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// The newest version of a content.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    #[serde(default, deserialize_with = "lenient::text")]
    pub when: Option<String>,
}

/// Who made a content, and when.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_by: Option<Subject>,
}

/// An operation and what it is done to, in either of the two spellings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    #[serde(default, alias = "operation", alias = "key", deserialize_with = "lenient::text")]
    pub operation_key: Option<String>,
    #[serde(default, alias = "target", deserialize_with = "lenient::text")]
    pub target_type: Option<String>,
}

/// A permission of a space or of the site: one operation of one subject, several of one subject, or one of several
/// subjects.
// Source: https://jira.atlassian.com/browse/CONFSERVER-100505
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permission {
    #[serde(default)]
    pub operation: Option<Value>,
    #[serde(default)]
    pub operations: Option<Value>,
    #[serde(default)]
    pub subject: Option<Value>,
    #[serde(default)]
    pub subjects: Option<Value>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub anonymous_access: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub unlicensed_access: Option<bool>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub user_key: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub group_name: Option<String>,
}

/// One hit of a search for accounts.
#[derive(Debug, Deserialize)]
pub(super) struct SearchResult {
    pub user: Subject,
}

/// Which version answers.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-server-information/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServerInformation {
    #[serde(default, deserialize_with = "lenient::text")]
    pub version: Option<String>,
    #[serde(default)]
    pub version_numbers: Option<Vec<u32>>,
}

/// The layers of [`relevantViewRestrictions`](super::requests::relevant_view_restrictions).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RelevantRestrictions {
    #[serde(default)]
    pub view_content_restrictions: Option<Value>,
    #[serde(default)]
    pub results: Option<Value>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}
