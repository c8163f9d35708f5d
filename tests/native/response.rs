//! The judge at the redirection endpoint: a table of every refusal, with its exact code.

use crate::support::{client, entropy, requested};
use cc_connect::{
    oauth::{
        AccessTokenResponse, AuthorizationResponse, CapturedResponse, ErrorCode,
        NoPendingAuthorization, PendingAuthorization, RedirectionError, ResponseError, accept,
        authorization_request, authorization_response::RESPONSE_PARAMETERS,
        pending_authorization::MAX_AGE,
    },
    route::Route,
    time::Timestamp,
};

fn pending() -> PendingAuthorization {
    authorization_request(&client(), &entropy(), Route::Connection, requested()).pending
}

fn state() -> String {
    pending().state.expose().to_owned()
}

fn parse(fragment: &str, query: &str) -> Result<AuthorizationResponse, ResponseError> {
    AuthorizationResponse::parse(&CapturedResponse {
        fragment: fragment.to_owned(),
        query: query.to_owned(),
    })
}

fn judge_at(fragment: &str, now: Timestamp) -> Result<AccessTokenResponse, RedirectionError> {
    let response = parse(fragment, "").unwrap();
    accept(&client(), &response, Ok(&pending()), now)
}

fn judge(fragment: &str) -> Result<AccessTokenResponse, RedirectionError> {
    judge_at(fragment, requested().plus_seconds(2))
}

fn good() -> String {
    format!(
        "access_token=abc&token_type=Bearer&expires_in=28800&scope=account_read&state={}",
        state()
    )
}

#[test]
fn a_good_response_is_accepted() {
    let granted = judge(&good()).unwrap();
    assert_eq!(granted.access_token.expose(), "abc");
    assert_eq!(granted.expires_in, Some(28_800));
    assert_eq!(granted.scope.unwrap().to_string(), "account_read");
}

#[test]
fn variations_that_servers_are_known_to_send_are_accepted() {
    let state = state();
    for fragment in [
        format!("state={state}&token_type=bearer&access_token=abc"),
        format!("access_token=abc&token_type=BEARER&state={state}&expires_in=%2228800%22"),
        format!("access_token=abc&token_type=Bearer&state={state}&unknown=x&iat=1"),
        format!("access_token=abc&token_type=Bearer&state={state}&error="),
        format!("access_token=abc&token_type=Bearer&state={state}&scope=a+b"),
        format!("access_token=abc&token_type=Bearer&state={state}&scope=a%20b"),
        format!(
            "access_token=abc&token_type=Bearer&state={state}&iss={}",
            client().issuer
        ),
        format!("&access_token=abc&&token_type=Bearer&state={state}&"),
    ] {
        assert!(judge(&fragment).is_ok(), "{fragment}");
    }
}

#[test]
fn every_unreadable_response_has_its_code() {
    let long = format!("access_token={}", "a".repeat(16 * 1024));
    let table: &[(&str, &str, &str)] = &[
        (&long, "", "response_too_large"),
        ("", &long, "response_too_large"),
        ("access_token=%", "", "response_malformed"),
        ("access_token=%4", "", "response_malformed"),
        ("access_token=%zz", "", "response_malformed"),
        ("access_token=%ff", "", "response_malformed"),
        ("state=a&state=a", "", "duplicate_parameter"),
        ("state=a&st%61te=b", "", "duplicate_parameter"),
        ("state=&state=b", "", "duplicate_parameter"),
        ("x=1&x=2&state=a", "", "duplicate_parameter"),
        ("error=a&state=b", "error=a&state=b", "duplicate_parameter"),
        ("", "access_token=a&state=b", "token_in_query"),
        ("state=b", "access_token=a", "token_in_query"),
        ("", "id_token=a&state=b", "token_in_query"),
    ];
    for (fragment, query, code) in table {
        let error = parse(fragment, query).unwrap_err();
        assert_eq!(error.code(), *code, "{fragment:.40} ? {query:.40}");
    }
}

#[test]
fn an_error_is_read_from_the_query_as_well() {
    let response = parse("", &format!("error=access_denied&state={}", state())).unwrap();
    let error = accept(&client(), &response, Ok(&pending()), requested()).unwrap_err();
    assert_eq!(error.code(), "access_denied");
}

#[test]
fn every_refused_response_has_its_code() {
    let state = state();
    let table = [
        (
            "access_token=abc&token_type=Bearer".to_owned(),
            "state_missing",
        ),
        ("error=invalid_request".to_owned(), "state_missing"),
        (
            "access_token=abc&token_type=Bearer&state=".to_owned(),
            "state_missing",
        ),
        (
            "access_token=abc&token_type=Bearer&state=other".to_owned(),
            "state_mismatch",
        ),
        (
            "error=access_denied&state=other".to_owned(),
            "state_mismatch",
        ),
        (
            good() + "&iss=https%3A%2F%2Fevil.example",
            "response_issuer_mismatch",
        ),
        (
            format!("error=access_denied&state={state}&iss=x"),
            "response_issuer_mismatch",
        ),
        (good() + "&error=access_denied", "token_and_error"),
        (format!("state={state}"), "neither_token_nor_error"),
        (
            format!("state={state}&access_token=&token_type=Bearer"),
            "neither_token_nor_error",
        ),
        (
            format!("state={state}&id_token=abc"),
            "neither_token_nor_error",
        ),
        (format!("state={state}&code=abc"), "neither_token_nor_error"),
        (
            format!("access_token=abc&state={state}"),
            "unsupported_token_type",
        ),
        (
            format!("access_token=abc&token_type=mac&state={state}"),
            "unsupported_token_type",
        ),
        (
            format!("access_token=abc&token_type=Bearer+&state={state}"),
            "unsupported_token_type",
        ),
        (
            format!("access_token=abc&token_type=Bearer&expires_in=soon&state={state}"),
            "invalid_expires_in",
        ),
        (
            format!("access_token=abc&token_type=Bearer&expires_in=-1&state={state}"),
            "invalid_expires_in",
        ),
        (
            format!("access_token=abc&token_type=Bearer&expires_in=1.5&state={state}"),
            "invalid_expires_in",
        ),
        (
            format!("access_token=abc&token_type=Bearer&expires_in=99999999999&state={state}"),
            "invalid_expires_in",
        ),
        (
            format!("access_token=abc&token_type=Bearer&expires_in=%22%22&state={state}"),
            "invalid_expires_in",
        ),
        (
            format!("access_token=abc&token_type=Bearer&scope=a%22b&state={state}"),
            "malformed_scope",
        ),
        (
            format!("access_token=abc&token_type=Bearer&scope=a++b&state={state}"),
            "malformed_scope",
        ),
    ];
    for (fragment, code) in table {
        assert_eq!(judge(&fragment).unwrap_err().code(), code, "{fragment}");
    }
}

#[test]
fn every_error_code_keeps_its_name() {
    for known in ErrorCode::KNOWN {
        let fragment = format!("error={}&state={}", known.code(), state());
        assert_eq!(judge(&fragment).unwrap_err().code(), known.code());
    }
    // RFC 6749 §4.2.2.1 in full, whatever the list above holds.
    for code in [
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
    ] {
        assert!(
            ErrorCode::KNOWN.iter().any(|known| known.code() == code),
            "{code}"
        );
    }
    assert_eq!(
        judge(&format!("error=teapot&state={}", state()))
            .unwrap_err()
            .code(),
        "unknown_error"
    );
}

#[test]
fn the_servers_words_are_kept_as_text_and_cut() {
    let long = "x".repeat(2_000);
    let fragment = format!(
        "error=%3Cb%3E&error_description=%3Cscript%3E+{long}&state={}",
        state()
    );
    let Err(RedirectionError::ErrorResponse(response)) = judge(&fragment) else {
        panic!("an error response");
    };
    assert_eq!(response.spelled, "<b>");
    let description = response.description.unwrap();
    assert!(description.starts_with("<script> xxx"));
    assert_eq!(description.chars().count(), 500);
}

#[test]
fn without_a_record_nothing_is_accepted() {
    let response = parse(&good(), "").unwrap();
    for (no, code) in [
        (
            NoPendingAuthorization::NoneStored,
            "no_pending_authorization",
        ),
        (NoPendingAuthorization::OtherState, "state_mismatch"),
        (
            NoPendingAuthorization::Unreadable,
            "pending_authorization_unreadable",
        ),
    ] {
        let error = accept(&client(), &response, Err(no), requested()).unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[test]
fn a_record_serves_for_ten_minutes() {
    assert!(judge_at(&good(), requested().plus_seconds(MAX_AGE)).is_ok());
    for age in [MAX_AGE + 1, -MAX_AGE - 1] {
        let error = judge_at(&good(), requested().plus_seconds(age)).unwrap_err();
        assert_eq!(error.code(), "pending_authorization_expired", "{age}");
    }
}

#[test]
fn an_answer_to_a_request_under_other_settings_is_refused() {
    let response = parse(&good(), "").unwrap();
    let mut clients = [client(), client(), client()];
    clients[0].client_id = "other".to_owned();
    clients[1].redirect_uri = "https://other.example/callback".to_owned();
    clients[2].issuer = "https://other.example".to_owned();
    for client in clients {
        let error = accept(&client, &response, Ok(&pending()), requested()).unwrap_err();
        assert_eq!(error.code(), "configuration_changed");
    }
}

/// The order matters: what is not ours is not even asked what else is wrong with it.
#[test]
fn state_comes_before_everything_else() {
    let everything_wrong = "access_token=a&error=b&token_type=mac&iss=x&state=other";
    assert_eq!(
        judge(everything_wrong).unwrap_err().code(),
        "state_mismatch"
    );
    let late = requested().plus_seconds(MAX_AGE + 1);
    assert_eq!(
        judge_at(everything_wrong, late).unwrap_err().code(),
        "state_mismatch"
    );
}

/// The page's first script captures what carries one of these names; the two lists must agree.
#[test]
fn the_first_script_knows_the_same_parameters() {
    let script = include_str!("../../src/browser/first.js");
    let names = RESPONSE_PARAMETERS
        .map(|name| format!("\"{name}\""))
        .join(", ");
    assert!(
        script.contains(&format!("[{names}]")),
        "first.js lists {names}"
    );
}
