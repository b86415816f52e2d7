//! Accounts, the own one among them.

use std::collections::HashSet;

use super::site::Site;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::identities::LastUsed;
use crate::fetch::lookup::{AccountText, Fit, Sought, Words, is_id};
use crate::fetch::pages::gap_of;
use crate::fetch::progress::Step;
use crate::fetch::{Error, ErrorKind, Result, halves};
use crate::model::{Content, Gap, GapCause, GapScope, Listing, SiteFact, Subject, User};

/// How accounts and groups are named here.
pub(in crate::fetch) const WORDS: Words = Words {
    account: "id, name or e-mail address",
    handle: "id",
    no_name: "check the name, or give the account id; closed accounts are all named `Former user`",
    no_address: "most accounts hide their address: search for the name, or give the account id",
    group: "id or name",
    subjects: "`user:<id>`, `group:<id or name>`",
};

impl Site<'_> {
    /// The account of the credentials.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`] where the site answers as if nobody had logged in: it would show what anonymous sees.
    pub(in crate::fetch) async fn current_user(&self) -> Result<v1_lift::Caller> {
        self.identity.caller(self.session.transport).await
    }

    /// Accounts by id, the ids the site does not know, and the first error.
    pub(super) async fn accounts(&self, ids: &[String]) -> (Listing<User>, Vec<String>, Option<Error>) {
        let parts = self
            .session
            .all(ids.chunks(v2::MAX_USERS).map(|chunk| {
                halves::ask(chunk, halves::one_of_them, |part: Vec<String>| async move {
                    let read = |body: &[u8]| v2_lift::users_bulk(body);
                    self.session.ask(&v2::users_bulk(&part), self.session.full(), &read).await
                })
            }))
            .await;
        let parts: Vec<(Listing<User>, Vec<String>, Option<Error>)> = parts
            .into_iter()
            .flatten()
            .map(|(chunk, answer)| {
                self.session.progress.add(Step::Users, chunk.len());
                match answer {
                    Ok(page) => {
                        let known: HashSet<&str> = page.rows.iter().map(|u| u.id.as_str()).collect();
                        let mut missing: Vec<String> =
                            chunk.iter().filter(|id| !known.contains(id.as_str())).cloned().collect();
                        let mut gaps = Vec::new();
                        // An account that came unreadable is not one that is unknown: of those that did not come, it
                        // may be each.
                        if let Some(broken) = page.gaps.into_iter().next() {
                            missing.retain(|id| crate::apis::can_be_looked_up(id));
                            gaps = missing.drain(..).map(|id| Gap { subject: id, ..broken.clone() }).collect();
                        }
                        (Listing { rows: page.rows, gaps }, missing, None)
                    }
                    Err(error) => {
                        let gaps = chunk.iter().map(|id| gap_of(&error, GapScope::User, id)).collect();
                        (Listing { rows: Vec::new(), gaps }, Vec::new(), Some(error))
                    }
                }
            })
            .collect();
        let mut all = Listing::default();
        let mut unknown = Vec::new();
        let mut failed = None;
        for (part, absent, error) in parts {
            all.rows.extend(part.rows);
            all.gaps.extend(part.gaps);
            unknown.extend(absent);
            failed = failed.or(error);
        }
        (all, unknown, failed)
    }

    /// The accounts with these ids; unknown ids are left out.
    ///
    /// # Errors
    /// Where none of them can be looked up.
    pub(in crate::fetch) async fn users(&self, ids: &[String]) -> Result<Listing<User>> {
        match self.accounts(ids).await {
            (users, _, Some(error)) if users.rows.is_empty() => Err(error),
            (users, ..) => Ok(users),
        }
    }

    /// The account with this id; nothing where the text cannot be one.
    ///
    /// # Errors
    /// Where the site cannot be asked, or its answer cannot be read.
    pub(in crate::fetch) async fn account_with_id(&self, text: &AccountText<'_>) -> Result<Option<User>> {
        let id = text.as_str();
        if !is_id(id) {
            return Ok(None);
        }
        let (found, _, failed) = self.accounts(&[id.to_owned()]).await;
        if let Some(user) = found.rows.into_iter().find(|user| user.id == id) {
            return Ok(Some(user));
        }
        let unreadable =
            |gap: Gap| self.session.transport.error(ErrorKind::Unreadable, &v2::users_bulk(&[id]), gap.message);
        failed.or_else(|| found.gaps.into_iter().next().map(unreadable)).map_or(Ok(None), Err)
    }

    /// Accounts whose name contains these words.
    pub(in crate::fetch) async fn accounts_called(&self, name: &str) -> Result<Sought<User>> {
        let request = v1::search_user(name, v1::MAX_LIMIT);
        if name.is_empty() {
            return Ok(Sought { listed: Listing::default(), request });
        }
        let about = SiteFact::Accounts.about();
        let walked = self.session.walk(request.clone(), v1_lift::search_user, |u: &User| u.id.clone(), about).await?;
        Ok(Sought { listed: Listing { rows: walked.rows, gaps: walked.gaps }, request })
    }

    /// Accounts with an address that no search for the name before its `@` brought: it may be another name, and a search
    /// may leave addresses out. `listed`: what that search brought; every account, where they had to be listed.
    pub(in crate::fetch) async fn accounts_with_address(
        &self,
        text: &AccountText<'_>,
        listed: &mut Listing<User>,
    ) -> Vec<User> {
        let found = text.fitting(&self.with_addresses(&listed.rows).await, Fit::Whole);
        if !found.is_empty() {
            return found;
        }
        *listed = self.everybody().await;
        let found = text.fitting(&listed.rows, Fit::Whole);
        if !found.is_empty() {
            return found;
        }
        text.fitting(&self.with_addresses(&listed.rows).await, Fit::Whole)
    }

    /// Those of these accounts that came without an address: some answers leave it out, others have it.
    async fn with_addresses(&self, users: &[User]) -> Vec<User> {
        let ids: Vec<String> = users.iter().filter(|user| user.email.is_none()).map(|user| user.id.clone()).collect();
        self.accounts(&ids).await.0.rows
    }

    /// Every account the site finds, for rules that speak about all of them.
    pub(in crate::fetch) async fn everybody(&self) -> Listing<User> {
        // The search ends there without a word.
        // Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-search/
        const MOST: usize = 10_000;
        let request = v1::search_user_cql("type=user", v1::MAX_LIMIT);
        let route = request.line();
        let about = SiteFact::Accounts.about();
        let walked = self.session.walk(request, v1_lift::search_user, |u: &User| u.id.clone(), about.clone()).await;
        let mut found = self.session.listing_or_gap(walked, about);
        if found.rows.len() >= MOST {
            let message = format!("{route}: the server lists no more than {MOST} accounts; there may be more");
            found.gaps.push(Gap::new(SiteFact::Accounts.about(), GapCause::Truncated, message).at(route));
        }
        found
    }

    /// When accounts last used this site; `None` without a key of the organization.
    pub(in crate::fetch) async fn last_used(&self) -> Option<LastUsed> {
        Some(self.organization?.last_used(self.session.transport).await)
    }

    /// Whether anonymous may view `content`, where only a setting of the site can forbid it.
    pub(in crate::fetch) async fn anonymous_may_view(&self, content: &Content) -> Result<Option<bool>> {
        let unsure = |error: Error| async move {
            // Only administrators may ask that. A space that is shown without credentials proves it too. No space proves
            // nothing: some hosts refuse every request without credentials.
            let request = v2::spaces(&[] as &[&str], 1);
            match self.session.strangers_see(&request, &v2_lift::spaces).await {
                Ok(true) => Ok(Some(true)),
                Ok(false) | Err(_) => Err(error),
            }
        };
        let Some(request) = v1::permission_check(&content.id, &Subject::anonymous(), "read") else { return Ok(None) };
        match self.session.ask_one(&request, self.session.brief(), v1_lift::permission_check).await {
            Ok(check) if check.allowed => Ok(Some(true)),
            Ok(check) if check.reasons.iter().any(|reason| reason == "site.anonymous_disabled") => Ok(Some(false)),
            Ok(check) => {
                let said = self.session.transport.quote(&check.messages.join("; "));
                let text = format!(
                    "anonymous may not view content `{}` and the reason does not say whether the site forbids it: {said}",
                    content.id
                );
                unsure(self.session.transport.error(ErrorKind::Unreadable, &request, text)).await
            }
            Err(error) => unsure(error).await,
        }
    }
}
