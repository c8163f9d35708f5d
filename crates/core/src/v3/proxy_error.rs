//! Errors of a server that passes requests on to the API, in place of the API's own.

use thiserror::Error;

/// What the `error_key` of such an error begins with, so that it is not taken for the API's.
const PREFIX: &str = "server.";

macro_rules! proxy_errors {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $words:literal;)*) => {
        /// Why a server did not pass a request on, or not its response. [`code`](Self::code) is
        /// stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
        #[non_exhaustive]
        pub enum ProxyError {
            $($(#[$doc])* #[error($words)] $variant,)*
            /// A reason that this version does not know.
            #[error("an unknown reason of the server")]
            Unknown,
        }

        impl ProxyError {
            /// Every reason that is known.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name of the reason.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown => "server_unexpected",
                }
            }
        }
    };
}

proxy_errors! {
    /// 401: there is no connection.
    SessionMissing = "session_missing", "there is no connection";
    /// 401: the authorization server has ended the connection.
    ConnectionEnded = "connection_ended", "the connection has ended";
    /// 401: a refresh token was used and the answer lost.
    RefreshLost = "refresh_lost", "the answer to a refresh was lost";
    /// 401: the key that the connection was sealed with has been removed.
    KeyUnknown = "key_unknown", "the connection cannot be unsealed";
    /// 503: the server cannot reach its store.
    StoreUnavailable = "store_unavailable", "the server cannot reach its store";
    /// 503: the connection's token has ended and could not be renewed yet.
    NotRenewed = "not_renewed_yet", "the connection could not be renewed yet";
    /// 503: the server is about to stop.
    Stopping = "stopping", "the server is about to stop";
    /// 413: the request is longer than the API takes.
    RequestTooLarge = "request_too_large", "the request is longer than the API takes";
    /// The server does not pass on such requests.
    NotAllowed = "not_allowed", "the server does not pass on such requests";
    /// 403: the request did not look like one of the server's own page.
    CsrfRefused = "csrf_refused", "the server took the request for another page's";
    /// 429: too many requests at once.
    BudgetWait = "budget_wait", "too many requests at once";
    /// 429: today's requests are used up; the day ends at midnight UTC.
    BudgetDay = "budget_day", "too many requests today";
    /// The API did not answer the server.
    UpstreamUnreachable = "upstream_unreachable", "the API did not answer the server";
    /// The API sent the server elsewhere.
    UpstreamRedirected = "upstream_redirected", "the API sent the server elsewhere";
    /// The API's response is too long.
    UpstreamTooLarge = "upstream_too_large", "the API's response is too long";
    /// The authorization server does not accept the server's secret.
    ClientRefused = "client_refused", "the server's secret is not accepted";
}

impl ProxyError {
    /// The server's own error that has this `error_key`; `None` if it is one of the API's.
    ///
    /// ```
    /// use cc_connect_core::v3::ProxyError;
    ///
    /// assert_eq!(ProxyError::of_key("server.budget_day"), Some(ProxyError::BudgetDay));
    /// assert_eq!(ProxyError::BudgetDay.code(), "budget_day");
    /// assert_eq!(ProxyError::of_key("quota_exceeded"), None);
    /// // Why it was not renewed is for the server's operator.
    /// let key = "server.token_endpoint_throttled";
    /// assert_eq!(ProxyError::of_key(key), Some(ProxyError::NotRenewed));
    /// assert_eq!(ProxyError::of_key("server.new"), Some(ProxyError::Unknown));
    /// ```
    pub fn of_key(key: &str) -> Option<Self> {
        let code = key.strip_prefix(PREFIX)?;
        let is_of_renewal = [
            "token_endpoint_",
            "token_response_",
            "keys_",
            "refresh_locked",
        ]
        .iter()
        .any(|start| code.starts_with(start));
        if is_of_renewal {
            return Some(Self::NotRenewed);
        }
        let mut known = Self::KNOWN.iter().copied();
        let known = known.find(|known| known.code() == code);
        Some(known.unwrap_or(Self::Unknown))
    }
}
