//! What the organization sends.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::apis::lenient;

/// A page: `links.next` is a bare cursor in v2 and an address in v1.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-directory/
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub data: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}

/// The way on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    #[serde(default)]
    pub next: Option<Value>,
}

/// An organization.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-orgs/
#[derive(Debug, Deserialize)]
pub(super) struct Organization {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub attributes: Option<Attributes>,
}

/// What is said about it.
#[derive(Debug, Deserialize)]
pub(super) struct Attributes {
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// A domain.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-domains/
#[derive(Debug, Deserialize)]
pub(super) struct Domain {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub attributes: Option<DomainAttributes>,
}

/// What is said about it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DomainAttributes {
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub claim: Option<DomainClaim>,
}

/// The claim of an organization to a domain.
#[derive(Debug, Deserialize)]
pub(super) struct DomainClaim {
    /// `verified`, `unverified`, `superseded`, `deleted`, `missing_token` or another word.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
}

/// A directory.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Directory {
    #[serde(deserialize_with = "lenient::required_id")]
    pub directory_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// A group.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-groups/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub directory_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub external_synced: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub managed_by: Option<String>,
}

/// An account.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-users/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    #[serde(deserialize_with = "lenient::required_id")]
    pub account_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub email_verified: Option<bool>,
    /// `managed` or `unmanaged`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub claim_status: Option<String>,
    /// `invited` or `synced`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub management_source: Option<String>,
    /// Only where it was asked for.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub product_access: Option<Vec<Value>>,
}

/// A product that an account has used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductAccess {
    pub key: String,
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub last_active_timestamp: Option<String>,
}

/// A page of events. The way on stands in `meta`, and in `links` as an address.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/
#[derive(Debug, Deserialize)]
pub(super) struct Events {
    pub data: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub meta: Option<Links>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}

/// One event.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, deserialize_with = "lenient::object")]
    pub attributes: Option<EventAttributes>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub message: Option<EventMessage>,
}

/// What is said about it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventAttributes {
    #[serde(default, deserialize_with = "lenient::text")]
    pub time: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub processed_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub action: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub actor: Option<EventActor>,
    /// What it was done to.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub context: Option<Vec<Value>>,
    /// Where it was done.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub container: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub location: Option<EventLocation>,
}

/// Who did it.
#[derive(Debug, Deserialize)]
pub(super) struct EventActor {
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: Option<String>,
}

/// From where.
#[derive(Debug, Deserialize)]
pub(super) struct EventLocation {
    #[serde(default, deserialize_with = "lenient::text")]
    pub ip: Option<String>,
}

/// A sentence about it.
#[derive(Debug, Deserialize)]
pub(super) struct EventMessage {
    #[serde(default, deserialize_with = "lenient::text")]
    pub content: Option<String>,
}

/// The entries of directories behind an account.
// Source: https://developer.atlassian.com/cloud/admin/user-provisioning/rest/intro/
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScimLinks {
    pub scim_links: Vec<Box<RawValue>>,
}

/// One of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScimLink {
    #[serde(deserialize_with = "lenient::required_id")]
    pub scim_user_id: String,
    #[serde(deserialize_with = "lenient::required_id")]
    pub directory_id: String,
}
