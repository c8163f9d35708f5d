//! `/activities`

use super::{
    context::{ApiResult, Context},
    error::ApiError,
};
use crate::{
    contents::{Activity, State},
    options::API_PATH,
    time,
};
use serde_json::{Value, json};

/// `GET /activities/{activity_id}`
pub(super) fn details(context: &Context<'_>) -> ApiResult {
    let activity = context
        .contents
        .activity(context.id)
        .ok_or(ApiError::NotFound("activity"))?;
    let mut body = write(activity, context.now);
    let completed = u8::from(activity.state(context.now) == State::Completed);
    body["status"] = json!({
        "items_total_count": 1,
        "items_completed_count": completed,
        "list_count": 1,
    });
    Ok(body)
}

/// An activity as it is now.
pub(super) fn write(activity: &Activity, now: i64) -> Value {
    let (state, percent_done) = match activity.state(now) {
        State::Initialized => ("initialized", 0),
        State::Processing => ("processing", 50),
        State::Completed => ("completed", 100),
    };
    let started_at = activity.started_at(now);
    let completed_at = activity.completed_at(now);
    let updated_at = completed_at.or(started_at).unwrap_or(activity.created_at);
    let mut body = json!({
        "activity_id": activity.id,
        "state": state,
        "percent_done": percent_done,
        "activity_errors": [],
        "created_at": time::iso(activity.created_at),
        "updated_at": time::iso(updated_at),
        "_links": { "self": { "href": format!("{API_PATH}/activities/{}", activity.id) } },
    });
    for (name, at) in [("started_at", started_at), ("completed_at", completed_at)] {
        if let Some(at) = at {
            body[name] = time::iso(at).into();
        }
    }
    body
}
