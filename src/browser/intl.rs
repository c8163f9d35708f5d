//! Dates, numbers and plural forms in the page's language, in the regional variety that the browser
//! prefers.
//!
//! All of this comes from the browser's `Intl`, any part of which may throw: for an invalid
//! language tag, an unknown time zone, or a date beyond its calendar. These bindings catch the
//! exception, as those of js-sys do not, and a plain format is used instead.

use super::language;
use cc_connect::core::time::Timestamp;
use js_sys::{Array, Date};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locales: &Array, options: &Options) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn format(this: &DateTimeFormat, at: &Date) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locales: &Array) -> Result<NumberFormat, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn format(this: &NumberFormat, number: f64) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locales: &Array) -> Result<PluralRules, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn select(this: &PluralRules, number: f64) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Intl, js_name = getCanonicalLocales)]
    fn canonical_locales(locale: &JsValue) -> Result<Array, JsValue>;

    /// The options of a `DateTimeFormat`.
    #[wasm_bindgen(js_name = Object)]
    type Options;
    #[wasm_bindgen(constructor, js_class = Object)]
    fn new() -> Options;
    #[wasm_bindgen(method, setter, js_name = dateStyle)]
    fn set_date_style(this: &Options, style: &str);
    #[wasm_bindgen(method, setter, js_name = timeStyle)]
    fn set_time_style(this: &Options, style: &str);
    #[wasm_bindgen(method, setter, js_name = timeZone)]
    fn set_time_zone(this: &Options, zone: &str);
}

/// The greatest distance from 1970 that a `Date` can represent, in milliseconds.
const FARTHEST: i64 = 8_640_000_000_000_000;

/// The time of day: `17:42`.
pub fn time(at: Timestamp) -> String {
    format_date(at, None, "short")
}

/// Date and time to the minute: `22 Nov 2026, 17:42`.
pub fn date_time(at: Timestamp) -> String {
    format_date(at, Some("medium"), "short")
}

/// Date and time to the second.
pub fn date_time_exact(at: Timestamp) -> String {
    format_date(at, Some("medium"), "medium")
}

/// The time of day in a time zone; `None` if the browser does not know the zone.
pub fn time_in_zone(at: Timestamp, zone: &str) -> Option<String> {
    let options = Options::new();
    options.set_time_style("short");
    options.set_time_zone(zone);
    format_with(&options, at)
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
    NumberFormat::new(&locales())
        .and_then(|format| format.format(value as f64))
        .unwrap_or_else(|_| value.to_string())
}

/// The plural category of a number in the current language: `one`, `few`, `other` and so on.
pub fn plural_category(count: u64) -> String {
    PluralRules::new(&locales())
        .and_then(|rules| rules.select(count as f64))
        // A text without this form falls back to `other`.
        .unwrap_or_else(|_| if count == 1 { "one" } else { "other" }.to_owned())
}

/// The `Date` for a time, clamped to what a `Date` can represent.
fn date(at: Timestamp) -> Date {
    let millis = at.unix_millis().clamp(-FARTHEST, FARTHEST);
    Date::new(&JsValue::from_f64(millis as f64))
}

fn format_date(at: Timestamp, date_style: Option<&str>, time_style: &str) -> String {
    let options = Options::new();
    if let Some(style) = date_style {
        options.set_date_style(style);
    }
    options.set_time_style(time_style);
    format_with(&options, at).unwrap_or_else(|| iso(at))
}

fn format_with(options: &Options, at: Timestamp) -> Option<String> {
    let format = DateTimeFormat::new(&locales(), options).ok()?;
    format.format(&date(at)).ok()
}

/// The current language in the varieties that the user's browser prefers: with *English* chosen, a
/// browser that prefers British English gets British dates. Invalid tags (`en-US@posix`) are
/// skipped.
fn locales() -> Array {
    let code = language::current();
    let preferred = web_sys::window().map(|window| window.navigator().languages());
    let of_the_language = preferred.into_iter().flatten().filter(|tag| {
        let text = tag.as_string().unwrap_or_default();
        let rest = text.strip_prefix(code);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            && canonical_locales(tag).is_ok()
    });
    of_the_language.chain([code.into()]).collect()
}
