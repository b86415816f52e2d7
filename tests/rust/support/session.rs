//! A simulator and a client of this library that reads and changes it.

use confluence_access::fetch::{Client, WriteOptions};
use confluence_access::model::{Deployment, Snapshot, WriteResult};
use confluence_access::simulator::{LoggedRequest, Options, Simulator};

use super::{client, runtime, started};

pub const PLAIN: WriteOptions = WriteOptions { dry_run: false, allow_lockout: false, allow_open: false };
pub const REHEARSED: WriteOptions = WriteOptions { dry_run: true, ..PLAIN };

pub struct Session {
    pub simulator: Simulator,
    pub client: Client,
    runtime: tokio::runtime::Runtime,
}

impl Session {
    pub fn with(options: Options) -> Self {
        let simulator = started(options);
        let runtime = runtime();
        let client = runtime.block_on(async { client(&simulator) });
        Self { simulator, client, runtime }
    }

    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn snapshot(&self) -> Snapshot {
        self.run(self.client.snapshot(None, Default::default())).unwrap()
    }

    /// How many requests went to addresses with this part.
    pub fn asked(&self, part: &str) -> usize {
        self.simulator.requests().iter().filter(|request| request.path.contains(part)).count()
    }

    /// Requests that change something.
    pub fn writes(&self) -> Vec<String> {
        let posts = |path: &str| match self.simulator.deployment() {
            Deployment::Cloud => ["/permission", "/restriction", "/role-assignments", "/userByGroupId"]
                .iter()
                .any(|end| path.ends_with(end)),
            // All of JSON-RPC is posted.
            Deployment::DataCenter => !path.contains("/get"),
        };
        let changes = |request: &LoggedRequest| match request.method.as_str() {
            "PUT" | "DELETE" => true,
            "POST" => posts(&request.path),
            _ => false,
        };
        let log = self.simulator.requests();
        log.iter().filter(|request| changes(request)).map(|r| format!("{} {}", r.method, r.path)).collect()
    }

    pub fn understood(&self) {
        super::understood(&self.simulator);
    }
}

/// Subject, permission and outcome of each row.
pub fn outcomes(rows: &[WriteResult]) -> Vec<(String, &'static str)> {
    rows.iter().map(|row| (format!("{} {}", row.subject, row.permission), row.outcome.as_str())).collect()
}
