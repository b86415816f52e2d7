//! A site from plain data: what-if questions, tests without a server, a database export.
//!
//! ```
//! use confluence_access::model::{Deployment, Snapshot};
//! let site = serde_json::json!({
//!     "users": {"ann": {}},
//!     "spaces": {"DOC": {"grants": {"user:ann": ["view"]}}},
//!     "contents": {"A": {"type": "page", "space": "DOC"}},
//!     "restrictions": {"A": {"read": ["user:ann"]}},
//! });
//! let snapshot = Snapshot::from_plain(site, Deployment::Cloud)?;
//! assert_eq!(snapshot.restrictions.len(), 1);
//! # Ok::<(), confluence_access::model::PlainError>(())
//! ```
//!
//! Keys, all optional, with their defaults. What is true or false may also be `"unknown"`:
//!
//! | key | meaning |
//! |---|---|
//! | `plan` | `paid` or `free`, Cloud (`paid`) |
//! | `anonymous_enabled`, `anonymous_enforced`, `read_only` | switches of the site (false) |
//! | `public_links_enabled` | public links work (true) |
//! | `role_mode` | `PRE_ROLES`, `ROLES_TRANSITION`, `ROLES`; with `PRE_ROLES` role assignments do not count |
//! | `verified_domains` | domains of the organization's own e-mail addresses (unknown) |
//! | `global_permissions` | principal to permissions of the site, which decide nothing: accounts say themselves who is licensed and who administers |
//! | `caller` | the account whose view this is |
//! | `policy` | deployment to switch to value, or switch to value |
//! | `users` | id to `email`, `name`, `display_name`, `type`, `active` (true), `licensed` (true; of a customer false), `guest`, `app`, `product_admin`, `org_admin`, `system_admin`, `admin_key` (all false) |
//! | `groups` | id or name to `members`, `name`, `listable` (true), `source` |
//! | `roles` | name to permissions |
//! | `spaces` | key to `type`, `name`, `owner`, `homepage`, `archived` (false), `public_links_enabled` (true), `grants` (principal to permissions), `role_assignments` (principal to roles) |
//! | `contents` | id to `type`, `space`, `title`, `parent`, `status` (`current`), `creator`, `shared_with`, `public_link` (false), `restrictions_verified` (false), `url`, `created_at`, `modified_at` |
//! | `restrictions` | content to `view` and `edit` (or `read` and `update`), lists of principals |
//! | `unreadable` | content to why its restrictions could not be read: a status or a word |
//! | `gaps` | list of `scope`, `subject`, `cause`, `status`, `message`: whatever else could not be read |

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::domain::domains;
use super::nearest::nearest;
use super::{
    Content, ContentStatus, ContentType, Deployment, DirectMembership, Gap, GapCause, GapScope, GlobalPermission,
    Group, GroupSource, Missing, Origin, Permission, Plan, Policy, Restriction, RestrictionOperation, RoleMode,
    SiteFact, SitePermission, Snapshot, Space, SpacePermission, Subject, SubjectKind, Switch, Timestamp, User,
    UserType, role_grants,
};

/// Plain data that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {message}")]
pub struct PlainError {
    /// Where, such as `users.ann.activ`.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A value and where it stands.
struct At<'a> {
    path: String,
    value: &'a Value,
}

type Read<T> = Result<T, PlainError>;

impl<'a> At<'a> {
    fn fail<T>(&self, message: impl Into<String>) -> Read<T> {
        let path = if self.path.is_empty() { "site".to_owned() } else { self.path.clone() };
        Err(PlainError { path, message: message.into() })
    }

    fn wrong<T>(&self, wanted: &str) -> Read<T> {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.fail(format!("expected {wanted}, not {found}"))
    }

    fn below(&self, key: &str, value: &'a Value) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, value }
    }

    fn object(&self) -> Read<&'a Map<String, Value>> {
        match self.value {
            Value::Object(map) => Ok(map),
            _ => self.wrong("an object"),
        }
    }

    /// Entries of an object whose keys are names; null stands for an entry that was removed.
    fn entries(&self) -> Read<Vec<(&'a str, Self)>> {
        Ok(self
            .object()?
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.as_str(), self.below(key, value)))
            .collect())
    }

    /// An object whose keys are known words.
    fn fields(&self, known: &[&str]) -> Read<Fields<'a>> {
        let map = self.object()?;
        if let Some((key, value)) = map.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            return self.below(key, value).fail(format!("unknown key `{key}`: {}", expected(key, known)));
        }
        Ok(Fields { path: self.path.clone(), map })
    }

    /// An object whose keys were checked before.
    fn row(&self) -> Read<Fields<'a>> {
        Ok(Fields { path: self.path.clone(), map: self.object()? })
    }

    fn flag(&self) -> Read<bool> {
        self.value.as_bool().map_or_else(|| self.wrong("true or false"), Ok)
    }

    fn text(&self) -> Read<String> {
        self.value.as_str().map_or_else(|| self.wrong("a text"), |text| Ok(text.to_owned()))
    }

    /// An id or a key; exports have them as numbers too.
    fn id(&self) -> Read<String> {
        match self.value {
            Value::Number(number) if number.is_u64() => Ok(number.to_string()),
            Value::String(text) => Ok(text.clone()),
            _ => self.wrong("an id"),
        }
    }

    fn word(&self, known: &[&str]) -> Read<String> {
        let text = self.text()?;
        if known.contains(&text.as_str()) {
            return Ok(text);
        }
        self.fail(format!("unknown word `{text}`: {}", expected(&text, known)))
    }

    fn list(&self) -> Read<Vec<Self>> {
        match self.value {
            Value::Array(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(at, value)| Self { path: format!("{}[{at}]", self.path), value })
                .collect()),
            _ => self.wrong("a list"),
        }
    }

    fn subject(&self) -> Read<Subject> {
        principal(&self.text()?).or_else(|message| self.fail(message))
    }

    fn subjects(&self) -> Read<Vec<Subject>> {
        self.list()?.iter().map(Self::subject).collect()
    }

    /// `user:<id>`, as the bare id.
    fn account(&self) -> Read<String> {
        let subject = self.subject()?;
        if subject.kind == SubjectKind::User { Ok(subject.id) } else { self.wrong("`user:<id>`") }
    }

    fn permissions(&self) -> Read<Vec<Permission>> {
        self.list()?
            .iter()
            .map(|item| item.word(Permission::KNOWN).map(|word| Permission::from(word.as_str())))
            .collect()
    }

    fn moment(&self) -> Read<Timestamp> {
        self.text()?.parse().or_else(|_| self.fail("is no moment: write `2026-11-21T09:30:00Z`"))
    }
}

/// What a word should have been.
fn expected(word: &str, known: &[&str]) -> String {
    let meant = nearest(word, known.iter().copied()).map(|meant| format!("did you mean `{meant}`? "));
    let words = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    format!("{}expected one of {words}", meant.unwrap_or_default())
}

/// A principal; one that is a word without a colon is kept only where the word is known.
fn principal(text: &str) -> Result<Subject, String> {
    Subject::parse(text).map_err(|error| error.to_string())
}

/// An object with known keys.
struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The value of a key; null counts as missing.
    fn get(&self, key: &str) -> Option<At<'a>> {
        let value = self.map.get(key).filter(|value| !value.is_null())?;
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Some(At { path, value })
    }

    fn flag(&self, key: &str, default: bool) -> Read<Option<bool>> {
        match self.get(key) {
            Some(at) if at.value.as_str() == Some("unknown") => Ok(None),
            Some(at) => at.flag().map(Some),
            None => Ok(Some(default)),
        }
    }

    fn text(&self, key: &str) -> Read<Option<String>> {
        self.get(key).map(|at| at.text()).transpose()
    }

    fn id(&self, key: &str) -> Read<Option<String>> {
        self.get(key).map(|at| at.id()).transpose()
    }

    fn required(&self, key: &str) -> Read<At<'a>> {
        let missing = || PlainError { path: self.path.clone(), message: format!("needs the key `{key}`") };
        self.get(key).ok_or_else(missing)
    }

    fn entries(&self, key: &str) -> Read<Vec<(&'a str, At<'a>)>> {
        self.get(key).map_or_else(|| Ok(Vec::new()), |at| at.entries())
    }
}

impl Snapshot {
    /// Builds the snapshot of a site described in plain data. Ids are used as given, nothing is fetched.
    ///
    /// References to what is not described are kept, as with [`Dangling::Keep`].
    ///
    /// # Errors
    /// Where a key is not known or a value is of the wrong type, naming the key.
    pub fn from_plain(site: Value, deployment: Deployment) -> Result<Self, PlainError> {
        Self::from_plain_with(site, deployment, Dangling::Keep)
    }

    /// As [`Snapshot::from_plain`], and says what happens to a reference to what is not described.
    ///
    /// # Errors
    /// As for `from_plain`; with [`Dangling::Refuse`] also where a reference leads to nothing.
    pub fn from_plain_with(site: Value, deployment: Deployment, dangling: Dangling) -> Result<Self, PlainError> {
        let root = At { path: String::new(), value: &site };
        let fields = root.fields(&[
            "plan",
            "anonymous_enabled",
            "anonymous_enforced",
            "public_links_enabled",
            "read_only",
            "role_mode",
            "verified_domains",
            "global_permissions",
            "caller",
            "base_url",
            "version",
            "policy",
            "users",
            "groups",
            "roles",
            "spaces",
            "contents",
            "restrictions",
            "unreadable",
            "gaps",
        ])?;
        let mut snapshot = Self::new(deployment);
        site_facts(&fields, &mut snapshot)?;
        users(&fields, &mut snapshot)?;
        groups(&fields, &mut snapshot)?;
        spaces(&fields, &mut snapshot)?;
        contents(&fields, &mut snapshot)?;
        restrictions(&fields, &mut snapshot)?;
        gaps(&fields, &mut snapshot)?;
        groups_are_told_apart(&snapshot)?;
        snapshot.name_subjects();
        if dangling != Dangling::Keep {
            let found = References::of(&snapshot).follow(&fields)?;
            if dangling == Dangling::Refuse
                && let Some(first) = found.first()
            {
                return Err(first.error());
            }
            let mut seen = BTreeSet::new();
            let fresh = found.iter().map(Reference::gap).filter(|gap| {
                !snapshot.gaps.iter().any(|other| other.scope == gap.scope && other.subject == gap.subject)
                    && seen.insert((gap.scope.as_str().to_owned(), gap.subject.clone()))
            });
            let fresh: Vec<Gap> = fresh.collect();
            snapshot.gaps.extend(fresh);
        }
        Ok(snapshot)
    }
}

super::words! {
    /// What happens to a reference to a user, group, space or content that is not described.
    Dangling {
        /// It is an error: a mistyped id would be a confident wrong answer.
        Refuse = "refuse",
        /// It is a gap, and what it touches is unknown.
        Gap = "gap",
        /// It is kept, as a server keeps the entries of deleted accounts: nobody described is it.
        Keep = "keep",
    }
}

/// The two lists of a content, each under both of its names.
const LISTS: [(&str, RestrictionOperation); 4] = [
    ("view", RestrictionOperation::View),
    ("read", RestrictionOperation::View),
    ("edit", RestrictionOperation::Edit),
    ("update", RestrictionOperation::Edit),
];

/// A reference that leads to nothing.
struct Reference {
    path: String,
    scope: GapScope,
    id: String,
    meant: Option<String>,
}

impl Reference {
    /// The reference as it is written, and the key it should be described under.
    fn words(&self) -> (String, &'static str) {
        match self.scope {
            GapScope::User => (format!("user:{}", self.id), "users"),
            GapScope::Group => (format!("group:{}", self.id), "groups"),
            GapScope::SpacePermissions => (self.id.clone(), "spaces"),
            _ => (self.id.clone(), "contents"),
        }
    }

    fn error(&self) -> PlainError {
        let (written, section) = self.words();
        let meant = self.meant.as_ref().map(|meant| format!(" did you mean `{meant}`?")).unwrap_or_default();
        let message = format!(
            "`{written}` is not described under `{section}`:{meant} describe it, or give `dangling=\"gap\"` to go on \
             with what it touches unknown"
        );
        PlainError { path: self.path.clone(), message }
    }

    fn gap(&self) -> Gap {
        let (written, section) = self.words();
        let message = format!("`{written}` in `{}` is not described under `{section}`", self.path);
        Gap::new((self.scope.clone(), self.id.as_str()), GapCause::NotDescribed, message)
    }
}

/// What is described, by the ids that references use: with each the text to write where only a name fits.
struct References<'a> {
    users: BTreeMap<&'a str, Option<&'a str>>,
    groups: BTreeMap<&'a str, Option<&'a str>>,
    spaces: BTreeMap<&'a str, Option<&'a str>>,
    contents: BTreeMap<&'a str, Option<&'a str>>,
}

impl<'a> References<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let mut users: BTreeMap<_, _> = snapshot.users.iter().map(|user| (user.id.as_str(), None)).collect();
        for user in &snapshot.users {
            for name in [&user.name, &user.display_name, &user.email].into_iter().flatten() {
                users.entry(name).or_insert(Some(user.id.as_str()));
            }
        }
        // Groups may be named where their id is expected.
        let names = snapshot.groups.iter().filter_map(|group| group.name.as_deref());
        let ids = snapshot.groups.iter().map(|group| group.id.as_str());
        Self {
            users,
            groups: ids.chain(names).map(|id| (id, None)).collect(),
            spaces: snapshot.spaces.iter().map(|space| (space.key.as_str(), None)).collect(),
            contents: snapshot.contents.iter().map(|content| (content.id.as_str(), None)).collect(),
        }
    }

    /// The reference at `path`, where it leads to nothing.
    fn check(&self, path: &str, scope: GapScope, id: &str, found: &mut Vec<Reference>) {
        let (known, kind) = match scope {
            GapScope::User => (&self.users, "user:"),
            GapScope::Group => (&self.groups, "group:"),
            GapScope::SpacePermissions => (&self.spaces, ""),
            _ => (&self.contents, ""),
        };
        let meant = match known.get(id) {
            Some(None) => return,
            Some(Some(meant)) => Some(*meant),
            None => nearest(id, known.keys().copied()).map(|name| known.get(name).copied().flatten().unwrap_or(name)),
        };
        let meant = meant.map(|meant| format!("{kind}{meant}"));
        found.push(Reference { path: path.to_owned(), scope, id: id.to_owned(), meant });
    }

    fn subject(&self, path: &str, subject: &Subject, found: &mut Vec<Reference>) {
        // Servers list deleted accounts and groups without an id: nothing of them is left to describe.
        if subject.is_unidentified() {
            return;
        }
        match subject.kind {
            SubjectKind::User => self.check(path, GapScope::User, &subject.id, found),
            SubjectKind::Group => self.check(path, GapScope::Group, &subject.id, found),
            // Classes are not described, and a kind that is not known stays a doubt.
            _ => {}
        }
    }

    fn listed(&self, row: &Fields<'_>, key: &str, found: &mut Vec<Reference>) -> Read<()> {
        for at in row.get(key).map_or_else(|| Ok(Vec::new()), |at| at.list())? {
            self.subject(&at.path, &at.subject()?, found);
        }
        Ok(())
    }

    /// Subjects that are the keys of an object.
    fn holders(&self, row: &Fields<'_>, key: &str, found: &mut Vec<Reference>) -> Read<()> {
        for (name, at) in row.entries(key)? {
            let subject = principal(name).or_else(|message| at.fail(message))?;
            self.subject(&at.path, &subject, found);
        }
        Ok(())
    }

    /// All references of a description that lead to nothing, in its order.
    fn follow(&self, fields: &Fields<'_>) -> Read<Vec<Reference>> {
        let mut found = Vec::new();
        if let Some(at) = fields.get("caller") {
            self.subject(&at.path, &at.subject()?, &mut found);
        }
        self.holders(fields, "global_permissions", &mut found)?;
        for (_, at) in fields.entries("groups")? {
            self.listed(&at.row()?, "members", &mut found)?;
        }
        for (_, at) in fields.entries("spaces")? {
            let row = at.row()?;
            if let Some(at) = row.get("owner") {
                self.subject(&at.path, &at.subject()?, &mut found);
            }
            if let Some(at) = row.get("homepage") {
                self.check(&at.path, GapScope::Content, &at.id()?, &mut found);
            }
            self.holders(&row, "grants", &mut found)?;
            self.holders(&row, "role_assignments", &mut found)?;
        }
        for (_, at) in fields.entries("contents")? {
            let row = at.row()?;
            for (key, scope) in [("space", GapScope::SpacePermissions), ("parent", GapScope::Content)] {
                if let Some(at) = row.get(key) {
                    self.check(&at.path, scope, &at.id()?, &mut found);
                }
            }
            if let Some(at) = row.get("creator") {
                self.subject(&at.path, &at.subject()?, &mut found);
            }
            self.listed(&row, "shared_with", &mut found)?;
        }
        for (id, at) in fields.entries("restrictions")? {
            self.check(&at.path, GapScope::Content, id, &mut found);
            for (key, _) in LISTS {
                self.listed(&at.row()?, key, &mut found)?;
            }
        }
        for (id, at) in fields.entries("unreadable")? {
            self.check(&at.path, GapScope::Content, id, &mut found);
        }
        Ok(found)
    }
}

fn site_facts(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    let cloud = snapshot.site.deployment == Deployment::Cloud;
    let plan = fields.get("plan").map(|at| at.word(Plan::KNOWN)).transpose()?;
    let role_mode = fields.get("role_mode").map(|at| at.word(RoleMode::KNOWN)).transpose()?;
    let site = &mut snapshot.site;
    site.plan = cloud.then(|| plan.map_or(Plan::Paid, |word| Plan::from(word.as_str())));
    site.role_mode = role_mode.filter(|_| cloud).map(|word| RoleMode::from(word.as_str()));
    site.anonymous_enabled = fields.flag("anonymous_enabled", false)?;
    site.anonymous_enforced = fields.flag("anonymous_enforced", false)?;
    site.public_links_enabled = fields.flag("public_links_enabled", true)?;
    site.read_only = fields.flag("read_only", false)?;
    if let Some(at) = fields.get("verified_domains") {
        let texts = at.list()?.iter().map(At::text).collect::<Read<Vec<_>>>()?;
        let verified = domains(texts.iter().map(String::as_str));
        site.verified_domains = Some(verified.or_else(|error| at.fail(error.to_string()))?);
    }
    let mut global = Vec::new();
    for (holder, at) in fields.entries("global_permissions")? {
        let subject = principal(holder).or_else(|message| at.fail(message))?;
        for word in at.list()? {
            let permission = SitePermission::from(word.word(SitePermission::KNOWN)?.as_str());
            let (subject, source) = (subject.clone(), Origin::default());
            global.push(GlobalPermission { subject, subject_name: None, permission, raw: None, source });
        }
    }
    site.global_permissions = Some(global);
    site.caller = fields.get("caller").map(|at| at.subject()).transpose()?;
    site.base_url = fields.text("base_url")?;
    site.version = fields.text("version")?;
    for (key, at) in fields.entries("policy")? {
        if ["cloud", "datacenter"].contains(&key) {
            // Both are checked, so that a misspelt switch does not wait for the other deployment to be noticed.
            let switches = at.entries()?.into_iter().map(|(name, at)| Ok((name, switch(name, &at)?)));
            let switches = switches.collect::<Read<IndexMap<_, _>>>()?;
            if key == site.deployment.as_str() {
                site.policy.extend(switches.into_iter().map(|(name, value)| (name.to_owned(), value)));
            }
        } else {
            site.policy.insert(key.to_owned(), switch(key, &at)?);
        }
    }
    Ok(())
}

fn switch(name: &str, at: &At<'_>) -> Read<Switch> {
    let value = match at.value {
        Value::Bool(flag) => Switch::Flag(*flag),
        Value::String(word) => Switch::Word(word.clone()),
        Value::Array(_) => Switch::Words(at.list()?.iter().map(At::text).collect::<Read<_>>()?),
        _ => return at.wrong("true, false, `unknown` or a list of words"),
    };
    let policy = Policy::new(Deployment::Cloud).with(name, &value);
    policy.map_or_else(|error| at.fail(error.to_string()), |_| Ok(value))
}

fn users(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    for (id, at) in fields.entries("users")? {
        let row = at.fields(&[
            "email",
            "name",
            "display_name",
            "type",
            "active",
            "licensed",
            "guest",
            "app",
            "product_admin",
            "org_admin",
            "system_admin",
            "admin_key",
        ])?;
        let app = row.flag("app", false)? == Some(true);
        let kind = match row.get("type").map(|at| at.word(UserType::KNOWN)).transpose()? {
            Some(word) => UserType::from(word.as_str()),
            None if app => UserType::App,
            None => UserType::Person,
        };
        let licensed = row.flag("licensed", kind != UserType::Customer)?;
        snapshot.users.push(User {
            name: row.text("name")?,
            display_name: row.text("display_name")?,
            email: row.text("email")?,
            kind,
            active: row.flag("active", true)?,
            guest: row.flag("guest", false)?,
            licensed,
            product_admin: row.flag("product_admin", false)?,
            org_admin: row.flag("org_admin", false)?,
            system_admin: row.flag("system_admin", false)?,
            admin_key: row.flag("admin_key", false)?,
            ..User::new(id)
        });
    }
    Ok(())
}

fn groups(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    for (id, at) in fields.entries("groups")? {
        let row = at.fields(&["members", "name", "listable", "source"])?;
        let source = row.get("source").map(|at| at.word(GroupSource::KNOWN)).transpose()?;
        snapshot.groups.push(Group {
            name: row.text("name")?,
            members_complete: row.flag("listable", true)? == Some(true),
            provenance: source.map_or(GroupSource::Unknown, |word| GroupSource::from(word.as_str())),
            ..Group::new(id)
        });
        for member in row.get("members").map_or_else(|| Ok(Vec::new()), |at| at.subjects())? {
            snapshot.memberships.push(DirectMembership { group_id: id.to_owned(), member, source: Default::default() });
        }
    }
    Ok(())
}

fn spaces(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    let mut roles = IndexMap::new();
    for (name, at) in fields.entries("roles")? {
        roles.insert(name, role_grants(at.permissions()?));
    }
    for (key, at) in fields.entries("spaces")? {
        let row = at.fields(&[
            "type",
            "name",
            "owner",
            "homepage",
            "archived",
            "public_links_enabled",
            "grants",
            "role_assignments",
        ])?;
        let archived = row.flag("archived", false)? == Some(true);
        snapshot.spaces.push(Space {
            id: key.to_owned(),
            key: key.to_owned(),
            name: row.text("name")?,
            kind: row.text("type")?,
            status: Some(if archived { "archived" } else { "current" }.to_owned()),
            homepage_id: row.id("homepage")?,
            owner_id: row.get("owner").map(|at| at.account()).transpose()?,
            public_links_enabled: row.flag("public_links_enabled", true)?,
            ..Space::default()
        });
        let permission = |subject: &Subject, permission: Permission, via_role: Option<&str>| SpacePermission {
            space_key: key.to_owned(),
            subject: subject.clone(),
            subject_name: None,
            permission,
            raw: None,
            via_role: via_role.map(str::to_owned),
            source: Default::default(),
        };
        for (name, at) in row.entries("grants")? {
            let subject = principal(name).or_else(|message| at.fail(message))?;
            snapshot.space_permissions.extend(at.permissions()?.into_iter().map(|p| permission(&subject, p, None)));
        }
        for (name, at) in row.entries("role_assignments")? {
            let subject = principal(name).or_else(|message| at.fail(message))?;
            for at in at.list()? {
                let role = at.text()?;
                let Some(permissions) = roles.get(role.as_str()) else {
                    return at.fail(format!("no role is named `{role}`: describe it under `roles`"));
                };
                let counts = snapshot.site.deployment == Deployment::Cloud
                    && snapshot.site.role_mode != Some(RoleMode::PreRoles);
                if counts {
                    let rows = permissions.iter().map(|p| permission(&subject, p.clone(), Some(&role)));
                    snapshot.space_permissions.extend(rows);
                }
            }
        }
    }
    Ok(())
}

/// A rule that names a group by a name several groups have speaks of one of them, and nobody can tell which.
fn groups_are_told_apart(snapshot: &Snapshot) -> Read<()> {
    let ids: BTreeSet<&str> = snapshot.groups.iter().map(|group| group.id.as_str()).collect();
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for group in &snapshot.groups {
        if let Some(name) = group.name.as_deref().filter(|name| !ids.contains(name)) {
            named.entry(name).or_default().push(&group.id);
        }
    }
    let granted = snapshot.space_permissions.iter().map(|row| &row.subject);
    let listed = snapshot.restrictions.iter().map(|row| &row.subject);
    let nested = snapshot.memberships.iter().map(|row| &row.member);
    for subject in granted.chain(listed).chain(nested).filter(|subject| subject.kind == SubjectKind::Group) {
        if let Some(several) = named.get(subject.id.as_str()).filter(|ids| ids.len() > 1) {
            let message = format!("`{subject}` may be any of `{}`: give the id of one", several.join("`, `"));
            return Err(PlainError { path: "groups".to_owned(), message });
        }
    }
    Ok(())
}

fn contents(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    let entries = fields.entries("contents")?;
    let mut keys: BTreeSet<String> = snapshot.spaces.iter().map(|space| space.key.clone()).collect();
    let mut kinds = IndexMap::new();
    for (id, at) in entries {
        let row = at.fields(&[
            "type",
            "space",
            "title",
            "parent",
            "status",
            "creator",
            "shared_with",
            "public_link",
            "restrictions_verified",
            "url",
            "created_at",
            "modified_at",
        ])?;
        let kind = ContentType::from(row.required("type")?.word(ContentType::KNOWN)?.as_str());
        let space = row.required("space")?.id()?;
        if keys.insert(space.clone()) {
            snapshot.gaps.push(Gap::new(
                (GapScope::SpacePermissions, space.as_str()),
                GapCause::NotListed,
                format!("the space `{space}` of content `{id}` is not described under `spaces`"),
            ));
        }
        let status = row.get("status").map(|at| at.word(ContentStatus::KNOWN)).transpose()?;
        kinds.insert(id, kind.clone());
        snapshot.contents.push(Content {
            title: row.text("title")?,
            status: status.map_or(ContentStatus::Current, |word| ContentStatus::from(word.as_str())),
            parent_id: row.id("parent")?,
            author_id: row.get("creator").map(|at| at.account()).transpose()?,
            created_at: row.get("created_at").map(|at| at.moment()).transpose()?,
            modified_at: row.get("modified_at").map(|at| at.moment()).transpose()?,
            url: row.text("url")?,
            shared_with: row.get("shared_with").map(|at| at.subjects()).transpose()?,
            public_link: row.flag("public_link", false)?,
            restrictions_verified: row.flag("restrictions_verified", false)? == Some(true),
            ..Content::new(id, kind, space)
        });
    }
    for content in &mut snapshot.contents {
        content.parent_type = content.parent_id.as_deref().and_then(|parent| kinds.get(parent)).cloned();
    }
    Ok(())
}

fn restrictions(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    for (id, at) in fields.entries("restrictions")? {
        let row = at.fields(&["view", "edit", "read", "update"])?;
        for (one, other) in [("view", "read"), ("edit", "update")] {
            if let (Some(_), Some(twice)) = (row.get(one), row.get(other)) {
                return twice.fail(format!("`{one}` and `{other}` are the same list: write one of them"));
            }
        }
        for (key, operation) in LISTS {
            for subject in row.get(key).map_or_else(|| Ok(Vec::new()), |at| at.subjects())? {
                snapshot.restrictions.push(Restriction {
                    content_id: id.to_owned(),
                    operation,
                    subject,
                    subject_name: None,
                    source: Default::default(),
                });
            }
        }
    }
    Ok(())
}

fn gaps(fields: &Fields<'_>, snapshot: &mut Snapshot) -> Read<()> {
    for (id, at) in fields.entries("unreadable")? {
        let why = match at.value {
            Value::Number(number) => number.to_string(),
            _ => at.text()?,
        };
        let status = why.parse::<u16>().ok();
        let cause = cause(status).unwrap_or_else(|| GapCause::from(why.as_str()));
        let message = format!("the restrictions of `{id}` could not be read: {why}");
        snapshot.gaps.push(Gap::new((GapScope::Content, id), cause, message).answered(status));
    }
    if let Some(at) = fields.get("gaps") {
        for at in at.list()? {
            let row = at.fields(&["scope", "subject", "cause", "status", "message"])?;
            let status = row.get("status").map(|at| {
                let number = at.value.as_u64().and_then(|number| u16::try_from(number).ok());
                number.map_or_else(|| at.wrong("a status such as 403"), Ok)
            });
            let status = status.transpose()?;
            let scope = row.required("scope")?.word(GapScope::KNOWN)?;
            let subject = row.required("subject")?.id()?;
            let cause = row.text("cause")?.map(|word| GapCause::from(word.as_str())).or_else(|| cause(status));
            let message = row.text("message")?.unwrap_or_else(|| format!("{scope} `{subject}` could not be read"));
            let about = (GapScope::from(scope.as_str()), subject);
            snapshot.gaps.push(Gap::new(about, cause.unwrap_or(GapCause::Unreadable), message).answered(status));
        }
    }
    // What could not be read is not what holds where nothing is said.
    let silent = |key: &str| fields.get(key).is_none();
    let site = &mut snapshot.site;
    for gap in &snapshot.gaps {
        match gap.missing() {
            Missing::Site(SiteFact::Anonymous) if silent("anonymous_enabled") => site.anonymous_enabled = None,
            Missing::Site(SiteFact::PublicLinks) if silent("public_links_enabled") => site.public_links_enabled = None,
            Missing::Site(SiteFact::ReadOnly) if silent("read_only") => site.read_only = None,
            Missing::Site(SiteFact::Plan) if silent("plan") => site.plan = None,
            _ => {}
        }
    }
    Ok(())
}

fn cause(status: Option<u16>) -> Option<GapCause> {
    Some(match status? {
        401 => GapCause::Unauthorized,
        403 => GapCause::Forbidden,
        404 => GapCause::NotFound,
        410 => GapCause::Gone,
        429 => GapCause::RateLimited,
        500..=599 => GapCause::ServerError,
        _ => GapCause::Unreadable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(site: Value) -> String {
        Snapshot::from_plain(site, Deployment::Cloud).unwrap_err().to_string()
    }

    #[test]
    fn a_space_nobody_described_is_a_gap() {
        let site = json!({"contents": {"A": {"type": "page", "space": "NO"}, "B": {"type": "page", "space": "NO"}}});
        let snapshot = Snapshot::from_plain(site, Deployment::Cloud).unwrap();
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.scope.as_str(), gap.subject.as_str())).collect();
        assert_eq!(gaps, [("space_permissions", "NO")]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_path() {
        assert!(
            refused(json!({"user": {}}))
                .starts_with("`user`: unknown key `user`: did you mean `users`? expected one of")
        );
        assert!(refused(json!({"users": {"ann": {"activ": true}}})).starts_with("`users.ann.activ`: unknown key"));
        assert!(refused(json!({"restrictions": {"A": {"viev": []}}})).contains("did you mean `view`?"));
        let misspelt = json!({"policy": {"datacenter": {"nested_group": true}}});
        assert!(
            refused(misspelt).starts_with("`policy.datacenter.nested_group`: no policy switch is named `nested_group`")
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_with_what_would_be_right() {
        assert_eq!(refused(json!([])), "`site`: expected an object, not a list");
        assert_eq!(refused(json!({"read_only": "no"})), "`read_only`: expected true or false, not a text");
        let members = json!({"groups": {"eng": {"members": "user:ann"}}});
        assert_eq!(refused(members), "`groups.eng.members`: expected a list, not a text");
        let principal = json!({"restrictions": {"A": {"read": ["ann"]}}});
        assert!(refused(principal).starts_with("`restrictions.A.read[0]`: invalid subject `ann`"));
        let permission = json!({"spaces": {"DOC": {"grants": {"anonymous": ["veiw"]}}}});
        assert!(
            refused(permission)
                .starts_with("`spaces.DOC.grants.anonymous[0]`: unknown word `veiw`: did you mean `view`?")
        );
        let role = json!({"spaces": {"DOC": {"role_assignments": {"user:a": ["boss"]}}}});
        assert_eq!(
            refused(role),
            "`spaces.DOC.role_assignments.user:a[0]`: no role is named `boss`: describe it under `roles`"
        );
        assert_eq!(refused(json!({"contents": {"A": {"type": "page"}}})), "`contents.A`: needs the key `space`");
        let twins = json!({
            "groups": {"g1": {"name": "sec"}, "g2": {"name": "sec"}},
            "restrictions": {"A": {"read": ["group:sec"]}},
            "spaces": {"DOC": {}},
            "contents": {"A": {"type": "page", "space": "DOC"}},
        });
        assert_eq!(refused(twins), "`groups`: `group:sec` may be any of `g1`, `g2`: give the id of one");
        assert!(refused(json!({"policy": {"edit_inherited": "maybe"}})).contains("takes `true`, `false` or `unknown`"));
    }

    #[test]
    fn the_lists_of_a_content_have_two_names_each() {
        let rows = |lists: Value| {
            let site = json!({"restrictions": {"A": lists}});
            Snapshot::from_plain(site, Deployment::Cloud).unwrap().restrictions
        };
        assert_eq!(rows(json!({"view": ["user:ann"]})), rows(json!({"read": ["user:ann"]})));
        assert_eq!(rows(json!({"edit": ["user:ann"]})), rows(json!({"update": ["user:ann"]})));
        assert_eq!(rows(json!({"edit": ["user:ann"]})).len(), 1);
        let twice = json!({"restrictions": {"A": {"view": [], "read": []}}});
        assert_eq!(refused(twice), "`restrictions.A.read`: `view` and `read` are the same list: write one of them");
    }

    #[test]
    fn ids_may_be_numbers() {
        let site = json!({
            "spaces": {"7": {"homepage": 1}},
            "contents": {"1": {"type": "page", "space": 7}, "2": {"type": "page", "space": "7", "parent": 1}},
        });
        let snapshot = Snapshot::from_plain_with(site, Deployment::Cloud, Dangling::Refuse).unwrap();
        assert_eq!(snapshot.contents[1].parent_id.as_deref(), Some("1"));
        assert_eq!(
            refused(json!({"contents": {"1": {"type": "page", "space": 1.5}}})),
            "`contents.1.space`: expected an id, not a number"
        );
    }

    /// A description in which everything refers to what is described, but for `change`.
    fn with(path: &[&str], change: Value) -> Value {
        let mut site = json!({
            "caller": "user:ann",
            "users": {"ann": {"name": "ann.lee"}, "bob": {}},
            "groups": {"g1": {"name": "eng", "members": ["user:ann", "group:g2"]}, "g2": {"members": []}},
            "roles": {"Viewer": ["view"]},
            "spaces": {"ENG": {
                "owner": "user:ann", "homepage": "10", "grants": {"group:eng": ["view"], "anonymous": ["view"]},
                "role_assignments": {"class:all-licensed-users": ["Viewer"]},
            }},
            "contents": {
                "10": {"type": "page", "space": "ENG"},
                "11": {"type": "page", "space": "ENG", "parent": "10", "creator": "user:bob", "shared_with": ["group:g1"]},
            },
            "restrictions": {"11": {"view": ["user:bob", "team:x"], "edit": ["group:eng"]}},
            "unreadable": {"10": "403"},
        });
        let at = path.iter().fold(&mut site, |at, key| match key.parse::<usize>() {
            Ok(index) if at.is_array() => &mut at[index],
            _ => &mut at[*key],
        });
        *at = change;
        site
    }

    #[test]
    fn a_reference_to_nothing_is_refused_with_its_path_and_what_was_meant() {
        let described = |site: Value, dangling| Snapshot::from_plain_with(site, Deployment::Cloud, dangling);
        described(with(&["plan"], json!("paid")), Dangling::Refuse).unwrap();
        /// Where something is changed to what, how the error begins, and the scope and subject of the gap.
        type Case<'a> = (&'a [&'a str], Value, &'a str, (&'a str, &'a str));
        let cases: [Case<'_>; 14] = [
            (
                &["caller"],
                json!("user:an"),
                "`caller`: `user:an` is not described under `users`: did you mean `user:ann`?",
                ("user", "an"),
            ),
            (
                &["groups", "g1", "members", "0"],
                json!("user:ann.lee"),
                "`groups.g1.members[0]`: `user:ann.lee` is not described under `users`: did you mean `user:ann`?",
                ("user", "ann.lee"),
            ),
            (
                &["groups", "g1", "members", "1"],
                json!("group:g3x"),
                "`groups.g1.members[1]`: `group:g3x` is not described under `groups`: describe it",
                ("group", "g3x"),
            ),
            (&["spaces", "ENG", "owner"], json!("user:bbo"), "`spaces.ENG.owner`: `user:bbo` is not", ("user", "bbo")),
            (
                &["spaces", "ENG", "homepage"],
                json!("99"),
                "`spaces.ENG.homepage`: `99` is not described under `contents`",
                ("content", "99"),
            ),
            (
                &["spaces", "ENG", "grants"],
                json!({"user:bbo": ["view"]}),
                "`spaces.ENG.grants.user:bbo`: `user:bbo` is not described under `users`: did you mean `user:bob`?",
                ("user", "bbo"),
            ),
            (
                &["spaces", "ENG", "grants"],
                json!({"group:egn": ["view"]}),
                "`spaces.ENG.grants.group:egn`: `group:egn` is not described under `groups`: did you mean `group:eng`?",
                ("group", "egn"),
            ),
            (
                &["spaces", "ENG", "role_assignments"],
                json!({"user:zoe": ["Viewer"]}),
                "`spaces.ENG.role_assignments.user:zoe`",
                ("user", "zoe"),
            ),
            (
                &["contents", "11", "space"],
                json!("EGN"),
                "`contents.11.space`: `EGN` is not described under `spaces`: did you mean `ENG`?",
                ("space_permissions", "EGN"),
            ),
            (
                &["contents", "11", "parent"],
                json!("99"),
                "`contents.11.parent`: `99` is not described under `contents`",
                ("content", "99"),
            ),
            (&["contents", "11", "creator"], json!("user:zoe"), "`contents.11.creator`", ("user", "zoe")),
            (
                &["contents", "11", "shared_with", "0"],
                json!("user:zoe"),
                "`contents.11.shared_with[0]`",
                ("user", "zoe"),
            ),
            (&["restrictions", "11", "view", "0"], json!("user:zoe"), "`restrictions.11.view[0]`", ("user", "zoe")),
            (
                &["restrictions"],
                json!({"99": {"read": []}}),
                "`restrictions.99`: `99` is not described under `contents`",
                ("content", "99"),
            ),
        ];
        for (path, change, said, gap) in cases {
            let site = with(path, change);
            let error = described(site.clone(), Dangling::Refuse).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
            assert!(error.contains("dangling=\"gap\""), "{error}");
            let gaps = described(site.clone(), Dangling::Gap).unwrap().gaps;
            let gaps: Vec<_> = gaps.iter().map(|gap| (gap.scope.as_str(), gap.subject.as_str())).collect();
            assert_eq!(gaps.iter().filter(|other| **other == gap).count(), 1, "{gaps:?}");
            let kept = described(site, Dangling::Keep).unwrap();
            assert!(kept.gaps.iter().all(|gap| gap.cause != GapCause::NotDescribed));
        }
    }

    #[test]
    fn roles_count_in_the_modes_that_have_them_and_are_expanded() {
        let site = |mode: &str| {
            let value = json!({
                "role_mode": mode,
                "roles": {"people": ["manage_users"]},
                "spaces": {"DOC": {"role_assignments": {"user:dan": ["people"]}}},
            });
            Snapshot::from_plain(value, Deployment::Cloud).unwrap()
        };
        assert!(site("PRE_ROLES").space_permissions.is_empty());
        let rows = site("ROLES").space_permissions;
        let words: Vec<&str> = rows.iter().map(|row| row.permission.as_str()).collect();
        assert_eq!(words, ["view", "manage_users"]);
        assert!(rows.iter().all(|row| row.via_role.as_deref() == Some("people")));
    }

    #[test]
    fn a_site_takes_the_policy_of_its_own_deployment() {
        let site = json!({"policy": {"cloud": {"nested_groups": true}, "datacenter": {"nested_groups": false}}});
        let snapshot = Snapshot::from_plain(site, Deployment::DataCenter).unwrap();
        assert_eq!(snapshot.site.policy.get("nested_groups"), Some(&Switch::Flag(false)));
    }

    #[test]
    fn an_empty_site_is_a_site_with_the_documented_defaults() {
        let snapshot = Snapshot::from_plain(json!({"users": {"ann": {}}}), Deployment::Cloud).unwrap();
        assert_eq!(snapshot.site.anonymous_enabled, Some(false));
        assert_eq!(snapshot.site.public_links_enabled, Some(true));
        assert_eq!((snapshot.users[0].active, snapshot.users[0].licensed), (Some(true), Some(true)));
        assert!(snapshot.complete());
    }

    #[test]
    fn an_unreadable_content_becomes_a_gap_with_status_and_cause() {
        let site = json!({"unreadable": {"A": "404", "B": "timeout", "C": 503}});
        let gaps = Snapshot::from_plain(site, Deployment::Cloud).unwrap().gaps;
        let seen: Vec<_> = gaps.iter().map(|gap| (gap.subject.as_str(), gap.status, gap.cause.as_str())).collect();
        assert_eq!(seen, [("A", Some(404), "not_found"), ("B", None, "timeout"), ("C", Some(503), "server_error")]);
    }
}
