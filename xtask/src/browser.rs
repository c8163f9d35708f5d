//! Chromium, or Chrome, and the driver that belongs to it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::say;
use crate::tools::find;
use crate::version::Version;
use crate::workspace;

/// A browser and its driver, of the same major version.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) chromedriver: PathBuf,
    pub(crate) version: String,
}

impl Browser {
    /// Sees to both.
    pub(crate) fn need() -> Result<Self> {
        let (chrome, driver) = (named("CHROME")?, named("CHROMEDRIVER")?);
        let look = || {
            let browsers = chrome.clone().map_or_else(browsers, |path| vec![path]);
            let driver = driver.clone().or_else(|| find("chromedriver"));
            (browsers, driver)
        };
        let mut found = look();
        if found.0.is_empty() || found.1.is_none() {
            install()?;
            found = look();
        }
        let (browsers, driver) = found;
        let Some(driver) = driver else {
            bail!("there is no chromedriver. {}", advice());
        };
        if browsers.is_empty() {
            bail!("there is no Chromium or Chrome. {}", advice());
        }
        let browsers = browsers
            .into_iter()
            .map(|path| (version(&path), path))
            .collect();
        choose(browsers, (version(&driver), driver))
    }
}

/// What a variable such as CHROME names.
pub(crate) fn named(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(path);
    if !path.is_file() {
        bail!("{variable} names {}, which is no file", path.display());
    }
    Ok(Some(path))
}

fn browsers() -> Vec<PathBuf> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
    ];
    let places = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    ];
    let on_path = names.iter().filter_map(|name| find(name));
    let elsewhere = places.iter().map(PathBuf::from);
    on_path
        .chain(elsewhere.filter(|path| path.is_file()))
        .collect()
}

/// The version it prints. Chrome on Windows prints none.
fn version(program: &Path) -> Option<Version> {
    let text = child::output(
        Command::new(program)
            .arg("--version")
            .stderr(std::process::Stdio::null()),
    )?;
    Version::find(&text)
}

type Found = (Option<Version>, PathBuf);

/// The first browser that the driver can drive. An unknown version gets the benefit of the doubt.
fn choose(browsers: Vec<Found>, driver: Found) -> Result<Browser> {
    let (driver_version, chromedriver) = driver;
    let fits = |browser: Option<Version>| match (browser, driver_version) {
        (Some(browser), Some(driver)) => browser.major == driver.major,
        _ => true,
    };
    let print = |version: Option<Version>| {
        version.map_or_else(
            || "of unknown version".to_owned(),
            |version| version.to_string(),
        )
    };
    if let Some((version, chrome)) = browsers.iter().find(|(version, _)| fits(*version)) {
        return Ok(Browser {
            chrome: chrome.clone(),
            chromedriver,
            version: print(*version),
        });
    }
    let list: Vec<_> = browsers
        .into_iter()
        .map(|(version, path)| format!("{} {}", path.display(), print(version)))
        .collect();
    bail!(
        "the browser and its driver have to be of the same major version, but {} is {} and there \
         is: {}. Bring the older one up to date, or name a pair with CHROME and CHROMEDRIVER",
        chromedriver.display(),
        print(driver_version),
        list.join(", ")
    )
}

fn install() -> Result<()> {
    let packages = ["chromium", "chromium-driver", "fonts-liberation"];
    apt_get("Chromium and its driver", "400 MB", &packages)
        .with_context(|| format!("Chromium is needed. {}", advice()))
}

/// Installs packages where that takes nobody's consent: as root on a system with apt-get. Elsewhere
/// it does nothing.
pub(crate) fn apt_get(what: &str, size: &str, packages: &[&str]) -> Result<()> {
    if !root() || find("apt-get").is_none() {
        return Ok(());
    }
    say::step(format!(
        "Installing {what} with apt-get, once; about {size}"
    ));
    let apt = |words: &[&str]| {
        let mut apt = workspace::command("apt-get");
        apt.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        child::run(&mut apt)
    };
    // A list that cannot be renewed may still be good enough.
    if let Err(problem) = apt(&["update"]) {
        crate::interrupt::check()?;
        say::note(format!("{problem:#}; going on with what apt-get knows"));
    }
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

#[cfg(unix)]
fn root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn root() -> bool {
    false
}

fn advice() -> String {
    let how = if cfg!(target_os = "macos") {
        "Install them with `brew install --cask google-chrome chromedriver`"
    } else if cfg!(windows) {
        "Install them with `winget install Google.Chrome Chromium.ChromeDriver`"
    } else if find("apt-get").is_some() {
        "Install them with `sudo apt-get install chromium chromium-driver`"
    } else if find("dnf").is_some() {
        "Install them with `sudo dnf install chromium chromedriver`"
    } else if find("pacman").is_some() {
        "Install them with `sudo pacman -S chromium`, which brings both"
    } else if find("apk").is_some() {
        "Install them with `apk add chromium chromium-chromedriver`"
    } else {
        "Install them with your system's packages"
    };
    format!(
        "{how}, or take a pair from https://googlechromelabs.github.io/chrome-for-testing/ and name \
         it with CHROME and CHROMEDRIVER"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(version: &str, path: &str) -> Found {
        (Version::parse(version), PathBuf::from(path))
    }

    #[test]
    fn the_first_browser_of_the_drivers_major_version_is_chosen() {
        let browsers = vec![
            found("139.0.7000", "/old/chrome"),
            found("140.0.7339", "/usr/bin/chromium"),
            found("140.0.7340", "/usr/bin/google-chrome"),
        ];
        let browser = choose(browsers, found("140.0.1", "/usr/bin/chromedriver"))
            .expect("there is one that fits");
        assert_eq!(browser.chrome, Path::new("/usr/bin/chromium"));
        assert_eq!(browser.chromedriver, Path::new("/usr/bin/chromedriver"));
        assert_eq!(browser.version, "140.0.7339");
    }

    #[test]
    fn an_unknown_version_is_tried() {
        let browser =
            choose(vec![found("?", "chrome.exe")], found("140.0.1", "driver")).expect("it may fit");
        assert_eq!(browser.version, "of unknown version");
    }

    #[test]
    fn a_pair_that_cannot_work_is_named() {
        let problem = choose(
            vec![found("139.0.7000", "/old/chrome")],
            found("140.0.1", "/usr/bin/chromedriver"),
        )
        .expect_err("the major versions differ")
        .to_string();
        assert!(problem.contains("/usr/bin/chromedriver is 140.0.1"));
        assert!(problem.contains("/old/chrome 139.0.7000"));
    }
}
