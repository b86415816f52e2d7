//! Permissions of spaces: the ladder of those who can tell, and which of them did.

use super::Reader;
use crate::fetch::{Error, Result};
use crate::model::{Listing, Space, SpacePermission};

/// Who tells the permissions of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fetch) enum Rung {
    /// REST, 9.1 and later.
    Rest,
    /// The add-on Extender for Confluence.
    Extender,
    /// JSON-RPC.
    JsonRpc,
}

impl Rung {
    /// The word for it.
    pub(in crate::fetch) fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Extender => "extender",
            Self::JsonRpc => "json_rpc",
        }
    }

    /// Reads the word for it.
    ///
    /// # Errors
    /// [`crate::fetch::ErrorKind::Configuration`] for any other word.
    pub(in crate::fetch) fn parse(word: &str) -> Result<Self> {
        [Self::Rest, Self::Extender, Self::JsonRpc].into_iter().find(|rung| rung.as_str() == word.trim()).ok_or_else(
            || {
                Error::configuration(format!(
                    "`{}` is no source of space permissions: use \"rest\", \"extender\" or \"json_rpc\", or leave it out to ask in that order",
                    word.escape_debug()
                ))
            },
        )
    }
}

impl Reader<'_> {
    /// Permissions in a space, from the first rung that tells, or from this one.
    ///
    /// # Errors
    /// Where none of them tells.
    pub(in crate::fetch) async fn permissions(
        &self,
        _space: &Space,
        _from: Option<Rung>,
    ) -> Result<Listing<SpacePermission>> {
        Err(Error::configuration("this is not read on Data Center yet"))
    }
}
