//! What v1 sends, as far as Cloud and Data Center send the same. `A`: an account.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content/#api-wiki-rest-api-content-search-get
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-content-resource/

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;
use crate::apis::reading::Links;

/// A content with the nodes above it and its own restrictions.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "A: serde::de::DeserializeOwned"))]
pub(crate) struct Content<A> {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub space: Option<Space>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub ancestors: Option<Vec<Ancestor>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub version: Option<Version>,
    #[serde(default = "Option::default", deserialize_with = "lenient::or_none")]
    pub history: Option<History<A>>,
    #[serde(default)]
    pub restrictions: Option<Value>,
    #[serde(default, rename = "_expandable", deserialize_with = "lenient::or_none")]
    pub expandable: Option<Expandable>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}

/// Where parts that were not sent could be read.
#[derive(Debug, Deserialize)]
pub(crate) struct Expandable {
    #[serde(default, deserialize_with = "lenient::text")]
    pub homepage: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub space: Option<String>,
}

/// The space of a content.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Space {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub key: Option<String>,
}

/// A node above a content.
#[derive(Debug, Deserialize)]
pub(crate) struct Ancestor {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// The newest version of a content.
#[derive(Debug, Deserialize)]
pub(crate) struct Version {
    #[serde(default, deserialize_with = "lenient::text")]
    pub when: Option<String>,
}

/// Who made a content, and when.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "A: serde::de::DeserializeOwned"))]
pub(crate) struct History<A> {
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_date: Option<String>,
    #[serde(default = "Option::default", deserialize_with = "lenient::or_none")]
    pub created_by: Option<A>,
}

/// An operation and what it is done to, in either of the two spellings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    #[serde(default, alias = "operation", alias = "key", deserialize_with = "lenient::text")]
    pub operation_key: Option<String>,
    #[serde(default, alias = "target", deserialize_with = "lenient::text")]
    pub target_type: Option<String>,
}

/// One hit of a search for accounts.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-search/#api-wiki-rest-api-search-user-get
#[derive(Debug, Deserialize)]
pub(crate) struct SearchResult<A> {
    pub user: A,
}

/// One record of the audit log. Everything is optional: records can be written by anybody who administers.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-audit/#api-wiki-rest-api-audit-get
// Source: https://developer.atlassian.com/server/confluence/rest/v1020/api-group-audit/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "A: serde::de::DeserializeOwned"))]
pub(crate) struct AuditRecord<A> {
    #[serde(default = "Option::default", deserialize_with = "lenient::or_none")]
    pub author: Option<A>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub remote_address: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub creation_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub summary: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub category: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub super_admin: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub affected_object: Option<AuditObject>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub changed_values: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub associated_objects: Option<Vec<Value>>,
}

/// What a record of the audit log is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditObject {
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub object_type: Option<String>,
}

/// A value that was changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditValue {
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub old_value: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub hidden_old_value: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub new_value: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub hidden_new_value: Option<String>,
}
