//! Confluence Data Center and Server: what one is asked, and what becomes of the answers.
//!
//! [`Site`] is the twin of that of Cloud: the same questions, the same records, in files of the same names. What an
//! installation can do is found out once and kept in [`Installation`].

mod addon;
mod answered;
mod audit;
mod change;
mod check;
mod connect;
mod contents;
mod extender;
mod groups;
mod json_rpc;
mod people;
mod permissions;
mod place;
mod restrictions;
mod server;
mod site;
mod snapshot;
mod sources;
mod spaces;

pub use answered::{Answered, ContentAnswer, ListAnswer, RowsAnswer};
pub(super) use connect::{Installation, is_confluence, misplaced};
pub use extender::Extender;
pub use json_rpc::JsonRpc;
pub(super) use people::WORDS;
pub(super) use restrictions::LISTS;
pub(super) use site::Site;
pub(super) use sources::PermissionSource;
