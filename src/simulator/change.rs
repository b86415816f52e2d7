//! What may be changed: permissions and roles in spaces, restrictions of contents. A change shows in the next read, in
//! the permission check and in the audit log.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-space-permissions/

use serde_json::{Value, json};

use super::cloud_v1::restriction_both;
use super::cloud_v2::operation_of;
use super::edits::Edit;
use super::evaluate::{Action, Who, check, has, listed};
use super::exchange::{Answer, Call, Refusal, Reply};
use super::history::Event;
use super::state::{Account, Group, Kind, Node, Principal, Role, Space};

/// Answers a route under `/wiki/rest/api`; `None` where there is none.
pub(super) fn answer_v1(call: &Call<'_>, path: &[&str]) -> Option<Answer> {
    Some(match (call.method, path) {
        ("POST", ["space", key, "permission"]) => add_permission(call, key),
        ("DELETE", ["space", key, "permission", id]) => remove_permission(call, key, id),
        ("POST", ["content", id, "restriction"]) => {
            whole(call, id, "POST /wiki/rest/api/content/{id}/restriction", false)
        }
        ("PUT", ["content", id, "restriction"]) => whole(call, id, "PUT /wiki/rest/api/content/{id}/restriction", true),
        ("DELETE", ["content", id, "restriction"]) => clear(call, id),
        ("PUT", ["content", id, "restriction", "byOperation", operation, "user"]) => {
            let route = "PUT /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user";
            user(call, route, id, operation, true)
        }
        ("DELETE", ["content", id, "restriction", "byOperation", operation, "user"]) => {
            let route = "DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user";
            user(call, route, id, operation, false)
        }
        ("PUT", ["content", id, "restriction", "byOperation", operation, "byGroupId", group]) => {
            let route = "PUT /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{groupId}";
            by_group(call, route, id, operation, group, true)
        }
        ("DELETE", ["content", id, "restriction", "byOperation", operation, "byGroupId", group]) => {
            let route = "DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{groupId}";
            by_group(call, route, id, operation, group, false)
        }
        ("POST", ["group", "userByGroupId"]) => add_member(call),
        ("DELETE", ["group", "userByGroupId"]) => remove_member(call),
        ("DELETE", ["group", "by-id"]) => delete_group(call),
        ("PUT", ["content", id, "move", position, target]) => move_page(call, id, position, target),
        _ => return None,
    })
}

/// Answers a route under `/wiki/api/v2`; `None` where there is none.
pub(super) fn answer_v2(call: &Call<'_>, path: &[&str]) -> Option<Answer> {
    Some(match (call.method, path) {
        ("POST", ["spaces", id, "role-assignments"]) => set_roles(call, id),
        _ => return None,
    })
}

fn nothing(status: u16) -> Reply {
    Reply { status, ..Value::Null.into() }
}

/// The caller, where it is not an administrator who sees everything.
fn limited(call: &Call<'_>) -> Option<Account> {
    call.site.caller.as_ref().map(|_| call.account())
}

// Permissions in spaces ---------------------------------------------------------------------------------------------

/// Pairs that exist, and their names in the plain data.
const PAIRS: [(&str, &str, &str); 14] = [
    ("read", "space", "view"),
    ("create", "page", "create_page"),
    ("create", "blogpost", "create_blogpost"),
    ("create", "comment", "create_comment"),
    ("create", "attachment", "create_attachment"),
    ("delete", "page", "delete_page"),
    ("delete", "blogpost", "delete_blogpost"),
    ("delete", "comment", "delete_comment"),
    ("delete", "attachment", "delete_attachment"),
    ("delete", "space", "delete_own"),
    ("export", "space", "export"),
    ("administer", "space", "administer"),
    ("archive", "page", "archive_page"),
    ("restrict_content", "space", "restrict"),
];

/// The space a permission is changed in.
fn administered<'a>(call: &'a Call<'_>, key: &str) -> Result<&'a Space, Refusal> {
    let space = call.site.space_by_key(key).ok_or_else(|| Refusal::NotFound(format!("No space with key : {key}")))?;
    if let Some(account) = limited(call)
        && !has(call.site, space, Who::User(&account.id), "administer", "administer")
    {
        return Err(Refusal::Forbidden("only administrators of the space may change its permissions".to_owned()));
    }
    if call.site.facts.role_mode == "ROLES" {
        return Err(Refusal::Declined(
            "com.atlassian.confluence.api.service.exceptions.InvalidRbacOperationException: Space permission updates \
             that are not from RBAC are not supported in roles-only mode"
                .to_owned(),
        ));
    }
    Ok(space)
}

fn text<'a>(body: &'a Value, pointer: &str) -> Result<&'a str, Refusal> {
    body.pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal::Bad(format!("the body needs `{}`", pointer.trim_start_matches('/').replace('/', "."))))
}

fn add_permission(call: &Call<'_>, key: &str) -> Answer {
    call.known("POST /wiki/rest/api/space/{key}/permission", &[])?;
    let body = call.json()?;
    let (kind, identifier) = (text(body, "/subject/type")?, text(body, "/subject/identifier")?);
    let (operation, target) = (text(body, "/operation/key")?, text(body, "/operation/target")?);
    let space = administered(call, key)?;
    let Some((_, _, permission)) = PAIRS.iter().find(|(k, t, _)| *k == operation && *t == target) else {
        return Err(Refusal::Bad(format!("there is no permission `{operation}` on `{target}`")));
    };
    let who = match (kind, identifier) {
        ("user", "anonymous") => Principal::Anonymous,
        ("user", id) if call.site.user(id).is_some() => Principal::User(id.to_owned()),
        // A group may be named by its name as well.
        ("group", id) => match call.site.facts.groups.iter().find(|g| g.id == id || g.name == id) {
            Some(group) => Principal::Group(group.id.clone()),
            None => return Err(Refusal::Declined(format!("No group found with name or id: {id}"))),
        },
        ("user", id) => return Err(Refusal::Declined(format!("No user found with account id: {id}"))),
        (other, _) => return Err(Refusal::Bad(format!("`{other}` is no type of a subject"))),
    };
    let held = |permission: &str| space.grants.iter().any(|(p, held)| *p == who && held == permission);
    if held(permission) {
        return Err(Refusal::Declined("Permission already exists for the given user or group".to_owned()));
    }
    if *permission != "view" && !held("view") {
        return Err(Refusal::Bad("'read space' permission doesn't exist for the given user or group".to_owned()));
    }
    let id = call.site.next_grant;
    call.log_change(Event::space_permission(call.site, space, &who, permission, true));
    call.edit(Edit::Grant { space: space.id.clone(), who, permission: (*permission).to_owned(), id });
    Ok(json!({
        "id": id,
        "subject": {"type": kind, "identifier": identifier},
        "operation": {"key": operation, "target": target},
        "_links": call.context(),
    })
    .into())
}

fn remove_permission(call: &Call<'_>, key: &str, id: &str) -> Answer {
    call.known("DELETE /wiki/rest/api/space/{key}/permission/{id}", &[])?;
    let space = administered(call, key)?;
    let missing = || Refusal::NotFound(format!("No permission found with id: {id}"));
    let number: u64 = id.parse().map_err(|_| missing())?;
    let at = space.grant_ids.iter().position(|known| *known == number).ok_or_else(missing)?;
    let (who, permission) = space.grants.get(at).ok_or_else(missing)?;
    if !PAIRS.iter().any(|(_, _, known)| known == permission) {
        let (operation, target) = operation_of(permission);
        return Err(Refusal::Bad(format!("the permission `{operation}` on `{target}` is not removed by itself")));
    }
    let gone = |p: &Principal, held: &str| p == who && (permission == "view" || held == permission);
    let administers = |(p, held): &&(Principal, String)| held == "administer" && !gone(p, held);
    if space.grants.iter().any(|(_, held)| held == "administer") && !space.grants.iter().any(|g| administers(&g)) {
        return Err(Refusal::Declined("All of the admin permissions cannot be removed from a space".to_owned()));
    }
    for (p, held) in space.grants.iter().filter(|(p, held)| gone(p, held)) {
        call.log_change(Event::space_permission(call.site, space, p, held, false));
    }
    call.edit(Edit::Ungrant { space: space.id.clone(), who: who.clone(), permission: permission.clone() });
    Ok(nothing(204))
}

// Roles -------------------------------------------------------------------------------------------------------------

fn set_roles(call: &Call<'_>, id: &str) -> Answer {
    call.known("POST /wiki/api/v2/spaces/{id}/role-assignments", &[])?;
    let missing = || Refusal::NotFound(format!("no space `{id}`, or not for you"));
    let space = call.site.space(id).ok_or_else(missing)?;
    if call.site.facts.role_mode == "PRE_ROLES" {
        return Err(Refusal::NotFound("space roles are not available on this site".to_owned()));
    }
    if let Some(account) = limited(call)
        && !has(call.site, space, Who::User(&account.id), "administer", "manage_users")
    {
        return Err(missing());
    }
    let Value::Array(entries) = call.json()? else { return Err(Refusal::Bad("the body is no list".to_owned())) };
    let mut edits: Vec<(Principal, Option<&Role>)> = Vec::new();
    for entry in entries {
        let (kind, id) = (text(entry, "/principal/principalType")?, text(entry, "/principal/principalId")?);
        let who = match (kind, id) {
            ("USER", id) if call.site.user(id).is_some() => Principal::User(id.to_owned()),
            ("GROUP", id) if call.site.group(id).is_some() => Principal::Group(id.to_owned()),
            ("ACCESS_CLASS", "anonymous-users") => Principal::Anonymous,
            ("ACCESS_CLASS", id @ ("all-licensed-users" | "all-product-admins" | "authenticated-users")) => {
                Principal::Class(id.to_owned())
            }
            ("ACCESS_CLASS", "jsm-project-admins") => Principal::Unlicensed,
            ("USER" | "GROUP", id) => return Err(Refusal::Declined(format!("no principal `{id}`"))),
            _ => return Err(Refusal::Bad(format!("`{kind}` `{id}` is no principal"))),
        };
        let role = match entry.get("roleId").and_then(Value::as_str) {
            None => None,
            Some(id) => {
                let role = call.site.facts.roles.iter().find(|role| role.id == id);
                Some(role.ok_or_else(|| Refusal::Declined(format!("no role `{id}`")))?)
            }
        };
        edits.push((who, role));
    }
    let mut rows = Vec::new();
    for (who, role) in edits {
        // A class stands in the plain data in either form.
        let same = |p: &Principal| super::cloud_v2::role_principal(p) == super::cloud_v2::role_principal(&who);
        for (held, name) in space.assignments.iter().filter(|(p, _)| same(p)) {
            if role.is_none_or(|role| role.name != *name) {
                call.log_change(Event::role(call.site, space, held, name, false));
            }
        }
        if let Some(role) = role {
            if !space.assignments.iter().any(|(p, name)| same(p) && *name == role.name) {
                call.log_change(Event::role(call.site, space, &who, &role.name, true));
            }
            let (kind, id) = super::cloud_v2::role_principal(&who);
            rows.push(json!({"principal": {"principalType": kind, "principalId": id}, "roleId": role.id}));
        }
        let before = space.assignments.iter().filter(|(p, _)| same(p)).map(|(p, _)| p.clone()).collect();
        let role = role.map(|role| role.name.clone());
        call.edit(Edit::Role { space: space.id.clone(), before, who, role });
    }
    Ok(json!({"results": rows, "_links": {"base": format!("{}/wiki", call.base)}}).into())
}

// Groups ------------------------------------------------------------------------------------------------------------

/// The group that is changed, where the caller is a site administrator.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/
fn administered_group<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Group, Refusal> {
    if limited(call).is_some_and(|account| !account.product_admin) {
        return Err(Refusal::Forbidden("the user is not a site admin".to_owned()));
    }
    let group = call.site.group(id).ok_or_else(|| Refusal::NotFound(format!("No group found with id: {id}")))?;
    if group.managed_by == Some("EXTERNAL") {
        return Err(Refusal::Forbidden("the group is managed by a directory".to_owned()));
    }
    Ok(group)
}

fn member<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Account, Refusal> {
    call.site.user(id).ok_or_else(|| Refusal::NotFound(format!("No user found with account id: {id}")))
}

fn add_member(call: &Call<'_>) -> Answer {
    call.known("POST /wiki/rest/api/group/userByGroupId", &["groupId"])?;
    let group = administered_group(call, call.required("groupId")?)?;
    let user = member(call, text(call.json()?, "/accountId")?)?;
    let who = Principal::User(user.id.clone());
    if !group.members.contains(&who) {
        call.log_change(Event::membership(group, user, true));
        call.edit(Edit::Member { group: group.id.clone(), who, held: true });
    }
    Ok(nothing(201))
}

fn remove_member(call: &Call<'_>) -> Answer {
    call.known("DELETE /wiki/rest/api/group/userByGroupId", &["groupId", "accountId"])?;
    let group = administered_group(call, call.required("groupId")?)?;
    let user = member(call, call.required("accountId")?)?;
    let who = Principal::User(user.id.clone());
    if group.members.contains(&who) {
        call.log_change(Event::membership(group, user, false));
        call.edit(Edit::Member { group: group.id.clone(), who, held: false });
    }
    Ok(nothing(204))
}

/// No document says what becomes of the entries of a deleted group: they stay, and name a group that is gone.
fn delete_group(call: &Call<'_>) -> Answer {
    call.known("DELETE /wiki/rest/api/group/by-id", &["id"])?;
    let group = administered_group(call, call.required("id")?)?;
    call.log_change(Event::group_deleted(group));
    call.edit(Edit::GroupAlone(group.id.clone()));
    Ok(nothing(204))
}

// Places ------------------------------------------------------------------------------------------------------------

// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content---children-and-descendants/
fn move_page(call: &Call<'_>, id: &str, position: &str, target: &str) -> Answer {
    call.known("PUT /wiki/rest/api/content/{pageId}/move/{position}/{targetId}", &[])?;
    if position != "append" {
        return Err(Refusal::Unknown(format!("this simulator moves pages by `append`, not by `{position}`")));
    }
    let page = |id: &str| {
        let found = call.site.node(id).filter(|(_, node)| node.kind == Kind::Page);
        found.ok_or_else(|| Refusal::NotFound(format!("No content found with id: ContentId{{id={id}}}")))
    };
    let ((at, node), (to, parent)) = (page(id)?, page(target)?);
    if at == to || call.site.descendants(at).contains(&to) {
        return Err(Refusal::Bad("the move would create a parent-child loop".to_owned()));
    }
    if let Some(account) = limited(call) {
        let who = Who::User(&account.id);
        let creates =
            call.site.space_of(parent).is_some_and(|space| has(call.site, space, who, "create_page", "create_page"));
        if !(creates && check(call.site, who, Action::Update, node).is_empty()) {
            return Err(Refusal::Forbidden("you may not move this page there".to_owned()));
        }
    }
    let same = |other: &Node| other.space == parent.space && other.title == node.title && other.id != node.id;
    if node.space != parent.space && call.site.facts.nodes.iter().any(same) {
        return Err(Refusal::Bad("A page already exists with the same title in this space".to_owned()));
    }
    call.log_change(Event::page(call.site, node, "Page moved"));
    call.edit(Edit::Move { node: node.id.clone(), parent: parent.id.clone() });
    Ok(json!({"pageId": node.id}).into())
}

// Restrictions ------------------------------------------------------------------------------------------------------

/// The content whose restrictions are changed, where the caller may change them.
fn changeable<'a>(call: &'a Call<'_>, id: &str, said: bool) -> Result<&'a Node, Refusal> {
    let missing = || Refusal::NotFound(format!("No content found with id: ContentId{{id={id}}}"));
    let (_, node) = call.site.node(id).ok_or_else(missing)?;
    if let Some(account) = limited(call) {
        let who = Who::User(&account.id);
        let edits = check(call.site, who, Action::Update, node).is_empty();
        let sets = call.site.space_of(node).is_some_and(|space| {
            has(call.site, space, who, "restrict", "restrict") || has(call.site, space, who, "administer", "administer")
        });
        if !(edits && sets) {
            let text = "you may not change the restrictions of this content".to_owned();
            return Err(if said { Refusal::Forbidden(text) } else { missing() });
        }
    }
    Ok(node)
}

/// Which list, and the word of the audit log for it.
fn list_named<'a>(node: &'a Node, operation: &str) -> Result<(&'a [Principal], bool, &'static str), Refusal> {
    match operation {
        "read" => Ok((&node.read, false, "View")),
        "update" => Ok((&node.update, true, "Edit")),
        other => Err(Refusal::NotFound(format!("no restriction for the operation `{other}`"))),
    }
}

/// Refuses a list that locks out the account that sets it.
fn judge(call: &Call<'_>, node: &Node, operation: &str, list: &[Principal]) -> Result<(), Refusal> {
    let before = list_named(node, operation)?.0;
    // "You can't exclude yourself": the site rejects a change that locks out its author.
    let account = call.account();
    let who = Who::User(&account.id);
    let excluded = |list: &[Principal]| !list.is_empty() && !listed(call.site, list, who);
    if call.site.user(&account.id).is_some() && !excluded(before) && excluded(list) {
        return Err(Refusal::Declined("You cannot remove your own access to this content".to_owned()));
    }
    Ok(())
}

/// Makes a list of a content the one it shall be.
fn replace(call: &Call<'_>, node: &Node, operation: &str, list: Vec<Principal>) -> Result<(), Refusal> {
    judge(call, node, operation, &list)?;
    let (before, update, word) = list_named(node, operation)?;
    for who in list.iter().filter(|who| !before.contains(who)) {
        call.log_change(Event::restriction(call.site, node, who, word, true));
    }
    for who in before.iter().filter(|who| !list.contains(who)) {
        call.log_change(Event::restriction(call.site, node, who, word, false));
    }
    call.edit(Edit::Restrict { node: node.id.clone(), update, list });
    Ok(())
}

/// The entries of a list in a body: accounts and groups that are there.
fn entries(call: &Call<'_>, restrictions: &Value) -> Result<Vec<Principal>, Refusal> {
    let mut found = Vec::new();
    let Value::Object(lists) = restrictions else {
        return Err(Refusal::Bad("`restrictions` is no object".to_owned()));
    };
    for (kind, list) in lists {
        let list = list.get("results").unwrap_or(list);
        let Value::Array(list) = list else { return Err(Refusal::Bad(format!("`{kind}` is no list"))) };
        if list.is_empty() {
            return Err(Refusal::Bad(format!("`{kind}` must have at least one item, otherwise it should be omitted")));
        }
        for entry in list {
            let member = |name: &str| entry.get(name).and_then(Value::as_str);
            found.push(match kind.as_str() {
                "user" => {
                    let id = member("accountId").ok_or_else(|| Refusal::Bad("a user needs `accountId`".to_owned()))?;
                    if call.site.user(id).is_none() {
                        return Err(Refusal::Declined(format!("No user found with account id: {id}")));
                    }
                    Principal::User(id.to_owned())
                }
                "group" => {
                    let name = member("id").or_else(|| member("name"));
                    let name = name.ok_or_else(|| Refusal::Bad("a group needs `id`".to_owned()))?;
                    let group = call.site.facts.groups.iter().find(|g| g.id == name || g.name == name);
                    let group = group.ok_or_else(|| Refusal::Declined(format!("No group found: {name}")))?;
                    Principal::Group(group.id.clone())
                }
                other => return Err(Refusal::Bad(format!("`{other}` is no kind of an entry"))),
            });
        }
    }
    if found.is_empty() {
        return Err(Refusal::Bad("at least one of `user` or `group` must be specified".to_owned()));
    }
    Ok(found)
}

/// Adds to both lists, or replaces both: a list the body does not name is emptied then.
fn whole(call: &Call<'_>, id: &str, route: &'static str, replaces: bool) -> Answer {
    call.known(route, &["expand"])?;
    let body = call.json()?;
    let results = body.get("results").unwrap_or(body);
    let Value::Array(results) = results else { return Err(Refusal::Bad("the body needs `results`".to_owned())) };
    let node = changeable(call, id, false)?;
    let mut lists: Vec<(&str, Vec<Principal>)> = Vec::new();
    for entry in results {
        let operation = text(entry, "/operation")?;
        if !["read", "update"].contains(&operation) {
            return Err(Refusal::Bad(format!("`{operation}` is no operation of a restriction")));
        }
        let named = entries(call, entry.get("restrictions").unwrap_or(&Value::Null))?;
        lists.push((operation, named));
    }
    let mut after = node.clone();
    for (operation, list) in [("read", &mut after.read), ("update", &mut after.update)] {
        let named = lists.iter().filter(|(o, _)| *o == operation).flat_map(|(_, named)| named.iter().cloned());
        if replaces {
            list.clear();
        }
        for who in named {
            if !list.contains(&who) {
                list.push(who);
            }
        }
        judge(call, node, operation, list)?;
    }
    replace(call, node, "read", after.read.clone())?;
    replace(call, node, "update", after.update.clone())?;
    restriction_both(call, &after)
}

fn clear(call: &Call<'_>, id: &str) -> Answer {
    call.known("DELETE /wiki/rest/api/content/{id}/restriction", &["expand"])?;
    let node = changeable(call, id, true)?;
    replace(call, node, "read", Vec::new())?;
    replace(call, node, "update", Vec::new())?;
    restriction_both(call, &Node { read: Vec::new(), update: Vec::new(), ..node.clone() })
}

fn user(call: &Call<'_>, route: &'static str, id: &str, operation: &str, adds: bool) -> Answer {
    call.known(route, &["accountId"])?;
    let account = call.required("accountId")?;
    let node = changeable(call, id, false)?;
    if adds && call.site.user(account).is_none() {
        return Err(Refusal::NotFound(format!("no user with account id {account}")));
    }
    one(call, node, operation, Principal::User(account.to_owned()), adds)
}

fn by_group(call: &Call<'_>, route: &'static str, id: &str, operation: &str, group: &str, adds: bool) -> Answer {
    call.known(route, &[])?;
    let node = changeable(call, id, true)?;
    if adds && call.site.group(group).is_none() {
        return Err(Refusal::Declined(format!("no group with id {group}")));
    }
    one(call, node, operation, Principal::Group(group.to_owned()), adds)
}

fn one(call: &Call<'_>, node: &Node, operation: &str, who: Principal, adds: bool) -> Answer {
    let mut list = list_named(node, operation)?.0.to_vec();
    match (list.iter().position(|known| *known == who), adds) {
        (None, true) => list.push(who),
        (Some(at), false) => {
            list.remove(at);
        }
        (None, false) => return Err(Refusal::NotFound("the restriction to be deleted does not exist".to_owned())),
        (Some(_), true) => return Ok(nothing(200)),
    }
    replace(call, node, operation, list)?;
    Ok(nothing(200))
}
