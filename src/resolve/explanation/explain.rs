//! The answer to one question, with every reason.

use std::collections::BTreeMap;

use super::builder::ExplanationBuilder;
use super::doubts::doubts_of;
use super::gates::Judged;
use super::records::{Explanation, Gate, GateName, Outcome, Place, SubjectState};
use crate::model::{Decision, Operation, Subject, Verdict};
use crate::resolve::engine::Engine;
use crate::resolve::lookup::MissingSubject;
use crate::resolve::rules::Ruling;
use crate::resolve::site::{IndexedSite, Licence, Traits};
use crate::resolve::who::{Actor, Who};

/// Answers with every reason. The verdict and the codes are those of the plain answer; the gates are the same functions
/// asked once, and kept one by one.
pub(in crate::resolve) fn explain(
    engine: &Engine,
    subject: &Subject,
    operation: Operation,
    content_id: &str,
) -> Explanation {
    let site = &engine.site;
    let actor = site.actor(subject);
    let content = site.find_content(content_id);
    let mut explanation = Explanation {
        verdict: Verdict::NotInInventory,
        decision: Decision::Unknown,
        operation,
        subject: site.subject_state(subject, actor.as_ref()),
        content: content.and_then(|at| site.place(at)),
        content_id: content_id.to_owned(),
        standing: None,
        bypass: None,
        exposure: None,
        codes: Vec::new(),
        doubts: Vec::new(),
        gates: Vec::new(),
        witnesses: BTreeMap::new(),
        ways_in: Vec::new(),
        fixes: Vec::new(),
        irrelevant: Vec::new(),
        gaps: Vec::new(),
        switches: Vec::new(),
        taken_at: site.snapshot.taken_at,
    };
    let Some(content) = content else { return explanation };
    explanation.gaps = engine.gaps_touching(content, Some(subject));
    let (actor, target) = match (actor, site.target(operation, content)) {
        (Some(actor), Ok(target)) => (actor, target),
        (actor, target) => {
            let ruling = site.rule(actor.as_ref(), operation, content);
            explanation.rule(&ruling);
            explanation.doubts = match target {
                Ok(_) => vec![format!("not known which account `{subject}` is")],
                Err(_) if ruling.verdict == Verdict::Unknown => {
                    vec!["not known to which space the content belongs".to_owned()]
                }
                Err(_) => Vec::new(),
            };
            return explanation;
        }
    };
    let (standing, rules) = Judged::new(site, &actor, &target).finish();
    let ruling = site.ruling(&actor, &target, standing);
    explanation.rule(&ruling);
    let asked = explanation.subject.subject.to_string();
    let mut builder = ExplanationBuilder { engine, site, actor, asked, target, switches: Vec::new() };
    explanation.gates = builder.gates(rules);
    explanation.witnesses = witnesses(&explanation.gates);
    explanation.ways_in = builder.ways_in();
    if ruling.verdict == Verdict::Unknown {
        explanation.doubts = doubts_of(&explanation.gates, ruling.reasons);
    }
    if ruling.verdict != Verdict::Allowed {
        explanation.fixes = builder.fixes(&explanation.gates);
    }
    explanation.irrelevant = builder.irrelevant();
    builder.bypass_switches(ruling.standing);
    explanation.switches = builder.switches();
    explanation
}

impl Explanation {
    /// Takes over the answer.
    fn rule(&mut self, ruling: &Ruling) {
        self.verdict = ruling.verdict;
        self.decision = ruling.verdict.decision();
        self.standing = ruling.standing;
        self.bypass = ruling.bypass;
        self.exposure = ruling.exposure;
        self.codes = ruling.reasons.codes();
    }
}

/// Through which principals the subject passes each restricted list.
fn witnesses(gates: &[Gate]) -> BTreeMap<String, Vec<String>> {
    let mut witnesses = BTreeMap::new();
    for gate in gates {
        let list = match gate.name {
            GateName::ViewList => "read",
            GateName::EditList => "update",
            _ => continue,
        };
        if let (Some(id), false) = (&gate.content_id, gate.principals.is_empty()) {
            let through = gate.principals.iter().filter(|listed| listed.outcome == Outcome::Pass);
            let through: Vec<_> = through.map(|listed| listed.subject.to_string()).collect();
            if !through.is_empty() {
                witnesses.insert(format!("{id}.{list}"), through);
            }
        }
    }
    witnesses
}

impl IndexedSite {
    pub(in crate::resolve) fn subject_state(&self, subject: &Subject, actor: Option<&Actor>) -> SubjectState {
        let state = |actor: &Actor| match actor.who {
            Who::Anonymous => "anonymous",
            Who::PublicLink => "anyone with the link",
            Who::Group(_) => "group",
            Who::UnknownGroup => "unknown group",
            Who::AnyMember(_) => "class",
            Who::UnknownUser => "unknown account",
            Who::Person(_) => person_state(&actor.traits),
        };
        let (subject, name) = match actor.map(|actor| actor.who) {
            Some(Who::Person(at)) => (Subject::user(self.person_id(at)), self.person_name(at).map(str::to_owned)),
            Some(Who::Group(at)) => {
                let group = self.groups.get(at as usize);
                let id = group.map_or(subject.id.as_str(), |group| &group.id);
                (Subject::group(id), group.and_then(|group| group.name.clone()))
            }
            _ => (subject.clone(), None),
        };
        let missing = self.missing(&subject);
        SubjectState {
            subject,
            name,
            state: actor.map_or("not matched to an account", state).to_owned(),
            note: missing.as_ref().map(MissingSubject::note),
            nearest: missing.map(|missing| missing.nearest).unwrap_or_default(),
        }
    }

    fn place(&self, at: u32) -> Option<Place> {
        let content = self.content(at)?;
        let space = self.space_of(at).and_then(|space| self.snapshot.spaces.get(space.row as usize));
        Some(Place {
            id: content.id.clone(),
            title: content.title.clone(),
            kind: content.kind.as_str().to_owned(),
            status: content.status.as_str().to_owned(),
            space_key: content.space_key.clone(),
            space_name: space.and_then(|space| space.name.clone()),
            url: content.url.clone(),
        })
    }
}

fn person_state(traits: &Traits) -> &'static str {
    match (traits.listed, traits.active, traits.guest, traits.licence) {
        (false, ..) => "unknown account",
        (_, Decision::Denied, ..) => "deactivated",
        (_, Decision::Unknown, ..) => "unknown",
        (.., Licence::Unlicensed) => "unlicensed",
        (_, _, Decision::Allowed, _) => "guest",
        (.., Licence::App) => "app",
        _ => "active",
    }
}
