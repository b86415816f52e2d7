use serde_json::json;

use super::*;
use crate::model::{
    AuditAuthor, AuditObject, AuditValue, AuthorType, ChangeKind, ChangeScope, Confidence, Content, ContentType,
    Deployment, Group, Space, Subject, User,
};

const GROUP: &str = "5d0c2f0e-7a51-4c6e-9a40-1d6f6a1c0001";
const ACCOUNT: &str = "712020:0a1b2c3d-0000-4000-8000-000000000002";

/// A record in short: summary, category, affected object, associated objects, changed values.
fn record(summary: &str, category: &str, objects: &[(&str, &str)], changes: &[(&str, &str, &str)]) -> AuditRecord {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    AuditRecord {
        at: "2026-11-01T08:00:00Z".parse().ok(),
        author: AuditAuthor { kind: AuthorType::User, id: Some("olga".to_owned()), name: Some("Olga".to_owned()) },
        action: text(summary),
        category: text(category),
        objects: objects
            .iter()
            .enumerate()
            .map(|(at, (kind, name))| AuditObject {
                kind: text(kind),
                name: text(name),
                affected: at == 0,
                ..AuditObject::default()
            })
            .filter(|object| object.name.is_some() || object.kind.is_some())
            .collect(),
        changes: changes
            .iter()
            .map(|(name, old, new)| AuditValue { name: text(name), old: text(old), new: text(new) })
            .collect(),
        raw: json!({"summary": summary}).to_string(),
        ..AuditRecord::default()
    }
}

/// Two spaces; in ENG a chain of three pages and a blog post with the title of one of them.
fn site() -> Snapshot {
    let mut site = Snapshot::new(Deployment::Cloud);
    let space = |id: &str, key: &str, name: &str| Space {
        id: id.to_owned(),
        key: key.to_owned(),
        name: Some(name.to_owned()),
        ..Space::default()
    };
    site.spaces = vec![space("1", "ENG", "Engineering"), space("2", "HR", "People")];
    let page = |id: &str, kind, key: &str, title: &str, parent: Option<&str>| Content {
        title: Some(title.to_owned()),
        parent_id: parent.map(str::to_owned),
        ..Content::new(id, kind, key)
    };
    site.contents = vec![
        page("10", ContentType::Page, "ENG", "Home", None),
        page("11", ContentType::Page, "ENG", "Roadmap", Some("10")),
        page("12", ContentType::Page, "ENG", "Findings", Some("11")),
        page("13", ContentType::Folder, "ENG", "Notes", Some("10")),
        page("14", ContentType::Whiteboard, "ENG", "Notes", Some("11")),
        page("15", ContentType::Blogpost, "ENG", "Roadmap", None),
        page("20", ContentType::Page, "HR", "Roadmap", None),
    ];
    site.users = vec![
        User { display_name: Some("Bob Lind".to_owned()), ..User::new("bob") },
        User { display_name: Some("Sam Hill".to_owned()), ..User::new("sam1") },
        User { display_name: Some("Sam Hill".to_owned()), ..User::new("sam2") },
    ];
    site.groups = vec![Group { name: Some("engineering".to_owned()), ..Group::new(GROUP) }];
    site
}

fn all(records: &[AuditRecord]) -> Vec<PermissionChange> {
    permission_changes(records, &site(), &Asked::default()).expect("nothing is asked for").rows
}

fn one(record: AuditRecord) -> PermissionChange {
    let mut rows = all(&[record]);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows.remove(0)
}

/// What a row says, in one line.
fn line(row: &PermissionChange) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let subject = row.subject.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    format!(
        "{} {} {} in {} on {} for {subject} ({}), {}",
        row.scope,
        text(&row.permission),
        row.change.as_str(),
        text(&row.space_key),
        text(&row.content_id),
        text(&row.subject_name),
        row.confidence.as_str()
    )
}

#[test]
fn a_space_permission_is_read_with_its_subject_and_direction() {
    let group = format!("engineering:{GROUP}");
    let added = record(
        "Space permission added",
        "Permissions",
        &[("Group", &group), ("Space", "Engineering")],
        &[("Group", "", "engineering"), ("Space", "", "ENG"), ("Type", "", "EDITSPACE")],
    );
    let row = one(added);
    assert_eq!(line(&row), format!("space create_page added in ENG on - for group:{GROUP} (engineering), certain"));
    assert_eq!((row.old.as_deref(), row.new.as_deref()), (None, Some("EDITSPACE")));
    let removed = record(
        "Space permission removed",
        "Permissions",
        &[("User", "Bob Lind"), ("Space", "People")],
        &[("Type", "VIEWSPACE", "")],
    );
    assert_eq!(line(&one(removed)), "space view removed in HR on - for user:bob (Bob Lind), certain");
}

#[test]
fn anonymous_is_a_subject_however_it_is_named() {
    for objects in [
        vec![("User", "Anonymous"), ("Space", "Engineering")],
        vec![("", "Anonymous"), ("Space", "Engineering")],
        vec![("Group", "anonymous users"), ("Space", "Engineering")],
    ] {
        let row = one(record("Space permission added", "Permissions", &objects, &[("Type", "", "VIEWSPACE")]));
        assert_eq!(line(&row), "space view added in ENG on - for anonymous (-), certain", "{objects:?}");
    }
    let row = one(record("Anonymous access removed", "Permissions", &[("Space", "Engineering")], &[]));
    assert_eq!(row.subject, Some(Subject::anonymous()));
    assert_eq!(row.change, ChangeKind::Removed);
}

#[test]
fn a_restriction_is_read_with_the_page_it_is_on() {
    let row = one(record(
        "Content restriction added",
        "Permissions",
        &[("Group", &format!("engineering:{GROUP}")), ("Page", "Roadmap"), ("Space", "Engineering")],
        &[("Group", "", "engineering"), ("Type", "", "View")],
    ));
    assert_eq!(line(&row), format!("content view added in ENG on 11 for group:{GROUP} (engineering), certain"));
    let row = one(record(
        "Content restriction removed",
        "Pages and Blogs",
        &[("User", "Bob Lind"), ("Blog", "Roadmap"), ("Space", "Engineering")],
        &[("Type", "Edit", "")],
    ));
    assert_eq!(line(&row), "content edit removed in ENG on 15 for user:bob (Bob Lind), certain");
}

#[test]
fn a_title_that_fits_two_contents_is_ambiguous_and_one_nobody_knows_stays_a_title() {
    let on = |title: &str, space: &str| {
        one(record(
            "Content restriction added",
            "Permissions",
            &[("User", "Bob Lind"), ("Content", title), ("Space", space)],
            &[("Type", "", "View")],
        ))
    };
    let row = on("Notes", "Engineering");
    assert_eq!((row.content_id, row.confidence), (None, Confidence::Ambiguous));
    assert_eq!(row.candidates, ["13", "14"]);
    let row = on("Gone", "Engineering");
    assert_eq!((row.content_id, row.content_title.as_deref()), (None, Some("Gone")));
    assert!(row.candidates.is_empty());
    let row = on("Findings", "A space nobody knows");
    assert_eq!((row.content_id, row.space_key), (None, None), "a page elsewhere is another page");
    assert_eq!(row.space_name.as_deref(), Some("A space nobody knows"));
}

#[test]
fn a_name_two_people_have_is_nobodys_id() {
    let row = one(record(
        "Space permission added",
        "Permissions",
        &[("User", "Sam Hill"), ("Space", "Engineering")],
        &[("Type", "", "VIEWSPACE")],
    ));
    assert_eq!(line(&row), "space view added in ENG on - for user (Sam Hill), ambiguous");
}

#[test]
fn groups_that_went_and_items_that_were_moved_archived_or_deleted_are_read() {
    let old = format!("Engineering / Sysadmins: all:{GROUP}");
    let row = one(record("Group removed", "Users and groups", &[("Group", &old)], &[]));
    assert_eq!(
        line(&row),
        format!("group - removed in - on - for group:{GROUP} (Engineering / Sysadmins: all), certain")
    );
    let at = [("Page", "Roadmap"), ("Page", "Roadmap"), ("Space", "Engineering")];
    for (summary, expected) in [
        ("Page moved", "content place changed in ENG on 11 for - (-), certain"),
        ("Page archived", "content status removed in ENG on 11 for - (-), certain"),
        ("Page restored", "content status added in ENG on 11 for - (-), certain"),
        ("Page deleted", "content status removed in ENG on 11 for - (-), certain"),
    ] {
        assert_eq!(line(&one(record(summary, "Page", &at, &[]))), expected);
    }
    let row = one(record("Space archived", "Spaces", &[("Space", "Engineering")], &[]));
    assert_eq!(line(&row), "space status removed in ENG on - for - (-), certain");
    let row = one(record("User deactivated", "Users and groups", &[("User", "Bob Lind")], &[]));
    assert_eq!(line(&row), "site account removed in - on - for user:bob (Bob Lind), certain");
}

#[test]
fn memberships_are_read_in_the_old_form_and_in_the_new_one() {
    let old = format!("Engineering / Sysadmins: all:{GROUP}");
    let row = one(record("User added to group", "Users and groups", &[("Group", &old), ("User", "Bob Lind")], &[]));
    assert_eq!(line(&row), "group member added in - on - for user:bob (Bob Lind), certain");
    assert_eq!(row.group_id.as_deref(), Some(GROUP));
    assert_eq!(row.group_name.as_deref(), Some("Engineering / Sysadmins: all"));
    let new = format!("{GROUP}; User: {ACCOUNT}");
    let row = one(record("User removed from group", "Users and groups", &[("Group", &new)], &[]));
    assert_eq!(line(&row), format!("group member removed in - on - for user:{ACCOUNT} (-), certain"));
    assert_eq!((row.group_id.as_deref(), row.group_name.as_deref()), (Some(GROUP), Some("engineering")));
    let row = one(record("Group deleted", "Users and groups", &[("Group", &old)], &[]));
    assert_eq!(
        line(&row),
        format!("group - removed in - on - for group:{GROUP} (Engineering / Sysadmins: all), certain")
    );
}

#[test]
fn public_links_admin_keys_roles_and_the_site_are_scopes_of_their_own() {
    let page = [("Page", "Findings"), ("Page", "Findings"), ("Space", "Engineering")];
    let row = one(record("Public link enabled", "Public links", &page, &[("Public link", "off", "on")]));
    assert_eq!(line(&row), "public_link public_link added in ENG on 12 for - (-), certain");
    assert_eq!((row.old.as_deref(), row.new.as_deref()), (Some("off"), Some("on")));
    let mut viewed = record("Page viewed with admin key", "Page", &page, &[]);
    viewed.super_admin = Some(true);
    let row = one(viewed);
    assert_eq!(line(&row), "content admin_key changed in ENG on 12 for - (-), certain");
    assert_eq!(row.admin_key, Some(true));
    let row = one(record(
        "Space role assigned",
        "Permissions",
        &[("Group", &format!("engineering:{GROUP}")), ("Space", "Engineering")],
        &[("Role", "", "Collaborator")],
    ));
    assert_eq!(
        line(&row),
        format!("space role:Collaborator added in ENG on - for group:{GROUP} (engineering), likely")
    );
    let row = one(record(
        "Global permission removed",
        "Permissions",
        &[("Group", &format!("engineering:{GROUP}"))],
        &[("Type", "USECONFLUENCE", "")],
    ));
    assert_eq!(line(&row), format!("site use removed in - on - for group:{GROUP} (engineering), certain"));
}

#[test]
fn a_record_in_another_language_is_read_by_what_it_is_about() {
    let group = format!("engineering:{GROUP}");
    let restriction = record(
        "Inhaltseinschränkung hinzugefügt",
        "Berechtigungen",
        &[("Group", &group), ("Page", "Roadmap"), ("Space", "Engineering")],
        &[("Gruppe", "", "engineering"), ("Typ", "", "View")],
    );
    assert_eq!(
        line(&one(restriction)),
        format!("content view added in ENG on 11 for group:{GROUP} (engineering), likely")
    );
    let space = record(
        "Bereichsberechtigung entfernt",
        "Berechtigungen",
        &[("Gruppe", &group), ("Space", "Engineering")],
        &[("Bereich", "ENG", ""), ("Typ", "EDITSPACE", "")],
    );
    assert_eq!(
        line(&one(space)),
        format!("space create_page removed in ENG on - for group:{GROUP} (engineering), likely")
    );
    let member = record("Benutzer entfernt", "", &[("Gruppe", &format!("{GROUP}; Benutzer: {ACCOUNT}"))], &[]);
    let row = one(member);
    assert_eq!((row.scope, row.change, row.confidence), (ChangeScope::Group, ChangeKind::Changed, Confidence::Likely));
    assert_eq!(row.subject, Some(Subject::user(ACCOUNT)));
}

#[test]
fn what_nobody_understands_stays_with_its_record() {
    let strange = record("Zugriff umgestellt", "Sonstiges", &[("Thing", "Frobnicator")], &[("Mode", "a", "b")]);
    let row = one(strange.clone());
    assert_eq!(line(&row), "other - changed in - on - for - (-), unrecognised");
    assert_eq!((row.old.as_deref(), row.new.as_deref()), (Some("a"), Some("b")));
    assert_eq!(row.raw, strange.raw);
    let empty = AuditRecord { raw: "{}".to_owned(), ..AuditRecord::default() };
    assert_eq!(one(empty).scope, ChangeScope::unrecognised());
    let unknown =
        record("Space permission frobnicated", "Permissions", &[("Space", "Engineering")], &[("Type", "", "WARP")]);
    let row = one(unknown);
    assert_eq!((row.permission.as_deref(), row.confidence), (Some("WARP"), Confidence::Likely));
}

#[test]
fn what_is_known_to_be_about_something_else_is_left_out() {
    for (summary, category) in [
        ("Page archived", "Page"),
        ("Space created", "Spaces"),
        ("Space configuration updated", "Spaces"),
        ("User deactivated", "Users and groups"),
        ("User details updated", "Users and groups"),
        ("App updated", "Apps"),
        ("Global settings changed", "Global settings"),
    ] {
        assert_eq!(all(&[record(summary, category, &[], &[])]), [], "{summary}");
    }
    for summary in
        ["App access rule updated", "Space permissions copied", "Guest invited to space", "Permission updated"]
    {
        assert_eq!(all(&[record(summary, "", &[], &[])]).len(), 1, "{summary}");
    }
}

#[test]
fn one_record_with_several_permissions_is_a_row_for_each() {
    let rows = all(&[record(
        "Space permission changed on space",
        "Permissions",
        &[("User", "Bob Lind"), ("Space", "Engineering")],
        &[("Type", "", "VIEWSPACE, EXPORTSPACE"), ("Type", "COMMENT", "")],
    )]);
    let said: Vec<(Option<&str>, ChangeKind)> =
        rows.iter().map(|row| (row.permission.as_deref(), row.change)).collect();
    assert_eq!(
        said,
        [
            (Some("view"), ChangeKind::Added),
            (Some("export"), ChangeKind::Added),
            (Some("create_comment"), ChangeKind::Removed)
        ]
    );
}

#[test]
fn changes_above_a_content_are_changes_of_it() {
    let on = |title: &str, space: &str, operation: &str| {
        record(
            "Content restriction added",
            "Permissions",
            &[("User", "Bob Lind"), ("Page", title), ("Space", space)],
            &[("Type", "", operation)],
        )
    };
    let log = [
        on("Findings", "Engineering", "Edit"),
        on("Roadmap", "Engineering", "View"),
        on("Roadmap", "Engineering", "Edit"),
        on("Roadmap", "People", "View"),
        on("Elsewhere", "Engineering", "View"),
        record("Zugriff umgestellt", "", &[("Seite", "Findings")], &[]),
        record("Zugriff umgestellt", "", &[("Seite", "Elsewhere")], &[]),
        record("Space permission added", "Permissions", &[("User", "Bob Lind"), ("Space", "Engineering")], &[]),
    ];
    let asked = Asked { content: Some("12".to_owned()), space: None };
    let rows = permission_changes(&log, &site(), &asked).expect("the page is there").rows;
    let said: Vec<(Option<&str>, Option<&str>)> =
        rows.iter().map(|row| (row.content_id.as_deref(), row.attributed_to.as_deref())).collect();
    assert_eq!(
        said,
        [(Some("12"), Some("12")), (Some("11"), Some("12")), (Some("11"), None), (None, None)],
        "an edit list further up binds its own page only; what is not understood is kept"
    );
    let unknown = permission_changes(&log, &site(), &Asked { content: Some("99".to_owned()), space: None });
    assert_eq!(unknown, Err(UnknownContent("99".to_owned())));
}

#[test]
fn changes_in_a_space_are_found_by_its_name_its_key_and_its_contents() {
    let log = [
        record("Space permission added", "Permissions", &[("User", "Bob Lind"), ("Space", "Engineering")], &[]),
        record("Space permission added", "Permissions", &[("User", "Bob Lind")], &[("Space", "", "ENG")]),
        record("Space permission added", "Permissions", &[("User", "Bob Lind"), ("Space", "People")], &[]),
        record("Zugriff umgestellt", "", &[("Bereich", "Engineering")], &[]),
        record("User added to group", "Users and groups", &[("Group", "engineering"), ("User", "Bob Lind")], &[]),
    ];
    let asked = Asked { space: Some("eng".to_owned()), content: None };
    let rows = permission_changes(&log, &site(), &asked).expect("no content is asked for").rows;
    assert_eq!(rows.iter().map(|row| row.scope.as_str()).collect::<Vec<_>>(), ["space", "space", "other"]);
}

#[test]
fn records_of_data_center_are_read_by_the_same_rules() {
    let mut event = record(
        "Berechtigung für Bereich hinzugefügt",
        "Berechtigungen",
        &[("Group", "confluence-users"), ("Space", "Engineering")],
        &[("Gruppe", "", "confluence-users"), ("Bereich", "", "ENG"), ("Typ", "", "SETPAGEPERMISSIONS")],
    );
    event.action_key = Some("audit.logging.summary.space.permission.added".to_owned());
    event.objects[0].id = Some("confluence-users".to_owned());
    assert_eq!(
        line(&one(event)),
        "space restrict added in ENG on - for group:confluence-users (confluence-users), certain"
    );
}

/// A record of Data Center in short: key, objects with ids, values that came.
fn event(key: &str, objects: &[(&str, &str, &str)], changes: &[(&str, &str)]) -> AuditRecord {
    let named: Vec<(&str, &str)> = objects.iter().map(|(kind, name, _)| (*kind, *name)).collect();
    let values: Vec<(&str, &str, &str)> = changes.iter().map(|(name, new)| (*name, "", *new)).collect();
    let mut event = record("Etwas ist geschehen", "", &named, &values);
    event.action_key = Some(key.to_owned());
    for (object, (.., id)) in event.objects.iter_mut().zip(objects) {
        object.id = (!id.is_empty()).then(|| (*id).to_owned());
    }
    event
}

const KEY: &str = "2c9680f77d4a0000017d4a00a1b20000";
const GRANT: &str = "audit.logging.summary.space.permission.added";

#[test]
fn where_ids_are_given_a_name_is_only_a_name() {
    let said = |kind: &str, name: &str, id: &str| {
        line(&one(event(GRANT, &[(kind, name, id), ("Space", "Engineering", "1")], &[("Type", "VIEWSPACE")])))
    };
    let of = |subject: &str| format!("space view added in ENG on - for {subject}, certain");
    assert_eq!(said("User", "anonymous", KEY), of(&format!("user:{KEY} (anonymous)")), "an account may be called so");
    assert_eq!(said("User", "Anonymous", ""), of("anonymous (-)"));
    assert_eq!(said("User", "Unlicensed users", ""), of("unlicensed (-)"));
    let odd = format!("ops:{GROUP}");
    assert_eq!(said("Group", &odd, &odd), of(&format!("group:{odd} ({odd})")));
}

#[test]
fn a_space_is_found_by_its_id_whatever_it_is_called_now() {
    let moved = event(GRANT, &[("Group", "ops", "ops"), ("Space", "Its name of old", "1")], &[("Type", "COMMENT")]);
    assert_eq!(line(&one(moved)), "space create_comment added in ENG on - for group:ops (ops), certain");
    let unknown = event(
        GRANT,
        &[("Group", "ops", "ops"), ("Space", "Gone", "99")],
        &[("Space", "~ann.b@acme"), ("Type", "COMMENT")],
    );
    assert_eq!(one(unknown).space_key.as_deref(), Some("~ann.b@acme"));
}

#[test]
fn objects_of_kinds_in_another_language_are_told_apart_by_their_ids() {
    let restricted = event(
        "audit.logging.summary.content.restriction.added",
        &[("Seite", "Roadmap", "11"), ("Bereich", "Engineering", "1")],
        &[("Typ", "View"), ("Benutzer", "Bob Lind")],
    );
    assert_eq!(line(&one(restricted)), "content view added in ENG on 11 for user:bob (Bob Lind), likely");
    let granted = event(
        GRANT,
        &[("Benutzerin", "Ann Berg", KEY), ("Bereich", "Engineering", "1")],
        &[("Bereich", "ENG"), ("Typ", "EXPORTSPACE")],
    );
    assert_eq!(line(&one(granted)), format!("space export added in ENG on - for user:{KEY} (Ann Berg), certain"));
    let grouped = event(GRANT, &[("Gruppe", "ops", "ops"), ("Bereich", "Engineering", "1")], &[("Typ", "EDITBLOG")]);
    assert_eq!(line(&one(grouped)), "space create_blogpost added in ENG on - for group:ops (ops), certain");
}

#[test]
fn memberships_of_data_center_may_be_of_groups_or_name_the_member_as_a_value() {
    let joined = "audit.logging.summary.group.membership.added";
    let nested = one(event(joined, &[("Group", "all", "all"), ("Group", "ops", "ops")], &[]));
    assert_eq!(line(&nested), "group member added in - on - for group:ops (ops), likely");
    assert_eq!(nested.group_id.as_deref(), Some("all"));
    let named = one(event(joined, &[("Group", "ops", "ops")], &[("User", "Bob Lind")]));
    assert_eq!(line(&named), "group member added in - on - for user:bob (Bob Lind), certain");
    let left =
        event("audit.logging.summary.group.membership.removed", &[("Group", "ops", "ops"), ("User", "x", KEY)], &[]);
    assert_eq!(line(&one(left)), format!("group member removed in - on - for user:{KEY} (x), certain"));
}

#[test]
fn accounts_and_directories_that_come_and_go_are_rows_and_talk_about_them_is_none() {
    let directory =
        one(event("audit.logging.summary.directory.added", &[("Directory", "LDAP", "")], &[("Type", "CONNECTOR")]));
    assert_eq!(line(&directory), "site user_directory added in - on - for - (-), certain");
    assert_eq!(directory.new.as_deref(), Some("LDAP"));
    for (key, change) in
        [("created", "added"), ("deleted", "removed"), ("deactivated", "removed"), ("reactivated", "added")]
    {
        let row =
            one(event(&format!("audit.logging.summary.user.{key}"), &[("User", "Ann", KEY)], &[("Active", "Yes")]));
        assert_eq!(line(&row), format!("site account {change} in - on - for user:{KEY} (Ann), certain"));
    }
    for key in [
        "audit.logging.summary.user.updated",
        "audit.logging.summary.user.renamed",
        "audit.logging.summary.page.created",
        "audit.logging.summary.space.config.updated",
        "audit.logging.summary.plugin.enabled",
        "atlassian.audit.event.action.audit.search",
        "atlassian.audit.event.action.audit.config.updated",
    ] {
        assert_eq!(all(&[event(key, &[("Space", "Engineering", "1")], &[])]), [], "{key}");
    }
    let unknown = one(event("audit.logging.summary.some.thing.new", &[("Space", "Engineering", "1")], &[("a", "b")]));
    assert_eq!(unknown.confidence, Confidence::Unrecognised);
}

#[test]
fn what_is_not_understood_is_found_by_the_id_of_a_content() {
    let log = [
        event("some.thing", &[("Seite", "Another title", "11")], &[]),
        event("some.thing", &[("Seite", "Another title", "14")], &[]),
    ];
    let asked = Asked { content: Some("12".to_owned()), space: None };
    let rows = permission_changes(&log, &site(), &asked).expect("the page is there").rows;
    assert_eq!(rows.len(), 1);
}

#[test]
fn words_of_another_language_are_read_as_their_reader_says() {
    let words = [
        ("Berechtigung für Bereich HINZUGEFÜGT", "space_permission_added"),
        ("gruppe", "group"),
        ("Bereich", "space"),
        ("Seite", "page"),
        ("Typ", "permission"),
        ("Anzeigen", "view"),
        ("Beschränkung entfernt", "restriction_removed"),
        ("Theme gewechselt", "unrelated"),
    ];
    let wording =
        Wording::new(words.map(|(word, meaning)| (word.to_owned(), meaning.to_owned()))).expect("known meanings");
    let log = [
        record(
            "Berechtigung für Bereich hinzugefügt",
            "Berechtigungen",
            &[("Gruppe", &format!("engineering:{GROUP}")), ("Bereich", "Engineering")],
            &[("Typ", "", "Anzeigen")],
        ),
        record(
            "Beschränkung entfernt",
            "Berechtigungen",
            &[("User", "Bob Lind"), ("Seite", "Findings"), ("Bereich", "Engineering")],
            &[("Typ", "Anzeigen", "")],
        ),
        record("Theme gewechselt", "", &[("Bereich", "Engineering")], &[]),
        record("Anderes geändert", "", &[("Bereich", "Engineering")], &[]),
    ];
    let rows =
        permission_changes_worded(&log, &site(), &Asked::default(), &wording).expect("no content is asked for").rows;
    let said: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
            [
                row.scope.as_str(),
                row.change.as_str(),
                &text(&row.permission),
                row.confidence.as_str(),
                &text(&row.old),
                &text(&row.new),
            ]
            .join(" ")
        })
        .collect();
    assert_eq!(
        said,
        [
            "space added view certain - Anzeigen",
            "content removed view certain Anzeigen -",
            "other changed - unrecognised - -",
        ],
        "old and new stay in the words of the log"
    );
    assert_eq!(rows[1].content_id.as_deref(), Some("12"));
    assert_eq!(rows[0].action, log[0].action);
    // Without it the same log is read by what it is about, and less surely.
    let rows = permission_changes(&log, &site(), &Asked::default()).expect("no content is asked for").rows;
    assert!(rows.iter().all(|row| row.confidence != Confidence::Certain));
}

#[test]
fn nothing_a_log_may_hold_makes_the_reader_panic_or_loses_a_record() {
    let words = ["", ":", ";", "; User: ", "a:b", GROUP, ACCOUNT, "Anonymous", "ß; ü: ", "View", ",", "{}", "space"];
    let mut read = 0;
    for kind in ["", "User", "Group", "Page", "Space", "Seite", "user class"] {
        for name in words {
            for value in words {
                let rows = all(&[record("Zugriff", "", &[(kind, name)], &[(name, value, name)])]);
                assert!(!rows.is_empty(), "{kind} {name} {value}");
                read += 1;
            }
        }
    }
    assert!(read > 1000);
}
