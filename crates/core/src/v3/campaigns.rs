//! `GET /emails`: scope `campaign_data`.

use super::{Request, member};
use serde::Deserialize;

/// The campaigns that changed last.
pub const LATEST: Request<Campaigns> = Request::get("/emails", &[("limit", "5")]);

/// A page of campaigns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Campaigns {
    /// In the API's order.
    #[serde(deserialize_with = "member::objects")]
    pub campaigns: Vec<Campaign>,
}

/// An email campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// Its name.
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
    /// It is being written.
    Draft,
    /// It will be sent.
    Scheduled,
    /// It is being sent.
    Executing,
    /// It was sent.
    Done,
    /// It could not be sent.
    Error,
    /// It was removed.
    Removed,
}

impl Status {
    /// Parses the API's value, ignoring case: the description has two spellings (`Done`, `DONE`).
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
