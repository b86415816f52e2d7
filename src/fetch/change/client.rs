//! Changes as they are asked for.

use super::planned::WriteOptions;
use super::restrictions;
use super::spaces;
use crate::fetch::{Client, Error, Progress, Result};
use crate::model::plan::{ListWish, Target};
use crate::model::{Deployment, Listing, SpacePermission, WriteResult, id};

impl Client {
    /// Permissions in a space, of one subject where one is named; from one source of Data Center where that is.
    ///
    /// # Errors
    /// `NotFound` for an unknown subject; otherwise as
    /// [`space_permissions_from`](Self::space_permissions_from).
    pub async fn space_permissions_of(
        &self,
        space: &str,
        subject: Option<&str>,
        source: Option<&str>,
    ) -> Result<Listing<SpacePermission>> {
        let Some(text) = subject else { return self.space_permissions_from(space, source).await };
        let progress = Progress::new();
        let who = self.backend(&progress).await?.principal(text, true).await?;
        let mut listing = self.space_permissions_from(space, source).await?;
        listing.rows.retain(|row| row.subject == who.subject);
        Ok(listing)
    }

    /// Gives permissions in a space to a subject.
    ///
    /// # Errors
    /// `Configuration` for a permission that cannot be given, `NotFound` for a space or a
    /// subject that is not there, `RolesOnly` where only roles are given: nothing was written then.
    /// Whatever fails later is a row that says so.
    pub async fn grant(
        &self,
        space: &str,
        subject: &str,
        permissions: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        spaces::judge_some(permissions)?;
        self.change_space(space, vec![(subject.to_owned(), Target::Give, permissions.to_vec())], options).await
    }

    /// Takes permissions in a space from a subject. Taking `view` takes all others too.
    ///
    /// # Errors
    /// As [`Client::grant`]; `Lockout` where the caller would lose the space by it.
    pub async fn revoke(
        &self,
        space: &str,
        subject: &str,
        permissions: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        spaces::judge_some(permissions)?;
        self.change_space(space, vec![(subject.to_owned(), Target::Take, permissions.to_vec())], options).await
    }

    /// Gives each of these subjects exactly these permissions in a space. Other subjects keep what they have.
    ///
    /// # Errors
    /// As [`Client::revoke`].
    pub async fn set_permissions(
        &self,
        space: &str,
        wanted: &[(String, Vec<String>)],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let wanted = wanted
            .iter()
            .map(|(subject, words)| (subject.clone(), Target::Set as spaces::Wish, words.clone()))
            .collect();
        self.change_space(space, wanted, options).await
    }

    /// Puts subjects on one restriction list of each content. The other list is not touched.
    ///
    /// # Errors
    /// `Configuration` for what cannot be listed, `NotFound` for a subject that is not there,
    /// `Lockout` where the caller would be shut out: nothing was written then. Whatever fails later, or is
    /// about one content, is a row that says so.
    pub async fn restrict(
        &self,
        contents: &[String],
        operation: &str,
        subjects: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, ListWish::Add, Some(subjects), options).await
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
        self.change_lists(contents, operation, ListWish::Remove, subjects, options).await
    }

    /// Sets one restriction list of each content to exactly these subjects.
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
        self.change_lists(contents, operation, ListWish::Replace, Some(subjects), options).await
    }

    /// Changes permissions of several subjects in one space.
    pub(super) async fn change_space(
        &self,
        space: &str,
        wishes: Vec<(String, spaces::Wish, Vec<String>)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let targets = |deployment: Deployment| {
            let read = |(subject, wish, words): &(String, spaces::Wish, Vec<String>)| {
                Ok((subject.clone(), wish(spaces::permissions(words, deployment)?)))
            };
            wishes.iter().map(read).collect::<Result<Vec<(String, Target)>>>()
        };
        // A permission that cannot be given is refused before anything is sent.
        match self.known_deployment() {
            Some(known) => drop(targets(known)?),
            None => {
                if let Err(error) = targets(Deployment::Cloud) {
                    targets(Deployment::DataCenter).map_err(|_| error)?;
                }
            }
        }
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let targets = targets(backend.deployment())?;
        backend.change_space(space, targets, options).await
    }

    pub(super) async fn change_lists(
        &self,
        contents: &[String],
        operation_word: &str,
        wish: ListWish,
        subjects: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let operation = restrictions::operation(operation_word)?;
        if contents.is_empty() {
            return Err(Error::configuration("no content is named: name at least one by its id"));
        }
        if wish != ListWish::Replace && subjects.is_some_and(<[String]>::is_empty) {
            return Err(Error::configuration("no subject is named: name at least one, such as `group:engineering`"));
        }
        contents.iter().try_for_each(|content| id::content_id(content).map(drop))?;
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let ids = backend.content_ids(contents).await?;
        backend.change_lists(&ids, operation, wish, subjects, options).await
    }

    /// Takes a subject off every restriction list in the spaces named by key (`None`: all the caller can see). Where
    /// it is the only one the content would be open: that list stays as it is, and its row says so, unless `allow_open`.
    ///
    /// # Errors
    /// `NotFound` for a space that is not there, `Lockout` where the caller would be shut out:
    /// nothing was written then. What could not be searched is a gap.
    pub async fn unrestrict_all(
        &self,
        subject: &str,
        spaces: Option<Vec<String>>,
        options: WriteOptions,
    ) -> Result<Listing<WriteResult>> {
        let progress = Progress::new();
        self.backend(&progress).await?.unrestrict_all(subject, spaces.as_deref(), options).await
    }
}
