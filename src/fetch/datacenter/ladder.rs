//! Permissions of spaces: the ladder of those who can tell, and which of them did.
//!
//! REST tells them from 9.1 on, to administrators of Confluence or of the space. Below that, or where it does not tell, the
//! add-on Extender does, or JSON-RPC where it is switched on. Last comes the space with its permissions, a form nobody
//! documents for Data Center, which clients have seen all the same.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Reader;
use super::connect::no_such_route;
use super::reader::no_answer;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::pages::{ask, gap_of};
use crate::fetch::transport::Effort;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{Gap, GapCause, GapScope, Listing, Space, SpacePermission, SubjectKind};

/// Who tells the permissions of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::fetch) enum Rung {
    /// REST, 9.1 and later.
    Rest,
    /// The add-on Extender for Confluence.
    Extender,
    /// JSON-RPC.
    JsonRpc,
}

impl Rung {
    /// In the order they are asked.
    pub(in crate::fetch) const ALL: [Self; 3] = [Self::Rest, Self::Extender, Self::JsonRpc];

    /// The word for it.
    pub(in crate::fetch) fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Extender => "extender",
            Self::JsonRpc => "json_rpc",
        }
    }

    /// Reads the word for it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for any other word.
    pub(in crate::fetch) fn parse(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|rung| rung.as_str() == word.trim()).ok_or_else(|| {
            Error::configuration(format!(
                "`{}` is no source of space permissions: use \"rest\", \"extender\" or \"json_rpc\", or leave it out to ask in that order",
                word.escape_debug()
            ))
        })
    }
}

/// What became of the rungs so far.
#[derive(Debug, Default)]
pub(in crate::fetch) struct Rungs {
    /// The first that told.
    pub(in crate::fetch) told: Mutex<Option<Rung>>,
    /// Those that are not there at all.
    absent: Mutex<HashSet<Rung>>,
    /// Whether the list of a space names anonymous too, so that they need no request of their own.
    anonymous: AtomicBool,
    /// Failures of REST in a row that look like missing rights.
    refused: AtomicU32,
}

impl Rungs {
    pub(in crate::fetch) fn is_absent(&self, rung: Rung) -> bool {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).contains(&rung)
    }

    /// That a rung is not there.
    pub(in crate::fetch) fn lacks(&self, rung: Rung) {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).insert(rung);
    }

    fn note(&self, rung: Rung, outcome: std::result::Result<(), &Error>) {
        match outcome {
            Ok(()) => {
                self.told.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(rung);
            }
            // Neither an add-on nor a switch of the server comes and goes while one call reads.
            Err(error)
                if no_such_route(error)
                    || matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::SecureSession)
                    || (rung != Rung::Rest && error.status() == Some(404)) =>
            {
                self.lacks(rung);
            }
            Err(_) => {}
        }
    }
}

/// After so many refusals in a row a failure of the server is not asked about twice any more.
const PATIENCE: u32 = 3;

impl Reader<'_> {
    /// Permissions in a space, from the first rung that tells, or from this one; users named.
    ///
    /// # Errors
    /// Where none of them tells.
    pub(in crate::fetch) async fn permissions(
        &self,
        space: &Space,
        from: Option<Rung>,
    ) -> Result<Listing<SpacePermission>> {
        let mut listing = self.told_permissions(&space.key, from).await?;
        let gaps = self.name_permissions(&mut listing.rows, true).await;
        listing.gaps.extend(gaps);
        Ok(listing)
    }

    /// The same as the rung tells it: users may be without a name, or have nothing else.
    pub(super) async fn told_permissions(&self, key: &str, from: Option<Rung>) -> Result<Listing<SpacePermission>> {
        let rungs = &self.installation.rungs;
        let mut failures: Vec<(Rung, Error)> = Vec::new();
        for rung in Rung::ALL {
            if from.is_some_and(|from| from != rung) || (from.is_none() && rungs.is_absent(rung)) {
                continue;
            }
            let told = self.by_rung(rung, key).await;
            rungs.note(rung, told.as_ref().map(|_| ()));
            match told {
                Ok(mut listing) => {
                    self.add_customers(key, &mut listing).await;
                    return Ok(listing);
                }
                Err(error) if no_answer(&error) && rung == Rung::Rest => return Err(error),
                Err(error) => failures.push((rung, error)),
            }
        }
        if from.is_none_or(|from| from == Rung::Rest) {
            // Source: https://docs.atlassian.com/ConfluenceServer/rest/latest/
            let request = requests::space_with_permissions(key);
            let read = |body: &[u8]| lift::space_with_permissions(body, key);
            if let Ok(page) = ask(self.transport, &request, self.once(), &read).await {
                rungs.note(Rung::Rest, Ok(()));
                return Ok(Listing { rows: page.rows, gaps: page.gaps });
            }
        }
        Err(self.explained(key, from, failures))
    }

    /// Permissions in a space from one rung as it is documented.
    pub(super) async fn by_rung(&self, rung: Rung, key: &str) -> Result<Listing<SpacePermission>> {
        match rung {
            Rung::Rest => self.by_rest(key).await,
            Rung::Extender => self.space_permissions_by_extender(key).await,
            Rung::JsonRpc => self.space_permissions_by_json_rpc(key).await,
        }
    }

    /// Adds what a space grants to people without a licence. No rung tells that; the older form of a space with its
    /// permissions does, so it is asked where the site lets such people in at all.
    // Source: https://confluence.atlassian.com/conf89/confluence-groups-1387595692.html
    async fn add_customers(&self, key: &str, listing: &mut Listing<SpacePermission>) {
        let told = listing.rows.iter().any(|row| row.subject.kind == SubjectKind::Unlicensed);
        if told || self.customers_enter().await != Some(true) {
            return;
        }
        let request = requests::space_with_permissions(key);
        let read = |body: &[u8]| lift::space_with_permissions(body, key);
        match ask(self.transport, &request, self.once(), &read).await {
            Ok(page) => {
                let customers = page.rows.into_iter().filter(|row| row.subject.kind == SubjectKind::Unlicensed);
                listing.rows.extend(customers);
            }
            Err(error) => {
                let mut gap = gap_of(&error, GapScope::SpacePermissions, key);
                gap.message = format!(
                    "whether space `{key}` is open to people without a licence, whom the site lets in, is not told: {error}"
                );
                listing.gaps.push(gap);
            }
        }
    }

    /// Without a repetition: a failure here is an answer.
    fn once(&self) -> Effort {
        Effort { retries: 0, ..self.transport.brief() }
    }

    async fn by_rest(&self, key: &str) -> Result<Listing<SpacePermission>> {
        let rungs = &self.installation.rungs;
        if self.installation.at_least(9, 1) == Some(false) {
            let request = requests::space_permissions(key);
            let text = "this version has no such route: REST tells permissions of spaces from 9.1 on";
            return Err(self.transport.error(ErrorKind::Unavailable, &request, text));
        }
        let tired = rungs.refused.load(Ordering::Relaxed) >= PATIENCE;
        let effort = if tired { self.once() } else { self.transport.brief() };
        let request = requests::space_permissions(key);
        let read = |body: &[u8]| lift::space_permissions(body, key);
        let page = match ask(self.transport, &request, effort, &read).await {
            Ok(page) => page,
            Err(error) => {
                if matches!(error.status(), Some(403 | 500)) {
                    rungs.refused.fetch_add(1, Ordering::Relaxed);
                }
                return Err(error);
            }
        };
        rungs.refused.store(0, Ordering::Relaxed);
        let mut listing = Listing { rows: page.rows, gaps: page.gaps };
        if page.next.is_some() {
            listing.gaps.push(self.half(
                key,
                GapCause::Truncated,
                "the list of permissions goes on, and nobody knows how to ask for the rest",
            ));
        }
        let named = |rows: &[SpacePermission]| rows.iter().any(|row| row.subject.kind == SubjectKind::Anonymous);
        if named(&listing.rows) {
            rungs.anonymous.store(true, Ordering::Relaxed);
        }
        if !rungs.anonymous.load(Ordering::Relaxed) {
            let request = requests::anonymous_space_permissions(key);
            let read = |body: &[u8]| {
                let mut page = lift::anonymous_space_permissions(body, key)?;
                // Whatever they say about themselves, they are about anonymous.
                for row in &mut page.rows {
                    row.subject = crate::model::Subject::anonymous();
                    row.subject_name = None;
                }
                Ok(page)
            };
            match ask(self.transport, &request, self.transport.brief(), &read).await {
                Ok(page) => {
                    listing.rows.extend(page.rows);
                    listing.gaps.extend(page.gaps);
                }
                // Some versions lack the route; then the list is all there is.
                Err(error) if error.status() == Some(404) => {}
                Err(error) => listing.gaps.push(gap_of(&error, GapScope::SpacePermissions, key)),
            }
        }
        let mut seen = HashSet::new();
        listing.rows.retain(|row| {
            row.subject.kind == SubjectKind::Unknown
                || seen.insert((row.subject.clone(), row.permission.clone(), row.raw.clone()))
        });
        Ok(listing)
    }

    fn half(&self, key: &str, cause: GapCause, message: &str) -> Gap {
        let route = requests::space_permissions(key).route();
        Gap::new((GapScope::SpacePermissions, key), cause, format!("{route}: {message}")).at(route)
    }

    /// Why nobody told, in one sentence. A server that fails where rights are missing says 500.
    // Source: https://jira.atlassian.com/browse/CONFSERVER-99908
    fn explained(&self, key: &str, from: Option<Rung>, failures: Vec<(Rung, Error)>) -> Error {
        // By kind: a remote API that is off answers 403 too, and has nothing to do with rights.
        let rights = failures.iter().any(|(rung, error)| {
            error.kind() == ErrorKind::Forbidden || (*rung == Rung::Rest && error.status() == Some(500))
        });
        let session = failures.iter().any(|(_, error)| error.kind() == ErrorKind::SecureSession);
        let request = requests::space_permissions(key);
        let told: Vec<String> = failures.iter().map(|(rung, error)| format!("{}: {error}", rung.as_str())).collect();
        let told = if told.is_empty() { "nobody tells them here".to_owned() } else { told.join("; ") };
        let remedy = if rights {
            "ask as an administrator of Confluence or of the space (a server answers 500 where these rights are missing, CONFSERVER-99908)"
        } else if session {
            "9.1 and later tell them by REST; here secure administrator sessions stand in the way of JSON-RPC: an administrator can switch them off, or install the add-on Extender"
        } else if from.is_some() {
            "leave `source` out to ask whoever tells"
        } else {
            "9.1 and later tell them by REST; for older versions install the add-on Extender, or switch on the remote API (JSON-RPC)"
        };
        let kind = match failures.first() {
            _ if rights => ErrorKind::Forbidden,
            _ if session => ErrorKind::SecureSession,
            Some((_, error)) if failures.len() == 1 => error.kind(),
            _ => ErrorKind::Unavailable,
        };
        let text = format!("permissions of space `{key}` cannot be read: {remedy}; {told}");
        let mut error = self.transport.error(kind, &request, text);
        let status = failures.iter().find(|(rung, _)| *rung == Rung::Rest).or(failures.first());
        error.parts_mut().status = status.and_then(|(_, error)| error.status());
        error
    }
}
