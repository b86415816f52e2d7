//! The questions, each with an example and its reader, and the changes.

use super::methods::{self, Returns};
use super::{lift, requests};
use crate::apis::methods::{Argument, Arguments, Method, Who};
use crate::apis::reading::Page;
use crate::apis::{Outcome, Request, Route, Write};
use crate::model::RestrictionOperation;

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

fn asked<const N: usize>(method: &Method<Returns>, arguments: [(&'static str, Argument); N]) -> Request {
    requests::call(method, &Arguments::of(arguments)).light()
}

/// The space of the examples.
fn space() -> (&'static str, Argument) {
    ("space", Argument::from("ds"))
}

/// The content of the examples.
fn content() -> (&'static str, Argument) {
    ("content", Argument::from("65564"))
}

/// The type of permission of the examples.
fn kind() -> (&'static str, Argument) {
    ("permission_type", Argument::from("VIEWSPACE"))
}

/// The user of the examples.
fn user() -> (&'static str, Argument) {
    ("subject", Argument::Holder(None, "ann".to_owned()))
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "space_permission_sets",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets",
        example: || asked(&methods::space_permission_sets, [space()]),
        read: |body| lift::space_permission_sets(body, "ds").map(outcome),
        paged: false,
    },
    Route {
        name: "space_permission_set",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSet",
        example: || asked(&methods::space_permission_set, [space(), kind()]),
        read: |body| lift::space_permission_set(body, "ds").map(outcome),
        paged: false,
    },
    Route {
        name: "content_permission_sets",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getContentPermissionSets",
        example: || asked(&methods::content_permission_sets, [content()]),
        read: |body| lift::content_permission_sets(body, "65564").map(outcome),
        paged: false,
    },
    Route {
        name: "space_level_permissions",
        template: "POST /rpc/json-rpc/confluenceservice-v2/getSpaceLevelPermissions",
        example: || asked(&methods::space_level_permissions, []),
        read: |body| lift::words(body).map(outcome),
        paged: false,
    },
];

pub(super) const WRITES: &[Write] = &[
    Write {
        name: "add_permission_to_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/addPermissionToSpace",
        example: || Some(asked(&methods::add_permission_to_space, [kind(), user(), space()])),
    },
    Write {
        name: "add_permissions_to_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace",
        example: || {
            let kinds: &[&str] = &["VIEWSPACE"];
            Some(asked(&methods::add_permissions_to_space, [("permission_types", kinds.into()), user(), space()]))
        },
    },
    Write {
        name: "remove_permission_from_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/removePermissionFromSpace",
        example: || Some(asked(&methods::remove_permission_from_space, [kind(), user(), space()])),
    },
    Write {
        name: "add_anonymous_permission_to_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/addAnonymousPermissionToSpace",
        example: || Some(asked(&methods::add_anonymous_permission_to_space, [kind(), space()])),
    },
    Write {
        name: "remove_anonymous_permission_from_space",
        template: "POST /rpc/json-rpc/confluenceservice-v2/removeAnonymousPermissionFromSpace",
        example: || Some(asked(&methods::remove_anonymous_permission_from_space, [kind(), space()])),
    },
    Write {
        name: "set_content_permissions",
        template: "POST /rpc/json-rpc/confluenceservice-v2/setContentPermissions",
        example: || {
            let list = Argument::Operation(RestrictionOperation::View);
            let subjects = vec![Who::User("ann".to_owned()), Who::Group("eng".to_owned())];
            let (list, subjects) = (("permission_type", list), ("subjects", Argument::Subjects(subjects)));
            Some(asked(&methods::set_content_permissions, [content(), list, subjects]))
        },
    },
];
