//! The servers for testing the files in `deploy/`: the system's nginx, Caddy and Apache, and
//! Cloudflare's and Firebase's own from npm.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::npm::{SUPERSTATIC, WRANGLER};
use crate::programs::{apt_get, find};
use crate::say;
use crate::tools::Tools;

/// The program, and the prefix of its tests' names.
const SERVERS: [(&str, &str); 3] = [
    ("nginx", "real_servers::nginx"),
    ("caddy", "real_servers::caddy"),
    ("apache2", "real_servers::apache"),
];
const PACKAGES: [&str; 4] = [
    "nginx-light",
    "libnginx-mod-http-brotli-static",
    "caddy",
    "apache2",
];
const BROTLI: &str = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";
const WITH_BROTLI: &str = "nginx_with_brotli";
/// With this file, Debian's packages start no service when installed.
const NO_SERVICES: &str = "/usr/sbin/policy-rc.d";

/// The servers that can and cannot be tested here.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    /// The prefixes of the test names.
    tests: Vec<&'static str>,
    /// Tests to skip nevertheless.
    skipped: Option<&'static str>,
    /// Programs that are not installed.
    missing: Vec<&'static str>,
    /// Programs from npm.
    tools: Tools,
}

impl Servers {
    /// Installs the missing ones, if that starts no service and needs no consent.
    pub(crate) fn ensure() -> Result<Self> {
        let is_whole = |servers: &Self| servers.missing.is_empty() && servers.skipped.is_none();
        let mut servers = Self::find_installed();
        if !is_whole(&servers) && Path::new(NO_SERVICES).exists() {
            apt_get("nginx, Caddy and Apache", "60 MB", &PACKAGES)?;
            servers = Self::find_installed();
        }
        let packages = [
            (WRANGLER, "real_servers::wrangler"),
            (SUPERSTATIC, "real_servers::superstatic"),
        ];
        for (package, tests) in packages {
            match package.programs() {
                Ok(programs) => {
                    servers.tools.add(Some(programs));
                    servers.tests.push(tests);
                }
                Err(problem) => {
                    crate::interrupt::check()?;
                    say::note(format!("{problem:#}"));
                    servers.missing.push(package.name);
                }
            }
        }
        Ok(servers)
    }

    fn find_installed() -> Self {
        let mut servers = Self::default();
        for (program, tests) in SERVERS {
            // Debian keeps administrators' programs outside the PATH.
            let elsewhere = Path::new("/usr/sbin").join(program);
            if find(program).is_some() || elsewhere.is_file() {
                servers.tests.push(tests);
            } else {
                servers.missing.push(program);
            }
        }
        if !Path::new(BROTLI).exists() {
            servers.skipped = Some(WITH_BROTLI);
        }
        servers
    }

    /// Makes a test program run the tests of the installed servers.
    pub(crate) fn choose_tests(&self, test: &mut Command) -> Result<()> {
        test.env("PATH", self.tools.path()?);
        test.arg("--ignored").args(&self.tests);
        if let Some(skipped) = self.skipped {
            test.args(["--skip", skipped]);
        }
        Ok(())
    }

    /// What was not tested, if anything.
    pub(crate) fn not_done(&self) -> Option<String> {
        let module = self.skipped.map(|_| "nginx's brotli module");
        let missing: Vec<_> = self.missing.iter().copied().chain(module).collect();
        (!missing.is_empty()).then(|| {
            format!(
                "without {}: apt-get install {} npm",
                missing.join(", "),
                PACKAGES.join(" ")
            )
        })
    }
}

/// What the server's tests need for PostgreSQL and several instances. Returns what is not tested
/// without it; with `install` it is installed first, if that starts no service and needs no consent.
pub(crate) fn ensure_postgres(install: bool) -> Result<Option<String>> {
    let packages = ["haproxy", "postgresql"];
    let is_there = || {
        let clusters = Path::new("/usr/lib/postgresql").exists();
        let haproxy = find("haproxy").is_some() || Path::new("/usr/sbin/haproxy").is_file();
        clusters && haproxy
    };
    let may_install = install && !is_there() && Path::new(NO_SERVICES).exists();
    if may_install && let Err(problem) = apt_get("PostgreSQL and HAProxy", "70 MB", &packages) {
        crate::interrupt::check()?;
        say::note(format!("{problem:#}"));
    }
    Ok((!is_there()).then(|| {
        format!(
            "on PostgreSQL, behind HAProxy: apt-get install {}",
            packages.join(" ")
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_tested_is_reported() {
        assert_eq!(Servers::default().not_done(), None);
        let servers = Servers {
            missing: vec!["caddy"],
            skipped: Some(WITH_BROTLI),
            ..Servers::default()
        };
        let reported = servers.not_done().expect("something is missing");
        assert!(
            reported.starts_with("without caddy, nginx's brotli module: "),
            "{reported}"
        );
    }
}
