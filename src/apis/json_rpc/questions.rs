//! The questions, each with an example and its reader, and the changes.

use super::methods::{self, Returns};
use super::{lift, requests};
use crate::apis::methods::{Argument, Arguments, Method, Who};
use crate::apis::{Change, Outcome, Question, Request};
use crate::model::RestrictionOperation;

fn asked<const N: usize>(method: &'static Method<Returns>, arguments: [(&'static str, Argument); N]) -> Request {
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

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "space_permission_sets",
        example: || asked(&methods::space_permission_sets, [space()]),
        read: |body| lift::space_permission_sets(body, "ds").map(Outcome::of),
        paged: false,
    },
    Question {
        name: "space_permission_set",
        example: || asked(&methods::space_permission_set, [space(), kind()]),
        read: |body| lift::space_permission_set(body, "ds").map(Outcome::of),
        paged: false,
    },
    Question {
        name: "content_permission_sets",
        example: || asked(&methods::content_permission_sets, [content()]),
        read: |body| lift::content_permission_sets(body, "65564").map(Outcome::of),
        paged: false,
    },
    Question {
        name: "space_level_permissions",
        example: || asked(&methods::space_level_permissions, []),
        read: |body| lift::words(body).map(Outcome::of),
        paged: false,
    },
];

pub(super) const CHANGES: &[Change] = &[
    Change {
        name: "add_permission_to_space",
        example: || Some(asked(&methods::add_permission_to_space, [kind(), user(), space()])),
    },
    Change {
        name: "add_permissions_to_space",
        example: || {
            let kinds: &[&str] = &["VIEWSPACE"];
            Some(asked(&methods::add_permissions_to_space, [("permission_types", kinds.into()), user(), space()]))
        },
    },
    Change {
        name: "remove_permission_from_space",
        example: || Some(asked(&methods::remove_permission_from_space, [kind(), user(), space()])),
    },
    Change {
        name: "add_anonymous_permission_to_space",
        example: || Some(asked(&methods::add_anonymous_permission_to_space, [kind(), space()])),
    },
    Change {
        name: "remove_anonymous_permission_from_space",
        example: || Some(asked(&methods::remove_anonymous_permission_from_space, [kind(), space()])),
    },
    Change {
        name: "set_content_permissions",
        example: || {
            let list = Argument::Operation(RestrictionOperation::View);
            let subjects = vec![Who::User("ann".to_owned()), Who::Group("eng".to_owned())];
            let (list, subjects) = (("permission_type", list), ("subjects", Argument::Subjects(subjects)));
            Some(asked(&methods::set_content_permissions, [content(), list, subjects]))
        },
    },
];
