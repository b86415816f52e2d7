//! Restriction lists of contents, singly and in bulk.

use super::site::Site;
use crate::apis::Context;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::bulk::{BulkRow, LIMIT, Search, page_of};
use crate::fetch::lists::{Questions, Restricted};
use crate::fetch::session::Session;
use crate::fetch::transport::RetryBudget;
use crate::fetch::{Result, lists};

/// How an installation is asked for the restrictions of one content.
const LISTS: Questions = Questions {
    both: requests::restriction_by_operations,
    read_both: lift::restriction_by_operations,
    one: requests::restriction_by_operation,
    read_one: lift::restriction_by_operation,
};

impl Site<'_> {
    /// Both restriction lists of one content, to the last subject; usernames as keys.
    ///
    /// # Errors
    /// Where the lists cannot be read at all. A list that breaks off leaves a gap.
    pub(in crate::fetch) async fn restriction(&self, id: &str, budget: RetryBudget) -> Result<Restricted> {
        let mut found = lists::read(self.session.transport, &LISTS, id, budget).await?;
        self.remember(&found.users);
        let gaps = self.name_restrictions(&mut found.rows).await;
        found.gaps.extend(gaps);
        Ok(found)
    }

    /// The restrictions of these contents, one request each; a gap for each that could not be read.
    pub(in crate::fetch) async fn restrictions_singly(&self, ids: Vec<String>) -> Restricted {
        let Session { transport, progress, width } = self.session;
        let found = lists::read_all(transport, &LISTS, ids, width, progress).await;
        // A rule may keep the name of a group in lower case: only the list of groups has it as it is.
        Restricted { groups: Vec::new(), ..found }
    }

    /// Gives the accounts on lists that were found their keys and names.
    pub(in crate::fetch) async fn name_accounts(&self, found: &mut Restricted) {
        self.remember(&found.users);
        let mut gaps = self.name_restrictions(&mut found.rows).await;
        gaps.extend(self.name_restrictions(&mut found.partial).await);
        found.gaps.append(&mut gaps);
    }
}

impl Site<'_> {
    /// Restrictions of these contents, as far as searches bring them.
    ///
    /// # Errors
    /// Where nobody answers, or the credentials are not accepted.
    pub(in crate::fetch) async fn restrictions_by_search(&self, ids: &[String]) -> Result<Restricted> {
        let context = Context { base: Some(self.session.transport.target.site.clone()), ..Context::default() };
        let search = Search {
            transport: self.session.transport,
            request: |ids| requests::search_by_id(ids, LIMIT),
            read: &|body| {
                let page = lift::search(body, &context)?;
                Ok(page_of(page, |found| BulkRow { id: found.content.id, restrictions: found.restrictions }))
            },
        };
        search.run(ids).await
    }
}
