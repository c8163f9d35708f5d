//! Reads the keys of the file, and reports every mistake.

use super::mistake::Mistake;
use cc_connect_core::{oauth::Scope, web_url::WebUrl};
use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};
use toml::{Table, Value};

/// The keys of a table. Each is taken by the method for its kind, which reports what is wrong with
/// it and returns something to go on with. What is left in the end is unknown.
pub(super) struct Reader<'a> {
    table: Table,
    /// Precedes each key in a message: empty, or `session.`.
    prefix: &'static str,
    known: Vec<&'static str>,
    pub(super) mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(table: Table, prefix: &'static str, mistakes: &'a mut Vec<Mistake>) -> Self {
        Self {
            table,
            prefix,
            known: Vec::new(),
            mistakes,
        }
    }

    /// Reports what is wrong with a key.
    pub(super) fn mistake(&mut self, key: &str, what: impl Into<String>) {
        let key = format!("{}{key}", self.prefix);
        self.mistakes.push(Mistake::new(key, what));
    }

    /// Whether something is wrong with a key.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        let key = format!("{}{key}", self.prefix);
        self.mistakes.iter().any(|mistake| mistake.key == key)
    }

    /// The value of a key, of whatever type.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) if text.is_empty() => {
                self.mistake(key, "it is empty. Write a value, or leave the key out.");
                None
            }
            Value::String(text) if text.trim() != text => {
                let what = format!("there is white space around it. Write {:?}.", text.trim());
                self.mistake(key, what);
                None
            }
            Value::String(text) => Some(text),
            other => {
                self.mistake(key, not_a("text in quotes", &other));
                None
            }
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, key: &'static str, example: &str) -> Option<String> {
        let is_missing = !self.table.contains_key(key);
        let text = self.text(key);
        if is_missing {
            self.mistake(key, format!("it is missing. Write {key} = {example:?}."));
        }
        text
    }

    /// The text of a key, or `default`.
    pub(super) fn text_or(&mut self, key: &'static str, default: &str) -> String {
        self.text(key).unwrap_or_else(|| default.to_owned())
    }

    /// An absolute URL without query and fragment.
    pub(super) fn url(&mut self, key: &'static str, default: &str) -> String {
        let Some(text) = self.text(key) else {
            return default.to_owned();
        };
        if self.is_address(key, &text) && WebUrl::parse(&text).is_some_and(|url| url.has_query()) {
            self.mistake(key, "it has a query. Write it without the question mark.");
        }
        text
    }

    /// An absolute URL that may have a query, without any of the parameters in `reserved`.
    pub(super) fn endpoint(
        &mut self,
        key: &'static str,
        default: &str,
        reserved: &[&str],
    ) -> String {
        let Some(text) = self.text(key) else {
            return default.to_owned();
        };
        if self.is_address(key, &text) {
            let query = WebUrl::parse(&text).and_then(|url| url.query().map(str::to_owned));
            let query = query.unwrap_or_default();
            for (name, _) in form_urlencoded::parse(query.as_bytes()) {
                if reserved.contains(&&*name) {
                    let what =
                        format!("requests add {name} themselves. Leave it out of the query.");
                    self.mistake(key, what);
                }
            }
        }
        text
    }

    /// Whether a text is an absolute URL without userinfo and fragment: `https`, or `http` to this
    /// machine. If not, that is reported.
    pub(super) fn is_address(&mut self, key: &str, text: &str) -> bool {
        let what = match WebUrl::parse(text) {
            None => format!("{text:?} is not an absolute address. Write https://, host and path."),
            Some(url) if url.has_userinfo() => {
                "there is a user name in it. Leave out everything before the @.".to_owned()
            }
            Some(url) if url.has_fragment() => {
                "there is a # in it. Leave it out, with all that follows.".to_owned()
            }
            Some(url) if url.is_plain() => {
                "plain http can be read on the way, and is for this machine alone. Write https://."
                    .to_owned()
            }
            Some(_) => return true,
        };
        self.mistake(key, what);
        false
    }

    /// A scope, its tokens separated by spaces.
    pub(super) fn scope(&mut self, key: &'static str, default: &str) -> Scope {
        let text = self.text_or(key, default);
        Scope::parse(&text).unwrap_or_else(|_| {
            let example = "account_read contact_data offline_access";
            let what =
                format!("it is not a scope. Write its words with one space between: {example:?}.");
            self.mistake(key, what);
            Scope::default()
        })
    }

    /// A whole number.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
        default: i64,
    ) -> i64 {
        match self.value(key) {
            None => default,
            Some(Value::Integer(number)) if range.contains(&number) => number,
            Some(other) => {
                let (least, most) = range.into_inner();
                let what = format!(
                    "{} is not a whole number from {least} to {most}. Write one, or leave the key \
                     out for {default}.",
                    shown(&other)
                );
                self.mistake(key, what);
                default
            }
        }
    }

    /// A duration such as `24h`.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        range: RangeInclusive<&str>,
        default: &str,
    ) -> Duration {
        let parsed = |text: &str| parse_duration(text).expect("the bounds are durations");
        let (least, most) = range.into_inner();
        let bounds = parsed(least)..=parsed(most);
        let found = self.text_or(key, default);
        match parse_duration(&found) {
            Some(duration) if bounds.contains(&duration) => duration,
            _ => {
                let what = format!(
                    "{found:?} is not a time from {least} to {most}. Write a number with s, m, h or \
                     d behind it, such as {default:?}."
                );
                self.mistake(key, what);
                parsed(default)
            }
        }
    }

    /// An address to listen at.
    pub(super) fn listen(&mut self, key: &'static str, default: SocketAddr) -> SocketAddr {
        let Some(text) = self.text(key) else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            let what = format!(
                "{text:?} is not an address with a port. Write \"{default}\", or \"0.0.0.0:8080\" for \
                 every IPv4 address."
            );
            self.mistake(key, what);
            default
        })
    }

    /// Another table.
    pub(super) fn table(&mut self, key: &'static str, example: &str) -> Table {
        match self.value(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                let what = format!("{} Write {key} = {example}.", not_a("table", &other));
                self.mistake(key, what);
                Table::new()
            }
        }
    }

    /// Reports the keys that nothing has asked for.
    pub(super) fn finish(mut self) {
        for key in std::mem::take(&mut self.table)
            .into_iter()
            .map(|(key, _)| key)
        {
            let meant = closest(&key, &self.known);
            let what = match meant {
                Some(meant) => format!("there is no such key. Write {}{meant}.", self.prefix),
                None => format!(
                    "there is no such key. The keys are: {}.",
                    self.known.join(", ")
                ),
            };
            self.mistake(&key, what);
        }
    }
}

/// The key that was probably meant.
fn closest(key: &str, known: &[&'static str]) -> Option<&'static str> {
    let distance = |known: &&&'static str| strsim::damerau_levenshtein(key, known);
    let nearest = known.iter().min_by_key(distance)?;
    (distance(&nearest) <= 2).then_some(nearest)
}

/// `90s`, `15m`, `24h` or `30d`.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

fn not_a(kind: &str, found: &Value) -> String {
    format!("{} is not a {kind}.", shown(found))
}

/// The value on one line. A secret is never a value of a key that is shown.
fn shown(value: &Value) -> String {
    match value {
        Value::Table(_) => "a table".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        other => other.to_string(),
    }
}
