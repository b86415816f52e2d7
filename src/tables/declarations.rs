//! The list of records.

use super::{Membership, Pair};
use crate::model::{
    AuditRecord, CheckResult, Content, Declaration, Directory, DirectoryLink, Gap, GlobalPermission, Group, Identity,
    LastActive, PermissionChange, Refreshed, Restriction, Space, SpacePermission, User, WriteResult,
};
use crate::resolve::{
    AccessChange, AccessInterval, Acl, AclChange, Audience, ContentAccess, Disagreement, Exposure, Finding, Grantee,
    Measured, SpaceAccess, SummaryRow, Unmatched, Use,
};

/// All public declarations, in the order they are documented.
pub fn declarations() -> Vec<Declaration> {
    vec![
        Declaration::of::<Space>(),
        Declaration::of::<Content>(),
        Declaration::of::<User>(),
        Declaration::of::<Group>(),
        Declaration::of::<Membership>(),
        Declaration::of::<Directory>(),
        Declaration::of::<DirectoryLink>(),
        Declaration::of::<LastActive>(),
        Declaration::of::<Identity>(),
        Declaration::of::<SpacePermission>(),
        Declaration::of::<GlobalPermission>(),
        Declaration::of::<Restriction>(),
        Declaration::of::<AuditRecord>(),
        Declaration::of::<PermissionChange>(),
        Declaration::of::<Gap>(),
        Declaration::of::<Refreshed>(),
        Declaration::of::<Grantee>(),
        Declaration::of::<ContentAccess>(),
        Declaration::of::<Use>(),
        Declaration::of::<SummaryRow>(),
        Declaration::of::<SpaceAccess>(),
        Declaration::of::<Audience>(),
        Declaration::of::<Acl>(),
        Declaration::of::<AclChange>(),
        Declaration::of::<AccessChange>(),
        Declaration::of::<AccessInterval>(),
        Declaration::of::<Unmatched>(),
        Declaration::of::<Finding>(),
        Declaration::of::<Exposure>(),
        Declaration::of::<Pair>(),
        Declaration::of::<CheckResult>(),
        Declaration::of::<Disagreement>(),
        Declaration::of::<Measured>(),
        Declaration::of::<WriteResult>(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declaration_is_complete() {
        let declarations = declarations();
        assert!(declarations.len() >= 12, "only {} records", declarations.len());
        for declaration in declarations {
            assert!(declaration.meaning().ends_with('.'), "{} says what one row is", declaration.name);
            let mut names: Vec<_> = declaration.columns.iter().map(|c| c.name).collect();
            for column in &declaration.columns {
                assert!(column.doc.ends_with('.'), "{}.{} has a sentence", declaration.name, column.name);
                assert!(!column.doc.contains(['|', '\n']), "{} fits a table", column.doc);
            }
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), declaration.columns.len(), "{} has a column twice", declaration.name);
        }
    }
}
