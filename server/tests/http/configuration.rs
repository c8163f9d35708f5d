//! The operator's file: every mistake at once, each with what to write instead.

use cc_connect_server::{Config, config::new_key};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

const RIGHT: &str = r#"
origin = "https://connect.example.com"
client_id = "7f0c2a4e"
client_secret_file = "secret"
keys = [{ id = "2026-11", file = "key" }]
dist = "dist"
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("it can be written");
    };
    fs::create_dir(folder.path().join("dist")).expect("it can be made");
    write("dist/index.html", "<!doctype html>");
    write("secret", "s3cret\n");
    write("key", &new_key());
    write("short", "c2hvcnQ=");
    write("empty", "\n");
    folder
}

fn parse(text: &str, folder: &Path) -> Result<Config, Vec<String>> {
    let none = |_: &str| None;
    let lines = |mistakes: cc_connect_server::config::Mistakes| {
        mistakes.0.iter().map(ToString::to_string).collect()
    };
    Config::parse(text, folder, &none).map_err(lines)
}

#[test]
fn five_lines_are_enough() {
    let folder = folder();
    let config = parse(RIGHT, folder.path()).expect("it is right");
    assert_eq!(config.callback(), "/callback");
    assert!(config.uses_pkce);
    assert!(config.registration.scope.contains("offline_access"));
    assert_eq!(config.listen.to_string(), "[::]:8080");
    assert_eq!(config.admin.to_string(), "127.0.0.1:9090");
    assert_eq!(config.idle.as_secs(), 86_400);
    assert_eq!(config.absolute.as_secs(), 30 * 86_400);
}

#[test]
fn each_mistake_says_what_to_write() {
    let folder = folder();
    for (from, to, expected) in [
        (
            "origin",
            "orgin",
            "orgin: there is no such key. Write origin.",
        ),
        (
            "https://connect",
            "http://connect",
            "origin: plain http can be read on the way",
        ),
        (
            "example.com\"",
            "example.com/\"",
            "origin: a browser spells it \"https://connect.example.com\"",
        ),
        (
            "https://",
            "https://me@",
            "origin: there is a user name in it.",
        ),
        (
            "client_id = \"7f0c2a4e\"",
            "",
            "client_id: it is missing. Write client_id =",
        ),
        ("\"7f0c2a4e\"", "7", "client_id: 7 is not a text in quotes."),
        ("\"7f0c2a4e\"", "\"\"", "client_id: it is empty."),
        (
            "\"7f0c2a4e\"",
            "\" 7f0c2a4e\"",
            "client_id: there is white space around it. Write \"7f0c2a4e\".",
        ),
        (
            "client_secret_file = \"secret\"",
            "",
            "client_secret_file: it is missing. Write client_secret_file =",
        ),
        (
            "client_secret_file = \"secret\"",
            "client_secret = \"s3cret\"",
            "client_secret: a secret does not belong in this file.",
        ),
        ("\"secret\"", "\"nowhere\"", "nowhere cannot be read"),
        (
            "\"secret\"",
            "\"empty\"",
            "empty is empty. Write the secret into it.",
        ),
        (
            "keys = [{ id = \"2026-11\", file = \"key\" }]",
            "",
            "keys: it is missing. Write keys = [{ id =",
        ),
        (
            "[{ id = \"2026-11\", file = \"key\" }]",
            "[]",
            "keys: there is no key in it.",
        ),
        (
            "[{ id = \"2026-11\", file = \"key\" }]",
            "\"key\"",
            "keys: it is not a list.",
        ),
        (
            "file = \"key\"",
            "file = \"short\"",
            "keys[0]: the master key \"2026-11\" has 5 octets",
        ),
        ("file = \"key\"", "file = \"secret\"", "keys[0]: "),
        (
            "file = \"key\"",
            "file = \"key\", env = \"K\"",
            "keys[0]: it needs one of file and env.",
        ),
        (
            "id = \"2026-11\"",
            "id = \"a b\"",
            "keys[0]: its id is missing, or has other characters",
        ),
        (
            "file = \"key\" }",
            "file = \"key\" }, { id = \"2026-11\", file = \"key\" }",
            "keys[1]: \"2026-11\" is there twice.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"elsewhere\"",
            "dist: there is no index.html in",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\npkce = \"S256\"",
            "pkce: \"S256\" is neither \"s256\" nor \"off\".",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nscope = \"a, b,, \"",
            "scope: ",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\ndatabase = \"mysql://me:canary@db/cc\"",
            "database: it is neither. Write \"sqlite:data/cc.db\"",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nsession = { idle = \"1w\" }",
            "session.idle: \"1w\" is not a time from 5m to 180d.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nsession = { idle = \"2d\", absolute = \"1d\" }",
            "session.idle: it is longer than session.absolute.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nsession = { idel = \"1d\" }",
            "session.idel: there is no such key. Write session.idle.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nsession = \"1d\"",
            "session: \"1d\" is not a table. Write session = {",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\ntrusted_proxies = -1",
            "trusted_proxies: -1 is not a whole number from 0 to 10.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nlisten = \"8080\"",
            "listen: \"8080\" is not an address with a port.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nlisten = \"127.0.0.1:9090\"",
            "admin: it is the address of listen.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nredirect_uri = \"https://else.example/callback\"",
            "redirect_uri: it is not at the page's origin.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\nredirect_uri = \"https://connect.example.com/auth/back\"",
            "redirect_uri: something else is served at /auth/back.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\ntoken_endpoint = \"https://a.example/t?code=1\"",
            "token_endpoint: requests add code themselves.",
        ),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\napi_base_url = \"https://a.example/v3/\"",
            "api_base_url: leave out the slash at its end.",
        ),
        ("dist = \"dist\"", "dist = dist", "line 6: it is not TOML"),
        (
            "dist = \"dist\"",
            "dist = \"dist\"\ndist = \"dist\"",
            "line 7: it is not TOML",
        ),
    ] {
        assert!(RIGHT.contains(from), "{from}");
        let text = RIGHT.replacen(from, to, 1);
        let mistakes = parse(&text, folder.path()).expect_err(to);
        let found = mistakes.iter().any(|mistake| mistake.contains(expected));
        assert!(found, "{to}: expected {expected:?} among {mistakes:#?}");
        let told = mistakes.concat();
        assert!(
            !told.contains("s3cret") && !told.contains("canary"),
            "{told}"
        );
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let folder = folder();
    let text = "origin = 5\nclient_id = \"\"\nkeys = []\npkce = \"on\"\nlisten = \"x\"\nwrong = 1\n\
                dist = \"nowhere\"\nsession = { idle = \"x\" }\n";
    let mistakes = parse(text, folder.path()).expect_err("it is wrong");
    let keys: Vec<_> = mistakes
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    let expected = [
        "origin",
        "client_id",
        "pkce",
        "client_secret_file",
        "keys",
        "listen",
        "dist",
        "wrong",
        "session.idle",
    ];
    assert_eq!(keys, expected, "{mistakes:#?}");
}

#[test]
fn secrets_may_be_in_the_environment() {
    let folder = folder();
    let text = RIGHT
        .replace("client_secret_file = \"secret\"\n", "")
        .replace("file = \"key\"", "env = \"SEAL\"");
    let key = new_key();
    let environment = |name: &str| match name {
        "CC_CLIENT_SECRET" => Some("s3cret".to_owned()),
        "CC_DATABASE" => Some("postgres://cc:canary@db.example/cc".to_owned()),
        "SEAL" => Some(key.to_string()),
        _ => None,
    };
    let config = Config::parse(&text, folder.path(), &environment);
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let shown = format!("{config:?}{:?}", config.connections(&environment));
    assert!(
        !shown.contains("canary") && !shown.contains("s3cret"),
        "{shown}"
    );
    assert!(!shown.contains(&*key), "{shown}");
    let both = Config::parse(RIGHT, folder.path(), &environment).expect_err("it is there twice");
    assert!(
        both.to_string().contains("CC_CLIENT_SECRET is set, too."),
        "{both}"
    );
}

#[test]
fn plain_http_is_for_this_machine() {
    let folder = folder();
    for (origin, is_plain) in [
        ("http://localhost:8080", true),
        ("http://127.0.0.1", true),
        ("http://[::1]:8080", true),
        ("https://localhost:8443", false),
    ] {
        let text = RIGHT.replace("https://connect.example.com", origin);
        let config = parse(&text, folder.path()).expect(origin);
        assert_eq!(config.origin.is_plain_loopback(), is_plain, "{origin}");
        assert_eq!(config.listen.ip().is_loopback(), is_plain, "{origin}");
    }
}

/// The program's exit status, and what it says on standard error and on standard output.
fn run(arguments: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cc-connect-server"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CC_CLIENT_SECRET")
        .env_remove("CC_DATABASE")
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stderr),
        text(output.stdout),
    )
}

#[test]
fn the_program_checks_a_file() {
    let folder = folder();
    let write = |text: &str| {
        fs::write(folder.path().join("cc.toml"), text).expect("it can be written");
    };
    write(RIGHT);
    let check = ["check", "--config", "cc.toml"];
    let (status, errors, said) = run(&check, folder.path());
    assert_eq!(
        (status, &*errors, &*said),
        (Some(0), "", "cc.toml is right.\n")
    );
    write("origin = \"http://connect.example.com\"\n");
    for arguments in [&check[..], &check[1..]] {
        let (status, errors, said) = run(arguments, folder.path());
        assert_eq!((status, &*said), (Some(2), ""));
        for key in ["origin", "client_id", "client_secret_file", "keys"] {
            assert!(
                errors.contains(&format!("cc-connect-server: {key}: ")),
                "{errors}"
            );
        }
    }
    let (status, errors, _) = run(&["check", "--config", "nowhere.toml"], folder.path());
    assert_eq!(status, Some(2));
    assert!(
        errors.contains("nowhere.toml: it cannot be read"),
        "{errors}"
    );
    assert_eq!(run(&[], folder.path()).0, Some(2));
}

#[test]
fn the_program_makes_keys() {
    let folder = folder();
    let (status, _, one) = run(&["new-key"], folder.path());
    let (_, _, other) = run(&["new-key"], folder.path());
    assert_eq!(status, Some(0));
    assert_eq!(one.trim().len(), 43);
    assert_ne!(one, other);
    fs::write(folder.path().join("key"), one).expect("it can be written");
    assert!(parse(RIGHT, folder.path()).is_ok());
}
