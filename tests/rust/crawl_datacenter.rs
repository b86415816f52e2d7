//! Reading an installation of Data Center over real sockets: every version and every way to its permissions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use confluence_access::fetch::{Client, Config, Error, ErrorKind, Progress};
use confluence_access::model::{Decision, Deployment, Gap, GapScope, Operation, Snapshot, Subject};
use confluence_access::resolve::{Access, Use, UseKind};
use confluence_access::simulator::{Effect, Fault, JsonRpc, Options, Simulator};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::scenarios;
use crate::support::{self, run, runtime, started, taken};

fn options(version: &str) -> Options {
    Options { deployment: Deployment::DataCenter, version: version.to_owned(), ..Options::default() }
}

fn config(simulator: &Simulator) -> Config {
    Config { timeout: Duration::from_secs(2), ..support::config(simulator) }
}

fn snapshot(simulator: &Simulator, spaces: Option<&[&str]>) -> Result<Snapshot, Error> {
    let client = Client::new(config(simulator))?;
    let snapshot = taken(&client, spaces);
    let strange = simulator.unexpected();
    assert!(strange.is_empty(), "{strange:#?}");
    snapshot
}

/// The questions of the golden sites, answered from what a version tells.
fn compare(version: &str, extender: bool) -> BTreeMap<&'static str, Vec<String>> {
    scenarios::compare("datacenter", |site| {
        let described = Snapshot::from_plain(site.clone(), Deployment::DataCenter).unwrap();
        let options = Options { site: Some(site.clone()), extender, ..options(version) };
        let simulator = started(options);
        let mut snapshot = snapshot(&simulator, None).unwrap();
        snapshot.site.policy = described.site.policy;
        Access::new(Arc::new(snapshot), None)
    })
}

/// How many answers may be left open, and how many must be as written.
struct Limits {
    most_open: usize,
    least_as_written: usize,
}

/// Fails where the scenarios that are answered differently are others than these, or beyond the limits.
fn judge(version: &str, extender: bool, different: &[&str], limits: Limits) {
    let mut outcome = compare(version, extender);
    let scenario = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let other: BTreeSet<String> = outcome.remove("different").unwrap_or_default().iter().map(scenario).collect();
    assert_eq!(other.iter().map(String::as_str).collect::<Vec<_>>(), different, "{version}");
    let less = outcome.remove("less known").unwrap_or_default();
    assert!(less.len() <= limits.most_open, "{version}: {less:#?}");
    let as_written = outcome.remove("as written").unwrap_or_default().len();
    assert!(as_written >= limits.least_as_written, "{version}: {as_written} as written");
}

#[test]
fn golden_sites_read_from_the_newest_version_are_answered_as_written() {
    // What is less known: comments, attachments, drafts and the trash are not listed, nor what the caller may not see.
    judge("10.2.0", false, &[], Limits { most_open: 19, least_as_written: 220 });
}

#[test]
fn golden_sites_read_where_permissions_of_the_site_are_not_told_differ_by_licences() {
    // Scenario 9: who is licensed is not told, and the policy assumes it. 19: nor what customers of a service desk may.
    judge("9.2.0", false, &["19", "9"], Limits { most_open: 19, least_as_written: 205 });
}

#[test]
fn golden_sites_read_by_json_rpc_differ_by_licences_and_leave_nested_groups_open() {
    // The version does not list groups inside groups, so that nobody is known to be outside of one.
    judge("8.5.4", false, &["9"], Limits { most_open: 59, least_as_written: 165 });
}

#[test]
fn golden_sites_read_by_the_extender_know_licences_too() {
    judge("7.19.0", true, &[], Limits { most_open: 60, least_as_written: 165 });
}

/// A small site with everything that is hard to name.
fn hard_site() -> Value {
    json!({
        "caller": "ann",
        "anonymous_enabled": true,
        "users": {
            "ann": {"name": "Ann", "system_admin": true}, "bob": {}, "cat": {}, "dan": {"active": false},
            "group-like": {}
        },
        "groups": {
            "confluence-administrators": {"members": ["user:ann"]},
            "R&D / Platform+Core": {"members": ["user:bob", "group:100% remote #1"]},
            "100% remote #1": {"members": ["user:cat"]},
            "group-like": {"members": ["user:dan"]}
        },
        "spaces": {
            "ENG": {"homepage": "1", "grants": {"group:R&D / Platform+Core": ["view", "create_page"], "user:ann": ["view", "administer"],
                "anonymous": ["view"], "user:group-like": ["view"], "group:group-like": ["view"]}},
            "~ann": {"type": "personal", "owner": "ann", "grants": {"user:ann": ["view", "administer"]}},
            "OLD": {"archived": true, "grants": {"user:ann": ["view"], "user:bob": ["view"]}}
        },
        "contents": {
            "1": {"type": "page", "space": "ENG", "title": "Home / start & more + 100% #1"},
            "2": {"type": "page", "space": "ENG", "parent": "1"},
            "3": {"type": "page", "space": "ENG", "parent": "2"},
            "4": {"type": "blogpost", "space": "ENG"},
            "5": {"type": "page", "space": "~ann"},
            "6": {"type": "page", "space": "OLD"}
        },
        "restrictions": {
            "2": {"read": ["group:100% remote #1", "user:ann"]},
            "4": {"update": ["user:bob"]}
        }
    })
}

fn hard(version: &str) -> Options {
    Options { site: Some(hard_site()), ..options(version) }
}

#[test]
fn names_with_signs_archived_spaces_and_people_called_like_groups_are_read_whole() {
    for version in ["9.2.0", "10.2.0"] {
        for context in ["", "/confluence"] {
            let simulator = started(Options { context: context.to_owned(), ..hard(version) });
            let snapshot = snapshot(&simulator, None).unwrap();
            let keys: Vec<&str> = snapshot.spaces.iter().map(|space| space.key.as_str()).collect();
            assert_eq!(keys, ["ENG", "OLD", "~ann"], "{version}");
            assert!(snapshot.spaces.iter().all(|space| space.archived() == (space.key == "OLD")));
            assert_eq!(snapshot.contents.len(), 6);
            let home = snapshot.contents.iter().find(|content| content.id == "1").unwrap();
            assert_eq!(home.title.as_deref(), Some("Home / start & more + 100% #1"));
            assert!(home.url.as_deref().is_some_and(|url| url.starts_with(&simulator.url())), "{:?}", home.url);
            assert_eq!(snapshot.site.version.as_deref(), Some(version));
            assert_eq!(snapshot.site.read_only, Some(false));
            let access = Access::new(Arc::new(snapshot.clone()), None);
            let can = |who: &str, content: &str| {
                access.can(&Subject::parse(who).unwrap(), Operation::View, content).as_str().to_owned()
            };
            if version == "10.2.0" {
                assert_eq!(can("user:cat", "3"), "allowed", "{version}: {:#?}", snapshot.gaps);
                assert_eq!(can("user:bob", "3"), "denied");
            } else {
                let slash = |gap: &&Gap| gap.scope == GapScope::Group && gap.subject == "R&D / Platform+Core";
                assert!(snapshot.gaps.iter().any(|gap| slash(&gap)), "{:#?}", snapshot.gaps);
                assert_eq!(can("user:bob", "2"), "denied", "not on the list of the page, whatever group");
            }
            assert_eq!(can("user:bob", "1"), "allowed", "the space is open");
            assert_eq!(can("user:dan", "1"), "denied", "deactivated");
            assert_eq!(can("user:group-like", "1"), "allowed");
            assert_eq!(can("user:bob", "5"), "denied");
            assert_eq!(can("anonymous", "1"), "allowed");
            if version == "10.2.0" {
                assert!(snapshot.complete(), "{:#?}", snapshot.gaps);
                assert!(snapshot.site.licences_listed);
            }
        }
    }
}

fn failure(config: Config) -> Error {
    let client = match Client::new(config) {
        Ok(client) => client,
        Err(error) => return error,
    };
    run(client.spaces()).unwrap_err()
}

#[test]
fn a_token_served_as_anonymous_is_refused_with_the_remedy() {
    let simulator = started(hard("9.2.0"));
    for deployment in [None, Some(Deployment::DataCenter)] {
        let mut config = config(&simulator);
        config.deployment = deployment;
        config.token = Some(SecretString::from("expired-token-of-the-tests"));
        let error = failure(config);
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
        assert!(error.to_string().contains("CONFSERVER-98199"), "{error}");
        assert!(error.to_string().contains("Personal Access Tokens"), "{error}");
        assert!(!error.to_string().contains("expired-token"), "{error}");
    }
}

#[test]
fn the_product_is_found_out_and_a_password_is_as_good_as_a_token() {
    let simulator = started(hard("9.2.0"));
    let mut config = Config::new(simulator.url());
    config.username = Some(simulator.username().to_owned());
    config.password = Some(SecretString::from(Options::default().password));
    let client = Client::new(config).unwrap();
    let server = run(client.server()).unwrap();
    assert_eq!(server.deployment, Deployment::DataCenter);
    assert_eq!(server.version.as_deref(), Some("9.2.0"));
    assert_eq!(server.account_id.as_deref(), Some("ann"));
    assert_eq!(server.admin, Some(true));
    let told: BTreeMap<&str, &str> = server.capabilities.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(told.get("space_permissions"), Some(&"rest"));
    assert_eq!(told.get("content_scan"), Some(&"yes"));
    assert_eq!(told.get("extender"), Some(&"no"));
}

#[test]
fn a_wrong_context_path_is_told_with_the_right_one() {
    let simulator = started(Options { context: "/confluence".to_owned(), ..hard("9.2.0") });
    let host = simulator.url().trim_end_matches("/confluence").to_owned();
    for (url, deployment) in [
        (host.clone(), Some(Deployment::DataCenter)),
        (host.clone(), None),
        (format!("{host}/confluence/wrong"), Some(Deployment::DataCenter)),
    ] {
        let mut config = config(&simulator);
        config.url = url.clone();
        config.deployment = deployment;
        let error = failure(config);
        assert!(error.to_string().contains(&format!("`{host}/confluence`")), "{url}: {error}");
    }
}

#[test]
fn data_center_at_a_cloud_address_is_refused_before_anything_is_sent() {
    let mut config = Config::new("https://acme.atlassian.net").with_token("ann@acme.com", "token");
    config.deployment = Some(Deployment::DataCenter);
    let error = failure(config);
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Configuration, 0));
}

fn permissions(simulator: &Simulator, key: &str, source: Option<&str>) -> Result<BTreeMap<String, String>, Error> {
    let client = Client::new(config(simulator))?;
    let listing = run(client.space_permissions_from(key, source))?;
    assert!(listing.gaps.is_empty(), "{:#?}", listing.gaps);
    Ok(listing
        .rows
        .into_iter()
        .map(|row| (format!("{} {}", row.subject, row.permission), row.source.as_str().to_owned()))
        .collect())
}

#[test]
fn every_rung_tells_the_same_and_says_who_told() {
    let all = |version: &str| Options { extender: true, json_rpc: JsonRpc::On, ..hard(version) };
    let simulator = started(all("9.2.0"));
    let rest = permissions(&simulator, "ENG", None).unwrap();
    assert_eq!(rest.len(), 7, "{rest:#?}");
    assert!(rest.values().all(|source| source.starts_with("datacenter GET /rest/api/space/{key}/permissions")));
    for word in ["extender", "json_rpc"] {
        let other = permissions(&simulator, "ENG", Some(word)).unwrap();
        assert_eq!(other.keys().collect::<Vec<_>>(), rest.keys().collect::<Vec<_>>(), "{word}");
        assert!(other.values().all(|source| source.starts_with(word)), "{word}: {other:#?}");
    }
    // Below 9.1 the ladder goes on by itself.
    let older = started(all("8.5.4"));
    assert!(permissions(&older, "ENG", None).unwrap().values().all(|source| source.starts_with("extender")));
    let bare = started(Options { extender: false, ..all("7.19.0") });
    assert!(permissions(&bare, "~ann", None).unwrap().values().all(|source| source.starts_with("json_rpc")));
    let word = permissions(&bare, "ENG", Some("soap")).unwrap_err();
    assert_eq!(word.kind(), ErrorKind::Configuration);
    assert!(word.to_string().contains("\"json_rpc\""), "{word}");
}

#[test]
fn an_account_that_administers_nothing_learns_why_permissions_are_missing() {
    let simulator = started(Options { caller: Some("bob".to_owned()), ..hard("9.2.0") });
    let error = permissions(&simulator, "ENG", None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    assert!(error.to_string().contains("CONFSERVER-99908"), "{error}");
    let snapshot = snapshot(&simulator, None).unwrap();
    assert!(snapshot.gaps.iter().any(|gap| gap.scope == GapScope::SpacePermissions && gap.subject == "ENG"));
    assert!(snapshot.site.coverage.iter().any(|note| note.contains("confluence-administrators")));
    let access = Access::new(Arc::new(snapshot), None);
    assert_eq!(access.can(&Subject::user("bob"), Operation::View, "1").as_str(), "unknown");
}

/// A space of this many pages in a row, the first of them restricted to many people.
fn long_site(pages: usize, people: usize) -> Value {
    let mut users = json!({"ann": {"system_admin": true}, "zoe": {}});
    let mut contents = json!({});
    let listed: Vec<String> = (0..people).map(|n| format!("user:u{n:03}")).collect();
    (0..people).for_each(|n| users[format!("u{n:03}")] = json!({}));
    (1..=pages).for_each(|n| {
        contents[n.to_string()] = json!({"type": "page", "space": "ENG"});
        if n > 1 {
            contents[n.to_string()]["parent"] = json!("1");
        }
    });
    let everyone: Vec<String> = listed.iter().cloned().chain(["user:zoe".to_owned(), "user:ann".to_owned()]).collect();
    json!({
        "caller": "ann",
        "users": users,
        "groups": {"confluence-administrators": {"members": ["user:ann"]}, "staff": {"members": everyone}},
        "spaces": {"ENG": {"homepage": "1", "grants": {"group:staff": ["view", "create_page"]}}},
        "contents": contents,
        "restrictions": {"1": {"read": listed}}
    })
}

fn with_faults(site: Value, version: &str, faults: Vec<Fault>) -> Simulator {
    started(Options { site: Some(site), faults, ..options(version) })
}

fn can(snapshot: &Snapshot, who: &str, operation: Operation, content: &str) -> String {
    let access = Access::new(Arc::new(snapshot.clone()), None);
    access.can(&Subject::user(who), operation, content).as_str().to_owned()
}

#[test]
fn lists_that_are_cut_are_read_to_their_last_subject() {
    let simulator = with_faults(long_site(3, 450), "9.2.0", Vec::new());
    let snapshot = snapshot(&simulator, Some(&["ENG"])).unwrap();
    assert_eq!(snapshot.restrictions.len(), 450);
    assert!(
        snapshot.site.coverage.contains(&"only these spaces were read: ENG".to_owned()),
        "{:?}",
        snapshot.site.coverage
    );
    assert_eq!(can(&snapshot, "u449", Operation::View, "3"), "allowed");
    assert_eq!(can(&snapshot, "zoe", Operation::View, "3"), "denied");
    assert!(snapshot.gaps.iter().all(|gap| gap.scope != GapScope::Content), "{:#?}", snapshot.gaps);
}

#[test]
fn a_space_takes_a_request_for_each_page_of_its_listing_and_none_for_a_content() {
    let simulator = with_faults(long_site(1200, 3), "9.2.0", Vec::new());
    let client = Client::new(config(&simulator)).unwrap();
    let snapshot = run(client.snapshot(Some(vec!["ENG".into()]), Arc::new(Progress::new()))).unwrap();
    assert_eq!(snapshot.contents.len(), 1200);
    let routes = client.requests_by_route();
    assert_eq!(routes.get("GET /rest/api/content/scan"), Some(&4), "{routes:#?}");
    assert!(!routes.keys().any(|route| route.contains("content/{id}")), "{routes:#?}");
    assert!(client.requests_sent() <= 24, "{routes:#?}");
}

#[test]
fn versions_without_a_cursor_are_listed_by_offset_and_servers_may_serve_less_than_asked() {
    for version in ["7.17.5", "8.5.4"] {
        let site = Some(long_site(120, 3));
        let simulator = started(Options { site, page_cap: Some(7), ..options(version) });
        let snapshot = snapshot(&simulator, None).unwrap();
        assert_eq!(snapshot.contents.len(), 120, "{version}: {:#?}", snapshot.gaps);
        assert!(snapshot.gaps.iter().all(|gap| gap.scope != GapScope::Space), "{version}: {:#?}", snapshot.gaps);
    }
}

#[test]
fn what_fails_in_the_middle_is_a_gap_and_makes_answers_unknown() {
    let failing = |path: &str, status: u16| Fault::status(path, status);
    // Every page but the first of each listing, in whatever order they are asked for.
    let simulator = with_faults(long_site(1200, 3), "9.2.0", vec![failing("cursor=", 404)]);
    let snapshot = snapshot(&simulator, None).unwrap();
    let gap = snapshot.gaps.iter().find(|gap| gap.scope == GapScope::Space).expect("a gap");
    assert_eq!((gap.subject.as_str(), gap.status), ("ENG", Some(404)));
    assert!(snapshot.contents.len() >= 500 && snapshot.contents.len() < 1200);

    let cut = with_faults(long_site(3, 250), "9.2.0", vec![failing("/restriction/", 500)]);
    let snapshot = self::snapshot(&cut, None).unwrap();
    assert_eq!(can(&snapshot, "zoe", Operation::View, "2"), "unknown", "{:#?}", snapshot.gaps);

    let members = with_faults(long_site(3, 3), "9.2.0", vec![failing("/group/staff/member", 403)]);
    let snapshot = self::snapshot(&members, None).unwrap();
    assert!(snapshot.gaps.iter().any(|gap| gap.scope == GapScope::Group && gap.subject == "staff"));
    assert_eq!(can(&snapshot, "u001", Operation::View, "2"), "unknown");
}

#[test]
fn what_nobody_could_read_about_groups_and_accounts_turns_no_answer_round() {
    let whole = snapshot(&with_faults(long_site(3, 3), "10.2.0", Vec::new()), None).unwrap();
    // The bypass of the super group is outside the rules: possible members are not in doubt about them.
    let passes_by = |id: &str| {
        whole.memberships.iter().any(|row| row.group_id == "confluence-administrators" && row.member.id == id)
    };
    let people: Vec<String> = whole.users.iter().map(|user| user.id.clone()).filter(|id| !passes_by(id)).collect();
    assert!(people.len() >= 3);
    let answers = |snapshot: &Snapshot| -> Vec<String> {
        let access = Access::new(Arc::new(snapshot.clone()), None);
        let ask = |id: &String| {
            let of = |(operation, content): (Operation, &str)| {
                access.can(&Subject::user(id.as_str()), operation, content).as_str().to_owned()
            };
            [(Operation::View, "1"), (Operation::Edit, "1"), (Operation::View, "2"), (Operation::Edit, "2")].map(of)
        };
        people.iter().flat_map(ask).collect()
    };
    let right = answers(&whole);
    assert!(right.iter().any(|answer| answer == "allowed"));
    for faults in [
        vec![Fault::status("/rest/api/group", 403)],
        vec![Fault::status("/member", 403)],
        vec![Fault::status("/rest/api/group?", 403)],
    ] {
        let names: Vec<String> = faults.iter().map(|fault| fault.path.clone()).collect();
        let part = snapshot(&with_faults(long_site(3, 3), "10.2.0", faults), None).unwrap();
        assert!(!part.complete(), "{names:?}");
        for (now, right) in answers(&part).iter().zip(&right) {
            assert!(now == right || now == "unknown", "{names:?}: {now}, and {right} is right");
        }
    }
}

#[test]
fn a_group_that_no_address_can_name_is_not_taken_for_one_that_is_gone() {
    let faults = || vec![Fault::status("/rest/api/group?", 403)];
    for (version, answer) in [("9.2.0", "unknown"), ("10.2.0", "allowed")] {
        let simulator = with_faults(hard_site(), version, faults());
        let part = snapshot(&simulator, None).unwrap();
        assert_eq!(can(&part, "bob", Operation::Edit, "1"), answer, "{version}: {:#?}", part.gaps);
        let named = |gap: &Gap| gap.scope == GapScope::Group && gap.subject == "R&D / Platform+Core";
        assert_eq!(part.gaps.iter().any(named), answer == "unknown", "{version}: {:#?}", part.gaps);
    }
}

#[test]
fn a_check_denies_nobody_by_groups_or_gates_that_were_not_told() {
    let site = json!({
        "users": {"ann": {"product_admin": true}, "bob": {}},
        "groups": {"staff": {"members": ["group:team"]}, "team": {"members": ["user:bob"]}},
        "spaces": {"ENG": {"grants": {"group:staff": ["view"], "user:ann": ["view", "administer"], "anonymous": ["view"]}}},
        "contents": {"1": {"space": "ENG"}, "2": {"space": "ENG"}},
        "restrictions": {"1": {"read": ["group:staff"]}},
    });
    let checked = |version: &str, content: &str, subject: &str, faults: Vec<Fault>| {
        let simulator = with_faults(site.clone(), version, faults);
        let client = Client::new(config(&simulator)).unwrap();
        run(client.check(content, subject, "view")).unwrap().decision
    };
    assert_eq!(checked("10.2.0", "1", "user:bob", Vec::new()), Decision::Allowed);
    for status in [403, 404] {
        let faults = vec![Fault::status("/groupparent", status)];
        assert_eq!(checked("10.2.0", "1", "user:bob", faults), Decision::Unknown, "{status}");
    }
    // Nobody says whether anonymous may use the site, and a stranger is shown nothing.
    let closed =
        vec![Fault::status("/rest/api/permissions", 403), Fault::status("/rest/api/space?status=current", 401)];
    assert_eq!(checked("10.2.0", "2", "anonymous", closed), Decision::Unknown);
}

#[test]
fn an_installation_that_shows_nothing_to_strangers_is_recognised_by_an_account_that_may_ask() {
    let simulator = with_faults(
        long_site(3, 3),
        "9.2.0",
        vec![Fault::status("/rest/applinks", 401), Fault::status("/rest/api/server-information", 401).once()],
    );
    let mut config = config(&simulator);
    config.deployment = None;
    let client = Client::new(config).unwrap();
    assert_eq!(run(client.deployment()).unwrap(), Deployment::DataCenter);
}

#[test]
fn a_listing_that_never_ends_is_left_with_a_gap() {
    let faults = vec![Fault::on("/rest/api/space?", Effect::LoopingNext)];
    let simulator = with_faults(hard_site(), "8.5.4", faults);
    let client = Client::new(config(&simulator)).unwrap();
    let listing = run(client.spaces()).unwrap();
    assert_eq!(listing.rows.len(), 3);
    assert!(
        listing.gaps.iter().any(|gap| gap.scope == GapScope::Site && gap.subject == "spaces"),
        "{:#?}",
        listing.gaps
    );
}

#[test]
fn short_pages_and_headers_of_a_rate_limit_that_is_not_reached_do_not_end_a_listing() {
    let headers = [("Retry-After", "0"), ("X-RateLimit-Remaining", "3"), ("X-RateLimit-Interval-Seconds", "1")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let faults = vec![
        Fault::on("/rest/api/content?", Effect::ShortPage(70)),
        Fault::on("/rest/api/space", Effect::Headers(headers.to_vec())),
        Fault::status("/rest/api/group?", 429).retry_after("0").times(2),
    ];
    let simulator = with_faults(long_site(900, 3), "7.17.5", faults);
    let snapshot = snapshot(&simulator, None).unwrap();
    assert_eq!(snapshot.contents.len(), 900);
    assert!(!snapshot.gaps.iter().any(|gap| gap.subject == "groups"), "{:#?}", snapshot.gaps);
}

#[test]
fn whether_changes_are_accepted_is_asked_and_not_guessed() {
    let mut site = long_site(3, 3);
    let read_only = |simulator: &Simulator| snapshot(simulator, None).unwrap();
    let open = read_only(&with_faults(site.clone(), "9.2.0", Vec::new()));
    assert_eq!((open.site.read_only, can(&open, "u001", Operation::Edit, "1").as_str()), (Some(false), "allowed"));
    let unknown = read_only(&with_faults(site.clone(), "9.2.0", vec![Fault::status("/accessmode", 500)]));
    assert_eq!((unknown.site.read_only, can(&unknown, "u001", Operation::Edit, "1").as_str()), (None, "unknown"));
    site["read_only"] = json!(true);
    let closed = read_only(&with_faults(site, "9.2.0", Vec::new()));
    assert_eq!((closed.site.read_only, can(&closed, "u001", Operation::Edit, "1").as_str()), (Some(true), "denied"));
}

#[test]
fn a_parent_that_cannot_be_read_keeps_its_place() {
    let without = |answer: &mut Value| {
        if let Some(rows) = answer["results"].as_array_mut() {
            rows.retain(|row| row["id"] != "2");
        }
    };
    let hidden = Fault::on("/content/scan", Effect::edit(without));
    let faults = vec![hidden, Fault::status("/rest/api/content/2?", 404)];
    let mut site = long_site(2, 3);
    site["contents"]["3"] = json!({"type": "page", "space": "ENG", "parent": "2"});
    let simulator = with_faults(site, "9.2.0", faults);
    let snapshot = snapshot(&simulator, None).unwrap();
    let parent = snapshot.contents.iter().find(|content| content.id == "2").expect("the parent");
    assert_eq!(parent.parent_id.as_deref(), Some("1"));
    assert!(
        snapshot.gaps.iter().any(|gap| gap.subject == "2" && gap.cause.as_str() == "not_found"),
        "{:#?}",
        snapshot.gaps
    );
    // What stands above it binds all the same.
    assert_eq!(can(&snapshot, "zoe", Operation::View, "3"), "denied");
}

#[test]
fn what_the_server_says_binds_a_content_agrees_with_what_is_resolved() {
    let simulator = started(hard("10.2.0"));
    let client = Client::new(config(&simulator)).unwrap();
    let runtime = runtime();
    let access = Access::new(Arc::new(snapshot(&simulator, None).unwrap()), None);
    let questions: Vec<(String, Subject, Operation)> = access
        .sample(200, 7)
        .into_iter()
        .inspect(|question| assert_eq!(question.operation, Operation::View))
        .map(|question| (question.content_id, question.subject, question.operation))
        .collect();
    assert!(questions.len() > 20, "{}", questions.len());
    let answers = runtime.block_on(client.checks(&questions)).unwrap();
    let (mut agreed, mut open) = (0, 0);
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(access.disagreement(&answer), None, "{answer:#?}");
        if answer.decision == Decision::Unknown { open += 1 } else { agreed += 1 }
    }
    assert!(agreed > 15 && open < agreed, "{agreed} agreed, {open} left open");
    let cat = runtime.block_on(client.check("3", "user:cat", "view")).unwrap();
    assert_eq!(cat.decision, Decision::Allowed, "{cat:#?}");
    let edit = runtime.block_on(client.check("3", "user:cat", "edit")).unwrap_err();
    assert_eq!(edit.kind(), ErrorKind::Configuration);
}

#[test]
fn people_are_found_by_username_key_and_name() {
    let simulator = started(hard("9.2.0"));
    let client = Client::new(config(&simulator)).unwrap();
    let runtime = runtime();
    for text in ["ann", "user:ann", "ANN"] {
        assert_eq!(runtime.block_on(client.find_user(text)).unwrap().id, "ann", "{text}");
    }
    let nobody = runtime.block_on(client.find_user("nobody at all")).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound, "{nobody}");
    let members = runtime.block_on(client.members("group-like")).unwrap();
    assert_eq!(members.users.iter().map(|user| user.active).collect::<Vec<_>>(), [Some(false)]);
    let missing = runtime.block_on(client.members("no such group")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound, "{missing}");
    let space = runtime.block_on(client.contents("NOPE")).unwrap_err();
    assert!(space.to_string().contains("no space `NOPE`"), "{space}");
    assert_eq!(runtime.block_on(client.space_of("6")).unwrap(), "OLD");
}

#[test]
fn permissions_of_the_site_are_kept_and_name_their_holders() {
    let simulator = started(Options { pages: 20, ..options("10.2.0") });
    let read = run(Client::new(config(&simulator)).unwrap().global_permissions()).unwrap();
    let whole = snapshot(&simulator, None).unwrap();
    assert!(!read.rows.is_empty());
    assert_eq!(whole.site.global_permissions.as_ref(), Some(&read.rows));
    let access = Access::new(Arc::new(whole), None);
    for row in &read.rows {
        let found = access.used_by(&row.subject).unwrap();
        let given = |one: &Use| {
            one.kind == UseKind::GlobalPermission && one.permission.as_deref() == Some(row.permission.as_str())
        };
        assert_eq!(found.rows.iter().filter(|one| given(one)).count(), 1, "{row:?}");
        assert!(found.gaps.iter().all(|gap| gap.subject != "global_permissions"), "{:?}", found.gaps);
    }
}

#[test]
fn permissions_of_the_site_that_are_not_read_leave_a_gap_where_a_subject_is_sought() {
    let group = Subject::group("confluence-administrators");
    let about = |snapshot: Snapshot| {
        let found = Access::new(Arc::new(snapshot), None).used_by(&group).unwrap();
        assert!(found.rows.iter().all(|row| row.kind != UseKind::GlobalPermission));
        let gaps = found.gaps.into_iter().filter(|gap| gap.subject == "global_permissions");
        gaps.map(|gap| (gap.cause.to_string(), gap.status)).collect::<Vec<_>>()
    };
    let older = snapshot(&started(Options { pages: 20, ..options("8.5.4") }), None).unwrap();
    assert!(older.gaps.iter().all(|gap| gap.subject != "global_permissions"), "nothing failed: {:?}", older.gaps);
    assert_eq!(about(older), [("unsupported".to_owned(), None)]);
    let simulator = started(Options { pages: 20, ..options("10.2.0") });
    simulator.inject(Fault::status("/permissions", 403));
    let refused = snapshot(&simulator, None).unwrap();
    assert_eq!(about(refused), [("forbidden".to_owned(), Some(403))]);
    let mut before = snapshot(&started(Options { pages: 20, ..options("10.2.0") }), None).unwrap();
    before.site.global_permissions = None;
    assert_eq!(about(before), [("unsupported".to_owned(), None)], "a folder of an older version");
}
