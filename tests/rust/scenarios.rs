//! The golden scenarios, as the sites they describe.

use std::collections::BTreeMap;

use confluence_access::model::{Operation, Subject};
use confluence_access::resolve::Access;
use serde_json::{Map, Value};

/// The file, with what is known to be wrong in it put right.
pub fn file() -> Value {
    let mut file: Value = serde_json::from_str(include_str!("../golden/scenarios.json")).unwrap();
    let errata: Value = serde_json::from_str(include_str!("../golden/errata.json")).unwrap();
    for erratum in errata.as_array().unwrap() {
        let scenarios = file["scenarios"].as_array_mut().unwrap();
        let scenario = scenarios.iter_mut().find(|scenario| scenario["id"] == erratum["scenario"]).unwrap();
        let question = erratum["question"].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap();
        let codes = &mut scenario["questions"][question]["codes"];
        assert_ne!(codes, &erratum["codes"], "no longer wrong: take it out of errata.json");
        *codes = erratum["codes"].clone();
    }
    file
}

/// JSON Merge Patch.
// Source: https://www.rfc-editor.org/rfc/rfc7396
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let target = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// The site of a scenario for a deployment.
pub fn site(file: &Value, scenario: &Value, deployment: &str) -> Value {
    let mut site = file["defaults"].clone();
    merge(&mut site, &scenario["patch"]);
    if let Some(patch) = scenario["patch_by_deployment"].get(deployment) {
        merge(&mut site, patch);
    }
    site
}

/// Every question about `deployment`, with its variants, asked of the sites as `read` brings them: the answers that are as
/// written, those that are less known than written, and those that are different. Prints what is not as written.
pub fn compare(deployment: &str, read: impl Fn(&Value) -> Access) -> BTreeMap<&'static str, Vec<String>> {
    let file = file();
    let mut outcome: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for scenario in file["scenarios"].as_array().unwrap() {
        if !scenario["deployments"].as_array().unwrap().iter().any(|d| d == deployment) {
            continue;
        }
        let site = site(&file, scenario, deployment);
        let access = read(&site);
        let mut ask = |access: &Access, question: &Value, expected: &Value, name: &str| {
            let Some(verdict) = expected["expect"].get(deployment).and_then(Value::as_str) else { return };
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
                if variant["expect"].get(deployment).is_some() {
                    let mut changed = site.clone();
                    merge(&mut changed, &variant["patch"]);
                    let name = format!(" with {}", variant["name"].as_str().unwrap());
                    ask(&read(&changed), question, variant, &name);
                }
            }
        }
    }
    for (kind, lines) in &outcome {
        println!("{deployment}: {kind} {}", lines.len());
        if *kind != "as written" {
            lines.iter().for_each(|line| println!("  {kind}: {line}"));
        }
    }
    outcome
}
