//! The connection: its account, permissions, lifetime, and verification report.

use super::overview::Lasts;
use crate::{
    browser::{document, intl},
    messages,
    ui::{
        components::{
            checks::{self, Checks},
            copy_button::result_of_copying,
            icon::{Icon, NEITHER, PASSED},
            moment::{Exactness, Moment},
        },
        context::AppContext,
        language::{redrawn, rich},
    },
    words::{self, Word, duration::duration, fill},
};
use cc_connect::core::{
    jose::verify::ALGORITHM,
    oauth::{ResponseType, Scope},
    report::Report,
    session::{Grant, TokenStorage},
    time::Timestamp,
};
use leptos::prelude::*;
use serde_json::Value;

/// The *Connection* page.
#[component]
pub fn Connection() -> impl IntoView {
    super::title(words::CONNECTION_TITLE);
    let context = AppContext::expect();
    // A renewal replaces the token.
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
        // Whatever else changes is shown by a part of the page.
        untrack(|| context.grant().map(|grant| page(context, &grant)))
    }
}

fn page(context: AppContext, grant: &Grant) -> impl IntoView + use<> {
    let (disconnect, developers) = match context.has_server() {
        true => (
            words::CONNECTION_DISCONNECT_WHAT_SERVER,
            words::CONNECTION_DEVELOPERS_WHAT_SERVER,
        ),
        false => (
            words::CONNECTION_DISCONNECT_WHAT,
            words::CONNECTION_DEVELOPERS_WHAT,
        ),
    };
    view! {
        <h1>{words::CONNECTION_TITLE.text()}</h1>
        <Lasts context />
        {context.has_server().then(|| view! { <RequestsLeft context /> })}
        <div class="page-body columns">
            {this_connection(context, grant)}
            <section class="card danger-area" aria-labelledby="disconnect">
                <h2 id="disconnect">{words::DO_DISCONNECT.text()}</h2>
                <p>{disconnect.text()}</p>
                <button class="button button-danger" type="button" on:click=move |_| context.disconnect()>
                    {words::DO_DISCONNECT.text()}
                </button>
            </section>
        </div>
        <section class="section stack-wide" aria-labelledby="developers">
            <div>
                <h2 id="developers">{words::CONNECTION_DEVELOPERS.text()}</h2>
                <p class="lede">{developers.text()}</p>
            </div>
            <section class="card" aria-labelledby="checks">
                <div class="card-head">
                    <h3 id="checks">{words::CHECKS_ACCESS_TOKEN.text()}</h3>
                    <p class="hint number">{checks::summary(&grant.report)}</p>
                </div>
                <Checks report=grant.report.clone() />
            </section>
            {grant.id_token.clone().map(id_token)}
            {decoded(context, grant)}
            {request(context, grant)}
            {key(context, grant)}
        </section>
    }
}

/// How many of today's requests are left. Asked for again whenever the page is opened.
#[component]
fn RequestsLeft(context: AppContext) -> impl IntoView {
    leptos::task::spawn_local(async move { context.try_again() });
    let budget = Memo::new(move |_| context.budget());
    redrawn(move || {
        budget.get().map(|budget| {
            let (left, of) = (intl::number(budget.left), intl::number(budget.of));
            let sentence = words::SERVER_REQUESTS_LEFT.text(budget.left);
            view! { <p class="hint">{fill(sentence, &[("left", &left), ("of", &of)])}</p> }
        })
    })
}

fn id_token(report: Report) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="id-token">
            <div class="card-head">
                <h3 id="id-token">{words::CHECKS_ID_TOKEN.text()}</h3>
                <p class="hint number">{checks::summary(&report)}</p>
            </div>
            <Checks report of_id_token=true />
        </section>
    }
}

fn this_connection(context: AppContext, grant: &Grant) -> impl IntoView + use<> {
    let account = move || {
        context
            .account
            .ready()
            .and_then(|account| account.name())
            .unwrap_or_else(|| words::CONNECTION_ACCOUNT_UNKNOWN.text().to_owned())
    };
    let kept = match context.config(|config| config.context.token_storage) {
        None => words::CONNECTION_KEPT_SERVER,
        Some(TokenStorage::Session) => words::CONNECTION_KEPT_CLOSED,
        Some(TokenStorage::Memory) => words::CONNECTION_KEPT_RELOADED,
    };
    let at = grant.expires_at;
    let ends = move || match context.lasts_at_server() {
        true => view! { <span>{words::CONNECTION_ENDS_UNUSED.text()}</span> }.into_any(),
        false => view! { <Moment at exactness=Exactness::DateTime /> }.into_any(),
    };
    let renewal = move || {
        let word = match (context.renews_itself(), context.has_server()) {
            (true, true) => words::CONNECTION_RENEWED_SERVER,
            (true, false) => words::CONNECTION_RENEWED_ITSELF,
            (false, _) => words::CONNECTION_RENEWED_YOU,
        };
        word.text()
    };
    view! {
        <section class="card" aria-labelledby="this-connection">
            <h2 id="this-connection">{words::CONNECTION_THIS.text()}</h2>
            <dl class="facts">
                <div><dt>{words::CONNECTION_ACCOUNT.text()}</dt><dd><bdi translate="no">{account}</bdi></dd></div>
                <div><dt>{words::CONNECTION_PERSON.text()}</dt><dd><bdi translate="no">{grant.account.subject.clone()}</bdi></dd></div>
                <div>
                    <dt>{words::CONNECTION_CONNECTED.text()}</dt>
                    <dd><Moment at=grant.issued_at exactness=Exactness::DateTime /></dd>
                </div>
                <div><dt>{words::CONNECTION_ENDS.text()}</dt><dd>{redrawn(ends)}</dd></div>
                <div><dt>{words::CONNECTION_RENEWED.text()}</dt><dd>{redrawn(move || view! { <span>{renewal()}</span> })}</dd></div>
                <div><dt>{words::CONNECTION_KEPT.text()}</dt><dd>{kept.text()}</dd></div>
            </dl>
            <h3>{words::CONNECTION_PERMISSIONS.text()}</h3>
            <ul class="rows">{permissions(grant)}</ul>
        </section>
    }
}

fn permissions(grant: &Grant) -> impl IntoView + use<> {
    let row = |scope: &str, granted: bool| {
        let name = messages::permission(scope).map(|(name, _)| name);
        let scope = scope.to_owned();
        let (class, icon, word) = if granted {
            ("permission-given", PASSED, words::CONNECTION_ALLOWED)
        } else {
            (
                "permission-given permission-missing",
                NEITHER,
                words::CONNECTION_NOT_ALLOWED,
            )
        };
        view! {
            <li>
                <span>{name}" "<code class="hint">{scope}</code></span>
                " "
                <span class=class><Icon path=icon />{word.text()}</span>
            </li>
        }
    };
    let list = |scope: &Scope, granted| scope.iter().map(|one| row(one, granted)).collect_view();
    (list(&grant.granted, true), list(&grant.withheld(), false))
}

fn decoded(context: AppContext, grant: &Grant) -> impl IntoView + use<> {
    let header = [
        (
            "kid",
            grant.key.kid.clone().unwrap_or_default(),
            words::DECODED_KID,
        ),
        ("alg", ALGORITHM.to_owned(), words::DECODED_ALG),
    ];
    let header = header
        .into_iter()
        .filter(|(_, value, _)| !value.is_empty())
        .map(|(name, value, meaning)| row(name.to_owned(), value, meaning.text().into_any()))
        .collect_view();
    let claims = grant
        .claims
        .iter()
        .map(|(name, value)| row(name.to_owned(), value.to_string(), meaning(name, value)))
        .collect_view();
    view! {
        <section class="card" aria-labelledby="token">
            <h3 id="token">{words::DECODED_TITLE.text()}</h3>
            {table(words::DECODED_HEADER, words::DECODED_PARAMETER, header)}
            {table(words::DECODED_CLAIMS, words::DECODED_CLAIM, claims)}
            {(!context.has_server()).then(|| view! { <CopyAccessToken context /> })}
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

fn request(context: AppContext, grant: &Grant) -> impl IntoView + use<> {
    let endpoint =
        context.config(|config| config.context.client.authorization_endpoint().to_owned());
    let masked = || view! { <span class="masked">{words::REQUEST_MASKED.text()}</span> }.into_any();
    let shown = |value: String| view! { <code>{value}</code> }.into_any();
    let client = context.config(|config| {
        let client = &config.context.client;
        (client.client_id().to_owned(), client.response_type())
    });
    let (client_id, response_type) = client.unwrap_or_else(|| {
        // The server made the request; the token says for which client.
        let client_id = grant.claims.get("cid").and_then(Value::as_str);
        (client_id.unwrap_or_default().to_owned(), ResponseType::Code)
    });
    let (kind, challenge, nonce) = match response_type {
        // Its settings say whether it sends a challenge.
        ResponseType::Code if context.has_server() => {
            (words::REQUEST_CODE_SERVER, None, words::REQUEST_NONCE_CODE)
        }
        ResponseType::Token => (words::REQUEST_IMPLICIT, None, words::REQUEST_NONCE_IMPLICIT),
        ResponseType::Code => (
            words::REQUEST_CODE,
            Some([
                ("code_challenge", masked(), words::REQUEST_CODE_CHALLENGE),
                (
                    "code_challenge_method",
                    shown("S256".to_owned()),
                    words::REQUEST_CODE_CHALLENGE_METHOD,
                ),
            ]),
            words::REQUEST_NONCE_CODE,
        ),
    };
    let rows = [
        (
            "response_type",
            shown(response_type.as_str().to_owned()),
            kind,
        ),
        ("client_id", shown(client_id), words::REQUEST_CLIENT_ID),
        (
            "redirect_uri",
            shown(grant.redirect_uri.clone()),
            words::REQUEST_REDIRECT_URI,
        ),
        (
            "scope",
            shown(grant.requested.to_string()),
            words::REQUEST_SCOPE,
        ),
        ("state", masked(), words::REQUEST_STATE),
        ("nonce", masked(), nonce),
    ];
    let requested_at = grant.requested_at;
    let sent = match endpoint {
        Some(_) => words::REQUEST_SENT,
        None => words::REQUEST_SENT_SERVER,
    };
    let rows = rows
        .into_iter()
        .chain(challenge.into_iter().flatten())
        .map(|(name, value, meaning)| row_of(name.to_owned(), value, meaning.text().into_any()))
        .collect_view();
    view! {
        <section class="card" aria-labelledby="request">
            <h3 id="request">{words::REQUEST_TITLE.text()}</h3>
            <p class="hint">
                {rich(sent.text(), &|value| match value {
                    "endpoint" => view! { <code>{endpoint.clone()}</code> }.into_any(),
                    "at" => view! { <Moment at=requested_at exactness=Exactness::Exact /> }.into_any(),
                    _ => ().into_any(),
                })}
            </p>
            {table(words::REQUEST_PARAMETERS, words::DECODED_PARAMETER, rows)}
        </section>
    }
}

fn key(context: AppContext, grant: &Grant) -> impl IntoView + use<> {
    let key = grant.key.clone();
    let fetched_at = key.fetched_at;
    let age = Memo::new(move |_| duration(context.now().get().seconds_since(fetched_at)));
    let jwks_uri = context.config(|config| config.jwks_uri.clone());
    let bits = words::KEY_SIZE_BITS.with(&[("bits", &key.bits.to_string())]);
    let keys = words::KEY_KEYS.with(key.set_len as u64);
    view! {
        <section class="card" aria-labelledby="key">
            <h3 id="key">{words::KEY_TITLE.text()}</h3>
            <dl class="facts">
                <div><dt>{words::KEY_KID.text()}</dt><dd><code translate="no">{key.kid}</code></dd></div>
                <div><dt>{words::KEY_SIZE.text()}</dt><dd>{bits}</dd></div>
                {jwks_uri.map(|jwks_uri| view! {
                    <div><dt>{words::KEY_SET.text()}</dt><dd><code>{jwks_uri}</code></dd></div>
                })}
                <div>
                    <dt>{words::KEY_FETCHED.text()}</dt>
                    <dd>
                        {rich(words::KEY_FETCHED_WHEN.text(), &|value| match value {
                            "at" => view! { <Moment at=fetched_at exactness=Exactness::Exact /> }.into_any(),
                            "age" => view! { <span class="number" translate="no">{age}</span> }.into_any(),
                            "keys" => keys.clone().into_any(),
                            _ => ().into_any(),
                        })}
                    </dd>
                </div>
            </dl>
        </section>
    }
}

/// After a confirmation, the library copies the token straight to the clipboard.
#[component]
fn CopyAccessToken(context: AppContext) -> impl IntoView {
    let asking = RwSignal::new(false);
    let result = RwSignal::new("");
    let asked_by = NodeRef::<leptos::html::Button>::new();
    let answered = move || {
        asking.set(false);
        if let Some(button) = asked_by.get_untracked() {
            // If the browser does not move focus, the user has to.
            let _ = button.focus();
        }
    };
    let copy = move |_| {
        answered();
        leptos::task::spawn_local(async move {
            let said = if context.copy_access_token().await {
                words::COPY_TOKEN_DONE
            } else {
                words::COPY_TOKEN_REFUSED
            };
            result.set(said.text());
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
                {words::COPY_TOKEN_ASK.text()}
            </button>
            {move || asking.get().then(|| view! {
                <div class="confirm" id="copy-confirm">
                    <p>
                        {words::COPY_TOKEN_WARNING.with(&[
                            ("at", &untrack(|| context.expires_at()).map(intl::time).unwrap_or_default()),
                        ])}
                    </p>
                    <div class="actions">
                        <button class="button button-primary" type="button" on:click=copy>{words::COPY_TOKEN_DO.text()}</button>
                        <button class="button" type="button" on:click=move |_| answered()>{words::COPY_TOKEN_CANCEL.text()}</button>
                    </div>
                </div>
            })}
            <p role="status">{result_of_copying(result)}</p>
        </div>
    }
}

fn table(caption: Word, first: Word, rows: impl IntoView) -> impl IntoView {
    view! {
        <table class="table" role="table">
            <caption>{caption.text()}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">{first.text()}</th>
                    <th role="columnheader" scope="col">{words::DECODED_VALUE.text()}</th>
                    <th role="columnheader" scope="col">{words::DECODED_MEANING.text()}</th>
                </tr>
            </thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
}

fn row(name: String, value: String, meaning: AnyView) -> impl IntoView {
    row_of(
        name,
        view! { <code translate="no">{value}</code> }.into_any(),
        meaning,
    )
}

fn row_of(name: String, value: AnyView, meaning: AnyView) -> impl IntoView {
    view! {
        <tr role="row">
            <th role="rowheader" scope="row"><code>{name}</code></th>
            <td role="cell">{value}</td>
            <td role="cell" data-label=words::DECODED_MEANING.text()>{meaning}</td>
        </tr>
    }
}
