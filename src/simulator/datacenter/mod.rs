//! A Confluence Data Center to talk to: which address belongs to which room, who calls, and what a version has.
//!
//! Rooms answer through `fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer>`; `None` is an address they do not
//! have. `path` is behind the room's own root and decoded. What changes something goes through the methods of [`Visit`],
//! so that it shows in the next read and in the audit log.

mod auditing;
mod content;
mod evaluate;
mod extender;
mod facts;
mod grants;
mod json_rpc;
mod people;
mod permissions;
mod rest;
mod restrictions;
mod spaces;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Options;
use super::exchange::{Answer, Call, Refusal};
use super::state::{Account, Edit, Group, Node, Principal, Site, Space};
pub use facts::cast;

/// A version of Confluence: three numbers, of which the last ones may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32, pub(super) u32);

impl Version {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no version: write it as `9.2.0`");
        let mut parts = text.split('.').map(|part| part.parse::<u32>().map_err(|_| wrong()));
        let first = parts.next().ok_or_else(wrong)??;
        let (second, third) = (parts.next().unwrap_or(Ok(0))?, parts.next().unwrap_or(Ok(0))?);
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self(first, second, third))
    }

    pub(super) fn from(self, first: u32, second: u32) -> bool {
        self >= Self(first, second, 0)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The site and the server around it. Where nobody said who logs in, it is written into the options.
pub(super) fn build(options: &mut Options) -> Result<(Site, Product), String> {
    let mut facts = facts::facts(options)?;
    let caller = facts.caller.take();
    let site = Site::build(facts, None)?;
    let product = Product::new(options, &site, caller)?;
    if options.username == Options::default().username {
        options.username = product.username(&site);
    }
    Ok((site, product))
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// An administrator who is none of the users and sees everything.
    Administrator,
    /// One of the users, by key.
    User(String),
    Anonymous,
}

/// What somebody did. Names are those before it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happening {
    /// Id of the space, permission in the words of the plain data.
    SpacePermission {
        space: String,
        who: Principal,
        permission: String,
        added: bool,
    },
    GlobalPermission {
        who: Principal,
        permission: String,
        added: bool,
    },
    /// Id of the content; whether it is its list of editors.
    Restriction {
        node: String,
        who: Principal,
        update: bool,
        added: bool,
    },
    /// Id of the group.
    Membership {
        group: String,
        who: Principal,
        added: bool,
    },
    /// Id of the group.
    Group {
        group: String,
        added: bool,
    },
}

/// What a caller may view.
#[derive(Debug)]
struct View {
    nodes: Vec<bool>,
    spaces: Vec<bool>,
}

/// The server beside the site itself: its version, its audit log, who may log in.
pub(super) struct Product {
    pub(super) version: Version,
    pub(super) auditing: auditing::Log,
    /// Whose view is served to the credentials of the options.
    caller: Caller,
    /// Forgotten with every change.
    views: Mutex<HashMap<Caller, Arc<View>>>,
}

impl Product {
    fn new(options: &Options, site: &Site, caller: Option<String>) -> Result<Self, String> {
        let version = Version::read(&options.version)?;
        if !(options.context.is_empty() || (options.context.starts_with('/') && !options.context.ends_with('/'))) {
            return Err(format!("`{}` is no context path: write it as `/confluence`", options.context));
        }
        let named = site.facts.users.iter().find(|user| user.username == options.username);
        let caller = match options.caller.clone().or(caller) {
            Some(id) if site.user(&id).is_some() => Caller::User(id),
            Some(id) => return Err(format!("the caller `{id}` is none of the users")),
            None => named.map_or(Caller::Administrator, |user| Caller::User(user.id.clone())),
        };
        Ok(Self { version, auditing: auditing::Log::new(options, site)?, caller, views: Mutex::default() })
    }

    /// Username of whoever the credentials of the options belong to.
    fn username(&self, site: &Site) -> String {
        let user = if let Caller::User(id) = &self.caller { site.user(id) } else { None };
        user.map_or_else(|| "admin".to_owned(), |user| user.username.clone())
    }

    /// To be called when the site has changed.
    pub(super) fn forget(&self) {
        self.views.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn view(&self, site: &Site, caller: &Caller) -> Arc<View> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(views.entry(caller.clone()).or_insert_with(|| Arc::new(evaluate::view(site, caller))))
    }

    /// Whom the credentials let in.
    fn caller(&self, call: &Call<'_>, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if !call.options.require_auth {
            return Ok(self.caller.clone());
        }
        let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some(encoded) = given.strip_prefix("Basic ") {
            let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let (name, password) = decoded
                .as_deref()
                .and_then(|text| text.split_once(':'))
                .map(|(name, password)| (name.to_owned(), password.to_owned()))
                .ok_or(Refusal::Unauthorized)?;
            // A token is no password.
            // Source: https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
            if password != call.options.password {
                return Err(Refusal::Unauthorized);
            }
            if name.eq_ignore_ascii_case(&call.options.username) {
                return Ok(self.caller.clone());
            }
            let user = call.site.facts.users.iter().find(|user| user.username.eq_ignore_ascii_case(&name));
            return match user.filter(|user| user.active) {
                Some(user) => Ok(Caller::User(user.id.clone())),
                None => Err(Refusal::Unauthorized),
            };
        }
        let token = given.strip_prefix("Bearer ").filter(|_| self.version.from(7, 9));
        if token == Some(call.options.token.as_str()) {
            return Ok(self.caller.clone());
        }
        // A token nobody knows is served like none at all.
        // Source: https://jira.atlassian.com/browse/CONFSERVER-98199
        if evaluate::anonymous_enters(call.site) { Ok(Caller::Anonymous) } else { Err(Refusal::Unauthorized) }
    }

    /// Answers a request.
    pub(super) fn answer(&self, call: &mut Call<'_>, headers: &HeaderMap, body: &[u8]) -> Answer {
        let segments = std::mem::take(&mut call.segments);
        let mut path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if let Some(context) = call.options.context.strip_prefix('/') {
            if path.first() != Some(&context) {
                return Err(Refusal::NoAddress { strange: true });
            }
            path.remove(0);
        }
        if let (["rest", "applinks", "1.0", "manifest"], "GET") = (path.as_slice(), call.method) {
            call.known("GET /rest/applinks/1.0/manifest", &[])?;
            let accept = headers.get("accept").and_then(|v| v.to_str().ok()).unwrap_or_default();
            let base = format!("{}{}", call.base, call.options.context);
            return Ok(rest::manifest(self.version, &base, accept.contains("application/json")));
        }
        let caller = self.caller(call, headers)?;
        if !body.is_empty() {
            let media = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
            if !media.starts_with("application/json") {
                return Err(Refusal::MediaType(format!(
                    "the body needs `Content-Type: application/json`, not `{media}`"
                )));
            }
            let body = serde_json::from_slice(body);
            call.body = Some(body.map_err(|e| Refusal::Bad(format!("the body is not JSON: {e}")))?);
        }
        let asked = call.query.iter().position(|(key, value)| key == "os_authType" && value == "basic");
        let basic = asked.map(|at| call.query.remove(at)).is_some();
        let view = self.view(call.site, &caller);
        let visit = Visit { call, product: self, caller, view, happenings: RefCell::default() };
        let answer = match path.as_slice() {
            // Asked for with `os_authType=basic` a site that is open to the world answers 401 instead of as anonymous.
            _ if visit.caller == Caller::Anonymous && basic => Some(Err(Refusal::Unauthorized)),
            ["rest", "auditing", "1.0", rest @ ..] => auditing::answer(&visit, rest),
            ["rest", "extender", "1.0", rest @ ..] => extender::answer(&visit, rest),
            ["rpc", "json-rpc", rest @ ..] => json_rpc::answer(&visit, rest),
            ["rest", rest @ ..] => rest::answer(&visit, rest),
            _ => None,
        };
        let answer = answer.unwrap_or(Err(Refusal::NoAddress { strange: true }));
        let name = visit.account().username;
        let happenings = visit.happenings.take();
        let caller = visit.caller;
        if answer.is_ok() {
            for happening in happenings {
                self.auditing.record(call.site, &caller, happening);
            }
        }
        answer.map(|mut reply| {
            reply
                .headers
                .push(("x-ausername", if caller == Caller::Anonymous { "anonymous".to_owned() } else { name }));
            reply
        })
    }
}

/// One request, with who asks and what they may view.
pub(super) struct Visit<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) product: &'a Product,
    pub(super) caller: Caller,
    view: Arc<View>,
    happenings: RefCell<Vec<Happening>>,
}

impl<'a> Visit<'a> {
    pub(super) fn site(&self) -> &'a Site {
        self.call.site
    }

    /// Whether the version is at least this.
    pub(super) fn from(&self, first: u32, second: u32) -> bool {
        self.product.version.from(first, second)
    }

    /// The caller as an account; of an anonymous one only the name says something.
    pub(super) fn account(&self) -> Account {
        account_of(self.site(), &self.caller)
    }

    // What the caller may --------------------------------------------------------------------------------------------

    /// Whether the caller administers Confluence.
    pub(super) fn is_admin(&self) -> bool {
        evaluate::holds_global(self.site(), &self.caller, "administer") || self.is_system_admin()
    }

    pub(super) fn is_system_admin(&self) -> bool {
        evaluate::holds_global(self.site(), &self.caller, "system_administer")
            || evaluate::is_super(self.site(), &self.caller)
    }

    /// Whether everything is open to the caller.
    pub(super) fn is_super(&self) -> bool {
        evaluate::is_super(self.site(), &self.caller)
    }

    /// Whether the caller is logged in and may use Confluence.
    pub(super) fn is_licensed(&self) -> bool {
        evaluate::is_licensed(self.site(), &self.caller)
    }

    /// Whether the caller administers the space, by a permission in it or as an administrator of Confluence.
    pub(super) fn administers(&self, space: &Space) -> bool {
        self.is_admin() || self.has(space, "administer")
    }

    /// Whether the caller has a permission in a space, in the words of the plain data.
    pub(super) fn has(&self, space: &Space, permission: &str) -> bool {
        evaluate::has(self.site(), space, &self.caller, permission)
    }

    /// Whether the caller may view the content at this place.
    pub(super) fn sees(&self, at: u32) -> bool {
        self.view.nodes.get(at as usize).copied().unwrap_or(false)
    }

    /// Whether the caller may view the space at this place.
    pub(super) fn sees_space(&self, at: u32) -> bool {
        self.view.spaces.get(at as usize).copied().unwrap_or(false)
    }

    /// Whether the caller may edit a content it may view.
    pub(super) fn edits(&self, node: &Node) -> bool {
        evaluate::edits(self.site(), node, &self.caller)
    }

    // What is there --------------------------------------------------------------------------------------------------

    /// The space with this key, however it is written, where the caller may view it.
    pub(super) fn space(&self, key: &str) -> Option<&'a Space> {
        let (at, space) = self.any_space(key)?;
        self.sees_space(at).then_some(space)
    }

    /// The space with this key, whoever may view it.
    pub(super) fn any_space(&self, key: &str) -> Option<(u32, &'a Space)> {
        (0_u32..).zip(&self.site().facts.spaces).find(|(_, space)| space.key.eq_ignore_ascii_case(key))
    }

    /// The content, where the caller may view it.
    pub(super) fn node(&self, id: &str) -> Option<(u32, &'a Node)> {
        let at = self.site().find(id).filter(|at| self.sees(*at))?;
        self.site().node_at(at).map(|node| (at, node))
    }

    /// The user with this name. Names do not differ by case.
    pub(super) fn user_named(&self, name: &str) -> Option<&'a Account> {
        self.site().facts.users.iter().find(|user| user.username.eq_ignore_ascii_case(name))
    }

    /// The group with this name. Names do not differ by case.
    pub(super) fn group_named(&self, name: &str) -> Option<&'a Group> {
        self.site().facts.groups.iter().find(|group| group.name.eq_ignore_ascii_case(name))
    }

    /// Name of a group, also of one that is not there any more.
    pub(super) fn group_name<'b>(&'b self, id: &'b str) -> &'b str {
        self.site().group(id).map_or(id, |group| group.name.as_str())
    }

    /// Address of the site, with its context path.
    pub(super) fn base(&self) -> String {
        format!("{}{}", self.call.base, self.call.options.context)
    }

    // What is changed ------------------------------------------------------------------------------------------------

    fn happen(&self, happening: Happening) {
        self.happenings.borrow_mut().push(happening);
    }

    /// Gives a permission in a space (a word of the plain data). False: it was there.
    pub(super) fn grant(&self, space: &Space, who: &Principal, permission: &str) -> bool {
        if space.grants.iter().any(|(p, held)| p == who && held == permission) {
            return false;
        }
        let mut edits = self.call.edits.borrow_mut();
        let given = edits.iter().filter(|edit| matches!(edit, Edit::Grant { .. })).count() as u64;
        edits.push(Edit::Grant {
            space: space.id.clone(),
            who: who.clone(),
            permission: permission.to_owned(),
            id: self.site().next_grant() + given,
        });
        self.happen(Happening::SpacePermission {
            space: space.id.clone(),
            who: who.clone(),
            permission: permission.to_owned(),
            added: true,
        });
        true
    }

    /// Takes a permission in a space. False: it was not there.
    pub(super) fn ungrant(&self, space: &Space, who: &Principal, permission: &str) -> bool {
        if !space.grants.iter().any(|(p, held)| p == who && held == permission) {
            return false;
        }
        self.call.edit(Edit::Withdraw { space: space.id.clone(), who: who.clone(), permission: permission.to_owned() });
        self.happen(Happening::SpacePermission {
            space: space.id.clone(),
            who: who.clone(),
            permission: permission.to_owned(),
            added: false,
        });
        true
    }

    /// Gives or takes a permission on the whole site. False: that changes nothing.
    pub(super) fn set_global(&self, who: &Principal, permission: &str, held: bool) -> bool {
        if self.site().facts.globals.iter().any(|(p, word)| p == who && word == permission) == held {
            return false;
        }
        self.call.edit(Edit::Global { who: who.clone(), permission: permission.to_owned(), held });
        self.happen(Happening::GlobalPermission { who: who.clone(), permission: permission.to_owned(), added: held });
        true
    }

    /// Makes one list of a content the one it shall be.
    pub(super) fn restrict(&self, node: &Node, update: bool, list: Vec<Principal>) {
        let before = if update { &node.update } else { &node.read };
        let told =
            |who: &Principal, added| Happening::Restriction { node: node.id.clone(), who: who.clone(), update, added };
        for who in list.iter().filter(|who| !before.contains(who)) {
            self.happen(told(who, true));
        }
        for who in before.iter().filter(|who| !list.contains(who)) {
            self.happen(told(who, false));
        }
        self.call.edit(Edit::Restrict { node: node.id.clone(), update, list });
    }

    /// Puts somebody into a group or takes them out. False: that changes nothing.
    pub(super) fn set_member(&self, group: &Group, who: &Principal, held: bool) -> bool {
        if group.members.contains(who) == held {
            return false;
        }
        self.call.edit(Edit::Member { group: group.id.clone(), who: who.clone(), held });
        self.happen(Happening::Membership { group: group.id.clone(), who: who.clone(), added: held });
        true
    }

    /// Makes a group.
    pub(super) fn add_group(&self, name: &str) {
        self.call.edit(Edit::NewGroup(name.to_owned()));
        self.happen(Happening::Group { group: name.to_owned(), added: true });
    }

    /// Deletes a group, and whatever it was given or restricted to.
    // Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html
    pub(super) fn remove_group(&self, group: &Group) {
        self.call.edit(Edit::NoGroup(group.id.clone()));
        self.happen(Happening::Group { group: group.id.clone(), added: false });
    }
}

/// A caller as an account; of an anonymous one only the name says something.
fn account_of(site: &Site, caller: &Caller) -> Account {
    let (id, name, username) = match caller {
        Caller::User(id) => {
            if let Some(user) = site.user(id) {
                return user.clone();
            }
            (id.as_str(), id.as_str(), id.as_str())
        }
        // Of nobody in the site, and the same on each of them.
        Caller::Administrator => ("ff80808100000000000000000000ad01", "Administrator", "admin"),
        Caller::Anonymous => ("", "Anonymous", ""),
    };
    Account {
        id: id.to_owned(),
        name: name.to_owned(),
        username: username.to_owned(),
        active: true,
        licensed: *caller != Caller::Anonymous,
        ..Account::default()
    }
}

/// The error body of `rest/api`.
pub(super) fn error(status: u16, reason: &str, message: &str) -> Value {
    json!({
        "statusCode": status,
        "data": {
            "authorized": !matches!(status, 401 | 403),
            "valid": status != 400,
            "allowedInReadOnlyMode": status != 405,
            "errors": [],
            "successful": false,
        },
        "message": message,
        "reason": reason,
    })
}

/// What an address nobody serves answers.
// Source: https://github.com/atlassian-api/atlassian-python-api/issues/882
pub(super) fn null_for_uri(address: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><status><status-code>404</status-code>\
         <message>null for uri: {address}</message></status>"
    )
}
