//! Light or dark: the system's setting, unless the user chooses one.

use super::{choice, document::html};

/// The user's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Follow the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The key of the user's choice.
const KEY: &str = "cc-connect/theme";

impl Theme {
    /// All choices, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The name in storage and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The current choice, which the first script has set on the document.
    pub fn current() -> Self {
        let found = html().and_then(|html| html.get_attribute("data-theme"));
        Self::ALL
            .into_iter()
            .find(|theme| Some(theme.name()) == found.as_deref())
            .unwrap_or_default()
    }

    /// Applies the choice, and saves it if the browser allows it.
    pub fn choose(self) {
        if let Some(html) = html() {
            // Fails only for an invalid attribute name.
            let _ = match self {
                Self::System => html.remove_attribute("data-theme"),
                _ => html.set_attribute("data-theme", self.name()),
            };
        }
        match self {
            Self::System => choice::forget(KEY),
            _ => choice::keep(KEY, self.name()),
        }
    }

    /// Forgets the saved choice; the page keeps its theme.
    pub fn forget() {
        choice::forget(KEY);
    }
}
