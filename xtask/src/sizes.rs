//! The size of a build on disk and in transfer.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::say;

/// A file of the build.
#[derive(Debug, Default, PartialEq, Eq)]
struct File {
    name: String,
    bytes: u64,
    gzip: u64,
    brotli: u64,
}

/// A table of what a first visit loads: the files `names` of the build in `directory`, the largest
/// first; and the total of `first_page`, those needed before *Connect* can be clicked. A file without
/// a precompressed copy is transferred as it is.
pub(crate) fn table(directory: &Path, names: &[String], first_page: &[String]) -> Result<String> {
    let length = |name: &str| fs::metadata(directory.join(name)).map(|file| file.len());
    let measure = |name: &String| {
        let bytes = length(name).with_context(|| format!("the build has no file {name}"))?;
        Ok(File {
            name: name.clone(),
            bytes,
            gzip: length(&format!("{name}.gz")).unwrap_or(bytes),
            brotli: length(&format!("{name}.br")).unwrap_or(bytes),
        })
    };
    let mut files = names.iter().map(measure).collect::<Result<Vec<_>>>()?;
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    Ok(print(&files, first_page))
}

fn total<'a>(name: &str, files: impl Iterator<Item = &'a File> + Clone) -> File {
    File {
        name: name.to_owned(),
        bytes: files.clone().map(|file| file.bytes).sum(),
        gzip: files.clone().map(|file| file.gzip).sum(),
        brotli: files.map(|file| file.brotli).sum(),
    }
}

fn print(files: &[File], first_page: &[String]) -> String {
    let first = files.iter().filter(|file| first_page.contains(&file.name));
    let totals = [
        total("until Connect works", first),
        total("a first visit", files.iter()),
    ];
    let head = ["", "KB", "with gzip", "with brotli"].map(str::to_owned);
    let rows = files.iter().chain(&totals).map(|row| {
        let [bytes, gzip, brotli] = [row.bytes, row.gzip, row.brotli].map(kilobytes);
        vec![row.name.clone(), bytes, gzip, brotli]
    });
    say::table([head.to_vec()].into_iter().chain(rows), 1..4)
}

fn kilobytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ends_with_the_sum() {
        let file = |name: &str, bytes, gzip, brotli| File {
            name: name.to_owned(),
            bytes,
            gzip,
            brotli,
        };
        let files = [
            file("app.wasm", 1_234_567, 400_000, 300_000),
            file("a.js", 3_000, 2_000, 1_040),
        ];
        let text = print(&files, &["a.js".to_owned()]);
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<_> = text.lines().map(words).collect();
        assert_eq!(lines[1], "app.wasm 1234.6 400.0 300.0");
        assert_eq!(lines[3], "until Connect works 3.0 2.0 1.0");
        assert_eq!(lines[4], "a first visit 1237.6 402.0 301.0");
        let ends: Vec<_> = text.lines().map(str::len).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{text}");
    }

    #[test]
    fn a_file_that_is_not_precompressed_travels_as_it_is() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        for (name, length) in [("a.js", 1_000), ("a.js.br", 400), ("b.json", 70)] {
            fs::write(folder.path().join(name), vec![b'a'; length]).expect("it can be written");
        }
        let names = ["a.js", "b.json"].map(str::to_owned);
        let text = table(folder.path(), &names, &names).expect("they are there");
        assert!(text.ends_with("0.5") && text.contains("1.1"), "{text}");
        assert!(table(folder.path(), &["c".to_owned()], &[]).is_err());
    }
}
