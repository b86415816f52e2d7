//! An installation, as one call asks it.

use std::collections::{BTreeMap, HashMap};

use super::connect::Installation;
use crate::apis::Context;
use crate::fetch::session::Session;

/// Asks an installation. Cheap to make; one per call.
pub(in crate::fetch) struct Site<'a> {
    pub(in crate::fetch) session: Session<'a>,
    /// What is known of the installation.
    pub(in crate::fetch) installation: &'a Installation,
    /// Names of directories by the name, or a pattern for the names, of groups.
    pub(in crate::fetch) directories: &'a BTreeMap<String, String>,
}

impl Site<'_> {
    /// What readers have to know about a space.
    pub(super) fn context(&self, space_key: Option<&str>) -> Context {
        Context {
            space_keys: HashMap::new(),
            space_key: space_key.map(str::to_owned),
            base: Some(self.session.transport.target.site.clone()),
        }
    }
}
