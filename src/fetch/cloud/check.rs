//! The permission check of a site.

use super::site::Site;
use crate::apis::Request;
use crate::apis::cloud_v1::lift::{self as v1_lift, Check};
use crate::apis::cloud_v1::requests as v1;
use crate::fetch::change::principals::is_id;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{CheckResult, Decision, Operation, Subject, SubjectKind};

/// The server's word for what it checks.
fn word(operation: Operation) -> Result<&'static str> {
    match operation {
        Operation::View => Ok("read"),
        Operation::Edit => Ok("update"),
        Operation::Delete => Ok("delete"),
        _ => Err(Error::configuration(format!(
            "Confluence does not check `{operation}`: ask about `view`, `edit` or `delete`"
        ))),
    }
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

impl Site<'_> {
    /// Whether `subject` may do `operation` to a content. `by_id`: the subject was written with its kind, so an account
    /// that looks like an id is one.
    pub(in crate::fetch) async fn check(
        &self,
        content: &str,
        subject: Subject,
        by_id: bool,
        operation: Operation,
    ) -> Result<CheckResult> {
        let subject = match subject.kind {
            SubjectKind::Group => Subject::group(self.group_named(&subject.id).await?.id),
            // The server is asked about any id: whether it knows the account is part of the answer.
            SubjectKind::User if !is_id(&subject.id) || !by_id => self.account(&subject.id, true).await?.subject,
            _ => subject,
        };
        let Some(request) = v1::permission_check(content, &subject, word(operation)?) else {
            return Err(Error::configuration(format!(
                "Confluence does not check `{subject}`: ask about `user:<id>`, `group:<id or name>` or `anonymous`"
            )));
        };
        let check = self.asked(&request).await.map_err(explained)?;
        Ok(result(check, content, subject, operation))
    }

    /// The same for many questions, subjects by id, in their order.
    pub(in crate::fetch) async fn checks(
        &self,
        questions: &[(String, Subject, Operation)],
    ) -> Vec<Result<CheckResult>> {
        let asked = questions.iter().enumerate().map(|(at, (content, subject, operation))| async move {
            let request = word(*operation).and_then(|word| {
                v1::permission_check(content, subject, word)
                    .ok_or_else(|| Error::configuration(format!("Confluence does not check `{subject}`")))
            });
            let answer = match request {
                Ok(request) => self.asked(&request).await.map_err(explained),
                Err(error) => Err(error),
            };
            (at, answer.map(|check| result(check, content, subject.clone(), *operation)))
        });
        let mut answers = self.session.all(asked).await;
        answers.sort_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn asked(&self, request: &Request) -> Result<Check> {
        self.session.ask_one(request, self.session.full(), v1_lift::permission_check).await
    }
}
