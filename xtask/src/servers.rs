//! The servers of the tests of the files in `deploy/`: nginx, Caddy and Apache as the system has them,
//! Cloudflare's and Firebase's own from npm.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::npm::{SUPERSTATIC, WRANGLER};
use crate::programs::{apt_get, find};
use crate::say;
use crate::tools::Tools;

/// Its program, and what its tests' names begin with.
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
/// Where this is, Debian's packages start no service when they are installed.
const NO_SERVICES: &str = "/usr/sbin/policy-rc.d";

/// What can be tested here, and what cannot.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    /// What the names of the tests begin with.
    tests: Vec<&'static str>,
    /// Tests to be left out all the same.
    skipped: Option<&'static str>,
    /// The programs that are not there.
    missing: Vec<&'static str>,
    /// Those that came from npm.
    tools: Tools,
}

impl Servers {
    /// Ensures that all are there, where that starts no service and takes nobody's consent.
    pub(crate) fn ensure() -> Result<Self> {
        let is_whole = |servers: &Self| servers.missing.is_empty() && servers.skipped.is_none();
        let mut servers = Self::look();
        if !is_whole(&servers) && Path::new(NO_SERVICES).exists() {
            apt_get("nginx, Caddy and Apache", "60 MB", &PACKAGES)?;
            servers = Self::look();
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

    fn look() -> Self {
        let mut servers = Self::default();
        for (program, tests) in SERVERS {
            // Debian has what only administrators call where no PATH leads.
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

    /// Has a test program run the tests of those that are there.
    pub(crate) fn choose_tests(&self, test: &mut Command) -> Result<()> {
        test.env("PATH", self.tools.path()?);
        test.arg("--ignored").args(&self.tests);
        if let Some(skipped) = self.skipped {
            test.args(["--skip", skipped]);
        }
        Ok(())
    }

    /// What was not tested, if anything was not.
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
