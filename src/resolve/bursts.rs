//! Changes that were one act: a server writes down each permission for itself, dozens for one new space.

use std::collections::HashMap;

use crate::model::{ChangeScope, Confidence, PermissionChange};

/// How far apart, in microseconds, the changes of one act are at most.
const WINDOW: i64 = 10_000_000;

/// `rows` with those made one that the same author made in the same place, for the same subject and in the same direction
/// within ten seconds. Their permissions stand in `permission` one after another (`view, create_page`), the server's words
/// likewise in `old` and `new`, and `raw` is a JSON list of the records. The moment is that of the row that comes first.
/// Memberships, public links and what is not understood stay as they are.
pub fn merge_bursts(rows: Vec<PermissionChange>) -> Vec<PermissionChange> {
    let mut bursts: Vec<Burst> = Vec::new();
    let mut open: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let Some(act) = act(&row) else {
            bursts.push(Burst::new(row));
            continue;
        };
        let here = open.get(&act).copied();
        match here.and_then(|at| bursts.get_mut(at)).filter(|burst| burst.is_near(&row)) {
            Some(burst) => burst.take(row),
            None => {
                open.insert(act, bursts.len());
                bursts.push(Burst::new(row));
            }
        }
    }
    bursts.into_iter().map(Burst::row).collect()
}

/// What the rows of one act have in common. `None`: the row is an act of its own.
fn act(row: &PermissionChange) -> Option<String> {
    let scoped = [ChangeScope::Site, ChangeScope::Space, ChangeScope::Content].contains(&row.scope);
    if !scoped || row.permission.is_none() || row.at.is_none() || row.confidence == Confidence::Unrecognised {
        return None;
    }
    let place = (&row.scope, &row.space_key, &row.space_name, &row.content_id, &row.content_title, &row.candidates);
    let who = (&row.author, &row.admin_key, &row.remote_address);
    let what = (row.change, &row.subject, &row.subject_name, &row.action, &row.attributed_to);
    Some(format!("{place:?}{who:?}{what:?}"))
}

struct Burst {
    row: PermissionChange,
    permissions: Vec<String>,
    old: Vec<String>,
    new: Vec<String>,
    /// The records beyond the first.
    raw: Vec<String>,
}

impl Burst {
    fn new(row: PermissionChange) -> Self {
        let of = |text: &Option<String>| text.iter().cloned().collect();
        Self { permissions: of(&row.permission), old: of(&row.old), new: of(&row.new), raw: Vec::new(), row }
    }

    fn is_near(&self, row: &PermissionChange) -> bool {
        let apart = self.row.at.zip(row.at).map(|(a, b)| a.as_microsecond().abs_diff(b.as_microsecond()));
        apart.is_some_and(|apart| apart <= WINDOW.unsigned_abs())
    }

    fn take(&mut self, row: PermissionChange) {
        let add = |list: &mut Vec<String>, text: Option<String>| {
            list.extend(text.filter(|text| !list.contains(text)));
        };
        add(&mut self.permissions, row.permission);
        add(&mut self.old, row.old);
        add(&mut self.new, row.new);
        // Two permissions may stand in one record.
        if row.raw != self.row.raw && !self.raw.contains(&row.raw) {
            self.raw.push(row.raw);
        }
        self.row.confidence = self.row.confidence.max(row.confidence);
    }

    fn row(self) -> PermissionChange {
        let joined = |list: &[String]| (!list.is_empty()).then(|| list.join(", "));
        let mut row = self.row;
        row.permission = joined(&self.permissions);
        row.old = joined(&self.old);
        row.new = joined(&self.new);
        if !self.raw.is_empty() {
            row.raw = format!("[{},{}]", row.raw, self.raw.join(","));
        }
        row
    }
}
