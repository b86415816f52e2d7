//! No circle of files: what a file needs lies below it, inside a room as well as between rooms.
//!
//! A file needs another where its code names something that other file defines. Re-exports are seen through, so that
//! `super::Error` leads to the file of the error and not to the `mod.rs` that hands it on; tests inside files may look
//! anywhere.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

type Name = Vec<String>;

/// What a name in a module stands for: a path as written, seen from that module.
type Path_ = Vec<String>;

/// Longest path that is followed: names that stand for one another would make it longer and longer.
const LONGEST: usize = 16;

/// One file of the crate, as a module.
#[derive(Default)]
struct Module {
    /// Names it defines itself, child modules aside.
    defines: HashSet<String>,
    /// Names it brings in: to what.
    aliases: HashMap<String, Path_>,
    /// Modules whose names it brings in as a whole.
    globs: Vec<Path_>,
    /// Paths its code names: each once.
    named: BTreeSet<Path_>,
}

/// The crate: every module by its name.
#[derive(Default)]
struct House {
    modules: BTreeMap<Name, Module>,
}

fn only_in_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut inside = false;
        if attribute.path().is_ident("cfg") {
            let _ = attribute.parse_nested_meta(|meta| {
                inside |= meta.path.is_ident("test");
                Ok(())
            });
        }
        inside
    })
}

struct Reader<'a> {
    module: &'a mut Module,
}

impl Reader<'_> {
    fn leaf(&mut self, path: Path_, name: &str, public: bool) {
        if !public {
            self.module.named.insert(path.clone());
        }
        self.module.aliases.insert(name.to_owned(), path);
    }

    fn uses(&mut self, tree: &syn::UseTree, before: &Path_, public: bool) {
        let with = |name: &syn::Ident| {
            let mut path = before.clone();
            if name != "self" || path.is_empty() {
                path.push(name.to_string());
            }
            path
        };
        match tree {
            syn::UseTree::Path(path) => self.uses(&path.tree, &with(&path.ident), public),
            syn::UseTree::Name(name) => {
                let path = with(&name.ident);
                let called = path.last().cloned().unwrap_or_default();
                self.leaf(path, &called, public);
            }
            syn::UseTree::Rename(rename) => self.leaf(with(&rename.ident), &rename.rename.to_string(), public),
            syn::UseTree::Glob(_) => self.module.globs.push(before.clone()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.uses(item, before, public)),
        }
    }

    /// Paths in what a macro is given, whatever the macro makes of it.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Path_ = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.module.named.insert(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    self.module.named.insert(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.module.named.insert(path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, name) = match item {
            syn::Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            syn::Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Type(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Const(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Static(item) => (&item.attrs, Some(&item.ident)),
            syn::Item::Impl(item) => (&item.attrs, None),
            syn::Item::Mod(item) => (&item.attrs, None),
            syn::Item::Use(item) => (&item.attrs, None),
            syn::Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            _ => return visit::visit_item(self, item),
        };
        if only_in_tests(attributes) {
            return;
        }
        if let Some(name) = name {
            self.module.defines.insert(name.to_string());
        }
        match item {
            syn::Item::Use(item) => {
                let public = !matches!(item.vis, syn::Visibility::Inherited);
                self.uses(&item.tree, &Vec::new(), public);
            }
            // What a macro writes into the file bears the first name that follows the attributes and comments.
            syn::Item::Macro(item) => {
                for token in item.mac.tokens.clone() {
                    if let TokenTree::Ident(name) = token {
                        self.module.defines.insert(name.to_string());
                    }
                }
                visit::visit_item_macro(self, item);
            }
            _ => visit::visit_item(self, item),
        }
    }

    /// Who may use an item is no need of the file: `pub(super)` names a module and nothing in it.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.module.named.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

impl House {
    fn read(src: &Path) -> Self {
        let mut house = Self::default();
        let mut folders = vec![src.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a room is a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    let text = fs::read_to_string(&path).expect("a source file");
                    house.add(name_of(path.strip_prefix(src).expect("below src")), &text);
                }
            }
        }
        house
    }

    fn add(&mut self, name: Name, text: &str) {
        let mut module = Module::default();
        Reader { module: &mut module }.visit_file(&syn::parse_file(text).expect("Rust"));
        self.modules.insert(name, module);
    }

    /// The module that defines what `path` names, seen from `from`; `None`: something of another crate.
    fn home<'a>(&'a self, from: &'a Name, path: &[String], seen: &mut HashSet<(Name, Path_)>) -> Option<&'a Name> {
        if path.is_empty() || path.len() > LONGEST || !seen.insert((from.clone(), path.to_vec())) {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let (from, _) = self.modules.get_key_value(from)?;
        let inside = |module: &[String], path: &[String], seen: &mut _| {
            let (module, _) = self.modules.get_key_value(module)?;
            if path.is_empty() { Some(module) } else { self.home(module, path, seen) }
        };
        match first.as_str() {
            "crate" => return inside(&[], rest, seen),
            "self" => return inside(from, rest, seen),
            "super" => return inside(from.split_last()?.1, rest, seen),
            _ => {}
        }
        let mut child = from.clone();
        child.push(first.clone());
        if self.modules.contains_key(&child) {
            return inside(&child, rest, seen);
        }
        let module = &self.modules[from];
        if module.defines.contains(first) {
            return Some(from);
        }
        // A name that stands for a path which begins with itself is one of another crate: `use tokio::tokio`.
        if let Some(alias) = module.aliases.get(first).filter(|alias| alias.first() != Some(first)) {
            let whole: Path_ = alias.iter().chain(rest).cloned().collect();
            // A method or variant behind the name is where the name is.
            return self.home(from, &whole, seen).or_else(|| self.home(from, alias, seen));
        }
        module.globs.iter().find_map(|glob| {
            let whole: Path_ = glob.iter().chain(path).cloned().collect();
            self.home(from, &whole, seen)
        })
    }

    /// For each file, the files it needs.
    fn arrows(&self) -> BTreeMap<&Name, BTreeSet<&Name>> {
        let mut arrows: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for (name, module) in &self.modules {
            let to = arrows.entry(name).or_default();
            for path in &module.named {
                to.extend(self.home(name, path, &mut HashSet::new()).filter(|home| *home != name));
            }
        }
        arrows
    }

    /// Files that need one another, the smallest sets first.
    fn circles(&self) -> Vec<Vec<String>> {
        let arrows = self.arrows();
        let reach: BTreeMap<&Name, BTreeSet<&Name>> = arrows
            .keys()
            .map(|start| {
                let mut reached = BTreeSet::new();
                let mut next: Vec<&Name> = vec![*start];
                while let Some(at) = next.pop() {
                    next.extend(arrows[at].iter().filter(|to| reached.insert(**to)));
                }
                (*start, reached)
            })
            .collect();
        let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
        for (name, reached) in &reach {
            if reached.contains(name) {
                let with = reached.iter().filter(|other| reach[**other].contains(name));
                circles.insert(with.map(|other| other.join("/")).collect());
            }
        }
        circles.into_iter().collect()
    }
}

fn name_of(file: &Path) -> Name {
    let mut name: Name = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if matches!(name.last().map(String::as_str), Some("mod" | "lib")) {
        name.pop();
    }
    name
}

#[test]
fn no_file_needs_itself_by_way_of_others() {
    let src: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let house = House::read(&src);
    let arrows = house.arrows();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > house.modules.len(), "the guard saw hardly any arrow");
    let circles = house.circles();
    let inside = |circle: &[String]| {
        let within = |name: &Name| circle.contains(&name.join("/"));
        let pairs = arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to)));
        let arrows = pairs.filter(|(from, to)| within(from) && within(to));
        arrows.map(|(from, to)| format!("  {} -> {}\n", from.join("/"), to.join("/"))).collect::<String>()
    };
    let drawn: String = circles.iter().map(|circle| format!("{}\n{}", circle.join(", "), inside(circle))).collect();
    assert!(circles.is_empty(), "circles of files, each with its arrows:\n{drawn}");
}

#[test]
fn the_guard_sees_through_re_exports_and_finds_a_circle_wherever_it_is_named() {
    let house = |files: &[(&str, &str)]| {
        let mut house = House::default();
        for (name, text) in files {
            house.add(name_of(Path::new(name)), text);
        }
        house.circles()
    };
    let root = ("lib.rs", "pub mod a; pub mod b;");
    assert_eq!(house(&[root, ("a.rs", "use crate::b::B; pub struct A(B);"), ("b.rs", "pub struct B;")]), [[""; 0]; 0]);
    let back = ("b.rs", "pub struct B; fn f() { let _ = crate::a::A::new(); }");
    assert_eq!(house(&[root, ("a.rs", "use crate::b::B; pub struct A(B);"), back]), [["a", "b"]]);
    let given = ("b.rs", "pub struct B; fn f() { dbg!(crate::a::A) }");
    assert_eq!(house(&[root, ("a.rs", "use crate::b::B; pub struct A(B);"), given]), [["a", "b"]]);
    // A room hands on what its files define: that is no need of the room.
    let room = ("a/mod.rs", "mod x; mod y; pub use x::X; pub use y::Y;");
    let x = ("a/x.rs", "use super::Y; pub struct X(Y);");
    assert_eq!(house(&[("lib.rs", "mod a;"), room, x, ("a/y.rs", "pub struct Y;")]), [[""; 0]; 0]);
    let y = ("a/y.rs", "pub struct Y; impl Y { fn f(_: super::X) {} }");
    assert_eq!(house(&[("lib.rs", "mod a;"), room, x, y]), [["a/x", "a/y"]]);
    let open = ("a/x.rs", "pub(super) struct X;");
    assert_eq!(house(&[("lib.rs", "mod a;"), ("a/mod.rs", "mod x; fn f(_: x::X) {}"), open]), [[""; 0]; 0]);
    let tests = ("a/y.rs", "pub struct Y; #[cfg(test)] mod tests { use crate::a::X; fn f(_: X) {} }");
    assert_eq!(house(&[("lib.rs", "mod a;"), room, x, tests]), [[""; 0]; 0]);
}
