//! The questions an installation is asked, one method for each, every failure a gap in its place.

use futures::stream::{self, StreamExt as _};

use super::Installation;
use crate::apis::{Page, Request, Unreadable};
use crate::fetch::client::Server;
use crate::fetch::pages::{Walk, Walked};
use crate::fetch::reader::Restricted;
use crate::fetch::transport::{Effort, Transport};
use crate::fetch::{Error, Members, Progress, Result};
use crate::model::{Content, GapScope, Group, Listing, Snapshot, Space, User};

/// Reads an installation. Cheap to make; one per call.
pub(in crate::fetch) struct Reader<'a> {
    pub(in crate::fetch) transport: &'a Transport,
    pub(in crate::fetch) progress: &'a Progress,
    /// Futures that are polled at a time; the limiter decides how many of them send.
    pub(in crate::fetch) width: usize,
    /// What is known of the installation.
    pub(in crate::fetch) installation: &'a Installation,
}

fn quiet(_: usize) {}

fn not_yet<T>() -> Result<T> {
    Err(Error::configuration("this is not read on Data Center yet"))
}

impl<'a> Reader<'a> {
    pub(in crate::fetch) async fn walk<T>(
        &self,
        request: Request,
        read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync,
        key: impl Fn(&T) -> String + Sync,
        (scope, subject): (GapScope, &str),
    ) -> Result<Walked<T>> {
        let walk =
            Walk { request, read: &read, key: &key, scope, subject: subject.to_owned(), shrink: false, tell: &quiet };
        walk.run(self.transport).await
    }

    /// Runs `futures` a limited number at a time.
    pub(in crate::fetch) fn all<F: Future, I: IntoIterator<Item = F>>(
        &self,
        futures: I,
    ) -> impl Future<Output = Vec<F::Output>> + use<F, I> {
        let futures: Vec<F> = futures.into_iter().collect();
        stream::iter(futures).buffer_unordered(self.width.max(1)).collect()
    }

    /// What answers, who we are there, and what this account cannot see.
    pub(in crate::fetch) async fn server(&self) -> Result<Server> {
        not_yet()
    }

    /// Spaces, current and archived: all, or those with these keys or ids.
    pub(in crate::fetch) async fn spaces(&self, _keys: Option<&[String]>) -> Result<Listing<Space>> {
        not_yet()
    }

    /// The space of this key or id.
    pub(in crate::fetch) async fn space(&self, _name: &str) -> Result<Space> {
        not_yet()
    }

    /// Pages and blog posts of a space.
    pub(in crate::fetch) async fn contents(&self, _space: &Space) -> Result<Listing<Content>> {
        not_yet()
    }

    /// Both restriction lists of one content, to the last subject.
    pub(in crate::fetch) async fn restriction(&self, _id: &str, _effort: Effort) -> Result<Restricted> {
        not_yet()
    }

    /// Key of the space a content lives in.
    pub(in crate::fetch) async fn space_of(&self, _id: &str) -> Result<String> {
        not_yet()
    }

    /// The spaces, and of a content what stands above it.
    pub(in crate::fetch) async fn names(&self, _space: Option<&str>, _content: Option<&str>) -> Result<Snapshot> {
        not_yet()
    }

    /// Every group.
    pub(in crate::fetch) async fn groups(&self) -> Result<Listing<Group>> {
        not_yet()
    }

    /// Who is in a group.
    pub(in crate::fetch) async fn members(&self, _name: &str) -> Result<Members> {
        not_yet()
    }

    /// The accounts with these keys or usernames; those nobody knows are left out.
    pub(in crate::fetch) async fn users(&self, _ids: &[String]) -> Result<Listing<User>> {
        not_yet()
    }

    /// The one account with this username, key, full name or e-mail address.
    pub(in crate::fetch) async fn user_named(&self, _text: &str) -> Result<User> {
        not_yet()
    }
}
