//! Why: every gate with its outcome, who stopped the subject, and what would open it.

mod builder;
mod records;
mod text;

pub(super) use builder::explain;
pub use records::{
    Explanation, Fix, Gate, GateName, IrrelevantRestriction, ListedPrincipal, Outcome, Place, SubjectState, SwitchUse,
    Way, WayIn,
};
