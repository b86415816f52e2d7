//! The simulator, for people's own tests and the demo.

use std::io;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::fetch::Locked;
use crate::simulator::{self, Fault, Options};

/// One logged request: method, path, query, route, status, fault, seconds it took, requests under way with it.
type Logged = (String, String, String, Option<&'static str>, u16, Option<&'static str>, Option<f64>, usize);

/// A Confluence on a loopback port. `confluence_access.Simulator` wraps it.
#[pyclass(frozen, module = "confluence_access._core")]
pub struct Simulator {
    pid: u32,
    running: Mutex<Option<simulator::Simulator>>,
    url: String,
    username: String,
    token: String,
    password: String,
    org_id: String,
    org_token: String,
}

fn plain(value: &Bound<'_, PyAny>, what: &str) -> PyResult<Value> {
    pythonize::depythonize(value).map_err(|error| PyValueError::new_err(format!("{what} is not plain data: {error}")))
}

fn fault(value: &Bound<'_, PyAny>) -> PyResult<Fault> {
    Fault::from_plain(&plain(value, "a fault")?).map_err(PyValueError::new_err)
}

fn refused(error: io::Error) -> PyErr {
    match error.kind() {
        io::ErrorKind::InvalidInput => PyValueError::new_err(error.to_string()),
        _ => PyOSError::new_err(error.to_string()),
    }
}

impl Simulator {
    fn with<T>(&self, ask: impl FnOnce(&simulator::Simulator) -> T) -> PyResult<T> {
        match self.running.locked().as_ref() {
            Some(running) => Ok(ask(running)),
            None => Err(PyRuntimeError::new_err("the simulator has stopped")),
        }
    }
}

#[pymethods]
impl Simulator {
    /// A simulator with these options, the fields of [`Options`]; the others have their defaults.
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        let plain = plain(options, "the description of a simulator")?;
        let options: Options = serde_json::from_value(plain).map_err(|e| PyValueError::new_err(e.to_string()))?;
        let running = py.detach(|| simulator::Simulator::start(options)).map_err(refused)?;
        Ok(Self {
            pid: std::process::id(),
            url: running.url(),
            username: running.username().to_owned(),
            token: running.token().to_owned(),
            password: running.password().to_owned(),
            org_id: running.org_id(),
            org_token: running.org_token().to_owned(),
            running: Mutex::new(Some(running)),
        })
    }

    /// Address of the site.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// The username it accepts.
    #[getter]
    fn username(&self) -> &str {
        &self.username
    }

    /// The token it accepts.
    #[getter]
    fn token(&self) -> &str {
        &self.token
    }

    /// The password it accepts on Data Center.
    #[getter]
    fn password(&self) -> &str {
        &self.password
    }

    /// Accepts another token from now on.
    fn change_token(&self, token: String) -> PyResult<()> {
        self.with(|running| running.change_token(token))
    }

    /// Id of the site.
    fn cloud_id(&self) -> PyResult<String> {
        self.with(simulator::Simulator::cloud_id)
    }

    /// Whether an admin key of the caller is active.
    fn admin_key_active(&self) -> PyResult<bool> {
        self.with(simulator::Simulator::admin_key_active)
    }

    /// Id of the organization.
    #[getter]
    fn org_id(&self) -> &str {
        &self.org_id
    }

    /// Key of the organization.
    #[getter]
    fn org_token(&self) -> &str {
        &self.org_token
    }

    /// Everything that was asked, in order of arrival.
    fn requests(&self) -> PyResult<Vec<Logged>> {
        let logged = self.with(simulator::Simulator::requests)?;
        let seconds = |r: &simulator::LoggedRequest| r.finished.map(|f| f.duration_since(r.started).as_secs_f64());
        Ok(logged
            .into_iter()
            .map(|r| {
                let took = seconds(&r);
                (r.method, r.path, r.query, r.route, r.status, r.fault, took, r.in_flight)
            })
            .collect())
    }

    /// Requests it did not understand, one line each.
    fn unexpected(&self) -> PyResult<Vec<String>> {
        Ok(self.with(simulator::Simulator::unexpected)?.iter().map(ToString::to_string).collect())
    }

    /// The lines of the audit log file of a Data Center, oldest first.
    fn audit_log(&self) -> PyResult<Vec<String>> {
        self.with(simulator::Simulator::audit_log_lines)
    }

    /// Most requests that were under way at one moment.
    fn max_in_flight(&self) -> PyResult<usize> {
        self.with(simulator::Simulator::max_in_flight)
    }

    /// Forgets the log.
    fn clear_log(&self) -> PyResult<()> {
        self.with(simulator::Simulator::clear_log)
    }

    /// Lets something go wrong from now on.
    fn inject(&self, fault: &Bound<'_, PyAny>) -> PyResult<()> {
        let fault = self::fault(fault)?;
        self.with(|running| running.inject(fault))
    }

    /// Heals everything.
    fn clear_faults(&self) -> PyResult<()> {
        self.with(simulator::Simulator::clear_faults)
    }

    /// Stops serving.
    fn stop(&self, py: Python<'_>) {
        let running = self.running.locked().take();
        match running {
            Some(running) if self.pid == std::process::id() => py.detach(|| drop(running)),
            // Its thread is in the parent; waiting for it here would never end.
            Some(running) => std::mem::forget(running),
            None => {}
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if self.pid != std::process::id() {
            std::mem::forget(self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}
