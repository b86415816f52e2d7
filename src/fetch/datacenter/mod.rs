//! Confluence Data Center and Server: what one is asked, and what becomes of the answers.
//!
//! [`Reader`] is the twin of the one for Cloud: the same questions, the same records. What an installation can do is found
//! out once and kept in [`Installation`].

mod addon;
mod answered;
mod audit;
mod change;
mod check;
mod connect;
mod crawl;
mod extender;
mod json_rpc;
mod ladder;
mod people;
mod reader;
mod server;

pub use answered::{Answered, ContentAnswer, ListAnswer, RowsAnswer};
pub(super) use connect::{Installation, is_confluence, misplaced};
pub(super) use crawl::snapshot;
pub use extender::Extender;
pub use json_rpc::JsonRpc;
pub(super) use ladder::Rung;
pub(super) use reader::Reader;
