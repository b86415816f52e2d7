//! A plan: its lines, and the site it was made for. As JSON that people read and write.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::step::{InvalidStep, Step};

/// Changes to make, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangePlan {
    /// Address of the site it was made for; `None`: for any.
    pub site: Option<String>,
    /// The lines.
    pub steps: Vec<Step>,
}

/// What a file with a plan is called in it.
const KIND: &str = "confluence-access plan";
/// Version of the layout of such a file.
const FORMAT: u32 = 1;

/// A plan in its file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    kind: String,
    format: u32,
    #[serde(default)]
    site: Option<String>,
    steps: Vec<serde_json::Value>,
}

/// Text that is not a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// Not the JSON of a plan.
    #[error("it is not a plan: {0}")]
    Unreadable(String),
    /// Written by a later version.
    #[error("it has format {0}, which is newer than this version of confluence-access reads ({FORMAT}): update it")]
    Newer(u32),
    /// A line that cannot be meant.
    #[error("line {line}: {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

impl InvalidPlan {
    /// The line that is wrong, counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Line { line, .. } => Some(*line),
            Self::Unreadable(_) | Self::Newer(_) => None,
        }
    }
}

impl ChangePlan {
    /// The same with one more line.
    ///
    /// # Errors
    /// Where it cannot be meant on any site.
    pub fn with(mut self, step: Step) -> Result<Self, InvalidStep> {
        self.steps.push(step.checked()?);
        Ok(self)
    }

    /// The lines with their numbers, but for those that are finished.
    pub fn unfinished(&self, finished: &BTreeSet<usize>) -> impl Iterator<Item = (usize, &Step)> {
        (1..).zip(&self.steps).filter(|(line, _)| !finished.contains(line))
    }

    /// The plan as JSON.
    ///
    /// # Errors
    /// Where a text cannot be written, which does not happen.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let steps = self.steps.iter().map(serde_json::to_value).collect::<serde_json::Result<_>>()?;
        let document = Document { kind: KIND.to_owned(), format: FORMAT, site: self.site.clone(), steps };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }

    /// The plan in a JSON text.
    ///
    /// # Errors
    /// Where it is not one, or a line cannot be meant on any site.
    pub fn from_json(text: &str) -> Result<Self, InvalidPlan> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| InvalidPlan::Unreadable(error.to_string()))?;
        if value.get("kind").and_then(serde_json::Value::as_str) != Some(KIND) {
            return Err(InvalidPlan::Unreadable(format!("`kind` must be `{KIND}`")));
        }
        let format = value.get("format").and_then(serde_json::Value::as_u64).and_then(|n| u32::try_from(n).ok());
        if let Some(newer) = format.filter(|format| *format > FORMAT) {
            return Err(InvalidPlan::Newer(newer));
        }
        let document: Document =
            serde_json::from_value(value).map_err(|error| InvalidPlan::Unreadable(error.to_string()))?;
        let mut plan = Self { site: document.site, steps: Vec::new() };
        for (at, value) in document.steps.into_iter().enumerate() {
            let wrong = |why: String| InvalidPlan::Line { line: at + 1, why };
            let step: Step = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
            plan.steps.push(step.checked().map_err(|error| wrong(error.to_string()))?);
        }
        Ok(plan)
    }

    /// Whether it may be used on the site with this address; a site described offline has none.
    pub fn is_for(&self, address: Option<&str>) -> bool {
        let plain = |address: &str| {
            let address = address.trim().trim_end_matches('/');
            let bare = address.split_once("://").map_or(address, |(_, rest)| rest).to_ascii_lowercase();
            bare.strip_suffix("/wiki").map(str::to_owned).unwrap_or(bare)
        };
        match (&self.site, address) {
            (Some(own), Some(other)) => plain(own) == plain(other),
            _ => true,
        }
    }
}

impl fmt::Display for ChangePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{}. {step}", at + 1)?;
        }
        Ok(())
    }
}
