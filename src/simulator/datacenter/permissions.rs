//! The permissions of a Data Center, in all the words there are for them.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space-permissions/

/// A permission in a space: its word in the plain data, type of the target and key of the operation in REST, type in
/// JSON-RPC, the audit log and Extender.
pub(super) struct Pair {
    pub(super) word: &'static str,
    pub(super) target: &'static str,
    pub(super) operation: &'static str,
    pub(super) constant: &'static str,
}

const fn pair(word: &'static str, target: &'static str, operation: &'static str, constant: &'static str) -> Pair {
    Pair { word, target, operation, constant }
}

/// All there are in a space.
pub(super) const SPACE: [Pair; 14] = [
    pair("view", "space", "read", "VIEWSPACE"),
    pair("delete_own", "space", "delete_own", "REMOVEOWNCONTENT"),
    pair("create_page", "page", "create", "EDITSPACE"),
    pair("delete_page", "page", "delete", "REMOVEPAGE"),
    pair("create_blogpost", "blogpost", "create", "EDITBLOG"),
    pair("delete_blogpost", "blogpost", "delete", "REMOVEBLOG"),
    pair("create_attachment", "attachment", "create", "CREATEATTACHMENT"),
    pair("delete_attachment", "attachment", "delete", "REMOVEATTACHMENT"),
    pair("create_comment", "comment", "create", "COMMENT"),
    pair("delete_comment", "comment", "delete", "REMOVECOMMENT"),
    pair("restrict", "space", "restrict", "SETPAGEPERMISSIONS"),
    pair("delete_mail", "space", "delete_mail", "REMOVEMAIL"),
    pair("export", "space", "export", "EXPORTSPACE"),
    pair("administer", "space", "administer", "SETSPACEPERMISSIONS"),
];

/// All there are on the whole site. The word stands in `Facts::globals`.
// Source: https://developer.atlassian.com/server/confluence/rest/v931/api-group-global-permissions/
pub(super) const GLOBAL: [Pair; 7] = [
    pair("use", "application", "use", "USECONFLUENCE"),
    pair("administer", "application", "administer", "ADMINISTRATECONFLUENCE"),
    pair("system_administer", "system", "administer", "SYSTEMADMINISTRATOR"),
    pair("create_personal_space", "personal_space", "create", "PERSONALSPACE"),
    pair("create_space", "space", "create", "CREATESPACE"),
    pair("use_unlicensed", "application", "use_unlicensed", "LIMITEDUSECONFLUENCE"),
    // In this order in the documents.
    pair("view_users", "read", "user", "VIEWUSERPROFILES"),
];
