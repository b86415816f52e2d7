//! What happened on the way, as lines of Python's `logging`: written by the thread that waits for an answer.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::fetch::Journal;

/// Writes the events so far. No lock of the journal is held while Python runs.
///
/// # Errors
/// Only what ends a program, such as Ctrl-C in a handler: a handler that fails takes no answer away.
pub fn write(py: Python<'_>, journal: &Journal) -> PyResult<()> {
    let (events, dropped) = journal.take();
    if events.is_empty() && dropped == 0 {
        return Ok(());
    }
    let written = py.import("confluence_access.logs").and_then(|logs| {
        let mut lines = Vec::with_capacity(events.len());
        for event in events {
            let known = PyDict::new(py);
            known.set_item("event", event.kind.as_str())?;
            known.set_item("route", &event.route)?;
            known.set_item("status", event.status)?;
            known.set_item("request_id", &event.request_id)?;
            known.set_item("attempt", event.attempt)?;
            known.set_item("seconds", event.wait.as_secs_f64())?;
            lines.push((event.to_string(), known));
        }
        logs.call_method1("requests", (lines, dropped))
    });
    match written {
        Err(error) if error.is_instance_of::<PyException>(py) => {
            error.write_unraisable(py, None);
            Ok(())
        }
        written => written.map(drop),
    }
}
