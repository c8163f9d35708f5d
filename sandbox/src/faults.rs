//! Faults that a test switches on for everybody, until it clears them.

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

/// How late a slow answer is.
pub(crate) const SLOW: std::time::Duration = std::time::Duration::from_secs(3);
