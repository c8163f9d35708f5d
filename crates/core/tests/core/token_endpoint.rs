//! The token endpoint: the request, and a table of every response with its exact code.

use crate::{
    code_support::{CODE, REFRESH_TOKEN, answer, client, pending},
    support::changed,
};
use cc_connect_core::oauth::{
    AccessTokenResponseError, AuthorizationCode, ClientAuthentication, CodeVerifier, ErrorCode,
    ErrorResponse, PendingAuthorization, Prospect, RefreshToken, TokenEndpointError, TokenRequest,
    TokenResponse,
    parameters::{OF_TOKEN_REQUEST, Parameters},
    token_response::{MAX_BYTES, MAX_RETRY_AFTER, TokenEndpointError as Error},
};
use cc_connect_core::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn request_for(code: &str, redirect_uri: &str) -> TokenRequest {
    let pending = PendingAuthorization {
        code_verifier: Some(CodeVerifier::from_entropy([7; 32])),
        redirect_uri: redirect_uri.to_owned(),
        ..pending()
    };
    let code = AuthorizationCode::new(code.to_owned());
    TokenRequest::for_code(&code, &pending, ClientAuthentication::None)
}

fn refresh_request(refresh_token: &RefreshToken, client_id: &str) -> TokenRequest {
    TokenRequest::for_refresh_token(refresh_token, client_id, ClientAuthentication::None)
}

fn parse(status: u16, body: &str) -> Result<TokenResponse, TokenEndpointError> {
    TokenResponse::read(status, body.as_bytes())
}

/// The error code for a response with status 200, or `accepted`.
fn verdict(body: &str) -> &'static str {
    parse(200, body).map_or_else(|error| error.code(), |_| "accepted")
}

fn good() -> Value {
    answer("a.b.c", json!({}))
}

fn with(name: &str, value: Value) -> String {
    let mut answer = good();
    answer[name] = value;
    answer.to_string()
}

/// Rule (The code): The token request has the parameters of RFC 6749 §4.1.3 and RFC 7636 §4.5 in
/// its body, and no secret
#[test]
fn the_exchange_sends_these_parameters_and_no_other() {
    let verifier = CodeVerifier::from_entropy([7; 32]);
    assert_eq!(
        request_for(CODE, client().redirect_uri()).expose_body(),
        format!(
            "grant_type=authorization_code&client_id={}\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code={CODE}&code_verifier={}",
            client().client_id(),
            verifier.expose(),
        )
    );
}

/// S2: parameters that an endpoint's own query must not contain.
///
/// Rule (The request): An endpoint's own query is kept, and may not have a parameter that requests
/// add (RFC 6749 §3.1, §3.2)
#[test]
fn every_parameter_that_is_sent_is_listed() {
    let refresh = RefreshToken::new(REFRESH_TOKEN.to_owned());
    let bodies = [request_for(CODE, "r"), refresh_request(&refresh, "c")];
    let sent: BTreeSet<String> = bodies
        .iter()
        .flat_map(|request| form_urlencoded::parse(request.expose_body().as_bytes()))
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(sent, OF_TOKEN_REQUEST.map(str::to_owned).into());
}

/// Rule (The renewal): The refresh request has exactly the parameters of RFC 6749 §6 in its body
#[test]
fn the_refresh_sends_these_parameters_and_no_other() {
    let refresh_token = RefreshToken::new(REFRESH_TOKEN.to_owned());
    assert_eq!(
        refresh_request(&refresh_token, client().client_id()).expose_body(),
        format!(
            "grant_type=refresh_token&client_id={}&refresh_token={REFRESH_TOKEN}",
            client().client_id()
        )
    );
}

/// No code can add or change a parameter.
///
/// Rule (The code): The token request has the parameters of RFC 6749 §4.1.3 and RFC 7636 §4.5 in
/// its body, and no secret
#[test]
fn odd_characters_are_encoded_as_a_form() {
    for (value, encoded) in [
        ("a b", "a+b"),
        ("a+b", "a%2Bb"),
        ("a&client_secret=b", "a%26client_secret%3Db"),
        ("a%2Bb", "a%252Bb"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("\"\r\n\0", "%22%0D%0A%00"),
        ("é\u{1f426}", "%C3%A9%F0%9F%90%A6"),
        ("-._*~", "-._*%7E"),
    ] {
        let request = request_for(value, value);
        let body = request.expose_body();
        assert!(body.contains(&format!("&code={encoded}&")), "{body}");
        let refresh = refresh_request(&RefreshToken::new(value.to_owned()), value);
        for (body, count, names) in [
            (body, 5, ["code", "redirect_uri"]),
            (refresh.expose_body(), 3, ["refresh_token", "client_id"]),
        ] {
            let parameters = Parameters::parse(body).unwrap();
            assert_eq!(body.split('&').count(), count, "{body}");
            assert_eq!(names.map(|name| parameters.get(name)), [Some(value); 2]);
        }
    }
}

/// Rule (The code): The token request has the parameters of RFC 6749 §4.1.3 and RFC 7636 §4.5 in
/// its body, and no secret
#[test]
fn no_request_has_a_secret_of_the_client() {
    let refresh = RefreshToken::new(REFRESH_TOKEN.to_owned());
    for request in [
        request_for(CODE, client().redirect_uri()),
        refresh_request(&refresh, client().client_id()),
    ] {
        let body = request.expose_body();
        for word in ["secret", "assertion", "password", "username"] {
            assert!(!body.contains(word), "{body}");
        }
        assert_eq!(format!("{request:?}"), "TokenRequest(redacted)");
        assert_eq!(format!("{request:#?}"), "TokenRequest(redacted)");
    }
}

#[test]
fn a_good_answer_is_read() {
    let answer = answer("a.b.c", json!({"id_token": "d.e.f"}));
    let read = parse(200, &answer.to_string()).unwrap();
    assert_eq!(read.access.access_token.expose(), "a.b.c");
    assert_eq!(read.access.expires_in, Some(28_800));
    assert_eq!(
        read.access.scope.unwrap().to_string(),
        "account_read campaign_data contact_data offline_access"
    );
    assert_eq!(read.refresh_token.unwrap().expose(), REFRESH_TOKEN);
    assert_eq!(read.id_token.unwrap().expose(), "d.e.f");
}

#[test]
fn what_need_not_be_there_may_be_missing_null_or_empty() {
    for nothing in [None, Some(json!(null)), Some(json!(""))] {
        let mut answer = json!({"access_token": "a", "token_type": "bearer"});
        if let Some(nothing) = nothing {
            for name in ["expires_in", "scope", "refresh_token", "id_token"] {
                answer[name] = nothing.clone();
            }
        }
        let read = parse(200, &answer.to_string()).unwrap();
        assert_eq!(read.access.expires_in, None, "{answer}");
        assert_eq!(read.access.scope, None, "{answer}");
        assert!(read.refresh_token.is_none(), "{answer}");
        assert!(read.id_token.is_none(), "{answer}");
    }
}

/// Rule (The code): The response has an access token of the type Bearer, and no error
#[test]
fn what_must_be_there_may_not() {
    for (name, code) in [
        ("access_token", "neither_token_nor_error"),
        ("token_type", "unsupported_token_type"),
    ] {
        assert_eq!(
            verdict(&changed(good(), &json!({ name: null })).to_string()),
            code
        );
        for nothing in [json!(null), json!("")] {
            assert_eq!(verdict(&with(name, nothing.clone())), code, "{nothing}");
        }
    }
    assert_eq!(verdict("{}"), "neither_token_nor_error");
}

/// Two members decide: each must be a string or absent.
///
/// Rule (The code): The response is one JSON object with unique members →
/// `token_response_malformed`
#[test]
fn what_decides_has_its_type() {
    for name in ["access_token", "token_type"] {
        for wrong in [
            json!(7),
            json!(true),
            json!(["a"]),
            json!({"a": "b"}),
            json!(0.5),
        ] {
            assert_eq!(
                verdict(&with(name, wrong.clone())),
                "token_response_malformed",
                "{name}: {wrong}"
            );
        }
    }
}

/// C10: any other unreadable member is dropped; a valid token is never lost to one that decides
/// nothing.
///
/// Rule (The code): No other member of the response rejects a valid token: what cannot be read is
/// left out
#[test]
fn what_decides_nothing_is_left_out_where_it_cannot_be_read() {
    let wrong = [
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(true),
        json!([]),
        json!(["a", 1]),
        json!({"a": "b"}),
        json!(null),
        json!(""),
        json!("\"a"),
    ];
    for name in ["expires_in", "scope", "refresh_token", "id_token", "x"] {
        for value in &wrong {
            let read = parse(200, &with(name, value.clone())).unwrap();
            assert_eq!(read.access.access_token.expose(), "a.b.c");
            match (name, value.as_str()) {
                ("expires_in", _) => assert_eq!(read.access.expires_in, None, "{value}"),
                ("scope", _) => assert_eq!(read.access.scope, None, "{value}"),
                ("refresh_token", Some(text)) if !text.is_empty() => {
                    assert_eq!(read.refresh_token.unwrap().expose(), text);
                }
                ("refresh_token", _) => assert!(read.refresh_token.is_none(), "{value}"),
                ("id_token", _) => {
                    // The ID token is only checked if it was requested.
                    let absent = value.is_null() || value.as_str() == Some("");
                    assert_eq!(read.id_token.is_none(), absent, "{value}");
                }
                _ => {}
            }
        }
    }
}

/// A response with both a token and an error contradicts itself; a `null` error counts as absent.
///
/// Rule (The code): The response has an access token of the type Bearer, and no error
#[test]
fn a_token_and_an_error_are_refused() {
    for error in [
        json!("invalid_grant"),
        json!(7),
        json!([]),
        json!({}),
        json!(false),
    ] {
        assert_eq!(
            verdict(&with("error", error.clone())),
            "token_and_error",
            "{error}"
        );
    }
    for none in [json!(null), json!("")] {
        assert_eq!(verdict(&with("error", none.clone())), "accepted", "{none}");
    }
}

/// The documentation shows a number, a string, and elsewhere a string with quotes in it. C10: an
/// integer may be written in any form; anything else is dropped.
///
/// Rule (The code): No other member of the response rejects a valid token: what cannot be read is
/// left out
#[test]
fn expires_in_is_a_number_of_seconds_however_written_or_left_out() {
    for (written, seconds) in [
        ("28800", Some(28_800)),
        ("28800.0", Some(28_800)),
        ("2.88e4", Some(28_800)),
        ("\"28800\"", Some(28_800)),
        (r#""\"28800\"""#, Some(28_800)),
        ("0", Some(0)),
        ("-0.0", Some(0)),
        ("\"007\"", Some(7)),
        ("1644456573", Some(1_644_456_573)),
        ("4294967295", Some(u32::MAX)),
        ("-1", None),
        ("1.5", None),
        ("1e300", None),
        ("4294967296", None),
        ("99999999999999999999", None),
        ("null", None),
        ("\"\"", None),
        ("\"-1\"", None),
        ("\"+1\"", None),
        ("\"1.5\"", None),
        ("\" 1\"", None),
        ("\"soon\"", None),
        ("\"٣\"", None),
        ("\"4294967296\"", None),
        (r#""\"\"""#, None),
        (r#""\"1""#, None),
        ("true", None),
        ("[28800]", None),
        ("{\"seconds\":1}", None),
    ] {
        let body =
            format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{written}}}"#);
        let read = parse(200, &body).unwrap();
        assert_eq!(read.access.expires_in, seconds, "{written}");
    }
}

#[test]
fn the_token_type_is_bearer_in_any_case() {
    for token_type in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        assert_eq!(verdict(&with("token_type", json!(token_type))), "accepted");
    }
    for token_type in ["mac", "DPoP", "N_A", "Bearer ", " Bearer", "Beareɾ"] {
        assert_eq!(
            verdict(&with("token_type", json!(token_type))),
            "unsupported_token_type",
            "{token_type}"
        );
    }
}

/// C10: an extra space must not cost the connection.
///
/// Rule (The code): No other member of the response rejects a valid token: what cannot be read is
/// left out
#[test]
fn a_scope_is_words_or_is_left_out() {
    for (scope, read) in [
        ("b a", Some("a b")),
        ("a  b", Some("a b")),
        (" a", Some("a")),
        ("a ", Some("a")),
        ("a\tb", Some("a b")),
        ("a\"b", None),
        ("a\\b", None),
        ("é", None),
        (" ", None),
    ] {
        let found = parse(200, &with("scope", json!(scope))).unwrap();
        let found = found.access.scope.map(|scope| scope.to_string());
        assert_eq!(found.as_deref(), read, "{scope:?}");
    }
}

/// Rule (The code): The response is one JSON object with unique members →
/// `token_response_malformed`
#[test]
fn what_is_not_one_object_with_unique_members_is_malformed() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let object = good().to_string();
    let and = |more: &str| format!("{},{more}}}", object.strip_suffix('}').unwrap());
    assert_eq!(verdict(&and(&format!("\"x\":{}", deep(7)))), "accepted");
    for body in [
        String::new(),
        "<!doctype html><title>Sign in</title>".to_owned(),
        "access_token=a&token_type=Bearer".to_owned(),
        format!("[{object}]"),
        format!("{object}{object}"),
        format!("{object},"),
        format!("\u{feff}{object}"),
        "null".to_owned(),
        "\"a\"".to_owned(),
        and("\"access_token\":\"other\""),
        and("\"access_token\":\"a.b.c\""),
        and("\"access\\u005ftoken\":\"other\""),
        and("\"refresh_token\":\"other\""),
        and("\"x\":{\"y\":1,\"y\":1}"),
        and(&format!("\"x\":{}", deep(8))),
        and("\"x\":1e999"),
        and("\"x\":\"\\ud800\""),
    ] {
        assert_eq!(verdict(&body), "token_response_malformed", "{body}");
    }
    for octets in [
        &b"{\"access_token\":\"\xff\",\"token_type\":\"Bearer\"}"[..],
        b"\xff\xfe{\0}\0",
        b"\0",
    ] {
        assert_eq!(
            TokenResponse::read(200, octets).unwrap_err(),
            TokenEndpointError::Malformed
        );
    }
}

/// Rule (The code): At most 64 KiB of the response are read → `token_response_too_large`
#[test]
fn sixty_four_kibibytes_are_read_and_not_one_byte_more() {
    assert_eq!(MAX_BYTES, 64 * 1024);
    let padded = |body: &str, bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
    let good = good().to_string();
    assert_eq!(verdict(&padded(&good, MAX_BYTES)), "accepted");
    assert_eq!(
        verdict(&padded(&good, MAX_BYTES + 1)),
        "token_response_too_large"
    );
    let error = r#"{"error":"invalid_grant"}"#;
    for (bytes, code) in [
        (MAX_BYTES, "invalid_grant"),
        (MAX_BYTES + 1, "token_response_too_large"),
    ] {
        assert_eq!(
            parse(400, &padded(error, bytes)).unwrap_err().code(),
            code,
            "{bytes}"
        );
    }
}

/// RFC 6749 §5.1: a token requires status 200.
///
/// Rule (The code): Any other failure ends the exchange; nothing is resent, and nothing starts
/// automatically → `token_endpoint_unreachable`, `token_endpoint_throttled`,
/// `token_endpoint_status`, `unsupported_grant_type`
#[test]
fn another_status_than_200_brings_no_token() {
    for status in [
        0, 100, 199, 201, 202, 204, 206, 301, 302, 303, 307, 400, 401, 500, 999,
    ] {
        assert_eq!(
            parse(status, &good().to_string()).unwrap_err(),
            TokenEndpointError::Status(status)
        );
    }
}

/// Rule (The code): Any other failure ends the exchange; nothing is resent, and nothing starts
/// automatically → `token_endpoint_unreachable`, `token_endpoint_throttled`,
/// `token_endpoint_status`, `unsupported_grant_type`
#[test]
fn every_error_of_the_standard_has_its_code() {
    let table = [
        (400, "invalid_request"),
        (401, "invalid_client"),
        (400, "invalid_client"),
        (400, "invalid_grant"),
        (400, "unauthorized_client"),
        (400, "unsupported_grant_type"),
        (400, "invalid_scope"),
        (401, "access_denied"),
        (500, "server_error"),
        (503, "temporarily_unavailable"),
    ];
    for (status, code) in table {
        let body = json!({"error": code, "error_description": "why", "errorCode": "E0", "x": [1]});
        let error = parse(status, &body.to_string()).unwrap_err();
        assert_eq!(error.code(), code, "{status}");
        let TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(response)) = error
        else {
            panic!("{code}");
        };
        assert_eq!(response.spelled, code);
        assert_eq!(response.description.as_deref(), Some("why"));
    }
    let error = parse(400, r#"{"error":"use_dpop_nonce"}"#).unwrap_err();
    assert_eq!(error.code(), "unknown_error");
}

/// Rule (The code): Any other failure ends the exchange; nothing is resent, and nothing starts
/// automatically → `token_endpoint_unreachable`, `token_endpoint_throttled`,
/// `token_endpoint_status`, `unsupported_grant_type`
#[test]
fn an_error_that_cannot_be_read_leaves_the_status() {
    for body in [
        "",
        "<h1>400 Bad Request</h1>",
        "null",
        "[]",
        "{}",
        r#"{"error":null}"#,
        r#"{"error":""}"#,
        r#"{"error":["invalid_grant"]}"#,
        r#"{"error":{"code":"invalid_grant"}}"#,
        r#"{"error":"invalid_grant","error":"server_error"}"#,
        r#"{"error":"invalid_grant""#,
        r#"{"Error":"invalid_grant"}"#,
        r#"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}"#,
        r#"[{"error_key":"unauthorized","error_message":"Unauthorized"}]"#,
        r#"{"message":"Forbidden"}"#,
    ] {
        for status in [400, 401, 403, 404, 500, 502, 503] {
            assert_eq!(
                parse(status, body).unwrap_err(),
                TokenEndpointError::Status(status),
                "{body}"
            );
        }
    }
}

/// An empty or mistyped description does not hide the error.
///
/// Rule (The code): The server's texts are kept as text, and truncated
#[test]
fn a_description_is_a_text_or_is_left_out() {
    for description in ["null", "7", "[\"why\"]", "\"\""] {
        let body = format!(r#"{{"error":"invalid_grant","error_description":{description}}}"#);
        let error = parse(400, &body).unwrap_err();
        let TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(response)) = error
        else {
            panic!("{body}");
        };
        assert_eq!(response.code, ErrorCode::InvalidGrant);
        assert_eq!(response.description, None, "{description}");
    }
}

/// Rule (The code): Any other failure ends the exchange; nothing is resent, and nothing starts
/// automatically → `token_endpoint_unreachable`, `token_endpoint_throttled`,
/// `token_endpoint_status`, `unsupported_grant_type`
#[test]
fn asked_too_often_is_asked_too_often_whatever_the_body() {
    for body in [
        String::new(),
        good().to_string(),
        r#"{"error":"invalid_grant"}"#.to_owned(),
        "<html>".to_owned(),
        " ".repeat(MAX_BYTES + 1),
    ] {
        assert_eq!(
            parse(429, &body).unwrap_err(),
            TokenEndpointError::Throttled { retry_after: None }
        );
    }
}

/// The server's texts are kept verbatim as plain text, cut at 500 characters, never treated as
/// markup.
///
/// Rule (The code): The server's texts are kept as text, and truncated
#[test]
fn the_servers_words_are_kept_as_text_and_cut() {
    let markup = "<img src=x onerror=alert(1)>\u{202e}&amp;";
    let long = "é".repeat(600);
    for (text, kept) in [(markup, markup), (long.as_str(), &long[..1_000])] {
        let body = json!({"error": text, "error_description": text}).to_string();
        assert_eq!(
            parse(400, &body).unwrap_err(),
            TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(
                ErrorResponse::new(kept, Some(kept))
            ))
        );
    }
}

/// Every error, its stable code, and whether retrying with the same refresh token can succeed. L1:
/// a response that no token endpoint would send is inconclusive.
///
/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
///
/// Rule (The renewal): A page that never releases the refresh lock is waited for, and reported
/// after half a minute → `refresh_locked`
#[test]
fn only_what_passes_is_tried_again() {
    use Prospect::{Final, Passing, Unclear};
    let of = |code: ErrorCode| {
        let body = json!({"error": code.code()}).to_string();
        parse(400, &body).unwrap_err()
    };
    for (error, code, prospect) in [
        (Error::Offline, "token_endpoint_offline", Passing),
        (Error::CodeExpired, "authorization_code_expired", Final),
        (Error::NotExclusive, "refresh_not_exclusive", Final),
        (Error::Unreachable, "token_endpoint_unreachable", Passing),
        (
            Error::Throttled { retry_after: None },
            "token_endpoint_throttled",
            Passing,
        ),
        (Error::Locked, "refresh_locked", Passing),
        (Error::TooLarge, "token_response_too_large", Unclear),
        (Error::Malformed, "token_response_malformed", Unclear),
        (
            Error::Refused(AccessTokenResponseError::NeitherTokenNorError),
            "neither_token_nor_error",
            Final,
        ),
        (
            Error::Refused(AccessTokenResponseError::UnsupportedTokenType),
            "unsupported_token_type",
            Final,
        ),
        (
            parse(400, r#"{"error":"tomorrow"}"#).unwrap_err(),
            "unknown_error",
            Final,
        ),
    ] {
        assert_eq!((error.code(), error.prospect()), (code, prospect));
    }
    for &code in ErrorCode::KNOWN {
        let prospect = match code {
            ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable => Passing,
            _ => Final,
        };
        assert_eq!(
            (of(code).code(), of(code).prospect()),
            (code.code(), prospect)
        );
    }
    for (status, prospect) in [
        (0, Unclear),
        (204, Unclear),
        (302, Unclear),
        (400, Unclear),
        (401, Unclear),
        (404, Unclear),
        (499, Unclear),
        (500, Passing),
        (502, Passing),
        (503, Passing),
        (504, Passing),
        (599, Passing),
    ] {
        let error = Error::Status(status);
        assert_eq!(error.code(), "token_endpoint_status");
        assert_eq!(error.prospect(), prospect, "{status}");
    }
}

/// `Retry-After` (RFC 9110 §10.2.3) is a number of seconds or a date; anything else counts as
/// absent.
#[test]
fn retry_after_is_read_in_both_forms() {
    let now = Timestamp::from_unix_seconds(784_111_777);
    for (text, seconds) in [
        (None, None),
        (Some("0"), Some(0)),
        (Some("120"), Some(120)),
        (Some(" 120 "), Some(120)),
        (Some("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60)),
        (Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0)),
        (Some("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0)),
        (Some(""), None),
        (Some("-1"), None),
        (Some("1.5"), None),
        (Some("soon"), None),
        (Some("99999999999"), None),
    ] {
        let error = TokenEndpointError::throttled(text, now);
        assert_eq!(
            error,
            TokenEndpointError::Throttled {
                retry_after: seconds
            }
        );
        assert_eq!(error.retry_after(), i64::from(seconds.unwrap_or(0)));
    }
    let error = TokenEndpointError::throttled(Some("86400"), now);
    assert_eq!(error.retry_after(), MAX_RETRY_AFTER);
}

/// JSON that is often almost a token response.
fn nearly() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        6 => proptest::sample::select(vec![
            "access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token", "error",
            "error_description",
        ])
        .prop_map(str::to_owned),
        1 => "[a-z_]{0,8}",
    ];
    let value = prop_oneof![
        4 => proptest::sample::select(vec![
            json!("Bearer"), json!("bearer"), json!("a"), json!(""), json!(null), json!(28_800),
            json!("28800"), json!("a b"), json!("invalid_grant"),
        ]),
        1 => ".{0,12}".prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ];
    proptest::collection::vec((name, value), 0..8).prop_map(|members| {
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("{}:{value}", json!(name)))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

fn assert_token(body: &str, read: &TokenResponse) {
    let object: Value = serde_json::from_str(body).unwrap();
    assert!(!read.access.access_token.expose().is_empty());
    assert_eq!(object["access_token"], read.access.access_token.expose());
    let token_type = object["token_type"].as_str().unwrap();
    assert_eq!(token_type.to_lowercase(), "bearer");
    let refresh_token = read.refresh_token.as_ref().map(|token| token.expose());
    let written = object["refresh_token"].as_str();
    assert_eq!(refresh_token, written.filter(|text| !text.is_empty()));
}

proptest! {
    /// Rule (The code): The response is one JSON object with unique members →
    /// `token_response_malformed`
    #[test]
    fn no_answer_of_the_token_endpoint_panics(
        status in prop_oneof![Just(200u16), Just(400), Just(401), any::<u16>()],
        octets in proptest::collection::vec(any::<u8>(), 0..300),
        text in ".{0,300}",
    ) {
        for body in [octets.as_slice(), text.as_bytes()] {
            let read = TokenResponse::read(status, body);
            prop_assert!(read.is_err() || status == 200);
            if let Err(error) = read {
                prop_assert!(!error.code().is_empty());
            }
        }
    }

    /// Rule (The code): The response has an access token of the type Bearer, and no error
    #[test]
    fn whatever_is_accepted_has_a_bearer_token(
        status in prop_oneof![3 => Just(200u16), 1 => Just(400), 1 => Just(429), 1 => any::<u16>()],
        body in nearly(),
    ) {
        match parse(status, &body) {
            Ok(read) => {
                prop_assert_eq!(status, 200);
                assert_token(&body, &read);
            }
            Err(TokenEndpointError::Throttled { .. }) => prop_assert_eq!(status, 429),
            Err(TokenEndpointError::Status(found)) => prop_assert_eq!(found, status),
            Err(TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(response))) => {
                prop_assert!(status != 200 && !response.spelled.is_empty());
            }
            Err(error) => {
                prop_assert_eq!(status, 200);
                prop_assert_ne!(error.prospect(), Prospect::Passing);
            }
        }
    }
}
