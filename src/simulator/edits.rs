//! Changes to the site, made when the request that asks for them is answered.

use super::state::{Group, Principal, Site, Space};

/// A change somebody made.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Grant {
        space: String,
        who: Principal,
        permission: String,
        id: u64,
    },
    /// With `view` all other permissions of the same subject go.
    Ungrant {
        space: String,
        who: Principal,
        permission: String,
    },
    /// The principals that stood for the same subject, and the role it has from now on.
    Role {
        space: String,
        before: Vec<Principal>,
        who: Principal,
        role: Option<String>,
    },
    Restrict {
        node: String,
        update: bool,
        list: Vec<Principal>,
    },
    /// Exactly this permission goes.
    Withdraw {
        space: String,
        who: Principal,
        permission: String,
    },
    /// A permission on the whole site.
    Global {
        who: Principal,
        permission: String,
        held: bool,
    },
    Member {
        group: String,
        who: Principal,
        held: bool,
    },
    /// A group that was not there.
    NewGroup(String),
    /// Whether an account may log in.
    Active {
        user: String,
        active: bool,
    },
    /// A group goes, and whatever it was given or restricted to.
    NoGroup(String),
    /// A group goes; what it was given and restricted to stays.
    GroupAlone(String),
    /// A content goes below another one, with everything below it.
    Move {
        node: String,
        parent: String,
    },
}

impl Space {
    fn keep_grants(&mut self, keep: impl Fn(&Principal, &str) -> bool) {
        let kept: Vec<bool> = self.grants.iter().map(|(who, permission)| keep(who, permission)).collect();
        let (mut grants, mut ids) = (kept.iter(), kept.iter());
        self.grants.retain(|_| grants.next().copied().unwrap_or(true));
        self.grant_ids.retain(|_| ids.next().copied().unwrap_or(true));
    }
}

impl Site {
    /// Makes changes. What the caller may view has to be decided anew afterwards.
    pub(super) fn apply(&mut self, edits: Vec<Edit>) {
        for edit in edits {
            match edit {
                Edit::Grant { .. } | Edit::Ungrant { .. } | Edit::Role { .. } | Edit::Withdraw { .. } => {
                    self.change_space(edit);
                }
                Edit::Restrict { node, update, list } => {
                    let at = self.find(&node).map(|at| at as usize);
                    if let Some(node) = at.and_then(|at| self.facts.nodes.get_mut(at)) {
                        *(if update { &mut node.update } else { &mut node.read }) = list;
                        node.restricted = Some(jiff::Timestamp::now().as_millisecond());
                    }
                }
                Edit::Global { who, permission, held } => {
                    self.facts.globals.retain(|(p, word)| *p != who || *word != permission);
                    if held {
                        self.facts.globals.push((who, permission));
                    }
                }
                Edit::Member { group, who, held } => {
                    let at = self.groups.get(&group).copied();
                    if let Some(found) = at.and_then(|at| self.facts.groups.get_mut(at as usize)) {
                        found.members.retain(|member| *member != who);
                        if held {
                            found.members.push(who);
                        }
                    }
                    self.regroup();
                }
                Edit::Active { user, active } => {
                    let at = self.users.get(&user).copied();
                    if let Some(found) = at.and_then(|at| self.facts.users.get_mut(at as usize)) {
                        found.active = active;
                    }
                }
                Edit::NewGroup(name) => self.add_group(name),
                Edit::NoGroup(id) => self.remove_group(id),
                Edit::GroupAlone(id) => self.remove_group_alone(&id),
                Edit::Move { node, parent } => self.shift(&node, &parent),
            }
        }
    }

    fn change_space(&mut self, edit: Edit) {
        match edit {
            Edit::Grant { space, who, permission, id } => {
                self.next_grant = id + 1;
                if let Some(space) = self.space_mut(&space)
                    && !space.grants.iter().any(|(p, held)| *p == who && *held == permission)
                {
                    space.grants.push((who, permission));
                    space.grant_ids.push(id);
                }
            }
            Edit::Ungrant { space, who, permission } => {
                if let Some(space) = self.space_mut(&space) {
                    let all = permission == "view";
                    space.keep_grants(|p, held| *p != who || !(all || held == permission));
                }
            }
            Edit::Withdraw { space, who, permission } => {
                if let Some(space) = self.space_mut(&space) {
                    space.keep_grants(|p, held| *p != who || held != permission);
                }
            }
            Edit::Role { space, before, who, role } => {
                if let Some(space) = self.space_mut(&space) {
                    space.assignments.retain(|(p, _)| !before.contains(p) && *p != who);
                    space.assignments.extend(role.map(|role| (who, role)));
                }
            }
            _ => {}
        }
    }

    fn add_group(&mut self, name: String) {
        self.facts.groups.push(Group {
            id: name.clone(),
            name,
            managed_by: None,
            members: Vec::new(),
            listable: true,
            access: None,
        });
        self.facts.groups.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        self.regroup();
    }

    fn remove_group_alone(&mut self, id: &str) {
        self.facts.groups.retain(|group| group.id != id);
        let gone = Principal::Group(id.to_owned());
        self.facts.groups.iter_mut().for_each(|group| group.members.retain(|member| *member != gone));
        self.regroup();
    }

    /// With the group goes whatever it was given or restricted to.
    fn remove_group(&mut self, id: String) {
        self.remove_group_alone(&id);
        let gone = Principal::Group(id);
        self.facts.globals.retain(|(who, _)| *who != gone);
        self.facts.spaces.iter_mut().for_each(|space| space.keep_grants(|who, _| *who != gone));
        for node in &mut self.facts.nodes {
            node.read.retain(|who| *who != gone);
            node.update.retain(|who| *who != gone);
        }
    }

    /// Puts a content last below another one. In another space everything below it comes along.
    fn shift(&mut self, id: &str, parent: &str) {
        let (Some(at), Some(to)) = (self.find(id), self.find(parent)) else { return };
        let below = self.node_at(to).map(|node| node.below.clone()).unwrap_or_default();
        let last = below.iter().filter_map(|child| self.node_at(*child)).map(|node| node.position).max().unwrap_or(0);
        let space = self.node_at(to).map_or(0, |node| node.space);
        for node in &mut self.facts.nodes {
            node.below.retain(|child| *child != at);
        }
        let mut all = self.descendants(at);
        all.push(at);
        for one in all {
            if let Some(node) = self.facts.nodes.get_mut(one as usize) {
                node.space = space;
            }
        }
        if let Some(above) = self.facts.nodes.get_mut(to as usize) {
            above.below.push(at);
        }
        if let Some(node) = self.facts.nodes.get_mut(at as usize) {
            node.parent = Some(parent.to_owned());
            node.above = Some(to);
            node.position = last + 1;
        }
        self.refill();
    }
}
