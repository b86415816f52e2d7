//! Answers of Confluence itself beside our own.

use std::collections::HashMap;

use super::access::Access;
use crate::model::{CheckResult, Decision, Operation, Subject, SubjectKind, record};

record! {
    /// One row is one question that Confluence itself answers differently from the snapshot.
    ///
    /// From `access.verify(wiki)`.
    pub struct Disagreement {
        /// The subject as text.
        pub subject: Subject,
        /// Its name.
        pub subject_name: Option<String>,
        /// `view` or `edit`.
        pub operation: Operation,
        /// The content item.
        pub content_id: String,
        /// Its title.
        pub title: Option<String>,
        /// Key of its space.
        pub space_key: Option<String>,
        /// The answer of the snapshot: `allowed` or `denied`.
        pub ours: Decision,
        /// Confluence's answer: `allowed` or `denied`.
        pub theirs: Decision,
        /// The codes of our explanation.
        pub our_codes: Vec<String>,
        /// Confluence's reasons as codes, as in `CheckResult`.
        pub their_codes: Vec<String>,
        /// Confluence's reasons in its own words.
        pub their_messages: Vec<String>,
        /// Our explanation, with every gate.
        pub explanation: String,
    }
}

/// Their answers compared with ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Every question they answer differently.
    pub rows: Vec<Disagreement>,
    /// How many answers agree.
    pub agreed: usize,
    /// How many answers cannot be compared, because one side does not know.
    pub unknown: usize,
}

impl Compared {
    /// Adds another comparison to this one.
    pub fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.agreed += other.agreed;
        self.unknown += other.unknown;
    }
}

impl Access {
    /// How Confluence's answer differs from ours; `None`: it does not, or one side does not know.
    pub fn disagreement(&self, answer: &CheckResult) -> Option<Disagreement> {
        let ours = self.can(&answer.subject, answer.operation, &answer.content_id).decision();
        if ours == answer.decision || ours == Decision::Unknown || answer.decision == Decision::Unknown {
            return None;
        }
        let explanation = self.explain(&answer.subject, answer.operation, &answer.content_id);
        let snapshot = self.snapshot();
        let content = snapshot.contents.iter().find(|content| content.id == answer.content_id);
        let id = &answer.subject.id;
        let subject_name = match answer.subject.kind {
            SubjectKind::User => {
                let user = snapshot.users.iter().find(|user| user.id == *id);
                user.and_then(|user| user.display_name.clone().or_else(|| user.name.clone()))
            }
            SubjectKind::Group => snapshot.groups.iter().find(|group| group.id == *id).and_then(|g| g.name.clone()),
            _ => None,
        };
        Some(Disagreement {
            subject: answer.subject.clone(),
            subject_name,
            operation: answer.operation,
            content_id: answer.content_id.clone(),
            title: content.and_then(|content| content.title.clone()),
            space_key: content.map(|content| content.space_key.clone()),
            ours,
            theirs: answer.decision,
            our_codes: explanation.codes.iter().map(|code| (*code).to_owned()).collect(),
            their_codes: answer.reasons.clone(),
            their_messages: answer.messages.clone(),
            explanation: explanation.to_string(),
        })
    }

    /// Compares answers of Confluence with our own. An unknown answer cannot be compared.
    pub fn compare(&self, answers: &[CheckResult]) -> Compared {
        let mut compared = Compared::default();
        for answer in answers {
            match self.disagreement(answer) {
                _ if answer.decision == Decision::Unknown => compared.unknown += 1,
                Some(row) => compared.rows.push(row),
                None => compared.agreed += 1,
            }
        }
        compared
    }

    /// Compares a list of the usernames that may do something with a content to our own answer about every account of the
    /// snapshot that has a name. Names without an account here count as unknown.
    pub fn compare_people(&self, content_id: &str, operation: Operation, names: &[String]) -> Compared {
        let mut theirs: HashMap<String, bool> = names.iter().map(|name| (name.to_lowercase(), false)).collect();
        let mut compared = Compared::default();
        for user in &self.snapshot().users {
            let Some(name) = &user.name else { continue };
            let named = theirs.get_mut(&name.to_lowercase()).map(|found| *found = true).is_some();
            let subject = Subject::user(user.id.as_str());
            let decision = if named { Decision::Allowed } else { Decision::Denied };
            let ruling = self.engine.ruling(&subject, operation, content_id);
            // No document says whether the list holds people who pass by a bypass only.
            let passes = ruling.as_ref().is_some_and(|ruling| ruling.bypass.is_some() || ruling.exposure.is_some());
            let standing = ruling.as_ref().and_then(|ruling| ruling.standing);
            match ruling.map_or(Decision::Unknown, |ruling| ruling.verdict.decision()) {
                Decision::Unknown => compared.unknown += 1,
                ours if ours == decision => compared.agreed += 1,
                Decision::Allowed if passes && standing != Some(Decision::Allowed) => compared.agreed += 1,
                _ => {
                    let reason = if named { "listed" } else { "not_listed" };
                    let answer = CheckResult {
                        decision,
                        reasons: vec![format!("extender.{reason}")],
                        messages: Vec::new(),
                        content_id: content_id.to_owned(),
                        subject,
                        operation,
                    };
                    compared.rows.extend(self.disagreement(&answer));
                }
            }
        }
        compared.unknown += theirs.values().filter(|found| !**found).count();
        compared
    }
}
