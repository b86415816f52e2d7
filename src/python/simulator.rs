//! The simulator, for people's own tests and the demo.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use serde_json::Value;

use crate::model::Deployment;
use crate::simulator::{self, Fault, JsonRpc, Options};

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
        match self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(running) => Ok(ask(running)),
            None => Err(PyRuntimeError::new_err("the simulator has stopped")),
        }
    }
}

#[pymethods]
impl Simulator {
    #[new]
    #[pyo3(signature = (
        *, deployment, pages, spaces, users, groups, seed, site, caller, latency, page_cap, subject_cap, port, username,
        token, token_has_scopes, require_auth, legacy_v1, audit_records, audit_arrivals, version, context, password, extender,
        json_rpc, coverage, language, faults
    ))]
    #[expect(clippy::too_many_arguments, reason = "one per option; they are keywords in Python")]
    fn new(
        py: Python<'_>,
        deployment: &str,
        pages: Option<usize>,
        spaces: Option<usize>,
        users: Option<usize>,
        groups: Option<usize>,
        seed: u64,
        site: Option<&Bound<'_, PyAny>>,
        caller: Option<String>,
        latency: f64,
        page_cap: Option<usize>,
        subject_cap: Option<usize>,
        port: u16,
        username: Option<String>,
        token: Option<String>,
        token_has_scopes: bool,
        require_auth: bool,
        legacy_v1: bool,
        audit_records: Option<usize>,
        audit_arrivals: usize,
        version: Option<String>,
        context: String,
        password: Option<String>,
        extender: bool,
        json_rpc: &str,
        coverage: BTreeMap<String, String>,
        language: String,
        faults: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let usual = Options::default();
        let options = Options {
            deployment: match deployment {
                "cloud" => Deployment::Cloud,
                "datacenter" => Deployment::DataCenter,
                other => {
                    let message = format!("`{other}` is no deployment: use \"cloud\" or \"datacenter\"");
                    return Err(PyValueError::new_err(message));
                }
            },
            pages: pages.unwrap_or(usual.pages),
            spaces: spaces.unwrap_or(usual.spaces),
            users: users.unwrap_or(usual.users),
            groups: groups.unwrap_or(usual.groups),
            seed,
            site: site.map(|value| plain(value, "the site")).transpose()?,
            caller,
            latency: Duration::try_from_secs_f64(latency)
                .map_err(|error| PyValueError::new_err(format!("`latency` is a number of seconds: {error}")))?,
            page_cap,
            subject_cap,
            port,
            username: username.unwrap_or_else(|| usual.username.clone()),
            token: token.unwrap_or_else(|| usual.token.clone()),
            token_has_scopes,
            require_auth,
            legacy_v1,
            audit_records: audit_records.unwrap_or(usual.audit_records),
            audit_arrivals,
            version: version.unwrap_or_else(|| usual.version.clone()),
            context,
            password: password.unwrap_or_else(|| usual.password.clone()),
            extender,
            json_rpc: match json_rpc {
                "on" => JsonRpc::On,
                "off" => JsonRpc::Off,
                "websudo" => JsonRpc::WebSudo,
                other => {
                    let message =
                        format!("`{other}` is no state of the remote API: use \"on\", \"off\" or \"websudo\"");
                    return Err(PyValueError::new_err(message));
                }
            },
            coverage,
            language,
            faults: faults.iter().map(fault).collect::<PyResult<_>>()?,
            ..usual
        };
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

    /// Username it lets in.
    #[getter]
    fn username(&self) -> &str {
        &self.username
    }

    /// Token it lets in.
    #[getter]
    fn token(&self) -> &str {
        &self.token
    }

    /// Password it lets in on Data Center.
    #[getter]
    fn password(&self) -> &str {
        &self.password
    }

    /// Lets another token in from now on.
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
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
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
