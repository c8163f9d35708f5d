//! Light or dark: the system's choice unless the person makes one.

use super::document::html;

/// The person's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// In localStorage. It says nothing about anybody.
const KEY: &str = "cc-connect/theme";

impl Theme {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name in storage and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice in force, which the first script has put on the document.
    pub fn current() -> Self {
        let found = html().and_then(|html| html.get_attribute("data-theme"));
        Self::ALL
            .into_iter()
            .find(|theme| Some(theme.name()) == found.as_deref())
            .unwrap_or_default()
    }

    /// Makes it the choice, and remembers it where the browser lets us.
    pub fn choose(self) {
        if let Some(html) = html() {
            // Neither fails for an attribute with a valid name.
            let _ = match self {
                Self::System => html.remove_attribute("data-theme"),
                _ => html.set_attribute("data-theme", self.name()),
            };
        }
        if let Some(storage) = storage() {
            let _ = match self {
                Self::System => storage.remove_item(KEY),
                _ => storage.set_item(KEY, self.name()),
            };
        }
    }

    /// Forgets the choice for the next visit; the page stays as it is.
    pub fn forget() {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(KEY);
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
