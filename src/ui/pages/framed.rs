//! Inside another page, where clicks can be stolen, the application does nothing.

use crate::{
    browser::location,
    ui::{components::alert::Alert, messages::Message},
};
use leptos::prelude::*;

/// The page.
pub fn view() -> impl IntoView {
    super::title("Not here");
    let message = Message {
        title: "Another page shows this one inside itself".to_owned(),
        paragraphs: vec![
            "It could lead you to press something you do not see, so nothing can be done here. Nothing was lost.".to_owned(),
            "Open this page by itself.".to_owned(),
        ],
    };
    view! {
        <div class="text stack-wide">
            <h1>"This page does not work here"</h1>
            <Alert code="framed" message=message>
                <a class="button button-primary" href=location::base_url() target="_blank" rel="noopener">
                    "Open it by itself"
                </a>
            </Alert>
        </div>
    }
}
