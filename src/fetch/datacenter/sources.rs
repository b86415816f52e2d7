//! Where the permissions of spaces can be read, and which of these sources answered.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32};

use crate::fetch::locked::Locked;
use crate::fetch::{Error, ErrorKind, Result};

/// Where the permissions of a space are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::fetch) enum PermissionSource {
    /// REST, 9.1 and later.
    Rest,
    /// The add-on Extender for Confluence.
    Extender,
    /// JSON-RPC.
    JsonRpc,
}

impl PermissionSource {
    /// In the order they are asked.
    pub(in crate::fetch) const ALL: [Self; 3] = [Self::Rest, Self::Extender, Self::JsonRpc];

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
    /// [`ErrorKind::Configuration`] for any other word.
    pub(in crate::fetch) fn parse(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word.trim()).ok_or_else(|| {
            Error::configuration(format!(
                "invalid source of space permissions `{}`: use \"rest\", \"extender\" or \"json_rpc\", or omit it to try them in that order",
                word.escape_debug()
            ))
        })
    }
}

/// What became of the sources so far.
#[derive(Debug, Default)]
pub(in crate::fetch) struct PermissionSources {
    /// The first that told.
    pub(in crate::fetch) told: Mutex<Option<PermissionSource>>,
    /// Those that are not there at all.
    pub(super) absent: Mutex<HashSet<PermissionSource>>,
    /// Whether the list of a space names anonymous too, so that they need no request of their own.
    pub(super) anonymous: AtomicBool,
    /// Failures of REST in a row that look like missing rights.
    pub(super) refused: AtomicU32,
}

impl PermissionSources {
    pub(in crate::fetch) fn is_absent(&self, source: PermissionSource) -> bool {
        self.absent.locked().contains(&source)
    }

    /// That a source is not there.
    pub(in crate::fetch) fn mark_unavailable(&self, source: PermissionSource) {
        self.absent.locked().insert(source);
    }

    pub(super) fn note(&self, source: PermissionSource, outcome: std::result::Result<(), &Error>) {
        match outcome {
            Ok(()) => {
                self.told.locked().get_or_insert(source);
            }
            // Neither an add-on nor a switch of the server comes and goes while one call reads.
            Err(error)
                if error.is_missing_route()
                    || matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::SecureSession)
                    || (source != PermissionSource::Rest && error.status() == Some(404)) =>
            {
                self.mark_unavailable(source);
            }
            Err(_) => {}
        }
    }
}
