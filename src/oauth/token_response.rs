//! The token endpoint's answer
//! ([RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749.html#section-5)). One JSON object, read
//! strictly; of its members what decides, too
//! ([the rule](crate::json#what-decides-and-what-does-not)).

use super::{
    AccessTokenResponse, ErrorCode, ErrorResponse, IdToken, RedirectionError, RefreshToken,
};
use crate::{json, time::Timestamp};
use serde_json::{Map, Value};

/// The longest answer that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The longest `Retry-After` that is respected, in seconds.
pub const MAX_RETRY_AFTER: i64 = 60 * 60;
/// Before a code is sent that was not processed, in seconds.
pub const UNPROCESSED_PAUSE: i64 = 5;

/// What the token endpoint granted, by its own word and still unverified.
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// `access_token`, `expires_in` and `scope`.
    pub access: AccessTokenResponse,
    /// `refresh_token`, if it can be read. At a refresh, absent if the one that was used stays in
    /// force.
    pub refresh_token: Option<RefreshToken>,
    /// `id_token`, whatever it is: it is looked at only where it was asked for, and then strictly.
    pub id_token: Option<IdToken>,
}

/// Why there is no token from the token endpoint. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenEndpointError {
    /// There is no network: nothing was sent.
    Offline,
    /// A code was not exchanged in time: nothing was sent.
    CodeExpired,
    /// The browser cannot keep two tabs from using one refresh token: nothing was sent.
    NotExclusive,
    /// No readable answer: the network failed, or the answer had no CORS headers for this origin.
    Unreachable,
    /// 429: asked too often, and the request was not processed.
    Throttled {
        /// `Retry-After`, in seconds, if it could be read.
        retry_after: Option<u32>,
    },
    /// Another page of this origin holds the lock on the refresh token and has not let go: nothing was
    /// sent.
    Locked,
    /// Neither 200 nor a readable error.
    Status(u16),
    /// An answer of more than [`MAX_BYTES`].
    TooLarge,
    /// Not one JSON object with unique members, or one whose token cannot be read.
    Malformed,
    /// A readable answer that was not accepted, or the authorization server's own refusal.
    Refused(RedirectionError),
}

impl TokenEndpointError {
    /// The stable name of the reason; an error response's is the server's own code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offline => "token_endpoint_offline",
            Self::CodeExpired => "authorization_code_expired",
            Self::NotExclusive => "refresh_not_exclusive",
            Self::Locked => "refresh_locked",
            Self::Unreachable => "token_endpoint_unreachable",
            Self::Throttled { .. } => "token_endpoint_throttled",
            Self::Status(_) => "token_endpoint_status",
            Self::TooLarge => "token_response_too_large",
            Self::Malformed => "token_response_malformed",
            Self::Refused(error) => error.code(),
        }
    }

    /// What another attempt with the same refresh token promises.
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::Offline | Self::Locked | Self::Unreachable | Self::Throttled { .. } => {
                Prospect::Passing
            }
            Self::Status(500..) => Prospect::Passing,
            // RFC 6749 §5.2: a token endpoint that refuses says `error`. This was a gateway, a
            // firewall or a captive portal.
            Self::Status(_) | Self::TooLarge | Self::Malformed => Prospect::Unclear,
            Self::Refused(RedirectionError::ErrorResponse(ErrorResponse {
                code: ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable,
                ..
            })) => Prospect::Passing,
            Self::Refused(_) | Self::CodeExpired | Self::NotExclusive => Prospect::Final,
        }
    }

    /// How long the server asks to wait, in seconds: `Retry-After`, within reason.
    pub fn retry_after(&self) -> i64 {
        match self {
            Self::Throttled {
                retry_after: Some(seconds),
            } => i64::from(*seconds).min(MAX_RETRY_AFTER),
            _ => 0,
        }
    }

    /// How long to wait, in seconds, before a code is sent that was certainly not processed; `None`
    /// if it may have been.
    pub fn unprocessed_pause(&self) -> Option<i64> {
        match self {
            Self::Offline | Self::Throttled { .. } => {
                Some(UNPROCESSED_PAUSE.max(self.retry_after()))
            }
            _ => None,
        }
    }

    /// [`Throttled`](Self::Throttled) by a response with this [`Retry-After`], which is either seconds
    /// or a date.
    ///
    /// [`Retry-After`]: https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3
    pub fn throttled(retry_after: Option<&str>, now: Timestamp) -> Self {
        let seconds = |text: &str| {
            let text = text.trim();
            text.parse().ok().or_else(|| {
                let date = httpdate::parse_http_date(text).ok()?;
                let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
                let date = Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).ok()?);
                u32::try_from(date.seconds_since(now).max(0)).ok()
            })
        };
        Self::Throttled {
            retry_after: retry_after.and_then(seconds),
        }
    }
}

/// What another attempt with the same refresh token promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// It may well succeed.
    Passing,
    /// The response did not come from a token endpoint, as far as can be told: worth some attempts.
    Unclear,
    /// What the server understood and refused it will refuse again, and what it answered with a token
    /// was used up.
    Final,
}

impl TokenResponse {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// [`TokenEndpointError`].
    pub fn read(status: u16, body: &[u8]) -> Result<Self, TokenEndpointError> {
        if status == 429 {
            return Err(TokenEndpointError::Throttled { retry_after: None });
        }
        if body.len() > MAX_BYTES {
            return Err(TokenEndpointError::TooLarge);
        }
        let object = json::parse_object(body);
        if status != 200 {
            let response = object.ok().as_ref().and_then(error_response);
            return Err(match response {
                Some(response) => {
                    TokenEndpointError::Refused(RedirectionError::ErrorResponse(response))
                }
                None => TokenEndpointError::Status(status),
            });
        }
        Self::read_success(&object.map_err(|_| TokenEndpointError::Malformed)?)
    }

    fn read_success(object: &Map<String, Value>) -> Result<Self, TokenEndpointError> {
        let access_token = deciding(object, "access_token")?;
        let token_type = deciding(object, "token_type")?;
        let access = AccessTokenResponse::of(|name| match name {
            "access_token" => access_token,
            "token_type" => token_type,
            _ => text(object, name),
        });
        let mut access = access.map_err(TokenEndpointError::Refused)?;
        if there(object, "error").is_some() {
            return Err(TokenEndpointError::Refused(RedirectionError::TokenAndError));
        }
        // The documentation shows a number as well as a string.
        if let Some(seconds) = object.get("expires_in").and_then(json::whole) {
            access.expires_in = u32::try_from(seconds).ok();
        }
        Ok(Self {
            access,
            refresh_token: text(object, "refresh_token")
                .map(|text| RefreshToken::new(text.to_owned())),
            id_token: there(object, "id_token").map(|value| {
                // What is no string is no ID token either, and is refused where one was asked for.
                let text = value.as_str().map(str::to_owned);
                IdToken::new(text.unwrap_or_else(|| value.to_string()))
            }),
        })
    }
}

fn error_response(object: &Map<String, Value>) -> Option<ErrorResponse> {
    Some(ErrorResponse::new(
        text(object, "error")?,
        text(object, "error_description"),
    ))
}

/// A member that is there; an empty string and `null` count as absent.
fn there<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// A string; what is none is left out.
fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    there(object, name)?.as_str()
}

/// A string, and nothing else.
fn deciding<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, TokenEndpointError> {
    match there(object, name) {
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenEndpointError::Malformed),
        None => Ok(None),
    }
}
