//! Dates and numbers as the page's language writes them, in the variety that the browser prefers.

use super::language::locales;
use crate::time::Timestamp;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// The time of day: `17:42`.
pub fn time(at: Timestamp) -> String {
    format_date(at, &[("timeStyle", "short")])
}

/// Date and time to the minute: `22 Nov 2026, 17:42`.
pub fn date_time(at: Timestamp) -> String {
    format_date(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// Date and time to the second.
pub fn date_time_exact(at: Timestamp) -> String {
    format_date(at, &[("dateStyle", "medium"), ("timeStyle", "medium")])
}

/// The time of day in a time zone; `None` if the browser does not know the zone.
pub fn time_in_zone(at: Timestamp, zone: &str) -> Option<String> {
    format(at, &[("timeStyle", "short"), ("timeZone", zone)])
}

/// ISO 8601 in UTC, for `datetime` attributes.
pub fn iso(at: Timestamp) -> String {
    date(at).to_iso_string().into()
}

/// Reads ISO 8601 with any offset.
pub fn parse_iso(text: &str) -> Option<Timestamp> {
    let millis = Date::parse(text);
    millis
        .is_finite()
        .then(|| Timestamp::from_unix_millis(millis as i64))
}

/// A whole number with its separators: `1,234`.
pub fn number(value: u64) -> String {
    let formatter = Intl::NumberFormat::new(&locales(), &Object::new());
    formatter
        .format()
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(value as f64))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| value.to_string())
}

fn date(at: Timestamp) -> Date {
    Date::new(&JsValue::from_f64(at.unix_millis() as f64))
}

fn format_date(at: Timestamp, options: &[(&str, &str)]) -> String {
    format(at, options).unwrap_or_else(|| iso(at))
}

fn format(at: Timestamp, options: &[(&str, &str)]) -> Option<String> {
    let object = Object::new();
    for (name, value) in options {
        Reflect::set(&object, &(*name).into(), &(*value).into()).ok()?;
    }
    // `new Intl.DateTimeFormat` throws for an unknown time zone, which the typed binding cannot
    // catch; called as a function through `Reflect` it can.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let arguments = Array::of2(&locales(), &object);
    let formatter = Reflect::construct(&constructor, &arguments).ok()?;
    let format: Function = Reflect::get(&formatter, &"format".into())
        .ok()?
        .dyn_into()
        .ok()?;
    format.call1(&formatter, &date(at)).ok()?.as_string()
}
