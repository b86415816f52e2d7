//! REST API v1 as Cloud and Data Center both speak it: contents with their restrictions, accounts, groups and members, the
//! older audit log. What differs between the two is a [`Dialect`].

pub(super) mod audit;
pub(super) mod contents;
pub(super) mod lists;
pub(super) mod people;
pub(super) mod questions;
pub(super) mod requests;
pub(super) mod wire;

use self::lists::Names;
use crate::model::{Group, Origin, Subject, User};

/// How one of the two speaks: `A` is what it sends for an account, `G` for a group.
pub(super) struct Dialect<A, G> {
    /// Who an account is, and its name.
    pub named: fn(&A) -> (Subject, Option<String>),
    /// The id of an account.
    pub account_id: fn(&A) -> Option<&str>,
    /// The record of an account that has an id.
    pub user: fn(&A, &Origin) -> Option<User>,
    /// The record of a group that has an id.
    pub group: fn(&G, &Origin) -> Option<Group>,
    /// The entries of lists.
    pub names: Names,
    /// What it says about things without an id.
    pub words: Words,
    /// Listings of people count rows, and their next links are not to be trusted.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/
    pub counts_rows: bool,
    /// Only pages have children, and a content has its nodes above it from here alone.
    pub is_the_tree: bool,
    /// Authors of contents are accounts with records.
    pub describes_authors: bool,
}

/// What a dialect says about accounts and groups it sends without an id.
pub(super) struct Words {
    /// Where the id of an account stands.
    pub account_member: &'static str,
    pub account: &'static str,
    pub found_account: &'static str,
    /// Where the id of a group stands.
    pub group_member: &'static str,
    pub group: &'static str,
    pub listed_group: &'static str,
    /// What a member of a group lacks.
    pub lacking: &'static str,
}
