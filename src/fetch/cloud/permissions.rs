//! Permissions in spaces, roles expanded.

use std::collections::{BTreeSet, HashMap};

use super::site::Site;
use crate::apis::cloud_v2::lift::Role;
use crate::apis::cloud_v2::routes;
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::pages::gap_of;
use crate::fetch::progress::Step;
use crate::fetch::{Error, Result};
use crate::model::{self, GapScope, Listing, Space, SpacePermission};

impl Site<'_> {
    /// Permissions in a space, roles expanded and subjects named.
    ///
    /// # Errors
    /// Where its permissions cannot be read.
    pub(in crate::fetch) async fn space_permissions(&self, space: &Space) -> Result<Listing<SpacePermission>> {
        let known = self.space_roles().await;
        let (part, failed) = self.grants_and_roles(space, known.roles.as_ref()).await;
        if let Some(error) = failed {
            return Err(error);
        }
        let gaps = known.gaps.iter().cloned().chain(part.gaps).collect();
        let mut rows = part.rows;
        let names = self.names_of(rows.iter().filter(|row| row.subject_name.is_none()).map(|row| &row.subject)).await;
        for row in rows.iter_mut().filter(|row| row.subject_name.is_none()) {
            row.subject_name = names.get(&row.subject).cloned();
        }
        Ok(Listing { rows, gaps })
    }

    /// Permissions in a space as they are listed, with a gap for what could not be read.
    pub(in crate::fetch) async fn permissions_or_gap(&self, space: &Space) -> Listing<SpacePermission> {
        let roles = self.space_roles().await.roles.as_ref();
        self.grants_and_roles(space, roles).await.0
    }

    /// What roles bring in a space.
    async fn assigned(&self, space: &Space, roles: &HashMap<String, Role>) -> Listing<SpacePermission> {
        let about = (GapScope::SpacePermissions, space.key.as_str());
        let request = v2::role_assignments(&space.id, v2::MAX_LIMIT);
        let read = |body: &[u8]| v2_lift::role_assignments(body, &space.key, roles);
        self.session.listing_or_gap(self.session.walk(request, read, key, about.clone()).await, about)
    }

    /// Whether roles bring in a space what they brought when `known` was read. The audit log is not documented to record
    /// who is assigned which role, nor what roles bring.
    // Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/
    pub(in crate::fetch) async fn assigns_as_before(&self, space: &Space, known: &[SpacePermission]) -> bool {
        let Some(roles) = &self.space_roles().await.roles else { return true };
        let now = self.assigned(space, roles).await;
        let source = routes::ROLE_ASSIGNMENTS.origin();
        let keys = |rows: &mut dyn Iterator<Item = &SpacePermission>| rows.map(key).collect::<BTreeSet<_>>();
        now.gaps.is_empty() && keys(&mut now.rows.iter()) == keys(&mut known.iter().filter(|row| row.source == source))
    }

    /// Why permissions an earlier snapshot has cannot be taken over: the account, or how the site grants access.
    pub(in crate::fetch) async fn differs_from(&self, earlier: &model::Site) -> Option<String> {
        let (roles, caller) = futures::join!(self.space_roles(), self.current_user());
        if !roles.gaps.is_empty() || roles.mode.is_none() || roles.mode != earlier.role_mode {
            return Some(
                "the site grants access to spaces in another way than then, or does not say in which".to_owned(),
            );
        }
        (caller.ok().map(|caller| caller.subject) != earlier.caller)
            .then(|| "another account took the earlier snapshot".to_owned())
    }

    /// Permissions in a space: grants, and what roles bring there.
    ///
    /// # Errors
    /// Where the listing of grants cannot be begun, beside what the roles bring and the gap it leaves.
    pub(super) async fn grants_and_roles(
        &self,
        space: &Space,
        roles: Option<&HashMap<String, Role>>,
    ) -> (Listing<SpacePermission>, Option<Error>) {
        let about = (GapScope::SpacePermissions, space.key.as_str());
        let granted = self.session.walk(
            v2::space_permissions(&space.id, v2::MAX_LIMIT),
            |body| v2_lift::space_permissions(body, &space.key),
            key,
            about.clone(),
        );
        let assigned = async {
            match roles {
                None => Listing::default(),
                Some(roles) => self.assigned(space, roles).await,
            }
        };
        let (granted, assigned) = futures::join!(granted, assigned);
        let (granted, failed) = match granted {
            Ok(walked) => (Listing { rows: walked.rows, gaps: walked.gaps }, None),
            Err(error) => {
                let gaps = vec![gap_of(&error, about.0, about.1)];
                (Listing { rows: Vec::new(), gaps }, Some(error))
            }
        };
        let mut gaps = granted.gaps;
        // Without every assignment a role is not expanded: others may hold it.
        let rows = match roles {
            Some(roles) if assigned.gaps.is_empty() => v2_lift::expand_roles(granted.rows, &assigned.rows, roles),
            _ => granted.rows,
        };
        gaps.extend(assigned.gaps);
        let rows = rows.into_iter().chain(assigned.rows).collect();
        self.session.progress.add(Step::Permissions, 1);
        (Listing { rows, gaps }, failed)
    }
}

/// What tells a permission from the others in a space.
fn key(row: &SpacePermission) -> String {
    let (raw, role) = (row.raw.as_deref().unwrap_or(""), row.via_role.as_deref().unwrap_or(""));
    format!("{}|{}|{raw}|{role}", row.subject, row.permission)
}
