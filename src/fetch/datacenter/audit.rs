//! The audit log.

use super::Reader;
use crate::fetch::audit::AuditRange;
use crate::fetch::{Error, Result};
use crate::model::{AuditRecord, Listing};

impl Reader<'_> {
    /// The records of the audit log in a range.
    ///
    /// # Errors
    /// Not read yet.
    pub(in crate::fetch) async fn audit(&self, _range: &AuditRange) -> Result<Listing<AuditRecord>> {
        Err(Error::configuration("the audit log of Data Center is not read yet"))
    }
}
