//! What the gateway is asked: one operation each. Positions in a listing are added by [`Request::continued`].
// Source: https://www.npmjs.com/package/@atlassian/forge-graphql-types (version 4.3.0, `src/graphql-types.ts`)

use serde_json::{Value, json};

use super::routes;
use crate::apis::request::Request;

/// Rows on a page. The schema names no largest page.
pub const LIMIT: u32 = 100;

const SITE: &str = "query PublicLinkSite { publicLinkSiteStatus { status } }";

const SPACES: &str = "query PublicLinkSpaces($first: Int, $after: String) { \
    publicLinkSpacesByCriteria(first: $first, after: $after) { \
    nodes { spaceId spaceKey status stats { publicLinks { active } } } pageInfo { hasNextPage endPage } } }";

const LINKS: &str = "query PublicLinks($spaceId: ID!, $first: Int, $after: String) { \
    publicLinksByCriteria(spaceId: $spaceId, status: [ON], first: $first, after: $after) { \
    nodes { id status } pageInfo { hasNextPage endPage } } }";

fn query(name: &str, text: &str, variables: Value) -> Request {
    Request::to(&routes::QUERY, &[])
        .body(json!({"operationName": name, "query": text, "variables": variables}))
        .positions("after", "start")
}

/// Whether public links work on the site.
pub fn public_link_site() -> Request {
    query("PublicLinkSite", SITE, json!({}))
}

/// The spaces of the site, each with whether public links work there and how many are on.
pub fn public_link_spaces(limit: u32) -> Request {
    query("PublicLinkSpaces", SPACES, json!({"first": limit}))
}

/// The public links of a space that are on.
pub fn public_links(space_id: &str, limit: u32) -> Request {
    query("PublicLinks", LINKS, json!({"spaceId": space_id, "first": limit}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::Continuation;

    #[test]
    fn one_operation_is_one_body() {
        let site = public_link_site();
        assert_eq!(site.line(), "POST /gateway/api/graphql");
        let text = "query PublicLinkSite { publicLinkSiteStatus { status } }";
        assert_eq!(site.body, Some(json!({"operationName": "PublicLinkSite", "query": text, "variables": {}})));
        let text = "query PublicLinkSpaces($first: Int, $after: String) { publicLinkSpacesByCriteria(first: $first, \
            after: $after) { nodes { spaceId spaceKey status stats { publicLinks { active } } } \
            pageInfo { hasNextPage endPage } } }";
        let body = json!({"operationName": "PublicLinkSpaces", "query": text, "variables": {"first": 100}});
        assert_eq!(public_link_spaces(100).body, Some(body));
        let text = "query PublicLinks($spaceId: ID!, $first: Int, $after: String) { publicLinksByCriteria(spaceId: \
            $spaceId, status: [ON], first: $first, after: $after) { nodes { id status } \
            pageInfo { hasNextPage endPage } } }";
        let variables = json!({"spaceId": "98305", "first": 100});
        let body = json!({"operationName": "PublicLinks", "query": text, "variables": variables});
        assert_eq!(public_links("98305", 100).body, Some(body));
    }

    #[test]
    fn the_position_in_a_listing_goes_into_its_variables() {
        let first = public_links("98305", 100);
        let second = first.continued(&Continuation::Cursor("abc=".into())).unwrap();
        let variables = second.body.as_ref().and_then(|body| body.get("variables"));
        assert_eq!(variables, Some(&json!({"spaceId": "98305", "first": 100, "after": "abc="})));
        assert!(second.query.is_empty() && second.route.idempotent);
        assert!(second.continued(&Continuation::Cursor("abc=".into())).is_err());
    }
}
