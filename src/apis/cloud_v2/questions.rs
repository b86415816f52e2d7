//! The questions, each with an example and its reader.

use std::collections::HashMap;

use super::{lift, requests};
use crate::apis::reading::{Context, Page, Unreadable};
use crate::apis::{Outcome, Question, Request};
use crate::model::{Content, ContentType, Permission, role_grants};

const NONE: [&str; 0] = [];

fn context() -> Context {
    Context {
        space_keys: HashMap::from([("65".to_owned(), "ENG".to_owned())]),
        space_key: Some("ENG".to_owned()),
        base: Some("https://acme.atlassian.net/wiki".to_owned()),
    }
}

fn contents(
    read: fn(&[u8], &Context) -> Result<Page<Content>, Unreadable>,
    body: &[u8],
) -> Result<Outcome, Unreadable> {
    read(body, &context()).map(Outcome::of)
}

fn roles() -> HashMap<String, lift::Role> {
    let id = "0a1b2c3d-0000-4000-8000-000000000001";
    let role = lift::Role {
        id: id.to_owned(),
        name: "Viewer".to_owned(),
        kind: Some("SYSTEM".to_owned()),
        grants: role_grants([Permission::CreateComment]).into_iter().map(|permission| (permission, None)).collect(),
        not_understood: Vec::new(),
    };
    HashMap::from([(id.to_owned(), role)])
}

fn or_spaces(request: Option<Request>) -> Request {
    request.unwrap_or_else(|| requests::spaces(&NONE, 1))
}

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "spaces",
        example: || requests::spaces(&NONE, 250),
        read: |body| lift::spaces(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "space",
        example: || requests::space("65"),
        read: |body| lift::space(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "space_permissions",
        example: || requests::space_permissions("65", 250),
        read: |body| lift::space_permissions(body, "ENG").map(|page| Outcome::about(page, |row| &row.subject)),
        paged: true,
    },
    Question {
        name: "grants",
        example: || requests::space_permissions("65", 250),
        read: |body| lift::grants(body, "ENG").map(|page| Outcome::about(page, |row| &row.subject)),
        paged: true,
    },
    Question {
        name: "space_role_mode",
        example: requests::space_role_mode,
        read: |body| lift::space_role_mode(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "space_permission_catalogue",
        example: || requests::space_permission_catalogue(250),
        read: |body| lift::space_permission_catalogue(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "space_roles",
        example: || requests::space_roles(None, 250),
        read: |body| {
            let roles = lift::space_roles(body, &HashMap::new())?;
            Ok(Outcome::completing(roles, |role| usize::from(!role.not_understood.is_empty())))
        },
        paged: true,
    },
    Question {
        name: "role_assignments",
        example: || requests::role_assignments("65", 250),
        read: |body| lift::role_assignments(body, "ENG", &roles()).map(|page| Outcome::about(page, |row| &row.subject)),
        paged: true,
    },
    Question {
        name: "assignments",
        example: || requests::role_assignments("65", 250),
        read: |body| lift::assignments(body, "ENG").map(|page| Outcome::about(page, |row| &row.subject)),
        paged: true,
    },
    Question {
        name: "pages",
        example: || requests::pages(&["65"], &[], 250),
        read: |body| contents(lift::pages, body),
        paged: true,
    },
    Question {
        name: "blogposts",
        example: || requests::blogposts(&["65"], &[], 250),
        read: |body| contents(lift::blogposts, body),
        paged: true,
    },
    Question { name: "page", example: || requests::page("9"), read: |body| contents(lift::page, body), paged: false },
    Question {
        name: "blogpost",
        example: || requests::blogpost("9"),
        read: |body| contents(lift::blogpost, body),
        paged: false,
    },
    Question {
        name: "node",
        example: || or_spaces(requests::node(&ContentType::Folder, "9")),
        read: |body| lift::node(body, &ContentType::Folder, &context()).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "ancestors",
        example: || or_spaces(requests::ancestors(&ContentType::Page, "9", 250)),
        read: |body| lift::ancestors(body, "9").map(Outcome::of),
        paged: false,
    },
    Question {
        name: "descendants",
        example: || or_spaces(requests::descendants(&ContentType::Page, "9", 250)),
        read: |body| lift::descendants(body, &context()).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "users_bulk",
        example: || requests::users_bulk(&["5b10a"]),
        read: |body| lift::users_bulk(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "content_types",
        example: || requests::content_types(&["9"]),
        read: |body| lift::content_types(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "admin_key",
        example: requests::admin_key,
        read: |body| lift::admin_key(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "data_policies",
        example: requests::data_policies,
        read: |body| lift::data_policies(body).map(|_| Outcome::ONE),
        paged: false,
    },
];
