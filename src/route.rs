//! The pages, as values: the only targets of a redirect.

use cc_connect_core::{ReturnTo, web_url::same_page};

/// A page of the application that the user can be on and come back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The account at a glance; without a connection, the page that offers to connect.
    #[default]
    Overview,
    /// The connection and how its token was verified.
    Connection,
    /// How to register and configure the application.
    SetUp,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 3] = [Self::Overview, Self::Connection, Self::SetUp];

    /// Its path, relative to the base URL, without a leading slash.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Connection => "connection",
            Self::SetUp => "set-up",
        }
    }

    /// Its place to come back to.
    pub fn page(self) -> ReturnTo {
        ReturnTo::parse(self.path()).expect("the path of a route is relative")
    }

    /// The route to show for a place that was to be come back to, perhaps by another version of the
    /// application: an unknown one is the start page.
    pub fn for_page(page: &ReturnTo) -> Self {
        Self::parse(page.as_str()).unwrap_or_default()
    }

    /// The route at this absolute path of the host, below the application's base path, in any
    /// spelling ([`same_page`]).
    pub fn at_path(path: &str, base: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|route| same_page(path, &format!("{base}{}", route.path())))
    }

    /// The route with exactly this path (relative to the base URL; one trailing slash is ignored).
    pub fn parse(path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        Self::ALL.into_iter().find(|route| route.path() == path)
    }
}
