//! Files that differ from the build are not used, and the page reports it.

use cc_connect_e2e::{Setup, World, eventually, in_both_browsers};
use serde_json::json;

in_both_browsers!(
    a_file_that_was_changed_is_refused_and_that_is_said,
    a_first_script_that_was_changed_starts_nothing,
    each_file_is_fetched_once,
);

type Which = fn(&str) -> bool;

fn is_module(path: &str) -> bool {
    path.contains("/cc-connect-") && path.ends_with(".js")
}

fn is_first_module(path: &str) -> bool {
    path.contains("/connect-") && path.ends_with(".js")
}

fn is_webassembly(path: &str) -> bool {
    path.ends_with(".wasm")
}

fn is_style(path: &str) -> bool {
    path.ends_with(".css")
}

fn is_first_script(path: &str) -> bool {
    path.contains("/first-")
}

fn expect_refusal(world: &World) {
    world.expect_failed_requests();
    world.expect_on_console("integrity");
    world.expect_on_console("The application could not be loaded");
}

/// The changed file would still work: only the integrity check prevents its use.
///
/// Rule (The page): A script, style sheet or WebAssembly file that differs from the build's is not
/// used, and that is reported
async fn a_file_that_was_changed_is_refused_and_that_is_said(setup: Setup) {
    // The Connect page does not need the application's module.
    let files: [(Which, &str); 3] = [
        (is_module, "/connection"),
        (is_webassembly, "/"),
        (is_style, "/"),
    ];
    for (which, route) in files {
        let setup = setup.clone();
        setup
            .run(async move |world: &World| {
                expect_refusal(world);
                world.host.tamper_with(which);
                world.visit(route).await;
                assert_eq!(world.alert_code().await, "not_loaded");
                let seen = world.glance().await.unwrap();
                assert_eq!(seen["started"], json!(false), "{seen}");
                let shown = "return [...document.querySelectorAll('main button')]
                    .filter(button => button.checkVisibility()).length";
                assert_eq!(world.browser.script(shown, vec![]).await, json!(0));
            })
            .await;
    }
}

/// C17: the page reports it without any script.
///
/// Rule (The page): A script, style sheet or WebAssembly file that differs from the build's is not
/// used, and that is reported
async fn a_first_script_that_was_changed_starts_nothing(setup: Setup) {
    setup
        .run(async |world: &World| {
            expect_refusal(world);
            world.host.tamper_with(is_first_script);
            world.visit("/").await;
            eventually("the words about the script", async || {
                let seen = world.browser.texts(".first-failed").await.concat();
                let told = seen.contains("script_not_started") && seen.contains("Try again");
                told.then_some(()).ok_or(seen)
            })
            .await;
            let ran = "return 'ccConnect' in window";
            assert_eq!(world.browser.script(ran, vec![]).await, json!(false));
            let asked = world.host.requests();
            assert!(asked.iter().any(|request| is_first_script(&request.target)));
            assert!(!asked.iter().any(|request| is_webassembly(&request.target)));
        })
        .await;
}

/// import() runs what the preload verified.
///
/// Rule (The page): A script, style sheet or WebAssembly file that differs from the build's is not
/// used, and that is reported
async fn each_file_is_fetched_once(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            // The first page's module is fetched only once, too.
            let files: [(Which, usize); 5] = [
                (is_first_script, 1),
                (is_module, 1),
                (is_first_module, 1),
                (is_webassembly, 2),
                (is_style, 1),
            ];
            for (which, expected) in files {
                let asked = world.host.requests().into_iter();
                let mut targets: Vec<_> = asked
                    .map(|request| request.target)
                    .filter(|path| which(path))
                    .collect();
                assert_eq!(targets.len(), expected, "{targets:?}");
                targets.dedup();
                assert_eq!(targets.len(), expected, "{targets:?}");
            }
        })
        .await;
}
