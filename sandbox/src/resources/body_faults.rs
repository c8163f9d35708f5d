//! Faults in the body of a response: unusual, but valid JSON.

use crate::faults::ApiFault;
use serde_json::Value;

/// Members that no client needs.
const DISPENSABLE: &[&str] = &[
    "address_line2",
    "campaign_id",
    "company_logo",
    "description",
    "last_name",
    "unsubscribed",
    "website",
];

/// Applies a fault to a body.
pub(super) fn apply(fault: Option<ApiFault>, body: &mut Value) {
    match fault {
        Some(ApiFault::Member(name, value)) => set_members(body, name, value),
        Some(ApiFault::LooseJson) => loosen(body),
        _ => {}
    }
}

/// Sets every member with this name, at any depth.
fn set_members(body: &mut Value, name: &str, value: &str) {
    match body {
        Value::Array(items) => {
            for item in items {
                set_members(item, name, value);
            }
        }
        Value::Object(members) => {
            for (known, member) in members {
                if known == name {
                    *member = value.into();
                } else {
                    set_members(member, name, value);
                }
            }
        }
        _ => {}
    }
}

/// Writes whole numbers as `2.0` and dispensable values as `null`.
fn loosen(body: &mut Value) {
    match body {
        Value::Number(number) => *body = number.as_f64().into(),
        Value::Array(items) => items.iter_mut().for_each(loosen),
        Value::Object(members) => {
            for (name, member) in members {
                if DISPENSABLE.contains(&name.as_str()) {
                    *member = Value::Null;
                } else {
                    loosen(member);
                }
            }
        }
        _ => {}
    }
}
