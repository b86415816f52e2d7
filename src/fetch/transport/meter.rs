//! What was asked so far, and what Atlassian would charge an app for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::apis::{Method, Request, Route};
use crate::fetch::locked::Locked as _;

/// Requests and points, shared by all clones of a transport.
#[derive(Default)]
pub(super) struct Meter {
    requests: AtomicU64,
    points: AtomicU64,
    routes: Mutex<HashMap<&'static Route, u64>>,
    /// Requests that may have changed something.
    writes: AtomicU64,
}

impl Meter {
    /// Counts a request. `charged`: it goes to a site; the organization has a limit of its own.
    pub(super) fn count(&self, request: &Request, charged: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if request.route.method != Method::Get {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        if charged {
            self.points.fetch_add(1, Ordering::Relaxed);
        }
        *self.routes.locked().entry(request.route).or_insert(0) += 1;
    }

    /// Counts the objects of an answer.
    // Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
    pub(super) fn charge(&self, request: &Request, objects: usize) {
        self.points.fetch_add(objects as u64 * request.route.points, Ordering::Relaxed);
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn points(&self) -> u64 {
        self.points.load(Ordering::Relaxed)
    }

    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    pub(super) fn by_route(&self) -> BTreeMap<String, u64> {
        self.routes.locked().iter().map(|(route, sent)| (route.to_string(), *sent)).collect()
    }
}
