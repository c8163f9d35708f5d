//! Versions, as programs print them.

use std::fmt;

/// `major.minor.patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
}

impl Version {
    /// The first version in what a program prints for `--version`: `trunk 0.21.14`, or
    /// `Chromium 140.0.7339.80 built on Debian`, of which the first three numbers count.
    pub(crate) fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    /// `0.21.14`, `v0.21.14`, `0.21.14-beta.1` (taken for the release), `140.0.7339.80`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let release = word.split(['-', '+']).next()?;
        let mut numbers = release.split('.').map(|number| number.parse().ok());
        Some(Self {
            major: numbers.next()??,
            minor: numbers.next()??,
            patch: numbers.next()??,
        })
    }

    /// Whether cargo would take it where `wanted` is required: the same up to the first number that
    /// is not zero, and not older.
    pub(crate) fn satisfies(self, wanted: Self) -> bool {
        let compatible = if wanted.major > 0 {
            self.major == wanted.major
        } else if wanted.minor > 0 {
            self.major == 0 && self.minor == wanted.minor
        } else {
            self == wanted
        };
        compatible && self >= wanted
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The release of Binaryen in what `wasm-opt --version` prints: `wasm-opt version 132
/// (version_132)`.
pub(crate) fn binaryen(text: &str) -> Option<u64> {
    let mut words = text.split_whitespace();
    words.find(|word| *word == "version")?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("the test writes versions")
    }

    #[test]
    fn found_in_what_programs_print() {
        let cases = [
            ("trunk 0.21.14\n", Some("0.21.14")),
            ("wasm-bindgen 0.2.130 (c35cc9369)", Some("0.2.130")),
            (
                "Chromium 140.0.7339.80 built on Debian GNU/Linux 12",
                Some("140.0.7339"),
            ),
            (
                "ChromeDriver 140.0.7339.80 (a21ce95c24ce refs/branch-heads/7339@{#1704})",
                Some("140.0.7339"),
            ),
            ("Google Chrome 140.0.7339.80 ", Some("140.0.7339")),
            ("trunk 0.22.0-beta.1", Some("0.22.0")),
            ("wasm-opt version 132 (version_132)", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = Version::find(text).map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn satisfied_as_cargo_does_it() {
        let cases = [
            ("0.21.14", "0.21.14", true),
            ("0.21.15", "0.21.14", true),
            ("0.21.13", "0.21.14", false),
            ("0.22.0", "0.21.14", false),
            ("1.2.3", "1.1.9", true),
            ("2.0.0", "1.1.9", false),
            ("0.0.4", "0.0.3", false),
        ];
        for (found, wanted, expected) in cases {
            let satisfied = version(found).satisfies(version(wanted));
            assert_eq!(satisfied, expected, "{found} for {wanted}");
        }
    }

    #[test]
    fn binaryen_counts_releases() {
        assert_eq!(binaryen("wasm-opt version 132 (version_132)\n"), Some(132));
        assert_eq!(
            binaryen("wasm-opt version 108 (version_108-5-gabc)"),
            Some(108)
        );
        assert_eq!(binaryen("wasm-opt"), None);
    }
}
