//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::reading::Page;
use crate::apis::{Outcome, Route};

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "organizations",
        template: "GET /admin/v1/orgs",
        example: requests::organizations,
        read: |body| lift::organizations(body).map(outcome),
        paged: true,
    },
    Route {
        name: "directories",
        template: "GET /admin/v2/orgs/{orgId}/directories",
        example: || requests::directories("0a1b", 100),
        read: |body| lift::directories(body, "0a1b").map(outcome),
        paged: true,
    },
    Route {
        name: "groups",
        template: "POST /admin/v2/orgs/{orgId}/directories/-/groups/search",
        example: || requests::groups("0a1b", 100),
        read: |body| lift::groups(body).map(outcome),
        paged: true,
    },
    Route {
        name: "product_admins",
        template: "POST /admin/v2/orgs/{orgId}/directories/-/users/search",
        example: || requests::product_admins("0a1b", "1f2e", 100),
        read: |body| lift::product_admins(body).map(outcome),
        paged: true,
    },
    Route {
        name: "product_admin_groups",
        template: "POST /admin/v2/orgs/{orgId}/directories/-/groups/search",
        example: || requests::product_admin_groups("0a1b", "1f2e", 100),
        read: |body| lift::product_admin_groups(body).map(outcome),
        paged: true,
    },
    Route {
        name: "events",
        template: "GET /admin/v1/orgs/{orgId}/events-stream",
        example: || requests::events("0a1b", Some(1_761_955_200_000), Some(1_764_547_199_999), 100),
        read: |body| lift::events(body).map(outcome),
        paged: true,
    },
    Route {
        name: "scim_links",
        template: "GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links",
        example: || requests::scim_links("0a1b", "5b10a"),
        read: |body| lift::scim_links(body, "5b10a").map(outcome),
        paged: false,
    },
];
