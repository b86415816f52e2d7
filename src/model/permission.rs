//! Permissions of spaces and of the site: one table each, with every word that servers, screens and logs use for them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::{Deployment, Origin, Subject, SubjectKind, record};

/// An operation and its target, such as `read` and `space`, as the APIs pair them.
type Pair = (&'static str, &'static str);

/// Any target.
const ANY: &str = "*";

/// The words for one permission, beside our own.
#[derive(Debug, Clone, Copy)]
struct Words {
    /// Pairs of Cloud; the first one is the one that is written.
    cloud: &'static [Pair],
    /// What to do on Cloud, which does not grant this permission by itself.
    instead: Option<&'static str>,
    /// The constant that Data Center stores: JSON-RPC, Extender and the audit log use it.
    constant: Option<&'static str>,
    /// The pair of the REST API of Data Center.
    data_center: Option<Pair>,
    /// Ids and names of the permissions of roles.
    role: &'static [&'static str],
    /// Words that have this meaning only in a log.
    log: &'static [&'static str],
}

/// No words but ours.
const WORDS: Words = Words { cloud: &[], instead: None, constant: None, data_center: None, role: &[], log: &[] };

impl Words {
    const fn cloud(self, pairs: &'static [Pair]) -> Self {
        Self { cloud: pairs, ..self }
    }

    const fn instead(self, remedy: &'static str) -> Self {
        Self { instead: Some(remedy), ..self }
    }

    const fn data_center(self, constant: &'static str, pair: Pair) -> Self {
        Self { constant: Some(constant), data_center: Some(pair), ..self }
    }

    /// A constant that only the older remote APIs know.
    const fn older(self, constant: &'static str) -> Self {
        Self { constant: Some(constant), ..self }
    }

    const fn role(self, names: &'static [&'static str]) -> Self {
        Self { role: names, ..self }
    }

    const fn log(self, words: &'static [&'static str]) -> Self {
        Self { log: words, ..self }
    }

    /// The pair with which Cloud grants it by itself.
    fn granted(&self) -> Option<Pair> {
        self.cloud.first().copied().filter(|_| self.instead.is_none())
    }

    fn is_constant(&self, text: &str) -> bool {
        self.constant.is_some_and(|constant| constant.eq_ignore_ascii_case(text.trim()))
    }

    fn is_cloud(&self, same: fn(&str, &str) -> bool, operation: &str, target: &str) -> bool {
        self.cloud.iter().any(|pair| same(pair.0, operation) && (pair.1 == ANY || same(pair.1, target)))
    }

    /// In either order: the documents write `read` and `user` both ways round.
    fn is_data_center(&self, one: &str, other: &str) -> bool {
        self.data_center.is_some_and(|(operation, target)| {
            let is = |first: &str, second: &str| {
                operation.eq_ignore_ascii_case(first) && target.eq_ignore_ascii_case(second)
            };
            is(one, other) || is(other, one)
        })
    }
}

/// The letters of a word, without what spellings differ in.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.trim().chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '\'')).flat_map(char::to_lowercase)
}

/// Whether two spellings are one word.
pub(super) fn alike(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

/// An id or a name of a permission of a role in one form: `Delete anyone's content` is `delete_anyones_content`.
fn plain(text: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    text.chars().map(letter).collect::<String>().replace("_s_", "s_")
}

/// A permission as the documentation lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionRow {
    /// Our word.
    pub word: &'static str,
    /// What it allows.
    pub meaning: &'static str,
    /// Operation and target with which Cloud grants it by itself.
    pub cloud: Option<(&'static str, &'static str)>,
    /// The constant that Data Center stores for it.
    pub constant: Option<&'static str>,
}

/// Declares the permissions there are, one row each: what it allows, variant, our word, and the words of others.
macro_rules! permissions {
    ($(#[$outer:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $word:literal: $words:expr;)+ }) => {
        open_enum! {
            $(#[$outer])*
            $name { $($(#[doc = $doc])+ $variant = $word,)+ }
        }

        impl $name {
            /// Those this version knows, in the order of [`Self::KNOWN`].
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const WORDS: &'static [Words] = &[$($words),+];

            /// Place in [`Self::ALL`]; `None` for a word this version does not know.
            pub const fn row(&self) -> Option<usize> {
                enum Row { $($variant),+ }
                match self {
                    $(Self::$variant => Some(Row::$variant as usize),)+
                    Self::Other(_) => None,
                }
            }

            fn words(&self) -> Option<&'static Words> {
                Self::WORDS.get(self.row()?)
            }

            /// Each of them as the documentation lists it.
            pub fn rows() -> impl Iterator<Item = PermissionRow> {
                let meanings = [$(concat!($($doc),+)),+];
                meanings.into_iter().zip(Self::KNOWN).zip(Self::WORDS).map(|((meaning, word), words)| PermissionRow {
                    word,
                    meaning: meaning.trim(),
                    cloud: words.granted(),
                    constant: words.constant,
                })
            }

            fn find(fits: impl Fn(&Self, &Words) -> bool) -> Option<Self> {
                Self::ALL.iter().zip(Self::WORDS).find(|(known, words)| fits(known, words)).map(|(known, _)| known.clone())
            }

            /// The constant that Data Center stores for it, such as `VIEWSPACE`; `None`: it has no such permission.
            pub fn constant(&self) -> Option<&'static str> {
                self.words()?.constant
            }

            /// The constants of Data Center.
            pub fn constants() -> impl Iterator<Item = &'static str> {
                Self::WORDS.iter().filter_map(|words| words.constant)
            }

            /// The permission for the constant that Data Center stores; an unknown constant is kept.
            // Source: https://docs.atlassian.com/ConfluenceServer/javadoc/9.5.2/com/atlassian/confluence/security/SpacePermission.html
            pub fn from_constant(constant: &str) -> Self {
                Self::find(|_, words| words.is_constant(constant)).unwrap_or_else(|| Self::Other(constant.trim().to_owned()))
            }

            /// The permission for a pair of the REST API of Data Center; an unknown pair is kept as
            /// `operation/target`.
            pub fn from_data_center(operation: &str, target: &str) -> Self {
                Self::find(|_, words| words.is_data_center(operation, target))
                    .unwrap_or_else(|| Self::Other(format!("{operation}/{target}")))
            }

            /// Operation and target in the REST API of Data Center; `None`: it has no such permission.
            pub fn data_center(&self) -> Option<(&'static str, &'static str)> {
                self.words()?.data_center
            }

            /// The permission in any spelling: constants and pairs of the APIs, words of the screens and of the audit log.
            pub fn from_log(text: &str) -> Option<Self> {
                Self::find(|_, words| words.constant.is_some_and(|constant| alike(constant, text)))
                    .or_else(|| Self::find(|known, words| {
                        alike(known.as_str(), text) || words.log.iter().chain(words.role).any(|word| alike(word, text))
                    }))
                    .or_else(|| {
                        let (one, other) = text.split_once(['/', ':'])?;
                        Self::find(|_, words| words.is_cloud(alike, one, other) || words.is_cloud(alike, other, one))
                    })
            }
        }
    };
}

permissions! {
    /// A permission in a space, in one vocabulary for all deployments.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-space-permissions/
    // Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space-permissions/
    // Source: https://confluence.atlassian.com/doc/space-permissions-overview-139521.html
    // Source: https://support.atlassian.com/confluence-cloud/docs/create-and-manage-custom-roles
    Permission {
        /// See the space.
        View = "view": WORDS
            .cloud(&[("read", "space"), ("view", "space")])
            .data_center("VIEWSPACE", ("read", "space"))
            .role(&["view_content", "view_space"])
            .log(&["read"]);
        // `EDITSPACE` is to add pages, not to administer.
        /// Create pages. A direct grant also lets its holder edit them; a role does not.
        CreatePage = "create_page": WORDS
            .cloud(&[("create", "page")])
            .data_center("EDITSPACE", ("create", "page"))
            .role(&["create_content", "create_pages"])
            .log(&["addpage", "addpages"]);
        /// Edit pages. Roles have it apart from `create_page`.
        EditPage = "edit_page": WORDS
            .cloud(&[("update", "page"), ("edit", "page")])
            .instead("`create_page` also lets people edit, or assign a role")
            .role(&["edit_content", "edit_pages", "update_content"])
            .log(&["edit", "update"]);
        /// Create blog posts. A direct grant also lets its holder edit them; a role does so together with `edit_page`.
        CreateBlogpost = "create_blogpost": WORDS
            .cloud(&[("create", "blogpost")])
            .data_center("EDITBLOG", ("create", "blogpost"))
            .role(&["create_blog", "create_blogs", "create_blog_posts"])
            .log(&["addblog"]);
        /// Edit blog posts.
        EditBlogpost = "edit_blogpost": WORDS
            .cloud(&[("update", "blogpost"), ("edit", "blogpost")])
            .instead("`create_blogpost` also lets people edit, or assign a role")
            .role(&["edit_blog", "edit_blogs", "edit_blog_posts"]);
        /// Comment.
        CreateComment = "create_comment": WORDS
            .cloud(&[("create", "comment")])
            .data_center("COMMENT", ("create", "comment"))
            .role(&["comment_on_content", "create_comments", "add_comments"]);
        /// Attach files.
        CreateAttachment = "create_attachment": WORDS
            .cloud(&[("create", "attachment")])
            .data_center("CREATEATTACHMENT", ("create", "attachment"))
            .role(&["add_attachments", "create_attachments"]);
        /// Delete anybody's pages.
        DeletePage = "delete_page": WORDS
            .cloud(&[("delete", "page")])
            .data_center("REMOVEPAGE", ("delete", "page"))
            .role(&["delete_content", "delete_anyones_content", "remove_page"])
            .log(&["deletepages"]);
        /// Delete anybody's blog posts.
        DeleteBlogpost = "delete_blogpost": WORDS
            .cloud(&[("delete", "blogpost")])
            .data_center("REMOVEBLOG", ("delete", "blogpost"))
            .role(&["remove_blog", "delete_blogs"]);
        /// Delete anybody's comments.
        DeleteComment = "delete_comment": WORDS
            .cloud(&[("delete", "comment")])
            .data_center("REMOVECOMMENT", ("delete", "comment"))
            .role(&["remove_comment", "delete_comments", "delete_anyones_comments"]);
        /// Delete anybody's attachments.
        DeleteAttachment = "delete_attachment": WORDS
            .cloud(&[("delete", "attachment")])
            .data_center("REMOVEATTACHMENT", ("delete", "attachment"))
            .role(&["remove_attachment", "delete_attachments", "delete_anyones_attachments"]);
        // The screens of Cloud call the pair "Delete own": it does not delete the space. That is `delete_space`.
        /// Delete one's own content.
        DeleteOwn = "delete_own": WORDS
            .cloud(&[("delete", "space"), ("delete_own", "space")])
            .data_center("REMOVEOWNCONTENT", ("delete_own", "space"))
            .role(&["delete_own_content", "remove_own_content"]);
        /// Delete mail (Data Center).
        DeleteMail = "delete_mail": WORDS
            .cloud(&[("delete_mail", "space")])
            .instead("mail is kept on Data Center only")
            .data_center("REMOVEMAIL", ("delete_mail", "space"))
            .role(&["remove_mail"]);
        /// Set restrictions.
        Restrict = "restrict": WORDS
            .cloud(&[("restrict_content", "space"), ("restrict", "space")])
            .data_center("SETPAGEPERMISSIONS", ("restrict", "space"))
            .role(&["set_page_permissions", "restrict_content", "add_delete_restrictions"])
            .log(&["addrestrictions"]);
        /// Export the space.
        Export = "export": WORDS
            .cloud(&[("export", "space")])
            .data_center("EXPORTSPACE", ("export", "space"))
            .role(&["export_space"]);
        // "Manage space features, automation" is what is left of the name that stood for everything until it was split.
        // Source: https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/Introducing-more-flexibility-to-the-Confluence-roles-system/ba-p/3248645
        /// Administer the space.
        Administer = "administer": WORDS
            .cloud(&[("administer", "space")])
            .data_center("SETSPACEPERMISSIONS", ("administer", "space"))
            .role(&[
                "administer_space",
                "manage_space",
                "manage_space_and_space_settings",
                "manage_space_features",
                "manage_space_features_automation",
                "manage_space_features__automation",
            ])
            .log(&["admin"]);
        /// Archive pages (Cloud).
        ArchivePage = "archive_page": WORDS
            .cloud(&[("archive", "page")])
            .role(&["archive_content", "archive_pages"]);
        /// Manage the users of the space (Cloud roles).
        ManageUsers = "manage_users": WORDS
            .cloud(&[("manage_users", ANY)])
            .instead("assign a role that brings it, or give `administer`")
            .role(&["manage_access_to_space"]);
        /// Delete the space (Cloud roles).
        DeleteSpace = "delete_space": WORDS
            .cloud(&[("delete_space", ANY)])
            .instead("assign a role that brings it, or give `administer`");
        /// Manage all content of the space (Cloud roles). No document says which permissions it stands for.
        ManageContent = "manage_content": WORDS.role(&["manage_all_content", "manage_all_content_in_space"]);
        /// Export single contents (Cloud roles).
        ExportContent = "export_content": WORDS
            .role(&["export_individual_content", "export_individual_content_items"]);
        /// Delete one's own comments (Cloud roles).
        DeleteOwnComment = "delete_own_comment": WORDS.role(&["delete_own_comments"]);
        /// Create templates (Cloud roles).
        CreateTemplate = "create_template": WORDS
            .role(&["create_content_templates", "create_templates", "manage_templates"]);
        /// Manage the look and feel of the space (Cloud roles).
        ManageLookAndFeel = "manage_look_and_feel": WORDS.role(&["manage_look_and_feel_of_space"]);
    }
}

impl Permission {
    /// The permission for a pair of Cloud, such as `read` and `space`; an unknown pair is kept as `operation/target`.
    pub fn from_cloud(operation: &str, target: &str) -> Self {
        Self::find(|_, words| words.is_cloud(str::eq_ignore_ascii_case, operation, target))
            .unwrap_or_else(|| Self::Other(format!("{operation}/{target}")))
    }

    /// Operation and target with which Cloud grants or revokes it; `None`: Cloud does not grant it by itself.
    pub fn cloud(&self) -> Option<(&'static str, &'static str)> {
        self.words()?.granted()
    }

    /// What to do on Cloud instead of granting it by itself.
    pub fn instead(&self) -> Option<&'static str> {
        self.words()?.instead
    }

    /// Whether it can be given and taken by itself there.
    pub fn is_given_singly(&self, deployment: Deployment) -> bool {
        match deployment {
            Deployment::Cloud => self.cloud().is_some(),
            Deployment::DataCenter => self.constant().is_some(),
        }
    }

    /// The permission for one word of a role: an id, a name on the screens, a constant of older versions.
    pub fn from_role(text: &str) -> Option<Self> {
        let name = plain(text);
        Self::find(|known, words| {
            words.is_constant(text) || known.as_str() == name || words.role.contains(&name.as_str())
        })
    }

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

permissions! {
    /// A permission of the site as a whole (Data Center).
    // Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-global-permissions/
    // Source: https://docs.atlassian.com/ConfluenceServer/javadoc/7.4.7/com/atlassian/confluence/security/SpacePermission.html
    // Source: https://confluence.atlassian.com/doc/global-permissions-overview-138709.html
    SitePermission {
        /// Use Confluence.
        Use = "use": WORDS.data_center("USECONFLUENCE", ("use", "application")).log(&["canuse"]);
        /// Use it without a licence, as service desk customers do.
        UseUnlicensed = "use_unlicensed": WORDS.data_center("LIMITEDUSECONFLUENCE", ("use_unlicensed", "application"));
        /// Have a personal space.
        CreatePersonalSpace = "create_personal_space": WORDS.data_center("PERSONALSPACE", ("create", "personal_space"));
        /// Create spaces.
        CreateSpace = "create_space": WORDS.data_center("CREATESPACE", ("create", "space")).log(&["createspaces"]);
        /// Administer Confluence.
        Administer = "administer": WORDS
            .data_center("ADMINISTRATECONFLUENCE", ("administer", "application"))
            .log(&["confluenceadministrator", "administerconfluence"]);
        /// Administer the system.
        AdministerSystem = "administer_system": WORDS
            .data_center("SYSTEMADMINISTRATOR", ("administer", "system"))
            .log(&["sysadmin"]);
        /// See profiles of people.
        ViewProfiles = "view_profiles": WORDS.data_center("VIEWUSERPROFILES", ("read", "user"));
        /// Say what one is doing (older versions).
        UpdateStatus = "update_user_status": WORDS.older("UPDATEUSERSTATUS");
        /// Attach files to one's own profile (older versions).
        AttachToProfile = "attach_to_profile": WORDS.older("PROFILEATTACHMENTS");
    }
}

record! {
    /// One row is one permission of one subject for the site as a whole.
    ///
    /// Without `use` no other permission has an effect. From `wiki.global_permissions()` and
    /// `snapshot.global_permissions`. There Cloud has the groups that give access to Confluence (`use`) and the groups and
    /// accounts that administer it (`administer`).
    #[derive(Serialize, Deserialize)]
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

    #[test]
    fn every_documented_pair_of_cloud_is_a_permission() {
        for (operation, target, expected) in [
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
            assert_eq!(Permission::from_cloud(operation, target).known(), Some(Permission::from(expected)));
        }
    }

    #[test]
    fn an_unknown_pair_is_kept_as_it_came() {
        let kept = |word: &str| Permission::Other(word.to_owned());
        assert_eq!(Permission::from_cloud("archive_space", "space"), kept("archive_space/space"));
        assert_eq!(Permission::from_cloud("Read", "Page"), kept("Read/Page"));
        assert_eq!(Permission::from_data_center("archive", "page"), kept("archive/page"));
        assert_eq!(Permission::from_constant("EXPORTPAGE"), kept("EXPORTPAGE"));
    }

    #[test]
    fn no_word_of_a_permission_is_one_of_another() {
        for (at, permission) in Permission::ALL.iter().enumerate() {
            let words = permission.words().unwrap();
            assert_eq!(permission.row(), Some(at));
            assert_eq!(Permission::from_log(permission.as_str()).as_ref(), Some(permission));
            assert_eq!(Permission::from_role(permission.as_str()).as_ref(), Some(permission));
            for (operation, target) in words.cloud {
                assert_eq!(Permission::from_cloud(operation, target), *permission);
                assert_eq!(Permission::from_log(&format!("{operation}/{target}")).as_ref(), Some(permission));
            }
            for name in words.role {
                assert_eq!(Permission::from_role(name).as_ref(), Some(permission), "{name}");
            }
            // `EDITBLOG`, the constant, is to create them; on a screen the same letters are to edit them.
            for word in words.role.iter().chain(words.log).filter(|word| **word != "edit_blog") {
                assert_eq!(Permission::from_log(word).as_ref(), Some(permission), "{word}");
            }
        }
    }

    #[test]
    fn the_constants_of_data_center_are_one_to_one() {
        for permission in Permission::ALL.iter().filter(|permission| permission.constant().is_some()) {
            let (operation, target) = permission.data_center().unwrap();
            let constant = permission.constant().unwrap();
            assert_eq!(Permission::from_constant(&constant.to_lowercase()), *permission);
            assert_eq!(Permission::from_log(constant).as_ref(), Some(permission));
            assert_eq!(Permission::from_data_center(operation, target), *permission);
        }
        assert_eq!(Permission::constants().count(), 14);
        assert_eq!(Permission::from_constant("EDITSPACE"), Permission::CreatePage);
        for permission in SitePermission::ALL {
            assert_eq!(SitePermission::from_constant(permission.constant().unwrap()), *permission);
            assert_eq!(SitePermission::from_log(permission.constant().unwrap()).as_ref(), Some(permission));
        }
        assert_eq!(SitePermission::from_data_center("user", "read"), SitePermission::ViewProfiles);
    }
}
