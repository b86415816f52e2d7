//! What both Cloud APIs say about an account, in one vocabulary.

use crate::model::{Subject, UserType};

/// Whether a text may be the id of an account, and is not our name for one without an id.
pub fn can_be_looked_up(account_id: &str) -> bool {
    Subject::user(account_id).account_id().is_some()
}

/// Kind of an account; an empty word is what v1 sends when it does not know.
pub(crate) fn kind(word: Option<&str>) -> UserType {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("atlassian") => UserType::Person,
        Some("app") => UserType::App,
        Some("customer") => UserType::Customer,
        None | Some("" | "unknown") => UserType::Unknown,
        Some(other) => UserType::Other(other.to_owned()),
    }
}

/// Whether an account is active, where the server says so.
pub(crate) fn active(status: Option<&str>) -> Option<bool> {
    match status?.to_ascii_lowercase().as_str() {
        "active" => Some(true),
        "inactive" | "closed" | "deactivated" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_account_are_read() {
        assert_eq!(kind(Some("atlassian")), UserType::Person);
        assert_eq!(kind(Some("app")), UserType::App);
        assert_eq!(kind(Some("customer")), UserType::Customer);
        assert_eq!(kind(None), UserType::Unknown);
        assert_eq!(kind(Some("robot")), UserType::Other("robot".into()));
        assert_eq!(
            [active(Some("active")), active(Some("closed")), active(Some("inactive"))],
            [Some(true), Some(false), Some(false)]
        );
        assert_eq!([active(None), active(Some("unknown"))], [None, None]);
    }
}
