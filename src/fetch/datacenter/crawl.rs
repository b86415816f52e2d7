//! The whole picture of an installation.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::connect::UserRef;
use super::contents::listing;
use super::people::{Found, stranger};
use super::restrictions::LISTS;
use super::site::Site;
use super::spaces::{own, owner_of};
use crate::apis::datacenter::requests;
use crate::fetch::crawl::{People, contradict, in_order, uncovered};
use crate::fetch::lists::Restricted;
use crate::fetch::pages::{gap_of, gap_of_site};
use crate::fetch::progress::Step;
use crate::fetch::{Result, lists, plan};
use crate::model::{
    Deployment, Gap, GapCause, GapScope, GlobalPermission, Group, Listing, Missing, SiteFact, SitePermission, Snapshot,
    Space, SpacePermission, Subject, SubjectKind, User,
};

/// Its members see everything, so who is in it always matters.
const SUPER_GROUP: &str = "confluence-administrators";

/// Reads everything about the spaces named by key; `None`: all of them.
///
/// # Errors
/// Where not even the spaces can be read. Whatever fails later is a gap.
pub(in crate::fetch) async fn snapshot(reader: &Site<'_>, scope: Option<&[String]>) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new(Deployment::DataCenter);
    snapshot.taken_at = Some(jiff::Timestamp::now());
    snapshot.site.base_url = Some(reader.session.transport.target.site.clone());
    snapshot.site.version.clone_from(&reader.installation.version_text);
    snapshot.site.caller = reader.installation.subject();

    let (spaces, mode, global, groups) =
        futures::join!(reader.spaces(scope), reader.read_only(), reader.global_permissions(), reader.group_listing(),);
    let spaces = spaces?;
    snapshot.gaps.extend(spaces.gaps);
    snapshot.spaces = spaces.rows;
    snapshot.spaces.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| plan::by_id(&a.id, &b.id)));
    snapshot.site.read_only = mode.0;
    snapshot.gaps.extend(mode.1);
    let global = match global {
        Ok(global) => global,
        Err(error) => {
            snapshot.gaps.push(gap_of_site(&error, SiteFact::GlobalPermissions));
            None
        }
    };
    let mut known: BTreeMap<String, Group> = BTreeMap::new();
    match groups {
        Ok(walked) => {
            reader.session.progress.add(Step::Groups, walked.rows.len());
            known.extend(walked.rows.into_iter().map(|group| (group.id.clone(), group)));
            snapshot.gaps.extend(walked.gaps);
        }
        Err(error) => snapshot.gaps.push(gap_of_site(&error, SiteFact::Groups)),
    }
    reader.session.progress.close(Step::Groups);

    let (permissions, mut listed) =
        futures::join!(permissions(reader, &snapshot.spaces), listing(reader, &snapshot.spaces));
    snapshot.space_permissions = permissions.rows;
    snapshot.gaps.extend(permissions.gaps);
    let mut restricted = std::mem::take(&mut listed.restricted);

    // Nodes above, lists one by one, and the members of the groups known so far, side by side.
    let first = uncovered(&listed.contents, &restricted);
    let before: HashSet<String> = listed.contents.keys().cloned().collect();
    reader.session.progress.expect(Step::Restrictions, listed.contents.len());
    let mut named = std::mem::take(&mut snapshot.space_permissions);
    in_one_spelling(&mut named, &mut restricted, &known);
    snapshot.space_permissions = named;
    let mut wanted = groups_to_read(&snapshot.space_permissions, &restricted, global.as_ref());
    if scope.is_none() {
        // The picture of a whole site shows who is in which group, whether or not some rule asks.
        wanted.extend(known.keys().cloned());
    }
    let (singly, parent_gaps, mut members) = futures::join!(
        lists::read_all(reader.session.transport, &LISTS, first, reader.session.width, reader.session.progress),
        reader.parents(&mut listed),
        reader.members_of(&wanted, &known),
    );
    restricted.absorb(singly);
    restricted.absorb(std::mem::take(&mut listed.restricted));
    let mut contents = std::mem::take(&mut listed.contents);
    let keys: HashSet<&str> = snapshot.spaces.iter().map(|space| space.key.as_str()).collect();
    contents.retain(|_, content| keys.contains(content.space_key.as_str()));
    let unread: HashSet<&str> = parent_gaps.iter().map(|gap| gap.subject.as_str()).collect();
    let late: Vec<String> = uncovered(&contents, &restricted)
        .into_iter()
        .filter(|id| !before.contains(id) && !unread.contains(id.as_str()))
        .collect();
    reader.session.progress.expect(Step::Restrictions, late.len());
    restricted.absorb(
        lists::read_all(reader.session.transport, &LISTS, late, reader.session.width, reader.session.progress).await,
    );
    contradict(&mut restricted.gaps, &contents);
    in_one_spelling(&mut snapshot.space_permissions, &mut restricted, &known);
    let more: BTreeSet<String> = groups_to_read(&snapshot.space_permissions, &restricted, None)
        .difference(&wanted)
        .filter(|name| !members.complete.contains(*name) && !members.rows.iter().any(|row| row.group_id == **name))
        .cloned()
        .collect();
    if !more.is_empty() {
        members.absorb(reader.members_of(&more, &known).await);
    }
    reader.session.progress.close(Step::Contents);
    reader.session.progress.close(Step::Restrictions);
    reader.session.progress.close(Step::Members);

    snapshot.contents = contents.into_values().collect();
    snapshot.restrictions = std::mem::take(&mut restricted.rows);
    // What was filled in singly is no longer missing; of what could not be, the part that came is kept.
    let covered = std::mem::take(&mut restricted.covered);
    snapshot.restrictions.extend(restricted.partial.into_iter().filter(|row| !covered.contains(&row.content_id)));
    snapshot.gaps.extend(
        listed
            .gaps
            .into_iter()
            .chain(restricted.gaps)
            .chain(parent_gaps)
            .filter(|gap| gap.scope != GapScope::Content || !covered.contains(&gap.subject)),
    );
    snapshot.gaps.extend(std::mem::take(&mut members.gaps));
    snapshot.memberships = std::mem::take(&mut members.rows);
    if reader.installation.nested.get() == Some(&false) {
        snapshot.gaps.push(nested_gap());
    }

    let mut by_name: HashMap<String, Group> = HashMap::new();
    for group in members.groups.drain(..).chain(known.into_values()) {
        by_name.insert(group.id.clone(), group);
    }
    by_name.retain(|name, _| !members.vanished.contains(name));
    for group in by_name.values_mut() {
        group.members_complete = members.complete.contains(&group.id);
    }
    snapshot.groups = by_name.into_values().collect();
    reader.tell_provenance(&mut snapshot.groups);
    reader.tell_only_directory(&mut snapshot.groups).await;

    people(reader, &mut snapshot, restricted.users, &members.users, global.as_ref()).await;
    let anonymous = anonymous(reader, &snapshot, global.as_ref()).await;
    match anonymous {
        Ok(enabled) => snapshot.site.anonymous_enabled = enabled,
        Err(gap) => snapshot.gaps.push(*gap),
    }
    if let Some(global) = global {
        snapshot.gaps.extend(global.gaps);
    }
    snapshot.site.coverage = coverage(reader, &snapshot);
    in_order(&mut snapshot);
    // A client that was closed on the way has read something, but nobody asked for a part of it.
    if reader.session.transport.closed.is_cancelled() {
        return Err(reader.session.transport.closed_error());
    }
    Ok(snapshot)
}

/// Permissions of all spaces, as they were told.
async fn permissions(reader: &Site<'_>, spaces: &[Space]) -> Listing<SpacePermission> {
    reader.session.progress.expect(Step::Permissions, spaces.len());
    let parts = reader
        .session
        .all(spaces.iter().map(|space| async move {
            let told = reader.space_permissions_from(&space.key, None).await;
            reader.session.progress.add(Step::Permissions, 1);
            told.unwrap_or_else(|error| Listing {
                rows: Vec::new(),
                gaps: vec![gap_of(&error, GapScope::SpacePermissions, &space.key)],
            })
        }))
        .await;
    let mut all = Listing::default();
    for part in parts {
        all.rows.extend(part.rows);
        all.gaps.extend(part.gaps);
    }
    all
}

/// Groups whose members matter: those some rule names, those that open the site, and the one that sees everything.
fn groups_to_read(
    permissions: &[SpacePermission],
    restricted: &Restricted,
    global: Option<&Listing<GlobalPermission>>,
) -> BTreeSet<String> {
    let mut names = plan::groups_in_rules(permissions, &restricted.rows);
    names.extend(plan::groups_in_rules(&[], &restricted.partial));
    if let Some(global) = global {
        let groups = global.rows.iter().filter(|row| row.subject.kind == SubjectKind::Group);
        names.extend(groups.map(|row| row.subject.id.clone()));
        names.insert(SUPER_GROUP.to_owned());
    }
    if global.is_none() && !permissions.is_empty() {
        names.insert(SUPER_GROUP.to_owned());
    }
    names
}

/// Spells groups in rules as the list of groups does: rules may keep a name in lower case.
fn in_one_spelling(permissions: &mut [SpacePermission], restricted: &mut Restricted, known: &BTreeMap<String, Group>) {
    let mut lower: HashMap<String, Option<&str>> = HashMap::new();
    for name in known.keys() {
        lower.entry(name.to_lowercase()).and_modify(|other| *other = None).or_insert(Some(name));
    }
    let respell = |subject: &mut Subject| {
        if subject.kind == SubjectKind::Group
            && !known.contains_key(&subject.id)
            && let Some(Some(name)) = lower.get(&subject.id.to_lowercase())
        {
            subject.id = (*name).to_owned();
        }
    };
    permissions.iter_mut().for_each(|row| respell(&mut row.subject));
    restricted.rows.iter_mut().chain(&mut restricted.partial).for_each(|row| respell(&mut row.subject));
}

/// The accounts of a snapshot: those in rules and groups, with what is known of their state and rights.
async fn people(
    reader: &Site<'_>,
    snapshot: &mut Snapshot,
    listed: Vec<User>,
    members: &[User],
    global: Option<&Listing<GlobalPermission>>,
) {
    reader.remember(&listed);
    reader.remember(members);
    let mut gaps = reader.name_permissions(&mut snapshot.space_permissions, false).await;
    gaps.extend(reader.name_restrictions(&mut snapshot.restrictions).await);

    // Whoever some rule or group speaks about has to be known, and whether the account is active.
    let mut wanted: BTreeSet<UserRef> = BTreeSet::new();
    let in_rules = plan::users_in_rules(&snapshot.space_permissions, &snapshot.restrictions);
    let member = snapshot.memberships.iter().map(|row| &row.member).filter(|s| s.kind == SubjectKind::User);
    let global_users = global.iter().flat_map(|global| &global.rows).map(|row| &row.subject);
    let global_users = global_users.filter(|subject| subject.kind == SubjectKind::User);
    let ids = in_rules.iter().chain(member.chain(global_users).map(|subject| &subject.id));
    wanted.extend(ids.filter(|id| Subject::is_given(id)).map(|id| UserRef::Key(id.clone())));
    let mut people = People::default();
    people.extend(listed);
    people.extend(members.iter().cloned());
    people.extend(reader.installation.caller.clone().map(|caller| User {
        // Whoever is let in is not deactivated.
        active: caller.active.or(Some(true)),
        ..caller
    }));
    wanted.extend(snapshot.spaces.iter().filter_map(owner_of));
    reader.session.progress.expect(Step::Users, wanted.len());
    let Found { known, gaps: failed, .. } = reader.people(&wanted, true).await;
    reader.session.progress.add(Step::Users, wanted.len());
    reader.session.progress.close(Step::Users);
    gaps.extend(failed);
    let doubtful: HashSet<String> = gaps.iter().map(|gap| gap.subject.clone()).collect();
    let gone: Vec<String> = wanted
        .iter()
        .filter(|name| !known.contains_key(name))
        .filter_map(|name| match name {
            UserRef::Key(key) if !doubtful.contains(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    own(&mut snapshot.spaces, &known);
    people.extend(known.into_values());
    // Rules about everybody need everybody's names.
    let open = |row: &SpacePermission| row.subject.kind == SubjectKind::Unlicensed;
    if plan::names_everybody(&snapshot.space_permissions) || snapshot.space_permissions.iter().any(open) {
        let everybody = reader.everybody().await;
        gaps.extend(everybody.gaps);
        people.extend(everybody.rows);
    }
    people.forget(&gone);
    let mut users = people.by_id();
    match global {
        Some(global) => rights(snapshot, &mut users, global),
        None => {
            if let Some(licensed) = reader.licensed_by_extender().await {
                for user in users.values_mut() {
                    user.licensed = if licensed.has(user) { Some(true) } else { licensed.complete.then_some(false) };
                }
                snapshot.site.licences_listed = licensed.complete;
            }
        }
    }
    snapshot.users = users.into_values().collect();
    snapshot.name_subjects();
    snapshot.gaps.extend(gaps);
}

/// Who may use and administer the site, where its permissions were told.
fn rights(snapshot: &mut Snapshot, users: &mut HashMap<String, User>, global: &Listing<GlobalPermission>) {
    let mut entries: HashMap<&str, Vec<&Subject>> = HashMap::new();
    for row in &snapshot.memberships {
        entries.entry(&row.group_id).or_default().push(&row.member);
    }
    // A group that could neither be listed nor read stands nowhere but in its gap.
    let unread = snapshot.gaps.iter().filter(|gap| gap.scope == GapScope::Group).map(|gap| gap.subject.as_str());
    let incomplete: HashSet<&str> = snapshot
        .groups
        .iter()
        .filter(|group| !group.members_complete)
        .map(|group| group.id.as_str())
        .chain(unread)
        .collect();
    let listed_groups = !snapshot.gaps.iter().any(|gap| gap.missing() == Missing::Site(SiteFact::NestedGroups));
    let holders = |permission: SitePermission| {
        let mut people: HashSet<String> = HashSet::new();
        let mut open: Vec<&Subject> =
            global.rows.iter().filter(|row| row.permission == permission).map(|row| &row.subject).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut complete = global.gaps.is_empty() && listed_groups;
        while let Some(subject) = open.pop() {
            match subject.kind {
                SubjectKind::User => {
                    complete &= !subject.lost_its_id();
                    people.insert(subject.id.clone());
                }
                SubjectKind::Group if seen.insert(&subject.id) => {
                    complete &= !incomplete.contains(subject.id.as_str());
                    open.extend(entries.get(subject.id.as_str()).into_iter().flatten().copied());
                }
                SubjectKind::Group | SubjectKind::Anonymous | SubjectKind::Unlicensed => {}
                _ => complete = false,
            }
        }
        (people, complete)
    };
    let (uses, uses_complete) = holders(SitePermission::Use);
    let (system, system_complete) = holders(SitePermission::AdministerSystem);
    let (administers, administers_complete) = holders(SitePermission::Administer);
    for user in users.values_mut() {
        let id = &user.id;
        // An administrator who was not given the use of the site is left open: documents do not say which comes first.
        let powerful = system.contains(id) || administers.contains(id);
        user.licensed = match uses.contains(id) {
            true => Some(true),
            false if uses_complete && !powerful => Some(false),
            false => None,
        };
        user.system_admin = if system.contains(id) { Some(true) } else { system_complete.then_some(false) };
        user.product_admin = if administers.contains(id) { Some(true) } else { administers_complete.then_some(false) };
    }
    // An account in none of the groups that were read may be in one that was not.
    snapshot.site.licences_listed = true;
}

/// That groups inside groups are not told. Their members may be listed as members of the outer group, or not.
fn nested_gap() -> Gap {
    let route = requests::nested_groups("{name}", requests::NameForm::Path, requests::PEOPLE_LIMIT).route();
    let message = format!(
        "{route}: this version does not tell which groups stand inside groups; where there are none, say so with the policy switch `nested_groups`"
    );
    Gap::new(SiteFact::NestedGroups.about(), GapCause::Unsupported, message).at(route).answered(Some(404))
}

/// Whether anonymous may use the site: as its permissions say, else as a request without credentials is answered. Asked only
/// where some space is open to them, because nothing else depends on it.
async fn anonymous(
    reader: &Site<'_>,
    snapshot: &Snapshot,
    global: Option<&Listing<GlobalPermission>>,
) -> std::result::Result<Option<bool>, Box<Gap>> {
    if let Some(global) = global {
        let named = global
            .rows
            .iter()
            .any(|row| row.subject.kind == SubjectKind::Anonymous && row.permission == SitePermission::Use);
        if named || global.gaps.is_empty() {
            return Ok(Some(named));
        }
    }
    if plan::anonymous_spaces(&snapshot.space_permissions).is_empty() {
        return Ok(None);
    }
    stranger(reader).await.map(Some)
}

/// What this account cannot see, one sentence each.
fn coverage(reader: &Site<'_>, snapshot: &Snapshot) -> Vec<String> {
    let own = reader.installation.subject();
    let group = snapshot.groups.iter().find(|group| group.id == SUPER_GROUP);
    let member = own
        .as_ref()
        .map(|own| snapshot.memberships.iter().any(|row| row.group_id == SUPER_GROUP && row.member == *own));
    let mut notes = Vec::new();
    match (member, group) {
        (Some(true), _) => {}
        (_, Some(group)) if !group.members_complete => notes.push(super::server::UNSURE.to_owned()),
        _ => notes.push(super::server::NOT_SUPER.to_owned()),
    }
    if reader.installation.version.is_none() {
        notes.push("the server does not tell its version".to_owned());
    }
    notes
}
