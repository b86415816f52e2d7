//! Questions worth asking Confluence itself: a sample of subjects, operations and contents.

use std::collections::{BTreeSet, HashMap, HashSet};

use fastrand::Rng;

use super::access::Access;
use crate::model::{
    Content, ContentStatus, ContentType, Decision, Deployment, Operation, RestrictionOperation, Snapshot, Subject,
    SubjectKind,
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

/// Which part of the site a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stratum {
    /// Contents with a restriction list of their own.
    Restricted,
    /// Contents without one, below a view list.
    Inherited,
    /// Contents below a node that is not a page: v1 does not return the lists of folders.
    UnderOthers,
    /// All others.
    Open,
    /// Any content, asked about anonymous.
    Anonymous,
}

/// Draws questions from a snapshot.
struct Sampler<'a> {
    snapshot: &'a Snapshot,
    contents: HashMap<&'a str, &'a Content>,
    /// The subjects on the lists of a content.
    listed: HashMap<&'a str, Vec<&'a Subject>>,
    /// Contents with a view list.
    view_lists: HashSet<&'a str>,
    /// The accounts directly in a group.
    members: HashMap<&'a str, Vec<&'a Subject>>,
    users: Vec<Subject>,
    random: Rng,
}

impl<'a> Sampler<'a> {
    fn new(snapshot: &'a Snapshot, seed: u64) -> Self {
        let mut listed: HashMap<&str, Vec<&Subject>> = HashMap::new();
        let mut view_lists: HashSet<&str> = HashSet::new();
        for restriction in &snapshot.restrictions {
            listed.entry(&restriction.content_id).or_default().push(&restriction.subject);
            if restriction.operation == RestrictionOperation::View {
                view_lists.insert(&restriction.content_id);
            }
        }
        let mut members: HashMap<&str, Vec<&Subject>> = HashMap::new();
        for membership in snapshot.memberships.iter().filter(|m| m.member.kind == SubjectKind::User) {
            members.entry(&membership.group_id).or_default().push(&membership.member);
        }
        Self {
            snapshot,
            contents: snapshot.contents.iter().map(|content| (content.id.as_str(), content)).collect(),
            listed,
            view_lists,
            members,
            users: snapshot.users.iter().map(|user| Subject::user(&user.id)).collect(),
            random: Rng::with_seed(seed),
        }
    }

    fn ancestors(&self, content: &Content) -> Vec<&'a Content> {
        let mut nodes: Vec<&Content> = Vec::new();
        let mut next = content.parent_id.as_deref();
        while let Some(node) = next.and_then(|id| self.contents.get(id).copied()) {
            // Deeper than any tree: a parent cycle.
            if nodes.len() > 1000 {
                break;
            }
            next = node.parent_id.as_deref();
            nodes.push(node);
        }
        nodes
    }

    fn stratum(&self, content: &Content) -> Stratum {
        let ancestors = self.ancestors(content);
        if ancestors.iter().any(|node| node.kind != ContentType::Page) {
            Stratum::UnderOthers
        } else if self.listed.contains_key(content.id.as_str()) {
            Stratum::Restricted
        } else if ancestors.iter().any(|node| self.view_lists.contains(node.id.as_str())) {
            Stratum::Inherited
        } else {
            Stratum::Open
        }
    }

    /// The contents that can be asked about by stratum, without empty ones.
    fn strata(&self) -> Vec<(Stratum, Vec<&'a Content>)> {
        let mut strata =
            [Stratum::Restricted, Stratum::Inherited, Stratum::UnderOthers, Stratum::Open, Stratum::Anonymous]
                .map(|stratum| (stratum, Vec::new()));
        for content in &self.snapshot.contents {
            let asked = matches!(content.status, ContentStatus::Current | ContentStatus::Archived)
                && !matches!(content.kind, ContentType::Comment | ContentType::Attachment);
            if !asked {
                continue;
            }
            let own = self.stratum(content);
            for (stratum, contents) in &mut strata {
                if *stratum == own || *stratum == Stratum::Anonymous {
                    contents.push(content);
                }
            }
        }
        strata.into_iter().filter(|(_, contents)| !contents.is_empty()).collect()
    }

    /// Somebody to ask about. An answer about a listed subject depends on the list; about others it rarely does.
    fn subject(&mut self, content: &'a Content) -> Option<Subject> {
        let listed: BTreeSet<&Subject> = std::iter::once(content)
            .chain(self.ancestors(content))
            .filter_map(|node| self.listed.get(node.id.as_str()))
            .flatten()
            .copied()
            .filter(|subject| matches!(subject.kind, SubjectKind::User | SubjectKind::Group))
            .collect();
        let listed: Vec<&Subject> = listed.into_iter().collect();
        let chosen = if self.random.bool() { pick(&mut self.random, &listed).copied() } else { None };
        match chosen {
            // One of the members, or the group itself.
            Some(group) if group.kind == SubjectKind::Group && self.random.u8(..4) > 0 => {
                let people = self.members.get(group.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                Some(pick(&mut self.random, people).copied().unwrap_or(group).clone())
            }
            Some(subject) => Some(subject.clone()),
            None => pick(&mut self.random, &self.users).cloned(),
        }
    }

    fn question(&mut self, stratum: Stratum, contents: &[&'a Content]) -> Option<Question> {
        let content = pick(&mut self.random, contents).copied()?;
        let subject = match stratum {
            Stratum::Anonymous => Subject::anonymous(),
            _ => self.subject(content)?,
        };
        // Data Center answers questions about viewing only.
        let view = self.random.u8(..5) < 3 || self.snapshot.site.deployment == Deployment::DataCenter;
        let operation = if view { Operation::View } else { Operation::Edit };
        Some(Question { subject, operation, content_id: content.id.clone() })
    }
}

impl Access {
    /// Up to `size` questions: as many about restricted contents, about inherited restrictions, about contents below
    /// folders, about open ones and about anonymous, as far as the site has them. The same for the same snapshot and seed.
    pub fn sample(&self, size: usize, seed: u64) -> Vec<Question> {
        let mut sampler = Sampler::new(self.snapshot(), seed);
        let strata = sampler.strata();
        let mut seen: HashSet<Question> = HashSet::new();
        let mut questions = Vec::new();
        if strata.is_empty() {
            return questions;
        }
        // Draws repeat, and a small site has fewer questions than `size`.
        for turn in 0..size.saturating_mul(20) {
            if questions.len() >= size {
                break;
            }
            let Some((stratum, contents)) = strata.get(turn % strata.len()) else { break };
            let Some(question) = sampler.question(*stratum, contents) else { continue };
            if seen.insert(question.clone()) {
                questions.push(question);
            }
        }
        questions
    }

    /// The questions of a sample that we can answer, and how many we cannot.
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

    /// The contents of a [`sample`](Self::sample), each once: pages and blog posts, whose people a server can list.
    pub fn sample_contents(&self, size: usize, seed: u64) -> Vec<String> {
        let kinds: HashMap<&str, &ContentType> =
            self.snapshot().contents.iter().map(|content| (content.id.as_str(), &content.kind)).collect();
        let listed = |id: &str| matches!(kinds.get(id), Some(ContentType::Page | ContentType::Blogpost));
        let mut seen = HashSet::new();
        // Several questions are about one content, so a larger sample may be needed.
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
}

fn pick<'a, T>(random: &mut Rng, all: &'a [T]) -> Option<&'a T> {
    if all.is_empty() { None } else { all.get(random.usize(..all.len())) }
}
