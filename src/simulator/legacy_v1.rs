//! v1 listings the documents no longer have.

use super::exchange::{Answer, Call};

pub(super) fn answer(_call: &Call<'_>, _path: &[&str]) -> Option<Answer> {
    None
}
