//! Why there are no settings, and what to write instead.

use super::message::Message;
use crate::{
    config::{ConfigError, ConfigFileError, KEYS, Line, Mistake, Problem},
    words::{self, FLAW_NAMES, MISTAKE_NAMES, Word},
};
use cc_connect_core::constant_contact;

/// Why there are no settings. The mistakes themselves come from [`mistake`].
pub fn config_file(error: &ConfigFileError, url: &str) -> Message {
    let (name, flaw, line) = match error {
        ConfigFileError::Config(ConfigError::Mistakes(mistakes)) => {
            return Message {
                title: words::SETTINGS_MISTAKES.with(mistakes.len() as u64),
                paragraphs: vec![],
            };
        }
        ConfigFileError::Unreachable => ("config_unreachable", "", None),
        ConfigFileError::Status(_) => ("config_status", "", None),
        ConfigFileError::Config(ConfigError::TooLarge) => ("config_too_large", "", None),
        // `NotSetUp` never gets here: it has a page of its own.
        ConfigFileError::Config(ConfigError::Empty | ConfigError::NotSetUp) => {
            ("config_empty", "", None)
        }
        ConfigFileError::Config(ConfigError::Encoding(encoding, line)) => {
            ("config_encoding", *encoding, line.as_ref())
        }
        ConfigFileError::Config(ConfigError::Malformed(malformed)) => {
            let flaw = FLAW_NAMES.find(malformed.flaw.code(), "");
            let flaw = flaw.map_or("", Word::text);
            ("config_not_json", flaw, Some(&malformed.line))
        }
    };
    let status = match error {
        ConfigFileError::Status(status) => status.to_string(),
        _ => String::new(),
    };
    let values = [
        ("url", url),
        ("status", &status),
        ("encoding", flaw),
        ("flaw", flaw),
    ];
    let message = Message::for_code(name, &values);
    match line {
        None => message,
        Some(Line { number, text }) => message
            .ending(words::SETTINGS_LINE.with(&[("line", &number.to_string()), ("text", text)])),
    }
}

/// A configuration mistake: what is wrong, and what to write instead.
pub fn mistake(mistake: &Mistake, redirect_uri: &str) -> (&'static str, String) {
    let key = mistake.key.as_str();
    let problem = &mistake.problem;
    let (name, part) = match (problem, key) {
        (Problem::UnknownKey(Some(_)), _) => ("unknown_key", ".nearest"),
        (Problem::UnknownKey(None), _) => ("unknown_key", ".known"),
        (Problem::Empty, "client_id") => ("no_client_id", ".next"),
        (Problem::HasFragment, "redirect_uri") => ("redirect_uri_has_fragment", ".next"),
        _ => (problem.code(), ".next"),
    };
    let keys = KEYS.join(", ");
    let example = match key {
        "redirect_uri" => redirect_uri,
        _ => "https://example.com/oauth2",
    };
    let mut values = vec![
        ("key", key),
        ("keys", &keys),
        ("redirect_uri", redirect_uri),
        ("example", example),
    ];
    let numbers;
    match problem {
        Problem::UnknownKey(Some(nearest)) => values.push(("nearest", nearest)),
        Problem::HasParameter(name) => values.push(("name", name)),
        Problem::OtherSpelling { instead } | Problem::ScopeSeparators { instead } => {
            values.push(("instead", instead));
        }
        Problem::MalformedScope => values.push(("instead", constant_contact::SCOPE)),
        Problem::OtherOrigin { page } => values.push(("page", page)),
        Problem::NotOneOf([one, other]) => values.extend([("one", *one), ("other", *other)]),
        Problem::NotSeconds {
            least,
            most,
            default,
        } => {
            numbers = [least, most, default].map(i64::to_string);
            let [least, most, default] = &numbers;
            values.extend([
                ("least", least.as_str()),
                ("most", most),
                ("default", default),
            ]);
        }
        _ => {}
    }
    let wrong = MISTAKE_NAMES.find(name, "").map_or("", Word::text);
    let instead = MISTAKE_NAMES.find(name, part);
    (
        wrong,
        instead.map_or_else(String::new, |word| word.with(&values)),
    )
}
