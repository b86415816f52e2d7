//! A Confluence to talk to, Cloud or Data Center: real HTTP on a loopback port, answers built from Atlassian's documents.
//!
//! It stands beside the house. It shares no code with `apis`, so that an error of reading is not made a second time in
//! the server that tests it, and it decides for itself who may see what.
//!
//! ```
//! use confluence_access::simulator::{Options, Simulator};
//!
//! let simulator = Simulator::start(Options { pages: 50, ..Options::default() })?;
//! assert!(simulator.url().starts_with("http://127.0.0.1:"));
//! assert!(simulator.requests().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The site
//!
//! Without `site`, a company is made up from `seed`: the same one for the same options. [`cast`] names the people, groups and pages
//! in it that are always there. With `site`, plain data describes it: `users`, `groups`, `spaces` with `grants` and
//! `role_assignments`, `contents`, `restrictions`, `unreadable`, `roles`, `role_mode`, `anonymous_enabled`, `caller`, …
//! Ids are served as given. A content named in `unreadable` answers its reason (`403`, `404`, `500`, `timeout`) where its
//! restrictions are asked for, and search does not return it.
//!
//! # The gateway
//!
//! The same port is the gateway of the site: below `/ex/confluence/<cloud id>` it answers as the site does, to the username
//! with the token and to the token alone, which the site itself refuses. `/_edge/tenant_info` tells the cloud id to everybody.
//! Below `/admin` the organization answers to its own key. `/gateway/api/graphql` at the site answers queries about public links.
//!
//! # What may be changed
//!
//! Permissions and roles in spaces, and restrictions. A change shows in the next read, in the permission check and in the
//! audit log. On Cloud a pair that does not exist, or a permission given before `view`, is a request it does not understand.
//!
//! # Data Center
//!
//! `deployment: DataCenter` plays a server of the `version` asked for, below a `context` path: each route is there from the
//! version on in which the documents have it, and is a plain 404 before. The company is the same with keys, usernames, groups
//! inside groups and names that are hard to write ([`datacenter_cast`]). In plain data the id of a user is its key and `name` its
//! username.
//!
//! The token, and the username with the password, let in the caller. Any active user of the site logs in with its own
//! username and the same password, and sees what it may view. Without credentials, or with a token nobody knows, a site that is
//! open to the world answers as to an anonymous visitor, and any other one with 401.
//!
//! Where no document tells, something was chosen, and the place in the source says that it is a guess:
//!
//! - the first versions of `server-information` (9.2), `groupmember` (9.0), `groupparent` (9.4), the query forms of groups
//!   (10.2), `relevantViewRestrictions` (9.2), global permissions in the line of 9.2 (9.2.18), `restrictions` around the map of
//!   `byOperation` (10.0), members of groups for administrators only (10.0), `status` of a space (8.0);
//! - in the list of all permissions the anonymous visitor has no `subject` before 10.0 and one of type `anonymous` from then on;
//!   rows for customers of a service desk are in no list;
//! - more than 40 subjects are refused with 400, a change in read-only mode with 405, a group with a slash in its name with 400;
//! - a page of a scan, a listing of contents or of spaces has 500 rows at most, one with bodies 50;
//! - `member` and `memberof` tell direct members only; the status of a user is a text;
//! - a content whose restrictions are `unreadable` comes without them in a listing;
//! - the audit log has 1000 events in an answer at most and 100 where nobody says; an event about a restriction names its
//!   subject like one about a space, under keys no document has; of the body of its retention nothing is known;
//! - JSON-RPC takes a name that is both a user's and a group's for the user's, and says in its own words what was wrong;
//! - what the Extender add-on answers about one user or group and a content, its errors, and what it leaves out without
//!   `showContentDetails`; only what is stored counts for its lists, not the way around them that the super group has.
//!
//! `restrictions_changed` of a content, in milliseconds since 1970, is when the add-on says its restrictions were changed last;
//! the add-on's server is two hours ahead of UTC. Of the add-on's addresses those whose path or body is published are there.
//!
//! # What it will not do
//!
//! A route, a query parameter, an expand or a CQL it does not know is answered with 501, or with 400 or 404 where
//! Confluence does, and kept in [`Simulator::unexpected`]: a test that ends with a look there cannot pass by accident.

mod bodies;
mod change;
mod cloud_v1;
mod cloud_v2;
mod company;
mod datacenter;
mod draft;
mod edits;
mod effect;
mod evaluate;
mod exchange;
mod expand;
mod faults;
mod graphql;
mod history;
mod legacy_v1;
mod log;
mod options;
mod org_admin;
mod paging;
mod plain;
mod search;
mod server;
mod spoil;
mod state;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;

pub use company::{Cast, Person, Titled, cast};
pub use datacenter::cast as datacenter_cast;
pub use effect::Effect;
pub use faults::Fault;
pub use log::{LoggedRequest, Unexpected};
pub use options::{CursorStyle, JsonRpc, NextStyle, Options};

use crate::model::Deployment;

/// A running simulator. It stops when dropped.
pub struct Simulator {
    server: Arc<server::Server>,
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Builds the site, binds a loopback port and serves it from a thread of its own.
    ///
    /// # Errors
    /// `InvalidInput` where the options or the plain data say something it does not understand, otherwise what the
    /// operating system says about the port.
    pub fn start(mut options: Options) -> io::Result<Self> {
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
        let (site, product) = match options.deployment {
            Deployment::Cloud => {
                let facts = match &options.site {
                    Some(site) => plain::facts(site).map_err(invalid)?,
                    None => company::facts(&options),
                };
                let mut site = state::Site::build(facts, options.caller.as_deref()).map_err(invalid)?;
                evaluate::look(&mut site);
                (site, None)
            }
            Deployment::DataCenter => {
                let (site, product) = datacenter::build(&mut options).map_err(invalid)?;
                (site, Some(product))
            }
        };
        let listener = server::listen((Ipv4Addr::LOCALHOST, options.port))?;
        let address = listener.local_addr()?;
        let runtime = server::runtime()?;
        let server = Arc::new(server::Server::new(options, site, product, format!("http://{address}")));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = Arc::clone(&server);
        let thread = std::thread::Builder::new().name("confluence-simulator".to_owned()).spawn(move || {
            server::run(&serving, listener, runtime, stopped);
        })?;
        Ok(Self { server, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Address of the site: of Cloud without `/wiki`, of Data Center with its context path.
    pub fn url(&self) -> String {
        let context = match self.server.options.deployment {
            Deployment::Cloud => "",
            Deployment::DataCenter => self.server.options.context.as_str(),
        };
        format!("http://{}{context}", self.address)
    }

    /// Product it simulates.
    pub fn deployment(&self) -> Deployment {
        self.server.options.deployment
    }

    /// Port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Username it lets in.
    pub fn username(&self) -> &str {
        &self.server.options.username
    }

    /// Token it lets in.
    pub fn token(&self) -> &str {
        &self.server.options.token
    }

    /// Password it lets in on Data Center.
    pub fn password(&self) -> &str {
        &self.server.options.password
    }

    /// The audit log of a Data Center as it stands in its `*.audit.log` files: a line of JSON per event, oldest first.
    pub fn audit_log_lines(&self) -> Vec<String> {
        self.server.audit_log_lines()
    }

    /// Lets another token in from now on, and the one before no more: as if it had ended.
    pub fn change_token(&self, token: impl Into<String>) {
        self.server.change_token(token.into());
    }

    /// Id of the site. Its gateway is `/ex/confluence/<id>` at the same address, which lets in bearer tokens too.
    pub fn cloud_id(&self) -> String {
        self.server.cloud_id()
    }

    /// Whether an admin key of the caller is active.
    pub fn admin_key_active(&self) -> bool {
        self.server.admin_key_active()
    }

    /// Key of the organization its routes let in, at the address of the site.
    pub fn org_token(&self) -> &str {
        &self.server.options.org_token
    }

    /// Id of the organization.
    pub fn org_id(&self) -> String {
        org_admin::id_of(&self.server.title())
    }

    /// Everything that was asked so far, in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.server.log.all()
    }

    /// Requests it did not understand. Empty at the end of a good test.
    pub fn unexpected(&self) -> Vec<Unexpected> {
        self.server.log.all_unexpected()
    }

    /// Most requests that were under way at one moment.
    pub fn max_in_flight(&self) -> usize {
        self.server.log.max_in_flight()
    }

    /// Forgets the log.
    pub fn clear_log(&self) {
        self.server.log.clear();
    }

    /// Lets something go wrong from now on.
    pub fn inject(&self, fault: Fault) {
        self.server.faults.lock().unwrap_or_else(PoisonError::into_inner).add(fault);
    }

    /// Heals everything.
    pub fn clear_faults(&self) {
        self.server.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Stops serving; open connections are cut.
    pub fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been reported by it already; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("url", &self.url()).finish_non_exhaustive()
    }
}
