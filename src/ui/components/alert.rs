//! An error, shown next to the action that caused it: what happened, whether anything was lost, the
//! next step. It is announced to screen readers as well.

use super::{
    copy_button::CopyButton,
    icon::{Icon, WARNING},
};
use crate::{
    browser::{document::Alarm, intl},
    messages::Message,
    ui::{context::PageClock, language::rich},
    words,
};
use leptos::prelude::*;

/// How strongly an alert asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something failed.
    #[default]
    Wrong,
    /// Something ended or was rejected as intended.
    Calm,
}

/// A message with its code and, optionally, buttons.
#[component]
pub fn Alert(
    /// The stable error code.
    code: &'static str,
    /// The title and paragraphs.
    message: Message,
    /// Defaults to `Tone::Wrong`.
    #[prop(optional)]
    tone: Tone,
    /// Hides the title, for pages whose heading already shows it.
    #[prop(optional)]
    untitled: bool,
    /// A sentence about this computer's clock, if that may be the cause.
    #[prop(optional_no_strip)]
    clock_suspected: Option<String>,
    /// Additional lines for *Copy details*; never a secret.
    #[prop(optional, into)]
    details: String,
    /// Buttons below the message.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let Message { title, paragraphs } = message;
    let class = match tone {
        Tone::Wrong => "alert",
        Tone::Calm => "alert alert-calm",
    };
    let mut copied = words::ALERT_DETAILS.with(&[
        ("code", code),
        ("title", &title),
        ("time", &intl::iso(PageClock::now())),
        ("version", env!("CARGO_PKG_VERSION")),
    ]);
    copied.push_str(&details);
    let sentences = [&title]
        .into_iter()
        .chain(&paragraphs)
        .chain(&clock_suspected);
    announce(sentences.map(String::as_str));
    view! {
        <div class=class data-code=code>
            {(!untitled).then(|| view! {
                <h2 class="alert-title"><Icon path=WARNING />{title}</h2>
            })}
            {paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            {clock_suspected.map(|text| view! { <p data-code="clock_suspected">{text}</p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
            <p class="code-line">
                <span>
                    {rich(words::ALERT_CODE.text(), &|_code| view! { <code>{code}</code> }.into_any())}
                </span>
                " "
                <CopyButton label=words::ALERT_COPY quiet=true text=move || copied.clone() />
            </p>
        </div>
    }
}

/// Announces an alert to screen readers for as long as it is on the page.
pub fn announce<'a>(sentences: impl IntoIterator<Item = &'a str>) {
    StoredValue::new_local(Alarm::raise(sentences));
}
