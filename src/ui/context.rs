//! What every page has at hand: the connection, the settings, and the account's data.

use crate::{
    browser::location,
    config::{Config, Setup},
    screen::Screen,
};
use cc_connect::{
    Clock, Connection, Fetched,
    core::{
        constant_contact::default_scope,
        oauth::{Place, ResponseType, Scope, redirection_endpoint::place},
        session::{Failure, RenewalState},
        time::Timestamp,
        v3::{
            account::{self, AccountSummary},
            campaigns::{self, Campaigns},
            contact_lists::{self, ContactLists},
            contacts::{self, ContactCounts},
        },
        web_url::WebUrl,
    },
};
use leptos::prelude::*;
use std::ops::Deref;

/// The connection and what belongs to it. Copies are handles to the same one.
#[derive(Clone, Copy)]
pub struct AppContext {
    connection: Connection,
    setup: StoredValue<Setup>,
    screen: Memo<Screen>,
    /// The account of this connection.
    pub account: Fetched<AccountSummary>,
    /// Its contact counts.
    pub contacts: Fetched<ContactCounts>,
    /// Its contact lists, counted.
    pub lists: Fetched<ContactLists>,
    /// Its latest campaigns.
    pub campaigns: Fetched<Campaigns>,
}

impl Deref for AppContext {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl AppContext {
    /// Provides what pages need around a connection.
    pub fn provide(connection: Connection, setup: Setup) -> Self {
        let state = connection.state();
        let context = Self {
            connection,
            setup: StoredValue::new(setup),
            screen: Memo::new(move |_| state.with(Screen::for_state)),
            account: connection.fetch(account::summary()),
            contacts: connection.fetch(contacts::counts()),
            lists: connection.fetch(contact_lists::count()),
            campaigns: connection.fetch(campaigns::latest()),
        };
        provide_context(context);
        context
    }

    /// The context that the application provides.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The kind of page to show.
    pub fn screen(self) -> Memo<Screen> {
        self.screen
    }

    /// Reads the settings; `None` if the page's server has them.
    pub fn config<T>(self, read: impl FnOnce(&Config) -> T) -> Option<T> {
        self.setup.with_value(|setup| match setup {
            Setup::Direct(config) => Some(read(config)),
            Setup::Server => None,
        })
    }

    /// Whether the page's server keeps the connection.
    pub fn has_server(self) -> bool {
        self.setup.with_value(|setup| *setup == Setup::Server)
    }

    /// Whether this is the sandbox. If the server has the settings, only a connection tells.
    pub fn is_sandbox(self) -> bool {
        let configured = self.config(|config| config.is_sandbox());
        configured.unwrap_or_else(|| {
            let issuer = self.grant().and_then(|grant| {
                let issuer = grant.claims.get("iss")?.as_str()?;
                WebUrl::parse(issuer).map(|url| url.is_loopback())
            });
            issuer.unwrap_or_default()
        })
    }

    /// The scope that is requested; if the server has the settings, what this application needs.
    pub fn scope(self) -> Scope {
        let configured = self.config(|config| config.context.client.scope().clone());
        configured
            .unwrap_or_else(|| Scope::parse(default_scope(ResponseType::Code)).unwrap_or_default())
    }

    /// Whether this page's address is where authorization responses arrive.
    pub fn is_at_redirection_endpoint(self) -> bool {
        self.config(|config| place(&location::here(), config.context.client.redirect_uri()))
            .is_some_and(|place| place != Place::Elsewhere)
    }

    /// Whether the connection lasts for as long as the page's server renews it, so that nobody needs
    /// to know when its token ends.
    pub fn lasts_at_server(self) -> bool {
        self.has_server() && self.renews_itself()
    }

    /// When the connection's token expires.
    pub fn expires_at(self) -> Option<Timestamp> {
        self.grant().map(|grant| grant.expires_at)
    }

    /// Whether the connection will be renewed automatically.
    pub fn renews_itself(self) -> bool {
        self.renewal().is_automatic()
    }

    /// What prevents this connection, which has not ended yet, from being renewed, and whether that
    /// is retried.
    pub fn renewal_failure(self) -> Option<(Failure, bool)> {
        match self.renewal() {
            RenewalState::Retrying(failure) => Some((failure, true)),
            RenewalState::GivenUp(failure) => Some((failure, false)),
            _ => None,
        }
    }
}

/// The page's clock, also where there is no connection.
#[derive(Clone, Copy)]
pub struct PageClock(StoredValue<Clock, LocalStorage>);

impl PageClock {
    /// Provides the clock.
    pub fn provide(clock: Clock) {
        provide_context(Self(StoredValue::new_local(clock)));
    }

    /// The current time.
    pub fn now() -> Timestamp {
        Self::read(Clock::now)
    }

    /// Whether the time comes from the host.
    pub fn is_certain() -> bool {
        Self::read(Clock::is_certain)
    }

    fn read<T>(read: impl FnOnce(&Clock) -> T) -> T {
        match use_context::<Self>() {
            Some(clock) => clock.0.with_value(read),
            None => read(&Clock::new(Default::default())),
        }
    }
}
