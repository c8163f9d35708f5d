//! Several tabs of one browser: restored together, duplicated, asleep.

use crate::ending::{end, skip_the_countdown, wait_for_the_end};
use cc_connect_e2e::{Role, Setup, World, eventually, holds_for, in_both_browsers, with_code};
use std::collections::BTreeSet;
use std::time::Duration;

in_both_browsers!(
    four_tabs_restored_on_the_page_after_the_end_all_come_back,
    four_tabs_that_connect_at_once_all_succeed,
    only_the_tab_that_is_looked_at_authorizes_by_itself,
    a_tab_duplicated_while_connected_is_connected_and_a_tab_of_its_own,
    a_tab_duplicated_during_an_authorization_takes_no_part_in_it,
    a_tab_that_heard_of_no_disconnect_notices_it_by_itself,
    a_tab_whose_timers_stand_still_notices_a_disconnect_when_looked_at,
    a_discarded_tab_is_not_restored_after_a_disconnect_elsewhere,
    a_connection_from_after_the_disconnect_is_kept,
    a_disconnect_elsewhere_while_an_error_is_shown_leads_to_the_start,
);

with_code!(
    four_tabs_restored_on_the_page_after_the_end_all_come_back,
    four_tabs_that_connect_at_once_all_succeed,
    a_tab_duplicated_while_connected_is_connected_and_a_tab_of_its_own,
    a_tab_duplicated_during_an_authorization_takes_no_part_in_it,
    a_discarded_tab_is_not_restored_after_a_disconnect_elsewhere,
);

/// Every message is lost, as in a tab that is frozen.
const DEAF: &str = "Object.defineProperty(BroadcastChannel.prototype, 'onmessage', {
        get() { return null; }, set() {},
    });
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (type, ...rest) {
        if (!(this instanceof BroadcastChannel)) listen.call(this, type, ...rest);
    };";

/// No timer fires, as in a permanently throttled tab.
const TIMELESS: &str = "window.setInterval = () => 0;";

/// The `state` of every authorization request.
fn states(world: &World) -> Vec<String> {
    let requests = world.authorization_requests();
    let states = requests.into_iter().flatten();
    states
        .filter(|(name, _)| name == "state")
        .map(|(_, value)| value)
        .collect()
}

/// Connected, with no request in flight that expiry could overtake.
async fn connect_and_load(world: &World) {
    world.connect().await;
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.wait_until_loaded().await;
}

fn assert_all_different(states: &[String]) {
    let different: BTreeSet<&String> = states.iter().collect();
    assert_eq!(different.len(), states.len(), "a state came twice");
}

/// Rule (Storage and other tabs): Four tabs restored at once, or connecting at once, all succeed
async fn four_tabs_restored_on_the_page_after_the_end_all_come_back(setup: Setup) {
    setup
        .without_renewal()
        .run(async |world: &World| {
            connect_and_load(world).await;
            let mut tabs = vec![world.browser.tab().await];
            for _ in 1..4 {
                // Windows, so that all are visible.
                world.browser.open_window().await;
                connect_and_load(world).await;
                tabs.push(world.browser.tab().await);
            }
            world.let_time_pass_unseen(world.lifetime() + 60).await;
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                let restore = "setTimeout(() => location.reload(), 0)";
                world.browser.script(restore, vec![]).await;
            }
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                wait_for_the_end(world).await;
            }
            skip_the_countdown(world).await;
            // Each redirects automatically, with its own state.
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                world.wait_for_authorization_server().await;
            }
            assert_eq!(states(world).len(), 8);
            assert_all_different(&states(world));
            for tab in tabs.iter().rev() {
                world.browser.switch_to(tab.clone()).await;
                world.allow().await;
            }
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                world.wait_for_session("connected").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                assert!(world.pending().await.is_empty());
            }
        })
        .await;
}

/// Rule (Storage and other tabs): Four tabs restored at once, or connecting at once, all succeed
async fn four_tabs_that_connect_at_once_all_succeed(setup: Setup) {
    setup
        .run(async |world: &World| {
            let mut tabs = vec![world.browser.tab().await];
            for _ in 1..4 {
                world.browser.open_tab().await;
                tabs.push(world.browser.tab().await);
            }
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                world.visit("/").await;
                world.wait_for_session("not-connected").await;
            }
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                world.click_button("Connect Constant Contact").await;
            }
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                world.wait_for_authorization_server().await;
            }
            assert_eq!(states(world).len(), 4);
            assert_all_different(&states(world));
            // The responses arrive in a different order than the requests.
            for tab in tabs.iter().rev() {
                world.browser.switch_to(tab.clone()).await;
                world.allow().await;
            }
            let mut tokens = BTreeSet::new();
            for tab in &tabs {
                world.browser.switch_to(tab.clone()).await;
                world.wait_for_session("connected").await;
                assert!(world.pending().await.is_empty());
                tokens.insert(world.stored_token().await);
            }
            assert_eq!(tokens.len(), 4, "each tab has the token that it asked for");
        })
        .await;
}

/// Rule (The connection and its end): No authorization starts automatically on a hidden page
async fn only_the_tab_that_is_looked_at_authorizes_by_itself(setup: Setup) {
    setup
        .without_renewal()
        .run(async |world: &World| {
            connect_and_load(world).await;
            let mut tabs = vec![world.browser.tab().await];
            for _ in 1..3 {
                world.browser.open_tab().await;
                connect_and_load(world).await;
                tabs.push(world.browser.tab().await);
            }
            end(world).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            let (looked_at, others) = tabs.split_last().unwrap();
            holds_for(
                Duration::from_secs(2),
                "one authorization",
                async || match states(world).len() {
                    4 => Ok(()),
                    number => Err(format!("{} by themselves", number - 3)),
                },
            )
            .await;
            for (number, tab) in others.iter().enumerate() {
                world.browser.switch_to(tab.clone()).await;
                world.browser.bring_to_front().await;
                skip_the_countdown(world).await;
                world.wait_for_authorization_server().await;
                assert_eq!(states(world).len(), 5 + number);
            }
            for tab in others.iter().chain([looked_at]) {
                world.browser.switch_to(tab.clone()).await;
                world.allow().await;
                world.wait_for_session("connected").await;
            }
            assert_all_different(&states(world));
        })
        .await;
}

/// Rule (Storage and other tabs): A duplicated tab takes a name of its own and drops the records
async fn a_tab_duplicated_while_connected_is_connected_and_a_tab_of_its_own(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let name = world.stored("cc-connect/tab").await.expect("a name");
            let token = world.stored_token().await;
            let original = world.browser.duplicate_tab(&world.host.url("/")).await;
            let copy = world.browser.tab().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.stored_token().await, token);
            assert_ne!(world.stored("cc-connect/tab").await.as_ref(), Some(&name));
            world.browser.switch_to(original.clone()).await;
            assert_eq!(world.stored("cc-connect/tab").await, Some(name));

            // Each tab renews and expires separately.
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.disconnect().await;
            world.browser.switch_to(copy).await;
            world.wait_for_session("not-connected").await;
            eventually("an empty storage", async || {
                let keys = world.stored_keys("sessionStorage").await;
                keys.is_empty().then_some(()).ok_or(format!("{keys:?}"))
            })
            .await;
            assert_eq!(states(world).len(), 1);
        })
        .await;
}

/// Rule (Storage and other tabs): A duplicated tab takes a name of its own and drops the records
async fn a_tab_duplicated_during_an_authorization_takes_no_part_in_it(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.browser.back().await;
            world.wait_for_session("not-connected").await;
            let pending = world.pending().await;
            assert_eq!(pending.len(), 1);
            let name = world.stored("cc-connect/tab").await.expect("a name");

            let original = world.browser.duplicate_tab(&world.host.url("/")).await;
            let copy = world.browser.tab().await;
            eventually("a tab without the record", async || {
                let pending = world.pending().await;
                pending
                    .is_empty()
                    .then_some(())
                    .ok_or(format!("{} records", pending.len()))
            })
            .await;
            assert_ne!(world.stored("cc-connect/tab").await, Some(name));

            // The response, in the tab that did not request it.
            let state = states(world).pop().unwrap();
            world.visit(&world.response_route("a.b.c", &state)).await;
            world.wait_for_alert("no_pending_authorization").await;

            world.browser.switch_to(original).await;
            assert_eq!(world.pending().await, pending);
            world.browser.forward().await;
            world.allow().await;
            world.wait_for_session("connected").await;

            world.browser.switch_to(copy).await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// A tab connected under this handicap, while another one disconnects.
async fn disconnect_elsewhere(world: &World, handicap: &str) {
    world.browser.at_document_start(handicap).await;
    connect_and_load(world).await;
    let first = world.browser.open_tab().await;
    world.connect().await;
    world.disconnect().await;
    world.browser.close_tab().await;
    world.browser.switch_to(first).await;
}

async fn assert_disconnected(world: &World) {
    world.wait_for_session("not-connected").await;
    assert!(world.alerts().await.is_empty());
    let text = world.browser.text().await;
    assert!(!text.contains("Bluebird Bakery"), "{text}");
    eventually("an empty storage", async || {
        let keys = world.stored_keys("sessionStorage").await;
        keys.is_empty().then_some(()).ok_or(format!("{keys:?}"))
    })
    .await;
    world
        .browser
        .wait_for(Role::Button, "Connect Constant Contact")
        .await;
}

/// Rule (Storage and other tabs): A tab that missed a disconnect notices it by the epoch
async fn a_tab_that_heard_of_no_disconnect_notices_it_by_itself(setup: Setup) {
    setup
        .run(async |world: &World| {
            disconnect_elsewhere(world, DEAF).await;
            world.browser.bring_to_front().await;
            assert_disconnected(world).await;
        })
        .await;
}

/// Rule (Storage and other tabs): A tab that missed a disconnect notices it by the epoch
async fn a_tab_whose_timers_stand_still_notices_a_disconnect_when_looked_at(setup: Setup) {
    setup
        .run(async |world: &World| {
            disconnect_elsewhere(world, &format!("{DEAF} {TIMELESS}")).await;
            let asked = world.api_requests().len();
            let look = "window.dispatchEvent(new Event('focus'))";
            world.browser.script(look, vec![]).await;
            assert_disconnected(world).await;
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// Rule (Storage and other tabs): A tab that missed a disconnect notices it by the epoch
async fn a_discarded_tab_is_not_restored_after_a_disconnect_elsewhere(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            // The page is gone, but what it stored is still there.
            world.browser.goto("about:blank").await;
            let first = world.browser.open_tab().await;
            world.connect().await;
            world.disconnect().await;
            world.browser.close_tab().await;
            world.browser.switch_to(first).await;
            let asked = world.api_requests().len();
            world.visit("/connection").await;
            assert_disconnected(world).await;
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// Rule (Storage and other tabs): A tab that missed a disconnect notices it by the epoch
async fn a_connection_from_after_the_disconnect_is_kept(setup: Setup) {
    setup
        .run(async |world: &World| {
            disconnect_elsewhere(world, "").await;
            assert_disconnected(world).await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.let_time_pass(60).await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}

/// Rule (Storage and other tabs): The other tabs are notified without the token
async fn a_disconnect_elsewhere_while_an_error_is_shown_leads_to_the_start(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.click_button("Deny").await;
            world.wait_for_alert("access_denied").await;
            let first = world.browser.open_tab().await;
            world.connect().await;
            world.disconnect().await;
            world.browser.close_tab().await;
            world.browser.switch_to(first).await;
            world.browser.bring_to_front().await;
            // Either the content stays, or it is replaced by the first page.
            let heading = eventually("one of both", async || {
                let seen = world.glance().await?;
                let heading = seen["headings"][0].as_str().unwrap_or_default();
                let calm = [
                    "You chose not to give access",
                    "Connect your Constant Contact account",
                ];
                let calm = calm.iter().find(|calm| **calm == heading);
                calm.copied().ok_or(seen.to_string())
            })
            .await;
            holds_for(Duration::from_secs(2), "the page", async || {
                let seen = world.glance().await?;
                (seen["headings"][0] == heading)
                    .then_some(())
                    .ok_or(seen.to_string())
            })
            .await;
            world
                .browser
                .wait_for(Role::Button, "Connect Constant Contact")
                .await;
        })
        .await;
}
