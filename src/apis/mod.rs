//! What each upstream API is asked and what it answers. Builds request values, reads response values; never I/O.
//!
//! One folder per API, each with the same rooms:
//!
//! | file | what stands there |
//! |---|---|
//! | `routes.rs` | its [`Route`]s, one declared row each |
//! | `requests.rs` | what to ask: pure functions to a [`Request`] along a route, tested against literal strings |
//! | `wire.rs` | serde structs exactly as sent, each with the address of its document |
//! | `lift.rs` (or a folder of that name) | wire → facts of the model and gaps: the only place that knows the quirks of the API |
//! | `methods.rs` | of an add-on API: its methods, one declared row each ([`methods`]) |
//! | `questions.rs` | an example of each request, and its reader |
//! | `mod.rs` | its [`Api`]: what it answers and what it cannot see |
//!
//! **One more API** is a folder with these files and one line in [`APIS`]. Each of its routes has an example
//! request and a reader; the conformance suite walks the list and feeds every recorded answer back whole, cut off, as
//! a login page, with a next link that leads nowhere, with unknown words, with nulls and with an alien among the rows.
//!
//! # Rules all readers keep
//!
//! - An answer of another shape is [`Unreadable`]; one bad element is a [`Gap`](crate::model::Gap), and the rest is kept.
//! - Unknown words, nulls and missing fields are normal. What the server did not say is `None`, never "no".
//! - Empty is not missing: a list that was not sent is never read as a list without entries.
//! - The end of a listing is what the server says about its next page, not a short or an empty page. The link itself is
//!   never followed: the position is taken out of it and put into the request that was ours
//!   ([`Request::continued`]).

#[macro_use]
mod route;
#[macro_use]
pub mod methods;

pub mod auditing;
pub mod cloud_v1;
pub mod cloud_v2;
pub mod datacenter;
pub mod extender;
pub mod graphql;
pub mod json_rpc;
pub mod org_admin;

mod api;
mod characters;
mod continuation;
pub mod cql;
pub mod errors;
mod lenient;
mod listing;
mod people;
mod provenance;
mod reading;
mod request;
mod rest_v1;
mod vocabulary;
mod wanted;

pub use api::{Api, Change, Outcome, Question};
pub use continuation::{Continuation, PaginationError};
pub use people::can_be_looked_up;
pub use reading::{Context, Node, Page, Unreadable, UnreadableKind};
pub(crate) use request::fitting;
pub use request::{MOST_ADDRESS, Request};
pub use rest_v1::contents::Found;
pub use rest_v1::lists::{ContentRestrictions, ListState, SubjectList};
pub use route::{Method, Route};
pub use wanted::{
    UnknownPermission, UnknownType, global_permission_type_wanted, permission_type_wanted, permission_wanted,
    space_permission_wanted,
};

use crate::model::{AuditRecord, Origin};

/// Every API this version speaks. One more is one more line.
pub const APIS: &[&dyn Api] = &[
    &cloud_v2::CloudV2,
    &cloud_v1::CloudV1,
    &org_admin::OrgAdmin,
    &graphql::GraphQl,
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
