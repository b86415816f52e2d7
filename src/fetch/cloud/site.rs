//! A site of Confluence Cloud, as one call asks it.

use std::sync::Mutex;

use crate::apis::Context;
use crate::fetch::Error;
use crate::fetch::identity::Identity;
use crate::fetch::plan::{Breaker, Places};
use crate::fetch::session::Session;
use crate::model::Space;

/// Statuses by which a site says that it has no such route.
pub(in crate::fetch) fn route_is_absent(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 403 | 404 | 405 | 410 | 501))
}

/// Asks a site. Cheap to make; one per call.
pub(in crate::fetch) struct Site<'a> {
    pub(in crate::fetch) session: Session<'a>,
    pub(in crate::fetch) identity: &'a Identity,
    /// Failures among the nodes asked for one by one.
    pub(in crate::fetch) nodes: Mutex<Breaker>,
    /// Where nodes stand, as far as lists of the nodes above others told.
    pub(in crate::fetch) places: Mutex<Places>,
}

impl<'a> Site<'a> {
    pub(in crate::fetch) fn new(session: Session<'a>, identity: &'a Identity) -> Self {
        Self { session, identity, nodes: Mutex::default(), places: Mutex::default() }
    }

    /// What readers have to know about `spaces`.
    pub(in crate::fetch) fn context(&self, spaces: &[Space]) -> Context {
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
