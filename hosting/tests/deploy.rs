//! The files in `deploy/` are those that this package renders.

use std::fs;
use std::path::{Path, PathBuf};

use cc_connect_hosting::{Base, Files, Host, Settings, Site};
use walkdir::WalkDir;

/// The real service, at the root of a host.
fn site() -> Site {
    Site {
        base: Base::root(),
        settings: Settings::default(),
        files: Files::Usual,
    }
}

fn folder(host: Host) -> PathBuf {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    deploy.join(host.folder())
}

/// Every file below `folder`, relative to it.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.expect("it can be read");
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).expect("it is below");
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

#[test]
fn the_committed_files_are_the_rendered_ones() {
    let bless = std::env::var_os("CC_CONNECT_BLESS").is_some();
    for host in Host::ALL {
        let folder = folder(host);
        let rendered = host.render(&site());
        for file in &rendered {
            let path = folder.join(&file.path);
            if bless {
                let parent = path.parent().expect("it lies in a folder");
                fs::create_dir_all(parent).expect("the folder can be made");
                fs::write(&path, &file.text).expect("the file can be written");
            }
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                committed,
                file.text,
                "deploy/{}/{} is out of date: run the tests of cc-connect-hosting with \
                 CC_CONNECT_BLESS=1 and commit what they write",
                host.folder(),
                file.path
            );
        }
        let mut expected: Vec<_> = rendered.into_iter().map(|file| file.path).collect();
        expected.push("README.md".to_owned());
        expected.sort();
        assert_eq!(files_below(&folder), expected, "{}", host.name());
    }
}

#[test]
fn the_readme_names_every_host() {
    let readme = include_str!("../../deploy/README.md");
    for host in Host::ALL {
        assert!(
            readme.contains(&format!("]({}/)", host.folder())),
            "{host:?}"
        );
        assert!(host.readme().starts_with("# "), "{host:?}");
    }
}
