//! JSON-RPC: `rpc/json-rpc/confluenceservice-v2`, in an envelope and light.
//!
//! Not documented anywhere, and guesses here: that a name which is both a user's and a group's means the user, the shape of
//! `getPagePermissions`, and the wording of errors.
// Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/

use serde_json::{Map, Value, json};

use super::super::JsonRpc;
use super::super::edits::Edit;
use super::super::exchange::{Answer, Refusal, Reply};
use super::super::state::{Kind, Node, Principal, Space, Status};
use super::caller::Caller;
use super::evaluate;
use super::permissions::{GLOBAL, SPACE};
use super::visit::Visit;

/// A permission there was once; rows of it live on.
const EXPORT_PAGE: (&str, &str) = ("export_page", "EXPORTPAGE");

/// What the method list calls for an administrator: pages to confirm a password stand before these.
const ADMINISTRATION: [&str; 26] = [
    "getSpacePermissionSets",
    "getSpacePermissionSet",
    "getPermissionsForUser",
    "addPermissionToSpace",
    "addPermissionsToSpace",
    "removePermissionFromSpace",
    "addAnonymousPermissionToSpace",
    "addAnonymousPermissionsToSpace",
    "removeAnonymousPermissionFromSpace",
    "addGlobalPermission",
    "addGlobalPermissions",
    "removeGlobalPermission",
    "addAnonymousUsePermission",
    "removeAnonymousUsePermission",
    "addAnonymousViewUserProfilePermission",
    "removeAnonymousViewUserProfilePermission",
    "getGroups",
    "getUserGroups",
    "hasGroup",
    "hasUser",
    "addGroup",
    "removeGroup",
    "addUserToGroup",
    "removeUserFromGroup",
    "deactivateUser",
    "reactivateUser",
];

/// Why a method has no result.
enum Failure {
    /// It says so itself, in an answer with status 200: class of the exception, message.
    Told(&'static str, String),
    /// The request makes no sense.
    Strange(Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Strange(refusal)
    }
}

type Outcome = Result<Value, Failure>;

fn remote(message: impl Into<String>) -> Failure {
    Failure::Told("com.atlassian.confluence.rpc.RemoteException", message.into())
}

fn not_permitted() -> Failure {
    Failure::Told("com.atlassian.confluence.rpc.NotPermittedException", "You do not have permission".to_owned())
}

fn bad(message: String) -> Failure {
    Failure::Strange(Refusal::Bad(message))
}

/// Answers a route under `/rpc/json-rpc`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    let ["confluenceservice-v2", light @ ..] = path else { return None };
    match (visit.call.method, light) {
        ("POST", []) => Some(envelope(visit)),
        ("POST", [method]) => Some(in_light(visit, method)),
        _ => None,
    }
}

/// The method with its parameters and an id in one object, and the result in another.
fn envelope(visit: &Visit<'_>) -> Answer {
    visit.call.known("POST /rpc/json-rpc/confluenceservice-v2", &[])?;
    if let Some(closed) = closed(visit) {
        return Ok(closed);
    }
    let body = visit.call.json()?;
    let strange = |what: &str| Refusal::Bad(format!("the envelope {what}"));
    if body.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(strange("has no `jsonrpc` of \"2.0\""));
    }
    let method = body.get("method").and_then(Value::as_str).ok_or_else(|| strange("names no `method`"))?;
    let id = body.get("id").filter(|id| !id.is_null()).ok_or_else(|| strange("has no `id`"))?;
    let none = Value::Array(Vec::new());
    let params = body.get("params").unwrap_or(&none);
    let Value::Array(params) = params else { return Err(strange("has `params` that are no list")) };
    if let Some(page) = password_page(visit, method) {
        return Ok(page);
    }
    let mut told = Map::new();
    told.insert("jsonrpc".to_owned(), json!("2.0"));
    told.insert("id".to_owned(), id.clone());
    match run(visit, method, params) {
        Ok(result) => told.insert("result".to_owned(), result),
        Err(Failure::Told(class, message)) => told.insert("error".to_owned(), error(class, &message)),
        Err(Failure::Strange(refusal)) => return Err(refusal),
    };
    Ok(Value::Object(told).into())
}

/// The method in the address, its parameters the whole body, its result the whole answer.
fn in_light(visit: &Visit<'_>, method: &str) -> Answer {
    visit.call.known("POST /rpc/json-rpc/confluenceservice-v2/{method}", &[])?;
    if let Some(closed) = closed(visit) {
        return Ok(closed);
    }
    let Value::Array(params) = visit.call.json()? else {
        return Err(Refusal::Bad("the body is no list of parameters".to_owned()));
    };
    if let Some(page) = password_page(visit, method) {
        return Ok(page);
    }
    match run(visit, method, params) {
        Ok(result) => Ok(result.into()),
        Err(Failure::Told(class, message)) => Ok(json!({"error": error(class, &message)}).into()),
        Err(Failure::Strange(refusal)) => Err(refusal),
    }
}

fn error(class: &str, message: &str) -> Value {
    json!({"code": 500, "message": format!("{class}: {message}"), "data": null})
}

fn page(status: u16, text: &str) -> Reply {
    let text = Some(("text/html;charset=UTF-8", text.to_owned()));
    Reply { status, text, ..Value::Null.into() }
}

/// What is answered where the remote API is switched off.
fn closed(visit: &Visit<'_>) -> Option<Reply> {
    (visit.call.options.json_rpc == JsonRpc::Off).then(|| {
        page(401, "<html><head><title>Unauthorized (401)</title></head><body><h1>Remote API is not enabled</h1></body></html>")
    })
}

/// With secure administrator sessions on, what administrators do answers with a page that wants a password, and 200.
// Source: https://support.atlassian.com/confluence/kb/json-rpc-api-request-returns-websudorequiredexception-on-confluence/
fn password_page(visit: &Visit<'_>, method: &str) -> Option<Reply> {
    let stands = visit.call.options.json_rpc == JsonRpc::WebSudo && ADMINISTRATION.contains(&method);
    stands.then(|| {
        page(
            200,
            "<!DOCTYPE html>\n<html><head><title>Administrator Access - Confluence</title></head><body>\
             <p>com.atlassian.confluence.rpc.WebSudoRequiredException</p><form action=\"/doauthenticate.action\" \
             method=\"post\"><input type=\"password\" name=\"password\"/></form></body></html>\n",
        )
    })
}

// Parameters ----------------------------------------------------------------------------------------------------------

fn texts<'a>(method: &str, params: &'a [Value], names: &[&str]) -> Result<Vec<&'a str>, Failure> {
    if params.len() != names.len() {
        let named = names.join(", ");
        return Err(bad(format!("`{method}` takes ({named}), not {} parameters", params.len())));
    }
    let text = |(value, name): (&'a Value, &&str)| {
        value.as_str().ok_or_else(|| bad(format!("`{name}` of `{method}` is no text")))
    };
    params.iter().zip(names).map(text).collect()
}

fn types<'a>(method: &str, value: Option<&'a Value>) -> Result<Vec<&'a str>, Failure> {
    let wrong = || bad(format!("`{method}` takes a list of permissions first"));
    let list = value.and_then(Value::as_array).ok_or_else(wrong)?;
    let mut found = Vec::new();
    for entry in list {
        let name = entry.as_str().ok_or_else(wrong)?;
        if !found.contains(&name) {
            found.push(name);
        }
    }
    Ok(found)
}

/// The content with an id, which is a number or a text.
fn content<'a>(visit: &'a Visit<'_>, method: &str, id: Option<&Value>) -> Result<&'a Node, Failure> {
    let id = match id {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => return Err(bad(format!("`{method}` takes the id of a content first"))),
    };
    let found = visit.node(&id).map(|(_, node)| node);
    found.ok_or_else(|| remote("You're not allowed to view that page, or it does not exist."))
}

/// The space, where the caller administers it.
fn administered<'a>(visit: &'a Visit<'_>, key: &str) -> Result<&'a Space, Failure> {
    let missing = || remote(format!("You're not allowed to view that space, or it does not exist: {key}"));
    let (at, space) = visit.any_space(key).ok_or_else(missing)?;
    if visit.administers(space) {
        return Ok(space);
    }
    Err(if visit.sees_space(at) { not_permitted() } else { missing() })
}

fn administrator(visit: &Visit<'_>) -> Result<(), Failure> {
    if visit.is_admin() { Ok(()) } else { Err(not_permitted()) }
}

fn writable(visit: &Visit<'_>) -> Result<(), Failure> {
    if visit.site().facts.read_only {
        return Err(remote("Confluence is in read-only mode"));
    }
    Ok(())
}

/// Users and groups have one namespace.
fn named(visit: &Visit<'_>, name: &str) -> Result<Principal, Failure> {
    if let Some(user) = visit.user_named(name) {
        return Ok(Principal::User(user.id.clone()));
    }
    match visit.group_named(name) {
        Some(group) => Ok(Principal::Group(group.id.clone())),
        None => Err(remote(format!("No user or group with the name '{name}' exists."))),
    }
}

/// Whether rows of the old permission can still be given.
fn gives_export_page(visit: &Visit<'_>) -> bool {
    !visit.from(7, 2)
}

/// The word of the plain data for a type.
fn word(visit: &Visit<'_>, constant: &str) -> Result<&'static str, Failure> {
    let pair = SPACE.iter().find(|pair| pair.constant == constant).map(|pair| pair.word);
    let old = (constant == EXPORT_PAGE.1 && gives_export_page(visit)).then_some(EXPORT_PAGE.0);
    pair.or(old).ok_or_else(|| bad(format!("`{constant}` is no permission in a space")))
}

fn global_word(constant: &str) -> Result<&'static str, Failure> {
    let pair = GLOBAL.iter().find(|pair| pair.constant == constant);
    pair.map(|pair| pair.word).ok_or_else(|| bad(format!("`{constant}` is no permission on the whole site")))
}

// Methods -------------------------------------------------------------------------------------------------------------

fn run(visit: &Visit<'_>, method: &str, params: &[Value]) -> Outcome {
    let text = |names: &[&str]| texts(method, params, names);
    match method {
        "getSpacePermissionSets" => {
            let space = administered(visit, one(&text(&["spaceKey"])?, 0))?;
            let sets = constants().filter_map(|(word, constant)| set(visit, space, word, constant));
            Ok(Value::Array(sets.collect()))
        }
        "getSpacePermissionSet" => {
            let given = text(&["spaceKey", "permissionType"])?;
            let space = administered(visit, one(&given, 0))?;
            let constant = one(&given, 1);
            let (word, constant) = constants()
                .find(|(_, known)| *known == constant)
                .ok_or_else(|| bad(format!("`{constant}` is no permission in a space")))?;
            let empty = || json!({"type": constant, "spacePermissions": []});
            Ok(set(visit, space, word, constant).unwrap_or_else(empty))
        }
        "getSpaceLevelPermissions" => {
            text(&[])?;
            let old = gives_export_page(visit).then_some(EXPORT_PAGE.1);
            let all = SPACE.iter().map(|pair| pair.constant).chain(old);
            // The real list says some of them twice.
            let all: Vec<&str> = all.chain(["VIEWSPACE"]).collect();
            Ok(json!(all))
        }
        "getPermissions" => {
            let given = text(&["spaceKey"])?;
            let key = one(&given, 0);
            let missing = || remote(format!("You're not allowed to view that space, or it does not exist: {key}"));
            let space = visit.space(key).ok_or_else(missing)?;
            Ok(few_words(|word| visit.has(space, word)))
        }
        "getPermissionsForUser" => {
            let given = text(&["spaceKey", "userName"])?;
            let space = administered(visit, one(&given, 0))?;
            let name = one(&given, 1);
            let user = visit.user_named(name).ok_or_else(|| remote(format!("No user with the name '{name}'")))?;
            let who = Caller::User(user.id.clone());
            Ok(few_words(|word| evaluate::has(visit.site(), space, &who, word)))
        }
        _ => changed(visit, method, params),
    }
}

/// What gives and takes permissions.
fn changed(visit: &Visit<'_>, method: &str, params: &[Value]) -> Outcome {
    let rest = |at: usize| params.get(at..).unwrap_or_default();
    let text = |names: &[&str]| texts(method, params, names);
    match method {
        "addPermissionToSpace" => {
            let given = text(&["permission", "remoteEntityName", "spaceKey"])?;
            give(visit, &[one(&given, 0)], Some(one(&given, 1)), one(&given, 2), true)
        }
        "addPermissionsToSpace" => {
            let wanted = types(method, params.first())?;
            let given = texts(method, rest(1), &["remoteEntityName", "spaceKey"])?;
            give(visit, &wanted, Some(one(&given, 0)), one(&given, 1), true)
        }
        "removePermissionFromSpace" => {
            let given = text(&["permission", "remoteEntityName", "spaceKey"])?;
            give(visit, &[one(&given, 0)], Some(one(&given, 1)), one(&given, 2), false)
        }
        "addAnonymousPermissionToSpace" => {
            let given = text(&["permission", "spaceKey"])?;
            give(visit, &[one(&given, 0)], None, one(&given, 1), true)
        }
        "addAnonymousPermissionsToSpace" => {
            let wanted = types(method, params.first())?;
            give(visit, &wanted, None, one(&texts(method, rest(1), &["spaceKey"])?, 0), true)
        }
        "removeAnonymousPermissionFromSpace" => {
            let given = text(&["permission", "spaceKey"])?;
            give(visit, &[one(&given, 0)], None, one(&given, 1), false)
        }
        "addGlobalPermission" => {
            let given = text(&["permission", "remoteEntityName"])?;
            give_globally(visit, &[one(&given, 0)], Some(one(&given, 1)), true)
        }
        "addGlobalPermissions" => {
            let wanted = types(method, params.first())?;
            give_globally(visit, &wanted, Some(one(&texts(method, rest(1), &["remoteEntityName"])?, 0)), true)
        }
        "removeGlobalPermission" => {
            let given = text(&["permission", "remoteEntityName"])?;
            give_globally(visit, &[one(&given, 0)], Some(one(&given, 1)), false)
        }
        "addAnonymousUsePermission" | "removeAnonymousUsePermission" => {
            text(&[])?;
            give_globally(visit, &["USECONFLUENCE"], None, method.starts_with("add"))
        }
        "addAnonymousViewUserProfilePermission" | "removeAnonymousViewUserProfilePermission" => {
            text(&[])?;
            give_globally(visit, &["VIEWUSERPROFILES"], None, method.starts_with("add"))
        }
        "getPagePermissions" | "getContentPermissionSets" | "getContentPermissionSet" | "setContentPermissions" => {
            on_content(visit, method, params)
        }
        _ => others(visit, method, params),
    }
}

fn one<'a>(given: &[&'a str], at: usize) -> &'a str {
    given.get(at).copied().unwrap_or_default()
}

/// All types there are rows of, with their words in the plain data.
fn constants() -> impl Iterator<Item = (&'static str, &'static str)> {
    SPACE.iter().map(|pair| (pair.word, pair.constant)).chain([EXPORT_PAGE])
}

/// Who holds one permission. A type nobody holds has no set.
fn set(visit: &Visit<'_>, space: &Space, word: &str, constant: &str) -> Option<Value> {
    let holders = space.grants.iter().filter(|(_, held)| held == word);
    let rows: Vec<Value> = holders.filter_map(|(who, _)| row(visit, constant, who)).collect();
    (!rows.is_empty()).then(|| json!({"type": constant, "spacePermissions": rows}))
}

/// One row: neither user nor group is the anonymous one. What was opened to customers of a service desk has none.
fn row(visit: &Visit<'_>, constant: &str, who: &Principal) -> Option<Value> {
    let (user, group) = match who {
        Principal::User(id) => (Some(visit.site().user(id).map_or(id.as_str(), |user| user.username.as_str())), None),
        Principal::Group(id) => (None, Some(visit.group_name(id))),
        Principal::Anonymous => (None, None),
        _ => return None,
    };
    Some(json!({"type": constant, "userName": user, "groupName": group}))
}

/// Another vocabulary, which has four words for the fourteen permissions.
// Source: https://jira.atlassian.com/browse/CONFSERVER-21951
fn few_words(has: impl Fn(&str) -> bool) -> Value {
    let words = [("view", "view"), ("create_page", "modify"), ("create_comment", "comment"), ("administer", "admin")];
    words.iter().filter(|(word, _)| has(word)).map(|(_, told)| *told).collect()
}

/// Gives or takes permissions in a space, of a user, a group, or `None`: anonymous. What is so already stays so.
fn give(visit: &Visit<'_>, constants: &[&str], name: Option<&str>, key: &str, added: bool) -> Outcome {
    let space = administered(visit, key)?;
    writable(visit)?;
    let words = constants.iter().map(|constant| word(visit, constant)).collect::<Result<Vec<_>, _>>()?;
    let who = name.map_or(Ok(Principal::Anonymous), |name| named(visit, name))?;
    for word in words {
        let _ = if added { visit.grant(space, &who, word) } else { visit.ungrant(space, &who, word) };
    }
    Ok(Value::Bool(true))
}

fn give_globally(visit: &Visit<'_>, constants: &[&str], name: Option<&str>, held: bool) -> Outcome {
    administrator(visit)?;
    writable(visit)?;
    let words = constants.iter().map(|constant| global_word(constant)).collect::<Result<Vec<_>, _>>()?;
    let who = name.map_or(Ok(Principal::Anonymous), |name| named(visit, name))?;
    for word in words {
        visit.set_global(&who, word, held);
    }
    Ok(Value::Bool(true))
}

/// The two lists of a content, by their names.
fn lists(node: &Node) -> [(&'static str, &[Principal]); 2] {
    [("View", &node.read), ("Edit", &node.update)]
}

/// The restrictions of a content: its own, as they are stored.
fn on_content(visit: &Visit<'_>, method: &str, params: &[Value]) -> Outcome {
    let node = content(visit, method, params.first())?;
    let set = |kind: &str, list: &[Principal]| {
        let rows: Vec<Value> = list.iter().filter_map(|who| row(visit, kind, who)).collect();
        json!({"type": kind, "contentPermissions": rows})
    };
    match (method, params) {
        ("getContentPermissionSets", [_]) => {
            let sets = lists(node).into_iter().filter(|(_, list)| !list.is_empty());
            Ok(sets.map(|(kind, list)| set(kind, list)).collect())
        }
        ("getContentPermissionSet", [_, kind]) => {
            let found = lists(node).into_iter().find(|(known, _)| kind.as_str() == Some(known));
            let (kind, list) = found.ok_or_else(|| bad("a set is `View` or `Edit`".to_owned()))?;
            Ok(set(kind, list))
        }
        // By the struct of the documents that have this method: who holds which lock.
        ("getPagePermissions", [_]) => {
            let lock = |kind: &str, who: &Principal| {
                let row = row(visit, kind, who)?;
                let by = row.get("userName").filter(|name| !name.is_null()).or(row.get("groupName"));
                Some(json!({"lockType": kind, "lockedBy": by}))
            };
            Ok(lists(node).iter().flat_map(|(kind, list)| list.iter().filter_map(|who| lock(kind, who))).collect())
        }
        ("setContentPermissions", [_, kind, Value::Array(rows)]) => {
            let update = match kind.as_str() {
                Some("View") => false,
                Some("Edit") => true,
                _ => return Err(bad("a set is `View` or `Edit`".to_owned())),
            };
            if !matches!(node.kind, Kind::Page | Kind::Blogpost) {
                return Err(remote("only pages and blog posts have permissions"));
            }
            let space = visit.site().space_of(node);
            if !space
                .is_some_and(|space| visit.administers(space) || (visit.edits(node) && visit.has(space, "restrict")))
            {
                return Err(not_permitted());
            }
            writable(visit)?;
            let mut list = Vec::new();
            for row in rows {
                let name = |key: &str| row.get(key).and_then(Value::as_str);
                if row.get("type").is_some_and(|told| told != kind) {
                    return Err(bad(format!("a row of another type than {kind}")));
                }
                let missing = |name: &str| remote(format!("No user or group with the name '{name}' exists."));
                let who = match (name("userName"), name("groupName")) {
                    (Some(name), None) => {
                        Principal::User(visit.user_named(name).ok_or_else(|| missing(name))?.id.clone())
                    }
                    (None, Some(name)) => {
                        Principal::Group(visit.group_named(name).ok_or_else(|| missing(name))?.id.clone())
                    }
                    _ => return Err(bad("a row names one of `userName` and `groupName`".to_owned())),
                };
                if !list.contains(&who) {
                    list.push(who);
                }
            }
            visit.restrict(node, update, list);
            Ok(Value::Bool(true))
        }
        _ => Err(bad(format!("`{method}` takes other parameters than these {}", params.len()))),
    }
}

/// What is useful beside permissions.
fn others(visit: &Visit<'_>, method: &str, params: &[Value]) -> Outcome {
    let text = |names: &[&str]| texts(method, params, names);
    let base = visit.base();
    match method {
        "getServerInfo" => {
            text(&[])?;
            let version = visit.version;
            Ok(json!({
                "majorVersion": version.0, "minorVersion": version.1, "patchLevel": version.2,
                "developmentBuild": false, "buildId": "9012", "baseUrl": base,
            }))
        }
        "getSpaces" => {
            text(&[])?;
            let seen = (0_u32..).zip(&visit.site().facts.spaces).filter(|(at, _)| visit.sees_space(*at));
            let row = |space: &Space| {
                let url = format!("{base}/display/{}", space.key);
                json!({"key": space.key, "name": space.name, "type": space.kind, "url": url})
            };
            Ok(seen.map(|(_, space)| row(space)).collect())
        }
        "getPages" => {
            let given = text(&["spaceKey"])?;
            let key = one(&given, 0);
            let missing = || remote(format!("You're not allowed to view that space, or it does not exist: {key}"));
            let space = visit.space(key).ok_or_else(missing)?;
            let seen = space.pages.iter().filter(|at| visit.sees(**at)).filter_map(|at| visit.site().node_at(*at));
            let row = |node: &Node| {
                let url = format!("{base}/pages/viewpage.action?pageId={}", node.id);
                let parent = node.parent.as_deref().unwrap_or("0");
                json!({"id": node.id, "title": node.title, "space": space.key, "parentId": parent, "url": url})
            };
            let current = seen.filter(|node| node.status == Status::Current);
            Ok(current.map(row).collect())
        }
        "movePage" => move_page(visit, &text(&["sourcePageId", "targetPageId", "position"])?),
        _ => people(visit, method, params),
    }
}

/// Moves a page below another one.
// Source: https://developer.atlassian.com/server/confluence/remote-confluence-methods/
fn move_page(visit: &Visit<'_>, given: &[&str]) -> Outcome {
    let (source, target, position) = (one(given, 0), one(given, 1), one(given, 2));
    if position != "append" {
        return Err(bad(format!("this simulator moves pages by `append`, not by `{position}`")));
    }
    let page = |id: &str| {
        let at = visit.site().find(id).filter(|at| visit.sees(*at));
        let found = at.and_then(|at| Some((at, visit.site().node_at(at).filter(|node| node.kind == Kind::Page)?)));
        found.ok_or_else(|| remote(format!("No page with id '{id}' exists.")))
    };
    let ((at, node), (to, parent)) = (page(source)?, page(target)?);
    if at == to || visit.site().descendants(at).contains(&to) {
        return Err(remote("A page cannot be moved below itself."));
    }
    let creates = visit.site().space_of(parent).is_some_and(|space| visit.has(space, "create_page"));
    if !(visit.is_admin() || creates && visit.edits(node)) {
        return Err(not_permitted());
    }
    writable(visit)?;
    visit.call.edit(Edit::Move { node: node.id.clone(), parent: parent.id.clone() });
    Ok(Value::Bool(true))
}

/// Users, groups and who is in them.
fn people(visit: &Visit<'_>, method: &str, params: &[Value]) -> Outcome {
    let text = |names: &[&str]| texts(method, params, names);
    let user =
        |name: &str| visit.user_named(name).ok_or_else(|| remote(format!("No user with the name '{name}' exists.")));
    let group =
        |name: &str| visit.group_named(name).ok_or_else(|| remote(format!("No group with the name '{name}' exists.")));
    match method {
        "getGroups" => {
            text(&[])?;
            administrator(visit)?;
            Ok(visit.site().facts.groups.iter().map(|group| group.name.as_str()).collect())
        }
        "getUserGroups" => {
            let user = user(one(&text(&["userName"])?, 0))?;
            administrator(visit)?;
            Ok(visit.site().groups_of(&user.id).map(|group| group.name.as_str()).collect())
        }
        "hasUser" => Ok(json!(visit.user_named(one(&text(&["userName"])?, 0)).is_some())),
        "hasGroup" => Ok(json!(visit.group_named(one(&text(&["groupName"])?, 0)).is_some())),
        "addGroup" => {
            let given = text(&["groupName"])?;
            administrator(visit)?;
            writable(visit)?;
            let name = one(&given, 0);
            if name.is_empty() || visit.group_named(name).is_some() {
                return Err(remote(format!("A group with the name '{name}' cannot be added.")));
            }
            visit.add_group(name);
            Ok(Value::Bool(true))
        }
        "removeGroup" => {
            // The second is the group content goes to, and nobody reads it any more.
            let name = params.first().and_then(Value::as_str).filter(|_| params.len() == 2);
            let name = name.ok_or_else(|| bad(format!("`{method}` takes (groupName, defaultGroupName)")))?;
            administrator(visit)?;
            writable(visit)?;
            visit.remove_group(group(name)?);
            Ok(Value::Bool(true))
        }
        "addUserToGroup" | "removeUserFromGroup" => {
            let given = text(&["userName", "groupName"])?;
            administrator(visit)?;
            writable(visit)?;
            let who = Principal::User(user(one(&given, 0))?.id.clone());
            visit.set_member(group(one(&given, 1))?, &who, method.starts_with("add"));
            Ok(Value::Bool(true))
        }
        "deactivateUser" | "reactivateUser" => {
            let given = text(&["userName"])?;
            administrator(visit)?;
            writable(visit)?;
            let (user, active) = (user(one(&given, 0))?, method == "reactivateUser");
            visit.call.edit(Edit::Active { user: user.id.clone(), active });
            Ok(Value::Bool(user.active != active))
        }
        other => Err(Refusal::Unknown(format!("no method `{other}` of JSON-RPC")).into()),
    }
}
