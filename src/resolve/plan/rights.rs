//! What a change of groups makes of the rights of their members on the site as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::plan::{Change, Difference, Fact};
use crate::model::{
    BlindSpot, Decision, Deployment, DirectMembership, Gap, Missing, SiteFact, SitePermission, Snapshot, Subject, User,
};
use crate::resolve::site::IndexedSite;

/// Groups by each subject that is directly in them.
type Outer = BTreeMap<Subject, BTreeSet<Subject>>;

fn outer(site: &IndexedSite, rows: &[DirectMembership]) -> Outer {
    let mut outer = Outer::new();
    for row in rows {
        let group = site.same(&Subject::group(&row.group_id));
        outer.entry(site.same(&row.member)).or_default().insert(group);
    }
    outer
}

/// A subject and every group it is in, through other groups too where those count.
fn all_of(subject: &Subject, outer: &Outer, nested: bool) -> BTreeSet<Subject> {
    let mut found = BTreeSet::from([subject.clone()]);
    let mut open = vec![subject.clone()];
    while let Some(one) = open.pop() {
        for group in outer.get(&one).into_iter().flatten() {
            if found.insert(group.clone()) && nested {
                open.push(group.clone());
            }
        }
    }
    found
}

/// Who is given a right on the site as a whole.
struct Holders {
    subjects: Vec<Subject>,
    /// Whether there may be more.
    partial: bool,
}

impl Holders {
    fn of(snapshot: &Snapshot, permission: &SitePermission) -> Self {
        let site = &snapshot.site;
        let unread = |gap: &Gap| gap.missing() == Missing::Site(SiteFact::GlobalPermissions);
        let partial = site.global_permissions.is_none()
            || site.blind_spots.contains(&BlindSpot::GlobalPermissions)
            || snapshot.gaps.iter().any(unread);
        let rows = site.global_permissions.iter().flatten().filter(|row| row.permission == *permission);
        Self { subjects: rows.map(|row| row.subject.clone()).collect(), partial }
    }

    /// What becomes of the right of an account that was in the groups `before` and is in those `after`. `None`: unknown.
    fn right(
        &self,
        stated: Option<bool>,
        before: &BTreeSet<Subject>,
        after: &BTreeSet<Subject>,
        otherwise: Option<bool>,
    ) -> Option<bool> {
        let holds = |groups: &BTreeSet<Subject>| self.subjects.iter().any(|subject| groups.contains(subject));
        match (holds(before), holds(after)) {
            (false, true) => Some(true),
            (true, true) => stated,
            (true, false) => otherwise.filter(|_| !self.partial),
            (false, false) if !self.partial => stated,
            // Whether one of the groups that changed gives the right is unknown.
            (false, false) if stated == Some(true) => stated.filter(|_| before.is_subset(after)),
            (false, false) => stated.filter(|_| after.is_subset(before)),
        }
    }
}

/// Gives accounts whose groups changed the rights that follow, and takes away what followed from the old groups.
pub(in crate::resolve) fn follow(site: &IndexedSite, changes: &[Change], after: &mut Snapshot) {
    let moved: BTreeSet<&Subject> = changes
        .iter()
        .filter(|change| change.kind != Difference::Same)
        .filter_map(|change| match &change.fact {
            Fact::Member { member, .. } => Some(member),
            _ => None,
        })
        .collect();
    if moved.is_empty() {
        return;
    }
    let (old, new) = (outer(site, &site.snapshot.memberships), outer(site, &after.memberships));
    let nested = site.policy.nested_groups != Decision::Denied;
    let [uses, administers, runs] = [SitePermission::Use, SitePermission::Administer, SitePermission::AdministerSystem]
        .map(|permission| Holders::of(&site.snapshot, &permission));
    let on_cloud = after.site.deployment == Deployment::Cloud;
    for user in &mut after.users {
        let subject = Subject::user(&user.id);
        let before = all_of(&subject, &old, nested);
        let touched = before.iter().any(|one| moved.contains(one));
        if !touched {
            continue;
        }
        let now = all_of(&subject, &new, nested);
        let User { licensed, product_admin, system_admin, guest, .. } = user;
        // On Cloud, an account in none of the groups is judged by what the snapshot knows about all of them.
        let none = if on_cloud { None } else { Some(false) };
        let powerful = [*product_admin, *system_admin].contains(&Some(true));
        if *guest != Some(true) {
            *licensed = uses.right(*licensed, &before, &now, none.filter(|_| !powerful));
        }
        *product_admin = administers.right(*product_admin, &before, &now, none);
        *system_admin = runs.right(*system_admin, &before, &now, none);
    }
}
