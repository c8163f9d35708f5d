//! Embedded in another page, where clicks can be hijacked, the application does nothing.

use crate::{browser::location, messages::Message, ui::components::alert::Alert, words};
use leptos::prelude::*;

/// Renders the page.
pub fn view() -> impl IntoView {
    super::title(words::FRAMED_PAGE);
    let message = Message::new(words::FRAMED_WHAT, &[words::FRAMED_WHY, words::FRAMED_NEXT]);
    view! {
        <div class="text stack-wide">
            <h1>{words::FRAMED_TITLE.text()}</h1>
            <Alert code="framed" message=message>
                <a class="button button-primary" href=location::base_url() target="_blank" rel="noopener">
                    {words::FRAMED_OPEN.text()}
                </a>
            </Alert>
        </div>
    }
}
