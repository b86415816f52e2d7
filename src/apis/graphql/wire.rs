//! What the gateway sends.
// Source: https://www.npmjs.com/package/@atlassian/forge-graphql-types (version 4.3.0, `src/graphql-types.ts`)

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::apis::lenient;

/// An answer: the data, and what went wrong, which may be a part of it only.
// Source: https://spec.graphql.org/October2021/#sec-Response-Format
#[derive(Debug, Deserialize)]
pub(super) struct Answer<D> {
    pub data: Option<D>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub errors: Option<Vec<Value>>,
}

/// The data of each operation: one field.
#[derive(Debug, Deserialize)]
pub(super) struct SiteData {
    #[serde(rename = "publicLinkSiteStatus")]
    pub site: Option<SiteStatus>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SpacesData {
    #[serde(rename = "publicLinkSpacesByCriteria")]
    pub spaces: Option<Connection>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LinksData {
    #[serde(rename = "publicLinksByCriteria")]
    pub links: Option<Connection>,
}

/// Whether public links work on the site: `ON`, `OFF`, `BLOCKED_BY_ORG`.
#[derive(Debug, Deserialize)]
pub(super) struct SiteStatus {
    pub status: String,
}

/// A page of rows.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection {
    pub nodes: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub page_info: Option<PageInfo>,
}

/// The way on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    #[serde(default, deserialize_with = "lenient::flag")]
    pub has_next_page: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub end_page: Option<String>,
}

/// A space.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Space {
    #[serde(deserialize_with = "lenient::required_id")]
    pub space_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub stats: Option<Stats>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stats {
    #[serde(default, deserialize_with = "lenient::object")]
    pub public_links: Option<Counts>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Counts {
    #[serde(default, deserialize_with = "lenient::count")]
    pub active: Option<u64>,
}

/// A public link. Its id is that of the content.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
}
