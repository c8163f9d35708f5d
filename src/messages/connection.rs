//! Why a connection was not made, not renewed or ended, and why a request to the API failed.

use super::message::{Message, Values};
use crate::words::{
    self, ENDED_BY_SERVER_NAMES, ERROR_NAMES, MALFORMED_NAMES, NOT_MADE_BY_SERVER_NAMES,
    NOT_RENEWED_NAMES, RETRIED_NAMES, Word, current::date_time, isolated,
};
use cc_connect_core::{
    constant_contact::AccessTokenError,
    jose::{TokenError, error::Malformation},
    oauth::{AccessTokenResponseError, ErrorCode, RedirectionError, TokenEndpointError},
    openid_connect::IdTokenError,
    session::{Account, Failure, KeySetFailure, Reason, Refusal, StartError},
    v3::ApiError,
};

/// Why a connection was not made.
pub fn not_made(reason: &Reason) -> Message {
    match reason {
        Reason::ResponseRefused(error) | Reason::Declined(error) => redirection(error),
        Reason::NotExchanged(error) => token_endpoint(error),
        Reason::TokenRefused {
            error: Refusal::AccessToken(error),
            ..
        } => access_token(error),
        Reason::TokenRefused {
            error: Refusal::IdToken(error),
            ..
        } => id_token(error),
        Reason::NotMadeByServer(code) => by_server(code.as_str()),
        _ => Message::for_code(reason.code(), &[]),
    }
}

/// What the page's server has to say. It gives the code alone: what is said about values is left
/// out.
fn by_server(code: &str) -> Message {
    let own = match code {
        _ if code.starts_with("keys_") => "keys",
        _ => code,
    };
    let message = Message::named(NOT_MADE_BY_SERVER_NAMES, own, &[])
        .or_else(|| Message::named(ERROR_NAMES, code, &[]))
        .unwrap_or_else(|| match code.starts_with("id_token_") {
            true => Message::for_code("id_token_refused", &[("why", "")]),
            false => Message::for_code(code, &[]),
        });
    message.without_unknown()
}

fn redirection(error: &RedirectionError) -> Message {
    match error {
        RedirectionError::OtherAddress {
            registered,
            arrived,
        } => {
            let values = [
                ("registered", registered.as_str()),
                ("arrived", arrived.as_str()),
            ];
            Message::for_code(error.code(), &values)
        }
        RedirectionError::Response(error) => response(error),
        _ => Message::for_code(error.code(), &[]),
    }
}

fn response(error: &AccessTokenResponseError) -> Message {
    let mut message = Message::for_code(error.code(), &[]);
    let AccessTokenResponseError::ErrorResponse(response) = error else {
        return message;
    };
    if response.code == ErrorCode::Unknown {
        let reason = isolated(&response.spelled);
        message = message.ending(words::NOT_MADE_CALLED.with(&[("reason", &reason)]));
    }
    if let Some(description) = &response.description {
        let description = isolated(description);
        message = message.ending(words::NOT_MADE_WROTE.with(&[("description", &description)]));
    }
    message
}

fn token_endpoint(error: &TokenEndpointError) -> Message {
    match error {
        TokenEndpointError::Refused(error) => response(error),
        _ => Message::for_code(error.code(), &[]),
    }
}

fn access_token(error: &AccessTokenError) -> Message {
    match error {
        AccessTokenError::Token(inner) => token(error.code(), inner),
        _ => Message::for_code(error.code(), &[]),
    }
}

/// An ID token's own error, or what is wrong with it as with any token.
fn id_token(error: &IdTokenError) -> Message {
    match error {
        IdTokenError::Token(error) => {
            let why = token(error.code(), error).into_first();
            Message::for_code("id_token_refused", &[("why", &why)])
        }
        _ => Message::for_code(error.code(), &[]),
    }
}

/// Why a token was rejected.
fn token(code: &str, error: &TokenError) -> Message {
    let say = |values: Values<'_>| Message::for_code(code, values);
    match error {
        TokenError::Malformed(malformation) => say(&[("flaw", &malformed(malformation))]),
        TokenError::UnsupportedType(found) | TokenError::UnsupportedAlgorithm(found) => {
            say(&[("found", &isolated(found))])
        }
        TokenError::WeakKey { bits } => say(&[("bits", &bits.to_string())]),
        TokenError::MalformedClaim(name) => Message::for_code("malformed_claim", &[("name", name)]),
        TokenError::MissingClaim(name) => say(&[("name", name)]),
        TokenError::IssuerMismatch { expected, found } => {
            say(&[("found", &isolated(found)), ("expected", expected)])
        }
        TokenError::AudienceMismatch { expected, found } => {
            let found = isolated(&found.join(", "));
            say(&[("found", &found), ("expected", expected)])
        }
        TokenError::Expired { at }
        | TokenError::NotYetValid { from: at }
        | TokenError::IssuedInTheFuture { at }
        | TokenError::IssuedBeforeRequest { at, .. } => say(&[("at", &date_time(*at))]),
        _ => say(&[]),
    }
}

fn malformed(malformation: &Malformation) -> String {
    let (name, count) = match malformation {
        Malformation::TooLong => ("too_long", 0),
        Malformation::PartCount(count) => ("parts", *count),
        Malformation::Base64Url(_) => ("characters", 0),
        _ => ("header", 0),
    };
    let word = MALFORMED_NAMES.find(name, "");
    word.map_or_else(String::new, |word| {
        word.with(&[("count", &count.to_string())])
    })
}

/// What prevents a connection from being made, while it is retried.
pub fn retried(failure: &Failure) -> Message {
    match failure {
        Failure::Keys(failure) => keys(*failure),
        Failure::Server(failure) => by_server(failure.code()),
        Failure::Endpoint(error) => Message::named(RETRIED_NAMES, error.code(), &[])
            .unwrap_or_else(|| token_endpoint(error)),
        _ => Message::for_code(failure.code(), &[]),
    }
}

/// What prevents a connection from being renewed, while it is retried.
pub fn not_renewed_yet(failure: &Failure) -> Message {
    let (title, what) = match failure {
        Failure::Keys(failure) => {
            let Message { title, paragraphs } = keys(*failure);
            let what = paragraphs.into_iter().next().unwrap_or_default();
            (title, what)
        }
        _ => {
            let word = NOT_RENEWED_NAMES.find(failure.code(), "");
            let word = word.unwrap_or(words::NOT_RENEWED_UNANSWERED);
            let title = words::RENEWING_FAILED.text();
            (title.to_owned(), word.text().to_owned())
        }
    };
    let again = words::NEXT_AGAIN.text().to_owned();
    Message {
        title,
        paragraphs: vec![what, again],
    }
}

/// Why the key set could not be loaded.
fn keys(failure: KeySetFailure) -> Message {
    let status = match failure {
        KeySetFailure::Status(status) => status.to_string(),
        _ => String::new(),
    };
    Message::for_code(failure.code(), &[("status", &status)])
}

/// Why a connection could not be started.
pub fn not_started(error: StartError) -> Message {
    match error {
        StartError::Server(failure) => by_server(failure.code()),
        _ => Message::for_code(error.code(), &[]),
    }
}

/// Why a connection ended, and `at` what time of day, if it expired.
pub fn connection_ended(reason: &Reason, at: &str) -> Message {
    let first = match reason {
        Reason::Expired { .. } => words::ENDED_EXPIRED.with(&[("at", at)]),
        Reason::NotRenewed(_) => words::ENDED_NOT_RENEWED.text().to_owned(),
        Reason::EndedByServer(code) => {
            let word = ENDED_BY_SERVER_NAMES.find(code.as_str(), "");
            word.unwrap_or(words::ENDED_NOT_RENEWED).text().to_owned()
        }
        _ => words::ENDED_REJECTED.text().to_owned(),
    };
    Message::beginning(words::ENDED_TITLE, first, &[words::ENDED_NOTHING_LOST])
}

/// What to ask the user after a change of account.
pub fn account_changed(previous: &Account, account: &Account) -> Message {
    let what = words::ACCOUNT_CHANGED_WHAT.with(&[
        ("previous", &isolated(&previous.subject)),
        ("account", &isolated(&account.subject)),
    ]);
    let next = [words::ACCOUNT_CHANGED_NOTHING, words::ACCOUNT_CHANGED_HOW];
    Message::beginning(words::ACCOUNT_CHANGED_TITLE, what, &next)
}

/// Why an API request failed. `not_shown` names what is missing from the page because of it.
pub fn api(error: &ApiError, not_shown: Word) -> Message {
    Message::for_code(error.code(), &[("not-shown", not_shown.text())])
}
