//! Reports of failed tests.

use crate::dist::workspace;
use crate::secrecy::redact;
use crate::world::World;
use std::any::Any;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where screenshots go: `target/e2e-screenshots/`.
pub fn screenshots_folder() -> PathBuf {
    workspace().join("target").join("e2e-screenshots")
}

fn screenshot_of(test: &str) -> PathBuf {
    screenshots_folder().join(format!("{}.png", test.replace("::", ".")))
}

/// Removes the report of an earlier run of the test.
pub(crate) fn forget(test: &str) {
    // Usually there is none.
    let _ = fs::remove_file(screenshot_of(test));
}

/// The file that retried tests are recorded in, if the environment names one.
pub(crate) fn retries_file() -> Option<PathBuf> {
    env::var_os("CC_CONNECT_E2E_RETRIES").map(PathBuf::from)
}

/// Records a test that passed only the second time, with the report of the first, indented.
pub(crate) fn record_retry(file: &Path, test: &str, report: &str) {
    let report: String = report.lines().map(|line| format!("    {line}\n")).collect();
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut file| file.write_all(format!("{test}\n{report}").as_bytes()));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

/// Saves a screenshot, and prints and returns what the page showed and why the test failed.
pub(crate) async fn report(world: &World, test: &str, panic: &(dyn Any + Send)) -> String {
    let browser = &world.browser;
    let mut report = format!("\n--- {test} failed; the page at that moment ---\n");
    match world.glance().await {
        Ok(seen) => report.push_str(&format!("{seen:#}\n")),
        Err(error) => report.push_str(&format!("the page does not answer: {error}\n")),
    }
    if let Ok(text) = browser
        .try_script("return document.body.innerText", vec![])
        .await
    {
        let text: String = text
            .as_str()
            .unwrap_or_default()
            .chars()
            .take(3_000)
            .collect();
        report.push_str(&format!("--- its text ---\n{text}\n"));
    }
    report.push_str("--- the console ---\n");
    for entry in browser.console().await {
        report.push_str(&format!("{entry}\n"));
    }
    report.push_str("--- the last requests to the sandbox ---\n");
    let requests = world.sandbox.requests();
    for request in requests.iter().rev().take(10).rev() {
        report.push_str(&format!("{} {}\n", request.method, request.path));
    }
    match browser.screenshot().await {
        Ok(picture) => {
            let file = screenshot_of(test);
            let saved =
                fs::create_dir_all(screenshots_folder()).and_then(|()| fs::write(&file, picture));
            match saved {
                Ok(()) => report.push_str(&format!("--- screenshot: {} ---\n", file.display())),
                Err(error) => report.push_str(&format!("no screenshot: {error}\n")),
            }
        }
        Err(error) => report.push_str(&format!("no screenshot: {error}\n")),
    }
    // Last, where it is easy to find.
    report.push_str(&format!("--- why {test} failed ---\n{}\n", message(panic)));
    let report = redact(&report);
    eprintln!("{report}");
    report
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}
