//! The authorization request
//! ([RFC 6749 §4.2.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.1)).

use super::{Client, Nonce, PendingAuthorization, StateParameter};
use crate::{route::Route, time::Timestamp};
use std::fmt;

/// 512 bits from a cryptographically secure source: half for `state`, half for `nonce`.
#[derive(Clone)]
pub struct Entropy {
    /// For `state`.
    pub state: [u8; 32],
    /// For `nonce`.
    pub nonce: [u8; 32],
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(redacted)")
    }
}

/// Where to send the browser, and what must still be true when it comes back.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    uri: RequestUri,
    /// To be stored before leaving.
    pub pending: PendingAuthorization,
}

impl AuthorizationRequest {
    /// The URI. It carries `state`: for `location.assign`, not for the page or a log.
    pub fn expose_uri(&self) -> &str {
        &self.uri.0
    }
}

#[derive(Clone)]
struct RequestUri(String);

impl fmt::Debug for RequestUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestUri(redacted)")
    }
}

/// Builds a request for an access token.
pub fn authorization_request(
    client: &Client,
    entropy: &Entropy,
    return_to: Route,
    now: Timestamp,
) -> AuthorizationRequest {
    let state = StateParameter::from_entropy(entropy.state);
    let nonce = Nonce::from_entropy(entropy.nonce);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "token")
        .append_pair("client_id", &client.client_id)
        .append_pair("redirect_uri", &client.redirect_uri)
        .append_pair("scope", &client.scope.to_string())
        .append_pair("state", state.expose())
        .append_pair("nonce", nonce.expose())
        .finish();
    AuthorizationRequest {
        uri: RequestUri(format!("{}?{query}", client.authorization_endpoint)),
        pending: PendingAuthorization {
            state,
            nonce,
            client_id: client.client_id.clone(),
            redirect_uri: client.redirect_uri.clone(),
            scope: client.scope.clone(),
            issuer: client.issuer.clone(),
            created_at: now,
            return_to,
        },
    }
}
