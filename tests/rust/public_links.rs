//! Public links read on request: what the gateway says about them is in the columns, and what it refuses stays unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use confluence_access::fetch::{Client, Config, Error, ErrorKind, SnapshotOptions};
use confluence_access::model::{Deployment, Gap, GapCause, GapScope, Operation, Snapshot, Subject};
use confluence_access::resolve::Access;
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::talk::Talk;
use crate::support::{client, client_of, config, run, simulated, started, understood, words};

const GATEWAY: &str = "/gateway/api/graphql";

fn read(client: &Client, spaces: Option<&[&str]>) -> Result<Snapshot, Error> {
    let options = SnapshotOptions { spaces: spaces.map(words), public_links: true, ..SnapshotOptions::default() };
    run(client.snapshot_with(options, Arc::default()))
}

/// How often the gateway was asked.
fn asked(simulator: &Simulator) -> usize {
    simulator.requests().iter().filter(|request| request.path == GATEWAY).count()
}

/// Whether each content has a link, by id.
fn links(snapshot: &Snapshot) -> BTreeMap<&str, Option<bool>> {
    snapshot.contents.iter().map(|content| (content.id.as_str(), content.public_link)).collect()
}

/// Gaps about public links: cause and message.
fn gaps(snapshot: &Snapshot) -> Vec<(&GapCause, &str)> {
    let about = |gap: &&Gap| gap.scope == GapScope::Site && gap.subject == "public_links";
    snapshot.gaps.iter().filter(about).map(|gap| (&gap.cause, gap.message.as_str())).collect()
}

fn may_view(snapshot: Snapshot, content: &str) -> String {
    let access = Access::new(Arc::new(snapshot), None);
    let visitor = Subject::parse("anyone_with_link:1").unwrap();
    access.can(&visitor, Operation::View, content).as_str().to_owned()
}

/// Two spaces: in one links work, in the other they do not.
fn site() -> Value {
    json!({
        "users": {"ann": {"product_admin": true}},
        "spaces": {
            "OFF": {"grants": {"user:ann": ["view"]}, "public_links_enabled": false},
            "ON": {"grants": {"user:ann": ["view"]}},
        },
        "contents": {
            "1": {"type": "page", "space": "ON", "public_link": true},
            "2": {"type": "page", "space": "ON", "public_link": true},
            "3": {"type": "page", "space": "ON"},
            "4": {"type": "page", "space": "OFF", "public_link": true},
            "5": {"type": "page", "space": "ON", "public_link": true},
        },
    })
}

#[test]
fn the_company_has_one_link_that_opens_a_restricted_page() {
    let simulator = started(Options { pages: 80, ..Options::default() });
    let snapshot = read(&client(&simulator), None).unwrap();
    assert_eq!(gaps(&snapshot), []);
    assert_eq!(snapshot.site.public_links_enabled, Some(true));
    let enabled = |key: &str| snapshot.spaces.iter().find(|space| space.key == key).unwrap().public_links_enabled;
    assert_eq!((enabled("PUB"), enabled("HR")), (Some(true), Some(false)));
    let on: Vec<_> = snapshot.contents.iter().filter(|content| content.public_link == Some(true)).collect();
    let [press] = on.as_slice() else { panic!("{on:?}") };
    assert_eq!(press.title.as_deref(), Some("Press Kit"));
    assert!(snapshot.contents.iter().all(|content| content.public_link.is_some()));
    let id = press.id.clone();
    // The site, its spaces, and the one space with a link.
    assert_eq!(asked(&simulator), 3);
    understood(&simulator);
    let findings = Access::new(Arc::new(snapshot.clone()), None).findings().rows;
    let found: Vec<_> = findings
        .iter()
        .filter(|row| row.code == "public_link_on_restricted_content")
        .map(|r| r.content_id.clone())
        .collect();
    assert_eq!(found, [Some(id.clone())]);
    assert_eq!(may_view(snapshot, &id), "allowed");
}

#[test]
fn without_the_option_the_gateway_is_not_asked_and_links_are_unknown() {
    let simulator = simulated(site(), |_| {});
    let snapshot = run(client(&simulator).snapshot(None, Arc::default())).unwrap();
    assert_eq!(asked(&simulator), 0);
    assert!(links(&snapshot).values().all(Option::is_none));
    assert_eq!((snapshot.site.public_links_enabled, gaps(&snapshot)), (None, vec![]));
    assert_eq!(may_view(snapshot, "3"), "unknown");
}

#[test]
fn a_site_without_public_links_is_asked_once() {
    let mut off = site();
    off["public_links_enabled"] = json!(false);
    let mut free = site();
    free["plan"] = json!("free");
    for site in [off, free] {
        let simulator = simulated(site, |_| {});
        let snapshot = read(&client(&simulator), None).unwrap();
        assert_eq!((asked(&simulator), gaps(&snapshot)), (1, vec![]));
        assert_eq!(snapshot.site.public_links_enabled, Some(false));
        assert!(links(&snapshot).values().all(|on| *on == Some(false)));
        assert_eq!(may_view(snapshot, "1"), "denied");
    }
}

#[test]
fn a_refusal_is_a_gap_and_the_facts_stay_unknown() {
    let status = |status| Effect::Status { status, retry_after: None, body: None };
    let refused = |error: Value| Effect::Body(json!({"data": null, "errors": [error]}).to_string());
    let forbidden = json!({"message": "Request not authorized", "extensions": {"statusCode": 403}});
    let plain = run(client(&simulated(site(), |_| {})).snapshot(None, Arc::default())).unwrap();
    for (effect, cause) in [
        (status(401), GapCause::Unauthorized),
        (status(403), GapCause::Forbidden),
        (status(404), GapCause::NotFound),
        (status(500), GapCause::ServerError),
        (Effect::LoginPage, GapCause::NotJson),
        (refused(forbidden), GapCause::Forbidden),
        (refused(json!({"message": "no such field"})), GapCause::ServerError),
        (Effect::Body("{}".to_owned()), GapCause::Unreadable),
    ] {
        let simulator = simulated(site(), |_| {});
        simulator.inject(Fault::on(GATEWAY, effect));
        let snapshot = read(&client_of(&simulator, |c| c.max_retries = 0), None).unwrap();
        let found = gaps(&snapshot);
        assert_eq!(found.iter().map(|(cause, _)| *cause).collect::<Vec<_>>(), [&cause], "{found:?}");
        assert_eq!(asked(&simulator), 1);
        assert!(links(&snapshot).values().all(Option::is_none));
        assert_eq!(snapshot.site.public_links_enabled, None);
        // All the rest is as it is without them.
        assert_eq!(links(&snapshot), links(&plain));
        assert_eq!(snapshot.space_permissions, plain.space_permissions);
        assert_eq!(snapshot.gaps.len(), plain.gaps.len() + 1);
        assert_eq!(may_view(snapshot, "1"), "unknown");
    }
}

#[test]
fn a_listing_that_breaks_off_leaves_the_rest_of_its_space_unknown() {
    let simulator = simulated(site(), |options| options.page_cap = Some(1));
    // The site, two pages of spaces, one page of links.
    simulator.inject(Fault::status(GATEWAY, 403).skip(4));
    let snapshot = read(&client_of(&simulator, |c| c.max_retries = 0), None).unwrap();
    let expected = [("1", Some(true)), ("2", None), ("3", None), ("4", Some(false)), ("5", None)];
    assert_eq!(links(&snapshot), BTreeMap::from(expected));
    let found = gaps(&snapshot);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.starts_with("space `ON`: "), "{found:?}");
}

#[test]
fn a_page_that_leads_back_to_itself_is_noticed() {
    let simulator = simulated(site(), |options| options.page_cap = Some(1));
    simulator.inject(Fault::on(GATEWAY, Effect::LoopingNext).skip(3));
    let snapshot = read(&client(&simulator), None).unwrap();
    assert_eq!(gaps(&snapshot).len(), 1, "{:?}", gaps(&snapshot));
    assert_eq!(links(&snapshot)["3"], None);
}

#[test]
fn a_link_to_a_hidden_content_is_a_gap_and_the_others_are_known() {
    let mut hidden = site();
    hidden["caller"] = json!("user:ann");
    hidden["users"]["bob"] = json!({});
    hidden["restrictions"] = json!({"2": {"read": ["user:bob"]}});
    let simulator = simulated(hidden, |_| {});
    let snapshot = read(&client(&simulator), None).unwrap();
    assert_eq!((links(&snapshot).get("1"), links(&snapshot).get("2")), (Some(&Some(true)), None));
    assert_eq!(links(&snapshot)["3"], Some(false));
    let found = gaps(&snapshot);
    assert!(
        matches!(found.as_slice(), [(GapCause::NotListed, text)] if text.contains("1 of 3 public links")),
        "{found:?}"
    );
}

#[test]
fn ids_that_are_those_of_no_content_prove_nothing() {
    let simulator = simulated(site(), |_| {});
    simulator.inject(Fault::on(
        GATEWAY,
        Effect::edit(|body| {
            for node in body["data"]["publicLinksByCriteria"]["nodes"].as_array_mut().into_iter().flatten() {
                node["id"] = json!(format!("link-{}", node["id"].as_str().unwrap()));
            }
        }),
    ));
    let snapshot = read(&client(&simulator), Some(&["ON"])).unwrap();
    assert!(links(&snapshot).values().all(Option::is_none));
    assert!(matches!(gaps(&snapshot).as_slice(), [(GapCause::NotTrusted, _)]), "{:?}", gaps(&snapshot));
}

#[test]
fn the_gateway_of_all_sites_is_not_asked() {
    let simulator = simulated(site(), |_| {});
    let base = config(&simulator);
    let through = Config { cloud_id: Some(simulator.cloud_id()), gateway_url: Some(simulator.url()), ..base };
    let snapshot = read(&Client::new(through).unwrap(), None).unwrap();
    assert!(matches!(gaps(&snapshot).as_slice(), [(GapCause::Unsupported, _)]), "{:?}", gaps(&snapshot));
    assert_eq!(asked(&simulator), 0);
    assert!(links(&snapshot).values().all(Option::is_none));
    understood(&simulator);
}

#[test]
fn data_center_has_no_public_links() {
    let simulator = started(Options { deployment: Deployment::DataCenter, pages: 10, ..Options::default() });
    let error = read(&client(&simulator), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.to_string(), "`public_links` is for Cloud: Data Center has no public links");
    assert!(simulator.requests().is_empty());
}

#[test]
fn on_random_sites_the_columns_are_what_the_site_says() {
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..30 {
        let works = random.u8(..4) > 0;
        let mut spaces = serde_json::Map::new();
        for key in ["A", "B", "C", "D"].iter().take(random.usize(1..5)) {
            let on = random.bool();
            spaces.insert((*key).to_owned(), json!({"grants": {"user:ann": ["view"]}, "public_links_enabled": on}));
        }
        let mut contents = serde_json::Map::new();
        for id in 1..random.usize(2..40) {
            let key = spaces.keys().nth(random.usize(..spaces.len())).unwrap();
            let kind = ["page", "page", "blogpost"][random.usize(..3)];
            let linked = random.u8(..3) == 0;
            contents.insert(id.to_string(), json!({"type": kind, "space": key, "public_link": linked}));
        }
        let site = json!({
            "users": {"ann": {"product_admin": true}},
            "public_links_enabled": works, "spaces": spaces, "contents": contents,
        });
        let cap = random.usize(1..5);
        let simulator = simulated(site.clone(), |options| options.page_cap = Some(cap));
        let snapshot = read(&client(&simulator), None).unwrap();
        understood(&simulator);
        assert_eq!(gaps(&snapshot), [], "round {round}");
        let is = |value: &Value| value == &json!(true);
        let expected: BTreeMap<&str, Option<bool>> = contents
            .iter()
            .map(|(id, row)| {
                let space = &spaces[row["space"].as_str().unwrap()];
                (id.as_str(), Some(works && is(&space["public_links_enabled"]) && is(&row["public_link"])))
            })
            .collect();
        assert_eq!(links(&snapshot), expected, "round {round}: {site}");
        let described = Snapshot::from_plain(site, Deployment::Cloud).unwrap();
        for id in contents.keys() {
            assert_eq!(may_view(snapshot.clone(), id), may_view(described.clone(), id), "round {round}: {id}");
        }
        // The site, its spaces, and the links of each space that has some.
        let pages = |rows: usize| rows.div_ceil(cap);
        let on = |key: &str| {
            let here = contents.iter().filter(|(_, row)| row["space"] == key);
            here.filter(|(id, _)| expected[id.as_str()] == Some(true)).count()
        };
        let wanted: usize = spaces.keys().map(|key| pages(on(key))).sum();
        let wanted = if works { 1 + pages(spaces.len()) + wanted } else { 1 };
        assert_eq!(asked(&simulator), wanted, "round {round}: {works} {cap}");
    }
}

#[test]
fn the_simulator_answers_the_fields_that_are_asked_for_and_refuses_strange_queries() {
    let talk = Talk::with(Options { site: Some(site()), ..Options::default() });
    let ask = |query: &str, variables: Value| {
        let answered = talk.ask(Method::POST, GATEWAY, Some(&json!({"query": query, "variables": variables})));
        (answered.status, answered.json())
    };
    let (status, body) = ask("query A { publicLinkSiteStatus { status } }", json!({}));
    assert_eq!((status, body), (200, json!({"data": {"publicLinkSiteStatus": {"status": "ON"}}})));
    let query = r#"query B($id: ID!) { publicLinksByCriteria(spaceId: $id, first: 2) { nodes { id, title } } }"#;
    let space =
        run(client(&talk.simulator).spaces()).unwrap().rows.into_iter().find(|space| space.key == "ON").unwrap();
    let (_, body) = ask(query, json!({"id": space.id}));
    let nodes = json!([{"id": "1", "title": "1"}, {"id": "2", "title": "2"}]);
    assert_eq!(body, json!({"data": {"publicLinksByCriteria": {"nodes": nodes}}}));
    understood(&talk.simulator);
    for (query, variables, word) in [
        ("{ publicLinkSiteStatus { status } }", json!({}), "where `query` was expected"),
        ("query A { publicLinkSiteStatus { state } }", json!({}), "no field `state`"),
        ("query A { publicLinkSiteStatus }", json!({}), "have to be selected"),
        ("query A { spaces { id } }", json!({}), "no field `spaces`"),
        ("query A { publicLinksByCriteria { nodes { id } } }", json!({}), "needs the argument `spaceId`"),
        (
            "query A($x: Int) { publicLinksByCriteria(spaceId: $x) { nodes { id } } }",
            json!({"x": 1}),
            "of the type `ID!`",
        ),
        (
            "query A { publicLinksByCriteria(spaceId: \"7\", page: 2) { nodes { id } } }",
            json!({}),
            "no argument `page`",
        ),
        ("query A { publicLinksByCriteria(spaceId: $x) { nodes { id } } }", json!({}), "is not declared"),
        ("query A($x: ID!) { publicLinksByCriteria(spaceId: $x) { nodes { id } } }", json!({}), "was not given"),
        ("query A { publicLinkSiteStatus { status } }", json!({"x": 1}), "declares no variable `$x`"),
        ("query A { publicLinkSiteStatus { status }", json!({}), "ends too early"),
    ] {
        let (status, _) = ask(query, variables);
        let strange = talk.simulator.unexpected();
        assert_eq!(status, 501, "{query}");
        assert!(strange.last().is_some_and(|last| last.reason.contains(word)), "{query}: {strange:?}");
    }
}
