//! The hosts, and the files that tell each of them how to serve the site.

mod apache;
mod caddy;
mod cloudflare_pages;
mod cloudfront;
mod file;
mod firebase;
mod github_pages;
mod netlify;
mod nginx;
mod underscore_headers;
mod vercel;

use crate::document::with_meta_policy;
use crate::site::Site;

pub use file::File;

/// The README of `deploy/`, for all hosts.
pub const README: &str = include_str!("../../deploy/README.md");

/// A host of static files that `deploy/` has a folder for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// Cloudflare Pages: `_headers`, `_redirects`, and a function for the keys.
    CloudflarePages,
    /// Netlify: `_headers` and `_redirects`.
    Netlify,
    /// nginx: a file to include in a server.
    Nginx,
    /// Caddy: a `Caddyfile`.
    Caddy,
    /// Apache's HTTP server: `.htaccess` in the folder of the build.
    Apache,
    /// Amazon S3 behind CloudFront: a CloudFormation template, and a script that uploads.
    CloudFront,
    /// GitHub Pages, which sets no headers: the policy is in the document.
    GithubPages,
    /// Vercel: `vercel.json`.
    Vercel,
    /// Firebase Hosting: `firebase.json`, and a function for the keys.
    Firebase,
}

/// What may have to be changed about a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The headers of every response.
    Headers,
    /// How long each kind of file may be cached: `Cache-Control`.
    Cache,
    /// Which paths serve `index.html`.
    Fallback,
    /// Compression and media types.
    Transfer,
    /// Certificates and the redirect to https.
    Tls,
    /// The same-origin proxy for the key set.
    Keys,
}

impl Host {
    /// Every host that there are files for.
    pub const ALL: [Self; 9] = [
        Self::CloudflarePages,
        Self::Netlify,
        Self::Nginx,
        Self::Caddy,
        Self::Apache,
        Self::CloudFront,
        Self::GithubPages,
        Self::Vercel,
        Self::Firebase,
    ];

    /// The name of its folder in `deploy/`.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::CloudflarePages => "cloudflare-pages",
            Self::Netlify => "netlify",
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Apache => "apache",
            Self::CloudFront => "cloudfront",
            Self::GithubPages => "github-pages",
            Self::Vercel => "vercel",
            Self::Firebase => "firebase",
        }
    }

    /// The name the host goes by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudflarePages => "Cloudflare Pages",
            Self::Netlify => "Netlify",
            Self::Nginx => "nginx",
            Self::Caddy => "Caddy",
            Self::Apache => "Apache",
            Self::CloudFront => "CloudFront",
            Self::GithubPages => "GitHub Pages",
            Self::Vercel => "Vercel",
            Self::Firebase => "Firebase Hosting",
        }
    }

    /// What to know before using its files.
    pub const fn readme(self) -> &'static str {
        match self {
            Self::CloudflarePages => include_str!("../../deploy/cloudflare-pages/README.md"),
            Self::Netlify => include_str!("../../deploy/netlify/README.md"),
            Self::Nginx => include_str!("../../deploy/nginx/README.md"),
            Self::Caddy => include_str!("../../deploy/caddy/README.md"),
            Self::Apache => include_str!("../../deploy/apache/README.md"),
            Self::CloudFront => include_str!("../../deploy/cloudfront/README.md"),
            Self::GithubPages => include_str!("../../deploy/github-pages/README.md"),
            Self::Vercel => include_str!("../../deploy/vercel/README.md"),
            Self::Firebase => include_str!("../../deploy/firebase/README.md"),
        }
    }

    /// Its files for this site, except the README.
    pub fn render(self, site: &Site) -> Vec<File> {
        match self {
            Self::CloudflarePages => cloudflare_pages::render(site),
            Self::Netlify => netlify::render(site),
            Self::Nginx => nginx::render(site),
            Self::Caddy => caddy::render(site),
            Self::Apache => apache::render(site),
            Self::CloudFront => cloudfront::render(site),
            Self::GithubPages => github_pages::render(site),
            Self::Vercel => vercel::render(site),
            Self::Firebase => firebase::render(site),
        }
    }

    /// The documents that this host needs in addition to, or instead of, the build's `index.html`,
    /// made from it. On two hosts a `404.html` keeps a path that is neither a file nor a route from
    /// being served with 200; GitHub Pages can serve a route only from a file.
    pub fn documents(self, site: &Site, index_html: &str) -> Vec<File> {
        let file = |name: &str, text: &str| File {
            path: name.to_owned(),
            text: text.to_owned(),
        };
        match self {
            Self::CloudflarePages | Self::Netlify => vec![file("404.html", index_html)],
            Self::GithubPages => {
                let text = with_meta_policy(index_html, &github_pages::meta(site));
                let paths = site.documents();
                let names = paths.iter().filter_map(|path| site.base.strip(path));
                ["index.html".to_owned(), "404.html".to_owned()]
                    .into_iter()
                    .chain(names.map(github_pages::file_for))
                    .map(|name| file(&name, &text))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it sends the headers of a path with a 404, too, so that `immutable` can be limited
    /// to existing files only by naming them.
    pub const fn is_blind_to_the_status(self) -> bool {
        matches!(self, Self::Netlify | Self::Vercel | Self::Firebase)
    }

    /// The file in its folder where `topic` is configured; `None` if the host offers no setting.
    pub const fn file_for(self, topic: Topic) -> Option<&'static str> {
        match (self, topic) {
            (Self::CloudflarePages | Self::Netlify, Topic::Headers | Topic::Cache) => {
                Some("_headers")
            }
            (Self::CloudflarePages | Self::Netlify, Topic::Fallback) => Some("_redirects"),
            (Self::Netlify, Topic::Keys) => Some("_redirects"),
            (Self::Nginx, _) => Some("cc-connect.conf"),
            (Self::Caddy, _) => Some("Caddyfile"),
            (Self::Apache, _) => Some(".htaccess"),
            (Self::CloudFront, Topic::Cache) => Some("upload.sh"),
            (Self::CloudFront, _) => Some("template.yaml"),
            (Self::GithubPages, Topic::Headers) => Some("policy.html"),
            (Self::Vercel, Topic::Headers | Topic::Cache | Topic::Fallback) => Some("vercel.json"),
            (Self::Firebase, Topic::Headers | Topic::Cache | Topic::Fallback) => {
                Some("firebase.json")
            }
            (Self::CloudflarePages | Self::Vercel | Self::Firebase, Topic::Keys) => {
                Some("with-keys/")
            }
            _ => None,
        }
    }

    /// The host that a response seems to come from, judging by the headers that hosts add. `value`
    /// returns the value of a header by its name in lower case. If one host is behind another, this
    /// is the outer one, since it has the last word.
    pub fn recognize<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let has = |name: &str| value(name).is_some();
        let server = value("server").unwrap_or_default().to_ascii_lowercase();
        if has("x-amz-cf-id") {
            Some(Self::CloudFront)
        } else if has("x-nf-request-id") || server.starts_with("netlify") {
            Some(Self::Netlify)
        } else if has("x-vercel-id") || server.starts_with("vercel") {
            Some(Self::Vercel)
        } else if has("x-github-request-id") || server.starts_with("github") {
            Some(Self::GithubPages)
        } else if has("cf-ray") {
            Some(Self::CloudflarePages)
        } else if server.starts_with("nginx") {
            Some(Self::Nginx)
        } else if server.starts_with("caddy") {
            Some(Self::Caddy)
        } else if server.starts_with("apache") {
            Some(Self::Apache)
        } else {
            None
        }
    }
}
