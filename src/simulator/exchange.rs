//! One request and its answer, between the socket and the APIs.

use std::cell::{Cell, RefCell};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::history::{Event, History};
use super::state::{Edit, Site};
use super::{CursorStyle, NextStyle, Options};

/// Which API is speaking: its error bodies and next links differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    V1,
    V2,
    DataCenter,
}

/// Why a request gets no 200.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Not a thing this simulator knows: 501, and remembered.
    Unknown(String),
    /// A thing Confluence itself refuses with 400; remembered.
    Bad(String),
    /// A change Confluence refuses with 400 for what is there, however well it was asked for; not remembered.
    Declined(String),
    /// Another body than JSON: 415; remembered.
    MediaType(String),
    /// Not there, or not for this caller.
    NotFound(String),
    /// No credentials, or wrong ones.
    Unauthorized,
    /// Not for this caller, and said so.
    Forbidden(String),
    /// A removed route.
    Gone,
    /// This status, as the plain data says.
    Unreadable(u16),
    /// No answer for long.
    TimesOut,
    /// This status, and why.
    Status(u16, String),
    /// Data Center has no such address at this version; remembered where no version has it.
    NoAddress { strange: bool },
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    /// Null: the answer has no body.
    pub(super) body: Value,
    /// A body that is no JSON, and its type; instead of the other.
    pub(super) text: Option<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl From<Value> for Reply {
    fn from(body: Value) -> Self {
        Self { status: 200, body, text: None, headers: Vec::new() }
    }
}

pub(super) type Answer = Result<Reply, Refusal>;

/// One request.
pub(super) struct Call<'a> {
    pub(super) site: &'a Site,
    pub(super) history: &'a History,
    pub(super) options: &'a Options,
    pub(super) base: &'a str,
    pub(super) method: &'a str,
    /// Whether a bearer token says who is asking, as apps do.
    pub(super) app: bool,
    /// As sent.
    pub(super) path: &'a str,
    /// Decoded segments of the path.
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    pub(super) api: Api,
    /// Set by a fault: cap of this one page.
    pub(super) cap: Option<usize>,
    /// Set by a fault: the next link leads here again.
    pub(super) loops: bool,
    /// Set by a fault: the next link counts the rows that were asked for, not those that came.
    pub(super) jumps: bool,
    /// Set by a fault: host of the next link.
    pub(super) foreign: Option<String>,
    /// Number of this request; two cursors for one position differ by it.
    pub(super) number: u64,
    pub(super) route: Cell<Option<&'static str>>,
    /// What this request changes; made when it is answered.
    pub(super) edits: RefCell<Vec<Edit>>,
}

/// One page's worth of positions.
pub(super) struct Window {
    /// Rows on it at most.
    pub(super) limit: usize,
    /// What the page says its limit is: a fault shortens a page and does not say so.
    pub(super) said: usize,
    /// Position the page begins behind; 0 is the start.
    pub(super) from: u64,
}

impl Call<'_> {
    /// Writes what the caller has just done into the audit log. For every write that changed something.
    pub(super) fn log_change(&self, event: Event) {
        self.history.log_change((&super::cloud_v1::current_account(self)).into(), event);
    }

    /// Changes something, once the request is answered.
    pub(super) fn edit(&self, edit: Edit) {
        self.edits.borrow_mut().push(edit);
    }

    /// Names the route, and refuses query parameters it does not have.
    pub(super) fn known(&self, route: &'static str, allowed: &[&str]) -> Result<(), Refusal> {
        self.route.set(Some(route));
        match self.query.iter().find(|(key, _)| !allowed.contains(&key.as_str())) {
            Some((key, _)) => Err(Refusal::Unknown(format!("unknown query parameter `{key}` of {route}"))),
            None => Ok(()),
        }
    }

    pub(super) fn one(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    pub(super) fn required(&self, key: &str) -> Result<&str, Refusal> {
        self.one(key).filter(|v| !v.is_empty()).ok_or_else(|| Refusal::Bad(format!("`{key}` is required")))
    }

    /// Values of a parameter that may be repeated or comma-separated.
    pub(super) fn many(&self, key: &str, most: usize) -> Result<Vec<&str>, Refusal> {
        let values: Vec<&str> = self
            .query
            .iter()
            .filter(|(k, _)| k == key)
            .flat_map(|(_, v)| v.split(','))
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .collect();
        if values.len() > most {
            return Err(Refusal::Bad(format!("`{key}` takes at most {most} values")));
        }
        Ok(values)
    }

    /// The values of `key`, each of which must be one of `words`.
    pub(super) fn words(&self, key: &str, words: &[&str]) -> Result<Vec<&str>, Refusal> {
        let values = self.many(key, 250)?;
        match values.iter().find(|v| !words.contains(v)) {
            Some(v) => Err(Refusal::Bad(format!("`{v}` is no value of `{key}`"))),
            None => Ok(values),
        }
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool, Refusal> {
        match self.one(key) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::Bad(format!("`{other}` is no value of `{key}`"))),
        }
    }

    pub(super) fn whole(&self, key: &str) -> Result<Option<u64>, Refusal> {
        match self.one(key) {
            None => Ok(None),
            Some(v) => v.parse().map(Some).map_err(|_| Refusal::Bad(format!("`{v}` is no value of `{key}`"))),
        }
    }

    /// The page behind `from`: as many rows as asked for, and no more than the route, the options and a fault allow.
    pub(super) fn window(&self, asked: usize, most: usize, from: u64) -> Window {
        let said = asked.min(most).min(self.options.page_cap.unwrap_or(usize::MAX).max(1));
        Window { limit: said.min(self.cap.unwrap_or(usize::MAX)), said, from }
    }

    /// The page asked for on a v2 route: `limit` 1 to 250, `cursor`.
    pub(super) fn cursor_page(&self) -> Result<Window, Refusal> {
        let limit = self.whole("limit")?.unwrap_or(25);
        if !(1..=250).contains(&limit) {
            return Err(Refusal::Bad(format!("`limit` must be between 1 and 250, not {limit}")));
        }
        Ok(self.window(usize::try_from(limit).unwrap_or(250), 250, self.position()?.unwrap_or(0)))
    }

    /// The page asked for on a v1 route: `start`, `limit`.
    pub(super) fn offset_page(&self, default: usize, most: usize) -> Result<Window, Refusal> {
        let limit = self.whole("limit")?.and_then(|l| usize::try_from(l).ok()).unwrap_or(default);
        Ok(self.window(limit, most, self.whole("start")?.unwrap_or(0)))
    }

    /// What a cursor is bound to: path and filters.
    fn binding(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut feed = |text: &str| {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        feed(self.path);
        for (key, value) in &self.query {
            if !["limit", "cursor", "next", "prev", "start", "expand"].contains(&key.as_str()) {
                feed(key);
                feed(value);
            }
        }
        // A JSON number beyond 2^53 does not survive every reader.
        hash >> 16
    }

    pub(super) fn position(&self) -> Result<Option<u64>, Refusal> {
        let Some(cursor) = self.one("cursor") else { return Ok(None) };
        let bad = || Refusal::Bad(format!("the cursor `{cursor}` is not valid for this request"));
        match self.options.cursors {
            CursorStyle::Plain => cursor.split('.').next().unwrap_or_default().parse().map(Some).map_err(|_| bad()),
            CursorStyle::Opaque => {
                let text = STANDARD.decode(cursor).map_err(|_| bad())?;
                let value: Value = serde_json::from_slice(&text).map_err(|_| bad())?;
                if value.get("contentHash").and_then(Value::as_u64) != Some(self.binding()) {
                    return Err(bad());
                }
                value.get("after").and_then(Value::as_u64).map(Some).ok_or_else(bad)
            }
        }
    }

    fn cursor(&self, after: u64) -> String {
        // A looping cursor is the same each time; all others differ, as the real ones do.
        let number = if self.loops { 0 } else { self.number };
        match self.options.cursors {
            CursorStyle::Plain if self.cap == Some(0) => format!("{after}.{number}"),
            CursorStyle::Plain => after.to_string(),
            CursorStyle::Opaque => STANDARD.encode(
                json!({"after": after, "contentHash": self.binding(), "extraCursorKey": format!("?>~{number}")})
                    .to_string(),
            ),
        }
    }

    /// The next link with these parameters replaced.
    pub(super) fn link(&self, replaced: &[(&str, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.query {
            if !replaced.iter().any(|(k, _)| k == key) {
                query.append_pair(key, value);
            }
        }
        for (key, value) in replaced {
            query.append_pair(key, value);
        }
        let path = match (self.api, &self.foreign, self.options.next) {
            (_, Some(host), _) => format!("{}{}", host.trim_end_matches('/'), self.path),
            (_, None, NextStyle::Absolute) => format!("{}{}", self.base, self.path),
            (Api::V2, None, NextStyle::Relative) => self.path.to_owned(),
            (Api::V1, None, NextStyle::Relative) => self.path.strip_prefix("/wiki").unwrap_or(self.path).to_owned(),
            (Api::DataCenter, None, NextStyle::Relative) => {
                self.path.strip_prefix(self.options.context.as_str()).unwrap_or(self.path).to_owned()
            }
        };
        format!("{path}?{}", query.finish())
    }

    /// A v2 listing of what is behind position `window.from`; `next` is the position behind the last row, where there
    /// are more.
    pub(super) fn listing(&self, results: Vec<Value>, window: &Window, next: Option<u64>) -> Reply {
        let next = if self.loops { Some(window.from) } else { next };
        let next = next.map(|after| self.link(&[("cursor", self.cursor(after))]));
        let base = format!("{}/wiki", self.base);
        let mut links = Map::new();
        let mut header = Vec::new();
        if let Some(next) = next {
            header.push(format!("<{next}>; rel=\"next\""));
            links.insert("next".to_owned(), Value::String(next));
        }
        header.push(format!("<{base}>; rel=\"base\""));
        links.insert("base".to_owned(), Value::String(base));
        let body = json!({"results": results, "_links": links});
        Reply { headers: vec![("link", header.join(", "))], ..body.into() }
    }

    /// A v2 listing of `all`, which is short enough to be at hand.
    pub(super) fn listing_of(&self, all: Vec<Value>) -> Answer {
        let window = self.cursor_page()?;
        let from = usize::try_from(window.from).unwrap_or(usize::MAX);
        let total = all.len();
        let results: Vec<Value> = all.into_iter().skip(from).take(window.limit).collect();
        let end = from.saturating_add(results.len());
        Ok(self.listing(results, &window, (end < total).then_some(end as u64)))
    }

    /// The members `results`, `start`, `limit`, `size` and `_links` of a v1 listing with offsets.
    pub(super) fn offset_listing(&self, results: Vec<Value>, window: &Window, more: bool) -> Map<String, Value> {
        let start = match (self.loops, self.jumps) {
            (true, _) => window.from,
            (false, true) => window.from + window.said as u64,
            (false, false) => window.from + results.len() as u64,
        };
        let mut links = self.context();
        if more || self.loops {
            let next = [("start", start.to_string()), ("limit", window.said.to_string())];
            links.insert("next".to_owned(), Value::String(self.link(&next)));
        }
        links.insert("self".to_owned(), Value::String(self.itself()));
        let mut body = Map::new();
        body.insert("size".to_owned(), json!(results.len()));
        body.insert("results".to_owned(), Value::Array(results));
        body.insert("start".to_owned(), json!(window.from));
        body.insert("limit".to_owned(), json!(window.said));
        body.insert("_links".to_owned(), Value::Object(links));
        body
    }

    /// A v1 listing of `all`.
    pub(super) fn offset_listing_of(&self, all: Vec<Value>, window: &Window) -> Map<String, Value> {
        let from = usize::try_from(window.from).unwrap_or(usize::MAX);
        let total = all.len();
        let results: Vec<Value> = all.into_iter().skip(from).take(window.limit).collect();
        let more = from.saturating_add(results.len()) < total;
        self.offset_listing(results, window, more)
    }

    /// A v1 listing with cursors: `start` counts the rows before the page, as the real one does.
    pub(super) fn cursor_listing(&self, results: Vec<Value>, window: &Window, start: u64, next: Option<u64>) -> Value {
        let (next, begun) = if self.loops { (Some(window.from), 0) } else { (next, results.len() as u64) };
        let mut links = self.context();
        if let Some(after) = next {
            let replaced = [
                ("next", "true".to_owned()),
                ("cursor", self.cursor(after)),
                ("limit", window.said.to_string()),
                ("start", (start + begun).to_string()),
            ];
            links.insert("next".to_owned(), Value::String(self.link(&replaced)));
        }
        links.insert("self".to_owned(), Value::String(self.itself()));
        json!({"size": results.len(), "results": results, "start": start, "limit": window.said, "_links": links})
    }

    pub(super) fn context(&self) -> Map<String, Value> {
        let context = if self.api == Api::DataCenter { self.options.context.as_str() } else { "/wiki" };
        let mut links = Map::new();
        links.insert("base".to_owned(), Value::String(format!("{}{context}", self.base)));
        links.insert("context".to_owned(), Value::String(context.to_owned()));
        links
    }

    /// Address of this request.
    pub(super) fn itself(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query);
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{query}", self.base, self.path)
    }

    /// The body, where there must be one.
    pub(super) fn json(&self) -> Result<&Value, Refusal> {
        self.body.as_ref().ok_or_else(|| Refusal::Bad("a JSON body is required".to_owned()))
    }
}

/// `2026-01-31T12:00:00.000Z`.
pub(super) fn time(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
        Err(_) => "1970-01-01T00:00:00.000Z".to_owned(),
    }
}
