//! Everything below HTTP: attempts to connect, sessions, renewals, and the budget.

mod config;
mod connect;
mod tokens;

pub use crate::{
    failure::{BeginError, ConnectError, NotConnected, NotReady, OpenError, TokenFailure},
    limits::Limits,
};
pub use config::ConnectionsConfig;

use crate::{
    budget::{Budget, BudgetRefusal, Ticket},
    clock::Clock,
    issuer_keys::IssuerKeys,
    outbound::{self, Outbound},
    parts::{Parts, Secrets},
    random,
    refresh::Renewals,
    seal::KeyRing,
    secrets::SessionSecret,
    store::{Store, StoreError},
};
use cc_connect_core::{
    ReturnTo, oauth::ClientSecret, session::Grant, time::Timestamp, web_url::WebUrl,
};
use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often the store is swept.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10 * 60);
/// How often the clock is compared and the metrics are sampled.
const MINUTE: Duration = Duration::from_secs(60);
/// For how long a session says why it ended, in seconds.
const GRACE: i64 = 24 * 60 * 60;

/// A new connection.
#[derive(Debug)]
pub struct Completed {
    /// The value of the session's cookie.
    pub secret: SessionSecret,
    /// The page to go to.
    pub return_to: ReturnTo,
}

/// What a page may know of its connection.
#[derive(Clone, Debug)]
pub enum Look {
    /// There is one, and its token was verified just now.
    Connected {
        /// What it permits.
        grant: Arc<Grant>,
        /// Whether it outlives its token.
        renews: bool,
    },
    /// The browser has no connection.
    NotConnected {
        /// Why the cookie names no session, or one that has ended; `None` without a cookie.
        reason: Option<NotConnected>,
        /// The code of this browser's last attempt, if it failed. It is given once.
        outcome: Option<String>,
    },
}

/// All connections. Copies are of the same ones.
#[derive(Clone, Debug)]
pub struct Connections {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    parts: Arc<Parts>,
    renewals: Arc<Renewals>,
    budget: Budget,
    limits: Limits,
    /// In milliseconds.
    idle: i64,
    /// In milliseconds.
    absolute: i64,
    stopping: AtomicBool,
}

impl Connections {
    /// Opens the database, brings its tables up to date, and sets up what is needed.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub async fn open(config: ConnectionsConfig) -> Result<Self, OpenError> {
        let is_safe = WebUrl::parse(&config.jwks_uri).is_some_and(|url| !url.is_plain());
        if !is_safe {
            return Err(OpenError::Address(config.jwks_uri));
        }
        let limits = config.limits;
        let store = Store::open(&config.database, limits.renewals).await?;
        let clock = Clock::default();
        store.set_clock(&clock).await?;
        let client_id = config.client.client_id().to_owned();
        let budget = Budget::new(store.clone(), clock.clone(), client_id, limits);
        budget.begin().await?;
        let http = outbound::http_client().map_err(OpenError::Http)?;
        let outbound = Outbound::new(http, clock.clone());
        let context = config.context();
        let parts = Arc::new(Parts {
            keys: IssuerKeys::new(outbound.clone(), clock.clone(), config.jwks_uri),
            store,
            clock,
            outbound,
            context,
            secrets: RwLock::new(Arc::new(Secrets {
                client: config.secret,
                ring: config.keys,
            })),
        });
        Ok(Self {
            shared: Arc::new(Shared {
                renewals: Arc::new(Renewals::new(Arc::clone(&parts), limits.renewals)),
                parts,
                budget,
                limits,
                idle: millis(config.idle),
                absolute: millis(config.absolute),
                stopping: AtomicBool::new(false),
            }),
        })
    }

    /// Keeps house: sweeps what has ended, follows the database's clock, samples the metrics. It
    /// never returns; to be spawned.
    pub async fn keep_house(&self) {
        let parts = &self.shared.parts;
        let mut minutes = tokio::time::interval(MINUTE);
        let mut next_sweep = tokio::time::Instant::now() + jittered(MINUTE);
        loop {
            minutes.tick().await;
            let _ = parts.store.set_clock(&parts.clock).await;
            if let Ok(sessions) = parts.store.count_sessions().await {
                metrics::gauge!("cc_connect_sessions").set(sessions as f64);
            }
            if let Ok(left) = self.left_today().await {
                metrics::gauge!("cc_connect_budget_left").set(f64::from(left));
            }
            self.shared.renewals.sweep();
            if tokio::time::Instant::now() >= next_sweep {
                next_sweep = tokio::time::Instant::now() + jittered(SWEEP_INTERVAL);
                let _ = self.sweep().await;
            }
        }
    }

    /// Deletes what has ended, and says how many rows that was.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let parts = &self.shared.parts;
        parts.store.sweep(GRACE, parts.now()).await
    }

    /// Stops: it is no longer ready, no further renewal begins, and those under way are stored.
    pub async fn finish(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.shared.renewals.finish().await;
    }

    /// Closes the database, once no request needs it any more.
    pub async fn close(&self) {
        self.shared.parts.store.close().await;
    }

    /// Replaces the client's secret and the master keys.
    pub fn replace_secrets(&self, secret: ClientSecret, keys: KeyRing) {
        let new = Arc::new(Secrets {
            client: secret,
            ring: keys,
        });
        let secrets = &self.shared.parts.secrets;
        *secrets.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// The time that all instances agree on.
    pub fn now(&self) -> Timestamp {
        self.shared.parts.now()
    }

    /// Lets time pass for the tests, which do not wait.
    #[doc(hidden)]
    pub fn pass(&self, seconds: i64) {
        self.shared.parts.clock.pass(seconds);
    }

    /// Waits for this session's turn to send a request to the API. The turn is over when the ticket
    /// is dropped, which should be when the response has been read.
    ///
    /// # Errors
    ///
    /// [`BudgetRefusal`].
    pub async fn take_turn(&self, secret: &SessionSecret) -> Result<Ticket, BudgetRefusal> {
        self.shared.budget.take(secret.hash()).await
    }

    /// How many requests to the API are left today, for everybody who uses this application.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn left_today(&self) -> Result<u32, StoreError> {
        self.shared.budget.left_today().await
    }

    /// Whether the server can work: the database answers. Tables, keys and secret have been looked
    /// at by [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// [`NotReady`].
    pub async fn is_ready(&self) -> Result<(), NotReady> {
        if self.shared.stopping.load(Ordering::Relaxed) {
            return Err(NotReady::Stopping);
        }
        let answer = self.shared.parts.store.ping().await;
        answer.map_err(|_| NotReady::Store)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Up to a quarter longer, so that instances do not all do the same at once.
fn jittered(duration: Duration) -> Duration {
    duration + duration * u32::from(random::bytes::<1>()[0]) / 1024
}
