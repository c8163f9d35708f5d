//! Adds a `.br` and a `.gz` next to every file that compresses well, for hosts that serve
//! precompressed files: at the best quality, which is too slow for compression on the fly.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::files::files_below;

/// Formats that are not compressed already.
const EXTENSIONS: [&str; 8] = [
    "css",
    "html",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// Adds a `.br` and a `.gz` file beside every file below `folder` that compresses well.
pub(crate) fn compress_files(folder: &Path) -> Result<()> {
    for name in files_below(folder)? {
        let path = folder.join(&name);
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            continue;
        }
        // Deployers may edit config.json on the host; a precompressed copy would keep the old settings.
        if name == "config.json" {
            continue;
        }
        let content = fs::read(&path).with_context(|| format!("could not read {name}"))?;
        for (ending, bytes) in [("br", brotli(&content)?), ("gz", gzip(&content)?)] {
            if bytes.len() < content.len() {
                let compressed = folder.join(format!("{name}.{ending}"));
                fs::write(&compressed, bytes)
                    .with_context(|| format!("could not write {name}.{ending}"))?;
            }
        }
    }
    Ok(())
}

fn brotli(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

/// Compresses without a file name and a timestamp in the header.
fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let content: Vec<u8> = (0..100_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        let mut back = Vec::new();
        let compressed = brotli(&content).expect("memory does not fail");
        brotli::BrotliDecompress(&mut &*compressed, &mut back).expect("it is brotli");
        assert!(back == content && compressed.len() < content.len());

        back.clear();
        let compressed = gzip(&content).expect("memory does not fail");
        flate2::read::GzDecoder::new(&*compressed)
            .read_to_end(&mut back)
            .expect("it is gzip");
        assert!(back == content && compressed.len() < content.len());
        // RFC 1952: the flags and the time.
        assert_eq!(compressed[3..8], [0; 5]);
    }
}
