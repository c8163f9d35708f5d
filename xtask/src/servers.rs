//! nginx, Caddy and Apache, for the tests of the files in `deploy/` that are for them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::browser;
use crate::tools::find;

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
    pub(crate) tests: Vec<&'static str>,
    /// Tests to be left out all the same.
    pub(crate) skipped: Option<&'static str>,
    /// The programs that are not there.
    missing: Vec<&'static str>,
}

impl Servers {
    /// Sees to all three where that starts no service and takes nobody's consent.
    pub(crate) fn need() -> Result<Self> {
        let is_whole = |servers: &Self| servers.missing.is_empty() && servers.skipped.is_none();
        let mut servers = Self::look();
        if !is_whole(&servers) && Path::new(NO_SERVICES).exists() {
            browser::apt_get("nginx, Caddy and Apache", "60 MB", &PACKAGES)?;
            servers = Self::look();
        }
        Ok(servers)
    }

    fn look() -> Self {
        let mut servers = Self::default();
        for (program, tests) in SERVERS {
            if installed(program).is_some() {
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

    /// What was not tested, if anything was not.
    pub(crate) fn not_done(&self) -> Option<String> {
        let module = self.skipped.map(|_| "nginx's brotli module");
        let missing: Vec<_> = self.missing.iter().copied().chain(module).collect();
        (!missing.is_empty()).then(|| {
            format!(
                "without {}: apt-get install {}",
                missing.join(", "),
                PACKAGES.join(" ")
            )
        })
    }
}

/// On the PATH, or where Debian has what only administrators call.
fn installed(program: &str) -> Option<PathBuf> {
    let elsewhere = Path::new("/usr/sbin").join(program);
    find(program).or_else(|| elsewhere.is_file().then_some(elsewhere))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_tested_is_said() {
        assert_eq!(Servers::default().not_done(), None);
        let servers = Servers {
            missing: vec!["caddy"],
            skipped: Some(WITH_BROTLI),
            ..Servers::default()
        };
        let said = servers.not_done().expect("something is missing");
        assert!(
            said.starts_with("without caddy, nginx's brotli module: "),
            "{said}"
        );
    }
}
