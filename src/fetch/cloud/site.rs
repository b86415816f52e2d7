//! A site of Confluence Cloud, as one call asks it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use tokio::sync::OnceCell;

use crate::apis::Context;
use crate::apis::cloud_v2::lift::Role;
use crate::fetch::Error;
use crate::fetch::identity::Identity;
use crate::fetch::organization::Organization;
use crate::fetch::plan::{Breaker, Places};
use crate::fetch::session::Session;
use crate::fetch::transport::Transport;
use crate::model::{Gap, RoleMode, Space};

/// Statuses by which a site says that it has no such route.
pub(super) fn route_is_absent(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 403 | 404 | 405 | 410 | 501))
}

/// How a site grants access to spaces.
#[derive(Default)]
pub(in crate::fetch) struct SpaceRoles {
    /// `None`: the site does not know the question.
    pub(super) mode: Option<RoleMode>,
    /// Its roles by id; `None`: there are none.
    pub(super) roles: Option<HashMap<String, Role>>,
    pub(super) gaps: Vec<Gap>,
}

/// Asks a site. Cheap to make; one per call.
pub(in crate::fetch) struct Site<'a> {
    pub(in crate::fetch) session: Session<'a>,
    pub(in crate::fetch) identity: &'a Identity,
    pub(super) organization: Option<&'a Organization>,
    /// Names of directories by their id.
    pub(super) directories: &'a BTreeMap<String, String>,
    /// How access to spaces is granted; asked once.
    pub(super) grants: OnceCell<SpaceRoles>,
    /// Failures among the nodes asked for one by one.
    pub(super) nodes: Mutex<Breaker>,
    /// Where nodes stand, as far as lists of the nodes above others told.
    pub(super) places: Mutex<Places>,
}

impl<'a> Site<'a> {
    pub(in crate::fetch) fn new(
        session: Session<'a>,
        identity: &'a Identity,
        organization: Option<&'a Organization>,
        directories: &'a BTreeMap<String, String>,
    ) -> Self {
        Self {
            session,
            identity,
            organization,
            directories,
            grants: OnceCell::new(),
            nodes: Mutex::default(),
            places: Mutex::default(),
        }
    }

    /// The same site, asked by another transport.
    pub(in crate::fetch) fn sending_by<'b>(&self, transport: &'b Transport) -> Site<'b>
    where
        'a: 'b,
    {
        Site::new(Session { transport, ..self.session }, self.identity, self.organization, self.directories)
    }

    /// What readers have to know about `spaces`.
    pub(super) fn context(&self, spaces: &[Space]) -> Context {
        Context {
            space_keys: spaces.iter().map(|s| (s.id.clone(), s.key.clone())).collect(),
            space_key: match spaces {
                [only] => Some(only.key.clone()),
                _ => None,
            },
            base: Some(format!("{}/wiki", self.session.transport.target.site)),
        }
    }
}
