//! One RS256 verification, by this application's WebAssembly, by WebCrypto and by jose.

use crate::application::Application;
use crate::speed::Speed;
use cc_connect_e2e::{CLIENT_ID, Dist, Grant, Setup, World, eventually};
use serde_json::{Value, json};
use std::path::Path;

/// How many repetitions: this many to warm up, then as many to time.
const MANY: u32 = 100;

/// The implementation that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// This application, with all of its checks.
    Wasm,
    /// The browser: the signature only.
    WebCrypto,
    /// jose, using WebCrypto: the signature and the claims that it knows.
    Jose,
}

impl Way {
    /// All implementations.
    pub(crate) const ALL: [Self; 3] = [Self::Wasm, Self::WebCrypto, Self::Jose];

    /// The name that the page knows it by.
    fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::WebCrypto => "webcrypto",
            Self::Jose => "jose",
        }
    }
}

/// Durations in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// The first verification of a page, including the one-time work for the key.
    pub(crate) first: f64,
    /// One of many later verifications.
    pub(crate) warm: f64,
}

/// A token issued by the sandbox, with what page.js needs to verify it.
pub(crate) async fn issue(application: &Application) -> Value {
    let mut input = None;
    application
        .setup(Grant::Implicit)
        .run(async |world: &World| {
            world.visit("/").await;
            let now = "return Date.now()";
            let requested_at = world.browser.script(now, vec![]).await;
            world.connect().await;
            let keys = "return fetch(arguments[0]).then(response => response.text())";
            let uri = json!(world.sandbox.jwks_uri());
            let token = world.stored_token().await;
            let head = "return JSON.parse(atob(arguments[0].split('.')[0])).kid";
            input = Some(json!({
                "keys": world.browser.script(keys, vec![uri]).await,
                "keyId": world.browser.script(head, vec![json!(token)]).await,
                "issuer": world.sandbox.issuer(),
                "audience": world.sandbox.api_base_url(),
                "clientId": CLIENT_ID,
                "requestedAt": requested_at,
                "token": token,
            }));
        })
        .await;
    input.expect("the visit is complete")
}

/// Times one implementation in a separate browser.
pub(crate) async fn time_verifications(
    folder: &Path,
    way: Way,
    speed: Speed,
    input: &Value,
) -> Timing {
    let mut timing = None;
    let dist = Dist {
        folder: folder.to_owned(),
        base: "/",
    };
    Setup::new()
        .dist(dist)
        .run(async |world: &World| {
            speed.throttle(&world.browser).await;
            world.visit(&format!("/?{}", way.name())).await;
            let ready = "return typeof measure";
            eventually("a page that can verify", async || {
                let seen = world.browser.script(ready, vec![]).await;
                (seen == "function").then_some(()).ok_or(seen.to_string())
            })
            .await;
            let measure = "return measure(arguments[0], arguments[1])";
            let arguments = vec![input.clone(), json!(MANY)];
            let measured = world.browser.script(measure, arguments).await;
            let millis = |name: &str| measured[name].as_f64().expect("page.js returns numbers");
            timing = Some(Timing {
                first: millis("first"),
                warm: millis("warm"),
            });
        })
        .await;
    timing.expect("the visit is complete")
}
