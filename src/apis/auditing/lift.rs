//! What the audit log says, as records of the model.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{routes, wire};
use crate::apis::continuation::Continuation;
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{self, Page, Unreadable, parse};
use crate::apis::rest_v1::audit::{self as v1, each};
use crate::model::{AuditAuthor, AuditObject, AuditRecord, AuditValue, AuthorType, GapScope, Origin, Timestamp};

/// Reads a page of events. The text of each is kept as it came.
///
/// # Errors
/// Where the answer is no such page.
pub fn events(body: &[u8]) -> Result<Page<AuditRecord>, Unreadable> {
    let answer: wire::Events = parse(body)?;
    let next = next(answer.paging_info.unwrap_or_default(), answer.entities.len());
    let about = About::new((GapScope::Audit, ""), &routes::EVENTS);
    let origin = about.origin();
    let listing = Listing::new(answer.entities, next).member("entities");
    Ok(listing.texts(&about, |event, raw, page| {
        let record = record(event, raw, &origin);
        let wrong = record.is_none().then_some("an event says neither when nor what");
        page.rows.extend(record);
        wrong
    }))
}

/// Where the next page starts. A server that says nothing at all is asked by offset, as the older clients do, until
/// nothing comes.
fn next(paging: wire::PagingInfo, received: usize) -> Option<Continuation> {
    if paging.last_page == Some(true) {
        return None;
    }
    if let Some(cursor) = paging.next_page_cursor {
        return Some(Continuation::Cursor(cursor));
    }
    if let Some(way) = Continuation::from_member(paging.next_page_link.as_ref()) {
        return Some(way);
    }
    match paging.last_page {
        Some(_) => Some(Continuation::Unusable("`lastPage` is false, and no cursor is given".to_owned())),
        None => (received > 0).then_some(Continuation::Skip(received as u64)),
    }
}

/// Reads one line of an audit log file; `source` is the file.
///
/// # Errors
/// Where it is no event.
pub fn log_line(line: &[u8], source: &Origin) -> Result<AuditRecord, Unreadable> {
    let text = &*reading::text_of(line)?;
    let event: wire::Event = parse(line)?;
    record(event, text.trim(), source).ok_or_else(|| Unreadable::shape(line, ".", "it says neither when nor what"))
}

/// Reads a record again from the text it was kept as, whichever of the two shapes it has.
pub(crate) fn again(raw: &str, source: &Origin) -> Option<AuditRecord> {
    let shape: serde_json::Map<String, Value> = serde_json::from_str(raw).ok()?;
    if shape.contains_key("summary") || shape.contains_key("creationDate") {
        return v1::again(raw, source, author);
    }
    record(serde_json::from_str(raw).ok()?, raw, source)
}

/// `None`: it says neither when nor what.
fn record(event: wire::Event, raw: &str, source: &Origin) -> Option<AuditRecord> {
    let at = event.timestamp.as_ref().and_then(time);
    let kind = event.kind.unwrap_or_default();
    if at.is_none() && [&kind.action, &kind.action_key, &kind.category, &kind.category_key].iter().all(|w| w.is_none())
    {
        return None;
    }
    Some(AuditRecord {
        at,
        author: event.author.map(author).unwrap_or_default(),
        action: kind.action,
        action_key: kind.action_key,
        category: kind.category,
        category_key: kind.category_key,
        remote_address: event.source,
        description: None,
        objects: each(event.affected_objects).map(object).filter(said).collect(),
        changes: each(event.changed_values).map(value).collect(),
        super_admin: None,
        raw: raw.to_owned(),
        source: source.clone(),
    })
}

fn said(object: &AuditObject) -> bool {
    object.name.is_some() || object.kind.is_some() || object.id.is_some()
}

/// A moment: a text, seconds and nanoseconds, or a number of seconds or of milliseconds.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => reading::time(Some(text)),
        Value::Object(parts) => {
            let seconds = parts.get("epochSecond")?.as_i64()?;
            let nano = parts.get("nano").and_then(Value::as_i64).unwrap_or(0);
            Timestamp::new(seconds, i32::try_from(nano).ok()?).ok()
        }
        Value::Number(number) => {
            let number = number.as_f64()?;
            // Seconds reach this number in the year 5138, and milliseconds left it behind in 1973.
            let seconds = if number.abs() < 1e11 { number } else { number / 1e3 };
            let micros = (seconds * 1e6).round();
            #[expect(clippy::cast_possible_truncation, reason = "what does not fit is out of the range of a moment")]
            Timestamp::from_microsecond(micros as i64).ok()
        }
        _ => None,
    }
}

/// Who did it. The system and anonymous have numbers of their own.
fn author(author: wire::Author) -> AuditAuthor {
    let is = |word: &str| author.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case(word));
    let id = author.id.or(author.user_key).filter(|id| !id.trim().is_empty());
    let name = author.name.or(author.display_name).or(author.username);
    let called = |word: &str| id.is_none() && name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(word));
    let (kind, id) = match id.as_deref() {
        Some("-1") => (AuthorType::System, None),
        Some("-2") => (AuthorType::Anonymous, None),
        _ if is("system") || called("system") => (AuthorType::System, None),
        _ if is("anonymous") || called("anonymous") => (AuthorType::Anonymous, None),
        Some(_) => (AuthorType::User, id),
        None => (AuthorType::Unknown, None),
    };
    AuditAuthor { kind, id, name }
}

fn object(thing: wire::Object) -> AuditObject {
    let is_space = thing.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("space"));
    let key = thing.uri.as_deref().filter(|_| is_space).and_then(key_in);
    AuditObject { kind: thing.kind, name: thing.name, id: thing.id, key, affected: false }
}

/// The key of a space in its address: `…/display/KEY`, `…/spaces/KEY`, `…?key=KEY`.
fn key_in(uri: &str) -> Option<String> {
    let uri = uri.split('#').next().unwrap_or_default();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("key="));
    let mut parts = path.trim_end_matches('/').rsplit('/');
    let last = parts.next().filter(|last| !last.contains('.'));
    let shown = parts.next().filter(|before| matches!(*before, "display" | "spaces")).and(last);
    let key = percent_decode_str(asked.or(shown)?).decode_utf8_lossy().into_owned();
    (!key.is_empty()).then_some(key)
}

/// The name of a value is in the language of the server; its key is the English word, or a key of another kind.
fn value(value: wire::Changed) -> AuditValue {
    let word = value.i18n_key.filter(|key| !key.contains('.'));
    AuditValue { name: word.or(value.key), old: value.from, new: value.to }
}

fn word(text: &str) -> String {
    text.trim().to_uppercase().replace(['-', ' '], "_")
}

/// Reads how much is recorded: areas and their levels (`OFF`, `BASE`, `ADVANCED`, `FULL`), in upper case.
///
/// # Errors
/// Where the answer names no area.
pub fn coverage(body: &[u8]) -> Result<Page<(String, String)>, Unreadable> {
    let answer: wire::Coverage = parse(body)?;
    if answer.level_by_area.is_empty() {
        return Err(Unreadable::shape(body, "levelByArea", "it names no area"));
    }
    let about = About::new((GapScope::Audit, ""), &routes::COVERAGE);
    let mut page = Page { received: answer.level_by_area.len(), ..Page::default() };
    for (area, level) in &answer.level_by_area {
        match level.as_str().filter(|level| !level.trim().is_empty()) {
            Some(level) => page.rows.push((word(area), word(level))),
            None => {
                let message = format!("the level of `{}` is no word", crate::apis::errors::plain(area, 60));
                page.gaps.push(about.unreadable(message));
            }
        }
    }
    Ok(page)
}

/// Reads which actions are not recorded.
///
/// # Errors
/// Where the answer is no such list.
pub fn denylist(body: &[u8]) -> Result<Page<String>, Unreadable> {
    let answer: wire::Denylist = parse(body)?;
    let about = About::new((GapScope::Audit, ""), &routes::DENYLIST);
    let mut page = Page { received: answer.actions.len(), ..Page::default() };
    for (index, action) in answer.actions.iter().enumerate() {
        let named =
            || ["action", "actionI18nKey", "key", "name"].iter().find_map(|member| action.get(member)?.as_str());
        match action.as_str().or_else(named).filter(|action| !action.trim().is_empty()) {
            Some(action) => page.rows.push(action.to_owned()),
            None => {
                let message = format!("an action is no word, at `actions[{index}]`");
                page.gaps.push(about.unreadable(message));
            }
        }
    }
    Ok(page)
}

/// Reads records of the route before. The text of each is kept as it came.
///
/// # Errors
/// Where the answer is no such listing.
pub fn legacy(body: &[u8]) -> Result<Page<AuditRecord>, Unreadable> {
    v1::records(body, &routes::LEGACY, author)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(body: &Value) -> Page<AuditRecord> {
        events(body.to_string().as_bytes()).expect("a page of events")
    }

    fn one(event: Value) -> AuditRecord {
        page(&json!({"entities": [event], "pagingInfo": {"lastPage": true}})).rows.remove(0)
    }

    #[test]
    fn the_way_on_is_the_cursor_whatever_shape_the_paging_has() {
        let next = |paging: Value| page(&json!({"entities": [{"timestamp": 1}], "pagingInfo": paging})).next;
        let cursor = Some(Continuation::Cursor("1637627977908,12".into()));
        let link = "http://other:8090/x/rest/auditing/1.0/events?limit=100&pageCursor=1637627977908%2C12&from=a";
        assert_eq!(next(json!({"lastPage": false, "nextPageCursor": "1637627977908,12"})), cursor);
        assert_eq!(next(json!({"nextPageCursor": "1637627977908,12", "size": 1})), cursor);
        assert_eq!(next(json!({"lastPage": false, "nextPageLink": link})), cursor);
        assert_eq!(next(json!({"lastPage": true, "nextPageCursor": "1637627977908,12"})), None);
        assert_eq!(next(json!({"lastPage": true, "nextPageCursor": null})), None);
        assert!(matches!(next(json!({"lastPage": false})), Some(Continuation::Unusable(_))));
        assert_eq!(next(Value::Null), Some(Continuation::Skip(1)));
        assert_eq!(page(&json!({"entities": []})).next, None);
    }

    #[test]
    fn a_moment_is_read_in_every_form() {
        let expected: Timestamp = "2021-11-23T00:39:37.908Z".parse().unwrap();
        for moment in [
            json!("2021-11-23T00:39:37.908Z"),
            json!("2021-11-23T02:39:37.908+02:00"),
            json!(1_637_627_977_908_i64),
            json!("1637627977908"),
            json!({"epochSecond": 1_637_627_977, "nano": 908_000_000}),
            json!(1_637_627_977.908),
        ] {
            assert_eq!(one(json!({"timestamp": moment, "type": {}})).at, Some(expected), "{moment}");
        }
        assert_eq!(one(json!({"timestamp": {"nano": 7}, "type": {"action": "x"}})).at, None);
    }

    #[test]
    fn the_system_and_anonymous_are_no_accounts() {
        let author = |author: Value| {
            let author = one(json!({"timestamp": 1, "author": author})).author;
            (author.kind.as_str().to_owned(), author.id)
        };
        assert_eq!(author(json!({"id": "-1", "name": "System", "type": "system"})), ("system".into(), None));
        assert_eq!(author(json!({"id": "-2", "name": "Anonymous", "type": "user"})), ("anonymous".into(), None));
        assert_eq!(
            author(json!({"id": "2c96", "name": "System", "type": "user"})),
            ("user".into(), Some("2c96".into()))
        );
        assert_eq!(author(json!({"name": "Anonymous"})), ("anonymous".into(), None));
        assert_eq!(author(json!({"name": "Ann"})), ("unknown".into(), None));
        assert_eq!(author(json!("Ann")), ("unknown".into(), None));
    }

    #[test]
    fn the_key_of_a_space_is_found_in_its_address() {
        for (uri, key) in [
            ("http://host:8090/display/ASDF", Some("ASDF")),
            ("http://host/confluence/display/~ann/", Some("~ann")),
            ("http://host/spaces/ENG", Some("ENG")),
            ("http://host/spaces/viewspace.action?key=%7Eann", Some("~ann")),
            ("http://host/pages/viewpage.action?pageId=7", None),
            ("http://host/display/", None),
            ("", None),
        ] {
            assert_eq!(key_in(uri).as_deref(), key, "{uri}");
        }
    }

    #[test]
    fn a_bad_object_among_the_others_does_not_take_them_with_it() {
        let record = one(json!({
            "timestamp": 1,
            "affectedObjects": [7, {"name": "Home", "type": "Page", "id": 131_103}, {}, {"name": {}, "type": "Space"}],
            "changedValues": [null, {"key": "Typ", "i18nKey": "Type", "to": "VIEWSPACE"}, {"key": "a", "i18nKey": "a.b"}],
        }));
        let things: Vec<_> = record.objects.iter().map(|o| (o.kind.as_deref(), o.id.as_deref())).collect();
        assert_eq!(things, [(Some("Page"), Some("131103")), (Some("Space"), None)]);
        let names: Vec<_> = record.changes.iter().map(|value| value.name.as_deref()).collect();
        assert_eq!(names, [Some("Type"), Some("a")]);
    }

    #[test]
    fn what_is_recorded_is_read_in_upper_case_and_what_is_no_word_is_a_gap() {
        let read = coverage(br#"{"levelByArea": {"end_user_activity": "Advanced", "PERMISSIONS": null}}"#).unwrap();
        assert_eq!(read.rows, [("END_USER_ACTIVITY".to_owned(), "ADVANCED".to_owned())]);
        assert_eq!(read.gaps.len(), 1);
        assert!(coverage(br#"{"levelByArea": {}}"#).is_err());
        let read = denylist(br#"{"actions": ["a", {"action": "b"}, 7, "", null]}"#).unwrap();
        assert_eq!((read.rows, read.gaps.len()), (vec!["a".to_owned(), "b".to_owned()], 3));
        assert_eq!(denylist(br#"{"actions": []}"#).unwrap().rows.len(), 0);
    }

    #[test]
    fn a_line_of_a_file_is_the_same_record_as_the_event() {
        let event = json!({
            "timestamp": "2021-11-23T00:39:37.908Z", "source": "81.2.69.143",
            "type": {"action": "Space permission added", "actionI18nKey": "audit.logging.summary.space.permission.added"},
            "author": {"id": "2c96", "name": "ann", "type": "user"},
        });
        let mut line = event.clone();
        line["auditType"] = line["type"].take();
        line.as_object_mut().unwrap().remove("type");
        line["auditType"]["area"] = json!("PERMISSIONS");
        line["timestamp"] = json!({"epochSecond": 1_637_627_977, "nano": 908_000_000});
        let source = Origin::new("a.audit.log");
        let read = log_line(format!("\u{feff}{line}\r\n").as_bytes(), &source).unwrap();
        assert_eq!(read.raw, line.to_string());
        let same = AuditRecord { raw: String::new(), source: Origin::default(), ..read };
        assert_eq!(same, AuditRecord { raw: String::new(), source: Origin::default(), ..one(event) });
        assert!(log_line(b"{\"version\":\"1.0\"}", &source).is_err());
    }

    #[test]
    fn a_record_is_the_same_when_it_is_read_again_from_its_text() {
        let event = one(json!({"timestamp": "2021-11-23T00:39:37.908Z", "type": {"action": "x"}}));
        assert_eq!(again(&event.raw, &event.source).as_ref(), Some(&event));
        let body =
            json!({"results": [{"creationDate": 1_637_627_977_908_i64, "summary": "x", "author": {"userKey": "ff"}}]});
        let record = legacy(body.to_string().as_bytes()).unwrap().rows.remove(0);
        assert_eq!(record.author.id.as_deref(), Some("ff"));
        assert_eq!(again(&record.raw, &record.source), Some(record));
        assert_eq!(again("[]", &event.source), None);
    }
}
