//! What the add-on is asked and told. Names stand in the path, percent-encoded.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/559743018

use serde_json::{Value, json};

use crate::apis::request::{Method, Request, segment};
use crate::model::RestrictionOperation;

const ROOT: &str = "/rest/extender/1.0";

/// What cannot be asked, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

/// A name that can stand in a path.
fn name(text: &str, what: &str) -> Result<String, Refused> {
    let shown = text.escape_debug();
    if text.trim().is_empty() {
        return Err(Refused(format!("{what} is empty: name one")));
    }
    if text.chars().any(char::is_control) {
        return Err(Refused(format!("`{shown}` is no name of {what}: it holds a control character")));
    }
    // A segment of dots leads elsewhere, however it is written.
    if text.chars().all(|c| c == '.') {
        return Err(Refused(format!("`{shown}` cannot be the name of {what} in an address")));
    }
    Ok(text.to_owned())
}

/// A content: by its id, or by title and space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its id.
    Id(String),
    /// By its title in the space of this key.
    Titled(String, String),
}

impl Which {
    /// The content of this id.
    ///
    /// # Errors
    /// Where it is none.
    pub fn id(id: &str) -> Result<Self, Refused> {
        name(id.trim(), "a content").map(Self::Id)
    }

    /// The content of this title in a space.
    ///
    /// # Errors
    /// Where either is empty.
    pub fn titled(title: &str, space_key: &str) -> Result<Self, Refused> {
        Ok(Self::Titled(name(title, "a content")?, self::space(space_key)?))
    }
}

/// The key of a space.
///
/// # Errors
/// Where it is none.
pub fn space(key: &str) -> Result<String, Refused> {
    name(key.trim(), "a space")
}

/// A user or a group, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By username.
    User(String),
    /// By name.
    Group(String),
}

impl Who {
    /// Reads `user:<username>` or `group:<name>`.
    ///
    /// # Errors
    /// Where the text names neither.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        match text.split_once(':') {
            Some(("user", rest)) => name(rest, "a user").map(Self::User),
            Some(("group", rest)) => name(rest, "a group").map(Self::Group),
            _ => Err(Refused(format!(
                "`{}` is neither a user nor a group: write `user:<username>` or `group:<name>`",
                text.escape_debug()
            ))),
        }
    }

    /// The user of this username.
    ///
    /// # Errors
    /// Where it is empty.
    pub fn user(username: &str) -> Result<Self, Refused> {
        name(username, "a user").map(Self::User)
    }

    /// The group of this name.
    ///
    /// # Errors
    /// Where it is empty.
    pub fn group(text: &str) -> Result<Self, Refused> {
        name(text, "a group").map(Self::Group)
    }

    fn path(&self) -> String {
        match self {
            Self::User(name) => format!("user/{}", segment(name)),
            Self::Group(name) => format!("group/{}", segment(name)),
        }
    }
}

/// Reads `view` or `edit`.
///
/// # Errors
/// For any other word.
pub fn operation(word: &str) -> Result<RestrictionOperation, Refused> {
    match word.trim().to_ascii_lowercase().as_str() {
        "view" => Ok(RestrictionOperation::View),
        "edit" => Ok(RestrictionOperation::Edit),
        _ => {
            Err(Refused(format!("`{}` is no permission type of a content: use `view` or `edit`", word.escape_debug())))
        }
    }
}

/// What an answer about a content is to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// Also what space and content are called.
    pub show_content_details: bool,
    /// Only one of the two lists.
    pub permission_type: Option<RestrictionOperation>,
    /// People stand for the groups they are in.
    pub people_who_can_view: bool,
    /// How moments are written as text.
    pub date_format: Option<String>,
}

fn flag(request: Request, name: &str, set: bool) -> Request {
    if set { request.with(name, true) } else { request }
}

fn general(content_id: &str, endpoint: &str, lists: &Lists) -> Request {
    let mut request = Request::get(format!("{ROOT}/permission/content/{}/{endpoint}", segment(content_id)));
    request = flag(request, "showContentDetails", lists.show_content_details);
    if let Some(operation) = lists.permission_type {
        request = request.with("permissionType", operation);
    }
    request = flag(request, "peopleWhoCanView", lists.people_who_can_view);
    match &lists.date_format {
        Some(format) => request.with("dateFormat", format),
        None => request,
    }
}

/// Who can view and edit a content.
pub fn inherited_content_permissions(content_id: &str, lists: &Lists) -> Request {
    general(content_id, "getInheritedContentPermissions", lists)
}

/// Who can view and edit each content from the root to this one.
pub fn inherited_content_tree_permissions(content_id: &str, lists: &Lists) -> Request {
    general(content_id, "getInheritedContentTreePermissions", lists)
}

/// The restrictions of each content from the root to this one. Both lists always come.
pub fn content_tree_restrictions(content_id: &str, lists: &Lists) -> Request {
    general(content_id, "getContentTreeRestrictions", &Lists { permission_type: None, ..lists.clone() })
}

/// The same request for the rows from `start` on, at most `most` of each list.
#[must_use]
pub fn page(request: &Request, start: u64, most: u64) -> Request {
    request.clone().with("startAt", start).with("maxResults", most)
}

fn of_content(content: &Which, who: &Who, endpoint: &str) -> Request {
    let who = who.path();
    Request::get(match content {
        Which::Id(id) => format!("{ROOT}/permission/content/{}/{who}/{endpoint}", segment(id)),
        Which::Titled(title, space) => {
            format!("{ROOT}/permission/content/{}/{who}/space/{}/{endpoint}", segment(title), segment(space))
        }
    })
}

/// What a user or a group may do with a content, inheritance and space included.
pub fn inherited_content_permission(
    content: &Which,
    who: &Who,
    show_content_details: bool,
    show_space_administrators: bool,
) -> Request {
    let request = of_content(content, who, "getInheritedContentPermission");
    let request = flag(request, "showContentDetails", show_content_details);
    flag(request, "showSpaceAdministrators", show_space_administrators)
}

/// Which restriction lists of a content itself hold a user or a group.
pub fn content_permission(content: &Which, who: &Who, show_content_details: bool) -> Request {
    flag(of_content(content, who, "getContentPermission"), "showContentDetails", show_content_details)
}

/// The product refuses changes that look as if a browser had been led to make them.
fn change(method: Method, path: String, body: Option<Value>) -> Request {
    let request = Request { method, body, idempotent: false, ..Request::get(path) };
    request.header("X-Atlassian-Token", "no-check")
}

/// Contents that are changed together: by id, or by title in one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Several {
    /// By their ids.
    Ids(Vec<String>),
    /// By their titles in the space of this key.
    Titled(Vec<String>, String),
}

impl Several {
    /// These contents together.
    ///
    /// # Errors
    /// Where there are none, some are given by id and others by title, or they lie in several spaces.
    pub fn new(contents: Vec<Which>) -> Result<Self, Refused> {
        let mut ids = Vec::new();
        let mut titles = Vec::new();
        let mut space: Option<String> = None;
        for content in contents {
            match content {
                Which::Id(id) => ids.push(id),
                Which::Titled(title, key) => {
                    if space.as_ref().is_some_and(|known| *known != key) {
                        return Err(Refused("contents named by title lie in one space: call once for each".to_owned()));
                    }
                    space = Some(key);
                    titles.push(title);
                }
            }
        }
        match (ids.is_empty(), space) {
            (false, Some(_)) => {
                Err(Refused("contents are named all by id or all by title: call once for each".to_owned()))
            }
            (true, Some(space)) => Ok(Self::Titled(titles, space)),
            (false, None) => Ok(Self::Ids(ids)),
            (true, None) => Err(Refused("no content is named: name at least one".to_owned())),
        }
    }
}

fn of_contents(
    method: Method,
    contents: &Several,
    who: &Who,
    operation: RestrictionOperation,
    endpoint: &str,
) -> Request {
    let path = format!("{ROOT}/permission/content/{}/permission/{operation}", who.path());
    match contents {
        Several::Ids(ids) => {
            // The add-on writes ids as numbers.
            let ids = ids.iter().map(|id| id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number)));
            change(method, format!("{path}/{endpoint}"), Some(ids.collect()))
        }
        Several::Titled(titles, space) => {
            change(method, format!("{path}/space/{}/{endpoint}", segment(space)), Some(json!(titles)))
        }
    }
}

/// Puts a user or a group on one restriction list of contents.
pub fn add_content_permission(contents: &Several, who: &Who, operation: RestrictionOperation) -> Request {
    of_contents(Method::Put, contents, who, operation, "addContentPermission")
}

/// Takes a user or a group off one restriction list of contents. A DELETE with a body.
pub fn remove_content_permission(contents: &Several, who: &Who, operation: RestrictionOperation) -> Request {
    of_contents(Method::Delete, contents, who, operation, "removeContentPermission")
}

/// Takes a user or a group off every restriction list of the site.
pub fn remove_all_content_permission(who: &Who) -> Request {
    change(Method::Delete, format!("{ROOT}/permission/content/{}/removeAllContentPermission", who.path()), None)
}

/// The types of permission a space knows. Anybody may ask, so its answer tells whether the add-on is there.
pub fn permission_types() -> Request {
    Request::get(format!("{ROOT}/permission/space/permissionTypes"))
}

/// All who have a type of permission in a space, or all types at once.
pub fn space_permission_actors(space_key: &str, kind: Option<&str>) -> Request {
    let kind = kind.unwrap_or("ALL");
    Request::get(format!("{ROOT}/permission/space/{}/getSpacePermissionActors/{}", segment(space_key), segment(kind)))
}

/// Groups with any permission in a space.
pub fn all_groups_with_any_permission(space_key: &str) -> Request {
    Request::get(format!("{ROOT}/permission/space/{}/allGroupsWithAnyPermission", segment(space_key)))
}

/// Users with any permission in a space, given to themselves.
pub fn all_users_with_any_permission(space_key: &str) -> Request {
    Request::get(format!("{ROOT}/permission/space/{}/allUsersWithAnyPermission", segment(space_key)))
}

/// What a user or a group may do in a space.
pub fn permissions_for_space(who: &Who, space_key: &str) -> Request {
    Request::get(format!("{ROOT}/permission/{}/getPermissionsForSpace/space/{}", who.path(), segment(space_key)))
}

/// The spaces a user or a group has permissions in, as a list.
pub fn all_spaces_with_permissions(who: &Who) -> Request {
    Request::get(format!("{ROOT}/permission/{}/getAllSpacesWithPermissions", who.path())).with("spacesAsArray", true)
}

/// Gives permissions in a space.
pub fn add_space_permissions(space_key: &str, who: &Who, kinds: &[&str]) -> Request {
    let path = format!("{ROOT}/permission/space/{}/{}/addSpacePermissions", segment(space_key), who.path());
    change(Method::Put, path, Some(json!({"permissions": kinds})))
}

/// Spaces whoever is not logged in has a permission in.
pub fn spaces_with_anonymous_permissions(from: Option<&str>, to: Option<&str>, date_format: Option<&str>) -> Request {
    let mut request = Request::get(format!("{ROOT}/permission/space/getSpacesWithAnonymousPermissions"));
    for (name, value) in [("creationDateFrom", from), ("creationDateTo", to), ("dateFormat", date_format)] {
        if let Some(value) = value {
            request = request.with(name, value);
        }
    }
    request
}

/// The groups.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/89852793
pub fn groups() -> Request {
    Request::get(format!("{ROOT}/group/getGroups"))
}

/// How much is told about each user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Details {
    /// The username.
    #[default]
    None,
    /// Also full name, key and e-mail address.
    Basic,
    /// Also profile, dates, and whether the account may use Confluence.
    Extended,
}

fn with_details(request: Request, details: Details) -> Request {
    let request = flag(request, "showBasicDetails", details == Details::Basic);
    flag(request, "showExtendedDetails", details == Details::Extended)
}

/// The users in a group.
pub fn users(group: &str, details: Details, date_format: Option<&str>) -> Request {
    let request = with_details(Request::get(format!("{ROOT}/group/getUsers/{}", segment(group))), details);
    match date_format {
        Some(format) => request.with("dateFormat", format),
        None => request,
    }
}

/// Makes groups.
pub fn add_groups(names: &[String]) -> Request {
    change(Method::Post, format!("{ROOT}/group/addGroups"), Some(json!({"groups": names})))
}

/// Removes groups.
pub fn remove_groups(names: &[String]) -> Request {
    change(Method::Post, format!("{ROOT}/group/removeGroups"), Some(json!({"groups": names})))
}

/// Puts users into a group.
pub fn add_users(group: &str, names: &[String]) -> Request {
    change(Method::Post, format!("{ROOT}/group/addUsers/{}", segment(group)), Some(json!({"users": names})))
}

/// Takes users out of a group.
pub fn remove_users(group: &str, names: &[String]) -> Request {
    change(Method::Post, format!("{ROOT}/group/removeUsers/{}", segment(group)), Some(json!({"users": names})))
}

/// The users who may use Confluence.
pub fn users_with_confluence_access(details: Details) -> Request {
    with_details(Request::get(format!("{ROOT}/user/getUsersWithConfluenceAccess")), details)
}

/// What is known about a user.
pub fn user_details(username: &str) -> Request {
    Request::get(format!("{ROOT}/user/getUserDetails/{}", segment(username)))
}

/// The user directories: names and when they were last brought in step, but no groups.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1904836644
pub fn user_directories() -> Request {
    Request::get(format!("{ROOT}/userDirectories/all"))
}

/// A list of names that are given in a body.
///
/// # Errors
/// Where there are none, or one is empty.
pub fn names(all: &[String], what: &str) -> Result<Vec<String>, Refused> {
    if all.is_empty() {
        return Err(Refused(format!("no name of {what} is given: give at least one")));
    }
    all.iter().map(|text| name(text, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &str = "/rest/extender/1.0/permission/content";

    fn query(request: &Request) -> String {
        request.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn the_three_general_questions_take_their_parameters() {
        let all = Lists {
            show_content_details: true,
            permission_type: Some(RestrictionOperation::View),
            people_who_can_view: true,
            date_format: Some("yyyy-MM-dd HH:mm".to_owned()),
        };
        let request = inherited_content_permissions("1234567", &all);
        assert_eq!(request.route(), format!("GET {CONTENT}/1234567/getInheritedContentPermissions"));
        assert_eq!(
            query(&request),
            "showContentDetails=true&permissionType=view&peopleWhoCanView=true&dateFormat=yyyy-MM-dd HH:mm"
        );
        assert_eq!(
            query(&page(&inherited_content_permissions("1", &Lists::default()), 50, 100)),
            "startAt=50&maxResults=100"
        );
        assert_eq!(
            inherited_content_tree_permissions("1", &Lists::default()).route(),
            format!("GET {CONTENT}/1/getInheritedContentTreePermissions")
        );
        let restrictions = content_tree_restrictions("1", &all);
        assert_eq!(restrictions.route(), format!("GET {CONTENT}/1/getContentTreeRestrictions"));
        assert_eq!(restrictions.parameter("permissionType"), None);
    }

    #[test]
    fn a_content_is_addressed_by_id_or_by_title_and_space() {
        let ann = Who::parse("user:ann").unwrap();
        let eng = Who::parse("group:eng/a & b+c%#").unwrap();
        let id = Which::id("65564").unwrap();
        let titled = Which::titled("What's new? 100%", "~ann").unwrap();
        assert_eq!(
            inherited_content_permission(&id, &ann, true, true).route(),
            format!("GET {CONTENT}/65564/user/ann/getInheritedContentPermission")
        );
        assert_eq!(
            query(&inherited_content_permission(&id, &ann, true, true)),
            "showContentDetails=true&showSpaceAdministrators=true"
        );
        assert_eq!(
            inherited_content_permission(&titled, &eng, false, false).route(),
            format!(
                "GET {CONTENT}/What%27s%20new%3F%20100%25/group/eng%2Fa%20%26%20b%2Bc%25%23/space/~ann/getInheritedContentPermission"
            )
        );
        assert_eq!(
            content_permission(&id, &eng, false).path,
            format!("{CONTENT}/65564/group/eng%2Fa%20%26%20b%2Bc%25%23/getContentPermission")
        );
        assert_eq!(
            content_permission(&titled, &ann, false).path,
            format!("{CONTENT}/What%27s%20new%3F%20100%25/user/ann/space/~ann/getContentPermission")
        );
    }

    #[test]
    fn a_change_says_its_contents_in_the_body_also_a_delete() {
        let ann = Who::parse("user:ann").unwrap();
        let ids = Several::new(vec![Which::id("1").unwrap(), Which::id("x").unwrap()]).unwrap();
        let request = add_content_permission(&ids, &ann, RestrictionOperation::View);
        assert_eq!(request.route(), format!("PUT {CONTENT}/user/ann/permission/view/addContentPermission"));
        assert_eq!(request.body, Some(json!([1, "x"])));
        assert!(!request.idempotent);
        let titled = Several::new(vec![Which::titled("A/B", "ds").unwrap()]).unwrap();
        let request = remove_content_permission(&titled, &Who::parse("group:eng").unwrap(), RestrictionOperation::Edit);
        assert_eq!(
            request.route(),
            format!("DELETE {CONTENT}/group/eng/permission/edit/space/ds/removeContentPermission")
        );
        assert_eq!(request.body, Some(json!(["A/B"])));
        let all = remove_all_content_permission(&ann);
        assert_eq!(all.route(), format!("DELETE {CONTENT}/user/ann/removeAllContentPermission"));
        assert_eq!(all.body, None);
    }

    #[test]
    fn contents_that_cannot_be_named_together_are_refused() {
        let id = || Which::id("1").unwrap();
        let title = |space| Which::titled("A", space).unwrap();
        assert!(Several::new(vec![]).is_err());
        assert!(Several::new(vec![id(), title("a")]).is_err());
        assert!(Several::new(vec![title("a"), title("b")]).is_err());
        assert!(Several::new(vec![title("a"), title("a")]).is_ok());
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_what_can() {
        for text in ["", "ann", "user:", "group: ", "anonymous", "class:x", "user:a\u{0}b", "user:.."] {
            assert!(Who::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Who::parse("ann").unwrap_err().to_string(),
            "`ann` is neither a user nor a group: write `user:<username>` or `group:<name>`"
        );
        assert!(Which::id(" ").is_err() && Which::titled("A", "").is_err() && Which::titled("..", "ds").is_err());
        assert!(operation("read").is_err() && operation("").is_err());
        assert_eq!(operation("View").unwrap(), RestrictionOperation::View);
        assert!(names(&[], "a group").is_err() && names(&[String::new()], "a group").is_err());
    }

    #[test]
    fn spaces_groups_users_and_directories_are_asked_as_documented() {
        let eng = Who::parse("group:eng").unwrap();
        let ann = Who::parse("user:ann").unwrap();
        for (request, route, asked) in [
            (permission_types(), "GET /permission/space/permissionTypes", ""),
            (space_permission_actors("~ann", None), "GET /permission/space/~ann/getSpacePermissionActors/ALL", ""),
            (
                space_permission_actors("ds", Some("VIEWSPACE")),
                "GET /permission/space/ds/getSpacePermissionActors/VIEWSPACE",
                "",
            ),
            (all_groups_with_any_permission("ds"), "GET /permission/space/ds/allGroupsWithAnyPermission", ""),
            (all_users_with_any_permission("ds"), "GET /permission/space/ds/allUsersWithAnyPermission", ""),
            (permissions_for_space(&ann, "ds"), "GET /permission/user/ann/getPermissionsForSpace/space/ds", ""),
            (
                all_spaces_with_permissions(&eng),
                "GET /permission/group/eng/getAllSpacesWithPermissions",
                "spacesAsArray=true",
            ),
            (
                add_space_permissions("ds", &eng, &["VIEWSPACE"]),
                "PUT /permission/space/ds/group/eng/addSpacePermissions",
                "",
            ),
            (
                spaces_with_anonymous_permissions(Some("2024-01-01"), None, None),
                "GET /permission/space/getSpacesWithAnonymousPermissions",
                "creationDateFrom=2024-01-01",
            ),
            (groups(), "GET /group/getGroups", ""),
            (
                users("a/b", Details::Extended, Some("yyyy")),
                "GET /group/getUsers/a%2Fb",
                "showExtendedDetails=true&dateFormat=yyyy",
            ),
            (users("eng", Details::Basic, None), "GET /group/getUsers/eng", "showBasicDetails=true"),
            (add_groups(&["a".into()]), "POST /group/addGroups", ""),
            (remove_groups(&["a".into()]), "POST /group/removeGroups", ""),
            (add_users("eng", &["ann".into()]), "POST /group/addUsers/eng", ""),
            (remove_users("eng", &["ann".into()]), "POST /group/removeUsers/eng", ""),
            (users_with_confluence_access(Details::None), "GET /user/getUsersWithConfluenceAccess", ""),
            (user_details("ann"), "GET /user/getUserDetails/ann", ""),
            (user_directories(), "GET /userDirectories/all", ""),
        ] {
            assert_eq!(request.route().replace("/rest/extender/1.0", ""), route);
            assert_eq!(query(&request), asked, "{route}");
        }
        assert_eq!(add_space_permissions("ds", &eng, &["VIEWSPACE"]).body, Some(json!({"permissions": ["VIEWSPACE"]})));
        assert_eq!(add_users("eng", &["ann".into()]).body, Some(json!({"users": ["ann"]})));
    }
}
