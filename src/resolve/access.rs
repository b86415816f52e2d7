//! The face of the resolver.

use std::sync::Arc;

use super::answers::{ContentAccess, Grantee, PairBatch, SummaryRow};
use super::explanation::Explanation;
use super::findings::Finding;
use super::policy::Policy;
use super::tree::Tree;
use crate::model::{Listing, Operation, Snapshot, Subject, Verdict};

/// A site, indexed, with inheritance resolved. Immutable.
#[derive(Debug)]
pub struct Access {
    snapshot: Arc<Snapshot>,
    policy: Policy,
}

/// A content that was not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("content `{0}` is not in the snapshot: it was not listed, which does not mean that nobody can see it")]
pub struct UnknownContent(pub String);

/// A text that names no subject of this site, or several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectLookup {
    /// Not the form of a subject.
    #[error(transparent)]
    Invalid(#[from] crate::model::InvalidSubject),
    /// Several accounts or groups have this name.
    #[error("`{text}` names several subjects: {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// The subjects it may mean.
        candidates: Vec<String>,
    },
}

impl Access {
    /// Indexes a snapshot. Without a policy, that of the snapshot's site is used.
    pub fn new(snapshot: Arc<Snapshot>, policy: Option<Policy>) -> Self {
        let policy = policy.unwrap_or_else(|| Policy::for_site(&snapshot.site));
        Self { snapshot, policy }
    }

    /// The facts.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The switches in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Reads a subject, and resolves names and e-mail addresses the snapshot knows to ids.
    ///
    /// # Errors
    /// Where the text is no subject, or names several.
    pub fn subject(&self, text: &str) -> Result<Subject, SubjectLookup> {
        Ok(Subject::parse(text)?)
    }

    /// Whether a subject may do something with a content.
    pub fn can(&self, _subject: &Subject, _operation: Operation, _content_id: &str) -> Verdict {
        Verdict::Unknown
    }

    /// Everybody who may, and everybody of whom it is not known.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn who_can(&self, _operation: Operation, content_id: &str) -> Result<Listing<Grantee>, UnknownContent> {
        Err(UnknownContent(content_id.to_owned()))
    }

    /// Why a subject may or may not. Always answers.
    pub fn explain(&self, subject: &Subject, operation: Operation, content_id: &str) -> Explanation {
        Explanation {
            verdict: Verdict::Unknown,
            decision: Verdict::Unknown.decision(),
            operation,
            subject: super::SubjectState { subject: subject.clone(), name: None, state: "unknown".to_owned() },
            content: None,
            content_id: content_id.to_owned(),
            standing: None,
            bypass: None,
            exposure: None,
            codes: Vec::new(),
            gates: Vec::new(),
            witnesses: std::collections::BTreeMap::new(),
            ways_in: Vec::new(),
            fixes: Vec::new(),
            irrelevant: Vec::new(),
            gaps: Vec::new(),
            switches: Vec::new(),
            taken_at: self.snapshot.taken_at,
        }
    }

    /// One row per content.
    pub fn summary(&self) -> Listing<SummaryRow> {
        Listing::default()
    }

    /// Every content a subject may view or edit, and those of which it is not known.
    pub fn contents_for(&self, _subject: &Subject, _operation: Operation) -> Listing<ContentAccess> {
        Listing::default()
    }

    /// Root to content, with the lists of every level.
    ///
    /// # Errors
    /// Where the content was not listed.
    pub fn tree(&self, content_id: &str) -> Result<Tree, UnknownContent> {
        Err(UnknownContent(content_id.to_owned()))
    }

    /// What a report should point out.
    pub fn findings(&self) -> Listing<Finding> {
        Listing::default()
    }

    /// Ids of the accounts, in the order [`PairBatch::users`] counts them.
    pub fn user_ids(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Every pair (account, content) that is allowed, in batches.
    pub fn pairs(&self, _operation: Operation) -> impl Iterator<Item = PairBatch> + '_ {
        std::iter::empty()
    }
}
