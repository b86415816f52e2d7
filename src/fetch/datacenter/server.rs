//! What answers, and what the account of the credentials can find out there.

use std::collections::BTreeMap;

use super::site::Site;
use super::sources::PermissionSource;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::answers::Server;
use crate::fetch::pages::gap_of_site;
use crate::fetch::{ErrorKind, Result};
use crate::model::{Deployment, Gap, SUPER_GROUP, SiteFact, SitePermission, Space, SubjectKind};

/// Only members of this group see what is restricted to others.
pub(super) const NOT_SUPER: &str = "not in `confluence-administrators`: content restricted to others, and spaces this account may not view, are missing from every list";
/// The same where its members are not known.
pub(super) const UNSURE: &str = "unknown whether this account is in `confluence-administrators`: if not, content restricted to others is missing from every list";

fn word(fact: Option<bool>) -> String {
    match fact {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
    .to_owned()
}

impl Site<'_> {
    /// The server and what it can do, the own account on it, and what that account cannot see.
    ///
    /// # Errors
    /// Where its spaces cannot be listed at all.
    pub(in crate::fetch) async fn server(&self) -> Result<Server> {
        let installation = self.installation;
        let request = requests::spaces("current", &[] as &[&str], 1);
        let read = |body: &[u8]| lift::spaces(body, "current");
        let (visible, mode, global, groups) = futures::join!(
            self.session.ask(&request, self.session.full(), &read),
            self.read_only(),
            self.global_permissions(),
            self.own_groups(),
        );
        let visible = visible?;
        let mut notes = Vec::new();
        let own = installation.subject();
        let in_super = groups.as_ref().map(|groups| groups.iter().any(|name| name == SUPER_GROUP));
        match in_super {
            Some(true) => {}
            Some(false) => notes.push(NOT_SUPER.to_owned()),
            None => notes.push(UNSURE.to_owned()),
        }
        let mut admin = in_super.filter(|member| *member);
        let global_told = match &global {
            Ok(Some(global)) => {
                let administers = global.rows.iter().any(|row| {
                    matches!(row.permission, SitePermission::Administer | SitePermission::AdministerSystem)
                        && match row.subject.kind {
                            SubjectKind::User => own.as_ref() == Some(&row.subject),
                            SubjectKind::Group => groups.iter().flatten().any(|name| *name == row.subject.id),
                            _ => false,
                        }
                });
                // Only administrators may read the permissions of the site.
                admin = admin.or(administers.then_some(true));
                "yes"
            }
            Ok(None) => "no",
            Err(error) => {
                if error.status() == Some(403) {
                    admin = admin.or(Some(false));
                }
                notes.push(format!("cannot read the permissions of the site: {error}"));
                "unknown"
            }
        };
        if mode.0 == Some(true) {
            notes.push("the site is in read-only mode".to_owned());
        }
        if let Some(gap) = mode.1 {
            notes.push(format!("cannot read whether the site is in read-only mode: {}", gap.message));
        }
        let mut capabilities = BTreeMap::from([("global_permissions".to_owned(), global_told.to_owned())]);
        match visible.rows.first() {
            None => notes.push("this account sees no space at all".to_owned()),
            Some(space) => self.capabilities_in(space, &mut capabilities, &mut notes).await,
        }
        if installation.version.is_none() {
            notes.push("the server does not report its version".to_owned());
        }
        let caller = installation.caller.as_ref();
        Ok(Server {
            deployment: Deployment::DataCenter,
            url: self.session.transport.target.site.clone(),
            version: installation.version_text.clone(),
            account_id: caller.map(|user| user.id.clone()),
            username: caller.and_then(|user| user.name.clone()),
            account_name: caller.and_then(|user| user.display_name.clone()),
            account_email: caller.and_then(|user| user.email.clone()),
            admin,
            role_mode: None,
            capabilities,
            notes,
        })
    }

    /// What the installation can do, as one of its spaces shows.
    async fn capabilities_in(
        &self,
        space: &Space,
        capabilities: &mut BTreeMap<String, String>,
        notes: &mut Vec<String>,
    ) {
        let (sources, scan, relevant) =
            futures::join!(self.sources(&space.key), self.can_scan(&space.key), self.can_tell_relevant(space));
        let told = sources.iter().find(|(_, there)| *there == Some(true)).map(|(source, _)| source.as_str());
        capabilities.insert("space_permissions".to_owned(), told.unwrap_or("none").to_owned());
        if told.is_none() {
            notes.push(format!(
                "cannot read the permissions of space `{}`: requires Confluence or space administration, or on older versions Extender or JSON-RPC",
                space.key
            ));
        }
        for (source, there) in sources {
            capabilities.insert(source.as_str().to_owned(), word(there));
        }
        capabilities.insert("content_scan".to_owned(), word(scan));
        capabilities.insert("relevant_view_restrictions".to_owned(), word(relevant));
    }

    /// Names of the groups of the caller; `None`: not known.
    async fn own_groups(&self) -> Option<Vec<String>> {
        let key = self.installation.caller.as_ref().map(|user| user.id.clone())?;
        let walked = self.groups_with(&key).await.ok()?;
        walked.complete.then(|| walked.rows.into_iter().map(|group| group.id).collect())
    }

    /// Which sources have the permissions of a space; `None`: it is there and refused this account.
    async fn sources(&self, key: &str) -> Vec<(PermissionSource, Option<bool>)> {
        let mut sources = Vec::new();
        for source in PermissionSource::ALL {
            let there = match self.permissions_from(source, key).await {
                Ok(_) => Some(true),
                Err(error) if error.is_missing_route() || error.kind() == ErrorKind::Unavailable => Some(false),
                Err(_) => None,
            };
            sources.push((source, there));
        }
        sources
    }

    async fn can_scan(&self, key: &str) -> Option<bool> {
        if let Some(known) = self.scans() {
            return Some(known);
        }
        let context = self.context(Some(key));
        let request = requests::scan(key, "page", 1);
        match self.session.ask(&request, self.session.brief(), &|body| lift::scan(body, &context)).await {
            Ok(_) => {
                let _ = self.installation.scan.set(true);
                Some(true)
            }
            Err(error) if error.is_missing_route() => {
                let _ = self.installation.scan.set(false);
                Some(false)
            }
            Err(_) => None,
        }
    }

    async fn can_tell_relevant(&self, space: &Space) -> Option<bool> {
        if let Some(known) = self.installation.relevant.get() {
            return Some(*known);
        }
        let home = space.homepage_id.as_deref()?;
        let request = requests::relevant_view_restrictions(home);
        let read = |body: &[u8]| lift::relevant_view_restrictions(body, home);
        match self.session.ask(&request, self.session.brief(), &read).await {
            Ok(_) => Some(true),
            Err(error) if error.is_missing_route() => Some(false),
            Err(_) => None,
        }
    }

    /// Whether the installation accepts no changes; `None` with a gap: not known.
    ///
    /// Where the version has no such route there is no such mode, as far as is known: the route came with it.
    // Source: https://confluence.atlassian.com/doc/using-read-only-mode-for-site-maintenance-952624153.html
    pub(super) async fn read_only(&self) -> (Option<bool>, Option<Gap>) {
        match self.session.ask_one(&requests::access_mode(), self.session.brief(), lift::access_mode).await {
            Ok(read_only) => (Some(read_only), None),
            Err(error) if error.status() == Some(404) || error.is_missing_route() => (Some(false), None),
            Err(error) => (None, Some(gap_of_site(&error, SiteFact::ReadOnly))),
        }
    }
}
