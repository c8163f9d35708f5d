//! Requests to the token endpoint
//! ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)).

use super::{
    pending_authorization::PendingAuthorization,
    secret::{AuthorizationCode, ClientSecret, RefreshToken},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use zeroize::Zeroizing;

/// How long a code may be used after it arrived, in seconds. Constant Contact documents five
/// minutes after it was issued.
pub const CODE_LIFETIME: i64 = 5 * 60;

/// How the client authenticates at the token endpoint
/// ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3)).
#[derive(Clone, Copy, Debug)]
pub enum ClientAuthentication<'a> {
    /// It does not: a public client, which has no secret and sends its `client_id`.
    None,
    /// A confidential client: `client_id` and secret in the `Authorization` header
    /// ([§2.3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3.1)). Never in a browser,
    /// which could not keep the secret.
    Basic(&'a ClientSecret),
}

/// A request, to be sent once.
///
/// ```
/// use cc_connect_core::oauth::{ClientAuthentication, ClientSecret, RefreshToken, TokenRequest};
///
/// let token = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA".to_owned());
/// let public = TokenRequest::for_refresh_token(&token, "s6BhdRkqt3", ClientAuthentication::None);
/// assert_eq!(
///     public.expose_body(),
///     "grant_type=refresh_token&client_id=s6BhdRkqt3&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA"
/// );
///
/// // The example of RFC 6749 §6.
/// let secret = ClientSecret::new("7Fjfp0ZBr1KtDRbnfVdmIw".to_owned());
/// let basic = ClientAuthentication::Basic(&secret);
/// let confidential = TokenRequest::for_refresh_token(&token, "s6BhdRkqt3", basic);
/// assert_eq!(
///     confidential.expose_body(),
///     "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA"
/// );
/// assert_eq!(
///     confidential.expose_authorization(),
///     Some("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3")
/// );
/// ```
#[derive(Clone)]
pub struct TokenRequest {
    body: Zeroizing<String>,
    authorization: Option<Zeroizing<String>>,
}

impl TokenRequest {
    /// Exchanges a code
    /// ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3)) that
    /// [`accept`](super::accept()) returned for `pending`, with its code verifier
    /// ([RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.5)).
    ///
    /// ```
    /// use cc_connect_core::oauth::{AuthorizationCode, ClientAuthentication, TokenRequest};
    /// # use cc_connect_core::{ReturnTo, constant_contact, time::Timestamp};
    /// # use cc_connect_core::oauth::{Client, Entropy, ResponseType, authorization_request};
    /// # let redirect_uri = "https://app.example/";
    /// # let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
    /// # let client = Client::new(registration)?;
    /// # let entropy = Entropy { state: [1; 32], nonce: [2; 32], code_verifier: [3; 32] };
    /// # let now = Timestamp::from_unix_seconds(1_790_000_000);
    /// # let pending = authorization_request(&client, &entropy, ReturnTo::START, now).pending;
    ///
    /// let code = AuthorizationCode::new("SplxlOBeZQQYbYS6WxSbIA".to_owned());
    /// let request = TokenRequest::for_code(&code, &pending, ClientAuthentication::None);
    /// let verifier = pending.code_verifier.as_ref().expect("PKCE");
    /// assert_eq!(
    ///     request.expose_body(),
    ///     format!(
    ///         "grant_type=authorization_code&client_id=id&redirect_uri=https%3A%2F%2Fapp.example%2F\
    ///          &code=SplxlOBeZQQYbYS6WxSbIA&code_verifier={}",
    ///         verifier.expose()
    ///     )
    /// );
    /// # Ok::<(), cc_connect_core::oauth::ClientError>(())
    /// ```
    pub fn for_code(
        code: &AuthorizationCode,
        pending: &PendingAuthorization,
        authentication: ClientAuthentication<'_>,
    ) -> Self {
        let mut parameters = vec![
            ("redirect_uri", pending.redirect_uri.as_str()),
            ("code", code.expose()),
        ];
        if let Some(verifier) = &pending.code_verifier {
            parameters.push(("code_verifier", verifier.expose()));
        }
        let client_id = &pending.client_id;
        Self::new("authorization_code", client_id, authentication, &parameters)
    }

    /// Renews an access token
    /// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)).
    pub fn for_refresh_token(
        refresh_token: &RefreshToken,
        client_id: &str,
        authentication: ClientAuthentication<'_>,
    ) -> Self {
        let parameters = [("refresh_token", refresh_token.expose())];
        Self::new("refresh_token", client_id, authentication, &parameters)
    }

    fn new(
        grant_type: &str,
        client_id: &str,
        authentication: ClientAuthentication<'_>,
        parameters: &[(&str, &str)],
    ) -> Self {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("grant_type", grant_type);
        let authorization = match authentication {
            ClientAuthentication::None => {
                body.append_pair("client_id", client_id);
                None
            }
            ClientAuthentication::Basic(secret) => Some(basic(client_id, secret)),
        };
        body.extend_pairs(parameters);
        Self {
            body: Zeroizing::new(body.finish()),
            authorization,
        }
    }

    /// The `application/x-www-form-urlencoded` body, for the token endpoint only.
    pub fn expose_body(&self) -> &str {
        &self.body
    }

    /// The value of the `Authorization` header, for the token endpoint only; `None` if the client
    /// does not authenticate.
    pub fn expose_authorization(&self) -> Option<&str> {
        self.authorization.as_deref().map(String::as_str)
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRequest(redacted)")
    }
}

/// Both are form-encoded first, so that neither has a colon.
fn basic(client_id: &str, secret: &ClientSecret) -> Zeroizing<String> {
    // Room for every octet in its longest form: a text that grows leaves copies behind.
    let room = 3 * (client_id.len() + secret.expose().len()) + 1;
    let mut pair = Zeroizing::new(String::with_capacity(room));
    pair.extend(form_urlencoded::byte_serialize(client_id.as_bytes()));
    pair.push(':');
    pair.extend(form_urlencoded::byte_serialize(secret.expose().as_bytes()));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Zeroizing::new(format!("Basic {}", *encoded))
}
