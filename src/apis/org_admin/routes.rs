//! The routes of the organization. It has a limit of its own, so nothing here counts points.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/intro/

routes! { "org_admin";
    /// The organizations a key belongs to.
    reads ORGANIZATIONS = Get "/admin/v1/orgs";
    /// The domains an organization has claimed.
    // Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-domains/
    reads DOMAINS = Get "/admin/v1/orgs/{orgId}/domains";
    /// The directories of an organization.
    reads DIRECTORIES = Get "/admin/v2/orgs/{orgId}/directories";
    /// Groups of all directories of an organization.
    reads GROUPS = Post "/admin/v2/orgs/{orgId}/directories/-/groups/search";
    /// Accounts of all directories of an organization.
    reads USERS = Post "/admin/v2/orgs/{orgId}/directories/-/users/search";
    /// What happened in an organization.
    reads EVENTS = Get "/admin/v1/orgs/{orgId}/events-stream";
    /// The entries of synchronised directories behind an account.
    // Source: https://developer.atlassian.com/cloud/admin/user-provisioning/rest/intro/
    reads SCIM_LINKS = Get "/admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links";
}
