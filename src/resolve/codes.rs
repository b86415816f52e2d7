//! Reason codes: stable words for machines, one sentence each for people.

/// A reason code and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code, `family.word`.
    pub code: &'static str,
    /// One sentence.
    pub sentence: &'static str,
}

/// Declares a code as a reason and as a row of [`CODES`], so that none exists undocumented.
macro_rules! codes {
    ($($name:ident = $code:literal, $sentence:literal;)+) => {
        /// A reason, as the gates hand it on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Reason { $($name),+ }

        impl Reason {
            const ALL: &[Self] = &[$(Self::$name),+];

            pub(super) fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }

        /// Every code an explanation may carry.
        pub const CODES: &[Code] = &[$(Code { code: $code, sentence: $sentence }),+];
    };
}

/// A set of reasons. Fits a machine word, so that a plain question allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Reasons(u64);

impl Reasons {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn only(reason: Reason) -> Self {
        Self(1 << reason as u8)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn has(self, reason: Reason) -> bool {
        self.0 & (1 << reason as u8) != 0
    }

    /// The codes, sorted.
    pub(super) fn codes(self) -> Vec<&'static str> {
        if self == Self::NONE {
            return Vec::new();
        }
        let mut codes: Vec<_> =
            Reason::ALL.iter().filter(|reason| self.has(**reason)).map(|reason| reason.code()).collect();
        codes.sort_unstable();
        codes
    }
}

impl From<Reason> for Reasons {
    fn from(reason: Reason) -> Self {
        Self::only(reason)
    }
}

codes! {
    NotLicensed = "site.user_not_licensed", "The account may not use Confluence, and the space is not open to people without a licence.";
    Deactivated = "site.user_deactivated", "The account is deactivated.";
    AnonymousDisabled = "site.anonymous_disabled", "Anonymous access is off for the site.";
    ReadOnly = "site.read_only", "The site is in read-only mode and accepts no changes.";
    NoView = "space.no_view", "No permission to view the space.";
    NoEdit = "space.no_edit", "No permission in the space to edit this type of content.";
    NoCreate = "space.no_create", "No permission in the space to create pages.";
    NoComment = "space.no_comment", "No permission in the space to comment.";
    NoDelete = "space.no_delete", "No permission in the space to delete this type of content.";
    NoRestrict = "space.no_restrict", "No permission in the space to change restrictions.";
    OwnView = "restriction.own.view", "The content's own view list does not contain the subject.";
    InheritedView = "restriction.inherited.view", "The view list of an ancestor does not contain the subject.";
    OwnEdit = "restriction.own.edit", "The content's own edit list does not contain the subject.";
    InheritedEdit = "restriction.inherited.edit", "The edit list of an ancestor does not contain the subject (only where the policy inherits edit lists).";
    NotCurrent = "state.not_current", "The content is in the trash; its access is not resolved.";
    Archived = "state.archived", "The content is archived and cannot be edited.";
    Draft = "state.draft", "The content is a draft: only its creator and the people it was shared with have access.";
    SuperGroup = "bypass.super_group", "Passes as a member of confluence-administrators; this is not standing access.";
    AdminKey = "bypass.admin_key", "Passes with an active admin key, which expires and is audited.";
    PublicLink = "exposure.public_link", "Anyone who knows the public link of this content can view it.";
    UnknownSpace = "unknown.space_permission", "Whether the space grants the permission cannot be decided from what is known.";
    Unreadable = "unknown.restriction_unreadable", "The restrictions of a content in the chain could not be read.";
    EmptyNotTrusted = "unknown.empty_not_trusted", "Confluence reports no restriction for this type of content even where there is one.";
    VanishedGroup = "unknown.vanished_group", "The list holds only groups that no longer exist; whether it still restricts is not confirmed.";
    EditEntry = "unknown.edit_entry_without_view_entry", "On the edit list but not on the view list of the same content; whether that is enough to view is not confirmed.";
    Principal = "unknown.principal", "Whether the subject belongs to one of the principals on the list is unknown.";
    AncestorMissing = "unknown.ancestor_missing", "An ancestor is unknown, and so are its restrictions.";
    SiteAccess = "unknown.site_access", "Whether the subject may use the site is not known.";
    Identity = "unknown.identity", "The subject could not be matched to an account.";
    DraftSharing = "unknown.draft_sharing", "Who the draft was shared with is unknown.";
    ArchivedSpace = "unknown.archived_space", "What may be changed in an archived space is not confirmed.";
    ArchivedContent = "unknown.archived_content", "What else may be done with archived content, or below it, is not confirmed.";
    DeleteUnderEdit = "unknown.delete_under_edit_restriction", "Whether the edit list also guards deletion is not confirmed.";
    UnknownOperation = "unknown.operation", "What this operation needs on this type of content is not confirmed.";
    EditListInherited = "unknown.edit_restriction_inherited", "Not on the edit list of an ancestor, and the policy does not say whether edit lists are inherited.";
    State = "unknown.state", "The state of the content is a word this version does not know.";
    UnknownBypass = "unknown.bypass", "The policy does not say whether members of confluence-administrators pass.";
    UnknownSuperGroup = "unknown.super_group", "The members of confluence-administrators could not be read, and they pass restrictions and space permissions.";
    UnknownPublicLink = "unknown.public_link", "Whether a public link is on is not known.";
    UnknownReadOnly = "unknown.read_only", "Whether the site is in read-only mode is not known.";
    AncestorNotFound = "note.ancestor_not_found", "An ancestor answered `not found` and was skipped: drafts and trashed content do not restrict what is below them.";
    LicenceAssumed = "note.licence_assumed", "The server did not report whether the account is licensed; the policy assumes that it is.";
}

/// The sentence of a code; `None` for a code nobody declared.
pub fn sentence(code: &str) -> Option<&'static str> {
    CODES.iter().find(|row| row.code == code).map(|row| row.sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_declared_once_with_a_family_and_a_sentence() {
        let families = ["site", "space", "restriction", "state", "bypass", "exposure", "unknown", "note"];
        for (at, row) in CODES.iter().enumerate() {
            assert!(CODES[..at].iter().all(|other| other.code != row.code), "{} twice", row.code);
            assert!(families.contains(&row.code.split('.').next().unwrap()), "{}", row.code);
            assert!(row.sentence.ends_with('.') || row.sentence.ends_with(')'), "{}", row.code);
        }
        assert!(CODES.len() > 35 && CODES.len() <= 64, "the set of reasons is one machine word");
        assert_eq!(sentence("space.no_view"), Some("No permission to view the space."));
        assert_eq!(sentence("space.no_such_code"), None);
    }
}
