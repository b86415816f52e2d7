//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::{Outcome, Question};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "organizations",
        example: requests::organizations,
        read: |body| lift::organizations(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "domains",
        example: || requests::domains("0a1b"),
        read: |body| lift::domains(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "directories",
        example: || requests::directories("0a1b", 100),
        read: |body| lift::directories(body, "0a1b").map(Outcome::of),
        paged: true,
    },
    Question {
        name: "groups",
        example: || requests::groups("0a1b", 100),
        read: |body| lift::groups(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "accounts",
        example: || requests::accounts("0a1b", 100),
        read: |body| lift::accounts(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "product_admins",
        example: || requests::product_admins("0a1b", "1f2e", 100),
        read: |body| lift::product_admins(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "product_admin_groups",
        example: || requests::product_admin_groups("0a1b", "1f2e", 100),
        read: |body| lift::product_admin_groups(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "events",
        example: || requests::events("0a1b", Some(1_761_955_200_000), Some(1_764_547_199_999), 100),
        read: |body| lift::events(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "scim_links",
        example: || requests::scim_links("0a1b", "5b10a"),
        read: |body| lift::scim_links(body, "5b10a").map(Outcome::of),
        paged: false,
    },
];
