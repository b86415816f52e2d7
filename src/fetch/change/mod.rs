//! Changes: permissions and roles in spaces, restrictions of contents.
//!
//! Every change goes the same way: read what is there, decide what differs, refuse what cannot be right or would lock
//! the caller out, and only then write, one subject at a time. What is as wanted already is skipped, so a call that
//! was cut off is simply made again. A write whose answer is lost is never sent again blindly: its outcome is
//! read first.

mod apply;
mod client;
mod grants;
mod lists;
pub(in crate::fetch) mod planned;
pub(in crate::fetch) mod principals;
pub(in crate::fetch) mod restrictions;
mod roles;
pub(in crate::fetch) mod spaces;

pub use apply::{Applied, ApplyOptions};
pub use planned::WriteOptions;
