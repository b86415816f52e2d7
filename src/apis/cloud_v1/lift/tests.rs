use serde_json::{Value, json};

use super::*;
use crate::apis::Context;
use crate::model::{ContentType, GapScope, Plan, RestrictionOperation, Subject};

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn subjects(rows: Value) -> Value {
    let size = rows.as_array().map_or(0, Vec::len);
    json!({"results": rows, "start": 0, "limit": 100, "size": size})
}

fn lists(users: Value, groups: Value) -> Value {
    json!({"user": subjects(users), "group": subjects(groups)})
}

fn entry(operation: &str, lists: &Value) -> Value {
    json!({"operation": operation, "restrictions": lists})
}

fn both(value: &Value) -> ContentRestrictions {
    content_restriction(&bytes(value), "9").unwrap().rows.remove(0)
}

fn named(list: &SubjectList) -> Vec<String> {
    list.rows.iter().map(|row| row.subject.to_string()).collect()
}

#[test]
fn both_real_shapes_say_the_same() {
    let read =
        entry("read", &lists(json!([{"type": "known", "accountId": "5b"}]), json!([{"id": "g", "name": "eng"}])));
    let update = entry("update", &lists(json!([]), json!([])));
    for body in [
        json!({"results": [read, update], "start": 0, "limit": 100, "size": 2}),
        json!({"read": read, "update": update, "_links": {}}),
        json!({"restrictions": {"read": read, "update": update}}),
        json!({"results": {"read": read, "update": update}}),
    ] {
        let restrictions = both(&body);
        assert_eq!(named(&restrictions.read), ["user:5b", "group:g"], "{body}");
        assert_eq!(restrictions.read.state, ListState::Complete);
        assert_eq!((named(&restrictions.update).len(), restrictions.update.state), (0, ListState::Complete));
        assert_eq!(restrictions.to_complete(), []);
    }
}

#[test]
fn a_list_that_was_not_sent_is_not_empty() {
    let half = json!({"user": subjects(json!([{"accountId": "5b"}])), "_expandable": {"group": ""}});
    let restrictions = both(&json!({"results": [entry("read", &half)]}));
    assert_eq!(
        (named(&restrictions.read), restrictions.read.state),
        (vec!["user:5b".to_owned()], ListState::NotFetched)
    );
    assert_eq!(restrictions.update.state, ListState::NotFetched, "an operation that is not named");
    assert_eq!(restrictions.to_complete(), [(RestrictionOperation::View, 0), (RestrictionOperation::Edit, 0)]);
    for entry in [
        json!({"operation": "read", "_expandable": {"restrictions": ""}}),
        json!({"operation": "read", "restrictions": null}),
    ] {
        assert_eq!(both(&json!({"results": [entry]})).read.state, ListState::NotFetched);
    }
}

#[test]
fn a_list_that_is_cut_short_says_where_it_goes_on() {
    let state = |users: Value| {
        both(&json!({"results": [entry("read", &json!({"user": users, "group": subjects(json!([]))}))]})).read.state
    };
    let two = json!([{"accountId": "a"}, {"accountId": "b"}]);
    assert_eq!(state(json!({"results": two, "start": 0, "limit": 100, "size": 2})), ListState::Complete);
    assert_eq!(state(json!({"results": two, "start": 0, "limit": 2, "size": 2})), ListState::Truncated { next: 2 });
    assert_eq!(state(json!({"results": two, "start": 0, "limit": 100, "size": 5})), ListState::Truncated { next: 2 });
    assert_eq!(state(json!({"results": two, "limit": 100, "totalSize": 3})), ListState::Truncated { next: 2 });
    assert_eq!(
        state(json!({"results": two, "limit": 100, "size": 2, "_links": {"next": "/x?start=2"}})),
        ListState::Truncated { next: 2 }
    );
    assert_eq!(state(json!({"results": two, "_links": {"next": null}})), ListState::Complete);
}

#[test]
fn a_list_is_read_page_by_page_until_it_ends() {
    let page = |users: Value, start: u64| {
        let body = json!({"operation": "read", "restrictions": {"user": {"results": users, "limit": 2}, "group": subjects(json!([]))}});
        restriction_by_operation(&bytes(&body), "9", RestrictionOperation::View, start).unwrap().rows.remove(0)
    };
    let mut list = page(json!([{"accountId": "a"}, {"accountId": "b"}]), 0);
    assert_eq!(list.state, ListState::Truncated { next: 2 });
    list.extend(page(json!([{"accountId": "c"}, {"accountId": "d"}]), 2));
    assert_eq!(list.state, ListState::Truncated { next: 4 });
    list.extend(page(json!([]), 4));
    assert_eq!((named(&list).len(), list.state), (4, ListState::Complete));
}

#[test]
fn users_and_groups_go_on_at_the_shorter_of_the_two() {
    let body = json!({"operation": "update", "restrictions": {
        "user": {"results": [{"accountId": "a"}, {"accountId": "b"}], "limit": 2},
        "group": {"results": [{"id": "g"}], "limit": 1}}});
    let page = restriction_by_operation(&bytes(&body), "9", RestrictionOperation::Edit, 0).unwrap();
    assert_eq!(page.rows[0].state, ListState::Truncated { next: 1 });
}

#[test]
fn the_list_of_another_operation_is_refused() {
    let body = bytes(&entry("update", &lists(json!([]), json!([]))));
    assert_eq!(restriction_by_operation(&body, "9", RestrictionOperation::View, 0).unwrap_err().path(), "operation");
}

#[test]
fn a_subject_nobody_knows_keeps_its_place_in_the_list() {
    let page = content_restriction(
        &bytes(&json!({"results": [
            entry("read", &lists(json!([
                {"type": "unknown", "accountId": "gone"},
                {"type": "unknown", "displayName": "Former user", "accountId": null},
                {"type": "anonymous"},
                {"type": "known", "displayName": "No id"},
                null
            ]), json!([{"name": "deleted-group"}, {"type": "group"}]))),
            entry("update", &lists(json!([]), json!([])))
        ]})),
        "9",
    )
    .unwrap();
    let read = &page.rows[0].read;
    assert_eq!(
        named(read),
        ["user:gone", "user:unknown:Former user", "anonymous", "unknown", "unknown", "group:deleted-group"]
    );
    assert_eq!(read.rows[1].subject_name.as_deref(), Some("Former user"));
    assert_eq!(page.gaps.len(), 3, "a user without an id, a user and a group that are not readable: {:?}", page.gaps);
    assert!(page.gaps.iter().all(|gap| gap.scope == GapScope::Content && gap.subject == "9"));
    let users: Vec<&str> = page.users.iter().map(|user| user.id.as_str()).collect();
    assert_eq!((users, page.groups.len()), (vec!["gone"], 0), "only accounts and groups that exist are records");
}

#[test]
fn an_operation_nobody_knows_is_noted_where_it_restricts() {
    let open = entry("comment", &lists(json!([]), json!([])));
    let closed = entry("comment", &lists(json!([{"accountId": "5b"}]), json!([])));
    let gaps = |entry: &Value| content_restriction(&bytes(&json!({"results": [entry]})), "9").unwrap().gaps;
    assert_eq!(gaps(&open), []);
    assert_eq!(gaps(&closed)[0].cause.as_str(), "unsupported");
}

#[test]
fn a_search_brings_contents_with_their_own_restrictions() {
    let page = content_search(
        &bytes(&json!({"results": [
            {"id": 10, "type": "page", "status": "current", "title": "Plans",
             "ancestors": [{"id": 9, "type": "page"}, {"id": "12", "type": "folder"}],
             "restrictions": {"read": entry("read", &lists(json!([{"accountId": "5b", "displayName": "Ann", "isGuest": true}]), json!([{"id": "g", "name": "eng", "managedBy": "EXTERNAL"}]))),
                              "update": entry("update", &lists(json!([]), json!([])))},
             "_expandable": {"space": "/rest/api/space/~ann%20b"}, "_links": {"webui": "/spaces/x/pages/10"}},
            {"id": "11", "type": "page", "space": {"id": 65, "key": "ENG"}, "_expandable": {"restrictions": "/rest/api/content/11/restriction"}}
        ], "_links": {"base": "https://acme.atlassian.net/wiki", "next": "/rest/api/content/search?cursor=_f_MQ%3D%3D&cql=x"}})),
        &Context::default(),
    )
    .unwrap();
    assert_eq!(page.next, Some(crate::apis::Continuation::Cursor("_f_MQ==".into())));
    let plans = &page.rows[0];
    assert_eq!((plans.content.id.as_str(), plans.content.space_key.as_str()), ("10", "~ann b"));
    assert_eq!(
        (plans.content.parent_id.as_deref(), &plans.content.parent_type),
        (Some("12"), &Some(ContentType::Folder))
    );
    assert_eq!(named(&plans.restrictions.read), ["user:5b", "group:g"]);
    assert_eq!(plans.restrictions.to_complete(), []);
    assert_eq!((page.users[0].guest, page.groups[0].provenance.as_str()), (Some(true), "directory"));
    let open = &page.rows[1];
    assert_eq!((open.content.space_key.as_str(), open.restrictions.to_complete().len()), ("ENG", 2));
    assert_eq!(page.gaps, []);
}

#[test]
fn groups_say_where_they_are_kept() {
    let page = groups(&bytes(&json!({"results": [{"id": "a", "name": "eng", "managedBy": "EXTERNAL"}, {"name": "b"}, {"id": 7}, {}], "start": 0, "limit": 200, "size": 4})))
        .unwrap();
    let rows: Vec<_> =
        page.rows.iter().map(|g| (g.id.as_str(), g.provenance.as_str(), g.evidence.as_deref())).collect();
    assert_eq!(rows, [("a", "directory", Some("managedBy=EXTERNAL")), ("b", "unknown", None), ("7", "unknown", None)]);
    assert_eq!(page.gaps.len(), 1);
    assert_eq!(page.next, Some(crate::apis::Continuation::Skip(4)), "without a total only an empty page is the end");
}

#[test]
fn members_end_where_the_total_says_or_at_an_empty_page() {
    let next = |body: Value| group_members(&bytes(&body), "g").unwrap().next;
    let skip = |rows| Some(crate::apis::Continuation::Skip(rows));
    let two = json!([{"accountId": "a"}, {"accountId": "b"}]);
    assert_eq!(next(json!({"results": two, "start": 0, "limit": 200, "totalSize": 2})), None);
    assert_eq!(next(json!({"results": two, "start": 198, "limit": 200, "totalSize": 200})), None);
    assert_eq!(next(json!({"results": two, "start": 0, "limit": 200, "totalSize": 3})), skip(2));
    assert_eq!(next(json!({"results": two, "start": 0, "limit": 200, "totalSize": 0})), skip(2), "0 is: not counted");
    assert_eq!(next(json!({"results": two})), skip(2));
    assert_eq!(next(json!({"results": two, "start": 0, "totalSize": 2, "_links": {"next": "/x?start=200"}})), skip(2));
    assert_eq!(next(json!({"results": [], "totalSize": 9})), None);
}

#[test]
fn a_listing_that_ends_before_its_total_is_noted() {
    let gaps = |body: Value| group_members(&bytes(&body), "g").unwrap().gaps;
    let short = gaps(json!({"results": [], "start": 2, "totalSize": 3}));
    assert_eq!((short[0].cause.as_str(), short[0].subject.as_str()), ("truncated", "g"));
    assert_eq!(short[0].message, "the listing ends after 2 of 3 rows");
    assert_eq!(gaps(json!({"results": [], "start": 3, "totalSize": 3})), []);
    assert_eq!(gaps(json!({"results": [], "start": 0, "totalSize": 0})), []);
    assert_eq!(gaps(json!({"results": [], "start": 5})), []);
}

#[test]
fn a_member_without_an_id_makes_the_group_incomplete() {
    let page = group_members(
        &bytes(&json!({"results": [{"accountId": "a", "accountStatus": "inactive", "accountType": "atlassian"}, {"type": "known"}]})),
        "g",
    )
    .unwrap();
    assert_eq!((page.rows.len(), page.rows[0].member.to_string()), (2, "user:a".to_owned()));
    assert_eq!((&page.gaps[0].scope, page.gaps[0].subject.as_str()), (&GapScope::Group, "g"));
    assert_eq!((page.users.len(), page.users[0].active, page.users[0].kind.as_str()), (1, Some(false), "person"));
}

#[test]
fn the_caller_is_an_administrator_only_where_the_server_says_so() {
    let caller = |operations: Value| {
        current_user(&bytes(&json!({"type": "known", "accountId": "5b", "operations": operations})))
            .unwrap()
            .administers()
    };
    assert_eq!(caller(json!([{"operation": "administer", "targetType": "application"}])), Some(true));
    assert_eq!(caller(json!([{"operation": "administer", "targetType": "space"}])), Some(false));
    assert_eq!(caller(json!([])), Some(false));
    assert_eq!(caller(json!(null)), None);
}

#[test]
fn credentials_that_were_not_accepted_are_an_anonymous_caller() {
    let caller = current_user(br#"{"type":"anonymous","displayName":"Anonymous"}"#).unwrap();
    assert_eq!((caller.subject, caller.user), (Subject::anonymous(), None));
}

#[test]
fn the_caller_uses_the_site_only_where_an_operation_says_so() {
    let uses = |body: &[u8]| current_user(body).unwrap().uses();
    assert_eq!(
        uses(br#"{"type":"anonymous","operations":[{"operation":"use","targetType":"application"}]}"#),
        Some(true)
    );
    assert_eq!(uses(br#"{"type":"anonymous","operations":[]}"#), Some(false));
    assert_eq!(uses(br#"{"type":"anonymous","_expandable":{"operations":""}}"#), None);
    assert!(current_user(br#"{"type":"known"}"#).is_err());
}

#[test]
fn the_edition_tells_the_plan() {
    let plan = |edition: &str| system_info(&bytes(&json!({"cloudId": "c", "edition": edition}))).unwrap().plan;
    assert_eq!([plan("FREE"), plan("premium"), plan("SANDBOX")], [Some(Plan::Free), Some(Plan::Paid), None]);
}

#[test]
fn a_denial_is_an_answer_with_its_reasons() {
    let check = |message: &str| {
        permission_check(&bytes(&json!({"hasPermission": false, "errors": [{"translation": message, "args": []}]})))
            .unwrap()
    };
    for (message, code) in [
        ("User is not allowed to use Confluence", "site.user_not_licensed"),
        ("Anonymous users are not allowed to use Confluence", "site.anonymous_disabled"),
        ("Group does not have permission to the space", "space.no_permission"),
        ("Anonymous user does not have permission to the content", "content.restricted"),
        ("Der Benutzer darf das nicht", "unrecognised"),
    ] {
        let check = check(message);
        assert_eq!(
            (check.allowed, check.reasons, check.messages),
            (false, vec![code.to_owned()], vec![message.to_owned()])
        );
    }
    assert!(permission_check(br#"{"hasPermission":true,"errors":[]}"#).unwrap().allowed);
    for neither in [&br#"{"errors":[]}"#[..], br#"{"hasPermission":null}"#, br#"{"hasPermission":"yes"}"#] {
        assert!(permission_check(neither).is_err());
    }
}
