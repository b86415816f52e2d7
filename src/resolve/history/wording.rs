//! Words of an audit log in other languages, with the meanings the caller gives them.
//!
//! Cloud sends no keys, and its words may be in another language or change. With a meaning for each word, records are
//! read as if they were written in the known words.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::{AuditRecord, AuditValue, Permission};

/// Changes a record can be about, each with the known words for it.
pub(super) const CHANGES: [(&str, &str); 21] = [
    ("space_permission_added", "Space permission added"),
    ("space_permission_removed", "Space permission removed"),
    ("space_permission_changed", "Space permission changed"),
    ("global_permission_added", "Global permission added"),
    ("global_permission_removed", "Global permission removed"),
    ("global_permission_changed", "Global permission changed"),
    ("restriction_added", "Content restriction added"),
    ("restriction_removed", "Content restriction removed"),
    ("restriction_changed", "Content restriction changed"),
    ("member_added", "User added to group"),
    ("member_removed", "User removed from group"),
    ("group_created", "Group created"),
    ("group_deleted", "Group deleted"),
    ("role_assigned", "Space role assigned"),
    ("role_removed", "Space role removed"),
    ("role_changed", "Space role changed"),
    ("public_link_enabled", "Public link enabled"),
    ("public_link_disabled", "Public link disabled"),
    ("admin_key_enabled", "Admin key enabled"),
    ("admin_key_disabled", "Admin key disabled"),
    ("admin_key_used", "Content viewed with admin key"),
];

/// Kinds of things, and names of values.
const THINGS: [(&str, &str); 11] = [
    ("user", "User"),
    ("group", "Group"),
    ("space", "Space"),
    ("page", "Page"),
    ("blogpost", "Blog post"),
    ("folder", "Folder"),
    ("whiteboard", "Whiteboard"),
    ("database", "Database"),
    ("embed", "Embed"),
    ("role", "Role"),
    ("permission", "Permission"),
];

/// The meaning of a record that is not about access.
const UNRELATED: &str = "unrelated";

/// What the words of a log mean. Empty: the known words only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording(HashMap<String, &'static str>);

/// A word with an invalid meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownMeaning {
    /// The word is empty.
    #[error("`wording`: empty key: expected a word of the log")]
    Empty,
    /// The meaning is not one of the known ones.
    #[error("`wording`: invalid meaning `{meaning}` of `{word}`: expected one of {}", known())]
    Unknown {
        /// The word of the log.
        word: String,
        /// Its invalid meaning.
        meaning: String,
    },
}

/// All valid meanings.
pub fn meanings() -> impl Iterator<Item = &'static str> {
    CHANGES
        .iter()
        .chain(&THINGS)
        .map(|(word, _)| *word)
        .chain(Permission::KNOWN.iter().copied())
        .chain(["edit", UNRELATED])
}

fn known() -> String {
    let mut all: Vec<&str> = Vec::new();
    for meaning in meanings() {
        if !all.contains(&meaning) {
            all.push(meaning);
        }
    }
    all.join(", ")
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

impl Wording {
    /// From the words of a log, each with its meaning: a change (`space_permission_added`), a kind of thing (`group`), a permission
    /// (`view`), or `unrelated`.
    ///
    /// # Errors
    /// [`UnknownMeaning`] for an empty word or an invalid meaning.
    pub fn new(words: impl IntoIterator<Item = (String, String)>) -> Result<Self, UnknownMeaning> {
        let mut known = HashMap::new();
        for (word, meaning) in words {
            let written = CHANGES.iter().chain(&THINGS).find(|(name, _)| *name == meaning).map(|(_, written)| *written);
            let Some(written) = written.or_else(|| meanings().find(|name| *name == meaning)) else {
                return Err(UnknownMeaning::Unknown { word, meaning });
            };
            if word.trim().is_empty() {
                return Err(UnknownMeaning::Empty);
            }
            known.insert(plain(&word), written);
        }
        Ok(Self(known))
    }

    fn of(&self, text: Option<&String>) -> Option<&'static str> {
        self.0.get(&plain(text?)).copied()
    }

    /// `record` in the known words; `None`: it is not about access.
    pub(super) fn read<'a>(&self, record: &'a AuditRecord) -> Option<Cow<'a, AuditRecord>> {
        if self.0.is_empty() {
            return Some(Cow::Borrowed(record));
        }
        let action = self.of(record.action.as_ref()).or_else(|| self.of(record.action_key.as_ref()));
        if action == Some(UNRELATED) {
            return None;
        }
        let mut reworded = record.clone();
        if let Some(action) = action {
            reworded.action = Some(action.to_owned());
            reworded.action_key = None;
        }
        for object in &mut reworded.objects {
            object.kind = self.text(object.kind.take());
        }
        for value in &mut reworded.changes {
            value.name = self.text(value.name.take());
            value.old = self.text(value.old.take());
            value.new = self.text(value.new.take());
        }
        Some(Cow::Owned(reworded))
    }

    fn text(&self, text: Option<String>) -> Option<String> {
        self.of(text.as_ref()).map(str::to_owned).or(text)
    }

    /// A value of `record` as it was written there.
    pub(super) fn written(&self, record: &AuditRecord, text: Option<String>) -> Option<String> {
        let text = text?;
        let values = |value: &AuditValue| [value.old.clone(), value.new.clone()];
        let own =
            record.changes.iter().flat_map(values).flatten().find(|own| self.of(Some(own)) == Some(text.as_str()));
        Some(own.unwrap_or(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meaning_that_is_none_is_refused_by_name() {
        let wording = |word: &str, meaning: &str| Wording::new([(word.to_owned(), meaning.to_owned())]);
        for meaning in meanings() {
            assert!(wording("Wort", meaning).is_ok(), "{meaning}");
        }
        let text = wording("Berechtigung hinzugefügt", "space_permision_added").unwrap_err().to_string();
        assert!(text.contains("`Berechtigung hinzugefügt`") && text.contains("`space_permision_added`"), "{text}");
        assert!(text.contains("space_permission_added, ") && text.contains("unrelated"), "{text}");
        assert_eq!(wording(" ", "view"), Err(UnknownMeaning::Empty));
    }
}
