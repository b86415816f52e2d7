//! Changes of permissions of a site: the log and the names are read, the reading of the log is the resolver's.

use std::sync::Arc;

use super::access::not_listed;
use super::answers;
use super::audit::{id_of, key_of};
use super::bridge::Answer;
use super::exceptions::exception;
use crate::fetch::{AuditRange, AuditSource, Client, Error};
use crate::model::{Gap, Snapshot};
use crate::resolve::{Asked, Wording, merge_bursts, permission_changes_worded};
use crate::tables::Table;

/// Which changes are asked for, and how.
pub struct Wanted {
    pub range: AuditRange,
    pub source: AuditSource,
    pub space: Option<String>,
    pub content: Option<String>,
    /// Where names are looked up; `None`: what has to be read of the site is read.
    pub snapshot: Option<Arc<Snapshot>>,
    pub wording: Wording,
    pub merge_bursts: bool,
}

/// The changes as a table.
pub async fn changes(client: Client, wanted: Wanted) -> Result<Answer, Error> {
    let Wanted { range, source, space, content, snapshot, wording, merge_bursts: bursts } = wanted;
    let names_are_read = snapshot.is_none();
    let (log, known) = client.audit_with_names(&range, source, snapshot, space.as_deref(), content.as_deref()).await?;
    let content = content.map(|text| id_of(&known, text));
    let asked = Asked { space: space.map(|space| key_of(&known, space)), content };
    if let Some(key) = &asked.space
        && !known.spaces.iter().any(|space| space.key.eq_ignore_ascii_case(key))
    {
        let message = format!("no space `{key}`: check the key, or the account of this token may not see it");
        return Ok(Box::new(move |py| Err(exception(py, "NotFoundError", &message, None))));
    }
    let mut found = match permission_changes_worded(&log.rows, &known, &asked, &wording) {
        Ok(found) => found,
        Err(unknown) => return Ok(Box::new(move |py| Err(not_listed(py, &unknown)))),
    };
    drop(log.rows);
    if names_are_read {
        client.name_changes(&mut found.rows).await;
    }
    let rows = if bursts { merge_bursts(found.rows) } else { found.rows };
    let gaps: Vec<Gap> = log.gaps.into_iter().chain(found.gaps).collect();
    Ok(answers::of_table(Table::from_rows(rows, gaps)))
}
