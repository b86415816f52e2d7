//! The routes of the audit log of Data Center.
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-events/

routes! { "auditing";
    /// Events.
    reads EVENTS = Get "/rest/auditing/1.0/events";
    /// How much of each area is recorded.
    reads COVERAGE = Get "/rest/auditing/1.0/configuration/coverage";
    /// Which actions are not recorded.
    reads DENYLIST = Get "/rest/auditing/1.0/configuration/denylist";
    /// Records of versions before 7.5.
    // Source: https://developer.atlassian.com/server/confluence/rest/v1020/api-group-audit/
    reads LEGACY = Get "/rest/api/audit";
}
