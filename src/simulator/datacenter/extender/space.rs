//! `permission/space` and what users and groups hold in spaces.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/559743018

use serde_json::{Map, Value, json};

use super::answers::{
    Told, USUAL, administered, administrator, bad, held, listing, named, page, texts, types, username, writable,
};
use super::date;
use crate::simulator::datacenter::visit::Visit;
use crate::simulator::state::{Principal, Space};

pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Told> {
    let told = match (visit.call.method, path) {
        ("GET", ["space", "permissionTypes"]) => all_types(visit),
        ("GET", ["space", "getSpacesWithAnonymousPermissions"]) => open_to_anonymous(visit),
        ("GET", ["space", key, "getSpacePermissionActors", wanted]) => actors(visit, key, wanted),
        ("GET", ["space", key, "allGroupsWithAnyPermission"]) => {
            let route = "GET /rest/extender/1.0/permission/space/{key}/allGroupsWithAnyPermission";
            holders(visit, route, key, "groups")
        }
        ("GET", ["space", key, "allUsersWithAnyPermission"]) => {
            let route = "GET /rest/extender/1.0/permission/space/{key}/allUsersWithAnyPermission";
            holders(visit, route, key, "users")
        }
        ("PUT", ["space", key, kind @ ("user" | "group"), name, "addSpacePermissions"]) => add(visit, key, kind, name),
        ("GET", [kind @ ("user" | "group"), name, "getPermissionsForSpace", "space", key]) => {
            in_space(visit, kind, name, key)
        }
        ("GET", [kind @ ("user" | "group"), name, "getAllSpacesWithPermissions"]) => in_all(visit, kind, name),
        _ => return None,
    };
    Some(told)
}

fn all_types(visit: &Visit<'_>) -> Told {
    visit.call.known("GET /rest/extender/1.0/permission/space/permissionTypes", &[])?;
    Ok(types().map(|(_, constant)| constant).collect())
}

/// Who holds a permission, or each of them.
fn actors(visit: &Visit<'_>, key: &str, wanted: &str) -> Told {
    visit.call.known("GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type}", &[])?;
    let all = wanted.eq_ignore_ascii_case("all");
    if !all && !types().any(|(_, constant)| constant == wanted) {
        return Err(bad(format!("`{wanted}` is no permission in a space")));
    }
    let space = administered(visit, key)?;
    let mut told = Map::new();
    for (word, constant) in types().filter(|(_, constant)| all || *constant == wanted) {
        let (mut anonymous, mut groups, mut users) = (false, Vec::new(), Vec::new());
        for (who, _) in space.grants.iter().filter(|(_, held)| held == word) {
            match who {
                Principal::Anonymous => anonymous = true,
                Principal::Group(id) => groups.push(visit.group_name(id)),
                Principal::User(id) => users.push(username(visit.site(), id)),
                _ => {}
            }
        }
        told.insert(constant.to_owned(), json!({"anonymousAccess": anonymous, "groups": groups, "users": users}));
    }
    Ok(json!({"key": space.key, "name": space.name, "permissions": told}))
}

/// Everybody who holds anything.
fn holders(visit: &Visit<'_>, route: &'static str, key: &str, wanted: &str) -> Told {
    visit.call.known(route, &["startAt", "maxResults"])?;
    let window = page(visit, USUAL)?;
    let space = administered(visit, key)?;
    let mut names = Vec::new();
    for (who, _) in &space.grants {
        let name = match (who, wanted) {
            (Principal::Group(id), "groups") => visit.group_name(id),
            (Principal::User(id), "users") => username(visit.site(), id),
            _ => continue,
        };
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(Value::Object(listing(wanted, &names, &window)))
}

fn told(space: &Space, who: &Principal) -> Value {
    json!({"key": space.key, "name": space.name, "permissions": held(space, who)})
}

/// What a user or a group holds itself in a space.
fn in_space(visit: &Visit<'_>, kind: &str, name: &str, key: &str) -> Told {
    visit.call.known("GET /rest/extender/1.0/permission/{kind}/{name}/getPermissionsForSpace/space/{key}", &[])?;
    let space = administered(visit, key)?;
    Ok(told(space, &named(visit, kind, name)?))
}

fn in_all(visit: &Visit<'_>, kind: &str, name: &str) -> Told {
    let route = "GET /rest/extender/1.0/permission/{kind}/{name}/getAllSpacesWithPermissions";
    visit.call.known(route, &["spacesAsArray", "startAt", "maxResults"])?;
    administrator(visit)?;
    let window = page(visit, USUAL)?;
    let who = named(visit, kind, name)?;
    let spaces = visit.site().facts.spaces.iter().filter(|space| !held(space, &who).is_empty());
    let rows: Vec<Value> = spaces.map(|space| told(space, &who)).collect();
    let mut told = listing("spaces", &rows, &window);
    if !visit.call.flag("spacesAsArray")? {
        // One member per space, by its key.
        let keyed = |row: &Value| {
            let key = row.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
            (key, row.clone())
        };
        let rows = told.get("spaces").and_then(Value::as_array).into_iter().flatten().map(keyed).collect();
        told.insert("spaces".to_owned(), Value::Object(rows));
    }
    Ok(Value::Object(told))
}

/// Gives permissions. What is held already is skipped.
fn add(visit: &Visit<'_>, key: &str, kind: &str, name: &str) -> Told {
    visit.call.known("PUT /rest/extender/1.0/permission/space/{key}/{kind}/{name}/addSpacePermissions", &[])?;
    let wanted = texts(visit, "permissions")?;
    let space = administered(visit, key)?;
    writable(visit)?;
    let who = named(visit, kind, name)?;
    let mut words = Vec::new();
    for constant in &wanted {
        let known = types().find(|(_, known)| known == constant);
        words.push(known.ok_or_else(|| bad(format!("`{constant}` is no permission in a space")))?);
    }
    let (mut added, mut skipped) = (Vec::new(), Vec::new());
    for (word, constant) in words {
        if visit.grant(space, &who, word) { added.push(constant) } else { skipped.push(constant) }
    }
    Ok(json!({"total": added.len(), "added": added, "skipped": skipped}))
}

/// Spaces anonymous people may do something in. Of the shape only some members are published.
fn open_to_anonymous(visit: &Visit<'_>) -> Told {
    let known = ["creationDateFrom", "creationDateTo", "dateFormat", "startAt", "maxResults"];
    visit.call.known("GET /rest/extender/1.0/permission/space/getSpacesWithAnonymousPermissions", &known)?;
    administrator(visit)?;
    let window = page(visit, USUAL)?;
    let pattern = visit.call.one("dateFormat").filter(|pattern| !pattern.is_empty()).unwrap_or(date::USUAL);
    let bound = |key: &str| visit.call.one(key).map(date::read).transpose().map_err(bad);
    let (since, until) = (bound("creationDateFrom")?, bound("creationDateTo")?);
    let mut rows = Vec::new();
    for space in &visit.site().facts.spaces {
        let permissions = held(space, &Principal::Anonymous);
        let at = space.created * 1000;
        if permissions.is_empty() || since.is_some_and(|since| at < since) || until.is_some_and(|until| at > until) {
            continue;
        }
        let text = date::written(at, pattern).map_err(bad)?;
        rows.push(json!({
            "key": space.key,
            "name": space.name,
            "permissions": permissions,
            "creationDate": at,
            "creationDateString": text,
            "lastModificationDate": at,
            "lastModificationDateString": text,
        }));
    }
    Ok(Value::Object(listing("spaces", &rows, &window)))
}
