//! Where the next page starts, taken out of what the server says about it.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::model::GapCause;

/// Where the next page starts. Put into the request that was ours by [`Request::continued`](super::Request::continued);
/// the server's link is never followed, because it differs per API and per host and may point elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Continuation {
    /// At an opaque cursor.
    Cursor(String),
    /// At an offset.
    Start(u64),
    /// So many rows after where this page started.
    Skip(u64),
    /// The server named a next page, and nothing in it says where that starts. Holds the path and the names of the
    /// parameters of the link.
    Unusable(String),
}

/// Why a next page cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaginationError {
    /// The next page is the one that was just read.
    #[error("the server names the page just read as the next one")]
    Loop,
    /// The link says nothing about where the next page starts.
    #[error("the server named a next page without saying where it starts (`{0}`)")]
    Unusable(String),
}

impl PaginationError {
    /// The cause of the gap this leaves.
    pub fn cause(&self) -> GapCause {
        match self {
            Self::Loop => GapCause::Loop,
            Self::Unusable(_) => GapCause::Truncated,
        }
    }
}

impl Continuation {
    /// Reads a next link in any spelling: relative to the host or to the context, absolute, behind the gateway, with a
    /// cursor or an offset.
    ///
    /// ```
    /// use confluence_access::apis::Continuation;
    /// let link = "https://api.atlassian.com/ex/confluence/9a/wiki/api/v2/pages?limit=25&cursor=eyJpZCI6MX0%3D";
    /// assert_eq!(Continuation::from_link(link), Continuation::Cursor("eyJpZCI6MX0=".into()));
    /// ```
    pub fn from_link(link: &str) -> Self {
        let link = link.trim();
        let before_fragment = link.split('#').next().unwrap_or_default();
        let query = before_fragment.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let mut start = None;
        for pair in query.split('&') {
            // A link that was escaped for HTML on its way.
            let pair = pair.strip_prefix("amp;").unwrap_or(pair);
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // `+` stays: cursors are Base64, and a server that forgot to escape it means a plus.
            let value = percent_decode_str(value).decode_utf8_lossy();
            match name {
                "cursor" | "pageCursor" if !value.is_empty() => return Self::Cursor(value.into_owned()),
                "start" | "offset" => start = value.parse().ok(),
                _ => {}
            }
        }
        start.map_or_else(|| Self::Unusable(names_only(link)), Self::Start)
    }

    /// Reads the member `next` of `_links`: a text, or an object with `href`. `None`: there is no next page.
    pub(crate) fn from_member(next: Option<&Value>) -> Option<Self> {
        match next? {
            Value::Null => None,
            Value::String(link) if link.trim().is_empty() => None,
            Value::String(link) => Some(Self::from_link(link)),
            Value::Object(link) => match link.get("href") {
                Some(Value::String(link)) => Some(Self::from_link(link)),
                _ => Some(Self::Unusable("an object without `href`".to_owned())),
            },
            Value::Bool(false) => None,
            _ => Some(Self::Unusable("a value that is no link".to_owned())),
        }
    }

    /// Reads a member `next` that is a bare cursor, as the organization sends it, or an address all the same. `None`:
    /// there is no next page.
    pub(crate) fn from_cursor(next: Option<&Value>) -> Option<Self> {
        match next {
            // Cursors are Base64, and may contain and begin with a slash.
            Some(Value::String(cursor)) if !cursor.trim().is_empty() && !cursor.contains(['?', ':']) => {
                Some(Self::Cursor(cursor.trim().to_owned()))
            }
            other => Self::from_member(other),
        }
    }

    /// Reads the header `Link`, where v2 says the same as in its body.
    // Source: https://www.rfc-editor.org/rfc/rfc8288
    pub fn from_link_header(header: &str) -> Option<Self> {
        links_of(header).find(|(_, relation)| relation == "next").map(|(link, _)| Self::from_link(&link))
    }
}

/// The links of a header `Link` with their relations, in lower case.
fn links_of(header: &str) -> impl Iterator<Item = (String, String)> {
    let mut links = Vec::new();
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let Some((target, after)) = from.split_once('>') else { break };
        let parameters = after.split('<').next().unwrap_or_default();
        for parameter in parameters.split([';', ',']) {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            if name.trim().eq_ignore_ascii_case("rel") {
                for relation in value.trim().trim_matches('"').split_whitespace() {
                    links.push((target.trim().to_owned(), relation.to_ascii_lowercase()));
                }
            }
        }
        rest = after;
    }
    links.into_iter()
}

/// A link without the values of its parameters and without its host, short: fit for a message.
fn names_only(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let names: Vec<&str> =
        query.split('&').filter_map(|pair| pair.split('=').next()).filter(|n| !n.is_empty()).collect();
    let mut text = if names.is_empty() { path.to_owned() } else { format!("{path}?{}", names.join("&")) };
    if let Some((end, _)) = text.char_indices().nth(120) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cursor_is_found_in_every_spelling_of_the_link() {
        for link in [
            "/wiki/api/v2/spaces?cursor=abc%3D%3D",
            "/api/v2/spaces?limit=2&cursor=abc==",
            "/rest/api/content/search?cql=space%3D%22A%26B%22&limit=50&cursor=abc%3D%3D&expand=a,b",
            "https://site.atlassian.net/wiki/api/v2/spaces?cursor=abc%3D%3D#x",
            "https://api.atlassian.com/ex/confluence/0a1b/wiki/api/v2/spaces?cursor=abc%3D%3D",
            "/ex/confluence/0a1b/wiki/api/v2/spaces?cursor=abc%3D%3D",
            "?cursor=abc%3D%3D",
            "/rest/api/content/search?next=true&amp;cursor=abc%3D%3D&amp;start=50",
        ] {
            assert_eq!(Continuation::from_link(link), Continuation::Cursor("abc==".into()), "{link}");
        }
    }

    #[test]
    fn a_plus_in_a_cursor_stays_a_plus() {
        assert_eq!(Continuation::from_link("/p?cursor=a+b/c"), Continuation::Cursor("a+b/c".into()));
        assert_eq!(Continuation::from_link("/p?cursor=a%2Bb"), Continuation::Cursor("a+b".into()));
    }

    #[test]
    fn an_offset_is_taken_where_there_is_no_cursor() {
        assert_eq!(Continuation::from_link("/rest/api/group?limit=200&start=200"), Continuation::Start(200));
        assert_eq!(Continuation::from_link("/rest/api/group?cursor=&start=4"), Continuation::Start(4));
    }

    #[test]
    fn a_link_without_a_position_is_not_the_end() {
        assert_eq!(Continuation::from_link("/p?limit=5&cursor="), Continuation::Unusable("/p?limit&cursor".into()));
        assert_eq!(Continuation::from_link("https://h/p?start=-1"), Continuation::Unusable("p?start".into()));
        assert_eq!(Continuation::from_link("/p"), Continuation::Unusable("/p".into()));
        assert_eq!(
            Continuation::from_member(Some(&json!(7))),
            Some(Continuation::Unusable("a value that is no link".into()))
        );
    }

    #[test]
    fn no_link_is_the_end() {
        assert_eq!(Continuation::from_member(None), None);
        assert_eq!(Continuation::from_member(Some(&json!(null))), None);
        assert_eq!(Continuation::from_member(Some(&json!(""))), None);
    }

    #[test]
    fn a_link_may_be_an_object() {
        assert_eq!(
            Continuation::from_member(Some(&json!({"href": "/p?cursor=x"}))),
            Some(Continuation::Cursor("x".into()))
        );
        assert!(matches!(Continuation::from_member(Some(&json!({}))), Some(Continuation::Unusable(_))));
    }

    #[test]
    fn the_header_says_the_same() {
        let header = "</wiki/api/v2/spaces?limit=1&cursor=x,y>; rel=\"next\", <https://site/wiki>; rel=\"base\"";
        assert_eq!(Continuation::from_link_header(header), Some(Continuation::Cursor("x,y".into())));
        assert_eq!(Continuation::from_link_header("<https://site/wiki>; rel=\"base\""), None);
        assert_eq!(Continuation::from_link_header("<https://site/wiki"), None);
    }
}
