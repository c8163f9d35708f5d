//! Generates the tests of a scenario: one for each browser and grant that it runs with.

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
