//! The app's path on its host.

use std::fmt;
use std::str::FromStr;

/// An absolute path with a slash at both ends: `/`, `/app/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(String);

/// A path that the hosts' files cannot express.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the base is a path on the app's own host, such as / or /app/, not {0:?}")]
pub struct BaseError(String);

impl Base {
    /// The root of the host: `/`.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Whether the app is at the root of the host.
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// The path, with a slash at both ends.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of `name`, which is relative to the base.
    pub fn join(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }

    /// The folder below the host's root that the build is copied to: empty, or `app`.
    pub fn folder(&self) -> &str {
        self.0.trim_matches('/')
    }

    /// `path` relative to the base, if it lies below it.
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.as_str())
    }
}

impl FromStr for Base {
    type Err = BaseError;

    /// Parses a path that begins with one slash. Only letters, digits and `-._~` are allowed
    /// between the slashes: other characters have special meanings in the hosts' files.
    fn from_str(path: &str) -> Result<Self, BaseError> {
        let invalid = || BaseError(path.to_owned());
        let inner = path.strip_prefix('/').ok_or_else(invalid)?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() {
            return if path == "/" {
                Ok(Self::root())
            } else {
                Err(invalid())
            };
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let usual = |part: &str| !["", ".", ".."].contains(&part) && part.chars().all(plain);
        if inner.split('/').all(usual) {
            Ok(Self(format!("/{inner}/")))
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_has_a_slash_at_both_ends() {
        for (path, expected, folder) in [
            ("/", "/", ""),
            ("/app", "/app/", "app"),
            ("/app/", "/app/", "app"),
            ("/a/b-c", "/a/b-c/", "a/b-c"),
        ] {
            let base: Base = path.parse().expect("it is a path");
            assert_eq!((base.as_str(), base.folder()), (expected, folder));
        }
    }

    #[test]
    fn what_a_host_would_read_otherwise_is_refused() {
        for path in [
            "",
            "app",
            "//",
            "//host/",
            "/a//b",
            "/../",
            "/a b/",
            "/a?b",
            "/a*",
            "/a$b",
            "/a\nb",
            "/a;b",
            "/a{b}",
            "./",
            "https://host/app/",
        ] {
            assert!(path.parse::<Base>().is_err(), "{path:?}");
        }
    }
}
