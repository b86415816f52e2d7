//! Names beside ids, owners of personal spaces, and many contents in one question, on both deployments.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use confluence_access::fetch::{ErrorKind, WriteOptions};
use confluence_access::model::{Deployment, PermissionChange, Snapshot, Subject};
use confluence_access::resolve::Access;
use confluence_access::simulator::{Fault, Options};
use serde_json::{Value, json};

use crate::support::session::Session;
use crate::support::{BOTH, client_of};

fn site(deployment: Deployment, contents: usize) -> Value {
    let mut site = json!({
        "caller": "k-ann",
        "users": {
            "k-ann": {"name": "ann", "display_name": "Ann Berg", "product_admin": true},
            "k-bob": {"name": "bob", "display_name": "Bob Lind"},
        },
        "groups": {"g-eng": {"name": "engineering", "members": ["user:k-ann", "user:k-bob"]}},
        "spaces": {
            "ENG": {"name": "Engineering", "grants": {
                "group:g-eng": ["view", "administer", "create_page", "restrict"],
                "user:k-bob": ["view", "create_comment"],
            }},
            "~bob": {"type": "personal", "grants": {"user:k-bob": ["view"], "user:k-ann": ["view"]}},
            "~gone": {"type": "personal", "grants": {"user:k-ann": ["view"]}},
        },
        "contents": {},
        "restrictions": {},
    });
    for n in 0..contents {
        site["contents"][format!("{}", 1000 + n)] = json!({"space": "ENG", "title": format!("Page {n}")});
        site["restrictions"][format!("{}", 1000 + n)] =
            json!({"read": ["user:k-ann", "user:k-bob"], "update": ["group:g-eng"]});
    }
    if deployment == Deployment::Cloud {
        site["role_mode"] = json!("PRE_ROLES");
        for user in ["k-ann", "k-bob"] {
            site["users"][user].as_object_mut().unwrap().remove("name");
        }
    } else {
        // On Data Center a group is its name.
        let text = site.to_string().replace("g-eng", "engineering");
        return serde_json::from_str(&text).unwrap();
    }
    site
}

fn session(deployment: Deployment, contents: usize) -> Session {
    Session::with(Options { deployment, site: Some(site(deployment, contents)), ..Options::default() })
}

fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|n| n.to_string()).collect()
}

#[test]
fn subjects_of_rules_have_their_names_in_a_snapshot_and_singly() {
    for deployment in BOTH {
        let talk = session(deployment, 2);
        let named = |rows: Vec<(Subject, Option<String>)>| -> BTreeMap<String, String> {
            rows.into_iter().map(|(subject, name)| (subject.to_string(), name.unwrap_or_default())).collect()
        };
        let snapshot = talk.snapshot();
        let group = if deployment == Deployment::Cloud { "group:g-eng" } else { "group:engineering" };
        let expected = BTreeMap::from([
            ("user:k-ann".to_owned(), "Ann Berg".to_owned()),
            ("user:k-bob".to_owned(), "Bob Lind".to_owned()),
            (group.to_owned(), "engineering".to_owned()),
        ]);
        let rows = snapshot.space_permissions.into_iter().map(|row| (row.subject, row.subject_name)).collect();
        assert_eq!(named(rows), expected, "{deployment:?}");
        let rows = snapshot.restrictions.into_iter().map(|row| (row.subject, row.subject_name)).collect();
        assert_eq!(named(rows), expected, "{deployment:?}");

        let single = talk.run(talk.client.space_permissions("ENG")).unwrap();
        let rows = single.rows.into_iter().map(|row| (row.subject, row.subject_name)).collect();
        let mut expected = expected;
        expected.remove("user:k-ann");
        assert_eq!(named(rows), expected, "{deployment:?}");
        assert!(talk.simulator.unexpected().is_empty(), "{:?}", talk.simulator.unexpected());
    }
}

#[test]
fn names_that_cannot_be_looked_up_stay_null() {
    let talk = session(Deployment::Cloud, 0);
    talk.simulator.inject(Fault::status("/users-bulk", 403));
    talk.simulator.inject(Fault::status("/rest/api/group", 500));
    let listing = talk.run(talk.client.space_permissions("ENG")).unwrap();
    assert_eq!((listing.rows.len(), listing.gaps), (6, vec![]));
    assert!(listing.rows.iter().all(|row| row.subject_name.is_none()));
}

#[test]
fn a_personal_space_of_data_center_has_the_owner_its_key_names() {
    let talk = session(Deployment::DataCenter, 0);
    let owners = |spaces: Vec<confluence_access::model::Space>| -> Vec<(String, Option<String>)> {
        let mut owners: Vec<_> = spaces.into_iter().map(|space| (space.key, space.owner_id)).collect();
        owners.sort();
        owners
    };
    let expected =
        [("ENG".to_owned(), None), ("~bob".to_owned(), Some("k-bob".to_owned())), ("~gone".to_owned(), None)];
    let listed = talk.run(talk.client.spaces()).unwrap();
    assert!(listed.gaps.is_empty(), "an account that is gone owns nothing, and nothing is missing: {:?}", listed.gaps);
    assert_eq!(owners(listed.rows), expected);
    assert_eq!(owners(talk.snapshot().spaces), expected);
}

#[test]
fn the_owners_of_many_personal_spaces_come_from_the_list_of_accounts() {
    let mut described = site(Deployment::DataCenter, 0);
    for n in 0..60 {
        described["users"][format!("k-{n}")] = json!({"name": format!("u{n}")});
        described["spaces"][format!("~u{n}")] = json!({"type": "personal", "grants": {"user:k-ann": ["view"]}});
    }
    let talk =
        Session::with(Options { deployment: Deployment::DataCenter, site: Some(described), ..Options::default() });
    let spaces = talk.run(talk.client.spaces()).unwrap();
    assert_eq!(spaces.rows.iter().filter(|space| space.owner_id.is_some()).count(), 61);
    let singly = talk.simulator.requests().iter().filter(|request| request.path.contains("/rest/api/user?")).count();
    assert_eq!(singly, 0);
}

#[test]
fn findings_say_whom_they_are_about_by_name() {
    for deployment in BOTH {
        let talk = session(deployment, 1);
        let access = Access::new(Arc::new(talk.snapshot()), None);
        let findings = access.findings().rows;
        let single = findings.iter().find(|finding| finding.code == "individual_entries").expect("a finding");
        assert!(single.message.contains("Ann Berg, Bob Lind"), "{}", single.message);
        let caller = findings.iter().find(|finding| finding.code == "inventory_incomplete");
        if let Some(caller) = caller.filter(|finding| finding.subject.is_some()) {
            assert_eq!(caller.subject_name.as_deref(), Some("Ann Berg"));
            assert!(caller.message.contains("read as `Ann Berg`"), "{}", caller.message);
        }
    }
}

#[test]
fn a_change_says_of_which_space_or_page_it_is() {
    const REHEARSED: WriteOptions = WriteOptions { dry_run: true, allow_lockout: true, allow_open: true };
    for deployment in BOTH {
        let talk = session(deployment, 1);
        let view = ["view".to_owned()];
        let rows = talk.run(talk.client.grant("ENG", "user:Ann Berg", &view, REHEARSED)).unwrap();
        assert_eq!(rows[0].title.as_deref(), Some("Engineering"), "{deployment:?}");
        let all = talk.run(talk.client.unrestrict_all("user:k-bob", None, REHEARSED)).unwrap();
        let titles: Vec<_> = all.rows.iter().map(|row| (row.target.as_str(), row.title.as_deref())).collect();
        assert_eq!(titles, [("1000", Some("Page 0"))], "{deployment:?}");
        // Not read for the change, and so not told.
        let one = talk.run(talk.client.unrestrict(&ids([1000]), "view", None, REHEARSED)).unwrap();
        assert!(one.iter().all(|row| row.title.is_none()), "{deployment:?}");
    }
}

fn change(subject: Subject, group: Option<&str>) -> PermissionChange {
    let raw = json!({"creationDate": 1, "summary": "User added to group", "category": "Users and groups"}).to_string();
    let source = confluence_access::model::Origin::new("cloud_v1 GET /wiki/rest/api/audit");
    let record = confluence_access::apis::audit_record(&raw, &source).unwrap();
    let known = Snapshot::new(Deployment::Cloud);
    let asked = confluence_access::resolve::Asked::default();
    let found = confluence_access::resolve::permission_changes(&[record], &known, &asked).unwrap();
    let row = found.rows.into_iter().next().expect("a change");
    PermissionChange {
        subject: Some(subject),
        subject_name: None,
        group_id: group.map(str::to_owned),
        group_name: None,
        ..row
    }
}

#[test]
fn changes_that_have_ids_alone_get_names_with_two_requests() {
    let talk = session(Deployment::Cloud, 0);
    let mut rows =
        vec![change(Subject::user("k-bob"), Some("g-eng")), change(Subject::user("k-deleted"), Some("g-old"))];
    talk.run(talk.client.name_changes(&mut rows));
    let names: Vec<_> = rows.iter().map(|row| (row.subject_name.as_deref(), row.group_name.as_deref())).collect();
    assert_eq!(names, [(Some("Bob Lind"), Some("engineering")), (None, None)]);
    assert_eq!((talk.asked("/users-bulk"), talk.asked("/rest/api/group")), (1, 1));
}

#[test]
fn restrictions_of_many_contents_take_a_request_for_two_hundred() {
    for deployment in BOTH {
        let talk = session(deployment, 450);
        // A page of 200 takes long in a busy debug build, and one that takes too long is asked for in parts.
        let patient = client_of(&talk.simulator, |config| config.timeout = Duration::from_secs(60));
        let listing = talk.run(patient.restrictions_of(&ids((1000..1450).rev()))).unwrap();
        assert_eq!((listing.rows.len(), listing.gaps), (450 * 3, vec![]), "{deployment:?}");
        let order: Vec<&str> = listing.rows.iter().map(|row| row.content_id.as_str()).collect();
        assert_eq!(
            (order.first(), order.last()),
            (Some(&"1449"), Some(&"1000")),
            "{deployment:?}: as they were asked for"
        );
        assert_eq!(talk.asked("/content/search"), 3, "{deployment:?}");
        assert_eq!(talk.asked("/restriction"), 0, "{deployment:?}");
        let longest = talk.simulator.requests().iter().map(|request| request.path.len()).max();
        assert!(longest < Some(8_000), "{longest:?}");
        assert!(talk.simulator.unexpected().is_empty(), "{:?}", talk.simulator.unexpected());
        for row in talk.run(talk.client.restrictions("1000")).unwrap().rows {
            let same = |one: &&confluence_access::model::Restriction| {
                one.content_id == "1000" && one.operation == row.operation && one.subject == row.subject
            };
            assert!(listing.rows.iter().any(|one| same(&one)), "{deployment:?}: {row:?}");
        }
    }
}

#[test]
fn a_content_named_twice_is_there_once_and_one_that_is_not_there_is_one_gap() {
    for deployment in BOTH {
        let talk = session(deployment, 3);
        let wanted = ["1001", "999999", " 1001 ", "1000"].map(str::to_owned);
        let listing = talk.run(talk.client.restrictions_of(&wanted)).unwrap();
        let order: Vec<&str> = listing.rows.iter().map(|row| row.content_id.as_str()).collect();
        assert_eq!(order, ["1001", "1001", "1001", "1000", "1000", "1000"], "{deployment:?}");
        let gaps: Vec<_> = listing.gaps.iter().map(|gap| (gap.subject.as_str(), gap.cause.as_str())).collect();
        assert_eq!(gaps, [("999999", "not_found")], "{deployment:?}");
        let error = talk.run(talk.client.restrictions("999999")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{deployment:?}");
        let error = talk.run(talk.client.restrictions_of(&["1000".to_owned(), "\n".to_owned()])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{deployment:?}");
        assert!(talk.run(talk.client.restrictions_of(&[])).unwrap().rows.is_empty());
    }
}

#[test]
fn one_content_that_spoils_a_search_costs_few_requests_and_none_of_the_others() {
    for deployment in BOTH {
        let talk = session(deployment, 200);
        // Whatever search names it is refused.
        talk.simulator.inject(Fault::status("1063", 400));
        let listing = talk.run(talk.client.restrictions_of(&ids(1000..1200))).unwrap();
        assert_eq!(listing.rows.len(), 199 * 3, "{deployment:?}: {:?}", listing.gaps);
        let gaps: Vec<&str> = listing.gaps.iter().map(|gap| gap.subject.as_str()).collect();
        assert_eq!(gaps, ["1063"], "{deployment:?}");
        assert!(talk.simulator.requests().len() < 30, "{deployment:?}: {}", talk.simulator.requests().len());
    }
}

#[test]
fn without_search_each_content_is_read_by_itself() {
    for deployment in BOTH {
        let talk = session(deployment, 20);
        talk.simulator.inject(Fault::status("/content/search", 403));
        let listing = talk.run(talk.client.restrictions_of(&ids(1000..1020))).unwrap();
        assert_eq!((listing.rows.len(), listing.gaps), (60, vec![]), "{deployment:?}");
    }
    let talk = session(Deployment::Cloud, 20);
    talk.simulator.inject(Fault::status("/content", 401));
    let error = talk.run(talk.client.restrictions_of(&ids(1000..1020))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}
