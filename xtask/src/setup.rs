//! What a command needs, and ensuring that it is there. Quick when nothing is missing.

use anyhow::Result;

use crate::browser::Browser;
use crate::npm;
use crate::programs::printed_version;
use crate::say;
use crate::toolchain;
use crate::tools::{CARGO_DENY, Tools};

/// What serving and building the app takes; `wasm_opt` only for a release build.
pub(crate) fn for_trunk(wasm_opt: bool) -> Result<Tools> {
    toolchain::wasm_target()?;
    let mut tools = Tools::default();
    tools.ensure_trunk()?;
    tools.ensure_wasm_bindgen()?;
    if wasm_opt {
        tools.ensure_wasm_opt()?;
    }
    Ok(tools)
}

/// What running the app's own tests in a browser takes, besides the browser.
pub(crate) fn for_web_tests() -> Result<Tools> {
    toolchain::wasm_target()?;
    let mut tools = Tools::default();
    tools.ensure_wasm_bindgen()?;
    Ok(tools)
}

/// What checking the dependencies takes.
pub(crate) fn for_deny() -> Result<Tools> {
    let mut tools = Tools::default();
    tools.ensure(CARGO_DENY)?;
    Ok(tools)
}

/// `cargo xtask setup`
pub(crate) fn run() -> Result<()> {
    toolchain::components()?;
    let mut tools = for_trunk(true)?;
    tools.ensure(CARGO_DENY)?;
    let browsers = [Browser::chromium()?, Browser::firefox()?];
    let (_, axe) = npm::axe()?;
    say::step("Everything is there");
    for program in ["trunk", "wasm-bindgen", "wasm-opt", "cargo-deny"] {
        let command = tools.command(program)?;
        let place = command.get_program();
        if let Some(text) = printed_version(place) {
            say::note(format!("{}  ({})", text.trim(), place.display()));
        }
    }
    for browser in browsers {
        say::note(format!(
            "{}  ({} and {})",
            browser.version,
            browser.program.display(),
            browser.driver.display()
        ));
    }
    say::note(format!("axe-core  ({})", axe.display()));
    Ok(())
}
