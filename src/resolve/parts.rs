//! The list of parts of answers.

use super::explanation::{Fix, Gate, IrrelevantRestriction, ListedPrincipal, Place, SubjectState, SwitchUse, WayIn};
use super::tree::{TreeLevel, TreeList};
use crate::model::Part;

/// All parts, in the order they are documented.
pub const PARTS: &[Part] = &[
    SubjectState::PART,
    Place::PART,
    ListedPrincipal::PART,
    Gate::PART,
    WayIn::PART,
    Fix::PART,
    IrrelevantRestriction::PART,
    SwitchUse::PART,
    TreeList::PART,
    TreeLevel::PART,
];
