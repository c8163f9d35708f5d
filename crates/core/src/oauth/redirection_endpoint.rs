//! Whether a response arrived at the redirection endpoint
//! ([RFC 6749 §3.1.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1.2)).
//!
//! An authorization server compares redirect URIs character by character and sends the browser to
//! the registered one. From there the page's own host may redirect it: with or without a slash, in
//! lower case, to `index.html`. Such a response still reached this application, and its `state`
//! identifies the request. A response that arrives anywhere else is not used, and the user is told.

use super::authorization_response::{AuthorizationResponse, CapturedResponse};
use crate::web_url::{WebUrl, same_page};

/// A response and the address it arrived at.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The page's address, without query and fragment.
    pub address: String,
    /// The address's query and fragment.
    pub response: CapturedResponse,
}

impl Arrival {
    /// Whether this may be a response to one of our requests: its `state` has the right form.
    /// Anybody can put `?code=` into a link to a page.
    ///
    /// ```
    /// use cc_connect_core::oauth::{Arrival, CapturedResponse, StateParameter};
    ///
    /// let arrival = |query: String| Arrival {
    ///     address: "https://app.example/callback".to_owned(),
    ///     response: CapturedResponse { query, ..CapturedResponse::default() },
    /// };
    /// let state = StateParameter::from_entropy([7; 32]);
    /// assert!(arrival(format!("code=a&state={}", state.expose())).may_be_ours());
    /// assert!(!arrival("code=a&state=b".to_owned()).may_be_ours());
    /// ```
    pub fn may_be_ours(&self) -> bool {
        AuthorizationResponse::parse(&self.response).is_ok_and(|response| response.may_be_ours())
    }
}

/// How an address relates to the registered redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the redirect URI, character by character.
    Registered,
    /// It is another spelling of the redirect URI, at the same origin.
    Nearby,
    /// It is another page or origin: a response there is not used.
    Elsewhere,
}

/// Compares the address of a page with the registered redirect URI. Both are absolute and have
/// neither query nor fragment.
///
/// ```
/// use cc_connect_core::oauth::redirection_endpoint::{Place, place};
///
/// let registered = "https://app.example/callback";
/// assert_eq!(place("https://app.example/callback", registered), Place::Registered);
/// assert_eq!(place("https://app.example/Callback/", registered), Place::Nearby);
/// assert_eq!(place("https://app.example/", registered), Place::Elsewhere);
/// ```
pub fn place(address: &str, redirect_uri: &str) -> Place {
    if address == redirect_uri {
        return Place::Registered;
    }
    match (split(address), split(redirect_uri)) {
        (Some((origin, path)), Some((registered_origin, registered_path)))
            if origin == registered_origin && same_page(path, registered_path) =>
        {
            Place::Nearby
        }
        _ => Place::Elsewhere,
    }
}

/// The normalized origin, and the path as written.
fn split(address: &str) -> Option<(String, &str)> {
    let origin = WebUrl::parse(address)?.origin();
    let (_, rest) = address.split_once("://")?;
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    Some((origin, path))
}
