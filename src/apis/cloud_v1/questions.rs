//! The questions, each with an example and its reader.

use super::{lift, requests};
use crate::apis::cql;
use crate::apis::reading::Context;
use crate::apis::rest_v1::questions as v1;
use crate::apis::{Outcome, Question, Request};
use crate::model::{RestrictionOperation, Subject};

fn context() -> Context {
    Context { space_key: Some("ENG".to_owned()), ..Context::default() }
}

fn check() -> Request {
    let check = requests::permission_check("9", &Subject::anonymous(), "read");
    check.unwrap_or_else(requests::current_user)
}

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "content_search",
        example: || requests::content_search(&cql::in_spaces(&["ENG"], &["page"]), &[], 100),
        read: |body| lift::content_search(body, &context()).map(v1::contents),
        paged: true,
    },
    Question {
        name: "content_restriction",
        example: || requests::content_restriction("9"),
        read: |body| lift::content_restriction(body, "9").map(v1::both_lists),
        paged: false,
    },
    Question {
        name: "restriction_by_operation",
        example: || requests::restriction_by_operation("9", RestrictionOperation::View, 0),
        read: |body| lift::restriction_by_operation(body, "9", RestrictionOperation::View, 0).map(v1::one_list),
        paged: false,
    },
    Question {
        name: "groups",
        example: || requests::groups(200),
        read: |body| lift::groups(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "group_by_id",
        example: || requests::group_by_id("0a1b"),
        read: |body| lift::group_by_id(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "group_members",
        example: || requests::group_members("0a1b", 200),
        read: |body| lift::group_members(body, "0a1b").map(Outcome::of),
        paged: true,
    },
    Question {
        name: "member_of",
        example: || requests::member_of("5b10a", 200),
        read: |body| lift::member_of(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "current_user",
        example: requests::current_user,
        read: |body| lift::current_user(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "user",
        example: || requests::user("5b10a"),
        read: |body| lift::user(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "search_user",
        example: || requests::search_user("ann", 200),
        read: |body| lift::search_user(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "system_info",
        example: requests::system_info,
        read: |body| lift::system_info(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "tenant_info",
        example: requests::tenant_info,
        read: |body| lift::tenant_info(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "permission_check",
        example: check,
        read: |body| lift::permission_check(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "audit",
        example: || requests::audit(Some(1_761_955_200_000), Some(1_764_547_199_999), None, 0, requests::AUDIT_LIMIT),
        read: |body| lift::audit(body).map(Outcome::of),
        paged: true,
    },
];
