//! What Data Center sends.
// Source: https://docs.atlassian.com/ConfluenceServer/rest/latest/

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;
use crate::apis::reading::Links;
use crate::apis::rest_v1::wire::{Ancestor, Expandable};

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
