//! Responses of the token endpoint, with Okta's descriptions where they are known.

use crate::{authorize::API_SCOPES, http, issuing::Tokens, json::Object, scenario::Scenario};
use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use http_body::Frame;
use serde_json::json;
use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{self, Poll},
};

/// More than any client should read.
const TOO_LARGE: usize = 1024 * 1024;

/// Whether and how a response reaches the application.
pub(super) enum Reply {
    /// Readable.
    Given(Response),
    /// Without CORS headers, so that a page's `fetch` cannot read it.
    Lost,
    /// Never, and the connection stays open.
    Never,
    /// Not at all: the connection closes.
    Dropped,
}

/// A body that fails before its first byte: the server closes the connection instead of sending the
/// headers.
struct Broken;

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(ErrorKind::ConnectionAborted.into())))
    }
}

/// Makes the server close the connection.
pub(super) fn broken() -> Response {
    Response::new(Body::new(Broken))
}

impl Reply {
    /// The page of a gateway in front of the server.
    pub(super) fn page(status: StatusCode) -> Self {
        Self::Given(http::html_page(status))
    }
}

/// RFC 6749 §5.2, or the gateway's 429.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    OAuth(StatusCode, &'static str, &'static str),
    Throttled,
    /// With this number of seconds in a `Retry-After` that a page can read.
    ThrottledFor(u8),
}

impl Refusal {
    pub(super) const NO_FORM: Self = Self::bad(
        "invalid_request",
        "The token request must have the content type application/x-www-form-urlencoded.",
    );
    pub(super) const REPEATED_PARAMETER: Self = Self::bad(
        "invalid_request",
        "The token request has a parameter more than once.",
    );
    pub(super) const MISSING_PARAMETER: Self =
        Self::bad("invalid_request", "The token request lacks a parameter.");
    pub(super) const UNSUPPORTED_GRANT_TYPE: Self = Self::bad(
        "unsupported_grant_type",
        "The authorization grant type is not supported by the authorization server.",
    );
    pub(super) const INVALID_SCOPE: Self = Self::bad(
        "invalid_scope",
        "The requested scope exceeds the scope that was granted.",
    );
    pub(super) const WRONG_GRANT: Self = Self::bad(
        "unauthorized_client",
        "The client is not authorized to use the provided grant type. Configured grant types: \
         [implicit].",
    );
    pub(super) const UNKNOWN_ERROR: Self =
        Self::bad("something_nobody_defined", "This error code is undefined.");
    pub(super) const MARKUP: Self = Self::bad(
        "server_error",
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
    );
    pub(super) const INVALID_CODE: Self = Self::bad(
        "invalid_grant",
        "The authorization code is invalid or has expired.",
    );
    pub(super) const INVALID_REDIRECT_URI: Self = Self::bad(
        "invalid_grant",
        "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
    );
    pub(super) const INVALID_VERIFIER: Self =
        Self::bad("invalid_grant", "PKCE verification failed.");
    pub(super) const INVALID_REFRESH_TOKEN: Self =
        Self::bad("invalid_grant", "The refresh token is invalid or expired.");
    pub(super) const UNKNOWN_CLIENT: Self =
        Self::unauthorized("Invalid value for 'client_id' parameter.");
    pub(super) const NOT_AUTHENTICATED: Self = Self::unauthorized(
        "Client authentication failed. Either the client or the client credentials are invalid.",
    );
    pub(super) const TWO_AUTHENTICATIONS: Self = Self::bad(
        "invalid_request",
        "Cannot supply multiple client credentials.",
    );
    pub(super) const PKCE_REFUSED: Self = Self::bad(
        "invalid_request",
        "PKCE is not supported for this application.",
    );
    pub(super) const PKCE_REQUIRED: Self = Self::unauthorized(
        "Browser requests to the token endpoint must use Proof Key for Code Exchange.",
    );

    const fn bad(error: &'static str, description: &'static str) -> Self {
        Self::OAuth(StatusCode::BAD_REQUEST, error, description)
    }

    const fn unauthorized(description: &'static str) -> Self {
        Self::OAuth(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    pub(super) fn into_response(self) -> Response {
        match self {
            Self::OAuth(status, error, description) => http::json(
                status,
                &json!({ "error": error, "error_description": description }),
            ),
            // `Retry-After` is not exposed across origins: only a server can read it.
            Self::Throttled => throttled(1),
            Self::ThrottledFor(seconds) => {
                let mut response = throttled(seconds);
                response.headers_mut().insert(
                    header::ACCESS_CONTROL_EXPOSE_HEADERS,
                    HeaderValue::from_static("Retry-After"),
                );
                response
            }
        }
    }
}

fn throttled(seconds: u8) -> Response {
    let mut response = http::json(
        StatusCode::TOO_MANY_REQUESTS,
        &json!({ "error_key": "throttled", "error_message": "Too Many Requests" }),
    );
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, u16::from(seconds).into());
    response
}

/// RFC 6749 §5.1, with the scenario's fault.
pub(super) fn tokens(
    scenario: Scenario,
    tokens: Tokens,
    scopes: &[&str],
    refresh_token: Option<String>,
) -> Reply {
    let scope = scopes.join(" ");
    let mut body = Object::new([
        ("token_type", "Bearer".into()),
        ("expires_in", tokens.lifetime.into()),
        ("access_token", tokens.access_token.as_str().into()),
        ("scope", scope.as_str().into()),
    ]);
    for (name, value) in [
        ("refresh_token", refresh_token),
        ("id_token", tokens.id_token),
    ] {
        if let Some(value) = value {
            body.set(name, value);
        }
    }
    match scenario {
        Scenario::EmptyAccessToken => body.set("access_token", ""),
        Scenario::TokenTypeMac => body.set("token_type", "mac"),
        Scenario::TokenTypeLowercase => body.set("token_type", "bearer"),
        Scenario::ExpiresInText => body.set("expires_in", tokens.lifetime.to_string()),
        Scenario::ExpiresInGarbage => body.set("expires_in", "soon"),
        Scenario::ExpiresInMissing => body.remove("expires_in"),
        Scenario::ScopeMissing => body.remove("scope"),
        Scenario::ScopeMalformed => body.set("scope", format!("{scope} \"everything\"")),
        Scenario::ScopeApiOnly => {
            let of_the_api = |name: &&str| API_SCOPES.contains(name);
            let named: Vec<&str> = scopes.iter().copied().filter(of_the_api).collect();
            body.set("scope", named.join(" "));
        }
        Scenario::ScopeSpaces => body.set("scope", scope.replace(' ', "  ") + " "),
        Scenario::ExpiresInFraction => body.set("expires_in", tokens.lifetime as f64),
        Scenario::TokenDuplicateMember => {
            body.set("access_token", "another-token");
            body.repeat("access_token", tokens.access_token);
        }
        Scenario::TokenTooLarge => body.set("padding", "x".repeat(TOO_LARGE)),
        _ => {}
    }
    Reply::Given(http::json_text(StatusCode::OK, body.to_string()))
}
