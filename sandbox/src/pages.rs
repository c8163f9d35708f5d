//! The sandbox's pages, without any script.

mod index;
mod layout;
mod permission;
mod sign_in;

pub(crate) use index::index;
pub(crate) use permission::{Permission, permission};
pub(crate) use sign_in::sign_in;

use layout::{alert, layout};
use maud::{Markup, html};

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
