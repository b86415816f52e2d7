//! Who is in a group, nested groups followed.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::{DirectMembership, Group, Origin, SubjectKind, User, record};

record! {
    /// One row is one account in one group.
    ///
    /// Nested groups are followed, also in cycles; an account that is in a group several times has one row, with the
    /// shortest path. From `wiki.members(group)` and `snapshot.memberships`. Whether membership through a nested group
    /// counts for access is decided by a switch of the policy (`nested_groups`), not by this table.
    pub struct Membership {
        /// The group.
        pub group_id: String,
        /// Its name.
        pub group_name: Option<String>,
        /// The account. A member that is neither an account nor a group is kept as text, such as `team:x`.
        pub user_id: String,
        /// Its username on Data Center, its public name on Cloud.
        pub user_name: Option<String>,
        /// The groups in between, outermost first, such as `eng > platform`; null for a direct member.
        pub path: Option<String>,
        /// API and route the innermost entry was read from.
        pub source: Origin,
    }
}

/// Follows the groups inside `of` (all groups where it is `None`): one row per group and account, with the shortest
/// way. Groups may contain each other in cycles. A group inside that `groups` does not list is named by its id.
pub fn expand(
    groups: &[Group],
    users: &[User],
    entries: &[DirectMembership],
    of: Option<&[String]>,
) -> Vec<Membership> {
    let lists = MemberLists::new(groups, users, entries);
    let all = groups.iter().map(|group| group.id.as_str()).chain(entries.iter().map(|entry| entry.group_id.as_str()));
    let mut seen = HashSet::new();
    let roots: Vec<&str> = match of {
        Some(of) => of.iter().map(String::as_str).filter(|id| seen.insert(*id)).collect(),
        None => all.filter(|id| seen.insert(*id)).collect(),
    };
    roots.into_iter().flat_map(|root| lists.members(root)).collect()
}

/// The member lists of groups, and the names of groups and accounts.
struct MemberLists<'a> {
    entries: HashMap<&'a str, Vec<&'a DirectMembership>>,
    group_names: HashMap<&'a str, Option<&'a str>>,
    user_names: HashMap<&'a str, Option<&'a str>>,
    /// The group of each name; `None` where several have it.
    by_name: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> MemberLists<'a> {
    fn new(groups: &'a [Group], users: &'a [User], entries: &'a [DirectMembership]) -> Self {
        let mut lists: HashMap<&str, Vec<&DirectMembership>> = HashMap::new();
        for entry in entries {
            lists.entry(&entry.group_id).or_default().push(entry);
        }
        let mut by_name: HashMap<&str, Option<&str>> = HashMap::new();
        for group in groups {
            if let Some(name) = group.name.as_deref() {
                by_name.entry(name).and_modify(|id| *id = None).or_insert(Some(&group.id));
            }
        }
        let user_name = |user: &'a User| user.name.as_deref().or(user.display_name.as_deref());
        Self {
            entries: lists,
            group_names: groups.iter().map(|group| (group.id.as_str(), group.name.as_deref())).collect(),
            user_names: users.iter().map(|user| (user.id.as_str(), user_name(user))).collect(),
            by_name,
        }
    }

    /// The id of a group inside a group. A list may give its name where another list gives its id; a name counts where
    /// exactly one group has it.
    fn group_id(&self, given: &'a str) -> &'a str {
        if self.entries.contains_key(given) || self.group_names.contains_key(given) {
            return given;
        }
        self.by_name.get(given).copied().flatten().unwrap_or(given)
    }

    fn group_name(&self, id: &str) -> Option<&'a str> {
        self.group_names.get(id).copied().flatten()
    }

    /// The accounts in a group, groups inside followed breadth first: the first way to an account is a shortest one.
    fn members(&self, root: &'a str) -> Vec<Membership> {
        let mut rows = Vec::new();
        let mut users: HashSet<(&SubjectKind, &str)> = HashSet::new();
        let mut groups: HashSet<&str> = HashSet::from([root]);
        let mut waiting: VecDeque<(&str, Option<String>)> = VecDeque::from([(root, None)]);
        while let Some((group, path)) = waiting.pop_front() {
            for entry in self.entries.get(group).into_iter().flatten() {
                let id = entry.member.id.as_str();
                if entry.member.kind != SubjectKind::Group {
                    if users.insert((&entry.member.kind, id)) {
                        rows.push(self.row(root, entry, path.clone()));
                    }
                    continue;
                }
                let inside = self.group_id(id);
                if groups.insert(inside) {
                    let name = self.group_name(inside).unwrap_or(inside);
                    let path = path.as_ref().map_or_else(|| name.to_owned(), |path| format!("{path} > {name}"));
                    waiting.push_back((inside, Some(path)));
                }
            }
        }
        rows
    }

    fn row(&self, root: &str, entry: &DirectMembership, path: Option<String>) -> Membership {
        let is_user = entry.member.kind == SubjectKind::User;
        let name = self.user_names.get(entry.member.id.as_str()).copied().flatten().filter(|_| is_user);
        Membership {
            group_id: root.to_owned(),
            group_name: self.group_name(root).map(str::to_owned),
            user_id: if is_user { entry.member.id.clone() } else { entry.member.to_string() },
            user_name: name.map(str::to_owned),
            path,
            source: entry.source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Subject;

    fn entry(group: &str, member: &str) -> DirectMembership {
        DirectMembership {
            group_id: group.to_owned(),
            member: Subject::parse(member).expect("a subject"),
            source: Origin::default(),
        }
    }

    fn ways(rows: &[Membership]) -> Vec<(&str, &str, Option<&str>)> {
        rows.iter().map(|r| (r.group_id.as_str(), r.user_id.as_str(), r.path.as_deref())).collect()
    }

    #[test]
    fn groups_inside_groups_are_followed_with_the_way() {
        let groups = [
            Group { name: Some("everybody".to_owned()), ..Group::new("all") },
            Group { name: Some("platform".to_owned()), ..Group::new("g2") },
        ];
        let users = [User { name: Some("Ann".to_owned()), ..User::new("ann") }];
        let entries =
            [entry("all", "user:bob"), entry("all", "group:eng"), entry("eng", "group:g2"), entry("g2", "user:ann")];
        let rows = expand(&groups, &users, &entries, Some(&["all".to_owned()]));
        assert_eq!(ways(&rows), [("all", "bob", None), ("all", "ann", Some("eng > platform"))]);
        assert_eq!(rows[1].user_name.as_deref(), Some("Ann"));
        assert_eq!(rows[1].group_name.as_deref(), Some("everybody"));
    }

    #[test]
    fn a_cycle_of_groups_ends_and_the_shortest_way_wins() {
        let entries = [
            entry("a", "group:b"),
            entry("b", "group:c"),
            entry("c", "group:a"),
            entry("c", "user:ann"),
            entry("b", "user:ann"),
        ];
        let rows = expand(&[], &[], &entries, None);
        assert_eq!(ways(&rows), [("a", "ann", Some("b")), ("b", "ann", None), ("c", "ann", None)]);
    }

    #[test]
    fn a_group_named_by_its_name_is_found_unless_two_have_it() {
        let named = |id: &str, name: &str| Group { name: Some(name.to_owned()), ..Group::new(id) };
        let entries = [entry("1", "group:ops"), entry("2", "user:ann")];
        let rows = expand(&[named("1", "all"), named("2", "ops")], &[], &entries, Some(&["1".to_owned()]));
        assert_eq!(ways(&rows), [("1", "ann", Some("ops"))]);
        let twice = [named("1", "all"), named("2", "ops"), named("3", "ops")];
        assert_eq!(ways(&expand(&twice, &[], &entries, Some(&["1".to_owned()]))), []);
    }

    #[test]
    fn a_member_of_an_unknown_kind_is_kept() {
        assert_eq!(ways(&expand(&[], &[], &[entry("a", "team:x")], None)), [("a", "team:x", None)]);
    }
}
