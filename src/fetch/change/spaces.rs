//! Permissions in a space: what is wanted, what differs, and what would be lost.

use std::collections::BTreeSet;

use super::planned::{Caller, PlannedChange, locked_out};
use super::principals::NamedSubject;
use crate::apis::{permission_wanted, space_permission_wanted};
use crate::fetch::{Error, Result};
use crate::model::plan::{Difference, Target};
use crate::model::{Deployment, Gap, Permission, Space, Subject, SubjectKind, WriteKind, WriteResult};

/// What is done with the permissions that are named.
pub(in crate::fetch) type Wish = fn(BTreeSet<Permission>) -> Target;

/// Permissions must be named.
pub(in crate::fetch) fn judge_some(words: &[String]) -> Result<()> {
    if words.is_empty() {
        return Err(Error::configuration("no permission is named: name at least one, such as `view`"));
    }
    Ok(())
}

/// Reads the words for permissions.
pub(in crate::fetch) fn permissions(words: &[String], deployment: Deployment) -> Result<BTreeSet<Permission>> {
    let wrong = |error: &dyn std::fmt::Display| Error::configuration(error.to_string());
    words
        .iter()
        .map(|word| match deployment {
            Deployment::Cloud => permission_wanted(word).map_err(|e| wrong(&e)),
            Deployment::DataCenter => space_permission_wanted(word).map_err(|e| wrong(&e)),
        })
        .collect()
}

/// Refuses what the server would refuse: anything without `view`.
pub(in crate::fetch) fn judge(who: &NamedSubject, target: &Target, held: &BTreeSet<Permission>) -> Result<()> {
    match target.without_view(held) {
        Some(permission) => Err(Error::configuration(format!(
            "`{permission}` needs `view`, which `{}` does not have: ask for `view` as well",
            who.subject
        ))),
        None => Ok(()),
    }
}

/// What is done for one subject. `whole`: without `view` the server keeps no other permission of it, and only those of
/// its own words can be taken singly.
pub(in crate::fetch) fn plan(
    space: &Space,
    who: &NamedSubject,
    target: &Target,
    held: &BTreeSet<Permission>,
    whole: bool,
) -> Vec<PlannedChange> {
    let entries = target.entries(held, whole).into_iter();
    entries
        .map(|(permission, kind, why)| {
            PlannedChange::new(WriteKind::Permission, &space.key, who, permission.as_str(), kind)
                .titled(space.name.as_deref())
                .noted(why)
        })
        .collect()
}

/// A permission a subject has in a space.
#[derive(Debug, Clone)]
pub(in crate::fetch) struct Held {
    pub(in crate::fetch) subject: Subject,
    pub(in crate::fetch) permission: Permission,
    /// Id of the grant, where the server says (Cloud).
    pub(in crate::fetch) id: Option<String>,
    /// The server's own word (Data Center).
    pub(in crate::fetch) raw: Option<String>,
    /// Whether REST has it, not an add-on alone.
    pub(in crate::fetch) by_rest: bool,
}

impl Held {
    /// What subjects hold in `space`, if all of it was read.
    ///
    /// # Errors
    /// Where it was not: on half a list nothing is decided.
    pub(in crate::fetch) fn whole(
        space: &Space,
        rows: impl Iterator<Item = Self>,
        gaps: Vec<Gap>,
    ) -> Result<Vec<Self>> {
        if gaps.is_empty() {
            return Ok(rows.collect());
        }
        Err(Error::incomplete(&format!("what is given in space `{}`", space.key), gaps))
    }
}

/// What it takes to undo a change, and so is not lost unasked.
const KEPT: [Permission; 2] = [Permission::Administer, Permission::View];

/// Something of [`KEPT`] that a change would take.
pub(in crate::fetch) struct Loss {
    pub(in crate::fetch) permission: Permission,
    /// From everybody, not from the caller alone.
    pub(in crate::fetch) from_all: bool,
    /// From the caller.
    pub(in crate::fetch) own: bool,
}

impl Loss {
    pub(in crate::fetch) fn refused(&self, space: &Space) -> Error {
        locked_out(&if self.from_all {
            format!("nobody would administer space `{}` any more", space.key)
        } else {
            format!("you would lose `{}` in space `{}`", self.permission, space.key)
        })
    }
}

/// What `jobs` would take from the caller, or from everybody, of what is `held` now. `caller` is asked for only
/// where something depends on it.
pub(in crate::fetch) async fn losses<C: Future<Output = Result<Caller>>>(
    space: &Space,
    held: &[Held],
    jobs: &[Vec<PlannedChange>],
    caller: C,
) -> Result<(Vec<Loss>, Option<Caller>)> {
    let removed: Vec<&WriteResult> = jobs
        .iter()
        .flatten()
        .filter(|p| matches!(p.kind, Difference::Removed) && KEPT.iter().any(|k| k.as_str() == p.row.permission))
        .map(|p| &p.row)
        .collect();
    if !removed.iter().any(|row| matches!(row.subject.kind, SubjectKind::User | SubjectKind::Group)) {
        return Ok((Vec::new(), None));
    }
    let doubt = |why: &dyn std::fmt::Display| {
        locked_out(&format!("whether you would lose space `{}` could not be found out ({why})", space.key))
    };
    let caller = caller.await.map_err(|error| doubt(&error))?;
    if let Some(why) = &caller.unsure
        && removed.iter().any(|row| row.subject.kind == SubjectKind::Group)
    {
        return Err(doubt(why));
    }
    let mut lost = Vec::new();
    for permission in KEPT {
        let holders: Vec<&Subject> =
            held.iter().filter(|held| held.permission == permission).map(|held| &held.subject).collect();
        let gone = |s: &Subject| removed.iter().any(|r| r.subject == *s && r.permission == permission.as_str());
        let given = |to: &dyn Fn(&Subject) -> bool| {
            jobs.iter().flatten().any(|p| {
                matches!(p.kind, Difference::Added) && p.row.permission == permission.as_str() && to(&p.row.subject)
            })
        };
        let taken = |from: &dyn Fn(&Subject) -> bool| {
            let mut of = holders.iter().filter(|s| from(s)).peekable();
            of.peek().is_some() && of.all(|s| gone(s)) && !given(from)
        };
        let own = taken(&|s| caller.is(s));
        let from_all = permission == Permission::Administer && taken(&|_| true);
        if own || from_all {
            lost.push(Loss { permission, from_all, own });
        }
    }
    Ok((lost, Some(caller)))
}
