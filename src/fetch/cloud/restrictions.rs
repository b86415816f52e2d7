//! Restriction lists of contents, singly and in bulk.

use std::collections::{BTreeSet, HashMap};

use super::site::Site;
use crate::apis::Context;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::requests as v2;
use crate::fetch::bulk::{BulkRow, LIMIT, Search, page_of};
use crate::fetch::lists::{Questions, Restricted};
use crate::fetch::transport::RetryBudget;
use crate::fetch::{Result, lists};
use crate::model::{Subject, SubjectKind};

/// How v1 is asked for the restrictions of one content.
const LISTS: Questions = Questions {
    both: v1::content_restriction,
    read_both: v1_lift::content_restriction,
    one: v1::restriction_by_operation,
    read_one: v1_lift::restriction_by_operation,
};

impl Site<'_> {
    /// Both restriction lists of one content, to the last subject.
    ///
    /// # Errors
    /// Where the lists cannot be read at all. A list that breaks off leaves a gap.
    pub(in crate::fetch) async fn restriction(&self, id: &str, budget: RetryBudget) -> Result<Restricted> {
        lists::read(self.session.transport, &LISTS, id, budget).await
    }

    /// The restrictions of these contents, one request each; a gap for each that could not be read.
    pub(in crate::fetch) async fn restrictions_singly(&self, ids: Vec<String>) -> Restricted {
        lists::read_all(self.session.transport, &LISTS, ids, self.session.width, self.session.progress).await
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
            request: |ids| v1::content_search(&v1::cql_ids(ids), &["space"], LIMIT),
            read: &|body| {
                let page = v1_lift::content_search(body, &context)?;
                Ok(page_of(page, |found| BulkRow { id: found.content.id, restrictions: found.restrictions }))
            },
        };
        search.run(ids).await
    }

    /// Names of accounts and groups: at most two requests for accounts, and one for groups. A name that does not come
    /// with these is not looked for.
    pub(in crate::fetch) async fn names_of<'s>(
        &self,
        subjects: impl Iterator<Item = &'s Subject>,
    ) -> HashMap<Subject, String> {
        let (mut users, mut groups) = (BTreeSet::new(), false);
        for subject in subjects.filter(|subject| Subject::is_given(&subject.id)) {
            match subject.kind {
                SubjectKind::User => drop(users.insert(subject.id.clone())),
                SubjectKind::Group => groups = true,
                _ => {}
            }
        }
        let users: Vec<String> = users.into_iter().take(2 * v2::MAX_USERS).collect();
        let mut names = HashMap::new();
        let listed = async {
            if groups {
                let request = v1::groups(v1::MAX_LIMIT);
                self.session.ask(&request, self.session.brief(), &v1_lift::groups).await.ok()
            } else {
                None
            }
        };
        let accounts = async { if users.is_empty() { Vec::new() } else { self.accounts(&users).await.0.rows } };
        let (accounts, listed) = futures::join!(accounts, listed);
        for user in accounts {
            if let Some(name) = user.display_name.or(user.name) {
                names.insert(Subject::user(user.id), name);
            }
        }
        for group in listed.map(|page| page.rows).unwrap_or_default() {
            if let Some(name) = group.name {
                names.insert(Subject::group(group.id), name);
            }
        }
        names
    }
}
