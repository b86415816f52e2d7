//! Permissions in spaces and on the whole site, read and written.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space-permissions/

use serde_json::{Value, json};

use super::super::exchange::{Answer, Refusal, Reply};
use super::super::state::{Principal, Space};
use super::bodies::space_number;
use super::guards::{self, writable};
use super::permissions::{GLOBAL, Pair, SPACE};
use super::visit::Visit;

/// Most subjects in one request.
const MOST: usize = 40;

fn nothing(status: u16) -> Reply {
    Reply { status, ..Value::Null.into() }
}

fn group(visit: &Visit<'_>, name: &str) -> Result<Principal, Refusal> {
    let found = visit.group_named(name).map(|group| Principal::Group(group.id.clone()));
    found.ok_or_else(|| Refusal::NotFound(format!("Group with name {name} not found")))
}

fn user(visit: &Visit<'_>, key: &str) -> Result<Principal, Refusal> {
    let found = visit.site().user(key).map(|user| Principal::User(user.id.clone()));
    found.ok_or_else(|| Refusal::NotFound(format!("User with key {key} not found")))
}

/// The pairs in a list of operations.
fn pairs(list: &Value, known: &'static [Pair]) -> Result<Vec<&'static Pair>, Refusal> {
    let Value::Array(list) = list else { return Err(Refusal::Bad("the operations are no list".to_owned())) };
    list.iter()
        .map(|entry| {
            let member = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
            let (target, operation) = (member("targetType"), member("operationKey"));
            let found = known.iter().find(|pair| pair.target == target && pair.operation == operation);
            found.ok_or_else(|| {
                Refusal::Declined(format!("Incorrect permission: targetType={target}, operationKey={operation}"))
            })
        })
        .collect()
}

/// What a subject looks like. In the list of all an anonymous one is nothing in older versions: a guess, as nobody has
/// shown that row.
fn subject(visit: &Visit<'_>, who: &Principal, among_all: bool) -> Option<Option<Value>> {
    Some(match who {
        Principal::User(key) => Some(json!({"type": "user", "userKey": key})),
        Principal::Group(id) => Some(json!({"type": "group", "name": visit.group_name(id)})),
        Principal::Anonymous if among_all && visit.from(10, 0) => {
            Some(json!({"type": "anonymous", "displayName": "Anonymous"}))
        }
        Principal::Anonymous => None,
        Principal::Other(kind, id) => Some(json!({"type": kind, "name": id})),
        // Opened to customers of a service desk: no list shows it.
        Principal::Unlicensed | Principal::Class(_) => return None,
    })
}

fn operation(pair: &Pair) -> Value {
    json!({"targetType": pair.target, "operationKey": pair.operation})
}

// In a space --------------------------------------------------------------------------------------------------------

/// One row per subject and operation.
// Source: https://jira.atlassian.com/browse/CONFSERVER-100505
fn rows(visit: &Visit<'_>, space: &Space, only: Option<&Principal>) -> Value {
    let row = |(who, word): &(Principal, String)| {
        let pair = SPACE.iter().find(|pair| pair.word == *word);
        let subject = subject(visit, who, only.is_none())?;
        let operation = match pair {
            Some(pair) => operation(pair),
            // A word nobody knows is a right nobody knows.
            None => json!({"targetType": "space", "operationKey": word}),
        };
        let mut row = json!({"operation": operation});
        if let (Some(map), Some(subject)) = (row.as_object_mut(), subject) {
            map.insert("subject".to_owned(), subject);
        }
        if let Some(map) = row.as_object_mut() {
            map.insert("spaceKey".to_owned(), json!(space.key));
            map.insert("spaceId".to_owned(), space_number(space));
        }
        Some(row)
    };
    let wanted = |(who, _): &&(Principal, String)| only.is_none_or(|only| only == who);
    Value::Array(space.grants.iter().filter(wanted).filter_map(row).collect())
}

/// The space, where the caller may see its permissions.
// Source: https://jira.atlassian.com/browse/CONFSERVER-99908
fn readable<'a>(visit: &Visit<'a>, key: &str) -> Result<&'a Space, Refusal> {
    let (at, space) = visit.any_space(key).ok_or_else(|| guards::no_space(key))?;
    match (visit.administers(space), visit.sees_space(at)) {
        (true, _) => Ok(space),
        (false, true) => Err(Refusal::Status(500, String::new())),
        (false, false) => Err(guards::no_space(key)),
    }
}

fn administered<'a>(visit: &Visit<'a>, key: &str) -> Result<&'a Space, Refusal> {
    let (at, space) = visit.any_space(key).ok_or_else(|| guards::no_space(key))?;
    match (visit.administers(space), visit.sees_space(at)) {
        (true, _) => writable(visit).map(|()| space),
        (false, true) => Err(Refusal::Forbidden("you may not change the permissions of this space".to_owned())),
        (false, false) => Err(guards::no_space(key)),
    }
}

/// Answers a route under `/rest/api/space/{spaceKey}/permissions`; `path` begins with `space`.
pub(super) fn in_space(visit: &Visit<'_>, path: &[&str]) -> Answer {
    match (visit.call.method, path) {
        ("GET", ["space", key, "permissions"]) => {
            visit.call.known("GET /rest/api/space/{spaceKey}/permissions", &[])?;
            Ok(rows(visit, readable(visit, key)?, None).into())
        }
        ("POST", ["space", key, "permissions"]) => set(visit, key),
        ("GET", ["space", key, "permissions", "anonymous"]) => {
            visit.call.known("GET /rest/api/space/{spaceKey}/permissions/anonymous", &[])?;
            Ok(rows(visit, readable(visit, key)?, Some(&Principal::Anonymous)).into())
        }
        ("GET", ["space", key, "permissions", "group", name]) => {
            visit.call.known("GET /rest/api/space/{spaceKey}/permissions/group/{groupName}", &[])?;
            let space = readable(visit, key)?;
            Ok(rows(visit, space, Some(&group(visit, name)?)).into())
        }
        ("GET", ["space", key, "permissions", "user", user_key]) => {
            visit.call.known("GET /rest/api/space/{spaceKey}/permissions/user/{userKey}", &[])?;
            let space = readable(visit, key)?;
            Ok(rows(visit, space, Some(&user(visit, user_key)?)).into())
        }
        ("PUT", ["space", key, "permissions", "anonymous", "grant"]) => change(
            visit,
            "PUT /rest/api/space/{spaceKey}/permissions/anonymous/grant",
            key,
            Ok(Principal::Anonymous),
            true,
        ),
        ("PUT", ["space", key, "permissions", "anonymous", "revoke"]) => {
            let route = "PUT /rest/api/space/{spaceKey}/permissions/anonymous/revoke";
            change(visit, route, key, Ok(Principal::Anonymous), false)
        }
        ("PUT", ["space", key, "permissions", "group", name, "grant"]) => {
            let route = "PUT /rest/api/space/{spaceKey}/permissions/group/{groupName}/grant";
            change(visit, route, key, group(visit, name), true)
        }
        ("PUT", ["space", key, "permissions", "group", name, "revoke"]) => {
            let route = "PUT /rest/api/space/{spaceKey}/permissions/group/{groupName}/revoke";
            change(visit, route, key, group(visit, name), false)
        }
        ("PUT", ["space", key, "permissions", "user", user_key, "grant"]) => {
            let route = "PUT /rest/api/space/{spaceKey}/permissions/user/{userKey}/grant";
            change(visit, route, key, user(visit, user_key), true)
        }
        ("PUT", ["space", key, "permissions", "user", user_key, "revoke"]) => {
            let route = "PUT /rest/api/space/{spaceKey}/permissions/user/{userKey}/revoke";
            change(visit, route, key, user(visit, user_key), false)
        }
        _ => Err(Refusal::NoAddress { strange: true }),
    }
}

fn change(visit: &Visit<'_>, route: &'static str, key: &str, who: Result<Principal, Refusal>, gives: bool) -> Answer {
    visit.call.known(route, &[])?;
    let space = administered(visit, key)?;
    let pairs = pairs(visit.call.json()?, &SPACE)?;
    let who = who?;
    for pair in pairs {
        if gives {
            visit.grant(space, &who, pair.word);
        } else {
            visit.ungrant(space, &who, pair.word);
        }
    }
    Ok(nothing(204))
}

/// The subjects of a body that sets what each of them has, and what that is.
fn subjects(
    visit: &Visit<'_>,
    known: &'static [Pair],
    unlicensed: bool,
) -> Result<Vec<(Principal, Vec<&'static Pair>)>, Refusal> {
    let Value::Array(entries) = visit.call.json()? else {
        return Err(Refusal::Bad("the body is no list".to_owned()));
    };
    // What more than forty are answered with is a guess.
    if entries.len() > MOST {
        return Err(Refusal::Declined(format!("Maximum {MOST} different users/groups/anonymous user could be passed")));
    }
    entries
        .iter()
        .map(|entry| {
            let member = |name: &str| entry.get(name).and_then(Value::as_str);
            let who = match (member("userKey"), member("groupName")) {
                (Some(key), None) => user(visit, key)?,
                (None, Some(name)) => group(visit, name)?,
                (None, None) if unlicensed && member("type") == Some("unlicensed") => Principal::Unlicensed,
                (None, None) => Principal::Anonymous,
                (Some(_), Some(_)) => return Err(Refusal::Bad("an entry has `userKey` and `groupName`".to_owned())),
            };
            Ok((who, pairs(entry.get("operations").unwrap_or(&Value::Null), known)?))
        })
        .collect()
}

fn set(visit: &Visit<'_>, key: &str) -> Answer {
    visit.call.known("POST /rest/api/space/{spaceKey}/permissions", &[])?;
    let space = administered(visit, key)?;
    for (who, pairs) in subjects(visit, &SPACE, false)? {
        for pair in &SPACE {
            if pairs.iter().any(|wanted| wanted.word == pair.word) {
                visit.grant(space, &who, pair.word);
            } else {
                visit.ungrant(space, &who, pair.word);
            }
        }
    }
    Ok(nothing(200))
}

// On the whole site -------------------------------------------------------------------------------------------------

/// What may be given to whom.
fn allowed(who: &Principal) -> &'static [&'static str] {
    match who {
        Principal::Anonymous => &["use", "view_users"],
        Principal::Unlicensed => &["use_unlicensed", "view_users"],
        _ => &["use", "administer", "system_administer", "create_personal_space", "create_space"],
    }
}

fn global_rows(visit: &Visit<'_>, only: Option<&Principal>) -> Value {
    let row = |(who, word): &(Principal, String)| {
        let pair = GLOBAL.iter().find(|pair| pair.word == *word)?;
        let mut row = json!({"operation": operation(pair)});
        let subject = match who {
            Principal::Unlicensed => Some(json!({"type": "unlicensed", "displayName": "Unlicensed users"})),
            Principal::Anonymous if only.is_none() => Some(json!({"type": "anonymous", "displayName": "Anonymous"})),
            other => subject(visit, other, only.is_none())?,
        };
        if let (Some(map), Some(subject)) = (row.as_object_mut(), subject) {
            map.insert("subject".to_owned(), subject);
        }
        Some(row)
    };
    let wanted = |(who, _): &&(Principal, String)| only.is_none_or(|only| only == who);
    Value::Array(visit.site().facts.globals.iter().filter(wanted).filter_map(row).collect())
}

/// Answers a route under `/rest/api/permissions`.
pub(super) fn global(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    // By key or by name, the documents say.
    let user = |text: &str| user(visit, visit.user_named(text).map_or(text, |user| user.id.as_str()));
    Some(match (visit.call.method, path) {
        ("GET", []) => read_global(visit, "GET /rest/api/permissions", None),
        ("GET", ["anonymous"]) => {
            read_global(visit, "GET /rest/api/permissions/anonymous", Some(Ok(Principal::Anonymous)))
        }
        ("GET", ["unlicensed"]) => {
            read_global(visit, "GET /rest/api/permissions/unlicensed", Some(Ok(Principal::Unlicensed)))
        }
        ("GET", ["group", name]) => {
            read_global(visit, "GET /rest/api/permissions/group/{groupName}", Some(group(visit, name)))
        }
        ("GET", ["user", text]) => read_global(visit, "GET /rest/api/permissions/user/{user}", Some(user(text))),
        ("PUT", []) => set_global(visit),
        ("PUT", ["anonymous", verb @ ("grant" | "revoke")]) => {
            change_global(visit, "PUT /rest/api/permissions/anonymous/{verb}", Ok(Principal::Anonymous), verb)
        }
        ("PUT", ["unlicensed", verb @ ("grant" | "revoke")]) => {
            change_global(visit, "PUT /rest/api/permissions/unlicensed/{verb}", Ok(Principal::Unlicensed), verb)
        }
        ("PUT", ["group", name, verb @ ("grant" | "revoke")]) => {
            change_global(visit, "PUT /rest/api/permissions/group/{groupName}/{verb}", group(visit, name), verb)
        }
        ("PUT", ["user", text, verb @ ("grant" | "revoke")]) => {
            change_global(visit, "PUT /rest/api/permissions/user/{user}/{verb}", user(text), verb)
        }
        _ => return None,
    })
}

fn administrator(visit: &Visit<'_>) -> Result<(), Refusal> {
    if visit.is_admin() {
        return Ok(());
    }
    Err(Refusal::Forbidden("only administrators may see and change global permissions".to_owned()))
}

fn read_global(visit: &Visit<'_>, route: &'static str, only: Option<Result<Principal, Refusal>>) -> Answer {
    visit.call.known(route, &[])?;
    administrator(visit)?;
    let only = only.transpose()?;
    Ok(global_rows(visit, only.as_ref()).into())
}

fn judge(who: &Principal, pairs: &[&Pair]) -> Result<(), Refusal> {
    match pairs.iter().find(|pair| !allowed(who).contains(&pair.word)) {
        Some(pair) => Err(Refusal::Declined(format!(
            "Incorrect permission: targetType={}, operationKey={}",
            pair.target, pair.operation
        ))),
        None => Ok(()),
    }
}

fn change_global(visit: &Visit<'_>, route: &'static str, who: Result<Principal, Refusal>, verb: &str) -> Answer {
    visit.call.known(route, &[])?;
    administrator(visit)?;
    writable(visit)?;
    let pairs = pairs(visit.call.json()?, &GLOBAL)?;
    let who = who?;
    judge(&who, &pairs)?;
    if verb == "grant" {
        for pair in pairs {
            visit.set_global(&who, pair.word, true);
        }
        return Ok(nothing(204));
    }
    // Without the use of Confluence nothing is left.
    let all = pairs.iter().any(|pair| pair.word == "use");
    for pair in GLOBAL.iter().filter(|pair| all || pairs.iter().any(|wanted| wanted.word == pair.word)) {
        visit.set_global(&who, pair.word, false);
    }
    Ok(nothing(204))
}

fn set_global(visit: &Visit<'_>) -> Answer {
    visit.call.known("PUT /rest/api/permissions", &[])?;
    administrator(visit)?;
    writable(visit)?;
    let wanted = subjects(visit, &GLOBAL, true)?;
    for (who, pairs) in &wanted {
        judge(who, pairs)?;
    }
    for (who, pairs) in wanted {
        for pair in &GLOBAL {
            visit.set_global(&who, pair.word, pairs.iter().any(|wanted| wanted.word == pair.word));
        }
    }
    Ok(nothing(200))
}
