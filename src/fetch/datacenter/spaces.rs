//! Spaces, and the owners of personal ones.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::Ordering;

use super::connect::UserRef;
use super::contents::{take, walked};
use super::people::Found;
use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::apis::{Request, fitting};
use crate::fetch::answers::Listed;
use crate::fetch::lookup::has_key;
use crate::fetch::pages::{Walked, gap_of_site};
use crate::fetch::{Result, halves};
use crate::model::{Content, Listing, SiteFact, Space, User};

/// More owners than these are looked for in the list of all accounts.
const OWNERS: usize = 5;

impl Site<'_> {
    async fn listed_spaces(&self, status: &str, keys: &[String]) -> Result<Walked<Space>> {
        self.session
            .walk(
                requests::spaces(status, keys, requests::SPACE_LIMIT),
                |body| lift::spaces(body, status),
                |space: &Space| space.key.clone(),
                SiteFact::Spaces.about(),
            )
            .await
    }

    /// All spaces, current and archived.
    pub(in crate::fetch) async fn every_space(&self) -> Result<Listing<Space>> {
        let (current, archived) =
            futures::join!(self.listed_spaces("current", &[]), self.listed_spaces("archived", &[]));
        let current = current?;
        let mut listing = Listing { rows: current.rows, gaps: current.gaps };
        match archived {
            Ok(walked) => {
                listing.gaps.extend(walked.gaps);
                add_archived(&mut listing.rows, walked.rows);
            }
            Err(error) => listing.gaps.push(gap_of_site(&error, SiteFact::Spaces)),
        }
        listing.gaps.dedup();
        Ok(listing)
    }

    /// How all spaces are asked for.
    pub(in crate::fetch) fn spaces_request(&self) -> Request {
        requests::spaces("current", &[] as &[&str], requests::SPACE_LIMIT)
    }

    /// Spaces with these keys, and others where the server does not know the filter.
    pub(in crate::fetch) async fn spaces_with_keys(&self, keys: &[String]) -> Result<Listing<Space>> {
        let mut rows: Vec<Space> = Vec::new();
        let missing = |rows: &[Space]| -> Vec<String> {
            keys.iter().filter(|key| !rows.iter().any(|space| has_key(space, key))).cloned().collect()
        };
        for status in ["current", "archived"] {
            let request = |keys: &[String]| requests::spaces(status, keys, requests::SPACE_LIMIT);
            let chunks = fitting(&missing(&rows), requests::MAX_SPACES, request);
            let parts = chunks.iter().map(|chunk| {
                halves::ask(chunk, halves::too_long, |keys| async move { self.listed_spaces(status, &keys).await })
            });
            for (_, walked) in self.session.all(parts).await.into_iter().flatten() {
                match walked {
                    Ok(walked) => add_archived(&mut rows, walked.rows),
                    Err(error) if error.is_no_answer() => return Err(error),
                    Err(error) => {
                        tracing::debug!(error = %error, "spaces are asked for one by one");
                    }
                }
            }
        }
        for key in missing(&rows) {
            match self.session.ask(&requests::space(&key), self.session.full(), &lift::space).await {
                Ok(page) => rows.extend(page.rows),
                // 400: a key no space can have, such as one with a slash.
                Err(error) if matches!(error.status(), Some(400 | 404)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Listing { rows, gaps: Vec::new() })
    }

    /// Spaces with these ids, and all others: no question names ids.
    pub(in crate::fetch) async fn spaces_with_ids(&self, _: &[String]) -> Result<Listing<Space>> {
        self.every_space().await
    }

    /// Key of the space a content lives in; nothing where the server does not say.
    pub(in crate::fetch) async fn space_key_of(&self, id: &str) -> Result<Option<String>> {
        let page = self.content_page(id, &self.context(None), self.session.full()).await?;
        Ok(page.rows.into_iter().next().map(|found| found.content.space_key))
    }

    /// One content, and what stands above it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see.
    pub(in crate::fetch) async fn with_parents(&self, id: &str, _: &[Space]) -> Result<Listing<Content>> {
        let page = self.content_page(id, &self.context(None), self.session.full()).await?;
        let mut chain = Listed::default();
        take(&mut chain, walked(page));
        let gaps = self.parents(&mut chain).await;
        Ok(Listing { rows: chain.contents.into_values().collect(), gaps })
    }
}

impl Site<'_> {
    /// The same after a look at who they are: a few one by one, many in the list of accounts. A name no account has any
    /// more stays without an owner.
    pub(in crate::fetch) async fn own_spaces(&self, listing: &mut Listing<Space>) {
        let names: BTreeSet<UserRef> = listing.rows.iter().filter_map(owner_of).collect();
        let unknown: BTreeSet<UserRef> = names.iter().filter(|name| self.known(name).is_none()).cloned().collect();
        let mut found = Found::default();
        if unknown.len() > OWNERS && !self.installation.everybody.load(Ordering::Relaxed) {
            listing.gaps.extend(self.everybody().await.gaps);
        } else if unknown.len() <= OWNERS {
            found = self.people(&unknown, false).await;
        }
        listing.gaps.append(&mut found.gaps);
        let known = names.into_iter().filter_map(|name| {
            let user = self.known(&name)??;
            Some((name, user))
        });
        own(&mut listing.rows, &known.collect());
    }
}

/// Adds the spaces of a second listing; one that is known already was listed by a server that does not know the filter.
fn add_archived(rows: &mut Vec<Space>, more: Vec<Space>) {
    let known: HashSet<String> = rows.iter().map(|space| space.key.clone()).collect();
    rows.extend(more.into_iter().filter(|space| !known.contains(&space.key)));
}

/// Whose personal space it is, as its key says: `~` and the username. Nothing else names the owner here.
// Source: https://confluence.atlassian.com/spaces/CONF53/pages/411108753/Creating+a+Space
pub(super) fn owner_of(space: &Space) -> Option<UserRef> {
    space.key.strip_prefix('~').filter(|name| !name.is_empty() && space.owner_id.is_none()).map(UserRef::name)
}

/// Gives personal spaces the accounts they belong to, as far as those are known.
pub(super) fn own(spaces: &mut [Space], known: &HashMap<UserRef, User>) {
    for space in spaces {
        if let Some(owner) = owner_of(space).and_then(|name| known.get(&name)) {
            space.owner_id = Some(owner.id.clone());
        }
    }
}
