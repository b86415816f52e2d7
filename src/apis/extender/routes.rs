//! The questions whose answers are read, each with an example and its reader, and the changes.

use super::lift::{self, Gathered, General, Rows};
use super::methods::{self, Returns};
use super::requests;
use crate::apis::methods::{Argument, Arguments, Method, Several, Who};
use crate::apis::reading::{Page, Unreadable};
use crate::apis::{Outcome, Request, Route, Write};
use crate::model::RestrictionOperation;

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

fn general(which: General, body: &[u8]) -> Result<Outcome, Unreadable> {
    let gathered = Gathered::new(which, "65564", false, body)?;
    let (rows, to_complete) = (gathered.names(), gathered.short());
    let (.., gaps) = gathered.finish(false);
    Ok(Outcome { rows, gaps, to_complete, ..Outcome::default() })
}

fn listed(body: &[u8], of: Rows) -> Result<Outcome, Unreadable> {
    let listed = lift::listing(body, of)?;
    let to_complete = usize::try_from(listed.missing()).unwrap_or(usize::MAX);
    Ok(Outcome { rows: listed.rows.len(), gaps: listed.gaps, to_complete, ..Outcome::default() })
}

/// The request of a method about the first page of it.
fn page<const N: usize>(method: &Method<Returns>, arguments: [(&'static str, Argument); N]) -> Request {
    requests::page(&asked(method, arguments), 0, 100)
}

fn asked<const N: usize>(method: &Method<Returns>, arguments: [(&'static str, Argument); N]) -> Request {
    requests::request(method, &Arguments::of(arguments))
}

/// The content of the examples.
fn content() -> (&'static str, Argument) {
    ("content", Argument::from("65564"))
}

/// The space of the examples.
fn space() -> (&'static str, Argument) {
    ("space", Argument::from("ds"))
}

/// The group of the examples.
fn group() -> (&'static str, Argument) {
    ("subject", Argument::Subject(Who::Group("eng".to_owned())))
}

/// A change of one list of one content.
fn of_list(method: &Method<Returns>) -> Request {
    let contents = Argument::Places(Several::Ids(vec!["65564".to_owned()]));
    let list = Argument::Operation(RestrictionOperation::View);
    asked(method, [("contents", contents), group(), ("permission_type", list)])
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "inherited_content_permissions",
        template: "GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions",
        example: || page(&methods::inherited_content_permissions, [content()]),
        read: |body| general(General::Permissions, body),
        paged: false,
    },
    Route {
        name: "inherited_content_tree_permissions",
        template: "GET /rest/extender/1.0/permission/content/{id}/getInheritedContentTreePermissions",
        example: || page(&methods::inherited_content_tree_permissions, [content()]),
        read: |body| general(General::TreePermissions, body),
        paged: false,
    },
    Route {
        name: "content_tree_restrictions",
        template: "GET /rest/extender/1.0/permission/content/{id}/getContentTreeRestrictions",
        example: || page(&methods::content_tree_restrictions, [content()]),
        read: |body| general(General::TreeRestrictions, body),
        paged: false,
    },
    Route {
        name: "permission_types",
        template: "GET /rest/extender/1.0/permission/space/permissionTypes",
        example: requests::permission_types,
        read: |body| lift::permission_types(body).map(outcome),
        paged: false,
    },
    Route {
        name: "space_permission_actors",
        template: "GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type}",
        example: || requests::space_permission_actors("ds"),
        read: |body| lift::space_permission_actors(body, "ds").map(outcome),
        paged: false,
    },
    Route {
        name: "permissions_for_space",
        template: "GET /rest/extender/1.0/permission/group/{name}/getPermissionsForSpace/space/{key}",
        example: || asked(&methods::permissions_for_space, [group(), space()]),
        read: |body| lift::permissions_for_space(body).map(outcome),
        paged: false,
    },
    Route {
        name: "all_spaces_with_permissions",
        template: "GET /rest/extender/1.0/permission/group/{name}/getAllSpacesWithPermissions",
        example: || page(&methods::all_spaces_with_permissions, [group()]),
        read: |body| listed(body, Rows::Records("spaces")),
        paged: false,
    },
    Route {
        name: "all_users_with_any_permission",
        template: "GET /rest/extender/1.0/permission/space/{key}/allUsersWithAnyPermission",
        example: || page(&methods::all_users_with_any_permission, [space()]),
        read: |body| listed(body, Rows::Names("users")),
        paged: false,
    },
    Route {
        name: "groups",
        template: "GET /rest/extender/1.0/group/getGroups",
        example: || page(&methods::groups, []),
        read: |body| listed(body, Rows::Names("groups")),
        paged: false,
    },
    Route {
        name: "users",
        template: "GET /rest/extender/1.0/group/getUsers/{group}",
        example: || {
            page(&methods::users, [("group", Argument::from("eng")), ("show_extended_details", Argument::Flag(true))])
        },
        read: |body| listed(body, Rows::Records("users")),
        paged: false,
    },
    Route {
        name: "user_directories",
        template: "GET /rest/extender/1.0/userDirectories/all",
        example: || asked(&methods::user_directories, []),
        read: |body| listed(body, Rows::Records("userDirectories")),
        paged: false,
    },
];

pub(super) const WRITES: &[Write] = &[
    Write {
        name: "add_content_permission",
        template: "PUT /rest/extender/1.0/permission/content/group/{name}/permission/{type}/addContentPermission",
        example: || Some(of_list(&methods::add_content_permission)),
    },
    Write {
        name: "remove_content_permission",
        template: "DELETE /rest/extender/1.0/permission/content/group/{name}/permission/{type}/removeContentPermission",
        example: || Some(of_list(&methods::remove_content_permission)),
    },
    Write {
        name: "remove_all_content_permission",
        template: "DELETE /rest/extender/1.0/permission/content/group/{name}/removeAllContentPermission",
        example: || Some(asked(&methods::remove_all_content_permission, [group()])),
    },
    Write {
        name: "add_space_permissions",
        template: "PUT /rest/extender/1.0/permission/space/{key}/group/{name}/addSpacePermissions",
        example: || {
            let kinds: &[&str] = &["VIEWSPACE"];
            Some(asked(&methods::add_space_permissions, [space(), group(), ("permissions", kinds.into())]))
        },
    },
];
