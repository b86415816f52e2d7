//! Findings about the permissions of spaces.

use super::codes::{
    ADMINISTERED_BY_INACTIVE, ALL_LICENSED, FindingCode, INACTIVE_ENTRY, INDIVIDUAL_GRANT, NO_ACTIVE_ADMIN,
    STALE_GROUP, THROUGH_ANONYMOUS,
};
use super::scanner::FindingScanner;
use crate::model::{Decision, Permission, UserType};
use crate::resolve::needs::Need;
use crate::resolve::site::{Class, Principal, SpaceFacts};

impl FindingScanner<'_> {
    pub(super) fn spaces(&mut self) {
        for space in &self.site.spaces {
            if self.options.covers(Some(&space.key)) {
                self.through_anonymous(space);
                self.grants(space);
                self.administrators(space);
            }
        }
    }

    /// Who has permissions that should not.
    fn grants(&mut self, space: &SpaceFacts) {
        let (mut wide, mut stale, mut single, mut inactive) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for grant in space.grants.iter().flatten() {
            let principal = grant.principal;
            let list = match principal {
                Principal::Class(Class::AllLicensed | Class::Authenticated) | Principal::Unlicensed => &mut wide,
                Principal::Group(at) if self.vanished(at) => &mut stale,
                Principal::User(_) if self.is_inactive(principal) => &mut inactive,
                Principal::User(at) if !self.is_owner(space, at) => &mut single,
                _ => continue,
            };
            if !list.contains(&principal) {
                list.push(principal);
            }
        }
        self.granted(ALL_LICENSED, space, &wide, "has permissions");
        for group in stale {
            self.granted(STALE_GROUP, space, &[group], "no longer exists, but has permissions");
        }
        self.granted(INDIVIDUAL_GRANT, space, &single, "single accounts with permissions");
        for account in inactive {
            self.granted(INACTIVE_ENTRY, space, &[account], "is deactivated or deleted, but has permissions");
        }
    }

    fn granted(&mut self, kind: FindingCode, space: &SpaceFacts, subjects: &[Principal], what: &str) {
        if subjects.is_empty() {
            return;
        }
        let named = self.principals(subjects);
        let message = match kind {
            INDIVIDUAL_GRANT => format!("{what} in space {}: {}", space.key, named.text),
            _ => format!("{} {what} in space {}", named.text, space.key),
        };
        let fix = match subjects {
            [only] if matches!(kind, STALE_GROUP | INACTIVE_ENTRY) => self.revocation(space, *only),
            _ => None,
        };
        if let Some(row) = self.add_space(kind, space, &named, message) {
            row.fix = fix;
        }
    }

    /// Whether it is an app, which has no group, or the owner of a personal space.
    fn is_owner(&self, space: &SpaceFacts, person: u32) -> bool {
        let user = self.site.user(person);
        if user.is_some_and(|user| user.kind == UserType::App) {
            return true;
        }
        let row = self.site.snapshot.spaces.get(space.row as usize);
        row.is_some_and(|row| match row.owner_id.as_deref() {
            Some(owner) => owner == self.site.person_id(person),
            None => row.kind.as_deref() == Some("personal"),
        })
    }

    /// Whether an active account administers the space, and whether one that is not does.
    fn administrators(&mut self, space: &SpaceFacts) {
        let site = self.site;
        let free = site.conditions.free != Decision::Denied && !space.any;
        // Of a space whose permissions are not all known, nobody can say that no one administers it.
        if space.unread || !space.vague.is_empty() || free {
            return;
        }
        let population = self.engine.population();
        let mut admins: Vec<Principal> = Vec::new();
        for (principal, _) in site.grants(space, Need::Administer) {
            if !admins.contains(&principal) {
                admins.push(principal);
            }
        }
        let possible = population.set_of(site, admins.iter().copied());
        let none_active = population.alive(possible.maybe()).is_empty();
        if none_active {
            let named = self.principals(&admins);
            let proof = if admins.is_empty() {
                "nobody has the permission".to_owned()
            } else {
                format!("the permission is granted to {}", named.text)
            };
            let message = format!("no active account administers space {}: {proof}", space.key);
            self.add_space(NO_ACTIVE_ADMIN, space, &named, message);
        }
        admins.retain(|principal| self.is_inactive(*principal));
        for principal in admins {
            let named = self.principals(&[principal]);
            let message = format!("{} administers space {}, and is deactivated or deleted", named.text, space.key);
            let fix = if none_active { None } else { self.revocation(space, principal) };
            if let Some(row) = self.add_space(ADMINISTERED_BY_INACTIVE, space, &named, message) {
                row.fix = fix;
            }
        }
    }

    /// An anonymous grant that stayed behind when anonymous was switched off for the site.
    // Source: https://support.atlassian.com/confluence/kb/users-can-view-a-space-regardless-of-its-permissions/
    fn through_anonymous(&mut self, space: &SpaceFacts) {
        let (conditions, policy) = (&self.site.conditions, &self.site.policy);
        let ended = if conditions.cloud { conditions.enforced } else { Decision::Denied };
        let serves = match (conditions.anonymous, ended, policy.anonymous_applies_when_site_off) {
            (Decision::Denied, Decision::Denied, Decision::Allowed) => "which serves everybody who is logged in",
            // Guests and people without a licence are served whatever the switch says.
            (Decision::Denied, Decision::Denied, Decision::Denied) if conditions.cloud => {
                "which serves guests and people without a licence"
            }
            (Decision::Allowed | Decision::Unknown, ..)
            | (_, Decision::Allowed, _)
            | (_, Decision::Denied, Decision::Denied) => return,
            _ => "which may serve everybody who is logged in",
        };
        let given: Vec<&str> = Permission::KNOWN
            .iter()
            .zip(&space.grants)
            .filter(|(_, grants)| grants.iter().any(|grant| grant.principal == Principal::Anonymous))
            .map(|(word, _)| *word)
            .collect();
        // Without view no other permission counts.
        if !given.contains(&Permission::View.as_str()) {
            return;
        }
        let message =
            format!("anonymous is off for the site, and has {} in space {}, {serves}", given.join(", "), space.key);
        let fix = self.revocation(space, Principal::Anonymous);
        if let Some(row) = self.add_space(THROUGH_ANONYMOUS, space, &self.one("anonymous".to_owned()), message) {
            row.fix = fix;
        }
    }
}
