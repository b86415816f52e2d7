//! Permissions as people write them when they want one given or taken.

use super::vocabulary;
use crate::model::Permission;

/// A word for a permission that cannot be given or taken by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPermission {
    /// No permission at all.
    #[error("`{0}` is no permission: use one of {names}", names = names())]
    Word(String),
    /// One of another product, or of roles alone.
    #[error("`{0}` is not given by itself on Cloud: {1}")]
    NotGiven(String, &'static str),
}

/// Permissions that are given one by one, each with the server's words: operation and target.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-space-permissions/
const GIVEN: [(Permission, &str, &str); 14] = [
    (Permission::View, "read", "space"),
    (Permission::CreatePage, "create", "page"),
    (Permission::CreateBlogpost, "create", "blogpost"),
    (Permission::CreateComment, "create", "comment"),
    (Permission::CreateAttachment, "create", "attachment"),
    (Permission::DeletePage, "delete", "page"),
    (Permission::DeleteBlogpost, "delete", "blogpost"),
    (Permission::DeleteComment, "delete", "comment"),
    (Permission::DeleteAttachment, "delete", "attachment"),
    (Permission::DeleteOwn, "delete", "space"),
    (Permission::Restrict, "restrict_content", "space"),
    (Permission::Export, "export", "space"),
    (Permission::Administer, "administer", "space"),
    (Permission::ArchivePage, "archive", "page"),
];

fn names() -> String {
    GIVEN.iter().map(|(permission, ..)| format!("`{permission}`")).collect::<Vec<_>>().join(", ")
}

/// The server's words for a permission that can be given by itself.
pub(crate) fn pair(permission: &Permission) -> Option<(&'static str, &'static str)> {
    GIVEN.iter().find(|(known, ..)| known == permission).map(|(_, key, target)| (*key, *target))
}

/// Reads a permission that is to be given or taken: a word of this library (`create_page`), a pair of the server
/// (`create/page`, `create page`), or a constant of older versions (`EDITSPACE`).
///
/// # Errors
/// Where it is none, or one that cannot be given by itself; the message says what would be right.
pub fn permission_wanted(text: &str) -> Result<Permission, UnknownPermission> {
    let plain = text.trim().to_ascii_lowercase();
    let permission = match plain.as_str() {
        "read" => Some(Permission::View),
        "editspace" => Some(Permission::CreatePage),
        // In the product's own words these delete one's own content, or anybody's.
        "delete own" | "delete-own" => Some(Permission::DeleteOwn),
        "restrict content" | "add/delete restrictions" => Some(Permission::Restrict),
        other => match vocabulary::role_permission(other, None) {
            Some(Permission::Other(_)) | None => vocabulary::role_permission(&other.replacen([' ', '-'], "/", 1), None),
            known => known,
        },
    };
    let unknown = || UnknownPermission::Word(text.to_owned());
    let permission = permission.ok_or_else(unknown)?;
    match &permission {
        known if pair(known).is_some() => Ok(permission),
        Permission::EditPage => {
            Err(UnknownPermission::NotGiven(text.to_owned(), "`create_page` also lets people edit, or assign a role"))
        }
        Permission::EditBlogpost => Err(UnknownPermission::NotGiven(
            text.to_owned(),
            "`create_blogpost` also lets people edit, or assign a role",
        )),
        Permission::ManageUsers | Permission::DeleteSpace => {
            Err(UnknownPermission::NotGiven(text.to_owned(), "assign a role that brings it, or give `administer`"))
        }
        Permission::DeleteMail => Err(UnknownPermission::NotGiven(text.to_owned(), "mail is kept on Data Center only")),
        _ => Err(unknown()),
    }
}

/// A word that is no permission of a space or of the site on Data Center.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no permission type: use one of {known}")]
pub struct UnknownType {
    word: String,
    known: String,
}

/// Permissions of a whole site only older remote APIs know.
// Source: https://docs.atlassian.com/ConfluenceServer/javadoc/7.4.7/com/atlassian/confluence/security/SpacePermission.html
const OLDER_GLOBAL: [&str; 2] = ["UPDATEUSERSTATUS", "PROFILEATTACHMENTS"];

/// A type old versions have and newer ones answer with all the same.
const EXPORT_PAGE: &str = "EXPORTPAGE";

/// Reads a permission of a space as JSON-RPC and the Extender add-on write it: their own type (`EDITSPACE`), or a word of
/// this library (`create_page`), or a pair (`page create`).
///
/// # Errors
/// Where it is none; the message lists what would be right.
pub fn permission_type_wanted(text: &str) -> Result<&'static str, UnknownType> {
    let word = text.trim();
    if word.eq_ignore_ascii_case(EXPORT_PAGE) {
        return Ok(EXPORT_PAGE);
    }
    let (first, second) = word.split_once(['/', ' ', ':']).unwrap_or((word, ""));
    let lower = if word.eq_ignore_ascii_case("read") { "view".to_owned() } else { word.to_ascii_lowercase() };
    let ways = [
        vocabulary::stored_permission(word),
        vocabulary::paired_permission(first.trim(), second.trim()),
        vocabulary::paired_permission(second.trim(), first.trim()),
        Permission::from(lower.as_str()),
    ];
    let found = ways.iter().find_map(vocabulary::stored_as);
    found.map(|stored| stored.constant).ok_or_else(|| UnknownType {
        word: text.to_owned(),
        known: listed(vocabulary::SPACE_PERMISSIONS.iter().map(|stored| stored.constant)),
    })
}

/// Reads a permission of a space that is to be given or taken on Data Center, in any of the forms of
/// [`permission_type_wanted`].
///
/// # Errors
/// Where it is none; the message lists what would be right.
pub fn space_permission_wanted(text: &str) -> Result<Permission, UnknownType> {
    let unknown = || UnknownType {
        word: text.to_owned(),
        known: listed(vocabulary::SPACE_PERMISSIONS.iter().map(|row| row.permission.as_str())),
    };
    match permission_type_wanted(text).map(vocabulary::stored_permission) {
        Ok(Permission::Other(_)) | Err(_) => Err(unknown()),
        Ok(permission) => Ok(permission),
    }
}

/// Reads a permission of the whole site as JSON-RPC writes it.
///
/// # Errors
/// Where it is none; the message lists what would be right.
pub fn global_permission_type_wanted(text: &str) -> Result<&'static str, UnknownType> {
    let word = text.trim();
    let known = || vocabulary::GLOBAL_PERMISSIONS.iter().map(|(known, ..)| *known).chain(OLDER_GLOBAL);
    known()
        .find(|known| known.eq_ignore_ascii_case(word))
        .ok_or_else(|| UnknownType { word: text.to_owned(), known: listed(known()) })
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_data_center_is_understood_in_every_vocabulary() {
        for stored in &vocabulary::SPACE_PERMISSIONS {
            let (word, target, operation) = (stored.constant, stored.target, stored.operation);
            let permission = &stored.permission;
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
        assert!(text.starts_with("`VEIWSPACE` is no permission type: use one of `VIEWSPACE`, "), "{text}");
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
            ("delete/space", Permission::DeleteOwn),
            ("restrict_content/space", Permission::Restrict),
            ("SETSPACEPERMISSIONS", Permission::Administer),
            ("archive page", Permission::ArchivePage),
        ] {
            assert_eq!(permission_wanted(text), Ok(expected), "{text}");
        }
        for (permission, key, target) in GIVEN {
            assert_eq!(permission_wanted(permission.as_str()).as_ref(), Ok(&permission));
            assert_eq!(permission_wanted(&format!("{key}/{target}")).as_ref(), Ok(&permission));
        }
    }

    #[test]
    fn what_cannot_be_given_is_refused_with_what_can() {
        let text = |word: &str| permission_wanted(word).unwrap_err().to_string();
        assert!(text("veiw").starts_with("`veiw` is no permission: use one of `view`, `create_page`"));
        assert!(text("export/page").contains("is no permission"));
        assert!(text("edit_page").contains("`create_page` also lets people edit"));
        assert!(text("manage_users").contains("assign a role"));
        assert!(text("").contains("is no permission"));
    }
}
