//! The questions, each with an example and its reader, and the changes.

use super::{lift, requests};
use crate::apis::reading::Page;
use crate::apis::{Outcome, Route, Write};
use crate::model::RestrictionOperation;

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "space_permission_sets",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets",
        example: || requests::space_permission_sets("ds").light(),
        read: |body| lift::space_permission_sets(body, "ds").map(outcome),
        paged: false,
    },
    Route {
        name: "space_permission_set",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSet",
        example: || requests::space_permission_set("ds", "VIEWSPACE").light(),
        read: |body| lift::space_permission_set(body, "ds").map(outcome),
        paged: false,
    },
    Route {
        name: "content_permission_sets",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getContentPermissionSets",
        example: || requests::content_permission_sets("65564").light(),
        read: |body| lift::content_permission_sets(body, "65564").map(outcome),
        paged: false,
    },
    Route {
        name: "space_level_permissions",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getSpaceLevelPermissions",
        example: || requests::space_level_permissions().light(),
        read: |body| lift::words(body).map(outcome),
        paged: false,
    },
];

pub(super) const WRITES: &[Write] = &[
    Write {
        name: "add_permission_to_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/addPermissionToSpace",
        example: || Some(requests::add_permission_to_space("VIEWSPACE", "ann", "ds").light()),
    },
    Write {
        name: "add_permissions_to_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace",
        example: || Some(requests::add_permissions_to_space(&["VIEWSPACE"], "ann", "ds").light()),
    },
    Write {
        name: "remove_permission_from_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/removePermissionFromSpace",
        example: || Some(requests::remove_permission_from_space("VIEWSPACE", "ann", "ds").light()),
    },
    Write {
        name: "add_anonymous_permission_to_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/addAnonymousPermissionToSpace",
        example: || Some(requests::add_anonymous_permission_to_space("VIEWSPACE", "ds").light()),
    },
    Write {
        name: "remove_anonymous_permission_from_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/removeAnonymousPermissionFromSpace",
        example: || Some(requests::remove_anonymous_permission_from_space("VIEWSPACE", "ds").light()),
    },
    Write {
        name: "set_content_permissions",
        template: "POST /rpc/json-rpc/confluenceservice-v2/setContentPermissions",
        example: || {
            Some(requests::set_content_permissions("65564", RestrictionOperation::View, &["ann"], &["eng"]).light())
        },
    },
];
