//! Properties of every page: its title, its single heading, its address.

use cc_connect_e2e::{Role, Setup, World, eventually, in_chromium};
use std::collections::BTreeSet;

in_chromium!(
    every_page_has_a_title_and_one_heading,
    navigation_follows_links_and_the_history,
    the_language_and_the_landmarks_are_named,
);

/// Opens `target` in a new document, even if only the fragment differs from the current address.
pub(crate) async fn open_fresh(world: &World, target: &str) {
    world.browser.goto("about:blank").await;
    world.visit(target).await;
}

async fn assert_page(world: &World, heading: &str) -> String {
    world.wait_for_heading(heading).await;
    // The first paint already has the heading, with the application's name as its title.
    let page = eventually(format!("a title of {heading:?}"), async || {
        let title = world.browser.title().await;
        let page = title.strip_suffix(" · CC Connect").map(str::to_owned);
        page.ok_or(title)
    })
    .await;
    assert!(!page.is_empty(), "{heading}");
    page
}

async fn every_page_has_a_title_and_one_heading(setup: Setup) {
    setup
        .run(async |world: &World| {
            let mut titles = BTreeSet::new();
            let before = [
                ("/", "Connect your Constant Contact account"),
                ("/set-up", "Set up"),
                ("/callback", "Nothing to finish here"),
                ("/nowhere", "This page does not exist"),
            ];
            for (route, heading) in before {
                world.visit(route).await;
                titles.insert(assert_page(world, heading).await);
            }
            world.connect().await;
            titles.insert(assert_page(world, "Overview").await);
            world.click_link("Connection").await;
            titles.insert(assert_page(world, "Connection").await);
            world.visit("/nowhere").await;
            assert_page(world, "This page does not exist").await;
            assert_eq!(titles.len(), 6, "titles tell the pages apart: {titles:?}");
        })
        .await;
}

async fn navigation_follows_links_and_the_history(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.wait_for_heading("Overview").await;
            let links = world.browser.texts("nav a").await;
            assert!(
                ["Overview", "Connection"]
                    .iter()
                    .all(|name| links.iter().any(|l| l.trim() == *name)),
                "{links:?}"
            );
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
            let current = world.browser.texts("nav a[aria-current=page]").await;
            assert_eq!(current.len(), 1, "{current:?}");
            world.browser.back().await;
            world.wait_for_heading("Overview").await;
            world.browser.forward().await;
            world.wait_for_heading("Connection").await;
            // Navigating makes no request: the page was loaded once and stayed.
            let pages = world.host.requests().into_iter();
            let loads = pages.filter(|request| request.target == "/connection");
            assert_eq!(loads.count(), 0);
        })
        .await;
}

#[tokio::test]
async fn a_page_that_does_not_exist_leads_on() {
    Setup::new()
        .run(async |world: &World| {
            world.visit("/nowhere/at/all").await;
            world.wait_for_heading("This page does not exist").await;
            let links = world.browser.names(Role::Link).await;
            assert!(!links.is_empty());
        })
        .await;
}

/// B16: with the file name, an extra slash, or different case.
#[tokio::test]
async fn a_page_opened_by_another_spelling_is_that_page() {
    Setup::new()
        .run(async |world: &World| {
            let connect = "Connect your Constant Contact account";
            for (spelling, path, heading) in [
                ("/index.html", "/", connect),
                ("/index.html?from=a#b", "/", connect),
                ("/connection/", "/connection", connect),
                ("/connection//", "/connection", connect),
                ("/SET-UP/", "/set-up", "Set up"),
            ] {
                world.visit(spelling).await;
                assert_page(world, heading).await;
                let url = world.browser.url().await;
                assert_eq!(url.path(), path, "{spelling}");
                let rest = (url.query(), url.fragment());
                let expected = match spelling.contains('?') {
                    true => (Some("from=a"), Some("b")),
                    false => (None, None),
                };
                assert_eq!(rest, expected, "{spelling}");
            }
        })
        .await;
}

async fn the_language_and_the_landmarks_are_named(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            assert_eq!(world.browser.attributes("html", "lang").await, ["en"]);
            assert_eq!(world.browser.texts("main").await.len(), 1);
            assert!(!world.browser.texts("header").await.is_empty());
            assert!(!world.browser.texts("nav").await.is_empty());
        })
        .await;
}
