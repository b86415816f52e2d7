//! What v1 sends.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/intro/

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;
use crate::apis::rest_v1::wire::Operation;

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
