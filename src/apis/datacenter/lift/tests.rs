use serde_json::{Value, json};

use super::*;
use crate::apis::ListState;
use crate::apis::reading::Context;
use crate::model::{Permission, RestrictionOperation, SitePermission, Subject};

fn body(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn told(page: crate::apis::Page<crate::model::SpacePermission>) -> Vec<(String, Permission)> {
    assert_eq!(page.gaps, vec![]);
    page.rows.into_iter().map(|row| (row.subject.to_string(), row.permission)).collect()
}

#[test]
fn permissions_are_read_in_every_shape_and_nobody_is_anonymous() {
    let read = json!({"targetType": "space", "operationKey": "read"});
    let rows = json!([
        {"operation": read, "subject": {"type": "group", "name": "eng"}},
        {"operation": read, "subject": {"type": "user", "userKey": "ff80"}},
        {"operation": read, "subject": {"type": "user", "username": "ann"}},
        {"operation": read, "subject": {"type": "anonymous", "displayName": "Anonymous"}},
        {"operation": read, "subject": null},
        {"operations": [read, {"targetType": "page", "operationKey": "create"}], "subject": {"type": "group", "name": "x"}},
        {"operation": {"targetType": "page", "operationKey": "archive"}, "groupName": "y"}
    ]);
    let got = told(space_permissions(&body(&rows), "ENG").unwrap());
    let view = |who: &str| (who.to_owned(), Permission::View);
    let expected = [
        view("group:eng"),
        view("user:ff80"),
        view("user:unknown:ann"),
        view("anonymous"),
        view("anonymous"),
        view("group:x"),
        ("group:x".to_owned(), Permission::CreatePage),
        ("group:y".to_owned(), Permission::Other("archive/page".to_owned())),
    ];
    assert_eq!(got, expected);
}

#[test]
fn a_permission_without_a_readable_holder_or_operation_leaves_a_gap() {
    let read = json!({"targetType": "space", "operationKey": "read"});
    for row in [
        json!({"operation": read, "subject": {}}),
        json!({"operation": read, "subject": 7}),
        json!({"operation": {}, "subject": {"type": "group", "name": "eng"}}),
        json!({"subject": {"type": "group", "name": "eng"}}),
    ] {
        let page = space_permissions(&body(&json!([row])), "ENG").unwrap();
        assert_eq!(page.gaps.len(), 1, "{row}");
        assert_eq!(page.gaps[0].subject, "ENG");
    }
}

#[test]
fn permissions_of_the_site_come_as_a_list_or_as_one() {
    let one = json!({"operation": {"targetType": "application", "operationKey": "use"}, "subject": {"type": "group", "name": "g"}});
    for answer in [one.clone(), json!([one])] {
        let page = global_permissions(&body(&answer)).unwrap();
        assert_eq!((page.rows.len(), &page.rows[0].permission), (1, &SitePermission::Use), "{answer}");
    }
    let nobody = json!([{"operation": {"targetType": "read", "operationKey": "user"}}]);
    let page = anonymous_global_permissions(&body(&nobody)).unwrap();
    assert_eq!(
        (&page.rows[0].subject, &page.rows[0].permission),
        (&Subject::anonymous(), &SitePermission::ViewProfiles)
    );
}

fn list(names: &[&str], limit: u64) -> Value {
    let users: Vec<Value> = names.iter().map(|n| json!({"type": "known", "username": n, "userKey": n})).collect();
    json!({"user": {"results": users, "start": 0, "limit": limit, "size": users.len()},
           "group": {"results": [], "start": 0, "limit": limit, "size": 0}})
}

#[test]
fn the_map_of_restrictions_is_read_in_both_nestings_and_a_full_list_goes_on() {
    let map = json!({"read": {"operation": "read", "restrictions": list(&["a", "b"], 2)},
                     "update": {"operation": "update", "restrictions": list(&[], 2)}});
    for answer in [map.clone(), json!({"restrictions": map, "_links": {}})] {
        let page = restriction_by_operations(&body(&answer), "9").unwrap();
        assert_eq!(page.rows[0].to_complete(), [(RestrictionOperation::View, 2)], "{answer}");
        assert_eq!(page.rows[0].update.state, ListState::Complete);
        assert_eq!(page.users.len(), 2);
    }
}

#[test]
fn a_half_of_a_list_that_was_only_named_is_not_an_empty_one() {
    // Seen on 7.x where only users were expanded.
    let answer = json!({"results": [{"id": "9", "type": "page", "ancestors": [], "restrictions": {
        "read": {"operation": "read", "restrictions": {
            "user": {"results": [], "start": 0, "limit": 200, "size": 0}, "_expandable": {"group": ""}}},
        "_expandable": {"update": ""}}}]});
    let context = Context { space_key: Some("ENG".into()), ..Context::default() };
    let page = contents(&body(&answer), &context).unwrap();
    let found = &page.rows[0];
    assert_eq!(found.restrictions.read.state, ListState::NotFetched);
    assert_eq!(found.restrictions.update.state, ListState::NotFetched);
    assert!(!found.content.parent_unknown);
}

#[test]
fn a_deleted_account_stays_on_its_list() {
    let answer = json!({"operation": "read", "restrictions": {
        "user": {"results": [{"type": "unknown", "username": "gone", "displayName": "Unknown User (gone)"}], "size": 1},
        "group": {"results": [], "size": 0}}});
    let page = restriction_by_operation(&body(&answer), "9", RestrictionOperation::View, 0).unwrap();
    assert_eq!(page.rows[0].rows[0].subject.to_string(), "user:unknown:gone");
    assert_eq!((page.users.len(), page.gaps.len()), (0, 0));
}

#[test]
fn a_cursor_beside_the_rows_is_a_way_on_where_no_link_is() {
    let page = |more: Value| {
        let mut answer =
            json!({"results": [{"id": "1", "type": "page", "ancestors": []}], "cursor": "content:false:1"});
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        scan(&body(&answer), &Context { space_key: Some("ENG".into()), ..Context::default() }).unwrap().next
    };
    let next = Some(crate::apis::Continuation::Cursor("content:false:2".into()));
    assert_eq!(page(json!({"nextCursor": "content:false:2"})), next);
    let link = "/rest/api/content/scan?limit=5&cursor=content%3Afalse%3A2";
    assert_eq!(page(json!({"_links": {"next": link}})), next);
    assert_eq!(page(json!({"nextCursor": "content:false:1"})), None);
    assert_eq!(page(json!({"nextCursor": null})), None);
}

#[test]
fn versions_and_modes_are_read_as_servers_spell_them() {
    assert_eq!(server_information(br#"{"version":"9.2.1","buildNumber":1}"#).unwrap(), "9.2.1");
    assert_eq!(server_information(br#"{"versionNumbers":[10,2,0]}"#).unwrap(), "10.2.0");
    assert!(server_information(br#"{"buildNumber":1}"#).is_err());
    let xml = b"<manifest><id>x</id><typeId>confluence</typeId><version>8.5.4</version><applinksVersion>9.0</applinksVersion></manifest>";
    assert_eq!(manifest_version(xml).as_deref(), Some("8.5.4"));
    assert_eq!(manifest_version(br#"{"typeId":"confluence","version":"7.19.2"}"#).as_deref(), Some("7.19.2"));
    assert_eq!(manifest_version(b"<html></html>"), None);
    assert_eq!(access_mode(b"\"READ_ONLY\"").ok(), Some(true));
    assert_eq!(access_mode(br#"{"accessMode":"READ_WRITE"}"#).ok(), Some(false));
    assert!(access_mode(b"\"MAYBE\"").is_err());
}
