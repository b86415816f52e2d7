//! Permissions in spaces, roles expanded.

use std::collections::HashMap;

use super::site::Site;
use crate::apis::cloud_v2::lift::Role;
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::pages::gap_of;
use crate::fetch::progress::Step;
use crate::fetch::{Error, Result};
use crate::model::{GapScope, Listing, Space, SpacePermission};

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
        let key = |p: &SpacePermission| {
            format!(
                "{}|{}|{}|{}",
                p.subject,
                p.permission,
                p.raw.as_deref().unwrap_or(""),
                p.via_role.as_deref().unwrap_or("")
            )
        };
        let granted = self.session.walk(
            v2::space_permissions(&space.id, v2::MAX_LIMIT),
            |body| v2_lift::space_permissions(body, &space.key),
            key,
            about.clone(),
        );
        let assigned = async {
            match roles {
                None => Listing::default(),
                Some(roles) => self.session.listing_or_gap(
                    self.session
                        .walk(
                            v2::role_assignments(&space.id, v2::MAX_LIMIT),
                            |body| v2_lift::role_assignments(body, &space.key, roles),
                            key,
                            about.clone(),
                        )
                        .await,
                    about.clone(),
                ),
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
