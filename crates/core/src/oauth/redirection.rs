//! Decides whether to accept an authorization response: `state` first, then agreement with the
//! request, then error, token or code.

use super::{
    access_token_response::{AccessTokenResponse, AccessTokenResponseError},
    authorization_response::AuthorizationResponse,
    client::{Client, ResponseType},
    error_response::ErrorResponse,
    pending_authorization::{NoPendingAuthorization, PendingAuthorization},
    secret::AuthorizationCode,
};
use crate::time::Timestamp;
use thiserror::Error;

/// How much of an address is shown, in characters.
const MAX_ADDRESS: usize = 300;

/// Why a readable response was not accepted. [`code`](Self::code) is stable.
///
/// ```
/// use cc_connect_core::oauth::{NoPendingAuthorization, RedirectionError};
///
/// let error = RedirectionError::NoPending(NoPendingAuthorization::NoneStored);
/// assert_eq!(error.code(), "no_pending_authorization");
///
/// let registered = "https://app.example/callback";
/// let error = RedirectionError::at_other_address(registered, "https://app.example/");
/// assert_eq!(
///     error.to_string(),
///     "the response arrived at \"https://app.example/\", \
///      expected at \"https://app.example/callback\""
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RedirectionError {
    /// It arrived at an address other than the redirect URI.
    #[error("the response arrived at {arrived:?}, expected at {registered:?}")]
    OtherAddress {
        /// The registered redirect URI, where it should have arrived.
        registered: String,
        /// Where it arrived, truncated and without the response itself.
        arrived: String,
    },
    /// It has no `state`, which is REQUIRED in a response to a request that has one.
    #[error("the response has no state")]
    StateMissing,
    /// There is no record of its request, for this reason.
    #[error("the response belongs to no request that is known")]
    NoPending(#[source] NoPendingAuthorization),
    /// The record found has another `state`.
    #[error("the state of the response is not that of the request")]
    StateMismatch,
    /// The request is older than the settings allow.
    #[error("the request is older than the settings allow")]
    PendingExpired,
    /// The request was made under other settings (client_id, redirect_uri or issuer).
    #[error("the request was made with other settings")]
    ConfigurationChanged,
    /// `iss` names another issuer ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207.html)).
    #[error("the response names another issuer")]
    IssuerMismatch,
    /// A token where a code was requested, or vice versa. One is never accepted instead of the
    /// other.
    #[error("a token came where a code was requested, or a code where a token was")]
    OtherResponseType,
    /// It responds to our request, but neither with a token nor with a code.
    #[error(transparent)]
    Response(#[from] AccessTokenResponseError),
}

impl RedirectionError {
    /// [`OtherAddress`](Self::OtherAddress), with `arrived` truncated.
    pub fn at_other_address(registered: &str, arrived: &str) -> Self {
        Self::OtherAddress {
            registered: registered.to_owned(),
            arrived: arrived.chars().take(MAX_ADDRESS).collect(),
        }
    }

    /// The stable name of the reason; an error response's is the server's own code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherAddress { .. } => "response_at_other_address",
            Self::StateMissing => "state_missing",
            Self::NoPending(NoPendingAuthorization::NoneStored) => "no_pending_authorization",
            Self::NoPending(NoPendingAuthorization::LostAgain) => "pending_authorization_lost",
            Self::NoPending(NoPendingAuthorization::OtherState) | Self::StateMismatch => {
                "state_mismatch"
            }
            Self::NoPending(NoPendingAuthorization::Unreadable) => {
                "pending_authorization_unreadable"
            }
            Self::PendingExpired => "pending_authorization_expired",
            Self::ConfigurationChanged => "configuration_changed",
            Self::IssuerMismatch => "response_issuer_mismatch",
            Self::OtherResponseType => "response_type_mismatch",
            Self::Response(error) => error.code(),
        }
    }
}

/// What an accepted response holds.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// An access token: the implicit grant.
    Token(AccessTokenResponse),
    /// A code to exchange: the authorization code grant.
    Code(AuthorizationCode),
}

/// Accepts a response to one of our requests, or returns why not.
///
/// `pending` is the record that was stored under the response's `state`. It has already been
/// removed from storage, so that it is used once whatever the outcome.
///
/// # Errors
///
/// [`RedirectionError`], the first that applies: whether the response is ours, then whether it has
/// an error, then whether it has what was requested.
///
/// ```
/// use cc_connect_core::oauth::{
///     Accepted, AuthorizationResponse, CapturedResponse, ClientAuthentication, TokenRequest, accept,
/// };
/// # use cc_connect_core::{ReturnTo, constant_contact, time::Timestamp};
/// # use cc_connect_core::oauth::{Client, Entropy, ResponseType, authorization_request};
/// # let redirect_uri = "https://app.example/callback";
/// # let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
/// # let client = Client::new(registration)?;
/// # let entropy = Entropy { state: [1; 32], nonce: [2; 32], code_verifier: [3; 32] };
/// # let now = Timestamp::from_unix_seconds(1_790_000_000);
/// # let pending = authorization_request(&client, &entropy, ReturnTo::START, now).pending;
///
/// // `client` and `now` as in the request; `pending` was stored under the response's state.
/// let captured = CapturedResponse {
///     query: format!("code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state.expose()),
///     ..CapturedResponse::default()
/// };
/// let response = AuthorizationResponse::parse(&captured)?;
/// match accept(&client, &response, Ok(&pending), now)? {
///     Accepted::Code(code) => {
///         let request = TokenRequest::for_code(&code, &pending, ClientAuthentication::None);
///         assert!(request.expose_body().contains("&code=SplxlOBeZQQYbYS6WxSbIA&"));
///     }
///     Accepted::Token(_) => unreachable!("a code was requested"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn accept(
    client: &Client,
    response: &AuthorizationResponse,
    pending: Result<&PendingAuthorization, NoPendingAuthorization>,
    now: Timestamp,
) -> Result<Accepted, RedirectionError> {
    let state = response.state().ok_or(RedirectionError::StateMissing)?;
    let pending = pending.map_err(RedirectionError::NoPending)?;
    if !pending.state.is_secret_text(state) {
        return Err(RedirectionError::StateMismatch);
    }
    if pending.is_stale(client, now) {
        return Err(RedirectionError::PendingExpired);
    }
    if !pending.was_made_with(client) {
        return Err(RedirectionError::ConfigurationChanged);
    }

    let parameters = &response.parameters;
    if parameters
        .get("iss")
        .is_some_and(|issuer| issuer != client.issuer())
    {
        return Err(RedirectionError::IssuerMismatch);
    }
    let token = parameters
        .get("access_token")
        .or_else(|| parameters.get("id_token"));
    let code = parameters.get("code");
    if let Some(error) = ErrorResponse::read(parameters) {
        return Err(RedirectionError::Response(match token.or(code) {
            Some(_) => AccessTokenResponseError::TokenAndError,
            None => AccessTokenResponseError::ErrorResponse(error),
        }));
    }
    match (client.response_type(), token, code) {
        (ResponseType::Token, None, Some(_)) | (ResponseType::Code, Some(_), _) => {
            Err(RedirectionError::OtherResponseType)
        }
        (ResponseType::Token, _, _) => Ok(Accepted::Token(AccessTokenResponse::read(parameters)?)),
        (ResponseType::Code, None, Some(code)) => {
            Ok(Accepted::Code(AuthorizationCode::new(code.to_owned())))
        }
        (ResponseType::Code, None, None) => {
            Err(AccessTokenResponseError::NeitherTokenNorError.into())
        }
    }
}
