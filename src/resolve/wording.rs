//! Words of an audit log in other languages, as its reader says what they mean.
//!
//! Cloud gives no keys, and nobody promises that the words of its log are English or stay as they are. Where the reader
//! of a log knows its words, records are read as if they were written in the known ones.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::{AuditRecord, AuditValue, Permission};

/// Changes a record can be about, and how it says so in the words that are known.
const CHANGES: [(&str, &str); 21] = [
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

/// A record that has nothing to do with access.
const UNRELATED: &str = "unrelated";

/// What the words of a log mean. Empty: those that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording(HashMap<String, &'static str>);

/// A word that was given a meaning which is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownMeaning {
    /// Nothing stands for a word.
    #[error("`wording` gives an empty text a meaning: its keys are the words of the log")]
    Empty,
    /// The meaning is not one of the known ones.
    #[error("`wording` gives `{word}` the meaning `{meaning}`, which is none: use one of {}", known())]
    Unknown {
        /// The word of the log.
        word: String,
        /// What it is said to mean.
        meaning: String,
    },
}

/// All meanings there are.
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
    /// From words of a log to what they mean: a change (`space_permission_added`), a kind of thing (`group`), a permission
    /// (`view`), or `unrelated`.
    ///
    /// # Errors
    /// [`UnknownMeaning`] where a meaning is none.
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

    /// `record` in the words that are known; `None`: it has nothing to do with access.
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

    #[test]
    fn every_change_is_understood_in_its_own_words() {
        for (meaning, written) in CHANGES {
            let direction = super::super::history::direction_in(written);
            let expected = meaning.rsplit('_').next().unwrap();
            let said = match direction {
                Some(crate::model::ChangeKind::Added) => {
                    ["added", "created", "assigned", "enabled"].contains(&expected)
                }
                Some(crate::model::ChangeKind::Removed) => ["removed", "deleted", "disabled"].contains(&expected),
                _ => ["changed", "used"].contains(&expected),
            };
            assert!(said, "{meaning}: {direction:?}");
        }
    }
}
