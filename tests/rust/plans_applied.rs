//! Plans, applied to simulated sites: what was foretold happens, and is taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use confluence_access::fetch::{Applied, ApplyOptions, ErrorKind, WriteOptions};
use confluence_access::model::plan::ChangePlan;
use confluence_access::model::{Deployment, Operation, Snapshot, Subject, Verdict, WriteOutcome};
use confluence_access::resolve::{Access, PlanFailure, what_if};
use confluence_access::simulator::{Fault, Options};
use serde_json::{Value, json};

use crate::support::BOTH;
use crate::support::session::Session;

fn plan(steps: Value) -> ChangePlan {
    let document = json!({"kind": "confluence-access plan", "format": 1, "site": null, "steps": steps});
    ChangePlan::from_json(&document.to_string()).unwrap()
}

const USERS: [&str; 5] = ["ann", "bob", "cat", "dan", "eve"];
const GROUPS: [&str; 3] = ["eng", "ops", "hr"];

fn random_site(deployment: Deployment, seed: u64) -> Value {
    let mut dice = fastrand::Rng::with_seed(seed);
    let cloud = deployment == Deployment::Cloud;
    let principals: Vec<String> =
        USERS.iter().map(|id| format!("user:{id}")).chain(GROUPS.iter().map(|id| format!("group:{id}"))).collect();
    let mut some = |most: usize| -> Vec<String> {
        let count = dice.usize(0..=most);
        let all: BTreeSet<String> = (0..count).map(|_| principals[dice.usize(0..principals.len())].clone()).collect();
        all.into_iter().collect()
    };
    let mut grants = |most: usize| -> Value {
        some(most)
            .into_iter()
            .map(|who| (who, json!(["view", "create_page"])))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let spaces = json!({
        "ENG": {"grants": grants(5), "role_assignments": {"user:dan": ["Viewer"]}, "homepage": "100"},
        "HR": {"grants": grants(4), "homepage": "200"},
    });
    let mut contents = serde_json::Map::new();
    let mut restrictions = serde_json::Map::new();
    for (space, first) in [("ENG", 100), ("HR", 200)] {
        for at in 0..5 {
            let id = (first + at).to_string();
            let mut row = json!({"type": "page", "space": space, "title": format!("Page {id}")});
            if at > 0 {
                row["parent"] = json!((first + dice.i32(0..at)).to_string());
            }
            contents.insert(id.clone(), row);
            if dice.u32(0..100) < 45 {
                let mut some = |most: usize| -> Vec<String> {
                    let count = dice.usize(0..=most);
                    let all: BTreeSet<String> =
                        (0..count).map(|_| principals[dice.usize(0..principals.len())].clone()).collect();
                    all.into_iter().collect()
                };
                restrictions.insert(id, json!({"read": some(3), "update": some(2)}));
            }
        }
    }
    let groups: serde_json::Map<String, Value> = GROUPS
        .iter()
        .map(|name| {
            let members: Vec<String> = USERS.iter().filter(|_| dice.bool()).map(|id| format!("user:{id}")).collect();
            ((*name).to_owned(), json!({"name": name, "members": members}))
        })
        .collect();
    let users: serde_json::Map<String, Value> =
        USERS.iter().map(|id| ((*id).to_owned(), json!({"name": id, "display_name": id.to_uppercase()}))).collect();
    let mode = if cloud { ["PRE_ROLES", "ROLES_TRANSITION"][dice.usize(0..2)] } else { "PRE_ROLES" };
    json!({
        "role_mode": mode, "users": users, "groups": groups, "spaces": spaces, "contents": contents,
        "restrictions": restrictions, "roles": {"Viewer": ["view"], "Writer": ["view", "create_page", "edit_page"]},
    })
}

fn random_steps(site: &Value, seed: u64) -> Value {
    let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(104_729) + 1);
    let roles = site["role_mode"] == "ROLES_TRANSITION";
    let mut steps = Vec::new();
    for _ in 0..dice.usize(1..=4) {
        let mut pick = |from: &[&str]| from[dice.usize(0..from.len())].to_owned();
        let who = pick(&["user:ann", "user:bob", "user:cat", "user:dan", "group:eng", "group:ops", "group:hr"]);
        let by = pick(&["user:eve", "group:ops", "user:cat"]);
        let space = pick(&["ENG", "HR"]);
        let operation = pick(&["view", "edit"]);
        let group = pick(&GROUPS);
        let user = format!("user:{}", pick(&USERS));
        let page = pick(&["101", "102", "103", "104", "201", "202", "203", "204"]);
        let parent = pick(&["100", "101", "102", "200", "201"]);
        steps.push(match dice.u32(0..13) {
            0 => json!({"step": "grant", "space": space, "subject": who, "permissions": ["view", "create_page"]}),
            1 => json!({"step": "revoke", "space": space, "subject": who, "permissions": ["create_page"]}),
            2 => json!({"step": "revoke", "space": space, "subject": who}),
            3 => json!({"step": "set", "space": space, "subject": who, "permissions": ["view"]}),
            4 => json!({"step": "restrict", "contents": [page, parent], "operation": operation, "subjects": [who]}),
            5 => json!({"step": "unrestrict", "contents": [page], "operation": operation}),
            6 => json!({"step": "set_restrictions", "contents": [page], "operation": operation, "subjects": [who, by]}),
            7 => json!({"step": "add_member", "group": group, "user": user}),
            8 => json!({"step": "remove_member", "group": group, "user": user}),
            9 if who != by => json!({"step": "replace", "subject": who, "by": by}),
            10 if dice.bool() => json!({"step": "delete", "group": group}),
            11 if roles => json!({"step": "assign_role", "space": space, "subject": who, "role": "viewer"}),
            12 if roles => json!({"step": "remove_role", "space": "ENG", "subject": "user:dan"}),
            _ if page != parent => json!({"step": "move", "content": page, "parent": parent}),
            _ => json!({"step": "grant", "space": space, "subject": "anonymous", "permissions": ["view"]}),
        });
    }
    json!(steps)
}

type Answers = BTreeMap<(String, &'static str, String), Verdict>;

fn answers(snapshot: &Snapshot) -> Answers {
    let access = Access::new(Arc::new(snapshot.clone()), None);
    let people = USERS.iter().map(|id| Subject::user(*id)).chain(GROUPS.iter().map(|id| Subject::group(*id)));
    let mut found = Answers::new();
    for who in people.chain([Subject::anonymous()]) {
        for content in &snapshot.contents {
            for (word, operation) in [("view", Operation::View), ("edit", Operation::Edit)] {
                found.insert((who.to_string(), word, content.id.clone()), access.can(&who, operation, &content.id));
            }
        }
    }
    found
}

fn anyway() -> ApplyOptions {
    ApplyOptions { write: WriteOptions { allow_lockout: true, ..WriteOptions::default() }, ..ApplyOptions::default() }
}

fn apply(session: &Session, plan: &ChangePlan, options: ApplyOptions) -> Applied {
    session.run(session.client.apply(plan, options)).unwrap()
}

fn told(done: &Applied) -> Vec<String> {
    let row = |row: &confluence_access::model::WriteResult| {
        let line = row.line.unwrap_or_default();
        format!("{line} {} {} {} {}", row.target, row.subject, row.permission, row.outcome)
    };
    done.rows.iter().map(row).collect()
}

#[test]
fn what_was_foretold_is_what_happens_and_undo_brings_it_back() {
    for deployment in BOTH {
        let (mut applied, mut refused, mut undone, mut changed) = (0, 0, 0, 0);
        for seed in 0..60 {
            let site = random_site(deployment, seed);
            let session = Session::with(Options { deployment, site: Some(site.clone()), ..Options::default() });
            let before = Arc::new(session.snapshot());
            let plan = plan(random_steps(&site, seed));
            let about = format!("{deployment:?} {seed}\n{plan}");
            let foretold = what_if(&before, &plan);
            let rehearsed = session.run(
                session
                    .client
                    .apply(&plan, ApplyOptions { write: WriteOptions { dry_run: true, ..anyway().write }, ..anyway() }),
            );
            let foretold = match foretold {
                Ok(foretold) => foretold,
                // A snapshot has the accounts that something names.
                Err(PlanFailure::Lookup(_)) => continue,
                Err(error) => {
                    assert!(rehearsed.is_err(), "{about}: refused offline only: {error}");
                    refused += 1;
                    continue;
                }
            };
            let rehearsed = rehearsed.unwrap_or_else(|error| panic!("{about}: {error}"));
            assert_eq!(session.snapshot().restrictions, before.restrictions, "{about}: a rehearsal changes nothing");
            let done = apply(&session, &plan, anyway());
            let failed: Vec<_> = done.rows.iter().filter(|row| row.outcome == WriteOutcome::Failed).collect();
            assert!(failed.is_empty(), "{about}: {failed:#?}");
            let would = |done: &Applied| {
                told(done)
                    .iter()
                    .map(|row| row.replace("would_add", "added").replace("would_remove", "removed"))
                    .collect::<Vec<_>>()
            };
            assert_eq!(would(&rehearsed), would(&done), "{about}");
            assert_eq!((&rehearsed.undo, &rehearsed.left), (&done.undo, &done.left), "{about}");
            let now = session.snapshot();
            let (found, expected) = (answers(&foretold), answers(&now));
            for (question, real) in &expected {
                let own = found[question];
                assert!(own == *real || own == Verdict::Unknown, "{about}: {question:?}: {own:?}, and it is {real:?}");
                if own == Verdict::Unknown && *real != Verdict::Unknown {
                    assert!(
                        plan.to_string().contains("role") || plan.to_string().contains("anonymous"),
                        "{about}: {question:?} is unknown and not {real:?}"
                    );
                }
            }
            applied += 1;
            changed += usize::from(expected != answers(&before));
            let again = apply(&session, &plan, ApplyOptions { earlier: done.rows.clone(), ..anyway() });
            assert_eq!(told(&again), told(&done), "{about}: nothing is left to do");
            if !done.left.is_empty() || done.undo.steps.is_empty() {
                continue;
            }
            let back = apply(&session, &done.undo, anyway());
            assert!(back.rows.iter().all(|row| row.outcome != WriteOutcome::Failed), "{about}: {:#?}", back.rows);
            assert_eq!(answers(&session.snapshot()), answers(&before), "{about}\nback\n{}", done.undo);
            undone += 1;
            session.understood();
        }
        assert!(applied > 30 && changed > 15 && undone > 15, "{deployment:?} {applied} {refused} {undone} {changed}");
    }
}

fn small(deployment: Deployment) -> Session {
    let site = json!({
        "users": {"ann": {"name": "ann"}, "zoe": {"name": "zoe"}},
        "groups": {"eng": {"name": "eng", "members": ["user:zoe"]}, "old": {"name": "old", "members": []}},
        "spaces": {"ENG": {"grants": {"group:eng": ["view", "create_page"], "user:zoe": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}, "2": {"type": "page", "space": "ENG", "parent": "1"}},
        "restrictions": {"2": {"read": ["user:zoe"]}},
    });
    Session::with(Options { deployment, site: Some(site), ..Options::default() })
}

#[test]
fn a_user_is_replaced_everywhere_and_no_restriction_becomes_empty() {
    for deployment in BOTH {
        let session = small(deployment);
        let done =
            apply(&session, &plan(json!([{"step": "replace", "subject": "user:zoe", "by": "user:ann"}])), anyway());
        assert_eq!(
            told(&done),
            [
                "1 ENG user:ann view added",
                "1 ENG user:zoe view removed",
                "1 2 user:ann view added",
                "1 2 user:zoe view removed",
                "1 eng user:ann member added",
                "1 eng user:zoe member removed",
            ]
        );
        assert!(done.gaps.is_empty());
        session.understood();
    }
}

#[test]
fn what_the_product_cannot_do_is_refused_before_anything_is_written() {
    for deployment in BOTH {
        let session = small(deployment);
        let refused = |step: Value| {
            let steps =
                json!([{"step": "grant", "space": "ENG", "subject": "user:ann", "permissions": ["view"]}, step]);
            let error = session.run(session.client.apply(&plan(steps), anyway())).unwrap_err();
            (error.kind(), error.line(), error.to_string())
        };
        let role = json!({"step": "assign_role", "space": "ENG", "subject": "user:ann", "role": "Viewer"});
        let (_, line, text) = refused(role);
        assert!(line == Some(2) && text.contains("this site has no roles in spaces"), "{text}");
        let (kind, line, text) = refused(json!({"step": "move", "content": "1", "parent": "2"}));
        assert_eq!((kind, line), (ErrorKind::Plan, Some(2)));
        assert!(text.starts_with("line 2, `move 1 below 2`: `2` is below `1`"), "{text}");
        let (kind, ..) = refused(json!({"step": "delete", "group": "nobody"}));
        assert_eq!(kind, ErrorKind::NotFound);
        let other = ChangePlan {
            site: Some("https://other.example".to_owned()),
            ..plan(json!([{"step": "delete", "group": "old"}]))
        };
        let error = session.run(session.client.apply(&other, anyway())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OtherSite);
        let error = session.run(session.client.apply(&plan(json!([])), anyway())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(session.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_plan_stops_at_a_failure_or_goes_on_and_resumes() {
    for deployment in BOTH {
        let session = small(deployment);
        let steps = plan(json!([
            {"step": "add_member", "group": "old", "user": "user:ann"},
            {"step": "restrict", "contents": ["1"], "operation": "view", "subjects": ["user:ann"]},
        ]));
        let part = if deployment == Deployment::Cloud { "userByGroupId" } else { "/user/ann/group/" };
        session.simulator.inject(Fault::status(part, 403).times(1));
        let stopped = apply(&session, &steps, anyway());
        assert_eq!(told(&stopped), ["1 old user:ann member failed", "2 1 user:ann view failed"]);
        assert_eq!(stopped.rows[1].message.as_deref(), Some("not sent: line 1 of the plan failed before"));
        assert!(stopped.undo.steps.is_empty());
        session.simulator.inject(Fault::status(part, 403).times(1));
        let went_on = apply(&session, &steps, ApplyOptions { go_on: true, ..anyway() });
        assert_eq!(told(&went_on), ["1 old user:ann member failed", "2 1 user:ann view added"]);
        let resumed = apply(&session, &steps, ApplyOptions { earlier: went_on.rows, ..anyway() });
        assert_eq!(told(&resumed), ["1 old user:ann member added", "2 1 user:ann view added"]);
        assert_eq!(resumed.undo.steps.len(), 2);
    }
}

#[test]
fn a_plan_that_locks_the_caller_out_is_refused() {
    let site = json!({
        "caller": "user:ann",
        "users": {"ann": {"name": "ann", "product_admin": true}, "bob": {"name": "bob"}},
        "groups": {"admins": {"name": "admins", "members": ["user:ann"]}},
        "spaces": {"ENG": {"grants": {"user:ann": ["view", "administer"], "group:admins": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    });
    let session = Session::with(Options { site: Some(site), ..Options::default() });
    for step in [
        json!({"step": "revoke", "space": "ENG", "subject": "user:ann"}),
        json!({"step": "restrict", "contents": ["1"], "operation": "view", "subjects": ["user:bob"]}),
        json!({"step": "remove_member", "group": "admins", "user": "user:ann"}),
        json!({"step": "delete", "group": "admins"}),
        json!({"step": "replace", "subject": "user:ann", "by": "user:bob"}),
    ] {
        let error = session.run(session.client.apply(&plan(json!([step])), ApplyOptions::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Lockout, "{step}: {error}");
    }
    assert_eq!(session.writes(), Vec::<String>::new());
}
