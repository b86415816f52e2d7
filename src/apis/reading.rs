//! What all readers share: a page of rows, and an answer that cannot be read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::continuation::Continuation;
use super::{characters, errors, lenient};
use crate::model::{ContentType, Gap, GapCause, GapScope, Group, SiteFact, Timestamp, User};

/// One answered page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What was read.
    pub rows: Vec<T>,
    /// Where the next page starts. `None`: this was the last.
    pub next: Option<Continuation>,
    /// What could not be read of this page.
    pub gaps: Vec<Gap>,
    /// Elements the server sent, readable or not.
    pub received: usize,
    /// Offset the server says this page starts at.
    pub start: Option<u64>,
    /// Page size the server says it used; it may be lower than what was asked for.
    pub limit: Option<u64>,
    /// How many rows there are in all, where the server says so.
    pub total: Option<u64>,
    /// Address of the site as the server gives it, for links a person opens. Never to send credentials to.
    pub base: Option<String>,
    /// Accounts that stood in the answer beside its rows.
    pub users: Vec<User>,
    /// Groups that stood in the answer beside its rows.
    pub groups: Vec<Group>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
            gaps: Vec::new(),
            received: 0,
            start: None,
            limit: None,
            total: None,
            base: None,
            users: Vec::new(),
            groups: Vec::new(),
        }
    }
}

impl<T> Page<T> {
    /// An answer that is one row and has no next page.
    pub(crate) fn single(row: T) -> Self {
        Self { rows: vec![row], received: 1, ..Self::default() }
    }

    /// Takes the position of the next page from the header `Link` where the body did not name one.
    #[must_use]
    pub fn or_link_header(mut self, header: Option<&str>) -> Self {
        if self.next.is_none() {
            self.next = header.and_then(Continuation::from_link_header);
        }
        self
    }
}

/// What a reader has to know beyond the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Key of each space by its id: v2 rows name their space by id only.
    pub space_keys: HashMap<String, String>,
    /// Key of the space that was asked about, for rows that do not name theirs.
    pub space_key: Option<String>,
    /// Address of the site people open, such as `https://acme.atlassian.net/wiki`, where the answer does not give one.
    pub base: Option<String>,
}

/// A node of the content tree, of which only place and kind are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// Id.
    pub id: String,
    /// Kind; `None` where the server did not say.
    pub kind: Option<ContentType>,
}

/// Why an answer cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnreadableKind {
    /// It is empty.
    Empty,
    /// It is a page for a browser, such as a login page.
    Html,
    /// It is JSON that ends too early.
    Truncated,
    /// It is no JSON.
    NotJson,
    /// It is JSON of another shape.
    Shape,
}

/// An answer that cannot be read as what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    kind: UnreadableKind,
    path: String,
    message: String,
    excerpt: String,
}

impl Unreadable {
    /// An answer that is JSON and lacks what it was asked for.
    pub(crate) fn shape(body: &[u8], path: &str, message: &str) -> Self {
        Self {
            kind: UnreadableKind::Shape,
            path: path.to_owned(),
            message: message.to_owned(),
            excerpt: outline(&String::from_utf8_lossy(body)),
        }
    }

    /// Why.
    pub fn kind(&self) -> UnreadableKind {
        self.kind
    }

    /// The cause of the gap this leaves.
    pub fn cause(&self) -> GapCause {
        match self.kind {
            UnreadableKind::Empty | UnreadableKind::Html | UnreadableKind::NotJson => GapCause::NotJson,
            UnreadableKind::Truncated => GapCause::Truncated,
            UnreadableKind::Shape => GapCause::Unreadable,
        }
    }

    /// Where in the answer the reader stopped, such as `results`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the answer looks like: title of a page, names of members; never its values.
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            UnreadableKind::Empty => f.write_str("the answer is empty where JSON was expected"),
            UnreadableKind::Html => write!(f, "a web page answered where JSON was expected: {}", self.excerpt),
            UnreadableKind::Truncated => write!(f, "the answer ends in the middle of its JSON: {}", self.message),
            UnreadableKind::NotJson => write!(f, "the answer is no JSON: {} ({})", self.message, self.excerpt),
            UnreadableKind::Shape => {
                write!(f, "the answer has another shape at `{}`: {} ({})", self.path, self.message, self.excerpt)
            }
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads an answer as a `T`.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let text = &*text_of(body)?;
    if text.trim_start().starts_with('[') {
        // Nothing that is asked for answers with a bare list, and a struct would take one for its fields in order.
        return Err(match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Unreadable::shape(body, ".", "a list where an object was expected"),
            Err(error) => unreadable(text, ".", &error),
        });
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        unreadable(text, &path, &error.into_inner())
    })?;
    deserializer.end().map_err(|error| unreadable(text, ".", &error))?;
    Ok(read)
}

/// Reads an answer that may be any JSON value, a text or a list as well.
pub(crate) fn parse_any(body: &[u8]) -> Result<Value, Unreadable> {
    let text = &*text_of(body)?;
    serde_json::from_str(text).map_err(|error| unreadable(text, ".", &error))
}

/// Reads a list that may come bare, as Data Center sends permissions, or as any other listing.
pub(crate) fn bare_listing<R>(body: &[u8]) -> Result<(Vec<Box<RawValue>>, Page<R>), Unreadable> {
    let text = &*text_of(body)?;
    if !text.trim_start().starts_with('[') {
        return raw_listing(body);
    }
    let rows: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(|error| unreadable(text, ".", &error))?;
    let page = Page { received: rows.len(), ..Page::default() };
    Ok((rows, page))
}

/// The text of an answer that may be JSON. What a server cut out of the middle of a character is U+FFFD in it.
pub(crate) fn text_of(body: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let failed = |kind, message: &str, excerpt: String| Unreadable {
        kind,
        path: ".".to_owned(),
        message: message.to_owned(),
        excerpt,
    };
    // A byte order mark is legal where JSON is stored, and some proxies add it.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(failed(UnreadableKind::Empty, "nothing was sent", "nothing".to_owned()));
    }
    if errors::is_html(body) {
        let title = errors::page_title(body).map_or_else(|| "without a title".to_owned(), |title| format!("`{title}`"));
        return Err(failed(UnreadableKind::Html, "it is HTML", title));
    }
    let no_utf8 = |_| failed(UnreadableKind::NotJson, "it is no UTF-8", format!("{} bytes", body.len()));
    characters::whole(body).map_err(no_utf8)
}

fn unreadable(text: &str, path: &str, error: &serde_json::Error) -> Unreadable {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => UnreadableKind::Truncated,
        serde_json::error::Category::Data => UnreadableKind::Shape,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => UnreadableKind::NotJson,
    };
    Unreadable { kind, path: path.to_owned(), message: without_values(&error.to_string()), excerpt: outline(text) }
}

/// A message of the JSON reader without the text values it quotes.
fn without_values(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let (before, rest) = message.split_at(first);
            let after = rest.get(last - first + 1..).unwrap_or_default();
            format!("{before}…{after}")
        }
        _ => message.to_owned(),
    }
}

/// What a text looks like, without any of its values: the names of the members of an object, or its kind.
fn outline(text: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(members)) => {
            let names: Vec<String> =
                members.keys().take(8).map(|name| format!("`{}`", errors::plain(name, 40))).collect();
            if names.is_empty() { "an empty object".to_owned() } else { format!("an object with {}", names.join(", ")) }
        }
        Ok(serde_json::Value::Array(rows)) => format!("a list of {}", rows.len()),
        Ok(serde_json::Value::String(_)) => "a text".to_owned(),
        Ok(serde_json::Value::Number(_)) => "a number".to_owned(),
        Ok(serde_json::Value::Bool(_)) => "true or false".to_owned(),
        Ok(serde_json::Value::Null) => "null".to_owned(),
        Err(_) => format!("{} characters", text.chars().count()),
    }
}

/// An element of a list that cannot be read. The rest of the list can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Its id, where at least that much was readable.
    pub id: Option<String>,
    message: String,
}

impl Broken {
    /// The gap it leaves.
    pub(crate) fn gap(&self, scope: GapScope, subject: impl Into<String>, route: &str) -> Gap {
        gap(scope, subject, GapCause::Unreadable, self.message.clone(), route)
    }

    /// The gap it leaves where a fact of the site is missing with it.
    pub(crate) fn site_gap(&self, fact: SiteFact, route: &str) -> Gap {
        site_gap(fact, GapCause::Unreadable, self.message.clone(), route)
    }
}

/// A gap found while reading.
pub(crate) fn gap(
    scope: GapScope,
    subject: impl Into<String>,
    cause: GapCause,
    message: impl Into<String>,
    route: &str,
) -> Gap {
    Gap::new((scope, subject), cause, message).at(route)
}

/// A gap about the site, found while reading.
pub(crate) fn site_gap(fact: SiteFact, cause: GapCause, message: impl Into<String>, route: &str) -> Gap {
    Gap::new(fact.about(), cause, message).at(route)
}

/// A list of texts, each once; what is no text is a gap about `fact`.
pub(crate) fn texts(list: Vec<Value>, fact: SiteFact, route: &str) -> Page<String> {
    let mut page = Page { received: list.len(), ..Page::default() };
    for (at, element) in list.into_iter().enumerate() {
        match element {
            Value::String(text) if page.rows.contains(&text) => {}
            Value::String(text) => page.rows.push(text),
            _ => {
                let message = format!("one element cannot be read at `[{at}]`: no text");
                page.gaps.push(site_gap(fact, GapCause::Unreadable, message, route));
            }
        }
    }
    page
}

/// What listings of v1 and v2 have around their rows.
#[derive(Debug, Deserialize)]
struct Envelope {
    results: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient::count")]
    start: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    limit: Option<u64>,
    #[serde(default, rename = "totalSize", deserialize_with = "lenient::count")]
    total: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    cursor: Option<String>,
    /// Where the next page starts, beside or instead of its link (Data Center, listings by cursor).
    #[serde(default, rename = "nextCursor", deserialize_with = "lenient::text")]
    next_cursor: Option<String>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    links: Option<Links>,
}

/// `_links`, of a listing or of an element.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct Links {
    #[serde(default)]
    pub next: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub base: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub webui: Option<String>,
}

/// Elements of a list, each read on its own.
pub(crate) type Elements<T> = Vec<Result<T, Broken>>;

/// Reads a listing: its elements one by one, so that a bad one does not take the others with it, and the page around
/// them.
pub(crate) fn listing<T: DeserializeOwned, R>(body: &[u8]) -> Result<(Elements<T>, Page<R>), Unreadable> {
    let (raw, page) = raw_listing(body)?;
    Ok((raw.iter().enumerate().map(|(index, raw)| element(index, raw.get())).collect(), page))
}

/// The same with the elements as they came, each to be read by [`element`].
pub(crate) fn raw_listing<R>(body: &[u8]) -> Result<(Vec<Box<RawValue>>, Page<R>), Unreadable> {
    let envelope: Envelope = parse(body).map_err(|mut problem| {
        if problem.kind == UnreadableKind::Shape && problem.path == "." {
            problem.path = "results".to_owned();
        }
        problem
    })?;
    let links = envelope.links.unwrap_or_default();
    let named = envelope.next_cursor.filter(|next| envelope.cursor.as_ref() != Some(next));
    let further = named.filter(|_| !envelope.results.is_empty()).map(Continuation::Cursor);
    let page = Page {
        next: Continuation::from_member(links.next.as_ref()).or(further),
        received: envelope.results.len(),
        start: envelope.start,
        limit: envelope.limit,
        total: envelope.total,
        base: links.base.and_then(|base| web_address(&base)),
        ..Page::default()
    };
    Ok((envelope.results, page))
}

/// Reads a listing by offset, whose next link is not to be trusted: the next page starts after the rows that came, and
/// only a total or an empty page is the end.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/
pub(crate) fn offset_listing<T: DeserializeOwned, R>(body: &[u8]) -> Result<(Elements<T>, Page<R>), Unreadable> {
    let (elements, mut page) = listing(body)?;
    let received = page.received as u64;
    // A total of 0 beside rows is the default of a server that was not asked to count.
    let total = page.total.filter(|total| *total > 0);
    if received > 0 {
        let reached = page.start.map(|start| start.saturating_add(received));
        let done = page.next.is_none() && total.zip(reached).is_some_and(|(total, reached)| reached >= total);
        page.next = (!done).then_some(Continuation::Skip(received));
    }
    Ok((elements, page))
}

/// Notes a listing by offset that ended before the total it gives: an empty page that starts below it.
pub(crate) fn note_short<T>(page: &mut Page<T>, about: (GapScope, &str), route: &str) {
    let (Some(total), Some(start)) = (page.total, page.start) else { return };
    if page.received == 0 && page.next.is_none() && total > start {
        let message = format!("the listing ends after {start} of {total} rows");
        page.gaps.push(Gap::new(about, GapCause::Truncated, message).at(route));
    }
}

/// Reads one element of a list.
pub(crate) fn element<T: DeserializeOwned>(index: usize, text: &str) -> Result<T, Broken> {
    if !text.trim_start().starts_with('{') {
        return Err(Broken {
            id: None,
            message: format!("one element cannot be read at `results[{index}]`: no object"),
        });
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(|error| {
        #[derive(Deserialize)]
        struct Named {
            #[serde(default, deserialize_with = "lenient::text", alias = "accountId")]
            id: Option<String>,
        }
        let id = serde_json::from_str::<Named>(text).ok().and_then(|named| named.id);
        let path = error.path().to_string();
        let place = if path == "." { format!("results[{index}]") } else { format!("results[{index}].{path}") };
        let message = without_values(&error.into_inner().to_string());
        Broken { id, message: format!("one element cannot be read at `{place}`: {message}") }
    })
}

/// An address a person can open, or nothing: `base` comes from outside and ends in reports.
pub(crate) fn web_address(base: &str) -> Option<String> {
    let rest = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!authority.is_empty() && !authority.contains('@')).then(|| base.trim_end_matches('/').to_owned())
}

/// The address of a content or space from the parts the server gives.
pub(crate) fn address(base: Option<&str>, webui: Option<&str>) -> Option<String> {
    let webui = webui?.trim();
    if webui.contains("://") {
        return web_address(webui);
    }
    let base = web_address(base?)?;
    webui.starts_with('/').then(|| format!("{base}{webui}"))
}

/// Reads a time: RFC 3339, or milliseconds since 1970. What is neither is not known.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    let text = text?.trim();
    text.parse().ok().or_else(|| Timestamp::from_millisecond(text.parse().ok()?).ok())
}

/// The key of the space a content lies in, from its id or key, or from what was asked. Where none is known the content
/// is kept under the id of its space, and two gaps say that neither that space nor its permissions are known.
pub(crate) fn space_key(
    content_id: &str,
    space_id: Option<&str>,
    space_key: Option<&str>,
    context: &Context,
    route: &str,
    gaps: &mut Vec<Gap>,
) -> String {
    if let Some(key) = space_key.or_else(|| space_id.and_then(|id| context.space_keys.get(id)).map(String::as_str)) {
        return key.to_owned();
    }
    if let Some(asked) = &context.space_key {
        let id_of_asked_is_known = context.space_keys.values().any(|key| key == asked);
        if space_id.is_none() || !id_of_asked_is_known {
            return asked.clone();
        }
    }
    let space = space_id.unwrap_or_default();
    let message = match space_id {
        Some(id) => format!("content `{content_id}` lies in a space that is not listed (id `{id}`)"),
        None => format!("content `{content_id}` does not say in which space it lies"),
    };
    if !gaps.iter().any(|gap| gap.scope == GapScope::SpacePermissions && gap.subject == space) {
        gaps.push(gap(GapScope::Space, space, GapCause::NotListed, message.clone(), route));
        gaps.push(gap(GapScope::SpacePermissions, space, GapCause::NotListed, message, route));
    }
    space.to_owned()
}
