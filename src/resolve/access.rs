//! Access: the public queries over an indexed site. Nothing below it imports it.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::acl::{Acl, AclChange, Audience};
use super::answers::{ContentAccess, Grantee, PairBatch, SummaryRow, UnknownContent, UnknownSpace};
use super::audiences::NO_SET;
use super::chain::Position;
use super::engine::Engine;
use super::explanation::{Explanation, SubjectState, explain};
use super::exposure::{Exposure, ExposureOptions, exposure};
use super::findings::{Finding, FindingOptions, findings};
use super::lookup::SubjectLookup;
use super::named::{self, Titles};
use super::site::{IndexedSite, NONE};
use super::space_access::SpaceAccess;
use super::tree::{Tree, tree};
use super::uses::{Use, uses};
use super::who::{Actor, AsIf, Who};
use crate::model::{Decision, Listing, Operation, Policy, Snapshot, Subject, Verdict};

/// A site, indexed, with inheritance resolved. Immutable; sets of people are made when they are first asked for.
#[derive(Debug)]
pub struct Access {
    pub(super) engine: Engine,
    /// Made when a content is first named by its title.
    titles: OnceLock<Titles>,
}

impl Access {
    /// Indexes a snapshot. Without a policy, that of the snapshot's site is used.
    pub fn new(snapshot: Arc<Snapshot>, policy: Option<Policy>) -> Self {
        let policy = policy.unwrap_or_else(|| Policy::for_site(&snapshot.site));
        Self { engine: Engine::new(IndexedSite::build(snapshot, policy)), titles: OnceLock::new() }
    }

    /// The facts.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.engine.site.snapshot
    }

    /// The switches in force.
    pub fn policy(&self) -> &Policy {
        &self.engine.site.policy
    }

    /// Reads a subject, and resolves names and e-mail addresses the snapshot knows to ids. `user:<id>` whose id the
    /// snapshot does not know is looked up as a name, then as an e-mail address; so is a text without a colon. A subject
    /// the snapshot has never heard of is a legitimate question: [`Access::known_subject`] refuses it.
    ///
    /// # Errors
    /// Where the text is no subject, or names several accounts.
    pub fn subject(&self, text: &str) -> Result<Subject, SubjectLookup> {
        self.engine.site.subject(text)
    }

    /// The same, for a subject that has to occur in the snapshot: listed, or named in some list, grant or group.
    ///
    /// # Errors
    /// Where the text is no subject, names several, or none of the snapshot.
    pub fn known_subject(&self, text: &str) -> Result<Subject, SubjectLookup> {
        self.engine.site.known_subject(text)
    }

    /// What an explanation says about a subject.
    pub fn subject_state(&self, subject: &Subject) -> SubjectState {
        let site = &self.engine.site;
        site.subject_state(subject, site.actor(subject).as_ref())
    }

    /// The same site, where these accounts and the members of these groups are product admins beside those that are known
    /// to be. About everybody else the switch `unlisted_are_product_admins` decides.
    ///
    /// # Errors
    /// Where a text is no account or group of the snapshot, or several.
    pub fn with_product_admins<'a>(mut self, admins: impl IntoIterator<Item = &'a str>) -> Result<Self, SubjectLookup> {
        let site = &mut self.engine.site;
        let admins = admins.into_iter().map(|text| site.product_admin(text)).collect::<Result<Vec<_>, _>>()?;
        site.appoint(&admins);
        Ok(self)
    }

    /// Whether a subject may do something with a content.
    pub fn can(&self, subject: &Subject, operation: Operation, content_id: &str) -> Verdict {
        self.engine.ruling(subject, operation, content_id).map_or(Verdict::NotInInventory, |ruling| ruling.verdict)
    }

    /// Everybody who may, and everybody of whom it is not known. Nobody who is denied has a row. Access by a bypass or
    /// an exposure has `standing` false; anonymous has a row of its own with the id `anonymous`.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn who_can(&self, operation: Operation, content_id: &str) -> Result<Listing<Grantee>, UnknownContent> {
        self.engine.grantees(operation, content_id)
    }

    /// One row per content.
    pub fn summary(&self) -> Listing<SummaryRow> {
        let site = &self.engine.site;
        let audiences = self.engine.audiences();
        let mut restricting = Vec::new();
        let rows = (0u32..).zip(&site.snapshot.contents).map(|(at, content)| {
            let count = |ids: &[u32]| ids.get(at as usize).and_then(|id| audiences.count(*id));
            let (viewers, editors) = (count(&audiences.view), count(&audiences.edit));
            restricting.clear();
            let mut inherited = false;
            for (node, position) in self.engine.restricting(at) {
                restricting.push(node);
                inherited |= position != Position::Own;
            }
            let id = |node: &u32| site.content(*node).map(|content| content.id.clone());
            SummaryRow {
                content_id: content.id.clone(),
                title: content.title.clone(),
                space_key: site.space_key(at),
                kind: content.kind.clone(),
                status: content.status.clone(),
                viewers: viewers.map(|(certain, _)| certain),
                editors: editors.map(|(certain, _)| certain),
                unknown_viewers: viewers.map(|(_, unknown)| unknown),
                unknown_editors: editors.map(|(_, unknown)| unknown),
                anonymous: audiences.view.get(at as usize).and_then(|id| audiences.anonymous(*id)),
                restricted_by: restricting.iter().rev().filter_map(id).collect(),
                own_restriction: !site.view_list(at).is_empty() || !site.edit_list(at).is_empty(),
                inherited_restriction: inherited,
                public_link: site.public_link(at) == Decision::Allowed,
            }
        });
        Listing { rows: rows.collect(), gaps: site.snapshot.gaps.clone() }
    }

    /// Every content a subject may view or edit, and those for which it is unknown.
    pub fn contents_for(&self, subject: &Subject, operation: Operation) -> Listing<ContentAccess> {
        let site = &self.engine.site;
        let actor = site.actor(subject);
        let bulk = matches!(operation, Operation::View | Operation::Edit);
        let bit = actor.as_ref().and_then(|actor| match actor.who {
            Who::Person(at) if bulk && site.bypass(actor, operation).is_none() => Some(at),
            Who::Anonymous if bulk => Some(site.anonymous_bit()),
            _ => None,
        });
        let Some(bit) = bit else { return self.contents_of(actor.as_ref(), operation) };
        let audiences = self.engine.audiences();
        // Contents share sets: one look per set is enough.
        let by_set: Vec<Decision> = (0..audiences.set_count())
            .map(|id| audiences.set(u32::try_from(id).unwrap_or(NO_SET)).map_or(Decision::Denied, |s| s.decision(bit)))
            .collect();
        self.contents_where(operation, |at| {
            let id = *audiences.ids(operation).get(at as usize)?;
            Some((*by_set.get(id as usize)?, None))
        })
    }

    /// The same as if an account were active, or licensed, or not.
    ///
    /// # Errors
    /// Where the subject is not an account of the snapshot.
    pub fn contents_as_if(
        &self,
        subject: &Subject,
        operation: Operation,
        as_if: AsIf,
    ) -> Result<Listing<ContentAccess>, SubjectLookup> {
        let site = &self.engine.site;
        match site.actor(subject).map(|actor| actor.who) {
            Some(Who::Person(at)) => Ok(self.contents_of(Some(&site.person_as_if(at, as_if)), operation)),
            _ => Err(site
                .missing(subject)
                .map_or_else(|| SubjectLookup::NotAnAccount(subject.clone()), SubjectLookup::Missing)),
        }
    }

    /// Rules on the contents one by one.
    fn contents_of(&self, actor: Option<&Actor>, operation: Operation) -> Listing<ContentAccess> {
        self.contents_where(operation, |at| {
            let ruling = self.engine.site.rule(actor, operation, at);
            let current = ruling.verdict != Verdict::NotCurrent;
            current.then(|| (ruling.verdict.decision(), ruling.bypass.or(ruling.exposure)))
        })
    }

    /// The contents that are not denied.
    fn contents_where(
        &self,
        operation: Operation,
        decide: impl Fn(u32) -> Option<(Decision, Option<&'static str>)>,
    ) -> Listing<ContentAccess> {
        let snapshot = &self.engine.site.snapshot;
        let rows = (0u32..).zip(&snapshot.contents).filter_map(|(at, content)| {
            let (decision, via) = decide(at)?;
            (decision != Decision::Denied).then(|| ContentAccess {
                content_id: content.id.clone(),
                title: content.title.clone(),
                space_key: self.engine.site.space_key(at),
                kind: content.kind.clone(),
                operation,
                decision,
                via: via.map(str::to_owned),
                standing: via.is_none(),
            })
        });
        Listing { rows: rows.collect(), gaps: snapshot.gaps.clone() }
    }

    /// Everything in the snapshot that names a subject.
    ///
    /// # Errors
    /// Where the subject does not occur in the snapshot.
    pub fn used_by(&self, subject: &Subject) -> Result<Listing<Use>, SubjectLookup> {
        let site = &self.engine.site;
        match site.missing(subject) {
            Some(missing) => Err(missing.into()),
            None => {
                let mut gaps = site.snapshot.gaps.clone();
                // What the snapshot could not know of the site as a whole is no gap of it: nothing failed.
                gaps.extend(
                    site.snapshot.global_permissions().gaps.into_iter().filter(|gap| !site.snapshot.gaps.contains(gap)),
                );
                Ok(Listing { rows: uses(site, subject), gaps })
            }
        }
    }

    /// Who may view the spaces with these keys, or all spaces, and how far each reaches: the rows of one space after the
    /// other.
    pub fn space_access<'a>(&'a self, keys: Option<&'a [String]>) -> impl Iterator<Item = Vec<SpaceAccess>> + 'a {
        self.engine.space_rows(keys)
    }

    /// The audiences of all contents, those of most contents first, in steps of bounded size. View or edit.
    pub fn audiences(&self, operation: Operation) -> impl Iterator<Item = Vec<Audience>> + '_ {
        self.engine.audience_rows(operation)
    }

    /// The rule of every content that is not in the trash, in the order of the contents and in steps of bounded size.
    /// View or edit.
    pub fn acl(&self, operation: Operation) -> impl Iterator<Item = Vec<Acl>> + '_ {
        self.engine.acl_rows(operation)
    }

    /// The contents whose rule is another than it was in `older`, in steps of bounded size. View or edit.
    pub fn acl_changes<'a>(
        &'a self,
        older: &'a Self,
        operation: Operation,
    ) -> impl Iterator<Item = Vec<AclChange>> + 'a {
        self.engine.acl_changes(&older.engine, operation)
    }

    /// What a report should point out.
    pub fn findings(&self) -> Listing<Finding> {
        self.findings_of(&FindingOptions::default())
    }

    /// The same, of some kinds, severities or spaces.
    pub fn findings_of(&self, options: &FindingOptions) -> Listing<Finding> {
        Listing { rows: findings(&self.engine, options), gaps: self.engine.site.snapshot.gaps.clone() }
    }

    /// How far each space and each content reaches, in steps of bounded size.
    pub fn exposure<'a>(&'a self, options: &'a ExposureOptions) -> impl Iterator<Item = Vec<Exposure>> + 'a {
        exposure(&self.engine, options)
    }

    /// The key of a space of the snapshot that is given by its key, its id or its name.
    ///
    /// # Errors
    /// Where the snapshot has no such space.
    pub fn space_key(&self, text: &str) -> Result<String, UnknownSpace> {
        // Also one that was not listed, but has contents or permissions.
        if let Some(space) = self.engine.site.spaces.iter().find(|space| &*space.key == text) {
            return Ok(space.key.to_string());
        }
        named::space_key(self.snapshot(), text)
    }

    /// The id of the content a text means: its id, or its title, alone or behind the key of its space (`ENG:Roadmap`). A
    /// text that may be the id of a content that was not listed is returned as it is.
    ///
    /// # Errors
    /// Where several contents have the title, or none has, and the text cannot be an id.
    pub fn content_id<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, SubjectLookup> {
        if self.engine.site.find_content(text).is_some() {
            return Ok(Cow::Borrowed(text));
        }
        let snapshot = self.snapshot();
        self.titles.get_or_init(|| Titles::of(snapshot)).id(snapshot, text)
    }

    /// Why a subject may or may not. Always answers.
    pub fn explain(&self, subject: &Subject, operation: Operation, content_id: &str) -> Explanation {
        explain(&self.engine, subject, operation, content_id)
    }

    /// Root to content, with the lists of every level.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn tree(&self, content_id: &str) -> Result<Tree, UnknownContent> {
        tree(&self.engine, content_id, false)
    }

    /// The same with people who can view instead of the groups they are in.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn tree_of_people(&self, content_id: &str) -> Result<Tree, UnknownContent> {
        tree(&self.engine, content_id, true)
    }

    /// Ids of the accounts, in the order [`PairBatch::users`] counts them.
    pub fn user_ids(&self) -> Vec<&str> {
        (0..self.engine.site.anonymous_bit()).map(|at| self.engine.site.person_id(at)).collect()
    }

    /// How many pairs (account, content) are allowed, without making them.
    pub fn pair_count(&self, operation: Operation) -> u64 {
        let audiences = self.engine.audiences();
        audiences.ids(operation).iter().filter_map(|id| audiences.count(*id)).map(|(certain, _)| certain).sum()
    }

    /// Every pair (account, content) with standing access, in batches of bounded size. View or edit; of any other
    /// operation there are none.
    pub fn pairs(&self, operation: Operation) -> impl Iterator<Item = PairBatch> + '_ {
        let ids = match operation {
            Operation::View | Operation::Edit => self.engine.audiences().ids(operation),
            _ => &[],
        };
        Pairs { engine: &self.engine, ids, next: 0, current: None }
    }
}

/// How many pairs one batch holds.
const BATCH: usize = 1 << 16;

struct Pairs<'a> {
    engine: &'a Engine,
    ids: &'a [u32],
    next: usize,
    current: Option<(u32, roaring::bitmap::Iter<'a>)>,
}

impl Iterator for Pairs<'_> {
    type Item = PairBatch;

    fn next(&mut self) -> Option<PairBatch> {
        let bit = self.engine.site.anonymous_bit();
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
                    self.current = self.engine.audiences().set(*id).map(|set| (content, set.yes.iter()));
                }
            }
        }
        (!batch.is_empty()).then_some(batch)
    }
}
