//! Tables for Python.

use std::ffi::CStr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pyo3::exceptions::{PyIndexError, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDateTime, PyList, PyString, PyTuple, PyTzInfo};

use crate::tables::{self, Cell, Table, cell_at};

/// Name the Arrow C stream interface gives its capsules.
// Source: https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
const STREAM: &CStr = c"arrow_array_stream";

/// A table of records; `confluence_access.Table` wraps it.
#[pyclass(frozen, name = "Table", module = "confluence_access._core")]
#[derive(Debug)]
pub struct PyTable(Arc<Table>);

impl From<Table> for PyTable {
    fn from(table: Table) -> Self {
        Self(Arc::new(table))
    }
}

/// The Python value of a cell.
fn value<'py>(py: Python<'py>, cell: Cell<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match cell {
        Cell::Null => py.None().into_bound(py),
        Cell::Text(text) => PyString::new(py, &text).into_any(),
        Cell::Texts(texts) => PyTuple::new(py, texts.iter().map(|t| t.as_ref()))?.into_any(),
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

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<&'static str> {
        self.0.declaration().columns.iter().map(|c| c.name).collect()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// One row as a tuple.
    fn row<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyTuple>> {
        let cells = self.0.row(index).ok_or_else(|| PyIndexError::new_err("table index out of range"))?;
        let values = cells.into_iter().map(|cell| value(py, cell)).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(py, values)
    }

    /// The values of one column.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let found = self.0.declaration().columns.iter().enumerate().find(|(_, about)| about.name == name);
        let (at, about) = found.ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
        let values = PyList::empty(py);
        for batch in self.0.batches() {
            let array = batch.columns().get(at).ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
            for row in 0..batch.num_rows() {
                values.append(value(py, cell_at(array, about.kind, row))?)?;
            }
        }
        Ok(values)
    }

    /// At most `length` rows from `start` on.
    fn slice(&self, start: usize, length: usize) -> Self {
        self.0.slice(start, length).into()
    }

    /// What could not be read.
    #[getter]
    fn gaps(&self) -> Self {
        tables::gaps(self.0.gaps()).into()
    }

    /// Whether nothing is missing.
    #[getter]
    fn complete(&self) -> bool {
        self.0.gaps().is_empty()
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
        PyCapsule::new_with_value(py, self.0.stream(), STREAM)
    }
}
