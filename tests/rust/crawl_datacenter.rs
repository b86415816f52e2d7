//! Reading an installation of Data Center over real sockets: every version and every way to its permissions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use confluence_access::fetch::{Client, Config, Error, ErrorKind, Progress};
use confluence_access::model::{Deployment, GapScope, Operation, Snapshot, Subject};
use confluence_access::resolve::Access;
use confluence_access::simulator::{JsonRpc, Options, Simulator};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::scenarios::{file, merge, site};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn options(version: &str) -> Options {
    Options { deployment: Deployment::DataCenter, version: version.to_owned(), ..Options::default() }
}

/// A personal access token of the caller of the simulator.
fn config(simulator: &Simulator) -> Config {
    let mut config = Config::new(simulator.url());
    config.token = Some(SecretString::from(simulator.token().to_owned()));
    config.deployment = Some(Deployment::DataCenter);
    config.backoff = Duration::from_millis(2);
    config.timeout = Duration::from_millis(2000);
    config
}

fn snapshot(simulator: &Simulator, spaces: Option<&[&str]>) -> Result<Snapshot, Error> {
    let client = Client::new(config(simulator))?;
    let spaces = spaces.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
    let snapshot = runtime().block_on(client.snapshot(spaces, Arc::new(Progress::new())));
    assert!(simulator.unexpected().is_empty(), "{:#?}", simulator.unexpected());
    snapshot
}

/// A question, answered from the site as it was written and as it was read.
fn compare(version: &str, extender: bool) -> BTreeMap<&'static str, Vec<String>> {
    let file = file();
    let mut outcome: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let read = |site: &Value| {
        let described = Snapshot::from_plain(site.clone(), Deployment::DataCenter).unwrap();
        let options = Options { site: Some(site.clone()), extender, ..options(version) };
        let simulator = Simulator::start(options).unwrap();
        let mut snapshot = snapshot(&simulator, None).unwrap();
        snapshot.site.policy = described.site.policy;
        Access::new(Arc::new(snapshot), None)
    };
    for scenario in file["scenarios"].as_array().unwrap() {
        if !scenario["deployments"].as_array().unwrap().iter().any(|d| d == "datacenter") {
            continue;
        }
        let site = site(&file, scenario, "datacenter");
        let access = read(&site);
        let mut ask = |access: &Access, question: &Value, expected: &Value, name: &str| {
            let Some(verdict) = expected["expect"].get("datacenter").and_then(Value::as_str) else { return };
            let subject = Subject::parse(question["subject"].as_str().unwrap()).unwrap();
            let operation = Operation::parse(question["operation"].as_str().unwrap()).unwrap();
            let content = question["content"].as_str().unwrap();
            let got = access.can(&subject, operation, content);
            let line = format!(
                "{} {}{name}: {subject} {operation} {content}: expected {verdict}, got {got}",
                scenario["id"], scenario["title"]
            );
            let kind = match (verdict, got.as_str()) {
                (expected, got) if expected == got => "as written",
                (_, "unknown" | "not_in_inventory") => "less known",
                _ => "different",
            };
            outcome.entry(kind).or_default().push(line);
        };
        for question in scenario["questions"].as_array().unwrap() {
            ask(&access, question, question, "");
            for variant in question["variants"].as_array().into_iter().flatten() {
                if variant["expect"].get("datacenter").is_some() {
                    let mut changed = site.clone();
                    merge(&mut changed, &variant["patch"]);
                    let name = format!(" with {}", variant["name"].as_str().unwrap());
                    ask(&read(&changed), question, variant, &name);
                }
            }
        }
    }
    for (kind, lines) in &outcome {
        println!("{version}: {kind} {}", lines.len());
        if *kind != "as written" {
            lines.iter().for_each(|line| println!("  {kind}: {line}"));
        }
    }
    outcome
}

#[test]
fn golden_sites_read_from_the_newest_version_are_answered_as_written() {
    let mut outcome = compare("10.2.0", false);
    assert!(outcome.remove("different").unwrap_or_default().is_empty());
    assert!(outcome.remove("as written").is_some_and(|lines| lines.len() >= 100));
}
