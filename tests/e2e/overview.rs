//! The account on the Overview page, and API failures.

use crate::ending::assert_stays;
use cc_connect_e2e::{Role, Setup, World, eventually, in_chromium};
use cc_connect_sandbox::ApiFault;
use serde_json::json;
use std::collections::BTreeSet;

in_chromium!(
    the_overview_shows_the_account,
    a_fault_of_the_api_has_its_words_and_a_way_on,
    a_redirect_by_the_api_is_not_followed,
    a_rejected_token_ends_the_session_and_starts_nothing_by_itself,
    without_a_network_the_page_says_so_and_recovers,
    a_slow_api_is_waited_for,
    too_many_requests_a_second_are_told_apart_from_a_fault,
);

async fn the_overview_shows_the_account(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.wait_for_heading("Overview").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            let text = world.browser.text().await;
            for shown in account_facts(world).await {
                assert!(text.contains(&shown), "{shown:?} is not shown in:\n{text}");
            }
        })
        .await;
}

/// Contact e-mail, website and time zone, as returned by the API.
async fn account_facts(world: &World) -> Vec<String> {
    let token = world.stored_token().await;
    let fetch = "return fetch(arguments[0], {
            headers: {Authorization: `Bearer ${arguments[1]}`},
        }).then(answer => answer.json())";
    let url = format!("{}/account/summary", world.sandbox.api_base_url());
    let account = world
        .browser
        .script(fetch, vec![json!(url), json!(token)])
        .await;
    [
        "organization_name",
        "contact_email",
        "website",
        "time_zone_id",
    ]
    .iter()
    .filter_map(|name| account[name].as_str())
    // A page need not repeat the scheme of a web address.
    .map(|value| {
        value
            .trim_start_matches("https://")
            .trim_end_matches('/')
            .to_owned()
    })
    .collect()
}

/// Rule (Requests with the token): Each failure has its own message and a next step →
/// `api_unauthorized`, `api_forbidden`, `api_not_found`, `api_throttled`, `api_quota_exceeded`,
/// `api_unavailable`, `api_unreachable`, `api_unexpected`
async fn a_fault_of_the_api_has_its_words_and_a_way_on(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            let faults = [
                (ApiFault::Status403, "api_forbidden"),
                (ApiFault::Status429, "api_throttled"),
                (ApiFault::QuotaExceeded, "api_quota_exceeded"),
                (ApiFault::Status500, "api_unavailable"),
                (ApiFault::Status503, "api_unavailable"),
                (ApiFault::Unreachable, "api_unreachable"),
                (ApiFault::Garbage, "api_unexpected"),
                (ApiFault::Redirect, "api_unreachable"),
            ];
            for (fault, code) in faults {
                world.sandbox.set_api_fault(Some(fault));
                world.visit("/").await;
                assert_eq!(world.alert_code().await, code, "{fault:?}");
                world.wait_for_session("connected").await;
                world.sandbox.set_api_fault(None);
                try_again_until_calm(world).await;
            }
        })
        .await;
}

fn api_paths(world: &World) -> impl Iterator<Item = String> {
    let requests = world.sandbox.requests().into_iter();
    let to_api = requests.filter(|request| request.path.starts_with("/v3/"));
    to_api.map(|request| request.path)
}

/// Each part of the page that failed has its own button.
async fn try_again_until_calm(world: &World) {
    for _ in 0..10 {
        if world.alerts().await.is_empty() {
            break;
        }
        let before = world.alerts().await.len();
        world.click_button("Try again").await;
        eventually("fewer errors", async || {
            let now = world.alerts().await;
            (now.len() < before).then_some(()).ok_or(format!("{now:?}"))
        })
        .await;
    }
    world.browser.wait_for_text("Bluebird Bakery").await;
    assert!(world.alerts().await.is_empty());
}

/// Rule (Requests with the token): Redirects are not followed
async fn a_redirect_by_the_api_is_not_followed(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.sandbox.set_api_fault(Some(ApiFault::Redirect));
            let usual: BTreeSet<String> = api_paths(world).collect();
            assert!(usual.contains("/v3/account/summary"), "{usual:?}");
            world.visit("/").await;
            world.wait_for_alert("api_unreachable").await;
            let now: BTreeSet<String> = api_paths(world).collect();
            assert_eq!(now, usual, "another path was followed to");
        })
        .await;
}

/// Rule (The connection and its end): A 401 that nothing contradicts ends the connection; after one
/// to a token that never worked nothing starts → `connection_rejected`
async fn a_rejected_token_ends_the_session_and_starts_nothing_by_itself(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            // A 401 for this page would be a different case.
            world.wait_until_loaded().await;
            world.sandbox.set_api_fault(Some(ApiFault::Status401));
            world.visit("/").await;
            world.wait_for_alert("connection_rejected").await;
            world.wait_for_session("not-connected").await;
            world.wait_for_heading("Your connection has ended").await;
            assert_eq!(world.stored("cc-connect/session").await, None);
            world
                .browser
                .wait_for(Role::Button, "Re-authorize now")
                .await;
            assert_stays(world).await;
            world.sandbox.set_api_fault(None);
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}

async fn without_a_network_the_page_says_so_and_recovers(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.browser.set_offline(true).await;
            world.click_link("Overview").await;
            world.wait_for_heading("Overview").await;
            // Data loaded before may stay on the page; otherwise the page shows why it is missing.
            if !world.browser.text().await.contains("Bluebird Bakery") {
                world.wait_for_alert("api_unreachable").await;
                world.browser.set_offline(false).await;
                world.click_button("Try again").await;
            }
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.browser.set_offline(false).await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn a_slow_api_is_waited_for(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.sandbox.set_api_fault(Some(ApiFault::Slow));
            world.connect().await;
            world.wait_for_heading("Overview").await;
            let busy = world.browser.texts("[aria-busy=true]").await;
            assert!(!busy.is_empty(), "the page shows that it is waiting");
            assert!(world.alerts().await.is_empty());
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}

/// Rule (Requests with the token): Requests keep the API's pace
async fn too_many_requests_a_second_are_told_apart_from_a_fault(setup: Setup) {
    setup
        .requests_per_second(1)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            for _ in 0..5 {
                world.visit("/").await;
                world.wait_for_session("connected").await;
            }
            // Whether the last load was throttled depends on the machine; either way, the account
            // appears eventually.
            eventually("the account", async || {
                let text = world.browser.text().await;
                if text.contains("Bluebird Bakery") {
                    return Ok(());
                }
                let alerts = world.alerts().await;
                if !alerts.is_empty() {
                    assert!(
                        alerts.iter().all(|code| code == "api_throttled"),
                        "{alerts:?}"
                    );
                    world.click_button("Try again").await;
                }
                Err(text)
            })
            .await;
        })
        .await;
}
