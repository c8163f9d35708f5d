//! `cargo xtask lighthouse`: what Lighthouse says of the first page.

use anyhow::Result;
use cc_connect_hosting::Base;

use crate::arguments::Build;
use crate::browser::Browser;
use crate::build;
use crate::child;
use crate::npm::LIGHTHOUSE;
use crate::say;
use crate::workspace;

/// Makes the release build and lets Lighthouse judge it, in the end-to-end tests' own surroundings.
pub(crate) fn run() -> Result<()> {
    let browser = Browser::need()?;
    LIGHTHOUSE.need()?;
    build::run(&Build {
        base: Base::root(),
        config: None,
    })?;
    say::step("Running Lighthouse");
    let mut test = workspace::cargo("test");
    test.args(workspace::locked());
    test.args(["--quiet", "--package", "cc-connect-e2e", "--test", "e2e"]);
    test.args(["--", "--ignored", "--exact", "--nocapture"]);
    test.arg("lighthouse::the_first_page_is_as_good_as_lighthouse_can_tell");
    test.env("CC_CONNECT_DIST", workspace::root().join(build::DIST));
    test.env("CHROME", browser.chrome);
    test.env("CHROMEDRIVER", browser.chromedriver);
    LIGHTHOUSE.name_to(&mut test)?;
    child::run(&mut test)
}
