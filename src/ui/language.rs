//! The words in force, and the parts of views that change with them.

use crate::{
    browser::{intl, language},
    words::{Piece, Plural, Word, Words, fill, pieces},
};
use leptos::{either::Either, prelude::*};
use std::cell::{Cell, RefCell};

thread_local! {
    /// The languages that are here; English is the first.
    static HERE: RefCell<Vec<&'static Words>> = RefCell::new(vec![keep(Words::english())]);
    static WORDS: Cell<&'static Words> = Cell::new(HERE.with_borrow(|here| here[0]));
    static CHANGED: ArcTrigger = ArcTrigger::new();
    /// Counts changes, so that a slow one does not undo a later one.
    static CHANGES: Cell<u32> = const { Cell::new(0) };
}

fn keep(words: Words) -> &'static Words {
    Box::leak(Box::new(words))
}

impl Word {
    /// The text.
    pub fn text(self) -> &'static str {
        words().text(self)
    }

    /// The text with values in the places of their names.
    pub fn with(self, values: &[(&str, &str)]) -> String {
        fill(self.text(), values)
    }
}

impl Plural {
    /// The text for this number.
    pub fn text(self, count: u64) -> &'static str {
        words().form(self, &intl::plural_category(count))
    }

    /// The text for this number, with the number in it.
    pub fn with(self, count: u64) -> String {
        fill(self.text(count), &[("count", &count.to_string())])
    }
}

/// A text as a view: what matters and code are elements, and `value` makes what stands in the place
/// of a name.
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

/// A part of a view whose words change. It is made anew each time, where otherwise the new words would be
/// written into the nodes that are there: a page translation has put nodes of its own in their places, and
/// nobody would see them. What is made has to begin with an element, and texts stand in elements of it.
pub fn redrawn<V: IntoView + 'static>(
    mut view: impl FnMut() -> V + Send + 'static,
) -> impl IntoView {
    let mut odd = false;
    move || {
        odd = !odd;
        // A view is made anew only where it takes the place of another kind.
        if odd {
            Either::Left(view())
        } else {
            Either::Right(view())
        }
    }
}

/// A part of a view that is made anew when the language changes, as by [`redrawn`].
pub fn anew<V: IntoView + 'static>(view: impl Fn() -> V + Send + 'static) -> impl IntoView {
    redrawn(move || {
        CHANGED.with(Track::track);
        view()
    })
}

/// The code of the language in force.
pub fn code() -> &'static str {
    words().code()
}

fn words() -> &'static Words {
    WORDS.get()
}

/// Begins with the language that the first script has found. It is there when the future ends, and
/// is fetched meanwhile.
pub fn prepare() -> impl Future<Output = ()> {
    let code = language::wanted();
    language::in_background(async move {
        change(&code).await;
    })
}

/// Shows the page in another language and remembers it as the person's choice. Where the language is
/// not to be had the page stays as it is.
pub async fn choose(code: &str) {
    if change(code).await {
        language::remember(code);
    }
}

/// Whether that worked, and nothing else was chosen meanwhile.
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

/// The words of a language, fetched once.
async fn of(code: &str) -> Option<&'static Words> {
    let here = HERE.with_borrow(|here| here.iter().find(|words| words.code() == code).copied());
    if here.is_some() {
        return here;
    }
    let words = keep(Words::parse(code, &language::fetch(code).await?)?);
    HERE.with_borrow_mut(|here| here.push(words));
    Some(words)
}
