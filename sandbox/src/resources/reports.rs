//! `/reports`

use super::{
    context::{ApiResult, Context},
    query::with_links,
};
use crate::{
    data::{Campaign, Statistics},
    time,
};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// `GET /reports/summary_reports/email_campaign_summaries`: sent campaigns, newest
/// first. The percentages cover the page, not the account.
pub(super) fn summaries(context: &Context<'_>) -> ApiResult {
    let mut sent: Vec<(&Campaign, Statistics)> = context
        .account
        .campaigns
        .iter()
        .filter_map(|campaign| Some((campaign, campaign.statistics?)))
        .collect();
    sent.sort_by_key(|(_, statistics)| Reverse(statistics.last_sent_at));
    let (page, links) = context.query.page(&sent, 500)?;
    let summaries: Vec<Value> = page
        .iter()
        .map(|(campaign, statistics)| {
            json!({
                "campaign_id": campaign.id,
                "campaign_type": campaign.kind.0,
                "last_sent_date": time::iso(statistics.last_sent_at),
                "unique_counts": {
                    "sends": statistics.sends,
                    "opens": statistics.opens,
                    "clicks": statistics.clicks,
                    "forwards": statistics.forwards,
                    "optouts": statistics.optouts,
                    "abuse": statistics.abuse,
                    "bounces": statistics.bounces,
                    "not_opened": not_opened(statistics),
                },
            })
        })
        .collect();
    let total = |of: fn(&Statistics) -> u32| page.iter().map(|(_, one)| of(one)).sum::<u32>();
    let sends = total(|one| one.sends);
    let delivered = sends - total(|one| one.bounces);
    let percent = |part: u32, whole: u32| match whole {
        0 => 0.0,
        _ => (f64::from(part) * 100.0 / f64::from(whole)).round(),
    };
    let body = json!({
        "bulk_email_campaign_summaries": summaries,
        "aggregate_percents": {
            "click": percent(total(|one| one.clicks), delivered),
            "open": percent(total(|one| one.opens), delivered),
            "did_not_open": percent(total(not_opened), delivered),
            "bounce": percent(total(|one| one.bounces), sends),
            "unsubscribe": percent(total(|one| one.optouts), delivered),
        },
    });
    Ok(with_links(body, links))
}

fn not_opened(statistics: &Statistics) -> u32 {
    statistics.sends - statistics.bounces - statistics.opens
}
