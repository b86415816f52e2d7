//! What changed between two snapshots, against every question asked of both; and each cause, undone in the plain data of
//! the site.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use confluence_access::model::{Decision, Operation, SubjectKind, Verdict};
use confluence_access::resolve::{Access, AccessChange, CauseKind, CompareOptions, DiffOptions, Difference, Unmatched};
use confluence_access::tables::expand;
use serde_json::{Value, json};

use super::properties::{Dice, GROUPS, LISTED, PERMISSIONS, USERS, random_site, resolve};

fn again(access: &Access) -> Access {
    Access::new(Arc::clone(access.snapshot()), Some(access.policy().clone()))
}

fn all(difference: &Difference) -> Vec<AccessChange> {
    let mut rows = Vec::new();
    difference.each(&mut |step| {
        rows.extend(step);
        true
    });
    rows
}

fn rows_of(newer: &Access, older: &Access, options: DiffOptions) -> Vec<AccessChange> {
    all(&Difference::between(again(newer), again(older), options).unwrap())
}

fn rows(newer: &Access, older: &Access, by_group: bool) -> Vec<AccessChange> {
    rows_of(newer, older, DiffOptions { by_group, ..DiffOptions::default() })
}

fn compared(
    first: &Access,
    second: &Access,
    matching: CompareOptions,
    options: DiffOptions,
) -> (Vec<AccessChange>, Vec<Unmatched>) {
    let (difference, unmatched) = Difference::of_two_sites(again(first), again(second), matching, options);
    (all(&difference), unmatched)
}

type Answer = Option<Decision>;
type Key = (String, String, Operation);

/// The answer to a question; `None` where there is nothing to decide.
fn answer(access: &Access, who: &str, operation: Operation, content: &str) -> Answer {
    let subject = confluence_access::model::Subject::parse(who).unwrap();
    match access.can(&subject, operation, content) {
        Verdict::NotCurrent | Verdict::NotInInventory => None,
        verdict => Some(verdict.decision()),
    }
}

/// Every answer that differs, by asking both sites.
fn asked(newer: &Access, older: &Access) -> BTreeMap<Key, (Answer, Answer)> {
    let people: BTreeSet<&str> = newer.user_ids().into_iter().chain(older.user_ids()).collect();
    let people = people.into_iter().map(|id| format!("user:{id}")).chain(["anonymous".to_owned()]);
    let contents = newer.snapshot().contents.iter().chain(&older.snapshot().contents);
    let contents: BTreeSet<&str> = contents.map(|content| content.id.as_str()).collect();
    let mut all = BTreeMap::new();
    for who in people {
        for content in &contents {
            for operation in [Operation::View, Operation::Edit] {
                let [before, after] = [older, newer].map(|access| answer(access, &who, operation, content));
                let nothing = |one: Answer| one.is_none_or(|decision| decision == Decision::Denied);
                if before != after && !(nothing(before) && nothing(after)) {
                    all.insert((who.clone(), (*content).to_owned(), operation), (before, after));
                }
            }
        }
    }
    all
}

fn subject(row: &AccessChange) -> String {
    match &row.subject_id {
        Some(id) => format!("{}:{id}", row.subject_kind),
        None => row.subject_kind.to_string(),
    }
}

fn by_question(rows: &[AccessChange]) -> BTreeMap<Key, (Answer, Answer)> {
    let mut all = BTreeMap::new();
    for row in rows {
        let key = (subject(row), row.content_id.to_string(), row.operation);
        assert!(all.insert(key.clone(), (row.before, row.after)).is_none(), "{key:?} has two rows");
    }
    all
}

/// Changes one thing of a site; the kinds of cause it may appear as.
fn edit(site: &mut Value, dice: &mut Dice, word: &str) -> Vec<CauseKind> {
    let content = format!("c{}", dice.0.u32(0..9));
    let space = dice.pick(&["DOC", "OPS"]);
    let who = dice.pick(&LISTED);
    let user = dice.pick(&USERS);
    let group = dice.pick(&GROUPS);
    let present = site["contents"].get(&content).is_some();
    match dice.0.u32(0..17) {
        0 | 1 => {
            let grants = &mut site["spaces"][space]["grants"][who];
            let mut words = grants.as_array().cloned().unwrap_or_default();
            words.push(json!(dice.pick(&PERMISSIONS)));
            *grants = json!(words);
            vec![CauseKind::Grant]
        }
        2 | 3 => {
            let grants = site["spaces"][space]["grants"].as_object_mut().unwrap();
            let names: Vec<String> = grants.keys().cloned().collect();
            if !names.is_empty() {
                grants.remove(&names[dice.0.usize(0..names.len())]);
            }
            vec![CauseKind::Grant]
        }
        4 => {
            site["spaces"][space]["role_assignments"][who] = dice.some(&["viewer", "editor", "writer"], 2);
            vec![CauseKind::Role]
        }
        5 | 6 if present => {
            let key = dice.pick(&["read", "update"]);
            site["restrictions"][&content][key] = dice.some(&LISTED, 3);
            vec![CauseKind::Restriction]
        }
        7 if present => {
            site["restrictions"].as_object_mut().unwrap().remove(&content);
            vec![CauseKind::Restriction]
        }
        8 if present => {
            site["contents"][&content]["parent"] = json!(format!("c{}", dice.0.u32(0..9)));
            vec![CauseKind::Move, CauseKind::ContentAdded, CauseKind::ContentRemoved]
        }
        9 if present => {
            site["contents"][&content]["status"] = json!(dice.pick(&["current", "archived", "trashed"]));
            vec![CauseKind::Status, CauseKind::Sharing]
        }
        10 if present => {
            site["contents"].as_object_mut().unwrap().remove(&content);
            site["restrictions"].as_object_mut().unwrap().remove(&content);
            site["unreadable"].as_object_mut().unwrap().remove(&content);
            vec![CauseKind::ContentRemoved, CauseKind::Restriction]
        }
        11 => {
            let fact = dice.pick(&["active", "licensed", "guest", "product_admin", "admin_key"]);
            if word == "cloud" || !matches!(fact, "guest" | "admin_key") {
                let was = site["users"][user][fact] == json!(true);
                if !site["users"][user].is_null() {
                    site["users"][user][fact] = json!(!was);
                }
            }
            vec![CauseKind::Account]
        }
        12 => {
            site["users"].as_object_mut().unwrap().remove(user);
            vec![CauseKind::Account, CauseKind::Gap]
        }
        13 | 14 => {
            if let Some(members) = site["groups"][group]["members"].as_array_mut() {
                let member = json!(format!("user:{user}"));
                match members.iter().position(|one| *one == member) {
                    Some(at) => {
                        members.remove(at);
                    }
                    None => members.push(member),
                }
            }
            vec![CauseKind::Membership]
        }
        15 => {
            site["groups"].as_object_mut().unwrap().remove(group);
            vec![CauseKind::Group, CauseKind::Membership, CauseKind::Gap]
        }
        16 => {
            let on = site["anonymous_enabled"] == json!(true);
            site["anonymous_enabled"] = json!(!on);
            vec![CauseKind::Site]
        }
        _ => {
            site["policy"][word]["edit_inherited"] = json!(dice.chance(50));
            vec![CauseKind::Policy]
        }
    }
}

#[test]
fn the_rows_are_the_answers_that_differ_and_their_causes_turn_them() {
    let (mut compared, mut turned, mut joined) = (0, 0, 0);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..250 {
        for word in ["cloud", "datacenter"] {
            let before = random_site(seed, word);
            let count = 1 + seed % 3;
            // The same edits, one of them left out.
            let edited = |without: Option<u64>| {
                let mut site = before.clone();
                let mut kinds = Vec::new();
                for at in 0..count {
                    let mut dice = Dice(fastrand::Rng::with_seed(seed * 100 + at));
                    if without != Some(at) {
                        kinds.push(edit(&mut site, &mut dice, word));
                    }
                }
                (site, kinds)
            };
            let (after, edits) = edited(None);
            let (older, newer) = (resolve(&before, word), resolve(&after, word));
            let rows = rows(&newer, &older, false);
            assert_eq!(by_question(&rows), asked(&newer, &older), "seed {seed} on {word}");
            compared += rows.len();
            let undone: Vec<Access> = (0..count).map(|at| resolve(&edited(Some(at)).0, word)).collect();
            for row in &rows {
                *kinds.entry(row.cause_kind.as_str()).or_default() += 1;
                assert_ne!(row.cause_kind, CauseKind::Unknown, "seed {seed} on {word}: {row:?}");
                let who = subject(row);
                let turning = |access: &Access| answer(access, &who, row.operation, &row.content_id) == row.before;
                let alone: Vec<&Vec<CauseKind>> =
                    undone.iter().zip(&edits).filter(|(access, _)| turning(access)).map(|(_, kinds)| kinds).collect();
                let several = row.cause.as_deref().is_some_and(|cause| cause.contains("; "));
                if alone.is_empty() {
                    joined += 1;
                } else {
                    turned += 1;
                    let named = alone.iter().any(|kinds| kinds.contains(&row.cause_kind));
                    assert!(named || several, "seed {seed} on {word}: {row:?}, but {alone:?} turns it");
                }
            }
        }
    }
    println!("{compared} rows, {turned} turned by one edit, {joined} by several; {kinds:?}");
    assert!(compared > 2_000 && turned > 2_000 && kinds.len() >= 9, "{compared} {turned} {kinds:?}");
}

#[test]
fn two_sites_that_share_little_are_compared_answer_by_answer() {
    let mut compared = 0;
    for seed in 0..30 {
        for word in ["cloud", "datacenter"] {
            let (older, newer) =
                (resolve(&random_site(seed, word), word), resolve(&random_site(seed + 10_000, word), word));
            let rows = rows(&newer, &older, false);
            assert_eq!(by_question(&rows), asked(&newer, &older), "seed {seed} on {word}");
            let unknown: Vec<_> = rows.iter().filter(|row| row.cause_kind == CauseKind::Unknown).collect();
            assert!(unknown.is_empty(), "seed {seed} on {word}: {:?}", unknown.first());
            compared += rows.len();
        }
    }
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn a_group_stands_for_members_who_all_changed_because_of_it() {
    let mut condensed = 0;
    for seed in 0..250 {
        for word in ["cloud", "datacenter"] {
            let before = random_site(seed, word);
            let mut after = before.clone();
            for at in 0..2 {
                edit(&mut after, &mut Dice(fastrand::Rng::with_seed(seed * 100 + at)), word);
            }
            let (older, newer) = (resolve(&before, word), resolve(&after, word));
            let each = rows(&newer, &older, false);
            let grouped = rows(&newer, &older, true);
            let (groups, mut others): (Vec<_>, Vec<_>) =
                grouped.into_iter().partition(|row| row.subject_kind == SubjectKind::Group);
            for row in &groups {
                condensed += 1;
                let group = row.subject_id.clone().unwrap();
                let members: BTreeSet<String> = [&older, &newer]
                    .iter()
                    .map(|access| access.snapshot())
                    .flat_map(|facts| {
                        expand(&facts.groups, &facts.users, &facts.memberships, Some(&[group.to_string()]))
                    })
                    .map(|member| member.user_id)
                    .collect();
                let alike = |other: &&AccessChange| {
                    let of = |row: &AccessChange| {
                        (row.content_id.clone(), row.operation, row.before, row.after, row.cause.clone())
                    };
                    of(other) == of(row) && other.subject_id.as_deref().is_some_and(|id| members.contains(id))
                };
                let people: Vec<AccessChange> = each.iter().filter(alike).cloned().collect();
                assert!(!people.is_empty(), "seed {seed} on {word}: {row:?}");
                others.extend(people);
            }
            let mut all = BTreeMap::new();
            others.iter().for_each(|row| {
                all.insert((subject(row), row.content_id.to_string(), row.operation), (row.before, row.after));
            });
            assert_eq!(all, by_question(&each), "seed {seed} on {word}");
        }
    }
    println!("{condensed} rows of groups");
    assert!(condensed > 20, "{condensed}");
}

fn of_plain(site: &Value) -> Access {
    resolve(site, "cloud")
}

fn small() -> Value {
    json!({
        "users": {"ann": {"email": "ann@acme.com"}, "bob": {"email": "bob@acme.com"}, "cat": {}},
        "groups": {"eng": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
        "contents": {
            "1": {"type": "page", "space": "ENG", "title": "Home"},
            "2": {"type": "page", "space": "ENG", "title": "Plan", "parent": "1"},
        },
    })
}

/// Subject, content, answers and cause of each row, as text.
fn said(rows: &[AccessChange]) -> Vec<String> {
    let answer = |answer: Answer| answer.map_or("-", Decision::as_str);
    let line = |row: &AccessChange| {
        let cause = row.cause.as_deref().unwrap_or("?");
        format!("{} {} {} {}: {cause}", subject(row), row.content_id, answer(row.before), answer(row.after))
    };
    let mut lines: Vec<String> = rows.iter().filter(|row| row.operation == Operation::View).map(line).collect();
    lines.sort();
    lines
}

#[test]
fn a_content_that_only_one_snapshot_has_is_neither_allowed_nor_denied_in_the_other() {
    let mut later = small();
    later["contents"]["3"] = json!({"type": "page", "space": "ENG", "title": "New"});
    later["contents"]["2"]["status"] = json!("trashed");
    let (older, newer) = (of_plain(&small()), of_plain(&later));
    assert_eq!(
        said(&rows(&newer, &older, false)),
        [
            "user:ann 2 allowed -: `Plan` was moved to the trash",
            "user:ann 3 - allowed: `New` is not in the older snapshot",
            "user:bob 2 allowed -: `Plan` was moved to the trash",
            "user:bob 3 - allowed: `New` is not in the older snapshot",
        ]
    );
    assert_eq!(
        said(&rows(&older, &newer, true)),
        [
            "user:ann 2 - allowed: `Plan`, which was trashed, was restored",
            "user:ann 3 allowed -: `New` is not in the newer snapshot",
            "user:bob 2 - allowed: `Plan`, which was trashed, was restored",
            "user:bob 3 allowed -: `New` is not in the newer snapshot",
        ]
    );
}

#[test]
fn several_causes_are_named_where_none_is_enough() {
    let mut later = small();
    later["restrictions"] = json!({"1": {"read": ["user:cat"]}, "2": {"read": ["user:bob"]}});
    let (older, newer) = (of_plain(&small()), of_plain(&later));
    assert_eq!(
        said(&rows(&newer, &older, false)),
        [
            "user:ann 1 allowed denied: the view restriction of `Home` was set: cat",
            "user:ann 2 allowed denied: the view restriction of `Home` was set: cat; the view restriction of `Plan` was \
             set: bob",
            "user:bob 1 allowed denied: the view restriction of `Home` was set: cat",
            "user:bob 2 allowed denied: the view restriction of `Home` was set: cat",
        ]
    );
}

#[test]
fn contents_that_changed_alike_are_named_each_in_its_own_cause() {
    let mut site = small();
    site["contents"]["3"] = json!({"type": "page", "space": "ENG", "title": "Other", "parent": "1"});
    site["contents"]["4"] = json!({"type": "page", "space": "ENG", "title": "Below", "parent": "3"});
    let mut later = site.clone();
    later["restrictions"] = json!({"2": {"read": ["user:ann"]}, "3": {"read": ["user:ann"]}});
    assert_eq!(
        said(&rows(&of_plain(&later), &of_plain(&site), false)),
        [
            "user:bob 2 allowed denied: the view restriction of `Plan` was set: ann",
            "user:bob 3 allowed denied: the view restriction of `Other` was set: ann",
            "user:bob 4 allowed denied: the view restriction of `Other` was set: ann",
        ]
    );
}

#[test]
fn a_restriction_that_could_not_be_read_is_a_row_and_a_gap() {
    let mut later = small();
    later["unreadable"] = json!({"1": "403"});
    let (older, newer) = (of_plain(&small()), of_plain(&later));
    let rows = rows(&newer, &older, false);
    let lines = said(&rows);
    assert_eq!(
        lines[0],
        "user:ann 1 allowed unknown: the restrictions of `Home` could not be read for the newer snapshot"
    );
    assert_eq!(lines.len(), 4);
    assert!(rows.iter().all(|row| row.cause_kind == CauseKind::Gap));
}

#[test]
fn snapshots_of_two_sites_are_refused_and_their_names_given() {
    let (older, mut newer) = (of_plain(&small()), (**of_plain(&small()).snapshot()).clone());
    let mut first = (**older.snapshot()).clone();
    first.site.base_url = Some("https://acme.atlassian.net/wiki/".to_owned());
    newer.site.base_url = Some("https://ACME.atlassian.net".to_owned());
    let (first, same) = (Access::new(first.into(), None), Access::new(newer.clone().into(), None));
    let count = |newer: &Access, older: &Access| {
        Difference::between(again(newer), again(older), DiffOptions::default()).map(|difference| all(&difference).len())
    };
    assert_eq!(count(&same, &first), Ok(0));
    assert_eq!(count(&same, &older), Ok(0), "a site described offline has no address");
    newer.site.base_url = Some("https://other.atlassian.net".to_owned());
    let error = count(&Access::new(newer.into(), None), &first).unwrap_err().to_string();
    assert!(error.contains("`https://other.atlassian.net`") && error.contains("`compare`"), "{error}");
    let error = count(&resolve(&small(), "datacenter"), &older).unwrap_err().to_string();
    assert!(error.contains("`datacenter`") && error.contains("`cloud`"), "{error}");
}

#[test]
fn a_change_that_was_logged_says_when_and_by_whom() {
    use confluence_access::model::{
        AuditAuthor, AuthorType, ChangeKind, ChangeScope, Confidence, PermissionChange, Subject,
    };
    let mut later = small();
    later["groups"]["eng"]["members"] = json!(["user:ann"]);
    let made = |at: &str, subject: &str, change| PermissionChange {
        at: Some(at.parse().unwrap()),
        author: AuditAuthor { kind: AuthorType::User, id: Some("root".to_owned()), name: Some("Root".to_owned()) },
        scope: ChangeScope::Group,
        change,
        subject: Some(Subject::user(subject)),
        permission: Some("member".to_owned()),
        group_id: Some("eng".to_owned()),
        confidence: Confidence::Certain,
        remote_address: None,
        space_key: None,
        content_id: None,
        content_title: None,
        subject_name: None,
        old: None,
        new: None,
        raw: String::new(),
        source: Default::default(),
        admin_key: None,
        action: None,
        space_name: None,
        group_name: None,
        candidates: Vec::new(),
        attributed_to: None,
    };
    let changes = vec![
        made("2026-11-03T10:00:00Z", "bob", ChangeKind::Removed),
        made("2026-11-02T10:00:00Z", "bob", ChangeKind::Added),
        made("2026-11-04T10:00:00Z", "ann", ChangeKind::Removed),
    ];
    let options = DiffOptions { changes, ..DiffOptions::default() };
    let (older, newer) = (of_plain(&small()), of_plain(&later));
    let rows = rows_of(&newer, &older, options);
    assert_eq!(said(&rows)[0], "user:bob 1 allowed denied: the account was removed from group eng");
    for row in rows {
        assert_eq!(row.cause_at, Some("2026-11-03T10:00:00Z".parse().unwrap()));
        assert_eq!(row.cause_author.as_deref(), Some("Root"));
    }
}

#[test]
fn two_sites_are_compared_and_what_has_no_counterpart_is_listed() {
    let first = resolve(
        &json!({
            "users": {
                "k1": {"email": "ann@acme.com", "licensed": true}, "k2": {"email": "bob@acme.com", "licensed": true},
                "k3": {"email": "two@acme.com"}, "k4": {"name": "dan"},
            },
            "groups": {"Eng": {"members": ["user:k1", "user:k2"]}},
            "spaces": {"ENG": {"grants": {"group:Eng": ["view"]}}, "OLD": {"grants": {}}},
            "contents": {
                "10": {"type": "page", "space": "ENG", "title": "Home"},
                "11": {"type": "page", "space": "ENG", "title": "Plan", "parent": "10"},
                "12": {"type": "page", "space": "ENG", "title": "Old", "parent": "10"},
            },
        }),
        "datacenter",
    );
    let second = resolve(
        &json!({
            "users": {
                "a1": {"email": "ANN@acme.com", "licensed": true}, "a2": {"email": "bob@acme.com", "licensed": true},
                "a3": {"email": "two@acme.com"}, "a4": {"email": "two@acme.com"},
            },
            "groups": {"g-1": {"name": "eng", "members": ["user:a1", "user:a2"]}},
            "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
            "contents": {
                "20": {"type": "page", "space": "ENG", "title": "Home"},
                "21": {"type": "page", "space": "ENG", "title": "Plan", "parent": "20"},
            },
            "restrictions": {"21": {"read": ["user:a2"]}},
        }),
        "cloud",
    );
    let options = DiffOptions { operations: vec![Operation::View], ..DiffOptions::default() };
    let (rows, unmatched) = compared(&first, &second, CompareOptions::default(), options);
    assert_eq!(said(&rows), ["user:a1 21 allowed denied: only the second site has a view restriction on `Plan`: a2"]);
    let lost: Vec<String> =
        unmatched.iter().map(|row| format!("{} {} {} {}", row.kind, row.side, row.id, row.reason)).collect();
    assert_eq!(
        lost,
        [
            "user first k3 ambiguous",
            "user first k4 no_key",
            "user second a3 ambiguous",
            "user second a4 ambiguous",
            "space first OLD missing",
            "content first 12 missing",
        ]
    );
}

/// The same site under other ids.
fn renamed(site: &Value) -> Value {
    let mut text = site.to_string();
    for id in USERS.iter().chain(&["gone"]) {
        text = text.replace(&format!("\"user:{id}\""), &format!("\"user:x-{id}\""));
    }
    let mut renamed: Value = serde_json::from_str(&text).unwrap();
    let users = renamed["users"].as_object().unwrap().iter().map(|(id, user)| (format!("x-{id}"), user.clone()));
    renamed["users"] = users.collect();
    renamed
}

#[test]
fn a_comparison_of_renamed_sites_is_the_difference_of_the_sites() {
    use confluence_access::resolve::MatchBy;
    let mut count = 0;
    for seed in 0..60 {
        for word in ["cloud", "datacenter"] {
            let before = random_site(seed, word);
            let mut after = before.clone();
            for at in 0..3 {
                edit(&mut after, &mut Dice(fastrand::Rng::with_seed(seed * 100 + at)), word);
            }
            let (older, newer) = (resolve(&before, word), resolve(&after, word));
            let people: BTreeSet<&str> =
                newer.user_ids().into_iter().filter(|id| older.user_ids().contains(id)).collect();
            let contents: BTreeSet<&str> = newer
                .snapshot()
                .contents
                .iter()
                .map(|row| row.id.as_str())
                .filter(|id| older.snapshot().contents.iter().any(|row| row.id == *id))
                .collect();
            let expected: BTreeMap<Key, (Answer, Answer)> = asked(&newer, &older)
                .into_iter()
                .filter(|((who, content, _), _)| {
                    contents.contains(content.as_str())
                        && (who == "anonymous" || people.contains(&who["user:".len()..]))
                })
                .map(|((who, content, operation), answers)| {
                    let who = who.strip_prefix("user:").map(|id| format!("user:x-{id}")).unwrap_or(who.clone());
                    ((who, content, operation), answers)
                })
                .collect();
            let second = resolve(&renamed(&after), word);
            let pairs = USERS.iter().chain(&["gone"]).map(|id| ((*id).to_owned(), format!("x-{id}"))).collect();
            let matching = CompareOptions { users: MatchBy::Pairs(pairs), contents: MatchBy::Id, groups: MatchBy::Id };
            let (rows, _) = compared(&older, &second, matching, DiffOptions::default());
            assert_eq!(by_question(&rows), expected, "seed {seed} on {word}");
            count += rows.len();
        }
    }
    assert!(count > 500, "{count}");
}
