//! What a rule comes to for one actor.

use super::codes::{Reason, Reasons};
use crate::model::Decision;

use Decision::{Allowed, Denied, Unknown};

/// What a rule comes to for one actor, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) decision: Decision,
    pub(super) reasons: Reasons,
}

/// The subject passes.
pub(super) const PASS: Answer = Answer { decision: Allowed, reasons: Reasons::NONE };

/// The subject passes, which needs a word.
pub(super) fn note(reason: Reason) -> Answer {
    Answer { decision: Allowed, reasons: reason.into() }
}

/// Whether the subject passes is unknown.
pub(super) fn doubt(reason: Reason) -> Answer {
    Answer { decision: Unknown, reasons: reason.into() }
}

/// The subject is stopped.
pub(super) fn stop(reason: Reason) -> Answer {
    Answer { decision: Denied, reasons: reason.into() }
}

impl From<Decision> for Answer {
    fn from(decision: Decision) -> Self {
        Self { decision, reasons: Reasons::NONE }
    }
}
