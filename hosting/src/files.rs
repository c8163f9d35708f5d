//! The files of a build, and which of them never change.

/// What is known about the files of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// A build that does not exist yet: its hashed files are known by pattern only.
    Usual,
    /// The files, relative to the base, with forward slashes.
    Listed(Vec<String>),
}

/// The names that Trunk gives, with `*` for the hash: `main-0123456789abcdef.css`.
const USUAL: [&str; 6] = [
    "cc-connect-*.js",
    "cc-connect-*_bg.wasm",
    "connect-*.js",
    "connect-*_bg.wasm",
    "first-*.js",
    "main-*.css",
];

/// Like [`USUAL`], for the icon, which is not needed to start.
const USUAL_ICON: &str = "icon-*.svg";

impl Files {
    /// A listing of these files, without the precompressed ones, which no browser requests by name.
    pub fn listed(names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<_> = names
            .into_iter()
            .filter(|name| !name.ends_with(".br") && !name.ends_with(".gz"))
            .collect();
        names.sort();
        Self::Listed(names)
    }

    /// The names of the files that never change, sorted; with `*` instead of the hash if the build
    /// does not exist yet.
    pub fn hashed(&self) -> Vec<&str> {
        match self {
            Self::Usual => USUAL.into_iter().chain([USUAL_ICON]).collect(),
            Self::Listed(names) => names
                .iter()
                .map(String::as_str)
                .filter(|name| is_hashed(name))
                .collect(),
        }
    }

    /// The names of the language files, sorted; with `*` instead of the language if the build does
    /// not exist yet.
    pub(crate) fn words(&self) -> Vec<&str> {
        match self {
            Self::Usual => vec!["lang/*.json"],
            Self::Listed(names) => names
                .iter()
                .map(String::as_str)
                .filter(|name| name.starts_with(WORDS))
                .collect(),
        }
    }
}

/// The folder of the language files.
const WORDS: &str = "lang/";

/// Whether the name of a file contains a hash of its content, so that the file never changes:
/// twelve or more hexadecimal digits as a separate part of its last segment. (Trunk writes a 64-bit
/// number without leading zeros.) A name with characters other than letters, digits and `-._` never
/// counts: they have special meanings in the hosts' files.
pub fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.contains('.')
        && path
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"-._/".contains(&c))
        && name.split(['-', '_', '.']).any(is_hash)
}

fn is_hash(part: &str) -> bool {
    part.len() >= 12 && part.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// `path` with this hash instead of the one in its name, or after the stem of a name that has none;
/// `None` if the name has no extension.
pub fn with_hash(path: &str, hash: &str) -> Option<String> {
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = path.split_at(start);
    let old = name.split(['-', '_', '.']).find(|part| is_hash(part));
    Some(match old.filter(|_| is_hashed(path)) {
        Some(old) => format!("{folder}{}", name.replacen(old, hash, 1)),
        None => {
            let end = name.find("_bg.").or_else(|| name.find('.'))?;
            let (stem, rest) = name.split_at(end);
            format!("{folder}{stem}-{hash}{rest}")
        }
    })
}

/// [`is_hashed`] as a regular expression for the last segment of a path, for PCRE and RE2.
pub(crate) const HASHED: &str = r"[^/]*[-_.][0-9a-f]{12,}[-_.][^/]*";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hashed_name_is_hashed() {
        for name in [
            "cc-connect-4f0c2a4e5b1d4c8e_bg.wasm",
            "cc-connect-4f0c2a4e5b1d4c8e.js",
            "main-f0c2a4e5b1d4c8.css",
            "snippets/a-4f0c2a4e5b1d4c8e.js",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in [
            "index.html",
            "config.json",
            "first.js",
            "callback",
            "cc-connect-4f0c2a4e5b1d4c8e",
            "snippets/a-4f0c2a4e5b1d4c8e/inline0.js",
            "main-4F0C2A4E5B1D4C8E.css",
            "deadbeef.js",
            "a b-0123456789abcdef.js",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn a_hash_takes_the_place_of_another() {
        let hash = "0000000000000000";
        let path = "/app/cc-connect-4f0c2a4e5b1d4c8e_bg.wasm";
        let expected = "/app/cc-connect-0000000000000000_bg.wasm";
        assert_eq!(with_hash(path, hash).as_deref(), Some(expected));
        let path = "main-f0c2a4e5b1d4c8.css";
        assert_eq!(
            with_hash(path, hash).as_deref(),
            Some("main-0000000000000000.css")
        );
        for (path, expected) in [
            ("/app/connect.js", "/app/connect-0000000000000000.js"),
            ("connect_bg.wasm", "connect-0000000000000000_bg.wasm"),
            (
                "4f0c2a4e5b1d4c8e/first.js",
                "4f0c2a4e5b1d4c8e/first-0000000000000000.js",
            ),
        ] {
            assert_eq!(with_hash(path, hash).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(with_hash("callback", hash), None);
    }

    /// `config.json` and what is in `lang/` are the only other ones, and have no hash.
    #[test]
    fn the_usual_files_are_those_that_index_html_asks_for() {
        let index_html = include_str!("../../index.html");
        assert_eq!(index_html.matches("data-trunk").count(), 7);
        for asset in [
            "data-bin=\"cc-connect\"",
            "data-bin=\"connect\"",
            "/first.js\"",
            "/main.css\"",
            "/icon.svg\"",
            "href=\"config.json\"",
            "href=\"lang\"",
        ] {
            assert!(index_html.contains(asset), "{asset}");
        }
        let stems = [
            "cc-connect",
            "cc-connect",
            "connect",
            "connect",
            "first",
            "main",
            "icon",
        ];
        let usual = Files::Usual.hashed();
        let found: Vec<_> = usual
            .iter()
            .filter_map(|name| name.split_once("-*"))
            .collect();
        assert_eq!(
            found.iter().map(|(stem, _)| *stem).collect::<Vec<_>>(),
            stems
        );
    }

    #[test]
    fn a_listing_has_no_twins_and_is_sorted() {
        let names = [
            "b-0123456789abcdef.js",
            "b-0123456789abcdef.js.br",
            "a.txt",
            "a.txt.gz",
        ];
        let files = Files::listed(names.map(str::to_owned));
        assert_eq!(
            files,
            Files::Listed(vec!["a.txt".into(), "b-0123456789abcdef.js".into()])
        );
        assert_eq!(files.hashed(), ["b-0123456789abcdef.js"]);
    }
}
