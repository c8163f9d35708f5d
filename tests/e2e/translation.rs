//! The page under machine translation: the translator replaces each text node, including later
//! ones, with elements of its own, except below `translate="no"`.

use cc_connect_e2e::{Setup, World, eventually};
use serde_json::{Value, json};

/// Like Chromium's, but leaving the words unchanged.
const TRANSLATE: &str = "document.addEventListener('DOMContentLoaded', () => {
        const skipped = 'script, style, noscript, title, font, option, [translate=no], [translate=no] *';
        const wrap = node => {
            const parent = node.parentElement;
            if (!node.data.trim() || !parent || parent.closest(skipped)) return;
            const [outer, inner] = ['font', 'font'].map(name => document.createElement(name));
            inner.textContent = node.data;
            outer.append(inner);
            node.replaceWith(outer);
        };
        const all = root => {
            if (root.nodeType === Node.TEXT_NODE) return wrap(root);
            const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
            const found = [];
            while (texts.nextNode()) found.push(texts.currentNode);
            found.forEach(wrap);
        };
        new MutationObserver(changes => {
            for (const {addedNodes, target, type} of changes) {
                if (type === 'characterData') wrap(target);
                for (const node of addedNodes) all(node);
            }
        }).observe(document.body, {subtree: true, childList: true, characterData: true});
        all(document.body);
    });";

/// The text of the only matching element, and whether the translator has processed it.
async fn shown(world: &World, selector: &str) -> Result<(String, bool), String> {
    let look = "const [one, ...more] = document.querySelectorAll(arguments[0]);
        return [one?.innerText ?? null, more.length, !!one?.querySelector('font')]";
    let seen = world
        .browser
        .try_script(look, vec![json!(selector)])
        .await?;
    match (&seen[0], seen[1].as_u64(), seen[2].as_bool()) {
        (Value::String(text), Some(0), Some(translated)) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            Ok((words.join(" "), translated))
        }
        _ => Err(format!("{selector}: {seen}")),
    }
}

async fn wait_to_see(world: &World, selector: &str, expected: impl Fn(&str) -> bool) -> String {
    eventually(format!("what is expected in {selector}"), async || {
        let (text, translated) = shown(world, selector).await?;
        let plain = selector.ends_with(".number");
        (expected(&text) && (translated || plain))
            .then_some(text.clone())
            .ok_or(format!("{text:?}, translated: {translated}"))
    })
    .await
}

/// B10: live figures keep updating, and new text replaces the old.
#[tokio::test]
async fn a_translated_page_goes_on() {
    Setup::new()
        .without_renewal()
        .token_lifetime(900)
        .run(async |world: &World| {
            world.browser.at_document_start(TRANSLATE).await;
            world.connect().await;
            let lede = ".lede";
            wait_to_see(world, lede, |text| {
                text.starts_with("Bluebird Bakery is connected until ")
                    && text.matches("connected").count() == 1
            })
            .await;
            wait_to_see(world, ".status .badge", |text| {
                text.starts_with("Connected until ")
            })
            .await;
            // The loaded value replaced its placeholder.
            let figure = ".figures .card:first-child .figure-value";
            wait_to_see(world, figure, |text| !text.is_empty()).await;
            eventually(
                "figures without what said that they would come",
                async || {
                    let waiting = world.browser.texts(".figures .visually-hidden").await;
                    waiting
                        .is_empty()
                        .then_some(())
                        .ok_or(format!("{waiting:?}"))
                },
            )
            .await;
            let left = ".lede .number";
            let before = wait_to_see(world, left, |text| text.contains("min")).await;
            world.let_time_pass(120).await;
            wait_to_see(world, left, |text| text != before).await;

            // Another language.
            let choose = "const list = document.querySelector('footer select');
                list.value = arguments[0];
                list.dispatchEvent(new Event('change', {bubbles: true}));";
            world.browser.script(choose, vec![json!("de")]).await;
            wait_to_see(world, "h1", |text| text == "Übersicht").await;
            wait_to_see(world, ".status .badge", |text| {
                text.starts_with("Verbunden bis ")
            })
            .await;
            wait_to_see(world, "footer legend", |text| text == "Darstellung").await;
            world.browser.script(choose, vec![json!("en")]).await;
            wait_to_see(world, "h1", |text| text == "Overview").await;
            wait_to_see(world, "footer legend", |text| text == "Theme").await;

            // A button's label, repeatedly.
            world.click_link("Set up").await;
            world.wait_for_heading("Set up").await;
            for _ in 0..2 {
                world.click_button("Copy redirect URI").await;
                wait_to_see(world, "#redirect-uri ~ .copy-done", |text| !text.is_empty()).await;
            }

            world.let_time_pass(500).await;
            world.wait_for_notice("expires_soon").await;
            wait_to_see(world, ".notice", |text| {
                text.matches("Your connection ends at").count() == 1
            })
            .await;
            world.click_link("Overview").await;
            world.wait_for_heading("Overview").await;
            world.let_time_pass(300).await;
            world.wait_for_alert("connection_expired").await;
            wait_to_see(world, ".status", |text| text.trim() == "Not connected").await;
            wait_to_see(world, ".countdown", |text| {
                text.starts_with("You will be redirected to Constant Contact in ")
            })
            .await;
            let seconds = ".countdown .number";
            let before = wait_to_see(world, seconds, |text| !text.is_empty()).await;
            wait_to_see(world, seconds, |text| text != before).await;
            world.click_button("Not now").await;
            eventually("no countdown", async || {
                let countdown = world.browser.texts(".countdown").await;
                countdown
                    .is_empty()
                    .then_some(())
                    .ok_or(format!("{countdown:?}"))
            })
            .await;
        })
        .await;
}
