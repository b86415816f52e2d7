//! Space permissions.

use std::collections::BTreeSet;

use serde::Serialize;

use super::open_enum::open_enum;
use super::{Origin, Subject, SubjectKind, record};

open_enum! {
    /// A permission in a space, in one vocabulary for all deployments.
    Permission {
        /// See the space.
        View = "view",
        /// Create pages; as a grant of its own also edit them.
        CreatePage = "create_page",
        /// Edit pages. Of a role this alone edits.
        EditPage = "edit_page",
        /// Create blog posts; as a grant of its own also edit them.
        CreateBlogpost = "create_blogpost",
        /// Edit blog posts.
        EditBlogpost = "edit_blogpost",
        /// Comment.
        CreateComment = "create_comment",
        /// Attach files.
        CreateAttachment = "create_attachment",
        /// Delete anybody's pages.
        DeletePage = "delete_page",
        /// Delete anybody's blog posts.
        DeleteBlogpost = "delete_blogpost",
        /// Delete anybody's comments.
        DeleteComment = "delete_comment",
        /// Delete anybody's attachments.
        DeleteAttachment = "delete_attachment",
        /// Delete one's own content.
        DeleteOwn = "delete_own",
        /// Delete mail (Data Center).
        DeleteMail = "delete_mail",
        /// Set restrictions.
        Restrict = "restrict",
        /// Export the space.
        Export = "export",
        /// Administer the space.
        Administer = "administer",
        /// Archive pages (Cloud).
        ArchivePage = "archive_page",
        /// Manage the users of the space (Cloud roles).
        ManageUsers = "manage_users",
        /// Delete the space (Cloud roles).
        DeleteSpace = "delete_space",
        /// Manage all content of the space (Cloud roles). No document says which permissions it stands for.
        ManageContent = "manage_content",
        /// Export single contents (Cloud roles).
        ExportContent = "export_content",
        /// Delete one's own comments (Cloud roles).
        DeleteOwnComment = "delete_own_comment",
        /// Create templates (Cloud roles).
        CreateTemplate = "create_template",
        /// Manage the look and feel of the space (Cloud roles).
        ManageLookAndFeel = "manage_look_and_feel",
    }
}

impl Permission {
    /// Whether nobody can say which of the other permissions it brings: it may let its holder do what none of the known
    /// ones lets it do. A word nobody knows may; of the known ones only `manage_content`, which was part of "Manage
    /// everything". The others split off with it are about one thing each, and open nothing to view or to edit.
    // Source: https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/ba-p/3165902
    pub fn is_vague(&self) -> bool {
        match self {
            Self::ManageContent => true,
            Self::Other(word) => !is_about_something_else(word),
            _ => false,
        }
    }
}

/// Whether a word without a permission of its own is one that documents name, about something that neither shows nor
/// changes pages, blog posts and what hangs on them, nor restrictions.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/
fn is_about_something_else(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    if word == "exportpage" {
        // An obsolete constant of Data Center that is still stored.
        return true;
    }
    let Some((key, target)) = word.split_once('/') else { return false };
    match key {
        "export" | "copy" | "archive" | "archive_space" | "create_space" => true,
        "create" | "delete" => {
            matches!(target, "whiteboard" | "database" | "embed" | "folder" | "space" | "application" | "userprofile")
        }
        _ => false,
    }
}

/// A word without what spellings differ in.
pub(super) fn spelt(text: &str) -> String {
    text.trim().to_lowercase().replace(['_', '-', ' ', '\''], "")
}

impl Permission {
    /// The permission in any spelling: constants of Data Center, pairs of the APIs, words of the screens and of the
    /// audit log.
    // Source: https://confluence.atlassian.com/doc/space-permissions-overview-139521.html
    pub fn worded(text: &str) -> Option<Self> {
        Some(match spelt(text).as_str() {
            "viewspace" | "view" | "read" | "read/space" | "read:space" | "space/read" | "viewcontent" => Self::View,
            "editspace" | "addpage" | "addpages" | "createpages" | "createcontent" | "create/page" | "create:page" => {
                Self::CreatePage
            }
            "edit" | "editpage" | "editcontent" | "update/page" | "update:page" | "update" => Self::EditPage,
            "editblog" | "addblog" | "createblogs" | "create/blogpost" | "create:blogpost" => Self::CreateBlogpost,
            "update/blogpost" | "update:blogpost" | "editblogs" => Self::EditBlogpost,
            "comment" | "addcomments" | "createcomments" | "commentoncontent" | "create/comment" | "create:comment" => {
                Self::CreateComment
            }
            "createattachment" | "addattachments" | "create/attachment" | "create:attachment" => Self::CreateAttachment,
            "removepage" | "deletepages" | "deletecontent" | "delete/page" | "delete:page" => Self::DeletePage,
            "removeblog" | "deleteblogs" | "delete/blogpost" | "delete:blogpost" => Self::DeleteBlogpost,
            "removecomment" | "deletecomments" | "delete/comment" | "delete:comment" => Self::DeleteComment,
            "removeattachment" | "deleteattachments" | "delete/attachment" | "delete:attachment" => {
                Self::DeleteAttachment
            }
            "removeowncontent" | "deleteown" | "deleteowncontent" | "delete/space" | "delete:space" => Self::DeleteOwn,
            "removemail" | "deletemail" => Self::DeleteMail,
            "setpagepermissions"
            | "restrictcontent"
            | "restrict"
            | "restrictcontent/space"
            | "restrictcontent:space"
            | "addrestrictions" => Self::Restrict,
            "exportspace" | "export" | "export/space" | "export:space" => Self::Export,
            "setspacepermissions"
            | "administer"
            | "administerspace"
            | "administer/space"
            | "administer:space"
            | "admin"
            | "managespace"
            | "managespaceandspacesettings" => Self::Administer,
            "archivepage" | "archivepages" | "archivecontent" | "archive/page" | "archive:page" => Self::ArchivePage,
            "manageusers" | "manageusers/space" => Self::ManageUsers,
            "deletespace" | "deletespace/space" => Self::DeleteSpace,
            _ => return None,
        })
    }
}

record! {
    /// One row is one permission of one subject in one space.
    ///
    /// Roles are expanded: one row for each permission they give, with the role in `via_role`. From
    /// `wiki.space_permissions(space)` and `snapshot.space_permissions`.
    #[derive(Serialize)]
    pub struct SpacePermission: stored {
        /// Key of the space.
        pub space_key: String,
        /// The holder.
        field subject: Subject = |row| Subject::read(row, "subject_type", "subject_id", Some("subject_name")),
        /// `user`, `group`, `anonymous`, `access_class`, `unlicensed`, `unknown` or another word of the server.
        column subject_type: SubjectKind = |permission| &permission.subject.kind,
        /// Id of the subject; null if its type says everything, or if the server gave none (a deleted account or
        /// group).
        column subject_id: Option<String> = |permission| permission.subject.given_id(),
        /// Display name of the subject.
        pub subject_name: Option<String>,
        /// `view`, `create_page`, `edit_page`, `administer` …, in one vocabulary for all deployments.
        pub permission: Permission,
        /// The server's own words, such as `create/page` or `EDITSPACE`.
        pub raw: Option<String>,
        /// Name of the role that gives it; null for a direct grant.
        pub via_role: Option<String>,
        /// API and route it was read from.
        pub source: Origin,
    }
}

/// What a role brings when it holds `listed`: that, and `view`. Grants imply nothing.
///
/// Until June 2026 Atlassian let `manage_users` bring every permission on content and `administer` everything. The API has
/// always listed what a role holds, so nothing is added to it.
// Source: https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/Introducing-more-flexibility-to-the-Confluence-roles-system/ba-p/3248645
// Source: https://support.atlassian.com/confluence-cloud/docs/create-and-manage-custom-roles
pub fn role_grants(listed: impl IntoIterator<Item = Permission>) -> BTreeSet<Permission> {
    let mut all: BTreeSet<Permission> = listed.into_iter().collect();
    if !all.is_empty() {
        all.insert(Permission::View);
    }
    all
}

open_enum! {
    /// A permission of the site as a whole (Data Center).
    SitePermission {
        /// Use Confluence.
        Use = "use",
        /// Use it without a licence, as service desk customers do.
        UseUnlicensed = "use_unlicensed",
        /// Have a personal space.
        CreatePersonalSpace = "create_personal_space",
        /// Create spaces.
        CreateSpace = "create_space",
        /// Administer Confluence.
        Administer = "administer",
        /// Administer the system.
        AdministerSystem = "administer_system",
        /// See profiles of people.
        ViewProfiles = "view_profiles",
        /// Say what one is doing (older versions).
        UpdateStatus = "update_user_status",
        /// Attach files to one's own profile (older versions).
        AttachToProfile = "attach_to_profile",
    }
}

impl SitePermission {
    /// The permission for a target and an operation, as REST spells them; a pair nobody knows is kept.
    // Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-global-permissions/
    pub fn paired(target: &str, operation: &str) -> Self {
        match (target.to_ascii_lowercase().as_str(), operation.to_ascii_lowercase().as_str()) {
            ("application", "use") => Self::Use,
            ("application", "use_unlicensed") => Self::UseUnlicensed,
            ("personal_space", "create") => Self::CreatePersonalSpace,
            ("space", "create") => Self::CreateSpace,
            ("application", "administer") => Self::Administer,
            ("system", "administer") => Self::AdministerSystem,
            // The documents write it either way round.
            ("user", "read") | ("read", "user") => Self::ViewProfiles,
            _ => Self::Other(format!("{operation}/{target}")),
        }
    }

    /// The permission for the constant it is stored as; one nobody knows is kept.
    // Source: https://docs.atlassian.com/ConfluenceServer/javadoc/9.5.2/com/atlassian/confluence/security/SpacePermission.html
    pub fn stored(constant: &str) -> Self {
        match constant.trim() {
            "USECONFLUENCE" => Self::Use,
            "LIMITEDUSECONFLUENCE" => Self::UseUnlicensed,
            "PERSONALSPACE" => Self::CreatePersonalSpace,
            "CREATESPACE" => Self::CreateSpace,
            "ADMINISTRATECONFLUENCE" => Self::Administer,
            "SYSTEMADMINISTRATOR" => Self::AdministerSystem,
            "VIEWUSERPROFILES" => Self::ViewProfiles,
            "UPDATEUSERSTATUS" => Self::UpdateStatus,
            "PROFILEATTACHMENTS" => Self::AttachToProfile,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The permission in any spelling: the constant it is stored as, words of the screens and of the audit log.
    // Source: https://confluence.atlassian.com/doc/global-permissions-overview-138709.html
    pub fn worded(text: &str) -> Option<Self> {
        match Self::stored(&spelt(text).to_uppercase()) {
            Self::Other(_) => {}
            known => return Some(known),
        }
        Some(match spelt(text).as_str() {
            "canuse" | "use" => Self::Use,
            "createpersonalspace" => Self::CreatePersonalSpace,
            "createspaces" => Self::CreateSpace,
            "confluenceadministrator" | "administerconfluence" => Self::Administer,
            "sysadmin" => Self::AdministerSystem,
            _ => return None,
        })
    }
}

record! {
    /// One row is one permission of one subject for the site as a whole (Data Center).
    ///
    /// Without `use` no other permission has an effect. From `wiki.global_permissions()`.
    pub struct GlobalPermission {
        /// The holder.
        field subject: Subject,
        /// `user`, `group`, `anonymous`, `unlicensed`, `unknown` or another word of the server.
        column subject_type: SubjectKind = |permission| &permission.subject.kind,
        /// Id of the subject; null if its type says everything, or if the server gave none.
        column subject_id: Option<String> = |permission| permission.subject.given_id(),
        /// Display name of the subject.
        pub subject_name: Option<String>,
        /// `use`, `use_unlicensed`, `create_personal_space`, `create_space`, `administer`, `administer_system`,
        /// `view_profiles`, `update_user_status`, `attach_to_profile`, or the server's own words.
        pub permission: SitePermission,
        /// The server's own words, such as `use/application`.
        pub raw: Option<String>,
        /// API and route it was read from.
        pub source: Origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_brings_what_it_lists_and_view() {
        let brings = |listed: &[Permission]| role_grants(listed.iter().cloned()).into_iter().collect::<Vec<_>>();
        assert_eq!(brings(&[Permission::ManageUsers]), [Permission::View, Permission::ManageUsers]);
        assert_eq!(brings(&[Permission::Administer]), [Permission::View, Permission::Administer]);
        assert_eq!(brings(&[Permission::DeleteSpace]), [Permission::View, Permission::DeleteSpace]);
        assert_eq!(brings(&[]), []);
    }

    #[test]
    fn a_word_nobody_knows_may_let_somebody_in_and_one_about_something_else_may_not() {
        for vague in ["manage_content", "fly", "fly/space", "read/page", "update/page2", "manage_everything/space", ""]
        {
            assert!(Permission::from(vague).is_vague(), "{vague}");
        }
        for clear in Permission::KNOWN.iter().filter(|word| **word != "manage_content") {
            assert!(!Permission::from(*clear).is_vague(), "{clear}");
        }
        for clear in ["create/whiteboard", "delete/database", "Export/Page", "archive_space/space", "EXPORTPAGE"] {
            assert!(!Permission::from(clear).is_vague(), "{clear}");
        }
    }
}
