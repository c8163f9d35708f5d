//! Which path leads where.
//!
//! | path | for |
//! |---|---|
//! | `/auth/connect`, `/auth/session`, `/auth/disconnect` | the page's scripts |
//! | `/api/v3/…` | the page's scripts |
//! | the redirection endpoint | the browser, coming back from the authorization server |
//! | everything else | the files of the build, or its document |

use super::shared::Shared;
use crate::{
    callback::{callback, home},
    connect::connect,
    csrf,
    proxy::{API, proxy},
    session_endpoint::{disconnect, session},
    web::{
        answer::{api_refusal, refusal, retry_after},
        observe::{observe, routed},
    },
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{any, get, post},
};
use http::{Method, StatusCode};
use std::{sync::Arc, time::Duration};
use tokio::time;

/// How long a request may take: its body, its turn, a renewal, and two requests to the API.
const PATIENCE: Duration = Duration::from_secs(120);

/// The largest body of a request to `auth`, in bytes.
const BODY_LIMIT: usize = 8 * 1024;

/// The routes of the first listener.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let trusted_proxies = shared.trusted_proxies;
    let for_scripts = Router::new()
        .route("/auth/connect", post(connect).fallback(not_there))
        .route("/auth/session", get(session).fallback(not_there))
        .route("/auth/disconnect", post(disconnect).fallback(not_there))
        .route("/auth", any(not_there))
        .route("/auth/", any(not_there))
        .route("/auth/{*rest}", any(not_there))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .route(API, any(proxy))
        .route("/api/", any(proxy))
        .route("/api/{*rest}", any(proxy))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard));
    Router::new()
        .merge(for_scripts)
        .fallback(page)
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            observe(trusted_proxies, request, next)
        }))
        .with_state(shared)
}

/// Lets only the page's own scripts through, and not too often.
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with(API);
    let refuse = |status, code, message| match is_api {
        true => routed(api_refusal(status, code, message), API),
        false => routed(refusal(status, code), "/auth"),
    };
    if let Err(wait) = count(&shared, &request) {
        let message = "This address asks too often.";
        let response = refuse(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
        return retry_after(response, wait);
    }
    if !csrf::is_own(request.method(), request.headers(), &shared.origin) {
        let message = "The request does not come from the page.";
        return refuse(StatusCode::FORBIDDEN, "csrf_refused", message);
    }
    let answered = time::timeout(PATIENCE, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let message = "The request took too long.";
        refuse(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
    })
}

fn count(shared: &Shared, request: &Request) -> Result<(), Duration> {
    let address = shared.address_of(request.extensions().get(), request.headers());
    address.map_or(Ok(()), |address| shared.inbound.request(address))
}

async fn not_there() -> Response {
    routed(refusal(StatusCode::NOT_FOUND, "not_found"), "/auth")
}

/// The redirection endpoint, or a file of the build.
async fn page(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    if shared.site.is_callback(path) {
        let is_limited = count(&shared, &request).is_err();
        return match *request.method() == Method::GET && !is_limited {
            true => callback(&shared, request.uri(), request.headers()).await,
            // A look at the head, or far too many of them: nothing is spent.
            false => home(),
        };
    }
    let response = shared
        .site
        .respond(request.method(), path, request.headers());
    routed(response, "page")
}
