//! Locations of the app's release builds.

use std::env;
use std::path::{Path, PathBuf};

/// A folder with a release build, and the base path it was made for.
#[derive(Clone, Debug)]
pub struct Dist {
    /// The folder that holds `index.html`.
    pub folder: PathBuf,
    /// The base path, with a slash at both ends.
    pub base: &'static str,
}

impl Dist {
    /// The build for `/`: `CC_CONNECT_DIST`, or `dist/`.
    pub fn at_root() -> Self {
        Self::built("CC_CONNECT_DIST", "dist", "/")
    }

    /// The build for `/app/`: `CC_CONNECT_DIST_APP`, or `target/dist-app/`.
    pub fn at_app() -> Self {
        Self::built("CC_CONNECT_DIST_APP", "target/dist-app", "/app/")
    }

    /// The build of `examples/minimal`: `CC_CONNECT_DIST_MINIMAL`, or `target/dist-minimal/`.
    pub fn minimal() -> Self {
        Self::built("CC_CONNECT_DIST_MINIMAL", "target/dist-minimal", "/")
    }

    fn built(variable: &str, default: &str, base: &'static str) -> Self {
        let folder = match env::var_os(variable) {
            Some(folder) => PathBuf::from(folder),
            None => workspace().join(default),
        };
        assert!(
            folder.join("index.html").is_file(),
            "there is no release build in {}: run `cargo xtask build` first, or `cargo xtask \
             test`, which makes both builds and runs these tests (or set {variable})",
            folder.display(),
        );
        Self { folder, base }
    }
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this package is two folders below the workspace")
}
