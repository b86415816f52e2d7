//! The routes of v2.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/intro/

routes! { "cloud_v2";
    /// The spaces this account can view.
    reads SPACES = Get "/wiki/api/v2/spaces";
    /// One space.
    reads SPACE = Get "/wiki/api/v2/spaces/{id}";
    /// The permissions granted in a space.
    reads SPACE_PERMISSIONS = Get "/wiki/api/v2/spaces/{id}/permissions", 2 points;
    /// How the site grants access to spaces.
    reads SPACE_ROLE_MODE = Get "/wiki/api/v2/space-role-mode", 2 points;
    /// The permissions roles are made of.
    reads SPACE_PERMISSION_CATALOGUE = Get "/wiki/api/v2/space-permissions", 2 points;
    /// The roles.
    reads SPACE_ROLES = Get "/wiki/api/v2/space-roles", 2 points;
    /// Who has which role in a space.
    reads ROLE_ASSIGNMENTS = Get "/wiki/api/v2/spaces/{id}/role-assignments", 2 points;
    /// Gives a subject a role in a space, or takes its role away.
    sets SET_ROLE = Post "/wiki/api/v2/spaces/{id}/role-assignments", 2 points;
    /// Pages.
    reads PAGES = Get "/wiki/api/v2/pages";
    /// Blog posts.
    reads BLOGPOSTS = Get "/wiki/api/v2/blogposts";
    /// One page.
    reads PAGE = Get "/wiki/api/v2/pages/{id}";
    /// One blog post.
    reads BLOGPOST = Get "/wiki/api/v2/blogposts/{id}";
    /// One folder.
    reads FOLDER = Get "/wiki/api/v2/folders/{id}";
    /// One whiteboard.
    reads WHITEBOARD = Get "/wiki/api/v2/whiteboards/{id}";
    /// One database.
    reads DATABASE = Get "/wiki/api/v2/databases/{id}";
    /// One embed.
    reads EMBED = Get "/wiki/api/v2/embeds/{id}";
    /// One attachment.
    reads ATTACHMENT = Get "/wiki/api/v2/attachments/{id}";
    /// The nodes above a content.
    reads ANCESTORS = Get "/wiki/api/v2/{type}/{id}/ancestors";
    /// The nodes below a content.
    reads DESCENDANTS = Get "/wiki/api/v2/{type}/{id}/descendants";
    /// Accounts by their ids.
    reads USERS_BULK = Post "/wiki/api/v2/users-bulk", 2 points;
    /// The types of contents by their ids.
    reads CONTENT_TYPES = Post "/wiki/api/v2/content/convert-ids-to-types";
    /// Whether this account has an admin key active.
    reads ADMIN_KEY = Get "/wiki/api/v2/admin-key";
    /// Issues an admin key. Issued twice, it ends later: no harm.
    sets ISSUE_ADMIN_KEY = Post "/wiki/api/v2/admin-key";
    /// Gives the admin key back.
    sets RETURN_ADMIN_KEY = Delete "/wiki/api/v2/admin-key";
    /// Whether the site hides content from apps.
    reads DATA_POLICIES = Get "/wiki/api/v2/data-policies/metadata";
}
