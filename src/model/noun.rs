//! The nouns of a snapshot: its tables by name, and what a gap means to them.

use super::{Gap, GapCause, Missing, SiteFact};

/// A table of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// Spaces.
    Spaces,
    /// Contents.
    Contents,
    /// Accounts.
    Users,
    /// Groups.
    Groups,
    /// Accounts in groups, nested groups followed.
    Memberships,
    /// Permissions in spaces.
    SpacePermissions,
    /// Restrictions.
    Restrictions,
    /// What could not be read.
    Gaps,
}

impl Noun {
    /// All of them, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Spaces,
        Self::Contents,
        Self::Users,
        Self::Groups,
        Self::Memberships,
        Self::SpacePermissions,
        Self::Restrictions,
        Self::Gaps,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spaces => "spaces",
            Self::Contents => "contents",
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Memberships => "memberships",
            Self::SpacePermissions => "space_permissions",
            Self::Restrictions => "restrictions",
            Self::Gaps => "gaps",
        }
    }

    /// Whether a gap means that rows of the table may be missing. Rows that depend on missing rows are missing too, and
    /// an unknown gap counts for every table.
    pub fn misses_rows(self, gap: &Gap) -> bool {
        let nouns: &[Self] = match gap.missing() {
            Missing::Space(_) => &[Self::Contents, Self::Restrictions],
            Missing::SpacePermissions(_) => &[Self::SpacePermissions],
            Missing::Content(_) | Missing::Operation(_) => &[Self::Restrictions],
            Missing::Group(_) => &[Self::Memberships],
            Missing::User(_) => &[Self::Users],
            Missing::Audit(_) => &[],
            Missing::Site(fact) => match fact {
                SiteFact::Spaces => &[Self::Spaces, Self::Contents, Self::SpacePermissions, Self::Restrictions],
                SiteFact::Contents => &[Self::Contents, Self::Restrictions],
                SiteFact::Accounts | SiteFact::Users => &[Self::Users],
                SiteFact::Groups => &[Self::Groups, Self::Memberships],
                SiteFact::NestedGroups | SiteFact::Memberships => &[Self::Memberships],
                SiteFact::SpacePermissions
                | SiteFact::SpacePermissionCatalogue
                | SiteFact::SpaceRoles
                | SiteFact::RoleMode => &[Self::SpacePermissions],
                SiteFact::Restrictions => &[Self::Restrictions],
                // A key that ended early hid what only it opens; one that could not be given back hid nothing.
                SiteFact::AdminKey if gap.cause == GapCause::Truncated => {
                    &[Self::Spaces, Self::Contents, Self::SpacePermissions, Self::Restrictions]
                }
                // Rows of no table, but values in them: null where they could not be read.
                SiteFact::AdminKey
                | SiteFact::GlobalPermissions
                | SiteFact::Anonymous
                | SiteFact::PublicLinks
                | SiteFact::Plan
                | SiteFact::ProductAdmins
                | SiteFact::ReadOnly
                | SiteFact::Organization
                | SiteFact::VerifiedDomains
                | SiteFact::Extender
                | SiteFact::JsonRpc => &[],
            },
            Missing::Unknown => return true,
        };
        nouns.contains(&self)
    }
}
