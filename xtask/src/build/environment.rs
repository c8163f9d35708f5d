//! Makes builds independent of the environment.
//!
//! Cargo takes compiler flags from the first of these it finds: `CARGO_ENCODED_RUSTFLAGS`,
//! `RUSTFLAGS`, those of the target, `CARGO_BUILD_RUSTFLAGS`. The first two, which CI or a shell
//! profile may set for other reasons, would replace those of .cargo/config.toml: the WebAssembly
//! would be a fifth larger and contain this machine's paths. The last is never reached.
//! `CARGO_PROFILE_RELEASE_…` changes the profile.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use anyhow::{Context, Result};

use crate::say;

/// Appended to the flags of .cargo/config.toml.
const OF_THE_TARGET: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Makes `command` compile for the browser independently of the environment.
pub(crate) fn make_reproducible(command: &mut Command) -> Result<()> {
    let own = std::env::vars_os();
    let set = command.get_envs();
    let set = set.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let ignored: Vec<_> = own
        .chain(set)
        .filter(|(name, value)| changes(name, value))
        .collect();
    for (name, _) in &ignored {
        say::note(format!(
            "{} is ignored: builds must not depend on it.",
            name.display()
        ));
        command.env_remove(name);
    }
    let home = home::cargo_home().context("cargo has no home folder")?;
    command.env(OF_THE_TARGET, without_paths_below(&home.to_string_lossy()));
    Ok(())
}

/// Whether this variable would change the build.
fn changes(name: &OsStr, value: &OsStr) -> bool {
    let name = name.to_string_lossy();
    match name.as_ref() {
        // Even an empty one overrides the ones after it.
        "CARGO_ENCODED_RUSTFLAGS" | "RUSTFLAGS" => true,
        OF_THE_TARGET => !value.is_empty(),
        // Already the default of a release build.
        "CARGO_INCREMENTAL" => value != "0",
        name => name.starts_with("CARGO_PROFILE_RELEASE_"),
    }
}

/// Keeps this machine's path of the dependencies' sources, which is longer and differs everywhere,
/// out of panic locations. The repository's own are relative anyway.
fn without_paths_below(home: &str) -> OsString {
    if home.contains(char::is_whitespace) {
        // This variable is split at spaces, and its encoded form would replace .cargo/config.toml.
        return OsString::new();
    }
    format!("--remap-path-prefix={home}=/cargo").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B20: and `cargo xtask test --only reproducible` makes a build with these.
    #[test]
    fn the_environment_does_not_matter() {
        let mut command = Command::new("trunk");
        let ignored = [
            ("RUSTFLAGS", "-Dwarnings"),
            ("CARGO_ENCODED_RUSTFLAGS", "-Copt-level=0"),
            ("CARGO_PROFILE_RELEASE_DEBUG", "true"),
            ("CARGO_INCREMENTAL", "1"),
        ];
        command.envs(ignored).env("CARGO_TERM_COLOR", "never");
        command.env(OF_THE_TARGET, "--cfg=unasked");
        make_reproducible(&mut command).expect("cargo has a home");
        let value = |name: &str| {
            let mut all = command.get_envs();
            all.find(|(known, _)| *known == name)
                .and_then(|(_, value)| value)
        };
        for (name, _) in ignored {
            assert_eq!(value(name), None, "{name}");
        }
        assert_eq!(value("CARGO_TERM_COLOR"), Some("never".as_ref()));
        let flags = value(OF_THE_TARGET).unwrap_or_default().to_string_lossy();
        assert!(!flags.contains("unasked"), "{flags}");
    }

    #[test]
    fn what_changes_nothing_is_left_alone() {
        for (name, value) in [
            (OF_THE_TARGET, ""),
            ("CARGO_INCREMENTAL", "0"),
            ("CARGO_PROFILE_DEV_DEBUG", "0"),
            ("CARGO_HOME", "/a"),
        ] {
            assert!(!changes(name.as_ref(), value.as_ref()), "{name}");
        }
    }

    #[test]
    fn the_path_of_the_sources_is_replaced() {
        assert_eq!(
            without_paths_below("/a/.cargo"),
            "--remap-path-prefix=/a/.cargo=/cargo"
        );
        assert_eq!(without_paths_below("/a b/.cargo"), "");
    }
}
