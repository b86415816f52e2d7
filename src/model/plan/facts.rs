//! The facts a plan reads and changes, and one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{
    ContentType, Deployment, Permission, RestrictionOperation, RoleMode, Subject, SubjectKind, WriteKind,
};

/// One fact about access that a plan can change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// A subject holds a permission in a space by itself.
    Permission {
        /// Key of the space.
        space: String,
        /// The holder.
        subject: Subject,
        /// The permission.
        permission: Permission,
    },
    /// A subject has a role in a space.
    Role {
        /// Key of the space.
        space: String,
        /// The holder.
        subject: Subject,
        /// Name of the role.
        role: String,
    },
    /// A subject is on a restriction list.
    Entry {
        /// Id of the content.
        content: String,
        /// Which list.
        operation: RestrictionOperation,
        /// The subject.
        subject: Subject,
    },
    /// An account, or a group, is in a group.
    Member {
        /// Id of the group.
        group: String,
        /// The member.
        member: Subject,
    },
    /// A group exists.
    Group {
        /// Id of the group.
        group: String,
    },
    /// A content is below another one.
    Parent {
        /// Id of the content.
        content: String,
        /// Id of the other one.
        parent: String,
    },
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission { space, subject, permission } => write!(f, "{permission} in {space} for {subject}"),
            Self::Role { space, subject, role } => write!(f, "role {role} in {space} for {subject}"),
            Self::Entry { content, operation, subject } => write!(f, "{subject} on the {operation} list of {content}"),
            Self::Member { group, member } => write!(f, "{member} in group {group}"),
            Self::Group { group } => write!(f, "group {group}"),
            Self::Parent { content, parent } => write!(f, "{content} below {parent}"),
        }
    }
}

impl Fact {
    /// How a row of a change writes it: kind, target, subject, and the word for it.
    pub fn written(&self) -> (WriteKind, String, Subject, String) {
        let content = |id: &str| Subject::new(SubjectKind::Other("content".to_owned()), id);
        match self {
            Self::Permission { space, subject, permission } => {
                (WriteKind::Permission, space.clone(), subject.clone(), permission.as_str().to_owned())
            }
            Self::Role { space, subject, role } => {
                (WriteKind::Role, space.clone(), subject.clone(), format!("{ROLE}{role}"))
            }
            Self::Entry { content, operation, subject } => {
                (WriteKind::Restriction, content.clone(), subject.clone(), operation.as_str().to_owned())
            }
            Self::Member { group, member } => (WriteKind::Member, group.clone(), member.clone(), "member".to_owned()),
            Self::Group { group } => (WriteKind::Group, group.clone(), Subject::group(group), "group".to_owned()),
            Self::Parent { content: id, parent } => {
                (WriteKind::Parent, parent.clone(), content(id), "parent".to_owned())
            }
        }
    }

    /// The fact that such a row is about; `None` where it names none.
    pub fn read(kind: WriteKind, target: &str, subject: &Subject, word: &str) -> Option<Self> {
        let (target, subject) = (target.to_owned(), subject.clone());
        Some(match kind {
            WriteKind::Permission => Self::Permission { space: target, subject, permission: Permission::from(word) },
            WriteKind::Role => Self::Role { space: target, subject, role: word.strip_prefix(ROLE)?.to_owned() },
            WriteKind::Restriction => {
                Self::Entry { content: target, operation: RestrictionOperation::named(word)?, subject }
            }
            WriteKind::Member => Self::Member { group: target, member: subject },
            WriteKind::Group => Self::Group { group: target },
            WriteKind::Parent => Self::Parent { content: subject.id, parent: target },
        })
    }
}

/// Stands before the name of a role in a row of a change.
const ROLE: &str = "role ";

/// Where a content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// What it is.
    pub kind: ContentType,
    /// Id of the content above it.
    pub parent: Option<String>,
}

/// The facts that the steps of a plan depend on.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Which product.
    pub deployment: Deployment,
    /// How a Cloud site gives access to spaces.
    pub role_mode: Option<RoleMode>,
    /// Permissions that subjects hold by themselves, by key of the space.
    pub permissions: BTreeMap<String, BTreeMap<Subject, BTreeSet<Permission>>>,
    /// Roles of subjects, by key of the space.
    pub roles: BTreeMap<String, BTreeMap<Subject, BTreeSet<String>>>,
    /// Restriction lists, by id of the content.
    pub lists: BTreeMap<(String, RestrictionOperation), BTreeSet<Subject>>,
    /// Direct members, by id of the group.
    pub members: BTreeMap<String, BTreeSet<Subject>>,
    /// Groups that are kept in a synchronised directory.
    pub external: BTreeSet<String>,
    /// Contents that are moved, the contents they are moved below, and everything above these.
    pub positions: BTreeMap<String, Position>,
    /// Groups that were deleted.
    pub deleted: BTreeSet<String>,
}

impl Facts {
    /// No facts of a site.
    pub fn new(deployment: Deployment, role_mode: Option<RoleMode>) -> Self {
        Self {
            deployment,
            role_mode,
            permissions: BTreeMap::new(),
            roles: BTreeMap::new(),
            lists: BTreeMap::new(),
            members: BTreeMap::new(),
            external: BTreeSet::new(),
            positions: BTreeMap::new(),
            deleted: BTreeSet::new(),
        }
    }

    /// Permissions a subject holds in a space by itself.
    pub fn held(&self, space: &str, subject: &Subject) -> BTreeSet<Permission> {
        self.permissions.get(space).and_then(|held| held.get(subject)).cloned().unwrap_or_default()
    }

    /// Roles a subject has in a space.
    pub fn assigned(&self, space: &str, subject: &Subject) -> BTreeSet<String> {
        self.roles.get(space).and_then(|roles| roles.get(subject)).cloned().unwrap_or_default()
    }

    /// A restriction list.
    pub fn list(&self, content: &str, operation: RestrictionOperation) -> BTreeSet<Subject> {
        self.lists.get(&(content.to_owned(), operation)).cloned().unwrap_or_default()
    }

    /// Whether a fact holds.
    pub fn has(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Permission { space, subject, permission } => self.held(space, subject).contains(permission),
            Fact::Role { space, subject, role } => self.assigned(space, subject).contains(role),
            Fact::Entry { content, operation, subject } => self.list(content, *operation).contains(subject),
            Fact::Member { group, member } => self.members.get(group).is_some_and(|all| all.contains(member)),
            Fact::Group { group } => !self.deleted.contains(group),
            Fact::Parent { content, parent } => {
                self.positions.get(content).is_some_and(|place| place.parent.as_ref() == Some(parent))
            }
        }
    }

    /// Makes a fact hold, or not.
    pub fn put(&mut self, fact: &Fact, holds: bool) {
        fn change<T: Ord + Clone>(set: &mut BTreeSet<T>, value: &T, holds: bool) {
            if holds {
                set.insert(value.clone());
            } else {
                set.remove(value);
            }
        }
        match fact {
            Fact::Permission { space, subject, permission } => {
                let held = self.permissions.entry(space.clone()).or_default();
                change(held.entry(subject.clone()).or_default(), permission, holds);
            }
            Fact::Role { space, subject, role } => {
                let roles = self.roles.entry(space.clone()).or_default();
                change(roles.entry(subject.clone()).or_default(), role, holds);
            }
            Fact::Entry { content, operation, subject } => {
                change(self.lists.entry((content.clone(), *operation)).or_default(), subject, holds);
            }
            Fact::Member { group, member } => change(self.members.entry(group.clone()).or_default(), member, holds),
            Fact::Group { group } => change(&mut self.deleted, group, !holds),
            Fact::Parent { content, parent } => {
                if let Some(place) = self.positions.get_mut(content) {
                    place.parent = holds.then(|| parent.clone());
                }
            }
        }
    }
}
