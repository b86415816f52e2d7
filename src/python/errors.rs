//! Errors of the core as exceptions of `confluence_access.errors`.

use std::error::Error as StdError;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTraceback};

use crate::fetch::{Error, ErrorKind};

/// The Python class for a kind.
fn class_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Configuration => "ConfigurationError",
        ErrorKind::NoAnswer => "NoAnswerError",
        ErrorKind::Timeout => "RequestTimeoutError",
        ErrorKind::Certificate => "CertificateError",
        ErrorKind::Unauthorized => "AuthenticationError",
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
    }
}

/// An exception of `confluence_access.errors`.
pub fn exception(py: Python<'_>, class: &str, message: &str, known: Option<&Bound<'_, PyDict>>) -> PyErr {
    let made = py
        .import("confluence_access.errors")
        .and_then(|errors| errors.getattr(class))
        .and_then(|class| class.call((message,), known));
    match made {
        Ok(value) => PyErr::from_value(value),
        Err(error) => error,
    }
}
