//! The request to begin an authorization, and its answer.

use super::failure::ServerFailure;
use crate::{ReturnTo, json, oauth::Scope, web_url::WebUrl};
use serde_json::Value;
use std::fmt;

/// The longest URI that is followed, in bytes.
const MAX_URI: usize = 8 * 1024;

/// Where an authorization begins: at the authorization server, over `https` or on this machine. It
/// is for the address bar alone, since its parameters tie the response to the request.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUri(String);

impl AuthorizationUri {
    /// The URI, for the browser to go to.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Does not show it.
impl fmt::Debug for AuthorizationUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationUri")
    }
}

/// The body of the request: where to come back to, and the scope unless it is the server's own.
///
/// ```
/// use cc_connect_core::{ReturnTo, session::server::connect_body};
///
/// let page = ReturnTo::parse("contacts?list=7").unwrap();
/// assert_eq!(connect_body(&page, None), r#"{"return_to":"/contacts?list=7"}"#);
/// ```
pub fn connect_body(return_to: &ReturnTo, scope: Option<&Scope>) -> String {
    // Neither has a control character or a backslash, and a scope has no quotation mark either.
    let page = return_to.path_below("/").replace('"', "\\\"");
    match scope {
        None => format!(r#"{{"return_to":"{page}"}}"#),
        Some(scope) => format!(r#"{{"return_to":"{page}","scope":"{scope}"}}"#),
    }
}

/// Reads the answer.
///
/// ```
/// use cc_connect_core::session::server::{ServerFailure, read_authorization_uri};
///
/// let body = br#"{"authorization_uri":"https://authz.example/authorize?state=s"}"#;
/// assert!(read_authorization_uri(200, body).is_ok());
/// let script = br#"{"authorization_uri":"javascript:alert(1)"}"#;
/// let unexpected = ServerFailure::Unexpected { status: 200 };
/// assert_eq!(read_authorization_uri(200, script), Err(unexpected));
/// ```
///
/// # Errors
///
/// [`ServerFailure`], also if the URI is not one to go to.
pub fn read_authorization_uri(status: u16, body: &[u8]) -> Result<AuthorizationUri, ServerFailure> {
    if status != 200 {
        return Err(ServerFailure::read(status, body));
    }
    let unexpected = ServerFailure::Unexpected { status };
    let object = json::parse_object(body).map_err(|_| unexpected)?;
    let text = object.get("authorization_uri").and_then(Value::as_str);
    let text = text.filter(|text| text.len() <= MAX_URI && is_followed(text));
    text.map(|text| AuthorizationUri(text.to_owned()))
        .ok_or(unexpected)
}

fn is_followed(text: &str) -> bool {
    WebUrl::parse(text)
        .is_some_and(|url| !url.is_plain() && !url.has_userinfo() && !url.has_fragment())
}
