//! Plans of changes: what their lines say, and what they come to on the facts of a site.
//!
//! Both wings use this: what a plan would do to a snapshot, and what has to be written to a site, is decided here once.

mod changes;
mod differences;
mod facts;
mod lines;
mod step;
mod undo;

pub use changes::{Change, Names, Planned, Reach, Refusal, Refused, Remaining, changes};
pub use differences::{Difference, Entry, ListWish, NOT_THERE, THERE_ALREADY, Target, opens};
pub use facts::{Fact, Facts, Position};
pub use lines::{ChangePlan, InvalidPlan};
pub use step::{InvalidStep, Mention, Step};
pub use undo::undo;
