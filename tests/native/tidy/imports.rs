//! Which file imports what from which other file: `use` declarations and paths, resolved through
//! modules and re-exports as the compiler does it. What a file imports for its own tests only
//! (`#[cfg(test)]`) is left out.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use syn::{
    Item, ItemMod, UseTree,
    visit::{self, Visit},
};

/// The sources of some packages, with their imports.
#[derive(Default)]
pub struct Sources {
    modules: Vec<Module>,
    /// The root module of each library, by its name.
    libraries: BTreeMap<String, usize>,
    /// Every file that is a module of a package.
    pub files: BTreeSet<String>,
    /// Imports from another file, of any package here.
    pub arrows: BTreeSet<Arrow>,
    /// Imports from elsewhere: the file, and the path.
    pub foreign: BTreeSet<(String, String)>,
}

/// An import of an item of another file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// The file that imports.
    pub from: String,
    /// The file that defines the item.
    pub to: String,
    /// The item.
    pub item: String,
}

struct Module {
    file: String,
    parent: Option<usize>,
    names: BTreeMap<String, Vec<Definition>>,
    globs: Vec<Vec<String>>,
    /// Every path in it, and whether that is a glob import's.
    paths: Vec<(Vec<String>, bool)>,
}

#[derive(Clone)]
enum Definition {
    Item,
    Module(usize),
    Use(Vec<String>),
}

enum Found {
    /// The file that defines the item; the item's name.
    Item(String, String),
    Module(usize),
    /// A path into a package that is not here.
    Foreign(String),
}

impl Sources {
    /// Reads packages below `root`: the name of each library, if it is one, and its root file.
    pub fn read(root: &Path, packages: &[(Option<&str>, &str)]) -> Self {
        let mut sources = Self::default();
        for (library, file) in packages {
            let path = Path::new(file);
            let folder = path.parent().expect("a root file is in a folder");
            let module = sources.read_module(root, file, folder, None);
            if let Some(library) = library {
                sources.libraries.insert((*library).to_owned(), module);
            }
        }
        sources.resolve_all();
        sources
    }

    /// Files that import each other, directly or through others.
    pub fn circles(&self) -> Vec<BTreeSet<&str>> {
        let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for arrow in &self.arrows {
            next.entry(&arrow.from).or_default().insert(&arrow.to);
        }
        let reached = |from: &str| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
            while let Some(file) = open.pop() {
                if seen.insert(file) {
                    open.extend(next.get(file).into_iter().flatten());
                }
            }
            seen
        };
        let reach: BTreeMap<&str, BTreeSet<&str>> =
            next.keys().map(|file| (*file, reached(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, seen) in &reach {
            let circle: BTreeSet<&str> = seen
                .iter()
                .copied()
                .filter(|other| reach.get(other).is_some_and(|back| back.contains(file)))
                .collect();
            if !circle.is_empty() {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn read_module(
        &mut self,
        root: &Path,
        file: &str,
        folder: &Path,
        parent: Option<usize>,
    ) -> usize {
        let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.files.insert(file.to_owned());
        self.add_module(root, file, folder, parent, &syntax.items)
    }

    /// `folder` is where the files of its child modules are.
    fn add_module(
        &mut self,
        root: &Path,
        file: &str,
        folder: &Path,
        parent: Option<usize>,
        items: &[Item],
    ) -> usize {
        let index = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            names: BTreeMap::new(),
            globs: Vec::new(),
            paths: Vec::new(),
        });
        for item in items {
            if let Item::Mod(child) = item {
                if is_test(child) {
                    continue;
                }
                let name = child.ident.to_string();
                let child = self.add_child(root, file, folder, index, child);
                self.define(index, name, Definition::Module(child));
            } else if let Some(name) = name_of(item) {
                self.define(index, name, Definition::Item);
            }
        }
        let mut reader = PathReader::default();
        for item in items {
            reader.visit_item(item);
        }
        for (path, name) in reader.uses {
            match name {
                Some(name) => {
                    self.define(index, name, Definition::Use(path.clone()));
                    self.modules[index].paths.push((path, false));
                }
                None => {
                    self.modules[index].globs.push(path.clone());
                    self.modules[index].paths.push((path, true));
                }
            }
        }
        let paths = reader.paths.into_iter().map(|path| (path, false));
        self.modules[index].paths.extend(paths);
        index
    }

    fn add_child(
        &mut self,
        root: &Path,
        file: &str,
        folder: &Path,
        parent: usize,
        child: &ItemMod,
    ) -> usize {
        let name = child.ident.to_string();
        let below = folder.join(&name);
        if let Some((_, items)) = &child.content {
            return self.add_module(root, file, &below, Some(parent), items);
        }
        let path = child
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("path"))
            .find_map(
                |attribute| match &attribute.meta.require_name_value().ok()?.value {
                    syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(path),
                        ..
                    }) => Some(Path::new(file).parent()?.join(path.value())),
                    _ => None,
                },
            );
        let candidates = [
            path.unwrap_or_else(|| folder.join(format!("{name}.rs"))),
            below.join("mod.rs"),
        ];
        let found = candidates.iter().find(|path| root.join(path).is_file());
        let found = found.unwrap_or_else(|| panic!("{file}: no file of the module {name}"));
        let child = found.to_string_lossy().replace('\\', "/");
        self.read_module(root, &child, &below, Some(parent))
    }

    fn define(&mut self, module: usize, name: String, definition: Definition) {
        let names = &mut self.modules[module].names;
        names.entry(name).or_default().push(definition);
    }

    fn resolve_all(&mut self) {
        for (index, module) in self.modules.iter().enumerate() {
            for (path, is_glob) in &module.paths {
                for found in self.resolve(index, path, 0) {
                    let (to, item) = match found {
                        Found::Item(file, item) => (file, item),
                        // Whatever is imported through it counts, in the file that defines it.
                        Found::Module(_) if !is_glob => continue,
                        Found::Module(module) => (self.modules[module].file.clone(), "*".into()),
                        Found::Foreign(path) => {
                            self.foreign.insert((module.file.clone(), path));
                            continue;
                        }
                    };
                    if to != module.file {
                        self.arrows.insert(Arrow {
                            from: module.file.clone(),
                            to,
                            item,
                        });
                    }
                }
            }
        }
    }

    /// What a path in a module names. Paths that begin with something local name nothing.
    fn resolve(&self, module: usize, path: &[String], depth: usize) -> Vec<Found> {
        let Some((first, rest)) = path.split_first().filter(|_| depth < 32) else {
            return vec![Found::Module(module)];
        };
        match first.as_str() {
            "crate" => self.within(self.root_of(module), rest, depth + 1),
            "self" if rest.is_empty() => vec![Found::Module(module)],
            "self" => self.within(module, rest, depth + 1),
            "super" => match self.modules[module].parent {
                Some(parent) if rest.first().is_some_and(|next| next == "super") => {
                    self.resolve(parent, rest, depth + 1)
                }
                Some(parent) => self.within(parent, rest, depth + 1),
                None => Vec::new(),
            },
            "Self" => Vec::new(),
            _ => {
                let local = self.lookup(module, first, depth + 1);
                if !local.is_empty() {
                    return self.follow(module, local, path, depth + 1);
                }
                match self.libraries.get(first) {
                    Some(library) => self.within(*library, rest, depth + 1),
                    None => vec![Found::Foreign(path.join("::"))],
                }
            }
        }
    }

    /// What a path names in this module, which is known to have it.
    fn within(&self, module: usize, path: &[String], depth: usize) -> Vec<Found> {
        let Some(first) = path.first() else {
            return vec![Found::Module(module)];
        };
        if first == "super" {
            return self.resolve(module, path, depth + 1);
        }
        let definitions = self.lookup(module, first, depth + 1);
        if definitions.is_empty() {
            // Written by a macro.
            return vec![Found::Item(
                self.modules[module].file.clone(),
                first.clone(),
            )];
        }
        self.follow(module, definitions, path, depth + 1)
    }

    /// Goes on from the definitions of a path's first name.
    fn follow(
        &self,
        module: usize,
        definitions: Vec<(usize, Definition)>,
        path: &[String],
        depth: usize,
    ) -> Vec<Found> {
        let (first, rest) = path.split_first().expect("a path has a name");
        let mut found = Vec::new();
        let mut is_elsewhere = false;
        let child = definitions
            .iter()
            .find_map(|(_, definition)| match definition {
                Definition::Module(child) => Some(*child),
                _ => None,
            });
        for (at, definition) in definitions {
            match definition {
                Definition::Item => {
                    found.push(Found::Item(self.modules[at].file.clone(), first.clone()));
                }
                Definition::Module(child) => found.extend(self.within(child, rest, depth)),
                // `use name::name`: its path does not lead back here.
                Definition::Use(target) if at == module && target.first() == Some(first) => {
                    let rest = [&target[1..], rest].concat();
                    match child.or(self.libraries.get(first).copied()) {
                        Some(other) => found.extend(self.within(other, &rest, depth)),
                        None => is_elsewhere = true,
                    }
                }
                Definition::Use(target) => {
                    found.extend(self.resolve(at, &[&target, rest].concat(), depth));
                }
            }
        }
        if found.is_empty() && is_elsewhere {
            found.push(Found::Foreign(path.join("::")));
        }
        found
    }

    /// The definitions of a name, each with the module it is in.
    fn lookup(&self, module: usize, name: &str, depth: usize) -> Vec<(usize, Definition)> {
        let Module { names, globs, .. } = &self.modules[module];
        if let Some(definitions) = names.get(name) {
            return definitions.iter().map(|d| (module, d.clone())).collect();
        }
        if depth > 32 {
            return Vec::new();
        }
        let globs = globs.iter().filter(|glob| glob[0] != name);
        globs
            .flat_map(|glob| self.resolve(module, glob, depth + 1))
            .filter_map(|found| match found {
                Found::Module(other) if other != module => Some(other),
                _ => None,
            })
            .flat_map(|other| self.lookup(other, name, depth + 1))
            .collect()
    }

    fn root_of(&self, module: usize) -> usize {
        match self.modules[module].parent {
            Some(parent) => self.root_of(parent),
            None => module,
        }
    }
}

fn is_test(module: &ItemMod) -> bool {
    let conditions = module.attrs.iter().filter(|a| a.path().is_ident("cfg"));
    conditions
        .filter_map(|condition| condition.meta.require_list().ok())
        .any(|condition| {
            let text = condition.tokens.to_string();
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == "test")
        })
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}

/// Collects the paths of a module, without those of its child modules.
#[derive(Default)]
struct PathReader {
    paths: Vec<Vec<String>>,
    /// Imported paths, each with its name here; without one it is a glob.
    uses: Vec<(Vec<String>, Option<String>)>,
}

impl PathReader {
    fn read_use(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.read_use(&path.tree, &with(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => {
                self.uses.push((before.to_vec(), before.last().cloned()));
            }
            UseTree::Name(name) => {
                self.uses
                    .push((with(&name.ident), Some(name.ident.to_string())));
            }
            UseTree::Rename(renamed) => {
                let path = match renamed.ident == "self" {
                    true => before.to_vec(),
                    false => with(&renamed.ident),
                };
                self.uses.push((path, Some(renamed.rename.to_string())));
            }
            UseTree::Glob(_) => self.uses.push((before.to_vec(), None)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_use(tree, before);
                }
            }
        }
    }

    /// The paths in a macro's input: names with `::` between them.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |index: usize, mark| matches!(trees.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
        let mut index = 0;
        while index < trees.len() {
            match &trees[index] {
                TokenTree::Group(group) => self.read_tokens(group.stream()),
                TokenTree::Ident(name) if index == 0 || !is(index - 1, '.') => {
                    let mut path = vec![name.to_string()];
                    while is(index + 1, ':') && is(index + 2, ':') {
                        let Some(TokenTree::Ident(name)) = trees.get(index + 3) else {
                            break;
                        };
                        path.push(name.to_string());
                        index += 3;
                    }
                    if path.len() > 1 {
                        self.paths.push(path);
                    }
                }
                _ => {}
            }
            index += 1;
        }
    }
}

impl<'ast> Visit<'ast> for PathReader {
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.read_use(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter();
        let names: Vec<String> = names.map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.paths.push(names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.read_tokens(call.tokens.clone());
    }
}

/// A file's code in one line, without comments, and with spaces between words only: `a.b()`.
pub fn code(source: &str) -> String {
    fn write(tokens: TokenStream, code: &mut String) {
        let mut trees = tokens.into_iter().peekable();
        let mut after_word = false;
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    let mut attribute = String::from("#");
                    if matches!(trees.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!')
                    {
                        trees.next();
                        attribute.push('!');
                    }
                    match trees.peek() {
                        Some(TokenTree::Group(group))
                            if group.delimiter() == Delimiter::Bracket
                                && is_doc(group.stream()) =>
                        {
                            trees.next();
                        }
                        _ => code.push_str(&attribute),
                    }
                    after_word = false;
                }
                TokenTree::Punct(mark) => {
                    code.push(mark.as_char());
                    after_word = false;
                }
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    code.push_str(open);
                    write(group.stream(), code);
                    code.push_str(close);
                    after_word = false;
                }
                word => {
                    if after_word {
                        code.push(' ');
                    }
                    code.push_str(&word.to_string());
                    after_word = true;
                }
            }
        }
    }
    fn is_doc(tokens: TokenStream) -> bool {
        let first = tokens.into_iter().next();
        matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
    }
    let mut code = String::new();
    write(source.parse().expect("a source file parses"), &mut code);
    code
}

#[test]
fn code_has_no_comments_and_no_line_breaks() {
    let source =
        "//! About.\n/// More.\n#[test]\nfn name() {\n    a\n        .b(\"text\") // why\n}\n";
    assert_eq!(code(source), "#[test]fn name(){a.b(\"text\")}");
}

#[test]
fn an_import_leads_to_the_file_that_defines_the_item() {
    let root = std::env::temp_dir().join(format!("imports-{}", std::process::id()));
    for (file, text) in [
        (
            "library/lib.rs",
            "pub mod a;\nmod b;\npub use b::Thing as Other;",
        ),
        (
            "library/a.rs",
            "mod c;\nuse super::*;\nfn f() -> Other { c::deep(String::new()) }",
        ),
        (
            "library/a/c.rs",
            "pub(super) fn deep() { show!(x.y::<Z>(), crate::a::f()) }",
        ),
        (
            "library/b.rs",
            "use std::fmt;\npub struct Thing(crate::Other);",
        ),
        (
            "program/main.rs",
            "use library::{self, a, Other};\nfn main() { a::f(); library::a::f() }",
        ),
    ] {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let packages = [
        (Some("library"), "library/lib.rs"),
        (None, "program/main.rs"),
    ];
    let sources = Sources::read(&root, &packages);
    fs::remove_dir_all(&root).unwrap();
    let arrows: Vec<(&str, &str, &str)> = sources
        .arrows
        .iter()
        .map(|arrow| (&*arrow.from, &*arrow.to, &*arrow.item))
        .collect();
    assert_eq!(
        arrows,
        [
            ("library/a.rs", "library/a/c.rs", "deep"),
            ("library/a.rs", "library/lib.rs", "*"),
            ("library/a/c.rs", "library/a.rs", "f"),
            ("library/lib.rs", "library/b.rs", "Thing"),
            ("program/main.rs", "library/a.rs", "f"),
            ("program/main.rs", "library/b.rs", "Thing"),
        ]
    );
    let circle = BTreeSet::from(["library/a.rs", "library/a/c.rs"]);
    assert_eq!(sources.circles(), [circle]);
    assert!(
        sources
            .foreign
            .contains(&("library/b.rs".into(), "std::fmt".into()))
    );
}
