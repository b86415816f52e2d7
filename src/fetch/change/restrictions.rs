//! Restrictions of contents, one list at a time: what is wanted and what differs.

use std::collections::{BTreeMap, BTreeSet};

use super::planned::PlannedChange;
use super::principals::NamedSubject;
use crate::fetch::lists::Restricted;
use crate::fetch::{Error, Result};
use crate::model::plan::{Difference, ListWish};
use crate::model::{Restriction, RestrictionOperation, Subject, SubjectKind, WriteKind};

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

    pub(in crate::fetch) fn changes(&self, what: fn(&Difference) -> bool) -> impl Iterator<Item = &Subject> {
        self.rows.iter().filter(move |p| what(&p.kind)).map(|p| &p.row.subject)
    }

    /// The list as it will be.
    pub(in crate::fetch) fn after(&self) -> BTreeSet<&Subject> {
        let mut after: BTreeSet<&Subject> = self.list().collect();
        after.extend(self.changes(|act| matches!(act, Difference::Added)));
        for gone in self.changes(|act| matches!(act, Difference::Removed)) {
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
    wish: ListWish,
    who: Option<&[NamedSubject]>,
) -> Vec<PlannedChange> {
    let names: BTreeMap<&Subject, &Option<String>> =
        before.iter().filter(|r| r.operation == operation).map(|r| (&r.subject, &r.subject_name)).collect();
    let wanted: Option<Vec<Subject>> = who.map(|who| who.iter().map(|named| named.subject.clone()).collect());
    let entries = wish.entries(operation, &names.keys().copied().collect(), wanted.as_deref()).into_iter();
    entries
        .map(|(subject, kind, why)| {
            let given = who.iter().copied().flatten().find(|named| named.subject == subject);
            let name =
                given.map_or_else(|| names.get(&subject).copied().cloned().flatten(), |named| named.name.clone());
            PlannedChange::new(
                WriteKind::Restriction,
                content,
                &NamedSubject { subject, name },
                operation.as_str(),
                kind,
            )
            .noted(why)
        })
        .collect()
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
        .map(|named| {
            PlannedChange::new(WriteKind::Restriction, content, named, operation.as_str(), Difference::Same)
                .failed(&message)
        })
        .collect()
}

pub(in crate::fetch) fn job(
    id: &str,
    operation: RestrictionOperation,
    wish: ListWish,
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
