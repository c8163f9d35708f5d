//! The page without a connection: what connecting does, and the button.

use crate::{
    messages,
    ui::{components::alert::Alert, context::AppContext, language::rich},
    words,
};
use leptos::prelude::*;

/// The page that offers to connect. It must look the same as its first paint in index.html.
#[component]
pub fn Connect() -> impl IntoView {
    super::title(words::CONNECT_PAGE);
    let context = AppContext::expect();
    let connect = move |_| context.connect();
    let error = Memo::new(move |_| context.not_started());
    let scope = context.scope();
    let permissions: Vec<_> = scope
        .iter()
        .map(|scope| (scope.to_owned(), messages::permission(scope)))
        .collect();
    // The first paint has the texts of the implicit grant.
    let (ends, take_back) = if context.has_server() {
        (
            words::CONNECT_ENDS_SERVER,
            words::CONNECT_TAKE_BACK_HOW_SERVER,
        )
    } else if scope.contains("offline_access") {
        (words::CONNECT_ENDS_DAY, words::CONNECT_TAKE_BACK_HOW)
    } else {
        (words::CONNECT_ENDS_HOURS, words::CONNECT_TAKE_BACK_HOW)
    };
    view! {
        <div class="columns">
            <div class="stack-wide">
                <div>
                    <h1>{words::CONNECT_TITLE.text()}</h1>
                    <p class="lede">{words::CONNECT_LEDE.text()}</p>
                </div>
                {move || error.get().map(|error| view! {
                    <Alert code=error.code() message=messages::not_started(error)>
                        <button class="button" type="button" on:click=connect>{words::DO_TRY_AGAIN.text()}</button>
                    </Alert>
                })}
                <section aria-labelledby="permissions">
                    <h2 id="permissions">{words::CONNECT_PERMISSIONS.text()}</h2>
                    <ul class="permissions">
                        {permissions.into_iter().map(|(scope, known)| {
                            let (name, why) = known.unwrap_or((words::PERMISSION_ANOTHER.text(), words::PERMISSION_ANOTHER_WHY.text()));
                            view! {
                                <li><strong>{name}</strong>" "<span>{why}</span>" "<code>{scope}</code></li>
                            }
                        }).collect_view()}
                    </ul>
                </section>
                <div class="actions">
                    <button class="button button-primary" type="button" on:click=connect>
                        {words::DO_CONNECT.text()}
                    </button>
                </div>
            </div>
            <section class="card" aria-labelledby="before">
                <h2 id="before">{words::CONNECT_BEFORE.text()}</h2>
                <h3>{words::CONNECT_PASSWORD.text()}</h3>
                <p>{words::CONNECT_PASSWORD_WHY.text()}</p>
                <h3>{words::CONNECT_UNCHANGED.text()}</h3>
                <p>{words::CONNECT_UNCHANGED_WHY.text()}</p>
                <h3>{words::CONNECT_ENDS.text()}</h3>
                <p>{ends.text()}</p>
                <h3>{words::CONNECT_TAKE_BACK.text()}</h3>
                <p>
                    {rich(take_back.text(), &|_disconnect| {
                        view! { <strong>{words::DO_DISCONNECT.text()}</strong> }.into_any()
                    })}
                </p>
            </section>
        </div>
    }
}
