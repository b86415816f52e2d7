//! The methods, one row each. Their parameters stand in the order of the server's own.
// Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/

use serde::Serialize;

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

methods! {
    /// All permissions in a space, type by type.
    ///
    /// Types nobody has may be missing. An entry with neither user nor group is anonymous.
    reads space_permission_sets(space: Space) = "getSpacePermissionSets(spaceKey)",
        needs "a Confluence administrator or an administrator of the space" => SpaceSets;

    /// All who have one type of permission in a space.
    reads space_permission_set(space: Space, permission_type: SpaceType)
        = "getSpacePermissionSet(spaceKey, type)" => SpaceSet;

    /// The types of permission a space knows, each once.
    reads space_level_permissions() = "getSpaceLevelPermissions()" => Words;

    /// What the caller may do in a space, in words of its own (`view`, `modify`, …), and not all of it.
    reads permissions(space: Space) = "getPermissions(spaceKey)",
        see "https://jira.atlassian.com/browse/CONFSERVER-21951" => Plain;

    /// What another user may do in a space, in the words of `permissions`.
    reads permissions_for_user(space: Space, user: User) = "getPermissionsForUser(spaceKey, userName)" => Plain;

    /// The restrictions of a content, list by list.
    reads content_permission_sets(content: Content) = "getContentPermissionSets(contentId)" => ContentSets;

    /// The restrictions that apply to a page, as the server answers.
    reads page_permissions(content: Content) = "getPagePermissions(pageId)",
        see "https://jira.atlassian.com/browse/CONFSERVER-14162" => Plain;

    /// Lets one restriction list of a content hold these subjects and nobody else. The other list stays.
    ///
    /// An empty list opens the content, as far as this list goes. Nothing here guards against locking oneself out:
    /// `wiki.set_restrictions` does.
    changes set_content_permissions(content: Content, permission_type: RestrictionList, subjects: Subjects)
        = "setContentPermissions(contentId, type, permissions)" => Plain;

    /// Gives a permission in a space.
    changes add_permission_to_space(permission_type: SpaceType, subject: Holder, space: Space)
        = "addPermissionToSpace(type, userOrGroup, spaceKey)" => Plain;

    /// Gives permissions in a space.
    changes add_permissions_to_space(permission_types: SpaceTypes, subject: Holder, space: Space)
        = "addPermissionsToSpace(types, userOrGroup, spaceKey)" => Plain;

    /// Takes a permission in a space.
    changes remove_permission_from_space(permission_type: SpaceType, subject: Holder, space: Space)
        = "removePermissionFromSpace(type, userOrGroup, spaceKey)" => Plain;

    /// Gives a permission in a space to everybody who is not logged in.
    changes add_anonymous_permission_to_space(permission_type: SpaceType, space: Space)
        = "addAnonymousPermissionToSpace(type, spaceKey)" => Plain;

    /// Gives permissions in a space to everybody who is not logged in.
    changes add_anonymous_permissions_to_space(permission_types: SpaceTypes, space: Space)
        = "addAnonymousPermissionsToSpace(types, spaceKey)" => Plain;

    /// Takes a permission in a space from everybody who is not logged in.
    changes remove_anonymous_permission_from_space(permission_type: SpaceType, space: Space)
        = "removeAnonymousPermissionFromSpace(type, spaceKey)" => Plain;

    /// Gives a permission of the site, such as `USECONFLUENCE`.
    changes add_global_permission(permission_type: GlobalType, subject: Holder)
        = "addGlobalPermission(type, userOrGroup)" => Plain;

    /// Gives permissions of the site.
    changes add_global_permissions(permission_types: GlobalTypes, subject: Holder)
        = "addGlobalPermissions(types, userOrGroup)" => Plain;

    /// Takes a permission of the site.
    changes remove_global_permission(permission_type: GlobalType, subject: Holder)
        = "removeGlobalPermission(type, userOrGroup)" => Plain;

    /// Lets everybody who is not logged in use the site.
    changes add_anonymous_use_permission() = "addAnonymousUsePermission()" => Plain;

    /// Lets everybody who is not logged in see profiles.
    changes add_anonymous_view_user_profile_permission() = "addAnonymousViewUserProfilePermission()" => Plain;

    /// The spaces the caller sees, as the server answers.
    reads spaces() = "getSpaces()" => Plain;

    /// The pages of a space the caller sees, as the server answers.
    reads pages(space: Space) = "getPages(spaceKey)" => Plain;

    /// The groups, by name.
    reads groups() = "getGroups()" => Plain;

    /// The groups of a user, by name.
    reads user_groups(user: User) = "getUserGroups(userName)" => Plain;

    /// Makes a group.
    changes add_group(group: Group) = "addGroup(name)" => Plain;

    /// Removes a group.
    changes remove_group(
        group: Group,
        /// Group its members go into; empty: none.
        move_to: GroupOrNone,
    ) = "removeGroup(name, default)" => Plain;

    /// Puts a user into a group.
    changes add_user_to_group(user: User, group: Group) = "addUserToGroup(userName, groupName)" => Plain;

    /// Takes a user out of a group.
    changes remove_user_from_group(user: User, group: Group) = "removeUserFromGroup(userName, groupName)" => Plain;

    /// Deactivates a user.
    changes deactivate_user(user: User) = "deactivateUser(userName)" => Plain;

    /// Activates a user again.
    changes reactivate_user(user: User) = "reactivateUser(userName)" => Plain;
}
