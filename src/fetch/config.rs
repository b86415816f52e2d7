//! Settings, judged before anything is sent.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::model::Deployment;

/// How to reach a site, and as whom. Its `Debug` shows no secret.
#[derive(Clone)]
pub struct Config {
    /// Address of the site: `https://acme.atlassian.net`, with or without `/wiki`; a link copied from the browser is cut
    /// down to the site. `https://api.atlassian.com/ex/confluence/<cloud id>` is the gateway.
    pub url: String,
    /// E-mail address (Cloud) or username.
    pub username: Option<String>,
    /// API token (Cloud, beside a username), OAuth or personal access token (alone).
    pub token: Option<SecretString>,
    /// Password (Data Center).
    pub password: Option<SecretString>,
    /// Which product; `None`: find out.
    pub deployment: Option<Deployment>,
    /// Organization id.
    pub org_id: Option<String>,
    /// Organization API key.
    pub org_token: Option<SecretString>,
    /// Send the requests for this Cloud site through the gateway `api.atlassian.com`, as tokens with scopes need.
    pub cloud_id: Option<String>,
    /// File with certificates (PEM) to trust beside those of the operating system.
    pub ca_bundle: Option<PathBuf>,
    /// Proxy to use instead of what the environment names.
    pub proxy: Option<SecretString>,
    /// Longest silence of the server.
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
    pub backoff: Duration,
    /// Longest time for one request with all its repetitions and waits.
    pub deadline: Duration,
}

impl Config {
    /// Settings for `url` with the defaults and no credentials.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            username: None,
            token: None,
            password: None,
            deployment: None,
            org_id: None,
            org_token: None,
            cloud_id: None,
            ca_bundle: None,
            proxy: None,
            timeout: Duration::from_secs(30),
            max_concurrency: 5,
            requests_per_second: None,
            max_retries: 4,
            allow_http: false,
            backoff: Duration::from_millis(500),
            deadline: Duration::from_secs(120),
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
