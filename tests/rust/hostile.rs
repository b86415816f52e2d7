//! Servers that go away, go on for ever, change their mind or their rows: each ends in the same answer, in a gap that says
//! what is missing, or in a typed error, and within a bound.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use confluence_access::fetch::{Client, Config, Error, ErrorKind};
use confluence_access::model::{Deployment, Snapshot};
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use serde_json::{Value, json};

use crate::support::canned::{canned, http};
use crate::support::talk::Talk;
use crate::support::{self, BOTH, run, started, taken};

fn company(deployment: Deployment, faults: Vec<Fault>) -> Simulator {
    let options =
        Options { deployment, pages: 40, users: 12, groups: 8, page_cap: Some(9), faults, ..Options::default() };
    started(Options { version: "10.2.0".to_owned(), ..options })
}

fn client(simulator: &Simulator, change: impl FnOnce(&mut Config)) -> Client {
    support::client_of(simulator, |config| {
        config.deployment = Some(simulator.deployment());
        config.max_answer = 2 << 20;
        change(config);
    })
}

fn snapshot(simulator: &Simulator) -> Result<Snapshot, Error> {
    taken(&client(simulator, |_| {}), None)
}

/// Ids of everything there is, and who may do what: what two snapshots of one site have in common.
fn facts(snapshot: &Snapshot) -> BTreeSet<String> {
    let contents = snapshot.contents.iter().map(|row| format!("content {} in {}", row.id, row.space_key));
    let members = snapshot.memberships.iter().map(|row| format!("{} holds {:?}", row.group_id, row.member));
    let grants = snapshot.space_permissions.iter().map(|r| format!("{} {} {:?}", r.space_key, r.subject, r.permission));
    // A group that is gone is named by its id as long as it is not known to be.
    let lists =
        snapshot.restrictions.iter().map(|r| format!("{} {:?} {:?}", r.content_id, r.operation, r.subject.kind));
    contents.chain(members).chain(grants).chain(lists).collect()
}

fn causes(snapshot: &Snapshot) -> BTreeSet<&str> {
    snapshot.gaps.iter().map(|gap| gap.cause.as_str()).collect()
}

/// A snapshot of a site on which nothing goes wrong.
fn whole(deployment: Deployment) -> BTreeSet<String> {
    facts(&snapshot(&company(deployment, Vec::new())).unwrap())
}

fn invents_nothing(read: &Snapshot, deployment: Deployment) {
    let (read, whole) = (facts(read), whole(deployment));
    let invented: Vec<&String> = read.difference(&whole).collect();
    assert!(invented.is_empty(), "{deployment:?}: {invented:#?}");
}

#[test]
fn a_server_that_restarts_is_asked_again_where_it_left_off() {
    for deployment in BOTH {
        for at in [3, 17, 40] {
            let restart = Fault::on("", Effect::Restart(Duration::from_millis(30))).skip(at).once();
            let simulator = company(deployment, vec![restart]);
            let read = snapshot(&simulator).unwrap_or_else(|error| panic!("{deployment:?} {at}: {error}"));
            // On a busy machine it can be away for longer than a connection is tried.
            let away = causes(&read).contains("no_answer");
            assert!(away || facts(&read) == whole(deployment), "{deployment:?} {at}: {:?}", read.gaps);
            invents_nothing(&read, deployment);
            assert!(simulator.requests().iter().any(|request| request.fault == Some("restart")));
        }
    }
}

#[test]
fn a_server_that_goes_away_for_good_ends_a_snapshot_within_seconds() {
    for deployment in BOTH {
        let began = Instant::now();
        let gone = Fault::on("", Effect::Restart(Duration::from_secs(3600))).skip(20).once();
        match snapshot(&company(deployment, vec![gone])) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::NoAnswer, "{error}"),
            Ok(read) => {
                assert!(causes(&read).contains("no_answer"), "{:?}", read.gaps);
                invents_nothing(&read, deployment);
            }
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

#[test]
fn a_token_that_ends_on_the_way_is_an_error_or_a_gap_for_all_behind_it() {
    for deployment in BOTH {
        for at in [0, 1, 9, 33] {
            let simulator = company(deployment, vec![Fault::on("", Effect::Expire).skip(at).once()]);
            match snapshot(&simulator) {
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unauthorized, "{at}: {error}"),
                Ok(read) => {
                    let told = causes(&read);
                    assert!(told.contains("unauthorized"), "{deployment:?} {at}: {:?}", read.gaps);
                    invents_nothing(&read, deployment);
                }
            }
        }
    }
}

#[test]
fn an_answer_a_byte_at_a_time_is_read() {
    for deployment in BOTH {
        let simulator = company(deployment, vec![Fault::on("", Effect::Dribble(Duration::ZERO)).skip(4).times(3)]);
        assert_eq!(facts(&snapshot(&simulator).unwrap()), whole(deployment), "{deployment:?}");
        // No silence is long, but all of it is: the deadline of the request ends it.
        let slow = company(deployment, vec![Fault::on("", Effect::Dribble(Duration::from_millis(20)))]);
        let began = Instant::now();
        let error = run(client(&slow, |config| config.deadline = Duration::from_millis(700)).spaces()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[test]
fn an_answer_without_end_is_read_to_the_bound_and_no_further() {
    for deployment in BOTH {
        for (name, effect) in
            [("endless", Effect::Endless), ("announced", Effect::Announce(2 << 30)), ("packed", Effect::Bomb(512))]
        {
            let simulator = company(deployment, vec![Fault::on("", effect)]);
            let began = Instant::now();
            let error = run(client(&simulator, |_| {}).spaces()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable, "{name}: {error}");
            assert!(error.to_string().contains("larger than 2 MiB"), "{name}: {error}");
            assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
            // Asking again would be the same again.
            assert!(simulator.requests().len() <= 3, "{name}: {:?}", simulator.requests());
        }
        // The status of a refusal is enough, however much stands behind it.
        let long = Effect::Status { status: 403, retry_after: None, body: Some("x".repeat(5 << 20)) };
        let error = run(client(&company(deployment, vec![Fault::on("", long)]), |_| {}).spaces()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    }
}

#[test]
fn what_is_asked_before_the_product_is_known_is_bounded_too() {
    // The first question goes out without credentials and takes any answer.
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = canned(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
        http("200 OK", "application/json", "", &format!("{{\"cloudId\":\"{}\"}}", "x".repeat(8 << 20)))
    });
    let mut config = Config::new(&server.url).with_token("ann@example.org", "t0k3n");
    (config.max_answer, config.max_retries) = (1 << 20, 0);
    let error = run(Client::new(config).unwrap().spaces()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}");
    assert!(asked.load(Ordering::Relaxed) < 8);
}

#[test]
fn nesting_without_end_is_unreadable() {
    for deployment in BOTH {
        for levels in [200, 100_000] {
            let body = format!("{{\"results\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
            let simulator = company(deployment, vec![Fault::on("", Effect::Body(body))]);
            match run(client(&simulator, |_| {}).spaces()) {
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unreadable, "{levels}: {error}"),
                Ok(read) => assert!(read.rows.is_empty() && !read.gaps.is_empty(), "{levels}"),
            }
        }
        // What nobody reads may be deep: it is passed over without a stack.
        let simulator = company(deployment, vec![Fault::on("", Effect::Deep(100_000))]);
        match snapshot(&simulator) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}"),
            Ok(read) => assert!(facts(&read) == whole(deployment) || !read.gaps.is_empty(), "{deployment:?}"),
        }
    }
}

#[test]
fn a_listing_of_more_pages_than_any_site_has_ends_with_a_gap() {
    let rows = |at: u64| -> Vec<Value> {
        (at..at + 5).map(|row| json!({"type": "group", "name": format!("g{row}"), "id": format!("{row}")})).collect()
    };
    let server = canned(move |_, head| {
        let start =
            head.split("start=").nth(1).and_then(|rest| rest.split(['&', ' ']).next()?.parse().ok()).unwrap_or(0);
        let link = format!("/rest/api/group?start={}&limit=5", start + 5);
        let body = json!({"results": rows(start), "start": start, "limit": 5, "size": 5, "_links": {"next": link}});
        let who = json!({"type": "known", "username": "ann", "userKey": "u1", "displayName": "Ann"});
        let body = if head.contains("/group?") { body } else { who };
        http("200 OK", "application/json", "", &body.to_string())
    });
    let mut config = Config::new(&server.url);
    (config.token, config.deployment) = (Some("t0k3n".to_owned().into()), Some(Deployment::DataCenter));
    config.max_pages = 30;
    let groups = run(Client::new(config).unwrap().groups()).unwrap();
    assert!(groups.rows.len() >= 120, "{}", groups.rows.len());
    let gap = groups.gaps.iter().find(|gap| gap.cause.as_str() == "too_many_pages").expect("a gap");
    assert!(gap.message.contains("30 pages were read, and there are more"), "{gap:?}");
}

#[test]
fn credentials_do_not_follow_a_redirect_to_another_host() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    let other = canned(move |_, head| {
        kept.lock().unwrap().push(head.to_owned());
        http("200 OK", "application/json", "", "{\"results\":[],\"_links\":{}}")
    });
    for deployment in BOTH {
        // Another port of one machine is another host too.
        let simulator = company(deployment, vec![Fault::on("", Effect::Redirect(format!("{}/x", other.url)))]);
        let error = run(client(&simulator, |_| {}).spaces()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotConfluence, "{error}");
    }
    assert_eq!(*heads.lock().unwrap(), Vec::<String>::new(), "nobody asked there");
}

#[test]
fn a_quota_that_is_used_up_is_waited_for_or_told() {
    let short = company(Deployment::Cloud, vec![Fault::on("", Effect::Quota(Duration::from_secs(1))).skip(7).once()]);
    let began = Instant::now();
    assert_eq!(facts(&snapshot(&short).unwrap()), whole(Deployment::Cloud));
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    let long = company(Deployment::Cloud, vec![Fault::on("", Effect::Quota(Duration::from_secs(3000)))]);
    let error = run(client(&long, |_| {}).spaces()).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)), "{error}");
    assert!(error.retry_after().is_some_and(|wait| wait == Duration::from_secs(3000)), "{error:?}");
    let late = company(Deployment::Cloud, vec![Fault::on("", Effect::Quota(Duration::from_secs(3000))).skip(12)]);
    let read = snapshot(&late).unwrap();
    assert!(causes(&read).contains("rate_limited"), "{:?}", read.gaps);
    invents_nothing(&read, Deployment::Cloud);
}

/// A group of so many people, and a space.
fn staff(people: usize) -> Value {
    let names: Vec<String> = (0..people).map(|n| format!("u{n:03}")).collect();
    let users: serde_json::Map<String, Value> = names.iter().map(|name| (name.clone(), json!({}))).collect();
    let members: Vec<String> = names.iter().map(|name| format!("user:{name}")).collect();
    json!({
        "users": users,
        "groups": {"staff": {"members": members}},
        "spaces": {"ENG": {"grants": {"group:staff": ["view"]}}},
        "contents": {"1001": {"type": "page", "space": "ENG"}},
    })
}

#[test]
fn rows_that_move_up_while_a_listing_is_read_are_not_lost() {
    // Cloud counts the members of a group: there the count tells.
    for deployment in [Deployment::DataCenter] {
        for shift in [1, 2, 7, -1, -3] {
            // From the second, the third or the fourth page on, and for one page alone.
            for (skip, times) in [(1, None), (2, None), (3, None), (1, Some(1)), (2, Some(2))] {
                let fault = Fault { times, ..Fault::on("start=", Effect::Shift(shift)).skip(skip) };
                let simulator = support::simulated(staff(50), |options| {
                    (options.deployment, options.page_cap, options.faults) = (deployment, Some(10), vec![fault]);
                });
                let read = run(client(&simulator, |_| {}).members("staff")).unwrap();
                let found: BTreeSet<&str> = read.memberships.iter().map(|row| row.member.id.as_str()).collect();
                let told = read.gaps.iter().any(|gap| gap.cause.as_str() == "drift");
                assert!(found.len() == 50 || told, "{deployment:?} {shift} {skip}: {}, {:?}", found.len(), read.gaps);
            }
        }
    }
}

#[test]
fn a_listing_that_does_not_move_costs_no_page_more() {
    for (people, pages) in [(199, 1), (200, 1), (399, 2), (598, 3)] {
        let simulator = support::simulated(staff(people), |_| {});
        let read = run(client(&simulator, |_| {}).members("staff")).unwrap();
        assert_eq!((read.memberships.len(), read.gaps.len()), (people, 0));
        let asked = simulator.requests().iter().filter(|r| r.path.contains("membersByGroupId")).count();
        assert_eq!(asked, pages, "{people}");
    }
}

#[test]
fn each_hostile_effect_does_what_its_name_says() {
    let talk = Talk::with(Options::default());
    let under = |effect: Effect, path: &str| {
        talk.simulator.clear_faults();
        talk.simulator.inject(Fault::on("", effect).once());
        talk.try_get(path)
    };
    let spaces = "/wiki/api/v2/spaces?limit=4";
    let whole = talk.ok(spaces)["results"].clone();
    assert_eq!(under(Effect::Dribble(Duration::ZERO), spaces).unwrap().json()["results"], whole);
    assert!(under(Effect::Announce(1 << 20), spaces).is_err(), "it breaks off");
    let deep = under(Effect::Deep(50), spaces).unwrap().json();
    assert!(deep["deep"][0][0][0].is_array() && deep["results"].is_array());
    let bomb = under(Effect::Bomb(1), spaces).err().expect("it breaks off");
    assert!(bomb.is_decode(), "{bomb:?}");
    let quota = under(Effect::Quota(Duration::from_secs(90)), spaces).unwrap();
    assert_eq!((quota.status, quota.headers["retry-after"].to_str().unwrap()), (429, "90"));
    assert_eq!(quota.headers["ratelimit-reason"], "confluence-quota-tenant-based");
    let groups = "/wiki/rest/api/group?limit=3&start=";
    let named = |body: &Value| body["results"][0]["name"].as_str().unwrap().to_owned();
    let (second, third) = (talk.ok(&format!("{groups}1")), talk.ok(&format!("{groups}2")));
    let moved = under(Effect::Shift(1), &format!("{groups}1")).unwrap().json();
    assert_eq!((named(&moved), moved["start"].clone()), (named(&third), json!(1)));
    let back = under(Effect::Shift(-1), &format!("{groups}2")).unwrap().json();
    assert_eq!(named(&back), named(&second));
    assert!(under(Effect::Restart(Duration::from_millis(20)), spaces).is_err(), "the connection is cut");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(talk.ok(spaces)["results"], whole, "it is there again");
    assert_eq!(under(Effect::Expire, spaces).unwrap().status, 401);
    assert_eq!(talk.get(spaces).status, 401, "from then on");
    talk.understood();
}
