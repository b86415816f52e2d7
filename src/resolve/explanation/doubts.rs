//! What is not known about a gate, in words.

use super::builder::ExplanationBuilder;
use super::records::{Gate, Outcome, of_way};
use super::text::some_of;
use crate::model::Decision;
use crate::resolve::codes::{Reason, Reasons, sentence};
use crate::resolve::site::{Class, NONE, Principal};
use crate::resolve::who::Who;

impl ExplanationBuilder<'_> {
    /// Says of an entry that it is not known whether the subject is, or belongs to, it.
    pub(super) fn doubt(&self, gate: &mut Gate, principal: Principal) {
        let site = self.site;
        let (who, label) = (self.who(), site.label(principal, NONE));
        let asked_for_group = matches!(self.actor.who, Who::Group(_) | Who::UnknownGroup);
        let text = match principal {
            Principal::Group(at) => match (self.actor.who, site.groups.get(at as usize)) {
                (Who::Person(_) | Who::UnknownUser, Some(group)) if !group.incomplete => {
                    format!("not known whether {who}, in a group inside {label}, counts as a member of it")
                }
                (Who::Person(_) | Who::UnknownUser, _) => {
                    format!("not known whether {who} is in {label}, whose members are not all known")
                }
                _ => format!("not known whether {who} stands inside {label}"),
            },
            Principal::Class(_) if asked_for_group => {
                format!("not known whether {who}, asked about as itself, has what everybody in `class:{label}` has")
            }
            Principal::Class(Class::ProductAdmins) => {
                let why = if site.admins_listed { "" } else { ": not all product admins are known" };
                format!("not known whether {who} is a product admin (`class:{label}`){why}")
            }
            Principal::Class(Class::AllLicensed) if self.actor.traits.guest == Decision::Allowed => {
                format!("not known whether guests such as {who} are among all licensed users (`class:{label}`)")
            }
            Principal::Class(Class::AllLicensed) => {
                format!("not known whether {who} is a licensed user (`class:{label}`)")
            }
            Principal::Class(Class::JsmProjectAdmins) => {
                format!("not known whether {who} administers a service project (`class:{label}`)")
            }
            Principal::Class(Class::Authenticated) => {
                format!("not known whether {who} is meant by everybody who is logged in (`class:{label}`)")
            }
            Principal::Class(Class::Other(_)) => {
                format!("not known whether {who} is in `class:{label}`, a class this version does not know")
            }
            Principal::Anonymous => format!("not known whether what anonymous may do serves {who} too"),
            Principal::Unlicensed => {
                format!("not known whether what people without a licence may do serves {who} too")
            }
            Principal::Opaque(_) => {
                format!(
                    "not known whether {who} is or belongs to `{label}`, an entry of a kind this version does not know"
                )
            }
            // Decided by the id.
            Principal::User(_) => return,
        };
        if !gate.doubts.contains(&text) {
            gate.doubts.push(text);
        }
    }

    /// What is not known about a list, beside its doubtful entries.
    pub(super) fn doubt_list(&self, gate: &mut Gate, list: &str, at: Option<u32>) {
        if gate.outcome != Outcome::Unknown {
            return;
        }
        let starred = at.map_or_else(String::new, |at| self.site.starred(at));
        for code in gate.codes.iter().filter(|code| **code != Reason::Principal.code()) {
            gate.doubts.push(if *code == Reason::Unreadable.code() {
                format!("not known whether the {list} of {starred} stops {}: it could not be read", self.who())
            } else if *code == Reason::EmptyNotTrusted.code() {
                format!(
                    "not known whether {starred} is restricted: Confluence reports no restriction for this type of content even where there is one"
                )
            } else if *code == Reason::VanishedGroup.code() {
                format!("not known whether the {list} of {starred}, which holds only groups that no longer exist, still restricts")
            } else if *code == Reason::EditEntry.code() {
                format!("not known whether an entry of the edit list of {starred} passes its view list")
            } else if *code == Reason::AncestorMissing.code() {
                "not known what stands above it, and whom that lets pass".to_owned()
            } else {
                match sentence(code) {
                    Some(sentence) => sentence.trim_end_matches('.').to_owned(),
                    None => continue,
                }
            });
        }
        say_doubts(gate);
    }
}

/// Makes the doubts of a gate its text, and puts its doubtful entries first.
pub(super) fn say_doubts(gate: &mut Gate) {
    if gate.outcome != Outcome::Unknown || gate.doubts.is_empty() {
        return;
    }
    gate.principals.sort_by_key(|listed| listed.outcome != Outcome::Unknown);
    let doubtful = gate.principals.iter().filter(|listed| listed.outcome == Outcome::Unknown).count();
    gate.text = some_of(&gate.doubts);
    if doubtful > 0 && doubtful < gate.principals.len() {
        gate.text.push_str("; no other entry applies");
    }
}

/// Why the answer is unknown: what the gates say that leave it so.
pub(super) fn doubts_of(gates: &[Gate], reasons: Reasons) -> Vec<String> {
    let mut doubts: Vec<String> = Vec::new();
    let decisive = |gate: &&Gate| {
        gate.outcome == Outcome::Unknown && gate.way.is_none_or(|way| of_way(gates, Some(way)) == Decision::Unknown)
    };
    for gate in gates.iter().filter(decisive) {
        if gate.doubts.is_empty() {
            doubts.push(gate.text.trim_end_matches('.').to_owned());
        }
        doubts.extend(gate.doubts.iter().cloned());
    }
    for reason in [Reason::UnknownBypass, Reason::UnknownSuperGroup, Reason::UnknownPublicLink] {
        let sentence = sentence(reason.code()).filter(|_| reasons.has(reason));
        doubts.extend(sentence.map(|sentence| sentence.trim_end_matches('.').to_owned()));
    }
    let mut seen = std::collections::HashSet::new();
    doubts.retain(|doubt| !doubt.is_empty() && seen.insert(doubt.clone()));
    doubts
}
