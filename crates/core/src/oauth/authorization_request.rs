//! The authorization request
//! ([RFC 6749 §4.2.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.1) for a token,
//! [§4.1.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.1) with
//! [RFC 7636 §4.3](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.3) for a code).

use super::{
    client::Client,
    pending_authorization::PendingAuthorization,
    secret::{CodeVerifier, Nonce, StateParameter},
};
use crate::{return_to::ReturnTo, time::Timestamp};
use std::fmt;

/// 768 bits from a cryptographically secure source, a third for each secret of a request.
#[derive(Clone)]
pub struct Entropy {
    /// Becomes `state`, which binds the response to this browser.
    pub state: [u8; 32],
    /// Becomes `nonce`, which binds an ID token to this request.
    pub nonce: [u8; 32],
    /// Becomes `code_verifier`, with which the code is exchanged.
    pub code_verifier: [u8; 32],
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(redacted)")
    }
}

/// Where to send the browser, and what to check when it comes back.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    uri: RequestUri,
    /// To be stored before leaving.
    pub pending: PendingAuthorization,
}

impl AuthorizationRequest {
    /// The URI, for `location.assign` only: it contains `state` and must not be shown or logged.
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

/// Builds a request; [`accept`](super::accept()) judges the response to it. If the endpoint has a
/// query, it is kept and the parameters are appended to it ([RFC 6749 §3.1]).
///
/// ```
/// use cc_connect_core::{
///     ReturnTo, constant_contact,
///     oauth::{Client, Entropy, ResponseType, authorization_request},
///     time::Timestamp,
/// };
///
/// # fn random() -> [u8; 32] { [7; 32] }
/// let redirect_uri = "https://app.example/callback";
/// let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
/// let client = Client::new(registration)?;
/// let entropy = Entropy { state: random(), nonce: random(), code_verifier: random() };
/// let now = Timestamp::from_unix_seconds(1_790_000_000);
///
/// let request = authorization_request(&client, &entropy, ReturnTo::START, now);
/// // Store `request.pending`, then send the browser here.
/// assert!(request.expose_uri().starts_with(constant_contact::AUTHORIZATION_ENDPOINT));
/// assert!(request.expose_uri().contains("code_challenge_method=S256"));
/// # Ok::<(), cc_connect_core::oauth::ClientError>(())
/// ```
///
/// [RFC 6749 §3.1]: https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1
pub fn authorization_request(
    client: &Client,
    entropy: &Entropy,
    return_to: ReturnTo,
    now: Timestamp,
) -> AuthorizationRequest {
    let state = StateParameter::from_entropy(entropy.state);
    let nonce = Nonce::from_entropy(entropy.nonce);
    let code_verifier = client
        .uses_pkce()
        .then(|| CodeVerifier::from_entropy(entropy.code_verifier));
    let mut uri = client.authorization_endpoint().to_owned();
    let start = match uri.find('?') {
        Some(mark) => mark + 1,
        None => {
            uri.push('?');
            uri.len()
        }
    };
    let mut query = form_urlencoded::Serializer::for_suffix(uri, start);
    query
        .append_pair("response_type", client.response_type().as_str())
        .append_pair("client_id", client.client_id())
        .append_pair("redirect_uri", client.redirect_uri())
        .append_pair("scope", &client.scope().to_string())
        .append_pair("state", state.expose())
        .append_pair("nonce", nonce.expose());
    if let Some(verifier) = &code_verifier {
        query
            .append_pair("code_challenge", &verifier.challenge())
            .append_pair("code_challenge_method", "S256");
    }
    AuthorizationRequest {
        uri: RequestUri(query.finish()),
        pending: PendingAuthorization {
            state,
            nonce,
            code_verifier,
            client_id: client.client_id().to_owned(),
            redirect_uri: client.redirect_uri().to_owned(),
            scope: client.scope().clone(),
            issuer: client.issuer().to_owned(),
            created_at: now,
            return_to,
        },
    }
}
