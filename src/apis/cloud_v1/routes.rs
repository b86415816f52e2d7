//! The routes of v1.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/intro/

routes! { "cloud_v1";
    /// Contents that match CQL, with their restrictions.
    reads CONTENT_SEARCH = Get "/wiki/rest/api/content/search";
    /// Both restriction lists of a content.
    reads CONTENT_RESTRICTION = Get "/wiki/rest/api/content/{id}/restriction", 2 points;
    /// One restriction list of a content.
    reads RESTRICTION_BY_OPERATION = Get "/wiki/rest/api/content/{id}/restriction/byOperation/{operation}", 2 points;
    /// Puts subjects on a restriction list.
    changes ADD_RESTRICTIONS = Post "/wiki/rest/api/content/{id}/restriction", 2 points;
    /// Takes an account off a restriction list.
    sets REMOVE_USER = Delete "/wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user", 2 points;
    /// Takes a group off a restriction list.
    sets REMOVE_GROUP =
        Delete "/wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{groupId}", 2 points;
    /// Confluence's own answer about a subject and a content.
    reads PERMISSION_CHECK = Post "/wiki/rest/api/content/{id}/permission/check", 2 points;
    /// Gives a permission in a space.
    changes ADD_SPACE_PERMISSION = Post "/wiki/rest/api/space/{key}/permission", 2 points;
    /// Takes a permission in a space away.
    sets REMOVE_SPACE_PERMISSION = Delete "/wiki/rest/api/space/{key}/permission/{id}", 2 points;
    /// All groups.
    reads GROUPS = Get "/wiki/rest/api/group", 2 points;
    /// One group.
    reads GROUP_BY_ID = Get "/wiki/rest/api/group/by-id", 2 points;
    /// The members of a group.
    reads GROUP_MEMBERS = Get "/wiki/rest/api/group/{id}/membersByGroupId", 2 points;
    /// The groups an account is in.
    reads MEMBER_OF = Get "/wiki/rest/api/user/memberof", 2 points;
    /// Puts an account into a group. One that is in it stays.
    sets ADD_MEMBER = Post "/wiki/rest/api/group/userByGroupId", 2 points;
    /// Takes an account out of a group. One that is not in it stays out.
    sets REMOVE_MEMBER = Delete "/wiki/rest/api/group/userByGroupId", 2 points;
    /// Deletes a group.
    sets DELETE_GROUP = Delete "/wiki/rest/api/group/by-id", 2 points;
    /// Moves a page below another one.
    sets MOVE_PAGE = Put "/wiki/rest/api/content/{pageId}/move/{position}/{targetId}";
    /// Who asks.
    reads CURRENT_USER = Get "/wiki/rest/api/user/current", 2 points;
    /// One account.
    reads USER = Get "/wiki/rest/api/user", 2 points;
    /// Accounts that match CQL.
    reads SEARCH_USER = Get "/wiki/rest/api/search/user", 2 points;
    /// Facts about the site.
    reads SYSTEM_INFO = Get "/wiki/rest/api/settings/systemInfo";
    /// Id of the site.
    reads TENANT_INFO = Get "/_edge/tenant_info";
    /// The audit log.
    reads AUDIT = Get "/wiki/rest/api/audit";
}
