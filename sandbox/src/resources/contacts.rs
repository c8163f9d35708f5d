//! `/contacts`

use super::{
    context::{ApiResult, Context},
    error::ApiError,
    query::with_links,
};
use crate::{
    data::{ANCHOR, Contact, Permission},
    time,
};
use serde_json::{Value, json};

const STATUSES: &[&str] = &[
    "all",
    "active",
    "deleted",
    "not_set",
    "pending_confirmation",
    "temp_hold",
    "unsubscribed",
];
const SUBRESOURCES: &[&str] = &[
    "custom_fields",
    "list_memberships",
    "taggings",
    "notes",
    "phone_numbers",
    "street_addresses",
];
/// How many lists one request may name, and how many tags.
const MAX_LISTS: usize = 25;
const MAX_TAGS: usize = 50;
/// The age limit of a new subscriber, in seconds.
const NEW: i64 = 30 * 86_400;

/// `GET /contacts`
pub(super) fn list(context: &Context<'_>) -> ApiResult {
    let query = &context.query;
    let account = context.account;
    if query.get("segment_id").is_some() {
        return Err(ApiError::NotFound("segment"));
    }
    let statuses = query.csv_of("status", STATUSES)?;
    let include = query.csv_of("include", SUBRESOURCES)?;
    let lists = positions(&query.csv("lists"), MAX_LISTS, "lists", |id| {
        let lists = &context.contents.lists;
        lists
            .iter()
            .position(|list| list.id == id && !list.is_deleted(context.now))
    })?;
    let tags = positions(&query.csv("tags"), MAX_TAGS, "tags", |id| {
        account.tags.iter().position(|tag| tag.id == id)
    })?;
    let email = query.get("email");
    let updated = (query.time("updated_after")?, query.time("updated_before")?);
    let created = (query.time("created_after")?, query.time("created_before")?);
    let opted_out = (query.time("optout_after")?, query.time("optout_before")?);

    let found: Vec<&Contact> = account
        .contacts
        .iter()
        .filter(|contact| has_status(contact, &statuses))
        .filter(|contact| {
            email.is_none_or(|email| {
                contact
                    .email
                    .as_ref()
                    .is_some_and(|known| known.eq_ignore_ascii_case(email))
            })
        })
        .filter(|contact| {
            lists
                .as_ref()
                .is_none_or(|lists| lists.iter().any(|list| contact.lists.contains(list)))
        })
        .filter(|contact| {
            tags.as_ref()
                .is_none_or(|tags| tags.iter().any(|tag| contact.tags.contains(tag)))
        })
        .filter(|contact| within(contact.updated_at, updated))
        .filter(|contact| within(contact.created_at, created))
        .filter(|contact| {
            opted_out == (None, None)
                || (contact.permission == Permission::Unsubscribed
                    && within(contact.updated_at, opted_out))
        })
        .collect();
    let (page, links) = query.page(&found, 500)?;
    let page: Vec<Value> = page
        .iter()
        .map(|contact| write(context, contact, &include))
        .collect();
    let mut body = json!({ "contacts": page });
    if query.flag("include_count")? {
        body["contacts_count"] = found.len().into();
    }
    Ok(with_links(body, links))
}

/// `GET /contacts/{contact_id}`
pub(super) fn details(context: &Context<'_>) -> ApiResult {
    let include = context.query.csv_of("include", SUBRESOURCES)?;
    let contact = context
        .account
        .contacts
        .iter()
        .find(|contact| contact.id == context.id)
        .ok_or(ApiError::NotFound("contact"))?;
    Ok(write(context, contact, &include))
}

/// `GET /contacts/counts`
pub(super) fn counts(context: &Context<'_>) -> ApiResult {
    // The Swagger has both the singular and the plural.
    let new = context
        .query
        .one_of("include", &["new_subscriber", "new_subscribers"])?;
    let live = || {
        context
            .account
            .contacts
            .iter()
            .filter(|contact| contact.deleted_at.is_none())
    };
    let of = |permission| {
        live()
            .filter(|contact| contact.permission == permission)
            .count()
    };
    let mut body = json!({
        "total": live().count(),
        "explicit": of(Permission::Explicit),
        "implicit": of(Permission::Implicit),
        "pending": of(Permission::PendingConfirmation),
        "unsubscribed": of(Permission::Unsubscribed),
    });
    if new.is_some() {
        body["new_subscriber"] = live()
            .filter(|contact| contact.permission.is_active() && ANCHOR - contact.created_at < NEW)
            .count()
            .into();
    }
    Ok(body)
}

/// The indices of the ids given; an unknown id matches nothing. `None` if none were given.
fn positions(
    ids: &[&str],
    most: usize,
    name: &str,
    position: impl Fn(&str) -> Option<usize>,
) -> Result<Option<Vec<usize>>, ApiError> {
    if ids.len() > most {
        return Err(ApiError::BadRequest(format!(
            "{name} takes at most {most} values."
        )));
    }
    Ok((!ids.is_empty()).then(|| ids.iter().filter_map(|id| position(id)).collect()))
}

fn within(at: i64, (after, before): (Option<i64>, Option<i64>)) -> bool {
    after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before)
}

/// Without a status: all that are not deleted.
fn has_status(contact: &Contact, statuses: &[&str]) -> bool {
    let deleted = contact.deleted_at.is_some();
    if statuses.is_empty() {
        return !deleted;
    }
    statuses.iter().any(|status| match *status {
        "all" => true,
        "deleted" => deleted,
        "active" => !deleted && contact.permission.is_active(),
        other => !deleted && contact.permission.as_str() == other,
    })
}

fn write(context: &Context<'_>, contact: &Contact, include: &[&str]) -> Value {
    let mut body = json!({
        "contact_id": contact.id,
        "create_source": source(contact.created_by_contact),
        "update_source": "Account",
        "created_at": time::iso(contact.created_at),
        "updated_at": time::iso(contact.updated_at),
    });
    if let Some(address) = &contact.email {
        body["email_address"] = email_address(contact, address);
    }
    for (name, value) in [
        ("first_name", contact.first_name),
        ("last_name", contact.last_name),
        ("job_title", contact.job_title),
        ("company_name", contact.company_name),
    ] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    if let Some((month, day)) = contact.birthday {
        body["birthday_month"] = month.into();
        body["birthday_day"] = day.into();
    }
    if let Some(at) = contact.deleted_at {
        body["deleted_at"] = time::iso(at)[..10].into();
    }
    for name in include {
        body[*name] = subresource(context, contact, name);
    }
    body
}

fn email_address(contact: &Contact, address: &str) -> Value {
    let mut body = json!({
        "address": address,
        "permission_to_send": contact.permission.as_str(),
        "created_at": time::iso(contact.created_at),
        "updated_at": time::iso(contact.updated_at),
        "confirm_status": match contact.permission {
            Permission::PendingConfirmation => "pending",
            Permission::Explicit => "confirmed",
            _ => "off",
        },
    });
    if contact.permission == Permission::Unsubscribed {
        body["opt_out_source"] = "Contact".into();
        body["opt_out_date"] = time::iso(contact.updated_at).into();
        if let Some(reason) = contact.opt_out_reason {
            body["opt_out_reason"] = reason.into();
        }
    } else {
        body["opt_in_source"] = source(contact.created_by_contact).into();
        body["opt_in_date"] = time::iso(contact.created_at).into();
    }
    body
}

fn source(by_contact: bool) -> &'static str {
    if by_contact { "Contact" } else { "Account" }
}

fn subresource(context: &Context<'_>, contact: &Contact, name: &str) -> Value {
    let account = context.account;
    let (created_at, updated_at) = (time::iso(contact.created_at), time::iso(contact.updated_at));
    match name {
        "list_memberships" => contact
            .lists
            .iter()
            .map(|index| &context.contents.lists[*index])
            .filter(|list| !list.is_deleted(context.now))
            .map(|list| list.id.clone())
            .collect(),
        "taggings" => contact
            .tags
            .iter()
            .map(|index| account.tags[*index].id.clone())
            .collect(),
        "custom_fields" => contact
            .custom_field
            .iter()
            .map(|value| json!({ "custom_field_id": account.custom_field_id, "value": value }))
            .collect(),
        "notes" => contact
            .note
            .iter()
            .map(|(id, content)| {
                json!({ "note_id": id, "created_at": updated_at, "content": content })
            })
            .collect(),
        "phone_numbers" => contact
            .phone
            .iter()
            .map(|(id, number)| {
                json!({
                    "phone_number_id": id,
                    "phone_number": number,
                    "kind": "mobile",
                    "created_at": created_at,
                    "updated_at": updated_at,
                    "create_source": "Account",
                    "update_source": "Account",
                })
            })
            .collect(),
        _ => contact
            .address
            .iter()
            .map(|(id, street, city, state, postal_code)| {
                json!({
                    "street_address_id": id,
                    "kind": "home",
                    "street": street,
                    "city": city,
                    "state": state,
                    "postal_code": postal_code,
                    "country": "United States",
                    "created_at": created_at,
                    "updated_at": updated_at,
                })
            })
            .collect(),
    }
}
