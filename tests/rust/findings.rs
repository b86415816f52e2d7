//! Each finding fires where it holds, with its proof and its fix, and not beside it.

use std::sync::Arc;

use confluence_access::model::{BlindSpot, Deployment, Snapshot};
use confluence_access::resolve::{Access, Finding, FindingOptions};
use serde_json::{Value, json};

fn access(site: Value) -> Access {
    Access::new(Arc::new(Snapshot::from_plain(site, Deployment::Cloud).unwrap()), None)
}

/// A site on which each of the newer findings holds once.
fn site() -> Value {
    json!({
        "policy": {"nested_groups": true},
        "users": {
            "ann": {"email": "ann@acme.com"}, "bob": {"email": "bob@Acme.com"}, "kim": {"email": "kim@partner.org"},
            "eve": {}, "gus": {"guest": true, "email": "gus@acme.com"}, "bot": {"type": "app"},
            "zoe": {"active": false, "email": "zoe@acme.com"},
        },
        "groups": {
            "staff": {"members": ["user:ann", "user:bob", "user:eve", "user:zoe"]},
            "core": {"members": ["group:staff"]},
            "emptied": {"members": []}, "idle": {"members": ["user:ann"]}, "inner": {"members": ["user:bob"]},
            "around": {"members": ["group:inner"]},
        },
        "spaces": {
            "ENG": {"grants": {
                "group:core": ["view", "create_page"], "group:emptied": ["view"], "group:around": ["view"],
                "user:gus": ["view", "create_page"], "user:bot": ["view", "create_page"], "user:kim": ["view"],
                "user:zoe": ["view", "administer"], "user:ann": ["view", "administer"],
            }},
            "OLD": {"grants": {"user:zoe": ["view", "administer"], "group:core": ["view"]}},
        },
        "contents": {
            "A": {"type": "page", "space": "ENG", "public_link": true},
            "B": {"type": "page", "space": "ENG"},
            "C": {"type": "page", "space": "ENG", "public_link": true},
            "D": {"type": "page", "space": "OLD"},
        },
        "restrictions": {
            "B": {"read": ["user:zoe", "user:ann"], "update": ["user:zoe"]},
            "C": {"read": ["user:zoe", "user:ann"]},
        },
    })
}

fn of(access: &Access, code: &str, options: FindingOptions) -> Vec<Finding> {
    access.findings_of(&options.with_codes([code]).unwrap()).rows
}

fn places(rows: &[Finding]) -> Vec<(Option<&str>, Option<&str>, &str)> {
    rows.iter().map(|row| (row.space_key.as_deref(), row.content_id.as_deref(), row.message.as_str())).collect()
}

fn internal(domain: &str) -> FindingOptions {
    FindingOptions { internal_domains: vec![domain.to_owned()], ..FindingOptions::default() }
}

#[test]
fn each_finding_holds_where_its_facts_are_and_nowhere_else() {
    let access = access(site());
    let few = || FindingOptions { huge_group: 2, too_many_restrictions: 2, ..internal("acme.com") };
    type Place = (Option<&'static str>, Option<&'static str>, &'static str);
    let eng = Some("ENG");
    let cases: [(&str, &[Place]); 12] = [
        ("guest_may_edit", &[(eng, Some("A"), "guests who may edit 1 content item in space ENG: user:gus")]),
        (
            "external_may_view",
            &[(eng, Some("A"), "people of other domains who may view 1 content item in space ENG: user:kim")],
        ),
        ("app_may_edit", &[(eng, Some("A"), "apps that may edit 1 content item in space ENG: user:bot")]),
        (
            "individual_space_grant",
            &[(eng, None, "single accounts with permissions in space ENG: user:ann, user:gus, user:kim")],
        ),
        (
            "inactive_entry",
            &[
                (eng, None, "user:zoe is deactivated or deleted, but has permissions in space ENG"),
                (Some("OLD"), None, "user:zoe is deactivated or deleted, but has permissions in space OLD"),
                (eng, Some("B"), "listed, but deactivated or deleted: user:zoe"),
                (eng, Some("C"), "listed, but deactivated or deleted: user:zoe"),
            ],
        ),
        (
            "no_active_admin",
            &[(Some("OLD"), None, "no active account administers space OLD: the permission is granted to user:zoe")],
        ),
        (
            "administered_by_inactive",
            &[
                (eng, None, "user:zoe administers space ENG, and is deactivated or deleted"),
                (Some("OLD"), None, "user:zoe administers space OLD, and is deactivated or deleted"),
            ],
        ),
        ("empty_group_used", &[(None, None, "group:emptied has no members, and has permissions in ENG")]),
        (
            "unused_group",
            &[(None, None, "group:idle is named by no permission of a space, no restriction and no other group")],
        ),
        ("huge_group", &[(None, None, "group:core has 3 active members, and has permissions in ENG, OLD")]),
        ("too_many_restrictions", &[(eng, Some("B"), "2 entries on its view list, 1 on its edit list")]),
        ("public_link_on", &[(eng, Some("A"), "a public link is on")]),
    ];
    for (code, expected) in cases {
        let found = of(&access, code, few());
        assert_eq!(places(&found), expected, "{code}");
    }
}

#[test]
fn a_fix_never_empties_a_list_and_never_takes_the_last_administrator() {
    let access = access(site());
    let fixes = |code: &str| -> Vec<(Option<String>, Option<Value>)> {
        let rows = of(&access, code, FindingOptions::default());
        rows.into_iter()
            .map(|row| (row.content_id.or(row.space_key), row.fix.map(|fix| serde_json::from_str(&fix).unwrap())))
            .collect()
    };
    let all = json!([{"call": "revoke", "arguments":
        {"space": "ENG", "subject": "user:zoe", "permissions": ["view", "administer"]}}]);
    let off = json!([{"call": "unrestrict", "arguments":
        {"contents": ["C"], "operation": "view", "subjects": ["user:zoe"]}}]);
    let administered = fixes("administered_by_inactive");
    assert_eq!(administered[0], (Some("ENG".to_owned()), Some(all)));
    assert_eq!(administered[1], (Some("OLD".to_owned()), None), "nobody else administers it");
    let entries = fixes("inactive_entry");
    assert!(entries.contains(&(Some("C".to_owned()), Some(off))), "{entries:?}");
    assert!(entries.contains(&(Some("B".to_owned()), None)), "its edit list would become empty: {entries:?}");
}

#[test]
fn what_is_not_known_is_no_finding() {
    // No internal domains, no people from outside.
    assert_eq!(of(&access(site()), "external_may_view", FindingOptions::default()), []);
    // A hidden address is not an external one.
    let mut hidden = site();
    hidden["users"]["kim"] = json!({});
    assert_eq!(of(&access(hidden), "external_may_view", internal("acme.com")), []);
    // Domains that the organization has verified are internal, unless others are given.
    let mut verified = site();
    verified["verified_domains"] = json!(["Acme.com"]);
    let verified = access(verified);
    assert_eq!(of(&verified, "external_may_view", FindingOptions::default()).len(), 1);
    let named = of(&verified, "external_may_view", internal("partner.org"));
    assert!(named.iter().all(|row| !row.message.contains("kim")), "{named:?}");
    // A group that cannot be listed may have members, and a site that was not all read may name any group.
    let mut unread = site();
    unread["groups"]["emptied"]["listable"] = json!(false);
    let access_to = access(unread);
    for code in ["empty_group_used", "unused_group"] {
        assert_eq!(of(&access_to, code, FindingOptions::default()), [], "{code}");
    }
    for patch in [
        json!({"caller": "user:ann"}),
        json!({"gaps": [{"scope": "space", "subject": "HR", "cause": "forbidden", "message": "not readable"}]}),
    ] {
        let mut part = site();
        part.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        assert_eq!(of(&access(part), "unused_group", FindingOptions::default()), []);
    }
    // What cannot name a group does not matter.
    let mut beside = site();
    beside["gaps"] = json!([
        {"scope": "site", "subject": "organization", "cause": "forbidden"}, {"scope": "user", "subject": "eve"},
    ]);
    assert_eq!(of(&access(beside), "unused_group", FindingOptions::default()).len(), 1);
    let mut global = site();
    global["global_permissions"] = json!({"group:idle": ["use"]});
    assert_eq!(of(&access(global), "unused_group", FindingOptions::default()), []);
    // Permissions that could not be read may name an active administrator.
    let mut space = site();
    space["gaps"] = json!([{"scope": "space_permissions", "subject": "OLD"}]);
    assert_eq!(of(&access(space), "no_active_admin", FindingOptions::default()), []);
}

#[test]
fn a_blind_spot_where_a_group_may_be_named_leaves_it_out() {
    for spot in BlindSpot::KNOWN.iter().chain(&["fog"]).map(|word| BlindSpot::from(*word)) {
        let mut snapshot = Snapshot::from_plain(site(), Deployment::Cloud).unwrap();
        snapshot.site.add_note(spot.clone().note("not seen"));
        let found = of(&Access::new(Arc::new(snapshot), None), "unused_group", FindingOptions::default());
        let hides =
            matches!(spot, BlindSpot::Hidden | BlindSpot::OtherSpaces | BlindSpot::AppRules | BlindSpot::Other(_));
        assert_eq!(found.len(), usize::from(!hides), "{spot}");
        let but = found.first().is_some_and(|row| row.message.contains("childless folders"));
        assert_eq!(but, spot == BlindSpot::ChildlessNodes, "{spot}");
    }
    let mut older = Snapshot::from_plain(site(), Deployment::Cloud).unwrap();
    older.site.coverage.push("a sentence of a version that had no words".to_owned());
    assert_eq!(of(&Access::new(Arc::new(older), None), "unused_group", FindingOptions::default()), []);
}

#[test]
fn findings_are_chosen_by_code_severity_and_space() {
    let access = access(site());
    let all = access.findings().rows;
    let high = access.findings_of(&FindingOptions::default().with_severities(["high"]).unwrap()).rows;
    assert!(!high.is_empty() && high.len() < all.len());
    assert_eq!(high, all.iter().filter(|row| row.severity.as_str() == "high").cloned().collect::<Vec<_>>());
    let old = FindingOptions { spaces: vec!["OLD".to_owned()], ..FindingOptions::default() };
    let found = access.findings_of(&old).rows;
    assert!(!found.is_empty());
    assert_eq!(found, all.iter().filter(|row| row.space_key.as_deref() == Some("OLD")).cloned().collect::<Vec<_>>());
    assert_eq!(access.space_key("OLD").unwrap(), "OLD");
    let error = access.space_key("ENGG").unwrap_err().to_string();
    assert_eq!(error, "space `ENGG` is not in the snapshot: did you mean `ENG`?");
}

#[test]
fn a_personal_space_of_its_owner_is_no_individual_grant() {
    let site = json!({
        "users": {"ann": {}, "bob": {}},
        "spaces": {"~ann": {"type": "personal", "owner": "user:ann", "grants": {
            "user:ann": ["view", "administer"], "user:bob": ["view"],
        }}},
    });
    let found = of(&access(site), "individual_space_grant", FindingOptions::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subject.as_deref(), Some("user:bob"));
}
