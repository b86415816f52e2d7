//! What v2 sends.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/intro/

use serde::Deserialize;

use crate::apis::lenient;
use crate::apis::reading::Links;

/// A space.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space/#api-spaces-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Space {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(deserialize_with = "lenient::required_id")]
    pub key: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub homepage_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub space_owner_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
}

/// A permission in a space. Principal and operation may be null.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/#api-spaces-id-permissions-get
#[derive(Debug, Deserialize)]
pub(super) struct SpacePermissionAssignment {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub principal: Option<Principal>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub operation: Option<Operation>,
}

/// Whom a permission or a role belongs to.
#[derive(Debug, Deserialize)]
pub(super) struct Principal {
    #[serde(default, rename = "type", alias = "principalType", deserialize_with = "lenient::id")]
    pub kind: Option<String>,
    #[serde(default, alias = "principalId", deserialize_with = "lenient::id")]
    pub id: Option<String>,
}

/// An operation and what it is done to.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    #[serde(default, deserialize_with = "lenient::id")]
    pub key: Option<String>,
    #[serde(default, rename = "targetType", deserialize_with = "lenient::id")]
    pub target: Option<String>,
}

/// How the site grants access to spaces.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/#api-space-role-mode-get
#[derive(Debug, Deserialize)]
pub(super) struct SpaceRoleMode {
    #[serde(deserialize_with = "lenient::required_id")]
    pub mode: String,
}

/// A permission roles are made of.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/#api-space-permissions-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpacePermission {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub display_name: Option<String>,
}

/// A role. The document calls the id a number; it is a UUID.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/#api-space-roles-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpaceRole {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default)]
    pub space_permissions: Option<Vec<serde_json::Value>>,
}

/// A role somebody has in a space.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/#api-spaces-id-role-assignments-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpaceRoleAssignment {
    #[serde(default, deserialize_with = "lenient::object")]
    pub principal: Option<Principal>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub role_id: Option<String>,
}

/// A page, blog post, folder, whiteboard, database or embed, or a child of one.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/#api-pages-get
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub space_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub parent_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub parent_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub author_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub version: Option<Version>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}

/// The newest version of a content.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
}

/// A node above.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-ancestors/
#[derive(Debug, Deserialize)]
pub(super) struct Ancestor {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// Types of contents by their ids; null where this account cannot view one.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-content/#api-content-convert-ids-to-types-post
#[derive(Debug, Deserialize)]
pub(super) struct ContentTypes {
    pub results: std::collections::BTreeMap<String, serde_json::Value>,
}

/// An account.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-user/#api-users-bulk-post
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    #[serde(deserialize_with = "lenient::required_id")]
    pub account_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub public_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub account_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub account_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_external_collaborator: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_guest: Option<bool>,
}

/// An active admin key.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-admin-key/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdminKey {
    #[serde(deserialize_with = "lenient::required_id")]
    pub account_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub expiration_time: Option<String>,
}

/// Whether rules keep content from apps.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-data-policies/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DataPolicies {
    pub any_content_blocked: bool,
}
