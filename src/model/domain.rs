//! Domains of e-mail addresses.

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
