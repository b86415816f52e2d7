//! Accounts that are not the organisation's own people: guests, apps, and people with an e-mail address elsewhere.

use roaring::RoaringBitmap;

use super::site::IndexedSite;
use crate::model::{Decision, UserType};

/// A text that is not a domain of e-mail addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid domain `{0}`: expected the part of an e-mail address after the @, such as `acme.com`")]
pub struct InvalidDomain(pub String);

/// Domains in one spelling: lower case, without the `@` in front.
///
/// # Errors
/// Where a text is not a domain.
pub fn domains<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, InvalidDomain> {
    let domain = |text: &str| {
        let plain = text.trim().trim_start_matches('@').to_lowercase();
        let valid = plain.contains('.')
            && plain.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
            });
        if valid { Ok(plain) } else { Err(InvalidDomain(text.to_owned())) }
    };
    texts.into_iter().map(domain).collect()
}

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
    /// Those of the snapshot. A subdomain is a domain of its own.
    // Source: https://support.atlassian.com/user-management/docs/verify-a-domain-to-manage-accounts/
    pub(super) fn outsiders(&self, internal: &[String]) -> Outsiders {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_come_in_one_spelling_and_other_texts_are_refused() {
        assert_eq!(domains(["@Acme.com", "eu.acme.com "]).unwrap(), ["acme.com", "eu.acme.com"]);
        for text in ["", "acme", "ann@acme.com", "acme..com", "acme .com", "*.acme.com"] {
            assert_eq!(domains([text]), Err(InvalidDomain(text.to_owned())));
        }
    }
}
