//! Pictures of every page, for people to look at. Run by name:
//! `cargo test -p cc-connect-e2e --test e2e -- --ignored gallery`

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cc_connect_e2e::{Config, Dated, Setup, World, screenshots_folder};
use cc_connect_sandbox::{ApiFault, KeysFault, Scenario};
use serde_json::json;
use std::fs;

const WIDTHS: [u32; 2] = [1280, 375];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// Saves the page that is open now in every width and colour scheme.
async fn picture(world: &World, name: &str) {
    let folder = screenshots_folder().join("gallery");
    fs::create_dir_all(&folder).unwrap();
    for scheme in SCHEMES {
        world.browser.prefer_color_scheme(scheme).await;
        for width in WIDTHS {
            world.browser.set_viewport(width, 900).await;
            let overflow = "return document.documentElement.scrollWidth - window.innerWidth";
            let overflow = world.browser.script(overflow, vec![]).await;
            assert!(
                overflow.as_i64().unwrap() <= 0,
                "{name} scrolls sideways at {width}"
            );
            // A viewport as high as the page: what is fixed to the bottom is then at the bottom.
            let height = "return document.documentElement.scrollHeight";
            let height = world.browser.script(height, vec![]).await;
            let height = u32::try_from(height.as_u64().unwrap()).unwrap();
            world.browser.set_viewport(width, height).await;
            let png = world.browser.full_page_screenshot().await;
            let png = BASE64_STANDARD.decode(png).unwrap();
            fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), png).unwrap();
        }
    }
    world.browser.set_viewport(WIDTHS[0], 900).await;
}

#[tokio::test]
#[ignore = "takes pictures for people"]
async fn gallery_of_a_connection() {
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            picture(world, "connect").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            picture(world, "sandbox-sign-in").await;
            world.click_button("Sign in").await;
            world
                .browser
                .wait_for(cc_connect_e2e::Role::Button, "Allow")
                .await;
            picture(world, "sandbox-permission").await;
            world.click_button("Allow").await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            picture(world, "overview").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            picture(world, "connection").await;
            world.click_button("Copy access token").await;
            world
                .browser
                .wait_for(cc_connect_e2e::Role::Button, "Copy it")
                .await;
            picture(world, "connection-copy").await;
            world.visit("/set-up").await;
            world.wait_for_heading("Set up").await;
            picture(world, "set-up").await;
            world.browser.script("sessionStorage.clear()", vec![]).await;
            world.visit("/callback").await;
            world.wait_for_heading("Nothing to finish here").await;
            picture(world, "callback-nothing").await;
            world.visit("/nowhere").await;
            world.wait_for_heading("This page does not exist").await;
            picture(world, "not-found").await;
        })
        .await;
}

#[tokio::test]
#[ignore = "takes pictures for people"]
async fn gallery_of_errors() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            let scenarios = [
                (Scenario::Denied, "access_denied"),
                (Scenario::WrongState, "state_mismatch"),
                (Scenario::ServerError, "server_error"),
                (Scenario::BadSignature, "bad_signature"),
                (Scenario::UnassignedUser, "platform_user_unassigned"),
                (Scenario::ScopeNarrowed, "scope_narrowed"),
                (Scenario::Api403, "api_forbidden"),
                (Scenario::Api401, "connection_rejected"),
            ];
            for (scenario, code) in scenarios {
                world.sandbox.use_scenario(scenario);
                world.visit("/").await;
                world.browser.script("sessionStorage.clear()", vec![]).await;
                world.visit("/").await;
                world.click_button("Connect Constant Contact").await;
                world.allow().await;
                match code {
                    "scope_narrowed" => world.wait_for_notice(code).await,
                    _ => world.wait_for_alert(code).await,
                }
                world.wait_until_loaded().await;
                picture(world, &format!("error-{code}")).await;
            }
            world.browser.script("sessionStorage.clear()", vec![]).await;
            world.sandbox.use_scenario(Scenario::Normal);
            world.sandbox.set_keys_fault(Some(KeysFault::Unreachable));
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("keys_unreachable").await;
            picture(world, "error-keys_unreachable").await;
            world.sandbox.set_keys_fault(None);
            world.sandbox.set_api_fault(Some(ApiFault::Slow));
            world.click_button("Try again").await;
            world.wait_for_session("connected").await;
            picture(world, "overview-loading").await;
        })
        .await;
}

#[tokio::test]
#[ignore = "takes pictures for people"]
async fn gallery_of_the_end() {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.let_time_pass(28_800 - 290).await;
            world.wait_for_notice("expires_soon").await;
            picture(world, "expires-soon").await;
            world.let_time_pass(291).await;
            world.wait_for_alert("connection_expired").await;
            picture(world, "ended").await;
            world.click_button("Not now").await;
        })
        .await;
}

#[tokio::test]
#[ignore = "takes pictures for people"]
async fn gallery_of_the_settings() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.host.set_config(Config::Json(json!({})));
            world.visit("/").await;
            world.wait_for_heading("Set up").await;
            picture(world, "settings-none").await;
            world.host.set_config(Config::Json(json!({
                "client_id": "", "issuer": "http://example.com", "scope": "a,b", "clientid": "x",
            })));
            world.visit("/").await;
            world.wait_for_alert("config_mistakes").await;
            picture(world, "settings-mistakes").await;
            world.host.set_config(Config::Missing);
            world.visit("/").await;
            world.alert_code().await;
            picture(world, "settings-missing").await;
        })
        .await;
}

#[tokio::test]
#[ignore = "takes pictures for people"]
async fn gallery_of_a_wrong_clock_and_another_account() {
    Setup::new()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.browser.shift_clock_from_start(22 * 60).await;
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.wait_for_notice("clock_wrong").await;
            picture(world, "clock-wrong").await;
            world.browser.shift_clock(0).await;
            world.let_time_pass(28_860).await;
            world.click_button("Re-authorize now").await;
            world.allow_as("harborrowing").await;
            world.wait_for_alert("account_changed").await;
            picture(world, "account-changed").await;
            world.click_button("Do not connect").await;
            world.wait_for_session("not-connected").await;
            world.host.set_dated(Dated::Missing);
            world.browser.shift_clock_from_start(3_600).await;
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("issued_before_request").await;
            picture(world, "clock-suspected").await;
        })
        .await;
}
