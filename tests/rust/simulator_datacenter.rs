//! The simulator as a Data Center, over real HTTP.

use std::collections::HashSet;

use confluence_access::model::Deployment;
use confluence_access::simulator::{Effect, Fault, Options, datacenter_cast};
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::scenarios::{file, merge, site};
use crate::support::talk::Talk;

fn served_with(options: Options) -> Talk {
    Talk::with(Options { deployment: Deployment::DataCenter, ..options })
}

fn served(site: Value) -> Talk {
    served_with(Options { site: Some(site), ..Options::default() })
}

fn served_at(version: &str) -> Talk {
    served_with(Options { site: Some(small_site()), version: version.to_owned(), ..Options::default() })
}

fn texts(rows: &Value, pointer: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap_or_else(|| panic!("no list: {rows}"));
    rows.iter().map(|row| row.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()).collect()
}

const BULK: &str = "expand=ancestors,restrictions.read.restrictions.user,restrictions.read.restrictions.group,\
    restrictions.update.restrictions.user,restrictions.update.restrictions.group";

fn small_site() -> Value {
    json!({
        "anonymous_enabled": true,
        "users": {
            "4028aa01": {"name": "ann", "display_name": "Ann Berg", "email": "ann@example.org"},
            "4028aa02": {"name": "bob"},
            "4028aa03": {"name": "sue", "product_admin": true},
            "4028aa04": {"name": "zed", "active": false},
            "4028aa05": {"name": "root"},
            "4028aa06": {"name": "cus", "licensed": false}
        },
        "groups": {
            "staff": {"members": ["group:R&D / Core+1 100%", "user:4028aa02"]},
            "R&D / Core+1 100%": {"members": ["user:4028aa01", "user:4028aa04"]},
            "confluence-administrators": {"members": ["user:4028aa05"]}
        },
        "spaces": {
            "DOC": {"homepage": "1", "grants": {
                "group:staff": ["view", "create_page", "create_comment"],
                "user:4028aa02": ["administer", "delete_mail"],
                "anonymous": ["view"]
            }},
            "SHUT": {"grants": {"group:staff": ["view"]}},
            "OLD": {"archived": true, "grants": {"group:staff": ["view"]}},
            "~ann": {"type": "personal", "owner": "user:4028aa01", "grants": {"user:4028aa01": ["view", "administer"]}}
        },
        "contents": {
            "1": {"type": "page", "space": "DOC", "title": "Home"},
            "2": {"type": "page", "space": "DOC", "parent": "1", "title": "A"},
            "3": {"type": "page", "space": "DOC", "parent": "2", "title": "B"},
            "4": {"type": "page", "space": "DOC", "parent": "3", "title": "C"},
            "5": {"type": "blogpost", "space": "DOC", "title": "News"},
            "6": {"type": "page", "space": "SHUT", "title": "Inside"},
            "7": {"type": "page", "space": "DOC", "title": "Gone", "status": "trashed"},
            "8": {"type": "comment", "space": "DOC", "parent": "3", "title": "Re: B"},
            "9": {"type": "page", "space": "OLD", "title": "Once"}
        },
        "restrictions": {
            "2": {"read": ["group:staff"]},
            "3": {"read": ["user:4028aa01", "user:4028aa99"], "update": ["group:R&D / Core+1 100%", "group:vanished"]}
        }
    })
}

// Credentials -------------------------------------------------------------------------------------------------------

#[test]
fn a_token_and_a_password_let_in_and_the_probe_says_whom() {
    let talk = served(small_site());
    assert_eq!(talk.ok("/rest/api/user/current")["username"], "admin");
    let talk = talk.login("bob");
    let answered = talk.get("/rest/api/user/current");
    assert_eq!(answered.json()["userKey"], "4028aa02");
    assert_eq!(answered.headers["x-ausername"], "bob");
    assert_eq!(talk.ok("/rest/api/server-information")["version"], "9.2.0");
    talk.understood();
}

#[test]
fn a_token_nobody_knows_is_served_as_anonymous_where_the_site_is_open_and_refused_where_it_is_not() {
    for (open, expected) in [(true, 200), (false, 401)] {
        let mut site = small_site();
        site["anonymous_enabled"] = json!(open);
        let talk = served(site);
        let url = format!("{}/rest/api/user/current", talk.simulator.url());
        let answered = talk.send(talk.client.get(&url).bearer_auth("expired"));
        assert_eq!(answered.status, expected, "{}", answered.text);
        if open {
            assert_eq!(answered.json()["type"], "anonymous");
        }
        assert_eq!(talk.send(talk.client.get(&url)).status, expected);
        let forced = talk.send(talk.client.get(format!("{url}?os_authType=basic")).bearer_auth("expired"));
        assert_eq!(forced.status, 401);
        // A wrong password is never anonymous, and a token is no password.
        for password in ["wrong", talk.simulator.token()] {
            let refused = talk.send(talk.client.get(&url).basic_auth("ann", Some(password)));
            assert_eq!(refused.status, 401);
            assert_eq!(refused.headers["x-seraph-loginreason"], "AUTHENTICATED_FAILED");
        }
        talk.understood();
    }
}

#[test]
fn tokens_came_with_7_9_and_who_is_deactivated_does_not_get_in() {
    let talk = served_at("7.4.6");
    assert_eq!(talk.ok("/rest/api/user/current")["type"], "anonymous");
    let talk = talk.login("zed");
    assert_eq!(talk.get("/rest/api/user/current").status, 401);
}

#[test]
fn a_context_path_is_in_front_of_everything_and_in_no_next_link() {
    let options = Options { site: Some(small_site()), context: "/confluence".to_owned(), ..Options::default() };
    let talk = served_with(options);
    assert!(talk.simulator.url().ends_with("/confluence"));
    let first = talk.ok("/rest/api/space?limit=1");
    assert_eq!(first["_links"]["context"], "/confluence");
    assert_eq!(first["_links"]["base"], talk.simulator.url());
    assert!(first["_links"]["next"].as_str().is_some_and(|next| next.starts_with("/rest/api/space?")), "{first}");
    let (rows, pages) = talk.walk("/rest/api/space?limit=1");
    assert_eq!((rows.len(), pages), (3, 3));
    talk.understood();

    let outside = talk.simulator.url().replace("/confluence", "/rest/api/space");
    let answered = talk.send(talk.client.get(outside).bearer_auth(talk.simulator.token()));
    assert_eq!(answered.status, 404);
    assert!(answered.text.contains("<html"), "{}", answered.text);
}

#[test]
fn an_address_nobody_serves_answers_xml_and_is_remembered() {
    let talk = served(small_site());
    let answered = talk.get("/rest/api/serverInfo");
    assert_eq!(answered.status, 404);
    assert!(answered.text.contains("<message>null for uri: "), "{}", answered.text);
    assert_eq!(talk.simulator.unexpected().len(), 1);
    assert_eq!(talk.get("/rest/api/space?colour=red").status, 501);
    assert_eq!(talk.get("/rest/api/space?expand=colour").status, 501);
    assert_eq!(talk.get("/rest/api/content/search?cql=colour%3Dred").status, 400);
    assert_eq!(talk.simulator.unexpected().len(), 4);
}

#[test]
fn each_version_has_the_routes_it_had_and_a_missing_one_is_no_surprise() {
    let routes = [
        ("/rest/api/server-information", (9, 2)),
        ("/rest/api/content/scan?spaceKey=DOC", (7, 18)),
        ("/rest/api/space/DOC/permissions", (9, 1)),
        ("/rest/api/permissions", (9, 3)),
        ("/rest/api/group/staff/groupancestor", (9, 4)),
        ("/rest/api/group/groupmember?groupName=staff", (10, 2)),
        ("/rest/api/admin/users/list/active", (9, 3)),
        ("/rest/api/content/2/restriction/relevantViewRestrictions", (9, 2)),
        ("/rest/applinks/1.0/manifest", (0, 0)),
        ("/rest/api/user/list", (0, 0)),
        ("/rest/api/accessmode", (0, 0)),
    ];
    for (text, version) in
        [("7.4.6", (7, 4)), ("7.19.0", (7, 19)), ("8.5.4", (8, 5)), ("9.2.0", (9, 2)), ("10.2.0", (10, 2))]
    {
        let talk = served_at(text).login("root");
        for (path, since) in routes {
            let expected = if version >= since { 200 } else { 404 };
            assert_eq!(talk.get(path).status, expected, "{text} {path}");
        }
        assert!(talk.get("/rest/applinks/1.0/manifest").text.contains(&format!("<version>{text}</version>")));
        talk.understood();
    }
    // The global permissions were brought back into a late 9.2.
    assert_eq!(served_at("9.2.18").login("root").get("/rest/api/permissions").status, 200);
}

#[test]
fn a_server_with_a_rate_limit_says_how_much_is_left_and_to_wait_no_seconds() {
    let headers = [("X-RateLimit-Limit", "20"), ("X-RateLimit-Remaining", "19"), ("Retry-After", "0")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let busy = Fault::status("/rest/api/group", 429).retry_after("1").once();
    let faults = vec![busy, Fault::on("/rest/api", Effect::Headers(headers))];
    let talk = served_with(Options { site: Some(small_site()), faults, ..Options::default() });
    let refused = talk.get("/rest/api/group");
    assert_eq!((refused.status, &refused.json()["statusCode"]), (429, &json!(429)));
    let answered = talk.get("/rest/api/group");
    assert_eq!((answered.status, &answered.headers["retry-after"]), (200, &"0".parse().expect("a header")));
    assert_eq!(answered.headers["x-ratelimit-remaining"], "19");
}

// Reading -----------------------------------------------------------------------------------------------------------

#[test]
fn the_rows_of_space_permissions_are_flat_and_name_keys_and_names_only() {
    let talk = served(small_site());
    let rows = talk.ok("/rest/api/space/DOC/permissions");
    let rows = rows.as_array().expect("a list");
    let has = |row: Value| assert!(rows.contains(&row), "{row} is not in {rows:?}");
    let id = rows[0]["spaceId"].clone();
    assert!(id.is_u64());
    has(
        json!({"operation": {"targetType": "space", "operationKey": "read"}, "subject": {"type": "group", "name": "staff"}, "spaceKey": "DOC", "spaceId": id}),
    );
    has(
        json!({"operation": {"targetType": "space", "operationKey": "delete_mail"}, "subject": {"type": "user", "userKey": "4028aa02"}, "spaceKey": "DOC", "spaceId": id}),
    );
    has(json!({"operation": {"targetType": "space", "operationKey": "read"}, "spaceKey": "DOC", "spaceId": id}));
    assert_eq!(rows.len(), 6);
    assert_eq!(talk.ok("/rest/api/space/DOC/permissions/anonymous").as_array().map(Vec::len), Some(1));
    assert_eq!(talk.ok("/rest/api/space/DOC/permissions/group/staff").as_array().map(Vec::len), Some(3));
    assert_eq!(talk.ok("/rest/api/space/DOC/permissions/user/4028aa02").as_array().map(Vec::len), Some(2));
    assert_eq!(talk.get("/rest/api/space/DOC/permissions/user/bob").status, 404);
    assert_eq!(talk.get("/rest/api/space/DOC/permissions/group/nobody").status, 404);
    assert_eq!(talk.get("/rest/api/space/NOPE/permissions").status, 404);
    let talk = served_at("10.2.0");
    let rows = talk.ok("/rest/api/space/doc/permissions");
    assert!(texts(&rows, "/subject/type").contains(&"anonymous".to_owned()), "{rows}");
    assert_eq!(rows[0]["spaceKey"], "DOC");
    talk.understood();
}

#[test]
fn who_administers_nothing_gets_an_error_of_the_server_where_permissions_are_asked_for() {
    let talk = served(small_site()).login("ann");
    for path in [
        "/rest/api/space/DOC/permissions",
        "/rest/api/space/DOC/permissions/anonymous",
        "/rest/api/space/DOC?expand=permissions",
        "/rest/api/space?expand=permissions",
        "/rest/api/content/1?expand=space.permissions",
    ] {
        assert_eq!(talk.get(path).status, 500, "{path}");
    }
    let answered = talk.put("/rest/api/space/DOC/permissions/anonymous/revoke", &json!([]));
    assert_eq!((answered.status, answered.json()["reason"].clone()), (403, json!("Forbidden")));
    assert_eq!(talk.get("/rest/api/permissions").status, 404);
    // An administrator of the space may.
    let talk = talk.login("bob");
    assert_eq!(talk.get("/rest/api/space/DOC/permissions").status, 200);
    assert_eq!(talk.get("/rest/api/space/DOC?expand=permissions").status, 200);
    talk.understood();
}

#[test]
fn restrictions_come_inline_with_a_scan_that_goes_by_id() {
    let talk = served(small_site());
    let (rows, pages) = talk.walk(&format!("/rest/api/content/scan?spaceKey=DOC&type=page&limit=3&{BULK}"));
    assert_eq!((rows.len(), pages), (4, 2));
    assert_eq!(rows[3]["ancestors"].as_array().map(Vec::len), Some(3));
    assert_eq!(texts(&rows[3]["ancestors"], "/id"), ["1", "2", "3"]);
    let b = &rows[2]["restrictions"];
    let read = &b["read"]["restrictions"];
    assert_eq!(texts(&read["user"]["results"], "/username"), ["ann", "4028aa99"]);
    assert_eq!(read["user"]["results"][1]["type"], "unknown");
    assert_eq!(
        (&read["user"]["start"], &read["user"]["limit"], &read["user"]["size"]),
        (&json!(0), &json!(200), &json!(2))
    );
    assert_eq!(texts(&b["update"]["restrictions"]["group"]["results"], "/name"), ["R&D / Core+1 100%", "vanished"]);
    assert_eq!(b["read"]["_expandable"]["content"], "/rest/api/content/3");
    let first = talk.ok("/rest/api/content/scan?spaceKey=DOC&limit=1");
    assert_eq!(first["nextCursor"], "content:false:1");
    assert_eq!(talk.get("/rest/api/content/scan?spaceKey=DOC&cursor=nonsense").status, 400);
    assert_eq!(talk.get("/rest/api/content/scan?spaceKey=NOPE").status, 404);
    let (any, _) = talk.walk("/rest/api/content/scan?spaceKey=DOC&status=any");
    assert!(any.iter().any(|row| row["status"] == "trashed"));
    let (offsets, pages) = talk.walk("/rest/api/content?spaceKey=DOC&type=page&limit=3");
    assert_eq!((offsets.len(), pages), (4, 2));
}

#[test]
fn what_was_not_asked_to_be_expanded_is_named_and_not_empty() {
    let talk = served(small_site());
    let body = talk.ok("/rest/api/content/3?expand=restrictions.read.restrictions.user");
    let restrictions = &body["restrictions"];
    assert_eq!(restrictions["_expandable"], json!({"update": ""}));
    assert_eq!(restrictions["read"]["restrictions"]["_expandable"], json!({"group": ""}));
    assert!(restrictions["read"]["restrictions"].get("group").is_none());
    let plain = talk.ok("/rest/api/content/3");
    assert_eq!(plain["_expandable"]["restrictions"], "/rest/api/content/3/restriction/byOperation");
    assert_eq!(plain["_expandable"]["container"], "/rest/api/space/DOC");
}

#[test]
fn the_lists_of_one_content_come_in_both_shapes_and_without_those_above() {
    let old = served_at("9.2.0");
    let body =
        old.ok("/rest/api/content/3/restriction/byOperation?expand=read.restrictions.user,update.restrictions.group");
    assert_eq!(texts(&body["read"]["restrictions"]["user"]["results"], "/userKey"), ["4028aa01", "4028aa99"]);
    let new = served_at("10.2.0");
    let body = new.ok("/rest/api/content/3/restriction/byOperation");
    assert_eq!(body["restrictions"]["update"]["restrictions"]["group"]["size"], 2);
    let read = old.ok("/rest/api/content/4/restriction/byOperation/read");
    assert_eq!(read["restrictions"]["group"]["results"], json!([]));
    assert_eq!(old.get("/rest/api/content/3/restriction/byOperation/delete").status, 404);
    assert_eq!(old.get("/rest/api/content/3/restriction").status, 404);
    assert_eq!(old.simulator.unexpected().len(), 1, "no version of Data Center reads the restriction itself");
}

#[test]
fn a_long_list_is_cut_and_goes_on_behind_start() {
    let users: serde_json::Map<String, Value> = (0..250).map(|n| (format!("k{n:03}"), json!({}))).collect();
    let named: Vec<String> = users.keys().map(|id| format!("user:{id}")).collect();
    let talk = served(json!({
        "users": users, "spaces": {"DOC": {"grants": {}}},
        "contents": {"1": {"type": "page", "space": "DOC"}}, "restrictions": {"1": {"read": named}}
    }));
    let body = talk.ok("/rest/api/content/1?expand=restrictions.read.restrictions.user");
    let list = &body["restrictions"]["read"]["restrictions"]["user"];
    assert_eq!((&list["size"], &list["limit"]), (&json!(200), &json!(200)));
    assert!(list.get("_links").is_none(), "nothing says that there are more");
    let rest = talk.ok("/rest/api/content/1/restriction/byOperation/read?expand=restrictions.user&start=200&limit=500");
    assert_eq!(rest["restrictions"]["user"]["size"], 50);
}

#[test]
fn every_layer_above_must_be_passed_and_is_told_by_one_call() {
    let talk = served(small_site());
    let body = talk.ok("/rest/api/content/4/restriction/relevantViewRestrictions");
    let layers = body["viewContentRestrictions"]["results"].as_array().expect("layers");
    assert_eq!(layers.len(), 2);
    assert!(layers.iter().all(|layer| layer["operation"] == "read"));
    let many = talk.ok("/rest/api/content/4/restriction/relevantViewRestrictions?limit=500");
    assert_eq!(many["viewContentRestrictions"]["limit"], 50);
}

#[test]
fn a_caller_is_shown_what_it_may_view_and_the_super_group_everything() {
    let seen = |name: &str| -> HashSet<String> {
        let talk = served(small_site()).login(name);
        let mut found = HashSet::new();
        for kind in ["page", "blogpost", "comment"] {
            let (rows, _) = talk.walk(&format!("/rest/api/content/scan?type={kind}"));
            found.extend(rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        }
        talk.understood();
        found
    };
    let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<HashSet<String>>();
    assert_eq!(seen("root"), set(&["1", "2", "3", "4", "5", "6", "8", "9"]));
    // Ann is in `staff` by a group inside it, and on the list of B.
    assert_eq!(seen("ann"), set(&["1", "2", "3", "4", "5", "6", "8", "9"]));
    assert_eq!(seen("bob"), set(&["1", "2", "5", "6", "9"]));
    // An administrator of Confluence who is in no group has what everybody has.
    assert_eq!(seen("sue"), set(&["1", "5"]));
    assert_eq!(seen("cus"), set(&["1", "5"]));
}

#[test]
fn groups_hold_members_and_groups_and_a_slash_breaks_the_address_of_one() {
    let talk = served_at("9.2.0");
    let (groups, _) = talk.walk("/rest/api/group");
    assert_eq!(texts(&json!(groups), "/name"), ["R&D / Core+1 100%", "confluence-administrators", "staff"]);
    assert!(groups[0].get("id").is_none());
    let (members, _) = talk.walk("/rest/api/group/staff/member");
    assert_eq!(texts(&json!(members), "/username"), ["bob"]);
    let (inner, _) = talk.walk("/rest/api/group/staff/groupmember");
    assert_eq!(texts(&json!(inner), "/name"), ["R&D / Core+1 100%"]);
    assert_eq!(talk.get("/rest/api/group/R%26D%20%2F%20Core%2B1%20100%25/member").status, 400);
    assert_eq!(talk.get("/rest/api/group/R%26D%20/%20Core%2B1%20100%25/member").status, 404);
    assert_eq!(talk.get("/rest/api/group/nobody").status, 404);
    // Before there were query forms their words were names of groups.
    assert_eq!(talk.get("/rest/api/group/member?groupName=staff").status, 404);
    talk.understood();

    let talk = served_at("10.2.0");
    let name = "groupName=R%26D+%2F+Core%2B1+100%25";
    assert_eq!(talk.ok(&format!("/rest/api/group/info?{name}"))["name"], "R&D / Core+1 100%");
    let (members, _) = talk.walk(&format!("/rest/api/group/member?{name}&expand=status"));
    assert_eq!(texts(&json!(members), "/status"), ["Active", "Deactivated"]);
    let (around, _) = talk.walk(&format!("/rest/api/group/groupancestor?{name}"));
    assert_eq!(texts(&json!(around), "/name"), ["staff"]);
    let talk = talk.login("ann");
    assert_eq!(talk.get("/rest/api/group/staff/member").status, 403);
    talk.understood();
}

#[test]
fn users_are_found_by_key_and_by_name_and_listed_with_those_who_left() {
    let talk = served(small_site());
    let ann = talk.ok("/rest/api/user?username=ann");
    assert_eq!(ann, talk.ok("/rest/api/user?key=4028aa01"));
    assert_eq!(
        (&ann["type"], &ann["userKey"], &ann["displayName"]),
        (&json!("known"), &json!("4028aa01"), &json!("Ann Berg"))
    );
    assert!(ann.get("email").is_none());
    assert_eq!(talk.ok("/rest/mobile/1.0/profile/ann")["email"], "ann@example.org");
    assert_eq!(talk.get("/rest/api/user?key=nobody").status, 404);
    let (users, _) = talk.walk("/rest/api/user/list?expand=status&limit=2");
    assert_eq!(users.len(), 6);
    let (groups, _) = talk.walk("/rest/api/user/memberof?key=4028aa01");
    assert_eq!(texts(&json!(groups), "/name"), ["R&D / Core+1 100%"]);
    let found = talk.ok("/rest/api/search?cql=type%3Duser%20and%20user.fullname~%22Ann*%22");
    assert_eq!(found["results"][0]["user"]["username"], "ann");
    assert_eq!(talk.get("/rest/api/search/user?cql=type%3Duser").status, 404);
}

#[test]
fn archived_spaces_are_told_only_where_they_are_asked_for() {
    let talk = served(small_site());
    let keys = |path: &str| texts(&json!(talk.walk(path).0), "/key");
    assert_eq!(keys("/rest/api/space"), ["DOC", "SHUT", "~ann"]);
    assert_eq!(keys("/rest/api/space?status=archived"), ["OLD"]);
    assert_eq!(keys("/rest/api/space?spaceKey=DOC&spaceKey=~ann"), ["DOC", "~ann"]);
    assert_eq!(keys("/rest/api/space?type=personal"), ["~ann"]);
    assert_eq!(talk.ok("/rest/api/space/%7Eann")["type"], "personal");
    assert_eq!(talk.ok("/rest/api/space/DOC?expand=homepage")["homepage"]["title"], "Home");
    let both = talk.ok("/rest/api/space/DOC/content");
    assert_eq!((&both["page"]["size"], &both["blogpost"]["size"]), (&json!(4), &json!(1)));
    let (rows, _) = talk.walk("/rest/api/space/DOC/content/page?depth=root");
    assert_eq!(texts(&json!(rows), "/id"), ["1"]);
}

#[test]
fn pages_are_capped_without_a_word() {
    let talk = served_with(Options { pages: 1500, ..Options::default() });
    for (path, cap) in [
        ("/rest/api/content/search?cql=type%3Dpage&limit=5000", 1000),
        ("/rest/api/content/search?cql=type%3Dpage&limit=5000&expand=version", 200),
        ("/rest/api/content/search?cql=type%3Dpage&limit=5000&expand=body.view", 50),
        ("/rest/api/content?limit=5000", 500),
    ] {
        let body = talk.ok(path);
        assert_eq!((&body["limit"], &body["size"]), (&json!(cap), &json!(cap)), "{path}");
    }
    let (rows, pages) = talk.walk("/rest/api/content/scan?type=page&limit=5000");
    assert_eq!(pages, rows.len().div_ceil(500));
    talk.understood();
}

#[test]
fn search_finds_what_is_below_something_by_somebody_and_not_what_is_archived() {
    let talk = served(small_site());
    let ids = |cql: &str| {
        let query: String = url::form_urlencoded::byte_serialize(cql.as_bytes()).collect();
        texts(&json!(talk.walk(&format!("/rest/api/content/search?cql={query}")).0), "/id")
    };
    assert_eq!(ids("space = DOC and type = page"), ["1", "2", "3", "4"]);
    assert_eq!(ids("ancestor = 2"), ["3", "4", "8"]);
    assert_eq!(ids("id in (2, 9)"), ["2"]);
    assert_eq!(ids("creator = ann and type = blogpost"), ["5"]);
    let (below, _) = talk.walk("/rest/api/content/1/descendant/page");
    assert_eq!(below.len(), 3);
    let (children, _) = talk.walk("/rest/api/content/1/child/page?expand=version");
    assert_eq!(texts(&json!(children), "/id"), ["2"]);
    assert_eq!(talk.ok("/rest/api/content/1?expand=children.page")["children"]["page"]["size"], 1);
    talk.understood();
}

#[test]
fn restrictions_that_cannot_be_read_are_left_out_of_a_listing_and_say_why_when_asked_for() {
    let mut site = small_site();
    site["unreadable"] = json!({"3": "403"});
    let talk = served(site);
    let (rows, _) = talk.walk(&format!("/rest/api/content/scan?spaceKey=DOC&{BULK}"));
    assert!(rows[2].get("restrictions").is_none());
    assert!(rows[2]["_expandable"].get("restrictions").is_some());
    assert_eq!(talk.get("/rest/api/content/3/restriction/byOperation").status, 403);
    talk.understood();
}

#[test]
fn every_account_is_served_what_the_golden_answers_say_it_may_view() {
    let file = file();
    let (mut asked, mut wrong) = (0, Vec::new());
    for scenario in file["scenarios"].as_array().unwrap() {
        let mut described = site(&file, scenario, "datacenter");
        described.as_object_mut().unwrap().remove("caller");
        for question in scenario["questions"].as_array().into_iter().flatten() {
            let changed = question["variants"].as_array().into_iter().flatten().filter(|v| v.get("switch").is_none());
            for asking in std::iter::once(question).chain(changed) {
                let expected = match asking["expect"]["datacenter"].as_str() {
                    Some("allowed") => true,
                    Some("denied") => false,
                    // Left open, or not about Data Center.
                    _ => continue,
                };
                let subject = question["subject"].as_str().unwrap();
                let who = subject.strip_prefix("user:");
                if question["operation"] != "view" || (who.is_none() && subject != "anonymous") {
                    continue;
                }
                let mut site = described.clone();
                merge(&mut site, asking.get("patch").unwrap_or(&json!({})));
                let mut talk = served(site);
                if let Some(name) = who {
                    talk = talk.login(name);
                }
                let path = format!("/rest/api/content/{}?status=draft", question["content"].as_str().unwrap());
                let path = [path.clone(), path.replace("draft", "current")];
                let statuses: Vec<u16> = path
                    .iter()
                    .map(|path| match who {
                        Some(_) => talk.get(path).status,
                        None => talk.get_bare(path).status,
                    })
                    .collect();
                asked += 1;
                if statuses.contains(&200) != expected {
                    wrong.push(format!("{} {}: {subject} {}: {statuses:?}", scenario["id"], asking["name"], path[0]));
                }
            }
        }
    }
    assert!(asked > 80, "{asked}");
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}

// The company -------------------------------------------------------------------------------------------------------

#[test]
fn the_company_has_keys_names_that_are_hard_to_write_and_groups_inside_groups() {
    let talk = served_with(Options { pages: 200, ..Options::default() });
    let cast = datacenter_cast();
    let current = talk.ok("/rest/api/user/current");
    assert_eq!((&current["userKey"], &current["username"]), (&json!(cast.olga.account_id), &json!("olga.admin")));
    assert!(cast.ann.account_id.starts_with("4028") && cast.ann.account_id.len() == 32, "{}", cast.ann.account_id);
    assert_eq!(talk.simulator.username(), "olga.admin");
    let (groups, _) = talk.walk("/rest/api/group");
    let names = texts(&json!(groups), "/name");
    for name in ["confluence-users", "confluence-administrators", "engineering", "R&D / Platform+Core", "100% remote"] {
        assert!(names.contains(&name.to_owned()), "{name} is not in {names:?}");
    }
    let (spaces, _) = talk.walk("/rest/api/space?limit=500");
    assert!(texts(&json!(spaces), "/key").contains(&"~ann.berg".to_owned()));
    let (pages, _) = talk.walk(&format!("/rest/api/content/scan?type=page&limit=500&{BULK}"));
    let findings = pages.iter().find(|page| page["id"] == cast.findings.id.as_str()).expect("the page of the cast");
    assert_eq!(
        findings["restrictions"]["read"]["restrictions"]["user"]["results"][0]["userKey"],
        cast.ann.account_id.as_str()
    );
    assert!(pages.iter().all(|page| page["type"] == "page"));
    let (members, _) = talk.walk("/rest/api/group/all%20staff/groupmember");
    assert_eq!(members.len(), 3);
    // The handbook is open to the world.
    let url = format!("{}/rest/api/space", talk.simulator.url());
    let open = talk.send(talk.client.get(url).header(AUTHORIZATION, "Bearer nobody"));
    assert_eq!(texts(&open.json()["results"], "/key"), ["PUB"]);
    talk.understood();
}

// Changes -----------------------------------------------------------------------------------------------------------

fn held(talk: &Talk, subject: &str) -> Vec<String> {
    let rows = talk.ok(&format!("/rest/api/space/DOC/permissions/{subject}"));
    let (targets, keys) = (texts(&rows, "/operation/targetType"), texts(&rows, "/operation/operationKey"));
    let mut held: Vec<String> = targets.iter().zip(keys).map(|(target, key)| format!("{target} {key}")).collect();
    held.sort();
    held
}

#[test]
fn setting_permissions_is_the_published_example_and_replaces_what_each_subject_named_had() {
    let mut site = small_site();
    site["users"]["4028ae289154667d0191546e11a10001"] = json!({"name": "dora"});
    site["groups"]["group1"] = json!({"members": []});
    let talk = served(site);
    let before = held(&talk, "group/staff");
    let published = json!([
        {"userKey": "4028ae289154667d0191546e11a10001", "operations": [
            {"operationKey": "read", "targetType": "space"}, {"operationKey": "administer", "targetType": "space"}]},
        {"groupName": "group1", "operations": [
            {"operationKey": "read", "targetType": "space"}, {"operationKey": "create", "targetType": "comment"}]},
        {"operations": [{"operationKey": "read", "targetType": "space"}]}
    ]);
    assert_eq!(talk.ask(Method::POST, "/rest/api/space/DOC/permissions", Some(&published)).status, 200);
    assert_eq!(held(&talk, "user/4028ae289154667d0191546e11a10001"), ["space administer", "space read"]);
    assert_eq!(held(&talk, "group/group1"), ["comment create", "space read"]);
    assert_eq!(held(&talk, "anonymous"), ["space read"]);
    assert_eq!(held(&talk, "group/staff"), before, "nobody spoke of it");

    let next = json!([{"groupName": "group1", "operations": [{"operationKey": "export", "targetType": "space"}]}, {"operations": []}]);
    assert_eq!(talk.ask(Method::POST, "/rest/api/space/DOC/permissions", Some(&next)).status, 200);
    assert_eq!(held(&talk, "group/group1"), ["space export"]);
    assert!(held(&talk, "anonymous").is_empty());
    talk.understood();
}

#[test]
fn giving_adds_and_taking_skips_what_is_not_there() {
    let talk = served(small_site());
    let two =
        json!([{"targetType": "space", "operationKey": "read"}, {"targetType": "page", "operationKey": "create"}]);
    for subject in ["anonymous", "group/R&D%20+%20x", "user/4028aa01"] {
        let grant = talk.put(&format!("/rest/api/space/DOC/permissions/{subject}/grant"), &two);
        if subject.starts_with("group") {
            assert_eq!(grant.status, 404);
            continue;
        }
        assert_eq!((grant.status, grant.text.as_str()), (204, ""));
        assert_eq!(held(&talk, subject), ["page create", "space read"]);
        let took =
            json!([{"targetType": "page", "operationKey": "delete"}, {"targetType": "page", "operationKey": "create"}]);
        assert_eq!(talk.put(&format!("/rest/api/space/DOC/permissions/{subject}/revoke"), &took).status, 204);
        assert_eq!(held(&talk, subject), ["space read"]);
    }
    assert_eq!(talk.put("/rest/api/space/DOC/permissions/group/staff/grant", &two).status, 204);
    talk.understood();
}

#[test]
fn the_fourteen_pairs_are_taken_and_no_other() {
    let talk = served(small_site());
    let path = "/rest/api/space/DOC/permissions/group/staff/grant";
    let mut taken = 0;
    for target in ["space", "page", "blogpost", "comment", "attachment", "application", "system"] {
        for key in [
            "read",
            "administer",
            "export",
            "restrict",
            "delete_own",
            "delete_mail",
            "create",
            "delete",
            "use",
            "archive",
        ] {
            let answered = talk.put(path, &json!([{"targetType": target, "operationKey": key}]));
            match answered.status {
                204 => taken += 1,
                400 => assert_eq!(answered.json()["statusCode"], 400),
                other => panic!("{target} {key}: {other}"),
            }
        }
    }
    assert_eq!(taken, 14);
    assert_eq!(held(&talk, "group/staff").len(), 14);
}

#[test]
fn one_wrong_entry_or_more_than_forty_subjects_change_nothing() {
    let users: serde_json::Map<String, Value> = (0..60).map(|n| (format!("k{n:02}"), json!({}))).collect();
    let keys: Vec<String> = users.keys().cloned().collect();
    let talk = served(json!({"users": users, "spaces": {"DOC": {"grants": {"anonymous": ["view"]}}}, "groups": {}}));
    let read = json!([{"targetType": "space", "operationKey": "read"}]);
    let body =
        |keys: &[String]| Value::Array(keys.iter().map(|key| json!({"userKey": key, "operations": read})).collect());
    let set = |body: &Value| talk.ask(Method::POST, "/rest/api/space/DOC/permissions", Some(body)).status;
    let rows = || talk.ok("/rest/api/space/DOC/permissions").as_array().map(Vec::len);
    assert_eq!(set(&body(&keys[..41])), 400);
    let mut wrong = body(&keys[..2]);
    wrong[1]["operations"] = json!([{"targetType": "page", "operationKey": "read"}]);
    assert_eq!(set(&wrong), 400);
    wrong[1] = json!({"userKey": "nobody", "operations": []});
    assert_eq!(set(&wrong), 404);
    assert_eq!(rows(), Some(1));
    assert_eq!(set(&body(&keys[..40])), 200);
    assert_eq!(rows(), Some(41));
}

#[test]
fn a_put_overwrites_what_it_names_and_leaves_the_rest() {
    let talk = served(small_site());
    let path = "/rest/api/content/3/restriction";
    let lists = || {
        let body = talk.ok("/rest/api/content/3/restriction/byOperation?expand=read.restrictions.user,read.restrictions.group,update.restrictions.user,update.restrictions.group");
        let names =
            |operation: &str, kind: &str, name: &str| texts(&body[operation]["restrictions"][kind]["results"], name);
        (
            names("read", "user", "/username"),
            names("read", "group", "/name"),
            names("update", "user", "/username"),
            names("update", "group", "/name"),
        )
    };
    let put = |body: Value| talk.put(path, &body);
    let answered =
        put(json!([{"operation": "read", "restrictions": {"user": [{"type": "known", "username": "bob"}]}}]));
    assert_eq!(answered.status, 200, "{}", answered.text);
    assert_eq!(texts(&answered.json()["results"], "/operation"), ["read", "update"]);
    let (read, groups, editors, editing) = lists();
    assert_eq!((read, groups, editors), (vec!["bob".to_owned()], vec![], vec![]));
    assert_eq!(editing, ["R&D / Core+1 100%", "vanished"]);
    // A kind that is not named stays, an empty one is cleared.
    put(json!([{"operation": "read", "restrictions": {"group": [{"type": "group", "name": "staff"}], "user": []}},
        {"operation": "update", "restrictions": {"user": [{"userKey": "4028aa01"}]}}]));
    let (read, groups, editors, editing) = lists();
    assert_eq!((read, groups), (vec![], vec!["staff".to_owned()]));
    assert_eq!((editors, editing.len()), (vec!["ann".to_owned()], 2));
    assert_eq!(put(json!([{"operation": "delete", "restrictions": {}}])).status, 400);
    assert_eq!(put(json!([{"operation": "read", "restrictions": {"users": []}}])).status, 400);
    assert_eq!(talk.put("/rest/api/content/77/restriction", &json!([])).status, 404);
}

#[test]
fn nobody_locks_themselves_out_and_who_may_not_edit_may_not_restrict() {
    let mut site = small_site();
    site["spaces"]["DOC"]["grants"]["user:4028aa01"] = json!(["restrict"]);
    let talk = served(site).login("ann");
    let only_bob = json!([{"operation": "read", "restrictions": {"user": [{"username": "bob"}]}}]);
    assert_eq!(talk.put("/rest/api/content/4/restriction", &only_bob).status, 400);
    let with_ann = json!([{"operation": "read", "restrictions": {"user": [{"username": "ann"}]}}]);
    assert_eq!(talk.put("/rest/api/content/4/restriction", &with_ann).status, 200);
    assert_eq!(talk.put("/rest/api/content/6/restriction", &with_ann).status, 403);
    let talk = talk.login("bob");
    assert_eq!(talk.put("/rest/api/content/4/restriction", &with_ann).status, 404);
    talk.understood();
}

#[test]
fn a_change_shows_in_what_the_next_caller_sees() {
    let talk = served(small_site());
    let take = json!([{"targetType": "space", "operationKey": "read"}]);
    assert_eq!(talk.put("/rest/api/space/SHUT/permissions/group/staff/revoke", &take).status, 204);
    let talk = talk.login("bob");
    assert_eq!(talk.get("/rest/api/content/6").status, 404);
    assert_eq!(talk.get("/rest/api/content/1").status, 200);
}

#[test]
fn a_site_that_takes_no_changes_says_so() {
    let mut site = small_site();
    site["read_only"] = json!(true);
    let talk = served(site);
    assert_eq!(talk.ok("/rest/api/accessmode"), "READ_ONLY");
    let answered = talk.put("/rest/api/space/DOC/permissions/anonymous/revoke", &json!([]));
    assert_eq!(answered.status, 405);
    assert_eq!(answered.json()["data"]["allowedInReadOnlyMode"], false);
}

#[test]
fn global_permissions_are_read_and_changed_and_decide_who_gets_in() {
    let talk = served_at("10.2.0");
    let rows = talk.ok("/rest/api/permissions");
    assert!(texts(&rows, "/operation/targetType").contains(&"application".to_owned()));
    assert_eq!(talk.ok("/rest/api/permissions/anonymous")[0]["operation"]["operationKey"], "use");
    assert_eq!(talk.ok("/rest/api/permissions/unlicensed")[0]["operation"]["operationKey"], "use_unlicensed");
    assert_eq!(talk.ok("/rest/api/permissions/user/ann"), talk.ok("/rest/api/permissions/user/4028aa01"));
    let using = json!([{"targetType": "application", "operationKey": "use"}]);
    assert_eq!(talk.put("/rest/api/permissions/group/staff/grant", &using).status, 204);
    assert_eq!(
        talk.put(
            "/rest/api/permissions/anonymous/grant",
            &json!([{"targetType": "system", "operationKey": "administer"}])
        )
        .status,
        400
    );
    assert_eq!(talk.put("/rest/api/permissions/anonymous/revoke", &using).status, 204);
    let url = format!("{}/rest/api/user/current", talk.simulator.url());
    assert_eq!(talk.send(talk.client.get(url)).status, 401);
    let talk = talk.login("ann");
    assert_eq!(talk.get("/rest/api/permissions").status, 403);
    talk.understood();
}

#[test]
fn groups_are_made_filled_and_deleted_with_everything_they_were_given() {
    let talk = served_at("8.5.4");
    let group = json!({"type": "group", "name": "new ones"});
    assert_eq!(talk.ask(Method::POST, "/rest/api/admin/group", Some(&group)).status, 201);
    assert_eq!(talk.ask(Method::POST, "/rest/api/admin/group", Some(&group)).status, 409);
    assert_eq!(talk.ask(Method::PUT, "/rest/api/user/bob/group/new%20ones", None).status, 204);
    assert_eq!(talk.ok("/rest/api/group/new%20ones/member")["results"][0]["username"], "bob");
    assert_eq!(talk.ask(Method::DELETE, "/rest/api/user/bob/group/new%20ones", None).status, 204);
    assert_eq!(talk.ok("/rest/api/group/new%20ones/member")["size"], 0);
    // A page restricted to a group that is deleted is open to all.
    assert_eq!(talk.ask(Method::DELETE, "/rest/api/admin/group/staff", None).status, 204);
    let lists = talk.ok("/rest/api/content/2/restriction/byOperation");
    assert_eq!(lists["read"]["restrictions"]["group"]["size"], 0);
    talk.understood();
}
