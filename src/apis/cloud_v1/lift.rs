//! What v1 says, as facts of the model.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::wire;
use crate::apis::reading::{self, Context, Node, Page, Unreadable, gap, listing, offset_listing, parse};
use crate::apis::{errors, people, provenance, vocabulary};
use crate::model::{
    Content, ContentStatus, ContentType, DirectMembership, Gap, GapScope, Group, Origin, Permission, Plan, Restriction,
    RestrictionOperation, SpacePermission, Subject, SubjectKind, User,
};

fn origin(route: &str) -> Origin {
    Origin::new(format!("cloud_v1 {route}"))
}

/// How far a list of subjects was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListState {
    /// To its end. No rows: the list is empty, and the content open as far as this list goes.
    Complete,
    /// More subjects stand from this one on; users and groups are counted apart.
    Truncated {
        /// Where to go on: see [`restriction_by_operation`](super::requests::restriction_by_operation).
        next: u64,
    },
    /// The list, or its users or its groups, was not sent. That is not an empty list.
    NotFetched,
}

/// One of the two lists of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectList {
    /// Those of its entries that were sent.
    pub rows: Vec<Restriction>,
    /// Whether that is all.
    pub state: ListState,
}

impl SubjectList {
    fn not_fetched() -> Self {
        Self { rows: Vec::new(), state: ListState::NotFetched }
    }

    /// Adds what a later page of the same list brought, and takes over its state.
    pub fn extend(&mut self, later: Self) {
        for row in later.rows {
            if !self.rows.contains(&row) {
                self.rows.push(row);
            }
        }
        self.state = later.state;
    }
}

/// The restrictions stored on one content. Those it inherits are stored above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentRestrictions {
    /// The content.
    pub content_id: String,
    /// Who may view.
    pub read: SubjectList,
    /// Who may edit.
    pub update: SubjectList,
}

impl ContentRestrictions {
    fn not_fetched(content_id: &str) -> Self {
        Self { content_id: content_id.to_owned(), read: SubjectList::not_fetched(), update: SubjectList::not_fetched() }
    }

    /// The list of one operation.
    pub fn list(&self, operation: RestrictionOperation) -> &SubjectList {
        match operation {
            RestrictionOperation::View => &self.read,
            RestrictionOperation::Edit => &self.update,
        }
    }

    /// The list of one operation, to be completed.
    pub fn list_mut(&mut self, operation: RestrictionOperation) -> &mut SubjectList {
        match operation {
            RestrictionOperation::View => &mut self.read,
            RestrictionOperation::Edit => &mut self.update,
        }
    }

    /// The lists that are not complete, each with the subject from which to ask on.
    pub fn to_complete(&self) -> Vec<(RestrictionOperation, u64)> {
        [RestrictionOperation::View, RestrictionOperation::Edit]
            .into_iter()
            .filter_map(|operation| match self.list(operation).state {
                ListState::Complete => None,
                ListState::Truncated { next } => Some((operation, next)),
                ListState::NotFetched => Some((operation, 0)),
            })
            .collect()
    }

    /// The rows of both lists.
    pub fn into_rows(self) -> impl Iterator<Item = Restriction> {
        self.read.rows.into_iter().chain(self.update.rows)
    }
}

/// A content a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The content as far as v1 describes it: kind, title, status, and space and parent where they were sent.
    pub content: Content,
    /// The nodes above it from the top down, where they were sent.
    pub ancestors: Option<Vec<Node>>,
    /// Its own restrictions.
    pub restrictions: ContentRestrictions,
}

/// Reads contents that match a search, with their restrictions. Accounts and groups that stand in the lists come with
/// the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn content_search(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/content/search";
    let (elements, mut page) = listing::<wire::Content, Found>(body)?;
    let origin = origin(ROUTE);
    let base = page.base.clone();
    let mut seen = HashSet::new();
    for element in elements {
        let content = match element {
            Ok(content) => content,
            Err(broken) => {
                page.gaps.push(match broken.id.clone() {
                    Some(id) => broken.gap(GapScope::Content, id, ROUTE),
                    None => broken.gap(GapScope::Space, context.space_key.clone().unwrap_or_default(), ROUTE),
                });
                continue;
            }
        };
        let mut reader = Reader {
            content_id: &content.id,
            origin: &origin,
            route: ROUTE,
            start: 0,
            page: &mut page,
            seen: &mut seen,
        };
        let restrictions = reader.both(content.restrictions.as_ref());
        let found = found(content, restrictions, context, base.as_deref(), &origin, ROUTE, &mut page.gaps);
        page.rows.push(found);
    }
    Ok(page)
}

fn found(
    content: wire::Content,
    restrictions: ContentRestrictions,
    context: &Context,
    base: Option<&str>,
    source: &Origin,
    route: &str,
    gaps: &mut Vec<Gap>,
) -> Found {
    let links = content.links.unwrap_or_default();
    let base = links.base.as_deref().or(base).or(context.base.as_deref());
    let space = content.space.unwrap_or(wire::Space { id: None, key: None });
    // A space that was not expanded is still named by the address it could be read from.
    let expandable = content.expandable.and_then(|parts| parts.space);
    let key = space.key.or_else(|| {
        let tail = expandable.as_deref()?.rsplit_once("/space/")?.1;
        let key = tail.split(['?', '/', '#']).next().filter(|key| !key.is_empty())?;
        Some(percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned())
    });
    let ancestors: Option<Vec<Node>> = content.ancestors.map(|nodes| {
        nodes.into_iter().map(|node| Node { id: node.id, kind: node.kind.as_deref().map(ContentType::from) }).collect()
    });
    let parent = ancestors.as_ref().and_then(|nodes| nodes.last());
    let kind = content.kind.as_deref().map_or_else(|| ContentType::Other("unknown".to_owned()), ContentType::from);
    let history = content.history;
    Found {
        content: Content {
            space_key: reading::space_key(&content.id, space.id.as_deref(), key.as_deref(), context, route, gaps),
            url: reading::address(base, links.webui.as_deref()),
            title: content.title,
            status: content.status.as_deref().map_or(ContentStatus::Current, ContentStatus::from),
            parent_id: parent.map(|node| node.id.clone()),
            parent_type: parent.and_then(|node| node.kind.clone()),
            author_id: history.as_ref().and_then(|h| h.created_by.as_ref()).and_then(|by| by.account_id.clone()),
            created_at: reading::time(history.as_ref().and_then(|h| h.created_date.as_deref())),
            modified_at: reading::time(content.version.and_then(|version| version.when).as_deref()),
            source: source.clone(),
            ..Content::new(content.id, kind, "")
        },
        ancestors,
        restrictions,
    }
}

/// Reads both restriction lists of one content. An operation the answer does not name is not fetched, not open.
///
/// # Errors
/// Where the answer holds no restrictions.
pub fn content_restriction(body: &[u8], content_id: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    both_lists(body, content_id, "GET /wiki/rest/api/content/{id}/restriction")
}

/// Reads both restriction lists of one content from the map by operation.
///
/// # Errors
/// Where the answer holds no restrictions.
pub fn restriction_by_operations(body: &[u8], content_id: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    both_lists(body, content_id, "GET /wiki/rest/api/content/{id}/restriction/byOperation")
}

fn both_lists(body: &[u8], content_id: &str, route: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    let answer: Value = parse(body)?;
    let known = ["results", "restrictions", "read", "update"];
    let Some(members) = answer.as_object().filter(|members| known.iter().any(|name| members.contains_key(*name)))
    else {
        return Err(Unreadable::shape(body, "results", "neither a list nor a map of restrictions"));
    };
    if members.get("results").is_some_and(|results| !results.is_array() && !results.is_object()) {
        return Err(Unreadable::shape(body, "results", "no list of restrictions"));
    }
    let origin = origin(route);
    let mut page = Page { received: 1, ..Page::default() };
    let mut seen = HashSet::new();
    let mut reader = Reader { content_id, origin: &origin, route, start: 0, page: &mut page, seen: &mut seen };
    let mut restrictions = reader.both(Some(&answer));
    // A next page of the answer as a whole: it cannot be told which of the lists goes on there.
    let links: Option<reading::Links> = members.get("_links").and_then(|l| serde_json::from_value(l.clone()).ok());
    let goes_on = links.and_then(|links| crate::apis::Continuation::from_member(links.next.as_ref())).is_some();
    if goes_on && restrictions.to_complete().is_empty() {
        restrictions.read.state = ListState::NotFetched;
        restrictions.update.state = ListState::NotFetched;
    }
    page.rows.push(restrictions);
    Ok(page)
}

/// Reads one restriction list of one content that was asked for from its `start`-th subject.
///
/// # Errors
/// Where the answer is no restriction.
pub fn restriction_by_operation(
    body: &[u8],
    content_id: &str,
    operation: RestrictionOperation,
    start: u64,
) -> Result<Page<SubjectList>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}";
    let answer: Value = parse(body)?;
    // Some versions wrap the one list into the map of all.
    let restriction = answer.get(operation.upstream()).unwrap_or(&answer);
    let Some(lists) = restriction.get("restrictions").filter(|lists| lists.is_object()) else {
        return Err(Unreadable::shape(body, "restrictions", "no lists of subjects"));
    };
    if let Some(other) = restriction.get("operation").and_then(Value::as_str)
        && !other.eq_ignore_ascii_case(operation.upstream())
    {
        return Err(Unreadable::shape(body, "operation", "the list of another operation"));
    }
    let origin = origin(ROUTE);
    let mut page = Page { received: 1, ..Page::default() };
    let mut seen = HashSet::new();
    let mut reader = Reader { content_id, origin: &origin, route: ROUTE, start, page: &mut page, seen: &mut seen };
    let list = reader.list(operation, Some(lists));
    page.rows.push(list);
    Ok(page)
}

/// Reads the lists of one content into a page.
struct Reader<'a, T> {
    content_id: &'a str,
    origin: &'a Origin,
    route: &'a str,
    start: u64,
    page: &'a mut Page<T>,
    /// Accounts and groups the page already brings: the same few stand in many lists.
    seen: &'a mut HashSet<String>,
}

impl<T> Reader<'_, T> {
    fn note(&mut self, scope: GapScope, cause: &str, message: String) {
        let gap = gap(scope, self.content_id, cause, message, self.route);
        if !self.page.gaps.contains(&gap) {
            self.page.gaps.push(gap);
        }
    }

    /// Both lists, from a list of operations, a map by operation, or either of them one level deeper.
    fn both(&mut self, value: Option<&Value>) -> ContentRestrictions {
        let mut both = ContentRestrictions::not_fetched(self.content_id);
        let Some(Value::Object(members)) = value else { return both };
        let mut operations: Vec<(String, &Value)> = Vec::new();
        match members.get("results") {
            Some(Value::Array(entries)) => {
                for entry in entries {
                    match entry.get("operation").and_then(Value::as_str) {
                        Some(operation) => operations.push((operation.to_owned(), entry)),
                        None => self.unreadable("an operation of it"),
                    }
                }
            }
            Some(Value::Object(map)) => operations.extend(map.iter().map(|(name, entry)| (name.clone(), entry))),
            _ => {}
        }
        for map in [Some(members), members.get("restrictions").and_then(Value::as_object)].into_iter().flatten() {
            let plain = ["results", "restrictions", "start", "limit", "size", "restrictionsHash", "operation"];
            for (name, entry) in map {
                if !name.starts_with('_') && !plain.contains(&name.as_str()) && entry.is_object() {
                    operations.push((name.clone(), entry));
                }
            }
        }
        for (operation, entry) in operations {
            let lists = entry.get("restrictions").filter(|lists| !lists.is_null());
            match operation.to_ascii_lowercase().as_str() {
                "read" => merge(&mut both.read, self.list(RestrictionOperation::View, lists)),
                "update" => merge(&mut both.update, self.list(RestrictionOperation::Edit, lists)),
                other => {
                    if !is_open(lists) {
                        // Neither viewing nor editing depends on it, so the scope is one of its own.
                        let message = format!(
                            "content `{}` restricts the operation `{}`",
                            self.content_id,
                            errors::plain(other, 40)
                        );
                        self.note(GapScope::Other("operation".to_owned()), "unsupported", message);
                    }
                }
            }
        }
        both
    }

    fn unreadable(&mut self, what: &str) {
        let message = format!("the restrictions of content `{}` are not all readable: {what} is not", self.content_id);
        self.note(GapScope::Content, "unreadable", message);
    }

    /// One list: its users and its groups.
    fn list(&mut self, operation: RestrictionOperation, lists: Option<&Value>) -> SubjectList {
        let users = self.half(operation, lists.and_then(|lists| lists.get("user")), false);
        let groups = self.half(operation, lists.and_then(|lists| lists.get("group")), true);
        let (Some((users, users_next)), Some((groups, groups_next))) = (&users, &groups) else {
            let rows = users.or(groups).map(|(rows, _)| rows).unwrap_or_default();
            return SubjectList { rows, state: ListState::NotFetched };
        };
        let state = match users_next.iter().chain(groups_next).min() {
            Some(next) => ListState::Truncated { next: *next },
            None => ListState::Complete,
        };
        let mut rows: Vec<Restriction> = Vec::with_capacity(users.len() + groups.len());
        for row in users.iter().chain(groups) {
            if !rows.contains(row) {
                rows.push(row.clone());
            }
        }
        SubjectList { rows, state }
    }

    /// The users or the groups of a list, and where they go on. `None`: they were not sent.
    fn half(
        &mut self,
        operation: RestrictionOperation,
        value: Option<&Value>,
        groups: bool,
    ) -> Option<(Vec<Restriction>, Option<u64>)> {
        let value = value.filter(|value| !value.is_null())?;
        let subjects: wire::Subjects = object(value)?;
        let next = next_start(&subjects, self.start);
        let mut rows = Vec::with_capacity(subjects.results.len());
        for entry in &subjects.results {
            let (subject, name) = if groups { self.group(entry) } else { self.user(entry) };
            rows.push(Restriction {
                content_id: self.content_id.to_owned(),
                operation,
                subject,
                subject_name: name,
                source: self.origin.clone(),
            });
        }
        Some((rows, next))
    }

    fn user(&mut self, entry: &Value) -> (Subject, Option<String>) {
        let Some(user) = object::<wire::User>(entry) else {
            self.unreadable("a user in a list");
            return (Subject::new(SubjectKind::Unknown, ""), None);
        };
        let named = named(&user);
        if named.0.kind == SubjectKind::Unknown {
            self.unreadable("a user without an id in a list");
        }
        if let Some(user) = user_of(&user, self.origin)
            && self.seen.insert(format!("user:{}", user.id))
        {
            self.page.users.push(user);
        }
        named
    }

    fn group(&mut self, entry: &Value) -> (Subject, Option<String>) {
        let group = object::<wire::Group>(entry);
        let Some((group, wire)) = group.and_then(|wire| Some((group_of(&wire, self.origin)?, wire))) else {
            self.unreadable("a group in a list");
            return (Subject::new(SubjectKind::Unknown, ""), None);
        };
        let named = (Subject::group(group.id.as_str()), group.name.clone());
        // One without an id no longer exists, so it is no group of the site.
        if wire.id.is_some() && self.seen.insert(format!("group:{}", group.id)) {
            self.page.groups.push(group);
        }
        named
    }
}

/// Reads an object inside an answer. A list is none, although serde would take it for fields in order.
fn object<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    value.is_object().then(|| serde_json::from_value(value.clone()).ok()).flatten()
}

/// Takes what another entry for the same operation says; what was read stays read.
fn merge(list: &mut SubjectList, other: SubjectList) {
    let first = list.state == ListState::NotFetched && list.rows.is_empty();
    let state = match (list.state, other.state) {
        (_, state) if first => state,
        (ListState::NotFetched, _) | (_, ListState::NotFetched) => ListState::NotFetched,
        (ListState::Truncated { next: a }, ListState::Truncated { next: b }) => ListState::Truncated { next: a.min(b) },
        (ListState::Truncated { next }, _) | (_, ListState::Truncated { next }) => ListState::Truncated { next },
        (ListState::Complete, ListState::Complete) => ListState::Complete,
    };
    list.extend(other);
    list.state = state;
}

/// Whether the lists of an operation are there and empty.
fn is_open(lists: Option<&Value>) -> bool {
    ["user", "group"].into_iter().all(|half| {
        let results = lists.and_then(|lists| lists.get(half)).and_then(|half| half.get("results"));
        results.and_then(Value::as_array).is_some_and(Vec::is_empty)
    })
}

/// Where a list goes on, if it does: it says so itself, or it is full, or it counts more than it sent.
fn next_start(subjects: &wire::Subjects, asked: u64) -> Option<u64> {
    let received = subjects.results.len() as u64;
    let start = if asked > 0 { asked } else { subjects.start.unwrap_or(0) };
    let reached = start.saturating_add(received);
    let linked = subjects.links.as_ref().and_then(|links| crate::apis::Continuation::from_member(links.next.as_ref()));
    let full = received > 0 && subjects.limit.is_some_and(|limit| received >= limit);
    // `size` counts this page on every known version; on one that counts all it tells the same.
    let counted = subjects.size.is_some_and(|size| size > received && size > reached)
        || subjects.total_size.is_some_and(|total| total > reached);
    (linked.is_some() || full || counted).then_some(reached)
}

/// Who an account is. A deleted one without an id is kept as an account nobody can be; one that should have an id and
/// has none is unknown.
fn named(user: &wire::User) -> (Subject, Option<String>) {
    let name = [&user.display_name, &user.public_name, &user.username, &user.user_key, &user.name]
        .into_iter()
        .flatten()
        .next()
        .cloned();
    let kind = user.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    let subject = match (&user.account_id, kind.as_str()) {
        (_, "anonymous") => Subject::anonymous(),
        (Some(id), _) if id.eq_ignore_ascii_case("anonymous") => Subject::anonymous(),
        (Some(id), _) => Subject::user(id.as_str()),
        (None, "group") => match user.id.as_ref().or(user.name.as_ref()) {
            Some(id) => Subject::group(id.as_str()),
            None => Subject::new(SubjectKind::Unknown, ""),
        },
        (None, "unknown") => {
            let id = user.user_key.as_ref().or(user.username.as_ref()).or(name.as_ref());
            Subject::user(people::without_id(id.map_or("", String::as_str)))
        }
        (None, _) => Subject::new(SubjectKind::Unknown, user.user_key.clone().unwrap_or_default()),
    };
    (subject, name)
}

/// The record of an account that has an id.
fn user_of(user: &wire::User, source: &Origin) -> Option<User> {
    let (Subject { kind: SubjectKind::User, id }, _) = named(user) else { return None };
    user.account_id.as_ref()?;
    Some(User {
        name: user.public_name.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        kind: people::kind(user.account_type.as_deref()),
        active: people::active(user.account_status.as_deref()),
        guest: user.is_guest.or(user.is_external_collaborator).or(user.external_collaborator),
        source: source.clone(),
        ..User::new(id)
    })
}

/// The record of a group that has an id or at least a name.
fn group_of(group: &wire::Group, source: &Origin) -> Option<Group> {
    let id = group.id.as_ref().or(group.name.as_ref())?;
    let (provenance, evidence) = provenance::of(group.managed_by.as_deref(), group.usage_type.as_deref());
    Some(Group { name: group.name.clone(), provenance, evidence, source: source.clone(), ..Group::new(id.as_str()) })
}

/// Reads a listing of groups.
///
/// # Errors
/// Where the answer is no such listing.
pub fn groups(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /wiki/rest/api/group")
}

/// Reads groups found by name.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_picker(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /wiki/rest/api/group/picker")
}

/// Reads the groups an account is in.
///
/// # Errors
/// Where the answer is no such listing.
pub fn member_of(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /wiki/rest/api/user/memberof")
}

fn groups_from(body: &[u8], route: &str) -> Result<Page<Group>, Unreadable> {
    let (elements, mut page) = offset_listing::<wire::Group, _>(body)?;
    reading::note_short(&mut page, GapScope::Site, "groups", route);
    let origin = origin(route);
    for element in elements {
        match element.map(|group| group_of(&group, &origin)) {
            Ok(Some(group)) => page.rows.push(group),
            Ok(None) => {
                let message = "a group has neither id nor name";
                page.gaps.push(gap(GapScope::Site, "groups", "unreadable", message, route));
            }
            Err(broken) => page.gaps.push(match broken.id.clone() {
                Some(id) => broken.gap(GapScope::Group, id, route),
                None => broken.gap(GapScope::Site, "groups", route),
            }),
        }
    }
    Ok(page)
}

/// Reads one group.
///
/// # Errors
/// Where the answer is no group.
pub fn group_by_id(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    let group: wire::Group = parse(body)?;
    match group_of(&group, &origin("GET /wiki/rest/api/group/by-id")) {
        Some(group) => Ok(Page::single(group)),
        None => Err(Unreadable::shape(body, "id", "a group without id and name")),
    }
}

/// Reads the members of the group `group_id`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_members(body: &[u8], group_id: &str) -> Result<Page<DirectMembership>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/group/{id}/membersByGroupId";
    let (elements, mut page) = offset_listing::<wire::User, _>(body)?;
    reading::note_short(&mut page, GapScope::Group, group_id, ROUTE);
    let origin = origin(ROUTE);
    for element in elements {
        let user = match element {
            Ok(user) => user,
            Err(broken) => {
                page.gaps.push(broken.gap(GapScope::Group, group_id, ROUTE));
                continue;
            }
        };
        let (member, _) = named(&user);
        if member.kind == SubjectKind::Unknown {
            let message = format!("a member of group `{group_id}` has no id");
            page.gaps.push(gap(GapScope::Group, group_id, "unreadable", message, ROUTE));
        }
        page.users.extend(user_of(&user, &origin));
        page.rows.push(DirectMembership { group_id: group_id.to_owned(), member, source: origin.clone() });
    }
    Ok(page)
}

/// Reads one account.
///
/// # Errors
/// Where the answer is no account with an id.
pub fn user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    let user: wire::User = parse(body)?;
    match user_of(&user, &origin("GET /wiki/rest/api/user")) {
        Some(user) => Ok(Page::single(user)),
        None => Err(Unreadable::shape(body, "accountId", "an account without an id")),
    }
}

/// Reads accounts a search found.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search_user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/search/user";
    let (elements, mut page) = offset_listing::<wire::SearchResult, _>(body)?;
    reading::note_short(&mut page, GapScope::User, "", ROUTE);
    let origin = origin(ROUTE);
    for element in elements {
        match element.map(|hit| user_of(&hit.user, &origin)) {
            Ok(Some(user)) => page.rows.push(user),
            Ok(None) => {
                page.gaps.push(gap(GapScope::User, "", "unreadable", "an account that was found has no id", ROUTE))
            }
            Err(broken) => page.gaps.push(broken.gap(GapScope::User, "", ROUTE)),
        }
    }
    Ok(page)
}

/// Who asks, and what that account may do to the site as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account; anonymous where the site did not accept the credentials and answered all the same.
    pub subject: Subject,
    /// Its record.
    pub user: Option<User>,
    /// Operations on the site, such as (`use`, `application`). `None`: they were not sent.
    pub operations: Option<BTreeSet<(String, String)>>,
}

impl Caller {
    /// Whether it administers Confluence, where the server says so.
    pub fn administers(&self) -> Option<bool> {
        self.may("administer")
    }

    /// Whether it may use Confluence at all, where the server says so: any operation on the application includes it.
    pub fn uses(&self) -> Option<bool> {
        let operations = self.operations.as_ref()?;
        Some(operations.iter().any(|(_, target)| target == "application"))
    }

    fn may(&self, operation: &str) -> Option<bool> {
        let operations = self.operations.as_ref()?;
        Some(operations.iter().any(|(key, target)| key == operation && target == "application"))
    }
}

/// Reads who asks.
///
/// # Errors
/// Where the answer is no account.
pub fn current_user(body: &[u8]) -> Result<Caller, Unreadable> {
    let caller = caller(body, "GET /wiki/rest/api/user/current")?;
    if caller.subject.kind == SubjectKind::Unknown {
        return Err(Unreadable::shape(body, "accountId", "an account without an id"));
    }
    Ok(caller)
}

/// Reads what anonymous may do to the site. That [`Caller::uses`] tells whether anonymous access is on follows from the
/// description of `operations`; it was not tried on a live site.
///
/// # Errors
/// Where the answer is not about anonymous.
pub fn anonymous_user(body: &[u8]) -> Result<Caller, Unreadable> {
    let caller = caller(body, "GET /wiki/rest/api/user/anonymous")?;
    if caller.subject != Subject::anonymous() {
        return Err(Unreadable::shape(body, "type", "an account that is not anonymous"));
    }
    Ok(caller)
}

fn caller(body: &[u8], route: &str) -> Result<Caller, Unreadable> {
    let user: wire::User = parse(body)?;
    let operations = user.operations.as_ref().map(|all| {
        all.iter()
            .filter_map(|one| Some((one.operation.as_ref()?.to_lowercase(), one.target_type.as_ref()?.to_lowercase())))
            .collect()
    });
    Ok(Caller { subject: named(&user).0, user: user_of(&user, &origin(route)), operations })
}

/// Facts about the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteFacts {
    /// Id of the site.
    pub cloud_id: String,
    /// Address people open.
    pub base_url: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Edition in the server's own word.
    pub edition: Option<String>,
    /// Plan, where the edition tells.
    pub plan: Option<Plan>,
}

/// Reads facts about the site.
///
/// # Errors
/// Where the answer does not name the site.
pub fn system_info(body: &[u8]) -> Result<SiteFacts, Unreadable> {
    let site: wire::SystemInfo = parse(body)?;
    let plan = match site.edition.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("free") => Some(Plan::Free),
        Some("standard" | "premium" | "enterprise" | "paid") => Some(Plan::Paid),
        _ => None,
    };
    Ok(SiteFacts {
        cloud_id: site.cloud_id,
        base_url: site.base_url.as_deref().and_then(reading::web_address),
        title: site.site_title,
        edition: site.edition,
        plan,
    })
}

/// Reads the id of the site.
///
/// # Errors
/// Where the answer does not name the site.
pub fn tenant_info(body: &[u8]) -> Result<SiteFacts, Unreadable> {
    let site: wire::SystemInfo = parse(body)?;
    Ok(SiteFacts { cloud_id: site.cloud_id, ..SiteFacts::default() })
}

/// Confluence's own answer about one subject and one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Whether it may.
    pub allowed: bool,
    /// Why not, as codes: `site.user_not_licensed`, `site.anonymous_disabled`, `space.no_permission`,
    /// `content.restricted`, `unrecognised`.
    pub reasons: Vec<String>,
    /// Why not, in the server's words.
    pub messages: Vec<String>,
}

/// Reads Confluence's own answer. A denial is an answer, not an error.
///
/// # Errors
/// Where the answer says neither yes nor no.
pub fn permission_check(body: &[u8]) -> Result<Check, Unreadable> {
    let check: wire::PermissionCheck = parse(body)?;
    let messages: Vec<String> = check.errors.unwrap_or_default().iter().map(check_message).collect();
    let mut reasons: Vec<String> = Vec::new();
    for message in &messages {
        let reason = reason(message).to_owned();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Ok(Check { allowed: check.has_permission, reasons, messages })
}

fn check_message(error: &Value) -> String {
    let text = match error {
        Value::String(text) => Some(text.as_str()),
        error => ["translation", "message", "key"].into_iter().find_map(|name| error.get(name)?.as_str()),
    };
    errors::plain(text.unwrap_or("no message"), 240)
}

/// The code for a message. The text may be translated; what is not recognised stays in the messages.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-permissions/
fn reason(message: &str) -> &'static str {
    let message = message.to_lowercase();
    if message.contains("anonymous") && message.contains("use confluence") {
        "site.anonymous_disabled"
    } else if message.contains("use confluence") {
        "site.user_not_licensed"
    } else if message.contains("permission to the space") {
        "space.no_permission"
    } else if message.contains("permission to the content") {
        "content.restricted"
    } else {
        "unrecognised"
    }
}

/// Reads the permissions of the space `space_key` from their old form: one permission with all who have it.
///
/// # Errors
/// Where the answer holds no permissions.
pub fn space_with_permissions(body: &[u8], space_key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/space/{key}";
    let answer: wire::SpaceWithPermissions = parse(body)?;
    let entries = match answer.permissions {
        Some(Value::Array(entries)) => entries,
        Some(Value::Object(mut page)) => match page.remove("results") {
            Some(Value::Array(entries)) => entries,
            _ => return Err(Unreadable::shape(body, "permissions", "no list of permissions")),
        },
        _ => return Err(Unreadable::shape(body, "permissions", "no list of permissions")),
    };
    let origin = origin(ROUTE);
    let mut page = Page { received: entries.len(), ..Page::default() };
    for (index, entry) in entries.iter().enumerate() {
        match reading::element::<wire::SpacePermission>(index, &entry.to_string()) {
            Ok(permission) => old_permission(&permission, space_key, &origin, ROUTE, &mut page),
            Err(broken) => page.gaps.push(broken.gap(GapScope::SpacePermissions, space_key, ROUTE)),
        }
    }
    Ok(page)
}

fn old_permission(
    entry: &wire::SpacePermission,
    space_key: &str,
    source: &Origin,
    route: &str,
    page: &mut Page<SpacePermission>,
) {
    let operation = entry.operation.as_ref();
    let key = operation.and_then(|o| o.operation.as_deref());
    let target = operation.and_then(|o| o.target_type.as_deref());
    let raw = format!("{}/{}", key.unwrap_or("unknown"), target.unwrap_or("unknown"));
    let note = |page: &mut Page<SpacePermission>, cause: &str, what: &str| {
        let message = format!("permission `{raw}` in space `{space_key}`: {what}");
        page.gaps.push(gap(GapScope::SpacePermissions, space_key, cause, message, route));
    };
    let permission = match (key, target) {
        (Some(key), Some(target)) => vocabulary::permission(key, target),
        _ => {
            note(page, "unreadable", "it does not say what it allows");
            Permission::Other(raw.clone())
        }
    };
    let mut holders: Vec<(Subject, Option<String>)> = Vec::new();
    if entry.anonymous_access == Some(true) {
        holders.push((Subject::anonymous(), None));
    }
    if entry.unlicensed_access == Some(true) {
        holders.push((vocabulary::unlicensed(), None));
    }
    for half in ["user", "group"] {
        let Some(list) = entry.subjects.as_ref().and_then(|subjects| subjects.get(half)).filter(|list| !list.is_null())
        else {
            continue;
        };
        let Some(list) = object::<wire::Subjects>(list) else {
            note(page, "unreadable", "its holders are not readable");
            continue;
        };
        let more = list.size.is_some_and(|size| size > list.results.len() as u64)
            || list
                .links
                .as_ref()
                .is_some_and(|links| crate::apis::Continuation::from_member(links.next.as_ref()).is_some());
        if more {
            note(page, "truncated", "not all of its holders were sent");
        }
        for subject in &list.results {
            let read = object::<wire::User>(subject).map(|user| {
                if half == "group" {
                    let id = user.id.as_ref().or(user.name.as_ref());
                    (
                        id.map_or_else(|| Subject::new(SubjectKind::Unknown, ""), |id| Subject::group(id.as_str())),
                        user.name,
                    )
                } else {
                    named(&user)
                }
            });
            let holder = read.unwrap_or_else(|| (Subject::new(SubjectKind::Unknown, ""), None));
            if holder.0.kind == SubjectKind::Unknown {
                note(page, "unreadable", "one of its holders is not readable");
            }
            holders.push(holder);
        }
    }
    if holders.is_empty() {
        // A permission nobody holds is not stored, so its holder was not sent.
        holders.push((Subject::new(SubjectKind::Unknown, ""), None));
    }
    page.rows.extend(holders.into_iter().map(|(subject, subject_name)| SpacePermission {
        space_key: space_key.to_owned(),
        subject,
        subject_name,
        permission: permission.clone(),
        raw: Some(raw.clone()),
        via_role: None,
        source: source.clone(),
    }));
}

#[cfg(test)]
mod tests;
