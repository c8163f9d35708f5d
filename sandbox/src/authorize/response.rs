//! What is sent to the redirection endpoint, in the fragment.

use super::request::AuthorizationRequest;
use crate::scenario::Scenario;
use form_urlencoded::Serializer;

/// RFC 6749 §4.2.2.1.
#[derive(Clone, Debug)]
pub(super) struct ErrorResponse {
    pub(super) redirect_uri: String,
    pub(super) error: String,
    pub(super) description: String,
    pub(super) state: Option<String>,
}

impl ErrorResponse {
    pub(super) fn location(&self) -> String {
        let mut fragment = Serializer::new(String::new());
        fragment
            .append_pair("error", &self.error)
            .append_pair("error_description", &self.description);
        if let Some(state) = &self.state {
            fragment.append_pair("state", state);
        }
        format!("{}#{}", self.redirect_uri, fragment.finish())
    }
}

/// The two refusals that are recorded from Okta.
pub(super) const DENIED: &str = "The resource owner or authorization server denied the request.";
const POLICY: &str =
    "Policy evaluation failed for this request, please check the policy configurations.";

/// More than any client should read.
const OVERSIZE: usize = 72 * 1024;

/// An error instead of a token, where the scenario wants one.
pub(super) fn error(scenario: Scenario, request: &AuthorizationRequest) -> Option<String> {
    let (error, description) = match scenario {
        Scenario::Denied => ("access_denied", DENIED),
        Scenario::PolicyRefused => ("access_denied", POLICY),
        Scenario::ServerError => (
            "server_error",
            "The authorization server encountered an unexpected condition.",
        ),
        Scenario::TemporarilyUnavailable => (
            "temporarily_unavailable",
            "The authorization server is currently unable to handle the request.",
        ),
        Scenario::InvalidScopeError => (
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource.",
        ),
        Scenario::ErrorWithoutState => (
            "invalid_request",
            "The authentication request has an invalid 'state' parameter.",
        ),
        Scenario::UnknownError => ("something_nobody_defined", "Nobody knows what this is."),
        Scenario::MarkupInError => (
            "server_error",
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
        ),
        Scenario::Neither => {
            let fragment = Serializer::new(String::new())
                .append_pair("state", &request.state)
                .finish();
            return Some(format!("{}#{fragment}", request.redirect_uri));
        }
        _ => return None,
    };
    let mut response = request.error(error, description);
    if scenario == Scenario::ErrorWithoutState {
        response.state = None;
    }
    Some(response.location())
}

/// RFC 6749 §4.2.2, spoiled as the scenario wants it.
pub(super) fn token(
    scenario: Scenario,
    request: &AuthorizationRequest,
    access_token: &str,
    expires_in: i64,
    scope: &str,
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
    let state = match scenario {
        Scenario::MissingState => None,
        Scenario::WrongState => Some(crate::random::text(32)),
        _ => Some(request.state.clone()),
    };

    let mut fragment = Serializer::new(String::new());
    fragment
        .append_pair("access_token", access_token)
        .append_pair("token_type", token_type);
    for (name, value) in [
        ("expires_in", expires_in),
        ("scope", scope),
        ("state", state),
    ] {
        if let Some(value) = value {
            fragment.append_pair(name, &value);
        }
    }
    match scenario {
        Scenario::DuplicateParameter => {
            fragment.append_pair("access_token", access_token);
        }
        Scenario::TokenAndError => {
            fragment
                .append_pair("error", "access_denied")
                .append_pair("error_description", DENIED);
        }
        Scenario::OtherIssParameter => {
            fragment.append_pair("iss", "https://identity.example.com/oauth2/default");
        }
        Scenario::Oversized => {
            fragment.append_pair("padding", &"x".repeat(OVERSIZE));
        }
        _ => {}
    }
    let mut fragment = fragment.finish();
    if scenario == Scenario::ResponseMalformed {
        fragment.push_str("&session_state=%zz%");
    }
    format!("{}#{fragment}", request.redirect_uri)
}
