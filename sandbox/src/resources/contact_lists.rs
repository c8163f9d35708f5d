//! `/contact_lists`

use super::{
    context::{ApiResult, Context},
    error::ApiError,
    query::with_links,
};
use crate::{
    data::{Account, ContactList},
    time,
};
use serde_json::{Value, json};

const COUNTS: &[&str] = &["all", "active"];

/// `GET /contact_lists`
pub(super) fn list(context: &Context<'_>) -> ApiResult {
    let query = &context.query;
    let statuses = query.csv_of("status", &["all", "active", "deleted"])?;
    let channel = query.one_of("channel_type", &["email", "sms"])?;
    let count = query.one_of("include_membership_count", COUNTS)?;
    let name = query.get("name");
    // There are no deleted lists and no SMS lists.
    let shown = channel != Some("sms")
        && (statuses.is_empty() || statuses.iter().any(|status| *status != "deleted"));
    let lists: Vec<(usize, &ContactList)> = context
        .account
        .lists
        .iter()
        .enumerate()
        .filter(|(_, list)| shown && name.is_none_or(|name| list.name == name))
        .collect();
    let (page, links) = query.page(&lists, 1000)?;
    let page: Vec<Value> = page
        .iter()
        .map(|(index, list)| write(context.account, *index, list, count))
        .collect();
    let mut body = json!({ "lists": page });
    if query.flag("include_count")? {
        body["lists_count"] = lists.len().into();
    }
    Ok(with_links(body, links))
}

/// `GET /contact_lists/{list_id}`
pub(super) fn details(context: &Context<'_>) -> ApiResult {
    let count = context.query.one_of("include_membership_count", COUNTS)?;
    let (index, list) = context
        .account
        .lists
        .iter()
        .enumerate()
        .find(|(_, list)| list.id == context.id)
        .ok_or(ApiError::NotFound("contact list"))?;
    Ok(write(context.account, index, list, count))
}

fn write(account: &Account, index: usize, list: &ContactList, count: Option<&str>) -> Value {
    let mut body = json!({
        "list_id": list.id,
        "name": list.name,
        "description": list.description,
        "favorite": list.favorite,
        "created_at": time::iso(list.created_at),
        "updated_at": time::iso(list.updated_at),
    });
    if let Some(count) = count {
        body["membership_count"] = account
            .contacts
            .iter()
            .filter(|contact| contact.deleted_at.is_none() && contact.lists.contains(&index))
            .filter(|contact| count == "all" || contact.permission.is_active())
            .count()
            .into();
    }
    body
}
