//! An error, where the action was: what happened, whether anything was lost, the next step. The same
//! is said to those who do not see it.

use super::{
    copy_button::CopyButton,
    icon::{Icon, WARNING},
};
use crate::{
    browser::{clock, document::Alarm, intl},
    ui::{language::rich, messages::Message},
    words,
};
use leptos::prelude::*;

/// How much an alert asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something went wrong.
    #[default]
    Wrong,
    /// Something ended or was refused as it should be.
    Calm,
}

/// A message with its code and, if there are any, its buttons.
#[component]
pub fn Alert(
    /// The stable code.
    code: &'static str,
    /// The words.
    message: Message,
    /// How loud.
    #[prop(optional)]
    tone: Tone,
    /// Without the title, where the page's heading says it already.
    #[prop(optional)]
    untitled: bool,
    /// A sentence about this computer's clock, if that may be the cause.
    #[prop(optional_no_strip)]
    clock_suspected: Option<String>,
    /// More lines for *Copy details*; never a secret.
    #[prop(optional, into)]
    details: String,
    /// The buttons.
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
        ("time", &intl::iso(clock::now())),
        ("version", env!("CARGO_PKG_VERSION")),
    ]);
    copied.push_str(&details);
    let sentences = [&title]
        .into_iter()
        .chain(&paragraphs)
        .chain(&clock_suspected);
    say(sentences.map(String::as_str));
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

/// Says an alert's words for as long as it is on the page.
pub fn say<'a>(sentences: impl IntoIterator<Item = &'a str>) {
    StoredValue::new_local(Alarm::raise(sentences));
}
