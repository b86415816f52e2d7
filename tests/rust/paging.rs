//! Listings, look-ups by ids and long lists: rows received decide, one bad row or id costs itself, and every gap is reported.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use confluence_access::fetch::{Client, Config, Error, Progress};
use confluence_access::model::{Deployment, Gap, GapScope, Listing, Snapshot};
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::canned::{Canned, canned, http};
use crate::support::{self, BOTH, client_of, run};

const GROUPS: &str = "/rest/api/group?";

fn simulated(deployment: Deployment, site: Value, faults: Vec<Fault>) -> Simulator {
    let version = "10.2.0".to_owned();
    support::simulated(site, |o| (o.deployment, o.version, o.faults) = (deployment, version, faults))
}

fn settle(config: &mut Config, deployment: Deployment) {
    config.deployment = Some(deployment);
    config.backoff = Duration::from_millis(1);
    config.max_retries = 1;
    config.timeout = Duration::from_secs(20);
}

fn client(simulator: &Simulator, deployment: Deployment) -> Client {
    client_of(simulator, |config| settle(config, deployment))
}

fn snapshot(client: &Client, spaces: Option<Vec<String>>) -> Snapshot {
    run(client.snapshot(spaces, Arc::new(Progress::new()))).unwrap()
}

/// A space `ENG` of so many pages, and a group `staff` of so many people.
fn site(pages: usize, people: usize) -> Value {
    let mut site = json!({
        "caller": "ann",
        "users": {"ann": {"product_admin": true, "system_admin": true}},
        "groups": {},
        "spaces": {"ENG": {"type": "global", "homepage": "1001", "grants": {"group:staff": ["view"], "user:ann": ["view", "administer"]}}},
        "contents": {},
    });
    let mut staff = vec!["user:ann".to_owned()];
    for n in 1..people {
        site["users"][format!("u{n:03}")] = json!({});
        staff.push(format!("user:u{n:03}"));
    }
    site["groups"]["staff"] = json!({"members": staff});
    for n in 1..=pages {
        site["contents"][(1000 + n).to_string()] = json!({"type": "page", "space": "ENG"});
        if n > 1 {
            site["contents"][(1000 + n).to_string()]["parent"] = json!("1001");
        }
    }
    site
}

#[test]
fn a_server_that_serves_fewer_rows_than_its_next_link_counts_hides_none() {
    let mut site = site(120, 130);
    for n in 0..69 {
        site["spaces"][format!("S{n:02}")] = json!({"grants": {"user:ann": ["view"]}});
        site["groups"][format!("g{n:02}")] = json!({"members": []});
    }
    for deployment in BOTH {
        // Listings by cursor have no offset to lie about.
        let faults = ["/rest/api/group", "/rest/api/space?", "/rest/api/user", "/rest/api/content?"];
        let faults = faults.map(|path| Fault::on(path, Effect::JumpingNext(50))).to_vec();
        let mut options = Options { deployment, site: Some(site.clone()), faults, ..Options::default() };
        if deployment == Deployment::DataCenter {
            // Before there was a cursor.
            options.version = "7.17.5".to_owned();
        }
        let simulator = Simulator::start(options).unwrap();
        let client = client(&simulator, deployment);
        let (members, spaces, groups) =
            run(async { (client.members("staff").await, client.spaces().await, client.groups().await) });
        let (members, spaces, groups) = (members.unwrap(), spaces.unwrap(), groups.unwrap());
        assert_eq!((members.memberships.len(), members.gaps.len()), (130, 0), "{deployment:?}: {:#?}", members.gaps);
        assert_eq!((spaces.rows.len(), spaces.gaps.len()), (70, 0), "{deployment:?}: {:#?}", spaces.gaps);
        assert_eq!((groups.rows.len(), groups.gaps.len()), (70, 0), "{deployment:?}: {:#?}", groups.gaps);
        let contents = run(client.contents("ENG")).unwrap();
        assert_eq!((contents.rows.len(), contents.gaps.len()), (120, 0), "{deployment:?}: {:#?}", contents.gaps);
    }
}

/// How a server counts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// By the rows it served.
    Right,
    /// By the rows it was asked for; the page says which limit it kept.
    Jumps,
    /// The same, and no link where that is past the last row.
    JumpsAway,
    /// To the page it stands on.
    StandsStill,
    /// Rightly, by the rows it counted before it took out those that are hidden.
    Filters,
}

/// A listing of groups by offset.
#[derive(Debug, Clone, Copy)]
struct Liar {
    rows: u64,
    cap: u64,
    link: Link,
    /// Of so many rows one is shown, where rows are hidden.
    shown: u64,
    /// Whether `size` says less than came.
    small: bool,
}

impl Liar {
    fn visible(self, row: u64) -> bool {
        self.link != Link::Filters || row.is_multiple_of(self.shown)
    }

    fn page(self, start: u64, asked: u64) -> Value {
        let limit = asked.min(self.cap);
        let end = (start + limit).min(self.rows);
        let results: Vec<Value> = (start..end.max(start))
            .filter(|row| self.visible(*row))
            .map(|row| json!({"type": "group", "name": format!("g{row:04}")}))
            .collect();
        let next = match self.link {
            Link::Right | Link::Filters => (end < self.rows).then_some(end),
            Link::Jumps => (end < self.rows).then_some(start + asked),
            Link::JumpsAway => (start + asked < self.rows).then_some(start + asked),
            Link::StandsStill => (end < self.rows).then_some(start),
        };
        let links =
            next.map_or_else(|| json!({}), |n| json!({"next": format!("/rest/api/group?start={n}&limit={asked}")}));
        let size = if self.small { results.len() / 2 } else { results.len() };
        json!({"size": size, "results": results, "start": start, "limit": limit, "_links": links})
    }

    /// Serves it.
    fn serve(self) -> Canned {
        canned(move |_, head| {
            let target = head.split(' ').nth(1).unwrap_or_default();
            let number = |name: &str| {
                let (_, value) = target.split_once(&format!("{name}="))?;
                value.split('&').next()?.parse::<u64>().ok()
            };
            if target.contains(GROUPS) {
                support::canned::json(
                    &self.page(number("start").unwrap_or(0), number("limit").unwrap_or(25)).to_string(),
                )
            } else if target.contains("/user/current") {
                let me = json!({"type": "known", "username": "ann", "userKey": "ann", "displayName": "Ann"});
                support::canned::json(&me.to_string())
            } else {
                http("404 Not Found", "application/json", "", r#"{"statusCode": 404, "message": "null for uri"}"#)
            }
        })
    }

    /// What is read, and how many pages were asked for.
    fn read(self) -> (Listing<confluence_access::model::Group>, usize) {
        let server = self.serve();
        let mut config = Config { token: Some("token".into()), ..Config::new(&server.url) };
        settle(&mut config, Deployment::DataCenter);
        let client = Client::new(config).unwrap();
        let listing = run(client.groups()).unwrap();
        (listing, server.heads().iter().filter(|head| head.contains(GROUPS)).count())
    }
}

fn any_liar() -> impl Strategy<Value = Liar> {
    let link = prop_oneof![
        Just(Link::Right),
        Just(Link::Jumps),
        Just(Link::JumpsAway),
        Just(Link::StandsStill),
        Just(Link::Filters)
    ];
    (0_u64..600, 1_u64..260, link, 1_u64..120, any::<bool>()).prop_map(|(rows, cap, link, shown, small)| {
        // A server that hides rows serves what it was asked for.
        let cap = if link == Link::Filters { 200 } else { cap.max(rows / 40).max(1) };
        Liar { rows, cap, link, shown, small }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_next_link_says_every_row_comes_or_a_gap(liar in any_liar()) {
        let (listing, asked) = liar.read();
        let names: BTreeSet<String> = listing.rows.iter().map(|group| group.id.clone()).collect();
        let all: BTreeSet<String> =
            (0..liar.rows).filter(|row| liar.visible(*row)).map(|row| format!("g{row:04}")).collect();
        prop_assert!(names.is_subset(&all));
        prop_assert_eq!(names.len(), listing.rows.len(), "each once");
        prop_assert!(names == all || !listing.gaps.is_empty(), "{} of {} rows and no gap", names.len(), all.len());
        if liar.link != Link::StandsStill {
            prop_assert_eq!(&listing.gaps, &vec![], "nothing is missing");
            prop_assert_eq!(names, all);
        }
        let pages = usize::try_from(liar.rows.div_ceil(liar.cap.min(200))).unwrap().max(1);
        match liar.link {
            // Pages begin with the last row of the one before; and one that is as full as the server makes them may be the
            // last one: one request more tells.
            Link::Right => {
                let cap = liar.cap.min(200);
                let onwards = liar.rows.saturating_sub(cap).div_ceil(if cap < 3 { cap } else { cap - 1 });
                let most = usize::try_from(onwards).unwrap() + 1 + usize::from(liar.cap < 200);
                prop_assert!((pages..=most).contains(&asked), "{} requests for {} pages", asked, pages);
            }
            _ => prop_assert!(asked <= 3 * pages + 3, "{} requests for {} pages", asked, pages),
        }
    }
}

/// The ids of contents, without one.
fn ids(pages: usize, without: &str) -> BTreeSet<String> {
    (1..=pages).map(|n| (1000 + n).to_string()).filter(|id| id != without).collect()
}

#[test]
fn one_page_that_cannot_be_served_costs_one_gap_and_nothing_before_or_behind_it() {
    for deployment in BOTH {
        for bad in ["1001", "1003", "1060", "1119"] {
            let listings: &[&str] = match deployment {
                Deployment::Cloud => &["/api/v2/pages?space-id", "/content/search"],
                Deployment::DataCenter => &["/rest/api/content/scan", "/rest/api/content?"],
            };
            let faults = listings.iter().map(|path| Fault::unservable(*path, bad)).collect();
            let mut site = site(119, 3);
            if bad == "1001" {
                site["spaces"]["ENG"]["homepage"] = json!("1002");
                for n in 2..=119 {
                    site["contents"][(1000 + n).to_string()]["parent"] =
                        json!(if n == 2 { Value::Null } else { json!("1002") });
                }
            }
            let simulator = simulated(deployment, site, faults);
            let client = client(&simulator, deployment);
            let listing = run(client.contents("ENG")).unwrap();
            let found: BTreeSet<String> = listing.rows.iter().map(|content| content.id.clone()).collect();
            assert_eq!(found, ids(119, bad), "{deployment:?} {bad}: {:#?}", listing.gaps);
            let [gap] = listing.gaps.as_slice() else { panic!("{deployment:?} {bad}: {:#?}", listing.gaps) };
            assert_eq!((gap.scope.clone(), gap.subject.as_str(), gap.status), (GapScope::Space, "ENG", Some(500)));
            let asked = simulator.requests().len();
            assert!(asked < 60, "{deployment:?} {bad}: {asked} requests");
            let snapshot = snapshot(&client, None);
            assert_eq!(snapshot.contents.len(), 118, "{deployment:?} {bad}");
            let mine: Vec<&Gap> = snapshot.gaps.iter().filter(|gap| gap.scope == GapScope::Space).collect();
            assert_eq!(mine.len(), 1, "{deployment:?} {bad}: {mine:#?}");
        }
    }
}

#[test]
fn one_member_that_cannot_be_served_costs_one_gap() {
    for deployment in BOTH {
        let path = if deployment == Deployment::Cloud { "/membersByGroupId" } else { "/group/member?" };
        let simulator = simulated(deployment, site(1, 450), vec![Fault::unservable(path, "u300")]);
        let members = run(client(&simulator, deployment).members("staff")).unwrap();
        assert_eq!(members.memberships.len(), 449, "{deployment:?}: {:#?}", members.gaps);
        let [gap] = members.gaps.as_slice() else { panic!("{deployment:?}: {:#?}", members.gaps) };
        assert_eq!((gap.scope.clone(), gap.status), (GapScope::Group, Some(500)));
        assert!(simulator.requests().len() < 40, "{deployment:?}: {}", simulator.requests().len());
    }
}

#[test]
fn pages_of_a_counted_listing_are_asked_for_side_by_side_and_no_more_of_them_than_one_after_another() {
    let simulator = simulated(Deployment::Cloud, site(1, 950), Vec::new());
    let client = client_of(&simulator, |config| settle(config, Deployment::Cloud));
    simulator.inject(Fault::stall("/membersByGroupId", Duration::from_millis(100)));
    let found = run(client.members("staff")).unwrap();
    assert_eq!((found.memberships.len(), found.group.members_complete), (950, true), "{:?}", found.gaps);
    let log = simulator.requests();
    let asked: Vec<_> = log.iter().filter(|request| request.path.ends_with("/membersByGroupId")).collect();
    assert_eq!(asked.len(), 5, "ceil(950 / 200)");
    assert_eq!(asked.iter().map(|request| request.in_flight).max(), Some(4), "the first page says how many follow");
}

#[test]
fn a_counted_listing_that_serves_other_pages_than_it_says_loses_nobody_and_costs_few_requests() {
    // The first page is full; later ones are not, end early, come empty or fail once.
    let later = |effect: Effect| Fault::on("/membersByGroupId", effect).skip(1);
    for (name, fault, most) in [
        ("short", later(Effect::ShortPage(70)), 13 + 5),
        ("short once", later(Effect::ShortPage(70)).once(), 6 + 5),
        ("empty once", later(Effect::EmptyPage).once(), 6 + 5),
        ("broken once", later(Effect::DropMidBody).once(), 6 + 5),
        ("refused once", Fault::status("/membersByGroupId", 503).skip(2).once(), 6 + 5),
    ] {
        let simulator = simulated(Deployment::Cloud, site(1, 950), vec![fault]);
        let found = run(client(&simulator, Deployment::Cloud).members("staff")).unwrap();
        let asked = simulator.requests().iter().filter(|r| r.path.ends_with("/membersByGroupId")).count();
        assert!(asked <= most, "{name}: {asked} requests");
        let lost = found.memberships.len() < 950;
        assert_eq!(lost, !found.gaps.is_empty(), "{name}: {} and {:?}", found.memberships.len(), found.gaps);
        assert!(!lost || name == "empty once", "{name}");
    }
}

#[test]
fn one_id_the_look_up_refuses_costs_that_id_alone() {
    let mut site = site(1, 40);
    site["users"]["spoilt01"] = json!({});
    let simulator =
        simulated(Deployment::Cloud, site, vec![Fault::on("/users-bulk", Effect::Spoilt("spoilt01".into()))]);
    let client = client(&simulator, Deployment::Cloud);
    let ids: Vec<String> = (1..40).map(|n| format!("u{n:03}")).chain(["spoilt01".to_owned()]).collect();
    let listing = run(client.users(&ids)).unwrap();
    assert_eq!(listing.rows.len(), 39);
    let [gap] = listing.gaps.as_slice() else { panic!("{:#?}", listing.gaps) };
    assert_eq!((gap.scope.clone(), gap.subject.as_str(), gap.status), (GapScope::User, "spoilt01", Some(400)));
    assert!(simulator.requests().len() <= 16, "{}", simulator.requests().len());
    let refused = simulated(Deployment::Cloud, self::site(1, 40), vec![Fault::status("/users-bulk", 400)]);
    let error = run(self::client(&refused, Deployment::Cloud).users(&ids)).unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(refused.requests().len() <= 30, "{}", refused.requests().len());
}

#[test]
fn no_address_is_longer_than_servers_take_and_one_that_is_refused_is_cut() {
    let mut site = json!({"caller": "ann", "users": {"ann": {"product_admin": true, "system_admin": true}}, "groups": {}, "spaces": {}, "contents": {}});
    let keys: Vec<String> = (0..300).map(|n| format!("~{:0>36}", n)).collect();
    for (n, key) in keys.iter().enumerate() {
        site["spaces"][key] =
            json!({"type": "personal", "homepage": (2000 + n).to_string(), "grants": {"user:ann": ["view"]}});
        site["contents"][(2000 + n).to_string()] = json!({"type": "page", "space": key});
    }
    for deployment in BOTH {
        for most in [8_000, 1_500] {
            let simulator = simulated(deployment, site.clone(), vec![Fault::on("", Effect::LongAddress(most))]);
            let client = client(&simulator, deployment);
            let snapshot = snapshot(&client, Some(keys.clone()));
            assert_eq!(snapshot.spaces.len(), 300, "{deployment:?} {most}");
            assert_eq!(snapshot.contents.len(), 300, "{deployment:?} {most}: {:#?}", snapshot.gaps.first());
            let longest = simulator.requests().iter().map(|r| r.path.len() + r.query.len() + 1).max().unwrap();
            assert!(longest < 8_000, "{deployment:?}: {longest} bytes");
            if most == 8_000 {
                assert!(simulator.requests().iter().all(|r| r.status != 414));
            }
        }
    }
}

/// The first row of an answer replaced by one that cannot be read; with its id, where it is to keep one.
fn broken(id: bool) -> Effect {
    Effect::edit(move |body| {
        let rows = if body.is_array() {
            Some(body)
        } else {
            ["results", "entities", "data"]
                .into_iter()
                .find(|name| body.get(*name).is_some_and(Value::is_array))
                .and_then(|name| body.get_mut(name))
        };
        if let Some(row) = rows.and_then(|rows| rows.get_mut(0)) {
            let kept = ["id", "accountId"].into_iter().find_map(|name| Some((name, row.get(name)?.clone())));
            *row = match kept {
                Some((name, value)) if id => {
                    json!({name: value, "title": 7, "name": [], "key": [], "type": [], "member": 7})
                }
                _ => json!(7),
            };
        }
    })
}

type Noun = (&'static str, fn(&Client) -> Result<(usize, Vec<Gap>), Error>);

fn counted<T>(listing: Result<Listing<T>, Error>) -> Result<(usize, Vec<Gap>), Error> {
    listing.map(|listing| (listing.rows.len(), listing.gaps))
}

/// Every noun of a client.
const NOUNS: &[Noun] = &[
    ("spaces", |c| counted(run(c.spaces()))),
    ("contents", |c| counted(run(c.contents("ENG")))),
    ("space_permissions", |c| counted(run(c.space_permissions("ENG")))),
    ("restrictions", |c| counted(run(c.restrictions("1002")))),
    ("groups", |c| counted(run(c.groups()))),
    ("members", |c| run(c.members("staff")).map(|m| (m.memberships.len(), m.gaps))),
    ("audit", |c| counted(run(c.audit(&Default::default())))),
    ("users", |c| counted(run(c.users(&["ann".to_owned(), "u001".to_owned()])))),
    ("find_user", |c| run(c.find_user("u001")).map(|_| (1, Vec::new()))),
    ("global_permissions", |c| counted(run(c.global_permissions()))),
    ("names", |c| run(c.names(Some("ENG"), Some("1003"))).map(|s| (s.spaces.len() + s.contents.len(), s.gaps))),
];

#[test]
fn every_noun_tells_every_element_it_could_not_read() {
    let mut site = site(4, 5);
    site["contents"]["1900"] = json!({"type": "folder", "space": "ENG", "parent": "1001"});
    site["contents"]["1901"] = json!({"type": "database", "space": "ENG", "parent": "1900"});
    site["contents"]["1902"] = json!({"type": "blogpost", "space": "ENG"});
    site["contents"]["1903"] = json!({"type": "page", "space": "ENG", "parent": "1900"});
    site["restrictions"] = json!({"1002": {"read": ["user:ann", "group:staff"], "update": ["user:ann"]}});
    let mut broke = 0;
    for deployment in BOTH {
        let mut site = site.clone();
        if deployment == Deployment::DataCenter {
            for id in ["1900", "1901"] {
                site["contents"].as_object_mut().unwrap().remove(id);
            }
            site["contents"]["1903"]["parent"] = json!("1001");
            site["groups"]["inner"] = json!({"members": ["user:u001"]});
            site["groups"]["staff"]["members"].as_array_mut().unwrap().push(json!("group:inner"));
        }
        for (name, ask) in NOUNS {
            let simulator = simulated(deployment, site.clone(), Vec::new());
            let client = || self::client(&simulator, deployment);
            let whole = match ask(&client()) {
                Ok(whole) => whole,
                Err(_) if *name == "global_permissions" && deployment == Deployment::Cloud => continue,
                Err(error) => panic!("{deployment:?} {name}: {error}"),
            };
            let asked: BTreeSet<String> = simulator
                .requests()
                .into_iter()
                .map(|r| if r.query.is_empty() { r.path } else { format!("{}?{}", r.path, r.query) })
                .collect();
            for target in asked {
                for id in [true, false] {
                    simulator.clear_faults();
                    simulator.inject(Fault::exactly(target.as_str(), broken(id)));
                    if let Ok((rows, gaps)) = ask(&client()) {
                        let told = gaps.iter().any(|gap| !whole.1.contains(gap));
                        assert!(
                            rows >= whole.0 || told,
                            "{deployment:?} {name}: {rows} of {} rows and no gap with {target} (id {id})",
                            whole.0
                        );
                        broke += 1;
                    }
                }
            }
        }
    }
    assert!(broke > 60, "{broke}");
}
