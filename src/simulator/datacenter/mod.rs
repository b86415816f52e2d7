//! A Confluence Data Center to talk to: which address belongs to which room, who calls, and what a version has.
//!
//! Rooms answer through `fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer>`; `None` is an address they do not
//! have. `path` is behind the room's own root and decoded. What changes something goes through the methods of [`Visit`],
//! so that it shows in the next read and in the audit log.

mod about;
mod auditing;
mod bodies;
mod caller;
mod content;
mod evaluate;
mod extender;
mod facts;
mod grants;
mod guards;
mod json_rpc;
mod people;
mod permissions;
mod rest;
mod restrictions;
mod spaces;
mod version;
mod visit;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::caller::Caller;
use self::evaluate::View;
use self::version::Version;
use self::visit::Visit;
use super::Options;
use super::exchange::{Answer, Call, Refusal};
use super::state::Site;
pub use facts::cast;

/// The site and the server around it. Where nobody said who logs in, it is written into the options.
pub(super) fn build(options: &mut Options) -> Result<(Site, Product), String> {
    let mut facts = facts::facts(options)?;
    let caller = facts.caller.take();
    let site = Site::build(facts, None)?;
    let product = Product::new(options, &site, caller)?;
    if options.username == Options::default().username {
        options.username = product.username(&site);
    }
    Ok((site, product))
}

/// The server beside the site itself: its version, its audit log, who may log in.
pub(super) struct Product {
    version: Version,
    pub(super) auditing: auditing::Log,
    /// Whose view is served to the credentials of the options.
    caller: Caller,
    /// Forgotten with every change.
    views: Mutex<HashMap<Caller, Arc<View>>>,
}

impl Product {
    fn new(options: &Options, site: &Site, caller: Option<String>) -> Result<Self, String> {
        let version = Version::read(&options.version)?;
        if !(options.context.is_empty() || (options.context.starts_with('/') && !options.context.ends_with('/'))) {
            return Err(format!("`{}` is no context path: write it as `/confluence`", options.context));
        }
        let named = site.facts.users.iter().find(|user| user.username == options.username);
        let caller = match options.caller.clone().or(caller) {
            Some(id) if site.user(&id).is_some() => Caller::User(id),
            Some(id) => return Err(format!("the caller `{id}` is none of the users")),
            None => named.map_or(Caller::Administrator, |user| Caller::User(user.id.clone())),
        };
        Ok(Self { version, auditing: auditing::Log::new(options, site)?, caller, views: Mutex::default() })
    }

    /// Username of the account the credentials of the options belong to.
    fn username(&self, site: &Site) -> String {
        let user = if let Caller::User(id) = &self.caller { site.user(id) } else { None };
        user.map_or_else(|| "admin".to_owned(), |user| user.username.clone())
    }

    /// To be called when the site has changed.
    pub(super) fn forget(&self) {
        self.views.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn view(&self, site: &Site, caller: &Caller) -> Arc<View> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(views.entry(caller.clone()).or_insert_with(|| Arc::new(evaluate::view(site, caller))))
    }

    /// Whom the credentials let in.
    fn caller(&self, call: &Call<'_>, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if !call.options.require_auth {
            return Ok(self.caller.clone());
        }
        let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some(encoded) = given.strip_prefix("Basic ") {
            let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let (name, password) = decoded
                .as_deref()
                .and_then(|text| text.split_once(':'))
                .map(|(name, password)| (name.to_owned(), password.to_owned()))
                .ok_or(Refusal::Unauthorized)?;
            // A token is no password.
            // Source: https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
            if password != call.options.password {
                return Err(Refusal::Unauthorized);
            }
            if name.eq_ignore_ascii_case(&call.options.username) {
                return Ok(self.caller.clone());
            }
            let user = call.site.facts.users.iter().find(|user| user.username.eq_ignore_ascii_case(&name));
            return match user.filter(|user| user.active) {
                Some(user) => Ok(Caller::User(user.id.clone())),
                None => Err(Refusal::Unauthorized),
            };
        }
        let token = given.strip_prefix("Bearer ").filter(|_| self.version.from(7, 9));
        if token == Some(call.token.as_str()) {
            return Ok(self.caller.clone());
        }
        // A token nobody knows is served like none at all.
        // Source: https://jira.atlassian.com/browse/CONFSERVER-98199
        if evaluate::anonymous_enters(call.site) { Ok(Caller::Anonymous) } else { Err(Refusal::Unauthorized) }
    }

    /// Answers a request.
    pub(super) fn answer(&self, call: &mut Call<'_>, headers: &HeaderMap, body: &[u8]) -> Answer {
        let segments = std::mem::take(&mut call.segments);
        let mut path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if let Some(context) = call.options.context.strip_prefix('/') {
            if path.first() != Some(&context) {
                return Err(Refusal::NoAddress { strange: true });
            }
            path.remove(0);
        }
        if let (["rest", "applinks", "1.0", "manifest"], "GET") = (path.as_slice(), call.method) {
            call.known("GET /rest/applinks/1.0/manifest", &[])?;
            let accept = headers.get("accept").and_then(|v| v.to_str().ok()).unwrap_or_default();
            let base = format!("{}{}", call.base, call.options.context);
            return Ok(about::manifest(self.version, &base, accept.contains("application/json")));
        }
        let caller = self.caller(call, headers)?;
        call.read_body(headers, body)?;
        let asked = call.query.iter().position(|(key, value)| key == "os_authType" && value == "basic");
        let basic = asked.map(|at| call.query.remove(at)).is_some();
        let view = self.view(call.site, &caller);
        let visit = Visit::new(call, self.version, &self.auditing, caller, view);
        let answer = match path.as_slice() {
            // Asked for with `os_authType=basic` a site that is open to the world answers 401 instead of as anonymous.
            _ if visit.caller == Caller::Anonymous && basic => Some(Err(Refusal::Unauthorized)),
            ["rest", "auditing", "1.0", rest @ ..] => auditing::answer(&visit, rest),
            ["rest", "extender", "1.0", rest @ ..] => extender::answer(&visit, rest),
            ["rpc", "json-rpc", rest @ ..] => json_rpc::answer(&visit, rest),
            ["rest", rest @ ..] => rest::answer(&visit, rest),
            _ => None,
        };
        let answer = answer.unwrap_or(Err(Refusal::NoAddress { strange: true }));
        if answer.is_ok() {
            visit.record();
        }
        let name = if visit.caller == Caller::Anonymous { "anonymous".to_owned() } else { visit.account().username };
        answer.map(|mut reply| {
            reply.headers.push(("x-ausername", name));
            reply
        })
    }
}

/// The error body of `rest/api`.
pub(super) fn error(status: u16, reason: &str, message: &str) -> Value {
    json!({
        "statusCode": status,
        "data": {
            "authorized": !matches!(status, 401 | 403),
            "valid": status != 400,
            "allowedInReadOnlyMode": status != 405,
            "errors": [],
            "successful": false,
        },
        "message": message,
        "reason": reason,
    })
}

/// What an address nobody serves answers.
// Source: https://github.com/atlassian-api/atlassian-python-api/issues/882
pub(super) fn null_for_uri(address: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><status><status-code>404</status-code>\
         <message>null for uri: {address}</message></status>"
    )
}
