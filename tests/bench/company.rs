//! A site made up for benchmarks of the resolver: the same for the same numbers.

use confluence_access::model::{
    Content, ContentType, Deployment, DirectMembership, Group, Permission, Restriction, RestrictionOperation, Snapshot,
    Space, SpacePermission, Subject, User,
};

/// A company: depth up to 12, 5 % of the pages restricted, users and groups mixed, groups of very different sizes and
/// some nested, one holding everybody.
pub fn company(pages: usize, users: usize, groups: usize, spaces: usize, seed: u64) -> Snapshot {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut snapshot = Snapshot::new(Deployment::Cloud);
    snapshot.site.anonymous_enabled = Some(false);
    snapshot.site.anonymous_enforced = Some(false);
    snapshot.site.policy.insert("nested_groups".to_owned(), confluence_access::model::Switch::Flag(true));
    for at in 0..users {
        let mut user = User::new(format!("5b10ac8d82e05b22cc7d{at:08}"));
        (user.active, user.licensed, user.guest) = (Some(at % 50 != 49), Some(true), Some(false));
        user.product_admin = Some(at < 5);
        user.display_name = Some(format!("User {at}"));
        snapshot.users.push(user);
    }
    let user = |at: usize| Subject::user(format!("5b10ac8d82e05b22cc7d{at:08}"));
    let group = |at: usize| Subject::group(format!("group-{at:05}"));
    for at in 0..groups {
        let mut row = Group::new(format!("group-{at:05}"));
        row.members_complete = at % 200 != 199;
        snapshot.groups.push(row);
        let size = if at == 0 { users } else { (users / (at + 1)).clamp(3, users / 2) };
        for member in 0..size {
            let member = if at == 0 { user(member) } else { user(dice.usize(0..users)) };
            let row = DirectMembership { group_id: format!("group-{at:05}"), member, source: Default::default() };
            snapshot.memberships.push(row);
        }
        if at > 1 && at % 10 == 0 {
            let inner = group(dice.usize(at / 2..at));
            let row =
                DirectMembership { group_id: format!("group-{at:05}"), member: inner, source: Default::default() };
            snapshot.memberships.push(row);
        }
    }
    for at in 0..spaces {
        let key = format!("S{at}");
        snapshot.spaces.push(Space { id: key.clone(), key: key.clone(), ..Space::default() });
        for row in 0..6 {
            let subject = if row == 0 && at % 3 == 0 { group(0) } else { group(dice.usize(1..groups)) };
            for permission in [Permission::View, Permission::CreatePage] {
                snapshot.space_permissions.push(SpacePermission {
                    space_key: key.clone(),
                    subject: subject.clone(),
                    subject_name: None,
                    permission,
                    raw: None,
                    via_role: None,
                    source: Default::default(),
                });
            }
        }
    }
    let per_space = pages.div_ceil(spaces);
    let mut depth = vec![0u8; pages];
    for at in 0..pages {
        let (space, first) = (at / per_space, at / per_space * per_space);
        let mut content = Content::new((at + 100_000).to_string(), ContentType::Page, format!("S{space}"));
        if at > first {
            let parent = first + dice.usize(0..at - first);
            if depth[parent] < 11 {
                content.parent_id = Some((parent + 100_000).to_string());
                depth[at] = depth[parent] + 1;
            }
        }
        if dice.u8(0..100) < 5 {
            let entries = 1 + dice.usize(0..4);
            for _ in 0..entries {
                let subject = if dice.bool() { group(dice.usize(0..groups)) } else { user(dice.usize(0..users)) };
                let operation =
                    if dice.u8(0..4) == 0 { RestrictionOperation::Edit } else { RestrictionOperation::View };
                snapshot.restrictions.push(Restriction {
                    content_id: content.id.clone(),
                    operation,
                    subject,
                    subject_name: None,
                    source: Default::default(),
                });
            }
        }
        snapshot.contents.push(content);
    }
    snapshot
}
