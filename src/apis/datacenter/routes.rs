//! The questions, each with an example and its reader.

use super::lift;
use super::requests::{self, NameForm};
use crate::apis::reading::{Context, Page};
use crate::apis::subject_lists::{ContentRestrictions, ListState};
use crate::apis::{Outcome, Route};
use crate::model::{GlobalPermission, RestrictionOperation, SpacePermission, SubjectKind};

const ONE: Outcome = Outcome { rows: 1, gaps: Vec::new(), next: None, to_complete: 0, nameless: 0 };

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

fn found(page: Page<lift::Found>) -> Outcome {
    let to_complete = page.rows.iter().map(|found| found.restrictions.to_complete().len()).sum();
    Outcome { to_complete, ..outcome(page) }
}

fn restrictions(page: Page<ContentRestrictions>) -> Outcome {
    let to_complete = page.rows.iter().map(|row| row.to_complete().len()).sum();
    let rows = page.rows.iter().map(|row| row.read.rows.len() + row.update.rows.len()).sum();
    Outcome { to_complete, rows, ..outcome(page) }
}

fn permissions(page: Page<SpacePermission>) -> Outcome {
    let nameless = page.rows.iter().filter(|row| row.subject.kind == SubjectKind::Unknown).count();
    Outcome { nameless, ..outcome(page) }
}

fn global(page: Page<GlobalPermission>) -> Outcome {
    let nameless = page.rows.iter().filter(|row| row.subject.kind == SubjectKind::Unknown).count();
    Outcome { nameless, ..outcome(page) }
}

fn context() -> Context {
    Context { space_key: Some("ENG".to_owned()), ..Context::default() }
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "current_user",
        template: "GET /rest/api/user/current",
        example: requests::current_user,
        read: |body| lift::current_user(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "server_information",
        template: "GET /rest/api/server-information",
        example: requests::server_information,
        read: |body| lift::server_information(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "access_mode",
        template: "GET /rest/api/accessmode",
        example: requests::access_mode,
        read: |body| lift::access_mode(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "spaces",
        template: "GET /rest/api/space",
        example: || requests::spaces("current", &[] as &[&str], requests::SPACE_LIMIT),
        read: |body| lift::spaces(body, "current").map(outcome),
        paged: true,
    },
    Route {
        name: "space",
        template: "GET /rest/api/space/{key}",
        example: || requests::space("ENG"),
        read: |body| lift::space(body).map(outcome),
        paged: false,
    },
    Route {
        name: "scan",
        template: "GET /rest/api/content/scan",
        example: || requests::scan("ENG", "page", requests::CONTENT_LIMIT),
        read: |body| lift::scan(body, &context()).map(found),
        paged: true,
    },
    Route {
        name: "contents",
        template: "GET /rest/api/content",
        example: || requests::contents("ENG", "page", requests::CONTENT_LIMIT),
        read: |body| lift::contents(body, &context()).map(found),
        paged: true,
    },
    Route {
        name: "search_by_id",
        template: "GET /rest/api/content/search",
        example: || requests::search_by_id(&["65575"], requests::PEOPLE_LIMIT),
        read: |body| lift::search(body, &context()).map(found),
        paged: true,
    },
    Route {
        name: "content",
        template: "GET /rest/api/content/{id}",
        example: || requests::content("65575"),
        read: |body| lift::content(body, &context()).map(found),
        paged: false,
    },
    Route {
        name: "restriction_by_operations",
        template: "GET /rest/api/content/{id}/restriction/byOperation",
        example: || requests::restriction_by_operations("65575"),
        read: |body| lift::restriction_by_operations(body, "65575").map(restrictions),
        paged: false,
    },
    Route {
        name: "restriction_by_operation",
        template: "GET /rest/api/content/{id}/restriction/byOperation/{operation}",
        example: || requests::restriction_by_operation("65575", RestrictionOperation::View, 0),
        read: |body| {
            lift::restriction_by_operation(body, "65575", RestrictionOperation::View, 0).map(|page| {
                let to_complete = page.rows.iter().filter(|list| list.state != ListState::Complete).count();
                let rows = page.rows.iter().map(|list| list.rows.len()).sum();
                Outcome { to_complete, rows, ..outcome(page) }
            })
        },
        paged: false,
    },
    Route {
        name: "relevant_view_restrictions",
        template: "GET /rest/api/content/{id}/restriction/relevantViewRestrictions",
        example: || requests::relevant_view_restrictions("65575"),
        read: |body| {
            lift::relevant_view_restrictions(body, "65575").map(|page| {
                let to_complete = page.rows.iter().filter(|layer| layer.state != ListState::Complete).count();
                let rows = page.rows.iter().map(|layer| layer.subjects.len()).sum();
                Outcome { to_complete, rows, ..outcome(page) }
            })
        },
        paged: false,
    },
    Route {
        name: "space_permissions",
        template: "GET /rest/api/space/{key}/permissions",
        example: || requests::space_permissions("ENG"),
        read: |body| lift::space_permissions(body, "ENG").map(permissions),
        paged: false,
    },
    Route {
        name: "anonymous_space_permissions",
        template: "GET /rest/api/space/{key}/permissions/anonymous",
        example: || requests::anonymous_space_permissions("ENG"),
        read: |body| lift::anonymous_space_permissions(body, "ENG").map(permissions),
        paged: false,
    },
    Route {
        name: "space_with_permissions",
        template: "GET /rest/api/space/{key}",
        example: || requests::space_with_permissions("ENG"),
        read: |body| lift::space_with_permissions(body, "ENG").map(permissions),
        paged: false,
    },
    Route {
        name: "global_permissions",
        template: "GET /rest/api/permissions",
        example: requests::global_permissions,
        read: |body| lift::global_permissions(body).map(global),
        paged: false,
    },
    Route {
        name: "anonymous_global_permissions",
        template: "GET /rest/api/permissions/anonymous",
        example: requests::anonymous_global_permissions,
        read: |body| lift::anonymous_global_permissions(body).map(global),
        paged: false,
    },
    Route {
        name: "unlicensed_global_permissions",
        template: "GET /rest/api/permissions/unlicensed",
        example: requests::unlicensed_global_permissions,
        read: |body| lift::unlicensed_global_permissions(body).map(global),
        paged: false,
    },
    Route {
        name: "groups",
        template: "GET /rest/api/group",
        example: || requests::groups(requests::PEOPLE_LIMIT),
        read: |body| lift::groups(body).map(outcome),
        paged: true,
    },
    Route {
        name: "group",
        template: "GET /rest/api/group/{name}",
        example: || requests::group("confluence-users", NameForm::Path),
        read: |body| lift::group(body).map(outcome),
        paged: false,
    },
    Route {
        name: "group_members",
        template: "GET /rest/api/group/{name}/member",
        example: || requests::group_members("confluence-users", NameForm::Path, requests::PEOPLE_LIMIT),
        read: |body| lift::group_members(body, "confluence-users").map(outcome),
        paged: true,
    },
    Route {
        name: "nested_groups",
        template: "GET /rest/api/group/groupmember",
        example: || requests::nested_groups("R&D / Platform", NameForm::Query, requests::PEOPLE_LIMIT),
        read: |body| lift::nested_groups(body, "R&D / Platform").map(outcome),
        paged: true,
    },
    Route {
        name: "outer_groups",
        template: "GET /rest/api/group/{name}/groupparent",
        example: || requests::outer_groups("developers", NameForm::Path, requests::PEOPLE_LIMIT),
        read: |body| lift::groups(body).map(outcome),
        paged: true,
    },
    Route {
        name: "member_of",
        template: "GET /rest/api/user/memberof",
        example: || requests::member_of("ff8080815917ff18015917ff679d0002", requests::PEOPLE_LIMIT),
        read: |body| lift::member_of(body).map(outcome),
        paged: true,
    },
    Route {
        name: "user",
        template: "GET /rest/api/user",
        example: || requests::user_by_key("ff8080815917ff18015917ff679d0002"),
        read: |body| lift::user(body).map(outcome),
        paged: false,
    },
    Route {
        name: "users",
        template: "GET /rest/api/user/list",
        example: || requests::users(requests::PEOPLE_LIMIT),
        read: |body| lift::users(body).map(outcome),
        paged: true,
    },
    Route {
        name: "search_user",
        template: "GET /rest/api/search",
        example: || requests::search_user("ann", requests::PEOPLE_LIMIT),
        read: |body| lift::search_user(body).map(outcome),
        paged: true,
    },
];
