//! The events that are written down.

use std::collections::BTreeMap;

use serde_json::Value;

use super::event::{Action, Author, Event, Level, Record};

pub(super) struct Kept {
    /// In the order of their dates, and of their ids where dates are the same.
    pub(super) records: Vec<Record>,
    pub(super) last_id: u64,
    pub(super) coverage: BTreeMap<&'static str, Level>,
    /// Keys of actions that are not written down.
    pub(super) denied: Vec<String>,
    pub(super) retention: Value,
}

impl Kept {
    pub(super) fn covers(&self, action: &Action) -> bool {
        let area = self.coverage.get(action.area).copied().unwrap_or(Level::Base);
        // What is done to the log itself is always in it.
        (action.area == "AUDIT_LOG" || area >= action.level) && !self.denied.iter().any(|key| key == action.key)
    }

    /// The events from one moment to another, both included.
    pub(super) fn between(&self, since: i64, until: i64) -> &[Record] {
        let first = self.records.partition_point(|record| record.at < since);
        let end = self.records.partition_point(|record| record.at <= until);
        self.records.get(first..end.max(first)).unwrap_or_default()
    }

    /// Writes an event down, unless its area is not to be.
    pub(super) fn write(&mut self, at: i64, author: Author, source: &str, event: Event) {
        if self.covers(event.action) {
            self.last_id += 1;
            let place = self.records.partition_point(|record| record.at <= at);
            self.records.insert(place, Record { id: self.last_id, at, author, source: source.to_owned(), event });
        }
    }

    /// Writes down what is done now. No two such events have the same date.
    pub(super) fn write_now(&mut self, author: Author, event: Event) {
        let last = self.records.last().map_or(i64::MIN, |record| record.at);
        self.write(now().max(last.saturating_add(1)), author, "203.0.113.7", event);
    }
}

pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
