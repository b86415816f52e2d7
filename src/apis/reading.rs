//! What all readers share: a page of rows, and an answer that cannot be read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::continuation::Continuation;
use super::route::Route;
use super::{characters, errors, lenient};
use crate::model::{ContentType, Gap, GapCause, GapScope, Group, Timestamp, User};

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

/// A node of the content tree with its place and kind only.
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

    /// The same where the answer was read as a whole for what should be in `member`.
    pub(crate) fn inside(mut self, member: &str) -> Self {
        if self.kind == UnreadableKind::Shape && self.path == "." {
            member.clone_into(&mut self.path);
        }
        self
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

/// Reads an answer that is a bare list. `None`: it is no list.
pub(crate) fn parse_list(body: &[u8]) -> Result<Option<Vec<Box<RawValue>>>, Unreadable> {
    let text = &*text_of(body)?;
    if !text.trim_start().starts_with('[') {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| unreadable(text, ".", &error))
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
pub(crate) fn without_values(message: &str) -> String {
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

/// Reads an object inside an answer. A list is none, although serde would take it for fields in order.
pub(crate) fn object<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    value.is_object().then(|| serde_json::from_value(value.clone()).ok()).flatten()
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
    route: &Route,
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
        for scope in [GapScope::Space, GapScope::SpacePermissions] {
            gaps.push(Gap::new((scope, space), GapCause::NotListed, message.as_str()).at(route.to_string()));
        }
    }
    space.to_owned()
}
