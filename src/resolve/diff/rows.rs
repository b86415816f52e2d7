//! What changed, as rows.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::cause::{Caused, cause, causes};
use super::desk::{Around, Asked, Desk};
use super::fact::{CauseKind, Fact};
use super::moved::{ClassKey, Mover, Place};
use super::pair::{Age, Pair};
use super::planned::Lines;
use super::question::Question;
use super::when::{Made, When};
use crate::model::{Content, Decision, Operation, PermissionChange, SubjectKind, Timestamp, record};
use crate::resolve::site::{Principal, Traits};

use Age::{Newer, Older};

/// How many rows a step has at least, but for the last.
const STEP: usize = 8_192;

record! {
    /// One row is one subject whose answer for one content item is not the same in two snapshots, and what changed it.
    ///
    /// Bypasses of administrators count, as in `access.can`. A group has a row instead of its members only with
    /// `by="group"`; `anyone_with_link` has one where a public link is on, or was. From `newer.diff(older)`.
    pub struct AccessChange {
        /// `user`, `anonymous`, `group` or `anyone_with_link`.
        pub subject_kind as "subject_type": SubjectKind,
        /// Id of the account or group; null for `anonymous` and `anyone_with_link`.
        pub subject_id: Option<Arc<str>>,
        /// Its display name, else its name.
        pub subject_name: Option<Arc<str>>,
        /// The content item.
        pub content_id: Arc<str>,
        /// Its title.
        pub content_title: Option<Arc<str>>,
        /// Key of its space, in the newer snapshot if it is there.
        pub space_key: Arc<str>,
        /// `view` or `edit`.
        pub operation: Operation,
        /// The answer in the older snapshot: `allowed`, `denied` or `unknown`. Null if the content item is not in it, or
        /// in the trash.
        pub before: Option<Decision>,
        /// The answer in the newer snapshot. Null if the content item is not in it, or in the trash.
        pub after: Option<Decision>,
        /// What changed the answer, in one sentence: undone alone, it brings the old answer back. If only several
        /// together do, all of them, separated by `; `. Null if no difference between the snapshots explains it.
        pub cause: Option<Arc<str>>,
        /// Kind of the cause, of the first if there are several.
        pub cause_kind: CauseKind,
        /// The subject that was granted, revoked, listed, or joined or left, such as `group:eng`; null if there is none.
        pub cause_subject: Option<Arc<str>>,
        /// The content item the cause is on: itself or an ancestor; null for a cause elsewhere.
        pub cause_content: Option<Arc<str>>,
        /// When it was changed; null unless `changes` are given and contain it.
        pub cause_at: Option<Timestamp>,
        /// Account that changed it; null unless `changes` are given and contain it.
        pub cause_author: Option<Arc<str>>,
    }
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffOptions {
    /// View, edit, or both.
    pub operations: Vec<Operation>,
    /// Whether a group stands for its members where all of them changed alike because of it.
    pub by_group: bool,
    /// Changes that were made between the snapshots, which say when and by whom.
    pub changes: Vec<PermissionChange>,
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self { operations: vec![Operation::View, Operation::Edit], by_group: false, changes: Vec::new() }
    }
}

/// A cause as the rows say it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    cause: Option<Arc<str>>,
    kind: CauseKind,
    subject: Option<Arc<str>>,
    content: Option<Arc<str>>,
}

/// One row for each of these subjects.
struct Line {
    subjects: Vec<Subjects>,
    before: Option<Decision>,
    after: Option<Decision>,
    told: Told,
    facts: Vec<Fact>,
    /// When it was made, where that is the same for all.
    made: Option<Made>,
}

enum Subjects {
    People(RoaringBitmap),
    Group(u32),
    Link,
}

/// Makes the rows, content by content.
pub(super) struct Rows<'a> {
    desk: &'a Desk<'a>,
    pair: &'a Pair<'a>,
    options: &'a DiffOptions,
    mover: Mover<'a>,
    /// Accounts that rules tell apart by themselves.
    accounts: Vec<RoaringBitmap>,
    when: When,
    plan: Lines,
    last: Option<(u32, Rc<Around>)>,
    known: FxHashMap<ClassKey, Rc<Vec<Line>>>,
    groups: FxHashMap<u32, Option<RoaringBitmap>>,
    users: RoaringBitmap,
    names: FxHashMap<u32, Named>,
}

/// Id and name of an account.
type Named = (Option<Arc<str>>, Option<Arc<str>>);

/// Id, title and space key of a content.
type Said = (Arc<str>, Option<Arc<str>>, Arc<str>);

/// What the people of one line share: the answers before and after, their causes, and how those are told.
type Shared = (Option<Decision>, Option<Decision>, Vec<Fact>, Told);

/// What rules tell accounts apart by in one site: what is resolved, and what is stated about each.
type Apart = (Traits, [Option<bool>; 7]);

impl<'a> Rows<'a> {
    pub(super) fn new(desk: &'a Desk<'a>, options: &'a DiffOptions) -> Self {
        let pair = desk.pair;
        let mut users = pair.site_users(Older);
        users |= pair.site_users(Newer);
        Self {
            desk,
            pair,
            mover: Mover::new(desk),
            accounts: accounts(pair),
            when: When::new(&options.changes, pair),
            plan: Lines::new(pair),
            last: None,
            known: FxHashMap::default(),
            groups: FxHashMap::default(),
            users,
            names: FxHashMap::default(),
            options,
        }
    }

    /// The rows of all contents, in the order of the newer site, then of what only the older one has.
    pub(super) fn steps(mut self) -> impl Iterator<Item = Vec<AccessChange>> + 'a {
        let contents = &self.pair.matches.contents;
        let (newer, older) = (self.pair.site(Newer), self.pair.site(Older));
        let listed =
            (0u32..).zip(&newer.snapshot.contents).filter(|(at, row)| newer.find_content(&row.id) == Some(*at));
        let gone = (0u32..).zip(&older.snapshot.contents).filter(|(at, row)| older.find_content(&row.id) == Some(*at));
        let gone = gone.map(|(at, _)| contents.of(Older, at)).filter(|one| contents.at(Newer, *one).is_none());
        // Of two sites, only contents that both have are compared.
        let compared =
            |one: &u32| self.pair.one_site || contents.at(Older, *one).is_some() && contents.at(Newer, *one).is_some();
        let all: Vec<u32> = listed.map(|(at, _)| at).chain(gone).filter(compared).collect();
        let mut all = all.into_iter();
        std::iter::from_fn(move || {
            let mut step = Vec::new();
            while step.len() < STEP
                && let Some(one) = all.next()
            {
                self.content(one, &mut step);
            }
            Some(step).filter(|step| !step.is_empty())
        })
    }

    /// Adds the rows of one content.
    fn content(&mut self, one: u32, rows: &mut Vec<AccessChange>) {
        let contents = &self.pair.matches.contents;
        let place = Place { older: contents.at(Older, one), newer: contents.at(Newer, one) };
        let mut said: Option<Said> = None;
        for operation in self.options.operations.iter().copied() {
            let key = self.mover.key(place, operation);
            let lines = match self.known.get(&key) {
                Some(lines) => Rc::clone(lines),
                None => {
                    let lines = Rc::new(self.lines(one, place, operation));
                    self.known.insert(key, Rc::clone(&lines));
                    lines
                }
            };
            let link = if operation == Operation::View { self.link(one, place) } else { None };
            for line in lines.iter().chain(&link) {
                let Some(content) = self.pair.either_content(one) else { continue };
                let (id, title, space) = said.get_or_insert_with(|| said_of(content)).clone();
                self.rows(line, (id, title, space), operation, rows);
            }
        }
    }

    /// What bears on the answers about a content. View and edit of one follow one another.
    fn around(&mut self, one: u32) -> Rc<Around> {
        match &self.last {
            Some((last, around)) if *last == one => Rc::clone(around),
            _ => {
                let around = Rc::new(self.desk.around(one));
                self.last = Some((one, Rc::clone(&around)));
                around
            }
        }
    }

    fn lines(&mut self, one: u32, place: Place, operation: Operation) -> Vec<Line> {
        let moved = self.mover.moved(place, operation);
        if moved.is_empty() {
            return Vec::new();
        }
        let caused = if place.older.is_some() && place.newer.is_some() {
            let around = self.around(one);
            causes(self.desk, one, operation, &moved, &self.accounts, &around)
        } else {
            // Nothing about it can be compared.
            let caused = moved.iter().map(|moved| Caused {
                people: moved.people.clone(),
                before: moved.before,
                after: moved.after,
                facts: vec![Fact::Content(one)],
            });
            caused.collect()
        };
        // People with the same cause, in one line.
        let mut merged: BTreeMap<Shared, RoaringBitmap> = BTreeMap::new();
        for Caused { people, before, after, facts } in caused {
            // Different lines of a plan may do the same to each of them.
            let each = !self.plan.is_empty() && facts.iter().any(|fact| is_personal(*fact));
            let parts =
                if each { people.iter().map(|one| RoaringBitmap::from_iter([one])).collect() } else { vec![people] };
            for people in parts {
                let first = people.min().unwrap_or_default();
                let asked = if first == self.pair.anonymous() { Asked::Anonymous } else { Asked::Account(first) };
                let told = self.told(&facts, asked);
                *merged.entry((before, after, facts.clone(), told)).or_default() |= people;
            }
        }
        let lines = merged.into_iter().map(|((before, after, facts, told), people)| Line {
            subjects: self.subjects(people, &facts),
            made: self.made(&facts, Asked::Anonymous),
            facts,
            before,
            after,
            told,
        });
        lines.collect()
    }

    /// A change of a public link.
    fn link(&self, one: u32, place: Place) -> Option<Line> {
        let (before, after) = self.mover.link(place)?;
        let facts = if place.older.is_some() && place.newer.is_some() {
            let question = Question { desk: self.desk, asked: Asked::Link, operation: Operation::View, content: one };
            cause(&question, &self.desk.around(one), before)
        } else {
            vec![Fact::Content(one)]
        };
        let told = self.told(&facts, Asked::Link);
        let made = self.made(&facts, Asked::Link);
        Some(Line { subjects: vec![Subjects::Link], before, after, told, facts, made })
    }

    /// The subjects of the rows of these people.
    fn subjects(&mut self, people: RoaringBitmap, facts: &[Fact]) -> Vec<Subjects> {
        if let [fact] = facts
            && self.options.by_group
            && let Some(group) = group_behind(*fact)
            && let Some(members) = self.members(group)
            && !members.is_empty()
            && members.is_subset(&people)
        {
            let others = people - members;
            let others = (!others.is_empty()).then_some(Subjects::People(others));
            return [Subjects::Group(group)].into_iter().chain(others).collect();
        }
        vec![Subjects::People(people)]
    }

    /// Members of a group that may use the site, before or after; `None` where they are not all known.
    fn members(&mut self, group: u32) -> Option<&RoaringBitmap> {
        let (pair, users) = (self.pair, &self.users);
        let found = self.groups.entry(group).or_insert_with(|| {
            let mut all = RoaringBitmap::new();
            for age in [Older, Newer] {
                let Some(at) = pair.matches.groups.at(age, group) else { continue };
                let (members, complete) = pair.all_members(age, at)?;
                if !complete {
                    return None;
                }
                all |= members;
            }
            Some(all & users)
        });
        found.as_ref()
    }

    /// When the last of these differences was made.
    fn made(&self, facts: &[Fact], asked: Asked) -> Option<Made> {
        let made = facts.iter().filter_map(|fact| self.when.of(self.desk, *fact, asked));
        made.max_by_key(|made| made.at).cloned()
    }

    fn told(&self, facts: &[Fact], asked: Asked) -> Told {
        let mut sentences: Vec<String> = Vec::new();
        let mut kind = None;
        for fact in facts {
            let planned = self.plan.of(self.desk, *fact, asked);
            kind.get_or_insert_with(|| match planned.is_empty() {
                true => fact.kind(|age| self.desk.has(age, *fact)),
                false => CauseKind::Plan,
            });
            let new = match planned.is_empty() {
                true => vec![self.desk.sentence(*fact, asked)],
                false => planned.into_iter().map(str::to_owned).collect(),
            };
            for sentence in new {
                if !sentences.contains(&sentence) {
                    sentences.push(sentence);
                }
            }
        }
        let subject = facts.iter().find_map(|fact| subject_behind(*fact));
        let subject = subject.and_then(|principal| self.pair.known_principal(principal));
        let subject = subject.map(|(age, known)| self.pair.site(age).subject_of(known).to_string().into());
        let on = facts.iter().find_map(|fact| content_behind(*fact));
        let content = on.and_then(|on| self.pair.either_content(on)).map(|content| content.id.as_str().into());
        Told {
            cause: (!sentences.is_empty()).then(|| sentences.join("; ").into()),
            kind: kind.unwrap_or(CauseKind::Unknown),
            subject,
            content,
        }
    }

    fn rows(
        &mut self,
        line: &Line,
        (content_id, content_title, space_key): (Arc<str>, Option<Arc<str>>, Arc<str>),
        operation: Operation,
        rows: &mut Vec<AccessChange>,
    ) {
        let row =
            |kind: SubjectKind, (id, name): (Option<Arc<str>>, Option<Arc<str>>), made: Option<Made>| AccessChange {
                subject_kind: kind,
                subject_id: id,
                subject_name: name,
                content_id: Arc::clone(&content_id),
                content_title: content_title.clone(),
                space_key: Arc::clone(&space_key),
                operation,
                before: line.before,
                after: line.after,
                cause: line.told.cause.clone(),
                cause_kind: line.told.kind,
                cause_subject: line.told.subject.clone(),
                cause_content: line.told.content.clone(),
                cause_at: made.as_ref().map(|made| made.at),
                cause_author: made.and_then(|made| made.author),
            };
        let personal = !self.when.is_empty() && line.facts.iter().any(|fact| is_personal(*fact));
        for subjects in &line.subjects {
            match subjects {
                Subjects::Link => {
                    let kind = SubjectKind::Other("anyone_with_link".to_owned());
                    rows.push(row(kind, (None, None), line.made.clone()));
                }
                Subjects::Group(group) => {
                    let known = self.pair.known_principal(Principal::Group(*group));
                    let facts = known.and_then(|(age, known)| {
                        let Principal::Group(at) = known else { return None };
                        self.pair.site(age).groups.get(at as usize)
                    });
                    let id = facts.map(|group| Arc::from(group.id.as_str()));
                    let name = facts.and_then(|group| group.name.as_deref()).map(Arc::from);
                    rows.push(row(SubjectKind::Group, (id, name), line.made.clone()));
                }
                Subjects::People(people) => {
                    for one in people {
                        if one == self.pair.anonymous() {
                            rows.push(row(SubjectKind::Anonymous, (None, None), line.made.clone()));
                            continue;
                        }
                        let pair = self.pair;
                        let known = self.names.entry(one).or_insert_with(|| named(pair, one)).clone();
                        let made =
                            if personal { self.made(&line.facts, Asked::Account(one)) } else { line.made.clone() };
                        rows.push(row(SubjectKind::User, known, made));
                    }
                }
            }
        }
    }
}

fn said_of(content: &Content) -> Said {
    (content.id.as_str().into(), content.title.as_deref().map(Arc::from), content.space_key.as_str().into())
}

fn named(pair: &Pair<'_>, one: u32) -> Named {
    let Some((age, at)) = pair.where_is(&pair.matches.people, one) else { return (None, None) };
    let names = pair.site(age).names.get(at as usize);
    (
        names.map(|names| Arc::clone(&names.id)),
        names.and_then(|names| names.display_name.clone().or_else(|| names.name.clone())),
    )
}

/// Sets of accounts that rules tell apart by what is known about them in either site; anonymous is one.
fn accounts(pair: &Pair<'_>) -> Vec<RoaringBitmap> {
    let mut sets: FxHashMap<[Option<Apart>; 2], RoaringBitmap> = FxHashMap::default();
    for one in pair.everyone() {
        if one == pair.anonymous() {
            continue;
        }
        let key = [Older, Newer].map(|age| {
            let at = pair.matches.people.at(age, one)?;
            let site = pair.site(age);
            let stated = site.user(at).map_or([None; 7], |user| {
                [
                    user.active,
                    user.licensed,
                    user.guest,
                    user.product_admin,
                    user.org_admin,
                    user.system_admin,
                    user.admin_key,
                ]
            });
            Some((*site.people.get(at as usize)?, stated))
        });
        sets.entry(key).or_default().insert(one);
    }
    let mut sets: Vec<RoaringBitmap> = sets.into_values().collect();
    sets.push(RoaringBitmap::from_iter([pair.anonymous()]));
    sets.sort_by_key(|set| (set.len(), set.min()));
    sets
}

/// Whether a difference is one about each account.
fn is_personal(fact: Fact) -> bool {
    matches!(fact, Fact::Listed | Fact::Trait(_) | Fact::Member(_))
}

/// The group whose members a difference is about.
fn group_behind(fact: Fact) -> Option<u32> {
    match fact {
        Fact::Entry(_, _, Principal::Group(group))
        | Fact::Grant(_, _, Principal::Group(group))
        | Fact::Role(_, _, Principal::Group(group))
        | Fact::Group(group) => Some(group),
        _ => None,
    }
}

fn subject_behind(fact: Fact) -> Option<Principal> {
    match fact {
        Fact::Entry(_, _, principal) | Fact::Grant(_, _, principal) | Fact::Role(_, _, principal) => Some(principal),
        Fact::Group(group) | Fact::Member(group) | Fact::Inner(group, _) | Fact::MembersRead(group) => {
            Some(Principal::Group(group))
        }
        _ => None,
    }
}

fn content_behind(fact: Fact) -> Option<u32> {
    match fact {
        Fact::Status(one)
        | Fact::Moved(one)
        | Fact::Content(one)
        | Fact::List(one, _)
        | Fact::Entry(one, ..)
        | Fact::Sharing(one)
        | Fact::PublicLink(one)
        | Fact::RestrictionsRead(one) => Some(one),
        _ => None,
    }
}
