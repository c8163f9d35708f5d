//! The authorization server's error response, at the redirection endpoint
//! ([RFC 6749 §4.2.2.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.2.1)) or from the
//! token endpoint ([§5.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)).

use super::parameters::Parameters;
use thiserror::Error;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// `error`. Every code of RFC 6749 §4.2.2.1 and §5.2, those that OpenID Connect Core
        /// §3.1.2.6 adds and those that Okta's authorization servers are known to send.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
            /// Any other code. Its text is only ever shown.
            Unknown,
        }

        impl ErrorCode {
            /// Every code but [`Unknown`](Self::Unknown), for whoever has a text for each.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            fn parse(text: &str) -> Self {
                match text {
                    $($code => Self::$variant,)*
                    _ => Self::Unknown,
                }
            }

            /// The code as the standards spell it; `unknown_error` for any other.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown => "unknown_error",
                }
            }
        }
    };
}

error_codes! {
    /// The user, or a policy of the server, denied the request.
    AccessDenied = "access_denied",
    /// A parameter is missing, invalid, or occurs twice.
    InvalidRequest = "invalid_request",
    /// This client may not use this grant.
    UnauthorizedClient = "unauthorized_client",
    /// This `response_type` is not enabled for this client.
    UnsupportedResponseType = "unsupported_response_type",
    /// A scope is unknown or malformed.
    InvalidScope = "invalid_scope",
    /// The authorization server failed unexpectedly.
    ServerError = "server_error",
    /// The authorization server is overloaded or under maintenance.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// `prompt=none`, but no user is signed in.
    LoginRequired = "login_required",
    /// `prompt=none`, but the user would have to act.
    InteractionRequired = "interaction_required",
    /// `prompt=none`, but the user has not given consent yet.
    ConsentRequired = "consent_required",
    /// The server cannot return responses in the `response_mode` requested. None is requested here.
    UnsupportedResponseMode = "unsupported_response_mode",
    /// The client is unknown, or its authentication failed.
    InvalidClient = "invalid_client",
    /// The code or refresh token is invalid, expired, revoked, or was issued to another client.
    InvalidGrant = "invalid_grant",
    /// The token is invalid or has expired.
    InvalidToken = "invalid_token",
    /// The token's scope is insufficient.
    InsufficientScope = "insufficient_scope",
    /// The token endpoint does not support this grant type.
    UnsupportedGrantType = "unsupported_grant_type",
}

/// How much of a text from the server is kept, in characters.
const MAX_TEXT: usize = 500;

/// An error response. Its texts come from the server: they are shown as text, never as markup or as
/// links, and `Display` leaves them out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", .code.code())]
#[non_exhaustive]
pub struct ErrorResponse {
    /// `error`, REQUIRED: one ASCII error code.
    pub code: ErrorCode,
    /// `error` as the server spelled it, truncated.
    pub spelled: String,
    /// `error_description`, OPTIONAL: text for the developer, truncated.
    pub description: Option<String>,
}

impl ErrorResponse {
    pub(super) fn read(parameters: &Parameters) -> Option<Self> {
        let error = parameters.get("error")?;
        Some(Self::new(error, parameters.get("error_description")))
    }

    /// An error response with these texts, which are truncated.
    ///
    /// ```
    /// use cc_connect_core::oauth::{ErrorCode, ErrorResponse};
    ///
    /// let response = ErrorResponse::new("access_denied", Some("The user said no."));
    /// assert_eq!(response.code, ErrorCode::AccessDenied);
    /// // What the server wrote is not part of the message.
    /// assert_eq!(response.to_string(), "access_denied");
    ///
    /// let response = ErrorResponse::new("too_tired", None);
    /// assert_eq!((response.code.code(), &*response.spelled), ("unknown_error", "too_tired"));
    /// ```
    pub fn new(error: &str, description: Option<&str>) -> Self {
        let cut = |text: &str| text.chars().take(MAX_TEXT).collect();
        Self {
            code: ErrorCode::parse(error),
            spelled: cut(error),
            description: description.map(cut),
        }
    }
}
