//! The permission check of a site.

use super::people::WORDS;
use super::site::Site;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::fetch::lookup::unchecked;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{CheckResult, Decision, Operation, Subject};

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

/// Adds the remedy to a refusal: the server does not name it.
fn explained(mut error: Error) -> Error {
    if error.kind() == ErrorKind::Forbidden {
        error.append("; only a Confluence administrator may check other accounts: use an administrator's token");
    }
    error
}

impl Site<'_> {
    /// Whether `subject`, an account or a group by its id, may do `operation` to a content.
    pub(in crate::fetch) async fn check(
        &self,
        content: &str,
        subject: &Subject,
        operation: Operation,
    ) -> Result<CheckResult> {
        let Some(request) = v1::permission_check(content, subject, word(operation)?) else {
            return Err(unchecked(subject, &WORDS));
        };
        let check = self.session.ask_one(&request, self.session.full(), v1_lift::permission_check).await;
        let check = check.map_err(explained)?;
        Ok(CheckResult {
            decision: if check.allowed { Decision::Allowed } else { Decision::Denied },
            reasons: check.reasons,
            messages: check.messages,
            content_id: content.to_owned(),
            subject: subject.clone(),
            operation,
        })
    }

    /// The same for many questions, in their order.
    pub(in crate::fetch) async fn checks(
        &self,
        questions: &[(String, Subject, Operation)],
    ) -> Vec<Result<CheckResult>> {
        let asked = questions.iter().map(|(content, subject, operation)| self.check(content, subject, *operation));
        self.session.in_order(asked).await
    }
}
