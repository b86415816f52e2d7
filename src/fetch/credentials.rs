//! Secrets: the only file that looks inside them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use super::config::TokenSource;
use super::error::TokenFailure;
use super::locked::Locked as _;
use super::target::HostKind;
use super::{Config, Error, ErrorKind, Result};
use crate::model::Deployment;

/// Where an API token is made.
pub(super) const TOKEN_PAGE: &str = "https://id.atlassian.com/manage-profile/security/api-tokens";

/// How requests say who is asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scheme {
    /// Username and token or password.
    Basic,
    /// A token alone.
    Bearer,
}

/// The `Authorization` of every request, and the texts that must never be shown.
#[derive(Clone)]
pub(super) struct Credentials {
    said: Said,
    scheme: Scheme,
    /// Whether it is a password.
    password: bool,
    hidden: Vec<SecretString>,
}

/// What is said.
#[derive(Clone)]
enum Said {
    Always(HeaderValue),
    Now(Arc<Rotating>),
}

/// What one request was signed with.
#[derive(Clone)]
pub(super) struct Signature {
    /// Marked sensitive.
    pub(super) header: HeaderValue,
    /// Ordinal of the token, from 1; 0 where there is only one.
    issue: u64,
}

/// Tokens that come one after another from a function.
struct Rotating {
    source: TokenSource,
    username: Option<String>,
    current: Mutex<Current>,
    /// Held while the function runs, by the thread it runs in: a call that was given up does not let a second one begin.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// How often the function failed, and how and when at last.
    failed: watch::Sender<Failed>,
    /// Whether any token was accepted anywhere.
    worked: AtomicBool,
    /// Routes that refused a token although it was new, and since when.
    closed: Mutex<HashMap<String, Instant>>,
}

/// Failures of the function.
#[derive(Clone, Default)]
struct Failed {
    count: u64,
    last: Option<(Arc<TokenFailure>, Instant)>,
}

#[derive(Default)]
struct Current {
    token: Option<SecretString>,
    header: Option<HeaderValue>,
    issue: u64,
    /// When the function was asked for another one and gave this one again.
    kept: Option<Instant>,
    /// The last tokens, as servers may repeat them.
    hidden: Vec<SecretString>,
}

/// How long a function that gave the same token again is not asked for another one.
const KEPT: Duration = Duration::from_secs(5);

/// How long a failure of the function stands for the requests of the same call.
const FAILED: Duration = Duration::from_secs(1);

/// How long a route that refused a new token is not taken to speak of its age: other routes notice when it ends.
const CLOSED: Duration = Duration::from_secs(600);

/// Tokens that are kept out of texts after they were replaced.
const REMEMBERED: usize = 32;

/// Spellings of one secret that are hidden, at most.
const SPELLINGS: usize = 10;

/// Shortest beginning of a secret that is hidden where a text was cut.
const BEGINNING: usize = 4;

impl Credentials {
    /// Judges what was given for a site on a host of `kind`.
    pub(super) fn new(config: &Config, kind: HostKind) -> Result<Self> {
        let username = present(config.username.as_deref());
        for (name, secret) in
            [("token", &config.token), ("password", &config.password), ("org_token", &config.org_token)]
        {
            if let Some(secret) = secret {
                judge_secret(name, secret.expose_secret(), name != "password")?;
            }
        }
        if let Some(name) = username {
            if name.chars().any(char::is_control) {
                return Err(Error::configuration(
                    "`username` contains a control character (a line break at its end?): remove it",
                ));
            }
            if name.contains(':') {
                return Err(Error::configuration(
                    "`username` contains a colon, which this kind of login cannot carry: give the e-mail address or username alone",
                ));
            }
        }
        let cloud = kind != HostKind::Other || config.deployment == Some(Deployment::Cloud);
        if let Some(source) = &config.token_source {
            if config.token.is_some() || config.password.is_some() {
                return Err(Error::configuration(
                    "a function that gives the token stands beside `token` or `password`: give one of them",
                ));
            }
            let (failed, _) = watch::channel(Failed::default());
            let scheme = if username.is_some() { Scheme::Basic } else { Scheme::Bearer };
            let rotating = Rotating {
                source: source.clone(),
                username: username.map(str::to_owned),
                current: Mutex::default(),
                turn: Arc::default(),
                failed,
                worked: AtomicBool::new(false),
                closed: Mutex::default(),
            };
            let mut hidden = others(config);
            hidden.sort_by_key(|s| std::cmp::Reverse(s.expose_secret().len()));
            return Ok(Self { said: Said::Now(Arc::new(rotating)), scheme, password: false, hidden });
        }
        let (scheme, secret) = match (&config.token, &config.password) {
            (Some(_), Some(_)) => {
                return Err(Error::configuration("both `token` and `password` are given: give one of them"));
            }
            (None, Some(_)) if cloud => {
                return Err(Error::configuration(format!(
                    "Confluence Cloud takes no password: make an API token at {TOKEN_PAGE} and give it as `token`, with your e-mail address as `username`"
                )));
            }
            (None, Some(_)) if username.is_none() => {
                return Err(Error::configuration("`password` is given without `username`: give both"));
            }
            (None, Some(password)) => (Scheme::Basic, password),
            // A personal access token is not a password for any account.
            // Source: https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
            (Some(token), None) if config.deployment == Some(Deployment::DataCenter) => (Scheme::Bearer, token),
            (Some(token), None) if username.is_some() => (Scheme::Basic, token),
            (Some(token), None) => (Scheme::Bearer, token),
            (None, None) if username.is_some() => {
                return Err(Error::configuration(format!(
                    "`username` is given without `token`: make an API token at {TOKEN_PAGE} and give it as `token`"
                )));
            }
            (None, None) => {
                return Err(Error::configuration(format!(
                    "no credentials: give `username` (your e-mail address) and `token` (an API token from {TOKEN_PAGE}) for Cloud, or `token` alone (a personal access token) for Data Center"
                )));
            }
        };
        let (header, mut hidden) = header(scheme, username.unwrap_or_default(), secret)?;
        hidden.extend(others(config));
        // The longest first: of two hidden texts one can be part of the other.
        hidden.sort_by_key(|s| std::cmp::Reverse(s.expose_secret().len()));
        let password = config.token.is_none();
        Ok(Self { said: Said::Always(header), scheme, password, hidden })
    }

    /// The key of the organization, for requests to it alone; hides what `self` hides.
    pub(super) fn organization(&self, key: &SecretString) -> Result<Self> {
        let mut header = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
            .map_err(|_| Error::configuration("`org_token` contains a character that cannot be sent: copy it again"))?;
        header.set_sensitive(true);
        Ok(Self { said: Said::Always(header), scheme: Scheme::Bearer, password: false, hidden: self.hidden.clone() })
    }

    /// What to sign a request with. A token that is not there yet is fetched.
    pub(super) async fn signature(&self) -> Result<Signature> {
        match &self.said {
            Said::Always(header) => Ok(Signature { header: header.clone(), issue: 0 }),
            Said::Now(rotating) => match rotating.ready() {
                Some(ready) => Ok(ready),
                None => rotating.fetched(None).await,
            },
        }
    }

    /// Whether a new token may open what was refused; `scope`: the refusal speaks of scopes.
    pub(super) fn renews(&self, route: &str, scope: bool) -> bool {
        let Said::Now(rotating) = &self.said else { return false };
        // The gateway refuses a token without the scopes in the same way as one that has ended.
        if scope {
            return false;
        }
        let closed = rotating.closed.locked();
        let closed = closed.get(route).is_some_and(|since| since.elapsed() < CLOSED);
        !(closed && rotating.worked.load(Ordering::Relaxed))
    }

    /// A token after the one in `refused`; `None` where the function has no other.
    pub(super) async fn renewed(&self, refused: &Signature) -> Result<Option<Signature>> {
        let Said::Now(rotating) = &self.said else { return Ok(None) };
        let next = rotating.fetched(Some(refused.issue)).await?;
        Ok((next.issue != refused.issue).then_some(next))
    }

    /// Notes that a request was let in with it.
    pub(super) fn accepted(&self) {
        if let Said::Now(rotating) = &self.said {
            rotating.worked.store(true, Ordering::Relaxed);
        }
    }

    /// Notes that `route` refuses even a new token.
    pub(super) fn refused_anyway(&self, route: &str) {
        if let Said::Now(rotating) = &self.said {
            rotating.closed.locked().insert(route.to_owned(), Instant::now());
        }
    }

    /// The same with the token of this moment, for what may not wait for another one.
    pub(super) fn settled(&self) -> Self {
        match &self.said {
            Said::Always(_) => self.clone(),
            Said::Now(rotating) => match rotating.ready() {
                Some(ready) => {
                    let mut hidden = self.hidden.clone();
                    hidden.extend(rotating.hidden());
                    Self { said: Said::Always(ready.header), hidden, ..self.clone() }
                }
                None => self.clone(),
            },
        }
    }

    /// Resolves when the function that gives the token fails; never where there is none.
    pub(super) async fn failure(&self) -> Error {
        let Said::Now(rotating) = &self.said else { return std::future::pending().await };
        let mut failures = rotating.failed.subscribe();
        let before = failures.borrow_and_update().count;
        // What failed for another call is not held against this one.
        rotating.failed.send_if_modified(|failed| {
            failed.last = None;
            false
        });
        loop {
            if failures.changed().await.is_err() {
                return std::future::pending().await;
            }
            let Failed { count, last } = failures.borrow_and_update().clone();
            if let Some((failure, _)) = last.filter(|_| count != before) {
                return no_token(&failure);
            }
        }
    }

    /// The word for what was given.
    pub(super) fn noun(&self) -> &'static str {
        if self.password { "password" } else { "token" }
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `text` without any secret.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        let rotated = match &self.said {
            Said::Always(_) => Vec::new(),
            Said::Now(rotating) => rotating.hidden(),
        };
        for secret in rotated.iter().chain(&self.hidden) {
            let secret = secret.expose_secret();
            if !secret.is_empty() && clean.contains(secret) {
                clean = clean.replace(secret, "***");
            }
        }
        // What the server says is cut before it comes here, in the middle of a secret where it stands there.
        let mut pieces: Vec<&str> = clean.split('…').collect();
        let end = pieces.pop().unwrap_or_default();
        let mut whole = String::new();
        for piece in pieces {
            let secrets = || rotated.iter().chain(&self.hidden).map(|secret| secret.expose_secret());
            match secrets().filter_map(|secret| without_beginning(piece, secret)).min_by_key(|left| left.len()) {
                Some(left) => whole.extend([left, "***…"]),
                None => whole.extend([piece, "…"]),
            }
        }
        whole + end
    }
}

impl Rotating {
    /// The token of this moment.
    fn ready(&self) -> Option<Signature> {
        let current = self.current.locked();
        current.header.clone().map(|header| Signature { header, issue: current.issue })
    }

    fn hidden(&self) -> Vec<SecretString> {
        self.current.locked().hidden.clone()
    }

    /// A token that is not the one of `refused`, where the function has one. One call of it at a time, and none for what
    /// another call has brought or failed to bring meanwhile.
    async fn fetched(self: &Arc<Self>, refused: Option<u64>) -> Result<Signature> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let kept = self.current.locked().kept;
        let fresh = kept.is_some_and(|since| since.elapsed() < KEPT);
        if let Some(ready) = self.ready().filter(|ready| fresh || refused != Some(ready.issue)) {
            return Ok(ready);
        }
        let last = self.failed.borrow().last.clone();
        if let Some((failure, _)) = last.filter(|(_, at)| at.elapsed() < FAILED) {
            return Err(no_token(&failure));
        }
        let rotating = Arc::clone(self);
        // The function may wait, for a network or for an interpreter: not in a thread that serves requests. What it brings
        // is kept there, because the call that asked for it may be given up meanwhile.
        let asked = tokio::task::spawn_blocking(move || {
            let outcome = rotating.ask();
            if let Err(failure) = &outcome {
                rotating.failed.send_modify(|failed| {
                    failed.count += 1;
                    failed.last = Some((Arc::clone(failure), Instant::now()));
                });
            }
            drop(turn);
            outcome
        });
        match asked.await {
            Ok(Ok(signature)) => Ok(signature),
            Ok(Err(failure)) => Err(no_token(&failure)),
            Err(_) => Err(Error::new(ErrorKind::NoToken, "the function that gives the token did not come to an end")),
        }
    }

    /// Calls the function, and keeps what it gives.
    fn ask(&self) -> std::result::Result<Signature, Arc<TokenFailure>> {
        let token = self.source.ask().map_err(Arc::new)?;
        let wrong = |error: Error| Arc::new(TokenFailure::from(error));
        judge_secret("token", token.expose_secret(), true).map_err(wrong)?;
        let scheme = if self.username.is_some() { Scheme::Basic } else { Scheme::Bearer };
        let (header, hidden) = header(scheme, self.username.as_deref().unwrap_or_default(), &token).map_err(wrong)?;
        let mut current = self.current.locked();
        let same = current.token.as_ref().is_some_and(|known| known.expose_secret() == token.expose_secret());
        current.kept = same.then(Instant::now);
        if !same {
            current.issue += 1;
            current.hidden.splice(0..0, hidden);
            current.hidden.truncate(SPELLINGS * REMEMBERED);
            current.token = Some(token);
            current.header = Some(header.clone());
        }
        Ok(Signature { header, issue: current.issue })
    }
}

/// The error that stands for a failure of the function that gives the token.
fn no_token(failure: &Arc<TokenFailure>) -> Error {
    if let Some(error) = failure.downcast_ref::<Error>() {
        return Error::new(
            error.kind(),
            format!("what the function given as `token` returned cannot be used: {error}"),
        );
    }
    // Its own words may hold what it uses to get the token, so they stay in the cause.
    let text = "the function given as `token` failed: see the cause";
    Error::new(ErrorKind::NoToken, text).with_failure(Arc::clone(failure))
}

/// The `Authorization` for a secret, and the ways in which a server may repeat it.
fn header(scheme: Scheme, username: &str, secret: &SecretString) -> Result<(HeaderValue, Vec<SecretString>)> {
    let exposed = secret.expose_secret();
    let mut hidden = spellings(exposed);
    let text = match scheme {
        Scheme::Basic => {
            let encoded = STANDARD.encode(format!("{username}:{exposed}"));
            hidden.push(SecretString::from(encoded.clone()));
            format!("Basic {encoded}")
        }
        Scheme::Bearer => format!("Bearer {exposed}"),
    };
    let mut header = HeaderValue::from_str(&text).map_err(|_| {
        Error::configuration(
            "`token` contains a character that cannot be sent: copy it again, without anything around it",
        )
    })?;
    header.set_sensitive(true);
    Ok((header, hidden))
}

/// A secret and how a server that repeats it may spell it: as the addresses of different programs do, as a form does, as
/// JSON does, and as a text of the server is passed on, in one line and without the marks of a quotation.
fn spellings(secret: &str) -> Vec<SecretString> {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    const COMPONENT: &AsciiSet = &UNRESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
    const PATH: &AsciiSet = &UNRESERVED.remove(b'/');
    let escaped = |set| utf8_percent_encode(secret, set).to_string();
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    let ascii = json.encode_utf16().map(|unit| match u8::try_from(unit).ok().filter(u8::is_ascii) {
        Some(byte) => char::from(byte).to_string(),
        None => format!("\\u{unit:04x}"),
    });
    let words: Vec<&str> = secret.split_whitespace().collect();
    let mut all = vec![
        secret.to_owned(),
        escaped(NON_ALPHANUMERIC),
        escaped(UNRESERVED),
        escaped(COMPONENT),
        escaped(PATH),
        escaped(UNRESERVED).replace("%20", "+"),
        ascii.collect(),
        json,
        words.join(" ").replace('`', "'"),
    ];
    all.sort();
    all.dedup();
    all.into_iter().map(SecretString::from).collect()
}

/// `text` without the beginning of `secret` it ends with; `None`: it ends with none.
fn without_beginning<'a>(text: &'a str, secret: &str) -> Option<&'a str> {
    let ends = secret.char_indices().map(|(end, _)| end).rev().take_while(|end| *end >= BEGINNING);
    ends.filter_map(|end| secret.get(..end)).find_map(|beginning| text.strip_suffix(beginning))
}

/// Secrets beside the one that is sent.
fn others(config: &Config) -> Vec<SecretString> {
    let mut hidden = Vec::new();
    if let Some(key) = &config.org_token {
        hidden.extend(spellings(key.expose_secret()));
    }
    if let Some(proxy) = &config.proxy
        && let Ok(url) = url::Url::parse(proxy.expose_secret())
        && let Some(password) = url.password()
    {
        // It is sent in the base64 of a header, and a proxy can show what it was sent.
        let plain = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (username, decoded) = (plain(url.username()), plain(password));
        hidden.push(SecretString::from(password.to_owned()));
        hidden.push(SecretString::from(STANDARD.encode(format!("{username}:{decoded}"))));
        hidden.extend(spellings(&decoded));
    }
    hidden
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({:?})", self.scheme)
    }
}

/// A setting that is there and not blank.
fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

fn judge_secret(name: &str, secret: &str, sent_as_word: bool) -> Result<()> {
    if secret.trim().is_empty() {
        return Err(Error::configuration(format!("`{name}` is empty: give the whole of it, or leave it out")));
    }
    if secret.chars().any(char::is_control) {
        return Err(Error::configuration(format!(
            "`{name}` contains a control character (a line break at its end?): remove it"
        )));
    }
    if sent_as_word && (secret.contains(char::is_whitespace) || !secret.is_ascii()) {
        return Err(Error::configuration(format!(
            "`{name}` contains a character that no token has (a space around it?): copy it again"
        )));
    }
    Ok(())
}
