//! What JSON-RPC is asked: a method of `methods.rs` as a call, without the token older remote APIs began with.
// Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/

use serde_json::{Value, json};

use super::methods::{self, Returns};
use crate::apis::methods::{Argument, Arguments, Method, Who};
use crate::apis::request::Request;
use crate::apis::route::Route;
use crate::model::RestrictionOperation;

/// A method with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its name, such as `getSpacePermissionSets`.
    pub method: String,
    /// Its parameters, in order.
    pub params: Vec<Value>,
    /// Whether it changes something.
    pub changes: bool,
    route: &'static Route,
}

impl Call {
    /// Any method, declared here or not.
    pub fn any(method: impl Into<String>, params: Vec<Value>, changes: bool) -> Self {
        Self {
            method: method.into(),
            params,
            changes,
            route: if changes { &methods::ANY_CHANGE } else { &methods::ANY },
        }
    }

    /// The light form: the method in the path, the parameters as the whole body; answered with the bare result.
    pub fn light(&self) -> Request {
        self.request(Request::to(self.route, &[&self.method]), Value::Array(self.params.clone()))
    }

    /// The standard form: method, parameters and `id` in an envelope; answered in one.
    // Source: https://www.jsonrpc.org/specification
    pub fn envelope(&self, id: u64) -> Request {
        let body = json!({"jsonrpc": "2.0", "method": self.method, "params": self.params, "id": id});
        let path = self.route.root.trim_end_matches('/').to_owned();
        self.request(Request { path, ..Request::to(self.route, &[]) }, body)
    }

    fn request(&self, request: Request, body: Value) -> Request {
        let request = request.body(body);
        if self.changes { request.no_check() } else { request }
    }
}

/// The call a method makes with these arguments.
pub fn call(method: &'static Method<Returns>, arguments: &Arguments) -> Call {
    let mut list = "";
    let params = arguments.iter().map(|(_, argument)| match argument {
        Argument::Text(name) | Argument::Holder(_, name) => json!(name),
        Argument::Texts(names) => json!(names),
        Argument::Operation(operation) => {
            list = list_name(*operation);
            json!(list)
        }
        // An entry repeats the list it is on.
        Argument::Subjects(subjects) => subjects.iter().map(|who| entry(list, who)).collect(),
        Argument::Subject(who) => json!(who.name()),
        Argument::Flag(set) => json!(set),
        Argument::Number(number) => json!(number),
        // Contents are named by their ids here.
        Argument::Place(_) | Argument::Places(_) => Value::Null,
    });
    let params = params.collect();
    Call { method: method.route.path.to_owned(), params, changes: method.changes, route: &method.route }
}

/// An entry of a restriction list.
fn entry(list: &str, who: &Who) -> Value {
    match who {
        Who::User(name) => json!({"type": list, "userName": name, "groupName": null}),
        Who::Group(name) => json!({"type": list, "userName": null, "groupName": name}),
    }
}

/// The name of a restriction list here.
fn list_name(operation: RestrictionOperation) -> &'static str {
    match operation {
        RestrictionOperation::View => "View",
        RestrictionOperation::Edit => "Edit",
    }
}

#[cfg(test)]
mod tests {
    use super::super::methods::METHODS;
    use super::*;

    /// The call of a method by its Python name.
    fn asked(name: &str, given: Value) -> Call {
        let method = METHODS.iter().find(|method| method.name == name).unwrap();
        call(method, &Arguments::read(method, given.as_object().unwrap()).unwrap())
    }

    #[test]
    fn the_light_form_is_the_method_in_the_path_and_the_parameters_as_the_body() {
        let request = asked("space_permission_sets", json!({"space": "ds"})).light();
        assert_eq!(request.line(), "POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets");
        assert_eq!(request.body, Some(json!(["ds"])));
        assert!(request.route.idempotent && request.query.is_empty() && request.headers.is_empty());
        assert_eq!(call(&methods::groups, &Arguments::NONE).light().body, Some(json!([])));
        assert_eq!(Call::any("a/b", vec![], false).light().path, "/rpc/json-rpc/confluenceservice-v2/a%2Fb");
    }

    #[test]
    fn the_standard_form_is_an_envelope() {
        let request = asked("space_permission_sets", json!({"space": "KEY"})).envelope(7);
        assert_eq!(request.line(), "POST /rpc/json-rpc/confluenceservice-v2");
        assert_eq!(
            request.body,
            Some(json!({"jsonrpc": "2.0", "method": "getSpacePermissionSets", "params": ["KEY"], "id": 7}))
        );
    }

    #[test]
    fn every_method_takes_its_parameters_in_its_own_order() {
        let cases = [
            ("space_permission_sets", json!({"space": "ds"}), "getSpacePermissionSets", r#"["ds"]"#, false),
            (
                "space_permission_set",
                json!({"space": "ds", "permission_type": "view"}),
                "getSpacePermissionSet",
                r#"["ds","VIEWSPACE"]"#,
                false,
            ),
            ("space_level_permissions", json!({}), "getSpaceLevelPermissions", "[]", false),
            ("permissions", json!({"space": "ds"}), "getPermissions", r#"["ds"]"#, false),
            (
                "permissions_for_user",
                json!({"space": "ds", "user": "user:ann"}),
                "getPermissionsForUser",
                r#"["ds","ann"]"#,
                false,
            ),
            ("content_permission_sets", json!({"content": "65564"}), "getContentPermissionSets", r#"["65564"]"#, false),
            ("page_permissions", json!({"content": "65564"}), "getPagePermissions", r#"["65564"]"#, false),
            (
                "set_content_permissions",
                json!({"content": "7", "permission_type": "Edit", "subjects": []}),
                "setContentPermissions",
                r#"["7","Edit",[]]"#,
                true,
            ),
            (
                "add_permission_to_space",
                json!({"permission_type": "VIEWSPACE", "subject": "user:ann", "space": "ds"}),
                "addPermissionToSpace",
                r#"["VIEWSPACE","ann","ds"]"#,
                true,
            ),
            (
                "add_permissions_to_space",
                json!({"permission_types": ["VIEWSPACE", "COMMENT"], "subject": "eng", "space": "ds"}),
                "addPermissionsToSpace",
                r#"[["VIEWSPACE","COMMENT"],"eng","ds"]"#,
                true,
            ),
            (
                "remove_permission_from_space",
                json!({"permission_type": "VIEWSPACE", "subject": "ann", "space": "ds"}),
                "removePermissionFromSpace",
                r#"["VIEWSPACE","ann","ds"]"#,
                true,
            ),
            (
                "add_anonymous_permission_to_space",
                json!({"permission_type": "VIEWSPACE", "space": "ds"}),
                "addAnonymousPermissionToSpace",
                r#"["VIEWSPACE","ds"]"#,
                true,
            ),
            (
                "add_anonymous_permissions_to_space",
                json!({"permission_types": ["VIEWSPACE"], "space": "ds"}),
                "addAnonymousPermissionsToSpace",
                r#"[["VIEWSPACE"],"ds"]"#,
                true,
            ),
            (
                "remove_anonymous_permission_from_space",
                json!({"permission_type": "VIEWSPACE", "space": "ds"}),
                "removeAnonymousPermissionFromSpace",
                r#"["VIEWSPACE","ds"]"#,
                true,
            ),
            (
                "add_global_permission",
                json!({"permission_type": "USECONFLUENCE", "subject": "eng"}),
                "addGlobalPermission",
                r#"["USECONFLUENCE","eng"]"#,
                true,
            ),
            (
                "add_global_permissions",
                json!({"permission_types": ["USECONFLUENCE"], "subject": "group:eng"}),
                "addGlobalPermissions",
                r#"[["USECONFLUENCE"],"eng"]"#,
                true,
            ),
            (
                "remove_global_permission",
                json!({"permission_type": "USECONFLUENCE", "subject": "eng"}),
                "removeGlobalPermission",
                r#"["USECONFLUENCE","eng"]"#,
                true,
            ),
            ("add_anonymous_use_permission", json!({}), "addAnonymousUsePermission", "[]", true),
            (
                "add_anonymous_view_user_profile_permission",
                json!({}),
                "addAnonymousViewUserProfilePermission",
                "[]",
                true,
            ),
            ("spaces", json!({}), "getSpaces", "[]", false),
            ("pages", json!({"space": "ds"}), "getPages", r#"["ds"]"#, false),
            ("groups", json!({}), "getGroups", "[]", false),
            ("user_groups", json!({"user": "ann"}), "getUserGroups", r#"["ann"]"#, false),
            ("add_group", json!({"group": "eng & ops"}), "addGroup", r#"["eng & ops"]"#, true),
            ("remove_group", json!({"group": "eng", "move_to": ""}), "removeGroup", r#"["eng",""]"#, true),
            ("add_user_to_group", json!({"user": "ann", "group": "eng"}), "addUserToGroup", r#"["ann","eng"]"#, true),
            (
                "remove_user_from_group",
                json!({"user": "ann", "group": "eng"}),
                "removeUserFromGroup",
                r#"["ann","eng"]"#,
                true,
            ),
            ("deactivate_user", json!({"user": "ann"}), "deactivateUser", r#"["ann"]"#, true),
            ("reactivate_user", json!({"user": "ann"}), "reactivateUser", r#"["ann"]"#, true),
        ];
        for (name, given, method, params, changes) in cases {
            let call = asked(name, given);
            let said = (call.method, Value::Array(call.params).to_string(), call.changes);
            assert_eq!(said, (method.to_owned(), params.to_owned(), changes));
        }
    }

    #[test]
    fn a_row_has_as_many_parameters_as_the_signature_of_the_server() {
        for method in METHODS {
            let (_, inside) = method.server.split_once('(').unwrap();
            let named = inside.trim_end_matches(')').split(',').filter(|name| !name.is_empty()).count();
            assert_eq!(named, method.parameters.len(), "{}", method.name);
        }
    }

    #[test]
    fn a_change_is_not_sent_twice_and_says_that_no_browser_sent_it() {
        let request = asked("add_group", json!({"group": "eng"})).light();
        assert!(!request.route.idempotent);
        assert_eq!(request.headers, [("X-Atlassian-Token", "no-check".to_owned())]);
    }

    #[test]
    fn a_restriction_list_is_written_entry_by_entry() {
        let given = json!({"content": "7", "permission_type": "edit", "subjects": ["user:ann", "group:eng"]});
        assert_eq!(
            asked("set_content_permissions", given).params,
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
