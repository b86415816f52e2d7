//! Who asks, which version answers, and what it can do.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use tokio::sync::OnceCell;

use super::sources::PermissionSources;
use crate::apis::datacenter::writes::ListWay;
use crate::apis::datacenter::{Version, lift, requests};
use crate::fetch::pages::ask_one;
use crate::fetch::transport::Transport;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{Subject, User};

/// What is known of an installation; found out once for a client and all its clones.
#[derive(Debug, Default)]
pub(in crate::fetch) struct Installation {
    /// Version as the server spells it; `None`: it does not say.
    pub(in crate::fetch) version_text: Option<String>,
    /// The same to compare.
    pub(in crate::fetch) version: Option<Version>,
    /// The account of the credentials.
    pub(in crate::fetch) caller: Option<User>,
    /// Accounts by key and by username, as far as they were asked for. `None`: there is no such account.
    pub(in crate::fetch) people: Mutex<HashMap<UserRef, Option<User>>>,
    /// Whether every account was listed, so that others than [`people`](Self::people) are asked for singly.
    pub(in crate::fetch) everybody: AtomicBool,
    /// Whether contents are listed by cursor.
    pub(in crate::fetch) scan: OnceCell<bool>,
    /// Whether groups inside groups are listed.
    pub(in crate::fetch) nested: OnceCell<bool>,
    /// Whether the view restrictions that apply to a content are listed.
    pub(in crate::fetch) relevant: OnceCell<bool>,
    /// How restriction lists are written, as it was done before.
    pub(in crate::fetch) lists: OnceCell<ListWay>,
    /// Whether people without a licence may use the site, so that spaces may be open to them. `None` inside: unknown.
    pub(in crate::fetch) customers: OnceCell<Option<bool>>,
    /// Where the permissions of spaces are read.
    pub(in crate::fetch) sources: PermissionSources,
}

/// How an account was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::fetch) enum UserRef {
    /// By its key.
    Key(String),
    /// By its username, in lower case: servers ignore the case.
    Name(String),
}

impl UserRef {
    /// By its username.
    pub(in crate::fetch) fn name(text: &str) -> Self {
        Self::Name(text.to_lowercase())
    }
}

/// The account of the credentials.
///
/// # Errors
/// Where they are not accepted: a token that has ended is served as anonymous.
// Source: https://jira.atlassian.com/browse/CONFSERVER-98199
pub(in crate::fetch) async fn who_asks(transport: &Transport) -> Result<User> {
    let request = requests::current_user();
    let caller = ask_one(transport, &request, transport.full(), lift::current_user).await?;
    caller.ok_or_else(|| {
        let mut error = transport.stranger(&request);
        error.append(" (CONFSERVER-98199)");
        error
    })
}

/// Contexts installations are usually found at.
const USUAL: [&str; 3] = ["", "/confluence", "/wiki"];

impl Installation {
    /// Asks who we are, first of all, and which version answers.
    ///
    /// # Errors
    /// Where the credentials are not accepted, or nothing answers as Confluence.
    pub(in crate::fetch) async fn ask(transport: &Transport) -> Result<Self> {
        let caller = match who_asks(transport).await {
            Ok(caller) => caller,
            Err(error) if error.is_of_stranger() => return Err(error),
            Err(error) => return Err(misplaced(transport, error).await),
        };
        let request = requests::server_information();
        let version_text = match ask_one(transport, &request, transport.brief(), lift::server_information).await {
            Ok(version) => Some(version),
            Err(error) => {
                tracing::debug!(error = %error, "the server does not report its version; asking its manifest");
                let manifest = transport.peek(&requests::manifest()).await;
                manifest.and_then(|body| lift::manifest_version(&body))
            }
        };
        let version = version_text.as_deref().and_then(Version::parse);
        Ok(Self { version_text, version, caller: Some(caller), ..Self::default() })
    }

    /// The authenticated account.
    pub(in crate::fetch) fn subject(&self) -> Option<Subject> {
        self.caller.as_ref().map(|user| Subject::user(user.id.as_str()))
    }

    /// Whether the version is at least this one; `None`: the server does not say which it is.
    pub(in crate::fetch) fn at_least(&self, major: u32, minor: u32) -> Option<bool> {
        self.version.map(|version| version >= Version::new(major, minor))
    }
}

/// What is wrong where nothing of Confluence is found at an address: it may stand at another context of the host.
pub(in crate::fetch) async fn misplaced(transport: &Transport, mut error: Error) -> Error {
    let nothing_there =
        error.is_missing_route() || matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotConfluence);
    if !nothing_there {
        return error;
    }
    let host = transport.target.origin.as_str().trim_end_matches('/').to_owned();
    let context = transport.target.context.clone();
    let mut candidates: Vec<String> = USUAL.iter().map(|text| (*text).to_owned()).collect();
    // A link from the browser may have brought more than the context.
    let mut shorter = context.as_str();
    while let Some((above, _)) = shorter.rsplit_once('/') {
        candidates.push(above.to_owned());
        shorter = above;
    }
    candidates.sort();
    candidates.dedup();
    for candidate in candidates.into_iter().filter(|candidate| *candidate != context) {
        let other = transport.below(&candidate);
        let found = other.peek(&requests::manifest()).await.is_some_and(|body| is_confluence(&body));
        if found {
            error.append(&format!(
                "; Confluence Data Center answers at `{host}{candidate}`: give that address as `url`, and `deployment=\"datacenter\"`"
            ));
            return error;
        }
    }
    error
}

/// Whether a manifest is that of Confluence Data Center.
pub(in crate::fetch) fn is_confluence(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body)).to_ascii_lowercase();
    text.contains("typeid") && text.contains("confluence")
}
