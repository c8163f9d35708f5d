//! The judge at the redirection endpoint: `state` first, then agreement with the request, then
//! error or token.

use super::{
    AccessTokenResponse, AuthorizationResponse, Client, ErrorResponse, NoPendingAuthorization,
    PendingAuthorization,
};
use crate::time::Timestamp;

/// Why a readable response was not accepted. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectionError {
    /// No `state`, in a token or in an error response.
    StateMissing,
    /// No record of a request, for the reason given.
    NoPending(NoPendingAuthorization),
    /// The record found is of another state.
    StateMismatch,
    /// The request is older than ten minutes.
    PendingExpired,
    /// The request was made under other settings (client_id, redirect_uri or issuer).
    ConfigurationChanged,
    /// `iss` names another issuer ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207.html)).
    IssuerMismatch,
    /// Both a token and an error.
    TokenAndError,
    /// Neither.
    NeitherTokenNorError,
    /// `token_type` is not `Bearer`.
    UnsupportedTokenType,
    /// `expires_in` is not a number of seconds.
    InvalidExpiresIn,
    /// `scope` is not a list of words.
    MalformedScope,
    /// The authorization server answered with an error.
    ErrorResponse(ErrorResponse),
}

impl RedirectionError {
    /// The stable name of the reason; an error response's is the server's own code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::StateMissing => "state_missing",
            Self::NoPending(NoPendingAuthorization::NoneStored) => "no_pending_authorization",
            Self::NoPending(NoPendingAuthorization::OtherState) | Self::StateMismatch => {
                "state_mismatch"
            }
            Self::NoPending(NoPendingAuthorization::Unreadable) => {
                "pending_authorization_unreadable"
            }
            Self::PendingExpired => "pending_authorization_expired",
            Self::ConfigurationChanged => "configuration_changed",
            Self::IssuerMismatch => "response_issuer_mismatch",
            Self::TokenAndError => "token_and_error",
            Self::NeitherTokenNorError => "neither_token_nor_error",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidExpiresIn => "invalid_expires_in",
            Self::MalformedScope => "malformed_scope",
            Self::ErrorResponse(response) => response.code.code(),
        }
    }
}

/// Accepts a response to a request of ours, or says why not.
///
/// `pending` is the record that was stored under the response's `state`; it has been taken out of
/// the storage already, so that it serves once whatever is found here.
///
/// # Errors
///
/// [`RedirectionError`], with the first reason met in the order of its variants.
pub fn accept(
    client: &Client,
    response: &AuthorizationResponse,
    pending: Result<&PendingAuthorization, NoPendingAuthorization>,
    now: Timestamp,
) -> Result<AccessTokenResponse, RedirectionError> {
    let state = response.state().ok_or(RedirectionError::StateMissing)?;
    let pending = pending.map_err(RedirectionError::NoPending)?;
    if !pending.state.matches(state) {
        return Err(RedirectionError::StateMismatch);
    }
    if pending.is_stale(now) {
        return Err(RedirectionError::PendingExpired);
    }
    if !pending.is_of(client) {
        return Err(RedirectionError::ConfigurationChanged);
    }

    let parameters = &response.parameters;
    if parameters
        .get("iss")
        .is_some_and(|issuer| issuer != client.issuer)
    {
        return Err(RedirectionError::IssuerMismatch);
    }
    let error = ErrorResponse::read(parameters);
    match (error, parameters.get("access_token")) {
        (Some(_), Some(_)) => Err(RedirectionError::TokenAndError),
        (Some(error), None) => Err(RedirectionError::ErrorResponse(error)),
        (None, _) => AccessTokenResponse::read(parameters),
    }
}
