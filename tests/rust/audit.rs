//! The audit log, read while it grows, shrinks, breaks off or is refused.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use confluence_access::fetch::{AuditRange, Error, ErrorKind};
use confluence_access::model::{AuditRecord, ChangeScope, Confidence, GapScope, Listing, PermissionChange};
use confluence_access::resolve::{Asked, permission_changes};
use confluence_access::simulator::{Effect, Fault, Options, Simulator, cast};
use serde_json::{Value, json};

use crate::support::{client, run, started};

fn read(simulator: &Simulator, range: &AuditRange) -> Result<Listing<AuditRecord>, Error> {
    run(client(simulator).audit(range))
}

fn asked_for_audit(simulator: &Simulator) -> Vec<String> {
    let audit = simulator.requests().into_iter().filter(|request| request.path == "/wiki/rest/api/audit");
    audit.map(|request| request.query).collect()
}

#[test]
fn every_record_is_there_once_newest_first_and_as_it_came() {
    let simulator = started(Options { audit_records: 2_345, page_cap: Some(100), ..Options::default() });
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (2_345, 0));
    assert!(log.rows.is_sorted_by_key(|record| std::cmp::Reverse(record.at)));
    for record in &log.rows {
        let raw: Value = serde_json::from_str(&record.raw).unwrap();
        assert_eq!(raw["summary"].as_str(), record.action.as_deref());
        assert_eq!(raw["creationDate"].as_i64(), record.at.map(|at| at.as_millisecond()));
    }
    let queries = asked_for_audit(&simulator);
    assert!(queries.len() <= 25, "{} requests for 24 pages", queries.len());
    let ends: HashSet<&str> =
        queries.iter().filter_map(|q| q.split('&').find(|part| part.starts_with("endDate="))).collect();
    assert_eq!(ends.len(), 1, "the end is fixed before the first page");
    assert!(simulator.unexpected().is_empty());
}

#[test]
fn records_that_come_in_meanwhile_neither_repeat_nor_hide_others() {
    let before = started(Options { audit_records: 900, ..Options::default() });
    let told = |log: &Listing<AuditRecord>| -> HashSet<(Option<String>, String)> {
        // Both sites were made up at a moment of their own.
        log.rows.iter().map(|r| (r.action.clone(), format!("{:?}{:?}", r.objects, r.changes))).collect()
    };
    let quiet = told(&read(&before, &AuditRange::default()).unwrap());
    let simulator =
        started(Options { audit_records: 900, audit_arrivals: 7, page_cap: Some(50), ..Options::default() });
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert!(log.gaps.is_empty(), "{:#?}", log.gaps);
    let raw: HashSet<&str> = log.rows.iter().map(|record| record.raw.as_str()).collect();
    assert_eq!(raw.len(), log.rows.len(), "a record is there twice");
    assert!(log.rows.len() >= 900);
    assert!(told(&log).is_superset(&quiet), "a record is missing");
}

#[test]
fn records_that_go_away_meanwhile_hide_no_others() {
    // Oldest first, and the oldest are thrown away while somebody reads: what follows moves to earlier places.
    let simulator = started(Options { audit_records: 20, ..Options::default() });
    let gone = Arc::new(AtomicI64::new(-1));
    let count = Arc::clone(&gone);
    simulator.inject(Fault::on(
        "/rest/api/audit",
        Effect::edit(move |body| {
            let lost = 30 * count.fetch_add(1, Ordering::SeqCst).max(-1) + 30;
            let start = body["start"].as_i64().unwrap();
            let rows: Vec<Value> = (lost.max(0) + start..1000)
                .take(200)
                .map(|n| json!({"creationDate": 1_700_000_000_000_i64 + n, "summary": format!("Page archived {n}")}))
                .collect();
            body["size"] = json!(rows.len());
            body["limit"] = json!(200);
            body["results"] = json!(rows);
            body["_links"] = json!({});
        }),
    ));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    let mut seen: Vec<i64> = log.rows.iter().map(|r| r.at.unwrap().as_millisecond() - 1_700_000_000_000).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    assert!(log.gaps.is_empty(), "{:#?}", log.gaps);
}

#[test]
fn a_range_and_a_text_are_asked_of_the_server() {
    let simulator = started(Options::default());
    let until = jiff::Timestamp::now().as_millisecond();
    let since = until - 30 * 86_400_000;
    let range = AuditRange { since: Some(since), until: Some(until), search: Some("restriction".to_owned()) };
    let log = read(&simulator, &range).unwrap();
    assert!(log.rows.len() >= 5);
    assert!(log.rows.iter().all(|record| record.raw.to_lowercase().contains("restriction")));
    assert!(log.rows.iter().all(|record| record.at.unwrap().as_millisecond() >= since));
    let queries = asked_for_audit(&simulator);
    assert!(queries.iter().all(|q| q.contains(&format!("startDate={since}&endDate={until}&searchString=restriction"))));
}

#[test]
fn a_page_that_fails_in_the_middle_is_a_gap_beside_what_was_read() {
    let simulator = started(Options { audit_records: 500, page_cap: Some(100), ..Options::default() });
    simulator.inject(Fault::on("start=198", Effect::Status { status: 500, retry_after: None, body: None }));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!(log.rows.len(), 199);
    let [gap] = log.gaps.as_slice() else { panic!("{:#?}", log.gaps) };
    assert_eq!((gap.scope.clone(), gap.status), (GapScope::Audit, Some(500)));
}

#[test]
fn a_server_that_sends_the_same_page_for_ever_is_left_with_a_gap() {
    let simulator = started(Options { audit_records: 300, page_cap: Some(50), ..Options::default() });
    simulator.inject(Fault::on(
        "/rest/api/audit",
        Effect::edit(|body| {
            body["results"] = (0..50).map(|n| json!({"creationDate": n, "summary": "x"})).collect();
        }),
    ));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!(log.rows.len(), 50);
    assert_eq!(log.gaps.iter().map(|gap| gap.cause.as_str()).collect::<Vec<_>>(), ["loop"]);
    assert!(asked_for_audit(&simulator).len() < 10);
}

#[test]
fn a_record_that_cannot_be_read_is_a_gap_and_the_others_stay() {
    let simulator = started(Options { audit_records: 60, ..Options::default() });
    simulator.inject(Fault::on(
        "start=0",
        Effect::edit(|body| {
            body["results"][3] = json!("nonsense");
            body["results"][5]["author"] = Value::Null;
            body["results"][6]["changedValues"] = json!({"not": "a list"});
        }),
    ));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (59, 1));
    assert_eq!(log.gaps[0].scope, GapScope::Audit);
}

#[test]
fn a_refusal_says_who_may_and_where_there_is_none() {
    let simulator = started(Options { caller: Some(cast().bob.account_id), ..Options::default() });
    let error = read(&simulator, &AuditRange::default()).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)));
    for word in ["administrator", "Free plan", "read:audit-log:confluence"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    let free = started(Options { site: Some(json!({"plan": "free"})), ..Options::default() });
    assert_eq!(read(&free, &AuditRange::default()).unwrap_err().kind(), ErrorKind::Forbidden);
}

fn changes(simulator: &Simulator, asked: &Asked) -> Vec<PermissionChange> {
    let client = client(simulator);
    run(async {
        let known = client.names(asked.space.as_deref(), asked.content.as_deref()).await.unwrap();
        assert!(known.gaps.is_empty(), "{:#?}", known.gaps);
        let log = client.audit(&AuditRange::default()).await.unwrap();
        permission_changes(&log.rows, &known, asked).unwrap().rows
    })
}

#[test]
fn the_story_of_the_company_is_told_by_its_log() {
    let cast = cast();
    let simulator = started(Options { audit_records: 0, ..Options::default() });
    let rows = changes(&simulator, &Asked::default());
    assert!(rows.len() >= 18, "{}", rows.len());
    assert!(rows.iter().all(|row| row.scope != ChangeScope::unrecognised()), "the log is understood");
    let roles = rows.iter().filter(|row| row.confidence != Confidence::Certain);
    assert!(
        roles.clone().count() == 1 && roles.clone().all(|row| row.permission.as_deref() == Some("role:Copy editor"))
    );

    let asked = Asked { content: Some(cast.remediation.id.clone()), space: None };
    let rows = changes(&simulator, &asked);
    let titles: HashSet<&str> = rows.iter().filter_map(|row| row.content_title.as_deref()).collect();
    assert_eq!(titles, HashSet::from([cast.roadmap.title, cast.hardening.title, cast.findings.title]));
    assert!(rows.iter().all(|row| row.attributed_to.as_ref() == Some(&cast.remediation.id)));
    let by_key = rows.iter().find(|row| row.admin_key == Some(true)).expect("a change with an admin key");
    assert_eq!(
        (by_key.content_id.as_ref(), by_key.author.name.as_deref()),
        (Some(&cast.roadmap.id), Some("Olga Petrova"))
    );

    let asked = Asked { space: Some("FIN".to_owned()), content: None };
    let rows = changes(&simulator, &asked);
    assert_eq!(rows.iter().map(|row| row.change.as_str()).collect::<Vec<_>>(), ["removed", "added"]);
    assert!(
        rows.iter()
            .all(|row| row.space_key.as_deref() == Some("FIN") && row.author.name.as_deref() == Some("Finn Hale"))
    );
    assert!(simulator.unexpected().is_empty(), "{:#?}", simulator.unexpected());
}
