//! The subject a text means, and the closest ones where the snapshot has none with that name.

use super::site::{IndexedSite, Principal};
use super::who::{Actor, Who};
use crate::model::{AccessClass, InvalidSubject, Subject, SubjectKind};

/// A text that does not identify one subject of this site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectLookup {
    /// Neither a valid subject nor a name or e-mail address in the snapshot.
    #[error(transparent)]
    Invalid(#[from] InvalidSubject),
    /// Several accounts or groups have this name or address.
    #[error("`{text}` names several subjects: {}", .candidates.iter().map(Candidate::label).collect::<Vec<_>>().join(", "))]
    Ambiguous {
        /// The text.
        text: String,
        /// The subjects it may mean.
        candidates: Vec<Candidate>,
    },
    /// Several contents have this title.
    #[error("several contents are titled `{text}`: give the id of one, or put the key of its space before the title, as in `KEY:{text}`: {}", .candidates.iter().map(Candidate::label).collect::<Vec<_>>().join(", "))]
    AmbiguousTitle {
        /// The title.
        text: String,
        /// The contents it may mean.
        candidates: Vec<Candidate>,
    },
    /// Neither an account nor a group.
    #[error("`{0}` cannot be a product admin: expected accounts and groups")]
    NoAdmin(Subject),
    /// Not an account, where an account is needed.
    #[error("`as_if` changes an account: `{0}` is not one")]
    NotAnAccount(Subject),
    /// Not in the snapshot.
    #[error(transparent)]
    Missing(#[from] MissingSubject),
}

/// One of several subjects a text may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The text that identifies it.
    pub subject: String,
    /// Its name.
    pub name: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
}

impl Candidate {
    fn label(&self) -> String {
        let known: Vec<&str> = self.name.as_deref().into_iter().chain(self.email.as_deref()).collect();
        if known.is_empty() { self.subject.clone() } else { format!("{} ({})", self.subject, known.join(", ")) }
    }
}

/// A subject that occurs nowhere in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} `{text}` in this snapshot{}", self.hint())]
pub struct MissingSubject {
    /// `account`, `group`, `class`, `subject` or `content`.
    pub kind: &'static str,
    /// The name, id or address that was asked for.
    pub text: String,
    /// Texts close to it that do mean a subject, closest first.
    pub nearest: Vec<String>,
}

impl MissingSubject {
    fn hint(&self) -> String {
        if self.nearest.is_empty() { String::new() } else { format!(": did you mean `{}`?", self.nearest.join("`, `")) }
    }

    /// The sentence an explanation begins with.
    pub(super) fn note(&self) -> String {
        let (kind, text) = (self.kind, &self.text);
        format!("no {kind} `{text}` in this snapshot; answered as an unknown {kind}{}", self.hint())
    }
}

/// The most near names offered.
const NEAREST: usize = 3;

impl IndexedSite {
    /// The subject a text means, known or not.
    pub(super) fn subject(&self, text: &str) -> Result<Subject, SubjectLookup> {
        let site = self;
        let by_name = |name: &str| match site.people_named(name).as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(Subject::user(site.person_id(*only)))),
            several => Err(SubjectLookup::Ambiguous {
                text: text.to_owned(),
                candidates: several.iter().map(|at| site.candidate(*at)).collect(),
            }),
        };
        let subject = match Subject::parse(text) {
            // Ids on Cloud contain a colon.
            Ok(Subject { kind: SubjectKind::Other(_), .. }) if site.find_person(text).is_some() => {
                return Ok(Subject::user(text));
            }
            Ok(subject) => subject,
            Err(error) if site.find_person(text).is_none() => {
                return by_name(text)?.ok_or(error.into());
            }
            Err(_) => return Ok(Subject::user(text)),
        };
        match &subject.kind {
            SubjectKind::User if site.find_person(&subject.id).is_none() => {
                let found = by_name(&subject.id)?;
                // Ids contain no `@`: an unknown address may be hidden by its account, so it decides nothing.
                let hidden = subject
                    .id
                    .contains('@')
                    .then(|| Subject::new(SubjectKind::Other("email".to_owned()), subject.id.clone()));
                Ok(found.or(hidden).unwrap_or(subject))
            }
            SubjectKind::Other(kind) if kind == "email" => match site.people_with_email(&subject.id).as_slice() {
                [] => Ok(subject),
                [only] => Ok(Subject::user(site.person_id(*only))),
                _ => Ok(by_name(&subject.id)?.unwrap_or(subject)),
            },
            SubjectKind::Group => match site.groups_named(&subject.id).as_slice() {
                [] => Ok(subject),
                [only] => Ok(Subject::group(*only)),
                several => {
                    let candidate = |id: &&str| Candidate {
                        subject: format!("group:{id}"),
                        name: site.find_group(id).and_then(|at| site.groups.get(at as usize)?.name.clone()),
                        email: None,
                    };
                    let candidates = several.iter().map(candidate).collect();
                    Err(SubjectLookup::Ambiguous { text: text.to_owned(), candidates })
                }
            },
            _ => Ok(subject),
        }
    }

    /// The subject a text means, which must occur in the snapshot.
    pub(super) fn known_subject(&self, text: &str) -> Result<Subject, SubjectLookup> {
        let subject = match self.subject(text) {
            Err(SubjectLookup::Invalid(_)) if !text.trim().is_empty() && !text.contains(':') => {
                return Err(self.missing_account(text, true).into());
            }
            other => other?,
        };
        match self.missing(&subject) {
            Some(missing) => Err(missing.into()),
            None => Ok(subject),
        }
    }

    /// The account or group a text means.
    pub(super) fn product_admin(&self, text: &str) -> Result<Principal, SubjectLookup> {
        let subject = self.known_subject(text)?;
        let found = match &subject.kind {
            SubjectKind::User => self.find_person(&subject.id).map(Principal::User),
            SubjectKind::Group => self.find_group(&subject.id).map(Principal::Group),
            _ => None,
        };
        found.ok_or(SubjectLookup::NoAdmin(subject))
    }

    /// Whether the policy decides that the subject is, or is not, a product admin.
    pub(super) fn unlisted_admin(&self, actor: &Actor) -> bool {
        let stated = match actor.who {
            Who::Person(at) => self.user(at).is_some_and(|user| user.product_admin.is_some()),
            _ => true,
        };
        let others = self.policy.unlisted_are_product_admins;
        self.admins_listed && !stated && actor.traits.product_admin == others
    }

    fn candidate(&self, at: u32) -> Candidate {
        Candidate {
            subject: format!("user:{}", self.person_id(at)),
            name: self.person_name(at).map(str::to_owned),
            email: self.user(at).and_then(|user| user.email.clone()),
        }
    }

    /// A subject that does not occur in the snapshot, with near names; `None`: it occurs.
    pub(super) fn missing(&self, subject: &Subject) -> Option<MissingSubject> {
        match &subject.kind {
            SubjectKind::User => {
                let known = self.find_person(&subject.id).is_some() || !self.people_named(&subject.id).is_empty();
                (!known).then(|| self.missing_account(&subject.id, false))
            }
            SubjectKind::Group => self.find_group(&subject.id).is_none().then(|| MissingSubject {
                kind: "group",
                text: subject.id.clone(),
                nearest: self.near(&subject.id, false, true),
            }),
            SubjectKind::AccessClass => {
                let known = AccessClass::parse(&subject.id).known().is_some() || self.opaque.contains(subject);
                (!known).then(|| {
                    let mut near = Near::to(&subject.id);
                    AccessClass::KNOWN.iter().for_each(|class| near.offer(class, || format!("class:{class}")));
                    MissingSubject { kind: "class", text: subject.id.clone(), nearest: near.best() }
                })
            }
            SubjectKind::Other(kind) if kind == "anyone_with_link" => None,
            SubjectKind::Other(kind) if kind == "email" => {
                self.people_with_email(&subject.id).is_empty().then(|| self.missing_account(&subject.id, false))
            }
            SubjectKind::Unknown | SubjectKind::Other(_) => (!self.opaque.contains(subject)).then(|| MissingSubject {
                kind: "subject",
                text: subject.to_string(),
                nearest: self.near(&subject.id, true, true),
            }),
            SubjectKind::Anonymous | SubjectKind::Unlicensed => None,
        }
    }

    /// `bare`: the text has no kind in front, so it may have been meant as a group.
    fn missing_account(&self, text: &str, bare: bool) -> MissingSubject {
        MissingSubject { kind: "account", text: text.to_owned(), nearest: self.near(text, true, bare) }
    }

    fn near(&self, text: &str, people: bool, groups: bool) -> Vec<String> {
        let mut near = Near::to(text);
        if people {
            for (at, names) in (0u32..).zip(&self.names) {
                let email = self.user(at).and_then(|user| user.email.as_deref());
                let known = [names.display_name.as_deref(), names.name.as_deref(), email, Some(&*names.id)];
                for name in known.into_iter().flatten() {
                    near.offer(name, || name.to_owned());
                }
            }
        }
        if groups {
            for group in &self.groups {
                let name = group.name.as_deref().unwrap_or(&group.id);
                near.offer(name, || format!("group:{name}"));
            }
        }
        near.best()
    }
}

/// Collects the names closest to a text.
pub(super) struct Near {
    wanted: String,
    letters: usize,
    /// Distance and text, best first.
    found: Vec<(usize, String)>,
}

impl Near {
    pub(super) fn to(text: &str) -> Self {
        let wanted = text.to_lowercase();
        Self { letters: wanted.chars().count(), wanted, found: Vec::new() }
    }

    pub(super) fn offer(&mut self, name: &str, text: impl FnOnce() -> String) {
        let most = (self.letters / 4).max(1) + 1;
        let name = name.to_lowercase();
        let distance = if self.letters > 2 && name.contains(&self.wanted) {
            1
        } else if name.chars().count().abs_diff(self.letters) > most {
            return;
        } else {
            strsim::osa_distance(&self.wanted, &name)
        };
        let worst = self.found.get(NEAREST - 1).map_or(usize::MAX, |(worst, _)| *worst);
        if distance > most || distance >= worst {
            return;
        }
        let text = text();
        if self.found.iter().any(|(_, other)| *other == text) {
            return;
        }
        let at = self.found.partition_point(|(other, _)| *other <= distance);
        self.found.insert(at, (distance, text));
        self.found.truncate(NEAREST);
    }

    pub(super) fn best(self) -> Vec<String> {
        self.found.into_iter().map(|(_, text)| text).collect()
    }
}
