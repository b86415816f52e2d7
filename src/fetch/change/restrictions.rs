//! Restrictions of contents, one list at a time: what is wanted and what differs.

use std::collections::{BTreeMap, BTreeSet};

use super::planned::{ChangeKind, PlannedChange};
use super::principals::NamedSubject;
use crate::fetch::lists::Restricted;
use crate::fetch::{Error, Result};
use crate::model::{Restriction, RestrictionOperation, Subject, SubjectKind};

/// What is wanted of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fetch) enum Wish {
    /// These as well.
    Add,
    /// Without these.
    Remove,
    /// Exactly these.
    Replace,
}

/// Both lists of one content.
pub(in crate::fetch) type Lists = Vec<Restriction>;

/// What is done to one list of one content.
pub(in crate::fetch) struct Job {
    pub(in crate::fetch) content: String,
    pub(in crate::fetch) operation: RestrictionOperation,
    /// What stood there.
    pub(in crate::fetch) before: Lists,
    pub(in crate::fetch) rows: Vec<PlannedChange>,
}

impl Job {
    pub(in crate::fetch) fn list(&self) -> impl Iterator<Item = &Subject> {
        self.before.iter().filter(|r| r.operation == self.operation).map(|r| &r.subject)
    }

    pub(in crate::fetch) fn changes(&self, what: fn(&ChangeKind) -> bool) -> impl Iterator<Item = &Subject> {
        self.rows.iter().filter(move |p| what(&p.kind)).map(|p| &p.row.subject)
    }

    /// The list as it will be.
    pub(in crate::fetch) fn after(&self) -> BTreeSet<&Subject> {
        let mut after: BTreeSet<&Subject> = self.list().collect();
        after.extend(self.changes(|act| matches!(act, ChangeKind::Add)));
        for gone in self.changes(|act| matches!(act, ChangeKind::Remove)) {
            after.remove(gone);
        }
        after
    }
}

pub(in crate::fetch) fn operation(word: &str) -> Result<RestrictionOperation> {
    match word.trim().to_ascii_lowercase().as_str() {
        "view" | "read" => Ok(RestrictionOperation::View),
        "edit" | "update" => Ok(RestrictionOperation::Edit),
        _ => Err(Error::configuration(format!("no list restricts `{}`: use `view` or `edit`", word.escape_debug()))),
    }
}

/// The rows of one list.
pub(in crate::fetch) fn plan(
    content: &str,
    operation: RestrictionOperation,
    before: &Lists,
    wish: Wish,
    who: Option<&[NamedSubject]>,
) -> Vec<PlannedChange> {
    let listed: BTreeMap<&Subject, &Restriction> =
        before.iter().filter(|r| r.operation == operation).map(|r| (&r.subject, r)).collect();
    let word = operation.as_str();
    let row = |who: &NamedSubject, act: ChangeKind| PlannedChange::new(content, who, word, act);
    let stored = |subject: &Subject| NamedSubject {
        subject: subject.clone(),
        name: listed.get(subject).and_then(|row| row.subject_name.clone()),
    };
    let mut rows = Vec::new();
    match (wish, who) {
        (Wish::Add | Wish::Replace, Some(wanted)) => {
            for named in wanted {
                rows.push(if listed.contains_key(&named.subject) {
                    row(named, ChangeKind::Nothing).because("there already")
                } else {
                    row(named, ChangeKind::Add)
                });
            }
            if wish == Wish::Replace {
                let extra = listed.keys().filter(|subject| !wanted.iter().any(|named| named.subject == ***subject));
                rows.extend(extra.map(|subject| row(&stored(subject), ChangeKind::Remove)));
            }
        }
        (Wish::Remove, Some(wanted)) => {
            for named in wanted {
                rows.push(if listed.contains_key(&named.subject) {
                    row(named, ChangeKind::Remove)
                } else {
                    row(named, ChangeKind::Nothing).because("not there")
                });
            }
        }
        (_, None) => rows.extend(listed.keys().map(|subject| row(&stored(subject), ChangeKind::Remove))),
    }
    let left = listed
        .keys()
        .any(|subject| !rows.iter().any(|p| matches!(p.kind, ChangeKind::Remove) && p.row.subject == **subject))
        || rows.iter().any(|p| matches!(p.kind, ChangeKind::Add));
    if !left {
        for planned in rows.iter_mut().filter(|p| matches!(p.kind, ChangeKind::Remove)) {
            planned.row.message = Some(opens(operation).to_owned());
        }
    }
    rows
}

pub(in crate::fetch) fn opens(operation: RestrictionOperation) -> &'static str {
    match operation {
        RestrictionOperation::View => "nobody is left on the list: everyone who may view its parent may view it",
        RestrictionOperation::Edit => "nobody is left on the list: everyone who may edit in the space may edit it",
    }
}

/// The rows of a content if its lists could not be read.
pub(in crate::fetch) fn unread(
    content: &str,
    operation: RestrictionOperation,
    who: Option<&[NamedSubject]>,
    why: &str,
) -> Vec<PlannedChange> {
    let nobody = [NamedSubject::from(Subject::new(SubjectKind::Unknown, ""))];
    let who = who.filter(|who| !who.is_empty()).unwrap_or(&nobody);
    let message = format!("not sent: its restrictions could not be read: {why}");
    who.iter()
        .map(|named| PlannedChange::new(content, named, operation.as_str(), ChangeKind::Nothing).failed(&message))
        .collect()
}

pub(in crate::fetch) fn job(
    id: &str,
    operation: RestrictionOperation,
    wish: Wish,
    who: Option<&[NamedSubject]>,
    found: Result<Restricted>,
) -> Job {
    let (before, rows) = match found {
        Ok(found) if found.covered.contains(id) => {
            let rows = plan(id, operation, &found.rows, wish, who);
            (found.rows, rows)
        }
        Ok(found) => {
            let why = found.gaps.first().map_or_else(|| "not to the end".to_owned(), |gap| gap.message.clone());
            (Vec::new(), unread(id, operation, who, &why))
        }
        Err(error) => (Vec::new(), unread(id, operation, who, &error.to_string())),
    };
    Job { content: id.to_owned(), operation, before, rows }
}
