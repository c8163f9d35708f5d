//! What can be wrong with `config.json`.

/// Why there are no settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigFileError {
    /// The file could not be fetched.
    Unreachable,
    /// The server responded with a status other than 200.
    Status(u16),
    /// The file was fetched but its contents are invalid.
    Config(ConfigError),
}

impl ConfigFileError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable | Self::Status(_) => "config_unreachable",
            Self::Config(ConfigError::Mistakes(_)) => "config_mistakes",
            Self::Config(_) => "config_malformed",
        }
    }
}

/// Why the file does not yield settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Larger than [`MAX_BYTES`](super::MAX_BYTES).
    TooLarge,
    /// Nothing but white space.
    Empty,
    /// Not UTF-8, but probably this encoding; and the first line that shows it, if one does.
    Encoding(&'static str, Option<Line>),
    /// Not one JSON object with unique members.
    Malformed(Malformed),
    /// Valid, but no client_id has been entered yet.
    NotSetUp,
    /// All mistakes, at least one.
    Mistakes(Vec<Mistake>),
}

/// Where the file stops being one JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, as far as it can be told.
    pub flaw: Flaw,
    /// The line where that shows.
    pub line: Line,
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// Its text, truncated around the place of the error.
    pub text: String,
}

/// What is wrong with a file that is not one JSON object. [`code`](Self::code) is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is an HTML page.
    Page,
    /// A comment, which JSON does not have.
    Comment,
    /// A comma is missing before this.
    CommaMissing,
    /// A superfluous comma, such as one before a closing brace.
    CommaTooMany,
    /// Quotation marks are missing, or are not the straight double ones.
    Quotes,
    /// The file ends too early.
    Cut,
    /// A name occurs twice.
    Twice,
    /// Something other than one object in braces.
    NotAnObject,
    /// Anything else.
    Other,
}

impl Flaw {
    /// Every flaw.
    pub const ALL: [Self; 9] = [
        Self::Page,
        Self::Comment,
        Self::CommaMissing,
        Self::CommaTooMany,
        Self::Quotes,
        Self::Cut,
        Self::Twice,
        Self::NotAnObject,
        Self::Other,
    ];

    /// The stable name of the flaw.
    pub fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Comment => "comment",
            Self::CommaMissing => "comma_missing",
            Self::CommaTooMany => "comma_too_many",
            Self::Quotes => "quotes",
            Self::Cut => "cut",
            Self::Twice => "twice",
            Self::NotAnObject => "not_an_object",
            Self::Other => "unknown",
        }
    }
}

/// A key and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key, as written in the file.
    pub key: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a setting. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such key; perhaps this one was meant.
    UnknownKey(Option<&'static str>),
    /// Not a JSON string.
    NotText,
    /// The empty string.
    Empty,
    /// Not an absolute URL.
    NotAUrl,
    /// `http` to another host than this machine.
    NotHttps,
    /// A user name or password in a URL.
    HasUserinfo,
    /// A query where none is allowed.
    HasQuery,
    /// A fragment, where the response itself will be.
    HasFragment,
    /// An endpoint's query has a parameter that requests add and that may occur only once
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)).
    HasParameter(&'static str),
    /// A browser spells the redirect_uri differently, so it would match no response.
    OtherSpelling {
        /// The browser's spelling.
        instead: String,
    },
    /// A slash at the end of a URL that paths are appended to.
    TrailingSlash,
    /// The redirect_uri does not have the origin of this page.
    OtherOrigin {
        /// The origin of the page.
        page: String,
    },
    /// The scope has separators other than single spaces.
    ScopeSeparators {
        /// The same scope, separated properly.
        instead: String,
    },
    /// A character that is not allowed in a scope.
    MalformedScope,
    /// Neither of these values.
    NotOneOf([&'static str; 2]),
    /// Not a whole number of seconds within these bounds.
    NotSeconds {
        /// The smallest value allowed.
        least: i64,
        /// The largest value allowed.
        most: i64,
        /// The value if the key is absent.
        default: i64,
    },
    /// White space around the value.
    Whitespace,
    /// `server` is something else than `true`.
    NotTrue,
    /// A setting that a server has itself.
    NotWithServer,
}

impl Problem {
    /// The stable name of the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey(_) => "unknown_key",
            Self::NotText => "not_text",
            Self::Empty => "empty",
            Self::NotAUrl => "not_a_url",
            Self::NotHttps => "not_https",
            Self::HasUserinfo => "has_userinfo",
            Self::HasQuery => "has_query",
            Self::HasFragment => "has_fragment",
            Self::HasParameter(_) => "has_parameter",
            Self::OtherSpelling { .. } => "other_spelling",
            Self::TrailingSlash => "trailing_slash",
            Self::OtherOrigin { .. } => "other_origin",
            Self::ScopeSeparators { .. } => "scope_separators",
            Self::MalformedScope => "malformed_scope",
            Self::NotOneOf(_) => "not_one_of",
            Self::NotSeconds { .. } => "not_seconds",
            Self::Whitespace => "whitespace",
            Self::NotTrue => "not_true",
            Self::NotWithServer => "not_with_server",
        }
    }
}
