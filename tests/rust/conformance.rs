//! Every API, every question: whatever comes back, a reader says what it could not read. Never silence, never a panic.

use std::fs;
use std::path::Path;

use confluence_access::apis::{APIS, Continuation, Outcome, Question, Request, UnreadableKind};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Members that hold a list of rows, or of what rows are made of.
const LISTS: [&str; 14] = [
    "results",
    "permissions",
    "data",
    "scimLinks",
    "spacePermissions",
    "contentPermissions",
    "groups",
    "users",
    "spaces",
    "userDirectories",
    "contentTree",
    "entities",
    "actions",
    "nodes",
];

/// Puts every question to its recorded answer.
fn each_question(mut check: impl FnMut(&str, &Question, &Value)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for api in APIS {
        assert!(!api.questions().is_empty(), "{} is never asked", api.name());
        for question in api.questions() {
            let file = folder.join(api.name()).join(format!("{}.json", question.name));
            let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let body: Value = serde_json::from_str(&text).expect("a fixture is JSON");
            check(&format!("{} {}", api.name(), question.name), question, &body);
        }
    }
}

fn read(question: &Question, body: &Value) -> Result<Outcome, confluence_access::apis::Unreadable> {
    (question.read)(body.to_string().as_bytes())
}

/// Whether a changed answer was told from the whole one: read as it was, or with a sign that something is missing.
fn told(whole: &Outcome, changed: &Result<Outcome, confluence_access::apis::Unreadable>) -> bool {
    match changed {
        Err(_) => true,
        Ok(read) => read.rows >= whole.rows || !read.gaps.is_empty() || read.to_complete > 0 || read.nameless > 0,
    }
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    let mut go = |name: &str, inner: &Value| {
        let place = format!("{here}/{}", name.replace('~', "~0").replace('/', "~1"));
        all.push(place.clone());
        places(inner, &place, all);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| go(name, inner)),
        Value::Array(rows) => rows.iter().enumerate().for_each(|(index, inner)| go(&index.to_string(), inner)),
        _ => {}
    }
}

#[test]
fn every_question_has_an_answer_on_record_and_every_record_a_question() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for api in APIS {
        let mut names: Vec<&str> = api.questions().iter().map(|question| question.name).collect();
        names.sort_unstable();
        let mut files: Vec<String> = fs::read_dir(folder.join(api.name()))
            .expect("a folder of answers")
            .map(|file| file.expect("a file").file_name().to_string_lossy().replace(".json", ""))
            .collect();
        files.sort_unstable();
        assert_eq!(files, names, "{}", api.name());
        assert!(!api.answers().is_empty() && !api.blind_to().is_empty());
        assert!(api.probe().route.idempotent);
    }
}

/// Routes whose answers are read as those of another route are, or not as JSON.
const READ_ELSEWHERE: [&str; 9] = [
    "GET /wiki/api/v2/whiteboards/{id}",
    "GET /wiki/api/v2/databases/{id}",
    "GET /wiki/api/v2/embeds/{id}",
    "GET /wiki/api/v2/attachments/{id}",
    "GET /rest/applinks/1.0/manifest",
    "GET /rest/api/group/info",
    "GET /rest/api/group/member",
    "GET /rest/api/group/groupmember",
    "GET /rest/api/group/groupparent",
];

#[test]
fn every_route_is_asked_or_changes_something() {
    let mut unasked = Vec::new();
    for api in APIS {
        let asked = api.questions().iter().map(|question| (question.example)());
        let changed = api.changes().iter().filter_map(|change| (change.example)());
        let routes: Vec<_> = asked.chain(changed).map(|request| request.route).collect();
        assert!(routes.iter().all(|route| route.api == api.name()), "{}", api.name());
        unasked.extend(api.routes().iter().filter(|route| !routes.contains(route)).map(ToString::to_string));
    }
    assert_eq!(unasked, READ_ELSEWHERE);
}

/// Whether the path of a request is one of its route.
fn is_along_its_route(name: &str, request: &Request) {
    let (asked, template) = (request.line(), request.route.to_string().replace("[/space/{space}]", ""));
    // The add-on names a subject by its kind and its name.
    let template = template.replace("{subject}", "{kind}/{name}");
    let (asked, template): (Vec<&str>, Vec<&str>) = (asked.split('/').collect(), template.split('/').collect());
    assert_eq!(asked.len(), template.len(), "{name}: {}", request.route);
    for (part, pattern) in asked.iter().zip(&template) {
        assert!(pattern.starts_with('{') || part == pattern, "{name}: {part} is not {pattern}");
        assert!(!part.contains('{'), "{name}: a variable of {} was not given", request.route);
    }
}

#[test]
fn a_request_is_along_its_route() {
    each_question(|name, question, _| {
        let request = (question.example)();
        is_along_its_route(name, &request);
        assert!(request.route.idempotent, "{name} only asks");
        if question.paged {
            let in_body = |place| request.body.as_ref().is_some_and(|body| body.pointer(place).is_some());
            let limit = request.parameter("limit").is_some() || in_body("/limit") || in_body("/variables/first");
            // The organizations of a key are few, and their route takes no size of a page.
            assert!(
                limit || ["org_admin organizations", "org_admin domains"].contains(&name),
                "{name} says how much it wants"
            );
        }
    });
}

#[test]
fn a_change_is_along_its_route_and_is_known_to_be_one() {
    for api in APIS {
        for change in api.changes() {
            let request = (change.example)().unwrap_or_else(|| panic!("{} has no example", change.name));
            is_along_its_route(change.name, &request);
            assert!(!request.line().starts_with("GET"), "{} changes something", change.name);
        }
    }
}

#[test]
fn a_whole_answer_is_read_to_its_end() {
    each_question(|name, question, body| {
        let whole = read(question, body).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert!(whole.rows > 0, "{name}: no rows");
        assert_eq!((whole.gaps, whole.next), (vec![], None), "{name}");
        assert_eq!((whole.to_complete, whole.nameless), (0, 0), "{name}");
    });
}

#[test]
fn an_answer_cut_off_anywhere_is_unreadable() {
    let mut cuts = 0;
    each_question(|name, question, body| {
        let text = body.to_string();
        for end in 0..text.len() {
            let problem = (question.read)(&text.as_bytes()[..end]).expect_err(&format!("{name} cut at {end}"));
            assert!(matches!(problem.cause().as_str(), "truncated" | "not_json"), "{name} cut at {end}: {problem}");
            cuts += 1;
        }
    });
    assert!(cuts > 10_000, "{cuts} cuts");
}

#[test]
fn a_login_page_is_not_an_answer_and_keeps_its_secrets() {
    let page = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form><input name=\"token\" value=\"s3cr3t\"></form></body></html>";
    each_question(|name, question, _| {
        let problem = (question.read)(page).expect_err(name);
        assert_eq!((problem.kind(), problem.cause().as_str()), (UnreadableKind::Html, "not_json"), "{name}");
        assert_eq!(problem.to_string(), "a web page answered where JSON was expected: `Log in`");
    });
}

#[test]
fn json_of_another_shape_is_unreadable_and_its_values_are_not_repeated() {
    let token = "ATATT3xFfGF0s3cr3t";
    each_question(|name, question, whole| {
        for body in [
            json!(null),
            json!([]),
            json!(7),
            json!(token),
            json!({}),
            json!({"message": token, "statusCode": 200}),
            json!({"results": token}),
            json!({"results": null}),
            json!({"results": 7, "_links": {"next": "/x?cursor=y"}}),
        ] {
            if body == json!([]) && whole.is_array() {
                // Where a list is the whole answer, one without entries is an answer of its own.
                assert_eq!(read(question, &body).expect(name).rows, 0);
                continue;
            }
            let problem = read(question, &body).expect_err(&format!("{name}: {body}"));
            assert_eq!(problem.cause().as_str(), "unreadable", "{name}: {body}");
            let said = format!("{problem} {problem:?}");
            assert!(!said.contains(token), "{name}: {said}");
            assert!(!problem.to_string().contains('\n'));
        }
        for body in ["", " \n", "{", "gone", "\u{feff}", "{}{}", "[1,"] {
            (question.read)(body.as_bytes()).expect_err(&format!("{name}: {body}"));
        }
        (question.read)(b"\xff\xfe{\"results\":[]}").expect_err(name);
    });
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    each_question(|name, question, body| {
        let marked = format!("\u{feff}{body}\r\n");
        assert!((question.read)(marked.as_bytes()).is_ok(), "{name}");
    });
}

#[test]
fn nesting_without_end_is_unreadable_not_a_crash() {
    let deep = format!("{{\"results\":{}{},\"id\":\"1\"}}", "[".repeat(100_000), "]".repeat(100_000));
    let deeper = format!("{{\"restrictions\":{}1{}}}", "{\"read\":".repeat(100_000), "}".repeat(100_000));
    each_question(|name, question, _| {
        for body in [&deep, &deeper] {
            if let Ok(read) = (question.read)(body.as_bytes()) {
                assert!(!read.gaps.is_empty() || read.rows > 0, "{name}");
            }
        }
    });
}

fn paged(mut check: impl FnMut(&str, &Question, &Value)) {
    let mut seen = false;
    each_question(|name, question, body| {
        if question.paged {
            check(name, question, body);
            seen = true;
        }
    });
    assert!(seen, "no question is paged");
}

fn with_next(body: &Value, next: Value) -> Value {
    let mut body = body.clone();
    match links_of(&body) {
        "pagingInfo" => body["pagingInfo"] = json!({"lastPage": false, "nextPageLink": next}),
        // A bare cursor.
        "pageInfo" => {
            let cursor = next.as_str().and_then(|link| link.split_once("cursor=")).map(|(_, c)| c.replace("%3D", "="));
            listing(&mut body)["pageInfo"] = json!({"hasNextPage": true, "endPage": cursor});
        }
        links => body[links]["next"] = next,
    }
    body
}

/// The object that holds a page: the answer, or of GraphQL the one field of its data.
fn listing(body: &mut Value) -> &mut Value {
    if !body["data"].is_object() {
        return body;
    }
    let field = body["data"].as_object_mut().and_then(|data| data.values_mut().next());
    field.expect("a field of the data")
}

/// Where a listing has its rows. The organization, the audit log of Data Center and GraphQL have words of their own.
fn rows_of(body: &Value) -> &'static str {
    if body["data"].is_object() {
        return "nodes";
    }
    ["data", "entities"].into_iter().find(|name| body.get(name).is_some()).unwrap_or("results")
}

fn links_of(body: &Value) -> &'static str {
    match rows_of(body) {
        "data" => "links",
        "entities" => "pagingInfo",
        "nodes" => "pageInfo",
        _ => "_links",
    }
}

/// The page with no rows.
fn emptied(body: &mut Value) {
    let rows = rows_of(body);
    listing(body)[rows] = json!([]);
}

#[test]
fn an_empty_page_with_a_next_link_is_not_the_end() {
    paged(|name, question, body| {
        let mut body = with_next(body, json!("/wiki/api/v2/x?limit=25&cursor=abc%3D"));
        let links = links_of(&body);
        emptied(&mut body);
        let page = read(question, &body).expect(name);
        assert_eq!(page.rows, 0, "{name}");
        assert_eq!(page.next, Some(Continuation::Cursor("abc=".into())), "{name}");
        listing(&mut body)[links] = if links == "pageInfo" { json!({"hasNextPage": false}) } else { json!({}) };
        assert_eq!(
            read(question, &body).expect(name).next,
            None,
            "{name}: an empty page without a next link is the end"
        );
    });
}

#[test]
fn a_next_link_that_leads_back_is_noticed() {
    paged(|name, question, body| {
        let page = read(question, &with_next(body, json!("https://elsewhere.example/x?cursor=abc"))).expect(name);
        let next = page.next.unwrap_or_else(|| panic!("{name}: the next page was lost"));
        let second = (question.example)().continued(&next).expect(name);
        assert_eq!(second.path, (question.example)().path, "{name}: only the position is taken from the link");
        match next {
            Continuation::Cursor(_) => assert!(second.continued(&next).is_err(), "{name}"),
            // An offset that counts rows moves on by itself.
            _ => assert!(second.start() > 0, "{name}"),
        }
    });
}

#[test]
fn a_next_link_that_leads_nowhere_is_a_problem_not_the_end() {
    for link in [json!("/wiki/api/v2/x?limit=25"), json!("nonsense"), json!({}), json!(7), json!(["x"])] {
        paged(|name, question, body| {
            // Where the way on is a bare cursor, any word may be one.
            if body.get("data").is_some() && link == json!("nonsense") {
                return;
            }
            let mut body = with_next(body, link.clone());
            let page = read(question, &body).expect(name);
            let next = page.next.unwrap_or_else(|| panic!("{name}: the next page was lost"));
            if !matches!(next, Continuation::Skip(_)) {
                assert!((question.example)().continued(&next).is_err(), "{name}: {link}");
            }
            emptied(&mut body);
            let next = read(question, &body).expect(name).next.unwrap_or_else(|| panic!("{name}: {link}"));
            assert!((question.example)().continued(&next).is_err(), "{name}: {link}");
        });
    }
}

#[test]
fn unknown_words_are_kept_and_do_not_kill_their_row() {
    const WORDS: [&str; 14] = [
        "type",
        "status",
        "key",
        "targetType",
        "principalType",
        "parentType",
        "accountStatus",
        "accountType",
        "managedBy",
        "usageType",
        "operation",
        "mode",
        "edition",
        "subtype",
    ];
    let mut changed = 0;
    each_question(|name, question, body| {
        let whole = read(question, body).expect(name);
        let mut all = Vec::new();
        places(body, "", &mut all);
        for place in all.iter().filter(|place| WORDS.contains(&place.rsplit('/').next().unwrap_or_default())) {
            let mut body = body.clone();
            let value = body.pointer_mut(place).expect("a place");
            if value.is_string() {
                *value = json!("word_of_tomorrow");
                let read = read(question, &body);
                assert!(told(&whole, &read), "{name} {place}: {read:?}");
                changed += 1;
            }
        }
    });
    assert!(changed > 100, "{changed} words");
}

#[test]
fn null_anywhere_is_survived_and_never_silent() {
    let mut changed = 0;
    each_question(|name, question, body| {
        let whole = read(question, body).expect(name);
        let mut all = Vec::new();
        places(body, "", &mut all);
        for place in all {
            for other in [json!(null), json!({}), json!([]), json!(-1.5), json!("x")] {
                let mut body = body.clone();
                *body.pointer_mut(&place).expect("a place") = other.clone();
                // Lists without entries are an answer of their own.
                let a_list = LISTS.iter().any(|list| place.rsplit('/').next() == Some(*list));
                if (other == json!([]) || other == json!({})) && a_list {
                    continue;
                }
                let read = read(question, &body);
                assert!(told(&whole, &read), "{name} {place} = {other}: {read:?}");
                changed += 1;
            }
        }
    });
    assert!(changed > 5_000, "{changed} places");
}

#[test]
fn an_alien_among_the_rows_leaves_a_gap_and_the_rows_stay() {
    let mut aliens = 0;
    each_question(|name, question, body| {
        let whole = read(question, body).expect(name);
        let mut all = Vec::new();
        places(body, "", &mut all);
        let lists = all.iter().filter(|place| {
            let last = place.rsplit('/').next().unwrap_or_default();
            // What a role brings is counted role by role, not permission by permission; a list of words takes any word.
            let rows = last != "actions" && (last != "spacePermissions" || !name.starts_with("cloud_v2"));
            rows && LISTS.contains(&last) && body.pointer(place).is_some_and(Value::is_array)
        });
        for place in lists {
            for alien in [json!(null), json!(7), json!("x"), json!([]), json!([1]), json!({})] {
                let mut body = body.clone();
                let named = body.pointer(place).and_then(|rows| rows.get(0)).is_some_and(Value::is_string);
                if named && alien.is_string() {
                    // Among names any text is a name.
                    continue;
                }
                let rows = body.pointer_mut(place).and_then(Value::as_array_mut).expect("a list");
                rows.insert(0, alien.clone());
                let read = read(question, &body).unwrap_or_else(|problem| panic!("{name} {place} {alien}: {problem}"));
                assert!(!read.gaps.is_empty(), "{name} {place} {alien}: silence");
                assert!(read.rows >= whole.rows, "{name} {place} {alien}: rows were lost");
                let gap = &read.gaps[0];
                assert!(
                    gap.route.is_some() && !gap.cause.as_str().is_empty() && !gap.message.contains('\n'),
                    "{name}: {gap:?}"
                );
                aliens += 1;
            }
        }
    });
    assert!(aliens > 200, "{aliens} aliens");
}

/// JSON out of the words the readers look for.
fn any_json() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "results",
        "id",
        "key",
        "type",
        "principal",
        "operation",
        "targetType",
        "restrictions",
        "read",
        "update",
        "user",
        "group",
        "accountId",
        "name",
        "_links",
        "next",
        "base",
        "webui",
        "spaceId",
        "parentId",
        "permissions",
        "subjects",
        "spacePermissions",
        "roleId",
        "size",
        "limit",
        "start",
        "totalSize",
        "errors",
        "hasPermission",
        "_expandable",
        "space",
        "ancestors",
        "operations",
        "createdAt",
        "version",
        "entities",
        "pagingInfo",
        "lastPage",
        "nextPageCursor",
        "timestamp",
        "affectedObjects",
        "changedValues",
        "levelByArea",
        "actions",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(NAMES).prop_map(Value::from),
        Just(json!("/x?cursor=a&start=9")),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_makes_a_reader_panic(body in any_json(), rows in prop::collection::vec(any_json(), 0..4)) {
        let listing = json!({"results": rows, "_links": body});
        for api in APIS {
            for question in api.questions() {
                for answer in [&body, &listing] {
                    if let Err(problem) = read(question, answer) {
                        prop_assert!(!problem.to_string().is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for api in APIS {
            for question in api.questions() {
                let _ = (question.read)(&body);
            }
        }
        let _ = confluence_access::apis::errors::message(&body);
    }

    #[test]
    fn no_link_makes_the_reader_of_links_panic(link in ".{0,80}") {
        let request = Request::to(&confluence_access::apis::cloud_v1::routes::GROUPS, &[]).with("start", 3);
        let _ = request.continued(&Continuation::from_link(&link));
        let _ = Continuation::from_link_header(&link);
    }
}
