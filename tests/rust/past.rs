//! The site as it was, against the site as it was: random changes are made one after the other, with the rows of a log, and
//! undone from the last snapshot.

use std::collections::HashSet;
use std::sync::Arc;

use confluence_access::model::plan::Fact;
use confluence_access::model::{
    AuditAuthor, ChangeKind, ChangeScope, Confidence, Decision, Deployment, Missing, Operation, PermissionChange,
    SiteFact, Snapshot, Subject, SubjectKind, Timestamp, Verdict,
};
use confluence_access::resolve::{Access, Changes, PlanFailure, as_of, history, what_if};
use serde_json::json;

use crate::plans::{answers, plan, random_steps};
use crate::properties::{random_site, read, subjects};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn empty(second: i64) -> PermissionChange {
    PermissionChange {
        at: Some(at(second)),
        author: AuditAuthor { name: Some("Olga".to_owned()), ..AuditAuthor::default() },
        remote_address: None,
        scope: ChangeScope::Content,
        change: ChangeKind::Changed,
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
        action: None,
        space_name: None,
        group_id: None,
        group_name: None,
        candidates: Vec::new(),
        attributed_to: None,
    }
}

/// The row of a log about a fact that was added or removed.
fn row(second: i64, fact: &Fact, added: bool) -> Option<PermissionChange> {
    let change = if added { ChangeKind::Added } else { ChangeKind::Removed };
    let base = PermissionChange { change, ..empty(second) };
    Some(match fact.clone() {
        Fact::Permission { space, subject, permission } => PermissionChange {
            scope: ChangeScope::Space,
            space_key: Some(space),
            subject: Some(subject),
            permission: Some(permission.as_str().to_owned()),
            ..base
        },
        Fact::Role { space, subject, role } => PermissionChange {
            scope: ChangeScope::Space,
            space_key: Some(space),
            subject: Some(subject),
            permission: Some(format!("role:{role}")),
            ..base
        },
        Fact::Entry { content, operation, subject } => PermissionChange {
            content_id: Some(content),
            subject: Some(subject),
            permission: Some(operation.as_str().to_owned()),
            ..base
        },
        Fact::Member { group, member } => PermissionChange {
            scope: ChangeScope::Group,
            group_id: Some(group),
            subject: Some(member),
            permission: Some("member".to_owned()),
            ..base
        },
        Fact::Group { group } => PermissionChange { scope: ChangeScope::Group, group_id: Some(group), ..base },
        Fact::Parent { .. } if !added => return None,
        Fact::Parent { content, .. } => PermissionChange {
            content_id: Some(content),
            permission: Some("place".to_owned()),
            change: ChangeKind::Changed,
            ..base
        },
    })
}

/// A site at each moment, the first one at 0, and the rows of what was done at 10, 20 …
struct Course {
    sites: Vec<Arc<Snapshot>>,
    rows: Vec<PermissionChange>,
}

fn course(seed: u64, word: &str) -> Course {
    let mut site = random_site(seed, word);
    for (id, content) in site["contents"].as_object_mut().unwrap() {
        content["title"] = json!(format!("Title {id}"));
    }
    for (id, user) in site["users"].as_object_mut().unwrap() {
        user["display_name"] = json!(format!("The {id}"));
    }
    for (key, space) in site["spaces"].as_object_mut().unwrap() {
        space["name"] = json!(format!("Space {key}"));
    }
    let mut first = read(&site, word).unwrap();
    first.taken_at = Some(at(0));
    let mut course = Course { sites: vec![Arc::new(first)], rows: Vec::new() };
    for step in 0..4 {
        let now = course.sites.last().unwrap().clone();
        let steps = random_steps(&site, seed * 10 + step);
        let mut after = match what_if(&now, &plan(steps)) {
            Ok(after) => after,
            Err(PlanFailure::Refused(_) | PlanFailure::Lookup(_)) => continue,
            Err(other) => panic!("{other}"),
        };
        let second = 10 * course.sites.len() as i64;
        after.taken_at = Some(at(second));
        let done = after.planned.split_off(0);
        course.rows.extend(done.iter().filter_map(|done| row(second, &done.fact, done.added)));
        course.sites.push(Arc::new(after));
    }
    course
}

/// The same row as Cloud writes it: names alone.
fn named(row: &PermissionChange) -> PermissionChange {
    let mut row = row.clone();
    row.content_title = row.content_id.take().map(|id| format!("Title {id}"));
    row.space_name = row.space_key.take().map(|key| format!("Space {key}"));
    row.group_name = row.group_id.take();
    if let Some(subject) = row.subject.as_mut() {
        match subject.kind {
            SubjectKind::User => row.subject_name = Some(format!("The {}", subject.id)),
            SubjectKind::Group => row.subject_name = Some(subject.id.clone()),
            _ => return row,
        }
        subject.id.clear();
    }
    row
}

/// Counts answers that are as they were and answers that are unknown; every other answer is an error.
fn judge(then: &Snapshot, found: &Snapshot, about: &str, counts: &mut [usize; 2]) {
    let (expected, own) = (answers(then), answers(found));
    for (question, answer) in &own {
        let right = expected[question];
        if *answer == right {
            counts[0] += usize::from(right != Verdict::Unknown);
            continue;
        }
        // In the trash nothing is decided; since when something is there is not known.
        if right == Verdict::NotCurrent {
            continue;
        }
        let explained = || {
            let access = Access::new(Arc::new(found.clone()), None);
            let operation = if question.1 == "view" { Operation::View } else { Operation::Edit };
            access.explain(&Subject::parse(&question.0).unwrap(), operation, &question.2).to_string()
        };
        assert!(
            *answer == Verdict::Unknown || right == Verdict::Unknown,
            "{about} {question:?}: {answer:?} instead of {right:?}: {}",
            explained()
        );
        counts[1] += usize::from(*answer == Verdict::Unknown);
    }
}

fn shown(rows: &[PermissionChange]) -> String {
    let line = |row: &PermissionChange| {
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
            row.at, row.scope, row.change, row.permission, row.subject, row.content_id, row.space_key, row.group_id
        )
    };
    rows.iter().map(line).collect()
}

#[test]
fn the_site_as_it_was_is_as_it_was_or_unknown() {
    for word in ["cloud", "datacenter"] {
        let mut exact = [0, 0];
        let mut by_name = [0, 0];
        for seed in 0..400 {
            let course = course(seed, word);
            let last = course.sites.last().unwrap();
            let names = course.rows.iter().map(named).collect::<Vec<_>>();
            for (kind, rows, counts) in [("ids", &course.rows, &mut exact), ("names", &names, &mut by_name)] {
                let changes = Changes { rows: rows.clone(), since: Some(at(0)), gaps: Vec::new() };
                for (step, then) in course.sites.iter().enumerate() {
                    let when = at(10 * step as i64 + i64::from(step + 1 < course.sites.len()));
                    let found = as_of(last, &changes, when).unwrap();
                    let about = format!("{word} {seed} {kind} after step {step}\n{}", shown(&course.rows));
                    judge(then, &found, &about, counts);
                }
            }
        }
        println!("{word} {exact:?} {by_name:?}");
        for counts in [exact, by_name] {
            assert!(counts[0] > 4 * counts[1], "{word}: too much is unknown: {exact:?} {by_name:?}");
        }
    }
}

/// Makes a row say less than it did.
fn damaged(row: &PermissionChange, dice: &mut fastrand::Rng) -> PermissionChange {
    let mut row = row.clone();
    match dice.u8(0..7) {
        0 => row.subject = Some(Subject::new(SubjectKind::Unknown, "")),
        1 => row.change = ChangeKind::Changed,
        2 => (row.confidence, row.scope) = (Confidence::Unrecognised, ChangeScope::unrecognised()),
        3 => {
            let empty = PermissionChange { confidence: Confidence::Unrecognised, ..empty(0) };
            row = PermissionChange { at: row.at, scope: ChangeScope::unrecognised(), ..empty };
        }
        4 => row.at = None,
        5 => {
            row.content_title = row.content_id.take().map(|_| "Its title of old".to_owned());
            row.group_name = row.group_id.take().map(|_| "its name of old".to_owned());
            row.space_name = row.space_key.take().map(|_| "Its name of old".to_owned());
        }
        _ => {
            if let Some(id) = row.content_id.take() {
                row.content_title = Some(format!("Title {id}"));
                row.candidates = vec![id, "c1".to_owned()];
                row.confidence = Confidence::Ambiguous;
            }
        }
    }
    row
}

#[test]
fn what_a_log_leaves_open_is_never_answered_wrongly() {
    for word in ["cloud", "datacenter"] {
        let mut counts = [0, 0];
        for seed in 1_000..1_250 {
            let mut dice = fastrand::Rng::with_seed(seed);
            let course = course(seed, word);
            let last = course.sites.last().unwrap();
            let one = dice.usize(0..course.rows.len().max(1));
            let rows = course.rows.iter().enumerate();
            let rows = rows.map(|(at, row)| if at == one { damaged(row, &mut dice) } else { row.clone() }).collect();
            let changes = Changes { rows, since: Some(at(0)), gaps: Vec::new() };
            for (step, then) in course.sites.iter().enumerate().take(course.sites.len() - 1) {
                let found = as_of(last, &changes, at(10 * step as i64 + 1)).unwrap();
                let about = format!("{word} {seed} after step {step}, row {one}\n{}", shown(&changes.rows));
                judge(then, &found, &about, &mut counts);
            }
        }
        assert!(counts[0] > 10_000 && counts[1] > 10_000, "{word}: {counts:?}");
    }
}

/// Compares histories on a site with what it was as a whole at the moments between the changes. Returns how many answers, and
/// how many changes of an answer.
fn compare(seed: u64, last: Snapshot, changes: &Changes, about: &str) -> [usize; 2] {
    let [mut compared, mut turns] = [0, 0];
    let last = Arc::new(last);
    let access = Access::new(Arc::clone(&last), None);
    let mut moments: Vec<Timestamp> = changes.rows.iter().filter_map(|row| row.at).chain([at(0)]).collect();
    moments.sort();
    moments.dedup();
    let one = Timestamp::from_second(1).unwrap() - Timestamp::UNIX_EPOCH;
    let pasts: Vec<(Timestamp, Access)> = moments
        .into_iter()
        .map(|when| when + one)
        .map(|when| (when, Access::new(Arc::new(as_of(&last, changes, when).unwrap()), None)))
        .collect();
    for who in subjects().iter().skip(seed as usize % 3).step_by(3) {
        let subject = Subject::parse(who).unwrap();
        for content in last.contents.iter().skip(seed as usize % 2).step_by(2) {
            for operation in [Operation::View, Operation::Edit] {
                let found = history(&access, &subject, operation, &content.id, changes).unwrap().rows;
                turns += found.len() - 1;
                for (when, past) in &pasts {
                    let mut fitting = found.iter().filter(|row| {
                        row.since.is_none_or(|since| since <= *when) && row.until.is_none_or(|until| *when < until)
                    });
                    let own = fitting.next().map(|row| row.decision);
                    assert!(fitting.next().is_none());
                    let right = past.can(&subject, operation, &content.id).decision();
                    assert_eq!(
                        own,
                        Some(right),
                        "{about} {seed} {who} {operation:?} {} {when}\n{found:#?}\n{}\n{}",
                        content.id,
                        shown(&changes.rows),
                        past.explain(&subject, operation, &content.id)
                    );
                    compared += 1;
                }
            }
        }
    }
    [compared, turns]
}

#[test]
fn a_history_is_what_the_site_as_it_was_answers_at_each_moment() {
    let (mut compared, mut turns) = (0, 0);
    for word in ["cloud", "datacenter"] {
        for seed in 0..150 {
            let course = course(seed, word);
            let mut last = Snapshot::clone(course.sites.last().unwrap());
            last.taken_at = Some(at(10 * course.sites.len() as i64));
            let rows = if seed % 3 == 0 { course.rows.iter().map(named).collect() } else { course.rows.clone() };
            let changes = Changes { rows, since: Some(at(0)), gaps: Vec::new() };
            let counts = compare(seed, last, &changes, word);
            compared += counts[0];
            turns += counts[1];
        }
    }
    assert!(compared > 20_000 && turns > 500, "{compared} {turns}");
}

/// Members put into groups and taken out again, in no order that could be: most rows contradict the one before.
fn contradicting(
    snapshot: &Snapshot,
    seconds: std::ops::Range<i64>,
    dice: &mut fastrand::Rng,
) -> Vec<PermissionChange> {
    let members: Vec<Subject> = snapshot.users.iter().map(|user| Subject::user(&user.id)).collect();
    let groups: Vec<&str> = snapshot.groups.iter().map(|group| group.id.as_str()).collect();
    if members.is_empty() || groups.is_empty() {
        return Vec::new();
    }
    seconds
        .filter_map(|second| {
            let (group, member) = (groups[dice.usize(0..groups.len())], members[dice.usize(0..members.len())].clone());
            row(second, &Fact::Member { group: group.to_owned(), member }, dice.bool())
        })
        .collect()
}

#[test]
fn a_history_in_a_log_that_contradicts_itself_is_what_the_site_was() {
    let (mut compared, mut turns) = (0, 0);
    for word in ["cloud", "datacenter"] {
        for seed in 0..100 {
            let mut dice = fastrand::Rng::with_seed(seed);
            let course = course(seed, word);
            let mut last = Snapshot::clone(course.sites.last().unwrap());
            let end = 10 * course.sites.len() as i64;
            last.taken_at = Some(at(end + 10));
            // Where it is known what every group gives, another group is nothing to the answer.
            if seed % 2 == 0 {
                last.site.global_permissions.get_or_insert_default();
                last.gaps.retain(|gap| gap.missing() != Missing::Site(SiteFact::GlobalPermissions));
                last.site.blind_spots.clear();
            }
            if seed % 4 == 0 {
                last.memberships.retain(|row| row.member.kind != SubjectKind::Group);
            }
            let mut rows = course.rows.clone();
            // The changes of the course are at the tens.
            rows.extend(
                contradicting(&last, 3..end, &mut dice).into_iter().step_by(3).filter(|row| row.at != Some(at(0))),
            );
            let changes = Changes { rows, since: Some(at(0)), gaps: Vec::new() };
            let counts = compare(seed, last, &changes, word);
            compared += counts[0];
            turns += counts[1];
        }
    }
    println!("{compared} {turns}");
    assert!(compared > 20_000 && turns > 500, "{compared} {turns}");
}

/// A company in which `staff` may view the space and 200 groups are nothing to it.
fn crowded() -> Snapshot {
    let person = json!({"active": true, "licensed": true, "guest": false});
    let users: serde_json::Map<_, _> = (0..1_000).map(|at| (format!("u{at}"), person.clone())).collect();
    let groups = (0..200).map(|at| (format!("g{at}"), json!({"members": []})));
    let groups: serde_json::Map<_, _> = groups.chain([("staff".to_owned(), json!({"members": ["user:u0"]}))]).collect();
    let site = json!({
        "plan": "paid",
        "users": users,
        "groups": groups,
        "global_permissions": {"class:all-licensed-users": ["use"]},
        "spaces": {"S": {"grants": {"group:staff": ["view"]}}},
        "contents": {"p": {"type": "page", "space": "S"}},
    });
    let mut snapshot = read(&site, "cloud").unwrap();
    snapshot.taken_at = Some(at(200_000));
    snapshot
}

/// Turns each row round that does not fit what comes after it.
fn fitting(snapshot: &Snapshot, rows: &mut [PermissionChange]) {
    let mut inside: HashSet<(String, Subject)> =
        snapshot.memberships.iter().map(|row| (row.group_id.clone(), row.member.clone())).collect();
    for row in rows.iter_mut().rev() {
        let pair = (row.group_id.clone().unwrap(), row.subject.clone().unwrap());
        row.change = if inside.contains(&pair) { ChangeKind::Added } else { ChangeKind::Removed };
        if !inside.remove(&pair) {
            inside.insert(pair);
        }
    }
}

#[test]
fn a_history_takes_as_long_as_the_changes_that_bear_on_it() {
    let snapshot = crowded();
    let access = Access::new(Arc::new(snapshot.clone()), None);
    for (counts, fits) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut part = snapshot.clone();
        part.groups.retain(|group| (group.id == "staff") == counts);
        let mut rows = contradicting(&part, 0..100_000, &mut fastrand::Rng::with_seed(1));
        if fits {
            fitting(&snapshot, &mut rows);
        }
        let changes = Changes { rows, since: Some(at(0)), gaps: Vec::new() };
        let start = std::time::Instant::now();
        let found = history(&access, &Subject::user("u0"), Operation::View, "p", &changes).unwrap().rows;
        let spent = start.elapsed();
        let about = format!(
            "members of {}, {}",
            ["others", "its group"][usize::from(counts)],
            ["contradicting", "fitting"][usize::from(fits)]
        );
        println!("{about}: {spent:?}, {} rows", found.len());
        let answers: HashSet<Decision> = found.iter().map(|row| row.decision).collect();
        let expected = match (counts, fits) {
            (false, _) => HashSet::from([Decision::Allowed]),
            (true, false) => HashSet::from([Decision::Allowed, Decision::Unknown]),
            (true, true) => HashSet::from([Decision::Allowed, Decision::Denied]),
        };
        assert_eq!(answers, expected, "{about}");
        // A question for each row would take many minutes.
        assert!(spent.as_secs() < 60, "{about}: {spent:?}");
    }
}

#[test]
fn a_history_doubts_again_before_a_change_that_settled_it() {
    let access = Access::new(Arc::new(crowded()), None);
    let member = |second, who: &str, added| {
        row(second, &Fact::Member { group: "staff".to_owned(), member: Subject::user(who) }, added).unwrap()
    };
    // `u1` and `u2` are not in the group: that they were put in contradicts it.
    let rows = [member(40, "u1", true), member(30, "u0", true), member(20, "u0", false), member(10, "u2", true)];
    let changes = Changes { rows: rows.to_vec(), since: Some(at(0)), gaps: Vec::new() };
    let found = history(&access, &Subject::user("u0"), Operation::View, "p", &changes).unwrap().rows;
    let turns: Vec<_> = found.iter().map(|row| (row.decision, row.since)).collect();
    let [allowed, unknown] = [Decision::Allowed, Decision::Unknown];
    let right = [(unknown, None), (allowed, Some(at(10))), (unknown, Some(at(20))), (allowed, Some(at(40)))];
    assert_eq!(turns, right);
}

#[test]
fn a_log_of_cloud_reaches_back_a_year_whatever_it_was_asked_for() {
    const DAY: i64 = 24 * 60 * 60;
    let (cloud, mut server) = (crowded(), crowded());
    server.site.deployment = Deployment::DataCenter;
    let old = row(-400 * DAY, &Fact::Group { group: "g0".to_owned() }, true).unwrap();
    for (snapshot, rows, reaches) in
        [(&cloud, vec![], 365), (&cloud, vec![old.clone()], 400), (&server, vec![], 1_000), (&server, vec![old], 1_000)]
    {
        let snapshot = Arc::new(snapshot.clone());
        let changes = Changes { rows, since: Some(at(-1_000 * DAY)), gaps: Vec::new() };
        for days in [364, 366, 399, 401, 999, 1_001] {
            // The snapshot was taken 2.3 days after the first moment.
            let start = if reaches == 365 { 200_000 } else { 0 };
            let past = as_of(&snapshot, &changes, at(start - days * DAY)).unwrap();
            let open = past.gaps.iter().any(|gap| gap.message.contains("do not reach back"));
            assert_eq!(open, days > reaches, "{days} {reaches} {:?}", past.gaps);
        }
    }
}
