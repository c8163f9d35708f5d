//! `GET /emails`: scope `campaign_data`.

use super::Request;
use serde::Deserialize;

/// The campaigns changed last.
pub const LATEST: Request<Campaigns> = Request::get("/emails", &[("limit", "5")]);

/// A page of campaigns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Campaigns {
    /// In the API's order.
    pub campaigns: Vec<Campaign>,
}

/// An email campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// Its identifier.
    pub campaign_id: String,
    /// Its name.
    pub name: Option<String>,
    /// `Draft`, `Scheduled`, `Executing`, `Done`, `Error` or `Removed`.
    pub current_status: Option<String>,
    /// ISO 8601.
    pub updated_at: Option<String>,
}
