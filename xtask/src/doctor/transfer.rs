//! The files of a first visit: whether they load, with which type and size.

use cc_connect_hosting::Topic;

use super::finding::Finding;
use super::look::{Asset, Seen};

/// Below this, compression gains little, and some hosts skip it.
const WORTHWHILE: usize = 1_024;

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    if seen.assets.is_empty() {
        return Vec::new();
    }
    vec![there(seen), types(seen), compression(seen)]
}

fn there(seen: &Seen) -> Finding {
    let code = "asset_missing";
    let change = "copy the whole build, and index.html last";
    for asset in &seen.assets {
        let text = match &asset.fetched {
            Ok(answer) if answer.is_ok() => continue,
            Ok(answer) => format!(
                "{} answers with status {}",
                asset.path,
                answer.status.as_u16()
            ),
            Err(problem) => format!("{} does not answer: {problem}", asset.path),
        };
        return Finding::wrong(code, text).by(change);
    }
    Finding::right(
        code,
        format!("The {} files of a first visit are there", seen.assets.len()),
    )
}

fn expected_types(asset: &Asset) -> &'static [&'static str] {
    match asset.extension() {
        "wasm" => &["application/wasm"],
        "js" => &["text/javascript", "application/javascript"],
        "css" => &["text/css"],
        "svg" => &["image/svg+xml"],
        _ => &[],
    }
}

fn types(seen: &Seen) -> Finding {
    for asset in &seen.assets {
        let expected = expected_types(asset);
        let Ok(answer) = &asset.fetched else { continue };
        let found = answer.media_type();
        if !answer.is_ok() || expected.is_empty() || expected.contains(&found.as_str()) {
            continue;
        }
        let (code, reason) = if asset.extension() == "wasm" {
            ("wasm_type", "it cannot be compiled while it arrives")
        } else {
            ("asset_type", "the browser refuses it")
        };
        let text = format!("{} comes as {found:?}: {reason}", asset.path);
        return Finding::wrong(code, text)
            .in_file(Topic::Transfer, format!("send it as {}", expected[0]));
    }
    Finding::right(
        "wasm_type",
        "Scripts, styles and WebAssembly come under their media types",
    )
}

fn compression(seen: &Seen) -> Finding {
    let code = "compression";
    let mut encodings = Vec::new();
    for asset in &seen.assets {
        let Ok(answer) = &asset.fetched else { continue };
        if !answer.is_ok() || !["js", "css", "wasm"].contains(&asset.extension()) {
            continue;
        }
        match answer.header("content-encoding").as_deref() {
            Some(encoding @ ("br" | "gzip" | "zstd")) => {
                if !encodings.contains(&encoding.to_owned()) {
                    encodings.push(encoding.to_owned());
                }
            }
            _ if answer.body.len() < WORTHWHILE => {}
            _ => {
                let text = format!(
                    "{} is not compressed: {} bytes travel",
                    asset.path,
                    answer.body.len()
                );
                return Finding::wrong(code, text).in_file(
                    Topic::Transfer,
                    "send the .br or .gz file of the build, or let the host compress scripts, styles and application/wasm",
                );
            }
        }
    }
    let encodings = encodings.join(", ");
    Finding::right(
        code,
        format!("Scripts, styles and WebAssembly are compressed ({encodings})"),
    )
}
