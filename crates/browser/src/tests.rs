//! The adapters in a real browser.

use crate::{
    Clock, ClockSource, Namespace, address, arrival, epoch::Epoch, expected::Expected, random,
    session_storage::SessionStorage, tab::Tab,
};
use cc_connect_core::{
    ReturnTo,
    constant_contact::registration,
    oauth::{
        Client, Entropy, NoPendingAuthorization, PendingAuthorization, ResponseType,
        authorization_request,
    },
    session::{Account, Remembered},
    time::Timestamp,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn raw() -> web_sys::Storage {
    let storage = address::window().session_storage();
    storage.unwrap().unwrap()
}

fn names() -> Namespace {
    Namespace::new("cc-connect", "/")
}

/// Empty storage.
fn storage() -> SessionStorage {
    raw().clear().unwrap();
    SessionStorage::open(&names()).unwrap()
}

fn now() -> Timestamp {
    Clock::new(ClockSource::Device).now()
}

fn client() -> Client {
    let redirect_uri = "https://app.example/callback";
    Client::new(registration("client", redirect_uri, ResponseType::Token)).unwrap()
}

fn pending(seed: u8, created_at: Timestamp) -> PendingAuthorization {
    let entropy = Entropy {
        state: [seed; 32],
        nonce: [seed.wrapping_add(1); 32],
        code_verifier: [seed.wrapping_add(2); 32],
    };
    let page = ReturnTo::parse("connection").unwrap();
    authorization_request(&client(), &entropy, page, created_at).pending
}

/// Rule (The response): A record is used once; the same response again is rejected and does no harm
#[wasm_bindgen_test]
fn a_pending_authorization_is_taken_out_once() {
    let adapter = storage();
    let stored = pending(1, now());
    let state = stored.state.expose().to_owned();
    adapter.store_pending(&stored, &client(), now()).unwrap();
    assert_eq!(
        adapter.take_pending("other").unwrap_err(),
        NoPendingAuthorization::OtherState
    );
    let taken = adapter.take_pending(&state).unwrap();
    assert!(taken.state.is_secret_text(&state));
    assert_eq!(taken.return_to, ReturnTo::parse("connection").unwrap());
    assert_eq!(
        adapter.take_pending(&state).unwrap_err(),
        NoPendingAuthorization::NoneStored
    );
}

/// Rule (The request): There are at most five records, none older than ten minutes or the
/// configured time
#[wasm_bindgen_test]
fn at_most_five_are_pending_and_none_is_stale() {
    let adapter = storage();
    let now = now();
    adapter
        .store_pending(&pending(100, now.plus_seconds(-700)), &client(), now)
        .unwrap();
    for seed in 0..8 {
        let created_at = now.plus_seconds(i64::from(seed));
        adapter
            .store_pending(&pending(seed, created_at), &client(), created_at)
            .unwrap();
    }
    assert_eq!(raw().length().unwrap(), 5);
    let gone = pending(0, now).state.expose().to_owned();
    assert_eq!(
        adapter.take_pending(&gone).unwrap_err(),
        NoPendingAuthorization::OtherState
    );
    let newest = pending(7, now).state.expose().to_owned();
    assert!(adapter.take_pending(&newest).is_ok());
}

/// Rule (The response): A record that cannot be read, or was tampered with, is rejected →
/// `pending_authorization_unreadable`
#[wasm_bindgen_test]
fn what_somebody_else_wrote_into_the_storage_is_not_believed() {
    let adapter = storage();
    raw()
        .set_item("cc-connect/pending/abc", "{\"version\":1}")
        .unwrap();
    assert_eq!(
        adapter.take_pending("abc").unwrap_err(),
        NoPendingAuthorization::Unreadable
    );
    raw().set_item("cc-connect/session", "not ours").unwrap();
    assert!(adapter.token().is_none());
    assert!(raw().get_item("cc-connect/session").unwrap().is_none());
    raw().set_item("cc-connect/keys", "[]").unwrap();
    assert!(adapter.key_set("https://as.example/keys").is_none());
    raw().set_item("cc-connect/automatic", "soon").unwrap();
    raw().set_item("cc-connect/account", "somebody").unwrap();
    assert_eq!(adapter.remembered(), Remembered::default());
}

#[wasm_bindgen_test]
fn what_a_tab_remembers_is_there_for_the_next_page() {
    let adapter = storage();
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

/// Rule (Storage and other tabs): A tab that missed a disconnect notices it by the epoch
#[wasm_bindgen_test]
fn a_disconnect_begins_another_epoch() {
    let local = address::window().local_storage().unwrap().unwrap();
    let epoch = Epoch::new(&names());
    local.remove_item("cc-connect/epoch").unwrap();
    assert_eq!(epoch.current(), None);
    epoch.begin();
    assert_eq!(epoch.current().as_deref(), Some("1"));
    epoch.begin();
    assert_eq!(epoch.current().as_deref(), Some("2"));
    local.set_item("cc-connect/epoch", "tampered with").unwrap();
    epoch.begin();
    assert_eq!(epoch.current().as_deref(), Some("1"));
    local.remove_item("cc-connect/epoch").unwrap();
}

/// The second claim within one page finds the first one's lock, like a duplicated tab.
///
/// Rule (Storage and other tabs): A duplicated tab takes a name of its own and drops the records
#[wasm_bindgen_test]
async fn a_copy_of_a_tab_takes_another_name_and_drops_the_records() {
    let adapter = storage();
    Tab::new(names()).claim().await;
    let name = adapter.tab().unwrap();
    adapter
        .store_pending(&pending(1, now()), &client(), now())
        .unwrap();
    raw().set_item("cc-connect/session", "the token").unwrap();
    Tab::new(names()).claim().await;
    assert_ne!(adapter.tab().unwrap(), name);
    let state = pending(1, now()).state.expose().to_owned();
    assert_eq!(
        adapter.take_pending(&state).unwrap_err(),
        NoPendingAuthorization::NoneStored
    );
    assert!(raw().get_item("cc-connect/session").unwrap().is_some());
}

/// Rule (Storage and other tabs): *Disconnect* erases everything
#[wasm_bindgen_test]
fn erasing_takes_everything_of_ours_and_nothing_else() {
    let adapter = storage();
    raw().set_item("somebody else", "1").unwrap();
    adapter
        .store_pending(&pending(1, now()), &client(), now())
        .unwrap();
    adapter.record_automatic(now()).unwrap();
    adapter.erase_everything();
    assert_eq!(raw().length().unwrap(), 1);
    assert!(raw().get_item("somebody else").unwrap().is_some());
}

/// Rule (The request): Every request has its own `state` and `nonce`
#[wasm_bindgen_test]
fn random_values_differ() {
    let (one, two) = (random::entropy().unwrap(), random::entropy().unwrap());
    assert_ne!(one.state, two.state);
    assert_ne!(one.nonce, two.nonce);
    assert_ne!(one.state, one.nonce);
}

/// A response is taken off the address bar where no first script has done so.
#[wasm_bindgen_test]
fn a_response_is_taken_off_the_address_bar_once() {
    let history = address::window().history().unwrap();
    let before = address::here();
    let go = |end: &str| {
        let url = format!("{before}{end}");
        history
            .replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url))
            .unwrap();
    };
    go("?page=2#section");
    assert!(arrival::take_response().is_none());
    assert_eq!(
        address::fragment_and_query(),
        ("section".to_owned(), "page=2".to_owned())
    );
    go("#state=s&access_token=t");
    arrival::capture_response();
    assert_eq!(address::fragment_and_query(), Default::default());
    assert_eq!(address::here(), before);
    let taken = arrival::take_response().unwrap();
    assert_eq!(taken.address, before);
    assert_eq!(taken.response.fragment, "state=s&access_token=t");
    assert!(arrival::take_response().is_none());
    // A name may be encoded.
    go("#access%5Ftoken=t");
    arrival::capture_response();
    assert_eq!(address::fragment_and_query(), Default::default());
    assert!(arrival::take_response().is_some());
    go("?code=c&state=s");
    assert!(
        !arrival::has_response(),
        "nobody else's link is a response of ours"
    );
    assert_eq!(address::fragment_and_query(), Default::default());
}

#[cfg(feature = "leptos")]
mod components {
    use crate::{ConnectButton, Connection, RequireConnection};
    use cc_connect_core::session::{Reason, Snapshot, State};
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::HtmlElement;

    fn root() -> HtmlElement {
        let document = web_sys::window().unwrap().document().unwrap();
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        document.body().unwrap().append_child(&root).unwrap();
        root
    }

    #[wasm_bindgen_test]
    async fn the_fallback_follows_the_state() {
        let root = root();
        let connection = StoredValue::new_local(None);
        leptos::mount::mount_to(root.clone(), move || {
            let provided = Connection::provide();
            connection.set_value(Some(provided));
            let fallback = |state| match state {
                State::NotConnected(_) => view! { <ConnectButton /> }.into_any(),
                _ => view! { <p>"One moment"</p> }.into_any(),
            };
            view! {
                <RequireConnection fallback=fallback><p>"Connected"</p></RequireConnection>
            }
        })
        .forget();
        let text = || root.text_content().unwrap();
        assert_eq!(text(), "One moment");
        let connection = connection.get_value().unwrap();
        let mut snapshot = Snapshot::default();
        snapshot.state = State::NotConnected(Reason::Disconnected);
        connection.show(snapshot);
        leptos::task::tick().await;
        assert_eq!(text(), "Connect Constant Contact");
    }
}

/// Rule (With a server): A failed authorization is explained until the user puts it away, and leads
/// to the page that was wanted → `attempt_missing`, `attempt_other_browser`, `client_refused`
#[wasm_bindgen_test]
fn the_page_that_was_wanted_is_taken_out_once() {
    let adapter = storage();
    let page = ReturnTo::parse("connection?a=b").unwrap();
    adapter.store_return_to(&page).unwrap();
    assert_eq!(adapter.take_return_to(), Some(page));
    assert_eq!(adapter.take_return_to(), None);
    let elsewhere = "//elsewhere.example/";
    raw().set_item("cc-connect/return_to", elsewhere).unwrap();
    assert_eq!(adapter.take_return_to(), None);
}

#[wasm_bindgen_test]
fn a_connection_at_the_server_is_expected_until_it_is_not() {
    let expected = Expected::new(&names());
    expected.set(true);
    assert!(expected.is_set());
    // The first script looks for this name.
    let local = address::window().local_storage().unwrap().unwrap();
    assert!(local.get_item("cc-connect/session").unwrap().is_some());
    expected.set(false);
    assert!(!expected.is_set());
}

/// Rule (The time): The server's time is used, however wrong the computer's clock is
#[wasm_bindgen_test]
fn the_server_says_what_time_it_is() {
    let clock = Clock::new(ClockSource::HostDate("config.json".to_owned()));
    assert!(!clock.is_certain());
    let reading = Clock::read();
    clock.told(reading.wall.plus_seconds(7_200), reading, reading);
    assert!(clock.is_certain() && clock.is_settled());
    assert!(clock.now().seconds_since(reading.wall) > 7_100);
    assert!(clock.deviation().is_some());
}
