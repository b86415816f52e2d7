//! What a plan stands on: what its texts name, and the facts it depends on as they are now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::apis::cloud_v2::lift::{Assignment, Role};
use crate::fetch::backend::Backend;
use crate::fetch::change::principals::NamedSubject;
use crate::fetch::change::restrictions::Lists;
use crate::fetch::change::roles;
use crate::fetch::change::spaces::Held;
use crate::fetch::lookup::has_key;
use crate::fetch::pages::Walked;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::plan::{ChangePlan, Fact, Facts, Mention, Names, Position, Reach, Remaining, Step};
use crate::model::{
    Deployment, Gap, GapScope, Group, GroupSource, RestrictionOperation, RoleMode, Space, Subject, SubjectKind,
};

/// What a plan stands on.
pub(super) struct Ground {
    pub(super) names: Names,
    pub(super) facts: Facts,
    /// Names of subjects.
    known: HashMap<Subject, String>,
    pub(super) spaces: BTreeMap<String, Space>,
    /// How a Cloud site gives access.
    pub(super) mode: Option<RoleMode>,
    /// The roles of a Cloud site, by id.
    pub(super) roles: HashMap<String, Role>,
    pub(super) held: BTreeMap<String, Vec<Held>>,
    pub(super) assignments: BTreeMap<String, Vec<Assignment>>,
    /// Both lists of each content.
    pub(super) lists: BTreeMap<String, Lists>,
    /// Why the lists of a content could not be read.
    pub(super) unread: BTreeMap<String, String>,
    pub(super) gaps: Vec<Gap>,
    /// Lines that speak about a restriction list: the content, the line, and which list.
    listed: Vec<(String, usize, RestrictionOperation)>,
}

/// An error of a line of a plan.
pub(super) fn at_line(mut error: Error, line: usize, step: &str) -> Error {
    let parts = error.parts_mut();
    parts.message = format!("line {line}, `{step}`: {}", parts.message);
    parts.line = Some(line);
    error
}

/// What a text of the plan names.
enum Found {
    Subject(NamedSubject),
    Group(Group),
    Text(String),
}

impl Ground {
    /// A subject with its name.
    pub(super) fn named(&self, subject: &Subject) -> NamedSubject {
        NamedSubject { name: self.known.get(subject).cloned(), subject: subject.clone() }
    }

    /// Lines that speak about the lists of a content, and which list.
    pub(super) fn names_list(&self, content: &str) -> impl Iterator<Item = (usize, RestrictionOperation)> {
        self.listed.iter().filter(move |(id, ..)| id == content).map(|(_, line, operation)| (*line, *operation))
    }

    fn remember(&mut self, subject: &Subject, name: Option<String>) {
        if let Some(name) = name {
            self.known.entry(subject.clone()).or_insert(name);
        }
    }
}

impl Backend<'_> {
    /// What the unfinished lines of a plan stand on.
    ///
    /// # Errors
    /// Where a text names nothing or several things, a group is kept in a directory, or what is there cannot be read.
    pub(super) async fn ground(&self, plan: &ChangePlan, remains: &Remaining) -> Result<Ground> {
        let mode = match self {
            Self::Cloud(site) => Some(site.mode().await.unwrap_or(RoleMode::PreRoles)),
            Self::DataCenter(_) => None,
        };
        let mut ground = Ground {
            names: Names::default(),
            facts: Facts::new(self.deployment(), mode.clone()),
            known: HashMap::new(),
            spaces: BTreeMap::new(),
            mode,
            roles: HashMap::new(),
            held: BTreeMap::new(),
            assignments: BTreeMap::new(),
            lists: BTreeMap::new(),
            unread: BTreeMap::new(),
            gaps: Vec::new(),
            listed: Vec::new(),
        };
        self.name_spaces(plan, remains, &mut ground).await?;
        self.name_others(plan, remains, &mut ground).await?;
        let names = &ground.names;
        ground.listed = plan
            .unfinished(&remains.finished)
            .filter_map(|(line, step)| match step {
                Step::Restrict { contents, operation, .. }
                | Step::Unrestrict { contents, operation, .. }
                | Step::SetRestrictions { contents, operation, .. } => Some((line, contents, *operation)),
                _ => None,
            })
            .flat_map(|(line, contents, operation)| contents.iter().map(move |text| (text, line, operation)))
            .map(|(text, line, operation)| (names.content(text), line, operation))
            .collect();
        let reach = plan.reach(&ground.names, remains);
        for key in reach.spaces.iter().filter(|key| !ground.names.spaces.values().any(|known| known == *key)) {
            ground.spaces.insert(key.clone(), self.space(key).await?);
        }
        let everywhere = !reach.everywhere.is_empty();
        if everywhere {
            let all = self.spaces(None).await?;
            ground.gaps.extend(all.gaps);
            ground.spaces.extend(all.rows.into_iter().map(|space| (space.key.clone(), space)));
        }
        self.read_spaces(&reach, &mut ground).await?;
        self.read_lists(&reach, &mut ground).await?;
        self.read_members(plan, remains, &mut ground).await?;
        self.read_positions(&reach, &mut ground).await?;
        Ok(ground)
    }

    async fn name_spaces(&self, plan: &ChangePlan, remains: &Remaining, ground: &mut Ground) -> Result<()> {
        for (line, step) in plan.unfinished(&remains.finished) {
            for mention in step.mentions() {
                let Mention::Space(text) = mention else { continue };
                let known = |space: &&Space| has_key(space, text) || space.id == text;
                let space = match ground.spaces.values().find(known) {
                    Some(space) => space.clone(),
                    None => self.space(text).await.map_err(|error| at_line(error, line, &step.to_string()))?,
                };
                ground.names.spaces.insert(text.to_owned(), space.key.clone());
                ground.spaces.insert(space.key.clone(), space);
            }
        }
        Ok(())
    }

    /// Looks up everything but spaces, each text once.
    async fn name_others(&self, plan: &ChangePlan, remains: &Remaining, ground: &mut Ground) -> Result<()> {
        let mut asked: Vec<(Mention<'_>, usize, &Step)> = Vec::new();
        for (line, step) in plan.unfinished(&remains.finished) {
            for mention in step.mentions() {
                let known = matches!(mention, Mention::Space(_)) || asked.iter().any(|(other, ..)| *other == mention);
                if !known {
                    asked.push((mention, line, step));
                }
            }
        }
        if asked.iter().any(|(mention, ..)| matches!(mention, Mention::Role(_)))
            || plan
                .unfinished(&remains.finished)
                .any(|(_, step)| matches!(step, Step::Replace { .. } | Step::RemoveRole { .. }))
            || remains.facts.iter().any(|(_, fact, _)| matches!(fact, Fact::Role { .. }))
        {
            ground.roles = self.roles_or_none(ground.mode.as_ref()).await?;
        }
        let roles = &ground.roles;
        let work = asked.iter().map(|(mention, line, step)| async move {
            let found = self.look_up(*mention, roles).await;
            found.map_err(|error| at_line(error, *line, &step.to_string()))
        });
        let found = self.session().in_order(work.collect::<Vec<_>>()).await;
        for ((mention, line, step), found) in asked.into_iter().zip(found) {
            match (mention, found?) {
                (Mention::Subject(text) | Mention::Former(text), Found::Subject(who)) => {
                    ground.remember(&who.subject, who.name);
                    ground.names.subjects.insert(text.to_owned(), who.subject);
                }
                (Mention::Group(text), Found::Group(group)) => {
                    if group.provenance == GroupSource::Directory {
                        let message = format!(
                            "group `{}` is kept in a directory, which alone can change it; nothing was written",
                            group.name.as_deref().unwrap_or(&group.id)
                        );
                        return Err(at_line(Error::new(ErrorKind::Plan, message), line, &step.to_string()));
                    }
                    ground.remember(&Subject::group(&group.id), group.name.clone());
                    ground.names.groups.insert(text.to_owned(), group.id);
                }
                (Mention::Content(text), Found::Text(id)) => drop(ground.names.contents.insert(text.to_owned(), id)),
                (Mention::Role(text), Found::Text(role)) => drop(ground.names.roles.insert(text.to_owned(), role)),
                _ => {}
            }
        }
        Ok(())
    }

    async fn look_up(&self, mention: Mention<'_>, roles: &HashMap<String, Role>) -> Result<Found> {
        Ok(match mention {
            Mention::Subject(text) => Found::Subject(self.principal(text, true).await?),
            Mention::Former(text) => Found::Subject(self.principal(text, false).await?),
            Mention::Group(text) => Found::Group(self.group_named(text).await?),
            Mention::Content(text) => Found::Text(self.content_id(text).await?),
            Mention::Role(text) => Found::Text(roles::named(roles, text)?.name.clone()),
            Mention::Space(text) => Found::Text(text.to_owned()),
        })
    }

    /// The roles of a Cloud site; none where it has none.
    async fn roles_or_none(&self, mode: Option<&RoleMode>) -> Result<HashMap<String, Role>> {
        let Self::Cloud(site) = self else { return Ok(HashMap::new()) };
        match site.roles(mode).await {
            (Some(roles), _) => Ok(roles),
            (None, gaps) if gaps.is_empty() => Ok(HashMap::new()),
            (None, gaps) => Err(Error::incomplete("the roles of the site", gaps)),
        }
    }

    /// Permissions and roles in the spaces that count. What is missing of a space that is only searched is a gap.
    async fn read_spaces(&self, reach: &Reach, ground: &mut Ground) -> Result<()> {
        let spaces: Vec<Space> = ground.spaces.values().cloned().collect();
        let work = spaces.iter().map(|space| async move {
            let roles = async {
                match self {
                    Self::Cloud(site) => site.assignments(space).await,
                    Self::DataCenter(_) => Ok(Vec::new()),
                }
            };
            futures::join!(self.held(space), roles)
        });
        let with_roles = !matches!(ground.mode, None | Some(RoleMode::PreRoles)) && !ground.roles.is_empty();
        let found = if with_roles {
            self.session().in_order(work.collect::<Vec<_>>()).await
        } else {
            let work = spaces.iter().map(|space| async move { (self.held(space).await, Ok(Vec::new())) });
            self.session().in_order(work.collect::<Vec<_>>()).await
        };
        for (space, (held, assignments)) in spaces.iter().zip(found) {
            let (held, assignments) = match (held, assignments) {
                (Ok(held), Ok(assignments)) => (held, assignments),
                (Err(error), _) | (_, Err(error)) if reach.spaces.contains(&space.key) => return Err(error),
                (Err(error), _) | (_, Err(error)) => {
                    let about = (GapScope::SpacePermissions, space.key.as_str());
                    ground.gaps.push(Gap::new(about, error.kind().gap_cause(), error.to_string()));
                    continue;
                }
            };
            let permissions = ground.facts.permissions.entry(space.key.clone()).or_default();
            for row in &held {
                permissions.entry(row.subject.clone()).or_default().insert(row.permission.clone());
            }
            let roles = ground.facts.roles.entry(space.key.clone()).or_default();
            for row in &assignments {
                let name = ground.roles.get(&row.role_id).map_or(&row.role_id, |role| &role.name);
                roles.entry(row.subject.clone()).or_default().insert(name.clone());
            }
            ground.held.insert(space.key.clone(), held);
            ground.assignments.insert(space.key.clone(), assignments);
        }
        Ok(())
    }

    /// The restriction lists that count, each as it is now.
    async fn read_lists(&self, reach: &Reach, ground: &mut Ground) -> Result<()> {
        let mut ids = reach.contents.clone();
        if !reach.everywhere.is_empty() {
            let mut found = self.every_restriction(None).await?;
            found.rows.append(&mut found.partial);
            let counts = found.rows.iter().filter(|row| reach.everywhere.contains(&row.subject));
            ids.extend(counts.map(|row| row.content_id.clone()));
            ground.gaps.append(&mut found.gaps);
        }
        let ids: Vec<String> = ids.into_iter().collect();
        let lists = self.session().in_order(ids.iter().map(|id| self.restriction(id)).collect::<Vec<_>>()).await;
        for (id, found) in ids.into_iter().zip(lists) {
            match found {
                Ok(found) if found.covered.contains(&id) => {
                    for row in &found.rows {
                        ground.remember(&row.subject, row.subject_name.clone());
                        let list = ground.facts.lists.entry((id.clone(), row.operation)).or_default();
                        list.insert(row.subject.clone());
                    }
                    ground.lists.insert(id, found.rows);
                }
                Ok(found) => {
                    let why = found.gaps.first().map_or_else(|| "not to the end".to_owned(), |gap| gap.message.clone());
                    ground.unread.insert(id, why);
                }
                Err(error) => drop(ground.unread.insert(id, error.to_string())),
            }
        }
        Ok(())
    }

    /// The groups of the accounts that join or leave some.
    async fn read_members(&self, plan: &ChangePlan, remains: &Remaining, ground: &mut Ground) -> Result<()> {
        let members = remains.facts.iter().filter_map(|(_, fact, _)| match fact {
            Fact::Member { member, .. } => Some(member.clone()),
            _ => None,
        });
        let mut accounts: BTreeSet<Subject> = members.collect();
        for (_, step) in plan.unfinished(&remains.finished) {
            match step {
                Step::AddMember { user, .. } | Step::RemoveMember { user, .. } => {
                    accounts.insert(ground.names.subject(user));
                }
                Step::Replace { subject, by } => {
                    let both = [ground.names.subject(subject), ground.names.subject(by)];
                    if both.iter().all(|subject| subject.kind == SubjectKind::User) {
                        accounts.extend(both);
                    }
                }
                _ => {}
            }
        }
        let accounts: Vec<Subject> = accounts.into_iter().collect();
        let work = accounts.iter().map(|account| self.groups_with(&account.id)).collect::<Vec<_>>();
        for (account, found) in accounts.iter().zip(self.session().in_order(work).await) {
            let Walked { rows, gaps, .. } = match found {
                Ok(walked) => walked,
                // Someone who does not exist any more is in no group.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if !gaps.is_empty() {
                return Err(Error::incomplete(&format!("the groups of `{account}`"), gaps));
            }
            for group in rows {
                ground.remember(&Subject::group(&group.id), group.name.clone());
                ground.facts.members.entry(group.id).or_default().insert(account.clone());
            }
        }
        Ok(())
    }

    /// Where the contents are that are moved, and those they are moved below.
    async fn read_positions(&self, reach: &Reach, ground: &mut Ground) -> Result<()> {
        let ids: Vec<&String> = reach.positions.iter().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let spaces: Vec<Space> =
            if self.deployment() == Deployment::Cloud { self.spaces(None).await?.rows } else { Vec::new() };
        let spaces = spaces.as_slice();
        let work = ids.iter().map(|id| self.with_parents(id, spaces)).collect::<Vec<_>>();
        for found in self.session().in_order(work).await {
            for content in found?.rows {
                let position = Position { kind: content.kind, parent: content.parent_id };
                ground.facts.positions.insert(content.id, position);
            }
        }
        Ok(())
    }
}
