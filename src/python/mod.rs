//! The boundary to Python: pyo3 lives here and nowhere else.

mod access;
mod answers;
mod audit;
mod bridge;
mod changes;
mod client;
mod errors;
mod exceptions;
mod logs;
mod plan;
mod rooms;
mod simulator;
mod snapshot;
mod table;
mod verify;
mod words;

/// The private extension; the module is its export list.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::access::{PyAccess, PyPairBatches, PyPairs, codes, findings, parts, permissions};
    #[pymodule_export]
    use super::audit::{permission_changes, read_audit_log};
    #[pymodule_export]
    use super::bridge::{Call, leave};
    #[pymodule_export]
    use super::client::{Client, Progress};
    #[pymodule_export]
    use super::plan::PyPlan;
    #[pymodule_export]
    use super::rooms::{PyExtender, PyJsonRpc, methods};
    #[pymodule_export]
    use super::simulator::Simulator;
    #[pymodule_export]
    use super::snapshot::{PySnapshot, nouns};
    #[pymodule_export]
    use super::table::{PyTable, declarations};
    #[pymodule_export]
    use super::words::words;

    /// Version of this package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Version of the layout of a saved snapshot.
    #[pymodule_export]
    const SNAPSHOT_FORMAT: u32 = crate::tables::FORMAT;
}
