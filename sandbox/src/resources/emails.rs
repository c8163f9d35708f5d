//! `/emails`

use super::{
    context::{ApiResult, Context},
    error::ApiError,
    query::with_links,
};
use crate::{data::Campaign, time};
use serde_json::{Value, json};

/// `GET /emails`
pub(super) fn list(context: &Context<'_>) -> ApiResult {
    let after = context.query.time("after_date")?;
    let before = context.query.time("before_date")?;
    let campaigns: Vec<&Campaign> = context
        .account
        .campaigns
        .iter()
        .filter(|campaign| {
            after.is_none_or(|after| campaign.updated_at > after)
                && before.is_none_or(|before| campaign.updated_at < before)
        })
        .collect();
    let (page, links) = context.query.page(&campaigns, 500)?;
    let page: Vec<Value> = page.iter().map(|campaign| write(campaign)).collect();
    Ok(with_links(json!({ "campaigns": page }), links))
}

/// `GET /emails/{campaign_id}`
pub(super) fn details(context: &Context<'_>) -> ApiResult {
    let campaign = context
        .account
        .campaigns
        .iter()
        .find(|campaign| campaign.id == context.id)
        .ok_or(ApiError::NotFound("campaign"))?;
    let mut body = write(campaign);
    body["campaign_activities"] = json!([
        { "campaign_activity_id": campaign.activity_id, "role": "primary_email" },
        { "campaign_activity_id": campaign.permalink_id, "role": "permalink" },
    ]);
    Ok(body)
}

fn write(campaign: &Campaign) -> Value {
    json!({
        "campaign_id": campaign.id,
        "name": campaign.name,
        "current_status": campaign.status.as_str(),
        "type": campaign.kind.0,
        "type_code": campaign.kind.1,
        "created_at": time::iso(campaign.created_at),
        "updated_at": time::iso(campaign.updated_at),
    })
}
