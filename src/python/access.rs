//! The resolver for Python.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyCapsule, PyDict};

use super::exceptions::exception;
use super::table::{PyTable, STREAM, log_of};
use crate::fetch::Locked;
use crate::fetch::Server;
use crate::model::{
    Decision, Gap, Listing, Operation, Part, PartField, Permission, PermissionRow, Policy, Record, Site,
    SitePermission, Subject, Switch, domains,
};
use crate::resolve::{
    Access, AsIf, CODES, ExposureOptions, FINDINGS, FindingOptions, PARTS, SubjectLookup, TreeStyle, UnknownContent,
    history,
};
use crate::tables::{self, BatchStream, Table};

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
        policy = policy.with(&name, &value).map_err(|error| refused(error.to_string()))?;
    }
    Ok(policy)
}

fn domains_of(py: Python<'_>, texts: &[String]) -> PyResult<Vec<String>> {
    let found = domains(texts.iter().map(String::as_str));
    found.map_err(|error| exception(py, "ConfigurationError", &error.to_string(), None))
}

fn operation(py: Python<'_>, word: &str) -> PyResult<Operation> {
    Operation::parse(word).map_err(|error| exception(py, "ConfigurationError", &error.to_string(), None))
}

/// An operation that sets of people are made for.
fn indexed(py: Python<'_>, word: &str) -> PyResult<Operation> {
    match operation(py, word)? {
        operation @ (Operation::View | Operation::Edit) => Ok(operation),
        other => {
            let message = format!("audiences are of `view` or `edit`, not of `{other}`: ask `can` about it");
            Err(exception(py, "ConfigurationError", &message, None))
        }
    }
}

/// Which rows are asked for; `None`: all that are not denied.
fn wanted(py: Python<'_>, decision: Option<&str>) -> PyResult<Option<Decision>> {
    match decision {
        None => Ok(None),
        Some("allowed") => Ok(Some(Decision::Allowed)),
        Some("unknown") => Ok(Some(Decision::Unknown)),
        Some(other) => {
            let message =
                format!("invalid decision `{other}`: expected `allowed` or `unknown`; nobody denied has a row");
            Err(exception(py, "ConfigurationError", &message, None))
        }
    }
}

/// The facts a question supposes: a dict of true and false.
fn as_if(py: Python<'_>, facts: &Bound<'_, PyAny>) -> PyResult<AsIf> {
    let expected = || AsIf::NAMES.map(|name| format!("`{name}`")).join(" and ");
    let refused = |message: String| exception(py, "ConfigurationError", &message, None);
    let wrong = || refused(format!("`as_if` is a dict such as `{{\"active\": True}}`: expected {}", expected()));
    let mut all = AsIf::default();
    for (name, value) in facts.cast::<PyDict>().map_err(|_| wrong())? {
        let name: String = name.extract().map_err(|_| wrong())?;
        let Ok(value) = value.cast::<PyBool>() else {
            return Err(refused(format!("`{name}` in `as_if` is either True or False")));
        };
        let more = all.with(&name, value.is_true());
        all = more.ok_or_else(|| refused(format!("unknown `{name}` in `as_if`: expected {}", expected())))?;
    }
    Ok(all)
}

pub(super) fn not_listed(py: Python<'_>, error: &UnknownContent) -> PyErr {
    exception(py, "NotInSnapshotError", &error.to_string(), None)
}

fn listing<R: Record + Sync>(py: Python<'_>, found: &Listing<R>) -> PyTable {
    PyTable::of(py, &found.rows, &found.gaps)
}

impl PyAccess {
    /// The resolver.
    pub(super) fn shared(&self) -> Arc<Access> {
        Arc::clone(&self.0)
    }

    /// A table of many rows, which are made when they are looked at, and on the way to a stream or a file.
    fn later<R: Record>(
        &self,
        steps: impl Fn(&Access, &mut dyn FnMut(Vec<R>) -> bool) -> bool + Send + Sync + 'static,
    ) -> PyTable {
        let access = self.shared();
        let gaps: Arc<[Gap]> = access.snapshot().gaps.as_slice().into();
        let steps = move |take: &mut dyn FnMut(Vec<R>) -> bool| {
            steps(&access, take);
        };
        Table::from_steps(steps, gaps).into()
    }

    fn subject_of(&self, py: Python<'_>, text: &str) -> PyResult<Subject> {
        self.0.subject(text).map_err(|error| not_one_subject(py, &error))
    }

    fn content_of<'t>(&self, py: Python<'_>, text: &'t str) -> PyResult<Cow<'t, str>> {
        self.0.content_id(text).map_err(|error| not_one_subject(py, &error))
    }

    fn known_subject(&self, py: Python<'_>, text: &str) -> PyResult<Subject> {
        self.0.known_subject(text).map_err(|error| not_one_subject(py, &error))
    }
}

/// A text that is not one subject of the snapshot, as an exception.
pub(super) fn not_one_subject(py: Python<'_>, error: &SubjectLookup) -> PyErr {
    not_one_subject_as(py, error, &error.to_string())
}

/// The same with another message.
pub(super) fn not_one_subject_as(py: Python<'_>, error: &SubjectLookup, message: &str) -> PyErr {
    match error {
        SubjectLookup::Ambiguous { candidates, .. } | SubjectLookup::AmbiguousTitle { candidates, .. } => {
            let candidates: Vec<&str> = candidates.iter().map(|one| one.subject.as_str()).collect();
            with_texts(py, "AmbiguousError", message, "candidates", &candidates)
        }
        SubjectLookup::Missing(missing) => with_texts(py, "NotFoundError", message, "nearest", &missing.nearest),
        SubjectLookup::Invalid(_) | SubjectLookup::NoAdmin(_) | SubjectLookup::NotAnAccount(_) => {
            exception(py, "ConfigurationError", message, None)
        }
    }
}

/// An exception with texts as one of its attributes.
pub(super) fn with_texts<T: AsRef<str>>(py: Python<'_>, class: &str, message: &str, name: &str, texts: &[T]) -> PyErr {
    let known = PyDict::new(py);
    match known.set_item(name, texts.iter().map(AsRef::as_ref).collect::<Vec<&str>>()) {
        Ok(()) => exception(py, class, message, Some(&known)),
        Err(failure) => failure,
    }
}

/// Pairs of an account and a content, made while they are read; `confluence_access.Pairs` wraps it.
#[pyclass(frozen, name = "Pairs", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PyPairs {
    access: Arc<Access>,
    operation: Operation,
}

impl PyPairs {
    fn start(&self, py: Python<'_>) -> PyResult<BatchStream> {
        Ok(py.detach(|| tables::pair_batches(Arc::clone(&self.access), self.operation))?)
    }
}

#[pymethods]
impl PyPairs {
    /// How many there are. Counted, not made.
    fn count(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.access.pair_count(self.operation))
    }

    /// The batches, from the first.
    fn batches(&self, py: Python<'_>) -> PyResult<PyPairBatches> {
        Ok(PyPairBatches(Mutex::new(self.start(py)?)))
    }

    /// The Arrow stream; each call starts from the first pair.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore a request for other types.
        drop(requested_schema);
        PyCapsule::new_with_value(py, self.start(py)?.into_stream(), STREAM)
    }
}

/// Batches of pairs, each a table.
#[pyclass(frozen, name = "PairBatches", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PyPairBatches(Mutex<BatchStream>);

#[pymethods]
impl PyPairBatches {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyTable>> {
        let batch = py.detach(|| self.0.locked().next());
        let batch = batch.transpose().map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok(batch.map(|batch| tables::pairs(batch).into()))
    }
}

#[pymethods]
impl PyAccess {
    /// The verdict on one question.
    fn can(&self, py: Python<'_>, subject: &str, operation: &str, content: &str) -> PyResult<&'static str> {
        let operation = self::operation(py, operation)?;
        let content = self.content_of(py, content)?;
        Ok(self.0.can(&self.subject_of(py, subject)?, operation, &content).as_str())
    }

    /// Everyone who may, and everyone for whom it is unknown.
    #[pyo3(signature = (operation, content, decision = None))]
    fn who_can(&self, py: Python<'_>, operation: &str, content: &str, decision: Option<&str>) -> PyResult<PyTable> {
        let operation = self::operation(py, operation)?;
        let wanted = wanted(py, decision)?;
        let content = self.content_of(py, content)?;
        let found = py.detach(|| self.0.who_can(operation, &content));
        let mut found = found.map_err(|error| not_listed(py, &error))?;
        found.rows.retain(|row| wanted.is_none_or(|wanted| row.decision == wanted));
        Ok(listing(py, &found))
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
        let content = self.content_of(py, content)?;
        let explanation = py.detach(|| self.0.explain(&subject, operation, &content));
        Ok((pythonize::pythonize(py, &explanation)?, explanation.to_string()))
    }

    /// From when to when a subject could do something, and what changed that.
    #[allow(clippy::too_many_arguments, reason = "what Python gives, one by one")]
    fn history(
        &self,
        py: Python<'_>,
        subject: &str,
        operation: &str,
        content: &str,
        changes: &PyTable,
        since: Option<i64>,
        missing: Option<String>,
    ) -> PyResult<PyTable> {
        let operation = self::operation(py, operation)?;
        let subject = self.subject_of(py, subject)?;
        let content = self.content_of(py, content)?;
        let changes = log_of(py, changes, since, missing)?;
        let found = py.detach(|| history(&self.0, &subject, operation, &content, &changes));
        let found = found.map_err(|unknown| not_listed(py, &unknown))?;
        Ok(PyTable::of(py, &found.rows, &found.gaps))
    }

    /// Every content a subject may view or edit, and those for which it is unknown.
    #[pyo3(signature = (subject, operation, decision = None, as_if = None))]
    fn contents_for(
        &self,
        py: Python<'_>,
        subject: &str,
        operation: &str,
        decision: Option<&str>,
        as_if: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        let operation = self::operation(py, operation)?;
        let wanted = wanted(py, decision)?;
        let as_if = as_if.map(|facts| self::as_if(py, facts)).transpose()?;
        let mut found = match as_if {
            None => {
                let subject = self.subject_of(py, subject)?;
                py.detach(|| self.0.contents_for(&subject, operation))
            }
            Some(as_if) => {
                let subject = self.known_subject(py, subject)?;
                let found = py.detach(|| self.0.contents_as_if(&subject, operation, as_if));
                found.map_err(|error| not_one_subject(py, &error))?
            }
        };
        found.rows.retain(|row| wanted.is_none_or(|wanted| row.decision == wanted));
        Ok(listing(py, &found))
    }

    /// Everything that names a subject.
    fn used_by(&self, py: Python<'_>, subject: &str) -> PyResult<PyTable> {
        let subject = self.known_subject(py, subject)?;
        let found = py.detach(|| self.0.used_by(&subject));
        Ok(listing(py, &found.map_err(|error| not_one_subject(py, &error))?))
    }

    /// One row per content.
    fn summary(&self, py: Python<'_>) -> PyTable {
        listing(py, &py.detach(|| self.0.summary()))
    }

    /// Who may view the spaces with these keys, or all spaces.
    #[pyo3(signature = (keys = None))]
    fn space_access(&self, py: Python<'_>, keys: Option<Vec<String>>) -> PyResult<PyTable> {
        let keys = keys.map(|keys| keys.iter().map(|key| self.0.space_key(key)).collect::<Result<Vec<_>, _>>());
        let keys = keys.transpose().map_err(|error| exception(py, "NotInSnapshotError", &error.to_string(), None))?;
        Ok(self.later(move |access, take| access.space_access(keys.as_deref()).all(take)))
    }

    /// The audiences of all contents.
    fn audiences(&self, py: Python<'_>, operation: &str) -> PyResult<PyTable> {
        let operation = indexed(py, operation)?;
        Ok(self.later(move |access, take| access.audiences(operation).all(take)))
    }

    /// The rule of every content.
    fn acl(&self, py: Python<'_>, operation: &str) -> PyResult<PyTable> {
        let operation = indexed(py, operation)?;
        Ok(self.later(move |access, take| access.acl(operation).all(take)))
    }

    /// The contents whose rule is another than it was.
    fn acl_changes(&self, py: Python<'_>, older: &Self, operation: &str) -> PyResult<PyTable> {
        let (older, operation) = (older.shared(), indexed(py, operation)?);
        Ok(self.later(move |access, take| access.acl_changes(&older, operation).all(take)))
    }

    /// What a report should point out. `asked`: codes, severities and spaces; `most`: members of a group, entries of lists.
    fn findings(
        &self,
        py: Python<'_>,
        asked: [Vec<String>; 3],
        internal_domains: Vec<String>,
        most: (Option<u64>, Option<usize>),
    ) -> PyResult<PyTable> {
        let refused = |message: String| exception(py, "ConfigurationError", &message, None);
        let [codes, severities, spaces] = asked;
        let options = FindingOptions::default()
            .with_codes(codes.iter().map(String::as_str))
            .and_then(|options| options.with_severities(severities.iter().map(String::as_str)))
            .map_err(|error| refused(error.to_string()))?;
        let spaces = spaces.iter().map(|space| self.0.space_key(space)).collect::<Result<_, _>>();
        let spaces = spaces.map_err(|error| exception(py, "NotInSnapshotError", &error.to_string(), None))?;
        let options = FindingOptions {
            spaces,
            internal_domains: domains_of(py, &internal_domains)?,
            huge_group: most.0.unwrap_or(options.huge_group),
            too_many_restrictions: most.1.unwrap_or(options.too_many_restrictions),
            ..options
        };
        Ok(listing(py, &py.detach(|| self.0.findings_of(&options))))
    }

    /// How far each space and each content reaches.
    fn exposure(&self, py: Python<'_>, internal_domains: Vec<String>, huge_group: Option<u64>) -> PyResult<PyTable> {
        let options = ExposureOptions::default();
        let options = ExposureOptions {
            internal_domains: domains_of(py, &internal_domains)?,
            huge_group: huge_group.unwrap_or(options.huge_group),
        };
        Ok(self.later(move |access, take| access.exposure(&options).all(take)))
    }

    /// Root to content, as plain data in our names and in those of the Extender add-on.
    fn tree<'py>(
        &self,
        py: Python<'py>,
        content: &str,
        people: bool,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let content = self.content_of(py, content)?;
        let tree = py.detach(|| if people { self.0.tree_of_people(&content) } else { self.0.tree(&content) });
        let tree = tree.map_err(|error| not_listed(py, &error))?;
        let extender = tree.to_value(TreeStyle::Extender);
        Ok((pythonize::pythonize(py, &tree)?, pythonize::pythonize(py, &extender)?))
    }

    /// Every pair of an account and a content it may view or edit.
    fn pairs(&self, py: Python<'_>, operation: &str) -> PyResult<PyPairs> {
        match self::operation(py, operation)? {
            operation @ (Operation::View | Operation::Edit) => Ok(PyPairs { access: Arc::clone(&self.0), operation }),
            other => {
                let message = format!("pairs are of `view` or `edit`, not of `{other}`: ask `can` about it");
                Err(exception(py, "ConfigurationError", &message, None))
            }
        }
    }

    /// The subject of the snapshot a text means, with names looked up: text, name and state.
    fn subject<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let subject = self.known_subject(py, text)?;
        Ok(pythonize::pythonize(py, &self.0.subject_state(&subject))?)
    }

    /// The switches in force: name to value, default, question and source.
    fn policy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let switches = PyDict::new(py);
        for row in self.0.policy().rows() {
            let value = pythonize::pythonize(py, &row.value)?;
            let default = pythonize::pythonize(py, &row.default)?;
            switches.set_item(row.name.as_str(), (value, default, row.name.question(), row.name.source()))?;
        }
        Ok(switches)
    }
}

/// Every code an explanation may carry, and its sentence.
#[pyfunction]
pub fn codes() -> Vec<(&'static str, &'static str)> {
    CODES.iter().map(|code| (code.code, code.sentence)).collect()
}

/// Every finding a report may hold: code, severity and advice.
#[pyfunction]
pub fn findings() -> Vec<(&'static str, String, &'static str)> {
    FINDINGS.iter().map(|finding| (finding.code, finding.severity.as_str().to_owned(), finding.advice)).collect()
}

/// A permission for the generator: word, meaning, pair of Cloud, constant of Data Center.
type PermissionText = (&'static str, &'static str, Option<String>, Option<&'static str>);

/// The permissions of a space and those of the site.
#[pyfunction]
pub fn permissions() -> [Vec<PermissionText>; 2] {
    let row = |row: PermissionRow| {
        let cloud = row.cloud.map(|(operation, target)| format!("{operation}/{target}"));
        (row.word, row.meaning, cloud, row.constant)
    };
    [Permission::rows().map(row).collect(), SitePermission::rows().map(row).collect()]
}

/// The parts of answers, for the generator: each with its name, comment and fields.
#[pyfunction]
pub fn parts<'py>(py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let field = |declared: &PartField| {
        let field = PyDict::new(py);
        field.set_item("name", declared.name)?;
        field.set_item("doc", declared.doc)?;
        field.set_item("type", (declared.type_name)())?;
        Ok(field)
    };
    let part = |declared: &Part| {
        let part = PyDict::new(py);
        part.set_item("name", declared.name)?;
        part.set_item("doc", declared.doc)?;
        part.set_item("fields", declared.fields.iter().map(field).collect::<PyResult<Vec<_>>>()?)?;
        Ok(part)
    };
    PARTS.iter().chain([&Server::PART]).map(part).collect()
}
