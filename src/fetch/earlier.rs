//! What of an earlier snapshot is still right: permissions in spaces of which the audit log proves that nothing changed them.
//!
//! Everything else changes without a record in some log, or comes in bulk with what has to be listed anyway. What fails is
//! a gap, as in any snapshot: nothing earlier takes its place. One space that could be kept is read all the same, and where
//! the log was wrong about it, nothing is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::audit::AuditRange;
use super::backend::Backend;
use super::locked::Locked as _;
use crate::model::{
    AuditRecord, Gap, GapScope, Missing, RefreshOutcome, RefreshReason, RefreshScope, Refreshed, SiteFact, Snapshot,
    Space, SpacePermission, Subject, Touched,
};

/// How far the clocks of the two sides may be apart, and how late records may be written.
const SKEW: SignedDuration = SignedDuration::from_hours(24);
/// How far before the earlier snapshot the log is read: a record from there proves that none after it has expired.
const REACH: SignedDuration = SignedDuration::from_hours(72);
/// Records of changed restrictions, which are read again anyway.
const RESTRICTIONS: &str = "END_USER_ACTIVITY";

/// Finds out from records of the audit log where permissions may have changed since the snapshot; with the spaces of now.
pub type Judge = fn(&Snapshot, &[Space], &[AuditRecord]) -> Touched;

/// The verdict about one space.
#[derive(Clone)]
struct Verdict {
    reason: RefreshReason,
    message: String,
}

impl Verdict {
    fn new(reason: RefreshReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// An earlier snapshot of the same site.
pub(super) struct Earlier {
    snapshot: Arc<Snapshot>,
    judge: Judge,
    /// The space about which the log was wrong: nothing is kept.
    wrong_about: Option<String>,
    /// The verdicts, by the key of the space.
    told: OnceLock<BTreeMap<String, Verdict>>,
    /// Spaces whose permissions were taken over, and could not be.
    outcome: Mutex<BTreeMap<String, bool>>,
}

/// Permissions that may be taken over, by the id of the space.
pub(super) type Kept = HashMap<String, Vec<SpacePermission>>;

impl Earlier {
    pub(super) fn new(snapshot: Arc<Snapshot>, judge: Judge, wrong_about: Option<String>) -> Self {
        Self { snapshot, judge, wrong_about, told: OnceLock::new(), outcome: Mutex::default() }
    }

    /// Permissions in `spaces` that nothing has changed since.
    pub(super) async fn kept(&self, backend: &Backend<'_>, spaces: &[Space]) -> Kept {
        let proof = self.touched(backend, spaces).await;
        let mut verdicts: BTreeMap<String, Verdict> =
            spaces.iter().map(|space| (space.key.clone(), self.verdict(space, &proof))).collect();
        let unchanged: Vec<String> = verdicts
            .iter()
            .filter(|(_, verdict)| verdict.reason == RefreshReason::Unchanged)
            .map(|(key, _)| key.clone())
            .collect();
        // Another one each time.
        let second = self.snapshot.taken_at.map_or(0, Timestamp::as_second).unsigned_abs();
        let place = usize::try_from(second % unchanged.len().max(1) as u64).unwrap_or_default();
        if let Some(verdict) = unchanged.get(place).and_then(|key| verdicts.get_mut(key)) {
            let text = "the audit log records no change; read as a sample, to compare the log with";
            *verdict = Verdict::new(RefreshReason::Sample, text);
        }
        let mut kept = Kept::new();
        let known: HashMap<&str, &str> = spaces
            .iter()
            .filter(|space| verdicts.get(&space.key).is_some_and(|v| v.reason == RefreshReason::Unchanged))
            .map(|space| (space.key.as_str(), space.id.as_str()))
            .collect();
        known.values().for_each(|id| drop(kept.insert((*id).to_owned(), Vec::new())));
        for row in &self.snapshot.space_permissions {
            if let Some(rows) = known.get(row.space_key.as_str()).and_then(|id| kept.get_mut(*id)) {
                // The account may have another name by now.
                let subject_name = row.subject_name.clone().filter(|_| row.subject.account_id().is_none());
                rows.push(SpacePermission { subject_name, ..row.clone() });
            }
        }
        let _ = self.told.set(verdicts);
        kept
    }

    /// Notes whether what was kept of a space could be taken over.
    pub(super) fn note(&self, space: &Space, taken_over: bool) {
        self.outcome.locked().insert(space.key.clone(), taken_over);
    }

    fn verdict(&self, space: &Space, proof: &Result<BTreeMap<String, String>, Verdict>) -> Verdict {
        let earlier = &self.snapshot;
        if !earlier.spaces.iter().any(|known| known.id == space.id && known.key == space.key) {
            return Verdict::new(RefreshReason::New, "the earlier snapshot does not have this space");
        }
        let about_it = |gap: &&Gap| match gap.missing() {
            Missing::SpacePermissions(key) => key == space.key,
            Missing::Site(fact) => matches!(
                fact,
                SiteFact::SpacePermissions
                    | SiteFact::SpacePermissionCatalogue
                    | SiteFact::SpaceRoles
                    | SiteFact::RoleMode
                    | SiteFact::GlobalPermissions
            ),
            Missing::Unknown => true,
            _ => false,
        };
        if let Some(gap) = earlier.gaps.iter().find(about_it) {
            return Verdict::new(RefreshReason::Gap, format!("the earlier snapshot has a gap: {}", gap.message));
        }
        match proof {
            Err(verdict) => verdict.clone(),
            Ok(touched) => match touched.get(&space.key) {
                Some(record) => Verdict::new(RefreshReason::Changed, format!("the audit log records {record}")),
                None => Verdict::new(RefreshReason::Unchanged, "the audit log records no change of its permissions"),
            },
        }
    }

    /// In which spaces permissions may have changed; or why it may be any.
    async fn touched(&self, backend: &Backend<'_>, spaces: &[Space]) -> Result<BTreeMap<String, String>, Verdict> {
        let earlier = &self.snapshot;
        let unproven = |text: String| Verdict::new(RefreshReason::Log, text);
        if let Some(key) = &self.wrong_about {
            return Err(unproven(format!(
                "the permissions of space `{key}` have changed, and the audit log does not record it"
            )));
        }
        let (Some(taken), Some(_)) = (earlier.taken_at, earlier.site.asked) else {
            let text = "the earlier snapshot is not as it was read: an old version wrote it, or a plan changed it";
            return Err(Verdict::new(RefreshReason::View, text));
        };
        if let Some(text) = backend.differs_from(&earlier.site).await {
            return Err(Verdict::new(RefreshReason::View, text));
        }
        let late = |at: Timestamp, by: SignedDuration| at.checked_sub(by).unwrap_or(at);
        let range = AuditRange {
            since: Some(late(taken, REACH).as_millisecond()),
            // The clock of the server may be ahead.
            until: Some(late(Timestamp::now(), -SKEW).as_millisecond()),
            search: None,
        };
        if let Some(text) = backend.log_is_long(&range, spaces.len()).await {
            return Err(unproven(text));
        }
        let log = backend.audit(&range).await.map_err(|error| unproven(error.to_string()))?;
        if let Some(gap) = log.gaps.iter().find(|gap| gap.scope != GapScope::Audit || gap.subject != RESTRICTIONS) {
            return Err(unproven(format!("the audit log is not complete: {}", gap.message)));
        }
        if !log.rows.iter().any(|record| record.at.is_some_and(|at| at < taken)) {
            let text = "the audit log has no record from before the earlier snapshot: later ones may have expired too";
            return Err(unproven(text.to_owned()));
        }
        let from = late(taken, SKEW);
        let since: Vec<AuditRecord> =
            log.rows.into_iter().filter(|record| record.at.is_none_or(|at| at >= from)).collect();
        (self.judge)(earlier, spaces, &since).map_err(unproven)
    }

    /// The space in which the log missed a change: that of the sample, where its permissions are other ones.
    pub(super) fn contradicted_by(&self, now: &Snapshot) -> Option<String> {
        let (key, _) = self.told.get()?.iter().find(|(_, verdict)| verdict.reason == RefreshReason::Sample)?;
        // What could not be read says nothing about the log, and stays a gap.
        if now.gaps.iter().any(|gap| gap.missing() == Missing::SpacePermissions(key)) {
            return None;
        }
        (permissions(&self.snapshot, key) != permissions(now, key)).then(|| key.clone())
    }

    /// What was read again, and why.
    pub(super) fn rows(self, now: &Snapshot) -> Vec<Refreshed> {
        let row = |scope: RefreshScope, subject: Option<&str>, outcome: RefreshOutcome, verdict: Verdict| Refreshed {
            scope,
            subject: subject.map(str::to_owned),
            outcome,
            reason: verdict.reason,
            message: verdict.message,
        };
        let always = |scope: RefreshScope, text: &str| {
            row(scope, None, RefreshOutcome::Read, Verdict::new(RefreshReason::NotRecorded, text))
        };
        let mut rows = vec![
            always(RefreshScope::Site, "no log records every change of the settings of the site"),
            always(RefreshScope::Spaces, "read again with a few requests: it shows which spaces are new or gone"),
            always(
                RefreshScope::Contents,
                "a changed restriction does not change the date of a content item, and not every log records it; \
                 restrictions come with the listing of the contents",
            ),
            always(RefreshScope::Groups, "no log of Confluence records what directories change in groups"),
            always(RefreshScope::Users, "no log of Confluence records what directories change in accounts"),
        ];
        for space in &self.snapshot.spaces {
            if !now.spaces.iter().any(|other| other.id == space.id) {
                let verdict = Verdict::new(RefreshReason::Gone, "the site does not list this space any more");
                rows.push(row(RefreshScope::Spaces, Some(&space.key), RefreshOutcome::Gone, verdict));
            }
        }
        let outcomes = self.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (key, verdict) in self.told.into_inner().unwrap_or_default() {
            let (outcome, verdict) = match (verdict.reason, outcomes.get(&key)) {
                (RefreshReason::Unchanged, Some(true)) => (RefreshOutcome::Kept, verdict),
                (RefreshReason::Unchanged, _) => {
                    let text = "the roles assigned in this space, or what they bring, are not what they were";
                    (RefreshOutcome::Read, Verdict::new(RefreshReason::Roles, text))
                }
                _ => (RefreshOutcome::Read, verdict),
            };
            rows.push(row(RefreshScope::SpacePermissions, Some(&key), outcome, verdict));
        }
        rows
    }
}

/// What is granted in a space, in one order.
fn permissions<'a>(
    snapshot: &'a Snapshot,
    key: &str,
) -> BTreeSet<(&'a Subject, String, Option<&'a str>, Option<&'a str>)> {
    let rows = snapshot.space_permissions.iter().filter(|row| row.space_key == key);
    rows.map(|row| (&row.subject, row.permission.to_string(), row.raw.as_deref(), row.via_role.as_deref())).collect()
}
