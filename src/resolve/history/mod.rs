//! Records of an audit log to changes of who may do what.
//!
//! A log gives names and few ids, in words of any language. So a record is read by the kinds of its objects and the shape
//! of its values as well as by its words; where they agree, the reading is
//! [`Confidence::Certain`](crate::model::Confidence::Certain). A record that is not understood is kept, as
//! [`ChangeScope::unrecognised`](crate::model::ChangeScope::unrecognised); only one that is known to be about something
//! else is left out.
//!
//! [`things`] are its objects, [`words`] what it says, [`values`] what changed; [`reading`] decides from these what it is
//! about, [`names`] joins that to the ids of a site, and [`rows`] makes the changes. [`joined`] joins changes that were read without a
//! snapshot later on.
// Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/

mod joined;
mod names;
mod reading;
mod rows;
mod things;
mod touched;
mod values;
mod wording;
mod words;

pub(super) use self::joined::{Joiner, is_identified};
use self::names::Names;
use self::reading::read;
pub use self::touched::touched;
pub use self::wording::{UnknownMeaning, Wording, meanings};
use super::answers::UnknownContent;
use crate::model::{AuditRecord, Gap, GapCause, GapScope, Listing, PermissionChange, Snapshot};

/// Which changes to return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Key of a space: changes in it.
    pub space: Option<String>,
    /// Id of a content: changes on it and on its ancestors.
    pub content: Option<String>,
}

/// The changes of who may do what among `records`, in their order, with names joined to the ids in `known`. If `asked`
/// names a space and `known` has no spaces, changes in spaces without a key become a gap.
///
/// # Errors
/// [`UnknownContent`] where `known` does not have the content of `asked`.
pub fn permission_changes(
    records: &[AuditRecord],
    known: &Snapshot,
    asked: &Asked,
) -> Result<Listing<PermissionChange>, UnknownContent> {
    permission_changes_worded(records, known, asked, &Wording::default())
}

/// The same for a log in the words of `wording`.
///
/// # Errors
/// As [`permission_changes`].
pub fn permission_changes_worded(
    records: &[AuditRecord],
    known: &Snapshot,
    asked: &Asked,
    wording: &Wording,
) -> Result<Listing<PermissionChange>, UnknownContent> {
    let mut names = Names::new(known);
    names.learn(records);
    let chain = match &asked.content {
        Some(id) => Some(names.chain(id).ok_or_else(|| UnknownContent(id.clone()))?),
        None => None,
    };
    let mut found = Listing::default();
    let mut unplaced = 0_usize;
    for record in records {
        let Some(reworded) = wording.read(record) else { continue };
        let Some(reading) = read(&reworded) else { continue };
        let place = names.place(&reading);
        if asked.space.as_ref().is_some_and(|key| !names.in_space(record, &reading, &place, key)) {
            let somewhere = reading.space.is_some() || reading.content.is_some();
            unplaced += usize::from(known.spaces.is_empty() && somewhere && place.spaces.is_empty());
            continue;
        }
        if let Some(chain) = &chain
            && !chain.touched(record, &reading, &place)
        {
            continue;
        }
        for mut row in rows::rows(&names, record, &reading, &place, chain.as_ref()) {
            row.old = wording.written(record, row.old.take());
            row.new = wording.written(record, row.new.take());
            found.rows.push(row);
        }
    }
    if let Some(key) = asked.space.as_ref().filter(|_| unplaced > 0) {
        found.gaps.push(Gap::new(
            (GapScope::Audit, key),
            GapCause::NotListed,
            format!("{unplaced} changes are in spaces whose keys are not known here: give `snapshot`"),
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
