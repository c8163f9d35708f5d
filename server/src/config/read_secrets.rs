//! Reads the keys that lead to secrets, and looks whether they are there.

use super::{
    reader::Reader,
    secret_source::{Environment, KeySource, SecretSource},
};
use crate::store::Database;
use std::path::Path;
use toml::{Table, Value};

/// The environment variable that holds the client's secret, in place of `client_secret_file`.
pub const CLIENT_SECRET_VARIABLE: &str = "CC_CLIENT_SECRET";
/// The environment variable that holds the database's address, in place of `database`.
pub const DATABASE_VARIABLE: &str = "CC_DATABASE";

/// Where the client's secret is: it is never in the file itself.
pub(super) fn client_secret(
    reader: &mut Reader<'_>,
    folder: &Path,
    environment: Environment<'_>,
) -> Option<SecretSource> {
    let key = "client_secret_file";
    if reader.value("client_secret").is_some() {
        let what = format!(
            "a secret does not belong in this file. Write it to a file of its own, and its path as \
             {key}; or set {CLIENT_SECRET_VARIABLE}."
        );
        reader.mistake("client_secret", what);
    }
    let file = reader
        .text(key)
        .map(|path| SecretSource::File(folder.join(path)));
    let variable = environment(CLIENT_SECRET_VARIABLE)
        .map(|_| SecretSource::Variable(CLIENT_SECRET_VARIABLE.to_owned()));
    let source = match (file, variable) {
        (Some(_), Some(_)) => {
            let what = format!("{CLIENT_SECRET_VARIABLE} is set, too. Use one of the two.");
            reader.mistake(key, what);
            return None;
        }
        (None, None) => {
            if !reader.is_wrong(key) && !reader.is_wrong("client_secret") {
                let what = format!(
                    "it is missing. Write {key} = \"/run/secrets/cc\", a file with the secret of your \
                     application, or set {CLIENT_SECRET_VARIABLE}."
                );
                reader.mistake(key, what);
            }
            return None;
        }
        (file, variable) => file.or(variable)?,
    };
    if let Err(what) = source.read(environment) {
        reader.mistake(key, what);
    }
    Some(source)
}

/// Where the keys are that sessions are sealed with.
pub(super) fn keys(
    reader: &mut Reader<'_>,
    folder: &Path,
    environment: Environment<'_>,
) -> Vec<KeySource> {
    const EXAMPLE: &str = r#"keys = [{ id = "2026-11", file = "/run/secrets/seal-2026-11" }]"#;
    let key = "keys";
    let entries = match reader.value(key) {
        Some(Value::Array(entries)) if !entries.is_empty() => entries,
        other => {
            let what = match other {
                None => "it is missing.",
                Some(Value::Array(_)) => "there is no key in it.",
                Some(_) => "it is not a list.",
            };
            let make = "`cc-connect-server new-key > FILE` makes a key.";
            reader.mistake(key, format!("{what} Write {EXAMPLE}; {make}"));
            return Vec::new();
        }
    };
    let mut keys: Vec<KeySource> = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let name = format!("keys[{index}]");
        let Value::Table(mut entry) = entry else {
            reader.mistake(&name, format!("it is not a table. Write {EXAMPLE}."));
            continue;
        };
        let id = take_text(&mut entry, "id");
        let file = take_text(&mut entry, "file");
        let variable = take_text(&mut entry, "env");
        if let Some(unknown) = entry.keys().next() {
            let what = format!("it has {unknown}. A key has id, and file or env.");
            reader.mistake(&name, what);
        }
        let is_id = |id: &String| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            (1..=64).contains(&id.len()) && id.bytes().all(plain)
        };
        let Some(id) = id.filter(is_id) else {
            let what = "its id is missing, or has other characters than letters, digits and -_. \
                        Write a short name, such as the month it was made.";
            reader.mistake(&name, what);
            continue;
        };
        let source = match (file, variable) {
            (Some(file), None) => SecretSource::File(folder.join(file)),
            (None, Some(variable)) => SecretSource::Variable(variable),
            _ => {
                reader.mistake(
                    &name,
                    format!("it needs one of file and env. Write {EXAMPLE}."),
                );
                continue;
            }
        };
        if keys.iter().any(|known| known.id == id) {
            reader.mistake(
                &name,
                format!("{id:?} is there twice. Give each key its own id."),
            );
        }
        let key = KeySource { id, source };
        if let Err(what) = key.read(environment) {
            reader.mistake(&name, what);
        }
        keys.push(key);
    }
    keys
}

fn take_text(table: &mut Table, key: &str) -> Option<String> {
    match table.remove(key)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Where sessions are kept.
pub(super) fn database(
    reader: &mut Reader<'_>,
    folder: &Path,
    environment: Environment<'_>,
) -> Option<Database> {
    let key = "database";
    let written = reader.text(key);
    let text = match (written, environment(DATABASE_VARIABLE)) {
        (Some(_), Some(_)) => {
            let what = format!("{DATABASE_VARIABLE} is set, too. Use one of the two.");
            reader.mistake(key, what);
            return None;
        }
        (written, variable) => written
            .or(variable)
            .unwrap_or("sqlite:data/cc.db".to_owned()),
    };
    // It may contain a password, so it is not repeated.
    let what = "it is neither. Write \"sqlite:data/cc.db\", or \"postgres://user@host/name\".";
    match text.parse() {
        Ok(Database::Sqlite(path)) => Some(Database::Sqlite(folder.join(path))),
        Ok(database) => Some(database),
        Err(_) => {
            reader.mistake(key, what);
            None
        }
    }
}
