//! What v1 sends.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/intro/

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;
use crate::apis::reading::Links;
pub(super) use crate::apis::subject_lists::Subjects;

/// An account. Deleted ones are of type `unknown` and may have no id.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-users/#api-wiki-rest-api-user-get
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub account_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub account_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub account_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub public_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub user_key: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_guest: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_external_collaborator: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub external_collaborator: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub operations: Option<Vec<Operation>>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// An operation and what it is done to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    #[serde(default, deserialize_with = "lenient::text")]
    pub operation: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub target_type: Option<String>,
}

/// A group.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/#api-wiki-rest-api-group-get
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub managed_by: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub usage_type: Option<String>,
}

/// A content with its own restrictions.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content/#api-wiki-rest-api-content-search-get
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
    pub space: Option<Space>,
    #[serde(default, deserialize_with = "lenient::or_none")]
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

/// Where parts that were not sent could be read.
#[derive(Debug, Deserialize)]
pub(super) struct Expandable {
    #[serde(default, deserialize_with = "lenient::text")]
    pub space: Option<String>,
}

/// The space of a content.
#[derive(Debug, Deserialize)]
pub(super) struct Space {
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
    pub created_by: Option<User>,
}

/// A permission of a space in the old form.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-space-permissions/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpacePermission {
    #[serde(default)]
    pub subjects: Option<Value>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub operation: Option<Operation>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub anonymous_access: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub unlicensed_access: Option<bool>,
}

/// A space with its permissions.
#[derive(Debug, Deserialize)]
pub(super) struct SpaceWithPermissions {
    #[serde(default)]
    pub permissions: Option<Value>,
}

/// One hit of a search for accounts.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-search/#api-wiki-rest-api-search-user-get
#[derive(Debug, Deserialize)]
pub(super) struct SearchResult {
    pub user: User,
}

/// Facts about the site.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-settings/#api-wiki-rest-api-settings-systeminfo-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SystemInfo {
    #[serde(deserialize_with = "lenient::required_id")]
    pub cloud_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub base_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub edition: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub site_title: Option<String>,
}

/// The answer of a permission check.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-permissions/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PermissionCheck {
    pub has_permission: bool,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub errors: Option<Vec<Value>>,
}

/// One record of the audit log. Everything is optional: records can be written by anybody who administers.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-audit/#api-wiki-rest-api-audit-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditRecord {
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub author: Option<User>,
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
    pub changed_values: Option<Vec<AuditValue>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub associated_objects: Option<Vec<AuditObject>>,
}

/// What a record of the audit log is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditObject {
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub object_type: Option<String>,
}

/// A value that was changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditValue {
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
