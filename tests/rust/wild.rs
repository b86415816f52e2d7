//! Servers as they are met in the wild, each reduced to a small site and one fault, on both deployments where it can happen.

use std::time::{Duration, Instant};

use confluence_access::fetch::{AuditRange, Client, Config, Error, ErrorKind, WriteOptions};
use confluence_access::model::{Deployment, Gap, WriteResult};
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use serde_json::{Value, json};

use crate::support::{self, BOTH, run, started};

/// Two spaces, one of them personal, two groups, and a page that is restricted.
fn site() -> Value {
    json!({
        "users": {
            "ann": {"name": "ann", "display_name": "Ann", "email": "ann@example.org"},
            "bob": {"name": "bob", "display_name": "Bob", "email": "bob@example.org"},
        },
        "groups": {
            "admin": {"name": "admin", "members": ["user:ann", "user:bob"]},
            "eng": {"name": "eng", "members": ["user:bob"]},
        },
        "spaces": {
            "~admin": {"name": "Space of an administrator", "grants": {"group:admin": ["view", "create_page"]}},
            "ENG": {"name": "Engineering", "grants": {"group:eng": ["view", "create_page"]}},
        },
        "contents": {
            "1001": {"type": "page", "space": "~admin", "title": "Home"},
            "1002": {"type": "page", "space": "~admin", "title": "Plans", "parent": "1001"},
            "2001": {"type": "page", "space": "ENG", "title": "Engines"},
        },
        "restrictions": {"1002": {"read": ["group:admin"]}},
    })
}

fn simulator(deployment: Deployment, change: impl FnOnce(&mut Options)) -> Simulator {
    let mut options = Options { deployment, site: Some(site()), ..Options::default() };
    change(&mut options);
    started(options)
}

/// By username: with a token on Cloud, with a password on Data Center.
fn config(simulator: &Simulator, deployment: Deployment) -> Config {
    let mut config = support::config(simulator);
    if deployment == Deployment::DataCenter {
        config.token = None;
        config.username = Some(simulator.username().to_owned());
        config.password = Some(simulator.password().to_owned().into());
    }
    config.deployment = Some(deployment);
    config
}

fn client(simulator: &Simulator, deployment: Deployment) -> Client {
    Client::new(config(simulator, deployment)).unwrap()
}

/// What every question comes to, by its name: rows and gaps as text, or the error. A gap without the words for people.
fn everything(client: &Client) -> Vec<(&'static str, Result<String, Error>)> {
    fn told<T: std::fmt::Debug>(rows: &[T], gaps: &[Gap]) -> String {
        let mut gaps: Vec<String> =
            gaps.iter().map(|g| format!("{:?} {} {} {:?}", g.scope, g.subject, g.cause.as_str(), g.status)).collect();
        gaps.sort();
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        format!("{rows:#?}\n{gaps:#?}")
    }
    // Messages are for people.
    let plain = |rows: Vec<WriteResult>| -> Vec<WriteResult> {
        rows.into_iter().map(|row| WriteResult { message: None, ..row }).collect()
    };
    let (range, rehearsal) = (AuditRange::default(), WriteOptions { dry_run: true, ..WriteOptions::default() });
    let one = |text: &str| vec![text.to_owned()];
    run(async {
        vec![
            ("spaces", client.spaces().await.map(|l| told(&l.rows, &l.gaps))),
            ("contents", client.contents("~admin").await.map(|l| told(&l.rows, &l.gaps))),
            ("space_permissions", client.space_permissions("~admin").await.map(|l| told(&l.rows, &l.gaps))),
            ("restrictions", client.restrictions("1002").await.map(|l| told(&l.rows, &l.gaps))),
            ("space_of", client.space_of("1002").await),
            ("groups", client.groups().await.map(|l| told(&l.rows, &l.gaps))),
            ("members", client.members("admin").await.map(|l| told(&l.memberships, &l.gaps))),
            ("users", client.users(&one("ann")).await.map(|l| told(&l.rows, &l.gaps))),
            ("find_user", client.find_user("bob").await.map(|user| told(&[user], &[]))),
            ("audit", client.audit(&range).await.map(|l| l.gaps.len().to_string())),
            ("names", client.names(Some("ENG"), None).await.map(|s| told(&s.spaces, &s.gaps))),
            ("check", client.check("1002", "user:ann", "view").await.map(|row| told(&[row], &[]))),
            (
                "grant",
                client.grant("ENG", "group:admin", &one("view"), rehearsal).await.map(|rows| told(&plain(rows), &[])),
            ),
            ("restrict", {
                let subjects = one("group:admin");
                client.restrict(&one("1002"), "view", &subjects, rehearsal).await.map(|rows| told(&plain(rows), &[]))
            }),
            ("snapshot", {
                let read = client.snapshot(None, Default::default()).await;
                read.map(|s| {
                    let mut text = told(&s.space_permissions, &s.gaps);
                    text.push_str(&told(&s.contents, &[]));
                    text.push_str(&told(&s.restrictions, &[]));
                    text.push_str(&told(&s.memberships, &[]));
                    text
                })
            }),
        ]
    })
}

/// Who a token belongs to that is not accepted and served all the same, on both deployments.
const ANONYMOUS: &str = r#"{"type":"anonymous","displayName":"Anonymous","_links":{}}"#;

#[test]
fn a_token_served_as_anonymous_is_an_error_of_every_call() {
    for deployment in BOTH {
        let who = Fault::on("user/current", Effect::Body(ANONYMOUS.to_owned()));
        let header =
            |word: &str| Fault::on("", Effect::Headers(vec![("X-Seraph-LoginReason".to_owned(), word.to_owned())]));
        for fault in [who, header("AUTHENTICATED_FAILED"), header("AUTHENTICATION_DENIED")] {
            let simulator = simulator(deployment, |options| options.faults = vec![fault]);
            for (name, told) in everything(&client(&simulator, deployment)) {
                let error = told.expect_err(name);
                assert_eq!(error.kind(), ErrorKind::Unauthorized, "{deployment:?} {name}: {error}");
                let text = error.to_string();
                assert!(text.contains("as if nobody had logged in") || text.contains("login is blocked"), "{text}");
            }
            assert!(simulator.requests().iter().all(|r| r.method == "GET"), "nothing was written");
        }
    }
}

#[test]
fn a_token_that_ends_on_the_way_ends_a_snapshot() {
    for deployment in BOTH {
        let headers = vec![("x-seraph-loginreason".to_owned(), "AUTHENTICATED_FAILED".to_owned())];
        let late = Fault::on("/permission", Effect::Headers(headers.clone()));
        let ended = simulator(deployment, |options| options.faults = vec![late]);
        let error = run(client(&ended, deployment).snapshot(None, Default::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{deployment:?}: {error}");
        assert!(error.route().is_some_and(|route| route.contains("/permission")), "{error}");
        let fine = Fault::on("", Effect::Headers(vec![("x-seraph-loginreason".to_owned(), "OK".to_owned())]));
        let fine = simulator(deployment, |options| options.faults = vec![fine]);
        run(client(&fine, deployment).snapshot(None, Default::default())).unwrap();
    }
}

#[test]
fn who_asks_is_asked_once_for_all_calls_and_threads_of_a_client() {
    let asked =
        |simulator: &Simulator| simulator.requests().iter().filter(|r| r.path.ends_with("user/current")).count();
    for deployment in BOTH {
        let simulator = simulator(deployment, |_| {});
        let client = client(&simulator, deployment);
        run(async { futures::join!(client.spaces(), client.groups(), client.contents("ENG"), client.server()) })
            .0
            .unwrap();
        for (name, told) in everything(&client) {
            told.unwrap_or_else(|error| panic!("{deployment:?} {name}: {error}"));
        }
        assert_eq!(asked(&simulator), 1, "{deployment:?}");
    }
    // A site that does not say who it is is asked all the same, and not again and again where that is its last word.
    for (status, times) in [(403, 1), (404, 1), (500, 4)] {
        let fault = Fault::status("user/current", status);
        let simulator = simulator(Deployment::Cloud, |options| options.faults = vec![fault]);
        let client = client(&simulator, Deployment::Cloud);
        run(client.spaces()).unwrap();
        run(client.groups()).unwrap();
        assert_eq!(asked(&simulator), times, "{status}");
    }
}

#[test]
fn a_token_without_the_scope_to_ask_who_it_is_is_no_stranger() {
    let body = r#"{"code":401,"message":"Unauthorized; scope does not match"}"#.to_owned();
    let effect = Effect::Status { status: 401, retry_after: None, body: Some(body) };
    let simulator = simulator(Deployment::Cloud, |options| options.faults = vec![Fault::on("user/current", effect)]);
    let client = client(&simulator, Deployment::Cloud);
    assert_eq!(run(client.spaces()).unwrap().rows.len(), 2);
    assert!(!run(client.snapshot(None, Default::default())).unwrap().contents.is_empty());
}

#[test]
fn a_wait_nobody_can_keep_holds_up_one_route_only() {
    for deployment in BOTH {
        for wait in ["9223372036854775807", "86400", "Thu, 01 Jan 2099 00:00:00 GMT"] {
            let fault = Fault::status("/permission", 429).retry_after(wait);
            let simulator = simulator(deployment, |options| options.faults = vec![fault]);
            let client = client(&simulator, deployment);
            let began = Instant::now();
            let snapshot = run(client.snapshot(None, Default::default())).unwrap();
            assert_eq!(snapshot.contents.len(), 3, "{deployment:?} {wait}");
            assert!(snapshot.gaps.iter().any(|gap| gap.cause.as_str() == "rate_limited"), "{:#?}", snapshot.gaps);
            assert_eq!(run(client.groups()).unwrap().rows.len(), 2, "{deployment:?} {wait}");
            assert!(began.elapsed() < Duration::from_secs(5), "{deployment:?} {wait}: {:?}", began.elapsed());
        }
    }
}

#[test]
fn come_back_at_once_is_answered_with_a_wait_of_our_own() {
    for wait in ["0", "Sat, 21 Nov 2015 09:00:09 GMT"] {
        let fault = Fault::status("/api/v2/spaces", 429).retry_after(wait).times(4);
        let simulator = simulator(Deployment::Cloud, |options| options.faults = vec![fault]);
        let mut config = config(&simulator, Deployment::Cloud);
        config.backoff = Duration::from_millis(40);
        let began = Instant::now();
        assert_eq!(run(Client::new(config).unwrap().spaces()).unwrap().rows.len(), 2, "{wait}");
        // 40 + 80 + 160 + 320 ms, each shifted by chance.
        assert!(began.elapsed() >= Duration::from_millis(400), "{wait}: {:?}", began.elapsed());
    }
}

#[test]
fn half_a_character_loses_nobody() {
    for deployment in BOTH {
        let mut halved = site();
        halved["users"]["ann"]["display_name"] = json!("Ann HALF");
        halved["spaces"]["ENG"]["name"] = json!("HALF Engineering");
        halved["contents"]["2001"]["title"] = json!("Engines HALF");
        let replace = Effect::Replace { from: "HALF".to_owned(), to: "\\ud83d".to_owned() };
        let read = |faults: Vec<Fault>, site: Value| {
            let simulator = simulator(deployment, |options| (options.site, options.faults) = (Some(site), faults));
            let here = simulator.url();
            let plain = |text: String| text.replace(&here, "HERE");
            let told = everything(&client(&simulator, deployment));
            told.into_iter().map(|(name, told)| (name, told.map(plain))).collect::<Vec<_>>()
        };
        let whole = read(Vec::new(), halved.clone());
        let cut = read(vec![Fault::on("", replace)], halved);
        for ((name, whole), (_, cut)) in whole.into_iter().zip(cut) {
            let expected = whole.unwrap().replace("HALF", "\u{fffd}");
            assert_eq!(cut.unwrap_or_else(|error| panic!("{deployment:?} {name}: {error}")), expected, "{name}");
        }
    }
}

#[test]
fn a_web_page_in_place_of_an_answer_is_named_by_its_title() {
    for deployment in BOTH {
        for status in [200, 401, 403, 407, 404, 503] {
            let page =
                "<html><head><title>Zscaler: blocked\u{202e}</title></head><body><input value=t0k3n></body></html>";
            let effect = Effect::Status { status, retry_after: None, body: Some(page.to_owned()) };
            let simulator = simulator(deployment, |options| options.faults = vec![Fault::on("", effect)]);
            let error = run(client(&simulator, deployment).spaces()).unwrap_err();
            let text = error.to_string();
            let begin = format!("a web page titled `Zscaler: blocked` answered, not Confluence ({status}): ");
            assert!(text.starts_with(&begin), "{deployment:?} {status}: {text}");
            assert!(text.contains("GET /"), "the request is named: {text}");
            assert!(!text.contains("t0k3n"), "{text}");
        }
    }
}

#[test]
fn answers_are_the_same_whatever_the_secret_is_spelled_like() {
    for deployment in BOTH {
        let told = |secret: &str| {
            let simulator = simulator(deployment, |options| {
                (options.password, options.token) = (secret.to_owned(), secret.to_owned());
                options.faults = vec![
                    Fault::restriction_of("1002", 403),
                    Fault::status("/permission", 500),
                    Fault::status("/member", 403),
                ];
            });
            let own = |text: String| text.replace(&simulator.url(), "HERE");
            everything(&client(&simulator, deployment))
                .into_iter()
                .map(|(name, told)| (name, told.map(own).map_err(|error| (error.kind(), error.status()))))
                .collect::<Vec<_>>()
        };
        let expected = told("not-a-word-of-this-site");
        assert!(
            expected
                .iter()
                .any(|(name, told)| *name == "snapshot" && told.as_ref().is_ok_and(|t| t.contains("~admin")))
        );
        for secret in ["admin", "~admin", "ENG", "1002", "null", "uri", "group", "user", "space", "rest", "scope"] {
            for ((name, got), (_, expected)) in told(secret).into_iter().zip(&expected) {
                assert_eq!(&got, expected, "{deployment:?} {name} with `{secret}`");
            }
        }
    }
}

#[test]
fn an_error_begins_with_what_is_wrong_and_ends_with_the_request() {
    let simulator = simulator(Deployment::DataCenter, |options| {
        options.context = "/confluence".to_owned();
        options.faults = vec![Fault::status("/rest/api/space?", 403)];
    });
    let error = run(client(&simulator, Deployment::DataCenter).spaces()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("not permitted (403): "), "{text}");
    assert!(text.ends_with(&format!("(GET /rest/api/space at `{}`)", simulator.url())), "{text}");
    assert!(error.url().is_some_and(|url| url.ends_with("/confluence/rest/api/space")));
}

#[test]
fn a_refusal_speaks_of_what_was_given() {
    let refused = |deployment, change: &dyn Fn(&mut Config)| {
        let simulator = simulator(deployment, |_| {});
        let mut config = config(&simulator, deployment);
        change(&mut config);
        let error = run(Client::new(config).unwrap().spaces()).unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
        error.to_string()
    };
    let wrong = |text: &str| Some(secrecy::SecretString::from(text.to_owned()));
    let password = refused(Deployment::DataCenter, &|c| c.password = wrong("wrong"));
    assert!(password.starts_with("the password was refused (401): check `username` and `password`"), "{password}");
    let personal = refused(Deployment::DataCenter, &|c| {
        (c.username, c.password, c.token) = (None, None, wrong("wrong"));
    });
    assert!(personal.starts_with("the token was refused (401): check that it has not expired"), "{personal}");
    assert!(personal.contains("Personal Access Tokens"), "{personal}");
    let token = refused(Deployment::Cloud, &|c| c.token = wrong("wrong"));
    assert!(token.contains("most likely expired") && token.contains("15 December 2024"), "{token}");
}

// Right before these were written; here so that they stay right.

#[test]
fn a_caller_without_the_product_is_forbidden_not_empty() {
    let body = r#"{"statusCode":403,"data":{"authorized":false,"valid":true,"errors":[],"successful":false},"message":"Current user not permitted to use Confluence"}"#;
    let effect = Effect::Status { status: 403, retry_after: None, body: Some(body.to_owned()) };
    let simulator = simulator(Deployment::Cloud, |options| options.faults = vec![Fault::on("", effect)]);
    for (name, told) in everything(&client(&simulator, Deployment::Cloud)) {
        let error = told.expect_err(name);
        assert_eq!(error.status(), Some(403), "{name}: {error}");
    }
    let error = run(client(&simulator, Deployment::Cloud).spaces()).unwrap_err();
    assert!(error.to_string().contains("Current user not permitted to use Confluence"), "{error}");
}

#[test]
fn groups_that_differ_by_case_are_two_groups_on_cloud() {
    let mut twins = site();
    twins["groups"]["g-2"] = json!({"name": "ENG", "members": ["user:ann"]});
    let simulator = simulator(Deployment::Cloud, |options| options.site = Some(twins));
    let client = client(&simulator, Deployment::Cloud);
    let names: Vec<String> =
        run(client.groups()).unwrap().rows.into_iter().map(|group| group.name.unwrap_or(group.id)).collect();
    assert!(names.contains(&"eng".to_owned()) && names.contains(&"ENG".to_owned()), "{names:?}");
    let members = |name: &str| {
        let found = run(client.members(name)).unwrap();
        found.memberships.into_iter().map(|row| row.member.id).collect::<Vec<_>>()
    };
    assert_eq!((members("eng"), members("ENG")), (vec!["bob".to_owned()], vec!["ann".to_owned()]));
}

#[test]
fn a_token_without_a_scope_at_the_gateway_leaves_a_gap_that_says_so() {
    let body = r#"{"code":401,"message":"Unauthorized; scope does not match"}"#.to_owned();
    let effect = Effect::Status { status: 401, retry_after: None, body: Some(body) };
    let simulator = simulator(Deployment::Cloud, |options| options.faults = vec![Fault::on("/permissions", effect)]);
    let mut config = config(&simulator, Deployment::Cloud);
    config.cloud_id = Some(simulator.cloud_id());
    let snapshot = run(Client::new(config).unwrap().snapshot(None, Default::default())).unwrap();
    assert_eq!(snapshot.contents.len(), 3);
    let gap = snapshot.gaps.iter().find(|gap| gap.subject == "ENG" && gap.status == Some(401)).unwrap();
    assert!(gap.message.contains("scope does not match"), "{}", gap.message);
}

#[test]
fn a_refusal_in_plain_text_and_a_captcha_are_said_in_words() {
    let plain = Effect::Status { status: 401, retry_after: None, body: Some("Basic auth is off here".to_owned()) };
    let refusing = simulator(Deployment::DataCenter, |options| options.faults = vec![Fault::on("", plain)]);
    let error = run(client(&refusing, Deployment::DataCenter).spaces()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.to_string().contains("the server says: Basic auth is off here"), "{error}");
    // With 403 too: see `a_login_blocked_by_failed_ones_says_what_to_do`.
    let captcha = vec![("x-authentication-denied-reason".to_owned(), "CAPTCHA_CHALLENGE".to_owned())];
    let asking = simulator(Deployment::DataCenter, |options| {
        options.require_auth = true;
        options.faults = vec![Fault::on("", Effect::Headers(captcha))];
    });
    let mut config = config(&asking, Deployment::DataCenter);
    config.password = Some("wrong".to_owned().into());
    let error = run(Client::new(config).unwrap().spaces()).unwrap_err();
    assert!(error.to_string().starts_with("login is blocked (401)"), "{error}");
}

#[test]
fn a_window_that_is_too_large_for_the_server_is_asked_for_in_smaller_ones() {
    let fault = Fault::status("restrictions.group&limit=200", 502);
    let simulator = simulator(Deployment::Cloud, |options| options.faults = vec![fault]);
    let snapshot = run(client(&simulator, Deployment::Cloud).snapshot(None, Default::default())).unwrap();
    assert_eq!(snapshot.contents.len(), 3, "{:#?}", snapshot.gaps);
}

#[test]
fn an_audit_log_that_is_not_for_this_account_takes_nothing_else_along() {
    for deployment in BOTH {
        let simulator = simulator(deployment, |options| {
            options.faults = vec![Fault::status("/audit", 403), Fault::status("/auditing", 403)];
        });
        for (name, told) in everything(&client(&simulator, deployment)) {
            match told {
                Ok(_) => assert_ne!(name, "audit"),
                Err(error) => assert_eq!((name, error.kind()), ("audit", ErrorKind::Forbidden), "{error}"),
            }
        }
    }
}
