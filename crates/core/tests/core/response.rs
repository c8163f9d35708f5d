//! Validation at the redirection endpoint: a table of every rejection, with its exact code.

use crate::support::{
    client, client_with, entropy, page, registration, rejected_unread, requested,
};
use cc_connect_core::{
    oauth::{
        Accepted, AccessTokenResponse, AccessTokenResponseError, AuthorizationResponse,
        CapturedResponse, ErrorCode, ErrorResponse, NoPendingAuthorization, PendingAuthorization,
        RedirectionError, ResponseError, accept, authorization_request,
        pending_authorization::{MAX_AGE, sweep},
    },
    oauth::{
        access_token_response::parse_seconds,
        parameters::{MAX_BYTES, Parameters},
    },
    time::Timestamp,
};

fn pending() -> PendingAuthorization {
    authorization_request(&client(), &entropy(), page("connection"), requested()).pending
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
    match accept(&client(), &response, Ok(&pending()), now)? {
        Accepted::Token(response) => Ok(response),
        Accepted::Code(_) => panic!("a token was asked for"),
    }
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
            client().issuer()
        ),
        format!("&access_token=abc&&token_type=Bearer&state={state}&"),
    ] {
        assert!(judge(&fragment).is_ok(), "{fragment}");
    }
}

/// Rule (The response): The response is `application/x-www-form-urlencoded` and UTF-8 →
/// `response_malformed`
///
/// Rule (The response): No parameter occurs twice (RFC 6749 §3.1), not even once in the fragment
/// and once in the query → `duplicate_parameter`
///
/// Rule (The response): A token in the query is rejected (RFC 9700 §4.3.2) → `token_in_query`
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

/// Rule (The response): An error may be in the query
#[test]
fn an_error_is_read_from_the_query_as_well() {
    let response = parse("", &format!("error=access_denied&state={}", state())).unwrap();
    let error = accept(&client(), &response, Ok(&pending()), requested()).unwrap_err();
    assert_eq!(error.code(), "access_denied");
}

/// Rule (The response): Without `state` nothing is trusted, neither a token nor an error →
/// `state_missing`
///
/// Rule (The response): Another `state`, or another tab's, is rejected → `state_mismatch`
///
/// Rule (The response): A response with both a token and an error is rejected → `token_and_error`
///
/// Rule (The response): A response with neither a token nor an error is rejected; an empty token
/// counts as absent → `neither_token_nor_error`
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
        (format!("state={state}&code=abc"), "response_type_mismatch"),
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
    ];
    for (fragment, code) in table {
        assert_eq!(judge(&fragment).unwrap_err().code(), code, "{fragment}");
    }
}

/// Every rejection in the order of the checks: fixing the first reveals the next.
///
/// Rule (The response): `state` is checked before everything else, even before an error
#[test]
fn the_first_reason_counts() {
    let state = state();
    let wrong = "token_type=mac&expires_in=x&scope=%22";
    let all_wrong = format!("access_token=a&error=x&{wrong}&iss=x");
    let unread = rejected_unread(client(), &state, &all_wrong);
    let read = [
        ("access_token=a&error=x&", "token_and_error"),
        ("error=x&", "unknown_error"),
        ("", "neither_token_nor_error"),
        ("access_token=a&", "unsupported_token_type"),
    ]
    .map(|(start, code)| {
        let fragment = format!("{start}{wrong}&state={state}");
        (fragment, client(), requested(), code)
    });
    for (fragment, client, now, code) in unread.into_iter().chain(read) {
        let response = parse(&fragment, "").unwrap();
        let error = accept(&client, &response, Ok(&pending()), now).unwrap_err();
        assert_eq!(error.code(), code, "{fragment}");
    }
}

/// Rule (The response): At most 16 KiB of the response are parsed → `response_too_large`
#[test]
fn sixteen_kibibytes_are_read_and_not_one_byte_more() {
    assert_eq!(MAX_BYTES, 16 * 1024);
    let of = |bytes: usize| {
        let start = format!("{}&x=", good());
        format!("{start}{}", "x".repeat(bytes - start.len()))
    };
    assert!(judge(&of(MAX_BYTES)).is_ok());
    let long = of(MAX_BYTES + 1);
    let error = format!("error={}", "x".repeat(MAX_BYTES - "error=".len()));
    assert!(parse("", &error).is_ok());
    for (fragment, query) in [
        (long.as_str(), ""),
        ("", long.as_str()),
        ("", &(error.clone() + "x")),
        (&good(), &"&".repeat(MAX_BYTES + 1)),
    ] {
        assert_eq!(
            parse(fragment, query).unwrap_err(),
            ResponseError::TooLarge,
            "{fragment:.40} ? {query:.40}"
        );
    }
}

/// Decoded once: a value that still looks encoded is the value itself.
///
/// Rule (The response): The response is decoded exactly once
#[test]
fn values_are_decoded_exactly_once() {
    for (encoded, value) in [
        ("a%2Eb", "a.b"),
        ("a%2eb", "a.b"),
        ("a%252Eb", "a%2Eb"),
        ("a%25252Eb", "a%252Eb"),
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("a%26state%3Dx", "a&state=x"),
        ("a%3Db=c", "a=b=c"),
        ("%C3%A9", "é"),
        ("é", "é"),
        ("%00", "\0"),
    ] {
        let fragment = format!("access_token={encoded}&token_type=Bearer&state={}", state());
        assert_eq!(judge(&fragment).unwrap().access_token.expose(), value);
        let parameters = Parameters::parse(&format!("{encoded}=1")).unwrap();
        if !encoded.contains('=') {
            assert_eq!(parameters.get(value), Some("1"), "{encoded}");
        }
    }
}

/// A character must be complete within its name or value; parts are not joined into one.
///
/// Rule (The response): The response is `application/x-www-form-urlencoded` and UTF-8 →
/// `response_malformed`
#[test]
fn a_character_is_not_split_over_two_parts() {
    for text in [
        "a=%C3&%A9=b",
        "a=%C3=%A9",
        "%C3=%A9",
        "a=%E2%82&b=1",
        "a=%C0%AF",
        "a=%ED%A0%80",
    ] {
        assert_eq!(
            parse(text, "").unwrap_err(),
            ResponseError::Malformed,
            "{text}"
        );
    }
}

/// Names are case-sensitive (RFC 6749 §1.9), and `__proto__` and the like are not parameters.
///
/// Rule (The response): Parameter names match exactly; `__proto__` and the like are not parameters
#[test]
fn names_are_exact() {
    let state = state();
    for (fragment, code) in [
        (
            format!("access_token=a&token_type=Bearer&State={state}"),
            "state_missing",
        ),
        (
            format!("access_token=a&token_type=Bearer&state[]={state}"),
            "state_missing",
        ),
        (
            format!("access_token=a&token_type=Bearer&+state={state}"),
            "state_missing",
        ),
        (
            format!("Access_Token=a&token_type=Bearer&state={state}"),
            "neither_token_nor_error",
        ),
        (
            format!("access_token=a&Token_Type=Bearer&state={state}"),
            "unsupported_token_type",
        ),
        (
            format!("access_token=a&token_type=Bearer&state={state}+"),
            "state_mismatch",
        ),
        (
            format!("access_token=a&token_type=Bearer&state={}", &state[1..]),
            "state_mismatch",
        ),
        (
            format!("access_token=a&token_type=Bearer&state={state}{state}"),
            "state_mismatch",
        ),
        (
            format!(
                "access_token=a&token_type=Bearer&state={}",
                state.to_lowercase()
            ),
            "state_mismatch",
        ),
        (
            "access_token=a&token_type=Bearer&state=__proto__".to_owned(),
            "state_mismatch",
        ),
        (
            "access_token=a&token_type=Bearer&state=constructor".to_owned(),
            "state_mismatch",
        ),
    ] {
        assert_eq!(judge(&fragment).unwrap_err().code(), code, "{fragment}");
    }
}

/// No server splits a response between the fragment and the query.
///
/// Rule (The response): No parameter occurs twice (RFC 6749 §3.1), not even once in the fragment
/// and once in the query → `duplicate_parameter`
#[test]
fn a_response_stands_in_one_place() {
    let state = state();
    for (fragment, query) in [
        ("access_token=a&token_type=Bearer", format!("state={state}")),
        ("error=access_denied", format!("state={state}")),
        ("code=a", format!("state={state}")),
        ("id_token=a", "code=b".to_owned()),
    ] {
        assert_eq!(
            parse(fragment, &query).unwrap_err(),
            ResponseError::DuplicateParameter,
            "{fragment} ? {query}"
        );
    }
    // Unrelated parameters may accompany a response.
    let response = parse(&good(), "utm_source=x").unwrap();
    assert!(accept(&client(), &response, Ok(&pending()), requested()).is_ok());
    for name in ["access_token", "id_token"] {
        for fragment in ["", "x=1", &good()] {
            let error = parse(fragment, &format!("{name}=a")).unwrap_err();
            assert_eq!(error, ResponseError::TokenInQuery, "{name} {fragment}");
        }
    }
}

/// The record is removed when the response is first read, so the second attempt finds none.
///
/// Rule (The response): A record is used once; the same response again is rejected and does no harm
#[test]
fn a_response_is_processed_once() {
    let response = parse(&good(), "").unwrap();
    let mut record = Some(pending());
    let mut process = || {
        let taken = record.take();
        let pending = taken.as_ref().ok_or(NoPendingAuthorization::NoneStored);
        accept(&client(), &response, pending, requested())
    };
    assert!(process().is_ok());
    for _ in 0..3 {
        assert_eq!(process().unwrap_err().code(), "no_pending_authorization");
    }
}

/// C10: anything but a number of seconds is ignored: the token's own `exp` applies.
///
/// Rule (The response): What decides nothing rejects nothing: `expires_in` and `scope` are left out
/// if they cannot be read
#[test]
fn expires_in_is_a_number_of_seconds_or_left_out() {
    for (text, seconds) in [
        ("0", Some(0)),
        ("28800", Some(28_800)),
        ("\"28800\"", Some(28_800)),
        ("0028800", Some(28_800)),
        ("4294967295", Some(u32::MAX)),
        ("4294967296", None),
        ("99999999999999999999", None),
        ("", None),
        ("\"", None),
        ("\"\"", None),
        ("\"28800", None),
        ("28800\"", None),
        ("\"\"28800\"\"", None),
        ("'28800'", None),
        ("+1", None),
        ("-1", None),
        ("1.0", None),
        ("1e3", None),
        ("0x10", None),
        (" 1", None),
        ("1 ", None),
        ("1_000", None),
        ("٢٨", None),
        ("NaN", None),
        ("Infinity", None),
        ("null", None),
    ] {
        assert_eq!(parse_seconds(text), seconds, "{text:?}");
        let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let fragment = format!(
            "access_token=a&token_type=Bearer&expires_in={encoded}&state={}",
            state()
        );
        let found = judge(&fragment).unwrap().expires_in;
        assert_eq!(found, seconds, "{text:?}");
    }
}

/// C10: an unreadable scope counts as absent: the requested scope applies.
///
/// Rule (The response): What decides nothing rejects nothing: `expires_in` and `scope` are left out
/// if they cannot be read
#[test]
fn a_scope_is_words_or_is_left_out() {
    for (text, read) in [
        ("a", Some("a")),
        ("b a", Some("a b")),
        ("a  b", Some("a b")),
        (" a b ", Some("a b")),
        ("a\tb\r\n", Some("a b")),
        ("a,b", Some("a,b")),
        ("", None),
        (" ", None),
        ("\"a b\"", None),
        ("a\\b", None),
        ("a é", None),
        ("a\u{a0}b", None),
        ("a\0", None),
    ] {
        let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let fragment = format!(
            "access_token=a&token_type=Bearer&scope={encoded}&state={}",
            state()
        );
        let found = judge(&fragment).unwrap().scope;
        let found = found.as_ref().map(ToString::to_string);
        assert_eq!(found.as_deref(), read, "{text:?}");
    }
}

/// Rule (The response): `token_type` is `Bearer`, in any case → `unsupported_token_type`
#[test]
fn only_a_bearer_token_is_understood() {
    for (token_type, ok) in [
        ("Bearer", true),
        ("bearer", true),
        ("BEARER", true),
        ("bEaReR", true),
        ("", false),
        ("Bearer+", false),
        ("+Bearer", false),
        ("Bearer,mac", false),
        ("Bear", false),
        ("Bearers", false),
        ("mac", false),
        ("DPoP", false),
        ("N_A", false),
        ("urn:ietf:params:oauth:token-type:access_token", false),
    ] {
        let fragment = format!("access_token=a&token_type={token_type}&state={}", state());
        let code = judge(&fragment).map_err(|error| error.code()).err();
        assert_eq!(
            code,
            (!ok).then_some("unsupported_token_type"),
            "{token_type}"
        );
    }
}

/// RFC 9207: an issuer named in any response must be exactly ours.
///
/// Rule (The response): `iss`, if present, names the issuer (RFC 9207) → `response_issuer_mismatch`
#[test]
fn an_issuer_in_the_response_is_compared_exactly() {
    let issuer = registration().issuer;
    for other in [
        format!("{issuer}/"),
        issuer.to_uppercase(),
        issuer.replace("https", "http"),
        "https://evil.example".to_owned(),
        " ".to_owned(),
    ] {
        let iss: String = form_urlencoded::byte_serialize(other.as_bytes()).collect();
        for rest in ["access_token=a&token_type=Bearer", "error=access_denied"] {
            let error = judge(&format!("{rest}&iss={iss}&state={}", state())).unwrap_err();
            assert_eq!(error, RedirectionError::IssuerMismatch, "{other}");
        }
    }
    let iss: String = form_urlencoded::byte_serialize(issuer.as_bytes()).collect();
    assert!(judge(&format!("{}&iss={iss}", good())).is_ok());
    assert!(judge(&format!("{}&iss=", good())).is_ok());
}

/// The codes of RFC 6749 §4.2.2.1, with the codes we map them to.
///
/// Rule (The response): Every error of RFC 6749 §4.2.2.1 has its own message → `access_denied`,
/// `invalid_request`, `unauthorized_client`, `unsupported_response_type`, `invalid_scope`,
/// `server_error`, `temporarily_unavailable`
#[test]
fn every_error_of_rfc_6749_has_its_code() {
    for (code, expected) in [
        ("invalid_request", ErrorCode::InvalidRequest),
        ("unauthorized_client", ErrorCode::UnauthorizedClient),
        ("access_denied", ErrorCode::AccessDenied),
        (
            "unsupported_response_type",
            ErrorCode::UnsupportedResponseType,
        ),
        ("invalid_scope", ErrorCode::InvalidScope),
        ("server_error", ErrorCode::ServerError),
        ("temporarily_unavailable", ErrorCode::TemporarilyUnavailable),
    ] {
        let response = error_response(code, None);
        assert_eq!(response.code, expected);
        assert_eq!(response.code.code(), code);
        assert_eq!(response.spelled, code);
        assert_eq!(response.description, None);
    }
}

/// Errors that Constant Contact's authorization server is known to send, with their codes.
///
/// Rule (The response): Every other error that the server is known to send has its own message →
/// `login_required`, `interaction_required`, `consent_required`, `unsupported_response_mode`,
/// `invalid_client`, `invalid_grant`, `invalid_token`, `insufficient_scope`
#[test]
fn every_error_that_the_server_is_known_to_send_has_its_code() {
    for (code, description, expected) in [
        (
            "access_denied",
            "The resource owner or authorization server denied the request.",
            ErrorCode::AccessDenied,
        ),
        (
            "access_denied",
            "Policy evaluation failed for this request, please check the policy configurations.",
            ErrorCode::AccessDenied,
        ),
        (
            "access_denied",
            "User is not assigned to the client application.",
            ErrorCode::AccessDenied,
        ),
        (
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource.",
            ErrorCode::InvalidScope,
        ),
        (
            "invalid_request",
            "The authentication request has an invalid 'state' parameter.",
            ErrorCode::InvalidRequest,
        ),
        (
            "unsupported_response_type",
            "The response type is not supported by the authorization server. Configured response types: [code].",
            ErrorCode::UnsupportedResponseType,
        ),
        (
            "login_required",
            "The client specified not to prompt, but the user is not logged in.",
            ErrorCode::LoginRequired,
        ),
        (
            "unsupported_response_mode",
            "The response mode is not supported.",
            ErrorCode::UnsupportedResponseMode,
        ),
        ("server_error", "Internal error.", ErrorCode::ServerError),
        (
            "temporarily_unavailable",
            "Try again later.",
            ErrorCode::TemporarilyUnavailable,
        ),
        (
            "invalid_client",
            "Unknown client.",
            ErrorCode::InvalidClient,
        ),
        ("invalid_grant", "Invalid grant.", ErrorCode::InvalidGrant),
        ("invalid_token", "Invalid token.", ErrorCode::InvalidToken),
        (
            "insufficient_scope",
            "Insufficient scope.",
            ErrorCode::InsufficientScope,
        ),
        (
            "interaction_required",
            "The person must act.",
            ErrorCode::InteractionRequired,
        ),
        (
            "consent_required",
            "The person must consent.",
            ErrorCode::ConsentRequired,
        ),
    ] {
        let response = error_response(code, Some(description));
        assert_eq!(response.code, expected);
        assert_eq!(response.code.code(), code);
        assert_eq!(response.description.as_deref(), Some(description));
    }
}

/// Rule (The response): An undefined error code is still an error → `unknown_error`
#[test]
fn an_unknown_error_is_kept_as_it_was_spelled() {
    for spelled in [
        "teapot",
        "Access_Denied",
        "access_denied ",
        "access-denied",
        "unknown_error",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "__proto__",
    ] {
        let response = error_response(spelled, Some("<img src=x onerror=alert(1)>"));
        assert_eq!(response.code, ErrorCode::Unknown, "{spelled}");
        assert_eq!(response.code.code(), "unknown_error");
        assert_eq!(response.spelled, spelled);
        assert_eq!(
            response.description.as_deref(),
            Some("<img src=x onerror=alert(1)>")
        );
    }
}

/// An error response with this code and description.
fn error_response(code: &str, description: Option<&str>) -> ErrorResponse {
    let mut fragment = form_urlencoded::Serializer::new(String::new());
    fragment.append_pair("error", code);
    if let Some(description) = description {
        fragment.append_pair("error_description", description);
    }
    fragment.append_pair("state", &state());
    match judge(&fragment.finish()) {
        Err(RedirectionError::Response(AccessTokenResponseError::ErrorResponse(response))) => {
            response
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_error_code_keeps_its_name() {
    for known in ErrorCode::KNOWN {
        let fragment = format!("error={}&state={}", known.code(), state());
        assert_eq!(judge(&fragment).unwrap_err().code(), known.code());
    }
}

/// Rule (The response): The server's texts are shown as text, and truncated
#[test]
fn the_servers_words_are_kept_as_text_and_cut() {
    let long = "x".repeat(2_000);
    let fragment = format!(
        "error=%3Cb%3E&error_description=%3Cscript%3E+{long}&state={}",
        state()
    );
    let Err(RedirectionError::Response(AccessTokenResponseError::ErrorResponse(response))) =
        judge(&fragment)
    else {
        panic!("an error response");
    };
    assert_eq!(response.spelled, "<b>");
    let description = response.description.unwrap();
    assert!(description.starts_with("<script> xxx"));
    assert_eq!(description.chars().count(), 500);
}

/// Rule (The response): A response without any record is rejected → `no_pending_authorization`
///
/// Rule (The response): A record that cannot be read, or was tampered with, is rejected →
/// `pending_authorization_unreadable`
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
            NoPendingAuthorization::LostAgain,
            "pending_authorization_lost",
        ),
        (
            NoPendingAuthorization::Unreadable,
            "pending_authorization_unreadable",
        ),
    ] {
        let error = accept(&client(), &response, Err(no), requested()).unwrap_err();
        assert_eq!(error.code(), code);
    }
}

/// Rule (The response): A record older than ten minutes, or the configured time, is rejected →
/// `pending_authorization_expired`
#[test]
fn a_record_serves_for_ten_minutes() {
    assert_eq!(MAX_AGE, 600);
    // To the millisecond, in either direction: the clock may have been set back.
    for millis in [0, 600_000, -600_000] {
        let now = Timestamp::from_unix_millis(requested().unix_millis() + millis);
        assert!(judge_at(&good(), now).is_ok(), "{millis}");
    }
    for millis in [600_001, -600_001, i64::MAX, i64::MIN] {
        let now = requested().unix_millis().saturating_add(millis);
        let now = Timestamp::from_unix_millis(now);
        let error = judge_at(&good(), now).unwrap_err();
        assert_eq!(error.code(), "pending_authorization_expired", "{millis}");
    }
}

/// L3: the time limit for an authorization is configurable.
///
/// Rule (The request): There are at most five records, none older than ten minutes or the
/// configured time
#[test]
fn how_long_a_record_serves_is_a_setting() {
    let response = parse(&good(), "").unwrap();
    for (most, seconds, accepted) in [
        (60, 60, true),
        (60, 61, false),
        (3_600, 3_600, true),
        (3_600, -3_600, true),
        (3_600, 3_601, false),
        (3_600, -3_601, false),
        (i64::MAX, 1_000_000, true),
    ] {
        let client = client_with(|registration| registration.max_authorization_time = most);
        let now = requested().plus_seconds(seconds);
        let result = accept(&client, &response, Ok(&pending()), now);
        assert_eq!(result.is_ok(), accepted, "{seconds} of {most}");
        let stored = vec![((), Some(requested()))];
        assert_eq!(sweep(stored, &client, now).is_empty(), accepted);
    }
}

/// Rule (The request): The record of a request has everything that must still be true when the
/// response arrives
///
/// Rule (The response): A response to a request made under other settings is rejected →
/// `configuration_changed`
#[test]
fn an_answer_to_a_request_under_other_settings_is_refused() {
    let response = parse(&good(), "").unwrap();
    for client in [
        client_with(|registration| registration.client_id = "other".to_owned()),
        client_with(|registration| {
            registration.redirect_uri = "https://other.example/callback".to_owned();
        }),
        client_with(|registration| registration.issuer = "https://other.example".to_owned()),
    ] {
        let error = accept(&client, &response, Ok(&pending()), requested()).unwrap_err();
        assert_eq!(error.code(), "configuration_changed");
    }
}

/// State comes first: a response that is not ours is not examined any further.
///
/// Rule (The response): `state` is checked before everything else, even before an error
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
