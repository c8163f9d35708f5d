//! The token request of RFC 6749 §4.1.3 and §6.

use super::reply::Refusal;
use crate::{
    http::{self, Parameters},
    options::Client,
};
use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

/// An unvalidated request.
pub(super) struct TokenRequest {
    is_form: bool,
    /// Whether there is a header `Authorization`.
    pub(super) has_authorization: bool,
    /// The client_id and the secret of `Authorization: Basic`.
    basic: Option<(String, String)>,
    /// The query's parameters come first: the documentation's curl puts all of them there.
    parameters: Parameters,
    /// The header `Origin`.
    pub(super) origin: Option<String>,
}

impl TokenRequest {
    pub(super) fn read(query: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name| {
            headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let is_form = text(header::CONTENT_TYPE).is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        let mut parameters = http::parameters(query);
        if is_form {
            parameters.extend(http::parameters(&String::from_utf8_lossy(body)));
        }
        Self {
            is_form,
            has_authorization: headers.contains_key(header::AUTHORIZATION),
            basic: text(header::AUTHORIZATION).and_then(|value| basic(&value)),
            parameters,
            origin: text(header::ORIGIN),
        }
    }

    /// The value of a parameter, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        http::parameter(&self.parameters, name).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::MISSING_PARAMETER)
    }

    /// Checks the media type, and that no parameter is repeated.
    pub(super) fn check_form(&self) -> Result<(), Refusal> {
        if !self.is_form {
            return Err(Refusal::NO_FORM);
        }
        let repeated = self
            .parameters
            .iter()
            .enumerate()
            .any(|(index, (name, _))| {
                self.parameters[..index]
                    .iter()
                    .any(|(known, _)| known == name)
            });
        if repeated {
            return Err(Refusal::REPEATED_PARAMETER);
        }
        Ok(())
    }

    /// The client_id and the secret of `Authorization: Basic`.
    pub(super) fn basic(&self) -> Option<(&str, &str)> {
        let (id, secret) = self.basic.as_ref()?;
        Some((id, secret))
    }

    /// Whether the parameters authenticate the client, which Constant Contact does not document.
    pub(super) fn has_credentials(&self) -> bool {
        ["client_secret", "client_assertion"]
            .iter()
            .any(|name| self.get(name).is_some())
    }

    /// The application that `client_id` names, or `Authorization` without it.
    pub(super) fn client<'a>(&self, clients: &'a [Client]) -> Option<&'a Client> {
        let id = self
            .get("client_id")
            .or_else(|| self.basic().map(|(id, _)| id))?;
        clients.iter().find(|client| client.client_id == id)
    }
}

/// Reads the value of `Authorization`. Both parts are form-encoded before they are joined (RFC 6749
/// §2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// Undoes form-encoding; `None` if the text would have been encoded otherwise.
fn decoded(text: &str) -> Option<String> {
    // As a name, `&` and `=` would end it.
    if text.contains(['&', '=']) {
        return None;
    }
    let parameters = http::parameters(text);
    Some(parameters.into_iter().next()?.0)
}
