//! A request as a value.

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::continuation::{Continuation, PaginationError};
use super::route::{Route, SEGMENT};

/// Most bytes of path and query in one address. Servers and proxies refuse an address from 8 kB on, scheme, host and what
/// a gateway puts in front included.
// Source: https://tomcat.apache.org/tomcat-9.0-doc/config/http.html (maxHttpHeaderSize: 8192 for the whole head)
pub const MOST_ADDRESS: usize = 7_000;

/// A request as a value: everything but host and credentials.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The route it goes along.
    pub route: &'static Route,
    /// Path from the root of the site, segments percent-encoded, such as `/wiki/api/v2/spaces`.
    pub path: String,
    /// Query, not yet encoded.
    pub query: Vec<(String, String)>,
    /// JSON body.
    pub body: Option<Value>,
    /// Headers beyond those every request carries.
    pub headers: Vec<(&'static str, String)>,
    /// What the position of a page is called: where it is a cursor, and where it is an offset.
    pub(crate) positions: (&'static str, &'static str),
}

impl Request {
    /// A request along `route`, with these values in the place of its variables, in order.
    pub fn to(route: &'static Route, values: &[&str]) -> Self {
        Self {
            route,
            path: route.filled(values),
            query: Vec::new(),
            body: None,
            headers: Vec::new(),
            positions: ("cursor", "start"),
        }
    }

    /// With a JSON body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// With one more query parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// With a query parameter repeated for each value.
    #[must_use]
    pub fn with_each(mut self, name: &str, values: &[impl AsRef<str>]) -> Self {
        self.query.extend(values.iter().map(|value| (name.to_owned(), value.as_ref().to_owned())));
        self
    }

    /// With other names for the position of a page.
    #[must_use]
    pub(crate) fn positions(mut self, cursor: &'static str, offset: &'static str) -> Self {
        self.positions = (cursor, offset);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of the last query parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where a listing by cursor was asked to start: in the query, or in the body where that says how much is wanted.
    pub fn cursor(&self) -> Option<&str> {
        let name = self.positions.0;
        let in_body = || {
            let body = self.body.as_ref()?;
            body.get("variables").unwrap_or(body).get(name)?.as_str()
        };
        self.parameter(name).or_else(in_body)
    }

    /// Says that no browser sent it: servers take a change, and a question put as one, for a forgery otherwise.
    #[must_use]
    pub(crate) fn no_check(self) -> Self {
        self.header("X-Atlassian-Token", "no-check")
    }

    /// Method and path, without query: the name of a request in gaps and errors.
    pub fn line(&self) -> String {
        format!("{} {}", self.route.method.as_str(), self.path)
    }

    /// How long path and query are, as they are sent.
    pub fn address_length(&self) -> usize {
        let sent = |text: &str| utf8_percent_encode(text, SEGMENT).map(str::len).sum::<usize>();
        self.path.len() + self.query.iter().map(|(name, value)| sent(name) + sent(value) + 2).sum::<usize>()
    }

    /// Whether the position of a page of this listing is an offset.
    pub(crate) fn by_offset(&self) -> bool {
        self.cursor().is_none() && self.parameter(self.positions.1).is_some()
    }

    /// Where an offset listing was asked to start.
    pub fn start(&self) -> u64 {
        self.parameter(self.positions.1).and_then(|start| start.parse().ok()).unwrap_or(0)
    }

    /// The same request for the page `continuation` points to. All other parameters stay as they were, because a cursor
    /// is only good for the listing it came from.
    ///
    /// # Errors
    /// Where the server named a next page but not how to reach it, or named the page this request already asked for.
    pub fn continued(&self, continuation: &Continuation) -> Result<Self, PaginationError> {
        let (cursor_name, offset_name) = self.positions;
        let (name, value) = match continuation {
            Continuation::Cursor(cursor) => {
                if self.cursor() == Some(cursor) {
                    return Err(PaginationError::Loop);
                }
                (cursor_name, cursor.clone())
            }
            Continuation::Start(start) => {
                if *start <= self.start() {
                    return Err(PaginationError::Loop);
                }
                (offset_name, start.to_string())
            }
            Continuation::Skip(rows) => match self.start().checked_add(*rows) {
                Some(start) if start > self.start() => (offset_name, start.to_string()),
                _ => return Err(PaginationError::Loop),
            },
            Continuation::Unusable(link) => return Err(PaginationError::Unusable(link.clone())),
        };
        let mut next = self.clone();
        if let Some(Value::Object(body)) = next.body.as_mut().and_then(asked_how_much) {
            body.insert(name.to_owned(), Value::String(value));
            return Ok(next);
        }
        // Rows are skipped from where this page began, which may have been a cursor.
        let keeps_cursor = matches!(continuation, Continuation::Skip(_));
        next.query.retain(|(known, _)| known != offset_name && (keeps_cursor || known != cursor_name));
        next.query.push((name.to_owned(), value));
        Ok(next)
    }
}

/// The part of a body that says how many rows are wanted: the body itself, or the variables of a query.
fn asked_how_much(body: &mut Value) -> Option<&mut Value> {
    if body.get("variables").is_some() {
        return body.get_mut("variables").filter(|variables| variables.get("first").is_some());
    }
    Some(body).filter(|body| body.get("limit").is_some())
}

/// Cuts a list into parts of at most `most` items, so that the request about each has an address of at most
/// [`MOST_ADDRESS`] bytes.
pub(crate) fn fitting<T: Clone>(items: &[T], most: usize, request: impl Fn(&[T]) -> Request) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut length = 0;
    for item in items {
        let alone = request(std::slice::from_ref(item)).address_length();
        // What an item adds to a list; the words around the list may differ between one item and several.
        let more = request(&[item.clone(), item.clone()]).address_length().saturating_sub(alone);
        match parts.last_mut().filter(|part| part.len() < most.max(1) && length + more <= MOST_ADDRESS) {
            Some(part) => {
                part.push(item.clone());
                length += more;
            }
            None => {
                parts.push(vec![item.clone()]);
                length = alone;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::cloud_v1::routes::GROUPS as P;

    #[test]
    fn a_continued_request_keeps_its_parameters_and_replaces_the_position() {
        let first = Request::to(&P, &[]).with("limit", 250).with("status", "current");
        let second = first.continued(&Continuation::Cursor("abc==".into())).unwrap();
        let third = second.continued(&Continuation::Cursor("def".into())).unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(third.query, [pair("limit", "250"), pair("status", "current"), pair("cursor", "def")]);
        assert_eq!(third.continued(&Continuation::Cursor("def".into())), Err(PaginationError::Loop));
    }

    #[test]
    fn an_offset_moves_by_the_rows_that_came_and_never_backwards() {
        let first = Request::to(&P, &[]).with("start", 0).with("limit", 200);
        let second = first.continued(&Continuation::Skip(50)).unwrap();
        assert_eq!(second.start(), 50);
        assert_eq!(second.continued(&Continuation::Skip(50)).unwrap().start(), 100);
        assert_eq!(second.continued(&Continuation::Start(50)), Err(PaginationError::Loop));
        assert_eq!(second.continued(&Continuation::Skip(0)), Err(PaginationError::Loop));
        assert_eq!(second.continued(&Continuation::Skip(u64::MAX)), Err(PaginationError::Loop));
    }

    #[test]
    fn a_list_is_cut_where_the_address_would_grow_too_long() {
        let ask = |keys: &[String]| Request::to(&P, &[]).with_each("keys", keys).with("limit", 250);
        let keys: Vec<String> = (0..300).map(|n| format!("~{n:0>40}")).collect();
        let parts = fitting(&keys, 250, ask);
        assert!(parts.len() > 1 && parts.iter().all(|part| ask(part).address_length() <= MOST_ADDRESS));
        assert_eq!(parts.concat(), keys);
        assert_eq!(fitting(&keys, 100, |_| Request::to(&P, &[])).len(), 3, "short ones are cut by number alone");
        let long = vec!["x".repeat(9_000); 2];
        assert_eq!(fitting(&long, 250, ask).len(), 2, "what fits nowhere is asked for alone");
        assert!(fitting::<String>(&[], 250, ask).is_empty());
        let cql = |keys: &[String]| Request::to(&P, &[]).with("cql", format!("space in (\"{}\")", keys.join("\",\"")));
        assert!(fitting(&keys, 250, cql).iter().all(|part| cql(part).address_length() <= MOST_ADDRESS + 200));
    }

    #[test]
    fn a_next_link_that_leads_nowhere_is_a_typed_problem() {
        let problem = Request::to(&P, &[]).continued(&Continuation::Unusable("/p?limit=5".into())).unwrap_err();
        assert_eq!(problem.cause().as_str(), "truncated");
        assert_eq!(problem.to_string(), "the server named a next page without saying where it starts (`/p?limit=5`)");
    }
}
