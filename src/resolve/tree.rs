//! Root to content, with the lists of every level: what the three general endpoints of the Extender add-on answer, from
//! the facts, without the add-on.

use roaring::RoaringBitmap;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::answers::UnknownContent;
use super::chain::Position;
use super::engine::Engine;
use super::needs::Need;
use super::rules::empty_list;
use super::site::{IndexedSite, Principal, Traits};
use super::who::{Actor, Who};
use crate::model::{Decision, Operation, part};

/// How to write a tree as a dict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeStyle {
    /// Our own column names.
    Plain,
    /// The three answers of the Extender add-on, by the names of its endpoints.
    Extender,
}

part! {
    /// A list of groups and users, by the names people know.
    #[derive(Default)]
    pub struct TreeList {
        /// Groups.
        pub groups: Vec<String>,
        /// Users.
        pub users: Vec<String>,
    }
}

impl TreeList {
    fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.users.is_empty()
    }
}

part! {
    /// One level of a tree.
    pub struct TreeLevel {
        /// 1 is the root.
        pub level: u32,
        /// The content item.
        pub content_id: String,
        /// Its title.
        pub title: Option<String>,
        /// Its type.
        pub kind: String,
        /// Display name of its creator.
        pub author: Option<String>,
        /// Who may view it: groups and users named in the space or in a restriction above, each evaluated by itself.
        pub view: TreeList,
        /// Who may edit it.
        pub edit: TreeList,
        /// Named subjects for which viewing is unknown.
        pub unknown_view: TreeList,
        /// Named subjects for which editing is unknown.
        pub unknown_edit: TreeList,
        /// Its own view restriction.
        pub view_restriction: TreeList,
        /// Its own edit restriction.
        pub edit_restriction: TreeList,
        /// What everyone with access to the space can do: `can edit` if nothing is restricted here, `can view` if only
        /// editing is, `has no access` if viewing is; `unknown` if its restrictions are unknown.
        pub everyone: &'static str,
    }
}

/// Root to content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The content.
    pub content_id: String,
    /// Key of its space.
    pub space_key: String,
    /// Name of its space.
    pub space_name: Option<String>,
    /// Whether people stand for the groups they are in.
    pub people: bool,
    /// Levels, root first.
    pub levels: Vec<TreeLevel>,
}

impl Tree {
    /// The tree as plain data.
    pub fn to_value(&self, style: TreeStyle) -> Value {
        match style {
            TreeStyle::Plain => serde_json::to_value(self).unwrap_or_default(),
            TreeStyle::Extender => json!({
                "inherited_content_permissions": self.inherited_content_permissions(),
                "inherited_content_tree_permissions": self.inherited_content_tree_permissions(),
                "content_tree_restrictions": self.content_tree_restrictions(),
            }),
        }
    }

    /// What `getInheritedContentPermissions` answers.
    pub fn inherited_content_permissions(&self) -> Value {
        let mut answer = self.head();
        if let Some(last) = self.levels.last() {
            answer.insert("level".to_owned(), json!(last.level));
            answer.insert("permissions".to_owned(), last.permissions());
        }
        Value::Object(answer)
    }

    /// What `getInheritedContentTreePermissions` answers.
    pub fn inherited_content_tree_permissions(&self) -> Value {
        self.with_levels("permissions", TreeLevel::permissions)
    }

    /// What `getContentTreeRestrictions` answers.
    pub fn content_tree_restrictions(&self) -> Value {
        self.with_levels("restrictions", TreeLevel::restrictions)
    }

    fn with_levels(&self, key: &str, body: impl Fn(&TreeLevel) -> Value) -> Value {
        let levels = self.levels.iter().map(|level| {
            let mut row = level.head();
            row.insert("level".to_owned(), json!(level.level));
            row.insert(key.to_owned(), body(level));
            Value::Object(row)
        });
        let levels: Vec<Value> = levels.collect();
        let mut answer = self.head();
        answer.insert("contentTree".to_owned(), Value::Array(levels));
        Value::Object(answer)
    }

    fn head(&self) -> Map<String, Value> {
        let mut head = self.levels.last().map(TreeLevel::head).unwrap_or_default();
        head.insert("spaceKey".to_owned(), json!(self.space_key));
        head.insert("spaceName".to_owned(), json!(self.space_name.as_deref().unwrap_or(&self.space_key)));
        head
    }
}

impl TreeLevel {
    fn head(&self) -> Map<String, Value> {
        let mut head = Map::new();
        // The add-on writes numbers; ids that are none stay texts.
        let id = self.content_id.parse::<u64>().map_or_else(|_| json!(self.content_id), |number| json!(number));
        head.insert("contentId".to_owned(), id);
        head.insert("contentType".to_owned(), json!(self.kind));
        head.insert("contentCreatorName".to_owned(), json!(self.author.as_deref().unwrap_or("not exist")));
        head.insert("contentName".to_owned(), json!(self.title.as_deref().unwrap_or(&self.content_id)));
        // When permissions changed is in the audit log, not among the facts; the add-on writes an empty text then.
        head.insert("lastPermissionModificationDate".to_owned(), json!(""));
        head.insert("lastPermissionModificationDateString".to_owned(), json!(""));
        head
    }

    fn permissions(&self) -> Value {
        json!({
            "view": {"groups": self.view.groups, "users": self.view.users},
            "edit": {"groups": self.edit.groups, "users": self.edit.users},
            "viewGroupsTotal": self.view.groups.len(),
            "viewUsersTotal": self.view.users.len(),
            "editGroupsTotal": self.edit.groups.len(),
            "editUsersTotal": self.edit.users.len(),
        })
    }

    fn restrictions(&self) -> Value {
        let (view, edit) = (&self.view_restriction, &self.edit_restriction);
        let mut body = Map::new();
        for (key, number) in [
            ("viewGroupsTotal", view.groups.len()),
            ("viewUsersTotal", view.users.len()),
            ("editGroupsTotal", edit.groups.len()),
            ("editUsersTotal", edit.users.len()),
        ] {
            body.insert(key.to_owned(), json!(number));
        }
        if !view.is_empty() || !edit.is_empty() {
            let list = |list: &TreeList| {
                let mut row = Map::new();
                for (key, names) in [("groups", &list.groups), ("users", &list.users)] {
                    if !names.is_empty() {
                        row.insert(key.to_owned(), json!(names));
                    }
                }
                Value::Object(row)
            };
            body.insert("view".to_owned(), list(view));
            body.insert("edit".to_owned(), list(edit));
            body.insert("everyone".to_owned(), json!(self.everyone));
        }
        Value::Object(body)
    }
}

pub(super) fn tree(engine: &Engine, content_id: &str, people: bool) -> Result<Tree, UnknownContent> {
    let site = &engine.site;
    let content = site.find_content(content_id).ok_or_else(|| UnknownContent(content_id.to_owned()))?;
    let mut chain: Vec<_> = site.layers(content).map(|layer| layer.node).collect();
    chain.reverse();
    let mut named: Vec<Principal> = Vec::new();
    let name = |named: &mut Vec<Principal>, principal: Principal| {
        if matches!(principal, Principal::User(_) | Principal::Group(_)) && !named.contains(&principal) {
            named.push(principal);
        }
    };
    if let Some(space) = site.space_of(content) {
        for need in [Need::View, Need::EditPage, Need::EditBlogpost] {
            site.grants(space, need).into_iter().for_each(|(principal, _)| name(&mut named, principal));
        }
    }
    let mut levels = Vec::new();
    for (level, at) in (1u32..).zip(&chain) {
        site.view_list(*at).iter().chain(site.edit_list(*at)).for_each(|principal| name(&mut named, *principal));
        levels.push(site.level(engine, level, *at, &named, people));
    }
    let row = site.content(content);
    let space = site.space_of(content).and_then(|space| site.snapshot.spaces.get(space.row as usize));
    Ok(Tree {
        content_id: content_id.to_owned(),
        space_key: row.map(|row| row.space_key.clone()).unwrap_or_default(),
        space_name: space.and_then(|space| space.name.clone()),
        people,
        levels,
    })
}

impl IndexedSite {
    fn level(&self, engine: &Engine, level: u32, at: u32, named: &[Principal], people: bool) -> TreeLevel {
        let row = self.content(at);
        let author = row.and_then(|row| row.author_id.as_deref());
        let (view_list, edit_list) = (self.view_list(at), self.edit_list(at));
        let unread = self.node(at).is_some_and(|node| empty_list(node, Position::Own).decision != Decision::Allowed);
        let everyone = match (view_list.is_empty(), edit_list.is_empty()) {
            (false, _) => "has no access",
            (true, _) if unread => "unknown",
            (true, false) => "can view",
            (true, true) => "can edit",
        };
        let (view, unknown_view) = self.allowed(engine, Operation::View, at, named, people);
        let (edit, unknown_edit) = self.allowed(engine, Operation::Edit, at, named, people);
        TreeLevel {
            level,
            content_id: row.map(|row| row.id.clone()).unwrap_or_default(),
            title: row.and_then(|row| row.title.clone()),
            kind: row.map(|row| row.kind.as_str().to_owned()).unwrap_or_default(),
            author: author.and_then(|id| self.find_person(id)).and_then(|at| self.person_name(at)).map(str::to_owned),
            view,
            edit,
            unknown_view,
            unknown_edit,
            view_restriction: self.names(view_list.iter().copied()),
            edit_restriction: self.names(edit_list.iter().copied()),
            everyone,
        }
    }

    /// Who may, and of whom it is not known: people, or the subjects named so far, each as itself.
    fn allowed(
        &self,
        engine: &Engine,
        operation: Operation,
        at: u32,
        named: &[Principal],
        people: bool,
    ) -> (TreeList, TreeList) {
        if people {
            let set = engine.standing_set(operation, at).unwrap_or_default();
            let people = |set: &RoaringBitmap| {
                self.names(set.iter().filter(|at| *at != self.anonymous_bit()).map(Principal::User))
            };
            return (people(&set.yes), people(&set.unknown()));
        }
        let decided = |principal: &Principal| {
            let actor = match principal {
                Principal::User(at) => self.person(*at),
                Principal::Group(at) => Actor { who: Who::Group(*at), traits: Traits::STRANGER },
                _ => return Decision::Denied,
            };
            self.rule(Some(&actor), operation, at).standing.unwrap_or(Decision::Denied)
        };
        let of =
            |decision: Decision| self.names(named.iter().filter(|principal| decided(principal) == decision).copied());
        (of(Decision::Allowed), of(Decision::Unknown))
    }

    fn names(&self, principals: impl IntoIterator<Item = Principal>) -> TreeList {
        let mut list = TreeList::default();
        for principal in principals {
            match principal {
                Principal::User(at) => {
                    let name = self.user(at).and_then(|user| user.name.as_deref());
                    list.users.push(name.unwrap_or_else(|| self.person_id(at)).to_owned());
                }
                Principal::Group(at) => {
                    if let Some(group) = self.groups.get(at as usize) {
                        list.groups.push(group.name.as_deref().unwrap_or(&group.id).to_owned());
                    }
                }
                other => list.groups.push(self.subject_of(other).to_string()),
            }
        }
        list
    }
}
