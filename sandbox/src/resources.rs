//! The V3 API: a bearer token in, JSON out.

mod account;
mod activities;
mod body_faults;
mod contact_lists;
mod contact_tags;
mod contacts;
mod context;
mod emails;
mod error;
mod query;
mod reports;

use crate::{
    data::{self, User},
    faults::{ApiFault, SLOW},
    http,
    options::API_PATH,
    rate_limit::Limited,
    state::Shared,
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use context::{ApiResult, Context, Input};
use error::ApiError;
use jsonwebtoken::{Algorithm, Validation};
use query::Query;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Instant};

/// Method, path below `/v3`, scope and privilege as in `x-authorization-privileges` of the Swagger,
/// and the function that makes the response.
struct Resource(
    Method,
    &'static str,
    Option<(&'static str, &'static str)>,
    Respond,
);

/// The function that makes the body of a response.
enum Respond {
    /// With the status 200.
    Read(fn(&Context<'_>) -> ApiResult),
    /// With this status, and after a change.
    Write(StatusCode, fn(&mut Context<'_>, &Input<'_>) -> ApiResult),
}

const ACCOUNT: Option<(&str, &str)> = Some(("account_read", "account:read"));
const LISTS: Option<(&str, &str)> = Some(("contact_data", "contacts:lists:read"));
const LISTS_WRITE: Option<(&str, &str)> = Some(("contact_data", "contacts:lists:write"));
const ACTIVITIES: Option<(&str, &str)> = Some(("contact_data", "contacts:write"));
const CONTACTS: Option<(&str, &str)> = Some(("contact_data", "contacts:read"));
const CAMPAIGNS: Option<(&str, &str)> = Some(("campaign_data", "campaign:read"));
const METRICS: Option<(&str, &str)> = Some(("campaign_data", "ui:campaign:metrics"));

static RESOURCES: &[Resource] = &[
    get("/account/summary", ACCOUNT, account::summary),
    get("/account/emails", ACCOUNT, account::emails),
    get("/account/user/privileges", None, account::privileges),
    get("/activities/{id}", ACTIVITIES, activities::details),
    get("/contact_lists", LISTS, contact_lists::list),
    get("/contact_lists/{id}", LISTS, contact_lists::details),
    Resource(
        Method::POST,
        "/contact_lists",
        LISTS_WRITE,
        Respond::Write(StatusCode::CREATED, contact_lists::create),
    ),
    Resource(
        Method::PUT,
        "/contact_lists/{id}",
        LISTS_WRITE,
        Respond::Write(StatusCode::OK, contact_lists::replace),
    ),
    Resource(
        Method::DELETE,
        "/contact_lists/{id}",
        LISTS_WRITE,
        Respond::Write(StatusCode::ACCEPTED, contact_lists::delete),
    ),
    get("/contacts", CONTACTS, contacts::list),
    get("/contacts/{id}", CONTACTS, contacts::details),
    get("/contacts/counts", CONTACTS, contacts::counts),
    get("/contact_tags", CONTACTS, contact_tags::list),
    get("/emails", CAMPAIGNS, emails::list),
    get("/emails/{id}", CAMPAIGNS, emails::details),
    get(
        "/reports/summary_reports/email_campaign_summaries",
        METRICS,
        reports::summaries,
    ),
];

const fn get(
    path: &'static str,
    needed: Option<(&'static str, &'static str)>,
    respond: fn(&Context<'_>) -> ApiResult,
) -> Resource {
    Resource(Method::GET, path, needed, Respond::Read(respond))
}

/// The methods and the paths of all resources.
pub(crate) fn all() -> impl Iterator<Item = String> {
    RESOURCES
        .iter()
        .map(|Resource(method, path, ..)| format!("{method} {API_PATH}{path}"))
}

/// The user and the claims of a valid access token.
#[derive(Clone)]
struct Caller {
    user: &'static User,
    claims: Map<String, Value>,
}

/// Everything under `/v3`.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for resource in RESOURCES {
        let handler = async |State(shared): State<Arc<Shared>>,
                             Extension(caller): Extension<Caller>,
                             Extension(fault): Extension<Option<ApiFault>>,
                             parameters: RawPathParams,
                             uri: Uri,
                             headers: HeaderMap,
                             body: Bytes| {
            let id = parameters.iter().find(|(name, _)| *name == "id");
            let id = id.map_or("", |(_, id)| id);
            let input = Input::new(&headers, &body);
            let (status, mut body) = resource.respond(&shared, &caller, id, &uri, &input)?;
            body_faults::apply(fault, &mut body);
            let mut response = http::json(status, &body);
            // Where to ask how far an activity is.
            let location = body.pointer("/_links/self/href").and_then(Value::as_str);
            if status == StatusCode::ACCEPTED
                && let Some(Ok(location)) = location.map(HeaderValue::from_str)
            {
                response.headers_mut().insert(header::LOCATION, location);
            }
            Ok::<_, ApiError>(response)
        };
        let Resource(method, path, ..) = resource;
        let method = MethodFilter::try_from(method.clone()).expect("axum has a filter for it");
        router = router.route(&format!("{API_PATH}{path}"), on(method, handler));
    }
    router
        .fallback(async || ApiError::NotFound("resource"))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(middleware::from_fn_with_state(
            Arc::clone(shared),
            check_request,
        ))
        .with_state(Arc::clone(shared))
}

impl Resource {
    fn respond(
        &self,
        shared: &Shared,
        caller: &Caller,
        id: &str,
        uri: &Uri,
        input: &Input<'_>,
    ) -> Result<(StatusCode, Value), ApiError> {
        let Self(_, _, needed, respond) = self;
        if let Some((scope, privilege)) = needed
            && !(caller.has_scope(scope) && caller.user.role.has_privilege(privilege))
        {
            return Err(ApiError::Forbidden);
        }
        let now = shared.inner().now();
        let mut contents = shared.contents();
        let mut context = Context {
            shared,
            user: caller.user,
            account: shared.directory.account_of(caller.user),
            contents: &mut contents[caller.user.account],
            now,
            query: Query::parse(uri)?,
            id,
        };
        match respond {
            Respond::Read(respond) => Ok((StatusCode::OK, respond(&context)?)),
            Respond::Write(status, respond) => Ok((*status, respond(&mut context, input)?)),
        }
    }
}

/// Handles preflights, faults, the token and the limits before a request reaches a resource.
async fn check_request(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::OPTIONS {
        return with_cors(http::text(StatusCode::OK, ""));
    }
    let caller = Caller::from_headers(&shared, request.headers());
    let fault = shared
        .inner()
        .api_faults
        .fault_for(caller.as_ref().map(|caller| caller.claim("jti")));
    let error = match fault {
        Some(ApiFault::Unreachable) => return http::text(StatusCode::SERVICE_UNAVAILABLE, ""),
        Some(ApiFault::Garbage) => return with_cors(http::html_page(StatusCode::OK)),
        Some(ApiFault::Redirect) => {
            let target = format!("{API_PATH}/account/user/privileges");
            return with_cors(http::redirect(StatusCode::FOUND, &target));
        }
        Some(ApiFault::Slow) => {
            tokio::time::sleep(SLOW).await;
            None
        }
        Some(ApiFault::Status401) => Some(ApiError::Unauthorized),
        Some(ApiFault::Status401For(path)) => (request.uri().path().strip_prefix(API_PATH)
            == Some(path))
        .then_some(ApiError::Unauthorized),
        Some(ApiFault::Status403) => Some(ApiError::Forbidden),
        Some(ApiFault::Status429) => Some(ApiError::Throttled),
        Some(ApiFault::QuotaExceeded) => Some(ApiError::QuotaExceeded),
        Some(ApiFault::Status500) => Some(ApiError::Internal),
        Some(ApiFault::Status503) => Some(ApiError::Unavailable),
        Some(ApiFault::Member(..) | ApiFault::LooseJson) | None => None,
    };
    let admitted = match error {
        Some(error) => Err(error),
        None => admit(&shared, caller),
    };
    with_cors(match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            request.extensions_mut().insert(fault);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    })
}

fn admit(shared: &Shared, caller: Option<Caller>) -> Result<Caller, ApiError> {
    let caller = caller.ok_or(ApiError::Unauthorized)?;
    let mut inner = shared.inner();
    let day = inner.now().div_euclid(86_400);
    let client_id = caller.claim("cid");
    match inner.rate_limiter.admit(client_id, Instant::now(), day) {
        Ok(()) => Ok(caller),
        Err(Limited::Throttled) => Err(ApiError::Throttled),
        Err(Limited::QuotaExceeded) => Err(ApiError::QuotaExceeded),
    }
}

impl Caller {
    /// From the bearer token, if this server signed it for this API and it has not expired.
    fn from_headers(shared: &Shared, headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let kid = jsonwebtoken::decode_header(token).ok()?.kid;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[shared.addresses.issuer()]);
        validation.set_audience(&[shared.addresses.api_base_url()]);
        let inner = shared.inner();
        let claims: Map<String, Value> = inner
            .keys
            .decoding_keys(kid.as_deref())
            .find_map(|key| jsonwebtoken::decode(token, &key, &validation).ok())?
            .claims;
        // The library uses the system's clock.
        let alive = claims.get("exp")?.as_f64()? > inner.now() as f64;
        let user = data::user(claims.get("sub")?.as_str()?)?;
        alive.then_some(Self { user, claims })
    }

    /// A claim that is a string, else an empty one.
    fn claim(&self, name: &str) -> &str {
        let claim = self.claims.get(name).and_then(Value::as_str);
        claim.unwrap_or_default()
    }

    fn has_scope(&self, scope: &str) -> bool {
        match self.claims.get("scp") {
            // `scp-empty`: a token for nothing at all is never issued.
            Some(Value::Array(scopes)) => {
                scopes.is_empty() || scopes.iter().any(|known| known == scope)
            }
            Some(Value::String(scopes)) => scopes.split(' ').any(|known| known == scope),
            _ => false,
        }
    }
}

/// The headers as recorded from the real service: any origin, and nothing exposed. tower-http's
/// `CorsLayer` would add the last two to preflight responses only.
fn with_cors(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET,POST,PUT,DELETE,PATCH,OPTIONS",
        ),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Content-Type,X-Amz-Date,Authorization,X-Api-Key",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// For any path outside the API and the authorization server: the gateway's message, without CORS
/// headers.
pub(crate) async fn forbidden() -> Response {
    http::json(
        StatusCode::FORBIDDEN,
        &serde_json::json!({ "message": "Forbidden" }),
    )
}
