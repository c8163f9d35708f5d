//! Where the access token goes, and where it must not go.

use cc_connect_e2e::{Grant, Role, Setup, World, eventually, in_every_way};
use cc_connect_sandbox::Scenario;
use serde_json::json;

in_every_way!(
    the_bearer_token_goes_to_the_api_and_nowhere_else,
    requests_carry_no_more_headers_than_needed,
    the_document_never_holds_the_token,
    no_secret_is_anywhere_but_where_it_belongs,
);

/// Rule (Requests with the token): Requests go to the configured API: a request has a path and no
/// host
///
/// Rule (Requests with the token): The token is sent in the header (RFC 6750 §2.1), never in a URL
/// or a body
async fn the_bearer_token_goes_to_the_api_and_nowhere_else(setup: Setup) {
    setup
        .run(async |world: &World| {
            whole_visit(world).await;
            let token = world.stored_token().await;
            let mut authorized = 0;
            for request in world.sandbox.requests() {
                let to_api = request.path.starts_with("/v3/");
                let bearer = request.header("authorization");
                assert!(!request.query.contains(&token) && !request.body.contains(&token));
                match bearer {
                    Some(value) => {
                        assert!(to_api, "a token was sent to {}", request.path);
                        assert_eq!(value, format!("Bearer {token}"));
                        authorized += 1;
                    }
                    None => assert!(
                        !to_api || request.method == "OPTIONS",
                        "{} {} without a token",
                        request.method,
                        request.path
                    ),
                }
            }
            assert!(authorized > 0);
            for request in world.host.requests() {
                let told = request.target.contains(&token)
                    || request
                        .headers
                        .iter()
                        .any(|(_, value)| value.contains(&token));
                assert!(!told, "the token was sent to the host: {}", request.target);
            }
        })
        .await;
}

/// Rule (The key set): It is fetched from the one configured address, with no cookie, referrer or
/// header of ours, and no redirect
///
/// Rule (Requests with the token): Requests carry no cookie, no referrer and no other header
async fn requests_carry_no_more_headers_than_needed(setup: Setup) {
    setup
        .run(async |world: &World| {
            whole_visit(world).await;
            for request in world.sandbox.requests() {
                let to_token_endpoint = request.path.ends_with("/v1/token");
                let from_page = to_token_endpoint
                    || request.path.starts_with("/v3/")
                    || request.path.ends_with("/keys");
                if !from_page {
                    continue;
                }
                if to_token_endpoint {
                    assert_eq!(request.method, "POST", "a form needs no preflight");
                    let form = Some("application/x-www-form-urlencoded");
                    assert_eq!(request.header("content-type"), form);
                    assert_eq!(request.header("authorization"), None, "there is no secret");
                    assert_eq!(request.query, "");
                }
                for name in ["cookie", "referer", "x-requested-with"] {
                    let value = request.header(name);
                    assert_eq!(value, None, "{name} was sent to {}", request.path);
                }
                if let Some(names) = request.header("access-control-request-headers") {
                    let allowed = names
                        .split(',')
                        .all(|name| ["authorization", "content-type"].contains(&name.trim()));
                    assert!(allowed, "{names} to {}", request.path);
                }
                if request.path.ends_with("/keys") {
                    assert_eq!(request.method, "GET", "the keys need no preflight");
                }
            }
            // One request per code, and none without a code.
            let asked = world.token_requests();
            match world.grant {
                Grant::Implicit => assert!(asked.is_empty()),
                Grant::Code => {
                    assert_eq!(asked.len(), 1);
                    let names: Vec<&str> = asked[0].keys().map(String::as_str).collect();
                    let expected = [
                        "client_id",
                        "code",
                        "code_verifier",
                        "grant_type",
                        "redirect_uri",
                    ];
                    assert_eq!(names, expected);
                }
            }
        })
        .await;
}

/// Rule (Secrets): The document never holds the token
async fn the_document_never_holds_the_token(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_not_in_document(world, &token).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_not_in_document(world, &token).await;
            world.click_button("Copy access token").await;
            world.browser.wait_for(Role::Button, "Copy it").await;
            assert_not_in_document(world, &token).await;
            world.click_button("Cancel").await;
            assert_not_in_document(world, &token).await;
        })
        .await;
}

/// Neither in the document, nor in a field, nor in anything a script can read of its address.
async fn assert_not_in_document(world: &World, token: &str) {
    let everything = "const fields = [...document.querySelectorAll('input, textarea')];
        return [
            document.documentElement.outerHTML, document.title, document.cookie,
            location.href, document.referrer, window.name, JSON.stringify(history.state),
            JSON.stringify({...localStorage}), ...fields.map(field => field.value),
        ].join(' ')";
    let everything = world.browser.script(everything, vec![]).await.to_string();
    let signature = token.rsplit('.').next().expect("three parts");
    for part in [token, signature] {
        assert!(
            !everything.contains(part),
            "a part of the token is readable"
        );
    }
}

/// Reads the clipboard, which only Chromium supports.
mod clipboard {
    use super::the_token_is_copied_only_on_an_explicit_wish;

    cc_connect_e2e::with_both_grants!(the_token_is_copied_only_on_an_explicit_wish);
}

/// Rule (Secrets): The document never holds the token
async fn the_token_is_copied_only_on_an_explicit_wish(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.browser.allow_clipboard(world.host.origin()).await;
            world.connect().await;
            let token = world.stored_token().await;
            world.click_link("Connection").await;
            world.click_button("Copy access token").await;
            world.click_button("Copy it").await;
            eventually("the token in the clipboard", async || {
                let read = "return navigator.clipboard.readText()";
                let copied = world.browser.script(read, vec![]).await;
                (copied == json!(token))
                    .then_some(())
                    .ok_or("something else".into())
            })
            .await;
            assert_not_in_document(world, &token).await;
        })
        .await;
}

/// Both pages, a reload, and what the app does on the way.
async fn whole_visit(world: &World) {
    world.connect().await;
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.click_link("Connection").await;
    world.wait_for_heading("Connection").await;
    world.browser.reload().await;
    world.wait_for_session("connected").await;
    world.click_link("Overview").await;
    world.browser.wait_for_text("Bluebird Bakery").await;
}

/// The secrets to search for, in pieces: leaking part of one is a failure too.
struct Canaries {
    access_tokens: Vec<String>,
    /// Sent only to the token endpoint, with the code grant.
    codes: Vec<String>,
    refresh_tokens: Vec<String>,
    /// Pieces of them.
    id_tokens: Vec<String>,
    verifiers: Vec<String>,
    states_and_nonces: Vec<String>,
}

impl Canaries {
    /// Collects every secret received, whatever the app did with it, and every one sent.
    async fn collect(world: &World, elsewhere: Vec<(String, String)>) -> Self {
        let came = [came_to_this_tab(world).await, elsewhere].concat();
        let came = |kind: &str| -> Vec<String> {
            let of_kind = came.iter().filter(|(of, _)| of == kind);
            of_kind.map(|(_, value)| value.clone()).collect()
        };
        let sent = world.authorization_requests().into_iter().flatten();
        let states_and_nonces = sent
            .filter(|(name, _)| name == "state" || name == "nonce")
            .map(|(_, value)| value);
        let access_tokens = came("access_token");
        // A part shared with an access token, such as the header, does not identify an ID token.
        let shared = |piece: &str| access_tokens.iter().any(|token| token.contains(piece));
        let id_tokens = came("id_token")
            .iter()
            .flat_map(|token| pieces(token).map(str::to_owned).collect::<Vec<_>>())
            .filter(|piece| !shared(piece))
            .collect();
        Self {
            codes: came("code"),
            refresh_tokens: came("refresh_token"),
            id_tokens,
            access_tokens,
            verifiers: world.sent_to_token_endpoint("code_verifier"),
            states_and_nonces: states_and_nonces.collect(),
        }
    }

    /// Secrets that only token endpoint requests may contain, with their names.
    fn for_the_token_endpoint(&self) -> [(&'static str, &Vec<String>); 4] {
        [
            ("a code", &self.codes),
            ("a refresh token", &self.refresh_tokens),
            ("an ID token", &self.id_tokens),
            ("a code verifier", &self.verifiers),
        ]
    }

    fn holds_token(&self, text: &str) -> bool {
        let tokens = &self.access_tokens;
        tokens.iter().any(|token| holds_piece(text, token))
    }

    fn holds_state_or_nonce(&self, text: &str) -> bool {
        let values = &self.states_and_nonces;
        values.iter().any(|value| holds_piece(text, value))
    }

    fn assert_in_none(&self, where_it_is: &str, text: &str) {
        // Without the text itself, which would put the secret into the report.
        assert!(!self.holds_token(text), "a token is in {where_it_is}");
        let told = self.holds_state_or_nonce(text);
        assert!(!told, "a state or a nonce is in {where_it_is}");
        self.assert_nothing_for_the_token_endpoint(where_it_is, text);
    }

    fn assert_nothing_for_the_token_endpoint(&self, where_it_is: &str, text: &str) {
        for (name, values) in self.for_the_token_endpoint() {
            let told = values.iter().any(|value| holds_piece(text, value));
            assert!(!told, "{name} is in {where_it_is}");
        }
    }
}

/// Every secret that reached this tab, with its name.
async fn came_to_this_tab(world: &World) -> Vec<(String, String)> {
    let came = "return Object.entries(sessionStorage)
        .filter(([key]) => key.startsWith('canary/'))
        .map(([key, value]) => [key.split('/')[1], value])";
    let came = world.browser.script(came, vec![]).await;
    serde_json::from_value(came).expect("secrets are strings")
}

/// Whether `text` contains 20 characters of `secret` that start at a multiple of 20.
fn holds_piece(text: &str, secret: &str) -> bool {
    pieces(secret).any(|piece| text.contains(piece))
}

fn pieces(secret: &str) -> impl Iterator<Item = &str> {
    let pieces = secret.as_bytes().chunks_exact(20);
    pieces.map(|piece| std::str::from_utf8(piece).expect("base64url is ASCII"))
}

const RECORDER: &str = include_str!("recorder.js");

/// Rule (Secrets): Token, `state` and `nonce` appear only where they belong: not in the document,
/// the console, a URL, the history, localStorage, a message between tabs, or any request but in the
/// one header to the API
async fn no_secret_is_anywhere_but_where_it_belongs(setup: Setup) {
    setup
        .recording_requests()
        .asking_for_id_tokens()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.browser.at_document_start(RECORDER).await;
            let elsewhere = everything_a_person_does(world).await;

            let canaries = Canaries::collect(world, elsewhere).await;
            // Of six responses, one belongs to another request, and one is an error.
            let exchanged = [
                &canaries.codes,
                &canaries.verifiers,
                &canaries.refresh_tokens,
                &canaries.id_tokens,
            ];
            match world.grant {
                Grant::Implicit => {
                    assert_eq!(canaries.access_tokens.len(), 5, "each answer was seen");
                    assert!(exchanged.iter().all(|values| values.is_empty()));
                }
                // A code with a different state is not exchanged; one connection was renewed.
                Grant::Code => {
                    assert_eq!(canaries.codes.len(), 5, "each answer was seen");
                    assert_eq!(canaries.verifiers.len(), 4, "each exchange");
                    assert_eq!(canaries.access_tokens.len(), 5);
                    assert_eq!(canaries.refresh_tokens.len(), 5);
                    assert!(canaries.id_tokens.len() > 5 * 15, "five ID tokens");
                }
            }
            assert_eq!(canaries.states_and_nonces.len(), 2 * 6);

            assert_recorded_clean(world, &canaries).await;
            assert_requests_clean(world, &canaries).await;

            let left = "return Promise.all([
                document.documentElement.outerHTML, document.title, document.cookie,
                document.referrer, location.href, window.name, JSON.stringify(history.state),
                JSON.stringify({...localStorage}),
                indexedDB.databases().then(all => JSON.stringify(all)),
                ...performance.getEntriesByType('resource').map(entry => entry.name),
            ])";
            let left = world.browser.script(left, vec![]).await;
            for (place, text) in left.as_array().unwrap().iter().enumerate() {
                let text = text.as_str().unwrap_or_default();
                canaries.assert_in_none(&format!("place {place} of the page"), text);
            }
            for entry in world.browser.console().await {
                canaries.assert_in_none("the console", &entry.message);
            }
            let (history, _) = world.browser.history().await;
            for entry in history {
                assert!(!canaries.holds_token(&entry), "a token is in the history");
                canaries.assert_nothing_for_the_token_endpoint("the history", &entry);
                let asked = entry.contains(&world.sandbox.authorization_endpoint());
                assert!(asked || !canaries.holds_state_or_nonce(&entry));
            }
        })
        .await;
}

/// A leak into an attribute that lasts only a moment.
const LEAK: &str = "const leak = new URLSearchParams(location.hash.slice(1)).get('access_token');
    if (leak) addEventListener('DOMContentLoaded', () => {
        document.body.setAttribute('data-leak', leak.slice(100, 160));
        setTimeout(() => document.body.removeAttribute('data-leak'), 0);
    });";

#[tokio::test]
#[should_panic(expected = "a token is in document")]
async fn a_token_that_is_in_the_document_for_a_moment_is_found() {
    Setup::new()
        .failing_on_purpose()
        .run(async |world: &World| {
            world.browser.at_document_start(RECORDER).await;
            world.browser.at_document_start(LEAK).await;
            world.connect().await;
            let canaries = Canaries::collect(world, vec![]).await;
            assert_recorded_clean(world, &canaries).await;
        })
        .await;
}

/// Connects, visits everything, reloads, renews, is rejected in three ways, and disconnects in
/// another tab. Returns that tab's secrets.
async fn everything_a_person_does(world: &World) -> Vec<(String, String)> {
    whole_visit(world).await;
    world.wait_until_loaded().await;
    world.click_link("Connection").await;
    world.click_button("Copy access token").await;
    world.click_button("Cancel").await;
    // The code grant renews automatically; the implicit grant announces the expiry.
    world.let_time_pass(world.lifetime() - 240).await;
    match world.grant {
        Grant::Implicit => world.click_button("Re-authorize now").await,
        Grant::Code => {
            eventually("a renewal", async || {
                let renewals = world.sent_to_token_endpoint("refresh_token").len();
                (renewals == 1).then_some(()).ok_or(renewals.to_string())
            })
            .await;
            authorize_anew(world).await;
        }
    }
    world.allow().await;
    world.wait_for_session("connected").await;
    for (scenario, code) in [
        (Scenario::BadSignature, "bad_signature"),
        (Scenario::WrongState, "state_mismatch"),
        (Scenario::ServerError, "server_error"),
    ] {
        world.sandbox.use_scenario(scenario);
        authorize_anew(world).await;
        world.allow().await;
        world.wait_for_alert(code).await;
    }
    world.sandbox.use_scenario(Scenario::Normal);
    let first = world.browser.open_tab().await;
    world.connect().await;
    let secrets = came_to_this_tab(world).await;
    world.disconnect().await;
    world.browser.close_tab().await;
    world.browser.switch_to(first).await;
    world.wait_for_session("not-connected").await;
    secrets
}

/// Starts from a page without a connection, after erasing what was stored.
async fn authorize_anew(world: &World) {
    let forget = "sessionStorage.removeItem('cc-connect/session')";
    world.browser.script(forget, vec![]).await;
    world.visit("/").await;
    world.wait_for_session("not-connected").await;
    world.click_button("Connect Constant Contact").await;
}

/// Checks everything the pages emitted during their lifetime.
async fn assert_recorded_clean(world: &World, canaries: &Canaries) {
    let recorded = "return Object.entries(sessionStorage)
        .filter(([key]) => key.startsWith('recorder/'))
        .flatMap(([, record]) => JSON.parse(record))";
    let recorded = world.browser.script(recorded, vec![]).await;
    let recorded: Vec<(String, String)> = serde_json::from_value(recorded).expect("two texts each");
    let (mut tokens_stored, mut requests_stored) = (0, 0);
    for (place, text) in &recorded {
        let stored = |key: &str| place == "sessionStorage" && text.starts_with(key);
        let holds = |values: &[String]| values.iter().any(|value| holds_piece(text, value));
        if stored("setItem cc-connect/session ") {
            // For reloads, the access token, its refresh token and the request's nonce are stored.
            tokens_stored += usize::from(canaries.holds_token(text));
            assert!(!holds(&canaries.codes), "a code in the stored session");
            assert!(
                !holds(&canaries.verifiers),
                "a verifier in the stored session"
            );
            assert!(
                !holds(&canaries.id_tokens),
                "an ID token in the stored session"
            );
        } else if stored("setItem cc-connect/pending/") {
            assert!(!canaries.holds_token(text), "a token in a pending record");
            assert!(!holds(&canaries.codes), "a code in a pending record");
            assert!(!holds(&canaries.refresh_tokens) && !holds(&canaries.id_tokens));
            requests_stored += usize::from(canaries.holds_state_or_nonce(text));
        } else {
            canaries.assert_in_none(place, text);
        }
    }
    // Proves that the record is complete.
    assert!(tokens_stored >= 2, "{tokens_stored} tokens stored");
    assert!(requests_stored >= 5, "{requests_stored} requests stored");
    for place in ["document", "history", "requested"] {
        let noted = recorded.iter().filter(|(noted, _)| noted == place);
        assert!(noted.count() > 5, "hardly anything of the {place}");
    }
}

/// Checks what left the browser, as reported by the browser and by the recipients.
async fn assert_requests_clean(world: &World, canaries: &Canaries) {
    let api = world.sandbox.api_base_url();
    let authorization_endpoint = world.sandbox.authorization_endpoint();
    let token_endpoint = world.sandbox.token_endpoint();
    let (mut sent_tokens, mut sent_states) = (0, 0);
    let sent = world.browser.sent_requests().await;
    assert!(sent.len() > 30, "{} requests recorded", sent.len());
    for request in sent {
        let known = [world.host.origin(), &world.sandbox.origin()]
            .iter()
            .any(|origin| request.url.starts_with(*origin));
        let local = ["about:", "data:", "chrome:", "blob:"]
            .iter()
            .any(|scheme| request.url.starts_with(scheme));
        assert!(known || local, "a request to {}", request.url);
        if request.url.starts_with(&authorization_endpoint) {
            assert!(!canaries.holds_token(&request.url));
            let place = "a request for an authorization";
            canaries.assert_nothing_for_the_token_endpoint(place, &request.url);
            sent_states += usize::from(canaries.holds_state_or_nonce(&request.url));
        } else if is_answer(world, &request.url) {
            assert!(!canaries.holds_token(&request.url));
            assert_eq!(request.method, "GET");
        } else {
            canaries.assert_in_none("an address that was requested", &request.url);
        }
        if request.url != token_endpoint {
            canaries.assert_in_none("a request's body", &request.body);
        }
        for (name, value) in &request.headers {
            // Header fields without an address come from the browser's second report of a request;
            // the first has the address.
            let to_api = request.url.starts_with(&api) || request.method.is_empty();
            let path = name.starts_with(':');
            let of_the_request = (path || name == "referer") && value.contains("/authorize")
                || path && value.contains("/callback?");
            if to_api && name == "authorization" {
                sent_tokens += usize::from(canaries.holds_token(value));
            } else if !of_the_request {
                canaries.assert_in_none(&format!("the header field {name}"), value);
            }
        }
    }
    assert!(sent_tokens > 0 && sent_states > 0, "the record is one");

    // The host sees a code once, in the request for the document it is sent to, with the state; it
    // sees no token and nothing else of the exchange.
    let mut codes_seen = 0;
    for mut request in world.host.requests() {
        if is_answer(world, &format!("{}{}", world.host.origin(), request.target)) {
            let (_, query) = request.target.split_once('?').expect("it has a query");
            let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
            match names[0] {
                "code" => {
                    assert_eq!(names, ["code", "state"]);
                    codes_seen += 1;
                }
                _ => assert!(names.contains(&"error"), "{names:?}"),
            }
            request.target.clear();
        }
        canaries.assert_in_none("a request to the host", &format!("{request:?}"));
    }
    assert_eq!(codes_seen, canaries.codes.len(), "each code once");
    let endpoint = url::Url::parse(&authorization_endpoint).unwrap();
    for mut request in world.sandbox.requests() {
        if request.path == endpoint.path() {
            assert!(!canaries.holds_token(&request.query));
            request.query.clear();
        }
        if request.path.starts_with("/v3/") {
            request.headers.remove("authorization");
        }
        if token_endpoint.ends_with(&request.path) && request.method == "POST" {
            assert!(!canaries.holds_token(&request.body));
            assert!(!canaries.holds_state_or_nonce(&request.body));
            request.body.clear();
        }
        canaries.assert_in_none("a request to the sandbox", &format!("{request:?}"));
    }
}

/// Whether this is the redirection endpoint's address with a response in the query, as in the code
/// grant.
fn is_answer(world: &World, url: &str) -> bool {
    let answer = format!("{}?", world.host.redirect_uri());
    world.grant == Grant::Code && url.starts_with(&answer)
}
