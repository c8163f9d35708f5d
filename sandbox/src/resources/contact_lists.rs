//! `/contact_lists`

use super::{
    activities,
    context::{ApiResult, Context, Input},
    error::ApiError,
    query::with_links,
};
use crate::{
    contents::{Full, ListInput},
    data::ContactList,
    time,
};
use serde_json::{Value, json};

const COUNTS: &[&str] = &["all", "active"];
/// The longest name, in characters.
const LONGEST_NAME: usize = 255;

/// `GET /contact_lists`
pub(super) fn list(context: &Context<'_>) -> ApiResult {
    let query = &context.query;
    let statuses = query.csv_of("status", &["all", "active", "deleted"])?;
    let channel = query.one_of("channel_type", &["email", "sms"])?;
    let count = query.one_of("include_membership_count", COUNTS)?;
    let name = query.get("name");
    // There are no SMS lists.
    let shown = channel != Some("sms");
    let lists: Vec<(usize, &ContactList)> = context
        .contents
        .lists
        .iter()
        .enumerate()
        .filter(|(_, list)| shown && name.is_none_or(|name| list.name == name))
        .filter(|(_, list)| has_status(list.is_deleted(context.now), &statuses))
        .collect();
    let (page, links) = query.page(&lists, 1000)?;
    let page: Vec<Value> = page
        .iter()
        .map(|(index, list)| write(context, *index, list, count))
        .collect();
    let mut body = json!({ "lists": page });
    if query.flag("include_count")? {
        body["lists_count"] = lists.len().into();
    }
    Ok(with_links(body, links))
}

/// Without a status: all that are not deleted.
fn has_status(deleted: bool, statuses: &[&str]) -> bool {
    if statuses.is_empty() {
        return !deleted;
    }
    statuses.iter().any(|status| match *status {
        "all" => true,
        "deleted" => deleted,
        _ => !deleted,
    })
}

/// `GET /contact_lists/{list_id}`
pub(super) fn details(context: &Context<'_>) -> ApiResult {
    let count = context.query.one_of("include_membership_count", COUNTS)?;
    let (index, list) = context
        .contents
        .lists
        .iter()
        .enumerate()
        .find(|(_, list)| list.id == context.id)
        .ok_or(NOT_FOUND)?;
    Ok(write(context, index, list, count))
}

/// `POST /contact_lists`
pub(super) fn create(context: &mut Context<'_>, input: &Input<'_>) -> ApiResult {
    let input = read(input)?;
    if context.contents.is_taken(&input.name, "", context.now) {
        return Err(ApiError::Conflict(
            "Another contact list has this name.".to_owned(),
        ));
    }
    let index = context
        .contents
        .add_list(input, context.now)
        .map_err(|Full| {
            ApiError::BadRequest("The account has the most lists that it may have.".to_owned())
        })?;
    Ok(write(context, index, &context.contents.lists[index], None))
}

/// `PUT /contact_lists/{list_id}`
pub(super) fn replace(context: &mut Context<'_>, input: &Input<'_>) -> ApiResult {
    let input = read(input)?;
    let (id, now) = (context.id, context.now);
    let is_taken = context.contents.is_taken(&input.name, id, now);
    let list = context.contents.list_mut(id, now).ok_or(NOT_FOUND)?;
    // The description of this operation has no 409.
    if is_taken {
        return Err(ApiError::BadRequest(
            "Another contact list has this name.".to_owned(),
        ));
    }
    list.name = input.name.into();
    list.description = input.description.into();
    list.favorite = input.favorite;
    list.updated_at = now;
    details(context)
}

/// `DELETE /contact_lists/{list_id}`
pub(super) fn delete(context: &mut Context<'_>, _: &Input<'_>) -> ApiResult {
    let (id, now) = (context.id, context.now);
    let activity = context.contents.delete_list(id, now).ok_or(NOT_FOUND)?;
    Ok(activities::write(activity, now))
}

const NOT_FOUND: ApiError = ApiError::NotFound("contact list");

/// `ListInput` of the Swagger.
fn read(input: &Input<'_>) -> Result<ListInput, ApiError> {
    let members = input.object()?;
    let bad = |message: &str| ApiError::BadRequest(message.to_owned());
    let text = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(bad(&format!("{name} must be a string."))),
    };
    let name = text("name")?;
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(bad("name must have 1 to 255 characters."));
    }
    let favorite = match members.get("favorite") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(favorite)) => *favorite,
        Some(_) => return Err(bad("favorite must be true or false.")),
    };
    Ok(ListInput {
        name: name.to_owned(),
        description: text("description")?.to_owned(),
        favorite,
    })
}

fn write(context: &Context<'_>, index: usize, list: &ContactList, count: Option<&str>) -> Value {
    let mut body = json!({
        "list_id": list.id,
        "name": list.name,
        "description": list.description,
        "favorite": list.favorite,
        "created_at": time::iso(list.created_at),
        "updated_at": time::iso(list.updated_at),
    });
    let deleted_at = list.deleted_at.filter(|at| *at <= context.now);
    if let Some(at) = deleted_at {
        body["deleted_at"] = time::iso(at).into();
    }
    if let Some(count) = count {
        let members = context
            .account
            .contacts
            .iter()
            .filter(|contact| contact.deleted_at.is_none() && contact.lists.contains(&index))
            .filter(|contact| count == "all" || contact.permission.is_active())
            .count();
        body["membership_count"] = if deleted_at.is_some() { 0 } else { members }.into();
    }
    body
}
