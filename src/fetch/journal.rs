//! What happened on the way that no answer contains: requests that were repeated, waits, and how long all of that took.
//!
//! Tasks only add to it, and never wait for whoever reads it. A reader takes the events out whenever it likes.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::locked::Locked as _;

/// The most events that are kept while nobody reads them.
const KEPT: usize = 1000;

/// What a request was repeated or given up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// It is sent again after a wait of our own choice, or one that the server asked for.
    Retry,
    /// The server limits the rate: no request is sent until the wait is over.
    RateLimit,
    /// The server asks for a longer wait than a call may take: this route is left alone for a while.
    TooLong,
    /// The token was refused: a new one is used.
    NewToken,
}

impl EventKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::RateLimit => "rate_limit",
            Self::TooLong => "too_long",
            Self::NewToken => "new_token",
        }
    }
}

/// One event. It contains no secret: a route has ids as `{id}`, and a request id passed through the redaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Method and path, with ids as `{id}`.
    pub route: String,
    /// HTTP status, if there was one.
    pub status: Option<u16>,
    /// What went wrong, as a word: `server_error`, `timeout` …
    pub cause: &'static str,
    /// The server's id of the request.
    pub request_id: Option<String>,
    /// How often it was sent so far.
    pub attempt: u32,
    /// How long it waits.
    pub wait: Duration,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wait = self.wait.as_secs_f64();
        match self.status {
            Some(status) => write!(f, "{}: {} ({status})", self.route, self.cause)?,
            None => write!(f, "{}: {}", self.route, self.cause)?,
        }
        match self.kind {
            EventKind::Retry => write!(f, ", attempt {}, again in {wait:.1} s", self.attempt)?,
            EventKind::RateLimit => write!(f, ", attempt {}, no request is sent for {wait:.1} s", self.attempt)?,
            EventKind::TooLong => write!(f, ", asks to wait {wait:.0} s, longer than a call may take: given up")?,
            EventKind::NewToken => write!(f, ", attempt {}, again with a new token", self.attempt)?,
        }
        self.request_id.as_ref().map_or(Ok(()), |id| write!(f, " (request id {id})"))
    }
}

/// What a request waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// The server limits the rate.
    RateLimit,
    /// A failed request is repeated.
    Retry,
    /// As many requests as allowed were under way, or the pace was kept.
    Slot,
}

/// Time that requests waited so far, added up over all requests.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Waited {
    /// Because the server limits the rate.
    pub rate_limits: Duration,
    /// Before other repetitions.
    pub retries: Duration,
    /// Because as many requests as allowed were under way, or to keep the pace.
    pub slots: Duration,
}

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Event>,
    dropped: u64,
    paused_until: Option<Instant>,
}

/// The events of a client, shared by its site and its organization.
#[derive(Debug, Default)]
pub struct Journal {
    kept: Mutex<Kept>,
    /// In microseconds, by [`Waiting`].
    waited: [AtomicU64; 3],
    /// By how many seconds the clock of the server is ahead of ours, by its first answer.
    clock: OnceLock<f64>,
}

impl Journal {
    pub(super) fn add(&self, event: Event) {
        tracing::debug!(%event, "on the way");
        let mut kept = self.kept.locked();
        if event.kind == EventKind::RateLimit {
            let until = Instant::now().checked_add(event.wait);
            kept.paused_until = kept.paused_until.max(until);
        }
        if kept.events.len() < KEPT {
            kept.events.push_back(event);
        } else {
            kept.dropped += 1;
        }
    }

    pub(super) fn waited_for(&self, what: Waiting, time: Duration) {
        if let Some(sum) = self.waited.get(what as usize) {
            sum.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// The time in an answer of the server; the first one counts.
    pub(super) fn told_time(&self, server: jiff::Timestamp, now: jiff::Timestamp) {
        self.clock.get_or_init(|| server.duration_since(now).as_secs_f64());
    }

    /// By how many seconds the clock of the server is ahead of ours; `None` until it has said what time it is. Exact to a
    /// second or two: that is how it is sent.
    pub fn clock_ahead(&self) -> Option<f64> {
        self.clock.get().copied()
    }

    /// Takes out the events, and how many more there were than are kept.
    pub fn take(&self) -> (Vec<Event>, u64) {
        let mut kept = self.kept.locked();
        (kept.events.drain(..).collect(), std::mem::take(&mut kept.dropped))
    }

    /// What is left of the wait that the server asked for; `None` if requests may be sent.
    pub fn paused(&self) -> Option<Duration> {
        self.kept.locked().paused_until?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Time that requests waited so far.
    pub fn waited(&self) -> Waited {
        let of = |what: Waiting| {
            let sum = self.waited.get(what as usize).map_or(0, |sum| sum.load(Ordering::Relaxed));
            Duration::from_micros(sum)
        };
        Waited { rate_limits: of(Waiting::RateLimit), retries: of(Waiting::Retry), slots: of(Waiting::Slot) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, wait: u64) -> Event {
        Event {
            kind,
            route: "GET /wiki/api/v2/spaces/{id}".to_owned(),
            status: Some(503),
            cause: "server_error",
            request_id: Some("abc".to_owned()),
            attempt: 2,
            wait: Duration::from_millis(wait),
        }
    }

    #[test]
    fn an_event_says_what_happened_and_what_comes_next() {
        for (kind, text) in [
            (EventKind::Retry, ", attempt 2, again in 0.4 s (request id abc)"),
            (EventKind::RateLimit, ", attempt 2, no request is sent for 0.4 s (request id abc)"),
            (EventKind::TooLong, ", asks to wait 0 s, longer than a call may take: given up (request id abc)"),
            (EventKind::NewToken, ", attempt 2, again with a new token (request id abc)"),
        ] {
            let expected = format!("GET /wiki/api/v2/spaces/{{id}}: server_error (503){text}");
            assert_eq!(event(kind, 400).to_string(), expected);
        }
    }

    #[test]
    fn what_nobody_reads_is_counted_and_not_kept_for_ever() {
        let journal = Journal::default();
        for _ in 0..KEPT + 7 {
            journal.add(event(EventKind::Retry, 1));
        }
        let (events, dropped) = journal.take();
        assert_eq!((events.len(), dropped), (KEPT, 7));
        assert_eq!(journal.take(), (Vec::new(), 0));
    }

    #[test]
    fn a_pause_ends_and_the_longest_one_counts() {
        let journal = Journal::default();
        assert_eq!(journal.paused(), None);
        journal.add(event(EventKind::Retry, 60_000));
        assert_eq!(journal.paused(), None, "one request waits, the others are sent");
        journal.add(event(EventKind::RateLimit, 60_000));
        journal.add(event(EventKind::RateLimit, 1));
        assert!(journal.paused().is_some_and(|left| left > Duration::from_secs(50)));
        journal.waited_for(Waiting::Slot, Duration::from_millis(5));
        journal.waited_for(Waiting::Slot, Duration::from_millis(6));
        assert_eq!(journal.waited().slots, Duration::from_millis(11));
        assert_eq!(journal.waited().retries, Duration::ZERO);
    }
}
