//! What every call needs to ask: the transport, its progress, and how much may be under way.

use futures::stream::{self, StreamExt as _};

use crate::apis::{Page, Request, Unreadable};
use crate::fetch::limit::Line;
use crate::fetch::pages::{Read, Walk, Walked, ask, ask_one, gap_of};
use crate::fetch::transport::{Answer, RetryBudget, Transport};
use crate::fetch::{Progress, Result};
use crate::model::{Gap, GapCause, GapScope, Listing};

/// One call's way to the server.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) transport: &'a Transport,
    pub(super) progress: &'a Progress,
    /// Futures that are polled at a time; the limiter decides how many of them send.
    pub(super) width: usize,
}

/// For walks that are not counted.
pub(super) fn no_progress(_: usize) {}

impl Session<'_> {
    /// Reads a listing to its end.
    ///
    /// # Errors
    /// Where the first page cannot be read. What fails later is a gap.
    pub(super) async fn walk<T>(
        &self,
        request: Request,
        read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync,
        key: impl Fn(&T) -> String + Sync,
        (scope, subject): (GapScope, &str),
    ) -> Result<Walked<T>> {
        walk(self.transport, request, read, key, (scope, subject)).await
    }

    /// Asks for one page and reads it.
    pub(super) async fn ask<T>(&self, request: &Request, budget: RetryBudget, read: Read<'_, T>) -> Result<Page<T>> {
        ask(self.transport, request, budget, read).await
    }

    /// Asks for one object and reads it.
    pub(super) async fn ask_one<T>(
        &self,
        request: &Request,
        budget: RetryBudget,
        read: impl Fn(&[u8]) -> std::result::Result<T, Unreadable>,
    ) -> Result<T> {
        ask_one(self.transport, request, budget, read).await
    }

    /// Whether a request without credentials is answered with rows of a listing.
    ///
    /// # Errors
    /// Where it is refused, or not answered.
    pub(super) async fn strangers_see<T>(&self, request: &Request, read: Read<'_, T>) -> Result<bool> {
        let budget = RetryBudget { signed: false, ..self.brief() };
        Ok(!self.ask(request, budget, read).await?.rows.is_empty())
    }

    /// Sends what changes something, as often as it takes.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer> {
        self.transport.send(request, self.transport.full()).await
    }

    /// As hard as for any request.
    pub(super) fn full(&self) -> RetryBudget {
        self.transport.full()
    }

    /// For what is asked in passing.
    pub(super) fn brief(&self) -> RetryBudget {
        self.transport.brief()
    }

    /// Runs `futures` a limited number at a time. They are made at once, so that what runs is the futures alone and can
    /// move between threads.
    pub(super) fn all<F: Future, I: IntoIterator<Item = F>>(
        &self,
        futures: I,
    ) -> impl Future<Output = Vec<F::Output>> + use<F, I> {
        let futures: Vec<F> = futures.into_iter().collect();
        stream::iter(futures).buffer_unordered(self.width.max(1)).collect()
    }

    /// Runs `futures` likewise. What they bring comes in their order.
    pub(super) fn in_order<F: Future, I: IntoIterator<Item = F>>(
        &self,
        futures: I,
    ) -> impl Future<Output = Vec<F::Output>> + use<F, I> {
        let numbered = futures.into_iter().enumerate().map(|(at, future)| async move { (at, future.await) });
        let all = self.all(numbered.collect::<Vec<_>>());
        async move {
            let mut done = all.await;
            done.sort_by_key(|(at, _)| *at);
            done.into_iter().map(|(_, output)| output).collect()
        }
    }

    /// The rows of a listing, or the gap it leaves where it could not be begun.
    pub(super) fn listing_or_gap<T>(
        &self,
        walked: Result<Walked<T>>,
        (scope, subject): (GapScope, &str),
    ) -> Listing<T> {
        match walked {
            Ok(walked) => Listing { rows: walked.rows, gaps: walked.gaps },
            Err(error) => Listing { rows: Vec::new(), gaps: vec![gap_of(&error, scope, subject)] },
        }
    }
}

/// Reads a listing of `transport` to its end, as [`Session::walk`] does.
pub(super) async fn walk<T>(
    transport: &Transport,
    request: Request,
    read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync,
    key: impl Fn(&T) -> String + Sync,
    (scope, subject): (GapScope, &str),
) -> Result<Walked<T>> {
    let walk = Walk {
        request,
        read: &read,
        key: &key,
        scope,
        subject: subject.to_owned(),
        shrink: false,
        line: Line::default(),
        tell: &no_progress,
    };
    walk.run(transport).await
}

/// Whether a gap says that a part of a listing could not be served.
pub(super) fn unserved(gap: &Gap) -> bool {
    gap.scope == GapScope::Space && matches!(gap.cause, GapCause::ServerError | GapCause::Timeout)
}
