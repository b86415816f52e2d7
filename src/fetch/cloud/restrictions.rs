//! Restriction lists of contents, and the names on them.

use std::collections::{BTreeSet, HashMap};

use super::site::Site;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::requests as v2;
use crate::fetch::bulk::LIMIT;
use crate::fetch::lists::Questions;
use crate::model::{Subject, SubjectKind};

/// How v1 is asked for restrictions.
pub(in crate::fetch) const LISTS: Questions = Questions {
    both: v1::content_restriction,
    read_both: v1_lift::content_restriction,
    one: v1::restriction_by_operation,
    read_one: v1_lift::restriction_by_operation,
    search: |cql| v1::content_search(cql, &["space"], LIMIT),
    read_search: v1_lift::content_search,
};

impl Site<'_> {
    /// Names of accounts and groups: at most two requests for accounts, and one for groups. A name that does not come
    /// with these is not looked for.
    pub(in crate::fetch) async fn names_of<'s>(
        &self,
        subjects: impl Iterator<Item = &'s Subject>,
    ) -> HashMap<Subject, String> {
        let (mut users, mut groups) = (BTreeSet::new(), false);
        for subject in subjects {
            let Some(id) = subject.given_id() else { continue };
            match subject.kind {
                SubjectKind::User => drop(users.insert(id.to_owned())),
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
