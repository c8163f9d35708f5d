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

/// The words that are recorded from Okta for a refusal by a person.
pub(super) const DENIED: &str = "The resource owner or authorization server denied the request.";

/// More than any client should read.
const OVERSIZE: usize = 72 * 1024;

/// The error that a scenario answers with instead of a token. Where Okta's words are known they
/// are used.
fn error_of(scenario: Scenario) -> Option<(&'static str, &'static str)> {
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
            "The response type is not supported by the authorization server. Configured response \
             types: [code].",
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
        Scenario::UnknownError => ("something_nobody_defined", "Nobody knows what this is."),
        Scenario::MarkupInError => (
            "server_error",
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
        ),
        _ => return None,
    })
}

/// An error instead of a token, where the scenario wants one.
pub(super) fn error(scenario: Scenario, request: &AuthorizationRequest) -> Option<String> {
    if scenario == Scenario::Neither {
        let fragment = Serializer::new(String::new())
            .append_pair("state", &request.state)
            .finish();
        return Some(format!("{}#{fragment}", request.redirect_uri));
    }
    let (error, description) = error_of(scenario)?;
    let mut response = request.error(error, description);
    if scenario == Scenario::ErrorWithoutState {
        response.state = None;
    }
    let location = response.location();
    Some(match scenario {
        Scenario::ErrorInQuery => location.replacen('#', "?", 1),
        _ => location,
    })
}

/// RFC 6749 §4.2.2, spoiled as the scenario wants it.
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
        Scenario::IssParameter => {
            fragment.append_pair("iss", issuer);
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
