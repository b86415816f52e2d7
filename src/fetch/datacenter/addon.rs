//! What only the add-on Extender reports: who may use the site, and which user directories there are.

use std::collections::HashSet;

use serde_json::Value;

use super::extender::{Window, list};
use super::site::Site;
use super::sources::PermissionSource;
use crate::apis::extender::lift::{self, Rows};
use crate::apis::extender::{methods, requests};
use crate::apis::methods::{Argument, Arguments};
use crate::fetch::pages::ask_one;
use crate::fetch::{ErrorKind, Result};
use crate::model::{Group, GroupSource, User};

/// Who may use the site, by key and by username in lower case.
#[derive(Debug, Default)]
pub(super) struct Licensed {
    keys: HashSet<String>,
    names: HashSet<String>,
    /// Whether that is everybody.
    pub(super) complete: bool,
}

impl Licensed {
    pub(super) fn has(&self, user: &User) -> bool {
        self.keys.contains(&user.id) || user.name.as_ref().is_some_and(|name| self.names.contains(&name.to_lowercase()))
    }
}

impl Site<'_> {
    async fn extender_list(&self, request: &crate::apis::Request, of: Rows) -> Result<Option<(Vec<Value>, bool)>> {
        let sources = &self.installation.sources;
        if sources.is_absent(PermissionSource::Extender) {
            return Ok(None);
        }
        match list(self.session.transport, request, of, Window::default()).await {
            Ok(answer) => Ok(Some((answer.rows, answer.gaps.is_empty()))),
            Err(error) if error.kind() == ErrorKind::Unavailable || error.status() == Some(404) => {
                sources.mark_unavailable(PermissionSource::Extender);
                tracing::debug!(error = %error, "the add-on does not say");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Who may use the site; nothing where the add-on is not there.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub(super) async fn licensed_by_extender(&self) -> Result<Option<Licensed>> {
        // Not declared, because no document has it here; users of a group come with their keys that way.
        let details = Arguments::of([("show_basic_details", Argument::Flag(true))]);
        let request = requests::request(&methods::users_with_confluence_access, &details);
        let Some((rows, complete)) = self.extender_list(&request, Rows::Names("users")).await? else { return Ok(None) };
        let mut licensed = Licensed { complete, ..Licensed::default() };
        for row in rows {
            let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
            // A row may be a bare name.
            let name = text("name").or_else(|| text("username")).or_else(|| row.as_str().map(str::to_owned));
            match (text("key").or_else(|| text("userKey")), name) {
                (None, None) => licensed.complete = false,
                (key, name) => {
                    licensed.keys.extend(key);
                    licensed.names.extend(name.map(|name| name.to_lowercase()));
                }
            }
        }
        Ok(Some(licensed))
    }

    /// Says of groups where they are kept where there is only one active directory: which groups a directory has, the
    /// add-on does not tell.
    // Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1904836644
    pub(super) async fn tell_only_directory(&self, groups: &mut [Group]) {
        let open = |group: &&mut Group| group.provenance == GroupSource::Unknown;
        if !groups.iter().any(|group| group.provenance == GroupSource::Unknown) {
            return;
        }
        if self.installation.sources.is_absent(PermissionSource::Extender) {
            return;
        }
        let request = requests::request(&methods::user_directories, &Arguments::NONE);
        let read = |body: &[u8]| lift::listing(body, Rows::Records("userDirectories"), request.route);
        let rows = match ask_one(self.session.transport, &request, self.session.transport.brief(), read).await {
            Ok(listed) if listed.gaps.is_empty() => listed.rows,
            Ok(_) => return,
            Err(error) => {
                if error.status() == Some(404) {
                    self.installation.sources.mark_unavailable(PermissionSource::Extender);
                }
                return;
            }
        };
        let active = |row: &&Value| row.get("active").and_then(Value::as_bool) != Some(false);
        let active: Vec<&Value> = rows.iter().filter(active).collect();
        let [only] = active.as_slice() else { return };
        let Some(name) = only.get("name").and_then(Value::as_str) else { return };
        let id = match only.get("id") {
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        // Only a directory that is kept in step with another one has been synchronised.
        let synchronised = only.as_object().is_some_and(|members| {
            members.iter().any(|(name, value)| name.starts_with("lastSync") && !value.is_null())
        });
        let source = if synchronised { GroupSource::Directory } else { GroupSource::Local };
        for group in groups.iter_mut().filter(open) {
            group.provenance = source.clone();
            group.directory_id.clone_from(&id);
            group.directory_name = Some(name.to_owned());
            let kind = if synchronised { "synchronised" } else { "not synchronised" };
            group.evidence = Some(format!("Extender: the only active user directory is `{name}`, {kind}"));
        }
    }
}
