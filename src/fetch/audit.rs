//! The walk through the audit log: a listing by offset that grows while it is read.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use super::Result;
use super::pages::{Read, ask, gap_of};
use super::transport::Transport;
use crate::apis::Request;
use crate::model::{AuditRecord, Gap, GapCause, GapScope, Listing};

/// How often the walk goes back to find where it was.
const STEPS_BACK: u32 = 8;

/// The same page again and again before the walk stops, where the server says that there is more.
const STALE_PAGES: u32 = 3;

/// Pages of known records only, as after many steps back, before the walk stops.
const IDLE_PAGES: u32 = 50;

/// Pages without any row before the walk stops, where the server says that there is more.
const EMPTY_PAGES: u32 = 20;

/// Most pages: what a year can hold, many times over.
const MOST_PAGES: u32 = 100_000;

/// Which part of the log is wanted. Moments in milliseconds since 1970, both included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRange {
    /// From; `None`: whatever the site still keeps.
    pub since: Option<i64>,
    /// Until; `None`: the moment reading begins.
    pub until: Option<i64>,
    /// Only records in which a text stands.
    pub search: Option<String>,
}

impl AuditRange {
    /// The text that is searched for.
    pub(super) fn text(&self) -> Option<&str> {
        self.search.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}

/// Which log is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AuditSource {
    /// That of Confluence.
    #[default]
    Confluence,
    /// That of the organization, which knows of all its sites and products.
    Organization,
    /// Both. What both noted is there twice: nothing in one says that it is the same as in the other.
    Both,
}

impl AuditSource {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confluence => "confluence",
            Self::Organization => "organization",
            Self::Both => "both",
        }
    }

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Confluence, Self::Organization, Self::Both].into_iter().find(|source| source.as_str() == word)
    }
}

/// Whether `text`, in lower case, stands in any of the values of a record.
pub(super) fn holds(raw: &str, text: &str) -> bool {
    fn found(value: &serde_json::Value, text: &str) -> bool {
        use serde_json::Value;
        match value {
            Value::String(value) => value.to_lowercase().contains(text),
            Value::Array(all) => all.iter().any(|value| found(value, text)),
            Value::Object(all) => all.values().any(|value| found(value, text)),
            _ => false,
        }
    }
    serde_json::from_str(raw).is_ok_and(|value| found(&value, text))
}

/// Tells records from one another: they have no id, so the whole of one is its own.
pub(super) struct Seen {
    hashes: HashSet<(u64, u64)>,
    hashers: (RandomState, RandomState),
}

impl Seen {
    pub(super) fn new() -> Self {
        Self { hashes: HashSet::new(), hashers: (RandomState::new(), RandomState::new()) }
    }

    /// Whether a text is a new one.
    pub(super) fn is_new(&mut self, text: &str) -> bool {
        self.hashes.insert((self.hashers.0.hash_one(text), self.hashers.1.hash_one(text)))
    }

    /// A name for a record, the same for the same text.
    pub(super) fn name(&self, record: &AuditRecord) -> String {
        let (first, second) = self.hash(record);
        format!("{first:016x}{second:016x}")
    }

    fn hash(&self, record: &AuditRecord) -> (u64, u64) {
        // The order of members and the space between them are the server's business.
        let canonical = serde_json::from_str::<serde_json::Value>(&record.raw)
            .map_or_else(|_| record.raw.clone(), |value| sorted(value).to_string());
        (self.hashers.0.hash_one(&canonical), self.hashers.1.hash_one(&canonical))
    }
}

/// The same value with the members of every object in the order of their names, whatever order this build keeps.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(rows) => Value::Array(rows.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Where a walk by offset is, and what it saw last.
#[derive(Default)]
struct Position {
    /// Where the next page starts.
    start: u64,
    /// The record that should stand there.
    last: Option<(u64, u64)>,
    /// Steps back in a row.
    back: u32,
    /// The same page in a row.
    stale: u32,
    /// Pages of known records in a row.
    idle: u32,
    /// Pages without rows in a row.
    empty: u32,
    /// The page before.
    before: Vec<(u64, u64)>,
}

/// What a walk does after a page.
enum Next {
    Page,
    End,
    Stop(GapCause, &'static str),
}

impl Position {
    /// After a page without rows. `more`: the server says that there is more.
    fn pass_empty(&mut self, more: bool, limit: u64) -> Next {
        if self.last.take().is_some() {
            // The record that stood here is gone, or the server has its own idea of where pages start.
            self.start += 1;
        } else if more {
            // Rows were filtered out of this page.
            self.empty += 1;
            self.start = self.start.saturating_add(limit);
            if self.empty > EMPTY_PAGES {
                return Next::Stop(GapCause::TooManyEmptyPages, "pages without rows, each naming a next one");
            }
        } else {
            return Next::End;
        }
        Next::Page
    }

    /// Whether a page begins where the one before ended.
    fn is_found_in(&self, hashes: &[(u64, u64)]) -> bool {
        self.last.is_none_or(|last| hashes.contains(&last))
    }

    /// Goes back to find where it was: records went away from before this place, so between the last page and this one
    /// others may stand. `false`: it has gone back far enough.
    fn step_back(&mut self, limit: u64) -> bool {
        if self.back >= STEPS_BACK {
            return false;
        }
        self.back += 1;
        self.start = self.start.saturating_sub(limit / 2 + 1);
        self.last = self.last.filter(|_| self.start > 0);
        true
    }

    /// After a page with rows, `fresh` of which are new.
    fn pass(&mut self, hashes: Vec<(u64, u64)>, fresh: usize, received: u64, ends: bool) -> Next {
        if fresh > 0 {
            (self.stale, self.idle) = (0, 0);
        } else if ends {
            return Next::End;
        } else {
            self.idle += 1;
            self.stale = if hashes == self.before { self.stale + 1 } else { 0 };
            if self.stale > STALE_PAGES || self.idle > IDLE_PAGES {
                return Next::Stop(GapCause::Loop, "pages brought nothing new; stopped there");
            }
        }
        let end = self.start.saturating_add(received);
        // A page of one row cannot overlap and get on, and a row that could not be read is not recognised again.
        let overlap = hashes.last().copied().filter(|_| received > 1 && hashes.len() as u64 == received);
        (self.start, self.last) = match overlap {
            Some(hash) => (end - 1, Some(hash)),
            None => (end, None),
        };
        self.before = hashes;
        Next::Page
    }
}

/// The records a log lists by offset, each once.
///
/// Some records are written late, with their own date, and move the others; so each page begins with the last record of the
/// page before, and where it does not, the walk goes back until it finds where it was.
///
/// # Errors
/// Where the first page cannot be read. What fails later is a gap beside the records read until then.
pub(super) async fn by_offset(
    transport: &Transport,
    request: impl Fn(u64) -> Request,
    read: Read<'_, AuditRecord>,
) -> Result<Listing<AuditRecord>> {
    let first = request(0);
    let route = first.line();
    let asked = first.parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(1_u64);
    let stop = |cause: GapCause, message: &str| {
        Gap::new((GapScope::Audit, ""), cause, format!("{route}: {message}")).at(route.clone())
    };
    let mut log = Listing::default();
    let mut seen = Seen::new();
    let mut at = Position::default();
    for _ in 0..MOST_PAGES {
        let page = match ask(transport, &request(at.start), transport.full(), read).await {
            Ok(page) => page,
            Err(error) if at.start == 0 && log.rows.is_empty() => return Err(error),
            Err(error) => {
                log.gaps.push(gap_of(&error, GapScope::Audit, ""));
                return Ok(log);
            }
        };
        let received = page.received as u64;
        let limit = page.limit.filter(|limit| *limit > 0).unwrap_or(asked);
        for gap in page.gaps {
            if !log.gaps.contains(&gap) {
                log.gaps.push(gap);
            }
        }
        let next = if received == 0 {
            at.pass_empty(page.next.is_some(), limit)
        } else {
            at.empty = 0;
            let hashes: Vec<(u64, u64)> = page.rows.iter().map(|record| seen.hash(record)).collect();
            let found = at.is_found_in(&hashes);
            let before = log.rows.len();
            let rows = page.rows.into_iter().zip(&hashes);
            log.rows.extend(rows.filter(|(_, hash)| seen.hashes.insert(**hash)).map(|(record, _)| record));
            if found {
                at.back = 0;
            } else if at.step_back(limit) {
                continue;
            } else {
                let text = "the log changed while it was read, and records may be missing: read it again";
                log.gaps.push(stop(GapCause::Drift, text));
            }
            let ends = page.next.is_none() && received < limit;
            at.pass(hashes, log.rows.len() - before, received, ends)
        };
        match next {
            Next::Page => {}
            Next::End => return Ok(log),
            Next::Stop(cause, message) => {
                log.gaps.push(stop(cause, message));
                return Ok(log);
            }
        }
    }
    log.gaps.push(stop(GapCause::Truncated, "the log has no end; stopped there"));
    Ok(log)
}
