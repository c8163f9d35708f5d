//! A different account than before: the user is asked before anything of either is shown.

use crate::ending::wait_for_the_end;
use cc_connect_e2e::{Role, Setup, World, holds_for, in_both_browsers};
use serde_json::{Value, json};
use std::time::Duration;

in_both_browsers!(
    another_account_after_the_end_is_asked_about_and_taken;
    chromium:
    another_account_after_the_end_is_asked_about_and_refused,
    another_account_while_connected_leaves_the_old_connection_alone,
    another_user_of_the_same_account_is_asked_about,
    a_reload_at_the_question_takes_nothing,
    a_question_that_nobody_answers_ends_with_its_token,
    after_disconnecting_nobody_is_asked,
    the_same_account_is_not_asked_about,
);

/// Connects as `bluebird`, lets the connection end, and authorizes again as somebody else.
async fn change_account(world: &World, login: &str) {
    world.connect().await;
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.wait_until_loaded().await;
    world.let_time_pass(world.lifetime() + 60).await;
    wait_for_the_end(world).await;
    world.click_button("Re-authorize now").await;
    world.allow_as(login).await;
}

/// The question is shown, and until it is answered nothing happens behind it: the only token stored
/// is that of an existing connection.
async fn assert_asked(world: &World, connected_with: Option<&str>) {
    let asked = world.api_requests().len();
    world.wait_for_session("account-changed").await;
    world.wait_for_alert("account_changed").await;
    holds_for(Duration::from_secs(1), "the question", async || {
        let seen = world.glance().await?;
        let stands =
            seen["session"] == "account-changed" && seen["alerts"] == json!(["account_changed"]);
        stands.then_some(()).ok_or(seen.to_string())
    })
    .await;
    assert_eq!(world.api_requests().len(), asked, "nothing is requested");
    let stored = world.stored("cc-connect/session").await;
    let stored = stored.map(|text| serde_json::from_str::<Value>(&text).unwrap());
    let token = stored.map(|session| session["access_token"].as_str().unwrap().to_owned());
    assert_eq!(token.as_deref(), connected_with, "nothing else is stored");
    let text = world.browser.text().await;
    for name in ["Bluebird Bakery", "Harbor Rowing Club"] {
        assert!(!text.contains(name), "{name} is shown:\n{text}");
    }
    for button in ["Continue with this account", "Do not connect"] {
        world.browser.wait_for(Role::Button, button).await;
    }
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
async fn another_account_after_the_end_is_asked_about_and_taken(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            change_account(world, "harborrowing").await;
            assert_asked(world, None).await;
            let text = world.browser.text().await;
            assert!(
                text.contains("bluebird") && text.contains("harborrowing"),
                "{text}"
            );
            assert_eq!(world.stored("cc-connect/session").await, None);
            world.click_button("Continue with this account").await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Harbor Rowing Club").await;
            assert!(!world.browser.text().await.contains("Bluebird"));
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Harbor Rowing Club").await;
        })
        .await;
}

/// Rule (The connection and its end): The user may reject another account and keep the old
/// connection
async fn another_account_after_the_end_is_asked_about_and_refused(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            change_account(world, "harborrowing").await;
            assert_asked(world, None).await;
            let asked = world.api_requests().len();
            world.click_button("Do not connect").await;
            world.wait_for_session("not-connected").await;
            assert!(world.alerts().await.is_empty());
            assert_eq!(world.stored("cc-connect/session").await, None);
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.api_requests().len(), asked);

            // The earlier account is still the remembered one.
            world.click_button("Connect Constant Contact").await;
            world.allow_as("bluebird").await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}

/// Rule (The connection and its end): The user may reject another account and keep the old
/// connection
async fn another_account_while_connected_leaves_the_old_connection_alone(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            let token = world.stored_token().await;
            world.click_button("Re-authorize now").await;
            world.allow_as("harborrowing").await;
            assert_asked(world, Some(&token)).await;
            world.click_button("Do not connect").await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.stored_token().await, token);
        })
        .await;
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
async fn another_user_of_the_same_account_is_asked_about(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            change_account(world, "bluebird-studio").await;
            assert_asked(world, None).await;
            assert!(world.browser.text().await.contains("bluebird-studio"));
            world.click_button("Do not connect").await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
async fn a_reload_at_the_question_takes_nothing(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            change_account(world, "harborrowing").await;
            assert_asked(world, None).await;
            let asked = world.api_requests().len();
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            world.wait_for_heading("Nothing to finish here").await;
            assert!(world.alerts().await.is_empty());
            assert_eq!(world.api_requests().len(), asked);
            assert_eq!(world.stored("cc-connect/session").await, None);
        })
        .await;
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
async fn a_question_that_nobody_answers_ends_with_its_token(setup: Setup) {
    setup
        .without_renewal()
        .run(async |world: &World| {
            change_account(world, "harborrowing").await;
            assert_asked(world, None).await;
            let (asked, requested) = (
                world.api_requests().len(),
                world.authorization_requests().len(),
            );
            world.let_time_pass(world.lifetime() + 60).await;
            wait_for_the_end(world).await;
            crate::ending::assert_stays(world).await;
            assert_eq!(world.api_requests().len(), asked);
            assert_eq!(world.authorization_requests().len(), requested);
        })
        .await;
}

/// Rule (The connection and its end): The same account needs no confirmation, nor does any account
/// after disconnecting
async fn after_disconnecting_nobody_is_asked(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.disconnect().await;
            world.click_button("Connect Constant Contact").await;
            world.allow_as("harborrowing").await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Harbor Rowing Club").await;
        })
        .await;
}

/// Rule (The connection and its end): The same account needs no confirmation, nor does any account
/// after disconnecting
async fn the_same_account_is_not_asked_about(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            world.let_time_pass(world.lifetime() + 60).await;
            wait_for_the_end(world).await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}
