//! Changes: permissions and roles in spaces, restrictions of contents; and Confluence's own answers, to check them by.
//!
//! Every change goes the same way: read what is there, decide what differs, refuse what cannot be right or would lock
//! the caller out, and only then write, one subject at a time. Whatever is as wanted already is skipped, so a call that
//! was cut off is simply made again. A write whose answer is lost is never sent again blindly: what became of it is
//! read first.

mod checks;
pub(in crate::fetch) mod principals;
pub(in crate::fetch) mod restrictions;
mod roles;
pub(in crate::fetch) mod spaces;

use std::collections::BTreeSet;

use super::pages::ask_one;
use super::reader::Reader;
use super::{Client, Error, ErrorKind, Progress, Result, datacenter};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::model::{
    GapScope, Group, Listing, RoleMode, SpacePermission, Subject, SubjectKind, WriteOutcome, WriteResult,
};
use principals::Named;

/// How a change is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Only says what would be done.
    pub dry_run: bool,
    /// Goes ahead where the caller loses access by it.
    pub allow_lockout: bool,
    /// Goes ahead where a list becomes empty, and the content open, without anybody having named that content.
    pub allow_open: bool,
}

/// What is to be done about one entry.
#[derive(Debug, Clone)]
pub(in crate::fetch) enum Act {
    /// Nothing: the row says why.
    Nothing,
    /// Put it there.
    Add,
    /// Take it away.
    Remove,
}

/// A row before it is known what became of it.
#[derive(Debug, Clone)]
pub(in crate::fetch) struct Planned {
    pub(in crate::fetch) row: WriteResult,
    pub(in crate::fetch) act: Act,
}

impl Planned {
    pub(in crate::fetch) fn new(target: &str, who: &Named, permission: &str, act: Act) -> Self {
        let outcome = match act {
            Act::Nothing => WriteOutcome::Skipped,
            Act::Add => WriteOutcome::WouldAdd,
            Act::Remove => WriteOutcome::WouldRemove,
        };
        let row = WriteResult {
            target: target.to_owned(),
            title: None,
            subject: who.subject.clone(),
            subject_name: who.name.clone(),
            permission: permission.to_owned(),
            outcome,
            message: None,
        };
        Self { row, act }
    }

    /// With the name of the space or the title of the content.
    #[must_use]
    pub(in crate::fetch) fn titled(mut self, title: Option<&str>) -> Self {
        self.row.title = title.map(str::to_owned);
        self
    }

    #[must_use]
    pub(in crate::fetch) fn because(mut self, message: impl Into<String>) -> Self {
        self.row.message = Some(message.into());
        self
    }

    pub(in crate::fetch) fn failed(mut self, message: impl Into<String>) -> Self {
        self.row.outcome = WriteOutcome::Failed;
        self.act = Act::Nothing;
        self.because(message)
    }

    pub(in crate::fetch) fn settle(&mut self, (outcome, message): (WriteOutcome, Option<String>)) {
        self.row.outcome = outcome;
        self.row.message = message.or_else(|| self.row.message.take());
    }
}

/// Whether an error leaves open what became of a write. A refusal does not.
fn left_open(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer | ErrorKind::Timeout | ErrorKind::Server | ErrorKind::Unreadable | ErrorKind::NotConfluence
    )
}

/// What one attempt to write came to.
pub(in crate::fetch) enum Sent {
    /// It was answered.
    Done,
    /// It was refused, with this status and message.
    Refused(Option<u16>, String),
    /// Nobody knows.
    Open(String),
}

impl Sent {
    pub(in crate::fetch) fn of<T>(outcome: Result<T>) -> Self {
        match outcome {
            Ok(_) => Self::Done,
            Err(error) if left_open(&error) => Self::Open(error.to_string()),
            Err(error) => Self::Refused(error.status(), error.to_string()),
        }
    }
}

/// The account that writes, and the groups it is in.
pub(in crate::fetch) struct Caller {
    pub(in crate::fetch) id: String,
    pub(in crate::fetch) groups: BTreeSet<String>,
    /// Why its groups are not all known, where they are not.
    pub(in crate::fetch) unsure: Option<String>,
}

impl Caller {
    /// Whether an entry for `subject` stands for it.
    pub(in crate::fetch) fn is(&self, subject: &Subject) -> bool {
        match subject.kind {
            SubjectKind::User => subject.id == self.id,
            SubjectKind::Group => self.groups.contains(&subject.id),
            SubjectKind::AccessClass => matches!(subject.id.as_str(), "all-licensed-users" | "authenticated-users"),
            _ => false,
        }
    }
}

impl Reader<'_> {
    /// Who writes.
    async fn caller(&self) -> Result<Caller> {
        let id = self.current_user().await?.subject.id;
        let listed = self
            .walk(
                v1::member_of(&id, v1::MAX_LIMIT),
                v1_lift::member_of,
                |group: &Group| group.id.clone(),
                (GapScope::User, id.as_str()),
            )
            .await;
        Ok(match listed {
            Ok(walked) => Caller {
                unsure: walked.gaps.first().map(|gap| gap.message.clone()),
                groups: walked.rows.into_iter().map(|group| group.id).collect(),
                id,
            },
            Err(error) => Caller { id, groups: BTreeSet::new(), unsure: Some(error.to_string()) },
        })
    }
}

pub(in crate::fetch) fn locked_out(message: &str) -> Error {
    Error::new(
        ErrorKind::Lockout,
        format!("{message}: keep yourself or one of your groups on it, or pass `allow_lockout`; nothing was written"),
    )
}

/// Who makes a change: each deployment has its own way of being read and written.
enum Hand<'a> {
    Cloud(Reader<'a>),
    DataCenter(datacenter::Reader<'a>),
}

impl Client {
    async fn hand<'a>(&'a self, progress: &'a Progress) -> Result<Hand<'a>> {
        Ok(match self.data_center(progress).await? {
            Some(reader) => Hand::DataCenter(reader),
            None => Hand::Cloud(self.reader(progress)),
        })
    }
}

fn roles_only(message: &str) -> Error {
    Error::new(
        ErrorKind::RolesOnly,
        format!(
            "this site gives access to spaces by roles only, single permissions are refused: use `assign_role` and `remove_role`{message}"
        ),
    )
}

impl Client {
    /// Permissions in a space, of one subject where one is named; from one source of Data Center where that is.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a subject nobody knows; otherwise as
    /// [`space_permissions_from`](Self::space_permissions_from).
    pub async fn space_permissions_of(
        &self,
        space: &str,
        subject: Option<&str>,
        source: Option<&str>,
    ) -> Result<Listing<SpacePermission>> {
        let Some(text) = subject else { return self.space_permissions_from(space, source).await };
        let progress = Progress::new();
        let who = self.hand(&progress).await?.principal(text, true).await?;
        let mut listing = self.space_permissions_from(space, source).await?;
        listing.rows.retain(|row| row.subject == who.subject);
        Ok(listing)
    }

    /// Gives permissions in a space to a subject.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for a permission that cannot be given, [`ErrorKind::NotFound`] for a space or a
    /// subject that is not there, [`ErrorKind::RolesOnly`] where only roles are given: nothing was written then.
    /// Whatever fails later is a row that says so.
    pub async fn grant(
        &self,
        space: &str,
        subject: &str,
        permissions: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        spaces::judge_some(permissions)?;
        self.change_space(space, vec![(subject.to_owned(), spaces::Wish::Give, permissions.to_vec())], options).await
    }

    /// Takes permissions in a space from a subject. Taking `view` takes all others too.
    ///
    /// # Errors
    /// As [`Client::grant`]; [`ErrorKind::Lockout`] where the caller would lose the space by it.
    pub async fn revoke(
        &self,
        space: &str,
        subject: &str,
        permissions: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        spaces::judge_some(permissions)?;
        self.change_space(space, vec![(subject.to_owned(), spaces::Wish::Take, permissions.to_vec())], options).await
    }

    /// Lets each of these subjects have these permissions in a space and no others. Subjects that are not named keep
    /// what they have.
    ///
    /// # Errors
    /// As [`Client::revoke`].
    pub async fn set_permissions(
        &self,
        space: &str,
        wanted: &[(String, Vec<String>)],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let wanted =
            wanted.iter().map(|(subject, words)| (subject.clone(), spaces::Wish::Set, words.clone())).collect();
        self.change_space(space, wanted, options).await
    }

    /// Puts subjects on one restriction list of each content. The other list is not touched.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for what cannot be listed, [`ErrorKind::NotFound`] for a subject that is not there,
    /// [`ErrorKind::Lockout`] where the caller would be shut out: nothing was written then. Whatever fails later, or is
    /// about one content, is a row that says so.
    pub async fn restrict(
        &self,
        contents: &[String],
        operation: &str,
        subjects: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, restrictions::Wish::Add, Some(subjects), options).await
    }

    /// Takes subjects off one restriction list of each content; `None`: everybody on it, so that the content is open as
    /// far as this list goes.
    ///
    /// # Errors
    /// As [`Client::restrict`], except that a subject that is not there may still be taken off.
    pub async fn unrestrict(
        &self,
        contents: &[String],
        operation: &str,
        subjects: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, restrictions::Wish::Remove, subjects, options).await
    }

    /// Lets one restriction list of each content hold these subjects and nobody else.
    ///
    /// # Errors
    /// As [`Client::restrict`].
    pub async fn set_restrictions(
        &self,
        contents: &[String],
        operation: &str,
        subjects: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, restrictions::Wish::Replace, Some(subjects), options).await
    }
}

impl Reader<'_> {
    /// Whether a content's question about somebody could be asked at all: one request, as the server answers it.
    async fn asked(&self, request: &crate::apis::Request) -> Result<v1_lift::Check> {
        ask_one(self.transport, request, self.transport.full(), v1_lift::permission_check).await
    }

    /// How the site gives access; nothing where it does not say, because the server will when it is written to.
    async fn mode(&self) -> Option<RoleMode> {
        self.role_mode().await.ok().flatten()
    }
}
