//! Which browser a test runs in.

use std::env;
use std::ffi::OsString;
use std::fmt;

/// A browser that the harness can drive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Chromium or Chrome, through chromedriver. What WebDriver has no command for goes over the
    /// DevTools Protocol.
    #[default]
    Chromium,
    /// Firefox, through geckodriver. What WebDriver has no command for goes over WebDriver BiDi.
    Firefox,
}

impl Kind {
    /// The browser's program, where the environment names one.
    pub(crate) fn program(self) -> Option<String> {
        let variable = match self {
            Self::Chromium => "CHROME",
            Self::Firefox => "FIREFOX",
        };
        env::var(variable)
            .ok()
            .filter(|program| !program.is_empty())
    }

    /// The driver's program: the one that the environment names, or that in `PATH`.
    pub(crate) fn driver(self) -> OsString {
        let named = env::var_os(self.driver_variable());
        let named = named.filter(|program| !program.is_empty());
        named.unwrap_or_else(|| match self {
            Self::Chromium => "chromedriver".into(),
            Self::Firefox => "geckodriver".into(),
        })
    }

    /// The variable that names the driver's program.
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

/// Makes three tests of each scenario: `chromium::NAME` and `firefox::NAME` with the implicit grant,
/// and `code::NAME` with the authorization code grant, in Chromium. A scenario is a function that
/// takes a [`Setup`](crate::Setup).
///
/// What means something with the implicit grant alone stands after `; implicit:`, with a comment that
/// says why.
#[macro_export]
macro_rules! in_both_browsers {
    (
        $($scenario:ident),* $(,)?
        $(; implicit: $($implicit:ident),+ $(,)?)?
    ) => {
        $crate::tests_of!(chromium, $crate::Setup::new(), $($scenario,)* $($($implicit),+)?);
        $crate::tests_of!(
            firefox,
            $crate::Setup::new().browser($crate::Kind::Firefox),
            $($scenario,)* $($($implicit),+)?
        );
        $crate::tests_of!(code, $crate::Setup::new().with_code(), $($scenario),*);
    };
}

/// Makes two tests of each scenario, both in Chromium: `chromium::NAME` with the implicit grant and
/// `code::NAME` with the authorization code grant. What means something with the code grant alone
/// stands after `; code:`.
#[macro_export]
macro_rules! with_both_grants {
    (
        $($scenario:ident),+ $(,)?
        $(; code: $($code:ident),+ $(,)?)?
    ) => {
        $crate::tests_of!(chromium, $crate::Setup::new(), $($scenario),+);
        $crate::tests_of!(
            code,
            $crate::Setup::new().with_code(),
            $($scenario,)+ $($($code),+)?
        );
    };
}

/// Makes a test `code::NAME` of each scenario: with the authorization code grant, in Chromium.
#[macro_export]
macro_rules! with_code {
    ($($scenario:ident),+ $(,)?) => {
        $crate::tests_of!(code, $crate::Setup::new().with_code(), $($scenario),+);
    };
}

/// Makes a test `firefox::NAME` of each scenario, with the authorization code grant.
#[macro_export]
macro_rules! with_code_in_firefox {
    ($($scenario:ident),+ $(,)?) => {
        $crate::tests_of!(
            firefox,
            $crate::Setup::new().with_code().browser($crate::Kind::Firefox),
            $($scenario),+
        );
    };
}

/// Makes a module of tests, one of each scenario under this setup.
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
