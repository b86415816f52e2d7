//! What the organization is asked. Positions in a listing are added by [`Request::continued`].
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/intro/

use serde_json::json;

use super::routes;
use crate::apis::request::Request;

/// Page size of directories and groups. The documents name no largest one.
pub const LIMIT: u32 = 100;

/// The organizations the key belongs to.
pub fn organizations() -> Request {
    Request::to(&routes::ORGANIZATIONS, &[])
}

/// The domains an organization has claimed, verified or not. The route takes no page size.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-domains/
pub fn domains(org_id: &str) -> Request {
    Request::to(&routes::DOMAINS, &[org_id])
}

/// The directories of an organization.
pub fn directories(org_id: &str, limit: u32) -> Request {
    Request::to(&routes::DIRECTORIES, &[org_id]).with("limit", limit)
}

/// The groups of all directories of an organization. The position goes into the body. The GET that answers the same
/// stops on 2027-06-30.
pub fn groups(org_id: &str, limit: u32) -> Request {
    Request::to(&routes::GROUPS, &[org_id]).body(json!({ "limit": limit }))
}

/// The accounts of all directories of an organization, with when each last used which product. A hundred in a request,
/// where `GET …/users/{accountId}/last-active-dates` says the same of one.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-users/
pub fn accounts(org_id: &str, limit: u32) -> Request {
    Request::to(&routes::USERS, &[org_id]).body(json!({ "limit": limit, "expand": ["productAccess"] }))
}

/// The role that makes a product admin.
const PRODUCT_ADMIN: &str = "atlassian/admin";

/// A search for the product admins of the Confluence site `cloud_id`. Without the site, it would find the admins of every
/// product.
fn administering(cloud_id: &str, limit: u32) -> serde_json::Value {
    json!({ "limit": limit, "roleIds": [PRODUCT_ADMIN], "resourceIds": [format!("ari:cloud:confluence::site/{cloud_id}")] })
}

/// The accounts, of all directories of an organization, that administer Confluence on the site `cloud_id`. The GET that
/// answers the same stops on 2027-06-30.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-users/
pub fn product_admins(org_id: &str, cloud_id: &str, limit: u32) -> Request {
    Request::to(&routes::USERS, &[org_id]).body(administering(cloud_id, limit))
}

/// The groups that make their members such accounts.
pub fn product_admin_groups(org_id: &str, cloud_id: &str, limit: u32) -> Request {
    Request::to(&routes::GROUPS, &[org_id]).body(administering(cloud_id, limit))
}

/// What happened in an organization between two moments (milliseconds since 1970), oldest first. The route that takes
/// filters answers ten times a minute; this one is made for reading everything.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/
pub fn events(org_id: &str, since: Option<i64>, until: Option<i64>, limit: u32) -> Request {
    let mut request = Request::to(&routes::EVENTS, &[org_id]);
    for (name, moment) in [("from", since), ("to", until)] {
        if let Some(moment) = moment {
            request = request.with(name, moment);
        }
    }
    request.with("limit", limit)
}

/// The entries of synchronised directories that stand behind an account.
// Source: https://developer.atlassian.com/cloud/admin/user-provisioning/rest/intro/
pub fn scim_links(org_id: &str, account_id: &str) -> Request {
    Request::to(&routes::SCIM_LINKS, &[org_id, account_id])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::Continuation;

    #[test]
    fn the_organization_is_asked_as_documented() {
        assert_eq!(organizations().line(), "GET /admin/v1/orgs");
        assert_eq!(domains("0a-1").line(), "GET /admin/v1/orgs/0a-1/domains");
        assert!(domains("0a-1").query.is_empty());
        assert_eq!(directories("0a-1", 100).line(), "GET /admin/v2/orgs/0a-1/directories");
        let events = events("0a-1", Some(5), None, 100);
        assert_eq!(events.line(), "GET /admin/v1/orgs/0a-1/events-stream");
        assert_eq!(events.query, [("from".to_owned(), "5".to_owned()), ("limit".to_owned(), "100".to_owned())]);
        let admins = product_admins("0a-1", "1f-2", 100);
        assert_eq!(admins.line(), "POST /admin/v2/orgs/0a-1/directories/-/users/search");
        let expanded = Some(json!({"limit": 100, "expand": ["productAccess"]}));
        assert_eq!((accounts("0a-1", 100).line(), accounts("0a-1", 100).body), (admins.line(), expanded));
        let asked =
            json!({"limit": 100, "roleIds": ["atlassian/admin"], "resourceIds": ["ari:cloud:confluence::site/1f-2"]});
        assert_eq!(admins.body, Some(asked.clone()));
        assert_eq!(product_admin_groups("0a-1", "1f-2", 100).body, Some(asked));
        assert_eq!(groups("0a/1", 100).line(), "POST /admin/v2/orgs/0a%2F1/directories/-/groups/search");
        assert_eq!(
            scim_links("0a", "712020:b/c").line(),
            "GET /admin/user-provisioning/v1/org/0a/user/712020%3Ab%2Fc/get-scim-links"
        );
    }

    #[test]
    fn the_position_in_a_search_goes_into_its_body() {
        let first = groups("0a", 50);
        let second = first.continued(&Continuation::Cursor("abc=".into())).unwrap();
        assert_eq!(second.body, Some(json!({"limit": 50, "cursor": "abc="})));
        assert!(second.query.is_empty() && second.route.idempotent);
        assert!(second.continued(&Continuation::Cursor("abc=".into())).is_err());
    }
}
