//! The face of the resolver.

use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::answers::{ContentAccess, Grantee, PairBatch, SummaryRow};
use super::audience::{Audiences, Crowd, NO_SET, Tri};
use super::codes::Reasons;
use super::explanation::Explanation;
use super::findings::Finding;
use super::gates::{Actor, Kinds, Need, Position, Rule, Ruling, Step, Who};
use super::policy::Policy;
use super::site::{Class, IndexedSite, Kind, NONE, Names, Principal, State, Traits};
use super::tree::Tree;
use crate::model::{
    Decision, Gap, GapCause, GapScope, Listing, Missing, Operation, Snapshot, Subject, SubjectKind, Verdict,
};

/// A site, indexed, with inheritance resolved. Immutable; sets of people are made when they are first asked for.
#[derive(Debug)]
pub struct Access {
    pub(super) site: IndexedSite,
    crowd: OnceLock<Crowd>,
    audiences: OnceLock<Audiences>,
}

/// A content that was not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("content `{0}` is not in the snapshot: it was not listed, which does not mean that nobody can see it")]
pub struct UnknownContent(pub String);

impl Access {
    /// Indexes a snapshot. Without a policy, that of the snapshot's site is used.
    pub fn new(snapshot: Arc<Snapshot>, policy: Option<Policy>) -> Self {
        let policy = policy.unwrap_or_else(|| Policy::for_site(&snapshot.site));
        Self { site: IndexedSite::build(snapshot, policy), crowd: OnceLock::new(), audiences: OnceLock::new() }
    }

    /// The facts.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.site.snapshot
    }

    /// The switches in force.
    pub fn policy(&self) -> &Policy {
        &self.site.policy
    }

    pub(super) fn crowd(&self) -> &Crowd {
        self.crowd.get_or_init(|| self.site.crowd())
    }

    pub(super) fn audiences(&self) -> &Audiences {
        self.audiences.get_or_init(|| self.site.audiences(self.crowd()))
    }

    /// Whether a subject may do something with a content.
    pub fn can(&self, subject: &Subject, operation: Operation, content_id: &str) -> Verdict {
        self.ruling(subject, operation, content_id).map_or(Verdict::NotInInventory, |ruling| ruling.verdict)
    }

    pub(super) fn ruling(&self, subject: &Subject, operation: Operation, content_id: &str) -> Option<Ruling> {
        let content = self.site.find_content(content_id)?;
        Some(self.site.rule(self.site.actor(subject).as_ref(), operation, content))
    }

    /// Everybody who may, and everybody of whom it is not known. Nobody who is denied has a row. Access by a bypass or
    /// an exposure has `standing` false; anonymous has a row of its own with the id `anonymous`.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn who_can(&self, operation: Operation, content_id: &str) -> Result<Listing<Grantee>, UnknownContent> {
        let site = &self.site;
        let content = site.find_content(content_id).ok_or_else(|| UnknownContent(content_id.to_owned()))?;
        let mut gaps = self.gaps_touching(content, None);
        let Some(set) = self.standing_set(operation, content) else {
            gaps.push(in_the_trash(content_id));
            return Ok(Listing { rows: Vec::new(), gaps });
        };
        let bit = site.anonymous_bit();
        let bypass = self.bypass_rulings(operation, content, &set);
        let mut unknown = set.unknown();
        for (at, ruling) in &bypass {
            if ruling.verdict == Verdict::Unknown {
                unknown.insert(*at);
            } else {
                unknown.remove(*at);
            }
        }
        let ways = self.ways(operation, content, &set.yes);
        let most = set.yes.len() + unknown.len() + 2 + bypass.len() as u64;
        let mut rows = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
        for at in set.yes.iter().filter(|at| *at != bit) {
            rows.push(self.grantee(at, Decision::Allowed, ways.of(at), true));
        }
        unknown.remove(bit);
        let mut doubts: FxHashMap<Reasons, Arc<str>> = FxHashMap::default();
        self.rule_alike(&unknown, operation, content, |at, ruling| {
            let via = doubts.entry(ruling.reasons).or_insert_with(|| doubt_in(ruling.reasons)).clone();
            rows.push(self.grantee(at, Decision::Unknown, via, true));
        });
        match set.decision(bit) {
            Decision::Denied => {}
            Decision::Allowed => rows.push(nobody_named("anonymous", Decision::Allowed, "anonymous".into(), true)),
            Decision::Unknown => {
                let reasons = site.rule(Some(&site.anonymous()), operation, content).reasons;
                rows.push(nobody_named("anonymous", Decision::Unknown, doubt_in(reasons), true));
            }
        }
        for (at, ruling) in &bypass {
            if let Some(name) = ruling.bypass {
                rows.push(self.grantee(*at, Decision::Allowed, name.replace('_', " ").into(), false));
            }
        }
        let link_holder = Actor { who: Who::LinkHolder, traits: Traits::STRANGER };
        if site.rule(Some(&link_holder), operation, content).exposure.is_some() {
            rows.push(nobody_named("anyone_with_link", Decision::Allowed, "public link".into(), false));
        }
        Ok(Listing { rows, gaps })
    }

    /// Everybody with standing access; `None` where the content is in the trash.
    pub(super) fn standing_set(&self, operation: Operation, content: u32) -> Option<Tri> {
        let site = &self.site;
        if matches!(operation, Operation::View | Operation::Edit) {
            return site.audience(self.crowd(), operation, content);
        }
        if site.rule(Some(&site.anonymous()), operation, content).verdict == Verdict::NotCurrent {
            return None;
        }
        let standing = |actor: &Actor| site.rule(Some(actor), operation, content).standing.unwrap_or(Decision::Unknown);
        Some(site.poll(standing))
    }

    /// Accounts outside the standing audience whom a bypass lets in, or may.
    fn bypass_rulings(&self, operation: Operation, content: u32, set: &Tri) -> Vec<(u32, Ruling)> {
        let site = &self.site;
        let candidates: RoaringBitmap = if site.switches.cloud {
            (0u32..).zip(&site.people).filter(|(_, traits)| traits.admin_key).map(|(at, _)| at).collect()
        } else {
            let group = site.super_group.and_then(|at| site.groups.get(at as usize));
            group.map(|group| group.members.clone()).unwrap_or_default()
        };
        let outside = candidates - &set.yes;
        let mut passed = Vec::new();
        self.rule_alike(&outside, operation, content, |at, ruling| {
            if ruling.bypass.is_some() || ruling.verdict == Verdict::Unknown {
                passed.push((at, *ruling));
            }
        });
        passed
    }

    /// Rules on many people. Those who are in the same groups and have the same traits get the same ruling: it is made
    /// once for all of them.
    fn rule_alike(
        &self,
        people: &RoaringBitmap,
        operation: Operation,
        content: u32,
        mut each: impl FnMut(u32, &Ruling),
    ) {
        if people.is_empty() {
            return;
        }
        let site = &self.site;
        let state = site.node(site.bearer(content)).map(|node| node.state);
        // Where it matters who created a content, people differ by more than groups and traits.
        let plain = matches!(operation, Operation::View | Operation::Edit) && state != Some(State::Draft);
        let mut groups: Vec<u32> = site.super_group.into_iter().collect();
        let mut named = RoaringBitmap::new();
        let mut look = |principal: &Principal| match principal {
            Principal::User(at) => {
                named.insert(*at);
            }
            Principal::Group(at) => groups.push(*at),
            _ => {}
        };
        site.walk(content, |step| {
            if let Step::Layer { node, .. } = step {
                site.view_list(node).iter().chain(site.edit_list(node)).for_each(&mut look);
            }
        });
        let grants = site.space_of(content).into_iter().flat_map(|space| space.all_grants());
        grants.for_each(|grant| look(&grant.principal));
        groups.sort_unstable();
        groups.dedup();
        // Everybody begins in one class; each group parts its members from the others.
        let mut class_of = vec![0u32; site.people.len()];
        let mut parted: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut classes = 1u32;
        let sets = groups.iter().filter_map(|at| site.groups.get(*at as usize));
        for (set, number) in sets.flat_map(|group| [&group.members, &group.perhaps]).zip(0u32..) {
            let inside = set & people;
            if inside.is_empty() || inside.len() == people.len() {
                continue;
            }
            for person in inside {
                let Some(class) = class_of.get_mut(person as usize) else { continue };
                *class = *parted.entry((*class, number)).or_insert_with(|| {
                    classes += 1;
                    classes
                });
            }
        }
        let mut known: FxHashMap<(u32, Traits), Ruling> = FxHashMap::default();
        for at in people {
            let actor = site.person(at);
            let rule = || site.rule(Some(&actor), operation, content);
            match class_of.get(at as usize) {
                Some(&class) if plain && !named.contains(at) => {
                    each(at, known.entry((class, actor.traits)).or_insert_with(rule));
                }
                _ => each(at, &rule()),
            }
        }
    }

    fn grantee(&self, at: u32, decision: Decision, via: Arc<str>, standing: bool) -> Grantee {
        match self.site.names.get(at as usize) {
            Some(Names { id, name, display_name }) => Grantee {
                user_id: id.clone(),
                name: name.clone(),
                display_name: display_name.clone(),
                decision,
                via,
                standing,
            },
            None => nobody_named("", decision, via, standing),
        }
    }

    /// How each of `people` got in: through the restricted list nearest to the content, else through the space.
    fn ways(&self, operation: Operation, content: u32, people: &RoaringBitmap) -> Ways {
        let site = &self.site;
        let mut ways = Ways { labels: Vec::new(), by_person: vec![NONE; site.people.len()] };
        let mut left = people.clone();
        let mut take = |principals: Vec<(Principal, u32)>, left: &mut RoaringBitmap| {
            // A direct entry is the plainest reason there is.
            let (direct, other): (Vec<_>, Vec<_>) =
                principals.into_iter().partition(|(principal, _)| matches!(principal, Principal::User(_)));
            for (principal, role) in direct.into_iter().chain(other) {
                let mut through = site.set_of(self.crowd(), [principal]).yes;
                through &= &*left;
                if !through.is_empty() {
                    ways.add(site.label(principal, role), &through);
                    *left -= &through;
                }
            }
        };
        let bare = |list: &[Principal]| list.iter().map(|principal| (*principal, NONE)).collect::<Vec<_>>();
        let mut lists = Vec::new();
        if operation == Operation::Edit {
            lists.push(bare(site.edit_list(content)));
        }
        site.walk(content, |step| {
            if let Step::Layer { node, .. } = step {
                lists.push(bare(site.view_list(node)));
            }
        });
        let space = site.space_of(content);
        let need = site.node(content).and_then(|node| site.need(node.kind, operation)).unwrap_or(Need::View);
        let others = match operation {
            Operation::Delete => Some(Need::DeleteOwn),
            Operation::RemoveRestrictions => Some(Need::Administer),
            _ => None,
        };
        for need in [Some(need), others].into_iter().flatten() {
            lists.push(space.map(|space| site.grants(space, need)).unwrap_or_default());
        }
        for list in lists {
            if left.is_empty() {
                break;
            }
            take(list, &mut left);
        }
        let granted = space.is_some_and(|space| space.any);
        let rest = if granted { "system administrator" } else { "every licensed user (free plan)" };
        ways.add(rest.to_owned(), &left);
        ways
    }

    /// One row per content.
    pub fn summary(&self) -> Listing<SummaryRow> {
        let site = &self.site;
        let audiences = self.audiences();
        let bit = site.anonymous_bit();
        let mut restricting = Vec::new();
        let rows = (0u32..).zip(&site.snapshot.contents).map(|(at, content)| {
            let count = |ids: &[u32]| ids.get(at as usize).and_then(|id| audiences.count(*id));
            let (viewers, editors) = (count(&audiences.view), count(&audiences.edit));
            let view = audiences.view.get(at as usize).and_then(|id| audiences.set(*id));
            restricting.clear();
            let mut inherited = false;
            site.walk(at, |step| {
                if let Step::Layer { node, position, .. } = step
                    && !site.view_list(node).is_empty()
                {
                    restricting.push(node);
                    inherited |= position != Position::Own;
                }
            });
            let id = |node: &u32| site.content(*node).map(|content| content.id.clone());
            SummaryRow {
                content_id: content.id.clone(),
                title: content.title.clone(),
                space_key: content.space_key.clone(),
                kind: content.kind.as_str().to_owned(),
                status: content.status.as_str().to_owned(),
                viewers: viewers.map(|(certain, _)| certain),
                editors: editors.map(|(certain, _)| certain),
                unknown_viewers: viewers.map(|(_, unknown)| unknown),
                unknown_editors: editors.map(|(_, unknown)| unknown),
                anonymous: view.map(|set| set.decision(bit)),
                restricted_by: restricting.iter().rev().filter_map(id).collect(),
                own_restriction: !site.view_list(at).is_empty() || !site.edit_list(at).is_empty(),
                inherited_restriction: inherited,
                public_link: site.public_link(at) == Decision::Allowed,
            }
        });
        Listing { rows: rows.collect(), gaps: site.snapshot.gaps.clone() }
    }

    /// Every content a subject may view or edit, and those of which it is not known.
    pub fn contents_for(&self, subject: &Subject, operation: Operation) -> Listing<ContentAccess> {
        let site = &self.site;
        let actor = site.actor(subject);
        let bulk = matches!(operation, Operation::View | Operation::Edit);
        let bit = actor.as_ref().and_then(|actor| match actor.who {
            Who::Person(at) if bulk && site.bypass(actor, operation).is_none() => Some(at),
            Who::Anonymous if bulk => Some(site.anonymous_bit()),
            _ => None,
        });
        // Contents share sets: one look per set is enough.
        let by_set: Vec<Decision> = bit.map_or_else(Vec::new, |bit| {
            let audiences = self.audiences();
            (0..audiences.set_count())
                .map(|id| {
                    audiences.set(u32::try_from(id).unwrap_or(NO_SET)).map_or(Decision::Denied, |s| s.decision(bit))
                })
                .collect()
        });
        let rows = (0u32..).zip(&site.snapshot.contents).filter_map(|(at, content)| {
            let (decision, via) = if bit.is_some() {
                let id = *self.audiences().ids(operation).get(at as usize)?;
                (*by_set.get(id as usize)?, None)
            } else {
                let ruling = site.rule(actor.as_ref(), operation, at);
                if ruling.verdict == Verdict::NotCurrent {
                    return None;
                }
                (ruling.verdict.decision(), ruling.bypass.or(ruling.exposure))
            };
            (decision != Decision::Denied).then(|| ContentAccess {
                content_id: content.id.clone(),
                title: content.title.clone(),
                space_key: content.space_key.clone(),
                kind: content.kind.as_str().to_owned(),
                operation,
                decision,
                via: via.map(str::to_owned),
                standing: via.is_none(),
            })
        });
        Listing { rows: rows.collect(), gaps: site.snapshot.gaps.clone() }
    }

    /// What a report should point out.
    pub fn findings(&self) -> Listing<Finding> {
        Listing { rows: super::findings::findings(self), gaps: self.site.snapshot.gaps.clone() }
    }

    /// Why a subject may or may not. Always answers.
    pub fn explain(&self, subject: &Subject, operation: Operation, content_id: &str) -> Explanation {
        super::explanation::explain(self, subject, operation, content_id)
    }

    /// Root to content, with the lists of every level.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn tree(&self, content_id: &str) -> Result<Tree, UnknownContent> {
        super::tree::tree(self, content_id, false)
    }

    /// The same with people who can view instead of the groups they are in.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn tree_of_people(&self, content_id: &str) -> Result<Tree, UnknownContent> {
        super::tree::tree(self, content_id, true)
    }

    /// Ids of the accounts, in the order [`PairBatch::users`] counts them.
    pub fn user_ids(&self) -> Vec<&str> {
        (0..self.site.anonymous_bit()).map(|at| self.site.person_id(at)).collect()
    }

    /// How many pairs (account, content) are allowed, without making them.
    pub fn pair_count(&self, operation: Operation) -> u64 {
        let audiences = self.audiences();
        audiences.ids(operation).iter().filter_map(|id| audiences.count(*id)).map(|(certain, _)| certain).sum()
    }

    /// Every pair (account, content) with standing access, in batches of bounded size. View or edit; of any other
    /// operation there are none.
    pub fn pairs(&self, operation: Operation) -> impl Iterator<Item = PairBatch> + '_ {
        let ids = match operation {
            Operation::View | Operation::Edit => self.audiences().ids(operation),
            _ => &[],
        };
        Pairs { access: self, ids, next: 0, current: None }
    }

    /// Gaps that touch what can be said about a content, and about a subject.
    pub(super) fn gaps_touching(&self, content: u32, subject: Option<&Subject>) -> Vec<Gap> {
        let site = &self.site;
        let mut groups = Vec::new();
        let mut contents = Vec::new();
        let mut add = |principal: &Principal| {
            if let Principal::Group(at) = principal
                && !groups.contains(at)
            {
                groups.push(*at);
            }
        };
        site.walk(content, |step| {
            if let Step::Layer { node, .. } = step {
                contents.push(node);
                site.view_list(node).iter().chain(site.edit_list(node)).for_each(&mut add);
            }
        });
        let space = site.space_of(content);
        if let Some(space) = space {
            space.all_grants().for_each(|grant| add(&grant.principal));
        }
        let incomplete =
            || groups.iter().filter_map(|at| site.groups.get(*at as usize)).filter(|group| group.incomplete);
        let missing_parent = contents.last().and_then(|at| site.content(*at)).and_then(|row| row.parent_id.as_deref());
        let touches = |gap: &&Gap| match gap.missing() {
            Missing::Site(_) | Missing::Unknown => true,
            Missing::Content(id) => {
                missing_parent == Some(id)
                    || contents.iter().any(|at| site.content(*at).is_some_and(|row| row.id == id))
            }
            Missing::Space(key) | Missing::SpacePermissions(key) => space.is_some_and(|space| {
                let row = site.snapshot.spaces.get(space.row as usize);
                space.key == key || row.is_some_and(|row| row.id == key)
            }),
            Missing::Group(id) => incomplete().any(|group| group.id == id),
            Missing::User(id) => subject.is_some_and(|subject| subject.id == id),
            Missing::Operation(_) | Missing::Audit(_) => false,
        };
        let mut gaps: Vec<Gap> = site.snapshot.gaps.iter().filter(touches).cloned().collect();
        for group in incomplete() {
            if !gaps.iter().any(|gap| gap.scope == GapScope::Group && gap.subject == group.id) {
                let name = group.name.as_deref().unwrap_or(&group.id);
                gaps.push(Gap::new(
                    (GapScope::Group, &group.id),
                    GapCause::NotListed,
                    format!("the members of group `{name}` are not all listed"),
                ));
            }
        }
        gaps
    }
}

impl IndexedSite {
    /// A principal, as one line says how somebody got in.
    pub(super) fn label(&self, principal: Principal, role: u32) -> String {
        let who = match principal {
            Principal::User(_) => None,
            Principal::Group(at) => Some(match self.groups.get(at as usize) {
                Some(group) => format!("group {}", group.name.as_deref().unwrap_or(&group.id)),
                None => "group".to_owned(),
            }),
            Principal::Anonymous => Some("anonymous".to_owned()),
            Principal::Unlicensed => Some("unlicensed".to_owned()),
            Principal::Class(_) | Principal::Opaque(_) => Some(match self.subject_of(principal) {
                Subject { kind: SubjectKind::AccessClass, id } => id,
                other => other.to_string(),
            }),
        };
        match (self.roles.get(role as usize), who) {
            (Some(role), Some(who)) => format!("role {role} through {who}"),
            (Some(role), None) => format!("role {role}"),
            (None, Some(who)) => who,
            (None, None) => "direct".to_owned(),
        }
    }

    /// A principal, as it is written.
    pub(super) fn subject_of(&self, principal: Principal) -> Subject {
        match principal {
            Principal::User(at) => Subject::user(self.person_id(at)),
            Principal::Group(at) => Subject::group(self.groups.get(at as usize).map_or("", |group| &group.id)),
            Principal::Anonymous => Subject::anonymous(),
            Principal::Unlicensed => Subject::new(SubjectKind::Unlicensed, ""),
            Principal::Class(Class::AllLicensed) => Subject::class("all-licensed-users"),
            Principal::Class(Class::ProductAdmins) => Subject::class("all-product-admins"),
            Principal::Class(Class::Authenticated) => Subject::class("authenticated-users"),
            Principal::Class(Class::JsmProjectAdmins) => Subject::class("jsm-project-admins"),
            Principal::Class(Class::Other(at)) | Principal::Opaque(at) => {
                self.opaque.get(at as usize).cloned().unwrap_or_else(|| Subject::new(SubjectKind::Unknown, ""))
            }
        }
    }

    /// The grants of a space that answer a need.
    pub(super) fn grants(&self, space: &super::site::SpaceFacts, need: Need) -> Vec<(Principal, u32)> {
        let of = |(row, kinds): (usize, Kinds)| {
            let grants = space.grants.get(row).map_or(&[][..], Vec::as_slice);
            grants.iter().filter(move |grant| kinds.counts(**grant)).map(|grant| (grant.principal, grant.role))
        };
        match need.rule() {
            Rule::AnyOf(rows) => rows.iter().copied().flat_map(of).collect(),
            Rule::OrBoth(rows, one, other) => rows.iter().copied().chain([one, other]).flat_map(of).collect(),
            Rule::Open => Vec::new(),
        }
    }
}

/// The first doubt among the reasons.
fn doubt_in(reasons: Reasons) -> Arc<str> {
    let codes = reasons.codes();
    codes.iter().find(|code| code.starts_with("unknown.")).map_or("", |code| *code).into()
}

fn nobody_named(id: &str, decision: Decision, via: Arc<str>, standing: bool) -> Grantee {
    Grantee { user_id: id.into(), name: None, display_name: None, decision, via, standing }
}

fn in_the_trash(content_id: &str) -> Gap {
    Gap::new(
        (GapScope::Content, content_id),
        GapCause::NotCurrent,
        format!("content `{content_id}` is in the trash: its access is not resolved"),
    )
}

/// How each person got in: one label for many.
struct Ways {
    labels: Vec<Arc<str>>,
    by_person: Vec<u32>,
}

impl Ways {
    fn add(&mut self, label: String, people: &RoaringBitmap) {
        let id = u32::try_from(self.labels.len()).unwrap_or(NONE);
        self.labels.push(label.into());
        for person in people {
            if let Some(slot) = self.by_person.get_mut(person as usize) {
                *slot = id;
            }
        }
    }

    fn of(&self, person: u32) -> Arc<str> {
        let label = self.by_person.get(person as usize).and_then(|id| self.labels.get(*id as usize));
        label.cloned().unwrap_or_default()
    }
}

/// How many pairs one batch holds.
const BATCH: usize = 1 << 16;

struct Pairs<'a> {
    access: &'a Access,
    ids: &'a [u32],
    next: usize,
    current: Option<(u32, roaring::bitmap::Iter<'a>)>,
}

impl Iterator for Pairs<'_> {
    type Item = PairBatch;

    fn next(&mut self) -> Option<PairBatch> {
        let bit = self.access.site.anonymous_bit();
        let mut batch = PairBatch { users: Vec::with_capacity(BATCH), contents: Vec::with_capacity(BATCH) };
        while batch.users.len() < BATCH {
            match &mut self.current {
                Some((content, people)) => {
                    let room = BATCH - batch.users.len();
                    let before = batch.users.len();
                    batch.users.extend(people.by_ref().take(room).filter(|person| *person != bit));
                    batch.contents.resize(batch.users.len(), *content);
                    if batch.users.len() < before + room && people.len() == 0 {
                        self.current = None;
                    }
                }
                None => {
                    let Some(id) = self.ids.get(self.next) else { break };
                    let content = u32::try_from(self.next).unwrap_or(NONE);
                    self.next += 1;
                    self.current = self.access.audiences().set(*id).map(|set| (content, set.yes.iter()));
                }
            }
        }
        (!batch.is_empty()).then_some(batch)
    }
}

/// Whether a content is out of reach of all questions.
pub(super) fn trashed(site: &IndexedSite, content: u32) -> bool {
    let state = |at: u32| site.node(at).map(|node| node.state);
    state(content) == Some(State::Trashed) || state(site.bearer(content)) == Some(State::Trashed)
}

/// Whether a content is a comment or an attachment.
pub(super) fn carried(site: &IndexedSite, content: u32) -> bool {
    site.node(content).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment))
}
