//! The client: each method one future of `fetch`, handed to the bridge.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use secrecy::SecretString;

use super::access::{PyAccess, not_listed};
use super::audit::key_of;
use super::bridge::{Answer, Call, Engine};
use super::errors;
use super::exceptions::exception;
use super::rooms::{PyExtender, PyJsonRpc};
use super::snapshot::PySnapshot;
use super::table::PyTable;
use crate::fetch::{self, AuditRange, AuditSource, Config, Error, Server, TokenSource, WriteOptions};
use crate::model::{Decision, Deployment, Gap, GapScope, Operation, Record, WriteResult};
use crate::resolve::{Asked, Measurement, Reply, Wording, merge_bursts, permission_changes_worded};
use crate::tables::{self, Table};

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

/// An answer that is a table. The columns are laid out here, away from the interpreter.
fn table<R: Record + Sync>(rows: &[R], gaps: Vec<Gap>) -> Answer {
    let table = Table::new(rows, gaps);
    Box::new(move |py| Ok(Py::new(py, PyTable::from(table))?.into_any()))
}

/// How a change is made: rehearsed, though it locks out, though it opens.
fn rules((dry_run, allow_lockout, allow_open): (bool, bool, bool)) -> WriteOptions {
    WriteOptions { dry_run, allow_lockout, allow_open }
}

/// What a change came to.
fn written(rows: Vec<WriteResult>) -> Answer {
    table(&rows, Vec::new())
}

fn server(py: Python<'_>, server: &Server) -> PyResult<Py<PyAny>> {
    let known = PyDict::new(py);
    known.set_item("url", &server.base_url)?;
    known.set_item("deployment", server.deployment.as_str())?;
    known.set_item("version", &server.version)?;
    known.set_item("account_id", &server.account_id)?;
    known.set_item("username", &server.username)?;
    known.set_item("account_name", &server.display_name)?;
    known.set_item("account_email", &server.email)?;
    known.set_item("admin", server.admin)?;
    known.set_item("role_mode", server.role_mode.as_ref().map(|mode| mode.as_str()))?;
    known.set_item("capabilities", &server.capabilities)?;
    known.set_item("notes", &server.notes)?;
    Ok(known.into_any().unbind())
}

/// A function of Python that gives the token. It runs in a thread of its own kind, where waiting for the interpreter holds
/// up nothing.
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

fn seconds(py: Python<'_>, name: &str, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value).ok().filter(|d| !d.is_zero()).ok_or_else(|| {
        let message = format!("`{name}` is a number of seconds greater than 0, not `{value}`");
        exception(py, "ConfigurationError", &message, None)
    })
}

fn audit_source(py: Python<'_>, word: &str) -> PyResult<AuditSource> {
    AuditSource::from_word(word).ok_or_else(|| {
        let message =
            format!("`{word}` is no source of an audit log: use \"confluence\", \"organization\" or \"both\"");
        exception(py, "ConfigurationError", &message, None)
    })
}

fn deployment(py: Python<'_>, word: &str) -> PyResult<Deployment> {
    match word {
        "cloud" => Ok(Deployment::Cloud),
        "datacenter" => Ok(Deployment::DataCenter),
        other => {
            let message =
                format!("`{other}` is no deployment: use \"cloud\", \"datacenter\", or leave it out to find out");
            Err(exception(py, "ConfigurationError", &message, None))
        }
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        url, *, username, token, token_source, password, deployment, org_id, org_token, org_url, directories, cloud_id, gateway_url, ca_bundle, client_cert, client_key, proxy,
        timeout, max_concurrency, requests_per_second, max_retries, allow_http
    ))]
    #[expect(clippy::too_many_arguments, reason = "one per setting; they are keywords in Python")]
    fn new(
        py: Python<'_>,
        url: String,
        username: Option<String>,
        token: Option<String>,
        token_source: Option<Py<PyAny>>,
        password: Option<String>,
        deployment: Option<String>,
        org_id: Option<String>,
        org_token: Option<String>,
        org_url: Option<String>,
        directories: BTreeMap<String, String>,
        cloud_id: Option<String>,
        gateway_url: Option<String>,
        ca_bundle: Option<PathBuf>,
        client_cert: Option<PathBuf>,
        client_key: Option<PathBuf>,
        proxy: Option<String>,
        timeout: f64,
        max_concurrency: usize,
        requests_per_second: Option<f64>,
        max_retries: u32,
        allow_http: bool,
    ) -> PyResult<Self> {
        let config = Config {
            username,
            token: token.map(SecretString::from),
            token_source: token_source.map(self::token_source),
            password: password.map(SecretString::from),
            deployment: deployment.map(|word| self::deployment(py, &word)).transpose()?,
            org_id,
            org_token: org_token.map(SecretString::from),
            org_url,
            directories,
            cloud_id,
            gateway_url,
            ca_bundle,
            client_cert,
            client_key,
            proxy: proxy.map(SecretString::from),
            timeout: seconds(py, "timeout", timeout)?,
            max_concurrency,
            requests_per_second,
            max_retries,
            allow_http,
            ..Config::new(url)
        };
        let engine = Engine::start()?;
        // Reads certificates and settings of the operating system, and may log: nothing to hold the interpreter for.
        let client = py.detach(|| engine.inside(|| fetch::Client::new(config)));
        match client {
            Ok(client) => Ok(Self { engine, client }),
            Err(error) => Err(errors::raised(py, &error)),
        }
    }

    /// What answers and as whom.
    fn server(&self) -> Call {
        let client = self.client.clone();
        self.call(async move {
            let answered = client.server().await?;
            Ok(Box::new(move |py: Python<'_>| server(py, &answered)) as Answer)
        })
    }

    /// The spaces.
    fn spaces(&self) -> Call {
        let client = self.client.clone();
        self.call(async move { client.spaces().await.map(|listing| table(&listing.rows, listing.gaps)) })
    }

    /// The contents of a space.
    fn contents(&self, space: String) -> Call {
        let client = self.client.clone();
        self.call(async move { client.contents(&space).await.map(|listing| table(&listing.rows, listing.gaps)) })
    }

    /// The permissions in a space.
    #[pyo3(signature = (space, subject=None, source=None))]
    fn space_permissions(&self, space: String, subject: Option<String>, source: Option<String>) -> Call {
        let client = self.client.clone();
        self.call(async move {
            let listing = client.space_permissions_of(&space, subject.as_deref(), source.as_deref()).await?;
            Ok(table(&listing.rows, listing.gaps))
        })
    }

    /// The permissions of the site.
    fn global_permissions(&self) -> Call {
        let client = self.client.clone();
        self.call(async move { client.global_permissions().await.map(|listing| table(&listing.rows, listing.gaps)) })
    }

    /// The restrictions of a content.
    fn restrictions(&self, content: String) -> Call {
        let client = self.client.clone();
        self.call(async move { client.restrictions(&content).await.map(|listing| table(&listing.rows, listing.gaps)) })
    }

    /// The restrictions stored on each of these contents.
    fn restrictions_of(&self, contents: Vec<String>) -> Call {
        let client = self.client.clone();
        self.call(
            async move { client.restrictions_of(&contents).await.map(|listing| table(&listing.rows, listing.gaps)) },
        )
    }

    /// Key of the space a content lives in.
    fn space_of(&self, content: String) -> Call {
        let client = self.client.clone();
        self.call(async move {
            let key = client.space_of(&content).await?;
            Ok(Box::new(move |py: Python<'_>| Ok(key.into_pyobject(py)?.into_any().unbind())) as Answer)
        })
    }

    /// The groups.
    fn groups(&self, directories: BTreeMap<String, String>) -> Call {
        let client = self.client.clone();
        self.call(
            async move { client.groups_named(&directories).await.map(|listing| table(&listing.rows, listing.gaps)) },
        )
    }

    /// The directories of the organization.
    fn directories(&self) -> Call {
        let client = self.client.clone();
        self.call(async move { client.directories().await.map(|listing| table(&listing.rows, listing.gaps)) })
    }

    /// The entries of synchronised directories behind an account.
    fn directory_links(&self, account: String) -> Call {
        let client = self.client.clone();
        self.call(
            async move { client.directory_links(&account).await.map(|listing| table(&listing.rows, listing.gaps)) },
        )
    }

    /// The one account a text names.
    fn find_user(&self, text: String) -> Call {
        let client = self.client.clone();
        self.call(async move { client.find_user(&text).await.map(|user| table(&[user], Vec::new())) })
    }

    /// Who is in a group.
    fn members(&self, group: String) -> Call {
        let client = self.client.clone();
        self.call(async move {
            let found = client.members(&group).await?;
            let id = found.group.id.clone();
            let rows = tables::expand(&[found.group], &found.users, &found.memberships, Some(&[id]));
            Ok(table(&rows, found.gaps))
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
        let client = self.client.clone();
        let source = audit_source(py, source)?;
        Ok(self.call(async move {
            let log = client.audit_from(&AuditRange { since, until, search }, source).await?;
            let table = Table::from_rows(log.rows, log.gaps);
            Ok(Box::new(move |py: Python<'_>| Ok(Py::new(py, PyTable::from(table))?.into_any())) as Answer)
        }))
    }

    /// Changes of who may do what. Without a snapshot what is needed of the site is read.
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
        bursts: bool,
    ) -> PyResult<Call> {
        let client = self.client.clone();
        let snapshot = snapshot.map(|snapshot| Arc::clone(snapshot.facts()));
        let source = audit_source(py, source)?;
        let wording =
            Wording::new(wording).map_err(|unknown| exception(py, "ConfigurationError", &unknown.to_string(), None))?;
        Ok(self.call(async move {
            client.judge_audit_source(source)?;
            let range = AuditRange { since, until, search: None };
            let asks_names = snapshot.is_none();
            let (log, known, gaps) = match snapshot {
                Some(known) => (client.audit_from(&range, source).await?, known, Vec::new()),
                None => {
                    let known = client.names(space.as_deref(), content.as_deref()).await?;
                    let gaps = known.gaps.clone();
                    (client.audit_from(&range, source).await?, Arc::new(known), gaps)
                }
            };
            let asked = Asked { space: space.map(|space| key_of(&known, space)), content };
            let unheard =
                asked.space.as_ref().filter(|key| !known.spaces.iter().any(|s| s.key.eq_ignore_ascii_case(key)));
            if let Some(key) = unheard {
                let message = format!("no space `{key}`: check the key, or the account of this token may not see it");
                return Ok(
                    Box::new(move |py: Python<'_>| Err(exception(py, "NotFoundError", &message, None))) as Answer
                );
            }
            match permission_changes_worded(&log.rows, &known, &asked, &wording) {
                Ok(mut found) => {
                    let gaps: Vec<Gap> = gaps.into_iter().chain(log.gaps).chain(found.gaps).collect();
                    drop(log.rows);
                    if asks_names {
                        client.name_changes(&mut found.rows).await;
                    }
                    let rows = if bursts { merge_bursts(found.rows) } else { found.rows };
                    let table = Table::from_rows(rows, gaps);
                    Ok(Box::new(move |py: Python<'_>| Ok(Py::new(py, PyTable::from(table))?.into_any())) as Answer)
                }
                Err(unknown) => Ok(Box::new(move |py: Python<'_>| Err(not_listed(py, &unknown))) as Answer),
            }
        }))
    }

    /// The whole picture.
    fn snapshot(&self, spaces: Option<Vec<String>>, progress: &Progress, admin_key: bool) -> Call {
        let client = self.client.clone();
        let progress = Arc::clone(&progress.0);
        self.call(async move {
            let snapshot = if admin_key {
                client.snapshot_with_admin_key(spaces, progress).await?
            } else {
                client.snapshot(spaces, progress).await?
            };
            Ok(Box::new(move |py: Python<'_>| Ok(Py::new(py, PySnapshot::from(snapshot))?.into_any())) as Answer)
        })
    }

    /// Confluence's own answer to one question, as a table of one row.
    fn check(&self, content: String, subject: String, operation: String) -> Call {
        let client = self.client.clone();
        self.call(
            async move { client.check(&content, &subject, &operation).await.map(|row| table(&[row], Vec::new())) },
        )
    }

    /// Asks Confluence about a sample: every disagreement, and how many were asked, agreed, unknown and failed.
    fn verify(&self, access: &PyAccess, sample: usize, seed: u64) -> Call {
        let client = self.client.clone();
        let access = access.shared();
        self.call(async move {
            let questions = access.sample(sample, seed);
            let (asked, unknown): (Vec<_>, Vec<_>) = questions.into_iter().partition(|question| {
                access.can(&question.subject, question.operation, &question.content_id).decision() != Decision::Unknown
            });
            let asked: Vec<_> = asked.into_iter().map(|q| (q.content_id, q.subject, q.operation)).collect();
            let answers = client.checks(&asked).await?;
            let (mut rows, mut gaps, mut agreed) = (Vec::new(), Vec::new(), 0_usize);
            let mut first = None;
            let mut open = unknown.len();
            for ((content, ..), answer) in asked.iter().zip(answers) {
                match answer {
                    Ok(answer) if answer.decision == Decision::Unknown => open += 1,
                    Ok(answer) => match access.disagreement(&answer) {
                        Some(row) => rows.push(row),
                        None => agreed += 1,
                    },
                    Err(error) => {
                        gaps.push(error.gap(GapScope::Content, content));
                        first.get_or_insert(error);
                    }
                }
            }
            if let Some(error) = first.filter(|_| gaps.len() == asked.len()) {
                return Err(error);
            }
            let counts = (asked.len(), agreed, open, gaps.len());
            let table = Table::new(&rows, gaps);
            Ok(Box::new(move |py: Python<'_>| {
                Ok((Py::new(py, PyTable::from(table))?, counts).into_pyobject(py)?.into_any().unbind())
            }) as Answer)
        })
    }

    /// Settles open switches of the policy by questions that only they decide.
    fn measure(&self, snapshot: &PySnapshot) -> Call {
        let client = self.client.clone();
        let snapshot = Arc::clone(snapshot.facts());
        self.call(async move {
            let operations: &[Operation] = match snapshot.site.deployment {
                Deployment::Cloud => &[Operation::View, Operation::Edit, Operation::Delete],
                Deployment::DataCenter => &[Operation::View, Operation::Edit],
            };
            let measurement = Measurement::of(&snapshot, operations);
            let asked: Vec<_> = measurement
                .trials()
                .iter()
                .map(|trial| &trial.question)
                .map(|question| (question.content_id.clone(), question.subject.clone(), question.operation))
                .collect();
            let (answers, source) = client.answers(&snapshot, &asked).await?;
            let (mut gaps, mut first) = (Vec::new(), None);
            let mut replies: Vec<Reply> = Vec::new();
            for ((content, ..), answer) in asked.iter().zip(answers) {
                replies.push(answer.map_err(|error| {
                    let message = error.to_string();
                    gaps.push(error.gap(GapScope::Content, content));
                    first.get_or_insert(error);
                    message
                }));
            }
            if let Some(error) = first.filter(|_| gaps.len() == asked.len()) {
                return Err(error);
            }
            Ok(table(&measurement.settled(&replies, &source), gaps))
        })
    }

    /// The same by the lists of the Extender add-on, content by content.
    fn verify_by_extender(&self, access: &PyAccess, sample: usize, seed: u64) -> Call {
        let room = self.client.extender();
        let access = access.shared();
        self.call(async move {
            let contents = access.sample_contents(sample, seed);
            let answers = room.people(&contents).await?;
            let (mut rows, mut gaps) = (Vec::new(), Vec::new());
            let (mut agreed, mut unknown, mut failed) = (0, 0, 0);
            let mut first = None;
            for (content, answer) in contents.iter().zip(answers) {
                let answer = match answer {
                    Ok(answer) => answer,
                    Err(error) => {
                        failed += 1;
                        gaps.push(error.gap(GapScope::Content, content));
                        first.get_or_insert(error);
                        continue;
                    }
                };
                if !answer.gaps.is_empty() {
                    // A list that was cut short would make everybody missing from it a disagreement.
                    failed += 1;
                    gaps.extend(answer.gaps);
                    continue;
                }
                for level in &answer.report.levels {
                    let lists = &level.lists;
                    for (operation, names) in
                        [(Operation::View, &lists.view_users), (Operation::Edit, &lists.edit_users)]
                    {
                        let compared = access.compare_people(content, operation, names);
                        agreed += compared.agreed;
                        unknown += compared.unknown;
                        rows.extend(compared.rows);
                    }
                }
            }
            if let Some(error) = first.filter(|_| failed == contents.len()) {
                return Err(error);
            }
            let counts = (agreed + rows.len(), agreed, unknown, failed);
            let table = Table::new(&rows, gaps);
            Ok(Box::new(move |py: Python<'_>| {
                Ok((Py::new(py, PyTable::from(table))?, counts).into_pyobject(py)?.into_any().unbind())
            }) as Answer)
        })
    }

    /// Gives permissions in a space.
    fn grant(&self, space: String, subject: String, permissions: Vec<String>, options: (bool, bool, bool)) -> Call {
        let client = self.client.clone();
        self.call(async move { client.grant(&space, &subject, &permissions, rules(options)).await.map(written) })
    }

    /// Takes permissions in a space.
    fn revoke(&self, space: String, subject: String, permissions: Vec<String>, options: (bool, bool, bool)) -> Call {
        let client = self.client.clone();
        self.call(async move { client.revoke(&space, &subject, &permissions, rules(options)).await.map(written) })
    }

    /// Replaces permissions in a space, subject by subject.
    fn set_permissions(&self, space: String, wanted: Vec<(String, Vec<String>)>, options: (bool, bool, bool)) -> Call {
        let client = self.client.clone();
        self.call(async move { client.set_permissions(&space, &wanted, rules(options)).await.map(written) })
    }

    /// Gives a role in a space.
    fn assign_role(&self, space: String, subject: String, role: String, options: (bool, bool, bool)) -> Call {
        let client = self.client.clone();
        self.call(async move { client.assign_role(&space, &subject, &role, rules(options)).await.map(written) })
    }

    /// Takes the role somebody has in a space.
    fn remove_role(&self, space: String, subject: String, options: (bool, bool, bool)) -> Call {
        let client = self.client.clone();
        self.call(async move { client.remove_role(&space, &subject, rules(options)).await.map(written) })
    }

    /// Puts subjects on restriction lists.
    fn restrict(
        &self,
        contents: Vec<String>,
        operation: String,
        subjects: Vec<String>,
        options: (bool, bool, bool),
    ) -> Call {
        let client = self.client.clone();
        self.call(async move { client.restrict(&contents, &operation, &subjects, rules(options)).await.map(written) })
    }

    /// Takes subjects, or everybody, off restriction lists.
    #[pyo3(signature = (contents, operation, subjects, options))]
    fn unrestrict(
        &self,
        contents: Vec<String>,
        operation: String,
        subjects: Option<Vec<String>>,
        options: (bool, bool, bool),
    ) -> Call {
        let client = self.client.clone();
        self.call(async move {
            client.unrestrict(&contents, &operation, subjects.as_deref(), rules(options)).await.map(written)
        })
    }

    /// Replaces restriction lists.
    fn set_restrictions(
        &self,
        contents: Vec<String>,
        operation: String,
        subjects: Vec<String>,
        options: (bool, bool, bool),
    ) -> Call {
        let client = self.client.clone();
        self.call(async move {
            client.set_restrictions(&contents, &operation, &subjects, rules(options)).await.map(written)
        })
    }

    /// Takes a subject off every restriction list.
    #[pyo3(signature = (subject, spaces, options))]
    fn unrestrict_all(&self, subject: String, spaces: Option<Vec<String>>, options: (bool, bool, bool)) -> Call {
        let client = self.client.clone();
        self.call(async move {
            client.unrestrict_all(&subject, spaces, rules(options)).await.map(|done| table(&done.rows, done.gaps))
        })
    }

    /// JSON-RPC of Data Center.
    fn json_rpc(&self) -> PyJsonRpc {
        PyJsonRpc::new(&self.engine, self.client.json_rpc())
    }

    /// The Extender add-on of Data Center.
    fn extender(&self) -> PyExtender {
        PyExtender::new(&self.engine, self.client.extender())
    }

    /// Requests sent so far, repetitions included, in all and per route, and what they would cost in points.
    fn usage(&self) -> (u64, Vec<(String, u64)>, u64) {
        let client = &self.client;
        (client.requests_sent(), client.requests_by_route().into_iter().collect(), client.points())
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
    fn call(&self, work: impl Future<Output = Result<Answer, Error>> + Send + 'static) -> Call {
        let client = self.client.clone();
        Call::new(&self.engine, async move { client.or_no_token(work).await })
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
