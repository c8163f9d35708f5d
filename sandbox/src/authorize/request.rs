//! The authorization request of RFC 6749 §4.2.1, or of §4.1.1 with RFC 7636 §4.3, validated as Okta
//! does.

use super::{
    error_response::{ErrorResponse, Place},
    scope,
};
use crate::{
    http::{Parameters, parameter},
    options::{Client, OAuth2Setting},
    pkce,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    Unspecified,
    None,
    Login,
}

/// What is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ResponseType {
    /// An access token, in the fragment.
    Token,
    /// A code for the token endpoint, in the query.
    Code {
        /// The challenge (S256) that the code is bound to, if there is one.
        challenge: Option<String>,
    },
}

/// A valid request, to be decided on by the user.
#[derive(Clone, Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) client_id: String,
    pub(super) client_name: String,
    /// [`OAuth2Setting::Implicit`] for every request for a token.
    pub(super) oauth2_setting: OAuth2Setting,
    pub(super) redirect_uri: String,
    pub(super) response_type: ResponseType,
    /// The requested scope tokens, without repetitions.
    pub(super) requested: Vec<String>,
    /// The ones that can be granted.
    pub(super) grantable: Vec<&'static str>,
    pub(super) state: String,
    pub(super) nonce: Option<String>,
    pub(super) prompt: Prompt,
}

impl AuthorizationRequest {
    pub(super) fn place(&self) -> Place {
        match self.response_type {
            ResponseType::Token => Place::Fragment,
            ResponseType::Code { .. } => Place::Query,
        }
    }

    pub(super) fn error(&self, error: &str, description: &str) -> ErrorResponse {
        ErrorResponse {
            redirect_uri: self.redirect_uri.clone(),
            place: self.place(),
            error: error.to_owned(),
            description: description.to_owned(),
            state: Some(self.state.clone()),
        }
    }
}

/// Why a request is rejected.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no valid redirect URI: an error page.
    Page(&'static str),
    /// An error response to the application.
    Redirect(ErrorResponse),
}

const BAD_CLIENT: &str = "Invalid value for 'client_id' parameter.";
const BAD_REDIRECT_URI: &str =
    "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.";

/// Okta's description.
const CHALLENGE_REQUIRED: &str =
    "PKCE code challenge is required when the token endpoint authentication method is 'NONE'.";

pub(super) fn parse(
    parameters: &Parameters,
    clients: &[Client],
) -> Result<AuthorizationRequest, Refusal> {
    let repeated = |name: &str| parameters.iter().filter(|(known, _)| known == name).count() > 1;
    let get = |name: &str| parameter(parameters, name).filter(|value| !value.is_empty());

    let client = get("client_id")
        .filter(|_| !repeated("client_id"))
        .and_then(|id| clients.iter().find(|client| client.client_id == id))
        .ok_or(Refusal::Page(BAD_CLIENT))?;
    let redirect_uri = get("redirect_uri")
        .filter(|uri| {
            !repeated("redirect_uri") && client.redirect_uris.iter().any(|known| known == uri)
        })
        .ok_or(Refusal::Page(BAD_REDIRECT_URI))?;

    let configured: &[&str] = match client.oauth2_setting {
        OAuth2Setting::Implicit => &["token"],
        OAuth2Setting::CodeAndImplicit { .. } => &["code", "token"],
        OAuth2Setting::Pkce { .. } => &["code"],
    };
    // Each response type has a default place (OAuth 2.0 Multiple Response Type Encoding Practices
    // §2.1 and §5), and that is where its errors go.
    let response_type = get("response_type");
    let (place, default_mode) = match response_type.unwrap_or(configured[0]) {
        "code" => (Place::Query, "query"),
        _ => (Place::Fragment, "fragment"),
    };

    // Okta checks `state` before everything else, and does not return an invalid one.
    let state = get("state").filter(|state| !repeated("state") && is_state(state));
    let refuse = |error: &str, description: String| {
        Refusal::Redirect(ErrorResponse {
            redirect_uri: redirect_uri.to_owned(),
            place,
            error: error.to_owned(),
            description,
            state: state.map(str::to_owned),
        })
    };
    let invalid = |name: &str| {
        refuse(
            "invalid_request",
            format!("The authentication request has an invalid '{name}' parameter."),
        )
    };
    let state = state.ok_or_else(|| invalid("state"))?;
    if let Some((name, _)) = parameters.iter().find(|(name, _)| repeated(name)) {
        return Err(invalid(name));
    }
    let response_type = response_type.ok_or_else(|| invalid("response_type"))?;
    if !configured.contains(&response_type) {
        return Err(refuse(
            "unsupported_response_type",
            format!(
                "The response type is not supported by the authorization server. Configured \
                 response types: [{}].",
                configured.join(", ")
            ),
        ));
    }
    let oauth2_setting = match response_type {
        "token" => OAuth2Setting::Implicit,
        _ => client.oauth2_setting,
    };
    if get("response_mode").is_some_and(|mode| mode != default_mode) {
        return Err(refuse(
            "unsupported_response_mode",
            "The response mode is not supported by the authorization server.".to_owned(),
        ));
    }
    let nonce = get("nonce");
    let response_type = match oauth2_setting {
        OAuth2Setting::Implicit if nonce.is_none() => return Err(invalid("nonce")),
        OAuth2Setting::Implicit => ResponseType::Token,
        OAuth2Setting::CodeAndImplicit { .. } | OAuth2Setting::Pkce { .. } => {
            let challenge = get("code_challenge");
            let method = get("code_challenge_method");
            if challenge.is_none() && matches!(oauth2_setting, OAuth2Setting::Pkce { .. }) {
                return Err(refuse("invalid_request", CHALLENGE_REQUIRED.to_owned()));
            }
            if challenge.is_some_and(|challenge| !pkce::is_challenge(challenge)) {
                return Err(invalid("code_challenge"));
            }
            if method != challenge.map(|_| "S256") {
                return Err(invalid("code_challenge_method"));
            }
            ResponseType::Code {
                challenge: challenge.map(str::to_owned),
            }
        }
    };
    let prompt = match get("prompt") {
        None | Some("consent") => Prompt::Unspecified,
        Some("none") => Prompt::None,
        Some("login") => Prompt::Login,
        Some(_) => return Err(invalid("prompt")),
    };
    let (requested, grantable) = scopes(get("scope"), oauth2_setting).ok_or_else(|| {
        refuse(
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource."
                .to_owned(),
        )
    })?;
    Ok(AuthorizationRequest {
        client_id: client.client_id.clone(),
        client_name: client.name.clone(),
        oauth2_setting,
        redirect_uri: redirect_uri.to_owned(),
        response_type,
        requested,
        grantable,
        state: state.to_owned(),
        nonce: nonce.map(str::to_owned),
        prompt,
    })
}

/// The characters that Okta accepts.
fn is_state(state: &str) -> bool {
    state
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b",._-".contains(&byte))
}

/// The requested scope tokens, and the ones that can be granted; `None` if one of them is unknown.
fn scopes(asked: Option<&str>, setting: OAuth2Setting) -> Option<(Vec<String>, Vec<&'static str>)> {
    let mut requested: Vec<String> = Vec::new();
    let mut grantable = Vec::new();
    match asked {
        None => grantable.extend(scope::API_SCOPES),
        Some(text) => {
            for token in text.split(' ').filter(|token| !token.is_empty()) {
                if requested.iter().any(|known| known == token) {
                    continue;
                }
                requested.push(token.to_owned());
                if token != scope::OFFLINE_ACCESS || setting != OAuth2Setting::Implicit {
                    grantable.push(scope::known(token)?.0);
                }
            }
        }
    }
    (!grantable.is_empty()).then_some((requested, grantable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::RefreshTokens;

    const PKCE: OAuth2Setting = OAuth2Setting::Pkce {
        refresh_tokens: RefreshTokens::Rotating,
    };

    #[test]
    fn scopes_are_space_delimited() {
        let text = Some("contact_data account_read  contact_data offline_access");
        for (setting, expected) in [
            (
                OAuth2Setting::Implicit,
                &["contact_data", "account_read"][..],
            ),
            (PKCE, &["contact_data", "account_read", "offline_access"]),
        ] {
            let (requested, grantable) = scopes(text, setting).expect("every scope is known");
            assert_eq!(
                requested,
                ["contact_data", "account_read", "offline_access"]
            );
            assert_eq!(grantable, expected);
            for refused in ["account_read,contact_data", "account_reed", " "] {
                assert_eq!(scopes(Some(refused), setting), None, "{refused}");
            }
            assert_eq!(
                scopes(None, setting).map(|(_, grantable)| grantable.len()),
                Some(4)
            );
        }
        let alone = |setting| scopes(Some("offline_access"), setting);
        assert_eq!(alone(OAuth2Setting::Implicit), None);
        assert!(alone(PKCE).is_some());
    }
}
