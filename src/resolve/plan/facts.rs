//! The facts of a snapshot that a plan depends on.

use std::collections::BTreeSet;

use crate::model::plan::{Facts, Position, Reach};
use crate::model::{GroupSource, Restriction, Subject};
use crate::resolve::site::IndexedSite;

impl IndexedSite {
    /// The facts a plan depends on.
    pub(super) fn plan_facts(&self, reach: &Reach) -> Facts {
        let snapshot = &self.snapshot;
        let mut facts = Facts::new(snapshot.site.deployment, snapshot.site.role_mode.clone());
        let counts = |subject: &Subject| reach.everywhere.contains(&self.same(subject));
        let anywhere = !reach.everywhere.is_empty();
        for row in &snapshot.space_permissions {
            if !(reach.spaces.contains(&row.space_key) || anywhere && counts(&row.subject)) {
                continue;
            }
            let subject = self.same(&row.subject);
            match &row.via_role {
                None => {
                    let held = facts.permissions.entry(row.space_key.clone()).or_default();
                    held.entry(subject).or_default().insert(row.permission.clone());
                }
                Some(role) => {
                    let roles = facts.roles.entry(row.space_key.clone()).or_default();
                    roles.entry(subject).or_default().insert(role.clone());
                }
            }
        }
        let mut contents: BTreeSet<&str> = reach.contents.iter().map(String::as_str).collect();
        if anywhere {
            let listing = snapshot.restrictions.iter().filter(|row| counts(&row.subject));
            contents.extend(listing.map(|row: &Restriction| row.content_id.as_str()));
        }
        for row in snapshot.restrictions.iter().filter(|row| contents.contains(row.content_id.as_str())) {
            let list = facts.lists.entry((row.content_id.clone(), row.operation)).or_default();
            list.insert(self.same(&row.subject));
        }
        for row in &snapshot.memberships {
            let group = self.same(&Subject::group(&row.group_id)).id;
            if reach.groups.contains(&group) || anywhere && counts(&row.member) {
                facts.members.entry(group).or_default().insert(self.same(&row.member));
            }
        }
        let external = snapshot.groups.iter().filter(|group| group.provenance == GroupSource::Directory);
        facts.external = external.map(|group| group.id.clone()).collect();
        for id in &reach.positions {
            let mut next = Some(id.as_str());
            while let Some(content) = next.and_then(|id| self.find_content(id)).and_then(|at| self.content(at)) {
                if facts.positions.contains_key(&content.id) {
                    break;
                }
                let position = Position { kind: content.kind.clone(), parent: content.parent_id.clone() };
                facts.positions.insert(content.id.clone(), position);
                next = content.parent_id.as_deref();
            }
        }
        facts
    }
}
