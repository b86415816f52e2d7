//! Answers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::word;
use super::words::words;

words! {
    /// The three answers. Their order is the order in which they win when several facts must all hold: a denial by a known
    /// fact beats a doubt, a doubt beats allowed.
    Decision {
        /// Yes.
        Allowed = "allowed",
        /// Cannot be decided from what is known.
        Unknown = "unknown",
        /// No.
        Denied = "denied",
    }
}

impl Decision {
    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// One is enough.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }
}

word!(Decision as "DecisionWord");

/// Allowed for a fact that holds, denied for one that does not.
impl From<bool> for Decision {
    fn from(fact: bool) -> Self {
        if fact { Self::Allowed } else { Self::Denied }
    }
}

/// What became of a question: a decision, or why there is none to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// Cannot be decided from what is known.
    Unknown,
    /// No.
    Denied,
    /// The content was not listed. Not the same as denied.
    NotInInventory,
    /// The content is in the trash; its state is reported, its access not resolved.
    NotCurrent,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotInInventory => "not_in_inventory",
            Self::NotCurrent => "not_current",
            Self::Allowed | Self::Unknown | Self::Denied => self.decision().as_str(),
        }
    }

    /// The answer in three values: where there is nothing to decide, nothing is known.
    pub fn decision(self) -> Decision {
        match self {
            Self::Allowed => Decision::Allowed,
            Self::Denied => Decision::Denied,
            Self::Unknown | Self::NotInInventory | Self::NotCurrent => Decision::Unknown,
        }
    }
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allowed => Self::Allowed,
            Decision::Unknown => Self::Unknown,
            Decision::Denied => Self::Denied,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
