//! Waiting: how a future of the core becomes a blocking call or an awaitable.
//!
//! Each client owns its runtime. A runtime shared by the process could neither be closed nor replaced after a fork.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{JoinHandle, ThreadId};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle, Runtime};

use super::errors;
use super::exceptions::exception;
use super::logs;
use crate::fetch::{Error, Journal, Locked};

/// How often a blocked call looks for Ctrl-C and reports progress.
const TICK: Duration = Duration::from_millis(50);

/// How long closing waits for tasks to end.
const JOIN_LIMIT: Duration = Duration::from_secs(2);

/// The thread that is ending the interpreter, once one is.
static LEAVING: OnceLock<ThreadId> = OnceLock::new();

/// Runtimes of dropped clients that are still shutting down, each with its process.
static ENDING: Mutex<Vec<(u32, JoinHandle<()>)>> = Mutex::new(Vec::new());

/// Marks that the interpreter ends, from the thread that ends it, and waits for the runtimes that are shutting down. A
/// daemon thread that waits for an answer is parked from now on: an ending interpreter ends every thread that returns to
/// it, which aborts the process if frames of this library are on the stack of the thread.
// Source: https://docs.python.org/3.11/c-api/init.html#c.PyEval_RestoreThread
#[pyfunction]
pub fn leave(py: Python<'_>) {
    // A second call changes nothing.
    let _ = LEAVING.set(std::thread::current().id());
    let ending = std::mem::take(&mut *ENDING.locked());
    py.detach(move || {
        // Threads of a forked parent do not exist here.
        for (_, thread) in ending.into_iter().filter(|(pid, _)| *pid == std::process::id()) {
            // A panic there was reported there.
            let _ = thread.join();
        }
    });
}

/// Parks every other thread once the interpreter ends.
fn stay_if_leaving() {
    if LEAVING.get().is_some_and(|leaver| *leaver != std::thread::current().id()) {
        loop {
            std::thread::park();
        }
    }
}

/// Makes the Python value of an answer. Runs attached to the interpreter, outside the runtime's tasks.
pub type Answer = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

type Work = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// A runtime that belongs to one process and one client.
pub struct Engine {
    pid: u32,
    /// What happens on the way, to be logged.
    journal: Arc<Journal>,
    runtime: Mutex<Option<Runtime>>,
}

impl Engine {
    /// A running runtime.
    pub fn start(journal: Arc<Journal>) -> PyResult<Arc<Self>> {
        // Two threads: the work waits for the network, and decoding of one answer should not hold up the others.
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("confluence-access")
            .enable_all()
            .build()
            .map_err(|error| PyRuntimeError::new_err(format!("no threads for the client: {error}")))?;
        Ok(Arc::new(Self { pid: std::process::id(), journal, runtime: Mutex::new(Some(runtime)) }))
    }

    /// Does `work` in the context of the runtime, for values that look it up when they are made.
    pub fn inside<T>(&self, work: impl FnOnce() -> T) -> T {
        let handle = self.runtime.locked().as_ref().map(|r| r.handle().clone());
        let _entered = handle.as_ref().map(Handle::enter);
        work()
    }

    /// Whether the process forked since the client was made.
    pub fn forked(&self) -> bool {
        self.pid != std::process::id()
    }

    fn handle(&self, py: Python<'_>) -> PyResult<Handle> {
        if self.forked() {
            let message = "this client was made before the process forked and its connections stayed in the parent: \
                           make a new client in the child";
            return Err(exception(py, "ForkedError", message, None));
        }
        if Handle::try_current().is_ok() {
            return Err(PyRuntimeError::new_err(
                "a call from within the client's own threads would wait for itself: make it from a thread of yours",
            ));
        }
        match self.runtime.locked().as_ref() {
            Some(runtime) => Ok(runtime.handle().clone()),
            None => Err(closed(py)),
        }
    }

    /// Whether no call can be made any more.
    pub fn closed(&self) -> bool {
        !self.forked() && self.runtime.locked().is_none()
    }

    /// Ends what runs, and waits for it with the interpreter released: a thread that still wants to hand over a result
    /// must be able to.
    pub fn close(&self, py: Python<'_>) {
        if self.forked() {
            return;
        }
        let runtime = self.runtime.locked().take();
        if let Some(runtime) = runtime {
            if Handle::try_current().is_ok() {
                runtime.shutdown_background();
            } else {
                py.detach(move || runtime.shutdown_timeout(JOIN_LIMIT));
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let runtime = self.runtime.locked().take();
        let Some(runtime) = runtime else { return };
        if self.forked() {
            // Its threads are not there.
            std::mem::forget(runtime);
            return;
        }
        // Nobody waits for it here; but its threads may still hand over results, and must have done so when the interpreter
        // is taken down.
        let ending = std::thread::Builder::new()
            .name("confluence-access-end".to_owned())
            .spawn(move || runtime.shutdown_timeout(JOIN_LIMIT));
        if let Ok(ending) = ending {
            let mut all = ENDING.locked();
            all.retain(|(_, thread)| !thread.is_finished());
            all.push((self.pid, ending));
        }
    }
}

fn closed(py: Python<'_>) -> PyErr {
    exception(py, "ClosedError", "the client is closed: make a new one", None)
}

/// A call that has not begun. `wait` blocks, `future` awaits.
#[pyclass(frozen, module = "confluence_access._core")]
pub struct Call {
    engine: Arc<Engine>,
    work: Mutex<Option<Work>>,
}

impl Call {
    /// The call that does `work` on `engine`.
    pub fn new(engine: &Arc<Engine>, work: impl Future<Output = Result<Answer, Error>> + Send + 'static) -> Self {
        Self { engine: Arc::clone(engine), work: Mutex::new(Some(Box::pin(work))) }
    }

    fn take(&self) -> PyResult<Work> {
        let work = self.work.locked().take();
        work.ok_or_else(|| PyRuntimeError::new_err("a call is made once"))
    }
}

#[pymethods]
impl Call {
    /// Makes the call and blocks until it is answered; `tick` is called every 50 ms meanwhile, in the calling thread.
    #[pyo3(signature = (tick = None))]
    fn wait(&self, py: Python<'_>, tick: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        let handle = self.engine.handle(py)?;
        let work = self.take()?;
        let (answers, mut answered) = mpsc::sync_channel(1);
        let task = handle.spawn(async move {
            // The caller may have left.
            drop(answers.send(work.await));
        });
        loop {
            let (back, outcome) = py.detach(move || {
                let outcome = answered.recv_timeout(TICK);
                stay_if_leaving();
                (answered, outcome)
            });
            answered = back;
            if outcome.is_ok() {
                logs::write(py, &self.engine.journal)?;
            }
            match outcome {
                Ok(Ok(answer)) => {
                    if let Some(tick) = tick {
                        tick.call0()?;
                    }
                    return answer(py);
                }
                Ok(Err(error)) => return Err(errors::raised(py, &error)),
                Err(RecvTimeoutError::Timeout) => {
                    let looked = py
                        .check_signals()
                        .and_then(|()| logs::write(py, &self.engine.journal))
                        .and_then(|()| tick.map_or(Ok(()), |t| t.call0().map(drop)));
                    if let Err(interruption) = looked {
                        task.abort();
                        return Err(interruption);
                    }
                }
                // The runtime was closed in another thread and dropped the task.
                Err(RecvTimeoutError::Disconnected) => return Err(closed(py)),
            }
        }
    }

    /// Begins the call and returns a future of the running asyncio loop. Cancelling it aborts the call.
    fn future<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let handle = self.engine.handle(py)?;
        let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
        let future = event_loop.call_method0("create_future")?;
        let work = self.take()?;
        let settlement = Settlement {
            event_loop: event_loop.unbind(),
            future: future.clone().unbind(),
            journal: Arc::clone(&self.engine.journal),
        };
        let mut pending = Pending(Some(settlement));
        let task = handle.spawn(async move {
            let outcome = work.await;
            // Waiting for the interpreter would hold up the tasks of this thread. A runtime that is closing drops the
            // closure unrun; what is owed travels with it and is then settled as closed.
            tokio::task::spawn_blocking(move || {
                if let Some(settlement) = pending.0.take() {
                    settlement.settle(move |py| match outcome {
                        Ok(answer) => answer(py),
                        Err(error) => Err(errors::raised(py, &error)),
                    });
                }
            });
        });
        let abort = Abort { task: task.abort_handle(), _engine: Arc::clone(&self.engine) };
        future.call_method1("add_done_callback", (abort,))?;
        Ok(future)
    }

    /// Logs what happened so far, for a caller that awaits the answer and looks in between.
    fn log(&self, py: Python<'_>) -> PyResult<()> {
        if self.engine.forked() { Ok(()) } else { logs::write(py, &self.engine.journal) }
    }

    fn __repr__(&self) -> &'static str {
        "<a call not yet made>"
    }
}

/// Where a result goes: a future and the loop it belongs to.
struct Settlement {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    journal: Arc<Journal>,
}

impl Settlement {
    fn settle(self, result: impl FnOnce(Python<'_>) -> PyResult<Py<PyAny>>) {
        // `None`: the interpreter is going away, and nobody waits any more.
        Python::try_attach(|py| {
            let done = Done { future: self.future, journal: self.journal, result: Mutex::new(Some(result(py))) };
            // Fails where the loop is closed: nobody waits then either.
            drop(self.event_loop.call_method1(py, "call_soon_threadsafe", (done,)));
        });
    }
}

/// A result that is still owed: if the runtime drops the task, the future must not wait for ever.
struct Pending(Option<Settlement>);

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(settlement) = self.0.take() {
            settlement.settle(|py| Err(closed(py)));
        }
    }
}

/// Called by the loop: hands the result to the future.
#[pyclass(frozen, module = "confluence_access._core")]
struct Done {
    future: Py<PyAny>,
    journal: Arc<Journal>,
    result: Mutex<Option<PyResult<Py<PyAny>>>>,
}

#[pymethods]
impl Done {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        logs::write(py, &self.journal)?;
        let future = self.future.bind(py);
        if future.call_method0("done")?.is_truthy()? {
            return Ok(());
        }
        let result = self.result.locked().take();
        match result {
            Some(Ok(value)) => future.call_method1("set_result", (value,)).map(drop),
            Some(Err(error)) => future.call_method1("set_exception", (error,)).map(drop),
            None => Ok(()),
        }
    }
}

/// Called by the loop when the future is done, also by cancellation: nothing needs to be fetched for it any more.
#[pyclass(frozen, module = "confluence_access._core")]
struct Abort {
    task: tokio::task::AbortHandle,
    /// The runtime lives as long as somebody waits for one of its results.
    _engine: Arc<Engine>,
}

#[pymethods]
impl Abort {
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.task.abort();
    }
}
