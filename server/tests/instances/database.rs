//! PostgreSQL restarts, or freezes.

use crate::{
    asking::{Answer, SESSION, ask_directly},
    browser::Browser,
    process::PATIENCE,
    world::World,
};
use cc_connect_sandbox::{RefreshTokens, TokenFault};
use futures_util::future::join_all;
use reqwest::StatusCode;
use std::time::{Duration, Instant};

/// The longest that a request may wait for a database that does not answer.
const LONGEST: Duration = Duration::from_secs(20);

/// The browser's requests to each instance.
fn at_each(world: &World, browser: &Browser) -> Vec<Browser> {
    let instances = world.instances.iter();
    instances
        .map(|instance| {
            let mut browser = browser.clone();
            browser.move_to(instance.address);
            browser
        })
        .collect()
}

fn is_understood(answer: &Answer) -> bool {
    answer.is_connected()
        || answer.status == StatusCode::SERVICE_UNAVAILABLE
            && answer.has_retry_after
            && ["store_unavailable", "refresh_locked"].contains(&answer.code())
}

/// Until every instance says that the browser is connected.
async fn becomes_connected(browsers: &[Browser]) {
    let began = Instant::now();
    loop {
        let answers = browsers
            .iter()
            .map(|browser| ask_directly(browser, SESSION));
        let answers = join_all(answers).await;
        assert!(answers.iter().all(is_understood), "{answers:?}");
        if answers.iter().all(Answer::is_connected) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{answers:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The lock of a renewal ends with the database's connections, and nobody else may use the refresh
/// token until it is known whether the answer can be stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_during_a_renewal_spends_no_refresh_token_twice() {
    let Some((world, cluster)) = World::with_cluster(RefreshTokens::Rotating).await else {
        return;
    };
    let browser = world.connected().await;
    let browsers = at_each(&world, &browser);
    let slow = TokenFault::Slow(Duration::from_secs(2));
    world.sandbox.set_token_fault(Some(slow));
    world.make_renewals_due().await;
    let renewing = tokio::spawn({
        let browser = browsers[0].clone();
        async move { ask_directly(&browser, SESSION).await }
    });
    world.refreshes_reach(1).await;
    cluster.order("restart");
    becomes_connected(&browsers[1..]).await;
    let answer = renewing.await.expect("it asks");
    assert!(answer.is_connected(), "{answer:?}");
    becomes_connected(&browsers).await;
    assert_eq!(world.due().await, 0);
    let uses = world.sandbox.refresh_token_uses();
    assert!(uses.iter().all(|uses| *uses <= 1), "{uses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_database_is_told_in_time() {
    let Some((world, cluster)) = World::with_cluster(RefreshTokens::LongLived).await else {
        return;
    };
    let browser = world.connected().await;
    let browsers = at_each(&world, &browser);
    becomes_connected(&browsers).await;
    cluster.order("freeze");
    let began = Instant::now();
    let requests = browsers.iter().cycle().take(30);
    let answers = requests.map(|browser| ask_directly(browser, SESSION));
    for answer in join_all(answers).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.code(), "store_unavailable");
        assert!(answer.has_retry_after);
    }
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    assert!(!world.instances[0].is_ready().await);
    cluster.order("thaw");
    becomes_connected(&browsers).await;
    for instance in &world.instances {
        instance.becomes_ready().await;
    }
}
