//! The boundary to Python: pyo3 lives here and nowhere else.

mod bridge;
mod client;
mod errors;
mod simulator;
mod table;

/// The private extension; the module is its export list.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::bridge::Call;
    #[pymodule_export]
    use super::client::{Client, Progress};
    #[pymodule_export]
    use super::simulator::Simulator;
    #[pymodule_export]
    use super::table::PyTable;
}
