//! How far spaces and contents reach.

use std::sync::Arc;

use confluence_access::model::{Deployment, Snapshot};
use confluence_access::resolve::{Access, Exposure, ExposureOptions};
use serde_json::{Value, json};

fn rows(site: Value, options: &ExposureOptions) -> Vec<Exposure> {
    let access = Access::new(Arc::new(Snapshot::from_plain(site, Deployment::Cloud).unwrap()), None);
    access.exposure(options).flatten().collect()
}

fn site(grants: Value) -> Value {
    let mut users: serde_json::Map<String, Value> = (0..12).map(|at| (format!("u{at}"), json!({}))).collect();
    users.insert("gus".to_owned(), json!({"guest": true}));
    users.insert("uma".to_owned(), json!({"type": "customer"}));
    users.insert("kim".to_owned(), json!({"email": "kim@partner.org"}));
    let staff: Vec<String> = (0..12).map(|at| format!("user:u{at}")).collect();
    json!({
        "anonymous_enabled": true,
        "users": users,
        "groups": {"staff": {"members": staff}, "hidden": {"members": [], "listable": false}},
        "spaces": {"DOC": {"name": "Documents", "grants": grants}},
        "contents": {
            "A": {"type": "page", "space": "DOC", "title": "Home"},
            "B": {"type": "page", "space": "DOC", "parent": "A", "public_link": true},
            "C": {"type": "page", "space": "DOC", "parent": "B"},
            "T": {"type": "page", "space": "DOC", "status": "trashed"},
        },
        "restrictions": {"B": {"read": ["user:u1"]}},
    })
}

#[test]
fn the_farthest_reach_that_is_certain_is_reported() {
    let reach = |grants: Value, huge_group| {
        let options = ExposureOptions { huge_group, ..ExposureOptions::default() };
        let rows = rows(site(grants), &options);
        rows.into_iter().find(|row| row.content_id.as_deref() == Some("A")).unwrap()
    };
    for (grants, huge_group, expected, because) in [
        (json!({"anonymous": ["view"]}), 1_000, Some("internet"), "anonymous_grant"),
        (json!({"user:gus": ["view"]}), 1_000, Some("guests"), "guests"),
        (json!({"class:authenticated-users": ["view"]}), 1_000, Some("unlicensed"), "all_users_grant"),
        (json!({"group:staff": ["view"], "user:kim": ["view"]}), 1_000, Some("all_users"), "no_restriction"),
        (json!({"group:staff": ["view"]}), 5, Some("large_group"), "huge_group_grant"),
        (json!({"group:staff": ["view"]}), 1_000, Some("some"), "no_restriction"),
        (json!({"user:u1": ["view"]}), 1_000, Some("few"), "no_restriction"),
        (json!({"user:u1": ["administer"]}), 1_000, Some("nobody"), "no_restriction"),
        (json!({"group:hidden": ["view"]}), 1_000, None, "unknown_viewers"),
    ] {
        let row = reach(grants.clone(), huge_group);
        assert_eq!(row.reach.map(|reach| reach.as_str()), expected, "{grants}: {row:?}");
        assert!(row.because.words().contains(&because), "{grants}: {row:?}");
    }
}

#[test]
fn a_link_reaches_past_restrictions_and_those_below_stay_closed() {
    let domains = ExposureOptions { internal_domains: vec!["acme.com".to_owned()], ..ExposureOptions::default() };
    let rows = rows(site(json!({"group:staff": ["view", "create_page"], "user:kim": ["view"]})), &domains);
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.kind.as_str(),
                row.content_id.as_deref(),
                row.reach.map(|reach| reach.as_str()),
                row.viewers,
                row.editors,
                row.external,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("space", None, Some("link"), 13, 12, Some(1)),
            ("content", Some("A"), Some("all_users"), 13, 12, Some(1)),
            ("content", Some("B"), Some("link"), 1, 1, Some(0)),
            ("content", Some("C"), Some("few"), 1, 1, Some(0)),
        ],
        "what is in the trash has no row"
    );
    assert_eq!(rows[0].title.as_deref(), Some("Documents"));
    assert_eq!(rows[2].because.words(), ["public_link", "own_restriction"]);
    assert_eq!(rows[3].because.words(), ["inherited_restriction"]);
}
