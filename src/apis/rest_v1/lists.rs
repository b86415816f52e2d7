//! Lists of subjects inside an answer: the restrictions of a content, in every nesting v1 of Cloud and Data Center use.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use crate::apis::reading::{self, Links, Page, Unreadable, object, parse};
use crate::apis::{Continuation, Route, errors, lenient};
use crate::model::{
    Gap, GapCause, GapScope, Group, Origin, Restriction, RestrictionOperation, Subject, SubjectKind, User,
};

/// Users or groups in a restriction, or in a permission of a space: a list with pages of its own.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-restrictions/
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subjects {
    pub results: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub start: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub limit: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub total_size: Option<u64>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    pub links: Option<Links>,
}

/// An entry of a list, as its API names it.
pub(crate) struct Holder {
    pub subject: Subject,
    pub name: Option<String>,
    /// Its record, where it is an account with an id.
    pub user: Option<User>,
    /// Its record, where it is a group of the site.
    pub group: Option<Group>,
}

/// How an API names accounts and groups. `None`: the entry is not readable.
pub(crate) struct Names {
    pub user: fn(&Value, &Origin) -> Option<Holder>,
    pub group: fn(&Value, &Origin) -> Option<Holder>,
}

/// How far a list of subjects was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListState {
    /// To its end. No rows: the list is empty, and the content open as far as this list goes.
    Complete,
    /// More subjects stand from this one on; users and groups are counted apart.
    Truncated {
        /// Where to go on: `start` of the request for one list.
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
            // Several deleted accounts go by one name.
            if row.subject.is_unidentified() || !self.rows.contains(&row) {
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
    pub(crate) fn not_fetched(content_id: &str) -> Self {
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

/// Reads both lists of one content, from a list of operations or a map by operation.
pub(crate) fn both_lists(
    body: &[u8],
    content_id: &str,
    route: &'static Route,
    names: &Names,
) -> Result<Page<ContentRestrictions>, Unreadable> {
    let answer: Value = parse(body)?;
    let known = ["results", "restrictions", "read", "update"];
    let Some(members) = answer.as_object().filter(|members| known.iter().any(|name| members.contains_key(*name)))
    else {
        return Err(Unreadable::shape(body, "results", "neither a list nor a map of restrictions"));
    };
    if members.get("results").is_some_and(|results| !results.is_array() && !results.is_object()) {
        return Err(Unreadable::shape(body, "results", "no list of restrictions"));
    }
    let mut page = Page { received: 1, ..Page::default() };
    let mut seen = HashSet::new();
    let origin = &route.origin();
    let mut reader = Lists { names, content_id, origin, route, start: 0, page: &mut page, seen: &mut seen };
    let mut restrictions = reader.both(Some(&answer));
    // A next page of the answer as a whole: it cannot be told which of the lists goes on there.
    let links: Option<reading::Links> = members.get("_links").and_then(|l| serde_json::from_value(l.clone()).ok());
    let goes_on = links.and_then(|links| Continuation::from_member(links.next.as_ref())).is_some();
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
pub(crate) fn one_list(
    body: &[u8],
    (content_id, operation, start): (&str, RestrictionOperation, u64),
    route: &'static Route,
    names: &Names,
) -> Result<Page<SubjectList>, Unreadable> {
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
    let mut page = Page { received: 1, ..Page::default() };
    let mut seen = HashSet::new();
    let origin = &route.origin();
    let mut reader = Lists { names, content_id, origin, route, start, page: &mut page, seen: &mut seen };
    let list = reader.list(operation, Some(lists));
    page.rows.push(list);
    Ok(page)
}

/// Reads the lists of one content into a page.
pub(crate) struct Lists<'a, T> {
    pub names: &'a Names,
    pub content_id: &'a str,
    pub origin: &'a Origin,
    pub route: &'static Route,
    pub start: u64,
    pub page: &'a mut Page<T>,
    /// Accounts and groups the page already brings: the same few stand in many lists.
    pub seen: &'a mut HashSet<String>,
}

impl<T> Lists<'_, T> {
    fn note(&mut self, scope: GapScope, cause: GapCause, message: String) {
        let gap = Gap::new((scope, self.content_id), cause, message).at(self.route.to_string());
        if !self.page.gaps.contains(&gap) {
            self.page.gaps.push(gap);
        }
    }

    /// Both lists, from a list of operations, a map by operation, or either of them one level deeper.
    pub(crate) fn both(&mut self, value: Option<&Value>) -> ContentRestrictions {
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
                        self.note(GapScope::Operation, GapCause::Unsupported, message);
                    }
                }
            }
        }
        both
    }

    fn unreadable(&mut self, what: &str) {
        let message = format!("the restrictions of content `{}` are not all readable: {what} is not", self.content_id);
        self.note(GapScope::Content, GapCause::Unreadable, message);
    }

    /// One list: its users and its groups.
    pub(crate) fn list(&mut self, operation: RestrictionOperation, lists: Option<&Value>) -> SubjectList {
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
        let others = self.other_kinds(operation, lists);
        // Several deleted accounts go by one name.
        for row in users.iter().chain(groups).chain(&others) {
            if row.subject.is_unidentified() || !rows.contains(row) {
                rows.push(row.clone());
            }
        }
        SubjectList { rows, state }
    }

    /// Entries of kinds this version does not know. They close the list as any entry does, and may let somebody pass.
    fn other_kinds(&mut self, operation: RestrictionOperation, lists: Option<&Value>) -> Vec<Restriction> {
        let mut rows = Vec::new();
        for (kind, value) in lists.and_then(Value::as_object).into_iter().flatten() {
            let known = matches!(kind.as_str(), "user" | "group") || kind.starts_with('_');
            let Some(entries) = value.get("results").and_then(Value::as_array).filter(|_| !known) else { continue };
            for entry in entries {
                let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
                let id = ["id", "accountId", "key", "name"].into_iter().find_map(text).unwrap_or_default();
                rows.push(Restriction {
                    content_id: self.content_id.to_owned(),
                    operation,
                    subject: Subject::new(SubjectKind::Other(kind.to_lowercase()), id),
                    subject_name: ["displayName", "name"].into_iter().find_map(text).map(str::to_owned),
                    source: self.origin.clone(),
                });
            }
        }
        rows
    }

    /// The users or the groups of a list, and where they go on. `None`: they were not sent.
    fn half(
        &mut self,
        operation: RestrictionOperation,
        value: Option<&Value>,
        groups: bool,
    ) -> Option<(Vec<Restriction>, Option<u64>)> {
        let value = value.filter(|value| !value.is_null())?;
        let subjects: Subjects = object(value)?;
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
        let Some(holder) = (self.names.user)(entry, self.origin) else {
            self.unreadable("a user in a list");
            return (Subject::new(SubjectKind::Unknown, ""), None);
        };
        if holder.subject.kind == SubjectKind::Unknown {
            self.unreadable("a user without an id in a list");
        }
        self.note_records(holder.user, holder.group);
        (holder.subject, holder.name)
    }

    fn group(&mut self, entry: &Value) -> (Subject, Option<String>) {
        let Some(holder) = (self.names.group)(entry, self.origin) else {
            self.unreadable("a group in a list");
            return (Subject::new(SubjectKind::Unknown, ""), None);
        };
        self.note_records(holder.user, holder.group);
        (holder.subject, holder.name)
    }

    fn note_records(&mut self, user: Option<User>, group: Option<Group>) {
        if let Some(user) = user
            && self.seen.insert(format!("user:{}", user.id))
        {
            self.page.users.push(user);
        }
        if let Some(group) = group
            && self.seen.insert(format!("group:{}", group.id))
        {
            self.page.groups.push(group);
        }
    }
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
fn next_start(subjects: &Subjects, asked: u64) -> Option<u64> {
    let received = subjects.results.len() as u64;
    let start = if asked > 0 { asked } else { subjects.start.unwrap_or(0) };
    let reached = start.saturating_add(received);
    let linked = subjects.links.as_ref().and_then(|links| Continuation::from_member(links.next.as_ref()));
    let full = received > 0 && subjects.limit.is_some_and(|limit| received >= limit);
    // `size` counts this page on every known version; on one that counts all it tells the same.
    let counted = subjects.size.is_some_and(|size| size > received && size > reached)
        || subjects.total_size.is_some_and(|total| total > reached);
    (linked.is_some() || full || counted).then_some(reached)
}
