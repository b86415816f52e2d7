//! Answers of calls, each made into its Python value where the interpreter is at hand.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::bridge::Answer;
use super::snapshot::PySnapshot;
use super::table::PyTable;
use crate::fetch::Server;
use crate::model::{Gap, Listing, Record, Snapshot};
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

/// A text.
pub fn of_text(text: String) -> Answer {
    Box::new(move |py| Ok(text.into_pyobject(py)?.into_any().unbind()))
}

/// What answers and as whom, as a dict.
pub fn of_server(server: Server) -> Answer {
    Box::new(move |py| {
        let known = PyDict::new(py);
        known.set_item("url", &server.base_url)?;
        known.set_item("deployment", server.deployment.as_str())?;
        known.set_item("version", &server.version)?;
        known.set_item("account_id", &server.account_id)?;
        known.set_item("username", &server.username)?;
        known.set_item("account_name", &server.display_name)?;
        known.set_item("account_email", &server.email)?;
        known.set_item("admin", server.admin)?;
        known.set_item("role_mode", server.role_mode.as_ref().map(|mode| mode.as_str()))?;
        known.set_item("capabilities", &server.capabilities)?;
        known.set_item("notes", &server.notes)?;
        Ok(known.into_any().unbind())
    })
}
