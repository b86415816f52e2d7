//! What the add-on APIs answered: as it came, and what was read of it.

use serde_json::{Value, json};

use crate::apis::extender::lift::ContentReport;
use crate::apis::methods::Refused;
use crate::apis::{Page, Request};
use crate::fetch::Error;
use crate::model::{Gap, Restriction, SpacePermission};

/// The answer of a declared method.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// As it came.
    Plain(Value),
    /// Permissions in a space.
    Permissions(RowsAnswer<SpacePermission>),
    /// Restrictions of a content.
    Restrictions(RowsAnswer<Restriction>),
    /// A listing.
    Listed(ListAnswer),
    /// Who can view and edit a content, or its restrictions.
    Content(ContentAnswer),
}

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

/// A general answer about a content.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentAnswer {
    /// As the add-on would have sent it on one page.
    pub raw: Value,
    /// What was read of it.
    pub report: ContentReport,
    /// What was not.
    pub gaps: Vec<Gap>,
}

/// A listing.
#[derive(Debug, Clone, PartialEq)]
pub struct ListAnswer {
    /// Its elements as they came.
    pub rows: Vec<Value>,
    /// How many there are in all, where the add-on says.
    pub total: Option<u64>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl From<Page<String>> for ListAnswer {
    fn from(page: Page<String>) -> Self {
        Self { rows: page.rows.into_iter().map(Value::from).collect(), total: None, gaps: page.gaps }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::configuration(refused.to_string())
    }
}

/// A change that was not made, as what would be sent.
pub(super) fn rehearsed(request: &Request) -> Value {
    json!({
        "dry_run": true,
        "method": request.route.method.as_str(),
        "path": request.path,
        "body": request.body,
    })
}
