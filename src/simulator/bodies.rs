//! What version 1 shows of accounts, groups, restrictions and contents, and what Data Center shows the same way.

use serde_json::{Map, Value, json};

use super::exchange::{Call, Refusal, time};
use super::expand::Expand;
use super::state::{Account, Group, Kind, Node, Principal, Space};

// What both products do alike -----------------------------------------------------------------------------------------

/// Operations that are restricted.
pub(super) const OPERATIONS: [&str; 2] = ["read", "update"];

/// A body with parts that are written out if they are expanded, and only named if not.
pub(super) struct Parts {
    body: Map<String, Value>,
    expandable: Map<String, Value>,
}

impl Parts {
    pub(super) fn of(always: Value) -> Self {
        let body = if let Value::Object(body) = always { body } else { Map::new() };
        Self { body, expandable: Map::new() }
    }

    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.body.insert(name.to_owned(), value);
    }

    /// `path` is where the part is to be had by itself; of some parts nobody says.
    pub(super) fn part(&mut self, name: &str, written: Option<Value>, path: impl Into<String>) {
        match written {
            Some(value) => self.put(name, value),
            None => {
                self.expandable.insert(name.to_owned(), Value::String(path.into()));
            }
        }
    }

    pub(super) fn done(mut self) -> Value {
        self.put_expandable();
        Value::Object(self.body)
    }

    /// The members, without `_expandable` where nothing is only named.
    pub(super) fn members(mut self) -> Map<String, Value> {
        if !self.expandable.is_empty() {
            self.put_expandable();
        }
        self.body
    }

    fn put_expandable(&mut self) {
        let expandable = std::mem::take(&mut self.expandable);
        self.put("_expandable", Value::Object(expandable));
    }
}

/// The lists of an operation by kind of subject; a kind nobody knows comes as a list of its own, wanted or not.
pub(super) fn lists_by_kind(
    list: &[Principal],
    wants: impl Fn(&str) -> bool,
    of_kind: impl Fn(&str) -> Value,
) -> Parts {
    let mut lists = Parts::of(json!({}));
    for kind in ["user", "group"] {
        lists.part(kind, wants(kind).then(|| of_kind(kind)), "");
    }
    for principal in list {
        if let Principal::Other(kind, _) = principal
            && !lists.body.contains_key(kind)
        {
            lists.put(kind, of_kind(kind));
        }
    }
    lists
}

/// How many subjects of a list an answer has, where `limit` are asked for.
pub(super) fn subject_limit(call: &Call<'_>, limit: usize, most: usize) -> usize {
    limit.min(call.options.subject_cap.unwrap_or(most)).clamp(1, most)
}

/// A permission in a space, in the form that is older than the routes for permissions. `shown`: a user or a group.
pub(super) fn permission_row(who: &Principal, (operation, target): (&str, &str), shown: impl Fn() -> Value) -> Value {
    let list = || json!({"results": [shown()], "size": 1});
    let subjects = match who {
        Principal::User(_) => json!({"user": list(), "_expandable": {"group": ""}}),
        Principal::Group(_) => json!({"group": list(), "_expandable": {"user": ""}}),
        _ => json!({"_expandable": {"user": "", "group": ""}}),
    };
    json!({
        "subjects": subjects,
        "operation": {"operation": operation, "targetType": target},
        "anonymousAccess": *who == Principal::Anonymous,
        "unlicensedAccess": *who == Principal::Unlicensed,
    })
}

/// The text of a content in each form that is expanded.
pub(super) fn text_bodies(node: &Node, expand: &Expand) -> Option<Value> {
    expand.has("body").then(|| {
        let mut texts = Parts::of(json!({}));
        for part in ["storage", "view"].into_iter().filter(|part| expand.has(&format!("body.{part}"))) {
            let text = format!("<p>{}</p>", node.title);
            texts.put(part, json!({"value": text, "representation": part, "embeddedContent": [], "_expandable": {}}));
        }
        texts.done()
    })
}

// Accounts and groups -------------------------------------------------------------------------------------------------

pub(super) fn picture() -> Value {
    json!({"path": "/wiki/aa-avatar/none", "width": 48, "height": 48, "isDefault": true})
}

fn operations(user: &Account) -> Value {
    let mut operations = Vec::new();
    if user.active && (user.licensed || user.guest) {
        operations.push(json!({"operation": "use", "targetType": "application"}));
    }
    if user.active && user.product_admin {
        operations.push(json!({"operation": "administer", "targetType": "application"}));
    }
    Value::Array(operations)
}

/// An account, also one that is not there any more.
pub(super) fn user_body(call: &Call<'_>, id: &str, expand: &Expand) -> Value {
    let links = json!({"self": format!("{}/wiki/rest/api/user?accountId={id}", call.base)});
    let Some(user) = call.site.user(id) else {
        return json!({
            "type": "unknown",
            "accountId": id,
            "accountType": "",
            "email": "",
            "publicName": "Former user",
            "displayName": "Former user",
            "profilePicture": picture(),
            "isExternalCollaborator": false,
            "isGuest": false,
            "_expandable": {"operations": "", "personalSpace": ""},
            "_links": links,
        });
    };
    account_body(call, user, expand)
}

pub(super) fn account_body(call: &Call<'_>, user: &Account, expand: &Expand) -> Value {
    let mut body = json!({
        "type": "known",
        "accountId": user.id,
        "accountType": if user.app { "app" } else { "atlassian" },
        "email": user.email.as_deref().unwrap_or_default(),
        "publicName": user.name,
        "displayName": user.name,
        "timeZone": "Europe/Berlin",
        "profilePicture": picture(),
        "isExternalCollaborator": user.guest,
        "isGuest": user.guest,
        // Not documented, seen on live sites.
        "accountStatus": if user.active { "active" } else { "inactive" },
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": format!("{}/wiki/rest/api/user?accountId={}", call.base, user.id)},
    });
    if expand.has("operations")
        && let Some(map) = body.as_object_mut()
    {
        map.insert("operations".to_owned(), operations(user));
        map.insert("_expandable".to_owned(), json!({"personalSpace": ""}));
    }
    body
}

/// A group, also one that is not there any more.
pub(super) fn group_body(call: &Call<'_>, id: &str) -> Value {
    match call.site.group(id) {
        Some(group) => known_group(call, group),
        None => json!({
            "type": "group",
            "id": id,
            "name": id,
            "_links": {"self": format!("{}/wiki/rest/api/group/by-id?id={id}", call.base)},
        }),
    }
}

pub(super) fn known_group(call: &Call<'_>, group: &Group) -> Value {
    let mut body = json!({
        "type": "group",
        "id": group.id,
        "name": group.name,
        "resourceAri": format!("ari:cloud:identity::group/{}", group.id),
        "_links": {"self": format!("{}/wiki/rest/api/group/by-id?id={}", call.base, group.id)},
    });
    if let (Some(map), Some(managed_by)) = (body.as_object_mut(), group.managed_by) {
        let team = matches!(managed_by, "TEAM_MEMBERS" | "OPEN");
        map.insert("managedBy".to_owned(), json!(managed_by));
        map.insert("usageType".to_owned(), json!(if team { "TEAM_COLLABORATION" } else { "USERBASE_GROUP" }));
    }
    body
}

// Restrictions --------------------------------------------------------------------------------------------------------

/// Most users, and most groups, of one list in an answer.
pub(super) const MOST_SUBJECTS: usize = 100;

/// The list of a node, as far as v1 tells: of a folder it tells nothing.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-82920
pub(super) fn list_of<'a>(node: &'a Node, operation: &str) -> &'a [Principal] {
    match operation {
        _ if node.kind == Kind::Folder => &[],
        "read" => &node.read,
        _ => &node.update,
    }
}

/// Users, groups, or what else stands in a list, from `start` on.
fn subjects(call: &Call<'_>, node: &Node, operation: &str, kind: &str, (start, limit): (usize, usize)) -> Value {
    let limit = subject_limit(call, limit, MOST_SUBJECTS);
    let none = Expand::none();
    let all = list_of(node, operation).iter().filter_map(|principal| match principal {
        Principal::User(id) if kind == "user" => Some(user_body(call, id, &none)),
        Principal::Group(id) if kind == "group" => Some(group_body(call, id)),
        Principal::Other(other, id) if kind == other => Some(json!({"type": other, "id": id})),
        _ => None,
    });
    let mut results: Vec<Value> = all.skip(start).take(limit + 1).collect();
    let more = results.len() > limit;
    results.truncate(limit);
    let mut links = Map::new();
    if more {
        let next = start + limit;
        let path = format!("/rest/api/content/{}/restriction/byOperation/{operation}", node.id);
        links.insert("next".to_owned(), json!(format!("{path}?expand=restrictions.{kind}&start={next}&limit={limit}")));
    }
    json!({"size": results.len(), "results": results, "start": start, "limit": limit, "_links": links})
}

/// One list of a node; what `wants` does not want is only named.
pub(super) fn restriction_body(
    call: &Call<'_>,
    node: &Node,
    operation: &str,
    wants: impl Fn(&str) -> bool,
    page: (usize, usize),
) -> Value {
    let of_kind = |kind: &str| subjects(call, node, operation, kind, page);
    let own = format!("/rest/api/content/{}", node.id);
    json!({
        "operation": operation,
        "restrictions": lists_by_kind(list_of(node, operation), wants, of_kind).done(),
        "_expandable": {"content": own},
        "_links": {"self": format!("{}/wiki{own}/restriction/byOperation/{operation}", call.base)},
    })
}

fn restrictions_by_operation(call: &Call<'_>, node: &Node, expand: &Expand) -> Value {
    let path = format!("/rest/api/content/{}/restriction/byOperation", node.id);
    let mut body = Parts::of(json!({"_links": {"self": format!("{}/wiki{path}", call.base)}}));
    for operation in OPERATIONS {
        let written = if expand.has(&format!("{operation}.restrictions")) {
            let wants = |kind: &str| expand.has(&format!("{operation}.restrictions.{kind}"));
            Some(restriction_body(call, node, operation, wants, (0, MOST_SUBJECTS)))
        } else {
            let named =
                json!({"operation": operation, "_expandable": {"restrictions": "", "content": ""}, "_links": {}});
            expand.has(operation).then_some(named)
        };
        body.part(operation, written, format!("{path}/{operation}"));
    }
    body.done()
}

// Contents ------------------------------------------------------------------------------------------------------------

/// What may be expanded of a content.
pub(super) const CONTENT_EXPANDS: [&str; 14] = [
    "ancestors",
    "space",
    "version",
    "history",
    "container",
    "body.storage",
    "body.view",
    "metadata.labels",
    "metadata.properties",
    "restrictions.read.restrictions.user",
    "restrictions.read.restrictions.group",
    "restrictions.update.restrictions.user",
    "restrictions.update.restrictions.group",
    "childTypes.all",
];

/// `ancestors.restrictions` and the like.
pub(super) fn content_expand(call: &Call<'_>) -> Result<Expand, Refusal> {
    let below: Vec<String> = CONTENT_EXPANDS.iter().map(|path| format!("ancestors.{path}")).collect();
    let allowed: Vec<&str> = CONTENT_EXPANDS.into_iter().chain(below.iter().map(String::as_str)).collect();
    Expand::read(call, &allowed)
}

/// Address of a content for people, below `/wiki`.
pub(super) fn web_link(node: &Node, space_key: &str) -> String {
    let slug: String = node.title.chars().map(|c| if c.is_alphanumeric() { c } else { '+' }).collect();
    match node.kind {
        Kind::Blogpost => format!("/spaces/{space_key}/blog/2026/01/01/{}/{slug}", node.id),
        Kind::Page => format!("/spaces/{space_key}/pages/{}/{slug}", node.id),
        kind => format!("/spaces/{space_key}/{}/{}", kind.word(), node.id),
    }
}

pub(super) fn space_body(call: &Call<'_>, space: &Space) -> Value {
    json!({
        "id": space.id.parse::<u64>().ok(),
        "key": space.key,
        "alias": space.key,
        "name": space.name,
        "type": if space.kind == "personal" { "personal" } else { "global" },
        "status": if space.archived { "archived" } else { "current" },
        "_expandable": {
            "permissions": "",
            "description": "",
            "homepage": space.homepage.as_ref().map(|id| format!("/rest/api/content/{id}")).unwrap_or_default(),
        },
        "_links": {"webui": format!("/spaces/{}", space.key), "self": format!("{}/wiki/rest/api/space/{}", call.base, space.key)},
    })
}

fn version_body(call: &Call<'_>, node: &Node) -> Value {
    json!({
        "by": user_body(call, &node.author, &Expand::none()),
        "when": time(node.modified),
        "friendlyWhen": "some time ago",
        "message": "",
        "number": node.version,
        "minorEdit": false,
        "_expandable": {"collaborators": "", "content": format!("/rest/api/content/{}", node.id)},
        "_links": {},
    })
}

/// A content with what is expanded.
pub(super) fn content_body(call: &Call<'_>, node: &Node, expand: &Expand) -> Value {
    let space = call.site.space_of(node);
    let key = space.map(|space| space.key.as_str()).unwrap_or_default();
    let own = format!("/rest/api/content/{}", node.id);
    let mut body = Parts::of(json!({
        "id": node.id,
        "type": node.kind.word(),
        "status": node.status.word(),
        "title": node.title,
        "macroRenderedOutput": {},
        "extensions": {"position": node.position},
        "_links": {
            "webui": web_link(node, key),
            "self": format!("{}/wiki{own}", call.base),
            "tinyui": format!("/x/{}", node.id),
        },
    }));
    let ancestors = || {
        let below = expand.below("ancestors");
        let mut above: Vec<Value> = call.site.above(node).map(|node| content_body(call, node, &below)).collect();
        above.reverse();
        Value::Array(above)
    };
    body.part("ancestors", expand.has("ancestors").then(ancestors), "");
    let written = space.filter(|_| expand.has("space")).map(|space| space_body(call, space));
    body.part("space", written, format!("/rest/api/space/{key}"));
    body.part("version", expand.has("version").then(|| version_body(call, node)), "");
    let history = || {
        json!({
            "latest": true,
            "createdBy": user_body(call, &node.author, &Expand::none()),
            "createdDate": time(node.created),
            "lastUpdated": version_body(call, node),
            "_expandable": {"contributors": "", "previousVersion": "", "nextVersion": ""},
            "_links": {"self": format!("{}/wiki{own}/history", call.base)},
        })
    };
    body.part("history", expand.has("history").then(history), format!("{own}/history"));
    if let Some(text) = text_bodies(node, expand) {
        body.put("body", text);
    }
    let restrictions = || restrictions_by_operation(call, node, &expand.below("restrictions"));
    let path = format!("{own}/restriction/byOperation");
    body.part("restrictions", expand.has("restrictions").then(restrictions), path);
    body.done()
}
