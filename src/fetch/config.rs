//! Settings, validated before anything is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error as _};

use super::error::TokenFailure;
use super::journal::Journal;
use super::{Error, Result};
use crate::model::Deployment;

/// A function that gives the token of the moment, for tokens that end within the hour. It is called when the first request
/// needs one, and again when a request is answered with 401, once for each token and never twice at the same time, in a
/// thread where it may wait.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Fn() -> std::result::Result<SecretString, TokenFailure> + Send + Sync>);

impl TokenSource {
    /// From a function.
    pub fn new(give: impl Fn() -> std::result::Result<SecretString, TokenFailure> + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }

    pub(super) fn ask(&self) -> std::result::Result<SecretString, TokenFailure> {
        (self.0)()
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
    }
}

/// How to reach a site, and as whom. Its `Debug` shows no secret.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address of the site: `https://acme.atlassian.net`, with or without `/wiki`; a link copied from the browser is cut
    /// down to the site. `https://api.atlassian.com/ex/confluence/<cloud id>` is the gateway.
    pub url: String,
    /// E-mail address (Cloud) or username.
    pub username: Option<String>,
    /// API token (Cloud, beside a username), OAuth or personal access token (alone).
    pub token: Option<SecretString>,
    /// A function that gives the token, instead of `token`.
    #[serde(skip)]
    pub token_source: Option<TokenSource>,
    /// Password (Data Center).
    pub password: Option<SecretString>,
    /// Which product; `None`: find out.
    pub deployment: Option<Deployment>,
    /// Organization id.
    pub org_id: Option<String>,
    /// Organization API key.
    pub org_token: Option<SecretString>,
    /// Where the organization is asked instead of `https://api.atlassian.com`: for tests on this machine.
    pub org_url: Option<String>,
    /// Names of directories by their id, such as `Entra ID`: no API says which identity provider stands behind one.
    pub directories: BTreeMap<String, String>,
    /// Send the requests for this Cloud site through the gateway `api.atlassian.com`, as tokens with scopes need.
    /// A bearer token alone takes that way by itself: Cloud lets it in nowhere else.
    pub cloud_id: Option<String>,
    /// Where that gateway is instead of `https://api.atlassian.com`: for tests on this machine. A site on this machine is
    /// its own gateway.
    pub gateway_url: Option<String>,
    /// File with certificates (PEM) to trust beside those of the operating system.
    pub ca_bundle: Option<PathBuf>,
    /// File with the certificate (PEM) to show to a server that asks for one, and the certificates between it and its
    /// authority.
    pub client_cert: Option<PathBuf>,
    /// File with its private key (PEM); `None`: it is in the same file.
    pub client_key: Option<PathBuf>,
    /// Proxy to use instead of what the environment names.
    pub proxy: Option<SecretString>,
    /// Longest silence of the server; read from a number of seconds.
    #[serde(deserialize_with = "timeout")]
    pub timeout: Duration,
    /// Most requests at the same time.
    pub max_concurrency: usize,
    /// Most requests in a second.
    pub requests_per_second: Option<f64>,
    /// How often a request is repeated after 429 and 5xx.
    pub max_retries: u32,
    /// Allow `http://` to hosts other than this machine: credentials then travel in the clear.
    pub allow_http: bool,
    /// First wait before a repetition where the server names none; it doubles from there to 30 s.
    ///
    /// Atlassian's guidance starts at 5 s. That is for a lone request; here all tasks slow down together when one is
    /// told to, so a shorter first wait does not make a stampede, and a passing 503 costs half a second instead of five.
    // Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
    #[serde(skip, default = "backoff")]
    pub backoff: Duration,
    /// Longest time for one request with all its repetitions and waits.
    #[serde(skip, default = "deadline")]
    pub deadline: Duration,
    /// Longest answer that is read, in bytes after unpacking. A listing of 250 rows has less than a thousandth of the
    /// default.
    #[serde(skip, default = "max_answer")]
    pub max_answer: usize,
    /// Most pages of one listing that are read. The default is for 25 million contents.
    #[serde(skip, default = "max_pages")]
    pub max_pages: u32,
    /// Where the client writes what happens on the way.
    #[serde(skip)]
    pub journal: Arc<Journal>,
}

fn backoff() -> Duration {
    Duration::from_millis(500)
}

fn deadline() -> Duration {
    Duration::from_secs(120)
}

fn max_answer() -> usize {
    256 << 20
}

fn max_pages() -> u32 {
    100_000
}

fn timeout<'de, D: Deserializer<'de>>(given: D) -> std::result::Result<Duration, D::Error> {
    let seconds = f64::deserialize(given)?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| D::Error::custom(format!("`timeout` is a number of seconds greater than 0, not `{seconds}`")))
}

impl Config {
    /// Settings for `url` with the defaults and no credentials.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            username: None,
            token: None,
            token_source: None,
            password: None,
            deployment: None,
            org_id: None,
            org_token: None,
            org_url: None,
            directories: BTreeMap::new(),
            cloud_id: None,
            gateway_url: None,
            ca_bundle: None,
            client_cert: None,
            client_key: None,
            proxy: None,
            timeout: Duration::from_secs(30),
            max_concurrency: 5,
            requests_per_second: None,
            max_retries: 4,
            allow_http: false,
            backoff: backoff(),
            deadline: deadline(),
            max_answer: max_answer(),
            max_pages: max_pages(),
            journal: Arc::default(),
        }
    }

    /// The same with an e-mail address and an API token.
    #[must_use]
    pub fn with_token(mut self, username: impl Into<String>, token: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self.token = Some(SecretString::from(token.into()));
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password until it has been judged, so it is not shown either.
        f.debug_struct("Config")
            .field("deployment", &self.deployment)
            .field("timeout", &self.timeout)
            .field("max_concurrency", &self.max_concurrency)
            .field("requests_per_second", &self.requests_per_second)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Whether the numbers make sense.
    pub(super) fn validate_limits(&self) -> Result<()> {
        if self.max_concurrency == 0 {
            return Err(Error::configuration("`max_concurrency` is 0: nothing could be sent; give 1 or more"));
        }
        if let Some(rate) = self.requests_per_second
            && !(rate.is_finite() && rate > 0.0)
        {
            return Err(Error::configuration(format!(
                "`requests_per_second` is {rate}: give a number above 0, or leave it out"
            )));
        }
        if self.timeout.is_zero() {
            return Err(Error::configuration("`timeout` is 0: no answer could come in time; give seconds above 0"));
        }
        if self.deadline.is_zero() {
            return Err(Error::configuration("`deadline` is 0: no answer could come in time; give seconds above 0"));
        }
        for (name, value) in [("org_id", &self.org_id), ("cloud_id", &self.cloud_id)] {
            if value.as_deref().is_some_and(|v| v.chars().any(char::is_control)) {
                return Err(Error::configuration(format!("`{name}` contains a control character: remove it")));
            }
        }
        Ok(())
    }
}
