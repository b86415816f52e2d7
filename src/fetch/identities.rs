//! The accounts of an organization: when each was last active, and its names elsewhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use futures::stream::{self, StreamExt as _};

use super::Result;
use super::lists::{budget, note};
use super::locked::Locked as _;
use super::organization::Organization;
use super::pages::{ask, gap_of, gap_of_site};
use super::plan::Breaker;
use super::transport::Transport;
use crate::apis::org_admin::lift::{self, AccountRecord};
use crate::apis::org_admin::{requests, routes};
use crate::model::{
    Deployment, DirectoryLink, Gap, GapCause, GapScope, Identity, LastActive, Listing, SiteFact, Timestamp, User,
};

/// When accounts last used Confluence on a site.
pub(super) struct LastUsed {
    /// By the id of the account.
    dates: HashMap<String, Timestamp>,
    gaps: Vec<Gap>,
}

impl LastUsed {
    /// Writes the dates into `users`, and what could not be read into `gaps`.
    pub(super) fn write(self, users: &mut [User], gaps: &mut Vec<Gap>) {
        for user in users {
            user.last_active_at = self.dates.get(&user.id).copied();
        }
        gaps.extend(self.gaps);
    }
}

impl Organization {
    /// When each account last used which product.
    ///
    /// # Errors
    /// Where the listing of accounts cannot be begun. What fails later is a gap.
    pub(super) async fn last_active(&self) -> Result<Listing<LastActive>> {
        let Listing { rows: accounts, mut gaps } = self.accounts().await?;
        gaps.extend(silent(&accounts));
        let source = routes::USERS.origin();
        let mut rows = Vec::new();
        for account in accounts {
            let Some(products) = account.products else { continue };
            let empty = LastActive {
                user_id: account.id,
                user_name: account.name,
                email: account.email,
                product: None,
                product_id: None,
                last_active_at: None,
                source: source.clone(),
            };
            let used = products.into_iter().map(|used| LastActive {
                product: Some(used.product),
                product_id: used.id,
                last_active_at: used.at,
                ..empty.clone()
            });
            let before = rows.len();
            rows.extend(used);
            if rows.len() == before {
                rows.push(empty);
            }
        }
        Ok(Listing { rows, gaps })
    }

    /// When accounts last used Confluence on the site of `site`. What cannot be read is a gap.
    pub(super) async fn last_used(&self, site: &Transport) -> LastUsed {
        let lost = |error| LastUsed { dates: HashMap::new(), gaps: vec![gap_of_site(&error, SiteFact::Organization)] };
        match futures::try_join!(self.accounts(), Self::site_id(site)) {
            Ok((listing, site_id)) => {
                let mut gaps = listing.gaps;
                gaps.extend(silent(&listing.rows));
                LastUsed { dates: last_used(&listing.rows, &site_id), gaps }
            }
            Err(error) => lost(error),
        }
    }

    /// The names of each account. `named`: names of directories by their id. `external_ids`: those of directories too, one
    /// request for each account that one may provision.
    ///
    /// # Errors
    /// Where the listing of accounts cannot be begun. What fails later is a gap.
    pub(super) async fn identities(
        &self,
        named: &BTreeMap<String, String>,
        external_ids: bool,
    ) -> Result<Listing<Identity>> {
        let Listing { rows: accounts, mut gaps } = self.accounts().await?;
        let mut directories = BTreeMap::new();
        if external_ids {
            match self.directories(named).await {
                Ok(listing) => {
                    gaps.extend(listing.gaps);
                    let name = |id: &str| id.to_ascii_lowercase();
                    directories.extend(listing.rows.into_iter().filter_map(|row| Some((name(&row.id), row.name?))));
                }
                Err(error) => gaps.push(gap_of_site(&error, SiteFact::Organization)),
            }
            directories.extend(named.iter().map(|(id, name)| (id.to_ascii_lowercase(), name.clone())));
        }
        let breaker = Mutex::new(Breaker::default());
        let asked = accounts.into_iter().map(|account| {
            let breaker = &breaker;
            async move {
                let wanted = external_ids && may_be_provisioned(&account);
                let links = if wanted { Some(self.links_of(&account.id, breaker).await) } else { None };
                (account, links)
            }
        });
        let asked: Vec<_> =
            stream::iter(asked.collect::<Vec<_>>()).buffered(self.transport.width().max(1)).collect().await;
        let mut rows = Vec::with_capacity(asked.len());
        for (account, links) in asked {
            let (links, read) = match links {
                None => (Vec::new(), None),
                Some(Ok(listing)) => {
                    gaps.extend(listing.gaps);
                    (listing.rows, Some(true))
                }
                Some(Err(gap)) => {
                    gaps.push(*gap);
                    (Vec::new(), Some(false))
                }
            };
            let identity = identity(&account, &links, read);
            if links.is_empty() {
                rows.push(identity.clone());
            }
            rows.extend(links.into_iter().map(|link| Identity {
                external_id: Some(link.scim_user_id),
                directory_name: directories.get(&link.directory_id.to_ascii_lowercase()).cloned(),
                directory_id: Some(link.directory_id),
                ..identity.clone()
            }));
        }
        Ok(Listing { rows, gaps })
    }

    async fn accounts(&self) -> Result<Listing<AccountRecord>> {
        let request = requests::accounts(self.id().await?, requests::LIMIT);
        let walked = self.walk(request, lift::accounts, |account: &AccountRecord| account.id.clone()).await?;
        Ok(Listing { rows: walked.rows, gaps: walked.gaps })
    }

    /// The entries of directories behind one account among many.
    async fn links_of(
        &self,
        account: &str,
        breaker: &Mutex<Breaker>,
    ) -> std::result::Result<Listing<DirectoryLink>, Box<Gap>> {
        let about = || (GapScope::User, account);
        let id = self.id().await.map_err(|error| Box::new(gap_of(&error, GapScope::User, account)))?;
        let request = requests::scim_links(id, account);
        if breaker.locked().open() {
            let message = format!("{}: not asked, because many requests before it failed", request.line());
            return Err(Box::new(Gap::new(about(), GapCause::NoAnswer, message).at(request.line())));
        }
        let read = |body: &[u8]| lift::scim_links(body, account);
        let answer = ask(&self.transport, &request, budget(&self.transport, breaker), &read).await;
        note(breaker, answer.as_ref().err());
        match answer {
            Ok(page) => Ok(Listing { rows: page.rows, gaps: page.gaps }),
            Err(error) => Err(Box::new(gap_of(&error, GapScope::User, account))),
        }
    }
}

/// The identities of accounts as Confluence describes them.
pub(super) fn of_confluence(users: Vec<User>, deployment: Deployment) -> Vec<Identity> {
    let row = |user: User| {
        let evidence = match (deployment, &user.email) {
            (Deployment::DataCenter, _) => "Confluence: username",
            (Deployment::Cloud, Some(_)) => "Confluence: profile",
            (Deployment::Cloud, None) => "Confluence: profile, e-mail address hidden",
        };
        Identity {
            user_id: user.id,
            user_name: user.name.filter(|_| deployment == Deployment::DataCenter),
            display_name: user.display_name,
            email: user.email,
            email_verified: None,
            managed: None,
            external_id: None,
            directory_id: None,
            directory_name: None,
            evidence: evidence.to_owned(),
            source: user.source,
        }
    };
    users.into_iter().map(row).collect()
}

/// Whether a directory may provision the account: the organization says so, or does not say.
fn may_be_provisioned(account: &AccountRecord) -> bool {
    let is = |said: &Option<String>, word: &str| said.as_deref().is_some_and(|said| said.eq_ignore_ascii_case(word));
    !is(&account.management_source, "invited") && !is(&account.claim_status, "unmanaged")
}

/// The names of an account without those of directories. `read`: whether those could be read; `None`: not asked.
fn identity(account: &AccountRecord, links: &[DirectoryLink], read: Option<bool>) -> Identity {
    let said = |name: &str, value: &Option<String>| format!("{name}={}", value.as_deref().unwrap_or("null"));
    let links = match (read, links) {
        (None, _) => "",
        (Some(false), _) => "; scim link unknown",
        (Some(true), []) => "; no scim link",
        (Some(true), [_]) => "; scim link",
        (Some(true), _) => "; several scim links",
    };
    let evidence = format!(
        "organization: {}, {}{links}",
        said("claimStatus", &account.claim_status),
        said("managementSource", &account.management_source)
    );
    Identity {
        user_id: account.id.clone(),
        user_name: None,
        display_name: account.name.clone(),
        email: account.email.clone(),
        email_verified: account.email_verified,
        managed: match account.claim_status.as_deref() {
            Some("managed") => Some(true),
            Some("unmanaged") => Some(false),
            _ => None,
        },
        external_id: None,
        directory_id: None,
        directory_name: None,
        evidence,
        source: routes::USERS.origin(),
    }
}

/// The gap of accounts without a word about their products.
fn silent(accounts: &[AccountRecord]) -> Option<Gap> {
    let silent = accounts.iter().filter(|account| account.products.is_none()).count();
    (silent > 0).then(|| {
        let message = format!(
            "when {silent} of {} accounts were last active is unknown: the organization does not say which products they used",
            accounts.len()
        );
        Gap::new(SiteFact::Organization.about(), GapCause::NotTrusted, message).at(routes::USERS.to_string())
    })
}

/// When each account last used Confluence: on the site `site_id` if the organization names it anywhere, else on any site,
/// because then its ids are not those of sites.
fn last_used(accounts: &[AccountRecord], site_id: &str) -> HashMap<String, Timestamp> {
    let uses = || {
        accounts.iter().flat_map(|account| {
            let products = account.products.iter().flatten();
            products.filter(|used| used.product.eq_ignore_ascii_case("confluence")).map(|used| (&account.id, used))
        })
    };
    let here = |id: &Option<String>| id.as_deref().is_some_and(|id| id.contains(site_id));
    let told_apart = uses().any(|(_, used)| here(&used.id));
    let mut dates: HashMap<String, Timestamp> = HashMap::new();
    for (account, used) in uses().filter(|(_, used)| !told_apart || here(&used.id)) {
        if let Some(at) = used.at {
            let known = dates.entry(account.clone()).or_insert(at);
            *known = (*known).max(at);
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::org_admin::lift::ProductUse;

    fn account(id: &str, uses: &[(&str, &str, &str)]) -> AccountRecord {
        let used = |(product, site, at): &(&str, &str, &str)| ProductUse {
            product: (*product).to_owned(),
            id: Some((*site).to_owned()),
            at: at.parse().ok(),
        };
        AccountRecord {
            id: id.to_owned(),
            name: None,
            email: None,
            email_verified: None,
            claim_status: None,
            management_source: None,
            products: Some(uses.iter().map(used).collect()),
        }
    }

    #[test]
    fn only_confluence_on_this_site_counts_where_the_ids_tell_sites_apart() {
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        let accounts = [
            account("a", &[("confluence", "ari:cloud:confluence::site/1", early), ("confluence", "2", late)]),
            account("b", &[("confluence", "2", late), ("jira-software", "1", late)]),
        ];
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(last_used(&accounts, "1"), HashMap::from([("a".to_owned(), at(early))]));
        let anywhere = HashMap::from([("a".to_owned(), at(late)), ("b".to_owned(), at(late))]);
        assert_eq!(last_used(&accounts, "3"), anywhere);
    }

    #[test]
    fn an_account_that_no_directory_can_provision_is_not_asked_about() {
        let with = |source: Option<&str>, claim: Option<&str>| AccountRecord {
            management_source: source.map(str::to_owned),
            claim_status: claim.map(str::to_owned),
            ..account("a", &[])
        };
        assert!(may_be_provisioned(&with(Some("synced"), Some("managed"))));
        assert!(may_be_provisioned(&with(None, None)));
        assert!(!may_be_provisioned(&with(Some("invited"), Some("managed"))));
        assert!(!may_be_provisioned(&with(None, Some("unmanaged"))));
    }
}
