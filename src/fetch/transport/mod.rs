//! The way to a site: where requests go, who signs them, how many there may be.
//!
//! `send.rs` sends one request, `attempt.rs` judges what comes back, `remedy.rs` says what to do about a refusal, `build.rs`
//! makes the HTTP client, `meter.rs` counts.

mod attempt;
mod build;
mod meter;
mod remedy;
mod send;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

use self::build::build;
use self::meter::Meter;
use super::checkpoint::Checkpoint;
use super::credentials::{Credentials, Scheme};
use super::journal::Journal;
use super::limit::{Limiter, Line};
use super::target::{HostKind, Target};
use super::tls::Identity;
use super::{Config, Error, ErrorKind, Result};
use crate::apis::Request;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::model::{Deployment, Gap};

/// What came back, with a status of 2xx.
pub(in crate::fetch) struct Answer {
    pub(in crate::fetch) body: Vec<u8>,
    pub(in crate::fetch) headers: HeaderMap,
    pub(in crate::fetch) status: u16,
    pub(in crate::fetch) attempts: u32,
}

impl Answer {
    pub(in crate::fetch) fn link(&self) -> Option<&str> {
        self.headers.get(reqwest::header::LINK).and_then(|v| v.to_str().ok())
    }
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub(in crate::fetch) struct RetryBudget {
    /// Most repetitions after 5xx, silence and broken answers. After 429 it is always what was configured.
    pub(in crate::fetch) retries: u32,
    /// Whether to say who is asking.
    pub(in crate::fetch) signed: bool,
    /// Whether a refusal may mean that the token has ended.
    pub(in crate::fetch) renew: bool,
    /// Where it stands in line.
    pub(in crate::fetch) line: Line,
}

impl RetryBudget {
    /// What is left of it after so many attempts, one repetition at least where there are any.
    pub(in crate::fetch) fn after(self, attempts: u32) -> Self {
        Self { retries: self.retries.saturating_sub(attempts).max(self.retries.min(1)), ..self }
    }

    /// The same in the line that goes first: for what further questions wait for, such as a page that names the next one.
    pub(in crate::fetch) fn first(self) -> Self {
        Self { line: Line::First, ..self }
    }
}

/// A clone shares limits, counts and the end with what it was cloned from.
#[derive(Clone)]
pub(in crate::fetch) struct Transport {
    http: reqwest::Client,
    identity: Identity,
    pub(in crate::fetch) target: Target,
    /// The gateway, where the site itself does not let these credentials in.
    gateway: Arc<OnceCell<Option<Target>>>,
    credentials: Credentials,
    limiter: Limiter,
    width: usize,
    max_retries: u32,
    backoff: Duration,
    deadline: Duration,
    meter: Arc<Meter>,
    pub(in crate::fetch) journal: Arc<Journal>,
    /// The last answer that was given as if nobody had logged in.
    estranged: watch::Sender<Option<Error>>,
    /// Sent with every request.
    marks: Vec<(&'static str, &'static str)>,
    config: Arc<Config>,
    /// Where answers are kept and come from.
    checkpoint: Option<Arc<Checkpoint>>,
    pub(in crate::fetch) closed: CancellationToken,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("site", &self.target.site).finish_non_exhaustive()
    }
}

impl Transport {
    pub(in crate::fetch) fn new(config: &Config) -> Result<Self> {
        config.validate_limits()?;
        let target = Target::new(config)?;
        let credentials = Credentials::new(config, target.kind)?;
        Self::to(config, target, credentials)
    }

    /// To the organization, with its key and nothing else; `None` where no key was given.
    pub(in crate::fetch) fn organization(&self, config: &Config) -> Result<Option<Self>> {
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
            meter: Arc::default(),
            journal: Arc::clone(&config.journal),
            estranged: watch::channel(None).0,
            marks: Vec::new(),
            config: Arc::new(config.clone()),
            checkpoint: None,
            closed: CancellationToken::new(),
        })
    }

    /// The same, using the admin key of this account.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-admin-key/
    pub(in crate::fetch) fn with_admin_key(&self) -> Self {
        Self { marks: vec![("Atl-Confluence-With-Admin-Key", "true")], ..self.clone() }
    }

    /// The same, with the answers of `checkpoint`.
    pub(in crate::fetch) fn with_checkpoint(&self, checkpoint: Arc<Checkpoint>) -> Self {
        Self { checkpoint: Some(checkpoint), ..self.clone() }
    }

    /// The same with connections of its own, and open whatever was closed: for what has to be said after the end, in a
    /// runtime of its own.
    pub(in crate::fetch) fn anew(&self, timeout: Duration) -> Result<Self> {
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
    /// do on Cloud; `true`: they do, so this is Cloud. Sent without credentials.
    ///
    /// # Errors
    /// Where a Cloud site does not say its id.
    // Source: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/
    pub(in crate::fetch) async fn resolve_gateway(&self) -> Result<bool> {
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
            let budget = RetryBudget { signed: false, ..self.full() };
            let answer = match self.send(&request, budget).await {
                Ok(answer) => answer,
                Err(error) if matches!(error.status(), Some(400..500)) => return Err(silent(&error.to_string())),
                Err(error) => return Err(error),
            };
            let facts = v1_lift::tenant_info(&answer.body).map_err(|problem| silent(&problem.to_string()))?;
            self.target.through_gateway(&self.config, &facts.cloud_id).map(Some)
        });
        way.await.map(Option::is_some)
    }

    /// Whether requests go through the gateway of all sites.
    pub(in crate::fetch) fn is_through_gateway(&self) -> bool {
        self.at().kind == HostKind::Gateway
    }

    /// The id of the Cloud site, where it need not be asked for it.
    pub(in crate::fetch) fn known_cloud_id(&self) -> Option<String> {
        let gateway = self.gateway.get().and_then(Option::as_ref);
        let context = gateway.map_or(&self.target, |target| target).context.strip_prefix("/ex/confluence/");
        let given = self.config.cloud_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        context.or(given).map(str::to_owned)
    }

    /// `work`, or the failure of the function that gives the token as soon as it fails: without a token there is nothing
    /// more to be had. Nor is there where the site takes this client for anonymous.
    pub(in crate::fetch) async fn fail_on_missing_token<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
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
        let written = self.meter.writes();
        loop {
            if estranged.changed().await.is_err() || self.meter.writes() != written {
                return std::future::pending().await;
            }
            if let Some(error) = estranged.borrow_and_update().clone() {
                return error;
            }
        }
    }

    /// The error that says that the site answers `request` as if nobody had logged in.
    pub(in crate::fetch) fn stranger(&self, request: &Request) -> Error {
        let text = format!(
            "the site answers as if nobody had logged in, so everything read would be what anonymous sees: {}",
            self.refused()
        );
        let mut error = self.error(ErrorKind::Unauthorized, request, text);
        error.parts_mut().stranger = true;
        error
    }

    /// The same below another context of the same host, for a question that needs no credentials.
    pub(in crate::fetch) fn below(&self, context: &str) -> Self {
        let mut other = self.clone();
        other.target.site = format!("{}{context}", other.target.origin.as_str().trim_end_matches('/'));
        other.target.context = context.to_owned();
        other
    }

    /// Whether an admin key is used.
    pub(in crate::fetch) fn keyed(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Whether a bearer token says who is asking, as apps do.
    pub(in crate::fetch) fn bearer(&self) -> bool {
        self.credentials.scheme() == Scheme::Bearer
    }

    /// As hard as it was configured.
    pub(in crate::fetch) fn full(&self) -> RetryBudget {
        RetryBudget { retries: self.max_retries, signed: true, renew: true, line: Line::default() }
    }

    /// For a request that stands for one item among many, or has another way to be asked.
    pub(in crate::fetch) fn brief(&self) -> RetryBudget {
        RetryBudget { retries: self.max_retries.min(1), signed: true, renew: true, line: Line::default() }
    }

    /// How many requests may be under way.
    pub(in crate::fetch) fn width(&self) -> usize {
        self.width
    }

    /// Most pages of one listing.
    pub(in crate::fetch) fn max_pages(&self) -> u32 {
        self.config.max_pages
    }

    pub(in crate::fetch) fn requests_sent(&self) -> u64 {
        self.meter.requests()
    }

    /// What Atlassian's published price list would charge an app for what was asked: one point for each request, and for
    /// each object in an answer one, or two where it is about people or what they may do.
    // Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
    pub(in crate::fetch) fn points(&self) -> u64 {
        self.meter.points()
    }

    /// Notes that `request` was answered with so many objects.
    pub(in crate::fetch) fn received(&self, request: &Request, objects: usize) {
        if self.at().kind != HostKind::Organization {
            self.meter.charge(request, objects);
        }
    }

    pub(in crate::fetch) fn requests_by_route(&self) -> BTreeMap<String, u64> {
        self.meter.by_route()
    }

    /// `text` in one line, without secrets, not longer than a message bears.
    pub(in crate::fetch) fn quote(&self, text: &str) -> String {
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
    pub(in crate::fetch) fn clean(&self, mut gap: Gap) -> Gap {
        gap.message = self.credentials.redact(&gap.message);
        gap
    }
}
