//! The one route: what is asked is in the body.
// Source: https://www.npmjs.com/package/@atlassian/forge-graphql-types

routes! { "graphql";
    /// A query.
    reads QUERY = Post "/gateway/api/graphql";
}
