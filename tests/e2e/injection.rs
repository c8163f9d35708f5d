//! Responses crafted by somebody else: a code from another session, a token where a code is
//! expected, and vice versa. Neither grant can be turned into the other.

use crate::callback::{assert_clean_address, state_of_last_request};
use crate::pages::open_fresh;
use cc_connect_e2e::{Config, Grant, Setup, World, holds_for, with_both_grants};
use cc_connect_sandbox::Scenario;
use serde_json::{Value, json};
use std::time::Duration;

with_both_grants!(
    an_answer_of_the_other_grant_is_refused,
    an_answer_to_a_request_of_the_other_grant_is_refused,
    a_registration_for_the_other_grant_is_an_error_and_nothing_else_is_tried;
    code:
    a_code_of_another_session_is_refused,
    a_code_with_another_verifier_is_refused,
    a_code_without_a_verifier_is_not_sent,
    a_code_that_the_endpoint_wants_elsewhere_stays_here,
);

/// Requests an authorization, and stops at the authorization server's page.
async fn request_authorization(world: &World) -> String {
    world.visit("/").await;
    world.wait_for_session("not-connected").await;
    world.click_button("Connect Constant Contact").await;
    world.wait_for_authorization_server().await;
    state_of_last_request(world)
}

async fn assert_refused(world: &World, code: &str) {
    world.wait_for_alert(code).await;
    world.wait_for_session("not-connected").await;
    assert_clean_address(world).await;
    assert_eq!(world.stored("cc-connect/session").await, None);
    assert!(world.api_requests().is_empty());
}

/// The response has the state of our request, but contains something that was not requested.
///
/// Rule (The code): A token where a code was requested, or a code where a token was, is rejected:
/// there is no fallback → `response_type_mismatch`
async fn an_answer_of_the_other_grant_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            // A genuine token for another request, and something shaped like a code.
            for _ in 0..2 {
                let state = request_authorization(world).await;
                let answer = match world.grant {
                    Grant::Implicit => format!("/callback?code=7f0c2a4e5b1d4c8e&state={state}"),
                    Grant::Code => format!(
                        "/callback#access_token=a.b.c&token_type=Bearer&expires_in=60&state={state}"
                    ),
                };
                open_fresh(world, &answer).await;
                assert_refused(world, "response_type_mismatch").await;
                assert!(world.token_requests().is_empty());
                assert!(world.pending().await.is_empty(), "the request is used up");
            }
            // The configured grant still works.
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// The settings change while the user is away, and the response has the old form.
///
/// Rule (The code): A token where a code was requested, or a code where a token was, is rejected:
/// there is no fallback → `response_type_mismatch`
async fn an_answer_to_a_request_of_the_other_grant_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            request_authorization(world).await;
            let settings = world.sandbox.config_json(world.grant.client_id());
            let mut settings: Value = serde_json::from_str(&settings).unwrap();
            match world.grant {
                Grant::Implicit => {
                    settings["response_type"] = json!("code");
                    settings["token_endpoint"] = json!(world.sandbox.token_endpoint());
                }
                Grant::Code => {
                    settings.as_object_mut().unwrap().remove("response_type");
                    settings.as_object_mut().unwrap().remove("token_endpoint");
                }
            }
            world.host.set_config(Config::Json(settings));
            world.allow().await;
            // The request's record names the grant it was made for.
            assert_refused(world, "configuration_changed").await;
            assert!(world.token_requests().is_empty());
        })
        .await;
}

/// The application is registered for one grant and configured for the other.
///
/// Rule (The code): A token where a code was requested, or a code where a token was, is rejected:
/// there is no fallback → `response_type_mismatch`
async fn a_registration_for_the_other_grant_is_an_error_and_nothing_else_is_tried(setup: Setup) {
    setup
        .run(async |world: &World| {
            let (ours, other) = match world.grant {
                Grant::Implicit => (Grant::Implicit, Grant::Code),
                Grant::Code => (Grant::Code, Grant::Implicit),
            };
            let redirect_uri = world.host.redirect_uri();
            world
                .sandbox
                .register_redirect_uri(other.client_id(), &redirect_uri);
            let settings = world.sandbox.config_json(ours.client_id());
            let settings = settings.replace(ours.client_id(), other.client_id());
            world.host.set_config(Config::Text(settings));
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            assert_refused(world, "unsupported_response_type").await;
            holds_for(Duration::from_secs(3), "one attempt", async || match world
                .authorization_requests()
                .len()
            {
                1 => Ok(()),
                number => Err(format!("{number} requests")),
            })
            .await;
            let request = &world.authorization_requests()[0];
            let parameter = |name: &str| {
                let found = request.iter().find(|(of, _)| of == name);
                found.map(|(_, value)| value.as_str())
            };
            let (response_type, method) = match world.grant {
                Grant::Implicit => ("token", None),
                Grant::Code => ("code", Some("S256")),
            };
            assert_eq!(parameter("response_type"), Some(response_type));
            assert_eq!(parameter("code_challenge_method"), method);
            assert!(world.token_requests().is_empty());
        })
        .await;
}

/// The user is led to the redirection endpoint with the attacker's code and their own `state`: the
/// code was issued for a different challenge.
///
/// Rule (The code): A code is requested with the S256 challenge of a verifier of 256 random bits
/// that stays in this tab (RFC 7636 §4.1, §4.2); never with `plain`, and never without a challenge
async fn a_code_of_another_session_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            // The attacker's browser never exchanges its code.
            world.browser.block(&["*/v1/token"]).await;
            request_authorization(world).await;
            world.allow().await;
            world.wait_for_alert("token_endpoint_unreachable").await;
            let code = code_at_host(world);
            assert!(world.token_requests().is_empty());

            let attacker = world.browser.open_tab().await;
            world.browser.switch_to(attacker).await;
            world.browser.close_tab().await;
            let tabs = world.browser.tabs().await;
            world.browser.switch_to(tabs[0].clone()).await;
            let state = request_authorization(world).await;
            open_fresh(world, &format!("/callback?code={code}&state={state}")).await;
            assert_refused(world, "invalid_grant").await;
            assert_eq!(world.sent_to_token_endpoint("code"), [code]);
        })
        .await;
}

/// The code in the last response, as the host received it.
fn code_at_host(world: &World) -> String {
    let requests = world.host.requests();
    let mut answers = requests.iter().filter_map(|request| {
        let query = request.target.strip_prefix("/callback?")?;
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        parameters.find(|(name, _)| name == "code")
    });
    answers.next_back().expect("a code came").1.into_owned()
}

/// Changes or removes a member of the pending request's record.
async fn change_pending(world: &World, member: &str, value: Value) {
    world.browser.back().await;
    world.wait_for_session("not-connected").await;
    let change =
        "const [key] = Object.keys(sessionStorage).filter(key => key.includes('/pending/'));
        const record = JSON.parse(sessionStorage[key]);
        const before = record[arguments[0]];
        if (arguments[1] === null) delete record[arguments[0]];
        else record[arguments[0]] = arguments[1];
        sessionStorage[key] = JSON.stringify(record);
        return before";
    let arguments = vec![json!(member), value];
    let before = world.browser.script(change, arguments).await;
    assert!(before.is_string(), "there was a {member}");
    world.browser.forward().await;
}

/// Rule (The code): A code is requested with the S256 challenge of a verifier of 256 random bits
/// that stays in this tab (RFC 7636 §4.1, §4.2); never with `plain`, and never without a challenge
async fn a_code_with_another_verifier_is_refused(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            request_authorization(world).await;
            let other = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
            change_pending(world, "code_verifier", json!(other)).await;
            world.allow().await;
            assert_refused(world, "invalid_grant").await;
            assert_eq!(world.sent_to_token_endpoint("code_verifier"), [other]);
        })
        .await;
}

/// Rule (The code): A code is requested with the S256 challenge of a verifier of 256 random bits
/// that stays in this tab (RFC 7636 §4.1, §4.2); never with `plain`, and never without a challenge
async fn a_code_without_a_verifier_is_not_sent(setup: Setup) {
    setup
        .run(async |world: &World| {
            request_authorization(world).await;
            change_pending(world, "code_verifier", Value::Null).await;
            world.allow().await;
            assert_refused(world, "configuration_changed").await;
            assert!(world.token_requests().is_empty());
        })
        .await;
}

/// Rule (The code): A code is sent once, with the verifier of its request, to the configured token
/// endpoint
async fn a_code_that_the_endpoint_wants_elsewhere_stays_here(setup: Setup) {
    setup
        .scenario(Scenario::TokenRedirect)
        .run(async |world: &World| {
            world.expect_failed_requests();
            request_authorization(world).await;
            world.allow().await;
            assert_refused(world, "token_endpoint_unreachable").await;
            assert_eq!(world.sandbox.requests_to_the_attacker(), []);
            assert_eq!(world.token_requests().len(), 1);
        })
        .await;
}
