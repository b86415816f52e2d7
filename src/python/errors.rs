//! Errors of the core as exceptions of `confluence_access.errors`.

use std::error::Error as StdError;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::exceptions::exception;
use super::table::PyTable;
use crate::fetch::{Error, ErrorKind};
use crate::model::visible;
use crate::tables::Table;

/// The Python class for a kind.
fn class_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Configuration => "ConfigurationError",
        ErrorKind::NoAnswer => "NoAnswerError",
        ErrorKind::Timeout => "RequestTimeoutError",
        ErrorKind::Certificate => "CertificateError",
        ErrorKind::Unauthorized => "AuthenticationError",
        ErrorKind::NoToken => "AuthenticationError",
        ErrorKind::Forbidden => "ForbiddenError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::Ambiguous => "AmbiguousError",
        ErrorKind::Gone => "GoneError",
        ErrorKind::RateLimited => "RateLimitError",
        ErrorKind::Client => "RequestError",
        ErrorKind::Server => "ServerError",
        ErrorKind::NotConfluence => "NotConfluenceError",
        ErrorKind::Unreadable => "UnreadableAnswerError",
        ErrorKind::Closed => "ClosedError",
        ErrorKind::Incomplete => "IncompleteError",
        ErrorKind::Lockout => "LockoutError",
        ErrorKind::RolesOnly => "RolesOnlyError",
        ErrorKind::Plan => "PlanError",
        ErrorKind::OtherSite => "OtherSiteError",
        ErrorKind::Unavailable => "UnavailableError",
        ErrorKind::SecureSession => "SecureSessionError",
        ErrorKind::Store => "StoreError",
    }
}

/// An error of the core as an exception, with the chain of its causes.
pub fn raised(py: Python<'_>, error: &Error) -> PyErr {
    // An exception of the user's own function is the user's: it arrives as it was raised.
    if let Some(own) = error.token_failure().and_then(|failure| failure.downcast_ref::<PyErr>()) {
        return own.clone_ref(py);
    }
    let known = match attributes(py, error) {
        Ok(known) => known,
        Err(failure) => return failure,
    };
    let exception = exception(py, class_of(error.kind()), &error.to_string(), Some(&known));
    if let Some(cause) = StdError::source(error) {
        exception.set_cause(py, Some(chain(py, cause)));
    }
    exception
}

/// The chain behind an error. Each link is text: the types behind it mean nothing in Python.
fn chain(py: Python<'_>, error: &(dyn StdError + 'static)) -> PyErr {
    let link = PyRuntimeError::new_err(visible(&error.to_string()).into_owned());
    if let Some(cause) = error.source() {
        link.set_cause(py, Some(chain(py, cause)));
    }
    link
}

fn attributes<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyDict>> {
    let known = PyDict::new(py);
    known.set_item("status", error.status())?;
    known.set_item("request_id", error.request_id())?;
    known.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
    known.set_item("url", error.url())?;
    if error.attempts() > 0 {
        known.set_item("attempts", error.attempts())?;
    }
    if !error.gaps().is_empty() {
        let gaps = PyTable::from(Table::new(error.gaps(), []));
        let gaps = py.import("confluence_access.tables")?.getattr("Table")?.call1((gaps,))?;
        known.set_item("gaps", gaps)?;
    }
    if error.kind() == ErrorKind::Plan {
        known.set_item("line", error.line())?;
    }
    if error.kind() == ErrorKind::Ambiguous {
        known.set_item("candidates", error.candidates())?;
    }
    Ok(known)
}
