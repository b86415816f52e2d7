//! `permission/content`: who may view and edit a content, level by level, and the lists themselves.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517

use serde_json::{Map, Value, json};

use super::answers::{
    Stop, Told, USUAL, administered, administrator, bad, forbidden, missing, named, on_page, page, username, writable,
};
use super::date;
use super::judge::Judge;
use crate::simulator::datacenter::visit::Visit;
use crate::simulator::paging::Window;
use crate::simulator::state::{Kind, Node, Principal, Space, Status};

const GENERAL: [&str; 6] =
    ["showContentDetails", "permissionType", "startAt", "maxResults", "peopleWhoCanView", "dateFormat"];

pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Told> {
    let told = match (visit.call.method, path) {
        ("GET", [id, "getInheritedContentPermissions"]) => one_level(visit, id),
        ("GET", [id, "getInheritedContentTreePermissions"]) => levels(visit, id, true),
        ("GET", [id, "getContentTreeRestrictions"]) => levels(visit, id, false),
        (
            "GET",
            [id, kind @ ("user" | "group"), name, asked @ ("getInheritedContentPermission" | "getContentPermission")],
        ) => {
            let inherited = *asked == "getInheritedContentPermission";
            let route = match (inherited, *kind) {
                (true, "user") => {
                    "GET /rest/extender/1.0/permission/content/{id}/user/{name}/getInheritedContentPermission"
                }
                (true, _) => {
                    "GET /rest/extender/1.0/permission/content/{id}/group/{name}/getInheritedContentPermission"
                }
                (false, "user") => "GET /rest/extender/1.0/permission/content/{id}/user/{name}/getContentPermission",
                (false, _) => "GET /rest/extender/1.0/permission/content/{id}/group/{name}/getContentPermission",
            };
            of_subject(visit, route, &Which::Id(id), kind, name, inherited)
        }
        (
            "GET",
            [
                title,
                kind @ ("user" | "group"),
                name,
                "space",
                key,
                asked @ ("getInheritedContentPermission" | "getContentPermission"),
            ],
        ) => {
            let inherited = *asked == "getInheritedContentPermission";
            let route = match (inherited, *kind) {
                (true, "user") => {
                    "GET /rest/extender/1.0/permission/content/{title}/user/{name}/space/{key}/getInheritedContentPermission"
                }
                (true, _) => {
                    "GET /rest/extender/1.0/permission/content/{title}/group/{name}/space/{key}/getInheritedContentPermission"
                }
                (false, "user") => {
                    "GET /rest/extender/1.0/permission/content/{title}/user/{name}/space/{key}/getContentPermission"
                }
                (false, _) => {
                    "GET /rest/extender/1.0/permission/content/{title}/group/{name}/space/{key}/getContentPermission"
                }
            };
            of_subject(visit, route, &Which::Title(title, key), kind, name, inherited)
        }
        ("PUT", [kind @ ("user" | "group"), name, "permission", list, "addContentPermission"]) => {
            let route =
                "PUT /rest/extender/1.0/permission/content/{kind}/{name}/permission/{type}/addContentPermission";
            set(visit, route, kind, name, list, None, true)
        }
        ("PUT", [kind @ ("user" | "group"), name, "permission", list, "space", key, "addContentPermission"]) => {
            let route = "PUT /rest/extender/1.0/permission/content/{kind}/{name}/permission/{type}/space/{key}/addContentPermission";
            set(visit, route, kind, name, list, Some(key), true)
        }
        ("DELETE", [kind @ ("user" | "group"), name, "permission", list, "removeContentPermission"]) => {
            let route =
                "DELETE /rest/extender/1.0/permission/content/{kind}/{name}/permission/{type}/removeContentPermission";
            set(visit, route, kind, name, list, None, false)
        }
        ("DELETE", [kind @ ("user" | "group"), name, "permission", list, "space", key, "removeContentPermission"]) => {
            let route = "DELETE /rest/extender/1.0/permission/content/{kind}/{name}/permission/{type}/space/{key}/\
                         removeContentPermission";
            set(visit, route, kind, name, list, Some(key), false)
        }
        ("DELETE", [kind @ ("user" | "group"), name, "removeAllContentPermission"]) => remove_all(visit, kind, name),
        _ => return None,
    };
    Some(told)
}

/// How a content is named.
enum Which<'a> {
    Id(&'a str),
    /// By title, in the space with a key.
    Title(&'a str, &'a str),
}

/// The content, where the caller administers its space or Confluence.
fn content<'a>(visit: &Visit<'a>, which: &Which<'_>) -> Result<(&'a Space, &'a Node), Stop> {
    let site = visit.site();
    let (node, shown) = match which {
        Which::Id(id) => (site.find(id).and_then(|at| site.node_at(at)), id),
        Which::Title(title, key) => {
            let space = administered(visit, key)?;
            (titled(visit, space, title), title)
        }
    };
    let node = node.filter(|node| matches!(node.kind, Kind::Page | Kind::Blogpost));
    let node = node.ok_or_else(|| missing("Content", shown))?;
    let space = site.space_of(node).ok_or_else(|| missing("Content", shown))?;
    if visit.administers(space) { Ok((space, node)) } else { Err(forbidden()) }
}

/// The page or blog post with a title. A page where there are both.
fn titled<'a>(visit: &Visit<'a>, space: &Space, title: &str) -> Option<&'a Node> {
    let all = space.pages.iter().chain(&space.blogposts).filter_map(|at| visit.site().node_at(*at));
    all.filter(|node| node.status == Status::Current).find(|node| node.title == title)
}

/// Root to content. A blog post has no parent.
fn chain<'a>(visit: &Visit<'a>, node: &'a Node) -> Vec<&'a Node> {
    let mut chain = vec![node];
    if node.kind != Kind::Blogpost {
        chain.extend(visit.site().above(node));
    }
    chain.reverse();
    chain
}

/// Ids are numbers.
fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |id| json!(id))
}

/// What is said of a content itself.
fn head(visit: &Visit<'_>, node: &Node, details: bool, dates: Option<&str>) -> Result<Map<String, Value>, Stop> {
    let mut head = Map::new();
    head.insert("contentId".to_owned(), number(&node.id));
    if let Some(pattern) = dates {
        // An empty text where nothing was ever changed.
        let (at, text) = match node.restricted {
            Some(at) => (json!(at), json!(date::written(at, pattern).map_err(bad)?)),
            None => (json!(""), json!("")),
        };
        head.insert("lastPermissionModificationDate".to_owned(), at);
        head.insert("lastPermissionModificationDateString".to_owned(), text);
    }
    if details {
        let creator = visit.site().user(&node.author).map_or("not exist", |user| user.username.as_str());
        head.insert("contentType".to_owned(), json!(node.kind.word()));
        head.insert("contentCreatorName".to_owned(), json!(creator));
        head.insert("contentName".to_owned(), json!(node.title));
    }
    Ok(head)
}

fn space_head(space: &Space, head: &mut Map<String, Value>) {
    head.insert("spaceKey".to_owned(), json!(space.key));
    head.insert("spaceName".to_owned(), json!(space.name));
}

/// What a general request wants.
struct Wanted {
    details: bool,
    people: bool,
    /// The permissions to tell of.
    lists: Vec<&'static str>,
    window: Window,
    pattern: String,
}

fn wanted(visit: &Visit<'_>) -> Result<Wanted, Stop> {
    let call = visit.call;
    let lists = match call.one("permissionType") {
        None | Some("") => vec!["view", "edit"],
        Some("view") => vec!["view"],
        Some("edit") => vec!["edit"],
        Some(other) => return Err(bad(format!("`{other}` is no value of `permissionType`"))),
    };
    let pattern = call.one("dateFormat").filter(|pattern| !pattern.is_empty()).unwrap_or(date::USUAL).to_owned();
    Ok(Wanted {
        details: call.flag("showContentDetails")?,
        people: call.flag("peopleWhoCanView")?,
        lists,
        window: page(visit, USUAL)?,
        pattern,
    })
}

/// The order lists come in means nothing, and is another at every content.
fn shuffled(mut names: Vec<&str>, node: &Node) -> Vec<String> {
    let salted = |name: &str| {
        node.id
            .bytes()
            .chain(name.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    names.sort_by_key(|name| salted(name));
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// A list of principals as names: groups, users.
fn names<'a>(visit: &'a Visit<'_>, list: &[&'a Principal]) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut groups, mut users) = (Vec::new(), Vec::new());
    for who in list {
        match who {
            Principal::User(id) => users.push(username(visit.site(), id)),
            Principal::Group(id) => groups.push(visit.group_name(id)),
            _ => {}
        }
    }
    (groups, users)
}

/// Who may view and edit the last content of a chain: everybody named in the space or in a list above, each as itself, or all people.
fn permissions(visit: &Visit<'_>, judge: &Judge<'_>, space: &Space, chain: &[&Node], wanted: &Wanted) -> Value {
    let Some(node) = chain.last() else { return Value::Null };
    let everybody: Vec<Principal>;
    let mut named: Vec<&Principal> = Vec::new();
    if wanted.people {
        everybody = visit.site().facts.users.iter().map(|user| Principal::User(user.id.clone())).collect();
        named.extend(&everybody);
    } else {
        let granted =
            space.grants.iter().filter(|(_, word)| ["view", "create_page", "create_blogpost"].contains(&word.as_str()));
        let listed = chain.iter().flat_map(|node| node.read.iter().chain(&node.update));
        for who in granted.map(|(who, _)| who).chain(listed) {
            if !named.contains(&who) {
                named.push(who);
            }
        }
    }
    let mut told = Map::new();
    for list in &wanted.lists {
        let may = |who: &&Principal| {
            judge.subject(who).is_some_and(|subject| match *list {
                "view" => judge.views(space, chain, &subject),
                _ => judge.edits(space, chain, &subject),
            })
        };
        let able: Vec<&Principal> = named.iter().copied().filter(may).collect();
        let (groups, users) = names(visit, &able);
        let (groups, users) = (shuffled(groups, node), shuffled(users, node));
        told.insert(format!("{list}GroupsTotal"), json!(groups.len()));
        told.insert(format!("{list}UsersTotal"), json!(users.len()));
        let body = json!({"groups": on_page(&groups, &wanted.window), "users": on_page(&users, &wanted.window)});
        told.insert((*list).to_owned(), body);
    }
    Value::Object(told)
}

/// The lists of one content. Where there are none there are only the four zeros.
fn restrictions(visit: &Visit<'_>, judge: &Judge<'_>, node: &Node, wanted: &Wanted) -> Value {
    let mut told = Map::new();
    let restricted = !node.read.is_empty() || !node.update.is_empty();
    for (list, entries) in [("view", &node.read), ("edit", &node.update)] {
        let entries: Vec<&Principal> = entries.iter().collect();
        let (groups, users) = if wanted.people {
            let people = visit.site().facts.users.iter().filter(|user| {
                let subject = judge.user(&user.id);
                subject.is_some_and(|subject| judge.listed(&entries, &subject))
            });
            (Vec::new(), people.map(|user| user.username.as_str()).collect())
        } else {
            names(visit, &entries)
        };
        let (groups, users) = (shuffled(groups, node), shuffled(users, node));
        told.insert(format!("{list}GroupsTotal"), json!(groups.len()));
        told.insert(format!("{list}UsersTotal"), json!(users.len()));
        if restricted {
            let mut body = Map::new();
            for (key, all) in [("groups", &groups), ("users", &users)] {
                if !all.is_empty() {
                    body.insert(key.to_owned(), json!(on_page(all, &wanted.window)));
                }
            }
            told.insert(list.to_owned(), Value::Object(body));
        }
    }
    if restricted {
        let everyone = if node.read.is_empty() { "can view" } else { "has no access" };
        told.insert("everyone".to_owned(), json!(everyone));
    }
    Value::Object(told)
}

fn one_level(visit: &Visit<'_>, id: &str) -> Told {
    let route = "GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions";
    visit.call.known(route, &GENERAL)?;
    let wanted = wanted(visit)?;
    let (space, node) = content(visit, &Which::Id(id))?;
    let chain = chain(visit, node);
    let mut told = head(visit, node, wanted.details, Some(&wanted.pattern))?;
    if wanted.details {
        space_head(space, &mut told);
    }
    told.insert("level".to_owned(), json!(chain.len()));
    let judge = Judge::new(visit.site());
    told.insert("permissions".to_owned(), permissions(visit, &judge, space, &chain, &wanted));
    Ok(Value::Object(told))
}

fn levels(visit: &Visit<'_>, id: &str, effective: bool) -> Told {
    if effective {
        let route = "GET /rest/extender/1.0/permission/content/{id}/getInheritedContentTreePermissions";
        visit.call.known(route, &GENERAL)?;
    } else {
        let route = "GET /rest/extender/1.0/permission/content/{id}/getContentTreeRestrictions";
        let known = ["showContentDetails", "startAt", "maxResults", "peopleWhoCanView", "dateFormat"];
        visit.call.known(route, &known)?;
    }
    let wanted = wanted(visit)?;
    let (space, node) = content(visit, &Which::Id(id))?;
    let judge = Judge::new(visit.site());
    let chain = chain(visit, node);
    let mut rows = Vec::new();
    for level in 1..=chain.len() {
        let above = chain.get(..level).unwrap_or_default();
        let Some(node) = above.last() else { continue };
        let mut row = head(visit, node, wanted.details, Some(&wanted.pattern))?;
        row.insert("level".to_owned(), json!(level));
        if effective {
            row.insert("permissions".to_owned(), permissions(visit, &judge, space, above, &wanted));
        } else {
            row.insert("restrictions".to_owned(), restrictions(visit, &judge, node, &wanted));
        }
        rows.push(Value::Object(row));
    }
    let mut told = head(visit, node, wanted.details, Some(&wanted.pattern))?;
    if wanted.details {
        space_head(space, &mut told);
    }
    told.insert("contentTree".to_owned(), Value::Array(rows));
    Ok(Value::Object(told))
}

// Users and groups ----------------------------------------------------------------------------------------------------

/// The lists of a content one principal stands on.
fn stands_on(node: &Node, who: &Principal) -> Vec<&'static str> {
    let lists = [("view", &node.read), ("edit", &node.update)];
    lists.into_iter().filter(|(_, list)| list.contains(who)).map(|(word, _)| word).collect()
}

/// What one user or group may do with a content, or which of its lists it stands on. The first is as an old copy of the
/// documents shows it; the second is a guess, and so is where `spaceAdministrators` stands.
// Source: https://it-lab-site.atlassian.net/wiki/spaces/RAEC/pages/1508671517/REST+API+-+Content+Permissions
fn of_subject(
    visit: &Visit<'_>,
    route: &'static str,
    which: &Which<'_>,
    kind: &str,
    name: &str,
    inherited: bool,
) -> Told {
    if inherited {
        visit.call.known(route, &["showContentDetails", "showSpaceAdministrators"])?;
    } else {
        visit.call.known(route, &["showContentDetails"])?;
    }
    let details = visit.call.flag("showContentDetails")?;
    let (space, node) = content(visit, which)?;
    let who = named(visit, kind, name)?;
    let mut told = head(visit, node, details, None)?;
    if details {
        space_head(space, &mut told);
    }
    if !inherited {
        told.insert("name".to_owned(), json!(name));
        told.insert("permissions".to_owned(), json!(stands_on(node, &who)));
        return Ok(Value::Object(told));
    }
    let judge = Judge::new(visit.site());
    let subject = judge.subject(&who);
    let chain = chain(visit, node);
    let may = |chain: &[&Node], told: &mut Map<String, Value>| {
        let views = subject.as_ref().is_some_and(|subject| judge.views(space, chain, subject));
        let edits = subject.as_ref().is_some_and(|subject| judge.edits(space, chain, subject));
        told.insert("hasContentViewPermission".to_owned(), json!(views));
        told.insert("hasContentEditPermission".to_owned(), json!(edits));
    };
    let in_space = |word: &str| json!(subject.as_ref().is_some_and(|subject| judge.has(space, subject, word)));
    let mut rows = Vec::new();
    for level in 1..=chain.len() {
        let above = chain.get(..level).unwrap_or_default();
        let Some(node) = above.last() else { continue };
        let mut row = head(visit, node, details, None)?;
        row.insert("level".to_owned(), json!(level));
        may(above, &mut row);
        rows.push(Value::Object(row));
    }
    may(&chain, &mut told);
    told.insert("hasSpaceEditPermission".to_owned(), in_space("create_page"));
    told.insert("hasSpaceViewPermission".to_owned(), in_space("view"));
    told.insert("contentTree".to_owned(), Value::Array(rows));
    if visit.call.flag("showSpaceAdministrators")? {
        let granted = space.grants.iter().filter(|(_, word)| word == "administer").map(|(who, _)| who);
        let granted: Vec<&Principal> = granted.collect();
        let (groups, _) = names(visit, &granted);
        let people = visit
            .site()
            .facts
            .users
            .iter()
            .filter(|user| judge.user(&user.id).is_some_and(|subject| judge.has(space, &subject, "administer")));
        let users: Vec<&str> = people.map(|user| user.username.as_str()).collect();
        told.insert("spaceAdministrators".to_owned(), json!({"groups": groups, "users": users}));
    }
    Ok(Value::Object(told))
}

/// Adds a principal to the lists of contents, or removes it, and returns the contents where that was already so.
fn set(
    visit: &Visit<'_>,
    route: &'static str,
    kind: &str,
    name: &str,
    list: &str,
    key: Option<&str>,
    added: bool,
) -> Told {
    visit.call.known(route, &[])?;
    let update = match list {
        "view" => false,
        "edit" => true,
        other => return Err(bad(format!("`{other}` is no permission of a content: use `view` or `edit`"))),
    };
    let wrong = || bad("the body is no array of contents");
    let Value::Array(entries) = visit.call.json()? else { return Err(wrong()) };
    // By id this is for administrators of Confluence, by name for those of the space as well.
    let space = match key {
        Some(key) => Some(administered(visit, key)?),
        None => {
            administrator(visit)?;
            None
        }
    };
    writable(visit)?;
    let who = named(visit, kind, name)?;
    let (mut done, mut skipped, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let text = match (entry, space) {
            (Value::String(text), _) => text.clone(),
            (Value::Number(id), None) => id.to_string(),
            _ => return Err(wrong()),
        };
        if seen.contains(&text) {
            continue;
        }
        let node = match space {
            Some(space) => titled(visit, space, &text),
            None => visit.site().find(&text).and_then(|at| visit.site().node_at(at)),
        };
        let node = node.filter(|node| matches!(node.kind, Kind::Page | Kind::Blogpost));
        let before = node.map(|node| if update { &node.update } else { &node.read });
        match (node, before) {
            (Some(node), Some(before)) if before.contains(&who) != added => {
                visit.restrict(node, update, changed(before, &who, added));
                done.push(entry.clone());
            }
            _ => skipped.push(entry.clone()),
        }
        seen.push(text);
    }
    let word = if added { "added" } else { "removed" };
    Ok(json!({"total": done.len(), word: done, "skipped": skipped}))
}

fn changed(before: &[Principal], who: &Principal, added: bool) -> Vec<Principal> {
    let mut list: Vec<Principal> = before.iter().filter(|known| *known != who).cloned().collect();
    if added {
        list.push(who.clone());
    }
    list
}

fn remove_all(visit: &Visit<'_>, kind: &str, name: &str) -> Told {
    let route = "DELETE /rest/extender/1.0/permission/content/{kind}/{name}/removeAllContentPermission";
    visit.call.known(route, &[])?;
    administrator(visit)?;
    writable(visit)?;
    let who = named(visit, kind, name)?;
    let mut removed = Vec::new();
    for node in &visit.site().facts.nodes {
        for (update, list) in [(false, &node.read), (true, &node.update)] {
            if list.contains(&who) {
                visit.restrict(node, update, changed(list, &who, false));
                if removed.last() != Some(&number(&node.id)) {
                    removed.push(number(&node.id));
                }
            }
        }
    }
    Ok(json!({"total": removed.len(), "removed": removed}))
}
