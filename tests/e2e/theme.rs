//! Light and dark: the system's preference, and the user's own choice.

use cc_connect_e2e::{Setup, World, eventually};
use serde_json::json;

const BACKGROUND: &str = "return getComputedStyle(document.documentElement).backgroundColor";

#[tokio::test]
async fn the_page_follows_the_system() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.prefer_color_scheme("light").await;
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            let light = world.browser.script(BACKGROUND, vec![]).await;
            world.browser.prefer_color_scheme("dark").await;
            eventually("another background", async || {
                let now = world.browser.script(BACKGROUND, vec![]).await;
                (now != light).then_some(()).ok_or(now.to_string())
            })
            .await;
        })
        .await;
}

#[tokio::test]
async fn a_choice_of_theme_is_kept() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.prefer_color_scheme("light").await;
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            let light = world.browser.script(BACKGROUND, vec![]).await;
            world.browser.choose("Dark").await;
            eventually("another background", async || {
                let now = world.browser.script(BACKGROUND, vec![]).await;
                (now != light).then_some(()).ok_or(now.to_string())
            })
            .await;
            assert_eq!(
                world.stored_keys("localStorage").await,
                ["cc-connect/theme"]
            );
            let kept = "return localStorage.getItem('cc-connect/theme')";
            assert_eq!(world.browser.script(kept, vec![]).await, json!("dark"));
            let dark = world.browser.script(BACKGROUND, vec![]).await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.browser.script(BACKGROUND, vec![]).await, dark);
        })
        .await;
}
