//! Two sites, or a site at two times, as they are given to compare.

use std::collections::HashSet;

use super::compare::{self, CompareOptions, Unmatched};
use super::desk::Desk;
use super::pair::{Matches, Pair};
use super::rows::{AccessChange, DiffOptions, Rows};
use crate::model::{Deployment, Gap, Site};
use crate::resolve::access::Access;

/// Two snapshots that are not of one site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these are snapshots of different sites, `{newer}` and `{older}`: use `compare` for two sites")]
pub struct DifferentSites {
    /// The site of the newer snapshot.
    pub newer: String,
    /// The site of the older one.
    pub older: String,
}

/// Whether two snapshots are of one site, as far as they say.
fn one_site(newer: &Site, older: &Site) -> Result<(), DifferentSites> {
    let address = |site: &Site| {
        let address = site.base_url.as_deref()?.trim_end_matches('/');
        let cloud = site.deployment == Deployment::Cloud;
        Some(if cloud { address.trim_end_matches("/wiki") } else { address }.to_ascii_lowercase())
    };
    let same = match (address(newer), address(older)) {
        (Some(newer), Some(older)) => newer == older,
        _ => true,
    };
    if same && newer.deployment == older.deployment {
        return Ok(());
    }
    let named = |site: &Site| match (&site.base_url, newer.deployment == older.deployment) {
        (Some(address), true) => address.clone(),
        (Some(address), false) => format!("{address} ({})", site.deployment),
        (None, _) => site.deployment.to_string(),
    };
    Err(DifferentSites { newer: named(newer), older: named(older) })
}

/// Two sites, or a site at two times, and what is asked about them.
#[derive(Debug)]
pub struct Difference {
    older: Access,
    newer: Access,
    options: DiffOptions,
    /// How the things of two sites are matched; `None` for one site.
    matching: Option<CompareOptions>,
}

impl Difference {
    /// What changed since an older snapshot of a site.
    ///
    /// # Errors
    /// Where the snapshots are of two sites.
    pub fn between(newer: Access, older: Access, options: DiffOptions) -> Result<Self, DifferentSites> {
        one_site(&newer.snapshot().site, &older.snapshot().site)?;
        Ok(Self { older, newer, options, matching: None })
    }

    /// What differs in a second site, and what has no counterpart there.
    pub fn of_two_sites(
        first: Access,
        second: Access,
        matching: CompareOptions,
        options: DiffOptions,
    ) -> (Self, Vec<Unmatched>) {
        let (_, unmatched) = compare::matches(&first.engine.site, &second.engine.site, &matching);
        (Self { older: first, newer: second, options, matching: Some(matching) }, unmatched)
    }

    /// What could not be read for either snapshot.
    pub fn gaps(&self) -> Vec<Gap> {
        let [newer, older] = [&self.newer, &self.older].map(|access| &access.snapshot().gaps);
        let key = |gap: &Gap| (gap.scope.to_string(), gap.subject.clone(), gap.message.clone());
        // Most gaps of a site stay: what is in both is given once.
        let known: HashSet<_> = newer.iter().map(key).collect();
        newer.iter().chain(older.iter().filter(|gap| !known.contains(&key(gap)))).cloned().collect()
    }

    /// Gives the rows in steps of bounded size, as long as `take` wants more.
    pub fn each(&self, take: &mut dyn FnMut(Vec<AccessChange>) -> bool) {
        let [older, newer] = [&self.older, &self.newer].map(|access| &access.engine);
        let matches = match &self.matching {
            None => Matches::by_id(&older.site, &newer.site),
            Some(matching) => compare::matches(&older.site, &newer.site, matching).0,
        };
        let pair = Pair::new(older, newer, matches, self.matching.is_none());
        let desk = Desk::new(&pair);
        let _ = Rows::new(&desk, &self.options).steps().all(take);
    }
}
