//! The files for nginx, Caddy, Apache, Cloudflare Pages and Firebase, loaded by the real servers:
//! each serves a build on a local port, under `/` and under `/app/` (the latter with a different
//! redirect_uri), and the doctor must find nothing wrong.
//!
//! The servers are not installed everywhere, so these tests must be requested by name: `cargo test
//! -p xtask -- --ignored real_servers`, as `cargo xtask test` does where they are installed. They
//! fail where a server is missing. On Debian: `apt-get install nginx-light caddy apache2`; the
//! other two come from npm. With `CC_CONNECT_DIST` and `CC_CONNECT_DIST_APP`, as for the end-to-end
//! tests, these builds are served instead of made-up ones.

use std::fs;
use std::path::{Path, PathBuf};

use cc_connect_hosting::{File, Host, is_hashed};
use cc_connect_servers::{Program, Server, Stage};
use url::Url;

use super::client::{Client, Response};
use super::finding::{Finding, Level};
use super::look::{Place, Seen};
use super::test_host::{Asked, KEYS, Reply, TestHost, files};
use crate::build;
use crate::workspace;

/// A build behind a server, with the hosts' files for it.
struct Deployed {
    server: Server,
    _issuer: TestHost,
}

impl Deployed {
    fn behind(program: Program, base: &str) -> Self {
        let issuer = TestHost::start("/keys", |_| {
            |_: &Asked| {
                let mut reply = Reply::new(200, "application/json", KEYS);
                reply.set("Access-Control-Allow-Origin", "*");
                reply.set("Cache-Control", "max-age=3600");
                reply.set("Set-Cookie", "a=b");
                reply
            }
        });
        let stage = Stage::new(base.parse().expect("it is a path"));
        let dist = stage.dist();
        match built(base) {
            Some(folder) => stage.copy_build(&folder),
            None => {
                for (name, _, text) in files(base) {
                    fs::write(dist.join(name), text).expect("it can be written");
                }
            }
        }
        // L2: an unusual one that looks like a file.
        let callback = if base == "/" {
            "callback"
        } else {
            "oauth/back.html"
        };
        let config = format!(
            r#"{{"client_id": "k", "redirect_uri": "http://127.0.0.1:{}{base}{callback}", "jwks_uri": "{}"}}"#,
            stage.port, issuer.url
        );
        fs::write(dist.join("config.json"), config).expect("it can be written");
        let deploy = stage.path("deploy");
        build::finish(&dist, &deploy, stage.base()).expect("it is a build");
        let folder = deploy.join(program.host().folder());
        let files: Vec<_> = build::files_below(&folder)
            .expect("it was written")
            .into_iter()
            .filter(|path| path != "README.md")
            .map(|path| File {
                text: fs::read_to_string(folder.join(&path)).expect("it was written"),
                path,
            })
            .collect();
        Self {
            server: stage.start(program, &files),
            _issuer: issuer,
        }
    }

    fn url_at(&self, port: u16) -> Url {
        let base = self.server.stage.base();
        Url::parse(&format!("http://127.0.0.1:{port}{base}")).expect("it is a URL")
    }

    fn url(&self) -> Url {
        self.url_at(self.server.stage.port)
    }

    fn place(&self) -> Place {
        Place::parse(self.url().as_str()).expect("it is an address")
    }

    /// The doctor finds nothing wrong, nor do some checks that its users would not ask for.
    fn assert_right(&self, place: Place) -> Seen {
        let seen = Seen::fetch(&Client::new(), place).expect("it responds");
        let mut problems: Vec<Finding> = super::findings(&seen);
        problems.retain(|finding| finding.level != Level::Right);
        assert!(problems.is_empty(), "{problems:#?}");

        let host = self.server.program().host();
        let deep = self.get("no/such/page");
        let is_known = host != Host::CloudflarePages;
        assert_eq!(deep.status.as_u16(), if is_known { 200 } else { 404 });
        assert!(deep.body == seen.index.body);
        let missing = self.get("nothing.txt");
        assert_eq!(missing.status.as_u16(), 404);
        let control = missing.header("cache-control");
        let blind = host.is_blind_to_the_status();
        let expected = if blind { "no-cache" } else { "no-store" };
        assert_eq!(control.as_deref(), Some(expected));
        seen
    }

    /// The same for a self-hosted server, plus how it compresses files.
    fn assert_right_in_detail(&self, place: Place, encoding: &str) {
        let stage = &self.server.stage;
        let seen = self.assert_right(place);
        if !stage.base().is_root() {
            let bare = stage.base().as_str().trim_end_matches('/');
            let response = self.get(bare);
            assert_eq!(response.status.as_u16(), 301);
            let to = response.header("location").expect("it says where");
            let to = self.url().join(&to).expect("it is an address");
            assert_eq!(to.path(), stage.base().as_str());
        }
        for asset in seen.assets.iter().filter(|asset| is_hashed(&asset.path)) {
            let compressed = asset.fetched.as_ref().expect("it responds");
            let plain = self.get(&asset.path);
            assert_eq!(plain.header("content-encoding"), None, "{}", asset.path);
            let name = stage.base().strip(&asset.path);
            let name = name.expect("it lies below the base");
            let content = fs::read(stage.dist().join(name)).expect("it can be read");
            assert!(plain.body == content, "{}", asset.path);
            if content.len() > 1_024 {
                assert_eq!(
                    compressed.header("content-encoding").as_deref(),
                    Some(encoding)
                );
                assert!(compressed.content() == Some(content), "{}", asset.path);
                let vary = compressed.header("vary").unwrap_or_default();
                let vary = vary.to_ascii_lowercase();
                assert!(vary.contains("accept-encoding"), "{vary}");
            }
        }
        // A revalidated response keeps its headers.
        let tag = seen.index.header("etag").expect("it has one");
        let again = Client::new()
            .get(&self.url(), &[("If-None-Match", &tag)])
            .expect("it responds");
        assert_eq!(again.status.as_u16(), 304);
        assert_eq!(again.header("cache-control").as_deref(), Some("no-cache"));
    }

    /// The response at this path, which may be relative to the base.
    fn get(&self, path: &str) -> Response {
        let url = self.url().join(path).expect("it is a path");
        Client::new().plain(&url).expect("it responds")
    }

    /// The issuer's keys are available from the page's own origin.
    fn assert_passes_keys_on(&self) {
        let response = self.get("keys");
        assert!(response.is_ok(), "{}", response.status);
        assert_eq!(response.text(), KEYS);
        assert_eq!(response.media_type(), "application/json");
    }

    /// They are cached for as long as the issuer allows, without its cookies.
    fn assert_passes_keys_on_as_they_are(&self) {
        self.assert_passes_keys_on();
        let response = self.get("keys");
        assert_eq!(
            response.header("cache-control").as_deref(),
            Some("max-age=3600")
        );
        assert_eq!(response.header("set-cookie"), None);
    }
}

/// The release build for this base, if configured. A relative path is relative to the repository.
fn built(base: &str) -> Option<PathBuf> {
    let variable = if base == "/" {
        "CC_CONNECT_DIST"
    } else {
        "CC_CONNECT_DIST_APP"
    };
    let folder = std::env::var_os(variable)?;
    Some(workspace::root().join(Path::new(&folder)))
}

fn nginx(base: &str, program: Program, encoding: &str) {
    let deployed = Deployed::behind(program, base);
    // As if it were public: with a redirect from the other port.
    let place = Place {
        public: true,
        plain: Some(deployed.url_at(deployed.server.stage.plain_port)),
        ..deployed.place()
    };
    deployed.assert_right_in_detail(place, encoding);
    deployed.assert_passes_keys_on_as_they_are();
}

#[test]
#[ignore = "takes nginx"]
fn nginx_at_the_root() {
    nginx("/", Program::Nginx, "gzip");
}

#[test]
#[ignore = "takes nginx"]
fn nginx_below_app() {
    nginx("/app/", Program::Nginx, "gzip");
}

#[test]
#[ignore = "takes nginx with its brotli module: libnginx-mod-http-brotli-static"]
fn nginx_with_brotli() {
    nginx("/app/", Program::NginxWithBrotli, "br");
}

fn caddy(base: &str) {
    let deployed = Deployed::behind(Program::Caddy, base);
    deployed.assert_right_in_detail(deployed.place(), "br");
    deployed.assert_passes_keys_on_as_they_are();
}

#[test]
#[ignore = "takes Caddy"]
fn caddy_at_the_root() {
    caddy("/");
}

#[test]
#[ignore = "takes Caddy"]
fn caddy_below_app() {
    caddy("/app/");
}

fn apache(base: &str) {
    let deployed = Deployed::behind(Program::Apache, base);
    deployed.assert_right_in_detail(deployed.place(), "br");
    deployed.assert_passes_keys_on();
}

#[test]
#[ignore = "takes Apache"]
fn apache_at_the_root() {
    apache("/");
}

#[test]
#[ignore = "takes Apache"]
fn apache_below_app() {
    apache("/app/");
}

#[test]
#[ignore = "takes wrangler"]
fn wrangler_at_the_root() {
    wrangler("/");
}

#[test]
#[ignore = "takes wrangler"]
fn wrangler_below_app() {
    wrangler("/app/");
}

fn wrangler(base: &str) {
    let deployed = Deployed::behind(Program::Wrangler, base);
    deployed.assert_right(deployed.place());
    deployed.assert_passes_keys_on_as_they_are();
}

#[test]
#[ignore = "takes superstatic"]
fn superstatic_at_the_root() {
    superstatic("/");
}

#[test]
#[ignore = "takes superstatic"]
fn superstatic_below_app() {
    superstatic("/app/");
}

fn superstatic(base: &str) {
    let deployed = Deployed::behind(Program::Superstatic, base);
    deployed.assert_right(deployed.place());
}

/// B14: with Firebase's earlier patterns, a browser would cache the 404 of a missing file.
#[test]
#[ignore = "takes superstatic"]
fn superstatic_gives_a_404_the_headers_of_its_path() {
    let deployed = Deployed::behind(Program::Superstatic, "/");
    let seen = Seen::fetch(&Client::new(), deployed.place()).expect("it responds");
    let hashed = seen
        .assets
        .iter()
        .find(|asset| is_hashed(&asset.path))
        .expect("there is one");
    let file = deployed
        .server
        .stage
        .dist()
        .join(hashed.path.trim_start_matches('/'));
    fs::remove_file(file).expect("it was there");
    let response = deployed.get(&hashed.path);
    assert_eq!(response.status.as_u16(), 404);
    let control = response.header("cache-control").expect("there is one");
    assert!(
        control.contains("immutable"),
        "{control}: is_blind_to_the_status is wrong"
    );
}
