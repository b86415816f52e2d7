//! What Confluence itself says.

use super::principals::{is_id, subject};
use crate::apis::cloud_v1::{lift::Check, requests as v1};
use crate::fetch::pages::gap_of;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{CheckResult, Decision, Gap, GapScope, Operation, Subject, SubjectKind};

/// The server's word for what is asked.
fn operation(word: &str) -> Result<(Operation, &'static str)> {
    match word.trim().to_ascii_lowercase().as_str() {
        "view" | "read" => Ok((Operation::View, "read")),
        "edit" | "update" => Ok((Operation::Edit, "update")),
        "delete" => Ok((Operation::Delete, "delete")),
        _ => Err(Error::configuration(format!(
            "Confluence does not check `{}`: ask about `view`, `edit` or `delete`",
            word.escape_debug()
        ))),
    }
}

fn content_id(text: &str) -> Result<&str> {
    let id = text.trim();
    if id.is_empty() || id.chars().any(char::is_control) {
        return Err(Error::configuration(format!("`{}` is no id of a content", text.escape_debug())));
    }
    Ok(id)
}

fn result(check: Check, content: &str, subject: Subject, operation: Operation) -> CheckResult {
    CheckResult {
        decision: if check.allowed { Decision::Allowed } else { Decision::Denied },
        reasons: check.reasons,
        messages: check.messages,
        content_id: content.to_owned(),
        subject,
        operation,
    }
}

/// Says whom one may ask about, where the server only says no.
fn explained(mut error: Error) -> Error {
    if error.kind() == ErrorKind::Forbidden {
        error.append("; only a Confluence administrator may check others than oneself: use an administrator's token");
    }
    error
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
    /// [`ErrorKind::Forbidden`] where the caller may not ask about others, [`ErrorKind::NotFound`] for a content it
    /// cannot see or a group that is not there, [`ErrorKind::Configuration`] for what Confluence does not check. A
    /// denial is an answer.
    pub async fn check(&self, content: &str, subject_text: &str, operation_word: &str) -> Result<CheckResult> {
        let (operation, word) = operation(operation_word)?;
        let content = content_id(content)?;
        let mut subject = subject(subject_text)?;
        let progress = Progress::new();
        if let Some(reader) = self.data_center(&progress).await? {
            return reader.check(content, &subject, operation).await;
        }
        let reader = self.reader(&progress);
        subject = match subject.kind {
            SubjectKind::Group => reader.principal(&subject.to_string(), true).await?.subject,
            // The server is asked about any id: whether it knows the account is part of the answer.
            SubjectKind::User if !is_id(&subject.id) || !subject_text.contains(':') => {
                reader.account(&subject.id, true).await?.subject
            }
            _ => subject,
        };
        let Some(request) = v1::permission_check(content, &subject, word) else {
            return Err(Error::configuration(format!(
                "Confluence does not check `{subject}`: ask about `user:<id>`, `group:<id or name>` or `anonymous`"
            )));
        };
        let check = reader.asked(&request).await.map_err(explained)?;
        Ok(result(check, content, subject, operation))
    }

    /// The same for many questions (content, subject by id, operation), in their order, some at a time.
    ///
    /// # Errors
    /// Where nothing answers. What a single question comes to is in its place.
    pub async fn checks(&self, questions: &[(String, Subject, Operation)]) -> Result<Vec<Result<CheckResult>>> {
        let progress = Progress::new();
        if let Some(reader) = self.data_center(&progress).await? {
            return Ok(reader.checks(questions).await);
        }
        let reader = self.reader(&progress);
        let asked = questions.iter().enumerate().map(|(at, (content, subject, operation))| {
            let reader = &reader;
            async move {
                let word = self::operation(operation.as_str());
                let request = word.and_then(|(_, word)| {
                    v1::permission_check(content, subject, word)
                        .ok_or_else(|| Error::configuration(format!("Confluence does not check `{subject}`")))
                });
                let answer = match request {
                    Ok(request) => reader.asked(&request).await.map_err(explained),
                    Err(error) => Err(error),
                };
                (at, answer.map(|check| result(check, content, subject.clone(), *operation)))
            }
        });
        let mut answers = reader.session.all(asked).await;
        answers.sort_by_key(|(at, _)| *at);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }
}
