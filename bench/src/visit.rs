//! One user's visit, from the first page to a connection, in a browser with no prior visits.

use crate::application::Application;
use crate::speed::Speed;
use cc_connect_e2e::{Browser, Grant, World, eventually};
use serde_json::{Value, json};

const OBSERVE: &str = include_str!("observe.js");
const CLICK: &str = include_str!("click.js");
const CONNECT: &str = "Connect Constant Contact";
/// How long no more data may arrive before a page counts as complete, in milliseconds.
const QUIET: f64 = 1000.0;

/// The measurements of a visit, in milliseconds unless stated otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// First contentful paint.
    pub(crate) first_paint: f64,
    /// Largest contentful paint.
    pub(crate) largest_paint: f64,
    /// When the Connect button became clickable.
    pub(crate) button: f64,
    /// The sum of all layout shifts.
    pub(crate) shift: f64,
    /// From the callback's navigation to *connected*, fetching the keys.
    pub(crate) cold: f64,
    /// The same, with the keys cached by the previous connection.
    pub(crate) cached: f64,
    /// After connecting and a garbage collection: the heap and WebAssembly's memory, in bytes.
    pub(crate) memory: f64,
}

/// The browser's name and version.
pub(crate) async fn browser(application: &Application) -> String {
    let mut product = None;
    application
        .setup(Grant::Implicit)
        .run(async |world: &World| {
            let version = world.browser.cdp("Browser.getVersion", json!({})).await;
            product = version["product"].as_str().map(str::to_owned);
        })
        .await;
    product.expect("a browser has a name")
}

/// Performs a visit.
pub(crate) async fn perform(application: &Application, grant: Grant, speed: Speed) -> Visit {
    let mut visit = None;
    application
        .setup(grant)
        .run(async |world: &World| {
            world.browser.at_document_start(OBSERVE).await;
            speed.throttle(&world.browser).await;
            world.visit("/").await;
            let first = when_whole(&world.browser).await;

            let cold = connect(world).await;
            assert_eq!(world.key_requests(), 1, "there were no keys before");

            let forget = "sessionStorage.removeItem(arguments[0])";
            let key = json!(application.session_key);
            world.browser.script(forget, vec![key]).await;
            world.visit("/").await;
            let cached = connect(world).await;
            assert_eq!(world.key_requests(), 1, "the keys were here already");
            world.wait_until_loaded().await;
            let memory = memory(&world.browser).await;

            visit = Some(Visit {
                first_paint: number(&first["paint"]),
                largest_paint: number(&first["largest"]),
                button: number(&first["button"]),
                shift: number(&first["shift"]),
                cold,
                cached,
                memory,
            });
        })
        .await;
    visit.expect("the visit is complete")
}

/// When the button becomes clickable on a first visit if the first page's own module does not load,
/// so that the button has to wait for the whole application.
pub(crate) async fn button_without_module(application: &Application, speed: Speed) -> f64 {
    let mut button = None;
    application
        .setup(Grant::Implicit)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("Failed to fetch");
            world.browser.block(&["*/connect-*"]).await;
            world.browser.at_document_start(OBSERVE).await;
            speed.throttle(&world.browser).await;
            world.visit("/").await;
            let seen = when_whole(&world.browser).await;
            button = Some(number(&seen["button"]));
        })
        .await;
    button.expect("the visit is complete")
}

/// What a first visit loads, in bytes on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    /// What had arrived when the button became clickable.
    pub(crate) to_button: f64,
    /// Everything that arrived.
    pub(crate) in_all: f64,
}

/// Measures the bytes of a first visit.
pub(crate) async fn weigh(application: &Application) -> Weight {
    let mut weight = None;
    application
        .setup(Grant::Implicit)
        .recording_requests()
        .run(async |world: &World| {
            world.browser.at_document_start(OBSERVE).await;
            world.visit("/").await;
            let seen = when_whole(&world.browser).await;
            let button = number(&seen["button"]);
            let loaded = seen["loaded"].as_array().expect("it is a list");
            let in_time = |url: &str| {
                let entry = loaded.iter().find(|entry| entry["url"] == *url);
                entry.is_some_and(|entry| number(&entry["at"]) <= button)
            };
            let mut responses = world.browser.received_responses().await;
            responses.retain(|response| response.url.starts_with(world.host.origin()));
            let sum = |urls: &dyn Fn(&str) -> bool| -> f64 {
                let responses = responses.iter().filter(|response| urls(&response.url));
                responses.map(|response| response.bytes as f64).sum()
            };
            weight = Some(Weight {
                to_button: sum(&in_time),
                in_all: sum(&|_| true),
            });
        })
        .await;
    weight.expect("the visit is complete")
}

/// Makes sure that the button works when it counts as clickable: a click at that very moment must
/// lead to Constant Contact.
pub(crate) async fn prove_the_button(application: &Application) {
    application
        .setup(Grant::Implicit)
        .run(async |world: &World| {
            world.browser.at_document_start(CLICK).await;
            world.browser.at_document_start(OBSERVE).await;
            world.visit("/").await;
            world.wait_for_authorization_server().await;
        })
        .await;
}

/// Connects from the first page, and returns how long the callback took.
async fn connect(world: &World) -> f64 {
    world.click_button(CONNECT).await;
    world.allow().await;
    world.wait_for_heading("Overview").await;
    let seen = read_observations(&world.browser).await;
    number(&seen["connected"]) - number(&seen["asked"])
}

/// What observe.js has recorded once the button is there and no more data arrives.
async fn when_whole(browser: &Browser) -> Value {
    eventually("a page that has loaded", async || {
        let seen = read_observations(browser).await;
        let loaded = seen["loaded"].as_array().into_iter().flatten();
        let last = loaded
            .map(|entry| number(&entry["at"]))
            .chain(seen["button"].as_f64())
            .fold(0.0, f64::max);
        let whole = ["paint", "largest", "button"]
            .iter()
            .all(|name| seen[name].is_number());
        if whole && number(&seen["now"]) - last > QUIET {
            Ok(seen)
        } else {
            Err(seen.to_string())
        }
    })
    .await
}

async fn read_observations(browser: &Browser) -> Value {
    browser.script("return ccBench()", vec![]).await
}

async fn memory(browser: &Browser) -> f64 {
    browser.cdp("HeapProfiler.enable", json!({})).await;
    browser.cdp("HeapProfiler.collectGarbage", json!({})).await;
    let heap = browser.cdp("Runtime.getHeapUsage", json!({})).await;
    number(&heap["usedSize"]) + number(&read_observations(browser).await["memory"])
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is not a number"))
}
