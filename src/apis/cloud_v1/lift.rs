//! What v1 says, as facts of the model.

mod audit;
mod dialect;
mod people;
mod restrictions;
mod site;

use super::{routes, wire};
pub use audit::audit;
pub(crate) use audit::audit_record;
pub use people::{Caller, current_user, group_by_id, group_members, groups, member_of, search_user, user};
pub use restrictions::{
    ContentRestrictions, Found, ListState, SubjectList, content_restriction, content_search, restriction_by_operation,
};
pub use site::{Check, SiteFacts, permission_check, system_info, tenant_info};

#[cfg(test)]
mod tests;
