//! Reading a site over real sockets: what goes wrong on the way, and what a snapshot asks.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use confluence_access::fetch::{Client, Config, Error, ErrorKind};

/// The token of every test here: no text may ever show it.
const TOKEN: &str = "s3cr3t-t0ken-of-the-tests";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn config(url: &str) -> Config {
    let mut config = Config::new(url).with_token("ann@acme.com", TOKEN);
    config.backoff = Duration::from_millis(5);
    config
}

/// Everything an error can show, the whole chain included.
fn texts(error: &Error) -> String {
    let mut all = format!("{error}\n{error:?}\n{:#?}\n{:?}\n{:?}\n", error, error.url(), error.route());
    let mut link = std::error::Error::source(error);
    while let Some(cause) = link {
        all.push_str(&format!("{cause}\n{cause:?}\n"));
        link = cause.source();
    }
    for gap in error.gaps() {
        all.push_str(&format!("{gap:?}\n"));
    }
    all
}

/// Fails where a secret shows, in the plain or as it is sent.
fn keeps_the_secret(text: &str) {
    use base64::Engine as _;
    let sent = base64::engine::general_purpose::STANDARD.encode(format!("ann@acme.com:{TOKEN}"));
    assert!(!text.contains(TOKEN), "shows the token: {text}");
    assert!(!text.contains(&sent), "shows the header: {text}");
}

/// A server that answers every request with these bytes, and counts them.
struct Canned {
    url: String,
    asked: Arc<AtomicUsize>,
}

fn canned(answer: impl Fn(usize, &str) -> String + Send + 'static) -> Canned {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let head = head_of(&mut stream);
            if head.is_empty() {
                continue;
            }
            let n = count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(answer(n, &head).as_bytes());
        }
    });
    Canned { url, asked }
}

fn head_of(stream: &mut impl std::io::Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn http(status: &str, kind: &str, more: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n{body}",
        body.len()
    )
}

fn json(body: &str) -> String {
    http("200 OK", "application/json", "", body)
}

fn spaces_of(config: Config) -> (Result<usize, Error>, Duration) {
    let began = Instant::now();
    let result = runtime().block_on(async { Client::new(config)?.spaces().await.map(|spaces| spaces.rows.len()) });
    (result, began.elapsed())
}

fn failure(config: Config) -> Error {
    let (result, took) = spaces_of(config);
    let error = result.unwrap_err();
    assert!(took < Duration::from_secs(1), "took {took:?}: {error}");
    keeps_the_secret(&texts(&error));
    error
}

#[test]
fn a_dead_port_ends_within_a_second() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = failure(config(&format!("http://127.0.0.1:{port}")));
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.to_string().contains("check the address"), "{error}");
    assert!(error.status().is_none());
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_host_nobody_knows_ends_within_a_second() {
    let error = failure(config("https://no-such-site.invalid"));
    assert_eq!(error.kind(), ErrorKind::NoAnswer, "{error}");
}

#[test]
fn a_login_page_is_not_confluence() {
    let page = "<!DOCTYPE html><html><head><title>Log in</title></head></html>";
    let server = canned(move |_, _| http("200 OK", "text/html", "", page));
    let error = failure(config(&server.url));
    assert_eq!(error.kind(), ErrorKind::NotConfluence);
    assert!(error.to_string().contains("web page instead of JSON"), "{error}");
}

#[test]
fn a_redirect_to_another_host_is_not_followed_and_its_query_is_not_shown() {
    let elsewhere = canned(|_, _| json("{}"));
    let to = format!("{}/login?dest=x&token={TOKEN}", elsewhere.url);
    let server = canned(move |_, _| http("302 Found", "text/plain", &format!("Location: {to}\r\n"), ""));
    let error = failure(config(&server.url));
    assert_eq!(error.kind(), ErrorKind::NotConfluence);
    assert!(error.to_string().contains("127.0.0.1/login"), "{error}");
    assert!(!error.to_string().contains("dest="), "{error}");
    assert_eq!(elsewhere.asked.load(Ordering::SeqCst), 0, "credentials went elsewhere");
}

#[test]
fn a_redirect_within_the_site_is_followed_but_not_in_circles() {
    let server = canned(|_, head| {
        if head.contains("hop=1") {
            json(r#"{"results":[],"_links":{}}"#)
        } else {
            http("307 Temporary Redirect", "text/plain", "Location: ?hop=1\r\n", "")
        }
    });
    assert_eq!(spaces_of(config(&server.url)).0.unwrap(), 0);
    let circle = canned(|_, _| http("302 Found", "text/plain", "Location: /login.action\r\n", ""));
    assert_eq!(failure(config(&circle.url)).kind(), ErrorKind::NotConfluence);
}

#[test]
fn a_refused_token_says_what_to_check_and_a_server_that_repeats_it_is_not_quoted() {
    let server = canned(|_, head| {
        let sent = head.lines().find(|l| l.to_ascii_lowercase().starts_with("authorization")).unwrap_or_default();
        let body = format!(r#"{{"message":"bad {TOKEN} in {}"}}"#, sent.trim());
        http("401 Unauthorized", "application/json", "X-Request-Id: abc-1\r\n", &body)
    });
    let error = failure(config(&server.url));
    assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::Unauthorized, Some(401), Some("abc-1")));
    assert!(error.to_string().contains("token was refused"), "{error}");
    assert_eq!(error.attempts(), 1, "a refusal is not asked for again");
}

#[test]
fn statuses_become_kinds() {
    for (status, kind) in [
        ("403 Forbidden", ErrorKind::Forbidden),
        ("404 Not Found", ErrorKind::NotFound),
        ("410 Gone", ErrorKind::Gone),
        ("400 Bad Request", ErrorKind::Client),
        ("500 Internal Server Error", ErrorKind::Server),
        ("501 Not Implemented", ErrorKind::Server),
    ] {
        let mut config = config(&canned(move |_, _| http(status, "application/json", "", "{}")).url);
        config.deployment = Some(confluence_access::model::Deployment::Cloud);
        let error = failure(config);
        assert_eq!(error.kind(), kind, "{status}: {error}");
        assert!(error.url().is_some_and(|u| u.starts_with("http://127.0.0.1") && !u.contains('?')));
    }
}

#[test]
fn answers_that_are_no_json_or_another_json_are_unreadable() {
    for body in ["{\"results\":[{\"id\":", "[1,2", "\"x\"", "", "{\"results\":7}"] {
        let mut config = config(&canned(move |_, _| json(body)).url);
        config.deployment = Some(confluence_access::model::Deployment::Cloud);
        let error = failure(config);
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{body}: {error}");
    }
}

#[test]
fn a_data_center_is_told_from_cloud() {
    let server = canned(|_, head| {
        if head.starts_with("GET /rest/applinks/1.0/manifest") || head.starts_with("GET /rest/api/server-information") {
            http(
                "200 OK",
                "application/xml",
                "",
                "<manifest><typeId>confluence</typeId><version>8.5.4</version></manifest>",
            )
        } else {
            http("404 Not Found", "text/html", "", "<html>not here</html>")
        }
    });
    let error = failure(config(&server.url));
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("Cloud only"), "{error}");
    let mut config = config("https://wiki.acme.com");
    config.deployment = Some(confluence_access::model::Deployment::DataCenter);
    assert_eq!(Client::new(config).unwrap_err().kind(), ErrorKind::Configuration);
}

/// A server with a certificate of an authority nobody knows.
fn tls(requests: usize) -> String {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rust/certificates");
    let certificate = CertificateDer::from_pem_file(format!("{here}/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{here}/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let settings = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let settings = Arc::new(settings);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(requests) {
            let Ok(mut stream): Result<TcpStream, _> = stream else { return };
            let mut connection = rustls::ServerConnection::new(Arc::clone(&settings)).unwrap();
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            if !head_of(&mut tls).is_empty() {
                let _ = tls.write_all(json(r#"{"results":[],"_links":{}}"#).as_bytes());
                tls.conn.send_close_notify();
                let _ = tls.flush();
                let _ = stream.read(&mut [0; 16]);
            }
        }
    });
    url
}

#[test]
fn an_untrusted_certificate_is_an_error_that_names_the_setting() {
    let error = failure(config(&tls(4)));
    assert_eq!(error.kind(), ErrorKind::Certificate, "{}", texts(&error));
    assert!(error.to_string().contains("`ca_bundle=`"), "{error}");
    let mut trusting = config(&tls(4));
    trusting.ca_bundle = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rust/certificates/authority.pem").into());
    assert_eq!(spaces_of(trusting).0.unwrap(), 0);
}

#[test]
fn a_ca_bundle_that_holds_nothing_is_refused() {
    for path in ["/no/such/file.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let mut config = config("https://acme.atlassian.net");
        config.ca_bundle = Some(path.into());
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("ca_bundle"), "{error}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let refusal = |change: &dyn Fn(&mut Config)| {
        let mut config = config("https://acme.atlassian.net");
        change(&mut config);
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        keeps_the_secret(&texts(&error));
        error.to_string()
    };
    let secret = |text: &str| Some(secrecy::SecretString::from(text.to_owned()));
    assert!(refusal(&|c| c.max_concurrency = 0).contains("max_concurrency"));
    assert!(refusal(&|c| c.requests_per_second = Some(-1.0)).contains("requests_per_second"));
    assert!(refusal(&|c| c.timeout = Duration::ZERO).contains("timeout"));
    assert!(refusal(&|c| c.username = None).contains("username"));
    assert!(refusal(&|c| c.token = None).contains("token"));
    assert!(refusal(&|c| (c.token, c.username) = (None, None)).contains("no credentials"));
    assert!(refusal(&|c| c.token = secret("")).contains("`token` is empty"));
    assert!(refusal(&|c| c.token = secret(&format!("{TOKEN}\n"))).contains("control character"));
    assert!(refusal(&|c| c.token = secret(&format!(" {TOKEN}"))).contains("space"));
    assert!(refusal(&|c| c.password = secret("x")).contains("both"));
    assert!(refusal(&|c| (c.token, c.password) = (None, secret("x"))).contains("API token"));
    assert!(refusal(&|c| c.url = format!("https://ann:{TOKEN}@acme.atlassian.net")).contains("credentials"));
    assert!(refusal(&|c| c.url = "http://wiki.acme.com".into()).contains("https://"));
    assert!(refusal(&|c| c.proxy = secret("::")).contains("proxy"));
    let debug = format!("{:?}", config(&format!("https://ann:{TOKEN}@acme.atlassian.net")));
    keeps_the_secret(&debug);
    keeps_the_secret(&format!("{:?}", Client::new(config("https://acme.atlassian.net")).unwrap()));
}

mod against_the_simulator {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use confluence_access::fetch::{Client, Config, Error, ErrorKind, Progress};
    use confluence_access::model::{GapScope, RestrictionOperation, Snapshot, Subject};
    use confluence_access::simulator::{Effect, Fault, Options, Simulator};
    use serde_json::json;

    use super::runtime;

    fn client_of(simulator: &Simulator, change: impl FnOnce(&mut Config)) -> Client {
        let mut config = Config::new(simulator.url()).with_token(simulator.username(), simulator.token());
        config.backoff = Duration::from_millis(5);
        config.timeout = Duration::from_secs(5);
        change(&mut config);
        Client::new(config).unwrap()
    }

    fn client(simulator: &Simulator) -> Client {
        client_of(simulator, |_| {})
    }

    fn taken(client: &Client, scope: Option<&[&str]>) -> Result<Snapshot, Error> {
        let scope = scope.map(|keys| keys.iter().map(|k| (*k).to_owned()).collect());
        runtime().block_on(client.snapshot(scope, Arc::new(Progress::new())))
    }

    fn company() -> Simulator {
        Simulator::start(Options { pages: 120, ..Options::default() }).unwrap()
    }

    fn understood(simulator: &Simulator) {
        assert!(simulator.unexpected().is_empty(), "not understood: {:#?}", simulator.unexpected());
    }

    #[test]
    fn a_snapshot_of_a_healthy_site_is_complete() {
        let simulator = company();
        let client = client(&simulator);
        let progress = Arc::new(Progress::new());
        let snapshot = runtime().block_on(client.snapshot(None, Arc::clone(&progress))).unwrap();
        println!("{:#?}", client.requests_by_route());
        println!("{:#?}", progress.stages());
        understood(&simulator);
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        assert!(snapshot.contents.len() >= 120);
        assert!(!snapshot.restrictions.is_empty() && !snapshot.memberships.is_empty());
        assert_eq!(client.requests_sent(), simulator.requests().len() as u64);
        assert_eq!(
            taken(&client, None).unwrap(),
            Snapshot { taken_at: taken(&client, None).unwrap().taken_at, ..snapshot }
        );
    }
}
