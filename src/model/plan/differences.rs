//! What a change makes of what is there: the permissions of one subject in a space, and one restriction list.

use std::collections::BTreeSet;

use crate::model::{Permission, RestrictionOperation, Subject};

/// What becomes of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Nothing.
    Same,
    /// It is added.
    Added,
    /// It is removed.
    Removed,
}

/// An entry, what becomes of it, and the reason if there is something to say.
pub type Entry<T> = (T, Difference, Option<&'static str>);

/// Said of an entry that is to be added and is there.
pub const THERE_ALREADY: &str = "there already";
/// Said of an entry that is to be removed and is not there.
pub const NOT_THERE: &str = "not there";

/// What is wanted for one subject in a space.
#[derive(Debug, Clone)]
pub enum Target {
    /// These as well.
    Give(BTreeSet<Permission>),
    /// Without these.
    Take(BTreeSet<Permission>),
    /// These and no others.
    Set(BTreeSet<Permission>),
}

impl Target {
    /// Whether nothing is given, so that the subject need not exist any more.
    pub fn only_takes(&self) -> bool {
        match self {
            Self::Take(_) => true,
            Self::Set(wanted) => wanted.is_empty(),
            Self::Give(_) => false,
        }
    }

    /// A permission that Cloud refuses to give, because the subject would hold it without `view`.
    pub fn without_view(&self, held: &BTreeSet<Permission>) -> Option<&Permission> {
        let (Self::Give(wanted) | Self::Set(wanted)) = self else { return None };
        let sees = match self {
            Self::Give(_) => held.contains(&Permission::View) || wanted.contains(&Permission::View),
            _ => wanted.contains(&Permission::View),
        };
        wanted.iter().find(|_| !sees)
    }

    /// What becomes of each permission. `cloud`: without `view` the server keeps no other permission of the subject, and only
    /// those it grants singly can be removed singly.
    pub fn entries(&self, held: &BTreeSet<Permission>, cloud: bool) -> Vec<Entry<Permission>> {
        let known = |permission: &Permission| !cloud || permission.cloud().is_some();
        let (add, mut remove) = match self {
            Self::Give(wanted) => (wanted.clone(), BTreeSet::new()),
            Self::Take(wanted) => (BTreeSet::new(), wanted.clone()),
            Self::Set(wanted) => (wanted.clone(), held.difference(wanted).cloned().collect()),
        };
        let mut entries = Vec::new();
        for permission in add {
            let held = held.contains(&permission);
            let (kind, why) = if held { (Difference::Same, Some(THERE_ALREADY)) } else { (Difference::Added, None) };
            entries.push((permission, kind, why));
        }
        let all_goes = cloud && remove.contains(&Permission::View) && held.contains(&Permission::View);
        let asked = remove.clone();
        if all_goes {
            remove.extend(held.iter().cloned());
        }
        // `view` last: all others would go with it, and it would be unknown which this call removed.
        let last = remove.take(&Permission::View);
        for permission in remove.into_iter().chain(last) {
            let (kind, why) = if !held.contains(&permission) {
                (Difference::Same, Some(NOT_THERE))
            } else if !known(&permission) && !all_goes {
                (Difference::Same, Some("left as it is: it cannot be taken by itself"))
            } else if asked.contains(&permission) {
                (Difference::Removed, None)
            } else {
                (Difference::Removed, Some("goes with `view`"))
            };
            entries.push((permission, kind, why));
        }
        entries
    }
}

/// What is wanted of a restriction list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListWish {
    /// These as well.
    Add,
    /// Without these.
    Remove,
    /// Exactly these.
    Replace,
}

impl ListWish {
    /// What becomes of each subject. `wanted`: `None` for everyone on the list.
    pub fn entries(
        self,
        operation: RestrictionOperation,
        listed: &BTreeSet<&Subject>,
        wanted: Option<&[Subject]>,
    ) -> Vec<Entry<Subject>> {
        let mut entries: Vec<Entry<Subject>> = Vec::new();
        let there = |subject: &Subject| listed.contains(subject);
        match (self, wanted) {
            (Self::Add | Self::Replace, Some(wanted)) => {
                entries.extend(wanted.iter().map(|subject| match there(subject) {
                    true => (subject.clone(), Difference::Same, Some(THERE_ALREADY)),
                    false => (subject.clone(), Difference::Added, None),
                }));
                if self == Self::Replace {
                    let extra = listed.iter().filter(|subject| !wanted.contains(subject));
                    entries.extend(extra.map(|subject| ((*subject).clone(), Difference::Removed, None)));
                }
            }
            (Self::Remove, Some(wanted)) => entries.extend(wanted.iter().map(|subject| match there(subject) {
                true => (subject.clone(), Difference::Removed, None),
                false => (subject.clone(), Difference::Same, Some(NOT_THERE)),
            })),
            (_, None) => {
                entries.extend(listed.iter().map(|subject| ((*subject).clone(), Difference::Removed, None)));
            }
        }
        let gone =
            |subject: &Subject| entries.iter().any(|(one, kind, _)| *kind == Difference::Removed && one == subject);
        let left = listed.iter().any(|subject| !gone(subject))
            || entries.iter().any(|(_, kind, _)| *kind == Difference::Added);
        if !left {
            for entry in entries.iter_mut().filter(|(_, kind, _)| *kind == Difference::Removed) {
                entry.2 = Some(opens(operation));
            }
        }
        entries
    }
}

/// What it means that the last entry of a list is removed.
pub fn opens(operation: RestrictionOperation) -> &'static str {
    match operation {
        RestrictionOperation::View => "nobody is left on the list: everyone who may view its parent may view it",
        RestrictionOperation::Edit => "nobody is left on the list: everyone who may edit in the space may edit it",
    }
}
