//! Chromium or Chrome with the matching driver; Firefox and geckodriver.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::programs::{advice, apt_get, find, find_any, path_in, printed_version};
use crate::tools::{GECKODRIVER, Tools};

/// A browser and its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) program: PathBuf,
    pub(crate) driver: PathBuf,
    pub(crate) version: String,
    /// The environment variables that tell other programs the paths of both.
    variables: [&'static str; 2],
}

impl Browser {
    /// Ensures that Chromium is installed, with a driver of the same major version.
    pub(crate) fn chromium() -> Result<Self> {
        let (chrome, driver) = (path_in("CHROME")?, path_in("CHROMEDRIVER")?);
        let look = || {
            let browsers = chrome.clone().map_or_else(chromes, |path| vec![path]);
            let driver = driver.clone().or_else(|| find("chromedriver"));
            (browsers, driver)
        };
        let mut found = look();
        if found.0.is_empty() || found.1.is_none() {
            let packages = ["chromium", "chromium-driver", "fonts-liberation"];
            apt_get("Chromium and its driver", "400 MB", &packages)
                .with_context(|| format!("Chromium is needed. {}", chromium_advice()))?;
            found = look();
        }
        let (browsers, driver) = found;
        let Some(driver) = driver else {
            bail!("there is no chromedriver. {}", chromium_advice());
        };
        if browsers.is_empty() {
            bail!("there is no Chromium or Chrome. {}", chromium_advice());
        }
        let with_version = |path: PathBuf| (printed_version(&path).unwrap_or_default(), path);
        let browsers = browsers.into_iter().map(with_version).collect();
        choose(browsers, with_version(driver))
    }

    /// Ensures that Firefox is installed, and geckodriver, which drives every current version.
    pub(crate) fn firefox() -> Result<Self> {
        let mut program = path_in("FIREFOX")?.or_else(firefox);
        if program.is_none() {
            let packages = ["firefox-esr", "fonts-liberation"];
            apt_get("Firefox", "300 MB", &packages)
                .with_context(|| format!("Firefox is needed. {}", firefox_advice()))?;
            program = firefox();
        }
        let Some(program) = program else {
            bail!("there is no Firefox. {}", firefox_advice());
        };
        let printed = printed_version(&program).unwrap_or_default();
        let driver = match path_in("GECKODRIVER")? {
            Some(driver) => driver,
            None => {
                let mut tools = Tools::default();
                tools.ensure(GECKODRIVER).context(
                    "Firefox requires geckodriver; you can also get it from \
                     https://github.com/mozilla/geckodriver/releases and set GECKODRIVER to its path",
                )?;
                tools.program(GECKODRIVER)?
            }
        };
        Ok(Self {
            program,
            driver,
            version: version(&printed),
            variables: ["FIREFOX", "GECKODRIVER"],
        })
    }

    /// Passes the paths of both to a program.
    pub(crate) fn set_variables(&self, command: &mut Command) {
        let [program, driver] = self.variables;
        command
            .env(program, &self.program)
            .env(driver, &self.driver);
    }
}

fn chromes() -> Vec<PathBuf> {
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
    find_any(&names, &places)
}

fn firefox() -> Option<PathBuf> {
    let places = [
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        r"C:\Program Files\Mozilla Firefox\firefox.exe",
        r"C:\Program Files (x86)\Mozilla Firefox\firefox.exe",
    ];
    find_any(&["firefox", "firefox-esr"], &places)
        .into_iter()
        .next()
}

/// The version in the output of a browser or its driver, with two to four numbers and text around
/// it: `Chromium 140.0.7339.80 built on Debian`, `Mozilla Firefox 140.10.2esr`.
fn version(printed: &str) -> String {
    let begins_with_a_digit = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let word = printed.split_whitespace().find(begins_with_a_digit);
    word.unwrap_or("of unknown version").to_owned()
}

fn major(printed: &str) -> Option<u64> {
    version(printed).split('.').next()?.parse().ok()
}

/// The output of `--version`, and the program.
type Found = (String, PathBuf);

/// The first browser that the driver can drive. An unknown version is accepted.
fn choose(browsers: Vec<Found>, driver: Found) -> Result<Browser> {
    let (driver_printed, driver) = driver;
    let fits = |printed: &str| match (major(printed), major(&driver_printed)) {
        (Some(browser), Some(driver)) => browser == driver,
        _ => true,
    };
    if let Some((printed, program)) = browsers.iter().find(|(printed, _)| fits(printed)) {
        return Ok(Browser {
            program: program.clone(),
            driver,
            version: version(printed),
            variables: ["CHROME", "CHROMEDRIVER"],
        });
    }
    let shown = |printed: &str, path: &Path| format!("{} {}", path.display(), version(printed));
    let list: Vec<_> = browsers
        .iter()
        .map(|(printed, path)| shown(printed, path))
        .collect();
    bail!(
        "the browser and its driver have to be of the same major version, but there is the driver {} \
         and: {}. Bring the older one up to date, or name a pair with CHROME and CHROMEDRIVER",
        shown(&driver_printed, &driver),
        list.join(", ")
    )
}

fn chromium_advice() -> String {
    let how = advice([
        "brew install --cask google-chrome chromedriver",
        "winget install Google.Chrome Chromium.ChromeDriver",
        "sudo apt-get install chromium chromium-driver",
        "sudo dnf install chromium chromedriver",
        "sudo pacman -S chromium",
        "apk add chromium chromium-chromedriver",
    ]);
    format!(
        "{how}, or take a pair from https://googlechromelabs.github.io/chrome-for-testing/ and name \
         it with CHROME and CHROMEDRIVER"
    )
}

fn firefox_advice() -> String {
    let how = advice([
        "brew install --cask firefox",
        "winget install Mozilla.Firefox",
        "sudo apt-get install firefox-esr",
        "sudo dnf install firefox",
        "sudo pacman -S firefox",
        "apk add firefox",
    ]);
    format!("{how}, or set FIREFOX to its path")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(printed: &str, path: &str) -> Found {
        (printed.to_owned(), PathBuf::from(path))
    }

    #[test]
    fn a_version_is_found_in_what_is_printed() {
        for (printed, expected) in [
            (
                "Chromium 140.0.7339.80 built on Debian GNU/Linux 12",
                "140.0.7339.80",
            ),
            (
                "ChromeDriver 140.0.7339.80 (a21ce95c24ce refs/branch-heads/7339@{#1704})",
                "140.0.7339.80",
            ),
            ("Mozilla Firefox 140.10.2esr\n", "140.10.2esr"),
            ("Mozilla Firefox 152.0\n", "152.0"),
            ("", "of unknown version"),
        ] {
            assert_eq!(version(printed), expected);
        }
    }

    #[test]
    fn the_first_browser_of_the_drivers_major_version_is_chosen() {
        let browsers = vec![
            found("Chromium 139.0.7000.1", "/old/chrome"),
            found("Chromium 140.0.7339.80", "/usr/bin/chromium"),
            found("Google Chrome 140.0.7340.2 ", "/usr/bin/google-chrome"),
        ];
        let driver = found("ChromeDriver 140.0.1.0 (a21)", "/usr/bin/chromedriver");
        let browser = choose(browsers, driver).expect("there is one that fits");
        let mut command = Command::new("cargo");
        browser.set_variables(&mut command);
        let variables: Vec<_> = command.get_envs().collect();
        let path = |path: &'static str| Some(path.as_ref());
        assert_eq!(variables[0], ("CHROME".as_ref(), path("/usr/bin/chromium")));
        assert_eq!(
            variables[1],
            ("CHROMEDRIVER".as_ref(), path("/usr/bin/chromedriver"))
        );
    }

    #[test]
    fn an_unknown_version_is_tried() {
        let driver = found("ChromeDriver 140.0.1.0", "driver");
        let browser = choose(vec![found("", "chrome.exe")], driver).expect("it may fit");
        assert_eq!(browser.version, "of unknown version");
    }

    #[test]
    fn a_pair_that_cannot_work_is_named() {
        let problem = choose(
            vec![found("Chromium 139.0.7000.1", "/old/chrome")],
            found("ChromeDriver 140.0.1.0", "/usr/bin/chromedriver"),
        )
        .expect_err("the major versions differ")
        .to_string();
        assert!(
            problem.contains("/usr/bin/chromedriver 140.0.1.0"),
            "{problem}"
        );
        assert!(problem.contains("/old/chrome 139.0.7000.1"), "{problem}");
    }
}
