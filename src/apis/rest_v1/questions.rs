//! What all readers have in common, for what both bring.

use super::contents::Found;
use super::lists::{ContentRestrictions, ListState, SubjectList};
use crate::apis::Outcome;
use crate::apis::reading::Page;

pub(crate) fn contents(page: Page<Found>) -> Outcome {
    Outcome::completing(page, |found| found.restrictions.to_complete().len())
}

pub(crate) fn both_lists(page: Page<ContentRestrictions>) -> Outcome {
    let rows = page.rows.iter().map(|both| both.read.rows.len() + both.update.rows.len()).sum();
    Outcome { rows, ..Outcome::completing(page, |both| both.to_complete().len()) }
}

pub(crate) fn one_list(page: Page<SubjectList>) -> Outcome {
    let rows = page.rows.iter().map(|list| list.rows.len()).sum();
    Outcome { rows, ..Outcome::completing(page, |list| usize::from(list.state != ListState::Complete)) }
}
