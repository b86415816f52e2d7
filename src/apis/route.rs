//! Routes: what an API can be asked, as its documents write it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::Origin;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

impl Method {
    /// As it stands in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A route of an API. Its text, such as `GET /wiki/api/v2/spaces/{id}/permissions`, is what requests are counted under and
/// what gaps and sources name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// The API it belongs to, as an [`Origin`] names it.
    pub api: &'static str,
    /// Method.
    pub method: Method,
    /// Where the paths of an add-on begin; empty elsewhere.
    pub root: &'static str,
    /// Path with its variables.
    pub path: &'static str,
    /// What Atlassian's price list charges an app for each object of an answer: 2 for people, groups and what they may do.
    // Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
    pub points: u64,
    /// Whether a request may be sent again when its fate is unknown.
    pub idempotent: bool,
}

impl Route {
    /// Where rows come from that were read from its answers.
    pub fn origin(&self) -> Origin {
        Origin::new(format!("{} {self}", self.api))
    }

    /// A row by which only the path and whether it is sent again differ.
    pub(super) const fn below(self, path: &'static str, idempotent: bool) -> Self {
        Self { path, idempotent, ..self }
    }

    /// Its path with these values in the place of its variables, in order.
    pub(super) fn filled(&self, values: &[&str]) -> String {
        let mut path = self.root.to_owned();
        let mut rest = self.path;
        for value in values {
            let Some((before, variable)) = rest.split_once('{') else { break };
            path.push_str(before);
            path.push_str(&segment(value));
            rest = variable.split_once('}').map_or("", |(_, after)| after);
        }
        path + rest
    }
}

/// What stands in `text` before `mark`, and the rest from there on.
pub(super) const fn split_before(text: &str, mark: u8) -> (&str, &str) {
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == mark {
            break;
        }
        rest = behind;
    }
    text.split_at(text.len() - rest.len())
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method.as_str(), self.root, self.path)
    }
}

/// Characters a path segment may show as they are (RFC 3986, unreserved).
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path segment: an id or a key may contain anything.
pub(crate) fn segment(text: &str) -> String {
    // A segment of dots would be taken for a way up where the address is normalised.
    if !text.is_empty() && text.chars().all(|c| c == '.') {
        return "%2E".repeat(text.len());
    }
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Declares the routes of an API, and all of them as `ROUTES`.
///
/// ```text
/// routes! { "cloud_v2";
///     /// The permissions granted in a space.
///     reads SPACE_PERMISSIONS = Get "/wiki/api/v2/spaces/{id}/permissions", 2 points;
/// }
/// ```
///
/// `reads` changes nothing; `sets` says how something shall be, so twice comes to the same as once; `changes` is not sent
/// again when its fate is unknown.
macro_rules! routes {
    ($api:literal; $(
        $(#[doc = $doc:literal])*
        $verb:ident $name:ident = $method:ident $path:literal $(, $points:literal points)?;
    )+) => {
        $(
            $(#[doc = $doc])*
            pub static $name: $crate::apis::Route = $crate::apis::Route {
                api: $api,
                method: $crate::apis::Method::$method,
                root: "",
                path: $path,
                points: routes!(@points $($points)?),
                idempotent: routes!(@$verb),
            };
        )+

        /// All of them.
        pub static ROUTES: &[&$crate::apis::Route] = &[$(&$name),+];
    };
    (@points) => { 1 };
    (@points $points:literal) => { $points };
    (@reads) => { true };
    (@sets) => { true };
    (@changes) => { false };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(segment("~ann.b"), "~ann.b");
        assert_eq!(segment("a/b?c#d e"), "a%2Fb%3Fc%23d%20e");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(segment("é"), "%C3%A9");
    }

    #[test]
    fn a_value_stands_in_the_place_of_its_variable() {
        routes! { "x"; reads PERMISSION = Get "/space/{key}/permission/{id}", 2 points; }
        assert_eq!(PERMISSION.filled(&["~a/b", "7"]), "/space/~a%2Fb/permission/7");
        assert_eq!(PERMISSION.filled(&["{id}", "7"]), "/space/%7Bid%7D/permission/7");
        assert_eq!(PERMISSION.to_string(), "GET /space/{key}/permission/{id}");
        assert_eq!(PERMISSION.origin().as_str(), "x GET /space/{key}/permission/{id}");
        assert_eq!((PERMISSION.points, PERMISSION.idempotent, ROUTES.len()), (2, true, 1));
    }
}
