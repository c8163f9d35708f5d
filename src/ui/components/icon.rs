//! Icons: few, always next to text, and therefore hidden from screen readers.

use leptos::prelude::*;

/// A 24 by 24 icon drawn by one path.
#[component]
pub fn Icon(
    /// The `d` attribute of the path.
    path: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}

/// A triangle with an exclamation mark.
pub const WARNING: &str = "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1";
/// Four panes.
pub const OVERVIEW: &str = "M4 5h7v6H4zM4 15h7v4H4zM15 5h5v4h-5zM15 13h5v6h-5z";
/// Two links of a chain.
pub const CONNECTION: &str = "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1";
/// A circled check mark.
pub const PASSED: &str = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8 12.3l2.8 2.8L16 9.5";
/// A circled cross.
pub const FAILED: &str = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M9 9l6 6M15 9l-6 6";
/// A circled dash.
pub const NEITHER: &str = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8.5 12h7";
