//! The questions, each with an example and its reader.

use std::collections::HashMap;

use super::{lift, requests};
use crate::apis::reading::{Context, Node, Page, Unreadable};
use crate::apis::{Outcome, Request, Route};
use crate::model::{Content, ContentType, Permission, SpacePermission, SubjectKind, role_grants};

const NONE: [&str; 0] = [];

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

fn permissions(page: Page<SpacePermission>) -> Outcome {
    let nameless = page.rows.iter().filter(|row| row.subject.kind == SubjectKind::Unknown).count();
    Outcome { nameless, ..outcome(page) }
}

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
    read(body, &context()).map(outcome)
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

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "spaces",
        template: "GET /wiki/api/v2/spaces",
        example: || requests::spaces(&NONE, 250),
        read: |body| lift::spaces(body).map(outcome),
        paged: true,
    },
    Route {
        name: "space",
        template: "GET /wiki/api/v2/spaces/{id}",
        example: || requests::space("65"),
        read: |body| lift::space(body).map(outcome),
        paged: false,
    },
    Route {
        name: "space_permissions",
        template: "GET /wiki/api/v2/spaces/{id}/permissions",
        example: || requests::space_permissions("65", 250),
        read: |body| lift::space_permissions(body, "ENG").map(permissions),
        paged: true,
    },
    Route {
        name: "grants",
        template: "GET /wiki/api/v2/spaces/{id}/permissions",
        example: || requests::space_permissions("65", 250),
        read: |body| {
            lift::grants(body, "ENG").map(|page| {
                let nameless = page.rows.iter().filter(|row| row.subject.kind == SubjectKind::Unknown).count();
                Outcome { nameless, ..outcome(page) }
            })
        },
        paged: true,
    },
    Route {
        name: "space_role_mode",
        template: "GET /wiki/api/v2/space-role-mode",
        example: requests::space_role_mode,
        read: |body| lift::space_role_mode(body).map(|_| Outcome { rows: 1, ..Outcome::default() }),
        paged: false,
    },
    Route {
        name: "space_permission_catalogue",
        template: "GET /wiki/api/v2/space-permissions",
        example: || requests::space_permission_catalogue(250),
        read: |body| lift::space_permission_catalogue(body).map(outcome),
        paged: true,
    },
    Route {
        name: "space_roles",
        template: "GET /wiki/api/v2/space-roles",
        example: || requests::space_roles(None, 250),
        read: |body| {
            lift::space_roles(body, &HashMap::new()).map(|page| {
                let to_complete = page.rows.iter().filter(|role| !role.not_understood.is_empty()).count();
                Outcome { to_complete, ..outcome(page) }
            })
        },
        paged: true,
    },
    Route {
        name: "space_role",
        template: "GET /wiki/api/v2/space-roles/{id}",
        example: || requests::space_role("0a1b"),
        read: |body| {
            lift::space_role(body, &HashMap::new()).map(|page| {
                let to_complete = page.rows.iter().filter(|role| !role.not_understood.is_empty()).count();
                Outcome { to_complete, ..outcome(page) }
            })
        },
        paged: false,
    },
    Route {
        name: "role_assignments",
        template: "GET /wiki/api/v2/spaces/{id}/role-assignments",
        example: || requests::role_assignments("65", 250),
        read: |body| lift::role_assignments(body, "ENG", &roles()).map(permissions),
        paged: true,
    },
    Route {
        name: "assignments",
        template: "GET /wiki/api/v2/spaces/{id}/role-assignments",
        example: || requests::role_assignments("65", 250),
        read: |body| {
            lift::assignments(body, "ENG").map(|page| {
                let nameless = page.rows.iter().filter(|row| row.subject.kind == SubjectKind::Unknown).count();
                Outcome { nameless, ..outcome(page) }
            })
        },
        paged: true,
    },
    Route {
        name: "pages",
        template: "GET /wiki/api/v2/pages",
        example: || requests::pages(&["65"], &[], 250),
        read: |body| contents(lift::pages, body),
        paged: true,
    },
    Route {
        name: "blogposts",
        template: "GET /wiki/api/v2/blogposts",
        example: || requests::blogposts(&["65"], &[], 250),
        read: |body| contents(lift::blogposts, body),
        paged: true,
    },
    Route {
        name: "space_pages",
        template: "GET /wiki/api/v2/spaces/{id}/pages",
        example: || requests::space_pages("65", &[], 250),
        read: |body| contents(lift::space_pages, body),
        paged: true,
    },
    Route {
        name: "space_blogposts",
        template: "GET /wiki/api/v2/spaces/{id}/blogposts",
        example: || requests::space_blogposts("65", &[], 250),
        read: |body| contents(lift::space_blogposts, body),
        paged: true,
    },
    Route {
        name: "page",
        template: "GET /wiki/api/v2/pages/{id}",
        example: || requests::page("9"),
        read: |body| contents(lift::page, body),
        paged: false,
    },
    Route {
        name: "blogpost",
        template: "GET /wiki/api/v2/blogposts/{id}",
        example: || requests::blogpost("9"),
        read: |body| contents(lift::blogpost, body),
        paged: false,
    },
    Route {
        name: "node",
        template: "GET /wiki/api/v2/{type}/{id}",
        example: || or_spaces(requests::node(&ContentType::Folder, "9")),
        read: |body| lift::node(body, &ContentType::Folder, &context()).map(outcome),
        paged: false,
    },
    Route {
        name: "ancestors",
        template: "GET /wiki/api/v2/{type}/{id}/ancestors",
        example: || or_spaces(requests::ancestors(&ContentType::Page, "9", 250)),
        read: |body| lift::ancestors(body, "9").map(outcome),
        paged: false,
    },
    Route {
        name: "direct_children",
        template: "GET /wiki/api/v2/{type}/{id}/direct-children",
        example: || or_spaces(requests::direct_children(&ContentType::Folder, "9", 250)),
        read: |body| {
            let parent = Node { id: "9".to_owned(), kind: Some(ContentType::Folder) };
            lift::direct_children(body, &parent, &context()).map(outcome)
        },
        paged: true,
    },
    Route {
        name: "descendants",
        template: "GET /wiki/api/v2/{type}/{id}/descendants",
        example: || or_spaces(requests::descendants(&ContentType::Page, "9", 250)),
        read: |body| lift::descendants(body, &context()).map(outcome),
        paged: true,
    },
    Route {
        name: "users_bulk",
        template: "POST /wiki/api/v2/users-bulk",
        example: || requests::users_bulk(&["5b10a"]),
        read: |body| lift::users_bulk(body).map(outcome),
        paged: false,
    },
    Route {
        name: "content_types",
        template: "POST /wiki/api/v2/content/convert-ids-to-types",
        example: || requests::content_types(&["9"]),
        read: |body| lift::content_types(body).map(outcome),
        paged: false,
    },
    Route {
        name: "admin_key",
        template: "GET /wiki/api/v2/admin-key",
        example: requests::admin_key,
        read: |body| lift::admin_key(body).map(|_| Outcome { rows: 1, ..Outcome::default() }),
        paged: false,
    },
    Route {
        name: "data_policies",
        template: "GET /wiki/api/v2/data-policies/metadata",
        example: requests::data_policies,
        read: |body| lift::data_policies(body).map(|_| Outcome { rows: 1, ..Outcome::default() }),
        paged: false,
    },
];
