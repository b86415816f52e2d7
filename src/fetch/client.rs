//! What the library asks of a site.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Config, Error, ErrorKind, Progress, Result};
use crate::model::{
    Content, Deployment, DirectMembership, Gap, Group, Listing, Restriction, RoleMode, Snapshot, Space,
    SpacePermission, User,
};

/// What answered, who we are there, and what that account may read.
#[derive(Debug, Clone)]
pub struct Server {
    /// Which product.
    pub deployment: Deployment,
    /// Address people open.
    pub base_url: String,
    /// Version (Data Center).
    pub version: Option<String>,
    /// Account id of the credentials.
    pub account_id: Option<String>,
    /// Its display name.
    pub display_name: Option<String>,
    /// Its e-mail address, where the server says.
    pub email: Option<String>,
    /// Whether it is a Confluence administrator; `None`: could not be found out.
    pub admin: Option<bool>,
    /// How the site grants access to spaces.
    pub role_mode: Option<RoleMode>,
    /// What this account cannot see, one line each.
    pub notes: Vec<String>,
}

/// A group and who is in it.
#[derive(Debug, Clone)]
pub struct Members {
    /// The group asked for.
    pub group: Group,
    /// Entries of its member list.
    pub memberships: Vec<DirectMembership>,
    /// The accounts among them.
    pub users: Vec<User>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A connection to a site; cheap to clone, and all clones share its limits.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {}

impl Client {
    /// Judges the settings; sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] with the remedy.
    pub fn new(_config: Config) -> Result<Self> {
        Err(Error::new(ErrorKind::Configuration, "not yet"))
    }

    /// What answers, who we are there, and what this account cannot see.
    pub async fn server(&self) -> Result<Server> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Every space this account can see, archived ones included.
    pub async fn spaces(&self) -> Result<Listing<Space>> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Pages, blog posts and the other nodes of the tree of a space, named by key or id.
    pub async fn contents(&self, _space: &str) -> Result<Listing<Content>> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Permissions in a space, roles expanded.
    pub async fn space_permissions(&self, _space: &str) -> Result<Listing<SpacePermission>> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Restrictions stored on a content, both operations, all subjects.
    pub async fn restrictions(&self, _content: &str) -> Result<Listing<Restriction>> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Every group.
    pub async fn groups(&self) -> Result<Listing<Group>> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Who is in a group, named by id or name.
    pub async fn members(&self, _group: &str) -> Result<Members> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// The accounts with these ids; ids nobody knows are left out.
    pub async fn users(&self, _ids: &[String]) -> Result<Listing<User>> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// Everything about the spaces named by key (`None`: all), once.
    pub async fn snapshot(&self, _spaces: Option<Vec<String>>, _progress: Arc<Progress>) -> Result<Snapshot> {
        Err(Error::new(ErrorKind::Closed, "not yet"))
    }

    /// How many requests were sent, repetitions included.
    pub fn requests_sent(&self) -> u64 {
        0
    }

    /// The same per route: method and path with ids as `{id}`.
    pub fn requests_by_route(&self) -> BTreeMap<String, u64> {
        let _ = &self.inner;
        BTreeMap::new()
    }

    /// Address of the site as configured, without secrets.
    pub fn base_url(&self) -> &str {
        ""
    }

    /// Ends every call under way and refuses new ones with [`ErrorKind::Closed`].
    pub fn close(&self) {}
}
