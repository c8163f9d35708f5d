//! The journey with the release build behind nginx, Caddy, Apache, and the servers that Cloudflare and
//! Firebase publish, each with the files of `deploy/` that are rendered for it. `cargo xtask test` runs these where the servers are; elsewhere they are asked for
//! by name, and fail: `cargo test -p cc-connect-e2e --test e2e -- --ignored real_servers`.

use cc_connect_e2e::{Program, Setup, World};
use cc_connect_sandbox::KeysFault;
use serde_json::json;

macro_rules! behind {
    ($($module:ident: $program:expr, [$($test:ident),+]);+ $(;)?) => {
        $(
            mod $module {
                use super::*;

                $(
                    #[tokio::test]
                    #[ignore = "takes the server"]
                    async fn $test() {
                        super::$test(Setup::new().hosted_by($program)).await;
                    }
                )+
            }
        )+
    };
}

behind!(
    nginx: Program::Nginx, [
        the_whole_journey,
        the_whole_journey_with_a_code_below_a_base_path,
        keys_that_no_page_may_read_come_through_the_host
    ];
    caddy: Program::Caddy, [
        the_whole_journey,
        the_whole_journey_with_a_code_below_a_base_path,
        keys_that_no_page_may_read_come_through_the_host
    ];
    apache: Program::Apache, [
        the_whole_journey,
        the_whole_journey_with_a_code_below_a_base_path,
        keys_that_no_page_may_read_come_through_the_host
    ];
    // B14: Pages' own code passes the keys on as well; the paths are the same as above.
    wrangler: Program::Wrangler, [
        the_whole_journey_with_a_code_below_a_base_path,
        keys_that_no_page_may_read_come_through_the_host
    ];
    superstatic: Program::Superstatic, [the_whole_journey_with_a_code_below_a_base_path];
);

async fn the_whole_journey_with_a_code_below_a_base_path(setup: Setup) {
    the_whole_journey(setup.with_code().below_app()).await;
}

async fn the_whole_journey(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.wait_for_heading("Overview").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            // A deep link, which is no file.
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(
                world.browser.url().await.as_str(),
                world.host.url("/connection")
            );

            assert_callback_is_no_redirect(world).await;

            world.disconnect().await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
        })
        .await;
}

/// A redirect would take the answer along in its fragment.
async fn assert_callback_is_no_redirect(world: &World) {
    let answer = "return fetch(arguments[0], {redirect: 'manual', cache: 'no-store'}).then(
        answer => [answer.type, answer.status, answer.headers.get('cache-control')])";
    for query in ["", "?code=none"] {
        let callback = format!("{}{query}", world.host.redirect_uri());
        let seen = world.browser.script(answer, vec![json!(callback)]).await;
        assert_eq!(seen, json!(["basic", 200, "no-store"]), "{query}");
    }
}

async fn keys_that_no_page_may_read_come_through_the_host(setup: Setup) {
    setup
        .below_app()
        .keys_through_the_host()
        .run(async |world: &World| {
            world.sandbox.set_keys_fault(Some(KeysFault::NoCors));
            world.connect().await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.key_requests(), 1);
            for request in world.sandbox.requests() {
                let cookie = request.path.ends_with("/keys") && request.header("cookie").is_some();
                assert!(!cookie, "the host passed a cookie on");
            }
        })
        .await;
}
