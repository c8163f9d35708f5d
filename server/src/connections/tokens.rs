//! From a session to its token.

use super::{Connections, Look};
use crate::{
    failure::{NotConnected, TokenFailure},
    secrets::{BindingSecret, Hash, SessionSecret},
    store::{SessionRow, StoreError, is_worth_a_touch},
};
use cc_connect_core::{oauth::AccessToken, session::VerifiedAccessToken};

impl Connections {
    /// What a page may know of its connection. A token that is about to end is renewed first. Why a
    /// connection ended is told once.
    ///
    /// # Errors
    ///
    /// [`TokenFailure::Unavailable`] only: there is a connection, or there may be one, and it cannot
    /// be used at this moment.
    pub async fn look(
        &self,
        secret: Option<&SessionSecret>,
        binding: Option<&BindingSecret>,
    ) -> Result<Look, TokenFailure> {
        let parts = &self.shared.parts;
        let reason = match secret {
            None => None,
            Some(secret) => match self.usable_token(secret, None).await {
                Ok((token, renews)) => {
                    let grant = token.grant().clone();
                    return Ok(Look::Connected { grant, renews });
                }
                Err(TokenFailure::NotConnected(reason)) => {
                    parts
                        .store
                        .delete_ended(&secret.hash(), parts.now())
                        .await?;
                    Some(reason)
                }
                Err(failure @ TokenFailure::Unavailable { .. }) => return Err(failure),
            },
        };
        let outcome = match binding {
            Some(binding) => {
                let store = &parts.store;
                store.take_outcome(&binding.hash(), parts.now()).await?
            }
            None => None,
        };
        Ok(Look::NotConnected { reason, outcome })
    }

    /// Ends a session; there may be none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn end(&self, secret: &SessionSecret) -> Result<(), StoreError> {
        self.shared.parts.store.delete(&secret.hash()).await
    }

    /// The access token of a session, renewed if it is about to end. `rejected` is one that the API
    /// has answered with 401: it is renewed as well, unless it is [so new] that the next one would
    /// be rejected, too. If the result [is the same](VerifiedAccessToken::is_same_token), there is
    /// no newer one, and the API's answer stands.
    ///
    /// [so new]: cc_connect_core::session::REJECTION_INTERVAL
    ///
    /// # Errors
    ///
    /// [`TokenFailure`].
    pub async fn access_token(
        &self,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Result<VerifiedAccessToken, TokenFailure> {
        let token = self.usable_token(secret, rejected).await;
        token.map(|(token, _)| token)
    }

    /// The token, and whether it can be renewed.
    async fn usable_token(
        &self,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Result<(VerifiedAccessToken, bool), TokenFailure> {
        let (parts, renewals) = (&self.shared.parts, &self.shared.renewals);
        let id = secret.hash();
        let row = parts.living(&id).await?;
        let row = row.map_err(TokenFailure::NotConnected)?;
        let opened = parts.open_session(secret, &row);
        let opened = opened.map_err(TokenFailure::NotConnected)?;
        self.touch(&id, &row).await;

        let renews = opened.token.refresh_token().is_some();
        let is_due = renews && parts.now() >= row.token.renew_from;
        let is_rejected =
            renews && rejected.is_some_and(|rejected| opened.token.is_same_token(rejected));
        if is_due || is_rejected || parts.is_outdated(&row) {
            match renewals.renew(secret, rejected).await {
                Ok(token) => return Ok((token, renews)),
                // Good for a while yet.
                Err(TokenFailure::Unavailable { .. }) if !is_rejected => {}
                Err(failure) => return Err(failure),
            }
        }
        match parts.check(&opened.token).await {
            Ok(token) => Ok((token, renews)),
            Err(failure) if failure.is_expiry() && renews => {
                let token = renewals.renew(secret, rejected).await?;
                Ok((token, renews))
            }
            Err(failure) => {
                if failure.is_expiry() {
                    let (store, code) = (&parts.store, NotConnected::EXPIRED);
                    store.set_ended(&id, row.version, code).await?;
                }
                Err(failure)
            }
        }
    }

    /// Prolongs the session. If that fails, the next use will do.
    async fn touch(&self, id: &Hash, row: &SessionRow) {
        let parts = &self.shared.parts;
        let now = parts.now();
        let idle_until = now.plus_millis(self.shared.idle).min(row.absolute_until);
        if is_worth_a_touch(row, idle_until) {
            let _ = parts.store.touch(id, idle_until, now).await;
        }
    }
}
