//! The only I/O of the house: transport, credentials, retry, rate limit, paging, the crawl, audit log files.
//!
//! A [`Client`] is made from a [`Config`], which is judged before anything is sent. Every call is one future: dropping
//! it stops what it started.

mod accounts;
mod admin_key;
mod answers;
mod audit;
mod audit_files;
mod backend;
mod bulk;
mod change;
mod check;
mod checkpoint;
mod client;
mod cloud;
mod config;
mod crawl;
mod credentials;
mod datacenter;
mod earlier;
mod error;
mod failures;
mod find;
mod halves;
mod identities;
mod identity;
mod journal;
mod limit;
mod lists;
mod locked;
mod lookup;
mod measure;
mod organization;
mod pages;
mod plan;
mod progress;
mod refresh;
mod retry;
mod session;
mod target;
mod tls;
mod transport;

pub use answers::{Members, Server};
pub use audit::{AuditRange, AuditSource};
pub use audit_files::read_audit_log;
pub use change::{Applied, ApplyOptions, WriteOptions};
pub use client::Client;
pub use config::{Config, TokenSource};
pub use crawl::SnapshotOptions;
pub use datacenter::{Answered, ContentAnswer, Extender, JsonRpc, ListAnswer, RowsAnswer};
pub use earlier::Judge;
pub use error::{Error, ErrorKind, TokenFailure};
pub use failures::Failures;
pub use journal::{Event, EventKind, Journal, Waited};
#[cfg(feature = "python")]
pub(crate) use locked::Locked;
pub use measure::askable;
pub use progress::{Progress, Stage};

/// What the calls of this room answer.
pub type Result<T> = std::result::Result<T, Error>;
