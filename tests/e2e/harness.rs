//! Tests of the harness: a test that cannot fail proves nothing.

use cc_connect_e2e::{Dated, Dist, Kind, Role, Setup, World, eventually, in_both_browsers};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

in_both_browsers!(
    controls_are_found_by_accessible_name,
    an_error_fails_a_test,
    a_violation_of_the_policy_fails_a_test,
    a_token_in_the_address_bar_fails_a_test,
    a_retried_test_is_recorded_with_why_it_failed,
    an_alert_is_read_by_its_code,
    the_clock_can_be_moved,
    a_window_can_be_hidden_and_shown,
    tabs_share_a_profile_but_no_session,
    a_script_can_run_before_the_documents_own,
    time_passes_for_the_page_and_its_host_alike,
    the_host_says_of_the_time_what_a_test_wants,
);

fn own_page(setup: Setup) -> Setup {
    setup.dist(Dist {
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("page"),
        base: "/",
    })
}

async fn fails(setup: Setup, test: impl AsyncFnMut(&World) + 'static) -> String {
    // A separate task turns the expected panic into a value.
    let failed = tokio::task::LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(own_page(setup).failing_on_purpose().run(test)).await
        })
        .await
        .expect_err("the test should have failed");
    let panic = failed.into_panic();
    match panic.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => String::new(),
    }
}

async fn controls_are_found_by_accessible_name(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_heading("A page of the harness").await;
            let buttons = world.browser.names(Role::Button).await;
            assert_eq!(buttons, ["Plain", "Named by a label"]);
            world.click_button("Plain").await;
            world.browser.wait_for_text("clicked").await;
            world.click_link("Elsewhere").await;
            eventually("the other address", async || {
                let url = world.browser.url().await;
                (url.path() == "/elsewhere")
                    .then_some(())
                    .ok_or(url.to_string())
            })
            .await;
            world.browser.back().await;
            assert_eq!(world.browser.url().await.path(), "/");
        })
        .await;
}

/// Rule (The page): The application never violates its Content-Security-Policy; every end-to-end
/// test fails on a violation
async fn an_error_fails_a_test(setup: Setup) {
    for (trouble, said) in [
        ("error", "on purpose"),
        ("rejection", "in vain"),
        ("console", "to the console"),
    ] {
        let page = format!("/?trouble={trouble}");
        let visit = async move |world: &World| world.visit(&page).await;
        let message = fails(setup.clone(), visit).await;
        assert!(message.contains(said), "{trouble}: {message}");
    }
}

/// Rule (The page): The application never violates its Content-Security-Policy; every end-to-end
/// test fails on a violation
async fn a_violation_of_the_policy_fails_a_test(setup: Setup) {
    let message = fails(setup, async |world: &World| {
        world.visit("/?trouble=policy").await
    })
    .await;
    assert!(message.contains("Content Security Policy"), "{message}");
}

/// Rule (Secrets): The token is in no URL, history or console of any end-to-end test
async fn a_token_in_the_address_bar_fails_a_test(setup: Setup) {
    let message = fails(setup, async |world: &World| {
        world.visit("/#access_token=abc").await
    })
    .await;
    assert!(message.contains("a token is in"), "{message}");
}

async fn a_retried_test_is_recorded_with_why_it_failed(setup: Setup) {
    // Both browsers may be tested at once.
    let name = format!("retries-{}-{:?}", process::id(), thread::current().id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let attempts = AtomicU32::new(0);
    own_page(setup)
        .recording_retries(file.clone())
        .run(async |world: &World| {
            world.visit("/").await;
            let attempt = attempts.fetch_add(1, Ordering::Relaxed);
            assert_ne!(attempt, 0, "on purpose");
        })
        .await;
    let recorded = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let names: Vec<_> = recorded
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    assert!(
        matches!(names[..], [name] if name.contains("a_retried_test_is_recorded")),
        "{names:?}"
    );
    assert!(recorded.contains("on purpose"), "{recorded}");
}

async fn an_alert_is_read_by_its_code(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/?trouble=alert").await;
            assert_eq!(world.alert_code().await, "on_purpose");
            assert_eq!(world.alerts().await, ["on_purpose"]);
            assert!(world.notices().await.is_empty());
        })
        .await;
}

async fn the_clock_can_be_moved(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/").await;
            let now = "return [Date.now(), new Date().getTime(), new Date(0).getTime()]";
            let before = world.browser.script(now, vec![]).await;
            world.browser.shift_clock(3_600).await;
            let after = world.browser.script(now, vec![]).await;
            for clock in 0..2 {
                let ahead = after[clock].as_i64().unwrap() - before[clock].as_i64().unwrap();
                assert!((3_600_000..3_660_000).contains(&ahead), "{ahead}");
            }
            assert_eq!(after[2], json!(0));
        })
        .await;
}

async fn a_window_can_be_hidden_and_shown(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/").await;
            world.browser.hide().await;
            world.browser.show().await;
        })
        .await;
}

async fn tabs_share_a_profile_but_no_session(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/").await;
            let store = "localStorage.a = 1; sessionStorage.a = 1";
            world.browser.script(store, vec![]).await;
            let first = world.browser.open_tab().await;
            world.visit("/").await;
            assert_eq!(world.stored_keys("localStorage").await, ["a"]);
            assert!(world.stored_keys("sessionStorage").await.is_empty());
            world.browser.switch_to(first).await;
            assert_eq!(world.stored_keys("sessionStorage").await, ["a"]);
        })
        .await;
}

async fn a_script_can_run_before_the_documents_own(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            let source = "addEventListener('DOMContentLoaded', () => { document.title += '!'; });";
            world.browser.at_document_start(source).await;
            world.visit("/").await;
            let title = "A page of the harness!";
            assert_eq!(world.browser.title().await, title);
            world.browser.open_tab().await;
            world.visit("/elsewhere").await;
            assert_eq!(world.browser.title().await, title, "in another tab as well");
        })
        .await;
}

async fn time_passes_for_the_page_and_its_host_alike(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/").await;
            world.let_time_pass(3_600).await;
            assert_eq!(ahead(world).await, 0);
            // A document opened later sees the same time.
            world.browser.reload().await;
            assert_eq!(ahead(world).await, 0);
            world.browser.shift_clock(7_200).await;
            assert_eq!(ahead(world).await, 2);
            world.browser.reload().await;
            assert_eq!(ahead(world).await, 2);
            world.let_time_pass(3_600).await;
            assert_eq!(ahead(world).await, 2);
            world.host.set_dated(Dated::Ahead(3_600));
            assert_eq!(ahead(world).await, 1);
        })
        .await;
}

/// How many hours the page's clock is ahead of its host's.
async fn ahead(world: &World) -> i64 {
    let answer = "return fetch('/script.js', {cache: 'no-store'})
        .then(answer => Date.now() - Date.parse(answer.headers.get('date')))";
    let millis = world.browser.script(answer, vec![]).await;
    let hours = millis.as_f64().unwrap() / 3_600_000.0;
    assert!((hours - hours.round()).abs() < 0.1, "{hours} hours");
    hours.round() as i64
}

async fn the_host_says_of_the_time_what_a_test_wants(setup: Setup) {
    own_page(setup)
        .run(async |world: &World| {
            world.visit("/").await;
            let answer = "return fetch('/script.js', {cache: 'no-store'})
                .then(answer => [answer.headers.get('date'), answer.headers.get('age')])";
            world.host.set_dated(Dated::Missing);
            let said = world.browser.script(answer, vec![]).await;
            assert_eq!(said, json!([null, null]));
            world.host.set_dated(Dated::Text("soon"));
            let said = world.browser.script(answer, vec![]).await;
            assert_eq!(said, json!(["soon", null]));
            world.host.set_dated(Dated::Cached(7_200));
            let said = world.browser.script(answer, vec![]).await;
            assert_eq!(said[1], json!("7200"));
            assert_eq!(ahead(world).await, 2);
        })
        .await;
}

/// All expiry scenarios rely on this: by default, the code grant requests a refresh token.
#[tokio::test]
async fn a_connection_without_renewal_has_no_refresh_token() {
    let setup = Setup::new().with_code();
    for (setup, comes) in [(setup.clone(), true), (setup.without_renewal(), false)] {
        setup
            .run(async |world: &World| {
                world.connect().await;
                let stored = world.stored("cc-connect/session").await.unwrap();
                assert_eq!(stored.contains("refresh_token"), comes);
            })
            .await;
    }
}

#[tokio::test]
#[ignore = "cargo xtask test --all"]
#[should_panic(expected = "runs in Chromium alone")]
async fn what_firefox_cannot_do_is_said() {
    let setup = Setup::new().browser(Kind::Firefox).failing_on_purpose();
    own_page(setup)
        .run(async |world: &World| world.browser.set_offline(true).await)
        .await;
}
