//! The words of a record.

use std::collections::HashSet;

use crate::model::{AuditRecord, ChangeKind};

/// Something is gone.
const REMOVED: &[&str] = &[
    "removed",
    "revoked",
    "unassigned",
    "deleted",
    "disabled",
    "deactivated",
    "removal",
    "expired",
    "withdrawn",
    "removing",
    "revoking",
];

/// Something is there that was not.
const ADDED: &[&str] =
    &["added", "granted", "assigned", "created", "enabled", "activated", "reactivated", "given", "adding", "granting"];

/// Things a record without a word of [`ACCESS`] is about, where it says that something was [`DONE`] to them.
const THINGS: &[&str] = &[
    "space",
    "page",
    "pages",
    "blog",
    "blogpost",
    "comment",
    "attachment",
    "folder",
    "whiteboard",
    "database",
    "template",
    "user",
    "app",
    "plugin",
    "addon",
    "add",
    "macro",
    "theme",
    "look",
    "logo",
    "settings",
    "setting",
    "backup",
    "index",
    "webhook",
    "license",
    "licence",
    "export",
    "import",
    "content",
    "label",
    "audit",
    "site",
];

/// What is done to such things.
const DONE: &[&str] = &[
    "created",
    "updated",
    "deleted",
    "removed",
    "restored",
    "archived",
    "unarchived",
    "renamed",
    "moved",
    "copied",
    "exported",
    "imported",
    "purged",
    "trashed",
    "published",
    "unpublished",
    "viewed",
    "installed",
    "uninstalled",
    "enabled",
    "disabled",
    "upgraded",
    "deactivated",
    "reactivated",
    "activated",
    "invited",
    "changed",
    "configured",
    "added",
    "edited",
    "rebuilt",
    "started",
    "finished",
    "completed",
    "performed",
    "search",
];

/// Words of access.
const ACCESS: &[&str] = &[
    "permission",
    "permissions",
    "restriction",
    "restrictions",
    "access",
    "role",
    "roles",
    "group",
    "groups",
    "share",
    "shared",
    "anonymous",
    "public",
    "key",
    "guest",
    "guests",
];

/// A key without the prefix all keys have.
pub(super) fn without_prefix(key: &str) -> &str {
    const PREFIXES: [&str; 4] = [
        "audit.logging.summary.",
        "audit.logging.category.",
        "atlassian.audit.event.action.",
        "atlassian.audit.event.category.",
    ];
    PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key)
}

/// The words of a record, in lower case.
pub(super) struct Words {
    pub(super) text: String,
    tokens: HashSet<String>,
    pub(super) category: String,
}

impl Words {
    pub(super) fn of(record: &AuditRecord) -> Self {
        let both = |text: Option<&str>, key: Option<&str>| {
            [text, key].into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase().replace('_', " ")
        };
        let text = both(record.action.as_deref(), record.action_key.as_deref().map(without_prefix));
        let tokens = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        let category = both(record.category.as_deref(), record.category_key.as_deref().map(without_prefix));
        Self { text, tokens, category }
    }

    pub(super) fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.tokens.contains(*word))
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// Whether something was added or removed; `None`: the words do not say.
    pub(super) fn direction(&self) -> Option<ChangeKind> {
        // `on` alone is a preposition.
        let switched = |way: &str| ["turned", "switched"].iter().any(|verb| self.has(&format!("{verb} {way}")));
        if self.any(REMOVED) || switched("off") {
            Some(ChangeKind::Removed)
        } else if self.any(ADDED) || switched("on") {
            Some(ChangeKind::Added)
        } else {
            None
        }
    }

    /// Whether the record is known to be about something other than access.
    pub(super) fn is_elsewhere(&self) -> bool {
        // An administrator who logged in as another user is a matter of access.
        let login = self.any(&["login", "logout"]) || self.any(&["logged"]) && !self.any(&["as"]);
        (login || self.any(THINGS) && self.any(DONE)) && !self.any(ACCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::history::wording::CHANGES;

    #[test]
    fn every_change_is_understood_in_its_own_words() {
        for (meaning, written) in CHANGES {
            let record = AuditRecord { action: Some(written.to_owned()), ..AuditRecord::default() };
            let direction = Words::of(&record).direction();
            let expected = meaning.rsplit('_').next().unwrap();
            let said = match direction {
                Some(ChangeKind::Added) => ["added", "created", "assigned", "enabled"].contains(&expected),
                Some(ChangeKind::Removed) => ["removed", "deleted", "disabled"].contains(&expected),
                _ => ["changed", "used"].contains(&expected),
            };
            assert!(said, "{meaning}: {direction:?}");
        }
    }
}
