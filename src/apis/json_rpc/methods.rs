//! The methods, one row each, with their parameters in the server's order.
// Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/

use serde::Serialize;

use crate::apis::route::{Method, Route, split_before};

/// What a result is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// As it comes.
    Plain,
    /// A list of words, each once.
    Words,
    /// Permission sets of a space.
    SpaceSets,
    /// One of them.
    SpaceSet,
    /// Restriction lists of a content.
    ContentSets,
}

/// Any method by its name, below the second version of the service: the first one speaks wiki markup and knows no more
/// about permissions.
pub(super) static ANY: Route = SERVICE.below("{method}", true);
/// Any method that changes something.
pub(super) static ANY_CHANGE: Route = SERVICE.below("{method}", false);

const SERVICE: Route = Route {
    api: "json_rpc",
    method: Method::Post,
    root: "/rpc/json-rpc/confluenceservice-v2/",
    path: "",
    points: 1,
    idempotent: true,
};

const fn route(server: &'static str, changes: bool) -> Route {
    SERVICE.below(split_before(server, b'(').0, !changes)
}

methods! {
    /// All permissions in a space, by permission type.
    ///
    /// Types that nobody has may be missing. An entry with neither user nor group is anonymous.
    reads space_permission_sets(space: Space) = "getSpacePermissionSets(spaceKey)",
        needs "a Confluence administrator or an administrator of the space" => SpaceSets;

    /// Who has one permission type in a space.
    reads space_permission_set(space: Space, permission_type: SpaceType)
        = "getSpacePermissionSet(spaceKey, type)" => SpaceSet;

    /// The permission types of a space, each once.
    reads space_level_permissions() = "getSpaceLevelPermissions()" => Words;

    /// What the caller may do in a space, incomplete and in words of its own (`view`, `modify`, …).
    reads permissions(space: Space) = "getPermissions(spaceKey)",
        see "https://jira.atlassian.com/browse/CONFSERVER-21951" => Plain;

    /// What another user may do in a space, in the words of `permissions`.
    reads permissions_for_user(space: Space, user: User) = "getPermissionsForUser(spaceKey, userName)" => Plain;

    /// The restrictions of a content item, by operation.
    reads content_permission_sets(content: Content) = "getContentPermissionSets(contentId)" => ContentSets;

    /// The restrictions that apply to a page, as received.
    reads page_permissions(content: Content) = "getPagePermissions(pageId)",
        see "https://jira.atlassian.com/browse/CONFSERVER-14162" => Plain;

    /// Sets one restriction of a content item to exactly these subjects. The other is not changed.
    ///
    /// An empty list removes this restriction. This method does not guard against locking yourself out;
    /// `wiki.set_restrictions` does.
    changes set_content_permissions(content: Content, permission_type: RestrictionList, subjects: Subjects)
        = "setContentPermissions(contentId, type, permissions)" => Plain;

    /// Grants a permission in a space.
    changes add_permission_to_space(permission_type: SpaceType, subject: Holder, space: Space)
        = "addPermissionToSpace(type, userOrGroup, spaceKey)" => Plain;

    /// Grants permissions in a space.
    changes add_permissions_to_space(permission_types: SpaceTypes, subject: Holder, space: Space)
        = "addPermissionsToSpace(types, userOrGroup, spaceKey)" => Plain;

    /// Revokes a permission in a space.
    changes remove_permission_from_space(permission_type: SpaceType, subject: Holder, space: Space)
        = "removePermissionFromSpace(type, userOrGroup, spaceKey)" => Plain;

    /// Grants anonymous users a permission in a space.
    changes add_anonymous_permission_to_space(permission_type: SpaceType, space: Space)
        = "addAnonymousPermissionToSpace(type, spaceKey)" => Plain;

    /// Grants anonymous users permissions in a space.
    changes add_anonymous_permissions_to_space(permission_types: SpaceTypes, space: Space)
        = "addAnonymousPermissionsToSpace(types, spaceKey)" => Plain;

    /// Revokes a permission of anonymous users in a space.
    changes remove_anonymous_permission_from_space(permission_type: SpaceType, space: Space)
        = "removeAnonymousPermissionFromSpace(type, spaceKey)" => Plain;

    /// Grants a global permission, such as `USECONFLUENCE`.
    changes add_global_permission(permission_type: GlobalType, subject: Holder)
        = "addGlobalPermission(type, userOrGroup)" => Plain;

    /// Grants global permissions.
    changes add_global_permissions(permission_types: GlobalTypes, subject: Holder)
        = "addGlobalPermissions(types, userOrGroup)" => Plain;

    /// Revokes a global permission.
    changes remove_global_permission(permission_type: GlobalType, subject: Holder)
        = "removeGlobalPermission(type, userOrGroup)" => Plain;

    /// Lets anonymous users use the site.
    changes add_anonymous_use_permission() = "addAnonymousUsePermission()" => Plain;

    /// Lets anonymous users see user profiles.
    changes add_anonymous_view_user_profile_permission() = "addAnonymousViewUserProfilePermission()" => Plain;

    /// The spaces the caller can see, as received.
    reads spaces() = "getSpaces()" => Plain;

    /// The pages of a space that the caller can see, as received.
    reads pages(space: Space) = "getPages(spaceKey)" => Plain;

    /// The groups, by name.
    reads groups() = "getGroups()" => Plain;

    /// The groups of a user, by name.
    reads user_groups(user: User) = "getUserGroups(userName)" => Plain;

    /// Creates a group.
    changes add_group(group: Group) = "addGroup(name)" => Plain;

    /// Removes a group.
    changes remove_group(
        group: Group,
        /// Group that its members are moved to; empty: none.
        move_to: GroupOrNone,
    ) = "removeGroup(name, default)" => Plain;

    /// Adds a user to a group.
    changes add_user_to_group(user: User, group: Group) = "addUserToGroup(userName, groupName)" => Plain;

    /// Removes a user from a group.
    changes remove_user_from_group(user: User, group: Group) = "removeUserFromGroup(userName, groupName)" => Plain;

    /// Deactivates a user.
    changes deactivate_user(user: User) = "deactivateUser(userName)" => Plain;

    /// Reactivates a user.
    changes reactivate_user(user: User) = "reactivateUser(userName)" => Plain;
}
