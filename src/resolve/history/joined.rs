//! Changes that were read without a snapshot, joined to the ids of one.

use std::collections::HashSet;

use super::names::{Looked, NamedSpace, NamedSubject, Names};
use super::things::Thing;
use super::values::KeyCandidate;
use crate::model::{Confidence, PermissionChange, Snapshot, Subject, SubjectKind};

/// Finds the ids of what changes name. A change that already has an id keeps it.
pub(in crate::resolve) struct Joiner<'a>(Names<'a>);

impl<'a> Joiner<'a> {
    /// For these changes.
    pub(in crate::resolve) fn new(known: &'a Snapshot, changes: &[PermissionChange]) -> Self {
        let mut looked = Looked { titles: HashSet::new(), ids: HashSet::new() };
        for change in changes {
            match (&change.content_id, &change.content_title) {
                (Some(id), _) if change.space_key.is_none() => drop(looked.ids.insert(id)),
                (None, Some(title)) => drop(looked.titles.insert(title.trim().to_lowercase())),
                _ => {}
            }
        }
        Self(Names::of(known, Some(&looked)))
    }

    /// A change with the ids that its names have in the snapshot. A name of several things is ambiguous, and without an id.
    #[must_use]
    pub(in crate::resolve) fn join(&self, change: &PermissionChange) -> PermissionChange {
        let mut row = change.clone();
        if row.confidence == Confidence::Unrecognised {
            return row;
        }
        let mut ambiguous = self.place(&mut row);
        if let Some(named) = self.subject(&row) {
            ambiguous |= named.ambiguous;
            row.subject = named.subject;
        }
        if let (None, Some(_)) = (&row.group_id, &row.group_name) {
            let group = self.0.subject(&Thing::Group { id: None, name: row.group_name.clone(), member: None });
            ambiguous |= group.ambiguous;
            row.group_id = group.subject.map(|group| group.id).filter(|id| !id.is_empty());
        }
        row.confidence = match row.confidence {
            _ if ambiguous => Confidence::Ambiguous,
            // What was ambiguous where it was read is not where every name has one id.
            Confidence::Ambiguous if is_identified(&row) => Confidence::Likely,
            other => other,
        };
        row
    }

    /// Fills space and content. Returns whether a name fits several.
    fn place(&self, row: &mut PermissionChange) -> bool {
        let key = row.space_key.clone().map(|text| KeyCandidate { text, labelled: true });
        let space = NamedSpace { name: row.space_name.as_deref(), key: key.as_ref(), id: None };
        let content = row.content_id.is_some() || row.content_title.is_some();
        let content = content.then(|| Thing::Content {
            id: row.content_id.clone(),
            title: row.content_title.clone().unwrap_or_default(),
            kind: None,
        });
        let place = self.0.located(&space, content.as_ref());
        match place.contents.as_slice() {
            [only] => {
                row.content_id = Some(only.clone());
                row.candidates.clear();
            }
            [] => {}
            _ => row.candidates.clone_from(&place.contents),
        }
        if let ([only], None) = (place.spaces.as_slice(), &row.space_key) {
            row.space_key = Some(only.clone());
        }
        if row.space_key.is_none() {
            row.space_key = row.content_id.as_deref().and_then(|id| self.0.space_of(id));
        }
        place.contents.len() > 1 || (row.space_key.is_none() && place.spaces.len() > 1)
    }

    /// The account or group that is named without an id.
    fn subject(&self, row: &PermissionChange) -> Option<NamedSubject> {
        let subject = row.subject.as_ref().filter(|subject| subject.given_id().is_none())?;
        let name = Some(row.subject_name.clone()?);
        match subject.kind {
            SubjectKind::User => Some(self.0.subject(&Thing::Account { id: None, name })),
            SubjectKind::Group => Some(self.0.subject(&Thing::Group { id: None, name, member: None })),
            _ => None,
        }
    }
}

/// Whether everything that a change names has an id.
pub(in crate::resolve) fn is_identified(row: &PermissionChange) -> bool {
    let subject = |subject: &Subject| match subject.kind {
        SubjectKind::User | SubjectKind::Group => subject.given_id().is_some(),
        _ => true,
    };
    row.subject.as_ref().is_none_or(subject)
        && (row.content_id.is_some() || row.content_title.is_none())
        && (row.space_key.is_some() || row.space_name.is_none())
        && (row.group_id.is_some() || row.group_name.is_none())
}
