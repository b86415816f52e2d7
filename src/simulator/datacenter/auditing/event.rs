//! What happened, and how it is written down: the answer of the API, a line of the log file, a record of the old API.
// Source: https://github.com/elastic/integrations/tree/main/packages/atlassian_confluence/data_stream/audit

use serde_json::{Map, Value, json};

use crate::simulator::datacenter::permissions::{GLOBAL, SPACE};
use crate::simulator::state::{Account, Group, Kind, Node, Principal, Site, Space};

/// How much an area writes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Off,
    Base,
    Advanced,
    Full,
}

impl Level {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Off, "OFF", "Off"),
        (Self::Base, "BASE", "Base"),
        (Self::Advanced, "ADVANCED", "Advanced"),
        (Self::Full, "FULL", "Full"),
    ];

    pub(super) fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(word)).map(|(level, _, _)| *level)
    }

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(level, _, _)| *level == self).map_or("", |(_, word, _)| word)
    }

    pub(super) fn shown(self) -> &'static str {
        Self::ALL.iter().find(|(level, _, _)| *level == self).map_or("", |(_, _, shown)| shown)
    }
}

/// The language of the site: what people read is in it, keys are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    pub(super) fn read(code: &str) -> Result<Self, String> {
        match code {
            "en" => Ok(Self::English),
            "de" => Ok(Self::German),
            other => Err(format!("`{other}` is no language the simulator speaks: use `en` or `de`")),
        }
    }
}

/// English, German.
type Text = (&'static str, &'static str);

pub(super) fn in_language(text: Text, language: Language) -> &'static str {
    match language {
        Language::English => text.0,
        Language::German => text.1,
    }
}

/// What kinds of events there are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) key: &'static str,
    pub(super) text: Text,
    pub(super) category: &'static Category,
    pub(super) area: &'static str,
    pub(super) level: Level,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Category {
    key: &'static str,
    pub(super) text: Text,
}

const PERMISSIONS: Category =
    Category { key: "audit.logging.category.permissions", text: ("Permissions", "Berechtigungen") };
const PEOPLE: Category =
    Category { key: "audit.logging.category.user.management", text: ("Users and groups", "Benutzer und Gruppen") };
const SPACES: Category = Category { key: "audit.logging.category.spaces", text: ("Spaces", "Bereiche") };
const APPS: Category = Category { key: "audit.logging.category.plugins", text: ("Apps", "Apps") };
// Seen on a live site under this name; the key of the category is in no public document.
const CONTENT: Category =
    Category { key: "audit.logging.category.pages.and.blogs", text: ("Pages and blogs", "Seiten und Blogs") };
const AUDITING: Category = Category { key: "atlassian.audit.event.category.audit", text: ("Auditing", "Auditing") };

const fn action(
    key: &'static str,
    text: Text,
    category: &'static Category,
    area: &'static str,
    level: Level,
) -> Action {
    Action { key, text, category, area, level }
}

/// Added, removed.
pub(super) static SPACE_PERMISSION: [Action; 2] = [
    action(
        "audit.logging.summary.space.permission.added",
        ("Space permission added", "Bereichsberechtigung hinzugefügt"),
        &PERMISSIONS,
        "PERMISSIONS",
        Level::Base,
    ),
    action(
        "audit.logging.summary.space.permission.removed",
        ("Space permission removed", "Bereichsberechtigung entfernt"),
        &PERMISSIONS,
        "PERMISSIONS",
        Level::Base,
    ),
];
pub(super) static GLOBAL_PERMISSION: [Action; 2] = [
    action(
        "audit.logging.summary.global.permission.added",
        ("Global permission added", "Globale Berechtigung hinzugefügt"),
        &PERMISSIONS,
        "PERMISSIONS",
        Level::Base,
    ),
    action(
        "audit.logging.summary.global.permission.removed",
        ("Global permission removed", "Globale Berechtigung entfernt"),
        &PERMISSIONS,
        "PERMISSIONS",
        Level::Base,
    ),
];
/// The keys are guesses: no public document has them.
pub(super) static RESTRICTION: [Action; 2] = [
    action(
        "audit.logging.summary.content.restriction.added",
        ("Content restriction added", "Inhaltsbeschränkung hinzugefügt"),
        &CONTENT,
        "END_USER_ACTIVITY",
        Level::Advanced,
    ),
    action(
        "audit.logging.summary.content.restriction.removed",
        ("Content restriction removed", "Inhaltsbeschränkung entfernt"),
        &CONTENT,
        "END_USER_ACTIVITY",
        Level::Advanced,
    ),
];
pub(super) static MEMBERSHIP: [Action; 2] = [
    action(
        "audit.logging.summary.group.membership.added",
        ("User added to group", "Benutzer zur Gruppe hinzugefügt"),
        &PEOPLE,
        "USER_MANAGEMENT",
        Level::Base,
    ),
    action(
        "audit.logging.summary.group.membership.removed",
        ("User removed from group", "Benutzer aus der Gruppe entfernt"),
        &PEOPLE,
        "USER_MANAGEMENT",
        Level::Base,
    ),
];
pub(super) static GROUP: [Action; 2] = [
    action(
        "audit.logging.summary.group.created",
        ("Group created", "Gruppe erstellt"),
        &PEOPLE,
        "USER_MANAGEMENT",
        Level::Base,
    ),
    action(
        "audit.logging.summary.group.deleted",
        ("Group deleted", "Gruppe gelöscht"),
        &PEOPLE,
        "USER_MANAGEMENT",
        Level::Base,
    ),
];
pub(super) static USER_CREATED: Action = action(
    "audit.logging.summary.user.created",
    ("User created", "Benutzer erstellt"),
    &PEOPLE,
    "USER_MANAGEMENT",
    Level::Base,
);
pub(super) static DIRECTORY_CREATED: Action = action(
    "audit.logging.summary.directory.added",
    ("User directory created", "Benutzerverzeichnis erstellt"),
    &PEOPLE,
    "USER_MANAGEMENT",
    Level::Base,
);
pub(super) static SPACE_CREATED: Action = action(
    "audit.logging.summary.space.created",
    ("Space created", "Bereich erstellt"),
    &SPACES,
    "LOCAL_CONFIG_AND_ADMINISTRATION",
    Level::Base,
);
pub(super) static SPACE_CONFIGURED: Action = action(
    "audit.logging.summary.space.config.updated",
    ("Space configuration updated", "Bereichskonfiguration aktualisiert"),
    &SPACES,
    "LOCAL_CONFIG_AND_ADMINISTRATION",
    Level::Base,
);
pub(super) static PAGE_CREATED: Action = action(
    "audit.logging.summary.page.created",
    ("Page created", "Seite erstellt"),
    &CONTENT,
    "END_USER_ACTIVITY",
    Level::Full,
);
pub(super) static APP_ENABLED: Action = action(
    "audit.logging.summary.plugin.enabled",
    ("App enabled", "App aktiviert"),
    &APPS,
    "GLOBAL_CONFIG_AND_ADMINISTRATION",
    Level::Base,
);
pub(super) static CONFIGURED: Action = action(
    "atlassian.audit.event.action.audit.config.updated",
    ("Audit Log configuration updated", "Audit-Protokoll-Konfiguration aktualisiert"),
    &AUDITING,
    "AUDIT_LOG",
    Level::Base,
);
pub(super) static SEARCHED: Action = action(
    "atlassian.audit.event.action.audit.search",
    ("Audit Log search performed", "Suche im Audit-Protokoll durchgeführt"),
    &AUDITING,
    "AUDIT_LOG",
    Level::Base,
);

/// A thing an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    name: String,
    kind: &'static str,
    id: Option<String>,
    /// Behind the base address of the site.
    uri: Option<String>,
}

impl Thing {
    fn new(name: impl Into<String>, kind: &'static str) -> Self {
        Self { name: name.into(), kind, id: None, uri: None }
    }

    fn user(user: &Account) -> Self {
        Self {
            id: Some(user.id.clone()),
            uri: Some(format!("/admin/users/viewuser.action?username={}", user.username)),
            ..Self::new(user.name.clone(), "User")
        }
    }

    fn group(name: &str) -> Self {
        Self {
            id: Some(name.to_owned()),
            uri: Some(format!("/admin/users/domembersofgroupsearch.action?membersOfGroupTerm={name}")),
            ..Self::new(name, "Group")
        }
    }

    fn space(space: &Space) -> Self {
        Self {
            id: Some(space.id.clone()),
            uri: Some(format!("/display/{}", space.key)),
            ..Self::new(space.name.clone(), "Space")
        }
    }

    fn content(node: &Node) -> Self {
        let kind = match node.kind {
            Kind::Blogpost => "Blog",
            Kind::Comment => "Comment",
            Kind::Attachment => "Attachment",
            _ => "Page",
        };
        Self {
            id: Some(node.id.clone()),
            uri: Some(format!("/pages/viewpage.action?pageId={}", node.id)),
            ..Self::new(node.title.clone(), kind)
        }
    }

    /// A principal, and the word and name of it among the changed values; the anonymous one has none.
    fn subject(site: &Site, who: &Principal) -> (Self, Option<(Text, String)>) {
        match who {
            Principal::User(id) => match site.user(id) {
                Some(user) => (Self::user(user), Some((("User", "Benutzer"), user.username.clone()))),
                None => {
                    let gone = Self { id: Some(id.clone()), ..Self::new(id.clone(), "User") };
                    (gone, Some((("User", "Benutzer"), id.clone())))
                }
            },
            Principal::Group(id) => {
                let name = site.group(id).map_or(id.as_str(), |group| group.name.as_str());
                (Self::group(name), Some((("Group", "Gruppe"), name.to_owned())))
            }
            Principal::Anonymous => (Self::new("Anonymous", "User"), None),
            Principal::Unlicensed => (Self::new("Unlicensed users", "User"), None),
            Principal::Class(id) | Principal::Other(_, id) => (Self::new(id.clone(), "User"), None),
        }
    }
}

/// A value that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    key: Text,
    from: Option<String>,
    to: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) action: &'static Action,
    things: Vec<Thing>,
    changes: Vec<Change>,
    /// Name, its key, value.
    extra: Vec<(&'static str, &'static str, String)>,
}

/// Which of a pair.
fn done(actions: &'static [Action; 2], added: bool) -> &'static Action {
    let [first, second] = actions;
    if added { first } else { second }
}

impl Event {
    pub(super) fn new(action: &'static Action) -> Self {
        Self { action, things: Vec::new(), changes: Vec::new(), extra: Vec::new() }
    }

    /// A value that is there after an event that added, and before one that removed.
    fn value(mut self, added: bool, key: Text, value: impl Into<String>) -> Self {
        let (from, to) = if added { (None, Some(value.into())) } else { (Some(value.into()), None) };
        self.changes.push(Change { key, from, to });
        self.changes.sort_by_key(|change| change.key);
        self
    }

    pub(super) fn changed(mut self, key: Text, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.changes.push(Change { key, from: Some(from.into()), to: Some(to.into()) });
        self
    }

    pub(super) fn told(mut self, name: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        self.extra.push((name, key, value.into()));
        self
    }

    fn about(mut self, thing: Thing) -> Self {
        self.things.push(thing);
        self
    }

    fn on(self, site: &Site, who: &Principal, added: bool) -> Self {
        let (thing, value) = Thing::subject(site, who);
        let event = self.about(thing);
        match value {
            Some((key, name)) => event.value(added, key, name),
            None => event,
        }
    }

    /// A permission in a space, in the word of the plain data.
    pub(super) fn space_permission(site: &Site, space: &Space, who: &Principal, permission: &str, added: bool) -> Self {
        let known = SPACE.iter().find(|pair| pair.word == permission).map(|pair| pair.constant.to_owned());
        let constant = known.unwrap_or_else(|| permission.to_ascii_uppercase().replace('_', ""));
        Self::new(done(&SPACE_PERMISSION, added))
            .on(site, who, added)
            .about(Thing::space(space))
            .value(added, ("Space", "Bereich"), space.key.clone())
            .value(added, ("Type", "Typ"), constant)
    }

    pub(super) fn global_permission(site: &Site, who: &Principal, permission: &str, added: bool) -> Self {
        let known = GLOBAL.iter().find(|pair| pair.word == permission).map(|pair| pair.constant.to_owned());
        let constant = known.unwrap_or_else(|| permission.to_ascii_uppercase().replace('_', ""));
        Self::new(done(&GLOBAL_PERMISSION, added)).on(site, who, added).value(added, ("Type", "Typ"), constant)
    }

    /// The subject stands beside the content as in an event about a space; no public document shows one whole.
    pub(super) fn restriction(site: &Site, node: &Node, who: &Principal, update: bool, added: bool) -> Self {
        let event = Self::new(done(&RESTRICTION, added)).about(Thing::content(node));
        let event = match site.space_of(node) {
            Some(space) => event.about(Thing::space(space)),
            None => event,
        };
        event.on(site, who, added).value(added, ("Type", "Typ"), if update { "Edit" } else { "View" })
    }

    pub(super) fn membership(site: &Site, group: &Group, who: &Principal, added: bool) -> Self {
        let (member, _) = Thing::subject(site, who);
        Self::new(done(&MEMBERSHIP, added)).about(Thing::group(&group.name)).about(member)
    }

    pub(super) fn group(name: &str, added: bool) -> Self {
        Self::new(done(&GROUP, added)).about(Thing::group(name))
    }

    pub(super) fn user_created(user: &Account) -> Self {
        let email = user.email.clone().unwrap_or_default();
        Self::new(&USER_CREATED)
            .about(Thing::user(user))
            .value(true, ("Active", "Aktiv"), "Yes")
            .value(true, ("Display name", "Anzeigename"), user.name.clone())
            .value(true, ("Email", "E-Mail"), email)
            .value(true, ("Username", "Benutzername"), user.username.clone())
    }

    pub(super) fn directory_created(id: u64, name: &str, kind: &str) -> Self {
        let mut event = Self::new(&DIRECTORY_CREATED).about(Thing::new(name, "Directory"));
        for (key, value) in [
            (("ID", "ID"), id.to_string()),
            (("Name", "Name"), name.to_owned()),
            (("Active", "Aktiv"), "Yes".to_owned()),
            (("Type", "Typ"), kind.to_owned()),
            (("Allowed operation", "Erlaubte Operation"), "UPDATE_USER".to_owned()),
            (("Allowed operation", "Erlaubte Operation"), "UPDATE_GROUP".to_owned()),
        ] {
            event.changes.push(Change { key, from: None, to: Some(value) });
        }
        event
    }

    pub(super) fn in_space(action: &'static Action, space: &Space) -> Self {
        Self::new(action).about(Thing::space(space))
    }

    pub(super) fn on_content(action: &'static Action, site: &Site, node: &Node) -> Self {
        let event = Self::new(action).about(Thing::content(node));
        match site.space_of(node) {
            Some(space) => event.about(Thing::space(space)),
            None => event,
        }
    }

    pub(super) fn app(name: &str) -> Self {
        Self::new(&APP_ENABLED).about(Thing::new(name, "App"))
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    /// Key, display name, username.
    User(String, String, String),
    /// The product itself: synchronised directories, scheduled jobs.
    System,
    Anonymous,
}

impl Author {
    /// What stands for it in `userIds`.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::User(id, _, _) => id,
            Self::System => "-1",
            Self::Anonymous => "-2",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::User(_, name, _) => name,
            Self::System => "System",
            Self::Anonymous => "Anonymous",
        }
    }

    fn kind(&self) -> &'static str {
        if *self == Self::System { "system" } else { "user" }
    }
}

impl From<&Account> for Author {
    fn from(account: &Account) -> Self {
        if account.id.is_empty() {
            return Self::Anonymous;
        }
        Self::User(account.id.clone(), account.name.clone(), account.username.clone())
    }
}

/// One event, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) id: u64,
    /// Milliseconds since 1970.
    pub(super) at: i64,
    pub(super) author: Author,
    /// Address it was done from.
    pub(super) source: String,
    pub(super) event: Event,
}

impl Record {
    /// As the API writes it.
    pub(super) fn answer(&self, base: &str, language: Language) -> Value {
        let mut author = json!({"name": self.author.name(), "type": self.author.kind(), "id": self.author.id()});
        if let (Author::User(_, _, username), Some(author)) = (&self.author, author.as_object_mut()) {
            author.insert("uri".to_owned(), json!(format!("{base}/admin/users/viewuser.action?username={username}")));
            author.insert("avatarUri".to_owned(), json!(""));
        }
        let action = self.event.action;
        json!({
            "timestamp": iso(self.at),
            "author": author,
            "type": {
                "categoryI18nKey": action.category.key,
                "category": in_language(action.category.text, language),
                "actionI18nKey": action.key,
                "action": in_language(action.text, language),
            },
            "affectedObjects": self.things(Some(base)),
            "changedValues": self.changes(language),
            "source": self.source,
            "system": base,
            "method": "Browser",
            "extraAttributes": self.extra(),
        })
    }

    /// As a line of the log file says it: another member for the kind, another time, no addresses of things.
    pub(super) fn line(&self, base: &str, language: Language) -> Value {
        let action = self.event.action;
        json!({
            "affectedObjects": self.things(None),
            "auditType": {
                "action": in_language(action.text, language),
                "actionI18nKey": action.key,
                "area": action.area,
                "category": in_language(action.category.text, language),
                "categoryI18nKey": action.category.key,
                "level": action.level.word(),
            },
            "author": {"id": self.author.id(), "name": self.author.name(), "type": self.author.kind()},
            "changedValues": self.changes(language),
            "extraAttributes": self.extra(),
            "method": "Browser",
            "source": self.source,
            "system": base,
            "timestamp": {"epochSecond": self.at.div_euclid(1000), "nano": self.at.rem_euclid(1000) * 1_000_000},
            "version": "1.0",
        })
    }

    /// As the API before it says it: names, and no ids of things.
    pub(super) fn old(&self, language: Language) -> Value {
        let (username, key) = match &self.author {
            Author::User(id, _, username) => (Some(username.as_str()), Some(id.as_str())),
            _ => (None, None),
        };
        let thing = |thing: &Thing| json!({"name": thing.name, "objectType": thing.kind});
        let mut things = self.event.things.iter();
        let affected = things.next().map_or_else(|| json!({"name": "", "objectType": ""}), thing);
        let changed = self.event.changes.iter().map(|change| {
            json!({
                "name": in_language(change.key, language),
                "oldValue": change.from.as_deref().unwrap_or_default(),
                "newValue": change.to.as_deref().unwrap_or_default(),
            })
        });
        let action = self.event.action;
        json!({
            "author": {
                "type": "user",
                "displayName": self.author.name(),
                "username": username,
                "userKey": key,
            },
            "remoteAddress": self.source,
            "creationDate": self.at,
            "summary": in_language(action.text, language),
            "description": "",
            "category": in_language(action.category.text, language),
            "sysAdmin": false,
            "affectedObject": affected,
            "changedValues": changed.collect::<Vec<_>>(),
            "associatedObjects": things.map(thing).collect::<Vec<_>>(),
        })
    }

    /// Whether one of the things is of a type and has an id.
    pub(super) fn is_about(&self, kind: &str, id: &str) -> bool {
        self.event.things.iter().any(|thing| thing.kind.eq_ignore_ascii_case(kind) && thing.id.as_deref() == Some(id))
    }

    fn things(&self, base: Option<&str>) -> Vec<Value> {
        let row = |thing: &Thing| {
            let mut row = Map::new();
            row.insert("name".to_owned(), json!(thing.name));
            row.insert("type".to_owned(), json!(thing.kind));
            if let (Some(base), Some(uri)) = (base, &thing.uri) {
                row.insert("uri".to_owned(), json!(format!("{base}{uri}")));
            }
            if let Some(id) = &thing.id {
                row.insert("id".to_owned(), json!(id));
            }
            Value::Object(row)
        };
        self.event.things.iter().map(row).collect()
    }

    fn changes(&self, language: Language) -> Vec<Value> {
        let row = |change: &Change| {
            let mut row = Map::new();
            row.insert("key".to_owned(), json!(in_language(change.key, language)));
            // Not a key but the English word.
            row.insert("i18nKey".to_owned(), json!(change.key.0));
            for (name, value) in [("from", &change.from), ("to", &change.to)] {
                if let Some(value) = value {
                    row.insert(name.to_owned(), json!(value));
                }
            }
            Value::Object(row)
        };
        self.event.changes.iter().map(row).collect()
    }

    fn extra(&self) -> Vec<Value> {
        let row = |(name, key, value): &(&str, &str, String)| json!({"name": name, "nameI18nKey": key, "value": value});
        self.event.extra.iter().map(row).collect()
    }
}

/// `2026-01-31T12:00:00.123Z`.
pub(super) fn iso(milliseconds: i64) -> String {
    match jiff::Timestamp::from_millisecond(milliseconds) {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        Err(_) => "1970-01-01T00:00:00.000Z".to_owned(),
    }
}
