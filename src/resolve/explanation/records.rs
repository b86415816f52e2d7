//! What an explanation holds.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Decision, Gap, Operation, Subject, Switch, Timestamp, Verdict, part, typed};

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
    /// A principal a gate knows, and whether the subject passes through it.
    pub struct ListedPrincipal {
        /// The principal as text.
        pub subject: Subject,
        /// Its name, if known.
        pub name: Option<String>,
        /// Role that brings the permission (space gates).
        pub via_role: Option<String>,
        /// `pass`, `fail` or `unknown`: whether the subject is or belongs to it.
        pub outcome: Outcome,
        /// How, such as `direct` or `group eng`; empty where the subject does not pass through it.
        pub via: String,
    }
}

/// One of several ways to be allowed: who passes all gates of one way, and those of none, is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// As somebody who may edit the content and change restrictions.
    Editor,
    /// As an administrator of the space.
    SpaceAdmin,
    /// As a system administrator (Data Center).
    SystemAdmin,
}

impl Way {
    /// What it is called in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Editor => "as somebody who may edit it and change restrictions",
            Self::SpaceAdmin => "as an administrator of the space",
            Self::SystemAdmin => "as a system administrator",
        }
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
        /// Codes it gives, sorted.
        pub codes: Vec<&'static str>,
        /// One sentence.
        pub text: String,
        /// `editor`, `space_admin` or `system_admin` where there are several ways to be allowed, as for
        /// `remove_restrictions`: passing all gates of one way, and those without one, is enough. Null: every way needs
        /// it.
        pub way: Option<Way>,
        /// The facts that are not known, a sentence for each, such as `not known whether Ada Tanaka is a product admin`;
        /// empty where the gate is decided.
        pub doubts: Vec<String>,
        /// The content whose list this is.
        pub content_id: Option<String>,
        /// Its title.
        pub content_title: Option<String>,
        /// How many levels above the content asked about; 0 is its own.
        pub levels_up: Option<u32>,
        /// Where it lives, such as `2 levels up, at *Plans*`.
        pub place: Option<String>,
        /// Principals of the list or the grant, as stored; where the gate is `unknown` the doubtful ones first.
        pub principals: Vec<ListedPrincipal>,
        /// Lines that say through which principals the subject passes.
        pub witnesses: Vec<String>,
        /// How many accounts pass this gate for certain; null where that was not counted.
        pub could_pass: Option<u64>,
        /// Up to ten of them, by display name.
        pub could_pass_names: Vec<String>,
    }
}

part! {
    /// A bypass or an exposure: a way in that is no standing access.
    pub struct WayIn {
        /// Its code, such as `bypass.admin_key`.
        pub code: &'static str,
        /// Whether it is open at this moment.
        pub open: bool,
        /// One sentence.
        pub text: String,
    }
}

part! {
    /// A change that would open the content to the subject.
    pub struct Fix {
        /// What to change.
        pub change: String,
        /// Who can.
        pub by: String,
    }
}

part! {
    /// A restriction that looks as if it mattered and does not.
    pub struct IrrelevantRestriction {
        /// Where it is stored.
        pub content_id: String,
        /// Title of that content.
        pub content_title: Option<String>,
        /// How many levels above the content asked about.
        pub levels_up: u32,
        /// Why it does not matter.
        pub text: String,
    }
}

part! {
    /// A switch of the policy an answer rests on, or one that is in force.
    pub struct SwitchUse {
        /// Name of the switch.
        pub name: &'static str,
        /// Its value.
        pub value: Switch,
        /// Whether that is the default of the deployment.
        pub default: bool,
        /// The question it answers.
        pub question: &'static str,
        /// Address of the document, if there is one.
        pub source: Option<&'static str>,
    }
}

part! {
    /// The subject of a question, and what is known of it.
    pub struct SubjectState {
        /// The subject as text, names resolved to an id.
        pub subject: Subject,
        /// Its name, if known.
        pub name: Option<String>,
        /// `active`, `deactivated`, `guest`, `unlicensed`, `app`, `group`, `anonymous`, `unknown` …
        pub state: String,
        /// A sentence that says so where the snapshot has no such subject; else null.
        pub note: Option<String>,
        /// Texts close to the one given that name a subject of the snapshot; empty for one it has.
        pub nearest: Vec<String>,
    }
}

part! {
    /// The content of a question.
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
        /// Address a person opens.
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
