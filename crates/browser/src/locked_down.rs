//! How every request is sent: without following redirects, past the browser's cache, and without
//! saying which page it comes from. Cookies go to the page's own server alone.

use crate::deadline::Deadline;
use gloo_net::http::RequestBuilder;
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

/// A request to another origin, without cookies. It can be given a body or sent; it is aborted at the
/// deadline.
pub(crate) fn locked_down(request: RequestBuilder, deadline: &Deadline) -> RequestBuilder {
    request
        .abort_signal(deadline.signal().as_ref())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
}

/// A request to the page's own server, with its cookies. Its custom header cannot be sent by another
/// origin's page.
pub(crate) fn to_own_server(request: RequestBuilder, deadline: &Deadline) -> RequestBuilder {
    locked_down(request, deadline)
        .credentials(RequestCredentials::SameOrigin)
        // With `no-referrer`, a browser may send the origin `null`.
        .referrer_policy(ReferrerPolicy::StrictOrigin)
        .header("X-CC-Connect", "1")
}
