//! Questions worth asking Confluence itself, and what to make of its answers.

use std::collections::{BTreeSet, HashMap, HashSet};

use fastrand::Rng;

use super::access::Access;
use crate::model::{
    CheckResult, Content, ContentStatus, ContentType, Decision, Deployment, Operation, RestrictionOperation, Subject,
    SubjectKind, record,
};

/// May this subject do this to this content?
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Who.
    pub subject: Subject,
    /// `view` or `edit`.
    pub operation: Operation,
    /// To what.
    pub content_id: String,
}

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

/// Which part of the site a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Stratum {
    /// Contents with a list of their own.
    Restricted,
    /// Contents without, below one whose view list binds them.
    Inherited,
    /// Contents below a node that is no page: v1 does not tell the lists of folders.
    UnderOthers,
    /// Whatever is left.
    Open,
    /// Any content, asked about anonymous.
    Anonymous,
}

impl Access {
    /// Up to `size` questions about contents with a list of their own, below one with a list, below folders, open ones,
    /// and about anonymous: as many of each, as far as the site has them. The same for the same snapshot and seed.
    pub fn sample(&self, size: usize, seed: u64) -> Vec<Question> {
        let snapshot = self.snapshot();
        let by_id: HashMap<&str, &Content> = snapshot.contents.iter().map(|c| (c.id.as_str(), c)).collect();
        let mut own: HashMap<&str, Vec<&Subject>> = HashMap::new();
        let mut views: HashSet<&str> = HashSet::new();
        for restriction in &snapshot.restrictions {
            own.entry(&restriction.content_id).or_default().push(&restriction.subject);
            if restriction.operation == RestrictionOperation::View {
                views.insert(&restriction.content_id);
            }
        }
        let above = |content: &Content| {
            let mut nodes: Vec<&Content> = Vec::new();
            let mut next = content.parent_id.as_deref();
            while let Some(node) = next.and_then(|id| by_id.get(id).copied()) {
                // Deeper than any tree: it bites its tail.
                if nodes.len() > 1000 {
                    break;
                }
                next = node.parent_id.as_deref();
                nodes.push(node);
            }
            nodes
        };
        let mut strata: [(Stratum, Vec<&Content>); 5] = [
            (Stratum::Restricted, Vec::new()),
            (Stratum::Inherited, Vec::new()),
            (Stratum::UnderOthers, Vec::new()),
            (Stratum::Open, Vec::new()),
            (Stratum::Anonymous, Vec::new()),
        ];
        for content in &snapshot.contents {
            let asked = matches!(content.status, ContentStatus::Current | ContentStatus::Archived)
                && !matches!(content.kind, ContentType::Comment | ContentType::Attachment);
            if !asked {
                continue;
            }
            let nodes = above(content);
            let stratum = if nodes.iter().any(|node| node.kind != ContentType::Page) {
                Stratum::UnderOthers
            } else if own.contains_key(content.id.as_str()) {
                Stratum::Restricted
            } else if nodes.iter().any(|node| views.contains(node.id.as_str())) {
                Stratum::Inherited
            } else {
                Stratum::Open
            };
            for (name, list) in &mut strata {
                if *name == stratum || *name == Stratum::Anonymous {
                    list.push(content);
                }
            }
        }
        let strata: Vec<&(Stratum, Vec<&Content>)> = strata.iter().filter(|(_, list)| !list.is_empty()).collect();
        let users: Vec<Subject> = snapshot.users.iter().map(|user| Subject::user(&user.id)).collect();
        let mut members: HashMap<&str, Vec<&Subject>> = HashMap::new();
        for membership in snapshot.memberships.iter().filter(|m| m.member.kind == SubjectKind::User) {
            members.entry(&membership.group_id).or_default().push(&membership.member);
        }
        let mut random = Rng::with_seed(seed);
        let mut seen: HashSet<Question> = HashSet::new();
        let mut questions = Vec::new();
        // Some picks come twice; a small site has fewer questions than were wished for.
        for turn in 0..size.saturating_mul(20) {
            if questions.len() >= size || strata.is_empty() {
                break;
            }
            let Some((stratum, contents)) = strata.get(turn % strata.len()).copied() else { break };
            let Some(content) = pick(&mut random, contents).copied() else { continue };
            let subject = match stratum {
                Stratum::Anonymous => Some(Subject::anonymous()),
                _ => {
                    // Somebody who is named on the way gets an answer that depends on it; anybody else likely does not.
                    let named: BTreeSet<&Subject> = std::iter::once(content)
                        .chain(above(content))
                        .filter_map(|node| own.get(node.id.as_str()))
                        .flatten()
                        .copied()
                        .filter(|s| matches!(s.kind, SubjectKind::User | SubjectKind::Group))
                        .collect();
                    let named: Vec<&Subject> = named.into_iter().collect();
                    let chosen = if random.bool() { pick(&mut random, &named).copied() } else { None };
                    match chosen {
                        // The group itself, or one of its people.
                        Some(group) if group.kind == SubjectKind::Group && random.u8(..4) > 0 => {
                            let people = members.get(group.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                            Some(pick(&mut random, people).copied().unwrap_or(group).clone())
                        }
                        Some(subject) => Some(subject.clone()),
                        None => pick(&mut random, &users).cloned(),
                    }
                }
            };
            let Some(subject) = subject else { continue };
            // Data Center tells nothing but what binds viewing.
            let view = random.u8(..5) < 3 || snapshot.site.deployment == Deployment::DataCenter;
            let operation = if view { Operation::View } else { Operation::Edit };
            let question = Question { subject, operation, content_id: content.id.clone() };
            if seen.insert(question.clone()) {
                questions.push(question);
            }
        }
        questions
    }

    /// What Confluence's answer contradicts, if anything. Where we do not know there is nothing to contradict.
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
}

/// What a list of people somebody else made comes to, beside our own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Every account the two answer differently about.
    pub rows: Vec<Disagreement>,
    /// Accounts they agree about.
    pub agreed: usize,
    /// Accounts of which we do not know.
    pub unknown: usize,
}

impl Compared {
    /// Takes the accounts of another comparison in.
    pub fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.agreed += other.agreed;
        self.unknown += other.unknown;
    }
}

impl Access {
    /// The questions of a sample that we can answer, and how many of it we cannot: there is nothing to compare.
    pub fn decided_sample(&self, size: usize, seed: u64) -> (Vec<Question>, usize) {
        let mut questions = self.sample(size, seed);
        let whole = questions.len();
        questions.retain(|question| {
            let ours = self.can(&question.subject, question.operation, &question.content_id);
            ours.decision() != Decision::Unknown
        });
        let unknown = whole - questions.len();
        (questions, unknown)
    }

    /// Compares answers of Confluence with our own. An answer that is not known is nothing to compare.
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

    /// Contents of the sample of [`sample`](Self::sample), each once: those whose people can be asked for as a list.
    pub fn sample_contents(&self, size: usize, seed: u64) -> Vec<String> {
        let kinds: HashMap<&str, &ContentType> =
            self.snapshot().contents.iter().map(|content| (content.id.as_str(), &content.kind)).collect();
        let listed = |id: &str| matches!(kinds.get(id), Some(ContentType::Page | ContentType::Blogpost));
        let mut seen = HashSet::new();
        // Several questions are about one content: asked for more of them, until there are enough contents.
        let mut contents: Vec<String> = Vec::new();
        for questions in [size, size.saturating_mul(4)] {
            for question in self.sample(questions, seed) {
                if contents.len() < size && listed(&question.content_id) && seen.insert(question.content_id.clone()) {
                    contents.push(question.content_id);
                }
            }
        }
        contents
    }

    /// Compares who may do something with a content by a list of usernames with our own answer about every account of the
    /// snapshot that has a name. Names nobody here has are unknown.
    pub fn compare_people(&self, content_id: &str, operation: Operation, names: &[String]) -> Compared {
        let mut theirs: HashMap<String, bool> = names.iter().map(|name| (name.to_lowercase(), false)).collect();
        let mut compared = Compared::default();
        for user in &self.snapshot().users {
            let Some(name) = &user.name else { continue };
            let named = theirs.get_mut(&name.to_lowercase()).map(|found| *found = true).is_some();
            let subject = Subject::user(user.id.as_str());
            let decision = if named { Decision::Allowed } else { Decision::Denied };
            let ruling = self.engine.ruling(&subject, operation, content_id);
            // Whoever only passes by a bypass may stand on such a list or not: no document says.
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

fn pick<'a, T>(random: &mut Rng, all: &'a [T]) -> Option<&'a T> {
    if all.is_empty() { None } else { all.get(random.usize(..all.len())) }
}
