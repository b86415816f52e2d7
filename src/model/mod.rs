//! What a site is: the facts both wings of the house speak about.
//!
//! Records carry what the server said and where it said it. A missing value means "the server did not say".

mod audit;
mod cell;
mod content;
mod decision;
mod deployment;
mod directory;
mod domain;
mod gap;
mod group;
pub mod id;
mod nearest;
mod noun;
mod open_enum;
mod operation;
mod origin;
mod part;
mod permission;
mod plain;
pub mod plan;
mod policy;
mod record;
mod refreshed;
mod restriction;
mod site;
mod snapshot;
mod space;
mod subject;
mod user;
mod visible;
mod words;
mod write;

pub use audit::{
    AuditAuthor, AuditObject, AuditRecord, AuditValue, AuthorType, ChangeKind, ChangeScope, Confidence,
    PermissionChange,
};
pub use cell::{Cell, Kind, Origins, Stored, Typed, Value};
pub(crate) use cell::{typed, word};
pub use content::{Content, ContentStatus, ContentType};
pub use decision::{Decision, Verdict};
pub use deployment::Deployment;
pub use directory::{Directory, DirectoryLink, Identity, LastActive};
pub use domain::{InvalidDomain, domains};
pub use gap::{Gap, GapCause, GapScope, Listing, Missing, SiteFact};
pub use group::{DirectMembership, Group, GroupSource, SUPER_GROUP};
pub(crate) use nearest::nearest;
pub use noun::Noun;
pub use operation::{Operation, UnknownOperation};
pub use origin::{Origin, Timestamp};
pub(crate) use part::part;
pub use part::{Part, PartField};
pub use permission::{GlobalPermission, Permission, PermissionRow, SitePermission, SpacePermission, role_grants};
pub use plain::{Dangling, PlainError};
pub use policy::{InvalidSwitch, Policy, Switch, SwitchKind, SwitchName, SwitchRow, VanishedGroups};
pub(crate) use record::record;
pub use record::{About, Column, Declaration, Record, Row, StoredRecord, WrongCell};
pub use refreshed::{RefreshOutcome, RefreshReason, RefreshScope, Refreshed, Touched};
pub use restriction::{Restriction, RestrictionOperation};
pub use site::{Asked, BlindSpot, Note, Plan, RoleMode, Site};
pub use snapshot::Snapshot;
pub use space::Space;
pub use subject::{AccessClass, InvalidSubject, Subject, SubjectKind};
pub use user::{User, UserType};
pub use visible::visible;
pub(crate) use words::words;
pub use write::{CheckResult, WriteKind, WriteOutcome, WriteResult};
