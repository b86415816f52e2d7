//! Restriction lists of contents, and the accounts on them.

use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::bulk::LIMIT;
use crate::fetch::lists::{Questions, Restricted};

/// How an installation is asked for restrictions.
pub(in crate::fetch) const LISTS: Questions = Questions {
    both: requests::restriction_by_operations,
    read_both: lift::restriction_by_operations,
    one: requests::restriction_by_operation,
    read_one: lift::restriction_by_operation,
    search: |cql| requests::content_search(cql, LIMIT),
    read_search: lift::search,
};

impl Site<'_> {
    /// Gives the accounts on lists that were found their keys and names.
    pub(in crate::fetch) async fn name_accounts(&self, found: &mut Restricted) {
        self.remember(&found.users);
        let mut gaps = self.name_restrictions(&mut found.rows).await;
        gaps.extend(self.name_restrictions(&mut found.partial).await);
        found.gaps.append(&mut gaps);
    }
}
