//! What is stored where, and what happens if storage fails.

use cc_connect_e2e::{Setup, World, eventually, in_both_browsers, with_code};
use serde_json::{Value, json};

in_both_browsers!(
    only_what_is_promised_is_stored,
    a_connection_in_memory_is_gone_after_a_reload,
    another_tab_has_a_connection_of_its_own,
    without_storage_the_page_says_so_before_leaving,
    a_full_storage_is_told_before_leaving,
    without_randomness_no_request_is_made,
    storage_that_is_full_when_the_answer_comes_is_told,
    storage_that_fills_up_while_connected_costs_no_connection,
    nothing_that_stands_in_the_storage_brings_the_page_down,
    a_connection_of_another_version_is_no_connection,
    a_pending_record_that_was_changed_is_refused,
);

with_code!(
    only_what_is_promised_is_stored,
    a_connection_in_memory_is_gone_after_a_reload,
    without_storage_the_page_says_so_before_leaving,
    storage_that_fills_up_while_connected_costs_no_connection,
    a_pending_record_that_was_changed_is_refused,
);

/// Rule (Storage and other tabs): Only the documented entries are stored, and no cookie is set
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

/// Rule (Storage and other tabs): With `"token_storage": "memory"` the token is not stored
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

/// Rule (Storage and other tabs): A tab has its own connection
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

/// Rule (The request): The record is written before the user leaves; if it cannot be written, the
/// user stays → `storage_unavailable`
async fn without_storage_the_page_says_so_before_leaving(setup: Setup) {
    assert_refuses_to_leave(setup, NO_STORAGE, "storage_unavailable").await;
}

/// Rule (The request): The record is written before the user leaves; if it cannot be written, the
/// user stays → `storage_unavailable`
async fn a_full_storage_is_told_before_leaving(setup: Setup) {
    assert_refuses_to_leave(setup, FULL_STORAGE, "storage_unavailable").await;
}

/// Rule (The request): Without a source of randomness there is no request →
/// `randomness_unavailable`
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

/// Rule (Storage and other tabs): Storage that fills up later is reported, and an existing
/// connection is kept
async fn storage_that_is_full_when_the_answer_comes_is_told(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.browser.at_document_start(FULL_STORAGE).await;
            world.allow().await;
            world.wait_for_alert("no_pending_authorization").await;
            world.wait_for_session("not-connected").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_alert("storage_unavailable").await;
            assert_eq!(world.authorization_requests().len(), 1);
            assert!(world.api_requests().is_empty());
        })
        .await;
}

/// Rule (Storage and other tabs): Storage that fills up later is reported, and an existing
/// connection is kept
async fn storage_that_fills_up_while_connected_costs_no_connection(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.browser.script(FULL_STORAGE, vec![]).await;
            world.click_link("Connection").await;
            world.wait_for_session("connected").await;
            // C14: a new request could not be recorded. The page reports it, and nothing else
            // changes.
            world.click_button("Re-authorize now").await;
            eventually("the error beside the connection", async || {
                let seen = world.glance().await?;
                let notices = seen["notices"].to_string();
                let stands =
                    seen["session"] == "connected" && notices.contains("storage_unavailable");
                stands.then_some(()).ok_or(seen.to_string())
            })
            .await;
            world.click_link("Overview").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.authorization_requests().len(), 1);
            world.browser.reload().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Values that are not ours, or are from another version of ours.
const RUBBISH: [&str; 8] = [
    "",
    "null",
    "-1",
    "{",
    "{}",
    "{\"version\":0}",
    "{\"version\":2,\"access_token\":\"a.b.c\",\"document\":{},\"state\":[]}",
    "\u{0}\u{1f}\u{d7ff}\u{1f512} <script>throw 1</script>",
];

/// Writes `window.name` into storage before the page's own scripts run: the page being left has no
/// time to notice.
const SPOIL: &str = "if (window.name) {
        const [kept, storage, key, value] = JSON.parse(window.name);
        window.name = '';
        sessionStorage.clear();
        localStorage.clear();
        for (const [key, value] of Object.entries(kept)) sessionStorage.setItem(key, value);
        window[storage].setItem(key, value);
    }";

/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
async fn nothing_that_stands_in_the_storage_brings_the_page_down(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            let kept = world
                .browser
                .script("return {...sessionStorage}", vec![])
                .await;
            world.browser.at_document_start(SPOIL).await;
            // What corrupting each key does to an otherwise intact connection.
            let keys = [
                ("sessionStorage", "cc-connect/session", "not-connected"),
                ("sessionStorage", "cc-connect/keys", "connected"),
                ("sessionStorage", "cc-connect/account", "connected"),
                ("sessionStorage", "cc-connect/automatic", "connected"),
                ("sessionStorage", "cc-connect/tab", "connected"),
                ("sessionStorage", "cc-connect/pending/x", "connected"),
                (
                    "sessionStorage",
                    "cc-connect/of-a-later-version",
                    "connected",
                ),
                // A different epoch than the browser's: somebody has disconnected since.
                ("sessionStorage", "cc-connect/epoch", "not-connected"),
                ("localStorage", "cc-connect/epoch", "not-connected"),
                ("localStorage", "cc-connect/theme", "connected"),
            ];
            for rubbish in RUBBISH {
                for (storage, key, session) in keys {
                    let spoil = "window.name = JSON.stringify(arguments[0])";
                    let spoiled = json!([kept, storage, key, rubbish]);
                    world.browser.script(spoil, vec![spoiled]).await;
                    world.browser.reload().await;
                    let what = format!("{session} with {rubbish:?} under {key}");
                    eventually(what, async || {
                        let seen = world.glance().await?;
                        let as_expected = seen["started"] == json!(true)
                            && seen["session"] == session
                            && seen["alerts"] == json!([]);
                        as_expected.then_some(()).ok_or(seen.to_string())
                    })
                    .await;
                }
                // And the page still works.
                world.disconnect().await;
                world.connect().await;
            }
        })
        .await;
}

/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
async fn a_connection_of_another_version_is_no_connection(setup: Setup) {
    setup
        // With a refresh token, what remains without it would be a complete connection.
        .without_renewal()
        .run(async |world: &World| {
            world.connect().await;
            // All of this connection's requests are done before requests are counted.
            world.wait_until_loaded().await;
            let stored = world.stored("cc-connect/session").await.unwrap();
            let stored: Value = serde_json::from_str(&stored).unwrap();
            let members: Vec<String> = stored.as_object().unwrap().keys().cloned().collect();
            let mut changes: Vec<Value> = Vec::new();
            for version in [json!(0), json!(2), json!("1"), json!(null)] {
                changes.push(stored.clone());
                changes.last_mut().unwrap()["version"] = version;
            }
            for member in members {
                // A member removed, and one of another type: formats that another version might
                // have used.
                let mut without = stored.clone();
                without.as_object_mut().unwrap().remove(&member);
                changes.push(without);
                changes.push(stored.clone());
                changes.last_mut().unwrap()[&member] = json!({"of": "another type"});
            }
            for changed in changes {
                let asked = world.api_requests().len();
                let store = "sessionStorage.setItem('cc-connect/session', arguments[0])";
                let text = changed.to_string();
                world.browser.script(store, vec![json!(text)]).await;
                world.browser.reload().await;
                eventually("no connection", async || {
                    let seen = world.glance().await?;
                    let none = seen["started"] == json!(true)
                        && seen["session"] == "not-connected"
                        && seen["alerts"] == json!([]);
                    none.then_some(()).ok_or(seen.to_string())
                })
                .await;
                assert_eq!(world.stored("cc-connect/session").await, None);
                assert_eq!(world.api_requests().len(), asked);
            }
        })
        .await;
}

/// Rule (The response): A record that cannot be read, or was tampered with, is rejected →
/// `pending_authorization_unreadable`
async fn a_pending_record_that_was_changed_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            let far_away = 10_000_000_000_000_i64;
            let changes = [
                ("version", json!(2), "pending_authorization_unreadable"),
                ("version", json!(null), "pending_authorization_unreadable"),
                ("nonce", json!(null), "pending_authorization_unreadable"),
                (
                    "created_at",
                    json!("now"),
                    "pending_authorization_unreadable",
                ),
                ("created_at", json!(0), "pending_authorization_expired"),
                (
                    "created_at",
                    json!(far_away),
                    "pending_authorization_expired",
                ),
                ("client_id", json!("another"), "configuration_changed"),
                (
                    "issuer",
                    json!("https://elsewhere.example"),
                    "configuration_changed",
                ),
                (
                    "redirect_uri",
                    json!("https://elsewhere.example/"),
                    "configuration_changed",
                ),
                ("state", json!("another"), "state_mismatch"),
            ];
            for (member, value, code) in changes {
                ask_and_change(world, member, &value).await;
                world.allow().await;
                world.wait_for_alert(code).await;
                world.wait_for_session("not-connected").await;
                assert!(world.pending().await.is_empty(), "{member} {value}");
                assert_eq!(world.stored("cc-connect/session").await, None);
            }
            assert!(world.api_requests().is_empty());
            // The return address is a route of ours or ignored.
            for elsewhere in [
                "https://elsewhere.example/",
                "//elsewhere.example",
                "/nowhere",
            ] {
                ask_and_change(world, "return_to", &json!(elsewhere)).await;
                world.allow().await;
                eventually("an end of it", async || {
                    let seen = world.glance().await?;
                    let at_home =
                        seen["session"] == "connected" && seen["at"] == json!(world.host.url("/"));
                    let refused = seen["alerts"] == json!(["pending_authorization_unreadable"]);
                    (at_home || refused).then_some(()).ok_or(seen.to_string())
                })
                .await;
            }
        })
        .await;
}

/// Starts an authorization, and changes a member of its record before the response arrives.
async fn ask_and_change(world: &World, member: &str, value: &Value) {
    world.browser.script("sessionStorage.clear()", vec![]).await;
    world.visit("/").await;
    world.click_button("Connect Constant Contact").await;
    world.wait_for_authorization_server().await;
    world.browser.back().await;
    world.wait_for_session("not-connected").await;
    let change =
        "const [key] = Object.keys(sessionStorage).filter(key => key.includes('/pending/'));
        const record = JSON.parse(sessionStorage[key]);
        record[arguments[0]] = arguments[1];
        sessionStorage[key] = JSON.stringify(record);";
    world
        .browser
        .script(change, vec![json!(member), value.clone()])
        .await;
    world.browser.forward().await;
}
