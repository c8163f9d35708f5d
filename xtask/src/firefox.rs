//! Firefox, and geckodriver, which drives every version of it that is in use.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::browser;
use crate::child;
use crate::tools::{GECKODRIVER, Tools, find};

/// A browser and its driver.
#[derive(Debug)]
pub(crate) struct Firefox {
    pub(crate) firefox: PathBuf,
    pub(crate) geckodriver: PathBuf,
    pub(crate) version: String,
}

impl Firefox {
    /// Sees to both.
    pub(crate) fn need() -> Result<Self> {
        let named = browser::named("FIREFOX")?;
        let mut firefox = named.or_else(installed);
        if firefox.is_none() {
            let packages = ["firefox-esr", "fonts-liberation"];
            browser::apt_get("Firefox", "300 MB", &packages)
                .with_context(|| format!("Firefox is needed. {}", advice()))?;
            firefox = installed();
        }
        let Some(firefox) = firefox else {
            bail!("there is no Firefox. {}", advice());
        };
        let printed = child::output(Command::new(&firefox).arg("--version"));
        Ok(Self {
            firefox,
            geckodriver: geckodriver()?,
            version: version(printed.as_deref().unwrap_or_default()),
        })
    }

    /// Tells a program where both are.
    pub(crate) fn name_to(&self, command: &mut Command) {
        command.env("FIREFOX", &self.firefox);
        command.env("GECKODRIVER", &self.geckodriver);
    }
}

/// What GECKODRIVER names, else what is on the PATH or in the cache, else a fresh install.
fn geckodriver() -> Result<PathBuf> {
    if let Some(named) = browser::named("GECKODRIVER")? {
        return Ok(named);
    }
    let mut tools = Tools::default();
    tools.need(GECKODRIVER).context(
        "without geckodriver nothing drives Firefox; it may also come from \
         https://github.com/mozilla/geckodriver/releases, named with GECKODRIVER",
    )?;
    tools.program(GECKODRIVER)
}

/// The version in what it prints, which may have two numbers or three, and a word behind. Any will
/// do: it is for a person to read. Firefox on Windows prints none.
fn version(printed: &str) -> String {
    let last = printed.split_whitespace().last();
    last.unwrap_or("of unknown version").to_owned()
}

fn installed() -> Option<PathBuf> {
    let places = [
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        r"C:\Program Files\Mozilla Firefox\firefox.exe",
        r"C:\Program Files (x86)\Mozilla Firefox\firefox.exe",
    ];
    ["firefox", "firefox-esr"]
        .iter()
        .find_map(|name| find(name))
        .or_else(|| {
            places
                .map(PathBuf::from)
                .into_iter()
                .find(|path| path.is_file())
        })
}

fn advice() -> String {
    let how = if cfg!(target_os = "macos") {
        "Install it with `brew install --cask firefox`"
    } else if cfg!(windows) {
        "Install it with `winget install Mozilla.Firefox`"
    } else if find("apt-get").is_some() {
        "Install it with `sudo apt-get install firefox-esr` (on Ubuntu: firefox)"
    } else if find("dnf").is_some() {
        "Install it with `sudo dnf install firefox`"
    } else if find("pacman").is_some() {
        "Install it with `sudo pacman -S firefox`"
    } else if find("apk").is_some() {
        "Install it with `apk add firefox`"
    } else {
        "Install it with your system's packages"
    };
    format!("{how}, or name one with FIREFOX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_version_is_found_in_what_it_prints() {
        assert_eq!(version("Mozilla Firefox 140.10.2esr\n"), "140.10.2esr");
        assert_eq!(version("Mozilla Firefox 152.0\n"), "152.0");
        assert_eq!(version(""), "of unknown version");
    }

    #[test]
    fn the_end_to_end_tests_are_told_where_both_are() {
        let firefox = Firefox {
            firefox: "/a/firefox".into(),
            geckodriver: "/b/geckodriver".into(),
            version: "140.0.0".to_owned(),
        };
        let mut command = Command::new("cargo");
        firefox.name_to(&mut command);
        let variables: Vec<_> = command.get_envs().collect();
        assert_eq!(
            variables[0],
            ("FIREFOX".as_ref(), Some("/a/firefox".as_ref()))
        );
        assert_eq!(
            variables[1],
            ("GECKODRIVER".as_ref(), Some("/b/geckodriver".as_ref()))
        );
    }
}
