//! The page with its own server: the same application, whose tokens no browser ever sees.

use crate::ending::wait_for_the_end;
use cc_connect_e2e::{Role, Setup, World, in_both_browsers, looks_like_a_token, serve_page};
use cc_connect_sandbox::Scenario;
use serde_json::json;

in_both_browsers!(
    a_person_connects_and_no_browser_sees_a_token,
    a_reload_and_another_tab_find_the_connection,
    disconnecting_ends_it_in_every_tab,
    a_foreign_page_can_start_and_end_nothing;
    chromium:
    the_connection_page_shows_how_the_server_verified,
    a_refusal_is_told_and_the_next_try_connects,
    the_page_comes_back_to_where_it_was,
    a_token_that_ends_is_renewed_unnoticed,
    a_connection_that_was_not_used_ends_and_says_why,
    a_refused_renewal_ends_it_and_says_why,
    another_account_is_asked_about,
    a_server_that_does_not_answer_is_a_state_with_a_way_on,
    a_server_started_again_has_kept_the_connection,
);

/// How long the server keeps an unused connection, in seconds.
const IDLE: i64 = 24 * 60 * 60;

fn own(setup: Setup) -> Setup {
    setup.on_its_own_server()
}

/// Everything that a script of the page can read.
async fn readable(world: &World) -> String {
    let all = "return JSON.stringify([
        {...sessionStorage}, {...localStorage}, document.cookie,
        document.documentElement.outerHTML, performance.getEntriesByType('resource').map(e => e.name),
    ])";
    world.browser.script(all, vec![]).await.to_string()
}

async fn a_person_connects_and_no_browser_sees_a_token(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            world.wait_for_heading("Overview").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            let readable = readable(world).await;
            assert!(!looks_like_a_token(&readable), "{readable}");
            let api = format!("{}/v3", world.sandbox.origin());
            assert!(!readable.contains(&api), "{readable}");
            let cookies = "return document.cookie";
            assert_eq!(world.browser.script(cookies, vec![]).await, "");
            // The browser asked the sandbox for its pages only.
            let requests = world.sandbox.requests();
            let by_browser = |path: &str| path.contains("/authorize");
            for request in requests {
                let by_server = request.header("origin").is_none();
                assert!(by_server || by_browser(&request.path), "{}", request.path);
            }
            let stored = world.host.own().stored();
            assert!(!looks_like_a_token(&String::from_utf8_lossy(&stored)));
        })
        .await;
}

async fn a_reload_and_another_tab_find_the_connection(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            world.browser.open_tab().await;
            world.visit("/").await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.token_requests().len(), 1, "one code, one exchange");
        })
        .await;
}

async fn disconnecting_ends_it_in_every_tab(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            let first = world.browser.tab().await;
            world.browser.open_tab().await;
            world.visit("/").await;
            world.wait_for_session("connected").await;
            world.disconnect().await;
            world.browser.switch_to(first).await;
            world.browser.bring_to_front().await;
            world.wait_for_session("not-connected").await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
        })
        .await;
}

/// Another origin of the same site, so its requests carry the cookies.
async fn a_foreign_page_can_start_and_end_nothing(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("Cross-Origin");
            world.connect().await;
            let page = "<!doctype html><title>Elsewhere</title>".to_owned();
            let elsewhere = serve_page(page).await.replace("127.0.0.1", "localhost");
            world.browser.goto(&elsewhere).await;
            let attack = "const [origin] = arguments;
                const send = (path, options) => fetch(origin + path, {credentials: 'include', ...options})
                    .then(answer => answer.type + answer.status, error => 'refused');
                const header = {'X-CC-Connect': '1'};
                return Promise.all([
                    send('/auth/session', {headers: header}),
                    send('/auth/session', {mode: 'no-cors'}),
                    send('/auth/disconnect', {method: 'POST', headers: header}),
                    send('/auth/disconnect', {method: 'POST', mode: 'no-cors'}),
                    send('/api/v3/account/summary', {headers: header}),
                ])";
            let origin = json!(world.host.origin());
            let seen = world.browser.script(attack, vec![origin]).await;
            assert_eq!(seen, json!(vec!["refused"; 5]));
            world.visit("/").await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn the_connection_page_shows_how_the_server_verified(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            for text in [
                "By this page’s server",
                "Automatically, by this page’s server",
                "of today’s 10,000 requests are left",
                "RFC 7518 §3.3",
            ] {
                world.browser.wait_for_text(text).await;
            }
            let buttons = world.browser.names(Role::Button).await;
            let copies = |name: &String| name.contains("access token");
            assert!(!buttons.iter().any(copies), "{buttons:?}");
        })
        .await;
}

async fn a_refusal_is_told_and_the_next_try_connects(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.sandbox.use_scenario(Scenario::Denied);
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("access_denied").await;
            world.wait_for_session("not-connected").await;
            world.sandbox.use_scenario(Scenario::Normal);
            // It is told once.
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            assert!(world.alerts().await.is_empty());
            world.connect().await;
        })
        .await;
}

async fn the_page_comes_back_to_where_it_was(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.visit("/connection").await;
            world.wait_for_session("not-connected").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
        })
        .await;
}

async fn a_token_that_ends_is_renewed_unnoticed(setup: Setup) {
    own(setup)
        .token_lifetime(3_600)
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            for renewals in 1..=2 {
                world.let_time_pass(world.lifetime() + 60).await;
                world.browser.reload().await;
                world.wait_for_session("connected").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                world.wait_until_loaded().await;
                let refreshes = world.sent_to_token_endpoint("refresh_token");
                assert_eq!(refreshes.len(), renewals);
            }
            assert!(world.alerts().await.is_empty());
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

async fn a_connection_that_was_not_used_ends_and_says_why(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            // The page asks when it is looked at again. The reason is told once.
            world.let_time_pass(IDLE + 120).await;
            wait_for_the_end(world).await;
            world.wait_for_alert("session_idle").await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
        })
        .await;
}

async fn a_refused_renewal_ends_it_and_says_why(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.sandbox.revoke_refresh_tokens();
            world.let_time_pass(world.lifetime() - 60).await;
            world.browser.reload().await;
            wait_for_the_end(world).await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn another_account_is_asked_about(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            world.let_time_pass(IDLE + 120).await;
            world.browser.reload().await;
            wait_for_the_end(world).await;
            world.click_button("Re-authorize now").await;
            world.allow_as("harborrowing").await;
            world.wait_for_session("account-changed").await;
            world.wait_for_alert("account_changed").await;
            world.click_button("Do not connect").await;
            world.wait_for_session("not-connected").await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

async fn a_server_that_does_not_answer_is_a_state_with_a_way_on(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.host.own().stop().await;
            world.let_time_pass(0).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.host.own().start_again().await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn a_server_started_again_has_kept_the_connection(setup: Setup) {
    own(setup)
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.host.own().stop().await;
            world.host.own().start_again().await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}
