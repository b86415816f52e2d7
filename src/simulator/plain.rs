//! A site from plain data: the vocabulary in which scenarios are written down.
//!
//! This reads the part a server can serve and refuses keys it has never heard of. Switches of a policy and facts of other
//! deployments are read over: a server has no opinion on them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::state::{Account, Facts, Group, Kind, Node, Principal, Role, Space, Status, Unreadable, uuid};

/// 2026-01-01T00:00:00Z.
const FIRST_DAY: i64 = 1_767_225_600;
const SYSTEM_ROLES: [&str; 4] = ["admin", "manager", "collaborator", "viewer"];

type Object = Map<String, Value>;

/// Where in the data the reader is, for messages.
struct At<'a> {
    path: String,
    map: &'a Object,
}

impl<'a> At<'a> {
    fn new(path: String, value: &'a Value, keys: &[&str]) -> Result<Self, String> {
        let Value::Object(map) = value else { return Err(format!("`{path}` is not an object")) };
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(format!("`{path}` has the unknown key `{key}`")),
            None => Ok(Self { path, map }),
        }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn text(&self, key: &str) -> Result<Option<&'a str>, String> {
        self.get(key).map(|v| v.as_str().ok_or_else(|| format!("`{}.{key}` is not a text", self.path))).transpose()
    }

    fn flag(&self, key: &str, default: bool) -> Result<bool, String> {
        self.get(key)
            .map_or(Ok(default), |v| v.as_bool().ok_or_else(|| format!("`{}.{key}` is not true or false", self.path)))
    }

    /// The entries of a map, those with `null` left out.
    fn entries(&self, key: &str) -> Result<Vec<(&'a String, &'a Value)>, String> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Object(map)) => Ok(map.iter().filter(|(_, value)| !value.is_null()).collect()),
            Some(_) => Err(format!("`{}.{key}` is not an object", self.path)),
        }
    }

    fn texts(&self, key: &str) -> Result<Vec<&'a str>, String> {
        texts(&format!("{}.{key}", self.path), self.get(key))
    }

    fn principals(&self, key: &str) -> Result<Vec<Principal>, String> {
        self.texts(key)?.into_iter().map(|text| principal(&format!("{}.{key}", self.path), text)).collect()
    }
}

fn texts<'a>(path: &str, value: Option<&'a Value>) -> Result<Vec<&'a str>, String> {
    let wrong = || format!("`{path}` is not a list of texts");
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(|v| v.as_str().ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

fn principal(path: &str, text: &str) -> Result<Principal, String> {
    Principal::read(text).ok_or_else(|| format!("`{text}` in `{path}` names no principal"))
}

fn without_kind(text: &str) -> String {
    text.strip_prefix("user:").unwrap_or(text).to_owned()
}

pub(super) fn facts(site: &Value) -> Result<Facts, String> {
    let at = At::new(
        "site".to_owned(),
        site,
        &[
            "plan",
            "anonymous_enabled",
            "anonymous_enforced",
            "public_links_enabled",
            "read_only",
            "role_mode",
            "verified_domains",
            "global_permissions",
            "caller",
            "policy",
            "users",
            "groups",
            "roles",
            "spaces",
            "contents",
            "restrictions",
            "unreadable",
        ],
    )?;
    let role_mode = at.text("role_mode")?.unwrap_or("PRE_ROLES").to_owned();
    let mut facts = Facts {
        title: "Simulated site".to_owned(),
        free: at.text("plan")? == Some("free"),
        anonymous_enabled: at.flag("anonymous_enabled", false)?,
        anonymous_enforced: at.flag("anonymous_enforced", false)?,
        public_links: at.flag("public_links_enabled", true)?,
        role_mode,
        read_only: at.flag("read_only", false)?,
        verified_domains: at.texts("verified_domains")?.into_iter().map(str::to_owned).collect(),
        caller: at.text("caller")?.map(without_kind),
        behaviour: behaviour(site),
        ..Facts::default()
    };
    for (id, value) in at.entries("users")? {
        facts.users.push(account(id, value)?);
    }
    for (id, value) in at.entries("groups")? {
        facts.groups.push(group(id, value)?);
    }
    for (name, value) in at.entries("roles")? {
        let permissions = texts(&format!("roles.{name}"), Some(value))?;
        facts.roles.push(Role {
            id: uuid(&format!("role {name}")),
            name: name.clone(),
            system: SYSTEM_ROLES.contains(&name.as_str()),
            permissions: permissions.into_iter().map(str::to_owned).collect(),
        });
    }
    let author = facts.users.first().map_or_else(|| "nobody".to_owned(), |user| user.id.clone());
    let mut spaces = HashMap::new();
    for (number, (key, value)) in (0_u32..).zip(at.entries("spaces")?) {
        spaces.insert(key.as_str(), number);
        let space = space(key, value, number, &author)?;
        for (_, role) in &space.assignments {
            if !facts.roles.iter().any(|known| known.name == *role) {
                return Err(format!("`spaces.{key}.role_assignments` names the unknown role `{role}`"));
            }
        }
        facts.spaces.push(space);
    }
    contents(&at, &mut facts, &spaces, &author)?;
    Ok(facts)
}

/// The contents, with their restrictions.
fn contents(at: &At<'_>, facts: &mut Facts, spaces: &HashMap<&str, u32>, author: &str) -> Result<(), String> {
    let restrictions: HashMap<&str, &Value> =
        at.entries("restrictions")?.into_iter().map(|(id, value)| (id.as_str(), value)).collect();
    let unreadable: HashMap<&str, &Value> =
        at.entries("unreadable")?.into_iter().map(|(id, value)| (id.as_str(), value)).collect();
    for (number, (id, value)) in (0_u32..).zip(at.entries("contents")?) {
        let mut node = content(id, value, number, spaces, author)?;
        if let Some(value) = restrictions.get(id.as_str()) {
            let at = At::new(format!("restrictions.{id}"), value, &["read", "update"])?;
            node.read = at.principals("read")?;
            node.update = at.principals("update")?;
        }
        if let Some(value) = unreadable.get(id.as_str()) {
            let reason = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
            node.unreadable = Some(match (reason.as_str(), reason.parse::<u16>()) {
                ("timeout", _) => Unreadable::TimesOut,
                (_, Ok(status)) if (400..600).contains(&status) => Unreadable::Status(status),
                _ => return Err(format!("`unreadable.{id}` is `{reason}`, not a status or `timeout`")),
            });
        }
        facts.nodes.push(node);
    }
    Ok(())
}

/// The switches of `policy`, those under the name of a product included.
fn behaviour(site: &Value) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut open: Vec<&Value> = site.get("policy").into_iter().collect();
    while let Some(Value::Object(switches)) = open.pop() {
        for (name, value) in switches {
            match value {
                Value::Object(_) => open.push(value),
                Value::Bool(flag) => {
                    found.insert(name.clone(), flag.to_string());
                }
                Value::String(word) => {
                    found.insert(name.clone(), word.clone());
                }
                _ => {}
            }
        }
    }
    found
}

fn account(id: &str, value: &Value) -> Result<Account, String> {
    let keys = [
        "email",
        "active",
        "licensed",
        "guest",
        "app",
        "product_admin",
        "org_admin",
        "system_admin",
        "admin_key",
        "name",
        "display_name",
        "last_active",
    ];
    let at = At::new(format!("users.{id}"), value, &keys)?;
    Ok(Account {
        id: id.to_owned(),
        name: at.text("display_name")?.or(at.text("name")?).unwrap_or(id).to_owned(),
        username: at.text("name")?.unwrap_or(id).to_owned(),
        email: at.text("email")?.map(str::to_owned),
        active: at.flag("active", true)?,
        last_active: at
            .text("last_active")?
            .map(|text| {
                let moment = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second);
                moment.map_err(|_| {
                    format!("`users.{id}.last_active` is `{text}`, not a moment such as `2026-01-31T12:00:00Z`")
                })
            })
            .transpose()?,
        licensed: at.flag("licensed", true)?,
        guest: at.flag("guest", false)?,
        app: at.flag("app", false)?,
        product_admin: at.flag("product_admin", false)?,
        system_admin: at.flag("system_admin", false)?,
        admin_key: at.flag("admin_key", false)?,
    })
}

fn group(id: &str, value: &Value) -> Result<Group, String> {
    let at = At::new(format!("groups.{id}"), value, &["members", "name", "listable", "managed_by"])?;
    let managed_by = match at.text("managed_by")? {
        None => None,
        Some(word) => {
            let known = ["EXTERNAL", "ADMINS", "TEAM_MEMBERS", "OPEN"].into_iter().find(|known| *known == word);
            Some(known.ok_or_else(|| format!("`groups.{id}.managed_by` is the unknown word `{word}`"))?)
        }
    };
    Ok(Group {
        id: id.to_owned(),
        name: at.text("name")?.unwrap_or(id).to_owned(),
        managed_by,
        members: at.principals("members")?,
        listable: at.flag("listable", true)?,
        access: None,
    })
}

fn space(key: &str, value: &Value, number: u32, author: &str) -> Result<Space, String> {
    let keys = ["type", "owner", "homepage", "archived", "grants", "role_assignments", "name", "public_links_enabled"];
    let at = At::new(format!("spaces.{key}"), value, &keys)?;
    let mut space = Space {
        id: (98_305 + 65_536 * u64::from(number)).to_string(),
        key: key.to_owned(),
        name: at.text("name")?.unwrap_or(key).to_owned(),
        kind: at.text("type")?.unwrap_or("global").to_owned(),
        archived: at.flag("archived", false)?,
        links_blocked: !at.flag("public_links_enabled", true)?,
        homepage: at.text("homepage")?.map(str::to_owned),
        owner: at.text("owner")?.map(without_kind),
        author: author.to_owned(),
        created: FIRST_DAY,
        ..Space::default()
    };
    for (who, permissions) in at.entries("grants")? {
        let path = format!("spaces.{key}.grants");
        let who = principal(&path, who)?;
        space.grants.extend(texts(&path, Some(permissions))?.into_iter().map(|p| (who.clone(), p.to_owned())));
    }
    for (who, roles) in at.entries("role_assignments")? {
        let path = format!("spaces.{key}.role_assignments");
        let who = principal(&path, who)?;
        space.assignments.extend(texts(&path, Some(roles))?.into_iter().map(|role| (who.clone(), role.to_owned())));
    }
    Ok(space)
}

fn content(id: &str, value: &Value, number: u32, spaces: &HashMap<&str, u32>, author: &str) -> Result<Node, String> {
    let keys = [
        "type",
        "space",
        "title",
        "parent",
        "status",
        "creator",
        "shared_with",
        "public_link",
        "restrictions_verified",
        "restrictions_changed",
    ];
    let at = At::new(format!("contents.{id}"), value, &keys)?;
    let kind = at.text("type")?.unwrap_or("page");
    let kind = Kind::read(kind).ok_or_else(|| format!("`contents.{id}.type` is the unknown word `{kind}`"))?;
    let key = at.text("space")?.ok_or_else(|| format!("`contents.{id}` has no `space`"))?;
    let space = *spaces.get(key).ok_or_else(|| format!("`contents.{id}.space` is the unknown space `{key}`"))?;
    let status = at.text("status")?.unwrap_or("current");
    let status =
        Status::read(status).ok_or_else(|| format!("`contents.{id}.status` is the unknown word `{status}`"))?;
    let mut node = Node::new(id, kind, space, at.text("title")?.unwrap_or(id));
    node.status = status;
    node.parent = at.text("parent")?.map(str::to_owned);
    node.position = number;
    node.author = at.text("creator")?.map_or_else(|| author.to_owned(), without_kind);
    node.shared_with = at.principals("shared_with")?;
    node.public_link = at.flag("public_link", false)?;
    node.restricted = at
        .get("restrictions_changed")
        .map(|v| v.as_i64().ok_or_else(|| format!("`contents.{id}.restrictions_changed` is no whole number")))
        .transpose()?;
    node.created = FIRST_DAY + i64::from(number) * 3600;
    node.modified = node.created + 60;
    Ok(node)
}
