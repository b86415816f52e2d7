//! Secrets: the only file that looks inside them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::config::HostKind;
use super::{Config, Error, Result};
use crate::model::Deployment;

/// Where an API token is made.
const TOKEN_PAGE: &str = "https://id.atlassian.com/manage-profile/security/api-tokens";

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
    header: HeaderValue,
    scheme: Scheme,
    hidden: Vec<SecretString>,
}

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
            // A personal access token is no password, whoever it belongs to.
            // Source: https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
            (Some(token), None) if config.deployment == Some(Deployment::DataCenter) => (Scheme::Bearer, token),
            (Some(token), None) if username.is_some() => (Scheme::Basic, token),
            (Some(_), None) if kind == HostKind::CloudSite => {
                return Err(Error::configuration(
                    "`token` is given without `username`: a Cloud site needs your e-mail address as `username` beside the API token (a bearer token alone works through the gateway: give `cloud_id` or https://api.atlassian.com/ex/confluence/<cloud id>)",
                ));
            }
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
        let exposed = secret.expose_secret();
        let mut hidden = vec![secret.clone()];
        let text = match scheme {
            Scheme::Basic => {
                let encoded = STANDARD.encode(format!("{}:{exposed}", username.unwrap_or_default()));
                hidden.push(SecretString::from(encoded.clone()));
                format!("Basic {encoded}")
            }
            Scheme::Bearer => format!("Bearer {exposed}"),
        };
        // Servers that echo a secret may echo it as an address or as JSON would spell it.
        let spelled = percent_encoding::utf8_percent_encode(exposed, percent_encoding::NON_ALPHANUMERIC).to_string();
        hidden.push(SecretString::from(spelled));
        if let Some(key) = &config.org_token {
            hidden.push(key.clone());
            hidden.push(SecretString::from(
                percent_encoding::utf8_percent_encode(key.expose_secret(), percent_encoding::NON_ALPHANUMERIC)
                    .to_string(),
            ));
        }
        if let Some(proxy) = &config.proxy
            && let Ok(url) = url::Url::parse(proxy.expose_secret())
            && let Some(password) = url.password()
        {
            hidden.push(SecretString::from(password.to_owned()));
        }
        let mut header = HeaderValue::from_str(&text).map_err(|_| {
            Error::configuration(
                "`token` contains a character that cannot be sent: copy it again, without anything around it",
            )
        })?;
        header.set_sensitive(true);
        // The longest first: of two hidden texts one can be part of the other.
        hidden.sort_by_key(|s| std::cmp::Reverse(s.expose_secret().len()));
        Ok(Self { header, scheme, hidden })
    }

    /// The key of the organization, for requests to it alone; hides what `self` hides.
    pub(super) fn organization(&self, key: &SecretString) -> Result<Self> {
        let mut header = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
            .map_err(|_| Error::configuration("`org_token` contains a character that cannot be sent: copy it again"))?;
        header.set_sensitive(true);
        Ok(Self { header, scheme: Scheme::Bearer, hidden: self.hidden.clone() })
    }

    /// The `Authorization` header; marked sensitive.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `text` without any secret.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.hidden {
            let secret = secret.expose_secret();
            if !secret.is_empty() && clean.contains(secret) {
                clean = clean.replace(secret, "***");
            }
        }
        clean
    }
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
