//! What to simulate.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;

use super::faults::Fault;
use crate::model::Deployment;

/// How the position in a listing is written into a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CursorStyle {
    /// Base64 with padding and characters that must be escaped in an address, bound to the filters of the listing.
    #[default]
    Opaque,
    /// A number, for reading logs.
    Plain,
}

/// How `_links.next` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NextStyle {
    /// As Confluence does: v2 with `/wiki` in front, v1 without.
    #[default]
    Relative,
    /// With scheme and host.
    Absolute,
}

/// Whether the remote API of a Data Center is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonRpc {
    /// It answers.
    #[default]
    On,
    /// An administrator has switched it off.
    Off,
    /// Secure administrator sessions are on: what administrators do is answered with a page to log in on.
    WebSudo,
}

/// What to simulate.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Product.
    pub deployment: Deployment,
    /// Pages and blog posts of the company, all spaces together.
    pub pages: usize,
    /// Spaces of the company; at least the fixed ones.
    pub spaces: usize,
    /// Users of the company; at least the fixed ones.
    pub users: usize,
    /// Groups of the company; at least the fixed ones.
    pub groups: usize,
    /// What the company is made up from.
    pub seed: u64,
    /// A site from plain data instead of the company.
    pub site: Option<Value>,
    /// Account id of the caller: every read is filtered to what it may view. `None`: the `caller` of `site`, else an
    /// administrator who sees everything.
    pub caller: Option<String>,
    /// How long every answer takes; read from a number of seconds.
    #[serde(deserialize_with = "latency")]
    pub latency: Duration,
    /// Most rows on a page of any listing, below Confluence's own caps.
    pub page_cap: Option<usize>,
    /// Most users, and most groups, in one restriction before the list is paged. Confluence's own: 100.
    pub subject_cap: Option<usize>,
    /// How cursors look.
    #[serde(skip)]
    pub cursors: CursorStyle,
    /// How next links look.
    #[serde(skip)]
    pub next: NextStyle,
    /// Port on 127.0.0.1; 0: a free one.
    pub port: u16,
    /// Username that is let in.
    pub username: String,
    /// Token that is let in.
    pub token: String,
    /// Whether that token has scopes: then only the gateway lets it in.
    pub token_has_scopes: bool,
    /// Key of the organization, the only thing its routes let in.
    pub org_token: String,
    /// Whether the plan of the site has admin keys.
    pub admin_key: bool,
    /// Whether to ask for credentials.
    pub require_auth: bool,
    /// Whether the v1 listings live that the documents no longer have, as they do on site domains; otherwise 410.
    pub legacy_v1: bool,
    /// Records in the audit log of the company at the start; at least those of the fixed story.
    pub audit_records: usize,
    /// Records that come into the audit log whenever it is asked.
    pub audit_arrivals: usize,
    /// Data Center: version. It decides which routes are there.
    pub version: String,
    /// Data Center: path in front of every address, such as `/confluence`; empty: none.
    pub context: String,
    /// Data Center: password that is let in, of the username and of every active user of the site.
    pub password: String,
    /// Data Center: whether the add-on Extender for Confluence is installed.
    pub extender: bool,
    /// Data Center: whether the remote API is there.
    pub json_rpc: JsonRpc,
    /// Data Center: how much the audit log writes down, by area: `OFF`, `BASE`, `ADVANCED`, `FULL`. Areas that are not
    /// named are at `BASE`.
    pub coverage: BTreeMap<String, String>,
    /// Data Center: language of the site, in which the audit log is written: `en`, `de`.
    pub language: String,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
}

fn latency<'de, D: Deserializer<'de>>(given: D) -> Result<Duration, D::Error> {
    Duration::try_from_secs_f64(f64::deserialize(given)?)
        .map_err(|error| D::Error::custom(format!("`latency` is a number of seconds: {error}")))
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deployment: Deployment::Cloud,
            pages: 400,
            spaces: 8,
            users: 60,
            groups: 14,
            seed: 1,
            site: None,
            caller: None,
            latency: Duration::ZERO,
            page_cap: None,
            subject_cap: None,
            cursors: CursorStyle::default(),
            next: NextStyle::default(),
            port: 0,
            username: "olga.admin@acme.example".to_owned(),
            token: "ATATT3xFfGF0-not-a-real-token-simulated".to_owned(),
            token_has_scopes: false,
            org_token: "ATCTT3xFfGF0-not-a-real-key-simulated".to_owned(),
            admin_key: true,
            require_auth: true,
            legacy_v1: true,
            audit_records: 240,
            audit_arrivals: 0,
            version: "9.2.0".to_owned(),
            context: String::new(),
            password: "not-a-real-password-simulated".to_owned(),
            extender: false,
            json_rpc: JsonRpc::default(),
            coverage: BTreeMap::new(),
            language: "en".to_owned(),
            faults: Vec::new(),
        }
    }
}
