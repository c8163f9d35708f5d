//! Layout while the page loads, and on a narrow screen.

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

/// Rule (The page): A page that does not load reports it
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

/// The layout shift is too small to notice.
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

/// Nothing on the page is wider than the screen.
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

/// Makes the API return these names for any account.
const NAMES: &str = "{
        const answers = {
            '/account/summary': names => ({
                organization_name: names.organization, contact_email: names.long + '@' + names.long,
                website: names.long + '.example', organization_phone: names.long,
                time_zone_id: names.long, physical_address: {
                    address_line1: names.long, city: names.long, country_code: names.long,
                },
            }),
            '/emails': names => ({campaigns: [
                {campaign_id: 'a', name: names.long, current_status: names.long},
                {campaign_id: 'b', name: names.organization, current_status: 'Draft',
                    updated_at: '2026-01-01T00:00:00Z'},
            ]}),
            '/contacts/counts': () => ({total: 2 ** 52, explicit: 2 ** 52, implicit: 1}),
        };
        const real = window.fetch;
        window.fetch = (request, ...more) => {
            const names = JSON.parse(localStorage.names ?? 'null');
            const url = String(request.url ?? request);
            const [, answer] = Object.entries(answers).find(([end]) => url.includes(end)) ?? [];
            if (!names || !answer) return real(request, ...more);
            return Promise.resolve(Response.json(answer(names)));
        };
    }";

async fn name_everything(world: &World, organization: &str, long: &str) {
    let set =
        "localStorage.names = JSON.stringify({organization: arguments[0], long: arguments[1]})";
    let arguments = vec![json!(organization), json!(long)];
    world.browser.script(set, arguments).await;
}

/// Every piece of text and the navigation are within the screen.
async fn assert_within(world: &World, page: &str) {
    assert_fits(world, page).await;
    let outside = "const width = document.documentElement.clientWidth;
        const found = [];
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.parentElement.closest('.visually-hidden, .account-name, .skip-link, script, select')) continue;
            const range = document.createRange();
            range.selectNodeContents(text);
            for (const box of range.getClientRects()) {
                if (box.right > width + 1 || box.left < -1) {
                    found.push([text.data.slice(0, 60), box.left, box.right]);
                }
            }
        }
        const nav = document.querySelector('.nav')?.getBoundingClientRect();
        if (nav && (nav.left < 0 || nav.right > innerWidth || nav.bottom > innerHeight + 1)) {
            found.push(['the navigation', nav.left, nav.right, nav.bottom]);
        }
        const name = document.querySelector('.account-name')?.getBoundingClientRect();
        if (name && name.right > width) found.push(['the name', name.right]);
        return found";
    let outside = world.browser.script(outside, vec![]).await;
    assert_eq!(outside, json!([]), "{page}");
}

/// N4: whatever a server sends, and however long its words are.
#[tokio::test]
async fn no_word_of_a_server_widens_the_page() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.at_document_start(NAMES).await;
            world.visit("/").await;
            let long = "Donaudampfschifffahrtsgesellschaft".repeat(6);
            name_everything(world, &long, &long).await;
            for width in [320, 375] {
                world.connect().await;
                world.browser.set_viewport(width, 640).await;
                for (route, heading) in [("/", "Overview"), ("/connection", "Connection")] {
                    world.visit(route).await;
                    world.wait_for_heading(heading).await;
                    world.browser.wait_for_text(&long).await;
                    world.wait_until_loaded().await;
                    assert_within(world, &format!("{route} at {width}")).await;
                }
                // On a screen where the navigation covers nothing.
                world.browser.set_viewport(1280, 900).await;
                world.disconnect().await;
            }
            world.browser.set_viewport(320, 640).await;
            // The authorization server's own text.
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            let state = crate::callback::state_of_last_request(world);
            let answer = format!("/callback?error={long}&error_description={long}&state={state}");
            crate::pages::open_fresh(world, &answer).await;
            world.wait_for_alert("unknown_error").await;
            world.browser.wait_for_text(&long).await;
            assert_within(world, "the message").await;
        })
        .await;
}

/// B19: a right-to-left name, one that reverses the text after it, and a truncated one.
///
/// Rule (The response): Within a sentence of the page the server's texts are isolated, whatever
/// their direction
#[tokio::test]
async fn a_name_of_any_direction_leaves_the_rest_in_place() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.at_document_start(NAMES).await;
            world.visit("/").await;
            let hebrew = "\u{5de}\u{5d0}\u{5e4}\u{5d9}\u{5d9}\u{5d4}";
            let override_ = "\u{202e}Bakery 24/7!";
            name_everything(world, hebrew, hebrew).await;
            world.connect().await;
            for name in [hebrew, override_, "Bakery (24)!"] {
                name_everything(world, name, name).await;
                world.visit("/").await;
                world.wait_for_heading("Overview").await;
                world.browser.wait_for_text(name).await;
                world.wait_until_loaded().await;
                // The text after the name is to its right, and runs to the right.
                let order =
                    "const name = document.querySelector('.lede bdi').getBoundingClientRect();
                    const words = document.querySelector('.lede bdi').nextSibling;
                    const place = at => {
                        const range = document.createRange();
                        range.setStart(words, at);
                        range.setEnd(words, at + 1);
                        return range.getBoundingClientRect().left;
                    };
                    return [words.data.trim().slice(0, 12), name.left < name.right,
                        name.right <= place(1) + 1, place(1) < place(2), place(2) < place(8)]";
                let order = world.browser.script(order, vec![]).await;
                let expected = json!(["is connected", true, true, true, true]);
                assert_eq!(order, expected, "{name:?}");
            }
            // A name truncated in the header loses its end, not its first letter.
            let long = format!("{hebrew} ").repeat(40);
            name_everything(world, &long, hebrew).await;
            world.browser.set_viewport(400, 640).await;
            world.visit("/").await;
            world.browser.wait_for_text(hebrew).await;
            world.wait_until_loaded().await;
            let cut = "const name = document.querySelector('.account-name');
                const box = name.getBoundingClientRect();
                const range = document.createRange();
                range.setStart(name.firstChild, 0);
                range.setEnd(name.firstChild, 1);
                const first = range.getBoundingClientRect();
                return [name.scrollWidth > name.clientWidth, getComputedStyle(name).direction,
                    box.left <= first.left && first.right <= box.right + 1]";
            let cut = world.browser.script(cut, vec![]).await;
            assert_eq!(cut, json!([true, "rtl", true]));
        })
        .await;
}
