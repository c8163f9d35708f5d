//! One line in the log and one count in the metrics for every request. Whatever they say was written
//! here: of the request itself they name the route and, if a route has it, the method.

use super::answer::Code;
use crate::{logs::TraceId, metrics, random};
use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue, Method};
use std::{borrow::Cow, time::Instant};
use tracing::Instrument as _;

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// The route that answered, as a template: a handler adds it to its response.
#[derive(Clone, Debug)]
pub(crate) struct Route(pub(crate) Cow<'static, str>);

/// The response, with the name of its route.
pub(crate) fn routed(mut response: Response, route: impl Into<Cow<'static, str>>) -> Response {
    response.extensions_mut().insert(Route(route.into()));
    response
}

/// Observes a request. A proxy in front that is trusted may name it with `traceparent`.
pub(crate) async fn observe(trusted_proxies: usize, request: Request, next: Next) -> Response {
    let named = || {
        let header = request.headers().get("traceparent")?;
        TraceId::read(header.to_str().ok()?)
    };
    let trace_id = (trusted_proxies > 0)
        .then(named)
        .flatten()
        .unwrap_or_else(|| TraceId::new(random::bytes()));
    let span = tracing::info_span!("request", %trace_id);
    let method = method_label(request.method());
    let respond = async move {
        let started = Instant::now();
        let running = metrics::running();
        let mut response = next.run(request).await;
        drop(running);
        let took = started.elapsed();
        let route = response.extensions_mut().remove::<Route>();
        let route = route.map_or(Cow::Borrowed("other"), |Route(route)| route);
        let code = response.extensions_mut().remove::<Code>();
        let code = code.map_or("", |Code(code)| code);
        let status = response.status().as_u16();
        metrics::request(route.clone(), method, status, code, took);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(method, %route, status, code, milliseconds, "answered");
        response
    };
    let mut response = respond.instrument(span).await;
    let value = HeaderValue::from_str(&trace_id.to_string()).expect("it is hexadecimal");
    response.headers_mut().insert(TRACE_ID, value);
    response
}

/// A method that no route has is the sender's to choose, and so never becomes a label.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}
