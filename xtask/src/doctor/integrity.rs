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
                "{} is not of the build: something on the way has put it into the document",
                asset.path
            );
            let change = "switch off what adds scripts and styles, on the host or in front of it";
            return Some(Finding::wrong("foreign_file", text).by(change));
        }
        let Some(expected) = seen.document.integrity.get(&asset.named) else {
            let text = format!(
                "The document does not say what {} has to be: whatever comes would run",
                asset.path
            );
            let finding = Finding::wrong("integrity_missing", text);
            return Some(finding.by("make the build with `cargo xtask build`"));
        };
        let Ok(answer) = &asset.fetched else { continue };
        // Unsupported encodings are left to the browser.
        let Some(content) = answer.content().filter(|_| answer.is_ok()) else {
            continue;
        };
        if integrity::of(&content) != *expected {
            let text = format!(
                "{} is not what the build made of it: the browser refuses it",
                asset.path
            );
            let change = "copy the whole build again, and make sure that nothing on the way changes files: no minifying, no rewriting";
            return Some(Finding::wrong(code, text).by(change));
        }
    }
    let text = "Scripts, styles and WebAssembly are what the document says that they are";
    Some(Finding::right(code, text))
}
