//! The sandbox's pages, without any script.

mod index;
mod permission;
mod sign_in;

pub(crate) use index::index;
pub(crate) use permission::{Permission, permission};
pub(crate) use sign_in::sign_in;

use maud::{DOCTYPE, Markup, html};

/// The layout of every page. `class` is `card` for the narrow ones.
fn layout(title: &str, class: &str, main: Markup) -> Markup {
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
fn alert(error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error {
            p.alert role="alert" { (error) }
        }
    }
}

/// The page for a request whose error cannot be returned to the application.
pub(crate) fn bad_request(message: &str) -> Markup {
    layout(
        "400 Bad Request",
        "card",
        html! {
            h1 { "400 Bad Request" }
            p { "Your request resulted in an error." }
            (alert(Some(message)))
        },
    )
}

/// The page for an address under `/oauth2` that does not exist.
pub(crate) fn not_found() -> Markup {
    layout(
        "404 Page Not Found",
        "card",
        html! {
            h1 { "404 Page Not Found" }
            p { "Sorry, there is nothing at this address." }
        },
    )
}
