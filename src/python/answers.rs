//! Answers of calls, each made into its Python value where the interpreter is at hand.

use pyo3::prelude::*;

use super::bridge::Answer;
use super::snapshot::PySnapshot;
use super::table::PyTable;
use crate::fetch::Server;
use crate::model::{Gap, Listing, Record, Refreshed, Snapshot};
use crate::tables::Table;

/// A table.
pub fn of_table(table: Table) -> Answer {
    Box::new(move |py| Ok(Py::new(py, PyTable::from(table))?.into_any()))
}

/// Rows and gaps, as a table. The columns are laid out here, away from the interpreter.
pub fn of_rows<R: Record + Sync>(rows: &[R], gaps: Vec<Gap>) -> Answer {
    of_table(Table::new(rows, gaps))
}

/// A listing, as a table.
pub fn of_listing<R: Record + Sync>(listing: Listing<R>) -> Answer {
    of_rows(&listing.rows, listing.gaps)
}

/// A snapshot.
pub fn of_snapshot(snapshot: Snapshot) -> Answer {
    Box::new(move |py| Ok(Py::new(py, PySnapshot::from(snapshot))?.into_any()))
}

/// A snapshot that was brought up to date.
pub fn of_refreshed((snapshot, rows): (Snapshot, Vec<Refreshed>)) -> Answer {
    Box::new(move |py| Ok(Py::new(py, PySnapshot::refreshed(snapshot, rows))?.into_any()))
}

/// A text.
pub fn of_text(text: String) -> Answer {
    Box::new(move |py| Ok(text.into_pyobject(py)?.into_any().unbind()))
}

/// The server and the authenticated account, as plain data.
pub fn of_server(server: Server) -> Answer {
    Box::new(move |py| Ok(pythonize::pythonize(py, &server)?.unbind()))
}
