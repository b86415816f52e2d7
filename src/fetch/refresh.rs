//! A snapshot brought up to date: the crawl again, without what an earlier snapshot still has right.

use std::sync::Arc;

use super::client::Client;
use super::earlier::{Earlier, Judge};
use super::{Error, ErrorKind, Progress, Result, SnapshotOptions};
use crate::model::{BlindSpot, Refreshed, Snapshot, Space};

impl Client {
    /// A snapshot of what `earlier` is of, as it is now, and what was read again for it. `judge` reads the audit log.
    ///
    /// # Errors
    /// [`ErrorKind::OtherSite`] for a snapshot of another site, [`ErrorKind::Configuration`] for one that was not read from
    /// a site; otherwise as [`snapshot`](Self::snapshot).
    pub async fn refresh(
        &self,
        earlier: Arc<Snapshot>,
        judge: Judge,
        progress: Arc<Progress>,
    ) -> Result<(Snapshot, Vec<Refreshed>)> {
        let options = self.options_of(&earlier, &progress).await?;
        let mut known = Earlier::new(Arc::clone(&earlier), judge, None);
        let mut now = self.read(&options, Some(&known), &progress).await?;
        if let Some(key) = known.contradicted_by(&now) {
            known = Earlier::new(earlier, judge, Some(key));
            now = self.read(&options, Some(&known), &progress).await?;
        }
        let rows = known.rows(&now);
        Ok((now, rows))
    }

    /// What a snapshot was asked for.
    async fn options_of(&self, earlier: &Snapshot, progress: &Progress) -> Result<SnapshotOptions> {
        let site = &earlier.site;
        let (Some(address), Some(_)) = (&site.base_url, earlier.taken_at) else {
            return Err(Error::configuration(
                "the snapshot was not read from a site, so it cannot be refreshed: `wiki.snapshot()` reads one",
            ));
        };
        let plain = |address: &str| address.trim_end_matches('/').to_ascii_lowercase();
        if plain(address) != plain(self.base_url()) {
            let text = format!("the snapshot is of `{address}`, and this is `{}`; nothing was sent", self.base_url());
            return Err(Error::new(ErrorKind::OtherSite, text));
        }
        let asked = site.asked.unwrap_or_default();
        let mut options = SnapshotOptions {
            admin_key: site.admin_key,
            // A snapshot of an old version does not say what it was asked for.
            public_links: asked.public_links || (site.asked.is_none() && site.public_links_enabled.is_some()),
            last_active: asked.last_active
                || (site.asked.is_none() && earlier.users.iter().any(|user| user.last_active_at.is_some())),
            ..SnapshotOptions::default()
        };
        if site.noted(&BlindSpot::OtherSpaces).is_some() {
            options.spaces = Some(self.still_there(&earlier.spaces, progress).await?);
        }
        Ok(options)
    }

    /// Keys of the spaces that are there of those.
    async fn still_there(&self, spaces: &[Space], progress: &Progress) -> Result<Vec<String>> {
        let backend = self.backend(progress).await?;
        let ids: Vec<String> = spaces.iter().map(|space| space.id.clone()).collect();
        let found = backend.spaces_with_ids(&ids).await?;
        if !found.gaps.is_empty() {
            // The snapshot says which of them is missing.
            return Ok(spaces.iter().map(|space| space.key.clone()).collect());
        }
        let keys: Vec<String> =
            found.rows.into_iter().filter(|space| ids.contains(&space.id)).map(|space| space.key).collect();
        if keys.is_empty() && !spaces.is_empty() {
            let text = "none of the spaces of the snapshot is on the site any more, or the account cannot see them";
            return Err(Error::new(ErrorKind::NotFound, text));
        }
        Ok(keys)
    }
}
