//! How large a build is: what lies on the disk, and what travels.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// A file of the build.
#[derive(Debug, Default, PartialEq, Eq)]
struct File {
    name: String,
    bytes: u64,
    gzip: u64,
    brotli: u64,
}

/// A table of what a first visit loads: the files `names` of the build in `directory`, the largest
/// first; and what of it is there before *Connect* can be pressed, `first_page`. A file without a
/// compressed twin travels as it is.
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
        total("to press Connect", first),
        total("a first visit", files.iter()),
    ];
    let rows: Vec<_> = files.iter().chain(&totals).collect();
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = format!(
        "    {:width$}  {:>12}  {:>12}  {:>12}",
        "", "bytes", "with gzip", "with brotli"
    );
    for row in rows {
        text += &format!(
            "\n    {:width$}  {:>12}  {:>12}  {:>12}",
            row.name,
            grouped(row.bytes),
            grouped(row.gzip),
            grouped(row.brotli)
        );
    }
    text
}

/// `1234567` as `1 234 567`.
fn grouped(number: u64) -> String {
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
        let file = |name: &str, bytes, gzip, brotli| File {
            name: name.to_owned(),
            bytes,
            gzip,
            brotli,
        };
        let files = [file("app.wasm", 1000, 400, 300), file("a.js", 30, 20, 10)];
        let text = print(&files, &["a.js".to_owned()]);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(
            lines[1],
            "app.wasm                 1 000           400           300"
        );
        assert_eq!(
            lines[3],
            "to press Connect            30            20            10"
        );
        assert_eq!(
            lines[4],
            "a first visit            1 030           420           310"
        );
    }

    #[test]
    fn a_file_without_a_twin_travels_as_it_is() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        for (name, length) in [("a.js", 100), ("a.js.br", 40), ("b.json", 7)] {
            fs::write(folder.path().join(name), vec![b'a'; length]).expect("it can be written");
        }
        let names = ["a.js", "b.json"].map(str::to_owned);
        let text = table(folder.path(), &names, &names).expect("they are there");
        assert!(text.ends_with("107           107            47"), "{text}");
        assert!(table(folder.path(), &["c".to_owned()], &[]).is_err());
    }
}
