//! All Rust tests that look at the house from outside; in-file tests sit beside what they test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::too_many_lines,
    missing_docs,
    reason = "a test fails by panicking, and says so; a table of cases is as long as its cases"
)]

mod answers;
mod audit;
mod audit_datacenter;
mod change;
mod change_datacenter;
mod circles;
mod conformance;
mod contract;
mod crawl;
mod crawl_datacenter;
mod credentials;
mod diff;
mod doubts;
mod exposure;
mod failure_catalogue;
mod findings;
mod gaps;
mod golden;
mod hostile;
mod identities;
mod layering;
mod names;
mod organization;
mod paging;
mod pairs;
mod past;
mod plans;
mod plans_applied;
mod properties;
mod public_links;
mod scenarios;
mod simulator;
mod simulator_datacenter;
mod simulator_datacenter_rooms;
mod support;
mod sweep;
mod wild;
