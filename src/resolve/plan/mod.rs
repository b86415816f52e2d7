//! What a plan would make of a site: its texts looked up in the snapshot, its steps taken on the facts.

mod facts;
mod names;
mod rights;
mod what_if;

pub(super) use rights::follow;
pub(super) use what_if::Editor;

pub use names::{LineLookup, PlanLookup};
pub use what_if::{PlanFailure, what_if};
