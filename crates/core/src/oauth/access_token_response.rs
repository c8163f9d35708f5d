//! The successful response
//! ([RFC 6749 §4.2.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.2)), and the members
//! it shares with the token endpoint's response
//! ([§5.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.1)).

use super::{
    error_response::ErrorResponse, parameters::Parameters, scope::Scope, secret::AccessToken,
};
use thiserror::Error;

/// Why a response, at the redirection endpoint or from the token endpoint, yields neither a token
/// nor a code. [`code`](Self::code) is stable.
///
/// ```
/// use cc_connect_core::oauth::{AccessTokenResponseError, ErrorResponse};
///
/// assert_eq!(AccessTokenResponseError::TokenAndError.code(), "token_and_error");
/// let response = ErrorResponse::new("access_denied", None);
/// assert_eq!(AccessTokenResponseError::ErrorResponse(response).code(), "access_denied");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AccessTokenResponseError {
    /// It has neither an error nor what was requested.
    #[error("the response has neither an error nor what was requested")]
    NeitherTokenNorError,
    /// It has both an error and a token or a code.
    #[error("the response has both an error and what was requested")]
    TokenAndError,
    /// `token_type` is not `Bearer`.
    #[error("the token type is not Bearer")]
    UnsupportedTokenType,
    /// The authorization server responded with an error.
    #[error("the authorization server responded with an error")]
    ErrorResponse(#[source] ErrorResponse),
}

impl AccessTokenResponseError {
    /// The stable name of the reason; an error response's is the server's own code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeitherTokenNorError => "neither_token_nor_error",
            Self::TokenAndError => "token_and_error",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::ErrorResponse(response) => response.code.code(),
        }
    }
}

/// What the authorization server says it granted, still unverified.
#[derive(Clone, Debug)]
pub struct AccessTokenResponse {
    /// `access_token`, REQUIRED: issued by the authorization server, and still to be verified.
    pub access_token: AccessToken,
    /// `expires_in`, in seconds. RECOMMENDED; `None` if unreadable. Only the token's own `exp`
    /// counts.
    pub expires_in: Option<u32>,
    /// `scope`. OPTIONAL if it is what was requested; `None` if unreadable.
    pub scope: Option<Scope>,
}

impl AccessTokenResponse {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, AccessTokenResponseError> {
        Self::from_members(|name| parameters.get(name))
    }

    /// Reads the members that both endpoints share; `get` must not return an empty one. Two of them
    /// decide ([the rule](crate::json#what-decides-and-what-does-not)).
    pub(super) fn from_members<'a>(
        get: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, AccessTokenResponseError> {
        let access_token =
            get("access_token").ok_or(AccessTokenResponseError::NeitherTokenNorError)?;
        // RFC 6749 §7.1: the client must not use a token whose type it does not understand;
        // §4.2.2 and §5.1: the value is case insensitive.
        let token_type = get("token_type");
        if !token_type.is_some_and(|found| found.eq_ignore_ascii_case("Bearer")) {
            return Err(AccessTokenResponseError::UnsupportedTokenType);
        }
        Ok(Self {
            access_token: AccessToken::new(access_token.to_owned()),
            expires_in: get("expires_in").and_then(parse_seconds),
            scope: get("scope").and_then(Scope::read),
        })
    }
}

/// Parses a number of seconds, plain or as a quoted JSON string: the documentation shows both.
///
/// ```
/// use cc_connect_core::oauth::access_token_response::parse_seconds;
///
/// assert_eq!(parse_seconds("28800"), Some(28_800));
/// assert_eq!(parse_seconds("\"28800\""), Some(28_800));
/// assert_eq!(parse_seconds("-1"), None);
/// ```
pub fn parse_seconds(text: &str) -> Option<u32> {
    let digits = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    // `parse` would accept a sign, too.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
