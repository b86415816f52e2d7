//! The resolver for Python.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::exception;
use super::table::PyTable;
use crate::model::{Listing, Operation, Site, Subject, Switch};
use crate::resolve::{Access, Policy, SubjectLookup, UnknownContent};
use crate::tables::Record;

/// A site with inheritance resolved; `confluence_access.Access` wraps it.
#[pyclass(frozen, name = "Access", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PyAccess(Arc<Access>);

impl From<Access> for PyAccess {
    fn from(access: Access) -> Self {
        Self(Arc::new(access))
    }
}

/// The policy of `site` with `switches` set.
pub fn policy_of(py: Python<'_>, site: &Site, switches: &Bound<'_, PyDict>) -> PyResult<Policy> {
    let refused = |message: String| exception(py, "ConfigurationError", &message, None);
    let mut policy = Policy::for_site(site);
    for (name, value) in switches {
        let name: String = name.extract()?;
        let value: Switch = pythonize::depythonize(&value)
            .map_err(|_| refused(format!("switch `{name}` takes true, false, a word or a list of words")))?;
        policy = policy.with(&name, value).map_err(|error| refused(error.to_string()))?;
    }
    Ok(policy)
}

fn operation(py: Python<'_>, word: &str) -> PyResult<Operation> {
    Operation::parse(word).map_err(|error| exception(py, "ConfigurationError", &error.to_string(), None))
}

fn not_listed(py: Python<'_>, error: &UnknownContent) -> PyErr {
    exception(py, "NotInSnapshotError", &error.to_string(), None)
}

fn listing<R: Record + Sync>(py: Python<'_>, found: &Listing<R>) -> PyTable {
    PyTable::of(py, &found.rows, &found.gaps)
}

impl PyAccess {
    fn subject_of(&self, py: Python<'_>, text: &str) -> PyResult<Subject> {
        self.0.subject(text).map_err(|error| match &error {
            SubjectLookup::Ambiguous { candidates, .. } => {
                let known = PyDict::new(py);
                match known.set_item("candidates", candidates) {
                    Ok(()) => exception(py, "AmbiguousError", &error.to_string(), Some(&known)),
                    Err(failure) => failure,
                }
            }
            SubjectLookup::Invalid(_) => exception(py, "ConfigurationError", &error.to_string(), None),
        })
    }
}

#[pymethods]
impl PyAccess {
    /// The verdict on one question.
    fn can(&self, py: Python<'_>, subject: &str, operation: &str, content: &str) -> PyResult<&'static str> {
        let operation = self::operation(py, operation)?;
        Ok(self.0.can(&self.subject_of(py, subject)?, operation, content).as_str())
    }

    /// Everybody who may, and everybody of whom it is not known.
    fn who_can(&self, py: Python<'_>, operation: &str, content: &str) -> PyResult<PyTable> {
        let operation = self::operation(py, operation)?;
        let found = py.detach(|| self.0.who_can(operation, content));
        Ok(listing(py, &found.map_err(|error| not_listed(py, &error))?))
    }

    /// The explanation as plain data, and as text.
    fn explain<'py>(
        &self,
        py: Python<'py>,
        subject: &str,
        operation: &str,
        content: &str,
    ) -> PyResult<(Bound<'py, PyAny>, String)> {
        let operation = self::operation(py, operation)?;
        let subject = self.subject_of(py, subject)?;
        let explanation = py.detach(|| self.0.explain(&subject, operation, content));
        Ok((pythonize::pythonize(py, &explanation)?, explanation.to_string()))
    }

    /// Every content a subject may view or edit, and those of which it is not known.
    fn contents_for(&self, py: Python<'_>, subject: &str, operation: &str) -> PyResult<PyTable> {
        let operation = self::operation(py, operation)?;
        let subject = self.subject_of(py, subject)?;
        Ok(listing(py, &py.detach(|| self.0.contents_for(&subject, operation))))
    }

    /// One row per content.
    fn summary(&self, py: Python<'_>) -> PyTable {
        listing(py, &py.detach(|| self.0.summary()))
    }

    /// What a report should point out.
    fn findings(&self, py: Python<'_>) -> PyTable {
        listing(py, &py.detach(|| self.0.findings()))
    }

    /// Root to content, as plain data.
    fn tree<'py>(&self, py: Python<'py>, content: &str) -> PyResult<Bound<'py, PyAny>> {
        let tree = py.detach(|| self.0.tree(content)).map_err(|error| not_listed(py, &error))?;
        Ok(pythonize::pythonize(py, &tree)?)
    }

    /// The subject a text means, with names looked up.
    fn subject(&self, py: Python<'_>, text: &str) -> PyResult<String> {
        Ok(self.subject_of(py, text)?.to_string())
    }

    /// The switches in force: name to value, default, question and source.
    fn policy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let switches = PyDict::new(py);
        for row in self.0.policy().switches() {
            let value = pythonize::pythonize(py, &row.value)?;
            let default = pythonize::pythonize(py, &row.default)?;
            switches.set_item(row.name, (value, default, row.question, row.source))?;
        }
        Ok(switches)
    }
}
