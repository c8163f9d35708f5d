//! The app's state, read from the page as its contract for automation promises.

use crate::browser::Role;
use crate::wait::eventually;
use crate::world::{Grant, World};
use cc_connect_sandbox::RecordedRequest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Display;

/// The prefix of the sessionStorage keys of pending authorizations.
pub const PENDING_PREFIX: &str = "cc-connect/pending/";

const ALERTS: &str = ".alert[data-code]";
const NOTICES: &str = ".notice[data-code]";

/// What [`World::glance`] sees.
const GLANCE: &str =
    "const all = (selector, of) => [...document.querySelectorAll(selector)].map(of);
    const shown = e => e.getClientRects().length > 0;
    const codes = selector => all(selector, e => e).filter(shown).map(e => e.dataset.code);
    // The first paint stands in the document itself, before the app has started. There it
    // starts when the pointer reaches a link.
    const started = !document.querySelector('.first-connect, .first-quiet');
    if (!started) {
        const over = new PointerEvent('pointerover', {bubbles: true});
        document.querySelector('.footer a')?.dispatchEvent(over);
    }
    return {
        session: document.documentElement.dataset.session ?? null,
        started,
        headings: all('h1', e => e).filter(shown).map(e => e.innerText.trim()),
        alerts: codes(arguments[0]),
        notices: codes(arguments[1]),
        at: location.origin + location.pathname,
    }";

impl World {
    /// Opens a route of the app.
    pub async fn visit(&self, route: &str) {
        self.browser.goto(&self.host.url(route)).await;
    }

    /// Clicks the button with this accessible name.
    pub async fn click_button(&self, name: &str) {
        self.browser.click(Role::Button, name).await;
    }

    /// Clicks the link with this accessible name.
    pub async fn click_link(&self, name: &str) {
        self.browser.click(Role::Link, name).await;
    }

    /// Goes from the first page to a connection.
    pub async fn connect(&self) {
        self.visit("/").await;
        self.click_button("Connect Constant Contact").await;
        self.allow().await;
        self.wait_for_session("connected").await;
    }

    /// Disconnects through the app's interface.
    pub async fn disconnect(&self) {
        self.click_link("Connection").await;
        self.click_button("Disconnect").await;
        self.wait_for_session("not-connected").await;
    }

    /// On the authorization server's pages: signs in, unless already signed in, and allows.
    pub async fn allow(&self) {
        self.sign_in().await;
        self.click_button("Allow").await;
    }

    /// Signs in, unless already signed in, and waits for the consent page.
    pub async fn sign_in(&self) {
        let asks = eventually("a page that asks the user something", async || {
            let names = self.browser.names(Role::Button).await;
            let question = |name: &&String| *name == "Sign in" || *name == "Allow";
            let asks = names.iter().find(question).cloned();
            asks.ok_or(format!("{names:?}"))
        })
        .await;
        if asks == "Sign in" {
            self.click_button("Sign in").await;
        }
        self.browser.wait_for(Role::Button, "Allow").await;
    }

    /// Like [`World::allow`], with this login name, even if another user is signed in.
    pub async fn allow_as(&self, login: &str) {
        let other = eventually("a page on which to sign in as somebody else", async || {
            let names = self.browser.names(Role::Link).await;
            let way = |name: &&String| *name == login || *name == "Use another account";
            let other = names.iter().find(way).cloned();
            other.ok_or(format!("{names:?}"))
        })
        .await;
        self.click_link(&other).await;
        if other != login {
            self.browser.wait_for(Role::Button, "Sign in").await;
            let filled_in = "return document.getElementById('username').value";
            if self.browser.script(filled_in, vec![]).await != json!(login) {
                self.click_link(login).await;
            }
        }
        eventually(format!("{login:?} filled in"), async || {
            let filled_in = "return document.getElementById('username')?.value ?? null";
            let seen = self.browser.try_script(filled_in, vec![]).await?;
            (seen == json!(login)).then_some(()).ok_or(seen.to_string())
        })
        .await;
        self.click_button("Sign in").await;
        self.click_button("Allow").await;
    }

    /// The paths of all API requests, except CORS preflights.
    pub fn api_requests(&self) -> Vec<String> {
        let requests = self.sandbox.requests().into_iter();
        let to_api = requests
            .filter(|request| request.path.starts_with("/v3/") && request.method != "OPTIONS");
        to_api.map(|request| request.path).collect()
    }

    /// Waits until the browser is on a page of the authorization server.
    pub async fn wait_for_authorization_server(&self) {
        let origin = self.sandbox.origin();
        eventually("the authorization server's page", async || {
            let at = self.browser.url().await.origin().ascii_serialization();
            if at == origin { Ok(()) } else { Err(at) }
        })
        .await;
    }

    /// The authorization requests received by the sandbox, each as its parameters.
    pub fn authorization_requests(&self) -> Vec<Vec<(String, String)>> {
        let path = path_of(&self.sandbox.authorization_endpoint());
        let requests = self.sandbox.requests();
        let asked = requests
            .iter()
            .filter(|request| request.method == "GET" && request.path == path);
        asked
            .map(|request| {
                form_urlencoded::parse(request.query.as_bytes())
                    .into_owned()
                    .collect()
            })
            .collect()
    }

    /// The token endpoint requests received by the sandbox, each as its parameters.
    pub fn token_requests(&self) -> Vec<BTreeMap<String, String>> {
        let path = path_of(&self.sandbox.token_endpoint());
        let requests = self.sandbox.requests();
        let asked = requests
            .iter()
            .filter(|request| request.method == "POST" && request.path == path);
        asked
            .map(|request| {
                form_urlencoded::parse(request.body.as_bytes())
                    .into_owned()
                    .collect()
            })
            .collect()
    }

    /// The values of a parameter in all requests to the token endpoint.
    pub fn sent_to_token_endpoint(&self, name: &str) -> Vec<String> {
        let requests = self.token_requests().into_iter();
        requests
            .filter_map(|mut request| request.remove(name))
            .collect()
    }

    /// The route of an authorization response, with a token or a code.
    pub fn response_route(&self, credential: &str, state: &str) -> String {
        match self.grant {
            Grant::Implicit => format!(
                "/callback#access_token={credential}&token_type=Bearer&expires_in=28800&state={state}"
            ),
            Grant::Code => format!("/callback?code={credential}&state={state}"),
        }
    }

    /// How many times the JWK Set was requested.
    pub fn key_requests(&self) -> usize {
        let path = path_of(&self.sandbox.jwks_uri());
        let requests = self.sandbox.requests();
        let asked = |request: &&RecordedRequest| request.method == "GET" && request.path == path;
        requests.iter().filter(asked).count()
    }

    /// Waits until the app has started and the page's `data-session` is `state`.
    pub async fn wait_for_session(&self, state: &str) {
        self.watch_glance(format!("data-session {state:?}"), |seen| {
            (seen["started"] == json!(true) && seen["session"] == json!(state)).then_some(())
        })
        .await;
    }

    /// Waits until the page's only `h1` has this text.
    pub async fn wait_for_heading(&self, heading: &str) {
        self.watch_glance(format!("the heading {heading:?}"), |seen| {
            (seen["headings"] == json!([heading])).then_some(())
        })
        .await;
    }

    /// Waits until the page has finished loading its data.
    pub async fn wait_until_loaded(&self) {
        let busy =
            "return [...document.querySelectorAll('[aria-busy=true]')].map(e => e.innerText)";
        let what = "a page that waits for nothing";
        let judge = |busy: &Value| (*busy == json!([])).then_some(()).ok_or(busy.to_string());
        self.browser.watch(what, busy, &[], judge).await;
    }

    /// Waits for an error and returns its code.
    pub async fn alert_code(&self) -> String {
        self.watch_glance("an alert with a code", |seen| {
            seen["alerts"].get(0)?.as_str().map(str::to_owned)
        })
        .await
    }

    /// Waits for an error with this code.
    pub async fn wait_for_alert(&self, code: &str) {
        self.wait_for_code("alerts", code).await;
    }

    /// Waits for a notice with this code.
    pub async fn wait_for_notice(&self, code: &str) {
        self.wait_for_code("notices", code).await;
    }

    async fn wait_for_code(&self, kind: &str, code: &str) {
        self.watch_glance(format!("{code:?} among the {kind}"), |seen| {
            let codes = seen[kind].as_array()?;
            codes.contains(&json!(code)).then_some(())
        })
        .await;
    }

    /// Waits until `find` finds something in what [`World::glance`] sees.
    async fn watch_glance<T>(&self, what: impl Display, find: impl Fn(&Value) -> Option<T>) -> T {
        let judge = |seen: &Value| find(seen).ok_or_else(|| seen.to_string());
        let kinds = [json!(ALERTS), json!(NOTICES)];
        self.browser.watch(what, GLANCE, &kinds, judge).await
    }

    /// The codes of the errors that the page shows now.
    pub async fn alerts(&self) -> Vec<String> {
        self.codes("alerts").await
    }

    /// The codes of all notices on the page.
    pub async fn notices(&self) -> Vec<String> {
        self.codes("notices").await
    }

    async fn codes(&self, kind: &str) -> Vec<String> {
        let seen = self.glance().await.expect("the page responds");
        serde_json::from_value(seen[kind].clone()).expect("codes are strings")
    }

    /// The page's session state, headings and codes, for comparisons and messages.
    pub async fn glance(&self) -> Result<Value, String> {
        self.browser
            .try_script(GLANCE, vec![json!(ALERTS), json!(NOTICES)])
            .await
    }

    /// The keys of sessionStorage (`"sessionStorage"`) or localStorage, in order.
    pub async fn stored_keys(&self, storage: &str) -> Vec<String> {
        let keys = "return Object.keys(window[arguments[0]]).sort()";
        let keys = self.browser.script(keys, vec![json!(storage)]).await;
        serde_json::from_value(keys).expect("keys are strings")
    }

    /// The value of a key of sessionStorage.
    pub async fn stored(&self, key: &str) -> Option<String> {
        let item = "return sessionStorage.getItem(arguments[0])";
        let item = self.browser.script(item, vec![json!(key)]).await;
        item.as_str().map(str::to_owned)
    }

    /// The keys of the pending authorizations in sessionStorage.
    pub async fn pending(&self) -> Vec<String> {
        let keys = self.stored_keys("sessionStorage").await;
        let pending = |key: &String| key.starts_with(PENDING_PREFIX);
        keys.into_iter().filter(pending).collect()
    }

    /// The access token of the stored session.
    pub async fn stored_token(&self) -> String {
        let session = self
            .stored("cc-connect/session")
            .await
            .expect("a connected session is stored");
        let session: Value = serde_json::from_str(&session).expect("it is stored as JSON");
        token_in(&session).expect("the stored session holds the token")
    }
}

fn path_of(url: &str) -> String {
    let url = url::Url::parse(url).expect("the sandbox's addresses are absolute");
    url.path().to_owned()
}

/// The first string shaped like a token, at any depth.
fn token_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if crate::looks_like_a_token(text) => Some(text.clone()),
        Value::Array(items) => items.iter().find_map(token_in),
        Value::Object(members) => members.values().find_map(token_in),
        _ => None,
    }
}
