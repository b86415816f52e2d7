//! What v1 says, as facts of the model.

mod audit;
mod people;
mod restrictions;
mod site;
mod space_permissions;

use super::wire;
use crate::apis::subject_lists::object;
use crate::model::Origin;

pub use audit::audit;
pub(crate) use audit::audit_record;
pub use people::{
    Caller, anonymous_user, current_user, group_by_id, group_members, group_picker, groups, member_of, search_user,
    user,
};
pub use restrictions::{
    ContentRestrictions, Found, ListState, SubjectList, content_restriction, content_search, restriction_by_operation,
    restriction_by_operations,
};
pub use site::{Check, SiteFacts, permission_check, system_info, tenant_info};
pub use space_permissions::space_with_permissions;

fn origin(route: &str) -> Origin {
    Origin::new(format!("cloud_v1 {route}"))
}

#[cfg(test)]
mod tests;
