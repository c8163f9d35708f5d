//! The Connect page before the application is there.

use cc_connect_e2e::{Role, Setup, World, eventually, in_both_browsers};
use serde_json::json;

in_both_browsers!(
    the_button_works_before_the_application_is_there,
    a_focus_on_the_button_outlives_the_first_paint,
    without_its_module_the_button_works_once_the_application_is_there,
);

fn is_application(path: &str) -> bool {
    path.contains("/cc-connect-") && path.ends_with(".wasm")
}

fn is_first_module(path: &str) -> bool {
    path.contains("/connect-")
}

async fn the_button_works_before_the_application_is_there(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.host.hold(is_application);
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.host.release();
            world.allow().await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

async fn a_focus_on_the_button_outlives_the_first_paint(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.host.hold(is_application);
            world.visit("/").await;
            let button = "Connect Constant Contact";
            world.browser.wait_for(Role::Button, button).await;
            eventually("a focus on the button", async || {
                let focus = "const button = document.getElementById('first-connect');
                    button.focus();
                    return document.activeElement === button";
                let focused = world.browser.try_script(focus, vec![]).await?;
                (focused == json!(true)).then_some(()).ok_or("none".into())
            })
            .await;
            world.host.release();
            world.wait_for_session("not-connected").await;
            let focused = "return document.activeElement.textContent.trim()";
            assert_eq!(world.browser.script(focused, vec![]).await, json!(button));
        })
        .await;
}

async fn without_its_module_the_button_works_once_the_application_is_there(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("integrity");
            world.host.tamper_with(is_first_module);
            world.connect().await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}
