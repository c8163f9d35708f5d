//! The page in German: where the browser prefers it, where the person chooses it, and where it is not
//! to be had.

use crate::layout::assert_fits;
use cc_connect_e2e::{Setup, World, eventually, in_both_browsers};
use cc_connect_sandbox::Scenario;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

in_both_browsers!(
    a_browser_that_prefers_german_shows_german,
    a_language_is_chosen_while_connected,
    dates_and_numbers_are_of_the_preferred_variety,
);

const CONNECT: &str = "Mit Constant Contact verbinden";
const CONNECT_HEADING: &str = "Verbinden Sie Ihr Constant-Contact-Konto";

async fn a_browser_that_prefers_german_shows_german(setup: Setup) {
    setup
        .preferring("de-AT,de,en")
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            world.wait_for_heading(CONNECT_HEADING).await;
            assert_eq!(world.browser.title().await, "Verbinden · CC Connect");
            wait_for_language(world, "de").await;

            world.sandbox.use_scenario(Scenario::Denied);
            world.click_button(CONNECT).await;
            world.allow().await;
            world.wait_for_alert("access_denied").await;
            world
                .wait_for_heading("Sie haben den Zugriff nicht erlaubt")
                .await;
            world.browser.wait_for_text("Nichts wurde geändert.").await;
            world.browser.wait_for_text("Code access_denied").await;

            world.sandbox.use_scenario(Scenario::Normal);
            world.click_button(CONNECT).await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Übersicht").await;
            assert_eq!(world.browser.title().await, "Übersicht · CC Connect");
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.browser.wait_for_text("Verbunden bis").await;

            world.click_link("Verbindung").await;
            world.wait_for_heading("Verbindung").await;
            let dates = written_dates(world, "dd time", "de-AT").await;
            assert!(dates > 1, "{dates} dates are as German writes them");

            world.click_button("Verbindung trennen").await;
            world.wait_for_session("not-connected").await;
            world.wait_for_heading(CONNECT_HEADING).await;
        })
        .await;
}

async fn a_language_is_chosen_while_connected(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            let asked = asked(world);
            let token = world.stored_token().await;

            choose(world, "de").await;
            world.wait_for_heading("Verbindung").await;
            wait_for_language(world, "de").await;
            assert_eq!(world.browser.title().await, "Verbindung · CC Connect");
            world.browser.wait_for_text("Verbunden bis").await;
            // The one who chose goes on from there.
            let focused = "return document.activeElement.tagName";
            let focused = world.browser.script(focused, vec![]).await;
            assert_eq!(focused, json!("SELECT"));

            choose(world, "en").await;
            world.wait_for_heading("Connection").await;
            wait_for_language(world, "en").await;
            world.browser.wait_for_text("Connected until").await;

            choose(world, "de").await;
            world.wait_for_heading("Verbindung").await;
            world.wait_for_session("connected").await;
            assert_eq!(self::asked(world), asked, "nothing was asked for anew");
            assert_eq!(world.stored_token().await, token);

            // A choice is kept, until everything is erased.
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Verbindung").await;
            wait_for_language(world, "de").await;
            world.click_button("Verbindung trennen").await;
            world.wait_for_session("not-connected").await;
            world.wait_for_heading(CONNECT_HEADING).await;
            let kept = world.stored_keys("localStorage").await;
            assert!(
                !kept.contains(&"cc-connect/language".to_owned()),
                "{kept:?}"
            );
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            wait_for_language(world, "en").await;
        })
        .await;
}

/// English in the British way, to a browser that prefers it.
async fn dates_and_numbers_are_of_the_preferred_variety(setup: Setup) {
    setup
        .preferring("fr,en-GB,de")
        .run(async |world: &World| {
            world.connect().await;
            wait_for_language(world, "en").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            let dates = written_dates(world, "dd time", "en-GB").await;
            assert!(
                dates > 1,
                "{dates} dates are as British English writes them"
            );
        })
        .await;
}

#[tokio::test]
async fn words_that_are_not_to_be_had_are_english() {
    Setup::new()
        .preferring("de")
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.browser.block(&["*/lang/de.json"]).await;
            world.connect().await;
            world.wait_for_heading("Overview").await;
            wait_for_language(world, "en").await;
            assert!(world.alerts().await.is_empty());

            choose(world, "de").await;
            wait_for_language(world, "en").await;
            world.wait_for_heading("Overview").await;
            assert!(world.alerts().await.is_empty());
            let kept = world.stored_keys("localStorage").await;
            assert!(
                !kept.contains(&"cc-connect/language".to_owned()),
                "{kept:?}"
            );
        })
        .await;
}

#[tokio::test]
async fn before_german_is_here_nothing_is_painted_in_english() {
    Setup::new()
        .preferring("de")
        .run(async |world: &World| {
            world.host.hold(|path| path.ends_with(".wasm"));
            world.visit("/").await;
            let painted = "return [
                document.documentElement.lang,
                document.documentElement.dataset.firstPaint,
                ...[...document.querySelectorAll('.first-connect, .first-badge, footer > *')]
                    .map(e => e.checkVisibility({visibilityProperty: true})),
            ]";
            let painted = world.browser.script(painted, vec![]).await;
            assert_eq!(painted, json!(["de", "quiet", false, false, false]));
            world.host.release();
            world.wait_for_session("not-connected").await;
            world.wait_for_heading(CONNECT_HEADING).await;
        })
        .await;
}

#[tokio::test]
async fn german_fits_on_the_narrowest_screen() {
    Setup::new()
        .preferring("de")
        .run(async |world: &World| {
            world.browser.set_viewport(320, 640).await;
            for route in ["/", "/set-up", "/callback", "/nowhere"] {
                world.visit(route).await;
                world.wait_for_session("not-connected").await;
                assert_fits(world, route).await;
            }
            world.visit("/").await;
            world.click_button(CONNECT).await;
            world.allow().await;
            world.wait_for_session("connected").await;
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

/// A language asks for its own forms of a text with a number in it: the browser knows which.
#[tokio::test]
async fn every_language_has_the_forms_that_the_browser_asks_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lang");
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            let mut seen = 0;
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let code = path.file_stem().unwrap().to_str().unwrap();
                let texts: Value =
                    serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
                let texts = texts.as_object().unwrap();
                let found: BTreeSet<&str> = texts
                    .keys()
                    .filter_map(|key| key.strip_prefix("key.keys."))
                    .collect();
                let asked = "const rules = new Intl.PluralRules(arguments[0]);
                    return rules.resolvedOptions().pluralCategories";
                let asked = world.browser.script(asked, vec![json!(code)]).await;
                let asked: BTreeSet<&str> = asked
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                assert_eq!(found, asked, "{}", path.display());
                seen += 1;
            }
            assert!(seen > 1);
        })
        .await;
}

/// How often anything was asked of the authorization server and of the API.
fn asked(world: &World) -> [usize; 4] {
    [
        world.authorization_requests().len(),
        world.token_requests().len(),
        world.key_requests(),
        world.api_requests().len(),
    ]
}

/// Chooses a language in the page's foot.
async fn choose(world: &World, code: &str) {
    let choose = "const list = document.querySelector('footer select');
        list.focus();
        list.value = arguments[0];
        list.dispatchEvent(new Event('change', {bubbles: true}));";
    world.browser.script(choose, vec![json!(code)]).await;
}

/// Waits until the document says this language, and the list in the page's foot as well.
async fn wait_for_language(world: &World, code: &str) {
    eventually(format!("a page in {code:?}"), async || {
        let said = "return [
            document.documentElement.lang, document.querySelector('footer select')?.value,
        ]";
        let said = world.browser.try_script(said, vec![]).await?;
        let expected = json!([code, code]);
        (said == expected).then_some(()).ok_or(said.to_string())
    })
    .await;
}

/// How many of these `<time>` elements say the date and the time to the minute as this language
/// writes them.
async fn written_dates(world: &World, selector: &str, language: &str) -> u64 {
    let count = "const form = new Intl.DateTimeFormat(
            arguments[1], {dateStyle: 'medium', timeStyle: 'short'});
        return [...document.querySelectorAll(arguments[0])]
            .filter(e => e.textContent === form.format(new Date(e.dateTime))).length";
    let arguments = vec![json!(selector), json!(language)];
    let count = world.browser.script(count, arguments).await;
    count.as_u64().unwrap()
}

/// C6: what the browser prefers may be no tag of a language (Chromium in containers), and whatever `Intl`
/// throws at, the page goes on.
#[tokio::test]
async fn what_intl_refuses_stops_nothing() {
    Setup::new()
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            let prefer = "Object.defineProperty(navigator, 'languages', {
                get: () => ['en-US@posix', 'en-GB', 'en_US', 'en-'],
            });";
            world.browser.at_document_start(prefer).await;
            let refuse = "if (localStorage.refuse) {
                for (const name of ['DateTimeFormat', 'NumberFormat', 'PluralRules']) {
                    Intl[name] = function () { throw new RangeError('no'); };
                }
                Intl.getCanonicalLocales = () => { throw new RangeError('no'); };
            }";
            world.browser.at_document_start(refuse).await;
            for refused in [false, true] {
                if refused {
                    world
                        .browser
                        .script("localStorage.refuse = 1", vec![])
                        .await;
                }
                world.connect().await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                world.wait_until_loaded().await;
                world.click_link("Connection").await;
                world.wait_for_heading("Connection").await;
                if refused {
                    let plain = "return [...document.querySelectorAll('dd time')]
                        .every(e => e.textContent === e.dateTime)";
                    let plain = world.browser.script(plain, vec![]).await;
                    assert_eq!(plain, json!(true));
                } else {
                    let written = written_dates(world, "dd time", "en-GB").await;
                    assert!(written > 1, "{written} dates");
                }
                world.browser.wait_for_text("keys").await;
                world.let_time_pass(world.lifetime() + 60).await;
                world.wait_for_alert("connection_expired").await;
                let shown = world.browser.text().await;
                assert!(!shown.contains("Bluebird Bakery"), "{shown}");
                world.click_button("Not now").await;
                world
                    .wait_for_heading("Connect your Constant Contact account")
                    .await;
            }
        })
        .await;
}
