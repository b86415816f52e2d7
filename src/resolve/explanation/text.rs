//! An explanation as text.

use std::fmt;

use super::records::{Explanation, Fix, Gate, GateName, ListedPrincipal, Outcome};
use crate::model::{SubjectKind, Verdict, visible};
use crate::resolve::codes::{Reason, sentence};

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
        let mut page = Page { f, titles: self.titles() };
        if let Some(note) = &self.subject.note {
            page.line(note)?;
        }
        page.line(&self.headline())?;
        if self.content.is_none() {
            return page.line("  The content was not listed, which does not mean that nobody can see it.");
        }
        if !self.doubts.is_empty() {
            page.line(&format!("  {}", some_of(&self.doubts)))?;
        }
        if matches!(self.subject.subject.kind, SubjectKind::User) && self.subject.note.is_none() {
            page.line(&format!("  {} is {}", self.subject.subject, self.subject.state))?;
        }
        if self.gates.is_empty() {
            page.line(&format!("  {}", reason_text(&self.codes)))?;
        }
        self.write_gates(&mut page)?;
        self.write_remedies(&mut page)?;
        self.write_basis(&mut page)
    }
}

/// A text whose lines show no control character, with the titles it may mention.
struct Page<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    titles: Vec<&'a str>,
}

impl Page<'_, '_> {
    /// Writes one line. Sentences mark titles with stars; here they are between quotation marks.
    fn line(&mut self, text: &str) -> fmt::Result {
        let text = self.titles.iter().fold(text.to_owned(), |text, title| {
            text.replace(&format!("*{title}*"), &format!("\u{201c}{title}\u{201d}"))
        });
        writeln!(self.f, "{}", visible(&text))
    }

    /// Writes an empty line.
    fn space(&mut self) -> fmt::Result {
        writeln!(self.f)
    }
}

impl Explanation {
    /// The titles that sentences may mention, longest first, because one may be part of another.
    fn titles(&self) -> Vec<&str> {
        let gates = self.gates.iter().filter_map(|gate| gate.content_title.as_deref());
        let others = self.irrelevant.iter().filter_map(|row| row.content_title.as_deref());
        let place = self.content.iter().filter_map(|place| place.title.as_deref());
        let mut titles: Vec<_> = gates.chain(others).chain(place).collect();
        titles.sort_unstable_by_key(|title| (std::cmp::Reverse(title.len()), *title));
        titles.dedup();
        titles
    }

    /// The subject as people call it.
    fn who(&self) -> String {
        self.subject.name.clone().unwrap_or_else(|| self.subject.subject.to_string())
    }

    /// The decision, with who asked for what.
    fn headline(&self) -> String {
        let (who, operation) = (self.who(), self.operation.as_str().replace('_', " "));
        let claim = match self.verdict {
            Verdict::Allowed => format!("\u{2713} {who} can {operation}"),
            Verdict::Denied => format!("\u{2717} {who} cannot {operation}"),
            Verdict::Unknown => format!("? Unknown whether {who} can {operation}"),
            Verdict::NotInInventory | Verdict::NotCurrent => {
                format!("? Unknown ({}) whether {who} can {operation}", self.verdict.as_str().replace('_', " "))
            }
        };
        match &self.content {
            Some(place) => {
                let title = place.title.as_deref().unwrap_or(&place.id);
                format!("{claim} \u{201c}{title}\u{201d} ({} {}, space {})", place.kind, place.id, place.space_key)
            }
            None => format!("{claim} content {}", self.content_id),
        }
    }

    /// The gates that decide, under the way in they belong to, and a count of the empty lists.
    fn write_gates(&self, page: &mut Page<'_, '_>) -> fmt::Result {
        const WIDEST: usize = 36;
        let shown =
            || self.gates.iter().filter(|gate| gate.outcome != Outcome::NotApplicable || !gate.codes.is_empty());
        let widest = shown().map(|gate| gate.label().chars().count()).max().unwrap_or_default().min(WIDEST);
        if !self.gates.is_empty() {
            page.space()?;
        }
        let mut way = None;
        for gate in shown() {
            if let Some(named) = gate.way.filter(|_| gate.way != way) {
                let either = if way.is_some() { "or " } else { "" };
                page.line(&format!("  {either}{}:", named.as_str()))?;
                way = gate.way;
            }
            let (sentence, more) = gate.sentence(&self.who());
            page.line(&format!("  {} {:widest$}  {sentence}", gate.mark(), gate.label()))?;
            if let Some(more) = more {
                page.line(&format!("    {:widest$}  {more}", ""))?;
            }
        }
        let open = self.gates.len() - shown().count();
        if open > 0 {
            let lists = if open == 1 { "list on the path is" } else { "lists on the path are" };
            page.line(&format!("    {open} further {lists} empty: no restriction"))?;
        }
        Ok(())
    }

    /// What does not matter, the ways in beside standing access, and what would open the content.
    fn write_remedies(&self, page: &mut Page<'_, '_>) -> fmt::Result {
        for row in &self.irrelevant {
            page.line(&format!("    does not matter: {}", row.text))?;
        }
        for way in &self.ways_in {
            page.line(&format!("    beside standing access: {} [{}]", way.text, way.code))?;
        }
        let (Some(first), who) = (self.fixes.first(), self.who()) else { return Ok(()) };
        page.space()?;
        let by = |fix: &Fix| if fix.by == first.by { String::new() } else { format!(" (by {})", fix.by) };
        if self.fixes.len() == 1 {
            return page.line(&format!("  To give {who} access: {} (by {})", first.change, first.by));
        }
        page.line(&format!("  To give {who} access, do all of this (by {}):", first.by))?;
        for (at, fix) in self.fixes.iter().enumerate() {
            page.line(&format!("    {}. {}{}", at + 1, fix.change, by(fix)))?;
        }
        Ok(())
    }

    /// What the decision depends on: policy switches, gaps; then the verdict and the codes as words, and the age of the facts.
    fn write_basis(&self, page: &mut Page<'_, '_>) -> fmt::Result {
        if !(self.switches.is_empty() && self.gaps.is_empty()) {
            page.space()?;
        }
        for row in &self.switches {
            let value = serde_json::to_string(&row.value).unwrap_or_default();
            let default = if row.default { "the default" } else { "set" };
            page.line(&format!("  rests on the policy switch {} = {value} ({default}): {}", row.name, row.question))?;
        }
        for gap in &self.gaps {
            page.line(&format!("  not known: {}", gap.message))?;
        }
        let codes = (!self.codes.is_empty()).then(|| self.codes.join(", "));
        let taken = self.taken_at.map(|at| format!("data of {}", at.strftime("%Y-%m-%d %H:%M UTC")));
        let verdict = self.verdict.as_str().replace('_', " ");
        let basis: Vec<_> = [Some(verdict), codes, taken].into_iter().flatten().collect();
        page.space()?;
        page.line(&format!("  {}", basis.join(" \u{b7} ")))
    }
}

impl Gate {
    fn mark(&self) -> &'static str {
        match self.outcome {
            Outcome::Pass => "\u{2713}",
            Outcome::Fail => "\u{2717}",
            Outcome::Unknown => "?",
            Outcome::NotApplicable => "\u{b7}",
        }
    }

    /// What the gate stands at: a content item by its title, the space, or the site.
    fn label(&self) -> String {
        match (&self.content_title, &self.content_id, &self.place, self.name) {
            (Some(title), ..) => title.clone(),
            (None, Some(id), ..) => format!("content {id}"),
            (.., GateName::Site | GateName::SiteMode) => "Site".to_owned(),
            (.., Some(place), GateName::Space | GateName::SpaceOperation) => place.replacen("space", "Space", 1),
            (.., Some(place), _) => place.clone(),
            (.., None, name) => name.as_str().replace('_', " "),
        }
    }

    /// What the gate asks and how it is answered; where it does not pass, also who is on its list and who could pass.
    fn sentence(&self, who: &str) -> (String, Option<String>) {
        let list = match self.name {
            GateName::ViewList => "viewing",
            GateName::EditList => "editing",
            _ => {
                let stopped = self.outcome != Outcome::Pass && !self.principals.is_empty();
                return (self.text.clone(), stopped.then(|| format!("granted to {}", self.entries())));
            }
        };
        if self.principals.is_empty() {
            return (self.text.clone(), None);
        }
        let restricted = format!("{list} restricted to {}", self.entries());
        let plain = self.codes.iter().all(|code| LISTS.iter().any(|reason| reason.code() == *code));
        if self.outcome == Outcome::Unknown || !plain {
            return (restricted, Some(self.text.clone()));
        }
        if self.outcome != Outcome::Fail {
            return (format!("{restricted}; {}", self.text), None);
        }
        let groups = self.principals.iter().any(|listed| listed.subject.kind != SubjectKind::User);
        let others = self.could_pass.filter(|_| groups).map(|count| match count {
            0 => "nobody known is".to_owned(),
            1 => format!("1 account is: {}", self.could_pass_names.join(", ")),
            _ => {
                let dots = if count > 10 { ", \u{2026}" } else { "" };
                format!("{count} accounts are: {}{dots}", self.could_pass_names.join(", "))
            }
        });
        (format!("{restricted}; {who} is not among them"), others)
    }

    /// The first entries of the list.
    fn entries(&self) -> String {
        /// How many are shown.
        const SHOWN: usize = 4;
        let names: Vec<_> = self.principals.iter().take(SHOWN).map(named).collect();
        let more = self.principals.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", names.join(", "))
    }
}

/// The reasons of a list that does not contain the subject: nothing else is to be said.
const LISTS: [Reason; 4] = [Reason::OwnView, Reason::InheritedView, Reason::OwnEdit, Reason::InheritedEdit];

fn named(listed: &ListedPrincipal) -> String {
    match &listed.name {
        Some(name) if listed.subject.kind == SubjectKind::Group => format!("group {name}"),
        Some(name) if listed.subject.kind == SubjectKind::User => name.clone(),
        _ => listed.subject.to_string(),
    }
}
