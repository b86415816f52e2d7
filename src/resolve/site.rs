//! The facts of a snapshot, indexed: strings become numbers, lists become arrays, gaps become marks on the facts they affect.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use indexmap::{IndexMap, IndexSet};
use roaring::RoaringBitmap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHasher};

use super::members::{GroupFacts, Memberships, close};
use super::threads::{both, shares};
use crate::model::{
    AccessClass, Content, ContentStatus, ContentType, Decision, Deployment, GapCause, Missing, Permission, Plan,
    Policy, RestrictionOperation, SUPER_GROUP, Site, SiteFact, Snapshot, Subject, SubjectKind, User, UserType,
};

/// No parent: the root of a tree.
pub(super) const ROOT: u32 = u32::MAX;
/// There is a parent, and it is unknown.
pub(super) const MISSING: u32 = u32::MAX - 1;
/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// Whether an account may use the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Licence {
    /// Stated.
    Licensed,
    /// Not stated; the policy assumes it.
    Assumed,
    /// An app: it needs none.
    App,
    /// Stated that it has none.
    Unlicensed,
    /// Not stated.
    Unknown,
}

/// The facts of an account that rules read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Traits {
    /// Whether the snapshot lists the account. It does not list deleted accounts, or those that could not be looked up.
    pub(super) listed: bool,
    /// Named in a restriction or group but not among the accounts, although those are complete: a deleted account.
    /// Restrictions keep it, but it belongs to no class.
    pub(super) gone: bool,
    pub(super) active: Decision,
    pub(super) licence: Licence,
    pub(super) guest: Decision,
    pub(super) product_admin: Decision,
    pub(super) org_admin: bool,
    pub(super) system_admin: Decision,
    pub(super) admin_key: bool,
}

impl Traits {
    /// An unknown account.
    pub(super) const STRANGER: Self = Self {
        listed: false,
        gone: false,
        active: Decision::Unknown,
        licence: Licence::Unknown,
        guest: Decision::Unknown,
        product_admin: Decision::Unknown,
        org_admin: false,
        system_admin: Decision::Unknown,
        admin_key: false,
    };

    pub(super) fn of(user: &User, site: &Site, policy: &Policy) -> Self {
        let stated = |fact: Option<bool>| fact.map_or(Decision::Unknown, yes);
        let licence = match (&user.kind, user.licensed) {
            (_, Some(true)) => Licence::Licensed,
            (UserType::App, _) => Licence::App,
            (_, Some(false)) | (UserType::Customer, None) => Licence::Unlicensed,
            (_, None) => match policy.assume_licensed {
                // The groups that grant licences are known, and this account is in none of them. Guests are licensed otherwise.
                Decision::Allowed if site.licences_listed && user.guest != Some(true) => outside(user, site),
                Decision::Allowed => Licence::Assumed,
                Decision::Unknown => Licence::Unknown,
                Decision::Denied => Licence::Unlicensed,
            },
        };
        Self {
            listed: true,
            gone: false,
            active: yes(user.active != Some(false)),
            licence,
            guest: yes(user.guest == Some(true)),
            product_admin: match user.product_admin {
                None if site.product_admins_listed => policy.unlisted_are_product_admins,
                fact => stated(fact),
            },
            org_admin: user.org_admin == Some(true),
            system_admin: stated(user.system_admin),
            admin_key: user.admin_key == Some(true),
        }
    }
}

/// The licence of an account in none of the groups that grant the product, where all of these were read completely.
///
/// On Cloud the right to use the product is given to groups alone; whether it comes with the administration of the product is not
/// documented, and who is not known to be no guest may be one. On Data Center the fetch states who has no licence, and
/// leaves open only what is.
// Source: https://support.atlassian.com/confluence-cloud/docs/manage-global-permissions/
fn outside(user: &User, site: &Site) -> Licence {
    let person = user.kind == UserType::Person && user.guest == Some(false);
    let administers = user.product_admin == Some(true) || user.org_admin == Some(true);
    if site.deployment == Deployment::Cloud && person && !administers { Licence::Unlicensed } else { Licence::Unknown }
}

/// The names of an account. Shared, because answers about people repeat them by the hundred thousand.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) id: Arc<str>,
    pub(super) name: Option<Arc<str>>,
    pub(super) display_name: Option<Arc<str>>,
}

/// Allowed for true, denied for false.
pub(super) fn yes(fact: bool) -> Decision {
    if fact { Decision::Allowed } else { Decision::Denied }
}

/// An access class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Class {
    AllLicensed,
    ProductAdmins,
    Authenticated,
    JsmProjectAdmins,
    /// An unknown class; its text is kept in [`IndexedSite::opaque`].
    Other(u32),
}

/// Who is listed or granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Principal {
    User(u32),
    Group(u32),
    Anonymous,
    Unlicensed,
    Class(Class),
    /// Of an unknown kind: it may contain anyone who is logged in.
    Opaque(u32),
}

/// A permission in a space.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    pub(super) principal: Principal,
    /// Index into [`IndexedSite::roles`], or [`NONE`] for a grant of its own.
    pub(super) role: u32,
}

impl Grant {
    pub(super) fn by_role(self) -> bool {
        self.role != NONE
    }
}

/// A space and its permissions.
#[derive(Debug, Default)]
pub(super) struct SpaceFacts {
    pub(super) key: Arc<str>,
    /// Index into the snapshot's spaces, or [`NONE`] where it is not listed.
    pub(super) row: u32,
    pub(super) archived: bool,
    /// Whether permissions are missing.
    pub(super) unread: bool,
    /// Whether any permission is stored.
    pub(super) any: bool,
    /// By permission, in the order of [`Permission::ALL`].
    pub(super) grants: Vec<Vec<Grant>>,
    /// Grants with unknown permissions: each may include any permission.
    pub(super) vague: Vec<Grant>,
}

impl SpaceFacts {
    /// Every grant of any permission.
    pub(super) fn all_grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().flatten().chain(&self.vague)
    }
}

/// The two lists stored on a content.
#[derive(Debug, Default, Clone, PartialEq, Eq, Hash)]
pub(super) struct Lists {
    pub(super) view: Vec<Principal>,
    pub(super) edit: Vec<Principal>,
}

/// Whether the lists of a content are known, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unread {
    /// They are.
    No,
    /// The content answered 404, and nothing else shows that it exists.
    NotFound,
    /// Any other failure.
    Failed,
    /// An empty list cannot be trusted for this type.
    NotTrusted,
}

/// Kind of a content, as far as rules distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Page,
    Blogpost,
    Comment,
    Attachment,
    /// Folder, whiteboard, database, embed, or an unknown type.
    Other,
}

/// State of a content, as far as rules distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum State {
    Current,
    Archived,
    Trashed,
    Draft,
    /// An unknown word.
    Unrecognized,
}

/// A content as a node of the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) parent: u32,
    pub(super) space: u32,
    /// Index into [`IndexedSite::lists`], or [`NONE`] if it has no lists.
    pub(super) lists: u32,
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) unread: Unread,
    /// Whether an empty list means unknown.
    pub(super) untrusted: bool,
    /// Whether its chain never reaches a root.
    pub(super) cyclic: bool,
}

/// A snapshot, indexed.
#[derive(Debug)]
pub(super) struct IndexedSite {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) policy: Policy,
    pub(super) conditions: Conditions,
    /// Accounts of the snapshot, then accounts that are only named somewhere.
    pub(super) people: Vec<Traits>,
    /// The names of each account.
    pub(super) names: Vec<Names>,
    person_ids: FxHashMap<Arc<str>, u32>,
    pub(super) groups: Vec<GroupFacts>,
    group_ids: FxHashMap<String, u32>,
    /// Made at the first question about one account: audiences and tables do without it.
    memberships: OnceLock<Memberships>,
    /// The group with the exact name that bypasses restrictions on Data Center.
    pub(super) super_group: Option<u32>,
    /// Whether more people may be in that group than are listed: its own list was not read to the end.
    pub(super) super_group_unread: bool,
    /// Whether product admins are known, so that the policy decides about all other accounts.
    pub(super) admins_listed: bool,
    pub(super) opaque: Vec<Subject>,
    pub(super) roles: Vec<String>,
    pub(super) spaces: Vec<SpaceFacts>,
    pub(super) nodes: Vec<Node>,
    content_ids: IdTable,
    pub(super) lists: Vec<Lists>,
}

/// The settings of the site that rules read.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    pub(super) cloud: bool,
    /// Whether anonymous may use the site.
    pub(super) anonymous: Decision,
    /// Whether anonymous grants are switched off while anonymous is off for the site.
    pub(super) enforced: Decision,
    pub(super) free: Decision,
    pub(super) read_only: Decision,
    pub(super) public_links: Decision,
}

impl Conditions {
    pub(super) fn of(site: &Site, policy: &Policy) -> Self {
        let cloud = site.deployment == Deployment::Cloud;
        let stated = |fact: Option<bool>| fact.map_or(Decision::Unknown, yes);
        let free = match &site.plan {
            _ if !cloud => Decision::Denied,
            Some(Plan::Free) => Decision::Allowed,
            Some(_) => Decision::Denied,
            None => Decision::Unknown,
        };
        Self {
            cloud,
            // Source: https://support.atlassian.com/confluence-cloud/docs/manage-permissions-in-the-free-edition-of-confluence-cloud
            anonymous: if free == Decision::Allowed { Decision::Denied } else { stated(site.anonymous_enabled) },
            enforced: match site.anonymous_enforced {
                _ if !cloud => Decision::Denied,
                Some(fact) => yes(fact),
                None => policy.assume_anonymous_enforced,
            },
            free,
            // Cloud has no such mode; on Data Center a missing value does not mean that the site accepts changes.
            read_only: if cloud { yes(site.read_only == Some(true)) } else { stated(site.read_only) },
            public_links: if !cloud || free == Decision::Allowed {
                Decision::Denied
            } else {
                stated(site.public_links_enabled.or(Some(true)))
            },
        }
    }
}

/// Contents by id, without a second copy of a million ids: slots hold row numbers, open addressing. Half of a slot is
/// the upper half of the hash, so that a look at the row is made for a match only.
#[derive(Debug, Default)]
struct IdTable {
    slots: Vec<(u32, u32)>,
    /// The ids of the rows as numbers, which are together in memory as texts are not; [`NO_NUMBER`] of any other text.
    numbers: Vec<u64>,
}

/// The number of an id that is not a number.
const NO_NUMBER: u64 = u64::MAX;

impl IdTable {
    fn build(contents: &[Content]) -> Self {
        let size = (contents.len() * 4 / 3 + 1).next_power_of_two().max(2);
        let mut table = Self { slots: vec![(0, NONE); size], numbers: Vec::with_capacity(contents.len()) };
        for (row, content) in (0u32..).zip(contents) {
            let number = number(&content.id);
            table.numbers.push(number);
            let (tag, mut at) = slot(&content.id, number, size);
            while let Some(&(other, taken)) = table.slots.get(at) {
                if taken == NONE {
                    break;
                }
                // If a content is listed twice, its first row counts.
                if other == tag && table.is(contents, taken, &content.id, number) {
                    break;
                }
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = table.slots.get_mut(at).filter(|slot| slot.1 == NONE) {
                *slot = (tag, row);
            }
        }
        table
    }

    fn find(&self, contents: &[Content], id: &str) -> Option<u32> {
        let (size, number) = (self.slots.len(), number(id));
        let (tag, mut at) = slot(id, number, size);
        loop {
            let (other, row) = *self.slots.get(at)?;
            if row == NONE {
                return None;
            }
            if other == tag && self.is(contents, row, id, number) {
                return Some(row);
            }
            at = (at + 1) & (size - 1);
        }
    }

    fn is(&self, contents: &[Content], row: u32, id: &str, number: u64) -> bool {
        let same = self.numbers.get(row as usize).is_some_and(|other| *other == number);
        same && (number != NO_NUMBER || contents.get(row as usize).is_some_and(|other| other.id == id))
    }
}

/// An id as a number, if the number is written like the id.
fn number(id: &str) -> u64 {
    let digits = id.as_bytes();
    // Up to 18 digits cannot overflow.
    if digits.is_empty() || digits.len() > 18 || digits.first() == Some(&b'0') {
        return NO_NUMBER;
    }
    let mut number = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return NO_NUMBER;
        }
        number = number * 10 + u64::from(digit - b'0');
    }
    number
}

/// The upper half of the hash of an id, and where to start looking for it.
fn slot(id: &str, number: u64, size: usize) -> (u32, usize) {
    let mut hasher = FxHasher::default();
    if number == NO_NUMBER {
        id.hash(&mut hasher)
    } else {
        number.hash(&mut hasher)
    }
    let hash = hasher.finish();
    let tag = u32::try_from(hash >> 32).unwrap_or_default();
    (tag, usize::try_from(hash & (size as u64 - 1)).unwrap_or_default())
}

impl IndexedSite {
    /// The settings of a site, before anything else of it is read.
    pub(super) fn empty(snapshot: Arc<Snapshot>, policy: Policy) -> Self {
        Self {
            conditions: Conditions::of(&snapshot.site, &policy),
            admins_listed: snapshot.site.product_admins_listed,
            snapshot,
            policy,
            people: Vec::new(),
            names: Vec::new(),
            person_ids: FxHashMap::default(),
            groups: Vec::new(),
            group_ids: FxHashMap::default(),
            memberships: OnceLock::new(),
            super_group: None,
            super_group_unread: false,
            opaque: Vec::new(),
            roles: Vec::new(),
            spaces: Vec::new(),
            nodes: Vec::new(),
            content_ids: IdTable::default(),
            lists: Vec::new(),
        }
    }

    pub(super) fn build(snapshot: Arc<Snapshot>, policy: Policy) -> Self {
        let mut site = Self::empty(snapshot.clone(), policy);
        site.people = snapshot.users.iter().map(|user| Traits::of(user, &snapshot.site, &site.policy)).collect();
        let contents = snapshot.contents.len();
        let (content_ids, space_ids) = both(
            contents,
            || IdTable::build(&snapshot.contents),
            || {
                site.read_users(&snapshot);
                site.read_groups(&snapshot);
                site.read_spaces(&snapshot)
            },
        );
        let policy = site.policy.clone();
        let ((nodes, naming), owners) = both(
            contents,
            || read_nodes(&snapshot, &policy, &content_ids, &space_ids),
            || site.read_restrictions(&snapshot, &content_ids),
        );
        site.nodes = nodes;
        site.content_ids = content_ids;
        for (content, lists) in owners {
            if let Some(node) = site.nodes.get_mut(content as usize) {
                node.lists = lists;
            }
        }
        naming.into_iter().for_each(|content| site.read_named(content));
        site.mark_cycles();
        site.read_gaps(&snapshot);
        close(&mut site.groups, site.policy.nested_groups);
        site.find_super_group(&snapshot);
        site
    }

    fn find_super_group(&mut self, snapshot: &Snapshot) {
        if self.conditions.cloud {
            return;
        }
        self.super_group = self.find_group(SUPER_GROUP);
        let it = |id: &str| self.super_group.is_some() && self.find_group(id) == self.super_group;
        let cut = snapshot.groups.iter().any(|group| !group.members_complete && it(&group.id));
        self.super_group_unread = cut
            || snapshot.gaps.iter().any(|gap| match gap.missing() {
                Missing::Group(id) => it(id),
                Missing::Site(SiteFact::Memberships) | Missing::Unknown => true,
                // It may be among those that were not listed.
                Missing::Site(SiteFact::Groups) => self.super_group.is_none(),
                _ => false,
            });
    }

    /// The groups of each account.
    #[inline]
    pub(super) fn memberships(&self) -> &Memberships {
        self.memberships.get_or_init(|| Memberships::of(&self.groups, self.people.len()))
    }

    /// Adds accounts, and the members of groups, to the known product admins. The policy decides about all other accounts.
    pub(super) fn appoint(&mut self, admins: &[Principal]) {
        self.admins_listed = true;
        let others = self.policy.unlisted_are_product_admins;
        for at in 0..row_number(self.people.len()) {
            let actor = self.person(at);
            let named = admins.iter().fold(Decision::Denied, |best, admin| best.or(self.belongs(&actor, *admin)));
            let stated = self.user(at).map_or(Decision::Unknown, |user| user.product_admin.map_or(others, yes));
            if let Some(traits) = self.people.get_mut(at as usize) {
                traits.product_admin = stated.or(named);
            }
        }
    }

    fn read_users(&mut self, snapshot: &Snapshot) {
        self.names.reserve(snapshot.users.len());
        self.person_ids.reserve(snapshot.users.len());
        let shared = |text: &Option<String>| text.as_deref().map(Arc::from);
        for (row, user) in (0u32..).zip(&snapshot.users) {
            let id: Arc<str> = Arc::from(user.id.as_str());
            self.person_ids.entry(id.clone()).or_insert(row);
            self.names.push(Names { id, name: shared(&user.name), display_name: shared(&user.display_name) });
        }
    }

    fn read_groups(&mut self, snapshot: &Snapshot) {
        for group in &snapshot.groups {
            let at = self.group(&group.id);
            if let Some(facts) = self.groups.get_mut(at as usize) {
                facts.exists = true;
                facts.name = group.name.clone();
                facts.incomplete |= !group.members_complete;
            }
        }
        // A group may be named where its id is expected; a name that is also an id is the id, and a name of several
        // groups is none of them.
        let mut named: FxHashMap<&str, Option<u32>> = FxHashMap::default();
        for group in &snapshot.groups {
            if let (Some(name), Some(&at)) = (&group.name, self.group_ids.get(&group.id)) {
                named.entry(name).and_modify(|other| *other = other.filter(|other| *other == at)).or_insert(Some(at));
            }
        }
        for (name, at) in named {
            if let Some(at) = at {
                self.group_ids.entry(name.to_owned()).or_insert(at);
            }
        }
        // The rows of one group mostly follow one another: its people are gathered and become one set.
        let mut people: Vec<u32> = Vec::new();
        for rows in snapshot.memberships.chunk_by(|one, next| one.group_id == next.group_id) {
            let Some(first) = rows.first() else { continue };
            let at = self.group(&first.group_id);
            for row in rows {
                let member = self.principal(&row.member, None);
                let Some(facts) = self.groups.get_mut(at as usize) else { continue };
                facts.exists = true;
                match member {
                    Principal::User(person) => people.push(person),
                    Principal::Group(inner) => facts.inner.push(inner),
                    // A class or something unknown inside a group: there may be more members than are listed.
                    _ => facts.incomplete = true,
                }
            }
            people.sort_unstable();
            people.dedup();
            let set = RoaringBitmap::from_sorted_iter(people.drain(..)).unwrap_or_default();
            if let Some(facts) = self.groups.get_mut(at as usize) {
                facts.members |= set;
            }
        }
    }

    fn read_spaces(&mut self, snapshot: &Snapshot) -> FxHashMap<String, u32> {
        let mut ids: FxHashMap<String, u32> = FxHashMap::default();
        let empty = || SpaceFacts { grants: vec![Vec::new(); Permission::ALL.len()], ..SpaceFacts::default() };
        for (row, space) in (0u32..).zip(&snapshot.spaces) {
            let at = row_number(self.spaces.len());
            ids.entry(space.key.clone()).or_insert(at);
            self.spaces.push(SpaceFacts { key: space.key.as_str().into(), row, archived: space.archived(), ..empty() });
        }
        let mut find = |spaces: &mut Vec<SpaceFacts>, key: &str| match ids.get(key) {
            Some(&at) => at,
            None => {
                // A space that is not listed: its permissions may be incomplete.
                let at = row_number(spaces.len());
                spaces.push(SpaceFacts { key: key.into(), row: NONE, unread: true, ..empty() });
                ids.insert(key.to_owned(), at);
                at
            }
        };
        let mut roles: FxHashMap<&str, u32> = FxHashMap::default();
        for row in &snapshot.space_permissions {
            let at = find(&mut self.spaces, &row.space_key);
            let principal = self.principal(&row.subject, row.subject_name.as_deref());
            let role = row.via_role.as_deref().map_or(NONE, |name| {
                *roles.entry(name).or_insert_with(|| {
                    self.roles.push(name.to_owned());
                    row_number(self.roles.len() - 1)
                })
            });
            let Some(space) = self.spaces.get_mut(at as usize) else { continue };
            space.any = true;
            if let Some(grants) = row.permission.row().and_then(|row| space.grants.get_mut(row)) {
                grants.push(Grant { principal, role });
            }
            if row.permission.is_vague() {
                space.vague.push(Grant { principal, role });
            }
        }
        let mut last = "";
        for content in snapshot.contents.iter() {
            if content.space_key != last {
                find(&mut self.spaces, &content.space_key);
                last = &content.space_key;
            }
        }
        ids
    }

    /// Adds the accounts a content names.
    fn read_named(&mut self, content: &Content) {
        // Access to a draft depends on its creator and on the people it was shared with.
        if content.status == ContentStatus::Draft
            && let Some(author) = &content.author_id
        {
            self.enrol(author, None);
        }
        for subject in content.shared_with.iter().flatten() {
            self.principal(subject, None);
        }
    }

    /// Marks every content whose chain never reaches a root, so that walks know when to stop.
    pub(super) fn mark_cycles(&mut self) {
        // 0: not looked at, 1: on the walk at hand, 2: done.
        let mut seen = vec![0u8; self.nodes.len()];
        let mut walk: Vec<u32> = Vec::new();
        for start in 0..row_number(self.nodes.len()) {
            let mut at = start;
            let cyclic = loop {
                match seen.get_mut(at as usize) {
                    None => break false,
                    Some(1) => break true,
                    Some(2) => break self.nodes.get(at as usize).is_some_and(|node| node.cyclic),
                    Some(mark) => *mark = 1,
                }
                walk.push(at);
                at = self.nodes.get(at as usize).map_or(ROOT, |node| node.parent);
            };
            for at in walk.drain(..) {
                if let Some(mark) = seen.get_mut(at as usize) {
                    *mark = 2;
                }
                if let Some(node) = self.nodes.get_mut(at as usize).filter(|_| cyclic) {
                    node.cyclic = true;
                }
            }
        }
    }

    /// Reads the lists, equal ones once, and notes which content has which.
    fn read_restrictions(&mut self, snapshot: &Snapshot, content_ids: &IdTable) -> Vec<(u32, u32)> {
        let mut by_content: IndexMap<u32, Lists, FxBuildHasher> = IndexMap::default();
        for rows in snapshot.restrictions.chunk_by(|one, next| one.content_id == next.content_id) {
            let found = rows.first().and_then(|row| content_ids.find(&snapshot.contents, &row.content_id));
            let Some(at) = found else { continue };
            let lists = by_content.entry(at).or_default();
            for row in rows {
                let principal = self.principal(&row.subject, row.subject_name.as_deref());
                match row.operation {
                    RestrictionOperation::View => lists.view.push(principal),
                    RestrictionOperation::Edit => lists.edit.push(principal),
                }
            }
        }
        let mut known: IndexSet<Lists, FxBuildHasher> = IndexSet::default();
        let owners =
            by_content.into_iter().map(|(content, lists)| (content, row_number(known.insert_full(lists).0))).collect();
        self.lists = known.into_iter().collect();
        owners
    }

    fn read_gaps(&mut self, snapshot: &Snapshot) {
        for gap in &snapshot.gaps {
            match gap.missing() {
                Missing::Content(id) => {
                    let unread = match gap.cause {
                        GapCause::NotFound => Unread::NotFound,
                        GapCause::NotTrusted => Unread::NotTrusted,
                        _ => Unread::Failed,
                    };
                    let found = self.content_ids.find(&snapshot.contents, id);
                    if let Some(node) = found.and_then(|at| self.nodes.get_mut(at as usize)) {
                        // Of several gaps, the one that leaves most unknown counts.
                        if node.unread == Unread::No || unread != Unread::NotFound {
                            node.unread = unread;
                        }
                    }
                }
                Missing::SpacePermissions(key) => {
                    let by_id = |space: &&mut SpaceFacts| {
                        *space.key == *key || snapshot.spaces.get(space.row as usize).is_some_and(|row| row.id == key)
                    };
                    self.spaces.iter_mut().filter(by_id).for_each(|space| space.unread = true);
                }
                Missing::Group(id) => {
                    let at = self.group(id);
                    if let Some(group) = self.groups.get_mut(at as usize) {
                        group.exists = true;
                        group.incomplete = true;
                    }
                }
                Missing::User("") => self.doubt_people(snapshot),
                Missing::User(id) => {
                    if let Some(&at) = self.person_ids.get(id) {
                        self.doubt_person(at, snapshot);
                    }
                }
                Missing::Site(fact) => self.doubt(fact, snapshot),
                // Listed contents are not in doubt: the parent of a content that was not listed shows the gap.
                Missing::Space(_)
                // Neither viewing nor editing depends on it.
                | Missing::Operation(_)
                // The audit log is about changes, not about the present state.
                | Missing::Audit(_) => {}
                // It may be about any of them.
                Missing::Unknown => {
                    SiteFact::ALL.iter().for_each(|fact| self.doubt(*fact, snapshot));
                    self.groups.iter_mut().for_each(|group| group.incomplete = true);
                }
            }
        }
    }

    /// Marks what a missing fact of the site leaves unknown.
    fn doubt(&mut self, fact: SiteFact, snapshot: &Snapshot) {
        match fact {
            SiteFact::Restrictions => self.nodes.iter_mut().for_each(|node| node.unread = Unread::Failed),
            SiteFact::SpacePermissions
            | SiteFact::SpacePermissionCatalogue
            | SiteFact::SpaceRoles
            | SiteFact::RoleMode => self.spaces.iter_mut().for_each(|space| space.unread = true),
            // An account that could not be looked up may be deleted, deactivated, or neither.
            SiteFact::Users => self.doubt_people(snapshot),
            // Groups that were not listed may exist, with unknown members.
            SiteFact::Groups => {
                for group in self.groups.iter_mut().filter(|group| !group.exists) {
                    group.exists = true;
                    group.incomplete = true;
                }
            }
            SiteFact::Memberships => {
                for group in &mut self.groups {
                    group.exists = true;
                    group.incomplete = true;
                }
            }
            // Any group may contain groups, where nested groups count.
            SiteFact::NestedGroups => {
                if self.policy.nested_groups != Decision::Denied {
                    self.groups.iter_mut().for_each(|group| group.incomplete = true);
                }
            }
            // Listed contents are not in doubt, and others are in no answer: these gaps are reported beside the answers.
            SiteFact::Spaces | SiteFact::Contents | SiteFact::AdminKey => {}
            // Named accounts are looked up one by one, and each failure is a gap of its own.
            SiteFact::Accounts => {}
            // A licence is assumed where nothing could say that there is none, not where that was not read.
            SiteFact::GlobalPermissions => {
                for traits in self.people.iter_mut().filter(|traits| traits.licence == Licence::Assumed) {
                    traits.licence = Licence::Unknown;
                }
            }
            // Where it is missing, the site or the account has null for it, and null is a doubt.
            SiteFact::Anonymous
            | SiteFact::PublicLinks
            | SiteFact::Plan
            | SiteFact::ProductAdmins
            | SiteFact::ReadOnly => {}
            // Neither the source of a group nor a domain decides anything.
            SiteFact::Organization | SiteFact::VerifiedDomains => {}
            // No snapshot is made of the answers of the add-on or of this API: where they stand in for a listing, what
            // they lack is a gap of its space or content.
            SiteFact::Extender | SiteFact::JsonRpc => {}
        }
    }

    fn doubt_people(&mut self, snapshot: &Snapshot) {
        (0..row_number(self.people.len())).for_each(|at| self.doubt_person(at, snapshot));
    }

    fn doubt_person(&mut self, at: u32, snapshot: &Snapshot) {
        let Some(traits) = self.people.get_mut(at as usize) else { return };
        traits.gone = false;
        if snapshot.users.get(at as usize).is_some_and(|user| user.active.is_none()) {
            traits.active = Decision::Unknown;
        }
    }

    /// The principal that a subject is; `None` where nothing names it.
    pub(super) fn find_principal(&self, subject: &Subject) -> Option<Principal> {
        let opaque = || self.opaque.iter().position(|other| other == subject).map(row_number);
        Some(match &subject.kind {
            SubjectKind::User => Principal::User(self.find_person(&subject.id)?),
            SubjectKind::Group => Principal::Group(self.find_group(&subject.id)?),
            SubjectKind::Anonymous => Principal::Anonymous,
            SubjectKind::Unlicensed => Principal::Unlicensed,
            SubjectKind::AccessClass => match AccessClass::parse(&subject.id) {
                AccessClass::AnonymousUsers => Principal::Anonymous,
                AccessClass::AllLicensedUsers => Principal::Class(Class::AllLicensed),
                AccessClass::AllProductAdmins => Principal::Class(Class::ProductAdmins),
                AccessClass::AuthenticatedUsers => Principal::Class(Class::Authenticated),
                AccessClass::JsmProjectAdmins => Principal::Class(Class::JsmProjectAdmins),
                AccessClass::Other(_) => Principal::Class(Class::Other(opaque()?)),
            },
            SubjectKind::Unknown | SubjectKind::Other(_) => Principal::Opaque(opaque()?),
        })
    }

    /// The same; a subject that was not named before is added.
    fn principal(&mut self, subject: &Subject, name: Option<&str>) -> Principal {
        match &subject.kind {
            SubjectKind::User => Principal::User(self.enrol(&subject.id, name)),
            SubjectKind::Group => {
                let at = self.group(&subject.id);
                if let Some(facts) = self.groups.get_mut(at as usize) {
                    facts.name = facts.name.take().or_else(|| name.map(str::to_owned));
                }
                Principal::Group(at)
            }
            kind => self.find_principal(subject).unwrap_or_else(|| {
                let at = row_number(self.opaque.len());
                self.opaque.push(subject.clone());
                if *kind == SubjectKind::AccessClass {
                    Principal::Class(Class::Other(at))
                } else {
                    Principal::Opaque(at)
                }
            }),
        }
    }

    /// The number of an account; one that is not known yet is added as a deleted one.
    pub(super) fn enrol(&mut self, id: &str, name: Option<&str>) -> u32 {
        if let Some(&at) = self.person_ids.get(id) {
            return at;
        }
        let at = row_number(self.people.len());
        self.people.push(Traits { gone: true, ..Traits::STRANGER });
        let id: Arc<str> = Arc::from(id);
        self.names.push(Names { id: id.clone(), name: None, display_name: name.map(Arc::from) });
        self.person_ids.insert(id, at);
        at
    }

    /// The number of a group; one that is not known yet is added as a vanished one.
    pub(super) fn group(&mut self, id: &str) -> u32 {
        if let Some(&at) = self.group_ids.get(id) {
            return at;
        }
        let at = row_number(self.groups.len());
        self.groups.push(GroupFacts { id: id.to_owned(), ..GroupFacts::default() });
        self.group_ids.insert(id.to_owned(), at);
        at
    }

    pub(super) fn find_person(&self, id: &str) -> Option<u32> {
        self.person_ids.get(id).copied()
    }

    pub(super) fn find_group(&self, id: &str) -> Option<u32> {
        self.group_ids.get(id).copied()
    }

    /// Ids of the groups a text may mean: the one with this id, else those with this name, else those with this name in
    /// another case.
    pub(super) fn groups_named(&self, text: &str) -> Vec<&str> {
        if let Some(group) = self.find_group(text).and_then(|at| self.groups.get(at as usize)) {
            return vec![&group.id];
        }
        let wanted = text.to_lowercase();
        let with = |matches: &dyn Fn(&str) -> bool| -> Vec<&str> {
            let named = self.groups.iter().filter(|group| group.name.as_deref().is_some_and(matches));
            named.map(|group| group.id.as_str()).collect()
        };
        let exact = with(&|name| name == text);
        if exact.is_empty() { with(&|name| name.to_lowercase() == wanted) } else { exact }
    }

    pub(super) fn find_content(&self, id: &str) -> Option<u32> {
        self.content_ids.find(&self.snapshot.contents, id)
    }

    pub(super) fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    pub(super) fn content(&self, at: u32) -> Option<&Content> {
        self.snapshot.contents.get(at as usize)
    }

    pub(super) fn space_of(&self, at: u32) -> Option<&SpaceFacts> {
        self.spaces.get(self.node(at)?.space as usize)
    }

    /// Key of the space of a content.
    pub(super) fn space_key(&self, at: u32) -> Arc<str> {
        self.space_of(at).map(|space| space.key.clone()).unwrap_or_default()
    }

    pub(super) fn view_list(&self, at: u32) -> &[Principal] {
        self.node(at).and_then(|node| self.lists.get(node.lists as usize)).map_or(&[], |lists| &lists.view)
    }

    pub(super) fn edit_list(&self, at: u32) -> &[Principal] {
        self.node(at).and_then(|node| self.lists.get(node.lists as usize)).map_or(&[], |lists| &lists.edit)
    }

    /// Number of accounts; in sets of people the same number is anonymous.
    pub(super) fn anonymous_bit(&self) -> u32 {
        row_number(self.people.len())
    }

    /// Every account, without anonymous.
    pub(super) fn everybody(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.anonymous_bit());
        all
    }

    /// The account as the snapshot lists it.
    pub(super) fn user(&self, at: u32) -> Option<&User> {
        self.snapshot.users.get(at as usize)
    }

    pub(super) fn person_id(&self, at: u32) -> &str {
        self.names.get(at as usize).map_or("", |names| &names.id)
    }

    /// Display name, else name, of an account.
    pub(super) fn person_name(&self, at: u32) -> Option<&str> {
        let names = self.names.get(at as usize)?;
        names.display_name.as_deref().or(names.name.as_deref())
    }
}

/// The contents as nodes of their trees, and those that name accounts. Restrictions are not read here.
fn read_nodes<'a>(
    snapshot: &'a Snapshot,
    policy: &Policy,
    content_ids: &IdTable,
    space_ids: &FxHashMap<String, u32>,
) -> (Vec<Node>, Vec<&'a Content>) {
    let shares = shares(snapshot.contents.len(), |range| {
        // Contents come space by space, and children of one parent together: the last answers are remembered.
        let mut last_space: (&str, u32) = ("", NONE);
        let mut last_parent: (&str, u32) = ("", MISSING);
        // The first share takes in the others.
        let room = if range.start == 0 { snapshot.contents.len() } else { range.len() };
        let mut nodes = Vec::with_capacity(room);
        let mut naming = Vec::new();
        for content in snapshot.contents.get(range).unwrap_or_default() {
            let kind = match content.kind {
                ContentType::Page => Kind::Page,
                ContentType::Blogpost => Kind::Blogpost,
                ContentType::Comment => Kind::Comment,
                ContentType::Attachment => Kind::Attachment,
                _ => Kind::Other,
            };
            let state = match &content.status {
                ContentStatus::Current => State::Current,
                ContentStatus::Archived => State::Archived,
                ContentStatus::Trashed => State::Trashed,
                ContentStatus::Draft => State::Draft,
                ContentStatus::Other(word) if word == "deleted" || word == "historical" => State::Trashed,
                ContentStatus::Other(_) => State::Unrecognized,
            };
            if state == State::Draft || content.shared_with.is_some() {
                naming.push(content);
            }
            if last_space.0 != content.space_key {
                last_space = (&content.space_key, space_ids.get(&content.space_key).copied().unwrap_or(NONE));
            }
            let parent = match content.parent_id.as_deref() {
                // Source: https://confluence.atlassian.com/doc/page-restrictions-139414.html
                // "Blog posts don't have parents and can't inherit restrictions."
                _ if kind == Kind::Blogpost => ROOT,
                // It is somewhere in the tree, below unknown restrictions.
                _ if content.parent_unknown => MISSING,
                Some(id) => {
                    if last_parent.0 != id {
                        last_parent = (id, content_ids.find(&snapshot.contents, id).unwrap_or(MISSING));
                    }
                    last_parent.1
                }
                None if matches!(kind, Kind::Comment | Kind::Attachment) => MISSING,
                None => ROOT,
            };
            nodes.push(Node {
                parent,
                space: last_space.1,
                lists: NONE,
                kind,
                state,
                unread: Unread::No,
                untrusted: !content.restrictions_verified && policy.untrusted_empty_types.contains(&content.kind),
                cyclic: false,
            });
        }
        (nodes, naming)
    });
    let mut shares = shares.into_iter();
    let (mut nodes, mut naming) = shares.next().unwrap_or_default();
    for (mut others, mut also) in shares {
        nodes.append(&mut others);
        naming.append(&mut also);
    }
    (nodes, naming)
}

/// Rows are counted in 32 bits; a snapshot of more does not fit into memory.
fn row_number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
