//! Plans of changes for Python.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::access::{not_one_subject_as, with_texts};
use super::bridge::Answer;
use super::exceptions::exception;
use super::table::PyTable;
use crate::fetch::Applied;
use crate::model::plan::{ChangePlan, Refusal, Step};
use crate::model::{ChangeKind, Subject, SubjectKind, WriteKind, WriteOutcome, WriteResult};
use crate::resolve::{PlanFailure, PlanLookup};
use crate::tables::Table;

/// Changes to make; `confluence_access.Plan` wraps it.
#[pyclass(frozen, name = "Plan", module = "confluence_access._core", eq)]
#[derive(Debug, PartialEq, Eq)]
pub struct PyPlan(ChangePlan);

impl PyPlan {
    /// The plan.
    pub fn plan(&self) -> &ChangePlan {
        &self.0
    }
}

impl From<ChangePlan> for PyPlan {
    fn from(plan: ChangePlan) -> Self {
        Self(plan)
    }
}

/// A plan that a site cannot carry out, as an exception.
pub fn failed(py: Python<'_>, failure: &PlanFailure) -> PyErr {
    let message = failure.to_string();
    match failure {
        PlanFailure::OtherSite { .. } => exception(py, "OtherSiteError", &message, None),
        PlanFailure::Lookup(lookup) => match &lookup.why {
            PlanLookup::Subject(error) => not_one_subject_as(py, error, &message),
            PlanLookup::Space(unknown) if !unknown.candidates.is_empty() => {
                with_texts(py, "AmbiguousError", &message, "candidates", &unknown.candidates)
            }
            PlanLookup::Space(_) | PlanLookup::Unlisted(_) => exception(py, "NotInSnapshotError", &message, None),
        },
        PlanFailure::Refused(refused) => match refused.why {
            Refusal::RolesOnly => exception(py, "RolesOnlyError", &message, None),
            Refusal::NoRoles | Refusal::Impossible(_) => plan_error(py, &message, Some(refused.line)),
        },
    }
}

fn plan_error(py: Python<'_>, message: &str, line: Option<usize>) -> PyErr {
    let known = PyDict::new(py);
    match known.set_item("line", line) {
        Ok(()) => exception(py, "PlanError", message, Some(&known)),
        Err(failure) => failure,
    }
}

/// A row of an earlier attempt: kind, target, subject, permission, outcome; message, subject name, title, change; line.
pub type EarlierRow = ([String; 5], [Option<String>; 4], Option<u64>);

/// What an earlier attempt came to. A row of words this version does not know is of no use.
pub fn earlier(rows: Vec<EarlierRow>) -> Vec<WriteResult> {
    let read = |(stated, [message, subject_name, title, change], line): EarlierRow| {
        let [kind, target, subject, permission, outcome] = stated;
        let subject = match subject.split_once(':') {
            Some(("class", id)) => Subject::new(SubjectKind::AccessClass, id),
            Some((kind, id)) => Subject::new(SubjectKind::from(kind), id),
            None => Subject::new(SubjectKind::from(subject.as_str()), ""),
        };
        let (kind, outcome) = (WriteKind::named(&kind)?, WriteOutcome::named(&outcome)?);
        let change = change.as_deref().and_then(ChangeKind::named);
        Some(WriteResult { target, subject, permission, outcome, message, subject_name, title, kind, line, change })
    };
    rows.into_iter().filter_map(read).collect()
}

/// What became of a plan: the rows, the plan that takes them back, and what no plan can take back.
pub fn applied(done: Applied) -> Answer {
    let table = Table::from_rows(done.rows, done.gaps);
    Box::new(move |py| {
        let (table, undo) = (Py::new(py, PyTable::from(table))?, Py::new(py, PyPlan::from(done.undo))?);
        Ok((table, undo, done.left).into_pyobject(py)?.into_any().unbind())
    })
}

#[pymethods]
impl PyPlan {
    /// A plan without lines.
    #[new]
    fn new(site: Option<String>) -> Self {
        Self(ChangePlan { site, steps: Vec::new() })
    }

    /// The same with one more line.
    fn with_step(&self, py: Python<'_>, step: &Bound<'_, PyAny>) -> PyResult<Self> {
        let refused = |message: String| exception(py, "ConfigurationError", &message, None);
        let step: Step = pythonize::depythonize(step).map_err(|error| refused(error.to_string()))?;
        let plan = self.0.clone().with(step);
        plan.map(Self).map_err(|error| refused(error.to_string()))
    }

    /// Address of the site it was made for.
    #[getter]
    fn site(&self) -> Option<&str> {
        self.0.site.as_deref()
    }

    /// The lines, each as a dict and as text.
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Bound<'py, PyAny>, String)>> {
        let lines = self.0.steps.iter();
        lines.map(|step| Ok((pythonize::pythonize(py, step)?, step.to_string()))).collect()
    }

    /// The plan as JSON.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.0.to_json().map_err(|error| plan_error(py, &format!("the plan cannot be written: {error}"), None))
    }

    /// The plan in a JSON text.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let plan = ChangePlan::from_json(text);
        plan.map(Self).map_err(|error| plan_error(py, &error.to_string(), error.line()))
    }

    fn __len__(&self) -> usize {
        self.0.steps.len()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let text = PyTuple::new(py, [self.to_json(py)?])?;
        Ok((PyType::new::<Self>(py).getattr("from_json")?, text))
    }
}
