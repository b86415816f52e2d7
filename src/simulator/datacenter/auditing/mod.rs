//! The audit log: `rest/auditing/1.0`, and the one before it, `rest/api/audit`.
//!
//! Not documented anywhere, and guesses here: how many events an answer has at most, the body of `configuration/retention`, that an
//! event about a restriction names its subject as one about a space does, and the keys of those events.
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-events/

mod event;
mod story;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use url::form_urlencoded;

use self::event::{Action, Author, Event, Language, Level, Record, in_language};
use super::{Caller, Happening, Visit};
use crate::simulator::Options;
use crate::simulator::exchange::{Answer, Refusal};
use crate::simulator::state::{Account, Site};

/// The areas, with what people read.
const AREAS: [(&str, &str); 7] = [
    ("GLOBAL_CONFIG_AND_ADMINISTRATION", "Global configuration and administration"),
    ("USER_MANAGEMENT", "User management"),
    ("PERMISSIONS", "Permissions"),
    ("LOCAL_CONFIG_AND_ADMINISTRATION", "Local configuration and administration"),
    ("SECURITY", "Security"),
    ("END_USER_ACTIVITY", "End user activity"),
    ("AUDIT_LOG", "Audit log"),
];

/// Most events in an answer, and how many where nobody says.
const MOST: usize = 1000;
const USUAL: usize = 100;

/// What happened.
pub(in crate::simulator) struct Log {
    language: Language,
    kept: Mutex<Kept>,
}

struct Kept {
    /// In the order of their dates, and of their ids where dates are the same.
    records: Vec<Record>,
    last_id: u64,
    coverage: BTreeMap<&'static str, Level>,
    /// Keys of actions that are not written down.
    denied: Vec<String>,
    retention: Value,
}

impl Kept {
    fn covers(&self, action: &Action) -> bool {
        let area = self.coverage.get(action.area).copied().unwrap_or(Level::Base);
        // What is done to the log itself is always in it.
        (action.area == "AUDIT_LOG" || area >= action.level) && !self.denied.iter().any(|key| key == action.key)
    }

    /// Writes an event down, unless its area is not to be.
    fn write(&mut self, at: i64, author: Author, source: &str, event: Event) {
        if self.covers(event.action) {
            self.last_id += 1;
            let place = self.records.partition_point(|record| record.at <= at);
            self.records.insert(place, Record { id: self.last_id, at, author, source: source.to_owned(), event });
        }
    }

    /// Writes down what is done now. No two such events have the same date.
    fn write_now(&mut self, author: Author, event: Event) {
        let last = self.records.last().map_or(i64::MIN, |record| record.at);
        self.write(now().max(last.saturating_add(1)), author, "203.0.113.7", event);
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

impl Log {
    pub(super) fn new(options: &Options, site: &Site) -> Result<Self, String> {
        let language = Language::read(&options.language)?;
        let mut coverage: BTreeMap<&'static str, Level> = AREAS.iter().map(|(area, _)| (*area, Level::Base)).collect();
        for (area, level) in &options.coverage {
            let known = AREAS.iter().find(|(known, _)| known.eq_ignore_ascii_case(area));
            let (known, _) = known.ok_or_else(|| format!("`{area}` is no area of the audit log"))?;
            let level = Level::read(level)
                .ok_or_else(|| format!("`{level}` is no coverage: use `OFF`, `BASE`, `ADVANCED` or `FULL`"))?;
            coverage.insert(known, level);
        }
        let retention = json!({"retentionPeriod": {"years": 3, "months": 0, "days": 0}});
        let mut kept = Kept { records: Vec::new(), last_id: 0, coverage, denied: Vec::new(), retention };
        if options.site.is_none() {
            story::tell(&mut kept, site, options.audit_records, options.seed);
        }
        Ok(Self { language, kept: Mutex::new(kept) })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what somebody has just done; `site` is the site before it.
    pub(super) fn record(&self, site: &Site, caller: &Caller, happening: Happening) {
        let author = match caller {
            Caller::Anonymous => Author::Anonymous,
            other => (&super::account_of(site, other)).into(),
        };
        let event = match happening {
            Happening::SpacePermission { space, who, permission, added } => {
                let space = site.facts.spaces.iter().find(|known| known.id == space);
                space.map(|space| Event::space_permission(site, space, &who, &permission, added))
            }
            Happening::GlobalPermission { who, permission, added } => {
                Some(Event::global_permission(site, &who, &permission, added))
            }
            Happening::Restriction { node, who, update, added } => {
                let node = site.find(&node).and_then(|at| site.node_at(at));
                node.map(|node| Event::restriction(site, node, &who, update, added))
            }
            Happening::Membership { group, who, added } => {
                site.group(&group).map(|group| Event::membership(site, group, &who, added))
            }
            Happening::Group { group, added } => {
                let name = site.group(&group).map_or(group.as_str(), |group| group.name.as_str());
                Some(Event::group(name, added))
            }
        };
        if let Some(event) = event {
            self.kept().write_now(author, event);
        }
    }

    /// The log file: a line per event, oldest first.
    pub(in crate::simulator) fn lines(&self, base: &str) -> Vec<String> {
        self.kept().records.iter().map(|record| record.line(base, self.language).to_string()).collect()
    }
}

/// Who is let in to the log.
fn administrator(visit: &Visit<'_>) -> Result<Account, Refusal> {
    if visit.caller == Caller::Anonymous {
        return Err(Refusal::Unauthorized);
    }
    if !visit.is_admin() {
        return Err(Refusal::Forbidden("only administrators may read the audit log".to_owned()));
    }
    Ok(visit.account())
}

/// Answers a route under `/rest/auditing/1.0`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    // Source: https://confluence.atlassian.com/doc/auditing-in-confluence-829076528.html
    if !visit.from(7, 5) {
        return Some(Err(Refusal::NoAddress { strange: false }));
    }
    match (visit.call.method, path) {
        ("GET", ["events"]) => Some(events(visit)),
        ("GET", ["configuration", what]) => configured(visit, what),
        ("PUT", ["configuration", what]) => configure(visit, what),
        ("POST", ["cache", "rebuild"]) => Some(rebuild(visit)),
        _ => None,
    }
}

/// What an answer is filtered by.
struct Wanted<'a> {
    users: Vec<&'a str>,
    categories: Vec<&'a str>,
    actions: Vec<&'a str>,
    things: Vec<(&'a str, &'a str)>,
    text: Option<String>,
}

impl Wanted<'_> {
    fn holds(&self, record: &Record, base: &str, language: Language) -> bool {
        let among = |list: &[&str], word: &str| list.is_empty() || list.contains(&word);
        let action = record.event.action;
        among(&self.users, record.author.id())
            && among(&self.categories, in_language(action.category.text, language))
            && among(&self.actions, in_language(action.text, language))
            && (self.things.is_empty() || self.things.iter().any(|(kind, id)| record.is_about(kind, id)))
            && self.text.as_ref().is_none_or(|text| stands_in(&record.answer(base, language), text))
    }
}

/// Whether a text stands in any of the values.
fn stands_in(body: &Value, text: &str) -> bool {
    match body {
        Value::String(value) => value.to_lowercase().contains(text),
        Value::Array(all) => all.iter().any(|value| stands_in(value, text)),
        Value::Object(all) => all.values().any(|value| stands_in(value, text)),
        _ => false,
    }
}

fn moment(visit: &Visit<'_>, key: &str) -> Result<Option<i64>, Refusal> {
    let wrong =
        |text: &str| Refusal::Bad(format!("`{text}` is no value of `{key}`: write it as `2026-01-31T12:00:00.000Z`"));
    let read = |text: &str| text.parse::<jiff::Timestamp>().map_err(|_| wrong(text));
    Ok(visit.call.one(key).filter(|text| !text.is_empty()).map(read).transpose()?.map(jiff::Timestamp::as_millisecond))
}

/// `timestamp,ID` of the last event on the page before.
fn cursor(visit: &Visit<'_>) -> Result<Option<(i64, u64)>, Refusal> {
    let Some(text) = visit.call.one("pageCursor").filter(|text| !text.is_empty()) else { return Ok(None) };
    let parts = text.split_once(',').map(|(at, id)| (at.parse(), id.parse()));
    match parts {
        Some((Ok(at), Ok(id))) => Ok(Some((at, id))),
        _ => Err(Refusal::Bad(format!("`{text}` is no `pageCursor`"))),
    }
}

fn events(visit: &Visit<'_>) -> Answer {
    let call = visit.call;
    call.known(
        "GET /rest/auditing/1.0/events",
        &[
            "from",
            "to",
            "limit",
            "pageCursor",
            "offset",
            "userIds",
            "categories",
            "actions",
            "affectedObject",
            "search",
        ],
    )?;
    let account = administrator(visit)?;
    let (since, until) = (moment(visit, "from")?.unwrap_or(i64::MIN), moment(visit, "to")?.unwrap_or(i64::MAX));
    let after = cursor(visit)?;
    let asked = call.whole("limit")?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL);
    let window = call.window(asked, MOST, call.whole("offset")?.unwrap_or(0));
    let mut things = Vec::new();
    for pair in call.one("affectedObject").unwrap_or_default().split(';').filter(|pair| !pair.is_empty()) {
        let pair = pair.split_once(',').map(|(kind, id)| (kind.trim(), id.trim()));
        things.push(pair.ok_or_else(|| {
            Refusal::Bad("`affectedObject` is a list of `type,id`, separated by semicolons".to_owned())
        })?);
    }
    let wanted = Wanted {
        users: call.many("userIds", 1000)?,
        categories: call.many("categories", 1000)?,
        actions: call.many("actions", 1000)?,
        things,
        text: call.one("search").filter(|text| !text.is_empty()).map(str::to_lowercase),
    };
    let (log, base) = (&visit.product.auditing, visit.base());
    let mut kept = log.kept();
    story::arrive(&mut kept, call.options.audit_arrivals);

    let first = kept.records.partition_point(|record| record.at < since);
    let end = kept.records.partition_point(|record| record.at <= until);
    let range = kept.records.get(first..end.max(first)).unwrap_or_default();
    // Newest first, from behind the cursor.
    let range = match after {
        Some(after) => {
            let end = range.partition_point(|record| (record.at, record.id) < after);
            range.get(..end).unwrap_or_default()
        }
        None => range,
    };
    let offset = usize::try_from(window.from).unwrap_or(usize::MAX);
    let fitting = range.iter().rev().filter(|record| wanted.holds(record, &base, log.language));
    let mut fitting = fitting.skip(offset);
    let rows: Vec<&Record> = fitting.by_ref().take(window.limit).collect();
    let more = fitting.next().is_some();
    let place = |record: &&Record| (record.at, record.id);
    // A page without rows leads on from where it began.
    let start = after.unwrap_or((i64::MAX, u64::MAX));
    let next = if call.loops {
        Some(rows.first().map_or(start, |record| (record.at, record.id + 1)))
    } else if more {
        Some(rows.last().map_or(start, place))
    } else {
        None
    };
    let entities: Vec<Value> = rows.iter().map(|record| record.answer(&base, log.language)).collect();
    let mut paging = json!({"lastPage": next.is_none(), "nextPageCursor": null, "size": entities.len()});
    if let (Some((at, id)), Some(paging)) = (next, paging.as_object_mut()) {
        let cursor = format!("{at},{id}");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(call.query.iter().filter(|(key, _)| key != "pageCursor" && key != "offset"));
        query.append_pair("pageCursor", &cursor);
        let host = call.foreign.as_deref().unwrap_or(call.base).trim_end_matches('/');
        paging.insert("nextPageLink".to_owned(), json!(format!("{host}{}?{}", call.path, query.finish())));
        paging.insert("nextPageCursor".to_owned(), json!(cursor));
    }
    let ends = |number: &dyn Fn(&Record) -> String| match (rows.last(), rows.first()) {
        (Some(oldest), Some(newest)) => format!("{} - {}", number(oldest), number(newest)),
        _ => String::new(),
    };
    let search = Event::new(&event::SEARCHED)
        .told("ID Range", "atlassian.audit.event.attribute.id", ends(&|record| record.id.to_string()))
        .told("Query", "atlassian.audit.event.attribute.query", call.one("search").unwrap_or_default())
        .told("Results returned", "atlassian.audit.event.attribute.results", rows.len().to_string())
        .told("Timestamp Range", "atlassian.audit.event.attribute.timestamp", ends(&|record| event::iso(record.at)));
    kept.write_now((&account).into(), search);
    Ok(json!({"entities": entities, "pagingInfo": paging}).into())
}

// Configuration -------------------------------------------------------------------------------------------------------

fn coverage(kept: &Kept) -> Value {
    let levels: BTreeMap<&str, &str> = kept.coverage.iter().map(|(area, level)| (*area, level.word())).collect();
    json!({"levelByArea": levels})
}

fn configured(visit: &Visit<'_>, what: &str) -> Option<Answer> {
    let (route, told): (&'static str, fn(&Kept) -> Value) = match what {
        "coverage" => ("GET /rest/auditing/1.0/configuration/coverage", coverage),
        "denylist" => ("GET /rest/auditing/1.0/configuration/denylist", |kept| json!({"actions": kept.denied})),
        "retention" => ("GET /rest/auditing/1.0/configuration/retention", |kept| kept.retention.clone()),
        _ => return None,
    };
    let answer = || {
        visit.call.known(route, &[])?;
        administrator(visit)?;
        Ok(told(&visit.product.auditing.kept()).into())
    };
    Some(answer())
}

fn configure(visit: &Visit<'_>, what: &str) -> Option<Answer> {
    match what {
        "coverage" => Some(set_coverage(visit)),
        "denylist" => Some(set_denied(visit)),
        "retention" => Some(set_retention(visit)),
        _ => None,
    }
}

fn set_coverage(visit: &Visit<'_>) -> Answer {
    visit.call.known("PUT /rest/auditing/1.0/configuration/coverage", &[])?;
    let account = administrator(visit)?;
    let wrong = || Refusal::Bad("the body is no `{\"levelByArea\": {area: level}}`".to_owned());
    let levels = visit.call.json()?.get("levelByArea").and_then(Value::as_object).ok_or_else(wrong)?;
    let mut wanted = Vec::new();
    for (area, level) in levels {
        let known = AREAS.iter().find(|(known, _)| known == area).ok_or_else(wrong)?;
        wanted.push((*known, level.as_str().and_then(Level::read).ok_or_else(wrong)?));
    }
    let mut kept = visit.product.auditing.kept();
    let mut event = Event::new(&event::CONFIGURED);
    for ((area, shown), level) in wanted {
        if let Some(before) = kept.coverage.insert(area, level).filter(|before| *before != level) {
            event = event.changed((shown, shown), before.shown(), level.shown());
        }
    }
    kept.write_now((&account).into(), event);
    Ok(coverage(&kept).into())
}

fn set_denied(visit: &Visit<'_>) -> Answer {
    visit.call.known("PUT /rest/auditing/1.0/configuration/denylist", &[])?;
    let account = administrator(visit)?;
    let wrong = || Refusal::Bad("the body is no `{\"actions\": [key]}`".to_owned());
    let keys = visit.call.json()?.get("actions").and_then(Value::as_array).ok_or_else(wrong)?;
    let keys = keys.iter().map(|key| key.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<_, _>>()?;
    let mut kept = visit.product.auditing.kept();
    kept.denied = keys;
    kept.write_now((&account).into(), Event::new(&event::CONFIGURED));
    Ok(json!({"actions": kept.denied}).into())
}

fn set_retention(visit: &Visit<'_>) -> Answer {
    visit.call.known("PUT /rest/auditing/1.0/configuration/retention", &[])?;
    let account = administrator(visit)?;
    let body = visit.call.json()?;
    if !body.is_object() {
        return Err(Refusal::Bad("the body is no object".to_owned()));
    }
    let mut kept = visit.product.auditing.kept();
    kept.retention = body.clone();
    let event = Event::new(&event::CONFIGURED).changed(("Retention", "Aufbewahrung"), "3 Years", "changed");
    kept.write_now((&account).into(), event);
    Ok(kept.retention.clone().into())
}

fn rebuild(visit: &Visit<'_>) -> Answer {
    visit.call.known("POST /rest/auditing/1.0/cache/rebuild", &[])?;
    administrator(visit)?;
    Ok(Value::Null.into())
}

// The API before it ---------------------------------------------------------------------------------------------------

/// Answers a route under `/rest/api/audit`.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-audit/
pub(super) fn legacy(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    match (visit.call.method, path) {
        ("GET", []) => Some(records(visit)),
        _ => None,
    }
}

fn records(visit: &Visit<'_>) -> Answer {
    let call = visit.call;
    call.known("GET /rest/api/audit", &["startDate", "endDate", "searchString", "start", "limit"])?;
    administrator(visit)?;
    let moment = |key: &str| -> Result<Option<i64>, Refusal> {
        let wrong = |v: &str| Refusal::Bad(format!("`{v}` is no value of `{key}`: milliseconds since 1970"));
        call.one(key).map(|v| v.parse().map_err(|_| wrong(v))).transpose()
    };
    let (since, until) = (moment("startDate")?.unwrap_or(i64::MIN), moment("endDate")?.unwrap_or(i64::MAX));
    let text = call.one("searchString").filter(|text| !text.is_empty()).map(str::to_lowercase);
    let window = call.offset_page(MOST, MOST)?;
    let log = &visit.product.auditing;
    let mut kept = log.kept();
    story::arrive(&mut kept, call.options.audit_arrivals);
    let first = kept.records.partition_point(|record| record.at < since);
    let end = kept.records.partition_point(|record| record.at <= until);
    let range = kept.records.get(first..end.max(first)).unwrap_or_default().iter().rev();
    let offset = usize::try_from(window.from).unwrap_or(usize::MAX);
    let (rows, more) = match text {
        // Rendering what is only skipped would make deep pages slow.
        None => {
            let mut fitting = range.skip(offset);
            let rows: Vec<Value> = fitting.by_ref().take(window.limit).map(|r| r.old(log.language)).collect();
            (rows, fitting.next().is_some())
        }
        Some(text) => {
            let mut fitting = range.map(|r| r.old(log.language)).filter(|body| stands_in(body, &text)).skip(offset);
            let rows: Vec<Value> = fitting.by_ref().take(window.limit).collect();
            (rows, fitting.next().is_some())
        }
    };
    Ok(Value::Object(call.offset_listing(rows, &window, more)).into())
}
