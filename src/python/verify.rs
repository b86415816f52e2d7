//! Answers of a site compared with our own: verifying a sample, and measuring open switches.

use std::sync::Arc;

use pyo3::prelude::*;

use super::bridge::Answer;
use super::table::PyTable;
use crate::fetch::{Client, Error, Extender, Failures, askable};
use crate::model::{Gap, Operation, Snapshot};
use crate::resolve::{Access, Compared, Measured, Measurement, Reply};
use crate::tables::Table;

/// The outcome of a sample: every disagreement, and the number of questions.
pub struct Verified {
    compared: Compared,
    /// Questions that were asked.
    asked: usize,
    /// Questions that were not answered.
    failed: usize,
    gaps: Vec<Gap>,
}

impl Verified {
    /// The disagreements as a table, and how many questions were asked, agreed about, unknown and not answered.
    pub fn answer(self) -> Answer {
        let counts = (self.asked, self.compared.agreed, self.compared.unknown, self.failed);
        let table = Table::new(&self.compared.rows, self.gaps);
        Box::new(move |py| Ok((Py::new(py, PyTable::from(table))?, counts).into_pyobject(py)?.into_any().unbind()))
    }
}

/// Asks Confluence about a sample, question by question.
pub async fn verify(client: Client, access: Arc<Access>, sample: usize, seed: u64) -> Result<Verified, Error> {
    let (questions, unknown) = access.decided_sample(sample, seed);
    let asked: Vec<_> = questions.into_iter().map(|q| (q.content_id, q.subject, q.operation)).collect();
    let answers = client.checks(&asked).await?;
    let mut failures = Failures::default();
    let answered = asked.iter().zip(answers).filter_map(|((content, ..), answer)| failures.answer(content, answer));
    let mut compared = access.compare(&answered.collect::<Vec<_>>());
    compared.unknown += unknown;
    let (asked, failed) = (asked.len(), failures.count());
    Ok(Verified { compared, asked, failed, gaps: failures.gaps(asked)? })
}

/// Asks the Extender add-on about a sample, content by content: each answer lists people.
pub async fn verify_by_extender(
    room: Extender,
    access: Arc<Access>,
    sample: usize,
    seed: u64,
) -> Result<Verified, Error> {
    let contents = access.sample_contents(sample, seed);
    let answers = room.people(&contents).await?;
    let (mut compared, mut failures) = (Compared::default(), Failures::default());
    for (content, answer) in contents.iter().zip(answers) {
        let Some(answer) = failures.answer(content, answer) else { continue };
        if !answer.gaps.is_empty() {
            // A list that was cut short would make everybody missing from it a disagreement.
            failures.unusable(answer.gaps);
            continue;
        }
        for level in &answer.report.levels {
            compared.add(access.compare_people(content, Operation::View, &level.lists.view_users));
            compared.add(access.compare_people(content, Operation::Edit, &level.lists.edit_users));
        }
    }
    let asked = compared.agreed + compared.rows.len();
    let failed = failures.count();
    Ok(Verified { compared, asked, failed, gaps: failures.gaps(contents.len())? })
}

/// Settles open switches of the policy with questions that only they decide.
pub async fn measure(client: Client, snapshot: Arc<Snapshot>) -> Result<(Vec<Measured>, Vec<Gap>), Error> {
    let measurement = Measurement::of(&snapshot, askable(snapshot.site.deployment));
    let questions = measurement.trials().iter().map(|trial| &trial.question);
    let asked: Vec<_> = questions.map(|q| (q.content_id.clone(), q.subject.clone(), q.operation)).collect();
    let (answers, source) = client.answers(&snapshot, &asked).await?;
    let mut failures = Failures::default();
    let replied = asked.iter().zip(answers).map(|((content, ..), answer)| {
        answer.map_err(|error| {
            let message = error.to_string();
            failures.failed(content, error);
            message
        })
    });
    let replies: Vec<Reply> = replied.collect();
    Ok((measurement.settled(&replies, &source), failures.gaps(asked.len())?))
}
