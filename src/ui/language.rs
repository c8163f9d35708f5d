//! Changes the language in use, and the parts of views that change with it.

use crate::{
    browser::{intl, language},
    words::{
        Piece, Words,
        current::{self, Formats},
        pieces,
    },
};
use leptos::{either::Either, prelude::*};
use std::cell::{Cell, RefCell};

/// How the browser writes what depends on the language.
const FORMATS: Formats = Formats {
    plural_category: intl::plural_category,
    date_time: intl::date_time,
};

thread_local! {
    /// The languages loaded so far, English first.
    static LOADED: RefCell<Vec<&'static Words>> = RefCell::new(vec![current::words()]);
    static CHANGED: ArcTrigger = ArcTrigger::new();
    /// Counts changes, so that a slow change does not undo a later one.
    static CHANGES: Cell<u32> = const { Cell::new(0) };
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
pub fn redrawn_in_language<V: IntoView + 'static>(
    view: impl Fn() -> V + Send + 'static,
) -> impl IntoView {
    redrawn(move || {
        CHANGED.with(Track::track);
        view()
    })
}

/// The code of the current language.
pub fn code() -> &'static str {
    current::words().code()
}

/// Switches to the language that the first script chose. Fetching starts immediately; the future
/// completes when the language is in use.
pub fn prepare() -> impl Future<Output = ()> {
    current::set_formats(FORMATS);
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
    let words = texts_of(code).await;
    if CHANGES.get() != change {
        return false;
    }
    if let Some(words) = words {
        current::set_words(words);
    }
    language::set_current(self::code());
    if words.is_some() {
        CHANGED.with(Notify::notify);
    }
    words.is_some()
}

/// The texts of a language; fetched at most once if that succeeds.
async fn texts_of(code: &str) -> Option<&'static Words> {
    let loaded =
        LOADED.with_borrow(|loaded| loaded.iter().find(|words| words.code() == code).copied());
    if loaded.is_some() {
        return loaded;
    }
    let words = Words::parse(code, &language::fetch(code).await?)?;
    let words: &'static Words = Box::leak(Box::new(words));
    LOADED.with_borrow_mut(|loaded| loaded.push(words));
    Some(words)
}
