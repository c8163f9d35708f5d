//! The connection: whose account, what is allowed, how long, and the proof behind it.

use super::overview::Lasts;
use crate::{
    browser::{clipboard, document, intl},
    config::TokenStorage,
    jose::verify::ALGORITHM,
    oauth::{ResponseType, Scope},
    session::{Event, VerifiedAccessToken, VerifiedIdToken},
    time::Timestamp,
    ui::{
        components::{
            checks::{self, Checks},
            icon::{Icon, NEITHER, PASSED},
            moment::{Exactness, Moment},
        },
        context::SessionContext,
        messages,
    },
};
use leptos::prelude::*;
use serde_json::Value;

/// The page.
#[component]
pub fn Connection() -> impl IntoView {
    super::title("Connection");
    let context = SessionContext::expect();
    // A renewal brings another token.
    let ends = Memo::new(move |_| context.expires_at());
    Effect::new(move |before: Option<Option<Timestamp>>| {
        let ends = ends.get();
        if before.is_some_and(|before| before != ends) {
            leptos::task::spawn_local(async { document::find_place() });
        }
        ends
    });
    move || {
        ends.get()?;
        untrack(|| context.token(VerifiedAccessToken::clone)).map(|token| page(context, &token))
    }
}

fn page(context: SessionContext, token: &VerifiedAccessToken) -> impl IntoView + use<> {
    view! {
        <h1>"Connection"</h1>
        <Lasts context />
        <div class="page-body columns">
            {this_connection(context, token)}
            <section class="card danger-area" aria-labelledby="disconnect">
                <h2 id="disconnect">"Disconnect"</h2>
                <p>
                    "Erases this connection from every tab of this browser. Nothing changes in your Constant Contact account, and you can connect again at any time."
                </p>
                <button class="button button-danger" type="button" on:click=move |_| context.send(Event::Disconnect)>
                    "Disconnect"
                </button>
            </section>
        </div>
        <section class="section stack-wide" aria-labelledby="developers">
            <div>
                <h2 id="developers">"For developers"</h2>
                <p class="lede">"What was sent, what came back, and how this browser satisfied itself that it is genuine."</p>
            </div>
            <section class="card" aria-labelledby="checks">
                <div class="card-head">
                    <h3 id="checks">"Checks of the access token"</h3>
                    <p class="hint number">{checks::summary(token.report())}</p>
                </div>
                <Checks report=token.report().clone() />
            </section>
            {token.id_token().map(id_token)}
            {decoded(context, token)}
            {request(context, token)}
            {key(context, token)}
        </section>
    }
}

fn id_token(id_token: &VerifiedIdToken) -> impl IntoView + use<> {
    let report = id_token.report.clone();
    view! {
        <section class="card" aria-labelledby="id-token">
            <div class="card-head">
                <h3 id="id-token">"Checks of the ID token"</h3>
                <p class="hint number">{checks::summary(&report)}</p>
            </div>
            <Checks report of_id_token=true />
        </section>
    }
}

fn this_connection(context: SessionContext, token: &VerifiedAccessToken) -> impl IntoView + use<> {
    let account = move || {
        context
            .account
            .ready()
            .and_then(|account| account.name())
            .unwrap_or_else(|| "Not known".to_owned())
    };
    let kept = match context.config(|config| config.token_storage) {
        TokenStorage::Session => "In this tab, until it is closed",
        TokenStorage::Memory => "In this tab, until it is closed or reloaded",
    };
    let ends = token.expires_at();
    let renewal = move || {
        if context.renews_itself() {
            "By itself, while this page is open"
        } else {
            "By you, when it has ended"
        }
    };
    view! {
        <section class="card" aria-labelledby="this-connection">
            <h2 id="this-connection">"This connection"</h2>
            <dl class="facts">
                <div><dt>"Account"</dt><dd>{account}</dd></div>
                <div><dt>"Person"</dt><dd>{token.claims().registered().subject().to_owned()}</dd></div>
                <div>
                    <dt>"Connected"</dt>
                    <dd><Moment at=token.claims().registered().issued_at() exactness=Exactness::DateTime /></dd>
                </div>
                <div><dt>"Ends"</dt><dd><Moment at=ends exactness=Exactness::DateTime /></dd></div>
                <div><dt>"Renewed"</dt><dd>{renewal}</dd></div>
                <div><dt>"Kept"</dt><dd>{kept}</dd></div>
            </dl>
            <h3>"Permissions"</h3>
            <ul class="rows">{permissions(token)}</ul>
        </section>
    }
}

fn permissions(token: &VerifiedAccessToken) -> impl IntoView + use<> {
    let row = |scope: &str, granted: bool| {
        let name = messages::permission(scope).map(|(name, _)| name);
        let scope = scope.to_owned();
        let (class, icon, word) = if granted {
            ("permission-given", PASSED, "Allowed")
        } else {
            (
                "permission-given permission-missing",
                NEITHER,
                "Not allowed",
            )
        };
        view! {
            <li>
                <span>{name}" "<code class="hint">{scope}</code></span>
                " "
                <span class=class><Icon path=icon />{word}</span>
            </li>
        }
    };
    let list = |scope: &Scope, granted| scope.iter().map(|one| row(one, granted)).collect_view();
    (list(token.granted(), true), list(&token.withheld(), false))
}

fn decoded(context: SessionContext, token: &VerifiedAccessToken) -> impl IntoView + use<> {
    let header = [
        (
            "kid",
            token.key().kid.clone().unwrap_or_default(),
            "The key that signed",
        ),
        ("alg", ALGORITHM.to_owned(), "RSA signature with SHA-256"),
    ];
    let header = header
        .into_iter()
        .filter(|(_, value, _)| !value.is_empty())
        .map(|(name, value, meaning)| row(name.to_owned(), value, meaning.into_any()))
        .collect_view();
    let claims = token
        .claims()
        .registered()
        .iter()
        .map(|(name, value)| row(name.to_owned(), value.to_string(), meaning(name, value)))
        .collect_view();
    view! {
        <section class="card" aria-labelledby="token">
            <h3 id="token">"The access token, decoded"</h3>
            {table("JOSE header", "Parameter", header)}
            {table("Claims", "Claim", claims)}
            <CopyAccessToken context />
        </section>
    }
}

fn meaning(name: &str, value: &Value) -> AnyView {
    let words = messages::claim(name);
    match (name, value.as_i64()) {
        ("exp" | "iat" | "nbf", Some(seconds)) => view! {
            {words}" "<Moment at=Timestamp::from_unix_seconds(seconds) exactness=Exactness::Exact />
        }
        .into_any(),
        _ => words.into_any(),
    }
}

fn request(context: SessionContext, token: &VerifiedAccessToken) -> impl IntoView + use<> {
    let endpoint = context.config(|config| config.client.authorization_endpoint.clone());
    let masked = || view! { <span class="masked">"Masked, 256 bits"</span> }.into_any();
    let shown = |value: String| view! { <code>{value}</code> }.into_any();
    let client_id = context.config(|config| config.client.client_id.clone());
    let response_type = context.config(|config| config.client.response_type);
    let (grant, challenge, nonce) = match response_type {
        ResponseType::Token => (
            "The implicit grant",
            None,
            "Required by Constant Contact; comes back nowhere",
        ),
        ResponseType::Code => (
            "The authorization code grant with PKCE",
            Some([
                ("code_challenge", masked(), "Ties the code to this tab"),
                (
                    "code_challenge_method",
                    shown("S256".to_owned()),
                    "The challenge is a SHA-256 hash",
                ),
            ]),
            "Ties an ID token, if one comes, to this request",
        ),
    };
    let rows = [
        (
            "response_type",
            shown(response_type.as_str().to_owned()),
            grant,
        ),
        ("client_id", shown(client_id), "This application’s API key"),
        (
            "redirect_uri",
            shown(token.redirect_uri().to_owned()),
            "Where the answer comes to",
        ),
        (
            "scope",
            shown(token.requested().to_string()),
            "The permissions asked for",
        ),
        ("state", masked(), "Ties the answer to this tab"),
        ("nonce", masked(), nonce),
    ];
    let rows = rows
        .into_iter()
        .chain(challenge.into_iter().flatten())
        .map(|(name, value, meaning)| row_of(name.to_owned(), value, meaning.into_any()))
        .collect_view();
    view! {
        <section class="card" aria-labelledby="request">
            <h3 id="request">"The authorization request"</h3>
            <p class="hint">
                "Sent to "<code>{endpoint}</code>". This token was asked for "
                <Moment at=token.requested_at() exactness=Exactness::Exact />"."
            </p>
            {table("Parameters", "Parameter", rows)}
        </section>
    }
}

fn key(context: SessionContext, token: &VerifiedAccessToken) -> impl IntoView + use<> {
    let key = token.key().clone();
    let fetched_at = key.fetched_at;
    let age = Memo::new(move |_| messages::duration(context.now().get().seconds_since(fetched_at)));
    let jwks_uri = context.config(|config| config.jwks_uri.clone());
    let count = match key.set_len {
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    };
    view! {
        <section class="card" aria-labelledby="key">
            <h3 id="key">"The key"</h3>
            <dl class="facts">
                <div><dt>"Key ID (kid)"</dt><dd><code>{key.kid}</code></dd></div>
                <div><dt>"Size"</dt><dd>"RSA, "{key.bits}" bits"</dd></div>
                <div><dt>"Key set"</dt><dd><code>{jwks_uri}</code></dd></div>
                <div>
                    <dt>"Fetched"</dt>
                    <dd>
                        <Moment at=fetched_at exactness=Exactness::Exact />", "
                        <span class="number">{age}</span>" ago, "{count}
                    </dd>
                </div>
            </dl>
        </section>
    }
}

/// The one way to the token itself: asked for, confirmed, straight to the clipboard.
#[component]
fn CopyAccessToken(context: SessionContext) -> impl IntoView {
    let asking = RwSignal::new(false);
    let result = RwSignal::new("");
    let asked_by = NodeRef::<leptos::html::Button>::new();
    let answered = move || {
        asking.set(false);
        if let Some(button) = asked_by.get_untracked() {
            // A browser that moves no focus leaves it to the person.
            let _ = button.focus();
        }
    };
    let copy = move |_| {
        answered();
        let token = untrack(|| context.token(|token| token.access_token().clone()));
        leptos::task::spawn_local(async move {
            let copied = match token {
                Some(token) => clipboard::copy(token.expose()).await,
                None => false,
            };
            result.set(if copied {
                "Copied. Clear the clipboard when you are done."
            } else {
                "The browser refused to copy it."
            });
        });
    };
    view! {
        <div class="stack">
            <button
                node_ref=asked_by
                class="button"
                type="button"
                aria-expanded=move || asking.get().to_string()
                aria-controls="copy-confirm"
                on:click=move |_| {
                    result.set("");
                    asking.update(|asking| *asking = !*asking);
                }
            >
                "Copy access token"
            </button>
            {move || asking.get().then(|| view! {
                <div class="confirm" id="copy-confirm">
                    <p>
                        "Until "{untrack(|| context.expires_at()).map(intl::time)}
                        ", whoever holds this token can do in the account all that its permissions allow. Paste it only into a tool of your own, on this computer."
                    </p>
                    <div class="actions">
                        <button class="button button-primary" type="button" on:click=copy>"Copy it"</button>
                        <button class="button" type="button" on:click=move |_| answered()>"Cancel"</button>
                    </div>
                </div>
            })}
            <p role="status">{result}</p>
        </div>
    }
}

fn table(caption: &'static str, first: &'static str, rows: impl IntoView) -> impl IntoView {
    view! {
        <table class="table" role="table">
            <caption>{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">{first}</th>
                    <th role="columnheader" scope="col">"Value"</th>
                    <th role="columnheader" scope="col">"Meaning"</th>
                </tr>
            </thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
}

fn row(name: String, value: String, meaning: AnyView) -> impl IntoView {
    row_of(name, view! { <code>{value}</code> }.into_any(), meaning)
}

fn row_of(name: String, value: AnyView, meaning: AnyView) -> impl IntoView {
    view! {
        <tr role="row">
            <th role="rowheader" scope="row"><code>{name}</code></th>
            <td role="cell">{value}</td>
            <td role="cell" data-label="Meaning">{meaning}</td>
        </tr>
    }
}
