//! What JSON-RPC sends.

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;

/// All who have one type of permission in a space.
// Source: https://docs.atlassian.com/ConfluenceServer/javadoc/6.14.0/com/atlassian/confluence/rpc/soap/beans/RemoteSpacePermissionSet.html
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpacePermissionSet {
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    pub space_permissions: Vec<Value>,
}

/// One restriction list of a content.
// Source: https://docs.atlassian.com/ConfluenceServer/javadoc/6.14.0/com/atlassian/confluence/rpc/soap/beans/RemoteContentPermissionSet.html
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContentPermissionSet {
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    pub content_permissions: Vec<Value>,
}

/// One entry of either: a user, a group, or neither, which is anonymous.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    /// Absent, null or a name: absence of both names says nothing about anonymous.
    #[serde(default, deserialize_with = "sent")]
    pub user_name: Option<Value>,
    #[serde(default, deserialize_with = "sent")]
    pub group_name: Option<Value>,
}

/// A member that was sent, null included.
fn sent<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
