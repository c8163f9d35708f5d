//! Parses the authorization response.

use super::{
    parameters::{MAX_BYTES, Parameters, ParametersError},
    secret::StateParameter,
};
use std::fmt;
use thiserror::Error;

/// Parameters that mark a fragment or a query as an authorization response. The page's first script
/// has the same list: what it does not capture never gets here.
pub const RESPONSE_PARAMETERS: [&str; 5] = ["access_token", "id_token", "code", "error", "state"];

/// The fragment and query that the page's first script removed from the address bar, undecoded.
#[derive(Clone, Default)]
pub struct CapturedResponse {
    /// What follows the `#` of the address, without it.
    pub fragment: String,
    /// What stands between `?` and `#` of the address.
    pub query: String,
}

impl fmt::Debug for CapturedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CapturedResponse(redacted)")
    }
}

/// Why a response could not be read. [`code`](Self::code) is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The fragment or the query is over 16 KiB.
    #[error("the fragment or the query is longer than {MAX_BYTES} bytes")]
    TooLarge,
    /// Not `application/x-www-form-urlencoded`.
    #[error("the response is not form-urlencoded UTF-8")]
    Malformed,
    /// A parameter occurs twice, or response parameters are in both the fragment and the query.
    #[error("a parameter of the response occurs twice")]
    DuplicateParameter,
    /// A token in the query, where servers, logs and referrers see it
    /// ([RFC 9700 §4.3.2](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.3.2)).
    #[error("a token came in the query instead of the fragment")]
    TokenInQuery,
}

impl ResponseError {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "response_too_large",
            Self::Malformed => "response_malformed",
            Self::DuplicateParameter => "duplicate_parameter",
            Self::TokenInQuery => "token_in_query",
        }
    }
}

impl From<ParametersError> for ResponseError {
    fn from(error: ParametersError) -> Self {
        match error {
            ParametersError::TooLarge => Self::TooLarge,
            ParametersError::Malformed => Self::Malformed,
            ParametersError::Duplicate => Self::DuplicateParameter,
        }
    }
}

/// A readable response; nothing in it is trusted yet. To be judged by [`accept`](super::accept()).
///
/// ```
/// use cc_connect_core::oauth::{AuthorizationResponse, CapturedResponse, ResponseError};
///
/// // The example of RFC 6749 §4.1.2.
/// let captured = CapturedResponse {
///     query: "code=SplxlOBeZQQYbYS6WxSbIA&state=xyz".to_owned(),
///     ..CapturedResponse::default()
/// };
/// let response = AuthorizationResponse::parse(&captured)?;
/// // The key under which the pending authorization was stored.
/// assert_eq!(response.state(), Some("xyz"));
/// // Ours are 256 bits as base64url.
/// assert!(!response.may_be_ours());
///
/// let twice = CapturedResponse { query: "code=a&code=b&state=xyz".to_owned(), ..captured };
/// let error = AuthorizationResponse::parse(&twice).unwrap_err();
/// assert_eq!(error, ResponseError::DuplicateParameter);
/// assert_eq!(error.code(), "duplicate_parameter");
/// # Ok::<(), ResponseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizationResponse {
    pub(super) parameters: Parameters,
}

impl AuthorizationResponse {
    /// Reads a response: a token from the fragment, where [RFC 6749 §4.2.2] puts it; a code from
    /// the query ([§4.1.2]); an error from either, since servers differ.
    ///
    /// # Errors
    ///
    /// [`ResponseError`].
    ///
    /// [RFC 6749 §4.2.2]: https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.2
    /// [§4.1.2]: https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2
    pub fn parse(captured: &CapturedResponse) -> Result<Self, ResponseError> {
        let fragment = Parameters::parse(&captured.fragment)?;
        let query = Parameters::parse(&captured.query)?;
        if ["access_token", "id_token"]
            .iter()
            .any(|name| query.get(name).is_some())
        {
            return Err(ResponseError::TokenInQuery);
        }
        let among = |parameters: &Parameters| {
            RESPONSE_PARAMETERS
                .iter()
                .any(|name| parameters.get(name).is_some())
        };
        match (among(&fragment), among(&query)) {
            (true, true) => Err(ResponseError::DuplicateParameter),
            (false, true) => Ok(Self { parameters: query }),
            _ => Ok(Self {
                parameters: fragment,
            }),
        }
    }

    /// `state`: a key to look up the pending authorization by; it proves nothing yet.
    pub fn state(&self) -> Option<&str> {
        self.parameters.get("state")
    }

    /// Whether its `state` has the form that this application generates.
    pub fn may_be_ours(&self) -> bool {
        self.state().is_some_and(StateParameter::is_well_formed)
    }
}
