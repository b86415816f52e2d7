//! What the add-on says: its lists put together page by page, and as facts of the model.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{methods, wire};
use crate::apis::listing::{About, texts};
use crate::apis::reading::{self, Page, Unreadable, parse, parse_any};
use crate::apis::{Route, errors};
use crate::model::{Gap, GapCause, GapScope, Permission, SiteFact, SpacePermission, Subject, SubjectKind, Timestamp};

/// Which of the three general answers about a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum General {
    /// Who can view and edit it.
    Permissions,
    /// The same from the root down.
    TreePermissions,
    /// The restrictions from the root down.
    TreeRestrictions,
}

impl General {
    /// The member that holds the lists.
    fn body(self) -> &'static str {
        match self {
            Self::Permissions | Self::TreePermissions => "permissions",
            Self::TreeRestrictions => "restrictions",
        }
    }

    fn route(self) -> &'static Route {
        match self {
            Self::Permissions => &methods::inherited_content_permissions.route,
            Self::TreePermissions => &methods::inherited_content_tree_permissions.route,
            Self::TreeRestrictions => &methods::content_tree_restrictions.route,
        }
    }
}

/// The four lists of a level, as the add-on counts them.
const LISTS: [(&str, &str, &str); 4] = [
    ("view", "groups", "viewGroupsTotal"),
    ("view", "users", "viewUsersTotal"),
    ("edit", "groups", "editGroupsTotal"),
    ("edit", "users", "editUsersTotal"),
];

/// One list of one level, as far as it is known.
#[derive(Debug, Clone, Default)]
struct List {
    names: Vec<String>,
    seen: HashSet<String>,
    total: Option<u64>,
    /// Whether the add-on sent it at all: it leaves out what is empty.
    sent: bool,
    /// Names in the last page.
    received: u64,
    fresh: u64,
}

impl List {
    fn is_short(&self) -> bool {
        self.total.is_some_and(|total| (self.names.len() as u64) < total)
    }
}

/// A general answer about a content, put together from its pages.
#[derive(Debug, Clone)]
pub struct Gathered {
    which: General,
    content_id: String,
    /// People stand for groups, and groups are counted without being listed.
    people: bool,
    first: Value,
    lists: Vec<[List; 4]>,
    gaps: Vec<Gap>,
}

impl Gathered {
    /// Reads the first page about the content `content_id`. `people`: groups are left out of the lists.
    ///
    /// # Errors
    /// Where the answer is no such answer.
    pub fn new(which: General, content_id: &str, people: bool, body: &[u8]) -> Result<Self, Unreadable> {
        let first: Map<String, Value> = parse(body)?;
        let first = Value::Object(first);
        let mut gathered = Self {
            which,
            content_id: content_id.to_owned(),
            people,
            lists: Vec::new(),
            gaps: Vec::new(),
            first: Value::Null,
        };
        let levels = gathered.levels(&first).ok_or_else(|| {
            let path = if which == General::Permissions { "permissions" } else { "contentTree" };
            Unreadable::shape(body, path, "what was asked for is not there")
        })?;
        let levels: Vec<Value> = levels.into_iter().cloned().collect();
        gathered.lists = vec![<[List; 4]>::default(); levels.len()];
        gathered.first = first;
        for (at, level) in levels.iter().enumerate() {
            gathered.take(at, level, true);
        }
        Ok(gathered)
    }

    /// The levels of an answer; one that is about a content alone is its own level.
    fn levels<'a>(&self, answer: &'a Value) -> Option<Vec<&'a Value>> {
        match self.which {
            General::Permissions => answer.get("permissions").filter(|p| p.is_object()).map(|_| vec![answer]),
            _ => {
                let levels = answer.get("contentTree")?.as_array()?;
                (!levels.is_empty()).then(|| levels.iter().collect())
            }
        }
    }

    fn note(&mut self, cause: GapCause, message: String) {
        let gap = About::new((GapScope::Content, &self.content_id), self.which.route()).gap(cause, message);
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// Takes the lists of a level, in its place.
    fn take(&mut self, at: usize, level: &Value, first: bool) {
        let place = at + 1;
        let Some(body) = level.get(self.which.body()).and_then(Value::as_object) else {
            self.note(GapCause::Unreadable, format!("level {place} does not say who may do what"));
            return;
        };
        let mut said = false;
        let mut problems = Vec::new();
        if let Some(lists) = self.lists.get_mut(at) {
            for (list, (operation, kind, total)) in lists.iter_mut().zip(LISTS) {
                let count = body.get(total).and_then(|n| n.as_u64().or_else(|| n.as_str()?.parse().ok()));
                list.total = count.or(list.total);
                said |= count.is_some();
                list.received = 0;
                list.fresh = 0;
                let names = match body.get(operation) {
                    None => continue,
                    Some(Value::Object(lists)) => {
                        said = true;
                        match lists.get(kind) {
                            None => continue,
                            Some(Value::Array(names)) => names,
                            Some(_) => {
                                problems.push(format!("level {place}: the {operation} list of {kind} is not readable"));
                                continue;
                            }
                        }
                    }
                    Some(_) => {
                        problems.push(format!("level {place}: the {operation} list is not readable"));
                        continue;
                    }
                };
                list.sent = true;
                list.received = names.len() as u64;
                for name in names {
                    match name {
                        Value::String(name) if !name.is_empty() => {
                            if list.seen.insert(name.clone()) {
                                list.names.push(name.clone());
                                list.fresh += 1;
                            }
                        }
                        _ => problems
                            .push(format!("level {place}: a name in the {operation} list of {kind} is not readable")),
                    }
                }
            }
        }
        if !said {
            problems.push(format!("level {place} holds neither lists nor totals"));
        }
        // A page further on is about the same level, and may have nothing more to say about it.
        if first || said {
            problems.into_iter().for_each(|problem| self.note(GapCause::Unreadable, problem));
        }
    }

    /// Adds a further page.
    ///
    /// # Errors
    /// Where it is no such answer.
    pub fn add(&mut self, body: &[u8]) -> Result<(), Unreadable> {
        let answer = Value::Object(parse::<Map<String, Value>>(body)?);
        let Some(levels) = self.levels(&answer) else {
            return Err(Unreadable::shape(body, self.which.body(), "what was asked for is not there"));
        };
        for list in self.lists.iter_mut().flatten() {
            list.received = 0;
            list.fresh = 0;
        }
        let known: Vec<Value> = self.levels(&self.first).unwrap_or_default().into_iter().cloned().collect();
        for (place, level) in levels.into_iter().enumerate() {
            let id = level.get("contentId");
            let at = known.iter().position(|known| id.is_some() && known.get("contentId") == id).unwrap_or(place);
            self.take(at, level, false);
        }
        Ok(())
    }

    fn open(&self) -> impl Iterator<Item = &List> {
        let people = self.people;
        self.lists
            .iter()
            .flatten()
            .zip(LISTS.iter().cycle())
            .filter_map(move |(list, (_, kind, _))| (!(people && *kind == "groups")).then_some(list))
    }

    /// Where the next page starts after one that started at `start` and was asked for `most` names of each list. `None`:
    /// everything is there, or no more comes.
    pub fn next(&self, start: u64, most: u64) -> Option<u64> {
        // A list without a total may go on where its page was full.
        let goes_on = |list: &&List| list.is_short() || (list.total.is_none() && list.received >= most);
        let fresh = self.open().filter(goes_on).any(|list| list.fresh > 0);
        let step = self.open().filter(goes_on).map(|list| list.received).filter(|n| *n > 0).min();
        step.filter(|_| fresh).and_then(|step| start.checked_add(step))
    }

    /// How many lists are shorter than the add-on says.
    pub fn short(&self) -> usize {
        self.open().filter(|list| list.is_short()).count()
    }

    /// How many names there are.
    pub fn names(&self) -> usize {
        self.lists.iter().flatten().map(|list| list.names.len()).sum::<usize>() + self.lists.len()
    }

    /// The answer as one: as the add-on would have sent it on one page, and read.
    pub fn finish(mut self, whole: bool) -> (Value, ContentReport, Vec<Gap>) {
        if whole {
            let short = self.short();
            if short > 0 {
                let message = format!(
                    "content `{}`: {short} list(s) are shorter than the add-on says, and no more names came",
                    self.content_id
                );
                self.note(GapCause::Truncated, message);
            }
        }
        let body = self.which.body();
        let mut raw = self.first.clone();
        let places: Vec<&mut Value> = match self.which {
            General::Permissions => vec![&mut raw],
            _ => raw.get_mut("contentTree").and_then(Value::as_array_mut).into_iter().flatten().collect(),
        };
        for (level, lists) in places.into_iter().zip(&self.lists) {
            let Some(level) = level.get_mut(body).and_then(Value::as_object_mut) else { continue };
            for (list, (operation, kind, _)) in lists.iter().zip(LISTS) {
                // Names of a first page that were no names stay as they came.
                let count = level.get(operation).and_then(|l| l.get(kind)).and_then(Value::as_array).map(Vec::len);
                if !list.sent || count.is_some_and(|count| count >= list.names.len()) {
                    continue;
                }
                let names = list.names.iter().cloned().map(Value::String).collect();
                let place = level.entry(operation).or_insert_with(|| Value::Object(Map::new()));
                if let Some(place) = place.as_object_mut() {
                    place.insert(kind.to_owned(), Value::Array(names));
                }
            }
        }
        let report = self.report();
        (raw, report, self.gaps)
    }

    fn report(&self) -> ContentReport {
        let levels = self.levels(&self.first).unwrap_or_default();
        let levels = levels.into_iter().zip(&self.lists).map(|(level, lists)| ReportLevel {
            head: Head::of(level),
            lists: Lists::of(lists),
            everyone: level
                .get(self.which.body())
                .and_then(|body| body.get("everyone"))
                .and_then(Value::as_str)
                .map(str::to_owned),
        });
        ContentReport { head: Head::of(&self.first), levels: levels.collect() }
    }
}

/// What is said about a content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Key of its space; on a level of a tree, that of the whole answer.
    pub space_key: Option<String>,
    /// Name of its space.
    pub space_name: Option<String>,
    /// Levels from the root of the space, which is 1.
    pub level: Option<u64>,
    /// Id.
    pub content_id: Option<String>,
    /// Kind.
    pub content_type: Option<String>,
    /// Title.
    pub content_name: Option<String>,
    /// Who made it; `None` also where the add-on says `not exist`.
    pub content_creator_name: Option<String>,
    /// When its permissions changed last, in milliseconds since 1970; `None`: never.
    pub last_permission_modification: Option<i64>,
    /// The same as the add-on writes it.
    pub last_permission_modification_text: Option<String>,
}

impl Head {
    fn of(value: &Value) -> Self {
        let Ok(head) = serde_json::from_str::<wire::Head>(&value.to_string()) else { return Self::default() };
        let at = head.last_permission_modification_date.and_then(|text| text.parse().ok());
        Self {
            space_key: head.space_key,
            space_name: head.space_name,
            level: head.level,
            content_id: head.content_id,
            content_type: head.content_type,
            content_name: head.content_name,
            content_creator_name: head.content_creator_name.filter(|name| name != "not exist"),
            last_permission_modification: at.filter(|at| Timestamp::from_millisecond(*at).is_ok()),
            last_permission_modification_text: head.last_permission_modification_date_string,
        }
    }
}

/// The lists of a level; `None`: the add-on did not count it, as when only the other one was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lists {
    /// Groups that may view, or are on the view list.
    pub view_groups: Vec<String>,
    /// Users, by username.
    pub view_users: Vec<String>,
    /// Groups that may edit, or are on the edit list.
    pub edit_groups: Vec<String>,
    /// Users, by username.
    pub edit_users: Vec<String>,
    /// How many groups may view.
    pub view_groups_total: Option<u64>,
    /// How many users may view.
    pub view_users_total: Option<u64>,
    /// How many groups may edit.
    pub edit_groups_total: Option<u64>,
    /// How many users may edit.
    pub edit_users_total: Option<u64>,
}

impl Lists {
    fn of(lists: &[List; 4]) -> Self {
        let [view_groups, view_users, edit_groups, edit_users] = lists;
        Self {
            view_groups: view_groups.names.clone(),
            view_users: view_users.names.clone(),
            edit_groups: edit_groups.names.clone(),
            edit_users: edit_users.names.clone(),
            view_groups_total: view_groups.total,
            view_users_total: view_users.total,
            edit_groups_total: edit_groups.total,
            edit_users_total: edit_users.total,
        }
    }
}

/// One level of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReportLevel {
    /// What is said about the content.
    #[serde(flatten)]
    pub head: Head,
    /// Its lists.
    #[serde(flatten)]
    pub lists: Lists,
    /// What everybody else can do: `can view`, `has no access`; `None` where it is not restricted.
    pub everyone: Option<String>,
}

/// A general answer, read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ContentReport {
    /// What is said about the content.
    #[serde(flatten)]
    pub head: Head,
    /// Levels, root first; the content itself last, or alone.
    pub levels: Vec<ReportLevel>,
}

/// Reads all who have which permission in the space `space_key`. Users are named by username, so they have no id yet.
///
/// # Errors
/// Where the answer holds no permissions.
pub fn space_permission_actors(body: &[u8], space_key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    let actors: wire::Actors = parse(body)?;
    // The server ignores the case of keys.
    let space_key = actors.key.as_deref().filter(|key| key.eq_ignore_ascii_case(space_key)).unwrap_or(space_key);
    let about = About::new((GapScope::SpacePermissions, space_key), &methods::space_permission_actors.route);
    let source = about.origin();
    let mut page = Page { received: actors.permissions.len(), ..Page::default() };
    for (word, held) in &actors.permissions {
        let permission = Permission::from_constant(word);
        let lost = |what: &str| {
            let message = format!("permission `{}` in space `{space_key}`: {what}", errors::plain(word, 40));
            about.unreadable(message)
        };
        let Some(held) = held.as_object() else {
            page.gaps.push(lost("its holders are not readable"));
            continue;
        };
        let mut holders = Vec::new();
        match held.get("anonymousAccess") {
            Some(Value::Bool(true)) => holders.push((Subject::anonymous(), None)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => {
                holders.push((Subject::anonymous(), None));
            }
            Some(Value::Bool(false)) => {}
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => {}
            _ => page.gaps.push(lost("it does not say whether anonymous has it")),
        }
        for kind in ["groups", "users"] {
            let names = match held.get(kind) {
                Some(Value::Array(names)) => names,
                // The add-on leaves out lists that are empty.
                None => continue,
                Some(_) => {
                    page.gaps.push(lost(&format!("its {kind} are not readable")));
                    continue;
                }
            };
            for name in names {
                match name.as_str().filter(|name| !name.is_empty()) {
                    Some(name) if kind == "groups" => holders.push((Subject::group(name), Some(name.to_owned()))),
                    Some(name) => {
                        holders.push((Subject::unidentified(SubjectKind::User, name), Some(name.to_owned())));
                    }
                    None => {
                        page.gaps.push(lost("one of its holders is not readable"));
                        holders.push((Subject::new(SubjectKind::Unknown, ""), None));
                    }
                }
            }
        }
        page.rows.extend(holders.into_iter().map(|(subject, subject_name)| SpacePermission {
            space_key: space_key.to_owned(),
            subject,
            subject_name,
            permission: permission.clone(),
            raw: Some(word.clone()),
            via_role: None,
            source: source.clone(),
        }));
    }
    Ok(page)
}

/// A page of a listing of the add-on.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its elements, as they came.
    pub rows: Vec<Value>,
    /// How many came, readable or not.
    pub received: usize,
    /// How many there are in all, where the add-on says.
    pub total: Option<u64>,
    /// Where this page starts, where the add-on says.
    pub start: Option<u64>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Listed {
    /// How many more there are after this page.
    pub fn missing(&self) -> u64 {
        let reached = self.start.unwrap_or_default().saturating_add(self.received as u64);
        self.total.unwrap_or_default().saturating_sub(reached)
    }
}

/// What the elements of a listing are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Texts under this member, such as `groups`; a record with a name is one as well.
    Names(&'static str),
    /// Records under this member, such as `spaces`.
    Records(&'static str),
}

/// Reads a page of a listing.
///
/// # Errors
/// Where there is no such list.
pub fn listing(body: &[u8], of: Rows, route: &'static Route) -> Result<Listed, Unreadable> {
    let (Rows::Names(member) | Rows::Records(member)) = of;
    let mut answer: Map<String, Value> = parse(body)?;
    let rows = match answer.remove(member) {
        Some(Value::Array(rows)) => rows,
        _ => return Err(Unreadable::shape(body, member, "a list was expected")),
    };
    let said = serde_json::from_str::<wire::Listing>(&Value::Object(answer).to_string());
    let said = said.map_err(|_| Unreadable::shape(body, "total", "no page of a listing"))?;
    let mut listed = Listed {
        rows: Vec::new(),
        received: rows.len(),
        total: said.total.or(said.results),
        start: said.start_at,
        gaps: Vec::new(),
    };
    for (at, row) in rows.into_iter().enumerate() {
        let readable = match &row {
            Value::String(name) => matches!(of, Rows::Names(_)) && !name.is_empty(),
            Value::Object(row) => {
                let known = ["name", "key", "id"].into_iter().filter_map(|name| row.get(name));
                known.into_iter().any(|value| value.is_string() || value.is_u64())
            }
            _ => false,
        };
        let words =
            row.get("permissions").map(|words| words.as_array().is_some_and(|w| w.iter().all(Value::is_string)));
        if words == Some(false) {
            let message = format!("the permissions at `{member}[{at}]` cannot all be read");
            listed.gaps.push(About::site(SiteFact::Extender, route).unreadable(message));
        }
        if readable {
            listed.rows.push(row);
        } else {
            let message = format!("one element cannot be read at `{member}[{at}]`: it has no name");
            listed.gaps.push(About::site(SiteFact::Extender, route).unreadable(message));
        }
    }
    Ok(listed)
}

/// Reads the types of permission a space knows.
///
/// # Errors
/// Where the answer is no list.
pub fn permission_types(body: &[u8]) -> Result<Page<String>, Unreadable> {
    let Value::Array(words) = parse_any(body)? else {
        return Err(Unreadable::shape(body, ".", "a list was expected"));
    };
    Ok(texts(words, &About::site(SiteFact::Extender, &methods::permission_types.route)))
}

/// Reads the permissions of one user or group in a space: the answer as it came, and its types.
///
/// # Errors
/// Where there are none.
pub fn permissions_for_space(body: &[u8]) -> Result<Page<String>, Unreadable> {
    let answer: Map<String, Value> = parse(body)?;
    let Some(Value::Array(words)) = answer.get("permissions") else {
        return Err(Unreadable::shape(body, "permissions", "a list was expected"));
    };
    permission_types(Value::Array(words.clone()).to_string().as_bytes())
}

/// Reads an answer whose shape no document shows: whatever JSON it is, and the text it is where it is none.
///
/// # Errors
/// Where it is a page for a browser.
pub fn anything(body: &[u8]) -> Result<Value, Unreadable> {
    match parse_any(body) {
        Ok(value) => Ok(value),
        Err(problem) => match problem.kind() {
            reading::UnreadableKind::Empty => Ok(Value::Null),
            reading::UnreadableKind::NotJson if !errors::is_html(body) => {
                Ok(Value::String(String::from_utf8_lossy(body).trim().to_owned()))
            }
            _ => Err(problem),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(users: &[&str], total: u64) -> Vec<u8> {
        json!({"spaceKey": "ds", "contentId": 7, "permissions": {
            "view": {"groups": [], "users": users}, "viewUsersTotal": total, "viewGroupsTotal": 0
        }})
        .to_string()
        .into_bytes()
    }

    #[test]
    fn lists_are_read_until_each_reaches_its_total() {
        let mut gathered = Gathered::new(General::Permissions, "7", false, &page(&["a", "b"], 5)).unwrap();
        assert_eq!(gathered.next(0, 2), Some(2));
        gathered.add(&page(&["c", "d"], 5)).unwrap();
        assert_eq!(gathered.next(2, 2), Some(4));
        gathered.add(&page(&["e"], 5)).unwrap();
        assert_eq!(gathered.next(4, 2), None);
        let (raw, read, gaps) = gathered.finish(true);
        assert_eq!(raw["permissions"]["view"]["users"], json!(["a", "b", "c", "d", "e"]));
        assert_eq!((read.levels[0].lists.view_users.len(), gaps.len()), (5, 0));
    }

    #[test]
    fn a_listing_that_does_not_move_on_ends_with_a_gap() {
        let mut gathered = Gathered::new(General::Permissions, "7", false, &page(&["a", "b"], 5)).unwrap();
        gathered.add(&page(&["a", "b"], 5)).unwrap();
        assert_eq!(gathered.next(2, 2), None);
        let (_, _, gaps) = gathered.finish(true);
        assert_eq!(gaps[0].cause.as_str(), "truncated");
        let one = Gathered::new(General::Permissions, "7", false, &page(&["a", "b"], 5)).unwrap();
        assert!(one.finish(false).2.is_empty(), "one page was asked for");
    }

    #[test]
    fn a_smaller_page_than_asked_for_is_followed_by_what_came() {
        let gathered = Gathered::new(General::Permissions, "7", false, &page(&["a", "b"], 5)).unwrap();
        assert_eq!(gathered.next(0, 200), Some(2));
    }

    #[test]
    fn groups_that_people_stand_for_are_counted_and_not_waited_for() {
        let body = json!({"permissions": {"view": {"users": ["a"]}, "viewUsersTotal": 1, "viewGroupsTotal": 3}});
        let body = body.to_string();
        let gathered = Gathered::new(General::Permissions, "7", true, body.as_bytes()).unwrap();
        assert_eq!((gathered.next(0, 50), gathered.short()), (None, 0));
        let waiting = Gathered::new(General::Permissions, "7", false, body.as_bytes()).unwrap();
        assert_eq!(waiting.short(), 1);
    }

    #[test]
    fn a_tree_joins_its_levels_by_content() {
        let level = |id: u64, users: &[&str]| json!({"contentId": id, "permissions": {"view": {"users": users}, "viewUsersTotal": 2}});
        let body = |levels: Value| json!({"contentTree": levels}).to_string().into_bytes();
        let mut gathered =
            Gathered::new(General::TreePermissions, "2", false, &body(json!([level(1, &["a"]), level(2, &["x"])])))
                .unwrap();
        gathered.add(&body(json!([level(2, &["y"]), level(1, &["b"])]))).unwrap();
        let (_, read, _) = gathered.finish(true);
        assert_eq!(read.levels[0].lists.view_users, ["a", "b"]);
        assert_eq!(read.levels[1].lists.view_users, ["x", "y"]);
    }

    #[test]
    fn a_level_that_says_nothing_is_a_gap_and_one_with_totals_is_not() {
        let of = |body: Value| {
            let answer = json!({"contentTree": [{"contentId": 1, "restrictions": body}]}).to_string();
            Gathered::new(General::TreeRestrictions, "1", false, answer.as_bytes()).unwrap().finish(true).2.len()
        };
        assert_eq!(of(json!({"viewUsersTotal": 0})), 0);
        assert_eq!(of(json!({"view": {}, "edit": {"users": ["a"]}, "editUsersTotal": "1"})), 0);
        assert_eq!((of(json!({})), of(json!(null)), of(json!({"view": 7}))), (1, 1, 2));
    }

    #[test]
    fn a_moment_may_be_an_empty_text_and_a_creator_nobody() {
        let head = Head::of(&json!({
            "contentId": 65564, "lastPermissionModificationDate": "", "contentCreatorName": "not exist", "level": 6
        }));
        assert_eq!((head.content_id.as_deref(), head.level), (Some("65564"), Some(6)));
        assert_eq!((head.last_permission_modification, head.content_creator_name), (None, None));
        let head = Head::of(&json!({"lastPermissionModificationDate": 1_724_425_510_813_i64}));
        assert_eq!(head.last_permission_modification, Some(1_724_425_510_813));
    }

    #[test]
    fn holders_of_a_permission_are_rows() {
        let body = json!({"key": "ds", "name": "Demonstration Space", "permissions": {
            "VIEWSPACE": {"anonymousAccess": true, "groups": ["eng"], "users": ["ann"]},
            "EXPORTPAGE": {"anonymousAccess": false, "groups": ["eng"]},
            "COMMENT": {"groups": null, "users": [7]}
        }});
        let page = space_permission_actors(body.to_string().as_bytes(), "DS").unwrap();
        let mut rows: Vec<String> =
            page.rows.iter().map(|r| format!("{} {} {}", r.space_key, r.subject, r.permission)).collect();
        rows.sort();
        assert_eq!(
            rows,
            [
                "ds anonymous view",
                "ds group:eng EXPORTPAGE",
                "ds group:eng view",
                "ds unknown create_comment",
                "ds user:unknown:ann view"
            ]
        );
        assert_eq!(page.gaps.len(), 3, "{:?}", page.gaps);
    }

    #[test]
    fn a_count_may_be_a_text() {
        let listed = listing(
            br#"{"userDirectories":[{"id":1,"name":"x"},7],"results":"3"}"#,
            Rows::Records("userDirectories"),
            &methods::user_directories.route,
        )
        .unwrap();
        assert_eq!((listed.rows.len(), listed.total, listed.missing(), listed.gaps.len()), (1, Some(3), 1, 1));
    }

    #[test]
    fn an_answer_no_document_shows_is_passed_on() {
        assert_eq!(anything(b"").unwrap(), Value::Null);
        assert_eq!(anything(b"[1,2]").unwrap(), json!([1, 2]));
        assert_eq!(anything(b"done").unwrap(), json!("done"));
        assert!(anything(b"<html><body>log in</body></html>").is_err());
        assert!(anything(b"{\"a\":").is_err());
    }
}
