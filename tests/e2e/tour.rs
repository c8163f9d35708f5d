//! Every page in every state, one after the other, for [`access`](crate::access) and
//! [`gallery`](crate::gallery).

use crate::pages::open_fresh;
use cc_connect_e2e::{Config, Dated, Role, Setup, World, eventually, serve_nothing, serve_page};
use cc_connect_sandbox::{ApiFault, KeysFault, Scenario, TokenFault};
use serde_json::json;

/// Every tour.
pub(crate) async fn visit_every_state(look: impl AsyncFn(&World, &str) + Copy) {
    a_connection(look).await;
    ways_in(look).await;
    refusals(look).await;
    parts_that_do_not_come(look).await;
    the_end(look).await;
    settings(look).await;
    another_account(look).await;
    renewals(look).await;
    places_where_nothing_runs(look).await;
}

/// From the first page to the developer's, and unknown addresses.
pub(crate) async fn a_connection(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            look(world, "connect").await;
            world
                .browser
                .script(
                    "Storage.prototype.setItem = () => { throw new Error('full') }",
                    vec![],
                )
                .await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_alert("storage_unavailable").await;
            look(world, "connect-not-started").await;
            world.visit("/set-up").await;
            world.wait_for_heading("Set up").await;
            look(world, "set-up").await;
            world.visit("/callback").await;
            world.wait_for_heading("Nothing to finish here").await;
            look(world, "callback-nothing").await;
            world.visit("/nowhere").await;
            world.wait_for_heading("This page does not exist").await;
            look(world, "not-found").await;

            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            look(world, "sandbox-sign-in").await;
            world.click_button("Sign in").await;
            world.browser.wait_for(Role::Button, "Allow").await;
            look(world, "sandbox-permission").await;
            world.click_button("Allow").await;
            world.wait_for_session("connected").await;
            wait_for_the_account(world).await;
            look(world, "overview").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            look(world, "connection").await;
            world.click_button("Copy access token").await;
            world.browser.wait_for(Role::Button, "Copy it").await;
            look(world, "connection-copy").await;
            world.visit("/nowhere").await;
            world.wait_for_session("connected").await;
            look(world, "not-found-connected").await;
        })
        .await;
}

/// Leaving for the authorization server, and returning.
pub(crate) async fn ways_in(look: impl AsyncFn(&World, &str)) {
    let nowhere = serve_nothing().await;
    Setup::new()
        .setting("authorization_endpoint", format!("{nowhere}/authorize"))
        .run(async |world: &World| {
            // Reported by the first page's own module, and by the application.
            for (by, started) in [("first-page", false), ("application", true)] {
                world.visit("/").await;
                if started {
                    world.wait_for_session("not-connected").await;
                }
                world.click_button("Connect Constant Contact").await;
                world
                    .wait_for_heading("Taking you to Constant Contact…")
                    .await;
                // The button for users who are stuck here appears after some seconds.
                world
                    .browser
                    .wait_for(Role::Button, "Go to Constant Contact")
                    .await;
                look(world, &format!("redirecting-{by}")).await;
            }
        })
        .await;
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.sandbox.set_keys_fault(Some(KeysFault::Silent));
            start_connecting(world).await;
            world
                .wait_for_heading("Checking that the answer is genuine…")
                .await;
            look(world, "verifying").await;
            world.sandbox.set_keys_fault(Some(KeysFault::Unreachable));
            world.wait_for_alert("keys_unreachable").await;
            look(world, "verifying-failed").await;
        })
        .await;
}

/// One message of each kind, with the report of the checks open if there is one.
pub(crate) async fn refusals(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            let scenarios = [
                (Scenario::Denied, "access_denied"),
                (Scenario::WrongState, "state_mismatch"),
                (Scenario::ServerError, "server_error"),
                (Scenario::UnauthorizedClient, "unauthorized_client"),
                (Scenario::MarkupInError, "server_error"),
                (Scenario::BadSignature, "bad_signature"),
                (Scenario::IssuedInTheFuture, "issued_in_the_future"),
                (Scenario::UnassignedUser, "platform_user_unassigned"),
            ];
            for (scenario, code) in scenarios {
                world.sandbox.use_scenario(scenario);
                start_anew(world).await;
                world.wait_for_alert(code).await;
                let open = "document.querySelector('details')?.setAttribute('open', '')";
                world.browser.script(open, vec![]).await;
                look(world, &format!("message-{scenario}")).await;
            }
            world.sandbox.use_scenario(Scenario::Normal);
            world
                .host
                .redirect(|path| (path == "/callback").then_some("/connection"));
            start_anew(world).await;
            world.wait_for_alert("response_at_other_address").await;
            look(world, "message-other-address").await;
            world.host.redirect(|_| None);
            let lost = "localStorage['cc-connect/lost'] = Date.now()";
            world.browser.script(lost, vec![]).await;
            let unknown = format!("/callback?error=access_denied&state={}", "A".repeat(43));
            open_fresh(world, &unknown).await;
            world.wait_for_alert("pending_authorization_lost").await;
            look(world, "message-lost-again").await;
            world.host.set_dated(Dated::Missing);
            world.browser.shift_clock_from_start(3_600).await;
            start_anew(world).await;
            world.wait_for_alert("issued_before_request").await;
            look(world, "message-clock-suspected").await;
        })
        .await;
}

/// The Overview page while loading, with missing data, and with less data than requested.
pub(crate) async fn parts_that_do_not_come(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            for (scenario, code) in [
                (Scenario::ScopeNarrowed, "scope_narrowed"),
                (Scenario::ScopeWidened, "scope_widened"),
            ] {
                world.sandbox.use_scenario(scenario);
                start_anew(world).await;
                world.wait_for_notice(code).await;
                wait_for_the_account(world).await;
                look(world, &format!("notice-{code}")).await;
            }
            world.sandbox.use_scenario(Scenario::Normal);
            world.sandbox.set_api_fault(Some(ApiFault::Status503));
            start_anew(world).await;
            world.wait_for_alert("api_unavailable").await;
            world.wait_until_loaded().await;
            look(world, "overview-failed").await;
            let silent = "window.fetch = () => new Promise(() => {})";
            world.browser.script(silent, vec![]).await;
            while !world.alerts().await.is_empty() {
                world.click_button("Try again").await;
            }
            look(world, "overview-loading").await;
            world.sandbox.set_api_fault(Some(ApiFault::Status401));
            world.visit("/").await;
            world.wait_for_alert("connection_rejected").await;
            look(world, "ended-rejected").await;
        })
        .await;
}

/// A connection that ends with its token.
pub(crate) async fn the_end(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            wait_for_the_account(world).await;
            world.let_time_pass(world.lifetime() - 290).await;
            world.wait_for_notice("expires_soon").await;
            look(world, "expires-soon").await;
            // No redirect while the test looks.
            let unseen = "Object.defineProperty(document, 'hidden', {get: () => true})";
            world.browser.script(unseen, vec![]).await;
            world.let_time_pass(291).await;
            world.wait_for_alert("connection_expired").await;
            assert_eq!(world.browser.texts("[role=timer]").await.len(), 1);
            look(world, "ended").await;
            world.click_button("Not now").await;
            look(world, "ended-stays").await;
        })
        .await;
}

/// With missing and with invalid settings.
pub(crate) async fn settings(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.host.set_config(Config::Json(json!({})));
            world.visit("/").await;
            world.wait_for_heading("Set up").await;
            look(world, "settings-none").await;
            world.host.set_config(Config::Json(json!({
                "client_id": "", "issuer": "http://example.com", "scope": "a,b", "clientid": "x",
            })));
            world.visit("/").await;
            world.wait_for_alert("config_mistakes").await;
            look(world, "settings-mistakes").await;
            world.host.set_config(Config::Missing);
            let answer = format!("/callback?error=access_denied&state={}", "A".repeat(43));
            world.visit(&answer).await;
            world.wait_for_alert("config_unreachable").await;
            look(world, "settings-missing-with-an-answer").await;
        })
        .await;
}

/// A wrong clock, and a different account.
pub(crate) async fn another_account(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.browser.shift_clock_from_start(22 * 60).await;
            world.connect().await;
            wait_for_the_account(world).await;
            world.wait_for_notice("clock_wrong").await;
            look(world, "clock-wrong").await;
            world.browser.shift_clock(0).await;
            world.let_time_pass(world.lifetime() + 60).await;
            world.click_button("Re-authorize now").await;
            world.allow_as("harborrowing").await;
            world.wait_for_alert("account_changed").await;
            look(world, "account-changed").await;
        })
        .await;
}

/// A connection that is renewed, and one whose renewal fails.
pub(crate) async fn renewals(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .with_code()
        .asking_for_id_tokens()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.sandbox.set_token_fault(Some(TokenFault::Silent));
            world.allow().await;
            world.wait_for_session("exchanging").await;
            world
                .wait_for_heading("Checking that the answer is genuine…")
                .await;
            look(world, "exchanging").await;
            world.sandbox.set_token_fault(None);

            start_anew(world).await;
            world.wait_for_session("connected").await;
            wait_for_the_account(world).await;
            look(world, "overview-with-code").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            look(world, "connection-with-code").await;
            world.sandbox.set_token_fault(Some(TokenFault::Unreachable));
            world.let_time_pass(world.lifetime() - 240).await;
            world.wait_for_notice("token_endpoint_unreachable").await;
            look(world, "not-renewed-yet").await;
            world.let_time_pass(300).await;
            world.wait_for_alert("token_endpoint_unreachable").await;
            look(world, "renewing-failed").await;
            world.sandbox.set_token_fault(Some(TokenFault::Silent));
            world.click_button("Try again").await;
            world.wait_for_heading("Renewing your connection…").await;
            look(world, "renewing").await;
        })
        .await;
}

/// Inside another page, and where the application does not load.
pub(crate) async fn places_where_nothing_runs(look: impl AsyncFn(&World, &str)) {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("Failed to fetch");
            world.host.let_itself_be_framed();
            // On the same site, so that the emulated sizes and colors also apply to the frame.
            let app = world.host.url("/");
            let page = format!(
                "<!doctype html><title>Another page</title><link rel=icon href=data:,>
                 <body style=margin:0>
                 <iframe src=\"{app}\" style=\"border:0;width:100%;height:600px\"></iframe>"
            );
            let other = serve_page(page).await.replace("127.0.0.1", "localhost");
            world.browser.goto(&other).await;
            world.browser.enter_frame().await.unwrap();
            world.wait_for_alert("framed").await;
            look(world, "framed").await;
            world.browser.leave_frame().await;
            world.browser.block(&["*.wasm"]).await;
            world.visit("/").await;
            world.wait_for_alert("not_loaded").await;
            look(world, "not-loaded").await;
        })
        .await;
    // In a profile of its own, which has not kept the script.
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.host.lose(|path| path.contains("/first-"));
            world.visit("/").await;
            world.browser.wait_for_text("script_not_started").await;
            look(world, "not-started").await;
        })
        .await;
}

async fn wait_for_the_account(world: &World) {
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.wait_until_loaded().await;
}

/// Starts connecting, up to the authorization server.
async fn start_connecting(world: &World) {
    world.visit("/").await;
    world.click_button("Connect Constant Contact").await;
    world.allow().await;
}

/// Like [`start_connecting`], with everything cleared first.
async fn start_anew(world: &World) {
    world.visit("/nowhere").await;
    eventually("an empty storage", async || {
        let clear = "sessionStorage.clear(); return sessionStorage.length";
        let left = world.browser.try_script(clear, vec![]).await?;
        (left == json!(0)).then_some(()).ok_or(left.to_string())
    })
    .await;
    start_connecting(world).await;
}
