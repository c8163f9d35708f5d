//! The client's registration, and where the authorization server is.

use super::{parameters, scope::Scope, secret::ClientSecret};
use crate::web_url::WebUrl;
use thiserror::Error;

/// What is requested from the authorization endpoint
/// ([RFC 6749 §3.1.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1.1)). A registration
/// at Constant Contact allows only one of the two, and there is no fallback from one to the other.
///
/// ```
/// use cc_connect_core::oauth::ResponseType;
///
/// assert_eq!(ResponseType::Code.as_str(), "code");
/// assert_eq!(ResponseType::default().as_str(), "token");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// An access token, in the fragment: the implicit grant.
    #[default]
    Token,
    /// A code, to be exchanged at the token endpoint with proof of who requested it: the
    /// authorization code grant.
    Code,
}

impl ResponseType {
    /// The value of the parameter `response_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Code => "code",
        }
    }
}

/// A client's registration and its authorization server, not checked yet: what
/// [`Client::new`] takes. [`constant_contact::registration`](crate::constant_contact::registration)
/// fills in all but the first two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// `client_id`, REQUIRED; Constant Contact calls it the API key.
    pub client_id: String,
    /// The redirection endpoint, exactly as registered, with neither query nor fragment.
    pub redirect_uri: String,
    /// Where the browser is sent for authorization. It may have a query.
    pub authorization_endpoint: String,
    /// `response_type`: which grant to use.
    pub response_type: ResponseType,
    /// Where a code is exchanged, and a connection renewed; unused with [`ResponseType::Token`]. It
    /// may have a query.
    pub token_endpoint: String,
    /// The authorization server's issuer identifier, for `iss` in responses
    /// ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207.html)) and in tokens.
    pub issuer: String,
    /// The scope to request, OPTIONAL in the RFC and always sent here.
    pub scope: Scope,
    /// How long an authorization may take, in seconds.
    pub max_authorization_time: i64,
}

/// Why a registration cannot be used. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// `client_id` is empty.
    #[error("client_id is empty")]
    NoClientId,
    /// An address is not an absolute `https` URL (or `http` on this machine), or has a user name, a
    /// password or a fragment, or a query where none is allowed.
    #[error("{name} is {found:?}, expected a plain https address")]
    Address {
        /// Which one, such as `redirect_uri`.
        name: &'static str,
        /// The address as it was given.
        found: String,
    },
    /// The query of an endpoint has a parameter that requests add and that must not occur twice
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)).
    #[error("the query of {name} has the parameter {parameter}, which requests add")]
    ReservedParameter {
        /// `authorization_endpoint` or `token_endpoint`.
        name: &'static str,
        /// The parameter, as requests name it.
        parameter: &'static str,
    },
}

impl ClientError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoClientId => "client_id_empty",
            Self::Address { .. } => "client_address_unusable",
            Self::ReservedParameter { .. } => "client_endpoint_parameter",
        }
    }
}

/// A client with a registration that can be used.
///
/// It is a public client ([RFC 6749 §2.1]) and has no secret, so that none can get into a browser;
/// it always uses PKCE ([RFC 7636]) in the authorization code grant. A confidential client is the
/// same and proves itself with a [`ClientAuthentication`](super::ClientAuthentication) at the token
/// endpoint.
///
/// ```
/// use cc_connect_core::{constant_contact, oauth::{Client, ClientError, Registration, ResponseType}};
///
/// let registration = constant_contact::registration(
///     "cc94c2d6-6e70-426c-afd1-71c8fa5f4890",
///     "https://app.example/callback",
///     ResponseType::Code,
/// );
/// let client = Client::new(registration.clone())?;
/// assert!(client.uses_pkce());
/// assert_eq!(client.registration(), &registration);
/// assert_eq!(client.client_id(), "cc94c2d6-6e70-426c-afd1-71c8fa5f4890");
/// assert_eq!(client.redirect_uri(), "https://app.example/callback");
/// assert_eq!(client.response_type(), ResponseType::Code);
/// assert_eq!(client.scope().to_string(), constant_contact::SCOPE_WITH_CODE);
/// // What `constant_contact::registration` filled in.
/// assert_eq!(client.authorization_endpoint(), constant_contact::AUTHORIZATION_ENDPOINT);
/// assert_eq!(client.token_endpoint(), constant_contact::TOKEN_ENDPOINT);
/// assert_eq!(client.issuer(), constant_contact::ISSUER);
/// assert_eq!(client.max_authorization_time(), 10 * 60);
///
/// let mistaken = Registration { redirect_uri: "/callback".to_owned(), ..registration };
/// let error = Client::new(mistaken).unwrap_err();
/// assert_eq!(error.to_string(), "redirect_uri is \"/callback\", expected a plain https address");
/// assert_eq!(error.code(), "client_address_unusable");
/// # Ok::<(), ClientError>(())
/// ```
///
/// [RFC 6749 §2.1]: https://www.rfc-editor.org/rfc/rfc6749.html#section-2.1
/// [RFC 7636]: https://www.rfc-editor.org/rfc/rfc7636.html
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    registration: Registration,
    is_without_pkce: bool,
}

impl Client {
    /// Checks a registration.
    ///
    /// # Errors
    ///
    /// [`ClientError`], the first one found.
    pub fn new(registration: Registration) -> Result<Self, ClientError> {
        if registration.client_id.is_empty() {
            return Err(ClientError::NoClientId);
        }
        check_address("redirect_uri", &registration.redirect_uri)?;
        check_address("issuer", &registration.issuer)?;
        check_endpoint(
            "authorization_endpoint",
            &registration.authorization_endpoint,
            &parameters::OF_AUTHORIZATION_REQUEST,
        )?;
        check_endpoint(
            "token_endpoint",
            &registration.token_endpoint,
            &parameters::OF_TOKEN_REQUEST,
        )?;
        Ok(Self {
            registration,
            is_without_pkce: false,
        })
    }

    /// This client without PKCE, for an authorization server that rejects it. A public client
    /// cannot do without ([RFC 9700 §2.1.1]), which is why this takes the secret that only a
    /// confidential client has. The secret is not kept.
    ///
    /// ```
    /// # use cc_connect_core::constant_contact;
    /// use cc_connect_core::oauth::{Client, ClientSecret, ResponseType};
    ///
    /// # let redirect_uri = "https://app.example/callback";
    /// # let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
    /// // On a server.
    /// let secret = ClientSecret::new("7Fjfp0ZBr1KtDRbnfVdmIw".to_owned());
    /// let client = Client::new(registration)?.without_pkce(&secret);
    /// assert!(!client.uses_pkce());
    /// # Ok::<(), cc_connect_core::oauth::ClientError>(())
    /// ```
    ///
    /// [RFC 9700 §2.1.1]: https://www.rfc-editor.org/rfc/rfc9700.html#section-2.1.1
    #[must_use]
    pub fn without_pkce(self, _evidence: &ClientSecret) -> Self {
        Self {
            is_without_pkce: true,
            ..self
        }
    }

    /// This client, asking for another scope.
    ///
    /// ```
    /// # use cc_connect_core::constant_contact;
    /// use cc_connect_core::oauth::{Client, ResponseType, Scope};
    ///
    /// # let redirect_uri = "https://app.example/callback";
    /// # let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
    /// # let client = Client::new(registration)?;
    /// let more = client.scope().clone().with_token("contact_data_export");
    /// let client = client.with_scope(more);
    /// assert!(client.scope().contains("contact_data_export"));
    /// # Ok::<(), cc_connect_core::oauth::ClientError>(())
    /// ```
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.registration.scope = scope;
        self
    }

    /// Whether requests have a code challenge.
    pub fn uses_pkce(&self) -> bool {
        self.response_type() == ResponseType::Code && !self.is_without_pkce
    }

    /// The registration as it was checked.
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// `client_id`; Constant Contact calls it the API key.
    pub fn client_id(&self) -> &str {
        &self.registration.client_id
    }

    /// The redirection endpoint, exactly as registered.
    pub fn redirect_uri(&self) -> &str {
        &self.registration.redirect_uri
    }

    /// Where the browser is sent for authorization.
    pub fn authorization_endpoint(&self) -> &str {
        &self.registration.authorization_endpoint
    }

    /// Whether requests ask for a token or for a code: the one grant that the client uses.
    pub fn response_type(&self) -> ResponseType {
        self.registration.response_type
    }

    /// Where a code is exchanged, and a connection renewed.
    pub fn token_endpoint(&self) -> &str {
        &self.registration.token_endpoint
    }

    /// The authorization server's issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.registration.issuer
    }

    /// The scope to request; what is granted may be less.
    pub fn scope(&self) -> &Scope {
        &self.registration.scope
    }

    /// How long an authorization may take, in seconds.
    pub fn max_authorization_time(&self) -> i64 {
        self.registration.max_authorization_time
    }
}

fn check_address(name: &'static str, address: &str) -> Result<(), ClientError> {
    match parse(address) {
        Some(url) if !url.has_query() => Ok(()),
        _ => Err(unusable(name, address)),
    }
}

/// An endpoint may have a query ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)),
/// without any of the parameters in `sent`.
fn check_endpoint(
    name: &'static str,
    address: &str,
    sent: &[&'static str],
) -> Result<(), ClientError> {
    let url = parse(address).ok_or_else(|| unusable(name, address))?;
    let query = url.query().unwrap_or_default();
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let reserved = parameters.find_map(|(found, _)| sent.iter().find(|sent| **sent == found));
    match reserved {
        Some(parameter) => Err(ClientError::ReservedParameter { name, parameter }),
        None => Ok(()),
    }
}

/// An absolute URL without userinfo and fragment: `https`, or `http` to this machine.
fn parse(address: &str) -> Option<WebUrl<'_>> {
    let url = WebUrl::parse(address)?;
    (!url.is_plain() && !url.has_userinfo() && !url.has_fragment()).then_some(url)
}

fn unusable(name: &'static str, found: &str) -> ClientError {
    ClientError::Address {
        name,
        found: found.to_owned(),
    }
}
