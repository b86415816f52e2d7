//! What went wrong, by stage, with what a script can act on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::model::id::InvalidId;
use crate::model::{Gap, GapCause};

/// What a function that gives a token fails with.
pub type TokenFailure = Box<dyn std::error::Error + Send + Sync>;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings cannot work; nothing was sent.
    Configuration,
    /// No answer: refused, reset, no such host.
    NoAnswer,
    /// No answer in time.
    Timeout,
    /// The server's certificate is not trusted.
    Certificate,
    /// 401: the credentials were refused.
    Unauthorized,
    /// The function that gives the token failed.
    NoToken,
    /// 403: known, but not permitted.
    Forbidden,
    /// 404, or asked for something that is not there.
    NotFound,
    /// A name fits several things.
    Ambiguous,
    /// 410: the route was removed.
    Gone,
    /// 429: too many requests.
    RateLimited,
    /// Another 4xx.
    Client,
    /// A 5xx.
    Server,
    /// Something answered that is not Confluence, such as a login page.
    NotConfluence,
    /// JSON of another shape, or no JSON.
    Unreadable,
    /// The client was closed.
    Closed,
    /// Asked for a complete answer, and there are gaps.
    Incomplete,
    /// A change would take the caller's own access; nothing was written.
    Lockout,
    /// Single permissions are refused: the site gives access by roles only.
    RolesOnly,
    /// A plan asks for what the product does not do; nothing was written.
    Plan,
    /// A plan was made for another site; nothing was sent.
    OtherSite,
    /// A part of the server is not installed or switched off: an add-on, the remote API.
    Unavailable,
    /// Secure administrator sessions ask for the password again, which no program is asked.
    SecureSession,
    /// A file cannot be read or written: the checkpoint of a snapshot.
    Store,
}

impl ErrorKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::NoAnswer => "no_answer",
            Self::Timeout => "timeout",
            Self::Certificate => "certificate",
            Self::Unauthorized => "unauthorized",
            Self::NoToken => "no_token",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Ambiguous => "ambiguous",
            Self::Gone => "gone",
            Self::RateLimited => "rate_limited",
            Self::Client => "client_error",
            Self::Server => "server_error",
            Self::NotConfluence => "not_json",
            Self::Unreadable => "unreadable",
            Self::Closed => "closed",
            Self::Incomplete => "incomplete",
            Self::Lockout => "lockout",
            Self::RolesOnly => "roles_only",
            Self::Plan => "plan",
            Self::OtherSite => "other_site",
            Self::Unavailable => "unavailable",
            Self::SecureSession => "secure_session",
            Self::Store => "store",
        }
    }

    /// The cause of the gap such an error leaves where the rest goes on.
    pub(super) fn gap_cause(self) -> GapCause {
        match self {
            Self::Configuration | Self::Certificate | Self::NoAnswer | Self::Store => GapCause::NoAnswer,
            Self::Timeout => GapCause::Timeout,
            Self::Unauthorized => GapCause::Unauthorized,
            Self::NoToken => GapCause::NoToken,
            Self::Forbidden => GapCause::Forbidden,
            Self::NotFound => GapCause::NotFound,
            Self::Ambiguous => GapCause::Ambiguous,
            Self::Gone => GapCause::Gone,
            Self::RateLimited => GapCause::RateLimited,
            Self::Client | Self::Lockout | Self::RolesOnly | Self::Plan | Self::OtherSite => GapCause::Unsupported,
            Self::Server => GapCause::ServerError,
            Self::NotConfluence => GapCause::NotJson,
            Self::Unreadable => GapCause::Unreadable,
            Self::Closed => GapCause::Closed,
            Self::Incomplete => GapCause::Truncated,
            Self::Unavailable => GapCause::Unavailable,
            Self::SecureSession => GapCause::SecureSession,
        }
    }
}

/// What went wrong. Its texts hold no secret: they pass through the credentials' redaction before they are kept.
#[derive(Clone)]
pub struct Error(Box<Parts>);

#[derive(Clone)]
pub(super) struct Parts {
    pub(super) kind: ErrorKind,
    /// What is wrong and what to do; without the request.
    pub(super) message: String,
    /// The request, as it stands behind the message.
    pub(super) request: Option<String>,
    /// What the server said, as it came: to decide by, never shown.
    pub(super) said: String,
    /// Whether the server answered as if nobody had logged in.
    pub(super) stranger: bool,
    /// Whether no connection came about at all.
    pub(super) unreached: bool,
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) attempts: u32,
    pub(super) url: Option<String>,
    pub(super) route: Option<String>,
    pub(super) candidates: Vec<String>,
    /// The line of a plan, counted from 1.
    pub(super) line: Option<usize>,
    pub(super) gaps: Vec<Gap>,
    pub(super) cause: Option<Cause>,
    failure: Option<Arc<TokenFailure>>,
}

/// One link of the chain of causes, as text: the errors of the HTTP stack can hold addresses.
#[derive(Debug, Clone)]
pub(super) struct Cause {
    text: String,
    next: Option<Box<Cause>>,
}

impl Cause {
    /// The chain behind `error`, each text passed through `redact`.
    pub(super) fn chain(error: &(dyn std::error::Error + 'static), redact: &dyn Fn(&str) -> String) -> Self {
        Self { text: redact(&error.to_string()), next: error.source().map(|e| Box::new(Self::chain(e, redact))) }
    }

    /// The last text of the chain: what really happened.
    pub(super) fn root(&self) -> &str {
        self.next.as_deref().map_or(&self.text, Cause::root)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.next.as_deref().map(|e| e as _)
    }
}

impl Error {
    /// An error of `kind` with a one-line message.
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            message: message.into(),
            request: None,
            said: String::new(),
            stranger: false,
            unreached: false,
            status: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            url: None,
            route: None,
            candidates: Vec::new(),
            line: None,
            gaps: Vec::new(),
            cause: None,
            failure: None,
        }))
    }

    pub(super) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(super) fn parts_mut(&mut self) -> &mut Parts {
        &mut self.0
    }

    /// Adds to what is wrong.
    pub(super) fn append(&mut self, text: &str) {
        self.0.message.push_str(text);
    }

    /// Whether the server's own words hold `word`, which is in lower case.
    pub(super) fn says(&self, word: &str) -> bool {
        self.0.said.to_ascii_lowercase().contains(word)
    }

    /// Whether the server has no such route; another 404 means that what was asked for is not there.
    pub(super) fn is_missing_route(&self) -> bool {
        match self.status() {
            Some(404) => self.kind() == ErrorKind::NotConfluence || self.says("null for uri"),
            Some(405 | 410 | 501) => true,
            _ => false,
        }
    }

    /// Whether nothing answers, or the credentials are refused: asking differently does not help.
    pub(super) fn is_no_answer(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::NoAnswer
                | ErrorKind::Timeout
                | ErrorKind::RateLimited
                | ErrorKind::Unauthorized
                | ErrorKind::Closed
                | ErrorKind::Certificate
                | ErrorKind::Configuration
        )
    }

    /// Whether the credentials were not accepted and the server answered all the same, as it answers anonymous.
    pub(super) fn is_of_stranger(&self) -> bool {
        self.0.stranger
    }

    /// Whether the host was not reached.
    pub(super) fn is_unreached(&self) -> bool {
        self.0.unreached
    }

    #[must_use]
    pub(super) fn with_cause(mut self, cause: Cause) -> Self {
        self.0.cause = Some(cause);
        self
    }

    #[must_use]
    pub(super) fn with_failure(mut self, failure: Arc<TokenFailure>) -> Self {
        self.0.failure = Some(failure);
        self
    }

    /// What the function that gives the token failed with, as it came from there.
    pub fn token_failure(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.failure.as_deref().map(|failure| &**failure)
    }

    /// An error that says `gaps` are in the way of a complete answer.
    pub fn incomplete(what: &str, gaps: Vec<Gap>) -> Self {
        let first = gaps.first().map(|g| format!(", first: {}", g.message)).unwrap_or_default();
        let mut error = Self::new(
            ErrorKind::Incomplete,
            format!("{what} is incomplete: {} part(s) could not be read{first}; see `gaps`", gaps.len()),
        );
        error.0.gaps = gaps;
        error
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The server's own name for the request, for its operators.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often it was tried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Origin and path asked; no query, no secret.
    pub fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// Method and path asked, without query.
    pub fn route(&self) -> Option<&str> {
        self.0.route.as_deref()
    }

    /// What an ambiguous name could have meant.
    pub fn candidates(&self) -> &[String] {
        &self.0.candidates
    }

    /// The line of a plan that is meant, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The gaps that stand in the way of a complete answer.
    pub fn gaps(&self) -> &[Gap] {
        &self.0.gaps
    }
}

impl From<InvalidId> for Error {
    fn from(invalid: InvalidId) -> Self {
        Self::configuration(invalid.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        // What is wrong comes first, the remedy second, the request last.
        self.0.request.as_ref().map_or(Ok(()), |request| write!(f, " ({request})"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("status", &self.0.status)
            .field("request_id", &self.0.request_id)
            .field("retry_after", &self.0.retry_after)
            .field("attempts", &self.0.attempts)
            .field("url", &self.0.url)
            .field("gaps", &self.0.gaps.len())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let failure = self.0.failure.as_deref().map(|failure| &**failure as &(dyn std::error::Error + 'static));
        self.0.cause.as_ref().map(|e| e as _).or(failure)
    }
}
