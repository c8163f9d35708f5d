//! The shape of the project, enforced by reading the sources: who imports what, and the words that
//! only some files may contain.

mod examples;
mod imports;

use imports::{Arrow, Sources, code};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use syn::visit::{self, Visit};

/// The libraries by name, and the root files of the programs.
const PACKAGES: [(Option<&str>, &str); 15] = [
    (Some("cc_connect_core"), "crates/core/src/lib.rs"),
    (Some("cc_connect"), "crates/browser/src/lib.rs"),
    (Some("cc_connect_app"), "src/lib.rs"),
    (None, "src/main.rs"),
    (None, "src/connect.rs"),
    (Some("cc_connect_hosting"), "hosting/src/lib.rs"),
    (Some("cc_connect_sandbox"), "sandbox/src/lib.rs"),
    (None, "sandbox/src/main.rs"),
    (None, "xtask/src/main.rs"),
    (None, "bench/src/main.rs"),
    (Some("cc_connect_server"), "server/src/lib.rs"),
    (None, "server/src/main.rs"),
    (Some("cc_connect_servers"), "tests/servers/src/lib.rs"),
    (Some("cc_connect_e2e"), "tests/e2e/lib.rs"),
    (None, "tests/e2e/main.rs"),
];

/// How many lines a file may have.
const LONGEST: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every package, with the examples.
static SOURCES: LazyLock<Sources> = LazyLock::new(|| {
    let examples = fs::read_dir(root().join("examples")).into_iter().flatten();
    let examples: Vec<String> = examples
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .flat_map(|name| ["main", "lib"].map(|file| format!("examples/{name}/src/{file}.rs")))
        .filter(|file| root().join(file).is_file())
        .collect();
    let mut packages = PACKAGES.to_vec();
    packages.extend(examples.iter().map(|file| (None, file.as_str())));
    Sources::read(&root(), &packages)
});

/// Every Rust file below a folder, with its path from the root.
fn files(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default();
            let is_source = !name.to_string_lossy().starts_with('.');
            if path.is_dir() && is_source && name != "target" && name != "node_modules" {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy();
            (name.replace('\\', "/"), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// What is delivered: the files below these folders, each with its code.
fn product() -> &'static BTreeMap<String, String> {
    static PRODUCT: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        ["src", "crates/core/src", "crates/browser/src", "examples"]
            .into_iter()
            .flat_map(files)
            .filter(|(name, _)| SOURCES.files.contains(name))
            .map(|(name, source)| (name, code(&source)))
            .collect()
    });
    &PRODUCT
}

fn is_below(file: &str, places: &[&str]) -> bool {
    places.iter().any(|place| {
        let rest = file.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
    })
}

/// Asserts that nothing below `places` imports anything of `others`.
fn forbid_imports(places: &[&str], others: &[&str]) {
    for Arrow { from, to, item } in &SOURCES.arrows {
        let forbidden = is_below(from, places) && is_below(to, others);
        assert!(!forbidden, "{from} must not import {item} of {to}");
    }
}

/// Asserts that nothing below `places` names one of these packages.
fn forbid_packages(places: &[&str], packages: &[&str]) {
    for (file, path) in &SOURCES.foreign {
        let package = path.split("::").next().unwrap_or_default();
        let forbidden = is_below(file, places) && packages.contains(&package);
        assert!(!forbidden, "{file} must not name {path}");
    }
}

/// Asserts that no file but these contains the code, and that each of them does.
fn only_in(text: &str, allowed: &[&str]) {
    let found = product().iter().filter(|(_, code)| code.contains(text));
    let found: BTreeSet<&str> = found.map(|(name, _)| name.as_str()).collect();
    let allowed = allowed.iter().copied().collect();
    assert_eq!(found, allowed, "the files with {text}");
}

const BROWSER_PACKAGES: [&str; 9] = [
    "gloo_net",
    "gloo_storage",
    "gloo_timers",
    "js_sys",
    "leptos",
    "leptos_router",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
];

/// The modules of the core.
fn core(names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| format!("crates/core/src/{name}"))
        .collect()
}

/// Asserts that modules of the core import nothing of others.
fn forbid_in_core(modules: &[&str], others: &[&str]) {
    let (modules, others) = (core(modules), core(others));
    let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    forbid_imports(&modules, &others);
}

#[test]
fn every_file_is_a_module_that_is_read() {
    for folder in ["src", "crates/core/src", "crates/browser/src", "examples"] {
        for (name, _) in files(folder) {
            // The build script's, and tests.
            let is_other = name == "src/words/list.rs" || name.ends_with("tests.rs");
            let is_read = SOURCES.files.contains(&name) || is_other;
            assert!(is_read, "{name} is no module of the packages in this test");
        }
    }
    assert!(SOURCES.arrows.len() > 300, "{}", SOURCES.arrows.len());
}

/// Rule (What holds the rules together): No two files import each other, directly or through others
#[test]
fn no_imports_go_round_in_circles() {
    let mut found = String::new();
    for circle in SOURCES.circles() {
        let mut arrows: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for Arrow { from, to, item } in &SOURCES.arrows {
            if circle.contains(from.as_str()) && circle.contains(to.as_str()) {
                arrows.entry((from, to)).or_default().push(item);
            }
        }
        for ((from, to), items) in arrows {
            writeln!(found, "  {from} → {to}: {}", items.join(", ")).unwrap();
        }
        found.push('\n');
    }
    assert!(found.is_empty(), "these files import each other:\n{found}");
}

/// Rule (What holds the rules together): The application stands on the library, the library on the
/// core, and nothing the other way
#[test]
fn packages_point_one_way() {
    forbid_imports(
        &["crates/core"],
        &["crates/browser", "src", "examples", "hosting", "server"],
    );
    forbid_imports(
        &["crates/browser"],
        &["src", "examples", "hosting", "server"],
    );
    forbid_imports(
        &["hosting"],
        &["src", "crates", "examples", "sandbox", "server", "xtask"],
    );
    forbid_imports(
        &["server/src"],
        &["src", "crates/browser", "examples", "sandbox", "xtask"],
    );
    forbid_imports(
        &["examples"],
        &["src", "hosting", "sandbox", "server", "xtask"],
    );
    forbid_imports(
        &["src"],
        &["hosting", "sandbox", "server", "xtask", "examples"],
    );
    forbid_imports(&["xtask"], &["src", "crates", "examples", "server"]);
}

/// Rule (What holds the rules together): The core has no clock, no entropy and no browser
#[test]
fn the_core_names_no_browser() {
    forbid_packages(&["crates/core"], &BROWSER_PACKAGES);
}

/// Rule (What holds the rules together): The core has no clock, no entropy and no browser
#[test]
fn the_core_reads_no_clock_and_no_entropy() {
    forbid_packages(&["crates/core"], &["getrandom", "rand", "rand_core"]);
    for (name, code) in product() {
        if is_below(name, &["crates/core"]) {
            for word in ["SystemTime", "Instant", "Date::now", "OsRng", "thread_rng"] {
                assert!(!code.contains(word), "{name} names {word}");
            }
        }
    }
}

#[test]
fn only_adapters_name_the_browsers_interfaces() {
    let packages: Vec<&str> = BROWSER_PACKAGES
        .into_iter()
        .filter(|package| !package.starts_with("leptos") && !package.starts_with("wasm"))
        .collect();
    forbid_packages(
        &["src/ui", "src/main", "src/connect", "examples"],
        &packages,
    );
    let pure = ["config", "messages", "route", "screen", "words"].map(|name| format!("src/{name}"));
    let pure: Vec<&str> = pure.iter().map(String::as_str).collect();
    forbid_packages(&pure, &BROWSER_PACKAGES);
    forbid_imports(
        &pure,
        &["src/browser", "src/ui", "crates/browser/src/runtime"],
    );
    forbid_imports(&["src/browser"], &["src/ui"]);
}

/// Rule (What holds the rules together): `jose` does not depend on OAuth, `oauth` not on JWT, `v3`
/// not on the session
#[test]
fn jose_knows_no_oauth_and_oauth_no_jwt() {
    let meeting = ["constant_contact", "openid_connect", "session", "v3"];
    forbid_in_core(&["jose"], &["oauth", "return_to"]);
    forbid_in_core(&["jose"], &meeting);
    forbid_in_core(&["oauth"], &["jose"]);
    forbid_in_core(&["oauth"], &meeting);
    forbid_packages(&["crates/core/src/oauth"], &["jwt_compact"]);
}

/// Rule (What holds the rules together): `jose` does not depend on OAuth, `oauth` not on JWT, `v3`
/// not on the session
#[test]
fn v3_never_sees_a_session() {
    let others = ["constant_contact", "jose", "openid_connect", "session"];
    forbid_in_core(&["v3"], &others);
    forbid_in_core(&["session"], &["v3"]);
    forbid_in_core(&["constant_contact", "openid_connect"], &["session", "v3"]);
    // Of OAuth it knows the token that it sends, and how a query is written.
    for Arrow { from, to, item } in &SOURCES.arrows {
        if is_below(from, &["crates/core/src/v3"]) && is_below(to, &["crates/core/src/oauth"]) {
            let may = ["AccessToken", "Parameters"].contains(&item.as_str());
            assert!(may, "{from} imports {item} of {to}");
        }
    }
}

#[test]
fn small_modules_of_the_core_stand_alone() {
    let small = ["clock", "json", "names", "return_to", "time", "web_url"];
    let large = [
        "constant_contact",
        "jose",
        "oauth",
        "openid_connect",
        "session",
        "v3",
    ];
    forbid_in_core(&small, &large);
}

/// Rule (The token): Verified state cannot be loaded, only recomputed
#[test]
fn what_was_verified_is_never_deserialized() {
    let mut seen = 0;
    for name in [
        "crates/core/src/jose/claims.rs",
        "crates/core/src/session/verified_access_token.rs",
        "crates/core/src/constant_contact.rs",
    ] {
        let code = &product()[name];
        assert!(!code.contains("Deserialize"), "{name}");
        seen += code.matches("pub struct Verified").count();
    }
    assert!(seen >= 2, "the verified types are elsewhere: {seen}");
}

/// Rule (Secrets): Secrets implement neither `Display` nor `Serialize`, and few places read them
#[test]
fn secrets_are_neither_displayed_nor_serialized() {
    let code = &product()["crates/core/src/oauth/secret.rs"];
    for word in ["Serialize", "Deserialize", "Display", "derive(Debug"] {
        assert!(!code.contains(word), "{word}");
    }
}

/// Secrets are read by calling `expose`; only these files may.
///
/// Rule (Secrets): Secrets implement neither `Display` nor `Serialize`, and few places read them
#[test]
fn secrets_are_read_in_few_places() {
    only_in(
        ".expose()",
        &[
            "crates/core/src/oauth/secret.rs",
            "crates/core/src/oauth/authorization_request.rs",
            "crates/core/src/oauth/token_request.rs",
            "crates/core/src/openid_connect.rs",
            "crates/core/src/session/stored.rs",
            "crates/core/src/session/verified_access_token.rs",
            "crates/core/src/v3/request.rs",
            "crates/browser/src/session_storage.rs",
            // The clipboard, for a user who asks for it.
            "crates/browser/src/runtime/direct.rs",
        ],
    );
}

/// No request without a connection: the header is built in one place, from the session's token,
/// which the session only returns while connected.
///
/// Rule (The connection and its end): No request is sent with an expired token
#[test]
fn a_token_to_send_comes_from_the_session() {
    only_in(
        "AccessToken::new(",
        &[
            "crates/core/src/oauth/access_token_response.rs",
            "crates/core/src/oauth/secret.rs",
            "crates/core/src/session/stored.rs",
        ],
    );
    only_in("\"Authorization\"", &["crates/browser/src/http.rs"]);
    for Arrow { from, to, item } in &SOURCES.arrows {
        if item == "authorization" && to == "crates/core/src/v3/request.rs" {
            let may = [
                "crates/browser/src/http.rs",
                "crates/core/src/v3.rs",
                "server/src/proxy/upstream.rs",
            ];
            assert!(may.contains(&from.as_str()), "{from} imports {item}");
        }
    }
    let runtime = [
        "crates/browser/src/runtime/direct.rs",
        "crates/browser/src/runtime/direct/requests.rs",
    ];
    only_in(".access_token()", &runtime);
    let from_session = "session.token().map(|token|token.access_token()";
    for file in runtime {
        let source = &product()[file];
        assert_eq!(
            source.matches(".access_token()").count(),
            source.matches(from_session).count(),
            "{file}"
        );
    }
}

/// Types that hold a token, or lead to one.
const TOKENS: [&str; 8] = [
    "AccessToken",
    "RefreshToken",
    "IdToken",
    "UnverifiedAccessToken",
    "VerifiedAccessToken",
    "TokenResponse",
    "TokenRequest",
    "Session",
];

/// The names in a part of a file.
#[derive(Default)]
struct Names(Vec<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, name: &'ast syn::Ident) {
        self.0.push(name.to_string());
    }
}

/// Rule (The token): The access token never leaves the library
#[test]
fn no_token_leaves_the_library() {
    struct Public<'a>(&'a str);
    impl Public<'_> {
        fn check(&self, visibility: &syn::Visibility, read: impl FnOnce(&mut Names)) {
            if matches!(visibility, syn::Visibility::Public(_)) {
                let mut names = Names::default();
                read(&mut names);
                let token = names.0.iter().find(|name| TOKENS.contains(&name.as_str()));
                assert!(token.is_none(), "{} has {token:?} in public", self.0);
            }
        }
    }
    impl<'ast> Visit<'ast> for Public<'_> {
        fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
            self.check(&item.vis, |names| names.visit_return_type(&item.sig.output));
        }
        fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
            self.check(&item.vis, |names| names.visit_return_type(&item.sig.output));
        }
        fn visit_field(&mut self, field: &'ast syn::Field) {
            self.check(&field.vis, |names| names.visit_type(&field.ty));
        }
        fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
            self.check(&item.vis, |names| visit::visit_item_enum(names, item));
        }
        fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
            self.check(&item.vis, |names| names.visit_type(&item.ty));
        }
        fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
            self.check(&item.vis, |names| names.visit_use_tree(&item.tree));
        }
    }
    for (name, source) in files("crates/browser/src") {
        Public(&name).visit_file(&syn::parse_file(&source).unwrap());
    }
    for Arrow { from, to, item } in &SOURCES.arrows {
        let holds = is_below(from, &["src", "examples"])
            && is_below(to, &["crates"])
            && TOKENS.contains(&item.as_str());
        assert!(!holds, "{from} names {item} of {to}");
    }
}

#[test]
fn only_the_runtime_interprets_effects() {
    for Arrow { from, to, item } in &SOURCES.arrows {
        if item == "Effect" && is_below(to, &["crates/core"]) {
            let may = is_below(from, &["crates/core/src/session"])
                || is_below(from, &["crates/browser/src/runtime"]);
            assert!(may, "{from} names {item} of {to}");
        }
    }
}

/// Rule (Secrets): Nothing is written to the console
#[test]
fn nothing_is_written_to_the_console() {
    for (name, code) in product() {
        // The native stubs of the programs print how to run them.
        if ["src/main.rs", "src/connect.rs"].contains(&name.as_str()) {
            continue;
        }
        for word in [
            "console::",
            "print!",
            "println!",
            "logging::",
            "dbg!",
            "log::",
        ] {
            assert!(!code.contains(word), "{name} contains {word}");
        }
    }
}

/// Rule (Storage and other tabs): Only the documented entries are stored, and no cookie is set
#[test]
fn local_storage_holds_what_is_said_and_nothing_else() {
    only_in(
        ".local_storage()",
        &[
            "crates/browser/src/local_storage.rs",
            "src/browser/choice.rs",
        ],
    );
    only_in(
        "local_storage::Entry",
        &[
            "crates/browser/src/epoch.rs",
            "crates/browser/src/expected.rs",
            "crates/browser/src/lost.rs",
        ],
    );
    only_in("LocalStorage::", &[]);
    only_in("cookie", &[]);
}

/// Rule (What holds the rules together): The sandbox shares no code with the application that it
/// tests
#[test]
fn the_sandbox_shares_no_code_with_the_application() {
    let manifest = fs::read_to_string(root().join("sandbox/Cargo.toml")).unwrap();
    for name in [
        "cc-connect =",
        "cc-connect-",
        "jwt-compact",
        "path = \"..\"",
    ] {
        let lines = manifest.lines().filter(|line| !line.starts_with("name ="));
        assert!(lines.clone().all(|line| !line.contains(name)), "{name}");
    }
    forbid_imports(
        &["sandbox"],
        &["src", "crates", "hosting", "examples", "server"],
    );
    forbid_packages(&["sandbox"], &["jwt_compact"]);
    for (name, source) in files("sandbox") {
        for other in ["cc_connect::", "cc_connect_core::", "cc_connect_app::"] {
            assert!(!code(&source).contains(other), "{name}: {other}");
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (name, source) in files("") {
        // A fuzz target begins with `#![no_main]`.
        let mut lines = source.lines().skip_while(|line| line.starts_with("#!["));
        let says = lines.next().is_some_and(|line| line.starts_with("//!"));
        assert!(says, "{name} begins without `//!`");
    }
}

#[test]
fn no_file_is_too_long_to_be_read() {
    for folder in ["src", "crates/core/src", "crates/browser/src", "server/src"] {
        for (name, source) in files(folder) {
            let length = source.lines().count();
            assert!(length <= LONGEST, "{name} has {length} lines; cut it");
        }
    }
}

#[test]
fn every_public_function_of_the_core_has_an_example() {
    let files: BTreeMap<String, String> = files("crates/core/src").into_iter().collect();
    let mut missing = String::new();
    for (name, source) in &files {
        let parent = name
            .rsplit_once('/')
            .map(|(folder, _)| format!("{folder}.rs"));
        let parent = parent.and_then(|parent| files.get(&parent));
        let names = examples::unshown(source, parent.map(String::as_str));
        if !names.is_empty() {
            writeln!(missing, "  {name}: {}", names.join(", ")).unwrap();
        }
    }
    assert!(missing.is_empty(), "no example calls these:\n{missing}");
}

/// The modules of four packages are named there one by one, and every other place exists.
#[test]
fn the_map_in_architecture_is_complete() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, map) = document.split_once("## Where things are\n\n```\n").unwrap();
    let (map, _) = map.split_once("```").unwrap();
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut place = "";
    for line in map.lines().filter(|line| !line.starts_with("    ")) {
        let text = line.trim_start();
        let (names, _) = text.split_once("  ").unwrap_or((text, ""));
        if line.starts_with(' ') {
            let names = names.split([',', ' ']).filter(|name| !name.is_empty());
            places.get_mut(place).unwrap().extend(names);
        } else {
            place = names.split(' ').next().unwrap();
            assert!(root().join(place).exists(), "{place}");
            places.insert(place, BTreeSet::new());
        }
    }
    for folder in [
        "src/",
        "crates/core/src/",
        "crates/browser/src/",
        "server/src/",
    ] {
        let modules: BTreeSet<String> = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| name != "lib" && name != "tests")
            .collect();
        let named = places[folder].iter().filter(|name| !name.contains('/'));
        let named: BTreeSet<String> = named.map(|name| (*name).to_owned()).collect();
        assert_eq!(named, modules, "{folder} in ARCHITECTURE.md");
    }
}

#[test]
fn nothing_unfinished_is_left() {
    for (name, source) in files("") {
        if name == "tests/native/tidy.rs" {
            continue;
        }
        for word in ["todo!(", "unimplemented!(", "FIXME", "TODO"] {
            assert!(!source.contains(word), "{name}: {word}");
        }
    }
}
