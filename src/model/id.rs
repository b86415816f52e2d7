//! Ids, keys and names as people write them.

/// A text that cannot be an id, a key or a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Nothing but blanks.
    #[error("the {0} is empty: name one")]
    Empty(&'static str),
    /// What, and the text.
    #[error("invalid {0} `{text}`: it holds a control character", text = .1.escape_debug())]
    Control(&'static str, String),
}

/// A name without the blanks around it. `what` says of which kind it is, such as `title of a content`.
///
/// # Errors
/// If it is empty or holds a control character.
pub fn name<'t>(text: &'t str, what: &'static str) -> Result<&'t str, InvalidId> {
    match text.trim() {
        "" => Err(InvalidId::Empty(what)),
        name if name.chars().any(char::is_control) => Err(InvalidId::Control(what, name.to_owned())),
        name => Ok(name),
    }
}

/// The id of a content.
///
/// # Errors
/// As [`name`].
pub fn content_id(text: &str) -> Result<&str, InvalidId> {
    name(text, "id of a content")
}

/// Whether a content may have this id. Servers number contents; only what is attached has a letter in front.
pub fn is_content_id(text: &str) -> bool {
    let digits = text.strip_prefix("att").unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A title behind the key of its space, as in `ENG:Roadmap`: where the text is not a title itself.
pub fn key_and_title(text: &str) -> Option<(&str, &str)> {
    let (key, title) = text.split_once(':')?;
    let (key, title) = (key.trim(), title.trim());
    (!key.is_empty() && !title.is_empty()).then_some((key, title))
}

/// The key of a space.
///
/// # Errors
/// As [`name`].
pub fn space_key(text: &str) -> Result<&str, InvalidId> {
    name(text, "key of a space")
}

/// An account by its id, username, e-mail address or name; `user:<name>` works as well.
///
/// # Errors
/// As [`name`].
pub fn account_name(text: &str) -> Result<&str, InvalidId> {
    name(bare(text, "user:"), "name of a user")
}

/// A group by its id or name; `group:<name>` works as well.
///
/// # Errors
/// As [`name`].
pub fn group_name(text: &str) -> Result<&str, InvalidId> {
    name(bare(text, "group:"), "name of a group")
}

fn bare<'t>(text: &'t str, prefix: &str) -> &'t str {
    let text = text.trim();
    text.strip_prefix(prefix).unwrap_or(text)
}

/// Whether a text is a UUID.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == b'-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_without_what_stands_around_it() {
        assert_eq!(content_id(" 42 "), Ok("42"));
        assert_eq!(account_name(" user: ann "), Ok("ann"));
        assert_eq!(group_name("group:a:b"), Ok("a:b"));
    }

    #[test]
    fn a_text_that_cannot_be_an_id_is_refused() {
        let refused = |text| space_key(text).unwrap_err().to_string();
        assert_eq!(refused("  "), "the key of a space is empty: name one");
        assert_eq!(refused("E\nNG"), "invalid key of a space `E\\nNG`: it holds a control character");
        assert!(account_name("user:").is_err() && group_name("group: ").is_err());
    }

    #[test]
    fn a_uuid_has_its_hyphens_in_their_places() {
        assert!(is_uuid("0a1b2c3d-0000-4000-8000-00000000000F"));
        for other in ["", "0a1b2c3d00004000800000000000000f", "0a1b2c3d-0000-4000-8000-00000000000g"] {
            assert!(!is_uuid(other), "{other}");
        }
    }
}
