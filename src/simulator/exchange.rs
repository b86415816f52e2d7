//! One request and its answer, between the socket and the APIs.

use std::cell::{Cell, RefCell};

use axum::http::HeaderMap;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::Options;
use super::edits::Edit;
use super::history::{Event, History};
use super::state::{Account, Site};

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

impl Refusal {
    /// What both products answer for a content that is not there.
    pub(super) fn no_content(id: &str) -> Self {
        Self::NotFound(format!(
            "com.atlassian.confluence.api.service.exceptions.NotFoundException: No content found with id: ContentId{{id={id}}}"
        ))
    }
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
    /// Set by a fault: rows at the front of a listing by offset that have gone; less than none: that have come.
    pub(super) shift: i64,
    /// The token that is let in.
    pub(super) token: String,
    /// Set by a fault: host of the next link.
    pub(super) foreign: Option<String>,
    /// Number of this request; two cursors for one position differ by it.
    pub(super) number: u64,
    pub(super) route: Cell<Option<&'static str>>,
    /// What this request changes; made when it is answered.
    pub(super) edits: RefCell<Vec<Edit>>,
}

impl Call<'_> {
    /// Whose credentials they are.
    pub(super) fn account(&self) -> Account {
        self.site.current_account(&self.options.username)
    }

    /// Writes what the caller has just done into the audit log. For every write that changed something.
    pub(super) fn log_change(&self, event: Event) {
        self.history.log_change((&self.account()).into(), event);
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

    /// From `startDate` to `endDate`, in milliseconds since 1970.
    pub(super) fn period(&self) -> Result<(i64, i64), Refusal> {
        let moment = |key: &str, default| match self.one(key) {
            None => Ok(default),
            Some(v) => {
                v.parse().map_err(|_| Refusal::Bad(format!("`{v}` is no value of `{key}`: milliseconds since 1970")))
            }
        };
        Ok((moment("startDate", i64::MIN)?, moment("endDate", i64::MAX)?))
    }

    pub(super) fn context(&self) -> Map<String, Value> {
        let context = if self.api == Api::DataCenter { self.options.context.as_str() } else { "/wiki" };
        let mut links = Map::new();
        links.insert("base".to_owned(), Value::String(format!("{}{context}", self.base)));
        links.insert("context".to_owned(), Value::String(context.to_owned()));
        links
    }

    /// The context, and the address of this request.
    pub(super) fn links(&self) -> Map<String, Value> {
        let mut links = self.context();
        links.insert("self".to_owned(), Value::String(self.itself()));
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

    /// Takes the body, which must be JSON and say so.
    pub(super) fn read_body(&mut self, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        let media = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !media.starts_with("application/json") {
            return Err(Refusal::MediaType(format!("the body needs `Content-Type: application/json`, not `{media}`")));
        }
        let body = serde_json::from_slice(body);
        self.body = Some(body.map_err(|e| Refusal::Bad(format!("the body is not JSON: {e}")))?);
        Ok(())
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
