//! Maps errors, claims, permissions and the like to the texts in `lang/`. A message says what
//! happened, whether anything was lost, and what to do next, in that order. It blames nobody.

use crate::{
    browser::intl,
    config::{ConfigError, ConfigFileError, Flaw, Line, Mistake, Problem},
    ui::context::PageClock,
    words::{self, Word, isolated},
};
use cc_connect::core::{
    clock::Deviation,
    constant_contact::{self, AccessTokenError},
    jose::{JwkSetError, TokenError, error::Malformation},
    oauth::{
        AccessTokenResponseError, ErrorCode, ErrorResponse, NoPendingAuthorization,
        RedirectionError, ResponseError, TokenEndpointError,
    },
    openid_connect::IdTokenError,
    report::Outcome,
    session::{Account, Failure, KeySetFailure, Reason, Refusal, StartError},
    v3::{ApiError, campaigns::Status},
};

/// A message: a title and the paragraphs below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened, in a few words.
    pub title: String,
    /// What that means, what was lost and what to do, one paragraph each.
    pub paragraphs: Vec<String>,
}

impl Message {
    /// Makes a message from a title and paragraphs.
    pub fn new(title: Word, paragraphs: &[Word]) -> Self {
        Self {
            title: title.text().to_owned(),
            paragraphs: paragraphs
                .iter()
                .map(|word| word.text().to_owned())
                .collect(),
        }
    }

    /// Like `new`, with a first paragraph that is already formatted.
    pub fn beginning(title: Word, first: String, next: &[Word]) -> Self {
        let mut message = Self::new(title, next);
        message.paragraphs.insert(0, first);
        message
    }
}

/// Why a connection was not made.
pub fn not_made(reason: &Reason) -> Message {
    match reason {
        Reason::UnreadableResponse(error) => unreadable(*error),
        Reason::ResponseRefused(error) | Reason::Declined(error) => refused(error),
        Reason::NotExchanged(error) => not_exchanged(error),
        Reason::TokenRefused {
            error: Refusal::AccessToken(error),
            ..
        } => access_token(error),
        Reason::TokenRefused {
            error: Refusal::IdToken(error),
            ..
        } => id_token(error),
        Reason::NotStarted(error) => not_started(*error),
        _ => unforeseen(),
    }
}

fn unreadable(error: ResponseError) -> Message {
    let (title, what, lost, next) = match error {
        ResponseError::TooLarge => (
            words::RESPONSE_TOO_LARGE,
            words::RESPONSE_TOO_LARGE_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        ResponseError::Malformed => (
            words::RESPONSE_MALFORMED,
            words::RESPONSE_MALFORMED_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        ResponseError::DuplicateParameter => (
            words::RESPONSE_DUPLICATE,
            words::RESPONSE_DUPLICATE_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_TELL,
        ),
        ResponseError::TokenInQuery => (
            words::RESPONSE_TOKEN_IN_QUERY,
            words::RESPONSE_TOKEN_IN_QUERY_WHAT,
            words::RESPONSE_TOKEN_IN_QUERY_NEXT,
            words::NEXT_TELL,
        ),
        _ => return unforeseen(),
    };
    Message::new(title, &[what, lost, next])
}

fn refused(error: &RedirectionError) -> Message {
    let (title, what, lost, next) = match error {
        RedirectionError::OtherAddress {
            registered,
            arrived,
        } => {
            let what = words::REFUSED_OTHER_ADDRESS_WHAT
                .with(&[("registered", registered), ("arrived", arrived)]);
            let next = [words::NEXT_NOTHING_LOST, words::NEXT_TELL];
            return Message::beginning(words::REFUSED_OTHER_ADDRESS, what, &next);
        }
        RedirectionError::StateMissing => (
            words::REFUSED_STATE_MISSING,
            words::REFUSED_STATE_MISSING_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        RedirectionError::NoPending(NoPendingAuthorization::NoneStored) => (
            words::REFUSED_NONE_PENDING,
            words::REFUSED_NONE_PENDING_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        RedirectionError::NoPending(NoPendingAuthorization::LostAgain) => (
            words::REFUSED_LOST_AGAIN,
            words::REFUSED_LOST_AGAIN_WHAT,
            words::NEXT_NOTHING_LOST,
            words::REFUSED_LOST_AGAIN_NEXT,
        ),
        RedirectionError::NoPending(NoPendingAuthorization::OtherState)
        | RedirectionError::StateMismatch => (
            words::REFUSED_OTHER_STATE,
            words::REFUSED_OTHER_STATE_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        RedirectionError::NoPending(NoPendingAuthorization::Unreadable) => (
            words::REFUSED_UNREADABLE_PENDING,
            words::REFUSED_UNREADABLE_PENDING_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        RedirectionError::PendingExpired => (
            words::REFUSED_TOO_LATE,
            words::REFUSED_TOO_LATE_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        RedirectionError::ConfigurationChanged => (
            words::REFUSED_CONFIGURATION_CHANGED,
            words::REFUSED_CONFIGURATION_CHANGED_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        RedirectionError::IssuerMismatch => (
            words::REFUSED_ISSUER,
            words::REFUSED_ISSUER_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_TELL,
        ),
        RedirectionError::OtherResponseType => (
            words::REFUSED_OTHER_TYPE,
            words::REFUSED_OTHER_TYPE_WHAT,
            words::REFUSED_OTHER_TYPE_NEXT,
            words::NEXT_TELL,
        ),
        RedirectionError::Response(error) => return token_response(error),
        _ => return unforeseen(),
    };
    Message::new(title, &[what, lost, next])
}

fn token_response(error: &AccessTokenResponseError) -> Message {
    let (title, what, lost, next) = match error {
        AccessTokenResponseError::TokenAndError => (
            words::REFUSED_TOKEN_AND_ERROR,
            words::REFUSED_TOKEN_AND_ERROR_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_TELL,
        ),
        AccessTokenResponseError::NeitherTokenNorError => (
            words::REFUSED_EMPTY,
            words::REFUSED_EMPTY_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_CONNECT_AGAIN,
        ),
        AccessTokenResponseError::UnsupportedTokenType => (
            words::REFUSED_TOKEN_TYPE,
            words::REFUSED_TOKEN_TYPE_WHAT,
            words::NEXT_NOTHING_LOST,
            words::NEXT_TELL,
        ),
        AccessTokenResponseError::ErrorResponse(response) => return error_response(response),
        _ => return unforeseen(),
    };
    Message::new(title, &[what, lost, next])
}

fn unforeseen() -> Message {
    Message::new(
        words::NOT_MADE_UNFORESEEN,
        &[words::NEXT_NOTHING_LOST, words::NEXT_TELL],
    )
}

fn error_response(response: &ErrorResponse) -> Message {
    let (title, what, next) = match response.code {
        ErrorCode::AccessDenied => (
            words::ERROR_ACCESS_DENIED,
            words::ERROR_ACCESS_DENIED_WHAT,
            words::ERROR_ACCESS_DENIED_NEXT,
        ),
        ErrorCode::InvalidScope => (
            words::ERROR_INVALID_SCOPE,
            words::ERROR_INVALID_SCOPE_WHAT,
            words::NEXT_FOR_DEPLOYER,
        ),
        ErrorCode::UnsupportedResponseType | ErrorCode::UnsupportedResponseMode => (
            words::ERROR_UNSUPPORTED,
            words::ERROR_UNSUPPORTED_WHAT,
            words::NEXT_FOR_DEPLOYER,
        ),
        ErrorCode::UnauthorizedClient
        | ErrorCode::InvalidClient
        | ErrorCode::UnsupportedGrantType => (
            words::ERROR_UNAUTHORIZED,
            words::ERROR_UNAUTHORIZED_WHAT,
            words::NEXT_FOR_DEPLOYER,
        ),
        ErrorCode::InvalidRequest => (
            words::ERROR_INVALID_REQUEST,
            words::ERROR_INVALID_REQUEST_WHAT,
            words::NEXT_TELL,
        ),
        ErrorCode::ServerError => (
            words::ERROR_SERVER,
            words::ERROR_SERVER_WHAT,
            words::NEXT_WAIT_A_MINUTE,
        ),
        ErrorCode::TemporarilyUnavailable => (
            words::ERROR_BUSY,
            words::ERROR_BUSY_WHAT,
            words::ERROR_BUSY_NEXT,
        ),
        ErrorCode::LoginRequired | ErrorCode::InteractionRequired | ErrorCode::ConsentRequired => (
            words::ERROR_INTERACTION,
            words::ERROR_INTERACTION_WHAT,
            words::NEXT_CONNECT_AGAIN,
        ),
        ErrorCode::InvalidGrant | ErrorCode::InvalidToken | ErrorCode::InsufficientScope => (
            words::ERROR_GRANT,
            words::ERROR_GRANT_WHAT,
            words::NEXT_CONNECT_AGAIN,
        ),
        _ => (
            words::ERROR_UNKNOWN,
            words::ERROR_UNKNOWN_WHAT,
            words::NEXT_TELL,
        ),
    };
    let mut message = Message::new(title, &[what, next]);
    if response.code == ErrorCode::Unknown {
        let called = words::ERROR_CALLED.with(&[("reason", &isolated(&response.spelled))]);
        message.paragraphs.push(called);
    }
    if let Some(description) = &response.description {
        let wrote = words::ERROR_WROTE.with(&[("description", &isolated(description))]);
        message.paragraphs.push(wrote);
    }
    message
}

/// Why a code could not be exchanged for a token.
fn not_exchanged(error: &TokenEndpointError) -> Message {
    let (title, what, next) = match error {
        TokenEndpointError::Offline => {
            return Message::new(
                words::EXCHANGE_OFFLINE,
                &[words::EXCHANGE_OFFLINE_WHAT, words::EXCHANGE_OFFLINE_NEXT],
            );
        }
        TokenEndpointError::CodeExpired => (
            words::EXCHANGE_EXPIRED,
            words::EXCHANGE_EXPIRED_WHAT,
            words::NEXT_CONNECT_AGAIN,
        ),
        TokenEndpointError::NotExclusive => (
            words::EXCHANGE_NOT_EXCLUSIVE,
            words::EXCHANGE_NOT_EXCLUSIVE_WHAT,
            words::NEXT_CONNECT_AGAIN,
        ),
        TokenEndpointError::Unreachable => (
            words::EXCHANGE_UNREACHABLE,
            words::EXCHANGE_ONCE,
            words::EXCHANGE_UNREACHABLE_NEXT,
        ),
        TokenEndpointError::Throttled { .. } => (
            words::EXCHANGE_THROTTLED,
            words::EXCHANGE_THROTTLED_WHAT,
            words::NEXT_WAIT_A_MINUTE,
        ),
        TokenEndpointError::Locked => (
            words::RENEWING_FAILED,
            words::RENEWING_LOCKED,
            words::NEXT_WAIT_A_MINUTE,
        ),
        TokenEndpointError::Status(_) => (
            words::EXCHANGE_STATUS,
            words::EXCHANGE_ONCE,
            words::NEXT_WAIT_A_MINUTE,
        ),
        TokenEndpointError::TooLarge => (
            words::RESPONSE_TOO_LARGE,
            words::EXCHANGE_TOO_LARGE_WHAT,
            words::NEXT_TELL,
        ),
        TokenEndpointError::Malformed => (
            words::RESPONSE_MALFORMED,
            words::EXCHANGE_MALFORMED_WHAT,
            words::NEXT_TELL,
        ),
        TokenEndpointError::Refused(error) => return token_response(error),
        _ => return unforeseen(),
    };
    Message::new(title, &[what, words::NEXT_NOTHING_LOST, next])
}

/// What prevents a connection from being made, if it can be retried.
pub fn failure(failure: &Failure) -> Message {
    match failure {
        Failure::Keys(failure) => keys(*failure),
        Failure::Endpoint(TokenEndpointError::Throttled { .. }) => Message::new(
            words::EXCHANGE_THROTTLED,
            &[words::EXCHANGE_OFFLINE_WHAT, words::RENEWING_AGAIN],
        ),
        Failure::Endpoint(error) => not_exchanged(error),
        _ => Message::new(words::NOT_MADE_UNFORESEEN, &[words::RENEWING_AGAIN]),
    }
}

/// What prevents a connection from being renewed.
pub fn not_renewed_yet(failure: &Failure) -> Message {
    let what = match failure {
        Failure::Keys(failure) => {
            let what = keys_failure(*failure);
            return Message::beginning(words::KEYS_TITLE, what, &[words::RENEWING_AGAIN]);
        }
        Failure::Endpoint(TokenEndpointError::Offline) => words::RENEWING_OFFLINE,
        Failure::Endpoint(TokenEndpointError::Locked) => words::RENEWING_LOCKED,
        Failure::Endpoint(TokenEndpointError::Throttled { .. }) => words::RENEWING_THROTTLED,
        Failure::Endpoint(TokenEndpointError::Unreachable) => words::RENEWING_UNREACHABLE,
        _ => words::RENEWING_UNANSWERED,
    };
    Message::new(words::RENEWING_FAILED, &[what, words::RENEWING_AGAIN])
}

/// Why the ID token was rejected.
fn id_token(error: &IdTokenError) -> Message {
    let what = match error {
        IdTokenError::Missing => words::ID_TOKEN_MISSING,
        IdTokenError::Token(error) => {
            let why = token(error).paragraphs.swap_remove(0);
            let what = words::ID_TOKEN_REFUSED.with(&[("why", &why)]);
            let next = [words::ID_TOKEN_ERASED, words::NEXT_TELL];
            return Message::beginning(words::ID_TOKEN_TITLE, what, &next);
        }
        IdTokenError::AuthorizedPartyMissing
        | IdTokenError::AuthorizedPartyMismatch
        | IdTokenError::OtherAudience => words::ID_TOKEN_AUDIENCE,
        IdTokenError::NonceMissing | IdTokenError::NonceMismatch => words::ID_TOKEN_NONCE,
        IdTokenError::HashMismatch => words::ID_TOKEN_HASH,
        _ => words::ID_TOKEN_SUBJECT,
    };
    Message::new(
        words::ID_TOKEN_TITLE,
        &[what, words::ID_TOKEN_ERASED, words::NEXT_TELL],
    )
}

/// Why a token was rejected.
pub fn token(error: &TokenError) -> Message {
    // Two helpers: without values, and with them.
    let own = |title, what, next| Message::new(title, &[what, words::TOKEN_ERASED, next]);
    let with = |title, what: Word, values: &[(&str, &str)]| {
        let next = [words::TOKEN_ERASED, words::NEXT_TELL];
        Message::beginning(title, what.with(values), &next)
    };
    let dated = |title, what: Word, at, next| {
        let what = what.with(&[("at", &intl::date_time(at))]);
        Message::beginning(title, what, &[words::TOKEN_ERASED, next])
    };
    match error {
        TokenError::Malformed(malformation) => {
            let what = match malformation {
                Malformation::TooLong => words::TOKEN_MALFORMED_TOO_LONG,
                Malformation::PartCount(count) => {
                    return with(
                        words::TOKEN_MALFORMED,
                        words::TOKEN_MALFORMED_PARTS,
                        &[("count", &count.to_string())],
                    );
                }
                Malformation::Base64Url(_) => words::TOKEN_MALFORMED_CHARACTERS,
                _ => words::TOKEN_MALFORMED_HEADER,
            };
            own(words::TOKEN_MALFORMED, what, words::NEXT_TELL)
        }
        TokenError::UnsupportedType(found) => with(
            words::TOKEN_TYPE,
            words::TOKEN_TYPE_WHAT,
            &[("found", &isolated(found))],
        ),
        TokenError::UnsupportedAlgorithm(found) => with(
            words::TOKEN_NOT_GENUINE,
            words::TOKEN_ALGORITHM_WHAT,
            &[("found", &isolated(found))],
        ),
        TokenError::CriticalHeader => own(
            words::TOKEN_NOT_GENUINE,
            words::TOKEN_CRITICAL_WHAT,
            words::NEXT_TELL,
        ),
        TokenError::KeyNotFound { .. } => own(
            words::TOKEN_KEY_UNKNOWN,
            words::TOKEN_KEY_UNKNOWN_WHAT,
            words::NEXT_TELL,
        ),
        TokenError::AmbiguousKey { .. } => own(
            words::TOKEN_KEY_AMBIGUOUS,
            words::TOKEN_KEY_AMBIGUOUS_WHAT,
            words::NEXT_TELL,
        ),
        TokenError::UnsuitableKey(_) => own(
            words::TOKEN_KEY_UNSUITABLE,
            words::TOKEN_KEY_UNSUITABLE_WHAT,
            words::NEXT_TELL,
        ),
        TokenError::WeakKey { bits } => with(
            words::TOKEN_KEY_WEAK,
            words::TOKEN_KEY_WEAK_WHAT,
            &[("bits", &bits.to_string())],
        ),
        TokenError::BadSignature => own(
            words::TOKEN_NOT_GENUINE,
            words::TOKEN_SIGNATURE_WHAT,
            words::NEXT_TELL,
        ),
        TokenError::MalformedClaims => own(
            words::TOKEN_CLAIMS,
            words::TOKEN_CLAIMS_WHAT,
            words::NEXT_TELL,
        ),
        TokenError::MalformedClaim(name) => with(
            words::TOKEN_CLAIMS,
            words::TOKEN_CLAIM_WHAT,
            &[("name", name)],
        ),
        TokenError::MissingClaim(name) => with(
            words::TOKEN_CLAIM_MISSING,
            words::TOKEN_CLAIM_MISSING_WHAT,
            &[("name", name)],
        ),
        TokenError::IssuerMismatch { expected, found } => with(
            words::TOKEN_ISSUER,
            words::TOKEN_ISSUER_WHAT,
            &[("found", &isolated(found)), ("expected", expected)],
        ),
        TokenError::AudienceMismatch { expected, found } => with(
            words::TOKEN_AUDIENCE,
            words::TOKEN_AUDIENCE_WHAT,
            &[
                ("found", &isolated(&found.join(", "))),
                ("expected", expected),
            ],
        ),
        TokenError::Expired { at } => dated(
            words::TOKEN_EXPIRED,
            words::TOKEN_EXPIRED_WHAT,
            *at,
            words::NEXT_CONNECT_AGAIN,
        ),
        TokenError::NotYetValid { from } => dated(
            words::TOKEN_NOT_YET,
            words::TOKEN_NOT_YET_WHAT,
            *from,
            words::NEXT_TELL,
        ),
        TokenError::IssuedInTheFuture { at } => dated(
            words::TOKEN_FUTURE,
            words::TOKEN_FUTURE_WHAT,
            *at,
            words::NEXT_TELL,
        ),
        TokenError::IssuedBeforeRequest { at, .. } => dated(
            words::TOKEN_BEFORE_REQUEST,
            words::TOKEN_BEFORE_REQUEST_WHAT,
            *at,
            words::NEXT_CONNECT_AGAIN,
        ),
        TokenError::LifetimeOutOfRange { .. } => own(
            words::TOKEN_LIFETIME,
            words::TOKEN_LIFETIME_WHAT,
            words::NEXT_TELL,
        ),
        _ => unforeseen(),
    }
}

/// Why an access token was rejected.
fn access_token(error: &AccessTokenError) -> Message {
    let own = |title, what, next| Message::new(title, &[what, words::TOKEN_ERASED, next]);
    match error {
        AccessTokenError::Token(error) => token(error),
        AccessTokenError::ClientMismatch { .. } => own(
            words::TOKEN_CLIENT,
            words::TOKEN_CLIENT_WHAT,
            words::NEXT_TELL,
        ),
        AccessTokenError::PlatformUserUnassigned => own(
            words::TOKEN_UNASSIGNED,
            words::TOKEN_UNASSIGNED_WHAT,
            words::TOKEN_UNASSIGNED_NEXT,
        ),
        AccessTokenError::NonceMismatch => own(
            words::TOKEN_NONCE,
            words::TOKEN_NONCE_WHAT,
            words::NEXT_CONNECT_AGAIN,
        ),
        _ => unforeseen(),
    }
}

/// What to ask the user after a change of account.
pub fn account_changed(previous: &Account, account: &Account) -> Message {
    let what = words::ACCOUNT_CHANGED_WHAT.with(&[
        ("previous", &isolated(&previous.subject)),
        ("account", &isolated(&account.subject)),
    ]);
    Message::beginning(
        words::ACCOUNT_CHANGED_TITLE,
        what,
        &[words::ACCOUNT_CHANGED_NOTHING, words::ACCOUNT_CHANGED_HOW],
    )
}

/// Which clock is wrong, and by how much.
pub fn clock_wrong(deviation: Deviation) -> String {
    let (word, seconds) = match deviation {
        Deviation::Computer(seconds) => (words::CLOCK_WRONG, seconds),
        Deviation::Host(seconds) => (words::CLOCK_HOST_WRONG, seconds),
    };
    word.with(&[("size", &ahead_or_behind(seconds))])
}

/// Suggests that this computer's clock may be wrong, if the correct time is unknown and an error
/// looks like the result.
pub fn clock_suspected(reason: &Reason) -> Option<String> {
    let Reason::TokenRefused { error, .. } = reason else {
        return None;
    };
    let error = error.token_error()?;
    if PageClock::is_certain() {
        return None;
    }
    let now = PageClock::now();
    let ahead = match error {
        TokenError::Expired { at } => now.seconds_since(*at),
        TokenError::NotYetValid { from: at } | TokenError::IssuedInTheFuture { at } => {
            now.seconds_since(*at)
        }
        TokenError::IssuedBeforeRequest { at, requested } => requested.seconds_since(*at),
        _ => return None,
    };
    Some(words::CLOCK_SUSPECTED.with(&[("size", &ahead_or_behind(ahead))]))
}

fn ahead_or_behind(seconds: i64) -> String {
    let (size, ahead, behind) = match seconds.unsigned_abs() {
        size @ 0..3_570 => (
            size.saturating_add(30) / 60,
            words::CLOCK_MINUTES_AHEAD,
            words::CLOCK_MINUTES_BEHIND,
        ),
        size @ 3_570..84_600 => (
            size.saturating_add(1_800) / 3_600,
            words::CLOCK_HOURS_AHEAD,
            words::CLOCK_HOURS_BEHIND,
        ),
        size => (
            size.saturating_add(43_200) / 86_400,
            words::CLOCK_DAYS_AHEAD,
            words::CLOCK_DAYS_BEHIND,
        ),
    };
    if seconds < 0 { behind } else { ahead }.with(size)
}

/// Why the key set could not be loaded.
pub fn keys(failure: KeySetFailure) -> Message {
    let next = match failure {
        KeySetFailure::Unreachable => words::NEXT_CHECK_BLOCKERS,
        _ => words::NEXT_CHECK_NETWORK,
    };
    Message::beginning(
        words::KEYS_TITLE,
        keys_failure(failure),
        &[words::KEYS_KEPT, next],
    )
}

fn keys_failure(failure: KeySetFailure) -> String {
    let what = match failure {
        KeySetFailure::Unreachable => words::KEYS_UNREACHABLE,
        KeySetFailure::Status(status) => {
            return words::KEYS_STATUS.with(&[("status", &status.to_string())]);
        }
        KeySetFailure::Document(JwkSetError::TooLarge) => words::KEYS_TOO_LARGE,
        KeySetFailure::Document(JwkSetError::Empty) => words::KEYS_EMPTY,
        _ => words::KEYS_MALFORMED,
    };
    what.text().to_owned()
}

/// Why a connection could not be started.
pub fn not_started(error: StartError) -> Message {
    let (title, what, next) = match error {
        StartError::StorageUnavailable => (
            words::START_STORAGE,
            words::START_STORAGE_WHAT,
            words::START_STORAGE_NEXT,
        ),
        StartError::RandomnessUnavailable => (
            words::START_RANDOMNESS,
            words::START_RANDOMNESS_WHAT,
            words::START_RANDOMNESS_NEXT,
        ),
        _ => (
            words::START_NAVIGATION,
            words::START_NAVIGATION_WHAT,
            words::START_NAVIGATION_NEXT,
        ),
    };
    Message::new(title, &[what, next])
}

/// Why an API request failed. `not_shown` names what is missing from the page because of it.
pub fn api(error: &ApiError, not_shown: Word) -> Message {
    let (title, next) = match error {
        ApiError::Unauthorized => (words::API_UNAUTHORIZED, words::API_UNAUTHORIZED_NEXT),
        ApiError::Forbidden => (words::API_FORBIDDEN, words::API_FORBIDDEN_NEXT),
        ApiError::NotFound => (words::API_NOT_FOUND, words::NEXT_TRY_AGAIN_OUT_OF_DATE),
        ApiError::Throttled => (words::API_THROTTLED, words::API_THROTTLED_NEXT),
        ApiError::QuotaExceeded => (words::API_QUOTA, words::API_QUOTA_NEXT),
        ApiError::Unavailable { .. } => (words::API_UNAVAILABLE, words::API_UNAVAILABLE_NEXT),
        ApiError::Unreachable => (words::API_UNREACHABLE, words::API_UNREACHABLE_NEXT),
        _ => (words::API_UNEXPECTED, words::NEXT_TRY_AGAIN_OUT_OF_DATE),
    };
    Message::new(title, &[not_shown, next])
}

/// Why there are no settings. The mistakes themselves come from [`mistake`].
pub fn config_file(error: &ConfigFileError, url: &str) -> (&'static str, Message) {
    match error {
        ConfigFileError::Unreachable => (
            "config_unreachable",
            Message::beginning(
                words::SETTINGS_UNREADABLE,
                words::SETTINGS_UNREACHABLE.with(&[("url", url)]),
                &[words::NEXT_CHECK_NETWORK],
            ),
        ),
        ConfigFileError::Status(status) => (
            "config_unreachable",
            Message::beginning(
                words::SETTINGS_UNREADABLE,
                words::SETTINGS_STATUS.with(&[("url", url), ("status", &status.to_string())]),
                &[words::SETTINGS_STATUS_NEXT],
            ),
        ),
        ConfigFileError::Config(ConfigError::Mistakes(mistakes)) => (
            "config_mistakes",
            Message {
                title: words::SETTINGS_MISTAKES.with(mistakes.len() as u64),
                paragraphs: vec![],
            },
        ),
        ConfigFileError::Config(ConfigError::TooLarge) => (
            "config_malformed",
            Message::beginning(
                words::SETTINGS_TOO_LARGE,
                words::SETTINGS_TOO_LARGE_WHAT.with(&[("url", url)]),
                &[words::SETTINGS_STATUS_NEXT],
            ),
        ),
        // `NotSetUp` never gets here: it has a page of its own.
        ConfigFileError::Config(ConfigError::Empty | ConfigError::NotSetUp) => (
            "config_malformed",
            Message::beginning(
                words::SETTINGS_EMPTY,
                words::SETTINGS_EMPTY_WHAT.with(&[("url", url)]),
                &[words::SETTINGS_EMPTY_NEXT],
            ),
        ),
        ConfigFileError::Config(ConfigError::Encoding(encoding, line)) => {
            let what = words::SETTINGS_ENCODING_WHAT.with(&[("url", url), ("encoding", encoding)]);
            let next = [words::SETTINGS_ENCODING_NEXT];
            let message = Message::beginning(words::SETTINGS_ENCODING, what, &next);
            ("config_malformed", with_line(message, line.as_ref()))
        }
        ConfigFileError::Config(ConfigError::Malformed(malformed)) => {
            let what = words::SETTINGS_NOT_JSON_WHAT.with(&[("url", url)]);
            let message =
                Message::beginning(words::SETTINGS_NOT_JSON, what, &[flaw(malformed.flaw)]);
            (
                "config_malformed",
                with_line(message, Some(&malformed.line)),
            )
        }
    }
}

/// Appends the offending line of the file to a message.
fn with_line(mut message: Message, line: Option<&Line>) -> Message {
    message.paragraphs.extend(line.map(|Line { number, text }| {
        words::SETTINGS_LINE.with(&[("line", &number.to_string()), ("text", text)])
    }));
    message
}

/// What makes the file invalid JSON, and how to fix it.
fn flaw(flaw: Flaw) -> Word {
    match flaw {
        Flaw::Page => words::FLAW_PAGE,
        Flaw::Comment => words::FLAW_COMMENT,
        Flaw::CommaMissing => words::FLAW_COMMA_MISSING,
        Flaw::CommaTooMany => words::FLAW_COMMA_TOO_MANY,
        Flaw::Quotes => words::FLAW_QUOTES,
        Flaw::Cut => words::FLAW_CUT,
        Flaw::Twice => words::FLAW_TWICE,
        Flaw::NotAnObject => words::FLAW_NOT_AN_OBJECT,
        Flaw::Other => words::FLAW_UNKNOWN,
    }
}

/// A configuration mistake: what is wrong, and what to write instead.
pub fn mistake(mistake: &Mistake, redirect_uri: &str) -> (&'static str, String) {
    let key = &mistake.key;
    let said = |word: Word| word.text().to_owned();
    let (wrong, instead) = match &mistake.problem {
        Problem::UnknownKey(Some(nearest)) => (
            words::MISTAKE_UNKNOWN_KEY,
            words::MISTAKE_UNKNOWN_KEY_NEAREST.with(&[("nearest", nearest)]),
        ),
        Problem::UnknownKey(None) => (
            words::MISTAKE_UNKNOWN_KEY,
            words::MISTAKE_UNKNOWN_KEY_KNOWN.with(&[("keys", &crate::config::KEYS.join(", "))]),
        ),
        Problem::NotText => (
            words::MISTAKE_NOT_TEXT,
            words::MISTAKE_NOT_TEXT_NEXT.with(&[("key", key)]),
        ),
        Problem::Empty if key == "client_id" => (
            words::MISTAKE_NO_CLIENT_ID,
            said(words::MISTAKE_NO_CLIENT_ID_NEXT),
        ),
        Problem::Empty => (
            words::MISTAKE_EMPTY,
            words::MISTAKE_EMPTY_NEXT.with(&[("key", key)]),
        ),
        Problem::NotAUrl => {
            let example = match key.as_str() {
                "redirect_uri" => redirect_uri,
                _ => "https://example.com/oauth2",
            };
            (
                words::MISTAKE_NOT_A_URL,
                words::MISTAKE_NOT_A_URL_NEXT.with(&[("example", example)]),
            )
        }
        Problem::NotHttps => (
            words::MISTAKE_NOT_HTTPS,
            said(words::MISTAKE_NOT_HTTPS_NEXT),
        ),
        Problem::HasUserinfo => (
            words::MISTAKE_HAS_USERINFO,
            said(words::MISTAKE_HAS_USERINFO_NEXT),
        ),
        Problem::HasQuery => (words::MISTAKE_HAS_QUERY, said(words::MISTAKE_LEAVE_OUT)),
        Problem::HasFragment if key == "redirect_uri" => (
            words::MISTAKE_REDIRECT_URI_HAS_FRAGMENT,
            words::MISTAKE_REDIRECT_URI_HAS_FRAGMENT_NEXT.with(&[("redirect_uri", redirect_uri)]),
        ),
        Problem::HasFragment => (words::MISTAKE_HAS_FRAGMENT, said(words::MISTAKE_LEAVE_OUT)),
        Problem::HasParameter(name) => (
            words::MISTAKE_HAS_PARAMETER,
            words::MISTAKE_HAS_PARAMETER_NEXT.with(&[("name", name)]),
        ),
        Problem::OtherSpelling { instead } => (
            words::MISTAKE_OTHER_SPELLING,
            words::MISTAKE_OTHER_SPELLING_NEXT.with(&[("instead", instead)]),
        ),
        Problem::TrailingSlash => (
            words::MISTAKE_TRAILING_SLASH,
            said(words::MISTAKE_TRAILING_SLASH_NEXT),
        ),
        Problem::OtherOrigin { page } => (
            words::MISTAKE_OTHER_ORIGIN,
            words::MISTAKE_OTHER_ORIGIN_NEXT
                .with(&[("page", page), ("redirect_uri", redirect_uri)]),
        ),
        Problem::ScopeSeparators { instead } => (
            words::MISTAKE_SCOPE_SEPARATORS,
            words::MISTAKE_WRITE.with(&[("instead", instead)]),
        ),
        Problem::MalformedScope => (
            words::MISTAKE_MALFORMED_SCOPE,
            words::MISTAKE_WRITE.with(&[("instead", constant_contact::SCOPE)]),
        ),
        Problem::NotOneOf([one, other]) => (
            words::MISTAKE_NOT_ONE_OF,
            words::MISTAKE_NOT_ONE_OF_NEXT.with(&[("one", one), ("other", other)]),
        ),
        Problem::NotSeconds {
            least,
            most,
            default,
        } => (
            words::MISTAKE_NOT_SECONDS,
            words::MISTAKE_NOT_SECONDS_NEXT.with(&[
                ("least", &least.to_string()),
                ("most", &most.to_string()),
                ("key", key),
                ("default", &default.to_string()),
            ]),
        ),
        Problem::Whitespace => (
            words::MISTAKE_WHITESPACE,
            said(words::MISTAKE_WHITESPACE_NEXT),
        ),
    };
    (wrong.text(), instead)
}

/// The name of a permission, and why it is requested.
pub fn permission(scope: &str) -> Option<(&'static str, &'static str)> {
    let (name, why) = match scope {
        "account_read" => (
            words::PERMISSION_ACCOUNT_READ,
            words::PERMISSION_ACCOUNT_READ_WHY,
        ),
        "account_update" => (
            words::PERMISSION_ACCOUNT_UPDATE,
            words::PERMISSION_ACCOUNT_UPDATE_WHY,
        ),
        "contact_data" => (
            words::PERMISSION_CONTACT_DATA,
            words::PERMISSION_CONTACT_DATA_WHY,
        ),
        "campaign_data" => (
            words::PERMISSION_CAMPAIGN_DATA,
            words::PERMISSION_CAMPAIGN_DATA_WHY,
        ),
        "offline_access" => (
            words::PERMISSION_OFFLINE_ACCESS,
            words::PERMISSION_OFFLINE_ACCESS_WHY,
        ),
        _ => return None,
    };
    Some((name.text(), why.text()))
}

/// What a verification check establishes.
pub fn check(name: &str, of_id_token: bool) -> &'static str {
    let word = match name {
        "typ" if of_id_token => words::CHECK_TYP_OF_ID_TOKEN,
        "aud" if of_id_token => words::CHECK_AUD_OF_ID_TOKEN,
        "azp" => words::CHECK_AZP,
        "only_aud" => words::CHECK_ONLY_AUD,
        "id_nonce" => words::CHECK_ID_NONCE,
        "at_hash" => words::CHECK_AT_HASH,
        "same_sub" => words::CHECK_SAME_SUB,
        "compact" => words::CHECK_COMPACT,
        "typ" => words::CHECK_TYP,
        "alg" => words::CHECK_ALG,
        "crit" => words::CHECK_CRIT,
        "kid" => words::CHECK_KID,
        "key_size" => words::CHECK_KEY_SIZE,
        "signature" => words::CHECK_SIGNATURE,
        "claims" => words::CHECK_CLAIMS,
        "iss" => words::CHECK_ISS,
        "aud" => words::CHECK_AUD,
        "exp" => words::CHECK_EXP,
        "nbf" => words::CHECK_NBF,
        "iat" => words::CHECK_IAT,
        "sub" => words::CHECK_SUB,
        "cid" => words::CHECK_CID,
        "platform_user_id" => words::CHECK_PLATFORM_USER_ID,
        "nonce" => words::CHECK_NONCE,
        _ => words::CHECK_ANOTHER,
    };
    word.text()
}

/// What is absent when a check had nothing to look at.
pub fn nothing_to_check(name: &str) -> &'static str {
    let word = match name {
        "typ" => words::CHECK_TYP_NONE,
        "nbf" => words::CHECK_NBF_NONE,
        "nonce" => words::CHECK_NONCE_NONE,
        "azp" => words::CHECK_AZP_NONE,
        "id_nonce" => words::CHECK_ID_NONCE_NONE,
        "at_hash" => words::CHECK_AT_HASH_NONE,
        "same_sub" => words::CHECK_SAME_SUB_NONE,
        _ => return "",
    };
    word.text()
}

/// The outcome of a check, as text.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => words::CHECKS_PASSED,
        Outcome::Failed => words::CHECKS_FAILED,
        Outcome::NotApplicable => words::CHECKS_NOT_NEEDED,
        Outcome::NotReached => words::CHECKS_NOT_REACHED,
    }
    .text()
}

/// What a claim means.
pub fn claim(name: &str) -> &'static str {
    let word = match name {
        "iss" => words::CLAIM_ISS,
        "aud" => words::CLAIM_AUD,
        "sub" => words::CLAIM_SUB,
        "exp" => words::CLAIM_EXP,
        "nbf" => words::CLAIM_NBF,
        "iat" => words::CLAIM_IAT,
        "jti" => words::CLAIM_JTI,
        "cid" => words::CLAIM_CID,
        "uid" => words::CLAIM_UID,
        "scp" => words::CLAIM_SCP,
        "platform_user_id" => words::CLAIM_PLATFORM_USER_ID,
        "ver" => words::CLAIM_VER,
        _ => return "",
    };
    word.text()
}

/// A campaign's status as text, and the badge's classes.
pub fn campaign_status(status: &str) -> (&str, &'static str) {
    let (word, class) = match Status::parse(status) {
        Some(Status::Draft) => (words::CAMPAIGN_DRAFT, "badge"),
        Some(Status::Scheduled) => (words::CAMPAIGN_SCHEDULED, "badge badge-half"),
        Some(Status::Executing) => (words::CAMPAIGN_EXECUTING, "badge badge-half"),
        Some(Status::Done) => (words::CAMPAIGN_DONE, "badge badge-good"),
        Some(Status::Error) => (words::CAMPAIGN_ERROR, "badge badge-bad"),
        Some(Status::Removed) => (words::CAMPAIGN_REMOVED, "badge"),
        None => return (status, "badge"),
    };
    (word.text(), class)
}

/// A duration: `4 h 12 min`, `4 min 51 s`, `9 s`.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let word = match (hours, minutes) {
        (0, 0) => words::DURATION_SECONDS,
        (0, 1..=9) => words::DURATION_MINUTES_SECONDS,
        (0, _) => words::DURATION_MINUTES,
        _ => words::DURATION_HOURS,
    };
    word.with(&[
        ("hours", &hours.to_string()),
        ("minutes", &minutes.to_string()),
        ("seconds", &rest.to_string()),
    ])
}
