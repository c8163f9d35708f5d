//! An access token before verification, with everything needed to verify it and with what came in
//! the same response.

use crate::{
    oauth::{
        AccessToken, AccessTokenResponse, IdToken, Nonce, PendingAuthorization, RefreshToken,
        Scope, TokenResponse,
    },
    openid_connect::{IdTokenClaims, OFFLINE_ACCESS, OPENID},
    time::Timestamp,
};

/// A token from a response or from storage. It cannot be sent to the API until it is verified.
///
/// ```
/// use cc_connect_core::{constant_contact, oauth::AccessToken, session::stored};
///
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let record = vector!("stored-token.json");
/// let token = stored::read_token(record).expect("a record of this version");
/// // Whom it was requested from, and for which client, may have been other settings.
/// assert_eq!(token.client_id(), "cc94c2d6-6e70-426c-afd1-71c8fa5f4890");
/// assert_eq!(token.issuer(), constant_contact::ISSUER);
/// // It may be renewed even before it is verified.
/// assert!(token.refresh_token().is_some());
/// // Whether the API rejected this token, or one that has been replaced meanwhile.
/// let rejected = AccessToken::new("another".to_owned());
/// assert!(!token.is_same_token(&rejected));
/// ```
#[derive(Clone, Debug)]
pub struct UnverifiedAccessToken {
    pub(super) access_token: AccessToken,
    pub(super) granted: Scope,
    pub(super) requested: Scope,
    pub(super) nonce: Nonce,
    pub(super) requested_at: Timestamp,
    pub(super) client_id: String,
    pub(super) issuer: String,
    pub(super) redirect_uri: String,
    pub(super) refresh_token: Option<RefreshToken>,
    /// Came with the access token, is verified along with it, once, and never stored.
    pub(super) id_token: Option<IdToken>,
    /// `sub` of the authorization's ID token.
    pub(super) subject: Option<String>,
    pub(super) origin: Origin,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The redirection endpoint, in the implicit grant.
    Redirection,
    /// The token endpoint, for a code.
    Code,
    /// The token endpoint, for a refresh token.
    Refresh,
    /// Storage: it was verified before, by an earlier page.
    Storage,
}

impl UnverifiedAccessToken {
    /// From a response in the implicit grant.
    pub(super) fn redirected(granted: AccessTokenResponse, pending: PendingAuthorization) -> Self {
        Self {
            access_token: granted.access_token,
            granted: granted.scope.unwrap_or_else(|| pending.scope.clone()),
            requested: pending.scope,
            nonce: pending.nonce,
            requested_at: pending.created_at,
            client_id: pending.client_id,
            issuer: pending.issuer,
            redirect_uri: pending.redirect_uri,
            refresh_token: None,
            id_token: None,
            subject: None,
            origin: Origin::Redirection,
        }
    }

    /// From a token response in the authorization code grant: `pending` is the request whose code
    /// was exchanged.
    ///
    /// ```
    /// use cc_connect_core::{
    ///     oauth::TokenResponse,
    ///     session::{UnverifiedAccessToken, stored},
    ///     time::Timestamp,
    /// };
    ///
    /// # let record = r#"{
    /// #     "version": 1, "state": "s", "nonce": "n", "code_verifier": "v", "client_id": "c",
    /// #     "redirect_uri": "https://app.example/callback", "scope": "account_read",
    /// #     "issuer": "https://issuer.example", "created_at": 1790000000000, "return_to": ""
    /// # }"#;
    /// # let response = |token: &str, more: &str| {
    /// #     let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer"{more}}}"#);
    /// #     TokenResponse::read(200, body.as_bytes())
    /// # };
    /// # let now = Timestamp::from_unix_seconds(1_790_000_000);
    /// let pending = stored::read_pending(record).expect("a record of this version");
    /// let response_to_code = response("e30.e30.e30", r#","refresh_token":"r1""#)?;
    /// let token = UnverifiedAccessToken::exchanged(response_to_code, pending);
    ///
    /// // Later. Without a new refresh token the old one stays valid.
    /// let renewed = token.renewed(response("e30.e30.e31", "")?, now);
    /// assert_eq!(renewed.refresh_token().map(|token| token.expose()), Some("r1"));
    /// # Ok::<(), cc_connect_core::oauth::TokenEndpointError>(())
    /// ```
    pub fn exchanged(response: TokenResponse, pending: PendingAuthorization) -> Self {
        Self {
            refresh_token: response.refresh_token,
            id_token: response.id_token,
            origin: Origin::Code,
            ..Self::redirected(response.access, pending)
        }
        .with_what_came()
    }

    /// The successor of this token, from a refresh requested at `requested_at`.
    pub fn renewed(&self, response: TokenResponse, requested_at: Timestamp) -> Self {
        Self {
            access_token: response.access.access_token,
            granted: response
                .access
                .scope
                .unwrap_or_else(|| self.granted.clone()),
            requested_at,
            // RFC 6749 §6: without a new one the old one stays valid.
            refresh_token: response
                .refresh_token
                .or_else(|| self.refresh_token.clone()),
            id_token: response.id_token,
            origin: Origin::Refresh,
            ..self.clone()
        }
        .with_what_came()
    }

    /// Drops an ID token that was not requested (RFC 6749 §5.1: unrecognized members are ignored).
    /// What did come counts as granted, whether or not the server lists it in `scope`.
    fn with_what_came(mut self) -> Self {
        self.id_token = self.id_token.filter(|_| self.requested.contains(OPENID));
        if self.id_token.is_some() {
            self.granted = self.granted.with_token(OPENID);
        }
        if self.refresh_token.is_some() {
            self.granted = self.granted.with_token(OFFLINE_ACCESS);
        }
        self
    }

    /// This token without its refresh token.
    pub(super) fn without_refresh_token(&self) -> Self {
        Self {
            refresh_token: None,
            ..self.clone()
        }
    }

    /// The refresh token, for the token endpoint.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// This token with `sub` of the ID token that was verified along with it: the ID token of a
    /// later renewal has to repeat it ([OpenID Connect Core §12.2]).
    ///
    /// ```
    /// use cc_connect_core::{openid_connect::verify_id_token, session::stored};
    ///
    /// # use cc_connect_core::{
    /// #     constant_contact, jose::JwkSet,
    /// #     oauth::{AccessToken, IdToken, Nonce}, openid_connect::Circumstances, time::Timestamp,
    /// # };
    /// # macro_rules! vector { ($name:literal) => {
    /// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name)).trim()
    /// # } }
    /// # let token = stored::read_token(vector!("stored-token.json")).unwrap();
    /// # let id_token = IdToken::new(vector!("id-token.jws").to_owned());
    /// # let keys = JwkSet::parse(vector!("key-set.json"))?;
    /// # let expectations = constant_contact::id_token_expectations(token.client_id());
    /// # let now = Timestamp::from_unix_seconds(1_790_000_002);
    /// # let circumstances = Circumstances {
    /// #     access_token: &AccessToken::new(vector!("access-token.jws").to_owned()),
    /// #     nonce: &Nonce::from_entropy([2; 32]),
    /// #     requested_at: now.plus_seconds(-2),
    /// #     refresh: None,
    /// # };
    /// let (_, result) = verify_id_token(&id_token, &keys, &expectations, circumstances, now);
    /// let token = token.with_subject_of(&result?);
    /// assert!(stored::write_token(&token).contains(r#""sub":"00u1ibx8lhb3amvHR0h8""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [OpenID Connect Core §12.2]: https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse
    #[must_use]
    pub fn with_subject_of(mut self, id_token: &IdTokenClaims) -> Self {
        self.subject = Some(id_token.subject().to_owned());
        self
    }

    /// Whether this is the same token as `token`, compared in constant time.
    pub fn is_same_token(&self, token: &AccessToken) -> bool {
        self.access_token.is_same_secret(token)
    }

    /// The client that requested it.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The authorization server that was asked for it, according to the settings of that time.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn is_restored(&self) -> bool {
        self.origin == Origin::Storage
    }
}
