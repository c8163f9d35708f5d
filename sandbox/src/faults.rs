//! Faults that a test sets for all requests until it clears them, and the API's faults for single
//! tokens.

use std::{collections::HashMap, time::Duration};

/// How many tokens with a fault of their own are remembered.
const MAX_TOKENS: usize = 1000;

/// What is wrong with the JWK Set endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysFault {
    /// 503 without CORS headers, which a page's `fetch` cannot tell from a network error.
    Unreachable,
    /// This status, readable across origins.
    Status(u16),
    /// 200 with an HTML page.
    Html,
    /// 200 with no key in the set.
    Empty,
    /// 200 with a JWK Set of 2 MiB.
    TooLarge,
    /// 200 with the keys, but without CORS headers.
    NoCors,
    /// The keys, three seconds late.
    Slow,
    /// No response, and the connection stays open.
    Silent,
    /// A redirect to the same keys elsewhere.
    Redirect,
}

/// What is wrong with the V3 API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiFault {
    /// 401: the access token is not accepted.
    Status401,
    /// 403: scope, privilege or application.
    Status403,
    /// 429 with `throttled`.
    Status429,
    /// 429 with `quota_exceeded`.
    QuotaExceeded,
    /// 500.
    Status500,
    /// 503.
    Status503,
    /// 503 without CORS headers, which a page's `fetch` cannot tell from a network error.
    Unreachable,
    /// The response, three seconds late.
    Slow,
    /// 200 with an HTML page.
    Garbage,
    /// A redirect to another path of the API.
    Redirect,
    /// 401 for this path below `/v3`; other paths are not affected.
    Status401For(&'static str),
    /// Every member with this name has this value.
    Member(&'static str, &'static str),
    /// Whole numbers are written as `2.0`, dispensable values as `null`.
    LooseJson,
}

/// What is wrong with the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// 503 without CORS headers, which a page's `fetch` cannot tell from a network error.
    Unreachable,
    /// No response, and the connection stays open.
    Silent,
    /// This status with an HTML page, readable by the application.
    Status(u16),
    /// 429 with `throttled`.
    Throttled,
    /// 200 with an HTML page.
    Html,
    /// The request takes effect, so that a rotating refresh token is used up; then the response is a
    /// 503 without CORS headers.
    LostResponse,
    /// The same, and the connection closes without a response.
    Dropped,
    /// The request takes effect at once; its response is this late.
    Slow(Duration),
    /// 429 with `throttled` and this number of seconds in `Retry-After`.
    ThrottledFor(u8),
    /// 401 with `invalid_client`, as for a wrong secret.
    ClientRefused,
    /// 400 with `invalid_request` for every request with a code verifier.
    PkceRefused,
    /// `expires_in` is a quoted number.
    ExpiresInText,
    /// A refresh gives an access token of another account.
    OtherAccount,
}

/// The API's faults, for all requests and for single tokens.
#[derive(Default)]
pub(crate) struct ApiFaults {
    pub(crate) for_all: Option<ApiFault>,
    /// By the token's `jti`, with the remaining number of requests; `None` for all.
    by_token: HashMap<String, (ApiFault, Option<u32>)>,
}

impl ApiFaults {
    /// Sets the fault of a token, for a number of requests or for all.
    pub(crate) fn set(&mut self, token_id: String, fault: ApiFault, left: Option<u32>) {
        if self.by_token.len() >= MAX_TOKENS {
            self.by_token.clear();
        }
        self.by_token.insert(token_id, (fault, left));
    }

    /// The fault of the next response to this token, if any.
    pub(crate) fn fault_for(&mut self, token_id: Option<&str>) -> Option<ApiFault> {
        if self.for_all.is_some() {
            return self.for_all;
        }
        let (fault, left) = self.by_token.get_mut(token_id?)?;
        if let Some(left) = left {
            *left = left.checked_sub(1)?;
        }
        Some(*fault)
    }
}

/// The delay of a slow response.
pub(crate) const SLOW: Duration = Duration::from_secs(3);
