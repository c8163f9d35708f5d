//! What every page has around its contents.

use maud::{DOCTYPE, Markup, html};

/// The layout of every page. `class` is `card` for the narrow ones.
pub(super) fn layout(title: &str, class: &str, main: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Sandbox" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/sandbox.css";
            }
            body {
                p.banner {
                    strong { "Sandbox" }
                    " This stands in for Constant Contact on this computer. Nothing here is real."
                }
                main class=(class) { (main) }
            }
        }
    }
}

/// An error message above a form.
pub(super) fn alert(error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error {
            p.alert role="alert" { (error) }
        }
    }
}
