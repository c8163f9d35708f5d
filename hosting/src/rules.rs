//! What the rules are for each class of paths.

/// A header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// As it is usually written: `Referrer-Policy`.
    pub name: &'static str,
    /// Visible ASCII without line breaks.
    pub value: String,
}

/// Kinds of paths that are answered alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A file that never changes: its name carries a hash of its content.
    Hashed,
    /// `index.html`, at the base, by its name, or at a route of the app.
    Document,
    /// `index.html` at the redirection endpoint.
    Callback,
    /// `config.json`.
    Config,
    /// Any other file.
    Other,
    /// Nothing is there.
    Missing,
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The file of that name.
    File,
    /// `index.html`, with status 200 and without a redirect.
    Index,
    /// Status 404.
    NotFound,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::Hashed,
        Self::Document,
        Self::Callback,
        Self::Config,
        Self::Other,
        Self::Missing,
    ];

    /// `Cache-Control`. `no-cache` lets a cache keep the answer and has it ask every time whether it
    /// still holds. The callback's document is not kept at all, which also keeps it out of the
    /// back/forward cache. What is missing may be there after the next deployment.
    pub const fn cache_control(self) -> &'static str {
        match self {
            Self::Hashed => "public, max-age=31536000, immutable",
            Self::Document | Self::Config | Self::Other => "no-cache",
            Self::Callback | Self::Missing => "no-store",
        }
    }

    /// What is answered.
    pub const fn answer(self) -> Answer {
        match self {
            Self::Hashed | Self::Config | Self::Other => Answer::File,
            Self::Document | Self::Callback => Answer::Index,
            Self::Missing => Answer::NotFound,
        }
    }
}

/// What holds for one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What kind of path it is.
    pub class: Class,
    /// What is answered.
    pub answer: Answer,
    /// All headers that the answer carries, `Cache-Control` at the end.
    pub headers: Vec<Header>,
}
