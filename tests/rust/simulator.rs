//! The simulator, over real HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use confluence_access::simulator::{CursorStyle, Effect, Fault, NextStyle, Options, Simulator, cast};
use reqwest::header::{CONTENT_TYPE, LINK, LOCATION, RETRY_AFTER};
use serde_json::{Value, json};

use crate::scenarios::{file, merge, site};
use crate::support::talk::Talk;

fn served(site: Value) -> Talk {
    Talk::with(Options { site: Some(site), ..Options::default() })
}

fn texts<'a>(rows: impl IntoIterator<Item = &'a Value>, key: &str) -> Vec<String> {
    rows.into_iter().map(|row| row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}")).to_owned()).collect()
}

const BULK: &str = "expand=restrictions.read.restrictions.user,restrictions.read.restrictions.group,\
    restrictions.update.restrictions.user,restrictions.update.restrictions.group,ancestors";

fn small_site() -> Value {
    json!({
        "role_mode": "ROLES_TRANSITION",
        "users": {
            "ann": {"email": "ann@example.org"}, "bob": {}, "zed": {"active": false}, "bot": {"app": true},
            "gus": {"guest": true, "licensed": false}, "pat": {"product_admin": true}
        },
        "groups": {
            "eng": {"name": "Engineers", "members": ["user:ann", "user:bob", "group:sec"], "managed_by": "EXTERNAL"},
            "sec": {"members": ["user:ann"]},
            "shy": {"members": ["user:bob"], "listable": false}
        },
        "roles": {"viewer": ["view", "create_comment"], "editor": ["view", "edit_page"]},
        "spaces": {
            "DOC": {"type": "global", "homepage": "Home", "grants": {
                "group:eng": ["view", "create_page"], "anonymous": ["view"], "class:all-licensed-users": ["export"], "team:9f2c": ["view"]
            }, "role_assignments": {"user:gus": ["viewer"], "group:sec": ["editor"]}},
            "OLD": {"archived": true, "grants": {"group:sec": ["view"]}},
            "~ann": {"type": "personal", "owner": "user:ann", "grants": {"user:ann": ["view", "administer"]}}
        },
        "contents": {
            "Home": {"type": "page", "space": "DOC"},
            "F": {"type": "folder", "space": "DOC", "parent": "Home"},
            "A": {"type": "page", "space": "DOC", "parent": "F"},
            "B": {"type": "page", "space": "DOC", "parent": "A"},
            "D": {"type": "page", "space": "DOC", "parent": "Home", "status": "draft", "creator": "user:ann"},
            "P": {"type": "page", "space": "DOC", "parent": "D"},
            "T": {"type": "page", "space": "DOC", "parent": "Home", "status": "trashed"},
            "Z": {"type": "page", "space": "DOC", "parent": "Home", "status": "archived"},
            "L": {"type": "page", "space": "DOC", "parent": "gone"},
            "U": {"type": "page", "space": "DOC", "parent": "Home"},
            "N": {"type": "blogpost", "space": "DOC"},
            "O": {"type": "page", "space": "OLD"}
        },
        "restrictions": {
            "A": {"read": ["group:eng", "user:ghost"]}, "B": {"read": ["user:ann"], "update": ["user:ann", "team:9f2c"]},
            "F": {"read": ["group:sec"]}, "N": {"update": ["group:vanished"]}
        },
        "unreadable": {"U": "403"}
    })
}

#[test]
fn spaces_are_listed_filtered_and_paged() {
    let talk = Talk::with(Options::default());
    let (all, pages) = talk.walk("/wiki/api/v2/spaces?limit=3");
    assert_eq!((all.len(), pages), (8, 3));
    let first = &all[0];
    assert_eq!((&first["key"], &first["type"], &first["status"]), (&json!("ENG"), &json!("global"), &json!("current")));
    let ids = texts(&all, "id");
    let some = talk.ok(&format!("/wiki/api/v2/spaces?ids={},{}&ids={}", ids[0], ids[1], ids[2]));
    assert_eq!(texts(some["results"].as_array().unwrap(), "id"), ids[..3]);
    let archived = talk.ok("/wiki/api/v2/spaces?status=archived");
    assert_eq!(texts(archived["results"].as_array().unwrap(), "key"), ["FALCON"]);
    let personal = talk.ok("/wiki/api/v2/spaces?type=personal");
    let key = personal["results"][0]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with('~'), "{key}");
    let one = talk.ok(&format!("/wiki/api/v2/spaces?keys={key}"));
    assert_eq!(one["results"].as_array().unwrap().len(), 1);
    let down = talk.ok("/wiki/api/v2/spaces?sort=-key&limit=250");
    let mut keys = texts(&all, "key");
    keys.sort();
    keys.reverse();
    assert_eq!(texts(down["results"].as_array().unwrap(), "key"), keys);
    let header = talk.get("/wiki/api/v2/spaces?limit=3").headers[LINK].to_str().unwrap().to_owned();
    assert!(header.contains("rel=\"next\"") && header.contains("/wiki>; rel=\"base\""), "{header}");
    talk.understood();
}

#[test]
fn every_page_of_every_space_is_listed_once_whatever_the_page_size() {
    let talk = Talk::with(Options { pages: 700, spaces: 12, ..Options::default() });
    let ids = texts(&talk.walk("/wiki/api/v2/spaces?limit=250").0, "id").join(",");
    let mut listings = Vec::new();
    for limit in [7, 100, 250] {
        let (rows, pages) = talk.walk(&format!("/wiki/api/v2/pages?space-id={ids}&limit={limit}"));
        assert_eq!(pages, rows.len().div_ceil(limit));
        listings.push(texts(&rows, "id"));
    }
    assert_eq!(listings[0], listings[1]);
    assert_eq!(listings[1], listings[2]);
    let mut single = Vec::new();
    for id in ids.split(',') {
        single.extend(texts(&talk.walk(&format!("/wiki/api/v2/spaces/{id}/pages?limit=50")).0, "id"));
    }
    single.sort();
    let mut all = listings[0].clone();
    all.sort();
    assert_eq!(all, single);
    all.dedup();
    assert_eq!(all.len(), listings[0].len());
    let blogposts = talk.walk(&format!("/wiki/api/v2/blogposts?space-id={ids}&limit=250")).0.len();
    // A draft and a trashed page are there and not listed.
    assert_eq!(all.len() + blogposts, 700 - 2);
    let by_title = texts(&talk.walk(&format!("/wiki/api/v2/pages?space-id={ids}&limit=60&sort=-title")).0, "title");
    assert!(by_title.is_sorted_by(|a, b| a >= b));
    assert_eq!(by_title.len(), all.len());
    talk.understood();
}

#[test]
fn a_site_from_plain_data_is_served_with_its_own_ids() {
    let talk = served(small_site());
    let spaces = talk.ok("/wiki/api/v2/spaces");
    assert_eq!(texts(spaces["results"].as_array().unwrap(), "key"), ["DOC", "OLD", "~ann"]);
    assert_eq!(spaces["results"][0]["homepageId"], "Home");
    let id = spaces["results"][0]["id"].as_str().unwrap();
    let pages = talk.ok(&format!("/wiki/api/v2/spaces/{id}/pages"));
    // The draft and the trashed page are not listed, the archived one is. Ids that are no numbers go by their letters.
    assert_eq!(texts(pages["results"].as_array().unwrap(), "id"), ["A", "B", "Home", "L", "P", "U", "Z"]);
    let a = talk.ok("/wiki/api/v2/pages/A");
    assert_eq!((&a["parentId"], &a["parentType"], &a["spaceId"]), (&json!("F"), &json!("folder"), &json!(id)));
    assert_eq!(talk.get("/wiki/api/v2/pages/F").status, 404);
    assert_eq!(talk.ok("/wiki/api/v2/folders/F")["type"], "folder");
    assert_eq!(talk.get("/wiki/api/v2/pages/D").status, 404);
    assert_eq!(talk.ok("/wiki/api/v2/pages/D?get-draft=true")["status"], "draft");
    let above = talk.ok("/wiki/api/v2/pages/B/ancestors");
    assert_eq!(
        above["results"],
        json!([{"id": "Home", "type": "page"}, {"id": "F", "type": "folder"}, {"id": "A", "type": "page"}])
    );
    let near = talk.ok("/wiki/api/v2/pages/B/ancestors?limit=1");
    assert_eq!(near["results"], json!([{"id": "A", "type": "page"}]));
    let below = talk.ok("/wiki/api/v2/pages/Home/direct-children");
    assert_eq!(texts(below["results"].as_array().unwrap(), "id"), ["F", "U", "Z"]);
    let types =
        talk.post("/wiki/api/v2/content/convert-ids-to-types", &json!({"contentIds": ["A", "F", "N", "nope"]})).json();
    assert_eq!(types["results"], json!({"A": "page", "F": "folder", "N": "blogpost", "nope": null}));
    talk.understood();
}

#[test]
fn permissions_and_roles_speak_their_two_dialects() {
    let talk = served(small_site());
    let id = talk.ok("/wiki/api/v2/spaces?keys=DOC")["results"][0]["id"].as_str().unwrap().to_owned();
    let (rows, _) = talk.walk(&format!("/wiki/api/v2/spaces/{id}/permissions?limit=2"));
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let word = |pointer: &str| row.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            format!(
                "{} {} {}/{}",
                word("/principal/type"),
                word("/principal/id"),
                word("/operation/key"),
                word("/operation/targetType")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "access-class ANONYMOUS_USERS read/space",
            "access-class ALL_LICENSED_USERS export/space",
            "group eng read/space",
            "group eng create/page",
            "team 9f2c read/space"
        ]
    );
    assert_eq!(talk.ok("/wiki/api/v2/space-role-mode")["mode"], "ROLES_TRANSITION");
    let (roles, _) = talk.walk("/wiki/api/v2/space-roles");
    let viewer = roles.iter().find(|role| role["name"] == "viewer").unwrap();
    assert_eq!(viewer["spacePermissions"], json!(["read/space", "create/comment"]));
    let (assigned, _) = talk.walk(&format!("/wiki/api/v2/spaces/{id}/role-assignments?limit=1"));
    assert_eq!(assigned.len(), 2);
    let of_gus = talk.ok(&format!("/wiki/api/v2/spaces/{id}/role-assignments?principal-type=USER&principal-id=gus"));
    assert_eq!(
        of_gus["results"],
        json!([{"principal": {"principalType": "USER", "principalId": "gus"}, "roleId": viewer["id"]}])
    );
    let role = viewer["id"].as_str().unwrap();
    assert_eq!(talk.ok(&format!("/wiki/api/v2/space-roles/{role}"))["type"], "SYSTEM");
    talk.understood();
    let before = served(json!({"spaces": {"A": {}}}));
    assert_eq!(before.ok("/wiki/api/v2/space-role-mode")["mode"], "PRE_ROLES");
    assert_eq!(before.get("/wiki/api/v2/space-roles").status, 404);
}

#[test]
fn search_returns_restrictions_in_bulk_and_leaves_out_what_the_index_does_not_hold() {
    let talk = served(small_site());
    let found = talk.ok(&format!(
        "/wiki/rest/api/content/search?cql=space%3D%22DOC%22+and+type+in+(page,blogpost,folder)&limit=100&{BULK}"
    ));
    let rows = found["results"].as_array().unwrap();
    // Not: draft, trash, archived page, the page whose restrictions cannot be read, the archived space.
    assert_eq!(texts(rows, "id"), ["A", "B", "F", "Home", "L", "N", "P"]);
    let row = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap();
    let list = |id: &str, operation: &str, kind: &str, key: &str| {
        texts(row(id)["restrictions"][operation]["restrictions"][kind]["results"].as_array().unwrap(), key)
    };
    assert_eq!(list("A", "read", "group", "id"), ["eng"]);
    assert_eq!(list("A", "read", "user", "accountId"), ["ghost"]);
    assert_eq!(row("A")["restrictions"]["read"]["restrictions"]["user"]["results"][0]["type"], "unknown");
    assert_eq!(list("A", "update", "user", "accountId"), [""; 0]);
    assert_eq!(list("B", "update", "user", "accountId"), ["ann"]);
    assert_eq!(row("B")["restrictions"]["update"]["restrictions"]["team"]["results"][0]["id"], "9f2c");
    assert_eq!(list("N", "update", "group", "name"), ["vanished"]);
    // The list of a folder is stored, and not told.
    assert_eq!(list("F", "read", "group", "id"), [""; 0]);
    assert_eq!(texts(row("B")["ancestors"].as_array().unwrap(), "id"), ["Home", "F", "A"]);
    assert!(found["_links"]["base"].as_str().unwrap().ends_with("/wiki"));
    let lean = talk.ok("/wiki/rest/api/content/search?cql=id=A");
    assert!(lean["results"][0].get("restrictions").is_none());
    let half = talk.ok("/wiki/rest/api/content/search?cql=id=A&expand=restrictions.read.restrictions.user");
    let read = &half["results"][0]["restrictions"]["read"]["restrictions"];
    assert!(read.get("group").is_none() && read["_expandable"]["group"].is_string(), "{read}");
    talk.understood();
}

#[test]
fn cql_combines_fields() {
    let talk = served(small_site());
    let ids = |cql: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("cql", cql).finish();
        texts(&talk.walk(&format!("/wiki/rest/api/content/search?{query}&limit=2")).0, "id")
    };
    assert_eq!(ids("space in (DOC, OLD) and type = blogpost"), ["N"]);
    assert_eq!(ids("id in (A, B, nope) or type = folder"), ["A", "B", "F"]);
    assert_eq!(ids("ancestor = F and type = page"), ["A", "B"]);
    assert_eq!(ids("parent = Home"), ["F"]);
    assert_eq!(ids("space = DOC and not (type = page or type = folder)"), ["N"]);
    assert_eq!(ids("title = \"B\" and type != blogpost"), ["B"]);
    assert_eq!(ids("space = OLD"), [""; 0]);
    assert_eq!(ids("space = DOC and type = page order by title desc"), ["P", "L", "Home", "B", "A"]);
    assert_eq!(ids("created >= \"2026-01-01 04:00\" and type = page and space = DOC"), ["Home", "L", "P"]);
    talk.understood();
    for wrong in ["label = x", "space", "type = cat", "creator = currentUser()"] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("cql", wrong).finish();
        let answered = talk.get(&format!("/wiki/rest/api/content/search?{query}"));
        assert_eq!(answered.status, 400, "{wrong}: {}", answered.text);
    }
    assert_eq!(talk.simulator.unexpected().len(), 4);
}

#[test]
fn the_restrictions_of_one_content_come_in_three_shapes() {
    let talk = served(small_site());
    let all = talk.ok("/wiki/rest/api/content/A/restriction");
    assert_eq!(texts(all["results"].as_array().unwrap(), "operation"), ["read", "update"]);
    assert_eq!(all["results"][0]["restrictions"]["group"]["results"][0]["managedBy"], "EXTERNAL");
    let by = talk.ok("/wiki/rest/api/content/A/restriction/byOperation");
    assert_eq!(by["read"]["restrictions"]["user"]["results"][0]["accountId"], "ghost");
    assert_eq!(by["update"]["restrictions"]["user"]["size"], 0);
    let read =
        talk.ok("/wiki/rest/api/content/A/restriction/byOperation/read?expand=restrictions.user&start=0&limit=1");
    assert_eq!(read["restrictions"]["user"]["size"], 1);
    assert_eq!(talk.get("/wiki/rest/api/content/U/restriction").status, 403);
    assert_eq!(talk.get("/wiki/rest/api/content/D/restriction").status, 404);
    assert_eq!(talk.ok("/wiki/rest/api/content/O/restriction")["size"], 2);
    assert_eq!(talk.get("/wiki/rest/api/content/A/restriction/byOperation/read/byGroupId/eng").status, 200);
    assert_eq!(talk.get("/wiki/rest/api/content/A/restriction/byOperation/read/byGroupId/sec").status, 404);
    assert_eq!(talk.get("/wiki/rest/api/content/A/restriction/byOperation/read/user?accountId=ann").status, 404);
    talk.understood();
}

#[test]
fn long_subject_lists_are_paged() {
    let members: Vec<String> = (0..250).map(|n| format!("user:u{n:03}")).collect();
    let site = json!({
        "spaces": {"S": {}}, "contents": {"1": {"type": "page", "space": "S"}}, "restrictions": {"1": {"read": members}}
    });
    let talk = served(site.clone());
    let found = talk.ok(&format!("/wiki/rest/api/content/search?cql=id=1&{BULK}"));
    let users = &found["results"][0]["restrictions"]["read"]["restrictions"]["user"];
    assert_eq!((&users["size"], &users["limit"]), (&json!(100), &json!(100)));
    let mut all = texts(users["results"].as_array().unwrap(), "accountId");
    let mut next = users["_links"]["next"].as_str().map(str::to_owned);
    while let Some(link) = next {
        let body = talk.ok(&format!("/wiki{link}"));
        let users = &body["restrictions"]["user"];
        all.extend(texts(users["results"].as_array().unwrap(), "accountId"));
        next = users["_links"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(all.len(), 250);
    all.dedup();
    assert_eq!(all.len(), 250);
    talk.understood();
    let capped = Talk::with(Options { site: Some(site), subject_cap: Some(7), ..Options::default() });
    let body = capped.ok("/wiki/rest/api/content/1/restriction");
    assert_eq!(body["results"][0]["restrictions"]["user"]["size"], 7);
}

#[test]
fn groups_tell_where_they_come_from_and_who_is_in_them() {
    let talk = served(small_site());
    let (groups, _) = talk.walk("/wiki/rest/api/group?limit=2");
    assert_eq!(texts(&groups, "name"), ["Engineers", "sec", "shy"]);
    assert_eq!(groups[0]["managedBy"], "EXTERNAL");
    assert!(groups[1].get("managedBy").is_none());
    // The group inside the group does not appear.
    let members = talk.ok("/wiki/rest/api/group/eng/membersByGroupId?limit=200");
    assert_eq!(texts(members["results"].as_array().unwrap(), "accountId"), ["ann", "bob"]);
    assert_eq!(talk.ok("/wiki/rest/api/group/eng/membersByGroupId?start=2")["size"], 0);
    assert_eq!(talk.ok("/wiki/rest/api/group/nobody-knows/membersByGroupId")["results"], json!([]));
    assert_eq!(talk.ok("/wiki/rest/api/group/shy/membersByGroupId")["size"], 1);
    assert_eq!(talk.get("/wiki/rest/api/group/shy/membersByGroupId?start=1").status, 403);
    assert_eq!(talk.ok("/wiki/rest/api/group/by-id?id=eng")["name"], "Engineers");
    assert_eq!(talk.get("/wiki/rest/api/group/by-id?id=nope").status, 404);
    assert_eq!(talk.ok("/wiki/rest/api/group/picker?query=engi")["size"], 1);
    assert_eq!(
        texts(talk.ok("/wiki/rest/api/user/memberof?accountId=ann")["results"].as_array().unwrap(), "id"),
        ["eng", "sec"]
    );
    talk.understood();
    assert_eq!(talk.get("/wiki/rest/api/group/eng/membersByGroupId?limit=201").status, 400);
}

#[test]
fn accounts_show_what_privacy_and_state_allow() {
    let talk = served(small_site());
    let bulk =
        talk.post("/wiki/api/v2/users-bulk", &json!({"accountIds": ["ann", "zed", "bot", "gus", "nope"]})).json();
    let rows = bulk["results"].as_array().unwrap();
    assert_eq!(texts(rows, "accountId"), ["ann", "zed", "bot", "gus"]);
    assert_eq!(texts(rows, "accountStatus"), ["active", "inactive", "active", "active"]);
    assert_eq!(texts(rows, "accountType"), ["atlassian", "atlassian", "app", "atlassian"]);
    assert_eq!(texts(rows, "email"), ["ann@example.org", "", "", ""]);
    assert_eq!(rows[3]["isExternalCollaborator"], true);
    let ann = talk.ok("/wiki/rest/api/user?accountId=ann&expand=operations");
    assert_eq!(ann["operations"], json!([{"operation": "use", "targetType": "application"}]));
    assert_eq!(talk.get("/wiki/rest/api/user?accountId=nope").status, 404);
    let me = talk.ok("/wiki/rest/api/user/current?expand=operations");
    assert_eq!(me["operations"][1]["operation"], "administer");
    assert_eq!(talk.ok("/wiki/rest/api/user/bulk?accountId=ann&accountId=bob")["size"], 2);
    assert_eq!(talk.ok("/wiki/rest/api/user/anonymous?expand=operations")["operations"], json!([]));
    let found = talk.ok("/wiki/rest/api/search/user?cql=user.fullname~%22an%22+and+type=user");
    assert_eq!(found["results"][0]["user"]["accountId"], "ann");
    assert_eq!(talk.ok("/wiki/rest/api/settings/systemInfo")["edition"], "PREMIUM");
    talk.understood();
}

#[test]
fn the_permission_check_evaluates_site_space_and_every_layer() {
    let talk = served(small_site());
    let check = |content: &str, kind: &str, id: &str, operation: &str| {
        let body = json!({"subject": {"type": kind, "identifier": id}, "operation": operation});
        let answered = talk.post(&format!("/wiki/rest/api/content/{content}/permission/check"), &body);
        assert_eq!(answered.status, 200, "{}", answered.text);
        let body = answered.json();
        let errors = texts_of(&body["errors"]);
        assert_eq!(body["hasPermission"], errors.is_empty());
        errors
    };
    assert_eq!(check("Home", "user", "bob", "read"), [""; 0]);
    assert_eq!(check("Home", "user", "bob", "update"), [""; 0]);
    // The folder above is for the group sec, B itself for Ann.
    assert_eq!(check("A", "user", "bob", "read"), ["User does not have permission to the content"]);
    assert_eq!(check("B", "user", "ann", "read"), [""; 0]);
    assert_eq!(check("B", "user", "ann", "update"), [""; 0]);
    assert_eq!(check("Home", "user", "zed", "read"), ["User is not allowed to use Confluence"]);
    // Anonymous is off for the site, and the anonymous grants of the space still apply to everyone who is logged in.
    assert_eq!(check("Home", "user", "pat", "read"), [""; 0]);
    assert_eq!(check("O", "user", "pat", "read"), ["User does not have permission to the space"]);
    assert_eq!(check("Home", "user", "anonymous", "read"), ["Anonymous users are not allowed to use Confluence"]);
    assert_eq!(check("Home", "group", "eng", "read"), [""; 0]);
    assert_eq!(check("A", "group", "eng", "read"), ["Group does not have permission to the content"]);
    assert_eq!(check("Home", "user", "gus", "read"), [""; 0]);
    assert_eq!(check("Home", "user", "gus", "update"), ["User does not have permission to the space"]);
    assert_eq!(
        talk.post(
            "/wiki/rest/api/content/nope/permission/check",
            &json!({"subject": {"type": "user", "identifier": "ann"}, "operation": "read"})
        )
        .status,
        404
    );
    talk.understood();
}

fn texts_of(errors: &Value) -> Vec<String> {
    texts(errors.as_array().unwrap(), "translation")
}

#[test]
fn a_caller_who_is_no_administrator_sees_only_what_it_may_view() {
    let talk = Talk::with(Options { site: Some(small_site()), caller: Some("bob".to_owned()), ..Options::default() });
    assert_eq!(texts(&talk.walk("/wiki/api/v2/spaces").0, "key"), ["DOC"]);
    assert_eq!(texts(&talk.walk("/wiki/api/v2/pages").0, "id"), ["Home", "L", "P", "U", "Z"]);
    assert_eq!(talk.get("/wiki/api/v2/pages/A").status, 404);
    assert_eq!(talk.get("/wiki/api/v2/folders/F").status, 404);
    assert_eq!(talk.get("/wiki/rest/api/content/A/restriction").status, 404);
    let found = talk.ok("/wiki/rest/api/content/search?cql=space=DOC+and+type=page");
    assert_eq!(texts(found["results"].as_array().unwrap(), "id"), ["Home", "L", "P"]);
    assert_eq!(talk.ok("/wiki/rest/api/user/current")["accountId"], "bob");
    let body = json!({"subject": {"type": "user", "identifier": "ann"}, "operation": "read"});
    assert_eq!(talk.post("/wiki/rest/api/content/Home/permission/check", &body).status, 403);
    talk.understood();
    let unknown =
        Simulator::start(Options { site: Some(small_site()), caller: Some("nope".to_owned()), ..Options::default() });
    assert!(unknown.unwrap_err().to_string().contains("`nope`"));
}

#[test]
fn credentials_are_asked_for_everywhere_but_at_the_edge() {
    let talk = Talk::with(Options::default());
    let bare = |path: &str| talk.get_bare(path);
    for path in ["/wiki/api/v2/spaces", "/wiki/rest/api/user/current", "/wiki/rest/api/nothing"] {
        let refused = bare(path);
        assert_eq!(refused.status, 401);
        assert_eq!(refused.json()["code"], 401);
    }
    assert!(bare("/_edge/tenant_info").json()["cloudId"].is_string());
    let wrong = talk
        .client
        .get(format!("{}/wiki/api/v2/spaces", talk.simulator.url()))
        .basic_auth(talk.simulator.username(), Some("no"));
    assert_eq!(talk.send(wrong).status, 401);
    let open = Talk::with(Options { require_auth: false, ..Options::default() });
    let answered = open.get_bare("/wiki/api/v2/spaces");
    assert_eq!(answered.status, 200);
}

#[test]
fn what_it_does_not_know_fails_loudly_and_is_remembered() {
    let talk = Talk::with(Options::default());
    for (path, status) in [
        ("/wiki/api/v2/labels", 501),
        ("/rest/api/space", 501),
        ("/wiki/api/v2/spaces?limits=5", 501),
        ("/wiki/api/v2/spaces?limit=0", 400),
        ("/wiki/api/v2/spaces?limit=251", 400),
        ("/wiki/api/v2/spaces?limit=many", 400),
        ("/wiki/api/v2/spaces?status=lost", 400),
        ("/wiki/api/v2/spaces?cursor=bogus", 400),
        ("/wiki/rest/api/content/search", 400),
        ("/wiki/rest/api/content/search?cql=type=page&expand=children.secret", 501),
    ] {
        let answered = talk.get(path);
        assert_eq!(answered.status, status, "{path}: {}", answered.text);
    }
    let unexpected = talk.simulator.unexpected();
    assert_eq!(unexpected.len(), 10);
    assert!(unexpected[2].to_string().contains("`limits`"), "{}", unexpected[2]);
    let text = talk.request(reqwest::Method::POST, "/wiki/api/v2/users-bulk").body("{}");
    assert_eq!(talk.send(text).status, 415);
    assert_eq!(talk.post("/wiki/api/v2/users-bulk", &json!({"accountIds": []})).status, 400);
}

#[test]
fn a_cursor_is_only_good_for_the_listing_it_came_from() {
    let talk = Talk::with(Options::default());
    let next = talk.ok("/wiki/api/v2/pages?limit=5")["_links"]["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("/wiki/api/v2/pages?"), "{next}");
    assert!(next.contains("%3D"), "padding is escaped: {next}");
    let other = next.replace("/pages?", "/blogposts?");
    assert_eq!(talk.get(&other).status, 400);
    let absolute = Talk::with(Options { next: NextStyle::Absolute, cursors: CursorStyle::Plain, ..Options::default() });
    let next = absolute.ok("/wiki/api/v2/pages?limit=5")["_links"]["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with(&absolute.simulator.url()) && next.ends_with("cursor=5"), "{next}");
}

#[test]
fn caps_lower_the_limit_and_say_so() {
    let talk = Talk::with(Options { page_cap: Some(10), ..Options::default() });
    assert_eq!(talk.ok("/wiki/api/v2/pages?limit=250")["results"].as_array().unwrap().len(), 10);
    let found = talk.ok(&format!("/wiki/rest/api/content/search?cql=type=page&limit=100&{BULK}"));
    assert_eq!((&found["limit"], &found["size"]), (&json!(10), &json!(10)));
    let free = Talk::with(Options { pages: 900, ..Options::default() });
    let cap = |query: &str| {
        free.ok(&format!("/wiki/rest/api/content/search?cql=type=page&limit=5000{query}"))["limit"].clone()
    };
    assert_eq!(cap(""), 1000);
    assert_eq!(cap(&format!("&{BULK}")), 200);
    assert_eq!(cap("&expand=body.storage"), 50);
    let (rows, pages) = free.walk(&format!("/wiki/rest/api/content/search?cql=type=page&limit=200&{BULK}"));
    assert_eq!(pages, rows.len().div_ceil(200));
    free.understood();
}

#[test]
fn the_restrictions_of_ancestors_in_bulk_fall_over_a_draft() {
    let talk = served(small_site());
    let path = |cql: &str| {
        format!("/wiki/rest/api/content/search?cql={cql}&expand=ancestors.restrictions.read.restrictions.user")
    };
    assert_eq!(talk.get(&path("id=P")).status, 404);
    assert_eq!(talk.get(&path("id=B")).status, 200);
}

#[test]
fn removed_routes_live_until_they_do_not() {
    let talk = served(small_site());
    let spaces = talk.ok("/wiki/rest/api/space?limit=100&expand=permissions");
    let rows = spaces["results"][0]["permissions"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["anonymousAccess"] == true && row["operation"]["operation"] == "read"));
    assert_eq!(talk.ok("/wiki/rest/api/space/DOC?expand=homepage")["homepage"]["id"], "Home");
    let (pages, _) = talk.walk(&format!("/wiki/rest/api/content?spaceKey=DOC&type=page&limit=2&{BULK}"));
    assert_eq!(texts(&pages, "id"), ["A", "B", "Home", "L", "P"]);
    assert_eq!(talk.ok("/wiki/rest/api/content/B?expand=ancestors")["ancestors"].as_array().unwrap().len(), 3);
    assert_eq!(talk.ok("/wiki/rest/api/space/DOC/content/page?limit=3")["size"], 3);
    assert_eq!(talk.ok("/wiki/rest/api/content/A/child/page")["results"][0]["id"], "B");
    talk.understood();
    let gone = Talk::with(Options { site: Some(small_site()), legacy_v1: false, ..Options::default() });
    let answered = gone.get("/wiki/rest/api/space");
    assert_eq!(answered.status, 410);
    assert!(answered.text.contains("GoneException"), "{}", answered.text);
    assert_eq!(gone.get("/wiki/rest/api/group").status, 200);
}

#[test]
fn faults_strike_when_they_should_and_then_stop() {
    let talk = Talk::with(Options {
        faults: vec![Fault::status("/api/v2/spaces", 429).retry_after("1").skip(1).times(2)],
        ..Options::default()
    });
    let statuses: Vec<u16> = (0..5).map(|_| talk.get("/wiki/api/v2/spaces").status).collect();
    assert_eq!(statuses, [200, 429, 429, 200, 200]);
    assert_eq!(talk.get("/wiki/api/v2/pages").status, 200);
    let log = talk.simulator.requests();
    assert_eq!(log[1].fault, Some("status"));
    assert_eq!(log[1].status, 429);
    talk.simulator.inject(Fault::status("/group", 503).method("GET").retry_after("2"));
    let busy = talk.get("/wiki/rest/api/group");
    assert_eq!((busy.status, busy.headers[RETRY_AFTER].to_str().unwrap()), (503, "2"));
    talk.simulator.clear_faults();
    assert_eq!(talk.get("/wiki/rest/api/group").status, 200);
}

#[test]
fn each_effect_does_what_its_name_says() {
    let talk = Talk::with(Options::default());
    let under = |effect: Effect, path: &str| {
        talk.simulator.clear_faults();
        talk.simulator.inject(Fault::on("", effect).once());
        talk.try_get(path)
    };
    let spaces = "/wiki/api/v2/spaces?limit=4";
    let whole = talk.get(spaces).text;

    let login = under(Effect::LoginPage, spaces).unwrap();
    assert!(login.status == 200 && login.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let cut = under(Effect::Truncated, spaces).unwrap();
    assert!(cut.status == 200 && serde_json::from_str::<Value>(&cut.text).is_err());
    assert!(under(Effect::Drop, spaces).is_err());
    assert!(under(Effect::DropMidBody, spaces).is_err());
    let begun = Instant::now();
    assert_eq!(under(Effect::Stall(Duration::from_millis(80)), spaces).unwrap().text.len(), whole.len());
    assert!(begun.elapsed() >= Duration::from_millis(80));
    let moved = under(Effect::Redirect("http://elsewhere.example/wiki".to_owned()), spaces).unwrap();
    assert_eq!((moved.status, moved.headers[LOCATION].to_str().unwrap()), (302, "http://elsewhere.example/wiki"));
    let edited = under(Effect::edit(|body| body["results"][0]["type"] = json!("galaxy")), spaces).unwrap().json();
    assert_eq!(edited["results"][0]["type"], "galaxy");
    let limited =
        under(Effect::Headers(vec![("X-RateLimit-NearLimit".to_owned(), "true".to_owned())]), spaces).unwrap();
    assert_eq!(limited.headers["x-ratelimit-nearlimit"], "true");
    assert_eq!(under(Effect::Body("[]".to_owned()), spaces).unwrap().text, "[]");
    let foreign = under(Effect::ForeignNext("https://evil.example".to_owned()), spaces).unwrap().json();
    assert!(foreign["_links"]["next"].as_str().unwrap().starts_with("https://evil.example/wiki/api/v2/spaces?"));
    talk.understood();
}

#[test]
fn an_empty_page_a_short_page_and_a_loop_are_pages_of_their_listing() {
    let talk = Talk::with(Options::default());
    for path in [
        "/wiki/api/v2/pages?limit=100",
        "/wiki/rest/api/content/search?cql=type=page&limit=100",
        "/wiki/rest/api/group?limit=5",
    ] {
        let (whole, pages) = talk.walk(path);
        let empty = path.split('?').next().unwrap();
        talk.simulator.inject(Fault::on(empty, Effect::EmptyPage).skip(1).once());
        let (rows, with_empty) = talk.walk(path);
        assert_eq!((rows.len(), with_empty), (whole.len(), pages + 1), "{path}");
        talk.simulator.inject(Fault::on(empty, Effect::ShortPage(1)).once());
        let (rows, _) = talk.walk(path);
        assert_eq!(rows, whole, "{path}");
        talk.simulator.inject(Fault::on(empty, Effect::LoopingNext));
        let first = talk.ok(path);
        let link = first["_links"]["next"].as_str().unwrap().to_owned();
        let again = talk.ok(&link.replace("/rest/api", "/wiki/rest/api").replace("/wiki/wiki", "/wiki"));
        assert_eq!(first["results"], again["results"]);
        assert_eq!(again["_links"]["next"].as_str().unwrap(), link);
        talk.simulator.clear_faults();
    }
    talk.understood();
}

#[test]
fn faults_can_be_written_as_plain_data() {
    let fault =
        Fault::from_plain(&json!({"path": "/spaces", "effect": "status", "status": 429, "retry_after": 1, "times": 2}))
            .unwrap();
    assert!(matches!(&fault.effect, Effect::Status { status: 429, retry_after: Some(after), .. } if after == "1"));
    assert_eq!(fault.times, Some(2));
    for wrong in [json!({"effect": "status"}), json!({"effect": "meteor"}), json!({"paths": "/"}), json!([])] {
        assert!(Fault::from_plain(&wrong).is_err(), "{wrong}");
    }
    let names =
        ["login_page", "truncated", "drop", "drop_mid_body", "stall", "empty_page", "looping_next", "short_page"];
    for name in names {
        assert_eq!(Fault::from_plain(&json!({"effect": name})).unwrap().effect.name(), name);
    }
}

#[test]
fn the_log_tells_what_was_asked_and_how_much_at_once() {
    let talk = Talk::with(Options { latency: Duration::from_millis(40), ..Options::default() });
    let begun = Instant::now();
    talk.runtime.block_on(async {
        let one = || async {
            talk.request(reqwest::Method::GET, "/wiki/api/v2/spaces?limit=5").send().await.unwrap().status()
        };
        let all = futures::future::join_all((0..6).map(|_| one())).await;
        assert!(all.iter().all(|status| status.as_u16() == 200));
    });
    assert!(begun.elapsed() >= Duration::from_millis(40));
    let log = talk.simulator.requests();
    assert_eq!(log.len(), 6);
    assert_eq!(talk.simulator.max_in_flight(), 6);
    let entry = &log[0];
    assert_eq!(
        (entry.method.as_str(), entry.path.as_str(), entry.query.as_str()),
        ("GET", "/wiki/api/v2/spaces", "limit=5")
    );
    assert_eq!((entry.status, entry.route), (200, Some("GET /wiki/api/v2/spaces")));
    assert!(entry.finished.unwrap() >= entry.started + Duration::from_millis(40));
    talk.simulator.clear_log();
    assert!(talk.simulator.requests().is_empty());
}

#[test]
fn an_answer_is_written_at_once() {
    let simulator = Simulator::start(Options::default()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.port())).unwrap();
    let request = b"GET /_edge/tenant_info HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let begun = Instant::now();
    let mut buffer = [0; 4096];
    for _ in 0..20 {
        stream.write_all(request).unwrap();
        let read = stream.read(&mut buffer).unwrap();
        let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
        assert!(text.starts_with("HTTP/1.1 200") && text.ends_with('}'), "head and body in one piece: {text}");
    }
    assert!(begun.elapsed() < Duration::from_millis(20 * 40), "{:?}", begun.elapsed());
}

#[test]
fn it_stops_when_dropped_and_frees_its_port() {
    let simulator = Simulator::start(Options::default()).unwrap();
    let port = simulator.port();
    drop(simulator);
    let again = Simulator::start(Options { port, ..Options::default() }).expect("the port is free");
    assert_eq!(again.port(), port);
}

#[test]
fn plain_data_it_does_not_understand_is_refused_by_name() {
    for (site, named) in [
        (json!({"space": {}}), "`space`"),
        (json!({"users": {"ann": {"mail": "x"}}}), "`mail`"),
        (json!({"contents": {"A": {"type": "page", "space": "NOPE"}}}), "`NOPE`"),
        (json!({"spaces": {"S": {"grants": {"ann": ["view"]}}}}), "`ann`"),
        (json!({"spaces": {"S": {"role_assignments": {"user:a": ["boss"]}}}}), "`boss`"),
        (json!({"spaces": {"S": {}}, "contents": {"A": {"type": "poem", "space": "S"}}}), "`poem`"),
    ] {
        let error = Simulator::start(Options { site: Some(site.clone()), ..Options::default() }).unwrap_err();
        assert!(error.to_string().contains(named), "{site}: {error}");
    }
}

#[test]
fn the_cast_of_the_company_stands_in_the_story_it_is_cast_for() {
    let talk = Talk::with(Options { seed: 5, ..Options::default() });
    let cast = cast();
    let allowed = |content: &str, user: &str, operation: &str| {
        let body = json!({"subject": {"type": "user", "identifier": user}, "operation": operation});
        talk.post(&format!("/wiki/rest/api/content/{content}/permission/check"), &body).json()["hasPermission"] == true
    };
    let (ann, bob) = (&cast.ann.account_id, &cast.bob.account_id);
    assert!(allowed(&cast.roadmap.id, bob, "read") && allowed(&cast.roadmap.id, ann, "update"));
    assert!(!allowed(&cast.hardening.id, bob, "read") && allowed(&cast.hardening.id, ann, "read"));
    assert!(!allowed(&cast.remediation.id, bob, "read") && allowed(&cast.remediation.id, ann, "read"));
    assert!(allowed(&cast.hiring.id, bob, "read") && !allowed(&cast.hiring.id, &cast.cat.account_id, "read"));
    assert!(!allowed(&cast.hiring.id, ann, "read"));
    assert!(allowed(&cast.on_call.id, ann, "read") && !allowed(&cast.on_call.id, ann, "update"));
    assert!(allowed(&cast.on_call.id, &cast.dan.account_id, "update"));
    assert!(!allowed(&cast.handover.id, &cast.eve.account_id, "read"));
    assert!(!allowed(&cast.roadmap.id, &cast.ivan.account_id, "read"));
    assert!(allowed(&cast.welcome.id, "anonymous", "read"));
    assert_eq!(talk.ok(&format!("/wiki/api/v2/pages/{}", cast.findings.id))["title"], cast.findings.title);
    assert_eq!(talk.ok("/wiki/rest/api/user/current")["displayName"], cast.olga.name);
    talk.understood();
}

#[test]
fn a_site_of_100_000_pages_is_listed_page_by_page() {
    let talk = Talk::with(Options { pages: 100_000, spaces: 50, ..Options::default() });
    let mut next = Some("/wiki/api/v2/pages?limit=250".to_owned());
    let mut pages = 0;
    while let Some(path) = next.filter(|_| pages < 40) {
        let body = talk.ok(&path);
        next = body["_links"]["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    assert_eq!(pages, 40);
}

/// The simulator decides for itself; here is what it decides about the sites whose answers are written down.
#[test]
fn the_permission_check_agrees_with_every_golden_answer_that_is_certain() {
    let file = file();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for scenario in file["scenarios"].as_array().unwrap() {
        let mut described = site(&file, scenario, "cloud");
        described.as_object_mut().unwrap().remove("caller");
        for question in scenario["questions"].as_array().into_iter().flatten() {
            let changed = question["variants"].as_array().into_iter().flatten().filter(|v| v.get("switch").is_none());
            for asking in std::iter::once(question).chain(changed) {
                let expected = match asking["expect"]["cloud"].as_str() {
                    Some("allowed") => true,
                    Some("denied") => false,
                    // Left open, or not about Cloud.
                    _ => continue,
                };
                let (kind, id) = match question["subject"].as_str().unwrap().split_once(':') {
                    Some((kind @ ("user" | "group"), id)) => (kind, id),
                    None if question["subject"] == "anonymous" => ("user", "anonymous"),
                    // Anyone with a link, or an e-mail to be looked up: the route does not take them.
                    _ => continue,
                };
                let operation = match question["operation"].as_str().unwrap() {
                    "view" => "read",
                    "edit" => "update",
                    "delete" => "delete",
                    _ => continue,
                };
                let mut site = described.clone();
                merge(&mut site, asking.get("patch").unwrap_or(&json!({})));
                let talk = served(site);
                let content = question["content"].as_str().unwrap();
                let body = json!({"subject": {"type": kind, "identifier": id}, "operation": operation});
                let answered = talk.post(&format!("/wiki/rest/api/content/{content}/permission/check"), &body);
                asked += 1;
                if answered.status != 200 || answered.json()["hasPermission"] != expected {
                    let name = asking["name"].as_str().unwrap_or_default();
                    wrong.push(format!(
                        "{} {name}: {kind} {id} {operation} {content}: {}",
                        scenario["id"], answered.text
                    ));
                }
            }
        }
    }
    assert!(asked > 100, "{asked}");
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}
