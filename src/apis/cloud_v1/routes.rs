//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::reading::{Context, Page};
use crate::apis::{Outcome, Request, Route};
use crate::model::{RestrictionOperation, SpacePermission, Subject, SubjectKind};

const ONE: Outcome = Outcome { rows: 1, gaps: Vec::new(), next: None, to_complete: 0, nameless: 0 };

fn outcome<T>(page: Page<T>) -> Outcome {
    Outcome { rows: page.rows.len(), gaps: page.gaps, next: page.next, ..Outcome::default() }
}

fn restrictions(page: Page<lift::ContentRestrictions>) -> Outcome {
    let to_complete = page.rows.iter().map(|row| row.to_complete().len()).sum();
    let rows = page.rows.iter().map(|row| row.read.rows.len() + row.update.rows.len()).sum();
    Outcome { to_complete, rows, ..outcome(page) }
}

fn permissions(page: Page<SpacePermission>) -> Outcome {
    let nameless = page.rows.iter().filter(|row| row.subject.kind == SubjectKind::Unknown).count();
    Outcome { nameless, ..outcome(page) }
}

fn context() -> Context {
    Context { space_key: Some("ENG".to_owned()), ..Context::default() }
}

fn check() -> Request {
    let check = requests::permission_check("9", &Subject::anonymous(), "read");
    check.unwrap_or_else(requests::current_user)
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        name: "content_search",
        template: "GET /wiki/rest/api/content/search",
        example: || requests::content_search(&requests::cql_in_spaces(&["ENG"], &["page"]), &[], 100),
        read: |body| {
            lift::content_search(body, &context()).map(|page| {
                let to_complete = page.rows.iter().map(|found| found.restrictions.to_complete().len()).sum();
                Outcome { to_complete, ..outcome(page) }
            })
        },
        paged: true,
    },
    Route {
        name: "content_restriction",
        template: "GET /wiki/rest/api/content/{id}/restriction",
        example: || requests::content_restriction("9"),
        read: |body| lift::content_restriction(body, "9").map(restrictions),
        paged: false,
    },
    Route {
        name: "restriction_by_operations",
        template: "GET /wiki/rest/api/content/{id}/restriction/byOperation",
        example: || requests::restriction_by_operations("9"),
        read: |body| lift::restriction_by_operations(body, "9").map(restrictions),
        paged: false,
    },
    Route {
        name: "restriction_by_operation",
        template: "GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}",
        example: || requests::restriction_by_operation("9", RestrictionOperation::View, 0),
        read: |body| {
            lift::restriction_by_operation(body, "9", RestrictionOperation::View, 0).map(|page| {
                let to_complete = page.rows.iter().filter(|list| list.state != lift::ListState::Complete).count();
                let rows = page.rows.iter().map(|list| list.rows.len()).sum();
                Outcome { to_complete, rows, ..outcome(page) }
            })
        },
        paged: false,
    },
    Route {
        name: "groups",
        template: "GET /wiki/rest/api/group",
        example: || requests::groups(200),
        read: |body| lift::groups(body).map(outcome),
        paged: true,
    },
    Route {
        name: "group_by_id",
        template: "GET /wiki/rest/api/group/by-id",
        example: || requests::group_by_id("0a1b"),
        read: |body| lift::group_by_id(body).map(outcome),
        paged: false,
    },
    Route {
        name: "group_picker",
        template: "GET /wiki/rest/api/group/picker",
        example: || requests::group_picker("eng", 200),
        read: |body| lift::group_picker(body).map(outcome),
        paged: true,
    },
    Route {
        name: "group_members",
        template: "GET /wiki/rest/api/group/{id}/membersByGroupId",
        example: || requests::group_members("0a1b", 200),
        read: |body| lift::group_members(body, "0a1b").map(outcome),
        paged: true,
    },
    Route {
        name: "member_of",
        template: "GET /wiki/rest/api/user/memberof",
        example: || requests::member_of("5b10a", 200),
        read: |body| lift::member_of(body).map(outcome),
        paged: true,
    },
    Route {
        name: "current_user",
        template: "GET /wiki/rest/api/user/current",
        example: requests::current_user,
        read: |body| lift::current_user(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "anonymous_user",
        template: "GET /wiki/rest/api/user/anonymous",
        example: requests::anonymous_user,
        read: |body| lift::anonymous_user(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "user",
        template: "GET /wiki/rest/api/user",
        example: || requests::user("5b10a"),
        read: |body| lift::user(body).map(outcome),
        paged: false,
    },
    Route {
        name: "search_user",
        template: "GET /wiki/rest/api/search/user",
        example: || requests::search_user("ann", 200),
        read: |body| lift::search_user(body).map(outcome),
        paged: true,
    },
    Route {
        name: "system_info",
        template: "GET /wiki/rest/api/settings/systemInfo",
        example: requests::system_info,
        read: |body| lift::system_info(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "tenant_info",
        template: "GET /_edge/tenant_info",
        example: requests::tenant_info,
        read: |body| lift::tenant_info(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "permission_check",
        template: "POST /wiki/rest/api/content/{id}/permission/check",
        example: check,
        read: |body| lift::permission_check(body).map(|_| ONE),
        paged: false,
    },
    Route {
        name: "audit",
        template: "GET /wiki/rest/api/audit",
        example: || requests::audit(Some(1_761_955_200_000), Some(1_764_547_199_999), None, 0, requests::AUDIT_LIMIT),
        read: |body| lift::audit(body).map(outcome),
        paged: true,
    },
    Route {
        name: "space_with_permissions",
        template: "GET /wiki/rest/api/space/{key}",
        example: || requests::space_with_permissions("ENG"),
        read: |body| lift::space_with_permissions(body, "ENG").map(permissions),
        paged: false,
    },
];
