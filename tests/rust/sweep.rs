//! Every fault of the simulator, alone and in pairs, at random places of a snapshot over real HTTP: what comes out equals what
//! comes without the fault, or names what is missing, or is a typed error. No answer turns round.
//!
//! `CONFLUENCE_ACCESS_SWEEP=5000 cargo test --test rust sweep` runs so many snapshots; each failure names the run, and
//! `CONFLUENCE_ACCESS_SWEEP_FROM=1234` begins there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use confluence_access::fetch::{Client, Config, Error};
use confluence_access::model::{Deployment, Gap, GapScope, Operation, Snapshot, Subject};
use confluence_access::resolve::Access;
use confluence_access::simulator::{Effect, Fault, Options, Simulator};

use crate::support;

/// Snapshots in the ordinary tests.
const RUNS: u64 = 120;
/// Longest a snapshot may take, whatever happens to it.
const LONGEST: Duration = Duration::from_secs(60);

/// A site, and what a snapshot of it is without faults.
struct Ground {
    name: &'static str,
    options: Options,
    /// Requests that were sent: method, and path with query.
    asked: Vec<(String, String)>,
    rows: BTreeMap<&'static str, BTreeSet<String>>,
    gaps: BTreeSet<String>,
    answers: BTreeMap<(String, String, &'static str), &'static str>,
    subjects: Vec<Subject>,
    contents: Vec<String>,
    ids: Vec<String>,
}

/// Two sites of each product that differ in what is asked: pages, versions, add-ons.
fn grounds() -> Vec<Ground> {
    let options = |change: &dyn Fn(&mut Options)| {
        let mut options = Options { pages: 24, spaces: 4, users: 12, groups: 8, seed: 3, ..Options::default() };
        change(&mut options);
        options
    };
    let center = |version: &'static str| {
        move |o: &mut Options| (o.deployment, o.version) = (Deployment::DataCenter, version.to_owned())
    };
    vec![
        ("cloud", options(&|o| (o.page_cap, o.subject_cap) = (Some(7), Some(2)))),
        ("cloud, long pages", options(&|o| o.seed = 5)),
        (
            "data center 9.2",
            options(&|o| {
                center("9.2.0")(o);
                (o.page_cap, o.subject_cap) = (Some(7), Some(2));
            }),
        ),
        (
            "data center 7.13 with Extender",
            options(&|o| {
                center("7.13.0")(o);
                (o.extender, o.page_cap) = (true, Some(9));
            }),
        ),
        (
            "data center 10.2",
            options(&|o| {
                center("10.2.0")(o);
                o.page_cap = Some(5);
            }),
        ),
    ]
    .into_iter()
    .map(|(name, options)| Ground::new(name, options))
    .collect()
}

/// What each table of a snapshot says about access, whichever route it came by.
fn rows_of(snapshot: &Snapshot) -> BTreeMap<&'static str, BTreeSet<String>> {
    fn told<T>(rows: &[T], tell: impl Fn(&T) -> String) -> BTreeSet<String> {
        rows.iter().map(tell).collect()
    }
    BTreeMap::from([
        ("spaces", told(&snapshot.spaces, |r| format!("{} {:?} {:?} {:?}", r.key, r.kind, r.status, r.homepage_id))),
        (
            "contents",
            // Of a parent that could not be read, only its place in the tree is known.
            told(&snapshot.contents, |r| {
                if r.title.is_none() {
                    return r.id.clone();
                }
                format!("{} {:?} {:?} {:?} {} {:?}", r.id, r.kind, r.title, r.status, r.space_key, r.parent_id)
            }),
        ),
        (
            "users",
            told(&snapshot.users, |r| format!("{} {:?} {:?} {:?} {:?}", r.id, r.kind, r.active, r.guest, r.licensed)),
        ),
        ("groups", told(&snapshot.groups, |r| format!("{} {:?} {:?}", r.id, r.name, r.provenance))),
        ("memberships", told(&snapshot.memberships, |r| format!("{} {:?}", r.group_id, r.member))),
        (
            "space_permissions",
            told(&snapshot.space_permissions, |r| format!("{} {} {:?}", r.space_key, r.subject, r.permission)),
        ),
        ("restrictions", told(&snapshot.restrictions, |r| format!("{} {:?} {}", r.content_id, r.operation, r.subject))),
    ])
}

fn gaps_of(gaps: &[Gap]) -> BTreeSet<String> {
    gaps.iter().map(|gap| format!("{:?} `{}` {}", gap.scope, gap.subject, gap.cause.as_str())).collect()
}

fn settled(simulator: &Simulator, change: impl FnOnce(&mut Config)) -> Client {
    support::client_of(simulator, |config| {
        // Found out by a request that a fault may strike: that is the business of other tests.
        config.deployment = Some(simulator.deployment());
        config.max_concurrency = 8;
        config.max_answer = 4 << 20;
        config.max_retries = 2;
        change(config);
    })
}

impl Ground {
    fn new(name: &'static str, options: Options) -> Self {
        let simulator = support::started(options.clone());
        let snapshot = support::taken(&settled(&simulator, |_| {}), None).unwrap();
        let subjects: Vec<Subject> = snapshot.users.iter().map(|user| Subject::user(user.id.clone())).collect();
        let subjects: Vec<Subject> = subjects.into_iter().chain([Subject::parse("anonymous").unwrap()]).collect();
        let contents: Vec<String> = snapshot.contents.iter().map(|content| content.id.to_string()).collect();
        let ids = contents.iter().cloned().chain(snapshot.users.iter().map(|user| user.id.to_string())).collect();
        let whole = |path: &str, query: &str| match query {
            "" => path.to_owned(),
            query => format!("{path}?{query}"),
        };
        let asked = simulator.requests().iter().map(|r| (r.method.clone(), whole(&r.path, &r.query))).collect();
        let mut ground = Self {
            name,
            options,
            asked,
            rows: rows_of(&snapshot),
            gaps: gaps_of(&snapshot.gaps),
            answers: BTreeMap::new(),
            subjects,
            contents,
            ids,
        };
        assert!(ground.rows.values().all(|rows| rows.len() > 3), "{name}: too little to lose");
        ground.answers = ground.answers_of(snapshot);
        let decided = ground.answers.values().filter(|answer| **answer != "unknown").count();
        assert!(decided * 2 > ground.answers.len(), "{name}: {decided} of {} are decided", ground.answers.len());
        ground
    }

    fn answers_of(&self, snapshot: Snapshot) -> BTreeMap<(String, String, &'static str), &'static str> {
        let access = Access::new(Arc::new(snapshot), None);
        let mut answers = BTreeMap::new();
        for subject in &self.subjects {
            for content in &self.contents {
                for (operation, word) in [(Operation::View, "view"), (Operation::Edit, "edit")] {
                    // A content that was not listed.
                    let answer = match access.can(subject, operation, content).as_str() {
                        "not_in_inventory" => "unknown",
                        answer => answer,
                    };
                    answers.insert((subject.to_string(), content.clone(), word), answer);
                }
            }
        }
        answers
    }

    /// A fault of kind number `kind` at a place that is asked for.
    fn fault(&self, kind: usize, dice: &mut fastrand::Rng) -> Fault {
        let effect = self.effect(kind, dice);
        let (method, target) = &self.asked[dice.usize(..self.asked.len())];
        let path = target.split('?').next().unwrap_or_default();
        let parent = path.rsplit_once('/').map_or(path, |(parent, _)| parent);
        // One address, one path, all beside it, or everything.
        let fault = match dice.usize(..8) {
            0 | 1 => Fault::exactly(target.clone(), effect),
            2..=4 => Fault::on(path, effect).method(method.clone()),
            5 | 6 => Fault::on(parent, effect),
            _ => Fault::on("", effect),
        };
        let fault = match dice.usize(..3) {
            0 => fault,
            _ => fault.skip(dice.u64(..4)),
        };
        let short = matches!(fault.effect, Effect::Quota(wait) if wait < Duration::from_secs(2));
        let once = short || matches!(fault.effect, Effect::Restart(_) | Effect::Dribble(_));
        match dice.usize(..3) {
            _ if once => fault.once(),
            0 => fault.once(),
            1 => fault.times(dice.u64(2..6)),
            _ => fault,
        }
    }

    fn effect(&self, kind: usize, dice: &mut fastrand::Rng) -> Effect {
        let id = self.ids[dice.usize(..self.ids.len())].clone();
        let status = |status: u16, wait: Option<&str>| Effect::Status {
            status,
            retry_after: wait.map(str::to_owned),
            body: None,
        };
        let seraph = |word: &str| Effect::Headers(vec![("x-seraph-loginreason".to_owned(), word.to_owned())]);
        match kind {
            0 => status(*dice.choice(&[400, 401, 403, 404, 410, 405, 409, 418]).unwrap(), None),
            1 => status(*dice.choice(&[500, 502, 503, 504]).unwrap(), None),
            2 => status(429, *dice.choice(&[None, Some("0"), Some("0.02"), Some("86400")]).unwrap()),
            3 => Effect::LoginPage,
            4 => Effect::Body(
                (*dice.choice(&["{}", "[]", "null", "", "7", "\"gone\"", "{\"results\":null}"]).unwrap()).to_owned(),
            ),
            5 => Effect::Truncated,
            6 => Effect::Drop,
            7 => Effect::DropMidBody,
            8 => Effect::Stall(Duration::from_millis(dice.u64(1..60))),
            9 => Effect::Stall(Duration::from_secs(3600)),
            10 => Effect::EmptyPage,
            11 => Effect::LoopingNext,
            12 => Effect::ShortPage(dice.usize(1..4)),
            13 => Effect::JumpingNext(dice.usize(1..6)),
            14 => Effect::ForeignNext("https://evil.example".to_owned()),
            15 => Effect::Unservable { id, status: *dice.choice(&[500, 403, 404]).unwrap() },
            16 => Effect::LongAddress(dice.usize(40..400)),
            17 => Effect::Spoilt(id),
            18 => Effect::Redirect("https://evil.example/login".to_owned()),
            19 => Effect::Redirect(self.asked[dice.usize(..self.asked.len())].1.clone()),
            20 => Effect::Headers(vec![("x-ratelimit-nearlimit".to_owned(), "true".to_owned())]),
            21 => seraph(dice.choice(&["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED", "OK"]).unwrap()),
            22 => Effect::Dribble(Duration::ZERO),
            23 => Effect::Endless,
            24 => Effect::Announce(2 << 30),
            25 => Effect::Deep(dice.usize(100..5000)),
            26 => Effect::Bomb(64),
            27 => Effect::Restart(Duration::from_millis(dice.u64(1..40))),
            28 => Effect::Restart(Duration::from_secs(3600)),
            29 => Effect::Expire,
            30 => Effect::Quota(Duration::from_secs(*dice.choice(&[1, 3600]).unwrap())),
            31 => Effect::Shift(1),
            32 => Effect::Shift(dice.i64(-3..4)),
            _ => status(400, None),
        }
    }

    /// One snapshot with these faults.
    fn run(&self, run: u64, faults: Vec<Fault>) -> Outcome {
        let told = format!("run {run}, {}: {faults:?}", self.name);
        let simulator = support::started(Options { faults, ..self.options.clone() });
        let client = settled(&simulator, |config| {
            config.timeout = Duration::from_millis(400);
            config.deadline = Duration::from_secs(3);
        });
        let began = Instant::now();
        let read = support::run(async {
            let snapshot = client.snapshot(None, Default::default());
            tokio::time::timeout(LONGEST, snapshot).await.unwrap_or_else(|_| panic!("{told}: it hangs"))
        });
        let took = began.elapsed();
        let struck = simulator.requests().iter().any(|request| request.fault.is_some());
        let problem = match read {
            Err(error) => self.wrong_error(&error),
            Ok(snapshot) => self.wrong(snapshot),
        };
        match problem {
            Ok(kind) => Outcome { kind: if struck { kind } else { "not struck" }, took, wrong: None },
            Err(wrong) => Outcome { kind: "wrong", took, wrong: Some(format!("{told}\n    {wrong}")) },
        }
    }

    fn wrong_error(&self, error: &Error) -> Result<&'static str, String> {
        let text = error.to_string();
        if text.is_empty() || text.contains('\n') || text.contains(&self.options.token) {
            return Err(format!("an error that says too little or too much: {error:?}"));
        }
        Ok("error")
    }

    /// What is wrong with a snapshot, if anything is.
    fn wrong(&self, snapshot: Snapshot) -> Result<&'static str, String> {
        let (rows, gaps) = (rows_of(&snapshot), gaps_of(&snapshot.gaps));
        let new: Vec<Gap> = snapshot
            .gaps
            .iter()
            .filter(|gap| !self.gaps.contains(&gaps_of(std::slice::from_ref(*gap)).pop_first().unwrap_or_default()))
            .cloned()
            .collect();
        for (table, whole) in &self.rows {
            let lost: Vec<&String> = whole.difference(&rows[table]).take(5).collect();
            let more: Vec<&String> = rows[table].difference(whole).take(5).collect();
            if (!lost.is_empty() || !more.is_empty()) && new.is_empty() {
                return Err(format!("{table} differ and no gap says so:\n    lost {lost:#?}\n    more {more:#?}"));
            }
            if !lost.is_empty() && !new.iter().any(|gap| names(table, &gap.scope)) {
                return Err(format!("{table} are lost, and no gap is about them:\n    lost {lost:#?}\n    {gaps:#?}"));
            }
        }
        let answers = self.answers_of(snapshot);
        for (question, whole) in &self.answers {
            let now = answers[question];
            if now != *whole && now != "unknown" && *whole != "unknown" {
                return Err(format!("{question:?} was {whole} and is {now}; {gaps:#?}"));
            }
            if now != *whole && new.is_empty() {
                return Err(format!("{question:?} was {whole} and is {now} without a gap"));
            }
        }
        Ok(if new.is_empty() { "equal" } else { "gaps" })
    }
}

/// Whether a gap of this scope says that rows of a table may be missing.
fn names(table: &str, scope: &GapScope) -> bool {
    let scopes: &[GapScope] = match table {
        "spaces" => &[GapScope::Space],
        "contents" => &[GapScope::Space, GapScope::Content],
        "users" => &[GapScope::User, GapScope::Group, GapScope::SpacePermissions, GapScope::Content, GapScope::Space],
        "groups" => &[GapScope::Group],
        "memberships" => &[GapScope::Group],
        "space_permissions" => &[GapScope::SpacePermissions, GapScope::Space],
        // A group that could not be looked up is the same entry by another name.
        _ => &[GapScope::Content, GapScope::Space, GapScope::Group],
    };
    *scope == GapScope::Site || scopes.contains(scope)
}

struct Outcome {
    kind: &'static str,
    took: Duration,
    wrong: Option<String>,
}

/// Kinds of faults, as [`Ground::effect`] counts them.
const KINDS: usize = 33;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[test]
fn no_fault_and_no_pair_of_faults_is_silent_or_turns_an_answer_round() {
    let grounds = grounds();
    let from = number("CONFLUENCE_ACCESS_SWEEP_FROM").unwrap_or(0);
    let runs = from..from + number("CONFLUENCE_ACCESS_SWEEP").unwrap_or(RUNS);
    let (mut kinds, mut wrong, mut slowest) = (BTreeMap::new(), Vec::new(), (Duration::ZERO, 0));
    for run in runs.clone() {
        let mut dice = fastrand::Rng::with_seed(run);
        let ground = &grounds[run as usize % grounds.len()];
        // Each kind alone in turn, then with another one.
        let (first, pair) = ((run as usize / grounds.len()) % KINDS, !run.is_multiple_of(3));
        let mut faults = vec![ground.fault(first, &mut dice)];
        if pair {
            let second = dice.usize(..KINDS);
            faults.push(ground.fault(second, &mut dice));
        }
        let outcome = ground.run(run, faults);
        *kinds.entry(outcome.kind).or_insert(0_u64) += 1;
        slowest = slowest.max((outcome.took, run));
        wrong.extend(outcome.wrong);
    }
    println!("{runs:?}: {kinds:?}; slowest {slowest:?}");
    assert!(wrong.is_empty(), "{} of {runs:?} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let all = ["equal", "gaps", "error"].iter().all(|kind| kinds.contains_key(kind));
    assert!(all || runs.end - runs.start < RUNS, "{kinds:?}");
}
