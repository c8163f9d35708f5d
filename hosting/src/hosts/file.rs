//! A host's file, and how its text is written.

/// A file for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path below the host's folder, with forward slashes.
    pub path: String,
    /// The whole text, as it is written to `deploy/`.
    pub text: String,
}

/// Comments `text` out: `mark` before each line, at the indentation of the first one.
pub(super) fn commented(mark: &str, text: &str) -> String {
    let start = text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
    let (indent, _) = text.split_at(start);
    text.lines()
        .map(|line| {
            let inner = line.strip_prefix(indent).unwrap_or(line);
            format!("{indent}{mark} {inner}\n")
        })
        .collect()
}

/// Escapes `text`, a path with no other special characters than dots, for a regular expression.
pub(super) fn escaped(text: &str) -> String {
    text.replace('.', r"\.")
}

pub(super) fn file(path: impl Into<String>, text: String) -> File {
    File {
        path: path.into(),
        text,
    }
}

/// Pretty-printed JSON with a final line break.
pub(super) fn json(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
