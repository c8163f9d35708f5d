//! How large a build is: what lies on the disk, and what travels.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

/// A file of the build.
#[derive(Debug, PartialEq, Eq)]
struct File {
    name: String,
    bytes: usize,
    gzip: usize,
}

/// A table of all files below `directory`, the largest first.
pub(crate) fn table(directory: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(directory, directory, &mut files)
        .with_context(|| format!("could not measure {}", directory.display()))?;
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    Ok(print(&files))
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<File>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let content = fs::read(&path)?;
        let name = path.strip_prefix(root).unwrap_or(&path);
        files.push(File {
            name: name.to_string_lossy().replace('\\', "/"),
            bytes: content.len(),
            gzip: gzip(&content)?,
        });
    }
    Ok(())
}

fn gzip(content: &[u8]) -> std::io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len())
}

fn print(files: &[File]) -> String {
    let total = File {
        name: format!("{} files", files.len()),
        bytes: files.iter().map(|file| file.bytes).sum(),
        gzip: files.iter().map(|file| file.gzip).sum(),
    };
    let rows: Vec<_> = files.iter().chain([&total]).collect();
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = format!("    {:width$}  {:>12}  {:>12}", "", "bytes", "with gzip");
    for row in rows {
        text += &format!(
            "\n    {:width$}  {:>12}  {:>12}",
            row.name,
            grouped(row.bytes),
            grouped(row.gzip)
        );
    }
    text
}

/// `1234567` as `1 234 567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1 000"),
            (45678, "45 678"),
            (1_234_567, "1 234 567"),
        ];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let file = |name: &str, bytes, gzip| File {
            name: name.to_owned(),
            bytes,
            gzip,
        };
        let text = print(&[file("app.wasm", 1000, 400), file("a.js", 30, 20)]);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(lines[1], "app.wasm         1 000           400");
        assert_eq!(lines[3], "2 files          1 030           420");
    }

    #[test]
    fn repetition_compresses() {
        let size = gzip(&[b'a'; 10_000]).expect("memory does not fail");
        assert!(size < 100, "{size}");
    }
}
