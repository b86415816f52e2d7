//! The words servers use for permissions and for those who have them.

use crate::model::{AccessClass, Permission, Subject, SubjectKind};

/// What a permission of a role allows, from its id or from the name people read. `None`: neither is understood, so the
/// role may allow more than is known.
pub(crate) fn role_permission(id: &str, name: Option<&str>) -> Option<Permission> {
    let known = |operation: &str, target: &str| Permission::from_cloud(operation, target).known();
    for separator in ['/', ':', '.'] {
        if let Some((first, second)) = id.split_once(separator)
            && let Some(permission) = known(first, second).or_else(|| known(second, first))
        {
            return Some(permission);
        }
    }
    if let Some(permission) = Permission::from_role(id).or_else(|| name.and_then(Permission::from_role)) {
        return Some(permission);
    }
    // A pair in the product's own form is kept as the permission it is; what it brings may stay open.
    let pair = id.split_once('/').or_else(|| id.split_once(':'));
    pair.filter(|(key, target)| !key.is_empty() && !target.is_empty()).map(|_| Permission::Other(id.to_owned()))
}

/// Who a principal is. The same class is written differently in the permissions of a space and in its roles; anonymous
/// is a type, a class or an account by that name.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/
pub(crate) fn principal(kind: Option<&str>, id: Option<&str>) -> Subject {
    let id = id.map(str::trim).filter(|id| !id.is_empty());
    let Some(kind) = kind.map(|kind| kind.trim().to_ascii_lowercase().replace('-', "_")).filter(|k| !k.is_empty())
    else {
        return Subject::new(SubjectKind::Unknown, id.unwrap_or_default());
    };
    match (kind.as_str(), id) {
        ("anonymous" | "anonymous_user" | "anonymous_users", _) => Subject::anonymous(),
        ("unlicensed" | "unlicensed_user" | "unlicensed_users", _) => Subject::unlicensed(),
        ("user", Some(id)) if id.eq_ignore_ascii_case("anonymous") => Subject::anonymous(),
        ("user" | "known", Some(id)) => Subject::user(id),
        ("group", Some(id)) => Subject::group(id),
        ("access_class" | "accessclass" | "user_class" | "class", Some(id)) => class(id),
        ("user" | "known" | "group" | "access_class" | "accessclass" | "user_class" | "class", None) => {
            Subject::new(SubjectKind::Unknown, "")
        }
        (_, id) => Subject::new(SubjectKind::Other(kind), id.unwrap_or_default()),
    }
}

/// An access class in any spelling.
fn class(id: &str) -> Subject {
    match AccessClass::parse(id) {
        AccessClass::AnonymousUsers => Subject::anonymous(),
        AccessClass::Other(word) => match word.as_str() {
            "anonymous" | "anonymous-user" => Subject::anonymous(),
            "unlicensed" | "unlicensed-user" | "unlicensed-users" => Subject::unlicensed(),
            word if word.starts_with("jsm") && word.contains("customer") => Subject::unlicensed(),
            _ => AccessClass::Other(word).into(),
        },
        known => known.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_of_roles_are_understood_in_either_order_and_by_name() {
        for id in ["read/space", "space/read", "read:space", "VIEW_CONTENT", "View content", "view"] {
            assert_eq!(role_permission(id, None), Some(Permission::View), "{id}");
        }
        for id in ["update/page", "edit/page", "page/edit", "EDIT_CONTENT"] {
            assert_eq!(role_permission(id, None), Some(Permission::EditPage), "{id}");
        }
        assert_eq!(role_permission("create/page", None), Some(Permission::CreatePage));
        assert_eq!(role_permission("0a1b2c", Some("Edit content")), Some(Permission::EditPage));
        assert_eq!(role_permission("17", Some("Delete anyone's content")), Some(Permission::DeletePage));
        assert_eq!(role_permission("delete_space/space", None), Some(Permission::DeleteSpace));
        assert_eq!(role_permission("administer/space", None), Some(Permission::Administer));
        for (name, word) in [
            ("Manage space features, automation", "administer"),
            ("Manage access to space", "manage_users"),
            ("Manage all content in space", "manage_content"),
            ("Export individual content items", "export_content"),
            ("Delete own comments", "delete_own_comment"),
            ("Create content templates", "create_template"),
            ("Manage look and feel of space", "manage_look_and_feel"),
        ] {
            assert_eq!(role_permission("new/thing", Some(name)), Some(Permission::from(word)), "{name}");
        }
    }

    #[test]
    fn a_permission_nobody_understands_is_told_from_one_that_is_merely_other() {
        assert_eq!(
            role_permission("manage_weather/space", None),
            Some(Permission::Other("manage_weather/space".into()))
        );
        assert_eq!(role_permission("0a1b2c", None), None);
        assert_eq!(role_permission("0a1b2c", Some("Paint the walls")), None);
    }

    #[test]
    fn anonymous_is_found_in_every_disguise() {
        for (kind, id) in [
            ("anonymous", None),
            ("ANONYMOUS", Some("x")),
            ("access-class", Some("ANONYMOUS_USERS")),
            ("access-class", Some("anonymous-users")),
            ("ACCESS_CLASS", Some("ANONYMOUS")),
            ("user", Some("anonymous")),
        ] {
            assert_eq!(principal(Some(kind), id), Subject::anonymous(), "{kind} {id:?}");
        }
    }

    #[test]
    fn both_spellings_of_a_class_are_one_class() {
        let everyone = Subject::class("all-licensed-users");
        assert_eq!(principal(Some("access-class"), Some("ALL_LICENSED_USERS")), everyone);
        assert_eq!(principal(Some("ACCESS_CLASS"), Some("all-licensed-users")), everyone);
        assert_eq!(principal(Some("access-class"), Some("jsm-project-admins")), Subject::class("jsm-project-admins"));
        assert_eq!(principal(Some("access-class"), Some("UNLICENSED_USERS")), Subject::unlicensed());
        assert_eq!(principal(Some("access-class"), Some("JSM_CUSTOMERS")), Subject::unlicensed());
    }

    #[test]
    fn who_is_not_named_is_unknown_and_who_is_of_a_new_kind_stays_so() {
        assert_eq!(principal(None, None), Subject::new(SubjectKind::Unknown, ""));
        assert_eq!(principal(Some("user"), None), Subject::new(SubjectKind::Unknown, ""));
        assert_eq!(principal(None, Some("5b")), Subject::new(SubjectKind::Unknown, "5b"));
        assert_eq!(principal(Some("role"), Some("r1")), Subject::new(SubjectKind::Other("role".into()), "r1"));
    }
}
