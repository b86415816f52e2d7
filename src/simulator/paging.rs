//! Pages of listings: by cursor and by offset.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::exchange::{Answer, Api, Call, Refusal, Reply};
use super::{CursorStyle, NextStyle};

/// One page's worth of positions.
pub(super) struct Window {
    /// Rows on it at most.
    pub(super) limit: usize,
    /// What the page says its limit is: a fault shortens a page and does not say so.
    pub(super) said: usize,
    /// Position the page begins behind; 0 is the start.
    pub(super) from: u64,
    /// By how much the rows have moved up since they were counted.
    pub(super) shift: i64,
}

impl Window {
    /// Rows before it.
    pub(super) fn skipped(&self) -> usize {
        usize::try_from(self.from.saturating_add_signed(self.shift)).unwrap_or(usize::MAX)
    }

    /// What is on it.
    pub(super) fn of<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.skipped()).take(self.limit).collect()
    }

    /// Whether something is left of `total` behind these rows.
    pub(super) fn leaves(&self, rows: usize, total: usize) -> bool {
        self.skipped().saturating_add(rows) < total
    }
}

impl Call<'_> {
    /// The page behind `from`: as many rows as asked for, and no more than the route, the options and a fault allow.
    pub(super) fn window(&self, asked: usize, most: usize, from: u64) -> Window {
        let said = asked.min(most).min(self.options.page_cap.unwrap_or(usize::MAX).max(1));
        Window { limit: said.min(self.cap.unwrap_or(usize::MAX)), said, from, shift: 0 }
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
        let from = self.whole("start")?.unwrap_or(0);
        let shift = if from > 0 { self.shift } else { 0 };
        Ok(Window { shift, ..self.window(limit, most, from) })
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
        let total = all.len() as u64;
        let results = window.of(all);
        let end = window.from.saturating_add(results.len() as u64);
        Ok(self.listing(results, &window, (end < total).then_some(end)))
    }

    /// The members `results`, `start`, `limit`, `size` and `_links` of a v1 listing with offsets.
    pub(super) fn offset_listing(&self, results: Vec<Value>, window: &Window, more: bool) -> Map<String, Value> {
        let start = match (self.loops, self.jumps) {
            (true, _) => window.from,
            (false, true) => window.from + window.said as u64,
            (false, false) => window.from + results.len() as u64,
        };
        let mut links = self.links();
        if more || self.loops {
            let next = [("start", start.to_string()), ("limit", window.said.to_string())];
            links.insert("next".to_owned(), Value::String(self.link(&next)));
        }
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
        let total = all.len();
        let results = window.of(all);
        let more = window.leaves(results.len(), total);
        self.offset_listing(results, window, more)
    }

    /// A v1 listing of `all`; only the rows on the page are written out.
    pub(super) fn offset_listing_by<T>(
        &self,
        all: Vec<T>,
        window: &Window,
        row: impl FnMut(T) -> Result<Value, Refusal>,
    ) -> Result<Map<String, Value>, Refusal> {
        let total = all.len();
        let results: Vec<Value> = window.of(all).into_iter().map(row).collect::<Result<_, _>>()?;
        let more = window.leaves(results.len(), total);
        Ok(self.offset_listing(results, window, more))
    }

    /// A v1 listing with cursors: `start` counts the rows before the page, as the real one does.
    pub(super) fn cursor_listing(&self, results: Vec<Value>, window: &Window, start: u64, next: Option<u64>) -> Value {
        let (next, begun) = if self.loops { (Some(window.from), 0) } else { (next, results.len() as u64) };
        let mut links = self.links();
        if let Some(after) = next {
            let replaced = [
                ("next", "true".to_owned()),
                ("cursor", self.cursor(after)),
                ("limit", window.said.to_string()),
                ("start", (start + begun).to_string()),
            ];
            links.insert("next".to_owned(), Value::String(self.link(&replaced)));
        }
        json!({"size": results.len(), "results": results, "start": start, "limit": window.said, "_links": links})
    }

    /// The page of the lists inside an answer: `start`, `limit`.
    pub(super) fn nested_page(&self, most: usize) -> Result<(usize, usize), Refusal> {
        let whole = |key, default| Ok(self.whole(key)?.and_then(|v| usize::try_from(v).ok()).unwrap_or(default));
        Ok((whole("start", 0)?, whole("limit", most)?))
    }
}
