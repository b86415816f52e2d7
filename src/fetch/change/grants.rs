//! Changes of permissions in a space: decided on what is held, guarded, and read back.

use std::collections::BTreeSet;

use super::planned::{PlannedChange, WriteOptions};
use super::principals::NamedSubject;
use super::spaces::{Held, judge, losses, plan};
use crate::fetch::backend::Backend;
use crate::fetch::{Error, Result};
use crate::model::plan::{Difference, Target};
use crate::model::{Permission, RoleMode, Space, SubjectKind, WriteResult};

impl Backend<'_> {
    /// Changes permissions of several subjects in one space.
    pub(super) async fn change_space(
        &self,
        space: &str,
        targets: Vec<(String, Target)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let (space, mode) = self.writable_space(space).await?;
        let mut people: Vec<(NamedSubject, Target)> = Vec::new();
        for (text, target) in targets {
            let who = self.principal(&text, !target.only_takes()).await?;
            if who.subject.kind == SubjectKind::AccessClass {
                return Err(Error::configuration(format!(
                    "`{}` gets access to a space by a role: use `assign_role`",
                    who.subject
                )));
            }
            if people.iter().any(|(known, _)| known.subject == who.subject) {
                return Err(Error::configuration(format!("`{}` is named twice: name it once", who.subject)));
            }
            people.push((who, target));
        }
        let held = self.held(&space).await?;
        // On Cloud nothing is held without `view`, and what goes beyond the words of the API goes with it.
        let needs_view = matches!(self, Self::Cloud(_));
        let mut jobs: Vec<Vec<PlannedChange>> = Vec::new();
        for (who, target) in &people {
            let own: BTreeSet<Permission> =
                held.iter().filter(|held| held.subject == who.subject).map(|held| held.permission.clone()).collect();
            if needs_view {
                judge(who, target, &own)?;
            }
            jobs.push(plan(&space, who, target, &own, needs_view));
        }
        if !options.allow_lockout {
            self.guard_space(&space, &held, &jobs, mode.as_ref()).await?;
        }
        let changes = jobs.iter().flatten().any(|planned| !matches!(planned.kind, Difference::Same));
        if changes && !options.dry_run {
            jobs = self.write_permissions(&space, jobs, &held).await?;
        }
        Ok(jobs.into_iter().flatten().map(|planned| planned.row).collect())
    }

    /// Refuses to take from the caller, or from everybody, what is needed to undo it.
    pub(super) async fn guard_space(
        &self,
        space: &Space,
        held: &[Held],
        jobs: &[Vec<PlannedChange>],
        mode: Option<&RoleMode>,
    ) -> Result<()> {
        let (losses, caller) = losses(space, held, jobs, self.caller()).await?;
        let Some(caller) = caller.filter(|_| !losses.is_empty()) else { return Ok(()) };
        // What roles bring stays as it is.
        let by_role = match self {
            Self::Cloud(site) => site.permissions_by_role(space, mode).await,
            Self::DataCenter(_) => Vec::new(),
        };
        for loss in losses {
            let kept = by_role.iter().any(|row| {
                row.permission == loss.permission && (caller.is(&row.subject) || loss.from_all && !loss.own)
            });
            if !kept {
                return Err(loss.refused(space));
            }
        }
        Ok(())
    }
}
