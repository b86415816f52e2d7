//! What a log leaves open, and what that makes of a snapshot: entries that may not have been there are taken out, and a gap
//! says that there may have been others.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::point::Point;
use crate::model::plan::Fact;
use crate::model::{
    Content, ContentStatus, Deployment, Gap, GapCause, GapScope, Group, Origin, Permission, Plan, RestrictionOperation,
    SiteFact, Snapshot, SpacePermission, Subject, SubjectKind, Switch,
};
use crate::resolve::site::IndexedSite;

/// What is not known of the past.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Doubt {
    /// A list of a content.
    List(String, RestrictionOperation),
    /// Everything about one content.
    Content(String),
    /// Everything about the contents of a space, or of all spaces.
    Contents(Option<String>),
    /// Where a content was.
    Place(String),
    /// The status of a content.
    Status(String),
    /// Whether a space was archived.
    SpaceStatus(String),
    /// Whether a content had a public link.
    Link(String),
    /// The same of those of a space, or of all.
    Links(Option<String>),
    /// Who held a permission in a space, or any.
    Permissions(String, Option<Permission>),
    /// The same of all spaces.
    AllPermissions,
    /// Which role a subject had in a space.
    Role(String, Subject),
    /// Who was in a group.
    Members(String),
    AllMembers,
    /// Who was in a group that was deleted since.
    Group(String),
    /// The same of a group that is not known.
    UnknownGroup,
    /// Whether an account was active.
    Account(String),
    AllAccounts,
    /// Who could use and who administered the site.
    Rights,
    /// Whether anonymous could use it.
    Anonymous,
    /// All of it.
    Everything,
}

impl Doubt {
    /// What it is made of.
    pub(super) fn parts(self) -> Vec<Self> {
        match self {
            Self::Content(id) => vec![
                Self::List(id.clone(), RestrictionOperation::View),
                Self::List(id.clone(), RestrictionOperation::Edit),
                Self::Place(id.clone()),
                Self::Link(id.clone()),
                Self::Status(id),
            ],
            Self::Everything => vec![
                Self::Contents(None),
                Self::AllPermissions,
                Self::AllMembers,
                Self::AllAccounts,
                Self::UnknownGroup,
                Self::Rights,
                Self::Anonymous,
            ],
            other => vec![other],
        }
    }
}

/// The doubts that would leave something open.
pub(super) fn about(point: &Point, space_of: impl Fn(&str) -> Option<String>) -> Vec<Doubt> {
    let contents = |content: &str| [Doubt::Contents(None), Doubt::Contents(space_of(content))];
    match point {
        Point::Fact(Fact::Entry { content, operation, .. }) => {
            [Doubt::List(content.clone(), *operation)].into_iter().chain(contents(content)).collect()
        }
        Point::Fact(Fact::Permission { space, permission, .. }) => vec![
            Doubt::Permissions(space.clone(), Some(permission.clone())),
            Doubt::Permissions(space.clone(), None),
            Doubt::AllPermissions,
        ],
        Point::Fact(Fact::Role { space, subject, .. }) => vec![
            Doubt::Role(space.clone(), subject.clone()),
            Doubt::Permissions(space.clone(), None),
            Doubt::AllPermissions,
        ],
        Point::Fact(Fact::Member { group, .. }) => {
            vec![Doubt::Members(group.clone()), Doubt::Group(group.clone()), Doubt::AllMembers]
        }
        Point::Fact(Fact::Group { group }) => vec![Doubt::Group(group.clone())],
        Point::Fact(Fact::Parent { .. }) => Vec::new(),
        Point::Link(content) => [Doubt::Link(content.clone()), Doubt::Links(None), Doubt::Links(space_of(content))]
            .into_iter()
            .chain(contents(content))
            .collect(),
        Point::Active(id) => vec![Doubt::Account(id.clone()), Doubt::AllAccounts],
        Point::Anonymous => vec![Doubt::Anonymous],
        Point::AdminKey(_) => vec![Doubt::Rights],
    }
}

/// The smallest doubt that leaves something open.
pub(super) fn smallest(point: &Point) -> Doubt {
    about(point, |_| None).into_iter().next().unwrap_or(Doubt::Everything)
}

/// More contents than this in doubt are one gap of the site.
const MOST_GAPS: usize = 10_000;

/// Everything that is in doubt, by what it is about.
pub(super) struct Doubts<'a> {
    site: &'a IndexedSite,
    lists: BTreeSet<(&'a str, RestrictionOperation)>,
    spaces: BTreeMap<&'a str, Option<BTreeSet<&'a Permission>>>,
    roles: BTreeSet<(&'a str, &'a Subject)>,
    groups: BTreeSet<&'a str>,
    places: BTreeSet<&'a str>,
    statuses: BTreeSet<&'a str>,
    links: BTreeSet<&'a str>,
    accounts: BTreeSet<&'a str>,
    deleted: BTreeSet<&'a str>,
    contents_of: BTreeSet<&'a str>,
    links_of: BTreeSet<&'a str>,
    archived: BTreeSet<&'a str>,
    all: BTreeSet<&'a Doubt>,
}

impl<'a> Doubts<'a> {
    pub(super) fn new(site: &'a IndexedSite, doubts: impl Iterator<Item = &'a Doubt>) -> Self {
        let mut known = Self {
            site,
            lists: BTreeSet::new(),
            spaces: BTreeMap::new(),
            roles: BTreeSet::new(),
            groups: BTreeSet::new(),
            places: BTreeSet::new(),
            statuses: BTreeSet::new(),
            links: BTreeSet::new(),
            accounts: BTreeSet::new(),
            deleted: BTreeSet::new(),
            contents_of: BTreeSet::new(),
            links_of: BTreeSet::new(),
            archived: BTreeSet::new(),
            all: BTreeSet::new(),
        };
        doubts.for_each(|doubt| known.add(doubt));
        known
    }

    fn add(&mut self, doubt: &'a Doubt) {
        match doubt {
            Doubt::List(id, list) => drop(self.lists.insert((id, *list))),
            Doubt::Contents(Some(key)) => drop(self.contents_of.insert(key)),
            Doubt::Place(id) => drop(self.places.insert(id)),
            Doubt::Status(id) => drop(self.statuses.insert(id)),
            Doubt::SpaceStatus(key) => drop(self.archived.insert(key)),
            Doubt::Link(id) => drop(self.links.insert(id)),
            Doubt::Links(Some(key)) => drop(self.links_of.insert(key)),
            Doubt::Permissions(key, None) => drop(self.spaces.insert(key, None)),
            Doubt::Permissions(key, Some(one)) => {
                if let Some(some) = self.spaces.entry(key).or_insert_with(|| Some(BTreeSet::new())) {
                    some.insert(one);
                }
            }
            Doubt::Role(key, subject) => drop(self.roles.insert((key, subject))),
            Doubt::Members(id) => drop(self.groups.insert(id)),
            Doubt::Group(id) => {
                self.groups.insert(id);
                self.deleted.insert(id);
            }
            Doubt::Account(id) => drop(self.accounts.insert(id)),
            Doubt::Content(_)
            | Doubt::Everything
            | Doubt::Contents(None)
            | Doubt::Links(None)
            | Doubt::AllPermissions
            | Doubt::AllMembers
            | Doubt::UnknownGroup
            | Doubt::AllAccounts
            | Doubt::Rights
            | Doubt::Anonymous => drop(self.all.insert(doubt)),
        }
    }

    fn any(&self, doubt: &Doubt) -> bool {
        self.all.contains(doubt)
    }

    fn contents_doubted(&self, key: &str) -> bool {
        self.any(&Doubt::Contents(None)) || self.contents_of.contains(key)
    }

    fn space_of(&self, content: &str) -> Option<&'a str> {
        let at = self.site.find_content(content)?;
        self.site.content(at).map(|content| content.space_key.as_str())
    }

    /// Whether a fact may not have been as it is.
    pub(super) fn cover(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Permission { space, permission, .. } => {
                self.any(&Doubt::AllPermissions)
                    || match self.spaces.get(space.as_str()) {
                        None => false,
                        Some(None) => true,
                        Some(Some(some)) => some.contains(permission),
                    }
            }
            Fact::Role { space, subject, .. } => {
                self.any(&Doubt::AllPermissions)
                    || self.spaces.contains_key(space.as_str())
                    || self.roles.contains(&(space.as_str(), subject))
            }
            Fact::Entry { content, operation, .. } => {
                self.any(&Doubt::Contents(None))
                    || self.lists.contains(&(content.as_str(), *operation))
                    || (!self.contents_of.is_empty()
                        && self.space_of(content).is_some_and(|key| self.contents_of.contains(key)))
            }
            Fact::Member { group, .. } => self.any(&Doubt::AllMembers) || self.groups.contains(group.as_str()),
            Fact::Group { .. } | Fact::Parent { .. } => false,
        }
    }

    /// Takes out what may not have been there, but for the facts that are `known`.
    pub(super) fn take_out(&self, after: &mut Snapshot, known: &HashSet<Fact>) {
        let site = self.site;
        let stays = |fact: Fact| !self.cover(&fact) || known.contains(&fact);
        if self.any(&Doubt::AllPermissions) || !self.spaces.is_empty() || !self.roles.is_empty() {
            after.space_permissions.retain(|row| stays(fact_of_permission(site, row)));
        }
        if self.any(&Doubt::Contents(None)) || !self.contents_of.is_empty() || !self.lists.is_empty() {
            after.restrictions.retain(|row| {
                let (content, subject) = (row.content_id.clone(), site.same(&row.subject));
                stays(Fact::Entry { content, operation: row.operation, subject })
            });
        }
        if self.any(&Doubt::AllMembers) || !self.groups.is_empty() {
            after.memberships.retain(|row| {
                let (group, member) = (site.same(&Subject::group(&row.group_id)).id, site.same(&row.member));
                stays(Fact::Member { group, member })
            });
        }
    }

    /// Says in the snapshot what is not known.
    pub(super) fn mark(&self, after: &mut Snapshot) {
        self.mark_contents(after);
        self.mark_rules(after);
        self.mark_people(after);
    }

    fn mark_contents(&self, after: &mut Snapshot) {
        let everywhere = self.any(&Doubt::Contents(None));
        for space in after.spaces.iter_mut().filter(|space| everywhere || self.archived.contains(space.key.as_str())) {
            space.status = None;
        }
        let moved = self.moved(after);
        let links_doubted = self.any(&Doubt::Links(None)) || self.any(&Doubt::Contents(None));
        let mut lists: Vec<String> = Vec::new();
        for (at, content) in after.contents.iter_mut().enumerate() {
            let key = content.space_key.as_str();
            let all = self.contents_doubted(key);
            if all || LISTS.iter().any(|list| self.lists.contains(&(content.id.as_str(), *list))) {
                lists.push(content.id.clone());
            }
            if links_doubted || all || self.links_of.contains(key) || self.links.contains(content.id.as_str()) {
                content.public_link = None;
            }
            if all || self.archived.contains(key) || self.statuses.contains(content.id.as_str()) {
                content.status = unknown_status();
            }
            if self.places.contains(content.id.as_str()) || all {
                content.parent_unknown = true;
                content.parent_id = None;
                content.parent_type = None;
            }
            if moved.contains(&at) || all {
                // It may have been in another space.
                content.space_key = NOWHERE.to_owned();
            }
        }
        if lists.len() > MOST_GAPS || self.any(&Doubt::Contents(None)) {
            gap(after, SiteFact::Restrictions.about(), "the changes leave open what restricted the content");
        } else {
            for id in lists {
                gap(after, (GapScope::Content, id.as_str()), "the changes leave open what restricted it");
            }
        }
        for id in &self.places {
            gap(after, (GapScope::Audit, id), "the item was moved since, and no record says where it was");
        }
    }

    /// The contents that were moved, and those below them, by their rows.
    fn moved(&self, after: &Snapshot) -> HashSet<usize> {
        if self.places.is_empty() {
            return HashSet::new();
        }
        let rows: BTreeMap<&str, usize> =
            after.contents.iter().enumerate().map(|(at, content)| (content.id.as_str(), at)).collect();
        let mut below: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, content) in after.contents.iter().enumerate() {
            if let Some(parent) = &content.parent_id {
                below.entry(parent).or_default().push(at);
            }
        }
        let mut open: Vec<usize> = self.places.iter().filter_map(|id| rows.get(id)).copied().collect();
        let mut all: HashSet<usize> = open.iter().copied().collect();
        while let Some(at) = open.pop() {
            let id = after.contents.get(at).map_or("", |content: &Content| content.id.as_str());
            open.extend(below.get(id).into_iter().flatten().copied().filter(|child| all.insert(*child)));
        }
        all
    }

    fn mark_rules(&self, after: &mut Snapshot) {
        if self.any(&Doubt::AllPermissions) {
            gap(after, SiteFact::SpacePermissions.about(), "the changes leave open who held which permissions");
        }
        self.mark_free_plan(after);
        for key in self.spaces.keys() {
            gap(after, (GapScope::SpacePermissions, key), "the changes leave open who held which permissions");
        }
        let roles = self.roles.iter().map(|(key, subject)| something(key, subject));
        after.space_permissions.extend(roles);
        if self.any(&Doubt::AllMembers) {
            self.mark_members(after);
        }
        if self.any(&Doubt::UnknownGroup) {
            gap(after, SiteFact::Groups.about(), "a group was deleted since, and no record says which");
        }
        for id in &self.groups {
            gap(after, (GapScope::Group, id), "the changes leave open who was in it");
        }
        self.mark_deleted(after);
    }

    /// Group by group: a gap of the site would be about groups too that are only named somewhere and do not exist.
    fn mark_members(&self, after: &mut Snapshot) {
        let why = "the changes leave open who was in which group";
        if after.groups.len() > MOST_GAPS {
            return gap(after, SiteFact::Memberships.about(), why);
        }
        let groups: Vec<String> = after.groups.iter().map(|group| group.id.clone()).collect();
        groups.iter().for_each(|id| gap(after, (GapScope::Group, id), why));
    }

    /// On the free plan a space without permissions is open to all: that is not so where it is not known that there were none.
    fn mark_free_plan(&self, after: &mut Snapshot) {
        if after.site.deployment != Deployment::Cloud || after.site.plan == Some(Plan::Paid) {
            return;
        }
        let granted: BTreeSet<&str> = after.space_permissions.iter().map(|row| row.space_key.as_str()).collect();
        let doubted = |key: &str| self.any(&Doubt::AllPermissions) || self.spaces.contains_key(key);
        let bare = after.spaces.iter().map(|space| space.key.as_str());
        let bare = bare.filter(|key| !granted.contains(key) && doubted(key));
        let somebody = Subject::new(SubjectKind::Unknown, "");
        let rows: Vec<SpacePermission> = bare.map(|key| something(key, &somebody)).collect();
        let roles: BTreeSet<&str> =
            self.roles.iter().map(|(key, _)| *key).filter(|key| !granted.contains(key)).collect();
        after.space_permissions.extend(rows);
        for key in roles {
            gap(after, (GapScope::SpacePermissions, key), "the changes leave open who held which permissions");
        }
    }

    /// Groups that were deleted since. On Data Center what a group was given goes with it, so it may have been on any list.
    // Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html
    fn mark_deleted(&self, after: &mut Snapshot) {
        if self.deleted.is_empty() {
            return;
        }
        for id in &self.deleted {
            if !after.groups.iter().any(|group| group.id == **id) {
                let mut group = Group::new(*id);
                group.members_complete = false;
                after.groups.push(group);
            }
        }
        if after.site.deployment == Deployment::DataCenter {
            let about = "a group was deleted since, and what it was given went with it";
            gap(after, SiteFact::SpacePermissions.about(), about);
            gap(after, SiteFact::Restrictions.about(), about);
        }
    }

    fn mark_people(&self, after: &mut Snapshot) {
        if self.any(&Doubt::AllAccounts) {
            after.users.iter_mut().for_each(|user| user.active = None);
            gap(after, SiteFact::Users.about(), "the changes leave open which accounts were active");
        }
        for user in after.users.iter_mut().filter(|user| self.accounts.contains(user.id.as_str())) {
            user.active = None;
        }
        for id in &self.accounts {
            gap(after, (GapScope::User, id), "the changes leave open whether the account was there and active");
        }
        if self.any(&Doubt::Rights) {
            forget_rights(after);
        }
        if self.any(&Doubt::Anonymous) {
            after.site.anonymous_enabled = None;
            gap(after, SiteFact::Anonymous.about(), "the changes leave open whether anonymous could use the site");
        }
    }

    /// Whether the groups in doubt may give rights on the site as a whole.
    pub(super) fn may_give_rights(&self) -> bool {
        if !self.any(&Doubt::AllMembers) && self.groups.is_empty() {
            return false;
        }
        let snapshot = &self.site.snapshot;
        let Some(rows) = &snapshot.site.global_permissions else { return true };
        let known = snapshot.global_permissions().gaps.is_empty();
        // A group inside another gives what the other gives.
        let nested = snapshot.memberships.iter().any(|row| row.member.kind == SubjectKind::Group);
        !known
            || nested
            || self.any(&Doubt::AllMembers)
            || rows.iter().any(|row| self.groups.contains(self.site.same(&row.subject).id.as_str()))
    }
}

/// A permission of which nothing is known.
fn something(space: &str, subject: &Subject) -> SpacePermission {
    SpacePermission {
        space_key: space.to_owned(),
        subject: subject.clone(),
        subject_name: None,
        permission: Permission::Other("unknown".to_owned()),
        raw: None,
        via_role: None,
        source: Origin::new("as_of"),
    }
}

/// The key of a space that is not known; none of a space has this form.
const NOWHERE: &str = "?";

const LISTS: [RestrictionOperation; 2] = [RestrictionOperation::View, RestrictionOperation::Edit];

/// A status that is not known: rules take it for any.
pub(super) fn unknown_status() -> ContentStatus {
    ContentStatus::Other("unknown".to_owned())
}

/// The fact a permission of a space is.
pub(super) fn fact_of_permission(site: &IndexedSite, row: &SpacePermission) -> Fact {
    let (space, subject) = (row.space_key.clone(), site.same(&row.subject));
    match &row.via_role {
        None => Fact::Permission { space, subject, permission: row.permission.clone() },
        Some(role) => Fact::Role { space, subject, role: role.clone() },
    }
}

/// The switches that say whether an account has a licence where nobody states it: their answers would be guesses here.
pub(super) const ASSUMED: [&str; 2] = ["assume_licensed", "apps_in_all_licensed_users"];

/// Who could use and who administered the site becomes unknown.
pub(super) fn forget_rights(after: &mut Snapshot) {
    for user in &mut after.users {
        user.licensed = None;
        user.product_admin = None;
        user.system_admin = None;
    }
    after.site.global_permissions = None;
    after.site.licences_listed = false;
    after.site.product_admins_listed = false;
    for switch in ASSUMED {
        after.site.policy.insert(switch.to_owned(), Switch::Word("unknown".to_owned()));
    }
    gap(
        after,
        SiteFact::GlobalPermissions.about(),
        "the changes leave open who could use and who administered the site",
    );
}

/// Notes what is missing, once.
pub(super) fn gap(after: &mut Snapshot, (scope, subject): (GapScope, &str), message: &str) {
    after.gaps.push(Gap::new((scope, subject), GapCause::NotRecorded, message));
}
