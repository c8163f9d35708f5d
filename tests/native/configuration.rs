//! config.json: what is right, and every mistake with its code.

use cc_connect::{
    config::{Config, ConfigError, KEYS, Problem, Reauthorize, TokenStorage},
    constant_contact,
    json::JsonError,
};
use serde_json::{Value, json};

const BASE: &str = "https://app.example/app/";

fn parse(value: &Value) -> Result<Config, ConfigError> {
    Config::parse(&value.to_string(), BASE)
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
    assert_eq!(config.client.client_id, "abc");
    assert_eq!(
        config.client.redirect_uri,
        "https://app.example/app/callback"
    );
    assert_eq!(config.client.scope.to_string(), constant_contact::SCOPE);
    assert_eq!(
        config.client.authorization_endpoint,
        constant_contact::AUTHORIZATION_ENDPOINT
    );
    assert_eq!(config.client.issuer, constant_contact::ISSUER);
    assert_eq!(config.expectations.issuer, constant_contact::ISSUER);
    assert_eq!(config.expectations.audience, constant_contact::AUDIENCE);
    assert_eq!(config.jwks_uri, constant_contact::JWKS_URI);
    assert_eq!(config.api_base_url.as_str(), constant_contact::API_BASE_URL);
    assert_eq!(config.token_storage, TokenStorage::Session);
    assert_eq!(config.reauthorize, Reauthorize::Automatic);
    assert!(!config.is_sandbox());
}

/// Pinned by hand: what a deployment trusts unless it says otherwise.
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
    }))
    .unwrap();
    assert_eq!(config.client.redirect_uri, "https://app.example/elsewhere");
    assert_eq!(config.client.scope.to_string(), "account_read");
    assert_eq!(
        config.client.authorization_endpoint,
        "http://localhost:8081/authorize"
    );
    assert_eq!(config.client.issuer, "http://localhost:8081/issuer");
    assert_eq!(config.jwks_uri, "http://127.0.0.1:8081/keys");
    assert_eq!(config.expectations.audience, "somebody");
    assert_eq!(config.api_base_url.as_str(), "http://[::1]:8081/v3");
    assert_eq!(config.token_storage, TokenStorage::Memory);
    assert_eq!(config.reauthorize, Reauthorize::Prompt);
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
    // The file in the repository is what a deployer starts from.
    let shipped = include_str!("../../config.json");
    assert_eq!(
        Config::parse(shipped, BASE).unwrap_err(),
        ConfigError::NotSetUp
    );
}

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
            "not_a_url",
        ),
        (
            "redirect_uri",
            json!("https://app.example\\@evil.example/"),
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

#[test]
fn what_is_not_an_object_is_said() {
    for (text, error) in [
        ("", JsonError::Syntax),
        ("<!doctype html>", JsonError::Syntax),
        ("{\"client_id\":\"a\",}", JsonError::Syntax),
        ("[]", JsonError::NotAnObject),
        (
            "{\"scope\":\"a\",\"scope\":\"b\"}",
            JsonError::DuplicateMember,
        ),
    ] {
        assert_eq!(
            Config::parse(text, BASE).unwrap_err(),
            ConfigError::Malformed(error),
            "{text}"
        );
    }
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    assert!(Config::parse("\u{feff}{\"client_id\":\"a\"}", BASE).is_ok());
}

#[test]
fn default_ports_and_case_do_not_make_another_origin() {
    for redirect_uri in [
        "https://app.example:443/callback",
        "https://APP.example/callback",
    ] {
        let config = json!({"client_id": "a", "redirect_uri": redirect_uri});
        assert!(parse(&config).is_ok(), "{redirect_uri}");
    }
}

#[test]
fn the_readme_lists_every_key() {
    let readme = include_str!("../../README.md");
    for key in KEYS {
        assert!(readme.contains(&format!("`{key}`")), "{key}");
    }
}
