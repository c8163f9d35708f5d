//! Faults that a test switches on for everybody, until it clears them.

use std::collections::HashMap;

/// How many tokens with a fault of their own are remembered.
const MAX_TOKENS: usize = 1000;

/// What is wrong with the JWK Set endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysFault {
    /// 503 without CORS headers: to a page's `fetch` the same as no answer at all.
    Unreachable,
    /// This status, readable across origins.
    Status(u16),
    /// 200 with an HTML page.
    Html,
    /// 200 with no key in the set.
    Empty,
    /// 200 with a JWK Set of 2 MiB.
    TooLarge,
    /// 200 with the keys, yet without CORS headers.
    NoCors,
    /// The keys, three seconds late.
    Slow,
    /// No answer ever, and the connection stays open.
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
    /// 503 without CORS headers: to a page's `fetch` the same as no answer at all.
    Unreachable,
    /// The answer, three seconds late.
    Slow,
    /// 200 with an HTML page.
    Garbage,
    /// A redirect to another path of the API.
    Redirect,
    /// 401 for this path below `/v3`, whatever the token; everything else is answered.
    Status401For(&'static str),
    /// Every member of this name has this value; everything else is as it should be.
    Member(&'static str, &'static str),
    /// Whole numbers have a fraction of zero, and `null` stands where there is nothing.
    LooseJson,
}

/// What is wrong with the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// 503 without CORS headers: to a page's `fetch` the same as no answer at all.
    Unreachable,
    /// No answer ever, and the connection stays open.
    Silent,
    /// This status with an HTML page, readable by the application.
    Status(u16),
    /// 429 with `throttled`.
    Throttled,
    /// 200 with an HTML page.
    Html,
    /// Everything is done as ever, so that a rotating refresh token is used up; only then comes a
    /// 503 without CORS headers.
    LostAnswer,
}

/// What is wrong with the API, for everybody and for single tokens.
#[derive(Default)]
pub(crate) struct ApiFaults {
    pub(crate) for_everybody: Option<ApiFault>,
    /// By the token's `jti`, each with the number of requests that it is left for; `None` for all.
    by_token: HashMap<String, (ApiFault, Option<u32>)>,
}

impl ApiFaults {
    /// From now on for a token, for some requests or for all.
    pub(crate) fn set(&mut self, token_id: String, fault: ApiFault, left: Option<u32>) {
        if self.by_token.len() >= MAX_TOKENS {
            self.by_token.clear();
        }
        self.by_token.insert(token_id, (fault, left));
    }

    /// What is wrong with the response to a request with this token.
    pub(crate) fn next(&mut self, token_id: Option<&str>) -> Option<ApiFault> {
        if self.for_everybody.is_some() {
            return self.for_everybody;
        }
        let (fault, left) = self.by_token.get_mut(token_id?)?;
        if let Some(left) = left {
            *left = left.checked_sub(1)?;
        }
        Some(*fault)
    }
}

/// How late a slow answer is.
pub(crate) const SLOW: std::time::Duration = std::time::Duration::from_secs(3);
