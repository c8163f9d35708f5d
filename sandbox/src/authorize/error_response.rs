//! An error for the application (RFC 6749 §4.1.2.1 and §4.2.2.1).

use form_urlencoded::Serializer;

/// Which part of the redirect URI a response is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Fragment,
    Query,
}

impl Place {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Fragment => Self::Query,
            Self::Query => Self::Fragment,
        }
    }

    /// The redirect URI with a form-encoded response.
    pub(super) fn join(self, redirect_uri: &str, form: &str) -> String {
        let mark = match self {
            Self::Fragment => '#',
            Self::Query if redirect_uri.contains('?') => '&',
            Self::Query => '?',
        };
        format!("{redirect_uri}{mark}{form}")
    }
}

#[derive(Clone, Debug)]
pub(super) struct ErrorResponse {
    pub(super) redirect_uri: String,
    pub(super) place: Place,
    pub(super) error: String,
    pub(super) description: String,
    pub(super) state: Option<String>,
}

impl ErrorResponse {
    pub(super) fn location(&self) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("error", &self.error)
            .append_pair("error_description", &self.description);
        if let Some(state) = &self.state {
            form.append_pair("state", state);
        }
        self.place.join(&self.redirect_uri, &form.finish())
    }
}
