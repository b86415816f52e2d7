//! The failures among the answers to many questions about contents.

use super::{Error, Result};
use crate::model::{Gap, GapScope};

/// What was not answered.
#[derive(Debug, Default)]
pub struct Failures {
    gaps: Vec<Gap>,
    count: usize,
    first: Option<Error>,
}

impl Failures {
    /// The answer about a content; a failure becomes a gap.
    pub fn answer<T>(&mut self, content: &str, answer: Result<T>) -> Option<T> {
        answer.map_err(|error| self.failed(content, error)).ok()
    }

    /// A question about a content that failed.
    pub fn failed(&mut self, content: &str, error: Error) {
        self.count += 1;
        self.gaps.push(error.gap(GapScope::Content, content));
        self.first.get_or_insert(error);
    }

    /// A question whose answer cannot be used, with the gaps that say why.
    pub fn unusable(&mut self, gaps: Vec<Gap>) {
        self.count += 1;
        self.gaps.extend(gaps);
    }

    /// How many questions failed.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The gaps of the failures.
    ///
    /// # Errors
    /// The first failure, where none of the questions was answered.
    pub fn gaps(self, questions: usize) -> Result<Vec<Gap>> {
        match self.first {
            Some(error) if self.count == questions => Err(error),
            _ => Ok(self.gaps),
        }
    }
}
