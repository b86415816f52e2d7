//! Changes over real sockets: what is sent, what is not, and what is made of the answers.

use std::sync::Arc;

use confluence_access::fetch::{ErrorKind, Progress};
use confluence_access::model::{Decision, Operation, Subject, WriteOutcome};
use confluence_access::resolve::Access;
use confluence_access::simulator::{Effect, Fault, Options, cast};
use serde_json::{Value, json};

use crate::support::session::{PLAIN, REHEARSED, Session, outcomes};
use crate::support::words;

fn site(more: Value) -> Value {
    let mut site = json!({
        "role_mode": "PRE_ROLES",
        "caller": "ann",
        "users": {"ann": {"product_admin": true}, "bob": {}, "cat": {}},
        "groups": {"leads": {"members": ["user:ann"]}, "eng": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"ENG": {"grants": {
            "group:leads": ["view", "administer", "create_page", "restrict"],
            "user:cat": ["view", "create_comment"],
        }}},
        "contents": {"1": {"space": "ENG"}, "2": {"space": "ENG", "parent": "1"}},
        "restrictions": {"2": {"read": ["group:leads", "user:cat"], "update": ["user:ann"]}},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        site[key] = value.clone();
    }
    site
}

fn session() -> Session {
    Session::with(Options { site: Some(site(json!({}))), ..Options::default() })
}

#[test]
fn a_rehearsal_sends_no_change_and_says_what_the_change_will() {
    let talk = session();
    let give = words(&["create_page", "view"]);
    let rehearsed = talk.run(talk.client.grant("ENG", "group:eng", &give, REHEARSED)).unwrap();
    let expected = [("group:eng view".to_owned(), "would_add"), ("group:eng create_page".to_owned(), "would_add")];
    assert_eq!(outcomes(&rehearsed), expected);
    assert!(talk.writes().is_empty());
    let done = talk.run(talk.client.grant("ENG", "group:eng", &give, PLAIN)).unwrap();
    assert!(done.iter().all(|row| row.outcome == WriteOutcome::Added));
    assert_eq!(talk.writes().len(), 2);
    let again = talk.run(talk.client.grant("ENG", "group:eng", &give, PLAIN)).unwrap();
    assert!(again.iter().all(|row| row.outcome == WriteOutcome::Skipped));
    assert_eq!(talk.writes().len(), 2);
    assert!(talk.simulator.unexpected().is_empty());
}

#[test]
fn a_change_without_an_answer_is_looked_at_before_it_is_sent_again() {
    let talk = session();
    talk.simulator.inject(Fault::on("/space/ENG/permission", Effect::Drop).method("POST").once());
    let done = talk.run(talk.client.grant("ENG", "group:eng", &words(&["view"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), [("group:eng view".to_owned(), "added")]);
    assert_eq!(talk.writes().len(), 1, "it had arrived");
    talk.simulator.inject(Fault::status("/space/ENG/permission", 502).method("POST").once());
    let done = talk.run(talk.client.grant("ENG", "group:eng", &words(&["export"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), [("group:eng export".to_owned(), "added")]);
    assert_eq!(talk.writes().len(), 3, "it had not");
    talk.simulator.inject(Fault::status("/space/ENG/permission", 429).method("POST").retry_after("0").times(2));
    let done = talk.run(talk.client.grant("ENG", "user:bob", &words(&["view"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), [("user:bob view".to_owned(), "added")], "a request that has to wait was not served");
}

#[test]
fn a_list_is_changed_by_routes_that_cannot_touch_the_other() {
    let talk = session();
    let page = words(&["2"]);
    let done =
        talk.run(talk.client.set_restrictions(&page, "view", &words(&["user:ann", "group:eng"]), PLAIN)).unwrap();
    assert_eq!(done.iter().filter(|row| row.outcome == WriteOutcome::Added).count(), 2);
    assert_eq!(done.iter().filter(|row| row.outcome == WriteOutcome::Removed).count(), 2);
    let sent = talk.writes();
    assert!(sent.iter().all(|line| line.starts_with("POST ") || line.contains("/byOperation/read/")), "{sent:?}");
    let now = talk.run(talk.client.restrictions("2")).unwrap();
    let mut lists: Vec<String> = now.rows.iter().map(|r| format!("{} {}", r.operation, r.subject)).collect();
    lists.sort();
    assert_eq!(lists, ["edit user:ann", "view group:eng", "view user:ann"]);
}

#[test]
fn who_would_be_locked_out_is_told_and_nothing_is_sent() {
    let talk = session();
    let page = words(&["2"]);
    let errors = [
        talk.run(talk.client.revoke("ENG", "group:leads", &words(&["administer"]), PLAIN)).unwrap_err(),
        talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["user:bob"]), PLAIN)).unwrap_err(),
        talk.run(talk.client.unrestrict(&page, "view", Some(&words(&["group:leads"])), REHEARSED)).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Lockout);
        assert!(error.to_string().contains("allow_lockout"), "{error}");
    }
    assert!(talk.writes().is_empty());
    // Where nobody knows who asks, nobody knows whether they would be locked out.
    talk.simulator.inject(Fault::status("/user/memberof", 403));
    let error = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["group:eng"]), PLAIN)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Lockout);
    assert!(error.to_string().contains("could not be found out"), "{error}");
    assert!(talk.writes().is_empty());
    // What does not depend on groups goes on.
    let done = talk.run(talk.client.revoke("ENG", "user:cat", &words(&["view"]), PLAIN)).unwrap();
    assert!(done.iter().all(|row| row.outcome == WriteOutcome::Removed));
    let done = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["user:ann"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), [("user:ann edit".to_owned(), "added")]);
}

#[test]
fn single_permissions_on_a_site_with_roles_only_are_an_error_of_their_own() {
    let talk = Session::with(Options { site: Some(site(json!({"role_mode": "ROLES"}))), ..Options::default() });
    let error = talk.run(talk.client.grant("ENG", "group:eng", &words(&["view"]), PLAIN)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RolesOnly);
    assert!(talk.writes().is_empty());
    talk.simulator.inject(Fault::status("/space-role-mode", 404));
    let error = talk.run(talk.client.grant("ENG", "group:eng", &words(&["view"]), PLAIN)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RolesOnly);
    assert_eq!(talk.writes().len(), 1, "Confluence said it itself");
}

#[test]
fn a_check_gives_reasons_and_a_refusal_a_remedy() {
    let talk = session();
    let check = |subject: &str, operation: &str| talk.run(talk.client.check("2", subject, operation));
    let denied = check("user:bob", "view").unwrap();
    assert_eq!(denied.decision, Decision::Denied);
    assert_eq!(denied.reasons, ["space.no_permission", "content.restricted"]);
    assert_eq!(check("user:ann", "update").unwrap().decision, Decision::Allowed);
    assert_eq!(check("class:all-licensed-users", "view").unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(check("user:bob", "export").unwrap_err().kind(), ErrorKind::Configuration);
    talk.simulator.inject(Fault::status("/permission/check", 403));
    let error = check("user:bob", "view").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains("administrator's token"), "{error}");
}

#[test]
fn many_checks_come_back_in_the_order_they_were_asked() {
    let talk =
        Session::with(Options { pages: 120, latency: std::time::Duration::from_millis(3), ..Options::default() });
    let snapshot = talk.run(talk.client.snapshot(None, Arc::new(Progress::new()))).unwrap();
    let access = Access::new(Arc::new(snapshot), None);
    let questions = access.sample(150, 5);
    assert_eq!(questions, access.sample(150, 5), "the same for the same seed");
    assert_ne!(questions, access.sample(150, 6));
    assert_eq!(questions.len(), 150);
    assert!(questions.iter().filter(|q| q.subject == Subject::anonymous()).count() >= 20);
    assert!(questions.iter().any(|q| q.operation == Operation::Edit));
    let restricted = |id: &str| access.snapshot().restrictions.iter().any(|r| r.content_id == id);
    assert!(questions.iter().filter(|q| restricted(&q.content_id)).count() >= 20);
    let asked: Vec<_> = questions.iter().map(|q| (q.content_id.clone(), q.subject.clone(), q.operation)).collect();
    let answers = talk.run(talk.client.checks(&asked)).unwrap();
    assert!(talk.simulator.max_in_flight() <= 5);
    for (question, answer) in questions.iter().zip(answers) {
        let answer = answer.unwrap();
        assert_eq!((&answer.subject, &answer.content_id), (&question.subject, &question.content_id));
        assert_eq!(access.disagreement(&answer), None, "{question:?}: {answer:?}");
    }
    assert!(talk.simulator.unexpected().is_empty());
}

#[test]
fn a_change_is_seen_by_the_check_and_gone_when_it_is_taken_back() {
    let talk = Session::with(Options::default());
    let cast = cast();
    let page = vec![cast.welcome.id.clone()];
    let cat = format!("user:{}", cast.cat.account_id);
    let olga = format!("user:{}", cast.olga.account_id);
    let before = talk.run(talk.client.check(&page[0], &cat, "view")).unwrap();
    assert_eq!(before.decision, Decision::Allowed);
    talk.run(talk.client.restrict(&page, "view", std::slice::from_ref(&olga), PLAIN)).unwrap();
    let closed = talk.run(talk.client.check(&page[0], &cat, "view")).unwrap();
    assert_eq!((closed.decision, closed.reasons), (Decision::Denied, words(&["content.restricted"])));
    let opened = talk.run(talk.client.unrestrict(&page, "view", None, PLAIN)).unwrap();
    assert_eq!(outcomes(&opened), [(format!("{olga} view"), "removed")]);
    assert_eq!(talk.run(talk.client.check(&page[0], &cat, "view")).unwrap().decision, Decision::Allowed);
}
