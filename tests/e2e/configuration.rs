//! Deployment settings and mistakes in them.

use cc_connect_e2e::{CLIENT_ID, Config, Role, Setup, World};
use serde_json::json;

async fn mistakes(world: &World) -> Vec<String> {
    world.wait_for_alert("config_mistakes").await;
    world
        .browser
        .attributes("[data-code=config_mistakes] li[data-code]", "data-code")
        .await
}

/// Rule (The request): A wrong setting stops everything and is reported; so is a file that cannot
/// be parsed, with the line or its encoding
#[tokio::test]
async fn every_mistake_is_explained_at_once() {
    let settings = json!({
        "client_id": "",
        "redirect_uri": "http://localhost/callback#here",
        "scope": "account_read,contact_data",
        "authorization_endpoint": "http://authz.example.com/authorize",
        "issuer": "not a URL",
        "jwks_uri": 5,
        "api_base_url": "https://api.example.com/v3/",
        "token_storage": "cookie",
        "reauthorise": "automatic",
    });
    Setup::new()
        .config(Config::Json(settings))
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_heading("The settings need attention").await;
            let mut codes = mistakes(world).await;
            codes.sort();
            codes.dedup();
            assert_eq!(
                codes,
                [
                    "empty",
                    "has_fragment",
                    "not_a_url",
                    "not_https",
                    "not_one_of",
                    "not_text",
                    "other_origin",
                    "scope_separators",
                    "trailing_slash",
                    "unknown_key",
                ]
            );
            let text = world.browser.text().await;
            let keys = [
                "client_id",
                "redirect_uri",
                "scope",
                "authorization_endpoint",
                "issuer",
                "jwks_uri",
                "api_base_url",
                "token_storage",
                "reauthorise",
            ];
            for key in keys {
                assert!(text.contains(key), "{key} is not named in:\n{text}");
            }
            let instead = "account_read contact_data";
            assert!(text.contains(instead), "what to write instead:\n{text}");
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Rule (The request): A wrong setting stops everything and is reported; so is a file that cannot
/// be parsed, with the line or its encoding
#[tokio::test]
async fn one_mistake_is_enough_to_stop() {
    let cases = [
        ("clientid", json!("x"), "unknown_key"),
        ("jwks_uri", json!("/keys"), "not_a_url"),
        (
            "api_base_url",
            json!("http://api.example.com/v3"),
            "not_https",
        ),
        (
            "redirect_uri",
            json!("https://elsewhere.example/callback"),
            "other_origin",
        ),
        (
            "scope",
            json!("account_read, contact_data"),
            "scope_separators",
        ),
        ("reauthorize", json!("always"), "not_one_of"),
        ("response_type", json!("code token"), "not_one_of"),
        (
            "token_endpoint",
            json!("http://authz.example.com/token"),
            "not_https",
        ),
    ];
    Setup::new()
        .run(async |world: &World| {
            for (name, value, code) in &cases {
                let mut settings = json!({"client_id": CLIENT_ID});
                settings[*name] = value.clone();
                world.host.set_config(Config::Json(settings));
                world.visit("/").await;
                assert_eq!(mistakes(world).await, [*code], "{name}");
                let buttons = world.browser.names(Role::Button).await;
                let connect = |name: &String| name == "Connect Constant Contact";
                assert!(!buttons.iter().any(connect), "{name}");
            }
            // C4: a browser spells it differently, which is reported.
            let spelled = world.host.redirect_uri();
            let written = spelled.replace("http://localhost", "HTTP://LocalHost");
            assert_ne!(spelled, written);
            let settings = json!({"client_id": CLIENT_ID, "redirect_uri": written});
            world.host.set_config(Config::Json(settings));
            world.visit("/").await;
            assert_eq!(mistakes(world).await, ["other_spelling"]);
            world.browser.wait_for_text(&format!("\"{spelled}\"")).await;
        })
        .await;
}

#[tokio::test]
async fn without_a_client_id_the_page_says_how_to_set_it_up() {
    for settings in [json!({}), json!({"client_id": ""})] {
        Setup::new()
            .config(Config::Json(settings))
            .run(async |world: &World| {
                world.visit("/").await;
                world.wait_for_heading("Set up").await;
                let text = world.browser.text().await;
                let redirect_uri = world.host.redirect_uri();
                assert!(text.contains(&redirect_uri), "{redirect_uri} in:\n{text}");
                for shown in [
                    "Proof Key for Code Exchange (PKCE) Flow",
                    "Authorization Code Flow and Implicit Flow",
                    "response_type",
                    "config.json",
                    "client_id",
                ] {
                    assert!(text.contains(shown), "{shown:?} in:\n{text}");
                }
                assert!(world.alerts().await.is_empty(), "nothing is wrong yet");
                let buttons = world.browser.names(Role::Button).await;
                let copies = buttons.iter().any(|name| name.contains("Copy"));
                assert!(copies, "a button to copy the redirect URI: {buttons:?}");
            })
            .await;
    }
}

/// Rule (The request): The redirect URI is the configured one, character by character: on the
/// page's own origin, without query and fragment
#[tokio::test]
async fn the_redirect_uri_is_copied_exactly() {
    Setup::new()
        .config(Config::Json(json!({})))
        .run(async |world: &World| {
            world.browser.allow_clipboard(world.host.origin()).await;
            world.visit("/").await;
            world.wait_for_heading("Set up").await;
            let buttons = world.browser.names(Role::Button).await;
            let copy = buttons
                .iter()
                .find(|name| name.contains("Copy") && name.to_lowercase().contains("redirect"))
                .unwrap_or_else(|| panic!("a button to copy the redirect URI: {buttons:?}"));
            world.click_button(copy).await;
            let redirect_uri = world.host.redirect_uri();
            cc_connect_e2e::eventually("the redirect URI in the clipboard", async || {
                let read = "return navigator.clipboard.readText()";
                let copied = world.browser.script(read, vec![]).await;
                let same = copied == json!(redirect_uri);
                same.then_some(()).ok_or(copied.to_string())
            })
            .await;
        })
        .await;
}

/// Rule (The request): A wrong setting stops everything and is reported; so is a file that cannot
/// be parsed, with the line or its encoding
#[tokio::test]
async fn a_configuration_that_cannot_be_read_is_explained() {
    let cases = [
        (Config::Missing, "config_unreachable"),
        (Config::Html, "config_malformed"),
        (
            Config::Text("{\"client_id\": \"a\",}".into()),
            "config_malformed",
        ),
        (
            Config::Text("{\n  // mine\n  \"client_id\": \"a\"\n}".into()),
            "config_malformed",
        ),
        (Config::Text(String::new()), "config_malformed"),
        (Config::Text("[]".into()), "config_malformed"),
        (
            Config::Text("{\"client_id\": \"a\", \"client_id\": \"b\"}".into()),
            "config_malformed",
        ),
    ];
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            for (config, code) in &cases {
                let shown = format!("{config:?}");
                world.host.set_config(config.clone());
                world.visit("/").await;
                assert_eq!(world.alert_code().await, *code, "{shown}");
                world.wait_for_session("not-connected").await;
                // N8: the line and its text.
                if shown.contains("mine") {
                    world.browser.wait_for_text("Line 2 reads: // mine").await;
                }
            }
        })
        .await;
}

#[tokio::test]
async fn a_configuration_with_a_byte_order_mark_is_read() {
    Setup::new()
        .run(async |world: &World| {
            let settings = world.sandbox.config_json(CLIENT_ID);
            let settings = format!("\u{feff}{settings}");
            world.host.set_config(Config::Text(settings));
            world.connect().await;
        })
        .await;
}

/// S2: endpoints with a query of their own are called with it, and the user is connected without a
/// notice.
///
/// Rule (The request): An endpoint's own query is kept, and may not have a parameter that requests
/// add (RFC 6749 §3.1, §3.2)
#[tokio::test]
async fn an_endpoint_with_a_query_is_asked_with_it() {
    Setup::new()
        .with_code()
        .run(async |world: &World| {
            let settings = world.sandbox.config_json(world.grant.client_id());
            let mut settings: serde_json::Value =
                serde_json::from_str(&settings).expect("the sandbox writes JSON");
            for key in ["authorization_endpoint", "token_endpoint"] {
                let url = settings[key].as_str().expect("an address is a text");
                settings[key] = json!(format!("{url}?resource=x"));
            }
            world.host.set_config(Config::Json(settings));
            world.connect().await;
            let asked = |path: &str| {
                let requests = world.sandbox.requests().into_iter();
                let mut requests = requests.filter(|request| request.path.ends_with(path));
                requests.any(|request| request.query.starts_with("resource=x"))
            };
            assert!(asked("/authorize") && asked("/token"));
            let notices = world.browser.attributes(".notice", "data-code").await;
            assert!(notices.is_empty(), "{notices:?}");
        })
        .await;
}

#[tokio::test]
async fn without_the_sandbox_there_is_no_banner() {
    Setup::new()
        .config(Config::Json(json!({"client_id": CLIENT_ID})))
        .run(async |world: &World| {
            world.visit("/").await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
            let text = world.browser.text().await;
            assert!(!text.contains("Sandbox: nothing here is real."));
        })
        .await;
}
