//! The closed vocabularies of `types.py`, for the generator.

use pyo3::prelude::*;

use crate::model::{
    ChangeKind, Confidence, Dangling, Decision, Deployment, GapScope, Operation, RefreshOutcome, RefreshReason,
    RefreshScope, RestrictionOperation, WriteKind, WriteOutcome,
};
use crate::resolve::{
    CauseKind, ExposureCode, ExposureKind, FINDINGS, Reach, Severity, Side, SpaceLevel, UnmatchedKind, UnmatchedReason,
    UseKind,
};

macro_rules! vocabulary {
    ($name:literal, $words:ty) => {
        ($name, <$words>::ALL.iter().map(|word| word.as_str()).collect())
    };
}

/// Each type of `types.py` that is a choice of words, with the words.
#[pyfunction]
pub fn words() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        vocabulary!("Deployment", Deployment),
        vocabulary!("Operation", Operation),
        vocabulary!("RestrictionOperation", RestrictionOperation),
        vocabulary!("DecisionWord", Decision),
        ("GapScope", GapScope::KNOWN.to_vec()),
        vocabulary!("Severity", Severity),
        ("FindingCode", FINDINGS.iter().map(|finding| finding.code).collect()),
        vocabulary!("UseKind", UseKind),
        vocabulary!("Reach", Reach),
        vocabulary!("ExposureKind", ExposureKind),
        vocabulary!("ExposureCode", ExposureCode),
        vocabulary!("CauseKind", CauseKind),
        vocabulary!("Change", ChangeKind),
        vocabulary!("Confidence", Confidence),
        vocabulary!("Outcome", WriteOutcome),
        vocabulary!("WriteKind", WriteKind),
        vocabulary!("Dangling", Dangling),
        vocabulary!("SpaceLevel", SpaceLevel),
        vocabulary!("Side", Side),
        vocabulary!("UnmatchedKind", UnmatchedKind),
        vocabulary!("UnmatchedReason", UnmatchedReason),
        vocabulary!("RefreshScope", RefreshScope),
        vocabulary!("RefreshOutcome", RefreshOutcome),
        vocabulary!("RefreshReason", RefreshReason),
    ]
}
