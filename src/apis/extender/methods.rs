//! The methods, one row each: the verb and the address below `/rest/extender/1.0`.
//!
//! `{subject}` stands for `user/<name>` or `group/<name>`. The part in brackets is sent only if contents are named by
//! title. A parameter that is not in the address goes into the query, or into the body of a change.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/559743018
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/89852793
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1904836644

use serde::Serialize;

use crate::apis::route::{Method, Route, split_before};

/// What an answer is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// As it comes.
    Plain,
    /// A list of words.
    Words,
    /// Who can view and edit a content.
    ContentPermissions,
    /// The same from the root down.
    TreePermissions,
    /// The restrictions from the root down.
    TreeRestrictions,
    /// What a user or a group may do with a content.
    Subject,
    /// All who have which permission in a space.
    Actors,
    /// What a user or a group may do in a space.
    Grants,
    /// Spaces, and what a user or a group may do in each; page by page.
    Spaces,
    /// Names of groups, page by page.
    GroupNames,
    /// Usernames, page by page.
    UserNames,
    /// Users, page by page.
    Users,
    /// User directories, in one answer.
    Directories,
}

/// Where the methods are. People and what they may do: two points.
const ROOT: Route =
    Route { api: "extender", method: Method::Get, root: "/rest/extender/1.0/", path: "", points: 2, idempotent: true };

const fn route(server: &'static str, changes: bool) -> Route {
    let (verb, address) = split_before(server, b' ');
    let (path, _) = split_before(address.split_at(1).1, b'?');
    let method = match verb.as_bytes() {
        b"GET" => Method::Get,
        b"PUT" => Method::Put,
        b"DELETE" => Method::Delete,
        _ => Method::Post,
    };
    Route { method, ..ROOT.below(path, !changes) }
}

methods! {
    /// Who can view and edit a content item, with inheritance and space permissions resolved by the add-on.
    reads inherited_content_permissions(
        content: Content,
        show_content_details: Flag,
        permission_type: OperationOrBoth,
        people_who_can_view: Flag,
        date_format: Text,
        start_at: Start,
        max_results: Most,
    ) = "GET permission/content/{content}/getInheritedContentPermissions", since "3.3",
        needs "a Confluence administrator or an administrator of the space" => ContentPermissions;

    /// Who can view and edit each item on the path from the root of the space to this one.
    reads inherited_content_tree_permissions(
        content: Content,
        show_content_details: Flag,
        permission_type: OperationOrBoth,
        people_who_can_view: Flag,
        date_format: Text,
        start_at: Start,
        max_results: Most,
    ) = "GET permission/content/{content}/getInheritedContentTreePermissions", since "3.3",
        needs "a Confluence administrator or an administrator of the space" => TreePermissions;

    /// The restrictions of each item on the path from the root of the space to this one.
    reads content_tree_restrictions(
        content: Content,
        show_content_details: Flag,
        people_who_can_view: Flag,
        date_format: Text,
        start_at: Start,
        max_results: Most,
    ) = "GET permission/content/{content}/getContentTreeRestrictions", since "3.3",
        needs "a Confluence administrator or an administrator of the space" => TreeRestrictions;

    /// What a user or a group may do with a content item, including inheritance and the space.
    ///
    /// The attributes follow the document of version 2.14 of the add-on. What another version leaves out is None; what
    /// it adds is in `raw`.
    reads inherited_content_permission(
        content: Place,
        subject: Subject,
        show_content_details: Flag,
        /// Also `spaceAdministrators` (since 3.4).
        show_space_administrators: Flag,
    ) = "GET permission/content/{content}/{subject}[/space/{space}]/getInheritedContentPermission",
        needs "a Confluence administrator" => Subject;

    /// Whether a user or a group is on the restrictions of an item itself, without inheritance, as received.
    ///
    /// No document shows the answer.
    reads content_permission(content: Place, subject: Subject, show_content_details: Flag)
        = "GET permission/content/{content}/{subject}[/space/{space}]/getContentPermission" => Plain;

    /// Adds a user or a group to the view or edit restriction of content items.
    ///
    /// The first entry closes an item to everyone who is not listed. `wiki.restrict` guards against locking yourself
    /// out; this method does not. No document shows the answer.
    changes add_content_permission(contents: Places, subject: Subject, permission_type: Operation)
        = "PUT permission/content/{subject}/permission/{permission_type}[/space/{space}]/addContentPermission" => Plain;

    /// Removes a user or a group from the view or edit restriction of content items.
    ///
    /// The items are sent in the body. No document shows the answer.
    changes remove_content_permission(contents: Places, subject: Subject, permission_type: Operation)
        = "DELETE permission/content/{subject}/permission/{permission_type}[/space/{space}]/removeContentPermission"
        => Plain;

    /// Removes a user or a group from every restriction on the site.
    ///
    /// No document shows the answer.
    changes remove_all_content_permission(subject: Subject)
        = "DELETE permission/content/{subject}/removeAllContentPermission" => Plain;

    /// The permission types of a space, such as `VIEWSPACE`. Anyone may call it.
    reads permission_types() = "GET permission/space/permissionTypes", since "2.0.1" => Words;

    /// Who has a permission type in a space, or any type, with one request for the whole space.
    reads space_permission_actors(space: Space, permission_type: SpaceTypeOrAll)
        = "GET permission/space/{space}/getSpacePermissionActors/{permission_type}", since "2.2.0" => Actors;

    /// Groups with any permission in a space.
    reads all_groups_with_any_permission(space: Space, start_at: Start, max_results: Most)
        = "GET permission/space/{space}/allGroupsWithAnyPermission", since "2.0.1" => GroupNames;

    /// Users with any direct permission in a space.
    reads all_users_with_any_permission(space: Space, start_at: Start, max_results: Most)
        = "GET permission/space/{space}/allUsersWithAnyPermission", since "2.1.0" => UserNames;

    /// What a user or a group may do in a space.
    reads permissions_for_space(subject: Subject, space: Space)
        = "GET permission/{subject}/getPermissionsForSpace/space/{space}", since "2.2.0" => Grants;

    /// The spaces a user or a group has permissions in, and which.
    reads all_spaces_with_permissions(subject: Subject, start_at: Start, max_results: Most)
        = "GET permission/{subject}/getAllSpacesWithPermissions?spacesAsArray=true" => Spaces;

    /// Grants permissions in a space; the add-on answers with `total`, `added` and `skipped`.
    changes add_space_permissions(space: Space, subject: Subject, permissions: SpaceTypes)
        = "PUT permission/space/{space}/{subject}/addSpacePermissions" => Plain;

    /// Spaces in which anonymous users have a permission, one page, as received.
    ///
    /// The documents do not show the whole answer.
    reads spaces_with_anonymous_permissions(
        /// Only spaces created on this day or later, as `date_format` writes it.
        creation_date_from: Text,
        /// Only spaces created on this day or earlier, as `date_format` writes it.
        creation_date_to: Text,
        date_format: Text,
        /// Where the page starts; None: at the first space.
        start_at: Start,
        /// Number of spaces on the page; None: the default of the add-on.
        max_results: Most,
    ) = "GET permission/space/getSpacesWithAnonymousPermissions", since "2.2.0", needs "a Confluence administrator"
        => Plain;

    /// The groups, by name.
    reads groups(start_at: Start, max_results: Most) = "GET group/getGroups" => GroupNames;

    /// The users in a group, including those without access to Confluence. Paged since 2.7.0.
    reads users(
        group: Group,
        /// Also full name, key and e-mail address.
        show_basic_details: Flag,
        /// Also profile, dates, and whether the account may use Confluence; includes the basic details.
        show_extended_details: Flag,
        date_format: Text,
        start_at: Start,
        max_results: Most,
    ) = "GET group/getUsers/{group}" => Users;

    /// Creates groups.
    changes add_groups(groups: Groups) = "POST group/addGroups" => Plain;

    /// Removes groups.
    changes remove_groups(groups: Groups) = "POST group/removeGroups" => Plain;

    /// Adds users to a group.
    changes add_users(group: Group, users: Users) = "POST group/addUsers/{group}" => Plain;

    /// Removes users from a group.
    changes remove_users(group: Group, users: Users) = "POST group/removeUsers/{group}" => Plain;

    /// The users who may use Confluence.
    reads users_with_confluence_access(
        /// Also profile, dates, and whether the account may use Confluence.
        show_extended_details: Flag,
        start_at: Start,
        max_results: Most,
    ) = "GET user/getUsersWithConfluenceAccess" => Users;

    /// The details of a user, as received.
    ///
    /// No document shows the answer.
    reads user_details(username: User) = "GET user/getUserDetails/{username}" => Plain;

    /// The user directories: their names, and whether they are synchronised.
    ///
    /// The add-on returns neither the type of a directory nor its groups, so this is evidence about directories but not
    /// about groups.
    reads user_directories() = "GET userDirectories/all", since "2.19.0", needs "a Confluence administrator"
        => Directories;
}
