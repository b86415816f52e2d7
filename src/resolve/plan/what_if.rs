//! A snapshot as a plan would leave it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::names::LineLookup;
use super::rights;
use crate::model::plan::{Change, ChangePlan, Difference, Fact, Planned, Refused, Remaining, changes};
use crate::model::{
    DirectMembership, Missing, Origin, Permission, Policy, Restriction, Snapshot, SpacePermission, Subject,
};
use crate::resolve::site::IndexedSite;

/// A plan that cannot be carried out on this site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFailure {
    /// It was made for another site.
    #[error("the plan was made for `{plan}`, and this is a snapshot of `{site}`")]
    OtherSite {
        /// The site it was made for.
        plan: String,
        /// This one.
        site: String,
    },
    /// It names what the snapshot does not contain.
    #[error(transparent)]
    Lookup(#[from] LineLookup),
    /// The product does not do what it says.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// The snapshot as a plan would leave it. What could not be read stays unknown.
///
/// # Errors
/// Where the plan was made for another site, names what is not in the snapshot, or asks for what the product does not do.
pub fn what_if(snapshot: &Arc<Snapshot>, plan: &ChangePlan) -> Result<Snapshot, PlanFailure> {
    let address = snapshot.site.base_url.as_deref();
    if let (false, Some(own), Some(site)) = (plan.is_for(address), &plan.site, address) {
        return Err(PlanFailure::OtherSite { plan: own.clone(), site: site.to_owned() });
    }
    let site = IndexedSite::build(Arc::clone(snapshot), Policy::for_site(&snapshot.site));
    let names = site.plan_names(plan)?;
    let all = Remaining::default();
    let facts = site.plan_facts(&plan.reach(&names, &all));
    let changes: Vec<Change> =
        changes(plan, &names, facts, &all)?.into_iter().filter(|change| change.kind != Difference::Same).collect();
    let mut after = Snapshot::clone(snapshot);
    let step = |line: usize| plan.steps.get(line.wrapping_sub(1)).map(ToString::to_string).unwrap_or_default();
    let source = |line: usize| Origin::new(format!("plan line {line}: {}", step(line)));
    let editor = Editor { site: &site, source: &source };
    editor.remove(&changes, &mut after);
    for change in changes.iter().filter(|change| change.kind == Difference::Added) {
        editor.add(change, &mut after);
    }
    rights::follow(&site, &changes, &mut after);
    if !changes.is_empty() {
        // It is not what was read any more.
        after.site.asked = None;
    }
    after.planned.extend(changes.into_iter().map(|change| Planned {
        added: change.kind == Difference::Added,
        step: step(change.line),
        line: change.line,
        fact: change.fact,
    }));
    Ok(after)
}

/// Changes the facts of a snapshot.
pub(in crate::resolve) struct Editor<'a> {
    pub(in crate::resolve) site: &'a IndexedSite,
    /// What the rows of a line say that they are from.
    pub(in crate::resolve) source: &'a dyn Fn(usize) -> Origin,
}

impl Editor<'_> {
    /// Takes away every fact that does not hold any more.
    pub(in crate::resolve) fn remove(&self, changes: &[Change], after: &mut Snapshot) {
        let gone: HashSet<&Fact> =
            changes.iter().filter(|change| change.kind == Difference::Removed).map(|change| &change.fact).collect();
        if gone.is_empty() {
            return;
        }
        let (mut spaces, mut contents, mut members, mut groups) =
            (BTreeSet::new(), BTreeSet::new(), false, BTreeSet::new());
        for fact in &gone {
            match fact {
                Fact::Permission { space, .. } | Fact::Role { space, .. } => drop(spaces.insert(space.as_str())),
                Fact::Entry { content, .. } => drop(contents.insert(content.as_str())),
                Fact::Member { .. } => members = true,
                Fact::Group { group } => drop(groups.insert(group.as_str())),
                Fact::Parent { .. } => {}
            }
        }
        let site = self.site;
        after.space_permissions.retain(|row| {
            !spaces.contains(row.space_key.as_str()) || {
                let (space, subject) = (row.space_key.clone(), site.same(&row.subject));
                let fact = match &row.via_role {
                    None => Fact::Permission { space, subject, permission: row.permission.clone() },
                    Some(role) => Fact::Role { space, subject, role: role.clone() },
                };
                !gone.contains(&fact)
            }
        });
        after.restrictions.retain(|row| {
            !contents.contains(row.content_id.as_str()) || {
                let (content, subject) = (row.content_id.clone(), site.same(&row.subject));
                !gone.contains(&Fact::Entry { content, operation: row.operation, subject })
            }
        });
        if members {
            after.memberships.retain(|row| {
                let (group, member) = (site.same(&Subject::group(&row.group_id)).id, site.same(&row.member));
                !gone.contains(&Fact::Member { group, member })
            });
        }
        if !groups.is_empty() {
            after.groups.retain(|group| !groups.contains(group.id.as_str()));
            // Who else was in the group does not matter any more.
            after.gaps.retain(|gap| !matches!(gap.missing(), Missing::Group(id) if groups.contains(id)));
        }
    }

    /// Adds a fact that holds now.
    pub(in crate::resolve) fn add(&self, change: &Change, after: &mut Snapshot) {
        let source = (self.source)(change.line);
        match &change.fact {
            Fact::Permission { space, subject, permission } => after.space_permissions.push(SpacePermission {
                space_key: space.clone(),
                subject: subject.clone(),
                subject_name: self.name(subject),
                permission: permission.clone(),
                raw: None,
                via_role: None,
                source,
            }),
            Fact::Role { space, subject, role } => {
                after.space_permissions.extend(self.brought(role).into_iter().map(|(permission, raw)| {
                    SpacePermission {
                        space_key: space.clone(),
                        subject: subject.clone(),
                        subject_name: self.name(subject),
                        permission,
                        raw,
                        via_role: Some(role.clone()),
                        source: source.clone(),
                    }
                }));
            }
            Fact::Entry { content, operation, subject } => after.restrictions.push(Restriction {
                content_id: content.clone(),
                operation: *operation,
                subject: subject.clone(),
                subject_name: self.name(subject),
                source,
            }),
            Fact::Member { group, member } => {
                after.memberships.push(DirectMembership { group_id: group.clone(), member: member.clone(), source })
            }
            Fact::Parent { content, parent } => self.place(content, parent, after),
            Fact::Group { .. } => {}
        }
    }

    fn name(&self, subject: &Subject) -> Option<String> {
        self.site.find_principal(subject).and_then(|principal| self.site.principal_name(principal))
    }

    /// What a role brings, read off someone who has it. Where nobody has it, that is unknown: it may bring anything.
    fn brought(&self, role: &str) -> Vec<(Permission, Option<String>)> {
        let rows = &self.site.snapshot.space_permissions;
        let having = |row: &&SpacePermission| row.via_role.as_deref() == Some(role);
        match rows.iter().find(having) {
            Some(first) => rows
                .iter()
                .filter(having)
                .filter(|row| row.space_key == first.space_key && row.subject == first.subject)
                .map(|row| (row.permission.clone(), row.raw.clone()))
                .collect(),
            None => vec![(Permission::Other(format!("role {role}")), None)],
        }
    }

    /// Puts a content below another one. In another space, everything below it comes along.
    fn place(&self, content: &str, parent: &str, after: &mut Snapshot) {
        let found = |id: &str| self.site.find_content(id).map(|at| at as usize);
        let (Some(at), Some(above)) = (found(content), found(parent)) else { return };
        let Some((kind, key)) = after.contents.get(above).map(|row| (row.kind.clone(), row.space_key.clone())) else {
            return;
        };
        let Some(row) = after.contents.get_mut(at) else { return };
        row.parent_id = Some(parent.to_owned());
        row.parent_type = Some(kind);
        row.parent_unknown = false;
        if row.space_key == key {
            return;
        }
        // By the parents as they are now: an earlier line may have moved some of these as well.
        let mut below: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, row) in after.contents.iter().enumerate() {
            if let Some(parent) = &row.parent_id {
                below.entry(parent).or_default().push(at);
            }
        }
        let (mut all, mut open) = (BTreeSet::from([at]), vec![at]);
        while let Some(one) = open.pop() {
            let id = after.contents.get(one).map_or("", |row| row.id.as_str());
            open.extend(below.get(id).into_iter().flatten().copied().filter(|child| all.insert(*child)));
        }
        for at in all {
            if let Some(row) = after.contents.get_mut(at) {
                row.space_key.clone_from(&key);
            }
        }
    }
}
