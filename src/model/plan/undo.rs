//! The plan that takes changes back.

use indexmap::IndexMap;

use super::facts::Fact;
use super::lines::ChangePlan;
use super::step::Step;
use crate::model::{Deployment, Subject, SubjectKind};

/// The plan that takes back what was done: facts, each with whether it was added, in the order they changed. The texts say
/// what no plan can take back.
pub fn undo(site: Option<String>, deployment: Deployment, done: &[(Fact, bool)]) -> (ChangePlan, Vec<String>) {
    let deleted: Vec<Subject> = done
        .iter()
        .filter_map(|(fact, _)| match fact {
            Fact::Group { group } => Some(Subject::group(group)),
            _ => None,
        })
        .collect();
    let mut left: Vec<String> = Vec::new();
    let (mut back, mut away): (Steps, Steps) = Default::default();
    let mut moved: Vec<(&str, &str)> = Vec::new();
    for (fact, added) in done {
        let steps = if *added { &mut away } else { &mut back };
        let usable = |subject: &Subject| !deleted.contains(subject) && !subject.is_unidentified();
        match fact {
            Fact::Permission { subject, .. } | Fact::Role { subject, .. } | Fact::Entry { subject, .. }
                if !usable(subject) =>
            {
                left.push(format!("{fact}: there is no such subject any more"));
            }
            Fact::Member { group, member } if !usable(member) || !usable(&Subject::group(group)) => {
                left.push(format!("{fact}: there is no such group any more"));
            }
            Fact::Member { member, .. } if member.kind != SubjectKind::User => {
                left.push(format!("{fact}: no API changes which groups a group holds"));
            }
            Fact::Permission { permission, .. } if !permission.is_given_singly(deployment) => {
                left.push(format!("{fact}: no API gives or takes it by itself"));
            }
            Fact::Permission { space, subject, permission } => {
                let key = Key::Permissions(space.clone(), subject.to_string());
                steps.entry(key).or_default().push(permission.as_str().to_owned());
            }
            Fact::Role { space, subject, .. } if steps.contains_key(&Key::Role(space.clone(), subject.to_string())) => {
                left.push(format!("{fact}: a subject has one role, and it had several"));
            }
            Fact::Role { space, subject, role } => {
                steps.entry(Key::Role(space.clone(), subject.to_string())).or_default().push(role.clone());
            }
            Fact::Entry { content, operation, subject } => {
                steps.entry(Key::Entries(content.clone(), *operation)).or_default().push(subject.to_string());
            }
            Fact::Member { group, member } => {
                steps.entry(Key::Member(group.clone(), member.to_string())).or_default();
            }
            Fact::Group { .. } => left.push(format!("{fact}: a deleted group cannot be restored")),
            Fact::Parent { content, parent } if *added => moved.push((content, parent)),
            Fact::Parent { content, parent } => {
                back.insert(Key::Parent(content.clone()), vec![parent.clone()]);
            }
        }
    }
    for (content, parent) in moved {
        if !back.contains_key(&Key::Parent(content.to_owned())) {
            left.push(format!("{content} below {parent}: it was at the top of its space, where no API moves it"));
        }
    }
    // A role that is assigned again takes the place of the one it had.
    away.retain(|key, _| !matches!(key, Key::Role(..)) || !back.contains_key(key));
    let steps = back.into_iter().filter_map(|(key, words)| key.step(words, true));
    let steps = steps.chain(away.into_iter().filter_map(|(key, words)| key.step(words, false))).collect();
    (ChangePlan { site, steps }, left)
}

/// Texts of the facts that one step speaks about.
type Steps = IndexMap<Key, Vec<String>>;

/// What one step speaks about.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Permissions(String, String),
    Role(String, String),
    Entries(String, crate::model::RestrictionOperation),
    Member(String, String),
    Parent(String),
}

impl Key {
    /// The step that makes these facts hold, or not.
    fn step(self, words: Vec<String>, holds: bool) -> Option<Step> {
        Some(match self {
            Self::Permissions(space, subject) if holds => Step::Grant { space, subject, permissions: words },
            Self::Permissions(space, subject) => Step::Revoke { space, subject, permissions: Some(words) },
            Self::Role(space, subject) if holds => Step::AssignRole { space, subject, role: words.into_iter().next()? },
            Self::Role(space, subject) => Step::RemoveRole { space, subject },
            Self::Entries(content, operation) if holds => {
                Step::Restrict { contents: vec![content], operation, subjects: words }
            }
            Self::Entries(content, operation) => {
                Step::Unrestrict { contents: vec![content], operation, subjects: Some(words) }
            }
            Self::Member(group, user) if holds => Step::AddMember { group, user },
            Self::Member(group, user) => Step::RemoveMember { group, user },
            Self::Parent(content) => Step::Move { content, parent: words.into_iter().next()? },
        })
    }
}
