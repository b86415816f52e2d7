//! The kinds of findings, the row a finding is, and which findings are asked for.

use crate::model::{nearest, record, word, words};

words! {
    /// How much it matters.
    Severity {
        /// Outsiders may see it, or nobody can manage it.
        High = "high",
        /// Probably unintended.
        Medium = "medium",
        /// Worth knowing.
        Low = "low",
    }
}

word!(Severity as "Severity");

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingCode {
    /// The code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What to do.
    pub advice: &'static str,
}

impl FindingCode {
    /// The code.
    pub fn as_str(&self) -> &'static str {
        self.code
    }
}

word!(FindingCode as "FindingCode");

/// Declares a finding as a constant and as a row of [`FINDINGS`].
macro_rules! findings {
    ($($name:ident = $code:literal, $severity:ident, $advice:literal;)+) => {
        $(pub const $name: FindingCode =
            FindingCode { code: $code, severity: Severity::$severity, advice: $advice };)+

        /// Every finding there is.
        pub const FINDINGS: &[FindingCode] = &[$($name),+];
    };
}

findings! {
    OPEN_TO_ANONYMOUS = "open_to_anonymous", High,
        "If it is not meant to be public, revoke the anonymous permission of the space or restrict the content.";
    PUBLIC_LINK = "public_link_on_restricted_content", High,
        "Turn the public link off: anyone who knows the address can open the content, despite its restrictions.";
    ANONYMOUS_MAY_EDIT = "anonymous_may_edit", High,
        "Revoke the anonymous permissions to create and edit: anyone who finds the site can change the content.";
    THROUGH_ANONYMOUS = "open_through_anonymous_grant", High,
        "Revoke the anonymous permissions of the space: anonymous access is off for the site, but everyone who can log in still gets in through them.";
    NOBODY_ACTIVE = "restricted_to_nobody_active", High,
        "Add an active account or group to the list; a space administrator can remove the restriction.";
    NO_ACTIVE_ADMIN = "no_active_admin", High,
        "Grant an active account or group the permission to administer the space; an administrator of Confluence can do so.";
    EDITABLE_BY_NOBODY = "editable_by_nobody", Medium,
        "Add someone who may edit in the space to the edit list.";
    LISTED_WITHOUT_VIEW = "listed_without_space_view", Medium,
        "Grant the subject view in the space, or remove it from the list: a restriction never grants access.";
    CHILD_FAILS_PARENT = "child_lists_who_fails_parent", Medium,
        "Add the subject to the view lists of the ancestors, or remove it from this one: a subject must pass every list.";
    EDIT_WITHOUT_VIEW = "edit_entry_without_view_entry", Medium,
        "Add everyone on the edit list to the view list too: whether an edit entry alone is enough differs between products.";
    STALE_GROUP = "stale_group", Medium,
        "Remove the entry: a new group with the same name would inherit it.";
    PUBLIC_LINK_ON = "public_link_on", Medium,
        "If the content is not meant for anyone who gets the address, turn the public link off.";
    EXTERNAL_MAY_VIEW = "external_may_view", Medium,
        "Check that these people still need it, or remove them from the groups and permissions through which they get in.";
    GUEST_MAY_EDIT = "guest_may_edit", Medium,
        "Check that the guests are meant to write here, or leave them only the permission to view.";
    ADMINISTERED_BY_INACTIVE = "administered_by_inactive", Medium,
        "Revoke the permissions of the account, and check that an active account administers the space.";
    OPEN_CHILDREN = "edit_restricted_parent_with_open_children", Low,
        "If the descendants should be protected too, restrict editing on each: edit restrictions are not inherited.";
    ONLY_INHERITED = "restricted_only_by_inheritance", Low,
        "If it must stay closed when it is moved, archived or converted, add a view restriction to it.";
    REDUNDANT = "redundant_restriction", Low,
        "Remove the view list: it contains everyone who could see the content without it.";
    INDIVIDUALS = "individual_entries", Low,
        "List a group instead of single accounts: accounts come and go.";
    INDIVIDUAL_GRANT = "individual_space_grant", Low,
        "Grant the permissions to a group instead of single accounts: accounts come and go.";
    INACTIVE_ENTRY = "inactive_entry", Low,
        "Remove the entry: it works again as soon as the account is reactivated.";
    TOO_MANY = "too_many_restrictions", Low,
        "List groups instead of so many subjects: long lists slow the page down, and nobody can check them.";
    APP_MAY_EDIT = "app_may_edit", Low,
        "Check that the app needs to write here, or revoke its permissions to create and edit.";
    EMPTY_GROUP_USED = "empty_group_used", Low,
        "Remove the group from permissions and restrictions, or add members: anyone added later gets this access.";
    UNUSED_GROUP = "unused_group", Low,
        "If nothing outside the spaces needs the group (product access, global permissions, other products), delete it.";
    HUGE = "huge_group", Low,
        "Check that so many people should have this access, or grant it to a smaller group.";
    ALL_LICENSED = "open_to_all_licensed", Low,
        "Check that everyone with a licence, or beyond, should see the space.";
    INCOMPLETE = "inventory_incomplete", Medium,
        "Read the site with an account that sees everything, and check the gaps: missing does not mean closed.";
}

record! {
    /// One row is something a report should point out. It is not an access decision.
    ///
    /// From `access.findings()`.
    pub struct Finding {
        /// What, as a code.
        field code: &'static str,
        /// The finding as a code, such as `open_to_anonymous` or `editable_by_nobody`.
        column code: FindingCode = |finding| finding.code,
        /// `high`, `medium` or `low`.
        pub severity: Severity,
        /// Space it is in.
        pub space_key: Option<String>,
        /// The content item it is about.
        pub content_id: Option<String>,
        /// Title of that item.
        pub content_title: Option<String>,
        /// The subject it is about.
        pub subject: Option<String>,
        /// The facts that prove it, in one line.
        pub message: String,
        /// What to do.
        pub advice: &'static str,
        /// Name of that subject; null if unknown, as for a deleted account.
        pub subject_name: Option<String>,
        /// The change that ends it, as JSON: a list of calls of the client, each `{"call": name, "arguments": {…}}`; null
        /// if it needs a decision.
        pub fix: Option<String>,
    }
}

/// A group with more active members than this is huge, and content that so many accounts see is seen through a large
/// group.
pub const HUGE_GROUP: u64 = 1_000;

/// Content with more entries on its view and edit lists than this has too many.
// Source: https://support.atlassian.com/portfolio-insights/docs/confluence-pages-with-too-many-restrictions
pub const TOO_MANY_RESTRICTIONS: usize = 100;

/// Which findings are asked for, and what they are measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingOptions {
    /// Only these; empty: all.
    pub codes: Vec<&'static str>,
    /// Only of these severities; empty: of all.
    pub severities: Vec<Severity>,
    /// Only those in the spaces with these keys; empty: in all spaces, and those in no space.
    pub spaces: Vec<String>,
    /// The domains of the organisation's own e-mail addresses, in lower case; empty: those it has verified.
    pub internal_domains: Vec<String>,
    /// Number of active members above which a group is huge.
    pub huge_group: u64,
    /// Number of entries on the lists of a content item above which they are too many.
    pub too_many_restrictions: usize,
}

impl Default for FindingOptions {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            severities: Vec::new(),
            spaces: Vec::new(),
            internal_domains: Vec::new(),
            huge_group: HUGE_GROUP,
            too_many_restrictions: TOO_MANY_RESTRICTIONS,
        }
    }
}

/// A word that names no finding or no severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{word}`: {remedy}")]
pub struct UnknownFinding {
    /// What it should be.
    pub what: &'static str,
    /// What was given.
    pub word: String,
    /// What to write instead.
    pub remedy: String,
}

impl FindingOptions {
    /// The findings with these codes; without any, all.
    ///
    /// # Errors
    /// Where a word is no code.
    pub fn with_codes<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownFinding> {
        let codes = || FINDINGS.iter().map(|row| row.code);
        for word in words {
            let known = codes().find(|code| *code == word);
            self.codes.push(known.ok_or_else(|| unknown("finding", word, nearest(word, codes())))?);
        }
        Ok(self)
    }

    /// The findings of these severities; without any, of all.
    ///
    /// # Errors
    /// Where a word is no severity.
    pub fn with_severities<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownFinding> {
        for word in words {
            self.severities.push(Severity::named(word).ok_or_else(|| unknown("severity", word, None))?);
        }
        Ok(self)
    }

    pub(super) fn wants(&self, kind: FindingCode) -> bool {
        self.codes.is_empty() || self.codes.contains(&kind.code)
    }

    /// Whether findings about a space are asked for; `None`: about the site.
    pub(super) fn covers(&self, space: Option<&str>) -> bool {
        self.spaces.is_empty() || space.is_some_and(|space| self.spaces.iter().any(|key| key == space))
    }
}

fn unknown(what: &'static str, word: &str, near: Option<&str>) -> UnknownFinding {
    let remedy = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if what == "severity" => "expected `high`, `medium` or `low`".to_owned(),
        None => {
            let codes: Vec<_> = FINDINGS.iter().map(|row| row.code).collect();
            format!("expected one of `{}`", codes.join("`, `"))
        }
    };
    UnknownFinding { what, word: word.to_owned(), remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_declared_once_with_advice() {
        for (at, row) in FINDINGS.iter().enumerate() {
            assert!(FINDINGS[..at].iter().all(|other| other.code != row.code), "{} twice", row.code);
            assert!(row.advice.ends_with('.'), "{}", row.code);
        }
        assert!(FINDINGS.len() >= 28);
    }

    #[test]
    fn a_word_that_names_no_finding_is_refused_with_the_nearest_one() {
        let options = || FindingOptions::default();
        let error = options().with_codes(["open_to_anonymus"]).unwrap_err().to_string();
        assert_eq!(error, "unknown finding `open_to_anonymus`: did you mean `open_to_anonymous`?");
        let error = options().with_severities(["severe"]).unwrap_err().to_string();
        assert_eq!(error, "unknown severity `severe`: expected `high`, `medium` or `low`");
        assert_eq!(options().with_codes(["stale_group"]).unwrap().codes, ["stale_group"]);
    }
}
