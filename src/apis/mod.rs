//! What each upstream API is asked and what it answers. Builds request values, reads response values; never I/O.
//!
//! One folder per API, each with the same rooms:
//!
//! | file | what stands there |
//! |---|---|
//! | `requests.rs` | what to ask: pure functions to a [`Request`], tested against literal strings |
//! | `wire.rs` | serde structs exactly as sent, each with the address of its document |
//! | `lift.rs` (or a folder of that name) | wire → facts of the model and gaps: the only place that knows the quirks of the API |
//! | `methods.rs` | of an add-on API: its methods, one declared row each ([`methods`]) |
//! | `mod.rs` | its [`Api`]: what it answers, what it cannot see, and one [`Route`] per question |
//!
//! **One more API** is a folder with these four files and one line in [`APIS`]. Each of its routes brings an example
//! request and its reader; the conformance suite walks the list and feeds every recorded answer back whole, cut off, as
//! a login page, with a next link that leads nowhere, with unknown words, with nulls and with an alien among the rows.
//!
//! # Rules all readers keep
//!
//! - An answer of another shape is [`Unreadable`]; one bad element is a [`Gap`], and the rest is kept.
//! - Unknown words, nulls and missing fields are normal. What the server did not say is `None`, never "no".
//! - Empty is not missing: a list that was not sent is never read as a list without entries.
//! - The end of a listing is what the server says about its next page, not a short or an empty page. The link itself is
//!   never followed: the position is taken out of it and put into the request that was ours
//!   ([`Request::continued`]).

#[macro_use]
pub mod methods;

pub mod auditing;
pub mod cloud_v1;
pub mod cloud_v2;
pub mod datacenter;
pub mod extender;
pub mod json_rpc;
pub mod org_admin;

mod characters;
mod continuation;
pub mod errors;
mod lenient;
mod people;
mod provenance;
mod reading;
mod request;
mod subject_lists;
mod vocabulary;
mod wanted;

pub use continuation::{Continuation, NoWayOn};
pub use people::can_be_looked_up;
pub use reading::{Context, Node, Page, Unreadable, UnreadableKind};
pub(crate) use request::fitting;
pub use request::{MOST_ADDRESS, Method, Request};
pub use subject_lists::{ContentRestrictions, ListState, SubjectList};
pub use vocabulary::stored_name;
pub use wanted::{
    UnknownPermission, UnknownType, global_permission_type_wanted, permission_type_wanted, permission_wanted,
    space_permission_wanted,
};

use crate::model::{AuditRecord, Gap, Origin};

/// One upstream API.
pub trait Api: Sync {
    /// Its name, the first word of every [`Origin`] it is the source of.
    fn name(&self) -> &'static str;

    /// What it can answer.
    fn answers(&self) -> &'static [&'static str];

    /// What it cannot see, and so must not be taken to deny.
    fn blind_to(&self) -> &'static [&'static str];

    /// The cheapest question that tells whether it is there for this account.
    fn probe(&self) -> Request;

    /// Its questions.
    fn routes(&self) -> &'static [Route];

    /// What it can change.
    fn writes(&self) -> &'static [Write] {
        &[]
    }
}

/// Every API this version speaks. One more is one more line.
pub const APIS: &[&dyn Api] = &[
    &cloud_v2::CloudV2,
    &cloud_v1::CloudV1,
    &org_admin::OrgAdmin,
    &datacenter::DataCenter,
    &auditing::Auditing,
    &json_rpc::JsonRpc,
    &extender::Extender,
];

/// Reads a record of an audit log again from the text it was kept as; `source` says where that came from. `None`: it is no
/// such text.
pub fn audit_record(raw: &str, source: &Origin) -> Option<AuditRecord> {
    match source.api() {
        "cloud_v1" => cloud_v1::lift::audit_record(raw, source),
        _ => auditing::lift::again(raw, source),
    }
}

/// A question an API answers: how it is asked and how the answer is read.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Name, the same for the request and for the reader.
    pub name: &'static str,
    /// Method and path with its variables, such as `GET /wiki/api/v2/spaces/{id}/permissions`.
    pub template: &'static str,
    /// An example of the request.
    pub example: fn() -> Request,
    /// The reader, reduced to what all readers have in common.
    pub read: fn(&[u8]) -> Result<Outcome, Unreadable>,
    /// Whether the answer may name a next page.
    pub paged: bool,
}

/// A change an API can make. Its answer is not read: what became of it is asked afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// Name.
    pub name: &'static str,
    /// Method and path with its variables.
    pub template: &'static str,
    /// An example of the request; nothing where the subject cannot be written this way.
    pub example: fn() -> Option<Request>,
}

/// What every reader brings home, whatever its rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Number of rows.
    pub rows: usize,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Where the next page starts.
    pub next: Option<Continuation>,
    /// Lists inside the rows that were cut short or not sent, which another request has to complete.
    pub to_complete: usize,
    /// Rows about somebody the server did not name.
    pub nameless: usize,
}
