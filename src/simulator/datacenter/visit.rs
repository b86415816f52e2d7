//! One request to a Data Center: who asks, what they may, what they change.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::Value;

use super::super::edits::Edit;
use super::super::exchange::{Answer, Call, Refusal, Reply};
use super::super::state::{Account, Group, Node, Principal, Site, Space};
use super::auditing::Log;
use super::caller::{Caller, Happening, account_of};
use super::evaluate::{self, View};
use super::version::Version;

/// One request, with who asks and what they may view.
pub(super) struct Visit<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) version: Version,
    /// What is written down of what happens.
    pub(super) log: &'a Log,
    pub(super) caller: Caller,
    view: Arc<View>,
    happenings: RefCell<Vec<Happening>>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(call: &'a Call<'a>, version: Version, log: &'a Log, caller: Caller, view: Arc<View>) -> Self {
        Self { call, version, log, caller, view, happenings: RefCell::default() }
    }

    /// Writes down what happened, in the names the site has still.
    pub(super) fn record(&self) {
        for happening in self.happenings.take() {
            self.log.record(self.site(), &self.caller, happening);
        }
    }

    pub(super) fn site(&self) -> &'a Site {
        self.call.site
    }

    /// Whether the version is at least this.
    pub(super) fn from(&self, first: u32, second: u32) -> bool {
        self.version.from(first, second)
    }

    /// A route that is there from a version on.
    pub(super) fn since(&self, first: u32, second: u32, answer: impl FnOnce() -> Answer) -> Answer {
        if self.from(first, second) { answer() } else { Err(Refusal::NoAddress { strange: false }) }
    }

    /// A slash in a name breaks the address: Tomcat refuses it before anybody looks. That it is 400 is a guess.
    pub(super) fn broken_address(&self) -> Option<Reply> {
        self.call.path.to_ascii_lowercase().contains("%2f").then(|| {
            let text =
                "<!doctype html><html lang=\"en\"><head><title>HTTP Status 400 - Bad Request</title></head></html>";
            let text = Some(("text/html;charset=utf-8", text.to_owned()));
            Reply { status: 400, text, ..Value::Null.into() }
        })
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

    /// The space with this key, even if the caller may not view it.
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
            id: self.site().next_grant + given,
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
