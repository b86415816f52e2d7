//! The socket side: credentials, faults, the log, and which API a path belongs to.

use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::serve::ListenerExt;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use super::draft::{Draft, error};
use super::effect::Effect;
use super::exchange::{Answer, Api, Call, Refusal};
use super::faults::Pending;
use super::history::History;
use super::log::{Log, Unexpected};
use super::spoil::{instead, spoil};
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
    /// Told where everything is to be cut, and for how long afterwards nobody listens.
    restart: Notify,
    pause: Mutex<Duration>,
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
        let (restart, pause) = (Notify::new(), Mutex::default());
        Self { options, log, faults, site, history, base, token, count, restart, pause, product }
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

/// Serves until `stopped` resolves or its sender is dropped. Each life until a restart has a runtime of its own, whose end
/// cuts every connection.
pub(super) fn run(server: &Arc<Server>, mut listener: TcpListener, mut runtime: Runtime, mut stopped: Stopped) {
    loop {
        let address = listener.local_addr();
        let pause = runtime.block_on(serve(Arc::clone(server), listener, &mut stopped));
        runtime.shutdown_background();
        let (Some(pause), Ok(address), Ok(next)) = (pause, address, self::runtime()) else { return };
        let Some(again) = next.block_on(listen_again(address, pause, &mut stopped)) else { return };
        (listener, runtime) = (again, next);
    }
}

pub(super) type Stopped = tokio::sync::oneshot::Receiver<()>;

pub(super) fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

pub(super) fn listen(address: impl ToSocketAddrs) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The port once more, after the pause. Somebody else may have it for a moment.
async fn listen_again(address: SocketAddr, pause: Duration, stopped: &mut Stopped) -> Option<TcpListener> {
    let again = async {
        tokio::time::sleep(pause).await;
        loop {
            match listen(address) {
                Ok(listener) => return listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::select! {
        listener = again => Some(listener),
        _ = stopped => None,
    }
}

/// Serves until it is stopped, `None`, or is to listen again after this pause.
async fn serve(server: Arc<Server>, listener: TcpListener, stopped: &mut Stopped) -> Option<Duration> {
    let listener = tokio::net::TcpListener::from_std(listener).ok()?;
    // Without this a small answer waits 40 ms for the acknowledgement of the one before it.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new().fallback(answer).with_state(Arc::clone(&server));
    tokio::select! {
        _ = axum::serve(listener, router) => None,
        _ = stopped => None,
        () = server.restart.notified() => Some(std::mem::take(&mut *server.pause.lock().unwrap_or_else(PoisonError::into_inner))),
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
    match &effect {
        Some(Effect::Restart(pause)) => {
            *server.pause.lock().unwrap_or_else(PoisonError::into_inner) = *pause;
            server.restart.notify_one();
            return std::future::pending().await;
        }
        Some(Effect::Expire) => server.change_token(format!("the token that came after {number}")),
        _ => {}
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
    let (response, status) = match effect {
        Some(effect) => spoil(draft, effect, api).await,
        None => {
            let (status, body) = (draft.status, Body::from(std::mem::take(&mut draft.body)));
            (draft.into_response(body), Some(status))
        }
    };
    if let Some(status) = status {
        ticket.status(status);
    }
    response
}

fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
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
            shift: 0,
            foreign: None,
            token: self.token.read().unwrap_or_else(PoisonError::into_inner).clone(),
            number: asked.number,
            route: Cell::new(None),
            edits: RefCell::new(Vec::new()),
        };
        match effect {
            Some(Effect::EmptyPage) => call.cap = Some(0),
            Some(Effect::ShortPage(rows)) => call.cap = Some(*rows),
            Some(Effect::LoopingNext) => call.loops = true,
            Some(Effect::JumpingNext(rows)) => (call.cap, call.jumps) = (Some(*rows), true),
            Some(Effect::Shift(rows)) => call.shift = *rows,
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

const UNAUTHORIZED: &str = "<html>\n<head>\n<title>Unauthorized (401)</title>\n</head>\n<body>\n<h1>Unauthorized (401)</h1>\n\
    <p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p>\n</body>\n</html>\n";

const TOMCAT: &str = "<!doctype html><html lang=\"en\"><head><title>HTTP Status 404 - Not Found</title></head>\
    <body><h1>HTTP Status 404 - Not Found</h1></body></html>";
