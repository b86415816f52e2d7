//! What is given in a space, as a change needs to know it: permissions with their ids, roles as they are assigned.

use super::{subject_of, wire};
use crate::apis::reading::{Page, Unreadable, gap, listing};
use crate::apis::vocabulary;
use crate::model::{GapCause, GapScope, Permission, Subject};

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

/// Reads the permissions given in the space `space_key`, with their ids.
///
/// # Errors
/// Where the answer is no such listing.
pub fn grants(body: &[u8], space_key: &str) -> Result<Page<Grant>, Unreadable> {
    const ROUTE: &str = "GET /wiki/api/v2/spaces/{id}/permissions";
    let (elements, mut page) = listing::<wire::SpacePermissionAssignment, _>(body)?;
    for element in elements {
        let row = match element {
            Ok(row) => row,
            Err(broken) => {
                page.gaps.push(broken.gap(GapScope::SpacePermissions, space_key, ROUTE));
                continue;
            }
        };
        let (Some(key), Some(target)) =
            row.operation.map(|operation| (operation.key, operation.target)).unwrap_or_default()
        else {
            let message = format!("a permission in space `{space_key}` does not say what it allows");
            page.gaps.push(gap(GapScope::SpacePermissions, space_key, GapCause::Unreadable, message, ROUTE));
            continue;
        };
        page.rows.push(Grant {
            id: row.id,
            subject: subject_of(row.principal),
            permission: vocabulary::permission(&key, &target),
        });
    }
    Ok(page)
}

/// Reads who has which role in the space `space_key`.
///
/// # Errors
/// Where the answer is no such listing.
pub fn assignments(body: &[u8], space_key: &str) -> Result<Page<Assignment>, Unreadable> {
    const ROUTE: &str = "GET /wiki/api/v2/spaces/{id}/role-assignments";
    let (elements, mut page) = listing::<wire::SpaceRoleAssignment, _>(body)?;
    for element in elements {
        let unreadable =
            |message: String| gap(GapScope::SpacePermissions, space_key, GapCause::Unreadable, message, ROUTE);
        match element {
            Ok(wire::SpaceRoleAssignment { principal, role_id: Some(role_id) }) => {
                page.rows.push(Assignment { subject: subject_of(principal), role_id });
            }
            Ok(_) => page.gaps.push(unreadable(format!("an assignment in space `{space_key}` names no role"))),
            Err(broken) => page.gaps.push(broken.gap(GapScope::SpacePermissions, space_key, ROUTE)),
        }
    }
    Ok(page)
}
