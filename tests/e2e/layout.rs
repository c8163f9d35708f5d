//! What a person sees while the page loads, and on a narrow screen.

use cc_connect_e2e::{Setup, World, eventually};
use cc_connect_sandbox::ApiFault;
use serde_json::json;

#[tokio::test]
async fn the_first_paint_does_not_wait_for_webassembly() {
    Setup::new()
        .run(async |world: &World| {
            world.host.hold(|path| path.ends_with(".wasm"));
            world.visit("/").await;
            let seen = world.glance().await.unwrap();
            assert_eq!(seen["started"], false, "{seen}");
            let heading = "Connect your Constant Contact account";
            assert_eq!(seen["headings"], json!([heading]), "{seen}");
            let enabled = "return document.querySelectorAll('button:enabled').length";
            assert_eq!(world.browser.script(enabled, vec![]).await, json!(0));
            world.host.release();
            world.wait_for_session("not-connected").await;
            world.wait_for_heading(heading).await;
        })
        .await;
}

#[tokio::test]
async fn an_app_that_does_not_load_is_explained() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("Failed to fetch");
            world.browser.block(&["*.wasm"]).await;
            world.visit("/").await;
            assert_eq!(world.alert_code().await, "not_loaded");
        })
        .await;
}

#[tokio::test]
async fn nothing_moves_while_a_page_loads() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.at_document_start(COLLECT_SHIFTS).await;
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            assert_still(world, "the first page").await;

            world.connect().await;
            for route in ["/", "/connection"] {
                world.visit(route).await;
                world.wait_for_session("connected").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                world.wait_until_loaded().await;
                assert_still(world, route).await;
            }
        })
        .await;
}

const COLLECT_SHIFTS: &str = "window.shifts = [];
    new PerformanceObserver(list => {
        for (const shift of list.getEntries()) {
            if (!shift.hadRecentInput) {
                const moved = shift.sources.map(source => source.node?.outerHTML?.slice(0, 120));
                window.shifts.push([shift.value, ...moved]);
            }
        }
    }).observe({type: 'layout-shift', buffered: true});";

/// What has moved adds up to less than a person notices.
async fn assert_still(world: &World, page: &str) {
    let settled = "return new Promise(done => requestAnimationFrame(
        () => requestAnimationFrame(() => setTimeout(() => done(window.shifts), 100))))";
    let shifts = world.browser.script(settled, vec![]).await;
    let values = shifts.as_array().cloned().unwrap_or_default();
    let sum: f64 = values.iter().filter_map(|shift| shift[0].as_f64()).sum();
    assert!(sum < 0.02, "{page} moved by {sum}: {shifts:#}");
}

#[tokio::test]
async fn no_page_scrolls_sideways_on_the_narrowest_screen() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.set_viewport(320, 640).await;
            for route in ["/", "/set-up", "/callback", "/nowhere"] {
                world.visit(route).await;
                world.wait_for_session("not-connected").await;
                assert_fits(world, route).await;
            }
            world.connect().await;
            for route in ["/", "/connection"] {
                world.visit(route).await;
                world.wait_for_session("connected").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                world.wait_until_loaded().await;
                assert_fits(world, route).await;
            }
        })
        .await;
}

#[tokio::test]
async fn a_message_fits_where_a_figure_was_to_stand() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.browser.set_viewport(320, 640).await;
            world.sandbox.set_api_fault(Some(ApiFault::Status503));
            world.connect().await;
            world.wait_for_alert("api_unavailable").await;
            world.wait_until_loaded().await;
            assert_fits(world, "the failed overview").await;
            let sticking_out = "return [...document.querySelectorAll('.alert')].flatMap(alert => {
                const edge = alert.getBoundingClientRect().right;
                return [...alert.querySelectorAll('*')].filter(part => {
                    const text = document.createRange();
                    text.selectNodeContents(part);
                    return text.getBoundingClientRect().right > edge;
                }).map(part => part.outerHTML.slice(0, 100));
            })";
            let sticking_out = world.browser.script(sticking_out, vec![]).await;
            assert_eq!(sticking_out, json!([]));
            let alerts = "return document.querySelectorAll('.figures .alert').length";
            assert_eq!(world.browser.script(alerts, vec![]).await, json!(2));
        })
        .await;
}

/// Everything on the page is within the width of the screen.
pub(crate) async fn assert_fits(world: &World, page: &str) {
    eventually(format!("{page} without sideways scrolling"), async || {
        let overflow = "const width = document.documentElement.clientWidth;
            const wide = [...document.querySelectorAll('body *')]
                .filter(e => e.getBoundingClientRect().right > width + 1)
                .map(e => e.outerHTML.slice(0, 100));
            return document.documentElement.scrollWidth > width ? wide : []";
        let wide = world.browser.script(overflow, vec![]).await;
        let none = wide.as_array().is_some_and(Vec::is_empty);
        none.then_some(()).ok_or(format!("{wide:#}"))
    })
    .await;
}
