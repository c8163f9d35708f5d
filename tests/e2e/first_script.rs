//! Obstacles to the document's first script: it works anyway, or the page reports the obstacle; in
//! either case the address bar is cleaned first. Obstacles caused by the host are mostly in
//! `integrity` and `first_page`.

use cc_connect_e2e::{Setup, World, eventually};
use serde_json::json;

/// Installs the obstacle named in the document's address.
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

/// B8, B12 and the like: each has its own message, with a way on.
///
/// Rule (The response): Whatever keeps the first script from loading the rest, the address is
/// cleaned before it is reported; if the browser refuses to change the address, the page navigates
/// to the clean one → `webassembly_off`, `webassembly_blocked`, `script_blocked`, `script_failed`,
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
                // This address has no obstacle.
                world.click_link("Try again").await;
                world.wait_for_session("not-connected").await;
            }
        })
        .await;
}

/// B8: a foreign policy that permits views does no harm. If a response can only be removed from the
/// address bar by navigating, the script navigates.
///
/// Rule (The response): Whatever keeps the first script from loading the rest, the address is
/// cleaned before it is reported; if the browser refuses to change the address, the page navigates
/// to the clean one → `webassembly_off`, `webassembly_blocked`, `script_blocked`, `script_failed`,
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

/// B9 and C11: a user name and password before the host, two slashes before the path.
///
/// Rule (The response): The address is cleaned even with a user name in it or two slashes before
/// the path
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
                // A response that arrives in the open page.
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

/// B11: the script runs after everything else has loaded, including the style sheet. The page
/// reports it if the script never runs; see `integrity`.
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

/// B4: a style sheet added by an extension and blocked by the policy before the build's own has
/// loaded.
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
