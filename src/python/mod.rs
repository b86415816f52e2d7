//! The boundary to Python: pyo3 lives here and nowhere else.

#[pyo3::pymodule(gil_used = false)]
mod _core {}
