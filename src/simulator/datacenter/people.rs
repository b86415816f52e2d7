//! Users and groups.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-group/

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::exchange::{Answer, Refusal, Reply};
use super::super::expand::Expand;
use super::super::search::{self, matches_user};
use super::super::state::{Account, Group, Principal};
use super::bodies::{account_body, anonymous_body, group_body, user_body};
use super::caller::Caller;
use super::evaluate;
use super::guards::{admin, licensed};
use super::visit::Visit;

/// Most users or groups on a page.
const MOST: usize = 200;

/// Answers a route under `/rest/api/user`, `/rest/api/group` and `/rest/api/admin`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    // Groups asked for by query came with 10.2; that no version before has them is a guess. There the words are names of
    // groups.
    let by_query = visit.from(10, 2) && visit.call.one("groupName").is_some();
    let named = || visit.call.one("groupName").unwrap_or_default().to_owned();
    Some(match (visit.call.method, path) {
        ("GET", ["user"]) => user(visit),
        ("GET", ["user", "current"]) => current(visit),
        ("GET", ["user", "anonymous"]) => anonymous(visit),
        ("GET", ["user", "list"]) => users(visit),
        ("GET", ["user", "memberof"]) => member_of(visit),
        ("GET", ["admin", "users", "list", "active"]) => visit.since(9, 3, || active(visit)),
        ("GET", ["group"]) => groups(visit),
        ("GET", ["group", "info"]) if by_query => group(visit, "GET /rest/api/group/info", &named(), true),
        ("GET", ["group", "member"]) if by_query => members(visit, "GET /rest/api/group/member", &named(), true),
        ("GET", ["group", "groupmember"]) if by_query => {
            inner(visit, "GET /rest/api/group/groupmember", &named(), true)
        }
        ("GET", ["group", "groupparent"]) if by_query => {
            outer(visit, "GET /rest/api/group/groupparent", &named(), true, false)
        }
        ("GET", ["group", "groupancestor"]) if by_query => {
            outer(visit, "GET /rest/api/group/groupancestor", &named(), true, true)
        }
        ("GET", ["group", name]) => group(visit, "GET /rest/api/group/{groupName}", name, false),
        ("GET", ["group", name, "member"]) => members(visit, "GET /rest/api/group/{groupName}/member", name, false),
        // The version is a guess.
        ("GET", ["group", name, "groupmember"]) => {
            visit.since(9, 0, || inner(visit, "GET /rest/api/group/{groupName}/groupmember", name, false))
        }
        // The version is a guess.
        ("GET", ["group", name, "groupparent"]) => {
            visit.since(9, 4, || outer(visit, "GET /rest/api/group/{groupName}/groupparent", name, false, false))
        }
        ("GET", ["group", name, "groupancestor"]) => {
            visit.since(9, 4, || outer(visit, "GET /rest/api/group/{groupName}/groupancestor", name, false, true))
        }
        // A name with a slash in it is more than one segment: nobody serves that.
        ("GET", ["group", _, ..]) => Err(Refusal::NoAddress { strange: false }),
        ("POST", ["admin", "group"]) => visit.since(8, 2, || create_group(visit)),
        ("DELETE", ["admin", "group", name]) => visit.since(8, 2, || delete_group(visit, name)),
        ("PUT", ["user", name, "group", group]) => visit.since(8, 2, || membership(visit, name, group, true)),
        ("DELETE", ["user", name, "group", group]) => visit.since(8, 2, || membership(visit, name, group, false)),
        _ => return None,
    })
}

// Users -------------------------------------------------------------------------------------------------------------

fn asked<'a>(visit: &'a Visit<'_>) -> Result<&'a Account, Refusal> {
    let (found, said) = match (visit.call.one("key"), visit.call.one("username")) {
        (Some(key), None) => (visit.site().user(key), format!("key : {key}")),
        (None, Some(name)) => (visit.user_named(name), format!("username : {name}")),
        _ => return Err(Refusal::Bad("one of `key` and `username` is required".to_owned())),
    };
    found.ok_or_else(|| {
        Refusal::NotFound(format!(
            "com.atlassian.confluence.api.service.exceptions.NotFoundException: No user found with {said}"
        ))
    })
}

fn user(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/user", &["key", "username", "expand"])?;
    let expand = Expand::read(visit.call, &["status"])?;
    licensed(visit)?;
    Ok(account_body(visit, asked(visit)?, &expand).into())
}

fn current(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/user/current", &["expand"])?;
    let expand = Expand::read(visit.call, &["status"])?;
    if visit.caller == Caller::Anonymous {
        return Ok(anonymous_body(visit).into());
    }
    Ok(account_body(visit, &visit.account(), &expand).into())
}

fn anonymous(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/user/anonymous", &["expand"])?;
    Expand::read(visit.call, &["status"])?;
    Ok(anonymous_body(visit).into())
}

/// Everybody who is registered, also those who are deactivated.
fn users(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/user/list", &["start", "limit", "expand"])?;
    let expand = Expand::read(visit.call, &["status"])?;
    licensed(visit)?;
    let window = visit.call.offset_page(MOST, MOST)?;
    let all = visit.site().facts.users.iter().collect();
    let row = |user: &Account| Ok(account_body(visit, user, &expand));
    Ok(Value::Object(visit.call.offset_listing_by(all, &window, row)?).into())
}

/// Those who are active and may use Confluence.
fn active(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/admin/users/list/active", &["start", "limit", "expand"])?;
    let expand = Expand::read(visit.call, &["status", "email", "lastLogin"])?;
    admin(visit)?;
    let window = visit.call.offset_page(MOST, MOST)?;
    let rows = visit
        .site()
        .facts
        .users
        .iter()
        .filter(|user| user.active && evaluate::is_licensed(visit.site(), &Caller::User(user.id.clone())));
    let rows = rows
        .map(|user| {
            let mut body = account_body(visit, user, &expand);
            if let Some(map) = body.as_object_mut().filter(|_| expand.has("email")) {
                map.insert("email".to_owned(), json!(user.email));
            }
            body
        })
        .collect();
    Ok(Value::Object(visit.call.offset_listing_of(rows, &window)).into())
}

/// The groups a user is in itself; whether those around them appear is not known.
fn member_of(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/user/memberof", &["key", "username", "start", "limit", "expand"])?;
    Expand::read(visit.call, &["status"])?;
    licensed(visit)?;
    let user = asked(visit)?;
    let window = visit.call.offset_page(MOST, MOST)?;
    let rows = visit.site().groups_of(&user.id).map(|group| group_body(visit, &group.name)).collect();
    Ok(Value::Object(visit.call.offset_listing_of(rows, &window)).into())
}

/// `GET /rest/mobile/1.0/profile/{username}`.
pub(super) fn profile(visit: &Visit<'_>, name: &str) -> Answer {
    visit.call.known("GET /rest/mobile/1.0/profile/{username}", &[])?;
    licensed(visit)?;
    let user = visit.user_named(name);
    Ok(json!({
        "fullName": user.map_or(name, |user| user.name.as_str()),
        "userName": user.map_or(name, |user| user.username.as_str()),
        "avatarUrl": "/images/icons/profilepics/default.svg",
        "email": user.and_then(|user| user.email.as_deref()),
        "anonymous": false,
        "unknownUser": user.is_none(),
    })
    .into())
}

/// `GET /rest/api/search`, for users only.
pub(super) fn search_users(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/search", &["cql", "start", "limit", "expand", "cqlcontext", "excerpt"])?;
    let cql = visit.call.required("cql")?;
    Expand::read(visit.call, &["user", "user.status"])?;
    licensed(visit)?;
    let test = search::parse(cql)?.test;
    if !test.only("type", "user") {
        return Err(Refusal::Unknown(format!("this simulator searches users only, not `{cql}`")));
    }
    let window = visit.call.offset_page(25, MOST)?;
    let mut found = Vec::new();
    for user in &visit.site().facts.users {
        if matches_user(&test, user)? {
            found.push(json!({
                "user": account_body(visit, user, &Expand::none()),
                "title": user.name,
                "excerpt": "",
                "url": format!("/display/~{}", user.username),
                "entityType": "user",
                "iconCssClass": "aui-icon content-type-profile",
                "lastModified": "2026-01-01T00:00:00.000Z",
            }));
        }
    }
    let total = found.len();
    let mut body = visit.call.offset_listing_of(found, &window);
    search::counted(&mut body, cql, total);
    Ok(Value::Object(body).into())
}

// Groups ------------------------------------------------------------------------------------------------------------

fn known(visit: &Visit<'_>, route: &'static str, by_query: bool, words: &[&str]) -> Result<(), Refusal> {
    let mut allowed = words.to_vec();
    if by_query {
        allowed.push("groupName");
    } else if visit.call.one("groupName").is_some() {
        // An older version takes the question for one about a group of the name `member`, and does not look at the rest.
        allowed.extend(["groupName", "start", "limit", "expand"]);
    }
    visit.call.known(route, &allowed)
}

fn find<'a>(visit: &Visit<'a>, name: &str) -> Result<&'a Group, Refusal> {
    visit.group_named(name).ok_or_else(|| {
        Refusal::NotFound(format!(
            "com.atlassian.confluence.api.service.exceptions.NotFoundException: No group found with name: {name}"
        ))
    })
}

fn groups(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/group", &["start", "limit", "expand"])?;
    licensed(visit)?;
    let window = visit.call.offset_page(MOST, MOST)?;
    let rows = visit.site().facts.groups.iter().map(|group| group_body(visit, &group.name)).collect();
    Ok(Value::Object(visit.call.offset_listing_of(rows, &window)).into())
}

fn group(visit: &Visit<'_>, route: &'static str, name: &str, by_query: bool) -> Answer {
    known(visit, route, by_query, &["expand"])?;
    licensed(visit)?;
    Ok(group_body(visit, &find(visit, name)?.name).into())
}

/// Who is in a group itself; whether those of groups inside appear is not known.
fn members(visit: &Visit<'_>, route: &'static str, name: &str, by_query: bool) -> Answer {
    known(visit, route, by_query, &["start", "limit", "expand"])?;
    let expand = Expand::read(visit.call, &["status"])?;
    licensed(visit)?;
    // "You need admin permissions" is in the documents of 10.2; the first version is a guess.
    if visit.from(10, 0) {
        admin(visit)?;
    }
    let group = find(visit, name)?;
    let window = visit.call.offset_page(MOST, MOST)?;
    let users: Vec<&str> = group
        .members
        .iter()
        .filter_map(|member| if let Principal::User(id) = member { Some(id.as_str()) } else { None })
        .collect();
    if !group.listable && window.from >= users.len() as u64 {
        return Err(Refusal::Forbidden("you may not see the other members of this group".to_owned()));
    }
    let total = users.len();
    let rows: Vec<Value> = window.of(users).into_iter().map(|id| user_body(visit, id, &expand)).collect();
    let more = window.leaves(rows.len(), total) || !group.listable;
    Ok(Value::Object(visit.call.offset_listing(rows, &window, more)).into())
}

fn listed<'a>(visit: &Visit<'_>, names: impl Iterator<Item = &'a str>) -> Answer {
    let window = visit.call.offset_page(MOST, MOST)?;
    let rows = names.map(|name| group_body(visit, name)).collect();
    Ok(Value::Object(visit.call.offset_listing_of(rows, &window)).into())
}

/// The groups inside a group.
fn inner(visit: &Visit<'_>, route: &'static str, name: &str, by_query: bool) -> Answer {
    known(visit, route, by_query, &["start", "limit", "expand"])?;
    licensed(visit)?;
    if visit.from(10, 0) {
        admin(visit)?;
    }
    let group = find(visit, name)?;
    let inside = group.members.iter().filter_map(|member| match member {
        Principal::Group(id) => visit.site().group(id).map(|group| group.name.as_str()),
        _ => None,
    });
    listed(visit, inside)
}

/// The groups around a group: the next ones, or all.
fn outer(visit: &Visit<'_>, route: &'static str, name: &str, by_query: bool, all: bool) -> Answer {
    known(visit, route, by_query, &["start", "limit", "expand"])?;
    licensed(visit)?;
    let group = find(visit, name)?;
    let mut found: Vec<&str> = Vec::new();
    let mut seen: HashSet<&str> = HashSet::from([group.id.as_str()]);
    let mut open = vec![group.id.as_str()];
    while let Some(id) = open.pop() {
        for around in visit.site().groups_around(id) {
            if seen.insert(&around.id) {
                found.push(&around.name);
                if all {
                    open.push(&around.id);
                }
            }
        }
    }
    listed(visit, found.into_iter())
}

// Changes -----------------------------------------------------------------------------------------------------------

fn create_group(visit: &Visit<'_>) -> Answer {
    visit.call.known("POST /rest/api/admin/group", &[])?;
    admin(visit)?;
    let body = visit.call.json()?;
    let name = body.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::Bad("the body needs `name`".to_owned()))?;
    if visit.group_named(name).is_some() {
        return Err(Refusal::Status(409, format!("Group already exists with name: {name}")));
    }
    visit.add_group(name);
    Ok(Reply { status: 201, ..group_body(visit, name).into() })
}

fn delete_group(visit: &Visit<'_>, name: &str) -> Answer {
    visit.call.known("DELETE /rest/api/admin/group/{groupName}", &[])?;
    admin(visit)?;
    let group = find(visit, name)?;
    let rules = |who: &Principal, word: &str| *who != Principal::Group(group.id.clone()) && word.contains("administer");
    if !visit.site().facts.globals.iter().any(|(who, word)| rules(who, word)) && visit.caller != Caller::Administrator {
        return Err(Refusal::Declined("the last group of administrators is not deleted".to_owned()));
    }
    visit.remove_group(group);
    Ok(Reply { status: 204, ..Value::Null.into() })
}

fn membership(visit: &Visit<'_>, name: &str, group: &str, held: bool) -> Answer {
    let route = if held {
        "PUT /rest/api/user/{username}/group/{groupName}"
    } else {
        "DELETE /rest/api/user/{username}/group/{groupName}"
    };
    visit.call.known(route, &[])?;
    admin(visit)?;
    let user =
        visit.user_named(name).ok_or_else(|| Refusal::NotFound(format!("No user found with username : {name}")))?;
    visit.set_member(find(visit, group)?, &Principal::User(user.id.clone()), held);
    Ok(Reply { status: 204, ..Value::Null.into() })
}
