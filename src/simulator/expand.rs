//! `expand`: what is to stand in an answer besides what always does.

use std::collections::BTreeSet;

use super::exchange::{Call, Refusal};

/// What is to be expanded.
#[derive(PartialEq, Eq)]
pub(super) struct Expand(BTreeSet<String>);

impl Expand {
    /// Reads `expand`; the simulator does not know a path that starts with none of `allowed`.
    pub(super) fn read(call: &Call<'_>, allowed: &[&str]) -> Result<Self, Refusal> {
        let mut paths = BTreeSet::new();
        // Where nothing is to be expanded, atlassian-python-api says `None`; Confluence overlooks what it does not know.
        for path in call.many("expand", 500)?.into_iter().filter(|path| *path != "None") {
            if !allowed.iter().any(|known| path == *known || under(path, known) || under(known, path)) {
                return Err(Refusal::Unknown(format!("unknown expand `{path}`")));
            }
            paths.insert(path.to_owned());
        }
        Ok(Self(paths))
    }

    pub(super) fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether `path` or something below it is asked for.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.iter().any(|asked| asked == path || under(asked, path))
    }

    /// What is asked for below `path`.
    pub(super) fn below(&self, path: &str) -> Self {
        Self(
            self.0
                .iter()
                .filter(|asked| under(asked, path))
                .filter_map(|p| p.get(path.len() + 1..))
                .map(str::to_owned)
                .collect(),
        )
    }
}

/// Whether `path` is below `top`.
fn under(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.starts_with('.'))
}
