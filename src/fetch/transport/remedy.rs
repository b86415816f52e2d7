//! What to do about a refusal.

use reqwest::header::HeaderMap;

use super::Transport;
use crate::apis::{Request, errors};
use crate::fetch::credentials::{Scheme, TOKEN_PAGE};
use crate::fetch::target::HostKind;
use crate::fetch::{Error, ErrorKind};
use crate::model::Deployment;

impl Transport {
    /// That the credentials are not accepted, and what to check.
    pub(super) fn refused(&self) -> String {
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

    pub(super) fn remedy(&self, kind: ErrorKind, status: u16, headers: &HeaderMap) -> String {
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
    pub(in crate::fetch) fn error(&self, kind: ErrorKind, request: &Request, text: impl AsRef<str>) -> Error {
        let route = self.credentials.redact(&request.line());
        let at = format!("{}{}", self.at().origin.as_str().trim_end_matches('/'), self.at().context);
        let mut error = Error::new(kind, text.as_ref());
        let parts = error.parts_mut();
        parts.request = Some(format!("{route} at `{at}`"));
        parts.url = Some(self.credentials.redact(&format!("{at}{}", request.path)));
        parts.route = Some(route);
        error
    }
}

/// Whether too many failed logins made the server ask for more than a password: a CAPTCHA in the browser.
// Source: https://support.atlassian.com/confluence/kb/captcha-login-required-when-accessing-rest-api-resources/
fn asks_a_question(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).any(|v| v.to_ascii_uppercase().contains(word))
    };
    says("x-seraph-loginreason", "AUTHENTICATION_DENIED") || says("x-authentication-denied-reason", "CAPTCHA")
}
