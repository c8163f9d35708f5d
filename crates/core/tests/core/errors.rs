//! Errors as values of `std::error::Error`: what their messages contain, and what they never
//! reveal.

use crate::support::{client, key_set, now, requested, verify_at, with_claims};
use cc_connect_core::{
    constant_contact::AccessTokenError,
    jose::{
        JwkSet, JwkSetError, TokenError,
        error::{KeyProblem, Malformation, Part},
    },
    json::{self, JsonError},
    oauth::{
        AccessToken, AccessTokenResponseError, AuthorizationResponse, CapturedResponse,
        ClientError, ErrorResponse, IdToken, NoPendingAuthorization, Nonce, RedirectionError,
        ResponseError, Scope, ScopeError, TokenEndpointError, TokenResponse, accept,
        parameters::{Parameters, ParametersError},
    },
    openid_connect::{self, IdTokenError, verify_id_token},
};
use serde_json::json;
use std::error::Error;

/// Every error of the core but those of the session and of the API.
fn every_error() -> Vec<Box<dyn Error>> {
    let text = || "x".to_owned();
    let at = now();
    let flaw = json::parse_object_or_say_where(b"{").unwrap_err();
    let declined = || ErrorResponse::new("access_denied", Some("No."));
    let scope: ScopeError = Scope::parse("").unwrap_err();
    let mut all: Vec<Box<dyn Error>> = vec![Box::new(flaw), Box::new(declined()), Box::new(scope)];
    macro_rules! add {
        ($($error:expr),* $(,)?) => { all.extend([$(Box::new($error) as Box<dyn Error>),*]) };
    }
    add![
        JsonError::Syntax,
        JsonError::NotAnObject,
        JsonError::DuplicateMember,
        JsonError::TooDeep,
        ParametersError::TooLarge,
        ParametersError::Malformed,
        ParametersError::Duplicate,
        ResponseError::TooLarge,
        ResponseError::Malformed,
        ResponseError::DuplicateParameter,
        ResponseError::TokenInQuery,
        ClientError::NoClientId,
        ClientError::Address {
            name: "issuer",
            found: text(),
        },
        ClientError::ReservedParameter {
            name: "token_endpoint",
            parameter: "code",
        },
        NoPendingAuthorization::NoneStored,
        NoPendingAuthorization::LostAgain,
        NoPendingAuthorization::OtherState,
        NoPendingAuthorization::Unreadable,
        AccessTokenResponseError::NeitherTokenNorError,
        AccessTokenResponseError::TokenAndError,
        AccessTokenResponseError::UnsupportedTokenType,
        AccessTokenResponseError::ErrorResponse(declined()),
        RedirectionError::at_other_address("https://a.example/", "https://b.example/"),
        RedirectionError::StateMissing,
        RedirectionError::NoPending(NoPendingAuthorization::NoneStored),
        RedirectionError::StateMismatch,
        RedirectionError::PendingExpired,
        RedirectionError::ConfigurationChanged,
        RedirectionError::IssuerMismatch,
        RedirectionError::OtherResponseType,
        RedirectionError::Response(AccessTokenResponseError::TokenAndError),
        TokenEndpointError::Offline,
        TokenEndpointError::CodeExpired,
        TokenEndpointError::NotExclusive,
        TokenEndpointError::Unreachable,
        TokenEndpointError::Throttled { retry_after: None },
        TokenEndpointError::Locked,
        TokenEndpointError::Status(500),
        TokenEndpointError::TooLarge,
        TokenEndpointError::Malformed,
        TokenEndpointError::Refused(AccessTokenResponseError::TokenAndError),
        JwkSetError::TooLarge,
        JwkSetError::Malformed,
        JwkSetError::Empty,
        Malformation::TooLong,
        Malformation::PartCount(2),
        Malformation::Base64Url(Part::Header),
        Malformation::Base64Url(Part::Payload),
        Malformation::Base64Url(Part::Signature),
        Malformation::Header,
        Malformation::HeaderParameter("alg"),
        KeyProblem::KeyType,
        KeyProblem::Use,
        KeyProblem::KeyOperations,
        KeyProblem::Algorithm,
        KeyProblem::Modulus,
        KeyProblem::Exponent,
        KeyProblem::Size(1),
        IdTokenError::Missing,
        IdTokenError::AuthorizedPartyMissing,
        IdTokenError::AuthorizedPartyMismatch,
        IdTokenError::OtherAudience,
        IdTokenError::NonceMissing,
        IdTokenError::NonceMismatch,
        IdTokenError::HashMismatch,
        IdTokenError::SubjectMismatch,
        AccessTokenError::ClientMismatch {
            expected: text(),
            found: text(),
        },
        AccessTokenError::PlatformUserUnassigned,
        AccessTokenError::NonceMismatch,
    ];
    for error in [
        TokenError::Malformed(Malformation::TooLong),
        TokenError::UnsupportedType(text()),
        TokenError::UnsupportedAlgorithm(text()),
        TokenError::CriticalHeader,
        TokenError::KeyNotFound { kid: None },
        TokenError::AmbiguousKey { kid: Some(text()) },
        TokenError::UnsuitableKey(KeyProblem::Use),
        TokenError::WeakKey { bits: 1 },
        TokenError::BadSignature,
        TokenError::MalformedClaims,
        TokenError::MalformedClaim("exp"),
        TokenError::MissingClaim("exp"),
        TokenError::IssuerMismatch {
            expected: text(),
            found: text(),
        },
        TokenError::AudienceMismatch {
            expected: text(),
            found: vec![text()],
        },
        TokenError::Expired { at },
        TokenError::NotYetValid { from: at },
        TokenError::IssuedInTheFuture { at },
        TokenError::IssuedBeforeRequest { at, requested: at },
        TokenError::LifetimeOutOfRange { seconds: -1 },
    ] {
        add![
            error.clone(),
            AccessTokenError::Token(error.clone()),
            IdTokenError::Token(error),
        ];
    }
    all
}

/// The error and everything that it wraps, as a log line would show it.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

#[test]
fn every_error_has_a_message_in_the_usual_form() {
    for error in every_error() {
        let mut source = Some(&*error);
        while let Some(error) = source {
            let message = error.to_string();
            assert!(!message.is_empty(), "{error:?}");
            assert!(!message.starts_with(char::is_uppercase), "{message}");
            assert!(!message.ends_with(['.', ' ', ':']), "{message}");
            source = error.source();
        }
    }
}

#[test]
fn an_error_leads_to_its_cause() {
    for (error, expected) in [
        (
            Box::new(RedirectionError::NoPending(
                NoPendingAuthorization::OtherState,
            )) as Box<dyn Error>,
            "the response belongs to no request that is known: no request is stored with this state",
        ),
        (
            Box::new(TokenEndpointError::from(
                AccessTokenResponseError::ErrorResponse(ErrorResponse::new("invalid_grant", None)),
            )),
            "the authorization server responded with an error: invalid_grant",
        ),
        (
            Box::new(IdTokenError::Token(TokenError::Malformed(
                Malformation::PartCount(2),
            ))),
            "the ID token was rejected: the text is not a JWT in compact form: 2 parts, expected 3",
        ),
        (
            Box::new(AccessTokenError::Token(TokenError::KeyNotFound {
                kid: Some("a\nb".to_owned()),
            })),
            "the key set has no key for the kid \"a\\nb\"",
        ),
    ] {
        assert_eq!(chain(&*error), expected);
    }
}

/// Responses and tokens full of canaries, each wrong in its own way: none gets into a message.
#[test]
fn no_error_says_a_secret() {
    const CANARY: &str = "canary-4f1c";
    let mut said = Vec::new();
    for fragment in [
        "state=STATE&access_token=CANARY&id_token=CANARY",
        "state=CANARY&error=CANARY&error_description=CANARY&code=CANARY",
        "state=CANARY&state=CANARY",
        "state=%CANARY",
    ] {
        for (fragment, query) in [(fragment, ""), ("", fragment)] {
            let captured = CapturedResponse {
                fragment: fragment.replace("CANARY", CANARY),
                query: query.replace("CANARY", CANARY),
            };
            match AuthorizationResponse::parse(&captured) {
                Err(error) => said.push(chain(&error)),
                Ok(response) => {
                    let pending = Err(NoPendingAuthorization::OtherState);
                    let error = accept(&client(), &response, pending, now()).unwrap_err();
                    said.push(chain(&error));
                }
            }
        }
        if let Err(error) = Parameters::parse(&fragment.replace("CANARY", CANARY)) {
            said.push(chain(&error));
        }
    }
    for (status, body) in [
        (200, json!({"access_token": CANARY, "token_type": CANARY})),
        (
            200,
            json!({"access_token": CANARY, "token_type": "Bearer", "error": CANARY}),
        ),
        (
            400,
            json!({"error": CANARY, "error_description": CANARY, "refresh_token": CANARY}),
        ),
        (
            200,
            json!({"access_token": [CANARY], "token_type": "Bearer"}),
        ),
    ] {
        let error = TokenResponse::read(status, body.to_string().as_bytes()).unwrap_err();
        said.push(chain(&error));
    }
    let with_canary = |claim: &str| with_claims(json!({claim: CANARY}));
    for token in [
        CANARY.to_owned(),
        format!("{CANARY}.{CANARY}.{CANARY}"),
        with_canary("nonce"),
        with_canary("exp"),
        with_canary("iat"),
        with_claims(json!({"sub": [CANARY]})),
        with_claims(json!({"platform_user_id": [CANARY]})),
        with_claims(json!({"sub": CANARY, "platform_user_id": "UNASSIGNED"})),
    ] {
        let error = verify_at(&token, &key_set(), now()).1.unwrap_err();
        said.push(chain(&error));
        let circumstances = openid_connect::Circumstances {
            access_token: &AccessToken::new(CANARY.to_owned()),
            nonce: &Nonce::new(CANARY.to_owned()),
            requested_at: requested(),
            refresh: Some(Some(CANARY)),
        };
        let expectations = crate::support::context().id_token_expectations;
        let id_token = IdToken::new(token);
        let (_, result) =
            verify_id_token(&id_token, &key_set(), &expectations, circumstances, now());
        said.push(chain(&result.unwrap_err()));
    }
    said.push(chain(&JwkSet::parse(CANARY).unwrap_err()));
    said.push(chain(
        &json::parse_object_or_say_where(CANARY.as_bytes()).unwrap_err(),
    ));
    for said in said {
        assert!(!said.contains("canary"), "{said}");
    }
}
