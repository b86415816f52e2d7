//! Pieces of work for `instructions.py`, which counts their instructions: one is named, and done once.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a benchmark prints, and fails by panicking"
)]

mod company;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use confluence_access::apis::Context;
use confluence_access::apis::cloud_v1::lift as v1;
use confluence_access::apis::cloud_v2::lift as v2;
use confluence_access::model::{Operation, Subject};
use confluence_access::resolve::Access;
use confluence_access::tables::Table;
use serde_json::Value;

use crate::company::company;

/// A fixture with its rows repeated to a full page.
fn body(fixture: &str, rows: usize) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
    let mut answer: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let kinds = answer["results"].as_array().unwrap().clone();
    answer["results"] = kinds.iter().cycle().take(rows).cloned().collect();
    serde_json::to_vec(&answer).unwrap()
}

fn main() {
    let work = std::env::args().nth(1).unwrap_or_default();
    // Made in every run, so that a run that does nothing else is what is taken off.
    let site = Arc::new(company(2_000, 200, 40, 20, 7));
    let context = Context { space_key: Some("ENG".to_owned()), ..Context::default() };
    let (pages, search) = (body("cloud_v2/pages.json", 250), body("cloud_v1/content_search.json", 200));
    let members = body("cloud_v1/group_members.json", 200);
    match work.as_str() {
        "index and audiences" => {
            let access = Access::new(site, None);
            black_box(access.pair_count(Operation::View) + access.pair_count(Operation::Edit));
        }
        "findings" => drop(black_box(Access::new(site, None).findings())),
        "explanations" => {
            let access = Access::new(site.clone(), None);
            for (at, content) in site.contents.iter().step_by(10).enumerate() {
                let user = Subject::user(site.users[at % site.users.len()].id.as_str());
                black_box(access.explain(&user, Operation::Edit, &content.id));
            }
        }
        "read pages" => drop(black_box(v2::pages(&pages, &context).unwrap())),
        "read a search with restrictions" => drop(black_box(v1::content_search(&search, &context).unwrap())),
        "read members" => drop(black_box(v1::group_members(&members, "g").unwrap())),
        "arrow" => {
            black_box(Table::new(&site.contents, []).batches());
            black_box(Table::new(&site.space_permissions, []).batches());
        }
        // Cargo passes a word of its own.
        "" | "--bench" => {}
        other => panic!("no work called `{other}`"),
    }
}
