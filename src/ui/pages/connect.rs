//! Without a connection: what connecting does, and the button.

use crate::ui::{
    components::alert::Alert,
    context::{SessionContext, start_error},
    messages,
};
use leptos::prelude::*;

/// The page that offers to connect. Its first paint stands in index.html and must look the same.
#[component]
pub fn Connect() -> impl IntoView {
    super::title("Connect");
    let context = SessionContext::expect();
    let connect = move |_| context.authorize();
    let error = Memo::new(move |_| context.session(start_error));
    let permissions = context.config(|config| {
        config
            .client
            .scope
            .iter()
            .map(|scope| (scope.to_owned(), messages::permission(scope)))
            .collect::<Vec<_>>()
    });
    // The first paint has the words of the implicit grant.
    let ends = context.config(|config| match config.client.scope.contains("offline_access") {
        true => "Constant Contact ends each connection after a day, unless this page is open to renew it.",
        false => "Constant Contact ends each connection after some hours.",
    });
    view! {
        <div class="columns">
            <div class="stack-wide">
                <div>
                    <h1>"Connect your Constant Contact account"</h1>
                    <p class="lede">
                        "Connecting lets this page show your account, count your contacts and list your latest campaigns. It reads, and changes nothing."
                    </p>
                </div>
                {move || error.get().map(|error| view! {
                    <Alert code=error.code() message=messages::not_started(error)>
                        <button class="button" type="button" on:click=connect>"Try again"</button>
                    </Alert>
                })}
                <section aria-labelledby="permissions">
                    <h2 id="permissions">"What you will be asked to allow"</h2>
                    <ul class="permissions">
                        {permissions.into_iter().map(|(scope, known)| {
                            let (name, why) = known.unwrap_or(("Another permission", "This page’s settings ask for it."));
                            view! {
                                <li><strong>{name}</strong>" "<span>{why}</span>" "<code>{scope}</code></li>
                            }
                        }).collect_view()}
                    </ul>
                </section>
                <div class="actions">
                    <button class="button button-primary" type="button" on:click=connect>
                        "Connect Constant Contact"
                    </button>
                </div>
            </div>
            <section class="card" aria-labelledby="before">
                <h2 id="before">"Before you connect"</h2>
                <h3>"Your password is not seen here"</h3>
                <p>"You sign in at Constant Contact, allow access there, and come straight back."</p>
                <h3>"Nothing is changed"</h3>
                <p>"Constant Contact grants contacts and campaigns only together with permission to change them. This page only reads."</p>
                <h3>"It ends by itself"</h3>
                <p>{ends}</p>
                <h3>"You can take it back"</h3>
                <p>"Choose "<strong>"Disconnect"</strong>" at any time. Everything kept in this browser is erased."</p>
            </section>
        </div>
    }
}
