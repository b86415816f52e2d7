//! Planned changes and their outcomes, row by row; and the account that makes them.

use std::collections::{BTreeSet, HashMap};

use super::principals::NamedSubject;
use crate::fetch::pages::Walked;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::plan::Difference;
use crate::model::{AccessClass, ChangeKind, Group, Subject, SubjectKind, WriteKind, WriteOutcome, WriteResult};

/// How a change is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Only says what would be done.
    pub dry_run: bool,
    /// Goes ahead where the caller loses access by it.
    pub allow_lockout: bool,
    /// Goes ahead where a list becomes empty, and so the content open, although the call did not name the content.
    pub allow_open: bool,
}

/// A row before it is known what became of it.
#[derive(Debug, Clone)]
pub(in crate::fetch) struct PlannedChange {
    pub(in crate::fetch) row: WriteResult,
    pub(in crate::fetch) kind: Difference,
}

impl PlannedChange {
    pub(in crate::fetch) fn new(
        about: WriteKind,
        target: &str,
        who: &NamedSubject,
        permission: &str,
        kind: Difference,
    ) -> Self {
        let outcome = match kind {
            Difference::Same => WriteOutcome::Skipped,
            Difference::Added => WriteOutcome::WouldAdd,
            Difference::Removed => WriteOutcome::WouldRemove,
        };
        let row = WriteResult {
            target: target.to_owned(),
            title: None,
            subject: who.subject.clone(),
            subject_name: who.name.clone(),
            permission: permission.to_owned(),
            outcome,
            message: None,
            kind: about,
            line: None,
            change: match kind {
                Difference::Same => None,
                Difference::Added => Some(ChangeKind::Added),
                Difference::Removed => Some(ChangeKind::Removed),
            },
        };
        Self { row, kind }
    }

    /// With the name of the space or the title of the content.
    #[must_use]
    pub(in crate::fetch) fn titled(mut self, title: Option<&str>) -> Self {
        self.row.title = title.map(str::to_owned);
        self
    }

    /// With the reason, if there is something to say.
    #[must_use]
    pub(in crate::fetch) fn noted(mut self, why: Option<&'static str>) -> Self {
        self.row.message = why.map(str::to_owned);
        self
    }

    #[must_use]
    pub(in crate::fetch) fn because(mut self, message: impl Into<String>) -> Self {
        self.row.message = Some(message.into());
        self
    }

    pub(in crate::fetch) fn failed(mut self, message: impl Into<String>) -> Self {
        self.row.outcome = WriteOutcome::Failed;
        self.kind = Difference::Same;
        self.because(message)
    }

    pub(in crate::fetch) fn settle(&mut self, (outcome, message): (WriteOutcome, Option<String>)) {
        self.row.outcome = outcome;
        self.row.message = message.or_else(|| self.row.message.take());
    }

    /// Settles the outcome, from whether it is there `now` and from the answer to the write.
    pub(in crate::fetch) fn read_back(&mut self, now: std::result::Result<bool, &Error>, sent: &Outcome) {
        let (adding, done) = match self.kind {
            Difference::Same => return,
            Difference::Added => (true, WriteOutcome::Added),
            Difference::Removed => (false, WriteOutcome::Removed),
        };
        let lags = "the server accepted it, but it did not take effect: it may lag behind, make the call again";
        self.settle(match (now, sent) {
            (Ok(there), Outcome::Done) if there == adding => (done, None),
            (Ok(there), Outcome::Refused(_, message) | Outcome::Open(message)) if there == adding => {
                (done, Some(format!("it is as wanted, although the server said: {message}")))
            }
            (Ok(_), Outcome::Done) => (WriteOutcome::Failed, Some(lags.to_owned())),
            (Ok(_), Outcome::Refused(_, message) | Outcome::Open(message)) => {
                (WriteOutcome::Failed, Some(message.clone()))
            }
            // After giving up its own access an account cannot look any more.
            (Err(error), Outcome::Done) => {
                (done, Some(format!("the server accepted it; it could not be read back: {error}")))
            }
            (Err(_), Outcome::Refused(_, message)) => (WriteOutcome::Failed, Some(message.clone())),
            (Err(error), Outcome::Open(message)) => (WriteOutcome::Failed, Some(unsure(message, error))),
        });
    }
}

/// Whether an error leaves open what became of a write. A refusal does not.
pub(in crate::fetch) fn left_open(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer | ErrorKind::Timeout | ErrorKind::Server | ErrorKind::Unreadable | ErrorKind::NotConfluence
    )
}

/// What one attempt to write came to.
#[derive(Debug, Clone)]
pub(in crate::fetch) enum Outcome {
    /// It was answered.
    Done,
    /// It was refused, with this status and message.
    Refused(Option<u16>, String),
    /// Unknown.
    Open(String),
}

impl Outcome {
    pub(in crate::fetch) fn of<T>(outcome: Result<T>) -> Self {
        outcome.map_or_else(|error| Self::failed(&error), |_| Self::Done)
    }

    pub(in crate::fetch) fn failed(error: &Error) -> Self {
        if left_open(error) { Self::Open(error.to_string()) } else { Self::Refused(error.status(), error.to_string()) }
    }

    /// Not done, for a final reason.
    pub(in crate::fetch) fn because(message: impl Into<String>) -> Self {
        Self::Refused(None, message.into())
    }
}

/// What became of the writes about each subject, where they were not confirmed.
pub(in crate::fetch) type Unconfirmed = HashMap<Subject, Outcome>;

/// The account that writes, and the groups it is in.
pub(in crate::fetch) struct Caller {
    pub(in crate::fetch) id: String,
    pub(in crate::fetch) groups: BTreeSet<String>,
    /// Why its groups are not all known, where they are not.
    pub(in crate::fetch) unsure: Option<String>,
}

impl Caller {
    /// `groups`: those the server lists it in.
    pub(in crate::fetch) fn new(id: String, groups: Result<Walked<Group>>) -> Self {
        match groups {
            Ok(walked) => Self {
                id,
                unsure: walked.gaps.first().map(|gap| gap.message.clone()),
                groups: walked.rows.into_iter().map(|group| group.id).collect(),
            },
            Err(error) => Self { id, groups: BTreeSet::new(), unsure: Some(error.to_string()) },
        }
    }

    /// Whether an entry for `subject` stands for it.
    pub(in crate::fetch) fn is(&self, subject: &Subject) -> bool {
        match subject.kind {
            SubjectKind::User => subject.id == self.id,
            SubjectKind::Group => self.groups.contains(&subject.id),
            _ => {
                matches!(subject.access_class(), Some(AccessClass::AllLicensedUsers | AccessClass::AuthenticatedUsers))
            }
        }
    }
}

pub(in crate::fetch) fn locked_out(message: &str) -> Error {
    Error::new(
        ErrorKind::Lockout,
        format!("{message}: keep yourself or one of your groups on it, or pass `allow_lockout`; nothing was written"),
    )
}

pub(in crate::fetch) fn roles_only(message: &str) -> Error {
    Error::new(
        ErrorKind::RolesOnly,
        format!(
            "this site gives access to spaces by roles only, single permissions are refused: use `assign_role` and `remove_role`{message}"
        ),
    )
}

/// The message of a write with an unknown outcome.
pub(in crate::fetch) fn unsure(message: &str, error: &Error) -> String {
    let what =
        if error.kind() == ErrorKind::Closed { "the client was closed" } else { "that could not be read either" };
    format!("{message}; unknown whether it was written ({what}): make the call again")
}
