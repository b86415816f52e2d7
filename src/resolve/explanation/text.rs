//! An explanation as text.

use std::fmt;

use super::records::{Explanation, Gate, GateName, Outcome};
use crate::model::{Subject, SubjectKind, visible};
use crate::resolve::codes::sentence;

/// The sentences of the codes.
pub(super) fn reason_text(codes: &[&'static str]) -> String {
    codes.iter().filter_map(|code| sentence(code)).collect::<Vec<_>>().join(" ")
}

/// The first doubts, and how many more there are.
pub(super) fn some_of(doubts: &[String]) -> String {
    const MOST: usize = 2;
    let first = doubts.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join("; ");
    match doubts.len().saturating_sub(MOST) {
        0 => first,
        1 => format!("{first}; 1 more doubt"),
        more => format!("{first}; {more} more doubts"),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(note) = &self.subject.note {
            line(f, format_args!("{note}"))?;
        }
        self.write_decision(f)?;
        if self.content.is_none() {
            return line(f, format_args!("  The content was not listed, which does not mean that nobody can see it."));
        }
        if !self.doubts.is_empty() {
            line(f, format_args!("  {}", some_of(&self.doubts)))?;
        }
        if matches!(self.subject.subject.kind, SubjectKind::User) {
            line(f, format_args!("  the account is: {}", self.subject.state))?;
        }
        if self.gates.is_empty() {
            line(f, format_args!("  {}", reason_text(&self.codes)))?;
        }
        self.write_gates(f)?;
        self.write_remedies(f)?;
        self.write_basis(f)
    }
}

impl Explanation {
    /// The decision, with who asked for what.
    fn write_decision(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match &self.subject.name {
            Some(name) => format!("{name} ({})", self.subject.subject),
            None => self.subject.subject.to_string(),
        };
        let verdict = self.verdict.as_str().replace('_', " ");
        let asked = format!("{verdict}: may {who} {}", self.operation.as_str().replace('_', " "));
        match &self.content {
            Some(place) => {
                let title = place.title.as_deref().unwrap_or(&place.id);
                line(f, format_args!("{asked} *{title}* ({} {}, space {})?", place.kind, place.id, place.space_key))
            }
            None => line(f, format_args!("{asked} content {}?", self.content_id)),
        }
    }

    /// The gates that decide, under the way in they belong to, and a count of the empty lists.
    fn write_gates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut way = None;
        for gate in self.gates.iter().filter(|gate| gate.outcome != Outcome::NotApplicable || !gate.codes.is_empty()) {
            if let Some(named) = gate.way.filter(|_| gate.way != way) {
                let either = if way.is_some() { "or " } else { "" };
                line(f, format_args!("  {either}{}:", named.as_str()))?;
                way = gate.way;
            }
            gate.write(f)?;
        }
        let open = self.gates.iter().filter(|gate| gate.outcome == Outcome::NotApplicable).count();
        if open > 0 {
            let lists = if open == 1 { "list is" } else { "lists are" };
            line(f, format_args!("  {open} further {lists} empty: no restriction"))?;
        }
        Ok(())
    }

    /// What does not matter, the ways in beside standing access, and what would open the content.
    fn write_remedies(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.irrelevant {
            line(f, format_args!("  irrelevant: {}", row.text))?;
        }
        for way in &self.ways_in {
            line(f, format_args!("  beside standing access: {} [{}]", way.text, way.code))?;
        }
        for (at, fix) in self.fixes.iter().enumerate() {
            let label = if at == 0 { "to open it:" } else { "       and:" };
            line(f, format_args!("  {label} {} (by {})", fix.change, fix.by))?;
        }
        Ok(())
    }

    /// What the decision depends on: policy switches, gaps, the codes, the age of the facts.
    fn write_basis(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.switches {
            let value = serde_json::to_string(&row.value).unwrap_or_default();
            let default = if row.default { "the default" } else { "set" };
            line(f, format_args!("  rests on the policy switch {} = {value} ({default}): {}", row.name, row.question))?;
        }
        for gap in &self.gaps {
            line(f, format_args!("  not known: {}", gap.message))?;
        }
        if !self.codes.is_empty() {
            line(f, format_args!("  codes: {}", self.codes.join(", ")))?;
        }
        if let Some(at) = self.taken_at {
            line(f, format_args!("  facts of {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")))?;
        }
        Ok(())
    }
}

impl Gate {
    /// The gate; where it does not pass, also who is on its list and who could pass.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str().replace('_', " ");
        let name = match &self.place {
            // The place of these is the space itself.
            Some(place) if matches!(self.name, GateName::Space | GateName::SpaceOperation) => place.clone(),
            Some(place) => format!("{name} {place}"),
            None => name,
        };
        line(f, format_args!("  {:<8} {name}: {}", self.outcome.as_str().replace('_', " "), self.text))?;
        if self.outcome == Outcome::Pass || self.principals.is_empty() {
            return Ok(());
        }
        let shown = self.principals.iter().take(SHOWN);
        let names: Vec<_> = shown.map(|listed| named(&listed.subject, listed.name.as_deref())).collect();
        let more = self.principals.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line(f, format_args!("           listed: {}{more}", names.join(", ")))?;
        if let Some(count) = self.could_pass {
            let people = if count == 0 { String::new() } else { format!(": {}", self.could_pass_names.join(", ")) };
            let dots = if count > 10 { " …" } else { "" };
            line(f, format_args!("           could pass: {count}{people}{dots}"))?;
        }
        Ok(())
    }
}

/// How many entries of a list are shown.
const SHOWN: usize = 4;

/// Writes one line, without the control characters that titles and names may hold.
fn line(f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(f, "{}", visible(&text.to_string()))
}

fn named(subject: &Subject, name: Option<&str>) -> String {
    match name {
        Some(name) if subject.kind == SubjectKind::Group => format!("group {name}"),
        Some(name) if name != subject.id => format!("{name} ({subject})"),
        _ => subject.to_string(),
    }
}
