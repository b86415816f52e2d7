//! What every API has: a name, what it answers, what it cannot see, its questions and changes.

use super::continuation::Continuation;
use super::reading::{Page, Unreadable};
use super::request::Request;
use super::route::Route;
use crate::model::{Gap, Subject, SubjectKind};

/// One upstream API.
pub trait Api: Sync {
    /// Its name, the first word of every [`Origin`](crate::model::Origin) it is the source of.
    fn name(&self) -> &'static str;

    /// What it can answer.
    fn answers(&self) -> &'static [&'static str];

    /// What it cannot see, and so must not be taken to deny.
    fn blind_to(&self) -> &'static [&'static str];

    /// The cheapest request that shows whether it is there for this account.
    fn probe(&self) -> Request;

    /// Its routes; an add-on API has its methods instead.
    fn routes(&self) -> &'static [&'static Route] {
        &[]
    }

    /// Its questions.
    fn questions(&self) -> &'static [Question];

    /// What it can change.
    fn changes(&self) -> &'static [Change] {
        &[]
    }
}

/// A question an API answers: an example of the request, and how its answer is read.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Name, the same for the request and for the reader.
    pub name: &'static str,
    /// An example of the request.
    pub example: fn() -> Request,
    /// The reader, reduced to what all readers have in common.
    pub read: fn(&[u8]) -> Result<Outcome, Unreadable>,
    /// Whether the answer may name a next page.
    pub paged: bool,
}

/// A change an API can make. Its answer is not read: what became of it is asked afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Name.
    pub name: &'static str,
    /// An example of the request; nothing where the subject cannot be written this way.
    pub example: fn() -> Option<Request>,
}

/// What every reader returns, whatever its rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Number of rows.
    pub rows: usize,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Where the next page starts.
    pub next: Option<Continuation>,
    /// Lists inside the rows that were cut short or not sent, which another request has to complete.
    pub to_complete: usize,
    /// Rows about a subject the server did not name.
    pub nameless: usize,
}

impl Outcome {
    /// Of an answer that is one object.
    pub(super) const ONE: Self = Self { rows: 1, gaps: Vec::new(), next: None, to_complete: 0, nameless: 0 };

    /// Of a page, row by row.
    pub(super) fn of<T>(page: Page<T>) -> Self {
        Self { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Self::default() }
    }

    /// Of a page whose rows are about subjects.
    pub(super) fn about<T>(page: Page<T>, subject: impl Fn(&T) -> &Subject) -> Self {
        let nameless = page.rows.iter().filter(|row| subject(row).kind == SubjectKind::Unknown).count();
        Self { nameless, ..Self::of(page) }
    }

    /// Of a page whose rows hold lists that have to be completed.
    pub(super) fn completing<T>(page: Page<T>, to_complete: impl Fn(&T) -> usize) -> Self {
        let to_complete = page.rows.iter().map(to_complete).sum();
        Self { to_complete, ..Self::of(page) }
    }
}
