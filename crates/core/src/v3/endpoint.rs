//! What is known of one operation of the API, whoever sends it.

use super::uuid::Uuid;
use http::Method;
use std::fmt;

/// The largest response of most endpoints, in bytes.
const RESPONSE_LIMIT: usize = 4 * 1024 * 1024;

/// The largest JSON body of most endpoints, in bytes.
const REQUEST_LIMIT: usize = 64 * 1024;

/// The key of the query that continues a paged response.
pub(super) const CURSOR: &str = "cursor";

/// One operation of the API, as its published description has it. [`ENDPOINTS`](super::ENDPOINTS)
/// lists them all.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// What the endpoint does with its resource; a path alone may belong to several endpoints.
    pub method: Method,
    /// The path below the API's base URL, as in the API's description: `/contact_lists/{list_id}`.
    pub template: &'static str,
    /// What stands for each parameter of the template, in order.
    pub parameters: &'static [PathParameter],
    /// The keys of the query. A paged endpoint takes `cursor`, too.
    pub query: &'static [&'static str],
    /// The largest JSON body that may be sent, in bytes; 0 if the endpoint takes no body.
    pub request_limit: usize,
    /// The statuses of a successful response.
    pub statuses: &'static [u16],
    /// The shape of a successful response's body.
    pub response: ResponseBody,
    /// The largest response that is read, in bytes.
    pub response_limit: usize,
    /// The scope token that the access token needs; `None` if any access token will do.
    pub scope: Option<&'static str>,
    /// Whether sending it twice has the effect of sending it once
    /// ([RFC 9110 §9.2.2](https://www.rfc-editor.org/rfc/rfc9110.html#section-9.2.2)).
    pub is_idempotent: bool,
}

/// What stands for a parameter in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathParameter {
    /// The identifier of a resource, in the form of a [`Uuid`].
    Uuid,
    /// A decimal number up to [`u32::MAX`], without leading zeros.
    Number,
}

/// The shape of a JSON response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseBody {
    /// One JSON object, such as the account.
    Object,
    /// A JSON array of objects, whole and without pages.
    Array,
    /// An object with an array of items, and a link to the next page if there is one.
    Page {
        /// The member that holds the items.
        items: &'static str,
        /// The member that holds the number of items on all pages, if the API can count them.
        total: Option<&'static str>,
    },
}

impl Endpoint {
    pub(super) const fn get(template: &'static str, parameters: &'static [PathParameter]) -> Self {
        Self::new(Method::GET, template, parameters, &[200])
    }

    pub(super) const fn post(template: &'static str, parameters: &'static [PathParameter]) -> Self {
        let mut post = Self::new(Method::POST, template, parameters, &[201]);
        post.request_limit = REQUEST_LIMIT;
        post.is_idempotent = false;
        post
    }

    pub(super) const fn put(template: &'static str, parameters: &'static [PathParameter]) -> Self {
        let mut put = Self::new(Method::PUT, template, parameters, &[200]);
        put.request_limit = REQUEST_LIMIT;
        put
    }

    /// Deletes as an activity: the API accepts the request and carries it out later.
    pub(super) const fn delete_later(
        template: &'static str,
        parameters: &'static [PathParameter],
    ) -> Self {
        Self::new(Method::DELETE, template, parameters, &[202])
    }

    const fn new(
        method: Method,
        template: &'static str,
        parameters: &'static [PathParameter],
        statuses: &'static [u16],
    ) -> Self {
        assert!(
            count(template, b'{') == parameters.len(),
            "each parameter of the template has its kind"
        );
        Self {
            method,
            template,
            parameters,
            query: &[],
            request_limit: 0,
            statuses,
            response: ResponseBody::Object,
            response_limit: RESPONSE_LIMIT,
            scope: None,
            is_idempotent: true,
        }
    }

    pub(super) const fn scope(mut self, token: &'static str) -> Self {
        self.scope = Some(token);
        self
    }

    pub(super) const fn query(mut self, keys: &'static [&'static str]) -> Self {
        self.query = keys;
        self
    }

    pub(super) const fn responds_with(mut self, response: ResponseBody) -> Self {
        self.response = response;
        self
    }

    pub(super) const fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Whether its response may have a next page.
    ///
    /// ```
    /// use cc_connect_core::v3::endpoints;
    ///
    /// assert!(endpoints::GET_CONTACTS.is_paged());
    /// assert!(!endpoints::GET_CONTACTS_COUNTS.is_paged());
    /// ```
    pub const fn is_paged(&self) -> bool {
        matches!(self.response, ResponseBody::Page { .. })
    }

    /// The key of the query that is spelled `name`; `None` if the endpoint has none.
    ///
    /// ```
    /// use cc_connect_core::v3::endpoints;
    ///
    /// assert_eq!(endpoints::GET_CONTACTS.query_key("cursor"), Some("cursor"));
    /// assert_eq!(endpoints::GET_CONTACTS.query_key("access_token"), None);
    /// ```
    pub fn query_key(&self, name: &str) -> Option<&'static str> {
        let cursor: &[&str] = if self.is_paged() { &[CURSOR] } else { &[] };
        self.query
            .iter()
            .chain(cursor)
            .copied()
            .find(|key| *key == name)
    }

    /// Matches a path against the template and returns the path as this crate spells it; `None` if
    /// it does not match. Literal segments match exactly, and nothing is decoded.
    ///
    /// ```
    /// use cc_connect_core::v3::endpoints::GET_CONTACT_LIST;
    ///
    /// let path = "/contact_lists/06526938-56DD-11E9-932A-FA163EA075FA";
    /// assert_eq!(GET_CONTACT_LIST.spell(path), Some(path.to_ascii_lowercase()));
    /// assert_eq!(GET_CONTACT_LIST.spell("/contact_lists/list_id_xrefs"), None);
    /// ```
    pub fn spell(&self, path: &str) -> Option<String> {
        let mut given = path.split('/');
        let mut parameters = self.parameters.iter();
        let mut spelled = String::with_capacity(path.len());
        for (index, expected) in self.template.split('/').enumerate() {
            let segment = given.next()?;
            if index > 0 {
                spelled.push('/');
            }
            if expected.starts_with('{') {
                spelled.push_str(&parameters.next()?.spell(segment)?);
            } else if segment == expected {
                spelled.push_str(expected);
            } else {
                return None;
            }
        }
        given.next().is_none().then_some(spelled)
    }

    /// The template with its parameters filled in.
    pub(super) fn fill(&self, values: &[&dyn fmt::Display]) -> String {
        let mut values = values.iter();
        let segments = self.template.split('/').map(|segment| {
            let value = segment.starts_with('{').then(|| values.next()).flatten();
            value.map_or_else(|| segment.to_owned(), ToString::to_string)
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

impl PathParameter {
    /// The segment as this crate spells it; `None` if it is not of this kind.
    ///
    /// ```
    /// use cc_connect_core::v3::PathParameter;
    ///
    /// assert_eq!(PathParameter::Number.spell("42").as_deref(), Some("42"));
    /// assert_eq!(PathParameter::Number.spell("042"), None);
    /// assert_eq!(PathParameter::Uuid.spell(".."), None);
    /// ```
    pub fn spell(self, segment: &str) -> Option<String> {
        match self {
            Self::Uuid => segment.parse::<Uuid>().ok().map(|uuid| uuid.to_string()),
            Self::Number => {
                let number = segment.parse::<u32>().ok()?.to_string();
                // The standard library accepts a sign and leading zeros.
                (number == segment).then_some(number)
            }
        }
    }
}

/// `GET /contact_lists/{list_id}`: the same for every request of the endpoint, so it may be logged.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

const fn count(text: &str, byte: u8) -> usize {
    let bytes = text.as_bytes();
    let (mut index, mut found) = (0, 0);
    while index < bytes.len() {
        found += (bytes[index] == byte) as usize;
        index += 1;
    }
    found
}
