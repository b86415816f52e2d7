//! Audit records that are not asked of a site: files, and tables that were kept.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;

use super::access::not_listed;
use super::errors;
use super::snapshot::PySnapshot;
use super::table::PyTable;
use crate::apis::audit_record;
use crate::fetch::{self, AuditRange};
use crate::model::{AuditRecord, Cell, Deployment, Gap, GapCause, GapScope, Origin, Snapshot};
use crate::resolve::{self, Asked, merge_bursts};
use crate::tables::{Table, cell_at};

/// The records of audit log files; moments in milliseconds since 1970.
#[pyfunction]
pub fn read_audit_log(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    since: Option<i64>,
    until: Option<i64>,
    search: Option<String>,
) -> PyResult<PyTable> {
    let range = AuditRange { since, until, search };
    let mut stopped = None;
    let read = py.detach(|| {
        // Ctrl-C is heard between lines, not only at the end.
        let mut go_on = || match Python::attach(|py| py.check_signals()) {
            Ok(()) => true,
            Err(signal) => {
                stopped = Some(signal);
                false
            }
        };
        fetch::read_audit_log(&paths, &range, &mut go_on).map(|log| Table::from_rows(log.rows, log.gaps))
    });
    match (stopped, read) {
        (Some(signal), _) => Err(signal),
        (None, Ok(table)) => Ok(table.into()),
        (None, Err(error)) => Err(errors::raised(py, &error)),
    }
}

/// Changes of who may do what among records that are there: those of a table, with its gaps, or pairs of record and source.
#[pyfunction]
pub fn permission_changes(
    py: Python<'_>,
    records: Option<&PyTable>,
    loose: Vec<(String, String)>,
    asked: (Option<String>, Option<String>),
    snapshot: Option<&PySnapshot>,
    bursts: bool,
) -> PyResult<PyTable> {
    let table = records.map(PyTable::table);
    let known = snapshot
        .map_or_else(|| Arc::new(Snapshot::new(Deployment::DataCenter)), |snapshot| Arc::clone(snapshot.facts()));
    let (space, content) = asked;
    let found = py.detach(|| {
        let mut gaps: Vec<Gap> = table.map(|table| table.gaps().to_vec()).unwrap_or_default();
        let mut kept: Vec<AuditRecord> = Vec::new();
        let mut take = |raw: &str, source: &str| match audit_record(raw, &Origin::new(source)) {
            Some(record) => kept.push(record),
            None => gaps.push(lost(source)),
        };
        table.into_iter().for_each(|table| each_record(table, &mut take));
        loose.iter().for_each(|(raw, source)| take(raw, source));
        let content = content.map(|text| id_of(&known, text));
        let asked = Asked { space: space.map(|space| key_of(&known, space)), content };
        resolve::permission_changes(&kept, &known, &asked).map(|found| {
            drop(kept);
            gaps.extend(found.gaps);
            let rows = if bursts { merge_bursts(found.rows) } else { found.rows };
            Table::from_rows(rows, gaps)
        })
    });
    found.map(PyTable::from).map_err(|unknown| not_listed(py, &unknown))
}

/// A space may be named by its id as well.
pub fn key_of(known: &Snapshot, space: String) -> String {
    resolve::space_key(known, &space).unwrap_or(space)
}

/// The id of a content named by its title. What names none, or several, stays as it is: it is not in the snapshot.
pub fn id_of(known: &Snapshot, content: String) -> String {
    resolve::content_id(known, &content).map(Cow::into_owned).unwrap_or(content)
}

fn lost(source: &str) -> Gap {
    Gap::new((GapScope::Audit, ""), GapCause::Unreadable, "the text of a record is none of an audit log").at(source)
}

/// Text and source of each record of a table.
fn each_record(table: &Table, take: &mut impl FnMut(&str, &str)) {
    let place = |name: &str| table.declaration().columns.iter().enumerate().find(|(_, about)| about.name == name);
    let (Some((raw, about)), Some((source, _))) = (place("raw"), place("source")) else { return };
    for batch in table.batches() {
        let (Some(raws), Some(sources)) = (batch.columns().get(raw), batch.columns().get(source)) else { continue };
        for row in 0..batch.num_rows() {
            if let (Cell::Text(raw), Cell::Text(source)) =
                (cell_at(raws, about.kind, row), cell_at(sources, about.kind, row))
            {
                take(&raw, &source);
            }
        }
    }
}
