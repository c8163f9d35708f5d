//! What attempts, sessions and renewals have in common: the store, the seal, and verification.

use crate::{
    clock::Clock,
    failure::{NotConnected, TokenFailure},
    issuer_keys::{IssuerKeys, Unverified},
    outbound::Outbound,
    seal::{KeyRing, Place, SealError, Sealed},
    secrets::{BindingSecret, Hash, SessionSecret},
    store::{FIRST_VERSION, SessionRow, Store, StoreError, TokenTimes},
};
use cc_connect_core::{
    jose::TokenError,
    oauth::{ClientSecret, PendingAuthorization},
    session::{
        Account, Context, UnverifiedAccessToken, VerifiedAccessToken, expiry, renewal::due_at,
        stored,
    },
    time::Timestamp,
};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::Zeroizing;

/// The parts.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) outbound: Outbound,
    pub(crate) keys: IssuerKeys,
    pub(crate) context: Context,
    pub(crate) secrets: RwLock<Arc<Secrets>>,
}

/// What may be replaced while the server runs.
#[derive(Debug)]
pub(crate) struct Secrets {
    pub(crate) client: ClientSecret,
    pub(crate) ring: KeyRing,
}

/// What a session's seal keeps.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// The account that was connected.
    pub(crate) account: Account,
    /// Its token, which has to be verified again.
    pub(crate) token: UnverifiedAccessToken,
}

impl Parts {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn secrets(&self) -> Arc<Secrets> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&secrets)
    }

    pub(crate) async fn verify(
        &self,
        token: &UnverifiedAccessToken,
    ) -> Result<VerifiedAccessToken, Unverified> {
        self.keys.verify(token, &self.context).await
    }

    /// The token of a session, if it can be used as it is.
    pub(crate) async fn check(
        &self,
        token: &UnverifiedAccessToken,
    ) -> Result<VerifiedAccessToken, TokenFailure> {
        match self.verify(token).await {
            Ok(token) if expiry::has_expired(token.expires_at(), self.now()) => {
                Err(TokenFailure::ended(NotConnected::EXPIRED))
            }
            Ok(token) => Ok(token),
            Err(Unverified::NoKeys(failure)) => Err(TokenFailure::soon(failure.code())),
            Err(Unverified::Refused(refusal)) => Err(match refusal.token_error() {
                Some(TokenError::Expired { .. }) => TokenFailure::ended(NotConnected::EXPIRED),
                _ => TokenFailure::ended(refusal.code()),
            }),
        }
    }

    /// A session that has neither ended nor been left alone for too long.
    pub(crate) async fn living(
        &self,
        id: &Hash,
    ) -> Result<Result<SessionRow, NotConnected>, StoreError> {
        let row = self.store.session(id).await?;
        Ok(row
            .ok_or(NotConnected::Missing)
            .and_then(|row| self.alive(row)))
    }

    fn alive(&self, row: SessionRow) -> Result<SessionRow, NotConnected> {
        let now = self.now();
        match &row.ended {
            Some(code) => Err(NotConnected::Ended(code.clone().into())),
            None if now >= row.absolute_until => Err(NotConnected::TooOld),
            None if now >= row.idle_until => Err(NotConnected::Idle),
            None => Ok(row),
        }
    }

    /// Seals a session's account and token, to be stored as this version.
    pub(crate) fn seal_session(
        &self,
        secret: &SessionSecret,
        version: i64,
        account: &Account,
        token: &UnverifiedAccessToken,
    ) -> Sealed {
        let token = Zeroizing::new(stored::write_token(token));
        let account = stored::write_account(account);
        // JSON on one line each. Room for both: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(account.len() + 1 + token.len()));
        text.push_str(&account);
        text.push('\n');
        text.push_str(&token);
        let place = session_place(secret, version);
        self.secrets().ring.seal(&text, secret.expose(), place)
    }

    /// Opens a session's seal.
    pub(crate) fn open_session(
        &self,
        secret: &SessionSecret,
        row: &SessionRow,
    ) -> Result<Opened, NotConnected> {
        let secrets = self.secrets();
        let place = session_place(secret, row.version);
        let text = secrets.ring.open(&row.sealed, secret.expose(), place);
        let text = text.map_err(|error| {
            failed(&row.sealed, error);
            NotConnected::KeyUnknown
        })?;
        let opened = text.split_once('\n').and_then(|(account, token)| {
            Some(Opened {
                account: stored::read_account(account)?,
                token: stored::read_token(token)?,
            })
        });
        // A record of another version of this program is made again.
        let opened = opened.ok_or(NotConnected::ConfigurationChanged)?;
        let client = &self.context.client;
        let is_ours = opened.token.client_id() == client.client_id()
            && opened.token.issuer() == client.issuer();
        is_ours
            .then_some(opened)
            .ok_or(NotConnected::ConfigurationChanged)
    }

    /// Whether a session was sealed with an older master key.
    pub(crate) fn is_outdated(&self, row: &SessionRow) -> bool {
        self.secrets().ring.is_outdated(&row.sealed)
    }

    /// Seals a pending authorization.
    pub(crate) fn seal_attempt(
        &self,
        binding: &BindingSecret,
        state: Hash,
        pending: &PendingAuthorization,
    ) -> Sealed {
        let text = Zeroizing::new(stored::write_pending(pending));
        let secrets = self.secrets();
        let place = attempt_place(state);
        secrets.ring.seal(&text, binding.expose(), place)
    }

    /// Opens a pending authorization; within, `None` if it cannot be read.
    pub(crate) fn open_attempt(
        &self,
        binding: &BindingSecret,
        state: Hash,
        sealed: &Sealed,
    ) -> Result<Option<PendingAuthorization>, SealError> {
        let secrets = self.secrets();
        let place = attempt_place(state);
        let text = secrets.ring.open(sealed, binding.expose(), place);
        let text = text.inspect_err(|error| failed(sealed, *error))?;
        Ok(stored::read_pending(&text))
    }
}

/// The times of a verified token that has just come.
pub(crate) fn times(token: &VerifiedAccessToken, now: Timestamp) -> TokenTimes {
    TokenTimes {
        expires: token.expires_at(),
        renew_from: due_at(token.expires_at(), token.lifetime()),
        renewed: now,
    }
}

fn session_place(secret: &SessionSecret, version: i64) -> Place {
    Place {
        table: "session",
        row: secret.hash(),
        version,
    }
}

fn attempt_place(state: Hash) -> Place {
    Place {
        table: "attempt",
        row: state,
        version: FIRST_VERSION,
    }
}

fn failed(sealed: &Sealed, error: SealError) {
    let key = sealed.key_id.clone();
    tracing::warn!(%key, ?error, "a seal could not be opened");
    metrics::counter!("cc_connect_unseal_failures_total", "key" => key).increment(1);
}
