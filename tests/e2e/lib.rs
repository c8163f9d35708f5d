//! The harness of the end-to-end tests: the release build on a static host, the sandbox as Constant
//! Contact, and a real browser driven over WebDriver.
//!
//! A test describes its circumstances with [`Setup`] and runs inside [`Setup::run`], which starts
//! all three, passes in a [`World`], and afterwards checks what every test must keep: no unexpected
//! console entries, and no token in any address.

mod axe;
mod browser;
mod cdp;
mod clock;
mod console;
mod dist;
mod driver;
mod failure;
mod firefox;
mod host;
mod kind;
mod own_server;
mod pool;
mod profile;
mod secrecy;
mod sent;
mod session;
mod setup;
mod socket;
mod start_scripts;
mod time;
mod wait;
mod ways;
mod world;

pub use browser::{Browser, Role};
pub use cc_connect_servers::Program;
pub use console::ConsoleEntry;
pub use dist::Dist;
pub use failure::screenshots_folder;
pub use fantoccini::wd::WindowHandle as Tab;
pub use host::{Config, Dated, Host, HostRequest, serve_folder, serve_nothing, serve_page};
pub use kind::Kind;
pub use own_server::OwnServer;
pub use secrecy::{looks_like_a_token, redact};
pub use sent::{ReceivedResponse, SentRequest};
pub use session::PENDING_PREFIX;
pub use setup::Setup;
pub use wait::{TIMEOUT, eventually, holds_for};
pub use world::{CLIENT_ID, Grant, World};
