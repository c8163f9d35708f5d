//! What can get in the way of the document's first script: it works all the same, or the page says what
//! it was; and the address bar is clean first. Of what a host does to it, `integrity` and `first_page`
//! have the rest.

use cc_connect_e2e::{Setup, World, eventually};
use serde_json::json;

/// Puts in the way of a document what its address names.
const IN_THE_WAY: &str = "const refuse = () => { throw new Error('in the way'); };
    const ways = {
        webassembly_off: () => { delete window.WebAssembly; },
        webassembly_blocked: () => { WebAssembly.Module = refuse; },
        script_blocked: () => trustedTypes.createPolicy('default', {}),
        another_policy: () => trustedTypes.createPolicy('default', { createHTML: html => html }),
        script_failed: () => Object.defineProperty(navigator, 'languages', { get: refuse }),
        history: () => { History.prototype.replaceState = refuse; },
    };
    ways[new URLSearchParams(location.search).get('way')]?.();";

async fn assert_clean(world: &World) {
    let url = world.browser.url().await;
    assert_eq!(url.as_str(), world.host.redirect_uri());
}

/// B8, B12 and their kind: each in words of its own, with a way on.
///
/// Rule (The response): Whatever keeps the first script from loading the rest, the address is clean
/// before it is said; where the browser refuses to change the address, the page leaves for the
/// clean one → `webassembly_off`, `webassembly_blocked`, `script_blocked`, `script_failed`,
/// `browser_too_old`, `not_loaded`
#[tokio::test]
async fn whatever_is_in_the_way_is_said_at_a_clean_address() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_on_console("The application could not be loaded");
            world.expect_on_console("TrustedHTML");
            world.expect_on_console("TrustedTypePolicy");
            world.browser.at_document_start(IN_THE_WAY).await;
            for code in [
                "webassembly_off",
                "webassembly_blocked",
                "script_blocked",
                "script_failed",
            ] {
                let route = format!("/callback?way={code}#access_token=a&state=b");
                world.visit(&route).await;
                assert_eq!(world.alert_code().await, code);
                assert_clean(world).await;
                let said = "return [...document.querySelectorAll('.first-failed [data-of]')]
                    .filter(words => words.checkVisibility()).map(words => words.dataset.of)";
                assert_eq!(world.browser.script(said, vec![]).await, json!([code]));
                // What was in the way is not at this address.
                world.click_link("Try again").await;
                world.wait_for_session("not-connected").await;
            }
        })
        .await;
}

/// B8: a policy of somebody else's that passes views does no harm. And if nothing but another address
/// takes a response off the address bar, that is done.
///
/// Rule (The response): Whatever keeps the first script from loading the rest, the address is clean
/// before it is said; where the browser refuses to change the address, the page leaves for the
/// clean one → `webassembly_off`, `webassembly_blocked`, `script_blocked`, `script_failed`,
/// `browser_too_old`, `not_loaded`
#[tokio::test]
async fn what_leaves_a_way_is_no_hindrance() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_on_console("TrustedTypePolicy");
            world.browser.at_document_start(IN_THE_WAY).await;
            world.visit("/set-up?way=another_policy").await;
            world.wait_for_heading("Set up").await;
            world
                .visit("/callback?way=history#access_token=a&state=b")
                .await;
            world.wait_for_heading("Nothing to finish here").await;
            assert_clean(world).await;
        })
        .await;
}

/// B9 and C11: a user name and a password in front of the host, two slashes in front of the path.
///
/// Rule (The response): Also with a user name in the address and with two slashes before the path
#[tokio::test]
async fn an_unusual_address_is_cleaned_and_works() {
    Setup::new()
        .run(async |world: &World| {
            let origin = world.host.origin();
            let named = origin.replacen("http://", "http://user:password@", 1);
            let response = "#access_token=a&state=b";
            for (from, path) in [
                (&named, "/callback"),
                (&named, "//callback"),
                (&origin.to_owned(), "//callback"),
            ] {
                world
                    .browser
                    .goto(&format!("{from}{path}?code=c{response}"))
                    .await;
                world.wait_for_session("not-connected").await;
                // One that comes to the open page.
                let come = "location.hash = arguments[0]";
                world.browser.script(come, vec![json!(response)]).await;
                eventually("a clean address", async || {
                    let at = "return location.pathname + location.search + location.hash";
                    let at = world.browser.try_script(at, vec![]).await?;
                    (at == json!(path)).then_some(()).ok_or(at.to_string())
                })
                .await;
            }
            world.browser.goto(&format!("{named}/")).await;
            world.click_link("Set up").await;
            world.wait_for_heading("Set up").await;
            world.click_link("CC Connect").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// B11: the script runs when everything else has loaded, the style sheet too. It does so in words if
/// nobody runs it; see `integrity`.
#[tokio::test]
async fn a_first_script_that_is_put_off_starts() {
    let put_off = "let script = null;
        new MutationObserver((_, observer) => {
            script = document.querySelector('head script');
            if (!script) return;
            observer.disconnect();
            script.type = 'text/put-off';
        }).observe(document, { childList: true, subtree: true });
        addEventListener('load', () => setTimeout(() => {
            const again = script.cloneNode();
            again.removeAttribute('type');
            document.head.append(again);
        }, 500));";
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            world.browser.at_document_start(put_off).await;
            for route in ["/", "/set-up"] {
                world.visit(route).await;
                let ran = "return 'ccConnect' in window";
                let ran = world.browser.script(ran, vec![]).await;
                assert_eq!(ran, json!(false), "it was not put off");
                world.wait_for_session("not-connected").await;
            }
        })
        .await;
}

/// B4: one that an extension brings, and that the policy blocks before the build's own is here.
#[tokio::test]
async fn another_style_sheet_says_nothing_of_ours() {
    let bring = "new MutationObserver((_, observer) => {
            if (!document.querySelector('link[rel=stylesheet]')) return;
            observer.disconnect();
            const link = document.createElement('link');
            link.rel = 'stylesheet';
            link.href = 'https://elsewhere.example/theirs.css';
            link.onerror = () => fetch('/theirs-is-refused');
            document.head.append(link);
        }).observe(document, { childList: true, subtree: true });";
    Setup::new()
        .run(async |world: &World| {
            world.expect_on_console("Content Security Policy");
            world.browser.at_document_start(bring).await;
            world.host.hold(|path| path.ends_with(".css"));
            let theirs = eventually("the refusal of their style sheet", async || {
                let asked = world.host.requests();
                let refused = asked.iter().any(|one| one.target == "/theirs-is-refused");
                refused.then_some(()).ok_or("not yet".into())
            });
            let release = async {
                theirs.await;
                world.host.release();
            };
            tokio::join!(world.visit("/set-up"), release);
            world.wait_for_heading("Set up").await;
            assert!(world.alerts().await.is_empty());
        })
        .await;
}
