//! An access token before its verification, with all that is needed to verify it, and with what came
//! along.

use crate::{
    oauth::{
        AccessToken, AccessTokenResponse, IdToken, Nonce, PendingAuthorization, RefreshToken,
        Scope, TokenResponse,
    },
    openid_connect::{OFFLINE_ACCESS, OPENID},
    time::Timestamp,
};

/// A token out of a response or out of storage. Nothing can be done with it but to verify it.
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
    /// What renews it.
    pub(super) refresh_token: Option<RefreshToken>,
    /// What came with it. It is verified with it, once, and never stored.
    pub(super) id_token: Option<IdToken>,
    /// Whom the ID token of the authorization named.
    pub(super) subject: Option<String>,
    pub(super) origin: Origin,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The redirection endpoint.
    Redirection,
    /// The token endpoint, for a code.
    Code,
    /// The token endpoint, for a refresh token.
    Refresh,
    /// Storage: it was verified before, by an earlier page.
    Storage,
}

impl UnverifiedAccessToken {
    /// Of the implicit grant.
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

    /// Of the authorization code grant.
    pub(super) fn exchanged(response: TokenResponse, pending: PendingAuthorization) -> Self {
        Self {
            refresh_token: response.refresh_token,
            id_token: response.id_token,
            origin: Origin::Code,
            ..Self::redirected(response.access, pending)
        }
        .with_what_came()
    }

    /// The one after this, of a refresh that was asked for at `requested_at`.
    pub(super) fn renewed(&self, response: TokenResponse, requested_at: Timestamp) -> Self {
        Self {
            access_token: response.access.access_token,
            granted: response
                .access
                .scope
                .unwrap_or_else(|| self.granted.clone()),
            requested_at,
            // RFC 6749 §6: without a new one the old one stays in force.
            refresh_token: response
                .refresh_token
                .or_else(|| self.refresh_token.clone()),
            id_token: response.id_token,
            origin: Origin::Refresh,
            ..self.clone()
        }
        .with_what_came()
    }

    /// An ID token that nobody asked for is not looked at (RFC 6749 §5.1: unrecognized members are
    /// ignored). What came was granted, whether or not the server lists it.
    fn with_what_came(mut self) -> Self {
        self.id_token = self.id_token.filter(|_| self.requested.contains(OPENID));
        if self.id_token.is_some() {
            self.granted = self.granted.and(OPENID);
        }
        if self.refresh_token.is_some() {
            self.granted = self.granted.and(OFFLINE_ACCESS);
        }
        self
    }

    /// The same, without what renews it.
    pub(super) fn without_refresh_token(&self) -> Self {
        Self {
            refresh_token: None,
            ..self.clone()
        }
    }

    /// What renews it, for the token endpoint.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// Who asked for it.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn is_restored(&self) -> bool {
        self.origin == Origin::Storage
    }
}
