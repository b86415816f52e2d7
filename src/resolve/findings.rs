//! What a report should point out.

use serde::Serialize;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Somebody outside may see it, or nobody can do anything about it.
    High,
    /// Probably not what was meant.
    Medium,
    /// Worth knowing.
    Low,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

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

/// Every finding there is.
pub const FINDINGS: &[FindingCode] = &[];

/// Something a report should point out. No access decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What, as a code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Space it is in.
    pub space_key: Option<String>,
    /// Content it is at.
    pub content_id: Option<String>,
    /// Title of that content.
    pub content_title: Option<String>,
    /// Subject it is about.
    pub subject: Option<String>,
    /// The rows that prove it, in one line.
    pub message: String,
    /// What to do.
    pub advice: &'static str,
}

pub(super) fn findings(_access: &super::Access) -> Vec<Finding> {
    Vec::new()
}
