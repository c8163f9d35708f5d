//! The redirection endpoint: what it shows, leaves behind, and rejects.

use crate::pages::open_fresh;
use cc_connect_e2e::{Grant, Setup, World, in_every_way, looks_like_a_token};
use cc_connect_sandbox::{KeysFault, Scenario};
use serde_json::json;

in_every_way!(
    back_and_forward_never_show_a_token,
    a_bookmark_of_the_callback_is_calm,
    a_bookmark_of_the_callback_does_not_end_a_connection,
    a_reload_after_an_error_is_calm,
    a_reload_while_the_answer_is_examined_is_calm,
    back_onto_the_callback_after_an_error_is_calm,
    an_answer_opened_on_the_page_that_is_open_is_taken_off_the_address_bar,
    an_answer_is_handed_over_once,
    an_answer_opened_again_is_refused_and_harms_nothing,
    an_answer_that_names_no_request_is_refused,
    an_answer_under_another_state_leaves_the_request_open,
    an_answer_after_more_than_ten_minutes_is_refused,
    an_answer_to_a_request_under_other_settings_is_refused,
    a_token_on_any_other_page_is_taken_off_the_address_bar,
);

/// Rule (The response): The response is off the address bar before any WebAssembly is fetched, and
/// in no entry of the history
///
/// Rule (The response): Going back to the callback shows no error
pub(crate) async fn back_and_forward_never_show_a_token(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            let (entries, last) = world.browser.history().await;
            assert!(entries.len() >= 3, "{entries:?}");
            for _ in 0..last {
                world.browser.back().await;
                assert_clean(world).await;
            }
            for _ in 0..last {
                world.browser.forward().await;
                assert_clean(world).await;
            }
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Neither the address nor the history visible to the page contains a response.
async fn assert_clean(world: &World) {
    let url = world.browser.url().await;
    let at_app = url.as_str().starts_with(world.host.origin());
    for name in ["access_token=", "error=", "?code=", "&code="] {
        assert!(!url.as_str().contains(name), "{name} in {}", url.path());
    }
    if !at_app {
        // The authorization server's own address contains the request, as it must.
        return;
    }
    assert_eq!((url.query(), url.fragment()), (None, None));
    let state = "return JSON.stringify(history.state)";
    let state = world.browser.script(state, vec![]).await;
    assert!(!looks_like_a_token(&state.to_string()));
    assert!(world.alerts().await.is_empty());
}

/// Withholds a file from the tab, which only Chromium supports.
mod without_the_app {
    use super::the_address_is_clean_even_if_the_app_never_starts;

    cc_connect_e2e::with_both_grants!(the_address_is_clean_even_if_the_app_never_starts);
}

/// Rule (The response): The response is off the address bar before any WebAssembly is fetched, and
/// in no entry of the history
async fn the_address_is_clean_even_if_the_app_never_starts(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("Failed to fetch");
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.browser.block(&["*.wasm", "*.wasm?*"]).await;
            world.click_button("Allow").await;
            cc_connect_e2e::eventually("the bare callback", async || {
                let url = world.browser.url().await;
                let clean = url.as_str() == world.host.redirect_uri();
                clean.then_some(()).ok_or(url.path().to_owned())
            })
            .await;
            let (history, _) = world.browser.history().await;
            let answers = ["access_token=", "?code="];
            let told = |entry: &String| answers.iter().any(|answer| entry.contains(answer));
            assert!(!history.iter().any(told));
        })
        .await;
}

/// Rule (The response): A bookmark of the callback shows no error, connected or not
async fn a_bookmark_of_the_callback_is_calm(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/callback").await;
            world.wait_for_heading("Nothing to finish here").await;
            assert!(world.alerts().await.is_empty());
            world.wait_for_session("not-connected").await;
            world.browser.reload().await;
            world.wait_for_heading("Nothing to finish here").await;
            assert!(world.alerts().await.is_empty());
        })
        .await;
}

/// Rule (The response): A bookmark of the callback shows no error, connected or not
async fn a_bookmark_of_the_callback_does_not_end_a_connection(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.visit("/callback").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Overview").await;
            assert!(world.alerts().await.is_empty());
            assert_eq!(world.browser.url().await.path(), "/");
        })
        .await;
}

/// Rule (The response): Reloading the callback shows no error
async fn a_reload_after_an_error_is_calm(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.click_button("Deny").await;
            world.wait_for_alert("access_denied").await;
            assert_eq!(world.browser.url().await.query(), None);
            world.browser.reload().await;
            world.wait_for_heading("Nothing to finish here").await;
            assert!(world.alerts().await.is_empty());
        })
        .await;
}

/// Rule (The response): A record is used once; the same response again is rejected and does no harm
async fn an_answer_opened_again_is_refused_and_harms_nothing(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            let state = state_of_last_request(world);
            let answer = match world.grant {
                Grant::Implicit => token,
                Grant::Code => world.sent_to_token_endpoint("code").remove(0),
            };
            open_fresh(world, &world.response_route(&answer, &state)).await;
            world.wait_for_alert("no_pending_authorization").await;
            world.wait_for_heading("The connection was not made").await;
            assert_clean_address(world).await;
            world.visit("/").await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (The response): The response is `application/x-www-form-urlencoded` and UTF-8 →
/// `response_malformed`
///
/// Rule (The response): Without `state` nothing is trusted, neither a token nor an error →
/// `state_missing`
///
/// Rule (The response): A response without any record is rejected → `no_pending_authorization`
async fn an_answer_that_names_no_request_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            let cases = [
                ("#access_token=a.b.c&token_type=Bearer", "state_missing"),
                ("?code=abc", "state_missing"),
                ("#error=access_denied", "state_missing"),
                ("?error=access_denied", "state_missing"),
                ("#access_token=a.b.c&state=", "state_missing"),
                ("?code=abc&state=", "state_missing"),
                (
                    "#access_token=a.b.c&token_type=Bearer&state=guessed",
                    "no_pending_authorization",
                ),
                ("?code=abc&state=guessed", "no_pending_authorization"),
                (
                    "?error=server_error&state=guessed",
                    "no_pending_authorization",
                ),
                (
                    "#error=server_error&state=__proto__",
                    "no_pending_authorization",
                ),
                (
                    "#access_token=a&access_token=b&state=x",
                    "duplicate_parameter",
                ),
                ("?code=a&code=b&state=x", "duplicate_parameter"),
                ("#access_token=%FF&state=x", "response_malformed"),
            ];
            for (answer, code) in cases {
                open_fresh(world, &format!("/callback{answer}")).await;
                assert_eq!(world.alert_code().await, code, "{answer}");
                assert_clean_address(world).await;
                world.wait_for_session("not-connected").await;
            }
        })
        .await;
}

/// Rule (The response): Another `state`, or another tab's, is rejected → `state_mismatch`
async fn an_answer_under_another_state_leaves_the_request_open(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            let sign_in_page = world.browser.url().await;
            for answer in [
                "#access_token=a.b.c&state=guessed",
                "?code=abc&state=guessed",
            ] {
                open_fresh(world, &format!("/callback{answer}")).await;
                world.wait_for_alert("state_mismatch").await;
                assert_clean_address(world).await;
            }

            world.browser.goto(sign_in_page.as_str()).await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (The response): A record older than ten minutes, or the configured time, is rejected →
/// `pending_authorization_expired`
async fn an_answer_after_more_than_ten_minutes_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.let_time_pass(11 * 60).await;
            world.allow().await;
            world.wait_for_alert("pending_authorization_expired").await;
            assert_clean_address(world).await;
            assert!(world.pending().await.is_empty());
        })
        .await;
}

/// Rule (The response): A response to a request made under other settings is rejected →
/// `configuration_changed`
async fn an_answer_to_a_request_under_other_settings_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            let client_id = "11111111-2222-4333-8444-555555555555";
            let settings = world.sandbox.config_json(world.grant.client_id());
            let settings = settings.replace(world.grant.client_id(), client_id);
            world
                .host
                .set_config(cc_connect_e2e::Config::Text(settings));
            world.allow().await;
            world.wait_for_alert("configuration_changed").await;
            assert!(world.pending().await.is_empty());
        })
        .await;
}

/// Rule (The response): The address is cleaned on every other page as well
async fn a_token_on_any_other_page_is_taken_off_the_address_bar(setup: Setup) {
    setup
        .run(async |world: &World| {
            for route in ["/", "/connection", "/set-up", "/nowhere"] {
                for answer in ["#access_token=a.b.c&state=x", "?code=abc&state=x"] {
                    open_fresh(world, &format!("{route}{answer}")).await;
                    world.wait_for_session("not-connected").await;
                    let url = world.browser.url().await;
                    assert_eq!((url.query(), url.fragment()), (None, None), "{route}");
                }
            }
        })
        .await;
}

pub(crate) fn state_of_last_request(world: &World) -> String {
    let requests = world.authorization_requests();
    let last = requests.last().expect("an authorization was requested");
    let state = last.iter().find(|(name, _)| name == "state");
    state.expect("a request has a state").1.clone()
}

pub(crate) async fn assert_clean_address(world: &World) {
    let url = world.browser.url().await;
    assert_eq!((url.query(), url.fragment()), (None, None));
    let length = world
        .browser
        .script("return location.href.length", vec![])
        .await;
    assert_eq!(length, json!(world.host.redirect_uri().len()));
}

/// Rule (The response): Reloading the callback shows no error
async fn a_reload_while_the_answer_is_examined_is_calm(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.sandbox.set_keys_fault(Some(KeysFault::Silent));
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("verifying").await;
            assert_clean_address(world).await;
            assert_eq!(world.stored("cc-connect/session").await, None);
            world.browser.reload().await;
            world.wait_for_heading("Nothing to finish here").await;
            assert!(world.alerts().await.is_empty());
            world.sandbox.set_keys_fault(None);
            world.click_button("Go to the start").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (The response): Going back to the callback shows no error
async fn back_onto_the_callback_after_an_error_is_calm(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.click_button("Deny").await;
            world.wait_for_alert("access_denied").await;
            world.visit("/set-up").await;
            world.wait_for_heading("Set up").await;
            world.browser.back().await;
            world.wait_for_session("not-connected").await;
            assert_clean_address(world).await;
            // The page as it was, if the browser cached it; otherwise one without a response.
            let alerts = world.alerts().await;
            assert!(
                alerts.iter().all(|code| code == "access_denied"),
                "{alerts:?}"
            );
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// A link, bookmark or pasted address that differs from the open page only in its fragment loads
/// nothing.
///
/// Rule (The response): The address is cleaned on every other page as well
async fn an_answer_opened_on_the_page_that_is_open_is_taken_off_the_address_bar(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            let state = state_of_last_request(world);
            for route in ["/", "/connection", "/callback"] {
                world.visit(route).await;
                world.wait_for_session("connected").await;
                let here = world.browser.url().await;
                let answer = format!(
                    "{here}#access_token={token}&token_type=Bearer&expires_in=28800&state={state}"
                );
                world.browser.goto(&answer).await;
                cc_connect_e2e::eventually("a clean address", async || {
                    let url = world.browser.url().await;
                    let clean = url.query().is_none() && url.fragment().is_none();
                    clean.then_some(()).ok_or(format!("not clean at {route}"))
                })
                .await;
                world.wait_for_session("connected").await;
            }
        })
        .await;
}

/// Rule (The response): A record is used once; the same response again is rejected and does no harm
async fn an_answer_is_handed_over_once(setup: Setup) {
    setup
        .scenario(Scenario::BadSignature)
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("bad_signature").await;
            let again = "return JSON.stringify([
                window.ccConnect.takeResponse(), Object.values(window.ccConnect),
            ])";
            let again = world.browser.script(again, vec![]).await;
            let again = again.as_str().unwrap();
            assert!(
                again.starts_with("[null,"),
                "an answer is handed over twice"
            );
            assert!(!looks_like_a_token(again));
        })
        .await;
}
