//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::{Outcome, Question};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "public_link_site",
        example: requests::public_link_site,
        read: |body| lift::public_link_site(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "public_link_spaces",
        example: || requests::public_link_spaces(100),
        read: |body| lift::public_link_spaces(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "public_links",
        example: || requests::public_links("98305", 100),
        read: |body| lift::public_links(body).map(Outcome::of),
        paged: true,
    },
];
