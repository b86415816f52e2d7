//! The rooms of the upstream APIs, JSON-RPC and the Extender add-on: one entry each for all their declared methods.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::bridge::{Answer, Call, Engine};
use super::exceptions::exception;
use super::table::PyTable;
use crate::apis::json_rpc::requests::Call as AnyCall;
use crate::apis::methods::{Arguments, Method, Refused};
use crate::apis::{extender, json_rpc};
use crate::fetch::{self, Answered, Error, RowsAnswer};
use crate::model::{Gap, Record};
use crate::tables::Table;

/// JSON-RPC; `confluence_access.json_rpc.JsonRpc` wraps it.
#[pyclass(frozen, name = "JsonRpc", module = "confluence_access._core")]
pub struct PyJsonRpc {
    engine: Arc<Engine>,
    room: fetch::JsonRpc,
}

/// The Extender add-on; `confluence_access.extender.Extender` wraps it.
#[pyclass(frozen, name = "Extender", module = "confluence_access._core")]
pub struct PyExtender {
    engine: Arc<Engine>,
    room: fetch::Extender,
}

/// The declared methods of both rooms as plain data, for what is written from them.
#[pyfunction]
pub fn methods(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let rows = json!({
        "json_rpc": plain_rows(json_rpc::methods::METHODS),
        "extender": plain_rows(extender::methods::METHODS),
    });
    Ok(pythonize::pythonize(py, &rows)?.unbind())
}

fn plain_rows(rows: &[impl Serialize]) -> Value {
    serde_json::to_value(rows).unwrap_or_default()
}

/// The answer of a method for Python: as received, with what was read from it.
fn answered(answer: Answered) -> Answer {
    match answer {
        Answered::Plain(value) => Box::new(move |py| Ok(pythonize::pythonize(py, &value)?.unbind())),
        Answered::Permissions(answer) => with_rows(answer),
        Answered::Restrictions(answer) => with_rows(answer),
        Answered::Listed(answer) => with_gaps(Value::Array(answer.rows), Value::from(answer.total), &answer.gaps),
        Answered::Content(answer) => {
            let report = serde_json::to_value(&answer.report).unwrap_or_default();
            with_gaps(answer.raw, report, &answer.gaps)
        }
    }
}

/// An answer as received, with what was read from it.
fn with_rows<R: Record + Sync>(answer: RowsAnswer<R>) -> Answer {
    let table = Table::new(&answer.rows, answer.gaps);
    let raw = answer.raw;
    Box::new(move |py| {
        let raw = pythonize::pythonize(py, &raw)?;
        let table = Py::new(py, PyTable::from(table))?.into_bound(py).into_any();
        Ok(PyTuple::new(py, [raw, table])?.into_any().unbind())
    })
}

/// A plain answer, its other facts as plain data, and its gaps.
fn with_gaps(raw: Value, known: Value, gaps: &[Gap]) -> Answer {
    let gaps = Table::new(gaps, []);
    Box::new(move |py| {
        let raw = pythonize::pythonize(py, &raw)?;
        let known = pythonize::pythonize(py, &known)?;
        let gaps = Py::new(py, PyTable::from(gaps))?.into_bound(py).into_any();
        Ok(PyTuple::new(py, [raw, known, gaps])?.into_any().unbind())
    })
}

/// A declared method by its name, and its arguments, read.
fn asked<R>(
    rows: &[&'static Method<R>],
    name: &str,
    given: &Bound<'_, PyDict>,
) -> PyResult<(&'static Method<R>, Arguments)> {
    let py = given.py();
    let Some(method) = rows.iter().find(|method| method.name == name) else {
        return Err(PyTypeError::new_err(format!("invalid method `{}`: see `methods()`", name.escape_debug())));
    };
    let mut plain = Map::new();
    for (name, value) in given {
        let name: String = name.extract()?;
        let read = pythonize::depythonize(&value);
        let read =
            read.map_err(|_| PyTypeError::new_err(format!("invalid `{name}`: expected a text, not {value:?}")))?;
        plain.insert(name, read);
    }
    match Arguments::read(method, &plain) {
        Ok(arguments) => Ok((method, arguments)),
        Err(Refused::Type(message)) => Err(PyTypeError::new_err(message)),
        Err(Refused::Value(message)) => Err(exception(py, "ConfigurationError", &message, None)),
    }
}

impl PyJsonRpc {
    /// The room of a client.
    pub fn new(engine: &Arc<Engine>, room: fetch::JsonRpc) -> Self {
        Self { engine: Arc::clone(engine), room }
    }

    fn work(&self, work: impl Future<Output = Result<Answered, Error>> + Send + 'static) -> Call {
        Call::new(&self.engine, async move { work.await.map(answered) })
    }
}

#[pymethods]
impl PyJsonRpc {
    /// The same with every call in an envelope.
    fn in_envelopes(&self) -> Self {
        Self::new(&self.engine, self.room.clone().in_envelopes())
    }

    /// A method by its own name.
    fn method(&self, method: String, params: &Bound<'_, PyAny>, changes: bool, dry_run: bool) -> PyResult<Call> {
        let params: Vec<Value> = pythonize::depythonize(params)?;
        let room = self.room.clone();
        Ok(self.work(async move {
            let call = AnyCall::any(method, params, changes);
            room.call(&call, dry_run).await.map(Answered::Plain)
        }))
    }

    /// A declared method by its name.
    #[pyo3(signature = (method, arguments, dry_run = false))]
    fn call(&self, method: &str, arguments: &Bound<'_, PyDict>, dry_run: bool) -> PyResult<Call> {
        let (method, arguments) = asked(json_rpc::methods::METHODS, method, arguments)?;
        let room = self.room.clone();
        Ok(self.work(async move { room.ask(method, &arguments, dry_run).await }))
    }
}

impl PyExtender {
    /// The room of a client.
    pub fn new(engine: &Arc<Engine>, room: fetch::Extender) -> Self {
        Self { engine: Arc::clone(engine), room }
    }
}

#[pymethods]
impl PyExtender {
    /// A declared method by its name.
    #[pyo3(signature = (method, arguments, dry_run = false))]
    fn call(&self, method: &str, arguments: &Bound<'_, PyDict>, dry_run: bool) -> PyResult<Call> {
        let (method, arguments) = asked(extender::methods::METHODS, method, arguments)?;
        let room = self.room.clone();
        Ok(Call::new(&self.engine, async move { room.ask(method, &arguments, dry_run).await.map(answered) }))
    }
}

impl Drop for PyJsonRpc {
    fn drop(&mut self) {
        if self.engine.forked() {
            // As for the client: what its threads held locked stays locked in a forked child.
            std::mem::forget(self.room.clone());
        }
    }
}

impl Drop for PyExtender {
    fn drop(&mut self) {
        if self.engine.forked() {
            std::mem::forget(self.room.clone());
        }
    }
}
