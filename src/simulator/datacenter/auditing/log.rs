//! The log of a Data Center: what is set up to be written down, and what was.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::event::{Author, Event, Language, Level};
use super::kept::Kept;
use super::story;
use crate::simulator::Options;
use crate::simulator::datacenter::caller::{Caller, Happening, account_of};
use crate::simulator::state::Site;

/// The areas, with what people read.
pub(super) const AREAS: [(&str, &str); 7] = [
    ("GLOBAL_CONFIG_AND_ADMINISTRATION", "Global configuration and administration"),
    ("USER_MANAGEMENT", "User management"),
    ("PERMISSIONS", "Permissions"),
    ("LOCAL_CONFIG_AND_ADMINISTRATION", "Local configuration and administration"),
    ("SECURITY", "Security"),
    ("END_USER_ACTIVITY", "End user activity"),
    ("AUDIT_LOG", "Audit log"),
];

/// What happened.
pub(in crate::simulator) struct Log {
    pub(super) language: Language,
    kept: Mutex<Kept>,
}

impl Log {
    pub(in crate::simulator::datacenter) fn new(options: &Options, site: &Site) -> Result<Self, String> {
        let language = Language::read(&options.language)?;
        let mut coverage: BTreeMap<&'static str, Level> = AREAS.iter().map(|(area, _)| (*area, Level::Base)).collect();
        for (area, level) in &options.coverage {
            let known = AREAS.iter().find(|(known, _)| known.eq_ignore_ascii_case(area));
            let (known, _) = known.ok_or_else(|| format!("`{area}` is no area of the audit log"))?;
            let level = Level::read(level)
                .ok_or_else(|| format!("`{level}` is no coverage: use `OFF`, `BASE`, `ADVANCED` or `FULL`"))?;
            coverage.insert(known, level);
        }
        let retention = json!({"retentionPeriod": {"years": 3, "months": 0, "days": 0}});
        let mut kept = Kept { records: Vec::new(), last_id: 0, coverage, denied: Vec::new(), retention };
        if options.site.is_none() {
            story::tell(&mut kept, site, options.audit_records, options.seed);
        }
        Ok(Self { language, kept: Mutex::new(kept) })
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what somebody has just done; `site` is the site before it.
    pub(in crate::simulator::datacenter) fn record(&self, site: &Site, caller: &Caller, happening: Happening) {
        let author = match caller {
            Caller::Anonymous => Author::Anonymous,
            other => (&account_of(site, other)).into(),
        };
        let event = match happening {
            Happening::SpacePermission { space, who, permission, added } => {
                let space = site.facts.spaces.iter().find(|known| known.id == space);
                space.map(|space| Event::space_permission(site, space, &who, &permission, added))
            }
            Happening::GlobalPermission { who, permission, added } => {
                Some(Event::global_permission(site, &who, &permission, added))
            }
            Happening::Restriction { node, who, update, added } => {
                let node = site.find(&node).and_then(|at| site.node_at(at));
                node.map(|node| Event::restriction(site, node, &who, update, added))
            }
            Happening::Membership { group, who, added } => {
                site.group(&group).map(|group| Event::membership(site, group, &who, added))
            }
            Happening::Group { group, added } => {
                let name = site.group(&group).map_or(group.as_str(), |group| group.name.as_str());
                Some(Event::group(name, added))
            }
        };
        if let Some(event) = event {
            self.kept().write_now(author, event);
        }
    }

    /// The log file: a line per event, oldest first.
    pub(in crate::simulator) fn lines(&self, base: &str) -> Vec<String> {
        self.kept().records.iter().map(|record| record.line(base, self.language).to_string()).collect()
    }
}
