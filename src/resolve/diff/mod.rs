//! What became of access between two snapshots of a site: whose answers differ, and what made them differ.

mod cause;
mod compare;
mod desk;
mod difference;
mod fact;
mod moved;
mod pair;
mod planned;
mod question;
mod rows;
mod text;
mod when;

pub use compare::{CompareOptions, MatchBy, Side, Unmatched, UnmatchedKind, UnmatchedReason};
pub use difference::{Difference, DifferentSites};
pub use fact::CauseKind;
pub use rows::{AccessChange, DiffOptions};
