//! The answers of the resolver in their full shape: trees, explanations, subjects as people write them, and sites of
//! which a server said little.

use std::sync::Arc;

use confluence_access::model::{
    Content, ContentStatus, ContentType, Decision, Deployment, DirectMembership, Gap, GapCause, GapScope, Group,
    Operation, Permission, Policy, Snapshot, Space, SpacePermission, Subject, Switch, User, UserType, Verdict,
};
use confluence_access::resolve::{Access, Outcome, SubjectLookup, TreeStyle, Way};
use serde_json::{Value, json};

fn access(site: Value, deployment: Deployment) -> Access {
    Access::new(Arc::new(Snapshot::from_plain(site, deployment).unwrap()), None)
}

/// The space of the add-on's documented example, six levels deep.
fn demonstration(restrictions: Value) -> Access {
    let titles = [
        ("65551", "Welcome to Confluence"),
        ("65552", "What is Confluence? (step 1 of 9)"),
        ("65554", "A quick look at the editor (step 2 of 9)"),
        ("65549", "Let's edit this page (step 3 of 9)"),
        ("65550", "Prettify the page with an image (step 4 of 9)"),
        ("65564", "Get serious with a table (step 5 of 9)"),
    ];
    let mut contents = json!({});
    let mut parent = Value::Null;
    for (id, title) in titles {
        contents[id] = json!({"type": "page", "space": "ds", "title": title, "parent": parent});
        parent = json!(id);
    }
    let both = ["view", "create_page"];
    let site = json!({
        "users": {"k1": {"name": "user"}, "k2": {"name": "admin"}, "k3": {"name": "member"}},
        "groups": {
            "group_po": {"members": ["user:k3"]},
            "confluence-administrators": {"members": ["user:k2"]},
            "confluence-users": {"members": ["user:k1", "user:k2", "user:k3"]},
        },
        "spaces": {"ds": {"name": "Demonstration Space", "homepage": "65551", "grants": {
            "group:group_po": both, "group:confluence-administrators": both, "group:confluence-users": both,
            "user:k1": both, "user:k2": both,
        }}},
        "contents": contents,
        "restrictions": restrictions,
    });
    access(site, Deployment::DataCenter)
}

/// Lists of principals come in no particular order.
fn sorted(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => map.values_mut().for_each(walk),
            Value::Array(list) if list.iter().all(Value::is_string) => {
                list.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}

// The expected answers are those of the add-on's REST documentation, except for the dates, which no fact holds.
#[test]
fn a_tree_reproduces_the_documented_permissions_of_the_extender_add_on() {
    let tree = demonstration(json!({})).tree("65564").unwrap();
    let answer = sorted(tree.inherited_content_permissions());
    let expected = json!({
        "spaceKey": "ds",
        "spaceName": "Demonstration Space",
        "level": 6,
        "lastPermissionModificationDate": "",
        "lastPermissionModificationDateString": "",
        "permissions": {
            "view": {
                "groups": ["confluence-administrators", "confluence-users", "group_po"],
                "users": ["admin", "user"],
            },
            "edit": {
                "groups": ["confluence-administrators", "confluence-users", "group_po"],
                "users": ["admin", "user"],
            },
            "editGroupsTotal": 3,
            "viewGroupsTotal": 3,
            "viewUsersTotal": 2,
            "editUsersTotal": 2,
        },
        "contentId": 65564,
        "contentType": "page",
        "contentCreatorName": "not exist",
        "contentName": "Get serious with a table (step 5 of 9)",
    });
    assert_eq!(answer, expected);
    let levels = sorted(tree.inherited_content_tree_permissions());
    assert_eq!(levels["contentTree"].as_array().unwrap().len(), 6);
    assert_eq!(levels["contentTree"][0]["contentName"], "Welcome to Confluence");
    for level in levels["contentTree"].as_array().unwrap() {
        assert_eq!(level["permissions"], expected["permissions"]);
    }
    assert_eq!(levels["contentId"], 65564);
}

#[test]
fn a_tree_reproduces_the_documented_restrictions_of_the_extender_add_on() {
    let access = demonstration(json!({
        "65552": {"update": ["group:confluence-administrators", "group:confluence-users", "user:k2"]},
        "65549": {"update": ["user:k2"]},
        "65564": {"read": ["user:k2", "user:k1"], "update": ["user:k2", "user:k1"]},
    }));
    let tree = access.tree("65564").unwrap();
    let answer = tree.to_value(TreeStyle::Extender);
    let levels = answer["content_tree_restrictions"]["contentTree"].as_array().unwrap();
    let open = json!({"editGroupsTotal": 0, "viewGroupsTotal": 0, "viewUsersTotal": 0, "editUsersTotal": 0});
    assert_eq!(levels[0]["restrictions"], open);
    assert_eq!(
        levels[1]["restrictions"],
        json!({
            "view": {},
            "edit": {"groups": ["confluence-administrators", "confluence-users"], "users": ["admin"]},
            "everyone": "can view",
            "editGroupsTotal": 2, "viewGroupsTotal": 0, "viewUsersTotal": 0, "editUsersTotal": 1,
        })
    );
    assert_eq!(levels[2]["restrictions"], open);
    assert_eq!(
        levels[5]["restrictions"],
        json!({
            "view": {"users": ["admin", "user"]},
            "edit": {"users": ["admin", "user"]},
            "everyone": "has no access",
            "editGroupsTotal": 0, "viewGroupsTotal": 0, "viewUsersTotal": 2, "editUsersTotal": 2,
        })
    );
    // Who is left at the last level, as themselves and as people.
    let last = tree.levels.last().unwrap();
    assert_eq!((last.view.groups.len(), last.view.users.as_slice()), (0, &["user".to_owned(), "admin".to_owned()][..]));
    let people = access.tree_of_people("65550").unwrap();
    assert_eq!(people.levels.last().unwrap().view.users, ["user", "admin", "member"]);
    assert!(access.tree("no such page").is_err());
}

#[test]
fn an_explanation_says_who_stopped_the_subject_and_what_would_open_it() {
    let access = access(
        json!({
            "users": {"ann": {"display_name": "Ann"}, "bob": {"display_name": "Bob"}, "cat": {}},
            "groups": {"eng": {"members": ["user:ann", "user:bob"], "name": "Engineering"}},
            "spaces": {"DOC": {"grants": {"group:eng": ["view", "create_page"]}}},
            "contents": {
                "1": {"type": "page", "space": "DOC", "title": "Plans"},
                "2": {"type": "page", "space": "DOC", "title": "Draft budget", "parent": "1"},
                "3": {"type": "page", "space": "DOC", "title": "Numbers", "parent": "2", "public_link": true},
            },
            "restrictions": {"1": {"read": ["user:ann", "group:gone"], "update": ["user:ann"]}, "2": {"read": ["group:eng"]}},
        }),
        Deployment::Cloud,
    );
    let explanation = access.explain(&Subject::user("bob"), Operation::Edit, "3");
    assert_eq!(explanation.codes, ["restriction.inherited.view"]);
    let lists: Vec<_> = explanation
        .gates
        .iter()
        .filter(|gate| gate.name.as_str() == "view_list")
        .map(|gate| (gate.content_id.as_deref().unwrap(), gate.outcome, gate.place.as_deref().unwrap()))
        .collect();
    assert_eq!(
        lists,
        [
            ("1", Outcome::Fail, "2 levels up, at *Plans*"),
            ("2", Outcome::Pass, "1 level up, at *Draft budget*"),
            ("3", Outcome::NotApplicable, "at *Numbers* itself"),
        ],
        "all are evaluated, root first"
    );
    let stopped = explanation.gates.iter().find(|gate| gate.outcome == Outcome::Fail).unwrap();
    assert_eq!((stopped.could_pass, &*stopped.could_pass_names), (Some(1), &["Ann".into()][..]));
    assert_eq!(explanation.witnesses["2.read"], ["group:eng"]);
    assert_eq!(explanation.fixes.len(), 1);
    assert_eq!(explanation.fixes[0].change, "add Bob to the view list of *Plans*");
    assert!(explanation.ways_in.iter().any(|way| way.code == "exposure.public_link" && way.open));
    assert!(explanation.irrelevant.iter().any(|row| row.text.contains("edit lists are not inherited")));
    assert!(explanation.switches.iter().any(|row| row.name == "edit_inherited" && row.default));
    let text = explanation.to_string();
    for part in [
        "\u{2717} Bob cannot edit \u{201c}Numbers\u{201d} (page 3, space DOC)\n  user:bob is active\n",
        "through group Engineering",
        "viewing restricted to Ann, group:gone; Bob is not among them\n                  1 account is: Ann\n",
        "To give Bob access: add Bob to the view list of \u{201c}Plans\u{201d} (by ",
        "denied \u{b7} restriction.inherited.view",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let plain = serde_json::to_value(&explanation).unwrap();
    assert_eq!(plain["verdict"], "denied");
    assert_eq!(plain["gates"][0]["name"], "site");
}

#[test]
fn everyone_who_gets_in_has_one_line_that_says_how() {
    let site = json!({
        "role_mode": "ROLES",
        "users": {"ann": {}, "bob": {}, "cat": {}, "root": {"admin_key": true, "active": true}},
        "groups": {"eng": {"members": ["user:bob"]}},
        "roles": {"Viewer": ["view"]},
        "spaces": {"DOC": {"role_assignments": {"class:all-licensed-users": ["Viewer"]}, "grants": {"user:ann": ["view"], "group:eng": ["view"]}}},
        "contents": {
            "open": {"type": "page", "space": "DOC"},
            "shut": {"type": "page", "space": "DOC", "public_link": true},
        },
        "restrictions": {"shut": {"read": ["group:eng"]}},
    });
    let access = access(site, Deployment::Cloud);
    let ways = |content: &str| -> Vec<(String, String, bool)> {
        let rows = access.who_can(Operation::View, content).unwrap().rows;
        rows.into_iter().map(|row| (row.user_id.to_string(), row.via.to_string(), row.standing)).collect()
    };
    let row = |id: &str, via: &str, standing| (id.to_owned(), via.to_owned(), standing);
    let class = "role Viewer through all-licensed-users";
    assert_eq!(
        ways("open"),
        [row("ann", "direct", true), row("bob", "group eng", true), row("cat", class, true), row("root", class, true)]
    );
    assert_eq!(
        ways("shut"),
        [row("bob", "group eng", true), row("root", "admin key", false), row("anyone_with_link", "public link", false)]
    );
}

#[test]
fn subjects_are_found_by_name_and_address_and_an_ambiguous_one_lists_the_candidates() {
    let site = json!({
        "users": {
            "k1": {"name": "ann", "email": "ann@example.org"}, "k2": {"name": "smith"}, "k3": {"name": "smith"},
        },
        "groups": {"g-1": {"name": "Engineering"}},
    });
    let access = access(site, Deployment::DataCenter);
    for text in ["user:ann", "ann", "ann@example.org", "email:ann@example.org", "user:k1", "k1"] {
        assert_eq!(access.subject(text).unwrap(), Subject::user("k1"), "{text}");
    }
    assert_eq!(access.subject("group:Engineering").unwrap(), Subject::group("g-1"));
    assert_eq!(access.subject("user:nobody").unwrap(), Subject::user("nobody"), "kept: it may exist all the same");
    let error = access.subject("user:smith").unwrap_err();
    assert_eq!(error.to_string(), "`user:smith` names several subjects: user:k2 (smith), user:k3 (smith)");
    assert!(matches!(access.known_subject("nonsense"), Err(SubjectLookup::Missing(_))));
    assert!(matches!(access.subject("nonsense"), Err(SubjectLookup::Invalid(_))));
}

#[test]
fn who_may_remove_restrictions_is_shown_the_way_that_is_open_and_else_every_way() {
    let site = json!({
        "users": {"ann": {}, "bob": {}, "sue": {"system_admin": true}},
        "spaces": {"S": {"grants": {
            "user:ann": ["view", "administer"], "user:bob": ["view", "create_page"],
        }}},
        "contents": {"1": {"type": "page", "space": "S"}},
        "restrictions": {"1": {"read": ["user:bob"], "update": ["user:bob"]}},
    });
    let access = access(site, Deployment::DataCenter);
    let why = |who: &str| access.explain(&Subject::user(who), Operation::RemoveRestrictions, "1");
    for (who, way) in [("ann", Way::SpaceAdmin), ("sue", Way::SystemAdmin)] {
        let why = why(who);
        assert_eq!(why.verdict, Verdict::Allowed);
        assert!(why.gates.iter().all(|gate| gate.outcome == Outcome::Pass), "{why}");
        assert!(why.gates.iter().all(|gate| gate.way.is_none_or(|other| other == way)), "{why}");
        assert!(why.to_string().contains(way.as_str()), "{why}");
    }
    let denied = why("bob");
    assert_eq!(denied.verdict, Verdict::Denied);
    let ways: Vec<_> = denied.gates.iter().filter_map(|gate| gate.way).collect();
    assert!(ways.is_sorted() && ways.contains(&Way::Editor) && ways.contains(&Way::SystemAdmin), "{ways:?}");
    let fixes: Vec<_> = denied.fixes.iter().map(|fix| fix.change.as_str()).collect();
    assert_eq!(fixes, ["grant user:bob the permission to change restrictions in space S"]);
}

#[test]
fn what_is_not_known_is_said_first_and_in_words() {
    let site = json!({
        "users": {"ann": {"display_name": "Ada Tanaka", "product_admin": "unknown"}, "gus": {"guest": true, "display_name": "Gus"}},
        "groups": {"eng": {"name": "engineering", "members": [], "listable": false}},
        "spaces": {
            "A": {"grants": {"user:gus": ["view"], "class:all-product-admins": ["view"], "group:none": ["view"]}},
            "B": {"grants": {"class:all-licensed-users": ["view"]}},
            "C": {"grants": {"user:ann": ["view"]}},
        },
        "contents": {
            "1": {"type": "page", "space": "A"}, "2": {"type": "page", "space": "B"}, "3": {"type": "page", "space": "C"},
            "4": {"type": "page", "space": "C", "title": "Plans"}, "5": {"type": "page", "space": "C"},
        },
        "restrictions": {"3": {"read": ["group:eng"]}, "5": {"read": ["user:gus", "team:x"]}},
        "unreadable": {"4": "403"},
    });
    let access = access(site, Deployment::Cloud);
    for (who, content, doubt) in [
        (
            "ann",
            "1",
            "not known whether Ada Tanaka is a product admin (`class:all-product-admins`): not all product admins are known",
        ),
        ("gus", "2", "not known whether guests such as Gus are among all licensed users (`class:all-licensed-users`)"),
        ("ann", "3", "not known whether Ada Tanaka is in group engineering, whose members are not all known"),
        ("ann", "4", "not known whether the view list of *Plans* stops Ada Tanaka: it could not be read"),
        (
            "ann",
            "5",
            "not known whether Ada Tanaka is or belongs to `team:x`, an entry of a kind this version does not know",
        ),
    ] {
        let why = access.explain(&Subject::user(who), Operation::View, content);
        assert_eq!(why.verdict, Verdict::Unknown, "{why}");
        assert_eq!(why.doubts, [doubt]);
        let said = doubt.replace("*Plans*", "\u{201c}Plans\u{201d}");
        assert_eq!(why.to_string().lines().nth(1), Some(format!("  {said}").as_str()));
        let gate = why.gates.iter().find(|gate| gate.outcome == Outcome::Unknown).unwrap();
        assert!(gate.text.starts_with(doubt), "{}", gate.text);
        assert!(gate.principals.first().is_none_or(|listed| listed.outcome == Outcome::Unknown));
    }
    let appointed = access.with_product_admins(["user:gus"]).unwrap();
    assert_eq!(appointed.can(&Subject::user("ann"), Operation::View, "1"), Verdict::Denied);
    assert!(matches!(appointed.with_product_admins(["anonymous"]), Err(SubjectLookup::NoAdmin(_))));
}

/// What a server says that says little: no word about licences, roles or anonymous access.
fn taciturn() -> Snapshot {
    let mut snapshot = Snapshot::new(Deployment::Cloud);
    for id in ["ann", "bob", "eve"] {
        snapshot.users.push(User::new(id));
    }
    snapshot.users[2].active = Some(false);
    snapshot.groups.push(Group::new("staff"));
    for id in ["ann", "eve"] {
        let member = Subject::user(id);
        snapshot.memberships.push(DirectMembership {
            group_id: "staff".to_owned(),
            member,
            source: Default::default(),
        });
    }
    for key in ["DOC", "OPEN"] {
        snapshot.spaces.push(Space { id: key.to_owned(), key: key.to_owned(), ..Space::default() });
        snapshot.contents.push(Content::new(format!("{key}-1"), ContentType::Page, key));
    }
    for (key, subject) in [("DOC", Subject::group("staff")), ("OPEN", Subject::anonymous())] {
        snapshot.space_permissions.push(SpacePermission {
            space_key: key.to_owned(),
            subject,
            subject_name: None,
            permission: Permission::View,
            raw: None,
            via_role: None,
            source: Default::default(),
        });
    }
    snapshot
}

#[test]
fn a_site_that_says_little_is_answered_without_a_guess() {
    let access = Access::new(Arc::new(taciturn()), None);
    let can = |who: &str, content: &str| access.can(&Subject::parse(who).unwrap(), Operation::View, content).as_str();
    assert_eq!(can("user:ann", "DOC-1"), "allowed", "a licence is assumed, and said to be");
    assert_eq!(access.explain(&Subject::user("ann"), Operation::View, "DOC-1").codes, ["note.licence_assumed"]);
    assert_eq!(can("user:bob", "DOC-1"), "denied");
    assert_eq!(can("user:eve", "DOC-1"), "denied", "deactivated");
    assert_eq!(can("user:nobody-knows", "DOC-1"), "denied", "not in the only group");
    assert_eq!(can("anonymous", "DOC-1"), "denied");
    assert_eq!(access.explain(&Subject::anonymous(), Operation::View, "DOC-1").codes, ["space.no_view"]);
    assert_eq!(can("anonymous", "OPEN-1"), "unknown");
    assert_eq!(access.explain(&Subject::anonymous(), Operation::View, "OPEN-1").codes, ["unknown.site_access"]);
    assert_eq!(can("user:bob", "OPEN-1"), "allowed", "whether anonymous is on for the site or not");
    let strict = Policy::for_site(&access.snapshot().site).with("assume_licensed", &Switch::Word("unknown".to_owned()));
    let strict = Access::new(access.snapshot().clone(), Some(strict.unwrap()));
    let explanation = strict.explain(&Subject::user("ann"), Operation::View, "DOC-1");
    assert_eq!((explanation.verdict.as_str(), explanation.codes.as_slice()), ("unknown", &["unknown.site_access"][..]));
}

fn grant(key: &str, subject: Subject, permission: &str) -> SpacePermission {
    SpacePermission {
        space_key: key.to_owned(),
        subject,
        subject_name: None,
        permission: Permission::from(permission),
        raw: None,
        via_role: None,
        source: Default::default(),
    }
}

#[test]
fn an_account_nobody_licenses_is_denied_where_only_licensed_people_are_let_in() {
    let mut snapshot = taciturn();
    // The groups that open the product, and all their members, were read: ann is in one of them.
    snapshot.site.licences_listed = true;
    snapshot.site.anonymous_enabled = Some(true);
    snapshot.users[0].licensed = Some(true);
    (snapshot.users[1].kind, snapshot.users[1].guest) = (UserType::Person, Some(false));
    snapshot.space_permissions.push(grant("DOC", Subject::user("bob"), "view"));
    let answer = |snapshot: &Snapshot, content: &str| {
        let explained =
            Access::new(Arc::new(snapshot.clone()), None).explain(&Subject::user("bob"), Operation::View, content);
        (explained.verdict.as_str(), explained.codes)
    };
    assert_eq!(answer(&snapshot, "DOC-1"), ("denied", vec!["site.user_not_licensed"]));
    assert_eq!(answer(&snapshot, "OPEN-1"), ("allowed", vec![]), "open to everybody");
    // Who administers the product may use it or not: documents do not say.
    snapshot.users[1].product_admin = Some(true);
    assert_eq!(answer(&snapshot, "DOC-1"), ("unknown", vec!["unknown.site_access"]));
    // Who may be a guest came by another way.
    (snapshot.users[1].product_admin, snapshot.users[1].guest) = (None, None);
    assert_eq!(answer(&snapshot, "DOC-1"), ("unknown", vec!["unknown.site_access"]));
    // An app needs no licence.
    snapshot.users[1].kind = UserType::App;
    assert_eq!(answer(&snapshot, "DOC-1"), ("allowed", vec![]));
}

#[test]
fn on_data_center_an_account_nobody_licenses_has_what_anonymous_has_and_no_more() {
    let site = |anonymous: bool| {
        let site = json!({
            "users": {"ann": {}, "uma": {"licensed": false}},
            "anonymous_enabled": anonymous,
            "spaces": {"OPEN": {"grants": {"anonymous": ["view"], "user:uma": ["view", "create_page"]}}},
            "contents": {"A": {"type": "page", "space": "OPEN"}},
        });
        access(site, Deployment::DataCenter)
    };
    let answer = |access: &Access, operation| {
        let explained = access.explain(&Subject::user("uma"), operation, "A");
        (explained.verdict.as_str(), explained.codes)
    };
    let open = site(true);
    assert_eq!(answer(&open, Operation::View), ("allowed", vec![]));
    assert_eq!(answer(&open, Operation::Edit).0, "denied", "her own grants need a licence");
    let closed = site(false);
    assert_eq!(answer(&closed, Operation::View), ("denied", vec!["site.user_not_licensed"]));
    assert_eq!(closed.can(&Subject::user("ann"), Operation::View, "A").as_str(), "unknown", "nobody confirmed it");
}

#[test]
fn an_anonymous_grant_left_behind_serves_everybody_who_is_logged_in_unless_the_site_ends_it() {
    let mut snapshot = taciturn();
    snapshot.site.anonymous_enabled = Some(false);
    let of = |snapshot: &Snapshot| Access::new(Arc::new(snapshot.clone()), None);
    let explained = of(&snapshot).explain(&Subject::user("bob"), Operation::View, "OPEN-1");
    assert_eq!(explained.verdict.as_str(), "allowed");
    let switches: Vec<&str> = explained.switches.iter().map(|switch| switch.name).collect();
    assert!(switches.contains(&"anonymous_applies_when_site_off"), "{switches:?}");
    assert!(switches.contains(&"assume_anonymous_enforced"), "nothing says whether the site ends it: {switches:?}");
    let finding = |snapshot: &Snapshot| {
        let rows = of(snapshot).findings().rows;
        rows.into_iter().find(|row| row.code == "open_through_anonymous_grant").map(|row| (row.space_key, row.message))
    };
    let (space, message) = finding(&snapshot).unwrap();
    assert_eq!(space.as_deref(), Some("OPEN"));
    assert_eq!(
        message,
        "anonymous is off for the site, and has view in space OPEN, which serves everybody who is logged in"
    );
    for (enabled, enforced) in [(Some(false), Some(true)), (Some(true), Some(false)), (None, None)] {
        (snapshot.site.anonymous_enabled, snapshot.site.anonymous_enforced) = (enabled, enforced);
        assert_eq!(finding(&snapshot), None, "{enabled:?} {enforced:?}");
    }
    (snapshot.site.anonymous_enabled, snapshot.site.anonymous_enforced) = (Some(false), Some(true));
    assert_eq!(of(&snapshot).can(&Subject::user("bob"), Operation::View, "OPEN-1").as_str(), "denied");
    snapshot.site.anonymous_enforced = None;
    let policy = Policy::for_site(&snapshot.site).with("assume_anonymous_enforced", &Switch::Flag(true)).unwrap();
    let enforced = Access::new(Arc::new(snapshot.clone()), Some(policy));
    assert_eq!(enforced.can(&Subject::user("bob"), Operation::View, "OPEN-1").as_str(), "denied");
}

#[test]
fn what_anonymous_may_edit_is_pointed_out() {
    let site = json!({
        "anonymous_enabled": true,
        "users": {"ann": {}},
        "spaces": {"OPEN": {"grants": {"anonymous": ["view", "create_page"]}}},
        "contents": {"A": {"type": "page", "space": "OPEN"}, "B": {"type": "page", "space": "OPEN"}},
        "restrictions": {"B": {"update": ["user:ann"]}},
    });
    for deployment in [Deployment::Cloud, Deployment::DataCenter] {
        let found = access(site.clone(), deployment).findings().rows;
        let at: Vec<_> = found.iter().filter(|row| row.code == "anonymous_may_edit").collect();
        let [row] = at.as_slice() else { panic!("{found:?}") };
        assert_eq!((row.content_id.as_deref(), row.severity.as_str()), (Some("A"), "high"));
    }
}

#[test]
fn a_grant_of_a_permission_nobody_knows_is_a_doubt_for_those_who_have_it() {
    let answers = |permission: &str, via_role: Option<&str>| {
        let mut snapshot = taciturn();
        for user in &mut snapshot.users {
            user.licensed = Some(true);
        }
        snapshot.space_permissions.push(SpacePermission {
            via_role: via_role.map(str::to_owned),
            ..grant("DOC", Subject::user("bob"), permission)
        });
        let access = Access::new(Arc::new(snapshot), None);
        let can = |who, operation| access.can(&Subject::user(who), operation, "DOC-1").as_str();
        let pairs = [can("bob", Operation::View), can("bob", Operation::Edit), can("ann", Operation::Edit)];
        let explained = access.explain(&Subject::user("bob"), Operation::View, "DOC-1");
        if pairs[0] == "unknown" {
            assert_eq!(explained.codes, ["unknown.space_permission"]);
            let listed = explained.gates.iter().flat_map(|gate| &gate.principals);
            assert!(listed.into_iter().any(|entry| entry.subject == Subject::user("bob")), "{explained}");
            let doubt =
                "not known what a permission of `user:bob` in space DOC brings, a word this version does not know";
            assert_eq!(explained.doubts, [doubt]);
        }
        pairs
    };
    for role in [None, Some("Odd")] {
        for word in ["fly/space", "manage_content", "read/page"] {
            assert_eq!(answers(word, role), ["unknown", "unknown", "denied"], "{word}");
        }
        for word in ["create/whiteboard", "export_content", "create_template", "manage_look_and_feel", "EXPORTPAGE"] {
            assert_eq!(answers(word, role), ["denied", "denied", "denied"], "{word}");
        }
    }
}

#[test]
fn a_class_or_a_kind_nobody_knows_may_hold_everybody_even_those_without_a_licence() {
    for odd in ["class:newcomers", "squad:x", "team:x"] {
        let site = json!({
            "users": {"ann": {}, "uma": {"licensed": false}},
            "spaces": {"DOC": {"grants": {odd: ["view"]}}},
            "contents": {"A": {"type": "page", "space": "DOC"}},
        });
        let access = access(site, Deployment::Cloud);
        let can = |who: &str| access.can(&Subject::parse(who).unwrap(), Operation::View, "A").as_str();
        // A team is made of licensed people, and never of everybody.
        let open = if odd == "team:x" { "denied" } else { "unknown" };
        assert_eq!(
            [can("user:ann"), can("user:uma"), can("class:all-licensed-users")],
            ["unknown", open, open],
            "{odd}"
        );
    }
}

#[test]
fn every_scope_of_a_gap_makes_the_answers_it_touches_unknown() {
    let gap = |scope: GapScope, subject: &str| {
        Gap::new((scope, subject), GapCause::Forbidden, "not read").answered(Some(403))
    };
    let mut child = Content::new("DOC-2", ContentType::Page, "DOC");
    child.parent_id = Some("missing".to_owned());
    for (gaps, subject, content, code) in [
        (vec![gap(GapScope::SpacePermissions, "DOC")], "user:bob", "DOC-1", "unknown.space_permission"),
        (vec![gap(GapScope::Site, "role_mode")], "user:bob", "DOC-1", "unknown.space_permission"),
        (vec![gap(GapScope::Group, "staff")], "user:bob", "DOC-1", "unknown.space_permission"),
        (vec![gap(GapScope::Content, "DOC-1")], "user:ann", "DOC-1", "unknown.restriction_unreadable"),
        (vec![gap(GapScope::Space, "DOC")], "user:ann", "DOC-2", "unknown.ancestor_missing"),
    ] {
        let mut snapshot = taciturn();
        snapshot.contents.push(child.clone());
        snapshot.gaps = gaps;
        let access = Access::new(Arc::new(snapshot), None);
        let explanation = access.explain(&Subject::parse(subject).unwrap(), Operation::View, content);
        assert_eq!(explanation.verdict.as_str(), "unknown", "{code}\n{explanation}");
        assert!(explanation.codes.contains(&code), "{code} not in {:?}", explanation.codes);
        assert_eq!(explanation.gaps.len(), 1, "{code}: the explanation shows the gap");
        let rows = access.who_can(Operation::View, content).unwrap();
        assert!(rows.rows.iter().all(|row| row.decision.as_str() == "unknown" || *row.user_id != subject[5..]));
        assert_eq!(rows.gaps.len(), 1, "{code}");
    }
}

#[test]
fn parents_in_a_circle_are_a_doubt_and_no_hang() {
    let site = json!({
        "users": {"ann": {}},
        "spaces": {"DOC": {"grants": {"user:ann": ["view"]}}},
        "contents": {
            "A": {"type": "page", "space": "DOC", "parent": "C"},
            "B": {"type": "page", "space": "DOC", "parent": "A"},
            "C": {"type": "page", "space": "DOC", "parent": "B"},
        },
    });
    let access = access(site, Deployment::Cloud);
    let explanation = access.explain(&Subject::user("ann"), Operation::View, "B");
    assert_eq!(explanation.codes, ["unknown.ancestor_missing"]);
    assert_eq!(access.summary().rows[1].unknown_viewers, Some(1));
    assert_eq!(access.tree("B").unwrap().levels.len(), 3);
}

#[test]
fn a_site_that_is_worked_on_in_shares_answers_as_content_by_content() {
    // Large enough for several threads, with parents anywhere, so that every share needs contents of the others.
    let mut dice = fastrand::Rng::with_seed(11);
    let size = 9_000;
    let id = |at: usize| if at.is_multiple_of(7) { format!("node-{at}") } else { format!("{}", at + 1) };
    let mut contents = serde_json::Map::new();
    let mut restrictions = serde_json::Map::new();
    for at in 0..size {
        let mut content = json!({"type": "page", "space": if at % 3 == 0 { "DOC" } else { "ENG" }});
        if dice.u8(..10) > 0 {
            content["parent"] = json!(id(dice.usize(..size)));
        }
        if dice.u8(..20) == 0 {
            content["status"] = json!(dice.choice(["archived", "draft", "trashed"]).unwrap());
        }
        if dice.u8(..12) == 0 {
            let principals = ["user:ann", "user:bob", "group:eng", "group:part"];
            let listed: Vec<&str> = (0..3).map(|_| principals[dice.usize(..4)]).collect();
            let list = if dice.bool() { "read" } else { "update" };
            restrictions.insert(id(at), json!({list: listed}));
        }
        contents.insert(id(at), content);
    }
    let site = json!({
        "users": {"ann": {}, "bob": {}, "cat": {}, "dan": {}},
        "groups": {
            "eng": {"members": ["user:bob", "user:cat"]},
            "part": {"members": ["user:dan"], "listable": false},
        },
        "spaces": {
            "DOC": {"grants": {"group:eng": ["view", "create_page"], "user:ann": ["view"]}},
            "ENG": {"grants": {"class:all-licensed-users": ["view", "create_page"]}},
        },
        "contents": contents,
        "restrictions": restrictions,
    });
    let access = access(site, Deployment::Cloud);
    let rows = access.summary().rows;
    assert_eq!(rows.len(), size);
    for row in rows {
        let counted = |operation| {
            let found = access.who_can(operation, &row.content_id).unwrap().rows;
            let of = |decision| {
                let people = found.iter().filter(|row| row.decision == decision && &*row.user_id != "anonymous");
                people.count() as u64
            };
            (of(Decision::Allowed), of(Decision::Unknown))
        };
        if row.status == ContentStatus::Trashed {
            assert_eq!(row.viewers, None, "{row:?}");
            continue;
        }
        assert_eq!((row.viewers.unwrap(), row.unknown_viewers.unwrap()), counted(Operation::View), "{row:?}");
        assert_eq!((row.editors.unwrap(), row.unknown_editors.unwrap()), counted(Operation::Edit), "{row:?}");
    }
}
