//! The questions whose answers are read, each with an example and its reader, and the changes.

use super::lift::{self, Gathered, General, Rows};
use super::methods::{self, Returns};
use super::requests;
use crate::apis::methods::{Argument, Arguments, Method, Several, Who};
use crate::apis::reading::Unreadable;
use crate::apis::{Change, Outcome, Question, Request};
use crate::model::RestrictionOperation;

fn general(which: General, body: &[u8]) -> Result<Outcome, Unreadable> {
    let gathered = Gathered::new(which, "65564", false, body)?;
    let (rows, to_complete) = (gathered.names(), gathered.short());
    let (.., gaps) = gathered.finish(false);
    Ok(Outcome { rows, gaps, to_complete, ..Outcome::default() })
}

fn listed(body: &[u8], of: Rows) -> Result<Outcome, Unreadable> {
    let listed = lift::listing(body, of, &methods::groups.route)?;
    let to_complete = usize::try_from(listed.missing()).unwrap_or(usize::MAX);
    Ok(Outcome { rows: listed.rows.len(), gaps: listed.gaps, to_complete, ..Outcome::default() })
}

/// The request of a method about the first page of it.
fn page<const N: usize>(method: &'static Method<Returns>, arguments: [(&'static str, Argument); N]) -> Request {
    requests::page(&asked(method, arguments), 0, 100)
}

fn asked<const N: usize>(method: &'static Method<Returns>, arguments: [(&'static str, Argument); N]) -> Request {
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
fn of_list(method: &'static Method<Returns>) -> Request {
    let contents = Argument::Places(Several::Ids(vec!["65564".to_owned()]));
    let list = Argument::Operation(RestrictionOperation::View);
    asked(method, [("contents", contents), group(), ("permission_type", list)])
}

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "inherited_content_permissions",
        example: || page(&methods::inherited_content_permissions, [content()]),
        read: |body| general(General::Permissions, body),
        paged: false,
    },
    Question {
        name: "inherited_content_tree_permissions",
        example: || page(&methods::inherited_content_tree_permissions, [content()]),
        read: |body| general(General::TreePermissions, body),
        paged: false,
    },
    Question {
        name: "content_tree_restrictions",
        example: || page(&methods::content_tree_restrictions, [content()]),
        read: |body| general(General::TreeRestrictions, body),
        paged: false,
    },
    Question {
        name: "permission_types",
        example: requests::permission_types,
        read: |body| lift::permission_types(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "space_permission_actors",
        example: || requests::space_permission_actors("ds"),
        read: |body| lift::space_permission_actors(body, "ds").map(Outcome::of),
        paged: false,
    },
    Question {
        name: "permissions_for_space",
        example: || asked(&methods::permissions_for_space, [group(), space()]),
        read: |body| lift::permissions_for_space(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "all_spaces_with_permissions",
        example: || page(&methods::all_spaces_with_permissions, [group()]),
        read: |body| listed(body, Rows::Records("spaces")),
        paged: false,
    },
    Question {
        name: "all_users_with_any_permission",
        example: || page(&methods::all_users_with_any_permission, [space()]),
        read: |body| listed(body, Rows::Names("users")),
        paged: false,
    },
    Question {
        name: "groups",
        example: || page(&methods::groups, []),
        read: |body| listed(body, Rows::Names("groups")),
        paged: false,
    },
    Question {
        name: "users",
        example: || {
            page(&methods::users, [("group", Argument::from("eng")), ("show_extended_details", Argument::Flag(true))])
        },
        read: |body| listed(body, Rows::Records("users")),
        paged: false,
    },
    Question {
        name: "user_directories",
        example: || asked(&methods::user_directories, []),
        read: |body| listed(body, Rows::Records("userDirectories")),
        paged: false,
    },
];

pub(super) const CHANGES: &[Change] = &[
    Change { name: "add_content_permission", example: || Some(of_list(&methods::add_content_permission)) },
    Change { name: "remove_content_permission", example: || Some(of_list(&methods::remove_content_permission)) },
    Change {
        name: "remove_all_content_permission",
        example: || Some(asked(&methods::remove_all_content_permission, [group()])),
    },
    Change {
        name: "add_space_permissions",
        example: || {
            let kinds: &[&str] = &["VIEWSPACE"];
            Some(asked(&methods::add_space_permissions, [space(), group(), ("permissions", kinds.into())]))
        },
    },
];
