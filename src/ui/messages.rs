//! Every word that explains something gone wrong, and the names of things. A message says what
//! happened, whether anything was lost, and the next step, in that order. It blames nobody.

use crate::{
    browser::{clock, config_file::ConfigFileError, intl},
    config::{ConfigError, Mistake, Problem},
    constant_contact,
    jose::{JwkSetError, Outcome, TokenError, error::Malformation},
    oauth::{
        ErrorCode, ErrorResponse, NoPendingAuthorization, RedirectionError, ResponseError,
        TokenEndpointError,
    },
    openid_connect::IdTokenError,
    session::{Account, KeySetFailure, Reason, Refusal, StartError},
    ui::context::Failure,
    v3::ApiError,
};

/// A message: a title and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened, in a few words.
    pub title: String,
    /// What that means, what was lost, what to do: a paragraph each.
    pub paragraphs: Vec<String>,
}

fn message(title: &str, paragraphs: &[&str]) -> Message {
    Message {
        title: title.to_owned(),
        paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect(),
    }
}

const NOTHING_LOST: &str = "Nothing was lost, and nothing was changed in your account.";
const CONNECT_AGAIN: &str = "Connect again from here.";
const TELL_DEPLOYER: &str =
    "Connect again. If it happens again, send the details to whoever set this page up for you.";
const FOR_DEPLOYER: &str =
    "This is for whoever set this page up; send them the details. You have done nothing wrong.";

/// The stable code of a reason that is shown as an error.
pub fn code(reason: &Reason) -> &'static str {
    match reason {
        Reason::Declined(error) | Reason::ResponseRefused(error) => error.code(),
        Reason::UnreadableResponse(error) => error.code(),
        Reason::NotExchanged(error) | Reason::NotRenewed(error) => error.code(),
        Reason::TokenRefused { error, .. } => error.code(),
        Reason::NotStarted(error) => error.code(),
        Reason::Expired { .. } => "connection_expired",
        Reason::Rejected => "connection_rejected",
        Reason::NeverConnected
        | Reason::NothingReturned
        | Reason::Disconnected
        | Reason::DisconnectedElsewhere => "not_connected",
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
        } => token(error),
        Reason::TokenRefused {
            error: Refusal::IdToken(error),
            ..
        } => id_token(error),
        Reason::NotStarted(error) => not_started(*error),
        _ => message(
            "Something unforeseen happened",
            &[NOTHING_LOST, TELL_DEPLOYER],
        ),
    }
}

fn unreadable(error: ResponseError) -> Message {
    match error {
        ResponseError::TooLarge => message(
            "The answer is too long",
            &[
                "It has more than 16 KB, which no answer of Constant Contact has. It was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        ResponseError::Malformed => message(
            "The answer cannot be read",
            &[
                "It is not in the form that the standard asks for, perhaps because a link was cut \
                 or changed on its way. It was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        ResponseError::DuplicateParameter => message(
            "The answer says something twice",
            &[
                "A part of it occurs twice, which the standard forbids: it could be read in two \
                 ways. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        ResponseError::TokenInQuery => message(
            "The answer came in a place where others can see it",
            &[
                "The permission stood in the part of the address that servers write down. It was \
                 not used.",
                "Nothing was changed in your account. Whoever set this page up should have that \
                 permission revoked.",
                TELL_DEPLOYER,
            ],
        ),
    }
}

fn refused(error: &RedirectionError) -> Message {
    match error {
        RedirectionError::StateMissing => message(
            "This answer does not say which request it belongs to",
            &[
                "Constant Contact returns a mark with every answer, and this one has none. It was \
                 not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::NoPending(NoPendingAuthorization::NoneStored) => message(
            "This tab did not ask for an answer",
            &[
                "Probably the answer was used already, an old link was opened, or the request was \
                 made in another tab or browser. The answer was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::NoPending(NoPendingAuthorization::OtherState)
        | RedirectionError::StateMismatch => message(
            "This answer does not match a request from this tab",
            &[
                "Probably an old link was opened, Back was used, or the request was made in \
                 another tab. The answer was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::NoPending(NoPendingAuthorization::Unreadable) => message(
            "The note about your request cannot be read",
            &[
                "This tab kept a note to recognize the answer by, and something has changed it. \
                 The answer was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::PendingExpired => message(
            "The answer came too late",
            &[
                "More than ten minutes have passed since you were sent to Constant Contact. To be \
                 safe the answer was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::ConfigurationChanged => message(
            "The settings of this page have changed meanwhile",
            &[
                "The answer belongs to a request under the earlier settings. It was not used.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::IssuerMismatch => message(
            "The answer comes from somebody else",
            &[
                "It names another sender than the one that was asked. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        RedirectionError::TokenAndError => message(
            "The answer says both yes and no",
            &[
                "It holds a permission and an error at once. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        RedirectionError::OtherResponseType => message(
            "The answer is of another kind than the one asked for",
            &[
                "This page asks for a code where Constant Contact sent a permission itself, or the \
                 other way round. It was not used.",
                "Nothing was changed in your account. The application’s OAuth2 setting at Constant \
                 Contact and this page’s settings (`response_type`) must fit each other.",
                TELL_DEPLOYER,
            ],
        ),
        RedirectionError::NeitherTokenNorError => message(
            "The answer is empty",
            &[
                "It holds neither a permission nor an error.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        RedirectionError::UnsupportedTokenType => message(
            "The answer is of a kind that this page does not know",
            &[
                "The permission is not a bearer token, the one kind that is used here. It was \
                 not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        RedirectionError::InvalidExpiresIn => message(
            "The answer does not say clearly how long it lasts",
            &[
                "Its lifetime is not a number of seconds. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        RedirectionError::MalformedScope => message(
            "The answer does not say clearly what is allowed",
            &[
                "Its list of permissions cannot be read. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        RedirectionError::ErrorResponse(response) => error_response(response),
    }
}

fn error_response(response: &ErrorResponse) -> Message {
    let (title, what, next) = match response.code {
        ErrorCode::AccessDenied => (
            "You chose not to give access",
            "Nothing was changed. No connection was made, and this page knows nothing about your \
             account.",
            "If you did not choose this yourself, the account’s owner may have to allow it, or the \
             application still waits for approval by Constant Contact.",
        ),
        ErrorCode::InvalidScope => (
            "A permission was asked for that does not exist",
            "Constant Contact does not know one of the permissions in this page’s settings \
             (`scope`).",
            FOR_DEPLOYER,
        ),
        ErrorCode::UnsupportedResponseType | ErrorCode::UnsupportedResponseMode => (
            "This way of connecting is not switched on",
            "At Constant Contact the application needs the OAuth2 setting that fits this page’s \
             settings: “Authorization Code Flow and Implicit Flow” where `response_type` is “token”, \
             “Proof Key for Code Exchange (PKCE) Flow” where it is “code”.",
            FOR_DEPLOYER,
        ),
        ErrorCode::UnauthorizedClient
        | ErrorCode::InvalidClient
        | ErrorCode::UnsupportedGrantType => (
            "Constant Contact does not let this application ask",
            "The application is unknown there, switched off, or not allowed to connect in this \
             way. Its API key in the settings (`client_id`) or its OAuth2 setting there may be \
             wrong.",
            FOR_DEPLOYER,
        ),
        ErrorCode::InvalidRequest => (
            "Constant Contact did not understand the request",
            "It refused to answer what this page asked. Nothing was lost or changed.",
            TELL_DEPLOYER,
        ),
        ErrorCode::ServerError => (
            "Something broke at Constant Contact",
            "It could not finish your request. Nothing was lost or changed.",
            "Wait a minute, then connect again.",
        ),
        ErrorCode::TemporarilyUnavailable => (
            "Constant Contact is busy",
            "It cannot answer just now. Nothing was lost or changed.",
            "Wait a few minutes, then connect again.",
        ),
        ErrorCode::LoginRequired | ErrorCode::InteractionRequired | ErrorCode::ConsentRequired => (
            "Constant Contact wants to see you first",
            "It needs you to sign in or to agree, and could not ask. Nothing was lost or changed.",
            CONNECT_AGAIN,
        ),
        ErrorCode::InvalidGrant | ErrorCode::InvalidToken | ErrorCode::InsufficientScope => (
            "Constant Contact refused the permission",
            "It does not accept what it was shown. Nothing was lost or changed.",
            CONNECT_AGAIN,
        ),
        ErrorCode::Unknown => (
            "Constant Contact said no for a reason that this page does not know",
            "Nothing was lost or changed.",
            TELL_DEPLOYER,
        ),
    };
    let mut message = message(title, &[what, next]);
    if response.code == ErrorCode::Unknown {
        message
            .paragraphs
            .push(format!("It called the reason “{}”.", response.spelled));
    }
    if let Some(description) = &response.description {
        message
            .paragraphs
            .push(format!("It wrote: “{description}”"));
    }
    message
}

/// Why a code was not exchanged for a token.
fn not_exchanged(error: &TokenEndpointError) -> Message {
    const ONCE: &str = "The answer could be used once, and is used up.";
    match error {
        TokenEndpointError::Offline => message(
            "This computer is offline",
            &[
                "The answer from Constant Contact is here. It has not been used yet, and can be for \
                 five minutes.",
                "It goes on by itself once the network is back.",
            ],
        ),
        TokenEndpointError::CodeExpired => message(
            "The answer has become too old",
            &[
                "It could be used for five minutes, and there was no network in that time.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        TokenEndpointError::NotExclusive => message(
            "This browser cannot keep its tabs apart",
            &[
                "To renew a connection safely, one tab at a time has to do it, and this browser has \
                 no way to make sure of that.",
                NOTHING_LOST,
                CONNECT_AGAIN,
            ],
        ),
        TokenEndpointError::Unreachable => message(
            "Constant Contact did not answer",
            &[
                ONCE,
                NOTHING_LOST,
                "Connect again. If it happens every time, Constant Contact may not know this page’s \
                 address; send the details to whoever set this page up for you.",
            ],
        ),
        TokenEndpointError::Throttled => message(
            "Too many requests at once",
            &[ONCE, NOTHING_LOST, "Wait a minute, then connect again."],
        ),
        TokenEndpointError::Status(_) => message(
            "Constant Contact has a problem",
            &[ONCE, NOTHING_LOST, "Wait a minute, then connect again."],
        ),
        TokenEndpointError::TooLarge => message(
            "The answer is too long",
            &[
                "It has more than 64 KB, which no answer of Constant Contact has. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        TokenEndpointError::Malformed => message(
            "The answer cannot be read",
            &[
                "What came in place of the permission is something else. It was not used.",
                NOTHING_LOST,
                TELL_DEPLOYER,
            ],
        ),
        TokenEndpointError::Refused(error) => refused(error),
    }
}

/// What keeps a connection from being made, if it can be tried again.
pub fn failure(failure: &Failure) -> Message {
    match failure {
        Failure::Keys(failure) => keys(*failure),
        Failure::Endpoint(error) => not_exchanged(error),
    }
}

/// What keeps a connection from being renewed.
pub fn not_renewed_yet(failure: &Failure) -> Message {
    let what = match failure {
        Failure::Keys(failure) => {
            let mut message = keys(*failure);
            return Message {
                title: message.title,
                paragraphs: vec![
                    message.paragraphs.swap_remove(0),
                    "Nothing was lost. It is tried again by itself.".to_owned(),
                ],
            };
        }
        Failure::Endpoint(TokenEndpointError::Offline) => {
            "This computer is offline. The connection is renewed once it is back."
        }
        Failure::Endpoint(TokenEndpointError::Throttled) => {
            "Constant Contact was asked too often, by this page or others like it."
        }
        Failure::Endpoint(_) => "Constant Contact did not answer, or cannot answer just now.",
    };
    message(
        "Your connection could not be renewed yet",
        &[what, "Nothing was lost. It is tried again by itself."],
    )
}

/// Why what came with the token was not accepted.
fn id_token(error: &IdTokenError) -> Message {
    let what = match error {
        IdTokenError::Missing => {
            "It should say who you are, and the part that does is missing.".to_owned()
        }
        IdTokenError::Token(error) => format!(
            "The part that says who you are was refused. {}",
            token(error).paragraphs.swap_remove(0)
        ),
        IdTokenError::AuthorizedPartyMissing
        | IdTokenError::AuthorizedPartyMismatch
        | IdTokenError::OtherAudience => {
            "The part that says who you are is meant for another application.".to_owned()
        }
        IdTokenError::NonceMissing | IdTokenError::NonceMismatch => {
            "The part that says who you are belongs to another request.".to_owned()
        }
        IdTokenError::HashMismatch => {
            "The part that says who you are belongs to another permission than the one it came with."
                .to_owned()
        }
        IdTokenError::SubjectMismatch => {
            "The part that says who you are names somebody else than before.".to_owned()
        }
    };
    Message {
        title: "The answer does not fit".to_owned(),
        paragraphs: vec![
            what,
            "All of it was erased. Nothing was lost, and nothing was changed in your account."
                .to_owned(),
            TELL_DEPLOYER.to_owned(),
        ],
    }
}

/// Why a token was not accepted.
pub fn token(error: &TokenError) -> Message {
    const NOT_GENUINE: &str = "The answer is not genuine";
    const ERASED: &str =
        "It was erased. Nothing was lost, and nothing was changed in your account.";
    let own = |title: &str, what: String, next: &str| Message {
        title: title.to_owned(),
        paragraphs: vec![what, ERASED.to_owned(), next.to_owned()],
    };
    match error {
        TokenError::Malformed(malformation) => own(
            "The answer is not in the expected form",
            match malformation {
                Malformation::TooLong => "The access token is far too long.".to_owned(),
                Malformation::PartCount(count) => {
                    format!("The access token has {count} parts; a signed one has three.")
                }
                Malformation::Base64Url(_) => {
                    "The access token has characters that do not belong in one.".to_owned()
                }
                Malformation::Header | Malformation::HeaderParameter(_) => {
                    "The access token’s header cannot be read.".to_owned()
                }
            },
            TELL_DEPLOYER,
        ),
        TokenError::UnsupportedType(found) => own(
            "The answer is of another kind",
            format!("It calls itself “{found}”, which is not an access token."),
            TELL_DEPLOYER,
        ),
        TokenError::UnsupportedAlgorithm(found) => own(
            NOT_GENUINE,
            format!("It is signed with “{found}”. Constant Contact signs with RS256, and nothing else is accepted here."),
            TELL_DEPLOYER,
        ),
        TokenError::CriticalHeader => own(
            NOT_GENUINE,
            "It demands an extension that this page does not know and Constant Contact does not use.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::KeyNotFound { .. } => own(
            "The key behind the answer is not known",
            "The answer is signed with a key that Constant Contact does not publish.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::AmbiguousKey { .. } => own(
            "The key behind the answer is not clear",
            "More than one of the keys that Constant Contact publishes could have signed it, and it does not say which.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::UnsuitableKey(_) => own(
            "The key behind the answer is not made for this",
            "It is signed with a key that is not published for checking signatures.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::WeakKey { bits } => own(
            "The key behind the answer is too weak",
            format!("It has {bits} bits; 2048 are the least that is safe."),
            TELL_DEPLOYER,
        ),
        TokenError::BadSignature => own(
            NOT_GENUINE,
            "Its signature does not fit the keys that Constant Contact publishes.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::MalformedClaims => own(
            "The answer’s contents cannot be read",
            "They are not in the form that the standard asks for.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::MalformedClaim(name) => own(
            "The answer’s contents cannot be read",
            format!("Its part `{name}` is not of the expected kind."),
            TELL_DEPLOYER,
        ),
        TokenError::MissingClaim(name) => own(
            "The answer is incomplete",
            format!("Its part `{name}` is missing."),
            TELL_DEPLOYER,
        ),
        TokenError::IssuerMismatch { expected, found } => own(
            "The answer comes from somebody else",
            format!("It was issued by {found}; this page expects {expected}."),
            TELL_DEPLOYER,
        ),
        TokenError::AudienceMismatch { expected, found } => own(
            "The answer is meant for another service",
            format!("It is for {}; this page needs one for {expected}.", found.join(", ")),
            TELL_DEPLOYER,
        ),
        TokenError::Expired { at } => own(
            "The answer has expired already",
            format!(
                "It ended on {}, before it arrived here.",
                intl::date_time(*at)
            ),
            CONNECT_AGAIN,
        ),
        TokenError::NotYetValid { from } => own(
            "The answer is not valid yet",
            format!(
                "It begins on {}, which has not come.",
                intl::date_time(*from)
            ),
            TELL_DEPLOYER,
        ),
        TokenError::IssuedInTheFuture { at } => own(
            "The answer comes from the future",
            format!(
                "It was issued on {}, which has not come.",
                intl::date_time(*at)
            ),
            TELL_DEPLOYER,
        ),
        TokenError::IssuedBeforeRequest { at, .. } => own(
            "The answer is older than the request",
            format!(
                "It was issued on {}, before this tab asked: it was made for another request.",
                intl::date_time(*at)
            ),
            CONNECT_AGAIN,
        ),
        TokenError::LifetimeOutOfRange { .. } => own(
            "The answer lasts longer than any should",
            "Constant Contact’s permissions end within 24 hours; this one does not.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::ClientMismatch { .. } => own(
            "The answer was made for another application",
            "It names another application’s API key than this page’s.".to_owned(),
            TELL_DEPLOYER,
        ),
        TokenError::PlatformUserUnassigned => own(
            "This sign-in has no Constant Contact account",
            "You signed in as a user who is not linked to an account, perhaps one of the developer portal.".to_owned(),
            "Connect again and sign in as a user of the account.",
        ),
        TokenError::NonceMismatch => own(
            "The answer was made for another request",
            "It carries another request’s mark.".to_owned(),
            CONNECT_AGAIN,
        ),
    }
}

/// What the person is asked after a change of account.
pub fn account_changed(previous: &Account, account: &Account) -> Message {
    Message {
        title: "This is another account".to_owned(),
        paragraphs: vec![
            format!(
                "In this tab you were connected as “{}”. Constant Contact has now given access as “{}”.",
                previous.subject, account.subject
            ),
            "Nothing of either account has been fetched or shown since.".to_owned(),
            "To go on with the earlier one, choose “Do not connect”, sign out at Constant Contact, and connect again.".to_owned(),
        ],
    }
}

/// What a wrong clock is called: `seconds` ahead, or behind if negative.
pub fn clock_wrong(seconds: i64) -> String {
    format!(
        "Your computer’s clock is {}. We are using the correct time; you may want to set it.",
        ahead_or_behind(seconds)
    )
}

/// The suspicion that a clock is wrong, where the correct time is not known and a refusal looks as if
/// it came of that.
pub fn clock_suspected(reason: &Reason) -> Option<String> {
    let Reason::TokenRefused { error, .. } = reason else {
        return None;
    };
    let (Refusal::AccessToken(error) | Refusal::IdToken(IdTokenError::Token(error))) = error else {
        return None;
    };
    if clock::is_certain() {
        return None;
    }
    let now = clock::now();
    let ahead = match error {
        TokenError::Expired { at } => now.seconds_since(*at),
        TokenError::NotYetValid { from: at } | TokenError::IssuedInTheFuture { at } => {
            now.seconds_since(*at)
        }
        TokenError::IssuedBeforeRequest { at, requested } => requested.seconds_since(*at),
        _ => return None,
    };
    Some(format!(
        "Perhaps your computer’s clock is wrong: as far as can be told from here it is at least {}. \
         Set it, then connect again.",
        ahead_or_behind(ahead)
    ))
}

fn ahead_or_behind(seconds: i64) -> String {
    let direction = if seconds < 0 { "behind" } else { "ahead" };
    let (size, unit) = match seconds.unsigned_abs() {
        size @ 0..3_570 => (size.saturating_add(30) / 60, "minute"),
        size @ 3_570..84_600 => (size.saturating_add(1_800) / 3_600, "hour"),
        size => (size.saturating_add(43_200) / 86_400, "day"),
    };
    let plural = if size == 1 { "" } else { "s" };
    format!("{size} {unit}{plural} {direction}")
}

/// Why the check could not be finished.
pub fn keys(failure: KeySetFailure) -> Message {
    let what = match failure {
        KeySetFailure::Unreachable => {
            "Constant Contact’s public keys could not be fetched: there was no answer that this \
             page may read."
                .to_owned()
        }
        KeySetFailure::Status(status) => format!(
            "Constant Contact’s public keys could not be fetched: the server answered {status}."
        ),
        KeySetFailure::Document(JwkSetError::TooLarge) => {
            "What came in place of Constant Contact’s public keys is far too large.".to_owned()
        }
        KeySetFailure::Document(JwkSetError::Malformed) => {
            "What came in place of Constant Contact’s public keys is something else.".to_owned()
        }
        KeySetFailure::Document(JwkSetError::Empty) => {
            "Constant Contact’s list of public keys is empty.".to_owned()
        }
    };
    Message {
        title: "The check could not be finished".to_owned(),
        paragraphs: vec![
            what,
            "Nothing was lost. The answer is kept in this tab, unused, until it has been checked."
                .to_owned(),
            "Check your internet connection, then try again.".to_owned(),
        ],
    }
}

/// Why a connection could not be asked for.
pub fn not_started(error: StartError) -> Message {
    match error {
        StartError::StorageUnavailable => message(
            "This browser does not let the page keep anything",
            &[
                "To recognize the answer from Constant Contact, this page has to keep one short \
                 note in this tab. The browser refused it. Nothing was sent and nothing was lost.",
                "Allow this site to keep data, or leave private browsing. Then try again.",
            ],
        ),
        StartError::RandomnessUnavailable => message(
            "This browser has no random numbers to give",
            &[
                "Without them a request could be forged, so none was sent. Nothing was lost.",
                "Try again in a current browser.",
            ],
        ),
        StartError::NavigationFailed => message(
            "The browser did not leave this page",
            &["Nothing was sent and nothing was lost.", "Try again."],
        ),
    }
}

/// Why something could not be shown. `what` is the thing, as in “The account could not be shown”.
pub fn api(error: &ApiError, what: &str) -> Message {
    let not_shown = format!("{what} could not be shown. Nothing was lost or changed.");
    let (title, next) = match error {
        ApiError::Unauthorized => ("The connection is not accepted", "Connect again."),
        ApiError::Forbidden => (
            "You may not see this",
            "Constant Contact refused: the permission was not given, your user’s role in this \
             account does not include it, or the application was switched off. The account’s owner \
             can change your role.",
        ),
        ApiError::NotFound => (
            "Constant Contact does not know this",
            "Try again. If it happens again, this page may be out of date.",
        ),
        ApiError::Throttled => (
            "Too many requests at once",
            "Constant Contact allows four a second, shared by all tabs and all users of this page. \
             Wait a moment, then try again.",
        ),
        ApiError::QuotaExceeded => (
            "Today’s requests are used up",
            "Constant Contact allows 10,000 a day, shared by all users of this page. It starts \
             anew at midnight UTC.",
        ),
        ApiError::Unavailable { .. } => (
            "Constant Contact has a problem",
            "It could not answer. Wait a minute, then try again.",
        ),
        ApiError::Unreachable => (
            "Constant Contact did not answer",
            "Check your internet connection, or try again in a minute.",
        ),
        ApiError::Unexpected { .. } => (
            "Constant Contact answered something unexpected",
            "Try again. If it happens again, this page may be out of date.",
        ),
    };
    message(title, &[&not_shown, next])
}

/// Why there are no settings; mistakes are listed apart, by [`mistake`].
pub fn config_file(error: &ConfigFileError, url: &str) -> (&'static str, Message) {
    let text = |title: &str, what: String, next: &str| Message {
        title: title.to_owned(),
        paragraphs: vec![what, next.to_owned()],
    };
    const NEXT: &str = "Check that the file lies beside index.html, then try again.";
    match error {
        ConfigFileError::Unreachable => (
            "config_unreachable",
            text(
                "config.json could not be read",
                format!(
                    "This page reads its settings from {url}. There was no answer. Nothing was lost."
                ),
                "Check your internet connection, then try again.",
            ),
        ),
        ConfigFileError::Status(status) => (
            "config_unreachable",
            text(
                "config.json could not be read",
                format!(
                    "This page reads its settings from {url}. The server answered {status}. Nothing was lost."
                ),
                NEXT,
            ),
        ),
        ConfigFileError::Config(ConfigError::Mistakes(mistakes)) => (
            "config_mistakes",
            Message {
                title: match mistakes.len() {
                    1 => "1 mistake in config.json".to_owned(),
                    count => format!("{count} mistakes in config.json"),
                },
                paragraphs: vec![],
            },
        ),
        ConfigFileError::Config(ConfigError::Malformed(_) | ConfigError::NotSetUp) => (
            "config_malformed",
            text(
                "config.json is not JSON",
                format!(
                    "What {url} answers with is not one JSON object in which each name occurs once."
                ),
                "A comma too many or a missing quotation mark is the usual reason. If the server \
                 answers with a web page instead, the file is not beside index.html.",
            ),
        ),
    }
}

/// A mistake in the settings: what is wrong, and what to write instead.
pub fn mistake(mistake: &Mistake, redirect_uri: &str) -> (String, String) {
    let key = &mistake.key;
    let (wrong, instead): (&str, String) = match &mistake.problem {
        Problem::UnknownKey(Some(nearest)) => (
            "There is no setting with this name.",
            format!("Write “{nearest}”."),
        ),
        Problem::UnknownKey(None) => (
            "There is no setting with this name.",
            format!(
                "Leave it out. The settings are {}.",
                crate::config::KEYS.join(", ")
            ),
        ),
        Problem::NotText => (
            "The value is not a text.",
            format!("Put it between quotation marks: \"{key}\": \"…\""),
        ),
        Problem::Empty if key == "client_id" => (
            "There is no API key.",
            "Write the API key from Constant Contact’s developer portal.".to_owned(),
        ),
        Problem::Empty => (
            "The value is empty.",
            format!("Write a value, or leave “{key}” out to use Constant Contact’s own."),
        ),
        Problem::NotAUrl => (
            "This is not the address of something.",
            "Write a whole address, such as https://example.com/callback".to_owned(),
        ),
        Problem::NotHttps => (
            "The address begins with http, so others could read along.",
            "Write it with https. Plain http is accepted for this computer only (localhost)."
                .to_owned(),
        ),
        Problem::HasUserinfo => (
            "The address has a user name or password in it.",
            "Leave out everything up to the @.".to_owned(),
        ),
        Problem::HasQuery => (
            "The address has a query, the part from the question mark on.",
            "Leave it out.".to_owned(),
        ),
        Problem::HasFragment if key == "redirect_uri" => (
            "The address has a fragment, the part from # on. The answer itself arrives there, and \
             Constant Contact registers no such address.",
            format!("Leave it out: \"{redirect_uri}\""),
        ),
        Problem::HasFragment => (
            "The address has a fragment, the part from # on.",
            "Leave it out.".to_owned(),
        ),
        Problem::TrailingSlash => (
            "The address ends with a slash.",
            "Leave the last slash out.".to_owned(),
        ),
        Problem::OtherOrigin { page } => (
            "The answer would go to another site than this page, which could not take it.",
            format!(
                "Open the page at that site, or write an address that begins with {page}/ : \"{redirect_uri}\""
            ),
        ),
        Problem::ScopeSeparators { instead } => (
            "Permissions are separated by single spaces.",
            format!("Write \"{instead}\"."),
        ),
        Problem::MalformedScope => (
            "A permission has a character that none may have, or there is none at all.",
            format!("Write \"{}\".", constant_contact::SCOPE),
        ),
        Problem::NotOneOf(values) => (
            "This value is not known.",
            format!("Write \"{}\".", values.join("\" or \"")),
        ),
        Problem::Whitespace => (
            "There are spaces before or after the value.",
            "Leave them out.".to_owned(),
        ),
    };
    (wrong.to_owned(), instead)
}

/// A permission's name for people, and why it is asked for.
pub fn permission(scope: &str) -> Option<(&'static str, &'static str)> {
    Some(match scope {
        "account_read" => ("Your account", "To see its name and details."),
        "account_update" => ("Your account’s details", "To change them."),
        "contact_data" => ("Contacts", "To count your contacts and lists."),
        "campaign_data" => ("Campaigns", "To show your latest campaigns."),
        "offline_access" => ("Staying connected", "To go on without asking again."),
        _ => return None,
    })
}

/// What a check of the verification establishes.
pub fn check(name: &str, of_id_token: bool) -> &'static str {
    match name {
        "typ" if of_id_token => "Its type, if it names one, is that of an ID token",
        "aud" if of_id_token => "The token is meant for this application",
        "azp" => "If it names the application it was issued to, that is this one",
        "only_aud" => "It is meant for nobody else",
        "id_nonce" => "It answers this request and no other",
        "at_hash" => "It belongs to the access token that it came with",
        "same_sub" => "It names the same person as the first one",
        "compact" => "The token is a signed JWT in compact form",
        "typ" => "Its type, if it names one, is that of an access token",
        "alg" => "The algorithm is the one this page insists on",
        "crit" => "The header demands no extension",
        "kid" => "The issuer has published the key",
        "key_size" => "The key is an RSA signing key of at least 2048 bits",
        "signature" => "The signature is valid under that key",
        "claims" => "The claims are one JSON object, each named once",
        "iss" => "The issuer is the configured one",
        "aud" => "The token is meant for this API",
        "exp" => "It has not expired",
        "nbf" => "It is valid already",
        "iat" => "It was issued after the request, not in the future, and for 24 hours at most",
        "sub" => "It names a person",
        "cid" => "It was issued to this application",
        "platform_user_id" => "The person belongs to a Constant Contact account",
        "nonce" => "If it answers one request only, that request is this one",
        _ => "Another check",
    }
}

/// What a check with nothing to look at did not find.
pub fn nothing_to_check(name: &str) -> &'static str {
    match name {
        "typ" => "The header carries no typ",
        "nbf" => "The token carries no nbf",
        "nonce" => "The token carries no nonce, as always",
        "azp" => "The token carries no azp",
        "id_nonce" => "The token carries no nonce, as always at a renewal",
        "at_hash" => "The token carries no at_hash",
        "same_sub" => "It is the first one",
        _ => "",
    }
}

/// The outcome of a check, in a word.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "Passed",
        Outcome::Failed => "Failed",
        Outcome::NotApplicable => "Not needed",
        Outcome::NotReached => "Not reached",
    }
}

/// What a claim means.
pub fn claim(name: &str) -> &'static str {
    match name {
        "iss" => "Issuer",
        "aud" => "Audience",
        "sub" => "The person’s user name",
        "exp" => "Ends",
        "nbf" => "Begins",
        "iat" => "Issued",
        "jti" => "Name of this token",
        "cid" => "This application",
        "uid" => "The person, to the issuer",
        "scp" => "Permissions",
        "platform_user_id" => "The person, to Constant Contact",
        "ver" => "Version of this form",
        _ => "",
    }
}

/// A campaign's status in a word, and the badge's looks.
pub fn campaign_status(status: &str) -> (&str, &'static str) {
    match status {
        "Draft" => ("Draft", "badge"),
        "Scheduled" => ("Scheduled", "badge badge-half"),
        "Executing" => ("Being sent", "badge badge-half"),
        "Done" => ("Sent", "badge badge-good"),
        "Error" => ("Failed", "badge badge-bad"),
        "Removed" => ("Removed", "badge"),
        other => (other, "badge"),
    }
}

/// A length of time: `4 h 12 min`, `4 min 51 s`, `9 s`.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, 1..=9) => format!("{minutes} min {rest} s"),
        (0, _) => format!("{minutes} min"),
        _ => format!("{hours} h {minutes} min"),
    }
}
