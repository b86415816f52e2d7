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
    let route = first.route();
    let asked = first.parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(1_u64);
    let stop = |cause: GapCause, message: &str| {
        Gap::new((GapScope::Audit, ""), cause, format!("{route}: {message}")).at(route.clone())
    };
    let mut log = Listing::default();
    let mut seen = Seen::new();
    // Where the next page starts, and the record that should stand there.
    let (mut start, mut last) = (0_u64, None);
    let (mut back, mut stale, mut idle, mut empty) = (0, 0, 0, 0);
    let mut before = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = match ask(transport, &request(start), transport.full(), read).await {
            Ok(page) => page,
            Err(error) if start == 0 && log.rows.is_empty() => return Err(error),
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
        if received == 0 {
            if last.take().is_some() {
                // The record that stood here is gone, or the server has its own idea of where pages start.
                start += 1;
            } else if page.next.is_some() {
                // Rows were filtered out of this page.
                empty += 1;
                start = start.saturating_add(limit);
                if empty > EMPTY_PAGES {
                    log.gaps.push(stop(GapCause::TooManyEmptyPages, "pages without rows, each naming a next one"));
                    return Ok(log);
                }
            } else {
                return Ok(log);
            }
            continue;
        }
        empty = 0;
        let hashes: Vec<(u64, u64)> = page.rows.iter().map(|record| seen.hash(record)).collect();
        let found = last.is_none_or(|last| hashes.contains(&last));
        let mut fresh = 0;
        for (record, hash) in page.rows.into_iter().zip(&hashes) {
            if seen.hashes.insert(*hash) {
                log.rows.push(record);
                fresh += 1;
            }
        }
        if !found {
            // Records went away from before this place: between the last page and this one others may stand.
            if back < STEPS_BACK {
                back += 1;
                start = start.saturating_sub(limit / 2 + 1);
                last = last.filter(|_| start > 0);
                continue;
            }
            log.gaps.push(stop(
                GapCause::Drift,
                "the log changed while it was read, and records may be missing: read it again",
            ));
        }
        back = if found { 0 } else { back };
        if fresh == 0 {
            if page.next.is_none() && received < limit {
                return Ok(log);
            }
            idle += 1;
            stale = if hashes == before { stale + 1 } else { 0 };
            if stale > STALE_PAGES || idle > IDLE_PAGES {
                log.gaps.push(stop(GapCause::Loop, "pages brought nothing new; stopped there"));
                return Ok(log);
            }
        } else {
            (stale, idle) = (0, 0);
        }
        let end = start.saturating_add(received);
        // A page of one row cannot overlap and get on, and a row that could not be read is not recognised again.
        let overlap = hashes.last().copied().filter(|_| received > 1 && hashes.len() as u64 == received);
        (start, last) = match overlap {
            Some(hash) => (end - 1, Some(hash)),
            None => (end, None),
        };
        before = hashes;
    }
    log.gaps.push(stop(GapCause::Truncated, "the log has no end; stopped there"));
    Ok(log)
}
