//! How far a call has come: counters that another thread reads whenever it likes.

use std::sync::atomic::{AtomicU64, Ordering};

/// One stage, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What is counted: `spaces`, `permissions`, `contents`, `restrictions`, `groups`, `members`, `users`.
    pub name: &'static str,
    /// How many are done.
    pub done: u64,
    /// How many there are to do; `None` while that is not known.
    pub total: Option<u64>,
}

/// The stages of a snapshot, in the order they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Spaces,
    Permissions,
    Contents,
    Restrictions,
    Groups,
    Members,
    Users,
}

const NAMES: [&str; 7] = ["spaces", "permissions", "contents", "restrictions", "groups", "members", "users"];

/// Not known yet.
const OPEN: u64 = u64::MAX;

#[derive(Debug)]
struct Counter {
    done: AtomicU64,
    total: AtomicU64,
}

/// Counters per stage. The crawl adds to them; a display reads [`Progress::stages`] whenever it likes.
#[derive(Debug)]
pub struct Progress {
    counters: [Counter; NAMES.len()],
}

impl Default for Progress {
    fn default() -> Self {
        Self { counters: std::array::from_fn(|_| Counter { done: AtomicU64::new(0), total: AtomicU64::new(OPEN) }) }
    }
}

impl Progress {
    /// Counters at nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The stages as they stand now.
    pub fn stages(&self) -> Vec<Stage> {
        NAMES
            .iter()
            .zip(&self.counters)
            .map(|(name, counter)| {
                let total = counter.total.load(Ordering::Relaxed);
                Stage { name, done: counter.done.load(Ordering::Relaxed), total: (total != OPEN).then_some(total) }
            })
            .collect()
    }

    fn counter(&self, step: Step) -> Option<&Counter> {
        self.counters.get(step as usize)
    }

    /// `n` more are done.
    pub(super) fn add(&self, step: Step, n: usize) {
        if let Some(counter) = self.counter(step) {
            counter.done.fetch_add(n as u64, Ordering::Relaxed);
        }
    }

    /// `n` more are to do.
    pub(super) fn expect(&self, step: Step, n: usize) {
        if let Some(counter) = self.counter(step) {
            let _ = counter.total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |total| {
                Some(if total == OPEN { n as u64 } else { total.saturating_add(n as u64) })
            });
        }
    }

    /// A stage is over: what is done is all there was.
    pub(super) fn close(&self, step: Step) {
        if let Some(counter) = self.counter(step) {
            counter.total.store(counter.done.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_has_no_total_until_somebody_knows_it() {
        let progress = Progress::new();
        progress.add(Step::Contents, 3);
        let contents = progress.stages().into_iter().find(|s| s.name == "contents").unwrap();
        assert_eq!((contents.done, contents.total), (3, None));
        progress.expect(Step::Contents, 5);
        progress.expect(Step::Contents, 5);
        assert_eq!(progress.stages()[2].total, Some(10));
        progress.close(Step::Contents);
        assert_eq!(progress.stages()[2].total, Some(3));
    }
}
