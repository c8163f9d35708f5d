//! The rules for each class of paths.

/// A header field that a host adds to a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, as usually written: `Referrer-Policy`.
    pub name: &'static str,
    /// The value: visible ASCII without line breaks.
    pub value: String,
}

/// Classes of paths with the same rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A file that never changes: its name carries a hash of its content.
    Hashed,
    /// `index.html`, at the base, by its name, or at a route of the app.
    Document,
    /// `index.html` at the redirection endpoint.
    Callback,
    /// `config.json`, the deployer's settings: read at startup, and never from a stale cache.
    Config,
    /// Any other file: its name stays and its content may change.
    Other,
    /// There is no such file.
    Missing,
}

/// What a host serves for a path, whatever headers it adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The file of that name.
    File,
    /// `index.html`, with status 200 and without a redirect.
    Index,
    /// No page of the app: status 404.
    NotFound,
}

impl Class {
    /// Every class, from what may be cached forever to what does not exist.
    pub const ALL: [Self; 6] = [
        Self::Hashed,
        Self::Document,
        Self::Callback,
        Self::Config,
        Self::Other,
        Self::Missing,
    ];

    /// `Cache-Control`. `no-cache` lets a cache store the response but makes it revalidate every
    /// time. The callback's document is not stored at all, which also keeps it out of the
    /// back/forward cache. A file that is missing may exist after the next deployment.
    pub const fn cache_control(self) -> &'static str {
        match self {
            Self::Hashed => "public, max-age=31536000, immutable",
            Self::Document | Self::Config | Self::Other => "no-cache",
            Self::Callback | Self::Missing => "no-store",
        }
    }

    /// What the host serves at a path of this class.
    pub const fn content(self) -> Content {
        match self {
            Self::Hashed | Self::Config | Self::Other => Content::File,
            Self::Document | Self::Callback => Content::Index,
            Self::Missing => Content::NotFound,
        }
    }
}

/// The rule for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The class of the path.
    pub class: Class,
    /// What the host serves there.
    pub content: Content,
    /// All headers of the response, `Cache-Control` last.
    pub headers: Vec<Header>,
}
