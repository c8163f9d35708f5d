//! The current language's texts, and the parts of views that change with them.

use crate::{
    browser::{intl, language},
    words::{Piece, Plural, Word, Words, fill, pieces},
};
use leptos::{either::Either, prelude::*};
use std::cell::{Cell, RefCell};

thread_local! {
    /// The languages loaded so far, English first.
    static HERE: RefCell<Vec<&'static Words>> = RefCell::new(vec![keep(Words::english())]);
    static WORDS: Cell<&'static Words> = Cell::new(HERE.with_borrow(|here| here[0]));
    static CHANGED: ArcTrigger = ArcTrigger::new();
    /// Counts changes, so that a slow change does not undo a later one.
    static CHANGES: Cell<u32> = const { Cell::new(0) };
}

fn keep(words: Words) -> &'static Words {
    Box::leak(Box::new(words))
}

impl Word {
    /// The text in the current language.
    pub fn text(self) -> &'static str {
        words().text(self)
    }

    /// The text with values substituted for their placeholders.
    pub fn with(self, values: &[(&str, &str)]) -> String {
        fill(self.text(), values)
    }
}

impl Plural {
    /// The form of the text for this number.
    pub fn text(self, count: u64) -> &'static str {
        words().form(self, &intl::plural_category(count))
    }

    /// The form of the text for this number, with the number substituted for `{count}`.
    pub fn with(self, count: u64) -> String {
        fill(self.text(count), &[("count", &count.to_string())])
    }
}

/// Renders a text as a view: emphasis and code become elements, and `value` renders each
/// placeholder.
pub fn rich(text: &'static str, value: &dyn Fn(&str) -> AnyView) -> AnyView {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.into_any(),
            Piece::Strong(text) => view! { <strong>{text}</strong> }.into_any(),
            Piece::Code(text) => view! { <code>{text}</code> }.into_any(),
            Piece::Value(name) => value(name),
        })
        .collect_view()
        .into_any()
}

/// A part of a view whose texts change. It is recreated on each change. Otherwise the new texts
/// would be written into the existing nodes, which a page translation may have replaced, and nobody
/// would see them. The view has to begin with an element, and its texts have to be inside elements.
pub fn redrawn<V: IntoView + 'static>(
    mut view: impl FnMut() -> V + Send + 'static,
) -> impl IntoView {
    let mut odd = false;
    move || {
        odd = !odd;
        // Leptos recreates a view only if it becomes the other side of the `Either`.
        if odd {
            Either::Left(view())
        } else {
            Either::Right(view())
        }
    }
}

/// A part of a view that is recreated when the language changes; see [`redrawn`].
pub fn anew<V: IntoView + 'static>(view: impl Fn() -> V + Send + 'static) -> impl IntoView {
    redrawn(move || {
        CHANGED.with(Track::track);
        view()
    })
}

/// The code of the current language.
pub fn code() -> &'static str {
    words().code()
}

fn words() -> &'static Words {
    WORDS.get()
}

/// Switches to the language that the first script chose. Fetching starts immediately; the future
/// completes when the language is in use.
pub fn prepare() -> impl Future<Output = ()> {
    let code = language::wanted();
    language::in_background(async move {
        change(&code).await;
    })
}

/// Switches to another language and saves it as the user's choice. If it cannot be loaded, the page
/// stays as it is.
pub async fn choose(code: &str) {
    if change(code).await {
        language::remember(code);
    }
}

/// Returns whether the language was loaded and no later change has begun.
async fn change(code: &str) -> bool {
    let change = CHANGES.get().wrapping_add(1);
    CHANGES.set(change);
    let words = of(code).await;
    if CHANGES.get() != change {
        return false;
    }
    if let Some(words) = words {
        WORDS.set(words);
    }
    language::set_current(self::code());
    if words.is_some() {
        CHANGED.with(Notify::notify);
    }
    words.is_some()
}

/// The texts of a language; fetched at most once if that succeeds.
async fn of(code: &str) -> Option<&'static Words> {
    let here = HERE.with_borrow(|here| here.iter().find(|words| words.code() == code).copied());
    if here.is_some() {
        return here;
    }
    let words = keep(Words::parse(code, &language::fetch(code).await?)?);
    HERE.with_borrow_mut(|here| here.push(words));
    Some(words)
}
