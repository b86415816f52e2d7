//! Accounts that are not the organisation's own people: guests, apps, and people with an e-mail address elsewhere.

use roaring::RoaringBitmap;

use super::site::IndexedSite;
use crate::model::{Decision, UserType};

/// Accounts that are not the organisation's own people, as sets.
#[derive(Debug, Default)]
pub(super) struct Outsiders {
    /// Guests (Cloud).
    pub(super) guests: RoaringBitmap,
    /// Apps.
    pub(super) apps: RoaringBitmap,
    /// People with an e-mail address in none of the internal domains; empty where these are unknown.
    pub(super) external: RoaringBitmap,
    /// People without a known e-mail address.
    pub(super) without_email: RoaringBitmap,
}

impl IndexedSite {
    /// The domains of the organisation's own people: those that were given, else those it has verified. Empty: unknown,
    /// also where it has verified none, because then its people have addresses somewhere else.
    pub(super) fn internal_domains<'a>(&'a self, given: &'a [String]) -> &'a [String] {
        match &self.snapshot.site.verified_domains {
            Some(verified) if given.is_empty() => verified,
            _ => given,
        }
    }

    /// Those of the snapshot. `given`: the internal domains, where they were given. A subdomain is a domain of its own.
    // Source: https://support.atlassian.com/user-management/docs/verify-a-domain-to-manage-accounts/
    pub(super) fn outsiders(&self, given: &[String]) -> Outsiders {
        let internal = self.internal_domains(given);
        let mut outsiders = Outsiders::default();
        for (at, (user, traits)) in (0u32..).zip(self.snapshot.users.iter().zip(&self.people)) {
            if traits.guest == Decision::Allowed {
                outsiders.guests.insert(at);
            }
            if user.kind == UserType::App {
                outsiders.apps.insert(at);
                continue;
            }
            let external = user.email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| {
                let domain = domain.trim().to_lowercase();
                !internal.is_empty() && !internal.contains(&domain)
            });
            match external {
                None => {
                    outsiders.without_email.insert(at);
                }
                Some(true) => {
                    outsiders.external.insert(at);
                }
                Some(false) => {}
            }
        }
        outsiders
    }
}
