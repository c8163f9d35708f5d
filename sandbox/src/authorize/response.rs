//! The response to the redirection endpoint: a token or an error in the fragment, a code or an error
//! in the query.

use super::{error_response::Place, request::AuthorizationRequest};
use crate::scenario::Scenario;
use form_urlencoded::Serializer;

/// Okta's recorded description for a denial by the user.
pub(super) const DENIED: &str = "The resource owner or authorization server denied the request.";

/// More than any client should read in a fragment.
const OVERSIZE: usize = 72 * 1024;
/// More than any client should read in a query, but a request that servers still accept.
const OVERSIZE_QUERY: usize = 20 * 1024;
/// A different authorization server.
const OTHER_ISSUER: &str = "https://identity.example.com/oauth2/default";

/// The scenario's error instead of a token, with Okta's description where it is known.
fn error_of(scenario: Scenario, place: Place) -> Option<(&'static str, &'static str)> {
    Some(match scenario {
        Scenario::Denied => ("access_denied", DENIED),
        Scenario::PolicyRefused => (
            "access_denied",
            "Policy evaluation failed for this request, please check the policy configurations.",
        ),
        Scenario::NotAssigned => (
            "access_denied",
            "User is not assigned to the client application.",
        ),
        Scenario::InvalidRequestError => (
            "invalid_request",
            "The authentication request has an invalid 'nonce' parameter.",
        ),
        Scenario::UnauthorizedClient => (
            "unauthorized_client",
            "The client is not authorized to use the provided grant type.",
        ),
        Scenario::UnsupportedResponseType => (
            "unsupported_response_type",
            match place {
                Place::Fragment => {
                    "The response type is not supported by the authorization server. Configured \
                     response types: [code]."
                }
                Place::Query => {
                    "The response type is not supported by the authorization server. Configured \
                     response types: [token]."
                }
            },
        ),
        Scenario::InvalidScopeError => (
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource.",
        ),
        Scenario::ServerError => (
            "server_error",
            "The authorization server encountered an unexpected condition.",
        ),
        Scenario::TemporarilyUnavailable | Scenario::ErrorInQuery => (
            "temporarily_unavailable",
            "The authorization server is currently unable to handle the request.",
        ),
        Scenario::LoginRequired => (
            "login_required",
            "The client specified not to prompt, but the user is not logged in.",
        ),
        Scenario::InteractionRequired => (
            "interaction_required",
            "The client specified not to prompt, but the user has to act.",
        ),
        Scenario::ConsentRequired => (
            "consent_required",
            "The client specified not to prompt, but the user has not consented.",
        ),
        Scenario::UnsupportedResponseMode => (
            "unsupported_response_mode",
            "The response mode is not supported by the authorization server.",
        ),
        Scenario::InvalidClientError => {
            ("invalid_client", "Invalid value for 'client_id' parameter.")
        }
        Scenario::InvalidGrantError => ("invalid_grant", "The grant is invalid or expired."),
        Scenario::InvalidTokenError => ("invalid_token", "The token is invalid."),
        Scenario::InsufficientScope => (
            "insufficient_scope",
            "The access token provided does not contain the required scopes.",
        ),
        Scenario::ErrorWithoutState => (
            "invalid_request",
            "The authentication request has an invalid 'state' parameter.",
        ),
        Scenario::UnknownError => ("something_nobody_defined", "This error code is undefined."),
        Scenario::MarkupInError => (
            "server_error",
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
        ),
        // "Out of order" after a right-to-left override that is never ended.
        Scenario::BidiInError => ("server_error", "Service \u{202e}מחוץ לפעולה"),
        _ => return None,
    })
}

/// The error response of a scenario that has one.
pub(super) fn error(scenario: Scenario, request: &AuthorizationRequest) -> Option<String> {
    if scenario == Scenario::Neither {
        let form = Serializer::new(String::new())
            .append_pair("state", &request.state)
            .finish();
        return Some(request.place().join(&request.redirect_uri, &form));
    }
    let (error, description) = error_of(scenario, request.place())?;
    let mut response = request.error(error, description);
    if scenario == Scenario::ErrorWithoutState {
        response.state = None;
    }
    if scenario == Scenario::ErrorInQuery {
        response.place = response.place.other();
    }
    Some(response.location())
}

/// The `state` of the response.
fn state(scenario: Scenario, request: &AuthorizationRequest) -> Option<String> {
    match scenario {
        Scenario::MissingState => None,
        Scenario::WrongState => Some(crate::random::text(32)),
        _ => Some(request.state.clone()),
    }
}

/// RFC 6749 §4.1.2, with the scenario's fault.
pub(super) fn code_redirect(
    scenario: Scenario,
    request: &AuthorizationRequest,
    code: &str,
    issuer: &str,
) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("code", code);
    if let Some(state) = state(scenario, request) {
        query.append_pair("state", &state);
    }
    if scenario == Scenario::DuplicateParameter {
        query.append_pair("code", code);
    }
    finish(scenario, request, query, issuer, OVERSIZE_QUERY)
}

/// Adds the faults that apply to both kinds of response, and returns the location.
fn finish(
    scenario: Scenario,
    request: &AuthorizationRequest,
    mut form: Serializer<'_, String>,
    issuer: &str,
    oversize: usize,
) -> String {
    match scenario {
        Scenario::TokenAndError => {
            form.append_pair("error", "access_denied")
                .append_pair("error_description", DENIED);
        }
        Scenario::IssParameter => {
            form.append_pair("iss", issuer);
        }
        Scenario::OtherIssParameter => {
            form.append_pair("iss", OTHER_ISSUER);
        }
        Scenario::Oversized => {
            form.append_pair("padding", &"x".repeat(oversize));
        }
        _ => {}
    }
    let mut form = form.finish();
    if scenario == Scenario::ResponseMalformed {
        form.push_str("&session_state=%zz%");
    }
    request.place().join(&request.redirect_uri, &form)
}

/// RFC 6749 §4.2.2, with the scenario's fault.
pub(super) fn token(
    scenario: Scenario,
    request: &AuthorizationRequest,
    access_token: &str,
    expires_in: i64,
    scope: &str,
    issuer: &str,
) -> String {
    let access_token = match scenario {
        Scenario::EmptyAccessToken => "",
        _ => access_token,
    };
    let token_type = match scenario {
        Scenario::TokenTypeMac => "mac",
        Scenario::TokenTypeLowercase => "bearer",
        _ => "Bearer",
    };
    let expires_in = match scenario {
        Scenario::ExpiresInText => Some(format!("\"{expires_in}\"")),
        Scenario::ExpiresInGarbage => Some("soon".to_owned()),
        Scenario::ExpiresInMissing => None,
        _ => Some(expires_in.to_string()),
    };
    let scope = match scenario {
        Scenario::ScopeMissing => None,
        Scenario::ScopeMalformed => Some(format!("{scope} \"everything\"")),
        _ => Some(scope.to_owned()),
    };

    let mut fragment = Serializer::new(String::new());
    fragment
        .append_pair("access_token", access_token)
        .append_pair("token_type", token_type);
    for (name, value) in [
        ("expires_in", expires_in),
        ("scope", scope),
        ("state", state(scenario, request)),
    ] {
        if let Some(value) = value {
            fragment.append_pair(name, &value);
        }
    }
    if scenario == Scenario::DuplicateParameter {
        fragment.append_pair("access_token", access_token);
    }
    finish(scenario, request, fragment, issuer, OVERSIZE)
}
