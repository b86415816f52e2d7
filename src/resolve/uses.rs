//! Everything that names a subject: what is left to clean up after a leaver, and what ends with a group.

use std::collections::VecDeque;

use super::site::{IndexedSite, Principal};
use crate::model::{Subject, record, word, words};

words! {
    /// How something names a subject.
    UseKind {
        /// The subject holds a permission in a space, by itself or by a role.
        SpacePermission = "space_permission",
        /// The subject holds a permission of the site as a whole.
        GlobalPermission = "global_permission",
        /// The subject is on a list of a content.
        Restriction = "restriction",
        /// A draft is shared with the subject.
        SharedDraft = "shared_draft",
        /// The subject is in a group.
        MemberOf = "member_of",
        /// A group is inside the group.
        Contains = "contains",
    }
}

word!(UseKind as "UseKind");

record! {
    /// One row is one place that names the subject.
    ///
    /// What a subject reaches through a group is in the rows of that group. A gap about `global_permissions` says that
    /// the subject may hold a permission of the site that is not listed: Cloud lists only those that give access to
    /// Confluence and administer it. From `access.used_by(subject)`.
    pub struct Use {
        /// `space_permission`, `global_permission` (of the site as a whole), `restriction`, `shared_draft`, `member_of`
        /// (a group that the subject is in) or `contains` (a group inside this group).
        pub kind: UseKind,
        /// Key of the space; null for groups and global permissions.
        pub space_key: Option<String>,
        /// The content item of a restriction or draft.
        pub content_id: Option<String>,
        /// Its title; null also if the content item was not listed.
        pub content_title: Option<String>,
        /// The permission in the space, such as `view`, or of the site, such as `use`, or the operation of the restriction,
        /// `view` or `edit`; null for groups and drafts.
        pub permission: Option<String>,
        /// Name of the role that gives the permission; null for a direct grant.
        pub via_role: Option<String>,
        /// The group.
        pub group_id: Option<String>,
        /// Its name.
        pub group_name: Option<String>,
        /// The groups in between, outermost first, such as `eng > platform`; null where nothing is in between. Whether
        /// such membership counts for access is decided by the switch `nested_groups`.
        pub path: Option<String>,
    }
}

impl Use {
    fn new(kind: UseKind) -> Self {
        Self {
            kind,
            space_key: None,
            content_id: None,
            content_title: None,
            permission: None,
            via_role: None,
            group_id: None,
            group_name: None,
            path: None,
        }
    }
}

/// Every place that names a subject: permissions in spaces and of the site, restrictions, drafts, the groups around it, the groups inside it.
pub(super) fn uses(site: &IndexedSite, subject: &Subject) -> Vec<Use> {
    let Some(principal) = site.find_principal(subject) else { return Vec::new() };
    let names = |other: &Subject| site.find_principal(other) == Some(principal);
    let snapshot = &site.snapshot;
    let granted = snapshot.space_permissions.iter().filter(|row| names(&row.subject)).map(|row| Use {
        space_key: Some(row.space_key.clone()),
        permission: Some(row.permission.as_str().to_owned()),
        via_role: row.via_role.clone(),
        ..Use::new(UseKind::SpacePermission)
    });
    let global =
        snapshot.site.global_permissions.iter().flatten().filter(|row| names(&row.subject)).map(|row| Use {
            permission: Some(row.permission.as_str().to_owned()),
            ..Use::new(UseKind::GlobalPermission)
        });
    let listed = snapshot.restrictions.iter().filter(|row| names(&row.subject)).map(|row| Use {
        permission: Some(row.operation.as_str().to_owned()),
        ..site.use_of_content(UseKind::Restriction, &row.content_id)
    });
    let drafts = snapshot.contents.iter().filter(|content| content.shared_with.iter().flatten().any(names));
    let shared = drafts.map(|content| site.use_of_content(UseKind::SharedDraft, &content.id));
    let mut rows: Vec<Use> = granted.chain(global).chain(listed).chain(shared).collect();
    rows.extend(site.groups_around(principal));
    if let Principal::Group(at) = principal {
        rows.extend(site.groups_inside(at));
    }
    rows
}

impl IndexedSite {
    fn use_of_content(&self, kind: UseKind, id: &str) -> Use {
        let content = self.find_content(id).and_then(|at| self.content(at));
        Use {
            space_key: content.map(|content| content.space_key.clone()),
            content_id: Some(id.to_owned()),
            content_title: content.and_then(|content| content.title.clone()),
            ..Use::new(kind)
        }
    }

    /// The groups that list a principal, and those around them.
    fn groups_around(&self, principal: Principal) -> Vec<Use> {
        let mut outer: Vec<Vec<u32>> = vec![Vec::new(); self.groups.len()];
        for (at, group) in (0u32..).zip(&self.groups) {
            for inner in &group.inner {
                if let Some(around) = outer.get_mut(*inner as usize) {
                    around.push(at);
                }
            }
        }
        let entries = self.snapshot.memberships.iter();
        let listing = entries.filter(|entry| self.find_principal(&entry.member) == Some(principal));
        let first = listing.filter_map(|entry| self.find_group(&entry.group_id)).collect();
        let own = if let Principal::Group(at) = principal { Some(at) } else { None };
        self.walk(UseKind::MemberOf, own, first, |at| outer.get(at as usize).map_or(&[], Vec::as_slice))
    }

    /// The groups inside a group.
    fn groups_inside(&self, group: u32) -> Vec<Use> {
        let inner = |at: u32| self.groups.get(at as usize).map_or(&[][..], |group| &group.inner);
        self.walk(UseKind::Contains, Some(group), inner(group).to_vec(), inner)
    }

    /// Groups breadth first: the first path to a group is a shortest one. Groups may contain each other in cycles.
    fn walk<'a>(&self, kind: UseKind, own: Option<u32>, first: Vec<u32>, next: impl Fn(u32) -> &'a [u32]) -> Vec<Use> {
        let mut seen: Vec<u32> = own.into_iter().collect();
        let mut waiting: VecDeque<(u32, Vec<&str>)> = first.into_iter().map(|at| (at, Vec::new())).collect();
        let mut rows = Vec::new();
        while let Some((at, between)) = waiting.pop_front() {
            let Some(group) = self.groups.get(at as usize).filter(|_| !seen.contains(&at)) else { continue };
            seen.push(at);
            let mut path = between.clone();
            path.push(group.name.as_deref().unwrap_or(&group.id));
            waiting.extend(next(at).iter().map(|other| (*other, path.clone())));
            let outermost_first = |between: Vec<&str>| match kind {
                UseKind::MemberOf => between.into_iter().rev().collect::<Vec<_>>().join(" > "),
                _ => between.join(" > "),
            };
            rows.push(Use {
                group_id: Some(group.id.clone()),
                group_name: group.name.clone(),
                path: (!between.is_empty()).then(|| outermost_first(between)),
                ..Use::new(kind)
            });
        }
        rows
    }
}
