//! The whole picture: every piece of work begins as soon as what it needs is there.
//!
//! ```text
//! facts of the site ─────────────────────────────┐
//! spaces ─┬─ public links     │                  │
//!         ├─ permissions ─────┬─ names of groups │
//!         └─ contents ─┬─ restrictions ──┤       ├─ accounts, anonymous
//!                      └─ places ────────┤       │
//! groups ────────────────────────────────┴─ members
//! ```

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;

use futures::StreamExt as _;
use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures::stream::FuturesUnordered;

use super::answers::{Gathered, Groups, Memberships};
use super::backend::Backend;
use super::cloud::PublicLinks;
use super::earlier::{Earlier, Kept};
use super::lists::Restricted;
use super::progress::Step;
use super::{Result, plan};
use crate::model::{
    Asked, BlindSpot, Content, ContentStatus, ContentType, Gap, GapCause, GapScope, Group, Listing, Note, Restriction,
    Snapshot, Space, SpacePermission, SubjectKind,
};

/// Names of groups whose members are to be read.
type Names = UnboundedSender<String>;

/// What a snapshot reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// Keys of the spaces; `None`: all of them.
    pub spaces: Option<Vec<String>>,
    /// Content restricted to others too, with an admin key of this account (Cloud).
    pub admin_key: bool,
    /// Public links too (Cloud).
    pub public_links: bool,
    /// When each account last used the site too, which needs a key of the organization (Cloud).
    pub last_active: bool,
    /// A folder for the answers received, so that a snapshot that was interrupted can be continued.
    pub resume: Option<PathBuf>,
}

/// Reads everything about the spaces that `options` names, except for what can be taken from an `earlier` snapshot.
///
/// # Errors
/// Where not even the spaces can be read. What fails later is a gap.
pub(super) async fn snapshot(
    backend: &Backend<'_>,
    options: &SnapshotOptions,
    earlier: Option<&Earlier>,
) -> Result<Snapshot> {
    let scope = options.spaces.as_deref();
    let transport = backend.session().transport;
    let mut snapshot = Snapshot::new(backend.deployment());
    snapshot.taken_at = Some(jiff::Timestamp::now());
    let (names, named) = mpsc::unbounded();
    let last_used = async { Ok(if options.last_active { backend.last_used().await } else { None }) };
    let (facts, rules, (groups, members), last_used) = futures::try_join!(
        Box::pin(backend.facts()),
        Box::pin(rules(backend, options, earlier, names)),
        // The picture of a whole site shows who is in which group, whether or not some rule asks.
        Box::pin(async { Ok(members(backend, scope.is_none(), named).await) }),
        Box::pin(last_used),
    )?;
    snapshot.site = facts.site;
    snapshot.site.base_url = Some(transport.target.site.clone());
    snapshot.site.asked = Some(Asked { public_links: options.public_links, last_active: options.last_active });
    snapshot.gaps = facts.gaps;

    let Rules { spaces, permissions, contents, public_links, gaps } = rules;
    snapshot.spaces = spaces;
    snapshot.space_permissions = permissions.rows;
    contents.coverage.into_iter().for_each(|note| snapshot.site.add_note(note));
    // What nothing in these spaces uses may be used in another.
    if let Some(spaces) = scope {
        let text = format!("only these spaces were read: {}", spaces.join(", "));
        snapshot.site.add_note(BlindSpot::OtherSpaces.note(text));
    }
    snapshot.contents = contents.rows.into_values().collect();
    if let Some(links) = public_links {
        links.write(&mut snapshot);
    }
    let restricted = contents.restricted;
    // What was filled in singly is no longer missing; of what could not be, the part that came is kept.
    let covered = restricted.covered;
    snapshot.restrictions = restricted.rows;
    snapshot.restrictions.extend(restricted.partial.into_iter().filter(|row| !covered.contains(&row.content_id)));
    let left = restricted.gaps.into_iter().chain(contents.places);
    let left = left.filter(|gap| gap.scope != GapScope::Content || !covered.contains(&gap.subject));
    snapshot.gaps.extend(gaps.into_iter().chain(permissions.gaps).chain(contents.gaps).chain(left));
    snapshot.gaps.extend(groups.gaps.iter().cloned().chain(members.gaps));
    snapshot.memberships = members.rows;
    let spelling = Spelling::of(&groups.all);
    let granted = snapshot.space_permissions.iter_mut().map(|row| &mut row.subject);
    granted.chain(snapshot.restrictions.iter_mut().map(|row| &mut row.subject)).for_each(|subject| {
        if subject.kind == SubjectKind::Group {
            subject.id = spelling.of_rule(&subject.id).to_owned();
        }
    });

    let mut by_id: HashMap<String, Group> = HashMap::new();
    // The listing says most about a group, then the question for one, then what stood beside a rule.
    for group in restricted.groups.into_iter().chain(members.groups).chain(groups.all.iter().cloned()) {
        by_id.insert(group.id.clone(), group);
    }
    by_id.retain(|id, _| !members.vanished.contains(id));
    for group in by_id.values_mut() {
        group.members_complete = members.complete.contains(&group.id);
    }
    snapshot.groups = by_id.into_values().collect();
    let gathered = Gathered {
        caller: facts.caller,
        listed: restricted.users,
        groups,
        members: members.users,
        complete: members.complete,
        vanished: members.vanished,
    };
    Box::pin(backend.finish(&mut snapshot, gathered)).await;
    if let Some(last_used) = last_used {
        last_used.write(&mut snapshot.users, &mut snapshot.gaps);
    }
    in_order(&mut snapshot);
    // A client that was closed on the way has read only a part.
    if transport.closed.is_cancelled() {
        return Err(transport.closed_error());
    }
    Ok(snapshot)
}

/// What spaces and contents say about access.
struct Rules {
    spaces: Vec<Space>,
    permissions: Listing<SpacePermission>,
    contents: Contents,
    /// `None`: not asked for.
    public_links: Option<PublicLinks>,
    /// What is missing of the spaces.
    gaps: Vec<Gap>,
}

async fn rules(
    backend: &Backend<'_>,
    options: &SnapshotOptions,
    earlier: Option<&Earlier>,
    names: Names,
) -> Result<Rules> {
    let Listing { rows: mut spaces, gaps } = backend.spaces(options.spaces.as_deref()).await?;
    spaces.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| plan::by_id(&a.id, &b.id)));
    let public_links = async { if options.public_links { backend.public_links(&spaces).await } else { None } };
    let (permissions, contents, public_links) = futures::join!(
        permissions(backend, &spaces, earlier, &names),
        contents(backend, &spaces, Some(&names)),
        public_links
    );
    Ok(Rules { spaces, permissions, contents, public_links, gaps })
}

/// Permissions of all spaces.
async fn permissions(
    backend: &Backend<'_>,
    spaces: &[Space],
    earlier: Option<&Earlier>,
    names: &Names,
) -> Listing<SpacePermission> {
    let session = backend.session();
    session.progress.expect(Step::Permissions, spaces.len());
    let kept = match earlier {
        Some(earlier) => earlier.kept(backend, spaces).await,
        None => Kept::new(),
    };
    let kept = &kept;
    let parts = spaces.iter().map(|space| async move {
        let known = kept.get(&space.id);
        let known = match known {
            Some(rows) => backend.known_permissions(space, rows).await,
            None => None,
        };
        if let Some(earlier) = earlier {
            earlier.note(space, known.is_some());
        }
        let part = match known {
            Some(part) => part,
            None => backend.permissions(space).await,
        };
        if let Some(group) = backend.group_that_sees_everything().filter(|_| !part.rows.is_empty()) {
            let _ = names.unbounded_send(group.to_owned());
        }
        name(names, &part.rows, &[]);
        part
    });
    let mut all = Listing::default();
    for part in session.all(parts).await {
        all.rows.extend(part.rows);
        all.gaps.extend(part.gaps);
    }
    all
}

/// Contents with their restrictions.
pub(super) struct Contents {
    pub(super) rows: HashMap<String, Content>,
    pub(super) restricted: Restricted,
    /// What may be missing although nothing failed.
    pub(super) coverage: Vec<Note>,
    /// What is missing of the listings.
    pub(super) gaps: Vec<Gap>,
    /// What is missing of the nodes above and below.
    pub(super) places: Vec<Gap>,
}

/// The contents of `spaces`; restrictions that no listing brought to their end are asked for one content at a time, while
/// nodes are put into their places.
pub(super) async fn contents(backend: &Backend<'_>, spaces: &[Space], names: Option<&Names>) -> Contents {
    let progress = backend.session().progress;
    let mut listed = backend.listing(spaces).await;
    let mut restricted = std::mem::take(&mut listed.restricted);
    progress.expect(Step::Restrictions, listed.contents.len());
    let named = |found: &Restricted| {
        if let Some(names) = names {
            name(names, &[], &found.rows);
            name(names, &[], &found.partial);
        }
    };
    named(&restricted);
    let first = uncovered(&listed.contents, &restricted);
    let before: HashSet<String> = listed.contents.keys().cloned().collect();
    let singly = async {
        let found = backend.restrictions_singly(first).await;
        named(&found);
        found
    };
    let (singly, mut places) = futures::join!(singly, backend.place(&mut listed, spaces));
    restricted.absorb(singly);
    named(&listed.restricted);
    restricted.absorb(std::mem::take(&mut listed.restricted));
    let keys: HashSet<&str> = spaces.iter().map(|space| space.key.as_str()).collect();
    listed.contents.retain(|_, content| keys.contains(content.space_key.as_str()));
    let late: Vec<String> = uncovered(&listed.contents, &restricted)
        .into_iter()
        .filter(|id| !before.contains(id) && !listed.unread.contains(id))
        .collect();
    progress.expect(Step::Restrictions, late.len());
    let late = backend.restrictions_singly(late).await;
    named(&late);
    restricted.absorb(late);
    contradict(&mut restricted.gaps, &listed.contents);
    contradict(&mut places, &listed.contents);
    progress.close(Step::Contents);
    progress.close(Step::Restrictions);
    Contents { rows: listed.contents, restricted, coverage: listed.coverage, gaps: listed.gaps, places }
}

/// Names the groups in rules.
fn name(names: &Names, permissions: &[SpacePermission], restrictions: &[Restriction]) {
    for group in plan::groups_in_rules(permissions, restrictions) {
        // Without a receiver the snapshot has failed already.
        let _ = names.unbounded_send(group);
    }
}

/// Every group, and the members of those that matter: each is asked for as soon as something names it. `whole`: all do.
async fn members(backend: &Backend<'_>, whole: bool, mut named: UnboundedReceiver<String>) -> (Groups, Memberships) {
    let session = backend.session();
    let groups = backend.known_groups().await;
    let spelling = Spelling::of(&groups.all);
    let mut seen: HashSet<String> = HashSet::new();
    let mut waiting: VecDeque<String> = VecDeque::new();
    let mut wait = |waiting: &mut VecDeque<String>, name: &str| {
        let name = spelling.of_rule(name);
        if seen.insert(name.to_owned()) {
            session.progress.expect(Step::Members, 1);
            waiting.push_back(name.to_owned());
        }
    };
    groups.wanted.iter().for_each(|name| wait(&mut waiting, name));
    if whole {
        groups.all.iter().for_each(|group| wait(&mut waiting, &group.id));
    }
    let mut all = Memberships::default();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < session.width.max(1)
            && let Some(name) = waiting.pop_front()
        {
            let listed = spelling.is_known(&name);
            running.push(backend.group_members(name, listed));
        }
        futures::select! {
            name = named.select_next_some() => wait(&mut waiting, &name),
            part = running.select_next_some() => {
                session.progress.add(Step::Members, 1);
                part.inner.iter().for_each(|name| wait(&mut waiting, name));
                all.absorb(part);
            }
            complete => break,
        }
    }
    session.progress.close(Step::Members);
    (groups, all)
}

/// How the list of groups spells their names: rules may keep one in lower case.
struct Spelling {
    known: HashSet<String>,
    /// By the name in lower case; `None` where several have it.
    lower: HashMap<String, Option<String>>,
}

impl Spelling {
    fn of(groups: &[Group]) -> Self {
        let mut lower: HashMap<String, Option<String>> = HashMap::new();
        for group in groups {
            let id = &group.id;
            lower.entry(id.to_lowercase()).and_modify(|other| *other = None).or_insert_with(|| Some(id.clone()));
        }
        Self { known: groups.iter().map(|group| group.id.clone()).collect(), lower }
    }

    fn is_known(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// The id of the group that a rule means by `id`.
    fn of_rule<'t>(&'t self, id: &'t str) -> &'t str {
        if self.is_known(id) {
            return id;
        }
        self.lower.get(&id.to_lowercase()).and_then(Option::as_deref).unwrap_or(id)
    }
}

/// Contents with restrictions that are not read to the end, in order.
fn uncovered(contents: &HashMap<String, Content>, restricted: &Restricted) -> Vec<String> {
    let mut ids: Vec<String> = contents.keys().filter(|id| !restricted.covered.contains(*id)).cloned().collect();
    ids.sort_by(|a, b| plan::by_id(a, b));
    ids
}

/// Distinguishes contents that exist although they answered 404 from drafts, which do not restrict anything. A folder and
/// the like is never a draft above something published.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
fn contradict(gaps: &mut [Gap], contents: &HashMap<String, Content>) {
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

/// One order for every run: what came first depends on the network.
fn in_order(snapshot: &mut Snapshot) {
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
                && !a.subject.is_unidentified()
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
