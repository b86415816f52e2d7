//! What the tests share: simulators, clients of this library, plain HTTP to talk to a simulator, servers of one answer.

pub mod canned;
pub mod session;
pub mod talk;

use std::sync::Arc;
use std::time::Duration;

use confluence_access::fetch::{Client, Config, Error, Progress};
use confluence_access::model::{Deployment, Snapshot};
use confluence_access::simulator::{Options, Simulator};
use secrecy::SecretString;
use serde_json::Value;

pub const BOTH: [Deployment; 2] = [Deployment::Cloud, Deployment::DataCenter];

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

pub fn started(options: Options) -> Simulator {
    Simulator::start(options).unwrap()
}

/// A simulator of this site, on Cloud unless `change` says otherwise.
pub fn simulated(site: Value, change: impl FnOnce(&mut Options)) -> Simulator {
    let mut options = Options { site: Some(site), ..Options::default() };
    change(&mut options);
    started(options)
}

/// Settings that let in the caller of the simulator: username and token on Cloud, a personal access token on Data Center.
pub fn config(simulator: &Simulator) -> Config {
    let mut config = match simulator.deployment() {
        Deployment::Cloud => Config::new(simulator.url()).with_token(simulator.username(), simulator.token()),
        Deployment::DataCenter => Config {
            token: Some(SecretString::from(simulator.token().to_owned())),
            deployment: Some(Deployment::DataCenter),
            ..Config::new(simulator.url())
        },
    };
    config.backoff = Duration::from_millis(2);
    config.timeout = Duration::from_secs(5);
    config
}

pub fn client_of(simulator: &Simulator, change: impl FnOnce(&mut Config)) -> Client {
    let mut config = config(simulator);
    change(&mut config);
    Client::new(config).unwrap()
}

pub fn client(simulator: &Simulator) -> Client {
    client_of(simulator, |_| {})
}

/// The snapshot of some spaces, or of all.
pub fn taken(client: &Client, scope: Option<&[&str]>) -> Result<Snapshot, Error> {
    run(client.snapshot(scope.map(words), Arc::new(Progress::new())))
}

pub fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// Fails where the simulator got a request it does not know.
pub fn understood(simulator: &Simulator) {
    assert!(simulator.unexpected().is_empty(), "not understood: {:#?}", simulator.unexpected());
}

/// Everything an error can show, the whole chain included.
pub fn texts(error: &Error) -> String {
    let mut all = format!("{error}\n{error:?}\n{:#?}\n{:?}\n{:?}\n", error, error.url(), error.route());
    let mut link = std::error::Error::source(error);
    while let Some(cause) = link {
        all.push_str(&format!("{cause}\n{cause:?}\n"));
        link = cause.source();
    }
    for gap in error.gaps() {
        all.push_str(&format!("{gap:?}\n"));
    }
    all
}
