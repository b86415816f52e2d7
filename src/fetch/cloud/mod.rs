//! Confluence Cloud: what a site is asked, and what becomes of the answers.

mod audit;
mod change;
mod check;
mod contents;
mod groups;
mod people;
mod permissions;
mod place;
mod public_links;
mod restrictions;
mod search;
mod server;
mod site;
mod snapshot;
mod spaces;

pub(super) use people::WORDS;
pub(super) use public_links::PublicLinks;
pub(super) use restrictions::LISTS;
pub(super) use site::Site;
