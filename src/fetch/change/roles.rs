//! Roles in spaces.

use std::collections::HashMap;

use super::planned::{Outcome, PlannedChange, WriteOptions};
use crate::apis::cloud_v2::lift::{Assignment, Role};
use crate::apis::cloud_v2::writes;
use crate::fetch::cloud::Site;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::plan::Difference;
use crate::model::{RoleMode, Space, Subject, WriteKind, WriteResult};

fn has_no_roles() -> Error {
    Error::new(
        ErrorKind::NotFound,
        "this site has no roles in spaces: use `grant`, `revoke` and `set_permissions`; nothing was written",
    )
}

impl Client {
    /// Gives a subject a role in a space, named by its name or id. The role it had goes: a subject has one.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a space, subject or role that is not there, or a site without roles;
    /// [`ErrorKind::Lockout`] where the caller would lose the space by it: nothing was written then.
    pub async fn assign_role(
        &self,
        space: &str,
        subject: &str,
        role: &str,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_role(space, subject, Some(role), options).await
    }

    /// Takes the role a subject has in a space away.
    ///
    /// # Errors
    /// As [`Client::assign_role`].
    pub async fn remove_role(&self, space: &str, subject: &str, options: WriteOptions) -> Result<Vec<WriteResult>> {
        self.change_role(space, subject, None, options).await
    }

    async fn change_role(
        &self,
        space: &str,
        subject: &str,
        role: Option<&str>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let progress = Progress::new();
        let backend = self.cloud_backend(&progress).await?;
        let site = backend.cloud()?;
        let (space, mode) = futures::join!(backend.space(space), site.mode());
        let space = space?;
        if matches!(mode, None | Some(RoleMode::PreRoles)) {
            return Err(has_no_roles());
        }
        let who = backend.principal(subject, role.is_some()).await?;
        let (roles, gaps) = site.roles(mode.as_ref()).await;
        let Some(roles) = roles.filter(|roles| !roles.is_empty()) else {
            return Err(Error::incomplete("the roles of the site", gaps));
        };
        let role = role.map(|role| named(&roles, role)).transpose()?;
        let assignments = site.assignments(&space).await?;
        let held: Vec<&str> =
            assignments.iter().filter(|a| a.subject == who.subject).map(|a| a.role_id.as_str()).collect();
        let row = |id: &str, act: Difference| {
            PlannedChange::new(WriteKind::Role, &space.key, &who, &called(&roles, id), act)
                .titled(space.name.as_deref())
        };
        let mut rows: Vec<PlannedChange> = Vec::new();
        let gone: Vec<&str> = held.iter().copied().filter(|id| role.is_none_or(|role| role.id != *id)).collect();
        rows.extend(gone.iter().map(|id| row(id, Difference::Removed)));
        match role {
            Some(role) if held.contains(&role.id.as_str()) => {
                rows.push(row(&role.id, Difference::Same).because("there already"));
            }
            Some(role) => rows.push(row(&role.id, Difference::Added)),
            None if held.is_empty() => {
                rows.push(
                    PlannedChange::new(WriteKind::Role, &space.key, &who, "role", Difference::Same)
                        .titled(space.name.as_deref())
                        .because("it has no role"),
                );
            }
            None => {}
        }
        let same = rows.iter().all(|p| matches!(p.kind, Difference::Same));
        if !same && !options.allow_lockout {
            site.guard_role(&space, &assignments, &who, role, &roles, backend.caller()).await?;
        }
        if same || options.dry_run {
            return Ok(rows.into_iter().map(|planned| planned.row).collect());
        }
        site.write_role(&space, &who.subject, role, &roles, &mut rows).await?;
        Ok(rows.into_iter().map(|planned| planned.row).collect())
    }
}

impl Site<'_> {
    /// Gives a subject a role in a space, or takes the one it has away, and says what became of each row.
    ///
    /// # Errors
    /// For a subject that cannot have a role: nothing was written.
    pub(super) async fn write_role(
        &self,
        space: &Space,
        subject: &Subject,
        role: Option<&Role>,
        roles: &HashMap<String, Role>,
        rows: &mut [PlannedChange],
    ) -> Result<()> {
        let Some(request) = writes::set_role(&space.id, subject, role.map(|role| role.id.as_str())) else {
            return Err(Error::configuration(format!("`{subject}` cannot have a role")));
        };
        let sent = Outcome::of(self.session.send(&request).await);
        let now = self.assignments(space).await;
        for planned in rows.iter_mut().filter(|p| !matches!(p.kind, Difference::Same)) {
            let same = |a: &Assignment| a.subject == *subject && called(roles, &a.role_id) == planned.row.permission;
            let there = now.as_ref().map(|now| now.iter().any(same));
            planned.read_back(there, &sent);
        }
        Ok(())
    }
}

/// A role in a row of a change.
fn called(roles: &HashMap<String, Role>, id: &str) -> String {
    format!("role {}", roles.get(id).map_or(id, |role| role.name.as_str()))
}

/// The role with this id or name.
pub(super) fn named<'a>(roles: &'a HashMap<String, Role>, text: &str) -> Result<&'a Role> {
    let text = text.trim();
    if roles.is_empty() {
        return Err(has_no_roles());
    }
    if let Some(role) = roles.get(text) {
        return Ok(role);
    }
    let mut found: Vec<&Role> = roles.values().filter(|role| role.name.eq_ignore_ascii_case(text)).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    match found.as_slice() {
        [only] => Ok(only),
        [] => {
            let mut names: Vec<&str> = roles.values().map(|role| role.name.as_str()).collect();
            names.sort_unstable();
            let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Err(Error::new(ErrorKind::NotFound, format!("no role has the id or name `{text}`: this site has {names}")))
        }
        several => {
            let candidates: Vec<String> = several.iter().map(|role| role.id.clone()).collect();
            let message = format!("several roles are named `{text}`: give the id of one: {}", candidates.join(", "));
            let mut error = Error::new(ErrorKind::Ambiguous, message);
            error.parts_mut().candidates = candidates;
            Err(error)
        }
    }
}
