//! Whether the snapshot has everything.

use super::codes::INCOMPLETE;
use super::scanner::{FindingScanner, Named};
use crate::model::{BlindSpot, Decision, Noun, Operation};

impl FindingScanner<'_> {
    /// Pages the caller cannot see are missing from every list. Returns whether the caller sees every page.
    // Source: https://jira.atlassian.com/browse/CONFCLOUD-76815
    pub(super) fn inventory(&mut self) -> bool {
        let site = self.site;
        let caller = site.snapshot.site.caller.as_ref();
        let sees_all = caller.and_then(|caller| site.actor(caller)).is_some_and(|actor| {
            site.bypass(&actor, Operation::View).is_some_and(|(_, _, works)| works == Decision::Allowed)
        });
        let gaps = site.snapshot.gaps.len();
        let blind = caller.filter(|_| !sees_all && !site.snapshot.site.admin_key);
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
        blind.is_none()
    }

    /// Whether every group and everything that may name one was read, by a caller that sees every page.
    pub(super) fn has_all_rules(&self) -> bool {
        const NEEDED: [Noun; 6] =
            [Noun::Spaces, Noun::Contents, Noun::Groups, Noun::Memberships, Noun::SpacePermissions, Noun::Restrictions];
        let snapshot = &self.site.snapshot;
        let hides_rules = |spot: &BlindSpot| match spot {
            BlindSpot::Hidden | BlindSpot::OtherSpaces | BlindSpot::AppRules | BlindSpot::Other(_) => true,
            // A finding says so.
            BlindSpot::ChildlessNodes => false,
            BlindSpot::GlobalPermissions | BlindSpot::AuditLog | BlindSpot::Version => false,
        };
        !snapshot.gaps.iter().any(|gap| NEEDED.iter().any(|noun| noun.misses_rows(gap)))
            && !snapshot.site.blind_spots.iter().any(hides_rules)
            // A version without words for blind spots wrote sentences alone.
            && snapshot.site.blind_spots.len() == snapshot.site.coverage.len()
    }
}
