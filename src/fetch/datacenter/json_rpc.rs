//! JSON-RPC: the older remote API, as scripts know it, and as a rung of the ladder.

use serde_json::{Value, json};

use super::Reader;
use crate::apis::json_rpc::lift::{self, FaultKind};
use crate::apis::json_rpc::requests::{self, Call};
use crate::apis::{Page, Request, Unreadable, global_permission_type_wanted, permission_type_wanted};
use crate::fetch::transport::Transport;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{Gap, Listing, Restriction, RestrictionOperation, SpacePermission};

/// An answer as it came, and the rows it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct RowsAnswer<T> {
    /// As it came.
    pub raw: Value,
    /// What was read of it.
    pub rows: Vec<T>,
    /// What was not.
    pub gaps: Vec<Gap>,
}

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

/// A name, key or id that is sent as it is.
fn given<'a>(text: &'a str, what: &str) -> Result<&'a str> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Error::configuration(format!("`{}` is no {what}: name one", text.escape_debug())));
    }
    Ok(text)
}

/// The name of a user or a group; both share one namespace here.
fn holder(text: &str) -> Result<&str> {
    if text == "anonymous" {
        return Err(Error::configuration(
            "`anonymous` is no user or group: use `add_anonymous_permission_to_space` and its kind",
        ));
    }
    let name = text.strip_prefix("user:").or_else(|| text.strip_prefix("group:")).unwrap_or(text);
    given(name, "user or group")
}

fn kinds(words: &[String]) -> Result<Vec<&'static str>> {
    if words.is_empty() {
        return Err(Error::configuration("no permission type is named: name at least one, such as `VIEWSPACE`"));
    }
    words.iter().map(|word| Ok(permission_type_wanted(word)?)).collect()
}

impl JsonRpc {
    /// The same with every call in a standard envelope instead of the light form.
    #[must_use]
    pub fn in_envelopes(self) -> Self {
        Self { envelope: true, ..self }
    }

    /// Makes sure that Data Center answers, and as whom.
    async fn there(&self) -> Result<()> {
        let progress = Progress::new();
        match self.client.data_center(&progress).await? {
            Some(_) => Ok(()),
            None => Err(Error::configuration(
                "JSON-RPC is on Data Center and Server only: Cloud took it away in 2019; use `space_permissions` and `restrictions`",
            )),
        }
    }

    /// Makes a call. With `dry_run` a call that changes something is only shown.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the remote API is off, [`ErrorKind::SecureSession`] where secure administrator
    /// sessions stand in the way, [`ErrorKind::Forbidden`], [`ErrorKind::NotFound`] or [`ErrorKind::Client`] for an error
    /// told in the answer.
    pub async fn call(&self, call: &Call, dry_run: bool) -> Result<Value> {
        given(&call.method, "method")?;
        self.there().await?;
        let request = self.request(call);
        if dry_run {
            return Ok(rehearsed(&request));
        }
        ask(&self.client.inner.transport, &request).await
    }

    fn request(&self, call: &Call) -> Request {
        if self.envelope { call.envelope(1) } else { call.light() }
    }

    async fn rows<T>(
        &self,
        call: &Call,
        read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable>,
    ) -> Result<RowsAnswer<T>> {
        let raw = self.call(call, false).await?;
        let transport = &self.client.inner.transport;
        let page = read(raw.to_string().as_bytes()).map_err(|p| not_understood(transport, &self.request(call), &p))?;
        let gaps = page.gaps.into_iter().map(|gap| transport.clean(gap)).collect();
        Ok(RowsAnswer { raw, rows: page.rows, gaps })
    }

    /// All permissions in a space.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn space_permission_sets(&self, space: &str) -> Result<RowsAnswer<SpacePermission>> {
        let call = requests::space_permission_sets(given(space, "key of a space")?);
        self.rows(&call, |body| lift::space_permission_sets(body, space)).await
    }

    /// Who has one type of permission in a space.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn space_permission_set(&self, space: &str, kind: &str) -> Result<RowsAnswer<SpacePermission>> {
        let call = requests::space_permission_set(given(space, "key of a space")?, permission_type_wanted(kind)?);
        self.rows(&call, |body| lift::space_permission_set(body, space)).await
    }

    /// The restrictions of a content.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn content_permission_sets(&self, content: &str) -> Result<RowsAnswer<Restriction>> {
        let call = requests::content_permission_sets(given(content, "id of a content")?);
        self.rows(&call, |body| lift::content_permission_sets(body, content)).await
    }

    /// The types of permission a space knows, each once.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn space_level_permissions(&self) -> Result<RowsAnswer<String>> {
        self.rows(&requests::space_level_permissions(), lift::words).await
    }
}

/// The call a name stands for, with its words judged.
///
/// # Errors
/// [`ErrorKind::Configuration`] for words that cannot be meant.
pub fn call_of(name: &str, words: &[String], several: &[String]) -> Result<Call> {
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    let space = |at: usize| given(word(at), "key of a space");
    let content = |at: usize| given(word(at), "id of a content");
    let user = |at: usize| given(word(at).strip_prefix("user:").unwrap_or(word(at)), "user");
    let group = |at: usize| given(word(at).strip_prefix("group:").unwrap_or(word(at)), "group");
    let kind = |at: usize| -> Result<&'static str> { Ok(permission_type_wanted(word(at))?) };
    let global = |text: &str| -> Result<&'static str> { Ok(global_permission_type_wanted(text)?) };
    Ok(match name {
        "permissions" => requests::permissions(space(0)?),
        "permissions_for_user" => requests::permissions_for_user(space(0)?, user(1)?),
        "page_permissions" => requests::page_permissions(content(0)?),
        "add_permission_to_space" => requests::add_permission_to_space(kind(0)?, holder(word(1))?, space(2)?),
        "add_permissions_to_space" => requests::add_permissions_to_space(&kinds(several)?, holder(word(0))?, space(1)?),
        "remove_permission_from_space" => requests::remove_permission_from_space(kind(0)?, holder(word(1))?, space(2)?),
        "add_anonymous_permission_to_space" => requests::add_anonymous_permission_to_space(kind(0)?, space(1)?),
        "add_anonymous_permissions_to_space" => {
            requests::add_anonymous_permissions_to_space(&kinds(several)?, space(0)?)
        }
        "remove_anonymous_permission_from_space" => {
            requests::remove_anonymous_permission_from_space(kind(0)?, space(1)?)
        }
        "add_global_permission" => requests::add_global_permission(global(word(0))?, holder(word(1))?),
        "add_global_permissions" => {
            if several.is_empty() {
                return Err(Error::configuration(
                    "no permission type is named: name at least one, such as `USECONFLUENCE`",
                ));
            }
            let kinds = several.iter().map(|text| global(text)).collect::<Result<Vec<_>>>()?;
            requests::add_global_permissions(&kinds, holder(word(0))?)
        }
        "remove_global_permission" => requests::remove_global_permission(global(word(0))?, holder(word(1))?),
        "add_anonymous_use_permission" => requests::add_anonymous_use_permission(),
        "add_anonymous_view_user_profile_permission" => requests::add_anonymous_view_user_profile_permission(),
        "set_content_permissions" => {
            let (mut users, mut groups) = (Vec::new(), Vec::new());
            for text in several {
                match text.split_once(':') {
                    Some(("user", name)) => users.push(given(name, "user")?),
                    Some(("group", name)) => groups.push(given(name, "group")?),
                    _ => {
                        return Err(Error::configuration(format!(
                            "`{}` is neither a user nor a group: write `user:<username>` or `group:<name>`",
                            text.escape_debug()
                        )));
                    }
                }
            }
            let operation = match word(1).to_ascii_lowercase().as_str() {
                "view" => RestrictionOperation::View,
                "edit" => RestrictionOperation::Edit,
                other => {
                    return Err(Error::configuration(format!(
                        "`{}` is no permission type of a content: use `View` or `Edit`",
                        other.escape_debug()
                    )));
                }
            };
            requests::set_content_permissions(content(0)?, operation, &users, &groups)
        }
        "spaces" => requests::spaces(),
        "pages" => requests::pages(space(0)?),
        "groups" => requests::groups(),
        "user_groups" => requests::user_groups(user(0)?),
        "add_group" => requests::add_group(group(0)?),
        "remove_group" => requests::remove_group(group(0)?, word(1)),
        "add_user_to_group" => requests::add_user_to_group(user(0)?, group(1)?),
        "remove_user_from_group" => requests::remove_user_from_group(user(0)?, group(1)?),
        "deactivate_user" => requests::deactivate_user(user(0)?),
        "reactivate_user" => requests::reactivate_user(user(0)?),
        other => return Err(Error::configuration(format!("`{}` is no method of this room", other.escape_debug()))),
    })
}

/// A change that was not made, as what would be sent.
pub(super) fn rehearsed(request: &Request) -> Value {
    json!({
        "dry_run": true,
        "method": request.method.as_str(),
        "path": request.path,
        "body": request.body,
    })
}

/// Sends a call and opens its answer.
async fn ask(transport: &Transport, request: &Request) -> Result<Value> {
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
        FaultKind::NotPermitted => (
            ErrorKind::Forbidden,
            format!(
                "not permitted: this needs a Confluence administrator, or an administrator of the space; the server says: {said}"
            ),
        ),
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

fn secure_session() -> String {
    "secure administrator sessions (WebSudo) ask for the password again, which JSON-RPC cannot answer: an administrator turns them off under General configuration, Security configuration, or use Confluence 9.1 or later, whose REST API tells permissions of spaces".to_owned()
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

impl Reader<'_> {
    /// Permissions in a space as JSON-RPC tells them. A user has a name and no key.
    ///
    /// # Errors
    /// As [`JsonRpc::call`].
    pub(in crate::fetch) async fn space_permissions_by_json_rpc(
        &self,
        space: &str,
    ) -> Result<Listing<SpacePermission>> {
        let request = requests::space_permission_sets(given(space, "key of a space")?).light();
        let raw = ask(self.transport, &request).await?;
        let page = lift::space_permission_sets(raw.to_string().as_bytes(), space)
            .map_err(|problem| not_understood(self.transport, &request, &problem))?;
        let gaps = page.gaps.into_iter().map(|gap| self.transport.clean(gap)).collect();
        Ok(Listing { rows: page.rows, gaps })
    }
}
