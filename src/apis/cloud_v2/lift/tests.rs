use serde_json::{Value, json};

use super::*;

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn list(rows: Value) -> Vec<u8> {
    bytes(&json!({"results": rows, "_links": {"base": "https://acme.atlassian.net/wiki"}}))
}

fn known() -> Context {
    Context {
        space_keys: HashMap::from([("65".into(), "ENG".into()), ("66".into(), "HR".into())]),
        ..Context::default()
    }
}

#[test]
fn a_space_is_read_with_its_place_and_time() {
    let page =
        spaces(&list(json!([{"id": 65, "key": "ENG", "name": "Engineering", "type": "global", "status": "archived",
        "homepageId": 9, "spaceOwnerId": null, "createdAt": "2026-01-01T00:00:00.000Z"}])))
        .unwrap();
    let space = &page.rows[0];
    assert_eq!((space.id.as_str(), space.key.as_str(), space.homepage_id.as_deref()), ("65", "ENG", Some("9")));
    assert!(space.archived());
    assert_eq!(space.created_at.unwrap().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(space.source.as_str(), "cloud_v2 GET /wiki/api/v2/spaces");
}

#[test]
fn a_page_is_placed_by_the_id_of_its_space() {
    let page = pages(
        &list(json!([{"id": "10", "status": "archived", "title": "Plans", "spaceId": 66, "parentId": "9",
            "parentType": "folder", "authorId": "5b", "subtype": "live", "createdAt": "2026-01-02T03:04:05.678Z",
            "version": {"createdAt": "2026-02-03T04:05:06.789Z"}, "_links": {"webui": "/spaces/HR/pages/10"}}])),
        &known(),
    )
    .unwrap();
    let content = &page.rows[0];
    assert_eq!(
        (content.space_key.as_str(), &content.kind, &content.status),
        ("HR", &ContentType::Page, &ContentStatus::Archived)
    );
    assert_eq!((content.parent_id.as_deref(), &content.parent_type), (Some("9"), &Some(ContentType::Folder)));
    assert_eq!(content.url.as_deref(), Some("https://acme.atlassian.net/wiki/spaces/HR/pages/10"));
    assert_eq!(content.modified_at.unwrap().to_string(), "2026-02-03T04:05:06.789Z");
    assert_eq!(page.gaps, []);
}

#[test]
fn a_page_in_a_space_nobody_listed_is_kept_and_its_access_is_in_doubt() {
    let page = pages(&list(json!([{"id": "10", "spaceId": "77"}, {"id": "11", "spaceId": "77"}])), &known()).unwrap();
    assert_eq!(page.rows.len(), 2);
    assert_eq!(page.rows[0].space_key, "77");
    let gaps: Vec<_> =
        page.gaps.iter().map(|gap| (gap.scope.as_str(), gap.subject.as_str(), gap.cause.as_str())).collect();
    assert_eq!(gaps, [("space", "77", "not_listed"), ("space_permissions", "77", "not_listed")]);
}

#[test]
fn the_space_that_was_asked_about_is_the_space_of_rows_that_do_not_say() {
    let asked = Context { space_key: Some("ENG".into()), ..Context::default() };
    let page = pages(&list(json!([{"id": "10"}, {"id": "11", "spaceId": "65"}])), &asked).unwrap();
    assert!(page.gaps.is_empty() && page.rows.iter().all(|row| row.space_key == "ENG"));
    // Where the ids are known, another id is another space.
    let asked = Context { space_key: Some("ENG".into()), ..known() };
    let page = pages(&list(json!([{"id": "10", "spaceId": "66"}, {"id": "11", "spaceId": "77"}])), &asked).unwrap();
    assert_eq!((page.rows[0].space_key.as_str(), page.rows[1].space_key.as_str()), ("HR", "77"));
    assert_eq!(page.gaps.len(), 2);
}

#[test]
fn an_address_from_outside_is_only_taken_where_a_person_can_open_it_safely() {
    let url = |base: &str, webui: &str| {
        let body =
            json!({"results": [{"id": "1", "spaceId": "65", "_links": {"webui": webui}}], "_links": {"base": base}});
        pages(&bytes(&body), &known()).unwrap().rows[0].url.clone()
    };
    assert_eq!(url("https://h/wiki/", "/x").as_deref(), Some("https://h/wiki/x"));
    assert_eq!(url("javascript:alert(1)", "/x"), None);
    assert_eq!(url("https://ann:token@h/wiki", "/x"), None);
    assert_eq!(url("https://h/wiki", "javascript://x"), None);
}

#[test]
fn every_principal_of_a_permission_is_kept() {
    let permission = |principal: Value| json!({"id": "1", "principal": principal, "operation": {"key": "read", "targetType": "space"}});
    let page = space_permissions(
        &list(json!([
            permission(json!({"type": "user", "id": "5b"})),
            permission(json!({"type": "group", "id": "g"})),
            permission(json!({"type": "access-class", "id": "ALL_LICENSED_USERS"})),
            permission(json!({"type": "anonymous"})),
            permission(json!({"type": "role", "id": "r"})),
            permission(json!(null)),
        ])),
        "ENG",
    )
    .unwrap();
    let subjects: Vec<String> = page.rows.iter().map(|row| row.subject.to_string()).collect();
    assert_eq!(subjects, ["user:5b", "group:g", "class:all-licensed-users", "anonymous", "role:r", "unknown"]);
    assert!(page.rows.iter().all(|row| row.permission == Permission::View && row.raw.as_deref() == Some("read/space")));
    assert_eq!(page.gaps, []);
}

#[test]
fn a_permission_that_does_not_say_what_it_allows_is_a_doubt() {
    let page = space_permissions(&list(json!([{"principal": {"type": "user", "id": "5b"}, "operation": null}])), "ENG")
        .unwrap();
    assert_eq!(page.rows[0].permission, Permission::Other("unknown/unknown".into()));
    assert_eq!((&page.gaps[0].scope, page.gaps[0].subject.as_str()), (&GapScope::SpacePermissions, "ENG"));
}

fn role(permissions: Value) -> Role {
    let body = list(json!([{"id": "r1", "type": "CUSTOM", "name": "Author", "spacePermissions": permissions}]));
    space_roles(&body, &Catalogue::new()).unwrap().rows.remove(0)
}

fn assigned(role: Option<Role>) -> Page<SpacePermission> {
    let body = list(
        json!([{"principal": {"principalType": "ACCESS_CLASS", "principalId": "all-licensed-users"}, "roleId": "r1"}]),
    );
    let roles: HashMap<String, Role> = role.into_iter().map(|role| (role.id.clone(), role)).collect();
    role_assignments(&body, "ENG", &roles).unwrap()
}

fn words(page: &Page<SpacePermission>) -> Vec<&str> {
    page.rows.iter().map(|row| row.permission.as_str()).collect()
}

#[test]
fn a_role_is_expanded_to_what_it_brings() {
    let page = assigned(Some(role(json!(["update/page", "create/comment"]))));
    assert_eq!(words(&page), ["view", "edit_page", "create_comment"]);
    let row = &page.rows[1];
    assert_eq!((row.via_role.as_deref(), row.raw.as_deref()), (Some("Author"), Some("update/page")));
    assert_eq!(row.subject, Subject::class("all-licensed-users"));
    assert_eq!((page.rows[0].raw.as_deref(), page.gaps.len()), (None, 0));
}

#[test]
fn administering_through_a_role_brings_what_the_role_lists() {
    let page = assigned(Some(role(json!(["administer/space", "manage_users/space"]))));
    assert_eq!((words(&page), page.gaps.len()), (vec!["view", "administer", "manage_users"], 0));
    // What else it holds may bring more.
    let page = assigned(Some(role(json!(["administer/space", "who-knows"]))));
    assert_eq!(page.gaps.len(), 1);
}

#[test]
fn a_role_that_is_not_known_leaves_a_row_and_a_gap() {
    let page = assigned(None);
    assert_eq!(words(&page), ["role r1"]);
    assert_eq!((page.rows[0].via_role.as_deref(), page.gaps[0].cause.as_str()), (Some("r1"), "not_listed"));
    assert_eq!((&page.gaps[0].scope, page.gaps[0].subject.as_str()), (&GapScope::SpacePermissions, "ENG"));
}

#[test]
fn a_role_whose_permissions_are_not_understood_brings_view_and_a_doubt() {
    let page = assigned(Some(role(json!(["9f-31"]))));
    assert_eq!(words(&page), ["view", "9f-31"]);
    assert_eq!(page.gaps[0].cause.as_str(), "unsupported");
    for nothing in [json!(null), json!([])] {
        let page = assigned(Some(role(nothing)));
        assert_eq!((words(&page), page.gaps.len()), (vec!["role r1"], 1));
    }
}

#[test]
fn the_catalogue_helps_where_ids_say_nothing() {
    let catalogue = space_permission_catalogue(&list(json!([{"id": "9f-31", "displayName": "Edit content"}]))).unwrap();
    let catalogue: Catalogue = catalogue.rows.into_iter().collect();
    let body = list(json!([{"id": "r1", "name": "Author", "spacePermissions": ["9f-31"]}]));
    let roles = space_roles(&body, &catalogue).unwrap();
    assert!(roles.rows[0].grants.contains_key(&Permission::EditPage) && roles.rows[0].not_understood.is_empty());
}

#[test]
fn a_permission_of_a_role_belongs_to_its_holders() {
    let granted = space_permissions(
        &list(
            json!([{"principal": {"type": "role", "id": "r1"}, "operation": {"key": "export", "targetType": "space"}},
            {"principal": {"type": "role", "id": "r9"}, "operation": {"key": "read", "targetType": "space"}}]),
        ),
        "ENG",
    )
    .unwrap()
    .rows;
    let author = role(json!(["read/space"]));
    let assigned = assigned(Some(author.clone())).rows;
    let roles = HashMap::from([(author.id.clone(), author)]);
    let rows = expand_roles(granted, &assigned, &roles);
    let said: Vec<(String, &str)> = rows.iter().map(|row| (row.subject.to_string(), row.permission.as_str())).collect();
    assert_eq!(said, [("class:all-licensed-users".to_owned(), "export"), ("role:r9".to_owned(), "view")]);
    assert_eq!(rows[0].via_role.as_deref(), Some("Author"));
}

#[test]
fn the_role_mode_is_read_and_a_new_one_kept() {
    assert_eq!(space_role_mode(br#"{"mode":"PRE_ROLES"}"#).unwrap(), RoleMode::PreRoles);
    assert_eq!(space_role_mode(br#"{"mode":"roles-transition"}"#).unwrap(), RoleMode::RolesTransition);
    assert_eq!(space_role_mode(br#"{"mode":"ROLES_2"}"#).unwrap(), RoleMode::Other("ROLES_2".into()));
}

#[test]
fn an_account_is_read_without_what_privacy_hides() {
    let page = users_bulk(&list(json!([
        {"accountId": "5b", "displayName": "Ann", "publicName": "ann", "email": "", "accountStatus": "active",
         "accountType": "atlassian", "isExternalCollaborator": true},
        {"accountId": "5c", "email": "b@acme.example", "accountStatus": "closed", "accountType": "app"},
        {"accountId": null, "displayName": "Nobody"}
    ])))
    .unwrap();
    let (ann, bot) = (&page.rows[0], &page.rows[1]);
    assert_eq!((ann.email.as_deref(), ann.active, ann.guest), (None, Some(true), Some(true)));
    assert_eq!(
        (ann.kind.as_str(), ann.name.as_deref(), ann.display_name.as_deref()),
        ("person", Some("ann"), Some("Ann"))
    );
    assert_eq!(
        (bot.email.as_deref(), bot.active, bot.guest, bot.kind.as_str()),
        (Some("b@acme.example"), Some(false), None, "app")
    );
    assert_eq!((page.gaps.len(), page.gaps[0].scope.as_str()), (1, "user"));
}
