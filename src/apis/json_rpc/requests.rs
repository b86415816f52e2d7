//! What JSON-RPC is asked and told. Every method takes its parameters in an order of its own, without the token older
//! remote APIs began with.
// Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/

use serde_json::{Value, json};

use crate::apis::request::Request;
use crate::model::RestrictionOperation;

/// Where the methods are; the first version of the service speaks wiki markup and knows no more about permissions.
const SERVICE: &str = "/rpc/json-rpc/confluenceservice-v2";

/// A method with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its name, such as `getSpacePermissionSets`.
    pub method: String,
    /// Its parameters, in order.
    pub params: Vec<Value>,
    /// Whether it changes something.
    pub changes: bool,
}

impl Call {
    /// A method that only asks.
    pub fn ask(method: impl Into<String>, params: Vec<Value>) -> Self {
        Self { method: method.into(), params, changes: false }
    }

    /// A method that changes something.
    pub fn change(method: impl Into<String>, params: Vec<Value>) -> Self {
        Self { changes: true, ..Self::ask(method, params) }
    }

    /// The light form: the method in the path, the parameters as the whole body; answered with the bare result.
    pub fn light(&self) -> Request {
        let path = format!("{SERVICE}/{}", crate::apis::request::segment(&self.method));
        self.request(path, Value::Array(self.params.clone()))
    }

    /// The standard form: method, parameters and `id` in an envelope; answered in one.
    // Source: https://www.jsonrpc.org/specification
    pub fn envelope(&self, id: u64) -> Request {
        let body = json!({"jsonrpc": "2.0", "method": self.method, "params": self.params, "id": id});
        self.request(SERVICE.to_owned(), body)
    }

    fn request(&self, path: String, body: Value) -> Request {
        if self.changes {
            // The product refuses changes that look as if a browser had been led to make them.
            Request::post(path, body).header("X-Atlassian-Token", "no-check")
        } else {
            Request::ask(path, body)
        }
    }
}

/// All permissions in a space, type by type.
pub fn space_permission_sets(space_key: &str) -> Call {
    Call::ask("getSpacePermissionSets", vec![json!(space_key)])
}

/// Who has one type of permission in a space.
pub fn space_permission_set(space_key: &str, kind: &str) -> Call {
    Call::ask("getSpacePermissionSet", vec![json!(space_key), json!(kind)])
}

/// The types of permission a space knows.
pub fn space_level_permissions() -> Call {
    Call::ask("getSpaceLevelPermissions", Vec::new())
}

/// What the caller may do in a space, in words of its own (`view`, `modify`, …), and not all of it.
// Source: https://jira.atlassian.com/browse/CONFSERVER-21951
pub fn permissions(space_key: &str) -> Call {
    Call::ask("getPermissions", vec![json!(space_key)])
}

/// The same of another user.
pub fn permissions_for_user(space_key: &str, username: &str) -> Call {
    Call::ask("getPermissionsForUser", vec![json!(space_key), json!(username)])
}

/// The restrictions of a content, list by list.
pub fn content_permission_sets(content_id: &str) -> Call {
    Call::ask("getContentPermissionSets", vec![json!(content_id)])
}

/// The restrictions that apply to a page.
// Source: https://jira.atlassian.com/browse/CONFSERVER-14162
pub fn page_permissions(page_id: &str) -> Call {
    Call::ask("getPagePermissions", vec![json!(page_id)])
}

/// Lets one restriction list of a content hold these users and groups and nobody else. The other list stays.
pub fn set_content_permissions(
    content_id: &str,
    operation: RestrictionOperation,
    users: &[&str],
    groups: &[&str],
) -> Call {
    let kind = list_name(operation);
    let user = users.iter().map(|name| json!({"type": kind, "userName": name, "groupName": null}));
    let group = groups.iter().map(|name| json!({"type": kind, "userName": null, "groupName": name}));
    let entries: Vec<Value> = user.chain(group).collect();
    Call::change("setContentPermissions", vec![json!(content_id), json!(kind), Value::Array(entries)])
}

/// The name of a restriction list here.
pub(super) fn list_name(operation: RestrictionOperation) -> &'static str {
    match operation {
        RestrictionOperation::View => "View",
        RestrictionOperation::Edit => "Edit",
    }
}

/// Gives a permission in a space; `name` is a user or a group.
pub fn add_permission_to_space(kind: &str, name: &str, space_key: &str) -> Call {
    Call::change("addPermissionToSpace", vec![json!(kind), json!(name), json!(space_key)])
}

/// Gives several.
pub fn add_permissions_to_space(kinds: &[&str], name: &str, space_key: &str) -> Call {
    Call::change("addPermissionsToSpace", vec![json!(kinds), json!(name), json!(space_key)])
}

/// Takes a permission in a space.
pub fn remove_permission_from_space(kind: &str, name: &str, space_key: &str) -> Call {
    Call::change("removePermissionFromSpace", vec![json!(kind), json!(name), json!(space_key)])
}

/// Gives a permission in a space to whoever is not logged in.
pub fn add_anonymous_permission_to_space(kind: &str, space_key: &str) -> Call {
    Call::change("addAnonymousPermissionToSpace", vec![json!(kind), json!(space_key)])
}

/// Gives several.
pub fn add_anonymous_permissions_to_space(kinds: &[&str], space_key: &str) -> Call {
    Call::change("addAnonymousPermissionsToSpace", vec![json!(kinds), json!(space_key)])
}

/// Takes one.
pub fn remove_anonymous_permission_from_space(kind: &str, space_key: &str) -> Call {
    Call::change("removeAnonymousPermissionFromSpace", vec![json!(kind), json!(space_key)])
}

/// Gives a permission of the whole site.
pub fn add_global_permission(kind: &str, name: &str) -> Call {
    Call::change("addGlobalPermission", vec![json!(kind), json!(name)])
}

/// Gives several.
pub fn add_global_permissions(kinds: &[&str], name: &str) -> Call {
    Call::change("addGlobalPermissions", vec![json!(kinds), json!(name)])
}

/// Takes one.
pub fn remove_global_permission(kind: &str, name: &str) -> Call {
    Call::change("removeGlobalPermission", vec![json!(kind), json!(name)])
}

/// Lets whoever is not logged in use the site.
pub fn add_anonymous_use_permission() -> Call {
    Call::change("addAnonymousUsePermission", Vec::new())
}

/// Lets whoever is not logged in see profiles.
pub fn add_anonymous_view_user_profile_permission() -> Call {
    Call::change("addAnonymousViewUserProfilePermission", Vec::new())
}

/// The spaces the caller sees.
pub fn spaces() -> Call {
    Call::ask("getSpaces", Vec::new())
}

/// The pages of a space the caller sees.
pub fn pages(space_key: &str) -> Call {
    Call::ask("getPages", vec![json!(space_key)])
}

/// The groups.
pub fn groups() -> Call {
    Call::ask("getGroups", Vec::new())
}

/// The groups of a user.
pub fn user_groups(username: &str) -> Call {
    Call::ask("getUserGroups", vec![json!(username)])
}

/// Makes a group.
pub fn add_group(name: &str) -> Call {
    Call::change("addGroup", vec![json!(name)])
}

/// Removes a group; its members go into `move_to`, where that is named.
pub fn remove_group(name: &str, move_to: &str) -> Call {
    Call::change("removeGroup", vec![json!(name), json!(move_to)])
}

/// Puts a user into a group.
pub fn add_user_to_group(username: &str, group: &str) -> Call {
    Call::change("addUserToGroup", vec![json!(username), json!(group)])
}

/// Takes a user out of a group.
pub fn remove_user_from_group(username: &str, group: &str) -> Call {
    Call::change("removeUserFromGroup", vec![json!(username), json!(group)])
}

/// Deactivates a user.
pub fn deactivate_user(username: &str) -> Call {
    Call::change("deactivateUser", vec![json!(username)])
}

/// Activates a user again.
pub fn reactivate_user(username: &str) -> Call {
    Call::change("reactivateUser", vec![json!(username)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_light_form_is_the_method_in_the_path_and_the_parameters_as_the_body() {
        let request = space_permission_sets("ds").light();
        assert_eq!(request.route(), "POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets");
        assert_eq!(request.body, Some(json!(["ds"])));
        assert!(request.idempotent && request.query.is_empty() && request.headers.is_empty());
        assert_eq!(space_level_permissions().light().body, Some(json!([])));
        assert_eq!(Call::ask("a/b", vec![]).light().path, "/rpc/json-rpc/confluenceservice-v2/a%2Fb");
    }

    #[test]
    fn the_standard_form_is_an_envelope() {
        let request = space_permission_sets("KEY").envelope(7);
        assert_eq!(request.route(), "POST /rpc/json-rpc/confluenceservice-v2");
        assert_eq!(
            request.body,
            Some(json!({"jsonrpc": "2.0", "method": "getSpacePermissionSets", "params": ["KEY"], "id": 7}))
        );
    }

    #[test]
    fn every_method_takes_its_parameters_in_its_own_order() {
        let said = |call: Call| (call.method.clone(), Value::Array(call.params).to_string(), call.changes);
        for (call, method, params, changes) in [
            (space_permission_set("ds", "VIEWSPACE"), "getSpacePermissionSet", r#"["ds","VIEWSPACE"]"#, false),
            (permissions("ds"), "getPermissions", r#"["ds"]"#, false),
            (permissions_for_user("ds", "ann"), "getPermissionsForUser", r#"["ds","ann"]"#, false),
            (content_permission_sets("65564"), "getContentPermissionSets", r#"["65564"]"#, false),
            (page_permissions("65564"), "getPagePermissions", r#"["65564"]"#, false),
            (
                add_permission_to_space("VIEWSPACE", "ann", "ds"),
                "addPermissionToSpace",
                r#"["VIEWSPACE","ann","ds"]"#,
                true,
            ),
            (
                add_permissions_to_space(&["VIEWSPACE", "COMMENT"], "eng", "ds"),
                "addPermissionsToSpace",
                r#"[["VIEWSPACE","COMMENT"],"eng","ds"]"#,
                true,
            ),
            (
                remove_permission_from_space("VIEWSPACE", "ann", "ds"),
                "removePermissionFromSpace",
                r#"["VIEWSPACE","ann","ds"]"#,
                true,
            ),
            (
                add_anonymous_permission_to_space("VIEWSPACE", "ds"),
                "addAnonymousPermissionToSpace",
                r#"["VIEWSPACE","ds"]"#,
                true,
            ),
            (
                add_anonymous_permissions_to_space(&["VIEWSPACE"], "ds"),
                "addAnonymousPermissionsToSpace",
                r#"[["VIEWSPACE"],"ds"]"#,
                true,
            ),
            (
                remove_anonymous_permission_from_space("VIEWSPACE", "ds"),
                "removeAnonymousPermissionFromSpace",
                r#"["VIEWSPACE","ds"]"#,
                true,
            ),
            (add_global_permission("USECONFLUENCE", "eng"), "addGlobalPermission", r#"["USECONFLUENCE","eng"]"#, true),
            (
                add_global_permissions(&["USECONFLUENCE"], "eng"),
                "addGlobalPermissions",
                r#"[["USECONFLUENCE"],"eng"]"#,
                true,
            ),
            (
                remove_global_permission("USECONFLUENCE", "eng"),
                "removeGlobalPermission",
                r#"["USECONFLUENCE","eng"]"#,
                true,
            ),
            (add_anonymous_use_permission(), "addAnonymousUsePermission", "[]", true),
            (add_anonymous_view_user_profile_permission(), "addAnonymousViewUserProfilePermission", "[]", true),
            (spaces(), "getSpaces", "[]", false),
            (pages("ds"), "getPages", r#"["ds"]"#, false),
            (groups(), "getGroups", "[]", false),
            (user_groups("ann"), "getUserGroups", r#"["ann"]"#, false),
            (add_group("eng & ops"), "addGroup", r#"["eng & ops"]"#, true),
            (remove_group("eng", ""), "removeGroup", r#"["eng",""]"#, true),
            (add_user_to_group("ann", "eng"), "addUserToGroup", r#"["ann","eng"]"#, true),
            (remove_user_from_group("ann", "eng"), "removeUserFromGroup", r#"["ann","eng"]"#, true),
            (deactivate_user("ann"), "deactivateUser", r#"["ann"]"#, true),
            (reactivate_user("ann"), "reactivateUser", r#"["ann"]"#, true),
        ] {
            assert_eq!(said(call), (method.to_owned(), params.to_owned(), changes));
        }
    }

    #[test]
    fn a_change_is_not_sent_twice_and_says_that_no_browser_sent_it() {
        let request = add_group("eng").light();
        assert!(!request.idempotent);
        assert_eq!(request.headers, [("X-Atlassian-Token", "no-check".to_owned())]);
    }

    #[test]
    fn a_restriction_list_is_written_entry_by_entry() {
        let call = set_content_permissions("7", RestrictionOperation::Edit, &["ann"], &["eng"]);
        assert_eq!(
            call.params,
            [
                json!("7"),
                json!("Edit"),
                json!([
                    {"type": "Edit", "userName": "ann", "groupName": null},
                    {"type": "Edit", "userName": null, "groupName": "eng"}
                ])
            ]
        );
    }
}
