//! Reading a site over real sockets: what goes wrong on the way, and what a snapshot asks.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use confluence_access::fetch::{Client, Config, Error, ErrorKind, WriteOptions};
use confluence_access::model::Deployment;

use crate::support::canned::{canned, head_of, http, json};
use crate::support::{run, texts};

/// The token of every test here: no text may ever show it.
const TOKEN: &str = "s3cr3t-t0ken-of-the-tests";

fn config(url: &str) -> Config {
    let mut config = Config::new(url).with_token("ann@acme.com", TOKEN);
    config.backoff = Duration::from_millis(5);
    config
}

/// Fails where a secret shows, in the plain or as it is sent.
fn keeps_the_secret(text: &str) {
    use base64::Engine as _;
    let sent = base64::engine::general_purpose::STANDARD.encode(format!("ann@acme.com:{TOKEN}"));
    assert!(!text.contains(TOKEN), "shows the token: {text}");
    assert!(!text.contains(&sent), "shows the header: {text}");
}

fn spaces_of(config: Config) -> (Result<usize, Error>, Duration) {
    let began = Instant::now();
    let result = run(async { Client::new(config)?.spaces().await.map(|spaces| spaces.rows.len()) });
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
fn a_host_nobody_knows_is_no_answer() {
    // How long a resolver looks for a name is its own affair.
    let error = spaces_of(config("https://no-such-site.invalid")).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer, "{error}");
    keeps_the_secret(&texts(&error));
}

#[test]
fn a_login_page_is_not_confluence() {
    let page = "<!DOCTYPE html><html><head><title>Log in</title></head></html>";
    let server = canned(move |_, _| http("200 OK", "text/html", "", page));
    let error = failure(config(&server.url));
    assert_eq!(error.kind(), ErrorKind::NotConfluence);
    assert!(error.to_string().contains("a web page titled `Log in` answered, not Confluence (200)"), "{error}");
}

#[test]
fn a_redirect_to_another_host_is_not_followed_and_its_query_is_not_shown() {
    let elsewhere = canned(|_, _| json("{}"));
    let to = format!("{}/login?dest=x&token={TOKEN}", elsewhere.url);
    let server = canned(move |_, _| http("302 Found", "text/plain", &format!("Location: {to}\r\n"), ""));
    let error = failure(config(&server.url));
    assert_eq!(error.kind(), ErrorKind::NotConfluence);
    let whole = elsewhere.url.trim_start_matches("http://");
    assert!(error.to_string().contains(&format!("{whole}/login`")), "{error}");
    assert!(!error.to_string().contains("dest="), "{error}");
    assert_eq!(elsewhere.asked(), 0, "credentials went elsewhere");
}

#[test]
fn a_redirect_within_the_site_is_followed_but_not_in_circles() {
    let server = canned(|_, head| {
        if head.contains("hop=1") {
            json(r#"{"results":[],"_links":{}}"#)
        } else {
            let location = format!("Location: /confluence{}&hop=1\r\n", head.split(' ').nth(1).unwrap());
            http("307 Temporary Redirect", "text/plain", &location, "")
        }
    });
    assert_eq!(spaces_of(config(&server.url)).0.unwrap(), 0);
    let circle = canned(|_, head| {
        let location = format!("Location: {}\r\n", head.split(' ').nth(1).unwrap());
        http("302 Found", "text/plain", &location, "")
    });
    let error = failure(config(&circle.url));
    assert!(error.kind() == ErrorKind::NotConfluence && error.to_string().contains("in a circle"), "{error}");
}

#[test]
fn a_redirect_to_another_question_is_not_taken_for_the_answer() {
    for location in [
        "/login.action",
        "/wiki/api/v2/spaces?limit=1",
        "/wiki/api/v2/pages?limit=250",
        // The same listing, further on.
        "/wiki/api/v2/spaces?limit=250&cursor=2",
        "/wiki/api/v2/spaces?limit=250&limit=1",
    ] {
        let server =
            canned(move |_, head| match ["limit=1 ", "/pages", "cursor="].iter().any(|it| head.contains(it)) {
                true => json(r#"{"results":[],"_links":{}}"#),
                false => http("302 Found", "text/plain", &format!("Location: {location}\r\n"), ""),
            });
        let error = failure(config(&server.url));
        assert!(error.kind() == ErrorKind::NotConfluence && error.to_string().contains("another question"), "{error}");
    }
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
    let client = Client::new(config(&server.url)).unwrap();
    let found = run(client.deployment()).unwrap();
    assert_eq!(found, Deployment::DataCenter);
    // Who asks is asked first, and there nobody answers.
    let error = failure(config(&server.url));
    assert_eq!(error.kind(), ErrorKind::NotConfluence);
    assert!(error.route().is_some_and(|route| route == "GET /rest/api/user/current"), "{error}");
    let error = run(client.assign_role("ENG", "group:eng", "Viewer", WriteOptions::default())).unwrap_err();
    assert!(error.to_string().contains("Cloud only"), "{error}");
    let mut config = config("https://acme.atlassian.net");
    config.deployment = Some(Deployment::DataCenter);
    assert!(Client::new(config).unwrap_err().to_string().contains("Confluence Cloud site"));
}

#[test]
fn a_login_blocked_by_failed_ones_says_what_to_do() {
    for (status, header) in [
        ("401 Unauthorized", "X-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=http://x/login.action"),
        ("403 Forbidden", "X-Seraph-LoginReason: AUTHENTICATION_DENIED"),
    ] {
        let server = canned(move |_, _| http(status, "application/json", &format!("{header}\r\n"), "{}"));
        let mut config = config(&server.url);
        config.deployment = Some(confluence_access::model::Deployment::DataCenter);
        let error = failure(config);
        assert!(error.to_string().contains("log in once in the browser"), "{status}: {error}");
        assert_eq!(server.asked(), 1, "asking again makes it worse");
    }
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

    use confluence_access::fetch::{ErrorKind, Progress};
    use confluence_access::model::{GapScope, RestrictionOperation, Snapshot, Subject};
    use confluence_access::simulator::{Effect, Fault, Options, Simulator};
    use serde_json::json;

    use crate::support::{client, client_of, run, simulated, taken, understood};

    fn company() -> Simulator {
        Simulator::start(Options { pages: 120, ..Options::default() }).unwrap()
    }

    #[test]
    fn a_snapshot_of_a_healthy_site_lacks_nothing_but_somebodys_draft() {
        let simulator = company();
        let client = client(&simulator);
        let progress = Arc::new(Progress::new());
        let snapshot = run(client.snapshot(None, Arc::clone(&progress))).unwrap();
        understood(&simulator);
        let drafts: Vec<_> = snapshot.gaps.iter().map(|g| (g.scope.as_str(), g.status)).collect();
        assert!(drafts.iter().all(|gap| *gap == ("content", Some(404))), "{:#?}", snapshot.gaps);
        let draft = &snapshot.gaps[0].subject;
        assert!(snapshot.gaps.iter().all(|g| g.subject == *draft));
        assert!(snapshot.contents.iter().any(|c| c.parent_id.as_ref() == Some(draft)));
        assert!(snapshot.contents.len() >= 100);
        assert!(!snapshot.restrictions.is_empty() && !snapshot.memberships.is_empty());
        assert_eq!(client.requests_sent(), simulator.requests().len() as u64);
        for stage in progress.stages() {
            assert_eq!(Some(stage.done), stage.total, "{stage:?}");
            assert!(stage.done > 0, "{stage:?}");
        }
        let again = taken(&client, None).unwrap();
        assert_eq!(again, Snapshot { taken_at: again.taken_at, ..snapshot }, "the order depends on the network");
    }

    /// One space, `pages` pages on `levels` levels, every tenth restricted.
    fn one_space(pages: usize, levels: usize) -> serde_json::Value {
        let mut contents = serde_json::Map::new();
        let mut restrictions = serde_json::Map::new();
        for n in 0..pages {
            let id = (1000 + n).to_string();
            let mut page = json!({"type": "page", "space": "ENG", "title": format!("Page {n}")});
            if n > 0 {
                // Filled level by level, a fifth of all on each.
                let per_level = (pages / levels).max(1);
                let level = n / per_level;
                let above = if level == 0 { 0 } else { (level - 1) * per_level + n % per_level };
                page["parent"] = json!((1000 + above).to_string());
            }
            if n % 10 == 3 {
                restrictions.insert(id.clone(), json!({"read": ["group:eng"], "update": ["user:ann"]}));
            }
            contents.insert(id, page);
        }
        json!({
            "users": {"ann": {"product_admin": true}, "bob": {}},
            "groups": {"eng": {"members": ["user:ann", "user:bob"]}},
            "spaces": {"ENG": {"type": "global", "homepage": "1000", "grants": {"group:eng": ["view", "create_page"]}}},
            "contents": contents,
            "restrictions": restrictions,
            "caller": "ann",
        })
    }

    fn site(value: serde_json::Value) -> Simulator {
        simulated(value, |_| {})
    }

    #[test]
    fn five_hundred_pages_take_few_requests() {
        let simulator = site(one_space(500, 5));
        let client = client(&simulator);
        let snapshot = taken(&client, Some(&["ENG"])).unwrap();
        understood(&simulator);
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        assert_eq!(snapshot.contents.len(), 500);
        assert_eq!(snapshot.restrictions.len(), 100);
        let routes = client.requests_by_route();
        for request in simulator.requests() {
            println!("{} {} {:?}", request.method, request.path, request.query);
        }
        println!("{routes:#?}");
        // ceil(500 / 200) for pages and blog posts, and one that looks for other nodes.
        assert!(routes["GET /wiki/rest/api/content/search"] <= 4, "{routes:#?}");
        assert_eq!(routes["GET /wiki/api/v2/pages"], 2);
        assert_eq!(routes.get("GET /wiki/rest/api/content/{id}/restriction"), None);
        let listing = 2;
        let search = 3;
        let constant = client.requests_sent() - listing - search;
        assert!(constant <= 14, "{constant} requests beside the listings: {routes:#?}");
    }

    #[test]
    fn a_company_of_ten_thousand_pages_takes_a_few_hundred_requests() {
        let options = Options { pages: 10_000, spaces: 100, users: 5_000, groups: 300, ..Options::default() };
        let simulator = Simulator::start(options).unwrap();
        let client = client(&simulator);
        let snapshot = taken(&client, None).unwrap();
        understood(&simulator);
        println!("{} requests: {:#?}", client.requests_sent(), client.requests_by_route());
        assert!(snapshot.contents.len() > 9_000 && snapshot.groups.len() >= 300);
        assert!(snapshot.groups.iter().all(|group| group.members_complete), "members of every group are read");
        // One per group and two per space are most of it; 24 are later pages of the group everybody is in.
        assert!(client.requests_sent() <= 700, "{}", client.requests_sent());
    }

    #[test]
    fn restrictions_of_a_thousand_pages_do_not_cost_a_thousand_requests() {
        let few = {
            let simulator = site(one_space(10, 2));
            let client = client(&simulator);
            taken(&client, None).unwrap();
            client.requests_sent()
        };
        let simulator = site(one_space(1000, 5));
        let client = client(&simulator);
        taken(&client, None).unwrap();
        assert!(client.requests_sent() <= few + 3 + 4, "{} against {few}", client.requests_sent());
    }

    #[test]
    fn short_pages_empty_pages_and_foreign_links_do_not_change_the_answer() {
        let plain = {
            let simulator = site(one_space(60, 4));
            taken(&client(&simulator), None).unwrap()
        };
        let faults: Vec<(&str, Vec<Fault>)> = vec![
            (
                "short",
                vec![
                    Fault::on("/api/v2/pages", Effect::ShortPage(7)),
                    Fault::on("content/search", Effect::ShortPage(9)),
                ],
            ),
            (
                "empty",
                vec![
                    Fault::on("/api/v2/pages", Effect::EmptyPage).skip(1).times(3),
                    Fault::on("/api/v2/pages", Effect::ShortPage(20)),
                    Fault::on("content/search", Effect::EmptyPage).times(2),
                ],
            ),
            ("foreign", vec![Fault::on("", Effect::ForeignNext("https://evil.example".into()))]),
        ];
        for (name, faults) in faults {
            let simulator = simulated(one_space(60, 4), |o| {
                o.faults = faults;
                o.page_cap = Some(25);
            });
            let snapshot = taken(&client(&simulator), None).unwrap();
            understood(&simulator);
            assert_eq!(snapshot.gaps, [], "{name}");
            assert_eq!(
                snapshot.contents,
                plain
                    .contents
                    .iter()
                    .cloned()
                    .map(|mut c| {
                        // Addresses hold the port.
                        c.url = snapshot.contents.iter().find(|o| o.id == c.id).and_then(|o| o.url.clone());
                        c
                    })
                    .collect::<Vec<_>>(),
                "{name}"
            );
            assert_eq!(snapshot.restrictions, plain.restrictions, "{name}");
        }
    }

    #[test]
    fn a_listing_that_goes_in_circles_ends_with_a_gap() {
        let simulator = simulated(one_space(60, 4), |o| {
            o.page_cap = Some(20);
            o.faults = vec![Fault::on("/pages?", Effect::LoopingNext).skip(1)];
        });
        let snapshot = taken(&client(&simulator), None).unwrap();
        let gap = snapshot.gaps.iter().find(|g| g.cause.as_str() == "loop").unwrap();
        assert_eq!((gap.scope.clone(), gap.subject.as_str()), (GapScope::Space, "ENG"));
        // What the listing did not bring, the search did.
        assert_eq!(snapshot.contents.len(), 60);
        assert!(simulator.requests().len() < 40, "{}", simulator.requests().len());
    }

    #[test]
    fn pages_without_end_and_without_rows_are_given_up() {
        let simulator =
            simulated(one_space(10, 2), |o| o.faults = vec![Fault::on("/api/v2/spaces/", Effect::EmptyPage)]);
        let snapshot = taken(&client(&simulator), None).unwrap();
        let gap = snapshot.gaps.iter().find(|g| g.cause.as_str() == "too_many_empty_pages").unwrap();
        assert_eq!((gap.scope.clone(), gap.subject.as_str()), (GapScope::SpacePermissions, "ENG"));
    }

    #[test]
    fn too_many_requests_are_waited_for_as_asked() {
        for (retry_after, at_least) in [(Some("1"), 900), (None, 0)] {
            let mut fault = Fault::status("/api/v2/spaces", 429).times(2);
            if let Some(value) = retry_after {
                fault = fault.retry_after(value);
            }
            let simulator = simulated(one_space(10, 2), |o| o.faults = vec![fault]);
            let client = client(&simulator);
            let began = Instant::now();
            let spaces = run(client.spaces()).unwrap();
            assert_eq!((spaces.rows.len(), spaces.gaps.len()), (1, 0));
            assert!(began.elapsed() >= Duration::from_millis(at_least), "{:?}", began.elapsed());
            assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        }
    }

    #[test]
    fn a_wait_longer_than_the_call_may_take_is_an_error_at_once() {
        let fault = Fault::status("/api/v2/spaces", 429).retry_after("3600");
        let simulator = simulated(one_space(10, 2), |o| o.faults = vec![fault]);
        let client = client(&simulator);
        let began = Instant::now();
        let error = run(client.spaces()).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(1));
        assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        let sent = client.requests_sent();
        assert_eq!(run(client.spaces()).unwrap_err().kind(), ErrorKind::RateLimited);
        assert_eq!(client.requests_sent(), sent, "the route is left alone");
    }

    #[test]
    fn a_server_that_fails_in_passing_leaves_no_trace() {
        for status in [500, 502, 503, 504] {
            let simulator =
                simulated(one_space(30, 3), |o| o.faults = vec![Fault::status("", status).skip(2).times(3)]);
            let snapshot = taken(&client(&simulator), None).unwrap();
            assert!(snapshot.complete(), "{status}: {:#?}", snapshot.gaps);
        }
    }

    #[test]
    fn where_the_search_fails_every_content_is_asked_for_itself() {
        for status in [400, 403, 500] {
            let fault = Fault::status("content/search", status);
            let simulator = simulated(one_space(30, 3), |o| o.faults = vec![fault]);
            let snapshot = taken(&client(&simulator), None).unwrap();
            // A site that does not know the search has no such nodes; where it failed, some may be missing.
            assert_eq!(snapshot.complete(), status == 400, "{status}: {:#?}", snapshot.gaps);
            assert!(snapshot.gaps.iter().all(|gap| gap.scope == GapScope::Space && gap.status == Some(status)));
            assert!(snapshot.gaps.iter().all(|gap| gap.message.contains("folders, whiteboards")));
            assert_eq!(snapshot.restrictions.len(), 6);
            let singly = simulator.requests().iter().filter(|r| r.path.ends_with("/restriction")).count();
            assert_eq!(singly, 30);
        }
    }

    #[test]
    fn a_search_the_server_cannot_cope_with_is_made_smaller_and_goes_on_in_its_place() {
        let simulator = simulated(one_space(400, 4), |o| {
            o.faults = vec![
                Fault::status("restrictions.group&limit=200", 504),
                Fault::status("restrictions.group&limit=100", 504).skip(1),
            ];
        });
        let client = client(&simulator);
        let snapshot = taken(&client, None).unwrap();
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        assert_eq!(client.requests_by_route().get("GET /wiki/rest/api/content/{id}/restriction"), None);
    }

    #[test]
    fn one_restriction_that_is_refused_is_one_gap() {
        for (status, cause) in [(403, "forbidden"), (404, "contradicted"), (500, "server_error")] {
            let mut value = one_space(20, 3);
            value["unreadable"] = json!({"1005": status.to_string()});
            let simulator = site(value);
            let snapshot = taken(&client(&simulator), None).unwrap();
            let [gap] = snapshot.gaps.as_slice() else { panic!("{:#?}", snapshot.gaps) };
            assert_eq!(
                (gap.scope.clone(), gap.subject.as_str(), gap.cause.as_str()),
                (GapScope::Content, "1005", cause)
            );
            assert_eq!(gap.status, Some(status));
            assert!(snapshot.contents.iter().any(|c| c.id == "1005"));
        }
    }

    #[test]
    fn whatever_fails_after_the_spaces_is_a_gap_of_its_own_scope() {
        for (path, scope, subject) in [
            ("/permissions", GapScope::SpacePermissions, "ENG"),
            ("/api/v2/pages", GapScope::Space, "ENG"),
            ("/api/v2/blogposts", GapScope::Space, "ENG"),
            ("/membersByGroupId", GapScope::Group, "eng"),
            ("/rest/api/group?", GapScope::Site, "groups"),
            ("/space-role", GapScope::Site, "role_mode"),
            ("/users-bulk", GapScope::User, "ann"),
        ] {
            for effect in [Effect::LoginPage, Effect::Body("{\"results\": 7}".into()), Effect::Truncated] {
                let name = format!("{path} {effect:?}");
                let simulator = simulated(one_space(20, 3), |o| o.faults = vec![Fault::on(path, effect)]);
                let snapshot = taken(&client(&simulator), None).unwrap();
                assert!(
                    snapshot.gaps.iter().any(|g| g.scope == scope && g.subject == subject),
                    "{name}: {:#?}",
                    snapshot.gaps
                );
            }
        }
    }

    #[test]
    fn a_noun_that_cannot_be_read_at_all_is_an_error() {
        for (status, kind) in [(403, ErrorKind::Forbidden), (404, ErrorKind::NotFound), (410, ErrorKind::Gone)] {
            let simulator = simulated(one_space(10, 2), |o| {
                o.faults = ["/permissions", "/api/v2/pages", "/users-bulk", "/rest/api/group", "/restriction"]
                    .map(|path| Fault::status(path, status))
                    .to_vec();
            });
            let client = client(&simulator);
            run(async {
                assert_eq!(client.space_permissions("ENG").await.unwrap_err().kind(), kind);
                assert_eq!(client.contents("ENG").await.unwrap_err().kind(), kind);
                assert_eq!(client.users(&["ann".to_owned()]).await.unwrap_err().kind(), kind);
                assert_eq!(client.groups().await.unwrap_err().kind(), kind);
                assert_eq!(client.members("eng").await.unwrap_err().kind(), kind);
                let error = client.restrictions("1001").await.unwrap_err();
                assert_eq!((error.kind(), error.status(), error.attempts()), (kind, Some(status), 1));
                assert!(error.route().is_some_and(|r| r.ends_with("/content/1001/restriction")), "{error}");
            });
        }
    }

    #[test]
    fn an_answer_that_breaks_off_once_is_asked_for_again() {
        for effect in [Effect::Truncated, Effect::Drop, Effect::DropMidBody] {
            let name = format!("{effect:?}");
            let simulator = simulated(one_space(20, 3), |o| o.faults = vec![Fault::on("/api/v2/pages", effect).once()]);
            let snapshot = taken(&client(&simulator), None).unwrap();
            assert!(snapshot.complete(), "{name}: {:#?}", snapshot.gaps);
        }
    }

    #[test]
    fn a_page_that_fails_in_the_middle_keeps_what_came_before() {
        let simulator = simulated(one_space(60, 3), |o| {
            o.page_cap = Some(20);
            o.faults = vec![Fault::status("/api/v2/pages", 403).skip(2), Fault::status("content/search", 400)];
        });
        let snapshot = taken(&client(&simulator), None).unwrap();
        assert_eq!(snapshot.contents.len(), 40);
        let gap = snapshot.gaps.iter().find(|g| g.scope == GapScope::Space).unwrap();
        assert_eq!((gap.subject.as_str(), gap.cause.as_str(), gap.status), ("ENG", "forbidden", Some(403)));
    }

    #[test]
    fn a_cursor_that_grew_too_old_is_begun_anew() {
        let simulator = simulated(one_space(60, 3), |o| {
            o.page_cap = Some(20);
            o.faults = vec![Fault::status("cursor=", 400).once()];
        });
        let snapshot = taken(&client(&simulator), None).unwrap();
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        assert_eq!(snapshot.contents.len(), 60);
    }

    #[test]
    fn silence_ends_with_a_timeout() {
        let simulator =
            simulated(one_space(10, 2), |o| o.faults = vec![Fault::stall("/api/v2/spaces", Duration::from_secs(60))]);
        let client = client_of(&simulator, |c| c.timeout = Duration::from_millis(200));
        let began = Instant::now();
        let error = run(client.spaces()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(error.to_string().contains("`timeout`"), "{error}");
        assert!(began.elapsed() < Duration::from_millis(1400), "{:?}", began.elapsed());
        let client = client_of(&simulator, |c| c.deadline = Duration::from_millis(300));
        let began = Instant::now();
        let error = run(client.spaces()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }

    #[test]
    fn dropping_a_call_stops_everything_it_started() {
        let simulator = simulated(one_space(300, 3), |o| {
            o.latency = Duration::from_millis(30);
            o.faults = vec![Fault::status("content/search", 403)];
        });
        let client = client(&simulator);
        run(async {
            let call = client.snapshot(None, Arc::new(Progress::new()));
            assert!(tokio::time::timeout(Duration::from_millis(300), call).await.is_err());
            tokio::time::sleep(Duration::from_millis(100)).await;
            let sent = client.requests_sent();
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(client.requests_sent(), sent, "something goes on after the call was dropped");
            // The turns it held were given back.
            assert_eq!(client.spaces().await.unwrap().rows.len(), 1);
        });
    }

    #[test]
    fn a_call_can_be_moved_to_another_thread() {
        fn is_send<T: Send>(value: T) -> T {
            value
        }
        let simulator = site(one_space(10, 2));
        let client = client(&simulator);
        drop(is_send(client.snapshot(None, Arc::new(Progress::new()))));
        drop(is_send(client.contents("ENG")));
        drop(is_send(client.members("eng")));
        drop(is_send(client.server()));
        drop(is_send(client.restrictions("1")));
        drop(is_send(client.space_permissions("ENG")));
    }

    #[test]
    fn a_closed_client_says_so() {
        let simulator = simulated(one_space(10, 2), |o| o.latency = Duration::from_millis(200));
        let client = client(&simulator);
        let other = client.clone();
        let error = run(async {
            let call = tokio::spawn(async move { other.snapshot(None, Arc::new(Progress::new())).await });
            tokio::time::sleep(Duration::from_millis(100)).await;
            client.close();
            call.await.unwrap().unwrap_err()
        });
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert_eq!(run(client.spaces()).unwrap_err().kind(), ErrorKind::Closed);
    }

    #[test]
    fn no_more_requests_are_under_way_than_allowed() {
        let simulator = simulated(one_space(60, 3), |o| {
            o.latency = Duration::from_millis(10);
            o.faults = vec![Fault::status("content/search", 403)];
        });
        taken(&client_of(&simulator, |c| c.max_concurrency = 3), None).unwrap();
        assert_eq!(simulator.max_in_flight(), 3);
    }

    #[test]
    fn a_space_nobody_knows_is_an_error_that_names_it() {
        let simulator = company();
        let client = client(&simulator);
        let error = taken(&client, Some(&["NOPE", "ENG", "NADA"])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("`NADA`, `NOPE`"), "{error}");
        assert!(!error.to_string().contains("`ENG`"), "{error}");
        let error = run(client.contents("NOPE")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_space_is_found_by_key_in_any_case_and_by_id() {
        let simulator = site(one_space(10, 2));
        let client = client(&simulator);
        let space = run(client.spaces()).unwrap().rows.remove(0);
        for name in ["ENG", "eng", &space.id] {
            assert_eq!(run(client.contents(name)).unwrap().rows.len(), 10, "{name}");
        }
        understood(&simulator);
    }

    #[test]
    fn the_nouns_answer_for_themselves() {
        let mut value = one_space(20, 3);
        value["contents"]["9001"] = json!({"type": "folder", "space": "ENG", "parent": "1000"});
        value["contents"]["9002"] = json!({"type": "page", "space": "ENG", "parent": "9001"});
        value["contents"]["9003"] = json!({"type": "whiteboard", "space": "ENG", "parent": "9001"});
        value["restrictions"]["9003"] = json!({"read": ["user:ann", "user:gone"]});
        let simulator = site(value);
        let client = client(&simulator);
        run(async {
            let server = client.server().await.unwrap();
            assert_eq!(server.account_id.as_deref(), Some("ann"));
            assert_eq!(server.admin, Some(true));
            assert!(!server.notes.is_empty());
            let contents = client.contents("ENG").await.unwrap();
            assert_eq!((contents.rows.len(), contents.gaps.len()), (23, 0), "{:#?}", contents.gaps);
            let folder = contents.rows.iter().find(|c| c.id == "9001").unwrap();
            assert_eq!((folder.kind.as_str(), folder.parent_id.as_deref()), ("folder", Some("1000")));
            let permissions = client.space_permissions("ENG").await.unwrap();
            assert!(permissions.rows.iter().all(|p| p.subject == Subject::group("eng")), "{:#?}", permissions.rows);
            let restrictions = client.restrictions("1003").await.unwrap();
            let lists: Vec<_> = restrictions.rows.iter().map(|r| (r.operation, r.subject.to_string())).collect();
            let expected = [
                (RestrictionOperation::View, "group:eng".to_owned()),
                (RestrictionOperation::Edit, "user:ann".to_owned()),
            ];
            assert_eq!(lists, expected);
            assert_eq!(client.restrictions("77").await.unwrap_err().kind(), ErrorKind::NotFound);
            let groups = client.groups().await.unwrap();
            assert_eq!(groups.rows.len(), 1);
            let users = client.users(&["ann".into(), "nobody".into()]).await.unwrap();
            assert_eq!(users.rows.iter().map(|u| u.id.as_str()).collect::<Vec<_>>(), ["ann"]);
            let snapshot = client.snapshot(None, Arc::new(Progress::new())).await.unwrap();
            assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
            assert!(snapshot.restrictions.iter().any(|r| r.content_id == "9003" && r.subject == Subject::user("gone")));
            assert!(!snapshot.users.iter().any(|u| u.id == "gone"), "somebody who is gone is nobody's account");
        });
        understood(&simulator);
    }

    #[test]
    fn long_lists_of_subjects_are_read_to_their_end() {
        let mut value = one_space(5, 2);
        let mut everybody: Vec<String> = (0..249).map(|n| format!("user:u{n:03}")).collect();
        everybody.push("user:ann".to_owned());
        for n in 0..249 {
            value["users"][format!("u{n:03}")] = json!({});
        }
        value["restrictions"]["1001"] = json!({"read": everybody, "update": ["user:ann"]});
        let simulator = site(value);
        let client = client(&simulator);
        let single = run(client.restrictions("1001")).unwrap();
        assert_eq!((single.rows.len(), single.gaps.len()), (251, 0));
        let snapshot = taken(&client, None).unwrap();
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        assert_eq!(snapshot.restrictions.iter().filter(|r| r.content_id == "1001").count(), 251);
        understood(&simulator);
    }

    #[test]
    fn members_are_asked_for_by_id_or_name_and_an_ambiguous_name_lists_the_candidates() {
        let mut value = one_space(5, 2);
        value["groups"] = json!({
            "g-1": {"name": "Team", "members": ["user:ann"]},
            "g-2": {"name": "Team", "members": ["user:bob"]},
            "g-3": {"name": "Écrivains & Co/1", "members": ["user:ann", "user:bob"]},
            "eng": {"members": ["user:ann", "user:bob"]},
        });
        let simulator = site(value);
        let client = client(&simulator);
        run(async {
            assert_eq!(client.members("g-2").await.unwrap().memberships.len(), 1);
            let found = client.members("écrivains & co/1").await.unwrap();
            assert_eq!((found.group.id.as_str(), found.memberships.len()), ("g-3", 2));
            assert!(found.group.members_complete);
            let error = client.members("Team").await.unwrap_err();
            assert_eq!((error.kind(), error.candidates().len()), (ErrorKind::Ambiguous, 2));
            assert!(error.to_string().contains("g-1") && error.to_string().contains("g-2"), "{error}");
            let error = client.members("tea").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(error.to_string().contains("did you mean `Team`"), "{error}");
        });
    }

    #[test]
    fn a_folder_that_cannot_be_read_keeps_its_place_in_the_chain() {
        let mut value = one_space(5, 2);
        value["contents"]["9001"] = json!({"type": "folder", "space": "ENG", "parent": "1003"});
        value["contents"]["9002"] = json!({"type": "page", "space": "ENG", "parent": "9001"});
        let simulator = simulated(value, |o| {
            o.faults = vec![Fault::status("/folders/9001", 403), Fault::status("folder", 400)];
        });
        let snapshot = taken(&client(&simulator), None).unwrap();
        let folder = snapshot.contents.iter().find(|c| c.id == "9001").unwrap();
        assert_eq!((folder.kind.as_str(), folder.parent_id.as_deref()), ("folder", Some("1003")));
        // Its restrictions came by another route, so nothing that matters is missing.
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        let mut value = one_space(5, 2);
        value["contents"]["9001"] = json!({"type": "folder", "space": "ENG", "parent": "1003"});
        value["contents"]["9002"] = json!({"type": "page", "space": "ENG", "parent": "9001"});
        value["unreadable"] = json!({"9001": "403"});
        let simulator = site(value);
        let snapshot = taken(&client(&simulator), None).unwrap();
        assert!(snapshot.gaps.iter().any(|g| g.scope == GapScope::Content && g.subject == "9001"));
    }

    #[test]
    fn archived_spaces_and_archived_pages_are_filled_in_singly() {
        let mut value = one_space(5, 2);
        value["spaces"]["OLD"] = json!({"type": "global", "archived": true, "grants": {"group:eng": ["view"]}});
        value["contents"]["501"] = json!({"type": "page", "space": "OLD"});
        value["contents"]["502"] = json!({"type": "page", "space": "ENG", "status": "archived"});
        value["restrictions"]["501"] = json!({"read": ["user:ann"]});
        value["restrictions"]["502"] = json!({"read": ["user:ann"]});
        let simulator = site(value);
        let client = client(&simulator);
        let snapshot = taken(&client, None).unwrap();
        assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
        for id in ["501", "502"] {
            assert!(snapshot.restrictions.iter().any(|r| r.content_id == id), "{id}");
        }
        assert_eq!(client.requests_by_route()["GET /wiki/rest/api/content/{id}/restriction"], 2);
        understood(&simulator);
    }

    #[test]
    fn whether_anonymous_may_use_the_site_is_asked_only_where_a_space_is_open_to_them() {
        for (open, enabled, refused, expected) in [
            (false, true, false, None),
            (true, true, false, Some(true)),
            (true, false, false, Some(false)),
            (true, true, true, None),
            (true, false, true, None),
        ] {
            let mut value = one_space(5, 2);
            value["anonymous_enabled"] = json!(enabled);
            if open {
                value["spaces"]["ENG"]["grants"]["anonymous"] = json!(["view"]);
            }
            let simulator = simulated(value, |o| {
                if refused {
                    o.faults = vec![Fault::status("permission/check", 403)];
                }
            });
            let snapshot = taken(&client(&simulator), None).unwrap();
            let name = format!("open {open}, enabled {enabled}, refused {refused}");
            assert_eq!(snapshot.site.anonymous_enabled, expected, "{name}: {:#?}", snapshot.gaps);
            let gap = snapshot.gaps.iter().any(|g| g.scope == GapScope::Site && g.subject == "anonymous");
            assert_eq!(gap, refused, "{name}: what was asked and not answered is a gap");
            let asked = simulator.requests().iter().any(|r| r.path.ends_with("/permission/check"));
            assert_eq!(asked, open, "{name}");
        }
    }

    #[test]
    fn a_token_that_is_not_accepted_is_an_error_and_never_shown() {
        let simulator = company();
        let client = client_of(&simulator, |c| c.token = Some(super::TOKEN.into()));
        let error = taken(&client, None).unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
        super::keeps_the_secret(&crate::support::texts(&error));
    }

    #[test]
    fn a_server_that_goes_away_in_the_middle_is_not_asked_for_every_page() {
        let simulator = simulated(one_space(300, 3), |o| {
            o.faults = vec![Fault::status("content/search", 403), Fault::on("/restriction", Effect::Drop)];
        });
        let began = Instant::now();
        let client = client(&simulator);
        let snapshot = taken(&client, None).unwrap();
        assert!(client.requests_sent() < 150, "{}", client.requests_sent());
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        let unread: std::collections::BTreeSet<_> =
            snapshot.gaps.iter().filter(|g| g.scope == GapScope::Content).map(|g| &g.subject).collect();
        assert_eq!(unread.len(), 300, "each is a gap of its own");
    }
}

mod golden_sites_over_http {
    use std::sync::Arc;
    use std::time::Duration;

    use confluence_access::fetch::SnapshotOptions;
    use confluence_access::model::{Deployment, Snapshot, Switch};
    use confluence_access::resolve::Access;
    use serde_json::Value;

    use crate::scenarios::compare;
    use crate::support::{client_of, run, simulated, understood};

    /// The site as it is read over HTTP, and the switches a user would have set for it.
    fn read(site: &Value) -> Access {
        let described = Snapshot::from_plain(site.clone(), Deployment::Cloud).unwrap();
        let simulator = simulated(site.clone(), |_| {});
        // A server that does not answer for its content is waited for.
        let client = client_of(&simulator, |c| c.timeout = Duration::from_millis(500));
        let options = SnapshotOptions { public_links: true, ..SnapshotOptions::default() };
        let mut snapshot = run(client.snapshot_with(options, Arc::default())).unwrap();
        understood(&simulator);
        snapshot.site.policy = described.site.policy;
        // No route tells whether the site ends anonymous grants.
        if described.site.anonymous_enforced == Some(true) {
            snapshot.site.policy.insert("assume_anonymous_enforced".to_owned(), Switch::Flag(true));
        }
        Access::new(Arc::new(snapshot), None)
    }

    #[test]
    fn golden_sites_read_over_http_are_answered_as_written() {
        let mut outcome = compare("cloud", read);
        // No route tells whose admin key is active, so what it opens is missing; standing access is as written.
        let different = outcome.remove("different").unwrap_or_default();
        assert!(different.iter().all(|line| line.starts_with("75 ")), "{different:#?}");
        assert_eq!(different.len(), 2);
        // Drafts, the trash, comments and attachments, and what folders hide are not listed.
        let less = outcome.remove("less known").unwrap_or_default();
        assert!(less.len() <= 24, "{less:#?}");
        assert!(outcome.remove("as written").is_some_and(|lines| lines.len() >= 240));
    }
}
