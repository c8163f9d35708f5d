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

/// Generates tests in Chromium per scenario, a function that takes a [`Setup`](crate::Setup):
/// `chromium::NAME` with the implicit grant, and for `--all` only `code::NAME` with the authorization
/// code grant, since the scenario is the same with either.
///
/// Scenarios that only make sense with the implicit grant follow after `; implicit:`, with a
/// comment that says why.
#[macro_export]
macro_rules! in_chromium {
    (
        $($scenario:ident),* $(,)?
        $(; implicit: $($implicit:ident),+ $(,)?)?
    ) => {
        $crate::tests_of!(chromium, $crate::Setup::new(), $($scenario,)* $($($implicit),+)?);
        $crate::tests_for_all_of!(code, $crate::Setup::new().with_code(), $($scenario),*);
    };
}

/// Like [`in_chromium!`], with `firefox::NAME` with the implicit grant as well, for `--all` only.
#[macro_export]
macro_rules! in_both_browsers {
    (
        $($scenario:ident),* $(,)?
        $(; implicit: $($implicit:ident),+ $(,)?)?
    ) => {
        $crate::in_chromium!($($scenario),* $(; implicit: $($implicit),+)?);
        $crate::in_firefox!($($scenario,)* $($($implicit),+)?);
    };
}

/// Generates two tests per scenario, both in Chromium: `chromium::NAME` with the implicit grant and
/// `code::NAME` with the authorization code grant. Scenarios that only make sense with the code
/// grant follow after `; code:`.
#[macro_export]
macro_rules! with_both_grants {
    (
        $($scenario:ident),+ $(,)?
        $(; code: $($code:ident),+ $(,)?)?
    ) => {
        $crate::tests_of!(chromium, $crate::Setup::new(), $($scenario),+);
        $crate::with_code!($($scenario,)+ $($($code),+)?);
    };
}

/// Like [`with_both_grants!`], with `firefox::NAME` with the implicit grant as well, for `--all`
/// only.
#[macro_export]
macro_rules! in_every_way {
    ($($scenario:ident),+ $(,)?) => {
        $crate::with_both_grants!($($scenario),+);
        $crate::in_firefox!($($scenario),+);
    };
}

/// Generates a test `code::NAME` per scenario: authorization code grant, in Chromium.
#[macro_export]
macro_rules! with_code {
    ($($scenario:ident),+ $(,)?) => {
        $crate::tests_of!(code, $crate::Setup::new().with_code(), $($scenario),+);
    };
}

/// Generates a test `firefox::NAME` per scenario, with the implicit grant, for `--all` only.
#[macro_export]
macro_rules! in_firefox {
    ($($scenario:ident),+ $(,)?) => {
        $crate::tests_for_all_of!(
            firefox,
            $crate::Setup::new().browser($crate::Kind::Firefox),
            $($scenario),+
        );
    };
}

/// Generates a test `firefox::NAME` per scenario, with the authorization code grant, for `--all`
/// only.
#[macro_export]
macro_rules! with_code_in_firefox {
    ($($scenario:ident),+ $(,)?) => {
        $crate::tests_for_all_of!(
            firefox,
            $crate::Setup::new().with_code().browser($crate::Kind::Firefox),
            $($scenario),+
        );
    };
}

/// Generates a module with one test per scenario under this setup.
#[macro_export]
macro_rules! tests_of {
    ($module:ident, $setup:expr, $($scenario:ident),* $(,)?) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario($setup).await;
                }
            )*
        }
    };
}

/// Like [`tests_of!`], for tests that only `cargo xtask test --all` runs.
#[macro_export]
macro_rules! tests_for_all_of {
    ($module:ident, $setup:expr, $($scenario:ident),* $(,)?) => {
        mod $module {
            $(
                #[tokio::test]
                #[ignore = "cargo xtask test --all"]
                async fn $scenario() {
                    super::$scenario($setup).await;
                }
            )*
        }
    };
}
