//! From the beginning of an attempt to a session.

use super::{Completed, Connections};
use crate::{
    failure::{BeginError, ConnectError},
    issuer_keys::Unverified,
    parts,
    refresh::refuses_client,
    secrets::{self, BindingSecret, Hash, SessionSecret},
    store::{FIRST_VERSION, NewAttempt, NewSession, TakenAttempt},
};
use cc_connect_core::{
    oauth::{
        Accepted, AuthorizationCode, AuthorizationResponse, CapturedResponse, ClientAuthentication,
        PendingAuthorization, RedirectionError, TokenEndpointError, TokenRequest, TokenResponse,
        accept,
    },
    session::{UnverifiedAccessToken, expiry},
};
use std::time::Duration;

/// How long an attempt is kept after its time, to say that it took too long, in seconds.
const GRACE: i64 = 10 * 60;
/// How long the code of a failed attempt waits for the page, in seconds.
const OUTCOME_LIFETIME: i64 = 10 * 60;
/// How long all pauses together may be before a code that was not processed is sent again. The
/// person waits.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

impl Connections {
    /// Stores an attempt to connect before the browser leaves. `previous` is the session that it
    /// replaces when it succeeds.
    ///
    /// # Errors
    ///
    /// [`BeginError`].
    pub async fn begin(
        &self,
        pending: &PendingAuthorization,
        binding: &BindingSecret,
        previous: Option<&SessionSecret>,
    ) -> Result<(), BeginError> {
        let parts = &self.shared.parts;
        let state = state_hash(pending.state.expose());
        let lifetime = parts.context.client.max_authorization_time();
        let attempt = NewAttempt {
            state,
            binding: binding.hash(),
            sealed: parts.seal_attempt(binding, state, pending),
            previous: previous.map(SessionSecret::hash),
            created: parts.now(),
            expires: parts.now().plus_seconds(lifetime.saturating_add(GRACE)),
        };
        match parts
            .store
            .begin(&attempt, self.shared.limits.attempts)
            .await?
        {
            true => Ok(()),
            false => Err(BeginError::TooMany),
        }
    }

    /// Completes an attempt with the response to it. On an error the code becomes the browser's
    /// outcome, for the next [`look`](Self::look).
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    pub async fn complete(
        &self,
        response: &CapturedResponse,
        binding: Option<&BindingSecret>,
    ) -> Result<Completed, ConnectError> {
        let result = self.connect(response, binding).await;
        if let (Err(error), Some(binding)) = (&result, binding) {
            let parts = &self.shared.parts;
            let expires = parts.now().plus_seconds(OUTCOME_LIFETIME);
            let store = &parts.store;
            // Without a store the page will hear of that first.
            let _ = store
                .set_outcome(&binding.hash(), error.code(), expires)
                .await;
        }
        result
    }

    async fn connect(
        &self,
        captured: &CapturedResponse,
        binding: Option<&BindingSecret>,
    ) -> Result<Completed, ConnectError> {
        let parts = &self.shared.parts;
        let response = AuthorizationResponse::parse(captured)?;
        let state = response.state().ok_or(RedirectionError::StateMissing)?;
        let state = state_hash(state);
        let (binding, pending, previous) = self.take(state, binding).await?;

        let accepted = accept(&parts.context.client, &response, Ok(&pending), parts.now())?;
        let Accepted::Code(code) = accepted else {
            return Err(RedirectionError::OtherResponseType.into());
        };
        // A code works once: nothing is spent that could not be used.
        parts.keys.prepare().await?;
        let return_to = pending.return_to.clone();
        let response = self.exchange(&code, &pending).await?;
        let mut token = UnverifiedAccessToken::exchanged(response, pending);
        let verified = parts.verify(&token).await.map_err(|error| match error {
            Unverified::NoKeys(failure) => ConnectError::Keys(failure),
            Unverified::Refused(refusal) => ConnectError::Token(refusal),
        })?;
        let now = parts.now();
        if expiry::has_expired(verified.expires_at(), now) {
            return Err(ConnectError::TokenExpired);
        }
        if let Some(id_token) = verified.id_token() {
            token = token.with_subject_of(&id_token.claims);
        }

        let secret = SessionSecret::generate();
        let account = &verified.grant().account;
        let absolute_until = now.plus_millis(self.shared.absolute);
        let session = NewSession {
            id: secret.hash(),
            sealed: parts.seal_session(&secret, FIRST_VERSION, account, &token),
            token: parts::times(&verified, now),
            created: now,
            idle_until: now.plus_millis(self.shared.idle).min(absolute_until),
            absolute_until,
        };
        parts
            .store
            .create(&session, previous.as_ref(), &binding.hash())
            .await?;
        Ok(Completed { secret, return_to })
    }

    /// The attempt that a response answers, which is used up by that.
    async fn take<'a>(
        &self,
        state: Hash,
        binding: Option<&'a BindingSecret>,
    ) -> Result<(&'a BindingSecret, PendingAuthorization, Option<Hash>), ConnectError> {
        let parts = &self.shared.parts;
        let hash = binding.map(BindingSecret::hash);
        let taken = parts
            .store
            .take_attempt(&state, hash.as_ref(), parts.now())
            .await?;
        match (taken, binding) {
            (TakenAttempt::Taken { sealed, previous }, Some(binding)) => {
                let pending = parts.open_attempt(binding, state, &sealed);
                let pending = pending.map_err(|_| ConnectError::KeyUnknown)?;
                let pending = pending.ok_or(ConnectError::Unreadable)?;
                Ok((binding, pending, previous))
            }
            (TakenAttempt::OtherBrowser, _) => Err(ConnectError::OtherBrowser),
            (TakenAttempt::Missing | TakenAttempt::Taken { .. }, _) => {
                Err(ConnectError::AttemptMissing)
            }
        }
    }

    /// Exchanges a code, and again if it certainly was not processed.
    async fn exchange(
        &self,
        code: &AuthorizationCode,
        pending: &PendingAuthorization,
    ) -> Result<TokenResponse, ConnectError> {
        let parts = &self.shared.parts;
        let secrets = parts.secrets();
        let basic = ClientAuthentication::Basic(&secrets.client);
        let request = TokenRequest::for_code(code, pending, basic);
        let endpoint = parts.context.client.token_endpoint();
        let mut left = LONGEST_PAUSE;
        loop {
            let fault = match parts.outbound.token(endpoint, &request).await {
                Ok(response) => return Ok(response),
                Err(fault) => fault,
            };
            let rest = fault.pause().and_then(|pause| {
                let rest = left.checked_sub(pause)?;
                Some((pause, rest))
            });
            let Some((pause, rest)) = rest else {
                return Err(not_exchanged(fault.into_error()));
            };
            left = rest;
            tokio::time::sleep(pause).await;
        }
    }
}

fn not_exchanged(error: TokenEndpointError) -> ConnectError {
    if refuses_client(&error) {
        tracing::error!("the authorization server does not accept the client or its secret");
        ConnectError::ClientRefused
    } else {
        ConnectError::TokenEndpoint(error)
    }
}

fn state_hash(state: &str) -> Hash {
    secrets::hash("cc-connect state", state)
}
