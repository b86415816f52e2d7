//! The words servers use for permissions and for those who have them.

use crate::model::{Permission, Subject, SubjectKind};

/// What `key` on `target` allows, such as `read` on `space`. Pairs nobody knows are kept as `key/target`.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/
pub(crate) fn permission(key: &str, target: &str) -> Permission {
    known(key, target).unwrap_or_else(|| Permission::Other(format!("{key}/{target}")))
}

fn known(key: &str, target: &str) -> Option<Permission> {
    let (key, target) = (key.to_ascii_lowercase(), target.to_ascii_lowercase());
    Some(match (key.as_str(), target.as_str()) {
        ("read" | "view", "space") => Permission::View,
        ("create", "page") => Permission::CreatePage,
        ("update" | "edit", "page") => Permission::EditPage,
        ("create", "blogpost") => Permission::CreateBlogpost,
        ("update" | "edit", "blogpost") => Permission::EditBlogpost,
        ("create", "comment") => Permission::CreateComment,
        ("create", "attachment") => Permission::CreateAttachment,
        ("delete", "page") => Permission::DeletePage,
        ("delete", "blogpost") => Permission::DeleteBlogpost,
        ("delete", "comment") => Permission::DeleteComment,
        ("delete", "attachment") => Permission::DeleteAttachment,
        // "Delete own": the pair does not delete the space. That is `delete_space`.
        ("delete" | "delete_own", "space") => Permission::DeleteOwn,
        ("delete_mail", "space") => Permission::DeleteMail,
        ("restrict_content" | "restrict", "space") => Permission::Restrict,
        ("export", "space") => Permission::Export,
        ("administer", "space") => Permission::Administer,
        ("archive", "page") => Permission::ArchivePage,
        ("manage_users", _) => Permission::ManageUsers,
        ("delete_space", _) => Permission::DeleteSpace,
        _ => return None,
    })
}

/// What a permission of a role allows, from its id or from the name people read. `None`: neither is understood, so the
/// role may allow more than is known.
pub(crate) fn role_permission(id: &str, name: Option<&str>) -> Option<Permission> {
    for separator in ['/', ':', '.'] {
        if let Some((first, second)) = id.split_once(separator)
            && let Some(permission) = known(first, second).or_else(|| known(second, first))
        {
            return Some(permission);
        }
    }
    if let Some(permission) = word(id).or_else(|| name.and_then(word)) {
        return Some(permission);
    }
    // A pair in the product's own form is kept as the permission it is; what it brings may stay open.
    let pair = id.split_once('/').or_else(|| id.split_once(':'));
    pair.filter(|(key, target)| !key.is_empty() && !target.is_empty()).map(|_| Permission::Other(id.to_owned()))
}

/// A permission as one word: platform id, word of the screens, constant of older versions.
// Source: https://support.atlassian.com/confluence-cloud/docs/create-and-manage-custom-roles
fn word(text: &str) -> Option<Permission> {
    let plain: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect::<String>()
        .replace("_s_", "s_");
    Some(match plain.as_str() {
        "view_content" | "view_space" | "viewspace" => Permission::View,
        "create_content" | "create_pages" => Permission::CreatePage,
        "edit_content" | "edit_pages" | "update_content" => Permission::EditPage,
        "create_blog" | "create_blogs" | "create_blog_posts" | "editblog" => Permission::CreateBlogpost,
        "edit_blog" | "edit_blogs" | "edit_blog_posts" => Permission::EditBlogpost,
        "comment" | "comment_on_content" | "create_comments" | "add_comments" => Permission::CreateComment,
        "add_attachments" | "create_attachments" => Permission::CreateAttachment,
        "delete_content" | "delete_anyones_content" | "remove_page" | "removepage" => Permission::DeletePage,
        "remove_blog" | "removeblog" | "delete_blogs" => Permission::DeleteBlogpost,
        "remove_comment" | "removecomment" | "delete_comments" | "delete_anyones_comments" => Permission::DeleteComment,
        "remove_attachment" | "removeattachment" | "delete_attachments" | "delete_anyones_attachments" => {
            Permission::DeleteAttachment
        }
        "delete_own_content" | "remove_own_content" | "removeowncontent" => Permission::DeleteOwn,
        "remove_mail" | "removemail" => Permission::DeleteMail,
        "set_page_permissions" | "setpagepermissions" | "restrict_content" => Permission::Restrict,
        "export_space" | "exportspace" => Permission::Export,
        "administer_space" | "setspacepermissions" | "manage_space" | "manage_space_and_space_settings" => {
            Permission::Administer
        }
        "archive_content" | "archive_pages" => Permission::ArchivePage,
        // What stood for everything until it was split.
        // Source: https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/Introducing-more-flexibility-to-the-Confluence-roles-system/ba-p/3248645
        "manage_space_features__automation" | "manage_space_features_automation" | "manage_space_features" => {
            Permission::Administer
        }
        "manage_access_to_space" => Permission::ManageUsers,
        "manage_all_content" | "manage_all_content_in_space" => Permission::ManageContent,
        "export_individual_content" | "export_individual_content_items" => Permission::ExportContent,
        "delete_own_comments" => Permission::DeleteOwnComment,
        "create_content_templates" | "create_templates" | "manage_templates" => Permission::CreateTemplate,
        "manage_look_and_feel_of_space" => Permission::ManageLookAndFeel,
        // The words of this library, except those of two meanings: `export` and `restrict` are fine, `administer` too.
        other if Permission::KNOWN.contains(&other) => Permission::from(other),
        _ => return None,
    })
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
        ("unlicensed" | "unlicensed_user" | "unlicensed_users", _) => unlicensed(),
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
    let class = Subject::class(id);
    match class.id.as_str() {
        "anonymous" | "anonymous-user" | "anonymous-users" => Subject::anonymous(),
        "unlicensed" | "unlicensed-user" | "unlicensed-users" => unlicensed(),
        word if word.starts_with("jsm") && word.contains("customer") => unlicensed(),
        _ => class,
    }
}

/// Logged-in people without a licence.
pub(crate) fn unlicensed() -> Subject {
    Subject::new(SubjectKind::Unlicensed, "")
}

/// A permission of a space as Data Center stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The constant: JSON-RPC, Extender and the audit log say it.
    pub constant: &'static str,
    /// What REST says it is done to.
    pub target: &'static str,
    /// What REST says is done.
    pub operation: &'static str,
    /// The permission.
    pub permission: Permission,
}

const fn stored(
    constant: &'static str,
    (target, operation): (&'static str, &'static str),
    permission: Permission,
) -> Stored {
    Stored { constant, target, operation, permission }
}

/// The permissions of a space on Data Center: the same fourteen in every vocabulary.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space-permissions/
// Source: https://docs.atlassian.com/ConfluenceServer/javadoc/9.5.2/com/atlassian/confluence/security/SpacePermission.html
pub(crate) static SPACE_PERMISSIONS: [Stored; 14] = [
    stored("VIEWSPACE", ("space", "read"), Permission::View),
    stored("REMOVEOWNCONTENT", ("space", "delete_own"), Permission::DeleteOwn),
    stored("EDITSPACE", ("page", "create"), Permission::CreatePage),
    stored("REMOVEPAGE", ("page", "delete"), Permission::DeletePage),
    stored("EDITBLOG", ("blogpost", "create"), Permission::CreateBlogpost),
    stored("REMOVEBLOG", ("blogpost", "delete"), Permission::DeleteBlogpost),
    stored("CREATEATTACHMENT", ("attachment", "create"), Permission::CreateAttachment),
    stored("REMOVEATTACHMENT", ("attachment", "delete"), Permission::DeleteAttachment),
    stored("COMMENT", ("comment", "create"), Permission::CreateComment),
    stored("REMOVECOMMENT", ("comment", "delete"), Permission::DeleteComment),
    stored("SETPAGEPERMISSIONS", ("space", "restrict"), Permission::Restrict),
    stored("REMOVEMAIL", ("space", "delete_mail"), Permission::DeleteMail),
    stored("EXPORTSPACE", ("space", "export"), Permission::Export),
    stored("SETSPACEPERMISSIONS", ("space", "administer"), Permission::Administer),
];

/// What a constant of Data Center allows; one nobody knows, such as `EXPORTPAGE`, is kept as it came. `EDITSPACE` is to add
/// pages, not to administer.
pub(crate) fn stored_permission(constant: &str) -> Permission {
    let constant = constant.trim();
    SPACE_PERMISSIONS
        .iter()
        .find(|row| row.constant.eq_ignore_ascii_case(constant))
        .map_or_else(|| Permission::Other(constant.to_owned()), |row| row.permission.clone())
}

/// What an operation allows by the REST API of Data Center; a pair nobody knows is kept as `operation/target`.
pub(crate) fn paired_permission(target: &str, operation: &str) -> Permission {
    SPACE_PERMISSIONS
        .iter()
        .find(|row| row.target.eq_ignore_ascii_case(target) && row.operation.eq_ignore_ascii_case(operation))
        .map_or_else(|| Permission::Other(format!("{operation}/{target}")), |row| row.permission.clone())
}

/// How Data Center stores a permission; `None`: it has no such permission.
pub(crate) fn stored_as(permission: &Permission) -> Option<&'static Stored> {
    SPACE_PERMISSIONS.iter().find(|row| row.permission == *permission)
}

/// The constant Data Center stores a permission of a space as, such as `EDITSPACE`; `None`: it has no such permission.
pub fn stored_name(permission: &Permission) -> Option<&'static str> {
    stored_as(permission).map(|row| row.constant)
}

/// A permission of the site as Data Center stores it, and as REST spells it: constant, target, operation.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-global-permissions/
pub(crate) const GLOBAL_PERMISSIONS: [(&str, &str, &str); 7] = [
    ("USECONFLUENCE", "application", "use"),
    ("LIMITEDUSECONFLUENCE", "application", "use_unlicensed"),
    ("PERSONALSPACE", "personal_space", "create"),
    ("CREATESPACE", "space", "create"),
    ("ADMINISTRATECONFLUENCE", "application", "administer"),
    ("SYSTEMADMINISTRATOR", "system", "administer"),
    ("VIEWUSERPROFILES", "user", "read"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_pair_is_a_permission() {
        for (key, target, expected) in [
            ("read", "space", "view"),
            ("create", "page", "create_page"),
            ("update", "page", "edit_page"),
            ("create", "blogpost", "create_blogpost"),
            ("update", "blogpost", "edit_blogpost"),
            ("create", "comment", "create_comment"),
            ("create", "attachment", "create_attachment"),
            ("delete", "page", "delete_page"),
            ("delete", "blogpost", "delete_blogpost"),
            ("delete", "comment", "delete_comment"),
            ("delete", "attachment", "delete_attachment"),
            ("delete", "space", "delete_own"),
            ("restrict_content", "space", "restrict"),
            ("export", "space", "export"),
            ("administer", "space", "administer"),
            ("archive", "page", "archive_page"),
            ("manage_users", "space", "manage_users"),
            ("delete_space", "space", "delete_space"),
        ] {
            let permission = permission(key, target);
            assert_eq!(permission.as_str(), expected);
            assert!(!matches!(permission, Permission::Other(_)));
        }
    }

    #[test]
    fn an_unknown_pair_is_kept_as_it_came() {
        assert_eq!(permission("archive_space", "space"), Permission::Other("archive_space/space".into()));
        assert_eq!(permission("Read", "Page"), Permission::Other("Read/Page".into()));
    }

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
        assert_eq!(principal(Some("access-class"), Some("UNLICENSED_USERS")), unlicensed());
        assert_eq!(principal(Some("access-class"), Some("JSM_CUSTOMERS")), unlicensed());
    }

    #[test]
    fn who_is_not_named_is_unknown_and_who_is_of_a_new_kind_stays_so() {
        assert_eq!(principal(None, None), Subject::new(SubjectKind::Unknown, ""));
        assert_eq!(principal(Some("user"), None), Subject::new(SubjectKind::Unknown, ""));
        assert_eq!(principal(None, Some("5b")), Subject::new(SubjectKind::Unknown, "5b"));
        assert_eq!(principal(Some("role"), Some("r1")), Subject::new(SubjectKind::Other("role".into()), "r1"));
    }

    #[test]
    fn the_fourteen_permissions_of_data_center_are_one_to_one() {
        let mut permissions: Vec<&Permission> = SPACE_PERMISSIONS.iter().map(|row| &row.permission).collect();
        permissions.sort();
        permissions.dedup();
        assert_eq!(permissions.len(), 14);
        for row in &SPACE_PERMISSIONS {
            assert_eq!(stored_permission(&row.constant.to_lowercase()), row.permission);
            assert_eq!(paired_permission(row.target, row.operation), row.permission);
            assert_eq!(stored_as(&row.permission).map(|stored| stored.constant), Some(row.constant));
        }
        assert_eq!(stored_permission("EDITSPACE"), Permission::CreatePage);
        assert_eq!(stored_permission("EXPORTPAGE"), Permission::Other("EXPORTPAGE".into()));
        assert_eq!(paired_permission("page", "archive"), Permission::Other("archive/page".into()));
        assert_eq!(stored_as(&Permission::ArchivePage), None);
    }
}
