//! Who a question or a rule is about.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Kind, Origins, Stored, Value, typed};
use super::open_enum::open_enum;
use super::record::{Row, WrongCell};

open_enum! {
    /// Kind of a subject.
    SubjectKind {
        /// An account.
        User = "user",
        /// A group, as itself.
        Group = "group",
        /// Anyone who is not logged in.
        Anonymous = "anonymous",
        /// A class of people the product maintains, such as `all-licensed-users`.
        AccessClass = "access_class",
        /// Logged-in people without a licence (service desk customers).
        Unlicensed = "unlicensed",
        /// The server did not say.
        Unknown = "unknown",
    }
}

open_enum! {
    /// A class of people the product maintains, in the spelling of the role API.
    // Source: https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/
    AccessClass {
        /// Everybody who may use the product.
        AllLicensedUsers = "all-licensed-users",
        /// Everybody who administers the product.
        AllProductAdmins = "all-product-admins",
        /// Everybody, logged in or not.
        AnonymousUsers = "anonymous-users",
        /// Everybody who is logged in.
        AuthenticatedUsers = "authenticated-users",
        /// Administrators of service desks.
        JsmProjectAdmins = "jsm-project-admins",
    }
}

impl AccessClass {
    /// The class with this name, in lower case with hyphens or in capitals with underscores.
    pub fn parse(name: &str) -> Self {
        Self::from(name.to_ascii_lowercase().replace('_', "-").as_str())
    }

    /// The class that an audit log calls `name`. Anonymous is a subject of its own there.
    pub fn from_log(name: &str) -> Option<Self> {
        match name.to_lowercase().replace(['_', ' '], "-").as_str() {
            "all-confluence-users" => Some(Self::AllLicensedUsers),
            "all-confluence-admins" => Some(Self::AllProductAdmins),
            name => Self::from(name).known().filter(|class| *class != Self::AnonymousUsers),
        }
    }
}

impl From<AccessClass> for Subject {
    fn from(class: AccessClass) -> Self {
        Self::new(SubjectKind::AccessClass, class.as_str())
    }
}

/// A subject: `user:<id>`, `group:<id or name>`, `anonymous`, `class:<access class>`, `unlicensed`, or of a kind that is
/// not known. The kind ends at the first colon; ids may contain more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Kind.
    pub kind: SubjectKind,
    /// Id; empty if the kind needs none. See [`Subject::given_id`].
    pub id: String,
}

/// Stands in the text form before the name of a deleted account or group that the server gives no id for.
const UNIDENTIFIED: &str = "unknown:";

impl Subject {
    /// A deleted account or group that the server gives no id for. It keeps its place in a list, so that the list does
    /// not look empty, and no account or group is equal to it.
    pub fn unidentified(kind: SubjectKind, name: &str) -> Self {
        Self::new(kind, format!("{UNIDENTIFIED}{name}"))
    }

    /// Whether it is such a deleted account or group.
    pub fn is_unidentified(&self) -> bool {
        self.unidentified_name().is_some()
    }

    /// The name of such an account or group.
    pub fn unidentified_name(&self) -> Option<&str> {
        self.id.strip_prefix(UNIDENTIFIED)
    }

    /// The id the server gave, if any. What is sent to a server, or written in a column of ids, is read here and never
    /// from the field.
    pub fn given_id(&self) -> Option<&str> {
        (!self.id.is_empty() && !self.is_unidentified()).then_some(self.id.as_str())
    }

    /// The id the server gave to an account; `None` also for subjects of other kinds.
    pub fn account_id(&self) -> Option<&str> {
        self.given_id().filter(|_| self.kind == SubjectKind::User)
    }

    /// A subject of `kind` with `id`.
    pub fn new(kind: SubjectKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// An account.
    pub fn user(id: impl Into<String>) -> Self {
        Self::new(SubjectKind::User, id)
    }

    /// A group.
    pub fn group(id: impl Into<String>) -> Self {
        Self::new(SubjectKind::Group, id)
    }

    /// Anyone who is not logged in.
    pub fn anonymous() -> Self {
        Self::new(SubjectKind::Anonymous, "")
    }

    /// Logged-in people without a licence.
    pub fn unlicensed() -> Self {
        Self::new(SubjectKind::Unlicensed, "")
    }

    /// An access class, in the spelling of the role API: lower case with hyphens.
    pub fn class(id: impl AsRef<str>) -> Self {
        AccessClass::parse(id.as_ref()).into()
    }

    /// The access class it is, if it is one.
    pub fn access_class(&self) -> Option<AccessClass> {
        (self.kind == SubjectKind::AccessClass).then(|| AccessClass::parse(&self.id))
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// Where the text has no colon and is neither `anonymous` nor `unlicensed`, or the id is empty.
    pub fn parse(text: &str) -> Result<Self, InvalidSubject> {
        match text {
            "anonymous" => return Ok(Self::anonymous()),
            "unlicensed" => return Ok(Self::unlicensed()),
            "anyone_with_link" => return Ok(Self::new(SubjectKind::Other("anyone_with_link".to_owned()), "")),
            _ => {}
        }
        match text.split_once(':') {
            Some((kind, id)) if !kind.is_empty() && !id.is_empty() => Ok(match kind {
                "user" => Self::user(id),
                "group" => Self::group(id),
                "class" => Self::class(id),
                other => Self::new(SubjectKind::Other(other.to_owned()), id),
            }),
            _ => Err(InvalidSubject(text.to_owned())),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            SubjectKind::AccessClass => write!(f, "class:{}", self.id),
            _ if self.id.is_empty() => f.write_str(self.kind.as_str()),
            _ => write!(f, "{}:{}", self.kind, self.id),
        }
    }
}

typed!(Subject: "str");

impl Value for Subject {
    const KIND: Kind = Kind::Text;

    fn cell(&self) -> Cell<'_> {
        self.to_string().into()
    }
}

impl Value for Vec<Subject> {
    const KIND: Kind = Kind::Texts;

    fn cell(&self) -> Cell<'_> {
        Cell::Texts(self.iter().map(|subject| Cow::Owned(subject.to_string())).collect())
    }
}

impl Stored for Vec<Subject> {
    fn read(cell: &Cell<'_>, _: &mut Origins) -> Option<Self> {
        let Cell::Texts(texts) = cell else { return None };
        Some(texts.iter().map(|text| Subject::written(text)).collect())
    }
}

impl Subject {
    /// The subject of a text that this library wrote, also of a kind that people cannot ask about.
    fn written(text: &str) -> Self {
        match text.split_once(':') {
            Some(("class", id)) => Self::new(SubjectKind::AccessClass, id),
            Some((kind, id)) => Self::new(SubjectKind::from(kind), id),
            None => Self::new(SubjectKind::from(text), ""),
        }
    }

    /// The subject of a row. An account or a group without an id is a deleted one, kept under its name.
    ///
    /// # Errors
    /// Where a cell holds no text.
    pub fn read(
        row: &mut Row<'_>,
        kind: &'static str,
        id: &'static str,
        name: Option<&'static str>,
    ) -> Result<Self, WrongCell> {
        let kind: SubjectKind = row.read(kind)?;
        Ok(match row.read::<Option<String>>(id)? {
            None if matches!(kind, SubjectKind::User | SubjectKind::Group) => {
                let name: Option<String> = name.map(|name| row.read(name)).transpose()?.flatten();
                Self::unidentified(kind, &name.unwrap_or_default())
            }
            id => Self::new(kind, id.unwrap_or_default()),
        })
    }
}

impl Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::written(&text))
    }
}

/// A text that is not a subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid subject `{0}`: expected `user:<id>`, `group:<id or name>`, `anonymous` or `class:<access class>`")]
pub struct InvalidSubject(String);
