//! Tests that need a browser: the adapters of `browser`, the components of `ui`, and the core as
//! WebAssembly, where a `usize` has 32 bits.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

use cc_connect::{
    browser::{
        clock, document, epoch, first_script, intl, location, random,
        session_storage::SessionStorage, tab, theme::Theme,
    },
    clock::Deviation,
    jose::{ACCESS_TOKEN_TYPES, Expectations, JwkSet, Outcome, verify},
    oauth::{
        Client, Entropy, NoPendingAuthorization, PendingAuthorization, ResponseType, Scope,
        authorization_request, pending_authorization::MAX_AGE,
    },
    route::Route,
    session::{Account, Remembered},
    time::Timestamp,
    ui::{
        components::{
            alert::Alert,
            checks::{self, Checks},
            moment::Moment,
        },
        messages::{self, Message},
    },
};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

fn storage() -> web_sys::Storage {
    web_sys::window()
        .unwrap()
        .session_storage()
        .unwrap()
        .unwrap()
}

fn client() -> Client {
    Client {
        client_id: "client".to_owned(),
        redirect_uri: "https://app.example/callback".to_owned(),
        authorization_endpoint: "https://as.example/authorize".to_owned(),
        response_type: ResponseType::Token,
        token_endpoint: "https://as.example/token".to_owned(),
        issuer: "https://as.example".to_owned(),
        scope: Scope::parse("account_read").unwrap(),
        max_authorization_time: MAX_AGE,
    }
}

fn pending(seed: u8, created_at: Timestamp) -> PendingAuthorization {
    let entropy = Entropy {
        state: [seed; 32],
        nonce: [seed.wrapping_add(1); 32],
        code_verifier: [seed.wrapping_add(2); 32],
    };
    authorization_request(&client(), &entropy, Route::Connection, created_at).pending
}

/// Mounts a view in a new element and returns both.
fn mount<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> HtmlElement {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    document.body().unwrap().append_child(&root).unwrap();
    leptos::mount::mount_to(root.clone(), view).forget();
    root
}

/// Rule (The response): A record serves once; the same answer again is refused and harms nothing
#[wasm_bindgen_test]
fn a_pending_authorization_is_taken_out_once() {
    storage().clear().unwrap();
    let adapter = SessionStorage::open().unwrap();
    let stored = pending(1, clock::now());
    let state = stored.state.expose().to_owned();
    adapter
        .store_pending(&stored, &client(), clock::now())
        .unwrap();
    assert_eq!(
        adapter.take_pending("other").unwrap_err(),
        NoPendingAuthorization::OtherState
    );
    let taken = adapter.take_pending(&state).unwrap();
    assert!(taken.state.matches(&state));
    assert_eq!(taken.return_to, Route::Connection);
    assert_eq!(
        adapter.take_pending(&state).unwrap_err(),
        NoPendingAuthorization::NoneStored
    );
}

/// Rule (The request): At most five records, none older than ten minutes, or what is set
#[wasm_bindgen_test]
fn at_most_five_are_pending_and_none_is_stale() {
    storage().clear().unwrap();
    let adapter = SessionStorage::open().unwrap();
    let now = clock::now();
    adapter
        .store_pending(&pending(100, now.plus_seconds(-700)), &client(), now)
        .unwrap();
    for seed in 0..8 {
        let created_at = now.plus_seconds(i64::from(seed));
        adapter
            .store_pending(&pending(seed, created_at), &client(), created_at)
            .unwrap();
    }
    assert_eq!(storage().length().unwrap(), 5);
    let gone = pending(0, now).state.expose().to_owned();
    assert_eq!(
        adapter.take_pending(&gone).unwrap_err(),
        NoPendingAuthorization::OtherState
    );
    let newest = pending(7, now).state.expose().to_owned();
    assert!(adapter.take_pending(&newest).is_ok());
}

/// Rule (The response): A record that cannot be read, or was tampered with →
/// `pending_authorization_unreadable`
#[wasm_bindgen_test]
fn what_somebody_else_wrote_into_the_storage_is_not_believed() {
    storage().clear().unwrap();
    let adapter = SessionStorage::open().unwrap();
    storage()
        .set_item("cc-connect/pending/abc", "{\"version\":1}")
        .unwrap();
    assert_eq!(
        adapter.take_pending("abc").unwrap_err(),
        NoPendingAuthorization::Unreadable
    );
    storage()
        .set_item("cc-connect/session", "not ours")
        .unwrap();
    assert!(adapter.token().is_none());
    assert!(storage().get_item("cc-connect/session").unwrap().is_none());
    storage().set_item("cc-connect/keys", "[]").unwrap();
    assert!(adapter.key_set("https://as.example/keys").is_none());
    storage().set_item("cc-connect/automatic", "soon").unwrap();
    storage()
        .set_item("cc-connect/account", "somebody")
        .unwrap();
    assert_eq!(adapter.remembered(), Remembered::default());
}

#[wasm_bindgen_test]
fn what_a_tab_remembers_is_there_for_the_next_page() {
    storage().clear().unwrap();
    let adapter = SessionStorage::open().unwrap();
    let account = Account {
        platform_user_id: "d3a06e62".to_owned(),
        subject: "geeksquad".to_owned(),
    };
    let at = Timestamp::from_unix_millis(1_795_369_320_123);
    adapter.record_automatic(at).unwrap();
    adapter.record_rejection(at).unwrap();
    adapter.remember_account(&account).unwrap();
    let remembered = Remembered {
        last_automatic: Some(at),
        last_rejection: Some(at),
        account: Some(account),
    };
    assert_eq!(adapter.remembered(), remembered);
}

/// Rule (Storage and other tabs): A tab that slept sees it by the epoch
#[wasm_bindgen_test]
fn a_disconnect_begins_another_epoch() {
    let local = web_sys::window().unwrap().local_storage().unwrap().unwrap();
    local.remove_item("cc-connect/epoch").unwrap();
    assert_eq!(epoch::current(), None);
    epoch::begin();
    assert_eq!(epoch::current().as_deref(), Some("1"));
    epoch::begin();
    assert_eq!(epoch::current().as_deref(), Some("2"));
    local.set_item("cc-connect/epoch", "tampered with").unwrap();
    epoch::begin();
    assert_eq!(epoch::current().as_deref(), Some("1"));
    local.remove_item("cc-connect/epoch").unwrap();
}

/// The second claim within one page finds the first one's lock, like a duplicated tab.
///
/// Rule (Storage and other tabs): A duplicated tab takes a name of its own, and none of the records
#[wasm_bindgen_test]
async fn a_copy_of_a_tab_takes_another_name_and_drops_the_records() {
    storage().clear().unwrap();
    let adapter = SessionStorage::open().unwrap();
    tab::claim().await;
    let name = adapter.tab().unwrap();
    adapter
        .store_pending(&pending(1, clock::now()), &client(), clock::now())
        .unwrap();
    storage()
        .set_item("cc-connect/session", "the token")
        .unwrap();
    tab::claim().await;
    assert_ne!(adapter.tab().unwrap(), name);
    let state = pending(1, clock::now()).state.expose().to_owned();
    assert_eq!(
        adapter.take_pending(&state).unwrap_err(),
        NoPendingAuthorization::NoneStored
    );
    assert!(storage().get_item("cc-connect/session").unwrap().is_some());
}

/// Rule (The time): A clock that is a minute or more off is said, with its size → `clock_wrong`
#[wasm_bindgen_test]
fn a_wrong_clock_is_said_with_its_size() {
    for (seconds, expected) in [
        (60, "1 minute ahead"),
        (-60, "1 minute behind"),
        (22 * 60 - 20, "22 minutes ahead"),
        (59 * 60, "59 minutes ahead"),
        (3_599, "1 hour ahead"),
        (-3_601, "1 hour behind"),
        (23 * 3_600, "23 hours ahead"),
        (86_399, "1 day ahead"),
        (-400 * 86_400, "400 days behind"),
    ] {
        for (deviation, whose) in [
            (Deviation::Computer(seconds), "Your computer’s clock"),
            (Deviation::Host(seconds), "The clock of this site’s server"),
        ] {
            let text = messages::clock_wrong(deviation);
            let whole = format!("{whose} is {expected}. We are using");
            assert!(text.starts_with(&whole), "{text}");
        }
    }
}

/// Rule (Storage and other tabs): *Disconnect* erases everything
#[wasm_bindgen_test]
fn erasing_takes_everything_of_ours_and_nothing_else() {
    storage().clear().unwrap();
    let adapter = SessionStorage::open().unwrap();
    storage().set_item("somebody else", "1").unwrap();
    adapter
        .store_pending(&pending(1, clock::now()), &client(), clock::now())
        .unwrap();
    adapter.record_automatic(clock::now()).unwrap();
    adapter.erase_everything();
    assert_eq!(storage().length().unwrap(), 1);
    assert!(storage().get_item("somebody else").unwrap().is_some());
}

/// Rule (The request): Every request has its own
#[wasm_bindgen_test]
fn random_values_differ() {
    let (one, two) = (random::entropy().unwrap(), random::entropy().unwrap());
    assert_ne!(one.state, two.state);
    assert_ne!(one.nonce, two.nonce);
    assert_ne!(one.state, one.nonce);
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
fn without_the_first_script_there_is_no_response() {
    assert!(first_script::take_response().is_none());
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

/// Rule (The response): The server's words are text, and cut
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
/// Rule (The token): A genuine signature is accepted: RFC 7515 A.2, an implementation of another
/// make
#[wasm_bindgen_test]
fn the_proof_is_the_same_in_the_browser() {
    let jwk = include_str!("vectors/rfc7515-a2-jwk.json");
    let keys = JwkSet::parse(&format!("{{\"keys\":[{jwk}]}}")).unwrap();
    let expectations = Expectations {
        types: ACCESS_TOKEN_TYPES,
        issuer: "joe".to_owned(),
        audience: "nobody".to_owned(),
        max_lifetime: verify::MAX_LIFETIME,
    };
    let now = Timestamp::from_unix_seconds(1_300_819_000);
    let jws = include_str!("vectors/rfc7515-a2.jws").trim();
    let report = verify(jws, &keys, &expectations, now, now).report;
    let signature = report
        .checks()
        .iter()
        .find(|check| check.name == "signature")
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
