//! What the server itself says about a subject and a content.

use super::Reader;
use crate::fetch::{Error, Result};
use crate::model::{CheckResult, Operation, Subject};

impl Reader<'_> {
    /// Whether `subject` passes the view restrictions that bind a content.
    ///
    /// # Errors
    /// Where the server does not tell.
    pub(in crate::fetch) async fn check(
        &self,
        _content: &str,
        _subject: &Subject,
        _operation: Operation,
    ) -> Result<CheckResult> {
        Err(Error::configuration("this is not read on Data Center yet"))
    }

    /// The same for many questions, in their order.
    pub(in crate::fetch) async fn checks(
        &self,
        questions: &[(String, Subject, Operation)],
    ) -> Vec<Result<CheckResult>> {
        let mut answers = Vec::new();
        for (content, subject, operation) in questions {
            answers.push(self.check(content, subject, *operation).await);
        }
        answers
    }
}
