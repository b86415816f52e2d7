//! Findings about groups: who is in them, and what names them.

use rustc_hash::FxHashSet;

use super::codes::{EMPTY_GROUP_USED, FindingCode, HUGE, UNUSED_GROUP};
use super::scanner::FindingScanner;
use crate::model::{BlindSpot, Decision};
use crate::resolve::site::{IndexedSite, Principal, SpaceFacts};

/// What names a group.
#[derive(Debug, Clone, Default)]
struct Uses<'a> {
    spaces: Vec<&'a SpaceFacts>,
    contents: u64,
    nested: bool,
    /// Whether a permission of the site names it.
    site: bool,
}

impl Uses<'_> {
    fn is_used(&self) -> bool {
        !self.spaces.is_empty() || self.contents > 0
    }

    fn text(&self) -> String {
        const SHOWN: usize = 5;
        let keys: Vec<&str> = self.spaces.iter().take(SHOWN).map(|space| &*space.key).collect();
        let more = match self.spaces.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let spaces = (!keys.is_empty()).then(|| format!("has permissions in {}{more}", keys.join(", ")));
        let contents = (self.contents > 0).then(|| format!("is on the lists of {}", contents(self.contents)));
        spaces.into_iter().chain(contents).collect::<Vec<_>>().join(" and ")
    }
}

/// A number of contents in a sentence.
pub(super) fn contents(count: u64) -> String {
    if count == 1 { "1 content item".to_owned() } else { format!("{count} content items") }
}

impl FindingScanner<'_> {
    /// `whole`: whether everything that may name a group is in the snapshot.
    pub(super) fn groups(&mut self, whole: bool) {
        let site = self.site;
        if !self.options.covers(None)
            || ![EMPTY_GROUP_USED, UNUSED_GROUP, HUGE].map(|kind| self.options.wants(kind)).contains(&true)
        {
            return;
        }
        let population = self.engine.population();
        // Of a site whose groups are not all known, nobody can say that nothing names one.
        let whole = whole && site.groups.iter().all(|group| !group.incomplete);
        let rows = site.snapshot.groups.iter().filter(|_| whole);
        let listed: FxHashSet<&str> = rows.map(|row| row.id.as_str()).collect();
        for (uses, (at, group)) in uses(site).into_iter().zip((0u32..).zip(&site.groups)) {
            if !group.exists {
                continue;
            }
            let members = population.alive(&group.members).len();
            let empty = !group.incomplete
                && group.members.is_empty()
                && group.perhaps.is_empty()
                && (group.inner.is_empty() || site.policy.nested_groups != Decision::Denied);
            if uses.is_used() && empty {
                self.about(EMPTY_GROUP_USED, at, &format!("has no members, and {}", uses.text()));
            }
            if uses.is_used() && members > self.options.huge_group {
                self.about(HUGE, at, &format!("has {members} active members, and {}", uses.text()));
            }
            if !uses.is_used() && !uses.nested && !uses.site && listed.contains(group.id.as_str()) {
                let but = match site.snapshot.site.noted(&BlindSpot::ChildlessNodes) {
                    Some(_) => "; restrictions on childless folders and the like are not all known",
                    None => "",
                };
                let proof = format!("is named by no permission of a space, no restriction and no other group{but}");
                self.about(UNUSED_GROUP, at, &proof);
            }
        }
    }

    fn about(&mut self, kind: FindingCode, group: u32, proof: &str) {
        let named = self.principals(&[Principal::Group(group)]);
        let message = format!("{} {proof}", named.text);
        self.add(kind, None, &named, message);
    }
}

/// What names each group.
fn uses(site: &IndexedSite) -> Vec<Uses<'_>> {
    let mut uses = vec![Uses::default(); site.groups.len()];
    for space in &site.spaces {
        for grant in space.all_grants() {
            if let Principal::Group(at) = grant.principal
                && let Some(uses) = uses.get_mut(at as usize)
                && !uses.spaces.last().is_some_and(|last| std::ptr::eq(*last, space))
            {
                uses.spaces.push(space);
            }
        }
    }
    let mut holders = vec![0u64; site.lists.len()];
    for node in &site.nodes {
        if let Some(count) = holders.get_mut(node.lists as usize) {
            *count += 1;
        }
    }
    for (lists, count) in site.lists.iter().zip(holders) {
        let mut seen = Vec::new();
        for principal in lists.view.iter().chain(&lists.edit) {
            if let Principal::Group(at) = *principal
                && !seen.contains(&at)
                && let Some(uses) = uses.get_mut(at as usize)
            {
                seen.push(at);
                uses.contents += count;
            }
        }
    }
    for row in site.snapshot.site.global_permissions.iter().flatten() {
        if let Some(Principal::Group(at)) = site.find_principal(&row.subject)
            && let Some(uses) = uses.get_mut(at as usize)
        {
            uses.site = true;
        }
    }
    for group in &site.groups {
        for &inner in &group.inner {
            if let Some(uses) = uses.get_mut(inner as usize) {
                uses.nested = true;
            }
        }
    }
    uses
}
