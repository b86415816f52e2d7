//! The socket side: credentials, faults, the log, and which API a path belongs to.

use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::serve::ListenerExt;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::exchange::{Answer, Api, Call, Refusal};
use super::faults::{Effect, Pending};
use super::history::History;
use super::log::{Log, Unexpected};
use super::state::Site;
use super::{Options, change, cloud_v1, cloud_v2, datacenter, evaluate, graphql, legacy_v1, org_admin};
use crate::model::Deployment;

/// How long a content whose restrictions time out keeps a client waiting, if it waits that long.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Atlassian's own limit is 5 MB.
const MOST_BODY: usize = 5_000_000;
/// Addresses of Cloud that a client asks to find out which product this is: Data Center has none of them, and answers
/// so, which is what the client wants to know.
const PROBES: [(&str, &str); 2] = [("/_edge/tenant_info", ""), ("/wiki/api/v2/spaces", "limit=1")];

pub(super) struct Server {
    pub(super) options: Options,
    pub(super) log: Log,
    pub(super) faults: Mutex<Pending>,
    site: RwLock<Site>,
    history: History,
    base: String,
    token: RwLock<String>,
    count: AtomicU64,
    /// Where a Data Center is played.
    product: Option<datacenter::Product>,
}

impl Server {
    pub(super) fn new(options: Options, site: Site, product: Option<datacenter::Product>, base: String) -> Self {
        let mut faults = Pending::default();
        for fault in &options.faults {
            faults.add(fault.clone());
        }
        let token = RwLock::new(options.token.clone());
        let (log, count) = (Log::default(), AtomicU64::new(0));
        let history = History::default();
        if options.site.is_none() && product.is_none() {
            history.fill(&site, options.audit_records, options.seed);
        }
        let (faults, site) = (Mutex::new(faults), RwLock::new(site));
        Self { options, log, faults, site, history, base, token, count, product }
    }
}

impl Server {
    pub(super) fn admin_key_active(&self) -> bool {
        self.site.read().unwrap_or_else(PoisonError::into_inner).has_key()
    }

    /// The lines of the audit log file; Cloud has none.
    pub(super) fn audit_log_lines(&self) -> Vec<String> {
        let base = format!("{}{}", self.base, self.options.context);
        self.product.as_ref().map(|product| product.auditing.lines(&base)).unwrap_or_default()
    }

    /// Lets this token in from now on, and the one before no more.
    pub(super) fn change_token(&self, token: String) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    pub(super) fn cloud_id(&self) -> String {
        self.site.read().unwrap_or_else(PoisonError::into_inner).cloud_id.clone()
    }

    /// Whether the site, or the gateway, lets in who is asking. The site takes no bearer token, and no token with scopes.
    // Source: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/
    fn lets_in(&self, headers: &HeaderMap, gateway: bool) -> bool {
        let given = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", self.options.username, *token)));
        if gateway {
            given == basic || given.strip_prefix("Bearer ") == Some(token.as_str())
        } else {
            given == basic && !self.options.token_has_scopes
        }
    }

    /// Title of the site.
    pub(super) fn title(&self) -> String {
        self.site.read().unwrap_or_else(PoisonError::into_inner).facts.title.clone()
    }
}

/// Serves until `stopped` resolves or its sender is dropped.
pub(super) async fn serve(server: Arc<Server>, listener: TcpListener, stopped: tokio::sync::oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    // Without this a small answer waits 40 ms for the acknowledgement of the one before it.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new().fallback(answer).with_state(server);
    tokio::select! {
        _ = axum::serve(listener, router) => {}
        _ = stopped => {}
    }
}

/// An answer before it becomes bytes.
struct Draft {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Draft {
    fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from(body.to_string()) }
            .with("content-type", "application/json")
    }

    /// An answer, which may have no body.
    fn of(status: u16, body: &Value, text: Option<(&'static str, String)>) -> Self {
        if let Some((media, text)) = text {
            return Self::text(status, media, text);
        }
        if body.is_null() {
            return Self { status, headers: Vec::new(), body: Bytes::new() };
        }
        Self::json(status, body)
    }

    fn text(status: u16, media: &str, text: String) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from(text) }.with("content-type", media)
    }

    fn html(status: u16, body: &'static str) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from_static(body.as_bytes()) }
            .with("content-type", "text/html;charset=UTF-8")
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn into_response(self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let method = parts.method.as_str();
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let ticket = server.log.start(method, path, query);
    let number = server.count.fetch_add(1, Ordering::Relaxed) + 1;

    if !server.options.latency.is_zero() {
        tokio::time::sleep(server.options.latency).await;
    }
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let effect = server.faults.lock().unwrap_or_else(PoisonError::into_inner).strike(method, &target);
    if let Some(effect) = &effect {
        ticket.fault(effect.name());
    }
    // The gateway of all sites: behind it a path is as at the site, and what leads on forgets that there is a gateway.
    let through = path.strip_prefix("/ex/confluence/").and_then(|rest| rest.split_once('/').map(|(id, _)| (id, rest)));
    let (gateway, inside) = match through {
        Some((id, rest)) => (Some(id), rest.get(id.len()..).unwrap_or_default()),
        None => (None, path),
    };
    let api = match server.options.deployment {
        Deployment::DataCenter => Api::DataCenter,
        Deployment::Cloud if inside.starts_with("/wiki/api/v2") => Api::V2,
        Deployment::Cloud => Api::V1,
    };

    let mut draft = match effect.as_ref().and_then(|effect| instead(effect, api)) {
        Some(draft) => draft,
        None => {
            let (route, answered) = match to_bytes(body, MOST_BODY).await {
                Err(_) => (None, Err(Refusal::Bad("the body is larger than 5 MB or was cut off".to_owned()))),
                Ok(body) => server.ask(
                    &Asked { api, method, gateway, path: inside, query, headers: &parts.headers, body: &body, number },
                    effect.as_ref(),
                ),
            };
            if let Some(route) = route {
                ticket.route(route);
            }
            if let Err(Refusal::TimesOut) = answered {
                tokio::time::sleep(TIMEOUT).await;
            }
            server.draft(api, method, path, query, answered)
        }
    };
    draft = draft.with("x-request-id", format!("sim-{number}")).with("atl-request-id", format!("sim-{number}"));
    match effect {
        Some(Effect::Stall(delay)) => tokio::time::sleep(delay).await,
        Some(Effect::Drop) => return draft.into_response(broken(None)),
        Some(Effect::DropMidBody) => {
            let half = draft.body.slice(..draft.body.len() / 2);
            let length = draft.body.len().to_string();
            return draft.with("content-length", length).into_response(broken(Some(half)));
        }
        Some(effect) => spoil(&mut draft, effect, api),
        None => {}
    }
    ticket.status(draft.status);
    let body = Body::from(std::mem::take(&mut draft.body));
    draft.into_response(body)
}

/// What a fault answers without asking the site.
fn instead(effect: &Effect, api: Api) -> Option<Draft> {
    Some(match effect {
        Effect::Status { status, retry_after, body } => {
            let draft = match body {
                Some(text) => Draft::text(*status, "text/plain", text.clone()),
                None => Draft::json(*status, &error(api, *status, "simulated fault")),
            };
            match retry_after {
                Some(value) => draft.with("retry-after", value.clone()),
                None => draft,
            }
        }
        Effect::LoginPage => Draft::html(200, LOGIN_PAGE),
        Effect::Body(text) => Draft::text(200, "application/json", text.clone()),
        Effect::Redirect(location) => Draft::html(302, "").with("location", location.clone()),
        _ => return None,
    })
}

/// What a fault does to an answer.
fn spoil(draft: &mut Draft, effect: Effect, api: Api) {
    match effect {
        Effect::Truncated => draft.body = draft.body.slice(..draft.body.len() / 2),
        Effect::Headers(headers) => draft.headers.extend(headers),
        Effect::Replace { from, to } => {
            let text = String::from_utf8_lossy(&draft.body).replace(from.as_str(), &to);
            draft.body = Bytes::from(text);
        }
        Effect::Unservable { id, status } => {
            let holds = |body: &Value| {
                let rows = body["results"].as_array();
                let named = |row: &Value| ["id", "accountId", "userKey"].iter().any(|name| row[*name] == id.as_str());
                rows.is_some_and(|rows| rows.iter().any(named))
            };
            if serde_json::from_slice(&draft.body).is_ok_and(|body| holds(&body)) {
                *draft = Draft::json(status, &error(api, status, "simulated fault"));
            }
        }
        Effect::Edit(edit) => {
            if let Ok(mut value) = serde_json::from_slice(&draft.body) {
                edit(&mut value);
                draft.body = Bytes::from(value.to_string());
            }
        }
        _ => {}
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}

/// A body that breaks off: at once, so that not even the head is sent, or behind `first`.
fn broken(first: Option<Bytes>) -> Body {
    let steps = (first.is_some(), first, false);
    Body::from_stream(futures::stream::unfold(steps, |(begun, first, cut)| async move {
        if cut {
            return None;
        }
        if let Some(first) = first {
            return Some((Ok(first), (begun, None, false)));
        }
        if begun {
            // Time for what was sent to leave before the connection goes.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some((Err(std::io::Error::other("simulated fault")), (begun, None, true)))
    }))
}

/// What came over the wire.
struct Asked<'a> {
    api: Api,
    method: &'a str,
    /// Id of the site that was asked for through the gateway.
    gateway: Option<&'a str>,
    path: &'a str,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
    number: u64,
}

impl Server {
    fn ask(&self, asked: &Asked<'_>, effect: Option<&Effect>) -> (Option<&'static str>, Answer) {
        let segments: Vec<String> = asked
            .path
            .split('/')
            .skip(1)
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let site = self.site.read().unwrap_or_else(PoisonError::into_inner);
        let mut call = Call {
            site: &site,
            history: &self.history,
            options: &self.options,
            base: &self.base,
            method: asked.method,
            app: asked.headers.get("authorization").is_some_and(|v| v.as_bytes().starts_with(b"Bearer ")),
            path: asked.path,
            segments,
            query: url::form_urlencoded::parse(asked.query.as_bytes()).into_owned().collect(),
            body: None,
            api: asked.api,
            cap: None,
            loops: false,
            jumps: false,
            foreign: None,
            number: asked.number,
            route: Cell::new(None),
            edits: RefCell::new(Vec::new()),
        };
        match effect {
            Some(Effect::EmptyPage) => call.cap = Some(0),
            Some(Effect::ShortPage(rows)) => call.cap = Some(*rows),
            Some(Effect::LoopingNext) => call.loops = true,
            Some(Effect::JumpingNext(rows)) => (call.cap, call.jumps) = (Some(*rows), true),
            Some(Effect::ForeignNext(host)) => call.foreign = Some(host.clone()),
            _ => {}
        }
        let answer = match effect {
            Some(Effect::LongAddress(most)) if asked.path.len() + asked.query.len() + 1 > *most => {
                Err(Refusal::Status(414, "Request-URI Too Long".to_owned()))
            }
            Some(Effect::Spoilt(text)) if holds(asked.body, text) || holds(asked.query.as_bytes(), text) => {
                Err(Refusal::Declined("one of the values is not valid".to_owned()))
            }
            _ => self.dispatch(&mut call, asked),
        };
        let (route, edits) = (call.route.get(), call.edits.take());
        drop(call);
        drop(site);
        // One thread answers everything, so nothing was changed since it was decided.
        if answer.is_ok() && !edits.is_empty() {
            let mut site = self.site.write().unwrap_or_else(PoisonError::into_inner);
            site.apply(edits);
            evaluate::look(&mut site);
            if let Some(product) = &self.product {
                product.forget();
            }
        }
        (route, answer)
    }

    fn dispatch(&self, call: &mut Call<'_>, asked: &Asked<'_>) -> Answer {
        if let Some(product) = &self.product {
            return product.answer(call, asked.headers, asked.body);
        }
        // The one address that asks for nothing.
        if asked.path == "/_edge/tenant_info" && asked.gateway.is_none() {
            call.known("GET /_edge/tenant_info", &[])?;
            return Ok(json!({"cloudId": call.site.cloud_id}).into());
        }
        if asked.gateway.is_some_and(|id| id != call.site.cloud_id) {
            return Err(Refusal::NotFound("no such site".to_owned()));
        }
        let organization = asked.path.starts_with("/admin/") && asked.gateway.is_none();
        if organization && self.options.require_auth {
            let given = asked.headers.get("authorization").and_then(|v| v.to_str().ok());
            if given.and_then(|v| v.strip_prefix("Bearer ")) != Some(self.options.org_token.as_str()) {
                return Err(Refusal::Unauthorized);
            }
        }
        if self.options.require_auth && !organization && !self.lets_in(asked.headers, asked.gateway.is_some()) {
            return Err(Refusal::Unauthorized);
        }
        call.read_body(asked.headers, asked.body)?;
        // Search does not know the key.
        // Source: https://jira.atlassian.com/browse/CONFCLOUD-81961
        let search = asked.path.ends_with("/search");
        let wanted = asked.headers.get("atl-confluence-with-admin-key").is_some_and(|v| v == "true");
        call.site.keyed.store(wanted && !search && call.site.has_key(), Ordering::Relaxed);
        let segments = std::mem::take(&mut call.segments);
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let answer = match segments.as_slice() {
            ["wiki", "api", "v2", rest @ ..] => cloud_v2::answer(call, rest).or_else(|| change::answer_v2(call, rest)),
            ["wiki", "rest", "api", rest @ ..] => cloud_v1::answer(call, rest)
                .or_else(|| change::answer_v1(call, rest))
                .or_else(|| legacy_v1::answer(call, rest)),
            ["admin", rest @ ..] if organization => org_admin::answer(call, rest),
            // At the site alone: the gateway of all sites has another address for it, and lets in no app.
            ["gateway", "api", "graphql"] if asked.method == "POST" && asked.gateway.is_none() => {
                Some(graphql::answer(call))
            }
            _ => None,
        };
        answer.unwrap_or_else(|| Err(Refusal::Unknown(format!("no route {} {}", asked.method, asked.path))))
    }

    /// Writes an answer down, and remembers the requests that made no sense.
    fn draft(&self, api: Api, method: &str, path: &str, query: &str, answer: Answer) -> Draft {
        let remember = |reason: &str| {
            self.log.unexpected(Unexpected {
                method: method.to_owned(),
                path: path.to_owned(),
                query: query.to_owned(),
                reason: reason.to_owned(),
            });
        };
        match answer {
            Ok(reply) => reply
                .headers
                .into_iter()
                .fold(Draft::of(reply.status, &reply.body, reply.text), |draft, (name, value)| draft.with(name, value)),
            Err(Refusal::Unknown(reason)) => {
                remember(&reason);
                Draft::json(501, &error(api, 501, &reason))
            }
            Err(Refusal::Bad(reason)) => {
                remember(&reason);
                Draft::json(400, &error(api, 400, &reason))
            }
            Err(Refusal::MediaType(reason)) => {
                remember(&reason);
                Draft::json(415, &error(api, 415, &reason))
            }
            Err(Refusal::Declined(reason)) => Draft::json(400, &error(api, 400, &reason)),
            Err(Refusal::NotFound(reason)) => Draft::json(404, &error(api, 404, &reason)),
            Err(Refusal::Forbidden(reason)) => Draft::json(403, &error(api, 403, &reason)),
            // Source: https://confluence.atlassian.com/confkb/basic-authentication-failure-reason-authenticated-failed-216434384.html
            Err(Refusal::Unauthorized) if api == Api::DataCenter => Draft::html(401, UNAUTHORIZED)
                .with("www-authenticate", "OAuth realm=\"http%3A%2F%2Fsimulated\"")
                .with("x-seraph-loginreason", "AUTHENTICATED_FAILED"),
            Err(Refusal::Unauthorized) => Draft::json(401, &json!({"code": 401, "message": "Unauthorized"}))
                .with("www-authenticate", "OAuth realm=\"simulated\""),
            // Source: https://developer.atlassian.com/cloud/confluence/changelog/#CHANGE-864
            Err(Refusal::Gone) => Draft::json(
                410,
                &error(
                    api,
                    410,
                    "com.atlassian.confluence.api.service.exceptions.GoneException: This deprecated endpoint has been removed.",
                ),
            )
            .with("deprecation", "Wed, 1 Mar 2023 00:00:00 GMT"),
            Err(Refusal::Unreadable(status)) => Draft::json(status, &error(api, status, "the site says so")),
            Err(Refusal::Status(status, reason)) => Draft::json(status, &error(api, status, &reason)),
            Err(Refusal::NoAddress { strange }) => {
                let context = self.options.context.as_str();
                let probe = method == "GET" && PROBES.contains(&(path.strip_prefix(context).unwrap_or(path), query));
                if strange && !probe {
                    remember("no version of Confluence has this address");
                }
                // Outside its context path the product is not asked at all.
                if path.strip_prefix(context).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                    let address = format!("{}{path}", self.base);
                    Draft::text(404, "application/xml", datacenter::null_for_uri(&address))
                } else {
                    Draft::html(404, TOMCAT)
                }
            }
            Err(Refusal::TimesOut) => Draft::json(504, &error(api, 504, "")),
        }
    }
}

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Log in to continue - Log in with Atlassian account</title></head>\n\
    <body><form action=\"https://id.example/login\" method=\"post\"><input name=\"username\"/></form></body></html>\n";

const UNAUTHORIZED: &str = "<html>\n<head>\n<title>Unauthorized (401)</title>\n</head>\n<body>\n<h1>Unauthorized (401)</h1>\n\
    <p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p>\n</body>\n</html>\n";

const TOMCAT: &str = "<!doctype html><html lang=\"en\"><head><title>HTTP Status 404 - Not Found</title></head>\
    <body><h1>HTTP Status 404 - Not Found</h1></body></html>";

/// The error body of an API.
fn error(api: Api, status: u16, message: &str) -> Value {
    let reason = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    match api {
        Api::V2 => json!({"errors": [{
            "status": status,
            "code": reason.to_uppercase().replace(' ', "_"),
            "title": if message.is_empty() { reason } else { message },
            "detail": null,
        }]}),
        Api::DataCenter => datacenter::error(status, reason, message),
        Api::V1 => json!({
            "statusCode": status,
            "data": {"authorized": status != 403, "valid": status != 400, "allowedInReadOnlyMode": true, "errors": [], "successful": false},
            "message": message,
        }),
    }
}
