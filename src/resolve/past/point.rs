//! What a change can switch.

use crate::model::plan::Fact;

/// Something that holds or does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Point {
    Fact(Fact),
    /// The public link of a content is on.
    Link(String),
    /// Anonymous access to the site is on.
    Anonymous,
    /// The admin key of an account is on.
    AdminKey(String),
    /// An account is active.
    Active(String),
}
