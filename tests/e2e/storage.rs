//! Where things are kept, and what happens where nothing can be.

use cc_connect_e2e::{Setup, World, in_both_browsers};

in_both_browsers!(
    only_what_is_promised_is_stored,
    a_connection_in_memory_is_gone_after_a_reload,
    another_tab_has_a_connection_of_its_own,
    without_storage_the_page_says_so_before_leaving,
    a_full_storage_is_told_before_leaving,
    without_randomness_no_request_is_made,
);

async fn only_what_is_promised_is_stored(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            assert_eq!(
                world.stored_keys("sessionStorage").await,
                [
                    "cc-connect/account",
                    "cc-connect/keys",
                    "cc-connect/session",
                    "cc-connect/tab",
                ]
            );
            assert!(world.stored_keys("localStorage").await.is_empty());
            let cookies = world.browser.script("return document.cookie", vec![]).await;
            assert_eq!(cookies, "");
        })
        .await;
}

async fn a_connection_in_memory_is_gone_after_a_reload(setup: Setup) {
    setup
        .setting("token_storage", "memory")
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(
                world.stored_keys("sessionStorage").await,
                ["cc-connect/account", "cc-connect/keys", "cc-connect/tab"]
            );
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.wait_for_session("connected").await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

async fn another_tab_has_a_connection_of_its_own(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let first = world.browser.open_tab().await;
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            world.browser.switch_to(first).await;
            world.wait_for_session("connected").await;
        })
        .await;
}

const NO_STORAGE: &str = "Object.defineProperty(window, 'sessionStorage', {
    get() { throw new DOMException('The operation is insecure.', 'SecurityError'); },
});";

const FULL_STORAGE: &str = "Storage.prototype.setItem = () => {
    throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
};";

const NO_RANDOMNESS: &str = "Crypto.prototype.getRandomValues = () => {
    throw new DOMException('The operation failed.', 'OperationError');
};";

async fn without_storage_the_page_says_so_before_leaving(setup: Setup) {
    assert_refuses_to_leave(setup, NO_STORAGE, "storage_unavailable").await;
}

async fn a_full_storage_is_told_before_leaving(setup: Setup) {
    assert_refuses_to_leave(setup, FULL_STORAGE, "storage_unavailable").await;
}

async fn without_randomness_no_request_is_made(setup: Setup) {
    assert_refuses_to_leave(setup, NO_RANDOMNESS, "randomness_unavailable").await;
}

async fn assert_refuses_to_leave(setup: Setup, handicap: &str, code: &str) {
    setup
        .run(async |world: &World| {
            world.browser.at_document_start(handicap).await;
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_alert(code).await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.browser.url().await.as_str(), world.host.url("/"));
            assert!(world.authorization_requests().is_empty());
        })
        .await;
}
