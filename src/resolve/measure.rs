//! Open switches of the policy, and questions that settle one each.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::access::Access;
use super::sample::Question;
use super::tri::Tri;
use crate::model::{
    CheckResult, ContentStatus, ContentType, Decision, Operation, Origin, Policy, RestrictionOperation, Snapshot,
    Subject, SubjectKind, Switch, SwitchKind, SwitchName, record,
};

/// The most questions about a site.
pub const MOST_QUESTIONS: usize = 12;

/// The most questions about one switch: two answers that agree are better evidence than one.
const EACH: usize = 2;

/// The most contents examined one by one, for operations without audiences.
const LOOKED_AT: usize = 50;

/// A question that only one open switch decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The switch.
    pub switch: SwitchName,
    /// What to ask.
    pub question: Question,
    /// The same in words.
    pub words: String,
    /// The answer for each value of the switch.
    means: Vec<(Switch, Decision)>,
}

record! {
    /// One row is one open switch of the policy, with its value on this site as measured by questions.
    ///
    /// From `wiki.measure(snapshot)`.
    pub struct Measured {
        /// The switch.
        pub switch: &'static str,
        /// Its value on this site; `None` where it could not be settled.
        field value: Option<Switch>,
        /// Its value on this site: `true`, `false`, `nobody` or `opens`; `unknown` if it could not be settled.
        column value: String = |row| row.value.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string),
        /// The question in words; null if none was asked.
        pub question: Option<String>,
        /// The subject of the question as text.
        pub subject: Option<Subject>,
        /// The content item of the question.
        pub content_id: Option<String>,
        /// The answer of the site: `allowed` or `denied`; null if it did not answer.
        pub answer: Option<Decision>,
        /// Questions asked for this switch.
        pub requests: usize,
        /// API and route that answered.
        pub source: Origin,
        /// Why the switch could not be settled.
        pub reason: Option<String>,
    }
}

/// The open switches of a site, with questions that settle them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    open: Vec<SwitchName>,
    trials: Vec<Trial>,
}

/// The reply to a question: an answer, or why there is none.
pub type Reply = Result<CheckResult, String>;

/// The two values of a switch that a question can tell apart; `None` for the content types whose empty lists are trusted,
/// because one answer does not settle a fact of the whole API.
fn values(kind: SwitchKind) -> Option<[Switch; 2]> {
    match kind {
        SwitchKind::Flag => Some([Switch::Flag(true), Switch::Flag(false)]),
        SwitchKind::VanishedGroups => Some(["nobody", "opens"].map(|word| Switch::Word(word.to_owned()))),
        SwitchKind::ContentTypes => None,
    }
}

fn unknown() -> Switch {
    Switch::Word("unknown".to_owned())
}

impl Measurement {
    /// The open switches of the site (unknown or undocumented), and at most [`MOST_QUESTIONS`] questions about `operations`
    /// that settle them. Only the switch decides such a question: with every other open switch unknown, the answer is
    /// certain under both values of the switch, and differs between them.
    pub fn of(snapshot: &Arc<Snapshot>, operations: &[Operation]) -> Self {
        let given = Policy::for_site(&snapshot.site);
        let mut doubtful = given.clone();
        let mut open: Vec<(SwitchName, [Switch; 2])> = Vec::new();
        for row in given.rows() {
            let assumed = row.name.source().is_none() && row.value == row.default;
            // A licence is a fact of one account: an answer with that reason settles nothing.
            if (row.value != unknown() && !assumed) || row.name == SwitchName::AssumeLicensed {
                continue;
            }
            // A switch that cannot be unknown stays as it is.
            if let Ok(policy) = doubtful.clone().with(row.name.as_str(), &unknown()) {
                doubtful = policy;
            }
            open.extend(values(row.name.kind()).map(|values| (row.name, values)));
        }
        let found: Vec<Vec<Trial>> = open
            .iter()
            .map(|(name, values)| {
                let sites: Vec<Access> = values
                    .iter()
                    .filter_map(|value| doubtful.clone().with(name.as_str(), value).ok())
                    .map(|policy| Access::new(Arc::clone(snapshot), Some(policy)))
                    .collect();
                match sites.as_slice() {
                    [one, other] => trials(*name, values, one, other, operations),
                    _ => Vec::new(),
                }
            })
            .collect();
        // First one question about each switch, then a second one as far as the limit allows.
        let mut trials = Vec::new();
        for turn in 0..EACH {
            trials.extend(found.iter().filter_map(|some| some.get(turn)).cloned());
        }
        trials.truncate(MOST_QUESTIONS);
        Self { open: open.into_iter().map(|(name, _)| name).collect(), trials }
    }

    /// What to ask.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The value of each open switch according to the replies to [`trials`](Self::trials), in their order.
    pub fn settled(&self, replies: &[Reply], source: &Origin) -> Vec<Measured> {
        self.open.iter().map(|switch| self.row(*switch, replies, source)).collect()
    }

    fn row(&self, switch: SwitchName, replies: &[Reply], source: &Origin) -> Measured {
        let asked: Vec<(&Trial, &Reply)> =
            self.trials.iter().zip(replies).filter(|(trial, _)| trial.switch == switch).collect();
        let mut row = Measured {
            switch: switch.as_str(),
            value: None,
            question: None,
            subject: None,
            content_id: None,
            answer: None,
            requests: asked.len(),
            reason: None,
            source: source.clone(),
        };
        let mut values: Vec<&Switch> = Vec::new();
        for (trial, reply) in &asked {
            let answer = reply.as_ref().map(|check| {
                let of_the_site = check.reasons.iter().any(|reason| reason.starts_with("site."));
                if of_the_site { Decision::Unknown } else { check.decision }
            });
            let meant =
                trial.means.iter().find(|(_, decision)| answer.as_ref().ok() == Some(decision)).map(|(value, _)| value);
            // The row shows the first question that was answered.
            if row.question.is_none() || (row.answer.is_none() && answer.is_ok()) {
                row.question = Some(trial.words.clone());
                row.subject = Some(trial.question.subject.clone());
                row.content_id = Some(trial.question.content_id.clone());
                row.answer = answer.ok();
            }
            values.extend(meant);
        }
        values.dedup();
        match values.as_slice() {
            [value] => row.value = Some((*value).clone()),
            [] => {
                let failed = asked.iter().find_map(|(_, reply)| reply.as_ref().err());
                row.reason = Some(match failed {
                    Some(message) => message.clone(),
                    None if asked.is_empty() => {
                        "no account and content in the snapshot for which only this switch decides".to_owned()
                    }
                    None => "the account may not use the site, or the answer is not understood".to_owned(),
                });
            }
            _ => {
                let said: Vec<String> = asked
                    .iter()
                    .filter_map(|(trial, reply)| Some(format!("{} {}", trial.words, reply.as_ref().ok()?.decision)))
                    .collect();
                row.reason = Some(format!("the answers contradict each other: {}", said.join("; ")));
            }
        }
        row
    }
}

/// Questions that `one` and `other`, the site with each value of a switch, answer with certainty and differently.
fn trials(
    switch: SwitchName,
    values: &[Switch; 2],
    one: &Access,
    other: &Access,
    operations: &[Operation],
) -> Vec<Trial> {
    let mut found: Vec<Trial> = Vec::new();
    let mut contents: HashSet<u32> = HashSet::new();
    for &operation in operations {
        if found.len() >= EACH {
            break;
        }
        for (content, people) in differing(one, other, operation) {
            if found.len() >= EACH {
                break;
            }
            if contents.contains(&content) {
                continue;
            }
            let trial = people.iter().find_map(|at| trial(switch, values, (one, other), operation, content, at));
            if let Some(trial) = trial {
                contents.insert(content);
                found.push(trial);
            }
        }
    }
    found
}

/// The people a content is certainly open to under one value and closed to under the other.
fn apart(one: &Tri, other: &Tri) -> RoaringBitmap {
    (&one.yes - other.maybe()) | (&other.yes - one.maybe())
}

/// The contents on which the two sites differ, each with the people concerned. Many contents share an audience, so each
/// pair of audiences is compared once; for operations without audiences some contents are examined.
fn differing<'a>(
    one: &'a Access,
    other: &'a Access,
    operation: Operation,
) -> Box<dyn Iterator<Item = (u32, RoaringBitmap)> + 'a> {
    let contents = &one.snapshot().contents;
    let askable = (0u32..).zip(contents.iter()).filter(|(_, content)| {
        content.status == ContentStatus::Current && matches!(content.kind, ContentType::Page | ContentType::Blogpost)
    });
    if matches!(operation, Operation::View | Operation::Edit) {
        let (here, there) = (one.engine.audiences(), other.engine.audiences());
        let mut known: HashMap<(u32, u32), RoaringBitmap> = HashMap::new();
        return Box::new(askable.filter_map(move |(at, _)| {
            let ids = (*here.ids(operation).get(at as usize)?, *there.ids(operation).get(at as usize)?);
            let sets = (here.set(ids.0)?, there.set(ids.1)?);
            let people = known.entry(ids).or_insert_with(|| apart(sets.0, sets.1));
            (!people.is_empty()).then(|| (at, people.clone()))
        }));
    }
    let listed: HashSet<&str> = one
        .snapshot()
        .restrictions
        .iter()
        .filter(|row| row.operation == RestrictionOperation::Edit)
        .map(|row| row.content_id.as_str())
        .collect();
    let looked_at = askable.filter(move |(_, content)| listed.contains(content.id.as_str())).take(LOOKED_AT);
    Box::new(looked_at.filter_map(move |(at, _)| {
        let people = apart(&one.engine.standing_set(operation, at)?, &other.engine.standing_set(operation, at)?);
        (!people.is_empty()).then_some((at, people))
    }))
}

fn trial(
    switch: SwitchName,
    values: &[Switch; 2],
    (one, other): (&Access, &Access),
    operation: Operation,
    content: u32,
    at: u32,
) -> Option<Trial> {
    let snapshot = one.snapshot();
    let row = snapshot.contents.get(content as usize)?;
    let (subject, name) = if at == one.engine.site.anonymous_bit() {
        (Subject::anonymous(), "anonymous".to_owned())
    } else {
        // Only existing accounts can be asked about.
        let user = snapshot.users.get(at as usize).filter(|user| user.active != Some(false))?;
        (Subject::user(&user.id), one.engine.site.person_name(at).unwrap_or(&user.id).to_owned())
    };
    let [first, second] = [one, other].map(|access| access.can(&subject, operation, &row.id).decision());
    if first == second || first == Decision::Unknown || second == Decision::Unknown {
        return None;
    }
    let title = row.title.as_deref().unwrap_or(&row.id);
    let words = match subject.kind {
        SubjectKind::Anonymous => format!("may anonymous {operation} `{title}` (content {})?", row.id),
        _ => format!("may {name} ({subject}) {operation} `{title}` (content {})?", row.id),
    };
    let [yes, no] = values.clone();
    Some(Trial {
        switch,
        question: Question { subject, operation, content_id: row.id.clone() },
        words,
        means: vec![(yes, first), (no, second)],
    })
}
