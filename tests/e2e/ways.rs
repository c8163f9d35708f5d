//! Generates the tests of a scenario, a function that takes a [`Setup`](crate::Setup): one for each
//! browser and grant that it runs with.
//!
//! A scenario runs with both grants where the code differs between them: the response, the exchange
//! and the renewal, what is stored and erased, and what leaves the browser. It runs in both browsers
//! where they do: history, storage, tabs, timers, focus, and the loading of scripts. Everything else
//! runs once, in Chromium with the implicit grant.

/// `chromium::NAME` with the implicit grant.
#[macro_export]
macro_rules! in_chromium {
    ($($scenario:ident),+ $(,)?) => {
        $crate::tests_of!(chromium, $crate::Setup::new(), $($scenario),+);
    };
}

/// `chromium::NAME` and, for `--all`, `firefox::NAME`, with the implicit grant. Scenarios that are
/// the same in either browser follow after `; chromium:`.
#[macro_export]
macro_rules! in_both_browsers {
    (
        $($scenario:ident),+ $(,)?
        $(; chromium: $($chromium:ident),+ $(,)?)?
    ) => {
        $crate::in_chromium!($($scenario,)+ $($($chromium),+)?);
        $crate::in_firefox!($($scenario),+);
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
        $crate::in_chromium!($($scenario),+);
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
    ($module:ident, $setup:expr, $($scenario:ident),+ $(,)?) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario($setup).await;
                }
            )+
        }
    };
}

/// Like [`tests_of!`], for tests that only `cargo xtask test --all` runs.
#[macro_export]
macro_rules! tests_for_all_of {
    ($module:ident, $setup:expr, $($scenario:ident),+ $(,)?) => {
        mod $module {
            $(
                #[tokio::test]
                #[ignore = "cargo xtask test --all"]
                async fn $scenario() {
                    super::$scenario($setup).await;
                }
            )+
        }
    };
}
