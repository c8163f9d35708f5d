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
            Ok(response) if response.is_ok() => continue,
            Ok(response) => format!("{} has status {}", asset.path, response.status.as_u16()),
            Err(problem) => format!("{} does not respond: {problem}", asset.path),
        };
        return Finding::wrong(code, text).advising(change);
    }
    Finding::right(
        code,
        format!("All {} files of a first visit load", seen.assets.len()),
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
        let Ok(response) = &asset.fetched else {
            continue;
        };
        let found = response.media_type();
        if !response.is_ok() || expected.is_empty() || expected.contains(&found.as_str()) {
            continue;
        }
        let (code, reason) = if asset.extension() == "wasm" {
            ("wasm_type", "it cannot be compiled while it loads")
        } else {
            ("asset_type", "the browser rejects it")
        };
        let text = format!("{} has the media type {found:?}: {reason}", asset.path);
        return Finding::wrong(code, text)
            .in_file(Topic::Transfer, format!("send it as {}", expected[0]));
    }
    Finding::right(
        "wasm_type",
        "Scripts, styles and WebAssembly have the right media types",
    )
}

fn compression(seen: &Seen) -> Finding {
    let code = "compression";
    let mut encodings = Vec::new();
    for asset in &seen.assets {
        let Ok(response) = &asset.fetched else {
            continue;
        };
        if !response.is_ok() || !["js", "css", "wasm"].contains(&asset.extension()) {
            continue;
        }
        match response.header("content-encoding").as_deref() {
            Some(encoding @ ("br" | "gzip" | "zstd")) => {
                if !encodings.contains(&encoding.to_owned()) {
                    encodings.push(encoding.to_owned());
                }
            }
            _ if response.body.len() < WORTHWHILE => {}
            _ => {
                let text = format!(
                    "{} is not compressed: {} bytes are transferred",
                    asset.path,
                    response.body.len()
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
