//! The whole picture: asks everything the plan says, and puts it in one order.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::join_all;

use super::pages::gap_of;
use super::plan;
use super::progress::Step;
use super::reader::{Memberships, Part, Reader, Restricted};
use super::{Error, ErrorKind, Result};
use crate::model::{
    Content, ContentType, Deployment, Gap, GapScope, Group, Snapshot, Space, SpacePermission, Subject, SubjectKind, User,
};

/// Reads everything about the spaces named by key; `None`: all of them.
///
/// # Errors
/// Where not even the spaces can be read. Whatever fails later is a gap.
pub(super) async fn snapshot(reader: &Reader<'_>, scope: Option<&[String]>) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new(Deployment::Cloud);
    snapshot.taken_at = Some(jiff::Timestamp::now());
    snapshot.site.base_url = Some(reader.transport.target.site.clone());

    let (mode, caller, spaces) = futures::join!(reader.role_mode(), reader.current_user(), reader.spaces(scope));
    let spaces = spaces?;
    snapshot.gaps.extend(spaces.gaps);
    snapshot.spaces = spaces.rows;
    snapshot.spaces.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| plan::by_id(&a.id, &b.id)));
    snapshot.site.role_mode = match mode {
        Ok(mode) => mode,
        Err(error) => {
            snapshot.gaps.push(gap_of(&error, GapScope::Site, "role_mode"));
            None
        }
    };
    let mut people = People::default();
    if let Ok(caller) = caller {
        snapshot.site.caller = Some(Subject::user(caller.user.id.clone()));
        people.add(caller.user);
    }

    let context = reader.context(&snapshot.spaces);
    let searchable: Vec<Space> = snapshot.spaces.iter().filter(|s| !s.archived()).cloned().collect();
    let (permissions, listed, found, nodes, groups) = futures::join!(
        all_permissions(reader, &snapshot.spaces, snapshot.site.role_mode.as_ref()),
        reader.listing(&snapshot.spaces),
        reader.search(&searchable),
        reader.search_nodes(&searchable),
        reader.groups(),
    );
    snapshot.space_permissions = permissions.rows;
    snapshot.gaps.extend(permissions.gaps);
    snapshot.gaps.extend(listed.gaps);
    let mut restricted = found;
    restricted.absorb(nodes);

    let keys: HashSet<&str> = snapshot.spaces.iter().map(|s| s.key.as_str()).collect();
    let mut contents: HashMap<String, Content> = HashMap::new();
    // What only the search knows is kept too; the listing knows more about what both know.
    for content in std::mem::take(&mut restricted.contents).into_iter().chain(listed.rows) {
        contents.insert(content.id.clone(), content);
    }
    contents.retain(|_, content| keys.contains(content.space_key.as_str()));

    // Nodes above, restrictions one by one, and the members of the groups known so far, side by side.
    let first = uncovered(&contents, &restricted);
    reader.progress.expect(Step::Restrictions, contents.len());
    let wanted = groups_to_read(&snapshot.space_permissions, &restricted, &groups.access_and_admin());
    let before: HashSet<String> = contents.keys().cloned().collect();
    let (singly, parent_gaps, mut members) = futures::join!(
        reader.restrictions_of(first),
        reader.parents(&mut contents, &context),
        reader.members_of(&wanted, &groups.all),
    );
    restricted.absorb(singly);
    snapshot.gaps.extend(parent_gaps);
    let late: Vec<String> =
        uncovered(&contents, &restricted).into_iter().filter(|id| !before.contains(id)).collect();
    reader.progress.expect(Step::Restrictions, late.len());
    restricted.absorb(reader.restrictions_of(late).await);
    let more: BTreeSet<String> =
        groups_to_read(&snapshot.space_permissions, &restricted, &BTreeSet::new()).difference(&wanted).cloned().collect();
    if !more.is_empty() {
        members.absorb(reader.members_of(&more, &groups.all).await);
    }
    reader.progress.close(Step::Contents);
    reader.progress.close(Step::Restrictions);
    reader.progress.close(Step::Members);

    snapshot.contents = contents.into_values().collect();
    snapshot.restrictions = restricted.rows;
    // What was filled in singly is no longer missing.
    let covered = restricted.covered;
    snapshot.gaps.extend(restricted.gaps.into_iter().filter(|gap| !covered.contains(&gap.subject)));
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
    for group in by_id.values_mut() {
        group.members_complete = members.complete.contains(&group.id);
    }
    snapshot.groups = by_id.into_values().collect();

    let ids = accounts(&snapshot);
    reader.progress.expect(Step::Users, ids.len());
    let (looked_up, anonymous) = futures::join!(reader.users(&ids), anonymous(reader, &snapshot));
    reader.progress.close(Step::Users);
    snapshot.gaps.extend(looked_up.gaps);
    people.extend(looked_up.rows);
    snapshot.users = people.into_users(&ids, &snapshot.memberships, &groups.access, &groups.admin);
    match anonymous {
        Ok(enabled) => snapshot.site.anonymous_enabled = enabled,
        Err(gap) => snapshot.gaps.push(gap),
    }
    in_order(&mut snapshot);
    Ok(snapshot)
}
