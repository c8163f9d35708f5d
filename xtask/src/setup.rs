//! What a command needs, and seeing to it. Quick when nothing is missing.

use std::path::Path;

use anyhow::Result;

use crate::browser::Browser;
use crate::child;
use crate::firefox::Firefox;
use crate::npm::AXE;
use crate::say;
use crate::toolchain;
use crate::tools::{CARGO_DENY, Tools, find};

/// What serving and building the app takes; `wasm_opt` only for a release build.
pub(crate) fn for_trunk(wasm_opt: bool) -> Result<Tools> {
    toolchain::wasm_target()?;
    let mut tools = Tools::default();
    tools.need_trunk()?;
    tools.need_wasm_bindgen()?;
    if wasm_opt {
        tools.need_wasm_opt()?;
    }
    Ok(tools)
}

/// What running the app's own tests in a browser takes, besides the browser.
pub(crate) fn for_web_tests() -> Result<Tools> {
    toolchain::wasm_target()?;
    let mut tools = Tools::default();
    tools.need_wasm_bindgen()?;
    Ok(tools)
}

/// What checking the dependencies takes.
pub(crate) fn for_deny() -> Result<Tools> {
    let mut tools = Tools::default();
    tools.need(CARGO_DENY)?;
    Ok(tools)
}

/// `cargo xtask setup`
pub(crate) fn run() -> Result<()> {
    toolchain::components()?;
    let mut tools = for_trunk(true)?;
    tools.need(CARGO_DENY)?;
    let browser = Browser::need()?;
    let firefox = Firefox::need()?;
    let axe = AXE.need()?;
    say::step("Everything is there");
    for program in ["trunk", "wasm-bindgen", "wasm-opt", "cargo-deny"] {
        let mut command = tools.command(program)?;
        let place = Path::new(command.get_program()).to_owned();
        let place = if place.is_absolute() {
            Some(place)
        } else {
            find(program)
        };
        if let (Some(place), Some(text)) = (place, child::output(command.arg("--version"))) {
            say::note(format!("{}  ({})", text.trim(), place.display()));
        }
    }
    say::note(format!(
        "Chromium {}  ({} and {})",
        browser.version,
        browser.chrome.display(),
        browser.chromedriver.display()
    ));
    say::note(format!(
        "Firefox {}  ({} and {})",
        firefox.version,
        firefox.firefox.display(),
        firefox.geckodriver.display()
    ));
    say::note(format!("axe-core  ({})", axe.display()));
    Ok(())
}
