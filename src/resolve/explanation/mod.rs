//! Why: every gate with its outcome, who stopped the subject, and what would open it.

mod advice;
mod builder;
mod doubts;
mod explain;
mod gates;
mod records;
mod text;

pub(super) use explain::explain;
pub use records::{
    Explanation, Fix, Gate, GateName, IrrelevantRestriction, ListedPrincipal, Outcome, Place, SubjectState, SwitchUse,
    Way, WayIn,
};
