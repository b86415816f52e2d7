//! Who can see or edit what in Confluence, why, and who changed it when.
//!
//! The house has two wings on one ground floor, under one roof; imports point down only:
//!
//! ```text
//!                  python                  the boundary to Python, behind the feature `python`
//!                /        \
//!            fetch        tables           fetch: the only I/O     tables: records as Arrow columns
//!              |             |
//!            apis         resolve          apis: one folder per upstream API, no I/O     resolve: decisions, pure
//!                \        /
//!                  model                   what a site is
//! ```
//!
//! `simulator` stands beside the house: a Confluence to talk to, written from the specifications. It shares no code
//! with `apis`, so that a reading error is not made a second time in the server that tests it. It is behind the feature
//! `simulator`, which is on by default.
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as its cases"))]

pub mod model;

pub mod apis;
pub mod resolve;

pub mod fetch;
pub mod tables;

#[cfg(feature = "simulator")]
pub mod simulator;

#[cfg(feature = "python")]
mod python;
