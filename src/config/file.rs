//! Parses the bytes of the file into its members; on failure, reports the line, so that the author
//! finds the place.

use super::mistake::{ConfigError, Flaw, Line, Malformed};
use cc_connect_core::json::{self, JsonError, JsonFlaw};
use serde_json::{Map, Value};

/// The longest file that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// How much of a line is shown, in characters.
const MAX_SHOWN: usize = 80;

/// Parses the members of the file.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, ConfigError> {
    let text = decode(bytes)?;
    json::parse_object_or_say_where(text.as_bytes())
        .map_err(|flaw| ConfigError::Malformed(malformed(text, &flaw)))
}

/// Like [`read`], without the reason for a failure.
pub(super) fn read_if_right(bytes: &[u8]) -> Option<Map<String, Value>> {
    let bytes = without_mark(bytes);
    let is_short = bytes.len() <= MAX_BYTES;
    is_short.then(|| json::parse_object(bytes).ok()).flatten()
}

/// Some editors write a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The text, if it is UTF-8. Some editors still save other encodings without saying so.
fn decode(bytes: &[u8]) -> Result<&str, ConfigError> {
    let is_empty = |bytes: &[u8]| {
        let blank = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
        bytes.iter().all(blank)
    };
    let bytes = without_mark(bytes);
    let other = |encoding| Err(ConfigError::Encoding(encoding, None));
    match bytes {
        _ if bytes.len() > MAX_BYTES => Err(ConfigError::TooLarge),
        _ if is_empty(bytes) => Err(ConfigError::Empty),
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] if is_empty(rest) => {
            Err(ConfigError::Empty)
        }
        // With and without a byte order mark: JSON begins with two ASCII characters.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => other("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => other("UTF-16"),
        [_, 0, 0, 0, ..] | [0, 0, 0, _, ..] => other("UTF-32"),
        [_, 0, _, 0, ..] | [0, _, 0, _, ..] => other("UTF-16"),
        _ => std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            // In Latin-1 each byte is a character.
            let text: String = bytes.iter().copied().map(char::from).collect();
            let before = &bytes[..at];
            let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let start = before.iter().rposition(|byte| *byte == b'\n');
            let column = at - start.map_or(0, |newline| newline + 1);
            ConfigError::Encoding("Latin-1 (Windows-1252)", Some(line(&text, number, column)))
        }),
    }
}

/// The line with this number. `column` is the place of the error, in characters from 0.
fn line(text: &str, number: usize, column: usize) -> Line {
    let whole = text.lines().nth(number - 1).unwrap_or_default();
    let from = column.saturating_sub(MAX_SHOWN / 2);
    let shown: String = whole.chars().skip(from).take(MAX_SHOWN).collect();
    Line {
        number,
        text: shown.trim().to_owned(),
    }
}

fn malformed(text: &str, flaw: &JsonFlaw) -> Malformed {
    // Where the parser stopped: before this byte of this line.
    let lines = text.split_inclusive('\n').take(flaw.line - 1);
    let start: usize = lines.map(str::len).sum();
    let mut at = (start + flaw.column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let (before, rest) = text.split_at(at);
    let begins = text.trim_start();
    let flaw_there = what_stands_there(flaw, before.trim_end(), rest);
    let (flaw, before) = match flaw_there {
        _ if begins.starts_with('{') => (flaw_there, before),
        Flaw::Comment => (flaw_there, before),
        _ if begins.starts_with('<') => (Flaw::Page, &text[..text.len() - begins.len()]),
        _ => (Flaw::NotAnObject, &text[..text.len() - begins.len()]),
    };
    let before = match flaw {
        // Shown at the end of the text.
        Flaw::Cut => text.trim_end(),
        // The string went on past the end of the line.
        Flaw::Quotes => before.strip_suffix('\n').unwrap_or(before),
        _ => before,
    };
    let last = before.rsplit('\n').next().unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    Malformed {
        flaw,
        line: line(text, number, last.chars().count()),
    }
}

/// `before` has no trailing white space.
fn what_stands_there(flaw: &JsonFlaw, before: &str, rest: &str) -> Flaw {
    match flaw.error {
        JsonError::DuplicateMember => Flaw::Twice,
        JsonError::NotAnObject => Flaw::NotAnObject,
        JsonError::Syntax => {
            let comma = rest.starts_with(',');
            let closing = rest.starts_with(['}', ']']);
            if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
                Flaw::Comment
            } else if flaw.is_cut {
                Flaw::Cut
            } else if before.ends_with(',') && (comma || closing)
                || before.ends_with(['{', '[']) && comma
            {
                Flaw::CommaTooMany
            } else if rest.starts_with('"') && flaw.words.starts_with("expected `,`") {
                Flaw::CommaMissing
            } else if is_misquoted(flaw, before, rest) {
                Flaw::Quotes
            } else {
                Flaw::Other
            }
        }
        _ => Flaw::Other,
    }
}

/// Whether a name or string here lacks the double quotes that JSON requires.
fn is_misquoted(flaw: &JsonFlaw, before: &str, rest: &str) -> bool {
    let begins = before.ends_with([',', '{', '[', ':']);
    let found = rest.chars().next().unwrap_or(' ');
    let unquoted = begins && (found.is_alphabetic() || "'`´‘’‚“”„«»_$".contains(found));
    // An unclosed string goes on past the end of its line.
    unquoted || flaw.words.starts_with("control character")
}
