//! Which permissions of a space an operation needs.

use super::codes::Reason;
use super::site::{Grant, IndexedSite, Kind, Principal, SpaceFacts};
use crate::model::Operation;

/// A permission in a space that an operation needs beside view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Need {
    View,
    EditPage,
    EditBlogpost,
    CreatePage,
    Comment,
    DeletePage,
    DeleteBlogpost,
    DeleteComment,
    DeleteAttachment,
    DeleteOwn,
    Restrict,
    Administer,
    /// Nobody documented what it needs.
    Undocumented,
}

impl Need {
    /// The permission in the space an operation on a type needs beside view.
    pub(super) fn of(kind: Kind, operation: Operation) -> Option<Self> {
        match (operation, kind) {
            (Operation::View, _) => None,
            (Operation::Edit | Operation::RemoveRestrictions, Kind::Page) => Some(Self::EditPage),
            (Operation::Edit | Operation::RemoveRestrictions, Kind::Blogpost) => Some(Self::EditBlogpost),
            (Operation::Edit | Operation::RemoveRestrictions, _) => Some(Self::Undocumented),
            (Operation::Comment, _) => Some(Self::Comment),
            (Operation::Delete, Kind::Page) => Some(Self::DeletePage),
            (Operation::Delete, Kind::Blogpost) => Some(Self::DeleteBlogpost),
            (Operation::Delete, Kind::Comment) => Some(Self::DeleteComment),
            (Operation::Delete, Kind::Attachment) => Some(Self::DeleteAttachment),
            (Operation::Delete, Kind::Other) => Some(Self::Undocumented),
            (Operation::CreatePage, Kind::Page | Kind::Other) => Some(Self::CreatePage),
            (Operation::CreatePage, _) => Some(Self::Undocumented),
        }
    }

    /// Whether the documents of the free plan say who has it: they do not say who administers a space.
    pub(super) fn documented_by_free_plan(self) -> bool {
        !matches!(self, Self::Restrict | Self::Administer)
    }

    /// Reason given where the permission is in doubt.
    pub(super) fn doubtful(self) -> Reason {
        if self == Self::Undocumented { Reason::UnknownOperation } else { Reason::UnknownSpace }
    }

    /// Reason given where the permission is missing.
    pub(super) fn missing(self) -> Reason {
        match self {
            Self::View => Reason::NoView,
            Self::EditPage | Self::EditBlogpost => Reason::NoEdit,
            Self::CreatePage => Reason::NoCreate,
            Self::Comment => Reason::NoComment,
            Self::DeletePage
            | Self::DeleteBlogpost
            | Self::DeleteComment
            | Self::DeleteAttachment
            | Self::DeleteOwn => Reason::NoDelete,
            Self::Restrict | Self::Administer => Reason::NoRestrict,
            Self::Undocumented => Reason::UnknownOperation,
        }
    }

    /// What to call it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::EditPage => "edit pages",
            Self::EditBlogpost => "edit blog posts",
            Self::CreatePage => "create pages",
            Self::Comment => "comment",
            Self::DeletePage => "delete pages",
            Self::DeleteBlogpost => "delete blog posts",
            Self::DeleteComment => "delete comments",
            Self::DeleteAttachment => "delete attachments",
            Self::DeleteOwn => "delete one's own content",
            Self::Restrict => "change restrictions",
            Self::Administer => "administer the space",
            Self::Undocumented => "do this",
        }
    }
}

/// Permissions as rows of the table of grants.
mod row {
    use crate::model::Permission;

    /// A word this version does not know has no row: the table of grants gives nothing for its number.
    const fn of(permission: &Permission) -> usize {
        match permission.row() {
            Some(row) => row,
            None => usize::MAX,
        }
    }

    pub(super) const VIEW: usize = of(&Permission::View);
    pub(super) const CREATE_PAGE: usize = of(&Permission::CreatePage);
    pub(super) const EDIT_PAGE: usize = of(&Permission::EditPage);
    pub(super) const CREATE_BLOGPOST: usize = of(&Permission::CreateBlogpost);
    pub(super) const EDIT_BLOGPOST: usize = of(&Permission::EditBlogpost);
    pub(super) const COMMENT: usize = of(&Permission::CreateComment);
    pub(super) const DELETE_PAGE: usize = of(&Permission::DeletePage);
    pub(super) const DELETE_BLOGPOST: usize = of(&Permission::DeleteBlogpost);
    pub(super) const DELETE_COMMENT: usize = of(&Permission::DeleteComment);
    pub(super) const DELETE_ATTACHMENT: usize = of(&Permission::DeleteAttachment);
    pub(super) const DELETE_OWN: usize = of(&Permission::DeleteOwn);
    pub(super) const RESTRICT: usize = of(&Permission::Restrict);
    pub(super) const ADMINISTER: usize = of(&Permission::Administer);
}

/// Which grants of a row count: all, grants of their own, or roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    Any,
    Bare,
    Roles,
}

impl Kinds {
    pub(super) fn counts(self, grant: Grant) -> bool {
        match self {
            Self::Any => true,
            Self::Bare => !grant.by_role(),
            Self::Roles => grant.by_role(),
        }
    }
}

/// How the rows of the table of grants answer a need.
pub(super) enum GrantRows {
    /// Any of these.
    AnyOf(&'static [(usize, Kinds)]),
    /// Any of the first; or both of the others, of which one alone leaves it open.
    OrBoth(&'static [(usize, Kinds)], (usize, Kinds), (usize, Kinds)),
    /// Nobody documented it.
    Undocumented,
}

impl Need {
    /// A bare grant of create also edits; in roles the permission to edit alone does.
    // Source: https://confluence.atlassian.com/doc/space-permissions-overview-139521.html
    // Source: https://support.atlassian.com/confluence-cloud/docs/create-and-manage-custom-roles
    pub(super) fn rows(self) -> GrantRows {
        match self {
            Self::View => GrantRows::AnyOf(&[(row::VIEW, Kinds::Any)]),
            Self::EditPage => GrantRows::AnyOf(&[(row::CREATE_PAGE, Kinds::Bare), (row::EDIT_PAGE, Kinds::Any)]),
            Self::EditBlogpost => GrantRows::OrBoth(
                &[(row::CREATE_BLOGPOST, Kinds::Bare), (row::EDIT_BLOGPOST, Kinds::Any)],
                (row::CREATE_BLOGPOST, Kinds::Roles),
                (row::EDIT_PAGE, Kinds::Roles),
            ),
            Self::CreatePage => GrantRows::AnyOf(&[(row::CREATE_PAGE, Kinds::Any)]),
            Self::Comment => GrantRows::AnyOf(&[(row::COMMENT, Kinds::Any)]),
            Self::DeletePage => GrantRows::AnyOf(&[(row::DELETE_PAGE, Kinds::Any)]),
            Self::DeleteBlogpost => GrantRows::AnyOf(&[(row::DELETE_BLOGPOST, Kinds::Any)]),
            Self::DeleteComment => GrantRows::AnyOf(&[(row::DELETE_COMMENT, Kinds::Any)]),
            Self::DeleteAttachment => GrantRows::AnyOf(&[(row::DELETE_ATTACHMENT, Kinds::Any)]),
            Self::DeleteOwn => GrantRows::AnyOf(&[(row::DELETE_OWN, Kinds::Any)]),
            Self::Restrict => GrantRows::AnyOf(&[(row::RESTRICT, Kinds::Any)]),
            Self::Administer => GrantRows::AnyOf(&[(row::ADMINISTER, Kinds::Any)]),
            Self::Undocumented => GrantRows::Undocumented,
        }
    }
}

impl IndexedSite {
    /// The grants of a space that answer a need.
    pub(super) fn grants(&self, space: &SpaceFacts, need: Need) -> Vec<(Principal, u32)> {
        let of = |(row, kinds): (usize, Kinds)| {
            let grants = space.grants.get(row).map_or(&[][..], Vec::as_slice);
            grants.iter().filter(move |grant| kinds.counts(**grant)).map(|grant| (grant.principal, grant.role))
        };
        match need.rows() {
            GrantRows::AnyOf(rows) => rows.iter().copied().flat_map(of).collect(),
            GrantRows::OrBoth(rows, one, other) => rows.iter().copied().chain([one, other]).flat_map(of).collect(),
            GrantRows::Undocumented => Vec::new(),
        }
    }
}
