//! Restrictions of many contents at once: searches by their ids.

use super::halves;
use super::limit::Line;
use super::lists::{Questions, Restricted, doubtful};
use super::pages::{Walk, Walked};
use super::session::no_progress;
use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::{Context, Found, cql, fitting};
use crate::model::SiteFact;

/// Contents in one search: as many as a page of it brings.
const IDS: usize = 200;
pub(super) const LIMIT: u32 = 200;

/// What searches bring of these contents. A part that is refused is halved until what spoils it stands alone; what no
/// search brings is left for single questions.
///
/// # Errors
/// Where nobody answers, or the credentials are not accepted.
pub(super) async fn search(transport: &Transport, questions: &Questions, ids: &[String]) -> Result<Restricted> {
    let mut all = Restricted::default();
    // The search only knows numbers as ids.
    let numbers: Vec<String> = ids.iter().filter(|id| id.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
    for chunk in fitting(&numbers, IDS, |ids| (questions.search)(&cql::ids(ids))) {
        let question = |part: Vec<String>| async move { walk(transport, questions, &part).await };
        for (part, answer) in halves::ask(&chunk, halves::one_of_them, question).await {
            match answer {
                Ok(walked) => absorb(&mut all, walked, &part),
                Err(error) if hopeless(&error) => return Err(error),
                Err(error) => {
                    tracing::debug!(error = %error, contents = part.len(), "a search by ids was refused");
                }
            }
        }
    }
    Ok(all)
}

async fn walk(transport: &Transport, questions: &Questions, ids: &[String]) -> Result<Walked<Found>> {
    let context = Context { base: Some(transport.target.site.clone()), ..Context::default() };
    let walk = Walk {
        request: (questions.search)(&cql::ids(ids)),
        read: &|body| (questions.read_search)(body, &context),
        key: &|found: &Found| found.content.id.clone(),
        scope: SiteFact::Contents.about().0,
        subject: SiteFact::Contents.as_str().to_owned(),
        shrink: true,
        line: Line::default(),
        tell: &no_progress,
    };
    walk.run(transport).await
}

fn hopeless(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer | ErrorKind::Timeout | ErrorKind::Unauthorized | ErrorKind::Closed | ErrorKind::RateLimited
    )
}

fn absorb(all: &mut Restricted, walked: Walked<Found>, asked: &[String]) {
    let doubtful = doubtful(&walked.gaps);
    // A server that does not know the filter lists other contents too.
    for found in walked.rows.into_iter().filter(|found| asked.contains(&found.content.id)) {
        all.take(&found.content.id, found.restrictions, &doubtful);
    }
    // What is not read to its end is asked for again.
    all.partial.clear();
    all.users.extend(walked.users);
    all.groups.extend(walked.groups);
}
