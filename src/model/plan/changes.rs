//! What a plan comes to: its steps, taken one after the other on the facts, and what differs in the end.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use super::differences::{Difference, ListWish, NOT_THERE, THERE_ALREADY, Target, opens};
use super::facts::{Fact, Facts};
use super::lines::ChangePlan;
use super::step::{Mention, Step};
use crate::model::{ContentType, Deployment, Permission, RestrictionOperation, RoleMode, Subject, SubjectKind};

/// What the texts of a plan name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Keys of spaces.
    pub spaces: HashMap<String, String>,
    /// Ids of contents.
    pub contents: HashMap<String, String>,
    /// Accounts, groups and classes.
    pub subjects: HashMap<String, Subject>,
    /// Ids of groups.
    pub groups: HashMap<String, String>,
    /// Names of roles.
    pub roles: HashMap<String, String>,
}

impl Names {
    /// The key of a space.
    pub fn space(&self, text: &str) -> String {
        self.spaces.get(text).map_or(text, String::as_str).to_owned()
    }

    /// The id of a content.
    pub fn content(&self, text: &str) -> String {
        self.contents.get(text).map_or(text, String::as_str).to_owned()
    }

    /// A subject.
    pub fn subject(&self, text: &str) -> Subject {
        let parsed = || Subject::parse(text).unwrap_or_else(|_| Subject::user(text));
        self.subjects.get(text).cloned().unwrap_or_else(parsed)
    }

    /// The id of a group.
    pub fn group(&self, text: &str) -> String {
        self.groups.get(text).map_or(text, String::as_str).to_owned()
    }

    /// The name of a role.
    pub fn role(&self, text: &str) -> String {
        self.roles.get(text).map_or(text, String::as_str).to_owned()
    }
}

/// What a plan depends on, by its ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Keys of the spaces whose permissions and roles count.
    pub spaces: BTreeSet<String>,
    /// Ids of the contents whose restrictions count.
    pub contents: BTreeSet<String>,
    /// Ids of the groups whose members count.
    pub groups: BTreeSet<String>,
    /// Subjects that count wherever they occur.
    pub everywhere: BTreeSet<Subject>,
    /// Contents whose place counts.
    pub positions: BTreeSet<String>,
}

impl ChangePlan {
    /// What it depends on; of a plan that was begun, what `remains` of it.
    pub fn reach(&self, names: &Names, remains: &Remaining) -> Reach {
        let mut reach = Reach::default();
        for (_, fact, _) in &remains.facts {
            match fact {
                Fact::Permission { space, .. } | Fact::Role { space, .. } => drop(reach.spaces.insert(space.clone())),
                Fact::Entry { content, .. } => drop(reach.contents.insert(content.clone())),
                Fact::Member { group, .. } | Fact::Group { group } => drop(reach.groups.insert(group.clone())),
                Fact::Parent { content, .. } => drop(reach.positions.insert(content.clone())),
            }
        }
        for (_, step) in self.unfinished(&remains.finished) {
            match step {
                Step::Move { content, parent } => {
                    reach.positions.extend([names.content(content), names.content(parent)]);
                    continue;
                }
                Step::Replace { subject, by } => {
                    reach.everywhere.extend([names.subject(subject), names.subject(by)]);
                }
                Step::Delete { group } => {
                    reach.everywhere.insert(Subject::group(names.group(group)));
                }
                _ => {}
            }
            for mention in step.mentions() {
                match mention {
                    Mention::Space(text) => drop(reach.spaces.insert(names.space(text))),
                    Mention::Content(text) => drop(reach.contents.insert(names.content(text))),
                    Mention::Group(text) => drop(reach.groups.insert(names.group(text))),
                    Mention::Subject(_) | Mention::Former(_) | Mention::Role(_) => {}
                }
            }
        }
        reach
    }
}

/// One fact that a plan names, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The line of the plan, counted from 1: the last one that spoke about it.
    pub line: usize,
    /// The fact.
    pub fact: Fact,
    /// Whether it is added, removed or stays as it is.
    pub kind: Difference,
    /// The reason, if there is something to say.
    pub note: Option<&'static str>,
    /// The deletion of a group brings it about by itself.
    pub follows: bool,
}

/// A fact that a plan changed, and by which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The fact.
    pub fact: Fact,
    /// Whether it was added; removed otherwise.
    pub added: bool,
    /// The line of the plan, counted from 1.
    pub line: usize,
    /// The line as text.
    pub step: String,
}

/// A plan that this site cannot carry out: nothing of it is done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, `{step}`: {why}")]
pub struct Refused {
    /// The line of the plan, counted from 1.
    pub line: usize,
    /// The line as text.
    pub step: String,
    /// What is wrong, and what to do.
    pub why: Refusal,
}

/// Why a site cannot carry out a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What the product does not do.
    #[error("{0}")]
    Impossible(String),
    /// The site gives access to spaces by roles only.
    #[error("this site gives access to spaces by roles only: use `assign_role` and `remove_role`")]
    RolesOnly,
    /// The site has no roles.
    #[error("this site has no roles in spaces: use `grant`, `revoke` and `set`")]
    NoRoles,
}

/// What the last step about a fact said.
struct Said {
    line: usize,
    note: Option<&'static str>,
    follows: bool,
}

/// The steps so far.
struct Course<'a> {
    names: &'a Names,
    before: Facts,
    now: Facts,
    said: IndexMap<Fact, Said>,
    line: usize,
    follows: bool,
}

type Taken = Result<(), Refusal>;

fn impossible(message: impl Into<String>) -> Refusal {
    Refusal::Impossible(message.into())
}

/// What an earlier attempt left to do.
#[derive(Debug, Clone, Default)]
pub struct Remaining {
    /// Lines that are left out, because everything they ask for is done or among `facts`.
    pub finished: BTreeSet<usize>,
    /// Facts that are still to be added or removed: the line, the fact, and whether it is added.
    pub facts: Vec<(usize, Fact, bool)>,
}

/// What a plan changes on a site with these facts; of a plan that was begun, what `remains`.
///
/// # Errors
/// Where the product cannot do what a step says.
pub fn changes(plan: &ChangePlan, names: &Names, facts: Facts, remains: &Remaining) -> Result<Vec<Change>, Refused> {
    let mut course =
        Course { names, now: facts.clone(), before: facts, said: IndexMap::new(), line: 0, follows: false };
    for (line, fact, added) in &remains.facts {
        course.line = *line;
        course.want(fact.clone(), *added, None);
    }
    for (line, step) in plan.unfinished(&remains.finished) {
        course.line = line;
        course.take(step).map_err(|why| Refused { line, step: step.to_string(), why })?;
    }
    Ok(course.changes())
}

impl Course<'_> {
    fn cloud(&self) -> bool {
        self.now.deployment == Deployment::Cloud
    }

    /// A fact is to hold, or not.
    fn want(&mut self, fact: Fact, holds: bool, note: Option<&'static str>) {
        let said = Said { line: self.line, note, follows: self.follows };
        if self.now.has(&fact) == holds {
            self.said.entry(fact).or_insert(said);
        } else {
            self.now.put(&fact, holds);
            self.said.insert(fact, said);
        }
    }

    /// A fact that a step speaks about and leaves as it is.
    fn leave(&mut self, fact: Fact, note: &'static str) {
        self.said.entry(fact).or_insert(Said { line: self.line, note: Some(note), follows: false });
    }

    fn take(&mut self, step: &Step) -> Taken {
        let names = self.names;
        self.are_there(step)?;
        match step {
            Step::Grant { space, subject, permissions } => {
                let target = Target::Give(self.permissions(permissions)?);
                self.hold(&names.space(space), &names.subject(subject), &target)
            }
            Step::Revoke { space, subject, permissions } => {
                let (space, subject) = (names.space(space), names.subject(subject));
                let gone = match permissions {
                    Some(words) => self.permissions(words)?,
                    None => self.now.held(&space, &subject),
                };
                self.hold(&space, &subject, &Target::Take(gone))
            }
            Step::Set { space, subject, permissions } => {
                let target = Target::Set(self.permissions(permissions)?);
                self.hold(&names.space(space), &names.subject(subject), &target)
            }
            Step::Restrict { contents, operation, subjects } => {
                self.list(contents, *operation, ListWish::Add, Some(subjects))
            }
            Step::Unrestrict { contents, operation, subjects } => {
                self.list(contents, *operation, ListWish::Remove, subjects.as_deref())
            }
            Step::SetRestrictions { contents, operation, subjects } => {
                self.list(contents, *operation, ListWish::Replace, Some(subjects))
            }
            Step::AssignRole { space, subject, role } => {
                self.assign(&names.space(space), &names.subject(subject), Some(&names.role(role)))
            }
            Step::RemoveRole { space, subject } => self.assign(&names.space(space), &names.subject(subject), None),
            Step::AddMember { group, user } => self.member(group, user, true),
            Step::RemoveMember { group, user } => self.member(group, user, false),
            Step::Replace { subject, by } => self.replace(&names.subject(subject), &names.subject(by)),
            Step::Delete { group } => self.delete(&names.group(group)),
            Step::Move { content, parent } => self.shift(&names.content(content), &names.content(parent)),
        }
    }

    /// Refuses what speaks about a group that a line before deletes.
    fn are_there(&self, step: &Step) -> Taken {
        for mention in step.mentions() {
            let group = match mention {
                Mention::Group(text) => self.names.group(text),
                Mention::Subject(text) | Mention::Former(text) => match self.names.subject(text) {
                    Subject { kind: SubjectKind::Group, id } => id,
                    _ => continue,
                },
                Mention::Space(_) | Mention::Content(_) | Mention::Role(_) => continue,
            };
            if self.now.deleted.contains(&group) {
                return Err(impossible(format!("a line before deletes the group `{group}`")));
            }
        }
        Ok(())
    }

    /// Permissions that the product gives to subjects by themselves.
    fn permissions(&self, words: &[String]) -> Result<BTreeSet<Permission>, Refusal> {
        words
            .iter()
            .map(|word| {
                let permission = Permission::from(word.as_str());
                match (permission.is_given_singly(self.now.deployment), permission.instead()) {
                    (true, _) => Ok(permission),
                    (false, Some(instead)) if self.cloud() => {
                        Err(impossible(format!("`{word}` is not given by itself on Cloud: {instead}")))
                    }
                    (false, _) => {
                        let product = if self.cloud() { "Cloud" } else { "Data Center" };
                        Err(impossible(format!("{product} does not give `{word}` by itself")))
                    }
                }
            })
            .collect()
    }

    fn hold(&mut self, space: &str, subject: &Subject, target: &Target) -> Taken {
        if self.cloud() && self.now.role_mode == Some(RoleMode::Roles) {
            return Err(Refusal::RolesOnly);
        }
        if let SubjectKind::AccessClass = subject.kind {
            return Err(impossible(format!("`{subject}` gets access to a space by a role: use `assign_role`")));
        }
        let held = self.now.held(space, subject);
        if self.cloud()
            && let Some(permission) = target.without_view(&held)
        {
            return Err(impossible(format!(
                "`{permission}` needs `view`, which `{subject}` does not have: ask for `view` as well"
            )));
        }
        for (permission, kind, note) in target.entries(&held, self.cloud()) {
            let fact = Fact::Permission { space: space.to_owned(), subject: subject.clone(), permission };
            match kind {
                Difference::Same => self.leave(fact, note.unwrap_or_default()),
                kind => self.want(fact, kind == Difference::Added, note),
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        contents: &[String],
        operation: RestrictionOperation,
        wish: ListWish,
        subjects: Option<&[String]>,
    ) -> Taken {
        let wanted: Option<Vec<Subject>> =
            subjects.map(|all| all.iter().map(|text| self.names.subject(text)).collect());
        if let Some(odd) = wanted.iter().flatten().find(|s| !matches!(s.kind, SubjectKind::User | SubjectKind::Group)) {
            return Err(impossible(format!("a restriction lists users and groups, not `{odd}`")));
        }
        for text in contents {
            let content = self.names.content(text);
            let listed = self.now.list(&content, operation);
            for (subject, kind, _) in wish.entries(operation, &listed.iter().collect(), wanted.as_deref()) {
                let fact = Fact::Entry { content: content.clone(), operation, subject };
                match kind {
                    Difference::Same => self.leave(fact, ""),
                    kind => self.want(fact, kind == Difference::Added, None),
                }
            }
        }
        Ok(())
    }

    fn assign(&mut self, space: &str, subject: &Subject, role: Option<&str>) -> Taken {
        if !self.cloud() || self.now.role_mode == Some(RoleMode::PreRoles) {
            return Err(Refusal::NoRoles);
        }
        let of = |role: &str| Fact::Role { space: space.to_owned(), subject: subject.clone(), role: role.to_owned() };
        // A subject has one role.
        for other in self.now.assigned(space, subject).iter().filter(|other| Some(other.as_str()) != role) {
            self.want(of(other), false, None);
        }
        if let Some(role) = role {
            self.want(of(role), true, None);
        }
        Ok(())
    }

    fn member(&mut self, group: &str, user: &str, holds: bool) -> Taken {
        let (group, member) = (self.names.group(group), self.names.subject(user));
        if member.kind != SubjectKind::User {
            return Err(impossible(format!("members of groups are accounts, not `{member}`")));
        }
        self.want(Fact::Member { group, member }, holds, None);
        Ok(())
    }

    /// Puts one subject in the place of another.
    fn replace(&mut self, subject: &Subject, by: &Subject) -> Taken {
        self.replace_permissions(subject, by);
        self.replace_roles(subject, by)?;
        let lists: Vec<(String, RestrictionOperation)> =
            self.now.lists.iter().filter(|(_, list)| list.contains(subject)).map(|(at, _)| at.clone()).collect();
        for (content, operation) in lists {
            let entry =
                |subject: &Subject| Fact::Entry { content: content.clone(), operation, subject: subject.clone() };
            self.want(entry(by), true, None);
            self.want(entry(subject), false, None);
        }
        // A group is not made a member of groups: no API does it.
        if by.kind == SubjectKind::User {
            let groups: Vec<String> = self
                .now
                .members
                .iter()
                .filter(|(_, all)| all.contains(subject))
                .map(|(group, _)| group.clone())
                .collect();
            for group in groups {
                self.want(Fact::Member { group: group.clone(), member: by.clone() }, true, None);
                self.want(Fact::Member { group, member: subject.clone() }, false, None);
            }
        }
        Ok(())
    }

    fn replace_permissions(&mut self, subject: &Subject, by: &Subject) {
        let spaces: Vec<String> = self
            .now
            .permissions
            .iter()
            .filter(|(_, held)| held.contains_key(subject))
            .map(|(key, _)| key.clone())
            .collect();
        for space in spaces {
            let held = self.now.held(&space, subject);
            let fact = |subject: &Subject, permission: &Permission| Fact::Permission {
                space: space.clone(),
                subject: subject.clone(),
                permission: permission.clone(),
            };
            if self.cloud() && self.now.role_mode == Some(RoleMode::Roles) {
                for permission in &held {
                    self.leave(
                        fact(subject, permission),
                        "left as it is: this site gives access to spaces by roles only",
                    );
                }
                continue;
            }
            let new = self.now.held(&space, by);
            let sees = !self.cloud() || new.contains(&Permission::View) || held.contains(&Permission::View);
            for permission in held.difference(&new) {
                if permission.is_given_singly(self.now.deployment) && sees {
                    self.want(fact(by, permission), true, None);
                } else {
                    self.leave(fact(by, permission), "not given: the product does not give it by itself");
                }
            }
            for (permission, kind, note) in Target::Take(held.clone()).entries(&held, self.cloud()) {
                match kind {
                    Difference::Same => self.leave(fact(subject, &permission), note.unwrap_or_default()),
                    _ => self.want(fact(subject, &permission), false, note),
                }
            }
        }
    }

    fn replace_roles(&mut self, subject: &Subject, by: &Subject) -> Taken {
        let spaces: Vec<String> = self
            .now
            .roles
            .iter()
            .filter(|(_, roles)| roles.contains_key(subject))
            .map(|(key, _)| key.clone())
            .collect();
        for space in spaces {
            let (old, new) = (self.now.assigned(&space, subject), self.now.assigned(&space, by));
            if let (Some(old), Some(new)) = (old.iter().find(|role| !new.contains(*role)), new.first()) {
                return Err(impossible(format!(
                    "`{by}` has the role {new} in {space} and `{subject}` the role {old}: a subject has one role, so \
                     decide first, with `remove_role` or `assign_role` in a line before"
                )));
            }
            let fact = |subject: &Subject, role: &String| Fact::Role {
                space: space.clone(),
                subject: subject.clone(),
                role: role.clone(),
            };
            for role in &old {
                self.want(fact(by, role), true, None);
                self.want(fact(subject, role), false, None);
            }
        }
        Ok(())
    }

    /// Deletes a group. On Data Center a group kept in Confluence takes every entry about it along, and what only this group
    /// could see is open then. On Cloud, and where the group is deleted in a directory, the entries stay.
    // Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html
    // Source: https://support.atlassian.com/confluence/kb/deleted-groups-shown-as-group-not-found-in-global-permissions-and-space-permissions/
    fn delete(&mut self, group: &str) -> Taken {
        let gone = Subject::group(group);
        self.want(Fact::Group { group: group.to_owned() }, false, None);
        self.follows = true;
        let members: Vec<Fact> = self
            .now
            .members
            .iter()
            .flat_map(|(outer, all)| all.iter().map(move |member| (outer, member)))
            .filter(|(outer, member)| *outer == group || **member == gone)
            .map(|(outer, member)| Fact::Member { group: outer.clone(), member: member.clone() })
            .collect();
        members.into_iter().for_each(|fact| self.want(fact, false, Some(WITH_GROUP)));
        if !self.cloud() && !self.now.external.contains(group) {
            let held = self.now.permissions.iter().flat_map(|(space, held)| {
                held.get(&gone).into_iter().flatten().map(|permission| Fact::Permission {
                    space: space.clone(),
                    subject: gone.clone(),
                    permission: permission.clone(),
                })
            });
            let listed =
                self.now.lists.iter().filter(|(_, list)| list.contains(&gone)).map(|((content, operation), _)| {
                    Fact::Entry { content: content.clone(), operation: *operation, subject: gone.clone() }
                });
            let entries: Vec<Fact> = held.chain(listed).collect();
            entries.into_iter().for_each(|fact| self.want(fact, false, Some(WITH_GROUP)));
        }
        self.follows = false;
        Ok(())
    }

    /// Moves a page.
    fn shift(&mut self, content: &str, parent: &str) -> Taken {
        let Some(position) = self.now.positions.get(content).cloned() else {
            return Err(impossible(format!("there is no content `{content}`")));
        };
        if position.kind != ContentType::Page {
            return Err(impossible(format!("`{content}` is a {}: only pages are moved by an API", position.kind)));
        }
        match self.now.positions.get(parent).map(|place| &place.kind) {
            None => return Err(impossible(format!("there is no content `{parent}`"))),
            Some(ContentType::Page) => {}
            Some(kind) => return Err(impossible(format!("`{parent}` is a {kind}: pages are moved below pages"))),
        }
        let (mut at, mut seen) = (Some(parent.to_owned()), BTreeSet::new());
        while let Some(id) = at.filter(|id| seen.insert(id.clone())) {
            if id == content {
                return Err(impossible(format!(
                    "`{parent}` is below `{content}`: a page cannot be moved below itself"
                )));
            }
            at = self.now.positions.get(&id).and_then(|place| place.parent.clone());
        }
        let fact = |parent: &str| Fact::Parent { content: content.to_owned(), parent: parent.to_owned() };
        if let Some(old) = position.parent.filter(|old| old != parent) {
            self.want(fact(&old), false, None);
        }
        self.want(fact(parent), true, None);
        Ok(())
    }

    /// What differs in the end.
    fn changes(self) -> Vec<Change> {
        let Self { before, now, said, .. } = self;
        let change = |(fact, Said { line, note, follows }): (Fact, Said)| {
            let there = now.has(&fact);
            let (kind, note) = match (before.has(&fact), there) {
                (false, true) => (Difference::Added, note),
                (true, false) => match &fact {
                    Fact::Entry { content, operation, .. } if now.list(content, *operation).is_empty() => {
                        (Difference::Removed, Some(opens(*operation)))
                    }
                    _ => (Difference::Removed, note),
                },
                _ => {
                    let plain = if there { THERE_ALREADY } else { NOT_THERE };
                    (Difference::Same, Some(note.filter(|note| !note.is_empty()).unwrap_or(plain)))
                }
            };
            Change { line, fact, kind, note, follows: follows && kind == Difference::Removed }
        };
        said.into_iter().map(change).collect()
    }
}

/// Said of an entry that goes with a group.
const WITH_GROUP: &str = "goes with the group";
