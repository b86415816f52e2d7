//! The routes of Data Center, below the context path.
// Source: https://docs.atlassian.com/ConfluenceServer/rest/latest/

routes! { "datacenter";
    /// Who asks.
    reads CURRENT_USER = Get "/rest/api/user/current", 2 points;
    /// Which version answers.
    reads SERVER_INFORMATION = Get "/rest/api/server-information";
    /// Which product and version answers; every version has it.
    reads MANIFEST = Get "/rest/applinks/1.0/manifest";
    /// Whether changes are accepted.
    reads ACCESS_MODE = Get "/rest/api/accessmode";
    /// Spaces.
    reads SPACES = Get "/rest/api/space";
    /// One space.
    reads SPACE = Get "/rest/api/space/{key}";
    /// Contents of a space by cursor (7.18 and later).
    reads SCAN = Get "/rest/api/content/scan";
    /// Contents of a space by offset.
    reads CONTENTS = Get "/rest/api/content";
    /// One content.
    reads CONTENT = Get "/rest/api/content/{id}";
    /// Contents that match CQL.
    reads CONTENT_SEARCH = Get "/rest/api/content/search";
    /// Both restriction lists of a content.
    reads RESTRICTION_BY_OPERATIONS = Get "/rest/api/content/{id}/restriction/byOperation", 2 points;
    /// One restriction list of a content.
    reads RESTRICTION_BY_OPERATION = Get "/rest/api/content/{id}/restriction/byOperation/{operation}", 2 points;
    /// The view restrictions that bind a content.
    reads RELEVANT_VIEW_RESTRICTIONS = Get "/rest/api/content/{id}/restriction/relevantViewRestrictions", 2 points;
    /// Sets a restriction list of a content (8.8 and later).
    sets SET_RESTRICTIONS = Put "/rest/api/content/{id}/restriction", 2 points;
    /// The same in older versions.
    sets SET_RESTRICTIONS_EXPERIMENTAL = Put "/rest/experimental/content/{id}/restriction", 2 points;
    /// Permissions of a space (9.1 and later).
    reads SPACE_PERMISSIONS = Get "/rest/api/space/{key}/permissions", 2 points;
    /// What anonymous may do in a space (9.1 and later).
    reads ANONYMOUS_SPACE_PERMISSIONS = Get "/rest/api/space/{key}/permissions/anonymous", 2 points;
    /// Sets the permissions of subjects in a space: a POST that replaces (9.1 and later).
    sets SET_SPACE_PERMISSIONS = Post "/rest/api/space/{spaceKey}/permissions", 2 points;
    /// Gives an account permissions in a space (9.1 and later).
    sets GRANT_TO_USER = Put "/rest/api/space/{spaceKey}/permissions/user/{userKey}/grant", 2 points;
    /// Gives a group permissions in a space (9.1 and later).
    sets GRANT_TO_GROUP = Put "/rest/api/space/{spaceKey}/permissions/group/{groupName}/grant", 2 points;
    /// Gives anonymous permissions in a space (9.1 and later).
    sets GRANT_TO_ANONYMOUS = Put "/rest/api/space/{spaceKey}/permissions/anonymous/grant", 2 points;
    /// Takes permissions in a space from an account (9.1 and later).
    sets REVOKE_FROM_USER = Put "/rest/api/space/{spaceKey}/permissions/user/{userKey}/revoke", 2 points;
    /// Takes permissions in a space from a group (9.1 and later).
    sets REVOKE_FROM_GROUP = Put "/rest/api/space/{spaceKey}/permissions/group/{groupName}/revoke", 2 points;
    /// Takes permissions in a space from anonymous (9.1 and later).
    sets REVOKE_FROM_ANONYMOUS = Put "/rest/api/space/{spaceKey}/permissions/anonymous/revoke", 2 points;
    /// Permissions of the site (9.3 and later).
    reads GLOBAL_PERMISSIONS = Get "/rest/api/permissions", 2 points;
    /// What anonymous may do to the site (9.3 and later).
    reads ANONYMOUS_GLOBAL_PERMISSIONS = Get "/rest/api/permissions/anonymous", 2 points;
    /// What people without a licence may do to the site (9.3 and later).
    reads UNLICENSED_GLOBAL_PERMISSIONS = Get "/rest/api/permissions/unlicensed", 2 points;
    /// All groups.
    reads GROUPS = Get "/rest/api/group", 2 points;
    /// One group, named in the path.
    reads GROUP = Get "/rest/api/group/{name}", 2 points;
    /// Accounts in a group.
    reads GROUP_MEMBERS = Get "/rest/api/group/{name}/member", 2 points;
    /// Groups inside a group.
    reads NESTED_GROUPS = Get "/rest/api/group/{name}/groupmember", 2 points;
    /// Groups a group stands in (9.4 and later).
    reads OUTER_GROUPS = Get "/rest/api/group/{name}/groupparent", 2 points;
    /// One group, named in the query (10.2).
    reads GROUP_QUERY = Get "/rest/api/group/info", 2 points;
    /// Accounts in a group named in the query (10.2).
    reads GROUP_MEMBERS_QUERY = Get "/rest/api/group/member", 2 points;
    /// Groups inside a group named in the query (10.2).
    reads NESTED_GROUPS_QUERY = Get "/rest/api/group/groupmember", 2 points;
    /// Groups a group named in the query stands in (10.2).
    reads OUTER_GROUPS_QUERY = Get "/rest/api/group/groupparent", 2 points;
    /// Puts an account into a group (8.2 and later).
    sets ADD_MEMBER = Put "/rest/api/user/{username}/group/{groupName}", 2 points;
    /// Takes an account out of a group (8.2 and later).
    sets REMOVE_MEMBER = Delete "/rest/api/user/{username}/group/{groupName}", 2 points;
    /// Deletes a group (8.2 and later).
    sets DELETE_GROUP = Delete "/rest/api/admin/group/{groupName}", 2 points;
    /// One account.
    reads USER = Get "/rest/api/user", 2 points;
    /// Every account.
    reads USERS = Get "/rest/api/user/list", 2 points;
    /// Groups an account is in.
    reads MEMBER_OF = Get "/rest/api/user/memberof", 2 points;
    /// What matches CQL, accounts included.
    reads SEARCH = Get "/rest/api/search";
}
