//! Every golden scenario: each question for each deployment and variant, with its codes, witnesses, audiences and
//! findings; and the eleven sites on which other tools were compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use confluence_access::model::{Decision, Deployment, Operation, Snapshot, Subject};
use confluence_access::resolve::{Access, CODES};
use serde_json::{Value, json};

use crate::scenarios::{file, merge, site};

fn deployment(word: &str) -> Deployment {
    match word {
        "cloud" => Deployment::Cloud,
        "datacenter" => Deployment::DataCenter,
        other => panic!("deployment {other}"),
    }
}

fn access(site: &Value, word: &str) -> Access {
    let snapshot = Snapshot::from_plain(site.clone(), deployment(word)).unwrap_or_else(|e| panic!("{e}: {site}"));
    Access::new(Arc::new(snapshot), None)
}

fn words(value: Option<&Value>) -> BTreeSet<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[derive(Default)]
struct Checks {
    passed: usize,
    failed: Vec<String>,
    scenarios: BTreeSet<u64>,
    /// Questions asked, each once for each deployment and variant.
    questions: usize,
    kinds: BTreeMap<&'static str, usize>,
}

impl Checks {
    fn that(&mut self, kind: &'static str, holds: bool, what: impl FnOnce() -> String) {
        *self.kinds.entry(kind).or_default() += 1;
        if holds {
            self.passed += 1;
        } else {
            self.failed.push(format!("{kind}: {}", what()));
        }
    }

    fn question(&mut self, name: &str, access: &Access, word: &str, question: &Value, expected: &Value) {
        self.questions += 1;
        let subject = Subject::parse(question["subject"].as_str().unwrap()).unwrap();
        let operation = Operation::parse(question["operation"].as_str().unwrap()).unwrap();
        let content = question["content"].as_str().unwrap();
        let at = format!("{name} {word}: {subject} {operation} {content}");
        let verdict = expected["expect"][word].as_str().unwrap();
        let can = access.can(&subject, operation, content);
        let explanation = access.explain(&subject, operation, content);
        self.that("verdict", can.as_str() == verdict, || format!("{at}: expected {verdict}, got {can}\n{explanation}"));
        self.that("explanation", explanation.verdict == can, || {
            format!("{at}: explain {} can {can}", explanation.verdict)
        });
        let codes = words(expected["codes"].get(word));
        let found: BTreeSet<String> = explanation.codes.iter().map(|code| (*code).to_owned()).collect();
        self.that("codes", codes == found, || format!("{at}: expected {codes:?}, got {found:?}\n{explanation}"));
        for code in &explanation.codes {
            assert!(CODES.iter().any(|row| row.code == *code), "{code} is not documented");
        }
        for (way, found) in [("bypass", explanation.bypass), ("exposure", explanation.exposure)] {
            let expected = expected[way].get(word).and_then(Value::as_str);
            self.that(way, expected == found, || format!("{at}: {way} expected {expected:?}, got {found:?}"));
        }
        if let Some(witnesses) = expected["witnesses"].get(word) {
            for (layer, through) in witnesses.as_object().unwrap() {
                let through: Vec<_> = through.as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
                let found = explanation.witnesses.get(layer);
                self.that("witness", found.is_some_and(|found| *found == through), || {
                    format!("{at}: {layer} expected {through:?}, got {found:?}")
                });
            }
        }
    }

    fn audience(&mut self, name: &str, access: &Access, word: &str, audience: &Value) {
        let operation = Operation::parse(audience["operation"].as_str().unwrap()).unwrap();
        let content = audience["content"].as_str().unwrap();
        let rows = access.who_can(operation, content).unwrap().rows;
        let of = |decision: Decision, standing: bool| -> BTreeSet<String> {
            let rows = rows.iter().filter(|row| row.decision == decision && row.standing == standing);
            rows.map(|row| {
                if &*row.user_id == "anonymous" { row.user_id.to_string() } else { format!("user:{}", row.user_id) }
            })
            .collect()
        };
        let expected = &audience["expect"][word];
        for (list, found) in [
            ("allowed", of(Decision::Allowed, true)),
            ("unknown", of(Decision::Unknown, true)),
            ("bypass", of(Decision::Allowed, false)),
        ] {
            let expected = words(expected.get(list));
            self.that("audience", expected == found, || {
                format!("{name} {word}: {operation} {content} {list} expected {expected:?}, got {found:?}")
            });
        }
    }

    fn findings(&mut self, name: &str, access: &Access, word: &str, scenario: &Value) {
        let found = access.findings().rows;
        for finding in scenario["findings"].as_array().into_iter().flatten() {
            let (code, content) = (finding["code"].as_str().unwrap(), finding["content"].as_str());
            let there = found.iter().any(|row| row.code == code && row.content_id.as_deref() == content);
            self.that("finding", there, || {
                let all: Vec<_> = found.iter().map(|row| (row.code, row.content_id.as_deref())).collect();
                format!("{name} {word}: {code} at {content:?} not among {all:?}")
            });
        }
    }
}

#[test]
fn every_golden_scenario_is_answered_as_written() {
    let file = file();
    let mut checks = Checks::default();
    for scenario in file["scenarios"].as_array().unwrap() {
        let name = format!("scenario {}", scenario["id"]);
        checks.scenarios.insert(scenario["id"].as_u64().unwrap());
        for word in scenario["deployments"].as_array().unwrap() {
            let word = word.as_str().unwrap();
            let site = site(&file, scenario, word);
            let resolved = access(&site, word);
            for question in scenario["questions"].as_array().unwrap() {
                if question["expect"].get(word).is_some() {
                    checks.question(&name, &resolved, word, question, question);
                }
                for variant in question["variants"].as_array().into_iter().flatten() {
                    if variant["expect"].get(word).is_none() {
                        continue;
                    }
                    let mut changed = site.clone();
                    merge(&mut changed, &variant["patch"]);
                    let name = format!("{name} with {}", variant["name"]);
                    checks.question(&name, &access(&changed, word), word, question, variant);
                }
            }
            for audience in scenario["audiences"].as_array().into_iter().flatten() {
                if audience["expect"].get(word).is_some() {
                    checks.audience(&name, &resolved, word, audience);
                }
            }
            checks.findings(&name, &resolved, word, scenario);
        }
    }
    println!(
        "{} scenarios, {} questions, {} checks: {} hold {:?}",
        checks.scenarios.len(),
        checks.questions,
        checks.passed + checks.failed.len(),
        checks.passed,
        checks.kinds
    );
    assert!(checks.failed.is_empty(), "{} checks failed:\n{}", checks.failed.len(), checks.failed.join("\n"));
    // None is missing, and each was asked about whatever it says it expects.
    let scenarios = file["scenarios"].as_array().unwrap();
    assert!(checks.scenarios.iter().copied().eq(1..=scenarios.len() as u64), "{:?}", checks.scenarios);
    let questions = || scenarios.iter().flat_map(|scenario| scenario["questions"].as_array().unwrap());
    let variants = questions().flat_map(|question| question["variants"].as_array().into_iter().flatten());
    let expected = questions().chain(variants).map(|one| one["expect"].as_object().unwrap().len());
    assert_eq!(checks.questions, expected.sum::<usize>());
    assert!(checks.passed >= 984, "the reference evaluation ran 984 checks");
}

/// The sites of the comparison of public tools: one space, members as below, a chain root, mid, leaf.
fn compared(restrictions: Value) -> Access {
    let site = json!({
        "users": {
            "alice": {}, "bob": {}, "carol": {}, "dave": {}, "olga": {}, "xavier": {}, "stan": {},
            "gone": {"active": false}, "bot": {"app": true},
        },
        "groups": {
            "eng": {"members": ["user:bob", "user:carol", "user:dave"]},
            "ops": {"members": ["user:olga"]},
            "staff": {"members": ["user:alice", "user:bob", "user:carol", "user:olga"]},
            "exporters": {"members": ["user:xavier"]},
            "emptied": {"members": []},
        },
        "spaces": {"DOC": {"grants": {
            "group:eng": ["view"], "group:ops": ["view"], "user:alice": ["view"], "group:exporters": ["export"],
        }}},
        "contents": {
            "root": {"type": "page", "space": "DOC"},
            "mid": {"type": "page", "space": "DOC", "parent": "root"},
            "leaf": {"type": "page", "space": "DOC", "parent": "mid"},
        },
        "restrictions": restrictions,
    });
    access(&site, "cloud")
}

fn viewers(access: &Access, content: &str) -> BTreeSet<String> {
    let rows = access.who_can(Operation::View, content).unwrap().rows;
    assert!(rows.iter().all(|row| row.decision == Decision::Allowed && row.standing), "{rows:?}");
    rows.into_iter().map(|row| row.user_id.to_string()).collect()
}

#[test]
fn the_eleven_sites_other_tools_were_compared_on_are_all_right() {
    let everybody = ["alice", "bob", "carol", "dave", "olga"];
    let cases: [(&str, Value, &[&str]); 11] = [
        ("C1 parent restricted, child open", json!({"mid": {"read": ["user:alice"]}}), &["alice"]),
        (
            "C2 stacked lists above an open leaf",
            json!({"root": {"read": ["user:alice"]}, "mid": {"read": ["user:alice", "user:bob"]}}),
            &["alice"],
        ),
        (
            "C3 a group above, one member below",
            json!({"root": {"read": ["group:eng"]}, "leaf": {"read": ["user:bob"]}}),
            &["bob"],
        ),
        ("C4 only a deactivated account is listed", json!({"leaf": {"read": ["user:gone"]}}), &[]),
        ("C5 only somebody without view in the space is listed", json!({"leaf": {"read": ["user:stan"]}}), &[]),
        ("C6 only editing is restricted", json!({"leaf": {"update": ["user:alice"]}}), &everybody),
        ("C7 nothing restricted, one group may only export", json!({}), &everybody),
        ("C8 only an emptied group is listed", json!({"leaf": {"read": ["group:emptied"]}}), &[]),
        ("C9 only an app is listed", json!({"leaf": {"read": ["user:bot"]}}), &[]),
        (
            "C10 one group above, another below",
            json!({"root": {"read": ["group:eng"]}, "leaf": {"read": ["group:staff"]}}),
            &["bob", "carol"],
        ),
        ("C11 listed below, not above", json!({"root": {"read": ["user:bob"]}, "leaf": {"read": ["user:alice"]}}), &[]),
    ];
    for (name, restrictions, expected) in cases {
        let access = compared(restrictions);
        let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(viewers(&access, "leaf"), expected, "{name}");
        for id in access.user_ids() {
            let can = access.can(&Subject::user(id), Operation::View, "leaf").as_str();
            assert_eq!(can == "allowed", expected.contains(id), "{name}: {id} {can}");
        }
    }
}
