//! What other tools get wrong, one test per fault, named after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use confluence_access::model::{Decision, Deployment, Operation, Snapshot, Subject};
use confluence_access::resolve::Access;
use serde_json::{Value, json};

/// One space that `staff` (ann, bob, cat) may view and edit, a chain Home > A > B, and what the test changes.
fn access(changes: Value) -> Access {
    let mut site = json!({
        "users": {"ann": {"email": "ann@example.org"}, "bob": {}, "cat": {}, "dan": {}, "bot": {"app": true}},
        "groups": {
            "staff": {"members": ["user:ann", "user:bob", "user:cat"]},
            "eng": {"members": ["user:ann", "user:bob"]},
        },
        "spaces": {"DOC": {"grants": {"group:staff": ["view", "create_page"]}}},
        "contents": {
            "Home": {"type": "page", "space": "DOC"},
            "A": {"type": "page", "space": "DOC", "parent": "Home"},
            "B": {"type": "page", "space": "DOC", "parent": "A"},
        },
    });
    for (key, value) in changes.as_object().unwrap() {
        match (site.get_mut(key).and_then(Value::as_object_mut), value) {
            (Some(old), Value::Object(new)) => old.extend(new.clone()),
            _ => site[key] = value.clone(),
        }
    }
    Access::new(Arc::new(Snapshot::from_plain(site, Deployment::Cloud).unwrap()), None)
}

fn can(access: &Access, subject: &str, operation: Operation, content: &str) -> &'static str {
    access.can(&Subject::parse(subject).unwrap(), operation, content).as_str()
}

fn viewers(access: &Access, content: &str) -> BTreeSet<String> {
    let rows = access.who_can(Operation::View, content).unwrap().rows;
    rows.into_iter().filter(|row| row.decision == Decision::Allowed).map(|row| row.user_id.to_string()).collect()
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn elastic_ignored_inherited_restrictions_and_fell_back_to_the_space() {
    let access = access(json!({"restrictions": {"A": {"read": ["user:ann"]}}}));
    assert_eq!(viewers(&access, "B"), set(&["ann"]));
}

#[test]
fn elastic_intersects_the_names_of_the_layers_and_grants_too_little() {
    let access = access(json!({"restrictions": {"A": {"read": ["group:eng"]}, "B": {"read": ["user:bob"]}}}));
    assert_eq!(viewers(&access, "B"), set(&["bob"]));
}

#[test]
fn elastic_replaces_the_space_by_the_restriction_and_grants_too_much() {
    let access = access(json!({"restrictions": {"B": {"read": ["user:bob", "user:dan"]}}}));
    assert_eq!(viewers(&access, "B"), set(&["bob"]), "dan has no view in the space");
}

#[test]
fn elastic_keeps_only_ordinary_accounts_and_takes_a_page_restricted_to_an_app_for_open() {
    let access = access(json!({"restrictions": {"B": {"read": ["user:bot"]}}}));
    assert_eq!(viewers(&access, "B"), set(&[]), "the app is listed, and has no view in the space");
    assert_eq!(can(&access, "user:bob", Operation::View, "B"), "denied");
}

#[test]
fn onyx_lets_the_nearest_restriction_win() {
    let access =
        access(json!({"restrictions": {"Home": {"read": ["user:ann"]}, "B": {"read": ["user:ann", "user:bob"]}}}));
    assert_eq!(viewers(&access, "B"), set(&["ann"]));
}

#[test]
fn onyx_lets_a_restriction_win_over_the_space() {
    let access = access(json!({"restrictions": {"A": {"read": ["user:dan"]}}}));
    assert_eq!(can(&access, "user:dan", Operation::View, "A"), "denied");
}

#[test]
fn onyx_counts_any_space_permission_as_view() {
    let access = access(json!({"spaces": {"DOC": {"grants": {"group:staff": ["view"], "user:dan": ["export"]}}}}));
    assert_eq!(can(&access, "user:dan", Operation::View, "A"), "denied");
}

#[test]
fn onyx_drops_principals_it_cannot_resolve_and_opens_the_page() {
    let access = access(json!({"restrictions": {"A": {"read": ["user:557058:former"]}}}));
    assert_eq!(viewers(&access, "A"), set(&[]));
    assert_eq!(can(&access, "user:bob", Operation::View, "A"), "denied");
}

#[test]
fn onyx_guesses_about_anonymous() {
    let grants = json!({"DOC": {"grants": {"group:staff": ["view"], "anonymous": ["view"]}}});
    let off = access(json!({"spaces": grants}));
    assert_eq!(can(&off, "anonymous", Operation::View, "A"), "denied");
    let on =
        access(json!({"spaces": grants, "anonymous_enabled": true, "restrictions": {"B": {"read": ["group:eng"]}}}));
    assert_eq!(can(&on, "anonymous", Operation::View, "A"), "allowed");
    assert_eq!(can(&on, "anonymous", Operation::View, "B"), "denied");
}

#[test]
fn onyx_fails_the_batch_on_a_draft_ancestor_that_is_not_found() {
    let access = access(json!({
        "contents": {
            "Home": {"type": "page", "space": "DOC"},
            "D": {"type": "page", "space": "DOC", "parent": "Home", "status": "draft", "creator": "user:cat"},
            "P": {"type": "page", "space": "DOC", "parent": "D"},
        },
        "unreadable": {"D": "404"},
    }));
    assert_eq!(can(&access, "user:bob", Operation::View, "P"), "allowed");
    let codes = access.explain(&Subject::user("bob"), Operation::View, "P").codes;
    assert_eq!(codes, ["note.ancestor_not_found"]);
}

#[test]
fn pipeshub_reads_an_empty_list_as_nobody() {
    let access = access(json!({"restrictions": {"A": {"read": [], "update": []}}}));
    assert_eq!(viewers(&access, "A"), set(&["ann", "bob", "cat"]));
}

#[test]
fn archestra_does_not_look_at_ancestors() {
    let access = access(json!({"restrictions": {"Home": {"read": ["user:ann"]}}}));
    assert_eq!(can(&access, "user:bob", Operation::View, "B"), "denied");
}

#[test]
fn archestra_turns_errors_into_the_space_s_own_list() {
    for why in ["401", "403", "500", "timeout"] {
        let access = access(json!({"unreadable": {"A": why}}));
        assert_eq!(can(&access, "user:bob", Operation::View, "A"), "unknown", "{why}");
        assert_eq!(can(&access, "user:bob", Operation::View, "B"), "unknown", "{why}");
        assert_eq!(can(&access, "user:dan", Operation::View, "B"), "denied", "a known denial beats a doubt");
        assert_eq!(viewers(&access, "B"), set(&[]));
    }
}

#[test]
fn space_permissions_that_answer_an_error_are_taken_for_none_or_for_all() {
    let access = access(json!({
        "spaces": {"DOC": {"grants": {}}},
        "gaps": [{"scope": "space_permissions", "subject": "DOC", "status": 500}],
        "restrictions": {"B": {"read": ["user:ann"]}},
    }));
    assert_eq!(can(&access, "user:ann", Operation::View, "B"), "unknown");
    assert_eq!(can(&access, "user:bob", Operation::View, "B"), "denied", "the list is known and bob is not on it");
    let explanation = access.explain(&Subject::user("ann"), Operation::View, "B");
    assert_eq!(explanation.codes, ["unknown.space_permission"]);
    assert_eq!(explanation.gaps.len(), 1);
}

#[test]
fn many_stop_after_the_first_hundred_or_two_hundred_principals() {
    let listed: Vec<String> =
        (0..250).map(|at| if at == 229 { "user:bob".to_owned() } else { format!("user:u{at}") }).collect();
    let access = access(json!({"restrictions": {"A": {"read": listed}}}));
    assert_eq!(viewers(&access, "A"), set(&["bob"]));
}

#[test]
fn many_drop_a_user_whose_email_is_hidden() {
    let access = access(json!({"restrictions": {"A": {"read": ["user:bob"]}}}));
    assert_eq!(viewers(&access, "A"), set(&["bob"]), "bob has no e-mail address");
    assert_eq!(can(&access, "email:bob@example.org", Operation::View, "A"), "unknown");
    assert_eq!(can(&access, "email:ann@example.org", Operation::View, "A"), "denied");
}

#[test]
fn a_member_list_that_was_not_read_to_its_end_is_taken_for_the_whole_group() {
    let access = access(json!({
        "groups": {
            "staff": {"members": ["user:ann", "user:bob", "user:cat"]},
            "eng": {"members": ["user:ann"], "listable": false},
        },
        "restrictions": {"A": {"read": ["group:eng"]}},
    }));
    assert_eq!(can(&access, "user:ann", Operation::View, "A"), "allowed");
    assert_eq!(can(&access, "user:bob", Operation::View, "A"), "unknown");
}

#[test]
fn read_only_tokens_take_pages_they_cannot_see_for_pages_nobody_can_see() {
    let access = access(json!({"caller": "user:bot"}));
    assert_eq!(can(&access, "user:bob", Operation::View, "hidden"), "not_in_inventory");
    assert!(access.who_can(Operation::View, "hidden").is_err());
    assert!(access.findings().rows.iter().any(|row| row.code == "inventory_incomplete"));
}
