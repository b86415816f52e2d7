//! Who is in a group, nested groups followed.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::{DirectMembership, Group, Origin, SubjectKind, User};

/// One account in one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group_id: String,
    /// Its name.
    pub group_name: Option<String>,
    /// The account. A member that is neither account nor group is kept as its text, such as `team:x`.
    pub user_id: String,
    /// Its name.
    pub user_name: Option<String>,
    /// The groups between, outermost first; `None` for a direct member.
    pub path: Option<String>,
    /// Where the innermost entry was read.
    pub source: Origin,
}

/// Follows the groups inside `of` (all groups where it is `None`): one row per group and account, with the shortest
/// way. Groups may contain each other in cycles. A group inside that `groups` does not list is named by its id.
pub fn expand(
    groups: &[Group],
    users: &[User],
    entries: &[DirectMembership],
    of: Option<&[String]>,
) -> Vec<Membership> {
    let mut inside: HashMap<&str, Vec<&DirectMembership>> = HashMap::new();
    for entry in entries {
        inside.entry(&entry.group_id).or_default().push(entry);
    }
    let group_names: HashMap<&str, Option<&str>> = groups.iter().map(|g| (g.id.as_str(), g.name.as_deref())).collect();
    let user_names: HashMap<&str, Option<&str>> =
        users.iter().map(|u| (u.id.as_str(), u.name.as_deref().or(u.display_name.as_deref()))).collect();
    // A member list may name a group where another list gives its id; a name counts where exactly one group has it.
    let mut by_name: HashMap<&str, Option<&str>> = HashMap::new();
    for group in groups {
        if let Some(name) = group.name.as_deref() {
            by_name.entry(name).and_modify(|id| *id = None).or_insert(Some(&group.id));
        }
    }
    let id_of = |named: &'_ str| -> Option<&str> {
        if inside.contains_key(named) || group_names.contains_key(named) {
            None
        } else {
            by_name.get(named).copied().flatten()
        }
    };
    let shown = |id: &str| group_names.get(id).copied().flatten().unwrap_or(id).to_owned();

    let mut seen = HashSet::new();
    let all = groups.iter().map(|g| g.id.as_str()).chain(entries.iter().map(|e| e.group_id.as_str()));
    let roots: Vec<&str> = match of {
        Some(of) => of.iter().map(String::as_str).filter(|id| seen.insert(*id)).collect(),
        None => all.filter(|id| seen.insert(*id)).collect(),
    };

    let mut rows = Vec::new();
    for root in roots {
        let mut reached_users: HashSet<(&SubjectKind, &str)> = HashSet::new();
        let mut reached_groups: HashSet<&str> = HashSet::from([root]);
        let mut waiting: VecDeque<(&str, Option<String>)> = VecDeque::from([(root, None)]);
        while let Some((group, path)) = waiting.pop_front() {
            for entry in inside.get(group).into_iter().flatten() {
                let member = entry.member.id.as_str();
                if entry.member.kind == SubjectKind::Group {
                    let member = id_of(member).unwrap_or(member);
                    if reached_groups.insert(member) {
                        let path = match &path {
                            Some(path) => format!("{path} > {}", shown(member)),
                            None => shown(member),
                        };
                        waiting.push_back((member, Some(path)));
                    }
                } else if reached_users.insert((&entry.member.kind, member)) {
                    let is_user = entry.member.kind == SubjectKind::User;
                    rows.push(Membership {
                        group_id: root.to_owned(),
                        group_name: group_names.get(root).copied().flatten().map(str::to_owned),
                        user_id: if is_user { member.to_owned() } else { entry.member.to_string() },
                        user_name: user_names.get(member).copied().flatten().filter(|_| is_user).map(str::to_owned),
                        path: path.clone(),
                        source: entry.source.clone(),
                    });
                }
            }
        }
    }
    rows
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
