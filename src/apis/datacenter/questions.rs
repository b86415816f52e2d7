//! The questions, each with an example and its reader.

use super::lift;
use super::requests::{self, NameForm};
use crate::apis::cql;
use crate::apis::reading::Context;
use crate::apis::rest_v1::questions as v1;
use crate::apis::{ListState, Outcome, Question};
use crate::model::RestrictionOperation;

fn context() -> Context {
    Context { space_key: Some("ENG".to_owned()), ..Context::default() }
}

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "current_user",
        example: requests::current_user,
        read: |body| lift::current_user(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "server_information",
        example: requests::server_information,
        read: |body| lift::server_information(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "access_mode",
        example: requests::access_mode,
        read: |body| lift::access_mode(body).map(|_| Outcome::ONE),
        paged: false,
    },
    Question {
        name: "spaces",
        example: || requests::spaces("current", &[] as &[&str], requests::SPACE_LIMIT),
        read: |body| lift::spaces(body, "current").map(Outcome::of),
        paged: true,
    },
    Question {
        name: "space",
        example: || requests::space("ENG"),
        read: |body| lift::space(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "scan",
        example: || requests::scan("ENG", "page", requests::CONTENT_LIMIT),
        read: |body| lift::scan(body, &context()).map(v1::contents),
        paged: true,
    },
    Question {
        name: "contents",
        example: || requests::contents("ENG", "page", requests::CONTENT_LIMIT),
        read: |body| lift::contents(body, &context()).map(v1::contents),
        paged: true,
    },
    Question {
        name: "search_by_id",
        example: || requests::content_search(&cql::ids(&["65575"]), requests::PEOPLE_LIMIT),
        read: |body| lift::search(body, &context()).map(v1::contents),
        paged: true,
    },
    Question {
        name: "content",
        example: || requests::content("65575"),
        read: |body| lift::content(body, &context()).map(v1::contents),
        paged: false,
    },
    Question {
        name: "restriction_by_operations",
        example: || requests::restriction_by_operations("65575"),
        read: |body| lift::restriction_by_operations(body, "65575").map(v1::both_lists),
        paged: false,
    },
    Question {
        name: "restriction_by_operation",
        example: || requests::restriction_by_operation("65575", RestrictionOperation::View, 0),
        read: |body| lift::restriction_by_operation(body, "65575", RestrictionOperation::View, 0).map(v1::one_list),
        paged: false,
    },
    Question {
        name: "relevant_view_restrictions",
        example: || requests::relevant_view_restrictions("65575"),
        read: |body| {
            lift::relevant_view_restrictions(body, "65575").map(|page| {
                let rows = page.rows.iter().map(|layer| layer.subjects.len()).sum();
                let outcome = Outcome::completing(page, |layer| usize::from(layer.state != ListState::Complete));
                Outcome { rows, ..outcome }
            })
        },
        paged: false,
    },
    Question {
        name: "space_permissions",
        example: || requests::space_permissions("ENG"),
        read: |body| lift::space_permissions(body, "ENG").map(|page| Outcome::about(page, |row| &row.subject)),
        paged: false,
    },
    Question {
        name: "anonymous_space_permissions",
        example: || requests::anonymous_space_permissions("ENG"),
        read: |body| {
            lift::anonymous_space_permissions(body, "ENG").map(|page| Outcome::about(page, |row| &row.subject))
        },
        paged: false,
    },
    Question {
        name: "space_with_permissions",
        example: || requests::space_with_permissions("ENG"),
        read: |body| lift::space_with_permissions(body, "ENG").map(|page| Outcome::about(page, |row| &row.subject)),
        paged: false,
    },
    Question {
        name: "global_permissions",
        example: requests::global_permissions,
        read: |body| lift::global_permissions(body).map(|page| Outcome::about(page, |row| &row.subject)),
        paged: false,
    },
    Question {
        name: "anonymous_global_permissions",
        example: requests::anonymous_global_permissions,
        read: |body| lift::anonymous_global_permissions(body).map(|page| Outcome::about(page, |row| &row.subject)),
        paged: false,
    },
    Question {
        name: "unlicensed_global_permissions",
        example: requests::unlicensed_global_permissions,
        read: |body| lift::unlicensed_global_permissions(body).map(|page| Outcome::about(page, |row| &row.subject)),
        paged: false,
    },
    Question {
        name: "groups",
        example: || requests::groups(requests::PEOPLE_LIMIT),
        read: |body| lift::groups(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "group",
        example: || requests::group("confluence-users", NameForm::Path),
        read: |body| lift::group(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "group_members",
        example: || requests::group_members("confluence-users", NameForm::Path, requests::PEOPLE_LIMIT),
        read: |body| lift::group_members(body, "confluence-users").map(Outcome::of),
        paged: true,
    },
    Question {
        name: "nested_groups",
        example: || requests::nested_groups("developers", NameForm::Path, requests::PEOPLE_LIMIT),
        read: |body| lift::nested_groups(body, "developers").map(Outcome::of),
        paged: true,
    },
    Question {
        name: "outer_groups",
        example: || requests::outer_groups("developers", NameForm::Path, requests::PEOPLE_LIMIT),
        read: |body| lift::groups(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "member_of",
        example: || requests::member_of("ff8080815917ff18015917ff679d0002", requests::PEOPLE_LIMIT),
        read: |body| lift::member_of(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "user",
        example: || requests::user_by_key("ff8080815917ff18015917ff679d0002"),
        read: |body| lift::user(body).map(Outcome::of),
        paged: false,
    },
    Question {
        name: "users",
        example: || requests::users(requests::PEOPLE_LIMIT),
        read: |body| lift::users(body).map(Outcome::of),
        paged: true,
    },
    Question {
        name: "search_user",
        example: || requests::search_user("ann", requests::PEOPLE_LIMIT),
        read: |body| lift::search_user(body).map(Outcome::of),
        paged: true,
    },
];
