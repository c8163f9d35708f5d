//! The hosts that `deploy/` has files for, and which file is for what.

use super::Answer;

/// What about a deployment may have to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The headers of every answer.
    Headers,
    /// `Cache-Control`.
    Cache,
    /// Which paths are answered with `index.html`.
    Fallback,
    /// The same-origin proxy for the key set.
    Keys,
    /// `config.json`, which is in no folder of a host's.
    Settings,
    /// The clock of the host or of this computer.
    Clock,
}

/// A static host: the name of its folder in `deploy/`, and of the files there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name of the folder.
    pub folder: &'static str,
    headers: Option<&'static str>,
    cache: Option<&'static str>,
    fallback: Option<&'static str>,
    keys: Option<&'static str>,
}

/// Each with the headers that give it away: of these any, or a `Server` that begins so. Of two hosts
/// that stand one behind the other the outer one comes first, since it has the last word.
pub const HOSTS: [(Host, &[&str], &str); 9] = [
    (
        Host {
            cache: Some("upload.sh"),
            ..Host::of_one_file("cloudfront", "template.yaml")
        },
        &["x-amz-cf-id"],
        "",
    ),
    (
        Host {
            fallback: Some("_redirects"),
            keys: Some("_redirects"),
            ..Host::of_one_file("netlify", "_headers")
        },
        &["x-nf-request-id"],
        "netlify",
    ),
    (
        Host {
            keys: Some("with-keys/"),
            ..Host::of_one_file("vercel", "vercel.json")
        },
        &["x-vercel-id"],
        "vercel",
    ),
    (
        Host {
            cache: None,
            fallback: None,
            keys: None,
            ..Host::of_one_file("github-pages", "policy.html")
        },
        &["x-github-request-id"],
        "github",
    ),
    (
        Host {
            fallback: Some("_redirects"),
            keys: Some("with-keys/"),
            ..Host::of_one_file("cloudflare-pages", "_headers")
        },
        &["cf-ray"],
        "",
    ),
    (Host::of_one_file("nginx", "cc-connect.conf"), &[], "nginx"),
    (Host::of_one_file("caddy", "Caddyfile"), &[], "caddy"),
    (Host::of_one_file("apache", ".htaccess"), &[], "apache"),
    // Nothing gives it away.
    (
        Host {
            keys: Some("with-keys/"),
            ..Host::of_one_file("firebase", "firebase.json")
        },
        &[],
        "",
    ),
];

impl Host {
    const fn of_one_file(folder: &'static str, file: &'static str) -> Self {
        Self {
            folder,
            headers: Some(file),
            cache: Some(file),
            fallback: Some(file),
            keys: Some(file),
        }
    }

    /// The host that an answer seems to come from.
    pub(super) fn recognize(answer: &Answer) -> Option<Self> {
        let server = answer.header("server").unwrap_or_default();
        let server = server.to_ascii_lowercase();
        let gives_away = |(_, names, start): &&(Self, &[&str], &str)| {
            names.iter().any(|name| answer.header(name).is_some())
                || (!start.is_empty() && server.starts_with(start))
        };
        HOSTS.iter().find(gives_away).map(|(host, ..)| *host)
    }

    /// The file of its folder where this is to be changed; where the host offers nothing, the one that
    /// says so.
    pub fn file_for(self, topic: Topic) -> &'static str {
        let file = match topic {
            Topic::Headers => self.headers,
            Topic::Cache => self.cache,
            Topic::Fallback => self.fallback,
            Topic::Keys => self.keys,
            Topic::Settings | Topic::Clock => None,
        };
        file.unwrap_or("README.md")
    }
}
