//! The site as it was: what a log of changes says was different before, undone on a snapshot, and the history of one answer.
//!
//! [`act`] reads which [`point`] each change switched, [`log`] orders them and tests them against the snapshot, [`undone`] keeps what was
//! different at a moment, [`before`] makes a snapshot of it, and [`intervals`] asks one question at each moment an answer
//! may have changed, which the [`cone`] of the answer tells. What a change leaves open is a [`doubt`](doubts): a gap of the snapshot, so that the answers it
//! touches are unknown.

mod act;
mod before;
mod cone;
mod doubts;
mod intervals;
mod log;
mod point;
mod undone;

pub use before::{NotInTime, as_of};
pub use intervals::{AccessInterval, history};
pub use log::Changes;
