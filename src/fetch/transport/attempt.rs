//! What came of an attempt: an answer, or an error and whether to try again.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use url::Url;

use super::{Answer, Transport};
use crate::apis::{Method, Request, errors};
use crate::fetch::error::Cause;
use crate::fetch::retry::{asked_wait, may_pass};
use crate::fetch::{Error, ErrorKind, Result};

/// A connection that could not be made is tried once more: a dead host must be reported at once.
const CONNECT_RETRY: Duration = Duration::from_millis(150);

/// The outcome of an attempt.
pub(super) type Attempt = std::result::Result<Answer, Failure>;

/// An attempt that failed, before it is known whether there is another one.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) retry: RetryDecision,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, retry: RetryDecision::Never }
    }
}

/// Whether a failed attempt may be repeated, and after which wait.
pub(super) enum RetryDecision {
    Never,
    /// After a wait of our own choice.
    Backoff,
    /// The server asked for this wait.
    Asked(Duration),
    /// 429 without a word about when.
    TooMany,
    /// Once, after this wait.
    Once(Duration),
}

impl Transport {
    /// The address a redirect leads to, if it stays within the site.
    pub(super) fn hop(&self, request: &Request, from: &Url, status: u16, headers: &HeaderMap) -> Result<Url> {
        let told = |kind, text: String| {
            let mut error = self.error(kind, request, text);
            error.parts_mut().status = Some(status);
            error.parts_mut().request_id = request_id(headers);
            error
        };
        let to = headers.get(LOCATION).and_then(|v| v.to_str().ok()).and_then(|l| from.join(l).ok());
        let Some(to) = to else {
            return Err(told(ErrorKind::NotConfluence, format!("redirected ({status}) without saying where")));
        };
        if to.origin() != self.at().origin.origin() || !to.username().is_empty() {
            let port = to.port().map_or_else(String::new, |port| format!(":{port}"));
            let host = format!("{}{port}", to.host_str().unwrap_or("nowhere"));
            let same = to.host_str() == self.at().origin.host_str();
            return Err(if same && to.scheme() == "https" {
                told(ErrorKind::Configuration, format!("the site requires `https://`: write `https://{host}` in `url`"))
            } else {
                told(
                    ErrorKind::NotConfluence,
                    self.quote(&format!(
                        "redirected ({status}) to another host, `{}://{host}{}`: credentials are sent to the configured address only; if the site moved, give its new address, if this is a login page, the credentials or the address are wrong",
                        to.scheme(),
                        to.path()
                    )),
                )
            });
        }
        if !asks_the_same(request, &to) {
            let text = format!(
                "redirected ({status}) to another question, `{}`: check `url`, with the context path if there is one",
                to.path()
            );
            return Err(told(ErrorKind::NotConfluence, self.quote(&text)));
        }
        if request.route.method != Method::Get && !matches!(status, 307 | 308) {
            return Err(told(
                ErrorKind::NotConfluence,
                format!("redirected ({status}) instead of answered: check the address"),
            ));
        }
        Ok(to)
    }

    /// Judges a whole answer by its status, its headers and its first bytes.
    pub(super) fn judge(
        &self,
        request: &Request,
        status: u16,
        headers: HeaderMap,
        body: Vec<u8>,
        signed: bool,
    ) -> Attempt {
        let stated = errors::xml_message(&body);
        let html = stated.is_none() && is_html(&headers, &body);
        let stranger = signed && says_stranger(&headers);
        if (200..300).contains(&status) && !html && !stranger {
            return Ok(Answer { body, headers, status, attempts: 1 });
        }
        let said = match stated {
            Some(stated) => stated,
            None if html => String::new(),
            None => errors::message(&body).unwrap_or_default(),
        };
        let kind = match status {
            200..=499 if stranger && status != 429 => ErrorKind::Unauthorized,
            200..300 => ErrorKind::NotConfluence,
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            // Confluence says 404 in JSON; a web page says that something else lives there.
            404 if html => ErrorKind::NotConfluence,
            404 => ErrorKind::NotFound,
            410 => ErrorKind::Gone,
            429 => ErrorKind::RateLimited,
            400..500 => ErrorKind::Client,
            500.. => ErrorKind::Server,
            _ => ErrorKind::Unreadable,
        };
        let mut text = match html && !stranger && !is_confluence_page(&headers, &body) {
            true => self.quote(&errors::instead_of_confluence(status, &body)),
            false => self.remedy(kind, status, &headers),
        };
        if !said.is_empty() {
            text.push_str(&format!("; the server says: {}", self.quote(&said)));
        }
        let mut error = self.error(kind, request, text);
        error.parts_mut().said = said;
        error.parts_mut().stranger = stranger && kind == ErrorKind::Unauthorized;
        let asked = asked_wait(status, &headers, jiff::Timestamp::now());
        let parts = error.parts_mut();
        parts.status = Some(status);
        parts.request_id = request_id(&headers).map(|id| self.quote(&id));
        parts.retry_after = asked;
        let retry = match (may_pass(status), asked) {
            (false, _) => RetryDecision::Never,
            (true, Some(wait)) => RetryDecision::Asked(wait),
            (true, None) if status == 429 => RetryDecision::TooMany,
            (true, None) => RetryDecision::Backoff,
        };
        Err(Failure { error, retry })
    }

    /// No answer, or half of one.
    pub(super) fn unanswered(&self, request: &Request, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        let (timeout, connect) = (error.is_timeout(), error.is_connect());
        let (body, builder) = (error.is_body() || error.is_decode(), error.is_builder());
        let cause = Cause::chain(&error, &|text| self.quote(text));
        let root = cause.root().to_owned();
        let certificate = self.identity.refusal(&error);
        let (kind, text, retry) = if builder {
            (ErrorKind::Configuration, format!("cannot be sent: {root}"), RetryDecision::Never)
        } else if let Some(text) = certificate {
            (ErrorKind::Certificate, text, RetryDecision::Never)
        } else if timeout && connect {
            let text = "no connection in time: check the address, the network and `proxy`".to_owned();
            (ErrorKind::NoAnswer, text, RetryDecision::Never)
        } else if timeout {
            let text = "no answer in time: try again, or give a longer `timeout`".to_owned();
            (ErrorKind::Timeout, text, RetryDecision::Once(self.backoff.min(CONNECT_RETRY)))
        } else if connect {
            let tls = root.contains("InvalidContentType") || root.contains("corrupt message");
            let hint = if tls { "the port does not speak TLS; " } else { "" };
            let text = if root.contains("proxy authorization required") {
                format!("no answer ({root}): {}", errors::PROXY_LOGIN)
            } else {
                let ours = self.identity.hint();
                format!("no answer ({root}): {hint}check the address, the network and `proxy`{ours}")
            };
            (ErrorKind::NoAnswer, text, RetryDecision::Once(CONNECT_RETRY))
        } else if body {
            (ErrorKind::NoAnswer, format!("the answer broke off ({root}): try again"), RetryDecision::Backoff)
        } else {
            (
                ErrorKind::NoAnswer,
                format!("the connection broke ({root}): try again{}", self.identity.hint()),
                RetryDecision::Backoff,
            )
        };
        let mut error = self.error(kind, request, text).with_cause(cause);
        error.parts_mut().unreached = connect;
        Failure { error, retry }
    }
}

/// Names in a query that say which part of a listing is asked for.
const PARTS: [&str; 4] = ["cursor", "start", "offset", "limit"];

/// Whether an address within the site still asks what was asked: below another context, perhaps, and with other things in
/// its query, such as a ticket of a login, but about the same rows.
fn asks_the_same(request: &Request, to: &Url) -> bool {
    let (asked, now) = (request.path.to_ascii_lowercase(), to.path().to_ascii_lowercase());
    let values = |name: &str| to.query_pairs().filter(|(n, _)| n == name).map(|(_, v)| v).collect::<Vec<_>>();
    let stated = |name: &str| request.query.iter().filter(|(n, _)| n == name).map(|(_, v)| v).collect::<Vec<_>>();
    let names = request.query.iter().map(|(name, _)| &**name).chain(PARTS);
    now.trim_end_matches('/').ends_with(asked.trim_end_matches('/'))
        && names.into_iter().all(|name| values(name).iter().eq(stated(name)))
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    match text.first() {
        Some(b'<') => true,
        // Some proxies label JSON as a web page.
        Some(b'{' | b'[') => false,
        _ => kind.starts_with("text/html") && !text.is_empty(),
    }
}

/// Whether a web page is Confluence's own: its filters refuse a login in HTML.
// Source: https://confluence.atlassian.com/confkb/basic-authentication-failure-reason-authenticated-failed-216434384.html
fn is_confluence_page(headers: &HeaderMap, body: &[u8]) -> bool {
    ["x-seraph-loginreason", "x-confluence-request-time", "x-confluence-cluster-node"]
        .iter()
        .any(|name| headers.contains_key(*name))
        || String::from_utf8_lossy(body.get(..4096).unwrap_or(body)).contains("Basic Authentication Failure")
}

/// Whether the filter that looks at credentials did not accept those of a request that was answered all the same.
// Source: https://confluence.atlassian.com/confkb/basic-authentication-failure-reason-authenticated-failed-216434384.html
fn says_stranger(headers: &HeaderMap) -> bool {
    let reasons =
        || headers.get_all("x-seraph-loginreason").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let is = |words: &[&str]| reasons().any(|reason| words.iter().any(|word| reason.trim().eq_ignore_ascii_case(word)));
    // One of several filters may have failed before another one knew the account.
    is(&["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"]) && !is(&["OK"])
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "atl-traceid", "x-trace-id", "x-b3-traceid"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|v| v.to_str().ok())
        .map(|v| v.chars().take(128).collect())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;
    #[test]
    fn a_web_page_is_known_by_its_first_character() {
        let html = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=UTF-8"))]);
        let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        assert!(is_html(&json, b"\xef\xbb\xbf \n<!DOCTYPE html>"));
        assert!(!is_html(&html, b" {\"results\":[]}"));
        assert!(is_html(&html, b"please log in"));
        assert!(!is_html(&json, b"true"));
    }
}
