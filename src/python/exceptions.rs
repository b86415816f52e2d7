//! Exceptions of `confluence_access.errors`, by the names of their classes.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An exception of a class, with what is known beside its message as keyword arguments.
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
