//! When a difference was made and by whom, as far as a list of changes says.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::desk::{Asked, Desk};
use super::fact::{Fact, Trait, VAGUE};
use super::pair::{Age, Pair};
use crate::model::{
    ChangeKind, ChangeScope, Confidence, Permission, PermissionChange, Subject, SubjectKind, Timestamp,
};
use crate::resolve::history::{Joiner, is_identified};
use crate::resolve::site::Principal;

use Age::{Newer, Older};

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// One entry of a list of a content; without a subject any entry.
    Restriction {
        content: String,
        operation: String,
        subject: Option<Subject>,
    },
    Permission {
        space: String,
        permission: String,
        subject: Subject,
    },
    Member {
        group: String,
        member: Subject,
    },
    Group(String),
    PublicLink(String),
    Account(String),
    /// The place of a content.
    Place(String),
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) at: Timestamp,
    pub(super) author: Option<Arc<str>>,
}

/// Changes by what they are about.
pub(super) struct When {
    made: FxHashMap<(Key, ChangeKind), Vec<Made>>,
}

impl When {
    /// The changes made after the older snapshot was taken. What they only name is looked up in the newer snapshot and, as it
    /// may be gone since, in the older one.
    pub(super) fn new(changes: &[PermissionChange], pair: &Pair<'_>) -> Self {
        let mut made: FxHashMap<(Key, ChangeKind), Vec<Made>> = FxHashMap::default();
        let since = pair.site(Older).snapshot.taken_at;
        let joiners = [Newer, Older].map(|age| LazyCell::new(move || Joiner::new(&pair.site(age).snapshot, changes)));
        for change in changes {
            let Some(at) = change.at.filter(|at| since.is_none_or(|since| *at > since)) else { continue };
            let author: Option<Arc<str>> = change.author.name.as_deref().or(change.author.id.as_deref()).map(Arc::from);
            let change = joiners.iter().fold(Cow::Borrowed(change), |change, joiner| {
                if is_identified(&change) { change } else { Cow::Owned(joiner.join(&change)) }
            });
            if !matches!(change.confidence, Confidence::Certain | Confidence::Likely) {
                continue;
            }
            for key in keys(&change) {
                made.entry((key, change.change)).or_default().push(Made { at, author: author.clone() });
            }
        }
        for made in made.values_mut() {
            made.sort_by_key(|made| made.at);
        }
        Self { made }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// When a difference was made: the last change of this direction. A list that was set began with the first.
    pub(super) fn of(&self, desk: &Desk<'_>, fact: Fact, asked: Asked) -> Option<&Made> {
        let direction = if desk.has_of(Newer, fact, asked) { ChangeKind::Added } else { ChangeKind::Removed };
        let key = key_of(desk, fact, asked)?;
        let direction = match fact {
            Fact::Trait(Trait::Active) => {
                if is_active(desk, asked) {
                    ChangeKind::Added
                } else {
                    ChangeKind::Removed
                }
            }
            _ => direction,
        };
        let made = self.made.get(&(key, direction))?;
        if matches!(fact, Fact::List(..)) && direction == ChangeKind::Added { made.first() } else { made.last() }
    }
}

fn is_active(desk: &Desk<'_>, asked: Asked) -> bool {
    let Asked::Account(person) = asked else { return false };
    let at = desk.pair.matches.people.at(Newer, person);
    at.and_then(|at| desk.pair.site(Newer).user(at)).is_some_and(|user| user.active != Some(false))
}

fn keys(change: &PermissionChange) -> Vec<Key> {
    let subject = change.subject.as_ref().filter(|subject| is_one(subject));
    let permission = change.permission.as_deref().unwrap_or_default();
    match &change.scope {
        ChangeScope::Content => {
            let Some(content) = &change.content_id else { return Vec::new() };
            let key = |subject: Option<Subject>| Key::Restriction {
                content: content.clone(),
                operation: permission.to_owned(),
                subject,
            };
            [None].into_iter().chain(subject.map(|subject| Some(subject.clone()))).map(key).collect()
        }
        ChangeScope::Space => {
            let found = change.space_key.clone().zip(subject.cloned());
            let key = |(space, subject)| Key::Permission { space, permission: permission.to_owned(), subject };
            found.map(key).into_iter().collect()
        }
        ChangeScope::Group => match (&change.group_id, subject) {
            (Some(group), Some(member)) if permission == "member" => {
                vec![Key::Member { group: group.clone(), member: member.clone() }]
            }
            (Some(group), _) if permission != "member" => vec![Key::Group(group.clone())],
            _ => Vec::new(),
        },
        ChangeScope::PublicLink => change.content_id.clone().map(Key::PublicLink).into_iter().collect(),
        ChangeScope::Site if permission == "account" => {
            subject.map(|subject| Key::Account(subject.id.clone())).into_iter().collect()
        }
        ChangeScope::Site | ChangeScope::Other(_) => Vec::new(),
    }
}

/// Whether a subject is identified.
fn is_one(subject: &Subject) -> bool {
    match subject.kind {
        SubjectKind::User | SubjectKind::Group => subject.given_id().is_some(),
        _ => true,
    }
}

/// What a difference is about, as changes say it.
pub(super) fn key_of(desk: &Desk<'_>, fact: Fact, asked: Asked) -> Option<Key> {
    let pair = desk.pair;
    let subject = |principal: Principal| {
        let (age, known) = pair.known_principal(principal)?;
        Some(pair.site(age).subject_of(known))
    };
    let content = |one: u32| pair.either_content(one).map(|content| content.id.clone());
    let group = |group: u32| subject(Principal::Group(group)).map(|subject| subject.id);
    let account = || match asked {
        Asked::Account(person) => subject(Principal::User(person)),
        Asked::Anonymous | Asked::Link => None,
    };
    Some(match fact {
        Fact::List(one, operation) => {
            Key::Restriction { content: content(one)?, operation: operation.as_str().to_owned(), subject: None }
        }
        Fact::Entry(one, operation, entry) => Key::Restriction {
            content: content(one)?,
            operation: operation.as_str().to_owned(),
            subject: Some(subject(entry)?),
        },
        Fact::Grant(_, VAGUE, _) => return None,
        Fact::Grant(space, row, principal) => Key::Permission {
            space: pair.space_key(space).to_owned(),
            permission: Permission::ALL.get(row)?.as_str().to_owned(),
            subject: subject(principal)?,
        },
        Fact::Role(space, role, principal) => Key::Permission {
            space: pair.space_key(space).to_owned(),
            permission: format!("role:{}", pair.roles.get(role)?),
            subject: subject(principal)?,
        },
        Fact::Member(one) => Key::Member { group: group(one)?, member: account()? },
        Fact::Inner(one, inner) => Key::Member { group: group(one)?, member: subject(Principal::Group(inner))? },
        Fact::Group(one) => Key::Group(group(one)?),
        Fact::PublicLink(one) => Key::PublicLink(content(one)?),
        Fact::Listed | Fact::Trait(Trait::Active) => Key::Account(account()?.id),
        _ => return None,
    })
}
