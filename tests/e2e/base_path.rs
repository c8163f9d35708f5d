//! The app below a base path.

use cc_connect_e2e::{Setup, World, in_both_browsers};

in_both_browsers!(
    the_whole_journey_below_a_base_path,
    re_authorizing_below_a_base_path_comes_back_to_the_same_page,
);

async fn the_whole_journey_below_a_base_path(setup: Setup) {
    setup
        .below_app()
        .run(async |world: &World| {
            world.connect().await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.browser.url().await.path(), "/app/");
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/app/connection");

            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            world.click_link("Overview").await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.browser.url().await.path(), "/app/");

            world.disconnect().await;
            assert_eq!(world.browser.url().await.path(), "/app/");

            for request in world.host.requests() {
                let below = request.target.starts_with("/app/");
                assert!(below, "{} is outside the base path", request.target);
            }
        })
        .await;
}

#[tokio::test]
async fn a_deep_link_below_a_base_path() {
    Setup::new()
        .below_app()
        .run(async |world: &World| {
            world.visit("/set-up").await;
            world.wait_for_heading("Set up").await;
            world
                .browser
                .wait_for_text(&world.host.redirect_uri())
                .await;
            world.visit("/nowhere").await;
            world.wait_for_heading("This page does not exist").await;
        })
        .await;
}

async fn re_authorizing_below_a_base_path_comes_back_to_the_same_page(setup: Setup) {
    setup
        .without_renewal()
        .below_app()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_notice("expires_soon").await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/app/connection");
        })
        .await;
}
