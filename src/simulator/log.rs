//! What was asked, and when.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// One request the simulator received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`, `POST`.
    pub method: String,
    /// Path as it was sent, without query.
    pub path: String,
    /// Query as it was sent, without the question mark; empty where there was none.
    pub query: String,
    /// Name of the route that answered, such as `GET /wiki/api/v2/spaces/{id}/permissions`; `None` where no route did.
    pub route: Option<&'static str>,
    /// Status answered; 0 while there is none, and for ever where the client or a fault ended the exchange before it.
    pub status: u16,
    /// What a fault did to the answer.
    pub fault: Option<&'static str>,
    /// When the request had arrived.
    pub started: Instant,
    /// When the answer was ready to be sent; `None` while it is not.
    pub finished: Option<Instant>,
    /// Requests under way at that moment, this one included.
    pub in_flight: usize,
}

/// A request the simulator did not understand. A test that talks to it fails on any of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected {
    /// `GET`, `POST`.
    pub method: String,
    /// Path as it was sent, without query.
    pub path: String,
    /// Query as it was sent.
    pub query: String,
    /// What is wrong with it.
    pub reason: String,
}

impl std::fmt::Display for Unexpected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = if self.query.is_empty() { "" } else { "?" };
        write!(f, "{} {}{mark}{}: {}", self.method, self.path, self.query, self.reason)
    }
}

#[derive(Default)]
struct Entries {
    requests: Vec<LoggedRequest>,
    unexpected: Vec<Unexpected>,
    in_flight: usize,
    max_in_flight: usize,
    /// Counts how often the log was cleared: an entry of an earlier log is not there to be completed.
    cleared: usize,
}

/// The log of a running simulator.
#[derive(Default)]
pub(super) struct Log(Mutex<Entries>);

impl Log {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn start(&self, method: &str, path: &str, query: &str) -> Ticket<'_> {
        let mut entries = self.entries();
        entries.in_flight += 1;
        let in_flight = entries.in_flight;
        entries.max_in_flight = entries.max_in_flight.max(in_flight);
        entries.requests.push(LoggedRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            route: None,
            status: 0,
            fault: None,
            started: Instant::now(),
            finished: None,
            in_flight,
        });
        Ticket { log: self, at: entries.requests.len() - 1, cleared: entries.cleared }
    }

    pub(super) fn unexpected(&self, what: Unexpected) {
        self.entries().unexpected.push(what);
    }

    pub(super) fn all(&self) -> Vec<LoggedRequest> {
        self.entries().requests.clone()
    }

    pub(super) fn all_unexpected(&self) -> Vec<Unexpected> {
        self.entries().unexpected.clone()
    }

    pub(super) fn max_in_flight(&self) -> usize {
        self.entries().max_in_flight
    }

    pub(super) fn clear(&self) {
        let mut entries = self.entries();
        entries.requests.clear();
        entries.unexpected.clear();
        entries.max_in_flight = entries.in_flight;
        entries.cleared += 1;
    }
}

/// A request under way; it ends when this is dropped, which also happens when the client goes away.
pub(super) struct Ticket<'a> {
    log: &'a Log,
    at: usize,
    cleared: usize,
}

impl Ticket<'_> {
    fn edit(&self, change: impl FnOnce(&mut LoggedRequest)) {
        let mut entries = self.log.entries();
        if entries.cleared == self.cleared
            && let Some(entry) = entries.requests.get_mut(self.at)
        {
            change(entry);
        }
    }

    pub(super) fn route(&self, route: &'static str) {
        self.edit(|entry| entry.route = Some(route));
    }

    pub(super) fn fault(&self, fault: &'static str) {
        self.edit(|entry| entry.fault = Some(fault));
    }

    pub(super) fn status(&self, status: u16) {
        self.edit(|entry| entry.status = status);
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.edit(|entry| entry.finished = Some(Instant::now()));
        let mut entries = self.log.entries();
        entries.in_flight = entries.in_flight.saturating_sub(1);
    }
}
