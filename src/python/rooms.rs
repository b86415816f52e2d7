//! The rooms of the upstream APIs: JSON-RPC and the Extender add-on.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde_json::Value;

use super::bridge::{Answer, Call, Engine};
use super::errors;
use super::table::PyTable;
use crate::apis::extender::lift::{General, Rows};
use crate::apis::extender::requests::{self, Details, Lists, Several, Which, Who};
use crate::apis::json_rpc::requests::Call as Method;
use crate::apis::{Request, permission_type_wanted};
use crate::fetch::{self, Error, RowsAnswer, Window};
use crate::model::Gap;
use crate::tables::{self, Record, Table};

/// JSON-RPC; `confluence_access.json_rpc.JsonRpc` wraps it.
#[pyclass(frozen, name = "JsonRpc", module = "confluence_access._core")]
pub struct PyJsonRpc {
    engine: Arc<Engine>,
    room: fetch::JsonRpc,
}

/// The Extender add-on; `confluence_access.extender.Extender` wraps it.
#[pyclass(frozen, name = "Extender", module = "confluence_access._core")]
pub struct PyExtender {
    engine: Arc<Engine>,
    room: fetch::Extender,
}

/// An answer that is passed on as it came.
fn plain(value: Value) -> Answer {
    Box::new(move |py| Ok(pythonize::pythonize(py, &value)?.unbind()))
}

/// An answer as it came beside what was read of it.
fn with_rows<R: Record + Sync>(answer: RowsAnswer<R>) -> Answer {
    let table = Table::new(&answer.rows, answer.gaps);
    let raw = answer.raw;
    Box::new(move |py| {
        let raw = pythonize::pythonize(py, &raw)?;
        let table = Py::new(py, PyTable::from(table))?.into_bound(py).into_any();
        Ok(PyTuple::new(py, [raw, table])?.into_any().unbind())
    })
}

/// A plain answer, what else is known of it as plain data, and its gaps.
fn with_gaps(raw: Value, known: Value, gaps: &[Gap]) -> Answer {
    let gaps = tables::gaps(gaps);
    Box::new(move |py| {
        let raw = pythonize::pythonize(py, &raw)?;
        let known = pythonize::pythonize(py, &known)?;
        let gaps = Py::new(py, PyTable::from(gaps))?.into_bound(py).into_any();
        Ok(PyTuple::new(py, [raw, known, gaps])?.into_any().unbind())
    })
}

fn details(basic: bool, extended: bool) -> Details {
    match (basic, extended) {
        (_, true) => Details::Extended,
        (true, false) => Details::Basic,
        (false, false) => Details::None,
    }
}

fn which(content: &str, space: Option<&str>) -> Result<Which, Error> {
    Ok(match space {
        Some(space) => Which::titled(content, space)?,
        None => Which::id(content)?,
    })
}

fn window((start, most): (Option<u64>, Option<u64>)) -> Window {
    Window { start, most }
}

impl PyJsonRpc {
    /// The room of a client.
    pub fn new(engine: &Arc<Engine>, room: fetch::JsonRpc) -> Self {
        Self { engine: Arc::clone(engine), room }
    }

    fn call(&self, work: impl Future<Output = Result<Answer, Error>> + Send + 'static) -> Call {
        Call::new(&self.engine, work)
    }
}

#[pymethods]
impl PyJsonRpc {
    /// The same with every call in an envelope.
    fn in_envelopes(&self) -> Self {
        Self::new(&self.engine, self.room.clone().in_envelopes())
    }

    /// A method by its own name.
    fn method(&self, method: String, params: &Bound<'_, PyAny>, changes: bool, dry_run: bool) -> PyResult<Call> {
        let params: Vec<Value> = pythonize::depythonize(params)?;
        let room = self.room.clone();
        Ok(self.call(async move { room.call(&Method { method, params, changes }, dry_run).await.map(plain) }))
    }

    /// A method by the name it has here: its words in order, and the list where it takes one.
    fn named(&self, name: String, words: Vec<String>, several: Vec<String>, dry_run: bool) -> Call {
        let room = self.room.clone();
        self.call(async move {
            let mut words = words.iter().map(String::as_str);
            let [one, two, three] = [(); 3].map(|()| words.next().unwrap_or_default());
            let several = several.as_slice();
            let answered = match name.as_str() {
                "permissions" => room.permissions(one).await,
                "permissions_for_user" => room.permissions_for_user(one, two).await,
                "page_permissions" => room.page_permissions(one).await,
                "set_content_permissions" => room.set_content_permissions(one, two, several, dry_run).await,
                "add_permission_to_space" => room.add_permission_to_space(one, two, three, dry_run).await,
                "add_permissions_to_space" => room.add_permissions_to_space(several, one, two, dry_run).await,
                "remove_permission_from_space" => room.remove_permission_from_space(one, two, three, dry_run).await,
                "add_anonymous_permission_to_space" => room.add_anonymous_permission_to_space(one, two, dry_run).await,
                "add_anonymous_permissions_to_space" => {
                    room.add_anonymous_permissions_to_space(several, one, dry_run).await
                }
                "remove_anonymous_permission_from_space" => {
                    room.remove_anonymous_permission_from_space(one, two, dry_run).await
                }
                "add_global_permission" => room.add_global_permission(one, two, dry_run).await,
                "add_global_permissions" => room.add_global_permissions(several, one, dry_run).await,
                "remove_global_permission" => room.remove_global_permission(one, two, dry_run).await,
                "add_anonymous_use_permission" => room.add_anonymous_use_permission(dry_run).await,
                "add_anonymous_view_user_profile_permission" => {
                    room.add_anonymous_view_user_profile_permission(dry_run).await
                }
                "spaces" => room.spaces().await,
                "pages" => room.pages(one).await,
                "groups" => room.groups().await,
                "user_groups" => room.user_groups(one).await,
                "add_group" => room.add_group(one, dry_run).await,
                "remove_group" => room.remove_group(one, two, dry_run).await,
                "add_user_to_group" => room.add_user_to_group(one, two, dry_run).await,
                "remove_user_from_group" => room.remove_user_from_group(one, two, dry_run).await,
                "deactivate_user" => room.deactivate_user(one, dry_run).await,
                "reactivate_user" => room.reactivate_user(one, dry_run).await,
                _ => {
                    let message = format!("`{name}` is no method of this room");
                    return Ok(Box::new(move |py: Python<'_>| {
                        Err(errors::exception(py, "ConfigurationError", &message, None))
                    }) as Answer);
                }
            };
            answered.map(plain)
        })
    }

    /// All permissions in a space.
    fn space_permission_sets(&self, space: String) -> Call {
        let room = self.room.clone();
        self.call(async move { room.space_permission_sets(&space).await.map(with_rows) })
    }

    /// Who has one type of permission in a space.
    fn space_permission_set(&self, space: String, kind: String) -> Call {
        let room = self.room.clone();
        self.call(async move { room.space_permission_set(&space, &kind).await.map(with_rows) })
    }

    /// The restrictions of a content.
    fn content_permission_sets(&self, content: String) -> Call {
        let room = self.room.clone();
        self.call(async move { room.content_permission_sets(&content).await.map(with_rows) })
    }

    /// The types of permission a space knows.
    fn space_level_permissions(&self) -> Call {
        let room = self.room.clone();
        self.call(async move {
            let answer = room.space_level_permissions().await?;
            Ok(plain(Value::from(answer.rows)))
        })
    }
}

impl PyExtender {
    /// The room of a client.
    pub fn new(engine: &Arc<Engine>, room: fetch::Extender) -> Self {
        Self { engine: Arc::clone(engine), room }
    }

    fn call(&self, work: impl Future<Output = Result<Answer, Error>> + Send + 'static) -> Call {
        Call::new(&self.engine, work)
    }

    /// Asks and passes on what comes.
    fn raw(&self, request: impl FnOnce() -> Result<Request, Error> + Send + 'static) -> Call {
        let room = self.room.clone();
        self.call(async move { room.raw(&request()?).await.map(plain) })
    }

    fn change(&self, dry_run: bool, request: impl FnOnce() -> Result<Request, Error> + Send + 'static) -> Call {
        let room = self.room.clone();
        self.call(async move { room.change(&request()?, dry_run).await.map(plain) })
    }

    fn list(
        &self,
        of: Rows,
        part: (Option<u64>, Option<u64>),
        request: impl FnOnce() -> Result<Request, Error> + Send + 'static,
    ) -> Call {
        let room = self.room.clone();
        self.call(async move {
            let answer = room.list(&request()?, of, window(part)).await?;
            Ok(with_gaps(Value::Array(answer.rows), Value::from(answer.total), &answer.gaps))
        })
    }
}

#[pymethods]
impl PyExtender {
    /// One of the three general answers about a content.
    #[pyo3(signature = (which, content, show_content_details, permission_type, people_who_can_view, date_format, part))]
    #[expect(clippy::too_many_arguments, reason = "one per parameter of the endpoint")]
    fn content(
        &self,
        which: &str,
        content: String,
        show_content_details: bool,
        permission_type: Option<String>,
        people_who_can_view: bool,
        date_format: Option<String>,
        part: (Option<u64>, Option<u64>),
    ) -> Call {
        let which = match which {
            "tree_permissions" => General::TreePermissions,
            "tree_restrictions" => General::TreeRestrictions,
            _ => General::Permissions,
        };
        let room = self.room.clone();
        self.call(async move {
            let permission_type = permission_type.as_deref().map(str::trim).filter(|word| !word.is_empty());
            let permission_type = permission_type.map(requests::operation).transpose()?;
            let lists = Lists { show_content_details, permission_type, people_who_can_view, date_format };
            let answer = room.content(which, &content, &lists, window(part)).await?;
            let report = serde_json::to_value(&answer.report).unwrap_or_default();
            Ok(with_gaps(answer.raw, report, &answer.gaps))
        })
    }

    /// What a user or a group may do with a content.
    #[pyo3(signature = (content, space, who, show_content_details, show_space_administrators))]
    fn inherited_content_permission(
        &self,
        content: String,
        space: Option<String>,
        who: String,
        show_content_details: bool,
        show_space_administrators: bool,
    ) -> Call {
        self.raw(move || {
            let (content, who) = (which(&content, space.as_deref())?, Who::parse(&who)?);
            Ok(requests::inherited_content_permission(&content, &who, show_content_details, show_space_administrators))
        })
    }

    /// Which lists of a content hold a user or a group.
    #[pyo3(signature = (content, space, who, show_content_details))]
    fn content_permission(
        &self,
        content: String,
        space: Option<String>,
        who: String,
        show_content_details: bool,
    ) -> Call {
        self.raw(move || {
            let (content, who) = (which(&content, space.as_deref())?, Who::parse(&who)?);
            Ok(requests::content_permission(&content, &who, show_content_details))
        })
    }

    /// Puts a user or a group on a list of contents, or takes it off.
    fn change_content_permission(
        &self,
        add: bool,
        contents: Vec<(String, Option<String>)>,
        who: String,
        permission_type: String,
        dry_run: bool,
    ) -> Call {
        self.change(dry_run, move || {
            let contents = contents.iter().map(|(content, space)| which(content, space.as_deref()));
            let contents = Several::new(contents.collect::<Result<_, _>>()?)?;
            let (who, operation) = (Who::parse(&who)?, requests::operation(&permission_type)?);
            Ok(match add {
                true => requests::add_content_permission(&contents, &who, operation),
                false => requests::remove_content_permission(&contents, &who, operation),
            })
        })
    }

    /// Takes a user or a group off every list.
    fn remove_all_content_permission(&self, who: String, dry_run: bool) -> Call {
        self.change(dry_run, move || Ok(requests::remove_all_content_permission(&Who::parse(&who)?)))
    }

    /// The types of permission a space knows.
    fn permission_types(&self) -> Call {
        self.raw(|| Ok(requests::permission_types()))
    }

    /// All who have permissions in a space.
    #[pyo3(signature = (space, permission_type))]
    fn space_permission_actors(&self, space: String, permission_type: Option<String>) -> Call {
        let room = self.room.clone();
        self.call(async move { room.space_permission_actors(&space, permission_type.as_deref()).await.map(with_rows) })
    }

    /// Groups, or users, with any permission in a space.
    fn all_with_any_permission(&self, groups: bool, space: String, part: (Option<u64>, Option<u64>)) -> Call {
        self.list(Rows::Names(if groups { "groups" } else { "users" }), part, move || {
            let space = requests::space(&space)?;
            Ok(match groups {
                true => requests::all_groups_with_any_permission(&space),
                false => requests::all_users_with_any_permission(&space),
            })
        })
    }

    /// What a user or a group may do in a space.
    fn permissions_for_space(&self, who: String, space: String) -> Call {
        self.raw(move || Ok(requests::permissions_for_space(&Who::parse(&who)?, &requests::space(&space)?)))
    }

    /// The spaces a user or a group has permissions in.
    fn all_spaces_with_permissions(&self, who: String, part: (Option<u64>, Option<u64>)) -> Call {
        self.list(Rows::Records("spaces"), part, move || Ok(requests::all_spaces_with_permissions(&Who::parse(&who)?)))
    }

    /// Gives permissions in a space.
    fn add_space_permissions(&self, space: String, who: String, permissions: Vec<String>, dry_run: bool) -> Call {
        self.change(dry_run, move || {
            let kinds = permissions.iter().map(|word| permission_type_wanted(word)).collect::<Result<Vec<_>, _>>()?;
            requests::names(&permissions, "a permission")?;
            Ok(requests::add_space_permissions(&requests::space(&space)?, &Who::parse(&who)?, &kinds))
        })
    }

    /// Spaces anonymous has a permission in.
    #[pyo3(signature = (creation_date_from, creation_date_to, date_format, start_at, max_results))]
    fn spaces_with_anonymous_permissions(
        &self,
        creation_date_from: Option<String>,
        creation_date_to: Option<String>,
        date_format: Option<String>,
        start_at: Option<u64>,
        max_results: Option<u64>,
    ) -> Call {
        self.raw(move || {
            let mut request = requests::spaces_with_anonymous_permissions(
                creation_date_from.as_deref(),
                creation_date_to.as_deref(),
                date_format.as_deref(),
            );
            for (name, value) in [("startAt", start_at), ("maxResults", max_results)] {
                if let Some(value) = value {
                    request = request.with(name, value);
                }
            }
            Ok(request)
        })
    }

    /// The groups.
    fn groups(&self, part: (Option<u64>, Option<u64>)) -> Call {
        self.list(Rows::Names("groups"), part, || Ok(requests::groups()))
    }

    /// The users in a group.
    #[pyo3(signature = (group, basic, extended, date_format, part))]
    fn users(
        &self,
        group: String,
        basic: bool,
        extended: bool,
        date_format: Option<String>,
        part: (Option<u64>, Option<u64>),
    ) -> Call {
        self.list(Rows::Names("users"), part, move || {
            Who::group(&group)?;
            Ok(requests::users(&group, details(basic, extended), date_format.as_deref()))
        })
    }

    /// Makes or removes groups.
    fn change_groups(&self, add: bool, groups: Vec<String>, dry_run: bool) -> Call {
        self.change(dry_run, move || {
            let groups = requests::names(&groups, "a group")?;
            Ok(if add { requests::add_groups(&groups) } else { requests::remove_groups(&groups) })
        })
    }

    /// Puts users into a group, or takes them out.
    fn change_users(&self, add: bool, group: String, users: Vec<String>, dry_run: bool) -> Call {
        self.change(dry_run, move || {
            Who::group(&group)?;
            let users = requests::names(&users, "a user")?;
            Ok(if add { requests::add_users(&group, &users) } else { requests::remove_users(&group, &users) })
        })
    }

    /// The users who may use Confluence.
    fn users_with_confluence_access(&self, extended: bool, part: (Option<u64>, Option<u64>)) -> Call {
        self.list(Rows::Names("users"), part, move || {
            Ok(requests::users_with_confluence_access(details(false, extended)))
        })
    }

    /// What is known about a user.
    fn user_details(&self, username: String) -> Call {
        self.raw(move || {
            Who::user(&username)?;
            Ok(requests::user_details(&username))
        })
    }

    /// The user directories.
    fn user_directories(&self) -> Call {
        let room = self.room.clone();
        self.call(async move {
            let answer = room.whole_list(&requests::user_directories(), Rows::Records("userDirectories")).await?;
            Ok(with_gaps(Value::Array(answer.rows), Value::from(answer.total), &answer.gaps))
        })
    }
}

impl Drop for PyJsonRpc {
    fn drop(&mut self) {
        if self.engine.forked() {
            // As for the client: what its threads held locked stays locked in a forked child.
            std::mem::forget(self.room.clone());
        }
    }
}

impl Drop for PyExtender {
    fn drop(&mut self) {
        if self.engine.forked() {
            std::mem::forget(self.room.clone());
        }
    }
}
