//! Findings about people and apps from outside: one for each space, because what lets them in is mostly the same for all of it.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::codes::{APP_MAY_EDIT, EXTERNAL_MAY_VIEW, FindingCode, GUEST_MAY_EDIT};
use super::groups::contents;
use super::scanner::FindingScanner;

impl FindingScanner<'_> {
    pub(super) fn outsiders(&mut self) {
        let engine = self.engine;
        let outsiders = self.site.outsiders(&self.options.internal_domains);
        let audiences = engine.audiences();
        self.reached(GUEST_MAY_EDIT, &outsiders.guests, &audiences.edit, "guests who may edit");
        self.reached(EXTERNAL_MAY_VIEW, &outsiders.external, &audiences.view, "people of other domains who may view");
        self.reached(APP_MAY_EDIT, &outsiders.apps, &audiences.edit, "apps that may edit");
    }

    /// The contents of each space that some of these accounts reach. `sets`: the audience of each content.
    fn reached(&mut self, kind: FindingCode, accounts: &RoaringBitmap, sets: &[u32], what: &str) {
        if accounts.is_empty() || !self.options.wants(kind) {
            return;
        }
        let (site, audiences) = (self.site, self.engine.audiences());
        // Contents with the same audience in the same space: how many, and the first.
        let mut reached: FxHashMap<(u32, u32), (u64, u32)> = FxHashMap::default();
        for (at, (node, &set)) in (0u32..).zip(site.nodes.iter().zip(sets)) {
            if !node.is_attached() {
                reached.entry((node.space, set)).or_insert((0, at)).0 += 1;
            }
        }
        let mut by_space: FxHashMap<u32, (RoaringBitmap, u64, u32)> = FxHashMap::default();
        for ((space, set), (count, first)) in reached {
            let Some(set) = audiences.set(set) else { continue };
            let those = &set.yes & accounts;
            if !those.is_empty() {
                let found = by_space.entry(space).or_insert_with(|| (RoaringBitmap::new(), 0, first));
                found.0 |= those;
                found.1 += count;
                found.2 = found.2.min(first);
            }
        }
        for (at, space) in (0u32..).zip(&site.spaces) {
            let Some((those, count, first)) = by_space.remove(&at) else { continue };
            if !self.options.covers(Some(&space.key)) {
                continue;
            }
            let named = self.accounts(&those);
            let message = format!("{what} {} in space {}: {}", contents(count), space.key, named.text);
            match count {
                1 => self.add(kind, Some(first), &named, message),
                _ => self.add_space(kind, space, &named, message),
            };
        }
    }
}
