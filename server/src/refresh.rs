//! Renewals. A rotating refresh token works once, so a session is renewed once at a time over all
//! instances, and what comes is stored before anything else happens with it.
//!
//! 1. Whoever needs a renewal joins the one that is under way for the session in this process, or
//!    begins one. It goes on if they leave, and there are only so many at once.
//! 2. It takes the session's lock over all instances, and reads the row again: another instance may
//!    have renewed it, or the person may have disconnected.
//! 3. That a request is about to be sent is recorded. If its answer gets lost and the refresh token
//!    turns out to be used up, that is why. If the lock gets lost, with the database's connection or
//!    the process that had it, nobody else asks while the answer may still be stored.
//! 4. The answer is stored, if the version that was read is still there, and then verified.
//! 5. A refusal ends the connection; a fault that may pass does not.

mod pauses;

use crate::{
    failure::{NotConnected, TokenFailure},
    issuer_keys::Unverified,
    outbound::Fault,
    parts::{self, Opened, Parts},
    seal::Sealed,
    secrets::{Hash, SessionSecret},
    store::{LockError, SessionRow, StoreError, TokenTimes},
};
use cc_connect_core::{
    oauth::{
        AccessToken, AccessTokenResponseError, ClientAuthentication, ErrorCode, ErrorResponse,
        Prospect, TokenEndpointError, TokenRequest, TokenResponse,
    },
    session::{REJECTION_INTERVAL, VerifiedAccessToken, expiry, renewal::due_at},
    time::Timestamp,
};
use futures_util::future::{BoxFuture, FutureExt as _, Shared};
use pauses::Pauses;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// The lifetime of a token whose response does not say, until it has been verified, in seconds.
const PRESUMED_LIFETIME: i64 = 60 * 60;
/// How often storing an answer is tried.
const STORE_ATTEMPTS: u32 = 8;
/// How long after a request its answer may still be stored, in milliseconds: about as long as a
/// token request and all attempts to store its answer take.
const UNDER_WAY: i64 = 60 * 1000;

type Outcome = Result<VerifiedAccessToken, TokenFailure>;
/// A renewal, for everybody who waits for it.
type Renewal = Shared<BoxFuture<'static, Outcome>>;
type UnderWay = HashMap<Hash, Renewal>;

/// The renewals under way.
#[derive(Debug)]
pub(crate) struct Renewals {
    parts: Arc<Parts>,
    under_way: Mutex<UnderWay>,
    permits: Semaphore,
    limit: u32,
    pauses: Pauses,
    stopping: AtomicBool,
}

impl Renewals {
    pub(crate) fn new(parts: Arc<Parts>, limit: usize) -> Self {
        Self {
            parts,
            under_way: Mutex::default(),
            permits: Semaphore::new(limit),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            pauses: Pauses::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// A token of this session that is not about to end, nor `rejected`, if there can be one.
    pub(crate) async fn renew(
        self: &Arc<Self>,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Outcome {
        let id = secret.hash();
        if let Some(failure) = self.pauses.of(&id, self.parts.now()) {
            return Err(failure);
        }
        self.join(id, secret, rejected)?.await
    }

    fn join(
        self: &Arc<Self>,
        id: Hash,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Result<Renewal, TokenFailure> {
        let mut under_way = self.lock();
        if let Some(renewal) = under_way.get(&id) {
            return Ok(renewal.clone());
        }
        if self.stopping.load(Ordering::Relaxed) {
            return Err(TokenFailure::soon("stopping"));
        }
        // On a task of its own, since whoever asked may leave.
        let task = {
            let (this, secret, rejected) = (Arc::clone(self), secret.clone(), rejected.cloned());
            tokio::spawn(async move {
                let _registered = Registered {
                    renewals: &this,
                    id,
                };
                this.renew_now(id, &secret, rejected.as_ref()).await
            })
        };
        let renewal = task
            .map(|done| done.unwrap_or_else(|_| Err(TokenFailure::soon("internal_error"))))
            .boxed()
            .shared();
        under_way.insert(id, renewal.clone());
        metrics::gauge!("cc_connect_refreshes_under_way").set(under_way.len() as f64);
        Ok(renewal)
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets no further renewal begin, and waits for those under way.
    pub(crate) async fn finish(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let under_way: Vec<_> = self.lock().values().cloned().collect();
        futures_util::future::join_all(under_way).await;
        // Nobody holds a permit any more.
        let _ = self.permits.acquire_many(self.limit).await;
    }

    /// Forgets what is long over.
    pub(crate) fn sweep(&self) {
        self.pauses.sweep(self.parts.now());
    }

    async fn renew_now(
        &self,
        id: Hash,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Outcome {
        let _permit = self.permits.acquire().await;
        let lock = match self.parts.store.lock_renewal(&id).await {
            Ok(lock) => lock,
            Err(LockError::Busy) => return Err(TokenFailure::soon("refresh_locked")),
            Err(LockError::Store(error)) => return Err(error.into()),
        };
        let outcome = self.renew_locked(id, secret, rejected).await;
        lock.release().await;
        outcome
    }

    async fn renew_locked(
        &self,
        id: Hash,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Outcome {
        let row = self.parts.living(&id).await?;
        let row = row.map_err(TokenFailure::NotConnected)?;
        let opened = self.parts.open_session(secret, &row);
        let opened = opened.map_err(TokenFailure::NotConnected)?;
        let can_renew = opened.token.refresh_token().is_some();
        if !can_renew || !self.is_due(&row, &opened, rejected) {
            match self.parts.check(&opened.token).await {
                // Its times were presumed.
                Err(failure) if can_renew && failure.is_expiry() => {}
                outcome => {
                    self.seal_again(id, secret, &row, &opened).await;
                    return outcome;
                }
            }
        }
        let began = Instant::now();
        let outcome = self.ask(id, secret, &row, &opened).await;
        let result = match &outcome {
            Ok(_) => "renewed",
            Err(failure) => match failure {
                TokenFailure::NotConnected(reason) => reason.code(),
                TokenFailure::Unavailable { code, .. } => code,
            },
        };
        metrics::counter!("cc_connect_refreshes_total", "result" => result).increment(1);
        metrics::histogram!("cc_connect_refresh_seconds").record(began.elapsed());
        outcome
    }

    fn is_due(&self, row: &SessionRow, opened: &Opened, rejected: Option<&AccessToken>) -> bool {
        let now = self.parts.now();
        // A new token that is rejected is not renewed: the next one would be rejected too.
        let is_rejected = rejected.is_some_and(|rejected| {
            opened.token.is_same_token(rejected)
                && now.seconds_since(row.token.renewed) >= REJECTION_INTERVAL
        });
        is_rejected || now >= row.token.renew_from
    }

    /// Seals a session with the newest master key, under the lock: a renewal that has read the
    /// present version would be lost.
    async fn seal_again(
        &self,
        id: Hash,
        secret: &SessionSecret,
        row: &SessionRow,
        opened: &Opened,
    ) {
        if self.parts.is_outdated(row) {
            let Opened { account, token } = opened;
            let sealed = self
                .parts
                .seal_session(secret, row.version + 1, account, token);
            let store = &self.parts.store;
            let _ = store.replace(&id, row.version, &sealed, row.token).await;
        }
    }

    /// Asks the token endpoint, and stores what it says.
    async fn ask(
        &self,
        id: Hash,
        secret: &SessionSecret,
        row: &SessionRow,
        opened: &Opened,
    ) -> Outcome {
        let parts = &self.parts;
        let refresh_token = opened.token.refresh_token();
        let refresh_token =
            refresh_token.ok_or_else(|| TokenFailure::ended(NotConnected::EXPIRED))?;
        // Nothing is spent that could not be used.
        if let Err(failure) = parts.keys.prepare().await {
            return Err(TokenFailure::soon(failure.code()));
        }
        let now = parts.now();
        if let Some(retry_after) = under_way(row, now) {
            return Err(TokenFailure::Unavailable {
                code: "refresh_locked",
                retry_after,
            });
        }
        if !parts.store.set_asked(&id, row.version, Some(now)).await? {
            return Err(TokenFailure::NotConnected(NotConnected::Missing));
        }
        let client = &parts.context.client;
        let request = TokenRequest::for_refresh_token(
            refresh_token,
            client.client_id(),
            ClientAuthentication::Basic(&parts.secrets().client),
        );
        match parts
            .outbound
            .token(client.token_endpoint(), &request)
            .await
        {
            Ok(response) => {
                let outcome = self.keep(id, secret, row, opened, response, now).await;
                if outcome.is_ok() {
                    self.pauses.end(&id);
                }
                outcome
            }
            Err(fault) => Err(self.failed(id, row, fault).await),
        }
    }

    /// Stores a response, then verifies it.
    async fn keep(
        &self,
        id: Hash,
        secret: &SessionSecret,
        row: &SessionRow,
        opened: &Opened,
        response: TokenResponse,
        requested_at: Timestamp,
    ) -> Outcome {
        let parts = &self.parts;
        let lifetime = response.access.expires_in.map(i64::from);
        let lifetime = lifetime.unwrap_or(PRESUMED_LIFETIME);
        let token = opened.token.renewed(response, requested_at);
        let version = row.version + 1;
        let sealed = parts.seal_session(secret, version, &opened.account, &token);
        let expires = requested_at.plus_seconds(lifetime);
        let presumed = TokenTimes {
            expires,
            renew_from: due_at(expires, lifetime),
            renewed: parts.now(),
        };
        self.store_safely(id, row.version, &sealed, presumed)
            .await?;

        let verified = match parts.verify(&token).await {
            Ok(verified) => verified,
            // It is stored, and will be verified when it is used.
            Err(Unverified::NoKeys(failure)) => return Err(TokenFailure::soon(failure.code())),
            Err(Unverified::Refused(refusal)) => {
                return Err(self.end(id, version, refusal.code()).await);
            }
        };
        if !verified.grant().account.is_same_account(&opened.account) {
            return Err(self.end(id, version, NotConnected::ACCOUNT_CHANGED).await);
        }
        if expiry::has_expired(verified.expires_at(), parts.now()) {
            return Err(self.end(id, version, "token_expired").await);
        }
        let actual = parts::times(&verified, presumed.renewed);
        if actual != presumed {
            // If this fails, the token is verified again before it is used, as always.
            let _ = parts.store.set_times(&id, version, actual).await;
        }
        Ok(verified)
    }

    /// Stores what cannot be asked for again.
    async fn store_safely(
        &self,
        id: Hash,
        version: i64,
        sealed: &Sealed,
        times: TokenTimes,
    ) -> Result<(), TokenFailure> {
        let store = &self.parts.store;
        let mut pause = Duration::from_millis(100);
        for _ in 0..STORE_ATTEMPTS {
            match store.replace(&id, version, sealed, times).await {
                Ok(true) => return Ok(()),
                // Disconnected meanwhile, unless an earlier attempt succeeded without an answer.
                Ok(false) => {
                    let row = store.session(&id).await?;
                    let is_ours = row.is_some_and(|row| row.sealed.bytes == sealed.bytes);
                    return is_ours
                        .then_some(())
                        .ok_or(TokenFailure::NotConnected(NotConnected::Missing));
                }
                Err(StoreError) => tokio::time::sleep(pause).await,
            }
            pause = (2 * pause).min(Duration::from_secs(5));
        }
        Err(StoreError.into())
    }

    /// Ends the connection, or begins a pause.
    async fn failed(&self, id: Hash, row: &SessionRow, fault: Fault) -> TokenFailure {
        let (store, now) = (&self.parts.store, self.parts.now());
        let is_unprocessed = fault.pause().is_some();
        let error = fault.into_error();
        let refuses_client = refuses_client(&error);
        if error.prospect() == Prospect::Final && !refuses_client {
            let is_lost = row.asked.is_some() && error.code() == "invalid_grant";
            let code = if is_lost {
                NotConnected::REFRESH_LOST
            } else {
                error.code()
            };
            return self.end(id, row.version, code).await;
        }
        let is_answered = matches!(error, TokenEndpointError::Refused(_));
        let code = if refuses_client {
            "client_refused"
        } else {
            error.code()
        };
        if refuses_client || matches!(error, TokenEndpointError::Throttled { .. }) {
            self.pauses.begin_for_all(code, error.retry_after(), now);
        } else {
            self.pauses.begin(id, code, error.retry_after(), now);
        }
        tracing::warn!(code, "a renewal failed and will be tried again");
        let failure = self.pauses.of(&id, now);
        let failure = failure.unwrap_or_else(|| TokenFailure::soon(code));
        let asked = if is_unprocessed || is_answered {
            row.asked
        } else {
            // The other instances wait as long as this one, and no longer.
            let pause = failure.retry_after().map_or(0, millis);
            Some(now.plus_millis(pause.min(UNDER_WAY) - UNDER_WAY))
        };
        // If this fails, the others wait a little longer, or tell a wrong reason later.
        let _ = store.set_asked(&id, row.version, asked).await;
        failure
    }

    async fn end(&self, id: Hash, version: i64, code: &'static str) -> TokenFailure {
        tracing::info!(code, "a connection ended");
        match self.parts.store.set_ended(&id, version, code).await {
            Ok(true) => TokenFailure::ended(code),
            Ok(false) => TokenFailure::NotConnected(NotConnected::Missing),
            Err(error) => error.into(),
        }
    }
}

/// How long an earlier request may still be under way. There is one if the lock of whoever sent it
/// was lost.
fn under_way(row: &SessionRow, now: Timestamp) -> Option<Duration> {
    let left = UNDER_WAY - now.millis_since(row.asked?);
    // A time that is to come was written under another clock.
    let is_under_way = (1..=UNDER_WAY).contains(&left);
    is_under_way.then(|| Duration::from_millis(left.unsigned_abs()))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Takes a renewal off the list, whatever becomes of it.
struct Registered<'a> {
    renewals: &'a Renewals,
    id: Hash,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let mut under_way = self.renewals.lock();
        under_way.remove(&self.id);
        metrics::gauge!("cc_connect_refreshes_under_way").set(under_way.len() as f64);
    }
}

/// Whether the authorization server does not accept the client or its secret. That is the
/// operator's mistake, and no reason to end anybody's connection.
pub(crate) fn refuses_client(error: &TokenEndpointError) -> bool {
    matches!(
        error,
        TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(ErrorResponse {
            code: ErrorCode::InvalidClient | ErrorCode::UnauthorizedClient,
            ..
        }))
    )
}
