//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::{Outcome, Question};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "events",
        example: || requests::events(Some(1_761_955_200_000), Some(1_764_547_199_999), None, requests::LIMIT),
        read: |body| lift::events(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "coverage",
        example: requests::coverage,
        read: |body| lift::coverage(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "denylist",
        example: requests::denylist,
        read: |body| lift::denylist(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "legacy",
        example: || requests::legacy(Some(1_761_955_200_000), Some(1_764_547_199_999), None, 0, requests::LIMIT),
        read: |body| lift::legacy(body).map(Outcome::of),
        paged: true,
    },
];
