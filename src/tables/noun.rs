//! The tables of a snapshot.

use super::membership::expand;
use super::table::Table;
use crate::model::{Noun, Record, Snapshot};

impl Noun {
    /// The table, with the gaps that affect it.
    pub fn table(self, snapshot: &Snapshot) -> Table {
        match self {
            Self::Spaces => self.of(&snapshot.spaces, snapshot),
            Self::Contents => self.of(&snapshot.contents, snapshot),
            Self::Users => self.of(&snapshot.users, snapshot),
            Self::Groups => self.of(&snapshot.groups, snapshot),
            Self::Memberships => {
                self.of(&expand(&snapshot.groups, &snapshot.users, &snapshot.memberships, None), snapshot)
            }
            Self::SpacePermissions => self.of(&snapshot.space_permissions, snapshot),
            Self::Restrictions => self.of(&snapshot.restrictions, snapshot),
            Self::Gaps => Table::new(&snapshot.gaps, []),
        }
    }

    fn of<R: Record>(self, rows: &[R], snapshot: &Snapshot) -> Table {
        Table::new(rows, snapshot.gaps.iter().filter(|gap| self.misses_rows(gap)).cloned().collect::<Vec<_>>())
    }
}
