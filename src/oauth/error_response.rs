//! The authorization server's refusal, at the redirection endpoint
//! ([RFC 6749 §4.2.2.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.2.1)) or in the
//! token endpoint's answer ([§5.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)).

use super::parameters::Parameters;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// `error`. Every code of RFC 6749 §4.2.2.1 and §5.2, those that OpenID Connect Core
        /// §3.1.2.6 adds and those that Okta's authorization servers are known to send.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
            /// Any other; its text is not trusted with more than being shown.
            Unknown,
        }

        impl ErrorCode {
            /// Every known code.
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
    /// The person, or a policy of the server, said no.
    AccessDenied = "access_denied",
    /// The request was malformed.
    InvalidRequest = "invalid_request",
    /// This client may not use this grant.
    UnauthorizedClient = "unauthorized_client",
    /// This `response_type` is not enabled for this client.
    UnsupportedResponseType = "unsupported_response_type",
    /// A scope is unknown or malformed.
    InvalidScope = "invalid_scope",
    /// Something broke there.
    ServerError = "server_error",
    /// Overloaded or under maintenance.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// `prompt=none` and nobody is signed in.
    LoginRequired = "login_required",
    /// `prompt=none` and the person would have to act.
    InteractionRequired = "interaction_required",
    /// `prompt=none` and permission was not given yet.
    ConsentRequired = "consent_required",
    /// `response_mode` is not supported.
    UnsupportedResponseMode = "unsupported_response_mode",
    /// The client is not known.
    InvalidClient = "invalid_client",
    /// The grant is not valid.
    InvalidGrant = "invalid_grant",
    /// A token is not valid.
    InvalidToken = "invalid_token",
    /// The scope does not suffice.
    InsufficientScope = "insufficient_scope",
    /// The token endpoint does not know this kind of grant.
    UnsupportedGrantType = "unsupported_grant_type",
}

/// The longest text of the server's that is kept, in characters.
const MAX_TEXT: usize = 500;

/// An error response. Its texts are the server's: shown as text, never as markup, never followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorResponse {
    /// `error`.
    pub code: ErrorCode,
    /// `error` as it was spelled, cut to a sane length.
    pub spelled: String,
    /// `error_description`, cut to a sane length.
    pub description: Option<String>,
}

impl ErrorResponse {
    pub(super) fn read(parameters: &Parameters) -> Option<Self> {
        let error = parameters.get("error")?;
        Some(Self::new(error, parameters.get("error_description")))
    }

    pub(super) fn new(error: &str, description: Option<&str>) -> Self {
        let cut = |text: &str| text.chars().take(MAX_TEXT).collect();
        Self {
            code: ErrorCode::parse(error),
            spelled: cut(error),
            description: description.map(cut),
        }
    }
}
