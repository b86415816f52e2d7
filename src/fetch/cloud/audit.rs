//! The audit log of a site.

use super::site::Site;
use crate::apis::Request;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::fetch::audit::{AuditRange, by_offset};
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{AuditRecord, Listing, Timestamp};

impl Site<'_> {
    /// The records of a range, each once. The end of the range is fixed before the first page, so that records written
    /// meanwhile do not count.
    ///
    /// # Errors
    /// Where the first page cannot be read. What fails later is a gap beside the records read until then.
    pub(in crate::fetch) async fn audit(&self, range: &AuditRange) -> Result<Listing<AuditRecord>> {
        let until = range.until.unwrap_or_else(|| Timestamp::now().as_millisecond());
        let request = |start: u64| v1::audit(range.since, Some(until), range.text(), start, v1::AUDIT_LIMIT);
        by_offset(self.session.transport, request, &v1_lift::audit).await.map_err(|error| match error.status() {
            // The route is there on every site of a paid plan.
            Some(403 | 404 | 405 | 410 | 501) => self.refused(&request(0), error),
            _ => error,
        })
    }

    /// What a refusal of the audit log means, and what to do.
    fn refused(&self, request: &Request, refused: Error) -> Error {
        let status = refused.status();
        let text = "the audit log is open to Confluence administrators only, and the Free plan has none: use the token of \
                    an administrator (a token with scopes needs `read:audit-log:confluence`), or a plan with an audit log";
        let mut error = self.session.transport.error(
            if status == Some(403) { ErrorKind::Forbidden } else { refused.kind() },
            request,
            format!("{text} (the server answered {})", status.unwrap_or_default()),
        );
        let parts = error.parts_mut();
        parts.status = status;
        parts.attempts = refused.attempts();
        parts.request_id = refused.request_id().map(str::to_owned);
        error
    }
}
