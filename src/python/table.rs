//! Tables for Python.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::errors::ParquetError;
use pyo3::exceptions::{PyIndexError, PyKeyError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDateTime, PyDict, PyList, PyString, PyTuple, PyType, PyTzInfo};

use super::exceptions::exception;
use crate::model::{About, Cell, Declaration, Gap, GapCause, GapScope, PermissionChange, Record};
use crate::resolve::Changes;
use crate::tables::{self, Table, cell_at, saved};

/// Name the Arrow C stream interface gives its capsules.
// Source: https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
pub const STREAM: &CStr = c"arrow_array_stream";

/// A table of records; `confluence_access.Table` wraps it.
#[pyclass(frozen, name = "Table", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PyTable(Arc<Table>);

impl PyTable {
    /// The table of `rows`. Runs detached: a million rows take their time.
    pub fn of<R: Record + Sync>(py: Python<'_>, rows: &[R], gaps: &[Gap]) -> Self {
        py.detach(|| Table::new(rows, gaps)).into()
    }
}

impl PyTable {
    /// The table itself.
    pub fn table(&self) -> &Table {
        &self.0
    }

    /// The table with its rows in memory. They are made detached.
    fn made(&self, py: Python<'_>) -> &Table {
        if !self.0.is_made() {
            py.detach(|| self.0.len());
        }
        &self.0
    }
}

impl From<Table> for PyTable {
    fn from(table: Table) -> Self {
        Self(Arc::new(table))
    }
}

/// The changes of a table of them.
pub fn changes_of(py: Python<'_>, changes: Option<&PyTable>) -> PyResult<Vec<PermissionChange>> {
    let Some(table) = changes.map(PyTable::table) else { return Ok(Vec::new()) };
    py.detach(|| table.records()).map_err(|wrong| {
        let message =
            format!("`changes` is a table of `PermissionChange`: column `{}` holds `{}`", wrong.column, wrong.value);
        exception(py, "ConfigurationError", &message, None)
    })
}

/// The changes of a table of them, complete from `since` on (milliseconds since 1970); `missing`: what else they lack.
pub fn log_of(py: Python<'_>, changes: &PyTable, since: Option<i64>, missing: Option<String>) -> PyResult<Changes> {
    let rows = changes_of(py, Some(changes))?;
    let missing = missing.map(|why| Gap::new((GapScope::Audit, ""), GapCause::NotListed, why));
    let gaps = changes.table().gaps().iter().cloned().chain(missing).collect();
    Ok(Changes { rows, since: since.and_then(|at| Timestamp::from_millisecond(at).ok()), gaps })
}

/// The Python value of a cell.
fn value<'py>(py: Python<'py>, cell: Cell<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match cell {
        Cell::Null => py.None().into_bound(py),
        Cell::Text(text) => PyString::new(py, &text).into_any(),
        // A tuple, so that its record can be hashed.
        Cell::Texts(texts) => PyTuple::new(py, texts.iter().map(|t| t.as_ref()))?.into_any(),
        Cell::Lists(lists) => {
            PyTuple::new(py, lists.iter().map(|texts| PyTuple::new(py, texts)).collect::<PyResult<Vec<_>>>()?)?
                .into_any()
        }
        Cell::Flag(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Cell::Count(count) => count.into_pyobject(py)?.into_any(),
        Cell::Time(micros) => moment(py, micros)?,
    })
}

/// A moment as a `datetime` that knows it is in UTC.
pub fn moment(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyAny>> {
    let Ok(at) = Timestamp::from_microsecond(micros) else {
        return Ok(py.None().into_bound(py));
    };
    let at = at.to_zoned(TimeZone::UTC).datetime();
    let utc = PyTzInfo::utc(py)?;
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let micros = u32::try_from(at.subsec_nanosecond() / 1_000).unwrap_or_default();
    Ok(PyDateTime::new(
        py,
        at.year().into(),
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
        micros,
        Some(&utc),
    )?
    .into_any())
}

#[pymethods]
impl PyTable {
    /// Name of the record.
    #[getter]
    fn record(&self) -> &'static str {
        self.0.declaration().name
    }

    /// What one row is.
    #[getter]
    fn meaning(&self) -> String {
        self.0.declaration().meaning()
    }

    /// Name, type, whether it may be null, and meaning of each column.
    #[getter]
    fn about(&self) -> Vec<(&'static str, &'static str, bool, &'static str)> {
        about(self.0.declaration())
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<&'static str> {
        self.0.declaration().columns.iter().map(|c| c.name).collect()
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.made(py).len()
    }

    /// One row as a tuple.
    fn row<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyTuple>> {
        let cells = self.made(py).row(index).ok_or_else(|| PyIndexError::new_err("table index out of range"))?;
        let values = cells.into_iter().map(|cell| value(py, cell)).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(py, values)
    }

    /// The rows from `start` up to `stop` as tuples.
    fn rows<'py>(&self, py: Python<'py>, start: usize, stop: usize) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        (start..stop.min(self.made(py).len())).map(|index| self.row(py, index)).collect()
    }

    /// Names of the columns in which every row is null or an empty list.
    #[getter]
    fn empty(&self, py: Python<'_>) -> Vec<&'static str> {
        let columns = self.made(py).declaration().columns.iter().enumerate();
        columns.filter(|(at, _)| self.0.is_empty_column(*at)).map(|(_, about)| about.name).collect()
    }

    /// The values of one column.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let found = self.0.declaration().columns.iter().enumerate().find(|(_, about)| about.name == name);
        let (at, about) = found.ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
        let values = PyList::empty(py);
        for batch in self.made(py).batches() {
            let array = batch.columns().get(at).ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
            for row in 0..batch.num_rows() {
                values.append(value(py, cell_at(array, about.kind, row))?)?;
            }
        }
        Ok(values)
    }

    /// At most `length` rows from `start` on.
    fn slice(&self, py: Python<'_>, start: usize, length: usize) -> Self {
        self.made(py).slice(start, length).into()
    }

    /// The rows at these positions, in this order.
    fn take(&self, py: Python<'_>, rows: Vec<usize>) -> PyResult<Self> {
        let taken = py.detach(|| self.0.take(&rows));
        taken.map(Self::from).map_err(|error| PyIndexError::new_err(error.to_string()))
    }

    /// The columns of these names, in this order.
    fn select(&self, py: Python<'_>, names: Vec<String>) -> PyResult<Self> {
        let columns = positions(self.0.declaration(), &names)?;
        py.detach(|| self.0.select(&columns)).map(Self::from).map_err(|error| PyKeyError::new_err(error.to_string()))
    }

    /// What could not be read.
    #[getter]
    fn gaps(&self) -> Self {
        Table::new(self.0.gaps(), []).into()
    }

    /// Whether nothing is missing.
    #[getter]
    fn complete(&self) -> bool {
        self.0.gaps().is_empty()
    }

    /// Same record, same rows, same gaps.
    fn __eq__(&self, py: Python<'_>, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || py.detach(|| self.0 == other.0)
    }

    /// Writes the rows as a Parquet file, group by group.
    fn write_parquet(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let failed = |error: ParquetError| match error {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => PyErr::from(*cause),
                Err(cause) => PyRuntimeError::new_err(cause.to_string()),
            },
            error => PyRuntimeError::new_err(error.to_string()),
        };
        py.detach(|| self.0.write_parquet(File::create(path)?)).map_err(failed)
    }

    /// The rows as a Parquet file.
    fn to_parquet<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.0.to_parquet());
        let bytes = bytes.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The table of a record as `to_parquet` wrote it, with the columns it had, and the table of its gaps likewise.
    #[staticmethod]
    fn from_parquet(
        py: Python<'_>,
        record: &str,
        columns: Vec<String>,
        rows: Vec<u8>,
        gaps: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let mut declaration = declared(record)?;
        let kept = positions(&declaration, &columns)?;
        declaration.columns = kept.into_iter().filter_map(|at| declaration.columns.get(at).copied()).collect();
        let table = py.detach(|| {
            let gaps = gaps.map_or_else(|| Ok(Vec::new()), saved::read_gaps)?;
            Table::from_parquet(record, declaration, rows, gaps)
        });
        table.map(Self::from).map_err(|error| exception(py, "UnreadableSnapshotError", &error.to_string(), None))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let gaps = if self.0.gaps().is_empty() { None } else { Some(self.gaps().to_parquet(py)?) };
        let parts = (self.record(), self.columns(), self.to_parquet(py)?, gaps).into_pyobject(py)?;
        Ok((PyType::new::<Self>(py).getattr("from_parquet")?, parts))
    }

    /// The Arrow stream; each call starts from the first row.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore a request for other types.
        drop(requested_schema);
        PyCapsule::new_with_value(py, self.0.stream()?, STREAM)
    }
}

fn declared(record: &str) -> PyResult<Declaration> {
    let found = tables::declarations().into_iter().find(|declaration| declaration.name == record);
    found.ok_or_else(|| PyKeyError::new_err(record.to_owned()))
}

/// Where these columns stand.
fn positions(declaration: &Declaration, names: &[String]) -> PyResult<Vec<usize>> {
    let position = |name: &String| {
        let found = declaration.columns.iter().position(|about| about.name == name);
        found.ok_or_else(|| PyKeyError::new_err(name.clone()))
    };
    names.iter().map(position).collect()
}

fn about(declaration: &Declaration) -> Vec<(&'static str, &'static str, bool, &'static str)> {
    let row = |about: &About| (about.name, about.kind.as_str(), about.nullable, about.doc);
    declaration.columns.iter().map(row).collect()
}

/// What is declared, for the generator: each record with its name, comment and columns.
#[pyfunction]
pub fn declarations<'py>(py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let column = |about: &About| {
        let column = PyDict::new(py);
        column.set_item("name", about.name)?;
        column.set_item("kind", about.kind.as_str())?;
        column.set_item("nullable", about.nullable)?;
        column.set_item("doc", about.doc)?;
        column.set_item("type", (about.type_name)())?;
        Ok(column)
    };
    let record = |declaration: &Declaration| {
        let record = PyDict::new(py);
        record.set_item("name", declaration.name)?;
        record.set_item("doc", declaration.doc)?;
        record.set_item("columns", declaration.columns.iter().map(column).collect::<PyResult<Vec<_>>>()?)?;
        Ok(record)
    };
    tables::declarations().iter().map(record).collect()
}
