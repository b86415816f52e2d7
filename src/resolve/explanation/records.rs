//! What an explanation holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::model::{Decision, Gap, Operation, Subject, Switch, Timestamp, Verdict, part, typed};
pub use crate::resolve::rules::Way;

/// What became of one gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The subject passes.
    Pass,
    /// The subject is stopped.
    Fail,
    /// Cannot be decided from what is known.
    Unknown,
    /// There is nothing to pass, such as an empty list.
    NotApplicable,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl Outcome {
    /// What the gate comes to, where outcomes are added up.
    pub(super) fn decision(self) -> Decision {
        match self {
            Self::Pass | Self::NotApplicable => Decision::Allowed,
            Self::Unknown => Decision::Unknown,
            Self::Fail => Decision::Denied,
        }
    }
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allowed => Self::Pass,
            Decision::Unknown => Self::Unknown,
            Decision::Denied => Self::Fail,
        }
    }
}

// Each is its word in Python.
typed!(Outcome: "str", GateName: "str", Way: "str");

/// Which gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateName {
    /// May the subject use the site.
    Site,
    /// Does the site accept changes.
    SiteMode,
    /// State of the content: draft, archived, trashed.
    State,
    /// State of the space: archived.
    SpaceState,
    /// View in the space.
    Space,
    /// The permission in the space the operation needs beside view.
    SpaceOperation,
    /// A view list in the chain.
    ViewList,
    /// An edit list.
    EditList,
    /// Administering the whole of Confluence (Data Center).
    SystemAdmin,
}

impl GateName {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::SiteMode => "site_mode",
            Self::State => "state",
            Self::SpaceState => "space_state",
            Self::Space => "space",
            Self::SpaceOperation => "space_operation",
            Self::ViewList => "view_list",
            Self::EditList => "edit_list",
            Self::SystemAdmin => "system_admin",
        }
    }
}

part! {
    /// An entry of a gate, and whether the subject passes through it.
    pub struct ListedPrincipal {
        /// The entry as text.
        pub subject: Subject,
        /// Its name, if known.
        pub name: Option<String>,
        /// Role that gives the permission (space gates).
        pub via_role: Option<String>,
        /// `pass`, `fail` or `unknown`: whether the subject is, or belongs to, the entry.
        pub outcome: Outcome,
        /// How the subject passes, such as `direct` or `group eng`; empty if it does not pass through this entry.
        pub via: String,
    }
}

part! {
    /// One gate, evaluated whether or not an earlier one failed.
    pub struct Gate {
        /// `site`, `site_mode`, `state`, `space_state`, `space`, `space_operation`, `view_list`, `edit_list` or
        /// `system_admin`.
        pub name: GateName,
        /// `pass`, `fail`, `unknown` or `not_applicable`.
        pub outcome: Outcome,
        /// Its codes, sorted.
        pub codes: Vec<&'static str>,
        /// A description in one sentence.
        pub text: String,
        /// `editor`, `space_admin` or `system_admin` if there are several ways to be allowed, as for
        /// `remove_restrictions`: passing all gates of one way, and those without a way, is enough. Null: every way
        /// requires this gate.
        pub way: Option<Way>,
        /// The unknown facts, one sentence each, such as `not known whether Ada Tanaka is a product admin`; empty if
        /// the gate is decided.
        pub doubts: Vec<String>,
        /// The content item whose restriction this is.
        pub content_id: Option<String>,
        /// Its title.
        pub content_title: Option<String>,
        /// How many levels above the item of the question; 0 is the item itself.
        pub levels_up: Option<u32>,
        /// Where it is set, such as `2 levels up, at *Plans*`.
        pub place: Option<String>,
        /// Entries of the restriction, or subjects of the grants, as stored; if the gate is `unknown`, the unknown ones
        /// first.
        pub principals: Vec<ListedPrincipal>,
        /// The entries the subject passes through, as lines of text.
        pub witnesses: Vec<String>,
        /// How many accounts certainly pass this gate; null if they were not counted.
        pub could_pass: Option<u64>,
        /// Up to ten of them, by display name.
        pub could_pass_names: Arc<[Arc<str>]>,
    }
}

part! {
    /// A bypass or an exposure: access that is not standing access.
    pub struct WayIn {
        /// Its code, such as `bypass.admin_key`.
        pub code: &'static str,
        /// Whether it is open now.
        pub open: bool,
        /// A description in one sentence.
        pub text: String,
    }
}

part! {
    /// A change that would give the subject access.
    pub struct Fix {
        /// The change to make.
        pub change: String,
        /// Who can make it.
        pub by: String,
    }
}

part! {
    /// A restriction that seems to matter but does not.
    pub struct IrrelevantRestriction {
        /// The content item it is set on.
        pub content_id: String,
        /// Title of that item.
        pub content_title: Option<String>,
        /// How many levels above the item of the question.
        pub levels_up: u32,
        /// Why it does not matter.
        pub text: String,
    }
}

part! {
    /// A switch of the policy that an answer depends on, or that is in force.
    pub struct SwitchUse {
        /// Name of the switch.
        pub name: &'static str,
        /// Its value.
        pub value: Switch,
        /// Whether the value is the default of the deployment.
        pub default: bool,
        /// The question it answers.
        pub question: &'static str,
        /// Address of the document, if there is one.
        pub source: Option<&'static str>,
    }
}

part! {
    /// The subject of a question, and what is known about it.
    pub struct SubjectState {
        /// The subject as text, with names resolved to an id.
        pub subject: Subject,
        /// Its name, if known.
        pub name: Option<String>,
        /// `active`, `deactivated`, `guest`, `unlicensed`, `app`, `group`, `anonymous`, `unknown` …
        pub state: String,
        /// A sentence that says so if the snapshot has no such subject; else null.
        pub note: Option<String>,
        /// Similar texts that match a subject of the snapshot; empty if the snapshot has the subject.
        pub nearest: Vec<String>,
    }
}

part! {
    /// The content item of a question.
    pub struct Place {
        /// Id of the content.
        pub id: String,
        /// Its title.
        pub title: Option<String>,
        /// Its type, such as `page`.
        pub kind: String,
        /// `current`, `archived`, `draft` or `trashed`.
        pub status: String,
        /// Key of its space.
        pub space_key: String,
        /// Name of that space.
        pub space_name: Option<String>,
        /// The address people open.
        pub url: Option<String>,
    }
}

/// The answer to one question, with every reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What became of the question.
    pub verdict: Verdict,
    /// The same in three values.
    pub decision: Decision,
    /// What was asked.
    pub operation: Operation,
    /// About whom.
    pub subject: SubjectState,
    /// About what; `None` for a content that was not listed.
    pub content: Option<Place>,
    /// Id that was asked for.
    pub content_id: String,
    /// Standing access alone, without bypass and exposure.
    pub standing: Option<Decision>,
    /// `super_group` or `admin_key`, where that is the way in.
    pub bypass: Option<&'static str>,
    /// `public_link`, where that is the way in.
    pub exposure: Option<&'static str>,
    /// All codes, sorted.
    pub codes: Vec<&'static str>,
    /// Why the verdict is unknown, in words; empty where it is not.
    pub doubts: Vec<String>,
    /// All gates, in order: site, space, each view list from the root down to the content, its own edit list.
    pub gates: Vec<Gate>,
    /// Restricted layer (`A.read`, `A.update`) to the listed principals through which the subject passes.
    pub witnesses: BTreeMap<String, Vec<String>>,
    /// Bypass and exposure, open or possible.
    pub ways_in: Vec<WayIn>,
    /// The smallest change that would open it.
    pub fixes: Vec<Fix>,
    /// Restrictions that do not matter for this operation.
    pub irrelevant: Vec<IrrelevantRestriction>,
    /// Gaps that touch the answer.
    pub gaps: Vec<Gap>,
    /// Switches of the policy the answer rests on.
    pub switches: Vec<SwitchUse>,
    /// When the facts were read.
    pub taken_at: Option<Timestamp>,
}

/// What the gates of a way come to; `None`: those every way needs.
pub(super) fn of_way(gates: &[Gate], way: Option<Way>) -> Decision {
    gates.iter().filter(|gate| gate.way == way).fold(Decision::Allowed, |all, gate| all.and(gate.outcome.decision()))
}
