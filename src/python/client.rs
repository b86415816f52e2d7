//! The client: each method one future of `fetch`, handed to the bridge.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use secrecy::SecretString;

use super::access::PyAccess;
use super::answers;
use super::bridge::{Answer, Call, Engine};
use super::changes::{Wanted, changes};
use super::errors;
use super::exceptions::exception;
use super::plan::{self, PyPlan};
use super::rooms::{PyExtender, PyJsonRpc};
use super::snapshot::PySnapshot;
use super::verify;
use crate::fetch::{
    self, ApplyOptions, AuditRange, AuditSource, Config, Error, SnapshotOptions, TokenSource, WriteOptions,
};
use crate::model::{Listing, Record, WriteResult};
use crate::resolve::{Wording, touched};
use crate::tables::{self, Table};

/// Requests in all and per route, points, and three kinds of waits in seconds.
type Usage = (u64, Vec<(String, u64)>, u64, (f64, f64, f64));

/// A connection to a site. `confluence_access.Confluence` and `AsyncConfluence` are its faces.
#[pyclass(frozen, module = "confluence_access._core")]
pub struct Client {
    engine: Arc<Engine>,
    client: fetch::Client,
}

/// Counters of a call under way.
#[pyclass(frozen, module = "confluence_access._core")]
pub struct Progress(Arc<fetch::Progress>);

#[pymethods]
impl Progress {
    #[new]
    fn new() -> Self {
        Self(Arc::new(fetch::Progress::new()))
    }

    /// `(stage, done, total)` for each stage, in the order they are shown; no total while it is not known.
    fn stages(&self) -> Vec<(&'static str, u64, Option<u64>)> {
        self.0.stages().into_iter().map(|stage| (stage.name, stage.done, stage.total)).collect()
    }
}

/// A Python function that returns the token. It runs in a blocking thread, so that waiting for the interpreter holds up no
/// task.
fn token_source(function: Py<PyAny>) -> TokenSource {
    TokenSource::new(move || {
        let given = Python::try_attach(|py| {
            let given = function.bind(py).call0()?;
            let Ok(text) = given.cast::<PyString>() else {
                let kind = given.get_type().name()?.to_string();
                let hint = if given.hasattr("__await__")? { ": give a plain function, not an `async` one" } else { "" };
                return Err(PyTypeError::new_err(format!("`token` returns a `str`, not a `{kind}`{hint}")));
            };
            Ok(SecretString::from(text.to_str()?.to_owned()))
        });
        match given {
            Some(Ok(token)) => Ok(token),
            Some(Err(error)) => Err(error.into()),
            None => Err("the interpreter is going away".into()),
        }
    })
}

fn configuration(py: Python<'_>, message: &str) -> PyErr {
    exception(py, "ConfigurationError", message, None)
}

fn audit_source(py: Python<'_>, word: &str) -> PyResult<AuditSource> {
    AuditSource::from_word(word).ok_or_else(|| {
        let words = "\"confluence\", \"organization\" or \"both\"";
        configuration(py, &format!("invalid audit log source `{word}`: expected {words}"))
    })
}

#[pymethods]
impl Client {
    /// A client with these settings, the fields of [`Config`]; `token_source` is a function that gives the token.
    #[new]
    fn new(py: Python<'_>, settings: &Bound<'_, PyDict>, token_source: Option<Py<PyAny>>) -> PyResult<Self> {
        let read = pythonize::depythonize(settings);
        let mut config: Config = read.map_err(|error| configuration(py, &error.to_string()))?;
        config.token_source = token_source.map(self::token_source);
        let engine = Engine::start(Arc::clone(&config.journal))?;
        // Reads certificates and settings of the operating system, and may log: nothing to hold the interpreter for.
        let client = py.detach(|| engine.inside(|| fetch::Client::new(config)));
        match client {
            Ok(client) => Ok(Self { engine, client }),
            Err(error) => Err(errors::raised(py, &error)),
        }
    }

    /// The server and the authenticated account.
    fn server(&self) -> Call {
        self.call(|client| async move { client.server().await.map(answers::of_server) })
    }

    /// The spaces.
    fn spaces(&self) -> Call {
        self.listing(|client| async move { client.spaces().await })
    }

    /// The contents of a space.
    fn contents(&self, space: String) -> Call {
        self.listing(move |client| async move { client.contents(&space).await })
    }

    /// The permissions in a space.
    #[pyo3(signature = (space, subject=None, source=None))]
    fn space_permissions(&self, space: String, subject: Option<String>, source: Option<String>) -> Call {
        self.listing(move |client| async move {
            client.space_permissions_of(&space, subject.as_deref(), source.as_deref()).await
        })
    }

    /// The permissions of the site.
    fn global_permissions(&self) -> Call {
        self.listing(|client| async move { client.global_permissions().await })
    }

    /// The restrictions of a content.
    fn restrictions(&self, content: String) -> Call {
        self.listing(move |client| async move { client.restrictions(&content).await })
    }

    /// The restrictions stored on each of these contents.
    fn restrictions_of(&self, contents: Vec<String>) -> Call {
        self.listing(move |client| async move { client.restrictions_of(&contents).await })
    }

    /// Key of the space a content lives in.
    fn space_of(&self, content: String) -> Call {
        self.call(move |client| async move { client.space_of(&content).await.map(answers::of_text) })
    }

    /// The groups.
    fn groups(&self, directories: BTreeMap<String, String>) -> Call {
        self.listing(move |client| async move { client.groups_named(&directories).await })
    }

    /// The directories of the organization.
    fn directories(&self) -> Call {
        self.listing(|client| async move { client.directories().await })
    }

    /// The entries of synchronised directories behind an account.
    fn directory_links(&self, account: String) -> Call {
        self.listing(move |client| async move { client.directory_links(&account).await })
    }

    /// When each account of the organization last used which product.
    fn last_active(&self) -> Call {
        self.listing(|client| async move { client.last_active().await })
    }

    /// The names of each account elsewhere.
    fn identities(&self, external_ids: bool) -> Call {
        self.listing(move |client| async move { client.identities(external_ids).await })
    }

    /// The one account a text names.
    fn find_user(&self, text: String) -> Call {
        self.call(move |client| async move { Ok(answers::of_rows(&[client.find_user(&text).await?], Vec::new())) })
    }

    /// The accounts a text may mean.
    fn accounts_like(&self, text: String) -> Call {
        self.listing(move |client| async move { client.accounts_like(&text).await })
    }

    /// The contents a text may mean.
    fn contents_like(&self, text: String) -> Call {
        self.listing(move |client| async move { client.contents_like(&text).await })
    }

    /// Who is in a group.
    fn members(&self, group: String) -> Call {
        self.call(move |client| async move {
            let found = client.members(&group).await?;
            let id = found.group.id.clone();
            let rows = tables::expand(&[found.group], &found.users, &found.memberships, Some(&[id]));
            Ok(answers::of_rows(&rows, found.gaps))
        })
    }

    /// Records of the audit log; moments in milliseconds since 1970.
    fn audit(
        &self,
        py: Python<'_>,
        since: Option<i64>,
        until: Option<i64>,
        search: Option<String>,
        source: &str,
    ) -> PyResult<Call> {
        let source = audit_source(py, source)?;
        Ok(self.call(move |client| async move {
            let log = client.audit_from(&AuditRange { since, until, search }, source).await?;
            Ok(answers::of_table(Table::from_rows(log.rows, log.gaps)))
        }))
    }

    /// Changes of who may do what. Without a snapshot, the site is read as far as needed.
    #[pyo3(signature = (*, since, until, space, content, snapshot, source, wording, merge_bursts))]
    #[expect(clippy::too_many_arguments, reason = "one per setting; they are keywords in Python")]
    fn permission_changes(
        &self,
        py: Python<'_>,
        since: Option<i64>,
        until: Option<i64>,
        space: Option<String>,
        content: Option<String>,
        snapshot: Option<&PySnapshot>,
        source: &str,
        wording: BTreeMap<String, String>,
        merge_bursts: bool,
    ) -> PyResult<Call> {
        let wanted = Wanted {
            range: AuditRange { since, until, search: None },
            source: audit_source(py, source)?,
            space,
            content,
            snapshot: snapshot.map(|snapshot| Arc::clone(snapshot.facts())),
            wording: Wording::new(wording).map_err(|unknown| configuration(py, &unknown.to_string()))?,
            merge_bursts,
        };
        Ok(self.call(move |client| async move { changes(client, wanted).await }))
    }

    /// A snapshot of the site.
    #[pyo3(signature = (spaces, progress, *, admin_key, public_links, last_active, resume))]
    fn snapshot(
        &self,
        spaces: Option<Vec<String>>,
        progress: &Progress,
        admin_key: bool,
        public_links: bool,
        last_active: bool,
        resume: Option<PathBuf>,
    ) -> Call {
        let progress = Arc::clone(&progress.0);
        let options = SnapshotOptions { spaces, admin_key, public_links, last_active, resume };
        self.call(move |client| async move { Ok(answers::of_snapshot(client.snapshot_with(options, progress).await?)) })
    }

    /// A snapshot brought up to date.
    fn refresh(&self, snapshot: &PySnapshot, progress: &Progress) -> Call {
        let (earlier, progress) = (Arc::clone(snapshot.facts()), Arc::clone(&progress.0));
        self.call(
            move |client| async move { Ok(answers::of_refreshed(client.refresh(earlier, touched, progress).await?)) },
        )
    }

    /// Confluence's own answer to one question, as a table of one row.
    fn check(&self, content: String, subject: String, operation: String) -> Call {
        self.call(move |client| async move {
            let row = client.check(&content, &subject, &operation).await?;
            Ok(answers::of_rows(&[row], Vec::new()))
        })
    }

    /// Asks Confluence about a sample: every disagreement, and how many were asked, agreed, unknown and failed.
    fn verify(&self, access: &PyAccess, sample: usize, seed: u64) -> Call {
        let access = access.shared();
        self.call(move |client| async move { Ok(verify::verify(client, access, sample, seed).await?.answer()) })
    }

    /// The same by the lists of the Extender add-on, content by content.
    fn verify_by_extender(&self, access: &PyAccess, sample: usize, seed: u64) -> Call {
        let access = access.shared();
        self.call(move |client| async move {
            Ok(verify::verify_by_extender(client.extender(), access, sample, seed).await?.answer())
        })
    }

    /// Settles open switches of the policy with questions that only they decide.
    fn measure(&self, snapshot: &PySnapshot) -> Call {
        let snapshot = Arc::clone(snapshot.facts());
        self.call(move |client| async move {
            let (rows, gaps) = verify::measure(client, snapshot).await?;
            Ok(answers::of_rows(&rows, gaps))
        })
    }

    /// Grants permissions in a space.
    #[pyo3(signature = (space, subject, permissions, *, dry_run))]
    fn grant(&self, space: String, subject: String, permissions: Vec<String>, dry_run: bool) -> Call {
        let options = WriteOptions { dry_run, ..WriteOptions::default() };
        self.written(move |client| async move { client.grant(&space, &subject, &permissions, options).await })
    }

    /// Revokes permissions in a space.
    #[pyo3(signature = (space, subject, permissions, *, dry_run, allow_lockout))]
    fn revoke(
        &self,
        space: String,
        subject: String,
        permissions: Vec<String>,
        dry_run: bool,
        allow_lockout: bool,
    ) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(move |client| async move { client.revoke(&space, &subject, &permissions, options).await })
    }

    /// Replaces permissions in a space, subject by subject.
    #[pyo3(signature = (space, wanted, *, dry_run, allow_lockout))]
    fn set_permissions(
        &self,
        space: String,
        wanted: Vec<(String, Vec<String>)>,
        dry_run: bool,
        allow_lockout: bool,
    ) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(move |client| async move { client.set_permissions(&space, &wanted, options).await })
    }

    /// Assigns a role in a space.
    #[pyo3(signature = (space, subject, role, *, dry_run, allow_lockout))]
    fn assign_role(&self, space: String, subject: String, role: String, dry_run: bool, allow_lockout: bool) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(move |client| async move { client.assign_role(&space, &subject, &role, options).await })
    }

    /// Removes the role of a subject in a space.
    #[pyo3(signature = (space, subject, *, dry_run, allow_lockout))]
    fn remove_role(&self, space: String, subject: String, dry_run: bool, allow_lockout: bool) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(move |client| async move { client.remove_role(&space, &subject, options).await })
    }

    /// Adds subjects to restriction lists.
    #[pyo3(signature = (contents, operation, subjects, *, dry_run, allow_lockout))]
    fn restrict(
        &self,
        contents: Vec<String>,
        operation: String,
        subjects: Vec<String>,
        dry_run: bool,
        allow_lockout: bool,
    ) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(move |client| async move { client.restrict(&contents, &operation, &subjects, options).await })
    }

    /// Removes subjects, or all of them, from restriction lists.
    #[pyo3(signature = (contents, operation, subjects, *, dry_run, allow_lockout))]
    fn unrestrict(
        &self,
        contents: Vec<String>,
        operation: String,
        subjects: Option<Vec<String>>,
        dry_run: bool,
        allow_lockout: bool,
    ) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(move |client| async move {
            client.unrestrict(&contents, &operation, subjects.as_deref(), options).await
        })
    }

    /// Replaces restriction lists.
    #[pyo3(signature = (contents, operation, subjects, *, dry_run, allow_lockout))]
    fn set_restrictions(
        &self,
        contents: Vec<String>,
        operation: String,
        subjects: Vec<String>,
        dry_run: bool,
        allow_lockout: bool,
    ) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        self.written(
            move |client| async move { client.set_restrictions(&contents, &operation, &subjects, options).await },
        )
    }

    /// Removes a subject from every restriction list.
    #[pyo3(signature = (subject, spaces, *, dry_run, allow_lockout, allow_open))]
    fn unrestrict_all(
        &self,
        subject: String,
        spaces: Option<Vec<String>>,
        dry_run: bool,
        allow_lockout: bool,
        allow_open: bool,
    ) -> Call {
        let options = WriteOptions { dry_run, allow_lockout, allow_open };
        self.listing(move |client| async move { client.unrestrict_all(&subject, spaces, options).await })
    }

    /// Makes the changes of a plan.
    #[pyo3(signature = (plan, *, dry_run, go_on, allow_lockout, earlier))]
    fn apply(
        &self,
        plan: &PyPlan,
        dry_run: bool,
        go_on: bool,
        allow_lockout: bool,
        earlier: Vec<plan::EarlierRow>,
    ) -> Call {
        let write = WriteOptions { dry_run, allow_lockout, ..WriteOptions::default() };
        let options = ApplyOptions { write, go_on, earlier: plan::earlier(earlier) };
        let plan = plan.plan().clone();
        self.call(move |client| async move { Ok(plan::applied(client.apply(&plan, options).await?)) })
    }

    /// JSON-RPC of Data Center.
    fn json_rpc(&self) -> PyJsonRpc {
        PyJsonRpc::new(&self.engine, self.client.json_rpc())
    }

    /// The Extender add-on of Data Center.
    fn extender(&self) -> PyExtender {
        PyExtender::new(&self.engine, self.client.extender())
    }

    /// Requests sent so far, repetitions included, in all and per route, what they would cost in points, and the seconds
    /// that requests waited for the server's limit, before other repetitions, and for a slot.
    fn usage(&self) -> Usage {
        let client = &self.client;
        let waited = client.journal().waited();
        let seconds = (waited.rate_limits.as_secs_f64(), waited.retries.as_secs_f64(), waited.slots.as_secs_f64());
        (client.requests_sent(), client.requests_by_route().into_iter().collect(), client.points(), seconds)
    }

    /// By how many seconds the clock of the server is ahead; `None` before its first answer.
    fn clock_ahead(&self) -> Option<f64> {
        self.client.journal().clock_ahead()
    }

    /// Seconds left of the wait that the server asked for; `None` if requests may be sent.
    fn paused(&self) -> Option<f64> {
        if self.engine.forked() { None } else { self.client.journal().paused().map(|left| left.as_secs_f64()) }
    }

    /// Address of the site, without secrets.
    #[getter]
    fn url(&self) -> &str {
        self.client.base_url()
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.engine.closed()
    }

    /// Ends every call under way.
    fn close(&self, py: Python<'_>) {
        if !self.engine.forked() {
            self.client.close();
        }
        self.engine.close(py);
    }
}

impl Client {
    /// A call of the client.
    fn call<F>(&self, ask: impl FnOnce(fetch::Client) -> F) -> Call
    where
        F: Future<Output = Result<Answer, Error>> + Send + 'static,
    {
        let (client, work) = (self.client.clone(), ask(self.client.clone()));
        Call::new(&self.engine, async move { client.fail_on_missing_token(work).await })
    }

    /// A call that answers with a listing.
    fn listing<R, F>(&self, ask: impl FnOnce(fetch::Client) -> F) -> Call
    where
        R: Record + Sync,
        F: Future<Output = Result<Listing<R>, Error>> + Send + 'static,
    {
        let work = ask(self.client.clone());
        self.call(|_| async move { work.await.map(answers::of_listing) })
    }

    /// A call that changes something.
    fn written<F>(&self, ask: impl FnOnce(fetch::Client) -> F) -> Call
    where
        F: Future<Output = Result<Vec<WriteResult>, Error>> + Send + 'static,
    {
        let work = ask(self.client.clone());
        self.call(|_| async move { Ok(answers::of_rows(&work.await?, Vec::new())) })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.engine.forked() {
            // The threads its connections belong to are in the parent: what they held locked stays locked here.
            std::mem::forget(self.client.clone());
        }
    }
}
