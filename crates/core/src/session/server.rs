//! The session of a page whose server keeps the connection, as a pure state machine:
//! [`ServerSession::step`] takes an event and the time, and returns effects for the browser to carry
//! out. It ends in the same [`Snapshot`](super::Snapshot) as [`Session`](super::Session), so that
//! whoever shows a connection need not know which of the two it is.
//!
//! The page has no token. It asks its server whether there is a connection, and believes the answer:
//! the server has verified the token. What stays with the page is what only it can know, such as
//! which account this tab was connected to before.
//!
//! These invariants hold after every event, whatever the order of events:
//!
//! - One question is under way at a time, and two are at least [`ASK_INTERVAL`] apart. One that
//!   failed is repeated after a pause that grows.
//! - An answer counts only if it was asked for after the last event that could change it: a late one
//!   revives no connection.
//! - Connecting a different account than before takes the user's consent, and refusing it ends the
//!   connection at the server.
//! - The user is disconnected once the server has confirmed it. Until then the page says so.
//! - Nothing leaves the page automatically.
//! - No dead ends: every wait has a limit, or the user can end it.
//!
//! ```
//! use cc_connect_core::{
//!     ReturnTo,
//!     session::{
//!         self, Reason, State,
//!         server::{Answer, Effect, Event, ServerSession, read_authorization_uri},
//!     },
//!     time::Timestamp,
//! };
//! # let connected = r#"{
//! #     "connected": true, "renews": true, "server_time": 1790000000000, "grant": {
//! #         "version": 1,
//! #         "account": {"platform_user_id": "8fd1c7b4", "sub": "mary"},
//! #         "granted": "account_read", "requested": "account_read",
//! #         "requested_at": 1790000000000, "redirect_uri": "https://app.example/callback",
//! #         "issued_at": 1790000000000, "expires_at": 1790028800000,
//! #         "claims": {}, "report": {"checks": []},
//! #         "key": {"bits": 2048, "fetched_at": 1790000000000, "set_len": 1}
//! #     }
//! # }"#;
//! # let now = Timestamp::from_unix_seconds(1_790_000_000);
//!
//! // A page is opened. Nothing is known until the server has answered.
//! let session = ServerSession::new(None, false, None);
//! let (session, effects) = session.step(Event::Look, now);
//! let [Effect::Ask(question)] = effects[..] else { unreachable!("it asks") };
//! assert!(session.is_asking());
//! let body = br#"{"connected":false,"reason":null,"error":null,"server_time":1790000000000}"#;
//! let answer = Box::new(Answer::read(200, body)?);
//! let (session, _) = session.step(Event::Answered(question, Ok(answer)), now);
//! assert_eq!(session.state(), State::NotConnected(Reason::NeverConnected));
//!
//! // The user connects. The server says where to go, and the browser leaves the page.
//! let clicked = session::Event::Authorize { return_to: ReturnTo::START, scope: None };
//! let event = Event::of_user(clicked).expect("it is the same with a server");
//! let (session, effects) = session.step(event, now);
//! assert!(matches!(effects[..], [Effect::Begin { .. }]));
//! assert!(session.is_leaving());
//! let body = br#"{"authorization_uri":"https://authz.example/authorize?state=s"}"#;
//! let begun = Event::Begun(read_authorization_uri(200, body));
//! let (_, effects) = session.step(begun, now);
//! let [Effect::Expect(true), Effect::Leave(uri, _)] = &effects[..] else { unreachable!("it leaves") };
//! assert!(uri.as_str().starts_with("https://authz.example/authorize?"));
//!
//! // The server has got the token, and sent the browser to a new page.
//! let session = ServerSession::new(None, true, Some(ReturnTo::START));
//! let (session, effects) = session.step(Event::Look, now);
//! let [Effect::Ask(question)] = effects[..] else { unreachable!("it asks") };
//! let answer = Box::new(Answer::read(200, connected.as_bytes())?);
//! let (session, _) = session.step(Event::Answered(question, Ok(answer)), now);
//! assert_eq!(session.snapshot().phase, "connected");
//! let grant = session.grant().expect("it is connected");
//! assert_eq!(grant.account.subject, "mary");
//!
//! // The user disconnects. No request is sent from now on, and the server has to confirm.
//! let (session, effects) = session.step(Event::Disconnect, now);
//! assert!(matches!(effects[..], [Effect::Disconnect]));
//! assert!(session.grant().is_none());
//! let (session, _) = session.step(Event::Disconnected(Ok(())), now);
//! assert_eq!(session.state(), State::NotConnected(Reason::Disconnected));
//! # Ok::<(), cc_connect_core::session::server::ServerFailure>(())
//! ```

mod answer;
mod authorization_uri;
pub(super) mod budget;
pub(super) mod code;
mod event;
pub(super) mod failure;
mod machine;
mod polling;
mod snapshot;
mod step;

pub use answer::{Answer, Held, MAX_BYTES, Told};
pub use authorization_uri::{AuthorizationUri, connect_body, read_authorization_uri};
pub use budget::Budget;
pub use code::ServerCode;
pub use event::{Effect, Event};
pub use failure::ServerFailure;
pub use machine::ServerSession;
pub use polling::{ASK_INTERVAL, AskId, FIRST_PAUSE, LONGEST_PAUSE};
