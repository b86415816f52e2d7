//! Spaces, and whose personal ones are.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::Ordering;

use super::connect::UserRef;
use super::contents::{take, walked};
use super::people::Found;
use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::apis::fitting;
use crate::fetch::answers::Listed;
use crate::fetch::lookup::{unknown_spaces, valid};
use crate::fetch::pages::{Walked, gap_of_site};
use crate::fetch::progress::Step;
use crate::fetch::{Error, ErrorKind, Result, halves};
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

    /// Spaces, current and archived: all, or those with these keys or ids.
    ///
    /// # Errors
    /// Where the listing cannot be begun, and [`ErrorKind::NotFound`] naming the spaces this account cannot see.
    pub(in crate::fetch) async fn spaces(&self, keys: Option<&[String]>) -> Result<Listing<Space>> {
        let listing = match keys {
            None => {
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
                listing
            }
            Some(keys) => self.named_spaces(keys).await?,
        };
        self.session.progress.add(Step::Spaces, listing.rows.len());
        self.session.progress.close(Step::Spaces);
        Ok(listing)
    }

    async fn named_spaces(&self, keys: &[String]) -> Result<Listing<Space>> {
        let keys: Vec<String> =
            keys.iter().map(|key| valid(key, "key of a space").map(str::to_owned)).collect::<Result<_>>()?;
        let distinct: Vec<String> = keys.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let mut listing = Listing::default();
        let wanted = |space: &Space, key: &str| space.key.eq_ignore_ascii_case(key);
        for status in ["current", "archived"] {
            let missing: Vec<String> =
                distinct.iter().filter(|key| !listing.rows.iter().any(|space| wanted(space, key))).cloned().collect();
            let request = |keys: &[String]| requests::spaces(status, keys, requests::SPACE_LIMIT);
            let chunks = fitting(&missing, requests::MAX_SPACES, request);
            let parts = chunks.iter().map(|chunk| {
                halves::ask(chunk, halves::too_long, |keys| async move { self.listed_spaces(status, &keys).await })
            });
            for (_, walked) in self.session.all(parts).await.into_iter().flatten() {
                match walked {
                    Ok(walked) => {
                        // A server that does not know the filter lists everything.
                        let rows = walked.rows.into_iter().filter(|s| missing.iter().any(|key| wanted(s, key)));
                        add_archived(&mut listing.rows, rows.collect());
                    }
                    // Each of those it should have brought is asked for singly.
                    Err(error) if error.is_no_answer() => return Err(error),
                    Err(error) => {
                        tracing::debug!(error = %error, "spaces are asked for one by one")
                    }
                }
            }
        }
        let mut missing = Vec::new();
        for key in &distinct {
            if listing.rows.iter().any(|space| wanted(space, key)) {
                continue;
            }
            let request = requests::space(key);
            match self.session.ask(&request, self.session.full(), &lift::space).await {
                Ok(page) => listing.rows.extend(page.rows),
                // 400: a key no space can have, such as one with a slash.
                Err(error) if matches!(error.status(), Some(400 | 404)) => missing.push(key.clone()),
                Err(error) => return Err(error),
            }
        }
        let ids: Vec<String> = missing.iter().filter(|k| k.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        if !ids.is_empty() {
            let everything = Box::pin(self.spaces_by_id(&ids)).await?;
            missing.retain(|id| !everything.iter().any(|space| space.id == *id));
            listing.rows.extend(everything);
        }
        if !missing.is_empty() {
            let request = requests::spaces("current", &[] as &[&str], requests::SPACE_LIMIT);
            return Err(unknown_spaces(self.session.transport, &request, &missing));
        }
        // Two names may mean one space.
        let mut seen = HashSet::new();
        listing.rows.retain(|space| seen.insert(space.key.clone()));
        Ok(listing)
    }

    async fn spaces_by_id(&self, ids: &[String]) -> Result<Vec<Space>> {
        let (current, archived) =
            futures::join!(self.listed_spaces("current", &[]), self.listed_spaces("archived", &[]));
        let mut rows = current?.rows;
        add_archived(&mut rows, archived.map(|walked| walked.rows).unwrap_or_default());
        rows.retain(|space| ids.contains(&space.id));
        Ok(rows)
    }

    /// The space with this key or id.
    pub(in crate::fetch) async fn space(&self, name: &str) -> Result<Space> {
        let found = self.spaces(Some(&[name.to_owned()])).await?;
        found.rows.into_iter().next().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no space `{name}`")))
    }

    /// Key of the space a content lives in.
    pub(in crate::fetch) async fn space_of(&self, id: &str) -> Result<String> {
        let page = self.content_page(id, &self.context(None), self.session.full()).await?;
        let key = page.rows.into_iter().next().map(|found| found.content.space_key).filter(|key| !key.is_empty());
        key.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the server does not say in which space `{id}` is")))
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
