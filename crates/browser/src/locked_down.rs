//! How every request to another origin is sent: without cookies, without following redirects, past
//! the browser's cache, and without saying where it comes from.

use crate::deadline::Deadline;
use gloo_net::http::RequestBuilder;
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

/// A request that can be given a body or sent; it is aborted at the deadline.
pub(crate) fn locked_down(request: RequestBuilder, deadline: &Deadline) -> RequestBuilder {
    request
        .abort_signal(deadline.signal().as_ref())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
}
