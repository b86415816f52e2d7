//! Every pair of requests of a small crawl fails: what is read is the same, or a gap says what is not, or the call fails.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use confluence_access::model::{Deployment, Operation, Snapshot, Subject};
use confluence_access::resolve::Access;
use confluence_access::simulator::{Effect, Fault, Options, Simulator};
use serde_json::{Value, json};

use crate::support::{client_of, started, taken};

/// Pairs that are tried of each site, all kinds of failure among them.
const TRIED: usize = 200;

/// A little of everything, and childless nodes of the tree.
fn site(product: Product) -> Value {
    let mut site = json!({
        "users": {"ann": {"product_admin": true, "system_admin": true}, "bob": {}, "zoe": {}},
        "groups": {
            "eng": {"members": ["user:ann", "user:bob"]},
            "hr": {"members": ["user:zoe"]},
            "confluence-administrators": {"members": ["user:ann"]},
        },
        "spaces": {"ENG": {"type": "global", "homepage": "1", "grants": {
            "group:eng": ["view", "create_page"],
            "user:zoe": ["view"],
            "anonymous": ["view"],
        }}},
        "contents": {
            "1": {"type": "page", "space": "ENG"},
            "2": {"type": "page", "space": "ENG", "parent": "1"},
            "3": {"type": "page", "space": "ENG", "parent": "2"},
            "5": {"type": "blogpost", "space": "ENG"},
        },
        "restrictions": {"2": {"read": ["user:ann", "group:hr"]}, "3": {"update": ["user:zoe"]}},
        "caller": "ann",
    });
    if product.roles {
        site["role_mode"] = json!("roles");
        site["roles"] = json!({"Writer": ["view", "create_page"], "Reader": ["view"]});
        site["spaces"]["ENG"]["grants"] = json!({"anonymous": ["view"]});
        site["spaces"]["ENG"]["role_assignments"] = json!({"group:eng": ["Writer"], "user:zoe": ["Reader"]});
    }
    if product.deployment == Deployment::Cloud {
        site["contents"]["6"] = json!({"type": "folder", "space": "ENG", "parent": "1"});
        site["contents"]["7"] = json!({"type": "page", "space": "ENG", "parent": "6"});
        // These have no children, and no listing of pages names them.
        site["contents"]["8"] = json!({"type": "database", "space": "ENG", "parent": "2"});
        site["contents"]["9"] = json!({"type": "whiteboard", "space": "ENG"});
        site["restrictions"]["8"] = json!({"read": ["user:ann"]});
        // No search looks into this space.
        site["spaces"]["OLD"] = json!({"archived": true, "homepage": "20", "grants": {"group:eng": ["view"]}});
        site["contents"]["20"] = json!({"type": "page", "space": "OLD"});
        site["contents"]["21"] = json!({"type": "page", "space": "OLD", "parent": "20"});
        site["contents"]["22"] = json!({"type": "database", "space": "OLD", "parent": "21"});
    } else {
        site["groups"]["eng"]["members"] = json!(["user:ann", "user:bob", "group:hr"]);
    }
    site
}

const KINDS: [&str; 4] = ["500", "html", "403", "truncated"];

fn effect(kind: usize) -> Effect {
    let status = |status| Effect::Status { status, retry_after: None, body: None };
    match KINDS[kind % KINDS.len()] {
        "500" => status(500),
        "html" => Effect::LoginPage,
        "403" => status(403),
        _ => Effect::Truncated,
    }
}

/// A product, its version, and whether spaces give by roles.
#[derive(Debug, Clone, Copy)]
struct Product {
    deployment: Deployment,
    version: &'static str,
    roles: bool,
}

struct Bench {
    simulator: Simulator,
}

impl Bench {
    fn new(product: Product) -> Self {
        let Product { deployment, version, .. } = product;
        let (site, version) = (Some(site(product)), version.to_owned());
        Self { simulator: started(Options { deployment, version, site, ..Options::default() }) }
    }

    /// What is read with these requests failing, and what was asked.
    fn read(&self, faults: &[(&str, usize)]) -> (Option<Snapshot>, Vec<String>) {
        self.simulator.clear_faults();
        self.simulator.clear_log();
        for (target, kind) in faults {
            self.simulator.inject(Fault::exactly(*target, effect(*kind)));
        }
        let client = client_of(&self.simulator, |config| {
            config.deployment = Some(self.simulator.deployment());
            config.max_retries = 0;
            config.backoff = Duration::from_millis(1);
        });
        let snapshot = taken(&client, None);
        let mut asked: Vec<String> = Vec::new();
        for request in self.simulator.requests() {
            let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
            let target = format!("{}{query}", request.path);
            if !asked.contains(&target) {
                asked.push(target);
            }
        }
        (snapshot.ok(), asked)
    }
}

/// What a snapshot says, but for when and by which route.
fn facts(snapshot: &Snapshot) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["source", "taken_at", "coverage", "blind_spots", "gaps", "base_url", "url"] {
                    members.remove(name);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(rows) => rows.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(snapshot).unwrap();
    strip(&mut value);
    value
}

fn gaps(snapshot: &Snapshot) -> BTreeSet<(String, String, String)> {
    snapshot.gaps.iter().map(|g| (g.scope.to_string(), g.subject.clone(), g.cause.to_string())).collect()
}

/// Every answer, in one order.
fn answers(snapshot: &Snapshot, site: &Value) -> Vec<(String, &'static str)> {
    let access = Access::new(Arc::new(snapshot.clone()), None);
    let mut answers = Vec::new();
    for user in site["users"].as_object().unwrap().keys() {
        for content in site["contents"].as_object().unwrap().keys() {
            if !snapshot.contents.iter().any(|known| known.id == *content) {
                answers.push((format!("{user} {content}"), "unknown"));
                answers.push((format!("{user} {content}"), "unknown"));
                continue;
            }
            for operation in [Operation::View, Operation::Edit] {
                let answer = access.can(&Subject::user(user.as_str()), operation, content).as_str();
                answers.push((format!("{user} {operation:?} {content}"), answer));
            }
        }
    }
    answers
}

/// What is wrong with what was read, compared with the whole.
fn wrong(whole: &Snapshot, read: &Snapshot, site: &Value) -> Option<String> {
    let told = !gaps(read).is_subset(&gaps(whole));
    if !told {
        let (mut one, mut other) = (facts(whole), facts(read));
        // Only an administrator sees the plan, a line of `coverage` says that the version is unknown, and nothing
        // depends on the mode where the roles can be read.
        for name in ["plan", "version", "role_mode"] {
            if other["site"][name].is_null() {
                one["site"][name] = Value::Null;
            }
        }
        // Each source of permissions has words of its own, and not each has one for anonymous.
        for value in [&mut one, &mut other] {
            for row in value["space_permissions"].as_array_mut().unwrap() {
                row["raw"] = Value::Null;
                if row["subject"] == "anonymous" {
                    row["subject_name"] = Value::Null;
                }
            }
        }
        if one != other {
            let differ: Vec<String> = one
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, value)| other[name.as_str()] != **value)
                .map(|(name, value)| format!("{name}: {value} -> {}", other[name.as_str()]))
                .collect();
            return Some(format!("differs without a gap: {}", differ.join("; ")));
        }
    }
    let turned: Vec<String> = answers(whole, site)
        .into_iter()
        .zip(answers(read, site))
        .filter(|((_, before), (_, now))| *before != "unknown" && *now != "unknown" && before != now)
        .map(|((name, before), (_, now))| format!("{name}: {before} -> {now}"))
        .collect();
    (!turned.is_empty()).then(|| format!("answers turn: {}", turned.join(", ")))
}

/// A number that looks like any, the same in every run.
fn mixed(number: usize) -> usize {
    let mut x = number as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        x ^= x >> 31;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    usize::try_from(x >> 33).unwrap()
}

fn every_pair(product: Product) {
    let bench = Bench::new(product);
    let site = site(product);
    let (whole, first) = bench.read(&[]);
    let whole = whole.unwrap();
    assert!(first.len() > 12, "{first:#?}");
    let problems = Mutex::new(Vec::new());
    // Each alone, every kind; then each of the requests that were sent then beside it.
    let mut pairs: Vec<(String, usize, String, usize)> = Vec::new();
    let mut alone = 0;
    for (at, target) in first.iter().enumerate() {
        for (kind, name) in KINDS.iter().enumerate() {
            let (read, asked) = bench.read(&[(target, kind)]);
            alone += 1;
            if let Some(problem) = read.and_then(|read| wrong(&whole, &read, &site)) {
                problems.lock().unwrap().push(format!("{name} {target}: {problem}"));
            }
            for (n, other) in asked.iter().enumerate().filter(|(_, other)| *other != target) {
                // A pair of the first requests is met from both of its ends.
                if first[..at].contains(other) {
                    continue;
                }
                pairs.push((target.clone(), kind, other.clone(), mixed(at * 1000 + n * 10 + kind)));
            }
        }
    }
    let all = pairs.len();
    let order = |pair: &(String, usize, String, usize)| pair.3;
    pairs.sort_by_key(order);
    pairs.truncate(TRIED);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let bench = Bench::new(product);
                while let Some((one, kind, other, seed)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (read, _) = bench.read(&[(one, *kind), (other, *seed)]);
                    if let Some(problem) = read.and_then(|read| wrong(&whole, &read, &site)) {
                        let second = KINDS[seed % KINDS.len()];
                        problems
                            .lock()
                            .unwrap()
                            .push(format!("{} {one} and {second} {other}: {problem}", KINDS[*kind]));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    println!("{product:?}: {} requests, {alone} alone, {} of {all} pairs", first.len(), pairs.len());
    assert!(pairs.len() >= TRIED, "{} pairs", pairs.len());
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

fn cloud(roles: bool) -> Product {
    Product { deployment: Deployment::Cloud, version: "", roles }
}

fn installation(version: &'static str) -> Product {
    Product { deployment: Deployment::DataCenter, version, roles: false }
}

#[test]
fn no_pair_of_failing_requests_changes_in_silence_what_a_cloud_site_says() {
    every_pair(cloud(false));
}

#[test]
fn no_pair_of_failing_requests_changes_in_silence_what_a_site_with_roles_says() {
    every_pair(cloud(true));
}

#[test]
fn no_pair_of_failing_requests_changes_in_silence_what_the_newest_installation_says() {
    every_pair(installation("10.2.0"));
}

#[test]
fn no_pair_of_failing_requests_changes_in_silence_what_an_older_installation_says() {
    every_pair(installation("8.5.4"));
}
