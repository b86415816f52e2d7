//! What is given in a space, as a change needs to know it: permissions with their ids, roles as they are assigned.

use super::{routes, wire};
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{Page, Unreadable};
use crate::apis::vocabulary;
use crate::model::{GapScope, Permission, Subject};

/// A permission of a subject that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Id by which it can be taken away; `None`: the server did not say.
    pub id: Option<String>,
    /// Whose.
    pub subject: Subject,
    /// What.
    pub permission: Permission,
}

/// A role of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Whose.
    pub subject: Subject,
    /// Id of the role.
    pub role_id: String,
}

/// Who a principal is; one without type or id is unknown.
pub(super) fn subject_of(principal: Option<wire::Principal>) -> Subject {
    let principal = principal.unwrap_or(wire::Principal { kind: None, id: None });
    vocabulary::principal(principal.kind.as_deref(), principal.id.as_deref())
}

/// Reads the permissions given in the space `space_key`, with their ids.
///
/// # Errors
/// Where the answer is no such listing.
pub fn grants(body: &[u8], space_key: &str) -> Result<Page<Grant>, Unreadable> {
    let about = About::new((GapScope::SpacePermissions, space_key), &routes::SPACE_PERMISSIONS);
    Ok(Listing::read(body)?.each(&about, |row: wire::SpacePermissionAssignment, page: &mut Page<Grant>| {
        let said = row.operation.map(|operation| (operation.key, operation.target)).unwrap_or_default();
        let (Some(key), Some(target)) = said else {
            let message = format!("a permission in space `{space_key}` does not say what it allows");
            page.gaps.push(about.unreadable(message));
            return;
        };
        let permission = Permission::from_cloud(&key, &target);
        page.rows.push(Grant { id: row.id, subject: subject_of(row.principal), permission });
    }))
}

/// Reads who has which role in the space `space_key`.
///
/// # Errors
/// Where the answer is no such listing.
pub fn assignments(body: &[u8], space_key: &str) -> Result<Page<Assignment>, Unreadable> {
    let about = About::new((GapScope::SpacePermissions, space_key), &routes::ROLE_ASSIGNMENTS);
    Ok(Listing::read(body)?.each(&about, |row: wire::SpaceRoleAssignment, page: &mut Page<Assignment>| {
        match row.role_id {
            Some(role_id) => page.rows.push(Assignment { subject: subject_of(row.principal), role_id }),
            None => page.gaps.push(about.unreadable(format!("an assignment in space `{space_key}` names no role"))),
        }
    }))
}
