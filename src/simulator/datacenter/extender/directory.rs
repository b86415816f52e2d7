//! `group`, `user`, `userDirectories`.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/89852793
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1904836644

use serde_json::{Map, Value, json};

use super::answers::{Told, USUAL, administrator, bad, forbidden, listing, missing, on_page, page, texts, writable};
use super::date;
use super::judge::Judge;
use crate::simulator::datacenter::visit::Visit;
use crate::simulator::state::{Account, Principal};

/// How many members are on a page where nobody says.
const MEMBERS: usize = 100;
/// 2022-05-31T10:44:50.575Z.
const FIRST_LOGIN: i64 = 1_653_993_890_575;
const DAY: i64 = 86_400_000;

pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Told> {
    let told = match (visit.call.method, path) {
        ("GET", ["group", "getGroups"]) => groups(visit),
        ("GET", ["group", "getUsers", name]) => members(visit, name),
        ("POST", ["group", change @ ("addGroups" | "removeGroups")]) => set_groups(visit, *change == "addGroups"),
        ("POST", ["group", change @ ("addUsers" | "removeUsers"), name]) => {
            set_members(visit, name, *change == "addUsers")
        }
        ("GET", ["user", "getUsersWithConfluenceAccess"]) => users(visit),
        ("GET", ["user", "getUserDetails", name]) => user(visit, name),
        ("GET", ["userDirectories", "all"]) => directories(visit),
        ("GET" | "PUT", ["userDirectories", id, "synchronize"]) => synchronize(visit, id),
        _ => return None,
    };
    Some(told)
}

fn successful(mut told: Map<String, Value>) -> Value {
    told.insert("status".to_owned(), json!("success"));
    Value::Object(told)
}

fn groups(visit: &Visit<'_>) -> Told {
    visit.call.known("GET /rest/extender/1.0/group/getGroups", &["startAt", "maxResults"])?;
    let names: Vec<String> = visit.site().facts.groups.iter().map(|group| group.name.clone()).collect();
    Ok(successful(listing("groups", &names, &page(visit, USUAL)?)))
}

/// The facts of a user the answer contains.
fn details(visit: &Visit<'_>, judge: &Judge<'_>, user: &Account, extended: bool, pattern: &str) -> Told {
    let mut told = Map::new();
    let mut tell = |key: &str, value: Value| told.insert(key.to_owned(), value);
    tell("name", json!(user.username));
    tell("fullName", json!(user.name));
    tell("key", json!(user.id));
    tell("email", json!(user.email.as_deref().unwrap_or_default()));
    if extended {
        let number = visit.site().facts.users.iter().position(|known| known.id == user.id).unwrap_or_default();
        let created = FIRST_LOGIN + DAY * i64::try_from(number % 300).unwrap_or_default();
        let text = |at: i64| date::written(at, pattern).map_err(bad);
        tell("business", json!([{"position": "", "department": "", "location": ""}]));
        tell("personal", json!([{"phone": "", "im": "", "website": ""}]));
        for key in ["createdDate", "updatedDate"] {
            tell(key, json!(created));
            tell(&format!("{key}String"), json!(text(created)?));
        }
        // Nobody has ever mistyped a password here, and who has left does not log in.
        let login = user.active.then_some(created + DAY);
        tell("lastSuccessfulLoginDate", json!(login));
        tell("lastSuccessfulLoginDateString", json!(login.map(text).transpose()?));
        tell("lastFailedLoginDate", Value::Null);
        tell("lastFailedLoginDateString", Value::Null);
        tell("hasAccessToUseConfluence", json!(judge.licensed(&user.id)));
    }
    Ok(Value::Object(told))
}

fn pattern<'a>(visit: &'a Visit<'_>) -> &'a str {
    visit.call.one("dateFormat").filter(|pattern| !pattern.is_empty()).unwrap_or(date::WITH_TIME)
}

/// Members, also those who may not use Confluence.
fn members(visit: &Visit<'_>, name: &str) -> Told {
    let known = ["startAt", "maxResults", "showBasicDetails", "showExtendedDetails", "dateFormat"];
    visit.call.known("GET /rest/extender/1.0/group/getUsers/{name}", &known)?;
    let window = page(visit, MEMBERS)?;
    let (basic, extended) = (visit.call.flag("showBasicDetails")?, visit.call.flag("showExtendedDetails")?);
    let group = visit.group_named(name).ok_or_else(|| missing("Group", name))?;
    if !group.listable {
        return Err(forbidden());
    }
    let people = group.members.iter().filter_map(|member| match member {
        Principal::User(id) => visit.site().user(id),
        _ => None,
    });
    let people: Vec<&Account> = people.collect();
    let mut told = listing("users", &vec![Value::Null; people.len()], &window);
    let judge = Judge::new(visit.site());
    let mut rows = Vec::new();
    for user in on_page(&people, &window) {
        rows.push(if basic || extended {
            details(visit, &judge, user, extended, pattern(visit))?
        } else {
            json!({"name": user.username})
        });
    }
    told.insert("users".to_owned(), Value::Array(rows));
    Ok(successful(told))
}

fn set_groups(visit: &Visit<'_>, added: bool) -> Told {
    let (route, key): (&'static str, _) = if added {
        ("POST /rest/extender/1.0/group/addGroups", "groupsAdded")
    } else {
        ("POST /rest/extender/1.0/group/removeGroups", "groupsRemoved")
    };
    visit.call.known(route, &[])?;
    administrator(visit)?;
    writable(visit)?;
    let (mut done, mut skipped) = (Vec::new(), Vec::new());
    for name in texts(visit, "groups")? {
        match (visit.group_named(&name), added) {
            (None, true) if !name.is_empty() => visit.add_group(&name),
            (Some(group), false) => visit.remove_group(group),
            _ => {
                skipped.push(name);
                continue;
            }
        }
        done.push(name);
    }
    let message = format!("{} done, {} skipped", done.len(), skipped.len());
    Ok(json!({key: done, "groupsSkipped": skipped, "message": message, "status": "success"}))
}

fn set_members(visit: &Visit<'_>, name: &str, added: bool) -> Told {
    let (route, key): (&'static str, _) = if added {
        ("POST /rest/extender/1.0/group/addUsers/{name}", "usersAdded")
    } else {
        ("POST /rest/extender/1.0/group/removeUsers/{name}", "usersRemoved")
    };
    visit.call.known(route, &[])?;
    administrator(visit)?;
    writable(visit)?;
    let group = visit.group_named(name).ok_or_else(|| missing("Group", name))?;
    let (mut done, mut skipped) = (Vec::new(), Vec::new());
    for name in texts(visit, "users")? {
        let who = visit.user_named(&name).map(|user| Principal::User(user.id.clone()));
        let changed = who.is_some_and(|who| visit.set_member(group, &who, added));
        if changed { done.push(name) } else { skipped.push(name) }
    }
    let message = format!("{} done, {} skipped", done.len(), skipped.len());
    Ok(json!({key: done, "usersSkipped": skipped, "message": message, "status": "success"}))
}

fn users(visit: &Visit<'_>) -> Told {
    let known = ["startAt", "maxResults", "showBasicDetails", "showExtendedDetails", "dateFormat"];
    visit.call.known("GET /rest/extender/1.0/user/getUsersWithConfluenceAccess", &known)?;
    administrator(visit)?;
    let window = page(visit, USUAL)?;
    let (basic, extended) = (visit.call.flag("showBasicDetails")?, visit.call.flag("showExtendedDetails")?);
    let judge = Judge::new(visit.site());
    let people: Vec<&Account> = visit.site().facts.users.iter().filter(|user| judge.licensed(&user.id)).collect();
    let mut told = listing("users", &vec![Value::Null; people.len()], &window);
    let mut rows = Vec::new();
    for user in on_page(&people, &window) {
        rows.push(if basic || extended {
            details(visit, &judge, user, extended, pattern(visit))?
        } else {
            json!({"name": user.username})
        });
    }
    told.insert("users".to_owned(), Value::Array(rows));
    Ok(successful(told))
}

fn user(visit: &Visit<'_>, name: &str) -> Told {
    visit.call.known("GET /rest/extender/1.0/user/getUserDetails/{name}", &["dateFormat"])?;
    administrator(visit)?;
    let user = visit.user_named(name).ok_or_else(|| missing("User", name))?;
    details(visit, &Judge::new(visit.site()), user, true, pattern(visit))
}

/// Directories have no type; what only a synchronised one has says which it is.
fn directories(visit: &Visit<'_>) -> Told {
    visit.call.known("GET /rest/extender/1.0/userDirectories/all", &[])?;
    administrator(visit)?;
    let mut found = vec![json!({
        "id": 327_681,
        "name": "Confluence Internal Directory",
        "description": "Confluence default internal directory",
        "active": true,
        "position": 0,
    })];
    if visit.site().facts.groups.iter().any(|group| group.managed_by == Some("EXTERNAL")) {
        found.push(json!({
            "id": 360_449,
            "name": "Acme Active Directory",
            "description": "",
            "active": true,
            "position": 1,
            "lastSyncStartDate": "2026-11-20 02:00:00",
            "lastSyncStatusKey": "synchronisation.success",
            "lastSyncDuration": 42,
        }));
    }
    // A text.
    Ok(json!({"results": found.len().to_string(), "userDirectories": found}))
}

fn synchronize(visit: &Visit<'_>, id: &str) -> Told {
    let known = ["fullSynchronisation", "runInBackground"];
    visit.call.known("GET /rest/extender/1.0/userDirectories/{id}/synchronize", &known)?;
    administrator(visit)?;
    match id {
        "360449" => Ok(json!({"message": "Synchronization has been started"})),
        other => Err(missing("Synchronised directory", other)),
    }
}
