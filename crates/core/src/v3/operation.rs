//! What a caller sends, and how its response is read.

use super::{endpoint::ResponseBody, error::ApiError, member, request::Request};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::fmt;

/// A [`Request`] whose response is read as a `T`. The functions of this module's siblings, such as
/// [`account::summary`](super::account::summary), make them.
pub struct Operation<T> {
    request: Request,
    read: Read<T>,
}

/// Reads the body of a successful response; `None` if it is not what the request asked for.
type Read<T> = fn(&Request, &str) -> Option<T>;

impl<T> Operation<T> {
    pub(super) fn new(request: Request, read: Read<T>) -> Self {
        Self { request, read }
    }

    /// The request to send.
    ///
    /// ```
    /// use cc_connect_core::v3::contacts;
    ///
    /// assert_eq!(contacts::counts().request().path(), "/contacts/counts");
    /// ```
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The scope token that the access token needs; `None` if any access token will do.
    ///
    /// ```
    /// use cc_connect_core::v3::{account, campaigns};
    ///
    /// assert_eq!(campaigns::latest().scope(), Some("campaign_data"));
    /// assert_eq!(account::privileges().scope(), None);
    /// ```
    pub fn scope(&self) -> Option<&'static str> {
        self.request.endpoint().scope
    }

    /// Reads the response.
    ///
    /// ```
    /// use cc_connect_core::v3::{ApiError, contacts};
    ///
    /// let counts = contacts::counts().read(200, r#"{"total":326}"#)?;
    /// assert_eq!(counts.total, Some(326));
    /// assert_eq!(contacts::counts().read(401, ""), Err(ApiError::Unauthorized));
    /// # Ok::<(), ApiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ApiError`] by status and error key; [`ApiError::Unexpected`] if a successful response has
    /// another shape.
    pub fn read(&self, status: u16, body: &str) -> Result<T, ApiError> {
        check(&self.request, status, body)?;
        (self.read)(&self.request, body).ok_or(ApiError::Unexpected { status })
    }
}

impl<T: DeserializeOwned> Operation<T> {
    pub(super) fn object(request: Request) -> Self {
        Self::new(request, |_, body| serde_json::from_str(body).ok())
    }
}

impl<T: DeserializeOwned> Operation<Vec<T>> {
    pub(super) fn array(request: Request) -> Self {
        Self::new(request, |_, body| {
            let items: Vec<&RawValue> = serde_json::from_str(body).ok()?;
            Some(member::read_objects(items))
        })
    }
}

/// Whether the response is a successful one and its body begins as it must.
fn check(request: &Request, status: u16, body: &str) -> Result<(), ApiError> {
    let endpoint = request.endpoint();
    if !endpoint.statuses.contains(&status) {
        return Err(ApiError::read(status, body, endpoint.request_limit > 0));
    }
    // serde would read a struct from an array, too; the API sends objects.
    let start = match endpoint.response {
        ResponseBody::Object | ResponseBody::Page { .. } => '{',
        ResponseBody::Array => '[',
    };
    let begins = body.trim_start().starts_with(start);
    begins.then_some(()).ok_or(ApiError::Unexpected { status })
}

impl<T> Clone for Operation<T> {
    fn clone(&self) -> Self {
        Self {
            request: self.request.clone(),
            read: self.read,
        }
    }
}

/// Two operations are equal if their requests are.
impl<T> PartialEq for Operation<T> {
    fn eq(&self, other: &Self) -> bool {
        self.request == other.request
    }
}

impl<T> Eq for Operation<T> {}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Operation").field(&self.request).finish()
    }
}
