//! config.json: the settings of the code grant.

use cc_connect_app::config::{Config, ConfigError, KEYS, Setup};
use cc_connect_core::{
    constant_contact::{self, ACCESS_TOKEN_TYPES},
    oauth::ResponseType,
    openid_connect::ID_TOKEN_TYPES,
};
use serde_json::{Value, json};

const BASE: &str = "https://app.example/app/";

fn parse(mut settings: Value) -> Result<Config, ConfigError> {
    settings["client_id"] = json!("abc");
    let setup = Setup::parse(settings.to_string().as_bytes(), BASE)?;
    match setup {
        Setup::Direct(config) => Ok(*config),
        Setup::Server => panic!("{settings} has a server"),
    }
}

fn mistakes(settings: Value) -> Vec<(String, &'static str)> {
    match parse(settings) {
        Err(ConfigError::Mistakes(mistakes)) => mistakes
            .into_iter()
            .map(|mistake| (mistake.key, mistake.problem.code()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_implicit_grant_is_the_default() {
    let config = parse(json!({})).unwrap();
    assert_eq!(config.context.client.response_type(), ResponseType::Token);
    assert_eq!(
        config.context.client.token_endpoint(),
        "https://authz.constantcontact.com/oauth2/default/v1/token"
    );
    assert_eq!(
        config.context.id_token_expectations.issuer,
        constant_contact::ISSUER
    );
    assert_eq!(config.context.id_token_expectations.audience, "abc");
    assert_eq!(config.context.id_token_expectations.types, ID_TOKEN_TYPES);
    assert_eq!(config.context.expectations.types, ACCESS_TOKEN_TYPES);
    assert_eq!(parse(json!({"response_type": "token"})).unwrap(), config);
}

/// The default depends on the grant; only the code grant can use `offline_access`.
#[test]
fn the_default_scope_is_that_of_the_response_type() {
    for (response_type, scope) in [
        ("token", "account_read campaign_data contact_data"),
        (
            "code",
            "account_read campaign_data contact_data offline_access",
        ),
    ] {
        let config = parse(json!({"response_type": response_type})).unwrap();
        assert_eq!(config.context.client.scope().to_string(), scope);
        assert_eq!(
            config.context.client.response_type().as_str(),
            response_type
        );
        let config = parse(json!({"response_type": response_type, "scope": "a"})).unwrap();
        assert_eq!(config.context.client.scope().to_string(), "a");
    }
}

#[test]
fn every_key_of_the_code_grant_is_read() {
    let config = parse(json!({
        "response_type": "code",
        "token_endpoint": "http://localhost:8081/token",
        "issuer": "http://localhost:8081/issuer",
        "id_token_issuer": "http://localhost:8081/other",
    }))
    .unwrap();
    assert_eq!(config.context.client.response_type(), ResponseType::Code);
    assert_eq!(
        config.context.client.token_endpoint(),
        "http://localhost:8081/token"
    );
    assert_eq!(
        config.context.expectations.issuer,
        "http://localhost:8081/issuer"
    );
    assert_eq!(
        config.context.client.issuer(),
        "http://localhost:8081/issuer"
    );
    assert_eq!(
        config.context.id_token_expectations.issuer,
        "http://localhost:8081/other"
    );
    for key in ["response_type", "token_endpoint", "id_token_issuer"] {
        assert!(KEYS.contains(&key), "{key}");
    }
}

#[test]
fn id_tokens_are_of_the_same_issuer_unless_it_is_said_otherwise() {
    let config = parse(json!({"issuer": "https://issuer.example"})).unwrap();
    assert_eq!(
        config.context.id_token_expectations.issuer,
        "https://issuer.example"
    );
    let config = parse(json!({"id_token_issuer": "https://issuer.example"})).unwrap();
    assert_eq!(
        config.context.id_token_expectations.issuer,
        "https://issuer.example"
    );
    assert_eq!(config.context.expectations.issuer, constant_contact::ISSUER);
}

#[test]
fn every_mistake_has_its_code() {
    for (key, value, code) in [
        ("response_type", json!("Code"), "not_one_of"),
        ("response_type", json!("id_token"), "not_one_of"),
        ("response_type", json!("code token"), "not_one_of"),
        ("response_type", json!("none"), "not_one_of"),
        ("response_type", json!(""), "empty"),
        ("response_type", json!(" code"), "whitespace"),
        ("response_type", json!(true), "not_text"),
        ("response_type", json!(["code"]), "not_text"),
        ("response_type", json!(null), "not_text"),
        ("token_endpoint", json!(""), "empty"),
        ("token_endpoint", json!("/token"), "not_a_url"),
        (
            "token_endpoint",
            json!("http://authz.example/token"),
            "not_https",
        ),
        (
            "token_endpoint",
            json!("https://authz.example/token?x&client_id=y"),
            "has_parameter",
        ),
        (
            "token_endpoint",
            json!("https://authz.example/token#x"),
            "has_fragment",
        ),
        (
            "token_endpoint",
            json!("https://id:secret@authz.example/token"),
            "has_userinfo",
        ),
        ("token_endpoint", json!(7), "not_text"),
        (
            "id_token_issuer",
            json!("http://issuer.example"),
            "not_https",
        ),
        ("id_token_issuer", json!("issuer"), "not_a_url"),
        ("id_token_issuer", json!(""), "empty"),
        ("response-type", json!("code"), "unknown_key"),
        ("client_secret", json!("x"), "unknown_key"),
        ("code_challenge_method", json!("plain"), "unknown_key"),
    ] {
        // The implicit grant ignores some of these, but a mistake in them is still reported.
        for response_type in ["token", "code"] {
            let mut settings = json!({"response_type": response_type});
            settings[key] = value.clone();
            assert_eq!(
                mistakes(settings),
                [(key.to_owned(), code)],
                "{key}: {value}"
            );
        }
    }
}

#[test]
fn a_mistake_in_issuer_is_reported_once() {
    for (issuer, code) in [
        (json!("http://issuer.example"), "not_https"),
        (json!("issuer"), "not_a_url"),
        (json!(""), "empty"),
        (json!(7), "not_text"),
        (json!(" https://issuer.example"), "whitespace"),
    ] {
        assert_eq!(
            mistakes(json!({"issuer": issuer})),
            [("issuer".to_owned(), code)]
        );
        let both = mistakes(json!({"issuer": issuer, "id_token_issuer": issuer}));
        assert_eq!(
            both,
            [
                ("issuer".to_owned(), code),
                ("id_token_issuer".to_owned(), code)
            ]
        );
    }
}
