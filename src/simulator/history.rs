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
    Anonymous,
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
            Author::Anonymous => (None, "Anonymous"),
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

    /// Number of records.
    pub(super) fn len(&self) -> usize {
        self.records().len()
    }
}

pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
