//! The simulator as a Data Center, beside REST: the audit log, JSON-RPC and the Extender add-on.

use std::collections::BTreeMap;

use confluence_access::model::Deployment;
use confluence_access::simulator::{JsonRpc, Options, Simulator, datacenter_cast};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::talk::{Answered, Talk};

const RPC: &str = "/rpc/json-rpc/confluenceservice-v2";
const ADD_ON: &str = "/rest/extender/1.0";
const EVENTS: &str = "/rest/auditing/1.0/events";

fn served_with(options: Options) -> Talk {
    Talk::with(Options { deployment: Deployment::DataCenter, extender: true, ..options })
}

fn served(site: Value) -> Talk {
    served_with(Options { site: Some(site), ..Options::default() })
}

/// What is asked of these rooms.
trait Rooms {
    fn change(&self, method: Method, path: &str, body: &Value) -> Value;
    fn rpc_as(&self, login: Option<&str>, method: &str, params: Value) -> Answered;
    fn rpc(&self, method: &str, params: Value) -> Value;
    fn events(&self, query: &str) -> Vec<Value>;
}

impl Rooms for Talk {
    fn change(&self, method: Method, path: &str, body: &Value) -> Value {
        let answered = self.ask_as(None, method, path, Some(body));
        assert_eq!(answered.status, 200, "{path}: {}", answered.text);
        answered.json()
    }

    /// A method of JSON-RPC, light.
    fn rpc_as(&self, login: Option<&str>, method: &str, params: Value) -> Answered {
        self.ask_as(login, Method::POST, &format!("{RPC}/{method}"), Some(&params))
    }

    fn rpc(&self, method: &str, params: Value) -> Value {
        let answered = self.rpc_as(None, method, params);
        assert_eq!(answered.status, 200, "{method}: {}", answered.text);
        answered.json()
    }

    /// Events of the audit log, newest first, without the searches themselves.
    fn events(&self, query: &str) -> Vec<Value> {
        let body = self.ok(&format!("{EVENTS}?limit=1000&{query}"));
        let searched = "atlassian.audit.event.action.audit.search";
        let all = body["entities"].as_array().expect("entities").iter();
        all.filter(|event| event["type"]["actionI18nKey"] != searched).cloned().collect()
    }
}

/// Lists of names, and of rows of permissions, come in no particular order.
fn sorted(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => map.values_mut().for_each(walk),
            Value::Array(list) => {
                list.iter_mut().for_each(walk);
                let rows = |entry: &Value| entry.is_string() || entry.get("type").is_some();
                if list.iter().all(rows) {
                    list.sort_by_key(Value::to_string);
                }
            }
            _ => {}
        }
    }
    walk(&mut value);
    value
}

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names
}

fn small_site() -> Value {
    json!({
        "anonymous_enabled": true,
        "users": {
            "k-root": {"name": "root", "product_admin": true},
            "k-ann": {"name": "ann", "display_name": "Ann Berg", "email": "ann@example.org"},
            "k-bob": {"name": "bob"},
            "k-twin": {"name": "staff"},
            "k-gone": {"name": "gone", "active": false},
        },
        "groups": {
            "staff": {"members": ["user:k-ann", "user:k-bob"], "managed_by": "EXTERNAL"},
            "everybody": {"members": ["group:staff"]},
        },
        "spaces": {
            "DOC": {"name": "Documents", "homepage": "10", "grants": {
                "group:everybody": ["view", "create_page"],
                "user:k-ann": ["administer"],
                "user:k-gone": ["view"],
                "anonymous": ["view"],
            }},
            "HID": {"name": "Hidden", "grants": {"user:k-root": ["view", "administer"]}},
        },
        "contents": {
            "10": {"space": "DOC", "title": "Home", "creator": "user:k-ann"},
            "11": {"space": "DOC", "title": "Plans & more", "parent": "10"},
            "12": {"space": "DOC", "title": "Numbers", "parent": "11"},
        },
        "restrictions": {"11": {"read": ["group:staff"], "update": ["user:k-bob", "user:k-left"]}},
    })
}

// JSON-RPC ------------------------------------------------------------------------------------------------------------

// Source: https://stackoverflow.com/questions/13634286
#[test]
fn the_published_example_of_space_permission_sets_comes_back_from_plain_data() {
    let everything = json!([
        "export",
        "delete_mail",
        "delete_blogpost",
        "export_page",
        "delete_attachment",
        "create_attachment",
        "view",
        "create_blogpost",
        "delete_page",
        "delete_comment",
        "create_page",
        "create_comment",
    ]);
    let and = |more: &[&str]| {
        let mut all = everything.as_array().unwrap().clone();
        all.extend(more.iter().map(|word| json!(word)));
        all
    };
    let talk = served(json!({
        "users": {"k1": {"name": "admin", "product_admin": true}},
        "groups": {"confluence-administrators": {"members": ["user:k1"]}, "confluence-users": {}},
        "spaces": {"ds": {"grants": {
            "group:confluence-administrators": and(&["administer", "restrict"]),
            "group:confluence-users": and(&["restrict"]),
            "anonymous": everything,
        }}},
    }));
    let users = json!("confluence-users");
    let administrators = json!("confluence-administrators");
    let all = [&Value::Null, &users, &administrators];
    let set = |kind: &str, groups: &[&Value]| {
        let row = |group: &&Value| json!({"type": kind, "userName": null, "groupName": group});
        json!({"type": kind, "spacePermissions": groups.iter().map(row).collect::<Vec<_>>()})
    };
    let expected = json!([
        set("SETSPACEPERMISSIONS", &[&administrators]),
        set("EXPORTSPACE", &all),
        set("SETPAGEPERMISSIONS", &[&users, &administrators]),
        set("REMOVEMAIL", &all),
        set("REMOVEBLOG", &all),
        set("EXPORTPAGE", &all),
        set("REMOVEATTACHMENT", &all),
        set("CREATEATTACHMENT", &all),
        set("VIEWSPACE", &all),
        set("EDITBLOG", &all),
        set("REMOVEPAGE", &all),
        set("REMOVECOMMENT", &all),
        set("EDITSPACE", &all),
        set("COMMENT", &all),
    ]);
    assert_eq!(sorted(talk.rpc("getSpacePermissionSets", json!(["ds"]))), sorted(expected.clone()));
    // The same in an envelope.
    let asked = json!({"jsonrpc": "2.0", "method": "getSpacePermissionSets", "params": ["ds"], "id": 7});
    let told = talk.change(Method::POST, RPC, &asked);
    assert_eq!((&told["jsonrpc"], &told["id"]), (&json!("2.0"), &json!(7)));
    assert_eq!(sorted(told["result"].clone()), sorted(expected));
    talk.understood();
}

#[test]
fn a_permission_given_by_json_rpc_is_there_for_everybody_who_asks_and_giving_it_twice_changes_nothing() {
    let talk = served(small_site());
    let set = |kind: &str| talk.rpc("getSpacePermissionSet", json!(["DOC", kind]))["spacePermissions"].clone();
    assert_eq!(set("COMMENT"), json!([]));
    for _ in 0..2 {
        assert_eq!(talk.rpc("addPermissionToSpace", json!(["COMMENT", "bob", "DOC"])), json!(true));
    }
    assert_eq!(talk.rpc("addPermissionsToSpace", json!([["COMMENT", "EXPORTSPACE"], "everybody", "DOC"])), true);
    assert_eq!(talk.rpc("addAnonymousPermissionToSpace", json!(["COMMENT", "doc"])), true);
    let row = |user: Value, group: Value| json!({"type": "COMMENT", "userName": user, "groupName": group});
    assert_eq!(
        sorted(set("COMMENT")),
        sorted(json!([
            row(json!("bob"), json!(null)),
            row(json!(null), json!("everybody")),
            row(json!(null), json!(null))
        ]))
    );
    // REST and the add-on see the same state.
    let actors = talk.ok(&format!("{ADD_ON}/permission/space/DOC/getSpacePermissionActors/COMMENT"));
    assert_eq!(
        actors["permissions"],
        json!({"COMMENT": {"anonymousAccess": true, "groups": ["everybody"], "users": ["bob"]}})
    );
    let rest = talk.ok("/rest/api/space/DOC/permissions/user/k-bob");
    assert_eq!(rest[0]["operation"], json!({"targetType": "comment", "operationKey": "create"}));
    for _ in 0..2 {
        assert_eq!(talk.rpc("removePermissionFromSpace", json!(["COMMENT", "bob", "DOC"])), true);
    }
    assert_eq!(talk.rpc("removeAnonymousPermissionFromSpace", json!(["COMMENT", "DOC"])), true);
    assert_eq!(set("COMMENT"), json!([row(json!(null), json!("everybody"))]));
    // One event per subject and type, and none for what was so already.
    let told: Vec<String> = talk
        .events("")
        .iter()
        .map(|event| {
            let changes = event["changedValues"].as_array().unwrap();
            let value = |key: &str| changes.iter().find(|change| change["key"] == key);
            let kind = value("Type").unwrap();
            let who = value("User").or(value("Group"));
            let who = who.map_or("anonymous", |who| who["to"].as_str().or(who["from"].as_str()).unwrap());
            let sign = if kind.get("to").is_some() { "+" } else { "-" };
            format!("{sign}{}", kind["to"].as_str().or(kind["from"].as_str()).unwrap()) + " " + who
        })
        .collect();
    assert_eq!(
        told,
        [
            "-COMMENT anonymous",
            "-COMMENT bob",
            "+COMMENT anonymous",
            "+EXPORTSPACE everybody",
            "+COMMENT everybody",
            "+COMMENT bob",
        ]
    );
    talk.understood();
}

#[test]
fn a_name_that_is_both_a_users_and_a_groups_means_the_user() {
    let talk = served(small_site());
    talk.rpc("addPermissionToSpace", json!(["EXPORTSPACE", "staff", "DOC"]));
    let set = talk.rpc("getSpacePermissionSet", json!(["DOC", "EXPORTSPACE"]));
    assert_eq!(set["spacePermissions"], json!([{"type": "EXPORTSPACE", "userName": "staff", "groupName": null}]));
}

#[test]
fn what_json_rpc_refuses_is_said_in_an_answer_with_status_200() {
    let talk = served(small_site());
    let told = |login: Option<&str>, method: &str, params: Value| {
        let answered = talk.rpc_as(login, method, params);
        assert_eq!(answered.status, 200, "{}", answered.text);
        let body = answered.json();
        body["error"]["message"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned()
    };
    assert!(told(None, "getSpacePermissionSets", json!(["NONE"])).contains("does not exist"));
    assert!(told(Some("bob"), "getSpacePermissionSets", json!(["DOC"])).contains("NotPermitted"));
    assert!(told(Some("bob"), "getSpacePermissionSets", json!(["HID"])).contains("does not exist"));
    assert!(told(None, "addPermissionToSpace", json!(["COMMENT", "nobody", "DOC"])).contains("nobody"));
    assert!(told(Some("ann"), "addGlobalPermission", json!(["CREATESPACE", "bob"])).contains("NotPermitted"));
    let asked = json!({"jsonrpc": "2.0", "method": "getSpacePermissionSets", "params": ["NONE"], "id": "a"});
    let body = talk.change(Method::POST, RPC, &asked);
    assert_eq!(body["id"], "a");
    assert!(body["error"]["code"].is_i64() && body.get("result").is_none(), "{body}");
    talk.understood();
    // An administrator of the space is enough.
    let sets = talk.rpc_as(Some("ann"), "getSpacePermissionSets", json!(["DOC"])).json();
    assert!(sets.as_array().is_some_and(|sets| sets.len() == 3), "{sets}");
    assert!(talk.events("").is_empty());
}

#[test]
fn the_old_words_for_permissions_lose_most_of_them() {
    let talk = served(small_site());
    assert_eq!(talk.rpc_as(Some("bob"), "getPermissions", json!(["DOC"])).json(), json!(["view", "modify"]));
    assert_eq!(talk.rpc("getPermissionsForUser", json!(["DOC", "ann"])), json!(["view", "modify", "admin"]));
    let all = talk.rpc("getSpaceLevelPermissions", json!([]));
    assert_eq!(all.as_array().unwrap().len(), 15);
    assert!(!names(&all).contains(&"EXPORTPAGE"));
    let old = served_with(Options { version: "7.1.0".to_owned(), site: Some(small_site()), ..Options::default() });
    assert!(names(&old.rpc("getSpaceLevelPermissions", json!([]))).contains(&"EXPORTPAGE"));
}

#[test]
fn the_lists_of_a_content_are_read_and_replaced_each_by_itself() {
    let talk = served(small_site());
    let row = |kind: &str, user: Value, group: Value| json!({"type": kind, "userName": user, "groupName": group});
    let none = || Value::Null;
    assert_eq!(
        talk.rpc("getContentPermissionSets", json!(["11"])),
        json!([
            {"type": "View", "contentPermissions": [row("View", none(), json!("staff"))]},
            {"type": "Edit", "contentPermissions": [row("Edit", json!("bob"), none()), row("Edit", json!("k-left"), none())]},
        ])
    );
    assert_eq!(talk.rpc("getContentPermissionSets", json!([12])), json!([]));
    let list = json!([row("View", json!("ann"), none()), row("View", none(), json!("everybody"))]);
    assert_eq!(talk.rpc("setContentPermissions", json!(["11", "View", list])), true);
    let sets = talk.rpc("getContentPermissionSets", json!(["11"]));
    assert_eq!(sets[0]["contentPermissions"], list);
    assert_eq!(sets[1]["contentPermissions"].as_array().unwrap().len(), 2);
    assert_eq!(talk.rpc("getPagePermissions", json!(["11"]))[0], json!({"lockType": "View", "lockedBy": "ann"}));
    talk.understood();
}

#[test]
fn the_remote_api_may_be_switched_off_or_stand_behind_a_page_that_wants_a_password() {
    let mode = |json_rpc| served_with(Options { json_rpc, site: Some(small_site()), ..Options::default() });
    let off = mode(JsonRpc::Off).rpc_as(None, "getSpaces", json!([]));
    assert_eq!((off.status, off.media().starts_with("text/html")), (401, true));
    let talk = mode(JsonRpc::WebSudo);
    let page = talk.rpc_as(None, "getSpacePermissionSets", json!(["DOC"]));
    assert_eq!((page.status, page.media().starts_with("text/html")), (200, true));
    assert!(page.text.contains("WebSudoRequiredException"));
    assert_eq!(talk.rpc_as(None, "getSpaces", json!([])).json().as_array().unwrap().len(), 2);
    talk.understood();
}

#[test]
fn groups_and_users_are_changed_by_json_rpc_too() {
    let talk = served(small_site());
    assert_eq!(talk.rpc("addGroup", json!(["new"])), true);
    assert_eq!(talk.rpc("addUserToGroup", json!(["bob", "new"])), true);
    assert_eq!(names(&talk.rpc("getUserGroups", json!(["bob"]))), ["new", "staff"]);
    assert_eq!(talk.rpc("removeUserFromGroup", json!(["bob", "new"])), true);
    assert_eq!(talk.rpc("removeGroup", json!(["new", null])), true);
    assert_eq!(names(&talk.rpc("getGroups", json!([]))), ["everybody", "staff"]);
    assert_eq!(talk.rpc_as(Some("bob"), "getSpaces", json!([])).status, 200);
    assert_eq!(talk.rpc("deactivateUser", json!(["bob"])), true);
    assert_eq!(talk.rpc("deactivateUser", json!(["bob"])), false);
    assert_eq!(talk.rpc_as(Some("bob"), "getSpaces", json!([])).status, 401);
    assert_eq!(talk.rpc("reactivateUser", json!(["bob"])), true);
    let kinds: Vec<String> = talk.events("").iter().map(|e| e["type"]["action"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["Group deleted", "User removed from group", "User added to group", "Group created"]);
    let pages = talk.rpc("getPages", json!(["DOC"]));
    let pages = pages.as_array().unwrap();
    assert_eq!((pages.len(), &pages[2]["parentId"], &pages[2]["title"]), (3, &json!("11"), &json!("Numbers")));
    talk.understood();
}

#[test]
fn json_rpc_keeps_what_makes_no_sense() {
    let talk = served(small_site());
    let strange = [
        (format!("{RPC}/getSpacePermissions"), json!(["DOC"]), 501),
        (format!("{RPC}/getSpacePermissionSets"), json!([]), 400),
        (format!("{RPC}/getSpacePermissionSets"), json!({"spaceKey": "DOC"}), 400),
        (format!("{RPC}/addPermissionToSpace"), json!(["READSPACE", "bob", "DOC"]), 400),
        (RPC.to_owned(), json!({"method": "getSpaces", "params": [], "id": 1}), 400),
        ("/rpc/json-rpc/confluenceservice-v9/getSpaces".to_owned(), json!([]), 404),
    ];
    for (number, (path, body, status)) in strange.iter().enumerate() {
        assert_eq!(talk.ask_as(None, Method::POST, path, Some(body)).status, *status, "{path}");
        assert_eq!(talk.simulator.unexpected().len(), number + 1, "{path}");
    }
    // A body without a type is none.
    let request = talk.client.post(format!("{}{RPC}/getSpaces", talk.simulator.url()));
    assert_eq!(talk.send(request.bearer_auth(talk.simulator.token()).body("[]")).status, 415);
}

// Extender ------------------------------------------------------------------------------------------------------------

const PAGES: [(&str, &str); 6] = [
    ("65551", "Welcome to Confluence"),
    ("65552", "What is Confluence? (step 1 of 9)"),
    ("65554", "A quick look at the editor (step 2 of 9)"),
    ("65549", "Let's edit this page (step 3 of 9)"),
    ("65550", "Prettify the page with an image (step 4 of 9)"),
    ("65564", "Get serious with a table (step 5 of 9)"),
];
const CHANGED: i64 = 1_724_425_510_813;
const CHANGED_TEXT: &str = "2024-08-23 17:05:10";

/// The space of the published examples, with lists, and with the contents whose lists have a date.
fn demonstration(restrictions: Value, dated: &[&str]) -> Talk {
    let mut contents = serde_json::Map::new();
    let mut parent = Value::Null;
    for (id, title) in PAGES {
        let mut page = json!({"space": "ds", "title": title, "parent": parent, "creator": "user:k-left"});
        if dated.contains(&id) {
            page["restrictions_changed"] = json!(CHANGED);
        }
        contents.insert(id.to_owned(), page);
        parent = json!(id);
    }
    let both = ["view", "create_page"];
    served(json!({
        "users": {"k1": {"name": "user"}, "k2": {"name": "admin", "product_admin": true}, "k3": {"name": "member"}},
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
    }))
}

const ALL: &str = "showContentDetails=true&dateFormat=yyyy-MM-dd%20HH:mm:ss";

/// What the published examples say of a content at the head of an answer and at each level.
fn described(at: usize, dated: bool) -> Value {
    let (id, title) = PAGES[at];
    json!({
        "contentId": id.parse::<u64>().unwrap(),
        "contentType": "page",
        "contentCreatorName": "not exist",
        "contentName": title,
        "lastPermissionModificationDate": if dated { json!(CHANGED) } else { json!("") },
        "lastPermissionModificationDateString": if dated { CHANGED_TEXT } else { "" },
    })
}

fn with(mut value: Value, more: Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517
#[test]
fn the_three_published_examples_of_the_add_on_come_back_from_plain_data() {
    let names = json!({
        "groups": ["confluence-administrators", "confluence-users", "group_po"],
        "users": ["admin", "user"],
    });
    let permissions = json!({
        "view": names, "edit": names,
        "editGroupsTotal": 3, "viewGroupsTotal": 3, "viewUsersTotal": 2, "editUsersTotal": 2,
    });
    let space = json!({"spaceKey": "ds", "spaceName": "Demonstration Space"});
    let path = |name: &str| format!("{ADD_ON}/permission/content/65564/{name}?{ALL}");

    let talk = demonstration(json!({}), &["65552", "65554", "65550", "65564"]);
    let one = talk.ok(&path("getInheritedContentPermissions"));
    let expected = with(with(described(5, true), space.clone()), json!({"level": 6, "permissions": permissions}));
    assert_eq!(sorted(one), expected);
    let level = |at: usize| {
        let dated = !matches!(at, 0 | 3);
        with(described(at, dated), json!({"level": at + 1, "permissions": permissions}))
    };
    let tree: Vec<Value> = (0..6).map(level).collect();
    let expected = with(with(described(5, true), space.clone()), json!({"contentTree": tree}));
    assert_eq!(sorted(talk.ok(&path("getInheritedContentTreePermissions"))), expected);
    talk.understood();

    let talk = demonstration(
        json!({
            "65552": {"update": ["group:confluence-administrators", "group:confluence-users", "user:k2"]},
            "65549": {"update": ["user:k2"]},
            "65564": {"read": ["user:k2", "user:k1"], "update": ["user:k2", "user:k1"]},
        }),
        &["65564"],
    );
    let totals = |view_users: u8, edit_groups: u8, edit_users: u8| {
        json!({
            "viewGroupsTotal": 0, "viewUsersTotal": view_users, "editGroupsTotal": edit_groups,
            "editUsersTotal": edit_users,
        })
    };
    let both = json!({"users": ["admin", "user"]});
    let restrictions = [
        totals(0, 0, 0),
        with(
            totals(0, 2, 1),
            json!({"view": {}, "everyone": "can view", "edit": {
                "groups": ["confluence-administrators", "confluence-users"], "users": ["admin"],
            }}),
        ),
        totals(0, 0, 0),
        with(totals(0, 0, 1), json!({"view": {}, "edit": {"users": ["admin"]}, "everyone": "can view"})),
        totals(0, 0, 0),
        with(totals(2, 0, 2), json!({"view": both, "edit": both, "everyone": "has no access"})),
    ];
    let level =
        |(at, lists): (usize, &Value)| with(described(at, at == 5), json!({"level": at + 1, "restrictions": lists}));
    let tree: Vec<Value> = restrictions.iter().enumerate().map(level).collect();
    let expected = with(with(described(5, true), space), json!({"contentTree": tree}));
    assert_eq!(sorted(talk.ok(&path("getContentTreeRestrictions"))), expected);
    talk.understood();
}

#[test]
fn the_add_on_lists_who_is_left_at_every_level_as_themselves_or_as_people() {
    let talk = served(small_site());
    let at = |id: &str, query: &str| {
        talk.ok(&format!("{ADD_ON}/permission/content/{id}/getInheritedContentPermissions{query}"))
    };
    let home = at("10", "");
    // Not who is gone, nobody who is named for something else, and no details that were not asked for.
    assert_eq!(home["permissions"]["view"]["users"], json!([]));
    assert_eq!(names(&home["permissions"]["view"]["groups"]), ["everybody"]);
    assert!(home.get("contentName").is_none() && home.get("spaceKey").is_none());
    let numbers = at("12", "");
    assert_eq!((&numbers["level"], &numbers["contentId"]), (&json!(3), &json!(12)));
    assert_eq!(names(&numbers["permissions"]["view"]["groups"]), ["staff"]);
    assert_eq!(names(&numbers["permissions"]["view"]["users"]), ["bob"]);
    let people = at("11", "?peopleWhoCanView=true")["permissions"].clone();
    assert_eq!(names(&people["view"]["users"]), ["ann", "bob"]);
    assert_eq!(names(&people["edit"]["users"]), ["bob"]);
    assert_eq!((&people["view"]["groups"], &people["viewGroupsTotal"]), (&json!([]), &json!(0)));
    let edit = at("11", "?permissionType=edit")["permissions"].clone();
    assert!(edit.get("view").is_none() && edit.get("viewUsersTotal").is_none());
    assert_eq!(names(&edit["edit"]["users"]), ["bob"]);
    talk.understood();
    // Administrators of the space may ask, others not.
    let path = format!("{ADD_ON}/permission/content/12/getInheritedContentPermissions");
    assert_eq!(talk.ask_as(Some("ann"), Method::GET, &path, None).status, 200);
    assert_eq!(talk.ask_as(Some("bob"), Method::GET, &path, None).status, 403);
    assert_eq!(talk.get(&path.replace("12", "99")).status, 404);
}

#[test]
fn the_lists_of_the_add_on_are_paged_and_their_totals_are_not() {
    let users: BTreeMap<String, Value> =
        (0..130).map(|n| (format!("k{n:03}"), json!({"name": format!("u{n:03}")}))).collect();
    let grants: BTreeMap<String, Value> = (0..130).map(|n| (format!("user:k{n:03}"), json!(["view"]))).collect();
    let talk = served(json!({
        "users": users, "spaces": {"DOC": {"grants": grants}}, "contents": {"1": {"space": "DOC"}},
    }));
    let mut found = Vec::new();
    for start in [0, 50, 100] {
        let body = talk.ok(&format!("{ADD_ON}/permission/content/1/getInheritedContentPermissions?startAt={start}"));
        assert_eq!(body["permissions"]["viewUsersTotal"], 130);
        found.extend(names(&body["permissions"]["view"]["users"]).into_iter().map(str::to_owned));
        assert_eq!(body["permissions"]["editUsersTotal"], 0);
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 130);
    let listed = talk.ok(&format!("{ADD_ON}/permission/space/DOC/allUsersWithAnyPermission?startAt=120&maxResults=20"));
    assert_eq!((&listed["total"], &listed["startAt"], &listed["maxResults"]), (&json!(130), &json!(120), &json!(20)));
    assert_eq!(listed["users"].as_array().unwrap().len(), 10);
}

#[test]
fn one_call_of_the_add_on_tells_all_permissions_of_a_space() {
    let talk = served(small_site());
    let all = talk.ok(&format!("{ADD_ON}/permission/space/doc/getSpacePermissionActors/ALL"));
    assert_eq!((&all["key"], &all["name"]), (&json!("DOC"), &json!("Documents")));
    let permissions = all["permissions"].as_object().unwrap();
    assert_eq!(permissions.len(), 14);
    assert_eq!(permissions["VIEWSPACE"], json!({"anonymousAccess": true, "groups": ["everybody"], "users": ["gone"]}));
    assert_eq!(permissions["REMOVEMAIL"], json!({"anonymousAccess": false, "groups": [], "users": []}));
    assert_eq!(
        talk.ok(&format!("{ADD_ON}/permission/user/ann/getPermissionsForSpace/space/DOC")),
        json!({"key": "DOC", "name": "Documents", "permissions": ["SETSPACEPERMISSIONS"]})
    );
    let spaces =
        talk.ok(&format!("{ADD_ON}/permission/group/everybody/getAllSpacesWithPermissions?spacesAsArray=true"));
    assert_eq!(spaces["spaces"][0]["permissions"], json!(["VIEWSPACE", "EDITSPACE"]));
    let keyed = talk.ok(&format!("{ADD_ON}/permission/group/everybody/getAllSpacesWithPermissions"));
    assert_eq!(keyed["spaces"]["DOC"]["key"], "DOC");
    let open = talk.ok(&format!("{ADD_ON}/permission/space/getSpacesWithAnonymousPermissions"));
    assert_eq!((&open["total"], &open["spaces"][0]["permissions"]), (&json!(1), &json!(["VIEWSPACE"])));
    let made = |query: &str| talk.ok(&format!("{ADD_ON}/permission/space/getSpacesWithAnonymousPermissions?{query}"));
    assert_eq!(made("creationDateFrom=2025-12-31&creationDateTo=2026-01-02%2000:00:00")["total"], 1);
    assert_eq!(made("creationDateFrom=2026-01-02")["total"], 0);
    let body = json!({"permissions": ["COMMENT", "VIEWSPACE", "COMMENT"]});
    assert_eq!(
        talk.change(Method::PUT, &format!("{ADD_ON}/permission/space/DOC/group/everybody/addSpacePermissions"), &body),
        json!({"total": 1, "added": ["COMMENT"], "skipped": ["VIEWSPACE"]})
    );
    assert_eq!(talk.events("").len(), 1);
    talk.understood();
}

#[test]
fn the_add_on_changes_lists_by_id_and_by_title_and_says_what_it_skipped() {
    let talk = served(small_site());
    let by_id = |kind: &str, name: &str, list: &str, word: &str| {
        format!("{ADD_ON}/permission/content/{kind}/{name}/permission/{list}/{word}ContentPermission")
    };
    assert_eq!(
        talk.change(Method::PUT, &by_id("user", "ann", "view", "add"), &json!([11, "12", 99, "11"])),
        json!({"total": 2, "added": [11, "12"], "skipped": [99]})
    );
    assert_eq!(
        talk.change(Method::DELETE, &by_id("group", "staff", "view", "remove"), &json!([11, 12])),
        json!({"total": 1, "removed": [11], "skipped": [12]})
    );
    let by_title = format!("{ADD_ON}/permission/content/group/everybody/permission/edit/space/DOC");
    let body = json!(["Plans & more", "No such page"]);
    let added = talk.ask_as(Some("ann"), Method::PUT, &format!("{by_title}/addContentPermission"), Some(&body));
    assert_eq!(added.json(), json!({"total": 1, "added": ["Plans & more"], "skipped": ["No such page"]}));
    // By id only administrators of Confluence may.
    let refused = talk.ask_as(Some("ann"), Method::PUT, &by_id("user", "bob", "view", "add"), Some(&json!([11])));
    assert_eq!(refused.status, 403);

    let direct =
        talk.ok(&format!("{ADD_ON}/permission/content/Plans%20&%20more/user/ann/space/DOC/getContentPermission"));
    assert_eq!(direct["permissions"], json!(["view"]));
    let tree = talk.ok(&format!("{ADD_ON}/permission/content/11/getContentTreeRestrictions?{ALL}"));
    let own = &tree["contentTree"][1];
    assert_eq!(own["restrictions"]["view"], json!({"users": ["ann"]}));
    assert_eq!(own["restrictions"]["edit"]["groups"], json!(["everybody"]));
    // A change has a date from then on.
    assert!(own["lastPermissionModificationDate"].is_i64());
    assert_eq!(tree["contentTree"][0]["lastPermissionModificationDate"], "");

    let all = format!("{ADD_ON}/permission/content/user/ann/removeAllContentPermission");
    let removed = talk.ask_as(None, Method::DELETE, &all, None);
    assert_eq!(removed.json(), json!({"total": 2, "removed": [11, 12]}));
    assert_eq!(
        talk.ok(&format!("{ADD_ON}/permission/content/12/user/ann/getContentPermission"))["permissions"],
        json!([])
    );
    talk.understood();
}

#[test]
fn the_add_on_tells_what_one_subject_may_and_who_administers_the_space() {
    let talk = served(small_site());
    let path = format!("{ADD_ON}/permission/content/12/user/ann/getInheritedContentPermission");
    let told = talk.ok(&format!("{path}?showContentDetails=true&showSpaceAdministrators=true"));
    for member in
        ["hasContentViewPermission", "hasContentEditPermission", "hasSpaceViewPermission", "hasSpaceEditPermission"]
    {
        assert_eq!(told[member], json!(true), "{member}");
    }
    let level = &told["contentTree"][1];
    assert_eq!(level["level"], json!(2));
    assert_eq!((&level["hasContentViewPermission"], &level["hasContentEditPermission"]), (&json!(true), &json!(false)));
    assert_eq!(told["spaceAdministrators"], json!({"groups": [], "users": ["ann"]}));
    assert_eq!((&told["spaceKey"], &told["contentName"]), (&json!("DOC"), &json!("Numbers")));
    let group = format!("{ADD_ON}/permission/content/Numbers/group/everybody/space/DOC/getInheritedContentPermission");
    assert_eq!(talk.ok(&group)["hasContentViewPermission"], json!(false));
    talk.understood();
}

#[test]
fn the_add_on_lists_groups_members_and_directories() {
    let talk = served(small_site());
    assert_eq!(
        talk.ok(&format!("{ADD_ON}/group/getGroups?maxResults=1")),
        json!({"total": 2, "maxResults": 1, "startAt": 0, "groups": ["everybody"], "status": "success"})
    );
    let members = |query: &str| talk.ok(&format!("{ADD_ON}/group/getUsers/staff{query}"))["users"].clone();
    assert_eq!(members(""), json!([{"name": "ann"}, {"name": "bob"}]));
    assert_eq!(
        members("?showBasicDetails=true")[0],
        json!({"name": "ann", "fullName": "Ann Berg", "key": "k-ann", "email": "ann@example.org"})
    );
    let extended = members("?showExtendedDetails=true");
    assert_eq!(extended[0]["hasAccessToUseConfluence"], true);
    assert!(extended[0]["createdDate"].is_i64() && extended[0]["lastFailedLoginDate"].is_null());
    let users = talk.ok(&format!("{ADD_ON}/user/getUsersWithConfluenceAccess?showExtendedDetails=true"));
    assert_eq!(users["total"], 4);
    let directories = talk.ok(&format!("{ADD_ON}/userDirectories/all"));
    assert_eq!(directories["results"], "2");
    let synchronised: Vec<bool> = directories["userDirectories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|directory| directory.get("lastSyncStartDate").is_some())
        .collect();
    assert_eq!(synchronised, [false, true]);
    let added =
        talk.change(Method::POST, &format!("{ADD_ON}/group/addUsers/everybody"), &json!({"users": ["bob", "x"]}));
    assert_eq!((&added["usersAdded"], &added["usersSkipped"]), (&json!(["bob"]), &json!(["x"])));
    let event = &talk.events("")[0];
    assert_eq!(event["type"]["actionI18nKey"], "audit.logging.summary.group.membership.added");
    talk.understood();
}

#[test]
fn a_server_without_the_add_on_has_no_such_address_and_the_add_on_keeps_what_makes_no_sense() {
    let without = Options { site: Some(small_site()), ..Options::default() };
    let runtime = served_with(without.clone());
    let bare = Simulator::start(Options { deployment: Deployment::DataCenter, ..without }).unwrap();
    let request = runtime.client.get(format!("{}{ADD_ON}/group/getGroups", bare.url())).bearer_auth(bare.token());
    let answered = runtime.send(request);
    assert_eq!((answered.status, answered.media()), (404, "application/xml"));
    assert!(bare.unexpected().is_empty());

    let talk = served(small_site());
    for (number, (path, status)) in [
        ("permission/content/12/getInheritedContentPermissions?expand=view", 501),
        ("permission/content/12/getInheritedContentPermissions?permissionType=delete", 400),
        ("permission/content/12/getContentTreeRestrictions?permissionType=view", 501),
        ("permission/space/DOC/getSpacePermissionActors/READSPACE", 400),
        ("permission/content/12/getEverything", 404),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(talk.get(&format!("{ADD_ON}/{path}")).status, status, "{path}");
        assert_eq!(talk.simulator.unexpected().len(), number + 1, "{path}");
    }
    // A slash in a name does not survive the way there.
    let path = format!("{ADD_ON}/permission/content/a%2Fb/user/ann/space/DOC/getContentPermission");
    assert_eq!(talk.get(&path).status, 400);
}

// The audit log -------------------------------------------------------------------------------------------------------

fn audited(level: &str, more: impl Fn(&mut Options)) -> Talk {
    let coverage = BTreeMap::from([("END_USER_ACTIVITY".to_owned(), level.to_owned())]);
    let mut options = Options { coverage, pages: 100, ..Options::default() };
    more(&mut options);
    served_with(options)
}

#[test]
fn the_audit_log_is_read_to_its_end_newest_first_over_cursors_and_over_links() {
    let talk = audited("ADVANCED", |options| options.audit_records = 700);
    let until = "to=2001-01-01T00:00:00.000Z&from=2000-01-01T00:00:00Z";
    assert!(talk.events(until).is_empty());
    let everything = talk.events("");
    assert_eq!(everything.len(), 700);
    let dates: Vec<&str> = everything.iter().map(|event| event["timestamp"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|newer, older| newer >= older));

    let frozen = format!("to={}&limit=90", dates[0]);
    let (mut by_cursor, mut by_link) = (Vec::new(), Vec::new());
    let mut cursor = String::new();
    loop {
        let body = talk.ok(&format!("{EVENTS}?{frozen}{cursor}"));
        let rows = body["entities"].as_array().unwrap();
        assert_eq!(body["pagingInfo"]["size"], rows.len());
        by_cursor.extend(rows.iter().cloned());
        if body["pagingInfo"]["lastPage"] == true {
            assert!(body["pagingInfo"]["nextPageCursor"].is_null());
            break;
        }
        cursor = format!("&pageCursor={}", body["pagingInfo"]["nextPageCursor"].as_str().unwrap());
    }
    let mut path = format!("{EVENTS}?{frozen}");
    loop {
        let body = talk.ok(&path);
        by_link.extend(body["entities"].as_array().unwrap().iter().cloned());
        let Some(link) = body["pagingInfo"]["nextPageLink"].as_str() else { break };
        path = link.strip_prefix(&talk.simulator.url()).expect("an absolute link").to_owned();
    }
    assert_eq!(by_cursor, everything);
    assert_eq!(by_link, everything);
    // Offsets skip.
    let skipped = talk.ok(&format!("{EVENTS}?{frozen}&offset=690"));
    assert_eq!(skipped["entities"].as_array().unwrap().as_slice(), &everything[690..]);
    talk.understood();
}

#[test]
fn reading_the_audit_log_is_itself_in_it() {
    let talk = served(small_site());
    assert_eq!(talk.ok(EVENTS)["entities"], json!([]));
    let second = talk.ok(&format!("{EVENTS}?search=nothing%20such"));
    assert_eq!(second["entities"], json!([]));
    let third = talk.ok(EVENTS)["entities"].clone();
    let told: Vec<&Value> = third.as_array().unwrap().iter().map(|event| &event["type"]["action"]).collect();
    assert_eq!(told, ["Audit Log search performed", "Audit Log search performed"]);
    let extra = third[0]["extraAttributes"].as_array().unwrap();
    let of = |name: &str| extra.iter().find(|attribute| attribute["name"] == name).unwrap()["value"].clone();
    assert_eq!((of("Query"), of("Results returned")), (json!("nothing such"), json!("0")));
}

#[test]
fn events_can_be_asked_for_by_author_kind_thing_and_text() {
    let talk = audited("ADVANCED", |_| {});
    let cast = datacenter_cast();
    let everything = talk.events("");
    let count = |wanted: &dyn Fn(&Value) -> bool| everything.iter().filter(|event| wanted(event)).count();
    let told = |query: &str, expected: usize| {
        assert!(expected > 0, "{query}");
        assert_eq!(talk.events(query).len(), expected, "{query}");
    };
    let author = cast.ann.account_id.as_str();
    told(&format!("userIds={author}"), count(&|event| event["author"]["id"] == author));
    told("userIds=-1", count(&|event| event["author"]["id"] == "-1"));
    told("categories=Pages%20and%20blogs", count(&|event| event["type"]["category"] == "Pages and blogs"));
    let either = ["Space permission added", "Content restriction added"];
    told(
        "actions=Space%20permission%20added,Content%20restriction%20added",
        count(&|event| either.iter().any(|action| event["type"]["action"] == *action)),
    );
    let roadmap = cast.roadmap.id.as_str();
    let about = |event: &Value| event["affectedObjects"].as_array().unwrap().iter().any(|o| o["id"] == roadmap);
    told(&format!("affectedObject=Page,{roadmap};Page,1"), count(&about));
    told("search=roadmap%202027", count(&|event| event.to_string().contains("Roadmap 2027")));
    talk.understood();
    assert_eq!(talk.get(&format!("{EVENTS}?scanLimit=10")).status, 501);
    assert_eq!(talk.get(&format!("{EVENTS}?from=yesterday")).status, 400);
    assert_eq!(talk.get(&format!("{EVENTS}?pageCursor=7")).status, 400);
}

#[test]
fn an_event_has_the_members_a_real_one_has() {
    let talk = served(small_site());
    talk.rpc_as(Some("ann"), "addPermissionToSpace", json!(["SETPAGEPERMISSIONS", "everybody", "DOC"]));
    talk.rpc_as(Some("ann"), "addPermissionToSpace", json!(["SETPAGEPERMISSIONS", "bob", "DOC"]));
    talk.rpc_as(Some("ann"), "addAnonymousPermissionToSpace", json!(["SETPAGEPERMISSIONS", "DOC"]));
    let base = talk.simulator.url();
    let events = talk.events("");
    let space = json!({"name": "Documents", "type": "Space", "id": "98305", "uri": format!("{base}/display/DOC")});
    let mut group = events[2].clone();
    assert!(group["timestamp"].as_str().unwrap().ends_with('Z'));
    group.as_object_mut().unwrap().remove("timestamp");
    assert_eq!(
        group,
        json!({
            "author": {
                "name": "Ann Berg", "type": "user", "id": "k-ann", "avatarUri": "",
                "uri": format!("{base}/admin/users/viewuser.action?username=ann"),
            },
            "type": {
                "categoryI18nKey": "audit.logging.category.permissions", "category": "Permissions",
                "actionI18nKey": "audit.logging.summary.space.permission.added", "action": "Space permission added",
            },
            "affectedObjects": [
                {
                    "name": "everybody", "type": "Group", "id": "everybody",
                    "uri": format!("{base}/admin/users/domembersofgroupsearch.action?membersOfGroupTerm=everybody"),
                },
                space,
            ],
            "changedValues": [
                {"key": "Group", "i18nKey": "Group", "to": "everybody"},
                {"key": "Space", "i18nKey": "Space", "to": "DOC"},
                {"key": "Type", "i18nKey": "Type", "to": "SETPAGEPERMISSIONS"},
            ],
            "source": "203.0.113.7", "system": base, "method": "Browser", "extraAttributes": [],
        })
    );
    assert_eq!(events[1]["affectedObjects"][0]["id"], "k-bob");
    assert_eq!(events[1]["changedValues"][2], json!({"key": "User", "i18nKey": "User", "to": "bob"}));
    assert_eq!(events[0]["affectedObjects"], json!([{"name": "Anonymous", "type": "User"}, space]));
    assert_eq!(events[0]["changedValues"].as_array().unwrap().len(), 2);
}

#[test]
fn restrictions_are_in_the_log_only_where_it_is_told_to_watch_what_people_do() {
    let restricted = |talk: &Talk| {
        let events = talk.events("");
        events.iter().filter(|event| event["type"]["action"].as_str().unwrap().contains("restriction")).count()
    };
    assert_eq!(restricted(&audited("BASE", |_| {})), 0);
    let talk = audited("OFF", |options| options.site = Some(small_site()));
    let add = || {
        let path = format!("{ADD_ON}/permission/content/user/bob/permission/view/addContentPermission");
        talk.change(Method::PUT, &path, &json!([12]));
        talk.change(Method::DELETE, &path.replace("addContent", "removeContent"), &json!([12]));
    };
    add();
    assert_eq!(restricted(&talk), 0);
    let coverage = "/rest/auditing/1.0/configuration/coverage";
    assert_eq!(talk.ok(coverage)["levelByArea"]["END_USER_ACTIVITY"], "OFF");
    talk.change(Method::PUT, coverage, &json!({"levelByArea": {"END_USER_ACTIVITY": "ADVANCED"}}));
    add();
    assert_eq!(restricted(&talk), 2);
    let events = talk.events("");
    assert_eq!(
        events[0]["changedValues"],
        json!([{"key": "Type", "i18nKey": "Type", "from": "View"}, {"key": "User", "i18nKey": "User", "from": "bob"}])
    );
    let kinds: Vec<&Value> = events[0]["affectedObjects"].as_array().unwrap().iter().map(|o| &o["type"]).collect();
    assert_eq!(kinds, ["Page", "Space", "User"]);
    assert_eq!(
        events[2]["changedValues"],
        json!([{"key": "End user activity", "i18nKey": "End user activity", "from": "Off", "to": "Advanced"}])
    );
    // What is on the denylist is not written either.
    let denied = json!({"actions": ["audit.logging.summary.content.restriction.added"]});
    talk.change(Method::PUT, "/rest/auditing/1.0/configuration/denylist", &denied);
    assert_eq!(talk.ok("/rest/auditing/1.0/configuration/denylist"), denied);
    add();
    assert_eq!(restricted(&talk), 3);
    assert!(talk.ok("/rest/auditing/1.0/configuration/retention").is_object());
    assert_eq!(talk.ask_as(None, Method::POST, "/rest/auditing/1.0/cache/rebuild", None).status, 200);
    talk.understood();
}

#[test]
fn a_site_in_german_writes_its_log_in_german_and_keeps_the_keys() {
    let talk = served_with(Options { language: "de".to_owned(), site: Some(small_site()), ..Options::default() });
    talk.rpc("addPermissionToSpace", json!(["COMMENT", "everybody", "DOC"]));
    let event = &talk.events("categories=Berechtigungen")[0];
    assert_eq!(
        event["type"],
        json!({
            "categoryI18nKey": "audit.logging.category.permissions", "category": "Berechtigungen",
            "actionI18nKey": "audit.logging.summary.space.permission.added",
            "action": "Bereichsberechtigung hinzugefügt",
        })
    );
    assert_eq!(event["changedValues"][0], json!({"key": "Gruppe", "i18nKey": "Group", "to": "everybody"}));
    assert!(talk.events("categories=Permissions").is_empty());
    let options = Options { deployment: Deployment::DataCenter, language: "xx".to_owned(), ..Options::default() };
    assert!(Simulator::start(options).unwrap_err().to_string().contains("`xx`"));
}

#[test]
fn the_log_is_for_administrators_and_came_with_version_7_5() {
    let talk = served(small_site());
    for path in [EVENTS, "/rest/auditing/1.0/configuration/coverage", "/rest/api/audit"] {
        assert_eq!(talk.ask_as(Some("ann"), Method::GET, path, None).status, 403, "{path}");
        let nobody = talk.send(talk.client.get(format!("{}{path}", talk.simulator.url())));
        assert_eq!(nobody.status, 401, "{path}");
    }
    let old = served_with(Options { version: "7.4.0".to_owned(), site: Some(small_site()), ..Options::default() });
    let answered = old.ask_as(Some("root"), Method::GET, EVENTS, None);
    assert_eq!((answered.status, answered.media()), (404, "application/xml"));
    assert_eq!(old.ask_as(Some("root"), Method::GET, "/rest/api/audit", None).status, 200);
    old.understood();
}

#[test]
fn the_old_api_tells_the_same_story_without_ids() {
    let talk = audited("ADVANCED", |_| {});
    let mut told = Vec::new();
    for start in (0..).step_by(100) {
        let body = talk.ok(&format!("/rest/api/audit?start={start}&limit=100"));
        told.extend(body["results"].as_array().unwrap().iter().cloned());
        if body["_links"].get("next").is_none() {
            break;
        }
    }
    let events = talk.events("");
    assert_eq!(told.len(), events.len());
    for (old, event) in told.iter().zip(&events) {
        assert_eq!(old["summary"], event["type"]["action"]);
        assert!(old["affectedObject"].get("id").is_none() && old["creationDate"].is_i64());
    }
    let day = told[0]["creationDate"].as_i64().unwrap() - 86_400_000 * 10;
    let recent = talk.ok(&format!("/rest/api/audit?startDate={day}&searchString=restriction"));
    let recent = recent["results"].as_array().unwrap();
    assert!(!recent.is_empty() && recent.iter().all(|record| record["creationDate"].as_i64().unwrap() >= day));
    talk.understood();
}

#[test]
fn the_log_file_has_the_same_events_in_other_words() {
    let talk = audited("ADVANCED", |options| options.context = "/confluence".to_owned());
    let events = talk.events("");
    let lines: Vec<Value> =
        talk.simulator.audit_log_lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The search that has just been done is the last line.
    assert_eq!(lines.len(), events.len() + 1);
    for (line, event) in lines.iter().zip(events.iter().rev()) {
        assert_eq!(line["auditType"]["actionI18nKey"], event["type"]["actionI18nKey"]);
        assert!(line.get("type").is_none());
        assert_eq!(line["version"], "1.0");
        let seconds = line["timestamp"]["epochSecond"].as_i64().unwrap();
        let nano = line["timestamp"]["nano"].as_i64().unwrap();
        let at = jiff::Timestamp::from_nanosecond(i128::from(seconds) * 1_000_000_000 + i128::from(nano)).unwrap();
        assert_eq!(at, event["timestamp"].as_str().unwrap().parse().unwrap());
        assert!(line["affectedObjects"].as_array().unwrap().iter().all(|thing| thing.get("uri").is_none()));
    }
    let last = lines.last().unwrap();
    assert_eq!((&last["auditType"]["area"], &last["auditType"]["level"]), (&json!("AUDIT_LOG"), &json!("BASE")));
    assert!(last["system"].as_str().unwrap().ends_with("/confluence"));
}

#[test]
fn events_arrive_while_the_log_is_read_and_some_of_them_late() {
    let talk = audited("BASE", |options| options.audit_arrivals = 3);
    let before = talk.events("").len();
    let after = talk.events("");
    assert_eq!(after.len(), before + 3);
    let newest: Vec<&Value> = after[..6].iter().map(|event| &event["type"]["action"]).collect();
    assert!(newest.iter().all(|action| **action == "Space configuration updated"));
}
