//! *Check this deployment*, on the Set up page.

use cc_connect_e2e::{Dated, Setup, World, eventually, in_both_browsers};
use serde_json::json;

in_both_browsers!(
    a_host_that_is_right_passes_every_check,
    what_is_wrong_is_named_with_the_file_to_change,
    checking_touches_no_connection,
);

/// Opens the Set up page in the page that is there, and checks.
async fn check(world: &World) {
    world.click_link("Set up").await;
    world.wait_for_heading("Set up").await;
    world.click_button("Check now").await;
    eventually("the checks", async || {
        let checks = world.browser.attributes("[data-check]", "data-check").await;
        (checks.len() > 15)
            .then_some(())
            .ok_or(format!("{checks:?}"))
    })
    .await;
}

/// The names of the checks that went so.
async fn checks(world: &World, outcome: &str) -> Vec<String> {
    let selector = format!("[data-check][data-outcome={outcome}]");
    world.browser.attributes(&selector, "data-check").await
}

pub(crate) async fn assert_all_passed(world: &World) {
    check(world).await;
    assert_eq!(checks(world, "failed").await, [""; 0]);
    // This machine needs no TLS.
    let expected = ["transport_security"];
    assert_eq!(checks(world, "not-applicable").await, expected);
}

async fn a_host_that_is_right_passes_every_check(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            assert_all_passed(world).await;
        })
        .await;
}

async fn what_is_wrong_is_named_with_the_file_to_change(setup: Setup) {
    setup
        .dated(Dated::Missing)
        .run(async |world: &World| {
            world.host.let_itself_be_framed();
            world.visit("/").await;
            check(world).await;
            assert_eq!(checks(world, "failed").await, ["framing", "clock"]);
            let text = world.browser.text().await;
            assert!(text.contains("2 of 17 checks failed."), "{text}");
            assert!(
                text.contains("the files for your host in deploy/"),
                "{text}"
            );
        })
        .await;
}

async fn checking_touches_no_connection(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let stored = "return JSON.stringify({...sessionStorage})";
            let before = world.browser.script(stored, vec![]).await;
            assert_all_passed(world).await;
            assert_eq!(world.browser.script(stored, vec![]).await, before);
            world.wait_for_session("connected").await;
            // No answer is looked for where there is none.
            let redirect_uri = world.host.redirect_uri();
            assert_ne!(world.browser.url().await.as_str(), redirect_uri);
            let asked = world.host.requests();
            let with_query = asked.iter().filter(|request| request.target.contains('?'));
            let expected = usize::from(world.grant == cc_connect_e2e::Grant::Code);
            assert_eq!(with_query.count(), expected);
        })
        .await;
}

#[tokio::test]
async fn without_settings_what_depends_on_them_is_left_out() {
    Setup::new()
        .setting("client_id", json!(""))
        .config(cc_connect_e2e::Config::Json(json!({ "client_id": "" })))
        .run(async |world: &World| {
            world.visit("/set-up").await;
            world.click_button("Check now").await;
            world
                .browser
                .wait_for_text("checks passed or were not needed")
                .await;
            let expected = ["transport_security", "keys"];
            assert_eq!(checks(world, "not-applicable").await, expected);
        })
        .await;
}
