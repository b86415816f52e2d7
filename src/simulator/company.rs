//! A made-up company.

use super::Options;
use super::state::{Account, Facts, Kind, Node, Principal, Space};

/// A person of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Account id.
    pub account_id: &'static str,
    /// Display name.
    pub name: &'static str,
}

/// A content of the company that is always there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Titled {
    /// Key of its space.
    pub space: &'static str,
    /// Title.
    pub title: &'static str,
}

/// Who and what is always there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// An engineer.
    pub ann: Person,
}

/// Who and what is always there.
pub fn cast() -> Cast {
    Cast { ann: Person { account_id: "712020:ann", name: "Ann Berg" } }
}

pub(super) fn facts(_options: &Options) -> Facts {
    let mut facts = Facts { title: "Acme".to_owned(), role_mode: "PRE_ROLES".to_owned(), ..Facts::default() };
    facts.users.push(Account {
        id: "712020:ann".to_owned(),
        name: "Ann Berg".to_owned(),
        active: true,
        licensed: true,
        ..Account::default()
    });
    facts.spaces.push(Space {
        id: "98305".to_owned(),
        key: "ENG".to_owned(),
        name: "Engineering".to_owned(),
        kind: "global".to_owned(),
        grants: vec![(Principal::User("712020:ann".to_owned()), "view".to_owned())],
        ..Space::default()
    });
    facts.nodes.push(Node::new("65537", Kind::Page, 0, "Engineering"));
    facts
}
