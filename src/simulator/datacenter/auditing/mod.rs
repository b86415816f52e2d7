//! The audit log: `rest/auditing/1.0`, and the one before it, `rest/api/audit`.
//!
//! Not documented anywhere, and guesses here: how many events an answer has at most, the body of `configuration/retention`, that an
//! event about a restriction names its subject as one about a space does, and the keys of those events.
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-events/

mod event;
mod kept;
mod log;
mod story;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::form_urlencoded;

use self::event::{Event, Language, Level, Record, in_language};
use self::kept::Kept;
use self::log::AREAS;
pub(super) use self::log::Log;
use super::caller::Caller;
use super::visit::Visit;
use crate::simulator::exchange::{Answer, Refusal};
use crate::simulator::history::stands_in;
use crate::simulator::state::Account;

/// Most events in an answer, and how many where nobody says.
const MOST: usize = 1000;
const USUAL: usize = 100;

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

/// `type,id` of the things events must be about, one of them.
fn things<'a>(visit: &'a Visit<'_>) -> Result<Vec<(&'a str, &'a str)>, Refusal> {
    let pairs = visit.call.one("affectedObject").unwrap_or_default().split(';').filter(|pair| !pair.is_empty());
    let wrong = || Refusal::Bad("`affectedObject` is a list of `type,id`, separated by semicolons".to_owned());
    pairs.map(|pair| pair.split_once(',').map(|(kind, id)| (kind.trim(), id.trim())).ok_or_else(wrong)).collect()
}

fn events(visit: &Visit<'_>) -> Answer {
    let call = visit.call;
    let words =
        ["from", "to", "limit", "pageCursor", "offset", "userIds", "categories", "actions", "affectedObject", "search"];
    call.known("GET /rest/auditing/1.0/events", &words)?;
    let account = administrator(visit)?;
    let (since, until) = (moment(visit, "from")?.unwrap_or(i64::MIN), moment(visit, "to")?.unwrap_or(i64::MAX));
    let after = cursor(visit)?;
    let asked = call.whole("limit")?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL);
    let window = call.window(asked, MOST, call.whole("offset")?.unwrap_or(0));
    let wanted = Wanted {
        users: call.many("userIds", 1000)?,
        categories: call.many("categories", 1000)?,
        actions: call.many("actions", 1000)?,
        things: things(visit)?,
        text: call.one("search").filter(|text| !text.is_empty()).map(str::to_lowercase),
    };
    let (log, base) = (visit.log, visit.base());
    let mut kept = log.kept();
    story::arrive(&mut kept, call.options.audit_arrivals);

    let range = kept.between(since, until);
    // Newest first, from behind the cursor.
    let end = after.map_or(range.len(), |after| range.partition_point(|record| (record.at, record.id) < after));
    let range = range.get(..end).unwrap_or_default();
    let fitting = range.iter().rev().filter(|record| wanted.holds(record, &base, log.language));
    let mut fitting = fitting.skip(window.skipped());
    let rows: Vec<&Record> = fitting.by_ref().take(window.limit).collect();
    let more = fitting.next().is_some();
    let entities: Vec<Value> = rows.iter().map(|record| record.answer(&base, log.language)).collect();
    let paging = paging(visit, &rows, after, more);
    let search = searched(visit, &rows);
    kept.write_now((&account).into(), search);
    Ok(json!({"entities": entities, "pagingInfo": paging}).into())
}

fn paging(visit: &Visit<'_>, rows: &[&Record], after: Option<(i64, u64)>, more: bool) -> Value {
    let call = visit.call;
    // A page without rows leads on from where it began.
    let start = after.unwrap_or((i64::MAX, u64::MAX));
    let next = if call.loops {
        Some(rows.first().map_or(start, |record| (record.at, record.id + 1)))
    } else if more {
        Some(rows.last().map_or(start, |record| (record.at, record.id)))
    } else {
        None
    };
    let mut paging = json!({"lastPage": next.is_none(), "nextPageCursor": null, "size": rows.len()});
    if let (Some((at, id)), Some(paging)) = (next, paging.as_object_mut()) {
        let cursor = format!("{at},{id}");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(call.query.iter().filter(|(key, _)| key != "pageCursor" && key != "offset"));
        query.append_pair("pageCursor", &cursor);
        let host = call.foreign.as_deref().unwrap_or(call.base).trim_end_matches('/');
        paging.insert("nextPageLink".to_owned(), json!(format!("{host}{}?{}", call.path, query.finish())));
        paging.insert("nextPageCursor".to_owned(), json!(cursor));
    }
    paging
}

/// That somebody searched the log is an event of its own.
fn searched(visit: &Visit<'_>, rows: &[&Record]) -> Event {
    let ends = |number: &dyn Fn(&Record) -> String| match (rows.last(), rows.first()) {
        (Some(oldest), Some(newest)) => format!("{} - {}", number(oldest), number(newest)),
        _ => String::new(),
    };
    Event::new(&event::SEARCHED)
        .told("ID Range", "atlassian.audit.event.attribute.id", ends(&|record| record.id.to_string()))
        .told("Query", "atlassian.audit.event.attribute.query", visit.call.one("search").unwrap_or_default())
        .told("Results returned", "atlassian.audit.event.attribute.results", rows.len().to_string())
        .told("Timestamp Range", "atlassian.audit.event.attribute.timestamp", ends(&|record| event::iso(record.at)))
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
        Ok(told(&visit.log.kept()).into())
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
    let mut kept = visit.log.kept();
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
    let mut kept = visit.log.kept();
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
    let mut kept = visit.log.kept();
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
    let (since, until) = call.period()?;
    let text = call.one("searchString").filter(|text| !text.is_empty()).map(str::to_lowercase);
    let window = call.offset_page(MOST, MOST)?;
    let log = visit.log;
    let mut kept = log.kept();
    story::arrive(&mut kept, call.options.audit_arrivals);
    let (range, offset) = (kept.between(since, until).iter().rev(), window.skipped());
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
