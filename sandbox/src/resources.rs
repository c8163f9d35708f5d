//! The V3 API: a bearer token in, JSON out.

mod account;
mod contact_lists;
mod contact_tags;
mod contacts;
mod emails;
mod error;
mod query;
mod reports;

use crate::{
    data::{self, Account, User},
    faults::{ApiFault, SLOW},
    http,
    options::API_PATH,
    rate_limit::Limited,
    state::{Inner, Shared},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use error::ApiError;
use jsonwebtoken::{Algorithm, Validation};
use query::Query;
use serde_json::Value;
use std::{sync::Arc, time::Instant};

/// The paths that are answered, below `/v3`.
pub(crate) const PATHS: &[&str] = &[
    "/account/summary",
    "/account/emails",
    "/account/user/privileges",
    "/contact_lists",
    "/contact_lists/{list_id}",
    "/contacts",
    "/contacts/{contact_id}",
    "/contacts/counts",
    "/contact_tags",
    "/emails",
    "/emails/{campaign_id}",
    "/reports/summary_reports/email_campaign_summaries",
];

/// What a handler works with.
struct Context<'a> {
    shared: &'a Shared,
    user: &'static User,
    account: &'a Account,
    query: Query,
}

type Answer = Result<Value, ApiError>;

/// The scope and the privilege that a path asks for, after `x-authorization-privileges` of the
/// Swagger, and who answers it.
struct Route<'a> {
    scope: Option<&'static str>,
    privilege: Option<&'static str>,
    answer: Box<dyn FnOnce(&Context<'_>) -> Answer + 'a>,
}

fn route(path: &str) -> Option<Route<'_>> {
    fn make<'a>(
        scope: &'static str,
        privilege: &'static str,
        answer: impl FnOnce(&Context<'_>) -> Answer + 'a,
    ) -> Route<'a> {
        Route {
            scope: Some(scope),
            privilege: Some(privilege),
            answer: Box::new(answer),
        }
    }
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    Some(match segments.as_slice() {
        ["account", "summary"] => make("account_read", "account:read", account::summary),
        ["account", "emails"] => make("account_read", "account:read", account::emails),
        ["account", "user", "privileges"] => Route {
            scope: None,
            privilege: None,
            answer: Box::new(account::privileges),
        },
        ["contact_lists"] => make("contact_data", "contacts:lists:read", contact_lists::many),
        ["contact_lists", id] => make("contact_data", "contacts:lists:read", |context| {
            contact_lists::one(context, id)
        }),
        ["contacts"] => make("contact_data", "contacts:read", contacts::many),
        ["contacts", "counts"] => make("contact_data", "contacts:read", contacts::counts),
        ["contacts", id] => make("contact_data", "contacts:read", |context| {
            contacts::one(context, id)
        }),
        ["contact_tags"] => make("contact_data", "contacts:read", contact_tags::many),
        ["emails"] => make("campaign_data", "campaign:read", emails::many),
        ["emails", id] => make("campaign_data", "campaign:read", |context| {
            emails::one(context, id)
        }),
        ["reports", "summary_reports", "email_campaign_summaries"] => {
            make("campaign_data", "ui:campaign:metrics", reports::summaries)
        }
        _ => return None,
    })
}

/// Everything under `/v3`.
pub(crate) async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return cors(http::text(StatusCode::OK, ""));
    }
    let fault = {
        let mut inner = shared.inner();
        inner.api_fault.or_else(|| {
            let id = bearer_claims(&shared, &inner, request.headers())?
                .get("jti")?
                .as_str()?
                .to_owned();
            let behaviour = inner.api_behaviours.get_mut(&id)?;
            match &mut behaviour.left {
                Some(0) => return None,
                Some(left) => *left -= 1,
                None => {}
            }
            Some(behaviour.fault)
        })
    };
    let path = request.uri().path();
    let path = path.strip_prefix(API_PATH).unwrap_or(path);
    match fault {
        Some(ApiFault::Status401For(spoiled)) if spoiled != path => {}
        None | Some(ApiFault::Member(..) | ApiFault::LooseJson) => {}
        Some(ApiFault::Slow) => tokio::time::sleep(SLOW).await,
        Some(ApiFault::Unreachable) => return http::text(StatusCode::SERVICE_UNAVAILABLE, ""),
        Some(ApiFault::Garbage) => return cors(http::html_garbage()),
        Some(ApiFault::Redirect) => {
            return cors(http::redirect(
                StatusCode::FOUND,
                &format!("{API_PATH}/account/user/privileges"),
            ));
        }
        Some(fault) => return cors(faulty(fault).into_response()),
    }
    cors(match answer(&shared, &request) {
        Ok(mut body) => {
            match fault {
                Some(ApiFault::Member(name, value)) => set_members(&mut body, name, value),
                Some(ApiFault::LooseJson) => loosen(&mut body),
                _ => {}
            }
            http::json(StatusCode::OK, &body)
        }
        Err(error) => error.into_response(),
    })
}

/// Gives every member of this name this value, at any depth.
fn set_members(body: &mut Value, name: &str, value: &str) {
    match body {
        Value::Array(items) => {
            for item in items {
                set_members(item, name, value);
            }
        }
        Value::Object(members) => {
            for (known, member) in members {
                if known == name {
                    *member = value.into();
                } else {
                    set_members(member, name, value);
                }
            }
        }
        _ => {}
    }
}

/// Members that a client can do without.
const DISPENSABLE: &[&str] = &[
    "address_line2",
    "campaign_id",
    "company_logo",
    "description",
    "last_name",
    "unsubscribed",
    "website",
];

/// The same as other writers of JSON may write it.
fn loosen(body: &mut Value) {
    match body {
        Value::Number(number) => *body = number.as_f64().into(),
        Value::Array(items) => items.iter_mut().for_each(loosen),
        Value::Object(members) => {
            for (name, member) in members {
                if DISPENSABLE.contains(&name.as_str()) {
                    *member = Value::Null;
                } else {
                    loosen(member);
                }
            }
        }
        _ => {}
    }
}

fn faulty(fault: ApiFault) -> ApiError {
    match fault {
        ApiFault::Status401 | ApiFault::Status401For(_) => ApiError::Unauthorized,
        ApiFault::Status403 => ApiError::Forbidden,
        ApiFault::Status429 => ApiError::Throttled,
        ApiFault::QuotaExceeded => ApiError::QuotaExceeded,
        ApiFault::Status503 => ApiError::Unavailable,
        _ => ApiError::Internal,
    }
}

fn answer(shared: &Shared, request: &Request) -> Answer {
    let claims = {
        let inner = shared.inner();
        bearer_claims(shared, &inner, request.headers())
    }
    .ok_or(ApiError::Unauthorized)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let user = data::user(text("sub")).ok_or(ApiError::Unauthorized)?;
    let mut inner = shared.inner();
    let day = inner.now().div_euclid(86_400);
    let admitted = inner.rate_limiter.admit(text("cid"), Instant::now(), day);
    drop(inner);
    admitted.map_err(|limited| match limited {
        Limited::Throttled => ApiError::Throttled,
        Limited::QuotaExceeded => ApiError::QuotaExceeded,
    })?;
    if request.method() != Method::GET {
        return Err(ApiError::MethodNotAllowed);
    }
    let path = request.uri().path();
    let path = path.strip_prefix(API_PATH).unwrap_or(path);
    let route = route(path).ok_or(ApiError::NotFound("resource"))?;
    let granted = |scope: &str| match claims.get("scp") {
        // `scp-empty`: a token for nothing at all is never given out.
        Some(Value::Array(scopes)) => {
            scopes.is_empty() || scopes.iter().any(|known| known == scope)
        }
        Some(Value::String(scopes)) => scopes.split(' ').any(|known| known == scope),
        _ => false,
    };
    if route.scope.is_some_and(|scope| !granted(scope))
        || route
            .privilege
            .is_some_and(|privilege| !user.role.may(privilege))
    {
        return Err(ApiError::Forbidden);
    }
    let context = Context {
        shared,
        user,
        account: shared.directory.account_of(user),
        query: Query::parse(path, request.uri().query().unwrap_or_default())?,
    };
    (route.answer)(&context)
}

/// The claims of the bearer token, if this server signed it, for this API, and it has not expired.
fn bearer_claims(
    shared: &Shared,
    inner: &Inner,
    headers: &HeaderMap,
) -> Option<serde_json::Map<String, Value>> {
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
    let claims: serde_json::Map<String, Value> = inner
        .keys
        .decoding_keys(kid.as_deref())
        .find_map(|key| jsonwebtoken::decode(token, &key, &validation).ok())?
        .claims;
    // The library looks at the true time.
    let alive = claims.get("exp")?.as_f64()? > inner.now() as f64;
    alive.then_some(claims)
}

/// The headers as recorded on a real answer: any origin, and nothing exposed.
fn cors(mut response: Response) -> Response {
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

/// Any path outside the API and the authorization server: the gateway's own words, without CORS.
pub(crate) async fn outside() -> Response {
    http::json(
        StatusCode::FORBIDDEN,
        &serde_json::json!({ "message": "Forbidden" }),
    )
}
