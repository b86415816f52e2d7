//! What a report should point out. No finding decides access.

mod codes;
mod contents;
mod groups;
mod inventory;
mod outsiders;
mod scanner;
mod spaces;

use super::engine::Engine;
use super::threads::shares;
use contents::wider_children;
use scanner::FindingScanner;

pub use codes::{
    FINDINGS, Finding, FindingCode, FindingOptions, HUGE_GROUP, Severity, TOO_MANY_RESTRICTIONS, UnknownFinding,
};

/// The findings asked for: those about the site, the spaces, outsiders and groups, then the contents in their order.
pub(super) fn findings(engine: &Engine, options: &FindingOptions) -> Vec<Finding> {
    let site = &engine.site;
    let mut whole = FindingScanner::new(engine, options);
    let sees_all = whole.inventory();
    whole.spaces();
    whole.outsiders();
    whole.groups(sees_all && whole.has_all_rules());
    let wider = wider_children(engine);
    let shares = shares(site.nodes.len(), |range| {
        let mut share = FindingScanner::new(engine, options);
        for at in range.filter_map(|at| u32::try_from(at).ok()) {
            let asked = options.spaces.is_empty() || options.covers(site.space_of(at).map(|space| &*space.key));
            if asked && !site.is_trashed(at) && !site.is_attached(at) {
                share.content(at, wider.get(&at).copied());
            }
        }
        share.found
    });
    let mut found = whole.found;
    shares.into_iter().for_each(|share| found.extend(share));
    if !options.severities.is_empty() {
        found.retain(|row| options.severities.contains(&row.severity));
    }
    found
}
