//! The whole picture: asks everything the plan says, and puts it in one order.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::cloud::Site;
use super::lists::Restricted;
use super::organization::{Organization, ProductAdmins};
use super::pages::{gap_of_site, gap_of_stranger};
use super::plan;
use super::progress::Step;
use super::{Error, Result};
use crate::apis::cloud_v2::lift::Role;
use crate::model::{
    Content, ContentStatus, ContentType, Deployment, Gap, GapCause, GapScope, Group, Listing, Plan, SiteFact, Snapshot,
    Space, SpacePermission, Subject, SubjectKind, User,
};

/// Reads everything about the spaces named by key; `None`: all of them. `organization`: is asked for more product admins.
///
/// # Errors
/// Where not even the spaces can be read. Whatever fails later is a gap.
pub(super) async fn snapshot(
    reader: &Site<'_>,
    scope: Option<&[String]>,
    organization: Option<&Organization>,
) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new(Deployment::Cloud);
    snapshot.taken_at = Some(jiff::Timestamp::now());
    snapshot.site.base_url = Some(reader.session.transport.target.site.clone());

    let ((mode, roles, role_gaps), caller, spaces, edition) =
        futures::join!(reader.mode_and_roles(), reader.current_user(), reader.spaces(scope), reader.plan());
    let spaces = spaces?;
    match edition {
        Ok(plan) => snapshot.site.plan = plan,
        Err(error) => snapshot.gaps.push(gap_of_site(&error, SiteFact::Plan)),
    }
    snapshot.gaps.extend(spaces.gaps);
    snapshot.spaces = spaces.rows;
    snapshot.spaces.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| plan::by_id(&a.id, &b.id)));
    snapshot.site.role_mode = mode;
    snapshot.gaps.extend(role_gaps);
    let mut people = People::default();
    let mut administers = None;
    match caller {
        Ok(caller) => {
            administers = caller.administers();
            let licensed = caller.uses().filter(|uses| *uses);
            // Whoever is let in is not deactivated.
            people.extend(caller.user.map(|user| User {
                licensed: user.licensed.or(licensed),
                active: user.active.or(Some(true)),
                ..user
            }));
            snapshot.site.caller = Some(caller.subject);
        }
        // Answered as anonymous: everything read would be what anonymous sees.
        Err(error) if error.is_of_stranger() => return Err(error),
        // No answer of the resolver depends on whose view this is, but the account may be missing among the others.
        Err(error) => snapshot.gaps.push(gap_of_site(&error, SiteFact::Accounts)),
    }

    let context = reader.context(&snapshot.spaces);
    let searchable: Vec<Space> = snapshot.spaces.iter().filter(|s| !s.archived()).cloned().collect();
    let (permissions, listed, found, nodes, mut groups, coverage, mut admins) = futures::join!(
        all_permissions(reader, &snapshot.spaces, roles.as_ref()),
        reader.listing(&snapshot.spaces),
        reader.search(&searchable),
        reader.search_nodes(&searchable),
        reader.groups(),
        reader.coverage(administers, snapshot.site.plan.as_ref()),
        async {
            match organization {
                Some(organization) => organization.product_admins(reader.session.transport).await,
                None => ProductAdmins::default(),
            }
        },
    );
    admins.believe(&groups.all, &BTreeSet::new());
    let by_role = admins.groups.iter().filter(|id| groups.all.iter().any(|group| group.id == **id));
    groups.admin.extend(by_role.cloned());
    snapshot.site.coverage = coverage;
    snapshot.space_permissions = permissions.rows;
    snapshot.gaps.extend(permissions.gaps);
    snapshot.gaps.extend(listed.gaps);
    let mut restricted = found;
    let (nodes, unsearched) = nodes;
    restricted.absorb(nodes);
    // Search knows nothing of archived spaces, nor of an admin key.
    let quiet: Vec<Space> = if reader.session.transport.keyed() {
        snapshot.spaces.clone()
    } else {
        snapshot.spaces.iter().filter(|space| space.archived()).cloned().chain(unsearched).collect()
    };

    let keys: HashSet<&str> = snapshot.spaces.iter().map(|s| s.key.as_str()).collect();
    let mut contents: HashMap<String, Content> = HashMap::new();
    // What only the search knows is kept too; the listing knows more about what both know.
    let mut only_found: BTreeSet<String> = restricted.contents.iter().map(|content| content.id.clone()).collect();
    for content in &listed.rows {
        only_found.remove(&content.id);
    }
    for content in std::mem::take(&mut restricted.contents).into_iter().chain(listed.rows) {
        contents.insert(content.id.clone(), content);
    }
    contents.retain(|_, content| keys.contains(content.space_key.as_str()));
    let only_found: Vec<String> = only_found.into_iter().filter(|id| contents.contains_key(id)).collect();

    // Nodes above, restrictions one by one, and the members of the groups known so far, side by side.
    let first = uncovered(&contents, &restricted);
    reader.session.progress.expect(Step::Restrictions, contents.len());
    let mut wanted = groups_to_read(&snapshot.space_permissions, &restricted, groups.access.union(&groups.admin));
    if scope.is_none() {
        // The picture of a whole site shows who is in which group, whether or not some rule asks.
        wanted.extend(groups.all.iter().map(|group| group.id.clone()));
    }
    let before: HashSet<String> = contents.keys().cloned().collect();
    let (singly, (mut parent_gaps, listed_below), mut members) = futures::join!(
        reader.restrictions_singly(first),
        async {
            let mut gaps = reader.place(&mut contents, &only_found, &context).await;
            contents.retain(|_, content| keys.contains(content.space_key.as_str()));
            gaps.extend(reader.parents(&mut contents, &context).await);
            let (found, whole, below) = reader.childless_nodes(&contents, &quiet).await;
            gaps.extend(below);
            for content in found {
                contents.entry(content.id.clone()).or_insert(content);
            }
            (gaps, whole)
        },
        reader.members_of(&wanted, &groups.all),
    );
    restricted.absorb(singly);
    if !listed_below {
        snapshot.site.coverage.push(
            "folders, whiteboards, databases and embeds that nothing hangs under may be missing where nothing can be searched for, as in archived spaces"
                .to_owned(),
        );
    }
    let late: Vec<String> = uncovered(&contents, &restricted).into_iter().filter(|id| !before.contains(id)).collect();
    reader.session.progress.expect(Step::Restrictions, late.len());
    restricted.absorb(reader.restrictions_singly(late).await);
    contradict(&mut restricted.gaps, &contents);
    contradict(&mut parent_gaps, &contents);
    let more: BTreeSet<String> =
        groups_to_read(&snapshot.space_permissions, &restricted, [].iter()).difference(&wanted).cloned().collect();
    if !more.is_empty() {
        members.absorb(reader.members_of(&more, &groups.all).await);
    }
    reader.session.progress.close(Step::Contents);
    reader.session.progress.close(Step::Restrictions);
    reader.session.progress.close(Step::Members);

    snapshot.contents = contents.into_values().collect();
    snapshot.restrictions = restricted.rows;
    // What was filled in singly is no longer missing; of what could not be, the part that came is kept.
    let covered = restricted.covered;
    snapshot.restrictions.extend(restricted.partial.into_iter().filter(|row| !covered.contains(&row.content_id)));
    snapshot.gaps.extend(
        restricted
            .gaps
            .into_iter()
            .chain(parent_gaps)
            .filter(|gap| gap.scope != GapScope::Content || !covered.contains(&gap.subject)),
    );
    snapshot.gaps.extend(groups.gaps);
    snapshot.gaps.extend(members.gaps);
    people.extend(restricted.users);
    people.extend(members.users);
    snapshot.memberships = members.rows;

    let mut by_id: HashMap<String, Group> = HashMap::new();
    // The listing says most about a group, then the question for one, then what stood beside a rule.
    for group in restricted.groups.into_iter().chain(members.groups).chain(groups.all) {
        by_id.insert(group.id.clone(), group);
    }
    by_id.retain(|id, _| !members.vanished.contains(id));
    // A group named by its name alone, of which the site knows nothing, has no id any more.
    for row in &mut snapshot.restrictions {
        if row.subject.kind == SubjectKind::Group
            && members.vanished.contains(&row.subject.id)
            && row.subject_name.as_deref() == Some(row.subject.id.as_str())
            && !by_id.values().any(|group| group.name == row.subject_name)
        {
            row.subject = Subject::without_id(SubjectKind::Group, &row.subject.id);
        }
    }
    for group in by_id.values_mut() {
        group.members_complete = members.complete.contains(&group.id);
    }
    snapshot.groups = by_id.into_values().collect();

    // Rules about everybody need everybody's names. Where the groups that open the product are known, their members are
    // just that; otherwise the accounts are searched for.
    let named = !groups.access.is_empty() && groups.access.is_subset(&members.complete);
    snapshot.site.licences_listed = named && groups.access_complete;
    snapshot.site.product_admins_listed = groups.admin_complete && groups.admin.is_subset(&members.complete);
    let unnamed = plan::names_everybody(&snapshot.space_permissions) || snapshot.site.plan == Some(Plan::Free);
    let people_in = |wanted: &dyn Fn(&str) -> bool| -> BTreeSet<&str> {
        let rows = snapshot.memberships.iter().filter(|m| m.member.kind == SubjectKind::User && wanted(&m.group_id));
        rows.map(|m| m.member.id.as_str()).collect()
    };
    let others = &people_in(&|_| true) - &people_in(&|group| groups.admin.contains(group));
    admins.believe(&[], &others);
    snapshot.gaps.extend(std::mem::take(&mut admins.gaps));
    // Whom a space grants something as a product admin is named, whether or not anything else names the account.
    let mut searched: BTreeSet<String> = admins.users.iter().map(|user| user.id.clone()).collect();
    people.extend(admins.users);
    if unnamed && !named {
        let everybody = reader.everybody().await;
        snapshot.gaps.extend(everybody.gaps);
        searched.extend(everybody.rows.iter().map(|user| user.id.clone()));
        people.extend(everybody.rows);
    }
    let mut ids = accounts(&snapshot, searched);
    // A question that holds only ids no server gave would be refused.
    ids.retain(|id| Subject::is_given(id));
    // Of whom the lists of members told everything a question for accounts would tell, nobody asks again.
    let users: HashSet<&str> = snapshot
        .memberships
        .iter()
        .filter(|m| m.member.kind == SubjectKind::User && groups.access.contains(&m.group_id))
        .map(|m| m.member.id.as_str())
        .collect();
    ids.retain(|id| !(users.contains(id.as_str()) && people.told(id)));
    reader.session.progress.expect(Step::Users, ids.len());
    let ((looked_up, unknown, _), anonymous) = futures::join!(reader.users(&ids), anonymous(reader, &snapshot));
    reader.session.progress.close(Step::Users);
    snapshot.gaps.extend(looked_up.gaps);
    people.extend(looked_up.rows);
    people.forget(&unknown);
    snapshot.users = people.into_users(&snapshot.memberships, &groups.access, &groups.admin);
    match anonymous {
        Ok(enabled) => snapshot.site.anonymous_enabled = enabled,
        Err(gap) => snapshot.gaps.push(*gap),
    }
    snapshot.name_subjects();
    in_order(&mut snapshot);
    Ok(snapshot)
}

/// Permissions of all spaces.
async fn all_permissions(
    reader: &Site<'_>,
    spaces: &[Space],
    roles: Option<&HashMap<String, Role>>,
) -> Listing<SpacePermission> {
    reader.session.progress.expect(Step::Permissions, spaces.len());
    let mut all = Listing::default();
    for (one, _) in reader.session.all(spaces.iter().map(|space| reader.permissions(space, roles))).await {
        all.rows.extend(one.rows);
        all.gaps.extend(one.gaps);
    }
    all
}

/// Contents whose restrictions are not read to the end, in order.
pub(super) fn uncovered(contents: &HashMap<String, Content>, restricted: &Restricted) -> Vec<String> {
    let mut ids: Vec<String> = contents.keys().filter(|id| !restricted.covered.contains(*id)).cloned().collect();
    ids.sort_by(|a, b| plan::by_id(a, b));
    ids
}

/// Tells what answered 404 although the content is there from a draft, which is no layer. A folder and the like is never a
/// draft above something published.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
pub(super) fn contradict(gaps: &mut [Gap], contents: &HashMap<String, Content>) {
    for gap in gaps.iter_mut().filter(|gap| gap.scope == GapScope::Content && gap.cause == GapCause::NotFound) {
        let there = contents.get(&gap.subject).is_some_and(|content| {
            matches!(content.status, ContentStatus::Current | ContentStatus::Archived)
                || matches!(
                    content.kind,
                    ContentType::Folder | ContentType::Whiteboard | ContentType::Database | ContentType::Embed
                )
        });
        if there {
            gap.cause = GapCause::Contradicted;
            gap.message.push_str("; but the content is there, so its restrictions are not known");
        }
    }
}

/// Groups whose members matter: those some rule names, and those that open the product.
fn groups_to_read<'a>(
    permissions: &[SpacePermission],
    restricted: &Restricted,
    access: impl Iterator<Item = &'a String>,
) -> BTreeSet<String> {
    let mut ids = plan::groups_in_rules(permissions, &restricted.rows);
    ids.extend(plan::groups_in_rules(&[], &restricted.partial));
    ids.extend(access.cloned());
    ids
}

/// Ids of all accounts that stand anywhere in what was read, in order.
fn accounts(snapshot: &Snapshot, mut ids: BTreeSet<String>) -> Vec<String> {
    ids.extend(plan::users_in_rules(&snapshot.space_permissions, &snapshot.restrictions));
    let member = snapshot.memberships.iter().map(|m| &m.member).chain(&snapshot.site.caller);
    ids.extend(member.filter(|s| s.kind == SubjectKind::User).map(|s| s.id.clone()));
    ids.extend(snapshot.contents.iter().filter_map(|c| c.author_id.clone()));
    ids.extend(snapshot.spaces.iter().filter_map(|s| s.owner_id.clone()));
    ids.retain(|id| !id.is_empty());
    ids.into_iter().collect()
}

/// Whether anonymous may use the site; asked only where some space is open to them, because nothing else depends on it.
async fn anonymous(reader: &Site<'_>, snapshot: &Snapshot) -> std::result::Result<Option<bool>, Box<Gap>> {
    let open = plan::anonymous_spaces(&snapshot.space_permissions);
    if open.is_empty() {
        return Ok(None);
    }
    let unread: HashSet<&str> =
        snapshot.gaps.iter().filter(|g| g.scope == GapScope::Content).map(|g| g.subject.as_str()).collect();
    let content = plan::open_content(&snapshot.contents, &snapshot.restrictions, &snapshot.spaces, &open, &unread);
    let Some(content) = content else {
        // Nothing is there that the answer would open.
        if !snapshot.contents.iter().any(|c| open.contains(c.space_key.as_str())) {
            return Ok(None);
        }
        return Err(Box::new(Gap::new(
            SiteFact::Anonymous.about(),
            GapCause::Unsupported,
            "whether anonymous may use the site could not be asked: no content is open to them in all other respects",
        )));
    };
    reader.anonymous_may_view(content).await.map_err(|error: Error| Box::new(gap_of_stranger(&error)))
}

/// Accounts from several answers, each of which knows something.
#[derive(Default)]
pub(super) struct People(HashMap<String, User>);

impl People {
    /// Later answers win; what they leave open, earlier ones fill.
    pub(super) fn extend(&mut self, users: impl IntoIterator<Item = User>) {
        for user in users {
            match self.0.entry(user.id.clone()) {
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    let merged = merged(user, known.get());
                    known.insert(merged);
                }
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(user);
                }
            }
        }
    }

    /// Whether everything is known of an account that a question for it would tell. That it is licensed, which only some
    /// answers tell, has to be known otherwise.
    fn told(&self, id: &str) -> bool {
        use crate::model::UserType;
        self.0.get(id).is_some_and(|user| {
            let named = user.display_name.is_some() && user.email.is_some();
            named && user.active.is_some() && matches!(user.kind, UserType::Person | UserType::App)
        })
    }

    /// Accounts the site does not know any more: rules still name them, as `Former user`, but nobody can be them.
    pub(super) fn forget(&mut self, ids: &[String]) {
        for id in ids {
            self.0.remove(id);
        }
    }

    /// The accounts by id.
    pub(super) fn by_id(self) -> HashMap<String, User> {
        self.0
    }

    /// The accounts, with what their groups say about them. Not to be in a group that opens the product is no evidence.
    fn into_users(
        mut self,
        memberships: &[crate::model::DirectMembership],
        access: &BTreeSet<String>,
        admin: &BTreeSet<String>,
    ) -> Vec<User> {
        for membership in memberships.iter().filter(|m| m.member.kind == SubjectKind::User) {
            if let Some(user) = self.0.get_mut(&membership.member.id) {
                if access.contains(&membership.group_id) {
                    user.licensed = Some(true);
                }
                if admin.contains(&membership.group_id) {
                    user.product_admin = Some(true);
                }
            }
        }
        self.0.into_values().collect()
    }
}

fn merged(first: User, second: &User) -> User {
    use crate::model::UserType;
    User {
        name: first.name.or_else(|| second.name.clone()),
        display_name: first.display_name.or_else(|| second.display_name.clone()),
        email: first.email.or_else(|| second.email.clone()),
        kind: if first.kind == UserType::Unknown { second.kind.clone() } else { first.kind },
        active: first.active.or(second.active),
        guest: first.guest.or(second.guest),
        licensed: first.licensed.or(second.licensed),
        product_admin: first.product_admin.or(second.product_admin),
        org_admin: first.org_admin.or(second.org_admin),
        system_admin: first.system_admin.or(second.system_admin),
        admin_key: first.admin_key.or(second.admin_key),
        ..first
    }
}

/// One order for every run: what came first depends on the network.
pub(super) fn in_order(snapshot: &mut Snapshot) {
    snapshot.contents.sort_by(|a, b| a.space_key.cmp(&b.space_key).then_with(|| plan::by_id(&a.id, &b.id)));
    snapshot.users.sort_by(|a, b| a.id.cmp(&b.id));
    snapshot.groups.sort_by(|a, b| a.id.cmp(&b.id));
    snapshot.memberships.sort_by(|a, b| (&a.group_id, &a.member).cmp(&(&b.group_id, &b.member)));
    snapshot.memberships.dedup_by(|a, b| (&a.group_id, &a.member) == (&b.group_id, &b.member));
    snapshot.space_permissions.sort_by(|a, b| {
        (&a.space_key, &a.subject, &a.permission, &a.via_role, &a.raw).cmp(&(
            &b.space_key,
            &b.subject,
            &b.permission,
            &b.via_role,
            &b.raw,
        ))
    });
    snapshot.space_permissions.dedup();
    snapshot.restrictions.sort_by(|a, b| {
        plan::by_id(&a.content_id, &b.content_id)
            .then_with(|| (a.operation, &a.subject).cmp(&(b.operation, &b.subject)))
    });
    snapshot
        .restrictions
        // Several deleted accounts go by one name.
        .dedup_by(|a, b| {
            (&a.content_id, a.operation, &a.subject) == (&b.content_id, b.operation, &b.subject)
                && !a.subject.lost_its_id()
        });
    snapshot.gaps.sort_by(|a, b| {
        (&a.scope, &a.subject, a.cause.as_str(), &a.route, &a.message).cmp(&(
            &b.scope,
            &b.subject,
            b.cause.as_str(),
            &b.route,
            &b.message,
        ))
    });
    snapshot.gaps.dedup();
}
