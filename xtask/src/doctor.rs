//! `cargo xtask doctor`: examines a deployment from outside, as a browser would, and reports what
//! to change in which file. The package `hosting` defines what is expected, as it does for the
//! files in `deploy/`.

mod cache;
mod client;
mod clock;
mod finding;
mod headers;
mod integrity;
mod keys;
mod look;
mod pages;
mod policy;
mod settings;
mod tls;
mod transfer;

#[cfg(all(test, unix))]
mod real_servers;
#[cfg(test)]
mod test_host;
#[cfg(test)]
mod tests;

use anyhow::{Result, bail};

use crate::arguments::Doctor;
use crate::say;
use client::Client;
use finding::{Finding, Level};
use look::{Place, Seen};

/// Prints the report; an error if something is wrong.
pub(crate) fn run(options: &Doctor) -> Result<()> {
    let seen = Seen::fetch(&Client::new(), Place::parse(&options.url)?)?;
    let findings = findings(&seen);
    let host = options.host.or_else(|| seen.host());
    say::output(&finding::report(&findings, host));
    match finding::count(&findings, Level::Wrong) {
        0 => Ok(()),
        1 => bail!("1 thing is wrong with {}", seen.place.url),
        wrong => bail!("{wrong} things are wrong with {}", seen.place.url),
    }
}

/// Turns observations into findings.
fn findings(seen: &Seen) -> Vec<Finding> {
    let mut findings = pages::check(seen);
    if !seen.document.is_ours() {
        // This is another page, with other files and headers.
        return findings;
    }
    findings.extend(headers::host_limits(seen.host()));
    findings.extend(tls::check(seen));
    findings.extend(policy::check(seen));
    findings.extend(headers::check(seen));
    findings.extend(cache::check(seen));
    findings.extend(transfer::check(seen));
    findings.extend(integrity::check(seen));
    findings.extend(settings::check(seen));
    findings.extend(keys::check(seen));
    findings.extend(clock::check(seen));
    findings
}
