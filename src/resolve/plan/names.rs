//! What the texts of a plan name in a snapshot.

use crate::model::plan::{ChangePlan, Mention, Names};
use crate::model::{Subject, SubjectKind};
use crate::resolve::answers::UnknownSpace;
use crate::resolve::lookup::{MissingSubject, SubjectLookup};
use crate::resolve::named::{content_id, space_key};
use crate::resolve::site::IndexedSite;

/// A text in a line of a plan that names nothing, or several things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, `{step}`: {why}{}", self.why.hint())]
pub struct LineLookup {
    /// The line, counted from 1.
    pub line: usize,
    /// The line as text.
    pub step: String,
    /// What is wrong.
    pub why: PlanLookup,
}

/// Why a text could not be looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanLookup {
    /// Not one subject.
    #[error(transparent)]
    Subject(#[from] SubjectLookup),
    /// Not one space.
    #[error(transparent)]
    Space(#[from] UnknownSpace),
    /// No content of the snapshot has this id.
    #[error("no content `{0}` in this snapshot")]
    Unlisted(String),
}

impl PlanLookup {
    /// What explains it, where nothing in the snapshot comes close.
    fn hint(&self) -> &'static str {
        match self {
            Self::Subject(SubjectLookup::Missing(missing))
                if missing.kind == "account" && missing.nearest.is_empty() =>
            {
                "; the site may have it: a snapshot holds the accounts that its groups, permissions, restrictions and \
                 content items name"
            }
            _ => "",
        }
    }
}

impl IndexedSite {
    /// What the texts of a plan name.
    ///
    /// # Errors
    /// Where one names nothing here, or several things.
    pub(super) fn plan_names(&self, plan: &ChangePlan) -> Result<Names, LineLookup> {
        let mut names = Names::default();
        for (at, step) in plan.steps.iter().enumerate() {
            for mention in step.mentions() {
                self.look_up(mention, &mut names).map_err(|why| LineLookup {
                    line: at + 1,
                    step: step.to_string(),
                    why,
                })?;
            }
        }
        Ok(names)
    }

    fn look_up(&self, mention: Mention<'_>, names: &mut Names) -> Result<(), PlanLookup> {
        match mention {
            Mention::Space(text) => drop(names.spaces.insert(text.to_owned(), space_key(&self.snapshot, text)?)),
            Mention::Content(text) => drop(names.contents.insert(text.to_owned(), self.content_named(text)?)),
            // Also where entries are only removed: a name nobody has is more likely mistyped than gone.
            Mention::Subject(text) | Mention::Former(text) => {
                names.subjects.insert(text.to_owned(), self.same(&self.known_subject(text)?));
            }
            Mention::Group(text) => {
                let group = self.group_named(text)?;
                names.groups.insert(text.to_owned(), group);
            }
            // The snapshot knows only the roles that are assigned: another one is kept as it is.
            Mention::Role(text) => {
                let known = self.roles.iter().find(|role| role.eq_ignore_ascii_case(text));
                names.roles.insert(text.to_owned(), known.map_or(text, String::as_str).to_owned());
            }
        }
        Ok(())
    }

    /// A subject under the id that everything else here uses.
    pub(in crate::resolve) fn same(&self, subject: &Subject) -> Subject {
        self.find_principal(subject).map_or_else(|| subject.clone(), |principal| self.subject_of(principal))
    }

    fn content_named(&self, text: &str) -> Result<String, PlanLookup> {
        if self.find_content(text).is_some() {
            return Ok(text.to_owned());
        }
        let id = content_id(&self.snapshot, text)?;
        match self.find_content(&id) {
            Some(_) => Ok(id.into_owned()),
            None => Err(PlanLookup::Unlisted(text.to_owned())),
        }
    }

    fn group_named(&self, text: &str) -> Result<String, PlanLookup> {
        let subject = self.known_subject(&format!("group:{text}"))?;
        let id = self.same(&subject).id;
        let listed = self.find_group(&id).and_then(|at| self.groups.get(at as usize)).is_some_and(|group| group.exists);
        if listed && subject.kind == SubjectKind::Group {
            return Ok(id);
        }
        Err(SubjectLookup::Missing(MissingSubject { kind: "group", text: text.to_owned(), nearest: Vec::new() }).into())
    }
}
