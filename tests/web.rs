//! Tests that need a browser: the adapters of `browser`, the components of `ui`, and the core as
//! WebAssembly, where a `usize` has 32 bits.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

use cc_connect::core::{
    constant_contact::ACCESS_TOKEN_TYPES,
    jose::{Expectations, JwkSet, verify},
    report::{CheckName, Outcome},
    time::Timestamp,
};
use cc_connect_app::{
    browser::{document, intl, location, theme::Theme},
    messages::Message,
    ui::components::{
        alert::Alert,
        checks::{self, Checks},
        moment::Moment,
    },
};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

/// Mounts a view in a new element and returns both.
fn mount<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> HtmlElement {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    document.body().unwrap().append_child(&root).unwrap();
    leptos::mount::mount_to(root.clone(), view).forget();
    root
}

#[wasm_bindgen_test]
fn dates_are_written_by_the_browser() {
    let at = Timestamp::from_unix_seconds(1_644_427_773);
    assert_eq!(intl::iso(at), "2022-02-09T17:29:33.000Z");
    assert_eq!(intl::parse_iso("2022-02-09T12:29:33-05:00"), Some(at));
    assert_eq!(intl::parse_iso("yesterday"), None);
    assert!(intl::date_time_exact(at).contains("2022"));
    assert!(
        intl::time_in_zone(at, "America/New_York")
            .unwrap()
            .contains("29")
    );
    // C6: times that no date can be.
    for millis in [
        i64::MIN,
        -8_640_000_000_000_001,
        8_640_000_000_000_001,
        i64::MAX,
    ] {
        let never = Timestamp::from_unix_millis(millis);
        assert!(!intl::iso(never).is_empty());
        assert!(!intl::date_time_exact(never).is_empty());
        assert!(intl::time_in_zone(never, "Middle/Earth").is_none());
    }
    // A zone that the browser does not know is no reason to fail.
    assert_eq!(intl::time_in_zone(at, "Middle/Earth"), None);
}

#[wasm_bindgen_test]
fn numbers_are_written_by_the_browser() {
    assert_eq!(intl::number(7), "7");
    assert_eq!(
        intl::number(1_234_567)
            .chars()
            .filter(char::is_ascii_digit)
            .count(),
        7
    );
    assert!(intl::number(1_234_567).len() > 7);
}

#[wasm_bindgen_test]
fn without_the_first_script_the_page_has_a_base_url() {
    assert!(location::base_url().ends_with('/'));
}

#[wasm_bindgen_test]
fn a_theme_is_chosen_and_forgotten() {
    Theme::Dark.choose();
    assert_eq!(Theme::current(), Theme::Dark);
    Theme::forget();
    assert_eq!(Theme::current(), Theme::Dark, "the page stays as it is");
    Theme::System.choose();
    assert_eq!(Theme::current(), Theme::System);
}

#[wasm_bindgen_test]
fn the_session_is_mirrored_in_the_document() {
    document::set_session("verifying");
    let root = web_sys::window()
        .unwrap()
        .document()
        .unwrap()
        .document_element()
        .unwrap();
    assert_eq!(
        root.get_attribute("data-session").as_deref(),
        Some("verifying")
    );
}

/// Rule (The response): The server's texts are shown as text, and truncated
#[wasm_bindgen_test]
fn an_alert_has_its_code_and_shows_markup_as_text() {
    let message = Message {
        title: "<b>Title</b>".to_owned(),
        paragraphs: vec!["<img src=x onerror=alert(1)>".to_owned()],
    };
    let root = mount(move || view! { <Alert code="some_code" message /> });
    let alert = root.query_selector(".alert").unwrap().unwrap();
    assert_eq!(
        alert.get_attribute("data-code").as_deref(),
        Some("some_code")
    );
    assert!(root.query_selector("img").unwrap().is_none());
    let text = alert.text_content().unwrap();
    assert!(
        text.contains("<b>Title</b>") && text.contains("<img src=x"),
        "{text}"
    );
}

#[wasm_bindgen_test]
fn a_moment_carries_the_time_for_machines() {
    let root = mount(|| view! { <Moment at=Timestamp::from_unix_seconds(0) /> });
    let time = root.query_selector("time").unwrap().unwrap();
    assert_eq!(
        time.get_attribute("datetime").as_deref(),
        Some("1970-01-01T00:00:00.000Z")
    );
}

/// RFC 7515 A.2, verified in WebAssembly, and the report as the page shows it.
///
/// Rule (The token): A genuine signature is accepted: that of RFC 7515 A.2, and those of other
/// implementations
#[wasm_bindgen_test]
fn the_proof_is_the_same_in_the_browser() {
    let jwk = include_str!("../crates/core/tests/vectors/rfc7515-a2-jwk.json");
    let keys = JwkSet::parse(&format!("{{\"keys\":[{jwk}]}}")).unwrap();
    let expectations = Expectations {
        types: ACCESS_TOKEN_TYPES,
        issuer: "joe".to_owned(),
        audience: "nobody".to_owned(),
        max_lifetime: verify::MAX_LIFETIME,
    };
    let now = Timestamp::from_unix_seconds(1_300_819_000);
    let jws = include_str!("../crates/core/tests/vectors/rfc7515-a2.jws").trim();
    let report = verify(jws, &keys, &expectations, now, now).0;
    let signature = report
        .checks()
        .iter()
        .find(|check| check.name == CheckName::Signature)
        .unwrap();
    assert_eq!(signature.outcome, Outcome::Passed);
    assert!(
        checks::summary(&report).contains("1 failed"),
        "{}",
        checks::summary(&report)
    );

    let count = report.checks().len();
    let root = mount(move || view! { <Checks report /> });
    let rows = root.query_selector_all("li[data-check]").unwrap();
    assert_eq!(rows.length() as usize, count);
    let failed = root
        .query_selector("li[data-outcome=failed]")
        .unwrap()
        .unwrap();
    assert_eq!(failed.get_attribute("data-check").as_deref(), Some("aud"));
}
