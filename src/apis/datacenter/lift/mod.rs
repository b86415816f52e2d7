//! What Data Center says, as facts of the model.

mod contents;
mod dialect;
mod people;
mod permissions;
mod restrictions;
mod site;

use super::{routes, wire};

pub use contents::{Found, content, contents, scan, search, space, spaces};
pub use people::{current_user, group, group_members, groups, member_of, nested_groups, search_user, user, users};
pub use permissions::{
    anonymous_global_permissions, anonymous_space_permissions, global_permissions, space_permissions,
    space_with_permissions, unlicensed_global_permissions,
};
pub use restrictions::{Layer, relevant_view_restrictions, restriction_by_operation, restriction_by_operations};
pub use site::{access_mode, manifest_version, server_information};

#[cfg(test)]
mod tests;
