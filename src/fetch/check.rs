//! Confluence's own answers about a subject and a content.

use super::change::principals::subject;
use super::pages::gap_of;
use super::{Client, Error, Progress, Result};
use crate::model::{CheckResult, Gap, GapScope, Operation, Subject, id};

fn operation(word: &str) -> Result<Operation> {
    match word.trim().to_ascii_lowercase().as_str() {
        "view" | "read" => Ok(Operation::View),
        "edit" | "update" => Ok(Operation::Edit),
        "delete" => Ok(Operation::Delete),
        _ => Err(Error::configuration(format!(
            "Confluence does not check `{}`: ask about `view`, `edit` or `delete`",
            word.escape_debug()
        ))),
    }
}

impl Error {
    /// The gap this leaves where the rest goes on.
    pub fn gap(&self, scope: GapScope, subject: &str) -> Gap {
        gap_of(self, scope, subject)
    }
}

impl Client {
    /// Confluence's own answer: may `subject` do `operation` (`view`, `edit` or `delete`) to a content?
    ///
    /// # Errors
    /// `Forbidden` where the caller may not ask about others, `NotFound` for a content it
    /// cannot see or a group that is not there, `Configuration` for what Confluence does not check. A
    /// denial is an answer.
    pub async fn check(&self, content: &str, subject_text: &str, operation_word: &str) -> Result<CheckResult> {
        let operation = operation(operation_word)?;
        id::content_id(content)?;
        let subject = subject(subject_text)?;
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let content = backend.content_id(content).await?;
        backend.check(&content, subject, subject_text.contains(':'), operation).await
    }

    /// The same for many questions (content, subject by id, operation), in their order, some at a time.
    ///
    /// # Errors
    /// Where the site cannot be asked. The error of a single question is in its place.
    pub async fn checks(&self, questions: &[(String, Subject, Operation)]) -> Result<Vec<Result<CheckResult>>> {
        let progress = Progress::new();
        Ok(self.backend(&progress).await?.checks(questions).await)
    }
}
