//! The browser that a test runs in.

use std::env;
use std::ffi::OsString;
use std::fmt;

/// A browser that the harness can drive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Chromium or Chrome, through chromedriver. Where WebDriver has no command, the DevTools
    /// Protocol is used.
    #[default]
    Chromium,
    /// Firefox, through geckodriver. Where WebDriver has no command, WebDriver BiDi is used.
    Firefox,
}

impl Kind {
    /// The path of the browser, if set in the environment.
    pub(crate) fn program(self) -> Option<String> {
        let variable = match self {
            Self::Chromium => "CHROME",
            Self::Firefox => "FIREFOX",
        };
        env::var(variable)
            .ok()
            .filter(|program| !program.is_empty())
    }

    /// The path of the driver: set in the environment, or found in `PATH`.
    pub(crate) fn driver(self) -> OsString {
        let named = env::var_os(self.driver_variable());
        let named = named.filter(|program| !program.is_empty());
        named.unwrap_or_else(|| match self {
            Self::Chromium => "chromedriver".into(),
            Self::Firefox => "geckodriver".into(),
        })
    }

    /// The environment variable for the driver's path.
    pub(crate) fn driver_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        })
    }
}
