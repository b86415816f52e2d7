//! The audit log: `rest/auditing/1.0`, and the one before it.

use super::super::Options;
use super::super::exchange::Answer;
use super::super::state::Site;
use super::{Caller, Happening, Visit};

/// What happened.
pub(in super::super) struct Log;

impl Log {
    pub(super) fn new(_options: &Options, _site: &Site) -> Self {
        Self
    }

    /// Writes down what somebody has just done; `site` is the site before it.
    pub(super) fn record(&self, _site: &Site, _caller: &Caller, _happening: Happening) {}
}

/// Answers a route under `/rest/auditing/1.0`.
pub(super) fn answer(_visit: &Visit<'_>, _path: &[&str]) -> Option<Answer> {
    None
}

/// Answers a route under `/rest/api/audit`.
pub(super) fn legacy(_visit: &Visit<'_>, _path: &[&str]) -> Option<Answer> {
    None
}
