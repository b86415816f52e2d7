//! The audit log: events by cursor, and what the server writes down at all.

use std::cmp::Reverse;

use super::site::Site;
use crate::apis::auditing::{lift, requests};
use crate::apis::{Request, errors};
use crate::fetch::audit::{AuditRange, Seen, by_offset};
use crate::fetch::limit::Line;
use crate::fetch::pages::{Walk, gap_of};
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{AuditRecord, Gap, GapCause, GapScope, Listing, Timestamp};

/// What changes of permissions are recorded under: the area, the lowest level, and what is missing below it.
// Source: https://confluence.atlassian.com/doc/audit-log-events-in-confluence-1019395498.html
const NEEDED: [(&str, &str, &str); 3] = [
    ("END_USER_ACTIVITY", "ADVANCED", "changes of page restrictions"),
    ("PERMISSIONS", "BASE", "changes of the permissions of spaces and of the site"),
    ("USER_MANAGEMENT", "BASE", "changes of groups and their members"),
];

/// The action every reading of the log is recorded as; leaving it out hides nothing.
const SEARCHED: [&str; 2] = ["atlassian.audit.event.action.audit.search", "Audit Log search performed"];

fn rank(level: &str) -> Option<usize> {
    ["OFF", "BASE", "ADVANCED", "FULL"].iter().position(|known| level.eq_ignore_ascii_case(known))
}

/// Whether a server says by this that it has no such route.
fn is_absent(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405 | 410 | 501))
}

fn gap(subject: &str, cause: GapCause, message: String, request: &Request) -> Gap {
    Gap::new((GapScope::Audit, subject), cause, message).at(request.line())
}

impl Site<'_> {
    /// The records of the audit log in a range, newest first, each once. The end of the range is fixed before the first
    /// page, because every reading is recorded in the log itself. What the server is set up not to record is a gap.
    ///
    /// # Errors
    /// Where the first page cannot be read. What fails later is a gap beside the records read until then.
    pub(in crate::fetch) async fn audit(&self, range: &AuditRange) -> Result<Listing<AuditRecord>> {
        let until = range.until.unwrap_or_else(|| Timestamp::now().as_millisecond());
        let (events, unrecorded) = futures::join!(self.events(range, until), self.unrecorded());
        let mut log = match events {
            Ok(mut log) => {
                log.gaps.extend(unrecorded);
                log.gaps.extend(raised(&log.rows));
                log
            }
            // Before 7.5 there is another log, and no coverage of it.
            Err(error) if is_absent(&error) => self.legacy(range, until).await?,
            Err(error) => return Err(self.refused(error)),
        };
        // Whether a server counts the bounds in is not said anywhere.
        let wanted = |at: i64| range.since.is_none_or(|since| at >= since) && at <= until;
        log.rows.retain(|record| record.at.is_none_or(|at| wanted(at.as_millisecond())));
        log.rows.sort_by_key(|record| Reverse(record.at));
        Ok(log)
    }

    /// Why reading a range would take more than `most` requests, as far as its first page shows. Logins and page views may
    /// be recorded too. A server without this log records too little: before 7.5 there is no saying what.
    pub(in crate::fetch) async fn log_is_long(&self, range: &AuditRange, most: usize) -> Option<String> {
        let request = requests::events(range.since, range.until, None, requests::LIMIT);
        let page = match self.session.ask(&request, self.session.brief(), &lift::events).await {
            Ok(page) => page,
            Err(error) if error.status() == Some(400) => return None,
            Err(error) => return Some(self.refused(error).to_string()),
        };
        let times = || page.rows.iter().filter_map(|record| record.at);
        let (Some(first), Some(last), Some(since), Some(_)) = (times().min(), times().max(), range.since, &page.next)
        else {
            return None;
        };
        let (read, all) = (last.as_millisecond() - first.as_millisecond(), last.as_millisecond() - since);
        let pages = all / read.max(1);
        (pages > i64::try_from(most).unwrap_or(i64::MAX)).then(|| {
            format!("to read the audit log would take about {pages} requests, more than to read the permissions again")
        })
    }

    async fn events(&self, range: &AuditRange, until: i64) -> Result<Listing<AuditRecord>> {
        let since = range.since.map(|since| since.saturating_sub(1));
        let request = |limit| requests::events(since, Some(until.saturating_add(1)), range.text(), limit);
        match self.walk_events(request(requests::LIMIT)).await {
            Err(error) if error.status() == Some(400) => self.walk_events(request(requests::FEWER)).await,
            walked => walked,
        }
    }

    async fn walk_events(&self, request: Request) -> Result<Listing<AuditRecord>> {
        let seen = Seen::new();
        let walk = Walk {
            request,
            read: &lift::events,
            key: &|record| seen.name(record),
            scope: GapScope::Audit,
            subject: String::new(),
            shrink: true,
            line: Line::default(),
            tell: &|_| {},
        };
        let walked = walk.run(self.session.transport).await?;
        Ok(Listing { rows: walked.rows, gaps: walked.gaps })
    }

    async fn legacy(&self, range: &AuditRange, until: i64) -> Result<Listing<AuditRecord>> {
        let request = |start| requests::legacy(range.since, Some(until), range.text(), start, requests::LIMIT);
        by_offset(self.session.transport, request, &lift::legacy).await.map_err(|error| self.refused(error))
    }

    /// What the server is set up not to record, one gap each, and one where it does not say.
    async fn unrecorded(&self) -> Vec<Gap> {
        let (coverage, denylist) = (requests::coverage(), requests::denylist());
        let budget = self.session.brief();
        let (levels, denied) = futures::join!(
            self.session.ask(&coverage, budget, &lift::coverage),
            self.session.ask(&denylist, budget, &lift::denylist),
        );
        let mut gaps = match &levels {
            Ok(page) => {
                let mut gaps = page.gaps.clone();
                gaps.extend(NEEDED.iter().filter_map(|needed| below(*needed, &page.rows, &coverage)));
                gaps
            }
            Err(error) => {
                let mut gap = gap_of(error, GapScope::Audit, "coverage");
                gap.message =
                    format!("it is not known whether {} are recorded: {error}", NEEDED.map(|n| n.2).join(", "));
                vec![gap]
            }
        };
        match denied {
            Ok(page) => {
                gaps.extend(page.gaps);
                let actions: Vec<String> =
                    page.rows.iter().filter(|a| !SEARCHED.contains(&a.as_str())).cloned().collect();
                if !actions.is_empty() {
                    let shown: Vec<String> =
                        actions.iter().take(10).map(|action| format!("`{}`", errors::plain(action, 80))).collect();
                    let more = match actions.len().saturating_sub(shown.len()) {
                        0 => String::new(),
                        more => format!(" and {more} more"),
                    };
                    let message = format!("the server is configured not to record {}{more}", shown.join(", "));
                    gaps.push(gap("denylist", GapCause::NotRecorded, message, &denylist));
                }
            }
            // Older versions have no such list; and who may not read the one may not read the other.
            Err(error) if is_absent(&error) || levels.is_err() => {}
            Err(error) => gaps.push(gap_of(&error, GapScope::Audit, "denylist")),
        }
        gaps.into_iter().map(|gap| self.session.transport.clean(gap)).collect()
    }

    /// What a refusal of the audit log means, and what to do.
    fn refused(&self, refused: Error) -> Error {
        let (kind, text) = match refused.status() {
            Some(403) => (
                ErrorKind::Forbidden,
                "the audit log is open to administrators only: use the credentials of a Confluence or system administrator",
            ),
            Some(404 | 405 | 410 | 501) => (
                refused.kind(),
                "there is no audit log at `rest/auditing/1.0`, nor at `rest/api/audit` as before 7.5: check the context \
                 path in `url`, and whether the auditing app of the server is enabled",
            ),
            _ => return refused,
        };
        let text = format!("{text} (the server answered {})", refused.status().unwrap_or_default());
        let mut error = self.session.transport.error(kind, &requests::events(None, None, None, requests::LIMIT), text);
        let parts = error.parts_mut();
        parts.status = refused.status();
        parts.attempts = refused.attempts();
        parts.request_id = refused.request_id().map(str::to_owned);
        error
    }
}

/// The gap of an area that is recorded at a lower level than is needed.
fn below((area, lowest, what): (&str, &str, &str), levels: &[(String, String)], asked: &Request) -> Option<Gap> {
    let Some((_, level)) = levels.iter().find(|(known, _)| known == area) else {
        let message = format!("it is not known whether {what} are recorded: the server does not say how {area} is");
        return Some(gap(area, GapCause::NotListed, message, asked));
    };
    match rank(level) {
        Some(rank_of) if Some(rank_of) >= rank(lowest) => None,
        Some(_) => {
            let message = format!(
                "{what} are not recorded: {area} is recorded at {level}, they need {lowest} (audit log settings of the server)"
            );
            Some(gap(area, GapCause::NotRecorded, message, asked))
        }
        None => {
            let word = errors::plain(level, 40);
            let message = format!("it is not known whether {what} are recorded: {area} is recorded at `{word}`");
            Some(gap(area, GapCause::Unreadable, message, asked))
        }
    }
}

/// The gap of a log in which more is recorded from some moment on: before it, less was.
fn raised(records: &[AuditRecord]) -> Option<Gap> {
    let is_raise = |record: &&AuditRecord| {
        let config = record.action_key.as_deref().is_some_and(|key| key.contains("audit.config.updated"));
        let level = |text: &Option<String>| text.as_deref().and_then(|text| rank(text.trim()));
        config
            && record.changes.iter().any(|value| level(&value.old).is_some() && level(&value.new) > level(&value.old))
    };
    let at = records.iter().filter(is_raise).filter_map(|record| record.at).max()?;
    let message = format!("more is recorded since {at}: changes before that may not have been");
    Some(gap("coverage", GapCause::NotRecorded, message, &requests::coverage()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AuditValue;

    fn said(levels: &[(&str, &str)]) -> Vec<(String, GapCause)> {
        let levels: Vec<_> = levels.iter().map(|(area, level)| ((*area).to_owned(), (*level).to_owned())).collect();
        let asked = requests::coverage();
        let gaps = NEEDED.iter().filter_map(|needed| below(*needed, &levels, &asked));
        gaps.map(|gap| (gap.subject, gap.cause)).collect()
    }

    #[test]
    fn an_area_below_its_level_is_a_gap_and_one_at_it_is_none() {
        let whole = [("END_USER_ACTIVITY", "ADVANCED"), ("PERMISSIONS", "BASE"), ("USER_MANAGEMENT", "FULL")];
        assert_eq!(said(&whole), []);
        let pair = |area: &str, cause: GapCause| (area.to_owned(), cause);
        for level in ["OFF", "BASE"] {
            let mut some = whole;
            some[0].1 = level;
            assert_eq!(said(&some), [pair("END_USER_ACTIVITY", GapCause::NotRecorded)]);
        }
        assert_eq!(
            said(&[("PERMISSIONS", "OFF"), ("USER_MANAGEMENT", "SOME")]),
            [
                pair("END_USER_ACTIVITY", GapCause::NotListed),
                pair("PERMISSIONS", GapCause::NotRecorded),
                pair("USER_MANAGEMENT", GapCause::Unreadable)
            ]
        );
    }

    #[test]
    fn a_level_that_was_raised_leaves_a_gap_before_it() {
        let change = |old: &str, new: &str| AuditRecord {
            at: "2026-11-01T08:00:00Z".parse().ok(),
            action_key: Some("atlassian.audit.event.action.audit.config.updated".to_owned()),
            changes: vec![AuditValue { name: None, old: Some(old.to_owned()), new: Some(new.to_owned()) }],
            ..AuditRecord::default()
        };
        let gap = raised(&[change("Base", "Advanced"), change("3 Years", "1 Year")]).unwrap();
        assert!(gap.message.contains("since 2026-11-01T08:00:00Z"), "{}", gap.message);
        assert_eq!(raised(&[change("Advanced", "Base"), change("3 Years", "1 Year")]), None);
    }
}
