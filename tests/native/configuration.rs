//! config.json: valid settings, and every mistake with its code.

use crate::corpus::checks;
use cc_connect_app::config::{Config, ConfigError, Flaw, KEYS, Line, MAX_BYTES, Problem, Setup};
use cc_connect_core::{
    constant_contact,
    oauth::parameters,
    session::{Reauthorize, TokenStorage},
    web_url::Spelling,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

const BASE: &str = "https://app.example/app/";

/// The first page's module does not explain mistakes, and accepts the same files.
fn set_up(file: &[u8], base: &str) -> Result<Setup, ConfigError> {
    let parsed = Setup::parse(file, base);
    let if_right = Setup::parse_if_right(file, base);
    assert_eq!(if_right.as_ref(), parsed.as_ref().ok(), "{file:?}");
    parsed
}

fn parse_at(file: &[u8], base: &str) -> Result<Config, ConfigError> {
    set_up(file, base).map(|setup| match setup {
        Setup::Direct(config) => *config,
        Setup::Server => panic!("{file:?} has a server"),
    })
}

fn parse_file(file: &[u8]) -> Result<Config, ConfigError> {
    parse_at(file, BASE)
}

fn parse(value: &Value) -> Result<Config, ConfigError> {
    parse_file(value.to_string().as_bytes())
}

fn mistakes(value: &Value) -> Vec<(String, &'static str)> {
    match parse(value) {
        Err(ConfigError::Mistakes(mistakes)) => mistakes
            .into_iter()
            .map(|mistake| (mistake.key, mistake.problem.code()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_client_id_is_required() {
    let config = parse(&json!({"client_id": "abc"})).unwrap();
    assert_eq!(config.context.client.client_id(), "abc");
    assert_eq!(
        config.context.client.redirect_uri(),
        "https://app.example/app/callback"
    );
    assert_eq!(
        config.context.client.scope().to_string(),
        constant_contact::SCOPE
    );
    assert_eq!(
        config.context.client.authorization_endpoint(),
        constant_contact::AUTHORIZATION_ENDPOINT
    );
    assert_eq!(config.context.client.issuer(), constant_contact::ISSUER);
    assert_eq!(config.context.expectations.issuer, constant_contact::ISSUER);
    assert_eq!(
        config.context.expectations.audience,
        constant_contact::AUDIENCE
    );
    assert_eq!(config.jwks_uri, constant_contact::JWKS_URI);
    assert_eq!(config.api_base_url.as_str(), constant_contact::API_BASE_URL);
    assert_eq!(config.context.token_storage, TokenStorage::Session);
    assert_eq!(config.context.reauthorize, Reauthorize::Automatic);
    assert_eq!(config.context.expectations.max_lifetime, 86_400);
    assert_eq!(config.context.id_token_expectations.max_lifetime, 86_400);
    assert_eq!(config.context.client.max_authorization_time(), 600);
    assert!(!config.is_sandbox());
}

/// Written out here by hand: what a deployment trusts by default.
#[test]
fn the_defaults_are_constant_contacts() {
    for (default, address) in [
        (
            constant_contact::AUTHORIZATION_ENDPOINT,
            "https://authz.constantcontact.com/oauth2/default/v1/authorize",
        ),
        (
            constant_contact::ISSUER,
            "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8",
        ),
        (
            constant_contact::JWKS_URI,
            "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys",
        ),
        (constant_contact::AUDIENCE, "https://api.cc.email/v3"),
        (constant_contact::API_BASE_URL, "https://api.cc.email/v3"),
        (
            constant_contact::SCOPE,
            "account_read campaign_data contact_data",
        ),
    ] {
        assert_eq!(default, address);
    }
}

#[test]
fn every_key_is_read() {
    let config = parse(&json!({
        "client_id": "abc",
        "redirect_uri": "https://app.example/elsewhere",
        "scope": "account_read",
        "authorization_endpoint": "http://localhost:8081/authorize",
        "issuer": "http://localhost:8081/issuer",
        "jwks_uri": "http://127.0.0.1:8081/keys",
        "audience": "somebody",
        "api_base_url": "http://[::1]:8081/v3",
        "token_storage": "memory",
        "reauthorize": "prompt",
        "max_token_lifetime": 3600,
        "max_authorization_time": 120,
    }))
    .unwrap();
    assert_eq!(config.context.expectations.max_lifetime, 3_600);
    assert_eq!(config.context.id_token_expectations.max_lifetime, 3_600);
    assert_eq!(config.context.client.max_authorization_time(), 120);
    assert_eq!(
        config.context.client.redirect_uri(),
        "https://app.example/elsewhere"
    );
    assert_eq!(config.context.client.scope().to_string(), "account_read");
    assert_eq!(
        config.context.client.authorization_endpoint(),
        "http://localhost:8081/authorize"
    );
    assert_eq!(
        config.context.client.issuer(),
        "http://localhost:8081/issuer"
    );
    assert_eq!(config.jwks_uri, "http://127.0.0.1:8081/keys");
    assert_eq!(config.context.expectations.audience, "somebody");
    assert_eq!(config.api_base_url.as_str(), "http://[::1]:8081/v3");
    assert_eq!(config.context.token_storage, TokenStorage::Memory);
    assert_eq!(config.context.reauthorize, Reauthorize::Prompt);
    assert!(config.is_sandbox());
}

#[test]
fn without_a_client_id_and_with_nothing_wrong_it_is_not_set_up() {
    for value in [
        json!({}),
        json!({"client_id": ""}),
        json!({"client_id": "", "scope": "a"}),
    ] {
        assert_eq!(parse(&value).unwrap_err(), ConfigError::NotSetUp, "{value}");
    }
    // Deployers start from the file in the repository.
    let shipped = include_str!("../../config.json");
    assert_eq!(
        parse_file(shipped.as_bytes()).unwrap_err(),
        ConfigError::NotSetUp
    );
}

/// Rule (The request): The redirect URI is the configured one, character by character: on the
/// page's own origin, without query and fragment
///
/// Rule (The request): Endpoints are https (except on loopback) without a user name; the issuer and
/// its keys are configured, never discovered
#[test]
fn every_mistake_has_its_code() {
    for (key, value, code) in [
        ("clientid", json!("x"), "unknown_key"),
        ("client_id", json!(7), "not_text"),
        ("client_id", json!(" abc"), "whitespace"),
        ("client_id", json!("abc\n"), "whitespace"),
        ("redirect_uri", json!(""), "empty"),
        ("redirect_uri", json!("/callback"), "not_a_url"),
        ("redirect_uri", json!("app.example/callback"), "not_a_url"),
        ("redirect_uri", json!("https:///callback"), "not_a_url"),
        ("redirect_uri", json!("ftp://app.example/"), "not_a_url"),
        (
            "redirect_uri",
            json!("https://app.example/a b"),
            "other_spelling",
        ),
        (
            "redirect_uri",
            json!("https://app.example\\@evil.example/"),
            "other_spelling",
        ),
        (
            "redirect_uri",
            json!("https://other.example\\callback"),
            "not_a_url",
        ),
        (
            "redirect_uri",
            json!("https://app.example/callback#x"),
            "has_fragment",
        ),
        (
            "redirect_uri",
            json!("https://app.example/callback?x=1"),
            "has_query",
        ),
        (
            "redirect_uri",
            json!("https://user@app.example/callback"),
            "has_userinfo",
        ),
        (
            "redirect_uri",
            json!("https://other.example/callback"),
            "other_origin",
        ),
        (
            "redirect_uri",
            json!("https://app.example:8443/callback"),
            "other_origin",
        ),
        (
            "authorization_endpoint",
            json!("http://authz.example/authorize"),
            "not_https",
        ),
        (
            "authorization_endpoint",
            json!("http://localhost.evil.example/"),
            "not_https",
        ),
        (
            "authorization_endpoint",
            json!("http://127.0.0.1.evil.example/"),
            "not_https",
        ),
        (
            "authorization_endpoint",
            json!("javascript:alert(1)"),
            "not_a_url",
        ),
        ("issuer", json!("http://issuer.example"), "not_https"),
        (
            "jwks_uri",
            json!("https://issuer.example/keys?x"),
            "has_query",
        ),
        (
            "jwks_uri",
            json!(["https://issuer.example/keys"]),
            "not_text",
        ),
        ("audience", json!(""), "empty"),
        (
            "api_base_url",
            json!("https://api.example/v3/"),
            "trailing_slash",
        ),
        (
            "scope",
            json!("account_read,contact_data"),
            "scope_separators",
        ),
        (
            "scope",
            json!("account_read, contact_data"),
            "scope_separators",
        ),
        (
            "scope",
            json!("account_read+contact_data"),
            "scope_separators",
        ),
        (
            "scope",
            json!("account_read  contact_data"),
            "scope_separators",
        ),
        ("scope", json!("a\"b"), "malformed_scope"),
        ("scope", json!(""), "empty"),
        ("token_storage", json!("local"), "not_one_of"),
        ("reauthorize", json!("never"), "not_one_of"),
        ("reauthorize", json!(false), "not_text"),
        ("max_token_lifetime", json!("3600"), "not_seconds"),
        ("max_token_lifetime", json!(59), "not_seconds"),
        ("max_token_lifetime", json!(-3600), "not_seconds"),
        ("max_token_lifetime", json!(31_536_001), "not_seconds"),
        ("max_token_lifetime", json!(3600.5), "not_seconds"),
        ("max_token_lifetime", json!(null), "not_seconds"),
        (
            "max_authorization_time",
            json!("ten minutes"),
            "not_seconds",
        ),
        ("max_authorization_time", json!(0), "not_seconds"),
        ("max_authorization_time", json!(86_401), "not_seconds"),
        ("max_authorization_time", json!([600]), "not_seconds"),
        ("max_authorization_time", json!(1e300), "not_seconds"),
    ] {
        let mut config = json!({"client_id": "abc"});
        config[key] = value.clone();
        assert_eq!(
            mistakes(&config),
            [(key.to_owned(), code)],
            "{key}: {value}"
        );
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let found = mistakes(&json!({
        "client_id": "",
        "clientId": "x",
        "redirect_uri": "http://user@evil.example/?q#f",
        "scope": "a,b",
        "token_storage": "local",
    }));
    let expected = [
        ("clientId", "unknown_key"),
        ("redirect_uri", "not_https"),
        ("redirect_uri", "has_userinfo"),
        ("redirect_uri", "has_query"),
        ("redirect_uri", "has_fragment"),
        ("redirect_uri", "other_origin"),
        ("scope", "scope_separators"),
        ("token_storage", "not_one_of"),
        ("client_id", "empty"),
    ]
    .map(|(key, code)| (key.to_owned(), code));
    assert_eq!(found, expected);
}

#[test]
fn a_key_that_was_nearly_right_is_recognized() {
    for (written, meant) in [
        ("clientid", Some("client_id")),
        ("ClientID", Some("client_id")),
        ("client-id", Some("client_id")),
        ("redirect_url", Some("redirect_uri")),
        ("scopes", Some("scope")),
        ("jwk_uri", Some("jwks_uri")),
        ("secret", None),
        ("client_secret", None),
    ] {
        let Err(ConfigError::Mistakes(mistakes)) = parse(&json!({"client_id": "a", written: "x"}))
        else {
            panic!("{written}");
        };
        assert_eq!(mistakes[0].problem, Problem::UnknownKey(meant), "{written}");
    }
}

#[test]
fn scope_is_corrected_in_the_mistake() {
    let Err(ConfigError::Mistakes(mistakes)) = parse(&json!({"client_id": "a", "scope": "b, c"}))
    else {
        panic!();
    };
    assert_eq!(
        mistakes[0].problem,
        Problem::ScopeSeparators {
            instead: "b c".to_owned()
        }
    );
}

/// L3: bounds are enforced, in whatever form an integer is written.
#[test]
fn numbers_of_seconds_have_their_bounds() {
    for (key, seconds) in [
        ("max_token_lifetime", json!(60)),
        ("max_token_lifetime", json!(31_536_000)),
        ("max_token_lifetime", json!(3600.0)),
        ("max_authorization_time", json!(60)),
        ("max_authorization_time", json!(86_400)),
    ] {
        let config = parse(&json!({"client_id": "a", key: seconds})).unwrap();
        let read = match key {
            "max_token_lifetime" => config.context.expectations.max_lifetime,
            _ => config.context.client.max_authorization_time(),
        };
        assert_eq!(Some(read as f64), seconds.as_f64(), "{key}");
    }
    let Err(ConfigError::Mistakes(mistakes)) =
        parse(&json!({"client_id": "a", "max_authorization_time": 1}))
    else {
        panic!();
    };
    assert_eq!(
        mistakes[0].problem,
        Problem::NotSeconds {
            least: 60,
            most: 86_400,
            default: 600
        }
    );
}

fn malformed(text: &str) -> (Flaw, usize, String) {
    match parse_file(text.as_bytes()).unwrap_err() {
        ConfigError::Malformed(found) => (found.flaw, found.line.number, found.line.text),
        other => panic!("{text:?}: {other:?}"),
    }
}

/// N8: report the line and its text.
///
/// Rule (The request): A wrong setting stops everything and is reported; so is a file that cannot
/// be parsed, with the line or its encoding
#[test]
fn what_is_no_json_is_said_with_its_line() {
    for (text, flaw, number, line) in [
        (
            "<!doctype html>\n<title>x</title>",
            Flaw::Page,
            1,
            "<!doctype html>",
        ),
        ("\n<html>", Flaw::Page, 2, "<html>"),
        (
            "{\n  // mine\n  \"client_id\": \"a\"\n}",
            Flaw::Comment,
            2,
            "// mine",
        ),
        ("// mine\n{}", Flaw::Comment, 1, "// mine"),
        (
            "{\"client_id\": \"a\" # mine\n}",
            Flaw::Comment,
            1,
            "{\"client_id\": \"a\" # mine",
        ),
        (
            "{\r\n\"client_id\": /* mine */ \"a\"}",
            Flaw::Comment,
            2,
            "\"client_id\": /* mine */ \"a\"}",
        ),
        (
            "{\n\"client_id\": \"a\", // mine\n\"scope\": \"a\"}",
            Flaw::Comment,
            2,
            "\"client_id\": \"a\", // mine",
        ),
        ("{} // mine", Flaw::Comment, 1, "{} // mine"),
        (
            "{\n  \"client_id\": \"a\"\n  \"scope\": \"b\"\n}",
            Flaw::CommaMissing,
            3,
            "\"scope\": \"b\"",
        ),
        (
            "{\"max_token_lifetime\": 60 \"scope\": \"b\"}",
            Flaw::CommaMissing,
            1,
            "{\"max_token_lifetime\": 60 \"scope\": \"b\"}",
        ),
        ("{\n  \"client_id\": \"a\",\n}", Flaw::CommaTooMany, 3, "}"),
        (
            "{\"client_id\": \"a\",, \"scope\": \"b\"}",
            Flaw::CommaTooMany,
            1,
            "{\"client_id\": \"a\",, \"scope\": \"b\"}",
        ),
        (
            "{\n, \"client_id\": \"a\"}",
            Flaw::CommaTooMany,
            2,
            ", \"client_id\": \"a\"}",
        ),
        (
            "{\n  'client_id': 'a'\n}",
            Flaw::Quotes,
            2,
            "'client_id': 'a'",
        ),
        (
            "{\n  client_id: \"a\"\n}",
            Flaw::Quotes,
            2,
            "client_id: \"a\"",
        ),
        (
            "{\n  “client_id”: “a”\n}",
            Flaw::Quotes,
            2,
            "“client_id”: “a”",
        ),
        (
            "{\n  \"client_id\": „a“\n}",
            Flaw::Quotes,
            2,
            "\"client_id\": „a“",
        ),
        (
            "{\n  \"client_id\": abc\n}",
            Flaw::Quotes,
            2,
            "\"client_id\": abc",
        ),
        (
            "{\n  \"client_id\": \"a,\n  \"scope\": \"b\"\n}",
            Flaw::Quotes,
            2,
            "\"client_id\": \"a,",
        ),
        (
            "{\n  \"client_id\": \"a\"\n\n",
            Flaw::Cut,
            2,
            "\"client_id\": \"a\"",
        ),
        ("{", Flaw::Cut, 1, "{"),
        ("{\"client_id\": \"a", Flaw::Cut, 1, "{\"client_id\": \"a"),
        (
            "{\n\"scope\": \"a\",\n\"scope\": \"b\"\n}",
            Flaw::Twice,
            3,
            "\"scope\": \"b\"",
        ),
        ("[]", Flaw::NotAnObject, 1, "[]"),
        (
            "\n\n\"client_id\": \"a\"",
            Flaw::NotAnObject,
            3,
            "\"client_id\": \"a\"",
        ),
        ("client_id=a", Flaw::NotAnObject, 1, "client_id=a"),
        ("null", Flaw::NotAnObject, 1, "null"),
        ("{}\n}", Flaw::Other, 2, "}"),
        (
            "{\"client_id\" \"a\"}",
            Flaw::Other,
            1,
            "{\"client_id\" \"a\"}",
        ),
        ("{\"a\": 1e999}", Flaw::Other, 1, "{\"a\": 1e999}"),
        ("{\"a\": \"\\x\"}", Flaw::Other, 1, "{\"a\": \"\\x\"}"),
        (
            "{\"a\":[[[[[[[[]]]]]]]]}",
            Flaw::Other,
            1,
            "{\"a\":[[[[[[[[]]]]]]]]}",
        ),
        ("{\"é\": x}", Flaw::Quotes, 1, "{\"é\": x}"),
    ] {
        assert_eq!(malformed(text), (flaw, number, line.to_owned()), "{text:?}");
        // With a byte order mark and CRLF line endings.
        let dressed = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(
            malformed(&dressed),
            (flaw, number, line.to_owned()),
            "{text:?}"
        );
    }
}

/// A long line is truncated around the error.
#[test]
fn a_long_line_is_cut_around_the_place() {
    let long = format!("{{\"client_id\": \"{}\", # mine\n}}", "é".repeat(500));
    let (flaw, number, line) = malformed(&long);
    assert_eq!((flaw, number), (Flaw::Comment, 1));
    assert!(line.contains("# mine"), "{line}");
    assert!(line.chars().count() <= 80, "{line}");
}

/// N8: report the encoding if that is the problem.
///
/// Rule (The request): A wrong setting stops everything and is reported; so is a file that cannot
/// be parsed, with the line or its encoding
#[test]
fn another_encoding_than_utf_8_is_named() {
    let text = "{\n  \"client_id\": \"a\"\n}";
    let wide =
        |order: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(order).collect() };
    let wider = |order: fn(u32) -> [u8; 4]| -> Vec<u8> {
        text.chars().flat_map(|c| order(c.into())).collect()
    };
    for (mark, bytes, encoding) in [
        (&[0xff, 0xfe][..], wide(u16::to_le_bytes), "UTF-16"),
        (&[0xfe, 0xff], wide(u16::to_be_bytes), "UTF-16"),
        (&[0xff, 0xfe, 0, 0], wider(u32::to_le_bytes), "UTF-32"),
        (&[0, 0, 0xfe, 0xff], wider(u32::to_be_bytes), "UTF-32"),
    ] {
        for bytes in [[mark, &bytes].concat(), bytes] {
            assert_eq!(
                parse_file(&bytes).unwrap_err(),
                ConfigError::Encoding(encoding, None)
            );
        }
    }
    let latin = b"{\n  \"client_id\": \"a\",\n  \"audience\": \"B\xe4ckerei\"\n}";
    assert_eq!(
        parse_file(latin).unwrap_err(),
        ConfigError::Encoding(
            "Latin-1 (Windows-1252)",
            Some(Line {
                number: 3,
                text: "\"audience\": \"Bäckerei\"".to_owned(),
            })
        )
    );
}

/// N8: report *empty* if that is the problem.
///
/// Rule (The request): A wrong setting stops everything and is reported; so is a file that cannot
/// be parsed, with the line or its encoding
#[test]
fn an_empty_file_is_called_empty() {
    for bytes in [
        &b""[..],
        b" \r\n\t\n",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\n",
        b"\xff\xfe",
        b"\xfe\xff\0\n",
        b"\0\0\0\0",
    ] {
        assert_eq!(
            parse_file(bytes).unwrap_err(),
            ConfigError::Empty,
            "{bytes:?}"
        );
    }
    assert_eq!(parse_file(b"{}").unwrap_err(), ConfigError::NotSetUp);
}

#[test]
fn sixty_four_kibibytes_are_read_and_not_one_byte_more() {
    assert_eq!(MAX_BYTES, 64 * 1024);
    let of = |bytes: usize| {
        let text = "{\"client_id\":\"a\"}";
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    assert!(parse_file(of(MAX_BYTES).as_bytes()).is_ok());
    assert_eq!(
        parse_file(of(MAX_BYTES + 1).as_bytes()).unwrap_err(),
        ConfigError::TooLarge
    );
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    assert!(parse_file("\u{feff}{\"client_id\":\"a\"}".as_bytes()).is_ok());
}

/// Problems with a redirect_uri on a page at this address.
fn redirect_uri(text: &str, base: &str) -> Result<(), Vec<Problem>> {
    let settings = json!({"client_id": "a", "redirect_uri": text}).to_string();
    match parse_at(settings.as_bytes(), base) {
        Ok(config) => {
            assert_eq!(config.context.client.redirect_uri(), text);
            Ok(())
        }
        Err(ConfigError::Mistakes(mistakes)) => {
            Err(mistakes.into_iter().map(|one| one.problem).collect())
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// C4: the address bar spells each address in exactly one way, and a response sent to any other
/// spelling is not recognized. Each deviation is reported with the correct spelling.
///
/// Rule (The request): The redirect URI is spelled as browsers spell it, so that the address bar
/// shows the same
#[test]
fn a_redirect_uri_is_spelled_as_browsers_do() {
    for (base, text, instead) in [
        (
            BASE,
            "https://APP.example/callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "HTTPS://app.example/callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example:443/callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example:/callback",
            "https://app.example/callback",
        ),
        (BASE, "https://app.example", "https://app.example/"),
        (
            BASE,
            "https://app.example/./callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example/app/../callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example/../../callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example/app/%2e%2E/callback",
            "https://app.example/callback",
        ),
        (BASE, "https://app.example/app/..", "https://app.example/"),
        (
            BASE,
            "https://app.example/app/.",
            "https://app.example/app/",
        ),
        (
            BASE,
            "https://app.example/zurück",
            "https://app.example/zur%C3%BCck",
        ),
        (
            BASE,
            "https://app.example/call back",
            "https://app.example/call%20back",
        ),
        (
            BASE,
            "https://app.example/<callback>",
            "https://app.example/%3Ccallback%3E",
        ),
        (
            BASE,
            "https://app.example/{callback}",
            "https://app.example/%7Bcallback%7D",
        ),
        (
            BASE,
            "https://app.example/call^back",
            "https://app.example/call%5Eback",
        ),
        (
            BASE,
            "https:\\\\app.example\\callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example/call\tback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://app.example/call\nback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https:/app.example/callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https:app.example/callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https:///app.example/callback",
            "https://app.example/callback",
        ),
        (
            BASE,
            "https://%61pp.example/callback",
            "https://app.example/callback",
        ),
        (
            "http://127.0.0.1:8080/",
            "http://127.1:8080/callback",
            "http://127.0.0.1:8080/callback",
        ),
        (
            "http://127.0.0.1:8080/",
            "http://0x7f000001:8080/callback",
            "http://127.0.0.1:8080/callback",
        ),
        (
            "http://127.0.0.1:8080/",
            "http://0177.0.0.1:08080/callback",
            "http://127.0.0.1:8080/callback",
        ),
        (
            "http://127.0.0.1:8080/",
            "http://127.0.0.1.:8080/callback",
            "http://127.0.0.1:8080/callback",
        ),
        (
            "http://[::1]:8080/",
            "http://[0:0::0:1]:8080/callback",
            "http://[::1]:8080/callback",
        ),
        (
            "https://xn--bcher-kva.example/",
            "https://bücher.example/callback",
            "https://xn--bcher-kva.example/callback",
        ),
        (
            "https://xn--bcher-kva.example/",
            "https://XN--BCHER-KVA.example/callback",
            "https://xn--bcher-kva.example/callback",
        ),
    ] {
        assert_eq!(
            redirect_uri(text, base),
            Err(vec![Problem::OtherSpelling {
                instead: instead.to_owned()
            }]),
            "{text:?}"
        );
        assert_eq!(redirect_uri(instead, base), Ok(()), "{instead}");
        // Browsers have encoded this character since 2024; the test's parser does not.
        if !text.contains('^') {
            assert_eq!(Url::parse(text).unwrap().as_str(), instead, "{text:?}");
        }
    }
    for text in [
        "https://app.example/",
        "https://app.example/callback",
        "https://app.example//callback",
        "https://app.example/call%20back/%zz/%C3%A9",
        "https://app.example/a/b.c/...;d=1,2/~e_f-g!$&'()*+@:|[]",
    ] {
        assert_eq!(redirect_uri(text, BASE), Ok(()), "{text}");
        assert_eq!(Url::parse(text).unwrap().as_str(), text);
    }
    // On the page's own origin, the other mistakes are reported without the spelling.
    for (text, code) in [
        ("https://APP.example/callback?x", "has_query"),
        ("https://APP.example/callback#", "has_fragment"),
        ("https://a@APP.example/callback", "has_userinfo"),
    ] {
        let problems = redirect_uri(text, BASE).unwrap_err();
        let codes: Vec<_> = problems.iter().map(Problem::code).collect();
        assert_eq!(codes, [code], "{text}");
    }
}

/// Addresses that are almost the page's own: its parts in odd spellings.
fn nearly_a_redirect_uri() -> impl Strategy<Value = String> {
    let part = |all: &'static [&'static str]| proptest::sample::select(all);
    (
        part(&["https", "https", "HTTPS", "http", " https"]),
        part(&["://", "://", ":\\\\", ":/", ":", ":///"]),
        part(&["", "", "", "a@", "@"]),
        part(&["app.example", "app.example", "App.Example", "%61pp.example", "app.example.", "áp.example"]),
        part(&["", "", ":443", ":0443", ":", ":80", ":8443"]),
        proptest::collection::vec(
            prop_oneof![
                3 => part(&["/", "/", "\\", "/.", "/..", "/%2e", "/%2E%2e", "callback", "%20", "%C3%A9"])
                    .prop_map(str::to_owned),
                1 => "[!-~]{0,3}",
                1 => ".{0,2}",
            ],
            0..6,
        ),
    )
        .prop_map(|(scheme, slashes, userinfo, host, port, path)| {
            format!("{scheme}{slashes}{userinfo}{host}{port}{}", path.concat())
        })
}

proptest! {
    /// C4: an accepted URI is exactly what a browser would show.
    ///
    /// Rule (The request): The redirect URI is spelled as browsers spell it, so that the address
    /// bar shows the same
    #[test]
    fn an_accepted_redirect_uri_is_what_the_address_bar_shows(text in nearly_a_redirect_uri()) {
        match redirect_uri(&text, BASE) {
            Ok(()) => {
                let browser = Url::parse(&text);
                prop_assert_eq!(browser.as_ref().map(Url::as_str), Ok(text.as_str()));
            }
            // A recommended spelling is itself accepted, and a browser resolves both to the same
            // address.
            Err(problems) => for problem in problems {
                if let Problem::OtherSpelling { instead } = problem {
                    prop_assert_eq!(redirect_uri(&instead, BASE), Ok(()));
                    prop_assert_ne!(&instead, &text);
                    // The strategy's only host that needs Unicode tables is a different host.
                    if let Ok(browser) = Url::parse(&text) && Spelling::parse(&text).is_some_and(|one| one.origin.is_some()) && !text.contains('^') {
                        prop_assert_eq!(browser.as_str(), instead);
                    }
                }
            }
        }
    }
}

/// An address, as the strategies above and below spell it, at one of the keys that the core checks,
/// too.
fn settings_with_an_address() -> impl Strategy<Value = Value> {
    let key = proptest::sample::select(
        &[
            "redirect_uri",
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
        ][..],
    );
    let text = prop_oneof![
        nearly_a_redirect_uri(),
        "(https|http|HTTPS)://(as.example|localhost|127.0.0.1|\\[::1\\])(:[0-9]{0,6})?[!-~]{0,20}",
        "https://app.example/[!-~]{0,20}",
        "https://as.example/\\?(state|code|resource|client_id|%63ode)=[a-z&=%]{0,8}",
    ];
    (key, text).prop_map(|(key, text)| json!({"client_id": "a", key: text}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Whatever the reader accepts the core accepts: otherwise the mistake that would be reported
    /// instead is one that the check below finds impossible.
    #[test]
    fn what_the_reader_accepts_the_core_accepts(settings in settings_with_an_address()) {
        let _ = checks::config(settings.to_string().as_bytes());
    }
}

/// S2 (RFC 6749 §3.1, §3.2): an endpoint may have a query, but no parameter may be sent twice.
///
/// Rule (The request): An endpoint's own query is kept, and may not have a parameter that requests
/// add (RFC 6749 §3.1, §3.2)
#[test]
fn an_endpoint_may_have_a_query() {
    for (key, sent) in [
        (
            "authorization_endpoint",
            &parameters::OF_AUTHORIZATION_REQUEST[..],
        ),
        ("token_endpoint", &parameters::OF_TOKEN_REQUEST),
    ] {
        for query in [
            "?",
            "?resource=x",
            "?resource=x&resource=y",
            "?a",
            "?Client_ID=x",
            "?x=client_id",
        ] {
            let url = format!("https://as.example/endpoint{query}");
            let config = parse(&json!({"client_id": "a", key: url})).unwrap();
            let read = match key {
                "token_endpoint" => config.context.client.token_endpoint(),
                _ => config.context.client.authorization_endpoint(),
            };
            assert_eq!(read, url);
        }
        for name in sent {
            let encoded = name.replace('_', "%5f");
            for query in [
                format!("{name}=x"),
                format!("a=b&{encoded}=x"),
                (*name).to_owned(),
            ] {
                let url = format!("https://as.example/endpoint?{query}");
                let Err(ConfigError::Mistakes(mistakes)) =
                    parse(&json!({"client_id": "a", key: url}))
                else {
                    panic!("{url}");
                };
                assert_eq!(mistakes.len(), 1, "{url}");
                assert_eq!(mistakes[0].problem, Problem::HasParameter(name), "{url}");
            }
        }
        assert_eq!(
            mistakes(&json!({"client_id": "a", key: "https://as.example/endpoint?resource=x#y"})),
            [(key.to_owned(), "has_fragment")]
        );
    }
    for key in ["issuer", "id_token_issuer", "jwks_uri", "api_base_url"] {
        let settings = json!({"client_id": "a", key: "https://as.example/x?y"});
        assert_eq!(mistakes(&settings), [(key.to_owned(), "has_query")]);
    }
}

#[test]
fn the_readme_lists_every_key() {
    let readme = include_str!("../../README.md");
    for key in KEYS {
        assert!(readme.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn a_server_has_the_settings_itself() {
    let parse = |value: Value| set_up(value.to_string().as_bytes(), BASE);
    assert_eq!(parse(json!({"server": true})), Ok(Setup::Server));
    let mistakes = |value: Value| match parse(value) {
        Err(ConfigError::Mistakes(mistakes)) => mistakes
            .into_iter()
            .map(|mistake| (mistake.key, mistake.problem.code()))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let found = mistakes(json!({"client_id": "", "scope": "a", "server": true, "scopes": "a"}));
    let expected = [
        ("client_id", "not_with_server"),
        ("scope", "not_with_server"),
        ("scopes", "unknown_key"),
    ];
    assert_eq!(found, expected.map(|(key, code)| (key.to_owned(), code)));
    for value in [json!(false), json!("true"), json!(1), json!(null)] {
        let found = mistakes(json!({ "server": value }));
        assert_eq!(found, [("server".to_owned(), "not_true")]);
    }
    let found = mistakes(json!({"client_id": "a", "sever": true}));
    assert_eq!(found, [("sever".to_owned(), "unknown_key")]);
}
