//! `/account`

use super::{
    context::{ApiResult, Context},
    error::ApiError,
};
use crate::{data::ANCHOR, time};
use serde_json::{Value, json};

/// `GET /account/summary`
pub(super) fn summary(context: &Context<'_>) -> ApiResult {
    let extras = context
        .query
        .csv_of("extra_fields", &["physical_address", "company_logo"])?;
    let organization = &context.account.organization;
    let mut body = json!({
        "contact_email": organization.contact_email,
        "contact_phone": organization.contact_phone,
        "country_code": "US",
        "encoded_account_id": organization.encoded_account_id,
        "first_name": organization.owner.0,
        "last_name": organization.owner.1,
        "organization_name": organization.name,
        "organization_phone": organization.organization_phone,
        "state_code": organization.state.0,
        "time_zone_id": organization.time_zone_id,
        "website": organization.website,
    });
    if extras.contains(&"physical_address") {
        let mut address = json!({
            "address_line1": organization.address_line1,
            "city": organization.city,
            "state_code": organization.state.0,
            "state_name": organization.state.1,
            "postal_code": organization.postal_code,
            "country_code": "US",
        });
        if let Some(line) = organization.address_line2 {
            address["address_line2"] = line.into();
        }
        body["physical_address"] = address;
    }
    if let Some(logo) = organization
        .logo
        .filter(|_| extras.contains(&"company_logo"))
    {
        let url = format!("{}/assets/{logo}", context.shared.addresses.origin());
        body["company_logo"] = json!({
            "url": url,
            "external_url": organization.website,
            "internal_id": "1401",
        });
    }
    Ok(body)
}

/// `GET /account/emails`, by one filter at a time.
pub(super) fn emails(context: &Context<'_>) -> ApiResult {
    let query = &context.query;
    let status = query.one_of("confirm_status", &["CONFIRMED", "C", "UNCONFIRMED", "U"])?;
    let role = query.one_of(
        "role_code",
        &[
            "CONTACT",
            "C",
            "BILLING",
            "B",
            "JOURNALING",
            "J",
            "REPLY_TO",
            "R",
            "OTHER",
            "O",
        ],
    )?;
    let address = query.get("email_address");
    if [status, role, address].iter().flatten().count() > 1 {
        return Err(ApiError::BadRequest(
            "Use one of confirm_status, role_code and email_address at a time.".to_owned(),
        ));
    }
    let emails: Vec<Value> = (1..)
        .zip(context.account.organization.emails)
        .filter(|(_, (known, roles, confirmed))| {
            status.is_none_or(|status| status.starts_with('C') == *confirmed)
                && role.is_none_or(|role| roles.iter().any(|known| known.starts_with(role)))
                && address.is_none_or(|address| known.eq_ignore_ascii_case(address))
        })
        .map(|(id, (address, roles, confirmed))| {
            let mut email = json!({
                "email_address": address,
                "email_id": id,
                "confirm_status": if *confirmed { "CONFIRMED" } else { "UNCONFIRMED" },
                "roles": roles,
                "pending_roles": [],
            });
            if *confirmed {
                email["confirm_time"] = time::iso(ANCHOR - i64::from(id) * 40 * 86_400).into();
                email["confirm_source_type"] = "SITE_OWNER".into();
            }
            email
        })
        .collect();
    Ok(emails.into())
}

/// `GET /account/user/privileges`
pub(super) fn privileges(context: &Context<'_>) -> ApiResult {
    Ok(context
        .user
        .role
        .privileges()
        .iter()
        .map(|(id, name)| json!({ "privilege_id": id, "privilege_name": name }))
        .collect())
}
