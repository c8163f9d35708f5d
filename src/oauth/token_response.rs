//! The token endpoint's answer
//! ([RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749.html#section-5)). One JSON object, read
//! strictly; of its members what decides, too
//! ([the rule](crate::json#what-decides-and-what-does-not)).

use super::{
    AccessTokenResponse, ErrorCode, ErrorResponse, IdToken, RedirectionError, RefreshToken,
};
use crate::json;
use serde_json::{Map, Value};

/// The longest answer that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

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
    /// 429: asked too often.
    Throttled,
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
            Self::Unreachable => "token_endpoint_unreachable",
            Self::Throttled => "token_endpoint_throttled",
            Self::Status(_) => "token_endpoint_status",
            Self::TooLarge => "token_response_too_large",
            Self::Malformed => "token_response_malformed",
            Self::Refused(error) => error.code(),
        }
    }

    /// Whether asking again with the same refresh token may help. What the server understood and
    /// refused it will refuse again, and what it answered with a token was used up.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Offline | Self::Unreachable | Self::Throttled => true,
            Self::Status(status) => *status >= 500,
            Self::Refused(RedirectionError::ErrorResponse(response)) => matches!(
                response.code,
                ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable
            ),
            _ => false,
        }
    }
}

impl TokenResponse {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// [`TokenEndpointError`].
    pub fn read(status: u16, body: &[u8]) -> Result<Self, TokenEndpointError> {
        if status == 429 {
            return Err(TokenEndpointError::Throttled);
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
