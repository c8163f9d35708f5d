//! `/contacts`. Scope `contact_data`.

use super::{endpoints, member, operation::Operation, page::Page, request::Request, uuid::Uuid};
use serde::Deserialize;

/// How many contacts there are, by permission: `GET /contacts/counts`.
///
/// ```
/// use cc_connect_core::v3::contacts;
///
/// let counts = contacts::counts().read(200, r#"{"explicit":200,"implicit":56}"#)?;
/// assert_eq!(counts.mailable(), Some(256));
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn counts() -> Operation<ContactCounts> {
    Operation::object(Request::new(&endpoints::GET_CONTACTS_COUNTS, &[]))
}

/// The contacts that match: `GET /contacts`. The API can neither search by name nor sort.
///
/// ```
/// use cc_connect_core::v3::{ApiBaseUrl, contacts::{self, ContactQuery}};
///
/// let query = ContactQuery { email: Some("ada@bakery.example".to_owned()), ..Default::default() };
/// let operation = contacts::matching(&query);
/// let base = ApiBaseUrl::new("https://api.cc.email/v3".to_owned());
/// assert_eq!(
///     operation.request().url(&base),
///     "https://api.cc.email/v3/contacts?email=ada%40bakery.example&include_count=true&limit=500"
/// );
///
/// let body = r#"{"contacts":[],"contacts_count":0}"#;
/// assert!(operation.read(200, body)?.items.is_empty());
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn matching(query: &ContactQuery) -> Operation<Page<Contact>> {
    let mut request = Request::new(&endpoints::GET_CONTACTS, &[]);
    if let Some(email) = &query.email {
        request = request.with("email", email);
    }
    if query.with_lists {
        request = request.with("include", "list_memberships");
    }
    let limit = query.page_size.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    request = request
        .with("include_count", "true")
        .with("limit", limit.to_string());
    if !query.lists.is_empty() {
        let lists: Vec<_> = query.lists.iter().map(Uuid::to_string).collect();
        request = request.with("lists", lists.join(","));
    }
    if !query.statuses.is_empty() {
        let statuses: Vec<_> = query.statuses.iter().map(|status| status.word()).collect();
        request = request.with("status", statuses.join(","));
    }
    Operation::page(request)
}

/// The most contacts that the API puts on a page.
const MAX_PAGE: u16 = 500;

/// Which contacts to read. The default is all but the deleted ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactQuery {
    /// Only the contact with exactly this email address.
    pub email: Option<String>,
    /// Only members of one of these lists; at most 25.
    pub lists: Vec<Uuid>,
    /// Only contacts with one of these statuses.
    pub statuses: Vec<Status>,
    /// Whether to read each contact's lists.
    pub with_lists: bool,
    /// How many contacts there are on a page, from 1 to 500; by default 500.
    pub page_size: Option<u16>,
}

/// The status of a contact, according to the API's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// May be sent email.
    Active,
    /// Was deleted, and is not read unless this status is asked for.
    Deleted,
    /// Has neither given nor withdrawn permission.
    NotSet,
    /// Was asked to confirm the subscription.
    PendingConfirmation,
    /// Is not sent email for the time being.
    TempHold,
    /// Has withdrawn permission, so that no email may be sent.
    Unsubscribed,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
            Self::NotSet => "not_set",
            Self::PendingConfirmation => "pending_confirmation",
            Self::TempHold => "temp_hold",
            Self::Unsubscribed => "unsubscribed",
        }
    }
}

/// A contact. Every member may be missing, even the email address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Identifies the contact in the API, whatever becomes of the email address.
    #[serde(deserialize_with = "member::uuid")]
    pub contact_id: Option<Uuid>,
    /// The email address and the permission to use it.
    #[serde(deserialize_with = "member::object")]
    pub email_address: Option<EmailAddress>,
    /// First name, if the contact or the user has entered one.
    #[serde(deserialize_with = "member::text")]
    pub first_name: Option<String>,
    /// Last name, if the contact or the user has entered one.
    #[serde(deserialize_with = "member::text")]
    pub last_name: Option<String>,
    /// Where the contact works.
    #[serde(deserialize_with = "member::text")]
    pub company_name: Option<String>,
    /// When it was created, in ISO 8601.
    #[serde(deserialize_with = "member::text")]
    pub created_at: Option<String>,
    /// When it last changed, in ISO 8601.
    #[serde(deserialize_with = "member::text")]
    pub updated_at: Option<String>,
    /// The lists it is on, if they were asked for.
    #[serde(deserialize_with = "member::uuids")]
    pub list_memberships: Vec<Uuid>,
}

/// A contact's email address. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EmailAddress {
    /// The address itself, in the spelling that was entered.
    #[serde(deserialize_with = "member::text")]
    pub address: Option<String>,
    /// `explicit`, `implicit`, `not_set`, `pending_confirmation`, `temp_hold` or `unsubscribed`.
    #[serde(deserialize_with = "member::text")]
    pub permission_to_send: Option<String>,
    /// When the contact unsubscribed, in ISO 8601.
    #[serde(deserialize_with = "member::text")]
    pub opt_out_date: Option<String>,
}

/// Numbers of contacts, as far as the API reports them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactCounts {
    /// How many contacts there are, whatever their permission.
    #[serde(deserialize_with = "member::count")]
    pub total: Option<u64>,
    /// Contacts who gave permission explicitly.
    #[serde(deserialize_with = "member::count")]
    pub explicit: Option<u64>,
    /// Contacts whose permission is implied by a relationship.
    #[serde(deserialize_with = "member::count")]
    pub implicit: Option<u64>,
}

impl ContactCounts {
    /// Contacts with a permission of either kind.
    ///
    /// ```
    /// use cc_connect_core::v3::contacts::ContactCounts;
    ///
    /// let counts = ContactCounts { total: Some(9), explicit: Some(3), implicit: Some(4) };
    /// assert_eq!(counts.mailable(), Some(7));
    /// assert_eq!(ContactCounts { implicit: None, ..counts }.mailable(), None);
    /// ```
    pub fn mailable(&self) -> Option<u64> {
        self.explicit?.checked_add(self.implicit?)
    }
}
