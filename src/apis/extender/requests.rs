//! What the add-on is asked: a method of `methods.rs` as a request. Names stand in the path, percent-encoded.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/559743018

use serde_json::{Map, Value, json};

use super::methods::{self, Returns};
use crate::apis::methods::{Argument, Arguments, Method as Row, Several, Which, Who};
use crate::apis::request::Request;
use crate::apis::route::{Method, Route, segment};

/// The request a method makes with these arguments. Of a listing, it is not yet about a page: see [`page`].
pub fn request(method: &'static Row<Returns>, arguments: &Arguments) -> Request {
    let Route { method: verb, root, path, .. } = method.route;
    let query = method.server.split_once('?').map_or("", |(_, query)| query);
    let to = Request { path: format!("{root}{}", filled(path, arguments).0), ..Request::to(&method.route, &[]) };
    let rest = arguments.iter().filter(|(name, _)| !path.contains(&format!("{{{name}}}")));
    if verb == Method::Get {
        let fixed = query.split('&').filter_map(|pair| pair.split_once('='));
        let request = fixed.fold(to, |request, (name, value)| request.with(name, value));
        // More details include the basic ones, and the add-on is asked for one of the two.
        let extended = arguments.flag("show_extended_details");
        return rest.fold(request, |request, (name, argument)| {
            let asked = camel(name);
            match argument {
                Argument::Flag(set) if *set && !(extended && name == "show_basic_details") => {
                    request.with(&asked, true)
                }
                Argument::Text(text) => request.with(&asked, text),
                Argument::Operation(operation) => request.with(&asked, operation),
                // Pages of a listing are asked for one after the other.
                Argument::Number(number) if method.returns == Returns::Plain => request.with(&asked, number),
                _ => request,
            }
        });
    }
    let mut body = None;
    for (name, argument) in rest {
        body = match argument {
            Argument::Texts(names) => Some(Value::Object(Map::from_iter([(name.to_owned(), json!(names))]))),
            // The add-on writes ids as numbers.
            Argument::Places(Several::Ids(ids)) => Some(
                ids.iter().map(|id| id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number))).collect(),
            ),
            Argument::Places(Several::Titled(titles, _)) => Some(json!(titles)),
            _ => body,
        };
    }
    Request { body, ..to }.no_check()
}

/// An address with its variables filled in, and whether each of them was given. A part in brackets is left out where one of
/// its variables was not.
fn filled(address: &str, arguments: &Arguments) -> (String, bool) {
    let (mut path, mut whole, mut rest) = (String::new(), true, address);
    while let Some((plain, marked)) = rest.find(['{', '[']).and_then(|at| rest.split_at_checked(at)) {
        path.push_str(plain);
        let part = match marked.strip_prefix('{') {
            Some(marked) => marked.split_once('}').map(|(name, after)| (variable(name, arguments), after)),
            None => marked.get(1..).and_then(|marked| marked.split_once(']')).map(|(inside, after)| {
                let (text, whole) = filled(inside, arguments);
                (Some(if whole { text } else { String::new() }), after)
            }),
        };
        let Some((text, after)) = part else { break };
        whole &= text.is_some();
        path.push_str(&text.unwrap_or_default());
        rest = after;
    }
    path.push_str(rest);
    (path, whole)
}

/// What stands in an address for a variable. `space` may also be that of contents named by title.
fn variable(name: &str, arguments: &Arguments) -> Option<String> {
    match arguments.get(name) {
        Some(Argument::Text(text) | Argument::Place(Which::Id(text) | Which::Titled(text, _))) => Some(segment(text)),
        Some(Argument::Subject(Who::User(name))) => Some(format!("user/{}", segment(name))),
        Some(Argument::Subject(Who::Group(name))) => Some(format!("group/{}", segment(name))),
        Some(Argument::Operation(operation)) => Some(operation.to_string()),
        Some(_) => None,
        None if name == "space" => arguments.iter().find_map(|(_, argument)| match argument {
            Argument::Place(Which::Titled(_, space)) | Argument::Places(Several::Titled(_, space)) => {
                Some(segment(space))
            }
            _ => None,
        }),
        None => None,
    }
}

/// The add-on's name of a parameter: `start_at` is `startAt`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut text, word| {
        let mut letters = word.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text + letters.as_str()
    })
}

/// The same request for the rows from `start` on, at most `most` of each list.
#[must_use]
pub fn page(request: &Request, start: u64, most: u64) -> Request {
    request.clone().with("startAt", start).with("maxResults", most)
}

/// The types of permission a space knows. Anybody may ask, so its answer tells whether the add-on is there.
pub fn permission_types() -> Request {
    request(&methods::permission_types, &Arguments::NONE)
}

/// All who have a permission in a space.
pub fn space_permission_actors(space_key: &str) -> Request {
    let arguments = [("space", Argument::from(space_key)), ("permission_type", Argument::from("ALL"))];
    request(&methods::space_permission_actors, &Arguments::of(arguments))
}

#[cfg(test)]
mod tests {
    use super::super::methods::METHODS;
    use super::*;
    use crate::apis::methods::Refused;

    const CONTENT: &str = "/rest/extender/1.0/permission/content";

    fn tried(name: &str, given: &Value) -> Result<Request, Refused> {
        let method = METHODS.iter().find(|method| method.name == name).unwrap();
        Ok(request(method, &Arguments::read(method, given.as_object().unwrap())?))
    }

    /// The request of a method by its Python name.
    fn asked(name: &str, given: Value) -> Request {
        tried(name, &given).unwrap()
    }

    fn query(request: &Request) -> String {
        request.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn the_three_general_questions_take_their_parameters() {
        let all = json!({
            "content": "1234567",
            "show_content_details": true,
            "permission_type": "view",
            "people_who_can_view": true,
            "date_format": "yyyy-MM-dd HH:mm",
        });
        let request = asked("inherited_content_permissions", all);
        assert_eq!(request.line(), format!("GET {CONTENT}/1234567/getInheritedContentPermissions"));
        assert_eq!(
            query(&request),
            "showContentDetails=true&permissionType=view&peopleWhoCanView=true&dateFormat=yyyy-MM-dd HH:mm"
        );
        // Pages are asked for one after the other, from wherever the first one starts.
        let bare = asked(
            "inherited_content_permissions",
            json!({"content": "1", "show_content_details": false, "start_at": 7, "max_results": 3}),
        );
        assert_eq!(query(&bare), "");
        assert_eq!(query(&page(&bare, 50, 100)), "startAt=50&maxResults=100");
        assert_eq!(
            asked("inherited_content_tree_permissions", json!({"content": "1"})).line(),
            format!("GET {CONTENT}/1/getInheritedContentTreePermissions")
        );
        assert_eq!(
            asked("content_tree_restrictions", json!({"content": "1"})).line(),
            format!("GET {CONTENT}/1/getContentTreeRestrictions")
        );
        // Both lists of restrictions always come.
        let given = json!({"content": "1", "permission_type": "view"});
        assert!(matches!(tried("content_tree_restrictions", &given), Err(Refused::Type(_))));
    }

    #[test]
    fn a_content_is_addressed_by_id_or_by_title_and_space() {
        let titled = json!(["What's new? 100%", "~ann"]);
        let eng = "group:eng/a & b+c%#";
        let request = asked(
            "inherited_content_permission",
            json!({
                "content": "65564",
                "subject": "user:ann",
                "show_content_details": true,
                "show_space_administrators": true,
            }),
        );
        assert_eq!(request.line(), format!("GET {CONTENT}/65564/user/ann/getInheritedContentPermission"));
        assert_eq!(query(&request), "showContentDetails=true&showSpaceAdministrators=true");
        assert_eq!(
            asked("inherited_content_permission", json!({"content": titled, "subject": eng})).line(),
            format!(
                "GET {CONTENT}/What%27s%20new%3F%20100%25/group/eng%2Fa%20%26%20b%2Bc%25%23/space/~ann/getInheritedContentPermission"
            )
        );
        assert_eq!(
            asked("content_permission", json!({"content": ["65564", null], "subject": eng})).path,
            format!("{CONTENT}/65564/group/eng%2Fa%20%26%20b%2Bc%25%23/getContentPermission")
        );
        assert_eq!(
            asked("content_permission", json!({"content": titled, "subject": "user:ann"})).path,
            format!("{CONTENT}/What%27s%20new%3F%20100%25/user/ann/space/~ann/getContentPermission")
        );
    }

    #[test]
    fn a_name_of_dots_does_not_come_into_an_address() {
        for (name, given) in [
            ("content_permission", json!({"content": "1", "subject": "user:.."})),
            ("content_permission", json!({"content": ["..", "ds"], "subject": "user:ann"})),
            ("users", json!({"group": ".."})),
            ("space_permission_actors", json!({"space": ".", "permission_type": "ALL"})),
        ] {
            assert!(matches!(tried(name, &given), Err(Refused::Value(_))), "{name} {given}");
        }
    }

    #[test]
    fn a_change_says_its_contents_in_the_body_also_a_delete() {
        let given = json!({"contents": [["1", null], ["x", null]], "subject": "user:ann", "permission_type": "view"});
        let request = asked("add_content_permission", given);
        assert_eq!(request.line(), format!("PUT {CONTENT}/user/ann/permission/view/addContentPermission"));
        assert_eq!(request.body, Some(json!([1, "x"])));
        assert!(!request.route.idempotent);
        let given = json!({"contents": [["A/B", "ds"]], "subject": "group:eng", "permission_type": "edit"});
        let request = asked("remove_content_permission", given);
        assert_eq!(
            request.line(),
            format!("DELETE {CONTENT}/group/eng/permission/edit/space/ds/removeContentPermission")
        );
        assert_eq!(request.body, Some(json!(["A/B"])));
        let all = asked("remove_all_content_permission", json!({"subject": "user:ann"}));
        assert_eq!(all.line(), format!("DELETE {CONTENT}/user/ann/removeAllContentPermission"));
        assert_eq!(all.body, None);
        assert_eq!(all.headers, [("X-Atlassian-Token", "no-check".to_owned())]);
    }

    #[test]
    fn spaces_groups_users_and_directories_are_asked_as_documented() {
        for (name, given, route, parameters, body) in [
            ("permission_types", json!({}), "GET /permission/space/permissionTypes", "", json!(null)),
            (
                "space_permission_actors",
                json!({"space": "~ann", "permission_type": "all"}),
                "GET /permission/space/~ann/getSpacePermissionActors/ALL",
                "",
                json!(null),
            ),
            (
                "space_permission_actors",
                json!({"space": "ds", "permission_type": "VIEWSPACE"}),
                "GET /permission/space/ds/getSpacePermissionActors/VIEWSPACE",
                "",
                json!(null),
            ),
            (
                "all_groups_with_any_permission",
                json!({"space": "ds"}),
                "GET /permission/space/ds/allGroupsWithAnyPermission",
                "",
                json!(null),
            ),
            (
                "all_users_with_any_permission",
                json!({"space": "ds"}),
                "GET /permission/space/ds/allUsersWithAnyPermission",
                "",
                json!(null),
            ),
            (
                "permissions_for_space",
                json!({"subject": "user:ann", "space": "ds"}),
                "GET /permission/user/ann/getPermissionsForSpace/space/ds",
                "",
                json!(null),
            ),
            (
                "all_spaces_with_permissions",
                json!({"subject": "group:eng", "max_results": 5}),
                "GET /permission/group/eng/getAllSpacesWithPermissions",
                "spacesAsArray=true",
                json!(null),
            ),
            (
                "add_space_permissions",
                json!({"space": "ds", "subject": "group:eng", "permissions": ["view"]}),
                "PUT /permission/space/ds/group/eng/addSpacePermissions",
                "",
                json!({"permissions": ["VIEWSPACE"]}),
            ),
            (
                "spaces_with_anonymous_permissions",
                json!({"creation_date_from": "2024-01-01", "max_results": 10}),
                "GET /permission/space/getSpacesWithAnonymousPermissions",
                "creationDateFrom=2024-01-01&maxResults=10",
                json!(null),
            ),
            ("groups", json!({}), "GET /group/getGroups", "", json!(null)),
            (
                "users",
                json!({
                    "group": "a/b",
                    "show_basic_details": true,
                    "show_extended_details": true,
                    "date_format": "yyyy",
                }),
                "GET /group/getUsers/a%2Fb",
                "showExtendedDetails=true&dateFormat=yyyy",
                json!(null),
            ),
            (
                "users",
                json!({"group": "group:eng", "show_basic_details": true}),
                "GET /group/getUsers/eng",
                "showBasicDetails=true",
                json!(null),
            ),
            ("add_groups", json!({"groups": ["a"]}), "POST /group/addGroups", "", json!({"groups": ["a"]})),
            ("remove_groups", json!({"groups": ["a"]}), "POST /group/removeGroups", "", json!({"groups": ["a"]})),
            (
                "add_users",
                json!({"group": "eng", "users": ["ann"]}),
                "POST /group/addUsers/eng",
                "",
                json!({"users": ["ann"]}),
            ),
            (
                "remove_users",
                json!({"group": "eng", "users": ["user:ann"]}),
                "POST /group/removeUsers/eng",
                "",
                json!({"users": ["ann"]}),
            ),
            ("users_with_confluence_access", json!({}), "GET /user/getUsersWithConfluenceAccess", "", json!(null)),
            ("user_details", json!({"username": "user:ann"}), "GET /user/getUserDetails/ann", "", json!(null)),
            ("user_directories", json!({}), "GET /userDirectories/all", "", json!(null)),
        ] {
            let request = asked(name, given);
            assert_eq!(request.line().replace("/rest/extender/1.0", ""), route);
            assert_eq!(query(&request), parameters, "{route}");
            assert_eq!(request.body.unwrap_or_default(), body, "{route}");
        }
    }

    #[test]
    fn every_variable_of_an_address_is_a_parameter() {
        for method in METHODS {
            let address = method.server.replace("[/space/{space}]", "");
            for name in address.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(method.parameters.iter().any(|p| p.name == name), "{}: `{name}`", method.name);
            }
        }
    }
}
