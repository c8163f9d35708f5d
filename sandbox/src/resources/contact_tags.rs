//! `/contact_tags`

use super::{
    context::{ApiResult, Context},
    query::with_links,
};
use crate::time;
use serde_json::{Value, json};

/// `GET /contact_tags`
pub(super) fn list(context: &Context<'_>) -> ApiResult {
    let counted = context.query.flag("include_count")?;
    let tags: Vec<_> = context.account.tags.iter().enumerate().collect();
    let (page, links) = context.query.page(&tags, 500)?;
    let page: Vec<Value> = page
        .iter()
        .map(|(index, tag)| {
            let mut body = json!({
                "tag_id": tag.id,
                "name": tag.name,
                "tag_source": "Contact",
                "created_at": time::iso(tag.created_at),
                "updated_at": time::iso(tag.created_at),
            });
            if counted {
                body["contacts_count"] = context
                    .account
                    .contacts
                    .iter()
                    .filter(|contact| contact.deleted_at.is_none() && contact.tags.contains(index))
                    .count()
                    .into();
            }
            body
        })
        .collect();
    Ok(with_links(json!({ "tags": page }), links))
}
