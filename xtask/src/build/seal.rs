//! The last step of a build: every script, style and WebAssembly file gets its name and integrity
//! from its final bytes.
//!
//! Trunk derives the names of the WebAssembly and its module from cargo's output, so a different
//! wasm-opt would change the bytes but not the name, which browsers cache for a year. And the start
//! script that `Trunk.toml` uses instead of Trunk's own names both files without their integrity.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cc_connect_hosting::{Base, Document, with_hash};
use sha2::{Digest as _, Sha256};

use super::files::files_below;
use crate::integrity;

/// Renames the files of the build in `dist`, and writes their integrity into its index.html.
pub(super) fn seal(dist: &Path) -> Result<()> {
    let path = dist.join("index.html");
    let html = fs::read_to_string(&path).context("could not read index.html of the build")?;
    let document = Document::parse(&html);
    let (Some(base), Some(module), Some(wasm)) = (&document.base, &document.module, &document.wasm)
    else {
        bail!("the build's index.html has no reference to the application's files");
    };
    let mut sealing = Sealing {
        dist,
        base: base.parse()?,
        html,
        sealed: Vec::new(),
    };
    sealing.seal_module("data-module", module, "data-wasm", wasm)?;
    if let (Some(module), Some(wasm)) = (&document.first_module, &document.first_wasm) {
        sealing.seal_module("data-first-module", module, "data-first-wasm", wasm)?;
    }
    for file in document.scripts.iter().chain(&document.styles) {
        let now = sealing.rename(file)?;
        let before = document.integrity.get(file);
        let before = before.with_context(|| format!("index.html has no integrity for {file}"))?;
        let integrity = integrity::integrity_of(&sealing.content(&now)?);
        sealing.html = sealing.html.replace(before, &integrity);
        sealing.put_exemption_first(&now);
    }
    for file in &document.icons {
        sealing.rename(file)?;
    }
    sealing.assert_whole()?;
    fs::write(&path, sealing.html).context("could not write index.html of the build")
}

struct Sealing<'a> {
    dist: &'a Path,
    base: Base,
    html: String,
    /// Names relative to the build.
    sealed: Vec<String>,
}

impl Sealing<'_> {
    /// The name of a file, relative to the build.
    fn name<'p>(&self, path: &'p str) -> Result<&'p str> {
        let name = self.base.strip(path);
        name.with_context(|| format!("{path} is not below {}", self.base))
    }

    fn content(&self, path: &str) -> Result<Vec<u8>> {
        let name = self.name(path)?;
        fs::read(self.dist.join(name)).with_context(|| format!("could not read {name}"))
    }

    /// Renames a file after its content, on disk and in index.html. Returns its path.
    fn rename(&mut self, path: &str) -> Result<String> {
        let digest = Sha256::digest(self.content(path)?);
        let hash: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let now =
            with_hash(path, &hash).with_context(|| format!("{path} is not the name of a file"))?;
        let (old, new) = (self.name(path)?.to_owned(), self.name(&now)?.to_owned());
        fs::rename(self.dist.join(&old), self.dist.join(&new))
            .with_context(|| format!("could not rename {old}"))?;
        self.html = self.html.replace(path, &now);
        self.sealed.push(new);
        Ok(now)
    }

    /// Seals a WebAssembly file, then its module, which contains the file's name.
    fn seal_module(
        &mut self,
        module_attribute: &str,
        module: &str,
        wasm_attribute: &str,
        wasm: &str,
    ) -> Result<()> {
        let wasm_now = self.rename(wasm)?;
        let file = self.dist.join(self.name(module)?);
        replace_in(&file, name_of(wasm), name_of(&wasm_now))?;
        let module_now = self.rename(module)?;
        self.add_integrity(wasm_attribute, &wasm_now)?;
        self.add_integrity(module_attribute, &module_now)
    }

    /// Inserts the integrity of the file at `path` after the attribute that names it.
    fn add_integrity(&mut self, attribute: &str, path: &str) -> Result<()> {
        let named = format!("{attribute}=\"{path}\"");
        let integrity = integrity::integrity_of(&self.content(path)?);
        if self.html.matches(&named).count() != 1
            || self.html.contains(&format!("{attribute}-integrity"))
        {
            bail!("index.html does not name {path} as {attribute}, once and without an integrity");
        }
        let with = format!("{named} {attribute}-integrity=\"{integrity}\"");
        self.html = self.html.replace(&named, &with);
        Ok(())
    }

    /// Trunk puts a script's `src` first. Cloudflare's Rocket Loader, which defers scripts until
    /// the page has loaded, only honors an exemption that precedes it.
    fn put_exemption_first(&mut self, script: &str) {
        let exemption = "data-cfasync=\"false\"";
        let written = format!("<script src=\"{script}\" {exemption}");
        let read = format!("<script {exemption} src=\"{script}\"");
        self.html = self.html.replace(&written, &read);
    }

    /// Fails if the browser would run a file without checking its integrity.
    fn assert_whole(&self) -> Result<()> {
        let compared = |name: &String| self.sealed.contains(name);
        for name in files_below(self.dist)? {
            let runs = [".js", ".wasm", ".css"]
                .iter()
                .any(|end| name.ends_with(end));
            if runs && !compared(&name) {
                bail!("{name} is in the build but not in index.html, so no browser would check it");
            }
        }
        Ok(())
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn replace_in(file: &Path, from: &str, to: &str) -> Result<()> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("could not read {shown}"))?;
    fs::write(file, text.replace(from, to)).with_context(|| format!("could not write {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"<!doctype html><html><head><meta charset="utf-8">
<meta name="cc-connect" data-base="/app/" data-module="/app/cc-connect-0123456789abcdef.js" data-wasm="/app/cc-connect-0123456789abcdef_bg.wasm" data-first-module="/app/connect.js" data-first-wasm="/app/connect_bg.wasm">
<script src="/app/first-00112233445566ff.js" data-cfasync="false" integrity="sha384-first"></script>
<link rel="icon" href="/app/icon-1122334455667788.svg">
<link rel="stylesheet" href="/app/main-8899aabbccddeeff.css" integrity="sha384-main">
</head><body></body></html>"#;

    /// Trunk's output.
    fn built() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        for (name, text) in [
            ("index.html", INDEX),
            (
                "cc-connect-0123456789abcdef.js",
                "fetch('cc-connect-0123456789abcdef_bg.wasm')",
            ),
            ("cc-connect-0123456789abcdef_bg.wasm", "\0asm"),
            ("connect.js", "fetch('connect_bg.wasm')"),
            ("connect_bg.wasm", "\0asm first"),
            ("first-00112233445566ff.js", "first"),
            ("main-8899aabbccddeeff.css", "main"),
            ("icon-1122334455667788.svg", "<svg/>"),
            ("config.json", "{}"),
        ] {
            fs::write(folder.path().join(name), text).expect("it can be written");
        }
        folder
    }

    fn document(folder: &Path) -> Document {
        let html = fs::read_to_string(folder.join("index.html")).expect("it is there");
        Document::parse(&html)
    }

    #[test]
    fn every_file_has_the_name_and_the_integrity_of_its_bytes() {
        let folder = built();
        seal(folder.path()).expect("it is a build");
        let document = document(folder.path());
        let assets = document.assets();
        assert_eq!(assets.len(), 7);
        for path in assets {
            let name = path.strip_prefix("/app/").expect("it lies below");
            let content = fs::read(folder.path().join(name)).expect("it is there");
            let digest = Sha256::digest(&content);
            let start = format!("{:02x}{:02x}", digest[0], digest[1]);
            assert!(name.contains(&format!("-{start}")), "{name}");
            if name.ends_with(".svg") {
                continue;
            }
            assert_eq!(
                document.integrity.get(path),
                Some(&integrity::integrity_of(&content)),
                "{name}"
            );
        }
        // The seven files, index.html and config.json.
        assert_eq!(files_below(folder.path()).expect("it can be read").len(), 9);
    }

    #[test]
    fn the_module_names_the_webassembly_as_it_is_called_now() {
        let folder = built();
        seal(folder.path()).expect("it is a build");
        let document = document(folder.path());
        for (module, wasm) in [
            (document.module, document.wasm),
            (document.first_module, document.first_wasm),
        ] {
            let [module, wasm] = [module, wasm].map(Option::unwrap_or_default);
            let module = folder.path().join(name_of(&module));
            let module = fs::read_to_string(module).expect("it is there");
            assert!(
                module.contains(&format!("'{}'", name_of(&wasm))),
                "{module}"
            );
        }
    }

    /// B11: where the host puts scripts off.
    #[test]
    fn the_first_script_is_exempt_before_it_is_named() {
        let folder = built();
        seal(folder.path()).expect("it is a build");
        let html = fs::read_to_string(folder.path().join("index.html")).expect("it is there");
        let start = "<script data-cfasync=\"false\" src=\"/app/first-";
        assert!(html.contains(start), "{html}");
    }

    /// A different wasm-opt, for example.
    #[test]
    fn other_bytes_give_other_names() {
        let names = |wasm: &str| {
            let folder = built();
            let file = folder.path().join("cc-connect-0123456789abcdef_bg.wasm");
            fs::write(file, wasm).expect("it can be written");
            seal(folder.path()).expect("it is a build");
            let document = document(folder.path());
            [
                document.module,
                document.wasm,
                document.styles.first().cloned(),
            ]
        };
        let (one, other) = (names("\0asm one"), names("\0asm other"));
        assert_ne!(one[0], other[0]);
        assert_ne!(one[1], other[1]);
        assert_eq!(one[2], other[2]);
        assert_eq!(one, names("\0asm one"));
    }

    #[test]
    fn what_nobody_would_compare_is_refused() {
        for name in ["snippets/more.js", "chunk_bg.wasm", "more.css"] {
            let folder = built();
            fs::create_dir(folder.path().join("snippets")).expect("it can be made");
            fs::write(folder.path().join(name), "x").expect("it can be written");
            let problem = seal(folder.path()).expect_err("nothing names it");
            assert!(problem.to_string().contains(name), "{problem}");
        }
    }

    #[test]
    fn a_build_without_integrity_is_refused() {
        let folder = built();
        let html = INDEX.replace(" integrity=\"sha384-main\"", "");
        fs::write(folder.path().join("index.html"), html).expect("it can be written");
        let problem = seal(folder.path()).expect_err("it is not whole");
        assert!(problem.to_string().contains("main-"), "{problem}");
    }
}
