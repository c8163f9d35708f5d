//! The *Overview* page: account, contacts, lists and latest campaigns.

use crate::{
    browser::{document, intl},
    messages,
    ui::{
        components::{
            alert::Alert,
            moment::{Exactness, Moment},
            skeleton::AccountSkeleton,
        },
        context::{AppContext, PageClock},
        language::{redrawn, rich},
    },
    words::{self, Word, duration::duration},
};
use cc_connect::core::{
    session::expiry,
    v3::{
        ApiError,
        account::AccountSummary,
        campaigns::{Campaign, Campaigns, Status},
        contact_lists::ContactLists,
        contacts::ContactCounts,
    },
};
use cc_connect::{Fetched, Load};
use leptos::prelude::*;

/// The *Overview* page.
#[component]
pub fn Overview() -> impl IntoView {
    super::title(words::OVERVIEW_TITLE);
    let context = AppContext::expect();
    view! {
        <h1>{words::OVERVIEW_TITLE.text()}</h1>
        <Lasts context />
        <div class="page-body overview">
            {card(context, "account_read", context.account, words::OVERVIEW_ACCOUNT_NOT_SHOWN, words::OVERVIEW_ACCOUNT, account_loading, account)}
            <div class="stack-wide">
                <div class="figures">
                    {card(context, "contact_data", context.contacts, words::OVERVIEW_CONTACTS_NOT_SHOWN, words::OVERVIEW_CONTACTS, figure_loading, contacts)}
                    {card(context, "contact_data", context.lists, words::OVERVIEW_LISTS_NOT_SHOWN, words::OVERVIEW_LISTS, figure_loading, lists)}
                </div>
                {card(context, "campaign_data", context.campaigns, words::OVERVIEW_CAMPAIGNS_NOT_SHOWN, words::OVERVIEW_CAMPAIGNS, campaigns_loading, campaigns)}
            </div>
        </div>
    }
}

/// When the connection ends, updated live.
#[component]
pub fn Lasts(
    /// The session.
    context: AppContext,
) -> impl IntoView {
    let left = Memo::new(move |_| {
        context
            .expires_at()
            .map(|at| duration(expiry::remaining(at, context.now().get())))
    });
    let end = Memo::new(move |_| context.expires_at());
    let renews_itself = Memo::new(move |_| context.renews_itself());
    let name = move || {
        context
            .account
            .ready()
            .and_then(|account| account.name())
            .unwrap_or_else(|| words::LASTS_THIS_PAGE.text().to_owned())
    };
    view! {
        <p class="lede">
            {redrawn(move || {
                let word = match (renews_itself.get(), context.has_server()) {
                    (true, true) => words::LASTS_SERVER,
                    (true, false) => words::LASTS_RENEWS,
                    (false, _) => words::LASTS_ENDS,
                };
                let text = rich(word.text(), &|value| match value {
                    "name" => view! { <bdi translate="no">{name}</bdi> }.into_any(),
                    "at" => (move || end.get().map(|at| view! { <Moment at /> })).into_any(),
                    "left" => view! { <span class="number" translate="no">{left}</span> }.into_any(),
                    _ => ().into_any(),
                });
                view! { <span>{text}</span> }
            })}
        </p>
    }
}

/// A card in any of its states: not permitted, loading, failed, loaded.
fn card<T, V, L>(
    context: AppContext,
    scope: &'static str,
    fetched: Fetched<T>,
    not_shown: Word,
    heading: Word,
    loading: fn() -> L,
    show: fn(T) -> V,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: IntoView + 'static,
    L: IntoView + 'static,
{
    let state = Memo::new(move |_| fetched.get());
    let allowed = Memo::new(move |_| context.may(scope));
    let busy =
        move || allowed.get() && state.with(|state| matches!(state, Load::Idle | Load::Loading));
    let retry = Callback::new(move |()| {
        document::keep_place();
        fetched.load();
    });
    let content = move || {
        let content = match state.get() {
            _ if !allowed.get() => {
                view! { <p class="empty">{words::OVERVIEW_NOT_ALLOWED.text()}</p> }.into_any()
            }
            Load::Idle | Load::Loading => loading().into_any(),
            Load::Ready(value) => show(value).into_any(),
            Load::Failed(error) => failed(&error, not_shown, retry).into_any(),
        };
        let named = state.with(|state| matches!(state, Load::Ready(_)))
            && heading == words::OVERVIEW_ACCOUNT;
        view! {
            {(!named).then(|| view! { <h2>{heading.text()}</h2> })}
            {content}
        }
    };
    view! {
        <section class="card" tabindex="-1" aria-busy=move || busy().then_some("true")>
            {redrawn(content)}
        </section>
    }
}

fn failed(error: &ApiError, not_shown: Word, retry: Callback<()>) -> impl IntoView + use<> {
    let (code, message) = (error.code(), messages::api(error, not_shown));
    view! {
        <Alert code message>
            <button class="button" type="button" on:click=move |_| retry.run(())>{words::DO_TRY_AGAIN.text()}</button>
        </Alert>
    }
}

fn account_loading() -> impl IntoView {
    view! {
        <p class="visually-hidden">{words::OVERVIEW_LOADING_ACCOUNT.text()}</p>
        <AccountSkeleton />
    }
}

fn figure_loading() -> impl IntoView {
    view! {
        <p class="visually-hidden">{words::OVERVIEW_COUNTING.text()}</p>
        <div class="late" aria-hidden="true">
            <span class="bone bone-figure w-40"></span>
            <span class="bone bone-small w-80"></span>
        </div>
    }
}

fn campaigns_loading() -> impl IntoView {
    let row = |width: &'static str| {
        view! {
            <li>
                <span class="grow">
                    <span class=format!("bone {width}")></span>
                    <span class="bone w-20"></span>
                </span>
            </li>
        }
    };
    view! {
        <p class="visually-hidden">{words::OVERVIEW_LOADING_CAMPAIGNS.text()}</p>
        <ul class="rows late" aria-hidden="true">
            {["w-60", "w-40", "w-60", "w-40", "w-80"].map(row).collect_view()}
        </ul>
    }
}

fn account(account: AccountSummary) -> impl IntoView {
    let name = account.name();
    let initials = name.as_deref().map(initials);
    let website = account.website_url();
    let address = account
        .physical_address
        .as_ref()
        .map(|address| address.lines());
    let logo = account
        .company_logo
        .as_ref()
        .and_then(|logo| logo.url.clone());
    let zone = account.time_zone_id.clone();
    let mail = account.mail_url();
    let text = |value: Option<String>| match value.filter(|value| !value.is_empty()) {
        Some(value) => view! { <dd><bdi>{value}</bdi></dd> }.into_any(),
        None => view! { <dd class="hint">{words::OVERVIEW_NONE_GIVEN.text()}</dd> }.into_any(),
    };
    view! {
        <div class="account-head">
            <Logo url=logo initials=initials.unwrap_or_else(|| "?".to_owned()) />
            <div>
                <h2><bdi>{name.unwrap_or_else(|| words::OVERVIEW_ACCOUNT_UNNAMED.text().to_owned())}</bdi></h2>
                <p class="hint">{words::OVERVIEW_ACCOUNT_KIND.text()}</p>
            </div>
        </div>
        <dl class="facts">
            <div>
                <dt>{words::OVERVIEW_MAIL.text()}</dt>
                {match mail {
                    Some(href) => {
                        let mail = account.contact_email.clone();
                        view! { <dd><a href=href><bdi>{mail}</bdi></a></dd> }.into_any()
                    }
                    None => text(account.contact_email.clone()),
                }}
            </div>
            <div>
                <dt>{words::OVERVIEW_WEBSITE.text()}</dt>
                {match website {
                    Some(url) => {
                        let label = url.split_once("://").map_or("", |(_, rest)| rest).trim_end_matches('/').to_owned();
                        view! { <dd><a href=url rel="noreferrer noopener"><bdi>{label}</bdi></a></dd> }.into_any()
                    }
                    None => text(account.website.clone()),
                }}
            </div>
            <div><dt>{words::OVERVIEW_PHONE.text()}</dt>{text(account.organization_phone.clone())}</div>
            <div>
                <dt>{words::OVERVIEW_TIME_ZONE.text()}</dt>
                {match zone {
                    Some(zone) => {
                        let there = intl::time_in_zone(PageClock::now(), &zone);
                        view! {
                            <dd>
                                <bdi>{zone}</bdi>" "
                                {there.map(|time| view! { <span class="hint nowrap">{words::OVERVIEW_TIME_ZONE_NOW.with(&[("time", &time)])}</span> })}
                            </dd>
                        }.into_any()
                    }
                    None => text(None),
                }}
            </div>
            {address.filter(|lines| !lines.is_empty()).map(|lines| view! {
                <div>
                    <dt>{words::OVERVIEW_ADDRESS.text()}</dt>
                    <dd>
                        <address>
                            {lines.into_iter().enumerate().map(|(index, line)| view! {
                                {(index > 0).then(|| view! { <br /> })}
                                <bdi>{line}</bdi>
                            }).collect_view()}
                        </address>
                    </dd>
                </div>
            })}
        </dl>
    }
}

/// The logo, or the initials if there is none or it does not load.
#[component]
fn Logo(url: Option<String>, initials: String) -> impl IntoView {
    let broken = RwSignal::new(url.is_none());
    move || {
        if broken.get() {
            let initials = initials.clone();
            view! { <span class="logo logo-initials" aria-hidden="true">{initials}</span> }
                .into_any()
        } else {
            let url = url.clone();
            view! {
                <img
                    class="logo"
                    src=url
                    width="56"
                    height="56"
                    alt=""
                    referrerpolicy="no-referrer"
                    on:error=move |_| broken.set(true)
                />
            }
            .into_any()
        }
    }
}

fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .filter(|letter| letter.is_alphanumeric())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

fn contacts(counts: ContactCounts) -> impl IntoView {
    let mailable = counts.mailable();
    let hint = match counts.total {
        Some(0) => Some(words::OVERVIEW_CONTACTS_NONE.text().to_owned()),
        _ => mailable.map(|count| {
            words::OVERVIEW_CONTACTS_MAILABLE.with(&[("count", &intl::number(count))])
        }),
    };
    match counts.total {
        Some(total) => view! {
            <p class="figure-value">{intl::number(total)}</p>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
        }
        .into_any(),
        None => view! { <p class="empty">{words::OVERVIEW_UNSAID.text()}</p> }.into_any(),
    }
}

fn lists(lists: ContactLists) -> impl IntoView {
    match lists.lists_count {
        Some(0) => view! {
            <p class="figure-value">"0"</p>
            <p class="hint">{words::OVERVIEW_LISTS_NONE.text()}</p>
        }
        .into_any(),
        Some(count) => view! {
            <p class="figure-value">{intl::number(count)}</p>
            <p class="hint">{words::OVERVIEW_LISTS_PURPOSE.text()}</p>
        }
        .into_any(),
        None => view! { <p class="empty">{words::OVERVIEW_UNSAID.text()}</p> }.into_any(),
    }
}

fn campaigns(list: Campaigns) -> impl IntoView {
    if list.campaigns.is_empty() {
        view! {
            <p class="empty">{words::OVERVIEW_CAMPAIGNS_NONE.text()}</p>
        }
        .into_any()
    } else {
        view! {
            <ul class="rows">{list.campaigns.into_iter().map(campaign).collect_view()}</ul>
        }
        .into_any()
    }
}

fn campaign(campaign: Campaign) -> impl IntoView {
    let name = campaign
        .name
        .unwrap_or_else(|| words::OVERVIEW_CAMPAIGNS_UNNAMED.text().to_owned());
    let updated = campaign.updated_at.as_deref().and_then(intl::parse_iso);
    let status = campaign.current_status.map(|status| {
        let (word, class) = campaign_status(&status);
        let word = word.to_owned();
        view! { <span class=class><bdi>{word}</bdi></span> }
    });
    view! {
        <li>
            <span>
                <bdi>{name}</bdi>
                {updated.map(|at| view! {
                    <br />
                    <span class="hint"><Moment at exactness=Exactness::DateTime /></span>
                })}
            </span>
            " "
            {status}
        </li>
    }
}

/// A campaign's status as text, and the badge's classes.
fn campaign_status(status: &str) -> (&str, &'static str) {
    let (word, class) = match Status::parse(status) {
        Some(Status::Draft) => (words::CAMPAIGN_DRAFT, "badge"),
        Some(Status::Scheduled) => (words::CAMPAIGN_SCHEDULED, "badge badge-half"),
        Some(Status::Executing) => (words::CAMPAIGN_EXECUTING, "badge badge-half"),
        Some(Status::Done) => (words::CAMPAIGN_DONE, "badge badge-good"),
        Some(Status::Error) => (words::CAMPAIGN_ERROR, "badge badge-bad"),
        Some(Status::Removed) => (words::CAMPAIGN_REMOVED, "badge"),
        _ => return (status, "badge"),
    };
    (word.text(), class)
}
