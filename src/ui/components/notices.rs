//! Single lines above the page that cover nothing: a wrong clock, a connection about to end or not
//! renewed, fewer permissions than a page needs. They are announced as well as shown, since their
//! live region exists before they do.

use super::moment::Moment;
use crate::{
    messages,
    screen::{self, Screen},
    ui::{
        context::AppContext,
        language::{redrawn, rich},
    },
    words,
};
use cc_connect::core::{
    clock::Deviation,
    session::{Grant, expiry},
};
use leptos::prelude::*;

/// All notices about a connection.
#[component]
pub fn Notices(
    /// The session.
    context: AppContext,
) -> impl IntoView {
    let soon = Memo::new(move |_| {
        context
            .expires_at()
            .filter(|at| expiry::expires_soon(*at, context.now().get()))
            .filter(|_| !context.renews_itself() && context.renewal_failure().is_none())
    });
    let not_renewed = Memo::new(move |_| {
        let (failure, hopeful) = context.renewal_failure()?;
        Some((failure.code(), hopeful, context.expires_at()?))
    });
    // Compared as text, so that a clock still being adjusted is not announced repeatedly.
    let clock = Memo::new(move |_| {
        let deviation = context.deviation().get()?;
        let code = match deviation {
            Deviation::Computer(_) => "clock_wrong",
            Deviation::Host(_) => "host_clock_wrong",
        };
        Some((code, messages::clock_wrong(deviation)))
    });
    let connected = Memo::new(move |_| context.screen().get() == Screen::Connected);
    // Without a connection, the page itself says so.
    let not_started = Memo::new(move |_| {
        let elsewhere = !matches!(
            context.screen().get(),
            Screen::NotConnected | Screen::Redirecting
        );
        context.not_started().filter(|_| elsewhere)
    });
    view! {
        <div class="notices" aria-live="polite">
            {redrawn(move || not_started.get().map(|error| {
                let message = messages::not_started(error);
                view! {
                    <div class="notice notice-caution" data-code=error.code()>
                        <p><strong>{message.title}</strong>" "{message.paragraphs.join(" ")}</p>
                        <button class="button button-small" type="button" on:click=move |_| context.connect()>
                            {words::DO_TRY_AGAIN.text()}
                        </button>
                    </div>
                }
            }))}
            {redrawn(move || clock.get().map(|(code, text)| view! {
                <div class="notice" data-code=code><p>{text}</p></div>
            }))}
            {redrawn(move || soon.get().map(|at| view! {
                <div class="notice notice-caution" data-code="expires_soon">
                    <p>
                        {rich(words::NOTICE_ENDS_SOON.text(), &move |_at| view! { <Moment at /> }.into_any())}
                    </p>
                    <button class="button button-small" type="button" on:click=move |_| context.connect()>
                        {words::DO_REAUTHORIZE.text()}
                    </button>
                </div>
            }))}
            {redrawn(move || not_renewed.get().map(|(code, hopeful, at)| view! {
                <div class="notice notice-caution" data-code=code>
                    <p>
                        {rich(
                            if hopeful {
                                words::NOTICE_NOT_RENEWED_YET.text()
                            } else {
                                words::NOTICE_NOT_RENEWED.text()
                            },
                            &move |_at| view! { <Moment at /> }.into_any(),
                        )}
                    </p>
                    {hopeful.then(|| view! {
                        <button class="button button-small" type="button" on:click=move |_| context.try_again()>
                            {words::DO_TRY_AGAIN.text()}
                        </button>
                    })}
                    <button class="button button-small" type="button" on:click=move |_| context.connect()>
                        {words::DO_REAUTHORIZE.text()}
                    </button>
                </div>
            }))}
            {move || connected.get().then(|| view! { <ScopeNotices context /> })}
        </div>
    }
}

#[component]
fn ScopeNotices(context: AppContext) -> impl IntoView {
    let names = |scope: &cc_connect::core::oauth::Scope| {
        scope
            .iter()
            .map(|one| {
                messages::permission(one).map_or(one.to_owned(), |(name, _)| name.to_owned())
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let grant = untrack(|| context.grant());
    let lacking = grant.as_deref().map(screen::lacking).unwrap_or_default();
    let unasked = grant.as_deref().map(Grant::unasked).unwrap_or_default();
    view! {
        {(!lacking.is_empty()).then(|| view! {
            <div class="notice" data-code="scope_narrowed">
                <p>
                    {rich(words::NOTICE_WITHHELD.text(), &|_permissions| {
                        view! { <strong>{names(&lacking)}</strong> }.into_any()
                    })}
                </p>
                <button class="button button-small" type="button" on:click=move |_| context.connect()>
                    {words::NOTICE_WITHHELD_ALLOW.text()}
                </button>
            </div>
        })}
        {(!unasked.is_empty()).then(|| view! {
            <div class="notice" data-code="scope_widened">
                <p>
                    {rich(words::NOTICE_UNASKED.text(), &|_permissions| {
                        view! { <strong>{unasked.to_string()}</strong> }.into_any()
                    })}
                </p>
            </div>
        })}
    }
}
