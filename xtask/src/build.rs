//! `cargo xtask build`

mod compress;
mod deploy;
mod environment;
mod files;
mod minify;
mod seal;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cc_connect_hosting::{Base, Document, Files, Settings, Site};

use crate::arguments::Build;
use crate::child;
use crate::say;
use crate::setup;
use crate::sizes;
use crate::tools::Tools;
use crate::workspace;

pub(crate) use compress::compress_files;
pub(crate) use environment::make_reproducible;
pub(crate) use files::files_below;

/// The output folder.
pub(crate) const DIST: &str = "dist";
const DEPLOY: &str = "target/deploy";

/// Makes the release build in dist/, and the hosts' files in target/deploy/.
pub(crate) fn run(options: &Build) -> Result<()> {
    // First, so that a mistake in it is reported at once and not after the build.
    let settings = options.config.as_deref().map(settings_from).transpose()?;
    let tools = setup::for_trunk(true)?;
    say::step("Building the app for release; the first time takes some minutes");
    release(&tools, Path::new(DIST), options.base.as_str())?;
    let root = workspace::root();
    let dist = root.join(DIST);
    if let Some(settings) = settings {
        fs::write(dist.join("config.json"), settings).context("could not write config.json")?;
    }
    say::step("Compressing it and writing the hosts' files");
    let table = finish(&dist, &root.join(DEPLOY), &options.base)?;
    say::block(table);
    say::note(format!(
        "The build is in {DIST}/, to be served at {}. Its settings are in {DIST}/config.json.",
        options.base
    ));
    say::note(format!(
        "{DEPLOY}/ has a folder for each host, with a README on how to serve it. Afterwards,"
    ));
    say::note("`cargo xtask doctor https://YOUR-HOST/` checks the deployment.");
    Ok(())
}

/// Reads a config.json and checks that hosts' files can be generated for it.
fn settings_from(path: &Path) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    Settings::parse(&text).with_context(|| format!("{} is invalid", path.display()))?;
    Ok(text)
}

/// The inputs of a build.
pub(crate) struct Sources<'a> {
    /// The root of the repository or of a copy.
    pub(crate) root: &'a Path,
    /// The target folder; the repository's own by default.
    pub(crate) target: Option<&'a Path>,
    /// Additional environment variables, which must not affect the build.
    pub(crate) environment: &'a [(&'a str, &'a str)],
}

/// Makes a release build in the folder `dist`, which may be relative to the repository, then minifies
/// and seals it: see [`minify`] and [`seal`].
pub(crate) fn release(tools: &Tools, dist: &Path, public_url: &str) -> Result<()> {
    let root = workspace::root();
    let sources = Sources {
        root: &root,
        target: None,
        environment: &[],
    };
    release_from(&sources, tools, &root.join(dist), public_url)
}

/// Like [`release`], from other sources than this repository.
pub(crate) fn release_from(
    sources: &Sources<'_>,
    tools: &Tools,
    dist: &Path,
    public_url: &str,
) -> Result<()> {
    let mut trunk = tools.trunk()?;
    trunk.current_dir(sources.root);
    if let Some(target) = sources.target {
        trunk.env("CARGO_TARGET_DIR", target);
        // For Trunk's hook: avoids compiling this program again.
        trunk.env("CARGO_ALIAS_XTASK", workspace::compiled_xtask());
    }
    trunk
        .args(["build", "--release", "--public-url", public_url, "--dist"])
        .arg(dist)
        .args(workspace::locked());
    trunk.envs(sources.environment.iter().copied());
    make_reproducible(&mut trunk)?;
    child::run(&mut trunk).context("the app could not be built; see the errors above")?;
    minify::minify_files(dist)?;
    seal::seal(dist)
}

/// Builds `examples/minimal` for development, to use the sandbox at this origin.
pub(crate) fn example(tools: &Tools, dist: &Path, sandbox: &str) -> Result<()> {
    let mut trunk = tools.trunk()?;
    trunk
        .current_dir(workspace::root().join("examples/minimal"))
        .env("SANDBOX", sandbox)
        .args(["build", "--dist"])
        .arg(workspace::root().join(dist))
        .args(workspace::locked());
    child::run(&mut trunk).context("the example could not be built; see the errors above")
}

/// Finishes a build made by Trunk: compresses its files, and writes the hosts' files for exactly
/// this build into `deploy`. Returns a table of the transfer sizes.
pub(crate) fn finish(dist: &Path, deploy: &Path, base: &Base) -> Result<String> {
    let read = |name: &str| {
        fs::read_to_string(dist.join(name))
            .with_context(|| format!("could not read {name} of the build"))
    };
    let settings = Settings::parse(&read("config.json")?).context("config.json is invalid")?;
    let index_html = for_settings(read("index.html")?, &settings);
    let document = Document::parse(&index_html);
    if document.base.as_deref() != Some(base.as_str()) {
        bail!("the build's index.html is not for {base}");
    }
    fs::write(dist.join("index.html"), &index_html).context("could not write index.html")?;
    compress_files(dist)?;
    let site = Site {
        base: base.clone(),
        settings,
        files: Files::listed(files_below(dist)?),
    };
    deploy::write(&site, &index_html, deploy)?;
    let first_page = loaded(&document.first_page(), base);
    sizes::table(dist, &loaded(&document.assets(), base), &first_page)
}

/// Makes the document's first paint match these settings. If they are changed later, the application
/// corrects it once it has loaded.
fn for_settings(index_html: String, settings: &Settings) -> String {
    let stamp = " data-response-type=";
    if settings.token_endpoint.is_none() || index_html.contains(stamp) {
        return index_html;
    }
    index_html.replacen("<html", &format!("<html{stamp}\"code\""), 1)
}

/// These files and those that are always loaded with them, relative to the build.
fn loaded(assets: &[&str], base: &Base) -> Vec<String> {
    let assets = assets.iter().filter_map(|path| base.strip(path));
    let own = ["index.html", "config.json"].into_iter();
    own.chain(assets).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"<!doctype html><html><head><meta charset="utf-8">
<meta name="cc-connect" data-base="/app/" data-module="/app/cc-connect-0123456789abcdef.js" data-wasm="/app/cc-connect-0123456789abcdef_bg.wasm">
<script src="/app/first-00112233445566ff.js"></script>
<link rel="stylesheet" href="/app/main-8899aabbccddeeff.css">
</head><body></body></html>"#;

    fn made_up() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let script = "export const one = 1;\n".repeat(200);
        let files = [
            ("index.html", INDEX),
            (
                "config.json",
                r#"{"client_id": "k", "jwks_uri": "https://keys.example/k"}"#,
            ),
            ("cc-connect-0123456789abcdef.js", script.as_str()),
            ("cc-connect-0123456789abcdef_bg.wasm", script.as_str()),
            ("first-00112233445566ff.js", "x"),
            ("main-8899aabbccddeeff.css", script.as_str()),
            ("picture.png", script.as_str()),
        ];
        let dist = folder.path().join("dist");
        fs::create_dir(&dist).expect("it can be made");
        for (name, text) in files {
            fs::write(dist.join(name), text).expect("it can be written");
        }
        folder
    }

    fn finished(folder: &Path, base: &str) -> Result<String> {
        let base = base.parse().expect("it is a path");
        finish(&folder.join("dist"), &folder.join("deploy"), &base)
    }

    #[test]
    fn a_build_gets_precompressed_files_and_files_for_its_hosts() {
        let folder = made_up();
        let table = finished(folder.path(), "/app/").expect("it is a build for /app/");
        let dist = folder.path().join("dist");
        for (name, there) in [
            ("index.html.br", true),
            ("cc-connect-0123456789abcdef_bg.wasm.br", true),
            ("cc-connect-0123456789abcdef_bg.wasm.gz", true),
            ("main-8899aabbccddeeff.css.gz", true),
            // A single byte, and a file that is already compressed.
            ("first-00112233445566ff.js.br", false),
            ("picture.png.br", false),
        ] {
            assert_eq!(dist.join(name).is_file(), there, "{name}");
        }
        let deployed = |path: &str| {
            let path = folder.path().join("deploy").join(path);
            fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is there", path.display()))
        };
        let headers = deployed("netlify/_headers");
        assert!(headers.contains("connect-src 'self' https://keys.example https://api.cc.email;"));
        assert!(headers.contains("\n/app/main-8899aabbccddeeff.css\n"));
        assert!(!headers.contains(".br"));
        assert_eq!(deployed("netlify/404.html"), INDEX);
        assert!(deployed("github-pages/callback.html").contains("http-equiv"));
        assert!(deployed("nginx/cc-connect.conf").contains("location /app/ {"));
        assert!(deployed("nginx/README.md").starts_with("# nginx"));
        assert!(deployed("README.md").contains("nginx"));
        assert!(table.contains("a first visit"), "{table}");
    }

    #[test]
    fn the_first_paint_is_for_the_response_type_of_the_settings() {
        for (response_type, stamped) in [("code", true), ("token", false)] {
            let folder = made_up();
            let dist = folder.path().join("dist");
            let config = format!(r#"{{"response_type": "{response_type}"}}"#);
            fs::write(dist.join("config.json"), config).expect("it can be written");
            // Repeating it changes nothing.
            for _ in 0..2 {
                finished(folder.path(), "/app/").expect("it is a build for /app/");
                let index = fs::read_to_string(dist.join("index.html")).expect("it is there");
                let html = r#"<html data-response-type="code">"#;
                assert_eq!(index.contains(html), stamped, "{response_type}");
                assert_eq!(
                    index.matches("data-response-type").count(),
                    usize::from(stamped)
                );
            }
        }
    }

    #[test]
    fn the_same_build_gives_the_same_bytes() {
        let contents = || {
            let folder = made_up();
            finished(folder.path(), "/app/").expect("it is a build for /app/");
            let names = files_below(folder.path()).expect("it can be read");
            let read = |name: String| {
                let bytes = fs::read(folder.path().join(&name)).expect("it can be read");
                (name, bytes)
            };
            names.into_iter().map(read).collect::<Vec<_>>()
        };
        let first = contents();
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert!(
            first == contents(),
            "a byte depends on the time or the place"
        );
    }

    #[test]
    fn nothing_of_an_earlier_build_is_left() {
        let folder = made_up();
        let old = folder.path().join("deploy/netlify/with-keys");
        fs::create_dir_all(&old).expect("it can be made");
        finished(folder.path(), "/app/").expect("it is a build for /app/");
        assert!(!old.exists());
    }

    #[test]
    fn a_build_for_another_path_is_rejected() {
        let folder = made_up();
        let problem = finished(folder.path(), "/").expect_err("it is for /app/");
        assert!(problem.to_string().contains("not for /"), "{problem}");
    }

    #[test]
    fn invalid_settings_stop_the_build_before_it_begins() {
        let folder = made_up();
        let path = folder.path().join("mine.json");
        fs::write(&path, "{").expect("it can be written");
        let problem = settings_from(&path).expect_err("it is no JSON");
        assert!(format!("{problem:#}").contains("not JSON"), "{problem:#}");
    }
}
