//! The session as a pure state machine: [`Session::step`] takes an event and the time, and returns
//! effects for the browser to carry out.
//!
//! These invariants hold after every event, whatever the order of events:
//!
//! - A session is connected only while it holds a [`VerifiedAccessToken`] that has not expired.
//! - An automatic authorization starts at most once a minute and never after an error.
//! - Connecting a different account than before takes the user's consent.
//! - A code is sent once, a refresh token in one request at a time, and a new refresh token is
//!   stored before anything else happens with it.
//! - No unbounded work: a 401 renews the connection at most once per [`REJECTION_INTERVAL`], and
//!   automatic requests are spaced out.
//! - No dead ends: every wait has a limit, or the user can end it.
//! - The browser's online flag is only a hint: what the user asks for is tried regardless.
//!
//! Whoever carries out effects does so in order; events that arrive meanwhile are queued.
//! While redirecting to the authorization server the session keeps its state
//! ([`Session::redirecting`]), since the navigation may fail.
//!
//! The two grants differ in two places only: a code is exchanged before there is a token to verify,
//! and a token with a refresh token is renewed before or after it expires.
//!
//! [`requests`] decides what the API's responses mean for the connection. Where a server keeps the
//! connection, its page has another, smaller session: [`server`].
//!
//! The state machine is small enough for `tests/core/promises.rs` to search it exhaustively.
//!
//! ```
//! use cc_connect_core::{
//!     ReturnTo,
//!     jose::JwkSet,
//!     oauth::TokenEndpointError,
//!     session::{
//!         Effect, Event, LoadedKeys, Phase, Remembered, Session, StartError, State, renewal,
//!         requests::{Next, Outcome, Requests},
//!         stored,
//!     },
//!     time::Timestamp,
//! };
//! # use cc_connect_core::{constant_contact, oauth::{Client, ResponseType}};
//! # use cc_connect_core::session::{Context, Reauthorize, TokenStorage};
//! # macro_rules! vector { ($name:literal) => {
//! #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
//! # } }
//! # let (record, document) = (vector!("stored-token.json"), vector!("key-set.json"));
//! # let (id, uri) = ("cc94c2d6-6e70-426c-afd1-71c8fa5f4890", "https://app.example/callback");
//! # let context = Context {
//! #     client: Client::new(constant_contact::registration(id, uri, ResponseType::Code))?,
//! #     expectations: constant_contact::access_token_expectations(),
//! #     id_token_expectations: constant_contact::id_token_expectations(id),
//! #     token_storage: TokenStorage::Session,
//! #     reauthorize: Reauthorize::Automatic,
//! # };
//! # let now = Timestamp::from_unix_seconds(1_790_000_002);
//!
//! // A page begins with what an earlier one stored. It is verified again.
//! let token = stored::read_token(record).expect("a record of this version");
//! let session = Session::new(Remembered::default(), ReturnTo::START);
//! let event = Event::Restored(Box::new(token.clone()), ReturnTo::START);
//! let (session, effects) = session.step(event, now, &context);
//! assert!(matches!(effects[..], [Effect::LoadKeys(_)]));
//! assert!(session.is_verifying());
//!
//! let keys = LoadedKeys { set: JwkSet::parse(document)?, fetched_at: now, from_cache: true };
//! let (session, _) = session.step(Event::KeysLoaded(Ok(keys)), now, &context);
//! assert_eq!(session.phase().name(), "connected");
//! let State::Connected(grant) = session.state() else { unreachable!("it is connected") };
//! assert_eq!(grant.account.subject, "geeksquad");
//! assert_eq!(grant.withheld().to_string(), "campaign_data");
//! assert!(grant.unasked().is_empty());
//! // What is stored is still the token in use.
//! assert!(!session.stored_otherwise(&token));
//!
//! // Before it expires it is renewed. The first attempt fails, and another follows.
//! let due = grant.expires_at.plus_seconds(-renewal::AHEAD);
//! let tick = Event::Tick { visible: true, online: true, page: ReturnTo::START };
//! let (session, effects) = session.step(tick, due, &context);
//! assert!(matches!(effects[..], [Effect::Refresh(_)]));
//! assert!(session.is_refreshing());
//! let failed = Event::Refreshed(Err(TokenEndpointError::Unreachable));
//! let (session, _) = session.step(failed, due, &context);
//! assert_eq!(session.retried_at(), Some(due.plus_seconds(renewal::FIRST_PAUSE)));
//! let Phase::Connected(connected) = session.phase() else { unreachable!("it is connected") };
//! let renewal = connected.renewal.as_ref().expect("there is a refresh token");
//! assert!(renewal.is_hopeful());
//! assert_eq!(renewal.error(), Some(&TokenEndpointError::Unreachable));
//! let sent = connected.token.access_token().clone();
//!
//! // The user re-authorizes, but the browser stays. The connection is kept.
//! let event = Event::Authorize { return_to: ReturnTo::START, scope: None };
//! let (session, _) = session.step(event, due, &context);
//! assert!(session.redirecting().is_some());
//! let event = Event::NotStarted(StartError::NavigationFailed);
//! let (session, _) = session.step(event, due, &context);
//! assert_eq!(session.not_started(), Some(StartError::NavigationFailed));
//! assert!(session.holds_token(&sent));
//!
//! // The user disconnects. A request that was under way is canceled, whatever comes back.
//! let mut requests = Requests::default();
//! let _ = requests.follow(&session.state());
//! let lists = requests.begin("GET /contact_lists");
//! let (session, effects) = session.step(Event::Disconnect, due, &context);
//! assert!(matches!(effects[0], Effect::EraseEverything));
//! let _ = requests.follow(&session.state());
//! let decision = requests.settle(lists, false, Outcome::Accepted);
//! assert_eq!(decision.next_of(lists), Some(Next::Cancel));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod automatic;
mod context;
mod effect;
mod event;
pub mod expiry;
mod grant;
mod keys;
mod machine;
mod phase;
pub mod renewal;
pub mod requests;
pub mod server;
mod state;
mod step;
pub mod stored;
mod unverified_access_token;
mod verified_access_token;
mod verifying;

pub use account::Account;
pub use automatic::{AUTOMATIC_INTERVAL, COUNTDOWN, Countdown, REJECTION_INTERVAL, Remembered};
pub use context::{Context, Reauthorize, TokenStorage};
pub use effect::Effect;
pub use event::{Event, Returned, StartError};
pub use grant::Grant;
pub use keys::{KeySetFailure, KeyUsed, LoadedKeys};
pub use machine::Session;
pub use phase::{
    AccountChanged, Connected, Exchanging, NotConnected, Phase, Reason, Redirecting, Renewing,
};
pub use renewal::{Renewal, Stage};
pub use state::{Failure, RenewalState, Snapshot, State};
pub use unverified_access_token::UnverifiedAccessToken;
pub use verified_access_token::{Refusal, VerifiedAccessToken, VerifiedIdToken};
pub use verifying::Verifying;
