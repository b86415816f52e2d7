//! JSON-RPC: the older remote API, as scripts know it, and as a rung of the ladder.

use serde_json::{Value, json};

use super::Reader;
use crate::apis::json_rpc::lift::{self, FaultKind};
use crate::apis::json_rpc::requests::{self, Call};
use crate::apis::{Page, Request, Unreadable, global_permission_type_wanted, permission_type_wanted};
use crate::fetch::transport::Transport;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{Gap, Listing, Restriction, RestrictionOperation, SpacePermission, SubjectKind};

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

fn space_key(text: &str) -> Result<&str> {
    given(text, "key of a space")
}

fn content_id(text: &str) -> Result<&str> {
    given(text, "id of a content")
}

fn username(text: &str) -> Result<&str> {
    given(text.strip_prefix("user:").unwrap_or(text), "user")
}

fn group_name(text: &str) -> Result<&str> {
    given(text.strip_prefix("group:").unwrap_or(text), "group")
}

/// The name of a user or a group; both share one namespace here.
fn name(text: &str) -> Result<&str> {
    if text == "anonymous" {
        return Err(Error::configuration(
            "`anonymous` is no user or group: use `add_anonymous_permission_to_space` and its kind",
        ));
    }
    given(text.strip_prefix("user:").or_else(|| text.strip_prefix("group:")).unwrap_or(text), "user or group")
}

fn types(words: &[String]) -> Result<Vec<&'static str>> {
    if words.is_empty() {
        return Err(Error::configuration("no permission type is named: name at least one, such as `VIEWSPACE`"));
    }
    words.iter().map(|word| Ok(permission_type_wanted(word)?)).collect()
}

fn global_types(words: &[String]) -> Result<Vec<&'static str>> {
    if words.is_empty() {
        return Err(Error::configuration("no permission type is named: name at least one, such as `USECONFLUENCE`"));
    }
    words.iter().map(|word| Ok(global_permission_type_wanted(word)?)).collect()
}

impl JsonRpc {
    /// The same with every call in a standard envelope instead of the light form.
    #[must_use]
    pub fn in_envelopes(self) -> Self {
        Self { envelope: true, ..self }
    }

    /// Makes sure that a name whose kind was given, as in `user:ann`, is not that of another kind as well.
    async fn one_of_a_name(&self, holder: &str) -> Result<()> {
        let name = name(holder)?;
        let kind = match holder.split_once(':') {
            Some(("user", _)) => SubjectKind::User,
            Some(("group", _)) => SubjectKind::Group,
            // Without a kind it is the name the server takes it for.
            _ => return Ok(()),
        };
        let progress = Progress::new();
        match self.client.data_center(&progress).await? {
            Some(reader) => reader.one_of_a_name(&kind, name).await,
            None => self.there().await,
        }
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

    /// The same about a user or a group, which has to be the only one of its name where its kind is said.
    async fn call_about(&self, holder: &str, call: &Call, dry_run: bool) -> Result<Value> {
        self.one_of_a_name(holder).await?;
        self.call(call, dry_run).await
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
        let call = requests::space_permission_sets(space_key(space)?);
        self.rows(&call, |body| lift::space_permission_sets(body, space)).await
    }

    /// Who has one type of permission in a space.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn space_permission_set(&self, space: &str, kind: &str) -> Result<RowsAnswer<SpacePermission>> {
        let call = requests::space_permission_set(space_key(space)?, permission_type_wanted(kind)?);
        self.rows(&call, |body| lift::space_permission_set(body, space)).await
    }

    /// The restrictions of a content.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn content_permission_sets(&self, content: &str) -> Result<RowsAnswer<Restriction>> {
        let call = requests::content_permission_sets(content_id(content)?);
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

/// The methods whose answers no document shows, and the changes: the result as it comes.
impl JsonRpc {
    /// What the caller may do in a space, in words of its own, and not all of it.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn permissions(&self, space: &str) -> Result<Value> {
        self.call(&requests::permissions(space_key(space)?), false).await
    }

    /// The same of another user.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn permissions_for_user(&self, space: &str, user: &str) -> Result<Value> {
        self.call(&requests::permissions_for_user(space_key(space)?, username(user)?), false).await
    }

    /// The restrictions that apply to a page.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn page_permissions(&self, content: &str) -> Result<Value> {
        self.call(&requests::page_permissions(content_id(content)?), false).await
    }

    /// Gives a permission in a space.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_permission_to_space(&self, kind: &str, holder: &str, space: &str, dry_run: bool) -> Result<Value> {
        self.call_about(
            holder,
            &requests::add_permission_to_space(permission_type_wanted(kind)?, name(holder)?, space_key(space)?),
            dry_run,
        )
        .await
    }

    /// Gives permissions in a space.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_permissions_to_space(
        &self,
        kinds: &[String],
        holder: &str,
        space: &str,
        dry_run: bool,
    ) -> Result<Value> {
        self.call_about(
            holder,
            &requests::add_permissions_to_space(&types(kinds)?, name(holder)?, space_key(space)?),
            dry_run,
        )
        .await
    }

    /// Takes a permission in a space.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_permission_from_space(
        &self,
        kind: &str,
        holder: &str,
        space: &str,
        dry_run: bool,
    ) -> Result<Value> {
        self.call_about(
            holder,
            &requests::remove_permission_from_space(permission_type_wanted(kind)?, name(holder)?, space_key(space)?),
            dry_run,
        )
        .await
    }

    /// Gives a permission in a space to whoever is not logged in.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_anonymous_permission_to_space(&self, kind: &str, space: &str, dry_run: bool) -> Result<Value> {
        self.call(
            &requests::add_anonymous_permission_to_space(permission_type_wanted(kind)?, space_key(space)?),
            dry_run,
        )
        .await
    }

    /// Gives several of them.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_anonymous_permissions_to_space(
        &self,
        kinds: &[String],
        space: &str,
        dry_run: bool,
    ) -> Result<Value> {
        self.call(&requests::add_anonymous_permissions_to_space(&types(kinds)?, space_key(space)?), dry_run).await
    }

    /// Takes one of them.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_anonymous_permission_from_space(
        &self,
        kind: &str,
        space: &str,
        dry_run: bool,
    ) -> Result<Value> {
        self.call(
            &requests::remove_anonymous_permission_from_space(permission_type_wanted(kind)?, space_key(space)?),
            dry_run,
        )
        .await
    }

    /// Gives a permission of the site.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_global_permission(&self, kind: &str, holder: &str, dry_run: bool) -> Result<Value> {
        self.call_about(
            holder,
            &requests::add_global_permission(global_permission_type_wanted(kind)?, name(holder)?),
            dry_run,
        )
        .await
    }

    /// Gives several of them.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_global_permissions(&self, kinds: &[String], holder: &str, dry_run: bool) -> Result<Value> {
        self.call_about(holder, &requests::add_global_permissions(&global_types(kinds)?, name(holder)?), dry_run).await
    }

    /// Takes one of them.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_global_permission(&self, kind: &str, holder: &str, dry_run: bool) -> Result<Value> {
        self.call_about(
            holder,
            &requests::remove_global_permission(global_permission_type_wanted(kind)?, name(holder)?),
            dry_run,
        )
        .await
    }

    /// Lets whoever is not logged in use the site.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_anonymous_use_permission(&self, dry_run: bool) -> Result<Value> {
        self.call(&requests::add_anonymous_use_permission(), dry_run).await
    }

    /// Lets whoever is not logged in see profiles.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_anonymous_view_user_profile_permission(&self, dry_run: bool) -> Result<Value> {
        self.call(&requests::add_anonymous_view_user_profile_permission(), dry_run).await
    }

    /// The spaces the caller sees.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn spaces(&self) -> Result<Value> {
        self.call(&requests::spaces(), false).await
    }

    /// The pages of a space the caller sees.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn pages(&self, space: &str) -> Result<Value> {
        self.call(&requests::pages(space_key(space)?), false).await
    }

    /// The groups.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn groups(&self) -> Result<Value> {
        self.call(&requests::groups(), false).await
    }

    /// The groups of a user.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn user_groups(&self, user: &str) -> Result<Value> {
        self.call(&requests::user_groups(username(user)?), false).await
    }

    /// Makes a group.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_group(&self, group: &str, dry_run: bool) -> Result<Value> {
        self.call(&requests::add_group(group_name(group)?), dry_run).await
    }

    /// Removes a group; its members go into `move_to`, where that is not empty.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_group(&self, group: &str, move_to: &str, dry_run: bool) -> Result<Value> {
        self.call(&requests::remove_group(group_name(group)?, move_to), dry_run).await
    }

    /// Puts a user into a group.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_user_to_group(&self, user: &str, group: &str, dry_run: bool) -> Result<Value> {
        self.call(&requests::add_user_to_group(username(user)?, group_name(group)?), dry_run).await
    }

    /// Takes a user out of a group.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_user_from_group(&self, user: &str, group: &str, dry_run: bool) -> Result<Value> {
        self.call(&requests::remove_user_from_group(username(user)?, group_name(group)?), dry_run).await
    }

    /// Deactivates a user.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn deactivate_user(&self, user: &str, dry_run: bool) -> Result<Value> {
        self.call(&requests::deactivate_user(username(user)?), dry_run).await
    }

    /// Activates a user again.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn reactivate_user(&self, user: &str, dry_run: bool) -> Result<Value> {
        self.call(&requests::reactivate_user(username(user)?), dry_run).await
    }

    /// Lets one restriction list of a content, `View` or `Edit`, hold these subjects and nobody else.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn set_content_permissions(
        &self,
        content: &str,
        list: &str,
        subjects: &[String],
        dry_run: bool,
    ) -> Result<Value> {
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for text in subjects {
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
        let operation = match list.trim().to_ascii_lowercase().as_str() {
            "view" => RestrictionOperation::View,
            "edit" => RestrictionOperation::Edit,
            _ => {
                return Err(Error::configuration(format!(
                    "`{}` is no permission type of a content: use `View` or `Edit`",
                    list.escape_debug()
                )));
            }
        };
        let call = requests::set_content_permissions(content_id(content)?, operation, &users, &groups);
        self.call(&call, dry_run).await
    }
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

impl Reader<'_> {
    /// Permissions in a space as JSON-RPC tells them. A user has a name and no key.
    ///
    /// # Errors
    /// As [`JsonRpc::call`].
    pub(in crate::fetch) async fn space_permissions_by_json_rpc(
        &self,
        space: &str,
    ) -> Result<Listing<SpacePermission>> {
        let request = requests::space_permission_sets(space_key(space)?).light();
        let raw = ask(self.transport, &request).await?;
        let page = lift::space_permission_sets(raw.to_string().as_bytes(), space)
            .map_err(|problem| not_understood(self.transport, &request, &problem))?;
        let gaps = page.gaps.into_iter().map(|gap| self.transport.clean(gap)).collect();
        Ok(Listing { rows: page.rows, gaps })
    }
}
