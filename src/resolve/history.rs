//! Records of an audit log to changes of who may do what.
//!
//! A log names things and gives few ids, in words that may be of any language. So a record is read by what it is about
//! first (which kinds of objects, which shape of values) and by its words second; where both say the same, the reading is
//! [`Confidence::Certain`]. A record nobody understands stays, with [`ChangeScope::unrecognised`]; only what is known to be
//! about something else is left out.
// Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/

use std::collections::{HashMap, HashSet};

use super::UnknownContent;
use super::wording::Wording;
use crate::model::{
    AuditObject, AuditRecord, AuditValue, ChangeKind, ChangeScope, Confidence, Content, ContentType, Gap, GapCause,
    GapScope, Listing, Permission, PermissionChange, RestrictionOperation, SitePermission, Snapshot, Subject,
    SubjectKind,
};

/// Which changes are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Key of a space: changes in it.
    pub space: Option<String>,
    /// Id of a content: changes on it and on what stands above it.
    pub content: Option<String>,
}

/// The changes of who may do what among `records`, with the names in them joined to the ids `known` has. In the order of
/// the records. Where a space is asked for and nothing is known to join with, what cannot be placed is a gap.
///
/// # Errors
/// [`UnknownContent`] where a content is asked for that `known` does not have.
pub fn permission_changes(
    records: &[AuditRecord],
    known: &Snapshot,
    asked: &Asked,
) -> Result<Listing<PermissionChange>, UnknownContent> {
    permission_changes_worded(records, known, asked, &Wording::default())
}

/// The same of a log whose words are those of `wording`.
///
/// # Errors
/// As [`permission_changes`].
pub fn permission_changes_worded(
    records: &[AuditRecord],
    known: &Snapshot,
    asked: &Asked,
    wording: &Wording,
) -> Result<Listing<PermissionChange>, UnknownContent> {
    let mut names = Names::new(known);
    names.learn(records);
    let chain = match &asked.content {
        Some(id) => Some(names.chain(id).ok_or_else(|| UnknownContent(id.clone()))?),
        None => None,
    };
    let mut found = Listing::default();
    let mut unplaced = 0_usize;
    for record in records {
        let Some(reworded) = wording.read(record) else { continue };
        let Some(reading) = read(&reworded) else { continue };
        let place = names.place(&reading);
        if asked.space.as_ref().is_some_and(|key| !names.in_space(record, &reading, &place, key)) {
            let somewhere = reading.space.is_some() || reading.content.is_some();
            unplaced += usize::from(known.spaces.is_empty() && somewhere && place.spaces.is_empty());
            continue;
        }
        if let Some(chain) = &chain
            && !chain.touched(record, &reading, &place)
        {
            continue;
        }
        let before = found.rows.len();
        names.rows(record, &reading, &place, chain.as_ref(), &mut found.rows);
        for row in found.rows.iter_mut().skip(before) {
            row.old = wording.written(record, row.old.take());
            row.new = wording.written(record, row.new.take());
        }
    }
    if let Some(key) = asked.space.as_ref().filter(|_| unplaced > 0) {
        found.gaps.push(Gap::new(
            (GapScope::Audit, key),
            GapCause::NotListed,
            format!("{unplaced} changes are in spaces whose keys are not known here: give `snapshot`"),
        ));
    }
    Ok(found)
}

// What a record says ------------------------------------------------------------------------------------------------

/// A thing a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing {
    Account {
        id: Option<String>,
        name: Option<String>,
    },
    Anonymous,
    /// Whoever is logged in without a licence.
    Unlicensed,
    /// A group, and the account that was put into it or taken out, where the name holds that too.
    Group {
        id: Option<String>,
        name: Option<String>,
        member: Option<String>,
    },
    Class(String),
    Content {
        id: Option<String>,
        title: String,
        kind: Option<ContentType>,
    },
    Space {
        id: Option<String>,
        name: String,
        key: Option<String>,
    },
    /// Of another kind, or of one nobody knows.
    Other {
        id: Option<String>,
        name: String,
    },
}

impl Thing {
    fn is_subject(&self) -> bool {
        matches!(self, Self::Account { .. } | Self::Anonymous | Self::Unlicensed | Self::Group { .. } | Self::Class(_))
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == b'-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// Whether a text is an account id rather than a name: 24 hexadecimal digits, or a number and a UUID, or `qm:` and one.
fn is_account_id(text: &str) -> bool {
    let old = text.len() == 24 && text.bytes().all(|c| c.is_ascii_hexdigit());
    let new = text.split_once(':').is_some_and(|(site, id)| {
        let numbered = !site.is_empty() && site.bytes().all(|c| c.is_ascii_digit());
        (numbered || matches!(site, "qm" | "ug"))
            && id.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
            && id.len() >= 24
    });
    old || new
}

fn is_anonymous(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "anonymous" | "anonymous user" | "anonymous users" | "anonymous access" | "anonymous-users"
    )
}

fn is_unlicensed(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "unlicensed user" | "unlicensed users" | "unlicensed access")
}

/// What an object is: by its name where that has a shape of its own, then by the word for its kind.
fn thing(object: &AuditObject) -> Thing {
    let name = object.name.as_deref().unwrap_or_default().trim();
    let word = object.kind.as_deref().unwrap_or_default().trim().to_lowercase().replace(['_', '-'], " ");
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let is_account = matches!(word.as_str(), "user" | "person" | "account");
    // Where ids are given, as on Data Center, names are names.
    let id = object.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let nameless = id.is_none();
    // `<groupId>; User: <accountId>`, whatever the word between them is.
    if let Some((group, rest)) = name.split_once(';')
        && nameless
        && is_uuid(group.trim())
        && let Some((_, member)) = rest.split_once(':')
    {
        return Thing::Group { id: some(group.trim()), name: None, member: some(member.trim()) };
    }
    // `name:uuid`; a name may hold colons too. An account id has the same shape.
    if let Some((before, id)) = name.rsplit_once(':')
        && nameless
        && is_uuid(id)
        && !is_account
        && !(word != "group" && is_account_id(name))
    {
        return Thing::Group { id: some(id), name: some(before), member: None };
    }
    let kind = match word.as_str() {
        "page" | "live doc" | "livedoc" => Some(ContentType::Page),
        "blog" | "blogpost" | "blog post" => Some(ContentType::Blogpost),
        "folder" => Some(ContentType::Folder),
        "whiteboard" => Some(ContentType::Whiteboard),
        "database" => Some(ContentType::Database),
        "embed" | "smart link" => Some(ContentType::Embed),
        _ => None,
    };
    match word.as_str() {
        _ if kind.is_some() || word == "content" => {
            Thing::Content { id: object.id.clone(), title: name.to_owned(), kind }
        }
        "space" => Thing::Space { id: id.map(str::to_owned), name: name.to_owned(), key: object.key.clone() },
        _ if matches!(id, None | Some("-2"))
            && is_anonymous(name)
            && (word.is_empty() || is_account || word == "group" || word.contains("class")) =>
        {
            Thing::Anonymous
        }
        _ if nameless && is_unlicensed(name) && (word.is_empty() || is_account || word == "group") => Thing::Unlicensed,
        _ if is_account && nameless && is_account_id(name) => Thing::Account { id: some(name), name: None },
        _ if is_account => Thing::Account { id: object.id.clone(), name: some(name) },
        "group" if nameless && is_uuid(name) => Thing::Group { id: some(name), name: None, member: None },
        "group" => Thing::Group { id: object.id.clone(), name: some(name), member: None },
        _ if word.contains("class") || class(name).is_some() => {
            Thing::Class(class(name).map_or_else(|| name.to_owned(), str::to_owned))
        }
        _ if word.is_empty() && nameless && is_account_id(name) => Thing::Account { id: some(name), name: None },
        _ => Thing::Other { id: id.map(str::to_owned), name: name.to_owned() },
    }
}

/// The access class a name stands for.
// Source: https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes
fn class(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().replace(['_', ' '], "-").as_str() {
        "all-licensed-users" | "all-confluence-users" => "all-licensed-users",
        "all-product-admins" | "all-confluence-admins" => "all-product-admins",
        "authenticated-users" => "authenticated-users",
        "jsm-project-admins" => "jsm-project-admins",
        _ => return None,
    })
}

/// A record, understood.
#[derive(Debug)]
struct Reading {
    scope: ChangeScope,
    change: ChangeKind,
    /// Whether its words say so, and not each value for itself.
    worded: bool,
    confidence: Confidence,
    subjects: Vec<Thing>,
    /// Permission in our vocabulary, old, new.
    permissions: Vec<(Option<String>, Option<String>, Option<String>)>,
    group: Option<(Option<String>, Option<String>)>,
    content: Option<Thing>,
    space: Option<String>,
    space_id: Option<String>,
    /// What may be the key of the space, and whether the record calls it that.
    space_key: Option<(String, bool)>,
    /// Values that may name the subject, where nothing else does.
    loose: Vec<String>,
    admin_key: Option<bool>,
}

/// A key without what all keys have in front.
fn without_prefix(key: &str) -> &str {
    const PREFIXES: [&str; 4] = [
        "audit.logging.summary.",
        "audit.logging.category.",
        "atlassian.audit.event.action.",
        "atlassian.audit.event.category.",
    ];
    PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key)
}

/// The words of a record, in lower case.
struct Words {
    text: String,
    tokens: HashSet<String>,
    category: String,
}

impl Words {
    fn of(record: &AuditRecord) -> Self {
        let both = |text: Option<&str>, key: Option<&str>| {
            [text, key].into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase().replace('_', " ")
        };
        let text = both(record.action.as_deref(), record.action_key.as_deref().map(without_prefix));
        let tokens = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        let category = both(record.category.as_deref(), record.category_key.as_deref().map(without_prefix));
        Self { text, tokens, category }
    }

    fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.tokens.contains(*word))
    }

    fn direction(&self) -> Option<ChangeKind> {
        const GONE: &[&str] = &[
            "removed",
            "revoked",
            "unassigned",
            "deleted",
            "disabled",
            "deactivated",
            "removal",
            "expired",
            "withdrawn",
            "removing",
            "revoking",
        ];
        const THERE: &[&str] = &[
            "added",
            "granted",
            "assigned",
            "created",
            "enabled",
            "activated",
            "reactivated",
            "given",
            "adding",
            "granting",
        ];
        // `on` alone is a preposition.
        let switched =
            |way: &str| ["turned", "switched"].iter().any(|verb| self.text.contains(&format!("{verb} {way}")));
        if self.any(GONE) || switched("off") {
            Some(ChangeKind::Removed)
        } else if self.any(THERE) || switched("on") {
            Some(ChangeKind::Added)
        } else {
            None
        }
    }

    /// Whether the record is known to be about something else than access.
    fn is_elsewhere(&self) -> bool {
        const THINGS: &[&str] = &[
            "space",
            "page",
            "pages",
            "blog",
            "blogpost",
            "comment",
            "attachment",
            "folder",
            "whiteboard",
            "database",
            "template",
            "user",
            "app",
            "plugin",
            "addon",
            "add",
            "macro",
            "theme",
            "look",
            "logo",
            "settings",
            "setting",
            "backup",
            "index",
            "webhook",
            "license",
            "licence",
            "export",
            "import",
            "content",
            "label",
            "audit",
            "site",
        ];
        const DONE: &[&str] = &[
            "created",
            "updated",
            "deleted",
            "removed",
            "restored",
            "archived",
            "unarchived",
            "renamed",
            "moved",
            "copied",
            "exported",
            "imported",
            "purged",
            "trashed",
            "published",
            "unpublished",
            "viewed",
            "installed",
            "uninstalled",
            "enabled",
            "disabled",
            "upgraded",
            "deactivated",
            "reactivated",
            "activated",
            "invited",
            "changed",
            "configured",
            "added",
            "edited",
            "rebuilt",
            "started",
            "finished",
            "completed",
            "performed",
            "search",
        ];
        const ACCESS: &[&str] = &[
            "permission",
            "permissions",
            "restriction",
            "restrictions",
            "access",
            "role",
            "roles",
            "group",
            "groups",
            "share",
            "shared",
            "anonymous",
            "public",
            "key",
            "guest",
            "guests",
        ];
        // Somebody who logged in as somebody else is another matter.
        let login = self.any(&["login", "logout"]) || self.any(&["logged"]) && !self.any(&["as"]);
        (login || self.any(THINGS) && self.any(DONE)) && !self.any(ACCESS)
    }
}

fn value_of(value: &AuditValue) -> &str {
    [&value.new, &value.old].into_iter().flatten().map(|text| text.trim()).find(|t| !t.is_empty()).unwrap_or_default()
}

/// Reads one record; `None`: it is known to be about something else.
fn read(record: &AuditRecord) -> Option<Reading> {
    let words = Words::of(record);
    let mut things: Vec<Thing> = record.objects.iter().map(thing).collect();
    let text = words.text.as_str();
    let description = record.description.as_deref().unwrap_or_default().to_lowercase();

    let about_key = text.contains("admin key");
    let key_used = about_key || description.contains("admin key");
    let public_link = text.contains("public link") || words.category.contains("public link");
    let restriction = text.contains("restriction");
    let global = text.contains("global permission") || text.contains("global.permission");
    let in_space = text.contains("space permission") || text.contains("space.permission");
    let role = words.any(&["role", "roles"]);
    let membership = words.any(&["group"])
        && (text.contains("added to") || text.contains("removed from") || words.any(&["membership", "member"]));
    let group_itself = words.any(&["group"]) && !membership && words.any(&["created", "added", "deleted", "removed"]);
    let permission = words.any(&["permission", "permissions"]) || words.category.contains("permission");
    let spoken = restriction || global || in_space || role || membership || permission;
    if let Some(reading) = of_accounts(record, &words, &things) {
        return Some(reading);
    }
    if words.is_elsewhere() && !spoken && !public_link && !about_key {
        return None;
    }
    if record.action_key.is_some() && spoken {
        tell_by_id(&mut things, restriction);
    }

    let content = things.iter().find(|t| matches!(t, Thing::Content { .. })).cloned();
    let space = things.iter().find_map(|t| match t {
        Thing::Space { name, .. } if !name.is_empty() => Some(name.clone()),
        _ => None,
    });
    let (space_id, key_of_space) = things
        .iter()
        .find_map(|t| match t {
            Thing::Space { id, key, .. } => Some((id.clone(), key.clone())),
            _ => None,
        })
        .unwrap_or_default();
    let Values { found: values, space_key, loose } = values(record, &things);
    let space_key = space_key.or_else(|| key_of_space.map(|key| (key, true)));
    // What an event of the organization says of a space is its id.
    let space_key = space_key.or_else(|| space_id.clone().map(|id| (id, false)));
    let mut subjects: Vec<Thing> = things.iter().filter(|thing| thing.is_subject()).cloned().collect();
    if subjects.is_empty() {
        subjects = named_in_values(record);
    }
    if subjects.is_empty() && (words.any(&["anonymous"]) || description.contains("anonymous")) {
        subjects.push(Thing::Anonymous);
    }
    let group = subjects.iter().find_map(|subject| match subject {
        Thing::Group { id, name, member } => Some((id.clone(), name.clone(), member.clone())),
        _ => None,
    });
    let with_member = group.as_ref().is_some_and(|(.., member)| member.is_some());
    let accounts: Vec<Thing> = subjects.iter().filter(|s| matches!(s, Thing::Account { .. })).cloned().collect();
    let nowhere = content.is_none() && space.is_none();
    let joins = with_member || (group.is_some() && !accounts.is_empty() && nowhere && values.is_empty());

    let mut reading = Reading {
        loose: if subjects.is_empty() { loose } else { Vec::new() },
        space_id,
        scope: ChangeScope::unrecognised(),
        change: direction(&words, record, &values),
        worded: words.direction().is_some(),
        confidence: Confidence::Likely,
        subjects: Vec::new(),
        permissions: Vec::new(),
        group: None,
        content,
        space,
        space_key,
        admin_key: if key_used || record.super_admin == Some(true) { Some(true) } else { record.super_admin },
    };
    let told = words.direction().is_some() || direction_of_values(record, &values).is_some();
    let sure = |complete: bool| if complete && told { Confidence::Certain } else { Confidence::Likely };
    let only = |permission: &str, values: &[Value]| {
        let (old, new) = values.first().map(|v| (v.old.clone(), v.new.clone())).unwrap_or_default();
        vec![(Some(permission.to_owned()), old, new)]
    };

    if public_link {
        reading.scope = ChangeScope::PublicLink;
        reading.confidence = sure(reading.content.is_some() || reading.space.is_some());
        let all: Vec<Value> = record.changes.iter().filter(|c| !value_of(c).is_empty()).map(Value::plain).collect();
        reading.permissions = only("public_link", &all);
    } else if about_key && !(restriction || global || in_space || role || membership || permission) {
        reading.scope = if reading.content.is_some() { ChangeScope::Content } else { ChangeScope::Site };
        if reading.content.is_some() || words.any(&["viewed", "used"]) {
            reading.change = ChangeKind::Changed;
        }
        reading.confidence = Confidence::Certain;
        reading.permissions = vec![(Some("admin_key".to_owned()), None, None)];
    } else if membership || (joins && !restriction && !permission && !role) {
        reading.scope = ChangeScope::Group;
        // A group in a group, or a member who is no object of the record but one of its values.
        let groups = subjects.iter().filter(|subject| matches!(subject, Thing::Group { .. }));
        let inner: Vec<Thing> =
            if accounts.is_empty() && membership { groups.skip(1).cloned().collect() } else { Vec::new() };
        let accounts = match named_in_values(record).into_iter().find(|named| matches!(named, Thing::Account { .. })) {
            Some(named) if membership && accounts.is_empty() && inner.is_empty() && !with_member => vec![named],
            _ if !inner.is_empty() => inner,
            _ => accounts,
        };
        let named = group.is_some()
            && (with_member || (!accounts.is_empty() && accounts.iter().all(|a| matches!(a, Thing::Account { .. }))));
        reading.confidence = if membership { sure(named) } else { Confidence::Likely };
        if !membership && !told {
            reading.change = ChangeKind::Changed;
        }
        reading.subjects = match group.as_ref().and_then(|(.., member)| member.clone()) {
            Some(member) => vec![if is_account_id(&member) {
                Thing::Account { id: Some(member), name: None }
            } else {
                Thing::Account { id: None, name: Some(member) }
            }],
            None => accounts,
        };
        reading.group = group.map(|(id, name, _)| (id, name));
        reading.permissions = vec![(Some("member".to_owned()), None, None)];
    } else if group_itself && !restriction && !permission && !role {
        reading.scope = ChangeScope::Group;
        reading.confidence = sure(group.is_some());
        reading.group = group.map(|(id, name, _)| (id, name));
        reading.subjects = subjects;
    } else if role && (reading.content.is_none() || !restriction) {
        reading.scope = if reading.space.is_some() { ChangeScope::Space } else { ChangeScope::Site };
        reading.subjects = subjects;
        reading.permissions = roles(record, &values);
    } else if restriction || (reading.content.is_some() && !subjects.is_empty() && (permission || !values.is_empty())) {
        reading.scope = ChangeScope::Content;
        reading.permissions = normalised(&values, on_content);
        if reading.permissions.is_empty() {
            let of_text = ["view", "edit"].into_iter().find(|word| words.any(&[word]));
            reading.permissions = vec![(of_text.map(str::to_owned), None, None)];
        }
        let understood = reading.permissions.iter().all(|(p, ..)| matches!(p.as_deref(), Some("view" | "edit")));
        let complete = reading.content.is_some() && reading.space.is_some() && !subjects.is_empty();
        // The keys of these are not documented, so a key alone is half a proof.
        let worded = record.action.as_deref().is_some_and(|action| action.to_lowercase().contains("restriction"));
        reading.confidence = if restriction { sure(complete && understood && worded) } else { Confidence::Likely };
        reading.subjects = subjects;
    } else if global || (nowhere && !subjects.is_empty() && values.iter().any(|v| v.known)) {
        reading.scope = ChangeScope::Site;
        reading.permissions = normalised(&values, on_site);
        let understood = !values.is_empty() && values.iter().all(|v| v.known);
        reading.confidence = if global { sure(!subjects.is_empty() && understood) } else { Confidence::Likely };
        reading.subjects = subjects;
    } else if in_space
        || (reading.space.is_some() && !subjects.is_empty() && (permission || values.iter().any(|v| v.known)))
    {
        reading.scope = ChangeScope::Space;
        reading.permissions = normalised(&values, on_space);
        let understood = !values.is_empty() && values.iter().all(|v| v.known);
        let complete = !subjects.is_empty() && (reading.space.is_some() || reading.space_key.is_some());
        reading.confidence = if in_space { sure(complete && understood) } else { Confidence::Likely };
        reading.subjects = subjects;
    } else {
        reading.confidence = Confidence::Unrecognised;
        reading.change = direction_of_values(record, &values).or(words.direction()).unwrap_or(ChangeKind::Changed);
        reading.subjects = subjects;
        let (old, new) = match record.changes.as_slice() {
            [only] => (only.old.clone(), only.new.clone()),
            _ => (None, None),
        };
        reading.permissions = vec![(None, old, new)];
    }
    Some(reading)
}

/// Objects of a kind nobody knows, because the word for it is in another language: a group has its name for an id, an
/// account 32 hexadecimal digits, a content or a space a number.
fn tell_by_id(things: &mut [Thing], restriction: bool) {
    let is_number = |id: &str| !id.is_empty() && id.bytes().all(|c| c.is_ascii_digit());
    let mut content = things.iter().any(|thing| matches!(thing, Thing::Content { .. }));
    let mut space = things.iter().any(|thing| matches!(thing, Thing::Space { .. }));
    for thing in things {
        let Thing::Other { id: Some(id), name } = thing else { continue };
        let (id, name) = (id.clone(), name.clone());
        if id == name {
            *thing = Thing::Group { id: Some(id), name: Some(name), member: None };
        } else if id.len() == 32 && id.bytes().all(|c| c.is_ascii_hexdigit()) {
            *thing = Thing::Account { id: Some(id), name: Some(name) };
        } else if is_number(&id) && restriction && !content {
            content = true;
            *thing = Thing::Content { id: Some(id), title: name, kind: None };
        } else if is_number(&id) && !space {
            space = true;
            *thing = Thing::Space { id: Some(id), name, key: None };
        }
    }
}

/// Accounts and user directories that come and go; only keys tell these from talk about them.
fn of_accounts(record: &AuditRecord, words: &Words, things: &[Thing]) -> Option<Reading> {
    let key = without_prefix(record.action_key.as_deref()?);
    let change = Words::direction(words)?;
    let permission = match key.split_once('.')? {
        ("directory", _) => "user_directory",
        ("user", "created" | "deleted" | "removed" | "deactivated" | "reactivated" | "activated") => "account",
        _ => return None,
    };
    let name = record.objects.iter().find_map(|object| object.name.clone());
    let pair = if change == ChangeKind::Added { (None, name) } else { (name, None) };
    Some(Reading {
        scope: ChangeScope::Site,
        change,
        worded: true,
        confidence: Confidence::Certain,
        subjects: things.iter().filter(|thing| matches!(thing, Thing::Account { .. })).cloned().collect(),
        permissions: vec![(Some(permission.to_owned()), pair.0, pair.1)],
        group: None,
        content: None,
        space: None,
        space_id: None,
        space_key: None,
        loose: Vec::new(),
        admin_key: record.super_admin,
    })
}

/// A changed value that says what was given or taken.
#[derive(Debug, Clone)]
struct Value {
    old: Option<String>,
    new: Option<String>,
    /// Whether its word is one of the known ones.
    known: bool,
}

impl Value {
    fn plain(value: &AuditValue) -> Self {
        Self { old: value.old.clone(), new: value.new.clone(), known: false }
    }

    fn word(&self) -> &str {
        [&self.new, &self.old].into_iter().flatten().map(|text| text.trim()).find(|t| !t.is_empty()).unwrap_or_default()
    }
}

/// What the values of a record are.
struct Values {
    /// Permissions.
    found: Vec<Value>,
    /// The key of the space, and whether the record calls it that.
    space_key: Option<(String, bool)>,
    /// Others.
    loose: Vec<String>,
}

/// The values of a record that are permissions, and the key of the space among the others. Values that repeat the name of
/// an object say nothing new; which one is a permission is told by its word, then by what it is called.
fn values(record: &AuditRecord, things: &[Thing]) -> Values {
    let mut identities: HashSet<String> = HashSet::new();
    for (object, thing) in record.objects.iter().zip(things) {
        identities.extend(object.name.as_ref().map(|name| name.trim().to_lowercase()));
        identities.extend(object.id.as_ref().map(|id| id.to_lowercase()));
        if let Thing::Group { name, id, .. } = thing {
            identities.extend([name, id].into_iter().flatten().map(|text| text.to_lowercase()));
        }
    }
    let has_space = things.iter().any(|thing| matches!(thing, Thing::Space { .. }));
    let mut found = Vec::new();
    let mut loose = Vec::new();
    let mut space_key = None;
    for value in &record.changes {
        let text = value_of(value);
        let name = value.name.as_deref().unwrap_or_default().trim().to_lowercase();
        if text.is_empty() {
            continue;
        }
        let called_permission =
            ["type", "permission", "permissions", "operation", "access", "access level", "restriction", "role"]
                .contains(&name.as_str());
        if matches!(name.as_str(), "space" | "space key") {
            space_key = Some((text.to_owned(), true));
            continue;
        }
        if identities.contains(&text.to_lowercase()) && !called_permission
            || matches!(name.as_str(), "user" | "group" | "page" | "content" | "title" | "username")
        {
            continue;
        }
        let parts: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
        let known = !parts.is_empty() && parts.iter().all(|part| on_site(part).is_some());
        if !known && !called_permission {
            // In another language the key of the space stands under a word nobody knows.
            if has_space && space_key.is_none() && is_key(text) {
                space_key = Some((text.to_owned(), false));
            }
            loose.push(text.to_owned());
            continue;
        }
        if known && parts.len() > 1 {
            let is_new = value.new.as_deref().is_some_and(|new| !new.trim().is_empty());
            found.extend(parts.iter().map(|part| {
                let part = Some((*part).to_owned());
                let (old, new) = if is_new { (None, part) } else { (part, None) };
                Value { old, new, known }
            }));
        } else {
            found.push(Value { known, ..Value::plain(value) });
        }
    }
    Values { found, space_key, loose }
}

/// Whether a text looks like the key of a space: capitals and digits, or that of a personal space, which is a username.
fn is_key(text: &str) -> bool {
    match text.strip_prefix('~') {
        Some(name) => !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control()),
        None => !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
    }
}

/// Subjects a record gives only among its values.
fn named_in_values(record: &AuditRecord) -> Vec<Thing> {
    let mut found = Vec::new();
    for value in &record.changes {
        let text = value_of(value);
        let kind = match value.name.as_deref().unwrap_or_default().trim().to_lowercase().as_str() {
            "user" | "username" => "User",
            "group" => "Group",
            _ => continue,
        };
        if !text.is_empty() {
            let object =
                AuditObject { kind: Some(kind.to_owned()), name: Some(text.to_owned()), ..AuditObject::default() };
            found.push(thing(&object));
        }
    }
    found
}

/// What the values say: something where nothing was, or the other way round.
fn direction_of_values(record: &AuditRecord, values: &[Value]) -> Option<ChangeKind> {
    let has = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let mut pairs: Vec<(bool, bool)> = values.iter().map(|v| (has(&v.old), has(&v.new))).collect();
    if pairs.is_empty() {
        pairs = record.changes.iter().map(|v| (has(&v.old), has(&v.new))).collect();
    }
    pairs.retain(|pair| *pair != (false, false));
    match pairs.as_slice() {
        [] => None,
        all if all.iter().all(|pair| *pair == (false, true)) => Some(ChangeKind::Added),
        all if all.iter().all(|pair| *pair == (true, false)) => Some(ChangeKind::Removed),
        _ => Some(ChangeKind::Changed),
    }
}

/// What one value says.
fn of_pair(old: Option<&str>, new: Option<&str>) -> Option<ChangeKind> {
    let there = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    match (there(old), there(new)) {
        (false, true) => Some(ChangeKind::Added),
        (true, false) => Some(ChangeKind::Removed),
        (true, true) => Some(ChangeKind::Changed),
        (false, false) => None,
    }
}

/// What a text says was done.
#[cfg(test)]
pub(super) fn direction_in(text: &str) -> Option<ChangeKind> {
    Words::of(&AuditRecord { action: Some(text.to_owned()), ..AuditRecord::default() }).direction()
}

fn direction(words: &Words, record: &AuditRecord, values: &[Value]) -> ChangeKind {
    words.direction().or_else(|| direction_of_values(record, values)).unwrap_or(ChangeKind::Changed)
}

type Normal = (Option<String>, Option<String>, Option<String>);

fn normalised(values: &[Value], vocabulary: fn(&str) -> Option<String>) -> Vec<Normal> {
    let row = |value: &Value| {
        let word = value.word();
        let permission = vocabulary(word).unwrap_or_else(|| word.to_owned());
        (Some(permission), value.old.clone(), value.new.clone())
    };
    let rows: Vec<Normal> = values.iter().map(row).collect();
    if rows.is_empty() { vec![(None, None, None)] } else { rows }
}

fn roles(record: &AuditRecord, values: &[Value]) -> Vec<Normal> {
    let named = record.changes.iter().filter(|value| {
        value.name.as_deref().is_some_and(|name| name.to_lowercase().contains("role")) && !value_of(value).is_empty()
    });
    let mut rows: Vec<Normal> =
        named.map(|value| (Some(format!("role:{}", value_of(value))), value.old.clone(), value.new.clone())).collect();
    if rows.is_empty() {
        let object =
            record.objects.iter().find(|o| o.kind.as_deref().is_some_and(|k| k.to_lowercase().contains("role")));
        rows = match object.and_then(|o| o.name.as_deref()) {
            Some(name) => vec![(Some(format!("role:{name}")), None, None)],
            None => normalised(values, on_space),
        };
    }
    rows
}

// Words for permissions ---------------------------------------------------------------------------------------------

/// What a list of a content allows, in the words of its rows.
fn on_content(text: &str) -> Option<String> {
    RestrictionOperation::worded(text).map(|operation| operation.as_str().to_owned()).or_else(|| on_space(text))
}

/// What a permission of the site allows, in the words of its rows.
fn on_site(text: &str) -> Option<String> {
    SitePermission::worded(text).map(|permission| permission.as_str().to_owned()).or_else(|| on_space(text))
}

/// What a permission of a space allows, in the words of its rows.
fn on_space(text: &str) -> Option<String> {
    Permission::worded(text).map(|permission| permission.as_str().to_owned())
}

// Names and ids -----------------------------------------------------------------------------------------------------

/// What names mean on the site.
struct Names<'a> {
    spaces: HashMap<String, Vec<&'a str>>,
    keys: HashMap<String, &'a str>,
    /// Keys of spaces by id: of the spaces that are known, and of those the records tell.
    space_ids: HashMap<String, String>,
    titles: HashMap<String, Vec<&'a Content>>,
    contents: HashMap<&'a str, &'a Content>,
    groups: HashMap<String, Vec<&'a str>>,
    group_names: HashMap<&'a str, &'a str>,
    users: HashMap<String, Vec<&'a str>>,
    user_names: HashMap<&'a str, &'a str>,
}

/// Where a change was made.
#[derive(Default)]
struct Place {
    /// Keys of the spaces the name fits.
    spaces: Vec<String>,
    /// Ids of the contents the title fits.
    contents: Vec<String>,
    /// Whether the content was found without knowing its space.
    guessed: bool,
}

/// A content and what stands above it.
struct Chain {
    ids: Vec<String>,
    /// Titles, in lower case, each with the key of its space.
    titles: HashSet<(String, String)>,
}

impl Chain {
    fn asked(&self) -> &str {
        self.ids.first().map(String::as_str).unwrap_or_default()
    }

    fn touched(&self, record: &AuditRecord, reading: &Reading, place: &Place) -> bool {
        if !place.contents.is_empty() {
            return place.contents.iter().any(|id| self.ids.contains(id));
        }
        if reading.confidence != Confidence::Unrecognised {
            return false;
        }
        if record.objects.iter().filter_map(|o| o.id.as_ref()).any(|id| self.ids.contains(id)) {
            return true;
        }
        // Of what is not understood nobody can say which object it is about.
        record.objects.iter().filter_map(|o| o.name.as_deref()).any(|name| {
            let name = name.trim().to_lowercase();
            self.titles.iter().any(|(space, title)| {
                *title == name && (place.spaces.is_empty() || place.spaces.iter().any(|key| key == space))
            })
        })
    }
}

impl<'a> Names<'a> {
    fn new(known: &'a Snapshot) -> Self {
        let mut names = Self {
            spaces: HashMap::new(),
            keys: HashMap::new(),
            space_ids: HashMap::new(),
            titles: HashMap::new(),
            contents: HashMap::new(),
            groups: HashMap::new(),
            group_names: HashMap::new(),
            users: HashMap::new(),
            user_names: HashMap::new(),
        };
        for space in &known.spaces {
            if let Some(name) = &space.name {
                names.spaces.entry(name.trim().to_lowercase()).or_default().push(&space.key);
            }
            names.keys.insert(space.key.to_lowercase(), &space.key);
            names.space_ids.insert(space.id.clone(), space.key.clone());
            names.keys.entry(space.id.to_lowercase()).or_insert(&space.key);
        }
        for content in &known.contents {
            names.contents.insert(&content.id, content);
            if let Some(title) = &content.title {
                names.titles.entry(title.trim().to_lowercase()).or_default().push(content);
            }
        }
        for group in &known.groups {
            if let Some(name) = &group.name {
                names.groups.entry(name.trim().to_lowercase()).or_default().push(&group.id);
                names.group_names.insert(&group.id, name);
            }
        }
        for user in &known.users {
            let mut called: Vec<&String> = [&user.display_name, &user.name].into_iter().flatten().collect();
            called.dedup();
            for name in &called {
                let ids = names.users.entry(name.trim().to_lowercase()).or_default();
                if !ids.contains(&user.id.as_str()) {
                    ids.push(&user.id);
                }
            }
            if let Some(name) = called.first() {
                names.user_names.insert(&user.id, name);
            }
        }
        names
    }

    /// Learns the keys of spaces from the records that give both key and id, for those that give the id alone.
    fn learn(&mut self, records: &[AuditRecord]) {
        for record in records {
            let space =
                record.objects.iter().find(|o| o.kind.as_deref().is_some_and(|k| k.eq_ignore_ascii_case("space")));
            let Some((space, id)) = space.and_then(|space| Some((space, space.id.as_ref()?))) else { continue };
            if self.space_ids.contains_key(id) {
                continue;
            }
            let named =
                |value: &&AuditValue| value.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("space"));
            let value = record.changes.iter().find(named).map(value_of).filter(|key| !key.is_empty());
            if let Some(key) = space.key.as_deref().or(value) {
                self.space_ids.insert(id.clone(), key.to_owned());
            }
        }
    }

    /// A content and what stands above it; `None`: it is not known.
    fn chain(&self, id: &str) -> Option<Chain> {
        let mut chain = Chain { ids: Vec::new(), titles: HashSet::new() };
        let mut next = Some(*self.contents.get(id)?);
        while let Some(content) = next {
            if chain.ids.contains(&content.id) {
                break;
            }
            chain.ids.push(content.id.clone());
            if let Some(title) = &content.title {
                chain.titles.insert((content.space_key.clone(), title.trim().to_lowercase()));
            }
            next = content.parent_id.as_deref().and_then(|id| self.contents.get(id)).copied();
        }
        Some(chain)
    }

    fn place(&self, reading: &Reading) -> Place {
        let mut place = Place::default();
        let name = reading.space.as_deref().map(|name| name.trim().to_lowercase());
        let key = reading.space_key.as_ref();
        let known = |key: &str| self.keys.get(&key.to_lowercase()).map(|key| (*key).to_owned());
        let named = |name: &str| -> Vec<String> {
            self.spaces.get(name).into_iter().flatten().map(|key| (*key).to_owned()).collect()
        };
        // An id outlives every name.
        let by_id = reading.space_id.as_deref().and_then(|id| self.space_ids.get(id)).cloned();
        place.spaces = match (by_id.or_else(|| key.and_then(|(key, _)| known(key))), &name) {
            (Some(key), _) => vec![key],
            (None, Some(name)) if !named(name).is_empty() => named(name),
            (None, Some(name)) if known(name).is_some() => known(name).into_iter().collect(),
            // The name of a space where its key was expected, or the key of a space this account does not see.
            _ => match key {
                Some((text, true)) if !named(&text.to_lowercase()).is_empty() => named(&text.to_lowercase()),
                // Data Center, which gives ids, always gives the key, of capitals or not.
                Some((text, true)) if is_key(text) || reading.space_id.is_some() => vec![text.clone()],
                _ => Vec::new(),
            },
        };
        let Some(Thing::Content { id, title, kind }) = &reading.content else { return place };
        if let Some(id) = id {
            place.contents = vec![id.clone()];
            return place;
        }
        let titled: Vec<&Content> =
            self.titles.get(&title.trim().to_lowercase()).into_iter().flatten().copied().collect();
        let mut fitting: Vec<&Content> = titled
            .into_iter()
            .filter(|content| match (place.spaces.is_empty(), name.is_some() || key.is_some()) {
                (false, _) => place.spaces.contains(&content.space_key),
                // The record names a space nobody knows: a content elsewhere is another one.
                (true, named) => !named || self.keys.is_empty(),
            })
            .collect();
        place.guessed = place.spaces.is_empty();
        if let Some(kind) = kind
            && fitting.iter().any(|content| content.kind == *kind)
        {
            fitting.retain(|content| content.kind == *kind);
        }
        place.contents = fitting.into_iter().map(|content| content.id.clone()).collect();
        place
    }

    fn in_space(&self, record: &AuditRecord, reading: &Reading, place: &Place, key: &str) -> bool {
        if !place.spaces.is_empty() {
            return place.spaces.iter().any(|other| other.eq_ignore_ascii_case(key));
        }
        if place
            .contents
            .iter()
            .filter_map(|id| self.contents.get(id.as_str()))
            .any(|c| c.space_key.eq_ignore_ascii_case(key))
        {
            return true;
        }
        // Of what is not understood nobody can say which object it is about.
        reading.confidence == Confidence::Unrecognised
            && (record.objects.iter().filter_map(|o| o.name.as_deref()).chain(record.changes.iter().map(value_of)))
                .map(|name| name.trim().to_lowercase())
                .any(|name| {
                    name == key.to_lowercase()
                        || self.spaces.get(&name).is_some_and(|keys| keys.iter().any(|k| k.eq_ignore_ascii_case(key)))
                })
    }

    /// The only id for a name, or how many there are.
    fn only(ids: Option<&Vec<&'a str>>) -> (Option<String>, usize) {
        match ids.map(Vec::as_slice).unwrap_or_default() {
            [only] => (Some((*only).to_owned()), 1),
            many => (None, many.len()),
        }
    }

    /// A subject with its id and name, and whether its name fits several.
    fn subject(&self, thing: &Thing) -> (Option<Subject>, Option<String>, bool) {
        match thing {
            Thing::Anonymous => (Some(Subject::anonymous()), None, false),
            Thing::Unlicensed => (Some(Subject::new(SubjectKind::Unlicensed, "")), None, false),
            Thing::Class(class) => (Some(Subject::class(class)), Some(class.clone()), false),
            Thing::Account { id: Some(id), name } => {
                let name = name.clone().or_else(|| self.user_names.get(id.as_str()).map(|name| (*name).to_owned()));
                (Some(Subject::user(id.as_str())), name, false)
            }
            Thing::Account { id: None, name } => {
                let (id, fits) = Self::only(name.as_ref().and_then(|name| self.users.get(&name.trim().to_lowercase())));
                (Some(Subject::user(id.unwrap_or_default())), name.clone(), fits > 1)
            }
            Thing::Group { id: Some(id), name, .. } => {
                let name = name.clone().or_else(|| self.group_names.get(id.as_str()).map(|name| (*name).to_owned()));
                (Some(Subject::group(id.as_str())), name, false)
            }
            Thing::Group { id: None, name, .. } => {
                let (id, fits) =
                    Self::only(name.as_ref().and_then(|name| self.groups.get(&name.trim().to_lowercase())));
                (Some(Subject::group(id.unwrap_or_default())), name.clone(), fits > 1)
            }
            _ => (Some(Subject::new(SubjectKind::Unknown, "")), None, false),
        }
    }

    /// The one account or group a value names, where the words around it are in another language.
    fn named_loosely(&self, reading: &Reading) -> Option<Thing> {
        let asked = [ChangeScope::Content, ChangeScope::Space, ChangeScope::Site].contains(&reading.scope);
        if !asked || !reading.subjects.is_empty() {
            return None;
        }
        let mut found = reading.loose.iter().filter_map(|text| {
            let name = text.trim().to_lowercase();
            match (self.users.get(&name), self.groups.get(&name)) {
                (Some(_), None) => Some(Thing::Account { id: None, name: Some(text.clone()) }),
                (None, Some(_)) => Some(Thing::Group { id: None, name: Some(text.clone()), member: None }),
                _ => None,
            }
        });
        found.next().filter(|_| found.next().is_none())
    }

    fn rows(
        &self,
        record: &AuditRecord,
        reading: &Reading,
        place: &Place,
        chain: Option<&Chain>,
        rows: &mut Vec<PermissionChange>,
    ) {
        let only = |ids: &[String]| match ids {
            [only] => Some(only.clone()),
            _ => None,
        };
        let content = only(&place.contents);
        let (title, space_of_content) = match (&reading.content, &content) {
            (Some(Thing::Content { title, .. }), id) => {
                let known = id.as_ref().and_then(|id| self.contents.get(id.as_str()));
                (Some(title.clone()).filter(|title| !title.is_empty()), known.map(|content| content.space_key.clone()))
            }
            _ => (None, None),
        };
        let group =
            reading.group.as_ref().map(|(id, name)| Thing::Group { id: id.clone(), name: name.clone(), member: None });
        let group = group.map(|group| self.subject(&group));
        let several = place.contents.len() > 1 || place.spaces.len() > 1 || group.as_ref().is_some_and(|group| group.2);
        let (group_id, group_name) = match group {
            Some((Some(subject), name, _)) => (Some(subject.id).filter(|id| !id.is_empty()), name),
            _ => (None, None),
        };
        let nobody = [None];
        let loose = self.named_loosely(reading);
        let subjects: Vec<Option<&Thing>> = reading.subjects.iter().chain(&loose).map(Some).collect();
        let subjects = if subjects.is_empty() { nobody.as_slice() } else { subjects.as_slice() };
        let nothing = [(None, None, None)];
        let permissions = if reading.permissions.is_empty() { nothing.as_slice() } else { &reading.permissions };
        for subject in subjects {
            let (subject, subject_name, doubtful) =
                subject.map_or((None, None, false), |subject| self.subject(subject));
            for (permission, old, new) in permissions {
                let own = content.is_some() && content.as_deref() == chain.map(Chain::asked);
                // An edit list binds its own page only.
                let binds = own || permission.as_deref() != Some("edit");
                rows.push(PermissionChange {
                    at: record.at,
                    author: record.author.clone(),
                    admin_key: reading.admin_key,
                    remote_address: record.remote_address.clone(),
                    scope: reading.scope.clone(),
                    change: of_pair(old.as_deref(), new.as_deref())
                        .filter(|_| !reading.worded)
                        .unwrap_or(reading.change),
                    space_key: only(&place.spaces).or_else(|| space_of_content.clone()),
                    space_name: reading.space.clone(),
                    content_id: content.clone(),
                    content_title: title.clone(),
                    candidates: if place.contents.len() > 1 { place.contents.clone() } else { Vec::new() },
                    group_id: group_id.clone(),
                    group_name: group_name.clone(),
                    subject: subject.clone(),
                    subject_name: subject_name.clone(),
                    permission: permission.clone(),
                    old: old.clone().filter(|text| !text.is_empty()),
                    new: new.clone().filter(|text| !text.is_empty()),
                    confidence: match reading.confidence {
                        Confidence::Unrecognised => Confidence::Unrecognised,
                        _ if several || doubtful => Confidence::Ambiguous,
                        Confidence::Certain if place.guessed && content.is_some() => Confidence::Likely,
                        other => other,
                    },
                    attributed_to: chain
                        .filter(|_| binds && reading.confidence != Confidence::Unrecognised)
                        .map(|chain| chain.asked().to_owned()),
                    action: record.action.clone(),
                    raw: record.raw.clone(),
                    source: record.source.clone(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
