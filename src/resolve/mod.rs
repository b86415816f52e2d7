//! Site and policy to decision and explanation. Pure: no I/O, no clock.
//!
//! `view = site ∧ view in the space ∧ every view list from the content up to the root of its tree`;
//! `edit = view ∧ the edit permission in the space for that type ∧ the content's own edit list`. Space permissions add
//! up, restrictions narrow. Every input may be unknown: a denial by a known gate beats a doubt, a doubt beats allowed.
//! Each subject is evaluated as itself; lists of principals are never intersected as names.
//!
//! [`Access`] answers, resting on the switches of a [`Policy`](crate::model::Policy); [`CODES`] says what each reason
//! code means.

mod access;
mod acl;
mod answer;
mod answers;
mod asker;
mod audience_facts;
mod audiences;
mod bursts;
mod chain;
mod codes;
mod comparison;
mod diff;
mod engine;
mod explanation;
mod exposure;
mod findings;
mod grantees;
mod history;
mod labels;
mod lookup;
mod measure;
mod members;
mod named;
mod needs;
mod outsiders;
mod parts;
mod past;
mod plan;
mod population;
mod rules;
mod sample;
mod site;
mod space_access;
mod threads;
mod tree;
mod tri;
mod uses;
mod who;

pub use access::Access;
pub use acl::{Acl, AclChange, Audience, SITE_USERS};
pub use answers::{ContentAccess, Grantee, PairBatch, SummaryRow, UnknownContent, UnknownSpace};
pub use bursts::merge_bursts;
pub use codes::{CODES, Code, sentence};
pub use comparison::{Compared, Disagreement};
pub use diff::{
    AccessChange, CauseKind, CompareOptions, DiffOptions, Difference, DifferentSites, MatchBy, Side, Unmatched,
    UnmatchedKind, UnmatchedReason,
};
pub use explanation::{
    Explanation, Fix, Gate, GateName, IrrelevantRestriction, ListedPrincipal, Outcome, Place, SubjectState, SwitchUse,
    Way, WayIn,
};
pub use exposure::{Exposure, ExposureCode, ExposureCodes, ExposureKind, ExposureOptions, Reach};
pub use findings::{
    FINDINGS, Finding, FindingCode, FindingOptions, HUGE_GROUP, Severity, TOO_MANY_RESTRICTIONS, UnknownFinding,
};
pub use history::{Asked, UnknownMeaning, Wording, meanings, permission_changes, permission_changes_worded, touched};
pub use lookup::{Candidate, MissingSubject, SubjectLookup};
pub use measure::{MOST_QUESTIONS, Measured, Measurement, Reply, Trial};
pub use named::{content_id, space_key};
pub use parts::PARTS;
pub use past::{AccessInterval, Changes, NotInTime, as_of, history};
pub use plan::{LineLookup, PlanFailure, PlanLookup, what_if};
pub use sample::Question;
pub use space_access::{SpaceAccess, SpaceLevel};
pub use tree::{Tree, TreeLevel, TreeList, TreeStyle};
pub use uses::{Use, UseKind};
pub use who::AsIf;
