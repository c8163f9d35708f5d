//! The token endpoint's response
//! ([RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749.html#section-5)). It is one JSON object,
//! parsed strictly; so are the members that decide something
//! ([the rule](crate::json#what-decides-and-what-does-not)).

use super::{
    access_token_response::{AccessTokenResponse, AccessTokenResponseError},
    error_response::{ErrorCode, ErrorResponse},
    secret::{IdToken, RefreshToken},
};
use crate::{json, time::Timestamp};
use serde_json::{Map, Value};
use thiserror::Error;

/// The longest response that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The longest `Retry-After` that is honored, in seconds.
pub const MAX_RETRY_AFTER: i64 = 60 * 60;
/// The pause before a code that was not processed is sent again, in seconds.
pub const UNPROCESSED_PAUSE: i64 = 5;

/// What the token endpoint says it granted, still unverified.
///
/// ```
/// use cc_connect_core::oauth::{Prospect, TokenEndpointError, TokenResponse};
///
/// // The example of RFC 6749 §5.1.
/// let body = br#"{
///     "access_token": "2YotnFZFEjr1zCsicMWpAA",
///     "token_type": "Bearer",
///     "expires_in": 3600,
///     "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA"
/// }"#;
/// let response = TokenResponse::read(200, body)?;
/// assert_eq!(response.access.expires_in, Some(3_600));
/// assert!(response.refresh_token.is_some());
///
/// let error = TokenResponse::read(400, br#"{"error": "invalid_grant"}"#).unwrap_err();
/// assert_eq!((error.code(), error.prospect()), ("invalid_grant", Prospect::Final));
/// # Ok::<(), TokenEndpointError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// `access_token`, `expires_in` and `scope`: what the implicit grant has, too.
    pub access: AccessTokenResponse,
    /// `refresh_token`. OPTIONAL; `None` if unreadable. If a refresh response has none, the one
    /// that was used stays valid.
    pub refresh_token: Option<RefreshToken>,
    /// `id_token`, whatever its type: it is checked only if it was requested, and then strictly.
    pub id_token: Option<IdToken>,
}

/// Why there is no token from the token endpoint. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenEndpointError {
    /// There is no network: nothing was sent.
    #[error("there is no network")]
    Offline,
    /// A code was not exchanged in time: nothing was sent.
    #[error("the code was not exchanged in time")]
    CodeExpired,
    /// The browser cannot keep two tabs from using the same refresh token: nothing was sent.
    #[error("nothing keeps two tabs from using the same refresh token")]
    NotExclusive,
    /// No readable response: the network failed, or the response had no CORS headers for this
    /// origin.
    #[error("no readable response from the token endpoint")]
    Unreachable,
    /// 429: too many requests, and this one was not processed.
    #[error("the token endpoint has received too many requests")]
    Throttled {
        /// `Retry-After`, in seconds, if it could be read.
        retry_after: Option<u32>,
    },
    /// Another page of this origin holds the lock on the refresh token and did not release it:
    /// nothing was sent.
    #[error("another page holds the lock on the refresh token")]
    Locked,
    /// A status other than 200, without a readable error.
    #[error("the token endpoint responded with status {0}, expected 200")]
    Status(u16),
    /// A response longer than [`MAX_BYTES`].
    #[error("the token response is longer than {MAX_BYTES} bytes")]
    TooLarge,
    /// Not one JSON object with unique members, or one whose token cannot be read.
    #[error("the token response is not one JSON object with unique members")]
    Malformed,
    /// A readable response that was not accepted, or the authorization server's error response.
    #[error(transparent)]
    Refused(#[from] AccessTokenResponseError),
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

    /// Whether another attempt with the same refresh token may succeed.
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::Offline | Self::Locked | Self::Unreachable | Self::Throttled { .. } => {
                Prospect::Passing
            }
            Self::Status(500..) => Prospect::Passing,
            // RFC 6749 §5.2: a refusal of the token endpoint has an `error`. This was a gateway, a
            // firewall or a captive portal.
            Self::Status(_) | Self::TooLarge | Self::Malformed => Prospect::Unclear,
            Self::Refused(AccessTokenResponseError::ErrorResponse(ErrorResponse {
                code: ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable,
                ..
            })) => Prospect::Passing,
            Self::Refused(_) | Self::CodeExpired | Self::NotExclusive => Prospect::Final,
        }
    }

    /// How long the server asks to wait, in seconds: `Retry-After`, at most [`MAX_RETRY_AFTER`].
    pub fn retry_after(&self) -> i64 {
        match self {
            Self::Throttled {
                retry_after: Some(seconds),
            } => i64::from(*seconds).min(MAX_RETRY_AFTER),
            _ => 0,
        }
    }

    /// How long to wait, in seconds, before resending a code that was certainly not processed;
    /// `None` if it may have been.
    ///
    /// ```
    /// use cc_connect_core::oauth::TokenEndpointError;
    ///
    /// let throttled = TokenEndpointError::Throttled { retry_after: Some(30) };
    /// assert_eq!(throttled.unprocessed_pause(), Some(30));
    /// // The response may have been lost on its way back.
    /// assert_eq!(TokenEndpointError::Unreachable.unprocessed_pause(), None);
    /// ```
    pub fn unprocessed_pause(&self) -> Option<i64> {
        match self {
            Self::Offline | Self::Throttled { .. } => {
                Some(UNPROCESSED_PAUSE.max(self.retry_after()))
            }
            _ => None,
        }
    }

    /// [`Throttled`](Self::Throttled), from the [`Retry-After`] of a response: either seconds or a
    /// date.
    ///
    /// ```
    /// use cc_connect_core::{oauth::TokenEndpointError, time::Timestamp};
    ///
    /// let now = Timestamp::from_unix_seconds(784_111_717);
    /// for retry_after in ["60", "Sun, 06 Nov 1994 08:49:37 GMT"] {
    ///     assert_eq!(TokenEndpointError::throttled(Some(retry_after), now).retry_after(), 60);
    /// }
    /// ```
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

/// Whether another attempt with the same refresh token may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// The network, a lock or an overloaded server was in the way: worth trying until it works.
    Passing,
    /// The response does not seem to come from a token endpoint: worth a few attempts.
    Unclear,
    /// It will fail again: the server understood and refused the request, or responded with a token
    /// and so used up the refresh token.
    Final,
}

impl TokenResponse {
    /// Parses a response: the [`AccessTokenResponse`] of a 200, or the error response of any other
    /// status.
    ///
    /// # Errors
    ///
    /// [`TokenEndpointError::Throttled`] without a `Retry-After`,
    /// [`Status`](TokenEndpointError::Status), [`TooLarge`](TokenEndpointError::TooLarge),
    /// [`Malformed`](TokenEndpointError::Malformed) or [`Refused`](TokenEndpointError::Refused).
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
                Some(response) => AccessTokenResponseError::ErrorResponse(response).into(),
                None => TokenEndpointError::Status(status),
            });
        }
        Self::read_success(&object.map_err(|_| TokenEndpointError::Malformed)?)
    }

    fn read_success(object: &Map<String, Value>) -> Result<Self, TokenEndpointError> {
        let access_token = deciding(object, "access_token")?;
        let token_type = deciding(object, "token_type")?;
        let access = AccessTokenResponse::from_members(|name| match name {
            "access_token" => access_token,
            "token_type" => token_type,
            _ => text(object, name),
        });
        let mut access = access?;
        if there(object, "error").is_some() {
            return Err(AccessTokenResponseError::TokenAndError.into());
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
                // Anything but a string is rejected later, if an ID token was requested.
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

/// A member that is present; an empty string and `null` count as absent.
fn there<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// A string member; any other type counts as absent.
fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    there(object, name)?.as_str()
}

/// A string member; any other type is an error.
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
