//! Time and memory of the resolver, on sites of a given size.
//!
//! `cargo bench --bench resolve -- [pages] [users]` prints one line of figures per step; without arguments
//! 10,000, 100,000 and 1,000,000 pages. Memory is what the process holds above the snapshot.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark prints, and fails by panicking"
)]

mod company;

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use confluence_access::model::{
    AuditAuthor, ChangeKind, ChangeScope, Confidence, Operation, PermissionChange, Restriction, RestrictionOperation,
    Snapshot, Subject, Timestamp,
};
use confluence_access::resolve::{Access, Changes, DiffOptions, Difference, ExposureOptions, as_of, history};
use confluence_access::tables::Table;

use crate::company::company;

/// The same site some weeks later.
fn edited(site: &Snapshot) -> Snapshot {
    let mut dice = fastrand::Rng::with_seed(3);
    let mut later = site.clone();
    let (users, pages) = (later.users.len(), later.contents.len());
    for _ in 0..3 {
        later.users[dice.usize(0..users)].active = Some(false);
    }
    for _ in 0..200 {
        let at = dice.usize(0..later.memberships.len());
        later.memberships.remove(at);
        let at = dice.usize(0..later.restrictions.len());
        later.restrictions.remove(at);
        later.restrictions.push(Restriction {
            content_id: later.contents[dice.usize(0..pages)].id.clone(),
            operation: RestrictionOperation::View,
            subject: Subject::user(later.users[dice.usize(0..users)].id.clone()),
            subject_name: None,
            source: Default::default(),
        });
    }
    for _ in 0..5 {
        let at = dice.usize(0..later.space_permissions.len());
        later.space_permissions.remove(at);
    }
    for _ in 0..200 {
        // To the root of its space.
        let at = dice.usize(0..pages);
        later.contents[at].parent_id = None;
    }
    later
}

/// A log of half of what stands in the site, as added one after the other.
fn log(site: &Snapshot, rows: usize) -> Changes {
    let mut dice = fastrand::Rng::with_seed(5);
    let blank = |second: usize| PermissionChange {
        at: Some(Timestamp::from_second(1_790_000_000 + second as i64).unwrap()),
        author: AuditAuthor::default(),
        remote_address: None,
        scope: ChangeScope::Content,
        change: ChangeKind::Added,
        space_key: None,
        content_id: None,
        content_title: None,
        subject: None,
        subject_name: None,
        permission: None,
        old: None,
        new: None,
        confidence: Confidence::Certain,
        raw: String::new(),
        source: Default::default(),
        admin_key: None,
        action: Some("added".to_owned()),
        space_name: None,
        group_id: None,
        group_name: None,
        candidates: Vec::new(),
        attributed_to: None,
    };
    let mut row = |second: usize| match dice.u8(0..3) {
        0 => {
            let entry = &site.restrictions[dice.usize(0..site.restrictions.len())];
            PermissionChange {
                content_id: Some(entry.content_id.clone()),
                subject: Some(entry.subject.clone()),
                permission: Some(entry.operation.as_str().to_owned()),
                ..blank(second)
            }
        }
        1 => {
            let entry = &site.memberships[dice.usize(0..site.memberships.len())];
            PermissionChange {
                scope: ChangeScope::Group,
                group_id: Some(entry.group_id.clone()),
                subject: Some(entry.member.clone()),
                permission: Some("member".to_owned()),
                ..blank(second)
            }
        }
        _ => {
            let entry = &site.space_permissions[dice.usize(0..site.space_permissions.len())];
            PermissionChange {
                scope: ChangeScope::Space,
                space_key: Some(entry.space_key.clone()),
                subject: Some(entry.subject.clone()),
                permission: Some(entry.permission.as_str().to_owned()),
                ..blank(second)
            }
        }
    };
    let since = Some(Timestamp::from_second(1_790_000_000).unwrap());
    Changes { rows: (0..rows).map(&mut row).collect(), since, gaps: Vec::new() }
}

/// Memory the process holds, in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|line| line.starts_with(name));
    let value = line("VmRSS:").and_then(|line| line.split_whitespace().nth(1));
    value.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// The most it ever held.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find(|line| line.starts_with("VmHWM:")).and_then(|line| line.split_whitespace().nth(1));
    value.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// Forgets what was held before.
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Processor time of this process, which a busy machine does not stretch.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn timed<T>(name: &str, per: usize, work: impl FnOnce() -> T) -> T {
    let (start, used) = (Instant::now(), processor());
    let result = work();
    let (spent, used) = (start.elapsed(), processor() - used);
    if per > 1 {
        println!("  {name:<42} {:>10.3} us each ({per})", spent.as_secs_f64() * 1e6 / per as f64);
    } else {
        println!("  {name:<42} {:>10.3} s (processor {used:.2} s)", spent.as_secs_f64());
    }
    result
}

fn measure(pages: usize, users: usize) {
    let (groups, spaces) = ((users / 25).max(20), (pages / 500).clamp(1, 2000));
    println!("{pages} pages, {users} users, {groups} groups, {spaces} spaces");
    let snapshot = Arc::new(timed("make the site up", 1, || company(pages, users, groups, spaces, 7)));
    println!("  {:<42} {:>10} rows", "restrictions", snapshot.restrictions.len());
    let before = resident();
    let start = Instant::now();
    let access = Arc::new(timed("index", 1, || Access::new(snapshot.clone(), None)));
    let editors = timed("audiences, view and edit of every page", 1, || access.pair_count(Operation::Edit));
    println!("  {:<42} {:>10.3} s", "index and audiences", start.elapsed().as_secs_f64());
    println!("  {:<42} {:>10.1} MiB (peak {:.1})", "memory above the snapshot", resident() - before, peak() - before);
    let viewers = timed("count pairs", 1, || access.pair_count(Operation::View));
    println!("  {:<42} {viewers:>10} view, {editors} edit", "pairs");
    let mut dice = fastrand::Rng::with_seed(1);
    let questions: Vec<_> = (0..100_000)
        .map(|_| (snapshot.users[dice.usize(0..users)].id.clone(), snapshot.contents[dice.usize(0..pages)].id.clone()))
        .collect();
    let subjects: Vec<_> = questions.iter().map(|(id, page)| (Subject::user(id.clone()), page)).collect();
    let allowed = timed("can", subjects.len(), || {
        subjects.iter().filter(|(who, page)| access.can(who, Operation::Edit, page).as_str() == "allowed").count()
    });
    assert!(allowed > 0);
    timed("explain", 2_000, || {
        subjects[..2_000]
            .iter()
            .map(|(who, page)| access.explain(who, Operation::Edit, page).gates.len())
            .sum::<usize>()
    });
    let rows_of = |page: &String| access.who_can(Operation::View, page).unwrap().rows.len();
    timed("who_can", 50, || subjects[..50].iter().map(|(_, page)| rows_of(page)).sum::<usize>());
    let (widest, rows) = subjects[..200].iter().map(|(_, page)| (*page, rows_of(page))).max_by_key(|at| at.1).unwrap();
    timed(&format!("who_can where {rows} may"), 20, || (0..20).map(|_| rows_of(widest)).sum::<usize>());
    let most = 200_000_000;
    let start = Instant::now();
    let mut streamed = 0usize;
    for batch in access.pairs(Operation::View) {
        streamed += batch.len();
        if streamed > most {
            break;
        }
    }
    let rate = streamed as f64 / start.elapsed().as_secs_f64() / 1e6;
    println!("  {:<42} {rate:>10.1} million rows/s ({streamed})", "pairs streamed");
    timed("contents_for one subject", 1, || access.contents_for(&subjects[0].0, Operation::View).rows.len());
    timed("summary", 1, || access.summary().rows.len());
    let sets: usize = timed("audiences as rows", 1, || access.audiences(Operation::View).map(|step| step.len()).sum());
    println!("  {:<42} {sets:>10}", "audiences");
    let reached: usize = timed("space access", 1, || access.space_access(None).map(|rows| rows.len()).sum());
    println!("  {:<42} {reached:>10}", "rows of space access");
    timed("acl of every page", 1, || access.acl(Operation::View).map(|step| step.len()).sum::<usize>());
    timed("exposure", 1, || access.exposure(&ExposureOptions::default()).map(|step| step.len()).sum::<usize>());
    timed("findings", 1, || access.findings().rows.len());
    let mut later = (*snapshot).clone();
    later.restrictions.retain(|_| dice.u8(0..100) > 0);
    let later = Access::new(Arc::new(later), None);
    let changed =
        timed("acl changes", 1, || later.acl_changes(&access, Operation::View).map(|s| s.len()).sum::<usize>());
    println!("  {:<42} {changed:>10}", "changed rules");
    drop(later);
    write_acl(&access);
    drop(access);
    compare(&snapshot);
    println!("  {:<42} {:>10.1} MiB", "peak of the process", peak());
    reset_peak();
    let changes = log(&snapshot, 100_000);
    let then = Timestamp::from_second(1_790_000_000 + 50_000).unwrap();
    let past = timed("the site before 50,000 of 100,000 changes", 1, || as_of(&snapshot, &changes, then).unwrap());
    assert!(past.restrictions.len() < snapshot.restrictions.len());
    let access = Access::new(snapshot.clone(), None);
    let (who, page) = (&subjects[0].0, subjects[0].1.as_str());
    timed("history of one answer in them", 1, || history(&access, who, Operation::View, page, &changes).unwrap().rows);
    println!("  {:<42} {:>10.1} MiB", "peak of the process", peak());
}

/// The rules of every page as a file and as a table.
fn write_acl(access: &Arc<Access>) {
    let before = resident();
    reset_peak();
    let shared = Arc::clone(access);
    let acl = Table::from_steps(
        move |take| {
            shared.acl(Operation::View).all(take);
        },
        [],
    );
    let file = std::env::temp_dir().join("confluence-access-acl.parquet");
    timed("acl of every page as a Parquet file", 1, || acl.write_parquet(File::create(&file).unwrap()).unwrap());
    println!("  {:<42} {:>10.1} MiB", "memory for it, at most", peak() - before);
    std::fs::remove_file(file).unwrap();
    timed("acl of every page as a table", 1, || acl.len());
    println!("  {:<42} {:>10.1} MiB", "memory of the table", resident() - before);
}

/// What changed between the site and an edited copy.
fn compare(snapshot: &Arc<Snapshot>) {
    let newer = Arc::new(edited(snapshot));
    let difference = |by_group: bool| {
        let (older, newer) = (Access::new(snapshot.clone(), None), Access::new(newer.clone(), None));
        let mut count = 0usize;
        let options = DiffOptions { by_group, ..DiffOptions::default() };
        Difference::between(newer, older, options).unwrap().each(&mut |step| {
            count += step.len();
            true
        });
        count
    };
    let changes = timed("difference of two snapshots, both indexed", 1, || difference(false));
    let groups = timed("the same by group", 1, || difference(true));
    println!("  {:<42} {changes:>10} by user, {groups} by group", "rows of changes");
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.replace('_', "").parse().ok()).collect();
    match numbers.as_slice() {
        [pages, users] => measure(*pages, *users),
        [pages] => measure(*pages, (*pages / 20).max(100)),
        _ => {
            for (pages, users) in [(10_000, 1_000), (100_000, 10_000), (1_000_000, 50_000)] {
                measure(pages, users);
            }
        }
    }
}
