//! Forbidden dependencies, enforced by reading the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source below `folder`, with its path relative to the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(root()).unwrap();
            let name = relative.to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn code(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn is_of(name: &str, module: &str) -> bool {
    name == format!("src/{module}.rs") || name.starts_with(&format!("src/{module}/"))
}

/// Asserts that no line of code in `modules` contains one of `words`.
fn forbid(modules: &[&str], words: &[&str]) {
    for (name, source) in sources("src") {
        if !modules.iter().any(|module| is_of(&name, module)) {
            continue;
        }
        for line in code(&source) {
            for word in words {
                assert!(!line.contains(word), "{name} must not name {word}: {line}");
            }
        }
    }
}

const CORE: [&str; 14] = [
    "clock",
    "config",
    "constant_contact",
    "jose",
    "json",
    "names",
    "oauth",
    "openid_connect",
    "route",
    "session",
    "time",
    "v3",
    "web_url",
    "words",
];

#[test]
fn the_core_is_every_module_but_browser_and_ui() {
    for (name, _) in sources("src") {
        let outer = ["lib", "main", "connect", "browser", "ui"];
        let known = CORE.iter().chain(&outer).any(|module| is_of(&name, module));
        assert!(known, "{name} is in no known module: add it to this test");
    }
}

/// Rule (What holds the rules together): The core has no clock, no entropy and no browser
#[test]
fn the_core_names_no_browser() {
    forbid(
        &CORE,
        &[
            "crate::browser",
            "crate::ui",
            "web_sys",
            "js_sys",
            "gloo",
            "leptos",
            "wasm_bindgen",
        ],
    );
}

/// Rule (What holds the rules together): The core has no clock, no entropy and no browser
#[test]
fn the_core_reads_no_clock_and_no_entropy() {
    forbid(
        &CORE,
        &[
            "SystemTime",
            "Instant::now",
            "Date::now",
            "getrandom",
            "rand::",
            "OsRng",
            "thread_rng",
        ],
    );
}

/// Rule (What holds the rules together): `jose` knows no OAuth, `oauth` no JWT, `v3` no session
#[test]
fn jose_knows_no_oauth_and_oauth_no_jwt() {
    forbid(
        &["jose"],
        &[
            "crate::oauth",
            "crate::session",
            "crate::v3",
            "crate::config",
            "crate::constant_contact",
            "crate::route",
        ],
    );
    forbid(
        &["oauth"],
        &[
            "crate::jose",
            "crate::session",
            "crate::v3",
            "crate::config",
            "crate::constant_contact",
            "jwt_compact",
        ],
    );
}

/// Rule (What holds the rules together): `jose` knows no OAuth, `oauth` no JWT, `v3` no session
#[test]
fn v3_never_sees_a_session() {
    forbid(
        &["v3"],
        &[
            "crate::session",
            "crate::jose",
            "crate::config",
            "crate::constant_contact",
        ],
    );
    forbid(&["session"], &["crate::v3"]);
}

#[test]
fn only_browser_names_the_browsers_interfaces() {
    forbid(&["ui", "main"], &["web_sys::", "js_sys::", "gloo_"]);
}

/// Rule (The token): What was verified cannot be loaded, only verified again
#[test]
fn what_was_verified_is_never_deserialized() {
    for name in [
        "src/jose/claims.rs",
        "src/session/verified_access_token.rs",
        "src/constant_contact.rs",
    ] {
        let source = fs::read_to_string(root().join(name)).unwrap();
        assert!(
            code(&source).all(|line| !line.contains("Deserialize")),
            "{name}"
        );
    }
}

/// Rule (Secrets): Secrets have no `Display` and no `Serialize`, and few places read them
#[test]
fn secrets_are_neither_displayed_nor_serialized() {
    let source = fs::read_to_string(root().join("src/oauth/secret.rs")).unwrap();
    for word in [
        "Serialize",
        "impl fmt::Display",
        "impl Display",
        "derive(Debug",
    ] {
        assert!(code(&source).all(|line| !line.contains(word)), "{word}");
    }
}

/// Secrets are read by calling `expose`; only these files may.
///
/// Rule (Secrets): Secrets have no `Display` and no `Serialize`, and few places read them
#[test]
fn secrets_are_read_in_few_places() {
    let allowed = [
        "src/oauth/secret.rs",
        "src/oauth/authorization_request.rs",
        "src/oauth/token_request.rs",
        "src/openid_connect.rs",
        "src/session/stored.rs",
        "src/session/verified_access_token.rs",
        "src/v3/request.rs",
        "src/browser/session_storage.rs",
        "src/ui/pages/connection.rs",
    ];
    for (name, source) in sources("src") {
        if code(&source).any(|line| line.contains(".expose()")) {
            assert!(allowed.contains(&name.as_str()), "{name} reads a secret");
        }
    }
}

/// No request without a connection: the header is built in one place, from the session's token,
/// which the session only returns while connected.
///
/// Rule (The connection and its end): No request is sent with a token that has ended
#[test]
fn a_token_to_send_comes_from_the_session() {
    // Where a token is built from text, and where one is taken out of a verified token.
    for (word, allowed) in [
        (
            "AccessToken::new(",
            &[
                "src/oauth/access_token_response.rs",
                "src/oauth/secret.rs",
                "src/session/stored.rs",
            ][..],
        ),
        ("authorization(&", &["src/browser/http.rs"]),
        (
            ".access_token()",
            &["src/ui/context.rs", "src/ui/pages/connection.rs"],
        ),
        ("\"Authorization\"", &["src/browser/http.rs"]),
    ] {
        let found: Vec<String> = sources("src")
            .into_iter()
            .filter(|(_, source)| code(source).any(|line| line.contains(word)))
            .map(|(name, _)| name)
            .collect();
        for name in &found {
            assert!(allowed.contains(&name.as_str()), "{name} names {word}");
        }
        assert!(!found.is_empty(), "{word} is named nowhere");
    }
    let context = fs::read_to_string(root().join("src/ui/context.rs")).unwrap();
    for line in code(&context).filter(|line| line.contains(".access_token()")) {
        assert!(line.contains("session.token()"), "{line}");
    }
}

#[test]
fn only_the_runtime_interprets_effects() {
    for (name, source) in sources("src") {
        let interprets = code(&source).any(|line| line.contains("Effect::LoadKeys"));
        let may = is_of(&name, "session") || name == "src/browser/runtime.rs";
        assert!(!interprets || may, "{name}");
    }
}

/// Rule (Secrets): Nothing is written to the console
#[test]
fn nothing_is_written_to_the_console() {
    for (name, source) in sources("src") {
        let lines = code(&source).filter(|line| {
            ["console::", "println!", "leptos::logging", "dbg!", "log::"]
                .iter()
                .any(|word| line.contains(word))
        });
        // The native stubs of the programs print how to run them.
        let programs = ["src/main.rs", "src/connect.rs"];
        let lines: Vec<_> = lines.filter(|_| !programs.contains(&&*name)).collect();
        assert!(lines.is_empty(), "{name}: {lines:?}");
    }
}

/// Rule (Storage and other tabs): Only what stands above is stored, and no cookie is set
#[test]
fn local_storage_holds_what_is_said_and_nothing_else() {
    for (name, source) in sources("src") {
        if code(&source)
            .any(|line| line.contains("local_storage") || line.contains("LocalStorage::"))
        {
            let allowed = [
                "src/browser/theme.rs",
                "src/browser/language.rs",
                "src/browser/epoch.rs",
                "src/browser/lost.rs",
            ];
            assert!(allowed.contains(&name.as_str()), "{name}");
        }
    }
}

/// Rule (What holds the rules together): What judges and what is judged have no code in common
#[test]
fn the_sandbox_shares_no_code_with_the_application() {
    let manifest = fs::read_to_string(root().join("sandbox/Cargo.toml")).unwrap();
    for name in ["cc-connect =", "jwt-compact", "path = \"..\""] {
        assert!(!manifest.contains(name), "{name}");
    }
    for (name, source) in sources("sandbox") {
        assert!(
            code(&source).all(|line| !line.contains("cc_connect_app::")),
            "{name}"
        );
    }
}

#[test]
fn nothing_unfinished_is_left() {
    for folder in [
        "src",
        "sandbox",
        "xtask",
        "tests",
        "bench/src",
        "bench/verify",
    ] {
        for (name, source) in sources(folder) {
            if name == "tests/native/tidy.rs" {
                continue;
            }
            for word in ["todo!(", "unimplemented!(", "FIXME", "TODO"] {
                assert!(!source.contains(word), "{name}: {word}");
            }
        }
    }
}
