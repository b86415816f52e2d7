//! Who is asking, and by which way: tokens from a function, bearer tokens, the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use confluence_access::fetch::{Client, Config, ErrorKind, TokenSource};
use confluence_access::model::{Deployment, Snapshot};
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use secrecy::SecretString;

use crate::support::canned::{canned, json};
use crate::support::{self, started, texts};

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

fn simulator() -> Simulator {
    started(Options { pages: 40, page_cap: Some(10), ..Options::default() })
}

/// Settings with a bearer token alone.
fn bearer(simulator: &Simulator) -> Config {
    let mut config = Config::new(simulator.url());
    config.token = Some(SecretString::from(simulator.token().to_owned()));
    config.backoff = Duration::from_millis(5);
    config
}

/// Settings with a function that gives these tokens one after another, the last for ever; and how often it was called.
fn rotating(simulator: &Simulator, tokens: &[&str]) -> (Config, Arc<AtomicUsize>) {
    let called = Arc::new(AtomicUsize::new(0));
    let (count, tokens) = (Arc::clone(&called), tokens.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
    let under_way = AtomicUsize::new(0);
    let source = TokenSource::new(move || {
        assert_eq!(under_way.fetch_add(1, Ordering::SeqCst), 0, "called twice at the same time");
        std::thread::sleep(Duration::from_millis(20));
        under_way.fetch_sub(1, Ordering::SeqCst);
        let n = count.fetch_add(1, Ordering::SeqCst).min(tokens.len() - 1);
        Ok(SecretString::from(tokens[n].clone()))
    });
    let config = Config { token: None, token_source: Some(source), ..bearer(simulator) };
    (config, called)
}

fn snapshot(client: &Client) -> Snapshot {
    run(client.snapshot(None, Arc::default())).unwrap()
}

/// Whether everything was read: nothing is missing but drafts.
fn whole(snapshot: &Snapshot) -> bool {
    snapshot.gaps.iter().all(|gap| gap.cause.as_str() == "not_found")
}

#[test]
fn a_bearer_token_alone_goes_through_the_gateway_of_the_site() {
    let simulator = simulator();
    let plain = support::config(&simulator);
    let expected = snapshot(&Client::new(plain).unwrap());
    simulator.clear_log();
    let client = Client::new(bearer(&simulator)).unwrap();
    let read = snapshot(&client);
    assert_eq!(read.gaps.len(), expected.gaps.len(), "{:#?}", read.gaps);
    assert!(whole(&read), "{:#?}", read.gaps);
    assert_eq!(read.contents, expected.contents);
    assert_eq!(read.restrictions, expected.restrictions);
    assert_eq!(read.site.base_url.as_deref(), Some(simulator.url().as_str()), "the address people open");
    assert_eq!(run(client.deployment()).unwrap(), Deployment::Cloud);
    let asked = simulator.requests();
    let gateway = format!("/ex/confluence/{}/wiki/", simulator.cloud_id());
    let (through, direct): (Vec<_>, Vec<_>) = asked.iter().partition(|request| request.path.starts_with(&gateway));
    assert!(through.len() > 20, "{}", through.len());
    assert_eq!(direct.iter().map(|r| r.path.as_str()).collect::<Vec<_>>(), ["/_edge/tenant_info"], "asked once");
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn a_cloud_id_that_was_given_wins_and_another_one_is_not_found() {
    let simulator = simulator();
    let with_id = |id: &str| Client::new(Config { cloud_id: Some(id.to_owned()), ..bearer(&simulator) }).unwrap();
    let spaces = run(with_id(&simulator.cloud_id()).spaces()).unwrap();
    assert!(!spaces.rows.is_empty());
    let error = run(with_id("11223344-a1b2-3b33-c444-def123456789").spaces()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(simulator.requests().iter().all(|request| request.path != "/_edge/tenant_info"));
}

#[test]
fn a_token_with_scopes_works_at_the_gateway_and_the_refusal_of_the_site_says_so() {
    let options = Options { pages: 20, token_has_scopes: true, ..Options::default() };
    let simulator = started(options);
    let plain = support::config(&simulator);
    let error = run(Client::new(plain.clone()).unwrap().spaces()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.to_string().contains("only through the gateway: give `cloud_id`"), "{error}");
    let through = Config { cloud_id: Some(simulator.cloud_id()), ..plain };
    assert!(!run(Client::new(through).unwrap().spaces()).unwrap().rows.is_empty());
}

#[test]
fn the_site_is_asked_for_its_id_without_a_word_about_who_is_asking() {
    let simulator = simulator();
    let answer = json(&format!(r#"{{"cloudId":"{}"}}"#, simulator.cloud_id()));
    let site = canned(move |_, _| answer.clone());
    let config = Config { url: site.url.clone(), gateway_url: Some(simulator.url()), ..bearer(&simulator) };
    let client = Client::new(config).unwrap();
    assert!(!run(client.spaces()).unwrap().rows.is_empty());
    assert!(!run(client.groups()).unwrap().rows.is_empty());
    assert_eq!(client.base_url(), site.url);
    let heads = site.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(heads[0].starts_with("GET /_edge/tenant_info "), "{heads:?}");
    let lower = heads[0].to_lowercase();
    assert!(!lower.contains("authorization") && !heads[0].contains(simulator.token()), "{heads:?}");
}

#[test]
fn an_id_that_is_none_leads_nowhere() {
    let simulator = simulator();
    for (body, asked_then) in [(r#"{"cloudId":"../../evil"}"#, 0), (r#"{"cloudId":null}"#, 1), ("{}", 1), ("[]", 1)] {
        let site = canned(move |_, _| json(body));
        let config =
            Config { url: site.url.clone(), gateway_url: Some(simulator.url()), max_retries: 0, ..bearer(&simulator) };
        run(Client::new(config).unwrap().spaces()).unwrap_err();
        // Where the host names no site of Cloud it may be a Data Center, which takes such a token itself.
        let heads = site.heads();
        assert!(heads.len() > asked_then, "{body}: {heads:?}");
        assert_eq!(heads.len() > 1, asked_then > 0, "{body}: {heads:?}");
    }
    assert!(simulator.requests().is_empty());
}

#[test]
fn the_gateway_is_never_in_the_clear_over_a_network() {
    let simulator = simulator();
    for (url, word) in [
        ("http://api.example.com", "in the clear"),
        ("https://user:s3cr3t@api.atlassian.com", "credentials"),
        ("https://api.atlassian.com/ex/confluence/1", "no origin"),
        ("nonsense", "no address"),
    ] {
        let config = Config {
            cloud_id: Some("1".to_owned()),
            gateway_url: Some(url.to_owned()),
            allow_http: true,
            ..bearer(&simulator)
        };
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
        let text = error.to_string();
        assert!(text.contains(word) && text.contains("gateway_url") && !text.contains("s3cr3t"), "{text}");
    }
}

#[test]
fn a_token_is_fetched_when_it_is_needed_and_again_when_it_has_ended() {
    let simulator = simulator();
    let (config, called) = rotating(&simulator, &[simulator.token(), "second-token", "third-token"]);
    let client = Client::new(config).unwrap();
    assert_eq!(called.load(Ordering::SeqCst), 0, "not before it is needed");
    assert!(whole(&snapshot(&client)));
    assert_eq!(called.load(Ordering::SeqCst), 1, "once for all requests");
    simulator.change_token("second-token");
    let read = snapshot(&client);
    assert!(whole(&read), "{:#?}", read.gaps);
    assert_eq!(called.load(Ordering::SeqCst), 2, "once for all that were refused");
    let refused = simulator.requests().iter().filter(|request| request.status == 401).count();
    assert!(refused > 1, "several were under way: {refused}");
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn the_same_token_again_is_no_new_one() {
    let simulator = simulator();
    let (config, called) = rotating(&simulator, &[simulator.token()]);
    let client = Client::new(config).unwrap();
    run(client.spaces()).unwrap();
    simulator.inject(Fault::status("/spaces", 401));
    for _ in 0..3 {
        assert_eq!(run(client.spaces()).unwrap_err().kind(), ErrorKind::Unauthorized);
        assert_eq!(called.load(Ordering::SeqCst), 2, "asked once whether there is another");
    }
    simulator.clear_faults();
    assert!(run(client.spaces()).is_ok());
}

#[test]
fn a_route_that_refuses_every_token_does_not_use_up_one_after_another() {
    let simulator = simulator();
    let tokens: Vec<String> = (0..50).map(|n| format!("token-{n}")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let open = Simulator::start(Options { pages: 40, require_auth: false, ..Options::default() }).unwrap();
    let (mut config, called) = rotating(&simulator, &tokens);
    config.url = open.url();
    let client = Client::new(config.clone()).unwrap();
    // As the gateway says that a token lacks a scope.
    let body = r#"{"code":401,"message":"Unauthorized; scope does not match"}"#;
    let refusal = Effect::Status { status: 401, retry_after: None, body: Some(body.to_owned()) };
    open.inject(Fault::on("membersByGroupId", refusal));
    let read = snapshot(&client);
    assert!(read.gaps.len() > 5);
    assert_eq!(called.load(Ordering::SeqCst), 1);
    // And where it says nothing about scopes: as many as may be under way at a time, not as many as there are groups.
    open.clear_faults();
    open.inject(Fault::status("membersByGroupId", 401));
    let (config, called) = rotating(&simulator, &tokens);
    let read = snapshot(&Client::new(Config { url: open.url(), max_concurrency: 1, ..config }).unwrap());
    assert!(read.gaps.len() > 5);
    assert!(called.load(Ordering::SeqCst) <= 4, "{}", called.load(Ordering::SeqCst));
}

#[derive(Debug)]
struct Away;

impl std::fmt::Display for Away {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the identity provider is away")
    }
}

impl std::error::Error for Away {}

#[test]
fn a_function_that_fails_ends_the_call_at_once_and_the_next_call_asks_it_again() {
    let simulator = simulator();
    let called = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&called);
    let token = simulator.token().to_owned();
    let source = TokenSource::new(move || match count.fetch_add(1, Ordering::SeqCst) {
        0 | 2 => Err(Box::new(Away)),
        _ => Ok(SecretString::from(token.clone())),
    });
    let config = Config { token: None, token_source: Some(source), ..bearer(&simulator) };
    let client = Client::new(config).unwrap();
    let taken = |client: &Client| run(client.fail_on_missing_token(client.snapshot(None, Arc::default())));
    let error = taken(&client).unwrap_err();
    assert_eq!((error.kind(), called.load(Ordering::SeqCst)), (ErrorKind::NoToken, 1));
    assert!(error.token_failure().is_some_and(|failure| failure.is::<Away>()));
    assert!(texts(&error).contains("identity provider is away"), "{error:?}");
    assert!(!error.to_string().contains("identity"), "its words are the cause's alone");
    assert!(whole(&taken(&client).unwrap()), "the call after it is a new one");
    // In the middle of a call the whole call ends, rather than with a part of the answer.
    simulator.change_token("another-token");
    let error = taken(&client).unwrap_err();
    assert_eq!((error.kind(), called.load(Ordering::SeqCst)), (ErrorKind::NoToken, 3));
}

#[test]
fn what_a_function_returns_is_judged_and_never_shown() {
    let simulator = simulator();
    for token in ["", "  ", "s3cr3t t0ken", "s3cr3t\n", "s3cr3tß"] {
        let (config, _) = rotating(&simulator, &[token]);
        let error = run(Client::new(config).unwrap().spaces()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{token:?}");
        let text = texts(&error);
        assert!(text.contains("function given as `token`") && !text.contains("s3cr3t"), "{text}");
    }
    let (config, _) = rotating(&simulator, &["s3cr3t-t0ken", "s3cr3t-t0ken-2"]);
    let echo = r#"{"message":"no s3cr3t-t0ken here, nor s3cr3t-t0ken-2"}"#;
    simulator.inject(Fault::on(
        "/user/current",
        Effect::Status { status: 401, retry_after: None, body: Some(echo.to_owned()) },
    ));
    let client = Client::new(config).unwrap();
    let error = run(client.spaces()).unwrap_err();
    let text = format!("{}\n{client:?}", texts(&error));
    assert!(text.contains("***") && !text.contains("s3cr3t"), "{text}");
}

#[test]
fn a_call_that_was_given_up_does_not_let_the_function_run_twice() {
    // However busy the machine is, no call ends before it is given up.
    let simulator = started(Options { latency: Duration::from_millis(300), ..Options::default() });
    let (config, called) = rotating(&simulator, &[simulator.token()]);
    let client = Client::new(config).unwrap();
    run(async {
        for _ in 0..5 {
            let gave_up = tokio::time::timeout(Duration::from_millis(2), client.spaces()).await;
            assert!(gave_up.is_err());
        }
        // What the call that was given up had asked for is used.
        assert!(!client.spaces().await.unwrap().rows.is_empty());
    });
    assert_eq!(called.load(Ordering::SeqCst), 1);
}

#[test]
fn a_function_stands_alone() {
    let simulator = simulator();
    let (config, _) = rotating(&simulator, &["t"]);
    for config in [
        Config { token: Some(SecretString::from("t")), ..config.clone() },
        Config { password: Some(SecretString::from("p")), ..config.clone() },
    ] {
        assert_eq!(Client::new(config).unwrap_err().kind(), ErrorKind::Configuration);
    }
    // Beside a username it gives API tokens.
    let (config, _) = rotating(&simulator, &[simulator.token()]);
    let config = Config { username: Some(simulator.username().to_owned()), ..config };
    assert!(!run(Client::new(config).unwrap().spaces()).unwrap().rows.is_empty());
    assert!(simulator.requests().iter().all(|request| !request.path.starts_with("/ex/")));
}
