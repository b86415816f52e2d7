//! An installation, as one call asks it.

use std::collections::{BTreeMap, HashMap};

use tokio::sync::OnceCell;

use super::connect::Installation;
use crate::apis::Context;
use crate::fetch::Result;
use crate::fetch::session::Session;
use crate::fetch::transport::Transport;
use crate::model::{GlobalPermission, Listing};

/// Asks an installation. Cheap to make; one per call.
pub(in crate::fetch) struct Site<'a> {
    pub(in crate::fetch) session: Session<'a>,
    /// What is known of the installation.
    pub(in crate::fetch) installation: &'a Installation,
    /// Names of directories by the name, or a pattern for the names, of groups.
    pub(super) directories: &'a BTreeMap<String, String>,
    /// Permissions of the site; asked once.
    pub(super) global: OnceCell<Result<Option<Listing<GlobalPermission>>>>,
}

impl<'a> Site<'a> {
    pub(in crate::fetch) fn new(
        session: Session<'a>,
        installation: &'a Installation,
        directories: &'a BTreeMap<String, String>,
    ) -> Self {
        Self { session, installation, directories, global: OnceCell::new() }
    }

    /// The same installation, asked by another transport.
    pub(in crate::fetch) fn sending_by<'b>(&self, transport: &'b Transport) -> Site<'b>
    where
        'a: 'b,
    {
        Site::new(Session { transport, ..self.session }, self.installation, self.directories)
    }

    /// What readers have to know about a space.
    pub(super) fn context(&self, space_key: Option<&str>) -> Context {
        Context {
            space_keys: HashMap::new(),
            space_key: space_key.map(str::to_owned),
            base: Some(self.session.transport.target.site.clone()),
        }
    }
}
