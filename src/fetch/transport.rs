//! One request: sent, repeated where that helps, answered or turned into an error that says what to do.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use secrecy::ExposeSecret as _;
use tokio::sync::{OnceCell, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::config::{HostKind, Target};
use super::credentials::{Credentials, Scheme, Signature, TOKEN_PAGE};
use super::error::Cause;
use super::limit::Limiter;
use super::retry::{asked_wait, chosen_wait, may_pass};
use super::tls::{self, Identity};
use super::{Config, Error, ErrorKind, Result};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::{Method, Request, errors};
use crate::model::{Deployment, Gap};

/// Longest answer that is read; a listing of 250 rows has less than a thousandth of it.
const LARGEST: usize = 256 << 20;

/// Hops within the site that are followed.
const HOPS: usize = 5;

/// A connection that could not be made is tried once more: a dead host must be reported at once.
const CONNECT_RETRY: Duration = Duration::from_millis(150);

/// What came back, with a status of 2xx.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) headers: HeaderMap,
    pub(super) status: u16,
    pub(super) attempts: u32,
}

impl Answer {
    pub(super) fn link(&self) -> Option<&str> {
        self.headers.get(reqwest::header::LINK).and_then(|v| v.to_str().ok())
    }
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Most repetitions after 5xx, silence and broken answers. After 429 it is always what was configured.
    pub(super) retries: u32,
    /// Whether to say who is asking.
    pub(super) signed: bool,
    /// Whether a refusal may mean that the token has ended.
    pub(super) renew: bool,
}

impl Effort {
    /// What is left of it after so many attempts, one repetition at least where there are any.
    pub(super) fn after(self, attempts: u32) -> Self {
        Self { retries: self.retries.saturating_sub(attempts).max(self.retries.min(1)), ..self }
    }
}

/// What was asked so far.
#[derive(Default)]
struct Counted {
    sent: AtomicU64,
    points: AtomicU64,
    routes: Mutex<BTreeMap<String, u64>>,
    /// Requests that may have changed something.
    writes: AtomicU64,
}

/// A clone shares limits, counts and the end with what it was cloned from.
#[derive(Clone)]
pub(super) struct Transport {
    http: reqwest::Client,
    identity: Identity,
    pub(super) target: Target,
    /// The gateway, where the site itself does not let these credentials in.
    gateway: Arc<OnceCell<Option<Target>>>,
    credentials: Credentials,
    limiter: Limiter,
    width: usize,
    max_retries: u32,
    backoff: Duration,
    deadline: Duration,
    counted: Arc<Counted>,
    /// The last answer that was given as if nobody had logged in.
    estranged: watch::Sender<Option<Error>>,
    /// Sent with every request.
    marks: Vec<(&'static str, &'static str)>,
    config: Arc<Config>,
    pub(super) closed: CancellationToken,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("site", &self.target.site).finish_non_exhaustive()
    }
}

/// What one attempt came to.
enum Attempt {
    Done(Answer),
    Failed(Failure),
}

/// An attempt that failed, before it is known whether there is another one.
struct Failure {
    error: Error,
    /// What stands in the way of a repetition, if anything.
    again: Again,
}

enum Again {
    Never,
    /// After a wait of our own choice.
    Backoff,
    /// The server asked for this wait.
    Asked(Duration),
    /// 429 without a word about when.
    TooMany,
    /// Once, at once.
    Once(Duration),
}

impl Transport {
    pub(super) fn new(config: &Config) -> Result<Self> {
        config.judge_limits()?;
        let target = Target::new(config)?;
        let credentials = Credentials::new(config, target.kind)?;
        Self::to(config, target, credentials)
    }

    /// To the organization, with its key and nothing else; `None` where no key was given.
    pub(super) fn organization(&self, config: &Config) -> Result<Option<Self>> {
        let Some(key) = &config.org_token else { return Ok(None) };
        let target = Target::organization(config)?;
        Self::to(config, target, self.credentials.organization(key)?).map(Some)
    }

    fn to(config: &Config, target: Target, credentials: Credentials) -> Result<Self> {
        let (http, identity) = build(config, &target, &credentials)?;
        Ok(Self {
            http,
            identity,
            target,
            gateway: Arc::default(),
            credentials,
            limiter: Limiter::new(config.max_concurrency, config.requests_per_second),
            width: config.max_concurrency,
            max_retries: config.max_retries,
            backoff: config.backoff,
            deadline: config.deadline,
            counted: Arc::default(),
            estranged: watch::channel(None).0,
            marks: Vec::new(),
            config: Arc::new(config.clone()),
            closed: CancellationToken::new(),
        })
    }

    /// The same, using the admin key of this account.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-admin-key/
    pub(super) fn with_admin_key(&self) -> Self {
        Self { marks: vec![("Atl-Confluence-With-Admin-Key", "true")], ..self.clone() }
    }

    /// The same with connections of its own, and open whatever was closed: for what has to be said after the end, in a
    /// runtime of its own.
    pub(super) fn anew(&self, timeout: Duration) -> Result<Self> {
        let mut config = (*self.config).clone();
        config.timeout = timeout;
        let (http, identity) = build(&config, &self.target, &self.credentials)?;
        let credentials = self.credentials.settled();
        Ok(Self { http, identity, credentials, deadline: timeout, closed: CancellationToken::new(), ..self.clone() })
    }

    /// Where requests go.
    fn at(&self) -> &Target {
        self.gateway.get().and_then(Option::as_ref).unwrap_or(&self.target)
    }

    /// Finds out, once, whether requests go through the gateway instead of to the site, as those with a bearer token alone
    /// do on Cloud; `true`: they do, so this is Cloud. Nobody is told who is asking.
    ///
    /// # Errors
    /// Where a Cloud site does not say its id.
    // Source: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/
    pub(super) async fn find_way(&self) -> Result<bool> {
        let deployment = self.config.deployment;
        let may = match self.target.kind {
            HostKind::CloudSite => deployment != Some(Deployment::DataCenter),
            // A custom domain of Cloud has no path.
            HostKind::Other => deployment != Some(Deployment::DataCenter) && self.target.context.is_empty(),
            HostKind::Gateway | HostKind::Organization => false,
        };
        if !may || !self.bearer() {
            return Ok(false);
        }
        let way = self.gateway.get_or_try_init(|| async {
            let request = v1::tenant_info();
            if self.target.kind == HostKind::Other {
                let facts = self.peek(&request).await.and_then(|body| v1_lift::tenant_info(&body).ok());
                return facts.map(|facts| self.target.through_gateway(&self.config, &facts.cloud_id)).transpose();
            }
            let silent = |why: &str| {
                let text =
                    format!("the site does not say its cloud id, which a bearer token needs: give `cloud_id` ({why})");
                self.error(ErrorKind::Configuration, &request, self.quote(&text))
            };
            let effort = Effort { signed: false, ..self.full() };
            let answer = match self.send(&request, effort).await {
                Ok(answer) => answer,
                Err(error) if matches!(error.status(), Some(400..500)) => return Err(silent(&error.to_string())),
                Err(error) => return Err(error),
            };
            let facts = v1_lift::tenant_info(&answer.body).map_err(|problem| silent(&problem.to_string()))?;
            self.target.through_gateway(&self.config, &facts.cloud_id).map(Some)
        });
        way.await.map(Option::is_some)
    }

    /// The id of the Cloud site, where it need not be asked for it.
    pub(super) fn known_cloud_id(&self) -> Option<String> {
        let gateway = self.gateway.get().and_then(Option::as_ref);
        let context = gateway.map_or(&self.target, |target| target).context.strip_prefix("/ex/confluence/");
        let given = self.config.cloud_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        context.or(given).map(str::to_owned)
    }

    /// `work`, or the failure of the function that gives the token as soon as it fails: without a token there is nothing
    /// more to be had. Nor is there where the site takes this client for anonymous.
    pub(super) async fn or_no_token<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            error = self.credentials.failure() => Err(error),
            error = self.estrangement() => Err(error),
            done = work => done,
        }
    }

    /// Resolves when an answer is given as if nobody had logged in; never once something was written.
    async fn estrangement(&self) -> Error {
        let mut estranged = self.estranged.subscribe();
        let written = self.counted.writes.load(Ordering::Relaxed);
        loop {
            if estranged.changed().await.is_err() || self.counted.writes.load(Ordering::Relaxed) != written {
                return std::future::pending().await;
            }
            if let Some(error) = estranged.borrow_and_update().clone() {
                return error;
            }
        }
    }

    /// The error that says that the site answers `request` as if nobody had logged in.
    pub(super) fn stranger(&self, request: &Request) -> Error {
        let text = format!(
            "the site answers as if nobody had logged in, so everything read would be what anonymous sees: {}",
            self.refused()
        );
        let mut error = self.error(ErrorKind::Unauthorized, request, text);
        error.parts_mut().stranger = true;
        error
    }

    /// The same below another context of the same host, for a question that needs no credentials.
    pub(super) fn below(&self, context: &str) -> Self {
        let mut other = self.clone();
        other.target.site = format!("{}{context}", other.target.origin.as_str().trim_end_matches('/'));
        other.target.context = context.to_owned();
        other
    }

    /// Whether an admin key is used.
    pub(super) fn keyed(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Whether a bearer token says who is asking, as apps do.
    pub(super) fn bearer(&self) -> bool {
        self.credentials.scheme() == Scheme::Bearer
    }

    /// As hard as it was configured.
    pub(super) fn full(&self) -> Effort {
        Effort { retries: self.max_retries, signed: true, renew: true }
    }

    /// For a request that stands for one item among many, or has another way to be asked.
    pub(super) fn brief(&self) -> Effort {
        Effort { retries: self.max_retries.min(1), signed: true, renew: true }
    }

    /// How many requests may be under way.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn requests_sent(&self) -> u64 {
        self.counted.sent.load(Ordering::Relaxed)
    }

    /// What Atlassian's published price list would charge an app for what was asked: one point for each request, and for
    /// each object in an answer one, or two where it is about people or what they may do.
    // Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
    pub(super) fn points(&self) -> u64 {
        self.counted.points.load(Ordering::Relaxed)
    }

    /// Notes that `request` was answered with so many objects.
    pub(super) fn received(&self, request: &Request, objects: usize) {
        if self.at().kind != HostKind::Organization {
            self.counted.points.fetch_add(objects as u64 * weight(&request.path), Ordering::Relaxed);
        }
    }

    pub(super) fn requests_by_route(&self) -> BTreeMap<String, u64> {
        self.counted.routes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `text` in one line, without secrets, not longer than a message bears.
    pub(super) fn quote(&self, text: &str) -> String {
        let clean = self.credentials.redact(text);
        let mut line = clean.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).fold(
            String::new(),
            |mut line, word| {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                line
            },
        );
        if let Some((end, _)) = line.char_indices().nth(300) {
            line.truncate(end);
            line.push('…');
        }
        line
    }

    /// A gap whose words hold no secret: they can come from the server. What it is about is left alone: that is what it is
    /// joined by, and a password may be spelled like the key of a space.
    pub(super) fn clean(&self, mut gap: Gap) -> Gap {
        gap.message = self.credentials.redact(&gap.message);
        gap
    }

    /// Sends `request` and brings home an answer of 2xx.
    pub(super) async fn send(&self, request: &Request, effort: Effort) -> Result<Answer> {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(self.closed_error()),
            answer = self.send_open(request, effort) => {
                if let Err(error) = &answer
                    && error.is_of_stranger()
                    && error.status() != Some(401)
                {
                    self.estranged.send_replace(Some(error.clone()));
                }
                answer
            }
        }
    }

    pub(super) fn closed_error(&self) -> Error {
        Error::new(ErrorKind::Closed, "this client is closed: make a new one")
    }

    /// Asks once, without credentials, for an answer of whatever kind: its body, where the status is 200.
    pub(super) async fn peek(&self, request: &Request) -> Option<Vec<u8>> {
        let url = self.url(request).ok()?;
        self.count(request);
        let asked = async {
            let response =
                self.http.get(url).header(ACCEPT, HeaderValue::from_static("application/json")).send().await.ok()?;
            if response.status().as_u16() != 200 {
                return None;
            }
            response.bytes().await.ok()
        };
        tokio::select! {
            biased;
            () = self.closed.cancelled() => None,
            () = tokio::time::sleep(Duration::from_secs(5)) => None,
            body = asked => body.map(|b| b.to_vec()),
        }
    }

    async fn send_open(&self, request: &Request, effort: Effort) -> Result<Answer> {
        let began = Instant::now();
        let mut waited_for_turn = Duration::ZERO;
        let mut attempts = 0;
        let mut once = true;
        // One new token for one request: a second refusal is not about its age.
        let mut renewed = None;
        let route = template(request);
        loop {
            if let Some(left) = self.limiter.is_shut(&route) {
                let mut error = self.error(ErrorKind::RateLimited, request, too_long(left));
                error.parts_mut().retry_after = Some(left);
                error.parts_mut().attempts = attempts;
                return Err(error);
            }
            let signature = match (effort.signed, &renewed) {
                (false, _) => None,
                (true, Some(signature)) => Some(Signature::clone(signature)),
                (true, None) => Some(self.credentials.signature().await?),
            };
            let turn = Instant::now();
            let permit = match self.limiter.acquire(self.deadline).await {
                Ok(permit) => permit,
                Err(left) => {
                    let mut error = self.error(ErrorKind::RateLimited, request, too_long(left));
                    error.parts_mut().retry_after = Some(left);
                    error.parts_mut().attempts = attempts;
                    return Err(error);
                }
            };
            // Standing in line behind one's own requests is not the server's time.
            waited_for_turn += turn.elapsed();
            attempts += 1;
            let spent = began.elapsed().saturating_sub(waited_for_turn);
            let left = self.deadline.saturating_sub(spent);
            let attempt = match tokio::time::timeout(left, self.attempt(request, signature.as_ref())).await {
                Ok(attempt) => attempt,
                Err(_) => Attempt::Failed(Failure {
                    error: self.error(
                        ErrorKind::Timeout,
                        request,
                        format!(
                            "no complete answer within {} s: try again later, or ask for less at once",
                            seconds(self.deadline)
                        ),
                    ),
                    again: Again::Never,
                }),
            };
            let failure = match attempt {
                Attempt::Done(mut answer) => {
                    self.limiter.went_well();
                    if near_limit(&answer.headers) {
                        self.limiter.slow_down(Duration::ZERO);
                    }
                    answer.attempts = attempts;
                    if signature.is_some() {
                        self.credentials.accepted();
                    }
                    return Ok(answer);
                }
                Attempt::Failed(failure) => failure,
            };
            let Failure { mut error, again } = failure;
            error.parts_mut().attempts = attempts;
            // What was served as to anonymous was served: only what changes nothing is asked again.
            let stranger = error.is_of_stranger() && request.idempotent;
            if let Some(refused) =
                signature.as_ref().filter(|_| effort.renew && (error.status() == Some(401) || stranger))
            {
                drop(permit);
                if renewed.is_some() {
                    self.credentials.refused_anyway(&route);
                } else if self.credentials.renews(&route, error.says("scope")) {
                    // Who was refused was not served: nothing was changed.
                    if let Some(next) = self.credentials.renewed(refused).await? {
                        renewed = Some(next);
                        continue;
                    }
                }
                return Err(error);
            }
            let spent = began.elapsed().saturating_sub(waited_for_turn);
            let left = self.deadline.saturating_sub(spent);
            let repeated = attempts - 1;
            let told = matches!(again, Again::Asked(_) | Again::TooMany);
            let most = if told { self.max_retries } else { effort.retries };
            let wait = match again {
                Again::Never => return Err(error),
                Again::Once(_) if !once => return Err(error),
                Again::Once(wait) => {
                    once = false;
                    wait
                }
                Again::Asked(wait) => wait,
                Again::Backoff | Again::TooMany => chosen_wait(self.backoff, repeated),
            };
            if told && wait > left {
                // What nobody can wait for holds up this route alone: the others are asked as before.
                if error.kind() == ErrorKind::RateLimited {
                    self.limiter.shut(&route, wait);
                }
                error.append(&format!("; {}", too_long(wait)));
                return Err(error);
            }
            if told && error.kind() == ErrorKind::RateLimited {
                self.limiter.slow_down(wait);
            }
            // Who is told to come back later was not served: nothing was changed.
            let harmless = request.idempotent || error.status() == Some(429);
            if !harmless || repeated >= most || wait > left {
                if attempts > 1 {
                    error.append(&format!(" (tried {attempts} times)"));
                }
                return Err(error);
            }
            tracing::debug!(route = %request.route(), attempts, wait_ms = wait.as_millis() as u64, kind = error.kind().as_str(), "asking again");
            drop(permit);
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, request: &Request, signature: Option<&Signature>) -> Attempt {
        let mut url = match self.url(request) {
            Ok(url) => url,
            Err(error) => return Attempt::Failed(Failure { error, again: Again::Never }),
        };
        for _ in 0..=HOPS {
            self.count(request);
            let mut builder = self.http.request(
                match request.method {
                    Method::Get => reqwest::Method::GET,
                    Method::Post => reqwest::Method::POST,
                    Method::Put => reqwest::Method::PUT,
                    Method::Delete => reqwest::Method::DELETE,
                },
                url.clone(),
            );
            builder = builder.header(ACCEPT, HeaderValue::from_static("application/json"));
            if let Some(signature) = signature {
                builder = builder.header(AUTHORIZATION, signature.header.clone());
            }
            for (name, value) in &self.marks {
                builder = builder.header(*name, *value);
            }
            for (name, value) in &request.headers {
                builder = builder.header(*name, value);
            }
            if let Some(body) = &request.body {
                builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_string());
            }
            let mut response = match builder.send().await {
                Ok(response) => response,
                Err(error) => return Attempt::Failed(self.unanswered(request, error)),
            };
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                match self.hop(request, &url, status, &headers) {
                    Ok(next) => {
                        url = next;
                        continue;
                    }
                    Err(error) => return Attempt::Failed(Failure { error, again: Again::Never }),
                }
            }
            let mut body = Vec::new();
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST => {
                        let error = self.error(
                            ErrorKind::Unreadable,
                            request,
                            format!("the answer is larger than {} MiB: is this address a Confluence?", LARGEST >> 20),
                        );
                        return Attempt::Failed(Failure { error, again: Again::Never });
                    }
                    Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                    Ok(None) => break,
                    // What stands in the body of a refusal is only a remark; the status is enough.
                    Err(_) if status >= 400 => break,
                    Err(error) => return Attempt::Failed(self.unanswered(request, error)),
                }
            }
            return self.judge(request, status, headers, body, signature.is_some());
        }
        let error = self.error(
            ErrorKind::NotConfluence,
            request,
            "redirected in a circle: check the address and whether a login stands in front of it",
        );
        Attempt::Failed(Failure { error, again: Again::Never })
    }

    fn url(&self, request: &Request) -> Result<Url> {
        let mut url = self.at().origin.clone();
        let text = format!("{}{}{}", url.as_str().trim_end_matches('/'), self.at().context, request.path);
        url = Url::parse(&text)
            .map_err(|e| self.error(ErrorKind::Configuration, request, format!("no address ({e})")))?;
        // A path that was meant as one must not have become another host.
        if url.origin() != self.at().origin.origin() {
            return Err(self.error(ErrorKind::Configuration, request, "the path leads to another host"));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        }
        Ok(url)
    }

    fn count(&self, request: &Request) {
        self.counted.sent.fetch_add(1, Ordering::Relaxed);
        if request.method != Method::Get {
            self.counted.writes.fetch_add(1, Ordering::Relaxed);
        }
        if self.at().kind != HostKind::Organization {
            self.counted.points.fetch_add(1, Ordering::Relaxed);
        }
        let name = template(request);
        *self.counted.routes.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_insert(0) += 1;
    }

    /// The address a redirect leads to, if it stays within the site.
    fn hop(&self, request: &Request, from: &Url, status: u16, headers: &HeaderMap) -> Result<Url> {
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
                told(ErrorKind::Configuration, format!("the site wants `https://`: write `https://{host}` in `url`"))
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
        if request.method != Method::Get && !matches!(status, 307 | 308) {
            return Err(told(
                ErrorKind::NotConfluence,
                format!("redirected ({status}) instead of answered: check the address"),
            ));
        }
        Ok(to)
    }

    fn judge(&self, request: &Request, status: u16, headers: HeaderMap, body: Vec<u8>, signed: bool) -> Attempt {
        let stated = errors::xml_message(&body);
        let html = stated.is_none() && is_html(&headers, &body);
        let stranger = signed && says_stranger(&headers);
        if (200..300).contains(&status) && !html && !stranger {
            return Attempt::Done(Answer { body, headers, status, attempts: 1 });
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
        let again = match (may_pass(status), asked) {
            (false, _) => Again::Never,
            (true, Some(wait)) => Again::Asked(wait),
            (true, None) if status == 429 => Again::TooMany,
            (true, None) => Again::Backoff,
        };
        Attempt::Failed(Failure { error, again })
    }

    /// That the credentials are not accepted, and what to check.
    fn refused(&self) -> String {
        format!("the {} is not accepted; {}", self.credentials.noun(), self.hint())
    }

    /// What to check where the credentials are refused, by what was given and where it went.
    fn hint(&self) -> String {
        // Tokens made before 15 December 2024 ended between 14 March and 12 May 2026.
        // Source: https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/
        let expired = format!(
            "an API token has most likely expired (each does within a year, and those made before 15 December 2024 did in spring 2026): make a new one at {TOKEN_PAGE}"
        );
        const AGENT: &str = "a token with agent-interface scopes (Rovo MCP server) cannot call REST";
        const SCOPED: &str = "a token with scopes works only through the gateway: give `cloud_id`";
        const PERSONAL: &str = "on Data Center a personal access token is given alone, without `username`";
        const ADDRESS: &str = "an API token needs your e-mail address as `username` beside it";
        let data_center = self.config.deployment == Some(Deployment::DataCenter);
        match (self.at().kind, self.credentials.scheme()) {
            (HostKind::Organization, _) => {
                "check that `org_token` is an API key of the organization (admin.atlassian.com, Settings, API keys), that it has not expired, and that it has the scopes read:directories:admin, read:groups:admin, read:users:admin and, for its audit log, read:events:admin".to_owned()
            }
            (HostKind::Gateway, Scheme::Basic) => {
                format!("{expired}; check that it has the scopes this needs and that `cloud_id` is the one of the site; {AGENT}")
            }
            (HostKind::Gateway, Scheme::Bearer) => {
                format!("check that it has not expired, that it has the scopes this needs, and that it is for this site; {ADDRESS}; {AGENT}")
            }
            (HostKind::Other, Scheme::Basic) if self.credentials.noun() == "password" => {
                format!("check `username` and `password`; {PERSONAL} and as `token`; Cloud takes no password but an API token")
            }
            (HostKind::Other, Scheme::Bearer) if data_center => {
                "check that it has not expired and was not revoked: make a new one in your profile under Personal Access Tokens, or give `username` and `password`".to_owned()
            }
            (HostKind::Other, Scheme::Basic) => {
                format!("check `username`, on Cloud the e-mail address of the account; {expired}; {SCOPED}; {PERSONAL}")
            }
            (HostKind::Other, Scheme::Bearer) => {
                format!("check that it has not expired and was not revoked; on Data Center make a new one in your profile under Personal Access Tokens, or give `username` and `password`; on Cloud {ADDRESS}")
            }
            (_, Scheme::Basic) => {
                format!("{expired}; check that `username` is the e-mail address of the account; {SCOPED}; {AGENT}")
            }
            (_, Scheme::Bearer) => format!("check that it has not expired; {ADDRESS}; {AGENT}"),
        }
    }

    fn remedy(&self, kind: ErrorKind, status: u16, headers: &HeaderMap) -> String {
        if kind == ErrorKind::Unauthorized && !matches!(status, 401 | 403) && !asks_a_question(headers) {
            return format!(
                "the site answers as if nobody had logged in ({status}), so everything read would be what anonymous sees: {}",
                self.refused()
            );
        }
        if matches!(kind, ErrorKind::Unauthorized | ErrorKind::Forbidden) && asks_a_question(headers) {
            return format!("login is blocked ({status}): log in once in the browser to answer the question there");
        }
        match kind {
            ErrorKind::NotConfluence => {
                format!(
                    "not found ({status}): there is no such address; check `url`, with the context path if there is one"
                )
            }
            ErrorKind::Unauthorized => {
                format!("the {} was refused ({status}): {}", self.credentials.noun(), self.hint())
            }
            ErrorKind::Forbidden => {
                if self.target.kind == HostKind::Organization {
                    format!(
                        "not permitted ({status}): the API key of the organization lacks a scope for this (read:directories:admin, read:groups:admin, read:users:admin, read:events:admin), or `org_id` is another organization's"
                    )
                } else {
                    format!(
                        "not permitted ({status}): the account of this token may not read this; use one that may, such as a Confluence administrator's"
                    )
                }
            }
            ErrorKind::NotFound => {
                format!("not found ({status}): it is not there, or the account of this token may not see it")
            }
            ErrorKind::Gone => format!(
                "the server no longer has this route ({status}): a newer version of this library may know another"
            ),
            ErrorKind::RateLimited => format!(
                "too many requests ({status}): try again later, or lower `max_concurrency` or `requests_per_second`"
            ),
            ErrorKind::Server => format!("the server failed ({status}): try again later"),
            _ if status == 407 => format!("refused ({status}): {}", errors::PROXY_LOGIN),
            _ => format!("refused ({status})"),
        }
    }

    /// An error about `request`, which is named behind `text`.
    pub(super) fn error(&self, kind: ErrorKind, request: &Request, text: impl AsRef<str>) -> Error {
        let route = self.credentials.redact(&request.route());
        let at = format!("{}{}", self.at().origin.as_str().trim_end_matches('/'), self.at().context);
        let mut error = Error::new(kind, text.as_ref());
        let parts = error.parts_mut();
        parts.request = Some(format!("{route} at `{at}`"));
        parts.url = Some(self.credentials.redact(&format!("{at}{}", request.path)));
        parts.route = Some(route);
        error
    }

    /// No answer, or half of one.
    fn unanswered(&self, request: &Request, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        let (timeout, connect) = (error.is_timeout(), error.is_connect());
        let (body, builder) = (error.is_body() || error.is_decode(), error.is_builder());
        let cause = Cause::chain(&error, &|text| self.quote(text));
        let root = cause.root().to_owned();
        let certificate = self.identity.refusal(&error);
        let (kind, text, again) = if builder {
            (ErrorKind::Configuration, format!("cannot be sent: {root}"), Again::Never)
        } else if let Some(text) = certificate {
            (ErrorKind::Certificate, text, Again::Never)
        } else if timeout && connect {
            let text = "no connection in time: check the address, the network and `proxy`".to_owned();
            (ErrorKind::NoAnswer, text, Again::Never)
        } else if timeout {
            let text = "no answer in time: try again, or give a longer `timeout`".to_owned();
            (ErrorKind::Timeout, text, Again::Once(self.backoff.min(CONNECT_RETRY)))
        } else if connect {
            let tls = root.contains("InvalidContentType") || root.contains("corrupt message");
            let hint = if tls { "the port does not speak TLS; " } else { "" };
            let text = if root.contains("proxy authorization required") {
                format!("no answer ({root}): {}", errors::PROXY_LOGIN)
            } else {
                let ours = self.identity.hint();
                format!("no answer ({root}): {hint}check the address, the network and `proxy`{ours}")
            };
            (ErrorKind::NoAnswer, text, Again::Once(CONNECT_RETRY))
        } else if body {
            (ErrorKind::NoAnswer, format!("the answer broke off ({root}): try again"), Again::Backoff)
        } else {
            (
                ErrorKind::NoAnswer,
                format!("the connection broke ({root}): try again{}", self.identity.hint()),
                Again::Backoff,
            )
        };
        let mut error = self.error(kind, request, text).with_cause(cause);
        error.parts_mut().unreached = connect;
        Failure { error, again }
    }
}

fn build(config: &Config, target: &Target, credentials: &Credentials) -> Result<(reqwest::Client, Identity)> {
    let (secured, identity) = tls::settings(config, target)?;
    let describe = |error: reqwest::Error| {
        let cause = Cause::chain(&error.without_url(), &|text| credentials.redact(text));
        (cause.root().to_owned(), cause)
    };
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("confluence-access/", env!("CARGO_PKG_VERSION")))
        // Followed by hand: within the site only.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(config.timeout.min(Duration::from_secs(10)))
        .read_timeout(config.timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(config.max_concurrency);
    if let Some(proxy) = &config.proxy {
        let proxy = reqwest::Proxy::all(proxy.expose_secret()).map_err(|error| {
            let (root, cause) = describe(error);
            Error::configuration(format!("`proxy` is no address ({root}): write it like `http://proxy.acme.com:3128`"))
                .with_cause(cause)
        })?;
        builder = builder.proxy(proxy);
    } else if target.loopback {
        // A proxy of the environment is for other machines.
        builder = builder.no_proxy();
    }
    let http = builder.tls_backend_preconfigured(secured).build().map_err(|error| {
        let (root, cause) = describe(error);
        Error::configuration(format!("no connection can be set up ({root})")).with_cause(cause)
    })?;
    Ok((http, identity))
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

/// Whether too many failed logins made the server ask for more than a password: a CAPTCHA in the browser.
// Source: https://support.atlassian.com/confluence/kb/captcha-login-required-when-accessing-rest-api-resources/
fn asks_a_question(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).any(|v| v.to_ascii_uppercase().contains(word))
    };
    says("x-seraph-loginreason", "AUTHENTICATION_DENIED") || says("x-authentication-denied-reason", "CAPTCHA")
}

fn near_limit(headers: &HeaderMap) -> bool {
    headers.get("x-ratelimit-nearlimit").and_then(|v| v.to_str().ok()).is_some_and(|v| v.eq_ignore_ascii_case("true"))
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "atl-traceid", "x-trace-id", "x-b3-traceid"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|v| v.to_str().ok())
        .map(|v| v.chars().take(128).collect())
}

fn too_long(wait: Duration) -> String {
    format!("the server asks to wait {} s, longer than this call may take: try again then", seconds(wait))
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 10.0 || seconds.fract() == 0.0 { format!("{seconds:.0}") } else { format!("{seconds:.1}") }
}

/// Points of one object: people, groups and permissions cost two.
fn weight(path: &str) -> u64 {
    const ACCESS: [&str; 11] = [
        "group",
        "user",
        "users-bulk",
        "memberof",
        "permission",
        "permissions",
        "restriction",
        "role-assignments",
        "space-permissions",
        "space-roles",
        "space-role-mode",
    ];
    if path.split('/').any(|part| ACCESS.contains(&part)) { 2 } else { 1 }
}

/// Method and path with its variables as `{id}`: the name requests are counted under.
fn template(request: &Request) -> String {
    const OF_ONE: [&str; 13] = [
        "orgs",
        "org",
        "spaces",
        "space",
        "pages",
        "blogposts",
        "folders",
        "whiteboards",
        "databases",
        "embeds",
        "content",
        "group",
        "user",
    ];
    const WORDS: [&str; 14] = [
        "search",
        "convert-ids-to-types",
        "by-id",
        "picker",
        "current",
        "bulk",
        "memberof",
        "anonymous",
        "scan",
        "list",
        "info",
        "member",
        "groupmember",
        "groupparent",
    ];
    let mut name = request.method.as_str().to_owned();
    name.push(' ');
    let mut before = "";
    for part in request.path.split('/').skip(1) {
        name.push('/');
        let variable = OF_ONE.contains(&before) && !WORDS.contains(&part);
        name.push_str(if variable { "{id}" } else { part });
        before = if variable { "" } else { part };
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_under_their_route() {
        let name = |path: &str| template(&Request::get(path));
        assert_eq!(name("/wiki/api/v2/spaces/12/permissions"), "GET /wiki/api/v2/spaces/{id}/permissions");
        assert_eq!(name("/wiki/rest/api/content/search"), "GET /wiki/rest/api/content/search");
        assert_eq!(name("/wiki/rest/api/content/12/restriction"), "GET /wiki/rest/api/content/{id}/restriction");
        assert_eq!(name("/wiki/rest/api/group/a-b/membersByGroupId"), "GET /wiki/rest/api/group/{id}/membersByGroupId");
        assert_eq!(name("/wiki/rest/api/group"), "GET /wiki/rest/api/group");
    }

    #[test]
    fn people_and_permissions_cost_twice_as_much() {
        assert_eq!(weight("/wiki/api/v2/pages"), 1);
        assert_eq!(weight("/wiki/rest/api/content/search"), 1);
        assert_eq!(weight("/wiki/api/v2/spaces/12/permissions"), 2);
        assert_eq!(weight("/wiki/rest/api/group/a-b/membersByGroupId"), 2);
        assert_eq!(weight("/wiki/api/v2/users-bulk"), 2);
    }

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
