//! Snapshots for Python.

use std::sync::{Arc, OnceLock};

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};

use super::access::{PyAccess, not_one_subject, policy_of};
use super::exceptions::exception;
use super::plan::{PyPlan, failed};
use super::table::{PyTable, changes_of, log_of, moment};
use crate::model::{Dangling, Deployment, Noun, Operation, Record, Refreshed, Snapshot, SubjectKind, Timestamp, User};
use crate::resolve::{self, Access, AccessChange, CompareOptions, DiffOptions, Difference, MatchBy, what_if};
use crate::tables::{Table, Unreadable, saved};

/// The whole picture of a site; `confluence_access.Snapshot` wraps it.
#[pyclass(frozen, name = "Snapshot", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PySnapshot {
    snapshot: Arc<Snapshot>,
    /// Tables made so far, by noun. A snapshot does not change, so each is made once.
    tables: [OnceLock<Table>; Noun::ALL.len()],
    /// Made when something is first looked up by its name.
    lookup: OnceLock<Access>,
    /// What was read again for it.
    refreshed: Vec<Refreshed>,
}

fn options(py: Python<'_>, operations: &[String], by_group: bool) -> PyResult<DiffOptions> {
    let read = |word: &String| match Operation::parse(word) {
        Ok(operation @ (Operation::View | Operation::Edit)) => Ok(operation),
        Ok(other) => Err(format!("snapshots are compared by `view` and `edit`, not by `{other}`")),
        Err(error) => Err(error.to_string()),
    };
    let operations = operations.iter().map(read).collect::<Result<Vec<_>, _>>();
    let operations = operations.map_err(|message| exception(py, "ConfigurationError", &message, None))?;
    Ok(DiffOptions { operations, by_group, ..DiffOptions::default() })
}

/// The rows of a difference, made when they are looked at, or on the way to a stream or a file.
fn later(difference: Difference) -> PyTable {
    let gaps = difference.gaps();
    let steps = move |take: &mut dyn FnMut(Vec<AccessChange>) -> bool| difference.each(take);
    Table::from_steps(steps, gaps).into()
}

/// What two sites are matched by: a word, or pairs of ids.
#[derive(FromPyObject)]
enum By {
    Word(String),
    Pairs(Vec<(String, String)>),
}

impl From<By> for MatchBy {
    fn from(by: By) -> Self {
        match by {
            By::Pairs(pairs) => Self::Pairs(pairs),
            By::Word(word) if word == "id" => Self::Id,
            By::Word(word) if word == "display_name" => Self::Name,
            By::Word(_) => Self::Usual,
        }
    }
}

/// Names of the tables of a snapshot, in the order people read them.
#[pyfunction]
pub fn nouns() -> [&'static str; Noun::ALL.len()] {
    Noun::ALL.map(Noun::as_str)
}

impl From<Snapshot> for PySnapshot {
    fn from(snapshot: Snapshot) -> Self {
        Self::refreshed(snapshot, Vec::new())
    }
}

impl PySnapshot {
    /// A snapshot with what was read again for it.
    pub fn refreshed(snapshot: Snapshot, refreshed: Vec<Refreshed>) -> Self {
        Self { snapshot: Arc::new(snapshot), tables: Default::default(), lookup: OnceLock::new(), refreshed }
    }

    /// What looks names up.
    fn lookup(&self, py: Python<'_>) -> &Access {
        py.detach(|| self.lookup.get_or_init(|| Access::new(Arc::clone(&self.snapshot), None)))
    }

    /// The row that is meant.
    fn one<R: Record + Sync>(
        &self,
        py: Python<'_>,
        (kind, text): (&str, &str),
        rows: &[R],
        is: impl Fn(&R) -> bool,
    ) -> PyResult<PyTable> {
        let found = rows.iter().position(is).and_then(|at| rows.get(at..=at));
        found.map(|row| PyTable::of(py, row, &[])).ok_or_else(|| {
            let message = format!("no {kind} `{text}` in this snapshot: it was not listed");
            exception(py, "NotFoundError", &message, None)
        })
    }

    /// The facts.
    pub fn facts(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }
}

#[pymethods]
impl PySnapshot {
    /// A snapshot from plain data.
    #[staticmethod]
    fn from_plain(py: Python<'_>, site: &Bound<'_, PyAny>, deployment: &str, dangling: &str) -> PyResult<Self> {
        let refused = |message: String| exception(py, "ConfigurationError", &message, None);
        let deployment = Deployment::named(deployment)
            .ok_or_else(|| refused(format!("invalid deployment `{deployment}`: expected `cloud` or `datacenter`")))?;
        let dangling = Dangling::named(dangling)
            .ok_or_else(|| refused(format!("invalid `dangling` `{dangling}`: expected `refuse`, `gap` or `keep`")))?;
        let site = pythonize::depythonize(site)
            .map_err(|error| refused(format!("the site is not made of plain dicts, lists and values: {error}")))?;
        let snapshot = py.detach(|| Snapshot::from_plain_with(site, deployment, dangling));
        snapshot.map(Self::from).map_err(|error| refused(error.to_string()))
    }

    /// The one content with this id or title, as a table.
    fn content(&self, py: Python<'_>, text: &str) -> PyResult<PyTable> {
        let id = self.lookup(py).content_id(text).map_err(|error| not_one_subject(py, &error))?;
        self.one(py, ("content", text), &self.snapshot.contents, |content| content.id == *id)
    }

    /// The one space with this key, id or name, as a table.
    fn space(&self, py: Python<'_>, text: &str) -> PyResult<PyTable> {
        let key = resolve::space_key(&self.snapshot, text).map_err(|error| {
            let known = PyDict::new(py);
            let class = if error.candidates.is_empty() { "NotFoundError" } else { "AmbiguousError" };
            match known.set_item("candidates", &error.candidates) {
                Ok(()) => exception(py, class, &error.to_string(), (class == "AmbiguousError").then_some(&known)),
                Err(failure) => failure,
            }
        })?;
        self.one(py, ("space", text), &self.snapshot.spaces, |space| space.key == key)
    }

    /// The one account with this id, name or e-mail address, as a table.
    fn user(&self, py: Python<'_>, text: &str) -> PyResult<PyTable> {
        let subject = self.lookup(py).known_subject(text).map_err(|error| not_one_subject(py, &error))?;
        let is = |user: &User| subject.kind == SubjectKind::User && user.id == subject.id;
        self.one(py, ("account", text), &self.snapshot.users, is)
    }

    /// The one group with this id or name, as a table.
    fn group(&self, py: Python<'_>, text: &str) -> PyResult<PyTable> {
        let text = text.trim();
        let whole = if text.starts_with("group:") { text.to_owned() } else { format!("group:{text}") };
        let subject = self.lookup(py).known_subject(&whole).map_err(|error| not_one_subject(py, &error))?;
        self.one(py, ("group", text), &self.snapshot.groups, |group| group.id == subject.id)
    }

    /// The table of a noun.
    fn table(&self, py: Python<'_>, noun: &str) -> PyResult<PyTable> {
        let mut tables = Noun::ALL.iter().zip(&self.tables);
        let found = tables.find(|(one, _)| one.as_str() == noun);
        let (noun, kept) = found.ok_or_else(|| PyKeyError::new_err(noun.to_owned()))?;
        Ok(py.detach(|| kept.get_or_init(|| noun.table(&self.snapshot)).clone()).into())
    }

    /// What a refresh read again for it, and why.
    fn refreshed_rows(&self, py: Python<'_>) -> PyTable {
        PyTable::of(py, &self.refreshed, &[])
    }

    /// Permissions of the site as a whole.
    fn global_permissions(&self, py: Python<'_>) -> PyTable {
        let found = self.snapshot.global_permissions();
        PyTable::of(py, &found.rows, &found.gaps)
    }

    /// Whether nothing is missing.
    #[getter]
    fn complete(&self) -> bool {
        self.snapshot.complete()
    }

    /// When reading began.
    #[getter]
    fn taken_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.snapshot.taken_at.map(|at| moment(py, at.as_microsecond())).transpose()
    }

    /// Facts of the site as a whole, without the permissions, which are a table.
    #[getter]
    fn site<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let site = pythonize::pythonize(py, &self.snapshot.site)?;
        site.del_item("global_permissions")?;
        // For a refresh alone.
        site.del_item("asked")?;
        Ok(site)
    }

    /// Rows of each noun, as they are read back.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for (name, rows) in saved::counts(&self.snapshot) {
            counts.set_item(name, rows)?;
        }
        counts.del_item("group_members")?;
        Ok(counts)
    }

    /// The resolver over this snapshot.
    #[pyo3(signature = (policy = None, product_admins = None))]
    fn access(
        &self,
        py: Python<'_>,
        policy: Option<&Bound<'_, PyDict>>,
        product_admins: Option<Vec<String>>,
    ) -> PyResult<PyAccess> {
        let policy = policy.map(|switches| policy_of(py, &self.snapshot.site, switches)).transpose()?;
        let snapshot = Arc::clone(&self.snapshot);
        let access = py.detach(|| {
            let access = Access::new(snapshot, policy);
            match &product_admins {
                Some(admins) => access.with_product_admins(admins.iter().map(String::as_str)),
                None => Ok(access),
            }
        });
        Ok(PyAccess::from(access.map_err(|error| not_one_subject(py, &error))?))
    }

    /// The facts that a plan changed: line, whether added, and the fact as text.
    #[getter]
    fn planned(&self) -> Vec<(usize, bool, String)> {
        self.snapshot.planned.iter().map(|row| (row.line, row.added, row.fact.to_string())).collect()
    }

    /// The snapshot as a plan would leave it.
    fn what_if(&self, py: Python<'_>, plan: &PyPlan) -> PyResult<Self> {
        let after = py.detach(|| what_if(&self.snapshot, plan.plan()));
        after.map(Self::from).map_err(|failure| failed(py, &failure))
    }

    /// The site as it was at a moment, in microseconds since 1970.
    fn as_of(
        &self,
        py: Python<'_>,
        when: i64,
        changes: &PyTable,
        since: Option<i64>,
        missing: Option<String>,
    ) -> PyResult<Self> {
        let changes = log_of(py, changes, since, missing)?;
        let refused = |message: &str| exception(py, "ConfigurationError", message, None);
        let when = Timestamp::from_microsecond(when).map_err(|_| refused("`when` is out of range"))?;
        let before = py.detach(|| resolve::as_of(&self.snapshot, &changes, when));
        before.map(Self::from).map_err(|error| refused(&error.to_string()))
    }

    /// Whose answers differ from those of an older snapshot, and what changed them.
    fn diff(
        &self,
        py: Python<'_>,
        older: &Self,
        operations: Vec<String>,
        by_group: bool,
        changes: Option<&PyTable>,
        policy: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyTable> {
        let options = DiffOptions { changes: changes_of(py, changes)?, ..options(py, &operations, by_group)? };
        let policy_of =
            |snapshot: &Snapshot| policy.map(|switches| policy_of(py, &snapshot.site, switches)).transpose();
        let policies = (policy_of(&self.snapshot)?, policy_of(&older.snapshot)?);
        let (newer, older) = (Arc::clone(&self.snapshot), Arc::clone(&older.snapshot));
        let difference = py.detach(|| {
            let (newer, older) = (Access::new(newer, policies.0), Access::new(older, policies.1));
            Difference::between(newer, older, options)
        });
        let difference = difference.map_err(|error| exception(py, "DifferentSitesError", &error.to_string(), None))?;
        Ok(later(difference))
    }

    /// Whose answers differ in a second site, and what has no counterpart there.
    fn compare(
        &self,
        py: Python<'_>,
        second: &Self,
        matching: [By; 3],
        operations: Vec<String>,
        by_group: bool,
        policy: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<(PyTable, PyTable)> {
        let options = options(py, &operations, by_group)?;
        let [users, groups, contents] = matching.map(MatchBy::from);
        let matching = CompareOptions { users, groups, contents };
        let policy_of =
            |snapshot: &Snapshot| policy.map(|switches| policy_of(py, &snapshot.site, switches)).transpose();
        let policies = (policy_of(&self.snapshot)?, policy_of(&second.snapshot)?);
        let (first, second) = (Arc::clone(&self.snapshot), Arc::clone(&second.snapshot));
        let (difference, unmatched) = py.detach(|| {
            let (first, second) = (Access::new(first, policies.0), Access::new(second, policies.1));
            Difference::of_two_sites(first, second, matching, options)
        });
        Ok((later(difference), Table::from_rows(unmatched, []).into()))
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> bool {
        Arc::ptr_eq(&self.snapshot, &other.snapshot) || py.detach(|| self.snapshot == other.snapshot)
    }

    /// The facts as JSON, and Parquet files by their name without ending. With `readers` also the memberships with
    /// nested groups followed, which are not read back.
    fn parts<'py>(&self, py: Python<'py>, readers: bool) -> PyResult<(String, Bound<'py, PyDict>)> {
        let refused = |message: String| exception(py, "UnreadableSnapshotError", &message, None);
        let snapshot = &self.snapshot;
        let written = py.detach(|| saved::write(snapshot, readers));
        let written = written.map_err(|error| refused(format!("the snapshot cannot be written: {error}")))?;
        let facts = serde_json::to_string(&saved::facts(snapshot));
        let facts = facts.map_err(|error| refused(format!("the snapshot cannot be written: {error}")))?;
        let files = PyDict::new(py);
        for (name, bytes) in written {
            files.set_item(name, PyBytes::new(py, &bytes))?;
        }
        Ok((facts, files))
    }

    /// The snapshot `parts` took apart.
    #[staticmethod]
    fn from_parts(py: Python<'_>, facts: &str, files: std::collections::BTreeMap<String, Vec<u8>>) -> PyResult<Self> {
        let snapshot = py.detach(|| saved::read(saved::read_facts(facts)?, files));
        let snapshot = snapshot.map_err(|error| {
            let class = match error {
                Unreadable::Newer(_) => "NewerSnapshotError",
                _ => "UnreadableSnapshotError",
            };
            exception(py, class, &error.to_string(), None)
        })?;
        Ok(snapshot.into())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let parts = self.parts(py, false)?.into_pyobject(py)?;
        Ok((PyType::new::<Self>(py).getattr("from_parts")?, parts))
    }
}
