//! The operator's settings: a TOML file, with its secrets in files of their own or in the
//! environment. All mistakes are reported at once, each with what to write instead.

mod mistake;
mod read;
mod read_secrets;
mod reader;
mod secret_source;
mod settings;

pub use mistake::{Mistake, Mistakes};
pub use read_secrets::{CLIENT_SECRET_VARIABLE, DATABASE_VARIABLE};
pub use secret_source::{
    Environment, KeySource, SecretSource, SecretSources, Secrets, new_key, process_environment,
};
pub use settings::{Config, Inbound, Origin};

use std::path::Path;
use toml::Table;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

impl Config {
    /// Reads the file at `path`. Relative paths in it are relative to its folder.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], all of them, those in the secrets included.
    pub fn load(path: &Path, environment: Environment<'_>) -> Result<Self, Mistakes> {
        let unreadable =
            |what: String| Mistakes(vec![Mistake::new(path.display().to_string(), what)]);
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if size > MAX_BYTES {
            return Err(unreadable(
                "it is larger than 64 KiB, so it is another file.".to_owned(),
            ));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| unreadable(format!("it cannot be read: {error}.")))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder, environment)
    }

    /// Parses the text of a file in `folder`.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], all of them, those in the secrets included.
    pub fn parse(
        text: &str,
        folder: &Path,
        environment: Environment<'_>,
    ) -> Result<Self, Mistakes> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..start]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            let what = error.message().trim_end_matches('.').replace('\n', ", ");
            Mistakes(vec![Mistake::new(
                format!("line {line}"),
                format!("it is not TOML: {what}."),
            )])
        })?;
        let mut mistakes = Vec::new();
        let config = read::read(table, folder, environment, &mut mistakes);
        match config.filter(|_| mistakes.is_empty()) {
            Some(config) => config.connections(environment).map(|_| config),
            None => Err(Mistakes(mistakes)),
        }
    }
}
