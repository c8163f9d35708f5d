//! `/emails`: email campaigns. Scope `campaign_data`.

use super::{endpoints, member, operation::Operation, page::Page, request::Request, uuid::Uuid};
use serde::Deserialize;

/// The five campaigns that changed last: `GET /emails`.
///
/// ```
/// use cc_connect_core::v3::campaigns;
///
/// let body = r#"{"campaigns":[{"name":"December Newsletter","current_status":"Done"}]}"#;
/// let latest = campaigns::latest().read(200, body)?;
/// assert_eq!(latest.campaigns[0].name.as_deref(), Some("December Newsletter"));
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn latest() -> Operation<Campaigns> {
    Operation::object(Request::new(&endpoints::GET_EMAILS, &[]).with("limit", "5"))
}

/// All campaigns, even removed ones, 500 on a page: `GET /emails`. The API does not count them.
///
/// ```
/// use cc_connect_core::v3::campaigns;
///
/// let body = r#"{
///     "campaigns": [{"name":"December Newsletter"}],
///     "_links": {"next":{"href":"/v3/emails?cursor=bGltaXQ9MQ"}}
/// }"#;
/// let page = campaigns::all().read(200, body)?;
/// let next = page.next.expect("another page");
/// assert_eq!(next.request().query(), [("cursor", "bGltaXQ9MQ".to_owned())]);
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn all() -> Operation<Page<Campaign>> {
    Operation::page(Request::new(&endpoints::GET_EMAILS, &[]).with("limit", "500"))
}

/// The campaigns that [`latest`] reads, without a way to further ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Campaigns {
    /// In the API's order.
    #[serde(deserialize_with = "member::objects")]
    pub campaigns: Vec<Campaign>,
}

/// An email campaign. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// Identifies it in the API; it never changes.
    #[serde(deserialize_with = "member::uuid")]
    pub campaign_id: Option<Uuid>,
    /// Its name in the account, which recipients do not see.
    #[serde(deserialize_with = "member::text")]
    pub name: Option<String>,
    /// Its status; [`Status`] has the known ones.
    #[serde(deserialize_with = "member::text")]
    pub current_status: Option<String>,
    /// When it last changed, in ISO 8601.
    #[serde(deserialize_with = "member::text")]
    pub updated_at: Option<String>,
}

/// The status of a campaign, according to the API's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is being written and has not been scheduled.
    Draft,
    /// It will be sent at a time that was set.
    Scheduled,
    /// It is being sent to its recipients.
    Executing,
    /// It was sent to all its recipients.
    Done,
    /// It could not be sent.
    Error,
    /// The user removed it; [`all`] still returns it.
    Removed,
}

impl Status {
    /// Parses the API's value, ignoring case: the description has two spellings (`Done`, `DONE`).
    ///
    /// ```
    /// use cc_connect_core::v3::campaigns::Status;
    ///
    /// assert_eq!(Status::parse("DONE"), Some(Status::Done));
    /// assert_eq!(Status::parse("Sent"), None);
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        [
            ("draft", Self::Draft),
            ("scheduled", Self::Scheduled),
            ("executing", Self::Executing),
            ("done", Self::Done),
            ("error", Self::Error),
            ("removed", Self::Removed),
        ]
        .into_iter()
        .find_map(|(known, status)| word.trim().eq_ignore_ascii_case(known).then_some(status))
    }
}
