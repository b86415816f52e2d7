//! JSON-RPC: the older remote API, as scripts know it, and as a source of space permissions.

use serde_json::Value;

use super::Site;
use super::answered::{Answered, RowsAnswer, rehearsed};
use crate::apis::json_rpc::lift::{self, FaultKind};
use crate::apis::json_rpc::methods::{Returns, space_permission_sets};
use crate::apis::json_rpc::requests::{self, Call};
use crate::apis::methods::{Argument, Arguments, Method};
use crate::apis::{Page, Request, Unreadable};
use crate::fetch::backend::Backend;
use crate::fetch::transport::Transport;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{Listing, SpacePermission, id};

/// JSON-RPC of an installation; cheap to clone.
#[derive(Debug, Clone)]
pub struct JsonRpc {
    client: Client,
    envelope: bool,
}

impl Client {
    /// JSON-RPC of Data Center and Server. Sends nothing.
    pub fn json_rpc(&self) -> JsonRpc {
        JsonRpc { client: self.clone(), envelope: false }
    }
}

impl From<crate::apis::UnknownType> for Error {
    fn from(unknown: crate::apis::UnknownType) -> Self {
        Self::configuration(unknown.to_string())
    }
}

impl JsonRpc {
    /// The same with every call in a standard envelope instead of the light form.
    #[must_use]
    pub fn in_envelopes(self) -> Self {
        Self { envelope: true, ..self }
    }

    /// Makes sure that a name whose kind was said, as in `user:ann`, is not that of another kind as well. Without a kind it
    /// is the name the server takes it for.
    async fn one_of_a_name(&self, arguments: &Arguments) -> Result<()> {
        for (_, argument) in arguments.iter() {
            let Argument::Holder(Some(kind), name) = argument else { continue };
            let progress = Progress::new();
            match self.client.backend(&progress).await? {
                Backend::DataCenter(site) => site.one_of_a_name(kind, name).await?,
                Backend::Cloud(_) => self.there().await?,
            }
        }
        Ok(())
    }

    /// Makes sure that Data Center answers, and as whom.
    async fn there(&self) -> Result<()> {
        let progress = Progress::new();
        match self.client.backend(&progress).await? {
            Backend::DataCenter(_) => Ok(()),
            Backend::Cloud(_) => Err(Error::configuration(
                "JSON-RPC is on Data Center and Server only: Cloud took it away in 2019; use `space_permissions` and `restrictions`",
            )),
        }
    }

    /// Makes a call. With `dry_run` a call that changes something is only shown.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the remote API is off, [`ErrorKind::SecureSession`] where secure administrator
    /// sessions stand in the way, [`ErrorKind::Forbidden`], [`ErrorKind::NotFound`] or [`ErrorKind::Client`] for an error
    /// in the answer.
    pub async fn call(&self, call: &Call, dry_run: bool) -> Result<Value> {
        id::name(&call.method, "name of a method")?;
        self.there().await?;
        let request = self.request(call);
        if dry_run {
            return Ok(rehearsed(&request));
        }
        ask(&self.client.inner.transport, &request).await
    }

    /// Makes the call of a declared method and reads its answer. With `dry_run` a change is only shown.
    ///
    /// # Errors
    /// As [`call`](Self::call), and [`ErrorKind::Ambiguous`] where a user and a group share the name of whom a change is
    /// about.
    pub async fn ask(
        &self,
        method: &'static Method<Returns>,
        arguments: &Arguments,
        dry_run: bool,
    ) -> Result<Answered> {
        let call = requests::call(method, arguments);
        if call.changes {
            self.one_of_a_name(arguments).await?;
        }
        let raw = self.call(&call, dry_run).await?;
        let space = arguments.text("space").unwrap_or_default();
        let content = arguments.text("content").unwrap_or_default();
        Ok(match method.returns {
            Returns::Plain => Answered::Plain(raw),
            Returns::Words => {
                let words = self.read(&call, raw, lift::words)?;
                Answered::Listed(Page { rows: words.rows, gaps: words.gaps, ..Page::default() }.into())
            }
            Returns::SpaceSets => {
                Answered::Permissions(self.read(&call, raw, |body| lift::space_permission_sets(body, space))?)
            }
            Returns::SpaceSet => {
                Answered::Permissions(self.read(&call, raw, |body| lift::space_permission_set(body, space))?)
            }
            Returns::ContentSets => {
                Answered::Restrictions(self.read(&call, raw, |body| lift::content_permission_sets(body, content))?)
            }
        })
    }

    fn request(&self, call: &Call) -> Request {
        if self.envelope { call.envelope(1) } else { call.light() }
    }

    /// Reads a result.
    fn read<T>(
        &self,
        call: &Call,
        raw: Value,
        read: impl FnOnce(&[u8]) -> std::result::Result<Page<T>, Unreadable>,
    ) -> Result<RowsAnswer<T>> {
        let transport = &self.client.inner.transport;
        let page = read(raw.to_string().as_bytes()).map_err(|p| not_understood(transport, &self.request(call), &p))?;
        let gaps = page.gaps.into_iter().map(|gap| transport.clean(gap)).collect();
        Ok(RowsAnswer { raw, rows: page.rows, gaps })
    }
}

/// Sends a call and opens its answer.
pub(super) async fn ask(transport: &Transport, request: &Request) -> Result<Value> {
    // A fault may come as a 500 that stays one, however often it is asked.
    let answer = match transport.send(request, transport.brief()).await {
        Ok(answer) => answer,
        Err(error) => return Err(explained(transport, request, error)),
    };
    let fault = match lift::result(&answer.body) {
        Ok(Ok(result)) => {
            transport.received(request, 1);
            return Ok(result);
        }
        Ok(Err(fault)) => fault,
        Err(problem) => return Err(not_understood(transport, request, &problem)),
    };
    let said = transport.quote(&fault.message);
    let (kind, text) = match fault.kind {
        FaultKind::SecureSession => (ErrorKind::SecureSession, secure_session()),
        FaultKind::NotPermitted => (ErrorKind::Forbidden, format!("{}; the server says: {said}", not_permitted())),
        FaultKind::NotFound => {
            (ErrorKind::NotFound, format!("not found, or this account may not see it; the server says: {said}"))
        }
        FaultKind::Other => (ErrorKind::Client, format!("refused; the server says: {said}")),
    };
    let mut error = transport.error(kind, request, text);
    let parts = error.parts_mut();
    parts.status = Some(answer.status);
    parts.attempts = answer.attempts;
    Err(error)
}

fn not_permitted() -> String {
    "not permitted: this needs a Confluence administrator, or an administrator of the space".to_owned()
}

/// Whether the server's words hold one of these, in lower case.
fn says(error: &Error, words: &[&str]) -> bool {
    words.iter().any(|word| error.says(word))
}

fn secure_session() -> String {
    "secure administrator sessions (WebSudo) ask for the password again, which JSON-RPC cannot answer: an administrator turns them off under General configuration, Security configuration, or use Confluence 9.1 or later, whose REST API lists the permissions of spaces".to_owned()
}

fn not_understood(transport: &Transport, request: &Request, problem: &Unreadable) -> Error {
    transport.error(
        ErrorKind::Unreadable,
        request,
        transport.quote(&format!("{problem}; is this JSON-RPC of Confluence?")),
    )
}

/// What an error most likely means here. The credentials are good: that was asked before.
fn explained(transport: &Transport, request: &Request, error: Error) -> Error {
    let status = error.status();
    let (kind, text) = match (error.kind(), status) {
        (_, Some(500..)) if says(&error, &["websudo"]) => (ErrorKind::SecureSession, secure_session()),
        (_, Some(500..)) if says(&error, &["notpermitted", "not permitted", "permission to", "not allowed"]) => {
            (ErrorKind::Forbidden, not_permitted())
        }
        // A page where an answer should be, or a way to one: the credentials are good, so they ask for more.
        (ErrorKind::NotConfluence, Some(200..=399)) => {
            (ErrorKind::SecureSession, format!("answered with a web page instead of JSON: {}", secure_session()))
        }
        (_, Some(status @ (401 | 403 | 404))) => (
            ErrorKind::Unavailable,
            format!(
                "the remote API does not answer ({status}): an administrator turns it on under General configuration, Further configuration, \"Remote API (XML-RPC & SOAP)\"; where it is on, this account may not use it, or a personal access token is not accepted there and username and password are"
            ),
        ),
        _ => return error,
    };
    let mut told = transport.error(kind, request, text);
    let parts = told.parts_mut();
    parts.status = status;
    parts.attempts = error.attempts();
    parts.request_id = error.request_id().map(str::to_owned);
    told
}

impl Site<'_> {
    /// Permissions in a space as JSON-RPC returns them. A user has a name and no key.
    ///
    /// # Errors
    /// As [`JsonRpc::call`].
    pub(in crate::fetch) async fn space_permissions_by_json_rpc(
        &self,
        space: &str,
    ) -> Result<Listing<SpacePermission>> {
        let space = id::space_key(space)?.to_owned();
        let arguments = Arguments::of([("space", Argument::Text(space.clone()))]);
        let request = requests::call(&space_permission_sets, &arguments).light();
        let raw = ask(self.session.transport, &request).await?;
        let page = lift::space_permission_sets(raw.to_string().as_bytes(), &space)
            .map_err(|problem| not_understood(self.session.transport, &request, &problem))?;
        let gaps = page.gaps.into_iter().map(|gap| self.session.transport.clean(gap)).collect();
        Ok(Listing { rows: page.rows, gaps })
    }
}
