//! Whether a response came to the redirection endpoint
//! ([RFC 6749 §3.1.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1.2)).
//!
//! An authorization server compares redirect URIs character by character, and sends the browser to
//! the one that was registered. The page's own host may send it on from there: with a slash or without
//! one, in lower case, to `index.html`. A response that arrives so came to this application all the same, and
//! its `state` says to which request. One that arrives elsewhere is not used, and that is said.

use super::{AuthorizationResponse, CapturedResponse};
use crate::{route::same_page, web_url::WebUrl};

/// A response as it arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The page's address, without query and fragment.
    pub address: String,
    /// The rest of it.
    pub response: CapturedResponse,
}

impl Arrival {
    /// Whether this can be a response to a request of this application's: its `state` has the form of ours. Anybody may write `?code=` into a link to a page.
    pub fn may_be_ours(&self) -> bool {
        AuthorizationResponse::parse(&self.response).is_ok_and(|response| response.may_be_ours())
    }
}

/// Where an address is, seen from the registered redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the redirect URI.
    Registered,
    /// It is another spelling of it at the same origin.
    Nearby,
    /// It is another address.
    Elsewhere,
}

/// Compares the address of a page with the registered redirect URI. Both are absolute and have neither
/// query nor fragment.
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

/// The origin in the one spelling that can be compared, and the path as written.
fn split(address: &str) -> Option<(String, &str)> {
    let origin = WebUrl::parse(address)?.origin();
    let (_, rest) = address.split_once("://")?;
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    Some((origin, path))
}
