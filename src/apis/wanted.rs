//! Permissions as people write them when they want one granted or revoked.

use super::vocabulary;
use crate::model::{Permission, SitePermission};

/// A word for a permission that Cloud does not grant or revoke by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPermission {
    /// Not a permission.
    #[error("invalid permission `{0}`: use one of {names}", names = names())]
    Word(String),
    /// A permission of roles alone, or of Data Center.
    #[error("`{0}` is not given by itself on Cloud: {1}")]
    NotGiven(String, &'static str),
}

fn names() -> String {
    listed(Permission::ALL.iter().filter(|permission| permission.cloud().is_some()).map(Permission::as_str))
}

/// Reads a permission that is to be granted or revoked: a word of this library (`create_page`), a pair of the server
/// (`create/page`, `create page`), or a constant of older versions (`EDITSPACE`).
///
/// # Errors
/// If it is none, or one that cannot be granted by itself; the message lists what is accepted.
pub fn permission_wanted(text: &str) -> Result<Permission, UnknownPermission> {
    let word = text.trim().to_ascii_lowercase();
    let known = |text: &str| vocabulary::role_permission(text, None).and_then(Permission::known);
    let permission = match word.as_str() {
        "read" => Some(Permission::View),
        word => known(word).or_else(|| known(&word.replacen([' ', '-'], "/", 1))),
    };
    let unknown = || UnknownPermission::Word(text.to_owned());
    let permission = permission.ok_or_else(unknown)?;
    match permission.instead() {
        Some(remedy) => Err(UnknownPermission::NotGiven(text.to_owned(), remedy)),
        None => permission.cloud().map(|_| permission).ok_or_else(unknown),
    }
}

/// A word that is not a permission of a space or of the site on Data Center.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid permission type `{word}`: use one of {known}")]
pub struct UnknownType {
    word: String,
    known: String,
}

/// A type of old versions, which newer ones still return.
const EXPORT_PAGE: &str = "EXPORTPAGE";

/// Reads a permission of a space as JSON-RPC and the Extender add-on write it: their own type (`EDITSPACE`), or a word of
/// this library (`create_page`), or a pair (`page create`).
///
/// # Errors
/// If it is none; the message lists what is accepted.
pub fn permission_type_wanted(text: &str) -> Result<&'static str, UnknownType> {
    let word = text.trim();
    if word.eq_ignore_ascii_case(EXPORT_PAGE) {
        return Ok(EXPORT_PAGE);
    }
    let (first, second) = word.split_once(['/', ' ', ':']).unwrap_or((word, ""));
    let lower = if word.eq_ignore_ascii_case("read") { "view".to_owned() } else { word.to_ascii_lowercase() };
    let ways = [
        Permission::from_constant(word),
        Permission::from_data_center(first.trim(), second.trim()),
        Permission::from(lower.as_str()),
    ];
    let found = ways.iter().find_map(Permission::constant);
    found.ok_or_else(|| UnknownType { word: text.to_owned(), known: listed(Permission::constants()) })
}

/// Reads a permission of a space that is to be granted or revoked on Data Center, in any of the forms of
/// [`permission_type_wanted`].
///
/// # Errors
/// If it is none; the message lists what is accepted.
pub fn space_permission_wanted(text: &str) -> Result<Permission, UnknownType> {
    let permission = permission_type_wanted(text).ok().and_then(|constant| Permission::from_constant(constant).known());
    let stored = || Permission::ALL.iter().filter(|permission| permission.constant().is_some());
    permission.ok_or_else(|| UnknownType { word: text.to_owned(), known: listed(stored().map(Permission::as_str)) })
}

/// Reads a permission of the whole site as JSON-RPC writes it.
///
/// # Errors
/// If it is none; the message lists what is accepted.
pub fn global_permission_type_wanted(text: &str) -> Result<&'static str, UnknownType> {
    let known = SitePermission::from_constant(text).constant();
    known.ok_or_else(|| UnknownType { word: text.to_owned(), known: listed(SitePermission::constants()) })
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_data_center_is_understood_in_every_vocabulary() {
        for permission in Permission::ALL {
            let (Some(word), Some((operation, target))) = (permission.constant(), permission.data_center()) else {
                continue;
            };
            for text in [
                word.to_owned(),
                word.to_ascii_lowercase(),
                permission.as_str().to_owned(),
                format!("{target} {operation}"),
                format!("{operation}/{target}"),
            ] {
                assert_eq!(permission_type_wanted(&text), Ok(word), "{text}");
            }
        }
        assert_eq!(permission_type_wanted("read"), Ok("VIEWSPACE"));
        assert_eq!(permission_type_wanted("EXPORTPAGE"), Ok("EXPORTPAGE"));
        assert_eq!(global_permission_type_wanted("useconfluence"), Ok("USECONFLUENCE"));
    }

    #[test]
    fn a_word_that_is_no_type_is_refused_with_those_that_are() {
        let text = permission_type_wanted("VEIWSPACE").unwrap_err().to_string();
        assert!(text.starts_with("invalid permission type `VEIWSPACE`: use one of `VIEWSPACE`, "), "{text}");
        for word in ["", " ", "archive_page", "edit_page", "archive page", "USECONFLUENCE"] {
            assert!(permission_type_wanted(word).is_err(), "{word}");
        }
        assert!(global_permission_type_wanted("VIEWSPACE").is_err());
    }

    #[test]
    fn a_permission_is_understood_in_the_words_of_every_screen() {
        for (text, expected) in [
            ("view", Permission::View),
            ("read", Permission::View),
            ("read/space", Permission::View),
            ("VIEWSPACE", Permission::View),
            ("create_page", Permission::CreatePage),
            ("create page", Permission::CreatePage),
            ("create:page", Permission::CreatePage),
            ("EDITSPACE", Permission::CreatePage),
            ("delete own", Permission::DeleteOwn),
            ("delete-own", Permission::DeleteOwn),
            ("restrict content", Permission::Restrict),
            ("Add/Delete Restrictions", Permission::Restrict),
            ("delete/space", Permission::DeleteOwn),
            ("restrict_content/space", Permission::Restrict),
            ("SETSPACEPERMISSIONS", Permission::Administer),
            ("archive page", Permission::ArchivePage),
        ] {
            assert_eq!(permission_wanted(text), Ok(expected), "{text}");
        }
        for permission in Permission::ALL {
            let Some((operation, target)) = permission.cloud() else { continue };
            assert_eq!(permission_wanted(permission.as_str()).as_ref(), Ok(permission));
            assert_eq!(permission_wanted(&format!("{operation}/{target}")).as_ref(), Ok(permission));
        }
    }

    #[test]
    fn what_cannot_be_given_is_refused_with_what_can() {
        let text = |word: &str| permission_wanted(word).unwrap_err().to_string();
        assert!(text("veiw").starts_with("invalid permission `veiw`: use one of `view`, `create_page`"));
        assert!(text("export/page").starts_with("invalid permission"));
        assert!(text("edit_page").contains("`create_page` also lets people edit"));
        assert!(text("manage_users").contains("assign a role"));
        assert!(text("").starts_with("invalid permission"));
    }
}
