//! Imports point down only.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// For each room, the rooms it may import from.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("apis", &["model"]),
    ("resolve", &["model"]),
    ("fetch", &["model", "apis"]),
    ("tables", &["model", "resolve"]),
    ("simulator", &["model"]),
    ("python", &["model", "apis", "resolve", "fetch", "tables", "simulator"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a room is a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Rooms named behind `crate::` in a text, braces included: `use crate::{model::x, fetch::y}`.
fn rooms_named(text: &str) -> Vec<String> {
    let code: String = text.lines().map(|l| l.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = code[at + "crate::".len()..].trim_start();
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                if depth == 1 && c == ',' {
                    rooms.push(std::mem::take(&mut item));
                } else {
                    item.push(c);
                }
            }
            rooms.push(item);
        } else {
            rooms.push(rest.to_owned());
        }
    }
    let first = |text: &String| {
        text.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
    };
    rooms.iter().map(first).filter(|room| !room.is_empty()).collect()
}

#[test]
fn imports_point_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut looked_at = BTreeMap::new();
    let mut arrows = Vec::new();
    for (room, below) in ALLOWED {
        let mut files = Vec::new();
        sources(&src.join(room), &mut files);
        looked_at.insert(*room, files.len());
        for file in files {
            let text = fs::read_to_string(&file).expect("a source file");
            for named in rooms_named(&text) {
                if named != *room && ALLOWED.iter().any(|(r, _)| *r == named) && !below.contains(&named.as_str()) {
                    arrows.push(format!("{} imports {named}", file.strip_prefix(&src).unwrap_or(&file).display()));
                }
            }
            if *room != "python" && text.contains("pyo3::") {
                arrows.push(format!("{} knows pyo3", file.display()));
            }
            if !matches!(*room, "fetch" | "simulator" | "python")
                && ["reqwest::", "tokio::net", "std::net::Tcp"].iter().any(|io| text.contains(io))
            {
                arrows.push(format!("{} does I/O", file.display()));
            }
        }
    }
    assert!(arrows.is_empty(), "arrows that point up or across:\n{}", arrows.join("\n"));
    let empty: Vec<_> = looked_at.iter().filter(|(_, n)| **n == 0).collect();
    assert!(empty.is_empty(), "no file was looked at in {empty:?}");
    let rooms = fs::read_dir(&src).expect("src").filter(|e| e.as_ref().is_ok_and(|e| e.path().is_dir())).count();
    assert_eq!(rooms, ALLOWED.len(), "a room is missing from the list of this test");
}

#[test]
fn the_guard_sees_an_arrow_in_every_spelling() {
    assert_eq!(rooms_named("use crate::fetch::Client;"), ["fetch"]);
    assert_eq!(rooms_named("use crate::{model::{A, B}, fetch};"), ["model", "fetch"]);
    assert_eq!(rooms_named("fn f() { crate::tables::x() } // crate::python"), ["tables"]);
}
