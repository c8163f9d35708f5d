//! Two instances on one PostgreSQL, and a browser whose requests go to either: what
//! `deploy/server/compose.yaml` runs.

use crate::{browser::json_of, cluster::postgres, world::World};
use cc_connect_server::Server;
use reqwest::StatusCode;
use serde_json::json;

async fn two() -> Option<(World, Server)> {
    let address = postgres().await?;
    let world = World::with(&format!("database = \"{address}\"")).await;
    let second = Server::start(world.config.clone(), &|_| None).await;
    let second = second.unwrap_or_else(|error| panic!("{error}"));
    Some((world, second))
}

#[tokio::test]
async fn no_browser_has_to_stay_at_one_instance() {
    let Some((world, second)) = two().await else {
        return;
    };
    let (one, two) = (world.server.address(), second.address());
    let mut browser = world.browser();
    let uri = browser.begin(&json!({})).await;
    let back = browser.authorize(&uri).await;
    browser.move_to(two);
    browser.arrive(&back).await;
    let cookie = browser.session_cookie().expect("a session").to_owned();
    for (address, left) in [(one, 9_999), (two, 9_998), (one, 9_997)] {
        browser.move_to(address);
        assert_eq!(browser.session().await["connected"], true);
        let response = browser.get("/api/v3/account/summary").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(browser.session().await["budget"]["left"], left);
    }
    let mut copy = browser.clone();
    browser.move_to(two);
    let response = browser.post("/auth/disconnect", &json!({})).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(copy.session_cookie(), Some(&*cookie));
    for address in [one, two] {
        copy.move_to(address);
        assert_eq!(copy.session().await["reason"], "session_missing");
        let response = copy.get("/api/v3/account/summary").await;
        assert_eq!(
            json_of(response).await["error_key"],
            "server.session_missing"
        );
    }
}

#[tokio::test]
async fn an_instance_that_stops_takes_no_connection_with_it() {
    let Some((world, second)) = two().await else {
        return;
    };
    let mut browser = world.connected().await;
    let two = second.address();
    world.server.stop().await;
    browser.move_to(two);
    assert_eq!(browser.session().await["connected"], true);
    let response = browser.get("/api/v3/account/summary").await;
    assert_eq!(response.status(), StatusCode::OK);
}
