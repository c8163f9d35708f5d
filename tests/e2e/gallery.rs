//! Screenshots of every page in every state. Run by name: `cargo test -p cc-connect-e2e --test e2e
//! -- --ignored gallery`

use crate::tour;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cc_connect_e2e::{World, screenshots_folder};
use std::fs;

#[tokio::test]
#[ignore = "takes pictures for people"]
async fn gallery() {
    tour::visit_every_state(picture).await;
}

/// A name, the viewport's width, the zoom, and the system's preferences.
type View = (
    &'static str,
    u32,
    u32,
    &'static [(&'static str, &'static str)],
);

const VIEWS: [View; 6] = [
    ("1280-light", 1280, 1, &[("prefers-color-scheme", "light")]),
    ("1280-dark", 1280, 1, &[("prefers-color-scheme", "dark")]),
    ("320-light", 320, 1, &[("prefers-color-scheme", "light")]),
    ("375-dark", 375, 1, &[("prefers-color-scheme", "dark")]),
    ("zoomed-light", 640, 2, &[("prefers-color-scheme", "light")]),
    (
        "1280-forced",
        1280,
        1,
        &[
            ("forced-colors", "active"),
            ("prefers-color-scheme", "dark"),
        ],
    ),
];

/// Saves the current page in every view.
async fn picture(world: &World, name: &str) {
    let folder = screenshots_folder().join("gallery");
    fs::create_dir_all(&folder).unwrap();
    for (view, width, zoom, features) in VIEWS {
        world.browser.prefer(features).await;
        world.browser.set_zoomed_viewport(width, 900, zoom).await;
        // A viewport as high as the page: what is fixed to the bottom is then at the bottom.
        let height = "return document.documentElement.scrollHeight";
        let height = world.browser.script(height, vec![]).await;
        let height = u32::try_from(height.as_u64().unwrap()).unwrap();
        world.browser.set_zoomed_viewport(width, height, zoom).await;
        let png = world.browser.full_page_screenshot().await;
        let png = BASE64_STANDARD.decode(png).unwrap();
        fs::write(folder.join(format!("{name}-{view}.png")), png).unwrap();
    }
    world.browser.prefer(&[]).await;
    world.browser.set_viewport(1280, 900).await;
}
