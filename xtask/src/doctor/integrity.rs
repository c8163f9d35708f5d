//! Whether the files match the document's integrity values.

use cc_connect_hosting::is_hashed;

use super::finding::Finding;
use super::look::Seen;
use crate::integrity;

pub(super) fn check(seen: &Seen) -> Option<Finding> {
    let code = "integrity";
    if seen.assets.is_empty() {
        return None;
    }
    for asset in &seen.assets {
        // Browsers do not verify icons.
        if !["js", "css", "wasm"].contains(&asset.extension()) {
            continue;
        }
        if !is_hashed(&asset.path) {
            let text = format!(
                "{} is not part of the build: something in between has added it to the document",
                asset.path
            );
            let change = "turn off what adds scripts and styles, on the host or in front of it";
            return Some(Finding::wrong("foreign_file", text).advising(change));
        }
        let Some(expected) = seen.document.integrity.get(&asset.named) else {
            let text = format!(
                "The document has no integrity value for {}: any other file would run as well",
                asset.path
            );
            let finding = Finding::wrong("integrity_missing", text);
            return Some(finding.advising("make the build with `cargo xtask build`"));
        };
        let Ok(response) = &asset.fetched else {
            continue;
        };
        // Unsupported encodings are left to the browser.
        let Some(content) = response.content().filter(|_| response.is_ok()) else {
            continue;
        };
        if integrity::integrity_of(&content) != *expected {
            let text = format!(
                "{} is not the file of the build: the browser rejects it",
                asset.path
            );
            let change = "copy the whole build again, and make sure that nothing in between changes files: no minifying, no rewriting";
            return Some(Finding::wrong(code, text).advising(change));
        }
    }
    let text = "Scripts, styles and WebAssembly match the integrity values in the document";
    Some(Finding::right(code, text))
}
