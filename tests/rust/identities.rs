//! The accounts of the organization: when each was last active, and its names elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use confluence_access::fetch::{Client, Config, ErrorKind, SnapshotOptions};
use confluence_access::model::{Deployment, GapCause, GapScope, Identity, Snapshot};
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{self, client, run, simulated, started, understood};

const USERS: &str = "/users/search";
const LINKS: &str = "/get-scim-links";

fn site() -> Value {
    json!({
        "caller": "user:root",
        "users": {
            "root": {"product_admin": true, "email": "root@acme.example", "last_active": "2026-11-20T08:30:00Z"},
            "ann": {"email": "ann@acme.example", "last_active": "2026-11-19T10:00:00Z"},
            "bob": {"email": "bob@acme.example"},
            "gus": {"guest": true, "licensed": false},
        },
        "groups": {
            "staff": {"members": ["user:root", "user:bob"], "managed_by": "ADMINS"},
            "synced": {"members": ["user:ann"], "managed_by": "EXTERNAL"},
        },
        "spaces": {"ENG": {"grants": {"group:staff": ["view"], "user:ann": ["view"], "user:gus": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    })
}

fn config(simulator: &Simulator) -> Config {
    Config {
        org_token: Some(SecretString::from(simulator.org_token().to_owned())),
        org_url: Some(simulator.url()),
        max_retries: 0,
        ..support::config(simulator)
    }
}

fn with_key(simulator: &Simulator) -> Client {
    Client::new(config(simulator)).unwrap()
}

fn asked(simulator: &Simulator, part: &str) -> usize {
    simulator.requests().iter().filter(|request| request.path.contains(part)).count()
}

fn snapshot(client: &Client) -> Snapshot {
    let options = SnapshotOptions { last_active: true, ..SnapshotOptions::default() };
    run(client.snapshot_with(options, Arc::default())).unwrap()
}

fn dates(snapshot: &Snapshot) -> BTreeMap<&str, Option<String>> {
    snapshot.users.iter().map(|user| (user.id.as_str(), user.last_active_at.map(|at| at.to_string()))).collect()
}

fn moment(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn an_account_has_a_row_for_each_product_it_used_and_one_if_it_used_none() {
    let simulator = simulated(site(), |options| options.page_cap = Some(3));
    let active = run(with_key(&simulator).last_active()).unwrap();
    assert_eq!(active.gaps, []);
    let rows: Vec<_> = active
        .rows
        .iter()
        .map(|row| (row.user_id.as_str(), row.product.as_deref(), row.last_active_at.map(|at| at.to_string())))
        .collect();
    let expected = [
        ("ann", Some("confluence"), moment("2026-11-19T10:00:00Z")),
        ("bob", None, None),
        ("gus", None, None),
        ("root", Some("confluence"), moment("2026-11-20T08:30:00Z")),
    ];
    assert_eq!(rows.into_iter().collect::<std::collections::BTreeSet<_>>(), expected.into_iter().collect());
    assert_eq!(asked(&simulator, USERS), 2, "two pages of three");
    understood(&simulator);
}

#[test]
fn a_snapshot_has_the_dates_on_request() {
    let simulator = simulated(site(), |_| {});
    let client = with_key(&simulator);
    let plain = run(client.snapshot(None, Arc::default())).unwrap();
    assert!(plain.users.iter().all(|user| user.last_active_at.is_none()));
    let with_dates = snapshot(&client);
    assert_eq!(with_dates.gaps, plain.gaps);
    let expected = [
        ("ann", moment("2026-11-19T10:00:00Z")),
        ("bob", None),
        ("gus", None),
        ("root", moment("2026-11-20T08:30:00Z")),
    ];
    assert_eq!(dates(&with_dates), BTreeMap::from(expected));
    understood(&simulator);
}

#[test]
fn another_site_of_the_organization_does_not_count() {
    let simulator = simulated(site(), |_| {});
    simulator.inject(Fault::on(
        USERS,
        Effect::edit(|body| {
            for user in body["data"].as_array_mut().unwrap().iter_mut().filter(|user| user["accountId"] == "ann") {
                user["productAccess"][0]["id"] = json!("another");
            }
        }),
    ));
    let with_dates = snapshot(&with_key(&simulator));
    assert_eq!((&dates(&with_dates)["ann"], &dates(&with_dates)["root"]), (&None, &moment("2026-11-20T08:30:00Z")));
}

#[test]
fn what_the_organization_does_not_say_is_a_gap() {
    let refused = simulated(site(), |_| {});
    refused.inject(Fault::status(USERS, 403));
    let silent = simulated(site(), |_| {});
    silent.inject(Fault::on(
        USERS,
        Effect::edit(|body| {
            for user in body["data"].as_array_mut().unwrap() {
                user.as_object_mut().unwrap().remove("productAccess");
            }
        }),
    ));
    assert_eq!(run(with_key(&refused).last_active()).unwrap_err().kind(), ErrorKind::Forbidden);
    let listing = run(with_key(&silent).last_active()).unwrap();
    assert_eq!(listing.rows, []);
    assert_eq!(listing.gaps[0].cause, GapCause::NotTrusted);
    for (simulator, cause) in [(&refused, GapCause::Forbidden), (&silent, GapCause::NotTrusted)] {
        let snapshot = snapshot(&with_key(simulator));
        let gap = snapshot.gaps.iter().find(|gap| gap.subject == "organization" && gap.cause == cause);
        assert!(gap.is_some_and(|gap| gap.scope == GapScope::Site), "{:?}", snapshot.gaps);
        assert!(dates(&snapshot).values().all(Option::is_none));
    }
}

#[test]
fn without_a_key_and_on_data_center_nothing_is_sent() {
    let simulator = simulated(site(), |_| {});
    let options = || SnapshotOptions { last_active: true, ..SnapshotOptions::default() };
    let without = client(&simulator);
    for error in
        [run(without.last_active()).unwrap_err(), run(without.snapshot_with(options(), Arc::default())).unwrap_err()]
    {
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("give `org_token`"), "{error}");
    }
    assert!(simulator.requests().is_empty());
    let simulator = started(Options { deployment: Deployment::DataCenter, pages: 10, ..Options::default() });
    let error = run(client(&simulator).snapshot_with(options(), Arc::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(simulator.requests().is_empty());
}

fn of<'r>(rows: &'r [Identity], id: &str) -> &'r Identity {
    let mut found = rows.iter().filter(|row| row.user_id == id);
    let (Some(row), None) = (found.next(), found.next()) else { panic!("{id} in {rows:#?}") };
    row
}

#[test]
fn with_a_key_the_organization_names_addresses_and_directories() {
    let simulator = simulated(site(), |_| {});
    let client = with_key(&simulator);
    let listing = run(client.identities(true)).unwrap();
    assert_eq!(listing.gaps, []);
    assert_eq!(listing.rows.len(), 4);
    let ann = of(&listing.rows, "ann");
    assert_eq!(ann.email.as_deref(), Some("ann@acme.example"));
    assert_eq!((ann.managed, ann.email_verified), (Some(true), Some(true)));
    let link = run(client.directory_links("ann")).unwrap().rows.remove(0);
    assert_eq!(ann.external_id.as_ref(), Some(&link.scim_user_id));
    assert_eq!((&ann.directory_id, &ann.directory_name), (&Some(link.directory_id), &link.directory_name));
    assert_eq!(ann.evidence, "organization: claimStatus=managed, managementSource=synced; scim link");
    let bob = of(&listing.rows, "bob");
    assert_eq!(bob.evidence, "organization: claimStatus=managed, managementSource=invited");
    assert_eq!((bob.external_id.as_ref(), bob.email.as_deref()), (None, Some("bob@acme.example")));
    let gus = of(&listing.rows, "gus");
    assert_eq!((gus.managed, gus.email.as_ref()), (Some(false), None));
    // One of them may be provisioned, and was asked about; and once more by the question about her alone.
    assert_eq!(asked(&simulator, LINKS), 2);
    simulator.clear_log();
    let listing = run(client.identities(false)).unwrap();
    assert_eq!((asked(&simulator, LINKS), asked(&simulator, USERS), listing.gaps.len()), (0, 1, 0));
    assert_eq!(of(&listing.rows, "ann").external_id, None);
    understood(&simulator);
}

#[test]
fn a_link_that_cannot_be_read_is_a_gap_and_the_row_says_so() {
    let simulator = simulated(site(), |_| {});
    simulator.inject(Fault::status(LINKS, 403));
    let listing = run(with_key(&simulator).identities(true)).unwrap();
    assert_eq!(listing.rows.len(), 4);
    assert!(of(&listing.rows, "ann").evidence.ends_with("; scim link unknown"));
    let [gap] = listing.gaps.as_slice() else { panic!("{:?}", listing.gaps) };
    assert_eq!((&gap.scope, gap.subject.as_str(), gap.status), (&GapScope::User, "ann", Some(403)));
}

#[test]
fn an_account_in_two_directories_has_two_rows() {
    let simulator = simulated(site(), |_| {});
    simulator.inject(Fault::on(
        LINKS,
        Effect::edit(|body| {
            let links = body["scimLinks"].as_array_mut().unwrap();
            let mut second = links[0].clone();
            second["directoryId"] = json!("d2");
            second["scimUserId"] = json!("s2");
            links.push(second);
        }),
    ));
    let listing = run(with_key(&simulator).identities(true)).unwrap();
    let rows: Vec<_> = listing.rows.iter().filter(|row| row.user_id == "ann").collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.evidence.ends_with("several scim links")));
    assert_eq!((rows[1].external_id.as_deref(), rows[1].directory_id.as_deref()), (Some("s2"), Some("d2")));
}

#[test]
fn without_a_key_the_rows_are_what_confluence_lists() {
    let simulator = simulated(site(), |_| {});
    let listing = run(client(&simulator).identities(true)).unwrap();
    assert_eq!(listing.gaps, []);
    let ann = of(&listing.rows, "ann");
    assert_eq!((ann.email.as_deref(), ann.evidence.as_str()), (Some("ann@acme.example"), "Confluence: profile"));
    assert_eq!(ann.external_id, None);
    assert_eq!(of(&listing.rows, "gus").evidence, "Confluence: profile, e-mail address hidden");
    assert_eq!(asked(&simulator, "/admin/"), 0);
    understood(&simulator);
    let simulator = started(Options { deployment: Deployment::DataCenter, pages: 10, ..Options::default() });
    let listing = run(client(&simulator).identities(true)).unwrap();
    assert!(!listing.rows.is_empty());
    assert!(listing.rows.iter().all(|row| row.user_name.is_some() && row.evidence == "Confluence: username"));
    understood(&simulator);
}
