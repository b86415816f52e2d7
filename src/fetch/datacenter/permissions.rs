//! Permissions of spaces from whatever source has them, and of the site.
//!
//! REST has them from 9.1 on, for administrators of Confluence or of the space. Below that, or where it refuses, the add-on
//! Extender has them, or JSON-RPC where it is switched on. Last comes the space with its permissions, a form that is
//! not documented for Data Center but that clients have seen.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;

use super::site::Site;
use super::sources::PermissionSource;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::pages::{gap_of, gap_of_site};
use crate::fetch::progress::Step;
use crate::fetch::transport::RetryBudget;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{
    self, Gap, GapCause, GapScope, GlobalPermission, Listing, SiteFact, SitePermission, Space, SpacePermission,
    Subject, SubjectKind,
};

/// After so many refusals in a row a failure of the server is not asked about twice any more.
const PATIENCE: u32 = 3;

impl Site<'_> {
    /// Permissions in a space, from the first source that has them, or from this one; subjects named.
    ///
    /// # Errors
    /// Where none of them has them.
    pub(in crate::fetch) async fn space_permissions(
        &self,
        space: &Space,
        source: Option<PermissionSource>,
    ) -> Result<Listing<SpacePermission>> {
        let mut listing = self.space_permissions_from(&space.key, source).await?;
        let gaps = self.name_permissions(&mut listing.rows, true).await;
        listing.gaps.extend(gaps);
        Ok(listing)
    }

    /// Permissions in a space as a source has them, with a gap where none has.
    pub(in crate::fetch) async fn permissions_or_gap(&self, space: &Space) -> Listing<SpacePermission> {
        // Those of the site say whether people without a licence are let in.
        let _ = self.global().await;
        let listing = self.space_permissions_from(&space.key, None).await;
        self.session.progress.add(Step::Permissions, 1);
        listing.unwrap_or_else(|error| Listing {
            rows: Vec::new(),
            gaps: vec![gap_of(&error, GapScope::SpacePermissions, &space.key)],
        })
    }

    /// Why permissions an earlier snapshot has cannot be taken over: the account or the version is another one, or the
    /// permissions of the site, which say whether spaces are asked about people without a licence.
    pub(in crate::fetch) async fn differs_from(&self, earlier: &model::Site) -> Option<String> {
        let here = &self.installation;
        if here.version_text.is_none() || here.version_text != earlier.version {
            return Some(
                "the earlier snapshot is of another version of the server, or it does not say its version".to_owned(),
            );
        }
        if here.subject().is_none() || here.subject() != earlier.caller {
            return Some("another account took the earlier snapshot".to_owned());
        }
        let keys = |rows: &[GlobalPermission]| -> BTreeSet<(Subject, String)> {
            rows.iter().map(|row| (row.subject.clone(), row.permission.to_string())).collect()
        };
        let same = match self.global().await {
            Ok(now) => now.as_ref().map(|now| keys(&now.rows)) == earlier.global_permissions.as_deref().map(keys),
            Err(_) => false,
        };
        (!same).then(|| "the permissions of the site have changed, or cannot be read".to_owned())
    }

    /// The same as the source returns it: users may have no name, or only a name.
    pub(super) async fn space_permissions_from(
        &self,
        key: &str,
        from: Option<PermissionSource>,
    ) -> Result<Listing<SpacePermission>> {
        let sources = &self.installation.sources;
        let mut failures: Vec<(PermissionSource, Error)> = Vec::new();
        for source in PermissionSource::ALL {
            if from.is_some_and(|from| from != source) || (from.is_none() && sources.is_absent(source)) {
                continue;
            }
            let told = self.permissions_from(source, key).await;
            sources.note(source, told.as_ref().map(|_| ()));
            match told {
                Ok(mut listing) => {
                    self.add_customers(key, &mut listing).await;
                    return Ok(listing);
                }
                Err(error) if error.is_no_answer() && source == PermissionSource::Rest => return Err(error),
                Err(error) => failures.push((source, error)),
            }
        }
        if from.is_none_or(|from| from == PermissionSource::Rest) {
            // Source: https://docs.atlassian.com/ConfluenceServer/rest/latest/
            let request = requests::space_with_permissions(key);
            let read = |body: &[u8]| lift::space_with_permissions(body, key);
            if let Ok(page) = self.session.ask(&request, self.once(), &read).await {
                sources.note(PermissionSource::Rest, Ok(()));
                return Ok(Listing { rows: page.rows, gaps: page.gaps });
            }
        }
        Err(self.explained(key, from, failures))
    }

    /// Permissions in a space from one source as it is documented.
    pub(super) async fn permissions_from(
        &self,
        source: PermissionSource,
        key: &str,
    ) -> Result<Listing<SpacePermission>> {
        match source {
            PermissionSource::Rest => self.by_rest(key).await,
            PermissionSource::Extender => self.space_permissions_by_extender(key).await,
            PermissionSource::JsonRpc => self.space_permissions_by_json_rpc(key).await,
        }
    }

    /// Adds what a space grants to people without a licence. No source lists that; the older form of a space with its
    /// permissions does, so it is asked where the site lets such people in at all.
    // Source: https://confluence.atlassian.com/conf89/confluence-groups-1387595692.html
    async fn add_customers(&self, key: &str, listing: &mut Listing<SpacePermission>) {
        let told = listing.rows.iter().any(|row| row.subject.kind == SubjectKind::Unlicensed);
        if told || self.customers_enter().await != Some(true) {
            return;
        }
        let request = requests::space_with_permissions(key);
        let read = |body: &[u8]| lift::space_with_permissions(body, key);
        match self.session.ask(&request, self.once(), &read).await {
            Ok(page) => {
                let customers = page.rows.into_iter().filter(|row| row.subject.kind == SubjectKind::Unlicensed);
                listing.rows.extend(customers);
            }
            Err(error) => {
                let mut gap = gap_of(&error, GapScope::SpacePermissions, key);
                gap.message = format!("cannot determine whether unlicensed users may view space `{key}`: {error}");
                listing.gaps.push(gap);
            }
        }
    }

    /// Without a repetition: a failure here is an answer.
    fn once(&self) -> RetryBudget {
        RetryBudget { retries: 0, ..self.session.brief() }
    }

    async fn by_rest(&self, key: &str) -> Result<Listing<SpacePermission>> {
        let sources = &self.installation.sources;
        if self.installation.at_least(9, 1) == Some(false) {
            let request = requests::space_permissions(key);
            let text = "this version has no such route: REST lists the permissions of spaces from 9.1 on";
            return Err(self.session.transport.error(ErrorKind::Unavailable, &request, text));
        }
        let tired = sources.refused.load(Ordering::Relaxed) >= PATIENCE;
        let budget = if tired { self.once() } else { self.session.brief() };
        let request = requests::space_permissions(key);
        let read = |body: &[u8]| lift::space_permissions(body, key);
        let page = match self.session.ask(&request, budget, &read).await {
            Ok(page) => page,
            Err(error) => {
                if matches!(error.status(), Some(403 | 500)) {
                    sources.refused.fetch_add(1, Ordering::Relaxed);
                }
                return Err(error);
            }
        };
        sources.refused.store(0, Ordering::Relaxed);
        let mut listing = Listing { rows: page.rows, gaps: page.gaps };
        if page.next.is_some() {
            listing.gaps.push(self.half(
                key,
                GapCause::Truncated,
                "the list of permissions is cut off, and no request for the rest is known",
            ));
        }
        let named = |rows: &[SpacePermission]| rows.iter().any(|row| row.subject.kind == SubjectKind::Anonymous);
        if named(&listing.rows) {
            sources.anonymous.store(true, Ordering::Relaxed);
        }
        if !sources.anonymous.load(Ordering::Relaxed) {
            let request = requests::anonymous_space_permissions(key);
            let read = |body: &[u8]| {
                let mut page = lift::anonymous_space_permissions(body, key)?;
                // These rows are about anonymous, even if they name another subject.
                for row in &mut page.rows {
                    row.subject = crate::model::Subject::anonymous();
                    row.subject_name = None;
                }
                Ok(page)
            };
            match self.session.ask(&request, self.session.brief(), &read).await {
                Ok(page) => {
                    listing.rows.extend(page.rows);
                    listing.gaps.extend(page.gaps);
                }
                // Some versions lack the route; then the list is all there is.
                Err(error) if error.status() == Some(404) => {}
                Err(error) => listing.gaps.push(gap_of(&error, GapScope::SpacePermissions, key)),
            }
        }
        let mut seen = HashSet::new();
        listing.rows.retain(|row| {
            row.subject.kind == SubjectKind::Unknown
                || seen.insert((row.subject.clone(), row.permission.clone(), row.raw.clone()))
        });
        Ok(listing)
    }

    fn half(&self, key: &str, cause: GapCause, message: &str) -> Gap {
        let route = requests::space_permissions(key).line();
        Gap::new((GapScope::SpacePermissions, key), cause, format!("{route}: {message}")).at(route)
    }

    /// Why no source has them, in one sentence. A server that fails where rights are missing says 500.
    // Source: https://jira.atlassian.com/browse/CONFSERVER-99908
    fn explained(&self, key: &str, from: Option<PermissionSource>, failures: Vec<(PermissionSource, Error)>) -> Error {
        // By kind: a remote API that is off answers 403 too, and has nothing to do with rights.
        let rights = failures.iter().any(|(source, error)| {
            error.kind() == ErrorKind::Forbidden || (*source == PermissionSource::Rest && error.status() == Some(500))
        });
        let session = failures.iter().any(|(_, error)| error.kind() == ErrorKind::SecureSession);
        let request = requests::space_permissions(key);
        let told: Vec<String> =
            failures.iter().map(|(source, error)| format!("{}: {error}", source.as_str())).collect();
        let told = if told.is_empty() { "no source here has them".to_owned() } else { told.join("; ") };
        let remedy = if rights {
            "ask as an administrator of Confluence or of the space (a server answers 500 where these rights are missing, CONFSERVER-99908)"
        } else if session {
            "9.1 and later list them over REST; here secure administrator sessions stand in the way of JSON-RPC: an administrator can switch them off, or install the add-on Extender"
        } else if from.is_some() {
            "omit `source` to use the first available one"
        } else {
            "9.1 and later list them over REST; for older versions install the add-on Extender, or switch on the remote API (JSON-RPC)"
        };
        let kind = match failures.first() {
            _ if rights => ErrorKind::Forbidden,
            _ if session => ErrorKind::SecureSession,
            Some((_, error)) if failures.len() == 1 => error.kind(),
            _ => ErrorKind::Unavailable,
        };
        let text = format!("cannot read the permissions of space `{key}`: {remedy}; {told}");
        let mut error = self.session.transport.error(kind, &request, text);
        let status = failures.iter().find(|(source, _)| *source == PermissionSource::Rest).or(failures.first());
        error.parts_mut().status = status.and_then(|(_, error)| error.status());
        error
    }
}

impl Site<'_> {
    /// Permissions of the site, asked for once.
    pub(super) async fn global(&self) -> &Result<Option<Listing<GlobalPermission>>> {
        self.global.get_or_init(|| self.global_permissions()).await
    }

    /// Permissions of the site; nothing where the version does not list them.
    ///
    /// # Errors
    /// Where they are there and cannot be read.
    pub(in crate::fetch) async fn global_permissions(&self) -> Result<Option<Listing<GlobalPermission>>> {
        // Source: https://developer.atlassian.com/server/confluence/rest/v931/api-group-global-permissions/
        if self.installation.at_least(9, 2) == Some(false) {
            return Ok(None);
        }
        let key = |row: &GlobalPermission| format!("{}|{}", row.subject, row.raw.as_deref().unwrap_or_default());
        let about = || SiteFact::GlobalPermissions.about();
        let all = self.session.walk(requests::global_permissions(), lift::global_permissions, key, about()).await;
        let all = match all {
            Err(error) if error.status() == Some(404) || error.is_missing_route() => return Ok(None),
            all => all?,
        };
        let mut listing = Listing { rows: all.rows, gaps: all.gaps };
        let (anonymous, unlicensed) = futures::join!(
            self.session.walk(
                requests::anonymous_global_permissions(),
                lift::anonymous_global_permissions,
                key,
                about()
            ),
            self.session.walk(
                requests::unlicensed_global_permissions(),
                lift::unlicensed_global_permissions,
                key,
                about()
            ),
        );
        for part in [anonymous, unlicensed] {
            match part {
                Ok(walked) => {
                    for row in walked.rows {
                        let there =
                            listing.rows.iter().any(|r| r.subject == row.subject && r.permission == row.permission);
                        if !there {
                            listing.rows.push(row);
                        }
                    }
                    listing.gaps.extend(walked.gaps);
                }
                // Those the list of all brings are known without it.
                Err(error) if error.status() == Some(404) => {}
                Err(error) => listing.gaps.push(gap_of_site(&error, SiteFact::GlobalPermissions)),
            }
        }
        let gaps = self.name_global(&mut listing.rows).await;
        listing.gaps.extend(gaps);
        let enter = lets_customers_in(&listing.rows);
        let _ = self.installation.customers.set(if enter || listing.gaps.is_empty() { Some(enter) } else { None });
        Ok(Some(listing))
    }

    /// Whether people without a licence may use the site; `None`: unknown. Asked once.
    pub(super) async fn customers_enter(&self) -> Option<bool> {
        let ask_them = || async {
            if self.installation.at_least(9, 2) == Some(false) {
                return None;
            }
            let request = requests::unlicensed_global_permissions();
            let read = |body: &[u8]| lift::unlicensed_global_permissions(body);
            let page = self.session.ask(&request, self.session.brief(), &read).await.ok()?;
            let enter = lets_customers_in(&page.rows);
            (enter || page.gaps.is_empty()).then_some(enter)
        };
        *self.installation.customers.get_or_init(ask_them).await
    }
}

fn lets_customers_in(rows: &[GlobalPermission]) -> bool {
    let may = [SitePermission::UseUnlicensed, SitePermission::Use];
    rows.iter().any(|row| row.subject.kind == SubjectKind::Unlicensed && may.contains(&row.permission))
}
