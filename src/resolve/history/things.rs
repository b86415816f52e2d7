//! The objects of a record: accounts, groups, contents, spaces.

use crate::model::id::is_uuid;
use crate::model::{AccessClass, AuditObject, ContentType};

/// A thing a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Thing {
    Account {
        id: Option<String>,
        name: Option<String>,
    },
    Anonymous,
    /// People who are logged in without a licence.
    Unlicensed,
    /// A group, and the account that was added to it or removed from it, where the name gives both.
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
    /// Of any other kind, also an unknown one.
    Other {
        id: Option<String>,
        name: String,
    },
}

impl Thing {
    /// What an object is: its name decides where it has a shape of its own, then the word for its kind.
    pub(super) fn of(object: &AuditObject) -> Self {
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
            return Self::Group { id: some(group.trim()), name: None, member: some(member.trim()) };
        }
        // `name:uuid`; a name may hold colons too. An account id has the same shape.
        if let Some((before, id)) = name.rsplit_once(':')
            && nameless
            && is_uuid(id)
            && !is_account
            && !(word != "group" && is_account_id(name))
        {
            return Self::Group { id: some(id), name: some(before), member: None };
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
                Self::Content { id: object.id.clone(), title: name.to_owned(), kind }
            }
            "space" => Self::Space { id: id.map(str::to_owned), name: name.to_owned(), key: object.key.clone() },
            _ if matches!(id, None | Some("-2"))
                && is_anonymous(name)
                && (word.is_empty() || is_account || word == "group" || word.contains("class")) =>
            {
                Self::Anonymous
            }
            _ if nameless && is_unlicensed(name) && (word.is_empty() || is_account || word == "group") => {
                Self::Unlicensed
            }
            _ if is_account && nameless && is_account_id(name) => Self::Account { id: some(name), name: None },
            _ if is_account => Self::Account { id: object.id.clone(), name: some(name) },
            "group" if nameless && is_uuid(name) => Self::Group { id: some(name), name: None, member: None },
            "group" => Self::Group { id: object.id.clone(), name: some(name), member: None },
            _ if word.contains("class") || AccessClass::from_log(name).is_some() => {
                Self::Class(AccessClass::from_log(name).map_or_else(|| name.to_owned(), |class| class.to_string()))
            }
            _ if word.is_empty() && nameless && is_account_id(name) => Self::Account { id: some(name), name: None },
            _ => Self::Other { id: id.map(str::to_owned), name: name.to_owned() },
        }
    }

    pub(super) fn account(id_or_name: String) -> Self {
        if is_account_id(&id_or_name) {
            Self::Account { id: Some(id_or_name), name: None }
        } else {
            Self::Account { id: None, name: Some(id_or_name) }
        }
    }

    pub(super) fn is_account(&self) -> bool {
        matches!(self, Self::Account { .. })
    }

    pub(super) fn is_group(&self) -> bool {
        matches!(self, Self::Group { .. })
    }

    pub(super) fn is_subject(&self) -> bool {
        matches!(self, Self::Account { .. } | Self::Anonymous | Self::Unlicensed | Self::Group { .. } | Self::Class(_))
    }
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

/// Finds out from their ids what objects are whose kind is a word of another language: the id of a group is its name, that
/// of an account 32 hexadecimal digits, that of a content or a space a number.
pub(super) fn recognize_by_id(things: &mut [Thing], restriction: bool) {
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
