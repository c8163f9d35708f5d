//! Nothing runs inside another page, where clicks can be hijacked.

use cc_connect_e2e::{Setup, World, eventually, in_both_browsers, serve_page};

in_both_browsers!(
    another_page_cannot_show_this_one_inside_itself,
    without_that_header_a_framed_page_refuses_to_run,
);

/// A page of another origin that embeds the app.
async fn frame(world: &World, route: &str) {
    let app = world.host.url(route);
    let page = format!(
        "<!doctype html><title>Another page</title><link rel=icon href=data:,>
         <h1>Something to click on</h1><iframe src=\"{app}\" width=800 height=600></iframe>"
    );
    let other = serve_page(page).await;
    world.browser.goto(&other).await;
}

/// Rule (The page): Inside another page the application does not run → `framed`
async fn another_page_cannot_show_this_one_inside_itself(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_on_console("frame-ancestors");
            for route in ["/", "/callback"] {
                frame(world, route).await;
                eventually("the request for the page", async || {
                    let requests = world.host.requests();
                    let asked = requests.iter().any(|request| request.target == route);
                    asked.then_some(()).ok_or(format!("{requests:?}"))
                })
                .await;
            }
            // A browser that shows a reason has a button of its own.
            let ours = "#app, h1, [data-code]";
            let ours = world.browser.texts_in_frame(ours).await;
            let shown = ours.unwrap_or_default().join(" ");
            assert!(!shown.contains("Connect"), "{shown}");
            // Only the documents themselves were loaded.
            let loaded: Vec<String> = world
                .host
                .requests()
                .into_iter()
                .map(|request| request.target)
                .collect();
            assert_eq!(loaded, ["/", "/callback"]);
        })
        .await;
}

/// Rule (The page): Inside another page the application does not run → `framed`
async fn without_that_header_a_framed_page_refuses_to_run(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.host.let_itself_be_framed();
            for route in ["/", "/connection", "/callback"] {
                frame(world, route).await;
                eventually("a refusal", async || {
                    let alert = ".alert[data-code=framed]";
                    let alerts = world.browser.texts_in_frame(alert).await?;
                    (alerts.len() == 1)
                        .then_some(())
                        .ok_or(format!("{alerts:?}"))
                })
                .await;
                let buttons = world.browser.texts_in_frame("button").await.unwrap();
                let connect = |name: &&String| name.contains("onnect");
                assert_eq!(buttons.iter().find(connect), None, "{buttons:?}");
            }
            let asked = world.host.requests();
            let settings = |target: &str| target.ends_with("config.json");
            assert!(!asked.iter().any(|request| settings(&request.target)));
            assert!(world.authorization_requests().is_empty());
        })
        .await;
}
