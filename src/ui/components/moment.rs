//! A point in time, formatted in the browser's language.

use crate::browser::intl;
use cc_connect::core::time::Timestamp;
use leptos::prelude::*;

/// How precisely to show a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exactness {
    /// The time of day.
    #[default]
    Time,
    /// Date and time to the minute.
    DateTime,
    /// Date and time to the second.
    Exact,
}

/// A `<time>` element.
#[component]
pub fn Moment(
    /// The time to show.
    at: Timestamp,
    /// How precisely to show it.
    #[prop(optional)]
    exactness: Exactness,
) -> impl IntoView {
    let text = match exactness {
        Exactness::Time => intl::time(at),
        Exactness::DateTime => intl::date_time(at),
        Exactness::Exact => intl::date_time_exact(at),
    };
    view! { <time datetime=intl::iso(at) translate="no">{text}</time> }
}
