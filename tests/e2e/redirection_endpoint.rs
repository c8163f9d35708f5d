//! Where a response arrives: the redirect URI, a host's variation of it, another page, another
//! address.

use crate::callback::state_of_last_request;
use crate::pages::open_fresh;
use cc_connect_e2e::{Config, Role, Setup, World, eventually};
use serde_json::json;

const CONNECT: &str = "Connect your Constant Contact account";

/// B15: the host adds a slash, and the fragment is carried along.
///
/// Rule (The response): The response arrives at the redirect URI, or at another spelling of it at
/// the same origin (a slash, `index.html`, case) that the page's host redirects to
#[tokio::test]
async fn a_response_that_the_host_sends_on_is_accepted() {
    Setup::new()
        .run(async |world: &World| {
            world
                .host
                .redirect(|path| (path == "/callback").then_some("/callback/"));
            world.visit("/callback").await;
            world.wait_for_heading("Nothing to finish here").await;
            world.connect().await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.browser.url().await.path(), "/");
            world.visit("/callback").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.browser.url().await.path(), "/");
        })
        .await;
}

/// Issue 11: the host redirects to a page of its choice.
///
/// Rule (The response): At any other address the response is not used; that is reported if it may
/// be meant for this application, and a made-up link ends no connection →
/// `response_at_other_address`
#[tokio::test]
async fn a_response_at_another_address_is_said_with_both() {
    Setup::new()
        .with_code()
        .run(async |world: &World| {
            world
                .host
                .redirect(|path| (path == "/callback").then_some("/connection"));
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("response_at_other_address").await;
            world.wait_for_heading("The connection was not made").await;
            let said = world.browser.texts(".alert").await.concat();
            for address in [world.host.redirect_uri(), world.host.url("/connection")] {
                assert!(said.contains(&address), "{said}");
            }
            assert!(world.pending().await.is_empty());
            assert!(world.token_requests().is_empty());

            // Once the host stops redirecting, the next attempt succeeds.
            world.host.redirect(|_| None);
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;

            // A forged link ends no connection.
            let state = state_of_last_request(world);
            open_fresh(world, &format!("/connection?code=x&state={state}")).await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.query(), None);

            // Without a record, a possible response to us is reported; other parameters of the
            // same name are not.
            world.disconnect().await;
            open_fresh(world, &format!("/connection?code=x&state={state}")).await;
            world.wait_for_alert("response_at_other_address").await;
            world.click_button("Not now").await;
            world.wait_for_heading(CONNECT).await;
            open_fresh(world, "/?code=SUMMER&state=TX").await;
            world.wait_for_heading(CONNECT).await;
            world.wait_for_session("not-connected").await;
            assert!(world.alerts().await.is_empty());
        })
        .await;
}

/// C8: the start page, the usual registration, and another page.
///
/// Rule (The response): The redirect URI may be one of the application's pages
#[tokio::test]
async fn a_page_of_the_application_can_be_the_redirect_uri() {
    Setup::new()
        .with_code()
        .run(async |world: &World| {
            for (route, page) in [("/", "Overview"), ("/connection", "Connection")] {
                let redirect_uri = world.host.url(route);
                let client_id = world.grant.client_id();
                let settings = world.sandbox.config_json(client_id);
                let mut settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
                settings["redirect_uri"] = json!(redirect_uri);
                world.host.set_config(Config::Json(settings));
                world
                    .sandbox
                    .register_redirect_uri(client_id, &redirect_uri);

                world.visit(route).await;
                world.wait_for_heading(CONNECT).await;
                world.wait_for_session("not-connected").await;
                world.click_button("Connect Constant Contact").await;
                world.sign_in().await;
                world.click_button("Deny").await;
                world.wait_for_alert("access_denied").await;
                // Without the response it is an ordinary page again.
                world.browser.reload().await;
                world.wait_for_heading(CONNECT).await;
                assert!(world.alerts().await.is_empty());

                world.wait_for_session("not-connected").await;
                world.click_button("Connect Constant Contact").await;
                world.allow().await;
                world.wait_for_session("connected").await;
                world.wait_for_heading(page).await;
                for _ in 0..2 {
                    let url = world.browser.url().await;
                    assert_eq!(url.as_str(), redirect_uri);
                    world.browser.reload().await;
                    world.wait_for_session("connected").await;
                    world.wait_for_heading(page).await;
                }
                world.disconnect().await;
            }
        })
        .await;
}

/// S5: in-app browsers lose a tab's storage during the redirect.
///
/// Rule (The response): If there is no record for the second time in a row, another browser is
/// suggested → `pending_authorization_lost`
#[tokio::test]
async fn a_browser_that_loses_the_record_twice_is_told_apart() {
    Setup::new()
        .run(async |world: &World| {
            let lose = "if (location.pathname === '/callback' && !localStorage.kept) {
                sessionStorage.clear();
            }";
            world.browser.at_document_start(lose).await;
            world.visit("/").await;
            for code in ["no_pending_authorization", "pending_authorization_lost"] {
                world.click_button("Connect Constant Contact").await;
                world.allow().await;
                world.wait_for_alert(code).await;
            }
            let address = world.browser.texts(".copy code").await;
            assert_eq!(address, [world.host.url("/")]);
            world.browser.wait_for(Role::Button, "Copy address").await;
            let kept = world.stored_keys("localStorage").await;
            assert_eq!(kept, ["cc-connect/lost"]);
            let kept = "return Math.abs(Date.now() - localStorage['cc-connect/lost']) < 60000";
            assert_eq!(world.browser.script(kept, vec![]).await, json!(true));

            // A response to a known request ends the row.
            world.browser.script("localStorage.kept = 1", vec![]).await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            eventually("no trace of it", async || {
                let kept = world.stored_keys("localStorage").await;
                (kept == ["kept"]).then_some(()).ok_or(format!("{kept:?}"))
            })
            .await;
        })
        .await;
}

/// Issue 11: a response cannot be verified without settings, which is reported.
#[tokio::test]
async fn a_response_without_settings_is_said() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.host.set_config(Config::Missing);
            world.allow().await;
            world.wait_for_alert("config_unreachable").await;
            let said = "[data-code=response_unused]";
            assert_eq!(world.browser.texts(said).await.len(), 1);
            world.visit("/").await;
            world.wait_for_alert("config_unreachable").await;
            assert!(world.browser.texts(said).await.is_empty());
        })
        .await;
}
