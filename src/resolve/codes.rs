//! Reason codes: stable words for machines, one sentence each for people.

/// A reason code and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code, `family.word`.
    pub code: &'static str,
    /// One sentence.
    pub sentence: &'static str,
}

/// Declares a code as a constant and a row of [`CODES`], so that none exists undocumented.
macro_rules! codes {
    ($($(#[$outer:meta])* $name:ident = $code:literal, $sentence:literal;)+) => {
        $($(#[$outer])* pub(super) const $name: &str = $code;)+

        /// Every code an explanation may carry.
        pub const CODES: &[Code] = &[$(Code { code: $code, sentence: $sentence }),+];
    };
}

codes! {
    NOT_LICENSED = "site.user_not_licensed", "The account may not use Confluence, and the space is not opened to people without a licence.";
    DEACTIVATED = "site.user_deactivated", "The account is deactivated.";
    ANONYMOUS_DISABLED = "site.anonymous_disabled", "Anonymous access is off for the site.";
    READ_ONLY = "site.read_only", "The site is in read-only mode and accepts no changes.";
    NO_VIEW = "space.no_view", "No permission to view the space.";
    NO_EDIT = "space.no_edit", "No permission in the space to edit this type of content.";
    NO_CREATE = "space.no_create", "No permission in the space to create pages.";
    NO_COMMENT = "space.no_comment", "No permission in the space to comment.";
    NO_DELETE = "space.no_delete", "No permission in the space to delete this type of content.";
    NO_RESTRICT = "space.no_restrict", "No permission in the space to change restrictions.";
    OWN_VIEW = "restriction.own.view", "The content's own view list does not contain the subject.";
    INHERITED_VIEW = "restriction.inherited.view", "The view list of a content above it does not contain the subject.";
    OWN_EDIT = "restriction.own.edit", "The content's own edit list does not contain the subject.";
    INHERITED_EDIT = "restriction.inherited.edit", "The edit list of a content above it does not contain the subject (only where the policy inherits edit lists).";
    NOT_CURRENT = "state.not_current", "The content is in the trash; its access is not resolved.";
    ARCHIVED = "state.archived", "The content is archived and cannot be edited.";
    DRAFT = "state.draft", "The content is a draft, open only to its creator and those it was shared with.";
    SUPER_GROUP = "bypass.super_group", "Passes as a member of confluence-administrators, which is no standing access.";
    ADMIN_KEY = "bypass.admin_key", "Passes with an active admin key, which ends by itself and is audited.";
    PUBLIC_LINK = "exposure.public_link", "Whoever knows the public link of this one content can view it.";
    UNKNOWN_SPACE = "unknown.space_permission", "Whether the space grants the permission cannot be decided from what is known.";
    UNREADABLE = "unknown.restriction_unreadable", "The restrictions of a content in the chain could not be read.";
    EMPTY_NOT_TRUSTED = "unknown.empty_not_trusted", "Confluence reports no restriction for this type of content even where there is one.";
    VANISHED_GROUP = "unknown.vanished_group", "The list holds only groups that no longer exist; whether it still restricts is not confirmed.";
    EDIT_ENTRY = "unknown.edit_entry_without_view_entry", "On the edit list but not on the view list of the same content; whether that is enough to view is not confirmed.";
    PRINCIPAL = "unknown.principal", "The list holds a principal of which it is not known whether the subject belongs to it.";
    ANCESTOR_MISSING = "unknown.ancestor_missing", "A content above it is not known, so neither are its restrictions.";
    SITE_ACCESS = "unknown.site_access", "Whether the subject may use the site is not known.";
    IDENTITY = "unknown.identity", "The subject could not be matched to an account.";
    DRAFT_SHARING = "unknown.draft_sharing", "With whom the draft was shared is not known.";
    ARCHIVED_SPACE = "unknown.archived_space", "What may be changed in an archived space is not confirmed.";
    ARCHIVED_CONTENT = "unknown.archived_content", "What else may be done with archived content, or below it, is not confirmed.";
    DELETE_UNDER_EDIT = "unknown.delete_under_edit_restriction", "Whether the edit list also guards deletion is not confirmed.";
    UNKNOWN_OPERATION = "unknown.operation", "What this operation needs on this type of content is not confirmed.";
    EDIT_LIST_INHERITED = "unknown.edit_restriction_inherited", "Not on the edit list of a content above it, and the policy leaves open whether edit lists are inherited.";
    STATE = "unknown.state", "The state of the content is a word this version does not know.";
    UNKNOWN_BYPASS = "unknown.bypass", "The policy leaves open whether members of confluence-administrators pass.";
    UNKNOWN_PUBLIC_LINK = "unknown.public_link", "Whether a public link is on is not known.";
    UNKNOWN_READ_ONLY = "unknown.read_only", "Whether the site is in read-only mode is not known.";
    ANCESTOR_NOT_FOUND = "note.ancestor_not_found", "A content above it answered `not found` and was skipped: a draft or a trashed content is no layer.";
    LICENCE_ASSUMED = "note.licence_assumed", "Nothing the server sent says whether the account is licensed; the policy assumes it is.";
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
        assert!(CODES.len() > 35);
        assert_eq!(sentence("space.no_view"), Some("No permission to view the space."));
        assert_eq!(sentence("space.no_such_code"), None);
    }
}
