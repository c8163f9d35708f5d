//! The codes with which a server says why there is no connection.

use crate::oauth::ErrorCode;
use std::fmt;

/// A code that a server may give. Its text is one of this crate's own, never the server's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServerCode(&'static str);

/// The codes that only a server has: why an earlier connection is gone, then what became of an
/// authorization.
const OF_SERVER: [&str; 12] = [
    "session_missing",
    "session_idle",
    "session_too_old",
    "connection_ended",
    "expired",
    "account_changed",
    "refresh_lost",
    "key_unknown",
    "attempt_missing",
    "attempt_other_browser",
    "client_refused",
    "store_unavailable",
];

/// The codes of this crate's own errors: of a response, of the token endpoint, of a verification.
const OF_CORE: &str = "ambiguous_key audience_mismatch audience_missing authorization_code_expired \
    bad_signature claim_missing client_mismatch client_missing configuration_changed critical_header \
    duplicate_parameter expiry_missing id_token_ambiguous_key id_token_audience_mismatch \
    id_token_audience_missing id_token_authorized_party_mismatch id_token_authorized_party_missing \
    id_token_bad_signature id_token_claim_missing id_token_critical_header id_token_expired \
    id_token_expiry_missing id_token_hash_mismatch id_token_issued_at_missing \
    id_token_issued_before_request id_token_issued_in_the_future id_token_issuer_mismatch \
    id_token_issuer_missing id_token_key_not_found id_token_lifetime_too_long id_token_malformed \
    id_token_missing id_token_nonce_mismatch id_token_nonce_missing id_token_not_yet_valid \
    id_token_other_audience id_token_subject_mismatch id_token_subject_missing \
    id_token_unsuitable_key id_token_unsupported_algorithm id_token_unsupported_type \
    id_token_weak_key issued_at_missing issued_before_request issued_in_the_future issuer_mismatch \
    issuer_missing key_not_found keys_empty keys_malformed keys_status keys_too_large \
    keys_unreachable lifetime_too_long malformed_claims malformed_token neither_token_nor_error \
    no_pending_authorization nonce_mismatch pending_authorization_expired \
    pending_authorization_lost pending_authorization_unreadable platform_user_id_missing \
    platform_user_unassigned refresh_locked refresh_not_exclusive response_at_other_address \
    response_issuer_mismatch response_malformed response_too_large response_type_mismatch \
    state_mismatch state_missing subject_missing token_and_error token_endpoint_offline \
    token_endpoint_status token_endpoint_throttled token_endpoint_unreachable token_expired \
    token_in_query token_not_yet_valid token_response_malformed token_response_too_large \
    unsuitable_key unsupported_algorithm unsupported_token_type unsupported_type weak_key";

impl ServerCode {
    /// The code with this spelling; `unknown_error` for any other, such as one of a newer server.
    ///
    /// ```
    /// use cc_connect_core::session::server::ServerCode;
    ///
    /// assert_eq!(ServerCode::read("session_idle").as_str(), "session_idle");
    /// assert_eq!(ServerCode::read("access_denied").as_str(), "access_denied");
    /// assert_eq!(ServerCode::read("<b>").as_str(), "unknown_error");
    /// ```
    pub fn read(text: &str) -> Self {
        let known = Self::all().find(|known| known.0 == text);
        known.unwrap_or(Self("unknown_error"))
    }

    /// Every code but `unknown_error`.
    ///
    /// ```
    /// use cc_connect_core::session::server::ServerCode;
    ///
    /// let declined: Vec<_> = ServerCode::all().filter(|code| code.is_declined()).collect();
    /// assert_eq!(declined, [ServerCode::read("access_denied")]);
    /// // That one is the authorization server's.
    /// assert!(ServerCode::of_server().all(|code| !code.is_declined()));
    /// ```
    pub fn all() -> impl Iterator<Item = Self> {
        let of_standards = ErrorCode::KNOWN.iter().map(|code| code.code());
        Self::of_server().chain(OF_CORE.split(' ').chain(of_standards).map(Self))
    }

    /// The codes that no other part of this crate has.
    pub fn of_server() -> impl Iterator<Item = Self> {
        OF_SERVER.into_iter().map(Self)
    }

    /// The code.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the user declined.
    pub fn is_declined(self) -> bool {
        self.0 == ErrorCode::AccessDenied.code()
    }
}

impl fmt::Debug for ServerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerCode({})", self.0)
    }
}
