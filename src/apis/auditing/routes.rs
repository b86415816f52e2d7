//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::reading::Page;
use crate::apis::{Outcome, Route};

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "events",
        template: "GET /rest/auditing/1.0/events",
        example: || requests::events(Some(1_761_955_200_000), Some(1_764_547_199_999), None, requests::LIMIT),
        read: |body| lift::events(body).map(outcome),
        paged: true,
    },
    Route {
        name: "coverage",
        template: "GET /rest/auditing/1.0/configuration/coverage",
        example: requests::coverage,
        read: |body| lift::coverage(body).map(outcome),
        paged: false,
    },
    Route {
        name: "denylist",
        template: "GET /rest/auditing/1.0/configuration/denylist",
        example: requests::denylist,
        read: |body| lift::denylist(body).map(outcome),
        paged: false,
    },
    Route {
        name: "legacy",
        template: "GET /rest/api/audit",
        example: || requests::legacy(Some(1_761_955_200_000), Some(1_764_547_199_999), None, 0, requests::LIMIT),
        read: |body| lift::legacy(body).map(outcome),
        paged: true,
    },
];
