//! The organization beside the site: its key goes to it alone, and its word is joined to Confluence's.

use std::collections::BTreeMap;
use std::sync::Arc;

use confluence_access::fetch::{AuditRange, AuditSource, Client, Config, ErrorKind};
use confluence_access::model::{Deployment, GapScope, GroupSource, Operation, Snapshot, Subject};
use confluence_access::resolve::{Access, Asked, ExposureOptions, FindingOptions, UseKind, permission_changes};
use confluence_access::simulator::{Effect, Fault, Options, Simulator, cast};
use secrecy::SecretString;
use serde_json::json;

use crate::support::canned::{canned, json as answer};
use crate::support::{self, run, simulated, started};

fn simulator() -> Simulator {
    started(Options { pages: 20, page_cap: Some(5), ..Options::default() })
}

fn config(simulator: &Simulator) -> Config {
    Config {
        org_token: Some(SecretString::from(simulator.org_token().to_owned())),
        org_url: Some(simulator.url()),
        max_retries: 0,
        ..support::config(simulator)
    }
}

#[test]
fn with_a_key_every_group_has_its_directory_and_both_words() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let directories = run(client.directories()).unwrap();
    assert_eq!((directories.rows.len(), directories.gaps.len()), (2, 0));
    let synced = directories.rows.iter().find(|d| d.name.as_deref().is_some_and(|n| n.ends_with("synced"))).unwrap();
    let named = BTreeMap::from([(synced.id.to_uppercase(), "Entra ID".to_owned())]);
    let groups = run(client.groups_named(&named)).unwrap();
    assert_eq!(groups.gaps, []);
    assert!(groups.rows.len() >= 14, "{}", groups.rows.len());
    for group in &groups.rows {
        let evidence = group.evidence.as_deref().unwrap();
        assert!(evidence.contains("managedBy=") && evidence.contains("; organization: directory="), "{evidence}");
        assert!(!evidence.contains("conflict"), "{evidence}");
        let from_directory = group.provenance == GroupSource::Directory;
        assert_eq!(from_directory, group.directory_name.as_deref() == Some("Entra ID"), "{group:?}");
        assert_eq!(from_directory, evidence.contains("externalSynced=true"));
    }
    assert!(simulator.requests().iter().any(|r| r.path.ends_with("/groups/search")));
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn a_snapshot_knows_the_directories_too() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let snapshot = run(client.snapshot(Some(vec!["HR".to_owned()]), Default::default())).unwrap();
    assert!(!snapshot.groups.is_empty());
    assert!(snapshot.groups.iter().all(|group| group.directory_id.is_some()));
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn where_organization_and_confluence_differ_the_evidence_tells() {
    let simulator = simulator();
    simulator.inject(Fault::on(
        "/groups/search",
        Effect::edit(|body| {
            for group in body["data"].as_array_mut().unwrap() {
                group["externalSynced"] = json!(false);
                group["managedBy"] = json!("admins");
            }
        }),
    ));
    let client = Client::new(config(&simulator)).unwrap();
    let groups = run(client.groups()).unwrap();
    let engineering = groups.rows.iter().find(|g| g.id == cast().engineering.id).unwrap();
    assert_eq!(engineering.provenance, GroupSource::Local);
    let evidence = engineering.evidence.as_deref().unwrap();
    assert!(evidence.ends_with("conflict: Confluence says directory, local is kept"), "{evidence}");
}

#[test]
fn a_refused_key_is_a_gap_and_confluence_still_answers() {
    for status in [401, 403, 500] {
        let simulator = simulator();
        simulator.inject(Fault::status("/admin/", status));
        let client = Client::new(config(&simulator)).unwrap();
        let groups = run(client.groups()).unwrap();
        assert!(groups.rows.iter().any(|g| g.provenance == GroupSource::Directory));
        assert!(groups.rows.iter().all(|g| g.directory_id.is_none()));
        assert!(!groups.gaps.is_empty());
        for gap in &groups.gaps {
            assert_eq!((&gap.scope, gap.subject.as_str()), (&GapScope::Site, "organization"));
            assert_eq!(gap.status, Some(status));
            assert!(!gap.message.contains(simulator.org_token()), "{}", gap.message);
        }
    }
}

#[test]
fn a_listing_that_breaks_off_never_says_that_a_group_is_not_there() {
    let simulator = simulator();
    simulator.inject(Fault::status("/groups/search", 403).skip(1));
    let client = Client::new(config(&simulator)).unwrap();
    let groups = run(client.groups()).unwrap();
    assert_eq!(groups.gaps.len(), 1);
    assert_eq!(groups.rows.iter().filter(|g| g.directory_id.is_some()).count(), 5, "the first page was read");
    assert!(groups.rows.iter().all(|g| !g.evidence.as_deref().unwrap_or_default().contains("not among")));
}

#[test]
fn the_key_goes_to_the_organization_and_the_token_to_the_site() {
    let elsewhere = canned(|_, _| answer(r#"{"data":[]}"#));
    let simulator = simulator();
    let mut config = config(&simulator);
    config.org_url = Some(elsewhere.url.clone());
    config.org_id = Some("o1".to_owned());
    let client = Client::new(config).unwrap();
    let groups = run(client.groups()).unwrap();
    assert_eq!(groups.gaps, []);
    assert!(groups.rows.iter().all(|g| g.evidence.as_deref().unwrap().ends_with("organization: not among its groups")));
    let heads = elsewhere.heads();
    assert_eq!(heads.len(), 2, "{heads:?}");
    for head in &heads {
        let lower = head.to_lowercase();
        assert!(lower.contains(&format!("authorization: bearer {}", simulator.org_token().to_lowercase())), "{head}");
        assert!(!lower.contains("basic ") && !head.contains(simulator.token()), "{head}");
    }
    assert!(simulator.requests().iter().all(|r| !r.path.starts_with("/admin")));
}

#[test]
fn the_key_is_never_sent_in_the_clear_over_a_network() {
    let simulator = simulator();
    for (url, word) in [
        ("http://api.example.com", "in the clear"),
        ("https://user:s3cr3t@api.atlassian.com", "credentials"),
        ("https://api.atlassian.com/ex/confluence/1", "no origin"),
        ("nonsense", "no address"),
    ] {
        let mut config = config(&simulator);
        config.org_url = Some(url.to_owned());
        config.allow_http = true;
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(word) && !error.to_string().contains("s3cr3t"), "{error}");
    }
}

#[test]
fn the_directories_behind_an_account_are_told() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let links = run(client.directory_links(&format!("user:{}", cast().ann.account_id))).unwrap();
    assert_eq!((links.rows.len(), links.gaps.len()), (1, 0));
    assert!(links.rows[0].directory_name.as_deref().unwrap().ends_with("synced"));
    assert_eq!(run(client.directory_links("nobody:1")).unwrap_err().kind(), ErrorKind::NotFound);
    let without = Client::new(Config::new(simulator.url()).with_token("a@b.c", "t0ken")).unwrap();
    assert_eq!(run(without.directories()).unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn an_account_is_found_by_name_address_and_id() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let ann = cast().ann;
    assert_eq!(run(client.find_user(ann.name)).unwrap().id, ann.account_id);
    assert_eq!(run(client.find_user(&format!("user:{}", ann.account_id))).unwrap().id, ann.account_id);
    let olga = run(client.find_user("OLGA.admin@acme.example"));
    let by_name = run(client.find_user(cast().olga.name)).unwrap();
    match by_name.email {
        Some(_) => assert_eq!(olga.unwrap().id, by_name.id),
        None => assert_eq!(olga.unwrap_err().kind(), ErrorKind::NotFound),
    }
    let nobody = run(client.find_user("Nemo Nobody")).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound);
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn a_name_of_several_people_lists_them() {
    let site = json!({
        "users": {
            "u1": {"name": "Ann Berg"}, "u2": {"name": "Ann Berg"}, "u3": {"name": "Joann Bergman"},
            "u4": {"name": "Ann Cole"}, "u5": {"name": "Former user", "active": false},
        },
        "spaces": {"ENG": {"grants": {"user:u1": ["view"]}}},
    });
    let simulator = simulated(site, |_| {});
    let client = Client::new(config(&simulator)).unwrap();
    let several = run(client.find_user("Ann Berg")).unwrap_err();
    assert_eq!(several.kind(), ErrorKind::Ambiguous);
    assert_eq!(several.candidates().len(), 2);
    assert_eq!(several.candidates(), ["user:u1", "user:u2"]);
    assert!(several.to_string().contains("Ann Berg (id u1)"), "{several}");
    assert_eq!(run(client.find_user("ann cole")).unwrap().id, "u4");
    assert_eq!(run(client.find_user("Cole")).unwrap().id, "u4");
    let partly = run(client.find_user("Joann Berg")).unwrap_err();
    assert_eq!(partly.kind(), ErrorKind::NotFound, "{partly}");
    let former = run(client.find_user("former user")).unwrap();
    assert_eq!((former.id.as_str(), former.active), ("u5", Some(false)));
}

#[test]
fn points_count_objects_and_weigh_people_double() {
    let simulator = started(Options { pages: 20, ..Options::default() });
    let client = Client::new(config(&simulator)).unwrap();
    let before = client.points();
    assert_eq!(before, 0);
    let spaces = run(client.spaces()).unwrap().rows.len() as u64;
    let asked = client.requests_sent();
    assert!(client.points() >= asked + spaces, "{} points", client.points());
    let before = (client.points(), client.requests_sent());
    let members = run(client.members(&cast().engineering.id)).unwrap().memberships.len() as u64;
    let asked = client.requests_sent() - before.1;
    assert_eq!(client.points() - before.0, asked + 2 * members + 2, "the group itself was looked up too");
}

/// A site whose administrator may not view one subtree.
fn hidden() -> Simulator {
    let site = json!({
        "caller": "user:root",
        "users": {"root": {"product_admin": true}, "ann": {}},
        "groups": {"staff": {"members": ["user:root", "user:ann"]}, "idle": {"members": ["user:ann"]}},
        "spaces": {"ENG": {"grants": {"group:staff": ["view", "create_page"]}}},
        "contents": {
            "1": {"type": "page", "space": "ENG"},
            "2": {"type": "page", "space": "ENG", "parent": "1"},
            "3": {"type": "page", "space": "ENG", "parent": "2"},
        },
        "restrictions": {"2": {"read": ["user:ann"]}},
    });
    simulated(site, |_| {})
}

fn methods(simulator: &Simulator) -> Vec<String> {
    let key = |path: &str| path.ends_with("/admin-key");
    simulator.requests().into_iter().filter(|r| key(&r.path)).map(|r| r.method).collect()
}

#[test]
fn with_an_admin_key_the_hidden_is_read_and_the_key_given_back() {
    let simulator = hidden();
    let client = Client::new(config(&simulator)).unwrap();
    let plain = run(client.snapshot(None, Default::default())).unwrap();
    assert_eq!(plain.contents.len(), 1);
    assert!(plain.site.coverage.iter().any(|note| note.contains("restricted to others")), "{:?}", plain.site.coverage);
    assert_eq!(methods(&simulator), [] as [&str; 0], "nobody asked for a key");
    let whole = run(client.snapshot_with_admin_key(None, Default::default())).unwrap();
    assert_eq!(whole.contents.len(), 3);
    assert_eq!(whole.restrictions.len(), 1);
    assert_eq!(whole.gaps.iter().filter(|gap| gap.subject != "organization").collect::<Vec<_>>(), [] as [&_; 0]);
    assert!(whole.site.coverage.iter().any(|note| note.contains("admin key")));
    assert_eq!((plain.site.admin_key, whole.site.admin_key), (false, true));
    assert_eq!(methods(&simulator), ["GET", "POST", "DELETE"]);
    assert!(!simulator.admin_key_active());
    assert_eq!(simulator.unexpected(), []);
    // A restriction that the account does not see may name a group; with the key it sees all of them.
    let unused = |snapshot: Snapshot| {
        let options = FindingOptions::default().with_codes(["unused_group"]).unwrap();
        let rows = Access::new(Arc::new(snapshot), None).findings_of(&options).rows;
        rows.into_iter().map(|row| (row.subject.unwrap(), row.message)).collect::<Vec<_>>()
    };
    assert_eq!(unused(plain), []);
    let found = unused(whole);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 == "group:idle" && found[0].1.contains("childless folders"), "{found:?}");
    let after = run(client.contents("ENG")).unwrap();
    assert_eq!(after.rows.len(), 1, "other calls do not use the key");
}

#[test]
fn a_site_without_admin_keys_says_what_it_takes() {
    let simulator = started(Options { admin_key: false, pages: 20, ..Options::default() });
    let client = Client::new(config(&simulator)).unwrap();
    let error = run(client.snapshot_with_admin_key(None, Default::default())).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(404)));
    assert!(error.to_string().contains("Premium or Enterprise"), "{error}");
    assert_eq!(methods(&simulator), ["GET", "POST"]);
}

#[test]
fn the_key_is_given_back_after_an_error_and_after_a_call_that_was_dropped() {
    let simulator = hidden();
    simulator.inject(Fault::status("/api/v2/spaces", 403));
    let mut config = config(&simulator);
    config.deployment = Some(confluence_access::model::Deployment::Cloud);
    let client = Client::new(config).unwrap();
    run(client.snapshot_with_admin_key(None, Default::default())).unwrap_err();
    assert!(methods(&simulator).ends_with(&["DELETE".to_owned()]) && !simulator.admin_key_active());
    simulator.clear_faults();
    simulator.clear_log();
    simulator.inject(Fault::stall("/api/v2/pages", std::time::Duration::from_secs(60)));
    run(async {
        let call = client.snapshot_with_admin_key(None, Default::default());
        let ended = tokio::time::timeout(std::time::Duration::from_millis(300), call).await;
        assert!(ended.is_err(), "the call was still reading");
    });
    assert_eq!(methods(&simulator), ["GET", "POST", "DELETE"]);
    assert!(!simulator.admin_key_active());
}

#[test]
fn a_client_that_is_closed_gives_its_key_back() {
    let simulator = hidden();
    simulator.inject(Fault::stall("/api/v2/pages", std::time::Duration::from_secs(60)));
    let client = Client::new(config(&simulator)).unwrap();
    let error = run(async {
        let closing = async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            client.close();
        };
        futures::join!(client.snapshot_with_admin_key(None, Default::default()), closing).0.unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(methods(&simulator).ends_with(&["DELETE".to_owned()]) && !simulator.admin_key_active());
}

#[test]
fn a_key_somebody_else_issued_is_used_and_left() {
    let simulator = hidden();
    simulator.inject(Fault::on("/admin-key", Effect::Body(r#"{"accountId":"root"}"#.to_owned())).method("GET"));
    let client = Client::new(config(&simulator)).unwrap();
    run(client.snapshot_with_admin_key(None, Default::default())).unwrap();
    assert_eq!(methods(&simulator), ["GET"]);
}

fn range(since_days: i64) -> AuditRange {
    let now = jiff::Timestamp::now().as_millisecond();
    AuditRange { since: Some(now - since_days * 86_400_000), until: None, search: None }
}

#[test]
fn its_log_is_read_to_the_page_where_one_waits_for_more() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let log = run(client.audit_from(&AuditRange::default(), AuditSource::Organization)).unwrap();
    assert_eq!(log.gaps, []);
    assert!(log.rows.len() > 20, "{}", log.rows.len());
    assert!(log.rows.is_sorted_by_key(|record| std::cmp::Reverse(record.at)));
    let asked = simulator.requests().iter().filter(|r| r.path.ends_with("/events-stream")).count();
    assert_eq!(asked, log.rows.len().div_ceil(5) + 1, "the page after the last one is empty");
    let added = log.rows.iter().find(|r| r.action.as_deref() == Some("user_added_to_group")).unwrap();
    assert_eq!(added.action_key.as_deref(), Some("user_added_to_group"));
    assert!(added.source.as_str().starts_with("org_admin GET"), "{:?}", added.source);
    assert!(added.raw.contains("processedAt"), "{}", added.raw);
    let kinds: Vec<_> = added.objects.iter().map(|o| (o.kind.as_deref(), o.affected)).collect();
    assert_eq!(kinds, [(Some("user"), true), (Some("group"), true), (Some("orgs"), false)]);
    assert!(added.objects.iter().take(2).all(|o| o.id.is_some() && o.name.is_some()));
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn its_log_is_narrowed_to_a_range_and_a_text() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let read = |range: &AuditRange| run(client.audit_from(range, AuditSource::Organization)).unwrap().rows;
    let month = read(&range(30));
    assert!(!month.is_empty() && month.len() < read(&AuditRange::default()).len());
    let named = read(&AuditRange { search: Some("ENGINEERING".to_owned()), ..range(30) });
    assert!(!named.is_empty() && named.len() < month.len());
    assert!(named.iter().all(|record| record.raw.contains("engineering")));
}

#[test]
fn changes_of_both_logs_are_rows_of_one_table() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let known = run(client.names(None, None)).unwrap();
    let changes = |source| {
        let log = run(client.audit_from(&range(30), source)).unwrap();
        assert_eq!(log.gaps, []);
        permission_changes(&log.rows, &known, &Asked::default()).unwrap().rows
    };
    let (own, organization, both) =
        (changes(AuditSource::Confluence), changes(AuditSource::Organization), changes(AuditSource::Both));
    assert_eq!(both.len(), own.len() + organization.len());
    let said: Vec<_> = organization
        .iter()
        .map(|c| {
            (
                c.scope.as_str(),
                c.change.as_str(),
                c.confidence.as_str(),
                c.group_name.as_deref(),
                c.subject_name.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("group", "removed", "certain", Some("engineering"), Some("Ivan Duarte")),
            ("group", "added", "certain", Some("security-reviewers"), Some("Ann Berg"))
        ]
    );
    assert!(organization.iter().all(|c| c.subject.as_ref().is_some_and(|s| !s.id.is_empty()) && c.group_id.is_some()));
    assert!(both.is_sorted_by_key(|change| std::cmp::Reverse(change.at)));
}

#[test]
fn an_action_nobody_knows_is_kept_and_a_login_is_not() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let log = run(client.audit_from(&AuditRange::default(), AuditSource::Organization)).unwrap();
    let count = |action: &str| log.rows.iter().filter(|r| r.action.as_deref() == Some(action)).count();
    let (unknown, logins) = (count("authentication_policy_thing_changed"), count("user_login"));
    assert!(unknown > 0 && logins > 0, "{unknown} {logins}");
    let changes = permission_changes(&log.rows, &Snapshot::new(Deployment::Cloud), &Asked::default()).unwrap().rows;
    let other: Vec<_> = changes.iter().filter(|change| change.scope.as_str() == "other").collect();
    assert_eq!(other.len(), unknown);
    assert!(other.iter().all(|change| change.raw.contains("authentication_policy_thing_changed")));
}

#[test]
fn without_a_key_nothing_is_asked_and_a_refused_key_is_an_error_or_a_gap() {
    let simulator = simulator();
    let plain = support::config(&simulator);
    for source in [AuditSource::Organization, AuditSource::Both] {
        let error = run(Client::new(plain.clone()).unwrap().audit_from(&range(30), source)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("`org_token`"), "{error}");
    }
    assert_eq!(simulator.requests().len(), 0);
    simulator.inject(Fault::status("events-stream", 403));
    let client = Client::new(config(&simulator)).unwrap();
    let error = run(client.audit_from(&range(30), AuditSource::Organization)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains("read:events:admin"), "{error}");
    let both = run(client.audit_from(&range(30), AuditSource::Both)).unwrap();
    assert!(!both.rows.is_empty());
    let [gap] = both.gaps.as_slice() else { panic!("{:#?}", both.gaps) };
    assert_eq!((&gap.scope, gap.subject.as_str(), gap.status), (&GapScope::Audit, "organization", Some(403)));
}

#[test]
fn a_stream_that_breaks_off_or_goes_in_a_circle_is_a_gap() {
    for (fault, cause) in [
        (Fault::status("cursor=", 500), "server_error"),
        (Fault::on("events-stream", Effect::LoopingNext).skip(1), "loop"),
    ] {
        let simulator = simulator();
        simulator.inject(fault);
        let client = Client::new(config(&simulator)).unwrap();
        let log = run(client.audit_from(&AuditRange::default(), AuditSource::Organization)).unwrap();
        assert!(!log.rows.is_empty());
        assert_eq!(log.gaps.iter().map(|gap| gap.cause.as_str()).collect::<Vec<_>>(), [cause]);
    }
    // A stream that waits at another place each time is not waited for either.
    let simulator = simulator();
    let moved = std::sync::atomic::AtomicUsize::new(0);
    simulator.inject(Fault::on(
        "events-stream",
        Effect::edit(move |body| {
            body["data"] = json!([]);
            let place = moved.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            body["meta"]["next"] = json!(format!("c/{place}="));
        }),
    ));
    let client = Client::new(config(&simulator)).unwrap();
    let log = run(client.audit_from(&AuditRange::default(), AuditSource::Organization)).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (0, 0));
    assert!(simulator.requests().len() < 10);
}

/// A site where some space is open to product admins, of whom one is in no group.
fn administered() -> Simulator {
    let site = json!({
        "caller": "user:root",
        "users": {"boss": {"product_admin": true}, "root": {}, "ann": {}, "bob": {}},
        "groups": {"staff": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"ENG": {"grants": {
            "class:all-product-admins": ["view"], "user:root": ["view"], "group:staff": ["create_page"],
        }}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    });
    simulated(site, |o| o.page_cap = Some(5))
}

fn product_admins(snapshot: &Snapshot) -> Vec<(&str, Option<bool>)> {
    snapshot.users.iter().filter(|u| u.product_admin.is_some()).map(|u| (u.id.as_str(), u.product_admin)).collect()
}

fn about_product_admins(snapshot: &Snapshot) -> Vec<Option<u16>> {
    snapshot.gaps.iter().filter(|gap| gap.subject == "product_admins").map(|gap| gap.status).collect()
}

#[test]
fn with_a_key_a_snapshot_knows_product_admins_in_no_group() {
    let simulator = administered();
    let without = support::client(&simulator);
    let plain = run(without.snapshot(None, Default::default())).unwrap();
    assert_eq!(product_admins(&plain), []);
    assert!(simulator.requests().iter().all(|r| !r.path.starts_with("/admin")));
    let client = Client::new(config(&simulator)).unwrap();
    let snapshot = run(client.snapshot(None, Default::default())).unwrap();
    assert_eq!(product_admins(&snapshot), [("boss", Some(true))]);
    assert_eq!(about_product_admins(&snapshot), []);
    let boss = snapshot.users.iter().find(|user| user.id == "boss").unwrap();
    assert_eq!(boss.active, Some(true), "Confluence told the rest of the account");
    let may = |read: Snapshot| Access::new(Arc::new(read), None).can(&Subject::user("boss"), Operation::View, "1");
    assert_ne!(may(plain).as_str(), "allowed");
    assert_eq!(may(snapshot).as_str(), "allowed");
    assert_eq!(simulator.unexpected(), []);
}

#[test]
fn groups_whose_role_makes_product_admins_make_their_members_such() {
    let simulator = administered();
    simulator.inject(Fault::on("/users/search", Effect::edit(|body| body["data"] = json!([]))));
    simulator.inject(Fault::on(
        "/groups/search",
        Effect::edit(|body| {
            body["data"] = json!([{"id": "staff", "name": "staff", "managedBy": "admins"}, {"id": "elsewhere"}]);
        }),
    ));
    let client = Client::new(config(&simulator)).unwrap();
    let snapshot = run(client.snapshot(None, Default::default())).unwrap();
    assert_eq!(product_admins(&snapshot), [("ann", Some(true)), ("bob", Some(true))]);
}

#[test]
fn product_admins_that_cannot_be_read_are_a_gap() {
    for (path, gaps) in [("/users/search", 1), ("/groups/search", 1), ("/admin/v1/orgs", 1), ("/_edge/tenant_info", 1)]
    {
        let simulator = administered();
        simulator.inject(Fault::status(path, 403));
        let client = Client::new(config(&simulator)).unwrap();
        let snapshot = run(client.snapshot(None, Default::default())).unwrap();
        assert_eq!(about_product_admins(&snapshot), vec![Some(403); gaps], "{path}: {:#?}", snapshot.gaps);
        let known: &[_] = if path == "/groups/search" { &[("boss", Some(true))] } else { &[] };
        assert_eq!(product_admins(&snapshot), known, "{path}");
    }
}

#[test]
fn a_server_that_ignores_the_filter_for_roles_makes_nobody_a_product_admin() {
    let site = json!({
        "caller": "user:root",
        "users": {"boss": {"product_admin": true}, "root": {}, "ann": {}, "bob": {}},
        "groups": {"staff": {"members": ["user:ann", "user:bob"]}, "guild": {"members": ["user:bob"]}},
        "spaces": {"ENG": {"grants": {"class:all-product-admins": ["view"], "group:staff": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    });
    for (path, data, known) in [
        ("/users/search", json!([{"accountId": "ann"}, {"accountId": "bob"}, {"accountId": "boss"}]), vec![]),
        ("/groups/search", json!([{"id": "staff"}, {"id": "guild"}]), vec![("boss", Some(true))]),
    ] {
        let options = Options { site: Some(site.clone()), page_cap: Some(5), ..Options::default() };
        let simulator = started(options);
        simulator.inject(Fault::on(path, Effect::edit(move |body| body["data"] = data.clone())));
        let client = Client::new(config(&simulator)).unwrap();
        let snapshot = run(client.snapshot(None, Default::default())).unwrap();
        assert_eq!(product_admins(&snapshot), known, "{path}");
        assert_eq!(about_product_admins(&snapshot), [None], "{path}: {:#?}", snapshot.gaps);
    }
}

#[test]
fn with_its_id_the_site_is_not_asked_for_it() {
    let simulator = administered();
    let mut config = config(&simulator);
    config.cloud_id = Some(simulator.cloud_id());
    let snapshot = run(Client::new(config).unwrap().snapshot(None, Default::default())).unwrap();
    assert_eq!(product_admins(&snapshot), [("boss", Some(true))]);
    assert!(simulator.requests().iter().all(|r| r.path != "/_edge/tenant_info"));
}

fn domained() -> Simulator {
    let site = json!({
        "caller": "user:root",
        "verified_domains": ["acme.com", "acme.org"],
        "users": {
            "root": {"email": "root@ACME.com"}, "kim": {"email": "kim@partner.org"}, "eve": {},
            "uno": {"email": "uno@unverified.example"},
        },
        "spaces": {"ENG": {"grants": {"user:root": ["view"], "user:kim": ["view"], "user:uno": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    });
    simulated(site, |o| o.page_cap = Some(1))
}

/// The verified domains, the gaps about them, and how many viewers from outside the space has.
fn domains_of(simulator: &Simulator) -> (Option<Vec<String>>, Vec<Option<u16>>, Option<u64>) {
    let snapshot = run(Client::new(config(simulator)).unwrap().snapshot(None, Default::default())).unwrap();
    let gaps = snapshot.gaps.iter().filter(|gap| gap.subject == "verified_domains").map(|gap| gap.status).collect();
    let domains = snapshot.site.verified_domains.clone();
    let access = Access::new(Arc::new(snapshot), None);
    let rows: Vec<_> = access.exposure(&ExposureOptions::default()).flatten().collect();
    (domains, gaps, rows[0].external)
}

#[test]
fn with_a_key_a_snapshot_knows_the_verified_domains() {
    let simulator = domained();
    let verified = Some(vec!["acme.com".to_owned(), "acme.org".to_owned()]);
    assert_eq!(domains_of(&simulator), (verified, vec![], Some(2)));
    assert_eq!(simulator.requests().iter().filter(|r| r.path.ends_with("/domains")).count(), 3, "page by page");
    assert_eq!(simulator.unexpected(), []);
    let plain = run(support::client(&simulator).snapshot(None, Default::default())).unwrap();
    assert_eq!(plain.site.verified_domains, None);
    assert_eq!(plain.gaps, []);
}

#[test]
fn domains_that_are_not_all_known_are_a_gap_and_make_nobody_an_outsider() {
    let one = || Fault::status("/domains", 403);
    let edit = |path: &'static str| {
        Fault::on(
            "/domains",
            Effect::edit(move |body| {
                body.pointer_mut("/data/0/attributes").unwrap().as_object_mut().unwrap().remove(path);
            }),
        )
    };
    for (fault, status) in [(one(), Some(403)), (one().skip(1), Some(403)), (edit("claim"), None), (edit("name"), None)]
    {
        let simulator = domained();
        simulator.inject(fault);
        let (domains, gaps, external) = domains_of(&simulator);
        assert_eq!((domains, external), (None, None));
        assert!(!gaps.is_empty() && gaps.iter().all(|found| *found == status), "{gaps:?}");
    }
}

#[test]
fn an_organization_without_a_verified_domain_makes_nobody_an_outsider() {
    let simulator = domained();
    simulator.inject(Fault::on("/domains", Effect::edit(|body| body["data"] = json!([]))));
    assert_eq!(domains_of(&simulator), (Some(vec![]), vec![], None));
}

#[test]
fn what_gives_access_to_the_product_is_a_use_of_a_group_and_the_rest_is_unknown() {
    let simulator = simulator();
    let client = Client::new(config(&simulator)).unwrap();
    let snapshot = run(client.snapshot(None, Default::default())).unwrap();
    let site = snapshot.site.global_permissions.clone().unwrap();
    let holds = |word: &str| site.iter().filter(|row| row.permission.as_str() == word).collect::<Vec<_>>();
    let (using, administering) = (holds("use"), holds("administer"));
    assert_eq!(using.len() + administering.len(), site.len());
    assert!(!using.is_empty() && !administering.is_empty(), "{site:?}");
    assert!(using.iter().all(|row| row.subject_name.is_some()), "{using:?}");
    let group = using[0].subject.clone();
    assert!(snapshot.gaps.iter().all(|gap| gap.subject != "global_permissions"), "nothing failed: {:?}", snapshot.gaps);
    let found = Access::new(Arc::new(snapshot), None).used_by(&group).unwrap();
    let given: Vec<_> = found.rows.iter().filter(|row| row.kind == UseKind::GlobalPermission).collect();
    assert!(given.iter().any(|row| row.permission.as_deref() == Some("use")), "{given:?}");
    let gaps = found.gaps.iter().filter(|gap| gap.subject == "global_permissions");
    assert_eq!(gaps.map(|gap| gap.cause.as_str()).collect::<Vec<_>>(), ["unsupported"]);
}
