//! Whether the snapshot has everything.

use super::codes::INCOMPLETE;
use super::scanner::{FindingScanner, Named};
use crate::model::{Decision, Operation};

impl FindingScanner<'_> {
    /// Pages the caller cannot see are missing from every list. Returns whether nothing is known to be missing.
    // Source: https://jira.atlassian.com/browse/CONFCLOUD-76815
    pub(super) fn inventory(&mut self) -> bool {
        let site = self.site;
        let caller = site.snapshot.site.caller.as_ref();
        let sees_all = caller.and_then(|caller| site.actor(caller)).is_some_and(|actor| {
            site.bypass(&actor, Operation::View).is_some_and(|(_, _, works)| works == Decision::Allowed)
        });
        let gaps = site.snapshot.gaps.len();
        let blind = caller.filter(|_| !sees_all);
        if !self.options.covers(None) {
            // Only some spaces are asked about.
        } else if let Some(caller) = blind {
            let named = self.one(caller.to_string());
            let message = format!(
                "read as `{}`, which passes no restriction by itself: contents it cannot see are missing; {gaps} gaps",
                named.text
            );
            self.add(INCOMPLETE, None, &named, message);
        } else if gaps > 0 {
            self.add(INCOMPLETE, None, &Named::default(), format!("{gaps} gaps: not everything could be read"));
        }
        gaps == 0 && blind.is_none() && site.snapshot.site.coverage.is_empty()
    }
}
