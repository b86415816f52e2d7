//! Snapshots for Python.

use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};

use super::access::{PyAccess, not_one_subject, policy_of};
use super::errors::exception;
use super::table::{PyTable, moment};
use crate::model::{Dangling, Deployment, Gap, GapCause, Missing, SiteFact, Snapshot};
use crate::resolve::Access;
use crate::tables::{self, Membership, Record, Table, expand, parquet};

/// The whole picture of a site; `confluence_access.Snapshot` wraps it.
#[pyclass(frozen, name = "Snapshot", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PySnapshot {
    snapshot: Arc<Snapshot>,
    tables: Cache,
}

/// Tables made so far. A snapshot does not change, so each is made once.
#[derive(Debug, Default)]
struct Cache {
    spaces: OnceLock<Table>,
    contents: OnceLock<Table>,
    users: OnceLock<Table>,
    groups: OnceLock<Table>,
    memberships: OnceLock<Table>,
    space_permissions: OnceLock<Table>,
    restrictions: OnceLock<Table>,
}

impl From<Snapshot> for PySnapshot {
    fn from(snapshot: Snapshot) -> Self {
        Self { snapshot: Arc::new(snapshot), tables: Cache::default() }
    }
}

/// Whether a gap says that rows of the table `noun` may be missing. What hangs on rows that are missing is missing with
/// them, and a gap nobody here knows counts for every table.
fn concerns(gap: &Gap, noun: &str) -> bool {
    let tables: &[&str] = match gap.missing() {
        Missing::Space(_) => &["contents", "restrictions"],
        Missing::SpacePermissions(_) => &["space_permissions"],
        Missing::Content(_) | Missing::Operation(_) => &["restrictions"],
        Missing::Group(_) => &["memberships"],
        Missing::User(_) => &["users"],
        Missing::Audit(_) => &[],
        Missing::Site(fact) => match fact {
            SiteFact::Spaces => &["spaces", "contents", "space_permissions", "restrictions"],
            SiteFact::Contents => &["contents", "restrictions"],
            SiteFact::Accounts | SiteFact::Users => &["users"],
            SiteFact::Groups => &["groups", "memberships"],
            SiteFact::NestedGroups | SiteFact::Memberships => &["memberships"],
            SiteFact::SpacePermissions
            | SiteFact::SpacePermissionCatalogue
            | SiteFact::SpaceRoles
            | SiteFact::RoleMode => &["space_permissions"],
            SiteFact::Restrictions => &["restrictions"],
            // A key that ended early hid what only it opens; one that could not be given back hid nothing.
            SiteFact::AdminKey if gap.cause == GapCause::Truncated => {
                &["spaces", "contents", "space_permissions", "restrictions"]
            }
            // Rows of no table, but values in them: null where they could not be read.
            SiteFact::AdminKey
            | SiteFact::GlobalPermissions
            | SiteFact::Anonymous
            | SiteFact::PublicLinks
            | SiteFact::Plan
            | SiteFact::ProductAdmins
            | SiteFact::ReadOnly
            | SiteFact::Organization
            | SiteFact::Extender
            | SiteFact::JsonRpc => &[],
        },
        Missing::Unknown => return true,
    };
    tables.contains(&noun)
}

impl PySnapshot {
    /// The facts.
    pub fn facts(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    fn table<R: Record + Sync>(&self, py: Python<'_>, kept: &OnceLock<Table>, noun: &str, rows: &[R]) -> PyTable {
        let gaps = || self.snapshot.gaps.iter().filter(|gap| concerns(gap, noun)).cloned().collect::<Vec<_>>();
        py.detach(|| kept.get_or_init(|| Table::new(rows, gaps())).clone()).into()
    }
}

#[pymethods]
impl PySnapshot {
    /// A snapshot from plain data.
    #[staticmethod]
    fn from_plain(py: Python<'_>, site: &Bound<'_, PyAny>, deployment: &str, dangling: &str) -> PyResult<Self> {
        let refused = |message: String| exception(py, "ConfigurationError", &message, None);
        let deployment = match deployment {
            "cloud" => Deployment::Cloud,
            "datacenter" => Deployment::DataCenter,
            other => {
                return Err(refused(format!("invalid deployment `{other}`: expected `cloud` or `datacenter`")));
            }
        };
        let dangling = match dangling {
            "refuse" => Dangling::Refuse,
            "gap" => Dangling::Gap,
            "keep" => Dangling::Keep,
            other => {
                return Err(refused(format!("invalid `dangling` `{other}`: expected `refuse`, `gap` or `keep`")));
            }
        };
        let site = pythonize::depythonize(site)
            .map_err(|error| refused(format!("the site is not made of plain dicts, lists and values: {error}")))?;
        let snapshot = py.detach(|| Snapshot::from_plain_with(site, deployment, dangling));
        snapshot.map(Self::from).map_err(|error| refused(error.to_string()))
    }

    #[getter]
    fn spaces(&self, py: Python<'_>) -> PyTable {
        self.table(py, &self.tables.spaces, "spaces", &self.snapshot.spaces)
    }

    #[getter]
    fn contents(&self, py: Python<'_>) -> PyTable {
        self.table(py, &self.tables.contents, "contents", &self.snapshot.contents)
    }

    #[getter]
    fn users(&self, py: Python<'_>) -> PyTable {
        self.table(py, &self.tables.users, "users", &self.snapshot.users)
    }

    #[getter]
    fn groups(&self, py: Python<'_>) -> PyTable {
        self.table(py, &self.tables.groups, "groups", &self.snapshot.groups)
    }

    #[getter]
    fn memberships(&self, py: Python<'_>) -> PyTable {
        let kept = &self.tables.memberships;
        let rows: Vec<Membership> = if kept.get().is_some() {
            Vec::new()
        } else {
            let facts = &self.snapshot;
            py.detach(|| expand(&facts.groups, &facts.users, &facts.memberships, None))
        };
        self.table(py, kept, "memberships", &rows)
    }

    #[getter]
    fn space_permissions(&self, py: Python<'_>) -> PyTable {
        self.table(py, &self.tables.space_permissions, "space_permissions", &self.snapshot.space_permissions)
    }

    #[getter]
    fn restrictions(&self, py: Python<'_>) -> PyTable {
        self.table(py, &self.tables.restrictions, "restrictions", &self.snapshot.restrictions)
    }

    #[getter]
    fn gaps(&self) -> PyTable {
        tables::gaps(&self.snapshot.gaps).into()
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

    /// Facts of the site as a whole.
    #[getter]
    fn site<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize::pythonize(py, &self.snapshot.site)?)
    }

    /// Rows of each noun.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        counts.set_item("spaces", self.snapshot.spaces.len())?;
        counts.set_item("contents", self.snapshot.contents.len())?;
        counts.set_item("users", self.snapshot.users.len())?;
        counts.set_item("groups", self.snapshot.groups.len())?;
        counts.set_item("space_permissions", self.snapshot.space_permissions.len())?;
        counts.set_item("restrictions", self.snapshot.restrictions.len())?;
        counts.set_item("gaps", self.snapshot.gaps.len())?;
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

    fn __eq__(&self, py: Python<'_>, other: &Self) -> bool {
        Arc::ptr_eq(&self.snapshot, &other.snapshot) || py.detach(|| self.snapshot == other.snapshot)
    }

    /// The facts as JSON, and Parquet files by their name without ending. With `readers` also the memberships with
    /// nested groups followed, which are not read back.
    fn parts<'py>(&self, py: Python<'py>, readers: bool) -> PyResult<(String, Bound<'py, PyDict>)> {
        let refused = |message: String| exception(py, "UnreadableSnapshotError", &message, None);
        let snapshot = &self.snapshot;
        let written = py.detach(|| parquet::write(snapshot, readers));
        let written = written.map_err(|error| refused(format!("the snapshot cannot be written: {error}")))?;
        let facts = serde_json::to_string(&parquet::facts(snapshot));
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
        let snapshot = py.detach(|| parquet::read(parquet::read_facts(facts)?, files));
        let snapshot = snapshot.map_err(|error| {
            let class = match error {
                parquet::Unreadable::Newer(_) => "NewerSnapshotError",
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
