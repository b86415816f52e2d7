//! How near a snapshot comes to the least time its requests can take, and to the barest client that sends the same.
//!
//! `cargo bench --bench fetch -- [--spaces 100] [--pages 10000] [--latency 50] [--at-once 5,16,32] [--one-space]
//! [--data-center] [--timeline] [--json]`. The limit is requests × latency / requests at once. The barest client sends
//! the requests of the snapshot again, each as soon as a place is free, and reads nothing of the answers but their bytes.
//! Processor time is that of the threads of each client, without the simulator's.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use confluence_access::fetch::{Client, Config, Progress};
use confluence_access::model::Deployment;
use confluence_access::simulator::{LoggedRequest, Options, Simulator};
use serde_json::{Value, json};

/// What the threads of a client are called, so that its processor time can be told from the simulator's.
const THREADS: &str = "bench-client";

/// What is measured.
struct Case {
    spaces: usize,
    pages: usize,
    latency: Duration,
    deployment: Deployment,
}

impl Case {
    /// A company of so many spaces, or one space of its own.
    fn simulator(&self) -> Simulator {
        let mut options = Options {
            deployment: self.deployment,
            latency: self.latency,
            pages: self.pages,
            spaces: self.spaces,
            users: (self.pages / 2).clamp(50, 5_000),
            groups: (self.spaces * 3).clamp(14, 300),
            ..Options::default()
        };
        if self.spaces == 1 {
            options.site = Some(one_space(self.pages));
        }
        Simulator::start(options).unwrap()
    }
}

/// One space, its pages five deep; every tenth is restricted.
fn one_space(pages: usize) -> Value {
    let mut contents = serde_json::Map::new();
    let mut restrictions = serde_json::Map::new();
    for n in 0..pages {
        let id = (1000 + n).to_string();
        let mut page = json!({"type": "page", "space": "ENG", "title": format!("Page {n}")});
        if n > 0 {
            let above = if n % 4 == 1 { 0 } else { n - 1 };
            page["parent"] = json!((1000 + above).to_string());
        }
        if n % 10 == 3 {
            restrictions.insert(id.clone(), json!({"read": ["group:eng"], "update": ["user:ann"]}));
        }
        contents.insert(id, page);
    }
    json!({
        "users": {"ann": {"product_admin": true}, "bob": {}},
        "groups": {"eng": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"ENG": {"type": "global", "homepage": "1000", "grants": {"group:eng": ["view", "create_page"]}}},
        "contents": contents,
        "restrictions": restrictions,
        "caller": "ann",
    })
}

/// What a run took.
struct Run {
    wall: f64,
    cpu: f64,
    in_flight: usize,
    log: Vec<LoggedRequest>,
}

/// Processor time of the threads of the client so far, in seconds.
fn cpu() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let own = tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|c| c.trim() == THREADS));
    let spent = own.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    spent.filter_map(|line| line.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e9
}

/// Runs `work` in a runtime of its own, on a fresh log.
fn timed<F: Future + Send + 'static>(simulator: &Simulator, work: F) -> (Run, F::Output)
where
    F::Output: Send + 'static,
{
    simulator.clear_log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name(THREADS)
        .enable_all()
        .build()
        .unwrap();
    let began = Instant::now();
    let output = runtime.block_on(async { tokio::spawn(work).await.unwrap() });
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu());
    runtime.shutdown_background();
    let (log, in_flight) = (simulator.requests(), simulator.max_in_flight());
    (Run { wall, cpu, in_flight, log }, output)
}

fn snapshot(simulator: &Simulator, at_once: usize) -> (Run, usize) {
    let config =
        Config { max_concurrency: at_once, deployment: Some(simulator.deployment()), ..Config::new(simulator.url()) };
    let config = match simulator.deployment() {
        Deployment::Cloud => config.with_token(simulator.username(), simulator.token()),
        Deployment::DataCenter => Config { token: Some(simulator.token().to_owned().into()), ..config },
    };
    let client = Client::new(config).unwrap();
    let (run, snapshot) = timed(simulator, async move { client.snapshot(None, Arc::new(Progress::new())).await });
    // Groups with names no path bears are asked for in ways a Data Center does not have.
    let cloud = simulator.deployment() == Deployment::Cloud;
    assert!(!cloud || simulator.unexpected().is_empty(), "{:#?}", simulator.unexpected());
    (run, snapshot.unwrap().contents.len())
}

/// Sends what is in `log` again and reads the bytes of the answers.
fn barest(simulator: &Simulator, at_once: usize, log: &[LoggedRequest]) -> (Run, usize) {
    let mark = |query: &str| if query.is_empty() { String::new() } else { format!("?{query}") };
    // What has a body cannot be sent again from a log; they are few.
    let asked = log.iter().filter(|request| request.method == "GET");
    let url = |request: &LoggedRequest| {
        format!("http://127.0.0.1:{}{}{}", simulator.port(), request.path, mark(&request.query))
    };
    let urls: Arc<Vec<String>> = Arc::new(asked.map(url).collect());
    let (user, token) = (simulator.username().to_owned(), simulator.token().to_owned());
    let cloud = simulator.deployment() == Deployment::Cloud;
    timed(simulator, async move {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let next = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let lanes = (0..at_once).map(|_| {
            let (urls, next, http, user, token) =
                (urls.clone(), next.clone(), http.clone(), user.clone(), token.clone());
            tokio::spawn(async move {
                let mut bytes = 0;
                while let Some(url) = urls.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let request = http.get(url);
                    let request =
                        if cloud { request.basic_auth(&user, Some(&token)) } else { request.bearer_auth(&token) };
                    bytes += request.send().await.unwrap().bytes().await.unwrap().len();
                }
                bytes
            })
        });
        futures::future::join_all(lanes.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).sum()
    })
}

/// Requests under way in each tenth of a round, and the requests of each route with the rounds of the first and the last.
fn timeline(log: &[LoggedRequest], round: Duration) {
    let Some(began) = log.iter().map(|request| request.started).min() else { return };
    let rounds = |at: Instant| at.duration_since(began).as_secs_f64() / round.as_secs_f64();
    let mut routes: BTreeMap<&str, (usize, f64, f64)> = BTreeMap::new();
    let mut busy: Vec<usize> = Vec::new();
    for request in log {
        let (from, to) = (rounds(request.started), rounds(request.finished.unwrap_or(request.started)));
        let route = routes.entry(request.route.unwrap_or("?")).or_insert((0, f64::MAX, 0.0));
        *route = (route.0 + 1, route.1.min(from), route.2.max(to));
        for tenth in (from * 10.0) as usize..=(to * 10.0) as usize {
            if busy.len() <= tenth {
                busy.resize(tenth + 1, 0);
            }
            busy[tenth] += 1;
        }
    }
    println!(
        "    requests under way, by round: {}",
        busy.iter().skip(4).step_by(10).map(usize::to_string).collect::<Vec<_>>().join(" ")
    );
    for (route, (count, from, to)) in routes {
        println!("    {count:>5}  {from:>6.1} to {to:>6.1}  {route}");
    }
}

fn measure(case: &Case, at_once: &[usize], (show, as_json): (bool, bool)) {
    if !as_json {
        println!(
            "{:?}: {} spaces, {} pages, {} ms",
            case.deployment,
            case.spaces,
            case.pages,
            case.latency.as_millis()
        );
    }
    for &at_once in at_once {
        let simulator = case.simulator();
        let (run, contents) = snapshot(&simulator, at_once);
        let (bare, bytes) = barest(&simulator, at_once, &run.log);
        let limit = run.log.len() as f64 * case.latency.as_secs_f64() / at_once as f64;
        let rounds = if case.latency.is_zero() { 0.0 } else { run.wall / case.latency.as_secs_f64() };
        if as_json {
            let line = json!({
                "deployment": format!("{:?}", case.deployment), "spaces": case.spaces, "pages": case.pages,
                "latency_ms": case.latency.as_millis() as u64, "at_once": at_once, "requests": run.log.len(),
                "contents": contents, "wall": run.wall, "cpu": run.cpu, "in_flight": run.in_flight, "limit": limit,
                "rounds": rounds, "bare_wall": bare.wall, "bare_cpu": bare.cpu, "bytes": bytes,
            });
            println!("{line}");
            continue;
        }
        println!(
            "  {at_once:>3} at once: {} requests, {:.2} s ({rounds:.1} rounds), {:.2} x the limit of {limit:.2} s, {:.2} s CPU, \
             {} in flight, {contents} contents",
            run.log.len(),
            run.wall,
            run.wall / limit,
            run.cpu,
            run.in_flight
        );
        println!(
            "      barest client: {:.2} s, {:.2} s CPU; ours takes {:.2} x the time and {:.2} x the CPU",
            bare.wall,
            bare.cpu,
            run.wall / bare.wall,
            run.cpu / bare.cpu
        );
        if show {
            timeline(&run.log, if case.latency.is_zero() { Duration::from_millis(1) } else { case.latency });
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let has = |name: &str| words.iter().any(|word| word == name);
    let number =
        |name: &str, default: usize| after(name).map_or(default, |word| word.replace('_', "").parse().unwrap());
    let one = has("--one-space");
    let case = Case {
        spaces: if one { 1 } else { number("--spaces", 100) },
        pages: number("--pages", if one { 500 } else { 10_000 }),
        latency: Duration::from_millis(number("--latency", 50) as u64),
        deployment: if has("--data-center") { Deployment::DataCenter } else { Deployment::Cloud },
    };
    let at_once = after("--at-once").map_or("5,16,32", String::as_str);
    let at_once: Vec<usize> = at_once.split(',').map(|word| word.parse().unwrap()).collect();
    let _ = rustls::crypto::ring::default_provider().install_default();
    measure(&case, &at_once, (has("--timeline"), has("--json")));
}
