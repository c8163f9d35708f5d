//! A local stand-in for Constant Contact.
//!
//! One origin plays the service's three hosts: the authorization and token endpoints of
//! `authz.constantcontact.com`, the issuer and its JWK Set of `identity.constantcontact.com`, and
//! the V3 API of `api.cc.email`. Tokens, headers and errors match the real service as far as it is
//! known; named [`Scenario`]s break them.
//!
//! It runs as a program and inside tests:
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use cc_connect_sandbox::{Options, Scenario, start};
//!
//! let sandbox = start(Options { port: 0, ..Options::default() }).await?;
//! sandbox.use_scenario(Scenario::WrongState);
//! println!("{}", sandbox.authorization_endpoint());
//! # Ok(())
//! # }
//! ```
//!
//! It shares no code with the application, and its tokens are signed and verified by another
//! implementation of JOSE, so that a misreading of a standard cannot cancel itself out.

mod allowed;
mod authorize;
mod codes;
mod connections;
mod contents;
mod data;
mod faults;
mod http;
mod issuing;
mod json;
mod keys;
mod options;
mod pages;
mod pkce;
mod random;
mod rate_limit;
mod recorder;
mod resources;
mod scenario;
mod server;
mod state;
mod time;
mod token_endpoint;
mod tokens;
mod weak_key;

pub use faults::{ApiFault, KeysFault, TokenFault};
pub use options::{Client, OAuth2Setting, Options, RefreshTokens};
pub use recorder::RecordedRequest;
pub use scenario::{Group, Outcome, Scenario, UnknownScenario};
pub use server::{Sandbox, start};
