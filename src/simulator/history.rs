//! The audit log: what happened before anybody looked, and what is done from then on.
//!
//! As on a real site the log names things and gives no ids, except that a group carries its own behind its name.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-audit/

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::state::{Account, Group, Node, Principal, Site, Space};

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    /// Account id and display name.
    Account(String, String),
    /// The product itself: synchronised directories, scheduled jobs.
    System,
}

impl From<&Account> for Author {
    fn from(account: &Account) -> Self {
        Self::Account(account.id.clone(), account.name.clone())
    }
}

/// A thing an event is about: its name, and what it is.
pub(super) type Thing = (String, &'static str);

/// What happened, in the words of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) category: &'static str,
    pub(super) affected: Thing,
    /// Name, old, new.
    pub(super) changed: Vec<(&'static str, String, String)>,
    pub(super) associated: Vec<Thing>,
    /// Whether it was done with an admin key.
    pub(super) admin_key: bool,
}

impl Event {
    pub(super) fn new(category: &'static str, summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            description: String::new(),
            category,
            affected: (String::new(), ""),
            changed: Vec::new(),
            associated: Vec::new(),
            admin_key: false,
        }
    }

    /// A value that is there after an event that added, and before one that removed.
    fn value(mut self, added: bool, name: &'static str, value: impl Into<String>) -> Self {
        let (old, new) = if added { (String::new(), value.into()) } else { (value.into(), String::new()) };
        self.changed.push((name, old, new));
        self
    }

    fn about(mut self, name: impl Into<String>, kind: &'static str) -> Self {
        self.associated.push((name.into(), kind));
        self
    }

    fn on(mut self, site: &Site, who: &Principal, added: bool) -> Self {
        self.affected = thing(site, who);
        let name = match who {
            Principal::Group(id) => site.group(id).map_or_else(|| id.clone(), |group| group.name.clone()),
            _ => self.affected.0.clone(),
        };
        let label = if matches!(who, Principal::Group(_)) { "Group" } else { "User" };
        self.value(added, label, name)
    }

    /// A permission in a space, in the vocabulary of the plain data, was given or taken.
    pub(super) fn space_permission(site: &Site, space: &Space, who: &Principal, permission: &str, added: bool) -> Self {
        Self::new("Permissions", format!("Space permission {}", done(added)))
            .on(site, who, added)
            .value(added, "Space", space.key.clone())
            .value(added, "Type", constant(permission))
            .about(space.name.clone(), "Space")
    }

    /// A role in a space was given or taken.
    pub(super) fn role(site: &Site, space: &Space, who: &Principal, role: &str, added: bool) -> Self {
        Self::new("Permissions", format!("Space role {}", if added { "assigned" } else { "unassigned" }))
            .on(site, who, added)
            .value(added, "Role", role)
            .about(space.name.clone(), "Space")
    }

    /// A subject was put on or taken off a list of a content. `operation` is `View` or `Edit`.
    pub(super) fn restriction(site: &Site, node: &Node, who: &Principal, operation: &'static str, added: bool) -> Self {
        Self::new("Permissions", format!("Content restriction {}", done(added)))
            .on(site, who, added)
            .value(added, "Type", operation)
            .at(site, node)
    }

    /// An account was put into or taken out of a group.
    pub(super) fn membership(group: &Group, user: &Account, added: bool) -> Self {
        let summary = if added { "User added to group" } else { "User removed from group" };
        let mut event = Self::new("Users and groups", summary).about(user.name.clone(), "User");
        event.affected = (format!("{}:{}", group.name, group.id), "Group");
        event
    }

    /// The same in the form that came up in 2026: ids only.
    pub(super) fn membership_by_id(group: &Group, user: &Account, added: bool) -> Self {
        let mut event = Self::membership(group, user, added);
        event.affected = (format!("{}; User: {}", group.id, user.id), "Group");
        event.associated.clear();
        event
    }

    /// A group was deleted.
    pub(super) fn group_deleted(group: &Group) -> Self {
        let mut event = Self::new("Users and groups", "Group removed");
        event.affected = (format!("{}:{}", group.name, group.id), "Group");
        event
    }

    /// A public link of a content was switched on or off.
    pub(super) fn public_link(site: &Site, node: &Node, on: bool) -> Self {
        let word = |on: bool| if on { "on" } else { "off" }.to_owned();
        let mut event = Self::new("Public links", format!("Public link {}", if on { "enabled" } else { "disabled" }));
        event.changed.push(("Public link", word(!on), word(on)));
        event.on_content(site, node)
    }

    /// Something was done to a content.
    pub(super) fn page(site: &Site, node: &Node, summary: &str) -> Self {
        Self::new("Page", summary).on_content(site, node)
    }

    fn on_content(mut self, site: &Site, node: &Node) -> Self {
        self.affected = (node.title.clone(), content_word(node));
        self.at(site, node)
    }

    fn at(self, site: &Site, node: &Node) -> Self {
        let space = site.space_of(node).map(|space| space.name.clone()).unwrap_or_default();
        self.about(node.title.clone(), content_word(node)).about(space, "Space")
    }

    pub(super) fn with_admin_key(mut self) -> Self {
        self.admin_key = true;
        self
    }
}

fn done(added: bool) -> &'static str {
    if added { "added" } else { "removed" }
}

fn content_word(node: &Node) -> &'static str {
    use super::state::Kind;
    match node.kind {
        Kind::Blogpost => "Blog",
        Kind::Folder => "Folder",
        Kind::Whiteboard => "Whiteboard",
        Kind::Database => "Database",
        Kind::Embed => "Embed",
        _ => "Page",
    }
}

/// A principal as the log names it.
fn thing(site: &Site, who: &Principal) -> Thing {
    match who {
        Principal::User(id) => (site.user(id).map_or_else(|| "Former user".to_owned(), |u| u.name.clone()), "User"),
        Principal::Group(id) => (site.group(id).map_or_else(|| id.clone(), |g| format!("{}:{id}", g.name)), "Group"),
        Principal::Anonymous => ("Anonymous".to_owned(), "User"),
        Principal::Class(id) => (id.clone(), "User class"),
        Principal::Unlicensed => ("Unlicensed users".to_owned(), "User class"),
        Principal::Other(kind, id) => (format!("{kind}:{id}"), ""),
    }
}

/// The word of the log for a permission in the vocabulary of the plain data.
fn constant(permission: &str) -> String {
    let known = match permission {
        "view" => "VIEWSPACE",
        "create_page" | "edit_page" => "EDITSPACE",
        "create_blogpost" | "edit_blogpost" => "EDITBLOG",
        "create_comment" => "COMMENT",
        "create_attachment" => "CREATEATTACHMENT",
        "delete_page" => "REMOVEPAGE",
        "delete_blogpost" => "REMOVEBLOG",
        "delete_comment" => "REMOVECOMMENT",
        "delete_attachment" => "REMOVEATTACHMENT",
        "delete_own" => "REMOVEOWNCONTENT",
        "restrict" => "SETPAGEPERMISSIONS",
        "export" => "EXPORTSPACE",
        "administer" => "SETSPACEPERMISSIONS",
        "archive_page" => "ARCHIVEPAGE",
        other => return other.to_ascii_uppercase().replace('_', ""),
    };
    known.to_owned()
}

#[derive(Debug)]
pub(super) struct Record {
    /// Milliseconds since 1970.
    pub(super) at: i64,
    author: Author,
    address: String,
    event: Event,
}

impl Record {
    fn body(&self) -> Value {
        let (id, name) = match &self.author {
            Author::Account(id, name) => (Some(id.as_str()), name.as_str()),
            Author::System => (None, "System"),
        };
        let mut author = json!({
            "type": "user",
            "displayName": name,
            "operations": null,
            "username": null,
            "userKey": null,
            "accountType": if id.is_some() { "atlassian" } else { "" },
            "publicName": if id.is_some() { name } else { "Unknown user" },
            "isExternalCollaborator": false,
            "externalCollaborator": false,
            "isGuest": false,
        });
        if let (Some(id), Some(author)) = (id, author.as_object_mut()) {
            author.insert("accountId".to_owned(), json!(id));
        }
        let event = &self.event;
        let changed: Vec<Value> = event
            .changed
            .iter()
            .map(|(name, old, new)| {
                json!({"name": name, "oldValue": old, "hiddenOldValue": "", "newValue": new, "hiddenNewValue": ""})
            })
            .collect();
        let thing = |(name, kind): &Thing| json!({"name": name, "objectType": kind});
        json!({
            "author": author,
            "remoteAddress": self.address,
            "creationDate": self.at,
            "summary": event.summary,
            "description": event.description,
            "category": event.category,
            "sysAdmin": false,
            "superAdmin": event.admin_key,
            "affectedObject": thing(&event.affected),
            "changedValues": changed,
            "associatedObjects": event.associated.iter().map(thing).collect::<Vec<_>>(),
        })
    }
}

impl Record {
    fn of_organization(&self, site: &Site, org: &str, base: &str) -> Option<Value> {
        let event = &self.event;
        let about = |kind: &str| event.associated.iter().find(|(_, word)| *word == kind).map(|(name, _)| name.as_str());
        let account = |name: &str| site.facts.users.iter().find(|user| user.name == name);
        let user =
            |user: &Account| json!({"id": user.id, "type": "users", "attributes": {"name": user.name}, "links": {}});
        let (action, context) = match event.summary.as_str() {
            "User added to group" | "User removed from group" => {
                let (group, member) = match event.affected.0.split_once("; User: ") {
                    Some((group, member)) => (group, site.user(member)?),
                    None => (event.affected.0.rsplit_once(':')?.1, account(about("User")?)?),
                };
                let group = site.group(group)?;
                let group = json!({"id": group.id, "type": "groups", "attributes": {"name": group.name}, "links": {}});
                let added = event.summary.contains("added");
                (if added { "user_added_to_group" } else { "user_removed_from_group" }, vec![user(member), group])
            }
            "User deactivated" => ("user_deactivated", Vec::new()),
            "User details updated" => ("user_login", vec![user(account(&event.affected.0)?)]),
            "Global settings changed" => ("authentication_policy_thing_changed", Vec::new()),
            _ => return None,
        };
        let actor = match &self.author {
            Author::Account(id, name) => json!({"id": id, "name": name}),
            Author::System => json!({"id": "system", "name": "System"}),
        };
        let id = super::state::uuid(&format!("event {} {action} {context:?}", self.at));
        let time = jiff::Timestamp::from_millisecond(self.at).ok()?.to_string();
        let mut attributes = json!({
            "time": time,
            "processedAt": time,
            "action": action,
            "actor": actor,
            "context": context,
            "container": [{"id": org, "type": "orgs", "attributes": {"name": site.facts.title}, "links": {}}],
        });
        if let Some(attributes) = attributes.as_object_mut().filter(|_| !self.address.is_empty()) {
            attributes.insert("location".to_owned(), json!({"ip": self.address}));
        }
        let itself = format!("{base}/admin/v1/orgs/{org}/events/{id}");
        Some(json!({"id": id, "type": "events", "attributes": attributes, "links": {"self": itself}}))
    }
}

/// The log, oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    records: Mutex<Vec<Record>>,
}

impl History {
    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what somebody has just done.
    pub(super) fn log_change(&self, author: Author, event: Event) {
        self.log_change_at(now(), author, "203.0.113.7", event);
    }

    /// Writes down what was done at a moment (milliseconds since 1970), from an address.
    pub(super) fn log_change_at(&self, at: i64, author: Author, address: &str, event: Event) {
        let mut records = self.records();
        let place = records.partition_point(|record| record.at <= at);
        records.insert(place, Record { at, author, address: address.to_owned(), event });
    }

    /// The records between two moments, both included, in which `text` stands, newest first: those on the page, and whether
    /// there are more.
    pub(super) fn page(
        &self,
        since: i64,
        until: i64,
        text: Option<&str>,
        from: u64,
        limit: usize,
    ) -> (Vec<Value>, bool) {
        let records = self.records();
        let first = records.partition_point(|record| record.at < since);
        let end = records.partition_point(|record| record.at <= until);
        let range = records.get(first..end.max(first)).unwrap_or_default();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let Some(text) = text.map(str::to_lowercase) else {
            let rows: Vec<Value> = range.iter().rev().skip(from).take(limit).map(Record::body).collect();
            let more = from.saturating_add(rows.len()) < range.len();
            return (rows, more);
        };
        let mut fitting = range.iter().rev().map(Record::body).filter(|body| stands_in(body, &text)).skip(from);
        let rows: Vec<Value> = fitting.by_ref().take(limit).collect();
        (rows, fitting.next().is_some())
    }

    /// What of it the organization notes too, between two moments, both included, oldest first: who is in which group and
    /// who is active; and, as it does, who logged in.
    // Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/
    pub(super) fn of_organization(&self, site: &Site, org: &str, base: &str, since: i64, until: i64) -> Vec<Value> {
        let records = self.records();
        let range = records.iter().filter(|record| since <= record.at && record.at <= until);
        range.filter_map(|record| record.of_organization(site, org, base)).collect()
    }

    /// Records that come in while somebody reads. Every other one is late: its own date is a while ago.
    pub(super) fn arrive(&self, count: usize) {
        for number in 0..count {
            let mut event = Event::new("Spaces", "Space configuration updated");
            event.changed.push(("Number", String::new(), self.records().len().to_string()));
            if number % 2 == 0 {
                self.log_change_at(now() - 90_000, Author::System, "", event);
            } else {
                self.log_change(Author::System, event);
            }
        }
    }
}

/// Whether a text, in lower case, stands in any of the values.
pub(super) fn stands_in(body: &Value, text: &str) -> bool {
    match body {
        Value::String(value) => value.to_lowercase().contains(text),
        Value::Array(all) => all.iter().any(|value| stands_in(value, text)),
        Value::Object(all) => all.values().any(|value| stands_in(value, text)),
        _ => false,
    }
}

pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

// The company's log ------------------------------------------------------------------------------------------------

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

impl History {
    /// Makes up what happened in the company in the last year: a story of the last month that fits what is there now, and as
    /// much beside it as makes `count` records.
    pub(super) fn fill(&self, site: &Site, count: usize, seed: u64) {
        let now = now();
        let mut records = story(site, now);
        let mut random = fastrand::Rng::with_seed(seed ^ 0x61_75_64_69_74);
        while records.len() < count {
            let at = now - 31 * DAY - random.i64(0..330 * DAY);
            let Some((author, event)) = noise(site, &mut random) else { break };
            let address = format!("198.51.100.{}", random.u8(1..250));
            records.push(Record { at, author, address, event });
        }
        records.sort_by_key(|record| record.at);
        *self.records() = records;
    }
}

fn story(site: &Site, now: i64) -> Vec<Record> {
    let cast = super::cast();
    let mut records = Vec::new();
    let person = |id: &str| site.user(id).map_or(Author::System, Author::from);
    let (olga, ann, cat, dan, finn) = (
        person(&cast.olga.account_id),
        person(&cast.ann.account_id),
        person(&cast.cat.account_id),
        person(&cast.dan.account_id),
        person(&cast.finn.account_id),
    );
    let mut tell = |days: i64, minutes: i64, author: &Author, event: Option<Event>| {
        let address = if *author == Author::System { "" } else { "203.0.113.24" };
        let at = now - days * DAY - minutes * MINUTE;
        records.extend(event.map(|event| Record { at, author: author.clone(), address: address.to_owned(), event }));
    };
    let node = |id: &str| site.find(id).and_then(|at| site.node_at(at));
    let group = |name: &str| site.facts.groups.iter().find(|group| group.name == name);
    let group_of = |name: &str| group(name).map(|group| Principal::Group(group.id.clone()));
    let user_of = |id: &str| Principal::User(id.to_owned());
    let space = |key: &str| site.facts.spaces.iter().find(|space| space.key == key);
    let grant = |key: &str, who: Option<Principal>, permission: &str, added: bool| {
        Some(Event::space_permission(site, space(key)?, &who?, permission, added))
    };
    let restrict = |id: &str, who: Option<Principal>, operation: &'static str, added: bool| {
        Some(Event::restriction(site, node(id)?, &who?, operation, added))
    };

    for permission in ["view", "create_page", "create_comment"] {
        tell(29, 300, &olga, grant("ENG", group_of("engineering"), permission, true));
    }
    tell(28, 40, &olga, grant("PUB", Some(Principal::Anonymous), "view", true));
    tell(27, 15, &ann, restrict(&cast.roadmap.id, group_of("engineering"), "View", true));
    tell(
        25,
        600,
        &Author::System,
        group("security-reviewers")
            .zip(site.user(&cast.ann.account_id))
            .map(|(group, user)| Event::membership_by_id(group, user, true)),
    );
    tell(24, 75, &ann, restrict(&cast.hardening.id, group_of("security-reviewers"), "View", true));
    tell(
        21,
        20,
        &olga,
        space("PROD")
            .zip(group_of("communications"))
            .map(|(space, who)| Event::role(site, space, &who, "Copy editor", true)),
    );
    tell(19, 500, &dan, restrict(&cast.on_call.id, group_of("operations"), "Edit", true));
    tell(16, 90, &ann, restrict(&cast.findings.id, Some(user_of(&cast.ann.account_id)), "View", true));
    tell(14, 30, &finn, grant("FIN", group_of("interns"), "view", true));
    tell(12, 45, &finn, grant("FIN", group_of("interns"), "view", false));
    tell(10, 5, &olga, Some(Event::new("Users and groups", "User deactivated")));
    tell(9, 120, &cat, restrict(&cast.hiring.id, Some(user_of(&cast.cat.account_id)), "View", true));
    tell(9, 119, &cat, restrict(&cast.hiring.id, Some(user_of(&cast.bob.account_id)), "View", true));
    tell(
        7,
        200,
        &Author::System,
        group("engineering")
            .zip(site.user(&cast.ivan.account_id))
            .map(|(group, user)| Event::membership(group, user, false)),
    );
    tell(6, 60, &cat, node(&cast.welcome.id).map(|node| Event::public_link(site, node, true)));
    tell(5, 60, &cat, node(&cast.welcome.id).map(|node| Event::public_link(site, node, false)));
    tell(
        4,
        10,
        &olga,
        node(&cast.handover.id).map(|node| Event::page(site, node, "Page viewed with admin key").with_admin_key()),
    );
    tell(4, 8, &olga, restrict(&cast.roadmap.id, group_of("interns"), "View", true).map(Event::with_admin_key));
    tell(3, 30, &ann, restrict(&cast.roadmap.id, group_of("interns"), "View", false));
    tell(2, 400, &olga, grant("ENG", group_of("product"), "create_page", false));
    records
}

/// Something that happens on every site.
fn noise(site: &Site, random: &mut fastrand::Rng) -> Option<(Author, Event)> {
    let author = site.facts.users.get(random.usize(..site.facts.users.len().max(1))).map(Author::from)?;
    let user = site.facts.users.get(random.usize(..site.facts.users.len().max(1)))?;
    let group = site.facts.groups.get(random.usize(..site.facts.groups.len().max(1)))?;
    let node = site.facts.nodes.get(random.usize(..site.facts.nodes.len().max(1)))?;
    let space = site.space_of(node)?;
    let added = random.u8(..3) > 0;
    let who = if random.bool() { Principal::User(user.id.clone()) } else { Principal::Group(group.id.clone()) };
    let event = match random.u8(..20) {
        0..3 => Event::membership(group, user, added),
        3 => return Some((Author::System, Event::membership_by_id(group, user, added))),
        4..6 => {
            let permission = ["view", "create_page", "create_comment", "export", "administer"];
            Event::space_permission(site, space, &who, permission.get(random.usize(..5))?, added)
        }
        6..9 => Event::restriction(site, node, &who, if random.bool() { "View" } else { "Edit" }, added),
        9..12 => Event::page(site, node, "Page archived"),
        12 => Event::page(site, node, "Page restored"),
        13..16 => Event::new("Spaces", "Space configuration updated").about(space.name.clone(), "Space"),
        16 => Event::new("Spaces", "Space exported").about(space.name.clone(), "Space"),
        17 => {
            let mut event = Event::new("Users and groups", "User details updated");
            event.affected = (user.name.clone(), "User");
            event
        }
        18 => Event::new("Apps", "App updated"),
        _ => Event::new("Global settings", "Global settings changed"),
    };
    Some((author, event))
}
