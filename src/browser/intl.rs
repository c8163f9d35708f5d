//! Dates, numbers and plural forms in the page's language, in the regional variety that the browser
//! prefers.
//!
//! All of this comes from the browser's `Intl`, any part of which may throw: for an invalid
//! language tag, an unknown time zone, or a date beyond its calendar. An exception is caught and a
//! plain format is used instead. The typed bindings of js-sys do not catch.

use super::language;
use cc_connect::core::time::Timestamp;
use js_sys::{Array, Date, Function, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// The greatest distance from 1970 that a `Date` can represent, in milliseconds.
const FARTHEST: i64 = 8_640_000_000_000_000;

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
    format(
        "DateTimeFormat",
        &[("timeStyle", "short"), ("timeZone", zone)],
        &date(at),
    )
}

/// ISO 8601 in UTC, for `datetime` attributes.
pub fn iso(at: Timestamp) -> String {
    date(at).to_iso_string().into()
}

/// Parses ISO 8601 with any offset.
pub fn parse_iso(text: &str) -> Option<Timestamp> {
    let millis = Date::parse(text);
    millis
        .is_finite()
        .then(|| Timestamp::from_unix_millis(millis as i64))
}

/// A whole number with digit grouping: `1,234`.
pub fn number(value: u64) -> String {
    format("NumberFormat", &[], &JsValue::from_f64(value as f64))
        .unwrap_or_else(|| value.to_string())
}

/// The plural category of a number in the current language: `one`, `few`, `other` and so on.
pub fn plural_category(count: u64) -> String {
    let select = || {
        let rules = make("PluralRules", &[])?;
        let select = function(&rules, "select")?;
        select
            .call1(&rules, &(count as f64).into())
            .ok()?
            .as_string()
    };
    // A text without this form falls back to `other`.
    select().unwrap_or_else(|| if count == 1 { "one" } else { "other" }.to_owned())
}

/// The `Date` for a time, clamped to what a `Date` can represent.
fn date(at: Timestamp) -> Date {
    let millis = at.unix_millis().clamp(-FARTHEST, FARTHEST);
    Date::new(&JsValue::from_f64(millis as f64))
}

fn format_date(at: Timestamp, options: &[(&str, &str)]) -> String {
    format("DateTimeFormat", options, &date(at)).unwrap_or_else(|| iso(at))
}

/// `new Intl.NAME(locales, options).format(value)`
fn format(name: &str, options: &[(&str, &str)], value: &JsValue) -> Option<String> {
    let formatter = make(name, options)?;
    let format = function(&formatter, "format")?;
    format.call1(&formatter, value).ok()?.as_string()
}

/// `new Intl.NAME(locales, options)`
fn make(name: &str, options: &[(&str, &str)]) -> Option<JsValue> {
    let constructor = function(&intl()?, name)?;
    let object = Object::new();
    for (name, value) in options {
        Reflect::set(&object, &(*name).into(), &(*value).into()).ok()?;
    }
    Reflect::construct(&constructor, &Array::of2(&locales(), &object)).ok()
}

/// The current language in the varieties that the user's browser prefers: with *English* chosen, a
/// browser that prefers British English gets British dates. Invalid tags (`en-US@posix`) are
/// skipped.
fn locales() -> Array {
    let code = language::current();
    let preferred = web_sys::window()
        .and_then(|window| Reflect::get(&window.navigator(), &"languages".into()).ok())
        .and_then(|languages| languages.dyn_into::<Array>().ok())
        .unwrap_or_default();
    let canonical = intl().and_then(|intl| function(&intl, "getCanonicalLocales"));
    let is_proper = |tag: &JsValue| {
        canonical
            .as_ref()
            .is_some_and(|canonical| canonical.call1(&JsValue::UNDEFINED, tag).is_ok())
    };
    let of_the_language = preferred.iter().filter(|tag| {
        let text = tag.as_string().unwrap_or_default();
        let rest = text.strip_prefix(code);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) && is_proper(tag)
    });
    of_the_language.chain([code.into()]).collect()
}

fn intl() -> Option<JsValue> {
    Reflect::get(&js_sys::global(), &"Intl".into()).ok()
}

fn function(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}
