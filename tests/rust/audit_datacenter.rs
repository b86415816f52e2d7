//! The audit log of Data Center: asked for, refused, set up to hold too little, and read from files.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use confluence_access::fetch::{AuditRange, Client, Error, ErrorKind, Progress, read_audit_log};
use confluence_access::model::{
    AuditRecord, AuthorType, ChangeScope, Confidence, Deployment, GapScope, Listing, Permission, PermissionChange,
    SitePermission, Snapshot,
};
use confluence_access::resolve::{Asked, merge_bursts, permission_changes};
use confluence_access::simulator::{Effect, Fault, Options, Simulator, datacenter_cast};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{client_of, run, started};

const EVENTS: &str = "/rest/auditing/1.0/events";

/// A server that records whatever it can.
fn whole() -> Options {
    let coverage = BTreeMap::from([("END_USER_ACTIVITY".to_owned(), "FULL".to_owned())]);
    Options { deployment: Deployment::DataCenter, coverage, ..Options::default() }
}

/// As a user with a password, whom every version lets in.
fn client(simulator: &Simulator) -> Client {
    client_of(simulator, |config| {
        config.token = None;
        config.username = Some(simulator.username().to_owned());
        config.password = Some(SecretString::from(simulator.password()));
        config.max_retries = 1;
    })
}

fn read(simulator: &Simulator, range: &AuditRange) -> Result<Listing<AuditRecord>, Error> {
    run(client(simulator).audit(range))
}

fn queries(simulator: &Simulator, path: &str) -> Vec<String> {
    simulator.requests().into_iter().filter(|r| r.path.ends_with(path)).map(|r| r.query).collect()
}

fn causes(log: &Listing<AuditRecord>) -> Vec<(&str, &str)> {
    log.gaps.iter().map(|gap| (gap.subject.as_str(), gap.cause.as_str())).collect()
}

#[test]
fn every_event_is_there_once_newest_first_and_as_it_came() {
    for context in ["", "/confluence"] {
        let simulator = started(Options {
            audit_records: 2_345,
            page_cap: Some(100),
            audit_arrivals: 3,
            context: context.to_owned(),
            ..whole()
        });
        let log = read(&simulator, &AuditRange::default()).unwrap();
        assert_eq!(log.gaps, []);
        let told: Vec<&AuditRecord> = log
            .rows
            .iter()
            .filter(|r| r.action_key.as_deref() != Some("audit.logging.summary.space.config.updated"))
            .collect();
        assert!(log.rows.len() >= 2_345, "{}", log.rows.len());
        assert!(log.rows.is_sorted_by_key(|record| std::cmp::Reverse(record.at)));
        let raw: HashSet<&str> = told.iter().map(|record| record.raw.as_str()).collect();
        assert_eq!(raw.len(), told.len(), "a record is there twice");
        for record in &log.rows {
            let raw: Value = serde_json::from_str(&record.raw).unwrap();
            assert_eq!(raw["type"]["action"].as_str(), record.action.as_deref());
            assert_eq!(record.source.as_str(), "auditing GET /rest/auditing/1.0/events");
        }
        let asked = queries(&simulator, EVENTS);
        assert!((24..=26).contains(&asked.len()), "{} requests for 24 pages", asked.len());
        let ends: HashSet<&str> =
            asked.iter().filter_map(|q| q.split('&').find(|part| part.starts_with("to="))).collect();
        assert_eq!(ends.len(), 1, "the end is fixed before the first page");
        assert!(simulator.unexpected().is_empty(), "{:?}", simulator.unexpected());
    }
}

#[test]
fn reading_does_not_chase_the_events_it_causes() {
    let simulator = started(Options { audit_records: 300, page_cap: Some(10), ..whole() });
    let client = client(&simulator);
    let first = run(client.audit(&AuditRange::default())).unwrap();
    let searches = |log: &Listing<AuditRecord>| {
        log.rows.iter().filter(|r| r.action_key.as_deref() == Some("atlassian.audit.event.action.audit.search")).count()
    };
    assert_eq!(searches(&first), 0, "its own events are behind the end");
    std::thread::sleep(Duration::from_millis(60));
    let second = run(client.audit(&AuditRange::default())).unwrap();
    assert!(searches(&second) >= 20, "those of the time before are facts like others");
    let changes = |log: &Listing<AuditRecord>| {
        permission_changes(&log.rows, &Snapshot::new(Deployment::DataCenter), &Asked::default()).unwrap().rows
    };
    assert_eq!(changes(&first).len(), changes(&second).len());
}

#[test]
fn a_range_and_a_text_are_asked_of_the_server_and_held_to() {
    let simulator = started(whole());
    let until = jiff::Timestamp::now().as_millisecond();
    let since = until - 30 * 86_400_000;
    let range = AuditRange { since: Some(since), until: Some(until), search: Some(" restriction ".to_owned()) };
    let log = read(&simulator, &range).unwrap();
    assert!(log.rows.len() >= 5);
    for record in &log.rows {
        assert!(record.raw.to_lowercase().contains("restriction"));
        assert!((since..=until).contains(&record.at.unwrap().as_millisecond()));
    }
    assert!(queries(&simulator, EVENTS).iter().all(|q| q.contains("search=restriction&limit=1000")));
    // A server that does not know the parameters sends everything.
    let day = AuditRange { since: Some(since), until: Some(since + 86_400_000), search: None };
    simulator.inject(Fault::on(
        EVENTS,
        Effect::edit(|body| {
            let stray = |at: &str| json!({"timestamp": at, "type": {"action": "stray"}});
            let rows = body["entities"].as_array_mut().unwrap();
            rows.push(stray("2001-01-01T00:00:00Z"));
            rows.push(stray("2999-01-01T00:00:00Z"));
        }),
    ));
    let log = read(&simulator, &day).unwrap();
    assert!(log.rows.iter().all(|record| record.action.as_deref() != Some("stray")));
}

#[test]
fn every_shape_of_paging_leads_on() {
    for shape in ["cursor", "link", "nothing"] {
        let simulator = started(Options { audit_records: 250, page_cap: Some(100), ..whole() });
        simulator.inject(Fault::on(
            EVENTS,
            Effect::edit(move |body| match shape {
                "cursor" => body["pagingInfo"].as_object_mut().unwrap().retain(|name, _| name == "nextPageCursor"),
                "link" => {
                    body["pagingInfo"].as_object_mut().unwrap().remove("nextPageCursor");
                }
                _ => drop(body.as_object_mut().unwrap().remove("pagingInfo")),
            }),
        ));
        let log = read(&simulator, &AuditRange::default()).unwrap();
        assert_eq!((log.rows.len(), log.gaps.len()), (250, 0), "{shape}: {:#?}", log.gaps);
        let asked = queries(&simulator, EVENTS);
        assert_eq!(asked.iter().any(|q| q.contains("offset=")), shape != "link", "nobody says where the end is");
    }
}

#[test]
fn a_server_that_leads_in_circles_is_left_with_a_gap() {
    let simulator = started(Options { audit_records: 300, page_cap: Some(50), ..whole() });
    simulator.inject(Fault::on(
        EVENTS,
        Effect::edit(|body| {
            body["pagingInfo"] = json!({"lastPage": false, "nextPageCursor": "1,1"});
        }),
    ));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!(causes(&log), [("", "loop")]);
    assert!(queries(&simulator, EVENTS).len() < 10);
    simulator.clear_faults();
    simulator.inject(Fault::on(EVENTS, Effect::edit(|body| body["pagingInfo"] = json!({"lastPage": false}))));
    assert_eq!(causes(&read(&simulator, &AuditRange::default()).unwrap()), [("", "truncated")]);
}

#[test]
fn a_large_page_that_is_refused_is_asked_for_smaller() {
    let simulator = started(Options { audit_records: 250, ..whole() });
    simulator.inject(Fault::on("limit=1000", Effect::Status { status: 400, retry_after: None, body: None }));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (250, 0));
    assert!(queries(&simulator, EVENTS).iter().skip(1).all(|q| q.contains("limit=100&") || q.ends_with("limit=100")));
}

#[test]
fn an_event_that_cannot_be_read_is_a_gap_and_the_others_stay() {
    let simulator = started(Options { audit_records: 200, ..whole() });
    simulator.inject(Fault::on(
        EVENTS,
        Effect::edit(|body| {
            body["entities"][3] = json!("nonsense");
            body["entities"][5]["author"] = Value::Null;
            body["entities"][6]["changedValues"] = json!({"not": "a list"});
            body["entities"][7] = json!({"version": "1.0"});
        }),
    ));
    let log = read(&simulator, &AuditRange::default()).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (198, 2));
    assert!(log.gaps.iter().all(|gap| gap.scope == GapScope::Audit && gap.cause.as_str() == "unreadable"));
}

#[test]
fn what_the_server_does_not_record_is_said() {
    // As a server is installed, end user activity is at `BASE`.
    let usual = started(Options { deployment: Deployment::DataCenter, ..Options::default() });
    let log = read(&usual, &AuditRange::default()).unwrap();
    assert_eq!(causes(&log), [("END_USER_ACTIVITY", "not_recorded")]);
    let message = &log.gaps[0].message;
    assert!(message.contains("page restrictions are not recorded") && message.contains("ADVANCED"), "{message}");
    assert!(!log.rows.iter().any(|record| record.raw.contains("restriction")));

    let off = |area: &str| (area.to_owned(), "OFF".to_owned());
    let coverage = BTreeMap::from([off("PERMISSIONS"), off("USER_MANAGEMENT"), off("END_USER_ACTIVITY")]);
    let silent = started(Options { coverage, ..whole() });
    let log = read(&silent, &AuditRange::default()).unwrap();
    let areas: Vec<&str> = log.gaps.iter().map(|gap| gap.subject.as_str()).collect();
    assert_eq!(areas, ["END_USER_ACTIVITY", "PERMISSIONS", "USER_MANAGEMENT"]);
}

#[test]
fn where_it_is_not_told_what_is_recorded_that_is_said_too() {
    for status in [403, 404, 500] {
        let simulator = started(Options { audit_records: 20, ..whole() });
        simulator.inject(Fault::on("/configuration/", Effect::Status { status, retry_after: None, body: None }));
        let log = read(&simulator, &AuditRange::default()).unwrap();
        assert_eq!(log.gaps.len(), 1, "{status}: {:#?}", log.gaps);
        assert_eq!((log.gaps[0].subject.as_str(), log.gaps[0].status), ("coverage", Some(status)));
        assert!(log.gaps[0].message.starts_with("it is not known whether changes of page restrictions"));
    }
}

#[test]
fn actions_the_server_leaves_out_are_named_but_for_its_own_searches() {
    let simulator = started(Options { audit_records: 20, ..whole() });
    let denied = |actions: Value| {
        simulator.clear_faults();
        simulator
            .inject(Fault::on("/configuration/denylist", Effect::edit(move |body| body["actions"] = actions.clone())));
        read(&simulator, &AuditRange::default()).unwrap().gaps
    };
    assert_eq!(denied(json!(["atlassian.audit.event.action.audit.search", "Audit Log search performed"])), []);
    let gaps = denied(json!(["Space permission removed", "Audit Log search performed"]));
    let [gap] = gaps.as_slice() else { panic!("{gaps:#?}") };
    assert_eq!((gap.subject.as_str(), gap.cause.as_str()), ("denylist", "not_recorded"));
    assert!(gap.message.ends_with("not to record `Space permission removed`"), "{}", gap.message);
}

#[test]
fn before_7_5_the_other_log_is_read() {
    for audit_arrivals in [0, 5] {
        let simulator = started(Options {
            version: "7.4.0".to_owned(),
            audit_records: 1_200,
            page_cap: Some(100),
            audit_arrivals,
            ..whole()
        });
        let log = read(&simulator, &AuditRange::default()).unwrap();
        assert_eq!(log.gaps, [], "a log without coverage");
        assert!(log.rows.len() >= 1_200, "{}", log.rows.len());
        assert!(log.rows.iter().all(|record| record.source.as_str() == "auditing GET /rest/api/audit"));
        assert!(log.rows.iter().all(|record| record.objects.iter().all(|object| object.id.is_none())));
        assert!(queries(&simulator, "/rest/api/audit").iter().all(|q| q.contains("endDate=")));
        let changes = permission_changes(&log.rows, &Snapshot::new(Deployment::DataCenter), &Asked::default()).unwrap();
        let in_spaces = changes.rows.iter().filter(|row| row.scope == ChangeScope::Space).collect::<Vec<_>>();
        assert!(in_spaces.len() > 100);
        let vague = in_spaces.iter().find(|row| row.permission.is_none() || row.space_key.is_none());
        assert_eq!(vague, None);
    }
}

#[test]
fn a_refusal_says_who_may_and_where_there_is_none() {
    let simulator = started(Options { caller: Some(datacenter_cast().bob.account_id), ..whole() });
    let error = read(&simulator, &AuditRange::default()).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)));
    assert!(error.to_string().contains("administrator"), "{error}");
    let none = started(whole());
    let gone = || Effect::Status { status: 404, retry_after: None, body: None };
    none.inject(Fault::on("/rest/auditing/", gone()));
    none.inject(Fault::on("/rest/api/audit", gone()));
    let error = read(&none, &AuditRange::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("context path"), "{error}");
}

// What the records say ------------------------------------------------------------------------------------------------

fn changes(log: &Listing<AuditRecord>) -> Vec<PermissionChange> {
    permission_changes(&log.rows, &Snapshot::new(Deployment::DataCenter), &Asked::default()).unwrap().rows
}

#[test]
fn the_story_of_the_company_is_told_with_ids_in_any_language() {
    let cast = datacenter_cast();
    for language in ["en", "de"] {
        let simulator = started(Options { audit_records: 0, language: language.to_owned(), ..whole() });
        let log = read(&simulator, &AuditRange::default()).unwrap();
        let rows = changes(&log);
        assert!(rows.iter().all(|row| row.scope != ChangeScope::unrecognised()), "the log is understood");
        let sure = rows.iter().filter(|row| row.confidence != Confidence::Certain);
        // Whether the key of a restriction is what it seems is not documented; its English words are.
        assert!(
            sure.clone().all(|row| row.scope == ChangeScope::Content && language == "de"),
            "{:#?}",
            sure.collect::<Vec<_>>()
        );
        let row =
            |test: &dyn Fn(&PermissionChange) -> bool| rows.iter().find(|row| test(row)).expect("such a row").clone();

        let open =
            row(&|r| r.space_key.as_deref() == Some("PUB") && r.subject.as_ref().unwrap().to_string() == "anonymous");
        assert_eq!((open.permission.as_deref(), open.change.as_str()), (Some("view"), "added"));
        let gone = row(&|r| r.space_key.as_deref() == Some("ENG") && r.change.as_str() == "removed");
        assert_eq!((gone.permission.as_deref(), gone.old.as_deref()), (Some("create_page"), Some("EDITSPACE")));
        assert_eq!(gone.subject.as_ref().map(ToString::to_string).as_deref(), Some("group:product"));
        assert_eq!((gone.author.kind.as_str(), gone.author.id.as_ref()), ("user", Some(&cast.olga.account_id)));

        let list = row(&|r| r.content_id.as_ref() == Some(&cast.findings.id));
        assert_eq!((list.permission.as_deref(), list.space_key.as_deref()), (Some("view"), Some("ENG")));
        assert_eq!(list.subject.as_ref().map(|s| s.id.as_str()), Some(cast.ann.account_id.as_str()));
        let edit = row(&|r| r.content_id.as_ref() == Some(&cast.on_call.id));
        assert_eq!(edit.permission.as_deref(), Some("edit"));

        let left = row(&|r| r.scope == ChangeScope::Group && r.change.as_str() == "removed" && r.subject.is_some());
        assert_eq!((left.group_id.as_deref(), left.permission.as_deref()), (Some("engineering"), Some("member")));
        assert_eq!(left.author.kind, AuthorType::System);
        let global = row(&|r| r.permission.as_deref() == Some("create_space") && r.change.as_str() == "removed");
        assert_eq!((global.scope.as_str(), global.subject_name.as_deref()), ("site", Some("interns")));
        let directory = row(&|r| r.new.as_deref() == Some("Confluence Internal Directory"));
        assert_eq!((directory.permission.as_deref(), directory.scope.as_str()), (Some("user_directory"), "site"));
        assert!(rows.iter().any(|r| r.permission.as_deref() == Some("account") && r.subject.is_some()));
        assert!(rows.iter().any(|r| r.scope == ChangeScope::Group && r.permission.is_none()), "groups were created");
    }
}

#[test]
fn the_fourteen_permissions_of_a_space_are_read_by_their_constants() {
    const WORDS: [(&str, &str); 14] = [
        ("VIEWSPACE", "view"),
        ("REMOVEOWNCONTENT", "delete_own"),
        ("EDITSPACE", "create_page"),
        ("REMOVEPAGE", "delete_page"),
        ("EDITBLOG", "create_blogpost"),
        ("REMOVEBLOG", "delete_blogpost"),
        ("CREATEATTACHMENT", "create_attachment"),
        ("REMOVEATTACHMENT", "delete_attachment"),
        ("COMMENT", "create_comment"),
        ("REMOVECOMMENT", "delete_comment"),
        ("SETPAGEPERMISSIONS", "restrict"),
        ("REMOVEMAIL", "delete_mail"),
        ("EXPORTSPACE", "export"),
        ("SETSPACEPERMISSIONS", "administer"),
    ];
    let mut lines: Vec<Value> = WORDS.iter().map(|(constant, _)| space_permission(constant)).collect();
    lines.push(space_permission("EXPORTPAGE"));
    let log = read_lines(&lines);
    let words: HashSet<(Option<String>, Option<String>)> =
        changes(&log).into_iter().map(|row| (row.new, row.permission)).collect();
    for (constant, word) in WORDS {
        assert!(words.contains(&(Some(constant.to_owned()), Some(word.to_owned()))), "{constant}");
    }
    assert!(words.contains(&(Some("EXPORTPAGE".to_owned()), Some("EXPORTPAGE".to_owned()))), "{words:?}");
}

#[test]
fn a_burst_is_one_row_where_that_is_asked_for() {
    let mut lines: Vec<Value> = ["VIEWSPACE", "EDITSPACE", "COMMENT"].iter().map(|t| space_permission(t)).collect();
    lines[0]["timestamp"]["epochSecond"] = json!(1_700_000_003);
    lines[1]["timestamp"]["epochSecond"] = json!(1_700_000_002);
    let mut later = space_permission("REMOVEPAGE");
    later["timestamp"]["epochSecond"] = json!(1_700_000_900);
    let mut other = space_permission("REMOVEMAIL");
    other["author"]["id"] = json!("-1");
    lines.extend([later, other]);
    let rows = changes(&read_lines(&lines));
    assert_eq!(rows.len(), 5);
    let merged = merge_bursts(rows);
    let said: Vec<_> = merged.iter().map(|row| row.permission.clone().unwrap()).collect();
    assert_eq!(said, ["delete_page", "view, create_page, create_comment", "delete_mail"]);
    assert_eq!(merged[1].new.as_deref(), Some("VIEWSPACE, EDITSPACE, COMMENT"));
    let raw: Value = serde_json::from_str(&merged[1].raw).unwrap();
    assert_eq!(raw.as_array().map(Vec::len), Some(3));
    assert!(serde_json::from_str::<Value>(&merged[0].raw).unwrap().is_object());
}

#[test]
fn where_a_space_is_asked_for_its_key_is_learnt_from_the_log_and_what_is_missing_is_a_gap() {
    let restriction = |space: &str| {
        json!({
            "timestamp": {"epochSecond": 1_700_000_000, "nano": 1},
            "auditType": {"action": "Content restriction added", "category": "Pages and blogs"},
            "affectedObjects": [
                {"name": "Home", "type": "Page", "id": format!("7{space}")},
                {"name": "A space", "type": "Space", "id": space},
            ],
            "changedValues": [{"key": "Type", "i18nKey": "Type", "to": "View"}, {"key": "Group", "i18nKey": "Group", "to": "ops"}],
        })
    };
    let log = read_lines(&[space_permission("VIEWSPACE"), restriction("98306"), restriction("5")]);
    let asked = Asked { space: Some("ENG".to_owned()), content: None };
    let found = permission_changes(&log.rows, &Snapshot::new(Deployment::DataCenter), &asked).unwrap();
    let contents: Vec<_> = found.rows.iter().filter_map(|row| row.content_id.as_deref()).collect();
    assert_eq!((found.rows.len(), contents), (2, vec!["798306"]));
    assert_eq!(found.gaps.len(), 1, "one change is in a space nobody knows the key of");
    assert_eq!(found.rows[1].subject.as_ref().map(ToString::to_string).as_deref(), Some("group"));
}

// Files ---------------------------------------------------------------------------------------------------------------

/// A line of a file: a permission somebody gave to a group.
fn space_permission(constant: &str) -> Value {
    json!({
        "timestamp": {"epochSecond": 1_700_000_000, "nano": 908_000_000},
        "author": {"id": "2c9680f77d4a0000017d4a00a1b20000", "name": "olga", "type": "user"},
        "auditType": {
            "action": "Space permission added", "actionI18nKey": "audit.logging.summary.space.permission.added",
            "area": "PERMISSIONS", "category": "Permissions",
            "categoryI18nKey": "audit.logging.category.permissions", "level": "BASE",
        },
        "affectedObjects": [
            {"name": "ops", "type": "Group", "id": "ops"}, {"name": "Engineering", "type": "Space", "id": "98306"},
        ],
        "changedValues": [
            {"key": "Group", "i18nKey": "Group", "to": "ops"}, {"key": "Space", "i18nKey": "Space", "to": "ENG"},
            {"key": "Type", "i18nKey": "Type", "to": constant},
        ],
        "source": "203.0.113.7", "system": "http://localhost:8090", "method": "Browser", "extraAttributes": [], "version": "1.0",
    })
}

/// A folder of its own, gone with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("audit-log-{}-{:x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn files(paths: &[&Path]) -> Result<Listing<AuditRecord>, Error> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    read_audit_log(&paths, &AuditRange::default(), &mut || true)
}

fn read_lines(lines: &[Value]) -> Listing<AuditRecord> {
    let folder = Folder::new();
    files(&[&folder.write("20231114.00000.audit.log", text(lines))]).unwrap()
}

#[test]
fn a_file_says_what_the_api_says() {
    let simulator = started(Options { audit_records: 500, ..whole() });
    let folder = Folder::new();
    let path = folder.write("20261101.00000.audit.log", simulator.audit_log_lines().join("\n"));
    let asked = read(&simulator, &AuditRange::default()).unwrap();
    let log = files(&[&path]).unwrap();
    assert_eq!((log.gaps.len(), log.rows.len()), (0, asked.rows.len()));
    let plain = |rows: Vec<PermissionChange>| -> Vec<String> {
        let line = |row: PermissionChange| {
            let row = PermissionChange { raw: String::new(), source: Default::default(), ..row };
            format!("{row:?}")
        };
        let mut lines: Vec<String> = rows.into_iter().map(line).collect();
        lines.sort();
        lines
    };
    assert_eq!(plain(changes(&log)), plain(changes(&asked)));
    assert!(log.rows.iter().all(|record| record.source.as_str().starts_with("auditing file ")));
}

#[test]
fn rotated_and_packed_files_of_a_folder_are_read_each_event_once() {
    let lines: Vec<Value> =
        ["VIEWSPACE", "EDITSPACE", "COMMENT", "REMOVEPAGE"].iter().map(|t| space_permission(t)).collect();
    let folder = Folder::new();
    let first = folder.write("node1/20231114.00000.audit.log", text(&lines[..2]));
    folder.write("node1/20231114.00000.audit.log.gz", packed(text(&lines[..3]).as_bytes()));
    folder.write("node2/20231114.00001.audit.log.1", packed(text(&lines[2..]).as_bytes()));
    folder.write("node2/atlassian-confluence.log", "2026-01-01 something else\n");
    let log = files(&[&folder.0, &first]).unwrap();
    assert_eq!((log.rows.len(), log.gaps), (4, vec![]));
    let named = files(&[&folder.0.join("node2/atlassian-confluence.log")]).unwrap();
    assert_eq!((named.rows.len(), named.gaps.len()), (0, 1), "a file that is named is read whatever its name");
}

#[test]
fn line_ends_marks_and_empty_lines_are_no_obstacle() {
    let (a, b) = (space_permission("VIEWSPACE"), space_permission("EDITSPACE"));
    let folder = Folder::new();
    let path = folder.write("x.audit.log", format!("\u{feff}{a}\r\n\r\n   \n{b}\0\0\0"));
    let log = files(&[&path]).unwrap();
    assert_eq!((log.rows.len(), log.gaps), (2, vec![]));
    assert!(log.rows.iter().all(|record| serde_json::from_str::<Value>(&record.raw).is_ok()));
}

#[test]
fn a_broken_line_is_a_gap_that_names_file_and_line_and_the_others_stay() {
    let (a, b) = (space_permission("VIEWSPACE").to_string(), space_permission("EDITSPACE").to_string());
    let folder = Folder::new();
    let mut bytes = format!("{a}\nnonsense\n{{\"version\":\"1.0\"}}\n[]\n").into_bytes();
    bytes.extend(b"{\"auditType\":{\"action\":\"caf\xe9\"}}\n");
    bytes.extend(format!("{b}\n{}", &a[..a.len() / 2]).into_bytes());
    let path = folder.write("x.audit.log", bytes);
    let log = files(&[&path]).unwrap();
    assert_eq!(log.rows.len(), 3);
    let said: Vec<(String, &str)> = log
        .gaps
        .iter()
        .map(|gap| {
            assert_eq!((gap.scope.clone(), gap.subject.as_str()), (GapScope::Audit, path.to_str().unwrap()));
            (gap.message.split("`: ").nth(1).unwrap().to_owned(), gap.cause.as_str())
        })
        .collect();
    let expected = [
        ("line 2 is no JSON", "not_json"),
        ("line 3 is no event of an audit log", "unreadable"),
        ("line 4 is no event of an audit log", "unreadable"),
        ("line 5 holds bytes that are no UTF-8, shown as `\u{fffd}`", "unreadable"),
        ("it ends in the middle of line 7", "truncated"),
    ];
    assert_eq!(said, expected.map(|(message, cause)| (message.to_owned(), cause)));
}

#[test]
fn a_file_of_nonsense_is_named_some_lines_and_counted() {
    let folder = Folder::new();
    let path = folder.write("x.audit.log", "nonsense\n".repeat(1_000));
    let log = files(&[&path]).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (0, 21));
    assert!(log.gaps[20].message.ends_with("980 more of its 1000 lines cannot be read"), "{}", log.gaps[20].message);
}

#[test]
fn an_archive_that_breaks_off_gives_what_it_held_and_a_gap() {
    let lines: Vec<Value> = (0..3_000).map(|n| space_permission(&format!("TYPE{n}"))).collect();
    let whole = packed(text(&lines).as_bytes());
    let folder = Folder::new();
    let path = folder.write("x.audit.log.gz", &whole[..whole.len() / 2]);
    let log = files(&[&path]).unwrap();
    assert!(!log.rows.is_empty() && log.rows.len() < 3_000, "{}", log.rows.len());
    assert!(log.gaps.iter().any(|gap| gap.message.contains("cannot be read to its end")), "{:#?}", log.gaps);
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A record as Cloud and the older route of Data Center write it.
fn cloud_record(n: u32) -> Value {
    json!({
        "author": {"type": "user", "displayName": "Ann Berg", "accountId": format!("712020:{n}")},
        "creationDate": 1_764_074_955_065_i64 + i64::from(n), "summary": "Space permission added",
        "category": "Permissions", "affectedObject": {"name": "eng", "objectType": "Group"},
        "changedValues": [{"name": "Type", "oldValue": "", "newValue": "VIEWSPACE"}],
        "associatedObjects": [{"name": "Engineering", "objectType": "Space"}],
    })
}

const EXPORT: &str = "\u{feff}Time (UTC),User,Event type,Change,Item affected,Changed values,Tier\r\n\
    2026-11-21 10:15:00,Ann Berg,Permissions,Space permission added,Group: eng; Space: Engineering,Type: VIEWSPACE,gold\r\n\
    2026-11-21 10:16:00,\"Berg, Bob\",Users and groups,Group created,Group: ops,,\r\n\
    ,,,,,,\r\n";

#[test]
fn every_form_people_keep_is_told_by_what_is_in_it() {
    let events = [space_permission("VIEWSPACE"), space_permission("EDITSPACE")];
    let records = [cloud_record(1), cloud_record(2)];
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap().into_bytes();
    let answer = json!({"entities": events, "pagingInfo": {"lastPage": true}});
    let legacy = json!({"results": records, "start": 0, "limit": 1000, "size": 2, "_links": {}});
    let forms: Vec<(&str, Vec<u8>, usize)> = vec![
        ("a saved answer", answer.to_string().into_bytes(), 2),
        ("a saved answer over lines", pretty(&answer), 2),
        ("an answer of Cloud", legacy.to_string().into_bytes(), 2),
        ("an answer of Cloud over lines", pretty(&legacy), 2),
        ("a list", json!(events).to_string().into_bytes(), 2),
        ("a list over lines", pretty(&json!(records)), 2),
        ("an event over lines", pretty(&events[0]), 1),
        ("two events over lines", [pretty(&events[0]), pretty(&events[1])].concat(), 2),
        ("events, one a line", text(&events).into_bytes(), 2),
        ("records of Cloud, one a line", text(&records).into_bytes(), 2),
        ("answers, one a line", format!("{answer}\n{legacy}\n").into_bytes(), 4),
        ("a packed list", packed(json!(events).to_string().as_bytes()), 2),
        ("a ZIP of an answer", zipped(&[("audit.json", answer.to_string().as_bytes())]), 2),
        (
            "a ZIP of lines",
            zipped(&[("a/1.log", text(&events[..1]).as_bytes()), ("2", text(&events[1..]).as_bytes())]),
            2,
        ),
    ];
    let folder = Folder::new();
    for (form, bytes, count) in forms {
        let log = files(&[&folder.write("export.txt", bytes)]).unwrap();
        assert_eq!((log.rows.len(), log.gaps), (count, vec![]), "{form}");
        assert!(log.rows.iter().all(|row| row.action.is_some() && row.at.is_some()), "{form}");
        for row in &log.rows {
            let again = confluence_access::apis::audit_record(&row.raw, &row.source);
            assert_eq!(again.as_ref(), Some(row), "{form}: what is kept says the same");
        }
    }
}

#[test]
fn the_exported_table_is_read_by_its_columns_and_zipped_too() {
    let folder = Folder::new();
    let semicolons = EXPORT.replace("; Space", "\nSpace").replace(',', ";").replace("Berg; Bob", "Berg, Bob");
    for (form, bytes) in [
        ("csv", EXPORT.as_bytes().to_vec()),
        ("zip", zipped(&[("auditlog.csv", EXPORT.as_bytes()), ("__MACOSX/._auditlog.csv", b"\x00\x05")])),
        ("gzip", packed(EXPORT.as_bytes())),
        ("semicolons", semicolons.replace("eng\nSpace: Engineering", "eng").into_bytes()),
    ] {
        let log = files(&[&folder.write("export", bytes)]).unwrap();
        assert_eq!(log.rows.len(), 2, "{form}: {:?}", log.gaps);
        let row = &log.rows[1];
        assert_eq!(row.at, "2026-11-21T10:15:00Z".parse().ok(), "{form}");
        assert_eq!((row.author.name.as_deref(), row.category.as_deref()), (Some("Ann Berg"), Some("Permissions")));
        assert_eq!(log.rows[0].author.name.as_deref(), Some("Berg, Bob"), "{form}");
        assert!(row.raw.contains(r#""Tier":"gold""#), "an unknown column is kept: {}", row.raw);
        assert_eq!(log.gaps.len(), 1, "{form}: {:?}", log.gaps);
        assert!(log.gaps[0].message.contains("row 4 says neither when nor what"), "{:?}", log.gaps);
        if form != "semicolons" {
            let found = changes(&log);
            let change = found.iter().find(|change| change.permission.as_deref() == Some("view")).expect(form);
            assert_eq!(change.space_name.as_deref(), Some("Engineering"), "{form}");
        }
    }
}

#[test]
fn what_is_no_audit_log_is_named_in_one_gap() {
    let folder = Folder::new();
    let page = "<!DOCTYPE html>\n<html>\n<head><title>Log in</title></head>\n<body>\n</body></html>\n";
    let office = zipped(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")]);
    for (bytes, said) in [
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "it is a PNG image, not an audit log"),
        (b"%PDF-1.7\n...".to_vec(), "it is a PDF document, not an audit log"),
        (page.as_bytes().to_vec(), "`Log in`"),
        (Vec::new(), "it is an empty file"),
        (b" \r\n\0\0".to_vec(), "it is an empty file"),
        (zipped(&[]), "ZIP"),
        (office, "it is an Office document"),
        (zipped(&[("x.png", b"\x89PNG\r\n\x1a\n")]), "it is a PNG image"),
        (b"{\n  \"entities\": [\n    {\"timestamp\"".to_vec(), "it ends in the middle of its JSON"),
        (b"{\n  \"some\": 1\n}".to_vec(), "record 1 is no event of an audit log"),
    ] {
        let log = files(&[&folder.write("x.audit.log", bytes)]).unwrap();
        assert_eq!((log.rows.len(), log.gaps.len()), (0, 1), "{said}: {:?}", log.gaps);
        assert!(log.gaps[0].message.contains(said), "{said}: {:?}", log.gaps);
    }
    // A node that was just started has written nothing yet.
    let log = files(&[&folder.0.clone()]).unwrap();
    assert!(log.rows.is_empty() && log.gaps.len() == 1, "{:?}", log.gaps);
}

#[test]
fn one_page_of_several_is_a_part_and_says_so() {
    let folder = Folder::new();
    for page in [
        json!({"entities": [space_permission("VIEWSPACE")], "pagingInfo": {"lastPage": false, "nextPageCursor": "1,2"}}),
        json!({"results": [cloud_record(1)], "_links": {"next": "/rest/api/audit?start=1"}}),
    ] {
        let log = files(&[&folder.write("page.json", page.to_string())]).unwrap();
        assert_eq!((log.rows.len(), log.gaps.len()), (1, 1), "{:?}", log.gaps);
        assert_eq!(log.gaps[0].cause, confluence_access::model::GapCause::Truncated);
    }
}

#[test]
fn a_time_without_a_zone_is_null_and_said() {
    let folder = Folder::new();
    let table = "Date,Author,Summary\n2026-11-21 10:15:00,Ann,Group created\n21.11.26,Ann,Group created\n";
    let log = files(&[&folder.write("x.csv", table)]).unwrap();
    assert_eq!((log.rows.len(), log.gaps.len()), (2, 1));
    assert!(log.rows.iter().all(|row| row.at.is_none()));
    assert!(log.gaps[0].message.contains("the time of 2 rows is not understood"), "{:?}", log.gaps);
}

#[test]
fn a_path_where_nothing_is_is_refused() {
    let folder = Folder::new();
    let missing = folder.0.join("gone.audit.log");
    for (paths, said) in [
        (vec![missing.as_path()], "there is no file"),
        (vec![folder.0.as_path()], "has `.audit.log` in its name"),
        (vec![], "no audit log file is named"),
    ] {
        let error = files(&paths).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_range_and_a_text_hold_for_files_too_and_a_reading_can_be_stopped() {
    let mut lines: Vec<Value> = (0..10_000).map(|n| space_permission(&format!("TYPE{n}"))).collect();
    for (n, line) in lines.iter_mut().enumerate() {
        line["timestamp"] = json!({"epochSecond": 1_700_000_000 + n, "nano": 0});
    }
    let folder = Folder::new();
    let path = [folder.write("x.audit.log", text(&lines))];
    let range = AuditRange { since: Some(1_700_000_100_000), until: Some(1_700_000_200_000), search: None };
    assert_eq!(read_audit_log(&path, &range, &mut || true).unwrap().rows.len(), 101);
    let range = AuditRange { search: Some("type777\"".to_owned()), ..range };
    assert_eq!(read_audit_log(&path, &range, &mut || true).unwrap().rows.len(), 0);
    let range = AuditRange { search: Some("type777\"".to_owned()), ..AuditRange::default() };
    assert_eq!(read_audit_log(&path, &range, &mut || true).unwrap().rows.len(), 1);
    let stopped = read_audit_log(&path, &AuditRange::default(), &mut || false).unwrap();
    assert_eq!((stopped.rows.len(), stopped.gaps.len()), (4_096, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_file_each_line_is_a_record_or_named_in_a_gap(
        lines in prop::collection::vec(prop_oneof![
            Just(None),
            prop::collection::vec(any::<u8>().prop_filter("one line", |byte| *byte != b'\n'), 0..60).prop_map(Some),
        ], 0..15),
        gzip: bool,
    ) {
        let mut bytes = Vec::new();
        let (mut events, mut strange) = (0, 0);
        for (number, line) in lines.iter().enumerate() {
            match line {
                None => {
                    bytes.extend(space_permission(&format!("TYPE{number}")).to_string().into_bytes());
                    events += 1;
                }
                Some(line) => {
                    let shown = String::from_utf8_lossy(line);
                    let blank = shown.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}').is_empty();
                    strange += usize::from(!blank);
                    bytes.extend(line);
                }
            }
            bytes.push(b'\n');
        }
        let folder = Folder::new();
        let bytes = if gzip { packed(&bytes) } else { bytes };
        prop_assume!(gzip || !bytes.starts_with(&[0x1f, 0x8b]));
        let path = folder.write("x.audit.log", bytes);
        let log = files(&[&path]).unwrap();
        prop_assert_eq!(log.rows.len(), events);
        // A file without anything in it says so.
        prop_assert_eq!(log.gaps.len(), strange + usize::from(events + strange == 0));
    }
}

/// What every row that was certain to be about a permission says, with its subject and the space.
fn given(rows: &[PermissionChange], scope: ChangeScope) -> HashSet<(String, String, String)> {
    let certain = rows.iter().filter(|row| row.scope == scope && row.confidence == Confidence::Certain);
    certain
        .filter_map(|row| {
            let subject = row.subject.as_ref()?;
            Some((row.space_key.clone().unwrap_or_default(), subject.to_string(), row.permission.clone()?))
        })
        .collect()
}

#[test]
fn what_the_log_says_was_given_is_found_among_what_is_given() {
    let simulator = started(Options { version: "10.2.0".to_owned(), ..whole() });
    let reader = client(&simulator);
    let (log, globals) = run(async { (reader.audit(&AuditRange::default()).await, reader.global_permissions().await) });
    let (log, globals) = (log.unwrap(), globals.unwrap());
    let snapshot = run(reader.snapshot(None, Arc::new(Progress::new()))).unwrap();
    let changes = permission_changes(&log.rows, &snapshot, &Asked::default()).unwrap().rows;

    let site = given(&changes, ChangeScope::Site);
    let held: HashSet<_> =
        globals.rows.iter().map(|row| (String::new(), row.subject.to_string(), row.permission.to_string())).collect();
    let words: HashSet<&str> = site.intersection(&held).map(|(_, _, word)| word.as_str()).collect();
    for word in ["use", "administer", "administer_system"] {
        assert!(words.contains(word), "{word} is not in {words:?}");
    }
    // Accounts and directories that come and go are no permissions.
    for (_, _, word) in site.iter().filter(|(_, _, word)| !["account", "user_directory"].contains(&word.as_str())) {
        assert!(SitePermission::KNOWN.contains(&word.as_str()), "{word}");
    }

    let spaces = given(&changes, ChangeScope::Space);
    let held: HashSet<_> = snapshot
        .space_permissions
        .iter()
        .map(|row| (row.space_key.clone(), row.subject.to_string(), row.permission.to_string()))
        .collect();
    let words: HashSet<&str> = spaces.intersection(&held).map(|(_, _, word)| word.as_str()).collect();
    assert!(words.contains("view") && words.len() > 3, "{words:?}");
    for (_, _, word) in &spaces {
        assert!(Permission::KNOWN.contains(&word.as_str()), "{word}");
    }
}
