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

/// Makes two tests of each scenario, `chromium::NAME` and `firefox::NAME`. A scenario is a function
/// that takes a [`Setup`](crate::Setup).
#[macro_export]
macro_rules! in_both_browsers {
    ($($scenario:ident),+ $(,)?) => {
        mod chromium {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let setup = $crate::Setup::new().browser($crate::Kind::Chromium);
                    super::$scenario(setup).await;
                }
            )+
        }
        mod firefox {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let setup = $crate::Setup::new().browser($crate::Kind::Firefox);
                    super::$scenario(setup).await;
                }
            )+
        }
    };
}
